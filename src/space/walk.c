/*
 * walk.c - a selection, chunk by chunk and run by run
 *
 * Regular hyperslabs (and "all") are walked by arithmetic on each dimension; irregular
 * ones by descending their spans; points are sorted by chunk once. In a chunk, runs come
 * in the order of the selection.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "space/select_impl.h"
#include <stdlib.h>
#include <string.h>

enum walk_mode { WALK_REGULAR, WALK_SPANS, WALK_POINTS };

struct walk_point {
    uint64_t chunk; /* number in the grid */
    size_t i;       /* position in the selection */
};

struct sel_walk {
    struct mem *mem;
    const hi5_selection *s;
    enum walk_mode mode;
    unsigned rank;
    bool first_chunk, empty;
    uint64_t chunk[HI5_MAX_RANK];
    uint64_t at_stride[HI5_MAX_RANK];  /* elements of a chunk below a dimension */
    /* The current chunk. */
    uint64_t scaled[HI5_MAX_RANK];
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK]; /* its corners, inclusive */
    uint64_t x[HI5_MAX_RANK];          /* coordinates of the next run */
    bool more;                         /* is there a next run? */
    struct sel_run held;               /* fetched, perhaps to be lengthened */
    bool holding;
    /* Regular. */
    struct sel_dim dim[HI5_MAX_RANK];
    uint64_t pos_stride[HI5_MAX_RANK]; /* selected elements below a dimension */
    uint64_t total[HI5_MAX_RANK];      /* selected coordinates of a dimension */
    unsigned run_dim;                  /* dimension along which runs go */
    /* Spans. */
    const struct spans *list[HI5_MAX_RANK];
    size_t span[HI5_MAX_RANK];
    uint64_t *chunks;                  /* [nchunks][rank], sorted */
    size_t nchunks, room, next_chunk;
    /* Points. */
    struct walk_point *point;
    size_t npoints, next_point, end_point;
};

#define WALK_NONE UINT64_MAX
#define WALK_ROOM 64u /* chunks of irregular selections, to begin with */

/* ---- regular ---- */

/* The first selected coordinate at or after x, or WALK_NONE. */
static uint64_t
walk_next(const struct sel_dim *d, uint64_t x)
{
    uint64_t k;

    if (x <= d->start)
        return d->start;
    if (d->count == 1) /* no division: this is called for each row */
        return x - d->start < d->block ? x : WALK_NONE;
    k = (x - d->start) / d->stride;
    if (k >= d->count)
        return x - d->start - (d->count - 1) * d->stride < d->block ? x : WALK_NONE;
    if ((x - d->start) % d->stride < d->block)
        return x;
    return k + 1 < d->count ? d->start + (k + 1) * d->stride : WALK_NONE;
}

/* How many selected coordinates come before x, which is selected. */
static uint64_t
walk_ordinal(const struct sel_dim *d, uint64_t x)
{
    const uint64_t off = x - d->start;
    uint64_t k;

    if (d->count == 1)
        return off;
    k = off / d->stride;
    if (k >= d->count)
        k = d->count - 1;
    return k * d->block + (off - k * d->stride);
}

/* The last coordinate of the block that x is in. */
static uint64_t
walk_block_end(const struct sel_dim *d, uint64_t x)
{
    uint64_t k;

    if (d->count == 1)
        return d->start + d->block - 1;
    k = (x - d->start) / d->stride;
    if (k >= d->count)
        k = d->count - 1;
    return d->start + k * d->stride + d->block - 1;
}

/* Set the corners of the current chunk. The last chunk of a grid may not fit 64 bits. */
static void
walk_corners(struct sel_walk *w)
{
    for (unsigned d = 0; d < w->rank; d++) {
        w->low[d] = w->scaled[d] * w->chunk[d];
        if (!ckd_add64(w->low[d], w->chunk[d] - 1, &w->high[d]))
            w->high[d] = UINT64_MAX;
    }
}

/* Rows along the last dimension join when the chunk and the selection both have nothing
 * else in that dimension. */
