/// The syntax of SQL and ADQL as text; README.md explains the notation.
public enum GrammarText {
  /// The grammar's files in reading order.
  public static let files = [
    File(name: "tokens", text: tokensGrammar),
    File(name: "select", text: selectGrammar),
    File(name: "expressions", text: expressionsGrammar),
    File(name: "statements", text: statementsGrammar),
  ]

  public struct File: Sendable {
    public var name: String
    public var text: String
  }
}
