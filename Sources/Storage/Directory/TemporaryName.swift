import Base

/// The names of files in `temp`: a UUID, or one behind `zij-` and the kind of file.
public enum TemporaryName {
  public static func make(_ kind: String, _ random: any RandomSource) -> String {
    "zij-\(kind)-" + random.uuidText()
  }

  static func isOurs(_ name: String) -> Bool {
    name.hasPrefix("zij-") || isUUID(name)
  }

  private static func isUUID(_ name: String) -> Bool {
    let groups = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.joined().allSatisfy(isHexDigit)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
  }
}
