/// What the service can do (VOSI 1.1, section 2; TAPRegExt 1.0).
struct CapabilitiesDocument {
  var root: String
  var features: LanguageFeatures
  var options: TAPOptions

  var xml: XMLWriter {
    var xml = XMLWriter()
    xml.element(
      "vosi:capabilities",
      [
        ("xmlns:vosi", Namespace.capabilities), ("xmlns:tr", Namespace.tapRegExt),
        ("xmlns:vr", Namespace.resource), ("xmlns:vs", Namespace.dataService),
        ("xmlns:xsi", Namespace.instance),
      ]
    ) { xml in
      appendTableAccess(to: &xml)
      for (standard, path) in [
        ("VOSI#capabilities", "capabilities"), ("VOSI#availability", "availability"),
        ("VOSI#tables-1.1", "tables"),
      ] {
        xml.element("capability", [("standardID", "ivo://ivoa.net/std/" + standard)]) { xml in
          xml.element("interface", [("xsi:type", "vs:ParamHTTP"), ("role", "std")]) { xml in
            xml.element("accessURL", [("use", "full")], text: "\(root)/\(path)")
          }
        }
      }
      xml.element("capability", [("standardID", "ivo://ivoa.net/std/DALI#examples")]) { xml in
        xml.element("interface", [("xsi:type", "vr:WebBrowser")]) { xml in
          xml.element("accessURL", [("use", "full")], text: root + "/examples")
        }
      }
    }
    return xml
  }

  private func appendTableAccess(to xml: inout XMLWriter) {
    xml.element(
      "capability", [("standardID", "ivo://ivoa.net/std/TAP"), ("xsi:type", "tr:TableAccess")]
    ) { xml in
      let interface: [(name: String, value: String?)] = [
        ("xsi:type", "vs:ParamHTTP"), ("role", "std"), ("version", "1.1"),
      ]
      xml.element("interface", interface) { xml in
        xml.element("accessURL", [("use", "base")], text: root)
      }
      appendLanguages(to: &xml)
      for format in TAPFormat.all {
        xml.element("outputFormat", [("ivo-id", format.identifier)]) { xml in
          xml.element("mime", text: format.mediaType)
          for name in format.names { xml.element("alias", text: name) }
        }
      }
      appendLimits(to: &xml)
    }
  }

  private func appendLanguages(to xml: inout XMLWriter) {
    xml.element("language") { xml in
      xml.element("name", text: "ADQL")
      for version in ["2.0", "2.1"] {
        xml.element(
          "version", [("ivo-id", "ivo://ivoa.net/std/ADQL#v" + version)], text: version)
      }
      xml.element(
        "description",
        text: "LANG=ADQL also takes what is unambiguous beyond the standard, such as LIMIT and"
          + " CASE; ADQL-2.0 and ADQL-2.1 take just the standard.")
      for group in features.groups {
        xml.element("languageFeatures", [("type", group.identifier)]) { xml in
          for feature in group.forms {
            xml.element("feature") { xml in
              xml.element("form", text: feature.form)
              xml.element("description", text: feature.description)
            }
          }
        }
      }
    }
    xml.element("language") { xml in
      xml.element("name", text: "SQL")
      xml.element("version", text: "PostgreSQL")
      xml.element("description", text: "Queries in the dialect of PostgreSQL")
    }
  }

  private func appendLimits(to xml: inout XMLWriter) {
    xml.element("retentionPeriod") { xml in
      xml.element("default", text: String(options.retentionSeconds))
    }
    if options.jobSeconds > 0 {
      xml.element("executionDuration") { xml in
        xml.element("default", text: String(options.jobSeconds))
        xml.element("hard", text: String(options.jobSeconds))
      }
    }
    if let limit = options.rowLimit {
      xml.element("outputLimit") { xml in
        xml.element("default", [("unit", "row")], text: String(limit))
        xml.element("hard", [("unit", "row")], text: String(limit))
      }
    }
  }
}
