/// The layer table of ARCHITECTURE.md: a module imports only modules with a smaller number.
enum Layers {
  static let numbers: [String: Int] = [
    "CLZ4": 0, "CZstd": 0, "CZlib": 0, "CSnappy": 0, "CBzip2": 0, "CCFITSIO": 0, "CReadline": 0,
    "CPCRE2": 0, "CMicroHTTPD": 0, "COpenSSL": 0, "CPlatform": 0, "CKernels": 0, "CArrow": 0,
    "Base": 1, "Sky": 1,
    "Vectors": 2, "Grammar": 2,
    "Parsing": 3, "FunctionKit": 3, "Arrow": 3, "Avro": 3, "ORC": 3,
    "Functions": 4, "Storage": 4,
    "Catalog": 5,
    "Plans": 6, "SystemCatalogs": 6,
    "Planning": 7, "Execution": 7,
    "Scheduling": 8,
    "Engine": 9,
    "Formats": 10,
    "FITS": 11, "HTTP": 11, "Wire": 11,
    "TAP": 12, "Network": 12,
    "Driver": 13,
    "Zij": 14,
    "ADBCDriver": 15, "DemoCatalogues": 15,
    "zij": 16, "zij-bench": 16, "zij-demo": 16, "zijd": 16,
  ]

  static let firstExecutable = 16

  /// Parts of the toolchain that every module may use.
  static let system: Set<String> = ["Swift", "Glibc", "Synchronization"]

  /// C libraries and the only modules that see them.
  static let wrappers: [String: Set<String>] = [
    "CReadline": ["zij"], "CLZ4": ["ORC"], "CSnappy": ["Avro", "ORC"],
    "CZstd": ["Avro", "ORC", "Formats"], "CZlib": ["Avro", "ORC", "Formats"], "CBzip2": ["Formats"],
    "CCFITSIO": ["FITS"], "CPCRE2": ["Functions"], "CMicroHTTPD": ["HTTP"],
    "COpenSSL": ["Wire", "Network", "Driver"],
  ]

  /// Modules whose folder begins with a paragraph on what the module is, in `<Module>.swift`.
  static let modulesWithHeader = [
    "Base", "Sky", "Vectors", "Parsing", "FunctionKit", "Arrow", "Avro", "ORC", "Storage",
    "Catalog", "Plans", "SystemCatalogs", "Planning", "Execution", "Scheduling", "Engine",
    "Formats", "FITS", "HTTP", "Wire", "TAP", "Network", "Driver", "Zij", "ADBCDriver",
    "DemoCatalogues",
  ]

  /// What `module` must not import in `code`, with the reason.
  static func violations(of module: String, in code: String) -> [String] {
    guard let number = numbers[module] else { return ["module \(module) is not in the table"] }
    return imports(in: code).compactMap { imported in
      if let owners = wrappers[imported], !owners.contains(module) {
        return "imports \(imported), which only \(owners.sorted().joined(separator: ", ")) may"
      }
      if let other = numbers[imported] {
        return other < number ? nil : "imports \(imported) (\(other)) from layer \(number)"
      }
      if system.contains(imported) || number >= firstExecutable { return nil }
      return "imports \(imported), which is in no layer"
    }
  }

  /// The modules named by `import` lines.
  static func imports(in code: String) -> [String] {
    let pattern =
      /^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|private|fileprivate)[ \t]+)?import[ \t]+(?:(?:struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?(\w+)/
      .anchorsMatchLineEndings()
    return code.matches(of: pattern).map { String($0.output.1) }
  }
}
