import Base
import Vectors

/// What a client has the server keep for it counts towards the limit of the whole database.
extension ServerConnection {
  /// Longer messages are counted while they are worked on.
  private static let longMessageBytes = 1 << 20
  /// A message as it came, its contents, and a copy while they are cut into statements or values.
  private static let bytesPerMessageByte = 3

  /// Counts what has come of messages that are not whole yet. There is no way on without the rest of
  /// a message, so the conversation ends when there is no room.
  func countUnread() {
    let wanted = frameBytes
    do throws(SQLError) {
      if wanted > unreadBytes { try unreadReservation.grow(by: wanted - unreadBytes) }
      if wanted < unreadBytes { unreadReservation.shrink(by: unreadBytes - wanted) }
      unreadBytes = wanted
    } catch {
      forgetUnread()
      end(error)
    }
  }

  /// Counts the message at hand until the next one is taken.
  func countMessage(_ sizeBytes: Int) throws(SQLError) {
    guard sizeBytes > Self.longMessageBytes else { return }
    messageReservation = try held(sizeBytes * Self.bytesPerMessageByte)
  }

  /// Memory for something that is kept until it is closed.
  func held(_ sizeBytes: Int) throws(SQLError) -> MemoryReservation {
    let reservation = MemoryReservation(memory)
    try reservation.grow(by: sizeBytes)
    return reservation
  }
}

extension PreparedStatement {
  /// Roughly what it takes.
  var sizeBytes: Int { 512 + sql.utf8.count + 64 * (parameterOIDs.count + columns.count) }
}
