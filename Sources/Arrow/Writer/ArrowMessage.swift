/// The metadata of an IPC message, as the FlatBuffers tables of `Message.fbs`.
enum ArrowMessage {
  case schema([ArrowField])
  /// `nodes` are rows and NULLs of each array, `buffers` place and size of each buffer, by turns.
  case recordBatch(rowCount: Int, nodes: [Int64], buffers: [Int64], bodyBytes: Int)

  /// Format version 5.
  private static let version: Int16 = 4

  /// Message: version, kind of header, header, size of the body.
  var flat: FlatTable {
    switch self {
    case .schema(let fields):
      return FlatTable([
        .short(Self.version), .byte(1), .table(ArrowField.flatSchema(fields)), .long(0),
      ])
    case .recordBatch(let rowCount, let nodes, let buffers, let bodyBytes):
      let header = FlatTable([
        .long(Int64(rowCount)), .longs(nodes, each: 2), .longs(buffers, each: 2),
      ])
      return FlatTable([
        .short(Self.version), .byte(3), .table(header), .long(Int64(bodyBytes)),
      ])
    }
  }
}
