import CPlatform

/// Memory for arrays that grow to any size: large ones grow without being copied, and large ones
/// that begin as zeros cost nothing until they are touched. Sizes are multiples of `T`'s stride.
public enum GrowingMemory<T: BitwiseCopyable> {
  /// Uninitialised.
  public static func allocate(_ count: Int) -> UnsafeMutablePointer<T> {
    typed(zij_growing_resize(nil, 0, bytes(count)), count)
  }

  public static func allocateZeroed(_ count: Int) -> UnsafeMutablePointer<T> {
    typed(zij_growing_zeroed(bytes(count)), count)
  }

  /// Takes `memory` of `count` values and gives memory of `newCount` that begins with them.
  public static func grow(
    _ memory: UnsafeMutablePointer<T>, from count: Int, to newCount: Int
  ) -> UnsafeMutablePointer<T> {
    typed(zij_growing_resize(memory, bytes(count), bytes(newCount)), newCount)
  }

  /// `count` as it was allocated or grown to.
  public static func free(_ memory: UnsafeMutablePointer<T>, _ count: Int) {
    zij_growing_free(memory, bytes(count))
  }

  private static func bytes(_ count: Int) -> Int { max(1, count) * MemoryLayout<T>.stride }

  /// Memory is reserved on an account before it is asked for here: without any left the process
  /// cannot go on, as with every allocation of the language.
  private static func typed(_ raw: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutablePointer<T> {
    guard let raw else { preconditionFailure("the system has no memory left") }
    return raw.bindMemory(to: T.self, capacity: max(1, count))
  }
}
