import Base
import Engine
import Formats
import Glibc
import Vectors

/// `zij-fuzz fits CASES SEED FILE…`: reads files with random damage. What a damaged file gives is
/// rows or an error; anything else ends the program, under AddressSanitizer with a report.
@main
enum FuzzProgram {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 5, arguments[1] == "fits", let cases = Int(arguments[2]),
      let seed = UInt64(arguments[3])
    else {
      print("usage: zij-fuzz fits CASES SEED FILE…")
      exit(2)
    }
    do throws(SQLError) {
      try run(cases, seed, Array(arguments[4...]))
    } catch {
      print(error)
      exit(1)
    }
  }

  private static func run(_ cases: Int, _ seed: UInt64, _ paths: [String]) throws(SQLError) {
    let disk = PosixDisk()
    let target = "/tmp/zij-fuzz-\(getpid()).fits"
    defer { try? disk.remove(target) }
    var seeds: [[UInt8]] = []
    for path in paths {
      let file = try disk.open(path)
      seeds.append(try file.read(at: 0, count: file.sizeBytes).bytes)
    }
    var (readable, refused, rows) = (0, 0, 0)
    for number in 0..<cases {
      // A case can be had again alone: its number is its seed.
      let random = SeededRandom(seed: seed &+ UInt64(number))
      let bytes = damage(seeds[random.next(below: seeds.count)], random)
      let file = try disk.create(target, replacing: true)
      let region = ByteRegion(copying: bytes)
      try region.withBytes { (bytes) throws(SQLError) in try file.write(bytes) }
      try file.close()
      do throws(SQLError) {
        let count = try read(target, disk)
        rows += count
        readable += 1
      } catch {
        refused += 1
      }
    }
    print("\(cases) cases from seed \(seed): \(readable) read, \(rows) rows; \(refused) refused")
  }

  private static func read(_ path: String, _ disk: PosixDisk) throws(SQLError) -> Int {
    let context = QueryContext(memory: MemoryAccount(limitBytes: 512 << 20))
    let scan = try FITSReader().open(
      path, on: disk, expected: nil, options: FileOptions(), context: context)
    var rows = 0
    for part in 0..<min(scan.partCount, 4) {
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

  /// A few changes: digits and letters in headers, bytes anywhere, cuts, blocks twice.
  private static func damage(_ original: [UInt8], _ random: SeededRandom) -> [UInt8] {
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
