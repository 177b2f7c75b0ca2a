#define _GNU_SOURCE
#include "cplatform.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int zij_open(const char *path, int flags, unsigned mode) { return open(path, flags | O_CLOEXEC, mode); }

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
