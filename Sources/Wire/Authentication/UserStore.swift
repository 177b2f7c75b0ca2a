import Base

/// Who may connect: names with the verifiers of their passwords.
///
/// The text form has a user a line, `name:SCRAM-SHA-256$…`; empty lines and those that begin with `#`
/// say nothing.
public struct UserStore: Hashable, Sendable {
  private var verifiers: [String: ScramVerifier] = [:]

  public init() {}

  /// Throws `.invalidParameterValue` naming the line that is wrong.
  public init(text: String) throws(SQLError) {
    // By bytes: "\r\n" is one character, and so is a colon with an accent.
    let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
    for (index, whole) in lines.enumerated() {
      let line = whole.last == 13 ? whole.dropLast() : whole
      if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
        let name = String(line[..<colon]), Self.isName(name),
        let rest = String(line[line.index(after: colon)...]),
        let verifier = ScramVerifier(text: rest)
      else {
        throw SQLError(
          .invalidParameterValue, "line \(index + 1) is not of the form name:SCRAM-SHA-256$…",
          hint: "`zijd passwd --users FILE NAME` writes such lines.")
      }
      verifiers[name] = verifier
    }
  }

  /// Whether a user can be called so: 1 to 128 bytes, none of which is a control character, a colon
  /// or a `#`.
  public static func isName(_ name: String) -> Bool {
    let bytes = name.utf8
    return (1...128).contains(bytes.count)
      && bytes.allSatisfy { $0 >= 32 && $0 != 127 && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "#") }
  }

  public subscript(name: String) -> ScramVerifier? {
    get { verifiers[name] }
    set { verifiers[name] = newValue }
  }

  public var isEmpty: Bool { verifiers.isEmpty }

  public var text: String {
    verifiers.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.text)\n" }.joined()
  }
}
