import Base

extension Vector {
  /// This vector in flat encoding; itself if it is flat. Children of structures become flat too.
  public func flattened() -> Vector {
    switch encoding {
    case .flat:
      guard physical == .structure, children.contains(where: { $0.encoding != .flat }) else {
        return self
      }
      return Vector(
        type: type, count: count, storage: storage, validity: validity,
        children: children.map { $0.flattened() })
    case .constant: return flattenedConstant()
    case .dictionary: return flattenedDictionary()
    case .sequence: return flattenedSequence()
    }
  }

  /// The same with everything below it flat, too, also the elements of lists.
  public func flattenedDeeply() -> Vector {
    let flat = flattened()
    if flat.children.allSatisfy(\.isDeeplyFlat) { return flat }
    return Vector(
      type: type, count: count, storage: flat.storage,
      offsetBytes: flat.base - flat.storage.base, validity: flat.validity, heap: flat.heap,
      children: flat.children.map { $0.flattenedDeeply() })
  }

  private var isDeeplyFlat: Bool { encoding == .flat && children.allSatisfy(\.isDeeplyFlat) }

  private convenience init(
    type: LogicalType, count: Int, storage: Buffer, validity: ValidityMask?, children: [Vector]
  ) {
    self.init(
      type: type, encoding: .flat, count: count, storage: storage, offsetBytes: 0,
      validity: validity, heap: nil, children: children)
  }

  private func flattenedConstant() -> Vector {
    let mask = isConstantNull ? ValidityMask(count: count, allValid: false) : nil
    // A list's only child is shared by all rows; a structure's fields are constants themselves.
    let newChildren = physical == .structure ? children.map { $0.flattened() } : children
    let result = Vector(
      type: type, count: count, validity: mask, heap: heap, children: newChildren)
    switch physical.widthBytes {
    case 1: fill(result, UInt8.self)
    case 2: fill(result, UInt16.self)
    case 4: fill(result, UInt32.self)
    case 8: fill(result, UInt64.self)
    case 16: fill(result, UInt128.self)
    default: break
    }
    return result
  }

  private func fill<T: BitwiseCopyable>(_ result: Vector, _: T.Type) {
    result.values(as: T.self).update(repeating: base.load(as: T.self), count: count)
  }

  private func flattenedDictionary() -> Vector {
    let indices = values(as: UInt32.self)
    let result = children[0].gathered(by: indices, count: count)
    result.validity = ValidityMask.and(result.validity, validity, count: count)
    return result
  }

  private func flattenedSequence() -> Vector {
    let result = Vector(type: type, count: count, validity: validity)
    let start = base.load(as: Int64.self)
    let step = base.load(fromByteOffset: 8, as: Int64.self)
    let out = result.values(as: Int64.self)
    for row in 0..<count { out[row] = start &+ step &* Int64(row) }
    return result
  }
}

extension Vector {
  /// The same rows, NULL also where `mask` is; shares all memory.
  public func masked(by mask: ValidityMask?, count: Int) -> Vector {
    guard let mask else { return self }
    let flat = flattened()
    return Vector(
      type: type, count: count, storage: flat.storage, offsetBytes: flat.base - flat.storage.base,
      validity: ValidityMask.and(flat.validity, mask, count: count), heap: flat.heap,
      children: flat.children)
  }
}
