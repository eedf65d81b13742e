/*
 * select_impl.h - what a selection is made of (for space/select*.c and walk.c)
 */
#ifndef HI5_SELECT_IMPL_H
#define HI5_SELECT_IMPL_H

#include "space/select.h"
#include "base/threads.h"
#include "space/spans.h"

/* A union that is being built: trees that were combined from 1, 2, 4, ... slabs, as in a
 * binary number, so that n slabs cost O(n log n). */
#define SEL_TERMS 64u
struct sel_sum {
    unsigned n;
    const struct spans *tree[SEL_TERMS];
    uint64_t weight[SEL_TERMS];
};

struct hi5_selection {
    struct mem *mem;           /* &own for selections of callers */
    struct mem own;
    hi5_shape extent;
    hi5_selection_kind kind;
    bool regular;              /* hyperslabs: dim[] holds, spans is NULL */
    struct sel_dim asked[HI5_MAX_RANK]; /* as given */
    struct sel_dim dim[HI5_MAX_RANK];   /* blocks that touch joined into one */
    struct arena arena;        /* of the spans */
    const struct spans *spans; /* irregular hyperslabs; see sel_tree */
    struct sel_sum sum;        /* n != 0: spans is yet to be made of these */
    struct mutex lock;         /* guards making it */
    uint64_t *points;          /* [npoints][rank] */
    size_t npoints, room;
};

/** Drop what the selection selects. */
HI5_INT void sel_clear(hi5_selection *s);

/** Select the hyperslab `dim`, but in dimension `at` the `n` coordinates of `list`, which
 *  ascend. */
HI5_INT hi5_status sel_set_list(hi5_selection *s, const struct sel_dim *dim, unsigned at,
                                const uint64_t *list, size_t n, hi5_error *err);

/** The tree of an irregular hyperslab selection; NULL if there is no memory for it. */
HI5_INT const struct spans *sel_tree(const hi5_selection *s);

#endif
