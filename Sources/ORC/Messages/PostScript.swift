import Base

/// The last message of a file: how to read the others.
struct PostScript {
  var footerSizeBytes = 0
  var compression = ORCCompression.none
  var blockSizeBytes = 256 << 10
  /// Major and minor, such as 0 and 12; empty in files of the first writers.
  var version: [UInt64] = []
  var metadataSizeBytes = 0
  var writerVersion = 0
  var magic = ""

  static let magic = "ORC"

  init() {}

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: footerSizeBytes = try field.count()
      case 2:
        guard let kind = ORCCompression(rawValue: Int(truncatingIfNeeded: field.value)) else {
          throw SQLError(.featureNotSupported, "unknown ORC compression: \(field.value)")
        }
        compression = kind
      case 3: blockSizeBytes = try field.count()
      case 4: try field.appendNumbers(to: &version)
      case 5: metadataSizeBytes = try field.count()
      case 6: writerVersion = try field.count()
      case 8000: magic = try field.text()
      default: break
      }
    }
  }

  func encoded() -> ProtobufWriter {
    var writer = ProtobufWriter()
    writer.append(1, footerSizeBytes)
    writer.append(2, compression.rawValue)
    writer.append(3, blockSizeBytes)
    writer.append(4, packed: version)
    writer.append(5, metadataSizeBytes)
    writer.append(6, writerVersion)
    writer.append(8000, text: Self.magic)
    return writer
  }
}
