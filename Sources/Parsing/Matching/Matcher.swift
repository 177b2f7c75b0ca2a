/// Runs a program over tokens without recursion: nesting costs heap, and is limited only for those
/// who get the tree.
///
/// The grammar decides by looking a token or two ahead, so there is no memo: the few places that
/// try an alternative in vain do so over a bounded number of tokens, and a test counts the steps.
struct Matcher {
  /// How deep expressions, queries and joins may nest: a tree of this depth is freed, hashed,
  /// printed and bound recursively on a stack of 512 KB, so a level may cost about 1.4 KB there.
  static let maximumLevels = 360

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
    var state = MatchState(start: start)
    defer { state.free() }
    let result = program.instructions.withUnsafeBufferPointer { code in
      program.sets.withUnsafeBufferPointer { sets in
        run(&state, recordAt: recordAt, code: code, sets: sets)
      }
    }
    guard case .matched(_, let end) = result else { return result }
    return .matched(state.takenNodes, end: end)
  }

  /// Interprets the program. This loop is where the time goes: what it calls is inlined.
  private mutating func run(
    _ state: inout MatchState, recordAt: Int, code: UnsafeBufferPointer<Instruction>,
    sets: UnsafeBufferPointer<UInt64>
  ) -> MatchOutcome {
    var steps = 0
    defer { stepCount += steps }

    @inline(__always) func holds(_ set: Int32, at index: Int) -> Bool {
      let kind = Int(tokens[index].kind.rawValue)
      return sets[Int(set) * TokenSet.wordCount + kind >> 6] >> UInt64(kind & 63) & 1 == 1
    }

    while true {
      let instruction = code[state.address]
      state.address += 1
      steps += 1
      switch instruction.code {
      case .token:
        if holds(instruction.a, at: state.position) {
          state.position += 1
          continue
        }
        if state.position == recordAt, state.quiet == 0 { record(instruction, state) }
      case .test:
        if !holds(instruction.a, at: state.position) {
          if state.position == recordAt, state.quiet == 0 { record(instruction, state) }
          state.noteFarthest()
          state.address = Int(instruction.b)
        }
        continue
      case .alone:
        if holds(instruction.a, at: state.position), !holds(instruction.b, at: state.position + 1) {
          state.position += 1
          state.address = Int(instruction.label)
        }
        continue
      case .call:
        state.call(instruction)
        if state.isTooDeep { return .tooDeep(at: state.position) }
        continue
      case .deepen:
        state.depth += 2
        if state.isTooDeep { return .tooDeep(at: state.position) }
        continue
      case .group:
        let partner = Int(partners[state.position])
        if partner > state.position {
          state.position = partner + 1
          continue
        }
      case .accept: return .matched([], end: state.position - 1)
      default: if state.control(instruction) { continue }
      }
      guard state.backtrack() else { return .failed(at: state.farthest) }
    }
  }

  // MARK: Expectations

  /// Notes what `instruction` looked for, under the name of the outermost labelled rule that would
  /// have begun here.
  @inline(never)
  private mutating func record(_ instruction: Instruction, _ state: MatchState) {
    var label = instruction.label >= 0 ? program.labels[Int(instruction.label)] : nil
    var rules: [String] = []
    var beginningRuleCount = 0
    var index = state.frames.count
    while index > 0 {
      index -= 1
      let frame = state.frames.base[index]
      guard frame.position < 0, frame.address > 0 else { continue }
      let call = program.instructions[Int(frame.address) - 1]
      guard call.code == .call else { continue }
      let rule = program.rules[Int(call.a)]
      rules.append(rule.name)
      guard frame.start == Int32(state.position) else { continue }
      beginningRuleCount = rules.count
      if let name = rule.label { label = name }
    }
    expectations.items.append(
      Expectations.Item(
        set: Int(instruction.a), label: label, rules: rules, beginningRuleCount: beginningRuleCount)
    )
  }
}
