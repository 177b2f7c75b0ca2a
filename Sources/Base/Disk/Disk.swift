/// Every access of Zij to files goes through a disk, so that tests can take one that loses writes.
///
/// Paths are plain strings; `/` separates. All errors are `SQLError`: `.undefinedFile` for a
/// missing file, `.duplicateFile` for one that must not be there, `.diskFull` for a full disk, `.ioError`
/// otherwise, each naming the path.
public protocol Disk: AnyObject, Sendable {
  /// Opens an existing file for reading.
  func open(_ path: String) throws(SQLError) -> any ReadableFile
  /// Creates a file, which must not exist unless `replacing`, for appending.
  func create(_ path: String, replacing: Bool) throws(SQLError) -> any WritableFile
  /// Creates a file that only its owner may read or write, which must not exist, for appending.
  func createPrivate(_ path: String) throws(SQLError) -> any WritableFile
  /// Opens an existing file to append behind its first `sizeBytes` bytes; what follows is cut off.
  func append(to path: String, keeping sizeBytes: Int) throws(SQLError) -> any WritableFile
  /// Opens an existing file to write over bytes that it has.
  func rewrite(_ path: String) throws(SQLError) -> any RewritableFile
  /// Replaces `target` by `source` in one step. Durable only after `syncDirectory` of the parent.
  func rename(_ source: String, to target: String) throws(SQLError)
  func remove(_ path: String) throws(SQLError)
  /// Creates a directory; no error if it is there.
  func createDirectory(_ path: String) throws(SQLError)
  /// Removes an empty directory.
  func removeDirectory(_ path: String) throws(SQLError)
  /// Makes the names in a directory durable.
  func syncDirectory(_ path: String) throws(SQLError)
  /// The names in a directory, sorted, without `.` and `..`.
  func list(_ path: String) throws(SQLError) -> [String]
  /// What `path` names, or nil.
  func kind(of path: String) -> FileKind?
  /// True if `path` itself is a symbolic link, wherever it leads; `kind` follows links.
  func isLink(_ path: String) -> Bool
  /// Takes the exclusive or shared lock on the file `path`, creating it; `holder` is written into
  /// it by an exclusive owner. Fails with `.objectInUse`, naming the present holder.
  func lock(_ path: String, exclusive: Bool, holder: String) throws(SQLError) -> any FileLock
}

extension Disk {
  public func createPrivate(_ path: String) throws(SQLError) -> any WritableFile {
    try create(path, replacing: false)
  }

  public func rewrite(_ path: String) throws(SQLError) -> any RewritableFile {
    throw SQLError(.ioError, "cannot write over parts of a file here: \"\(path)\"")
  }
}

public enum FileKind: Sendable { case file, directory, other }

/// A file open for reading; positions are absolute, so any number of threads may read at once.
public protocol ReadableFile: AnyObject, Sendable {
  var path: String { get }
  /// The size when it was opened; 0 for pipes and terminals.
  var sizeBytes: Int { get }
  /// A path that leads C libraries to this very file, whatever its name means by then; nil for
  /// files that are not this machine's. Valid while this object lives.
  var systemPath: String? { get }
  /// Exactly `count` bytes from `offset`; a short file is `.dataCorrupted`.
  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion
  /// Up to `count` bytes from `offset` into `target`; fewer only at the end of the file. Pipes and
  /// terminals ignore `offset`.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int
}

extension ReadableFile {
  public var systemPath: String? { nil }
}

/// A file open for appending.
public protocol WritableFile: AnyObject, Sendable {
  var path: String { get }
  var sizeBytes: Int { get }
  func write(_ bytes: UnsafeRawBufferPointer) throws(SQLError)
  /// Makes the contents durable. After a failure the file must not be used again.
  func sync() throws(SQLError)
  func close() throws(SQLError)
}

/// A file whose bytes are written over in place. Its size and its place on the disk are settled, so
/// that `sync` has no more to write than the bytes: a log of such files is quick.
public protocol RewritableFile: AnyObject, Sendable {
  var path: String { get }
  var sizeBytes: Int { get }
  /// The bytes must lie within the file. After a failure any part of them may be there.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError)
  /// Makes the contents durable. After a failure the file must not be used again.
  func sync() throws(SQLError)
}

/// A held lock; released when the value goes.
public protocol FileLock: AnyObject, Sendable {
  func release()
}
