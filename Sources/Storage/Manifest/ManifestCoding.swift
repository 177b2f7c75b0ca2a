import Base

/// Catalogue values as tagged fields. A field number is never given a second meaning.
protocol FieldCoded {
  /// What reading starts from.
  init()
  func write(to fields: inout FieldWriter)
  mutating func read(_ field: Field) throws(SQLError)
}

extension FieldCoded {
  var encoded: [UInt8] {
    var fields = FieldWriter()
    write(to: &fields)
    return fields.bytes
  }

  init(_ region: ByteRegion) throws(SQLError) {
    self.init()
    var reader = ByteReader(region)
    while let field = try Field.next(&reader) { try read(field) }
  }
}

extension StoredTable: FieldCoded {
  init() { self.init(id: "", schema: "", name: "", columns: []) }

  func write(to fields: inout FieldWriter) {
    fields.put(1, id)
    fields.put(2, schema)
    fields.put(3, name)
    for column in columns { fields.put(4, column.encoded) }
    // A writer that does not know a clustering would put rows in the wrong order.
    if clustering != .none { fields.put(5, clustering.encoded, critical: true) }
    fields.put(6, description)
    fields.put(7, schemaVersion)
    for (key, value) in options.sorted(by: { $0.key < $1.key }) {
      fields.put(8, TextPair(key, value).encoded)
    }
    for segment in segments { fields.put(9, segment.encoded) }
    // A reader that passes this over would apply the log twice.
    if appliedLSN > 0 {
      fields.put(10, Int(truncatingIfNeeded: appliedLSN), critical: true)
    }
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1: id = try field.text()
    case 2: schema = try field.text()
    case 3: name = try field.text()
    case 4: columns.append(try StoredColumn(field.bytes()))
    case 5: clustering = try Clustering(field.bytes())
    case 6: description = try field.text()
    case 7: schemaVersion = try field.int()
    case 8:
      let pair = try TextPair(field.bytes())
      options[pair.key] = pair.value
    case 9: segments.append(try StoredSegment(field.bytes()))
    case 10: appliedLSN = UInt64(try field.int())
    default: try field.skip()
    }
  }
}

/// A key with a value.
private struct TextPair: FieldCoded {
  var key = ""
  var value = ""

  init() {}

  init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }

  func write(to fields: inout FieldWriter) {
    fields.put(1, key)
    fields.put(2, value)
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1: key = try field.text()
    case 2: value = try field.text()
    default: try field.skip()
    }
  }
}

extension StoredColumn: FieldCoded {
  init() { self.init(id: 0, name: "", type: "", isNullable: false) }

  func write(to fields: inout FieldWriter) {
    fields.put(1, id)
    fields.put(2, name)
    fields.put(3, type)
    fields.put(4, isNullable)
    fields.put(5, isHidden)
    fields.put(6, unit)
    fields.put(7, ucd)
    fields.put(8, utype)
    fields.put(9, description)
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1: id = try field.int()
    case 2: name = try field.text()
    case 3: type = try field.text()
    case 4: isNullable = try field.bool()
    case 5: isHidden = try field.bool()
    case 6: unit = try field.text()
    case 7: ucd = try field.text()
    case 8: utype = try field.text()
    case 9: description = try field.text()
    default: try field.skip()
    }
  }
}

extension Clustering: FieldCoded {
  init() { self = .none }

  func write(to fields: inout FieldWriter) {
    switch self {
    case .none: break
    case .sky(let lon, let lat):
      fields.put(1, lon, critical: true)
      fields.put(2, lat, critical: true)
    case .columns(let names):
      for name in names { fields.put(3, name, critical: true) }
    }
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch (field.number, self) {
    case (1, _): self = .sky(lon: try field.text(), lat: "")
    case (2, .sky(let lon, _)): self = .sky(lon: lon, lat: try field.text())
    case (3, .columns(let names)): self = .columns(names + [try field.text()])
    case (3, _): self = .columns([try field.text()])
    default: try field.skip()
    }
  }
}

extension StoredSegment: FieldCoded {
  init() { self.init(id: "", path: "", rowCount: 0, sizeBytes: 0, checksum: 0) }

  func write(to fields: inout FieldWriter) {
    fields.put(1, id)
    fields.put(2, path)
    fields.put(3, rowCount)
    fields.put(4, sizeBytes)
    fields.put(5, Int(checksum))
    for column in sortedBy { fields.put(6, column) }
    fields.put(7, schemaVersion)
    // Rows that are gone must not come back.
    if let mask { fields.put(8, mask.encoded, critical: true) }
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1: id = try field.text()
    case 2: path = try Self.checked(path: field.text())
    case 8: mask = try StoredMask(field.bytes())
    case 3: rowCount = try field.int()
    case 4: sizeBytes = try field.int()
    case 5: checksum = try field.uint32()
    case 6: sortedBy.append(try field.text())
    case 7: schemaVersion = try field.int()
    default: try field.skip()
    }
  }

  /// A database handed on by others must not lead out of its own directory.
  static func checked(path: String) throws(SQLError) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ $0 != "" && $0 != "." && $0 != ".." }) else {
      throw SQLError(.dataCorrupted, "segment path leads out of the database: \"\(path)\"")
    }
    return path
  }
}

