/// The variables of `\set` and `-v`, and how they get into statements: `:name` as it is, `:'name'`
/// as a string, `:"name"` as an identifier, `:{?name}` as TRUE or FALSE.
struct ShellVariables {
  private(set) var values: [String: String] = [:]

  subscript(_ name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// A switch: set, and neither `off`, `false`, `no` nor `0`.
  func isOn(_ name: String) -> Bool {
    guard let value = values[name]?.lowercased() else { return false }
    return !["off", "false", "no", "0"].contains(value)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
      true
    default: false
    }
  }

  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(isNameByte)
  }

  /// What stands for the variable whose colon is at `position`, and where it ends; nil if there is
  /// no such variable, and the text stays as it is.
  func substitution(in line: [UInt8], at position: Int) -> (value: [UInt8], end: Int)? {
    guard position + 1 < line.count else { return nil }
    let next = line[position + 1]
    if next == UInt8(ascii: "{") { return isDefined(in: line, at: position) }
    let isQuoted = next == UInt8(ascii: "'") || next == UInt8(ascii: "\"")
    let start = position + (isQuoted ? 2 : 1)
    var end = start
    while end < line.count, Self.isNameByte(line[end]) { end += 1 }
    guard end > start, let value = values[String(decoding: line[start..<end], as: UTF8.self)] else {
      return nil
    }
    guard isQuoted else { return (Array(value.utf8), end) }
    guard end < line.count, line[end] == next else { return nil }
    return (Self.quoted(Array(value.utf8), with: next), end + 1)
  }

  private func isDefined(in line: [UInt8], at position: Int) -> (value: [UInt8], end: Int)? {
    guard position + 2 < line.count, line[position + 2] == UInt8(ascii: "?"),
      let close = line[position...].firstIndex(of: UInt8(ascii: "}"))
    else { return nil }
    let name = String(decoding: line[(position + 3)..<close], as: UTF8.self)
    return (Array((values[name] == nil ? "FALSE" : "TRUE").utf8), close + 1)
  }

  private static func quoted(_ value: [UInt8], with quote: UInt8) -> [UInt8] {
    [quote] + value.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }
}
