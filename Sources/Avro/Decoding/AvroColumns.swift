import Base
import Vectors

/// The vectors that a decoder fills: one sink for each part of a column that somebody reads, in
/// preorder.
final class AvroColumns {
  struct Node {
    let type: LogicalType
    /// One for each child of the type; nil where nobody reads it.
    var children: [Int?]
    /// The sinks that get a NULL where this one does: its own and those of a structure's fields.
    var nullSinks: [Int32] = []
    /// Of a list: no sink below, only the number of elements is kept.
    var isList: Bool { type.physical == .list }
  }

  private(set) var nodes: [Node] = []
  /// The nodes of the columns, in the order in which they were asked for.
  private(set) var roots: [Int] = []
  let sinks: UnsafeMutablePointer<AvroSink>
  let state: UnsafeMutablePointer<AvroSinkState>

  /// What the rows of one batch may take, by far more than its budget: one record may be long.
  static let maximumBytes = 512 << 20

  init(_ columns: [(type: LogicalType, use: FieldUse)]) {
    state = .allocate(capacity: 1)
    state.initialize(to: AvroSinkState(remainingBytes: Self.maximumBytes))
    var nodes: [Node] = []
    roots = columns.map { Self.add($0.type, $0.use, &nodes) }
    for index in nodes.indices { nodes[index].nullSinks = Self.nullSinks(of: index, nodes) }
    self.nodes = nodes
    sinks = .allocate(capacity: max(1, nodes.count))
    for (index, node) in nodes.enumerated() {
      (sinks + index).initialize(to: AvroSink(node.type.physical, state))
    }
  }

  deinit {
    for index in nodes.indices { sinks[index].release() }
    sinks.deinitialize(count: nodes.count)
    sinks.deallocate()
    state.deallocate()
  }

  private static func add(_ type: LogicalType, _ use: FieldUse, _ nodes: inout [Node]) -> Int {
    let index = nodes.count
    nodes.append(Node(type: type, children: []))
    var children: [Int?] = []
    for (position, child) in type.childTypes.enumerated() {
      children.append(use.child(position).map { add(child, $0, &nodes) })
    }
    nodes[index].children = children
    return index
  }

  private static func nullSinks(of index: Int, _ nodes: [Node]) -> [Int32] {
    var result = [Int32(truncatingIfNeeded: index)]
    guard nodes[index].type.physical == .structure else { return result }
    for child in nodes[index].children {
      if let child { result += nullSinks(of: child, nodes) }
    }
    return result
  }

  /// Bytes of the rows so far, roughly.
  var sizeBytes: Int { AvroColumns.maximumBytes - state.pointee.remainingBytes }

  /// Exact bytes of the values so far.
  var usedBytes: Int {
    var total = 0
    for index in nodes.indices { total &+= sinks[index].sizeBytes }
    return total
  }

  /// The rows so far as one vector a column; the sinks are empty afterwards.
  func finish() -> [Vector] {
    state.pointee = AvroSinkState(remainingBytes: Self.maximumBytes)
    return roots.map(finish)
  }

  private func finish(_ index: Int) -> Vector {
    let node = nodes[index]
    let childCount = node.isList ? sinks[index].elementCount : sinks[index].count
    let children = zip(node.children, node.type.childTypes).map { child, type in
      child.map(finish) ?? Vector.nulls(type, count: childCount)
    }
    return sinks[index].finish(node.type, children: children)
  }
}
