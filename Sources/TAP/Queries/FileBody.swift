import Base
import HTTP

/// A file as the body of a response.
final class FileBody: HTTPBodyStream, @unchecked Sendable {
  private let file: any ReadableFile
  private var offset = 0

  init(_ file: any ReadableFile) { self.file = file }

  var sizeBytes: Int? { file.sizeBytes }

  func read(
    into target: UnsafeMutableRawBufferPointer, notify: @escaping @Sendable () -> Void
  ) -> HTTPBodyProgress {
    let rest = file.sizeBytes - offset
    guard rest > 0 else { return .end }
    let room = UnsafeMutableRawBufferPointer(rebasing: target[..<min(target.count, rest)])
    do throws(SQLError) {
      let count = try file.read(at: offset, into: room)
      guard count > 0 else { return .broken }
      offset += count
      return .bytes(count)
    } catch {
      return .broken
    }
  }

  func close() {}
}
