import Glibc

/// A thread of our own. `join` must be called once.
public final class WorkerThread: @unchecked Sendable {
  private var handle = pthread_t()

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts `body` on a thread with `stackBytes` of stack; nil if the system has no thread to give.
  public init?(stackBytes: Int = 2 << 20, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    let argument = Unmanaged.passRetained(Body(body))
    let status = pthread_create(
      &handle, &attributes,
      { raw in
        guard let raw else { return nil }
        Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    if status != 0 {
      argument.release()
      return nil
    }
  }

  public func join() { pthread_join(handle, nil) }

  /// In place of `join`: nobody waits for its end.
  public func detach() { pthread_detach(handle) }

  /// True on the thread itself.
  public var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }
}
