/// Runs a program over tokens, without recursion: nesting costs heap, and is limited because the
/// tree that comes out is freed, hashed and bound recursively.
///
/// The grammar decides by looking a token or two ahead, so there is no memo: the few places that try
/// an alternative in vain do so over a bounded number of tokens, and a test counts the steps.
struct Matcher {
  /// How deep nodes may nest. Chosen so that lowering the deepest tree fits on a 512 KB stack.
  static let maximumDepth = 720
  /// How many rules and remembered places may be open; only looking ahead can need more than
  /// `maximumDepth` gives.
  private static let maximumFrames = 20_000

  private struct Frame: BitwiseCopyable {
    /// Where to go on.
    var address: Int32
    /// The token to go back to, or -1 for a call.
    var position: Int32
    /// The node to complete (-1 for none), or for a remembered place the number of nodes.
    var node: Int32
    var depth: Int32
    var quiet: Int32
    /// The token at which the rule or the alternative began.
    var start: Int32
  }

  private let program: Program
  private let tokens: UnsafeBufferPointer<Token>
  private let partners: UnsafeBufferPointer<UInt32>
  /// Instructions run so far.
  private(set) var stepCount = 0
  private(set) var expectations = Expectations()

  init(
    _ program: Program, tokens: UnsafeBufferPointer<Token>, partners: UnsafeBufferPointer<UInt32>
  ) {
    self.program = program
    self.tokens = tokens
    self.partners = partners
  }

  /// Matches one statement from token `start`. With `recordAt`, collects what the grammar would
  /// have taken at that token.
  mutating func run(from start: Int, recordAt: Int = -1) -> MatchOutcome {
    var nodes = Stack<MatchNode>(capacity: 64)
    var frames = Stack<Frame>(capacity: 64)
    defer {
      nodes.free()
      frames.free()
    }
    let result = program.instructions.withUnsafeBufferPointer { code in
      program.sets.withUnsafeBufferPointer { sets in
        run(from: start, recordAt: recordAt, code: code, sets: sets, &nodes, &frames)
      }
    }
    guard case .matched(_, let end) = result else { return result }
    return .matched(
      Array(UnsafeBufferPointer(start: nodes.base, count: nodes.count)), end: end)
  }

  // One switch over the instructions: the loop is the machine, and cutting it up would cost the
  // registers it lives in.
  private mutating func run(
    from start: Int, recordAt: Int, code: UnsafeBufferPointer<Instruction>,
    sets: UnsafeBufferPointer<UInt64>, _ nodes: inout Stack<MatchNode>,
    _ frames: inout Stack<Frame>
  ) -> MatchOutcome {
    var position = start
    var farthest = start
    var address = 0
    var depth: Int32 = 0
    var quiet: Int32 = 0
    var steps = 0
    defer { stepCount += steps }

    @inline(__always) func holds(_ set: Int32, at index: Int) -> Bool {
      let kind = Int(tokens[index].kind.rawValue)
      return sets[Int(set) * TokenSet.wordCount + kind >> 6] >> UInt64(kind & 63) & 1 == 1
    }

    while true {
      let instruction = code[address]
      address += 1
      steps += 1
      var failed = false
      switch instruction.code {
      case .token:
        if holds(instruction.a, at: position) {
          position += 1
        } else {
          if position == recordAt, quiet == 0 { record(instruction, frames, position) }
          failed = true
        }
      case .test:
        if !holds(instruction.a, at: position) {
          if position == recordAt, quiet == 0 { record(instruction, frames, position) }
          if quiet == 0, position > farthest { farthest = position }
          address = Int(instruction.b)
        }
      case .choice, .lookAhead:
        frames.append(
          Frame(
            address: instruction.a, position: Int32(position), node: Int32(nodes.count),
            depth: depth, quiet: quiet, start: Int32(position)))
        if instruction.code == .lookAhead { quiet += 1 }
      case .commit:
        _ = frames.removeLast()
        address = Int(instruction.a)
      case .backCommit:
        let frame = frames.removeLast()
        position = Int(frame.position)
        nodes.truncate(to: Int(frame.node))
        (depth, quiet) = (frame.depth, frame.quiet)
        address = Int(instruction.a)
      case .failTwice:
        quiet = frames.removeLast().quiet
        failed = true
      case .fail: failed = true
      case .jump: address = Int(instruction.a)
      case .call:
        frames.append(
          Frame(
            address: Int32(address), position: -1,
            node: instruction.node == nil ? -1 : Int32(nodes.count), depth: depth, quiet: quiet,
            start: Int32(position)))
        if let kind = instruction.node {
          nodes.append(MatchNode(kind: kind, start: UInt32(position), end: 0, next: 0))
          depth += 1
        }
        if depth > Self.maximumDepth || frames.count > Self.maximumFrames {
          return .tooDeep(at: position)
        }
        address = Int(instruction.b)
      case .back:
        let frame = frames.removeLast()
        address = Int(frame.address)
        depth = frame.depth
        if frame.node >= 0 {
          nodes.base[Int(frame.node)].end = UInt32(position)
          nodes.base[Int(frame.node)].next = UInt32(nodes.count)
        }
      case .operatorNode:
        nodes.append(
          MatchNode(
            kind: .operator, start: UInt32(position), end: UInt32(position + 1),
            next: UInt32(nodes.count + 1)))
        position += 1
      case .deepen:
        depth += 1
        if depth > Self.maximumDepth { return .tooDeep(at: position) }
      case .alone:
        if holds(instruction.a, at: position), !holds(instruction.b, at: position + 1) {
          position += 1
          address = Int(instruction.label)
        }
      case .group:
        let partner = Int(partners[position])
        if partner > position { position = partner + 1 } else { failed = true }
      case .accept: return .matched([], end: position - 1)
      }
      guard failed else { continue }
      if quiet == 0, position > farthest { farthest = position }
      while true {
        guard frames.count > 0 else { return .failed(at: farthest) }
        let frame = frames.removeLast()
        guard frame.position >= 0 else { continue }
        position = Int(frame.position)
        nodes.truncate(to: Int(frame.node))
        (depth, quiet) = (frame.depth, frame.quiet)
        address = Int(frame.address)
        break
      }
    }
  }

  // MARK: Expectations

  /// Notes what `instruction` looked for, under the name of the outermost labelled rule that would
  /// have begun here.
  @inline(never)
  private mutating func record(
    _ instruction: Instruction, _ frames: Stack<Frame>, _ position: Int
  ) {
    var label = instruction.label >= 0 ? program.labels[Int(instruction.label)] : nil
    var rules: [String] = []
    var beginningRuleCount = 0
    var index = frames.count
    while index > 0 {
      index -= 1
      let frame = frames.base[index]
      guard frame.position < 0, frame.address > 0 else { continue }
      let call = program.instructions[Int(frame.address) - 1]
      guard call.code == .call else { continue }
      let rule = program.rules[Int(call.a)]
      rules.append(rule.name)
      guard frame.start == Int32(position) else { continue }
      beginningRuleCount = rules.count
      if let name = rule.label { label = name }
    }
    expectations.items.append(
      Expectations.Item(
        set: Int(instruction.a), label: label, rules: rules, beginningRuleCount: beginningRuleCount))
  }
}
