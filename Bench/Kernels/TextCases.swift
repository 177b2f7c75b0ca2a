import Base
import Vectors
import Zij

/// Values to text and back, and the encoders of results. Bytes are those of the text.
enum TextCases {
  static var all: [KernelCase] {
    [
      numbers("double, 17 digits") { $0.doubles() },
      numbers("double, 5 digits") { $0.magnitudes() },
      numbers("int64") { $0.integers(below: 1 << 50) },
      parseDouble("17 digits") { $0.doubles() }, parseDouble("5 digits") { $0.magnitudes() },
      encode("csv"), encode("jsonl"),
    ]
  }

  /// Text of the column's values, separated by spaces.
  private static func numbers(
    _ what: String, _ column: @escaping (SampleColumns) -> Vector
  ) -> KernelCase {
    KernelCase("text: format \(what)") {
      let vector = column(SampleColumns())
      let output = Output()
      output.format(vector)
      return .init(vector.count, sizeBytes: output.writer.count) { output.format(vector) }
    }
  }

  private static func parseDouble(
    _ what: String, _ column: @escaping (SampleColumns) -> Vector
  ) -> KernelCase {
    KernelCase("text: parse double, \(what)") {
      let source = column(SampleColumns())
      let texts = VectorBuilder(type: .text)
      for row in 0..<source.count {
        var text = "\(source.values(as: Double.self)[row])"
        text.withUTF8 { _ = texts.append(bytes: UnsafeRawBufferPointer($0)) }
      }
      let vector = texts.finish()
      let views = vector.values(as: View.self)
      guard let heap = vector.heap else { throw SQLError(.internalError, "text without bytes") }
      let result = Vector(type: .float64, count: vector.count)
      let sizeBytes = vector.sizeBytes - vector.count * 8
      return .init(vector.count, sizeBytes: sizeBytes) {
        let target = result.values(as: Double.self)
        for row in 0..<vector.count {
          let bytes = UnsafeRawBufferPointer(
            start: heap.base + views[row].start, count: views[row].count)
          target[row] = try NumberText.parseDouble(bytes)
        }
      }
    }
  }

  /// A result of five columns through the format of that name.
  private static func encode(_ format: String) -> KernelCase {
    KernelCase("text: write \(format), 5 columns") {
      let database = try Database.open(.memory)
      defer { database.close() }
      guard let writer = database.options.writers.first(where: { $0.names.contains(format) }) else {
        throw SQLError(.internalError, "no format is called \"\(format)\"")
      }
      let samples = SampleColumns()
      let batch = Batch(
        columns: [
          samples.identifiers(), samples.longitudes(), samples.latitudes(),
          samples.withNulls(samples.magnitudes(), oneIn: 10), samples.words(distinctCount: 1000),
        ], rowCount: samples.rowCount)
      let names = ["id", "ra", "dec", "mag", "name"]
      let encoder = try writer.begin(
        zip(names, batch.columns).map { ResultColumn($0, $1.type) }, options: FileOptions())
      let output = Output()
      try output.encode(batch, encoder)
      return .init(batch.rowCount, sizeBytes: output.writer.count) {
        try output.encode(batch, encoder)
      }
    }
  }

  /// Memory that every call writes again.
  private final class Output {
    var writer = ByteWriter(capacity: 1 << 20)

    func encode(_ batch: Batch, _ encoder: any RowEncoder) throws(SQLError) {
      writer.removeAll()
      try encoder.append(batch, into: &writer)
    }

    func format(_ vector: Vector) {
      writer.removeAll()
      if vector.type == .float64 {
        Self.append(vector.values(as: Double.self), vector.count, to: &writer)
      } else {
        Self.append(vector.values(as: Int64.self), vector.count, to: &writer)
      }
    }

    private static func append(
      _ values: UnsafePointer<Double>, _ count: Int, to out: inout ByteWriter
    ) {
      for row in 0..<count {
        NumberText.append(values[row], to: &out)
        out.append(UInt8(ascii: " "))
      }
    }

    private static func append(
      _ values: UnsafePointer<Int64>, _ count: Int, to out: inout ByteWriter
    ) {
      for row in 0..<count {
        NumberText.append(values[row], to: &out)
        out.append(UInt8(ascii: " "))
      }
    }
  }
}
