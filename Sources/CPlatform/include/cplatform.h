// Small shims over the C library for what Swift cannot call: variadic functions and macros.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "csockets.h"

int zij_open(const char *path, int flags, unsigned mode);
int zij_isatty(int fd);
/// Columns of the terminal behind `fd`, or 0.
int zij_terminal_columns(int fd);
int zij_terminal_rows(int fd);
/// Resident anonymous memory of this process in bytes (RssAnon of /proc/self/status), or 0.
uint64_t zij_anonymous_bytes(void);

/// English text for an errno, independent of the host program's locale; never NULL.
const char *zij_error_text(int number);
/// Takes the flock of `fd` without waiting: 0, or -1 with errno.
int zij_flock(int fd, int exclusive);
/// Gives back the flock of `fd`, also for the copies that forked processes have.
int zij_funlock(int fd);
/// Makes later writes to `fd` wait again.
int zij_clear_nonblocking(int fd);
/// write(2) that answers EPIPE for a pipe nobody reads, and never raises SIGPIPE.
ssize_t zij_write_no_signal(int fd, const void *bytes, size_t count);
/// Fills `bytes` from the system's random source: 0, or -1 with errno.
int zij_random_bytes(void *bytes, size_t count);
/// The running program's name without its directory; never NULL.
const char *zij_program_name(void);

/// Interactive programs: from now on SIGINT only counts, and SIGPIPE is ignored. System calls that
/// wait are interrupted.
void zij_catch_interrupts(void);
/// Interrupts since the last call of `zij_clear_interrupts`.
int zij_interrupt_count(void);
void zij_clear_interrupts(void);
/// Waits until `fd` has something to read: 1, or 0 when a signal or the time limit came first.
/// A negative limit waits for ever.
int zij_wait_readable(int fd, int milliseconds);
/// Runs a command with the shell and gives its exit status, or -1.
int zij_run_command(const char *command);

/// Bytes of stack that the calling thread has left, as far as the system tells; SIZE_MAX if it does not.
size_t zij_stack_left(void);

/// Memory of `size` bytes, a multiple of 64, aligned to 64; NULL if there is none. Uninitialised.
void *zij_block_take(size_t size);
/// Gives back memory taken with the same `size`.
void zij_block_give(void *memory, size_t size);

/// Memory of `new_size` bytes that begins with the `old_size` bytes of `memory`, which is given up
/// (NULL and 0 for none); NULL if there is none. From half a megabyte on nothing is copied.
void *zij_growing_resize(void *memory, size_t old_size, size_t new_size);
/// The same from nothing, all zeros.
void *zij_growing_zeroed(size_t size);
/// Gives back memory of these two, with the size it was last given.
void zij_growing_free(void *memory, size_t size);
