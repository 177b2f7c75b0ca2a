import Base
import Vectors

/// Selections and the copies that they lead to.
enum VectorCases {
  static var all: [KernelCase] {
    [1, 10, 50, 90].map(selection) + [
      gather("double", percent: 50) { $0.doubles() },
      gather("text", percent: 50) { $0.words(distinctCount: 1000) },
      gather("double with NULLs", percent: 50) { $0.withNulls($0.doubles(), oneIn: 10) },
      truth, filter(percent: 10), filter(percent: 90),
    ]
  }

  private static func selection(percent: Int) -> KernelCase {
    KernelCase("vectors: mask to selection, \(percent) %") {
      let samples = SampleColumns()
      let source = Buffer(sizeBytes: samples.rowCount)
      let mask = source.base.assumingMemoryBound(to: UInt8.self)
      for (row, byte) in samples.mask(percent: percent).enumerated() { mask[row] = byte }
      return .init(samples.rowCount, sizeBytes: samples.rowCount) {
        _ = SelectionVector(mask: mask, count: samples.rowCount)
        // The buffer has to outlive the pointer.
        withExtendedLifetime(source) {}
      }
    }
  }

  private static func rows(_ samples: SampleColumns, percent: Int) -> SelectionVector {
    let mask = samples.mask(percent: percent)
    return SelectionVector(mask.indices.filter { mask[$0] != 0 }.map { UInt16($0) })
  }

  private static func gather(
    _ what: String, percent: Int, _ column: @escaping (SampleColumns) -> Vector
  ) -> KernelCase {
    KernelCase("vectors: gather \(what), \(percent) %", per: "row kept") {
      let samples = SampleColumns()
      let vector = column(samples)
      let selection = rows(samples, percent: percent)
      return .init(selection.count, sizeBytes: selection.count * vector.physical.widthBytes) {
        _ = vector.gathered(by: selection)
      }
    }
  }

  private static var truth: KernelCase {
    KernelCase("vectors: boolean with NULLs to selection") {
      let samples = SampleColumns()
      let vector = Vector(type: .boolean, count: samples.rowCount)
      for (row, byte) in samples.mask(percent: 50).enumerated() {
        vector.values(as: UInt8.self)[row] = byte
      }
      let source = samples.withNulls(vector, oneIn: 10)
      return .init(samples.rowCount, sizeBytes: samples.rowCount) {
        _ = source.selectionOfTrue()
      }
    }
  }

  private static func filter(percent: Int) -> KernelCase {
    KernelCase("vectors: filter 5 columns, \(percent) %") {
      let samples = SampleColumns()
      let batch = Batch(
        columns: [
          samples.identifiers(), samples.longitudes(), samples.latitudes(),
          samples.withNulls(samples.magnitudes(), oneIn: 10), samples.words(distinctCount: 1000),
        ], rowCount: samples.rowCount)
      let selection = rows(samples, percent: percent)
      return .init(batch.rowCount, sizeBytes: batch.rowCount * 40) {
        _ = batch.filtered(by: selection)
      }
    }
  }
}
