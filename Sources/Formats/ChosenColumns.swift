import Base
import Engine
import FunctionKit
import Vectors

/// The columns that the option `columns` chooses.
public enum ChosenColumns {
  /// Positions of `names` among a file's columns: exactly written, or else in whatever case.
  public static func positions(
    of names: [String], among columns: [String], _ refuse: (SQLState, String, String?) -> SQLError
  ) throws(SQLError) -> [Int] {
    var positions: [Int] = []
    for name in names {
      let folded = name.lowercased()
      guard
        let position = columns.firstIndex(of: name)
          ?? columns.firstIndex(where: { $0.lowercased() == folded })
      else {
        throw refuse(
          .undefinedColumn, "there is no column \"\(VisibleText.line(name))\"",
          Suggestion.hint(for: name, among: columns))
      }
      guard !positions.contains(position) else {
        throw refuse(
          .duplicateColumn, "column \"\(VisibleText.line(name))\" is chosen twice", nil)
      }
      positions.append(position)
    }
    return positions
  }
}

/// A file of which only some columns are offered, in the order that the option `columns` says.
struct ChosenScan: FileScan {
  private let scan: any FileScan
  private let positions: [Int]

  init(_ scan: any FileScan, _ names: [String], of path: String) throws(SQLError) {
    self.scan = scan
    positions = try ChosenColumns.positions(of: names, among: scan.columns.map(\.name)) {
      state, what, hint in
      SQLError(state, "\(path): \(what)", hint: hint)
    }
  }

  var columns: [ResultColumn] { positions.map { scan.columns[$0] } }
  var rowCount: Int? { scan.rowCount }
  var partCount: Int { scan.partCount }
  var fractionRead: Double? { scan.fractionRead }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    try scan.open(part: part, columns: columns.map { positions[$0] }, context: context)
  }
  func open(
    part: Int, columns: [Int], uses: [FieldUse], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    try scan.open(
      part: part, columns: columns.map { positions[$0] }, uses: uses, context: context)
  }
}
