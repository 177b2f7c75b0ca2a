import Synchronization

/// Memory that one operator holds on its query's account; it goes back when the operator goes.
public final class MemoryReservation: Sendable {
  private let account: MemoryAccount
  private let held = Atomic<Int>(0)

  public init(_ account: MemoryAccount) { self.account = account }

  deinit { account.release(held.load(ordering: .relaxed)) }

  /// Holds `bytes` more, or throws `.outOfMemory`.
  public func grow(by bytes: Int) throws(SQLError) {
    try account.reserve(bytes)
    held.wrappingAdd(bytes, ordering: .relaxed)
  }

  /// Takes over what another reservation on the same account holds.
  public func absorb(_ other: MemoryReservation) {
    precondition(account === other.account)
    held.wrappingAdd(other.held.exchange(0, ordering: .relaxed), ordering: .relaxed)
  }

  /// Lets another reservation on the same account hold up to `bytes` of what this one holds.
  public func give(_ bytes: Int, to other: MemoryReservation) {
    precondition(account === other.account)
    let given = min(max(0, bytes), held.load(ordering: .relaxed))
    held.wrappingSubtract(given, ordering: .relaxed)
    other.held.wrappingAdd(given, ordering: .relaxed)
  }

  /// Gives back up to `bytes` of what is held.
  public func shrink(by bytes: Int) {
    let given = min(max(0, bytes), held.load(ordering: .relaxed))
    held.wrappingSubtract(given, ordering: .relaxed)
    account.release(given)
  }
}
