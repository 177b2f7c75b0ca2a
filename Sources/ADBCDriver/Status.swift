import Base
import Glibc

/// The status codes of ADBC.
enum Status: UInt8 {
  case ok = 0
  case unknown, notImplemented, notFound, alreadyExists, invalidArgument, invalidState
  case invalidData, integrity, `internal`, io, cancelled, timeout, unauthenticated, unauthorized

  /// By the class of an SQLSTATE, and by itself where the class says too little.
  init(_ error: SQLError) {
    let code = error.state.rawValue
    self =
      switch code {
      case "42P01", "42703", "42883", "42704", "3F000", "3D000", "58P01": .notFound
      case "42P07", "42P06", "42710", "58P02": .alreadyExists
      case "42501": .unauthorized
      case "22023": .invalidArgument
      case "57014": error.message.contains("time limit") ? .timeout : .cancelled
      case "XX001": .invalidData
      default: Self.byClass[String(code.prefix(2))] ?? .unknown
      }
  }

  private static let byClass: [String: Status] = [
    "08": .io, "0A": .notImplemented, "21": .invalidArgument, "22": .invalidData,
    "23": .integrity, "25": .invalidState, "26": .invalidState, "28": .unauthenticated,
    "34": .invalidState, "42": .invalidArgument, "55": .invalidState, "57": .invalidState,
    "58": .io, "XX": .internal,
  ]

  /// What the C stream interface has in place of a status.
  var errorNumber: Int32 {
    switch self {
    case .ok: 0
    case .cancelled: ECANCELED
    case .timeout: ETIMEDOUT
    case .invalidArgument, .invalidState, .notFound, .alreadyExists: EINVAL
    default: EIO
    }
  }
}
