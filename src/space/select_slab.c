/*
 * select_slab.c - hyperslabs, and how they combine
 *
 * One hyperslab stays a few numbers for each dimension. What comes of combining several
 * is a tree of spans; a union is built of trees that were combined from 1, 2, 4, ...
 * slabs, and becomes one tree when somebody looks.
 */
#include "space/select_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

/* ---- one ---- */

/* Blocks that touch become one block: the form that everything works with. */
static struct sel_dim
sel_join(struct sel_dim d)
{
    if (d.count == 1 && d.block != HI5_UNLIMITED)
        d.stride = 1;
    if (d.stride != d.block || d.count == 1)
        return d;
    d.block = d.count == HI5_UNLIMITED ? HI5_UNLIMITED : d.block * d.count;
    d.count = 1;
    d.stride = 1;
    return d;
}

static hi5_status
sel_check_dim(const struct sel_dim *d, unsigned i, hi5_error *err)
{
    uint64_t last;

    if (d->stride == 0)
        return err_plain(err, HI5_E_ARG, "hyperslab: stride 0 in dimension %u", i);
    if (d->count == 0 || d->block == 0)
        return HI5_OK;
    if (d->count > 1 && d->stride < d->block)
        return err_plain(err, HI5_E_ARG, "hyperslab: blocks of %llu, %llu apart, overlap "
                         "in dimension %u", (unsigned long long)d->block,
                         (unsigned long long)d->stride, i);
    if (d->block == HI5_UNLIMITED && d->count != 1)
        return err_plain(err, HI5_E_ARG, "hyperslab: %llu unlimited blocks in dimension %u",
                         (unsigned long long)d->count, i);
    if (d->count == HI5_UNLIMITED || d->block == HI5_UNLIMITED)
        return HI5_OK;
    if (!ckd_mul64(d->count - 1, d->stride, &last) || !ckd_add64(last, d->block, &last) ||
        !ckd_add64(last, d->start, &last))
        return err_plain(err, HI5_E_RANGE, "hyperslab: dimension %u exceeds 64 bits", i);
    return HI5_OK;
}

/* The selection as spans in `a`; *out NULL if nothing is selected. */
static bool
sel_spans(const hi5_selection *s, struct arena *a, const struct spans **out)
{
    struct sel_dim dim[HI5_MAX_RANK];
    uint64_t v[4][HI5_MAX_RANK];

    *out = NULL;
    if (hi5_selection_count(s) == 0)
        return true;
    if (!sel_as_regular(s, dim)) {
        *out = sel_tree(s);
        return *out != NULL;
    }
    for (unsigned d = 0; d < s->extent.rank; d++) {
        v[0][d] = dim[d].start;
        v[1][d] = dim[d].stride;
        v[2][d] = dim[d].count;
        v[3][d] = dim[d].block;
    }
    *out = spans_regular(a, s->extent.rank, v[0], v[1], v[2], v[3]);
    return *out != NULL;
}

static bool
sel_set_regular(hi5_selection *s, const struct sel_dim *dim)
{
    bool nothing = false;

    sel_clear(s);
    for (unsigned d = 0; d < s->extent.rank; d++) {
        nothing = nothing || dim[d].count == 0 || dim[d].block == 0;
        s->asked[d] = dim[d];
        s->dim[d] = sel_join(dim[d]);
    }
    s->kind = nothing ? HI5_SELECTION_NONE : HI5_SELECTION_HYPERSLABS;
    s->regular = !nothing;
    return true;
}

/* Take over a tree, copied into a fresh arena so that scraps do not pile up. */
static hi5_status
sel_take_spans(hi5_selection *s, struct arena *from, const struct spans *tree,
               hi5_error *err)
{
    struct arena fresh;
    const struct spans *copy = NULL;

    arena_init(&fresh, s->mem);
    if (tree != NULL) {
        copy = spans_copy(&fresh, tree);
        if (copy == NULL) {
            arena_done(&fresh);
            arena_done(from);
            return mem_fail(s->mem, 0, err);
        }
    }
    arena_done(from);
    sel_clear(s);
    s->arena = fresh;
    s->spans = copy;
    s->kind = copy != NULL ? HI5_SELECTION_HYPERSLABS : HI5_SELECTION_NONE;
    return HI5_OK;
}

static hi5_status
sel_combine(hi5_selection *s, hi5_select_op op, const struct sel_dim *dim, hi5_error *err)
{
    hi5_selection other = {.mem = s->mem, .extent = s->extent};
    const struct spans *x, *y, *z;
    struct arena a;

    arena_init(&a, s->mem);
    arena_init(&other.arena, s->mem);
    sel_set_regular(&other, dim);
    if (!sel_spans(s, &a, &x) || !sel_spans(&other, &a, &y) ||
        !spans_combine(&a, x, y, op, &z)) {
        arena_done(&a);
        return mem_fail(s->mem, 0, err);
    }
    return sel_take_spans(s, &a, z, err);
}

/* ---- unions ---- */