static void
walk_find_run_dim(struct sel_walk *w)
{
    unsigned d = w->rank - 1;

    while (d > 0 && w->total[d] == w->chunk[d] && w->x[d] == w->low[d] &&
           walk_block_end(&w->dim[d], w->x[d]) >= w->high[d])
        d--;
    w->run_dim = d;
}

static void
walk_regular_enter(struct sel_walk *w)
{
    walk_corners(w);
    for (unsigned d = 0; d < w->rank; d++)
        w->x[d] = walk_next(&w->dim[d], w->low[d]);
    w->more = true;
    if (w->rank > 0)
        walk_find_run_dim(w);
}

static bool
walk_regular_chunk(struct sel_walk *w)
{
    if (w->first_chunk) {
        for (unsigned d = 0; d < w->rank; d++)
            w->scaled[d] = w->dim[d].start / w->chunk[d];
        walk_regular_enter(w);
        return true;
    }
    for (unsigned d = w->rank; d-- > 0;) {
        const uint64_t x = w->high[d] == UINT64_MAX
                               ? WALK_NONE : walk_next(&w->dim[d], w->high[d] + 1);
        if (x != WALK_NONE) {
            w->scaled[d] = x / w->chunk[d];
            walk_regular_enter(w);
            return true;
        }
        w->scaled[d] = w->dim[d].start / w->chunk[d];
    }
    return false;
}

/* Move on in the dimensions above `d`, which has been gone through and is at its start. */
static void
walk_regular_carry(struct sel_walk *w, unsigned d)
{
    while (d-- > 0) {
        const uint64_t x =
            w->x[d] < w->high[d] ? walk_next(&w->dim[d], w->x[d] + 1) : WALK_NONE;
        if (x != WALK_NONE && x <= w->high[d]) {
            w->x[d] = x;
            return;
        }
        w->x[d] = walk_next(&w->dim[d], w->low[d]);
    }
    w->more = false;
}

/* Move to the next selected coordinates in the chunk, the runs' own dimension first. */
static void
walk_regular_advance(struct sel_walk *w, uint64_t end)
{
    const unsigned t = w->run_dim;
    const uint64_t x = end < w->high[t] ? walk_next(&w->dim[t], end + 1) : WALK_NONE;

    if (x != WALK_NONE && x <= w->high[t]) {
        w->x[t] = x;
        return;
    }
    w->x[t] = walk_next(&w->dim[t], w->low[t]);
    walk_regular_carry(w, t);
}

/* Where the next run is, in the chunk and in the selection. */
static void
walk_regular_place(const struct sel_walk *w, uint64_t *at, uint64_t *pos)
{
    uint64_t a = 0, p = 0;

    for (unsigned d = 0; d <= w->run_dim; d++) {
        a += (w->x[d] - w->low[d]) * w->at_stride[d];
        p += walk_ordinal(&w->dim[d], w->x[d]) * w->pos_stride[d];
    }
    *at = a;
    *pos = p;
}

static void
walk_regular_run(struct sel_walk *w, struct sel_run *r)
{
    const unsigned t = w->run_dim;
    uint64_t end;

    *r = (struct sel_run){0, 0, 1};
    if (w->rank == 0) {
        w->more = false;
        return;
    }
    walk_regular_place(w, &r->at, &r->pos);
    end = walk_block_end(&w->dim[t], w->x[t]);
    if (end > w->high[t])
        end = w->high[t];
    r->n = (end - w->x[t] + 1) * w->at_stride[t];
    walk_regular_advance(w, end);
}

/* ---- spans ---- */

/* Settle dimension d and those below on the first coordinates inside the chunk, starting
 * at coordinate `from` of dimension d; false if there are none. */
static bool
walk_spans_settle(struct sel_walk *w, unsigned d, uint64_t from)
{
    const unsigned top = d;

    for (;;) {
        const struct spans *s = w->list[d];
        const size_t i = from <= w->high[d] ? spans_seek(s, from) : s->n;

        if (i < s->n && s->span[i].low <= w->high[d]) {
            w->span[d] = i;
            w->x[d] = s->span[i].low > from ? s->span[i].low : from;
            if (d + 1 == w->rank)
                return true;
            w->list[d + 1] = s->span[i].down;
            d++;
            from = w->low[d];
            continue;
        }
        if (d == top)
            return false;
        d--;
        if (w->x[d] == UINT64_MAX)
            return false;
        from = w->x[d] + 1;
    }
}

