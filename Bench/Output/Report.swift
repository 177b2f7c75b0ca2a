import Base
import Glibc
import Vectors
import Zij

/// A benchmark's result with what one must know to compare it: machine, build, version, day.
struct Report {
  let benchmark: String
  /// What else the figures depend on.
  var settings: [(String, JSONValue)] = []
  var results: [JSONValue] = []

  var json: JSONValue {
    .object(
      [
        ("benchmark", .text(benchmark)),
        ("date", .text(Self.date)),
        ("version", .text(ZijVersion.text)),
        ("commit", .text(Self.commit ?? "unknown")),
        ("build", .text(Self.build)),
        (
          "host",
          .object([
            ("cpu", .text(Self.processor)), ("architecture", .text(Self.architecture)),
            ("cores", .integer(Self.coreCount)), ("load", .number(Self.load)),
          ])
        ),
      ] + settings + [("results", .list(results))])
  }

  /// One line for people.
  static var heading: String {
    "zij \(ZijVersion.text) (\(commit ?? "unknown commit"), \(build)) on \(processor), "
      + "\(coreCount) cores, load \(load), \(date)"
  }

  #if DEBUG
    static let build = "debug"
  #else
    static let build = "release"
  #endif

  #if arch(x86_64)
    static let architecture = "x86_64"
  #elseif arch(arm64)
    static let architecture = "arm64"
  #else
    static let architecture = "other"
  #endif

  /// UTC.
  private static let date: String = {
    var out = ByteWriter()
    DateText.append(
      timestamp: SystemClock().wallMicroseconds() / 1_000_000 * 1_000_000_000, to: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }()

  private static let coreCount = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// Threads that wanted to run in the last minute: more of them than cores make times noise.
  private static let load: Double = {
    var average = 0.0
    guard getloadavg(&average, 1) == 1 else { return .nan }
    return (average * 10).rounded() / 10
  }()

  private static let processor: String = {
    let lines = output(of: "cat /proc/cpuinfo").split(separator: "\n")
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return model.map { String($0.drop { $0 == " " }) } ?? "unknown processor"
  }()

  /// The commit of the working copy that the program was built in, with "-dirty" if it has changes.
  static let commit: String? = {
    let folder = output(of: "dirname \"$(readlink -f /proc/\(getpid())/exe)\"")
      .replacing("'", with: "'\\''").trimmingNewlines
    let text = output(
      of: "git -C '\(folder)' describe --always --dirty --exclude '*' 2>/dev/null")
    return text.isEmpty ? nil : text.trimmingNewlines
  }()

  /// What a shell command prints; empty if it cannot be run.
  private static func output(of command: String) -> String {
    guard let pipe = popen(command, "r") else { return "" }
    defer { pclose(pipe) }
    var bytes: [UInt8] = []
    while true {
      let byte = getc(pipe)
      guard byte != EOF else { break }
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  fileprivate var trimmingNewlines: String { String(prefix { $0 != "\n" }) }
}
