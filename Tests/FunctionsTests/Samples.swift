import Base
import FunctionKit
import Functions
import Vectors

/// Arguments for any function, made from its parameters.
enum Samples {
  /// Texts that a function needs at a parameter, by function name.
  private static let texts: [String: [Int: [String]]] = [
    "date_part": [0: ["month", "doy", "epoch"]], "date_trunc": [0: ["month", "hour", "week"]],
    "like": [1: ["a%", "%b_", "%"], 2: ["!"]], "ilike": [1: ["A%", "%b_", "%"], 2: ["!"]],
    "list_any": [2: ["=", "<", "<>"]], "list_all": [2: ["=", "<", "<>"]],
    "ivo_hms_to_degrees": [0: ["12:30:00", "x", "1 2 3.5"]],
    "ivo_dms_to_degrees": [0: ["-00:15:00", "x", "1:2:3"]],
  ]

  /// Functions whose answer is as long as a number says: only small ones.
  private static let growing: Set<String> = ["repeat", "lpad", "rpad", "list_series"]

  static func types(_ function: ScalarFunction) -> [LogicalType] {
    var parameters = function.parameters
    if function.isVariadic, let last = parameters.last {
      let wanted = function.name == "polygon" && last.type == .double ? 6 : 3
      let framed = parameters.count - 1
      while parameters.count < framed + wanted { parameters.append(last) }
    }
    return types(parameters.map(\.type))
  }

  static func types(_ parameters: [ParameterType]) -> [LogicalType] {
    var result: [LogicalType] = []
    for parameter in parameters {
      switch parameter {
      case .exactly(let type): result.append(type)
      case .any, .anyNumber, .anyOrdered: result.append(.float64)
      case .sameAs(let index), .listOf(let index): result.append(result[index])
      case .elementOf(let index):
        if case .list(let element) = result[index] { result.append(element) }
      case .anyList: result.append(.list(.int32))
      case .anyDecimal, .decimalResult: result.append(.decimal(precision: 12, scale: 3))
      }
    }
    return result
  }

  static func resultType(_ result: ParameterType, _ arguments: [LogicalType]) -> LogicalType {
    switch result {
    case .exactly(let type): return type
    case .sameAs(let index): return arguments[index]
    case .listOf(let index): return .list(arguments[index])
    case .elementOf(let index):
      if case .list(let element) = arguments[index] { return element }
      return .null
    case .decimalResult(let rule):
      return rule.type(arguments[0], arguments.count > 1 ? arguments[1] : arguments[0])
    case .any, .anyNumber, .anyOrdered, .anyList, .anyDecimal: return arguments.first ?? .null
    }
  }

  /// `count` values, about one in seven NULL when `nulls`.
  static func column(
    _ type: LogicalType, function: String, parameter: Int, count: Int, nulls: Bool,
    _ random: inout Sequence64
  ) -> Vector {
    let fixed = texts[function]?[parameter]
    // A frame stands in front of a shape's coordinates.
    let isFrame = type == .text && ["point", "circle", "box", "polygon"].contains(function)
    return Vector.of(
      (0..<count).map { _ -> Value in
        if nulls, random.next() % 7 == 0 { return .null }
        if isFrame { return .text(random.next() % 2 == 0 ? "ICRS" : "") }
        if let fixed, !fixed.isEmpty {
          return .text(fixed[Int(random.next() % UInt64(fixed.count))])
        }
        // A step of 0 is an error.
        if function == "list_series", parameter == 2 {
          return .integer(Int64(random.next() % 3) + 1)
        }
        if growing.contains(function), type == .int64 {
          return .integer(Int64(random.next() % 9) - 2)
        }
        return value(type, &random)
      }, type: type)
  }

  private static let words = [
    "", "a", "ab", "NGC 1976", "Þórr", "aXb,c,d", "#opt#ir", "%_\u{1F30C}",
  ]

  static func value(_ type: LogicalType, _ random: inout Sequence64) -> Value {
    let bits = random.next()
    switch type {
    case .null: return .null
    case .boolean: return .boolean(bits % 2 == 0)
    case .int8: return .integer(Int64(Int8(truncatingIfNeeded: bits)))
    case .int16: return .integer(bits % 4 == 0 ? Int64(Int16.min) : Int64(bits % 9) - 4)
    case .int32: return .integer(Int64(bits % 9) - 4)
    case .int64: return .integer(bits % 11 == 0 ? .max : Int64(bits % 9) - 4)
    case .float32: return .float32(Float(bits % 17) / 2 - 4)
    case .float64: return .float64(bits % 13 == 0 ? .nan : Double(bits % 37) / 4 - 4)
    case .decimal(_, let scale): return .decimal(Int128(bits % 9999) - 4999, scale: scale)
    case .text: return .text(words[Int(bits % UInt64(words.count))])
    case .binary: return .binary(Array(words[Int(bits % UInt64(words.count))].utf8))
    case .date: return .date(Int32(bits % 30000))
    case .timestamp: return .timestamp(Int64(bits >> 3))
    case .list(let element): return .list((0..<Int(bits % 4)).map { _ in value(element, &random) })
    case .structure(let fields): return .structure(fields.map { value($0.type, &random) })
    case .map: return .list([])
    case .point: return point(bits)
    case .circle:
      return .structure([.float64(Double(bits % 360)), .float64(10), .float64(Double(bits % 5))])
    case .polygon:
      let corner = Double(bits % 300)
      return .list(
        [(0.0, 0.0), (3, 0), (3, 3)].map { .structure([.float64(corner + $0.0), .float64($0.1)]) })
    }
  }

  private static func point(_ bits: UInt64) -> Value {
    .structure([.float64(Double(bits % 360)), .float64(Double(bits / 360 % 181) - 90)])
  }
}

/// Knuth's multiplicative sequence: the same numbers every time.
struct Sequence64 {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 17
  }
}

extension Vector {
  /// All values as text, so that NaN equals NaN.
  var shown: [String] {
    let flat = flattened()
    return (0..<count).map { "\(flat.value(at: $0))" }
  }

  /// The same rows as a dictionary of them in opposite order.
  func asDictionary() -> Vector {
    let flat = flattened()
    let storage = Buffer(sizeBytes: count * 4)
    let indices = storage.base.assumingMemoryBound(to: UInt32.self)
    for row in 0..<count { indices[row] = UInt32(count - 1 - row) }
    let values = withExtendedLifetime(storage) {
      flat.gathered(by: UnsafePointer(indices), count: count)
    }
    return Vector(
      type: type, encoding: .dictionary, count: count, storage: storage, validity: flat.validity,
      children: [values])
  }
}
