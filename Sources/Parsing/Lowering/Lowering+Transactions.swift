import Base

/// BEGIN and what follows it.
extension Lowering {
  /// Nil for other statements.
  func transaction(_ node: Int) throws(SQLError) -> TransactionCommand? {
    switch kind(node) {
    case .begin: return .begin(modes(node), isSpelledOut: false)
    case .start: return .begin(modes(node), isSpelledOut: true)
    case .commit, .end: return .commit
    case .abort: return .rollback
    case .rollback:
      guard let target = firstChild(node, of: .toSavepoint) else { return .rollback }
      return .rollbackTo(lastName(target))
    case .savepoint: return .savepoint(lastName(node))
    case .release: return .release(lastName(node))
    case .setTransaction: return .set(modes(node))
    case .setCharacteristics: return .setDefaults(modes(node))
    default: return nil
    }
  }

  /// The last word on each matter counts.
  private func modes(_ node: Int) -> TransactionModes {
    var modes = TransactionModes()
    for child in children(node) where kind(child) == .transactionMode {
      let words = (nodes[child].start..<nodes[child].end).map { text(tokens[Int($0)]).uppercased() }
      if words.first == "ISOLATION" {
        modes.isolation = .init(rawValue: words.dropFirst(2).joined(separator: " "))
      } else if words.first == "READ" {
        modes.isReadOnly = words.last == "ONLY"
      } else {
        modes.isDeferrable = words.count == 1
      }
    }
    return modes
  }
}
