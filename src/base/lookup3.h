/*
 * lookup3.h - Bob Jenkins' hash, the checksum of all HDF5 metadata    [FMT VIII]
 */
#ifndef HI5_LOOKUP3_H
#define HI5_LOOKUP3_H

#include "base/cc.h"
#include <stddef.h>
#include <stdint.h>

/** "hashlittle" of `n` bytes; checksums and name hashes use initial value 0, hashes of
 *  shared messages the message's type. */
HI5_INT uint32_t lookup3(const void *bytes, size_t n, uint32_t initial);

#endif
