import Base
import Testing

@Suite("random source")
struct RandomSourceTests {
  @Test("a seed gives the published sequence of SplitMix64")
  func reference() {
    let random = SeededRandom(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }

  @Test("UUIDs have the form of version 4 and differ")
  func uuids() {
    let sources: [any RandomSource] = [SystemRandom(), SeededRandom(seed: 7)]
    for source in sources {
      let all = (0..<1000).map { _ in source.uuidText() }
      #expect(Set(all).count == 1000)
      for text in all {
        let bytes = Array(text.utf8)
        #expect(bytes.count == 36)
        #expect([8, 13, 18, 23].allSatisfy { bytes[$0] == UInt8(ascii: "-") })
        #expect(bytes[14] == UInt8(ascii: "4"))
        #expect("89ab".utf8.contains(bytes[19]))
      }
    }
  }
}
