/// A pattern of `\d` and its relatives: `*` and `?` stand for any text and any character, a dot
/// separates the schema, quotes keep what they hold as it is; upper and lower case are the same
/// outside of quotes.
struct NamePattern {
  private enum Piece: Equatable {
    case any
    case one
    case exactly(Character)
    case folded(Character)
  }

  private var schema: [Piece]?
  private var name: [Piece] = []

  init(_ text: String) {
    var pieces: [Piece] = []
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "*" where !isQuoted: pieces.append(.any)
      case "?" where !isQuoted: pieces.append(.one)
      case "." where !isQuoted && schema == nil:
        schema = pieces
        pieces = []
      default:
        pieces.append(
          isQuoted ? .exactly(character) : .folded(Character(character.lowercased())))
      }
    }
    name = pieces
  }

  var hasSchema: Bool { schema != nil }

  func matches(schema schemaName: String, name text: String) -> Bool {
    if let schema, !Self.matches(schema, schemaName) { return false }
    return Self.matches(name, text)
  }

  func matches(_ text: String) -> Bool { Self.matches(name, text) }

  /// Greedy with one point to come back to, so that no pattern takes exponential time.
  private static func matches(_ pieces: [Piece], _ text: String) -> Bool {
    let characters = Array(text)
    var piece = 0
    var at = 0
    var retry: (piece: Int, at: Int)?
    while at < characters.count {
      if piece < pieces.count, pieces[piece] == .any {
        retry = (piece + 1, at)
        piece += 1
      } else if piece < pieces.count, fits(pieces[piece], characters[at]) {
        piece += 1
        at += 1
      } else if let point = retry {
        retry = (point.piece, point.at + 1)
        piece = point.piece
        at = point.at + 1
      } else {
        return false
      }
    }
    return pieces[piece...].allSatisfy { $0 == .any }
  }

  private static func fits(_ piece: Piece, _ character: Character) -> Bool {
    switch piece {
    case .any: false
    case .one: true
    case .exactly(let wanted): wanted == character
    case .folded(let wanted): String(wanted) == character.lowercased()
    }
  }
}
