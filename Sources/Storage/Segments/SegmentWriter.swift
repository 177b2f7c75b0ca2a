import Base
import ORC
import Vectors

/// Writes one segment and its sidecar. Not for use by several threads at once.
///
/// Until `finish` returns there are only unpublished files, which `abandon`, an error, or the end
/// of the writer's life removes. Memory: one stripe.
public final class SegmentWriter {
  private let directory: DatabaseDirectory
  private let table: StoredTable
  private let path: SegmentPath
  private let file: ChecksummingFile
  private let writer: ORCWriter
  private var sky: SkyGroups?
  private var phase = Phase.writing

  private enum Phase { case writing, finished, abandoned }

  /// Begins a segment of `table`. All its columns are written, hidden ones too.
  public init(
    _ directory: DatabaseDirectory, table: StoredTable, options: SegmentOptions = .init()
  ) throws(SQLError) {
    self.directory = directory
    self.table = table
    let schema = try SegmentSchema(table)
    let groupRows = options.groupRows ?? schema.groupRows
    path = try directory.newSegmentPath(tableID: table.id)
    let temporary = directory.absolute(path.temporary)
    let orcOptions = ORCWriterOptions(
      compression: options.compression, rowIndexStride: groupRows,
      stripeRowLimit: options.stripeRows,
      stripeByteLimit: options.stripeBytes ?? SegmentOptions.largestStripeBytes)
    file = ChecksummingFile(try directory.disk.create(temporary, replacing: false))
    sky = schema.sky.map { SkyGroups($0, groupRows: groupRows) }
    do throws(SQLError) {
      writer = try ORCWriter(file: file, columns: schema.fileColumns, options: orcOptions)
    } catch {
      try? file.close()
      try? directory.disk.remove(temporary)
      throw error
    }
  }

  deinit { abandon() }

  /// Rows appended so far.
  public var rowCount: Int { writer.rowCount }

  /// Bytes of memory that the unfinished stripe takes, roughly.
  var bufferedBytes: Int { writer.bufferedBytes }

  /// Appends rows in all columns of the table, in their order. After an error the writer is done.
  public func append(
    _ batches: [Batch], on team: any WorkTeam = SingleThread()
  ) throws(SQLError) {
    precondition(phase == .writing, "the segment is finished or abandoned")
    try orAbandon { () throws(SQLError) in
      // The zones are found while other threads are at work on the columns.
      nonisolated(unsafe) let this = self
      _ = try team.map(sky == nil ? 1 : 2) { (part) throws(SQLError) in
        if part == 1 {
          for batch in batches { this.sky?.append(batch) }
        } else {
          try this.writer.append(batches, on: team)
        }
      }
    }
  }

  /// Makes file and sidecar durable and gives them their names. The segment belongs to the table
  /// once a commit says so.
  public func finish(
    on team: any WorkTeam = SingleThread()
  ) throws(SQLError) -> StoredSegment {
    precondition(phase == .writing, "the segment is finished or abandoned")
    return try orAbandon { () throws(SQLError) in
      let summary = try writer.finish(on: team)
      try file.sync()
      try file.close()
      let identity = SidecarIdentity(
        rowCount: summary.rowCount, sizeBytes: summary.sizeBytes, checksum: file.checksum)
      let zones = SegmentZones(
        rowCounts: summary.rowGroups.map { UInt32(clamping: $0.count) }, sky: sky?.finish() ?? [],
        columns: summary.columns.map { ColumnZones($0) })
      try writeSidecar(zones.encoded(for: identity))
      try directory.publishWithSidecar(path)
      phase = .finished
      return StoredSegment(
        id: path.id, path: path.final, rowCount: summary.rowCount, sizeBytes: summary.sizeBytes,
        checksum: file.checksum, sortedBy: Self.sortOrder(table),
        schemaVersion: table.schemaVersion)
    }
  }

  /// Removes what was written. Does nothing after `finish`.
  public func abandon() {
    guard phase == .writing else { return }
    phase = .abandoned
    try? file.close()
    directory.removeSegmentFiles([path.temporary, path.final])
  }

  private func writeSidecar(_ bytes: ByteRegion) throws(SQLError) {
    let name = directory.absolute(SegmentPath.sidecar(of: path.temporary))
    let sidecar = try directory.disk.create(name, replacing: false)
    do throws(SQLError) {
      try bytes.withBytes { (bytes) throws(SQLError) in try sidecar.write(bytes) }
      try sidecar.sync()
    } catch {
      try? sidecar.close()
      throw error
    }
    try sidecar.close()
  }

  private func orAbandon<Result>(_ body: () throws(SQLError) -> Result) throws(SQLError) -> Result {
    do throws(SQLError) { return try body() } catch {
      abandon()
      throw error
    }
  }

  /// The columns that rows of a clustered table are sorted by.
  static func sortOrder(_ table: StoredTable) -> [String] {
    switch table.clustering {
    case .none: []
    case .sky: [SegmentSchema.cellColumn]
    case .columns(let names): names
    }
  }
}

extension DatabaseDirectory {
  /// Gives a segment and its sidecar, whose contents are synced, their final names. The segment's
  /// comes first: a sidecar alone would be of no use.
  func publishWithSidecar(_ segment: SegmentPath) throws(SQLError) {
    try requireWritable()
    try disk.rename(absolute(segment.temporary), to: absolute(segment.final))
    try disk.rename(
      absolute(SegmentPath.sidecar(of: segment.temporary)),
      to: absolute(SegmentPath.sidecar(of: segment.final)))
    do throws(SQLError) { try disk.syncDirectory(absolute(segment.folder)) } catch {
      throw refused(Manifest.Failure(error: error, isAmbiguous: true))
    }
  }

  /// Removes the files of segments that no commit mentions, by their paths within the database, and
  /// their sidecars. Failing to is no error: the next start finds them.
  func removeSegmentFiles(_ paths: [String]) {
    for path in paths {
      for name in [absolute(path), absolute(SegmentPath.sidecar(of: path))]
      where disk.kind(of: name) != nil {
        try? disk.remove(name)
      }
    }
  }

  /// Removes the files of segments that were written but will not be committed.
  public func discard(_ segments: [StoredSegment]) { removeSegmentFiles(segments.map(\.path)) }
}
