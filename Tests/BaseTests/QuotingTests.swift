import Base
import Testing

@Suite("Text in quotes")
struct QuotingTests {
  @Test(
    "doubles every quote, also one with an accent behind it",
    arguments: [
      ("", "''"), ("a", "'a'"), ("'", "''''"), ("''", "''''''"), ("it's", "'it''s'"),
      ("'\u{301} OR true", "'''\u{301} OR true'"), ("a'\u{200D}b", "'a''\u{200D}b'"),
      ("\r\n'", "'\r\n'''"),
    ])
  func doubled(text: String, quoted: String) {
    #expect(Array(text.quoted(by: "'").utf8) == Array(quoted.utf8))
  }

  @Test("escapes quotes as asked")
  func escaped() {
    #expect("it's".quoted(by: "'", escape: "'\\''") == "'it'\\''s'")
    #expect(Array("`\u{301}".quoted(by: "`").utf8) == Array("```\u{301}`".utf8))
  }
}
