/*
 * fheap_impl.h - what the files of the fractal heap share
 */
#ifndef HI5_FHEAP_IMPL_H
#define HI5_FHEAP_IMPL_H

#include "format/fheap.h"

enum {
    FHEAP_WRAPPED = 0x01,   /* huge object keys have wrapped around */
    FHEAP_CHECKSUMS = 0x02, /* direct blocks have checksums */
    FHEAP_FLAGS = 0x03
};

struct fheap {
    struct meta *meta;
    const struct pipe_plugins *plugins;
    uint64_t addr;
    struct frhp head;
    struct pipeline pipe;
    unsigned first_row_bits; /* log2 of the first row's address space */
    unsigned direct_rows;
    unsigned offset_width, length_width; /* in managed IDs */
};

/** Do sizes from the file make sense, before memory is spent on them? */
HI5_INT hi5_status fheap_check_sizes(const struct fheap *h, uint64_t addr, uint64_t n,
                                     uint64_t nominal, hi5_error *err);
/** Undo the filters of `n` bytes at `addr` into `nominal` bytes at `dst`. */
HI5_INT hi5_status fheap_unfilter(const struct fheap *h, uint64_t addr, size_t n,
                                  uint32_t mask, uint8_t *dst, size_t nominal,
                                  hi5_error *err);

/* fheap_get for each kind of object; *bytes is NULL, *n 0, *addr ADDR_NONE before. */
HI5_INT hi5_status fheap_get_managed(const struct fheap *h, const uint8_t *id,
                                     struct arena *a, const uint8_t **bytes, size_t *n,
                                     uint64_t *addr, hi5_error *err);
HI5_INT hi5_status fheap_get_huge(const struct fheap *h, const uint8_t *id,
                                  struct arena *a, const uint8_t **bytes, size_t *n,
                                  uint64_t *addr, hi5_error *err);

#endif
