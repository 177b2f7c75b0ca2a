import Base

/// Reading dates and timestamps: `2024-02-29`, `2024-02-29T12:30`, `2024-02-29 12:30:15.25Z`,
/// `… +02:00`. Years have four digits, 0001 to 9999.
extension DateText {
  public enum Failure: Error, Sendable { case notADate, outOfRange }

  /// Days since 1970-01-01. A time of day behind the date is read and dropped, as a cast does.
  public static func parseDate(_ text: UnsafeRawBufferPointer) throws(Failure) -> Int32 {
    var scanner = DateScanner(NumberText.trimmed(text))
    let days = try scanner.readDate()
    if !scanner.isAtEnd { _ = try scanner.readTimeOfDay() }
    guard scanner.isAtEnd else { throw .notADate }
    return Int32(truncatingIfNeeded: days)
  }

  /// Nanoseconds since 1970-01-01 UTC; text without a zone is UTC. Out of range before 1677-09-21
  /// and after 2262-04-11. Digits of the fraction beyond the ninth are dropped.
  public static func parseTimestamp(_ text: UnsafeRawBufferPointer) throws(Failure) -> Int64 {
    var scanner = DateScanner(NumberText.trimmed(text))
    let days = try scanner.readDate()
    let time = scanner.isAtEnd ? 0 : try scanner.readTimeOfDay()
    guard scanner.isAtEnd else { throw .notADate }
    let (start, tooFar) = Int64(days).multipliedReportingOverflow(by: nanosecondsPerDay)
    if tooFar {
      // The first day of the range begins outside of it.
      let (nextDay, outside) = Int64(days + 1).multipliedReportingOverflow(by: nanosecondsPerDay)
      let (value, overflow) = nextDay.addingReportingOverflow(time - nanosecondsPerDay)
      if outside || overflow { throw .outOfRange }
      return value
    }
    let (value, overflow) = start.addingReportingOverflow(time)
    if overflow { throw .outOfRange }
    return value
  }
}

private struct DateScanner {
  private let text: UnsafeRawBufferPointer
  private var position = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  var isAtEnd: Bool { position == text.count }

  mutating func readDate() throws(DateText.Failure) -> Int {
    let year = try readNumber(digits: 4)
    try expect(UInt8(ascii: "-"))
    let month = try readNumber(digits: 2)
    try expect(UInt8(ascii: "-"))
    let day = try readNumber(digits: 2)
    guard year >= 1, (1...12).contains(month), day >= 1,
      day <= DateText.dayCount(year: year, month: month)
    else { throw .outOfRange }
    return DateText.days(year: year, month: month, day: day)
  }

  /// Nanoseconds since midnight UTC; may be negative or more than a day because of the zone.
  mutating func readTimeOfDay() throws(DateText.Failure) -> Int64 {
    guard accept(UInt8(ascii: "T")) || accept(UInt8(ascii: "t")) || accept(UInt8(ascii: " ")) else {
      throw .notADate
    }
    let hour = try readNumber(digits: 2)
    try expect(UInt8(ascii: ":"))
    let minute = try readNumber(digits: 2)
    var second = 0
    var fraction: Int64 = 0
    if accept(UInt8(ascii: ":")) {
      second = try readNumber(digits: 2)
      if accept(UInt8(ascii: ".")) { fraction = try readFraction() }
    }
    let isMidnightOfNextDay = hour == 24 && minute == 0 && second == 0 && fraction == 0
    // Second 60 is a leap second: our scale has none, so it becomes the next second.
    guard hour < 24 || isMidnightOfNextDay, minute < 60, second <= 60 else { throw .outOfRange }
    let zone = try readZoneSeconds()
    return Int64(hour * 3600 + minute * 60 + second - zone) * 1_000_000_000 + fraction
  }

  private mutating func readFraction() throws(DateText.Failure) -> Int64 {
    var value: Int64 = 0
    var digits = 0
    while position < text.count {
      let digit = text[position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      if digits < 9 { value = value * 10 + Int64(digit) }
      digits += 1
      position += 1
    }
    guard digits > 0 else { throw .notADate }
    while digits < 9 {
      value *= 10
      digits += 1
    }
    return value
  }

  private mutating func readZoneSeconds() throws(DateText.Failure) -> Int {
    while accept(UInt8(ascii: " ")) {}
    if isAtEnd || accept(UInt8(ascii: "Z")) || accept(UInt8(ascii: "z")) { return 0 }
    let isWest = accept(UInt8(ascii: "-"))
    if !isWest { try expect(UInt8(ascii: "+")) }
    let hours = try readNumber(digits: 2)
    var minutes = 0
    if !isAtEnd {
      _ = accept(UInt8(ascii: ":"))
      minutes = try readNumber(digits: 2)
    }
    guard hours <= 15, minutes < 60 else { throw .outOfRange }
    return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }

  private mutating func readNumber(digits: Int) throws(DateText.Failure) -> Int {
    guard text.count - position >= digits else { throw .notADate }
    var value = 0
    for _ in 0..<digits {
      let digit = text[position] &- UInt8(ascii: "0")
      guard digit < 10 else { throw .notADate }
      value = value * 10 + Int(digit)
      position += 1
    }
    return value
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    guard position < text.count, text[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(DateText.Failure) {
    guard accept(byte) else { throw .notADate }
  }
}
