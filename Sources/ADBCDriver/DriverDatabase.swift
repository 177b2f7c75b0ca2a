import Base
import CArrow
import Engine
import Formats
import Glibc
import Synchronization

/// A database of the driver's user: options first, then open.
final class DriverDatabase: DriverObject {
  static let what = "database"
  let processID = getpid()
  private let options = Mutex<[String: String]>([:])
  private let connectionCount = Atomic<Int>(0)
  private(set) var database: Database?

  private static let known: Set<String> = [
    "uri", "zij.read_only", "zij.create", "zij.memory_limit", "zij.threads",
  ]

  func set(_ key: String, _ value: String?) throws(DriverError) {
    guard Self.known.contains(key) else {
      throw DriverError(.notImplemented, "unknown option of a database: \"\(key)\"")
    }
    guard database == nil else {
      throw DriverError(
        .invalidState, "option \"\(key)\" must be set before the database is opened")
    }
    options.withLock { $0[key] = value }
  }

  func option(_ key: String) -> String? { options.withLock { $0[key] } }

  func open() throws(DriverError) {
    guard database == nil else {
      throw DriverError(.invalidState, "the database is open already")
    }
    guard let uri = option("uri") else {
      throw DriverError(
        .invalidArgument, "option \"uri\" is required: zij:///path/to/name.zij or :memory:",
        state: "08001")
    }
    let location = try DatabaseURI.location(uri)
    var settings = DatabaseOptions()
    settings.readers = FormatRegistry.readers
    settings.writers = FormatRegistry.writers
    settings.isReadOnly = try boolean("zij.read_only") ?? false
    settings.createIfMissing = try boolean("zij.create") ?? true
    settings.memoryLimitBytes = try count("zij.memory_limit")
    settings.workerCount = try count("zij.threads")
    do throws(SQLError) {
      database = try Database(location, options: settings)
    } catch {
      throw DriverError(error)
    }
  }

  private func boolean(_ key: String) throws(DriverError) -> Bool? {
    guard let text = option(key) else { return nil }
    switch text.lowercased() {
    case "true", "on", "1": return true
    case "false", "off", "0": return false
    default: throw DriverError(.invalidArgument, "option \"\(key)\" must be true or false")
    }
  }

  private func count(_ key: String) throws(DriverError) -> Int? {
    guard let text = option(key) else { return nil }
    guard let value = Int(text), value > 0, value < 1 << 48 else {
      throw DriverError(.invalidArgument, "option \"\(key)\" must be a positive number")
    }
    return value
  }

  func opened() throws(DriverError) -> Database {
    guard let database else { throw DriverError(.invalidState, "the database was not initialised") }
    return database
  }

  func addConnection() { connectionCount.wrappingAdd(1, ordering: .relaxed) }
  func removeConnection() { connectionCount.wrappingSubtract(1, ordering: .relaxed) }

  /// Ends what still runs and joins the threads.
  func close() throws(DriverError) {
    let count = connectionCount.load(ordering: .relaxed)
    guard count == 0 else {
      throw DriverError(.invalidState, "\(count) connections of the database are still open")
    }
    database?.close()
    database = nil
  }
}

/// Where a database is: `zij:///dir`, `file:///dir`, `file:dir`, a path, or `:memory:`.
enum DatabaseURI {
  static func location(_ uri: String) throws(DriverError) -> DatabaseLocation {
    if uri == ":memory:" || uri == "zij::memory:" || uri == "zij:///:memory:" { return .memory }
    guard let scheme = scheme(of: uri) else { return try directory(uri, of: uri) }
    guard scheme == "zij" || scheme == "file" else {
      throw DriverError(.invalidArgument, "unknown scheme of a URI: \"\(scheme)\"", state: "08001")
    }
    var path = uri.dropFirst(scheme.utf8.count + 1)
    if path.hasPrefix("//") {
      path = path.dropFirst(2)
      guard path.hasPrefix("/") else {
        throw DriverError(
          .notImplemented,
          "a URI with a host is a server's: \"\(uri)\"; a directory has three slashes",
          state: "08001")
      }
    }
    return try directory(try decoded(path, of: uri), of: uri)
  }

  private static func scheme(of uri: String) -> String? {
    guard let colon = uri.firstIndex(of: ":") else { return nil }
    let scheme = uri[..<colon]
    let isScheme =
      scheme.utf8.count > 1
      && scheme.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    return isScheme ? scheme.lowercased() : nil
  }

  private static func directory(
    _ path: String, of uri: String
  ) throws(DriverError) -> DatabaseLocation {
    guard !path.isEmpty, path != "/" else {
      throw DriverError(.invalidArgument, "a URI without a directory: \"\(uri)\"", state: "08001")
    }
    return .directory(path)
  }

  /// `%20` and so on; parts behind `?` or `#` are refused, because they would be ignored.
  private static func decoded(_ path: Substring, of uri: String) throws(DriverError) -> String {
    var bytes: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") {
        throw DriverError(
          .invalidArgument, "a URI of a directory has no parameters: \"\(uri)\"", state: "08001")
      }
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value != 0 else {
        throw DriverError(.invalidArgument, "wrong % in a URI: \"\(uri)\"", state: "08001")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension DriverTable {
  static func fillDatabase(_ driver: Driver) {
    driver.pointee.DatabaseNew = { Entry.make($0, $1, DriverDatabase()) }
    driver.pointee.DatabaseSetOption = { handle, key, value, error in
      Entry.call(handle, error) { (database) throws(DriverError) in
        try database.set(Entry.text(key) ?? "", Entry.text(value))
      }
    }
    driver.pointee.DatabaseInit = { handle, error in
      Entry.call(handle, error) { (database) throws(DriverError) in try database.open() }
    }
    driver.pointee.DatabaseRelease = { handle, error in
      Entry.release(handle, error) { (database) throws(DriverError) in try database.close() }
    }
  }
}
