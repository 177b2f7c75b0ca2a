#include "ckernels.h"
#include <stdatomic.h>
#include <string.h>

typedef uint32_t (*crc_function)(uint32_t, const uint8_t *, size_t);

static uint32_t table[256];
static _Atomic int table_ready;

static void make_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    table[i] = c;
  }
  atomic_store(&table_ready, 1);
}

static uint32_t crc_portable(uint32_t crc, const uint8_t *p, size_t n) {
  if (!atomic_load(&table_ready)) make_table();
  while (n--) crc = table[(crc ^ *p++) & 255] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t crc, const uint8_t *p, size_t n) {
  uint64_t c = crc;
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    c = __builtin_ia32_crc32di(c, word);
  }
  while (n--) c = __builtin_ia32_crc32qi((uint32_t)c, *p++);
  return (uint32_t)c;
}
#endif

static crc_function choose(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc_sse42;
#endif
  return crc_portable;
}

uint32_t zij_crc32c(uint32_t crc, const void *bytes, size_t size) {
  static _Atomic(crc_function) chosen;
  crc_function f = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (!f) {
    f = choose();
    atomic_store_explicit(&chosen, f, memory_order_relaxed);
  }
  return ~f(~crc, bytes, size);
}
