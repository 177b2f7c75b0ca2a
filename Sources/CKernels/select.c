#include "ckernels.h"
#include <stdatomic.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef size_t (*select_function)(const uint8_t *, size_t, uint16_t *);

static size_t select_portable(const uint8_t *mask, size_t count, uint16_t *out) {
  size_t k = 0;
  for (size_t i = 0; i < count; i++) {
    out[k] = (uint16_t)i;
    k += mask[i] != 0;
  }
  return k;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vbmi2"))) static size_t
select_vbmi2(const uint8_t *mask, size_t count, uint16_t *out) {
  static const uint16_t first[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                     16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
  __m512i index = _mm512_loadu_si512(first);
  const __m512i step = _mm512_set1_epi16(32);
  size_t k = 0, i = 0;
  for (; i + 32 <= count; i += 32) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(mask + i));
    uint32_t keep = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256()));
    _mm512_storeu_si512(out + k, _mm512_maskz_compress_epi16(keep, index));
    k += (size_t)__builtin_popcount(keep);
    index = _mm512_add_epi16(index, step);
  }
  for (; i < count; i++) {
    out[k] = (uint16_t)i;
    k += mask[i] != 0;
  }
  return k;
}
#endif

static select_function choose(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw")) return select_vbmi2;
#endif
  return select_portable;
}

size_t zij_select(const uint8_t *mask, size_t count, uint16_t *out) {
  static _Atomic(select_function) chosen;
  select_function f = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (!f) {
    f = choose();
    atomic_store_explicit(&chosen, f, memory_order_relaxed);
  }
  return f(mask, count, out);
}
