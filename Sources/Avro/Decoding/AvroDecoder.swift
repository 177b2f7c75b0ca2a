import Base
import Vectors

/// Turns records into vectors. One decoder serves one thread; programs of several schemas may fill
/// it in turn.
///
/// Memory: the batch in the making, at most 512 MiB; a record that takes more is refused.
public final class AvroDecoder {
  let columns: AvroColumns
  private let shape: AvroShape
  private let wanted: [Int]
  public private(set) var rowCount = 0
  private let frames: UnsafeMutablePointer<Frame>
  private static let frameCount = AvroSchemaReader.maximumDepth + 1
  private let context: QueryContext?
  /// What the query's checkpoint has thrown.
  private var interruption: SQLError?
  private var elementsToPause = elementsPerPause

  /// Elements of lists between two checkpoints.
  private static let elementsPerPause = 1 << 15
  /// What an element counts that takes no bytes of the file: in memory it may take some.
  private static let emptyElementBytes = 64

  /// A list that is being read.
  private struct Frame {
    /// Elements to come in this block, the present one included.
    var remaining: Int
    /// The first element's number, in the list's child.
    var start: Int
  }

  /// `columns` are positions in `shape.columns`, `uses` what is read of each.
  /// Long records have checkpoints of `context`.
  public init(
    _ shape: AvroShape, columns wanted: [Int], uses: [FieldUse], context: QueryContext? = nil
  ) {
    self.shape = shape
    self.context = context
    self.wanted = wanted
    let all = shape.columns
    columns = AvroColumns(
      zip(wanted, uses).map { (all[$0].field.type, $1.simplified(for: all[$0].field.type)) })
    frames = .allocate(capacity: Self.frameCount)
  }

  deinit { frames.deallocate() }

  /// What makes this decoder read the records of a writer.
  public func program(for writer: AvroSchema) throws(SQLError) -> AvroProgram {
    let program = try AvroCompiler.compile(writer, to: shape, wanted: wanted, into: columns)
    guard program.listDepth <= Self.frameCount else {
      throw SQLError(.statementTooComplex, "lists are nested deeper than \(Self.frameCount)")
    }
    return program
  }

  /// Bytes that the rows so far take, roughly.
  public var sizeBytes: Int { columns.usedBytes }

  /// Bytes of memory that the decoder holds.
  public var heldBytes: Int { columns.sizeBytes }

  /// The rows so far; the decoder is empty afterwards.
  public func finish() -> Batch {
    defer { rowCount = 0 }
    return Batch(columns: columns.finish(), rowCount: rowCount)
  }

