import Base

/// What a client says first.
public enum StartupMessage: Hashable, Sendable {
  /// Protocol 3 with a minor number; names and values in the order in which they came.
  case startup(minor: Int32, parameters: [Parameter])
  case sslRequest
  case gssEncryptionRequest
  case cancel(processID: Int32, secret: [UInt8])

  public struct Parameter: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  static let cancelCode: Int32 = 80_877_102
  static let sslCode: Int32 = 80_877_103
  static let gssCode: Int32 = 80_877_104

  init(_ reader: MessageReader) throws(SQLError) {
    var body = reader
    let code = try body.readInt32()
    switch code {
    case Self.sslCode: self = .sslRequest
    case Self.gssCode: self = .gssEncryptionRequest
    case Self.cancelCode:
      self = .cancel(processID: try body.readInt32(), secret: body.readRest())
    default:
      guard code >> 16 == 3 else {
        throw SQLError(
          .featureNotSupported,
          "protocol version is not supported: \(code >> 16).\(code & 0xFFFF)",
          hint: "This server speaks version 3.")
      }
      self = .startup(minor: code & 0xFFFF, parameters: try Self.readParameters(&body))
    }
    try body.requireEnd()
  }

  private static func readParameters(
    _ body: inout MessageReader
  ) throws(SQLError) -> [Parameter] {
    var parameters: [Parameter] = []
    while true {
      let name = try body.readText()
      if name.isEmpty { return parameters }
      parameters.append(Parameter(name, try body.readText()))
    }
  }

  public func append(to out: inout ByteWriter) {
    out.lengthPrefixed(includingItself: true) {
      switch self {
      case .sslRequest: $0.appendBigEndian(Self.sslCode)
      case .gssEncryptionRequest: $0.appendBigEndian(Self.gssCode)
      case .cancel(let processID, let secret):
        $0.appendBigEndian(Self.cancelCode)
        $0.appendBigEndian(processID)
        $0.append(secret)
      case .startup(let minor, let parameters):
        $0.appendBigEndian(3 << 16 | minor)
        for parameter in parameters {
          $0.appendZeroEnded(parameter.name)
          $0.appendZeroEnded(parameter.value)
        }
        $0.append(0)
      }
    }
  }
}
