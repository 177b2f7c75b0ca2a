import Base
import Testing

@testable import Wire

@Suite("Memory of conversations")
struct MemoryTests {
  private static func client(_ limitBytes: Int) throws -> Client {
    try Client.ofEmptyDatabase(memoryLimitBytes: limitBytes)
  }

  @Test("counts prepared statements")
  func statements() throws {
    let client = try Self.client(8 << 20)
    let long = "SELECT 1 --" + String(repeating: "x", count: 1 << 19)
    var failed = 0
    for number in 0..<20 {
      let heard = try client.say(
        .parse(name: "s\(number)", sql: long, parameterTypes: []), .sync)
      if heard.kinds == "E(53200) Z(I)" { failed += 1 } else { #expect(heard.kinds == "1 Z(I)") }
    }
    #expect((1...10).contains(failed))
    #expect(try client.say(.query("DEALLOCATE ALL")).kinds == "C(DEALLOCATE ALL) Z(I)")
    let heard = try client.say(.parse(name: "s", sql: long, parameterTypes: []), .sync)
    #expect(heard.kinds == "1 Z(I)")
  }

  @Test("counts portals' values, small as they are in the message")
  func values() throws {
    let client = try Self.client(16 << 20)
    let count = 1 << 19
    // One dimension, NULLs, integers; so many from 1 on; each of length -1.
    var array: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23]
    array += [0, UInt8(count >> 16), 0, 0, 0, 0, 0, 1]
    array += [UInt8](repeating: 0xFF, count: 4 * count)
    let heard = try client.say(
      .parse(name: "", sql: "SELECT $1", parameterTypes: [1007]),
      .bind(.init(parameterFormats: [1], parameters: [array])), .sync)
    #expect(heard.kinds == "1 E(53200) Z(I)")
  }

  @Test("counts what has come of a message")
  func unread() throws {
    let client = try Self.client(8 << 20)
    var bytes: [UInt8] = [UInt8(ascii: "Q"), 0x0F, 0, 0, 0]
    bytes += [UInt8](repeating: 32, count: 12 << 20)
    #expect(try client.say(bytes: bytes).kinds == "E(53200)")
    guard case .close = client.connection.advance() else {
      Issue.record("the connection goes on")
      return
    }
    #expect(client.connection.memory.usedBytes == 0)
  }

  @Test("goes back when messages have been read")
  func readAll() throws {
    let client = try Self.client(64 << 20)
    let long = "SELECT 1 --" + String(repeating: "x", count: 2 << 20)
    var out = ByteWriter()
    FrontendMessage.query(long).append(to: &out)
    let half = out.count / 2
    client.connection.receive(UnsafeRawBufferPointer(rebasing: out.bytes[..<half]))
    #expect(try client.listen().kinds == "")
    #expect(client.connection.memory.usedBytes >= half)
    client.connection.receive(UnsafeRawBufferPointer(rebasing: out.bytes[half...]))
    #expect(try client.listen().kinds == "T D C(SELECT 1) Z(I)")
    #expect(client.connection.memory.usedBytes == 0)
  }

  @Test("has room for many portals and not for any number")
  func portals() throws {
    let client = try Self.client(64 << 20)
    var messages = [FrontendMessage.parse(name: "", sql: "SELECT 1", parameterTypes: [])]
    for number in 0...1000 { messages.append(.bind(.init(portal: "p\(number)"))) }
    #expect(try client.say(messages + [.sync]).kinds.hasSuffix("2 E(54000) Z(I)"))
  }
}
