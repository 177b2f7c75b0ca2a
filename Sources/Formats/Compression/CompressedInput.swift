import Base

/// One stream of a compression: some bytes in, some bytes out.
protocol StreamDecoder: AnyObject {
  /// What it takes beside its input and output.
  var sizeBytes: Int { get }
  /// Takes and gives what it can. After the end of a member it is ready for the next one.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecodingFailure) -> DecodingStep
}

struct DecodingStep {
  var takenCount: Int
  var givenCount: Int
  /// A member (frame, stream) is complete, its checksum right.
  var isMemberEnd: Bool
}

/// Why a library refuses its input, in its words.
struct DecodingFailure: Error {
  var reason: String
}

/// The bytes that a compressed file stands for; several members behind each other are one text.
///
/// Memory: 256 KiB, and what the decoder takes: up to 128 MiB for zstd, 4 MiB for bzip2.
final class CompressedInput: ByteInput {
  private static let blockSizeBytes = 256 << 10

  private let source: FileInput
  private let compression: FileCompression
  private let decoder: any StreamDecoder
  private let reservation: MemoryReservation
  private var reservedBytes: Int
  private let block: UnsafeMutableRawBufferPointer
  /// The bytes of `block` that are not decoded yet.
  private var waiting = 0..<0
  private var isAtEndOfFile = false
  private var isBetweenMembers = false

  init(
    _ source: FileInput, _ compression: FileCompression, memory: MemoryAccount
  ) throws(SQLError) {
    self.source = source
    self.compression = compression
    reservation = MemoryReservation(memory)
    do throws(DecodingFailure) {
      decoder = try compression.decoder()
    } catch {
      throw SQLError(.outOfMemory, "\(source.file.path): \(error.reason)")
    }
    reservedBytes = Self.blockSizeBytes + decoder.sizeBytes
    try reservation.grow(by: reservedBytes)
    block = .allocate(byteCount: Self.blockSizeBytes, alignment: 64)
  }

  deinit { block.deallocate() }

  var fractionRead: Double? { source.fractionRead }

  func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    while true {
      if waiting.isEmpty, !isAtEndOfFile { try fill() }
      if isBetweenMembers, try isAtEnd() { return 0 }
      let step = try decode(into: target)
      let taken = waiting.lowerBound + step.takenCount
      waiting = taken..<waiting.upperBound
      isBetweenMembers = step.isMemberEnd
      try reserveDecoder()
      if step.givenCount > 0 { return step.givenCount }
      guard step.takenCount == 0, !step.isMemberEnd else { continue }
      // Nothing in, nothing out: only more bytes can help.
      if !waiting.isEmpty { throw damaged("it does not go on") }
      if isAtEndOfFile { throw truncated() }
    }
  }

  private func fill() throws(SQLError) {
    let count = try source.read(into: block)
    waiting = 0..<count
    isAtEndOfFile = count == 0
  }

  /// Whether nothing follows the last member but zeros, with which some programs fill blocks.
  private func isAtEnd() throws(SQLError) -> Bool {
    while true {
      let start = waiting.first { block[$0] != 0 } ?? waiting.upperBound
      waiting = start..<waiting.upperBound
      if !waiting.isEmpty { return false }
      if isAtEndOfFile { return true }
      try fill()
    }
  }

  private func decode(
    into target: UnsafeMutableRawBufferPointer
  ) throws(SQLError) -> DecodingStep {
    do throws(DecodingFailure) {
      return try decoder.decode(UnsafeRawBufferPointer(rebasing: block[waiting]), into: target)
    } catch {
      throw damaged(error.reason)
    }
  }

  private func reserveDecoder() throws(SQLError) {
    let size = Self.blockSizeBytes + decoder.sizeBytes
    guard size > reservedBytes else { return }
    try reservation.grow(by: size - reservedBytes)
    reservedBytes = size
  }

  private func damaged(_ reason: String) -> SQLError {
    let byte = source.position - waiting.count
    return SQLError(
      .dataCorrupted,
      "\(source.file.path): damaged \(compression.rawValue) data near byte \(byte): \(reason)",
      hint: "Fetch the file again, or look with \(compression.rawValue) -t whether it is whole.")
  }

  private func truncated() -> SQLError {
    SQLError(
      .dataCorrupted,
      "\(source.file.path): the \(compression.rawValue) data end too early, at byte "
        + "\(source.position)", hint: "The file seems cut off: fetch it again.")
  }
}
