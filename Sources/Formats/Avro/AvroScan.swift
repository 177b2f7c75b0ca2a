import Avro
import Base
import Engine
import FunctionKit
import Synchronization
import Vectors

/// Open Avro files. Their parts are runs of blocks.
final class AvroScan: FileScan {
  let columns: [ResultColumn]
  let shape: AvroShape
  let files: [AvroFile]
  let schemas: [AvroSchema]
  let disk: any Disk
  private let parts: [[AvroRun]]
  private let totalRows: Int
  private let totalBytes: Int
  private let bytesRead = Atomic<Int>(0)
  private let programs = Mutex<[ProgramKey: AvroProgram]>([:])

  /// What a program depends on.
  struct ProgramKey: Hashable, Sendable {
    var schema = 0
    var columns: [Int]
    var uses: [FieldUse]
  }

  init(_ survey: AvroSurvey, expected: [ResultColumn]?) throws(SQLError) {
    files = survey.files
    schemas = survey.schemas
    disk = survey.disk
    parts = survey.parts
    totalRows = survey.rowCount
    totalBytes = survey.sizeBytes
    shape = try Self.shape(survey).fitted(to: expected ?? [])
    columns = shape.columns.map {
      ResultColumn($0.field.name, $0.field.type, description: $0.documentation)
    }
  }

  private static func shape(_ survey: AvroSurvey) throws(SQLError) -> AvroShape {
    if let path = survey.options.readerSchema {
      let schema = try AvroSchemaFolder.read(path, on: survey.disk)
      return try AvroShape(schema, keepingDefaults: true)
    }
    var result: AvroShape?
    for (index, schema) in survey.schemas.enumerated() {
      let next = try AvroShape(schema)
      do throws(SQLError) {
        result = try result.map { (known) throws(SQLError) in try known.merged(with: next) } ?? next
      } catch {
        throw error.inFile(survey.files.first { $0.schema == index }?.path ?? "")
      }
    }
    guard let result else { throw SQLError(.undefinedFile, "there are no files") }
    return result
  }

  var rowCount: Int? { totalRows }
  var partCount: Int { parts.count }
  var fractionRead: Double? {
    totalBytes == 0 ? nil : Double(bytesRead.load(ordering: .relaxed)) / Double(totalBytes)
  }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    try open(part: part, columns: columns, uses: columns.map { _ in .whole }, context: context)
  }

  func open(
    part: Int, columns: [Int], uses: [FieldUse], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    AvroRows(
      self, parts.indices.contains(part) ? parts[part] : [], columns: columns, uses: uses,
      context: context)
  }

  /// What makes `decoder`, which is for `key`, read the records of a file: compiled once for all parts.
  func program(_ key: ProgramKey, for decoder: AvroDecoder) throws(SQLError) -> AvroProgram {
    if let known = programs.withLock({ $0[key] }) { return known }
    let program = try decoder.program(for: schemas[key.schema])
    programs.withLock { $0[key] = program }
    return program
  }

  func add(bytesRead count: Int) { bytesRead.wrappingAdd(count, ordering: .relaxed) }
}

extension AvroShape {
  /// The shape for COPY: structures of columns that the table has, too, get the table's fields, and
  /// columns that the files do not have are NULL.
  fileprivate func fitted(to expected: [ResultColumn]) -> AvroShape {
    let known = Set(columns.map { $0.field.name.lowercased() })
    let isFit = expected.contains { known.contains($0.name.lowercased()) }
    guard isFit else { return self }
    return fitted(to: expected.map { StructField($0.name, $0.type) })
  }
}

/// The rows of some runs.
///
/// Memory: a block, decompressed, and one batch.
final class AvroRows: BatchGenerator {
  private let scan: AvroScan
  private let context: QueryContext
  private let decoder: AvroDecoder
  private let reservation: MemoryReservation
  private var programs: [Int: AvroProgram] = [:]
  private var key: AvroScan.ProgramKey
  private var runs: ArraySlice<AvroRun>

  /// The run that is being read.
  private var run: AvroRun?
  private var file: (any ReadableFile)?
  private var walk: AvroBlockWalk?
  private var place = 0

  /// The block that is being read.
  private var block: ByteRegion?
  private var blockStart = 0
  private var blockRows = 0
  private var rowsLeft = 0
  private var offset = 0
  private var blockBytes = 0
  private var batchBytes = 0

  /// How often the size of the batch is looked at.
  private static let bytesPerLook = 64 << 10

  init(
    _ scan: AvroScan, _ runs: [AvroRun], columns: [Int], uses: [FieldUse], context: QueryContext
  ) {
    self.scan = scan
    self.context = context
    self.runs = runs[...]
    decoder = AvroDecoder(scan.shape, columns: columns, uses: uses, context: context)
    key = AvroScan.ProgramKey(columns: columns, uses: uses)
    reservation = MemoryReservation(context.memory)
  }

