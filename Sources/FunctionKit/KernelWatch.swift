import Base

/// Watches over a kernel whose work on one batch grows with the values and not only with the rows:
/// it can be cancelled and its memory is counted. One call of a kernel makes one.
public struct KernelWatch: ~Copyable {
  /// Steps between checkpoints; a step takes a few nanoseconds.
  @usableFromInline static let interval = 1 << 15
  /// Memory is reserved in pieces of so many bytes.
  private static let pieceBytes = 1 << 16

  private let context: FunctionContext
  private let memory: MemoryReservation?
  private var heldBytes = 0
  @usableFromInline var stepCount = 0

  public init(_ context: FunctionContext) {
    self.context = context
    memory = context.query.map { MemoryReservation($0.memory) }
  }

  /// Counts steps of work and comes to a checkpoint now and then.
  @inlinable
  public mutating func step(_ count: Int = 1) throws(SQLError) {
    stepCount &+= count
    if stepCount >= Self.interval { try checkpoint() }
  }

  public mutating func checkpoint() throws(SQLError) {
    stepCount = 0
    if context.isFolding { throw Self.tooMuch }
    try context.query?.checkpoint()
  }

  /// Says how many bytes the kernel has built so far; they are on the query's account until the
  /// kernel is done.
  public mutating func hold(_ bytes: Int) throws(SQLError) {
    guard bytes > heldBytes else { return }
    if context.isFolding, bytes > Self.pieceBytes { throw Self.tooMuch }
    let more = max(bytes - heldBytes, Self.pieceBytes)
    try memory?.grow(by: more)
    heldBytes += more
  }

  private static let tooMuch = SQLError(
    .programLimitExceeded, "too much work for a constant before the query runs")
}
