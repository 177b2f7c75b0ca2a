import Base

/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), with channel binding of
/// type tls-server-end-point (RFC 5929) where there is TLS.
struct ScramServer {
  static let plain = "SCRAM-SHA-256"
  static let bound = "SCRAM-SHA-256-PLUS"

  private let verifier: ScramVerifier
  /// The hash of the server's certificate; nil without TLS.
  private let binding: [UInt8]?
  private let isBound: Bool
  private var header = ""
  private var clientFirst = ""
  private var serverFirst = ""
  private var nonce = ""

  init(verifier: ScramVerifier, mechanism: String, binding: [UInt8]?) throws(SQLError) {
    guard mechanism == Self.plain || mechanism == Self.bound && binding != nil else {
      throw SQLError.protocolViolation("unknown way of authentication: \"\(mechanism)\"")
    }
    self.verifier = verifier
    self.binding = binding
    isBound = mechanism == Self.bound
  }

  /// Answers the client's first message.
  mutating func answer(first message: [UInt8]) throws(SQLError) -> [UInt8] {
    let text = try Self.text(message)
    // Channel binding flag, authorisation identity, then the bare message.
    let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw Self.malformed() }
    try check(flag: parts[0])
    guard parts[1].isEmpty else {
      throw SQLError(.featureNotSupported, "another authorisation identity is not supported")
    }
    header = "\(parts[0]),\(parts[1]),"
    clientFirst = String(parts[2])
    let fields = ScramFields(clientFirst)
    guard fields.value("n", at: 0) != nil, let clientNonce = fields.value("r", at: 1),
      !clientNonce.isEmpty, clientNonce.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw Self.malformed() }
    nonce = clientNonce + Base64.encode(try Cryptography.random(18))
    serverFirst = "r=\(nonce),s=\(Base64.encode(verifier.salt)),i=\(verifier.iterations)"
    return Array(serverFirst.utf8)
  }

  private func check(flag: Substring) throws(SQLError) {
    switch flag {
    case "n" where !isBound: return
    case "y" where !isBound:
      // The client can bind and believes that we cannot: somebody has changed our offer.
      if binding == nil { return }
      throw SQLError(.invalidAuthorization, "channel binding was offered and not used")
    case "p=tls-server-end-point" where isBound: return
    default: throw Self.malformed()
    }
  }

  /// Checks the client's proof and gives our own, or throws `.invalidPassword`.
  func answer(final message: [UInt8]) throws(SQLError) -> [UInt8] {
    let text = try Self.text(message)
    let fields = ScramFields(text)
    guard fields.count >= 3, let channel = fields.value("c", at: 0).flatMap(Base64.decode),
      let theirNonce = fields.value("r", at: 1),
      let proof = fields.value("p", at: fields.count - 1).flatMap(Base64.decode), proof.count == 32,
      let proofStart = text.range(ofLast: ",p=")
    else { throw Self.malformed() }
    let expected = Array(header.utf8) + (isBound ? binding ?? [] : [])
    guard Cryptography.areEqual(channel, expected),
      Cryptography.areEqual(Array(theirNonce.utf8), Array(nonce.utf8))
    else { throw Self.malformed() }
    let all = "\(clientFirst),\(serverFirst),\(text[..<proofStart])"
    let signature = Cryptography.hmacSHA256(key: verifier.storedKey, Array(all.utf8))
    let clientKey = Cryptography.xor(proof, signature)
    guard Cryptography.areEqual(Cryptography.sha256(clientKey), verifier.storedKey) else {
      throw SQLError(.invalidPassword, "password authentication failed")
    }
    let ours = Cryptography.hmacSHA256(key: verifier.serverKey, Array(all.utf8))
    return Array("v=\(Base64.encode(ours))".utf8)
  }

  private static func text(_ message: [UInt8]) throws(SQLError) -> String {
    guard let text = String(validating: message, as: UTF8.self) else { throw malformed() }
    return text
  }

  private static func malformed() -> SQLError {
    SQLError.protocolViolation("malformed SCRAM message")
  }
}

extension String {
  /// Where the last occurrence of an ASCII text begins.
  func range(ofLast wanted: String) -> String.Index? {
    let bytes = Array(utf8)
    let target = Array(wanted.utf8)
    guard bytes.count >= target.count else { return nil }
    for start in stride(from: bytes.count - target.count, through: 0, by: -1)
    where bytes[start..<start + target.count].elementsEqual(target) {
      return utf8.index(utf8.startIndex, offsetBy: start)
    }
    return nil
  }
}
