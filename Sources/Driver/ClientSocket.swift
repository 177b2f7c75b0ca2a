import Base
import Glibc

/// A connection to a server that waits: bytes go out whole and come in as they arrive. Used by one
/// thread at a time.
final class ClientSocket {
  private let descriptor: Int32
  private var tls: ClientTLS?

  /// Connects to the first of the host's addresses that answers.
  init(host: String, port: Int) throws(SQLError) {
    descriptor = host.hasPrefix("/")
      ? try Self.connectLocally("\(host)/.s.PGSQL.\(port)") : try Self.connect(host, port)
  }

  deinit { Glibc.close(descriptor) }

  /// Everything from here on is encrypted.
  func startTLS(_ tls: ClientTLS) throws(SQLError) {
    try tls.handshake(send: sendPlain, receive: receivePlain)
    self.tls = tls
  }

  func send(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    guard let tls else { return try sendPlain(bytes) }
    try tls.encrypt(bytes, send: sendPlain)
  }

  /// Fills part of `target`; 0 at the end.
  func receive(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    guard let tls else { return try receivePlain(into: target) }
    return try tls.decrypt(into: target, send: sendPlain, receive: receivePlain)
  }

  private func sendPlain(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    var offset = 0
    while offset < bytes.count {
      let count = Glibc.send(
        descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset,
        Int32(MSG_NOSIGNAL))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("cannot send to the server") }
      offset += count
    }
  }

  private func receivePlain(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    while true {
      let count = recv(descriptor, target.baseAddress, target.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("cannot receive from the server") }
      return count
    }
  }

  // MARK: connecting

  private static func connect(_ host: String, _ port: Int) throws(SQLError) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &found)
    guard status == 0 else {
      throw SQLError(
        .connectionFailure, "host is not known: \"\(host)\"",
        hint: "The system says \(String(cString: gai_strerror(status))).")
    }
    defer { freeaddrinfo(found) }
    var next = found
    while let address = next?.pointee {
      if let descriptor = open(address.ai_family, address.ai_addr, address.ai_addrlen) {
        var on: Int32 = 1
        setsockopt(
          descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
      }
      next = address.ai_next
    }
    throw failure("cannot connect to \(host), port \(port)")
  }

  private static func connectLocally(_ path: String) throws(SQLError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SQLError(.connectionFailure, "path of the server's socket is too long: \"\(path)\"")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        open(AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard let descriptor else { throw failure("cannot connect to \(path)") }
    return descriptor
  }

  private static func open(
    _ family: Int32, _ address: UnsafePointer<sockaddr>?, _ size: socklen_t
  ) -> Int32? {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { return nil }
    if Glibc.connect(descriptor, address, size) == 0 { return descriptor }
    let reason = errno
    Glibc.close(descriptor)
    errno = reason
    return nil
  }

  private static func failure(_ what: String) -> SQLError {
    let reason = errno
    return SQLError(
      .connectionFailure, what, hint: "The system says \(String(cString: strerror(reason))).")
  }
}
