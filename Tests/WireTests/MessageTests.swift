import Base
import Testing

@testable import Wire

@Suite("Messages")
struct MessageTests {
  static let frontend: [FrontendMessage] = [
    .query("SELECT 1"), .query(""), .query("SELECT 'ä'"),
    .parse(name: "s1", sql: "SELECT $1", parameterTypes: [23, 0]),
    .bind(
      .init(
        portal: "p", statement: "s1", parameterFormats: [1, 0], parameters: [[0, 0, 0, 1], nil],
        resultFormats: [1])),
    .describe(.statement, name: "s1"), .describe(.portal, name: ""),
    .execute(portal: "p", maxRows: 100), .close(.portal, name: "p"), .sync, .flush,
    .password([1, 2, 3]), .copyData([0, 255]), .copyDone, .copyFail("no"), .functionCall, .terminate,
  ]

  static let backend: [BackendMessage] = [
    .authentication(.ok), .authentication(.cleartextPassword),
    .authentication(.sasl(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])),
    .authentication(.saslContinue([1])), .authentication(.saslFinal([2])),
    .parameterStatus(name: "TimeZone", value: "UTC"),
    .backendKeyData(processID: 7, secret: [1, 2, 3, 4]), .readyForQuery(.failed),
    .rowDescription([FieldDescription("ra", typeOID: 701, typeSizeBytes: 8, format: 1)]),
    .dataRow([0, 0]), .commandComplete("SELECT 1"), .emptyQueryResponse,
    .errorResponse(NoticeFields([0x53: "ERROR", 0x43: "42601", 0x4D: "no"])),
    .noticeResponse(NoticeFields()),
    .notificationResponse(processID: 1, channel: "a", payload: "b"), .parseComplete, .bindComplete,
    .closeComplete, .noData, .portalSuspended, .parameterDescription([20, 25]),
    .copyInResponse(isBinary: false, formats: [0]), .copyOutResponse(isBinary: true, formats: [1, 1]),
    .copyData([9]), .copyDone, .negotiateProtocolVersion(3 << 16, unknownOptions: ["_pq_.x"]),
  ]

  @Test("of clients read back", arguments: frontend)
  func roundTrip(_ message: FrontendMessage) throws {
    var out = ByteWriter()
    message.append(to: &out)
    var frames = FrameReader()
    frames.append(out.bytes)
    let frame = try #require(try frames.next(limit: FrontendMessage.limit))
    #expect(try FrontendMessage(frame) == message)
    #expect(frames.count == 0)
  }

  @Test("of servers read back", arguments: backend)
  func roundTrip(_ message: BackendMessage) throws {
    var out = ByteWriter()
    message.append(to: &out)
    var frames = FrameReader()
    frames.append(out.bytes)
    let frame = try #require(try frames.next(limit: BackendMessage.limit))
    #expect(try BackendMessage(frame) == message)
  }

  @Test("come byte by byte")
  func slowly() throws {
    var out = ByteWriter()
    for message in Self.frontend { message.append(to: &out) }
    var frames = FrameReader()
    var read: [FrontendMessage] = []
    for byte in Array(out.bytes) {
      withUnsafeBytes(of: byte) { frames.append($0) }
      while let frame = try frames.next(limit: FrontendMessage.limit) {
        read.append(try FrontendMessage(frame))
      }
    }
    #expect(read == Self.frontend)
  }

  @Test("cut short anywhere are errors, not traps", arguments: frontend)
  func cut(_ message: FrontendMessage) throws {
    var out = ByteWriter()
    message.append(to: &out)
    let whole = Array(out.bytes)
    for length in 5..<max(5, whole.count) {
      var cut = Array(whole[..<length])
      cut.replaceSubrange(1..<5, with: [0, 0, 0, UInt8(length - 1)])
      var frames = FrameReader()
      cut.withUnsafeBytes { frames.append($0) }
      guard let frame = try frames.next(limit: FrontendMessage.limit) else { continue }
      _ = try? FrontendMessage(frame)
    }
  }

  @Test("with lengths that cannot be are refused", arguments: [-1, 0, 3, 300 << 20, .max])
  func lengths(length: Int32) {
    var frames = FrameReader()
    var out = ByteWriter()
    out.append(UInt8(ascii: "Q"))
    out.appendBigEndian(length)
    frames.append(out.bytes)
    #expect(throws: SQLError.self) { _ = try frames.next(limit: FrontendMessage.limit) }
  }
}

