import Base
import Grammar

/// Names as SQL reads them.
public enum SQLName {
  private static let reserved = Set(ReservedWords.sql.map { $0.lowercased() })

  /// A name, in double quotes if it must be, by PostgreSQL's rule: plain are small letters of ASCII,
  /// digits behind the first place and `_`, unless they are a reserved word.
  public static func quoted(_ name: String) -> String {
    isPlain(name) && !reserved.contains(name) ? name : name.quoted(by: "\"")
  }

  private static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
  }
}
