/// Where the matcher is: its place in the program and the text, what is open, what was matched.
struct MatchState {
  struct Frame: BitwiseCopyable {
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

  /// No level of nesting has fewer than two nodes.
  private static let maximumDepth = Int32(Matcher.maximumLevels * 2)
  /// How many rules and remembered places may be open; only looking ahead can need more than
  /// `maximumDepth` gives.
  private static let maximumFrames = 20_000

  var position: Int
  var address = 0
  /// How many nodes are open, and twice the number of operators that will nest.
  var depth: Int32 = 0
  /// How many looks ahead are under way: what fails in them is no error.
  private(set) var quiet: Int32 = 0
  private(set) var farthest: Int
  private(set) var nodes = Stack<MatchNode>(capacity: 64)
  private(set) var frames = Stack<Frame>(capacity: 64)

  init(start: Int) {
    position = start
    farthest = start
  }

  func free() {
    nodes.free()
    frames.free()
  }

  var takenNodes: [MatchNode] {
    Array(UnsafeBufferPointer(start: nodes.base, count: nodes.count))
  }

  @inline(__always)
  var isTooDeep: Bool { depth > Self.maximumDepth || frames.count > Self.maximumFrames }

  @inline(__always)
  mutating func noteFarthest() {
    if quiet == 0, position > farthest { farthest = position }
  }

  @inline(__always)
  mutating func call(_ instruction: Instruction) {
    frames.append(
      Frame(
        address: Int32(address), position: -1,
        node: instruction.node == nil ? -1 : Int32(nodes.count), depth: depth, quiet: quiet,
        start: Int32(position)))
    if let kind = instruction.node {
      nodes.append(MatchNode(kind: kind, start: UInt32(position), end: 0, next: 0))
      depth += 1
    }
    address = Int(instruction.b)
  }

  @inline(__always)
  private mutating func back() {
    let frame = frames.removeLast()
    address = Int(frame.address)
    depth = frame.depth
    if frame.node >= 0 {
      nodes.base[Int(frame.node)].end = UInt32(position)
      nodes.base[Int(frame.node)].next = UInt32(nodes.count)
    }
  }

  /// Runs an instruction that does not look at tokens; false if it fails.
  @inline(__always)
  mutating func control(_ instruction: Instruction) -> Bool {
    switch instruction.code {
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
      restore(frames.removeLast())
      address = Int(instruction.a)
    case .failTwice:
      quiet = frames.removeLast().quiet
      return false
    case .jump: address = Int(instruction.a)
    case .back: back()
    case .operatorNode:
      nodes.append(
        MatchNode(
          kind: .operator, start: UInt32(position), end: UInt32(position + 1),
          next: UInt32(nodes.count + 1)))
      position += 1
    default: return false
    }
    return true
  }

  /// Goes back to the youngest remembered place; false if there is none.
  @inline(__always)
  mutating func backtrack() -> Bool {
    noteFarthest()
    while frames.count > 0 {
      let frame = frames.removeLast()
      guard frame.position >= 0 else { continue }
      restore(frame)
      address = Int(frame.address)
      return true
    }
    return false
  }

  @inline(__always)
  private mutating func restore(_ frame: Frame) {
    position = Int(frame.position)
    nodes.truncate(to: Int(frame.node))
    (depth, quiet) = (frame.depth, frame.quiet)
  }
}
