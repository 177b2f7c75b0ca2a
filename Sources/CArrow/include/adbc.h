// The structures of ADBC 1.1.0, Arrow Database Connectivity, from its specification: what a driver
// manager and a driver hand each other. The order of the function pointers is the binary interface.
#pragma once
#include "arrow_c_data.h"
#include <stddef.h>
#include <stdint.h>

typedef uint8_t AdbcStatusCode;

struct AdbcDriver;

struct AdbcError {
  char *message;
  /// INT32_MIN from callers that know the two last fields.
  int32_t vendor_code;
  char sqlstate[5];
  void (*release)(struct AdbcError *error);
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcErrorDetail {
  const char *key;
  const uint8_t *value;
  size_t value_length;
};

struct AdbcDatabase {
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcConnection {
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcStatement {
  void *private_data;
  struct AdbcDriver *private_driver;
};

struct AdbcPartitions {
  size_t num_partitions;
  const uint8_t **partitions;
  const size_t *partition_lengths;
  void *private_data;
  void (*release)(struct AdbcPartitions *partitions);
};

#define DATABASE struct AdbcDatabase *
#define CONNECTION struct AdbcConnection *
#define STATEMENT struct AdbcStatement *
#define ERROR struct AdbcError *

struct AdbcDriver {
  void *private_data;
  void *private_manager;
  AdbcStatusCode (*release)(struct AdbcDriver *, ERROR);

  AdbcStatusCode (*DatabaseInit)(DATABASE, ERROR);
  AdbcStatusCode (*DatabaseNew)(DATABASE, ERROR);
  AdbcStatusCode (*DatabaseSetOption)(DATABASE, const char *, const char *, ERROR);
  AdbcStatusCode (*DatabaseRelease)(DATABASE, ERROR);

  AdbcStatusCode (*ConnectionCommit)(CONNECTION, ERROR);
  AdbcStatusCode (*ConnectionGetInfo)(
      CONNECTION, const uint32_t *, size_t, struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*ConnectionGetObjects)(
      CONNECTION, int, const char *, const char *, const char *, const char **, const char *,
      struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*ConnectionGetTableSchema)(
      CONNECTION, const char *, const char *, const char *, struct ArrowSchema *, ERROR);
  AdbcStatusCode (*ConnectionGetTableTypes)(CONNECTION, struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*ConnectionInit)(CONNECTION, DATABASE, ERROR);
  AdbcStatusCode (*ConnectionNew)(CONNECTION, ERROR);
  AdbcStatusCode (*ConnectionSetOption)(CONNECTION, const char *, const char *, ERROR);
  AdbcStatusCode (*ConnectionReadPartition)(
      CONNECTION, const uint8_t *, size_t, struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*ConnectionRelease)(CONNECTION, ERROR);
  AdbcStatusCode (*ConnectionRollback)(CONNECTION, ERROR);

  AdbcStatusCode (*StatementBind)(STATEMENT, struct ArrowArray *, struct ArrowSchema *, ERROR);
  AdbcStatusCode (*StatementBindStream)(STATEMENT, struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*StatementExecuteQuery)(STATEMENT, struct ArrowArrayStream *, int64_t *, ERROR);
  AdbcStatusCode (*StatementExecutePartitions)(
      STATEMENT, struct ArrowSchema *, struct AdbcPartitions *, int64_t *, ERROR);
  AdbcStatusCode (*StatementGetParameterSchema)(STATEMENT, struct ArrowSchema *, ERROR);
  AdbcStatusCode (*StatementNew)(CONNECTION, STATEMENT, ERROR);
  AdbcStatusCode (*StatementPrepare)(STATEMENT, ERROR);
  AdbcStatusCode (*StatementRelease)(STATEMENT, ERROR);
  AdbcStatusCode (*StatementSetOption)(STATEMENT, const char *, const char *, ERROR);
  AdbcStatusCode (*StatementSetSqlQuery)(STATEMENT, const char *, ERROR);
  AdbcStatusCode (*StatementSetSubstraitPlan)(STATEMENT, const uint8_t *, size_t, ERROR);

  // From here on only for callers of version 1.1.0.
  int (*ErrorGetDetailCount)(const struct AdbcError *);
  struct AdbcErrorDetail (*ErrorGetDetail)(const struct AdbcError *, int);
  const struct AdbcError *(*ErrorFromArrayStream)(struct ArrowArrayStream *, AdbcStatusCode *);

  AdbcStatusCode (*DatabaseGetOption)(DATABASE, const char *, char *, size_t *, ERROR);
  AdbcStatusCode (*DatabaseGetOptionBytes)(DATABASE, const char *, uint8_t *, size_t *, ERROR);
  AdbcStatusCode (*DatabaseGetOptionDouble)(DATABASE, const char *, double *, ERROR);
  AdbcStatusCode (*DatabaseGetOptionInt)(DATABASE, const char *, int64_t *, ERROR);
  AdbcStatusCode (*DatabaseSetOptionBytes)(DATABASE, const char *, const uint8_t *, size_t, ERROR);
  AdbcStatusCode (*DatabaseSetOptionDouble)(DATABASE, const char *, double, ERROR);
  AdbcStatusCode (*DatabaseSetOptionInt)(DATABASE, const char *, int64_t, ERROR);

  AdbcStatusCode (*ConnectionCancel)(CONNECTION, ERROR);
  AdbcStatusCode (*ConnectionGetOption)(CONNECTION, const char *, char *, size_t *, ERROR);
  AdbcStatusCode (*ConnectionGetOptionBytes)(CONNECTION, const char *, uint8_t *, size_t *, ERROR);
  AdbcStatusCode (*ConnectionGetOptionDouble)(CONNECTION, const char *, double *, ERROR);
  AdbcStatusCode (*ConnectionGetOptionInt)(CONNECTION, const char *, int64_t *, ERROR);
  AdbcStatusCode (*ConnectionGetStatistics)(
      CONNECTION, const char *, const char *, const char *, char, struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*ConnectionGetStatisticNames)(CONNECTION, struct ArrowArrayStream *, ERROR);
  AdbcStatusCode (*ConnectionSetOptionBytes)(
      CONNECTION, const char *, const uint8_t *, size_t, ERROR);
  AdbcStatusCode (*ConnectionSetOptionDouble)(CONNECTION, const char *, double, ERROR);
  AdbcStatusCode (*ConnectionSetOptionInt)(CONNECTION, const char *, int64_t, ERROR);

  AdbcStatusCode (*StatementCancel)(STATEMENT, ERROR);
  AdbcStatusCode (*StatementExecuteSchema)(STATEMENT, struct ArrowSchema *, ERROR);
  AdbcStatusCode (*StatementGetOption)(STATEMENT, const char *, char *, size_t *, ERROR);
  AdbcStatusCode (*StatementGetOptionBytes)(STATEMENT, const char *, uint8_t *, size_t *, ERROR);
  AdbcStatusCode (*StatementGetOptionDouble)(STATEMENT, const char *, double *, ERROR);
  AdbcStatusCode (*StatementGetOptionInt)(STATEMENT, const char *, int64_t *, ERROR);
  AdbcStatusCode (*StatementSetOptionBytes)(
      STATEMENT, const char *, const uint8_t *, size_t, ERROR);
  AdbcStatusCode (*StatementSetOptionDouble)(STATEMENT, const char *, double, ERROR);
  AdbcStatusCode (*StatementSetOptionInt)(STATEMENT, const char *, int64_t, ERROR);
};

#undef DATABASE
#undef CONNECTION
#undef STATEMENT
#undef ERROR
