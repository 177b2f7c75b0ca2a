import Base

/// The shortest digits that give a floating-point number back, taken from Swift's description of
/// it, which promises just that, and laid out anew as PostgreSQL does.
struct ShortestDigits {
  private var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var count = 0
  private var isNegative = false
  /// The power of ten of the first digit.
  private var exponent = 0

  init(_ description: String) {
    var text = description
    text.withUTF8 { read($0) }
  }

  private mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
    guard let bytes = text.baseAddress else { return }
    var offset = 0
    if bytes[0] == UInt8(ascii: "-") {
      isNegative = true
      offset = 1
    }
    var scanned = 0
    var wholeDigits = -1
    var written = 0
    var kept = 0
    var scratch = digits
    withUnsafeMutableBytes(of: &scratch) { target in
      while offset < text.count {
        let digit = bytes[offset] &- UInt8(ascii: "0")
        offset &+= 1
        if digit < 10 {
          scanned &+= 1
          if written == 0, digit == 0 {
            // Leading zeros only move the exponent.
            exponent &-= 1
          } else if written < target.count {
            target[written] = digit &+ UInt8(ascii: "0")
            written &+= 1
            if digit != 0 { kept = written }
          }
        } else if bytes[offset &- 1] == UInt8(ascii: ".") {
          wholeDigits = scanned
        } else {
          exponent &+= Self.readExponent(text[offset...])
          break
        }
      }
    }
    digits = scratch
    finish(kept, wholeDigits < 0 ? scanned : wholeDigits)
  }

  private mutating func finish(_ digitCount: Int, _ wholeDigits: Int) {
    count = digitCount
    exponent += wholeDigits - 1
  }

  private static func readExponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var value = 0
    for byte in text where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
      value = value &* 10 &+ Int(byte &- UInt8(ascii: "0"))
    }
    return text.first == UInt8(ascii: "-") ? -value : value
  }

  /// Appends in fixed notation if the first digit's power of ten is -4 or more and below `limit`.
  func append(fixedBelow limit: Int, to out: inout ByteWriter) {
    if isNegative { out.append(UInt8(ascii: "-")) }
    withUnsafeBytes(of: digits) { source in
      let all = UnsafeRawBufferPointer(rebasing: source[..<count])
      if exponent < -4 || exponent >= limit {
        appendScientific(all, &out)
      } else if exponent < 0 {
        out.append("0.")
        out.append(repeating: UInt8(ascii: "0"), count: -exponent - 1)
        out.append(all)
      } else if count <= exponent + 1 {
        out.append(all)
        out.append(repeating: UInt8(ascii: "0"), count: exponent + 1 - count)
      } else {
        out.append(UnsafeRawBufferPointer(rebasing: all[...exponent]))
        out.append(UInt8(ascii: "."))
        out.append(UnsafeRawBufferPointer(rebasing: all[(exponent + 1)...]))
      }
    }
  }

  private func appendScientific(_ all: UnsafeRawBufferPointer, _ out: inout ByteWriter) {
    out.append(UnsafeRawBufferPointer(rebasing: all[..<1]))
    if count > 1 {
      out.append(UInt8(ascii: "."))
      out.append(UnsafeRawBufferPointer(rebasing: all[1...]))
    }
    out.append(exponent < 0 ? "e-" : "e+")
    if exponent.magnitude < 10 { out.append(UInt8(ascii: "0")) }
    NumberText.append(Int64(exponent.magnitude), to: &out)
  }
}
