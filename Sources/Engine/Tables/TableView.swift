import Storage

/// Which of a table's parts a row is in.
enum PartOrigin: Hashable, Sendable {
  case segment(id: String)
  /// A chunk of the tail, by the number of its first row.
  case tail(firstRow: Int)
  /// Rows that the transaction itself has added and not committed.
  case own(Int)
}

/// A table's parts in the order of its rows, with what they are.
struct TableView: Sendable {
  var parts: [any TablePart] = []
  var origins: [PartOrigin] = []

  mutating func append(_ part: any TablePart, _ origin: PartOrigin) {
    parts.append(part)
    origins.append(origin)
  }

  var snapshot: TableSnapshot { TableSnapshot(parts: parts) }
}
