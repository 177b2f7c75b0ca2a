import Base

/// The client's side of one SCRAM-SHA-256 exchange.
///
///     var scram = try ScramClient(mechanisms: offered, password: password, binding: certificateHash)
///     send(saslInitial(scram.mechanism, scram.first))   // then
///     send(try scram.answer(challenge))                 // then
///     try scram.check(outcome)
public struct ScramClient {
  public let mechanism: String
  private let password: [UInt8]
  private let header: String
  private let binding: [UInt8]
  private let bare: String
  private let nonce: String
  private var serverSignature: [UInt8] = []
  /// The server has shown that it knows the password, too. Without it nothing it says is to be
  /// believed, least of all that it lets us in.
  public private(set) var isVerified = false

  /// `mechanisms` are those that the server offers. `binding` is the hash of its certificate
  /// (tls-server-end-point) when the connection has TLS, nil without.
  public init(
    mechanisms: [String], password: String, binding: [UInt8]?
  ) throws(SQLError) {
    let canBind = mechanisms.contains(ScramServer.bound) && binding != nil
    guard canBind || mechanisms.contains(ScramServer.plain) else {
      throw SQLError(
        .invalidAuthorization,
        "server offers no known way of authentication: \(mechanisms.joined(separator: ", "))")
    }
    mechanism = canBind ? ScramServer.bound : ScramServer.plain
    header = canBind ? "p=tls-server-end-point,," : binding == nil ? "n,," : "y,,"
    self.binding = canBind ? binding ?? [] : []
    self.password = Array(password.utf8)
    nonce = Base64.encode(try Cryptography.random(18))
    bare = "n=,r=\(nonce)"
  }

  /// The first message, as the contents of a `password` message that names the mechanism.
  public var first: [UInt8] {
    var out = ByteWriter()
    out.appendZeroEnded(mechanism)
    let message = header + bare
    out.appendBigEndian(Int32(truncatingIfNeeded: message.utf8.count))
    out.append(message)
    return Array(out.bytes)
  }

  /// The answer to the server's challenge.
  public mutating func answer(_ challenge: [UInt8]) throws(SQLError) -> [UInt8] {
    let text = String(decoding: challenge, as: UTF8.self)
    let fields = ScramFields(text)
    // A second challenge would be a second try at the password.
    guard serverSignature.isEmpty, let both = fields.value("r", at: 0), both.hasPrefix(nonce), both != nonce,
      let salt = fields.value("s", at: 1).flatMap(Base64.decode), !salt.isEmpty,
      let iterations = fields.value("i", at: 2).flatMap({ Int($0) }),
      (1...10_000_000).contains(iterations)
    else { throw SQLError.protocolViolation("malformed SCRAM challenge") }
    let keys = ScramKeys(password: password, salt: salt, iterations: iterations)
    let withoutProof = "c=\(Base64.encode(Array(header.utf8) + binding)),r=\(both)"
    let all = Array("\(bare),\(text),\(withoutProof)".utf8)
    let storedKey = Cryptography.sha256(keys.clientKey)
    let proof = Cryptography.xor(
      keys.clientKey, Cryptography.hmacSHA256(key: storedKey, all))
    serverSignature = Cryptography.hmacSHA256(key: keys.serverKey, all)
    return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
  }

  /// Checks that the server knows the password, too.
  public mutating func check(_ outcome: [UInt8]) throws(SQLError) {
    let fields = ScramFields(String(decoding: outcome, as: UTF8.self))
    guard let theirs = fields.value("v", at: 0).flatMap(Base64.decode),
      !serverSignature.isEmpty, Cryptography.areEqual(theirs, serverSignature)
    else { throw SQLError(.invalidAuthorization, "the server does not know the password") }
    isVerified = true
  }
}
