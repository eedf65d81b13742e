/*
 * select.c - selections: which elements of a shape, in which order
 */
#include "space/select_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

#define SEL_CELLS 65536u /* as large as the extent, that a selection may reach into */

uint64_t
hi5_shape_count(const hi5_shape *s)
{
    uint64_t n = 1;
    bool over = false;

    if (s->kind == HI5_NULL)
        return 0;
    for (unsigned d = 0; d < s->rank; d++) {
        if (s->dims[d] == 0)
            return 0;
        if (!ckd_mul64(n, s->dims[d], &n))
            over = true;
    }
    return over ? UINT64_MAX : n;
}

/* ---- making and freeing ---- */

/* Set up zeroed memory as a selection whose parts come from `mem`. */
static void
sel_setup(hi5_selection *s, struct mem *mem, const hi5_shape *shape)
{
    s->mem = mem;
    s->extent = *shape;
    s->kind = shape->kind == HI5_NULL ? HI5_SELECTION_NONE : HI5_SELECTION_ALL;
    arena_init(&s->arena, mem);
    mutex_init(&s->lock);
}

HI5_INT hi5_status
sel_create(struct mem *mem, const hi5_shape *shape, hi5_selection **s, hi5_error *err)
{
    *s = mem_zalloc(mem, 1, sizeof **s);
    if (*s == NULL)
        return mem_fail(mem, sizeof **s, err);
    sel_setup(*s, mem, shape);
    return HI5_OK;
}

hi5_status
hi5_selection_create(const hi5_shape *shape, hi5_selection **out, hi5_error *err)
{
    hi5_selection *s;

    *out = NULL;
    if (shape == NULL || shape->rank > HI5_MAX_RANK)
        return err_plain(err, HI5_E_ARG, "a shape of rank 0 to %d is needed",
                         HI5_MAX_RANK);
    s = mem_raw(NULL, NULL, 0, sizeof *s);
    if (s == NULL)
        return err_nomem(err);
    memset(s, 0, sizeof *s);
    mem_init_libc(&s->own);
    sel_setup(s, &s->own, shape);
    *out = s;
    return HI5_OK;
}

/* Drop what the selection selects. */
static void
sel_clear(hi5_selection *s)
{
    arena_done(&s->arena);
    s->spans = NULL;
    s->sum.n = 0;
    mem_free(s->mem, s->points, s->room * sizeof *s->points);
    s->points = NULL;
    s->npoints = s->room = 0;
    s->regular = false;
}

void
hi5_selection_free(hi5_selection *s)
{
    if (s == NULL)
        return;
    sel_clear(s);
    mutex_done(&s->lock);
    if (s->mem != &s->own) {
        mem_free(s->mem, s, sizeof *s);
        return;
    }
    mem_done(&s->own);
    mem_raw(NULL, s, sizeof *s, 0);
}

static bool
sel_is_irregular(const hi5_selection *s)
{
    return s->kind == HI5_SELECTION_HYPERSLABS && !s->regular;
}

HI5_INT hi5_status
sel_copy(struct mem *mem, const hi5_selection *s, hi5_selection **out, hi5_error *err)
{
    const size_t bytes = s->npoints * s->extent.rank * sizeof *s->points;
    const bool irregular = sel_is_irregular(s);
    const struct spans *const tree = irregular ? sel_tree(s) : NULL;
    hi5_selection *t;

    TRY(sel_create(mem, &s->extent, &t, err));
    t->kind = s->kind;
    t->regular = s->regular;
    memcpy(t->asked, s->asked, sizeof t->asked);
    memcpy(t->dim, s->dim, sizeof t->dim);
    if (tree != NULL)
        t->spans = spans_copy(&t->arena, tree);
    if (s->points != NULL) {
        t->room = s->npoints * s->extent.rank;
        t->points = mem_alloc(mem, t->room * sizeof *t->points);
        t->npoints = s->npoints;
    }
    if ((irregular && t->spans == NULL) ||
        (s->points != NULL && t->points == NULL)) {
        t->room = 0;
        hi5_selection_free(t);
        return mem_fail(mem, bytes, err);
    }
    if (bytes != 0)
        memcpy(t->points, s->points, bytes);
    *out = t;
    return HI5_OK;
}

HI5_INT hi5_status
sel_view(struct mem *mem, const hi5_selection *s, const uint64_t *dims,
         hi5_selection **out, hi5_error *err)
{
    hi5_shape extent = s->extent;

    *out = NULL;
    if (s->kind == HI5_SELECTION_POINTS)
        return err_plain(err, HI5_E_INTERNAL, "sel_view: points");
    memcpy(extent.dims, dims, extent.rank * sizeof *dims);
    TRY(sel_create(mem, &extent, out, err));
    (*out)->kind = s->kind;
    (*out)->regular = s->regular;
    if (sel_is_irregular(s))
        (*out)->spans = sel_tree(s); /* immutable; not in the view's own arena */
    memcpy((*out)->asked, s->asked, sizeof s->asked);
    memcpy((*out)->dim, s->dim, sizeof s->dim);
    return HI5_OK;
}

