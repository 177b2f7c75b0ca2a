// Values stored without their NULLs move to their rows, in place and from behind: a value never
// moves forward, so what is overwritten has been read. AVX-512 has an instruction for it.
#include "ckernels.h"
#include <stdatomic.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef void (*expand64_function)(uint64_t *, size_t, const uint64_t *, size_t);
typedef void (*expand32_function)(uint32_t *, size_t, const uint64_t *, size_t);

static uint64_t bit(const uint64_t *words, size_t row) { return words[row >> 6] >> (row & 63) & 1; }

void zij_expand64_portable(uint64_t *values, size_t count, const uint64_t *words, size_t rows) {
  size_t source = count;
  for (size_t row = rows; row-- > 0;) {
    uint64_t valid = bit(words, row);
    source -= valid;
    values[row] = values[source] & (0 - valid);
  }
}

void zij_expand32_portable(uint32_t *values, size_t count, const uint64_t *words, size_t rows) {
  size_t source = count;
  for (size_t row = rows; row-- > 0;) {
    uint32_t valid = (uint32_t)bit(words, row);
    source -= valid;
    values[row] = values[source] & (0 - valid);
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void
expand64_avx512(uint64_t *values, size_t count, const uint64_t *words, size_t rows) {
  size_t source = count, row = rows;
  for (; row & 7;) {
    uint64_t valid = bit(words, --row);
    source -= valid;
    values[row] = values[source] & (0 - valid);
  }
  while (row > 0) {
    row -= 8;
    __mmask8 mask = (__mmask8)(words[row >> 6] >> (row & 63));
    source -= (size_t)__builtin_popcount(mask);
    _mm512_storeu_si512(values + row, _mm512_maskz_expandloadu_epi64(mask, values + source));
  }
}

__attribute__((target("avx512f"))) static void
expand32_avx512(uint32_t *values, size_t count, const uint64_t *words, size_t rows) {
  size_t source = count, row = rows;
  for (; row & 15;) {
    uint32_t valid = (uint32_t)bit(words, --row);
    source -= valid;
    values[row] = values[source] & (0 - valid);
  }
  while (row > 0) {
    row -= 16;
    __mmask16 mask = (__mmask16)(words[row >> 6] >> (row & 63));
    source -= (size_t)__builtin_popcount(mask);
    _mm512_storeu_si512(values + row, _mm512_maskz_expandloadu_epi32(mask, values + source));
  }
}
#endif

static int has_avx512(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return 0;
#endif
}

void zij_expand64(uint64_t *values, size_t count, const uint64_t *words, size_t rows) {
  static _Atomic(expand64_function) chosen;
  expand64_function f = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (!f) {
    f = zij_expand64_portable;
#if defined(__x86_64__)
    if (has_avx512()) f = expand64_avx512;
#endif
    atomic_store_explicit(&chosen, f, memory_order_relaxed);
  }
  f(values, count, words, rows);
}

void zij_expand32(uint32_t *values, size_t count, const uint64_t *words, size_t rows) {
  static _Atomic(expand32_function) chosen;
  expand32_function f = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (!f) {
    f = zij_expand32_portable;
#if defined(__x86_64__)
    if (has_avx512()) f = expand32_avx512;
#endif
    atomic_store_explicit(&chosen, f, memory_order_relaxed);
  }
  f(values, count, words, rows);
}
