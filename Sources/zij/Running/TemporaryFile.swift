import Base
import Glibc

/// Files for a moment, in `TMPDIR` or /tmp, readable by their owner alone.
enum TemporaryFile {
  /// A new file whose name ends in `ending`, open for reading and writing; the caller closes it and
  /// removes it.
  static func create(ending: String = "") throws(SQLError) -> (path: String, descriptor: Int32) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let template = (folder.isEmpty ? "/tmp" : folder) + "/zij.XXXXXX" + ending
    var name = Array(template.utf8CString)
    let descriptor = name.withUnsafeMutableBufferPointer { bytes in
      bytes.baseAddress.map { mkstemps($0, Int32(ending.utf8.count)) } ?? -1
    }
    guard descriptor >= 0 else {
      throw SQLError(
        .ioError, "cannot make a temporary file: \"\(template)\"",
        hint: "TMPDIR names the folder for temporary files.")
    }
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (path, descriptor)
  }
}