void
hi5_selection_none(hi5_selection *s)
{
    sel_clear(s);
    s->kind = HI5_SELECTION_NONE;
}

void
hi5_selection_all(hi5_selection *s)
{
    sel_clear(s);
    s->kind = s->extent.kind == HI5_NULL ? HI5_SELECTION_NONE : HI5_SELECTION_ALL;
}

/* ---- hyperslabs ---- */

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

HI5_INT bool
sel_as_regular(const hi5_selection *s, struct sel_dim *dim)
{
    if (s->kind == HI5_SELECTION_ALL) {
        for (unsigned d = 0; d < s->extent.rank; d++)
            dim[d] = (struct sel_dim){0, 1, 1, s->extent.dims[d]};
        return true;
    }
    if (s->kind != HI5_SELECTION_HYPERSLABS || !s->regular)
        return false;
    memcpy(dim, s->dim, s->extent.rank * sizeof *dim);
    return true;
}

HI5_INT int
sel_unlimited_dim(const hi5_selection *s)
{
    if (s->kind != HI5_SELECTION_HYPERSLABS || !s->regular)
        return -1;
    for (unsigned d = 0; d < s->extent.rank; d++)
        if (s->asked[d].count == HI5_UNLIMITED || s->asked[d].block == HI5_UNLIMITED)
            return (int)d;
    return -1;
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

/* ---- points ---- */

/* Room for `n` points after the first `have`; it doubles, since points may come one by
 * one. Everything else that was selected is gone. */
static hi5_status
sel_points_room(hi5_selection *s, size_t have, size_t n, hi5_error *err)
{
    const unsigned rank = s->extent.rank;
    size_t room;
    uint64_t *p;

    if (n > SIZE_MAX / 2 - have || !ckd_mul_size(have + n, rank, &room) ||
        room > SIZE_MAX / 2 / sizeof *p)
        return err_plain(err, HI5_E_LIMIT, "too many points");
    if (have > 0 && room <= s->room)
        return HI5_OK;
    if (have > 0 && room < 2 * s->room)
        room = 2 * s->room;
    p = mem_alloc(s->mem, room * sizeof *p);
    if (p == NULL)
        return mem_fail(s->mem, room * sizeof *p, err);
    if (have > 0)
        memcpy(p, s->points, have * rank * sizeof *p);
    sel_clear(s);
    s->points = p;
    s->room = room;
    return HI5_OK;
}

hi5_status
hi5_selection_points(hi5_selection *s, hi5_select_op op, size_t n, const uint64_t *points,
                     hi5_error *err)
{
    const unsigned rank = s->extent.rank;
    const size_t have = op == HI5_SELECT_OR && s->kind == HI5_SELECTION_POINTS
                            ? s->npoints : 0;

    if (rank == 0)
        return err_plain(err, HI5_E_ARG, "points need at least one dimension");
    if (op != HI5_SELECT_SET && op != HI5_SELECT_OR)
        return err_plain(err, HI5_E_ARG, "points can be set or appended only");
    if (op == HI5_SELECT_OR && s->kind == HI5_SELECTION_HYPERSLABS)
        return err_plain(err, HI5_E_UNSUPPORTED, "points and hyperslabs do not combine");
    TRY(sel_points_room(s, have, n, err));
    if (n != 0)
        memcpy(s->points + have * rank, points, n * rank * sizeof *points);
    s->npoints = have + n;
    s->kind = s->npoints > 0 ? HI5_SELECTION_POINTS : HI5_SELECTION_NONE;
    return HI5_OK;
}

HI5_INT const uint64_t *
sel_points(const hi5_selection *s, size_t *n)
{
    *n = s->npoints;
    return s->kind == HI5_SELECTION_POINTS ? s->points : NULL;
}

bool
hi5_selection_point(const hi5_selection *s, uint64_t i, uint64_t *coord)
{
    if (s->kind != HI5_SELECTION_POINTS || i >= s->npoints)
        return false;
    memcpy(coord, s->points + (size_t)i * s->extent.rank,
           s->extent.rank * sizeof *coord);
    return true;
}

/* ---- asking ---- */

hi5_selection_kind
hi5_selection_get_kind(const hi5_selection *s)
{
    return s->kind;
}

unsigned
hi5_selection_rank(const hi5_selection *s)
{
    return s->extent.rank;
}

uint64_t
hi5_selection_count(const hi5_selection *s)
{
    uint64_t n = 1, m;

    switch (s->kind) {
    case HI5_SELECTION_NONE:
        return 0;
    case HI5_SELECTION_POINTS:
        return s->npoints;
    case HI5_SELECTION_ALL:
        return hi5_shape_count(&s->extent);
    case HI5_SELECTION_HYPERSLABS:
        break;
    }
    if (!s->regular)
        return sel_tree(s) != NULL ? sel_tree(s)->count : UINT64_MAX;
    for (unsigned d = 0; d < s->extent.rank; d++) {
        const struct sel_dim *r = &s->dim[d];
        if (r->count == HI5_UNLIMITED || r->block == HI5_UNLIMITED ||
            !ckd_mul64(r->count, r->block, &m) || !ckd_mul64(n, m, &n))
            return UINT64_MAX;
    }
    return n;
}

bool
hi5_selection_get_regular(const hi5_selection *s, uint64_t *start, uint64_t *stride,
                          uint64_t *count, uint64_t *block)
{
    if (s->kind != HI5_SELECTION_HYPERSLABS)
        return false;
    if (!s->regular)
        return sel_tree(s) != NULL && spans_rebuild(sel_tree(s), s->extent.rank, start,
                                                    stride, count, block);
    for (unsigned d = 0; d < s->extent.rank; d++) {
        start[d] = s->asked[d].start;
        stride[d] = s->asked[d].stride;
        count[d] = s->asked[d].count;
        block[d] = s->asked[d].block;
    }
    return true;
}

bool
hi5_selection_is_regular(const hi5_selection *s)
{
    uint64_t v[4][HI5_MAX_RANK];

    return hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]);
}

