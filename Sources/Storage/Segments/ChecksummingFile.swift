import Base

/// A file being written whose checksum is known at the end. Not for use by several threads at once.
final class ChecksummingFile: WritableFile, @unchecked Sendable {
  private let file: any WritableFile
  /// crc32c of everything written so far.
  private(set) var checksum: UInt32 = 0

  /// `file` is empty.
  init(_ file: any WritableFile) { self.file = file }

  var path: String { file.path }
  var sizeBytes: Int { file.sizeBytes }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    try file.write(bytes)
    checksum = CRC32C.checksum(bytes, continuing: checksum)
  }

  func sync() throws(SQLError) { try file.sync() }
  func close() throws(SQLError) { try file.close() }
}
