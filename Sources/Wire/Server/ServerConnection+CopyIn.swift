import Base
import Engine
import Parsing
import Planning
import Plans
import Vectors

/// A `COPY … FROM STDIN` whose rows are coming.
final class CopyIn {
  let portal: Portal
  private let spool: CopySpool
  private var input: any CopyInput
  private var pending = ByteWriter(capacity: 64 << 10)
  private let reservation: MemoryReservation
  private var countedBytes = 0

  init(
    _ portal: Portal, _ input: any CopyInput, _ spool: CopySpool, on account: MemoryAccount
  ) {
    self.portal = portal
    reservation = MemoryReservation(account)
    self.input = input
    self.spool = spool
    spool.options = input.options
  }

  func append(_ bytes: [UInt8]) throws(SQLError) {
    try input.append(bytes, into: &pending)
    if pending.count >= 64 << 10 { try flush() }
    // Values grow by what a message brings, so counting them afterwards is soon enough.
    let heldBytes = input.heldBytes
    guard heldBytes > countedBytes + (64 << 10) else { return }
    try reservation.grow(by: heldBytes - countedBytes)
    countedBytes = heldBytes
  }

  /// Everything has come.
  func finish() throws(SQLError) -> CopySpool {
    try input.finish(into: &pending)
    try flush()
    return spool
  }

  private func flush() throws(SQLError) {
    try spool.append(pending.bytes)
    pending.removeAll()
  }
}

extension ServerConnection {
  /// Asks the client for the rows. They are kept in a file until the last one has come: the statement
  /// itself runs then, and a slow client holds no thread.
  func beginCopy(_ copy: Copy, _ portal: Portal) throws(SQLError) {
    let session = try requireSession()
    let columns = try session.copyColumns(of: copy)
    let input = try copyInput(copy, columns)
    let spool = try CopySpool(for: service.database)
    phase = .copyIn(CopyIn(portal, input, spool, on: memory))
    pausedScript = script
    script = nil
    let format: Int16 = input.isBinary ? 1 : 0
    send(.copyInResponse(isBinary: input.isBinary, formats: columns.map { _ in format }))
  }

  private func copyInput(
    _ copy: Copy, _ columns: [ResultColumn]
  ) throws(SQLError) -> any CopyInput {
    let source = try FileSource("", copy.options)
    let format = source.format?.lowercased() ?? service.database.options.streamFormat
    switch format {
    case "text": return TextCopyInput(try TextCopyFormat.read(FileOptions(source.options)))
    case "binary": return BinaryCopyInput(columns.map(\.type))
    case "arrow", "orc", "fits", "avro": return PlainCopyInput(isBinary: true)
    default: return PlainCopyInput(isBinary: false)
    }
  }

  func continueCopy(_ copy: CopyIn, _ message: FrontendMessage) throws(SQLError) {
    switch message {
    case .copyData(let bytes):
      do throws(SQLError) {
        try copy.append(bytes)
      } catch {
        abandonCopy()
        throw error
      }
    case .copyDone:
      phase = .ready
      script = pausedScript
      pausedScript = nil
      let session = try requireSession()
      session.standardInput = .spool(try copy.finish())
      defer { session.standardInput = .awaited }
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

  private func abandonCopy() { phase = .ready }
}
