import Base
import Synchronization
import Vectors

/// A sorted run in a file of the database's `temp` folder, see `BlockCoding`. Read once.
final class SpilledRun: RowRun {
  private let disk: any Disk
  private let path: String
  private let types: [LogicalType]
  private var file: (any ReadableFile)?
  private var offset = 0
  private var isRemoved = false

  fileprivate init(_ disk: any Disk, _ path: String, _ types: [LogicalType]) {
    self.disk = disk
    self.path = path
    self.types = types
  }

  deinit { remove() }

  func nextBlock() throws(SQLError) -> Batch? {
    // Opened late: there may be more runs than a process may have files open.
    let file: any ReadableFile
    if let open = self.file { file = open } else { file = try disk.open(path) }
    self.file = file
    guard offset < file.sizeBytes else { return nil }
    let header = try file.read(at: offset, count: BlockCoding.headerBytes)
    var reader = ByteReader(header)
    let size = try reader.readLittleEndian(UInt64.self)
    let rowCount = Int(try reader.readLittleEndian(UInt32.self))
    let checksum = try reader.readLittleEndian(UInt32.self)
    guard size <= UInt64(file.sizeBytes - offset - BlockCoding.headerBytes), rowCount > 0,
      rowCount <= 1 << 16
    else { throw BlockCoding.damaged }
    let content = Buffer(sizeBytes: Int(size))
    let target = UnsafeMutableRawBufferPointer(start: content.base, count: Int(size))
    let got = try file.read(at: offset + BlockCoding.headerBytes, into: target)
    guard got == Int(size), CRC32C.checksum(UnsafeRawBufferPointer(target)) == checksum else {
      throw BlockCoding.damaged
    }
    offset += BlockCoding.headerBytes + Int(size)
    return try BlockCoding.decode(content, rowCount: rowCount, types: types)
  }

  func remove() {
    file = nil
    if isRemoved { return }
    isRemoved = true
    try? disk.remove(path)
  }
}

/// Writes a run. What it has written is gone with it, unless it is finished.
final class RunWriter {
  private let run: SpilledRun
  private let file: any WritableFile
  private var isClosed = false

  init(_ directory: DatabaseDirectory, types: [LogicalType]) throws(SQLError) {
    try directory.requireWritable()
    let path = directory.newTemporaryPath()
    file = try directory.disk.create(path, replacing: false)
    run = SpilledRun(directory.disk, path, types)
  }

  deinit { if !isClosed { try? file.close() } }

  /// Appends blocks of rows in their order.
  func append(_ blocks: [Batch], on team: any WorkTeam) throws(SQLError) {
    let encoded = try team.map(blocks.count) { EncodedBlock(BlockCoding.encode(blocks[$0])) }
    for block in encoded { try file.write(block.bytes.bytes) }
  }

  func finish() throws(SQLError) -> SpilledRun {
    isClosed = true
    try file.close()
    return run
  }

  private final class EncodedBlock: @unchecked Sendable {
    let bytes: ByteWriter
    init(_ bytes: consuming ByteWriter) { self.bytes = bytes }
  }
}
