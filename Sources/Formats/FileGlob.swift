import Base

/// Files whose names match a pattern: `night/*.avro`, `*/alert_?.avro`.
///
/// `*` stands for any bytes of a name and `?` for one; both stop at `/`, and neither matches a
/// leading point.
enum FileGlob {
  /// More files than any directory that a person would name; each costs an open.
  static let maximumCount = 1 << 20

  static func isPattern(_ path: String) -> Bool {
    path.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
  }

  /// The matching files in the order of their names; an error if there are none.
  static func paths(_ pattern: String, on disk: any Disk) throws(SQLError) -> [String] {
    // A name with such a character is the file itself.
    if !isPattern(pattern) || disk.kind(of: pattern) != nil { return [pattern] }
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var found = [""]
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      if part.isEmpty, isLast { break }
      var next: [String] = []
      for folder in found {
        next += try matches(part, in: folder, isFirst: index == 0, on: disk)
      }
      found = next
      if found.count > maximumCount {
        throw SQLError(
          .programLimitExceeded, "more than \(maximumCount) files match: \"\(pattern)\"")
      }
    }
    let files = found.filter { disk.kind(of: $0) == .file }.sorted()
    if files.isEmpty { throw SQLError(.undefinedFile, "no file matches: \"\(pattern)\"") }
    return files
  }

  private static func matches(
    _ part: String, in folder: String, isFirst: Bool, on disk: any Disk
  ) throws(SQLError) -> [String] {
    let prefix = isFirst ? "" : folder + "/"
    guard isPattern(part) else { return [prefix + part] }
    let place = isFirst ? "." : folder.isEmpty ? "/" : folder
    guard disk.kind(of: place) == .directory else { return [] }
    let pattern = Array(part.utf8)
    return try disk.list(place).filter { !$0.hasPrefix(".") && matches(pattern, Array($0.utf8)) }
      .map { prefix + $0 }
  }

  /// Without recursion: the last `*` takes one byte more whenever what follows does not match.
  static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var (p, n) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = star {
        p = last.pattern + 1
        n = last.name + 1
        star = (last.pattern, n)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
