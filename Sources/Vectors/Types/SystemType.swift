/// A type of PostgreSQL's catalogues that is none of ours: `oid`, `name`, `regclass`. It travels with a
/// column's name, unit and UCD and says what clients take the column for; values are held as numbers
/// of 32 bits or text, as PostgreSQL sends them. What an expression computes has none.
public struct SystemType: Hashable, Sendable {
  /// The key of the type's row in `pg_type`.
  public let oid: UInt32

  public init(oid: UInt32) { self.oid = oid }

  public static let char = SystemType(oid: 18)
  public static let name = SystemType(oid: 19)
  public static let int2vector = SystemType(oid: 22)
  public static let regproc = SystemType(oid: 24)
  public static let object = SystemType(oid: 26)
  public static let oidvector = SystemType(oid: 30)
  public static let regclass = SystemType(oid: 2205)
  public static let regtype = SystemType(oid: 2206)
  public static let regnamespace = SystemType(oid: 4089)
  public static let regrole = SystemType(oid: 4096)

  private static let facts: [(name: String, oid: UInt32, array: UInt32, type: LogicalType)] = [
    ("char", 18, 1002, .text), ("name", 19, 1003, .text), ("regproc", 24, 1008, .int32),
    ("oid", 26, 1028, .int32), ("tid", 27, 1010, .text), ("xid", 28, 1011, .int32),
    ("cid", 29, 1012, .int32), ("pg_node_tree", 194, 0, .text), ("json", 114, 199, .text),
    ("inet", 869, 1041, .text), ("aclitem", 1033, 1034, .text), ("varchar", 1043, 1015, .text),
    ("timestamptz", 1184, 1185, .timestamp), ("interval", 1186, 1187, .text),
    ("regprocedure", 2202, 2207, .int32), ("regclass", 2205, 2210, .int32),
    ("regtype", 2206, 2211, .int32), ("cstring", 2275, 1263, .text), ("anyarray", 2277, 0, .text),
    ("pg_lsn", 3220, 3221, .text), ("pg_ndistinct", 3361, 0, .text),
    ("pg_dependencies", 3402, 0, .text), ("regnamespace", 4089, 4090, .int32),
    ("regrole", 4096, 4097, .int32), ("pg_mcv_list", 5017, 0, .text), ("xid8", 5069, 271, .int64),
    ("pg_statistic", 10029, 10028, .text),
  ]

  private static let byName: [String: (oid: UInt32, type: LogicalType)] = {
    var result: [String: (oid: UInt32, type: LogicalType)] = [
      "int2vector": (22, .list(.int16)), "oidvector": (30, .list(.int32)),
    ]
    for fact in facts {
      result[fact.name] = (fact.oid, fact.type)
      result["_\(fact.name)"] = (fact.array, .list(fact.type))
    }
    return result
  }()

  /// A type by the name that `pg_type` has for it, and how its values are held; arrays begin with an
  /// underscore. Nil for the types that are our own as well: `int4`, `text`, `float8`.
  public static func named(_ name: String) -> (type: SystemType, held: LogicalType)? {
    byName[name].map { (SystemType(oid: $0.oid), $0.type) }
  }

  /// The kind of object that the values stand for; they are shown as its name.
  public var reference: ObjectKind? {
    switch oid {
    case 24, 2202: .function
    case 2205: .relation
    case 2206: .type
    case 4089: .schema
    case 4096: .role
    default: nil
    }
  }

  /// The kind of object that the elements of arrays stand for.
  public var elementReference: ObjectKind? {
    switch oid {
    case 1008, 2207: .function
    case 2210: .relation
    case 2211: .type
    case 4090: .schema
    case 4097: .role
    default: nil
    }
  }

  /// True for the vectors of numbers that PostgreSQL writes with blanks: `1 2`.
  public var isPlainVector: Bool { self == .int2vector || self == .oidvector }
}

/// What a number of the catalogue stands for: PostgreSQL's `regclass`, `regtype` and so on.
public enum ObjectKind: String, Hashable, Sendable, CaseIterable {
  case relation = "regclass"
  case type = "regtype"
  case function = "regproc"
  case schema = "regnamespace"
  case role = "regrole"
}
