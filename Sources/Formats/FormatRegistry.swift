import Base
import Engine

/// The formats of this module. Whoever opens a database hands lists of formats to `DatabaseOptions`.
public enum FormatRegistry {
  public static let readers: [any FileReader] = [
    CSVReader(), ORCFormat(), AvroFormat(), ArrowReader(),
  ]
  public static let writers: [any FileWriter] = [
    CSVFormat(), TSVFormat(), JSONFormat(.array), JSONFormat(.lines), ORCFormat(),
    VOTableFormat(), ArrowFormat(),
  ]

  /// The writer for a format's name or for the ending of a file's name, without regard to case.
  public static func writer(named name: String) -> (any FileWriter)? {
    let wanted = name.lowercased()
    return writers.first { $0.names.contains(wanted) || $0.endings.contains(wanted) }
  }
}
