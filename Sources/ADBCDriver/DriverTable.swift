import Base
import CArrow
import Glibc

/// Fills the table of C functions, a topic at a time.
enum DriverTable {
  typealias Driver = UnsafeMutablePointer<AdbcDriver>
}

/// The way from a C call to an object: finds the object behind the handle, and reports errors.
enum Entry {
  typealias ErrorPointer = UnsafeMutablePointer<AdbcError>

  /// Calls `body` with the object of a handle and gives the status of what happens.
  static func call<H: Handle>(
    _ handle: UnsafeMutablePointer<H>?, _ target: ErrorPointer?,
    _ body: (H.Object) throws(DriverError) -> Void
  ) -> AdbcStatusCode {
    do throws(DriverError) {
      try body(try object(of: handle))
      return Status.ok.rawValue
    } catch {
      return error.report(to: target)
    }
  }

  static func object<H: Handle>(
    of handle: UnsafeMutablePointer<H>?
  ) throws(DriverError) -> H.Object {
    guard let data = handle?.pointee.private_data else {
      throw DriverError(.invalidState, "the \(H.Object.what) is not there: New was not called")
    }
    let object = Unmanaged<H.Object>.fromOpaque(data).takeUnretainedValue()
    guard object.processID == getpid() else {
      // The threads and locks behind it stayed in the other process.
      throw DriverError(
        .invalidState,
        "the \(H.Object.what) belongs to the process that forked this one; open another one here",
        state: "57P01")
    }
    return object
  }

  /// Gives a new object to a handle.
  static func make<H: Handle>(
    _ handle: UnsafeMutablePointer<H>?, _ error: ErrorPointer?, _ object: H.Object
  ) -> AdbcStatusCode {
    guard let handle else {
      return DriverError(.invalidArgument, "a null pointer for a \(H.Object.what)").report(
        to: error)
    }
    handle.pointee.private_data = Unmanaged.passRetained(object).toOpaque()
    return Status.ok.rawValue
  }

  /// Takes the object from its handle when `body` has let go of what it holds.
  static func release<H: Handle>(
    _ handle: UnsafeMutablePointer<H>?, _ error: ErrorPointer?,
    _ body: (H.Object) throws(DriverError) -> Void
  ) -> AdbcStatusCode {
    let status = call(handle, error, body)
    guard let data = handle?.pointee.private_data else { return status }
    let object = Unmanaged<H.Object>.fromOpaque(data)
    if object.takeUnretainedValue().processID != getpid() {
      // In a forked child the object is left as it is: a lock of it may be held for ever.
      handle?.pointee.private_data = nil
      if let error, let release = error.pointee.release { release(error) }
      return Status.ok.rawValue
    }
    guard status == Status.ok.rawValue else { return status }
    handle?.pointee.private_data = nil
    object.release()
    return status
  }

  /// A C text; nil for a null pointer.
  static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    pointer.map { String(cString: $0) }
  }
}

/// An object that a handle stands for. It works only in the process that made it.
protocol DriverObject: AnyObject {
  static var what: String { get }
  var processID: Int32 { get }
}

/// A structure of ADBC that points to an object of ours.
protocol Handle {
  associatedtype Object: DriverObject
  var private_data: UnsafeMutableRawPointer! { get set }
}

extension AdbcDatabase: Handle { typealias Object = DriverDatabase }
extension AdbcConnection: Handle { typealias Object = DriverConnection }
extension AdbcStatement: Handle { typealias Object = DriverStatement }
