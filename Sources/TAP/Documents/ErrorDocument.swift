import Base
import Formats
import HTTP

extension TAPFault {
  /// The response: a VOTable with QUERY_STATUS ERROR (DALI 1.1, section 4.4).
  var response: HTTPResponse {
    var out = ByteWriter()
    VOTableEncoder.errorDocument(text, infos: infos, into: &out)
    return HTTPResponse(
      status, headers: [HTTPHeader("Content-Type", "application/x-votable+xml")],
      body: .bytes(Array(out.bytes)))
  }
}
