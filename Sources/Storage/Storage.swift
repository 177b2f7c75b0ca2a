// Tables on disk: the manifest of committed versions, the database directory, segments (ORC files) with
// their sidecars of zones, loading in clustered order, the cache of decoded columns, and `TableSnapshot`,
// which is all that a scan sees.
