import Base
import Vectors

/// `x IN (constants)` by one look-up a row.
final class InSetNode: ExpressionNode {
  private let input: any ExpressionNode
  private let set: ValueSet
  private let hasNull: Bool

  init(input: any ExpressionNode, set: ValueSet, hasNull: Bool) {
    self.input = input
    self.set = set
    self.hasNull = hasNull
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let flat = try input.evaluate(batch, context).flattened()
    let count = batch.rowCount
    let result = Vector(type: .boolean, count: count, validity: flat.validity)
    let out = result.values(as: UInt8.self)
    set.contains(flat, into: out)
    // Not found among values of which one is NULL: unknown.
    if hasNull {
      let mask = flat.validity?.copy(count: count) ?? ValidityMask(count: count, allValid: true)
      for row in 0..<count where out[row] == 0 { mask.setNull(row) }
      result.validity = mask
    }
    return result
  }
}

/// A set of constants of one type with an open-addressing table: of 64-bit keys for fixed-width
/// types, of bytes for text and everything else.
final class ValueSet: Sendable {
  private let keys: KeyTable
  private let reservation: MemoryReservation

  /// Throws `.outOfMemory` where the account does not have room for the set.
  init(_ values: [Value], type: LogicalType, memory: MemoryAccount) throws(SQLError) {
    let table = KeyTable(types: [type])
    reservation = MemoryReservation(memory)
    var reservedBytes = 0
    for start in stride(from: 0, to: values.count, by: Batch.capacity) {
      let slice = Array(values[start..<min(values.count, start + Batch.capacity)])
      let vector = Vector.of(slice, type: type)
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, slice.count)) { groups in
        guard let first = groups.baseAddress else { return }
        table.findOrInsert([vector], count: slice.count, groups: first)
      }
      try reservation.grow(by: table.sizeBytes - reservedBytes)
      reservedBytes = table.sizeBytes
    }
    keys = table
  }

  /// 1 for each row whose value is in the set; NULL rows give 0.
  func contains(_ vector: Vector, into out: UnsafeMutablePointer<UInt8>) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, vector.count)) { groups in
      guard let first = groups.baseAddress else { return }
      keys.find([vector], count: vector.count, groups: first)
      for row in 0..<vector.count {
        out[row] = first[row] != KeyTable.absent && !vector.isNull(row) ? 1 : 0
      }
    }
  }
}
