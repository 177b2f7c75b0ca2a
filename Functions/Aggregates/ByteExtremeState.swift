import Base
import FunctionKit
import Vectors

/// The extreme of each group, of text or binary, in byte order.
final class ByteExtremeState: SlidingAggregate {
  private var best: [[UInt8]?] = []
  private var heldBytes = 0
  private let wantsMaximum: Bool

  init(wantsMaximum: Bool) { self.wantsMaximum = wantsMaximum }

  func resize(groupCount: Int) {
    if groupCount > best.count {
      best += [[UInt8]?](repeating: nil, count: groupCount - best.count)
    }
  }

  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    let flat = inputs[0].flattened()
    for row in 0..<count where !flat.isNull(row) { take(flat.bytes(at: row), Int(groups[row])) }
  }

  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    let flat = inputs[0].flattened()
    for row in start..<start + count where !flat.isNull(row) { take(flat.bytes(at: row), group) }
  }

  private func take(_ bytes: UnsafeRawBufferPointer, _ group: Int) {
    if let current = best[group] {
      let order = current.withUnsafeBytes { Comparisons.order(bytes, $0) }
      guard wantsMaximum ? order > 0 : order < 0 else { return }
      heldBytes -= current.count
    }
    heldBytes += bytes.count
    best[group] = Array(bytes)
  }

  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? ByteExtremeState else { throw StateMismatch.error }
    for group in groups {
      other.best[group]?.withUnsafeBytes { take($0, Int(mapping[group])) }
    }
  }

  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    let builder = VectorBuilder(type: type)
    for group in range {
      if let bytes = best[group] {
        bytes.withUnsafeBytes { _ = builder.append(bytes: $0) }
      } else {
        builder.appendNull()
      }
    }
    return builder.finish()
  }

  /// Combines row numbers; -1 stands for no row.
  func slide(
    _ inputs: [Vector], over frames: FrameRows, as type: LogicalType
  ) throws(SQLError) -> Vector {
    let input = inputs[0]
    let wantsMaximum = wantsMaximum
    let chosen = StateColumn<UInt32>(0)
    chosen.resize(frames.count)
    let mask = ValidityMask(count: frames.count, allValid: true)
    SlidingFrames.forEach(
      frames, zero: -1, load: { input.isNull($0) ? -1 : $0 },
      combine: { a, b in
        if a < 0 || b < 0 { return max(a, b) }
        let order = Comparisons.order(input.bytes(at: b), input.bytes(at: a))
        return (wantsMaximum ? order > 0 : order < 0) ? b : a
      },
      emit: { frame, row in
        if row < 0 { mask.setNull(frame) }
        chosen.values[frame] = UInt32(truncatingIfNeeded: max(0, row))
      })
    // Frames are empty where there is no row at all to choose.
    if input.count == 0 { return Vector.nulls(type, count: frames.count).flattened() }
    let result = input.gathered(by: chosen.values, count: frames.count)
    result.validity = mask
    return result
  }

  var sizeBytes: Int { heldBytes + best.count * 40 }

  func serialise(groupCount: Int, into out: inout ByteWriter) {
    for group in 0..<groupCount {
      out.append(best[group] == nil ? 0 : 1)
      guard let bytes = best[group] else { continue }
      out.appendLittleEndian(UInt32(truncatingIfNeeded: bytes.count))
      out.append(bytes)
    }
  }

  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    best = []
    heldBytes = 0
    for _ in 0..<groupCount {
      guard try bytes.readByte() != 0 else {
        best.append(nil)
        continue
      }
      let length = Int(try bytes.readLittleEndian(UInt32.self))
      best.append(try bytes.read(length).bytes)
      heldBytes += length
    }
  }
}
