// Small shims over the C library for what Swift cannot call: variadic functions and macros.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int zij_open(const char *path, int flags, unsigned mode);
int zij_isatty(int fd);
/// Columns of the terminal behind `fd`, or 0.
int zij_terminal_columns(int fd);
int zij_terminal_rows(int fd);
/// Resident anonymous memory of this process in bytes (RssAnon of /proc/self/status), or 0.
uint64_t zij_anonymous_bytes(void);
