/// What a byte can be part of.
enum ByteClass {
  static let letter: UInt8 = 1
  static let digit: UInt8 = 2
  static let blank: UInt8 = 4
  /// `_`, `$` and bytes of non-ASCII characters: part of a name, but not of one in ADQL.
  static let extended: UInt8 = 8

  static let table: [UInt8] = (0..<256).map { value in
    switch UInt8(value) {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): letter
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit
    case 9, 10, 11, 12, 13, 32: blank
    case UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF: extended
    default: 0
    }
  }
}
