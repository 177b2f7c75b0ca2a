import Base
import Engine

/// A `COPY … FROM STDIN` whose rows are coming.
final class CopyIn {
  let portal: Portal
  let spool: CopySpool

  init(_ portal: Portal, _ spool: CopySpool) {
    self.portal = portal
    self.spool = spool
  }
}

extension ServerConnection {
  /// Asks the client for the rows. They are kept in a file until the last one has come: the statement
  /// itself runs then, and a slow client holds no thread.
  func beginCopy(_ portal: Portal) throws(SQLError) {
    let session = try requireSession()
    let columns = try session.copyColumnCount(of: portal.statement.sql)
    let spool = try CopySpool(for: service.database)
    phase = .copyIn(CopyIn(portal, spool))
    pausedScript = script
    script = nil
    send(.copyInResponse(isBinary: false, formats: Array(repeating: 0, count: columns)))
  }

  func continueCopy(_ copy: CopyIn, _ message: FrontendMessage) throws(SQLError) {
    switch message {
    case .copyData(let bytes): try copy.spool.append(bytes)
    case .copyDone:
      phase = .ready
      script = pausedScript
      pausedScript = nil
      let session = try requireSession()
      session.standardInput = copy.spool
      defer { session.standardInput = nil }
      let result = try run(copy.portal)
      copy.portal.state = .done
      cancelTarget.end()
      send(.commandComplete(result.tag))
    case .copyFail(let reason):
      abandonCopy()
      throw SQLError(.queryCanceled, "COPY from stdin failed: \(reason)")
    // Clients may send these while they do not know yet that rows are wanted.
    case .flush: break
    case .sync where mode == .extended: break
    case .terminate: phase = .closed
    default:
      abandonCopy()
      throw SQLError.protocolViolation("unexpected message during COPY from stdin")
    }
  }

  private func abandonCopy() {
    phase = .ready
    pausedScript = nil
  }
}