  /// Decodes the record that begins at `offset`, and moves `offset` behind it.
  ///
  /// After an error the rows so far are of no use.
  public func decode(
    _ program: AvroProgram, _ bytes: UnsafeRawBufferPointer, at offset: inout Int
  ) throws(SQLError) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      var nothing: UInt8 = 0
      try withUnsafePointer(to: &nothing) { (pointer) throws(SQLError) in
        var input = AvroInput(pointer, pointer)
        try decode(program, &input)
      }
      return
    }
    var input = AvroInput(base + offset, base + bytes.count)
    try decode(program, &input)
    offset = input.position - base
  }

  private func decode(_ program: AvroProgram, _ input: inout AvroInput) throws(SQLError) {
    var reason = 0
    program.steps.withUnsafeBufferPointer { steps in
      guard let first = steps.baseAddress else { return }
      reason = run(program, first, &input)
    }
    if let interruption { throw interruption }
    if columns.state.pointee.isFull { input.failure = .tooLarge }
    guard input.failure == .none else {
      let what = input.failure == .unresolvable && program.reasons.indices.contains(reason)
        ? program.reasons[reason] : input.failure.reason
      throw SQLError(.dataCorrupted, what)
    }
    rowCount += 1
  }

  // MARK: The loop

  /// Runs the program once. Gives the number of the reason if the failure is `.unresolvable`.
  private func run(
    _ program: AvroProgram, _ steps: UnsafePointer<AvroStep>, _ input: inout AvroInput
  ) -> Int {
    let sinks = columns.sinks
    var index = 0
    var depth = 0
    var saved: AvroInput?
    while input.failure == .none {
      let step = steps[index]
      index &+= 1
      let sink = sinks + Int(step.sink)
      switch step.operation {
      case .optionalFloat:
        sink.pointee.put(optional: input.isNull(step.a) ? nil : input.load(UInt32.self))
      case .optionalDouble:
        sink.pointee.put(optional: input.isNull(step.a) ? nil : input.load(UInt64.self))
      case .optionalInt:
        sink.pointee.put(optional: input.isNull(step.a) ? nil : input.int())
      case .optionalLong:
        sink.pointee.put(optional: input.isNull(step.a) ? nil : input.number())
      case .optionalText:
        if input.isNull(step.a) { sink.pointee.putNull() } else { putText(sink, &input) }
      case .optionalBytes:
        if input.isNull(step.a) { sink.pointee.putNull() } else { putBytes(sink, &input) }
      case .int: sink.pointee.put(input.int())
      case .long: sink.pointee.put(input.number())
      case .float: sink.pointee.put(input.load(UInt32.self))
      case .double: sink.pointee.put(input.load(UInt64.self))
      case .text: putText(sink, &input)
      case .bytes: putBytes(sink, &input)
      case .valid: sink.pointee.putValid()
      case .optional: if input.isNull(step.a) { index = Int(step.b) }
      case .jump: index = Int(step.a)
      case .branch: index = branch(step, program, &input) ?? index
      case .listBegin:
        frames[depth] = Frame(remaining: 0, start: sink.pointee.elementCount)
        depth &+= 1
        if !beginBlock(&frames[depth &- 1], step, sink, &input) {
          depth &-= 1
          sink.pointee.close(listFrom: frames[depth].start)
          index = Int(step.a)
        }
      case .listNext:
        frames[depth &- 1].remaining &-= 1
        let goesOn = frames[depth &- 1].remaining > 0
        if goesOn, frames[depth &- 1].remaining & (Self.elementsPerPause &- 1) == 0 {
          pause(&input)
        }
        if goesOn || beginBlock(&frames[depth &- 1], step, sink, &input) {
          index = Int(step.a)
        } else {
          depth &-= 1
          sink.pointee.close(listFrom: frames[depth].start)
        }
      case .skipListBegin, .skipListNext: skipList(step, &index, &depth, &input)
      case .nulls: for other in program.nullLists[Int(step.a)] { sinks[Int(other)].putNull() }
      case .fail:
        input.fail(.unresolvable)
        return Int(step.a)
      case .beginDefault, .endDefault: switchInput(step, program, &input, &saved)
      case .end: return 0
      default: rare(step, sink, program, &input)
      }
    }
    return 0
  }

  private func switchInput(
    _ step: AvroStep, _ program: AvroProgram, _ input: inout AvroInput, _ saved: inout AvroInput?
  ) {
    if step.operation == .beginDefault {
      if saved != nil { return input.fail(.unresolvable) }
      saved = input
      // The program keeps the bytes where they are.
      let bytes = program.defaults[Int(step.a)]
      let base = bytes.base.assumingMemoryBound(to: UInt8.self)
      input = AvroInput(base, base + bytes.count)
    } else if let outer = saved {
      input = outer
      saved = nil
    }
  }

  // MARK: Lists

  /// Reads the count of a list's next block; false at the end.
  @inline(__always)
  private func beginBlock(
    _ frame: inout Frame, _ step: AvroStep, _ sink: UnsafeMutablePointer<AvroSink>,
    _ input: inout AvroInput
  ) -> Bool {
    var count = input.number()
    if count == 0 { return false }
    if count < 0 {
      // The size in bytes follows, for readers that pass over.
      _ = input.number()
      count = 0 &- count
    }
    // Every element takes a byte, or must not be too many.
    let most = step.b == 0 ? input.remaining : 1 << 20
    let total = sink.pointee.elementCount &+ Int(truncatingIfNeeded: count)
    guard count > 0, count <= Int64(most), total <= Int(UInt32.max) else {
      input.fail(step.b == 0 ? .endOfData : .tooLarge)
      return false
    }
    sink.pointee.elementCount = total
    frame.remaining = Int(truncatingIfNeeded: count)
    elementsToPause &-= frame.remaining
    if step.b != 0 || elementsToPause < 0 { charge(frame.remaining, step, &input) }
    if columns.state.pointee.isFull { input.fail(.tooLarge) }
    return input.failure == .none
  }

  /// Counts elements that nothing in the file stands for, and lets others run.
  @inline(never)
  private func charge(_ count: Int, _ step: AvroStep, _ input: inout AvroInput) {
    if step.b != 0 {
      columns.state.pointee.remainingBytes &-= count &* Self.emptyElementBytes
      if columns.state.pointee.remainingBytes < 0 { columns.state.pointee.isFull = true }
    }
    if elementsToPause < 0 { pause(&input) }
  }

  @inline(never)
  private func pause(_ input: inout AvroInput) {
    elementsToPause = Self.elementsPerPause
    do throws(SQLError) {
      try context?.checkpoint()
    } catch {
      interruption = error
      input.fail(.interrupted)
    }
  }

  private func skipList(
    _ step: AvroStep, _ index: inout Int, _ depth: inout Int, _ input: inout AvroInput
  ) {
    let isBegin = step.operation == .skipListBegin
    if isBegin {
      frames[depth] = Frame(remaining: 1, start: 0)
      depth &+= 1
    }
    frames[depth &- 1].remaining &-= 1
    if frames[depth &- 1].remaining == 0, !skipBlocks(step, &frames[depth &- 1], &input) {
      depth &-= 1
      if isBegin { index = Int(step.a) }
    } else if !isBegin {
      index = Int(step.a)
    }
  }

  /// Passes over blocks that tell their size; false at the end of the list.
  private func skipBlocks(
    _ step: AvroStep, _ frame: inout Frame, _ input: inout AvroInput
  ) -> Bool {
    while input.failure == .none {
      let count = input.number()
      if count == 0 { return false }
      if count < 0 {
        input.skip(input.length())
      } else if step.b == 0 {
        guard count <= Int64(input.remaining) else {
          input.fail(.endOfData)
          return false
        }
        frame.remaining = Int(truncatingIfNeeded: count)
        return true
      }
    }
    return false
  }

  private func branch(
    _ step: AvroStep, _ program: AvroProgram, _ input: inout AvroInput
  ) -> Int? {
    let branch = input.number()
    guard branch >= 0, branch < Int64(step.b) else {
      input.fail(.branch)
      return nil
    }
    return Int(program.jumps[Int(step.a &+ branch)])
  }
}

