import Base
import Glibc
import Testing

@testable import Storage

/// A database that somebody has given us may hold links to what is not ours.
@Suite("links and strange files inside of a database")
final class LinkTests {
  private let disk = PosixDisk()
  private let folder = "/tmp/zij-links-" + SystemRandom().uuidText()
  private var database: String { folder + "/d.zij" }
  private var outside: String { folder + "/outside" }

  init() throws {
    for path in [folder, folder + "/outside", folder + "/outside/inner"] {
      try disk.createDirectory(path)
    }
    for path in files { try write("precious", to: path) }
    try Sample.open(disk, path: database).close()
  }

  deinit { removeAll(folder) }

  private var files: [String] {
    ["/a.wal", "/000000000001.wal", "/_a", "/inner/b", "/\(SampleName.uuid)"].map { outside + $0 }
  }

  private enum SampleName { static let uuid = "01234567-89ab-4def-8123-456789abcdef" }

  private func removeAll(_ folder: String) {
    for name in (try? disk.list(folder)) ?? [] {
      let path = folder + "/" + name
      if disk.kind(of: path) == .directory, !disk.isLink(path) {
        removeAll(path)
      } else {
        try? disk.remove(path)
      }
    }
    try? disk.removeDirectory(folder)
  }

  private func write(_ text: String, to path: String) throws {
    let file = try disk.create(path, replacing: true)
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    try file.close()
  }

  private func text(_ path: String) throws -> String {
    let file = try disk.open(path)
    return String(decoding: try file.read(at: 0, count: file.sizeBytes).bytes, as: UTF8.self)
  }

  @Test(
    "a link in place of our own folder or file refuses the opening, and nothing is touched",
    arguments: ["LOCK", "manifest", "tables", "temp", "wal"], [true, false])
  func links(name: String, isReadOnly: Bool) throws {
    let own = database + "/" + name
    switch disk.kind(of: own) {
    case .directory: try disk.rename(own, to: folder + "/moved")
    case .file, .other: try disk.remove(own)
    case nil: break
    }
    symlink(name == "LOCK" ? outside + "/a.wal" : outside, own)
    let error = #expect(throws: SQLError.self) {
      try Sample.open(disk, isReadOnly ? .readOnly : .createIfMissing, path: database)
    }
    #expect(error?.message.contains(own) == true)
    for path in files { #expect(try text(path) == "precious") }
  }

  @Test("a database behind a link opens")
  func wholeDatabase() throws {
    symlink(database, folder + "/link.zij")
    try Sample.open(disk, .readWrite, path: folder + "/link.zij").close()
  }

  @Test("the lock is not taken on a link or a device")
  func lock() throws {
    symlink(outside + "/a.wal", folder + "/link")
    for path in [folder + "/link", "/dev/null"] {
      #expect(throws: SQLError.self) { try disk.lock(path, exclusive: true, holder: "me") }
    }
    #expect(try text(outside + "/a.wal") == "precious")
  }

  @Test("a start removes scratch files of ours, and no others")
  func foreignFiles() throws {
    try disk.createDirectory(database + "/wal")
    let kept = ["temp/notes.txt", "wal/notes.txt", "wal/_x", "wal/1.wal"]
    let gone = [
      "temp/\(SampleName.uuid)", "temp/zij-copy-1", "wal/000000000007.wal", "wal/_000000000007.wal",
    ]
    for path in kept + gone { try write("x", to: database + "/" + path) }
    let directory = try Sample.open(disk, path: database)
    directory.sweepLog(keeping: nil)
    for path in kept { #expect(disk.kind(of: database + "/" + path) == .file, "\(path)") }
    for path in gone { #expect(disk.kind(of: database + "/" + path) == nil, "\(path)") }
    directory.close()
  }

  @Test("a manifest of terabytes is an error", arguments: [Int64(1) << 31, 15 << 40])
  func hugeManifest(size: Int64) throws {
    let name = try #require(disk.list(database + "/manifest").first)
    #expect(truncate(database + "/manifest/" + name, Int(size)) == 0)
    let error = #expect(throws: SQLError.self) { try Sample.open(disk, path: database) }
    #expect(error?.state == .dataCorrupted)
  }
}
