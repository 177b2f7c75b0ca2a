import Base

/// What a server says.
public enum BackendMessage: Hashable, Sendable {
  case authentication(Authentication)
  case parameterStatus(name: String, value: String)
  case backendKeyData(processID: Int32, secret: [UInt8])
  case readyForQuery(TransactionStatus)
  case rowDescription([FieldDescription])
  /// The contents as they are: a count, then values with their lengths.
  case dataRow([UInt8])
  case commandComplete(String)
  case emptyQueryResponse
  case errorResponse(NoticeFields)
  case noticeResponse(NoticeFields)
  case notificationResponse(processID: Int32, channel: String, payload: String)
  case parseComplete
  case bindComplete
  case closeComplete
  case noData
  case portalSuspended
  case parameterDescription([UInt32])
  /// `formats` has one entry a column: 0 text, 1 binary.
  case copyInResponse(isBinary: Bool, formats: [Int16])
  case copyOutResponse(isBinary: Bool, formats: [Int16])
  case copyData([UInt8])
  case copyDone
  /// The newest version: 3 in the upper 16 bits, the minor one in the lower.
  case negotiateProtocolVersion(Int32, unknownOptions: [String])

  public enum Authentication: Hashable, Sendable {
    case ok
    case cleartextPassword
    case sasl(mechanisms: [String])
    case saslContinue([UInt8])
    case saslFinal([UInt8])
    /// A way that this project does not know, by its number.
    case other(Int32)
  }

  public enum TransactionStatus: UInt8, Hashable, Sendable {
    case idle = 0x49
    case inTransaction = 0x54
    case failed = 0x45
  }
}

/// A column of a result as its description on the wire says.
public struct FieldDescription: Hashable, Sendable {
  public var name: String
  public var tableOID: UInt32 = 0
  public var columnNumber: Int16 = 0
  public var typeOID: UInt32
  public var typeSizeBytes: Int16
  public var typeModifier: Int32 = -1
  /// 0 text, 1 binary.
  public var format: Int16

  public init(
    _ name: String, typeOID: UInt32, typeSizeBytes: Int16, typeModifier: Int32 = -1,
    format: Int16
  ) {
    self.name = name
    self.typeOID = typeOID
    self.typeSizeBytes = typeSizeBytes
    self.typeModifier = typeModifier
    self.format = format
  }
}

/// The fields of an error or a notice, by their letters.
public struct NoticeFields: Hashable, Sendable {
  public var values: [UInt8: String]

  public init(_ values: [UInt8: String] = [:]) { self.values = values }

  public subscript(_ letter: Character) -> String? {
    get { letter.asciiValue.flatMap { values[$0] } }
    set { if let code = letter.asciiValue { values[code] = newValue } }
  }

  public var severity: String { self["V"] ?? self["S"] ?? "ERROR" }
  public var state: String { self["C"] ?? "XX000" }
  public var message: String { self["M"] ?? "" }
  public var detail: String? { self["D"] }
  public var hint: String? { self["H"] }
  /// The place in the statement, in characters from 1.
  public var position: Int? { self["P"].flatMap { Int($0) } }
}
