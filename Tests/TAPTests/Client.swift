import Glibc

/// A client of HTTP/1.1 over a plain socket, so that tests can also misbehave.
final class Client {
  struct Answer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]
    /// The connection broke off before the end of the body.
    var isBroken = false
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafePointer(to: &address) { pointer in
      _ = connect(
        descriptor, UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), size)
    }
  }

  deinit { close(descriptor) }

  /// False once the server has closed the connection.
  var isOpen: Bool {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    return count > 0 || count < 0 && errno == EAGAIN
  }

  func breakOff() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  /// Sends a request and reads the whole answer; nil if there was none.
  func ask(
    _ method: String, _ target: String, form: String? = nil, headers: [String] = []
  ) -> Answer? {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers
    if let form {
      lines.append("Content-Type: application/x-www-form-urlencoded")
      lines.append("Content-Length: \(form.utf8.count)")
    }
    send(Array((lines + ["", form ?? ""]).joined(separator: "\r\n").utf8))
    return receive(hasBody: method != "HEAD")
  }

  func receive(hasBody: Bool = true) -> Answer? {
    guard let head = take(until: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    var answer = Answer(
      status: words.count > 1 ? Int(words[1]) ?? 0 : 0, headers: [:], body: [])
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      answer.headers[line[..<colon].lowercased()] = String(
        line[line.index(after: colon)...].drop { $0 == " " })
    }
    guard hasBody, answer.status != 204 else { return answer }
    if answer.headers["transfer-encoding"] == "chunked" {
      readChunks(&answer)
    } else {
      let count = Int(answer.headers["content-length"] ?? "0") ?? 0
      answer.body = take(count) ?? []
      answer.isBroken = answer.body.count < count
    }
    return answer
  }

  private func readChunks(_ answer: inout Answer) {
    while let line = take(until: [13, 10]) {
      guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16) else { break }
      guard let chunk = take(size + 2) else { break }
      if size == 0 { return }
      answer.body += chunk.dropLast(2)
    }
    answer.isBroken = true
  }

  /// Reads what is there, once; false at the end.
  @discardableResult
  func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece[..<count]
    return true
  }

  private func take(_ count: Int) -> [UInt8]? {
    while buffer.count < count { guard fill() else { return nil } }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  private func take(until end: [UInt8]) -> [UInt8]? {
    var searched = 0
    while true {
      var index = max(0, searched - end.count)
      while index + end.count <= buffer.count {
        if buffer[index..<index + end.count].elementsEqual(end) {
          defer { buffer.removeFirst(index + end.count) }
          return Array(buffer[..<index])
        }
        index += 1
      }
      searched = buffer.count
      guard fill() else { return nil }
    }
  }
}
