import Base
import HTTP

/// The parameters of a request, by name without regard to case (DALI 1.1, section 3).
struct TAPParameters: Sendable {
  private(set) var all: [(name: String, value: String)] = []

  /// Reads query and body. Parts that are files are left out.
  init(_ request: HTTPRequest) throws(TAPFault) {
    let fields: [FormField]
    do throws(SQLError) { fields = try Form.fields(of: request) } catch {
      let isTooMuch = error.state == .programLimitExceeded
      throw TAPFault(isTooMuch ? .contentTooLarge : .badRequest, error)
    }
    for field in fields where field.fileName == nil {
      guard let text = field.text else {
        throw TAPFault(.badRequest, "parameter is not UTF-8: \"\(field.name)\"")
      }
      all.append((field.name.uppercased(), text))
    }
  }

  init(_ all: [(name: String, value: String)]) {
    self.all = all.map { ($0.name.uppercased(), $0.value) }
  }

  var sizeBytes: Int { all.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 } }

  func values(_ name: String) -> [String] {
    all.filter { $0.name == name }.map(\.value)
  }

  /// The value of a parameter that may be given once; nil if it is missing or empty.
  func value(_ name: String) throws(TAPFault) -> String? {
    let found = values(name)
    guard found.count <= 1 else {
      throw TAPFault(.badRequest, "parameter was given \(found.count) times: \(name)")
    }
    return found.first.flatMap { $0.isEmpty ? nil : $0 }
  }

  func without(_ names: Set<String>) -> TAPParameters {
    TAPParameters(all.filter { !names.contains($0.name) })
  }

  /// Takes over parameters, each in place of those of its name.
  mutating func merge(_ other: TAPParameters) {
    let names = Set(other.all.map(\.name))
    all.removeAll { names.contains($0.name) }
    all += other.all
  }
}