/* Widen [low, high] to what `s` covers in dimension d and those below it. */
static void
sel_span_bounds(const struct spans *s, unsigned d, uint64_t *low, uint64_t *high)
{
    if (s->span[0].low < low[d])
        low[d] = s->span[0].low;
    if (s->span[s->n - 1].high > high[d])
        high[d] = s->span[s->n - 1].high;
    for (size_t i = 0; i < s->n; i++)
        if (s->span[i].down != NULL &&
            (i == 0 || s->span[i].down != s->span[i - 1].down))
            sel_span_bounds(s->span[i].down, d + 1, low, high);
}

bool
hi5_selection_bounds(const hi5_selection *s, uint64_t *low, uint64_t *high)
{
    struct sel_dim dim[HI5_MAX_RANK];
    const unsigned rank = s->extent.rank;

    if (hi5_selection_count(s) == 0)
        return false;
    if (sel_as_regular(s, dim)) {
        for (unsigned d = 0; d < rank; d++) {
            const bool endless =
                dim[d].count == HI5_UNLIMITED || dim[d].block == HI5_UNLIMITED;
            low[d] = dim[d].start;
            high[d] = endless ? UINT64_MAX
                              : dim[d].start + (dim[d].count - 1) * dim[d].stride +
                                    dim[d].block - 1;
        }
        return true;
    }
    for (unsigned d = 0; d < rank; d++) {
        low[d] = UINT64_MAX;
        high[d] = 0;
    }
    if (s->kind == HI5_SELECTION_HYPERSLABS) {
        const struct spans *const tree = sel_tree(s);
        if (tree != NULL)
            sel_span_bounds(tree, 0, low, high);
        return tree != NULL;
    }
    for (size_t i = 0; i < s->npoints; i++) {
        const uint64_t *const point = s->points + i * rank;
        for (unsigned d = 0; d < rank; d++) {
            low[d] = point[d] < low[d] ? point[d] : low[d];
            high[d] = point[d] > high[d] ? point[d] : high[d];
        }
    }
    return true;
}

HI5_INT void
sel_set_extent(hi5_selection *s, const uint64_t *dims)
{
    memcpy(s->extent.dims, dims, s->extent.rank * sizeof *dims);
}

HI5_INT const uint64_t *
sel_extent(const hi5_selection *s)
{
    return s->extent.dims;
}

HI5_INT bool
sel_fits(const hi5_selection *s)
{
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK];

    if (s->kind == HI5_SELECTION_ALL || !hi5_selection_bounds(s, low, high))
        return true;
    for (unsigned d = 0; d < s->extent.rank; d++)
        if (high[d] >= s->extent.dims[d])
            return false;
    return true;
}

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

/* ---- blocks ---- */

static uint64_t
sel_span_blocks(const struct spans *s)
{
    uint64_t n = 0, last = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->span[i].down == NULL)
            return s->n;
        if (i == 0 || s->span[i].down != s->span[i - 1].down)
            last = sel_span_blocks(s->span[i].down);
        if (!ckd_add64(n, last, &n))
            return UINT64_MAX;
    }
    return n;
}

