import Vectors

/// Writes expressions as SQL for people: names for columns, infix operators, no more parentheses
/// than PostgreSQL's precedence asks for, long lists cut.
struct ExpressionText {
  /// How tightly a form binds, loosest first.
  enum Strength: Int, Comparable {
    case or, and, not, test, comparison, membership, custom, sum, product, sign, cast, whole

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    /// The next tighter one.
    var above: Strength { Strength(rawValue: rawValue + 1) ?? .whole }
  }

  /// Constants of an IN list, and elements of a constant array, that are shown.
  static let valueLimit = 10
  /// Terms of a condition and branches of a CASE that are shown.
  static let termLimit = 20

  private let labels: ColumnLabels
  var text = ""

  /// With `asOperand` in parentheses if it binds less tightly than the operand of `=`.
  static func text(
    of expression: ScalarExpression, _ labels: ColumnLabels, asOperand: Bool = false
  ) -> String {
    var writer = ExpressionText(labels: labels)
    writer.write(expression, asOperand ? .membership : .or)
    return writer.text
  }

  private init(labels: ColumnLabels) { self.labels = labels }

  /// A value without a type of its own.
  static func text(ofUntyped value: Value) -> String {
    var writer = ExpressionText(labels: ColumnLabels(count: 0))
    writer.writeLiteral(value, .null)
    return writer.text
  }

  /// Writes an expression, in parentheses if it binds less tightly than `least`.
  private mutating func write(_ expression: ScalarExpression, _ least: Strength) {
    let needsParentheses = Self.strength(of: expression) < least
    if needsParentheses { text += "(" }
    writeBare(expression)
    if needsParentheses { text += ")" }
  }

  private mutating func writeBare(_ expression: ScalarExpression) {
    switch expression {
    case .column(let index, _): text += labels.text(of: index)
    case .literal(let value, let type): writeLiteral(value, type)
    case .parameter(let number, _): text += "$\(number)"
    case .call(let call): write(call)
    case .cast(let inner, let type):
      write(inner, .cast)
      text += "::\(type)"
    case .field(let inner, let index, _):
      write(inner, .whole)
      text += "." + (inner.type.fields?[index].name ?? "")
    case .and(let terms): write(terms, separator: " AND ", .and, none: "true")
    case .or(let terms): write(terms, separator: " OR ", .or, none: "false")
    case .not(let inner): writeNot(inner)
    case .isNull(let inner, let isNegated):
      write(inner, .custom)
      text += isNegated ? " IS NOT NULL" : " IS NULL"
    case .caseWhen(let branches, let otherwise, _): write(branches, otherwise)
    case .inSet, .like: writeMembership(expression, isNegated: false)
    case .inCone(let lon, let lat, let cone): write(cone, lon, lat)
    }
  }

  private static func strength(of expression: ScalarExpression) -> Strength {
    switch expression {
    case .column, .parameter, .field, .caseWhen, .inCone: return .whole
    case .literal(let value, let type): return strength(of: value, type)
    case .call(let call):
      guard isOperator(call.name) else { return .whole }
      switch call.arguments.count {
      case 1: return call.name == "~" ? .custom : .sign
      case 2: return strength(ofOperator: call.name)
      default: return .whole
      }
    case .cast: return .cast
    case .and(let terms): return terms.count == 1 ? strength(of: terms[0]) : .and
    case .or(let terms): return terms.count == 1 ? strength(of: terms[0]) : .or
    case .not(.inSet), .not(.like), .inSet, .like: return .membership
    case .not: return .not
    case .isNull: return .test
    }
  }

  // MARK: Connectives

  private mutating func write(
    _ terms: [ScalarExpression], separator: String, _ strength: Strength, none: String
  ) {
    if terms.isEmpty { text += none }
    for (index, term) in terms.prefix(Self.termLimit).enumerated() {
      if index > 0 { text += separator }
      write(term, terms.count == 1 ? .or : strength.above)
    }
    if terms.count > Self.termLimit { text += separator + ExplainText.rest(terms.count) }
  }

