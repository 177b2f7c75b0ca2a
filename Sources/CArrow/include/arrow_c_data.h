// The structures of Arrow's C data and C stream interfaces, from their specification
// (Apache Arrow, "The Arrow C data interface" and "The Arrow C stream interface"): the names and the
// order of fields are the binary interface. Only what the structures hold is declared here.
#pragma once
#include <stdint.h>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

/// A type: a format text, a name, metadata, children. Released is who has no `release`.
struct ArrowSchema {
  const char *format;
  const char *name;
  /// Pairs: int32 count, then for each key and value an int32 size and the bytes.
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

/// Values: buffers in the order that the type says, children, a dictionary.
struct ArrowArray {
  int64_t length;
  /// -1 when nobody has counted.
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

/// Arrays of one type, one after the other; the functions give 0 or an errno.
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  /// At the end `out` has no `release`.
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  /// Valid until the next call.
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif
