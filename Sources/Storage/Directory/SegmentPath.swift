import Base

/// The names of a new segment, relative to the database directory.
public struct SegmentPath: Hashable, Sendable {
  public let tableID: String
  /// Orders the segments of a database by age.
  public let sequence: Int
  public let id: String

  /// Where the file is written.
  public var temporary: String { folder + "/_" + name }
  /// Where it is when published.
  public var final: String { folder + "/" + name }

  var folder: String { "tables/" + tableID }

  private var name: String {
    let digits = String(sequence)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "-" + id + ".orc"
  }

  /// The highest sequence number of the segments named by us.
  static func highestSequence(in state: DatabaseState) -> Int {
    var highest = 0
    for table in state.tables {
      for segment in table.segments {
        let name = segment.path.split(separator: "/").last ?? ""
        let sequence = name.split(separator: "-").first.flatMap { Int($0) } ?? 0
        // A name from elsewhere must not make ours overflow.
        if sequence < 1 << 48 { highest = max(highest, sequence) }
      }
    }
    return highest
  }

  /// The name of the rebuildable index beside a segment file.
  public static func sidecar(of path: String) -> String { stem(of: path) + ".cix" }

  /// The name of a file of deleted rows. Its number and id are its own, not those of a segment.
  static func mask(of path: String) -> String { stem(of: path) + ".mask" }

  /// `path` without the extension of its last part.
  static func stem(of path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }
}
