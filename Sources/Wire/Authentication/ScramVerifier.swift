import Base

/// What a server keeps of a password: enough to check it, not enough to know it (RFC 5802).
///
/// The text form is PostgreSQL's: `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`, in base64.
public struct ScramVerifier: Hashable, Sendable {
  static let defaultIterations = 4096

  var iterations: Int
  var salt: [UInt8]
  var storedKey: [UInt8]
  var serverKey: [UInt8]

  /// The verifier of a password. Passwords outside of ASCII are taken as their bytes are, without
  /// SASLprep, so they must be in normal form C.
  public init(password: String, iterations: Int = 4096) throws(SQLError) {
    self.init(
      password: Array(password.utf8), salt: try Cryptography.random(16), iterations: iterations)
  }

  init(password: [UInt8], salt: [UInt8], iterations: Int) {
    let keys = ScramKeys(password: password, salt: salt, iterations: iterations)
    self.iterations = iterations
    self.salt = salt
    storedKey = Cryptography.sha256(keys.clientKey)
    serverKey = keys.serverKey
  }

  /// Reads the text form; nil for anything else.
  public init?(text: some StringProtocol) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "SCRAM-SHA-256" else { return nil }
    let first = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    let second = parts[2].split(separator: ":", omittingEmptySubsequences: false)
    guard first.count == 2, second.count == 2, let iterations = Int(first[0]),
      (1...10_000_000).contains(iterations), let salt = Base64.decode(first[1]), !salt.isEmpty,
      let storedKey = Base64.decode(second[0]), storedKey.count == 32,
      let serverKey = Base64.decode(second[1]), serverKey.count == 32
    else { return nil }
    self.iterations = iterations
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
  }

  public var text: String {
    "SCRAM-SHA-256$\(iterations):\(Base64.encode(salt))"
      + "$\(Base64.encode(storedKey)):\(Base64.encode(serverKey))"
  }

  /// What unknown users are answered with, so that nobody learns who exists: the same salt for the
  /// same name as long as the server runs, and keys that nothing fits.
  static func mock(user: String, secret: [UInt8]) -> ScramVerifier {
    let bits = Cryptography.hmacSHA256(key: secret, Array(user.utf8))
    let keys = Cryptography.hmacSHA256(key: bits, secret)
    var verifier = ScramVerifier(storedKey: keys, serverKey: keys)
    verifier.salt = Array(bits.prefix(16))
    return verifier
  }

  private init(storedKey: [UInt8], serverKey: [UInt8]) {
    iterations = Self.defaultIterations
    salt = []
    self.storedKey = storedKey
    self.serverKey = serverKey
  }
}

/// The keys that client and server derive from a password.
struct ScramKeys {
  let clientKey: [UInt8]
  let serverKey: [UInt8]

  init(password: [UInt8], salt: [UInt8], iterations: Int) {
    let salted = Cryptography.stretched(password, salt: salt, iterations: iterations)
    clientKey = Cryptography.hmacSHA256(key: salted, Array("Client Key".utf8))
    serverKey = Cryptography.hmacSHA256(key: salted, Array("Server Key".utf8))
  }
}

/// The fields of a SCRAM message: `n=user,r=nonce`.
struct ScramFields {
  private let parts: [Substring]

  init(_ text: some StringProtocol) {
    parts = String(text).split(separator: ",", omittingEmptySubsequences: false)
  }

  /// The field at a place, which must have this letter.
  func value(_ letter: Character, at index: Int) -> String? {
    guard parts.indices.contains(index), parts[index].first == letter,
      parts[index].dropFirst().first == "="
    else { return nil }
    return String(parts[index].dropFirst(2))
  }

  var count: Int { parts.count }
}
