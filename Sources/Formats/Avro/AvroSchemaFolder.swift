import Avro
import Base

/// A directory of numbered schemas, as a registry would give them. A schema is found by its number
/// or not at all: bytes of one version often decode under another, to wrong values.
///
/// | file | number |
/// |---|---|
/// | `N.avsc` | N |
/// | `MAJOR/MINOR/lsst.vMAJOR_MINOR.alert.avsc`, its types beside it | 100 · MAJOR + MINOR, as Rubin has them |
struct AvroSchemaFolder {
  let path: String
  let disk: any Disk

  private static let maximumSizeBytes = 16 << 20

  func schema(_ number: Int) throws(SQLError) -> AvroSchema {
    let plain = "\(path)/\(number).avsc"
    if disk.kind(of: plain) == .file { return try Self.read(plain, on: disk) }
    let (major, minor) = number.quotientAndRemainder(dividingBy: 100)
    let name = "lsst.v\(major)_\(minor).alert.avsc"
    for folder in ["\(path)/\(major)/\(minor)", path] {
      let file = "\(folder)/\(name)"
      if disk.kind(of: file) == .file { return try Self.read(file, on: disk) }
    }
    throw SQLError(
      .undefinedObject, "schema \(number) is not in the directory \"\(path)\"",
      hint: "It would be \(number).avsc or \(major)/\(minor)/\(name).")
  }

  /// Reads a schema; types that it only names lie beside it, in files of those names.
  static func read(_ path: String, on disk: any Disk) throws(SQLError) -> AvroSchema {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    do throws(SQLError) {
      return try AvroSchemaReader.read(try text(of: path, on: disk)) { (name) throws(SQLError) in
        // The name is the file's, and becomes a path: nothing in it may lead elsewhere.
        guard !name.utf8.contains(UInt8(ascii: "/")), !name.hasPrefix(".") else { return nil }
        let file = (folder.isEmpty ? "" : folder + "/") + name + ".avsc"
        return disk.kind(of: file) == .file ? try text(of: file, on: disk) : nil
      }
    } catch {
      throw error.inFile(path)
    }
  }

  private static func text(of path: String, on disk: any Disk) throws(SQLError) -> [UInt8] {
    let file = try disk.open(path)
    guard file.sizeBytes <= maximumSizeBytes else {
      throw SQLError(.programLimitExceeded, "a schema of \(file.sizeBytes) bytes: \"\(path)\"")
    }
    return try file.read(at: 0, count: file.sizeBytes).bytes
  }
}

extension SQLError {
  /// The same error with the file's path before it, unless it names the file already.
  func inFile(_ path: String) -> SQLError {
    if message.contains(path) { return self }
    var named = self
    named.message = "\(path): \(message)"
    return named
  }
}
