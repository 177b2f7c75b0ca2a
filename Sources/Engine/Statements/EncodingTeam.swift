import Base
import Vectors

/// Encodes batches for a file, several at once where the format allows it, and puts them in order.
final class EncodingTeam {
  /// Batches of one round for each thread: enough that none waits long for the slowest.
  private static let batchesPerThread = 4

  private let encoder: any RowEncoder
  private let slots: [Slot]
  private let context: QueryContext
  private var portions: RowPortions
  /// What is left of the stream's last batch.
  private var rest = Batch(columns: [], rowCount: 0)

  private final class Slot: @unchecked Sendable {
    let encoder: any RowEncoder
    var out = ByteWriter(capacity: 1 << 16)
    var failure: SQLError?

    init(_ encoder: any RowEncoder) { self.encoder = encoder }

    func encode(_ batch: Batch) {
      out.removeAll()
      do throws(SQLError) { try encoder.append(batch, into: &out) } catch { failure = error }
    }
  }

  init(_ encoder: any RowEncoder, _ context: QueryContext) {
    self.encoder = encoder
    self.context = context
    portions = RowPortions(context.memory, bytesPerRow: encoder.bytesPerRow)
    let count = context.team.threadCount > 1 ? context.team.threadCount * Self.batchesPerThread : 0
    slots = (0..<count).compactMap { _ in encoder.makeHelper().map(Slot.init) }
  }

  /// Encodes the next rows of the stream; returns how many, perhaps none, and nil at its end.
  func append(from stream: ResultStream, into out: inout ByteWriter) throws(SQLError) -> Int? {
    guard !slots.isEmpty else {
      guard let batch = try next(of: stream) else { return nil }
      try encoder.append(batch, into: &out)
      return batch.rowCount
    }
    var batches: [Batch] = []
    while batches.count < slots.count, let batch = try next(of: stream) {
      batches.append(batch)
      // Long rows are encoded one at a time.
      if portions.isLarge { break }
    }
    if batches.isEmpty { return nil }
    let (round, slots) = (batches, slots)
    context.team.forEach(round.count, queryClass: context.queryClass) { index in
      slots[index].encode(round[index])
    }
    for slot in slots.prefix(round.count) {
      if let failure = slot.failure { throw failure }
      out.append(slot.out.bytes)
    }
    return round.reduce(0) { $0 + $1.rowCount }
  }

  /// The stream's next portion.
  private func next(of stream: ResultStream) throws(SQLError) -> Batch? {
    while rest.rowCount == 0 {
      guard let batch = try stream.next() else { return nil }
      rest = batch
    }
    return try portions.take(from: &rest)
  }
}
