import Base
import FunctionKit
import Vectors

/// Functions of a row's place in its window (SQL:2011, 6.10; PostgreSQL 17, 9.22).
enum Windows {
  static let functions: [WindowFunction] = numbers + shares + [ntile] + shifts + frames

  private static let sample = "FROM (VALUES (1), (2), (2), (4)) AS t(x) ORDER BY 1"

  private static func number(
    _ name: String, _ summary: String, _ answer: String, needs: Set<WindowFunction.Need> = [.peers],
    _ body: @escaping @Sendable (WindowPartition, UnsafeMutablePointer<Int64>) -> Void
  ) -> WindowFunction {
    WindowFunction(
      name, returns: Quantity(name, LogicalType.int64), summary: summary,
      examples: [
        Example("SELECT \(name)() OVER (ORDER BY x DESC) \(sample) LIMIT 1", gives: answer)
      ],
      needs: needs,
      kernel: .integers { (partition, _, out) throws(SQLError) in body(partition, out) })
  }

  private static let numbers = [
    number("row_number", "Numbers the rows of the partition from 1.", "1", needs: []) {
      partition, out in
      for row in partition.rows { out[row] = Int64(row - partition.rows.lowerBound + 1) }
    },
    number("rank", "Gives one more than the number of rows before the first peer.", "1") {
      partition, out in
      for row in partition.rows {
        out[row] = Int64(Int(partition.peerStarts[row]) - partition.rows.lowerBound + 1)
      }
    },
    number("dense_rank", "Numbers groups of peers from 1, without gaps.", "1") { partition, out in
      var rank: Int64 = 0
      for row in partition.rows {
        if Int(partition.peerStarts[row]) == row { rank += 1 }
        out[row] = rank
      }
    },
  ]

  private static let shares = [
    WindowFunction(
      "percent_rank", returns: Quantity("share", LogicalType.float64),
      summary: "Gives (rank - 1) / (rows - 1), 0 for a single row.",
      examples: [
        Example(
          "SELECT percent_rank() OVER (ORDER BY x) FROM (VALUES (1), (2), (3)) AS t(x) "
            + "ORDER BY x DESC LIMIT 1", gives: "1")
      ],
      needs: [.peers],
      kernel: .doubles { (partition, _, out) throws(SQLError) in
        let others = Double(max(1, partition.rows.count - 1))
        for row in partition.rows {
          out[row] = Double(Int(partition.peerStarts[row]) - partition.rows.lowerBound) / others
        }
      }),
    WindowFunction(
      "cume_dist", returns: Quantity("share", LogicalType.float64),
      summary: "Gives the share of rows up to the last peer.",
      examples: [
        Example(
          "SELECT cume_dist() OVER (ORDER BY x) FROM (VALUES (1), (2)) AS t(x) LIMIT 1",
          gives: "0.5")
      ],
      needs: [.peers],
      kernel: .doubles { (partition, _, out) throws(SQLError) in
        let count = Double(partition.rows.count)
        for row in partition.rows {
          out[row] = Double(Int(partition.peerEnds[row]) - partition.rows.lowerBound) / count
        }
      }),
  ]

  private static let ntile = WindowFunction(
    "ntile", takes: Quantity("buckets", LogicalType.int64),
    returns: Quantity("bucket", LogicalType.int64),
    summary: "Divides the partition into so many buckets of nearly equal size, from 1.",
    details: "The first row's argument counts; NULL gives NULL, 0 and less are an error.",
    examples: [
      Example(
        "SELECT ntile(2) OVER (ORDER BY x) FROM (VALUES (1), (2), (3)) AS t(x) LIMIT 1", gives: "1")
    ],
    needs: [],
    kernel: .integers { (partition, arguments, out) throws(SQLError) in
      let first = partition.rows.lowerBound
      guard !arguments[0].isNull(first) else {
        for row in partition.rows { out[row] = WindowPartition.null }
        return
      }
      let buckets = arguments[0].values(as: Int64.self)[first]
      guard buckets > 0 else {
        throw SQLError(.invalidArgumentForFunction, "ntile needs a positive number: \(buckets)")
      }
      let size = Int64(partition.rows.count) / buckets
      let larger = Int64(partition.rows.count) % buckets
      for row in partition.rows {
        let place = Int64(row - first)
        let border = larger &* (size &+ 1)
        out[row] = place < border
          ? place / (size + 1) + 1 : larger + (place - border) / max(1, size) + 1
      }
    })

  // MARK: lag and lead

  private static let shifts = shift("lag", "behind", isForward: false)
    + shift("lead", "ahead", isForward: true)

