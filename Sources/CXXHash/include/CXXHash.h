#ifndef CXXHASH_H
#define CXXHASH_H

#include <stddef.h>
#include <stdint.h>

/// The 64 bits of XXH3 of some bytes (https://github.com/Cyan4973/xxHash), the same on every machine.
uint64_t cxxhash(const void *bytes, size_t count);

#endif
