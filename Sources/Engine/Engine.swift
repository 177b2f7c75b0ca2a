// The embedded database: `Database`, `Session`, `ResultStream`, `TableAppender`, the statements that are
// not queries, and the protocols by which file formats join in.