  private mutating func writeNot(_ inner: ScalarExpression) {
    switch inner {
    case .inSet, .like: writeMembership(inner, isNegated: true)
    default:
      text += "NOT "
      write(inner, .not)
    }
  }

  private mutating func writeMembership(_ expression: ScalarExpression, isNegated: Bool) {
    let not = isNegated ? " NOT" : ""
    if case .inSet(let inner, let values, let hasNull) = expression {
      write(inner, .custom)
      text += not + " IN ("
      writeValues(values, inner.type, hasNull: hasNull)
      text += ")"
    } else if case .like(let inner, let pattern, let escape, let ignoresCase) = expression {
      write(inner, .custom)
      text += not + (ignoresCase ? " ILIKE " : " LIKE ") + Self.quoted(pattern)
      if let escape { text += " ESCAPE " + Self.quoted(escape) }
    }
  }

  private mutating func writeValues(_ values: [Value], _ type: LogicalType, hasNull: Bool) {
    for (index, value) in values.prefix(Self.valueLimit).enumerated() {
      if index > 0 { text += ", " }
      writeLiteral(value, type)
    }
    let count = values.count + (hasNull ? 1 : 0)
    if values.count > Self.valueLimit {
      text += ", " + ExplainText.rest(count)
    } else if hasNull {
      text += values.isEmpty ? "NULL" : ", NULL"
    }
  }

  // MARK: Calls and other forms

  private mutating func write(_ call: FunctionCallExpression) {
    let arguments = call.arguments
    if Self.isOperator(call.name) {
      if arguments.count == 1 {
        text += call.name
        // Two minus signs would begin a comment, so a sign is never the operand of one.
        return write(arguments[0], .cast)
      }
      if arguments.count == 2 {
        let strength = Self.strength(ofOperator: call.name)
        // Chains lean to the left; comparisons do not chain.
        write(arguments[0], strength == .comparison ? strength.above : strength)
        text += " \(call.name) "
        return write(arguments[1], strength.above)
      }
    }
    if call.name == "list_element", arguments.count == 2 {
      write(arguments[0], .whole)
      text += "["
      write(arguments[1], .or)
      text += "]"
    } else if call.name == "list_value" {
      writeList("ARRAY[", arguments, "]")
    } else {
      writeList(call.name + "(", arguments, ")")
    }
  }

  private mutating func writeList(_ head: String, _ items: [ScalarExpression], _ tail: String) {
    text += head
    for (index, item) in items.prefix(Self.termLimit).enumerated() {
      if index > 0 { text += ", " }
      write(item, .or)
    }
    if items.count > Self.termLimit { text += ", " + ExplainText.rest(items.count) }
    text += tail
  }

  private mutating func write(_ branches: [CaseBranch], _ otherwise: ScalarExpression?) {
    text += "CASE"
    for branch in branches.prefix(Self.termLimit) {
      text += " WHEN "
      write(branch.condition, .or)
      text += " THEN "
      write(branch.result, .or)
    }
    if branches.count > Self.termLimit { text += " " + ExplainText.rest(branches.count) }
    if let otherwise {
      text += " ELSE "
      write(otherwise, .or)
    }
    text += " END"
  }

  private mutating func write(_ cone: Cone, _ lon: ScalarExpression, _ lat: ScalarExpression) {
    text += "cone("
    write(lon, .or)
    text += ", "
    write(lat, .or)
    text += "; " + Self.text(of: cone.lonDeg) + ", " + Self.text(of: cone.latDeg)
    text += (cone.isInclusive ? ", " : ", < ") + Self.text(of: cone.radiusDeg) + "°)"
  }

  // MARK: Operators

  private static func isOperator(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { "+-*/%=<>|&^~!@#".utf8.contains($0) }
  }

  private static func strength(ofOperator name: String) -> Strength {
    switch name {
    case "=", "<>", "<", "<=", ">", ">=": .comparison
    case "+", "-": .sum
    case "*", "/", "%": .product
    default: .custom
    }
  }
}
