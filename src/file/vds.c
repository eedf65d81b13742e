/*
 * vds.c - virtual datasets: elements that are in other datasets      [FMT IV.A.2.i]
 *
 * A mapping pairs a selection of this dataset with one of a source, element by element in
 * order. An unlimited mapping grows with its source; a printf-style one names a source
 * for each block of the virtual selection. What no source gives is the fill value.
 *
 * Sources are opened when they are needed and closed again: a virtual dataset may have
 * more of them than a process may have files.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/dataset.h"
#include "format/msg_select.h"
#include "space/convert.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VDS_DEPTH 4u       /* virtual datasets of virtual datasets */
#define VDS_NAME 4096u

/* What one call may spend on sources that are virtual themselves: without a bound, four
 * levels of a thousand mappings each are 10^12 sources to open. In units of some ten
 * nanoseconds; what is asked for in bytes earns more of them. */
#define VDS_WORK ((uint64_t)1 << 27)
#define VDS_WORK_OPEN 1000u    /* one source opened */
#define VDS_WORK_BYTES 16u     /* bytes read or filled, for one */
#define VDS_WORK_AGAIN 8u      /* how often each byte asked for may be read */

struct vds_map {
    struct vds_entry entry;
    int virt_dim, source_dim;  /* unlimited dimension, or -1 */
    bool printf_style;         /* names hold %b: one source for each block */
    uint64_t blocks;           /* printf-style: how many there are */
};

struct vds {
    size_t n;
    struct vds_map *map;
};

/* One mapping as it is to be read: both selections limited, of the same count. */
struct vds_piece {
    const char *file, *dataset;
    hi5_selection *virt, *source; /* owned; source has the extent of its dataset */
    hi5_dataset *from;         /* owned */
    /* A block that the extent cuts: out of every `whole` elements of the source, the
     * first `kept` are there. 0: it is not cut. */
    uint64_t kept, whole;
};

/* ---- names ---- */

/* Expand %b to the block number and %% to %. */
static bool
vds_expand(char *out, const char *template, uint64_t block)
{
    size_t n = 0;

    for (const char *p = template; *p != '\0'; p++) {
        char digits[24] = {*p, '\0'};
        if (p[0] == '%' && p[1] == 'b') {
            snprintf(digits, sizeof digits, "%llu", (unsigned long long)block);
            p++;
        } else if (p[0] == '%' && p[1] == '%') {
            p++;
        }
        if (n + strlen(digits) >= VDS_NAME)
            return false;
        memcpy(out + n, digits, strlen(digits));
        n += strlen(digits);
    }
    out[n] = '\0';
    return true;
}

static bool
vds_has_block(const char *name)
{
    for (; *name != '\0'; name++) {
        if (name[0] == '%' && name[1] == 'b')
            return true;
        name += name[0] == '%' && name[1] == '%';
    }
    return false;
}

/* ---- bounded work ---- */

/* Take from what is left, if `d` is the source of another dataset: what a dataset itself
 * says is in proportion to the file. */
static hi5_status
vds_spend(const hi5_dataset *d, uint64_t *work, uint64_t cost, hi5_error *err)
{
    if (d->above == NULL || work == NULL)
        return HI5_OK;
    if (cost > *work)
        return err_plain(err, HI5_E_LIMIT, "virtual datasets of virtual datasets: there "
                         "are too many sources");
    *work -= cost;
    return HI5_OK;
}

/* ---- sources ---- */

/* A dataset cannot be a source of itself, directly or through others. */
static hi5_status
vds_check_source(const hi5_dataset *d, const hi5_object *source, hi5_error *err)
{
    unsigned depth = 1;

    for (const hi5_dataset *x = d; x != NULL; x = x->above) {
        if (x->file == source->file && x->object->head->addr == source->head->addr)
            return err_plain(err, HI5_E_CORRUPT, "the virtual dataset is made of itself");
        if (depth++ > VDS_DEPTH)
            return err_plain(err, HI5_E_LIMIT, "virtual datasets nest more than %u deep",
                             VDS_DEPTH);
    }
    return HI5_OK;
}

