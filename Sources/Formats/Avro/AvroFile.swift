import Avro
import Base
import Vectors

/// A file of records, looked at: its form, and which of the scan's schemas it is written with.
struct AvroFile: Sendable {
  enum Form: Sendable {
    case container(AvroContainer)
    /// One message behind its frame.
    case message
  }

  var path: String
  var form: Form
  var schema: Int
  var sizeBytes: Int
  var isCompressed: Bool

  /// Opens the file again, or decompresses it again.
  func open(on disk: any Disk, context: QueryContext) throws(SQLError) -> any ReadableFile {
    let file = try Self.open(path, on: disk, context: context).file
    guard file.sizeBytes == sizeBytes else {
      throw SQLError(
        .dataCorrupted, "file has changed while it was read: \"\(path)\"",
        hint: "Ask again when nobody writes it.")
    }
    return file
  }

  static func open(
    _ path: String, on disk: any Disk, context: QueryContext
  ) throws(SQLError) -> (file: any ReadableFile, isCompressed: Bool) {
    let file = try disk.open(path)
    let input = FileInput(file)
    guard let compression = FileCompression(try input.peek(FileCompression.signatureSizeBytes))
    else {
      if file.sizeBytes > 0 { return (file, false) }
      return (try WholeFile(input, path: path, context: context), true)
    }
    let bytes = try CompressedInput(input, compression, memory: context.memory)
    return (try WholeFile(bytes, path: path, context: context), true)
  }
}

/// A file in memory: what cannot be read from any place, a compressed file or a pipe.
///
/// Memory: all of its bytes, on the query's account.
final class WholeFile: ReadableFile {
  let path: String
  let sizeBytes: Int
  private let region: ByteRegion
  private let reservation: MemoryReservation

  private static let firstSizeBytes = 1 << 20

  init(_ input: any ByteInput, path: String, context: QueryContext) throws(SQLError) {
    self.path = path
    reservation = MemoryReservation(context.memory)
    var buffer = Buffer(sizeBytes: Self.firstSizeBytes)
    try reservation.grow(by: buffer.sizeBytes)
    var count = 0
    while true {
      if count == buffer.sizeBytes {
        try reservation.grow(by: buffer.sizeBytes)
        let bigger = Buffer(sizeBytes: buffer.sizeBytes &* 2)
        bigger.base.copyMemory(from: buffer.base, byteCount: count)
        buffer = bigger
      }
      let room = UnsafeMutableRawBufferPointer(
        start: buffer.base + count, count: buffer.sizeBytes - count)
      let more = try input.read(into: room)
      if more == 0 { break }
      count += more
      try context.checkpoint()
    }
    sizeBytes = count
    region = ByteRegion(buffer: buffer, count: count)
  }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    guard offset >= 0, count >= 0, count <= sizeBytes - offset else {
      throw SQLError(.dataCorrupted, "\(path): the file ends at byte \(sizeBytes)")
    }
    return region[offset..<offset + count]
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    let count = max(0, min(target.count, sizeBytes - offset))
    let part = try read(at: min(offset, sizeBytes), count: count)
    part.withBytes { target.copyMemory(from: $0) }
    return count
  }
}