static void
walk_spans_advance(struct sel_walk *w, uint64_t end)
{
    for (unsigned d = w->rank; d-- > 0;) {
        const uint64_t last = d + 1 == w->rank ? end : w->x[d];
        if (last < w->high[d] && walk_spans_settle(w, d, last + 1))
            return;
    }
    w->more = false;
}

static void
walk_spans_run(struct sel_walk *w, struct sel_run *r)
{
    const unsigned last = w->rank - 1;
    uint64_t end;

    *r = (struct sel_run){0, 0, 0};
    for (unsigned d = 0; d < w->rank; d++) {
        const struct span *p = &w->list[d]->span[w->span[d]];
        const uint64_t below = p->down != NULL ? p->down->count : 1;
        r->at += (w->x[d] - w->low[d]) * w->at_stride[d];
        r->pos += p->before + (w->x[d] - p->low) * below;
    }
    end = w->list[last]->span[w->span[last]].high;
    if (end > w->high[last])
        end = w->high[last];
    r->n = end - w->x[last] + 1;
    walk_spans_advance(w, end);
}

static int
walk_coord_compare(const uint64_t *a, const uint64_t *b, unsigned rank)
{
    for (unsigned d = 0; d < rank; d++)
        if (a[d] != b[d])
            return a[d] < b[d] ? -1 : 1;
    return 0;
}

/* Heap sort of [n][rank] coordinates: no recursion, no context needed for qsort. */
static void
walk_sift(uint64_t *v, size_t root, size_t n, unsigned rank)
{
    for (;;) {
        size_t child = 2 * root + 1;

        if (child >= n)
            return;
        if (child + 1 < n &&
            walk_coord_compare(v + child * rank, v + (child + 1) * rank, rank) < 0)
            child++;
        if (walk_coord_compare(v + root * rank, v + child * rank, rank) >= 0)
            return;
        for (unsigned d = 0; d < rank; d++) {
            const uint64_t t = v[root * rank + d];
            v[root * rank + d] = v[child * rank + d];
            v[child * rank + d] = t;
        }
        root = child;
    }
}

static void
walk_sort_chunks(struct sel_walk *w)
{
    uint64_t *v = w->chunks;
    const unsigned rank = w->rank;
    size_t n = w->nchunks, kept = 0;

    for (size_t i = n / 2; i-- > 0;)
        walk_sift(v, i, n, rank);
    while (n > 1) {
        n--;
        for (unsigned d = 0; d < rank; d++) {
            const uint64_t t = v[d];
            v[d] = v[n * rank + d];
            v[n * rank + d] = t;
        }
        walk_sift(v, 0, n, rank);
    }
    for (size_t i = 0; i < w->nchunks; i++)
        if (kept == 0 ||
            walk_coord_compare(v + (kept - 1) * rank, v + i * rank, rank) != 0)
            memmove(v + kept++ * rank, v + i * rank, rank * sizeof *v);
    w->nchunks = kept;
}

static bool
walk_push_chunk(struct sel_walk *w)
{
    const size_t each = w->rank * sizeof *w->chunks;
    uint64_t *v;

    if (w->nchunks > 0 && walk_coord_compare(w->chunks + (w->nchunks - 1) * w->rank,
                                             w->scaled, w->rank) == 0)
        return true;
    if (w->nchunks == w->room) {
        const size_t room = w->room != 0 ? w->room * 2 : WALK_ROOM;
        if (w->room != 0)
            walk_sort_chunks(w);
        if (w->nchunks > w->room / 2 || w->room == 0) {
            v = room <= SIZE_MAX / each
                    ? mem_resize(w->mem, w->chunks, w->room * each, room * each) : NULL;
            if (v == NULL)
                return false;
            w->chunks = v;
            w->room = room;
        }
    }
    memcpy(w->chunks + w->nchunks++ * w->rank, w->scaled, each);
    return true;
}

