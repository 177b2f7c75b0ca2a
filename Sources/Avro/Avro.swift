// The Apache Avro format, version 1.11: schemas and their resolution, object container files, and a
// decoder that turns records straight into vectors, trusting nothing it reads.
