import Base
import Storage
import Synchronization
import Vectors

/// What a transaction, or a statement alone, has done and not committed. A value: a savepoint is a copy.
struct ChangeSet {
  var created: [Table] = []
  var dropped: [Table] = []
  private(set) var tables: [TableChanges] = []

  var isEmpty: Bool { created.isEmpty && dropped.isEmpty && tables.allSatisfy(\.isEmpty) }

  subscript(table: Table) -> TableChanges {
    get { tables.first { $0.table === table } ?? TableChanges(table: table) }
    set {
      if let index = tables.firstIndex(where: { $0.table === table }) {
        tables[index] = newValue
      } else {
        tables.append(newValue)
      }
    }
  }

  mutating func drop(_ table: Table) {
    tables.removeAll { $0.table === table }
    if created.contains(where: { $0 === table }) {
      created.removeAll { $0 === table }
    } else {
      dropped.append(table)
    }
  }

  /// Commits larger than this go into segments at once.
  private static let logRows = 1 << 16
  private static let logBytes = 8 << 20
  private static let logDeletions = 1 << 20

  /// True if the log can hold it: rows of tables that are there, and not too many.
  var fitsLog: Bool {
    guard created.isEmpty, dropped.isEmpty else { return false }
    var (rows, bytes, deletions) = (0, 0, 0)
    for changes in tables {
      deletions += changes.hidden.values.reduce(0) { $0 + $1.hiddenCount }
      for own in changes.own {
        guard case .rows(let chunk) = own else { return false }
        rows += chunk.rowCount
        bytes += chunk.sizeBytes
      }
    }
    return rows <= Self.logRows && bytes <= Self.logBytes && deletions <= Self.logDeletions
  }

  /// Rows that were to be deleted are gone, or in another place.
  static var movedRows: SQLError {
    SQLError(
      .serializationFailure, "could not serialize access: rows were deleted or moved meanwhile",
      hint: "Run the transaction again.")
  }

  var hidesRows: Bool { tables.contains { !$0.hidden.isEmpty } }
}

/// What has been done to one table.
struct TableChanges {
  let table: Table
  /// Rows that were added, in their order.
  var own: [OwnRows] = []
  /// Committed rows that are gone.
  var hidden: [PartOrigin: RowMask] = [:]

  var isEmpty: Bool { own.isEmpty && hidden.isEmpty }

  /// The table as the transaction sees it now. Throws when rows that it has deleted are in another place
  /// since: they would be seen again, and no commit could delete them.
  var view: TableView {
    get throws(SQLError) {
      let base = table.view
      var view = TableView()
      var found = 0
      for (part, origin) in zip(base.parts, base.origins) {
        if let mask = hidden[origin] {
          found += 1
          view.append(MaskedPart.over(part, mask), origin)
        } else {
          view.append(part, origin)
        }
      }
      guard found == hidden.count else { throw ChangeSet.movedRows }
      for (index, rows) in own.enumerated() { view.append(rows.part, .own(index)) }
      return view
    }
  }

  mutating func add(_ rows: [OwnRows]) throws(SQLError) {
    for next in rows {
      if case .rows(let more) = next, case .rows(let last)? = own.last, !last.isFull {
        own[own.count - 1] = .rows(try last.followed(by: more))
      } else {
        own.append(next)
      }
    }
  }

  mutating func hide(_ mask: RowMask, in origin: PartOrigin) {
    guard case .own(let index) = origin else {
      hidden[origin] = (hidden[origin] ?? RowMask()).union(mask)
      return
    }
    own[index].hide(mask)
  }
}

/// Rows that were added and not committed.
enum OwnRows {
  case rows(RowChunk)
  case segment(StagedSegment, RowMask)

  var part: any TablePart {
    switch self {
    case .rows(let chunk): chunk.part
    case .segment(let staged, let mask):
      mask.isEmpty ? staged.part : MaskedPart(staged.part, mask)
    }
  }

  mutating func hide(_ more: RowMask) {
    switch self {
    case .rows(var chunk):
      chunk.mask = chunk.mask.union(more)
      self = .rows(chunk)
    case .segment(let staged, let mask): self = .segment(staged, mask.union(more))
    }
  }
}

/// A segment whose files are there but belong to no table yet; they go with this value, unless a
/// commit has named them, or may have.
final class StagedSegment: Sendable {
  let stored: StoredSegment
  let part: any TablePart
  private let directory: DatabaseDirectory
  private let isKept = Atomic<Bool>(false)

  init(_ stored: StoredSegment, _ part: any TablePart, _ directory: DatabaseDirectory) {
    self.stored = stored
    self.part = part
    self.directory = directory
  }

  func keep() { isKept.store(true, ordering: .relaxed) }

  deinit {
    if !isKept.load(ordering: .relaxed) { directory.discard([stored]) }
  }
}

extension MaskedPart {
  /// A part with more rows hidden than it hides itself.
  static func over(_ part: any TablePart, _ mask: RowMask) -> any TablePart {
    MaskedPart(part, part.rowMask?.union(mask) ?? mask)
  }
}