uint64_t
hi5_selection_blocks(const hi5_selection *s)
{
    uint64_t n = 1;

    if (s->kind != HI5_SELECTION_HYPERSLABS)
        return 0;
    if (!s->regular)
        return sel_tree(s) != NULL ? sel_span_blocks(sel_tree(s)) : UINT64_MAX;
    for (unsigned d = 0; d < s->extent.rank; d++)
        if (s->asked[d].count == HI5_UNLIMITED || !ckd_mul64(n, s->asked[d].count, &n))
            return UINT64_MAX;
    return n;
}

struct sel_block_ctx {
    hi5_block_fn fn;
    void *ctx;
    hi5_error *err;
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK];
};

static hi5_status
sel_span_each_block(const struct spans *s, unsigned d, struct sel_block_ctx *b)
{
    for (size_t i = 0; i < s->n; i++) {
        b->low[d] = s->span[i].low;
        b->high[d] = s->span[i].high;
        if (s->span[i].down != NULL)
            TRY(sel_span_each_block(s->span[i].down, d + 1, b));
        else
            TRY(b->fn(b->ctx, b->low, b->high, b->err));
    }
    return HI5_OK;
}

static hi5_status
sel_regular_each_block(const hi5_selection *s, unsigned d, struct sel_block_ctx *b)
{
    if (d == s->extent.rank)
        return b->fn(b->ctx, b->low, b->high, b->err);
    for (uint64_t i = 0; i < s->asked[d].count; i++) {
        b->low[d] = s->asked[d].start + i * s->asked[d].stride;
        b->high[d] = b->low[d] + s->asked[d].block - 1;
        TRY(sel_regular_each_block(s, d + 1, b));
    }
    return HI5_OK;
}

hi5_status
hi5_selection_each_block(const hi5_selection *s, hi5_block_fn fn, void *ctx,
                         hi5_error *err)
{
    struct sel_block_ctx b = {.fn = fn, .ctx = ctx, .err = err};

    if (s->kind != HI5_SELECTION_HYPERSLABS)
        return HI5_OK;
    if (!s->regular)
        return sel_tree(s) != NULL ? sel_span_each_block(sel_tree(s), 0, &b)
                                   : mem_fail(s->mem, 0, err);
    if (sel_unlimited_dim(s) >= 0)
        return err_plain(err, HI5_E_ARG, "an unlimited selection has no list of blocks");
    return sel_regular_each_block(s, 0, &b);
}

/* The row-major index of the first element of a grid cell as large as the extent: 0 but
 * for selections that exceed it. */
static uint64_t
sel_cell_base(const hi5_selection *s, const uint64_t *scaled)
{
    uint64_t base = 0, below = 1;

    for (unsigned d = s->extent.rank; d-- > 0;) {
        base += scaled[d] * s->extent.dims[d] * below;
        below *= s->extent.dims[d];
    }
    return base;
}

/* Such cells are listed one by one: how many there are must not be up to a file. */
static hi5_status
sel_check_cells(const hi5_selection *s, hi5_error *err)
{
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], n = 1;

    if (sel_fits(s) || s->kind == HI5_SELECTION_POINTS ||
        !hi5_selection_bounds(s, low, high))
        return HI5_OK;
    for (unsigned d = 0; d < s->extent.rank; d++)
        if (!ckd_mul64(n, high[d] / s->extent.dims[d] - low[d] / s->extent.dims[d] + 1,
                       &n) ||
            n > SEL_CELLS)
            return err_plain(err, HI5_E_LIMIT,
                             "the selection is far outside of the extent");
    return HI5_OK;
}

hi5_status
hi5_selection_each_run(const hi5_selection *s, hi5_run_fn fn, void *ctx, hi5_error *err)
{
    struct sel_walk *w;
    uint64_t scaled[HI5_MAX_RANK] = {0};
    struct sel_run r, held = {0, 0, 0};
    hi5_status st = HI5_OK;

    if (sel_unlimited_dim(s) >= 0)
        return err_plain(err, HI5_E_RANGE, "an unlimited selection has no list of runs");
    if (hi5_shape_count(&s->extent) == 0 && hi5_selection_count(s) != 0)
        return err_plain(err, HI5_E_RANGE, "a selection in an empty extent");
    TRY(sel_check_cells(s, err));
    TRY(sel_walk_open(s->mem, s, s->extent.dims, &w, err));
    while (st == HI5_OK && sel_walk_chunk(w, scaled)) {
        const uint64_t base = sel_cell_base(s, scaled);
        while (st == HI5_OK && sel_walk_run(w, &r)) {
            r.at += base;
            if (held.n != 0 && held.at + held.n == r.at &&
                s->kind != HI5_SELECTION_POINTS) {
                held.n += r.n;
                continue;
            }
            if (held.n != 0)
                st = fn(ctx, held.at, held.n, err);
            held = r;
        }
    }
    sel_walk_close(w);
    return st == HI5_OK && held.n != 0 ? fn(ctx, held.at, held.n, err) : st;
}
