import Avro
import Base
import Engine
import FunctionKit
import Vectors

/// Apache Avro: object container files, and single messages with the frame of a schema registry.
///
/// A path may be a pattern: `'night/*.avro'`. The files may have schemas of several versions: there
/// is a column for every field of any of them, NULL where a file does not have it.
public struct AvroFormat: FileReader {
  public let names = ["avro"]
  public let endings = ["avro"]

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) { _ = try AvroOptions(options) }

  public func open(
    _ path: String, on disk: any Disk, expected: [ResultColumn]?, options: FileOptions,
    context: QueryContext
  ) throws(SQLError) -> any FileScan {
    let options = try AvroOptions(options)
    var survey = AvroSurvey(options, on: disk, context: context)
    for file in try FileGlob.paths(path, on: disk) {
      try context.checkpoint()
      do throws(SQLError) {
        try survey.look(at: file)
      } catch {
        throw error.inFile(file)
      }
    }
    let scan = try AvroScan(survey, expected: expected)
    return try options.columns.map { (names) throws(SQLError) in
      try ChosenScan(scan, names, of: path)
    } ?? scan
  }
}

/// What is found out about files before they are read: schemas and places of blocks.
struct AvroSurvey {
  /// Neighbouring blocks, of one file or several, that are read together.
  static let bytesPerPart = 8 << 20
  static let filesPerPart = 256

  let options: AvroOptions
  let disk: any Disk
  let context: QueryContext
  private(set) var files: [AvroFile] = []
  private(set) var schemas: [AvroSchema] = []
  private(set) var parts: [[AvroRun]] = []
  private(set) var rowCount = 0
  private(set) var sizeBytes = 0
  private var schemaOfText: [[UInt8]: Int] = [:]
  private var schemaOfNumber: [Int: Int] = [:]
  private var partBytes = 0

  init(_ options: AvroOptions, on disk: any Disk, context: QueryContext) {
    self.options = options
    self.disk = disk
    self.context = context
  }

  mutating func look(at path: String) throws(SQLError) {
    let (file, isCompressed) = try AvroFile.open(path, on: disk, context: context)
    var found = AvroFile(
      path: path, form: .message, schema: 0, sizeBytes: file.sizeBytes, isCompressed: isCompressed)
    if options.isFramed {
      found.schema = try schema(ofMessage: file)
      files.append(found)
      rowCount += 1
      add(AvroRun(file: files.count - 1, bytes: 0..<file.sizeBytes, rowCount: 1))
    } else {
      let container = try AvroContainer(file)
      found.form = .container(container)
      found.schema = try schema(ofText: container.schemaText)
      files.append(found)
      try walk(file, container)
    }
    sizeBytes += file.sizeBytes
  }

  private mutating func schema(ofMessage file: any ReadableFile) throws(SQLError) -> Int {
    let head = try file.read(at: 0, count: min(AvroFrame.sizeBytes, file.sizeBytes))
    let number = try AvroFrame.schemaNumber(head)
    if let known = schemaOfNumber[number] { return known }
    guard let folder = options.schemaFolder else {
      throw SQLError(
        .undefinedObject, "the message is written with schema \(number), and nobody knows it",
        hint: "Say where schemas lie: schemas => 'directory'.")
    }
    schemas.append(try AvroSchemaFolder(path: folder, disk: disk).schema(number))
    schemaOfNumber[number] = schemas.count - 1
    return schemas.count - 1
  }

  private mutating func schema(ofText text: [UInt8]) throws(SQLError) -> Int {
    if let known = schemaOfText[text] { return known }
    schemas.append(try AvroSchemaReader.read(text))
    schemaOfText[text] = schemas.count - 1
    return schemas.count - 1
  }

  private mutating func walk(
    _ file: any ReadableFile, _ container: AvroContainer
  ) throws(SQLError) {
    var walk = AvroBlockWalk(file, container)
    var run = AvroRun(file: files.count - 1, bytes: container.start..<container.start, rowCount: 0)
    var blockCount = 0
    while let block = try walk.block(at: run.bytes.upperBound) {
      run.bytes = run.bytes.lowerBound..<block.end
      run.rowCount &+= block.rowCount
      if run.bytes.count >= Self.bytesPerPart {
        finish(run)
        run = AvroRun(file: run.file, bytes: block.end..<block.end, rowCount: 0)
      }
      blockCount &+= 1
      if blockCount % 4096 == 0 { try context.checkpoint() }
    }
    finish(run)
  }

  private mutating func finish(_ run: AvroRun) {
    guard !run.bytes.isEmpty else { return }
    rowCount &+= run.rowCount
    add(run)
  }

  private mutating func add(_ run: AvroRun) {
    let isFull = partBytes &+ run.bytes.count > Self.bytesPerPart
      || parts.last?.count ?? 0 >= Self.filesPerPart
    if parts.isEmpty || isFull {
      parts.append([])
      partBytes = 0
    }
    parts[parts.count - 1].append(run)
    partBytes &+= run.bytes.count
  }
}

/// Blocks of one file that follow one another, or one message.
struct AvroRun: Sendable {
  var file: Int
  var bytes: Range<Int>
  var rowCount: Int
}
