import Base

/// Dates and timestamps as ISO 8601 text in the proleptic Gregorian calendar, UTC.
public enum DateText {
  /// The calendar date `days` after 1970-01-01.
  public static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    // Years begin in March, so that the leap day is the last one; an era is 400 of them.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// Days from 1970-01-01 to a date; the inverse of `civil`.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  public static func dayCount(year: Int, month: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 as `2024-02-29`.
  public static func append(date days: Int32, to out: inout ByteWriter) {
    let (year, month, day) = civil(fromDays: Int(days))
    guard year >= 0, year <= 9999 else {
      NumberText.append(Int64(year), to: &out)
      appendPart("-", month, 2, &out)
      return appendPart("-", day, 2, &out)
    }
    out.reserve(10)
    let target = out.end.assumingMemoryBound(to: UInt8.self)
    NumberText.writeDigits(UInt64(year), count: 4, to: target)
    target[4] = UInt8(ascii: "-")
    NumberText.writeDigits(UInt64(month), count: 2, to: target + 5)
    target[7] = UInt8(ascii: "-")
    NumberText.writeDigits(UInt64(day), count: 2, to: target + 8)
    out.advance(10)
  }

  private static func appendPart(
    _ separator: StaticString, _ value: Int, _ digits: Int, _ out: inout ByteWriter
  ) {
    out.append(separator)
    NumberText.appendMagnitude(UInt128(value.magnitude), minimumDigits: digits, to: &out)
  }

  /// Nanoseconds since 1970-01-01 UTC as `2024-02-29 12:00:00.5`: as many digits of the fraction as
  /// it has, none for whole seconds. VO formats want `T` as the separator.
  public static func append(
    timestamp nanoseconds: Int64, separator: UInt8 = UInt8(ascii: " "), to out: inout ByteWriter
  ) {
    let (days, rest) = floorDivide(nanoseconds, nanosecondsPerDay)
    append(date: Int32(truncatingIfNeeded: days), to: &out)
    let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000_000)
    out.reserve(19)
    let target = out.end.assumingMemoryBound(to: UInt8.self)
    target[0] = separator
    NumberText.writeDigits(UInt64(seconds / 3600), count: 2, to: target + 1)
    target[3] = UInt8(ascii: ":")
    NumberText.writeDigits(UInt64(seconds / 60 % 60), count: 2, to: target + 4)
    target[6] = UInt8(ascii: ":")
    NumberText.writeDigits(UInt64(seconds % 60), count: 2, to: target + 7)
    var length = 9
    if fraction != 0 {
      target[9] = UInt8(ascii: ".")
      NumberText.writeDigits(UInt64(fraction), count: 9, to: target + 10)
      length = 19
      while target[length - 1] == UInt8(ascii: "0") { length -= 1 }
    }
    out.advance(length)
  }

  public static let nanosecondsPerDay: Int64 = 86_400_000_000_000

  /// Quotient rounded down and a remainder that is never negative.
  @inlinable
  public static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient &- 1, remainder &+ divisor) : (quotient, remainder)
  }
}
