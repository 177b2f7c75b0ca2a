import Base

/// The memory of a reader, on the query's account: asked for before it is taken, since what a message
/// says about itself, or shares between its columns, may decode to any size.
final class ArrowMemory {
  private let reservation: MemoryReservation
  /// Bytes of the present message and what was made of it.
  private(set) var heldBytes = 0

  init(_ account: MemoryAccount) { reservation = MemoryReservation(account) }

  func take(_ sizeBytes: Int) throws(SQLError) {
    try reservation.grow(by: sizeBytes)
    heldBytes += sizeBytes
  }

  /// Gives back what was taken after `heldBytes` was this.
  func giveBack(downTo mark: Int) {
    reservation.shrink(by: heldBytes - mark)
    heldBytes = mark
  }

  /// The last `sizeBytes` stay, whatever becomes of the message.
  func keep(_ sizeBytes: Int) { heldBytes -= sizeBytes }

  /// Gives back what was kept.
  func release(kept sizeBytes: Int) { reservation.shrink(by: sizeBytes) }
}
