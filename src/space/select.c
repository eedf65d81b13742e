/*
 * select.c - selections: which elements of a shape, in which order
 *
 * Making them, points, and what can be asked of any. Hyperslabs and how they combine are
 * in select_slab.c, lists of what is selected in select_list.c.
 */
#include "space/select_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

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

HI5_INT void
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
