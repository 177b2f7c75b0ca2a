import Base
import FunctionKit
import Vectors

/// An open file in FROM, as the engine hands it to a pipeline: parts in file order, of which several
/// may be read at the same time.
public struct FileParts: Sendable {
  public var count: Int
  /// Starts reading a part; its batches have the columns that the plan wants.
  public var open: @Sendable (_ part: Int) throws(SQLError) -> any BatchGenerator
  /// 0…1, if known.
  public var fractionRead: @Sendable () -> Double?

  public init(
    count: Int, fractionRead: @escaping @Sendable () -> Double? = { nil },
    open: @escaping @Sendable (Int) throws(SQLError) -> any BatchGenerator
  ) {
    self.count = count
    self.open = open
    self.fractionRead = fractionRead
  }
}

/// Reads a file: every part is a morsel.
///
/// Memory: what the format's readers hold, one for each part at work.
final class FileScanSource: Source {
  private let parts: FileParts
  private let context: QueryContext
  private let metrics: OperatorMetrics

  init(_ parts: FileParts, context: QueryContext, metrics: OperatorMetrics) {
    self.parts = parts
    self.context = context
    self.metrics = metrics
    if parts.count == 1 { context.progress.addTotal(Reader.progressSteps) }
  }

  var morselCount: Int { parts.count }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    Reader(try parts.open(morsel), self)
  }

  private final class Reader: MorselReader {
    /// A file of one part shows its progress in thousandths.
    static let progressSteps = 1000
    private let generator: any BatchGenerator
    private let source: FileScanSource
    private var stepsDone = 0

    init(_ generator: any BatchGenerator, _ source: FileScanSource) {
      self.generator = generator
      self.source = source
    }

    func next() throws(SQLError) -> Batch? {
      while let batch = try generator.next() {
        let bytes = batch.sizeBytes
        source.metrics.add(bytes: bytes)
        source.context.progress.addRead(rows: batch.rowCount, bytes: bytes)
        if source.parts.count == 1 { showProgress() }
        if batch.rowCount > 0 { return batch }
        try source.context.checkpoint()
      }
      return nil
    }

    private func showProgress() {
      guard let fraction = source.parts.fractionRead() else { return }
      let now = Int(max(0, min(1, fraction)) * Double(Self.progressSteps))
      if now > stepsDone {
        source.context.progress.addDone(now - stepsDone)
        stepsDone = now
      }
    }
  }
}
