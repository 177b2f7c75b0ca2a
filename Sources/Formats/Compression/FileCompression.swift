import Base

/// How whole files are compressed, told by their first bytes and not by their names.
enum FileCompression: String, CaseIterable {
  case gzip, bzip2, zstd

  /// As many bytes as `init(_:)` looks at.
  static let signatureSizeBytes = 10

  /// The compression of a file that begins with `bytes`.
  init?(_ bytes: [UInt8]) {
    let found = Self.allCases.first { $0.matches(bytes) }
    guard let found else { return nil }
    self = found
  }

  private func matches(_ bytes: [UInt8]) -> Bool {
    switch self {
    // 8 is DEFLATE, the only method there is (RFC 1952).
    case .gzip: bytes.starts(with: [0x1F, 0x8B, 8])
    // A level, and the first block's or, without any, the end's mark.
    case .bzip2:
      bytes.starts(with: Array("BZh".utf8)) && bytes.count == Self.signatureSizeBytes
        && (0x31...0x39).contains(bytes[3])
        && (bytes[4...].elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
          || bytes[4...].elementsEqual([0x17, 0x72, 0x45, 0x38, 0x50, 0x90]))
    // A frame, or one to be skipped (RFC 8878).
    case .zstd:
      bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        || bytes.count >= 4 && bytes[0] & 0xF0 == 0x50
          && bytes[1...3].elementsEqual([0x2A, 0x4D, 0x18])
    }
  }

  func decoder() throws(DecodingFailure) -> any StreamDecoder {
    switch self {
    case .gzip: try GzipDecoder()
    case .bzip2: Bzip2Decoder()
    case .zstd: try ZstdDecoder()
    }
  }
}
