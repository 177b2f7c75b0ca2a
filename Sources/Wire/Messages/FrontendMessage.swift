import Base

/// What a client says after the start-up.
public enum FrontendMessage: Hashable, Sendable {
  case query(String)
  case parse(name: String, sql: String, parameterTypes: [UInt32])
  case bind(BindMessage)
  case describe(Subject, name: String)
  /// At most `maxRows` rows; 0 stands for all.
  case execute(portal: String, maxRows: Int32)
  case close(Subject, name: String)
  case sync
  case flush
  /// A password or a step of SASL, whichever the server asked for.
  case password([UInt8])
  case copyData([UInt8])
  case copyDone
  case copyFail(String)
  case functionCall
  case terminate

  public enum Subject: UInt8, Hashable, Sendable {
    case statement = 0x53
    case portal = 0x50
  }

  /// Gives a statement its parameters.
  public struct BindMessage: Hashable, Sendable {
    public var portal: String
    public var statement: String
    /// 0 text, 1 binary: none, one for all, or one each.
    public var parameterFormats: [Int16]
    /// Nil for NULL.
    public var parameters: [[UInt8]?]
    public var resultFormats: [Int16]

    public init(
      portal: String = "", statement: String = "", parameterFormats: [Int16] = [],
      parameters: [[UInt8]?] = [], resultFormats: [Int16] = []
    ) {
      self.portal = portal
      self.statement = statement
      self.parameterFormats = parameterFormats
      self.parameters = parameters
      self.resultFormats = resultFormats
    }
  }
}

// MARK: Reading

extension FrontendMessage {
  /// The most bytes of contents that a message of a type may have; nil for unknown types.
  public static func limit(of type: UInt8) -> Int? {
    switch Character(Unicode.Scalar(type)) {
    case "Q", "P", "B", "F": 256 << 20
    case "d": 64 << 20
    case "p", "f": 64 << 10
    case "D", "E", "C", "S", "H", "c", "X": 64 << 10
    default: nil
    }
  }

  public init(_ frame: FrameReader.Frame) throws(SQLError) {
    var body = frame.body
    switch Character(Unicode.Scalar(frame.type)) {
    case "Q": self = .query(try body.readText())
    case "P": self = try Self.readParse(&body)
    case "B": self = .bind(try BindMessage(&body))
    case "D":
      let (subject, name) = try Self.readSubject(&body)
      self = .describe(subject, name: name)
    case "C":
      let (subject, name) = try Self.readSubject(&body)
      self = .close(subject, name: name)
    case "E":
      self = .execute(portal: try body.readText(), maxRows: try body.readInt32())
    case "S": self = .sync
    case "H": self = .flush
    case "X": self = .terminate
    case "c": self = .copyDone
    case "f": self = .copyFail(try body.readText())
    case "p": self = .password(body.readRest())
    case "d": self = .copyData(body.readRest())
    case "F":
      _ = body.readRest()
      self = .functionCall
    default: throw SQLError.protocolViolation("message of unknown type: \(frame.type)")
    }
    try body.requireEnd()
  }

  private static func readParse(_ body: inout MessageReader) throws(SQLError) -> FrontendMessage {
    let name = try body.readText()
    let sql = try body.readText()
    var types: [UInt32] = []
    for _ in 0..<(try body.readCount()) { types.append(try body.readUInt32()) }
    return .parse(name: name, sql: sql, parameterTypes: types)
  }

  private static func readSubject(
    _ body: inout MessageReader
  ) throws(SQLError) -> (Subject, String) {
    let byte = try body.readByte()
    guard let subject = Subject(rawValue: byte) else {
      throw SQLError.protocolViolation("neither a statement nor a portal: \(byte)")
    }
    return (subject, try body.readText())
  }
}

extension FrontendMessage.BindMessage {
  init(_ body: inout MessageReader) throws(SQLError) {
    portal = try body.readText()
    statement = try body.readText()
    parameterFormats = try Self.readFormats(&body)
    parameters = []
    for _ in 0..<(try body.readCount()) { parameters.append(try body.readValue()) }
    resultFormats = try Self.readFormats(&body)
    guard parameterFormats.count <= 1 || parameterFormats.count == parameters.count else {
      throw SQLError.protocolViolation(
        "\(parameterFormats.count) formats for \(parameters.count) parameters")
    }
  }

  private static func readFormats(_ body: inout MessageReader) throws(SQLError) -> [Int16] {
    var formats: [Int16] = []
    for _ in 0..<(try body.readCount()) {
      let format = try body.readInt16()
      guard format == 0 || format == 1 else {
        throw SQLError.protocolViolation("format is neither text nor binary: \(format)")
      }
      formats.append(format)
    }
    return formats
  }
}

// MARK: Writing

extension FrontendMessage {
  public func append(to out: inout ByteWriter) {
    switch self {
    case .query(let sql): out.message("Q") { $0.appendZeroEnded(sql) }
    case .parse(let name, let sql, let types):
      out.message("P") {
        $0.appendZeroEnded(name)
        $0.appendZeroEnded(sql)
        $0.appendCount(types.count)
        for type in types { $0.appendBigEndian(type) }
      }
    case .bind(let bind): bind.append(to: &out)
    case .describe(let subject, let name): Self.append("D", subject, name, &out)
    case .close(let subject, let name): Self.append("C", subject, name, &out)
    case .execute(let portal, let maxRows):
      out.message("E") {
        $0.appendZeroEnded(portal)
        $0.appendBigEndian(maxRows)
      }
    case .sync: out.message("S")
    case .flush: out.message("H")
    case .password(let bytes): out.message("p") { $0.append(bytes) }
    case .copyData(let bytes): out.message("d") { $0.append(bytes) }
    case .copyDone: out.message("c")
    case .copyFail(let reason): out.message("f") { $0.appendZeroEnded(reason) }
    case .functionCall: out.message("F")
    case .terminate: out.message("X")
    }
  }

  private static func append(
    _ type: Character, _ subject: Subject, _ name: String, _ out: inout ByteWriter
  ) {
    out.message(type) {
      $0.append(subject.rawValue)
      $0.appendZeroEnded(name)
    }
  }
}

extension FrontendMessage.BindMessage {
  fileprivate func append(to out: inout ByteWriter) {
    out.message("B") {
      $0.appendZeroEnded(portal)
      $0.appendZeroEnded(statement)
      $0.appendCount(parameterFormats.count)
      for format in parameterFormats { $0.appendBigEndian(format) }
      $0.appendCount(parameters.count)
      for parameter in parameters {
        $0.appendBigEndian(parameter.map { Int32(truncatingIfNeeded: $0.count) } ?? -1)
        if let parameter { $0.append(parameter) }
      }
      $0.appendCount(resultFormats.count)
      for format in resultFormats { $0.appendBigEndian(format) }
    }
  }
}
