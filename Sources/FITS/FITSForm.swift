/// What TFORMn says: how many values of what kind a row holds (FITS 4.0, table 18).
struct FITSForm: Sendable, Hashable {
  enum Element: UInt8, Sendable {
    case logical = 0x4C // L
    case bit = 0x58 // X
    case byte = 0x42 // B
    case int16 = 0x49 // I
    case int32 = 0x4A // J
    case int64 = 0x4B // K
    case text = 0x41 // A
    case float32 = 0x45 // E
    case float64 = 0x44 // D
    case complex32 = 0x43 // C
    case complex64 = 0x4D // M

    /// Of one value; bits are counted in `FITSForm.sizeBytes(of:)`.
    var sizeBytes: Int {
      switch self {
      case .logical, .bit, .byte, .text: 1
      case .int16: 2
      case .int32, .float32: 4
      case .int64, .float64, .complex32: 8
      case .complex64: 16
      }
    }

    var letter: String { String(Unicode.Scalar(rawValue)) }
    var isComplex: Bool { self == .complex32 || self == .complex64 }
    var isInteger: Bool {
      self == .byte || self == .int16 || self == .int32 || self == .int64
    }
  }

  /// Arrays that lie in the heap, with a descriptor of (count, offset) in the row.
  enum Descriptor: Int, Sendable { case narrow = 8, wide = 16 }

  var element: Element
  /// Values in a row; for arrays in the heap 0 or 1.
  var repeatCount: Int
  var descriptor: Descriptor?
  /// w of `rAw`: the row holds r / w texts of w bytes.
  var textWidth: Int?

  /// Nil for what is no form.
  init?(_ text: String) {
    var rest = Substring(text).utf8[...]
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    guard digits.count <= 18,
      let repeats = digits.isEmpty ? 1 : Int(String(decoding: digits, as: UTF8.self))
    else { return nil }
    repeatCount = repeats
    guard let letter = rest.popFirst().map(Self.upper) else { return nil }
    switch letter {
    case UInt8(ascii: "P"): descriptor = .narrow
    case UInt8(ascii: "Q"): descriptor = .wide
    default: descriptor = nil
    }
    if descriptor == nil {
      guard let element = Element(rawValue: letter) else { return nil }
      self.element = element
      guard readTail(rest) else { return nil }
    } else {
      guard repeats <= 1, let inner = rest.popFirst().map(Self.upper),
        let element = Element(rawValue: inner), rest.isEmpty || rest.first == UInt8(ascii: "(")
      else { return nil }
      self.element = element
    }
  }

  /// `rAw`, and the older `rA:SSTRw/nnn`, which says the same in more words; other forms end with
  /// their letter.
  private mutating func readTail(_ rest: Substring.UTF8View.SubSequence) -> Bool {
    guard !rest.isEmpty else { return true }
    guard element == .text else { return false }
    if rest.first == UInt8(ascii: ":") { return true }
    guard rest.count <= 18, let width = Int(String(decoding: rest, as: UTF8.self)), width >= 0
    else { return false }
    if width > 0, width < repeatCount { textWidth = width }
    return true
  }

  private static func upper(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte
  }

  /// Bytes in the row; nil if that is more than a number can say.
  var sizeBytes: Int? {
    if let descriptor { return repeatCount * descriptor.rawValue }
    return sizeBytes(of: repeatCount)
  }

  /// Bytes of `count` values in a row; in the heap of one array.
  func sizeBytes(of count: Int) -> Int? {
    if element == .bit { return count / 8 + (count % 8 == 0 ? 0 : 1) }
    let (size, overflow) = count.multipliedReportingOverflow(by: element.sizeBytes)
    return overflow ? nil : size
  }
}
