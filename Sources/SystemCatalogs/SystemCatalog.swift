import Base
import Catalog
import FunctionKit
import Storage
import Synchronization
import Vectors

/// The system tables beside some other tables. Nothing is computed before a query reads one.
public final class SystemCatalog: Sendable {
  /// What the system tables describe, other virtual tables included.
  private let described: [any CatalogTable]
  private let functions: FunctionSet
  private let made = Mutex<CatalogueImage?>(nil)

  public init(describing tables: [any CatalogTable], functions: FunctionSet) {
    described = tables
    self.functions = functions
  }

  public var names: any ObjectNames { ImageNames(image) }

  var image: CatalogueImage {
    made.withLock { made in
      if let image = made { return image }
      let kinds = Dictionary(
        TableFacts.all.map { ($0.oid, $0.kind) }, uniquingKeysWith: { (first, _) in first })
      let image = CatalogueImage(
        tables: described + Self.shadows, kinds: kinds, functions: functions)
      made = image
      return image
    }
  }

  /// pg_catalog, information_schema and `zij.tables`, `zij.columns`.
  public var tables: [any CatalogTable] {
    TableFacts.all.map { facts in
      table(facts.schema, facts.name, facts.columns + Self.extraColumns(facts), oid: facts.oid) {
        [self] (session) in
        let context = RowContext(image: image, facts: session)
        return Self.rows(facts, context)
      }
    } + [
      table("zij", "tables", ZijRows.tableColumns, "All tables") { [self] _ in
        ZijRows.tables(image)
      },
      table("zij", "columns", ZijRows.columnColumns, "All columns") { [self] _ in
        ZijRows.columns(image)
      },
    ]
  }

  private func table(
    _ schema: String, _ name: String, _ columns: [ColumnDefinition], _ description: String? = nil,
    oid: Int64? = nil, _ rows: @escaping @Sendable ((any SessionFacts)?) -> Rows
  ) -> VirtualTable {
    VirtualTable(
      schema: schema, name: name, columns: columns, description: description, oid: oid,
      rowCount: { rows(nil).count }
    ) { (session) throws(SQLError) in
      TableSnapshot(parts: [rows(session).part(columns, oid ?? 0)])
    }
  }

  /// The system tables as the image knows them: without rows, since those come from the image.
  private static let shadows: [any CatalogTable] =
    TableFacts.all.map { facts in
      shadow(facts.schema, facts.name, facts.columns + extraColumns(facts), oid: facts.oid)
    } + [
      shadow("zij", "tables", ZijRows.tableColumns, "All tables"),
      shadow("zij", "columns", ZijRows.columnColumns, "All columns"),
    ]

  private static func shadow(
    _ schema: String, _ name: String, _ columns: [ColumnDefinition], _ description: String? = nil,
    oid: Int64? = nil
  ) -> VirtualTable {
    VirtualTable(
      schema: schema, name: name, columns: columns, description: description, oid: oid
    ) { _ throws(SQLError) in TableSnapshot(parts: []) }
  }

  /// The standard knows no units: those columns stand behind its own.
  private static func extraColumns(_ facts: TableFacts) -> [ColumnDefinition] {
    guard facts.schema == "information_schema" else { return [] }
    switch facts.name {
    case "tables": return [ColumnDefinition("description", .text)]
    case "columns":
      return ["unit", "ucd", "utype", "description"].map { ColumnDefinition($0, .text) }
    default: return []
    }
  }

  private static func rows(_ facts: TableFacts, _ context: RowContext) -> Rows {
    if facts.schema == "information_schema" {
      return InformationSchemaRows.all(context)[facts.name]?() ?? .none
    }
    for family in [
      RelationRows.all, AttributeRows.all, TypeRows.all, ServerRows.all,
    ] {
      if let rows = family(context)[facts.name] { return rows() }
    }
    return .none
  }
}
