import CMicroHTTPD

/// What libmicrohttpd calls, on its own threads.
enum MicroCallbacks {
  private static func server(_ context: UnsafeMutableRawPointer?) -> MicroServer? {
    context.map { Unmanaged<MicroServer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// A connection has come or goes: before its first request, and before its socket is closed.
  static let connection: MHD_NotifyConnectionCallback = { context, connection, slot, code in
    guard let server = server(context), let connection, let slot else { return }
    if zij_http_has_started(code) != 0 {
      let link = MicroConnection(
        descriptor: zij_http_socket(connection), deadlineNS: server.requestDeadlineNS)
      server.add(link)
      slot.pointee = Unmanaged.passRetained(link).toOpaque()
    } else if let raw = slot.pointee {
      let link = Unmanaged<MicroConnection>.fromOpaque(raw).takeRetainedValue()
      slot.pointee = nil
      server.remove(link)
    }
  }

  /// The request line has come. What this gives back is the request's own context.
  static let target:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer? = { context, target, connection in
      guard let server = server(context), let connection,
        let raw = zij_http_socket_context(connection)
      else { return nil }
      let link = Unmanaged<MicroConnection>.fromOpaque(raw).takeUnretainedValue()
      link.deadlineNS.store(server.requestDeadlineNS, ordering: .relaxed)
      let exchange = MicroExchange(
        target: target.map { String(cString: $0) } ?? "", connection: connection, link: link)
      server.add(exchange)
      return Unmanaged.passRetained(exchange).toOpaque()
    }

  /// Called when the headers are there, for every piece of the body, at its end, and again when the
  /// connection is resumed.
  static let access: MHD_AccessHandlerCallback = {
    context, connection, _, method, _, bytes, count, slot in
    guard let server = server(context), let connection, let raw = slot?.pointee, let count
    else { return .NO }
    let exchange = Unmanaged<MicroExchange>.fromOpaque(raw).takeUnretainedValue()
    if exchange.request.method.isEmpty {
      exchange.begin(
        method: method.map { String(cString: $0) } ?? "?", headers: headers(of: connection))
      let announced = exchange.request.header("Content-Length").flatMap { Int($0) } ?? 0
      guard announced > server.options.bodyLimitBytes else { return .YES }
      return queue(tooLarge(server), on: connection, for: exchange)
    }
    if count.pointee > 0 {
      let piece = UnsafeRawBufferPointer(start: bytes, count: count.pointee)
      count.pointee = 0
      return exchange.receive(piece, for: server) ? .YES : .NO
    }
    link(exchange, to: server)
    guard let response = exchange.takeResponseOrSuspend() else { return .YES }
    return queue(response, on: connection, for: exchange)
  }

  /// The request is complete: hands it over, once.
  private static func link(_ exchange: MicroExchange, to server: MicroServer) {
    guard !exchange.isHandled else { return }
    exchange.isHandled = true
    exchange.link.deadlineNS.store(.max, ordering: .relaxed)
    if exchange.isBodyTooLarge {
      exchange.respond(tooLarge(server))
    } else if exchange.isCrowdedOut {
      exchange.respond(
        HTTPResponse(
          .serviceUnavailable, headers: [HTTPHeader("Retry-After", "10")], body: .none))
    } else {
      server.handle(exchange)
    }
  }

  private static func tooLarge(_ server: MicroServer) -> HTTPResponse {
    HTTPResponse(
      .contentTooLarge, type: "text/plain; charset=utf-8",
      text: "the body is larger than \(server.options.bodyLimitBytes) bytes\n")
  }

  /// The request is over, sent whole or not.
  static let completed: MHD_RequestCompletedCallback = { context, _, slot, code in
    guard let server = server(context), let raw = slot?.pointee else { return }
    slot?.pointee = nil
    let exchange = Unmanaged<MicroExchange>.fromOpaque(raw).takeRetainedValue()
    exchange.giveBody(to: server)
    exchange.link.deadlineNS.store(server.idleDeadlineNS, ordering: .relaxed)
    server.remove(exchange)
    exchange.complete(isWhole: zij_http_is_whole(code) != 0)
  }

  private static func headers(of connection: OpaquePointer) -> [HTTPHeader] {
    var found: [HTTPHeader] = []
    withUnsafeMutablePointer(to: &found) { pointer in
      zij_http_each_header(
        connection,
        { context, _, name, value in
          guard let context, let name else { return .YES }
          let list = context.assumingMemoryBound(to: [HTTPHeader].self)
          let text = value.map { String(cString: $0) } ?? ""
          list.pointee.append(HTTPHeader(String(cString: name), text))
          return .YES
        }, pointer)
    }
    return found
  }

  /// Hands a response to the library. `.NO` closes the connection.
  private static func queue(
    _ response: HTTPResponse, on connection: OpaquePointer, for exchange: MicroExchange
  ) -> MHD_Result {
    let made: OpaquePointer?
    switch response.body {
    case .none: made = zij_http_response(nil, 0)
    case .bytes(let bytes):
      made = bytes.withUnsafeBytes { zij_http_response($0.baseAddress, $0.count) }
    case .stream(let stream): made = MicroBody(exchange, stream).makeResponse()
    }
    guard let made else { return .NO }
    defer { MHD_destroy_response(made) }
    for header in response.headers {
      // The library refuses values with line breaks; without the header the answer is still true.
      _ = MHD_add_response_header(made, header.name, header.value)
    }
    return MHD_queue_response(connection, UInt32(response.status.rawValue), made)
  }
}
