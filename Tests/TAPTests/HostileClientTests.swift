import Glibc
import HTTP
import Testing

@Suite("Clients that misbehave")
struct HostileClientTests {
  private static func query(_ sql: String, _ more: String = "") -> [UInt8] {
    let text = PercentEncoding.encode(sql)
    return Array("GET /tap/sync?LANG=SQL&QUERY=\(text)\(more) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
  }

  private static let endless = "SELECT i FROM generate_series(1, 1000000000000) AS g(i)"

  /// Waits until no query runs.
  private static func settle(_ service: Service) {
    while service.service.runningQueryCount > 0 { usleep(1000) }
  }

  @Test("one that does not read costs no worker, and one that goes ends its query")
  func stalled() throws {
    let service = try Service()
    var stalled: [Client] = []
    for _ in 0..<6 {
      let client = service.client()
      client.send(Self.query(Self.endless))
      client.fill()
      stalled.append(client)
    }
    #expect(service.service.runningQueryCount == 6)
    // More of them than workers and threads together, and others are served.
    #expect(service.sync("SELECT 1 + 1 AS two", "&FORMAT=csv")?.text == "two\n2\n")
    stalled.removeAll()
    Self.settle(service)
  }

  @Test("one that goes before the first row ends its query")
  func gone() throws {
    let service = try Service()
    var client: Client? = service.client()
    client?.send(
      Self.query("SELECT count(*) FROM generate_series(1, 1000000000000) AS g(i)"))
    while service.service.runningQueryCount == 0 { usleep(1000) }
    client = nil
    Self.settle(service)
  }

  @Test("the server stops while queries run and clients read nothing")
  func stop() throws {
    let service = try Service()
    let clients = (0..<3).map { _ in service.client() }
    for client in clients {
      client.send(Self.query(Self.endless))
      client.fill()
    }
    let waiting = service.client()
    waiting.send(Self.query("SELECT count(*) FROM generate_series(1, 1000000000000) AS g(i)"))
    while service.service.runningQueryCount < 4 { usleep(1000) }
  }

  @Test("a connection that stays open must come to its next request in time")
  func trickle() throws {
    var options = HTTPServerOptions()
    options.idleSeconds = 1
    let service = try Service(serverOptions: options)
    let client = service.client()
    #expect(client.ask("GET", "/tap/availability")?.status == 200)
    // A byte now and then of a request line that never ends.
    var pieces = 0
    while pieces < 100, client.isOpen {
      client.send([UInt8(ascii: "G")])
      usleep(100_000)
      pieces += 1
    }
    #expect(pieces < 100)
  }

  @Test("bodies of all requests have one limit")
  func bodies() throws {
    var options = HTTPServerOptions()
    options.allBodiesLimitBytes = 100_000
    let service = try Service(serverOptions: options)
    let body = "QUERY=" + String(repeating: "x", count: 60_000)
    let head = "POST /tap/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    let held = service.client()
    held.send(Array("\(head)Content-Length: 70000\r\n\r\n\(body)".utf8))
    // As soon as the first body is there, a second one has no room; without it, it has.
    while service.client().ask("POST", "/tap/sync", form: body)?.status != 503 { usleep(1000) }
    held.breakOff()
    while service.client().ask("POST", "/tap/sync", form: body)?.status == 503 { usleep(1000) }
  }

  @Test("an error behind the first rows is said, or breaks the answer off")
  func lateError() throws {
    let service = try Service()
    let sql = "SELECT 1 / (5000 - i) AS x FROM generate_series(1, 9000) AS g(i)"
    let client = service.client()
    client.send(Self.query(sql))
    let votable = try #require(client.receive())
    #expect(votable.status == 200 && !votable.isBroken)
    #expect(votable.has("<INFO name=\"QUERY_STATUS\" value=\"ERROR\">division by zero"))
    let other = service.client()
    other.send(Self.query(sql, "&FORMAT=csv"))
    #expect(try #require(other.receive()).isBroken)
  }

  @Test("requests that never end are ended")
  func slowRequest() throws {
    var options = HTTPServerOptions()
    options.requestSeconds = 1
    let service = try Service(serverOptions: options)
    for start in ["GET /tap/sy", "POST /tap/sync HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"] {
      let client = service.client()
      client.send(Array(start.utf8))
      while client.fill() {}
    }
  }

  @Test("bodies and headers that are too large are refused")
  func large() throws {
    var options = HTTPServerOptions()
    options.bodyLimitBytes = 1000
    options.connectionBytes = 16 << 10
    let service = try Service(serverOptions: options)
    let client = service.client()
    client.send(Array("POST /tap/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n".utf8))
    #expect(client.receive()?.status == 413)
    let chunked = service.client()
    let head = "POST /tap/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    let chunk = "258\r\n" + String(repeating: "a", count: 600) + "\r\n"
    chunked.send(Array((head + chunk + chunk + "0\r\n\r\n").utf8))
    #expect(chunked.receive()?.status == 413)
    let flood = service.client()
    flood.send(Array((head + String(repeating: chunk, count: 9)).utf8))
    while flood.fill() {}
    let long = service.client()
    long.send(Array(("GET /" + String(repeating: "a", count: 40_000) + " HTTP/1.1\r\n\r\n").utf8))
    #expect(try #require(long.receive()).status >= 400)
    #expect(service.sync("SELECT 1 AS n", "&FORMAT=csv")?.text == "n\n1\n")
  }

  static let noHTTP = [
    "\0\0\0\0", "GET\r\n\r\n", "\r\n\r\n\r\n", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
  ]

  @Test("text that is no HTTP does no harm", arguments: noHTTP)
  func nonsense(_ text: String) throws {
    let service = try Service()
    var client: Client? = service.client()
    client?.send(Array(text.utf8))
    client = nil
    #expect(service.sync("SELECT 1 AS n", "&FORMAT=csv")?.text == "n\n1\n")
  }
}
