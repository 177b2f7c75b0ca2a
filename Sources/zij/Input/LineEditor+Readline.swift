import Base
import CPlatform
@preconcurrency import CReadline
import Glibc

// The only file that knows GNU readline; everything else sees the protocol `LineEditor`.

/// Completion for the word from byte `start` to the caret of `line`; each candidate replaces it.
typealias Completer = (_ line: [UInt8], _ start: Int, _ caret: Int) -> [String]

/// Lines edited on the terminal, with history and completion.
final class ReadlineEditor: LineEditor {
  private let historyPath: String?
  private static let historyLimit: Int32 = 5000

  init(historyPath: String?, completer: @escaping Completer) {
    self.historyPath = historyPath
    readlineState.completer = completer
    setlocale(LC_CTYPE, "")
    rl_readline_name = UnsafePointer(strdup("zij"))
    // Ctrl-C is counted by the shell's own handler; `readlineByte` then ends the line.
    rl_catch_signals = 0
    rl_getc_function = readlineByte
    rl_attempted_completion_function = readlineCompletions
    rl_basic_word_break_characters = UnsafePointer(strdup(" \t\n\"'`@><=;|&{(,+-*/%"))
    rl_completer_word_break_characters = rl_basic_word_break_characters
    rl_variable_bind("enable-bracketed-paste", "on")
    using_history()
    stifle_history(Self.historyLimit)
    if let historyPath { loadHistory(historyPath) }
  }

  func readLine(prompt: String) -> LineInput {
    zij_clear_interrupts()
    guard let line = readline(prompt) else { return .end }
    defer { free(line) }
    if zij_interrupt_count() > 0 {
      zij_clear_interrupts()
      return .interrupted
    }
    return .line(Array(UnsafeRawBufferPointer(start: line, count: strlen(line))))
  }

  func remember(_ entry: String) {
    guard !entry.isEmpty else { return }
    if history_length > 0, let last = history_get(history_base + history_length - 1),
      let text = last.pointee.line, String(cString: text) == entry
    {
      return
    }
    add_history(entry)
    write([entry], flags: O_APPEND)
  }

  // The file holds one entry a line; line feeds inside of an entry stand there as byte 1, since
  // readline's own file format would cut it into pieces. Entries are appended one by one, so that
  // shells side by side and a closed terminal lose none.

  private func loadHistory(_ path: String) {
    guard let file = fopen(path, "r") else { return }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var entries: [String] = []
    while case let length = getline(&line, &capacity, file), length > 0, let line {
      var bytes = Array(UnsafeRawBufferPointer(start: line, count: length))
      if bytes.last == 10 { bytes.removeLast() }
      entries.append(String(decoding: bytes.map { $0 == 1 ? 10 : $0 }, as: UTF8.self))
    }
    let kept = Array(entries.suffix(Int(Self.historyLimit)))
    for entry in kept { add_history(entry) }
    // Shortened only when it is far too long, for other shells may be appending.
    if entries.count > 2 * kept.count { write(kept, flags: O_TRUNC) }
  }

  private func write(_ entries: [String], flags: Int32) {
    guard let historyPath else { return }
    let descriptor = zij_open(historyPath, O_WRONLY | O_CREAT | flags, 0o600)
    guard descriptor >= 0 else { return }
    let target = OutputTarget(descriptor: descriptor)
    for entry in entries {
      let bytes = entry.utf8.map { $0 == 10 ? 1 : $0 } + [10]
      target.write { $0.append(bytes) }
    }
    target.close()
  }

  func close() {}
}

// MARK: Callbacks

/// What readline's callbacks need; they run inside of `readline`, on the same thread.
private final class ReadlineState: @unchecked Sendable {
  var completer: Completer?
  var candidates: [String] = []
}

private let readlineState = ReadlineState()

/// One byte from the terminal; Ctrl-C ends the line, whose text the caller then throws away.
private func readlineByte(_ stream: UnsafeMutablePointer<FILE>?) -> Int32 {
  while true {
    if zij_interrupt_count() > 0 { return 10 }
    if zij_wait_readable(0, -1) != 0 { return rl_getc(stream) }
  }
}

private func readlineCompletions(
  _ text: UnsafePointer<CChar>?, _ start: Int32, _ end: Int32
) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
  // Without this, readline offers file names when there is no candidate.
  rl_attempted_completion_over = 1
  guard let text, let buffer = rl_line_buffer, let completer = readlineState.completer else {
    return nil
  }
  let line = Array(UnsafeRawBufferPointer(start: buffer, count: strlen(buffer)))
  readlineState.candidates = completer(line, Int(start), Int(end))
  if readlineState.candidates.isEmpty { return nil }
  return rl_completion_matches(text, readlineCandidate)
}

private func readlineCandidate(
  _ text: UnsafePointer<CChar>?, _ index: Int32
) -> UnsafeMutablePointer<CChar>? {
  // Called until it gives nil; readline frees what it gets.
  readlineState.candidates.isEmpty ? nil : strdup(readlineState.candidates.removeFirst())
}