/* Collect the grid coordinates that a tree touches. As deep as the rank. */
static bool
walk_collect(struct sel_walk *w, const struct spans *s, unsigned d)
{
    const struct spans *last_down = NULL;
    uint64_t last = WALK_NONE;

    for (size_t i = 0; i < s->n; i++) {
        const struct span *p = &s->span[i];
        for (uint64_t k = p->low / w->chunk[d]; k <= p->high / w->chunk[d]; k++) {
            if (k == last && p->down == last_down)
                continue;
            w->scaled[d] = k;
            if (p->down != NULL ? !walk_collect(w, p->down, d + 1) : !walk_push_chunk(w))
                return false;
            last = k;
            last_down = p->down;
        }
    }
    return true;
}

static bool
walk_spans_chunk(struct sel_walk *w)
{
    while (w->next_chunk < w->nchunks) {
        memcpy(w->scaled, w->chunks + w->next_chunk++ * w->rank,
               w->rank * sizeof *w->scaled);
        walk_corners(w);
        w->list[0] = sel_tree(w->s);
        w->more = walk_spans_settle(w, 0, w->low[0]);
        if (w->more)
            return true;
    }
    return false;
}

/* ---- points ---- */

static int
walk_point_compare(const void *a, const void *b)
{
    const struct walk_point *x = a, *y = b;

    if (x->chunk != y->chunk)
        return x->chunk < y->chunk ? -1 : 1;
    return x->i < y->i ? -1 : x->i > y->i;
}

static hi5_status
walk_points_open(struct sel_walk *w, hi5_error *err)
{
    const hi5_selection *s = w->s;
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], grid[HI5_MAX_RANK], below = 1;
    bool sorted = true;

    /* Chunks are numbered in the box that holds all points. */
    hi5_selection_bounds(s, low, high);
    for (unsigned d = w->rank; d-- > 0;) {
        low[d] /= w->chunk[d];
        grid[d] = below;
        if (!ckd_mul64(below, high[d] / w->chunk[d] - low[d] + 1, &below))
            return err_plain(err, HI5_E_LIMIT, "points in a grid of over 2^64 chunks");
    }
    w->point = mem_zalloc(w->mem, s->npoints, sizeof *w->point);
    if (w->point == NULL)
        return mem_fail(w->mem, s->npoints * sizeof *w->point, err);
    w->npoints = s->npoints;
    for (size_t i = 0; i < s->npoints; i++) {
        const uint64_t *c = s->points + i * w->rank;
        w->point[i].i = i;
        for (unsigned d = 0; d < w->rank; d++)
            w->point[i].chunk += (c[d] / w->chunk[d] - low[d]) * grid[d];
        sorted = sorted && (i == 0 || w->point[i - 1].chunk <= w->point[i].chunk);
    }
    if (!sorted)
        qsort(w->point, w->npoints, sizeof *w->point, walk_point_compare);
    return HI5_OK;
}

static bool
walk_points_chunk(struct sel_walk *w)
{
    const uint64_t *c;

    w->next_point = w->end_point;
    if (w->next_point == w->npoints)
        return false;
    while (w->end_point < w->npoints &&
           w->point[w->end_point].chunk == w->point[w->next_point].chunk)
        w->end_point++;
    c = w->s->points + w->point[w->next_point].i * w->rank;
    for (unsigned d = 0; d < w->rank; d++)
        w->scaled[d] = c[d] / w->chunk[d];
    walk_corners(w);
    w->more = true;
    return true;
}

static void
walk_points_run(struct sel_walk *w, struct sel_run *r)
{
    const size_t i = w->point[w->next_point++].i;
    const uint64_t *c = w->s->points + i * w->rank;

    *r = (struct sel_run){0, i, 1};
    for (unsigned d = 0; d < w->rank; d++)
        r->at += (c[d] - w->low[d]) * w->at_stride[d];
    w->more = w->next_point < w->end_point;
}

/* ---- all of them ---- */

