import Base
import Glibc
import Zij

/// `\copy`: COPY with a file of the shell's machine, wherever the database is.
enum CopyCommand {
  static let all = [
    BackslashCommand(
      name: "copy", arguments: "… FROM|TO FILE [(OPTIONS)]",
      summary: "COPY with a file on this machine", section: .files, takesRest: true
    ) { (shell, call) throws(SQLError) in
      try run(try call.required(0, "what to copy"), shell)
    }
  ]

  private static func run(_ text: String, _ shell: Shell) throws(SQLError) -> Shell.StatementEnd {
    guard let parts = Parts(text) else {
      throw SQLError(
        .syntaxError, "\\copy needs FROM or TO and a file",
        hint: "Write \\copy stars FROM 'stars.csv' (FORMAT csv).")
    }
    let stream = parts.isFrom ? "FROM STDIN" : "TO STDOUT"
    let options = parts.options.isEmpty ? format(of: parts) : parts.options
    let sql = "COPY \(parts.subject) \(stream) \(options)"
    var target = Shell.StatementOptions()
    guard parts.isFrom else {
      if parts.file.lowercased() != "stdout" { target.path = parts.file }
      return shell.runStatement(sql, target)
    }
    if parts.file.lowercased() == "stdin" { return shell.runStatement(sql, target) }
    let file = open(parts.file, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw SQLError(
        .undefinedFile, "cannot open \"\(parts.file)\"",
        hint: "The system says \(String(cString: strerror(errno))).")
    }
    let real = dup(0)
    dup2(file, 0)
    Glibc.close(file)
    defer {
      dup2(real, 0)
      Glibc.close(real)
    }
    return shell.runStatement(sql, target)
  }

  /// The format that the ending of the file's name stands for, as COPY with a file takes it.
  private static func format(of parts: Parts) -> String {
    guard let dot = parts.file.lastIndex(of: ".") else { return "" }
    let ending = parts.file[parts.file.index(after: dot)...].lowercased()
    let writer = FileFormats.writers.first { $0.endings.contains(ending) }
    guard !parts.isFrom, let name = writer?.names.first else { return "" }
    return "(FORMAT \(name))"
  }

  /// `stars (id, ra) FROM 'stars.csv' (FORMAT csv)` taken apart.
  struct Parts {
    let subject: String
    let isFrom: Bool
    let file: String
    let options: String

    /// The first FROM or TO outside of quotes and parentheses parts what is copied from the file.
    init?(_ text: String) {
      let bytes = Array(text.utf8)
      var depth = 0
      var quote: UInt8?
      var place: (start: Int, end: Int, isFrom: Bool)?
      for (index, byte) in bytes.enumerated() {
        if let open = quote {
          if byte == open { quote = nil }
          continue
        }
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
        case UInt8(ascii: "("): depth += 1
        case UInt8(ascii: ")"): depth -= 1
        case UInt8(ascii: " ") where depth == 0 && place == nil:
          for (word, isFrom) in [("from ", true), ("to ", false)] {
            let end = index + 1 + word.utf8.count
            guard end <= bytes.count else { continue }
            let found = String(decoding: bytes[(index + 1)..<end], as: UTF8.self).lowercased()
            if found == word { place = (index, end, isFrom) }
          }
        default: break
        }
      }
      guard let place else { return nil }
      subject = String(decoding: bytes[..<place.start], as: UTF8.self)
      isFrom = place.isFrom
      let rest = String(decoding: bytes[place.end...], as: UTF8.self).drop { $0 == " " }
      if rest.first == "'" {
        let body = rest.dropFirst()
        guard let end = body.firstIndex(of: "'") else { return nil }
        file = String(body[..<end])
        options = String(body[body.index(after: end)...])
      } else {
        file = String(rest.prefix { $0 != " " })
        options = String(rest.dropFirst(file.count))
      }
      if file.isEmpty || subject.isEmpty { return nil }
    }
  }
}
