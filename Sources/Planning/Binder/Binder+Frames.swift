import Base
import Parsing
import Plans
import Vectors

/// Frames of windows.
extension Binder {
  /// `order`: the window's ORDER BY, which RANGE and GROUPS refer to.
  mutating func frame(
    _ written: WindowFrameClause?, _ order: [SortKey]
  ) throws(SQLError) -> WindowFrame {
    guard let written else { return .standard }
    try checkOrder(written)
    let units: WindowFrame.Units =
      switch written.units {
      case .rows: .rows
      case .range: .range
      case .groups: .groups
      }
    if units == .groups, order.isEmpty {
      throw SQLError(
        .windowingError, "GROUPS needs an ORDER BY in its window", at: written.range,
        hint: "Groups are rows that are equal by ORDER BY.")
    }
    return WindowFrame(
      units: units, start: try bound(written.start, written, order),
      end: try bound(written.end, written, order))
  }

  private func checkOrder(_ written: WindowFrameClause) throws(SQLError) {
    let (start, end) = (Self.place(written.start), Self.place(written.end))
    guard start > end || start == Self.lastPlace || end == 0 else { return }
    throw SQLError(
      .windowingError, "frame ends before it starts", at: written.range,
      hint: "From front to back: UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW, n FOLLOWING, "
        + "UNBOUNDED FOLLOWING.")
  }

  private static let lastPlace = 4

  private static func place(_ bound: WindowFrameClause.Bound) -> Int {
    switch bound {
    case .unboundedPreceding: 0
    case .preceding: 1
    case .currentRow: 2
    case .following: 3
    case .unboundedFollowing: lastPlace
    }
  }

  private mutating func bound(
    _ written: WindowFrameClause.Bound, _ frame: WindowFrameClause, _ order: [SortKey]
  ) throws(SQLError) -> WindowFrame.Bound {
    switch written {
    case .unboundedPreceding: return .unboundedPreceding
    case .unboundedFollowing: return .unboundedFollowing
    case .currentRow: return .currentRow
    case .preceding(let offset):
      return frame.units == .range
        ? .precedingBy(try difference(offset, frame, order)) : .preceding(try count(offset))
    case .following(let offset):
      return frame.units == .range
        ? .followingBy(try difference(offset, frame, order)) : .following(try count(offset))
    }
  }

  private mutating func count(_ offset: Expression) throws(SQLError) -> Int {
    let value = try bindConstant(offset, as: .int64, clause: "a frame's offset")
    guard case .integer(let count) = value, count >= 0 else { throw Self.wrongOffset(offset) }
    return Int(count)
  }

  /// An offset of RANGE: a number like the only one of ORDER BY.
  private mutating func difference(
    _ offset: Expression, _ frame: WindowFrameClause, _ order: [SortKey]
  ) throws(SQLError) -> Value {
    guard order.count == 1, let type = order.first?.expression.type else {
      throw SQLError(
        .windowingError, "RANGE with an offset needs an ORDER BY of one value", at: frame.range,
        hint: "ROWS takes offsets with any ORDER BY.")
    }
    guard type.isInteger || type.isFloat else {
      throw SQLError(
        .featureNotSupported, "RANGE with an offset is not possible for type \(type)",
        at: frame.range, hint: "Order by a number, such as extract(epoch from t) or an MJD.")
    }
    let wanted: LogicalType = type.isFloat ? .float64 : .int64
    let value = try bindConstant(offset, as: wanted, clause: "a frame's offset")
    switch value {
    case .integer(let number) where number >= 0: return value
    case .float64(let number) where number >= 0 && number.isFinite: return value
    default: throw Self.wrongOffset(offset)
    }
  }

  private static func wrongOffset(_ offset: Expression) -> SQLError {
    SQLError(
      .invalidArgumentForFunction, "a frame's offset must not be NULL or negative",
      at: offset.range)
  }
}
