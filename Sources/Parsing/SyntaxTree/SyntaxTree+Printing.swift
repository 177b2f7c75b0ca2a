/// Writes trees as SQL of dialect `sql`. Parsing the text gives the same tree but for ranges, so
/// two trees that print alike mean the same.
extension Statement: CustomStringConvertible {
  public var description: String {
    var printer = SyntaxPrinter()
    printer.write(self)
    return printer.text
  }
}

extension Query: CustomStringConvertible {
  public var description: String {
    var printer = SyntaxPrinter()
    printer.write(self)
    return printer.text
  }
}

extension Expression: CustomStringConvertible {
  public var description: String {
    var printer = SyntaxPrinter()
    printer.write(self)
    return printer.text
  }
}

extension TypeName: CustomStringConvertible {
  public var description: String {
    var printer = SyntaxPrinter()
    printer.write(self)
    return printer.text
  }
}

struct SyntaxPrinter {
  var text = ""

  mutating func write(_ piece: String) { text += piece }

  mutating func list<Item>(
    _ items: some Sequence<Item>, separator: String = ", ",
    _ writeItem: (inout SyntaxPrinter, Item) -> Void
  ) {
    var isFirst = true
    for item in items {
      if !isFirst { write(separator) }
      isFirst = false
      writeItem(&self, item)
    }
  }

  // MARK: Names and literals

  static func quoted(_ text: String, by quote: String) -> String {
    var result = quote
    for scalar in text.unicodeScalars {
      if String(scalar) == quote { result += quote }
      result.unicodeScalars.append(scalar)
    }
    return result + quote
  }

  mutating func write(_ name: Identifier) {
    write(name.isDelimited ? Self.quoted(name.text, by: "\"") : name.text)
  }

  mutating func write(_ name: QualifiedName) {
    list(name.parts, separator: ".") { $0.write($1) }
  }

  mutating func write(columns: [Identifier]) {
    guard !columns.isEmpty else { return }
    write(" (")
    list(columns) { $0.write($1) }
    write(")")
  }

  mutating func write(_ literal: Literal) {
    switch literal {
    case .null: write("NULL")
    case .boolean(let value): write(value ? "TRUE" : "FALSE")
    case .integer(let digits), .decimal(let digits): write(digits)
    case .string(let string): write(Self.quoted(string, by: "'"))
    case .typed(let type, let string): write(type + " " + Self.quoted(string, by: "'"))
    }
  }

  mutating func write(_ type: TypeName) {
    let isPlain = type.name.utf8.allSatisfy {
      $0 &- 97 < 26 || $0 &- 48 < 10 || $0 == 95 || $0 == 32 || $0 >= 0x80 || $0 == 36
    }
    write(isPlain ? type.name : Self.quoted(type.name, by: "\""))
    if !type.arguments.isEmpty {
      write("(" + type.arguments.map(String.init).joined(separator: ", ") + ")")
    }
    write(String(repeating: "[]", count: type.arrayDepth))
  }
}
