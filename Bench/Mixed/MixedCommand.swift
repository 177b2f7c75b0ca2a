import Base
import Glibc
import Zij

/// `zij-bench mixed`: what interactive users feel while batch queries keep all cores busy, and what
/// preemption costs the batch queries when nobody interrupts them.
struct MixedCommand {
  private let options: BenchOptions
  private let folder: CatBenchFolder

  init(_ options: BenchOptions) {
    self.options = options
    folder = CatBenchFolder(path: options.dataPath)
  }

  private struct Part {
    var samples: [Double] = []
    var batchPerSecond = 0.0
    var delayP50NS: Int64 = 0
    var delayP99NS: Int64 = 0
  }

  func run() throws {
    let queries = try CatBenchQuery.all(
      in: options.queriesPath ?? "Bench/catbench/queries/zij", only: options.batch,
      parameters: try folder.parameters(exportingTo: nil))
    Terminal.say("\(Report.heading)\n")
    let database = try folder.open(threadCount: options.threadCount)
    _ = try measure(database, queries: [], hasCones: true, seconds: 2)
    let idle = try measure(database, queries: [], hasCones: true, seconds: options.seconds)
    let alone = try measure(database, queries: queries, hasCones: false, seconds: options.seconds)
    let loaded = try measure(database, queries: queries, hasCones: true, seconds: options.seconds)
    let again = try measure(database, queries: queries, hasCones: false, seconds: options.seconds)
    database.close()
    let plain = try folder.open(threadCount: options.threadCount, isPreemptive: false)
    _ = try measure(plain, queries: queries, hasCones: false, seconds: 2)
    let off = try measure(plain, queries: queries, hasCones: false, seconds: options.seconds)
    plain.close()
    show("cones alone", idle)
    show("cones with batch queries", loaded)
    let batchAlone = (alone.batchPerSecond + again.batchPerSecond) / 2
    Terminal.say(
      "batch queries a second: \(Shown.number(batchAlone)) alone, "
        + "\(Shown.number(loaded.batchPerSecond)) with cones, "
        + "\(Shown.number(off.batchPerSecond)) alone without preemption")
    guard let path = options.jsonPath else { return }
    var report = Report(benchmark: "mixed")
    report.results = [
      json("idle", idle), json("alone", alone), json("loaded", loaded), json("alone again", again),
      json("no preemption", off),
    ]
    try OutputFile.write(report.json.rendered, to: path)
  }

  /// Runs one part: cones for `seconds`, batch queries all the while, or either alone.
  private func measure(
    _ database: Database, queries: [CatBenchQuery], hasCones: Bool, seconds: Int
  ) throws -> Part {
    var part = Part()
    let batch = BatchClient()
    let session = database.makeSession()
    _ = try session.run("SET queue = 'batch'")
    let thread = queries.isEmpty ? nil : WorkerThread { batch.run(queries, in: session) }
    let clock = SystemClock()
    let startNS = clock.monotonicNS()
    database.startDelays.reset()
    if hasCones {
      var client = ConeClient(database.makeSession(), gapMS: options.gapMS)
      part.samples = try client.run(seconds: seconds).sorted()
    } else {
      sleep(UInt32(seconds))
    }
    let elapsed = Double(clock.monotonicNS() - startNS) / 1e9
    part.batchPerSecond = Double(batch.doneCount) / elapsed
    part.delayP50NS = database.startDelays.quantileNS(0.5)
    part.delayP99NS = database.startDelays.quantileNS(0.99)
    batch.stop()
    thread?.join()
    try batch.check()
    return part
  }

  private func show(_ name: String, _ part: Part) {
    let times = [0.5, 0.95, 0.99].map { Shown.time(nanoseconds: quantile(part.samples, $0)) }
    Terminal.say(
      "\(name): p50 \(times[0]), p95 \(times[1]), p99 \(times[2]) of \(part.samples.count); "
        + "waited for a core: p50 < \(Shown.time(nanoseconds: Double(part.delayP50NS))), "
        + "p99 < \(Shown.time(nanoseconds: Double(part.delayP99NS)))")
  }

  private func quantile(_ sorted: [Double], _ share: Double) -> Double {
    sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }

  private func json(_ name: String, _ part: Part) -> JSONValue {
    .object([
      ("name", .text(name)), ("cones", .integer(part.samples.count)),
      ("p50_ms", .number(quantile(part.samples, 0.5) / 1e6)),
      ("p95_ms", .number(quantile(part.samples, 0.95) / 1e6)),
      ("p99_ms", .number(quantile(part.samples, 0.99) / 1e6)),
      ("core_wait_p99_ms", .number(Double(part.delayP99NS) / 1e6)),
      ("batch_per_second", .number(part.batchPerSecond)),
    ])
  }
}
