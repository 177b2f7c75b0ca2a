import Base

/// A file in memory, written and then read.
final class MemoryFile: WritableFile, ReadableFile, @unchecked Sendable {
  let path: String
  private var content: [UInt8]
  /// Ranges that were read, in order.
  private(set) var reads: [Range<Int>] = []

  init(path: String = "memory.orc", _ content: [UInt8] = []) {
    self.path = path
    self.content = content
  }

  var bytes: [UInt8] { content }
  var sizeBytes: Int { content.count }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SQLError) { content += bytes }
  func sync() throws(SQLError) {}
  func close() throws(SQLError) {}

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    guard offset >= 0, count >= 0, offset + count <= content.count else {
      throw SQLError(.dataCorrupted, "\(path): \(count) bytes at \(offset) wanted")
    }
    reads.append(offset..<offset + count)
    return ByteRegion(copying: content[offset..<offset + count])
  }

  func read(
    at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(SQLError) -> Int {
    let count = min(target.count, content.count - offset)
    for i in 0..<count { target[i] = content[offset + i] }
    return count
  }

  func forgetReads() { reads = [] }
}
