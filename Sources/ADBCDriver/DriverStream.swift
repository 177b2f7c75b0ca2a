import Arrow
import Base
import CArrow
import Glibc

/// Makes the arrays of a stream.
protocol ArrayProducer: AnyObject {
  var fields: [ArrowField] { get }
  /// The next array; nil at the end.
  func next() throws(DriverError) -> ExportedArray?
  /// No more arrays are wanted.
  func close()
}

/// `ArrowArrayStream` for the driver's user. Arrays that were handed out live on without it.
final class DriverStream {
  private let processID = getpid()
  private let producer: any ArrayProducer
  private var failure: DriverError?
  private var message: UnsafeMutablePointer<CChar>?
  private let report = UnsafeMutablePointer<AdbcError>.allocate(capacity: 1)
  /// A reader that asks from two threads gets its rows in some order, and no crash.
  private let turn = Monitor()

  private init(_ producer: any ArrayProducer) {
    self.producer = producer
    report.initialize(to: AdbcError())
  }

  deinit {
    producer.close()
    if let release = report.pointee.release { release(report) }
    report.deallocate()
    free(message)
  }

  private func fail(_ error: DriverError) {
    producer.close()
    free(message)
    message = strdup(error.message)
    report.pointee.vendor_code = Int32.min
    _ = error.report(to: report)
    failure = error
  }

  private func next(into out: UnsafeMutablePointer<ArrowArray>) -> Int32 {
    out.initialize(to: ArrowArray())
    guard processID == getpid() else {
      if message == nil {
        message = strdup("the result belongs to the process that forked this one")
      }
      return EINVAL
    }
    turn.lock()
    defer { turn.unlock() }
    do throws(DriverError) {
      if let failure { throw failure }
      if let array = try producer.next() { array.move(to: out) }
      return 0
    } catch {
      if failure == nil { fail(error) }
      return error.status.errorNumber
    }
  }

  // MARK: As C

  /// Fills `out`, which keeps the producer until it is released.
  static func export(
    _ producer: any ArrayProducer, to out: UnsafeMutablePointer<ArrowArrayStream>
  ) {
    out.initialize(to: ArrowArrayStream())
    out.pointee.private_data = Unmanaged.passRetained(DriverStream(producer)).toOpaque()
    out.pointee.get_schema = { raw, out in
      guard let stream = DriverStream.of(raw), let out else { return EINVAL }
      ArrowField.export(columns: stream.producer.fields, to: out)
      return 0
    }
    out.pointee.get_next = { raw, out in
      guard let stream = DriverStream.of(raw), let out else { return EINVAL }
      return stream.next(into: out)
    }
    out.pointee.get_last_error = { raw in
      guard let stream = DriverStream.of(raw) else { return nil }
      return stream.message.map { UnsafePointer($0) }
    }
    out.pointee.release = { raw in
      guard let raw, let data = raw.pointee.private_data else { return }
      let stream = Unmanaged<DriverStream>.fromOpaque(data)
      // A forked child leaves the query to its parent.
      if stream.takeUnretainedValue().processID == getpid() { stream.release() }
      raw.pointee.private_data = nil
      raw.pointee.release = nil
    }
  }

  private static func of(_ raw: UnsafeMutablePointer<ArrowArrayStream>?) -> DriverStream? {
    guard let data = raw?.pointee.private_data else { return nil }
    return Unmanaged<DriverStream>.fromOpaque(data).takeUnretainedValue()
  }

  /// The error of a stream of this driver; nil where there is none.
  static func error(
    of raw: UnsafeMutablePointer<ArrowArrayStream>?, _ status: UnsafeMutablePointer<UInt8>?
  ) -> UnsafePointer<AdbcError>? {
    guard let stream = of(raw), let failure = stream.failure else { return nil }
    status?.pointee = failure.status.rawValue
    return UnsafePointer(stream.report)
  }
}

/// One array that is there already: what the driver tells of a database.
final class FixedRows: ArrayProducer {
  let fields: [ArrowField]
  private var array: ExportedArray?

  init(_ fields: [ArrowField], _ array: ExportedArray) {
    self.fields = fields
    self.array = array
  }

  func next() -> ExportedArray? {
    defer { array = nil }
    return array
  }

  func close() { array = nil }
}
