import Base
import Engine
import Formats
import Glibc
import Vectors
import Zij

/// `zij-fuzz FORMAT CASES SEED FILE…`: reads files with random damage. What a damaged file gives is
/// rows or an error; anything else ends the program, under AddressSanitizer with a report.
@main
enum FuzzProgram {
  private static let readers: [any FileReader] = FileFormats.readers

  static func main() {
    let arguments = CommandLine.arguments
    if arguments.count == 4, let cases = Int(arguments[2]), let seed = UInt64(arguments[3]) {
      switch arguments[1] {
      case "http": return HTTPFuzz.run(cases, seed)
      case "wire":
        do throws(SQLError) { try WireFuzz.run(cases, seed: seed) } catch {
          print(error)
          exit(1)
        }
        return
      default: break
      }
    }
    guard arguments.count >= 5, let cases = Int(arguments[2]), let seed = UInt64(arguments[3]),
      let reader = readers.first(where: { $0.names.contains(arguments[1]) })
    else {
      print("usage: zij-fuzz csv|orc|fits|arrow|avro CASES SEED FILE…\n       zij-fuzz http CASES SEED")
      exit(2)
    }
    do throws(SQLError) {
      try run(reader, cases, seed, Array(arguments[4...]))
    } catch {
      print(error)
      exit(1)
    }
  }

  private static func run(
    _ reader: any FileReader, _ cases: Int, _ seed: UInt64, _ paths: [String]
  ) throws(SQLError) {
    let disk = PosixDisk()
    let isFITS = reader.names.contains("fits")
    let isAvro = reader.names.contains("avro")
    let target = "/tmp/zij-fuzz-\(getpid())"
    defer { try? disk.remove(target) }
    var seeds: [[UInt8]] = []
    var tables: [[ResultColumn]?] = [nil]
    for path in paths {
      let file = try disk.open(path)
      seeds.append(try file.read(at: 0, count: file.sizeBytes).bytes)
      let scan = try? reader.open(
        path, on: disk, expected: nil, options: FileOptions(), context: QueryContext())
      if let scan { tables.append(scan.columns) }
    }
    var (readable, refused, rows) = (0, 0, 0)
    for number in 0..<cases {
      // A case can be had again alone: its number is its seed.
      let random = SeededRandom(seed: seed &+ UInt64(number))
      let original = seeds[random.next(below: seeds.count)]
      let bytes =
        isFITS ? damageCards(original, random)
        : isAvro && number % 4 != 0
        ? damageBlocks(original, random) : damageBytes(original, random)
      let file = try disk.create(target, replacing: true)
      let region = ByteRegion(copying: bytes)
      try region.withBytes { (bytes) throws(SQLError) in try file.write(bytes) }
      try file.close()
      do throws(SQLError) {
        // As for SELECT, or as for COPY into a table like that of some file.
        let table = random.next(below: 2) == 0 ? nil : tables[random.next(below: tables.count)]
        let count = try read(reader, target, disk, table, random)
        rows += count
        readable += 1
      } catch {
        refused += 1
      }
    }
    print("\(cases) cases from seed \(seed): \(readable) read, \(rows) rows; \(refused) refused")
  }

  private static func read(
    _ reader: any FileReader, _ path: String, _ disk: PosixDisk, _ table: [ResultColumn]?,
    _ random: SeededRandom
  ) throws(SQLError) -> Int {
    let context = QueryContext(memory: MemoryAccount(limitBytes: 512 << 20))
    var options = FileOptions()
    var reader = reader
    if reader.names.contains("csv") {
      if random.next(below: 2) == 0 { reader = CSVReader(pieceSizeBytes: random.next(below: 300) + 1) }
      if random.next(below: 4) == 0 { options.values["sample"] = .some(.text("all")) }
    }
    let scan = try reader.open(
      path, on: disk, expected: reader.names.contains("avro") ? table : nil, options: options,
      context: context)
    var rows = 0
    for part in 0..<min(scan.partCount, 40) {
      let generator = try scan.open(
        part: part, columns: Array(scan.columns.indices), context: context)
      while let batch = try generator.next() {
        rows += batch.rowCount
        // Every value is looked at, so that a view that leads nowhere is found.
        if let last = batch.columns.indices.last {
          for column in 0...last where batch.rowCount > 0 {
            for row in 0..<min(batch.rowCount, 64) { _ = batch.columns[column].value(at: row) }
          }
        }
        if rows > 100_000 { return rows }
      }
    }
    return rows
  }

  /// A few changes anywhere: bits, bytes that mean something in text, cuts, pieces twice or left out.
  private static func damageBytes(_ original: [UInt8], _ random: SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0...random.next(below: 5) where !bytes.isEmpty {
      let place = random.next(below: bytes.count)
      let end = place + random.next(below: min(64, bytes.count - place))
      switch random.next(below: 7) {
      case 0: bytes[place] ^= 1 << UInt8(random.next(below: 8))
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes.removeLast(bytes.count - place)
      case 3: bytes.removeSubrange(place..<end)
      case 4: bytes.insert(contentsOf: bytes[place..<end], at: random.next(below: bytes.count))
      case 5: bytes.append(contentsOf: original)
      default:
        let signs = Array("\",;|\t \n\r-.e0\u{0}é".utf8)
        bytes[place] = signs[random.next(below: signs.count)]
      }
    }
    return bytes
  }

  /// A few changes of single bytes behind the header, which ends with the mark that the file ends with.
  private static func damageBlocks(_ original: [UInt8], _ random: SeededRandom) -> [UInt8] {
    let mark = original.suffix(16)
    let places = original.indices.dropLast(32)
    guard let header = places.first(where: { original[$0...].starts(with: mark) }) else {
      return damageBytes(original, random)
    }
    var bytes = original
    let blocks = header + 16..<original.count - 16
    for _ in 0...random.next(below: 3) where !blocks.isEmpty {
      let place = blocks.lowerBound + random.next(below: blocks.count)
      switch random.next(below: 4) {
      case 0: bytes[place] ^= 1 << UInt8(random.next(below: 8))
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes[place] = UInt8(random.next(below: 8))
      default: bytes[place] = [0x7F, 0x80, 0xFE, 0xFF][random.next(below: 4)]
      }
    }
    return bytes
  }

  /// A few changes: digits and letters in headers, bytes anywhere, cuts, blocks twice.
  private static func damageCards(_ original: [UInt8], _ random: SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0...random.next(below: 4) where !bytes.isEmpty {
      let place = random.next(below: bytes.count)
      switch random.next(below: 8) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.removeLast(bytes.count - place / 2880 * 2880)
      case 2: bytes.append(contentsOf: bytes.prefix(2880))
      default:
        let start = place / 80 * 80
        guard start + 30 <= bytes.count else { continue }
        let digits = Array("0123456789-PQXABIJKEDLCM()'&/ T".utf8)
        bytes[start + 10 + random.next(below: 20)] = digits[random.next(below: digits.count)]
      }
    }
    return bytes
  }
}
