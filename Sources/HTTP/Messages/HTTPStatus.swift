/// Status codes that this server answers with.
public enum HTTPStatus: Int, Sendable, CaseIterable {
  case ok = 200
  case noContent = 204
  case seeOther = 303
  case badRequest = 400
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case notAcceptable = 406
  case requestTimeout = 408
  case contentTooLarge = 413
  case unsupportedMediaType = 415
  case internalServerError = 500
  case serviceUnavailable = 503
}