@Suite("SCRAM")
struct ScramTests {
  @Test("both sides agree", arguments: [false, true], [false, true])
  func exchange(offersBinding: Bool, hasTLS: Bool) throws {
    let binding: [UInt8]? = hasTLS ? [1, 2, 3] : nil
    let verifier = try ScramVerifier(password: "pencil")
    let mechanisms = offersBinding ? ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"] : ["SCRAM-SHA-256"]
    var client = try ScramClient(mechanisms: mechanisms, password: "pencil", binding: binding)
    let isDowngraded = hasTLS && !offersBinding
    var server = try ScramServer(
      verifier: verifier, mechanism: client.mechanism, binding: binding)
    let first = Array(client.first.dropFirst(client.mechanism.utf8.count + 5))
    if isDowngraded {
      // Somebody took the bound mechanism out of our offer.
      #expect(throws: SQLError.self) { _ = try server.answer(first: first) }
      return
    }
    let challenge = try server.answer(first: first)
    let proof = try client.answer(challenge)
    #expect(!client.isVerified)
    try client.check(try server.answer(final: proof))
    #expect(client.isVerified)
    #expect(throws: SQLError.self) { _ = try client.answer(challenge) }
  }

  /// RFC 7677, section 3.
  @Test("derives the keys of the standard's example")
  func example() throws {
    let salt = try #require(Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    let verifier = ScramVerifier(password: Array("pencil".utf8), salt: salt, iterations: 4096)
    let message =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
      + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,"
      + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    let signature = Cryptography.hmacSHA256(key: verifier.serverKey, Array(message.utf8))
    #expect(Base64.encode(signature) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
  }

  @Test("refuses another password")
  func wrong() throws {
    let verifier = try ScramVerifier(password: "pencil")
    var client = try ScramClient(mechanisms: ["SCRAM-SHA-256"], password: "pen", binding: nil)
    var server = try ScramServer(verifier: verifier, mechanism: client.mechanism, binding: nil)
    let challenge = try server.answer(first: Array(client.first.dropFirst(18)))
    let proof = try client.answer(challenge)
    #expect(throws: SQLError(.invalidPassword, "password authentication failed")) {
      _ = try server.answer(final: proof)
    }
  }

  @Test("verifiers read back, others do not")
  func text() throws {
    let verifier = try ScramVerifier(password: "x", iterations: 1)
    #expect(ScramVerifier(text: verifier.text) == verifier)
    for bad in ["", "md5abc", "SCRAM-SHA-256$0:aa==$a:b", verifier.text + "=", "SCRAM-SHA-256$$"] {
      #expect(ScramVerifier(text: bad) == nil)
    }
  }
}

@Suite("Users")
struct UserStoreTests {
  @Test("are read from lines of either ending")
  func lines() throws {
    let verifier = try ScramVerifier(password: "x", iterations: 1)
    let names = ["ann", "e\u{301}", "two words", "\u{301}"]
    for ending in ["\n", "\r\n"] {
      let lines = ["# users", ""] + names.map { "\($0):\(verifier.text)" }
      let users = try UserStore(text: lines.joined(separator: ending) + ending)
      for name in names { #expect(users[name] == verifier, "\(name)") }
    }
  }

  @Test("are refused by line", arguments: ["ann", ":x", "ann:x", "a\rb:V", "\u{0}:V"])
  func damaged(line: String) throws {
    let verifier = try ScramVerifier(password: "x", iterations: 1).text
    let text = "bob:\(verifier)\n\(line.replacing("V", with: verifier))\n"
    let error = #expect(throws: SQLError.self) { _ = try UserStore(text: text) }
    #expect(error?.message.hasPrefix("line 2 ") == true)
  }

  @Test("have names that a line can hold", arguments: [
    ("ann", true), ("é", true), ("two words", true), ("", false), ("a:b", false), ("a:\u{301}b", false),
    ("a\nb", false), ("a\r\nb", false), ("a#b", false), ("a\u{0}b", false),
    (String(repeating: "a", count: 129), false),
  ])
  func names(name: String, isGood: Bool) { #expect(UserStore.isName(name) == isGood) }
}
