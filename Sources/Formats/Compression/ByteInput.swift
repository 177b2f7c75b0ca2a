import Base

/// Bytes from front to back: a file's own, or what it decompresses to.
protocol ByteInput: AnyObject {
  /// Gives up to as many bytes as `target` holds; 0 only at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int
  /// 0…1, of the file's own bytes; nil for pipes.
  var fractionRead: Double? { get }
}

/// A file, a range of one, or a pipe, read once.
final class FileInput: ByteInput {
  let file: any ReadableFile
  private(set) var position: Int
  private let endPosition: Int
  /// The first bytes, which were looked at before they are read.
  private var head: [UInt8] = []
  private var headTaken = 0

  init(_ file: any ReadableFile) {
    self.file = file
    position = 0
    endPosition = .max
  }

  /// Only the bytes of `range`.
  init(_ file: any ReadableFile, _ range: Range<Int>) {
    self.file = file
    position = range.lowerBound
    endPosition = range.upperBound
  }

  /// The first bytes, fewer than `count` if the file is shorter. Nothing may have been read yet.
  func peek(_ count: Int) throws(SQLError) -> [UInt8] {
    while head.count < count {
      let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: count - head.count, alignment: 1)
      defer { bytes.deallocate() }
      let more = try file.read(at: head.count, into: bytes)
      if more == 0 { break }
      head.append(contentsOf: bytes[..<more])
    }
    return head
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    if headTaken < head.count {
      let count = min(target.count, head.count - headTaken)
      target.copyBytes(from: head[headTaken..<headTaken + count])
      headTaken += count
      position += count
      return count
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: target.prefix(endPosition - position))
    if room.isEmpty { return 0 }
    let count = try file.read(at: position, into: room)
    position += count
    return count
  }

  var fractionRead: Double? {
    file.sizeBytes > 0 ? min(1, Double(position) / Double(file.sizeBytes)) : nil
  }
}
