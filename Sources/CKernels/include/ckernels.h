// The hot kernels that gain from SIMD bodies chosen at run time. Every kernel has a portable twin;
// both give the same bits (no FMA contraction, no reassociation other than the one written down).
#pragma once
#include <stddef.h>
#include <stdint.h>

/// crc32c (Castagnoli) of `size` bytes, continued from `crc` (0 to start).
uint32_t zij_crc32c(uint32_t crc, const void *bytes, size_t size);
/// Writes the indices i < count with mask[i] != 0 to `out` (room for count + 32); returns how many.
size_t zij_select(const uint8_t *mask, size_t count, uint16_t *out);