/* Open a source. HI5_E_NOTFOUND if there is no such file or object. */
static hi5_status
vds_open_source(hi5_dataset *d, const char *file, const char *name, uint64_t *work,
                hi5_dataset **out, hi5_error *err)
{
    const struct vds_use use = {d, work};
    hi5_file *f = d->file;
    hi5_object *o;
    hi5_status s;

    *out = NULL;
    TRY(vds_spend(d, work, VDS_WORK_OPEN, err));
    if (strcmp(file, ".") == 0)
        file_ref(f);
    else
        TRY(file_open_other(d->file, HI5_OTHER_VDS_SOURCE, file, &f, err));
    s = hi5_object_open(f, name, &o, err);
    if (s == HI5_OK) {
        s = vds_check_source(d, o, err);
        if (s == HI5_OK)
            s = dataset_open(o, &use, out, err);
        hi5_object_close(o);
    }
    file_unref(f);
    return s;
}

static void
vds_warn_missing(hi5_dataset *d, const char *file, const char *name)
{
    file_warn(d->file, "%.100s: source %.60s of %.60s is missing: fill values instead",
              d->object->path, name, file);
}

/* ---- how far unlimited mappings reach ---- */

/* How many selected coordinates an unlimited dimension has before `end`. */
static uint64_t
vds_slices(const hi5_selection *s, unsigned dim, uint64_t end)
{
    uint64_t v[4][HI5_MAX_RANK], whole, rest;

    if (!hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]) || end <= v[0][dim])
        return 0;
    end -= v[0][dim];
    if (v[3][dim] == HI5_UNLIMITED)
        return end;
    whole = end / v[1][dim];
    rest = end % v[1][dim];
    return whole * v[3][dim] + (rest < v[3][dim] ? rest : v[3][dim]);
}

/* The extent that just holds `slices` selected coordinates; with `trail`, also what
 * comes before the next one. */
static uint64_t
vds_extent(const hi5_selection *s, unsigned dim, uint64_t slices, bool trail)
{
    uint64_t v[4][HI5_MAX_RANK], start, stride, block, whole, rest;

    if (!hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]))
        return 0;
    start = v[0][dim];
    stride = v[1][dim];
    block = v[3][dim];
    if (slices == 0)
        return trail ? start : 0;
    if (block == HI5_UNLIMITED || block == stride)
        return start + slices;
    whole = slices / block;
    rest = slices % block;
    if (rest != 0)
        return start + whole * stride + rest;
    return trail ? start + whole * stride : start + (whole - 1) * stride + block;
}

/* The extent in the unlimited dimension that a mapping with one growing source gives. */
static hi5_status
vds_reach_source(hi5_dataset *d, struct vds_map *m, bool trail, uint64_t *end,
                 hi5_error *err)
{
    hi5_dataset *source;
    uint64_t slices = 0;
    const hi5_status s =
        vds_open_source(d, m->entry.file, m->entry.dataset, d->work, &source, err);

    if (s == HI5_OK) {
        if (source->shape.rank == hi5_selection_rank(m->entry.source))
            slices = vds_slices(m->entry.source, (unsigned)m->source_dim,
                                source->shape.dims[m->source_dim]);
        hi5_dataset_close(source);
    } else {
        return s != HI5_E_NOTFOUND ? s : HI5_OK;
    }
    *end = vds_extent(m->entry.virt, (unsigned)m->virt_dim, slices, trail);
    return HI5_OK;
}

/* Count the blocks of a printf-style mapping whose sources exist, looking past gaps of
 * at most the length that the caller allows. */
