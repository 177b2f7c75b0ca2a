import Base
import COpenSSL
import Glibc
import Network

/// The client's end of TLS, between two buffers in memory: OpenSSL never sees the socket, so that a
/// server that hangs up raises no signal.
final class ClientTLS {
  typealias Send = (UnsafeRawBufferPointer) throws(SQLError) -> Void
  typealias Receive = (UnsafeMutableRawBufferPointer) throws(SQLError) -> Int

  private let context: OpaquePointer
  private let handle: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)

  init(_ address: ServerAddress) throws(SQLError) {
    ERR_clear_error()
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw Self.failure("no TLS") }
    guard let handle = SSL_new(context) else {
      SSL_CTX_free(context)
      throw Self.failure("no TLS")
    }
    guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
      SSL_free(handle)
      SSL_CTX_free(context)
      throw Self.failure("no TLS")
    }
    self.context = context
    self.handle = handle
    self.incoming = incoming
    self.outgoing = outgoing
    SSL_set_bio(handle, incoming, outgoing)
    SSL_set_connect_state(handle)
    _ = SSL_ctrl(handle, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    try setUp(address)
  }

  deinit {
    SSL_free(handle)
    SSL_CTX_free(context)
    buffer.deallocate()
  }

  private func setUp(_ address: ServerAddress) throws(SQLError) {
    var host = Array(address.host.utf8CString)
    // The name for a server with several certificates.
    let typeOfName = Int(TLSEXT_NAMETYPE_host_name)
    _ = SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, typeOfName, &host)
    guard address.tlsMode == .verifyCA || address.tlsMode == .verifyFull else { return }
    let isTrusting =
      if let path = address.rootCertificatePath {
        SSL_CTX_load_verify_locations(context, path, nil) == 1
      } else {
        SSL_CTX_set_default_verify_paths(context) == 1
      }
    guard isTrusting else { throw Self.failure("trusted certificates cannot be read") }
    SSL_set_verify(handle, SSL_VERIFY_PEER, nil)
    if address.tlsMode == .verifyFull, SSL_set1_host(handle, address.host) != 1 {
      throw Self.failure("host cannot be verified")
    }
  }

  /// The hash of the server's certificate for channel binding; nil without one.
  var certificateHash: [UInt8]? {
    guard let certificate = SSL_get1_peer_certificate(handle) else { return nil }
    defer { X509_free(certificate) }
    return TLSContext.bindingHash(certificate)
  }

  func handshake(send: Send, receive: Receive) throws(SQLError) {
    while true {
      ERR_clear_error()
      let status = SSL_do_handshake(handle)
      let reason = status == 1 ? SSL_ERROR_NONE : SSL_get_error(handle, status)
      try flush(send)
      if status == 1 { return }
      guard reason == SSL_ERROR_WANT_READ else { throw Self.failure("TLS failed") }
      guard try fill(receive) else { throw Self.failure("server ended the connection in TLS") }
    }
  }

  func encrypt(_ bytes: UnsafeRawBufferPointer, send: Send) throws(SQLError) {
    var offset = 0
    while offset < bytes.count {
      ERR_clear_error()
      let status = SSL_write(
        handle, bytes.baseAddress.map { $0 + offset }, Int32(clamping: bytes.count - offset))
      guard status > 0 else { throw Self.failure("TLS failed") }
      offset += Int(status)
      try flush(send)
    }
  }

  /// 0 at the end.
  func decrypt(
    into target: UnsafeMutableRawBufferPointer, send: Send, receive: Receive
  ) throws(SQLError) -> Int {
    while true {
      ERR_clear_error()
      let status = SSL_read(handle, target.baseAddress, Int32(clamping: target.count))
      if status > 0 { return Int(status) }
      let reason = SSL_get_error(handle, status)
      try flush(send)
      switch reason {
      case SSL_ERROR_WANT_READ: guard try fill(receive) else { return 0 }
      case SSL_ERROR_ZERO_RETURN: return 0
      default: throw Self.failure("TLS failed")
      }
    }
  }

  /// Sends what OpenSSL has written.
  private func flush(_ send: Send) throws(SQLError) {
    while true {
      let count = BIO_read(outgoing, buffer.baseAddress, Int32(buffer.count))
      guard count > 0 else { return }
      try send(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
    }
  }

  /// Gives OpenSSL what the server sent; false at the end.
  private func fill(_ receive: Receive) throws(SQLError) -> Bool {
    let count = try receive(buffer)
    guard count > 0 else { return false }
    return BIO_write(incoming, buffer.baseAddress, Int32(count)) == Int32(count)
  }

  private static func failure(_ what: String) -> SQLError {
    var text = [CChar](repeating: 0, count: 256)
    let code = ERR_get_error()
    ERR_error_string_n(code, &text, text.count)
    let reason = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return SQLError(.connectionFailure, what, hint: code == 0 ? nil : "OpenSSL says \(reason).")
  }
}
