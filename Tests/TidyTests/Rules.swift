import Foundation

/// What must not stand in the code of a module below the executables, because it will live inside
/// other programs.
enum Rules {
  struct Rule: Sendable {
    let name: String
    let pattern: String
    let why: String
  }

  static let belowExecutables = [
    Rule(name: "print", pattern: #"(?<![\w.])(?<!func )(print|debugPrint|dump|puts|printf)\("#,
      why: "a library does not write to its host's terminal"),
    Rule(name: "exit", pattern: #"(?<![\w.])(?<!func )(exit|_exit|abort|atexit)\("#,
      why: "a library does not end its host"),
    Rule(name: "signal", pattern: #"(?<![\w.])(?<!func )(signal|sigaction|sigprocmask|pthread_sigmask)\("#,
      why: "signals belong to the host"),
    Rule(name: "trap", pattern: #"\bfatalError\(|\btry!|\bas!|\bunsafeDowncast\("#,
      why: "what data can reach is an SQLError"),
    Rule(name: "process state", pattern: #"(?<![\w.])(?<!func )(setlocale|chdir|setenv|umask)\("#,
      why: "the locale, directory and environment belong to the host"),
  ]

  /// Free functions of the C library that reach files. They are told from methods of the same name
  /// by the module: one that declares such a method calls its own.
  static let fileFunctions = [
    "open", "openat", "creat", "fopen", "fdopen", "freopen", "read", "pread", "write", "pwrite",
    "stat", "fstat", "lstat", "unlink", "rename", "mkdir", "rmdir", "opendir", "readdir", "mmap",
    "munmap", "ftruncate", "truncate", "fsync", "fdatasync", "flock", "mkstemp", "remove", "access",
  ]

  /// Lines of `code` that match, from 1.
  static func lines(matching pattern: String, in code: String) -> [Int] {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [-1] }
    let text = code as NSString
    return expression.matches(in: code, range: NSRange(location: 0, length: text.length)).map {
      1 + text.substring(to: $0.range.location).count { $0 == "\n" }
    }
  }

  /// Lines with direct file access. `declared` are the methods of the module.
  static func fileAccess(in code: String, declared: Set<String>) -> [Int] {
    var found = lines(matching: #"\bGlibc\.("# + fileFunctions.joined(separator: "|") + #")\("#, in: code)
    guard Layers.imports(in: code).contains("Glibc") else { return found }
    let names = fileFunctions.filter { !declared.contains($0) }
    guard !names.isEmpty else { return found }
    let free = #"(?<![\w.])(?<!func )("# + names.joined(separator: "|") + #")\("#
    found += lines(matching: free, in: code)
    return found
  }

  static func declaredFunctions(in code: String) -> Set<String> {
    Set(code.matches(of: /\bfunc\s+(\w+)/).map { String($0.output.1) })
  }

  /// Names that say nothing.
  static let emptyNames = ["Utils", "Util", "Helpers", "Helper", "Common", "Manager", "Misc"]

  static func hasEmptyName(_ path: String) -> Bool {
    path.split(separator: "/").contains { part in
      let name = part.split(separator: ".").first.map(String.init) ?? ""
      return emptyNames.contains { name.hasSuffix($0) }
    }
  }
}
