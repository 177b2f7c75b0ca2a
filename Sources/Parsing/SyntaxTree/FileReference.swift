import Base

/// A file in FROM: `'gaia.csv'` or `'gaia.txt' (FORMAT csv, delimiter => ';')`.
public struct FileReference: Hashable, Sendable {
  public var path: String
  public var options: [FileOption]
  public var range: SourceRange

  public init(_ path: String, options: [FileOption] = [], range: SourceRange) {
    self.path = path
    self.options = options
    self.range = range
  }
}

/// How a file is read or written: `HEADER`, `delimiter ';'`, `nan => 'keep'`, `columns (ra, dec)`.
public struct FileOption: Hashable, Sendable {
  public enum Setting: Hashable, Sendable {
    case literal(Literal)
    case list([Literal])
  }

  /// In lower case, unless in quotes.
  public var name: Identifier
  /// Nil when the option stands alone.
  public var setting: Setting?
  public var range: SourceRange

  public init(name: Identifier, setting: Setting?, range: SourceRange) {
    self.name = name
    self.setting = setting
    self.range = range
  }
}
