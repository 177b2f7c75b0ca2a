import Base
import Catalog
import Engine
import Testing
import Vectors

/// Running SQL and looking at rows as text.
extension Session {
  /// Rows as lines, columns between bars, NULL as `NULL`; shortest digits, so equal lines mean equal
  /// bits.
  @discardableResult
  func lines(_ sql: String, _ parameters: [Value] = []) throws(SQLError) -> [String] {
    guard let stream = try run(sql, parameters: parameters).stream else { return [] }
    return try stream.lines()
  }

  func line(_ sql: String, _ parameters: [Value] = []) throws(SQLError) -> String {
    try lines(sql, parameters).joined(separator: "\n")
  }

  /// The error that a statement or its rows end with.
  func failure(_ sql: String, _ parameters: [Value] = []) -> SQLError? {
    do throws(SQLError) {
      try lines(sql, parameters)
      return nil
    } catch {
      return error
    }
  }
}

extension ResultStream {
  func lines() throws(SQLError) -> [String] {
    var result: [String] = []
    while let batch = try next() { result += batch.lines }
    return result
  }
}

extension Batch {
  var lines: [String] {
    (0..<rowCount).map { row in
      columns.map { column in
        let value = column.value(at: row)
        return value.isNull
          ? "NULL" : (try? ValueText.text(of: value, type: column.type)) ?? "too long"
      }.joined(separator: "|")
    }
  }
}

extension Database {
  static func inMemory(
    workers: Int? = 2, memoryLimitBytes: Int? = nil
  ) throws(SQLError) -> Database {
    var options = DatabaseOptions()
    options.workerCount = workers
    options.memoryLimitBytes = memoryLimitBytes
    return try Database(.memory, options: options)
  }

  static func onDisk(
    _ disk: any Disk, _ path: String = "d.zij", workers: Int = 1, seed: UInt64? = nil,
    logRows: Int? = nil
  ) throws(SQLError) -> Database {
    var options = DatabaseOptions()
    if let logRows { options.logRows = logRows }
    options.workerCount = workers
    options.disk = disk
    options.random = seed.map { SeededRandom(seed: $0) }
    return try Database(.directory(path), options: options)
  }

  /// Makes a table of columns of values, cut into batches of at most 1024 rows.
  func fill(
    _ name: String, _ columns: [(ColumnDefinition, [Value])], order: TableOrder = .none
  ) throws(SQLError) {
    let appender = try createTable(name, columns: columns.map(\.0), order: order)
    let count = columns.first?.1.count ?? 0
    for start in stride(from: 0, to: count, by: Batch.capacity) {
      let end = min(count, start + Batch.capacity)
      try appender.append(
        Batch(
          columns: columns.map { Vector.of(Array($0.1[start..<end]), type: $0.0.type) },
          rowCount: end - start))
    }
    _ = try appender.commit()
  }
}

/// Carries a result from one thread to another that joins it.
private final class ResultBox<Result>: @unchecked Sendable { var result: Result? }

/// Runs `body` on a thread with a small stack and gives back what it gave.
func onSmallStack<Result: Sendable>(
  bytes: Int = 512 << 10, _ body: @escaping @Sendable () -> Result
) throws -> Result {
  let box = ResultBox<Result>()
  let thread = try #require(WorkerThread(stackBytes: bytes) { box.result = body() })
  thread.join()
  return try #require(box.result)
}

/// Small pseudo-random numbers, the same everywhere.
struct Sequence64 {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