static hi5_status
vds_reach_blocks(hi5_dataset *d, struct vds_map *m, bool trail, uint64_t *end,
                 hi5_error *err)
{
    const uint64_t gap = d->file->options.vds_gap;
    char file[VDS_NAME], name[VDS_NAME];
    uint64_t v[4][HI5_MAX_RANK], found = 0;

    for (uint64_t b = 0; b <= found + gap; b++) {
        hi5_dataset *source;
        hi5_status s;
        if (!vds_expand(file, m->entry.file, b) || !vds_expand(name, m->entry.dataset, b))
            return err_plain(err, HI5_E_LIMIT, "the name of a source is too long");
        s = vds_open_source(d, file, name, d->work, &source, err);
        if (s == HI5_OK) {
            hi5_dataset_close(source);
            found = b + 1;
        } else if (s != HI5_E_NOTFOUND) {
            return s;
        } else if (trail) {
            break; /* the first one missing ends it */
        }
    }
    m->blocks = found;
    if (!hi5_selection_get_regular(m->entry.virt, v[0], v[1], v[2], v[3]))
        return err_plain(err, HI5_E_CORRUPT, "%%b without a regular selection");
    if (found != 0)
        *end = vds_extent(m->entry.virt, (unsigned)m->virt_dim,
                          found * v[3][m->virt_dim], trail);
    return HI5_OK;
}

/* Give the dataset the extent that its sources allow, its maximum at most. Limited
 * mappings set the least. A mapping whose source is missing reaches nowhere, not even to
 * where it starts, as libhdf5 has it. */
static hi5_status
vds_set_extent(hi5_dataset *d, hi5_error *err)
{
    const bool first = d->file->options.vds_view == HI5_VDS_FIRST_MISSING;
    uint64_t least[HI5_MAX_RANK] = {0}, reach[HI5_MAX_RANK];
    bool open[HI5_MAX_RANK] = {false};

    for (size_t i = 0; i < d->vds->n; i++) {
        struct vds_map *m = &d->vds->map[i];
        uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], end = 0;
        const int u = m->virt_dim;
        if (hi5_selection_get_kind(m->entry.virt) != HI5_SELECTION_ALL &&
            hi5_selection_bounds(m->entry.virt, low, high))
            for (int k = 0; k < (int)d->shape.rank; k++)
                if (k != u && high[k] != UINT64_MAX && high[k] >= least[k])
                    least[k] = high[k] + 1;
        if (u < 0)
            continue;
        if (m->printf_style)
            TRY(vds_reach_blocks(d, m, first, &end, err));
        else if (m->source_dim >= 0)
            TRY(vds_reach_source(d, m, first, &end, err));
        if (!open[u] || (first ? end < reach[u] : end > reach[u]))
            reach[u] = end;
        open[u] = true;
    }
    for (unsigned k = 0; k < d->shape.rank; k++) {
        if (!open[k])
            continue;
        if (reach[k] < least[k])
            reach[k] = least[k];
        d->shape.dims[k] = reach[k] < d->shape.max[k] ? reach[k] : d->shape.max[k];
    }
    return HI5_OK;
}

/* ---- opening ---- */

static hi5_status
vds_load(hi5_dataset *d, hi5_error *err)
{
    const uint8_t *bytes, *copy;
    struct vds_entry *entries;
    struct cur c;
    void *held;
    size_t n;

    TRY(gheap_get(d->file->gheap, d->layout.addr, d->layout.heap_index, &bytes, &n, &held,
                  err));
    copy = arena_copy(&d->arena, bytes, n);
    gheap_release(d->file->gheap, held);
    if (copy == NULL)
        return mem_fail(&d->file->mem, n, err);
    TRY(vds_spend(d, d->work, n, err));
    c = meta_cursor_at(&d->file->meta, copy, n, ADDR_NONE, &d->arena, err);
    TRY(vds_block_decode(&c, &d->file->mem, &d->shape, &entries, &n));
    d->vds->n = n;
    d->vds->map = arena_zalloc(&d->arena, n, sizeof *d->vds->map);
    if (d->vds->map == NULL) {
        for (size_t i = 0; i < n; i++) {
            hi5_selection_free(entries[i].source);
            hi5_selection_free(entries[i].virt);
        }
        d->vds->n = 0;
        return mem_fail(&d->file->mem, n * sizeof *d->vds->map, err);
    }
    for (size_t i = 0; i < n; i++) {
        struct vds_map *m = &d->vds->map[i];
        m->entry = entries[i];
        m->virt_dim = sel_unlimited_dim(m->entry.virt);
        m->source_dim = sel_unlimited_dim(m->entry.source);
        m->printf_style = m->virt_dim >= 0 && m->source_dim < 0 &&
                          (vds_has_block(m->entry.file) ||
                           vds_has_block(m->entry.dataset));
    }
    return HI5_OK;
}

