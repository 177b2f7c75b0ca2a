import CMicroHTTPD
import Glibc

/// The body of a response as libmicrohttpd reads it.
final class MicroBody {
  private let exchange: MicroExchange
  private let stream: any HTTPBodyStream
  private let notify: @Sendable () -> Void

  private static let endOfStream = -1
  private static let endWithError = -2
  static let blockBytes = 64 << 10

  init(_ exchange: MicroExchange, _ stream: any HTTPBodyStream) {
    self.exchange = exchange
    self.stream = stream
    notify = { [weak exchange] in exchange?.wake() }
  }

  deinit { stream.close() }

  /// A response of libmicrohttpd that reads this body and then frees it; nil without memory.
  func makeResponse() -> OpaquePointer? {
    let context = Unmanaged.passRetained(self)
    let response = MHD_create_response_from_callback(
      stream.sizeBytes.map(UInt64.init) ?? UInt64.max, Self.blockBytes,
      { context, _, target, room in
        guard let context, let target else { return MicroBody.endWithError }
        let body = Unmanaged<MicroBody>.fromOpaque(context).takeUnretainedValue()
        return body.read(into: UnsafeMutableRawBufferPointer(start: target, count: room))
      }, context.toOpaque(),
      { context in
        if let context { Unmanaged<MicroBody>.fromOpaque(context).release() }
      })
    if response == nil { context.release() }
    return response
  }

  private func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      exchange.beginReading()
      if exchange.isClosing { return Self.endWithError }
      switch stream.read(into: target, notify: notify) {
      case .bytes(let count): return count
      case .end: return Self.endOfStream
      case .broken: return Self.endWithError
      case .pending:
        if exchange.suspendForBody() { return 0 }
      }
    }
  }
}
