import Base

/// A name as written. A regular name matches without regard to case, a delimited one ("…" or `…`)
/// exactly first.
public struct Identifier: Hashable, Sendable {
  public var text: String
  public var isDelimited: Bool
  public var range: SourceRange

  public init(_ text: String, isDelimited: Bool = false, range: SourceRange) {
    self.text = text
    self.isDelimited = isDelimited
    self.range = range
  }
}

/// `name`, `table.name` or `schema.table.name`: at least one part.
public struct QualifiedName: Hashable, Sendable {
  public var parts: [Identifier]

  public init(_ parts: [Identifier]) {
    precondition(!parts.isEmpty)
    self.parts = parts
  }

  public var last: Identifier { parts[parts.count - 1] }
  public var qualifiers: ArraySlice<Identifier> { parts.dropLast() }
  public var range: SourceRange { parts[0].range.union(last.range) }
  public var text: String { parts.map(\.text).joined(separator: ".") }
}
