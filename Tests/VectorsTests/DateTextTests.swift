import Base
import Testing
import Vectors

@Suite("Dates as text")
struct DateTextTests {
  private func date(_ text: String) throws -> Int32 {
    var copy = text
    return try copy.withUTF8 { try DateText.parseDate(UnsafeRawBufferPointer($0)) }
  }

  private func timestamp(_ text: String) throws -> Int64 {
    var copy = text
    return try copy.withUTF8 { try DateText.parseTimestamp(UnsafeRawBufferPointer($0)) }
  }

  private func text(timestamp value: Int64) -> String {
    var out = ByteWriter()
    DateText.append(timestamp: value, to: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  @Test("every day of years 1 to 9999 comes back")
  func everyDay() {
    var expected = DateText.days(year: 1, month: 1, day: 1)
    #expect(expected == -719_162)
    var wrong = 0
    for year in 1...9999 {
      for month in 1...12 {
        for day in [1, 28, DateText.dayCount(year: year, month: month)] {
          let days = DateText.days(year: year, month: month, day: day)
          if DateText.civil(fromDays: days) != (year, month, day) { wrong += 1 }
          if day == 1, days != expected { wrong += 1 }
        }
        expected += DateText.dayCount(year: year, month: month)
      }
    }
    #expect(wrong == 0)
  }

  static let timestamps: [(String, Int64)] = [
    ("1970-01-01", 0), ("1970-01-01T00:00:01Z", 1_000_000_000),
    ("1969-12-31 23:59:59.5", -500_000_000), ("2000-01-01T12:00:00+02:00", 946_720_800_000_000_000),
    ("2000-01-01T12:00:00.123456789-01", 946_731_600_123_456_789),
    ("2024-02-29 24:00:00", 1_709_251_200_000_000_000),
    ("2016-12-31T23:59:60", 1_483_228_800_000_000_000),
    ("2262-04-11T23:47:16.854775807", .max), ("1677-09-21T00:12:43.145224192", .min),
    ("2024-01-01T10:30", 1_704_105_000_000_000_000),
  ]

  @Test("reads timestamps", arguments: timestamps)
  func readsTimestamps(_ text: String, _ value: Int64) throws {
    #expect(try timestamp(text) == value)
    #expect(try timestamp(self.text(timestamp: value)) == value)
  }

  static let refused = [
    "", "2024", "2024-1-1", "2024-01-01x", "2024-01-01T", "2024-01-01T12", "24-01-01", "2024/01/01",
    "2024-01-01T12:00:00.", "2024-01-01T12:00:00+", "+2024-01-01", "2024-01-01T12:00 noon",
  ]

  @Test("refuses what is no date", arguments: refused)
  func refuses(_ text: String) {
    #expect(throws: DateText.Failure.notADate) { try timestamp(text) }
  }

  static let beyond = [
    "0000-01-01", "2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2263-01-01",
    "1677-09-21T00:12:43.145224191", "2024-01-01T25:00", "2024-01-01T12:60", "9999-12-31",
  ]

  @Test("tells what is out of range", arguments: beyond)
  func outOfRange(_ text: String) {
    #expect(throws: DateText.Failure.outOfRange) { try timestamp(text) }
  }

  @Test("writes dates and short fractions")
  func writes() throws {
    #expect(text(timestamp: 1_500_000_000) == "1970-01-01 00:00:01.5")
    #expect(text(timestamp: -1) == "1969-12-31 23:59:59.999999999")
    var out = ByteWriter()
    DateText.append(date: try date("0001-01-01"), to: &out)
    DateText.append(date: try date("9999-12-31T23:00"), to: &out)
    #expect(String(decoding: out.bytes, as: UTF8.self) == "0001-01-019999-12-31")
  }
}
