import Base

/// Statements about the conversation and not about data: cursors, prepared
/// statements, settings in PostgreSQL's ways of writing them. The conversation does them itself.
enum SessionCommand {
  case declare(Cursor)
  case fetch(Fetch)
  /// Nil: all.
  case closeCursor(String?)
  case deallocate(String?)
  case discard(what: String)
  case prepare(name: String, types: [String], query: String)
  case execute(name: String, arguments: [WordReader.Word])
  case listen(tag: String)
  /// Nil value: the initial one. Local: until the transaction ends.
  case set(name: String, value: String?, isLocal: Bool)
  case resetAll
  /// SET whose subject changes nothing here.
  case setNothing
  /// Another statement that says the same.
  case show(String)

  struct Cursor {
    var name: String
    var isHeld: Bool
    var isBinary: Bool
    /// The query with blanks in place of what stands before it.
    var query: String
  }

  struct Fetch {
    var cursor: String
    /// Nil: all.
    var count: Int?
    var isMove: Bool
  }

  /// What has parameters and columns of its own.
  var query: String? {
    switch self {
    case .declare(let cursor): cursor.query
    case .show(let sql): sql
    default: nil
    }
  }

  /// The command that a statement is; nil for all others.
  static func read(_ sql: String) throws(SQLError) -> SessionCommand? {
    var words = WordReader(sql)
    guard let first = words.peekWord() else { return nil }
    _ = words.next()
    switch first {
    case "declare": return try declare(&words)
    case "fetch", "move": return try fetch(&words, isMove: first == "move")
    case "close": return .closeCursor(try nameOrAll(&words))
    case "deallocate":
      _ = words.accept("prepare")
      return .deallocate(try nameOrAll(&words))
    case "discard": return .discard(what: words.takeName() ?? "")
    case "prepare": return try prepare(&words)
    case "execute": return try execute(&words)
    case "listen", "unlisten": return .listen(tag: first.uppercased())
    case "set": return try set(&words)
    case "reset": return words.accept("all") ? .resetAll : nil
    case "show": return show(&words)
    default: return nil
    }
  }

  // MARK: Cursors

  private static func declare(_ words: inout WordReader) throws(SQLError) -> SessionCommand {
    guard let name = words.takeName() else { throw syntax("DECLARE needs a cursor's name") }
    var cursor = Cursor(name: name, isHeld: false, isBinary: false, query: "")
    while let word = words.peekWord() {
      _ = words.next()
      switch word {
      case "binary": cursor.isBinary = true
      case "insensitive", "asensitive", "no", "scroll", "cursor", "hold": break
      case "with": cursor.isHeld = words.peekWord() == "hold"
      case "without": break
      case "for":
        cursor.query = words.restInPlace()
        return .declare(cursor)
      default: throw syntax("DECLARE … CURSOR FOR a query was expected, found \"\(word)\"")
      }
    }
    throw syntax("DECLARE … CURSOR FOR a query was expected")
  }

  private static func fetch(
    _ words: inout WordReader, isMove: Bool
  ) throws(SQLError) -> SessionCommand {
    var count: Int? = 1
    if let number = words.takeInteger() {
      count = number
    } else {
      switch words.peekWord() {
      case "next": _ = words.next()
      case "all":
        _ = words.next()
        count = nil
      case "forward":
        _ = words.next()
        if words.accept("all") { count = nil } else { count = words.takeInteger() ?? 1 }
      case "prior", "first", "last", "absolute", "relative", "backward":
        // A cursor may have such a name, but then its statement ends behind it.
        var ahead = words
        _ = ahead.next()
        if !ahead.isAtEnd { throw backward() }
      default: break
      }
    }
    if !words.accept("from") { _ = words.accept("in") }
    guard let cursor = words.takeName() else { throw syntax("a cursor's name is missing") }
    if let count, count < 0 { throw backward() }
    return .fetch(Fetch(cursor: cursor, count: count, isMove: isMove))
  }

