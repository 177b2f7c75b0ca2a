extension SyntaxPrinter {
  mutating func write(_ window: WindowSpecification) {
    if window.isBareName, let base = window.base { return write(base) }
    var separator = "("
    func next() -> String {
      defer { separator = " " }
      return separator
    }
    if let base = window.base {
      write(next())
      write(base)
    }
    if !window.partitionBy.isEmpty {
      write(next() + "PARTITION BY ")
      list(window.partitionBy) { $0.write($1) }
    }
    if !window.orderBy.isEmpty {
      write(next() + "ORDER BY ")
      list(window.orderBy) { $0.write($1) }
    }
    if let frame = window.frame {
      write(next())
      write(frame)
    }
    write(separator == "(" ? "()" : ")")
  }

  private mutating func write(_ frame: WindowFrameClause) {
    write(frame.units.rawValue)
    write(" BETWEEN ")
    write(frame.start)
    write(" AND ")
    write(frame.end)
  }

  private mutating func write(_ bound: WindowFrameClause.Bound) {
    switch bound {
    case .unboundedPreceding: write("UNBOUNDED PRECEDING")
    case .unboundedFollowing: write("UNBOUNDED FOLLOWING")
    case .currentRow: write("CURRENT ROW")
    case .preceding(let offset):
      write(operand: offset)
      write(" PRECEDING")
    case .following(let offset):
      write(operand: offset)
      write(" FOLLOWING")
    }
  }
}
