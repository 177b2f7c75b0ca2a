// The Arrow columnar format, written from its specification: types and fields, the IPC stream with
// its FlatBuffers metadata, and the C data interface. It knows vectors and batches, but no queries.
