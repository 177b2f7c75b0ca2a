import Base
import Vectors

/// An array as others hand it over: rows, buffers, children. Nothing in it has been checked.
struct ArrayData {
  var length: Int
  /// -1: nobody has counted.
  var nullCount: Int
  /// Rows before the first one, in all buffers and, for structures, in all children.
  var offset = 0
  var buffers: [ByteRegion?]
  var children: [ArrayData] = []
  /// The values that dictionary indices refer to; none if they are in `entries`.
  var dictionary: [ArrayData] = []
  /// The same, decoded before.
  var entries: Vector?

  /// At least `sizeBytes` bytes of buffer `index`.
  func buffer(_ index: Int, sizeBytes: Int, _ what: String) throws(SQLError) -> ByteRegion {
    guard buffers.indices.contains(index), let buffer = buffers[index] else {
      if sizeBytes == 0 { return ByteRegion(copying: []) }
      throw ArrowError.corrupt("\(what) are missing")
    }
    guard sizeBytes >= 0, buffer.count >= sizeBytes else {
      throw ArrowError.corrupt("\(what): \(sizeBytes) bytes wanted, \(buffer.count) there")
    }
    return buffer
  }

  /// Rows including those before the offset, times `width`.
  func sizeBytes(width: Int, extra: Int = 0) throws(SQLError) -> Int {
    let (rows, a) = length.addingReportingOverflow(offset)
    let (more, b) = rows.addingReportingOverflow(extra)
    let (size, c) = more.multipliedReportingOverflow(by: width)
    guard length >= 0, offset >= 0, !a, !b, !c else {
      throw ArrowError.corrupt("an array of \(length) rows")
    }
    return size
  }
}

enum ArrowError {
  static func corrupt(_ what: String) -> SQLError {
    SQLError(.dataCorrupted, "corrupt Arrow data: \(what)")
  }

  static func unsupported(_ field: String, _ what: String) -> SQLError {
    SQLError(
      .featureNotSupported, "Arrow column \"\(field)\" has a type that is not read: \(what)",
      hint: "Leave the column out, or cast it before.")
  }
}