  private static func backward() -> SQLError {
    SQLError(
      .objectNotInPrerequisiteState, "cursors can only scan forward",
      hint: "FETCH NEXT, FORWARD n and ALL are possible.")
  }

  private static func nameOrAll(_ words: inout WordReader) throws(SQLError) -> String? {
    if words.accept("all") { return nil }
    guard let name = words.takeName() else { throw syntax("a name or ALL is missing") }
    return name
  }

  // MARK: Prepared statements

  private static func prepare(_ words: inout WordReader) throws(SQLError) -> SessionCommand {
    guard let name = words.takeName() else { throw syntax("PREPARE needs a name") }
    var types: [String] = []
    if words.accept(sign: "(") {
      var type: [String] = []
      while let word = words.next(), word != .sign(UInt8(ascii: ")")) {
        switch word {
        case .name(let part, _): type.append(part)
        case .sign(UInt8(ascii: ",")):
          types.append(type.joined(separator: " "))
          type = []
        case .sign(UInt8(ascii: "[")): type.append((type.popLast() ?? "") + "[]")
        default: break
        }
      }
      types.append(type.joined(separator: " "))
    }
    guard words.accept("as") else { throw syntax("PREPARE … AS a statement was expected") }
    return .prepare(name: name, types: types, query: words.rest())
  }

  private static func execute(_ words: inout WordReader) throws(SQLError) -> SessionCommand {
    guard let name = words.takeName() else { throw syntax("EXECUTE needs a name") }
    var arguments: [WordReader.Word] = []
    if words.accept(sign: "(") {
      while let word = words.next(), word != .sign(UInt8(ascii: ")")) { arguments.append(word) }
    }
    return .execute(name: name, arguments: arguments)
  }

  // MARK: Settings

  /// Nil for the transaction's modes, which the session understands.
  private static func set(_ words: inout WordReader) throws(SQLError) -> SessionCommand? {
    var isLocal = false
    if words.accept("session") {
      if words.peekWord() == "characteristics" { return nil }
      if words.accept("authorization") { return .setNothing }
    } else {
      isLocal = words.accept("local")
    }
    if words.peekWord() == "transaction" { return nil }
    if words.accept("role") || words.accept("constraints") { return .setNothing }
    var name = ""
    if words.accept("time") {
      guard words.accept("zone") else { throw syntax("SET TIME ZONE was expected") }
      return .set(name: "timezone", value: settingValue(&words), isLocal: isLocal)
    } else if words.accept("names") {
      return .set(name: "client_encoding", value: settingValue(&words), isLocal: isLocal)
    }
    guard let first = words.takeName() else { throw syntax("SET needs the name of a setting") }
    name = first
    while words.accept(sign: "."), let part = words.takeName() { name += "." + part }
    guard words.accept(sign: "=") || words.accept("to") else {
      throw syntax("SET … = or TO a value was expected")
    }
    return .set(name: name, value: settingValue(&words), isLocal: isLocal)
  }

  /// The value, several of them with commas between; nil for DEFAULT.
  private static func settingValue(_ words: inout WordReader) -> String? {
    if words.accept("default") || words.accept("local") { return nil }
    var text = ""
    while let word = words.next() {
      switch word {
      case .name(let name, _): text += name
      case .string(let value): text += value
      case .number(let digits): text += digits
      case .sign(UInt8(ascii: ",")): text += ", "
      case .sign(UInt8(ascii: ";")): return text
      case .sign(let byte): text.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return text
  }

  private static func show(_ words: inout WordReader) -> SessionCommand? {
    if words.accept("transaction") {
      return words.accept("isolation") ? .show("SHOW transaction_isolation") : nil
    }
    if words.accept("time") { return .show("SHOW timezone") }
    guard var name = words.takeName(), words.accept(sign: "."), let part = words.takeName() else {
      return nil
    }
    name += "." + part
    return .show("SHOW \"\(name.replacing("\"", with: ""))\"")
  }

  private static func syntax(_ message: String) -> SQLError { SQLError(.syntaxError, message) }
}
