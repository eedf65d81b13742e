/*
 * vds_match.c - which elements of a source are wanted
 *
 * What is wanted is a list of runs of the virtual dataset. A mapping's virtual side is
 * intersected with it; what they have in common, by its place in the order of the mapping,
 * becomes a selection of the source.
 */
#include "base/err.h"
#include "file/vds.h"
#include <stdlib.h>

HI5_INT hi5_status
vds_wanted_add(struct vds_wanted *w, const struct sel_run *r, hi5_error *err)
{
    if (w->n == w->room) {
        const size_t room = w->room != 0 ? w->room * 2 : 64;
        struct sel_run *p =
            mem_resize(w->mem, w->run, w->room * sizeof *p, room * sizeof *p);
        if (p == NULL)
            return mem_fail(w->mem, room * sizeof *p, err);
        w->run = p;
        w->room = room;
    }
    w->run[w->n++] = *r;
    return HI5_OK;
}

static int
vds_run_compare(const void *a, const void *b)
{
    const uint64_t x = ((const struct sel_run *)a)->at;
    const uint64_t y = ((const struct sel_run *)b)->at;

    return x < y ? -1 : x > y;
}

HI5_INT void
vds_wanted_sort(struct vds_wanted *w)
{
    if (w->n > 1)
        qsort(w->run, w->n, sizeof *w->run, vds_run_compare);
}

HI5_INT void
vds_wanted_done(struct vds_wanted *w)
{
    mem_free(w->mem, w->run, w->room * sizeof *w->run);
}

HI5_INT hi5_status
vds_list_runs(const hi5_selection *s, struct vds_wanted *w, hi5_error *err)
{
    uint64_t none[HI5_MAX_RANK];
    struct sel_walk *walk;
    struct sel_run r;
    hi5_status st = HI5_OK;

    TRY(sel_walk_open(w->mem, s, sel_extent(s), &walk, err));
    while (st == HI5_OK && sel_walk_chunk(walk, none))
        while (st == HI5_OK && sel_walk_run(walk, &r))
            st = vds_wanted_add(w, &r, err);
    sel_walk_close(walk);
    vds_wanted_sort(w);
    return st;
}

/* The first run from `i` on that ends behind `at`, found in steps that double. */
static size_t
vds_wanted_after(const struct vds_wanted *w, size_t i, uint64_t at)
{
    size_t step = 1, end;

    while (step < w->n - i && w->run[i + step - 1].at + w->run[i + step - 1].n <= at) {
        i += step;
        step *= 2;
    }
    end = step < w->n - i ? i + step : w->n;
    while (i < end) {
        const size_t mid = i + (end - i) / 2;
        if (w->run[mid].at + w->run[mid].n <= at)
            i = mid + 1;
        else
            end = mid;
    }
    return i;
}

/* Both lists ascend; what one of them does not have is skipped in the other. */
HI5_INT hi5_status
vds_common(const hi5_selection *virt, const struct vds_wanted *wanted,
           struct vds_wanted *common, hi5_error *err)
{
    uint64_t none[HI5_MAX_RANK], end;
    struct sel_walk *walk;
    struct sel_run v;
    hi5_status s = HI5_OK;
    size_t i = 0;

    if (wanted->n == 0)
        return HI5_OK;
    end = wanted->run[wanted->n - 1].at + wanted->run[wanted->n - 1].n;
    TRY(sel_walk_open(wanted->mem, virt, sel_extent(virt), &walk, err));
    if (sel_walk_chunk(walk, none)) /* it fits: the one chunk is all of it */
        sel_walk_skip_to(walk, wanted->run[0].at);
    else
        end = 0;
    while (s == HI5_OK && end != 0 && sel_walk_run(walk, &v) && v.at < end) {
        const uint64_t from = v.at, to = from + v.n;
        while (i > 0 && wanted->run[i - 1].at + wanted->run[i - 1].n > from)
            i--;
        i = vds_wanted_after(wanted, i, from);
        if (i < wanted->n && wanted->run[i].at > to)
            sel_walk_skip_to(walk, wanted->run[i].at);
        for (; s == HI5_OK && i < wanted->n && wanted->run[i].at < to; i++) {
            const struct sel_run *w = &wanted->run[i];
            const uint64_t low = w->at > from ? w->at : from;
            const uint64_t high = w->at + w->n < to ? w->at + w->n : to;
            const struct sel_run r = {v.pos + (low - from), w->pos + (low - w->at),
                                      high - low};
            s = vds_wanted_add(common, &r, err);
        }
    }
    sel_walk_close(walk);
    return s;
}

