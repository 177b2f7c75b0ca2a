import Base
import Engine
import Vectors

/// The records that decide on the types of columns.
///
/// Unless the option `sample` says something else: the first 10,240 records, as far as the window
/// goes, and records at eight places behind it, so that a value that only later rows have is seen.
struct CSVSample {
  private static let recordLimit = 10_240
  /// How far the window grows over what cannot be read twice at will.
  private static let windowLimitBytes = 4 << 20
  private static let placeCount = 8
  private static let placeSizeBytes = 64 << 10

  /// With and without the first record, which may be a header.
  private(set) var all: [CSVColumnGuess]
  private(set) var body: [CSVColumnGuess]
  private var recordCount = 0
  private let options: CSVOptions
  private let tokenizer: CSVTokenizer
  private let conversion: CSVConversion
  private let context: QueryContext
  private let table: CSVFieldTable

  init(
    columnCount: Int, _ options: CSVOptions, _ tokenizer: CSVTokenizer, _ context: QueryContext
  ) {
    all = [CSVColumnGuess](repeating: CSVColumnGuess(), count: columnCount)
    body = all
    self.options = options
    self.tokenizer = tokenizer
    self.context = context
    conversion = CSVConversion(nullText: options.nullText)
    table = CSVFieldTable(
      columnCount: columnCount, capacity: CSVFieldTable.capacity(columnCount: columnCount))
  }

  /// Looks at records of the file that `input` is at the beginning of, and consumes nothing.
  mutating func take(_ input: CSVInput, on disk: any Disk) throws(SQLError) {
    switch options.sample {
    case .automatic:
      try takeFront(input, limit: Self.recordLimit)
      if let file = input.plainFile { try takePlaces(file, behind: input.bytes.count) }
    case .records(let count):
      if input.isRepeatable {
        try takeAgain(input.path, on: disk, limit: count)
      } else {
        try takeFront(input, limit: count)
      }
    case .all:
      guard input.isRepeatable else {
        throw SQLError(
          .invalidParameterValue, "\(input.path): sample 'all' needs a file, which is read twice",
          hint: "This is a pipe.")
      }
      try takeAgain(input.path, on: disk, limit: .max)
    }
  }

  private mutating func takeFront(_ input: CSVInput, limit: Int) throws(SQLError) {
    var position = 0
    var line = 1
    while recordCount < limit {
      let stop = tokenizer.read(
        input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: .max, into: table)
      add()
      if stop == .needsMore, !input.isAtEndOfFile,
        recordCount < 2 || input.plainFile == nil && input.bytes.count < Self.windowLimitBytes
      {
        try input.refill()
        continue
      }
      // A bad record is reported when its turn comes, with the rows before it in place.
      if stop != .full || table.rowCount == 0 { return }
    }
  }

  /// Reads the file a second time, from its beginning.
  private mutating func takeAgain(
    _ path: String, on disk: any Disk, limit: Int
  ) throws(SQLError) {
    let input = try CSVInput.beginning(path, on: disk, memory: context.memory)
    var line = 1
    while recordCount < limit {
      try context.checkpoint()
      var position = 0
      let stop = tokenizer.read(
        input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: .max, into: table)
      add()
      input.consume(position)
      if case .failed = stop { return }
      if stop == .needsMore {
        if input.isAtEndOfFile { return }
        try input.refill()
      }
    }
  }

  private mutating func takePlaces(
    _ file: any ReadableFile, behind windowSize: Int
  ) throws(SQLError) {
    let room = file.sizeBytes - windowSize - Self.placeSizeBytes
    guard room > 0, recordCount > 0 else { return }
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.placeSizeBytes, alignment: 8)
    defer { bytes.deallocate() }
    for place in 1...Self.placeCount {
      try context.checkpoint()
      let offset = windowSize + room / Self.placeCount * place
      var count = 0
      while count < bytes.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
        let more = try file.read(at: offset + count, into: rest)
        if more == 0 { break }
        count += more
      }
      takePlace(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }

  /// The whole records of a piece of the file. It may begin inside of quotes: then hardly every
  /// record has the right number of fields, and none of them counts.
  private mutating func takePlace(_ bytes: UnsafeRawBufferPointer) {
    guard let lineEnd = bytes.firstIndex(of: 10) ?? bytes.firstIndex(of: 13) else { return }
    var position = lineEnd + 1
    var line = 1
    let stop = tokenizer.read(
      bytes, from: &position, line: &line, isLast: false, sizeLimitBytes: .max, into: table)
    if case .failed = stop { return }
    add()
  }

  private mutating func add() {
    for column in all.indices {
      let fields = table.column(column)
      for row in 0..<table.rowCount where !conversion.isNull(fields[row], in: table) {
        let bytes = table.bytes(of: fields[row])
        all[column].add(bytes)
        if recordCount + row > 0 { body[column].add(bytes) }
      }
    }
    recordCount += table.rowCount
  }
}
