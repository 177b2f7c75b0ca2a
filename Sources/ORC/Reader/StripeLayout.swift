import Base
import Synchronization
import Vectors

/// One stripe's directory, with what was read of its indexes and dictionaries.
final class StripeLayout: Sendable {
  let index: Int
  let information: StripeInformation
  let footer: StripeFooter
  let writerZone: WriterZone
  private let file: any ReadableFile
  private let format: ChunkFormat
  private let streams: [StreamKey: Range<Int>]
  private let rowIndexes = Mutex<[Int: RowIndex]>([:])
  private let dictionaries = Mutex<[Int: Vector]>([:])
  private let sequentials = Mutex<[Int: SequentialColumn]>([:])

  private struct StreamKey: Hashable {
    let column: Int
    let kind: StreamKind
  }

  init(
    index: Int, information: StripeInformation, footer: StripeFooter, file: any ReadableFile,
    format: ChunkFormat, typeCount: Int, zones: (String) -> WriterZone
  ) throws(SQLError) {
    self.index = index
    self.information = information
    self.footer = footer
    self.file = file
    self.format = format
    writerZone = zones(footer.writerTimeZone)
    guard footer.encodings.count >= typeCount else {
      throw SQLError(
        .dataCorrupted,
        "corrupt ORC file \"\(file.path)\": stripe \(index) tells the encoding of "
          + "\(footer.encodings.count) columns, the file has \(typeCount)")
    }
    var streams: [StreamKey: Range<Int>] = [:]
    let end = information.offset + information.indexSizeBytes + information.dataSizeBytes
    var offset = information.offset
    for stream in footer.streams {
      guard stream.sizeBytes <= end - offset else {
        throw SQLError(
          .dataCorrupted,
          "corrupt ORC file \"\(file.path)\": stripe \(index), byte \(offset): "
            + "a stream of \(stream.sizeBytes) bytes, \(end - offset) left")
      }
      if let kind = stream.kind {
        streams[StreamKey(column: stream.column, kind: kind)] = offset..<offset + stream.sizeBytes
      }
      offset += stream.sizeBytes
    }
    self.streams = streams
  }

  /// Bytes of a column's own streams, without its index.
  func dataSizeBytes(column: Int) -> Int {
    let kinds: [StreamKind] = [.present, .data, .length, .dictionaryData, .secondary]
    return kinds.reduce(0) { $0 + (streams[StreamKey(column: column, kind: $1)]?.count ?? 0) }
  }

  func has(_ kind: StreamKind, column: Int) -> Bool {
    streams[StreamKey(column: column, kind: kind)] != nil
  }

  /// The place of a stream; an empty one if the writer left it out.
  func place(_ kind: StreamKind, column: Int, name: String) -> StreamPlace {
    let bytes =
      streams[StreamKey(column: column, kind: kind)] ?? information.offset..<information.offset
    return StreamPlace(
      file: file, start: bytes.lowerBound, sizeBytes: bytes.count, format: format,
      name: "stripe \(index), column \(name), stream \(kind.name)")
  }

  /// The row index of a column, or nil if there is none. Read once.
  func rowIndex(column: Int, name: String) throws(SQLError) -> RowIndex? {
    if let known = rowIndexes.withLock({ $0[column] }) { return known }
    guard has(.rowIndex, column: column) else { return nil }
    let place = place(.rowIndex, column: column, name: name)
    let region = try StreamCursor.readWhole(place)
    let index: RowIndex
    do throws(SQLError) {
      index = try RowIndex(region)
    } catch {
      throw SQLError(
        error.state,
        "corrupt ORC file \"\(file.path)\": \(place.name), byte \(place.start): "
          + error.message)
    }
    rowIndexes.withLock { $0[column] = index }
    return index
  }

  /// The dictionary of a text column, made by `make` the first time.
  func dictionary(
    column: Int, make: () throws(SQLError) -> Vector
  ) throws(SQLError) -> Vector {
    if let known = dictionaries.withLock({ $0[column] }) { return known }
    let dictionary = try make()
    dictionaries.withLock { $0[column] = dictionary }
    return dictionary
  }

  /// Takes the decoder that stands before row `row` of a column without an index, if one does.
  func takeSequential(column: Int, row: Int) -> SequentialColumn? {
    sequentials.withLock {
      guard let kept = $0[column], kept.row == row else { return nil }
      $0[column] = nil
      return kept
    }
  }

  func keep(_ sequential: SequentialColumn, column: Int) {
    sequentials.withLock { $0[column] = sequential }
  }
}

/// A decoder that goes through a stripe from its start, for files without row indexes.
///
/// Only one thread has it at a time: it is taken out of the stripe's table while in use.
final class SequentialColumn: @unchecked Sendable {
  let decoder: ColumnDecoder
  var row: Int

  init(_ decoder: ColumnDecoder, row: Int) {
    self.decoder = decoder
    self.row = row
  }
}

extension StreamCursor {
  /// The most that footers and indexes may decompress to.
  private static let maximumMessageBytes = 256 << 20

  /// All bytes of a stream, decompressed: for messages, not for values.
  static func readWhole(_ place: StreamPlace) throws(SQLError) -> ByteRegion {
    let cursor = try StreamCursor(place, at: 0, skipping: 0, expectedEnd: place.sizeBytes)
    guard place.format.isCompressed else { return try cursor.take(place.sizeBytes) }
    var bytes = ByteWriter(capacity: max(64, min(place.sizeBytes * 4, 1 << 20)))
    while !cursor.isAtEnd {
      try cursor.ensure(1)
      let here = cursor.end - cursor.next
      bytes.append(UnsafeRawBufferPointer(start: cursor.next, count: here))
      cursor.next += here
      guard bytes.count <= maximumMessageBytes else {
        throw cursor.corrupt("a message of more than \(maximumMessageBytes) bytes")
      }
    }
    return bytes.region()
  }
}
