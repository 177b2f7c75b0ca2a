import Base
import HTTP

/// Requests with random damage: targets, forms and media types. What they give is a value or an
/// error, and never more than was sent.
enum HTTPFuzz {
  private static let targets = [
    "/tap/sync?LANG=ADQL&QUERY=SELECT+%2A+FROM+a%20b&MAXREC=5",
    "http://host:80/tap/tables/%22Odd%20Name%22?detail=min#x", "/%C3%A9//..;/%00?%ff=%2", "*", "/",
  ]
  private static let types = [
    "multipart/form-data; boundary=\"a b\"", "text/csv;header=present ; x=\"\\\"q\\\\\"",
    "application/x-votable+xml;serialization=BINARY2", ";;=\"", "multipart/form-data;boundary=xy",
  ]
  private static let multipart =
    "preamble\r\n--xy\r\nContent-Disposition: form-data; name=\"LANG\"\r\n\r\nADQL\r\n--xy \t\r\n"
    + "content-type: text/xml\r\ncontent-disposition: form-data; name=\"t\"; "
    + "filename=\"a \\\"b\\\";c.xml\"\r\n\r\nline\r\n--x\r\n\r\n--xy--\r\nepilogue"

  static func run(_ cases: Int, _ seed: UInt64) {
    var (readable, refused, fields) = (0, 0, 0)
    for number in 0..<cases {
      // A case can be had again alone: its number is its seed.
      let random = SeededRandom(seed: seed &+ UInt64(number))
      let target = text(damaged(Array(pick(targets, random).utf8), random))
      let type = text(damaged(Array(pick(types, random).utf8), random))
      let isForm = random.nextBool()
      let body = damaged(Array((isForm ? pick(targets, random) : multipart).utf8), random)
      let request = HTTPRequest(
        method: "POST", target: target,
        headers: isForm && random.nextBool() ? [] : [HTTPHeader("content-TYPE", type)], body: body)
      do throws(SQLError) {
        let found = try Form.fields(of: request)
        let sizeBytes = found.reduce(0) { $0 + $1.value.count }
        precondition(sizeBytes <= target.utf8.count * 3 + body.count, "more came out than went in")
        fields += found.count
        readable += 1
      } catch {
        refused += 1
      }
      if !isForm { fields += (try? Form.multipart(body, boundary: "xy"))?.count ?? 0 }
      if let parts = HTTPTarget(target) { fields += parts.segments.count }
      _ = MediaType(type)?.parameters.count
      _ = try? HTTPServerOptions(listeningOn: target)
    }
    print("\(cases) cases from seed \(seed): \(readable) read, \(fields) fields; \(refused) refused")
  }

  private static func pick(_ texts: [String], _ random: SeededRandom) -> String {
    texts[random.next(below: texts.count)]
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Up to five changes: bits, signs that mean something, cuts, pieces twice or left out.
  private static func damaged(_ original: [UInt8], _ random: SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<random.next(below: 6) where !bytes.isEmpty {
      let place = random.next(below: bytes.count)
      let end = place + random.next(below: min(40, bytes.count - place))
      switch random.next(below: 6) {
      case 0: bytes[place] ^= 1 << UInt8(random.next(below: 8))
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes.removeLast(bytes.count - place)
      case 3: bytes.removeSubrange(place..<end)
      case 4: bytes.insert(contentsOf: bytes[place..<end], at: random.next(below: bytes.count))
      default:
        let signs = Array("%&=+;\"\\\r\n-:/?# xy".utf8)
        bytes[place] = signs[random.next(below: signs.count)]
      }
    }
    return bytes
  }
}