/* The boxes that make up the row-major run [at, at + n): corners go to a list. */
struct vds_boxes {
    struct mem *mem;
    const uint64_t *dims;
    unsigned rank;
    uint64_t *corner;
    size_t n, room;
};

static hi5_status
vds_box_add(struct vds_boxes *b, uint64_t at, unsigned d, uint64_t length, hi5_error *err)
{
    const size_t each = 2u * b->rank;
    uint64_t *low, *high;

    if (b->n == b->room) {
        const size_t room = b->room != 0 ? b->room * 2 : 64;
        uint64_t *p = mem_resize(b->mem, b->corner, b->room * each * sizeof *p,
                                 room * each * sizeof *p);
        if (p == NULL)
            return mem_fail(b->mem, room * each * sizeof *p, err);
        b->corner = p;
        b->room = room;
    }
    low = b->corner + b->n++ * each;
    high = low + b->rank;
    for (unsigned k = b->rank; k-- > 0;) {
        low[k] = high[k] = at % b->dims[k];
        at /= b->dims[k];
        if (k > d)
            high[k] = b->dims[k] - 1;
    }
    high[d] = low[d] + length - 1;
    return HI5_OK;
}

/* Cut a run at the ends of rows: first up to whole rows, then as many as fit of the
 * largest boxes, then down again. */
static hi5_status
vds_boxes_of_run(struct vds_boxes *b, uint64_t at, uint64_t n, hi5_error *err)
{
    while (n > 0) {
        uint64_t below = 1, length, room;
        unsigned d = b->rank - 1;

        while (d > 0 && at % (below * b->dims[d]) == 0 && n >= below * b->dims[d])
            below *= b->dims[d--];
        room = b->dims[d] - at / below % b->dims[d];
        length = n / below < room ? n / below : room;
        TRY(vds_box_add(b, at, d, length, err));
        at += length * below;
        n -= length * below;
    }
    return HI5_OK;
}

/* Which elements of the source belong to the common runs. Both lists ascend in the order
 * of the mapping. */
static hi5_status
vds_source_boxes(const hi5_selection *source, const struct vds_wanted *common,
                 struct vds_boxes *b, hi5_error *err)
{
    uint64_t none[HI5_MAX_RANK];
    struct sel_walk *walk;
    struct sel_run r = {0, 0, 0};
    hi5_status s = HI5_OK;
    bool more;

    TRY(sel_walk_open(b->mem, source, sel_extent(source), &walk, err));
    more = sel_walk_chunk(walk, none) && sel_walk_run(walk, &r);
    for (size_t i = 0; s == HI5_OK && i < common->n; i++) {
        uint64_t at = common->run[i].at, left = common->run[i].n;
        while (s == HI5_OK && left > 0 && more) {
            uint64_t n;
            if (r.pos + r.n <= at) {
                sel_walk_skip_to_pos(walk, at);
                more = sel_walk_run(walk, &r);
                continue;
            }
            n = r.pos + r.n - at < left ? r.pos + r.n - at : left;
            s = vds_boxes_of_run(b, r.at + (at - r.pos), n, err);
            at += n;
            left -= n;
        }
    }
    sel_walk_close(walk);
    return s;
}

HI5_INT hi5_status
vds_narrow(const hi5_selection *source, const hi5_shape *shape,
           const struct vds_wanted *common, uint64_t n, struct mem *mem,
           hi5_selection **out, hi5_error *err)
{
    struct vds_boxes b = {.mem = mem, .dims = sel_extent(source),
                          .rank = hi5_selection_rank(source)};
    hi5_status s;

    *out = NULL;
    if (n == hi5_selection_count(source) || b.rank == 0)
        return HI5_OK;
    s = vds_source_boxes(source, common, &b, err);
    if (s == HI5_OK)
        s = sel_create(mem, shape, out, err);
    if (s == HI5_OK)
        s = sel_set_blocks(*out, b.n, b.corner, err);
    mem_free(mem, b.corner, b.room * 2u * b.rank * sizeof *b.corner);
    if (s != HI5_OK) {
        hi5_selection_free(*out);
        *out = NULL;
    }
    return s;
}
