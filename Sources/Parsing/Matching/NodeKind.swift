/// The rules whose matches the lowering looks at, by their names in the grammar; all other rules are
/// transparent: their parts belong to the node around them.
enum NodeKind: String, CaseIterable, Sendable {
  // Of the tables of operators: an operator's token.
  case `operator` = "Operator"
  // tokens
  case name = "Name", label = "Label", qualifiedName = "QualifiedName", columns = "Columns"
  case alias = "Alias", typeName = "TypeName", typeWords = "TypeWords"
  case standardType = "StandardType", typeArgument = "TypeArgument", arraySuffix = "ArraySuffix"
  // select
  case topQuery = "TopQuery", query = "Query", with = "With", commonTable = "CommonTable"
  case select = "Select", values = "Values", nestedQuery = "NestedQuery", row = "Row"
  case distinct = "Distinct", top = "Top", count = "Count"
  case selectItem = "SelectItem", allColumns = "AllColumns"
  case from = "From", tableReference = "TableReference", derivedTable = "DerivedTable"
  case nestedJoin = "NestedJoin", fileTable = "FileTable", fileName = "FileName"
  case namedTable = "NamedTable", tableArguments = "TableArguments", tableAlias = "TableAlias"
  case join = "Join", natural = "Natural", cross = "Cross", leftJoin = "LeftJoin"
  case rightJoin = "RightJoin", fullJoin = "FullJoin", on = "On", using = "Using"
  case `where` = "Where", groupBy = "GroupBy", having = "Having", orderBy = "OrderBy"
  case sortItem = "SortItem", descending = "Descending", nullsFirst = "NullsFirst"
  case nullsLast = "NullsLast", limit = "Limit", offset = "Offset", fetch = "Fetch"
  case standardOffset = "StandardOffset"
  // expressions
  case expression = "Expression", `is` = "Is", between = "Between", `in` = "In", like = "Like"
  case ilike = "Ilike", escape = "Escape", not = "Not", typeCast = "TypeCast"
  case subscripted = "Subscript", literal = "Literal", null = "Null", `true` = "True"
  case `false` = "False", unknown = "Unknown", typedLiteral = "TypedLiteral"
  case parameter = "Parameter", caseWhen = "Case", caseOperand = "CaseOperand", when = "When"
  case otherwise = "Else", cast = "Cast", exists = "Exists", array = "Array"
  case subquery = "Subquery", parenthesised = "Parenthesised", call = "Call"
  case functionWord = "FunctionWord", arguments = "Arguments", star = "Star", filter = "Filter"
  case column = "Column"
  // statements
  case createTable = "CreateTable", ifNotExists = "IfNotExists"
  case columnDefinition = "ColumnDefinition", notNull = "NotNull", unit = "Unit", ucd = "UCD"
  case utype = "Utype", description = "Description", clusterBy = "ClusterBy", sky = "Sky"
  case dropTable = "DropTable", ifExists = "IfExists", insert = "Insert", copy = "Copy"
  case copyFrom = "CopyFrom", copyOption = "CopyOption", legacyOption = "LegacyOption"
  case csv = "CSV", binary = "Binary", header = "Header", explain = "Explain"
  case analyze = "Analyze", set = "Set", `default` = "Default", setting = "Setting", sign = "Sign"
  case word = "Word", reset = "Reset", show = "Show"
}
