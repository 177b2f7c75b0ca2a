import Base
import Vectors

/// What a step does. Values go into the step's sink; `a` and `b` are said for each.
enum AvroOperation: UInt8 {
  // MARK: Values
  case boolean, int, long, float, double
  case longToFloat, longToDouble, floatToDouble
  case text, bytes
  /// `a` bytes.
  case fixed
  /// 16 bytes, as text.
  case uuid
  /// Constant `a` is the first symbol, `b` how many there are.
  case enumeration
  /// `a` nanoseconds a unit.
  case timestamp
  /// `a` digits at most; `b` bytes, or a length before them if negative.
  case decimal

  // MARK: Unions with NULL in one step; `a` is the branch of NULL
  case optionalInt, optionalLong, optionalFloat, optionalDouble, optionalText, optionalBytes

  // MARK: Shapes
  /// The structure is there.
  case valid
  /// NULL for the sinks of list `a`.
  case nulls
  /// A union with NULL: goes to step `b` for branch `a`, which is NULL.
  case optional
  /// Any union: goes to the step that jump `a` + branch names; `b` branches.
  case branch
  case jump
  /// A list, or a map: goes to step `a` where it is over; `b` is 1 if its elements take no bytes.
  case listBegin
  /// The end of an element: goes to step `a` for the next one.
  case listNext

  // MARK: What nobody reads
  /// `a` bytes.
  case skip
  case skipVarint, skipBytes
  /// A union with NULL, branch `a`: `b` bytes, a number, or bytes with their length.
  case skipOptional, skipOptionalVarint, skipOptionalBytes
  /// As `listBegin` and `listNext`, without a sink.
  case skipListBegin, skipListNext

  // MARK: Other
  /// Goes on with the bytes of default `a`.
  case beginDefault
  case endDefault
  /// Refuses the record for reason `a`.
  case fail
  case end
}

extension AvroOperation {
  /// Bytes that the step stores in its sink; nil if it stores none.
  var widthBytes: Int? {
    switch self {
    case .boolean: 1
    case .int, .optionalInt, .float, .optionalFloat, .longToFloat: 4
    case .long, .optionalLong, .double, .optionalDouble, .longToDouble, .floatToDouble: 8
    case .text, .optionalText, .bytes, .optionalBytes, .fixed, .uuid, .enumeration: 8
    case .timestamp, .listBegin, .listNext: 8
    case .decimal: 16
    case .valid: 0
    case .nulls, .optional, .branch, .jump: nil
    case .skip, .skipVarint, .skipBytes, .skipOptional, .skipOptionalVarint: nil
    case .skipOptionalBytes, .skipListBegin, .skipListNext: nil
    case .beginDefault, .endDefault, .fail, .end: nil
    }
  }
}

struct AvroStep {
  var operation: AvroOperation
  var sink: Int32 = 0
  var a: Int64 = 0
  var b: Int32 = 0
}

/// A schema compiled for a decoder: a flat list of steps, which any of its records runs through from
/// the beginning to the end.
public final class AvroProgram: Sendable {
  let steps: [AvroStep]
  let jumps: [Int32]
  let nullLists: [[Int32]]
  let symbols: [[UInt8]]
  let defaults: [ByteRegion]
  let reasons: [String]
  /// The deepest nesting of lists.
  let listDepth: Int

  init(_ compiler: AvroCompiler) {
    steps = compiler.steps
    jumps = compiler.jumps
    nullLists = compiler.nullLists
    symbols = compiler.symbols
    defaults = compiler.defaults.map { ByteRegion(copying: $0) }
    reasons = compiler.reasons
    listDepth = compiler.deepestList
  }
}
