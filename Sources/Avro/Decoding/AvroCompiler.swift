import Base
import Vectors

/// Compiles what a writer has written and what a reader wants into steps (schema resolution, Avro
/// 1.11): fields by name or alias, numbers widened, missing ones NULL or their default, others
/// passed over.
struct AvroCompiler {
  let columns: AvroColumns
  var steps: [AvroStep] = []
  var jumps: [Int32] = []
  var nullLists: [[Int32]] = []
  var symbols: [[UInt8]] = []
  var defaults: [[UInt8]] = []
  var reasons: [String] = []
  var deepestList = 0
  private var listDepth = 0

  /// Unions within unions multiply: no schema of the world's comes near.
  private static let maximumStepCount = 1 << 20

  /// `wanted` are positions of the shape's columns, in the order of the columns' roots.
  static func compile(
    _ writer: AvroSchema, to shape: AvroShape, wanted: [Int], into columns: AvroColumns
  ) throws(SQLError) -> AvroProgram {
    var compiler = AvroCompiler(columns: columns)
    if case .structure = shape.type, !shape.isUnion {
      guard case .record(let record) = writer else {
        throw SQLError(
          .datatypeMismatch, "a file of \(writer.name) values among files of records")
      }
      var nodes = [Int?](repeating: nil, count: shape.children.count)
      for (root, position) in zip(columns.roots, wanted) { nodes[position] = root }
      try compiler.emitFields(record, shape, nodes)
    } else {
      try compiler.emit(writer, shape, columns.roots.first)
    }
    compiler.append(.end)
    return AvroProgram(compiler)
  }

  private init(columns: AvroColumns) { self.columns = columns }

  // MARK: Steps

  mutating func append(
    _ operation: AvroOperation, _ node: Int = 0, a: Int64 = 0, b: Int32 = 0
  ) {
    // A value of another width would go beyond the sink's memory.
    if let width = operation.widthBytes, width != columns.nodes[node].type.physical.widthBytes {
      return appendFailure("a value that does not fit \(columns.nodes[node].type)")
    }
    steps.append(
      AvroStep(operation: operation, sink: Int32(truncatingIfNeeded: node), a: a, b: b))
  }

  private mutating func appendNulls(_ node: Int) {
    append(.nulls, node, a: Int64(nullLists.count))
    nullLists.append(columns.nodes[node].nullSinks)
  }

  private mutating func appendFailure(_ reason: String) {
    append(.fail, a: Int64(reasons.count))
    reasons.append(reason)
  }

  /// Steps for one value of `writer`, into `node` or past it.
  private mutating func emit(
    _ writer: AvroSchema, _ shape: AvroShape, _ node: Int?
  ) throws(SQLError) {
    guard let node else { return try emitSkip(writer) }
    guard steps.count < Self.maximumStepCount else {
      throw SQLError(.statementTooComplex, "the unions of an Avro schema are too many")
    }
    if case .union(let branches) = writer { return try emitUnion(branches, shape, node) }
    if case .null = writer { return appendNulls(node) }
    if shape.isUnion {
      let place = shape.alternatives(of: [[writer.name]])[0]
      return try emitAlternative(writer, shape, node, at: place)
    }
    switch (writer, shape.type) {
    case (.record(let record), .structure):
      append(.valid, node)
      try emitFields(record, shape, columns.nodes[node].children)
    case (.array(let element), .list):
      try emitList(element, node) { (compiler) throws(SQLError) in
        try compiler.emit(element, shape.children[0], compiler.columns.nodes[node].children[0])
      }
    case (.map(let value), .map(.text, _)):
      try emitList(.string, node) { (compiler) throws(SQLError) in
        let pair = compiler.columns.nodes[node].children[0]
        let parts = pair.map { compiler.columns.nodes[$0].children } ?? [nil, nil]
        if let pair { compiler.append(.valid, pair) }
        let key = AvroShape(LogicalType.text)
        try compiler.emit(.string, key, parts[0])
        try compiler.emit(value, shape.children[0], parts[1])
      }
    default: emitPlain(writer, shape.type, node)
    }
  }

  // MARK: Plain values

