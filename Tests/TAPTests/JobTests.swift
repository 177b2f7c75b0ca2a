import Glibc
import HTTP
import TAP
import Testing

@Suite("Jobs")
struct JobTests {
  /// Never ends by itself.
  private static let endless = "SELECT count(*) FROM generate_series(1, 1000000000000) AS g(i)"
  private static let root = "/tap/async"

  /// Makes a job and gives its path.
  private static func make(_ service: Service, _ form: String) throws -> String {
    let answer = try #require(service.client().ask("POST", root, form: form))
    #expect(answer.status == 303)
    let location = try #require(answer.headers["location"])
    return try #require(HTTPTarget(location)).segments.reduce("") { $0 + "/" + $1 }
  }

  private static func form(_ sql: String, _ more: String = "") -> String {
    "LANG=SQL&FORMAT=csv&QUERY=\(PercentEncoding.encode(sql))\(more)"
  }

  private static func get(_ service: Service, _ target: String) throws -> Client.Answer {
    try #require(service.client().ask("GET", target))
  }

  private static func post(
    _ service: Service, _ target: String, _ form: String
  ) throws -> Client.Answer {
    try #require(service.client().ask("POST", target, form: form))
  }

  /// The job when it is over. WAIT ends with every change, also with that from QUEUED to EXECUTING.
  private static func finished(_ service: Service, _ job: String) throws -> Client.Answer {
    while true {
      let answer = try get(service, job + "?WAIT=20")
      if !["PENDING", "QUEUED", "EXECUTING"].contains(where: answer.has) { return answer }
    }
  }

  @Test("a job's life: made, changed, run, read, deleted")
  func life() throws {
    let service = try Service()
    let job = try Self.make(service, Self.form("SELECT 7 AS n", "&RUNID=mine"))
    #expect(try Self.get(service, job + "/phase").text == "PENDING")
    #expect(try Self.get(service, job + "/results/result").status == 404)
    #expect(try Self.get(service, job + "/error").status == 404)
    #expect(try Self.get(service, job + "/quote").text == "")
    #expect(try Self.get(service, job + "/owner").text == "")
    let changed = try Self.post(service, job + "/parameters", Self.form("SELECT 8 AS n"))
    #expect(changed.status == 303)
    #expect(try Self.get(service, job + "/parameters").has("SELECT 8 AS n"))
    #expect(try Self.post(service, job + "/phase", "PHASE=RUN").status == 303)
    let done = try Self.finished(service, job)
    #expect(done.has("<uws:phase>COMPLETED</uws:phase>"))
    #expect(done.has("<uws:runId>mine</uws:runId>"))
    let result = try Self.get(service, job + "/results/result")
    #expect(result.text == "n\n8\n")
    #expect(result.headers["content-type"] == "text/csv;header=present")
    #expect(try Self.get(service, job + "/results").has(job + "/results/result"))
    #expect(try Self.post(service, job + "/phase", "PHASE=RUN").status == 403)
    #expect(try Self.post(service, job + "/parameters", "QUERY=x").status == 403)
    #expect(try #require(service.client().ask("DELETE", job)).status == 303)
    #expect(try Self.get(service, job).status == 404)
  }

  @Test("a query that fails says why")
  func failure() throws {
    let service = try Service()
    let job = try Self.make(service, Self.form("SELECT nothing", "&PHASE=RUN"))
    let done = try Self.finished(service, job)
    #expect(done.has("ERROR") && done.has("column does not exist"))
    let error = try Self.get(service, job + "/error")
    #expect(error.status == 200 && error.has("value=\"42703\""))
    // Also behind the first rows: a job has a whole result or none.
    let late = "SELECT 1 / (5000 - i) AS x FROM generate_series(1, 9000) AS g(i)"
    let other = try Self.make(
      service, "LANG=SQL&PHASE=RUN&QUERY=\(PercentEncoding.encode(late))")
    #expect(try Self.finished(service, other).has("division by zero"))
    #expect(try Self.get(service, other + "/results/result").status == 404)
  }

  @Test("waiting ends with the phase, or with the time")
  func waiting() throws {
    let service = try Service()
    let job = try Self.make(service, Self.form(Self.endless, "&PHASE=RUN"))
    let short = try Self.get(service, job + "?WAIT=1")
    #expect(short.has("EXECUTING") || short.has("QUEUED"))
    #expect(try Self.get(service, job + "?WAIT=60&PHASE=PENDING").status == 200)
    while try Self.get(service, job + "/phase").text != "EXECUTING" { usleep(1000) }
    let waiting = service.client()
    let head = "GET \(job)?WAIT=60 HTTP/1.1\r\nHost: x\r\n\r\n"
    waiting.send(Array(head.utf8))
    #expect(try Self.post(service, job + "/phase", "PHASE=ABORT").status == 303)
    #expect(try #require(waiting.receive()).has("ABORTED"))
    #expect(try Self.post(service, job, "ACTION=DELETE").status == 303)
  }

