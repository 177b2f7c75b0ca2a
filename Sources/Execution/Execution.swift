// Running a physical plan: expression nodes, pipelines of source, transforms and sink, one file an
// operator, hash tables and sorting. It knows no SQL text and no threads.
