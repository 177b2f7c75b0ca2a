import Base
import CArrow
import Glibc

/// What a call failed with: ADBC's status, SQLSTATE, text, and details by name.
struct DriverError: Error {
  let status: Status
  let state: String
  let message: String
  let details: [(key: String, value: String)]

  init(_ status: Status, _ message: String, state: String? = nil) {
    self.status = status
    self.message = message
    self.state = state ?? Self.state(of: status)
    details = []
  }

  /// `sql` is the statement that the error's place is in.
  init(_ error: SQLError, in sql: String? = nil) {
    status = Status(error)
    state = error.state.rawValue
    var text = error.message
    var details: [(key: String, value: String)] = []
    if let range = error.range, let sql, let place = Self.place(of: range.offset, in: sql) {
      text += " (line \(place.line), column \(place.column))"
      details.append(("position", "\(place.position)"))
      details.append(("line", "\(place.line)"))
      details.append(("column", "\(place.column)"))
    }
    if let hint = error.hint {
      // The driver manager puts a full stop and the SQLSTATE behind it.
      text += "\nHint: " + (hint.hasSuffix(".") ? String(hint.dropLast()) : hint)
      details.append(("hint", hint))
    }
    message = text
    self.details = details
  }

  private static func state(of status: Status) -> String {
    switch status {
    case .notImplemented: "0A000"
    case .invalidArgument: "22023"
    case .invalidState: "55000"
    case .notFound: "42704"
    case .invalidData: "22000"
    default: "HY000"
    }
  }

  /// From 1, in characters.
  private static func place(
    of offset: Int, in sql: String
  ) -> (position: Int, line: Int, column: Int)? {
    guard offset >= 0, offset <= sql.utf8.count else { return nil }
    var (position, line, column) = (1, 1, 1)
    for byte in sql.utf8.prefix(offset) where byte & 0xC0 != 0x80 {
      position += 1
      column += 1
      if byte == 10 { (line, column) = (line + 1, 1) }
    }
    return (position, line, column)
  }

  // MARK: As C

  /// Fills `error`, if the caller wants to know, and gives the status.
  func report(to error: UnsafeMutablePointer<AdbcError>?) -> UInt8 {
    guard let error else { return status.rawValue }
    // Callers of version 1.0.0 have no room for the last two fields.
    let hasDetails = error.pointee.vendor_code == Int32.min
    if let release = error.pointee.release { release(error) }
    error.pointee.message = strdup(message)
    var state = Array(self.state.utf8.prefix(5))
    while state.count < 5 { state.append(UInt8(ascii: "0")) }
    withUnsafeMutableBytes(of: &error.pointee.sqlstate) { $0.copyBytes(from: state) }
    if hasDetails {
      error.pointee.private_data = Unmanaged.passRetained(ErrorDetails(details)).toOpaque()
      error.pointee.vendor_code = Int32.min
    } else {
      error.pointee.vendor_code = 0
    }
    error.pointee.release = { error in
      guard let error else { return }
      free(error.pointee.message)
      error.pointee.message = nil
      if error.pointee.vendor_code == Int32.min, let data = error.pointee.private_data {
        Unmanaged<ErrorDetails>.fromOpaque(data).release()
        error.pointee.private_data = nil
      }
      error.pointee.release = nil
    }
    return status.rawValue
  }
}

/// Names and values of an error's details in memory that C may read.
final class ErrorDetails {
  private var pairs: [(key: UnsafeMutablePointer<CChar>, value: UnsafeMutablePointer<CChar>)] = []

  init(_ details: [(key: String, value: String)]) {
    for (key, value) in details {
      guard let key = strdup(key), let value = strdup(value) else { continue }
      pairs.append((key, value))
    }
  }

  deinit {
    for (key, value) in pairs {
      free(key)
      free(value)
    }
  }

  var count: Int { pairs.count }

  subscript(index: Int) -> AdbcErrorDetail {
    guard pairs.indices.contains(index) else { return AdbcErrorDetail() }
    let (key, value) = pairs[index]
    return AdbcErrorDetail(
      key: UnsafePointer(key),
      value: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self),
      value_length: strlen(value))
  }

  /// Those of an error that `DriverError.report` has filled.
  static func of(_ error: UnsafePointer<AdbcError>?) -> ErrorDetails? {
    guard let error, error.pointee.release != nil, error.pointee.vendor_code == Int32.min,
      let data = error.pointee.private_data
    else { return nil }
    return Unmanaged<ErrorDetails>.fromOpaque(data).takeUnretainedValue()
  }
}

extension DriverTable {
  static func fillErrors(_ driver: UnsafeMutablePointer<AdbcDriver>) {
    driver.pointee.ErrorGetDetailCount = { Int32(ErrorDetails.of($0)?.count ?? 0) }
    driver.pointee.ErrorGetDetail = { error, index in
      ErrorDetails.of(error)?[Int(index)] ?? AdbcErrorDetail()
    }
    driver.pointee.ErrorFromArrayStream = { stream, status in
      DriverStream.error(of: stream, status)
    }
  }
}
