import Base

/// A job in a list.
typealias JobEntry = (id: String, creation: Int64, state: Job.State)

/// The documents of UWS 1.1: a job, its parameters, its results, and the list of jobs.
struct JobDocument {
  var id: String
  var creationMicroseconds: Int64
  var state: Job.State
  /// Address of the job.
  var address: String

  private static let namespaces: [(name: String, value: String?)] = [
    ("xmlns:uws", Namespace.jobs), ("xmlns:xlink", Namespace.links),
    ("xmlns:xsi", Namespace.instance),
  ]

  var xml: XMLWriter {
    var xml = XMLWriter()
    xml.element("uws:job", Self.namespaces + [("version", "1.1")]) { xml in
      xml.element("uws:jobId", text: id)
      xml.element("uws:runId", text: state.parameters.values("RUNID").first)
      xml.empty("uws:ownerId", [("xsi:nil", "true")])
      xml.element("uws:phase", text: state.phase.rawValue)
      xml.empty("uws:quote", [("xsi:nil", "true")])
      Self.time("uws:creationTime", creationMicroseconds, &xml)
      Self.time("uws:startTime", state.startMicroseconds, &xml)
      Self.time("uws:endTime", state.endMicroseconds, &xml)
      xml.element("uws:executionDuration", text: String(state.executionSeconds))
      Self.time("uws:destruction", state.destructionMicroseconds, &xml)
      appendParameters([], &xml)
      appendResults([], &xml)
      if let fault = state.fault {
        let type = fault.status == .serviceUnavailable ? "transient" : "fatal"
        xml.element("uws:errorSummary", [("type", type), ("hasDetail", "true")]) { xml in
          xml.element("uws:message", text: fault.text)
        }
      }
      appendProgress(&xml)
    }
    return xml
  }

  private static func time(_ name: String, _ microseconds: Int64?, _ xml: inout XMLWriter) {
    if let microseconds {
      xml.element(name, text: VOTime.text(microseconds: microseconds))
    } else {
      xml.empty(name, [("xsi:nil", "true")])
    }
  }

  private func appendParameters(
    _ attributes: [(name: String, value: String?)], _ xml: inout XMLWriter
  ) {
    xml.element("uws:parameters", attributes) { xml in
      for parameter in state.parameters.all {
        xml.element("uws:parameter", [("id", parameter.name)], text: parameter.value)
      }
    }
  }

  private func appendResults(
    _ attributes: [(name: String, value: String?)], _ xml: inout XMLWriter
  ) {
    xml.element("uws:results", attributes) { xml in
      guard let result = state.result else { return }
      xml.empty(
        "uws:result",
        [
          ("id", "result"), ("xlink:type", "simple"),
          ("xlink:href", address + "/results/result"), ("mime-type", result.mediaType),
          ("size", String(result.sizeBytes)),
        ])
    }
  }

  /// How far the query is, in our own words: clients that do not know them skip them.
  private func appendProgress(_ xml: inout XMLWriter) {
    guard state.phase == .executing, let progress = state.feed?.progress else { return }
    xml.element("uws:jobInfo") { xml in
      xml.empty(
        "progress",
        [
          ("xmlns", "urn:zij:progress"), ("fraction", progress.fraction.map { String($0) }),
          ("rowsRead", String(progress.rowsRead)), ("bytesRead", String(progress.bytesRead)),
        ])
    }
  }

  var parametersXML: XMLWriter {
    var xml = XMLWriter()
    appendParameters(Self.namespaces, &xml)
    return xml
  }

  var resultsXML: XMLWriter {
    var xml = XMLWriter()
    appendResults(Self.namespaces, &xml)
    return xml
  }

  /// `jobs` lie at `root`.
  static func list(_ jobs: [JobEntry], root: String) -> XMLWriter {
    var xml = XMLWriter()
    xml.element("uws:jobs", namespaces + [("version", "1.1")]) { xml in
      for job in jobs {
        let link: [(name: String, value: String?)] = [
          ("id", job.id), ("xlink:type", "simple"), ("xlink:href", root + "/" + job.id),
        ]
        xml.element("uws:jobref", link) { xml in
          xml.element("uws:phase", text: job.state.phase.rawValue)
          xml.element("uws:runId", text: job.state.parameters.values("RUNID").first)
          xml.empty("uws:ownerId", [("xsi:nil", "true")])
          time("uws:creationTime", job.creation, &xml)
        }
      }
    }
    return xml
  }
}