  private mutating func emitPlain(_ writer: AvroSchema, _ type: LogicalType, _ node: Int) {
    switch (writer, type) {
    case (.logical(.timestamp(let unitNS), _), .timestamp): append(.timestamp, node, a: unitNS)
    case (.logical(.date, _), .date): append(.int, node)
    case (.logical(.uuid, .fixed), .text): append(.uuid, node)
    case (.logical(.decimal(_, let scale), let base), .decimal(let precision, let wanted))
    where scale == wanted:
      if case .fixed(_, let sizeBytes) = base {
        append(.decimal, node, a: Int64(precision), b: Int32(truncatingIfNeeded: sizeBytes))
      } else {
        append(.decimal, node, a: Int64(precision), b: -1)
      }
    default:
      guard let operation = Self.operation(writer.plain, type) else {
        return appendFailure("a value of type \(writer.name) where \(type) is wanted")
      }
      switch writer.plain {
      case .fixed(_, let sizeBytes): append(operation, node, a: Int64(sizeBytes))
      case .enumeration(let enumeration):
        append(
          operation, node, a: Int64(symbols.count),
          b: Int32(truncatingIfNeeded: enumeration.symbols.count))
        symbols += enumeration.symbols.map { Array($0.utf8) }
      default: append(operation, node)
      }
    }
  }

  private static func operation(_ writer: AvroSchema, _ type: LogicalType) -> AvroOperation? {
    switch (writer, type) {
    case (.boolean, .boolean): .boolean
    case (.int, .int32): .int
    // Numbers of both widths are written alike.
    case (.int, .int64), (.long, .int64): .long
    case (.float, .float32): .float
    case (.double, .float64): .double
    case (.int, .float32), (.long, .float32): .longToFloat
    case (.int, .float64), (.long, .float64): .longToDouble
    case (.float, .float64): .floatToDouble
    case (.string, .text), (.bytes, .text): .text
    case (.bytes, .binary), (.string, .binary): .bytes
    case (.fixed, .binary): .fixed
    case (.enumeration, .text): .enumeration
    default: nil
    }
  }

  // MARK: Unions

  private mutating func emitUnion(
    _ branches: [AvroSchema], _ shape: AvroShape, _ node: Int
  ) throws(SQLError) {
    guard branches.count == 2, let null = branches.firstIndex(where: \.isNull) else {
      let places = shape.isUnion ? shape.alternatives(of: branches.map { [$0.name] }) : []
      return try emitBranches(branches) { (compiler, index) throws(SQLError) in
        if shape.isUnion, !branches[index].isNull {
          try compiler.emitAlternative(branches[index], shape, node, at: places[index])
        } else {
          try compiler.emit(branches[index], shape, node)
        }
      }
    }
    let other = branches[1 - null]
    if !shape.isUnion, let fused = Self.fused(other, shape.type) {
      return append(fused, node, a: Int64(null))
    }
    let start = steps.count
    append(.optional, node, a: Int64(null))
    try emit(other, shape, node)
    let jump = steps.count
    append(.jump)
    steps[start].b = Int32(truncatingIfNeeded: steps.count)
    appendNulls(node)
    steps[jump].a = Int64(steps.count)
  }

  private static func fused(_ writer: AvroSchema, _ type: LogicalType) -> AvroOperation? {
    if case .logical = writer { return nil }
    switch operation(writer, type) {
    case .int: return .optionalInt
    case .long: return .optionalLong
    case .float: return .optionalFloat
    case .double: return .optionalDouble
    case .text: return .optionalText
    case .bytes: return .optionalBytes
    default: return nil
    }
  }

  private mutating func emitBranches(
    _ branches: [AvroSchema],
    _ body: (inout AvroCompiler, _ index: Int) throws(SQLError) -> Void
  ) throws(SQLError) {
    let table = jumps.count
    append(.branch, a: Int64(table), b: Int32(truncatingIfNeeded: branches.count))
    jumps += branches.map { _ in 0 }
    var ends: [Int] = []
    for index in branches.indices {
      jumps[table + index] = Int32(truncatingIfNeeded: steps.count)
      try body(&self, index)
      ends.append(steps.count)
      append(.jump)
    }
    for end in ends { steps[end].a = Int64(steps.count) }
  }

  /// One value into the structure that stands for a union: into the field of its branch, or into one
  /// that takes such values.
  private mutating func emitAlternative(
    _ writer: AvroSchema, _ shape: AvroShape, _ node: Int, at known: Int?
  ) throws(SQLError) {
    guard case .structure(let fields) = shape.type,
      let place = known ?? fields.firstIndex(where: { Self.operation(writer.plain, $0.type) != nil })
    else { return appendFailure("a value of type \(writer.name), which the union does not have") }
    append(.valid, node)
    for (index, child) in columns.nodes[node].children.enumerated() where index != place {
      if let child { appendNulls(child) }
    }
    try emit(writer, shape.children[place], columns.nodes[node].children[place])
  }

  // MARK: Records and lists

