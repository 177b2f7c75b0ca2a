import Base
import Engine
import HTTP
import Synchronization

/// Queries whose answer is the response itself.
final class SyncQueries: Sendable {
  private let database: Database
  private let tasks: TaskThreads
  private let options: TAPOptions
  private let running = Atomic<Int>(0)

  init(_ database: Database, tasks: TaskThreads, options: TAPOptions) {
    self.database = database
    self.tasks = tasks
    self.options = options
  }

  var runningCount: Int { running.load(ordering: .relaxed) }

  func handle(_ exchange: any HTTPExchange) throws(TAPFault) {
    let method = exchange.request.method
    guard ["GET", "POST", "HEAD"].contains(method) else {
      throw TAPFault(.methodNotAllowed, "queries come by GET or POST")
    }
    let parameters = try TAPParameters(exchange.request)
    let request = try QueryRequest(
      parameters, accepting: exchange.request.header("Accept"), rowLimit: options.rowLimit)
    let runID = try parameters.value("RUNID")
    if method == "HEAD" { return exchange.answer(Self.response(request, body: .none)) }
    guard running.wrappingAdd(1, ordering: .relaxed).newValue <= options.syncLimit else {
      running.wrappingSubtract(1, ordering: .relaxed)
      throw TAPFault(.serviceUnavailable, "too many queries run at once", hint: "Try again later.")
    }
    let slot = Slot { [self] in running.wrappingSubtract(1, ordering: .relaxed) }
    let session = database.makeSession(access: .queries)
    exchange.onDisconnect { session.cancel() }
    do throws(SQLError) {
      try session.set("memory_limit", to: String(options.queryMemoryBytes))
      try session.set("statement_timeout", to: TAPOptions.timeout(seconds: options.syncSeconds))
      let feed = try QueryFeed(request, in: session, runID: runID)
      SyncQuery(exchange, request, feed, tasks, slot).advance()
    } catch {
      throw TAPFault(error, query: request.query)
    }
  }

  static func response(_ request: QueryRequest, body: HTTPResponse.Body) -> HTTPResponse {
    HTTPResponse(.ok, headers: [HTTPHeader("Content-Type", request.format.mediaType)], body: body)
  }

  /// One of the places of running queries; free again when the value goes.
  final class Slot: Sendable {
    private let release: @Sendable () -> Void
    init(_ release: @escaping @Sendable () -> Void) { self.release = release }
    deinit { release() }
  }
}

/// A query on its way to the client. The response begins with the first rows, so that an error before
/// them has its status.
private final class SyncQuery: HTTPBodyStream, @unchecked Sendable {
  private static let blockBytes = 48 << 10

  private let exchange: any HTTPExchange
  private let request: QueryRequest
  private let feed: QueryFeed
  private let tasks: TaskThreads
  private let slot: SyncQueries.Slot
  private var out = ByteWriter(capacity: 64 << 10)
  private var readIndex = 0
  private var isEnded = false
  private var isBroken = false

  init(
    _ exchange: any HTTPExchange, _ request: QueryRequest, _ feed: QueryFeed,
    _ tasks: TaskThreads, _ slot: SyncQueries.Slot
  ) {
    self.exchange = exchange
    self.request = request
    self.feed = feed
    self.tasks = tasks
    self.slot = slot
  }

  /// Waits, without a thread, for the first rows; then the connection's thread reads on.
  func advance() {
    let step = feed.step(into: &out) { [self] in
      tasks.submit { self.advance() }
    }
    switch step {
    case .pending: return
    case .failed(let error): return exchange.answer(TAPFault(error, query: request.query))
    case .end: isEnded = true
    case .more: break
    }
    exchange.answer(SyncQueries.response(request, body: .stream(self)))
  }

  // MARK: the body

  /// Known only when the answer is complete already.
  var sizeBytes: Int? { isEnded ? out.count : nil }

  func read(
    into target: UnsafeMutableRawBufferPointer, notify: @escaping @Sendable () -> Void
  ) -> HTTPBodyProgress {
    if readIndex == out.count, !isEnded {
      out.removeAll()
      readIndex = 0
      if fill(notify) == .pending { return .pending }
    }
    let count = min(target.count, out.count - readIndex)
    guard count > 0, let base = target.baseAddress else { return isBroken ? .broken : .end }
    base.copyMemory(from: out.base + readIndex, byteCount: count)
    readIndex += count
    return .bytes(count)
  }

  /// Several batches at a time, as long as they are there.
  private func fill(_ notify: @escaping @Sendable () -> Void) -> HTTPBodyProgress {
    while out.count < Self.blockBytes {
      switch feed.step(into: &out, notify: notify) {
      case .more: continue
      case .pending: return out.count > 0 ? .bytes(out.count) : .pending
      case .end: isEnded = true
      case .failed:
        isEnded = true
        isBroken = true
      }
      break
    }
    return .end
  }

  func close() { feed.close() }
}
