import Base
import FunctionKit
import Vectors

/// Dates and times. Timestamps are UTC with nanoseconds; a day has 86 400 seconds.
enum Dates {
  static let functions: [ScalarFunction] = arithmetic + julian + [part, partOfDate, truncation]

  // MARK: Days

  private static let arithmetic: [ScalarFunction] = [
    Operators.binary(
      "-", .date, .date, .int32, "Gives the days between two dates.",
      Example("date '2024-03-01' - date '2024-02-28'", gives: "2"),
      .mapChecked(.outOfRange) { (a: Int32, b: Int32) -> Int32? in exactly(Int64(a) - Int64(b)) }),
    Operators.binary(
      "+", .date, .int32, .date, "Gives the date so many days later.",
      Example("date '2024-02-28' + 2", gives: "2024-03-01"),
      .mapChecked(outside) { (a: Int32, b: Int32) -> Int32? in date(Int64(a) + Int64(b)) }),
    Operators.binary(
      "+", .int32, .date, .date, "Gives the date so many days later.",
      Example("2 + date '2024-02-28'", gives: "2024-03-01"),
      .mapChecked(outside) { (a: Int32, b: Int32) -> Int32? in date(Int64(a) + Int64(b)) }),
    Operators.binary(
      "-", .date, .int32, .date, "Gives the date so many days earlier.",
      Example("date '2024-03-01' - 2", gives: "2024-02-28"),
      .mapChecked(outside) { (a: Int32, b: Int32) -> Int32? in date(Int64(a) - Int64(b)) }),
  ]

  private static let outside = DomainRule(
    .datetimeOverflow, "date outside the years 0001 to 9999")
  private static let firstDay: Int64 = -719_162
  private static let lastDay: Int64 = 2_932_896

  private static func date(_ days: Int64) -> Int32? {
    days >= firstDay && days <= lastDay ? Int32(truncatingIfNeeded: days) : nil
  }

  private static func exactly(_ days: Int64) -> Int32? { Int32(exactly: days) }

  // MARK: Julian dates

  private static let nanosecondsPerDay = Double(DateText.nanosecondsPerDay)

  private static let julian: [ScalarFunction] = [
    julianDate(
      "ivo_to_mjd", aliases: ["to_mjd"], "modified Julian date", 40587, "51544.5", "0.6 µs"),
    julianDate("ivo_to_jd", aliases: ["to_jd"], "Julian date", 2_440_587.5, "2451545", "40 µs"),
  ]

  private static func julianDate(
    _ name: String, aliases: [String], _ word: String, _ epochDay: Double, _ answer: String,
    _ error: String
  ) -> ScalarFunction {
    ScalarFunction(
      name, aliases: aliases, takes: Quantity("time", LogicalType.timestamp),
      returns: Quantity("date", .double, unit: "d"),
      summary: "Gives the \(word) of a time, in its own time scale.",
      source: "IVOA catalogue of UDFs", errorBound: "\(error), what a double resolves",
      examples: [Example("\(name)(timestamp '2000-01-01 12:00:00')", gives: answer)],
      kernel: .map { (time: Int64) -> Double in
        let (days, rest) = DateText.floorDivide(time, DateText.nanosecondsPerDay)
        return (Double(days) + epochDay) + Double(rest) / nanosecondsPerDay
      })
  }

  // MARK: Parts

  private static let fields =
    "year, quarter, month, week, day, dow (0 Sunday), isodow, doy, hour, minute, second, "
    + "millisecond, microsecond, epoch or julian"

  private static let part = ScalarFunction(
    "date_part", aliases: ["extract"], takes: Quantity("field", .text),
    Quantity("time", LogicalType.timestamp), returns: Quantity("value", .double),
    summary: "Gives a part of a time: \(fields).",
    examples: [Example("date_part('month', timestamp '2024-02-29 12:00:00')", gives: "2")],
    kernel: .vectors(evaluatePart))

  private static let partOfDate = ScalarFunction(
    "date_part", aliases: ["extract"], takes: Quantity("field", .text),
    Quantity("date", LogicalType.date), returns: Quantity("value", .double),
    summary: "Gives a part of a date: \(fields).",
    examples: [Example("date_part('doy', date '2024-02-29')", gives: "60")],
    kernel: .vectors(evaluatePart))

