#define _GNU_SOURCE
#include "cplatform.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int zij_open(const char *path, int flags, unsigned mode) {
  int number = open(path, flags | O_CLOEXEC, mode);
  // A database of many segments needs more descriptors than most shells allow; only then is the
  // program's limit touched.
  if (number >= 0 || errno != EMFILE || zij_raise_file_limit() <= 0) return number;
  return open(path, flags | O_CLOEXEC, mode);
}

int zij_isatty(int fd) { return isatty(fd); }

int zij_terminal_columns(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int zij_terminal_rows(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

uint64_t zij_anonymous_bytes(void) {
  FILE *file = fopen("/proc/self/status", "r");
  if (!file) return 0;
  char line[256];
  unsigned long long kib = 0;
  while (fgets(line, sizeof line, file))
    if (sscanf(line, "RssAnon: %llu kB", &kib) == 1) break;
  fclose(file);
  return (uint64_t)kib * 1024;
}

const char *zij_error_text(int number) {
  const char *text = strerrordesc_np(number);
  return text ? text : "unknown error";
}

int zij_flock(int fd, int exclusive) { return flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB); }

int zij_funlock(int fd) { return flock(fd, LOCK_UN); }

int zij_clear_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

ssize_t zij_write_no_signal(int fd, const void *bytes, size_t count) {
  // The host program owns signal dispositions, so hold SIGPIPE back in this thread only, and take
  // away the one that this write raised unless one was pending before.
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  int was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  ssize_t written = write(fd, bytes, count);
  int number = errno;
  if (written < 0 && number == EPIPE && !was_pending) {
    struct timespec at_once = {0, 0};
    while (sigtimedwait(&pipe_signal, NULL, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = number;
  return written;
}

int zij_random_bytes(void *bytes, size_t count) {
  unsigned char *next = bytes;
  while (count > 0) {
    ssize_t got = getrandom(next, count, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    next += got;
    count -= (size_t)got;
  }
  return 0;
}

const char *zij_program_name(void) { return program_invocation_short_name; }

static volatile sig_atomic_t interrupt_count;

static void count_interrupt(int signal) {
  (void)signal;
  interrupt_count++;
}

void zij_catch_interrupts(void) {
  struct sigaction action = {0};
  sigemptyset(&action.sa_mask);
  action.sa_handler = count_interrupt;
  sigaction(SIGINT, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
}

int zij_interrupt_count(void) { return interrupt_count; }

void zij_clear_interrupts(void) { interrupt_count = 0; }

int zij_wait_readable(int fd, int milliseconds) {
  struct pollfd wanted = {.fd = fd, .events = POLLIN};
  return poll(&wanted, 1, milliseconds) > 0;
}

int zij_run_command(const char *command) {
  // An ignored signal stays ignored in children, which count on SIGPIPE to end.
  signal(SIGPIPE, SIG_DFL);
  int status = system(command);
  signal(SIGPIPE, SIG_IGN);
  return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
