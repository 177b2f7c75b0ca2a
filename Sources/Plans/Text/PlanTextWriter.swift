import Base
import Sky
import Vectors

/// Writes plans as `PhysicalPlan.text` describes them.
struct PlanTextWriter: ~Copyable {
  private var out = ByteWriter()
  /// A blank goes before the next item unless it is the first behind a parenthesis.
  private var needsBlank = false

  var text: String { String(decoding: out.bytes, as: UTF8.self) }

  // MARK: Items

  mutating func open(_ head: StaticString) {
    separate()
    out.append(UInt8(ascii: "("))
    out.append(head)
    needsBlank = head.utf8CodeUnitCount > 0
  }

  mutating func close() {
    out.append(UInt8(ascii: ")"))
    needsBlank = true
  }

  mutating func word(_ word: StaticString) {
    separate()
    out.append(word)
  }

  mutating func atom(_ atom: String) {
    separate()
    out.append(atom)
  }

  mutating func integer(_ value: some FixedWidthInteger) { atom(value.description) }

  mutating func type(_ type: LogicalType) { quoted(type.description) }

  /// Text in quotes. Line breaks and other control characters are written as escapes, so that a
  /// plan stays one line.
  mutating func quoted(_ text: String) {
    separate()
    out.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out.append("\\\"")
      case "\\": out.append("\\\\")
      case "\n": out.append("\\n")
      case "\t": out.append("\\t")
      case _
      where scalar.value < 32 || (127..<160).contains(scalar.value)
        || (0x2028...0x2029).contains(scalar.value):
        out.append("\\u{\(String(scalar.value, radix: 16))}")
      default: out.append(String(scalar))
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  private mutating func separate() {
    if needsBlank { out.append(UInt8(ascii: " ")) }
    needsBlank = true
  }

  // MARK: Groups of items

  mutating func types(_ types: [LogicalType], as head: StaticString = "types") {
    open(head)
    for type in types { self.type(type) }
    close()
  }

  mutating func integers(_ values: [Int], as head: StaticString) {
    open(head)
    for value in values { integer(value) }
    close()
  }

  mutating func expressions(_ expressions: [ScalarExpression], as head: StaticString) {
    open(head)
    for expression in expressions { write(expression) }
    close()
  }

  mutating func optional(_ text: String?) {
    if let text { quoted(text) } else { word("none") }
  }
}

// MARK: Plans

extension PlanTextWriter {
  mutating func write(_ plan: PhysicalPlan) {
    switch plan {
    case .tableScan(let scan): write(scan)
    case .singleRow: open("singlerow")
    case .values(let rows, let types):
      open("values")
      self.types(types)
      for row in rows { values(row, as: "row") }
    case .tableFunction(let name, let arguments, let types):
      open("function")
      quoted(name)
      values(arguments, as: "arguments")
      self.types(types)
    case .file(let file): write(file)
    case .filter(let input, let terms):
      open("filter")
      write(input)
      for term in terms { write(term) }
    case .project(let input, let expressions):
      open("project")
      write(input)
      for expression in expressions { write(expression) }
    case .aggregate(let input, let groups, let calls):
      open("aggregate")
      write(input)
      expressions(groups, as: "groups")
      for call in calls { write(call) }
    case .partialAggregate(let input, let groups, let calls):
      open("partialaggregate")
      write(input)
      expressions(groups, as: "groups")
      for call in calls { write(call) }
    case .window(let input, let window):
      open("window")
      write(input)
      write(window)
    case .sort, .topN, .limit: writeOrdered(plan)
    case .unnest(let input, let unnest): write(unnest, over: input)
    case .hashJoin(let join): write(join)
    case .skyJoin(let join): write(join)
    case .union(let inputs):
      open("union")
      integer(inputs.count)
      for input in inputs { write(input) }
    case .recursion(let recursion):
      open(recursion.isDistinct ? "recursion" : "recursionall")
      write(recursion.anchor)
      write(recursion.step)
      integer(recursion.number)
    case .workingTable(let number, let types):
      open("workingtable")
      integer(number)
      self.types(types)
    }
    close()
  }

  /// What sorts or counts rows.
  private mutating func writeOrdered(_ plan: PhysicalPlan) {
    switch plan {
    case .sort(let input, let keys):
      open("sort")
      write(input)
      for key in keys { write(key) }
    case .topN(let input, let keys, let count, let offset):
      open("topn")
      write(input)
      integer(count)
      integer(offset)
      for key in keys { write(key) }
    case .limit(let input, let count, let offset):
      open("limit")
      write(input)
      if let count { integer(count) } else { word("all") }
      integer(offset)
    default: break
    }
  }

  private mutating func write(_ scan: PhysicalScan) {
    open("scan")
    quoted(scan.schema)
    quoted(scan.name)
    integers(scan.columns, as: "columns")
    types(scan.columnTypes)
    open("names")
    for name in scan.columnNames { quoted(name) }
    close()
    write(scan.uses)
    integers(scan.output, as: "output")
    expressions(scan.filters, as: "filters")
    if let cells = scan.cells {
      open("cells")
      for range in cells {
        open("")
        integer(range.lower)
        integer(range.upper)
        close()
      }
      close()
    } else {
      word("anywhere")
    }
    guard let morsels = scan.morsels else { return word("all") }
    integers([morsels.lowerBound, morsels.upperBound], as: "morsels")
  }

  private mutating func write(_ file: PhysicalFile) {
    open("file")
    quoted(file.source.path)
    optional(file.source.format)
    open("options")
    for (name, value) in file.source.options.sorted(by: { $0.key < $1.key }) {
      quoted(name)
      values(value.map { [$0] } ?? [], as: "")
    }
    close()
    integers(file.columns, as: "columns")
    types(file.types)
    open("names")
    for name in file.names { quoted(name) }
    close()
    write(file.uses)
  }

  private mutating func write(_ join: PhysicalJoin) {
    switch join.kind {
    case .inner: open("innerjoin")
    case .left: open("leftjoin")
    case .full: open("fulljoin")
    case .semi: open("semijoin")
    case .anti: open("antijoin")
    case .single: open("singlejoin")
    case .mark: open("markjoin")
    case .markIn: open("markinjoin")
    }
    write(join.left)
    write(join.right)
    open("keys")
    for key in join.keys {
      if key.matchesNulls { open("same") } else { open("key") }
      write(key.left)
      write(key.right)
      close()
    }
    close()
    expressions(join.residual, as: "residual")
  }

  private mutating func write(_ join: PhysicalSkyJoin) {
    switch join.kind {
    case .left: open("leftskyjoin")
    default: open("innerskyjoin")
    }
    write(join.left)
    write(join.right)
    word(join.leftHasCells ? "cells" : "nocells")
    word(join.rightHasCells ? "cells" : "nocells")
    word(join.buildsLeft ? "buildleft" : "buildright")
    for position in [join.condition.left, join.condition.right] {
      write(position.lon)
      write(position.lat)
    }
    write(join.condition.radiusDeg)
    word(join.condition.isInclusive ? "closed" : "open")
    expressions(join.residual, as: "residual")
  }

  mutating func write(_ key: SortKey) {
    open(key.isDescending ? "desc" : "asc")
    word(key.nullsFirst ? "first" : "last")
    write(key.expression)
    close()
  }

  private mutating func write(_ call: AggregateCall) {
    open("call")
    quoted(call.name)
    type(call.type)
    types(call.argumentTypes, as: "")
    word(call.isDistinct ? "distinct" : "all")
    expressions(call.arguments, as: "arguments")
    if let filter = call.filter { write(filter) }
    close()
  }
}
