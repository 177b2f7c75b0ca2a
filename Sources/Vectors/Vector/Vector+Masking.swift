import Base

extension Vector {
  /// The same rows, NULL also where `mask` has no bit; shares all memory.
  public func masked(by mask: ValidityMask?) -> Vector {
    guard let mask else { return self }
    if isConstantNull { return self }
    let flat = flattened()
    return Vector(
      type: type, count: count, storage: flat.storage, offsetBytes: flat.base - flat.storage.base,
      validity: ValidityMask.and(flat.validity, mask, count: count), heap: flat.heap,
      children: flat.children)
  }
}