  private static func evaluatePart(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let names = arguments[0].flattened()
    let times = arguments[1].flattened()
    let isDate = arguments[1].type == .date
    let validity = ValidityMask.and(names.validity, times.validity, count: count)
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: Double.self)
    var field: TimeField?
    for row in 0..<count where validity?.isValid(row) ?? true {
      if field == nil || !arguments[0].isConstant {
        field = try TimeField.named(names.bytes(at: row), context)
      }
      let (days, rest) =
        isDate
        ? (Int64(times.values(as: Int32.self)[row]), 0)
        : DateText.floorDivide(times.values(as: Int64.self)[row], DateText.nanosecondsPerDay)
      out[row] = field?.value(days: Int(days), nanoseconds: rest) ?? .nan
    }
    return result
  }

  private static let truncation = ScalarFunction(
    "date_trunc", takes: Quantity("field", .text), Quantity("time", LogicalType.timestamp),
    returns: Quantity("time", LogicalType.timestamp),
    summary: "Cuts a time down to year, quarter, month, week, day, hour, minute or second.",
    examples: [
      Example("date_trunc('month', timestamp '2024-02-29 12:00:00')", gives: "2024-02-01 00:00:00")
    ],
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let names = arguments[0].flattened()
      let times = arguments[1].flattened()
      let input = times.values(as: Int64.self)
      let validity = ValidityMask.and(names.validity, times.validity, count: count)
      var fields: [TimeField] = []
      for row in 0..<(arguments[0].isConstant ? min(1, count) : count) {
        let isNull = names.isNull(row)
        fields.append(isNull ? .second : try TimeField.named(names.bytes(at: row), context))
      }
      return try Kernel.decide(count, type, validity, context) { (row) -> RowOutcome<Int64> in
        let field = fields[min(row, fields.count - 1)]
        return field.truncated(input[row]).map { .value($0) } ?? .outOfRange
      }
    })
}

/// A part of a time.
enum TimeField: String {
  case year, quarter, month, week, day, dow, isodow, doy, hour, minute, second
  case millisecond, microsecond, epoch, julian

  static func named(
    _ name: UnsafeRawBufferPointer, _ context: FunctionContext
  ) throws(SQLError) -> TimeField {
    let text = String(decoding: name, as: UTF8.self).lowercased()
    if let field = TimeField(rawValue: text) { return field }
    if text.hasSuffix("s"), let field = TimeField(rawValue: String(text.dropLast())) {
      return field
    }
    throw SQLError(
      .invalidParameterValue, "no such part of a time: \"\(text)\"", at: context.range,
      hint: "Use year, month, day, hour, minute, second, doy, dow, epoch or julian.")
  }

  func value(days: Int, nanoseconds: Int64) -> Double {
    let (year, month, day) = DateText.civil(fromDays: days)
    let seconds = nanoseconds / 1_000_000_000
    // 1970-01-01 was a Thursday.
    let weekday = ((days % 7) + 11) % 7
    switch self {
    case .year: return Double(year)
    case .quarter: return Double((month - 1) / 3 + 1)
    case .month: return Double(month)
    case .week: return Double(Self.isoWeek(days: days, weekday: weekday))
    case .day: return Double(day)
    case .dow: return Double(weekday)
    case .isodow: return Double(weekday == 0 ? 7 : weekday)
    case .doy: return Double(days - DateText.days(year: year, month: 1, day: 1) + 1)
    case .hour: return Double(seconds / 3600)
    case .minute: return Double(seconds / 60 % 60)
    case .second: return Double(nanoseconds % 60_000_000_000) / 1e9
    case .millisecond: return Double(nanoseconds % 60_000_000_000) / 1e6
    case .microsecond: return Double(nanoseconds % 60_000_000_000) / 1e3
    case .epoch: return Double(days) * 86_400 + Double(nanoseconds) / 1e9
    case .julian: return Double(days) + 2_440_587.5 + Double(nanoseconds) / 86_400e9
    }
  }

  /// The week belongs to the year of its Thursday.
  private static func isoWeek(days: Int, weekday: Int) -> Int {
    let thursday = days + 4 - (weekday == 0 ? 7 : weekday)
    let year = DateText.civil(fromDays: thursday).year
    return (thursday - DateText.days(year: year, month: 1, day: 1)) / 7 + 1
  }

  /// The start of the year, month … that holds the time; nil before the first timestamp, and the time
  /// itself for parts that are no spans.
  func truncated(_ time: Int64) -> Int64? {
    let (days, rest) = DateText.floorDivide(time, DateText.nanosecondsPerDay)
    let (year, month, _) = DateText.civil(fromDays: Int(days))
    let start: Int
    switch self {
    case .year: start = DateText.days(year: year, month: 1, day: 1)
    case .quarter: start = DateText.days(year: year, month: (month - 1) / 3 * 3 + 1, day: 1)
    case .month: start = DateText.days(year: year, month: month, day: 1)
    case .week: start = Int(days) - (Int(days) % 7 + 10) % 7
    case .day, .dow, .isodow, .doy: start = Int(days)
    case .hour: return floor(to: 3_600_000_000_000, time, rest)
    case .minute: return floor(to: 60_000_000_000, time, rest)
    case .second: return floor(to: 1_000_000_000, time, rest)
    case .millisecond: return floor(to: 1_000_000, time, rest)
    case .microsecond: return floor(to: 1000, time, rest)
    case .epoch, .julian: return time
    }
    let (value, overflow) = Int64(start).multipliedReportingOverflow(
      by: DateText.nanosecondsPerDay)
    return overflow ? nil : value
  }

  private func floor(to span: Int64, _ time: Int64, _ sinceMidnight: Int64) -> Int64? {
    let (value, overflow) = time.subtractingReportingOverflow(sinceMidnight % span)
    return overflow ? nil : value
  }
}
