import Base
import Vectors

/// Writes an Apache ORC file of version 0.12.
///
/// Row groups have exactly `rowIndexStride` rows except the last of a stripe; batches may straddle
/// them. One stripe is held in memory. Not for use by several threads at once.
public final class ORCWriter {
  private let file: any WritableFile
  private let options: ORCWriterOptions
  private let chunks: ChunkWriter
  private let columns: [ColumnWriter]
  /// The root structure, which has no streams, and every column below it, by number.
  private let root: RootWriter
  private var footer = Footer()
  private var stripes: [ORCStripe] = []
  private var rowGroups: [Range<Int>] = []
  private var statistics: [ORCGroupStatistics]
  private var metadata = ProtobufWriter()
  private var position = 0
  private var stripeRowCount = 0
  private var stripePlainBytes = 0
  /// Rows of the row group in the making.
  private var groupRowCount = 0
  private var isFinished = false
  /// What a row takes in the columns of fixed width, and the other columns.
  private let fixedRowBytes: Int
  private let variableColumns: [Int]

  public init(
    file: any WritableFile, columns: [ORCColumnSchema], options: ORCWriterOptions = .init()
  ) throws(SQLError) {
    guard options.compression == .none || options.compression == .lz4 else {
      throw SQLError(
        .featureNotSupported,
        "ORC files are written with lz4 or none, not "
          + options.compression.name)
    }
    guard options.rowIndexStride > 0, options.stripeRowLimit > 0,
      (1..<ChunkFormat.maximumBlockSizeBytes).contains(options.blockSizeBytes)
    else { throw SQLError(.invalidParameterValue, "implausible sizes for an ORC file") }
    self.file = file
    self.options = options
    chunks = ChunkWriter(
      compression: options.compression, blockSizeBytes: options.blockSizeBytes)
    let rootType = LogicalType.structure(columns.map { StructField($0.name, $0.type) })
    TypeTree.append(rootType, to: &footer.types)
    var nextID = 1
    self.columns = columns.map { ColumnWriter.make($0.type, nextID: &nextID) }
    root = RootWriter(0, rootType, children: self.columns)
    statistics = self.columns.map { ORCGroupStatistics($0) }
    let widths = columns.map { $0.type.physical.widthBytes }
    variableColumns = columns.indices.filter { !columns[$0].type.physical.isFixed }
    fixedRowBytes = widths.indices.reduce(0) {
      columns[$1].type.physical.isFixed ? $0 + widths[$1] : $0
    }
    for (schema, writer) in zip(columns, self.columns) {
      var attributes = schema.attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      if schema.type.storedInORC != schema.type {
        attributes.append((ORCColumnSchema.typeAttribute, schema.type.description))
      }
      footer.types[writer.id].attributes = attributes.map { (key: $0.0, value: $0.1) }
    }
    footer.userMetadata = options.userMetadata.map { (name: $0.0, value: $0.1) }
    footer.rowIndexStride = options.rowIndexStride
    var magic = ByteWriter()
    magic.append(PostScript.magic)
    try write(magic)
  }

  /// Bytes of memory that the unfinished stripe takes, roughly.
  public var bufferedBytes: Int { root.bufferedBytes }

  public var rowCount: Int { footer.rowCount + stripeRowCount }

  /// Appends rows; the columns have the types that the writer was made with.
  public func append(_ batch: Batch) throws(SQLError) { try append([batch]) }

  /// Appends batches, encoding columns on several threads if the team has them. Neither threads nor
  /// the cutting into batches change the bytes.
  public func append(
    _ batches: [Batch], on team: any WorkTeam = SingleThread()
  ) throws(SQLError) {
    precondition(!isFinished)
    var pieces: [RowPiece] = []
    for batch in batches {
      precondition(batch.columns.count == columns.count)
      var done = 0
      while done < batch.rowCount {
        let here = min(batch.rowCount - done, options.rowIndexStride - groupRowCount)
        var piece = RowPiece(
          batch: here == batch.rowCount ? batch : batch.slice(from: done, count: here))
        piece.beginsGroup = groupRowCount == 0
        done += here
        groupRowCount += here
        stripeRowCount += here
        stripePlainBytes += plainBytes(of: piece.batch)
        piece.endsGroup = groupRowCount == options.rowIndexStride
        pieces.append(piece)
        guard piece.endsGroup else { continue }
        noteGroup()
        if isStripeFull {
          encode(pieces, on: team)
          pieces.removeAll(keepingCapacity: true)
          try endStripe(on: team)
        }
      }
    }
    encode(pieces, on: team)
  }

