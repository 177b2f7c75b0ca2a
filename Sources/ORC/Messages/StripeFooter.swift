import Base

enum StreamKind: Int {
  case present = 0
  case data = 1
  case length = 2
  case dictionaryData = 3
  case dictionaryCount = 4
  case secondary = 5
  case rowIndex = 6
  case bloomFilter = 7
  case bloomFilterUTF8 = 8

  var name: String {
    switch self {
    case .present: "PRESENT"
    case .data: "DATA"
    case .length: "LENGTH"
    case .dictionaryData: "DICTIONARY_DATA"
    case .dictionaryCount: "DICTIONARY_COUNT"
    case .secondary: "SECONDARY"
    case .rowIndex: "ROW_INDEX"
    case .bloomFilter: "BLOOM_FILTER"
    case .bloomFilterUTF8: "BLOOM_FILTER_UTF8"
    }
  }
}

/// One stream of a stripe; streams follow each other without gaps in the order of the footer.
struct StreamEntry {
  /// Nil for kinds that we do not know and pass over.
  var kind: StreamKind?
  var column = 0
  var sizeBytes = 0

  init(_ kind: StreamKind, column: Int, sizeBytes: Int) {
    self.kind = kind
    self.column = column
    self.sizeBytes = sizeBytes
  }

  init(_ region: ByteRegion) throws(SQLError) {
    kind = .present
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: kind = StreamKind(rawValue: Int(truncatingIfNeeded: field.value))
      case 2: column = try field.count()
      case 3: sizeBytes = try field.count()
      default: break
      }
    }
  }
}

enum EncodingKind: Int {
  case direct = 0
  case dictionary = 1
  case directV2 = 2
  case dictionaryV2 = 3

  var isDictionary: Bool { self == .dictionary || self == .dictionaryV2 }
  var integers: IntegerEncoding {
    self == .directV2 || self == .dictionaryV2 ? .version2 : .version1
  }
}

struct ColumnEncoding {
  var kind = EncodingKind.direct
  var dictionaryCount = 0

  init(_ kind: EncodingKind, dictionaryCount: Int = 0) {
    self.kind = kind
    self.dictionaryCount = dictionaryCount
  }

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        guard let known = EncodingKind(rawValue: Int(truncatingIfNeeded: field.value)) else {
          throw SQLError(.featureNotSupported, "unknown ORC column encoding: \(field.value)")
        }
        kind = known
      case 2: dictionaryCount = try field.count()
      default: break
      }
    }
  }
}

/// The directory of a stripe.
struct StripeFooter {
  var streams: [StreamEntry] = []
  var encodings: [ColumnEncoding] = []
  var writerTimeZone = ""

  init() {}

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: streams.append(try StreamEntry(try field.region()))
      case 2: encodings.append(try ColumnEncoding(try field.region()))
      case 3: writerTimeZone = try field.text()
      default: break
      }
    }
  }

  func encoded() -> ProtobufWriter {
    var writer = ProtobufWriter()
    for stream in streams {
      var message = ProtobufWriter()
      message.append(1, stream.kind?.rawValue ?? 0)
      message.append(2, stream.column)
      message.append(3, stream.sizeBytes)
      writer.append(1, message: message)
    }
    for encoding in encodings {
      var message = ProtobufWriter()
      message.append(1, encoding.kind.rawValue)
      if encoding.kind.isDictionary { message.append(2, encoding.dictionaryCount) }
      writer.append(2, message: message)
    }
    writer.append(3, text: writerTimeZone)
    return writer
  }
}
