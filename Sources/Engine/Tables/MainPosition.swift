import Catalog

/// The columns that say where on the sky a catalogue's rows are, known by their UCDs.
///
/// The words of the IVOA's UCD1+ vocabulary (version 1.5): `pos.eq.ra;meta.main` and
/// `pos.eq.dec;meta.main`, in any case of letters.
struct MainPosition {
  let lon: String
  let lat: String

  /// Nil unless each UCD is on exactly one column, a double in degrees (or in no unit at all).
  init?(in columns: [ColumnDefinition]) {
    guard let lon = Self.only("pos.eq.ra;meta.main", in: columns),
      let lat = Self.only("pos.eq.dec;meta.main", in: columns)
    else { return nil }
    self.lon = lon
    self.lat = lat
  }

  private static func only(_ ucd: String, in columns: [ColumnDefinition]) -> String? {
    let found = columns.filter { column in
      column.ucd?.lowercased().filter { $0 != " " } == ucd
    }
    guard found.count == 1, let column = found.first, column.type == .float64,
      [nil, "", "deg"].contains(column.unit)
    else { return nil }
    return column.name
  }
}