  /// The fields of a record into the nodes of a structure's fields.
  private mutating func emitFields(
    _ record: AvroRecord, _ shape: AvroShape, _ nodes: [Int?]
  ) throws(SQLError) {
    guard case .structure(let known) = shape.type else { return }
    let names = AvroFieldIndex(known, shape.aliases)
    var places = record.fields.map { names.exact($0.name) }
    var isTaken = [Bool](repeating: false, count: known.count)
    for case let place? in places { isTaken[place] = true }
    for (index, field) in record.fields.enumerated() where places[index] == nil {
      if let place = names.position(of: field.name, aliases: field.aliases), !isTaken[place] {
        places[index] = place
        isTaken[place] = true
      }
    }
    for (field, place) in zip(record.fields, places) {
      if let place {
        try emit(field.type, shape.children[place], nodes[place])
      } else {
        try emitSkip(field.type)
      }
    }
    for place in known.indices where !isTaken[place] {
      guard let node = nodes[place] else { continue }
      guard let stand = shape.defaults[place] else {
        appendNulls(node)
        continue
      }
      append(.beginDefault, a: Int64(defaults.count))
      defaults.append(stand.bytes)
      try emit(stand.schema, shape.children[place], node)
      append(.endDefault)
    }
  }

  private mutating func emitList(
    _ element: AvroSchema, _ node: Int,
    _ body: (inout AvroCompiler) throws(SQLError) -> Void
  ) throws(SQLError) {
    listDepth += 1
    deepestList = max(deepestList, listDepth)
    defer { listDepth -= 1 }
    let start = steps.count
    append(.listBegin, node, b: element.isEmpty ? 1 : 0)
    try body(&self)
    append(.listNext, node, a: Int64(start + 1), b: element.isEmpty ? 1 : 0)
    steps[start].a = Int64(steps.count)
  }
}

// MARK: - What nobody reads

extension AvroCompiler {
  mutating func emitSkip(_ writer: AvroSchema) throws(SQLError) {
    guard steps.count < Self.maximumStepCount else {
      throw SQLError(.statementTooComplex, "the unions of an Avro schema are too many")
    }
    if writer.isEmpty { return }
    if let sizeBytes = Self.fixedSize(of: writer) { return appendSkip(sizeBytes) }
    switch writer {
    case .int, .long, .enumeration: append(.skipVarint)
    case .bytes, .string: append(.skipBytes)
    case .logical(_, let base): try emitSkip(base)
    case .record(let record): for field in record.fields { try emitSkip(field.type) }
    case .array(let element): try emitSkippedList([element])
    case .map(let value): try emitSkippedList([.string, value])
    case .union(let branches): try emitSkippedUnion(branches)
    default: break
    }
  }

  /// Neighbours are passed over together.
  private mutating func appendSkip(_ sizeBytes: Int) {
    // No jump leads behind a skip: unions end with a jump of their own, lists with their next.
    if let last = steps.last, last.operation == .skip {
      steps[steps.count - 1].a += Int64(sizeBytes)
    } else {
      append(.skip, a: Int64(sizeBytes))
    }
  }

  private static func fixedSize(of writer: AvroSchema) -> Int? {
    switch writer.plain {
    case .boolean: 1
    case .float: 4
    case .double: 8
    case .fixed(_, let sizeBytes): sizeBytes
    default: nil
    }
  }

  private mutating func emitSkippedUnion(_ branches: [AvroSchema]) throws(SQLError) {
    if branches.count == 2, let null = branches.firstIndex(where: \.isNull) {
      let other = branches[1 - null]
      if let sizeBytes = Self.fixedSize(of: other) {
        return append(
          .skipOptional, a: Int64(null), b: Int32(truncatingIfNeeded: sizeBytes))
      }
      switch other.plain {
      case .int, .long, .enumeration: return append(.skipOptionalVarint, a: Int64(null))
      case .bytes, .string: return append(.skipOptionalBytes, a: Int64(null))
      default: break
      }
    }
    try emitBranches(branches) { (compiler, index) throws(SQLError) in
      try compiler.emitSkip(branches[index])
    }
  }

  private mutating func emitSkippedList(_ parts: [AvroSchema]) throws(SQLError) {
    listDepth += 1
    deepestList = max(deepestList, listDepth)
    defer { listDepth -= 1 }
    let isEmpty: Int32 = parts.allSatisfy(\.isEmpty) ? 1 : 0
    let start = steps.count
    append(.skipListBegin, b: isEmpty)
    for part in parts { try emitSkip(part) }
    append(.skipListNext, a: Int64(start + 1), b: isEmpty)
    steps[start].a = Int64(steps.count)
  }
}
