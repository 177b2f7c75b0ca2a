import Base
import HTTP

/// Why a request cannot be answered: an error for the user and the status that goes with it.
struct TAPFault: Error {
  var status: HTTPStatus
  var error: SQLError
  /// The text that the error's place is in.
  var query: String?

  init(_ status: HTTPStatus, _ error: SQLError, query: String? = nil) {
    self.status = status
    self.error = error
    self.query = query
  }

  init(_ status: HTTPStatus, _ message: String, hint: String? = nil) {
    self.init(status, SQLError(.invalidParameterValue, message, hint: hint))
  }

  /// The fault of a query that failed: whose it is shows in the error's class.
  init(_ error: SQLError, query: String?) {
    let status: HTTPStatus
    switch error.state {
    case .outOfMemory, .diskFull, .adminShutdown: status = .serviceUnavailable
    case .queryCanceled: status = .requestTimeout
    case .ioError, .internalError, .dataCorrupted, .undefinedFile, .duplicateFile, .objectInUse:
      status = .internalServerError
    case .insufficientPrivilege: status = .forbidden
    case .programLimitExceeded: status = .contentTooLarge
    default: status = .badRequest
    }
    self.init(status, error, query: query)
  }

  /// What strangers may read: paths and innards of the server are none of their business.
  private var published: SQLError {
    switch status {
    case .internalServerError:
      SQLError(error.state, "the server could not read its data", hint: "Tell its operator.")
    case .serviceUnavailable where error.state == .diskFull:
      SQLError(error.state, "the server has no room left", hint: "Try again later.")
    default: error
    }
  }

  /// Line and column from 1, in characters, where the query has a place.
  private var place: (line: Int, column: Int)? {
    guard let query, let range = published.range else { return nil }
    let before = Array(query.utf8.prefix(max(0, range.offset)))
    let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return (
      before.count { $0 == 10 } + 1,
      String(decoding: before[lineStart...], as: UTF8.self).count + 1
    )
  }

  /// The message for people: what, where with the line and a caret, and what to do.
  var text: String {
    let error = published
    var text = error.message
    if let place { text += " (line \(place.line), column \(place.column))" }
    let rendered = error.rendered(in: place == nil ? "" : query ?? "")
    // Its first line is the message with the code, which programs find elsewhere.
    let excerpt = rendered.split(separator: "\n", omittingEmptySubsequences: false)
      .dropFirst(error.message.split(separator: "\n", omittingEmptySubsequences: false).count)
    if !excerpt.isEmpty { text += "\n" + excerpt.joined(separator: "\n") }
    return text
  }

  /// The same for programs.
  var infos: [(name: String, value: String)] {
    var infos = [(name: "ERROR_CODE", value: published.state.rawValue)]
    if let place {
      infos.append(("ERROR_LINE", String(place.line)))
      infos.append(("ERROR_COLUMN", String(place.column)))
    }
    if let hint = published.hint { infos.append(("ERROR_HINT", hint)) }
    return infos
  }
}
