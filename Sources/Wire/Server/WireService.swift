import Base
import Engine
import Synchronization

/// What all connections of a server share.
public final class WireService: Sendable {
  /// How clients show who they are.
  public enum Authentication: Sendable {
    /// Whoever says a name has it.
    case trust
    case scram
  }

  public let database: Database
  public let authentication: Authentication
  /// Zij's own version, for `server_version`.
  public let version: String
  public let maximumConnections: Int
  let cancellation = CancelRegistry()
  private let users: Mutex<UserStore>
  /// What unknown users' salts are made of.
  let mockSecret: [UInt8]
  private let draining = Atomic<Bool>(false)
  private let sessionCount = Atomic<Int>(0)

  public init(
    database: Database, authentication: Authentication, users: UserStore = UserStore(),
    version: String, maximumConnections: Int = 100
  ) throws(SQLError) {
    self.database = database
    self.authentication = authentication
    self.users = Mutex(users)
    self.version = version
    self.maximumConnections = maximumConnections
    mockSecret = try Cryptography.random(32)
  }

  /// From now on these users may connect; who is connected stays.
  public func setUsers(_ store: UserStore) { users.withLock { $0 = store } }

  func verifier(of user: String) -> ScramVerifier? { users.withLock { $0[user] } }

  /// No statement begins any more; idle connections end at their next turn.
  public func drain() { draining.store(true, ordering: .releasing) }
  var isDraining: Bool { draining.load(ordering: .acquiring) }

  /// Takes a place among the sessions, or throws when all are taken.
  func admit() throws(SQLError) {
    let now = sessionCount.wrappingAdd(1, ordering: .relaxed).newValue
    guard now <= maximumConnections else {
      leave()
      throw SQLError(
        .tooManyConnections, "too many connections: \(maximumConnections) are open",
        hint: "Close some, or start the server with a larger --max-connections.")
    }
  }

  func leave() { sessionCount.wrappingSubtract(1, ordering: .relaxed) }
}
