import Base
import Vectors

/// Makes the decoder of a column and of everything below it, at the start of a row group or of the
/// stripe.
struct DecoderBuilder {
  let stripe: StripeLayout
  let isCompressed: Bool
  let blockSizeBytes: Int
  /// The row group to begin with, or nil to begin with the stripe and use no index.
  let group: Int?
  /// The top-level column's name, for errors.
  let name: String

  /// True if every type from `node` down has an index of `groupCount` entries.
  ///
  /// Unions are read from the start of the stripe: the C++ library writes wrong positions for them.
  func hasIndexes(
    _ node: TypeTree, _ use: FieldUse = .whole, groupCount: Int
  ) throws(SQLError) -> Bool {
    guard node.kind != .union,
      let index = try stripe.rowIndex(column: node.id, name: name), index.count == groupCount
    else { return false }
    for (child, use) in zip(node.children, node.uses(use)) {
      guard let use else { continue }
      guard try hasIndexes(child, use, groupCount: groupCount) else { return false }
    }
    return true
  }

  private func unknownZone(_ zone: String) -> SQLError {
    SQLError(
      .featureNotSupported,
      "column \(name) has wall-clock times of a zone that is not known here: \"\(zone.prefix(60))\"",
      hint: "Zones are looked up in /usr/share/zoneinfo: install tzdata.")
  }

  /// The decoder of what `use` wants; the rest of the node's values will be NULL.
  func decoder(_ node: TypeTree, _ use: FieldUse = .whole) throws(SQLError) -> ColumnDecoder {
    var streams = try ColumnStreams(self, column: node.id)
    let encoding = stripe.footer.encodings[node.id]
    if encoding.kind.isDictionary, node.type != .text {
      throw SQLError(
        .dataCorrupted,
        "corrupt ORC file: stripe \(stripe.index), column \(name): dictionary "
          + "encoding of \(node.type)")
    }
    let present = stripe.has(.present, column: node.id) ? try streams.booleans(.present) : nil
    switch node.kind {
    case .boolean:
      return BooleanColumnDecoder(node.type, present: present, data: try streams.booleans(.data))
    case .byte:
      return ByteColumnDecoder(node.type, present: present, data: try streams.bytes(.data))
    case .short, .int, .long, .date:
      let data = try streams.integers(.data, encoding, isSigned: true)
      return IntegerColumnDecoder(node.type, present: present, data: data)
    case .float, .double:
      return FloatColumnDecoder(node.type, present: present, data: try streams.cursor(.data))
    case .decimal:
      let data = try streams.cursor(.data)
      let scales = try streams.integers(.secondary, encoding, isSigned: true)
      return DecimalColumnDecoder(node.type, present: present, data: data, scales: scales)
    case .timestamp, .timestampInstant:
      let seconds = try streams.integers(.data, encoding, isSigned: true)
      let nanoseconds = try streams.integers(.secondary, encoding, isSigned: false)
      let zone = node.kind == .timestamp ? stripe.writerZone : .utc
      if let unknown = zone.unknownName { throw unknownZone(unknown) }
      return TimestampColumnDecoder(
        present: present, seconds: seconds, nanoseconds: nanoseconds, zone: zone)
    case .string, .varchar, .char, .binary, .geometry, .geography:
      return try textDecoder(node, encoding, present: present, &streams)
    case .list, .map:
      let lengths = try streams.integers(.length, encoding, isSigned: false)
      return ListColumnDecoder(
        node.type, present: present, lengths: lengths, elements: try decoders(node, use))
    case .structure:
      return StructureColumnDecoder(
        node.type, present: present, fields: try decoders(node, use))
    case .union:
      let tags = try streams.bytes(.data)
      return UnionColumnDecoder(
        node.type, present: present, tags: tags, variants: try decoders(node, .whole))
    }
  }

  private func decoders(
    _ node: TypeTree, _ use: FieldUse
  ) throws(SQLError) -> [ColumnDecoder] {
    var result: [ColumnDecoder] = []
    for (child, use) in zip(node.children, node.uses(use)) {
      result.append(try use.map { (use) throws(SQLError) in try decoder(child, use) }
        ?? UnreadColumnDecoder(child.type, present: nil))
    }
    return result
  }

  private func textDecoder(
    _ node: TypeTree, _ encoding: ColumnEncoding, present: BooleanDecoder?,
    _ streams: inout ColumnStreams
  ) throws(SQLError) -> ColumnDecoder {
    guard encoding.kind.isDictionary else {
      let data = try streams.cursor(.data)
      let lengths = try streams.integers(.length, encoding, isSigned: false)
      return DirectTextColumnDecoder(node.type, present: present, data: data, lengths: lengths)
    }
    let indices = try streams.integers(.data, encoding, isSigned: false)
    let dictionary = try stripe.dictionary(column: node.id) { () throws(SQLError) in
      let place = stripe.place(.length, column: node.id, name: name)
      let lengths = try IntegerDecoder(
        StreamCursor(place, at: 0, skipping: 0, expectedEnd: place.sizeBytes),
        encoding.kind.integers, isSigned: false)
      let dataPlace = stripe.place(.dictionaryData, column: node.id, name: name)
      let data = try StreamCursor(
        dataPlace, at: 0, skipping: 0, expectedEnd: dataPlace.sizeBytes)
      return try DictionaryTextColumnDecoder.readDictionary(
        node.type, count: encoding.dictionaryCount, data: data, lengths: lengths)
    }
    return DictionaryTextColumnDecoder(
      node.type, present: present, indices: indices, dictionary: dictionary)
  }
}

