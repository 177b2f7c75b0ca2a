import Base

extension BackendMessage {
  public func append(to out: inout ByteWriter) {
    switch self {
    case .authentication(let request): request.append(to: &out)
    case .parameterStatus(let name, let value):
      out.message("S") {
        $0.appendZeroEnded(name)
        $0.appendZeroEnded(value)
      }
    case .backendKeyData(let processID, let secret):
      out.message("K") {
        $0.appendBigEndian(processID)
        $0.append(secret)
      }
    case .readyForQuery(let status): out.message("Z") { $0.append(status.rawValue) }
    case .rowDescription(let fields): Self.append(fields, &out)
    case .dataRow(let bytes): out.message("D") { $0.append(bytes) }
    case .commandComplete(let tag): out.message("C") { $0.appendZeroEnded(tag) }
    case .emptyQueryResponse: out.message("I")
    case .errorResponse(let fields): Self.append("E", fields, &out)
    case .noticeResponse(let fields): Self.append("N", fields, &out)
    case .notificationResponse(let processID, let channel, let payload):
      out.message("A") {
        $0.appendBigEndian(processID)
        $0.appendZeroEnded(channel)
        $0.appendZeroEnded(payload)
      }
    case .parseComplete: out.message("1")
    case .bindComplete: out.message("2")
    case .closeComplete: out.message("3")
    case .noData: out.message("n")
    case .portalSuspended: out.message("s")
    case .parameterDescription(let types):
      out.message("t") {
        $0.appendCount(types.count)
        for type in types { $0.appendBigEndian(type) }
      }
    case .copyInResponse(let isBinary, let formats): Self.append("G", isBinary, formats, &out)
    case .copyOutResponse(let isBinary, let formats): Self.append("H", isBinary, formats, &out)
    case .copyData(let bytes): out.message("d") { $0.append(bytes) }
    case .copyDone: out.message("c")
    case .negotiateProtocolVersion(let version, let options):
      out.message("v") {
        $0.appendBigEndian(version)
        $0.appendBigEndian(Int32(truncatingIfNeeded: options.count))
        for option in options { $0.appendZeroEnded(option) }
      }
    }
  }

  private static func append(_ fields: [FieldDescription], _ out: inout ByteWriter) {
    out.message("T") {
      $0.appendCount(fields.count)
      for field in fields {
        $0.appendZeroEnded(field.name)
        $0.appendBigEndian(field.tableOID)
        $0.appendBigEndian(field.columnNumber)
        $0.appendBigEndian(field.typeOID)
        $0.appendBigEndian(field.typeSizeBytes)
        $0.appendBigEndian(field.typeModifier)
        $0.appendBigEndian(field.format)
      }
    }
  }

  private static func append(
    _ type: Character, _ fields: NoticeFields, _ out: inout ByteWriter
  ) {
    out.message(type) {
      // Severity and code come first, as clients have always seen them.
      let order = Array("SVCMDHP".utf8)
      let rest = fields.values.keys.filter { !order.contains($0) }.sorted()
      for letter in order + rest {
        guard let value = fields.values[letter] else { continue }
        $0.append(letter)
        $0.appendZeroEnded(value)
      }
      $0.append(0)
    }
  }

  private static func append(
    _ type: Character, _ isBinary: Bool, _ formats: [Int16], _ out: inout ByteWriter
  ) {
    out.message(type) {
      $0.append(isBinary ? 1 : 0)
      $0.appendCount(formats.count)
      for format in formats { $0.appendBigEndian(format) }
    }
  }
}

extension BackendMessage.Authentication {
  fileprivate func append(to out: inout ByteWriter) {
    out.message("R") {
      switch self {
      case .ok: $0.appendBigEndian(Int32(0))
      case .cleartextPassword: $0.appendBigEndian(Int32(3))
      case .sasl(let mechanisms):
        $0.appendBigEndian(Int32(10))
        for mechanism in mechanisms { $0.appendZeroEnded(mechanism) }
        $0.append(0)
      case .saslContinue(let bytes):
        $0.appendBigEndian(Int32(11))
        $0.append(bytes)
      case .saslFinal(let bytes):
        $0.appendBigEndian(Int32(12))
        $0.append(bytes)
      case .other(let code): $0.appendBigEndian(code)
      }
    }
  }
}
