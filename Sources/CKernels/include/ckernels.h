// The hot kernels that gain from SIMD bodies chosen at run time. Every kernel has a portable twin;
// both give the same bits (no FMA contraction, no reassociation other than the one written down).
#pragma once
#include <stddef.h>
#include <stdint.h>

/// crc32c (Castagnoli) of `size` bytes, continued from `crc` (0 to start).
uint32_t zij_crc32c(uint32_t crc, const void *bytes, size_t size);
/// Writes the indices i < count with mask[i] != 0 to `out` (room for count + 32); returns how many.
size_t zij_select(const uint8_t *mask, size_t count, uint16_t *out);
/// Unpacks `count` big-endian values of `width` bits (1-56 or 64), packed from the first bit of `in`,
/// whose `available` bytes are readable and at least the packed size.
void zij_unpack(const uint8_t *in, size_t available, unsigned width, size_t count, uint64_t *out);
/// The portable twin, for tests and old processors.
void zij_unpack_portable(const uint8_t *in, size_t available, unsigned width, size_t count, uint64_t *out);
/// Spreads the `count` values at the start of `values` over the `rows` rows whose bit in `words`
/// (lowest first, as many ones as values) is set; the other rows become 0. In place.
void zij_expand64(uint64_t *values, size_t count, const uint64_t *words, size_t rows);
void zij_expand32(uint32_t *values, size_t count, const uint64_t *words, size_t rows);
/// The portable twins.
void zij_expand64_portable(uint64_t *values, size_t count, const uint64_t *words, size_t rows);
void zij_expand32_portable(uint32_t *values, size_t count, const uint64_t *words, size_t rows);
/// Asks for the cache line of an address that will be needed soon; harmless for any address.
static inline void zij_prefetch(const void *address) { __builtin_prefetch(address); }
