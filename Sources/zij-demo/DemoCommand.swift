import Base
import Engine
import Glibc
import Zij

/// `zij-demo`: what `./demo` does after building and fetching.
enum DemoCommand {
  static let usage = """
    zij-demo import --data DIR --database NAME.zij   imports the catalogues that are not there yet
    zij-demo ask --database NAME.zij [--width N]     asks eight questions
    """

  static func run(_ arguments: [String]) -> Int32 {
    let options = parse(arguments.dropFirst())
    guard let options, let database = options["database"] else { return fail(usage) }
    do throws(SQLError) {
      switch arguments.first {
      case "import":
        guard let folder = options["data"] else { return fail(usage) }
        try ImportCommand(folder: folder, databasePath: database).run()
      case "ask":
        let width = options["width"].flatMap { Int($0) } ?? 72
        try AskCommand(databasePath: database, mapWidth: width).run()
      default: return fail(usage)
      }
      return 0
    } catch {
      return fail("\(error)")
    }
  }

  static func open(_ path: String, isReadOnly: Bool) throws(SQLError) -> Database {
    var options = DatabaseOptions()
    options.programName = "zij-demo"
    options.isReadOnly = isReadOnly
    options.createIfMissing = !isReadOnly
    options.readers = FileFormats.readers
    options.writers = FileFormats.writers
    return try Database(.directory(path), options: options)
  }

  /// `--name value` pairs; nil for anything else.
  private static func parse(_ arguments: ArraySlice<String>) -> [String: String]? {
    var options: [String: String] = [:]
    var rest = arguments
    while let name = rest.popFirst() {
      guard name.hasPrefix("--"), let value = rest.popFirst() else { return nil }
      options[String(name.dropFirst(2))] = value
    }
    return options
  }

  private static func fail(_ message: String) -> Int32 {
    Terminal.complain(message)
    return 1
  }
}
