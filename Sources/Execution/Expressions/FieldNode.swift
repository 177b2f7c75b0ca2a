import Base
import Vectors

/// A field of a structure; of a list of structures, the list of its elements' fields, which shares
/// the list's memory. NULL where the structure, or the list, is.
final class FieldNode: ExpressionNode {
  private let input: any ExpressionNode
  private let index: Int
  private let type: LogicalType

  init(input: any ExpressionNode, index: Int, type: LogicalType) {
    self.input = input
    self.index = index
    self.type = type
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let value = try input.evaluate(batch, context)
    if value.isConstantNull { return Vector.nulls(type, count: batch.rowCount) }
    if value.encoding == .dictionary { return field(value.flattened()) }
    return field(value)
  }

  private func field(_ value: Vector) -> Vector {
    guard value.physical == .list else {
      // A constant that is not NULL has constants as fields.
      return value.isConstant ? value.children[index] : value.children[index].masked(by: value.validity)
    }
    // Only this field is looked at: others may be many that nobody has read.
    let child = value.children[0]
    let element = child.encoding == .flat ? child : child.flattened()
    let fields = element.children[index].masked(by: element.validity)
    return Vector(
      type: type, encoding: value.encoding, count: value.count, storage: value.storage,
      offsetBytes: value.base - value.storage.base, validity: value.validity,
      children: [fields.flattened()])
  }
}
