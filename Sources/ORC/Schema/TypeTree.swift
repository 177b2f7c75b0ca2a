import Base
import Vectors

/// A type of a file with its children: the footer's flat list, checked and made a tree.
struct TypeTree: Sendable {
  /// The number that streams and statistics use; the root is 0, numbering is in preorder.
  let id: Int
  let kind: TypeKind
  let type: LogicalType
  let children: [TypeTree]

  /// Deeper nesting is refused, so that no file can exhaust a stack.
  static let maximumDepth = 64

  /// The tree of all types below `nodes[0]`.
  static func build(_ nodes: [TypeNode]) throws(SQLError) -> TypeTree {
    guard !nodes.isEmpty else { throw SQLError(.dataCorrupted, "no types in the footer") }
    var nextID = 0
    let tree = try build(nodes, nextID: &nextID, depth: 0)
    guard nextID == nodes.count else {
      throw SQLError(.dataCorrupted, "\(nodes.count - nextID) types are nobody's children")
    }
    return tree
  }

  private static func build(
    _ nodes: [TypeNode], nextID: inout Int, depth: Int
  ) throws(SQLError) -> TypeTree {
    guard depth < maximumDepth else {
      throw SQLError(.statementTooComplex, "types nested deeper than \(maximumDepth)")
    }
    let id = nextID
    let node = nodes[id]
    nextID += 1
    var children: [TypeTree] = []
    for subtype in node.subtypes {
      guard subtype == nextID, subtype < nodes.count else {
        throw SQLError(.dataCorrupted, "type \(id) has the subtype \(subtype), not \(nextID)")
      }
      children.append(try build(nodes, nextID: &nextID, depth: depth + 1))
    }
    let type = try logicalType(of: node, id: id, children: children)
    return TypeTree(id: id, kind: node.kind, type: type, children: children)
      .applying(node.attributes)
  }

  private static func logicalType(
    of node: TypeNode, id: Int, children: [TypeTree]
  ) throws(SQLError) -> LogicalType {
    let wanted: Int? =
      switch node.kind {
      case .list: 1
      case .map: 2
      case .structure: node.fieldNames.count
      case .union: nil
      default: 0
      }
    if let wanted, wanted != children.count {
      throw SQLError(.dataCorrupted, "type \(id) has \(children.count) subtypes, not \(wanted)")
    }
    switch node.kind {
    case .boolean: return .boolean
    case .byte: return .int8
    case .short: return .int16
    case .int: return .int32
    case .long: return .int64
    case .float: return .float32
    case .double: return .float64
    case .string, .varchar, .char: return .text
    case .binary, .geometry, .geography: return .binary
    case .timestamp, .timestampInstant: return .timestamp
    case .date: return .date
    case .decimal: return try decimal(node, id: id)
    case .list: return .list(children[0].type)
    case .map: return .map(key: children[0].type, value: children[1].type)
    case .structure:
      return .structure(zip(node.fieldNames, children).map { StructField($0, $1.type) })
    case .union:
      guard (1...256).contains(children.count) else {
        throw SQLError(.dataCorrupted, "union \(id) of \(children.count) types")
      }
      let variants = children.enumerated().map { StructField("\($0.offset)", $0.element.type) }
      return .structure([StructField("tag", .int16)] + variants)
    }
  }

  private static func decimal(_ node: TypeNode, id: Int) throws(SQLError) -> LogicalType {
    // Hive 0.11 wrote decimals of any precision and said nothing; Hive reads them so.
    if node.precision == 0 { return .decimal(precision: 38, scale: 18) }
    guard (1...38).contains(node.precision), (0...node.precision).contains(node.scale) else {
      throw SQLError(.dataCorrupted, "type \(id) is decimal(\(node.precision),\(node.scale))")
    }
    return .decimal(precision: node.precision, scale: node.scale)
  }

  /// The tree with the type that the writer noted, if that lies in the file as this one does.
  private func applying(_ attributes: [(key: String, value: String)]) -> TypeTree {
    for attribute in attributes where attribute.key == ORCColumnSchema.typeAttribute {
      if let noted = LogicalType(text: attribute.value), noted.storedInORC == type {
        return retyped(noted)
      }
    }
    return self
  }

  private func retyped(_ newType: LogicalType) -> TypeTree {
    var types = newType.childTypes
    if case .map(let key, let value) = newType { types = [key, value] }
    return TypeTree(
      id: id, kind: kind, type: newType,
      children: zip(children, types).map { $0.retyped($1) })
  }
}

extension TypeTree {
  /// Appends the nodes of `type` in preorder and returns the number of the first.
  @discardableResult
  static func append(_ type: LogicalType, to nodes: inout [TypeNode]) -> Int {
    let id = nodes.count
    nodes.append(TypeNode(kind(of: type)))
    if case .decimal(let precision, let scale) = type {
      nodes[id].precision = precision
      nodes[id].scale = scale
    }
    switch type.storedInORC {
    case .structure(let fields):
      nodes[id].fieldNames = fields.map(\.name)
      nodes[id].subtypes = type.childTypes.map { append($0, to: &nodes) }
    case .list:
      nodes[id].subtypes = type.childTypes.map { append($0, to: &nodes) }
    case .map(let key, let value):
      nodes[id].subtypes = [append(key, to: &nodes), append(value, to: &nodes)]
    default: break
    }
    return id
  }

  private static func kind(of type: LogicalType) -> TypeKind {
    switch type {
    case .null, .boolean: .boolean
    case .int8: .byte
    case .int16: .short
    case .int32: .int
    case .int64: .long
    case .float32: .float
    case .float64: .double
    case .decimal: .decimal
    case .text: .string
    case .binary: .binary
    case .date: .date
    case .timestamp: .timestamp
    case .list, .polygon: .list
    case .structure, .point, .circle: .structure
    case .map: .map
    }
  }
}
