/// Who a session belongs to, as far as clients of a server ask.
public struct SessionIdentity: Sendable {
  public var userName: String
  /// Nil: the database's own name.
  public var databaseName: String?
  /// Tells the session from others of the same server.
  public var processID: Int32

  public init(userName: String = "zij", databaseName: String? = nil, processID: Int32 = 0) {
    self.userName = userName
    self.databaseName = databaseName
    self.processID = processID
  }
}

extension Database {
  /// The directory's name without its ending; "memory" for a database in memory.
  public var name: String {
    guard case .directory(let path) = location,
      let last = path.split(separator: "/").last(where: { $0 != "." })
    else { return "memory" }
    return last.hasSuffix(".zij") && last.count > 4 ? String(last.dropLast(4)) : String(last)
  }
}
