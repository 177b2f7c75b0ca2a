import Base
import Catalog
import Engine
import Formats
import Vectors

/// Measures on every sixteenth batch how many bytes a row takes as CSV.
struct CSVSample {
  private var batchCount = 0
  private var rowCount = 0
  private var sizeBytes = 0

  mutating func add(_ batch: Batch, columns: [ColumnDefinition]) throws(SQLError) {
    defer { batchCount += 1 }
    guard batchCount % 16 == 0, let format = FormatRegistry.writer(named: "csv") else { return }
    let encoder = try format.begin(
      columns.map { ResultColumn($0.name, $0.type) }, options: FileOptions())
    var out = ByteWriter(capacity: 1 << 16)
    try encoder.append(batch, into: &out)
    sizeBytes += out.count
    rowCount += batch.rowCount
  }

  var bytesPerRow: Double { Double(sizeBytes) / Double(max(1, rowCount)) }
}
