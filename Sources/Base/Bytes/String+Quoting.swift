extension String {
  /// The text between quotes, each quote inside of it written as `escape`: twice, unless told otherwise.
  ///
  /// In bytes, not characters: a quote with an accent behind it is one `Character`, unlike the quote,
  /// and would go through as it is and end the text for whoever reads it.
  public func quoted(by quote: Unicode.Scalar, escape: String? = nil) -> String {
    let mark = Array(String(quote).utf8)
    let inside = escape.map { Array($0.utf8) } ?? mark + mark
    precondition(mark.count == 1, "quotes are ASCII")
    var bytes = mark
    bytes.reserveCapacity(utf8.count + 2)
    for byte in utf8 {
      if byte == mark[0] { bytes += inside } else { bytes.append(byte) }
    }
    return String(decoding: bytes + mark, as: UTF8.self)
  }
}
