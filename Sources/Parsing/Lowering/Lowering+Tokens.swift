import Base

/// Types, which `Grammar/Tokens.peg.swift` matches.
extension Lowering {
  func typeName(_ node: Int) throws(SQLError) -> TypeName {
    var type = TypeName(name: "", range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .typeWords, .standardType: type.name = typeWords(child)
      case .typeArgument:
        guard let argument = Int(text(firstToken(child))) else {
          throw SQLError(
            .numericValueOutOfRange, "type argument is out of range: \(text(firstToken(child)))",
            at: range(child))
        }
        type.arguments.append(argument)
      case .arraySuffix: type.arrayDepth += 1
      default: break
      }
    }
    return type
  }

  private func typeWords(_ node: Int) -> String {
    // `pg_catalog.int4`: types have one schema.
    if let label = firstChild(node, of: .label) { 
      let name = identifier(label)
      return name.isDelimited ? name.text : name.text.lowercased()
    }
    if let name = firstChild(node, of: .name), firstToken(name).kind == .delimited {
      return unquoted(firstToken(name))
    }
    return (nodes[node].start..<nodes[node].end)
      .map { text(tokens[Int($0)]).lowercased() }.joined(separator: " ")
  }
}
