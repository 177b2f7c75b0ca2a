import Base
import Glibc
import Testing

@Suite("files of this machine")
final class PosixDiskTests {
  let disk = PosixDisk(pipeWaitMS: 50)
  let folder: String

  init() throws {
    folder = "/tmp/zij-disk-" + SystemRandom().uuidText()
    try disk.createDirectory(folder)
  }

  deinit { Self.removeAll(folder, disk) }

  private static func removeAll(_ folder: String, _ disk: PosixDisk) {
    for name in (try? disk.list(folder)) ?? [] {
      let path = folder + "/" + name
      chmod(path, 0o700)
      if disk.kind(of: path) == .directory, !disk.isLink(path) {
        removeAll(path, disk)
      } else {
        try? disk.remove(path)
      }
    }
    try? disk.removeDirectory(folder)
  }

  private func write(_ text: String, to path: String) throws {
    let file = try disk.create(path, replacing: true)
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    try file.sync()
    try file.close()
  }

  private func text(_ path: String) throws -> String {
    let file = try disk.open(path)
    return String(decoding: try file.read(at: 0, count: file.sizeBytes).bytes, as: UTF8.self)
  }

  private func readAll(_ file: any ReadableFile, step: Int = 5) throws -> String {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: step)
    while true {
      let got = try part.withUnsafeMutableBytes { try file.read(at: bytes.count, into: $0) }
      bytes += part.prefix(got)
      if got < step { return String(decoding: bytes, as: UTF8.self) }
    }
  }

  @Test("what is written is read, at any place")
  func roundTrip() throws {
    let path = folder + "/a"
    try write("0123456789", to: path)
    let file = try disk.open(path)
    #expect(file.sizeBytes == 10)
    #expect(try file.read(at: 3, count: 4).bytes == Array("3456".utf8))
    #expect(try file.read(at: 10, count: 0).count == 0)
    #expect(try readAll(file, step: 3) == "0123456789")
    #expect(try disk.list(folder) == ["a"])
  }

  @Test(
    "reads beyond the end are damage, not traps",
    arguments: [(0, 11), (11, 0), (-1, 1), (3, -1), (Int.max, 1), (1, Int.max)])
  func beyond(offset: Int, count: Int) throws {
    try write("0123456789", to: folder + "/a")
    let file = try disk.open(folder + "/a")
    let error = #expect(throws: SQLError.self) { try file.read(at: offset, count: count) }
    #expect(error?.state == .dataCorrupted)
    #expect(error?.message.contains(folder + "/a") == true)
  }

  @Test("a file that became shorter under its reader is damage")
  func shrunk() throws {
    try write("0123456789", to: folder + "/a")
    let file = try disk.open(folder + "/a")
    truncate(folder + "/a", 4)
    let error = #expect(throws: SQLError.self) { try file.read(at: 0, count: 10) }
    #expect(error?.state == .dataCorrupted)
  }

  @Test("appending keeps what is asked and cuts off the rest")
  func append() throws {
    let path = folder + "/a"
    try write("0123456789", to: path)
    let file = try disk.append(to: path, keeping: 4)
    #expect(file.sizeBytes == 4)
    try Array("xy".utf8).withUnsafeBytes { try file.write($0) }
    #expect(file.sizeBytes == 6)
    #expect(try text(path) == "0123xy")
    let error = #expect(throws: SQLError.self) { try disk.append(to: path, keeping: 7) }
    #expect(error?.state == .dataCorrupted)
  }

  @Test("names: rename replaces, remove, directories")
  func names() throws {
    try write("new", to: folder + "/a")
    try write("old", to: folder + "/b")
    try disk.rename(folder + "/a", to: folder + "/b")
    #expect(try text(folder + "/b") == "new")
    try disk.createDirectory(folder + "/d")
    try disk.createDirectory(folder + "/d")
    try disk.syncDirectory(folder)
    #expect(disk.kind(of: folder + "/d") == .directory)
    #expect(disk.kind(of: folder + "/b") == .file)
    #expect(disk.kind(of: "/dev/null") == .other)
    #expect(disk.kind(of: folder + "/none") == nil)
    symlink(folder + "/b", folder + "/l")
    #expect(disk.isLink(folder + "/l") && !disk.isLink(folder + "/b"))
    try disk.remove(folder + "/b")
    try disk.remove(folder + "/l")
    try disk.removeDirectory(folder + "/d")
    #expect(try disk.list(folder).isEmpty)
  }

  @Test("each failure has its class, its reason and its path")
  func errors() throws {
    try write("x", to: folder + "/file")
    try disk.createDirectory(folder + "/full")
    try write("x", to: folder + "/full/x")
    let none = folder + "/none"
    let disk = disk
    let folder = folder
    let cases: [(String, SQLState, String, () throws -> Void)] = [
      ("open missing", .undefinedFile, none, { _ = try disk.open(none) }),
      ("open directory", .ioError, folder, { _ = try disk.open(folder) }),
      ("open empty path", .undefinedFile, "\"\"", { _ = try disk.open("") }),
      ("open zero byte", .ioError, "zero byte", { _ = try disk.open("/etc/passwd\0.csv") }),
      ("open below a file", .ioError, "/file/x", { _ = try disk.open(folder + "/file/x") }),
      ("create existing", .duplicateFile, "/file",
        { _ = try disk.create(folder + "/file", replacing: false) }),
      ("create over directory", .ioError, "/full",
        { _ = try disk.create(folder + "/full", replacing: true) }),
      ("create in missing", .undefinedFile, "/none/x",
        { _ = try disk.create(none + "/x", replacing: false) }),
      ("append to missing", .undefinedFile, none, { _ = try disk.append(to: none, keeping: 0) }),
      ("rename missing", .undefinedFile, none, { try disk.rename(none, to: folder + "/y") }),
      ("remove missing", .undefinedFile, none, { try disk.remove(none) }),
      ("directory over file", .duplicateFile, "/file",
        { try disk.createDirectory(folder + "/file") }),
      ("remove full directory", .ioError, "/full", { try disk.removeDirectory(folder + "/full") }),
      ("sync missing directory", .undefinedFile, none, { try disk.syncDirectory(none) }),
      ("list file", .ioError, "/file", { _ = try disk.list(folder + "/file") }),
      ("long name", .ioError, "aaa", { _ = try disk.open(String(repeating: "a", count: 5000)) }),
      ("full device", .diskFull, "/dev/full", {
        let file = try disk.create("/dev/full", replacing: true)
        try [1, 2].withUnsafeBytes { try file.write($0) }
      }),
    ]
    for (name, state, part, body) in cases {
      let error = #expect(throws: SQLError.self, "\(name)") { try body() }
      #expect(error?.state == state, "\(name)")
      #expect(error?.message.contains(part) == true, "\(name): \(error?.message ?? "")")
      #expect(error?.message.hasPrefix("cannot ") == true, "\(name)")
    }
  }

  @Test("after a failed write the file refuses more")
  func poisoned() throws {
    let file = try disk.create("/dev/full", replacing: true)
    for _ in 0..<2 {
      #expect(throws: SQLError.self) { try [1, 2].withUnsafeBytes { try file.write($0) } }
    }
    let error = #expect(throws: SQLError.self) { try file.sync() }
    #expect(error?.message.contains("an earlier write failed") == true)
  }
}

