extension Vector {
  /// Bytes of the rows as plain values: widths, and all bytes and elements that views name.
  ///
  /// Unlike `sizeBytes` this does not depend on encodings, on masks or on what the rows share.
  public var plainBytes: Int {
    switch encoding {
    case .constant:
      let (total, overflow) = plainBytes(from: 0, to: min(1, count))
        .multipliedReportingOverflow(by: count)
      return overflow ? .max : total
    case .dictionary: return count &* physical.widthBytes &+ plainBytesOfEntries
    case .sequence: return count &* physical.widthBytes
    case .flat: return plainBytes(from: 0, to: count)
    }
  }

  /// What the rows of a dictionary vector take besides their widths.
  private var plainBytesOfEntries: Int {
    if physical.isFixed { return 0 }
    let dictionary = children[0]
    let indices = values(as: UInt32.self)
    var total = 0
    if physical == .bytes, dictionary.validity == nil {
      let views = dictionary.values(as: View.self)
      for row in 0..<count where !isNull(row) { total &+= views[Int(indices[row])].count }
      return total
    }
    for row in 0..<count where !isNull(row) {
      let index = Int(indices[row])
      total &+= dictionary.plainBytes(from: index, to: index &+ 1) &- physical.widthBytes
    }
    return total
  }

  /// The same of some rows; NULL counts as an empty value.
  private func plainBytes(from start: Int, to end: Int) -> Int {
    let width = physical.widthBytes
    var total = (end &- start) &* width
    guard !physical.isFixed, start < end else { return total }
    if encoding == .dictionary || encoding == .constant {
      let flat = flattened()
      return flat.plainBytes(from: start, to: end)
    }
    if physical == .structure {
      guard validity != nil else {
        return children.reduce(0) { $0 &+ $1.plainBytes(from: start, to: end) }
      }
      for row in start..<end where !isNull(row) {
        total = children.reduce(total) { $0 &+ $1.plainBytes(from: row, to: row &+ 1) }
      }
      return total
    }
    let views = values(as: View.self)
    for row in start..<end where !isNull(row) {
      let view = views[row]
      total &+= physical == .bytes
        ? view.count : children[0].plainBytes(from: view.start, to: view.start &+ view.count)
    }
    return total
  }
}

extension PhysicalType {
  /// True if every value takes `widthBytes` and nothing else.
  public var isFixed: Bool {
    switch self {
    case .bytes, .list, .structure: false
    default: true
    }
  }
}
