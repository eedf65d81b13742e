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

/* fheap_view for each kind of object; *bytes is NULL, *n 0, *addr ADDR_NONE before. */
HI5_INT hi5_status fheap_get_managed(const struct fheap *h, const uint8_t *id,
                                     struct arena *a, const uint8_t **bytes, size_t *n,
                                     uint64_t *addr, struct block **held,
                                     hi5_error *err);
HI5_INT hi5_status fheap_get_huge(const struct fheap *h, const uint8_t *id,
                                  struct arena *a, const uint8_t **bytes, size_t *n,
                                  uint64_t *addr, hi5_error *err);

/** Bytes of a header with a pipeline of so many. */
HI5_INT size_t frhp_size(const struct meta *m, size_t filter_len);

/* ---- fheap_managed.c ---- */

/** The doubling table: size of a row's blocks, where the row begins, and back. */
HI5_INT uint64_t fheap_row_size(const struct fheap *h, unsigned row);
HI5_INT uint64_t fheap_row_offset(const struct fheap *h, unsigned row);
HI5_INT unsigned fheap_row_of(const struct fheap *h, uint64_t offset);

/* One entry of an indirect block, or the root. */
struct fheap_entry {
    uint64_t addr;
    uint64_t start;  /* of the heap's address space */
    uint64_t size;   /* the part of it that the entry covers */
    unsigned rows;   /* of the indirect block; 0: it is a direct block */
    uint64_t stored; /* filtered direct blocks: bytes in the file */
    uint32_t mask;
};

/* What direct and indirect blocks begin with. */
struct fheap_prefix {
    uint64_t heap, start;
};

/** Bytes of it. */
HI5_INT size_t fheap_prefix_size(const struct fheap *h);
HI5_INT void fheap_prefix_code(struct cur *c, const struct fheap *h,
                               struct fheap_prefix *p, const char *signature);

/* What an indirect block of `rows` rows has. */
struct fheap_table {
    unsigned direct;         /* rows of direct blocks */
    size_t ndirect, entries; /* their entries; bytes of all entries */
};

HI5_INT struct fheap_table fheap_table_of(const struct fheap *h, unsigned rows);

/** The entry in a row and column of indirect block `e`, whose bytes are at `block`. False
 *  if an indirect block there would not be smaller, so that a descent would not end. */
HI5_INT bool fheap_entry_at(const struct fheap *h, const struct fheap_entry *e,
                            const uint8_t *block, unsigned row, size_t col,
                            struct fheap_entry *to);
/** Pin and check an indirect block. */
HI5_INT hi5_status fheap_indirect_pin(const struct fheap *h, const struct fheap_entry *e,
                                      struct block **b, hi5_error *err);
/** Step from an indirect block to the entry that covers `offset`, relative to it. */
HI5_INT hi5_status fheap_step(const struct fheap *h, struct fheap_entry *e,
                              uint64_t offset, hi5_error *err);
/** Is `bytes` the direct block that `e` says, and are there `n` bytes for objects at
 *  `offset` of the heap's address space? */
HI5_INT hi5_status fheap_direct_object(const struct fheap *h, const struct fheap_entry *e,
                                       const uint8_t *bytes, bool checked,
                                       uint64_t offset, uint64_t n, hi5_error *err);
/** Such bytes in a direct block without filters, which *held pins. */
HI5_INT hi5_status fheap_view_in(const struct fheap *h, const struct fheap_entry *e,
                                 uint64_t offset, uint64_t n, const uint8_t **bytes,
                                 uint64_t *addr, struct block **held, hi5_error *err);

#endif
