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
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.last == "\r" ? line.dropLast() : line
      if line.isEmpty || line.first == "#" { continue }
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
        let verifier = ScramVerifier(text: line[line.index(after: colon)...])
      else {
        throw SQLError(
          .invalidParameterValue, "line \(index + 1) is not of the form name:SCRAM-SHA-256$…",
          hint: "`zijd passwd --users FILE NAME` writes such lines.")
      }
      verifiers[String(line[..<colon])] = verifier
    }
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
