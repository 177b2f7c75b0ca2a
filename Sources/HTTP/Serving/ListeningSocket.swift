import Base
import CPlatform
import Glibc

/// A TCP socket that listens, with errors that name the address.
struct ListeningSocket {
  let descriptor: Int32
  let port: Int

  init(address: String, port: Int, backlog: Int32 = 511) throws(SQLError) {
    var v4 = sockaddr_in()
    var v6 = sockaddr_in6()
    if inet_pton(AF_INET, address, &v4.sin_addr) == 1 {
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
      descriptor = try Self.listen(AF_INET, &v4, MemoryLayout<sockaddr_in>.size, address, backlog)
    } else if inet_pton(AF_INET6, address, &v6.sin6_addr) == 1 {
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = in_port_t(truncatingIfNeeded: port).bigEndian
      descriptor = try Self.listen(AF_INET6, &v6, MemoryLayout<sockaddr_in6>.size, address, backlog)
    } else {
      throw SQLError(
        .invalidParameterValue, "not an IP address: \"\(address)\"",
        hint: "Write it as 127.0.0.1, 0.0.0.0 or ::1.")
    }
    self.port = Self.boundPort(of: descriptor)
  }

  private static func listen(
    _ family: Int32, _ address: UnsafeRawPointer, _ sizeBytes: Int, _ name: String,
    _ backlog: Int32
  ) throws(SQLError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw failure(name) }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let pointer = address.assumingMemoryBound(to: sockaddr.self)
    guard bind(descriptor, pointer, socklen_t(sizeBytes)) == 0,
      Glibc.listen(descriptor, backlog) == 0
    else {
      let error = failure(name)
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func failure(_ address: String) -> SQLError {
    let number = errno
    return SQLError(
      number == EADDRINUSE ? .objectInUse : .ioError,
      "cannot listen on \(address): \(String(cString: zij_error_text(number)))",
      hint: number == EADDRINUSE ? "Another program listens there; choose another port." : nil)
  }

  private static func boundPort(of descriptor: Int32) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      let raw = UnsafeMutableRawPointer(pointer)
      guard getsockname(descriptor, raw.assumingMemoryBound(to: sockaddr.self), &length) == 0
      else { return 0 }
      // The port stands at the same place in addresses of both families.
      return Int(in_port_t(bigEndian: raw.load(fromByteOffset: 2, as: in_port_t.self)))
    }
  }
}