HI5_INT hi5_status
vds_open(hi5_dataset *d, hi5_error *err)
{
    uint64_t work = VDS_WORK;
    hi5_status s;

    d->vds = arena_zalloc(&d->arena, 1, sizeof *d->vds);
    if (d->vds == NULL)
        return mem_fail(&d->file->mem, sizeof *d->vds, err);
    if (d->layout.addr == ADDR_NONE || d->layout.heap_index == 0)
        return HI5_OK; /* no mappings */
    TRY(vds_load(d, err));
    if (d->above != NULL)
        return vds_set_extent(d, err);
    d->work = &work;
    s = vds_set_extent(d, err);
    d->work = NULL;
    return s;
}

HI5_INT void
vds_close(hi5_dataset *d)
{
    for (size_t i = 0; i < d->vds->n; i++) {
        hi5_selection_free(d->vds->map[i].entry.source);
        hi5_selection_free(d->vds->map[i].entry.virt);
    }
}

HI5_INT size_t
vds_count(const hi5_dataset *d)
{
    return d->vds != NULL ? d->vds->n : 0;
}

HI5_INT bool
vds_mapping(const hi5_dataset *d, size_t i, hi5_mapping *m)
{
    const struct vds_entry *e;

    if (i >= vds_count(d))
        return false;
    e = &d->vds->map[i].entry;
    *m = (hi5_mapping){e->file, e->dataset, e->source, e->virt};
    return true;
}

/* ---- reading ---- */

/* Runs of what is wanted, by their place in the virtual dataset. */
struct vds_wanted {
    struct mem *mem;
    struct sel_run *run;
    size_t n, room;
};

static hi5_status
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

static hi5_status
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
    if (w->n > 1)
        qsort(w->run, w->n, sizeof *w->run, vds_run_compare);
    return st;
}

/* Intersect the virtual side of a mapping with what is wanted: for each common run, `at`
 * is its place in the order of the mapping, `pos` its place in the caller's buffer. */
