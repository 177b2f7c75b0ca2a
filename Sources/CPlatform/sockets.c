#define _GNU_SOURCE
#include "include/csockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int close_failed(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} address_t;

static socklen_t read_address(const char *text, uint16_t port, address_t *out) {
  memset(out, 0, sizeof *out);
  if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(port);
    return sizeof out->v4;
  }
  if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(port);
    return sizeof out->v6;
  }
  return 0;
}

int zij_is_loopback(const char *text) {
  address_t address;
  if (read_address(text, 0, &address) == 0) return -1;
  if (address.any.sa_family == AF_INET) return ntohl(address.v4.sin_addr.s_addr) >> 24 == 127;
  return IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr) != 0;
}

int zij_listen(const char *text, uint16_t port, int backlog) {
  address_t address;
  socklen_t length = read_address(text, port, &address);
  if (length == 0) {
    errno = EINVAL;
    return -1;
  }
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, &address.any, length) != 0 || listen(fd, backlog) != 0) return close_failed(fd);
  return fd;
}

/// Whether a name is free for a socket, once a socket that nobody listens on has been removed.
static int make_room(const char *path, const struct sockaddr_un *address) {
  struct stat status;
  if (lstat(path, &status) != 0) return errno == ENOENT ? 0 : -1;
  if (!S_ISSOCK(status.st_mode)) {
    errno = EEXIST;
    return -1;
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int is_dead = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
  close(fd);
  if (is_dead) return unlink(path);
  errno = EADDRINUSE;
  return -1;
}

int zij_listen_unix(const char *path, int backlog, uint64_t *number) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct stat status;
  if (make_room(path, &address) != 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
    return close_failed(fd);
  if (chmod(path, 0600) != 0 || lstat(path, &status) != 0 || listen(fd, backlog) != 0) return close_failed(fd);
  *number = status.st_ino;
  return fd;
}

void zij_unlink_unix(const char *path, uint64_t number) {
  struct stat status;
  if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode) && status.st_ino == number) unlink(path);
}

uint16_t zij_bound_port(int fd) {
  address_t address;
  socklen_t length = sizeof address;
  if (getsockname(fd, &address.any, &length) != 0) return 0;
  if (address.any.sa_family == AF_INET) return ntohs(address.v4.sin_port);
  if (address.any.sa_family == AF_INET6) return ntohs(address.v6.sin6_port);
  return 0;
}

int zij_accept(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return -1;
  int on = 1;
  // Fails on Unix sockets, where nothing is delayed.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return fd;
}

int zij_connect(const struct sockaddr *address, socklen_t length, int milliseconds) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, address, length) != 0) {
    if (errno != EINPROGRESS) return close_failed(fd);
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int ready = poll(&wanted, 1, milliseconds);
    if (ready == 0) errno = ETIMEDOUT;
    if (ready <= 0) return close_failed(fd);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      errno = error;
      return close_failed(fd);
    }
  }
  int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  int on = 1;
  // Fails on Unix sockets, where nothing is delayed.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int zij_wait_received(int fd, int milliseconds) {
  struct pollfd wanted = {.fd = fd, .events = POLLIN};
  return poll(&wanted, 1, milliseconds);
}

ssize_t zij_receive(int fd, void *bytes, size_t count) {
  ssize_t got;
  do got = recv(fd, bytes, count, 0);
  while (got < 0 && errno == EINTR);
  return got;
}

ssize_t zij_peek(int fd, void *bytes, size_t count) {
  ssize_t got;
  do got = recv(fd, bytes, count, MSG_PEEK);
  while (got < 0 && errno == EINTR);
  return got;
}

ssize_t zij_send(int fd, const void *bytes, size_t count) {
  ssize_t sent;
  do sent = send(fd, bytes, count, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

void zij_shutdown_send(int fd) { shutdown(fd, SHUT_WR); }
void zij_close(int fd) { close(fd); }
int zij_would_block(void) { return errno == EAGAIN || errno == EWOULDBLOCK; }

int zij_lacks_descriptors(void) {
  return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

int zij_last_error(void) { return errno; }

int zij_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int zij_poll_set(int set, int fd, int isNew, int wanted, int once, uint64_t number) {
  struct epoll_event event = {.data.u64 = number};
  if (wanted & ZIJ_POLL_READ) event.events |= EPOLLIN;
  if (wanted & ZIJ_POLL_WRITE) event.events |= EPOLLOUT;
  if (wanted & ZIJ_POLL_HANGUP) event.events |= EPOLLRDHUP;
  if (once) event.events |= EPOLLONESHOT;
  return epoll_ctl(set, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
}

void zij_poll_remove(int set, int fd) { epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL); }

int zij_poll_wait(int set, uint64_t *numbers, int *happened, int most, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(set, events, most < 64 ? most : 64, milliseconds);
  for (int i = 0; i < count; i++) {
    numbers[i] = events[i].data.u64;
    happened[i] = (events[i].events & EPOLLIN ? ZIJ_POLL_READ : 0)
      | (events[i].events & EPOLLOUT ? ZIJ_POLL_WRITE : 0)
      | (events[i].events & EPOLLRDHUP ? ZIJ_POLL_HANGUP : 0)
      | (events[i].events & (EPOLLERR | EPOLLHUP) ? ZIJ_POLL_ERROR : 0);
  }
  return count;
}

int zij_event_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void zij_event_raise(int fd) {
  uint64_t one = 1;
  while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void zij_event_clear(int fd) {
  uint64_t count;
  while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

static void server_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGHUP);
}

void zij_block_server_signals(void) {
  sigset_t set;
  server_signals(&set);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  struct sigaction action = {.sa_handler = SIG_IGN};
  sigemptyset(&action.sa_mask);
  sigaction(SIGPIPE, &action, NULL);
}

int zij_wait_server_signal(int milliseconds) {
  sigset_t set;
  server_signals(&set);
  struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  int number;
  do number = sigtimedwait(&set, NULL, milliseconds < 0 ? NULL : &limit);
  while (number < 0 && errno == EINTR);
  return number < 0 ? 0 : number;
}

long zij_raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return (long)limit.rlim_cur;
}

long zij_read_secret(const char *prompt, char *line, size_t size) {
  struct termios shown, hidden;
  int is_terminal = tcgetattr(0, &shown) == 0;
  if (is_terminal) {
    fputs(prompt, stderr);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(0, TCSAFLUSH, &hidden);
  }
  char *got = fgets(line, (int)size, stdin);
  if (is_terminal) {
    tcsetattr(0, TCSAFLUSH, &shown);
    fputc('\n', stderr);
  }
  if (got == NULL) return -1;
  size_t length = strcspn(line, "\r\n");
  line[length] = 0;
  return (long)length;
}
