import Base
import Vectors

/// What type all values of a column seen so far allow.
struct CSVColumnGuess {
  private var canBeBoolean = true
  private var canBeInteger = true
  private var canBeDouble = true
  private var canBeDate = true
  private var canBeTimestamp = true
  private var hasHugeInteger = false
  private var hasOnlyIntegers = true
  private(set) var hasValues = false

  mutating func add(_ field: UnsafeRawBufferPointer) {
    hasValues = true
    addNumber(field)
    if canBeBoolean { canBeBoolean = Self.isTruthWord(field) }
    if canBeTimestamp {
      canBeTimestamp = (try? DateText.parseTimestamp(field)) != nil
    }
    if canBeDate {
      canBeDate = NumberText.trimmed(field).count == 10 && (try? DateText.parseDate(field)) != nil
    }
  }

  private mutating func addNumber(_ field: UnsafeRawBufferPointer) {
    guard canBeDouble else { return }
    if hasOnlyIntegers {
      do throws(NumberText.Failure) {
        _ = try NumberText.parseInt64(field)
        return
      } catch .outOfRange {
        hasHugeInteger = true
        canBeInteger = false
        return
      } catch {
        hasOnlyIntegers = false
        canBeInteger = false
      }
    }
    canBeDouble = (try? NumberText.parseDouble(field)) != nil
  }

  /// The narrowest type that holds every value: text when there were none, or when integers do not
  /// fit 64 bits, since identifiers must stay exact.
  var type: LogicalType {
    if !hasValues { return .text }
    if canBeBoolean { return .boolean }
    if canBeInteger { return .int64 }
    if canBeDouble { return hasHugeInteger && hasOnlyIntegers ? .text : .float64 }
    if canBeDate { return .date }
    return canBeTimestamp ? .timestamp : .text
  }

  /// `true`, `false`, `t` and `f`; the digits that a cast takes too are numbers here.
  private static func isTruthWord(_ field: UnsafeRawBufferPointer) -> Bool {
    switch field.count {
    case 1:
      let letter = field[0] | 0x20
      return letter == UInt8(ascii: "t") || letter == UInt8(ascii: "f")
    case 4, 5:
      let word = String(decoding: field.map { $0 | 0x20 }, as: UTF8.self)
      return word == "true" || word == "false"
    default: return false
    }
  }
}
