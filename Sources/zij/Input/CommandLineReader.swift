/// The name and arguments of a backslash command.
///
/// Arguments are separated by blanks. `'…'` holds blanks, with `''` for a quote and `\n`, `\t`, `\\`
/// as in C; `"…"` keeps its quotes, since it is an identifier; `:name` is put in. A backslash outside
/// of quotes begins the next command.
struct CommandLineReader {
  private let line: [UInt8]
  private(set) var position: Int
  private let variables: ShellVariables

  /// `position` is behind the backslash.
  init(_ line: [UInt8], at position: Int, variables: ShellVariables) {
    self.line = line
    self.position = position
    self.variables = variables
  }

  mutating func readName() -> String {
    let start = position
    // `\?` and `\!` are names of one byte, `\d+` ends with a plus.
    while position < line.count, !Self.isBlank(line[position]), line[position] != backslash {
      position += 1
      if position == start + 1, line[start] == UInt8(ascii: "!") { break }
    }
    return String(decoding: line[start..<position], as: UTF8.self)
  }

  mutating func readArguments() -> [String] {
    var arguments: [String] = []
    while let argument = readArgument() { arguments.append(argument) }
    if position + 1 < line.count, line[position] == backslash, line[position + 1] == backslash {
      position += 2
    }
    return arguments
  }

  /// Everything up to the end of the line.
  mutating func readRest() -> String {
    defer { position = line.count }
    let rest = line[position...].drop { Self.isBlank($0) }
    return String(decoding: rest, as: UTF8.self)
  }

  private let backslash = UInt8(ascii: "\\")

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private mutating func readArgument() -> String? {
    while position < line.count, Self.isBlank(line[position]) { position += 1 }
    guard position < line.count, line[position] != backslash else { return nil }
    var bytes: [UInt8] = []
    while position < line.count, !Self.isBlank(line[position]), line[position] != backslash {
      switch line[position] {
      case UInt8(ascii: "'"): readString(into: &bytes)
      case UInt8(ascii: "\""): readIdentifier(into: &bytes)
      case UInt8(ascii: ":"):
        if let (value, end) = variables.substitution(in: line, at: position) {
          bytes += value
          position = end
        } else {
          bytes.append(58)
          position += 1
        }
      default:
        bytes.append(line[position])
        position += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func readString(into bytes: inout [UInt8]) {
    position += 1
    while position < line.count {
      let byte = line[position]
      let next = position + 1 < line.count ? line[position + 1] : 0
      position += 1
      if byte == UInt8(ascii: "'") {
        guard next == byte else { return }
        bytes.append(byte)
        position += 1
      } else if byte == backslash, next != 0 {
        switch next {
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "r"): bytes.append(13)
        default: bytes.append(next)
        }
        position += 1
      } else {
        bytes.append(byte)
      }
    }
  }

  private mutating func readIdentifier(into bytes: inout [UInt8]) {
    repeat {
      bytes.append(line[position])
      position += 1
    } while position < line.count && line[position] != UInt8(ascii: "\"")
    if position < line.count {
      bytes.append(line[position])
      position += 1
    }
  }
}
