import Arrow
import Base
import CArrow
import Engine
import Formats
import Glibc
import Vectors

/// The rows of a query as `ArrowArrayStream`. Arrays that were handed out live on without it.
final class DriverStream {
  private let processID = getpid()
  private let rows: ResultStream?
  private let sql: String
  private let fields: [ArrowField]
  private var export: ArrayExport
  private var failure: DriverError?
  private var message: UnsafeMutablePointer<CChar>?
  private let report = UnsafeMutablePointer<AdbcError>.allocate(capacity: 1)
  /// A reader that asks from two threads gets its rows in some order, and no crash.
  private let turn = Monitor()

  /// `rows` are nil for statements that have none.
  init(_ rows: ResultStream?, of sql: String) {
    self.rows = rows
    self.sql = sql
    let columns = rows?.columns ?? []
    fields = columns.map { ArrowField($0) }
    export = ArrayExport(types: columns.map(\.type))
    report.initialize(to: AdbcError())
  }

  deinit {
    if let release = report.pointee.release { release(report) }
    report.deallocate()
    free(message)
  }

  /// Reads to the end and forgets.
  func drain() throws(DriverError) {
    do throws(SQLError) {
      while try rows?.next() != nil {}
    } catch {
      throw DriverError(error, in: sql)
    }
  }

  private func next() throws(DriverError) -> ExportedArray? {
    if let failure { throw failure }
    do throws(SQLError) {
      while true {
        if let array = export.takeFull() { return array }
        guard let batch = try rows?.next() else { return try export.takeRest() }
        try export.append(batch)
      }
    } catch {
      throw fail(DriverError(error, in: sql))
    }
  }

  private func fail(_ error: DriverError) -> DriverError {
    rows?.close()
    free(message)
    message = strdup(error.message)
    report.pointee.vendor_code = Int32.min
    _ = error.report(to: report)
    failure = error
    return error
  }

  // MARK: As C

  func export(to out: UnsafeMutablePointer<ArrowArrayStream>) {
    out.initialize(to: ArrowArrayStream())
    out.pointee.private_data = Unmanaged.passRetained(self).toOpaque()
    out.pointee.get_schema = { raw, out in
      guard let stream = DriverStream.of(raw), let out else { return EINVAL }
      ArrowField.export(columns: stream.fields, to: out)
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

  private func next(into out: UnsafeMutablePointer<ArrowArray>) -> Int32 {
    out.initialize(to: ArrowArray())
    guard processID == getpid() else {
      if message == nil { message = strdup("the result belongs to the process that forked this one") }
      return EINVAL
    }
    turn.lock()
    defer { turn.unlock() }
    do throws(DriverError) {
      if let array = try next() { array.move(to: out) }
      return 0
    } catch {
      return error.status.errorNumber
    }
  }

  private static func of(_ raw: UnsafeMutablePointer<ArrowArrayStream>?) -> DriverStream? {
    guard let data = raw?.pointee.private_data else { return nil }
    return Unmanaged<DriverStream>.fromOpaque(data).takeUnretainedValue()
  }

  /// The error of a stream of this driver; nil for others' streams and where there is none.
  static func error(
    of raw: UnsafeMutablePointer<ArrowArrayStream>?, _ status: UnsafeMutablePointer<UInt8>?
  ) -> UnsafePointer<AdbcError>? {
    guard let stream = of(raw), let failure = stream.failure else { return nil }
    status?.pointee = failure.status.rawValue
    return UnsafePointer(stream.report)
  }
}
