import Base
import Zij

/// `zij-bench catbench`: the catalogue benchmark as its harness `Bench/catbench/peers.py` runs it for
/// every peer. Queries are warm: one run that is not counted, then `--runs` of them.
struct CatBenchCommand {
  private let options: BenchOptions
  private let folder: CatBenchFolder

  init(_ options: BenchOptions) {
    self.options = options
    folder = CatBenchFolder(path: options.dataPath)
  }

  func run() throws {
    let sampler = MemorySampler()
    defer { sampler.stop() }
    var members: [(String, JSONValue)] = [
      ("version", .text(ZijVersion.text)), ("commit", .text(Report.commit ?? "unknown")),
      ("build", .text(Report.build)),
    ]
    if options.isLoad || !folder.isLoaded {
      let load = try folder.load(threadCount: options.threadCount)
      Terminal.say("loaded in \(Shown.number(load.seconds)) s, \(load.sizeBytes) bytes")
      members.append(("load", load.json))
    }
    if !options.isLoad { members.append(("q", .object(try measureAll()))) }
    members.append(("peak_anonymous_mb", .number(sampler.peakMB)))
    if let path = options.jsonPath {
      try OutputFile.write(JSONValue.object(members).rendered, to: path)
    }
  }

  private func measureAll() throws -> [(String, JSONValue)] {
    let queries = try CatBenchQuery.all(
      in: options.queriesPath ?? "Bench/catbench/queries/zij", only: options.only,
      parameters: try folder.parameters(exportingTo: options.exportPath))
    let database = try folder.open(threadCount: options.threadCount)
    defer { database.close() }
    let session = database.makeSession()
    // A plan that has gone wrong must not keep the other queries from their turn.
    _ = try session.run("SET statement_timeout = 60000")
    let table = TextTable([
      ("query", 16), ("median", 9), ("min", 9), ("cpu", 9), ("rows", 9),
    ])
    Terminal.say("\(Report.heading)\n\(options.runCount) runs of each after one to warm up\n")
    Terminal.say(table.heading)
    var results: [(String, JSONValue)] = []
    for query in queries {
      do {
        let figures = try query.measure(
          in: session, runCount: options.runCount, answersPath: options.answersPath)
        Terminal.say(table.line(figures.cells))
        results.append((query.name, figures.json))
      } catch {
        // The other queries run all the same, and the harness shows what this one said.
        Terminal.say("\(query.name): \(error)")
        results.append((query.name, .object([("error", .text("\(error)"))])))
      }
    }
    return results
  }
}
