/// The texts that the C data interface has for types.
extension ArrowType {
  var formatText: String {
    switch self {
    case .null, .other: "n"
    case .boolean: "b"
    case .integer(8, let isSigned): isSigned ? "c" : "C"
    case .integer(16, let isSigned): isSigned ? "s" : "S"
    case .integer(32, let isSigned): isSigned ? "i" : "I"
    case .integer(_, let isSigned): isSigned ? "l" : "L"
    case .float(let bits): bits == 16 ? "e" : bits == 32 ? "f" : "g"
    case .decimal(let precision, let scale, let bits):
      bits == 128 ? "d:\(precision),\(scale)" : "d:\(precision),\(scale),\(bits)"
    case .utf8(let isLarge): isLarge ? "U" : "u"
    case .binary(let isLarge): isLarge ? "Z" : "z"
    case .utf8View: "vu"
    case .binaryView: "vz"
    case .fixedBinary(let size): "w:\(size)"
    case .date: "tdD"
    case .dateMilliseconds: "tdm"
    case .timestamp(let unit, let zone): "ts\(unit.letter):\(zone ?? "")"
    case .list(let isLarge): isLarge ? "+L" : "+l"
    case .fixedList(let count): "+w:\(count)"
    case .structure: "+s"
    case .map: "+m"
    case .denseUnion(let count):
      "+ud:" + (0..<count).map(String.init).joined(separator: ",")
    }
  }
}

extension ArrowType.TimeUnit {
  fileprivate var letter: Character {
    switch self {
    case .second: "s"
    case .millisecond: "m"
    case .microsecond: "u"
    case .nanosecond: "n"
    }
  }
}
