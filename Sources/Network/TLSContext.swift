import Base
import COpenSSL

/// A server's certificate and key, ready to be used for any number of connections.
public final class TLSContext: @unchecked Sendable {
  let handle: OpaquePointer
  /// The hash of the certificate that channel binding of type tls-server-end-point uses (RFC 5929).
  let certificateHash: [UInt8]?

  /// Reads a chain of certificates and the key of the first one, both in PEM form.
  public init(certificatePath: String, keyPath: String) throws(SQLError) {
    ERR_clear_error()
    guard let handle = SSL_CTX_new(TLS_server_method()) else {
      throw SQLError(.internalError, "TLS cannot be set up")
    }
    self.handle = handle
    let found: (hash: [UInt8]?, failure: SQLError?) = Self.setUp(handle, certificatePath, keyPath)
    certificateHash = found.hash
    if let failure = found.failure { throw failure }
  }

  deinit { SSL_CTX_free(handle) }

  private static func setUp(
    _ handle: OpaquePointer, _ certificatePath: String, _ keyPath: String
  ) -> (hash: [UInt8]?, failure: SQLError?) {
    _ = SSL_CTX_ctrl(handle, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    // No renegotiation (bit 30): it was only ever good for attacks.
    _ = SSL_CTX_set_options(handle, UInt64(1) << 30)
    let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    // Idle connections give their buffers back.
    _ = SSL_CTX_ctrl(handle, SSL_CTRL_MODE, Int(mode | 0x10), nil)
    SSL_CTX_set_alpn_select_cb(handle, TLSChannel.selectProtocol, nil)
    guard SSL_CTX_use_certificate_chain_file(handle, certificatePath) == 1 else {
      return (nil, failure("certificate cannot be read", certificatePath))
    }
    guard SSL_CTX_use_PrivateKey_file(handle, keyPath, SSL_FILETYPE_PEM) == 1 else {
      return (nil, failure("key cannot be read", keyPath))
    }
    guard SSL_CTX_check_private_key(handle) == 1 else {
      return (nil, failure("key does not belong to the certificate", keyPath))
    }
    return (SSL_CTX_get0_certificate(handle).flatMap(bindingHash), nil)
  }

  private static func failure(_ what: String, _ path: String) -> SQLError {
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(ERR_get_error(), &text, text.count)
    let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return SQLError(.ioError, "\(what): \"\(path)\"", hint: "OpenSSL says \(reason).")
  }

  /// The digest of the certificate by the hash of its own signature; SHA-256 in place of MD5 and SHA-1.
  public static func bindingHash(_ certificate: OpaquePointer) -> [UInt8]? {
    var digest = NID_undef
    guard OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, nil) == 1 else {
      return nil
    }
    let isWeak = digest == NID_md5 || digest == NID_sha1
    guard let method = isWeak ? EVP_sha256() : EVP_get_digestbyname(OBJ_nid2sn(digest)) else {
      return nil
    }
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard X509_digest(certificate, method, &hash, &count) == 1 else { return nil }
    return Array(hash.prefix(Int(count)))
  }
}

/// One connection's TLS over a socket that does not block. Used by one thread at a time.
final class TLSChannel {
  private let handle: OpaquePointer
  private let context: TLSContext

  init?(_ context: TLSContext, socket: Int32) {
    guard let handle = SSL_new(context.handle) else { return nil }
    self.handle = handle
    self.context = context
    guard SSL_set_fd(handle, socket) == 1 else { return nil }
    SSL_set_accept_state(handle)
  }

  deinit { SSL_free(handle) }

  var certificateHash: [UInt8]? { context.certificateHash }

  /// Whether the client has named our protocol, as those that begin with TLS at once must.
  var namesProtocol: Bool {
    var name: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(handle, &name, &length)
    return length > 0
  }

  /// `.done(0)` when the connection is set up.
  func handshake() -> ChannelOutcome {
    ERR_clear_error()
    let status = SSL_do_handshake(handle)
    return status == 1 ? .done(0) : outcome(status)
  }

  func receive(into target: UnsafeMutableRawBufferPointer) -> ChannelOutcome {
    ERR_clear_error()
    let status = SSL_read(handle, target.baseAddress, Int32(clamping: target.count))
    return status > 0 ? .done(Int(status)) : outcome(status)
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> ChannelOutcome {
    ERR_clear_error()
    let status = SSL_write(handle, bytes.baseAddress, Int32(clamping: bytes.count))
    return status > 0 ? .done(Int(status)) : outcome(status)
  }

  /// Tells the other side that nothing more comes.
  func finish() { _ = SSL_shutdown(handle) }

  private func outcome(_ status: Int32) -> ChannelOutcome {
    switch SSL_get_error(handle, status) {
    case SSL_ERROR_WANT_READ: .wantsRead
    case SSL_ERROR_WANT_WRITE: .wantsWrite
    default: .closed
    }
  }

  /// Picks `postgresql` among what the client offers; a client that offers only others is refused.
  static let selectProtocol:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
      UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, chosenLength, offered, offeredLength, _ in
      guard let chosen, let chosenLength, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
      let wanted: StaticString = "postgresql"
      var position = 0
      while position < Int(offeredLength) {
        let length = Int(offered[position])
        guard position + 1 + length <= Int(offeredLength) else { break }
        let name = UnsafeBufferPointer(start: offered + position + 1, count: length)
        if wanted.withUTF8Buffer({ $0.elementsEqual(name) }) {
          chosen.pointee = offered + position + 1
          chosenLength.pointee = UInt8(length)
          return SSL_TLSEXT_ERR_OK
        }
        position += 1 + length
      }
      return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}

/// What came of trying to send or receive.
enum ChannelOutcome {
  /// So many bytes.
  case done(Int)
  case wantsRead
  case wantsWrite
  case closed
}
