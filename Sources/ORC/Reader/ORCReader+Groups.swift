import Base
import Vectors

extension ORCReader {
  /// Reads neighbouring row groups of a stripe. In most files they share compressed chunks, which
  /// `readRowGroup` would decompress once for each of them. Not for use by several threads at once.
  public final class Groups {
    private let reader: ORCReader
    private let stripe: Int
    private let columns: [Int]
    private var rest: Range<Int>
    /// One a column; nil where the file has no index to begin with.
    private var decoders: [ColumnDecoder?] = []

    /// `groups` are positions in `rowGroups(ofStripe:)`.
    public init(
      _ reader: ORCReader, stripe: Int, groups: Range<Int>, columns: [Int]
    ) throws(SQLError) {
      self.reader = reader
      self.stripe = stripe
      self.columns = columns
      rest = groups
      guard let first = groups.first else { return }
      let layout = try reader.layout(stripe)
      for column in columns {
        decoders.append(try reader.indexedDecoder(column, layout, group: first))
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
      for (column, decoder) in zip(columns, decoders) {
        if let decoder {
          vectors.append(try decoder.read(count, within: nil))
        } else {
          vectors.append(try reader.read(column, layout, first: first, count: count))
        }
      }
      return vectors
    }
  }
}