static hi5_status
walk_prepare(struct sel_walk *w, hi5_error *err)
{
    const hi5_selection *s = w->s;
    uint64_t below = 1;

    for (unsigned d = w->rank; d-- > 0;) {
        if (w->chunk[d] == 0)
            return err_plain(err, HI5_E_INTERNAL, "walk: a chunk dimension is 0");
        w->at_stride[d] = below;
        if (!ckd_mul64(below, w->chunk[d], &below))
            return err_plain(err, HI5_E_LIMIT, "a chunk of over 2^64 elements");
    }
    if (s->kind == HI5_SELECTION_POINTS) {
        w->mode = WALK_POINTS;
        return walk_points_open(w, err);
    }
    if (!sel_as_regular(s, w->dim)) {
        w->mode = WALK_SPANS;
        if (!walk_collect(w, sel_tree(s), 0))
            return mem_fail(w->mem, (w->room != 0 ? w->room : WALK_ROOM) * w->rank *
                                        sizeof *w->chunks, err);
        walk_sort_chunks(w);
        return HI5_OK;
    }
    w->mode = WALK_REGULAR;
    below = 1;
    for (unsigned d = w->rank; d-- > 0;) {
        w->pos_stride[d] = below;
        w->total[d] = w->dim[d].count * w->dim[d].block;
        below *= w->total[d];
    }
    return HI5_OK;
}

HI5_INT hi5_status
sel_walk_open(struct mem *mem, const hi5_selection *s, const uint64_t *chunk,
              struct sel_walk **out, hi5_error *err)
{
    const uint64_t n = hi5_selection_count(s);
    struct sel_walk *w;
    hi5_status st = HI5_OK;

    *out = NULL;
    if (n == UINT64_MAX)
        return err_plain(err, HI5_E_LIMIT, "a selection of 2^64 elements or more");
    w = mem_zalloc(mem, 1, sizeof *w);
    if (w == NULL)
        return mem_fail(mem, sizeof *w, err);
    w->mem = mem;
    w->s = s;
    w->rank = s->extent.rank;
    w->first_chunk = true;
    w->empty = n == 0;
    if (w->rank != 0)
        memcpy(w->chunk, chunk, w->rank * sizeof *chunk);
    if (!w->empty)
        st = walk_prepare(w, err);
    if (st != HI5_OK) {
        sel_walk_close(w);
        return st;
    }
    *out = w;
    return HI5_OK;
}

HI5_INT bool
sel_walk_chunk(struct sel_walk *w, uint64_t *scaled)
{
    bool found = false;

    w->holding = w->more = false;
    if (w->empty)
        return false;
    switch (w->mode) {
    case WALK_REGULAR:
        found = walk_regular_chunk(w);
        break;
    case WALK_SPANS:
        found = walk_spans_chunk(w);
        break;
    case WALK_POINTS:
        found = walk_points_chunk(w);
        break;
    }
    w->first_chunk = false;
    if (found && w->rank != 0)
        memcpy(scaled, w->scaled, w->rank * sizeof *scaled);
    w->empty = !found;
    return found;
}

static void
walk_fetch(struct sel_walk *w, struct sel_run *r)
{
    switch (w->mode) {
    case WALK_REGULAR:
        walk_regular_run(w, r);
        break;
    case WALK_SPANS:
        walk_spans_run(w, r);
        break;
    case WALK_POINTS:
        walk_points_run(w, r);
        break;
    }
}

HI5_INT bool
sel_walk_run(struct sel_walk *w, struct sel_run *r)
{
    if (!w->holding) {
        if (!w->more)
            return false;
        walk_fetch(w, &w->held);
    }
    *r = w->held;
    w->holding = false;
    while (w->more) {
        walk_fetch(w, &w->held);
        if (w->held.at != r->at + r->n || w->held.pos != r->pos + r->n) {
            w->holding = true;
            break;
        }
        r->n += w->held.n;
    }
    return true;
}

/* A row of whole blocks in the runs' own dimension, as far as the chunk goes; false if
 * the next piece is not of that kind. */
