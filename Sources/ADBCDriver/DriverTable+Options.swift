import Base
import CArrow
import Glibc

/// An object with options.
protocol HasOptions: DriverObject {
  func set(_ key: String, _ value: String?) throws(DriverError)
  /// Nil for options that were not set or do not exist.
  func option(_ key: String) -> String?
}

extension DriverDatabase: HasOptions {}
extension DriverConnection: HasOptions {}
extension DriverStatement: HasOptions {}

extension Entry {
  /// Writes the option with its final NUL if there is room, and always the room it needs.
  static func get<H: Handle>(
    _ handle: UnsafeMutablePointer<H>?, _ key: UnsafePointer<CChar>?,
    _ value: UnsafeMutablePointer<CChar>?, _ length: UnsafeMutablePointer<Int>?,
    _ error: ErrorPointer?
  ) -> AdbcStatusCode where H.Object: HasOptions {
    call(handle, error) { (object) throws(DriverError) in
      let found = try option(object, key)
      guard let length else { throw DriverError(.invalidArgument, "a null pointer for a length") }
      let bytes = Array(found.utf8CString)
      if bytes.count <= length.pointee, let value {
        bytes.withUnsafeBufferPointer { source in
          if let base = source.baseAddress { value.update(from: base, count: source.count) }
        }
      }
      length.pointee = bytes.count
    }
  }

  static func option(
    _ object: some HasOptions, _ key: UnsafePointer<CChar>?
  ) throws(DriverError) -> String {
    let name = text(key) ?? ""
    guard let found = object.option(name) else {
      throw DriverError(.notFound, "option is not set: \"\(name)\"")
    }
    return found
  }

  static func getNumber<H: Handle, Number: LosslessStringConvertible>(
    _ handle: UnsafeMutablePointer<H>?, _ key: UnsafePointer<CChar>?,
    _ value: UnsafeMutablePointer<Number>?, _ error: ErrorPointer?
  ) -> AdbcStatusCode where H.Object: HasOptions {
    call(handle, error) { (object) throws(DriverError) in
      guard let number = Number(try option(object, key)) else {
        throw DriverError(.notFound, "option is not a number: \"\(text(key) ?? "")\"")
      }
      value?.pointee = number
    }
  }

  static func set<H: Handle>(
    _ handle: UnsafeMutablePointer<H>?, _ key: UnsafePointer<CChar>?, _ value: String,
    _ error: ErrorPointer?
  ) -> AdbcStatusCode where H.Object: HasOptions {
    call(handle, error) { (object) throws(DriverError) in try object.set(text(key) ?? "", value) }
  }

  static func refuseBytes(_ error: ErrorPointer?, _ status: Status) -> AdbcStatusCode {
    DriverError(status, "no option has bytes for a value").report(to: error)
  }
}

extension DriverTable {
  static func fillOptions(_ driver: Driver) {
    driver.pointee.DatabaseGetOption = { Entry.get($0, $1, $2, $3, $4) }
    driver.pointee.DatabaseGetOptionBytes = { _, _, _, _, error in
      Entry.refuseBytes(error, .notFound)
    }
    driver.pointee.DatabaseGetOptionDouble = { Entry.getNumber($0, $1, $2, $3) }
    driver.pointee.DatabaseGetOptionInt = { Entry.getNumber($0, $1, $2, $3) }
    driver.pointee.DatabaseSetOptionBytes = { _, _, _, _, error in
      Entry.refuseBytes(error, .notImplemented)
    }
    driver.pointee.DatabaseSetOptionDouble = { Entry.set($0, $1, "\($2)", $3) }
    driver.pointee.DatabaseSetOptionInt = { Entry.set($0, $1, "\($2)", $3) }

    driver.pointee.ConnectionGetOption = { Entry.get($0, $1, $2, $3, $4) }
    driver.pointee.ConnectionGetOptionBytes = { _, _, _, _, error in
      Entry.refuseBytes(error, .notFound)
    }
    driver.pointee.ConnectionGetOptionDouble = { Entry.getNumber($0, $1, $2, $3) }
    driver.pointee.ConnectionGetOptionInt = { Entry.getNumber($0, $1, $2, $3) }
    driver.pointee.ConnectionSetOptionBytes = { _, _, _, _, error in
      Entry.refuseBytes(error, .notImplemented)
    }
    driver.pointee.ConnectionSetOptionDouble = { Entry.set($0, $1, "\($2)", $3) }
    driver.pointee.ConnectionSetOptionInt = { Entry.set($0, $1, "\($2)", $3) }

    driver.pointee.StatementGetOption = { Entry.get($0, $1, $2, $3, $4) }
    driver.pointee.StatementGetOptionBytes = { _, _, _, _, error in
      Entry.refuseBytes(error, .notFound)
    }
    driver.pointee.StatementGetOptionDouble = { Entry.getNumber($0, $1, $2, $3) }
    driver.pointee.StatementGetOptionInt = { Entry.getNumber($0, $1, $2, $3) }
    driver.pointee.StatementSetOptionBytes = { _, _, _, _, error in
      Entry.refuseBytes(error, .notImplemented)
    }
    driver.pointee.StatementSetOptionDouble = { Entry.set($0, $1, "\($2)", $3) }
    driver.pointee.StatementSetOptionInt = { Entry.set($0, $1, "\($2)", $3) }
  }
}
