// Bit unpacking for ORC's integer runs: values of a fixed width, big-endian, most significant bit
// first. The portable body loads 8 bytes around each value; the AVX-512 VBMI body gathers the 8
// values of `width` bytes by one byte permutation and two variable shifts.
#include "ckernels.h"
#include <stdatomic.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef void (*unpack_function)(const uint8_t *, size_t, unsigned, size_t, uint64_t *);

static uint64_t one_value(const uint8_t *in, size_t bit, unsigned width) {
  uint64_t value = 0;
  size_t byte = bit >> 3;
  unsigned have = 8 - (unsigned)(bit & 7);
  value = in[byte++] & (0xffu >> (bit & 7));
  if (have >= width) return value >> (have - width);
  for (unsigned left = width - have; left > 0;) {
    unsigned take = left < 8 ? left : 8;
    value = value << take | in[byte++] >> (8 - take);
    left -= take;
  }
  return value;
}

void zij_unpack_portable(const uint8_t *in, size_t available, unsigned width, size_t count, uint64_t *out) {
  size_t i = 0, bit = 0;
  if (width <= 56) {
    for (; i < count && (bit >> 3) + 8 <= available; i++, bit += width) {
      uint64_t word;
      memcpy(&word, in + (bit >> 3), 8);
      out[i] = (__builtin_bswap64(word) << (bit & 7)) >> (64 - width);
    }
  }
  for (; i < count; i++, bit += width) out[i] = one_value(in, bit, width);
}

#if defined(__x86_64__)
static uint8_t byte_index[57][64];
static uint64_t bit_shift[57][8];

static void make_tables(void) {
  for (unsigned width = 1; width <= 56; width++)
    for (unsigned value = 0; value < 8; value++) {
      unsigned bit = value * width;
      bit_shift[width][value] = bit & 7;
      for (unsigned k = 0; k < 8; k++)
        byte_index[width][value * 8 + k] = (uint8_t)((bit >> 3) + 7 - k);
    }
}

__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static void
unpack_vbmi(const uint8_t *in, size_t available, unsigned width, size_t count, uint64_t *out) {
  if (width > 56) {
    zij_unpack_portable(in, available, width, count, out);
    return;
  }
  const __m512i index = _mm512_loadu_si512(byte_index[width]);
  const __m512i left = _mm512_loadu_si512(bit_shift[width]);
  const __m512i right = _mm512_set1_epi64(64 - (long long)width);
  size_t i = 0;
  for (; i + 8 <= count && available >= 64; i += 8, in += width, available -= width) {
    __m512i words = _mm512_permutexvar_epi8(index, _mm512_loadu_si512(in));
    _mm512_storeu_si512(out + i, _mm512_srlv_epi64(_mm512_sllv_epi64(words, left), right));
  }
  zij_unpack_portable(in, available, width, count - i, out + i);
}
#endif

static unpack_function choose(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw")) {
    make_tables();
    return unpack_vbmi;
  }
#endif
  return zij_unpack_portable;
}

void zij_unpack(const uint8_t *in, size_t available, unsigned width, size_t count, uint64_t *out) {
  static _Atomic(unpack_function) chosen;
  unpack_function f = atomic_load_explicit(&chosen, memory_order_acquire);
  if (!f) {
    f = choose();
    atomic_store_explicit(&chosen, f, memory_order_release);
  }
  f(in, available, width, count, out);
}
