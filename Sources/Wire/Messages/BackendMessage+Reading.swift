import Base

extension BackendMessage {
  /// The most bytes of contents that a message of a type may have; nil for unknown types. A client
  /// gives this to `FrameReader.next`.
  public static func limit(of type: UInt8) -> Int? {
    switch Character(Unicode.Scalar(type)) {
    case "D", "d": 1 << 30
    case "T", "E", "N", "A", "t", "G", "H": 16 << 20
    case "R", "S", "K", "Z", "C", "I", "1", "2", "3", "n", "s", "c", "v": 64 << 10
    default: nil
    }
  }

  public init(_ frame: FrameReader.Frame) throws(SQLError) {
    var body = frame.body
    switch Character(Unicode.Scalar(frame.type)) {
    case "R": self = .authentication(try Authentication(&body))
    case "S": self = .parameterStatus(name: try body.readText(), value: try body.readText())
    case "K": self = .backendKeyData(processID: try body.readInt32(), secret: body.readRest())
    case "Z":
      let byte = try body.readByte()
      guard let status = TransactionStatus(rawValue: byte) else {
        throw SQLError.protocolViolation("unknown transaction status: \(byte)")
      }
      self = .readyForQuery(status)
    case "T": self = .rowDescription(try Self.readFields(&body))
    case "D": self = .dataRow(body.readRest())
    case "C": self = .commandComplete(try body.readText())
    case "I": self = .emptyQueryResponse
    case "E": self = .errorResponse(try Self.readNotice(&body))
    case "N": self = .noticeResponse(try Self.readNotice(&body))
    case "A":
      self = .notificationResponse(
        processID: try body.readInt32(), channel: try body.readText(),
        payload: try body.readText())
    case "1": self = .parseComplete
    case "2": self = .bindComplete
    case "3": self = .closeComplete
    case "n": self = .noData
    case "s": self = .portalSuspended
    case "t":
      var types: [UInt32] = []
      for _ in 0..<(try body.readCount()) { types.append(try body.readUInt32()) }
      self = .parameterDescription(types)
    case "G":
      let (isBinary, formats) = try Self.readCopy(&body)
      self = .copyInResponse(isBinary: isBinary, formats: formats)
    case "H":
      let (isBinary, formats) = try Self.readCopy(&body)
      self = .copyOutResponse(isBinary: isBinary, formats: formats)
    case "d": self = .copyData(body.readRest())
    case "c": self = .copyDone
    case "v": self = try Self.readNegotiation(&body)
    default: throw SQLError.protocolViolation("message of unknown type: \(frame.type)")
    }
    try body.requireEnd()
  }

  private static func readFields(
    _ body: inout MessageReader
  ) throws(SQLError) -> [FieldDescription] {
    var fields: [FieldDescription] = []
    for _ in 0..<(try body.readCount()) {
      var field = FieldDescription(
        try body.readText(), typeOID: 0, typeSizeBytes: 0, format: 0)
      field.tableOID = try body.readUInt32()
      field.columnNumber = try body.readInt16()
      field.typeOID = try body.readUInt32()
      field.typeSizeBytes = try body.readInt16()
      field.typeModifier = try body.readInt32()
      field.format = try body.readInt16()
      fields.append(field)
    }
    return fields
  }

  private static func readNotice(_ body: inout MessageReader) throws(SQLError) -> NoticeFields {
    var fields = NoticeFields()
    while true {
      let letter = try body.readByte()
      if letter == 0 { return fields }
      fields.values[letter] = try body.readText()
    }
  }

  private static func readCopy(
    _ body: inout MessageReader
  ) throws(SQLError) -> (isBinary: Bool, formats: [Int16]) {
    let isBinary = try body.readByte() == 1
    var formats: [Int16] = []
    for _ in 0..<(try body.readCount()) { formats.append(try body.readInt16()) }
    return (isBinary, formats)
  }

  private static func readNegotiation(
    _ body: inout MessageReader
  ) throws(SQLError) -> BackendMessage {
    let version = try body.readInt32()
    let count = try body.readInt32()
    guard (0...1000).contains(count) else {
      throw SQLError.protocolViolation("unlikely number of options: \(count)")
    }
    var options: [String] = []
    for _ in 0..<count { options.append(try body.readText()) }
    return .negotiateProtocolVersion(version, unknownOptions: options)
  }

  /// The values of a DataRow as slices of its contents; nil for NULL.
  public static func values(ofRow bytes: [UInt8]) throws(SQLError) -> [[UInt8]?] {
    var body = MessageReader(bytes, 0..<bytes.count)
    var values: [[UInt8]?] = []
    for _ in 0..<(try body.readCount()) { values.append(try body.readValue()) }
    try body.requireEnd()
    return values
  }
}

extension BackendMessage.Authentication {
  fileprivate init(_ body: inout MessageReader) throws(SQLError) {
    let code = try body.readInt32()
    switch code {
    case 0: self = .ok
    case 3: self = .cleartextPassword
    case 10:
      var mechanisms: [String] = []
      while true {
        let name = try body.readText()
        if name.isEmpty { break }
        mechanisms.append(name)
      }
      self = .sasl(mechanisms: mechanisms)
    case 11: self = .saslContinue(body.readRest())
    case 12: self = .saslFinal(body.readRest())
    default:
      _ = body.readRest()
      self = .other(code)
    }
  }
}
