import Arrow
import Base
import Engine
import Formats
import Vectors

/// The rows of a query, or of one after the other for each row of parameters.
final class QueryRows: ArrayProducer {
  let fields: [ArrowField]
  private let sql: String
  private var current: ResultStream?
  private let more: () throws(DriverError) -> ResultStream?
  private var export: ArrayExport
  private var portions: RowPortions
  /// What is left of the stream's last batch.
  private var unread = Batch(columns: [], rowCount: 0)

  /// `more` gives the stream behind the one before, with the same columns.
  init(
    _ columns: [ResultColumn], of sql: String, first: ResultStream?,
    more: @escaping () throws(DriverError) -> ResultStream? = { () throws(DriverError) in nil }
  ) {
    self.sql = sql
    current = first
    self.more = more
    fields = columns.map { ArrowField($0) }
    export = ArrayExport(types: columns.map(\.type))
    portions = RowPortions(first?.context.memory)
  }

  func next() throws(DriverError) -> ExportedArray? {
    while true {
      if let array = export.takeFull() { return array }
      if try !readBatch() { return try rest() }
    }
  }

  private func readBatch() throws(DriverError) -> Bool {
    while let stream = current {
      do throws(SQLError) {
        while unread.rowCount == 0, let batch = try stream.next() { unread = batch }
        if unread.rowCount > 0 {
          try export.append(portions.take(from: &unread))
          return true
        }
      } catch {
        throw DriverError(error, in: sql)
      }
      current = try more()
      portions = RowPortions(current?.context.memory)
    }
    return false
  }

  private func rest() throws(DriverError) -> ExportedArray? {
    do throws(SQLError) { return try export.takeRest() } catch { throw DriverError(error) }
  }

  func close() {
    current?.close()
    current = nil
  }

  /// Reads to the end and forgets the rows.
  func drain() throws(DriverError) {
    defer { close() }
    while let stream = current {
      do throws(SQLError) {
        while try stream.next() != nil {}
      } catch {
        throw DriverError(error, in: sql)
      }
      current = try more()
    }
  }
}
