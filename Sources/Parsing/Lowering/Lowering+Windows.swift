import Base

/// OVER and WINDOW.
extension Lowering {
  mutating func windowName(_ node: Int) -> WindowSpecification {
    var window = WindowSpecification(range: range(node))
    window.base = identifier(node)
    window.isBareName = true
    return window
  }

  mutating func windowSpecification(_ node: Int) throws(SQLError) -> WindowSpecification {
    var window = WindowSpecification(range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .baseWindow: window.base = identifier(child)
      case .partitionBy: window.partitionBy = try expressions(child)
      case .orderBy: for item in children(child) { window.orderBy.append(try sortItem(item)) }
      case .frame: window.frame = try frame(child)
      default: break
      }
    }
    return window
  }

  mutating func namedWindow(_ node: Int) throws(SQLError) -> NamedWindow {
    guard let specification = firstChild(node, of: .windowSpecification) else {
      throw unexpected(node)
    }
    return NamedWindow(
      name: identifier(node), specification: try windowSpecification(specification))
  }

  private mutating func frame(_ node: Int) throws(SQLError) -> WindowFrameClause {
    var bounds: [WindowFrameClause.Bound] = []
    for child in children(node) where kind(child) == .frameBound {
      bounds.append(try frameBound(child))
    }
    guard let start = bounds.first else { throw unexpected(node) }
    let units: WindowFrameClause.Units =
      has(.rowsFrame, in: node) ? .rows : has(.groupsFrame, in: node) ? .groups : .range
    return WindowFrameClause(
      units: units, start: start,
      end: bounds.count > 1 ? bounds[1] : .currentRow, range: range(node))
  }

  private mutating func frameBound(_ node: Int) throws(SQLError) -> WindowFrameClause.Bound {
    if has(.currentRow, in: node) { return .currentRow }
    let isPreceding = has(.preceding, in: node)
    if has(.unbounded, in: node) {
      return isPreceding ? .unboundedPreceding : .unboundedFollowing
    }
    let offset = try onlyExpression(node)
    return isPreceding ? .preceding(offset) : .following(offset)
  }
}
