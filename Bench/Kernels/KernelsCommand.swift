import Base
import Glibc

/// `zij-bench kernels`: the table of all kernels.
struct KernelsCommand {
  private let options: BenchOptions
  private let stopwatch: Stopwatch

  init(_ options: BenchOptions) {
    self.options = options
    stopwatch = options.isSmoke ? .smoke : .thorough
  }

  func run() throws {
    let chosen = KernelCase.all.filter { kernel in
      options.filter.map { kernel.name.lowercased().contains($0.lowercased()) } ?? true
    }
    guard !chosen.isEmpty else { throw OptionError(message: "no kernel has such a name") }
    let table = TextTable([
      ("kernel", 46), ("per", 9), ("median", 8), ("best", 8), ("items/s", 8), ("GB/s", 6),
      ("x memcpy", 8),
    ])
    Terminal.say(Report.heading + "\n\n" + table.heading)
    var report = Report(
      benchmark: "kernels",
      settings: [
        ("samples", .integer(stopwatch.sampleCount)),
        ("sample_ms", .number(Double(stopwatch.sampleNS) / 1e6)),
      ])
    var copies = CopyTimes(stopwatch)
    for kernel in chosen {
      let figures = try measure(kernel, &copies)
      Terminal.say(table.line(figures.cells))
      report.results.append(figures.json)
    }
    if let path = options.jsonPath { try OutputFile.write(report.json.rendered, to: path) }
  }

  private func measure(_ kernel: KernelCase, _ copies: inout CopyTimes) throws -> KernelFigures {
    let work = try kernel.prepare()
    switch work.body {
    case .repeated(let call):
      return KernelFigures(
        kernel: kernel, work: work, timing: try stopwatch.measure(call),
        copyNS: copies.nanoseconds(of: work.sizeBytes, blockSizeBytes: work.blockSizeBytes))
    case .once(let calls):
      let timing = Timing(try calls.map { Double(try Stopwatch.time($0)) })
      return KernelFigures(kernel: kernel, work: work, timing: timing, copyNS: nil)
    }
  }
}

/// How long memcpy takes at best, measured once for each size of block.
struct CopyTimes {
  private let stopwatch: Stopwatch
  private var blockNS: [Int: Double] = [:]

  init(_ stopwatch: Stopwatch) { self.stopwatch = stopwatch }

  mutating func nanoseconds(of sizeBytes: Int, blockSizeBytes: Int) -> Double {
    let known = blockNS[blockSizeBytes] ?? measure(blockSizeBytes)
    blockNS[blockSizeBytes] = known
    return known * Double(sizeBytes) / Double(blockSizeBytes)
  }

  private func measure(_ sizeBytes: Int) -> Double {
    let source = Buffer(sizeBytes: sizeBytes, zeroed: true)
    let target = Buffer(sizeBytes: sizeBytes, zeroed: true)
    return stopwatch.measure { memcpy(target.base, source.base, sizeBytes) }.bestNS
  }
}

/// A line of the table.
struct KernelFigures {
  let kernel: KernelCase
  let work: KernelCase.Work
  let timing: Timing
  /// What memcpy takes for the same bytes; nil where bytes are not the matter.
  let copyNS: Double?

  private var itemNS: Double { timing.medianNS / Double(work.itemCount) }
  private var bestItemNS: Double { timing.bestNS / Double(work.itemCount) }
  private var gigabytesPerSecond: Double { Double(work.sizeBytes) / timing.medianNS }
  /// Of the best times: a disturbed median of memcpy would spoil every line beside it.
  private var copyRatio: Double { copyNS.map { timing.bestNS / $0 } ?? .nan }

  var cells: [String] {
    [
      kernel.name, kernel.item, Shown.time(nanoseconds: itemNS),
      Shown.time(nanoseconds: bestItemNS), Shown.rate(1e9 / itemNS),
      Shown.number(gigabytesPerSecond), Shown.number(copyRatio),
    ]
  }

  var json: JSONValue {
    .object([
      ("name", .text(kernel.name)), ("per", .text(kernel.item)),
      ("median_ns", .number(rounded(itemNS))), ("best_ns", .number(rounded(bestItemNS))),
      ("gb_per_s", .number(rounded(gigabytesPerSecond))),
      ("memcpy_ratio", .number(rounded(copyRatio))),
    ])
  }

  /// Noise does not deserve more than four digits behind the point.
  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}
