import Glibc

/// Where text goes: results to the standard output, progress and complaints to the other one.
enum Terminal {
  static let showsProgress = isatty(2) == 1
  static let hasColours: Bool = {
    guard isatty(1) == 1, getenv("NO_COLOR") == nil, let name = getenv("TERM") else { return false }
    return String(cString: name) != "dumb"
  }()
  /// By the locale's variables, in their order of precedence.
  static let isUTF8: Bool = {
    let texts = ["LC_ALL", "LC_CTYPE", "LANG"].map { (name: String) in
      getenv(name).map { String(cString: $0) } ?? ""
    }
    let name = (texts.first { !$0.isEmpty } ?? "").lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }()

  static func say(_ line: String = "") { write(line + "\n", to: 1) }
  static func complain(_ line: String) { write(line + "\n", to: 2) }

  /// Replaces the progress line; an empty one removes it.
  static func showProgress(_ line: String) {
    guard showsProgress else { return }
    write("\r\u{1B}[K" + line, to: 2)
  }

  static func write(_ text: String, to descriptor: Int32) {
    var copy = text
    copy.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
    var rest = bytes[...]
    while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, start, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// Numbers as people read them.
enum Shown {
  /// 482176 → 482,176
  static func count(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// With one decimal.
  static func tenths(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "–" }
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }

  static func duration(nanoseconds: Int64) -> String {
    let milliseconds = Double(nanoseconds) / 1e6
    return milliseconds < 1000 ? tenths(milliseconds) + " ms" : tenths(milliseconds / 1000) + " s"
  }
}
