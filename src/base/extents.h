/*
 * extents.h - sets of byte ranges
 *
 * What is free, what is new, what has been given up: each is a set of disjoint ranges,
 * ordered by address, neighbours merged. Finding, adding and taking out cost O(log n).
 */
#ifndef HI5_EXTENTS_H
#define HI5_EXTENTS_H

#include "base/mem.h"

struct extent_node;
struct extent_slab;
struct extents {
    struct mem *mem;
    struct extent_node *root;
    struct extent_node *spare; /* nodes for later */
    size_t nspare;
    struct extent_slab *slabs; /* where all nodes are */
    size_t n;                  /* ranges */
    uint64_t bytes;            /* the sum of their sizes */
};

HI5_INT void extents_init(struct extents *x, struct mem *mem);
HI5_INT void extents_done(struct extents *x);
HI5_INT void extents_clear(struct extents *x);

/** Get memory for `n` changes, where less is there. */
HI5_INT bool extents_reserve_more(struct extents *x, size_t n);
/** Make sure that the next `n` changes need no memory: each call of extents_add and
 *  extents_take is one. */
static inline bool
extents_reserve(struct extents *x, size_t n)
{
    return n <= x->nspare || extents_reserve_more(x, n);
}

/** Add [addr, addr + n), no byte of which is in the set; it merges with what it touches.
 *  False, and nothing changed, without memory. */
HI5_INT bool extents_add(struct extents *x, uint64_t addr, uint64_t n);
/** Take out [addr, addr + n), all of which lies in one range of the set. False, and
 *  nothing changed, if it does not, or without memory. */
HI5_INT bool extents_take(struct extents *x, uint64_t addr, uint64_t n);
/** Take out what the set has of [addr, addr + n). False without memory. */
HI5_INT bool extents_cut(struct extents *x, uint64_t addr, uint64_t n);

/** Add all of `from`, no byte of which is in `to`, and leave nothing there. Needs no memory:
 *  that of `from` goes with it. */
HI5_INT void extents_move(struct extents *to, struct extents *from);

/** Bytes from `addr` to the next address that with `shift` is a multiple of `align`. */
static inline uint64_t
extents_gap(uint64_t addr, uint64_t align, uint64_t shift)
{
    const uint64_t over = (addr + shift) % align;

    return over != 0 ? align - over : 0;
}

/** The lowest range that has room for `n` bytes from an address that with `shift` is a
 *  multiple of `align`: *addr is that place. False if there is none. */
HI5_INT bool extents_fit(const struct extents *x, uint64_t n, uint64_t align,
                         uint64_t shift, uint64_t *addr);
/** The lowest place for `n` bytes, at most `page`, that lie in one page: they do not cross
 *  a multiple of `page`. */
HI5_INT bool extents_fit_page(const struct extents *x, uint64_t n, uint64_t page,
                              uint64_t *addr);
/** Does the set have the byte at `addr`? The range that has it, or the next one above, if
 *  there is one, goes to *start and *size (which may be NULL); *size 0: none. */
HI5_INT bool extents_has(const struct extents *x, uint64_t addr, uint64_t *start,
                         uint64_t *size);
/** The last range; false if the set is empty. */
HI5_INT bool extents_last(const struct extents *x, uint64_t *start, uint64_t *size);

#endif
