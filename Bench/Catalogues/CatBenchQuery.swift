import Base
import Glibc
import Zij

/// One of the benchmark's queries: a file of SQL with its parameters filled in.
struct CatBenchQuery {
  let name: String
  let sql: String

  /// The files of a folder whose names begin with one of `only`, by name; all if that is empty.
  static func all(
    in folder: String, only: [String], parameters: [String: String]
  ) throws -> [CatBenchQuery] {
    let disk = PosixDisk()
    let names = try disk.list(folder).filter { name in
      name.hasSuffix(".sql") && (only.isEmpty || only.contains { name.hasPrefix($0) })
    }
    guard !names.isEmpty else { throw OptionError(message: "no query in \"\(folder)\" is meant") }
    return try names.map { name in
      let file = try disk.open(folder + "/" + name)
      let text = try file.read(at: 0, count: file.sizeBytes)
      return CatBenchQuery(
        name: String(name.dropLast(4)),
        sql: try filled(String(decoding: text.bytes, as: UTF8.self), parameters))
    }
  }

  private static func filled(
    _ text: String, _ parameters: [String: String]
  ) throws(OptionError) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let name = String(rest[rest.index(after: open)..<close])
      guard let value = parameters[name] else {
        throw OptionError(message: "params.json has no \"\(name)\"")
      }
      result += rest[..<open] + value
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  struct Figures {
    let query: CatBenchQuery
    let timing: Timing
    let processorTiming: Timing
    let firstNS: Double
    let rowCount: Int
  }

  /// Wall and processor time from the text to arrays of all rows, or to the closed file of a COPY.
  func measure(
    in session: Session, runCount: Int, answersPath: String?
  ) throws(SQLError) -> Figures {
    let clock = SystemClock()
    let firstStartNS = clock.monotonicNS()
    var answer = try run(in: session)
    let firstNS = Double(clock.monotonicNS() - firstStartNS)
    if let answersPath, let arrays = answer.arrays {
      try arrays.write(to: "\(answersPath)/\(name).orc")
    }
    var samples: [Double] = []
    var processorSamples: [Double] = []
    for _ in 0..<runCount {
      let startNS = clock.monotonicNS()
      let processorStartNS = Self.processorNS()
      answer = try run(in: session)
      samples.append(Double(clock.monotonicNS() - startNS))
      processorSamples.append(Double(Self.processorNS() - processorStartNS))
    }
    return Figures(
      query: self, timing: Timing(samples), processorTiming: Timing(processorSamples),
      firstNS: firstNS, rowCount: answer.arrays?.rowCount ?? 0)
  }

  private func run(in session: Session) throws(SQLError) -> (arrays: ResultArrays?, tag: String) {
    let result = try session.run(sql)
    guard let stream = result.stream else { return (nil, result.tag) }
    let arrays = try ResultArrays(stream.columns)
    while let batch = try stream.next() { arrays.append(batch) }
    return (arrays, result.tag)
  }

  /// Of all threads of the process.
  private static func processorNS() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension CatBenchQuery.Figures {
  var cells: [String] {
    [
      query.name, Shown.time(nanoseconds: timing.medianNS), Shown.time(nanoseconds: timing.bestNS),
      Shown.time(nanoseconds: processorTiming.medianNS), "\(rowCount)",
    ]
  }

  /// Seconds, as the harness writes them for its other peers.
  var json: JSONValue {
    .object([
      ("median", .number(timing.medianNS / 1e9)), ("min", .number(timing.bestNS / 1e9)),
      ("cpu", .number(processorTiming.medianNS / 1e9)), ("first", .number(firstNS / 1e9)),
      ("rows", .integer(rowCount)),
    ])
  }
}
