/// What PostgreSQL's clients ask a server for and cannot change.
enum FixedSettings {
  static let all: [String: String] = [
    "server_version": "15.0 (Zij)", "server_version_num": "150000", "server_encoding": "UTF8",
    "standard_conforming_strings": "on", "integer_datetimes": "on", "max_identifier_length": "63",
    "max_index_keys": "32", "block_size": "8192", "transaction_isolation": "repeatable read",
    "default_transaction_isolation": "repeatable read", "transaction_read_only": "off",
    "default_transaction_read_only": "off", "in_hot_standby": "off", "is_superuser": "on",
    "lc_collate": "C", "lc_ctype": "C", "search_path": "pg_catalog, public", "jit": "off",
  ]
}
