import Base
import CPlatform
import Engine

/// A thread beside the running query: passes Ctrl-C on to it and draws the progress line.
final class QueryWatcher: @unchecked Sendable {
  private let connection: any ShellConnection
  private let drawsProgress: Bool
  private let monitor = Monitor()
  // All below is guarded by the monitor.
  private var isRunning = false
  private var isEnded = false
  private var isPaused = false
  private var isDrawn = false
  /// `connection.cancel` is at work, which with a server takes its time.
  private var isCancelling = false
  /// Interrupts that were passed on, and when the last one was.
  private var passedOnCount = 0
  private var passedOnNS: Int64 = 0
  private var context: QueryContext?
  private var startNS: Int64 = 0
  private var thread: WorkerThread?

  private static let periodMS = 50
  /// A query shorter than this shows no progress.
  private static let patienceNS: Int64 = 500_000_000
  /// A statement that still runs so long after it was to end is told so again: it may have begun only
  /// when the first request was over.
  private static let insistenceNS: Int64 = 1_000_000_000

  init(_ connection: any ShellConnection, drawsProgress: Bool) {
    self.connection = connection
    self.drawsProgress = drawsProgress
  }

  /// A statement begins.
  func start() {
    monitor.locked {
      isRunning = true
      isPaused = false
      context = nil
      passedOnCount = 0
      startNS = SystemClock().monotonicNS()
      if thread == nil { thread = WorkerThread { self.watch() } }
      monitor.notifyAll()
    }
  }

  /// The statement's progress is known from now on.
  func follow(_ context: QueryContext?) { monitor.locked { self.context = context } }

  /// Takes the line away before something else is written to the terminal.
  func pause() {
    monitor.locked {
      isPaused = true
      erase()
    }
  }

  /// The statement has ended. A request to cancel that is on its way is waited for, so that it does not
  /// meet the next statement.
  func stop() {
    monitor.locked {
      isRunning = false
      while isCancelling { monitor.wait() }
      context = nil
      erase()
    }
  }

  /// Ends the thread.
  func close() {
    monitor.locked {
      isEnded = true
      monitor.notifyAll()
    }
    thread?.join()
    thread = nil
  }

  private func watch() {
    monitor.lock()
    defer { monitor.unlock() }
    while !isEnded {
      guard isRunning else {
        monitor.wait()
        continue
      }
      _ = monitor.wait(milliseconds: Self.periodMS)
      guard isRunning else { continue }
      passOnInterrupts()
      guard isRunning else { continue }
      if drawsProgress, !isPaused { draw() }
    }
  }

  /// Cancels once for each Ctrl-C, without the monitor: a server may be slow to answer.
  private func passOnInterrupts() {
    let count = Int(zij_interrupt_count())
    let nowNS = SystemClock().monotonicNS()
    guard count > passedOnCount || count > 0 && nowNS - passedOnNS > Self.insistenceNS else { return }
    passedOnCount = count
    isCancelling = true
    monitor.unlock()
    connection.cancel()
    monitor.lock()
    isCancelling = false
    passedOnNS = SystemClock().monotonicNS()
    monitor.notifyAll()
  }

  private func draw() {
    let elapsedNS = SystemClock().monotonicNS() - startNS
    // Until `run` returns, as during COPY, the connection knows the context.
    guard elapsedNS > Self.patienceNS, let context = context ?? connection.runningContext else {
      return
    }
    let width = Int(zij_terminal_columns(2))
    let line = ProgressLine(context.progress, elapsedNS: elapsedNS).text(width: max(20, width - 1))
    StandardError.write("\r\(line)\u{1B}[K")
    isDrawn = true
  }

  private func erase() {
    guard isDrawn else { return }
    StandardError.write("\r\u{1B}[K")
    isDrawn = false
  }
}

/// What a running query shows: `[######----]  58 %  1,234,567 rows  45.1 M rows/s  ETA 3 s`.
struct ProgressLine {
  private let fraction: Double?
  private let rowCount: Int
  private let phase: QueryProgress.Phase
  private let elapsedSeconds: Double

  init(_ progress: QueryProgress, elapsedNS: Int64) {
    fraction = progress.fraction
    rowCount = progress.rowsRead
    phase = progress.phase
    elapsedSeconds = max(1e-9, Double(elapsedNS) / 1e9)
  }

  func text(width: Int) -> String {
    var parts: [String] = []
    if let fraction {
      let barWidth = min(30, max(8, width / 3))
      let filled = min(barWidth, Int(fraction * Double(barWidth)))
      let bar =
        String(repeating: "#", count: filled)
        + String(repeating: "-", count: barWidth - filled)
      let percent = String(Int(fraction * 100))
      parts.append("[\(bar)] \(String(repeating: " ", count: 3 - percent.count))\(percent) %")
    } else {
      parts.append("\(Int(elapsedSeconds)) s")
    }
    switch phase {
    case .running: break
    case .sorting: parts.append("sorting")
    case .writing: parts.append("writing")
    }
    parts.append("\(Grouped.text(rowCount)) rows")
    parts.append("\(Self.rate(Double(rowCount) / elapsedSeconds)) rows/s")
    if let fraction, fraction > 0.01, fraction < 1 {
      parts.append("ETA \(Self.duration(elapsedSeconds * (1 - fraction) / fraction))")
    }
    return String(parts.joined(separator: "  ").prefix(width))
  }

  private static func rate(_ perSecond: Double) -> String {
    switch perSecond {
    case 1e9...: oneDigit(perSecond / 1e9) + " G"
    case 1e6...: oneDigit(perSecond / 1e6) + " M"
    case 1e3...: oneDigit(perSecond / 1e3) + " k"
    default: String(Int(perSecond))
    }
  }

  private static func oneDigit(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 359_999))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}

/// Whole numbers with commas between thousands.
enum Grouped {
  static func text(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }
}
