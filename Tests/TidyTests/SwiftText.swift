/// Swift source as the rules read it.
enum SwiftText {
  /// The same text with comments and the contents of string literals blanked; lines stay where they
  /// are. Interpolations are blanked with their string.
  static func withoutCommentsAndStrings(_ text: String) -> String {
    var scanner = Scanner(Array(text.utf8))
    return scanner.blanked()
  }

  private struct Scanner {
    private let bytes: [UInt8]
    private var out: [UInt8] = []
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func blanked() -> String {
      while index < bytes.count {
        if starts("//") {
          blank(until: { $0.starts("\n") })
        } else if starts("/*") {
          blankBlockComment()
        } else if let hashCount = rawStringHashes() {
          blankString(hashCount: hashCount)
        } else {
          keep(1)
        }
      }
      return String(decoding: out, as: UTF8.self)
    }

    private func starts(_ prefix: String, at offset: Int = 0) -> Bool {
      bytes[min(index + offset, bytes.count)...].starts(with: prefix.utf8)
    }

    /// How many # stand before a quote here; nil if no string starts here.
    private func rawStringHashes() -> Int? {
      var end = index
      while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
      return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - index : nil
    }

    private mutating func keep(_ count: Int) {
      out += bytes[index..<min(bytes.count, index + count)]
      index = min(bytes.count, index + count)
    }

    private mutating func drop(_ count: Int) {
      for _ in 0..<count where index < bytes.count {
        out.append(bytes[index] == UInt8(ascii: "\n") ? bytes[index] : UInt8(ascii: " "))
        index += 1
      }
    }

    private mutating func blank(until isEnd: (Scanner) -> Bool) {
      while index < bytes.count, !isEnd(self) { drop(1) }
    }

    private mutating func blankBlockComment() {
      var depth = 0
      repeat {
        if starts("/*") { depth += 1; drop(2) } else if starts("*/") { depth -= 1; drop(2) } else { drop(1) }
      } while depth > 0 && index < bytes.count
    }

    private mutating func blankString(hashCount: Int) {
      let hashes = String(repeating: "#", count: hashCount)
      keep(hashCount)
      let quotes = starts("\"\"\"") ? "\"\"\"" : "\""
      keep(quotes.count)
      let end = quotes + hashes
      let escape = "\\" + hashes
      while index < bytes.count, !starts(end) {
        if starts(escape + "(") {
          drop(escape.utf8.count)
          dropParentheses()
        } else if starts(escape) {
          drop(escape.utf8.count + 1)
        } else if quotes == "\"", starts("\n") {
          return  // an unclosed string ends with its line
        } else {
          drop(1)
        }
      }
      keep(end.utf8.count)
    }

    /// An interpolation, which may hold strings of its own.
    private mutating func dropParentheses() {
      var depth = 0
      repeat {
        if starts("(") { depth += 1 }
        if starts(")") { depth -= 1 }
        if rawStringHashes() == 0 {
          let mark = out.count
          blankString(hashCount: 0)
          for place in mark..<out.count where out[place] != UInt8(ascii: "\n") {
            out[place] = UInt8(ascii: " ")
          }
        } else {
          drop(1)
        }
      } while depth > 0 && index < bytes.count
    }
  }
}
