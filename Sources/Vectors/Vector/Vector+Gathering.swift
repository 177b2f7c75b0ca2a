import Base

extension Vector {
  /// The rows that `selection` names, in its order. Constants stay constant; text shares its heap.
  public func gathered(by selection: SelectionVector) -> Vector {
    gathered(by: selection.indices, count: selection.count)
  }

  /// The rows `indices[0..<count]`, each below `self.count`.
  @_specialize(where Index == UInt16)
  @_specialize(where Index == UInt32)
  public func gathered<Index: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    by indices: UnsafePointer<Index>, count newCount: Int
  ) -> Vector {
    if encoding == .constant { return resizedConstant(newCount) }
    if encoding == .sequence { return flattened().gathered(by: indices, count: newCount) }
    let mask = gatheredValidity(by: indices, count: newCount)
    if encoding == .dictionary {
      let result = Vector(
        type: type, encoding: .dictionary, count: newCount,
        storage: Buffer(sizeBytes: newCount * 4), validity: mask, heap: heap, children: children)
      gather(UInt32.self, into: result, indices, newCount)
      return result
    }
    let newChildren = physical == .structure
      ? children.map { $0.gathered(by: indices, count: newCount) } : children
    let result = Vector(
      type: type, count: newCount, validity: mask, heap: heap, children: newChildren)
    switch physical.widthBytes {
    case 1: gather(UInt8.self, into: result, indices, newCount)
    case 2: gather(UInt16.self, into: result, indices, newCount)
    case 4: gather(UInt32.self, into: result, indices, newCount)
    case 8: gather(UInt64.self, into: result, indices, newCount)
    case 16: gather(UInt128.self, into: result, indices, newCount)
    default: break
    }
    return result
  }

  /// The same constant for another number of rows.
  public func resizedConstant(_ newCount: Int) -> Vector {
    precondition(isConstant)
    let newChildren = physical == .structure
      ? children.map { $0.resizedConstant(newCount) } : children
    return Vector(
      type: type, encoding: .constant, count: newCount, storage: storage,
      offsetBytes: base - storage.base, validity: validity, heap: heap, children: newChildren)
  }

  @inline(__always)
  private func gather<T: BitwiseCopyable, Index: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, into result: Vector, _ indices: UnsafePointer<Index>, _ newCount: Int
  ) {
    let source = values(as: T.self)
    let target = result.values(as: T.self)
    for row in 0..<newCount { target[row] = source[Int(truncatingIfNeeded: indices[row])] }
  }

  private func gatheredValidity<Index: FixedWidthInteger & BitwiseCopyable>(
    by indices: UnsafePointer<Index>, count newCount: Int
  ) -> ValidityMask? {
    guard let validity else { return nil }
    let result = ValidityMask(count: newCount, allValid: false)
    let words = validity.pointer
    var hasNull = false
    var row = 0
    for word in 0..<ValidityMask.wordCount(newCount) {
      var bits: UInt64 = 0
      let here = min(64, newCount &- row)
      for bit in 0..<here {
        let source = Int(truncatingIfNeeded: indices[row &+ bit])
        bits |= (words[source >> 6] >> UInt64(truncatingIfNeeded: source & 63) & 1) &<< UInt64(bit)
      }
      result.pointer[word] = bits
      hasNull = hasNull || bits.nonzeroBitCount != here
      row &+= 64
    }
    return hasNull ? result : nil
  }

  /// Rows `offset ..< offset + newCount`; shares all memory.
  public func slice(from offset: Int, count newCount: Int) -> Vector {
    precondition(offset >= 0 && newCount >= 0 && offset + newCount <= count)
    if newCount == count { return self }
    switch encoding {
    case .constant: return resizedConstant(newCount)
    case .sequence: return flattened().slice(from: offset, count: newCount)
    case .flat, .dictionary:
      let width = encoding == .dictionary ? 4 : physical.widthBytes
      let newChildren = physical == .structure && encoding == .flat
        ? children.map { $0.slice(from: offset, count: newCount) } : children
      return Vector(
        type: type, encoding: encoding, count: newCount, storage: storage,
        offsetBytes: base - storage.base + offset * width,
        validity: newCount == 0 ? nil : validity?.slice(from: offset, count: newCount), heap: heap,
        children: newChildren)
    }
  }
}
