/// A JSON object of strings and numbers, as the harness writes its parameters: numbers keep their
/// spelling, strings have no escapes.
struct FlatObject {
  private(set) var members: [String: String] = [:]

  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) throws(OptionError) {
    self.bytes = bytes
    try expect("{")
    while !skips("}") {
      let name = try string()
      try expect(":")
      members[name] = skips("\"", consuming: false) ? try string() : number()
      if !skips(",") {
        try expect("}")
        return
      }
    }
  }

  private mutating func skips(_ wanted: Unicode.Scalar, consuming: Bool = true) -> Bool {
    while index < bytes.count, [9, 10, 13, 32].contains(bytes[index]) { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: wanted) else { return false }
    if consuming { index += 1 }
    return true
  }

  private mutating func expect(_ wanted: Unicode.Scalar) throws(OptionError) {
    guard skips(wanted) else {
      throw OptionError(message: "params.json: \"\(wanted)\" is missing at byte \(index)")
    }
  }

  private mutating func string() throws(OptionError) -> String {
    try expect("\"")
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    try expect("\"")
    return text
  }

  private mutating func number() -> String {
    let start = index
    while index < bytes.count, !",} \n".utf8.contains(bytes[index]) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }
}
