/// The bit widths that RLEv2 can name, and their 5-bit codes.
///
/// | width | 1…24 | 26 | 28 | 30 | 32 | 40 | 48 | 56 | 64 |
/// |---|---|---|---|---|---|---|---|---|---|
/// | code | width − 1 | 24 | 25 | 26 | 27 | 28 | 29 | 30 | 31 |
enum BitWidth {
  /// The width of each code; code 0 means 0 in DELTA.
  static func width(ofCode code: Int) -> Int {
    switch code & 31 {
    case 0..<24: (code & 31) + 1
    case 24: 26
    case 25: 28
    case 26: 30
    case 27: 32
    case 28: 40
    case 29: 48
    case 30: 56
    default: 64
    }
  }

  /// The code of a width that has one.
  static func code(ofWidth width: Int) -> Int {
    switch width {
    case ...24: width - 1
    case 26: 24
    case 28: 25
    case 30: 26
    case 32: 27
    case 40: 28
    case 48: 29
    case 56: 30
    default: 31
    }
  }

  /// The smallest width that has a code and holds `bits` bits; at least 1.
  static func holding(_ bits: Int) -> Int {
    switch bits {
    case ...1: 1
    case ...24: bits
    case ...26: 26
    case ...28: 28
    case ...30: 30
    case ...32: 32
    case ...40: 40
    case ...48: 48
    case ...56: 56
    default: 64
    }
  }

  /// Bits that `value` needs; 0 for 0.
  @inline(__always)
  static func bits(of value: UInt64) -> Int { 64 - value.leadingZeroBitCount }
}
