import CPlatform
import Glibc

/// Where lines come from: a terminal with editing, a file, a pipe.
protocol LineEditor: AnyObject {
  func readLine(prompt: String) -> LineInput
  /// Adds a whole statement to the history.
  func remember(_ entry: String)
  /// No more lines are wanted.
  func close()
}

enum LineInput {
  /// Without its line end.
  case line([UInt8])
  /// Ctrl-C.
  case interrupted
  case end
}

/// Lines of a file, a pipe, or a terminal without an editor.
final class PlainLineEditor: LineEditor {
  private let descriptor: Int32
  private let showsPrompt: Bool
  private let mustClose: Bool
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  init(descriptor: Int32, showsPrompt: Bool = false, closing mustClose: Bool = false) {
    self.descriptor = descriptor
    self.showsPrompt = showsPrompt
    self.mustClose = mustClose
  }

  /// Lines of a text.
  init(text: String) {
    descriptor = -1
    showsPrompt = false
    mustClose = false
    buffer = Array(text.utf8)
    isAtEnd = true
  }

  func readLine(prompt: String) -> LineInput {
    if showsPrompt { StandardError.write(prompt) }
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: 10) {
        defer { position = end + 1 }
        return .line(Self.withoutReturn(buffer[position..<end]))
      }
      searched = buffer.count
      if isAtEnd { break }
      let before = position
      if !fill() { return .interrupted }
      searched -= before - position
    }
    guard position < buffer.count else { return .end }
    defer { position = buffer.count }
    return .line(Self.withoutReturn(buffer[position...]))
  }

  private static func withoutReturn(_ line: ArraySlice<UInt8>) -> [UInt8] {
    Array(line.last == 13 ? line.dropLast() : line)
  }

  /// Reads more; false when a signal came instead.
  private func fill() -> Bool {
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    var block = [UInt8](repeating: 0, count: 64 << 10)
    let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { return zij_interrupt_count() == 0 }
    if count <= 0 { isAtEnd = true } else { buffer += block[..<count] }
    return true
  }

  func remember(_ entry: String) {}

  func close() {
    if mustClose { Glibc.close(descriptor) }
  }
}
