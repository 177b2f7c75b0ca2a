import Base

/// The header of one HDU: its cards in order, up to END.
struct FITSHeader: Sendable {
  static let blockSizeBytes = 2880
  /// Enough for the 999 columns of a table with 40 keywords each; longer headers are refused, so
  /// that a file without END is not read to its end.
  static let maximumSizeBytes = 1200 * blockSizeBytes

  let cards: [FITSCard]
  /// With the padding of the last block.
  let sizeBytes: Int
  private let positions: [String: Int]

  /// Reads the header that begins at `offset`, a block's beginning.
  init(
    _ file: any ReadableFile, at offset: Int, place: FITSPlace, context: QueryContext
  ) throws(SQLError) {
    let reservation = MemoryReservation(context.memory)
    var cards: [FITSCard] = []
    var positions: [String: Int] = [:]
    var size = 0
    reading: while true {
      try context.checkpoint()
      guard offset + size < file.sizeBytes else {
        throw place.damaged("the header has no END", hint: FITSPlace.truncationHint)
      }
      guard size < Self.maximumSizeBytes else {
        throw place.damaged("no END in the first \(Self.maximumSizeBytes) bytes of the header")
      }
      // Cards with their text take some four times their bytes.
      try reservation.grow(by: 4 * Self.blockSizeBytes)
      let block = try file.read(at: offset + size, count: Self.blockSizeBytes)
      size += Self.blockSizeBytes
      for line in 0..<Self.blockSizeBytes / FITSCard.sizeBytes {
        let byte = offset + size - Self.blockSizeBytes + line * FITSCard.sizeBytes
        let card = try Self.card(block, line, at: byte, place)
        if card.keyword == "END" { break reading }
        try Self.append(card, to: &cards, &positions, place)
      }
    }
    self.cards = cards
    self.positions = positions
    sizeBytes = size
  }

  private static func card(
    _ block: ByteRegion, _ line: Int, at byte: Int, _ place: FITSPlace
  ) throws(SQLError) -> FITSCard {
    let start = line * FITSCard.sizeBytes
    let card = try block[start..<start + FITSCard.sizeBytes].withBytes {
      (bytes) throws(SQLError) -> FITSCard in
      if bytes.contains(0) {
        throw place.damaged("the header has a NUL in the line at byte \(byte)")
      }
      guard let card = FITSCard(bytes) else {
        throw place.damaged("the header has a text without closing quote at byte \(byte)")
      }
      return card
    }
    return card
  }

  private static func append(
    _ card: FITSCard, to cards: inout [FITSCard], _ positions: inout [String: Int],
    _ place: FITSPlace
  ) throws(SQLError) {
    if card.keyword == "CONTINUE" {
      // A string that ends in & goes on in the next line.
      guard let last = cards.indices.last, case .string(var text) = cards[last].value,
        text.hasSuffix("&"), case .string(let tail) = card.value
      else { return }
      // Alone with its text, so that thousands of lines are appended and not copied each time.
      cards[last].value = .none
      text.removeLast()
      text += tail
      cards[last].value = .string(text)
      return
    }
    if card.value != .none {
      if let first = positions[card.keyword] {
        // The structure must be the same for everybody who reads it; elsewhere the first counts.
        if Self.isStructural(card.keyword), cards[first].value != card.value {
          throw place.damaged("\(card.keyword) is given twice")
        }
      } else {
        positions[card.keyword] = cards.count
      }
    }
    cards.append(card)
  }

  private static func isStructural(_ keyword: String) -> Bool {
    switch keyword {
    case "SIMPLE", "XTENSION", "BITPIX", "PCOUNT", "GCOUNT", "TFIELDS", "THEAP", "GROUPS": true
    default: keyword.hasPrefix("NAXIS") || keyword.hasPrefix("TFORM") || keyword.hasPrefix("TBCOL")
    }
  }

  subscript(keyword: String) -> FITSCard? { positions[keyword].map { cards[$0] } }

  func text(_ keyword: String) -> String? {
    guard let text = self[keyword]?.value.string, !text.isEmpty else { return nil }
    return text
  }

  func isTrue(_ keyword: String) -> Bool { self[keyword]?.value == .logical(true) }
}

/// Where in which file something is wrong, for messages.
struct FITSPlace: Sendable {
  let path: String
  /// 0 is the primary HDU.
  var unit: Int?

  static let truncationHint = "The file seems cut off: fetch it again."

  func damaged(_ what: String, hint: String? = nil) -> SQLError {
    error(.dataCorrupted, what, hint: hint)
  }

  func error(_ state: SQLState, _ what: String, hint: String? = nil) -> SQLError {
    SQLError(state, "\(path)\(unit.map { ", HDU \($0)" } ?? ""): \(what)", hint: hint)
  }
}
