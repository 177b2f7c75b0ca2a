import Base
import Engine
import Formats
import Wire

/// Damaged messages for both ends of the protocol: what they give is a message or an error. Every
/// hundredth case is a whole conversation with a server in memory, which must come to an end.
enum WireFuzz {
  static func run(_ cases: Int, seed: UInt64) throws(SQLError) {
    var options = DatabaseOptions()
    options.workerCount = 1
    options.allowsFiles = false
    options.readers = FormatRegistry.readers
    options.writers = FormatRegistry.writers + [BinaryCopyFormat(), TextCopyFormat()]
    options.streamFormat = "text"
    let database = try Database(.memory, options: options)
    let service = try WireService(
      database: database, authentication: .trust, version: "fuzz", maximumConnections: 10)
    let (requests, answers) = (requestBytes(), answerBytes())
    var (read, refused, conversations) = (0, 0, 0)
    for number in 0..<cases {
      let random = SeededRandom(seed: seed &+ UInt64(number))
      do throws(SQLError) {
        switch number % 100 {
        case 0:
          try converse(service, damaged(requests, random), random)
          conversations += 1
        case ..<60:
          read += try readAll(damaged(requests, random), random) { (frame) throws(SQLError) in
            _ = try FrontendMessage(frame)
          }
        default:
          read += try readAll(damaged(answers, random), random, isServer: true) {
            (frame) throws(SQLError) in _ = try BackendMessage(frame)
          }
        }
      } catch {
        refused += 1
      }
    }
    print(
      "\(cases) cases from seed \(seed): \(read) messages read, \(refused) cases refused, "
        + "\(conversations) conversations")
  }

  // MARK: Seeds

  private static let statements = [
    "SELECT 1", "SELECT $1, 'ä'", "CREATE TABLE t (a bigint, b text)", "INSERT INTO t VALUES (1, 'x')",
    "COPY t FROM STDIN", "COPY (SELECT * FROM t) TO STDOUT (FORMAT binary)", "BEGIN", "ROLLBACK",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "FETCH ALL FROM c", "DROP TABLE t", "SHOW ALL",
    "PREPARE p AS SELECT $1", "EXECUTE p('a')", "SELECT ARRAY[1, NULL], POINT(1, 2)",
  ]

  private static func requestBytes() -> [[UInt8]] {
    var messages: [FrontendMessage] = []
    for sql in statements {
      messages.append(.query(sql))
      messages += [
        .parse(name: "", sql: sql, parameterTypes: [23, 1007, 1700]), .describe(.statement, name: ""),
        .bind(
          .init(
            parameterFormats: [1, 0, 1],
            parameters: [[0, 0, 0, 1], nil, [0, 1, 0, 0, 0, 0, 0, 0, 0, 1]], resultFormats: [1])),
        .describe(.portal, name: ""), .execute(portal: "", maxRows: 1), .close(.portal, name: ""), .sync,
      ]
    }
    messages += [
      .copyData(Array("1\ta\n\\.\n".utf8)), .copyDone, .copyFail("x"), .flush, .functionCall,
      .password([0, 1, 2]), .terminate,
    ]
    return messages.map { message in
      var out = ByteWriter()
      message.append(to: &out)
      return Array(out.bytes)
    }
  }

  private static func answerBytes() -> [[UInt8]] {
    let messages: [BackendMessage] = [
      .authentication(.sasl(mechanisms: ["SCRAM-SHA-256"])), .authentication(.saslContinue([1, 2])),
      .parameterStatus(name: "a", value: "b"), .backendKeyData(processID: 1, secret: [1, 2, 3, 4]),
      .rowDescription([FieldDescription("a", typeOID: 23, typeSizeBytes: 4, format: 0)]),
      .dataRow([0, 1, 0, 0, 0, 1, 65]), .commandComplete("SELECT 1"), .readyForQuery(.idle),
      .errorResponse(NoticeFields([83: "ERROR", 67: "42601", 77: "no"])), .parameterDescription([1, 2]),
      .copyOutResponse(isBinary: true, formats: [1, 1]), .copyData([1, 2, 3]), .copyDone,
      .negotiateProtocolVersion(3 << 16, unknownOptions: ["x"]), .noData, .portalSuspended,
    ]
    return messages.map { message in
      var out = ByteWriter()
      message.append(to: &out)
      return Array(out.bytes)
    }
  }

  // MARK: Damage

  /// Some messages in any order, a few of them changed: bits, lengths, cuts, pieces twice.
  private static func damaged(_ seeds: [[UInt8]], _ random: SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0...random.next(below: 12) {
      var message = seeds[random.next(below: seeds.count)]
      if random.next(below: 3) == 0 { damage(&message, random) }
      bytes += message
    }
    return bytes
  }

  private static func damage(_ message: inout [UInt8], _ random: SeededRandom) {
    let place = random.next(below: message.count)
    switch random.next(below: 7) {
    case 0: message[place] ^= 1 << UInt8(random.next(below: 8))
    case 1: message[place] = UInt8(truncatingIfNeeded: random.next())
    case 2: message.removeLast(message.count - place)
    case 3: message.insert(contentsOf: message[place...], at: place)
    case 4 where message.count > 5:
      // The length stays right, so that the damage is inside.
      let inside = 5 + random.next(below: message.count - 5)
      message[inside] = [0, 1, 0x7F, 0x80, 0xFF][random.next(below: 5)]
    case 5 where message.count > 6:
      message.removeLast(1 + random.next(below: message.count - 5))
      let length = UInt32(message.count - 1)
      for byte in 0..<4 { message[1 + byte] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * byte)) }
    default: for byte in 1..<min(5, message.count) { message[byte] = UInt8(truncatingIfNeeded: random.next()) }
    }
  }

  // MARK: Reading

  private static func readAll(
    _ bytes: [UInt8], _ random: SeededRandom, isServer: Bool = false,
    _ read: (FrameReader.Frame) throws(SQLError) -> Void
  ) throws(SQLError) -> Int {
    var frames = FrameReader()
    var (position, count) = (0, 0)
    while position < bytes.count {
      let end = min(bytes.count, position + 1 + random.next(below: 40))
      bytes[position..<end].withUnsafeBytes { frames.append($0) }
      position = end
      while let frame = try frames.next(limit: isServer ? BackendMessage.limit : FrontendMessage.limit) {
        count += 1
        do throws(SQLError) { try read(frame) } catch { continue }
      }
    }
    return count
  }

  private final class Waker: @unchecked Sendable {
    let monitor = Monitor()
    var isSet = false
  }

  private static func converse(
    _ service: WireService, _ bytes: [UInt8], _ random: SeededRandom
  ) throws(SQLError) {
    let waker = Waker()
    let connection = ServerConnection(service: service, offersTLS: false) {
      waker.monitor.locked {
        waker.isSet = true
        waker.monitor.notifyAll()
      }
    }
    var start = ByteWriter()
    StartupMessage.startup(
      minor: 0, parameters: [.init("user", "fuzz"), .init("options", "-c statement_timeout=2s")]
    ).append(to: &start)
    connection.receive(start.bytes)
    var position = 0
    while true {
      let step = connection.advance()
      connection.didSend(connection.unsentCount)
      switch step {
      case .close, .startTLS: return
      case .write: continue
      case .wait:
        waker.monitor.locked {
          while !waker.isSet { waker.monitor.wait() }
          waker.isSet = false
        }
      case .read:
        guard position < bytes.count else { return }
        let end = min(bytes.count, position + 1 + random.next(below: 200))
        bytes[position..<end].withUnsafeBytes { connection.receive($0) }
        position = end
      }
    }
  }
}
