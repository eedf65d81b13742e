/*
 * fheap_edit_impl.h - what the files that change fractal heaps share
 */
#ifndef HI5_FHEAP_EDIT_IMPL_H
#define HI5_FHEAP_EDIT_IMPL_H

#include "format/fheap_edit.h"

/** Write the header anew. */
HI5_INT hi5_status fheap_put_head(struct fheap_edit *e, hi5_error *err);
/** x less n, but not less than nothing: counts of other writers may be wrong. */
HI5_INT uint64_t fheap_less(uint64_t x, uint64_t n);

/* ---- fheap_table.c: blocks ---- */

/** Bytes in front of the objects of a direct block. */
HI5_INT size_t fheap_overhead(const struct fheap *h);
/** The largest direct blocks. */
HI5_INT uint64_t fheap_max_direct(const struct fheap *h);
/** The direct block that has `n` bytes at `offset`, into e->last. HI5_E_CORRUPT if there
 *  is none. */
HI5_INT hi5_status fheap_locate(struct fheap_edit *e, uint64_t offset, uint64_t n,
                                hi5_error *err);
/** Stage the direct block in e->last. */
HI5_INT hi5_status fheap_stage_last(struct fheap_edit *e, struct staged **b,
                                    hi5_error *err);
/** A new direct block with room for an object of `n` bytes, into e->last. */
HI5_INT hi5_status fheap_new_block(struct fheap_edit *e, uint64_t n, hi5_error *err);
/** Give up a direct block that has no objects. */
HI5_INT hi5_status fheap_drop_block(struct fheap_edit *e,
                                    const struct fheap_entry *gone, hi5_error *err);

/* ---- fheap_free.c: free space ---- */

/** Before any change of managed objects: find out what is free, and let the file say
 *  nothing about it until fheap_edit_settle. */
HI5_INT hi5_status fheap_begin(struct fheap_edit *e, hi5_error *err);
/** Make e->at lead to room for `n` bytes. */
HI5_INT hi5_status fheap_make_room(struct fheap_edit *e, uint64_t n, hi5_error *err);
/** The `n` bytes at `offset`, in e->last, are free now. */
HI5_INT hi5_status fheap_give_room(struct fheap_edit *e, uint64_t offset, uint64_t n,
                                   hi5_error *err);


/* ---- fheap_edit_huge.c: huge objects ---- */

HI5_INT hi5_status fheap_insert_huge(struct fheap_edit *e, const void *bytes, size_t n,
                                     uint8_t *id, hi5_error *err);
/** Where it is. */
HI5_INT hi5_status fheap_find_huge(struct fheap_edit *e, const uint8_t *id,
                                   struct fheap_huge *o, hi5_error *err);
HI5_INT hi5_status fheap_remove_huge(struct fheap_edit *e, const uint8_t *id,
                                     hi5_error *err);

#endif
