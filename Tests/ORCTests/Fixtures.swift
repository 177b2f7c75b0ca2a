import Base
import Glibc

@testable import ORC

/// The files of the format's own test suite, and plain file reading for tests.
enum Fixtures {
  static let folder: String = {
    if let given = getenv("ZIJ_FIXTURES") { return String(cString: given) + "/orc" }
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/" + root + "/../shared/fixtures/orc"
  }()

  /// Nil if the file is not there.
  static func bytes(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      guard count > 0 else { return bytes }
      bytes += piece[..<count]
    }
  }

  static func file(_ name: String) -> MemoryFile? {
    bytes(folder + "/" + name).map { MemoryFile(path: name, $0) }
  }

  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The lines of a gzip file: its deflate stream is what ORC's ZLIB is too.
  static func gunzippedLines(_ path: String) -> [String]? {
    guard let bytes = bytes(path), bytes.count > 18 else { return nil }
    var start = 10
    if bytes[3] & 8 != 0 { start = (bytes[start...].firstIndex(of: 0) ?? start) + 1 }
    let size = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    var text = [UInt8](repeating: 0, count: size + 64)
    let count = bytes[start...].withUnsafeBytes { source in
      text.withUnsafeMutableBytes { target in
        target.baseAddress.flatMap {
          ZlibCodec.decompress(source, into: $0, capacity: size + 64)
        }
      }
    }
    guard count == size else { return nil }
    return String(decoding: text[..<size], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The zone files of the system, for writers' time zones.
  static func timeZone(_ name: String) -> TimeZoneRules? {
    bytes("/usr/share/zoneinfo/" + name).flatMap { TimeZoneRules(tzif: ByteRegion(copying: $0)) }
  }
}
