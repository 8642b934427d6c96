#ifndef CPICTURES_H
#define CPICTURES_H

#include <stddef.h>
#include <stdint.h>

/// How decoding a picture ended.
typedef enum {
    CPICTURES_DECODED,
    /// It is cut off, or not what it says it is.
    CPICTURES_DAMAGED,
    /// It has more pixels, or takes more memory or more work, than allowed.
    CPICTURES_TOO_LARGE,
    /// It has several frames.
    CPICTURES_ANIMATED
} cpictures_outcome;

/// What a picture may be at most.
typedef struct {
    uint32_t side;
    uint64_t pixels;
    /// What decoding it may allocate, in bytes.
    uint64_t memory;
} cpictures_limits;

/// Decode a whole picture and keep nothing of it. The limits are checked with what its header says, before anything is allocated.
cpictures_outcome cpictures_decode_jpeg(const uint8_t *bytes, size_t count, cpictures_limits limits);
cpictures_outcome cpictures_decode_png(const uint8_t *bytes, size_t count, cpictures_limits limits);
cpictures_outcome cpictures_decode_webp(const uint8_t *bytes, size_t count, cpictures_limits limits);

#endif
