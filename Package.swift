// swift-tools-version: 6.2
import PackageDescription

// One line a target, lowest layer first. ARCHITECTURE.md section "Modules" gives the layers their
// numbers, and Tests/TidyTests compares every `import` line with that table.

// Access to stored properties of classes is checked for overlaps in debug builds, where the tests
// run; in release builds these look-ups took 8 to 18 % of aggregations.
let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

func library(_ name: String, _ dependencies: [String], path: String? = nil) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .byName(name: $0) },
    path: path ?? "Sources/\(name)", exclude: path == "Grammar" ? ["README.md"] : [],
    swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [String]) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies.map { .byName(name: $0) },
    path: "Tests/\(name)Tests", exclude: name == "Sky" ? ["oracle"] : [],
    swiftSettings: swift)
}

func systemLibrary(_ name: String, apt package: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(name)", providers: [.apt([package])])
}

// ZIJ_LINE_EDITOR=none builds a shell without readline, which is GPL-3.
let hasReadline = Context.environment["ZIJ_LINE_EDITOR"] != "none"

let engine = [
  "Base", "Sky", "Vectors", "Grammar", "Parsing", "FunctionKit", "ORC", "Functions", "Storage",
  "Catalog", "SystemCatalogs", "Plans", "Planning", "Execution", "Scheduling", "Engine",
]

// One file without Swift's run time beside it, for processes of others: only its two entry points are
// visible, and it stays loaded. scripts/build_driver fills the folder of static libraries.
let driverLinking = [
  "-static-stdlib", "-L\(Context.packageDirectory)/.build/static-libraries", "-Xlinker",
  "--version-script=\(Context.packageDirectory)/Sources/ADBCDriver/exports.map", "-Xlinker",
  "--exclude-libs=ALL", "-Xlinker", "--gc-sections", "-Xlinker", "--as-needed", "-Xlinker", "-z",
  "-Xlinker", "nodelete",
]

