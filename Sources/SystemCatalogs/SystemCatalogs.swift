// The tables by which clients get to know a database: PostgreSQL 15's pg_catalog and the standard's
// information_schema, computed from the catalogue when a query reads them. Columns and the rows of
// built-in types are facts, kept as text in `Facts`; what our own tables give is in `Rows`.
