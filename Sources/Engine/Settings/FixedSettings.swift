/// What PostgreSQL's clients ask a server for and cannot change.
enum FixedSettings {
  static let all: [String: String] = [
    "server_version": "15.0 (Zij)", "server_version_num": "150000", "server_encoding": "UTF8",
    "integer_datetimes": "on", "max_identifier_length": "63", "max_index_keys": "32",
    "block_size": "8192", "transaction_isolation": "read committed", "transaction_read_only": "off",
    "in_hot_standby": "off", "is_superuser": "on", "lc_collate": "C", "lc_ctype": "C",
  ]

  /// Settings of PostgreSQL that its clients change, and that change nothing here.
  static let ignored: [String: String] = [
    "backslash_quote": "safe_encoding", "bytea_output": "hex", "check_function_bodies": "on",
    "client_min_messages": "notice", "default_table_access_method": "heap", "default_tablespace": "",
    "default_transaction_deferrable": "off", "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off", "enable_seqscan": "on", "escape_string_warning": "on",
    "extra_float_digits": "1", "idle_in_transaction_session_timeout": "0",
    "intervalstyle": "postgres", "jit": "off", "lc_messages": "C", "lc_monetary": "C",
    "lc_numeric": "C", "lc_time": "C", "lock_timeout": "0", "role": "none", "row_security": "on",
    "search_path": "\"$user\", public", "session_authorization": "",
    "standard_conforming_strings": "on", "synchronize_seqscans": "on", "synchronous_commit": "on",
    "work_mem": "4MB", "xmloption": "content",
  ]
}
