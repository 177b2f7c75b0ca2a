import Base
import Synchronization
import Vectors

public struct ORCReaderOptions: Sendable {
  /// The rules of a time zone by its name, such as "America/Los_Angeles". Without them the writer's
  /// TIMESTAMP columns cannot be read.
  public var timeZone: @Sendable (String) -> TimeZoneRules?

  public init(timeZone: @escaping @Sendable (String) -> TimeZoneRules? = { _ in nil }) {
    self.timeZone = timeZone
  }
}

/// A stripe as a reader shows it.
public struct ORCStripe: Hashable, Sendable {
  /// The number of its first row in the file.
  public let rowStart: Int
  public let rowCount: Int
  public let offset: Int
  public let indexSizeBytes: Int
  public let dataSizeBytes: Int
  public let footerSizeBytes: Int
}

/// Reads an Apache ORC file of version 0.11 or 0.12, row group by row group.
///
/// Any number of threads may read at once. Nothing in the file is trusted: damage is an error that
/// names file, stripe, column and byte.
public final class ORCReader: Sendable {
  public let columns: [ORCColumnSchema]
  public let rowCount: Int
  public let stripes: [ORCStripe]
  /// Rows of a row group; 0 if the file has no indexes.
  public let rowIndexStride: Int
  public let userMetadata: [(name: String, value: [UInt8])]
  public let compression: ORCCompression

  private let file: any ReadableFile
  private let tail: FileTail
  private let trees: [TypeTree]
  private let options: ORCReaderOptions
  private let stripeStatistics = Mutex<[[ByteRegion]]?>(nil)
  private let layouts = Mutex<[Int: StripeLayout]>([:])

  /// Rows of a group where the file has no row groups, and the most that a row group may have.
  private static let virtualGroupRows = 64 << 10
  private static let maximumGroupRows = 1 << 20

  public init(file: any ReadableFile, options: ORCReaderOptions = .init()) throws(SQLError) {
    self.file = file
    self.options = options
    tail = try FileTail(file)
    let footer = tail.footer
    let root: TypeTree
    do throws(SQLError) {
      root = try TypeTree.build(footer.types)
    } catch {
      throw SQLError(error.state, "cannot read ORC file \"\(file.path)\": \(error.message)")
    }
    if root.kind == .structure, case .structure(let fields) = root.type {
      trees = root.children
      columns = zip(fields, root.children).map {
        ORCColumnSchema(
          name: $0.name, type: $1.type, attributes: Self.attributes(footer.types[$1.id]))
      }
    } else {
      trees = [root]
      columns = [
        ORCColumnSchema(
          name: "value", type: root.type, attributes: Self.attributes(footer.types[0]))
      ]
    }
    var rowStart = 0
    var stripes: [ORCStripe] = []
    for stripe in footer.stripes {
      stripes.append(
        ORCStripe(
          rowStart: rowStart, rowCount: stripe.rowCount, offset: stripe.offset,
          indexSizeBytes: stripe.indexSizeBytes, dataSizeBytes: stripe.dataSizeBytes,
          footerSizeBytes: stripe.footerSizeBytes))
      rowStart += stripe.rowCount
    }
    self.stripes = stripes
    rowCount = rowStart
    rowIndexStride = footer.rowIndexStride
    userMetadata = footer.userMetadata
    compression = tail.postScript.compression
  }

  private static func attributes(_ node: TypeNode) -> [String: String] {
    var result: [String: String] = [:]
    for attribute in node.attributes where attribute.key != ORCColumnSchema.typeAttribute {
      result[attribute.key] = attribute.value
    }
    return result
  }

  /// The file's row groups, or groups of our own where it has none or far too large ones.
  var groupRows: Int {
    (1...Self.maximumGroupRows).contains(rowIndexStride) ? rowIndexStride : Self.virtualGroupRows
  }

  /// The row groups of a stripe as ranges of row numbers within the stripe.
  public func rowGroups(ofStripe stripe: Int) -> [Range<Int>] {
    let rowCount = stripes[stripe].rowCount
    return stride(from: 0, to: rowCount, by: groupRows).map {
      $0..<min($0 + groupRows, rowCount)
    }
  }

  /// Decodes the rows of one row group into one vector for each of `columns`, in that order.
  ///
  /// Vectors have as many rows as the group, which may be more than a batch; slices of them share
  /// their memory. Text may come as a dictionary vector, a column of NULLs as a constant one.
  ///
  /// - Parameter uses: what is wanted of each column; the rest is NULL. Empty for all.
  public func readRowGroup(
    stripe: Int, group: Int, columns: [Int], uses: [FieldUse] = []
  ) throws(SQLError) -> [Vector] {
    let layout = try layout(stripe)
    let first = group * groupRows
    let count = min(groupRows, stripes[stripe].rowCount - first)
    precondition(group >= 0 && count > 0, "no such row group")
    var vectors: [Vector] = []
    vectors.reserveCapacity(columns.count)
    for (index, column) in columns.enumerated() {
      let use = uses.isEmpty ? .whole : uses[index]
      vectors.append(try read(column, use, layout, first: first, count: count))
    }
    return vectors
  }

  func read(
    _ column: Int, _ use: FieldUse, _ layout: StripeLayout, first: Int, count: Int
  ) throws(SQLError) -> Vector {
    if let decoder = try indexedDecoder(column, use, layout, group: first / groupRows) {
      return try decoder.read(count, within: nil)
    }
    let builder = builder(column, layout, group: nil)
    return try readSequentially(trees[column], layout, builder, first: first, count: count)
  }

