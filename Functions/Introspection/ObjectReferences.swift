import Base
import FunctionKit
import Vectors

/// Objects of the catalogue by number and by name. The binder lowers `x::regclass` and its like to
/// `object_oid`, and `x::regclass::text` to `object_name`.
enum ObjectReferences {
  private static let kind = Quantity("kind", .text, meaning: "regclass, regtype, regproc …")

  static let functions: [ScalarFunction] =
    [
      AskingFunction.make(
        "object_name", [kind, AskingFunction.object], returns: .text,
        "Gives the name of an object of the catalogue, or its number if it has none.",
        example: ("object_name('regtype', 701)", "double precision")
      ) { (arguments, facts) throws(SQLError) in
        .text(name(arguments[1].asInteger, try objectKind(arguments[0]), facts))
      },
      AskingFunction.make(
        "object_names", [kind, Quantity("objects", .list(.int64))], returns: .list(.text),
        "Gives the names of objects of the catalogue.",
        example: ("object_names('regtype', ARRAY[20, 25])", "{bigint,text}")
      ) { (arguments, facts) throws(SQLError) in
        let kind = try objectKind(arguments[0])
        guard case .list(let objects) = arguments[1] else { return .null }
        return .list(objects.map { .text(name($0.asInteger, kind, facts)) })
      },
      AskingFunction.make(
        "object_oid", [kind, Quantity("name", .text)], returns: .int32,
        "Gives the number of the object of the catalogue that a text names; an error without one.",
        example: ("object_oid('regtype', 'text')", "25")
      ) { (arguments, facts) throws(SQLError) in
        let kind = try objectKind(arguments[0])
        let text = arguments[1].asText
        guard let oid = try facts.names.oid(of: text, kind) else { throw kind.missing(text) }
        return try number(oid)
      },
      AskingFunction.make(
        "format_type", [Quantity("type", .integer), Quantity("modifier", .integer)], returns: .text,
        "Gives a type's name in SQL.", example: ("format_type(23, NULL)", "integer"),
        nulls: .custom
      ) { (arguments, facts) throws(SQLError) in
        if arguments[0].isNull { return .null }
        let oid = arguments[0].asInteger
        let modifier = arguments[1].isNull ? nil : arguments[1].asInteger
        return .text(
          oid == 0 ? "-" : facts.names.typeText(oid, modifier: modifier) ?? "???")
      },
    ] + lookups + visibility

  private static func objectKind(_ value: Value) throws(SQLError) -> ObjectKind {
    guard let kind = ObjectKind(rawValue: value.asText) else {
      throw SQLError(
        .invalidParameterValue, "unknown kind of object: \"\(value.asText)\"",
        hint: "There are \(ObjectKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return kind
  }

  private static func name(_ oid: Int64, _ kind: ObjectKind, _ facts: any SessionFacts) -> String {
    if kind == .role, oid == 10 { return facts.userName }
    return facts.names.name(of: oid, kind) ?? (oid == 0 ? "-" : String(oid))
  }

  /// Numbers are held in 32 bits, of which the catalogue uses 31.
  private static func number(_ oid: Int64) throws(SQLError) -> Value {
    guard Int32(exactly: oid) != nil else {
      throw SQLError(.numericValueOutOfRange, "no object has this number: \(oid)")
    }
    return .integer(oid)
  }

  private static let lookups: [ScalarFunction] = [
    ("to_regclass", ObjectKind.relation), ("to_regtype", .type), ("to_regproc", .function),
    ("to_regnamespace", .schema), ("to_regrole", .role),
  ].map { (name, kind) in
    AskingFunction.make(
      name, [Quantity("name", .text)], returns: .int32,
      "Gives the number of what a text names, NULL without such an object.",
      example: kind == .role ? nil : ("\(name)('nowhere')", "NULL")
    ) { (arguments, facts) throws(SQLError) in
      try facts.names.oid(of: arguments[0].asText, kind).map(number) ?? .null
    }
  }

  private static let visibility: [ScalarFunction] = [
    ("table", ObjectKind.relation), ("type", .type), ("function", .function),
  ].map { (name, kind) in
    AskingFunction.make(
      "pg_\(name)_is_visible", [AskingFunction.object], returns: .boolean,
      "True if the \(name) is found by its name without a schema."
    ) { (arguments, facts) throws(SQLError) in
      facts.names.isVisible(arguments[0].asInteger, kind).map { .boolean($0) } ?? .null
    }
  } + [
    "collation", "opclass", "opfamily", "conversion", "operator", "statistics_obj", "ts_config",
    "ts_dict", "ts_parser", "ts_template",
  ].map { name in
    AskingFunction.make(
      "pg_\(name)_is_visible", [AskingFunction.object], returns: .boolean,
      "True: objects of this kind are all in pg_catalog."
    ) { (_, _) throws(SQLError) in .boolean(true) }
  }
}
