/*
 * lheap_edit.h - changing local heaps                              [FMT III.D]
 *
 * A heap stays where it is, its data segment moves when it has to grow. Strings never
 * move within it: their offsets are what others keep.
 */
#ifndef HI5_LHEAP_EDIT_H
#define HI5_LHEAP_EDIT_H

#include "base/stage.h"
#include "format/lheap.h"

/* Free block in a data segment. */
struct lheap_free {
    uint64_t next, size;
};
HI5_INT void lheap_free_code(struct cur *c, struct lheap_free *f);

/* A heap being changed: valid until the public call that is under way ends. */
struct lheap_edit {
    struct meta *meta;
    uint64_t addr;
    struct staged *b;          /* the header */
    struct lheap head;
    struct lheap_view view;    /* for lheap_string(); its data is staged */
    struct staged *data;
};

/** A heap with the empty string at 0, and room for more; at least `size` bytes in all. */
HI5_INT hi5_status lheap_create(struct meta *m, uint64_t size, uint64_t *addr,
                                hi5_error *err);
HI5_INT hi5_status lheap_edit_open(struct meta *m, uint64_t addr, struct lheap_edit *h,
                                   hi5_error *err);
/** Does it begin with the empty string, or is it going to? That is what others have at 0:
 *  U-LH-3. */
HI5_INT bool lheap_begins_empty(const struct lheap_edit *h);
/** Put in a string of `n` bytes, none of them NUL. */
HI5_INT hi5_status lheap_add(struct lheap_edit *h, const void *s, size_t n,
                             uint64_t *offset, hi5_error *err);
/** Give up a string. What may be somebody else's, or is too small, is left as it is. */
HI5_INT void lheap_drop(struct lheap_edit *h, uint64_t offset);
/** Give back the space of a heap. */
HI5_INT hi5_status lheap_free_all(struct meta *m, uint64_t addr, hi5_error *err);

#endif
