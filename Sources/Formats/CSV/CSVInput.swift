import Base

/// A window over a file that is read from front to back, also over a pipe, and decompressed on the
/// way. Holds one block, or as much as the longest record needs, up to `maximumSizeBytes`.
final class CSVInput {
  static let blockSizeBytes = 1 << 20
  /// A record longer than this is an error: the file is then hardly CSV.
  static let maximumSizeBytes = 64 << 20

  let path: String
  private let source: any ByteInput
  /// The file if its bytes can be had at any place: it is neither compressed nor a pipe.
  let plainFile: (any ReadableFile)?
  /// Whether the file can be read once more.
  let isRepeatable: Bool
  private let memory: MemoryAccount
  private(set) var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// The bytes not yet consumed are `start ..< end` of `base`.
  private(set) var start = 0
  private(set) var end = 0
  private(set) var isAtEndOfFile = false
  /// Where the text begins in the file: behind its byte order mark.
  private(set) var startOffset = 0

  convenience init(_ path: String, on disk: any Disk, memory: MemoryAccount) throws(SQLError) {
    let file = try disk.open(path)
    let input = FileInput(file)
    if let compression = FileCompression(try input.peek(FileCompression.signatureSizeBytes)) {
      try self.init(
        file, CompressedInput(input, compression, memory: memory), isPlain: false, memory)
    } else {
      try self.init(file, input, isPlain: file.sizeBytes > 0, memory)
    }
  }

  /// The records in a range of a file that is not compressed.
  convenience init(
    _ file: any ReadableFile, _ range: Range<Int>, windowSizeBytes: Int = blockSizeBytes,
    memory: MemoryAccount
  ) throws(SQLError) {
    try self.init(
      file, FileInput(file, range), isPlain: true, windowSizeBytes: windowSizeBytes, memory)
  }

  private init(
    _ file: any ReadableFile, _ source: any ByteInput, isPlain: Bool,
    windowSizeBytes: Int = blockSizeBytes, _ memory: MemoryAccount
  ) throws(SQLError) {
    self.source = source
    isRepeatable = file.sizeBytes > 0
    plainFile = isPlain ? file : nil
    path = file.path
    self.memory = memory
    try memory.reserve(windowSizeBytes)
    capacity = windowSizeBytes
    base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
  }

  /// A window over the first block, behind the byte order mark if there is one.
  static func beginning(
    _ path: String, on disk: any Disk, memory: MemoryAccount
  ) throws(SQLError) -> sending CSVInput {
    let input = try CSVInput(path, on: disk, memory: memory)
    try input.refill()
    if input.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      input.consume(3)
      input.startOffset = 3
    }
    return input
  }

  deinit {
    base.deallocate()
    memory.release(capacity)
  }

  /// The bytes not yet consumed.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: end - start)
  }

  func consume(_ count: Int) {
    precondition(count <= end - start)
    start += count
  }

  /// 0…1, nil for pipes.
  var fractionRead: Double? { source.fractionRead }

  /// Reads until the window is full, or the file ends. Grows the window first if nothing of it was
  /// consumed. Moves the bytes.
  func refill() throws(SQLError) {
    if start > 0 {
      base.copyMemory(from: base + start, byteCount: end - start)
      end -= start
      start = 0
    }
    if end == capacity { try grow() }
    while end < capacity, !isAtEndOfFile {
      let room = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
      let count = try source.read(into: room)
      if count == 0 { isAtEndOfFile = true }
      end += count
    }
  }

  private func grow() throws(SQLError) {
    guard capacity < Self.maximumSizeBytes else {
      throw SQLError(
        .programLimitExceeded, "\(path): record longer than \(Self.maximumSizeBytes >> 20) MiB",
        hint: "A quote that is never closed makes the rest of the file one field.")
    }
    try memory.reserve(capacity)
    let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 64)
    bigger.copyMemory(from: base, byteCount: end)
    base.deallocate()
    base = bigger
    capacity *= 2
  }
}
