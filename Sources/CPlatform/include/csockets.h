// Sockets and waiting for many of them, as far as Swift cannot call them itself.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/// Listens on a numeric IPv4 or IPv6 address; port 0 takes any free one. The descriptor, not blocking, or -1
/// with errno.
int zij_listen(const char *address, uint16_t port, int backlog);
/// Listens on a Unix socket at `path`, which only its owner may use. A socket that nobody listens on any more
/// gives way; anything else that is there stays: -1 with EADDRINUSE or EEXIST. `number` tells the socket's file
/// from others of that name.
int zij_listen_unix(const char *path, int backlog, uint64_t *number);
/// Removes the socket's file if it is still that one.
void zij_unlink_unix(const char *path, uint64_t number);
/// The port a socket is bound to, or 0.
uint16_t zij_bound_port(int fd);
/// Whether a numeric address is this machine's own: 1, 0, or -1 if it is no address.
int zij_is_loopback(const char *address);
/// Accepts a connection, not blocking and without delay of small packets: its descriptor, or -1 with errno.
int zij_accept(int listener);
/// Connects to an address, waiting at most so long: a blocking descriptor, or -1 with errno.
int zij_connect(const struct sockaddr *address, socklen_t length, int milliseconds);
/// Waits at most so long for bytes, or for their end: 1, 0 if none came, or -1 with errno.
int zij_wait_received(int fd, int milliseconds);
ssize_t zij_receive(int fd, void *bytes, size_t count);
/// Looks at what has come without taking it.
ssize_t zij_peek(int fd, void *bytes, size_t count);
/// Sends without waiting and without SIGPIPE: bytes sent, or -1 with errno.
ssize_t zij_send(int fd, const void *bytes, size_t count);
void zij_shutdown_send(int fd);
void zij_close(int fd);
/// True if the last call failed only because it would have had to wait.
int zij_would_block(void);
/// True if the last call failed because this process or the machine has no descriptor or no memory to spare.
int zij_lacks_descriptors(void);
/// errno of the last call on this thread.
int zij_last_error(void);

/// A set of descriptors to wait for, with a number each.
int zij_poll_create(void);
enum { ZIJ_POLL_READ = 1, ZIJ_POLL_WRITE = 2, ZIJ_POLL_HANGUP = 4, ZIJ_POLL_ERROR = 8 };
/// Adds (`isNew`) or changes a descriptor: what to wait for, and whether for once only. 0, or -1 with errno.
int zij_poll_set(int set, int fd, int isNew, int wanted, int once, uint64_t number);
void zij_poll_remove(int set, int fd);
/// Waits, at most so long, for up to `most` descriptors: how many, their numbers and what has happened.
int zij_poll_wait(int set, uint64_t *numbers, int *happened, int most, int milliseconds);
/// A descriptor that `zij_event_raise` makes readable and `zij_event_clear` unreadable.
int zij_event_create(void);
void zij_event_raise(int fd);
void zij_event_clear(int fd);

/// Servers: blocks SIGTERM, SIGINT and SIGHUP in this and all later threads, and ignores SIGPIPE.
void zij_block_server_signals(void);
/// Waits for one of those, at most so long (negative: for ever): its number, or 0.
int zij_wait_server_signal(int milliseconds);
/// Raises the limit of open files as far as it may go; the limit.
long zij_raise_file_limit(void);
/// Reads a line from the terminal without showing it, or from standard input if that is none; its length or -1.
long zij_read_secret(const char *prompt, char *line, size_t size);
