import Base

/// Makes the syntax tree of one statement from its match.
///
/// Which nodes a rule can have as children is what `Grammar/*.peg` says; a child that no case names
/// is of no consequence for the tree.
///
/// Nodes stand before their parts, so going through them backwards meets the parts first: whatever
/// can nest is made in that order and waits in a slot for the node around it. No function here
/// calls itself.
struct Lowering {
  let bytes: UnsafeBufferPointer<UInt8>
  let tokens: UnsafeBufferPointer<Token>
  let nodes: UnsafeBufferPointer<MatchNode>
  let program: Program
  var parameterCount = 0
  /// Buffers of the operator resolver, kept from one expression to the next.
  var operators = OperatorStacks()
  /// By node: what was made and not taken yet.
  private var expressionSlots: [Expression?]
  private var querySlots: [Int: Query] = [:]
  private var tableSlots: [Int: TableReference] = [:]

  init(
    bytes: UnsafeBufferPointer<UInt8>, tokens: UnsafeBufferPointer<Token>,
    nodes: UnsafeBufferPointer<MatchNode>, program: Program
  ) {
    self.bytes = bytes
    self.tokens = tokens
    self.nodes = nodes
    self.program = program
    expressionSlots = [Expression?](repeating: nil, count: nodes.count)
  }

  /// The tree of all nodes.
  mutating func statement() throws(SQLError) -> Statement {
    guard !nodes.isEmpty else { throw SQLError(.internalError, "there is no statement") }
    var node = nodes.count
    while node > 0 {
      node -= 1
      switch nodes[node].kind {
      // A literal alone is made when it is taken: there can be hundreds of thousands.
      case .expression:
        if firstChild(node) != nil { expressionSlots[node] = try makeExpression(node) }
      case .query: querySlots[node] = try makeQuery(node)
      case .tableReference: tableSlots[node] = try makeTableReference(node)
      default: break
      }
    }
    return try statement(0)
  }

  mutating func expression(_ node: Int) throws(SQLError) -> Expression {
    if firstChild(node) == nil { return literal(firstToken(node)) }
    guard let made = expressionSlots[node].take() else { throw unexpected(node) }
    return made
  }

  mutating func query(_ node: Int) throws(SQLError) -> Query {
    guard let made = querySlots.removeValue(forKey: node) else { throw unexpected(node) }
    return made
  }

  mutating func tableReference(_ node: Int) throws(SQLError) -> TableReference {
    guard let made = tableSlots.removeValue(forKey: node) else { throw unexpected(node) }
    return made
  }

  // MARK: Nodes

  struct Children: Sequence, IteratorProtocol {
    let nodes: UnsafeBufferPointer<MatchNode>
    var current: Int
    let end: Int

    @inline(__always)
    mutating func next() -> Int? {
      guard current < end else { return nil }
      defer { current = Int(nodes[current].next) }
      return current
    }
  }

  func children(_ node: Int) -> Children {
    Children(nodes: nodes, current: node + 1, end: Int(nodes[node].next))
  }

  @inline(__always)
  func kind(_ node: Int) -> NodeKind { nodes[node].kind }

  func firstChild(_ node: Int) -> Int? {
    node + 1 < Int(nodes[node].next) ? node + 1 : nil
  }

  func firstChild(_ node: Int, of wanted: NodeKind) -> Int? {
    children(node).first { kind($0) == wanted }
  }

  func has(_ wanted: NodeKind, in node: Int) -> Bool { firstChild(node, of: wanted) != nil }

  // MARK: Text

  @inline(__always)
  func range(fromToken start: Int, toToken end: Int) -> SourceRange {
    let first = tokens[start]
    guard end > start else { return SourceRange(offset: Int(first.offset), length: 0) }
    return SourceRange(offset: Int(first.offset), length: tokens[end - 1].end - Int(first.offset))
  }

  @inline(__always)
  func range(_ node: Int) -> SourceRange {
    range(fromToken: Int(nodes[node].start), toToken: Int(nodes[node].end))
  }

  func firstToken(_ node: Int) -> Token { tokens[Int(nodes[node].start)] }
  func lastToken(_ node: Int) -> Token { tokens[Int(nodes[node].end) - 1] }

  @inline(__always)
  func text(_ token: Token) -> String {
    let start = Int(token.offset)
    return String(
      decoding: UnsafeBufferPointer(rebasing: bytes[start..<start + Int(token.length)]),
      as: UTF8.self)
  }

  /// The text between a token's quotes with doubled ones made single.
  func unquoted(_ token: Token) -> String {
    let start = Int(token.offset) + 1
    let end = token.end - 1
    if bytes[start - 1] | 0x20 == UInt8(ascii: "e") {
      return EscapedText.decoded(UnsafeBufferPointer(rebasing: bytes[start + 1..<end]))
    }
    guard start < end else { return "" }
    let quote = bytes[start - 1]
    let inner = UnsafeBufferPointer(rebasing: bytes[start..<end])
    guard inner.contains(quote) else { return String(decoding: inner, as: UTF8.self) }
    var result: [UInt8] = []
    result.reserveCapacity(inner.count)
    var index = 0
    while index < inner.count {
      result.append(inner[index])
      index += inner[index] == quote ? 2 : 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  // MARK: Names

  func identifier(_ token: Token) -> Identifier {
    let isDelimited = token.kind == .delimited || token.kind == .backticked
    return Identifier(
      isDelimited ? unquoted(token) : text(token), isDelimited: isDelimited, range: token.range)
  }

  func identifier(_ node: Int) -> Identifier { identifier(firstToken(node)) }

  /// The name of a node whose children are the parts.
  func qualifiedName(_ node: Int) -> QualifiedName {
    var parts: [Identifier] = []
    for child in children(node) {
      switch kind(child) {
      case .name, .label, .functionWord: parts.append(identifier(child))
      default: break
      }
    }
    return QualifiedName(parts.isEmpty ? [identifier(node)] : parts)
  }

  /// The names in a `Columns` node.
  func columns(_ node: Int) -> [Identifier] { children(node).map(identifier) }

  // MARK: Statements

  private mutating func statement(_ node: Int) throws(SQLError) -> Statement {
    switch kind(node) {
    case .topQuery: return .query(try topQuery(node))
    case .createTable: return .createTable(try createTable(node))
    case .dropTable: return .dropTable(dropTable(node))
    case .insert: return .insert(try insert(node))
    case .update: return .update(try update(node))
    case .delete: return .delete(try delete(node))
    case .truncate: return .truncate(dropTable(node).names, range(node))
    case .checkpoint: return .checkpoint
    case .copy: return .copy(try copy(node))
    case .explain: return .explain(try explain(node))
    case .fragment: return .fragment(try fragment(node))
    case .set: return .set(set(node))
    case .reset: return .set(SetVariable(name: lastName(node), value: nil, range: range(node)))
    case .show:
      let name = firstChild(node).map(identifier)
      return .show(ShowVariable(name: name, range: range(node)))
    default:
      if let command = try transaction(node) { return .transaction(command) }
      throw unexpected(node)
    }
  }

  /// For a node that the grammar cannot have put there: a mistake of ours, not of the user's.
  func unexpected(_ node: Int) -> SQLError {
    SQLError(
      .internalError, "the parser has no meaning for: \(kind(node).rawValue)", at: range(node))
  }
}