// MARK: - Pipes

extension PosixDiskTests {
  @Test("a named pipe without a writer neither hangs nor is empty")
  func lonelyPipe() throws {
    let path = folder + "/pipe"
    mkfifo(path, 0o600)
    let file = try disk.open(path)
    let error = #expect(throws: SQLError.self) { try self.readAll(file) }
    #expect(error?.message.contains("no program has opened the pipe") == true)
    #expect(throws: SQLError.self) { try file.read(at: 0, count: 1) }
    let unread = folder + "/unread"
    mkfifo(unread, 0o600)
    let full = #expect(throws: SQLError.self) { try self.disk.create(unread, replacing: true) }
    #expect(full?.hint?.contains("reader") == true)
  }

  @Test("a named pipe is read to its end, however slowly it is written")
  func slowPipe() throws {
    let path = folder + "/pipe"
    mkfifo(path, 0o600)
    let file = try disk.open(path)
    let writer = try disk.create(path, replacing: true)
    let thread = WorkerThread {
      for part in ["ra,dec\n", "1,2\n", "3,4\n"] {
        usleep(80_000)
        try? Array(part.utf8).withUnsafeBytes { try writer.write($0) }
      }
      try? writer.close()
    }
    #expect(try readAll(file, step: 4) == "ra,dec\n1,2\n3,4\n")
    thread?.join()
  }

  @Test("a large pipe is written whole, and a gone reader is an error, not a signal")
  func pipeWriting() throws {
    let path = folder + "/pipe"
    mkfifo(path, 0o600)
    var file: (any ReadableFile)? = try disk.open(path)
    let writer = try disk.create(path, replacing: true)
    let bytes = [UInt8](repeating: 7, count: 300_000)
    let thread = WorkerThread { try? bytes.withUnsafeBytes { try writer.write($0) } }
    var got = [UInt8](repeating: 0, count: bytes.count)
    let count = try got.withUnsafeMutableBytes { try file?.read(at: 0, into: $0) }
    thread?.join()
    #expect(count == bytes.count && got == bytes)
    file = nil
    let error = #expect(throws: SQLError.self) {
      try bytes.withUnsafeBytes { try writer.write($0) }
    }
    #expect(error?.message.contains("broken pipe") == true)
  }

  @Test("a descriptor is opened by its /dev/fd name, sockets too")
  func descriptors() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    Glibc.write(ends[1], "abc", 3)
    close(ends[1])
    #expect(try readAll(disk.open("/dev/fd/\(ends[0])")) == "abc")
    close(ends[0])
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    Glibc.write(ends[1], "abc", 3)
    close(ends[1])
    #expect(try readAll(disk.open("/dev/fd/\(ends[0])")) == "abc")
    close(ends[0])
    #expect(try readAll(disk.open("/dev/null")) == "")
  }
}

// MARK: - Locks

extension PosixDiskTests {
  @Test("a lock is exclusive or shared, and names its holder")
  func locks() throws {
    let path = folder + "/LOCK"
    let writer = try disk.lock(path, exclusive: true, holder: ProcessIdentity.text)
    for exclusive in [true, false] {
      let error = #expect(throws: SQLError.self) {
        try self.disk.lock(path, exclusive: exclusive, holder: "other")
      }
      #expect(error?.state == .objectInUse)
      #expect(error?.message.contains("pid \(getpid()) (") == true)
    }
    writer.release()
    let readers = try (0..<2).map { _ in try disk.lock(path, exclusive: false, holder: "reader") }
    let error = #expect(throws: SQLError.self) {
      try self.disk.lock(path, exclusive: true, holder: "other")
    }
    #expect(error?.message.contains("readers") == true)
    for reader in readers { reader.release() }
    let short = try disk.lock(path, exclusive: true, holder: "x")
    #expect(try text(path) == "x\n")
    short.release()
  }

  @Test("a lock goes with its value")
  func dropped() throws {
    let path = folder + "/LOCK"
    var lock: (any FileLock)? = try disk.lock(path, exclusive: true, holder: "a")
    #expect(lock != nil)
    lock = nil
    _ = try disk.lock(path, exclusive: true, holder: "b")
  }
}