/* Combine the last two terms. */
static bool
sel_sum_merge(hi5_selection *s)
{
    struct sel_sum *const t = &s->sum;
    const unsigned i = t->n - 2;

    if (!spans_combine(&s->arena, t->tree[i], t->tree[i + 1], HI5_SELECT_OR, &t->tree[i]))
        return false;
    t->weight[i] += t->weight[i + 1];
    t->n--;
    return true;
}

static void
sel_sum_push(hi5_selection *s, const struct spans *tree)
{
    s->sum.tree[s->sum.n] = tree;
    s->sum.weight[s->sum.n++] = 1;
}

/* Add a slab to the union: combined with what is there only as far as that pays. */
static hi5_status
sel_sum_add(hi5_selection *s, const struct sel_dim *dim, hi5_error *err)
{
    hi5_selection other = {.mem = s->mem, .extent = s->extent};
    const struct spans *tree;

    if (s->sum.n == 0) {
        if (!sel_spans(s, &s->arena, &tree))
            return mem_fail(s->mem, 0, err);
        s->regular = false;
        s->spans = NULL;
        s->kind = HI5_SELECTION_HYPERSLABS;
        sel_sum_push(s, tree);
    }
    arena_init(&other.arena, s->mem);
    sel_set_regular(&other, dim);
    if (!sel_spans(&other, &s->arena, &tree))
        return mem_fail(s->mem, 0, err);
    if (tree == NULL)
        return HI5_OK;
    sel_sum_push(s, tree);
    while (s->sum.n > 1 &&
           s->sum.weight[s->sum.n - 2] <= s->sum.weight[s->sum.n - 1])
        if (!sel_sum_merge(s))
            return mem_fail(s->mem, 0, err);
    return HI5_OK;
}

/* What other threads may look at at the same time stays as it is: only what this
 * function alone reads, with the lock held, is written. */
HI5_INT const struct spans *
sel_tree(const hi5_selection *cs)
{
    hi5_selection *const s = (hi5_selection *)(uintptr_t)cs; /* the same selection */
    const struct spans *tree;
    bool ok = true;

    mutex_lock(&s->lock);
    while (ok && s->sum.n > 1)
        ok = sel_sum_merge(s);
    if (ok && s->sum.n == 1) { /* into an arena without scraps */
        struct arena fresh;
        arena_init(&fresh, s->mem);
        tree = spans_copy(&fresh, s->sum.tree[0]);
        ok = tree != NULL;
        arena_done(ok ? &s->arena : &fresh);
        if (ok) {
            s->arena = fresh;
            s->spans = tree;
            s->sum.n = 0;
        }
    }
    tree = ok ? s->spans : NULL;
    mutex_unlock(&s->lock);
    return tree;
}

/* Does the hyperslab select anything? *inside: nothing outside of the extent. */
static bool
sel_dims_any(const hi5_selection *s, const struct sel_dim *dim, bool *inside)
{
    bool any = true;

    *inside = true;
    for (unsigned d = 0; d < s->extent.rank; d++) {
        const struct sel_dim *const r = &dim[d];
        if (r->count == 0 || r->block == 0)
            any = false;
        else if (r->count == HI5_UNLIMITED || r->block == HI5_UNLIMITED ||
                 r->start + (r->count - 1) * r->stride + r->block > s->extent.dims[d])
            *inside = false;
    }
    return any;
}

/* What needs no merging. As in libhdf5, the outcome is then the old selection or the new
 * hyperslab as it was given, with as many blocks, and not with as few as possible. */
static bool
sel_is_simple(hi5_selection *s, hi5_select_op op, const struct sel_dim *dim)
{
    const bool none = s->kind == HI5_SELECTION_NONE, all = s->kind == HI5_SELECTION_ALL;
    bool inside;

    if (op == HI5_SELECT_SET)
        return sel_set_regular(s, dim);
    if (!sel_dims_any(s, dim, &inside)) {
        if (op == HI5_SELECT_AND || op == HI5_SELECT_NOT_A)
            hi5_selection_none(s);
        return true;
    }
    if (none && (op == HI5_SELECT_AND || op == HI5_SELECT_NOT_B))
        return true;
    if (none || (all && inside && op == HI5_SELECT_AND))
        return sel_set_regular(s, dim);
    return all && op == HI5_SELECT_OR;
}

hi5_status
hi5_selection_hyperslab(hi5_selection *s, hi5_select_op op, const uint64_t *start,
                        const uint64_t *stride, const uint64_t *count,
                        const uint64_t *block, hi5_error *err)
{
    struct sel_dim dim[HI5_MAX_RANK];
    unsigned unlimited = 0;

    if (s->extent.rank == 0)
        return err_plain(err, HI5_E_ARG, "a hyperslab needs at least one dimension");
    for (unsigned d = 0; d < s->extent.rank; d++) {
        dim[d] = (struct sel_dim){start[d], stride != NULL ? stride[d] : 1, count[d],
                                  block != NULL ? block[d] : 1};
        TRY(sel_check_dim(&dim[d], d, err));
        unlimited += dim[d].count == HI5_UNLIMITED;
        unlimited += dim[d].block == HI5_UNLIMITED;
    }
    if (unlimited > 1)
        return err_plain(err, HI5_E_ARG, "hyperslab: only one count or block may be "
                         "unlimited");
    if (op != HI5_SELECT_SET && s->kind == HI5_SELECTION_POINTS)
        return err_plain(err, HI5_E_UNSUPPORTED, "points and hyperslabs do not combine");
    if (op != HI5_SELECT_SET && s->kind != HI5_SELECTION_NONE &&
        (unlimited != 0 || sel_unlimited_dim(s) >= 0))
        return err_plain(err, HI5_E_UNSUPPORTED,
                         "an unlimited hyperslab does not combine with others");
    if (sel_is_simple(s, op, dim))
        return HI5_OK;
    return op == HI5_SELECT_OR ? sel_sum_add(s, dim, err) : sel_combine(s, op, dim, err);
}

