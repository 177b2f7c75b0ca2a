import Base
import Vectors

/// What a consumer wants next.
public enum Demand: Sendable {
  case more
  /// No more rows of this morsel.
  case done
  /// The consumer is slow: park the morsel until the sink wakes it.
  case blocked
}

/// The end of a pipeline. Each morsel fills a part of its own; parts are combined in the order of
/// their morsels, whatever order they finish in, so that results do not depend on threads.
protocol Sink: AnyObject, Sendable {
  func makePart(morsel: Int) -> any SinkPart
  /// Takes a finished part. Called once for every morsel, in ascending order, by one thread at a
  /// time.
  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError)
  /// Called after the last part.
  func finish() throws(SQLError)
  /// True when later morsels cannot change the result.
  var isSatisfied: Bool { get }
  /// How many morsels from the first unfinished one on may have been begun: their parts wait in memory.
  func lookahead(threadCount: Int) -> Int
}

protocol SinkPart: AnyObject {
  func consume(_ batch: Batch) throws(SQLError) -> Demand
  /// The morsel has no more rows.
  func close() throws(SQLError)
}

extension Sink {
  func finish() throws(SQLError) {}
  var isSatisfied: Bool { false }
  func lookahead(threadCount: Int) -> Int { 64 }
}

extension SinkPart {
  func close() throws(SQLError) {}
}
