import Base
import Vectors

extension Kernel {
  /// The same kernel, but a dictionary argument beside constants is answered once for each distinct
  /// value, and the answer stays a dictionary. For kernels that have an answer for every input: the
  /// dictionary may hold values that no row uses.
  public func onDictionaryValues() -> Kernel {
    let plain = evaluate
    return Kernel { arguments, count, type, context throws(SQLError) in
      var found: Int?
      for (index, argument) in arguments.enumerated() where !argument.isConstant {
        guard argument.encoding == .dictionary, found == nil else {
          return try plain(arguments, count, type, context)
        }
        found = index
      }
      guard let found, arguments[found].children[0].count <= count else {
        return try plain(arguments, count, type, context)
      }
      let dictionary = arguments[found]
      let values = dictionary.children[0]
      var distinct = arguments.map { $0.isConstant ? $0.resizedConstant(values.count) : $0 }
      distinct[found] = values
      let answers = try plain(distinct, values.count, type, context).flattened()
      return answers.gathered(by: dictionary.values(as: UInt32.self), count: count)
        .withNulls(of: dictionary, count: count)
    }
  }
}

extension Vector {
  /// The same rows, NULL also where `other` is.
  func withNulls(of other: Vector, count: Int) -> Vector {
    validity = ValidityMask.and(validity, other.validity, count: count)
    return self
  }
}
