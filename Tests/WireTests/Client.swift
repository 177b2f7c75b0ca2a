import Base
import Engine
import Formats
import Testing

@testable import Wire

/// A client in memory: says messages, hears what comes back.
final class Client {
  let connection: ServerConnection
  private let woken = Monitor()
  private let isAwake = Flag()
  private var frames = FrameReader()

  private final class Flag: @unchecked Sendable { var isSet = false }

  /// With what a server has: text and binary COPY.
  static func ofEmptyDatabase(memoryLimitBytes: Int? = nil) throws -> Client {
    var options = DatabaseOptions()
    options.workerCount = 2
    options.memoryLimitBytes = memoryLimitBytes
    options.readers = FormatRegistry.readers
    options.writers = [BinaryCopyFormat(), TextCopyFormat()] + FormatRegistry.writers
    options.streamFormat = "text"
    let database = try Database(.memory, options: options)
    return try Client(
      WireService(database: database, authentication: .trust, version: "test"))
  }

  init(_ service: WireService, signsOn: Bool = true) throws {
    let (woken, isAwake) = (woken, isAwake)
    connection = ServerConnection(service: service, offersTLS: false) {
      woken.locked {
        isAwake.isSet = true
        woken.notifyAll()
      }
    }
    guard signsOn else { return }
    var out = ByteWriter()
    StartupMessage.startup(minor: 0, parameters: [.init("user", "ann")]).append(to: &out)
    connection.receive(out.bytes)
    let heard = try listen()
    #expect(heard.last == .readyForQuery(.idle))
  }

  func say(_ messages: FrontendMessage...) throws -> [BackendMessage] { try say(messages) }

  func say(_ messages: [FrontendMessage]) throws -> [BackendMessage] {
    var out = ByteWriter()
    for message in messages { message.append(to: &out) }
    connection.receive(out.bytes)
    return try listen()
  }

  /// Until the connection wants a turn.
  func sleep() {
    woken.locked {
      while !isAwake.isSet { woken.wait() }
      isAwake.isSet = false
    }
  }

  /// Says what is perhaps no message.
  func say(bytes: [UInt8]) throws -> [BackendMessage] {
    bytes.withUnsafeBytes { connection.receive($0) }
    return try listen()
  }

  /// Everything up to where the server wants more, or ends.
  func listen() throws -> [BackendMessage] {
    while true {
      let step = connection.advance()
      frames.append(connection.unsent)
      connection.didSend(connection.unsentCount)
      switch step {
      case .write: continue
      case .wait: sleep()
      case .read, .close, .startTLS:
        var heard: [BackendMessage] = []
        while let frame = try frames.next(limit: BackendMessage.limit) {
          heard.append(try BackendMessage(frame))
        }
        return heard
      }
    }
  }
}

extension FrontendMessage {
  /// Parse, Bind and Execute of a statement without a name.
  static func steps(_ sql: String) -> [FrontendMessage] {
    [
      .parse(name: "", sql: sql, parameterTypes: []), .bind(.init()),
      .execute(portal: "", maxRows: 0),
    ]
  }
}

extension [BackendMessage] {
  /// The first values of the rows, as text.
  var firstValues: [String?] {
    get throws {
      try compactMap { message -> String?? in
        guard case .dataRow(let bytes) = message else { return nil }
        let values = try BackendMessage.values(ofRow: bytes)
        return .some(values[0].map { String(decoding: $0, as: UTF8.self) })
      }
    }
  }

  /// Letters of the messages, as the protocol's documentation names them.
  var kinds: String {
    map { message in
      switch message {
      case .rowDescription: "T"
      case .dataRow: "D"
      case .commandComplete(let tag): "C(\(tag))"
      case .readyForQuery(let status): "Z(\(Character(Unicode.Scalar(status.rawValue))))"
      case .errorResponse(let fields): "E(\(fields.state))"
      case .noticeResponse: "N"
      case .parseComplete: "1"
      case .bindComplete: "2"
      case .closeComplete: "3"
      case .noData: "n"
      case .portalSuspended: "s"
      case .parameterDescription(let types): "t\(types)"
      case .copyOutResponse(let isBinary, _): isBinary ? "H1" : "H0"
      case .copyInResponse: "G"
      case .copyData: "d"
      case .copyDone: "c"
      case .emptyQueryResponse: "I"
      default: "?"
      }
    }.joined(separator: " ")
  }
}
