import Testing

@Suite("Synchronous queries")
struct SyncTests {
  private static let rows = """
    CREATE TABLE s AS SELECT * FROM (VALUES (1, 1.5, 'a<b&c'), (2, NULL, 'é'), (NULL, 3, NULL))
    AS t(id, x, name)
    """

  @Test("an answer is a VOTable")
  func votable() throws {
    let service = try Service([Self.rows])
    let answer = try #require(service.sync("SELECT id, name FROM s"))
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "application/x-votable+xml")
    #expect(answer.headers["access-control-allow-origin"] == "*")
    #expect(answer.has("<INFO name=\"QUERY_STATUS\" value=\"OK\"/>"))
    #expect(answer.has("<TR><TD>1</TD><TD>a&lt;b&amp;c</TD></TR>"))
    #expect(!answer.has("OVERFLOW"))
  }

  static let refused: [(String, Int, String)] = [
    ("LANG=ADQL", 400, "QUERY"),
    ("QUERY=SELECT+1", 400, "LANG"),
    ("LANG=Basic&QUERY=SELECT+1", 400, "unknown query language"),
    ("LANG=ADQL&QUERY=SELECT+rra+FROM+s", 400, "line 1, column 8"),
    ("LANG=ADQL&QUERY=SELECT+idd+FROM+s", 400, "Did you mean &quot;id&quot;?"),
    ("LANG=ADQL&QUERY=SELECT+1&FORMAT=fortran", 400, "output format"),
    ("LANG=ADQL&QUERY=SELECT+1&MAXREC=-5", 400, "MAXREC"),
    ("LANG=ADQL&QUERY=SELECT+1&MAXREC=5&maxrec=6", 400, "2 times"),
    ("LANG=ADQL&QUERY=SELECT+1&REQUEST=undo", 400, "doQuery"),
    ("LANG=ADQL&QUERY=SELECT+1&UPLOAD=t,param:t", 400, "upload"),
    ("LANG=ADQL&QUERY=SELECT+%", 400, "encoded"),
    ("LANG=SQL&QUERY=DROP+TABLE+s", 403, "only queries"),
    ("LANG=SQL&QUERY=EXPLAIN+ANALYZE+SELECT+1", 403, "only queries"),
    ("LANG=SQL&QUERY=SELECT+*+FROM+'/etc/passwd'", 403, "files of the server"),
    ("LANG=ADQL-2.0&QUERY=SELECT+id+FROM+s+LIMIT+1", 400, "LIMIT"),
    ("LANG=SQL&QUERY=SELECT+1/0", 400, "zero"),
  ]

  @Test("refused with a status and a reason", arguments: refused)
  func refusal(_ parameters: String, _ status: Int, _ reason: String) throws {
    let service = try Service([Self.rows])
    let answer = try #require(service.client().ask("GET", "/tap/sync?\(parameters)"))
    #expect(answer.status == status)
    #expect(answer.has("value=\"ERROR\""))
    #expect(answer.has(reason), "\(answer.text)")
  }

  static let cuts: [(String, Int, Bool)] = [
    ("&MAXREC=0", 0, true), ("&MAXREC=2", 2, true), ("&MAXREC=3", 3, false),
    ("&MAXREC=4", 3, false), ("", 3, false),
  ]

  @Test("OVERFLOW says that there were more rows", arguments: cuts)
  func overflow(_ parameters: String, _ rows: Int, _ isCut: Bool) throws {
    let service = try Service([Self.rows])
    for format in ["", "&FORMAT=votable/b2"] {
      let answer = try #require(service.sync("SELECT id FROM s", parameters + format))
      #expect(answer.has("OVERFLOW") == isCut)
      if format.isEmpty { #expect(answer.text.split(separator: "<TR>").count == rows + 1) }
    }
    let top = try #require(service.sync("SELECT TOP 2 id FROM s"))
    #expect(!top.has("OVERFLOW"))
  }

  static let formats: [(String, String, String)] = [
    ("csv", "text/csv;header=present", "id\n1\n2\n\n"),
    ("TEXT/TAB-SEPARATED-VALUES", "text/tab-separated-values", "id\n1\n2\n\n"),
    ("application/json", "application/json", "[\n{\"id\":1},\n{\"id\":2},\n{\"id\":null}\n]\n"),
    ("jsonl", "application/x-ndjson", "{\"id\":1}\n{\"id\":2}\n{\"id\":null}\n"),
  ]

  @Test("formats", arguments: formats)
  func format(_ name: String, _ type: String, _ text: String) throws {
    let service = try Service([Self.rows])
    let answer = try #require(service.sync("SELECT id FROM s", "&RESPONSEFORMAT=\(name)"))
    #expect(answer.headers["content-type"] == type)
    #expect(answer.text == text)
  }

  @Test("POST, HEAD, OPTIONS and other methods on one connection")
  func methods() throws {
    let service = try Service([Self.rows])
    let client = service.client()
    let form = "lang=adql&query=SELECT+id+FROM+s+WHERE+id%3D2&format=csv"
    let posted = try #require(client.ask("POST", "/tap/sync", form: form))
    #expect(posted.text == "id\n2\n")
    let head = try #require(client.ask("HEAD", "/tap/sync?\(form)"))
    #expect(head.status == 200 && head.headers["content-type"] == "text/csv;header=present")
    #expect(client.ask("OPTIONS", "/tap/sync")?.status == 204)
    #expect(client.ask("PUT", "/tap/sync")?.status == 405)
    #expect(client.ask("GET", "/tap/nothing")?.status == 404)
    #expect(client.ask("GET", "/elsewhere")?.status == 404)
    #expect(client.ask("GET", "/tap/sync?\(form)")?.text == "id\n2\n")
  }

  @Test("a multipart form asks, too")
  func multipart() throws {
    let service = try Service([Self.rows])
    let client = service.client()
    var body = ""
    for (name, value) in [("LANG", "ADQL"), ("QUERY", "SELECT 7 AS n"), ("FORMAT", "csv")] {
      body += "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }
    body += "--b--\r\n"
    let head = "POST /tap/sync HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n"
      + "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    client.send(Array((head + body).utf8))
    #expect(client.receive()?.text == "n\n7\n")
  }
}
