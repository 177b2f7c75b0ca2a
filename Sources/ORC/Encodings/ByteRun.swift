import Base
import Glibc

/// Run-length encoding of bytes.
///
/// A control byte 0…127 is followed by one byte that stands control + 3 times; a control byte
/// 128…255 by 256 − control literal bytes. The specification's examples: 100 zeros are `61 00`,
/// and `44 45` are `fe 44 45`.
enum ByteRun {
  static let shortestRun = 3
  static let longestRun = 130
  static let mostLiterals = 128

  static func encode(
    _ values: UnsafePointer<UInt8>, count: Int, into out: inout ByteWriter
  ) {
    var literalStart = 0
    var i = 0
    while i < count {
      var run = 1
      while i + run < count, run < longestRun, values[i &+ run] == values[i] { run &+= 1 }
      if run >= shortestRun {
        appendLiterals(values + literalStart, count: i - literalStart, into: &out)
        out.append(UInt8(run - shortestRun))
        out.append(values[i])
        literalStart = i + run
      }
      i += run
    }
    appendLiterals(values + literalStart, count: count - literalStart, into: &out)
  }

  private static func appendLiterals(
    _ values: UnsafePointer<UInt8>, count: Int, into out: inout ByteWriter
  ) {
    var done = 0
    while done < count {
      let here = min(mostLiterals, count - done)
      out.append(UInt8(256 - here))
      out.append(UnsafeRawBufferPointer(start: values + done, count: here))
      done += here
    }
  }
}

/// Reads bytes that `ByteRun` wrote.
final class ByteDecoder {
  private let cursor: StreamCursor
  private var left = 0
  /// The repeated byte, or nil while literals are left.
  private var repeated: UInt8?

  init(_ cursor: StreamCursor, skipping: Int = 0) throws(SQLError) {
    self.cursor = cursor
    try skip(skipping)
  }

  func read(into out: UnsafeMutablePointer<UInt8>, count: Int) throws(SQLError) {
    var done = 0
    while done < count {
      if left == 0 { try readControl() }
      let here = min(left, count - done)
      if let repeated {
        memset(out + done, Int32(repeated), here)
      } else {
        try cursor.ensure(here)
        memcpy(out + done, cursor.next, here)
        cursor.next += here
      }
      left -= here
      done += here
    }
  }

  private func readControl() throws(SQLError) {
    try cursor.ensure(2)
    let control = Int(cursor.next[0])
    cursor.next += 1
    if control < 128 {
      left = control + ByteRun.shortestRun
      repeated = cursor.next[0]
      cursor.next += 1
    } else {
      left = 256 - control
      repeated = nil
    }
  }

  func skip(_ count: Int) throws(SQLError) {
    var piece = InlineArray<256, UInt8>(repeating: 0)
    var rest = count
    while rest > 0 {
      let here = min(rest, 256)
      var span = piece.mutableSpan
      try span.withUnsafeMutableBufferPointer { (buffer) throws(SQLError) in
        guard let start = buffer.baseAddress else { return }
        try read(into: start, count: here)
      }
      rest -= here
    }
  }

  func corrupt(_ what: String) -> SQLError { cursor.corrupt(what) }
}
