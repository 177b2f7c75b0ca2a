import Base
import CPlatform
import Glibc

/// A connection to a server that waits: bytes go out whole and come in as they arrive. Used by one
/// thread at a time.
final class ClientSocket {
  private let descriptor: Int32
  private var tls: ClientTLS?
  /// Bytes that have not come by then do not come; nil: waits for as long as it takes.
  var deadline: Deadline?

  /// Connects to the first of the host's addresses that answers before the deadline, which then holds
  /// for what comes next, too.
  init(host: String, port: Int, by deadline: Deadline) throws(SQLError) {
    self.deadline = deadline
    descriptor = host.hasPrefix("/")
      ? try Self.connectLocally("\(host)/.s.PGSQL.\(port)", deadline)
      : try Self.connect(host, port, deadline)
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
      try waitForBytes()
      let count = recv(descriptor, target.baseAddress, target.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("cannot receive from the server") }
      return count
    }
  }

  private func waitForBytes() throws(SQLError) {
    guard let deadline else { return }
    while true {
      let left = deadline.leftMS
      let status = left > 0 ? zij_wait_received(descriptor, left) : 0
      if status > 0 { return }
      guard status < 0 else {
        throw SQLError(.connectionFailure, "the server did not answer in time")
      }
      guard errno == EINTR else { throw Self.failure("cannot wait for the server") }
    }
  }

  // MARK: connecting

  private static func connect(
    _ host: String, _ port: Int, _ deadline: Deadline
  ) throws(SQLError) -> Int32 {
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
    // An address that never answers leaves the others their share of the time.
    var waiting = sequence(first: found, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.count
    var next = found
    while let address = next?.pointee {
      let shareMS = deadline.leftMS / Int32(clamping: max(1, waiting))
      let descriptor = zij_connect(address.ai_addr, address.ai_addrlen, shareMS)
      if descriptor >= 0 { return descriptor }
      waiting -= 1
      next = address.ai_next
    }
    throw failure("cannot connect to \(host), port \(port)")
  }

  private static func connectLocally(
    _ path: String, _ deadline: Deadline
  ) throws(SQLError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SQLError(.connectionFailure, "path of the server's socket is too long: \"\(path)\"")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        zij_connect($0, socklen_t(MemoryLayout<sockaddr_un>.size), deadline.leftMS)
      }
    }
    guard descriptor >= 0 else { throw failure("cannot connect to \(path)") }
    return descriptor
  }

  private static func failure(_ what: String) -> SQLError {
    let reason = errno
    return SQLError(
      .connectionFailure, what, hint: "The system says \(String(cString: strerror(reason))).")
  }
}

/// A moment up to which something is waited for.
struct Deadline {
  private let endNS: Int64

  init(inMS milliseconds: Int) {
    let nanoseconds = Int64(clamping: milliseconds).multipliedReportingOverflow(by: 1_000_000)
    let end = SystemClock().monotonicNS().addingReportingOverflow(nanoseconds.partialValue)
    endNS = nanoseconds.overflow || end.overflow ? .max : end.partialValue
  }

  /// Milliseconds that are left; 0 when there are none.
  var leftMS: Int32 {
    let leftNS = endNS - SystemClock().monotonicNS()
    return leftNS > 0 ? Int32(clamping: leftNS / 1_000_000 + 1) : 0
  }
}
