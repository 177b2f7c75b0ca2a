import Base
import Storage
import Synchronization
import Vectors

/// Tells a scan below a join which rows surely have no partner: one bit for each hash of a held key.
///
/// Of keys that are not one number it knows only whether there are any.
///
/// About 16 bits a key, so that one absent key in 16 to 32 passes. Given up when it rejects little.
final class JoinKeyFilter: ScanRestriction, @unchecked Sendable {
  private static let bitsPerKey = 16
  /// 4 MiB: what is larger no longer answers from the caches.
  private static let largestBits = 25
  /// Rows after which the filter is judged, and the share of them it must reject.
  private static let trialCount = 1 << 16

  private let type: LogicalType?
  /// Written once, before the scan begins, as is all that `fill` finds.
  private var words: Buffer?
  private var isEmpty = false
  /// The least and the greatest key; nil if keys are no integers, or there are none.
  private var range: ClosedRange<Int64>?
  private var shift: UInt64 = 0
  private let reservation: MemoryReservation
  private let tested = Atomic<Int>(0)
  private let passed = Atomic<Int>(0)
  private let isUseful = Atomic<Bool>(true)

  /// For keys of one type that `KeyWords` takes; nil for all others.
  init(_ type: LogicalType?, memory: MemoryAccount) {
    self.type = type
    reservation = MemoryReservation(memory)
  }

  var keepsNulls: Bool { false }
  var isKnown: Bool { isEmpty || words != nil && isUseful.load(ordering: .relaxed) }

  /// Nothing is held.
  func fillWithNothing() { isEmpty = true }

  /// Takes the keys that are held; there may be none.
  func fill(_ keys: UnsafePointer<UInt64>, count: Int) throws(SQLError) {
    guard let type else { return }
    var bits = 12
    while bits < Self.largestBits, 1 << bits < count * Self.bitsPerKey { bits += 1 }
    try reservation.grow(by: 1 << (bits - 3))
    let buffer = Buffer(sizeBytes: 1 << (bits - 3), zeroed: true)
    let target = buffer.base.assumingMemoryBound(to: UInt64.self)
    shift = UInt64(64 - bits)
    for row in 0..<count {
      let place = keys[row].keyHash >> shift
      target[Int(truncatingIfNeeded: place >> 6)] |= 1 << (place & 63)
    }
    words = buffer
    isEmpty = count == 0
    range = range(of: keys, count, type)
  }

  private func range(
    of keys: UnsafePointer<UInt64>, _ count: Int, _ type: LogicalType
  ) -> ClosedRange<Int64>? {
    switch type.physical {
    case .int8: bounds(keys, count) { Int64(Int8(truncatingIfNeeded: $0)) }
    case .int16: bounds(keys, count) { Int64(Int16(truncatingIfNeeded: $0)) }
    case .int32: bounds(keys, count) { Int64(Int32(truncatingIfNeeded: $0)) }
    case .int64: bounds(keys, count) { Int64(bitPattern: $0) }
    default: nil
    }
  }

  @inline(__always)
  private func bounds(
    _ keys: UnsafePointer<UInt64>, _ count: Int, _ value: (UInt64) -> Int64
  ) -> ClosedRange<Int64>? {
    guard count > 0 else { return nil }
    var low = Int64.max
    var high = Int64.min
    for row in 0..<count {
      let key = value(keys[row])
      low = min(low, key)
      high = max(high, key)
    }
    return low...high
  }

  func mayHold(_ zone: ColumnZone) -> Bool {
    if isEmpty { return false }
    guard let range else { return true }
    switch zone.bounds {
    case .integers(let low, let high): return low <= range.upperBound && range.lowerBound <= high
    // Only NULLs, which have no partner.
    case .none: return false
    case .floats, .unknown: return true
    }
  }

  func selection(of keys: Vector) -> SelectionVector? {
    if isEmpty { return SelectionVector([]) }
    guard let words else { return nil }
    let bits = words.base.assumingMemoryBound(to: UInt64.self)
    let flat = keys.flattened()
    let count = flat.count
    let selection = withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) {
      (loaded) -> SelectionVector in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) { kept in
        guard let loaded = loaded.baseAddress, let kept = kept.baseAddress else {
          return SelectionVector([])
        }
        KeyWords.load(flat, count: count, into: loaded)
        let shift = shift
        for row in 0..<count {
          let place = loaded[row].keyHash >> shift
          let word = bits[Int(truncatingIfNeeded: place >> 6)]
          kept[row] = UInt8(truncatingIfNeeded: word >> (place & 63) & 1)
        }
        flat.validity?.clearBytes(in: kept, count: count)
        return SelectionVector(mask: kept, count: count)
      }
    }
    judge(count, selection.count)
    return selection.count == count ? nil : selection
  }

  private func judge(_ count: Int, _ kept: Int) {
    let all = tested.wrappingAdd(count, ordering: .relaxed).newValue
    let some = passed.wrappingAdd(kept, ordering: .relaxed).newValue
    if all > Self.trialCount, some > all / 2 { isUseful.store(false, ordering: .relaxed) }
  }
}
