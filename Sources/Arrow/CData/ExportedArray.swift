import Base
import CArrow

/// An array for the C data interface: its buffers stay where they are and live as long as it does.
public final class ExportedArray {
  fileprivate typealias Pointer = UnsafeMutablePointer<ArrowArray>

  private let length: Int
  private let nullCount: Int
  private let regions: [ByteRegion?]
  private let buffers: UnsafeMutablePointer<UnsafeRawPointer?>
  private let children: UnsafeMutablePointer<UnsafeMutablePointer<ArrowArray>?>
  private let childCount: Int

  /// Buffers that are nil become null pointers, as that of a mask without NULLs does.
  public init(
    length: Int, nullCount: Int = 0, buffers regions: [ByteRegion?], children: [ExportedArray] = []
  ) {
    self.length = length
    self.nullCount = nullCount
    self.regions = regions
    buffers = .allocate(capacity: max(1, regions.count))
    for (index, region) in regions.enumerated() {
      (buffers + index).initialize(to: region?.base)
    }
    childCount = children.count
    self.children = .allocate(capacity: max(1, children.count))
    for (index, child) in children.enumerated() {
      let memory = Pointer.allocate(capacity: 1)
      child.move(to: memory)
      (self.children + index).initialize(to: memory)
    }
  }

  deinit {
    buffers.deallocate()
    for index in 0..<childCount {
      guard let child = children[index] else { continue }
      // A child that somebody took over has no release any more.
      child.pointee.release?(child)
      child.deallocate()
    }
    children.deallocate()
  }

  /// Fills `out`, which keeps this array until it is released.
  public func move(to out: UnsafeMutablePointer<ArrowArray>) {
    out.initialize(to: ArrowArray())
    out.pointee.length = Int64(length)
    out.pointee.null_count = Int64(nullCount)
    out.pointee.n_buffers = Int64(regions.count)
    out.pointee.buffers = buffers
    out.pointee.n_children = Int64(childCount)
    out.pointee.children = children
    out.pointee.private_data = Unmanaged.passRetained(self).toOpaque()
    out.pointee.release = { array in
      guard let array, let data = array.pointee.private_data else { return }
      Unmanaged<ExportedArray>.fromOpaque(data).release()
      array.pointee.private_data = nil
      array.pointee.release = nil
    }
  }
}
