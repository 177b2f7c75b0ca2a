/// Whether the service can be used (VOSI 1.1, section 3).
struct AvailabilityDocument {
  var startMicroseconds: Int64

  var xml: XMLWriter {
    var xml = XMLWriter()
    xml.element("vosi:availability", [("xmlns:vosi", Namespace.availability)]) { xml in
      xml.element("vosi:available", text: "true")
      xml.element("vosi:upSince", text: VOTime.text(microseconds: startMicroseconds))
    }
    return xml
  }
}
