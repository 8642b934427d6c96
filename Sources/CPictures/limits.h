#ifndef CPICTURES_LIMITS_H
#define CPICTURES_LIMITS_H

#include "CPictures.h"

static inline int is_within(cpictures_limits limits, uint64_t width, uint64_t height) {
    return width <= limits.side && height <= limits.side && width * height <= limits.pixels;
}

#endif
