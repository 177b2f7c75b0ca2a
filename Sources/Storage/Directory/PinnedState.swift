import Base

/// A state of the database whose files stay as long as this value lives.
///
/// The last pin of a state removes the files that only it referred to, on the thread that drops it.
public final class PinnedState: Sendable {
  public let state: DatabaseState
  private let directory: DatabaseDirectory

  init(_ state: DatabaseState, _ directory: DatabaseDirectory) {
    self.state = state
    self.directory = directory
  }

  deinit { directory.unpin(state.version) }
}
