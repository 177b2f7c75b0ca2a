// Blocks of the sizes that vectors of 1024 rows have are made and freed some millions of times in a
// query. The C library takes a slow path for each (they are aligned, and too large for its caches by
// thread), so every thread keeps the last ones it freed.
#define _GNU_SOURCE
#include "cplatform.h"
#include <pthread.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ZIJ_PLAIN_BLOCKS 1
#endif
#endif

enum { ALIGNMENT = 64, SMALLEST_BITS = 7, LARGEST_BITS = 16, CLASSES = 2 * (LARGEST_BITS - SMALLEST_BITS) + 1 };
// A thread keeps at most this much of each size, about 2.5 MiB in all.
enum { KEPT_BYTES = 128 * 1024 };

struct block { struct block *next; };
struct kept { struct block *first; unsigned count; };

static __thread struct kept kept[CLASSES];
static __thread int is_registered;
static pthread_key_t at_exit_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Sizes are 2^n and 3 * 2^(n-1), each with a cache line of padding behind.
static size_t class_size(int class) {
  size_t power = (size_t)1 << (class / 2 + SMALLEST_BITS);
  return power + (class & 1 ? power / 2 : 0) + ALIGNMENT;
}

// The smallest class that holds `size` bytes, or -1.
static int class_of(size_t size) {
#ifdef ZIJ_PLAIN_BLOCKS
  (void)size;
  return -1;
#else
  if (size <= class_size(0)) return 0;
  if (size > class_size(CLASSES - 1)) return -1;
  int class = 2 * (64 - __builtin_clzl(size - ALIGNMENT - 1) - SMALLEST_BITS);
  return size <= class_size(class - 1) ? class - 1 : class;
#endif
}

static void free_kept(void *unused) {
  (void)unused;
  for (int class = 0; class < CLASSES; class++) {
    struct block *block = kept[class].first;
    kept[class].first = NULL;
    // What is freed while the thread ends goes back at once.
    kept[class].count = ~0u;
    while (block) {
      struct block *next = block->next;
      free(block);
      block = next;
    }
  }
}

static void make_key(void) { pthread_key_create(&at_exit_key, free_kept); }

void *zij_block_take(size_t size) {
  int class = class_of(size);
  if (class >= 0) {
    struct block *block = kept[class].first;
    if (block) {
      kept[class].first = block->next;
      kept[class].count--;
      return block;
    }
    size = class_size(class);
  }
  void *memory = NULL;
  return posix_memalign(&memory, ALIGNMENT, size) == 0 ? memory : NULL;
}

void zij_block_give(void *memory, size_t size) {
  int class = class_of(size);
  if (class < 0 || kept[class].count >= KEPT_BYTES / class_size(class)) return free(memory);
  if (!is_registered) {
    pthread_once(&once, make_key);
    pthread_setspecific(at_exit_key, &is_registered);
    is_registered = 1;
  }
  struct block *block = memory;
  block->next = kept[class].first;
  kept[class].first = block;
  kept[class].count++;
}
