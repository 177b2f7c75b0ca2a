import Arrow
import Base
import CArrow
import Engine
import FunctionKit
import Glibc
import Vectors

/// Rows that the driver's user has handed over, as parameters or to be stored.
///
/// They are read once. Reading may call into the host, and so from one thread at a time.
final class BoundRows: FileScan, @unchecked Sendable {
  let columns: [ResultColumn]
  private let fields: [ArrowField]
  private var stream = ArrowArrayStream()
  /// One array in place of a stream.
  private var array: ArrowArray?
  private var chunk: [Vector] = []
  private var chunkRows = 0
  private var offset = 0
  /// The connection whose session waits for the rows.
  weak var waiting: DriverConnection?

  /// Takes over an array; `schema` and `array` are released or moved.
  convenience init(
    array: UnsafeMutablePointer<ArrowArray>, schema: UnsafeMutablePointer<ArrowSchema>
  ) throws(DriverError) {
    defer { schema.pointee.release?(schema) }
    try self.init(Self.fields(schema))
    self.array = array.pointee
    array.pointee.release = nil
  }

  /// Takes over a stream.
  convenience init(stream: UnsafeMutablePointer<ArrowArrayStream>) throws(DriverError) {
    var schema = ArrowSchema()
    guard let getSchema = stream.pointee.get_schema, stream.pointee.release != nil else {
      throw DriverError(.invalidArgument, "a stream that was released")
    }
    let status = getSchema(stream, &schema)
    guard status == 0 else { throw Self.failure(of: stream, status) }
    defer { schema.release?(&schema) }
    let fields = try Self.fields(&schema)
    try self.init(fields)
    self.stream = stream.pointee
    stream.pointee.release = nil
  }

  private init(_ fields: [ArrowField]) throws(DriverError) {
    self.fields = fields
    do throws(SQLError) {
      var columns: [ResultColumn] = []
      for field in fields {
        columns.append(
          ResultColumn(
            field.name, try field.logicalType(), unit: field.metadata["zij.unit"],
            ucd: field.metadata["zij.ucd"], utype: field.metadata["zij.utype"],
            description: field.metadata["zij.description"]))
      }
      self.columns = columns
    } catch {
      throw DriverError(error)
    }
  }

  deinit {
    if var left = array { left.release?(&left) }
    stream.release?(&stream)
  }

  private static func fields(
    _ schema: UnsafePointer<ArrowSchema>
  ) throws(DriverError) -> [ArrowField] {
    do throws(SQLError) { return try ArrowImport.columns(of: schema) } catch {
      throw DriverError(error)
    }
  }

  private static func failure(
    of stream: UnsafeMutablePointer<ArrowArrayStream>, _ status: Int32
  ) -> DriverError {
    let text = stream.pointee.get_last_error.flatMap { $0(stream) }.map { String(cString: $0) }
    return DriverError(.io, "reading the bound rows failed: \(text ?? "errno \(status)")")
  }

  // MARK: Rows

  /// At most a batch of rows; nil at the end.
  func nextBatch() throws(SQLError) -> Batch? {
    while offset == chunkRows {
      guard try readChunk() else { return nil }
    }
    let count = min(Batch.capacity, chunkRows - offset)
    defer { offset += count }
    return Batch(
      columns: chunk.map { $0.slice(from: offset, count: count) }, rowCount: count)
  }

  private func readChunk() throws(SQLError) -> Bool {
    var next = ArrowArray()
    if let array {
      next = array
      self.array = nil
    } else if let getNext = stream.get_next {
      let status =
        waiting?.callingHost { getNext(&stream, &next) } ?? getNext(&stream, &next)
      if status != 0 { throw SQLError(.ioError, Self.failure(of: &stream, status).message) }
    }
    guard next.release != nil else { return false }
    defer { next.release?(&next) }
    chunk = try ArrowImport.vectors(of: &next, fields)
    chunkRows = Int(next.length)
    offset = 0
    return true
  }

  // MARK: As a file

  var rowCount: Int? { nil }
  var partCount: Int { 1 }
  var fractionRead: Double? { nil }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    Generator(rows: self, columns: columns, context: context)
  }

  private final class Generator: BatchGenerator {
    private let rows: BoundRows
    private let columns: [Int]
    private let context: QueryContext

    init(rows: BoundRows, columns: [Int], context: QueryContext) {
      self.rows = rows
      self.columns = columns
      self.context = context
    }

    func next() throws(SQLError) -> Batch? {
      try context.checkpoint()
      return try rows.nextBatch()?.projected(to: columns)
    }
  }
}