static bool
walk_regular_strip(struct sel_walk *w, struct sel_strip *s)
{
    const unsigned t = w->run_dim;
    const struct sel_dim *d = &w->dim[t];
    const uint64_t off = w->x[t] - d->start;
    uint64_t count, last;

    if (d->count == 1 || off % d->stride != 0 || w->high[t] - w->x[t] < d->block - 1)
        return false;
    count = (w->high[t] - w->x[t] - (d->block - 1)) / d->stride + 1;
    if (count > d->count - off / d->stride)
        count = d->count - off / d->stride;
    walk_regular_place(w, &s->at, &s->pos);
    s->block = d->block * w->at_stride[t];
    s->count = count;
    s->step = d->stride * w->at_stride[t];
    last = w->x[t] + (count - 1) * d->stride + d->block - 1;
    walk_regular_advance(w, last);
    return true;
}

/* Runs of a regular selection are as long as they can be: there is no looking ahead. */
HI5_INT bool
sel_walk_strip(struct sel_walk *w, struct sel_strip *s)
{
    struct sel_run r;

    if (w->mode == WALK_REGULAR && w->rank > 0) {
        if (!w->more)
            return false;
        if (walk_regular_strip(w, s))
            return true;
        walk_regular_run(w, &r); /* one block, or what the chunk leaves of one */
    } else if (!sel_walk_run(w, &r)) {
        return false;
    }
    s->at = r.at;
    s->pos = r.pos;
    s->block = s->step = r.n;
    s->count = 1;
    return true;
}

HI5_INT uint64_t
sel_walk_selected(const struct sel_walk *w)
{
    uint64_t n = 1;

    if (w->mode != WALK_REGULAR)
        return 0;
    for (unsigned d = 0; d < w->rank; d++) {
        const uint64_t first = walk_next(&w->dim[d], w->low[d]);
        const uint64_t next =
            w->high[d] == UINT64_MAX ? WALK_NONE : walk_next(&w->dim[d], w->high[d] + 1);
        n *= (next == WALK_NONE ? w->total[d] : walk_ordinal(&w->dim[d], next)) -
             walk_ordinal(&w->dim[d], first);
    }
    return n;
}

HI5_INT uint64_t
sel_walk_places(const struct sel_walk *w, uint64_t near)
{
    const struct sel_dim *const d = &w->dim[w->run_dim];
    uint64_t n = 1;

    if (w->mode == WALK_POINTS)
        return w->npoints;
    if (w->mode == WALK_SPANS)
        return 0;
    if (w->rank > 0 && d->count > 1 && d->stride > near / w->at_stride[w->run_dim])
        n = d->count;
    for (unsigned i = 0; i < w->run_dim; i++)
        n *= w->total[i];
    return n;
}

HI5_INT void
sel_strip_part(const struct sel_strip *s, uint64_t pos, uint64_t to,
               struct sel_strip *part)
{
    const uint64_t k = (pos - s->pos) / s->block, in = (pos - s->pos) % s->block;
    const uint64_t most = to - pos, rest = s->block - in;

    *part = (struct sel_strip){.at = s->at + k * s->step + in, .pos = pos, .count = 1};
    if (in == 0 && most >= s->block) {
        part->block = s->block;
        part->count = most / s->block < s->count - k ? most / s->block : s->count - k;
        part->step = s->step;
    } else {
        part->block = part->step = rest < most ? rest : most;
    }
}

HI5_INT void
sel_walk_close(struct sel_walk *w)
{
    if (w == NULL)
        return;
    mem_free(w->mem, w->chunks, w->room * w->rank * sizeof *w->chunks);
    mem_free(w->mem, w->point, w->npoints * sizeof *w->point);
    mem_free(w->mem, w, sizeof *w);
}

/* ---- seeking ---- */

/* Where the next run begins, in the chunk or in the order of the selection. */
static uint64_t
walk_here(const struct sel_walk *w, bool in_order)
{
    uint64_t here = 0;

    for (unsigned d = 0; d < w->rank; d++) {
        const struct span *p;
        if (!in_order) {
            here += (w->x[d] - w->low[d]) * w->at_stride[d];
        } else if (w->mode == WALK_REGULAR) {
            here += walk_ordinal(&w->dim[d], w->x[d]) * w->pos_stride[d];
        } else {
            p = &w->list[d]->span[w->span[d]];
            here += p->before + (w->x[d] - p->low) * (p->down != NULL ? p->down->count : 1);
        }
    }
    return here;
}