extension StoredMask: FieldCoded {
  init() { self.init(path: "", hiddenCount: 0, checksum: 0) }

  func write(to fields: inout FieldWriter) {
    fields.put(1, path)
    fields.put(2, hiddenCount)
    fields.put(3, Int(checksum))
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1: path = try StoredSegment.checked(path: field.text())
    case 2: hiddenCount = try field.int()
    case 3: checksum = try field.uint32()
    default: try field.skip()
    }
  }
}

extension LogStart: FieldCoded {
  init() { self.init(identity: LogIdentity(high: 0, low: 0), firstFile: 0) }

  func write(to fields: inout FieldWriter) {
    var identity = ByteWriter(capacity: 16)
    identity.appendLittleEndian(self.identity.high)
    identity.appendLittleEndian(self.identity.low)
    fields.put(1, Array(identity.bytes), critical: true)
    fields.put(2, Int(truncatingIfNeeded: firstFile), critical: true)
  }

  mutating func read(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1:
      var reader = ByteReader(try field.bytes())
      identity = LogIdentity(
        high: try reader.readLittleEndian(UInt64.self),
        low: try reader.readLittleEndian(UInt64.self))
    case 2: firstFile = UInt64(try field.int())
    default: try field.skip()
    }
  }
}

// MARK: - Records

extension ManifestChange {
  /// Field numbers of a change inside a record; all are critical.
  func write(to fields: inout FieldWriter) {
    var inner = FieldWriter()
    switch self {
    case .createTable(let table): fields.put(1, table.encoded, critical: true)
    case .dropTable(let id): fields.put(2, id, critical: true)
    case .renameTable(let id, let schema, let name):
      inner.put(1, id)
      inner.put(2, schema)
      inner.put(3, name)
      fields.put(3, inner.bytes, critical: true)
    case .alterTable(let table): fields.put(4, table.encoded, critical: true)
    case .addSegment(let tableID, let segment):
      inner.put(1, tableID)
      inner.put(2, segment.encoded)
      fields.put(5, inner.bytes, critical: true)
    case .removeSegment(let tableID, let segmentID):
      inner.put(1, tableID)
      inner.put(2, segmentID)
      fields.put(6, inner.bytes, critical: true)
    case .setMask(let tableID, let segmentID, let mask):
      inner.put(1, tableID)
      inner.put(2, segmentID)
      inner.put(3, mask.encoded)
      fields.put(7, inner.bytes, critical: true)
    case .setApplied(let tableID, let lsn):
      inner.put(1, tableID)
      inner.put(2, Int(truncatingIfNeeded: lsn))
      fields.put(8, inner.bytes, critical: true)
    // No start is no bytes.
    case .setLog(let start): fields.put(9, start?.encoded ?? [], critical: true)
    }
  }

  /// Nil for a field that is no change and may be skipped.
  init?(_ field: Field) throws(SQLError) {
    switch field.number {
    case 1: self = .createTable(try StoredTable(field.bytes()))
    case 2: self = .dropTable(id: try field.text())
    case 3:
      let parts = try ChangeParts(field.bytes())
      self = .renameTable(id: parts.table, schema: parts.second, name: parts.third)
    case 4: self = .alterTable(try StoredTable(field.bytes()))
    case 5:
      let parts = try SegmentParts(field.bytes())
      self = .addSegment(tableID: parts.table, parts.segment)
    case 6:
      let parts = try ChangeParts(field.bytes())
      self = .removeSegment(tableID: parts.table, segmentID: parts.second)
    case 7:
      let parts = try MaskParts(field.bytes())
      self = .setMask(tableID: parts.table, segmentID: parts.segment, parts.mask)
    case 8:
      let parts = try AppliedParts(field.bytes())
      self = .setApplied(tableID: parts.table, lsn: parts.lsn)
    case 9:
      let region = try field.bytes()
      self = .setLog(region.count == 0 ? nil : try LogStart(region))
    default:
      try field.skip()
      return nil
    }
  }
}

/// A table's id and up to two texts more.
private struct ChangeParts {
  var table = ""
  var second = ""
  var third = ""

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ByteReader(region)
    while let field = try Field.next(&reader) {
      switch field.number {
      case 1: table = try field.text()
      case 2: second = try field.text()
      case 3: third = try field.text()
      default: try field.skip()
      }
    }
  }
}

private struct SegmentParts {
  var table = ""
  var segment = StoredSegment()

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ByteReader(region)
    while let field = try Field.next(&reader) {
      switch field.number {
      case 1: table = try field.text()
      case 2: segment = try StoredSegment(field.bytes())
      default: try field.skip()
      }
    }
  }
}

private struct MaskParts {
  var table = ""
  var segment = ""
  var mask = StoredMask()

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ByteReader(region)
    while let field = try Field.next(&reader) {
      switch field.number {
      case 1: table = try field.text()
      case 2: segment = try field.text()
      case 3: mask = try StoredMask(field.bytes())
      default: try field.skip()
      }
    }
  }
}

private struct AppliedParts {
  var table = ""
  var lsn: UInt64 = 0

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ByteReader(region)
    while let field = try Field.next(&reader) {
      switch field.number {
      case 1: table = try field.text()
      case 2: lsn = UInt64(try field.int())
      default: try field.skip()
      }
    }
  }
}