/// The streams of one column in the fixed order in which a row index lists their positions:
/// PRESENT, DATA, LENGTH or SECONDARY. They must be asked for in this order.
struct ColumnStreams {
  private let builder: DecoderBuilder
  private let column: Int
  private var current: ArraySlice<UInt64> = []
  /// The positions of the next row group, which end this one; empty for the last.
  private var following: ArraySlice<UInt64> = []

  /// Integers and bytes: values of a run to pass over. A run straddles row groups by this at most.
  private static let longestRunBytes = 4 + 8 + 512 * 8 + 31 * 8

  init(_ builder: DecoderBuilder, column: Int) throws(SQLError) {
    self.builder = builder
    self.column = column
    guard let group = builder.group,
      let index = try builder.stripe.rowIndex(column: column, name: builder.name),
      group < index.count
    else { return }
    current = index.entry(group)
    if group + 1 < index.count { following = index.entry(group + 1) }
  }

  /// One stream at its position, and `extraCount` numbers that follow the position in the index.
  private mutating func open(
    _ kind: StreamKind, extraCount: Int
  ) throws(SQLError) -> (cursor: StreamCursor, extras: (Int, Int)) {
    let place = builder.stripe.place(kind, column: column, name: builder.name)
    var position = Position()
    var expectedEnd = builder.group == nil ? 0 : place.sizeBytes
    if builder.group != nil {
      position = try Position(&current, builder.isCompressed, extraCount, place)
      if !following.isEmpty {
        let end = try Position(&following, builder.isCompressed, extraCount, place)
        expectedEnd = end.start
        let isInside = end.skipping > 0 || end.extras != (0, 0)
        if isInside {
          expectedEnd +=
            builder.isCompressed
            ? min(builder.blockSizeBytes, 64 << 10) + ChunkFormat.headerSizeBytes
            : Self.longestRunBytes
        }
      }
    }
    let cursor = try StreamCursor(
      place, at: position.start, skipping: position.skipping, expectedEnd: expectedEnd)
    return (cursor, position.extras)
  }

  mutating func cursor(_ kind: StreamKind) throws(SQLError) -> StreamCursor {
    try open(kind, extraCount: 0).cursor
  }

  mutating func integers(
    _ kind: StreamKind, _ encoding: ColumnEncoding, isSigned: Bool
  ) throws(SQLError) -> IntegerDecoder {
    let (cursor, extras) = try open(kind, extraCount: 1)
    guard extras.0 <= RunHeader.maximumCount else {
      throw cursor.corrupt("value \(extras.0) of a run")
    }
    return try IntegerDecoder(
      cursor, encoding.kind.integers, isSigned: isSigned, skipping: extras.0)
  }

  mutating func bytes(_ kind: StreamKind) throws(SQLError) -> ByteDecoder {
    let (cursor, extras) = try open(kind, extraCount: 1)
    guard extras.0 <= ByteRun.longestRun else { throw cursor.corrupt("value \(extras.0) of a run") }
    return try ByteDecoder(cursor, skipping: extras.0)
  }

  mutating func booleans(_ kind: StreamKind) throws(SQLError) -> BooleanDecoder {
    let (cursor, extras) = try open(kind, extraCount: 2)
    guard extras.0 <= ByteRun.longestRun else { throw cursor.corrupt("value \(extras.0) of a run") }
    return try BooleanDecoder(cursor, skippingBytes: extras.0, skippingBits: extras.1)
  }
}

/// A place in a stream as a row index tells it.
private struct Position {
  /// The chunk's offset, or the byte's if nothing is compressed.
  var start = 0
  var skipping = 0
  var extras = (0, 0)

  init() {}

  init(
    _ numbers: inout ArraySlice<UInt64>, _ isCompressed: Bool, _ extraCount: Int,
    _ place: StreamPlace
  ) throws(SQLError) {
    start = try Self.next(&numbers, place)
    if isCompressed { skipping = try Self.next(&numbers, place) }
    if extraCount > 0 { extras.0 = try Self.next(&numbers, place) }
    if extraCount > 1 { extras.1 = try Self.next(&numbers, place) }
  }

  private static func next(
    _ numbers: inout ArraySlice<UInt64>, _ place: StreamPlace
  ) throws(SQLError) -> Int {
    guard let number = numbers.popFirst(), number < 1 << 48 else {
      throw SQLError(
        .dataCorrupted,
        "corrupt ORC file \"\(place.file.path)\": \(place.name), byte "
          + "\(place.start): the row index has no plausible position")
    }
    return Int(number)
  }
}
