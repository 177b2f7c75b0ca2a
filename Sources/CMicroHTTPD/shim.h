// Functions of libmicrohttpd that Swift cannot call, because they take a variable list of options.
#pragma once
#include <microhttpd.h>

struct zij_http_options {
  int listening_socket;
  unsigned threads;
  unsigned connections;
  unsigned idle_seconds;
  size_t connection_bytes;
};

static inline struct MHD_Daemon *zij_http_start(
    struct zij_http_options options, void *context, MHD_AccessHandlerCallback access,
    void *(*target)(void *, const char *, struct MHD_Connection *),
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connection) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  // A pool of one thread is refused; the last option of the list is ignored then.
  enum MHD_OPTION pool = options.threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, access, context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)options.listening_socket,
      MHD_OPTION_CONNECTION_LIMIT, options.connections,
      MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options.connection_bytes,
      MHD_OPTION_URI_LOG_CALLBACK, target, context,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection, context,
      pool, options.threads, MHD_OPTION_END);
}

/// The socket of a connection, or -1.
static inline int zij_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? (int)info->connect_fd : -1;
}

/// What the connection's notification stored for it, or NULL.
static inline void *zij_http_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

static inline int zij_http_has_started(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

static inline int zij_http_is_whole(enum MHD_RequestTerminationCode code) {
  return code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
}

static inline void zij_http_each_header(
    struct MHD_Connection *connection, MHD_KeyValueIterator visit, void *context) {
  MHD_get_connection_values(connection, MHD_HEADER_KIND, visit, context);
}

/// A response with a copy of the bytes.
static inline struct MHD_Response *zij_http_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}
