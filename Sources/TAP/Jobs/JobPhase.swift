/// Where a job is in its life (UWS 1.1, section 2.1.3).
enum JobPhase: String, Sendable, CaseIterable {
  case pending = "PENDING"
  case queued = "QUEUED"
  case executing = "EXECUTING"
  case completed = "COMPLETED"
  case error = "ERROR"
  case aborted = "ABORTED"
  // Never entered here, but clients may ask for them.
  case unknown = "UNKNOWN"
  case held = "HELD"
  case suspended = "SUSPENDED"
  case archived = "ARCHIVED"

  /// It may still change by itself or by its client.
  var isActive: Bool { self == .pending || self == .queued || self == .executing }
}