  @Test("no more jobs run at once than may, and the next one follows")
  func queue() throws {
    var options = TAPOptions()
    options.runningJobLimit = 1
    let service = try Service(options: options)
    let first = try Self.make(service, Self.form(Self.endless, "&PHASE=RUN"))
    let second = try Self.make(service, Self.form("SELECT 1", "&PHASE=RUN"))
    #expect(try Self.get(service, second + "?WAIT=1").has("QUEUED"))
    #expect(try Self.post(service, first, "PHASE=ABORT").status == 303)
    #expect(try Self.finished(service, second).has("COMPLETED"))
  }

  @Test("limits of time: execution and destruction")
  func limits() throws {
    let service = try Service()
    let job = try Self.make(service, Self.form(Self.endless))
    #expect(try Self.get(service, job + "/executionduration").text == "86400")
    let duration = try Self.post(service, job + "/executionduration", "EXECUTIONDURATION=1")
    #expect(duration.status == 303)
    #expect(try Self.post(service, job + "/phase", "PHASE=RUN").status == 303)
    #expect(try Self.finished(service, job).has("time limit"))
    let past = try Self.post(service, job + "/destruction", "DESTRUCTION=2000-01-01T00:00:00Z")
    #expect(past.status == 303)
    while try Self.get(service, job).status != 404 { usleep(20_000) }
    let far = try Self.make(service, Self.form("SELECT 1"))
    _ = try Self.post(service, far + "/destruction", "DESTRUCTION=2999-01-01")
    #expect(!(try Self.get(service, far + "/destruction").text.hasPrefix("2999")))
    #expect(try Self.post(service, far + "/destruction", "DESTRUCTION=soon").status == 400)
  }

  @Test(
    "no job gets more time than the service gives",
    arguments: [
      (0, 86_400, "86400"), (99_999, 86_400, "86400"), (10_000_000_000, 86_400, "86400"),
      (10, 86_400, "10"), (0, 0, "0"), (1 << 62, 0, "2147483"),
    ])
  func longest(wanted: Int, given: Int, answer: String) throws {
    var options = TAPOptions()
    options.jobSeconds = given
    let service = try Service(options: options)
    let job = try Self.make(service, Self.form("SELECT 1"))
    let place = job + "/executionduration"
    #expect(try Self.post(service, place, "EXECUTIONDURATION=\(wanted)").status == 303)
    #expect(try Self.get(service, place).text == answer)
    #expect(try Self.post(service, job + "/phase", "PHASE=RUN").status == 303)
    #expect(try Self.finished(service, job).has("COMPLETED"))
  }

  @Test("lists of jobs, by phase, time and number")
  func lists() throws {
    let hidden = try Service()
    let job = try Self.make(hidden, Self.form("SELECT 1"))
    let answer = try Self.get(hidden, Self.root)
    #expect(answer.status == 200 && answer.has("<uws:jobs") && !answer.has("<uws:jobref"))
    #expect(try Self.get(hidden, job).status == 200)
    var options = TAPOptions()
    options.listsJobs = true
    let service = try Service(options: options)
    let jobs = try (0..<3).map { _ in try Self.make(service, Self.form("SELECT 1")) }
    _ = try Self.post(service, jobs[1] + "/phase", "PHASE=ABORT")
    func count(_ query: String) throws -> Int {
      try Self.get(service, Self.root + query).text.split(separator: "<uws:jobref").count - 1
    }
    #expect(try count("") == 3)
    #expect(try count("?PHASE=PENDING") == 2)
    #expect(try count("?PHASE=PENDING&phase=ABORTED&LAST=2") == 2)
    #expect(try count("?PHASE=COMPLETED") == 0)
    #expect(try count("?AFTER=2999-01-01T00:00:00.000Z") == 0)
    #expect(try count("?AFTER=2000-01-01&LAST=1") == 1)
    #expect(try Self.get(service, Self.root + "?LAST=1").has(jobs[2]))
    for query in ["?LAST=0", "?LAST=x", "?PHASE=x", "?AFTER=x"] {
      #expect(try Self.get(service, Self.root + query).status == 400)
    }
  }

  @Test("a service that is full makes no more jobs")
  func full() throws {
    var options = TAPOptions()
    options.jobLimit = 1
    let service = try Service(options: options)
    _ = try Self.make(service, Self.form("SELECT 1"))
    #expect(try Self.post(service, Self.root, Self.form("SELECT 1")).status == 503)
  }
}
