import Testing

@Suite("Documents")
struct DocumentTests {
  private static let tables = [
    "CREATE TABLE stars (ra double precision UNIT 'deg' UCD 'pos.eq.ra;meta.main', "
      + "dec double precision UNIT 'deg' UCD 'pos.eq.dec;meta.main', \"a <b> & \"\"c\"\"\" text)",
    "CREATE TABLE \"Odd & <name>\" (\"select\" integer, p point)",
  ]

  private static func get(_ target: String) throws -> Client.Answer {
    let service = try Service(tables)
    return try #require(service.client().ask("GET", target))
  }

  @Test("tables, one table, and none")
  func tables() throws {
    let all = try Self.get("/tap/tables")
    #expect(all.status == 200)
    #expect(all.has("<name>&quot;Odd &amp; &lt;name&gt;&quot;</name>"))
    #expect(all.has("<name>&quot;a &lt;b&gt; &amp; &quot;&quot;c&quot;&quot;&quot;</name>"))
    #expect(all.has("<name>&quot;select&quot;</name>"))
    #expect(all.has("extendedType=\"point\""))
    #expect(all.has("<name>TAP_SCHEMA.key_columns</name>"))
    let brief = try Self.get("/tap/tables?DETAIL=min")
    #expect(brief.has("<name>stars</name>") && !brief.has("<column"))
    #expect(try Self.get("/tap/tables?detail=most").status == 400)
    let one = try Self.get("/tap/tables/STARS")
    #expect(one.has("<vosi:table") && one.has("<unit>deg</unit>"))
    #expect(try Self.get("/tap/tables/planets").status == 404)
  }

  @Test("capabilities name what there is, at the address that was used")
  func capabilities() throws {
    let answer = try Self.get("/tap/capabilities")
    #expect(answer.has("<accessURL use=\"base\">http://localhost/tap</accessURL>"))
    for form in ["CIRCLE", "OFFSET", "CAST", "ILIKE", "COALESCE"] {
      #expect(answer.has("<form>\(form)</form>"), "\(form)")
    }
    #expect(answer.has("ivo_healpix_index("))
    #expect(answer.has("ivo://ivoa.net/std/TAPRegExt#output-votable-binary2"))
    // A header of another kind does not get into the document.
    let service = try Service()
    let evil = try #require(
      service.client().ask("GET", "/tap/capabilities", headers: ["Host: <x>\"&"]))
    #expect(!evil.has("<x>"))
  }

  @Test("availability, examples, the root")
  func others() throws {
    #expect(try Self.get("/tap/availability").has("<vosi:available>true</vosi:available>"))
    let examples = try Self.get("/tap/examples")
    #expect(examples.has("CONTAINS(POINT(&#39;ICRS&#39;, ra, dec)"))
    let root = try Self.get("/tap")
    #expect(root.status == 303 && root.headers["location"] == "http://localhost/tap/capabilities")
    let service = try Service()
    #expect(service.client().ask("POST", "/tap/tables", form: "a=1")?.status == 405)
  }
}