  /// Rows of one row group, on their way to all columns.
  private struct RowPiece {
    let batch: Batch
    var beginsGroup = false
    var endsGroup = false
  }

  private func encode(_ pieces: [RowPiece], on team: any WorkTeam) {
    if pieces.isEmpty { return }
    for piece in pieces {
      if piece.beginsGroup { root.beginOwnGroup(chunks) }
      root.count(piece.batch.rowCount)
      if piece.endsGroup { root.endOwnGroup() }
    }
    nonisolated(unsafe) let columns = columns
    team.forEach(columns.count) { [chunks] index in
      let writer = columns[index]
      for piece in pieces {
        if piece.beginsGroup { writer.beginGroup(chunks) }
        writer.append(piece.batch.columns[index])
        if piece.endsGroup { writer.endGroup() }
      }
    }
  }

  private func noteGroup() {
    let end = footer.rowCount + stripeRowCount
    rowGroups.append(end - groupRowCount..<end)
    groupRowCount = 0
  }

  private var isStripeFull: Bool {
    stripeRowCount + options.rowIndexStride > max(options.stripeRowLimit, options.rowIndexStride)
      || stripePlainBytes >= options.stripeByteLimit
  }

  /// Bytes of the rows as plain values: unlike encoded ones they are known before encoding, and
  /// unlike those of vectors they do not depend on how rows came.
  private func plainBytes(of batch: Batch) -> Int {
    variableColumns.reduce(batch.rowCount * fixedRowBytes) { sum, index in
      sum + batch.columns[index].plainBytes
    }
  }

  /// Writes what is left and the file's tail. The file is neither synced nor closed.
  public func finish(on team: any WorkTeam = SingleThread()) throws(SQLError) -> ORCFileSummary {
    precondition(!isFinished)
    isFinished = true
    if groupRowCount > 0 {
      root.endGroup()
      noteGroup()
    }
    if stripeRowCount > 0 { try endStripe(on: team) }
    footer.contentSizeBytes = position
    var tail = ByteWriter()
    var postScript = PostScript()
    chunks.appendChunks(metadata, to: &tail)
    postScript.metadataSizeBytes = tail.count
    let fileStatistics = root.preorder.map { $0.file.encoded($0.type) }
    chunks.appendChunks(footer.encoded(statistics: fileStatistics), to: &tail)
    postScript.footerSizeBytes = tail.count - postScript.metadataSizeBytes
    postScript.compression = options.compression
    postScript.blockSizeBytes = options.blockSizeBytes
    postScript.version = [0, 12]
    // Readers know by this that timestamps in statistics are in UTC.
    postScript.writerVersion = 6
    let last = postScript.encoded().array()
    tail.append(last)
    tail.append(UInt8(last.count))
    try write(tail)
    return ORCFileSummary(
      rowCount: footer.rowCount, sizeBytes: position, stripes: stripes, rowGroups: rowGroups,
      columns: statistics)
  }

  private func write(_ bytes: borrowing ByteWriter) throws(SQLError) {
    try file.write(bytes.bytes)
    position += bytes.count
  }
}

