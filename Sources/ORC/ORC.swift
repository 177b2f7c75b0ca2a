// The Apache ORC format, version 1: protobuf messages, run encodings one a file, codecs, a reader that
// trusts nothing it reads, and a writer of a strict profile with exact widths.
