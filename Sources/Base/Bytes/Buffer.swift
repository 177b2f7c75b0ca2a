import CPlatform
import Glibc

/// A reference-counted block of memory, aligned to 64 bytes, with 64 readable and writable bytes of
/// padding behind `sizeBytes`, so that kernels may load and store whole vectors at the end.
///
/// A buffer is written by the one who made it and is immutable once shared.
public final class Buffer: @unchecked Sendable {
  public let base: UnsafeMutableRawPointer
  public let sizeBytes: Int
  private let owner: AnyObject?

  /// Memory of at least `sizeBytes`, uninitialised unless `zeroed`; the padding is always zero.
  public init(sizeBytes: Int, zeroed: Bool = false) {
    precondition(sizeBytes >= 0)
    let capacity = Self.capacity(sizeBytes)
    guard let memory = zij_block_take(capacity) else {
      // Unlike a refused query this is the machine's memory being gone: Swift's own allocations
      // stop the process in the same case. Queries are refused long before by their accounts.
      preconditionFailure("out of memory")
    }
    if zeroed {
      memset(memory, 0, capacity)
    } else {
      memset(memory + sizeBytes, 0, capacity - sizeBytes)
    }
    base = memory
    self.sizeBytes = sizeBytes
    owner = nil
  }

  /// Memory of somebody else, kept alive through `owner`; nobody may write to it, and its padding
  /// is not readable.
  public init(borrowing region: ByteRegion) {
    base = UnsafeMutableRawPointer(mutating: region.base)
    sizeBytes = region.count
    owner = region.owner
  }

  deinit {
    if owner == nil { zij_block_give(base, Self.capacity(sizeBytes)) }
  }

  /// Whole cache lines with one behind as padding.
  private static func capacity(_ sizeBytes: Int) -> Int { (sizeBytes + 127) & ~63 }

  /// True if the memory belongs to this buffer, so that its padding exists.
  public var isOwned: Bool { owner == nil }
}