HI5_INT hi5_status
sel_set_list(hi5_selection *s, const struct sel_dim *dim, unsigned at,
             const uint64_t *list, size_t n, hi5_error *err)
{
    const struct spans *tree = NULL;
    bool nothing = n == 0;
    struct arena a;

    for (unsigned d = 0; d < s->extent.rank; d++) {
        if (d == at)
            continue;
        TRY(sel_check_dim(&dim[d], d, err));
        nothing = nothing || dim[d].count == 0 || dim[d].block == 0;
    }
    arena_init(&a, s->mem);
    for (unsigned d = s->extent.rank; !nothing && d-- > 0;) {
        const struct sel_dim r = sel_join(dim[d]);
        tree = d == at ? spans_list(&a, list, n, tree)
                       : spans_layer(&a, r.start, r.stride, r.count, r.block, tree);
        if (tree == NULL) {
            arena_done(&a);
            return mem_fail(s->mem, 0, err);
        }
    }
    return sel_take_spans(s, &a, tree, err);
}

HI5_INT hi5_status
sel_set_blocks(hi5_selection *s, size_t n, const uint64_t *corners, hi5_error *err)
{
    const unsigned rank = s->extent.rank;
    const struct spans **tree, *all;
    uint64_t one[HI5_MAX_RANK], size[HI5_MAX_RANK];
    struct arena a;
    hi5_status st = HI5_OK;

    for (unsigned d = 0; d < rank; d++)
        one[d] = 1;
    tree = mem_zalloc(s->mem, n, sizeof *tree);
    if (tree == NULL)
        return mem_fail(s->mem, n, err);
    arena_init(&a, s->mem);
    for (size_t i = 0; i < n && st == HI5_OK; i++) {
        const uint64_t *low = corners + 2 * i * rank, *high = low + rank;
        for (unsigned d = 0; d < rank && st == HI5_OK; d++) {
            if (low[d] > high[d] || high[d] == UINT64_MAX)
                st = err_plain(err, HI5_E_CORRUPT, "block %zu ends before it starts", i);
            size[d] = high[d] - low[d] + 1;
        }
        if (st == HI5_OK) {
            tree[i] = spans_regular(&a, rank, low, one, one, size);
            st = tree[i] != NULL ? HI5_OK : mem_fail(s->mem, 0, err);
        }
    }
    if (st == HI5_OK && !spans_union(&a, tree, n, &all))
        st = mem_fail(s->mem, 0, err);
    mem_free(s->mem, tree, n * sizeof *tree);
    if (st == HI5_OK)
        return sel_take_spans(s, &a, all, err);
    arena_done(&a);
    return st;
}

/* ---- limits ---- */

HI5_INT hi5_status
sel_limit(hi5_selection *s, unsigned dim, uint64_t end, hi5_error *err)
{
    struct sel_dim all[HI5_MAX_RANK];
    struct sel_dim *d = &all[dim];
    uint64_t room;

    if (s->kind != HI5_SELECTION_HYPERSLABS || !s->regular || dim >= s->extent.rank)
        return err_plain(err, HI5_E_INTERNAL, "sel_limit: not a regular hyperslab");
    memcpy(all, s->asked, sizeof all);
    if (end <= d->start) {
        hi5_selection_none(s);
        return HI5_OK;
    }
    room = end - d->start;
    if (d->block == HI5_UNLIMITED) {
        d->block = room;
        d->count = d->stride = 1;
        sel_set_regular(s, all);
        return HI5_OK;
    }
    d->count = room / d->stride + (room % d->stride != 0);
    if (room % d->stride == 0 || room % d->stride >= d->block) {
        sel_set_regular(s, all);
        return HI5_OK;
    }
    /* The last block is cut: whole ones, and the piece. */
    if (d->count > 1) {
        struct sel_dim piece[HI5_MAX_RANK];
        memcpy(piece, all, sizeof piece);
        piece[dim] = (struct sel_dim){d->start + (d->count - 1) * d->stride, 1, 1,
                                      room % d->stride};
        d->count--;
        sel_set_regular(s, all);
        return sel_combine(s, HI5_SELECT_OR, piece, err);
    }
    d->block = room;
    d->stride = 1;
    sel_set_regular(s, all);
    return HI5_OK;
}
