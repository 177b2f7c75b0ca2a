import Base
import Vectors

extension ORCReader {
  /// Reads neighbouring row groups of a stripe. In most files they share compressed chunks, which
  /// `readRowGroup` would decompress once for each of them. Not for use by several threads at once.
  public final class Groups {
    private let reader: ORCReader
    private let stripe: Int
    private let columns: [Int]
    private let uses: [FieldUse]
    private var rest: Range<Int>
    /// One a column; nil where the file has no index to begin with.
    private var decoders: [ColumnDecoder?] = []

    /// `groups` are positions in `rowGroups(ofStripe:)`.
    public init(
      _ reader: ORCReader, stripe: Int, groups: Range<Int>, columns: [Int], uses: [FieldUse] = []
    ) throws(SQLError) {
      self.reader = reader
      self.stripe = stripe
      self.columns = columns
      self.uses = uses.isEmpty ? columns.map { _ in .whole } : uses
      rest = groups
      guard let first = groups.first else { return }
      let layout = try reader.layout(stripe)
      for (column, use) in zip(columns, self.uses) {
        decoders.append(try reader.indexedDecoder(column, use, layout, group: first))
      }
    }

    /// The next group as `readRowGroup` gives it; nil at the end.
    public func next() throws(SQLError) -> [Vector]? {
      guard let group = rest.popFirst() else { return nil }
      let layout = try reader.layout(stripe)
      let first = group * reader.groupRows
      let count = min(reader.groupRows, layout.information.rowCount - first)
      var vectors: [Vector] = []
      vectors.reserveCapacity(columns.count)
      for (index, decoder) in decoders.enumerated() {
        if let decoder {
          vectors.append(try decoder.read(count, within: nil))
        } else {
          vectors.append(
            try reader.read(columns[index], uses[index], layout, first: first, count: count))
        }
      }
      return vectors
    }
  }
}
