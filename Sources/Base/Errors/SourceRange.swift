/// A place in the SQL text: byte offset and length in UTF-8.
public struct SourceRange: Hashable, Sendable {
  public var offset: Int
  public var length: Int

  public init(offset: Int, length: Int) {
    self.offset = offset
    self.length = length
  }

  public var end: Int { offset + length }

  /// The smallest range that holds both.
  public func union(_ other: SourceRange) -> SourceRange {
    let start = min(offset, other.offset)
    return SourceRange(offset: start, length: max(end, other.end) - start)
  }
}
