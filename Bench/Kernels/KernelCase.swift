/// One line of the kernel table.
struct KernelCase {
  /// "family: what".
  let name: String
  /// What is counted: "row", "statement".
  let item: String
  /// Makes the inputs, which is not measured.
  let prepare: () throws -> Work

  init(_ name: String, per item: String = "row", _ prepare: @escaping () throws -> Work) {
    self.name = name
    self.item = item
    self.prepare = prepare
  }

  struct Work {
    enum Body {
      /// As often as it takes to measure it.
      case repeated(() throws -> Void)
      /// What happens once a process: each call is one sample.
      case once([() throws -> Void])
    }

    let itemCount: Int
    /// What a call reads, or writes if that is its purpose: what memcpy would have to move.
    let sizeBytes: Int
    /// How many of them memcpy moves at a time, so that it finds them in the same cache.
    let blockSizeBytes: Int
    let body: Body

    init(_ itemCount: Int, sizeBytes: Int, blockSizeBytes: Int? = nil, body: Body) {
      self.itemCount = itemCount
      self.sizeBytes = sizeBytes
      self.blockSizeBytes = blockSizeBytes ?? sizeBytes
      self.body = body
    }

    init(
      _ itemCount: Int, sizeBytes: Int, blockSizeBytes: Int? = nil,
      _ call: @escaping () throws -> Void
    ) {
      self.init(
        itemCount, sizeBytes: sizeBytes, blockSizeBytes: blockSizeBytes, body: .repeated(call))
    }
  }

  /// All lines in the order of the table.
  static var all: [KernelCase] {
    ByteCases.all + VectorCases.all + FunctionCases.all + SkyCases.all + AggregateCases.all
      + ORCCases.all + TextCases.all + ParsingCases.all
  }
}