  /// A decoder that stands at the beginning of a row group; nil if the file has no index for it.
  func indexedDecoder(
    _ column: Int, _ use: FieldUse, _ layout: StripeLayout, group: Int
  ) throws(SQLError) -> ColumnDecoder? {
    let groupCount = (layout.information.rowCount + groupRows - 1) / groupRows
    let builder = builder(column, layout, group: group)
    guard rowIndexStride == groupRows,
      try builder.hasIndexes(trees[column], use, groupCount: groupCount)
    else { return nil }
    return try builder.decoder(trees[column], use)
  }

  /// Bytes of the streams that hold what is wanted of a column in a stripe, without indexes.
  public func sizeBytes(stripe: Int, column: Int, use: FieldUse) throws(SQLError) -> Int {
    let layout = try layout(stripe)
    func size(_ node: TypeTree, _ use: FieldUse) -> Int {
      let own = layout.dataSizeBytes(column: node.id)
      return zip(node.children, node.uses(use)).reduce(own) { total, child in
        child.1.map { total + size(child.0, $0) } ?? total
      }
    }
    return size(trees[column], use)
  }

  private func builder(_ column: Int, _ layout: StripeLayout, group: Int?) -> DecoderBuilder {
    DecoderBuilder(
      stripe: layout, isCompressed: tail.format.isCompressed,
      blockSizeBytes: tail.format.blockSizeBytes, group: group, name: columns[column].name)
  }

  /// Reads a column without an index, going on where the last call stopped if that is before
  /// `first`.
  private func readSequentially(
    _ tree: TypeTree, _ layout: StripeLayout, _ builder: DecoderBuilder, first: Int, count: Int
  ) throws(SQLError) -> Vector {
    let sequential: SequentialColumn
    if let kept = layout.takeSequential(column: tree.id, row: first) {
      sequential = kept
    } else {
      sequential = SequentialColumn(try builder.decoder(tree), row: 0)
    }
    while sequential.row < first {
      let here = min(groupRows, first - sequential.row)
      _ = try sequential.decoder.read(here, within: nil)
      sequential.row += here
    }
    let vector = try sequential.decoder.read(count, within: nil)
    sequential.row += count
    if sequential.row < layout.information.rowCount { layout.keep(sequential, column: tree.id) }
    return vector
  }

  func layout(_ stripe: Int) throws(SQLError) -> StripeLayout {
    if let known = layouts.withLock({ $0[stripe] }) { return known }
    let information = tail.footer.stripes[stripe]
    let place = StreamPlace(
      file: file,
      start: information.offset + information.indexSizeBytes + information.dataSizeBytes,
      sizeBytes: information.footerSizeBytes, format: tail.format, name: "stripe \(stripe), footer")
    let footer: StripeFooter
    do throws(SQLError) {
      footer = try StripeFooter(try StreamCursor.readWhole(place))
    } catch {
      throw error.message.contains(file.path)
        ? error
        : SQLError(
          error.state,
          "corrupt ORC file \"\(file.path)\": stripe \(stripe), footer at byte "
            + "\(place.start): \(error.message)")
    }
    let layout = try StripeLayout(
      index: stripe, information: information, footer: footer, file: file, format: tail.format,
      typeCount: tail.footer.types.count, zones: zone)
    layouts.withLock { $0[stripe] = layout }
    return layout
  }

  private func zone(_ name: String) -> WriterZone {
    if ["", "UTC", "GMT", "Etc/UTC", "Etc/GMT", "Z"].contains(name) { return .utc }
    let rules = options.timeZone(name)
    return WriterZone(rules, unknownName: rules == nil ? name : nil)
  }
}

// Statistics.
extension ORCReader {
  /// What each row group of a stripe holds in one column; empty if the file does not tell.
  public func rowGroupStatistics(
    stripe: Int, column: Int
  ) throws(SQLError) -> [ORCColumnStatistics] {
    let tree = trees[column]
    let groupCount = (stripes[stripe].rowCount + groupRows - 1) / groupRows
    guard rowIndexStride == groupRows,
      let index = try layout(stripe).rowIndex(column: tree.id, name: columns[column].name),
      index.count == groupCount
    else { return [] }
    var result: [ORCColumnStatistics] = []
    for region in index.statistics {
      guard let region else {
        result.append(ORCColumnStatistics())
        continue
      }
      result.append(try statistics(region, column))
    }
    return result
  }

  /// What a stripe holds in one column; nil if the file does not tell.
  public func stripeStatistics(stripe: Int, column: Int) throws(SQLError) -> ORCColumnStatistics? {
    let id = trees[column].id
    let all = try allStripeStatistics()
    guard stripe < all.count, id < all[stripe].count else { return nil }
    return try statistics(all[stripe][id], column)
  }

  private func allStripeStatistics() throws(SQLError) -> [[ByteRegion]] {
    if let known = stripeStatistics.withLock({ $0 }) { return known }
    let all: [[ByteRegion]]
    do throws(SQLError) {
      all = try tail.readStripeStatistics()
    } catch {
      throw SQLError(
        error.state, "corrupt ORC file \"\(file.path)\": stripe statistics: \(error.message)")
    }
    stripeStatistics.withLock { $0 = all }
    return all
  }

  /// What the file holds in one column; nil if the file does not tell.
  public func fileStatistics(column: Int) throws(SQLError) -> ORCColumnStatistics? {
    let id = trees[column].id
    guard id < tail.footer.statistics.count else { return nil }
    return try statistics(tail.footer.statistics[id], column)
  }

  private func statistics(
    _ region: ByteRegion, _ column: Int
  ) throws(SQLError) -> ORCColumnStatistics {
    do throws(SQLError) {
      return try ORCColumnStatistics(region, type: columns[column].type)
    } catch {
      throw SQLError(
        error.state,
        "corrupt ORC file \"\(file.path)\": statistics of column "
          + "\(columns[column].name): \(error.message)")
    }
  }
}
