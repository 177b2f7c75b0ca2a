import CArrow
import Glibc

/// Fields as `ArrowSchema`, whose texts and children belong to the structure.
extension ArrowField {
  /// Fills `out`, which must not hold a schema.
  public func export(to out: UnsafeMutablePointer<ArrowSchema>) {
    ExportedSchema.fill(
      out, format: type.formatText, name: name, isNullable: isNullable, metadata: metadata,
      children: children)
  }

  /// The columns of a table: a structure without a name.
  public static func export(
    columns: [ArrowField], to out: UnsafeMutablePointer<ArrowSchema>
  ) {
    ExportedSchema.fill(
      out, format: "+s", name: "", isNullable: false, metadata: [:], children: columns)
  }
}

/// What a schema's `private_data` keeps.
private final class ExportedSchema {
  typealias Pointer = UnsafeMutablePointer<ArrowSchema>

  private let format: UnsafeMutablePointer<CChar>?
  private let name: UnsafeMutablePointer<CChar>?
  private let metadata: UnsafeMutablePointer<CChar>?
  private let children: UnsafeMutablePointer<Pointer?>
  private let childCount: Int

  private init(
    format: String, name: String, metadata: [String: String], children fields: [ArrowField]
  ) {
    self.format = strdup(format)
    self.name = strdup(name)
    self.metadata = Self.encoded(metadata)
    childCount = fields.count
    children = .allocate(capacity: max(1, fields.count))
    for (index, field) in fields.enumerated() {
      let child = Pointer.allocate(capacity: 1)
      field.export(to: child)
      (children + index).initialize(to: child)
    }
  }

  deinit {
    free(format)
    free(name)
    metadata?.deallocate()
    for index in 0..<childCount {
      guard let child = children[index] else { continue }
      child.pointee.release?(child)
      child.deallocate()
    }
    children.deallocate()
  }

  /// Pairs: how many, then size and bytes of each key and value; sizes are Int32.
  private static func encoded(_ metadata: [String: String]) -> UnsafeMutablePointer<CChar>? {
    if metadata.isEmpty { return nil }
    var bytes: [UInt8] = []
    func append(_ count: Int) {
      withUnsafeBytes(of: Int32(truncatingIfNeeded: count)) { bytes.append(contentsOf: $0) }
    }
    append(metadata.count)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      for text in [key, value] {
        append(text.utf8.count)
        bytes += text.utf8
      }
    }
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { memory[index] = CChar(bitPattern: byte) }
    return memory
  }

  static func fill(
    _ out: Pointer, format: String, name: String, isNullable: Bool, metadata: [String: String],
    children: [ArrowField]
  ) {
    let owner = ExportedSchema(format: format, name: name, metadata: metadata, children: children)
    out.initialize(to: ArrowSchema())
    out.pointee.format = UnsafePointer(owner.format)
    out.pointee.name = UnsafePointer(owner.name)
    out.pointee.metadata = UnsafePointer(owner.metadata)
    out.pointee.flags = isNullable ? Int64(ARROW_FLAG_NULLABLE) : 0
    out.pointee.n_children = Int64(owner.childCount)
    out.pointee.children = owner.children
    out.pointee.private_data = Unmanaged.passRetained(owner).toOpaque()
    out.pointee.release = { schema in
      guard let schema, let data = schema.pointee.private_data else { return }
      Unmanaged<ExportedSchema>.fromOpaque(data).release()
      schema.pointee.private_data = nil
      schema.pointee.release = nil
    }
  }
}
