import Base

/// The end of a file: postscript, footer and the stripes' statistics, checked against its size.
struct FileTail {
  let postScript: PostScript
  let footer: Footer
  let format: ChunkFormat
  private let metadataPlace: StreamPlace

  /// Bytes read first; most tails fit.
  private static let firstReadBytes = 16 << 10

  init(_ file: any ReadableFile) throws(SQLError) {
    do throws(SQLError) {
      try self.init(checking: file)
    } catch {
      throw SQLError(
        error.state, error.message.contains(file.path)
          ? error.message : "cannot read ORC file \"\(file.path)\": \(error.message)",
        hint: error.hint)
    }
  }

  private init(checking file: any ReadableFile) throws(SQLError) {
    let size = file.sizeBytes
    guard size > 0 else { throw SQLError(.dataCorrupted, "it is empty") }
    let tailSize = min(size, Self.firstReadBytes)
    let tail = try file.read(at: size - tailSize, count: tailSize)
    let postScriptSize = Int(tail[tailSize - 1])
    guard postScriptSize > 0, postScriptSize < tailSize else { throw Self.notORC }
    let start = tailSize - 1 - postScriptSize
    let postScript: PostScript
    do throws(SQLError) {
      postScript = try PostScript(tail[start..<tailSize - 1])
    } catch {
      throw error.state == .featureNotSupported ? error : Self.notORC
    }
    if postScript.magic != PostScript.magic, try !Self.beginsWithMagic(file) { throw Self.notORC }
    format = try Self.format(postScript)
    let footerEnd = size - 1 - postScriptSize
    guard postScript.footerSizeBytes <= footerEnd,
      postScript.metadataSizeBytes <= footerEnd - postScript.footerSizeBytes
    else { throw SQLError(.dataCorrupted, "footer of \(postScript.footerSizeBytes) bytes") }
    let footerStart = footerEnd - postScript.footerSizeBytes
    let place = StreamPlace(
      file: file, start: footerStart, sizeBytes: postScript.footerSizeBytes, format: format,
      name: "footer")
    footer = try Footer(try StreamCursor.readWhole(place))
    self.postScript = postScript
    metadataPlace = StreamPlace(
      file: file, start: footerStart - postScript.metadataSizeBytes,
      sizeBytes: postScript.metadataSizeBytes, format: format, name: "metadata")
    try checkStripes(end: footerStart - postScript.metadataSizeBytes)
  }

  private static let notORC = SQLError(
    .dataCorrupted, "it has no ORC postscript: no ORC file, or cut off")

  private static func beginsWithMagic(_ file: any ReadableFile) throws(SQLError) -> Bool {
    guard file.sizeBytes >= 3 else { return false }
    return try file.read(at: 0, count: 3).bytes == Array(PostScript.magic.utf8)
  }

  private static func format(_ postScript: PostScript) throws(SQLError) -> ChunkFormat {
    // Files of Hive 0.11 name no version.
    let known: [[UInt64]] = [[], [0, 11], [0, 12]]
    guard known.contains(postScript.version) else {
      let version = postScript.version.map(String.init).joined(separator: ".")
      throw SQLError(.featureNotSupported, "unknown ORC version: \(version)")
    }
    if postScript.compression == .lzo || postScript.compression == .brotli {
      throw SQLError(
        .featureNotSupported, "compression not supported: \(postScript.compression.name)",
        hint: "Rewrite the file with zstd, lz4, snappy, zlib or no compression.")
    }
    guard (1...ChunkFormat.maximumBlockSizeBytes).contains(postScript.blockSizeBytes)
      || postScript.compression == .none
    else { throw SQLError(.dataCorrupted, "chunks of \(postScript.blockSizeBytes) bytes") }
    return ChunkFormat(
      compression: postScript.compression, blockSizeBytes: postScript.blockSizeBytes)
  }

  /// Reads the `Metadata` message: for each stripe one encoded `ColumnStatistics` a type. Only on
  /// demand, because rows can be read without it.
  func readStripeStatistics() throws(SQLError) -> [[ByteRegion]] {
    guard metadataPlace.sizeBytes > 0 else { return [] }
    var result: [[ByteRegion]] = []
    var reader = ProtobufReader(try StreamCursor.readWhole(metadataPlace))
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var columns: [ByteRegion] = []
      var stripe = ProtobufReader(try field.region())
      while let column = try stripe.next() {
        if column.number == 1 { columns.append(try column.region()) }
      }
      result.append(columns)
    }
    return result
  }

  /// The footer's own number of rows is not asked: old C++ writers left it at 0.
  private func checkStripes(end: Int) throws(SQLError) {
    if footer.isEncrypted {
      throw SQLError(.featureNotSupported, "it has encrypted columns")
    }
    var rowCount = 0
    for (index, stripe) in footer.stripes.enumerated() {
      var left = end - stripe.offset
      for size in [stripe.indexSizeBytes, stripe.dataSizeBytes, stripe.footerSizeBytes] {
        left = size > left ? -1 : left - size
      }
      guard left >= 0 else {
        throw SQLError(
          .dataCorrupted, "stripe \(index) at byte \(stripe.offset) reaches behind byte \(end)")
      }
      rowCount &+= stripe.rowCount
      guard rowCount >= 0 else { throw SQLError(.dataCorrupted, "too many rows") }
    }
  }
}
