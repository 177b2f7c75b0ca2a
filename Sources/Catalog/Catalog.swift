// What users call tables: names, columns with unit, UCD and description, order; stored, in memory or
// virtual. A `CatalogSnapshot` is what one statement sees.