// MARK: - Values

extension AvroDecoder {
  @inline(__always)
  fileprivate func putBytes(_ sink: UnsafeMutablePointer<AvroSink>, _ input: inout AvroInput) {
    let count = input.length()
    if let bytes = input.take(count) { sink.pointee.put(bytes: bytes, count: count) }
  }

  @inline(__always)
  fileprivate func putText(_ sink: UnsafeMutablePointer<AvroSink>, _ input: inout AvroInput) {
    let count = input.length()
    guard let bytes = input.take(count) else { return }
    if !UTF8Check.isValid(bytes, count) { return input.fail(.text) }
    sink.pointee.put(bytes: bytes, count: count)
  }

  /// Steps that few schemas have, and those that only pass over bytes.
  fileprivate func rare(
    _ step: AvroStep, _ sink: UnsafeMutablePointer<AvroSink>, _ program: AvroProgram,
    _ input: inout AvroInput
  ) {
    switch step.operation {
    case .skip: input.skip(Int(step.a))
    case .skipVarint: _ = input.number()
    case .skipBytes: input.skip(input.length())
    case .skipOptional: if !input.isNull(step.a) { input.skip(Int(step.b)) }
    case .skipOptionalVarint: if !input.isNull(step.a) { _ = input.number() }
    case .skipOptionalBytes: if !input.isNull(step.a) { input.skip(input.length()) }
    case .boolean:
      let byte = input.byte()
      if byte > 1 { input.fail(.boolean) }
      sink.pointee.put(byte)
    case .longToFloat: sink.pointee.put(Float(input.number()))
    case .longToDouble: sink.pointee.put(Double(input.number()))
    case .floatToDouble: sink.pointee.put(Double(Float(bitPattern: input.load(UInt32.self))))
    case .fixed:
      if let bytes = input.take(Int(step.a)) { sink.pointee.put(bytes: bytes, count: Int(step.a)) }
    case .enumeration:
      let index = input.number()
      guard index >= 0, index < Int64(step.b) else { return input.fail(.symbol) }
      program.symbols[Int(step.a &+ index)].withUnsafeBytes { symbol in
        if let base = symbol.baseAddress { sink.pointee.put(bytes: base, count: symbol.count) }
      }
    case .timestamp:
      let (value, overflow) = input.number().multipliedReportingOverflow(by: step.a)
      if overflow { input.fail(.timestamp) }
      sink.pointee.put(value)
    case .uuid: if let bytes = input.take(16) { putUUID(bytes, sink) }
    case .decimal: putDecimal(step, sink, &input)
    default: input.fail(.unresolvable)
    }
  }

  private func putUUID(_ bytes: UnsafePointer<UInt8>, _ sink: UnsafeMutablePointer<AvroSink>) {
    var text: [UInt8] = []
    for index in 0..<16 {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      for digit in [bytes[index] >> 4, bytes[index] & 15] {
        text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
    text.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { sink.pointee.put(bytes: base, count: bytes.count) }
    }
  }

  /// Two's complement, the highest byte first.
  private func putDecimal(
    _ step: AvroStep, _ sink: UnsafeMutablePointer<AvroSink>, _ input: inout AvroInput
  ) {
    let count = step.b < 0 ? input.length() : Int(step.b)
    guard let bytes = input.take(count) else { return }
    var value: Int128 = count > 0 && bytes[0] >= 0x80 ? -1 : 0
    let sign = UInt8(truncatingIfNeeded: value)
    for index in 0..<count {
      if index &+ 16 < count {
        if bytes[index] != sign { return input.fail(.decimal) }
      } else {
        value = value &<< 8 | Int128(bytes[index])
      }
    }
    if count > 16, (value < 0) != (sign != 0) { return input.fail(.decimal) }
    var limit: Int128 = 1
    for _ in 0..<step.a { limit &*= 10 }
    guard value < limit, value > 0 &- limit else { return input.fail(.decimal) }
    sink.pointee.put(value)
  }
}
