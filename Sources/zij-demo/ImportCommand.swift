import Base
import Catalog
import DemoCatalogues
import Engine
import Vectors

/// Imports the catalogues whose tables are not there yet; each appears whole or not at all.
struct ImportCommand {
  let folder: String
  let databasePath: String
  private let clock = SystemClock()
  private let disk = PosixDisk()

  init(folder: String, databasePath: String) {
    self.folder = folder
    self.databasePath = databasePath
  }

  func run() throws(SQLError) {
    let database = try DemoCommand.open(databasePath, isReadOnly: false)
    defer { database.close() }
    for catalogue in DemoCatalogues.all {
      let table = try database.catalog().table(
        named: catalogue.tableName, schema: nil, isDelimited: false, at: nil)
      if table != nil {
        Terminal.say("\(catalogue.tableName): already imported")
      } else {
        try importTable(catalogue, into: database)
      }
    }
  }

  private func importTable(
    _ catalogue: any DemoCatalogue, into database: Database
  ) throws(SQLError) {
    let path = folder + "/" + catalogue.fileName
    let startNS = clock.monotonicNS()
    let bytesBefore = storedBytes
    var csv = CSVSample()
    let appender = try database.createTable(
      catalogue.tableName, columns: catalogue.columns, order: catalogue.order,
      description: catalogue.description)
    do throws(SQLError) {
      try catalogue.load(path, on: disk) { (batch: Batch) throws(SQLError) in
        try csv.add(batch, columns: catalogue.columns)
        try appender.append(batch)
      } progress: { (progress: LoadProgress) throws(SQLError) in
        show(progress, of: catalogue, sinceNS: startNS)
      }
      Terminal.showProgress("\(catalogue.tableName): sorting along the sky and writing …")
      let rowCount = try appender.commit()
      Terminal.showProgress("")
      try report(
        catalogue, rowCount: rowCount, sinceNS: startNS, storedBytes: storedBytes - bytesBefore,
        csvBytesPerRow: csv.bytesPerRow)
    } catch {
      appender.abandon()
      Terminal.showProgress("")
      throw error
    }
  }

  private func show(
    _ progress: LoadProgress, of catalogue: any DemoCatalogue, sinceNS startNS: Int64
  ) {
    guard Terminal.showsProgress, progress.bytesRead > 0 else { return }
    let seconds = Double(max(1, clock.monotonicNS() - startNS)) / 1e9
    let fraction = Double(progress.bytesRead) / Double(max(1, progress.sizeBytes))
    Terminal.showProgress(
      "\(catalogue.tableName): \(Int(fraction * 100)) %, "
        + "\(Shown.count(progress.rowsRead)) rows, "
        + "\(Shown.count(Int(Double(progress.rowsRead) / seconds))) rows/s, "
        + "\(Shown.tenths(seconds / fraction - seconds)) s left")
  }

  private func report(
    _ catalogue: any DemoCatalogue, rowCount: Int, sinceNS startNS: Int64, storedBytes: Int,
    csvBytesPerRow: Double
  ) throws(SQLError) {
    let seconds = Double(max(1, clock.monotonicNS() - startNS)) / 1e9
    let sourceBytes = try disk.open(folder + "/" + catalogue.fileName).sizeBytes
    let bytesPerRow = Double(storedBytes) / Double(max(1, rowCount))
    Terminal.say(
      "\(catalogue.tableName): \(Shown.count(rowCount)) rows in \(Shown.tenths(seconds)) s, "
        + "\(Shown.count(Int(Double(rowCount) / seconds))) rows/s, "
        + "\(Shown.tenths(Double(sourceBytes) / 1e6 / seconds)) MB/s; "
        + "\(Shown.tenths(bytesPerRow)) bytes a row (as CSV \(Shown.tenths(csvBytesPerRow)))")
  }

  /// Bytes of all tables' files.
  private var storedBytes: Int {
    let folder = databasePath + "/tables"
    let tables = (try? disk.list(folder)) ?? []
    return tables.reduce(0) { $0 + sizeBytes(ofFolder: folder + "/" + $1) }
  }

  private func sizeBytes(ofFolder path: String) -> Int {
    guard let names = try? disk.list(path) else { return 0 }
    return names.reduce(0) { sum, name in
      sum + ((try? disk.open(path + "/" + name).sizeBytes) ?? 0)
    }
  }
}