  private static func shift(_ name: String, _ side: String, isForward: Bool) -> [WindowFunction] {
    let value = Quantity("x", .any)
    let offset = Quantity("offset", LogicalType.int64)
    let result = Quantity("x", .sameAs(0))
    let summary = "Gives x of the row \(side) in the partition by the offset, by default 1"
    let answer = isForward ? "2" : "NULL"
    let example = Example(
      "SELECT \(name)(x) OVER (ORDER BY x) FROM (VALUES (1), (2)) AS t(x) LIMIT 1", gives: answer)
    let kernel = shiftKernel(isForward: isForward)
    return [
      WindowFunction(
        name, takes: value, returns: result, summary: summary + "; NULL where there is none.",
        examples: [example], needs: [], kernel: kernel),
      WindowFunction(
        name, takes: value, offset, returns: result,
        summary: summary + "; NULL where there is none.", needs: [], kernel: kernel),
      WindowFunction(
        name, takes: value, offset, Quantity("default", .sameAs(0)), returns: result,
        summary: summary + "; the default where there is none.", needs: [], kernel: kernel),
    ]
  }

  private static func shiftKernel(isForward: Bool) -> WindowKernel {
    .choice { (partition, arguments, out) throws(SQLError) in
      let missing = arguments.count > 2 ? WindowPartition.otherwise : WindowPartition.none
      guard arguments.count > 1 else {
        shiftByOne(partition.rows, isForward, out)
        return
      }
      let offsets = arguments[1]
      let values = offsets.values(as: Int64.self)
      for row in partition.rows {
        if offsets.isNull(row) {
          out[row] = WindowPartition.none
          continue
        }
        let (target, overflow) = isForward
          ? Int64(row).addingReportingOverflow(values[row])
          : Int64(row).subtractingReportingOverflow(values[row])
        let isInside = !overflow && target >= Int64(partition.rows.lowerBound)
          && target < Int64(partition.rows.upperBound)
        out[row] = isInside ? UInt32(truncatingIfNeeded: target) : missing
      }
    }
  }

  private static func shiftByOne(
    _ rows: Range<Int>, _ isForward: Bool, _ out: UnsafeMutablePointer<UInt32>
  ) {
    let step = isForward ? 1 : -1
    for row in rows { out[row] = UInt32(truncatingIfNeeded: row &+ step) }
    let border = isForward ? rows.upperBound - 1 : rows.lowerBound
    if !rows.isEmpty { out[border] = WindowPartition.none }
  }

  // MARK: Rows of the frame

  private static let frames = [
    WindowFunction(
      "first_value", takes: Quantity("x", .any), returns: Quantity("x", .sameAs(0)),
      summary: "Gives x of the first row of the frame.",
      examples: [
        Example(
          "SELECT first_value(x) OVER (ORDER BY x) FROM (VALUES (2), (1)) AS t(x) LIMIT 1",
          gives: "1")
      ],
      needs: [.frames],
      kernel: .choice { (partition, _, out) throws(SQLError) in
        for row in partition.rows {
          let isEmpty = partition.frameStarts[row] >= partition.frameEnds[row]
          out[row] = isEmpty ? WindowPartition.none : partition.frameStarts[row]
        }
      }),
    WindowFunction(
      "last_value", takes: Quantity("x", .any), returns: Quantity("x", .sameAs(0)),
      summary: "Gives x of the last row of the frame.",
      details: "By default the frame ends with the current row and its peers.",
      examples: [
        Example(
          "SELECT last_value(x) OVER () FROM (VALUES (2), (1)) AS t(x) LIMIT 1", gives: "1")
      ],
      needs: [.frames],
      kernel: .choice { (partition, _, out) throws(SQLError) in
        for row in partition.rows {
          let isEmpty = partition.frameStarts[row] >= partition.frameEnds[row]
          out[row] = isEmpty ? WindowPartition.none : partition.frameEnds[row] - 1
        }
      }),
    WindowFunction(
      "nth_value", takes: Quantity("x", .any), Quantity("n", LogicalType.int64),
      returns: Quantity("x", .sameAs(0)),
      summary: "Gives x of the n-th row of the frame, from 1; NULL where there is none.",
      examples: [
        Example(
          "SELECT nth_value(x, 2) OVER () FROM (VALUES (5), (7)) AS t(x) LIMIT 1", gives: "7")
      ],
      needs: [.frames],
      kernel: .choice { (partition, arguments, out) throws(SQLError) in
        for row in partition.rows { out[row] = try nth(row, partition, arguments[1]) }
      }),
  ]

  private static func nth(
    _ row: Int, _ partition: WindowPartition, _ numbers: Vector
  ) throws(SQLError) -> UInt32 {
    if numbers.isNull(row) { return WindowPartition.none }
    let number = numbers.values(as: Int64.self)[row]
    guard number > 0 else {
      throw SQLError(.invalidArgumentForFunction, "nth_value needs a positive number: \(number)")
    }
    let start = Int64(partition.frameStarts[row])
    let (target, overflow) = start.addingReportingOverflow(number - 1)
    if overflow || target >= Int64(partition.frameEnds[row]) { return WindowPartition.none }
    return UInt32(truncatingIfNeeded: target)
  }
}