static hi5_status
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
    if (!sel_walk_chunk(walk, none)) /* it fits: the one chunk is all of it */
        end = 0;
    while (s == HI5_OK && end != 0 && sel_walk_run(walk, &v) && v.at < end) {
        const uint64_t from = v.at, to = from + v.n;
        while (i > 0 && wanted->run[i - 1].at + wanted->run[i - 1].n > from)
            i--;
        while (i < wanted->n && wanted->run[i].at + wanted->run[i].n <= from)
            i++;
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

/* The part of the source that is wanted, as a selection; NULL: all of it. */
static hi5_status
vds_narrow(const struct vds_piece *p, const struct vds_wanted *common, uint64_t n,
           struct mem *mem, hi5_selection **out, hi5_error *err)
{
    struct vds_boxes b = {.mem = mem, .dims = sel_extent(p->source),
                          .rank = hi5_selection_rank(p->source)};
    hi5_status s;

    *out = NULL;
    if (n == hi5_selection_count(p->source) || b.rank == 0)
        return HI5_OK;
    s = vds_source_boxes(p->source, common, &b, err);
    if (s == HI5_OK)
        s = sel_create(mem, &p->from->shape, out, err);
    if (s == HI5_OK)
        s = sel_set_blocks(*out, b.n, b.corner, err);
    mem_free(mem, b.corner, b.room * 2u * b.rank * sizeof *b.corner);
    if (s != HI5_OK) {
        hi5_selection_free(*out);
        *out = NULL;
    }
    return s;
}

static void
vds_scatter(const struct read_request *q, const struct vds_wanted *common,
            const uint8_t *from)
{
    const size_t each = q->memory->size;

    for (size_t i = 0; i < common->n; i++) {
        uint8_t *to = q->buf + (size_t)common->run[i].pos * each;
        const size_t n = (size_t)common->run[i].n;
        if (q->memory->has_vlen)
            conv_reclaim(q->memory, q->give, to, n);
        memcpy(to, from, n * each);
        from += n * each;
    }
}

/* Read the common elements from the source and put them where they belong. */
static hi5_status
vds_transfer(const struct vds_piece *p, const struct vds_wanted *common,
             const struct read_request *q)
{
    struct mem *mem = &p->from->file->mem;
    hi5_selection *some = NULL;
    struct read_request inner = *q;
    uint64_t n = 0, bytes;
    hi5_status s;

    for (size_t i = 0; i < common->n; i++)
        n += common->run[i].n;
    if (n == 0)
        return HI5_OK;
    if (!ckd_mul64(n, q->memory->size, &bytes) || bytes > SIZE_MAX)
        return err_plain(q->err, HI5_E_LIMIT, "too much to read at once");
    TRY(vds_spend(p->from->above, q->work, bytes / VDS_WORK_BYTES, q->err));
    TRY(vds_narrow(p, common, n, mem, &some, q->err));
    inner.selection = some != NULL ? some : p->source;
    if (common->n == 1 && !q->memory->has_vlen) {
        inner.buf = q->buf + (size_t)common->run[0].pos * q->memory->size;
        s = dataset_read(p->from, &inner);
    } else {
        inner.buf = mem_zalloc(mem, (size_t)n, q->memory->size);
        s = inner.buf != NULL ? dataset_read(p->from, &inner)
                              : mem_fail(mem, bytes, q->err);
        if (s == HI5_OK)
            vds_scatter(q, common, inner.buf);
        else if (inner.buf != NULL && q->memory->has_vlen)
            conv_reclaim(q->memory, q->give, inner.buf, (size_t)n);
        mem_free(mem, inner.buf, inner.buf != NULL ? (size_t)bytes : 0);
    }
    hi5_selection_free(some);
    return s;
}

/* A list of points may name an element more than once: each turn takes it once. */
static hi5_status
vds_transfer_turns(const struct vds_piece *p, struct vds_wanted *common,
                   const struct read_request *q)
{
    hi5_status s = HI5_OK;

    while (s == HI5_OK && common->n > 0) {
        struct vds_wanted once = {.mem = common->mem};
        uint64_t end = 0;
        size_t left = 0;
        for (size_t i = 0; s == HI5_OK && i < common->n; i++) {
            const struct sel_run r = common->run[i];
            if (once.n > 0 && r.at < end) {
                common->run[left++] = r;
                continue;
            }
            s = vds_wanted_add(&once, &r, q->err);
            end = r.at + r.n;
        }
        common->n = left;
        if (s == HI5_OK)
            s = vds_transfer(p, &once, q);
        mem_free(once.mem, once.run, once.room * sizeof *once.run);
    }
    return s;
}

/* Places in the order of a cut block become those in the order of its source. */
static hi5_status
vds_uncut(const struct vds_piece *p, struct vds_wanted *common, hi5_error *err)
{
    struct vds_wanted out = {.mem = common->mem};
    hi5_status s = HI5_OK;

    for (size_t i = 0; s == HI5_OK && i < common->n; i++) {
        struct sel_run r = common->run[i];
        while (s == HI5_OK && r.n > 0) {
            const uint64_t row = r.at / p->kept, in = r.at % p->kept;
            const uint64_t n = r.n < p->kept - in ? r.n : p->kept - in;
            const struct sel_run to = {row * p->whole + in, r.pos, n};
            s = vds_wanted_add(&out, &to, err);
            r = (struct sel_run){r.at + n, r.pos + n, r.n - n};
        }
    }
    mem_free(common->mem, common->run, common->room * sizeof *common->run);
    *common = out;
    return s;
}

static hi5_status
vds_piece_fits(const struct vds_piece *p, hi5_error *err)
{
    uint64_t n = hi5_selection_count(p->virt);

    if (p->kept != 0)
        n = n / p->kept * p->whole;
    if (n != hi5_selection_count(p->source))
        return err_plain(err, HI5_E_CORRUPT, "a mapping of %llu elements to %llu",
                         (unsigned long long)n,
                         (unsigned long long)hi5_selection_count(p->source));
    if (!sel_fits(p->virt))
        return err_plain(err, HI5_E_CORRUPT, "a mapping selects elements outside of "
                         "the virtual dataset");
    if (!sel_fits(p->source))
        return err_plain(err, HI5_E_CORRUPT, "a mapping selects elements outside of "
                         "its source, %s", p->dataset);
    return HI5_OK;
}

/* Can the source's elements become those that are wanted? A source that is virtual, too,
 * has to be looked into. */
static hi5_status
vds_piece_converts(const struct vds_piece *p, const struct read_request *q)
{
    const struct conv_env env = object_conv_env(p->from->file);
    struct read_request inner = *q;
    const struct conv *conv;
    struct arena a;
    hi5_status s;

    inner.selection = p->source;
    if (p->from->vds != NULL)
        return vds_read(p->from, &inner);
    arena_init(&a, &p->from->file->mem);
    s = conv_open(p->from->type, q->memory, &env, &a, &conv, q->err);
    arena_done(&a);
    return s;
}

static hi5_status
vds_read_piece(const struct vds_piece *p, const struct vds_wanted *wanted,
               const struct read_request *q)
{
    struct vds_wanted common = {.mem = wanted->mem};
    hi5_status s;

    TRY(vds_piece_fits(p, q->err));
    if (q->buf == NULL)
        return vds_piece_converts(p, q);
    s = vds_common(p->virt, wanted, &common, q->err);
    if (s == HI5_OK && p->kept != 0)
        s = vds_uncut(p, &common, q->err);
    if (s == HI5_OK && common.n > 1)
        qsort(common.run, common.n, sizeof *common.run, vds_run_compare);
    if (s == HI5_OK)
        s = hi5_selection_get_kind(q->selection) == HI5_SELECTION_POINTS
                ? vds_transfer_turns(p, &common, q)
                : vds_transfer(p, &common, q);
    mem_free(common.mem, common.run, common.room * sizeof *common.run);
    return s;
}

static hi5_status
vds_view(const hi5_dataset *d, const hi5_selection *s, const uint64_t *dims,
         hi5_selection **out, hi5_error *err)
{
    if (hi5_selection_get_kind(s) == HI5_SELECTION_POINTS)
        return err_plain(err, HI5_E_UNSUPPORTED, "a mapping of points");
    return sel_view(&d->file->mem, s, dims, out, err);
}

/* Open the source of a piece and give its selection the extent of it. false in *there:
 * the source is missing. */
static hi5_status
vds_piece_source(hi5_dataset *d, const struct vds_map *m, struct vds_piece *p, bool *there,
                 uint64_t *work, hi5_error *err)
{
    const hi5_status s = vds_open_source(d, p->file, p->dataset, work, &p->from, err);
    hi5_selection *source;

    *there = s == HI5_OK;
    if (s == HI5_E_NOTFOUND) {
        vds_warn_missing(d, p->file, p->dataset);
        err_clear(err);
        return HI5_OK;
    }
    TRY(s);
    if (hi5_selection_get_kind(m->entry.source) == HI5_SELECTION_ALL)
        return sel_create(&d->file->mem, &p->from->shape, &p->source, err);
    if (hi5_selection_rank(m->entry.source) != p->from->shape.rank)
        return err_plain(err, HI5_E_CORRUPT, "a mapping of rank %u to source %s of rank "
                         "%u", hi5_selection_rank(m->entry.source), p->dataset,
                         p->from->shape.rank);
    TRY(vds_view(d, m->entry.source, p->from->shape.dims, &source, err));
    p->source = source;
    return HI5_OK;
}

static void
vds_piece_done(struct vds_piece *p)
{
    hi5_selection_free(p->virt);
    hi5_selection_free(p->source);
    hi5_dataset_close(p->from);
}

/* Limit an unlimited pair: as many slices as both the extent and the source have. */
static hi5_status
vds_limit(const hi5_dataset *d, const struct vds_map *m, struct vds_piece *p,
          hi5_error *err)
{
    const unsigned u = (unsigned)m->virt_dim, w = (unsigned)m->source_dim;
    const uint64_t have = vds_slices(m->entry.source, w, p->from->shape.dims[w]);
    const uint64_t room = vds_slices(m->entry.virt, u, d->shape.dims[u]);
    const uint64_t n = have < room ? have : room;

    TRY(sel_limit(p->virt, u, vds_extent(m->entry.virt, u, n, false), err));
    return sel_limit(p->source, w, vds_extent(m->entry.source, w, n, false), err);
}

/* Have they nothing in common, to judge by their bounding boxes? Then the source need
 * not be opened. VDS-10 */
static bool
vds_apart(const hi5_selection *a, const hi5_selection *b)
{
    uint64_t low[2][HI5_MAX_RANK], high[2][HI5_MAX_RANK];

    if (!hi5_selection_bounds(a, low[0], high[0]) ||
        !hi5_selection_bounds(b, low[1], high[1]))
        return true;
    for (unsigned k = 0; k < hi5_selection_rank(a); k++)
        if (low[0][k] > high[1][k] || low[1][k] > high[0][k])
            return true;
    return false;
}

static hi5_status
vds_read_map(hi5_dataset *d, const struct vds_map *m, const struct vds_wanted *wanted,
             const struct read_request *q)
{
    struct vds_piece p = {.file = m->entry.file, .dataset = m->entry.dataset};
    char file[VDS_NAME], name[VDS_NAME];
    bool there;
    hi5_status s;

    if (vds_expand(file, p.file, 0) && vds_expand(name, p.dataset, 0)) {
        p.file = file; /* %% means % here too */
        p.dataset = name;
    }
    s = vds_view(d, m->entry.virt, d->shape.dims, &p.virt, q->err);
    there = s == HI5_OK && !vds_apart(p.virt, q->selection);
    if (there)
        s = vds_piece_source(d, m, &p, &there, q->work, q->err);
    if (s == HI5_OK && there && m->virt_dim >= 0 && m->source_dim >= 0)
        s = vds_limit(d, m, &p, q->err);
    if (s == HI5_OK && there)
        s = vds_read_piece(&p, wanted, q);
    vds_piece_done(&p);
    return s;
}

/* Cut a block, v, that reaches beyond the extent: its number of elements along `u` is
 * v[3][u]. False: all of it is beyond. */
static bool
vds_cut_block(const hi5_dataset *d, uint64_t v[4][HI5_MAX_RANK], unsigned u,
              struct vds_piece *p)
{
    uint64_t each = 1;

    if (v[0][u] >= d->shape.dims[u])
        return false;
    if (v[3][u] <= d->shape.dims[u] - v[0][u])
        return true;
    /* What does not fit the extent in other dimensions is refused later. */
    for (unsigned k = u + 1; k < d->shape.rank; k++)
        if (!ckd_mul64(each, v[2][k], &each) || !ckd_mul64(each, v[3][k], &each))
            return false;
    if (!ckd_mul64(each, v[3][u], &p->whole))
        return false;
    v[3][u] = d->shape.dims[u] - v[0][u];
    p->kept = each * v[3][u];
    return true;
}

/* Block b of a printf-style mapping. */
static hi5_status
vds_read_block(hi5_dataset *d, const struct vds_map *m, uint64_t b,
               const struct vds_wanted *wanted, const struct read_request *q)
{
    char file[VDS_NAME], name[VDS_NAME];
    struct vds_piece p = {.file = file, .dataset = name};
    uint64_t v[4][HI5_MAX_RANK];
    const unsigned u = (unsigned)m->virt_dim;
    bool there;
    hi5_status s;

    if (!vds_expand(file, m->entry.file, b) || !vds_expand(name, m->entry.dataset, b))
        return err_plain(q->err, HI5_E_LIMIT, "the name of a source is too long");
    if (!hi5_selection_get_regular(m->entry.virt, v[0], v[1], v[2], v[3]))
        return err_plain(q->err, HI5_E_CORRUPT, "%%b without a regular selection");
    v[0][u] += b * v[1][u];
    v[2][u] = 1;
    if (!vds_cut_block(d, v, u, &p))
        return HI5_OK;
    s = sel_create(&d->file->mem, &d->shape, &p.virt, q->err);
    if (s == HI5_OK)
        s = hi5_selection_hyperslab(p.virt, HI5_SELECT_SET, v[0], v[1], v[2], v[3],
                                    q->err);
    there = s == HI5_OK && !vds_apart(p.virt, q->selection);
    if (there)
        s = vds_piece_source(d, m, &p, &there, q->work, q->err);
    if (s == HI5_OK && there && sel_fits(p.virt))
        s = vds_read_piece(&p, wanted, q);
    vds_piece_done(&p);
    return s;
}

static hi5_status
vds_read_mapping(hi5_dataset *d, const struct vds_map *m, const struct vds_wanted *wanted,
                 const struct read_request *q)
{
    hi5_status s = HI5_OK;

    if (!m->printf_style)
        return vds_read_map(d, m, wanted, q);
    for (uint64_t b = 0; s == HI5_OK && b < m->blocks; b++)
        s = vds_read_block(d, m, b, wanted, q);
    return s;
}

/* A request without a buffer only asks whether it could be done. */
HI5_INT hi5_status
vds_read(hi5_dataset *d, const struct read_request *asked)
{
    const uint64_t n = hi5_selection_count(asked->selection);
    const uint64_t bytes = n * asked->memory->size; /* the caller has a buffer for it */
    uint64_t work = VDS_WORK + bytes / VDS_WORK_BYTES * VDS_WORK_AGAIN;
    struct vds_wanted wanted = {.mem = &d->file->mem};
    struct read_request own = *asked;
    const struct read_request *const q = &own;
    hi5_status s;

    if (own.work == NULL)
        own.work = &work;
    if (q->buf != NULL) {
        TRY(dataset_fill(d, q, q->buf, n));
        s = vds_list_runs(q->selection, &wanted, q->err);
    } else {
        s = HI5_OK;
    }
    for (size_t i = 0; s == HI5_OK && i < d->vds->n; i++)
        s = vds_read_mapping(d, &d->vds->map[i], &wanted, q);
    mem_free(wanted.mem, wanted.run, wanted.room * sizeof *wanted.run);
    return s;
}

HI5_INT hi5_status
vds_probe(hi5_dataset *d, size_t i, hi5_error *err)
{
    const struct vds_wanted nothing = {.mem = &d->file->mem};
    uint64_t work = VDS_WORK;
    struct read_request q = {NULL, NULL, &d->file->mem, NULL, err, &work};
    hi5_selection *all = NULL;
    hi5_type *memory = NULL;
    hi5_status s;

    TRY(sel_create(&d->file->mem, &d->shape, &all, err));
    s = hi5_type_memory(d->type, &memory, err);
    q.selection = all;
    q.memory = memory;
    if (s == HI5_OK)
        s = vds_read_mapping(d, &d->vds->map[i], &nothing, &q);
    hi5_type_free(memory);
    hi5_selection_free(all);
    return s;
}
