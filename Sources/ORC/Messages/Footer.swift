import Base

/// A stripe's place in the file.
struct StripeInformation {
  var offset = 0
  var indexSizeBytes = 0
  var dataSizeBytes = 0
  var footerSizeBytes = 0
  var rowCount = 0

  init() {}

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: offset = try field.count()
      case 2: indexSizeBytes = try field.count()
      case 3: dataSizeBytes = try field.count()
      case 4: footerSizeBytes = try field.count()
      case 5: rowCount = try field.count()
      default: break
      }
    }
  }

  func encoded() -> ProtobufWriter {
    var writer = ProtobufWriter()
    writer.append(1, offset)
    writer.append(2, indexSizeBytes)
    writer.append(3, dataSizeBytes)
    writer.append(4, footerSizeBytes)
    writer.append(5, rowCount)
    return writer
  }
}

/// The message that describes the whole file: schema, stripes, statistics.
struct Footer {
  var contentSizeBytes = 0
  var stripes: [StripeInformation] = []
  var types: [TypeNode] = []
  var userMetadata: [(name: String, value: [UInt8])] = []
  var rowCount = 0
  /// One encoded `ColumnStatistics` a type.
  var statistics: [ByteRegion] = []
  var rowIndexStride = 0
  var isEncrypted = false

  /// More types than any catalogue has; each costs memory before its first value.
  static let maximumTypeCount = 1 << 16
  static let maximumStripeCount = 1 << 20

  init() {}

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 2: contentSizeBytes = try field.count()
      case 3: stripes.append(try StripeInformation(try field.region()))
      case 4: types.append(try TypeNode(try field.region()))
      case 5: userMetadata.append(try Self.userMetadataItem(try field.region()))
      case 6: rowCount = try field.count()
      case 7: statistics.append(try field.region())
      case 8: rowIndexStride = try field.count()
      case 10: isEncrypted = try Self.hasVariants(try field.region())
      default: break
      }
      guard types.count <= Self.maximumTypeCount, stripes.count <= Self.maximumStripeCount else {
        throw SQLError(
          .programLimitExceeded,
          "more than \(Self.maximumTypeCount) types or "
            + "\(Self.maximumStripeCount) stripes")
      }
    }
  }

  private static func userMetadataItem(
    _ region: ByteRegion
  ) throws(SQLError) -> (String, [UInt8]) {
    var item: (String, [UInt8]) = ("", [])
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: item.0 = try field.text()
      case 2: item.1 = try field.region().bytes
      default: break
      }
    }
    return item
  }

  /// True if an `Encryption` message names columns that are encrypted.
  private static func hasVariants(_ region: ByteRegion) throws(SQLError) -> Bool {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      if field.number == 3 { return true }
    }
    return false
  }

  func encoded(statistics: [[UInt8]]) -> ProtobufWriter {
    var writer = ProtobufWriter()
    writer.append(1, PostScript.magic.utf8.count)
    writer.append(2, contentSizeBytes)
    for stripe in stripes { writer.append(3, message: stripe.encoded()) }
    for type in types { writer.append(4, message: type.encoded()) }
    for item in userMetadata {
      var message = ProtobufWriter()
      message.append(1, text: item.name)
      message.append(2, bytes: item.value)
      writer.append(5, message: message)
    }
    writer.append(6, rowCount)
    for message in statistics { writer.append(7, bytes: message) }
    writer.append(8, rowIndexStride)
    writer.append(9, Self.writerCode)
    writer.append(11, Self.prolepticGregorian)
    writer.append(12, text: "Zij")
    return writer
  }

  /// No registered writer has this number; readers take it for "other".
  private static let writerCode = 9
  private static let prolepticGregorian = 2
}