let package = Package(
  name: "zij",
  products: [
    .executable(name: "zij", targets: ["zij"]),
    .executable(name: "zijd", targets: ["zijd"]),
    .executable(name: "zij-bench", targets: ["zij-bench"]),
    .executable(name: "zij-demo", targets: ["zij-demo"]),
    .library(name: "Zij", targets: ["Zij"]),
    .library(name: "adbc_driver_zij", type: .dynamic, targets: ["ADBCDriver"]),
  ],
  targets: [
    // 0: C
    systemLibrary("CLZ4", apt: "liblz4-dev"),
    systemLibrary("CZstd", apt: "libzstd-dev"),
    systemLibrary("CZlib", apt: "zlib1g-dev"),
    systemLibrary("CSnappy", apt: "libsnappy-dev"),
    systemLibrary("CBzip2", apt: "libbz2-dev"),
    systemLibrary("CCFITSIO", apt: "libcfitsio-dev"),
    systemLibrary("CPCRE2", apt: "libpcre2-dev"),
    systemLibrary("CReadline", apt: "libreadline-dev"),
    systemLibrary("CMicroHTTPD", apt: "libmicrohttpd-dev"),
    systemLibrary("COpenSSL", apt: "libssl-dev"),
    .target(name: "CPlatform", path: "Sources/CPlatform"),
    .target(name: "CKernels", path: "Sources/CKernels"),
    .target(name: "CArrow", path: "Sources/CArrow"),
    // 1
    library("Base", ["CPlatform", "CKernels"]),
    library("Sky", []),
    // 2
    library("Vectors", ["Base", "CKernels"]),
    library("Grammar", [], path: "Grammar"),
    // 3
    library("Parsing", ["Base", "Grammar"]),
    library("FunctionKit", ["Base", "Vectors", "Grammar"]),
    library("Avro", ["Base", "Vectors", "CZstd", "CZlib", "CSnappy"]),
    library("ORC", ["Base", "Vectors", "CKernels", "CLZ4", "CZstd", "CZlib", "CSnappy"]),
    library("Arrow", ["Base", "Vectors", "CArrow"]),
    // 4
    library("Functions", ["Base", "Sky", "Vectors", "FunctionKit", "CPCRE2"], path: "Functions"),
    library("Storage", ["Base", "Sky", "Vectors", "ORC"]),
    // 5
    library("Catalog", ["Base", "Vectors", "FunctionKit", "Storage"]),
    // 6
    library("Plans", ["Base", "Sky", "Vectors", "FunctionKit", "Catalog"]),
    library("SystemCatalogs", ["Base", "Vectors", "FunctionKit", "Storage", "Catalog"]),
    // 7
    library(
      "Planning",
      ["Base", "Sky", "Vectors", "Parsing", "FunctionKit", "Functions", "Storage", "Catalog", "Plans"]),
    library(
      "Execution",
      ["Base", "Sky", "Vectors", "CKernels", "FunctionKit", "Functions", "Storage", "Catalog", "Plans"]),
    // 8
    library("Scheduling", ["Base", "Vectors", "Execution", "Plans"]),
    // 9
    library(
      "Engine",
      [
        "Base", "Sky", "Vectors", "Grammar", "Parsing", "FunctionKit", "Functions", "Storage",
        "Catalog", "Plans", "SystemCatalogs", "Planning", "Execution", "Scheduling",
      ]),
    // 10
    library(
      "Formats",
      [
        "Base", "Vectors", "FunctionKit", "Catalog", "Arrow", "Avro", "ORC", "Engine", "CZlib",
        "CBzip2", "CZstd",
      ]),
    // 11
    library("FITS", ["Base", "Vectors", "FunctionKit", "Engine", "Formats", "CCFITSIO"]),
    library("HTTP", ["Base", "CPlatform", "CMicroHTTPD"]),
    library("Wire", ["Base", "Vectors", "Catalog", "Parsing", "Plans", "Planning", "Engine", "COpenSSL"]),
    // 12
    library(
      "TAP",
      ["Base", "Vectors", "Parsing", "FunctionKit", "Catalog", "Engine", "Formats", "HTTP"]),
    library("Network", ["Base", "Engine", "Wire", "CPlatform", "COpenSSL"]),
    // 13
    library(
      "Driver",
      [
        "Base", "Vectors", "FunctionKit", "Functions", "Catalog", "Engine", "Wire", "Network",
        "CPlatform", "COpenSSL",
      ]),
    // 14
    library("Zij", ["Base", "Vectors", "Catalog", "Engine", "Formats", "FITS"]),
    // 15: the driver that Python loads, the demo's catalogues
    .target(
      name: "ADBCDriver",
      dependencies: [
        "Base", "Vectors", "FunctionKit", "CArrow", "Arrow", "Catalog", "Engine", "Formats",
      ],
      path: "Sources/ADBCDriver", exclude: ["exports.map"], swiftSettings: swift,
      linkerSettings: [.unsafeFlags(driverLinking, .when(configuration: .release))]),
    library("DemoCatalogues", ["Zij"]),
    .executableTarget(
      name: "zij",
      dependencies: ["Zij", "Base", "Vectors", "Parsing", "Engine", "Formats", "Driver", "CPlatform"]
        + (hasReadline ? ["CReadline"] : []),
      path: "Sources/zij", exclude: hasReadline ? [] : ["Input/LineEditor+Readline.swift"],
      swiftSettings: swift + (hasReadline ? [.define("ZIJ_READLINE")] : [])),
    .executableTarget(
      name: "zijd",
      dependencies: ["Zij", "Base", "Engine", "Wire", "Network", "HTTP", "TAP", "CPlatform"],
      path: "Sources/zijd", swiftSettings: swift),
    .executableTarget(
      name: "zij-demo", dependencies: ["Zij", "DemoCatalogues"], path: "Sources/zij-demo",
      swiftSettings: swift),
    .executableTarget(
      name: "zij-bench",
      dependencies: ["Base", "Vectors", "Sky", "CKernels", "ORC", "FunctionKit", "Functions", "Parsing", "Zij", "Engine"],
      path: "Bench", exclude: ["README.md", "catbench", "fetch", "results", "wire"], swiftSettings: swift),
    .executableTarget(
      name: "zij-slt", dependencies: ["Zij", "Engine", "Base", "Vectors"], path: "Tests/SQLRunner",
      swiftSettings: swift),
    .executableTarget(
      name: "zij-fuzz",
      dependencies: ["Base", "Vectors", "Engine", "Formats", "HTTP", "Wire", "Zij"], path: "Tests/Fuzz",
      swiftSettings: swift),
    .executableTarget(
      name: "zij-example", dependencies: ["Zij"], path: "Examples/Swift", swiftSettings: swift),
    // Tests
    tests("Base", ["Base"]),
    tests("Sky", ["Sky"]),
    tests("Vectors", ["Base", "Vectors", "CKernels"]),
    tests("Parsing", ["Base", "Parsing", "Grammar"]),
    tests("FunctionKit", ["Base", "Vectors", "FunctionKit"]),
    tests("Avro", ["Base", "Vectors", "Avro"]),
    tests("ORC", ["Base", "Vectors", "ORC"]),
    tests("Arrow", ["Base", "Vectors", "Arrow"]),
    tests("Functions", ["Base", "Vectors", "FunctionKit", "Functions", "Engine"]),
    tests("Storage", ["Base", "Vectors", "ORC", "Storage"]),
    tests("Plans", ["Base", "Vectors", "Plans", "Planning", "Engine"]),
    tests("Execution", ["Base", "Vectors", "Execution", "Plans", "Storage", "Catalog"]),
    tests("Scheduling", ["Base", "Scheduling", "Engine", "Execution"]),
    tests("Engine", engine),
    tests("Formats", ["Base", "Vectors", "Formats", "Engine"]),
    tests("HTTP", ["Base", "HTTP"]),
    tests("TAP", ["Base", "Engine", "HTTP", "TAP"]),
    tests("Wire", ["Base", "Vectors", "Engine", "Formats", "Wire"]),
    tests("Tidy", []),
  ],
  cLanguageStandard: .c17
)
