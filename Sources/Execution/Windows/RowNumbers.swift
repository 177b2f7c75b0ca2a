/// One row number a row, at a raw address.
final class RowNumbers {
  let values: UnsafeMutablePointer<UInt32>

  /// Room for `count` numbers; at least one, so that there is an address.
  init(count: Int) { values = .allocate(capacity: max(1, count)) }

  deinit { values.deallocate() }
}
