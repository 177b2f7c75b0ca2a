#include "arrow_c_data.h"
#include "adbc.h"
#include <stddef.h>

// Others call through these structures by offset: a field too many is a crash in somebody's process.
_Static_assert(sizeof(struct ArrowSchema) == 72, "layout of ArrowSchema");
_Static_assert(sizeof(struct ArrowArray) == 80, "layout of ArrowArray");
_Static_assert(sizeof(struct ArrowArrayStream) == 40, "layout of ArrowArrayStream");
_Static_assert(offsetof(struct AdbcError, private_data) == 32, "AdbcError of version 1.0.0");
_Static_assert(sizeof(struct AdbcError) == 48, "AdbcError of version 1.1.0");
_Static_assert(
    offsetof(struct AdbcDriver, ErrorGetDetailCount) == 29 * sizeof(void *),
    "AdbcDriver of version 1.0.0");
_Static_assert(
    sizeof(struct AdbcDriver) == 58 * sizeof(void *), "AdbcDriver of version 1.1.0");
