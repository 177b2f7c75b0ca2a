import Base
import CCFITSIO
import Synchronization

/// A file open in cfitsio, which reads the bytes of one table. Used by one thread at a time; several
/// may be at work.
///
/// The file is opened by `fits_open_diskfile`, which knows no extended file names, under the path
/// of the descriptor that was checked: no other file can get in between.
///
/// cfitsio stays at the primary HDU and is asked for bytes at places behind it. On its way to a later
/// HDU it would read all headers in its own way: it divides by what a compressed image says, zero or
/// not, and looks behind a heap with a gap before it in another place than the standard says.
final class FITSHandle {
  private var pointer: UnsafeMutablePointer<fitsfile>?
  private let place: FITSPlace
  /// The table's data begin so many bytes behind the beginning of the primary HDU's.
  private var dataStart = 0

  /// cfitsio's tables of drivers and messages belong to the process; and all of it, when it was
  /// built without threads.
  private static let lock = Monitor()
  private static let isReentrant = fits_is_reentrant() != 0

  init(_ path: String, _ table: FITSTable) throws(SQLError) {
    place = table.place
    try Self.lock.locked { () throws(SQLError) in
      var status: Int32 = 0
      if ffdkopn(&pointer, path, READONLY, &status) > 0 {
        pointer = nil
        throw failure(status, "cannot be opened")
      }
      do throws(SQLError) { try locate(table) } catch {
        close()
        throw error
      }
    }
  }

  deinit { Self.lock.locked { close() } }

  private func close() {
    var status: Int32 = 0
    if pointer != nil { ffclos(pointer, &status) }
    pointer = nil
  }

  private func locate(_ table: FITSTable) throws(SQLError) {
    var status: Int32 = 0
    var (header, data, end): (LONGLONG, LONGLONG, LONGLONG) = (0, 0, 0)
    ffghadll(pointer, &header, &data, &end, &status)
    guard status == 0 else { throw failure(status, "cannot be read") }
    guard data >= 0, Int(data) <= table.dataOffset else {
      throw place.damaged("the primary HDU's header ends at byte \(data) for cfitsio")
    }
    dataStart = table.dataOffset - Int(data)
  }

  /// `count` bytes from `offset` of the data unit; the caller has checked that they are there.
  func read(_ count: Int, at offset: Int, into target: UnsafeMutableRawPointer) throws(SQLError) {
    guard count > 0 else { return }
    if !Self.isReentrant { Self.lock.lock() }
    defer { if !Self.isReentrant { Self.lock.unlock() } }
    var status: Int32 = 0
    if ffgextn(pointer, LONGLONG(dataStart + offset), LONGLONG(count), target, &status) > 0 {
      throw failure(status, "\(count) bytes at byte \(offset) of the data cannot be read")
    }
  }

  private func failure(_ status: Int32, _ what: String) -> SQLError {
    var text = [CChar](repeating: 0, count: 32)
    ffgerr(status, &text)
    ffcmsg()
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let reason = String(decoding: bytes, as: UTF8.self)
    return place.damaged("\(what): \(reason) (cfitsio status \(status))")
  }
}

/// The handles of one open file: as many as there were parts at work at the same time.
final class FITSHandles: Sendable {
  private struct Idle: @unchecked Sendable { var handles: [FITSHandle] = [] }

  private let file: any ReadableFile
  private let path: String
  private let table: FITSTable
  private let idle = Mutex(Idle())

  init(_ file: any ReadableFile, _ table: FITSTable) throws(SQLError) {
    guard let path = file.systemPath else {
      throw table.place.error(
        .featureNotSupported, "FITS is read from files of this machine only")
    }
    self.file = file
    self.path = path
    self.table = table
  }

  func take() throws(SQLError) -> FITSHandle {
    let kept = idle.withLock { Idle(handles: [$0.handles.popLast()].compactMap { $0 }) }
    if let handle = kept.handles.first { return handle }
    return try FITSHandle(path, table)
  }

  func give(_ handle: FITSHandle) {
    let back = Idle(handles: [handle])
    idle.withLock { $0.handles += back.handles }
  }
}