/* Is there nothing to skip, because the walk is there already? What has been fetched
 * ahead is dropped otherwise. */
static bool
walk_is_there(struct sel_walk *w, uint64_t to, bool in_order)
{
    const uint64_t held = in_order ? w->held.pos : w->held.at;

    if (w->mode == WALK_POINTS || w->rank == 0 || (w->holding && held + w->held.n > to))
        return true;
    w->holding = false;
    return !w->more || walk_here(w, in_order) >= to;
}

/* Offsets from the corner of the chunk. */
static void
walk_offsets(const struct sel_walk *w, uint64_t at, uint64_t *off)
{
    for (unsigned d = 0; d < w->rank; d++) {
        off[d] = at / w->at_stride[d];
        at %= w->at_stride[d];
    }
}

static void
walk_regular_seek(struct sel_walk *w, const uint64_t *off)
{
    for (unsigned d = 0; d <= w->run_dim; d++) {
        const uint64_t x = off[d] <= w->high[d] - w->low[d]
                               ? walk_next(&w->dim[d], w->low[d] + off[d]) : WALK_NONE;
        const bool found = x != WALK_NONE && x <= w->high[d];
        w->x[d] = found ? x : walk_next(&w->dim[d], w->low[d]);
        if (found && x == w->low[d] + off[d])
            continue;
        for (unsigned e = d + 1; e < w->rank; e++)
            w->x[e] = walk_next(&w->dim[e], w->low[e]);
        if (!found)
            walk_regular_carry(w, d);
        return;
    }
}

static void
walk_spans_seek(struct sel_walk *w, const uint64_t *off)
{
    unsigned d = 0;

    w->more = off[0] <= w->high[0] - w->low[0] &&
              walk_spans_settle(w, 0, w->low[0] + off[0]);
    while (w->more && d + 1 < w->rank && w->x[d] == w->low[d] + off[d]) {
        d++;
        if (walk_spans_settle(w, d, w->low[d] + off[d]))
            continue;
        w->more = false;
        while (!w->more && d-- > 0)
            w->more = w->x[d] < w->high[d] && walk_spans_settle(w, d, w->x[d] + 1);
        return;
    }
}

HI5_INT void
sel_walk_skip_to(struct sel_walk *w, uint64_t at)
{
    uint64_t off[HI5_MAX_RANK];

    if (walk_is_there(w, at, false))
        return;
    walk_offsets(w, at, off);
    if (w->mode == WALK_REGULAR)
        walk_regular_seek(w, off);
    else
        walk_spans_seek(w, off);
}

static void
walk_spans_seek_pos(struct sel_walk *w, uint64_t pos)
{
    for (unsigned d = 0; d < w->rank; d++) {
        const struct spans *const s = w->list[d];
        size_t low = 0, high = s->n; /* span `low` does not begin behind pos */
        uint64_t below;

        while (high - low > 1) {
            const size_t mid = low + (high - low) / 2;
            if (s->span[mid].before <= pos)
                low = mid;
            else
                high = mid;
        }
        below = s->span[low].down != NULL ? s->span[low].down->count : 1;
        pos -= s->span[low].before;
        w->span[d] = low;
        w->x[d] = s->span[low].low + pos / below;
        pos %= below;
        if (d + 1 < w->rank)
            w->list[d + 1] = s->span[low].down;
    }
}

HI5_INT void
sel_walk_skip_to_pos(struct sel_walk *w, uint64_t pos)
{
    if (walk_is_there(w, pos, true))
        return;
    w->more = pos < hi5_selection_count(w->s);
    if (!w->more)
        return;
    if (w->mode == WALK_SPANS) {
        walk_spans_seek_pos(w, pos);
        return;
    }
    for (unsigned d = 0; d <= w->run_dim; d++) {
        const uint64_t k = pos / w->pos_stride[d];
        w->x[d] = w->dim[d].start + k / w->dim[d].block * w->dim[d].stride +
                  k % w->dim[d].block;
        pos %= w->pos_stride[d];
    }
}
