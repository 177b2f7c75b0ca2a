import Base
import Vectors

/// One overload of a function that looks at other rows of its window: `rank`, `lag` and so on.
/// Aggregates need no value of this kind, they work over frames as they are.
public struct WindowFunction: Sendable {
  public var name: String
  public var parameters: [Quantity]
  public var result: Quantity
  public var summary: String
  public var details: String?
  /// Whole queries.
  public var examples: [Example]
  /// What the kernel reads of a partition beyond its rows; the rest is not computed, and its
  /// numbers are not to be looked at.
  public var needs: Set<Need>
  public var kernel: WindowKernel

  public enum Need: Sendable { case peers, frames }

  public init(
    _ name: String, takes parameters: Quantity..., returns result: Quantity, summary: String,
    details: String? = nil, examples: [Example] = [], needs: Set<Need>, kernel: WindowKernel
  ) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.summary = summary
    self.details = details
    self.examples = examples
    self.needs = needs
    self.kernel = kernel
  }

  public var signature: String {
    FunctionSignature.text(name: name, parameters: parameters, isVariadic: false, result: result)
  }
}

/// How a window function computes one partition. Rows are numbered in window order; arguments and
/// output hold the rows of all partitions, and a kernel writes those of its own.
public enum WindowKernel: Sendable {
  /// A whole number for each row; `WindowPartition.null` for NULL.
  case integers(
    @Sendable (WindowPartition, [Vector], UnsafeMutablePointer<Int64>) throws(SQLError) -> Void)
  case doubles(
    @Sendable (WindowPartition, [Vector], UnsafeMutablePointer<Double>) throws(SQLError) -> Void)
  /// For each row the row whose first argument is the answer, `WindowPartition.none` for NULL, or
  /// `WindowPartition.otherwise` for the row's own last argument.
  case choice(
    @Sendable (WindowPartition, [Vector], UnsafeMutablePointer<UInt32>) throws(SQLError) -> Void)
}

/// The rows of one partition in window order.
public struct WindowPartition {
  public static let null = Int64.min
  public static let none = UInt32.max
  public static let otherwise = UInt32.max - 1

  public let rows: Range<Int>
  /// By row: where the rows that are equal by ORDER BY begin and end.
  public let peerStarts: UnsafePointer<UInt32>
  public let peerEnds: UnsafePointer<UInt32>
  /// By row: its frame, half-open; empty where the end is not above the start.
  public let frameStarts: UnsafePointer<UInt32>
  public let frameEnds: UnsafePointer<UInt32>

  public init(
    rows: Range<Int>, peerStarts: UnsafePointer<UInt32>, peerEnds: UnsafePointer<UInt32>,
    frameStarts: UnsafePointer<UInt32>, frameEnds: UnsafePointer<UInt32>
  ) {
    self.rows = rows
    self.peerStarts = peerStarts
    self.peerEnds = peerEnds
    self.frameStarts = frameStarts
    self.frameEnds = frameEnds
  }
}
