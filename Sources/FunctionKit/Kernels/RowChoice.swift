import Base
import Vectors

/// Builds a vector by taking each row from one of several vectors: COALESCE, CASE, GREATEST.
public enum RowChoice {
  /// Row i comes from `sources[choice[i]]`, or is NULL where `choice[i]` is negative. All sources have
  /// type `type` and `count` rows.
  public static func assemble(
    _ sources: [Vector], choice: UnsafePointer<Int32>, count: Int, type: LogicalType
  ) -> Vector {
    let flat = sources.map { $0.flattened() }
    switch type.physical {
    case .bool8, .int8: return copy(UInt8.self, flat, choice, count, type)
    case .int16: return copy(UInt16.self, flat, choice, count, type)
    case .int32, .float32: return copy(UInt32.self, flat, choice, count, type)
    case .int64, .float64: return copy(UInt64.self, flat, choice, count, type)
    case .int128: return copy(UInt128.self, flat, choice, count, type)
    case .bytes, .list, .structure:
      let builder = VectorBuilder(type: type)
      for row in 0..<count {
        let source = Int(choice[row])
        if source < 0 { builder.appendNull() } else { builder.append(flat[source], row: row) }
      }
      return builder.finish()
    }
  }

  private static func copy<T: BitwiseCopyable>(
    _: T.Type, _ sources: [Vector], _ choice: UnsafePointer<Int32>, _ count: Int,
    _ type: LogicalType
  ) -> Vector {
    let mask = ValidityMask(count: count, allValid: true)
    let result = Vector(type: type, count: count)
    let out = result.values(as: T.self)
    let columns = sources.map { $0.values(as: T.self) }
    var nulls = false
    for row in 0..<count {
      let source = Int(choice[row])
      if source >= 0, !sources[source].isNull(row) {
        out[row] = columns[source][row]
      } else {
        mask.setNull(row)
        nulls = true
      }
    }
    if nulls { result.validity = mask }
    return result
  }
}
