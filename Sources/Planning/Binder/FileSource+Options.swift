import Base
import Parsing
import Plans
import Vectors

extension FileSource {
  /// A file with its options as they are written; FORMAT names the format, the others are its own.
  public init(_ path: String, _ options: [FileOption]) throws(SQLError) {
    self.init(path)
    for option in options {
      let name = option.name.text.lowercased()
      guard self.options[name] == nil, name != "format" || format == nil else {
        throw SQLError(.syntaxError, "option is given twice: \(name)", at: option.range)
      }
      if name == "format" {
        guard case .literal(.string(let text)) = option.setting else {
          throw SQLError(
            .invalidParameterValue, "option format must be a name", at: option.range,
            hint: "As in (FORMAT csv).")
        }
        format = text
      } else {
        self.options[name] = .some(option.value)
      }
    }
  }
}

extension FileOption {
  /// What formats see: nil for an option that stands alone.
  public var value: Value? {
    switch setting {
    case nil: nil
    case .literal(let literal): Self.value(literal)
    case .list(let literals): .list(literals.map(Self.value))
    }
  }

  private static func value(_ literal: Literal) -> Value {
    switch literal {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .integer(let digits): Int64(digits).map { .integer($0) } ?? .text(digits)
    case .decimal(let digits): Double(digits).map { .float64($0) } ?? .text(digits)
    case .string(let text), .typed(_, let text): .text(text)
    }
  }
}
