import Base

/// Plans as text: an S-expression on one line that says everything and reads back the same.
///
///     (sort (filter (scan "public" "gaia" (columns 0 2) (types "bigint" "real")
///       (names "source_id" "g") (output 0 1) (filters) anywhere)
///       (call "<" "boolean" ("real" "real") (column 1 "real") (literal (real 12.5) "real")))
///       (desc first (column 0 "bigint")))
///
/// | part | form |
/// |---|---|
/// | plans | `(scan …)` `(singlerow)` `(values …)` `(function …)` `(file …)` `(filter …)` … |
/// | expressions | `(column 0 "real")` `(literal 1 "bigint")` `(call …)` `(and …)` `(in …)` … |
/// | values | `null` `true` `-12` `1.5` `"text"` `(real 1.5)` `(decimal 150 2)` `(list 1 2)` … |
/// | types | `LogicalType.description` in quotes |
///
/// Inputs come first, so that a reader knows the columns an expression may read. Doubles are the
/// shortest digits that give them back, `inf`, `-inf`, or for NaNs `nan:` and the bits. The place
/// of a call in the SQL text is not written: it is not part of a plan's identity.
extension PhysicalPlan {
  public var text: String {
    var writer = PlanTextWriter()
    writer.write(self)
    return writer.text
  }

  /// Reads what `text` writes and trusts nothing: forms, nesting, counts, and that every column an
  /// expression reads is there with that type. Errors are `.dataCorrupted` and name the byte.
  public init(text: String) throws(SQLError) {
    var reader = PlanTextReader(text)
    self = try reader.readWholePlan()
  }
}
