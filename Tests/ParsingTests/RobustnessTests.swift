import Base
import Testing

@testable import Parsing

@Suite("Whatever is typed")
struct RobustnessTests {
  static let samples = AcceptedSyntaxTests.queries + AcceptedSyntaxTests.statements

  @Test("20,000 mutations end in a tree or an error", arguments: 0..<4)
  func mutations(part: Int) {
    var random = Random(seed: UInt64(part))
    let samples = Self.samples.map { Array($0.text.utf8) }.filter { $0.count < 70 }
    let spare = Array("()[],.;'\"`$-/*<>=|:%\0\u{2019}é9eE \nSELECT".utf8)
    for _ in 0..<5_000 {
      var text = samples.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
        let index = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text.remove(at: index)
        case 1: text[index] = spare.randomElement(using: &random) ?? 0
        case 2: text.insert(spare.randomElement(using: &random) ?? 0, at: index)
        default: text.swapAt(index, Int.random(in: 0..<text.count, using: &random))
        }
      }
      check(text)
    }
  }

  @Test("texts cut short at any byte", arguments: samples.filter { $0.text.utf8.count < 130 })
  func truncations(_ sample: Accepted) {
    let text = Array(sample.text.utf8)
    for length in 0...text.count { check(Array(text[..<length])) }
  }

  /// Errors lie within the text.
  private func check(_ text: [UInt8]) {
    do { _ = try SQLParser.parse(text) } catch {
      if let range = error.range {
        #expect(range.offset >= 0 && range.length >= 0 && range.end <= text.count)
      }
      #expect(error.state != .internalError, "\(error)")
    }
  }
}