// Stripes.
extension ORCWriter {
  private func endStripe(on team: any WorkTeam) throws(SQLError) {
    nonisolated(unsafe) let columns = columns
    team.forEach(columns.count) { [chunks] in columns[$0].finishStripe(chunks) }
    root.finishOwnStripe(chunks)
    let writers = root.preorder
    var stripeFooter = StripeFooter()
    stripeFooter.writerTimeZone = "UTC"
    stripeFooter.encodings = writers.map(\.encoding)
    let index = rowIndexes(writers, &stripeFooter.streams)
    let streams = Self.dataStreams(writers)
    try pad(beforeIndexBytes: index.count)
    var stripe = StripeInformation()
    stripe.offset = position
    stripe.indexSizeBytes = index.count
    stripe.rowCount = stripeRowCount
    try write(index)
    for (writer, stream) in streams {
      let size = stream.stored.count
      stripeFooter.streams.append(StreamEntry(stream.kind, column: writer.id, sizeBytes: size))
      stripe.dataSizeBytes += size
      try file.write(stream.stored.bytes)
      position += size
    }
    var last = ByteWriter()
    chunks.appendChunks(stripeFooter.encoded(), to: &last)
    stripe.footerSizeBytes = last.count
    try write(last)
    finish(stripe, writers)
  }

  private func rowIndexes(
    _ writers: [ColumnWriter], _ entries: inout [StreamEntry]
  ) -> ByteWriter {
    var index = ByteWriter()
    for writer in writers {
      let start = index.count
      chunks.appendChunks(rowIndex(writer), to: &index)
      entries.append(StreamEntry(.rowIndex, column: writer.id, sizeBytes: index.count - start))
    }
    return index
  }

  private func finish(_ stripe: StripeInformation, _ writers: [ColumnWriter]) {
    stripes.append(
      ORCStripe(
        rowStart: footer.rowCount, rowCount: stripe.rowCount, offset: stripe.offset,
        indexSizeBytes: stripe.indexSizeBytes, dataSizeBytes: stripe.dataSizeBytes,
        footerSizeBytes: stripe.footerSizeBytes))
    footer.stripes.append(stripe)
    footer.rowCount += stripeRowCount
    stripeRowCount = 0
    stripePlainBytes = 0
    var stripeStatistics = ProtobufWriter()
    for writer in writers { stripeStatistics.append(1, bytes: writer.stripe.encoded(writer.type)) }
    metadata.append(1, message: stripeStatistics)
    for (index, column) in columns.enumerated() { statistics[index].append(column) }
    root.beginStripe()
  }

  /// All streams in an order that keeps numbers aligned: 8-byte ones, 4-byte ones, others.
  private static func dataStreams(
    _ writers: [ColumnWriter]
  ) -> [(writer: ColumnWriter, stream: OutputStream)] {
    var streams: [(writer: ColumnWriter, stream: OutputStream)] = []
    for rank in 0..<3 {
      for writer in writers {
        for stream in writer.keptStreams where alignmentRank(writer, stream) == rank {
          streams.append((writer, stream))
        }
        guard rank == 2 else { continue }
        for stream in writer.dictionaryStreams { streams.append((writer, stream)) }
      }
    }
    return streams
  }

  private static func alignmentRank(_ writer: ColumnWriter, _ stream: OutputStream) -> Int {
    guard stream.kind == .data else { return 2 }
    return writer.type == .float64 ? 0 : writer.type == .float32 ? 1 : 2
  }

  private func rowIndex(_ writer: ColumnWriter) -> ProtobufWriter {
    let positions = writer.keptStreams.map { chunks.positions($0) }
    var message = ProtobufWriter()
    for (group, summary) in writer.groups.enumerated() {
      var numbers: [UInt64] = []
      for stream in positions { numbers += stream[group] }
      message.append(
        1,
        message: RowIndex.encodedEntry(
          positions: numbers, statistics: summary.encoded(writer.type)))
    }
    return message
  }

  /// Zeros up to where the stripe must begin for its data to begin on 64 bytes.
  private func pad(beforeIndexBytes indexBytes: Int) throws(SQLError) {
    let dataStart = (position + indexBytes + 63) & ~63
    let gap = dataStart - indexBytes - position
    var zeros = ByteWriter()
    zeros.append(repeating: 0, count: gap)
    try write(zeros)
  }
}

/// The root structure: no streams, only the number of its rows.
private final class RootWriter: ColumnWriter {
  func count(_ rows: Int) { group.valueCount += rows }
}
