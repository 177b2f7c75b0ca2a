import Foundation

/// The command line of `zij-slt`.
enum SQLRunner {
  static func run(_ arguments: [String]) -> Int32 {
    var options = Runner.Options()
    options.isOnDisk = arguments.contains("--disk")
    options.isCorpus = arguments.contains("--corpus")
    if options.isCorpus { options.engineNames.insert("postgresql") }
    let isQuiet = arguments.contains("--quiet")
    let files = arguments.filter { !$0.hasPrefix("--") }.flatMap(scripts)
    guard !files.isEmpty else {
      say("zij-slt: no files")
      return 2
    }
    var failedFileCount = 0
    var total = Runner.Report()
    for file in files {
      let start = DispatchTime.now().uptimeNanoseconds
      let report = Runner(path: file, options: options).run()
      let elapsedMS = (DispatchTime.now().uptimeNanoseconds - start) / 1_000_000
      if !report.failures.isEmpty { failedFileCount += 1 }
      if !isQuiet || !report.failures.isEmpty { show(file, report, elapsedMS: elapsedMS) }
      total.passedCount += report.passedCount
      total.failures += report.failures
      total.skipped.merge(report.skipped, uniquingKeysWith: +)
    }
    say(
      "records: \(total.passedCount) passed, \(total.failures.count) failed, "
        + "\(total.skipped.values.reduce(0, +)) skipped")
    for (reason, count) in total.skipped.sorted(by: { $0.value > $1.value }) {
      say("  skipped \(count): \(reason)")
    }
    say("files: \(files.count - failedFileCount) passed, \(failedFileCount) failed")
    return failedFileCount == 0 ? 0 : 1
  }

  private static func show(_ file: String, _ report: Runner.Report, elapsedMS: UInt64) {
    let mark = report.failures.isEmpty ? "ok    " : "FAILED"
    let skipped = report.skipped.values.reduce(0, +)
    say(
      "\(mark) \(file): \(report.passedCount) passed, \(report.failures.count) failed"
        + (skipped > 0 ? ", \(skipped) skipped" : "") + " (\(elapsedMS) ms)")
    for failure in report.failures.prefix(10) { say("  " + failure) }
    if report.failures.count > 10 { say("  … \(report.failures.count - 10) more") }
  }

  /// Unlike `print`, at once: a crash must not take the lines before it along.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// The file itself, or the scripts below a folder, sorted.
  private static func scripts(in path: String) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
    guard isFolder.boolValue else { return [path] }
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".slt") || $0.hasSuffix(".test") }.sorted()
      .map { path + "/" + $0 }
  }
}