  func next() throws(SQLError) -> Batch? {
    var bytesToLook = Self.bytesPerLook
    while decoder.rowCount < Batch.capacity {
      guard let block, let file = run.map({ scan.files[$0.file] }), rowsLeft > 0 else {
        if try nextBlock() { continue }
        break
      }
      let before = offset
      try decode(block, file)
      rowsLeft -= 1
      if rowsLeft == 0 { try finishBlock(file) }
      bytesToLook -= offset - before
      if bytesToLook <= 0 {
        try context.checkpoint()
        try reserveBatch()
        if decoder.sizeBytes >= Batch.byteBudget { break }
        bytesToLook = Self.bytesPerLook
      }
    }
    return decoder.rowCount > 0 ? decoder.finish() : nil
  }

  private func decode(_ block: ByteRegion, _ file: AvroFile) throws(SQLError) {
    let program = try program(of: file)
    do throws(SQLError) {
      try block.withBytes { (bytes) throws(SQLError) in
        try decoder.decode(program, bytes, at: &offset)
      }
    } catch {
      if error.state == .queryCanceled { throw error }
      throw damaged(file, "record \(blockRows - rowsLeft + 1)", error)
    }
  }

  private func program(of file: AvroFile) throws(SQLError) -> AvroProgram {
    if let known = programs[file.schema] { return known }
    key.schema = file.schema
    do throws(SQLError) {
      let program = try scan.program(key, for: decoder)
      programs[file.schema] = program
      return program
    } catch {
      throw error.inFile(file.path)
    }
  }

  /// Nothing may be left over: that would be another schema's bytes.
  private func finishBlock(_ file: AvroFile) throws(SQLError) {
    guard let block, offset == block.count else {
      let error = SQLError(
        .dataCorrupted, "\((block?.count ?? 0) - offset) bytes are left over behind the last record",
        hint: "The schema is not the one that the file was written with, or the file is damaged.")
      throw damaged(file, "record \(blockRows)", error)
    }
    self.block = nil
  }

  private func damaged(_ file: AvroFile, _ record: String, _ error: SQLError) -> SQLError {
    var named = error
    named.message = "\(file.path): \(record) of the block at byte \(blockStart): \(error.message)"
    return named
  }

  private func reserveBatch() throws(SQLError) {
    let held = decoder.heldBytes
    guard held > batchBytes else { return }
    try reservation.grow(by: held - batchBytes)
    batchBytes = held
  }

  // MARK: Blocks

  /// Goes to the next block; false at the end of all runs.
  private func nextBlock() throws(SQLError) -> Bool {
    try context.checkpoint()
    while true {
      if let run, place < run.bytes.upperBound {
        let file = scan.files[run.file]
        do throws(SQLError) {
          try readBlock(file)
        } catch {
          throw error.inFile(file.path)
        }
        return true
      }
      (file, walk) = (nil, nil)
      run = runs.popFirst()
      guard let run else { return false }
      place = run.bytes.lowerBound
      let file = scan.files[run.file]
      let opened = try file.open(on: scan.disk, context: context)
      self.file = opened
      if case .container(let container) = file.form { walk = AvroBlockWalk(opened, container) }
    }
  }

  private func readBlock(_ known: AvroFile) throws(SQLError) {
    guard let file, let run else { return }
    blockStart = place
    switch known.form {
    case .message:
      try reserve(file.sizeBytes)
      block = try file.read(at: 0, count: file.sizeBytes)
      offset = AvroFrame.sizeBytes
      blockRows = 1
      place = run.bytes.upperBound
    case .container(let container):
      guard let found = try walk?.block(at: place), found.end <= run.bytes.upperBound else {
        throw SQLError(
          .dataCorrupted, "file has changed while it was read",
          hint: "Ask again when nobody writes it.")
      }
      try reserve(found.bytes.count)
      let stored = try file.read(at: found.bytes.lowerBound, count: found.bytes.count)
      block = try container.decompressed(stored) { (more) throws(SQLError) in
        try reserve(found.bytes.count + more)
      }
      offset = 0
      blockRows = found.rowCount
      place = found.end
    }
    rowsLeft = blockRows
    scan.add(bytesRead: place - blockStart)
    if rowsLeft == 0 { try finishBlock(known) }
  }

  /// Holds as much memory as the largest block so far.
  private func reserve(_ count: Int) throws(SQLError) {
    guard count > blockBytes else { return }
    try reservation.grow(by: count - blockBytes)
    blockBytes = count
  }
}
