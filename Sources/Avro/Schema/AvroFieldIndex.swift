import Vectors

/// The fields of a structure by name: records have thousands of them.
struct AvroFieldIndex {
  private var names: [String: Int] = [:]
  private var otherNames: [String: Int] = [:]

  init(_ fields: [StructField], _ aliases: [[String]]) {
    names.reserveCapacity(fields.count)
    for (place, field) in fields.enumerated() {
      if names[field.name] == nil { names[field.name] = place }
      for alias in aliases[place] where otherNames[alias] == nil { otherNames[alias] = place }
    }
  }

  func exact(_ name: String) -> Int? { names[name] }

  /// The field that a writer's field goes to: by its name, or by an alias of either.
  func position(of name: String, aliases: [String]) -> Int? {
    if let exact = names[name] { return exact }
    return (aliases.compactMap { names[$0] } + [otherNames[name]].compactMap { $0 }).min()
  }
}
