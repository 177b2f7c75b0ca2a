// Memory that grows to many megabytes. The C library would copy it each time, and stop for tens of
// milliseconds in the page faults of the copy; mapped memory moves by its page tables.
#define _GNU_SOURCE
#include "cplatform.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MAPPED_BYTES = 512 * 1024, PAGE_BYTES = 4096 };

static size_t mapped_size(size_t size) { return (size + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1); }

void *zij_growing_resize(void *memory, size_t old_size, size_t new_size) {
  if (new_size < MAPPED_BYTES && old_size < MAPPED_BYTES) return realloc(memory, new_size);
  if (old_size >= MAPPED_BYTES) {
    void *moved = mremap(memory, mapped_size(old_size), mapped_size(new_size), MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
  }
  void *mapped = mmap(NULL, mapped_size(new_size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return NULL;
  if (memory) memcpy(mapped, memory, old_size);
  free(memory);
  return mapped;
}

void *zij_growing_zeroed(size_t size) {
  if (size < MAPPED_BYTES) return calloc(1, size ? size : 1);
  return zij_growing_resize(NULL, 0, size);
}

void zij_growing_free(void *memory, size_t size) {
  if (size >= MAPPED_BYTES) munmap(memory, mapped_size(size));
  else free(memory);
}
