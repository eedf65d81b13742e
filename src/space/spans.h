/*
 * spans.h - irregular hyperslab selections as trees of spans
 *
 * A list of spans says which coordinates of one dimension are selected, and for each
 * span which list applies in the dimension below it.
 *
 * Invariants: spans ascend and do not overlap; two that touch have different lists below
 * (or they would be one span); lists below are never empty, and NULL in the last
 * dimension only. So equal selections have equal trees. Lists are immutable and may be
 * shared by many spans.
 */
#ifndef HI5_SPANS_H
#define HI5_SPANS_H

#include "base/mem.h"

struct spans;
struct span {
    uint64_t low, high;        /* inclusive */
    uint64_t before;           /* elements selected in the list before this span */
    const struct spans *down;
};
struct spans {
    size_t n;
    uint64_t count;            /* elements selected, all spans together; UINT64_MAX if
                                  they are too many to count */
    struct span span[];
};

/** A list of `n` spans whose low, high and down are yet to be set; see spans_seal. */
HI5_INT struct spans *spans_new(struct arena *a, size_t n);
/** Fill in `before` and `count`. */
HI5_INT void spans_seal(struct spans *s);

/** `count` blocks of `block`, `stride` apart, over the same list below (NULL in the last
 *  dimension); NULL on failure. */
HI5_INT const struct spans *spans_layer(struct arena *a, uint64_t start, uint64_t stride,
                                        uint64_t count, uint64_t block,
                                        const struct spans *down);
/** The same of single coordinates, ascending. */
HI5_INT const struct spans *spans_list(struct arena *a, const uint64_t *x, size_t n,
                                       const struct spans *down);

/** The tree of a regular hyperslab; NULL on failure. */
HI5_INT const struct spans *spans_regular(struct arena *a, unsigned rank,
                                          const uint64_t *start, const uint64_t *stride,
                                          const uint64_t *count, const uint64_t *block);

/** Combine two trees (either may be NULL: empty). *out is NULL if nothing is selected.
 *  false: no memory. */
HI5_INT bool spans_combine(struct arena *a, const struct spans *x, const struct spans *y,
                           hi5_select_op op, const struct spans **out);

/** The union of `n` trees, by halves: O(n log n). `tree` is overwritten. */
HI5_INT bool spans_union(struct arena *a, const struct spans **tree, size_t n,
                         const struct spans **out);

/** Copy a tree, what is shared staying shared; NULL on failure. */
HI5_INT const struct spans *spans_copy(struct arena *a, const struct spans *s);

HI5_INT bool spans_equal(const struct spans *x, const struct spans *y);

/** Is it one regular hyperslab? Each array is [rank]. */
HI5_INT bool spans_rebuild(const struct spans *s, unsigned rank, uint64_t *start,
                           uint64_t *stride, uint64_t *count, uint64_t *block);

/** The first span that ends at or after `x`; s->n if there is none. */
HI5_INT size_t spans_seek(const struct spans *s, uint64_t x);

#endif
