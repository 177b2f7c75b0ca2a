import Avro
import Base
import Vectors

/// Writes what a test wants to have read.
struct AvroBytes {
  var bytes: [UInt8] = []

  mutating func number(_ value: Int64) {
    var rest = UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func double(_ value: Double) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
  }

  mutating func text(_ value: String) {
    number(Int64(value.utf8.count))
    bytes += Array(value.utf8)
  }

  /// A container file of blocks, each a record count and its bytes.
  static func file(_ schema: String, _ blocks: [(count: Int, bytes: [UInt8])]) -> [UInt8] {
    let mark = [UInt8](1...16)
    var out = AvroBytes(bytes: [0x4F, 0x62, 0x6A, 1])
    out.number(1)
    out.text("avro.schema")
    out.text(schema)
    out.number(0)
    out.bytes += mark
    for block in blocks {
      out.number(Int64(block.count))
      out.number(Int64(block.bytes.count))
      out.bytes += block.bytes + mark
    }
    return out.bytes
  }
}

final class AvroMemoryFile: ReadableFile {
  let path = "memory.avro"
  private let region: ByteRegion
  var sizeBytes: Int { region.count }

  init(_ bytes: [UInt8]) { region = ByteRegion(copying: bytes) }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    guard offset >= 0, count >= 0, count <= sizeBytes - offset else {
      throw SQLError(.dataCorrupted, "the file ends")
    }
    return region[offset..<offset + count]
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    throw SQLError(.internalError, "nobody reads so")
  }
}

/// All values of a file, row by row.
func readAll(
  _ bytes: [UInt8], uses: [FieldUse]? = nil, shape given: AvroShape? = nil
) throws(SQLError) -> [[Value]] {
  let file = AvroMemoryFile(bytes)
  let container = try AvroContainer(file)
  let schema = try AvroSchemaReader.read(container.schemaText)
  var shape = try AvroShape(schema)
  if let given { shape = given }
  let columns = Array(shape.columns.indices)
  let decoder = AvroDecoder(shape, columns: columns, uses: uses ?? columns.map { _ in .whole })
  let program = try decoder.program(for: schema)
  var walk = AvroBlockWalk(file, container)
  var place = container.start
  while let block = try walk.block(at: place) {
    place = block.end
    let stored = try file.read(at: block.bytes.lowerBound, count: block.bytes.count)
    let data = try container.decompressed(stored) { (_) throws(SQLError) in }
    var offset = 0
    for _ in 0..<block.rowCount {
      try data.withBytes { (bytes) throws(SQLError) in
        try decoder.decode(program, bytes, at: &offset)
      }
    }
    if offset != data.count { throw SQLError(.dataCorrupted, "left over") }
  }
  let batch = decoder.finish()
  return (0..<batch.rowCount).map { row in batch.columns.map { $0.value(at: row) } }
}
