import Base
import Vectors

/// How a scalar function computes a batch: vectors in, a vector out.
///
/// Most kernels are made from a closure for one row by `.map` and its relatives; the closure is
/// inlined into the batch loop. All of them accept any encoding and length.
public struct Kernel: Sendable {
  public typealias Body =
    @Sendable (_ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext)
    throws(SQLError) -> Vector

  public let evaluate: Body

  /// A kernel that works on whole vectors. `type` is the call's result type.
  @inlinable
  public static func vectors(_ body: @escaping Body) -> Kernel { Kernel(evaluate: body) }

  @inlinable
  public init(evaluate: @escaping Body) { self.evaluate = evaluate }
}

/// A Swift type that a fixed-width vector holds.
public protocol VectorElement: BitwiseCopyable, Sendable {}
extension Bool: VectorElement {}
/// The bytes of booleans.
extension UInt8: VectorElement {}
extension Int8: VectorElement {}
extension Int16: VectorElement {}
extension Int32: VectorElement {}
extension Int64: VectorElement {}
extension Int128: VectorElement {}
extension Float: VectorElement {}
extension Double: VectorElement {}
