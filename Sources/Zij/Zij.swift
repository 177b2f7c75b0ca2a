// The public face of Zij: `import Zij` is all a program needs. Databases, sessions, results and
// values come from the modules below; opening a database through here also gives it all file formats.
@_exported import Base
@_exported import Catalog
@_exported import Engine
import FITS
import Formats
@_exported import Vectors

extension Database {
  /// Opens or creates a database that reads and writes every format of this library.
  public static func open(
    _ location: DatabaseLocation, options: DatabaseOptions = DatabaseOptions()
  ) throws(SQLError) -> Database {
    var complete = options
    complete.readers += FileFormats.readers
    complete.writers += FileFormats.writers
    return try Database(location, options: complete)
  }
}

/// Every format of this library.
public enum FileFormats {
  public static let readers: [any FileReader] = FormatRegistry.readers + [FITSReader()]
  public static let writers: [any FileWriter] = FormatRegistry.writers
}
