import Base

/// A file that is only memory; reading copies nothing. Written by one thread.
final class MemoryFile: WritableFile, @unchecked Sendable {
  let path = "memory.orc"
  private var bytes: [UInt8] = []

  var sizeBytes: Int { bytes.count }
  func write(_ more: UnsafeRawBufferPointer) { bytes += more }
  func sync() {}
  func close() {}
  func sealed() -> any ReadableFile { ReadableMemory(ByteRegion(copying: bytes)) }
}

private final class ReadableMemory: ReadableFile {
  let path = "memory.orc"
  private let region: ByteRegion

  init(_ region: ByteRegion) { self.region = region }

  var sizeBytes: Int { region.count }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    guard offset >= 0, count >= 0, count <= region.count - offset else {
      throw SQLError(.dataCorrupted, "file is too short: \"\(path)\"")
    }
    return region[offset..<offset + count]
  }

  func read(
    at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(SQLError) -> Int {
    let part = try read(at: offset, count: min(target.count, region.count - offset))
    part.withBytes { target.copyMemory(from: $0) }
    return part.count
  }
}
