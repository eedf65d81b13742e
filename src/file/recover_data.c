/*
 * recover_data.c - how much of a dataset can be read
 *
 * A chunk counts if the index leads to it and it decodes; where a walk over the index
 * ends early, each place of the grid is looked up by itself, so that a broken node
 * costs no more than what is below it. Elements that lead to heap objects are read,
 * since a whole chunk is of no use without them.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/recover.h"
#include <string.h>

#define RDATA_PLACES ((uint64_t)4 << 20) /* of the grid, looked up one by one */
#define RDATA_PIECE ((uint64_t)1 << 20)  /* bytes of elements, read at once */
#define RDATA_DEPTH 4u                   /* of virtual datasets in virtual ones */
#define RDATA_MOST ((uint64_t)256 << 20) /* bytes of elements of one chunk */

static const char rdata_virtual[] =
    "virtual: its elements are in other datasets, which may be in other files";

struct rdata {
    struct recover *r;
    hi5_dataset *d;
    hi5_salvaged *s;
    hi5_error *why; /* the first reason */
    hi5_type *memory;
    bool deep;          /* elements lead elsewhere */
    bool decode;        /* chunks have to be decoded */
    bool summed;        /* a filter notices damage */
    bool mute;          /* only count */
    bool mute_all;      /* a source of a virtual dataset: it is told by itself */
    uint64_t total;     /* places of the grid */
    uint64_t seen, bad; /* chunks */
    cix_fn take;        /* gets those that can be read; or NULL */
    void *take_ctx;
};

static void rdata_look(struct recover *r, hi5_object *o, hi5_salvaged *s,
                       hi5_error *why, unsigned depth);

/* ---- telling what is lost ---- */

static void
rdata_lost(struct rdata *x, const uint64_t *start, const uint64_t *count,
           const hi5_error *why)
{
    const struct recover *const r = x->r;
    hi5_lost_part part = {.reason = why->message};

    if (x->mute)
        return;
    if (x->why->status == HI5_OK)
        *x->why = *why;
    if (!x->mute_all)
        recover_write_part(x->r, x->d->shape.rank, start, count);
    if (r->options.lost == NULL || x->mute_all)
        return;
    memcpy(part.start, start, x->d->shape.rank * sizeof *start);
    memcpy(part.count, count, x->d->shape.rank * sizeof *count);
    r->options.lost(r->options.lost_ctx, x->d, &part);
}

static bool
rdata_machine(struct rdata *x, const hi5_error *why)
{
    struct check *const k = &x->r->k;

    if ((why->status == HI5_E_NOMEM || why->status == HI5_E_IO) && !check_broken(k)) {
        k->broken = why->status;
        k->why = *why;
    }
    return check_broken(k);
}

/* Whoever takes chunks has failed. */
static void
rdata_broken(struct rdata *x, const hi5_error *why)
{
    struct check *const k = &x->r->k;

    if (!check_broken(k)) {
        k->broken = why->status;
        k->why = *why;
    }
}

/* ---- reading elements ---- */

/* Read a box and throw it away. */
static hi5_status
rdata_read(struct rdata *x, const uint64_t *start, const uint64_t *count,
           hi5_error *err)
{
    struct mem *const mem = &x->r->file->mem;
    const size_t each = hi5_type_size(x->memory);
    uint64_t n = 1, bytes;
    uint8_t *buf;
    hi5_status s;

    for (unsigned i = 0; i < x->d->shape.rank; i++)
        if (!ckd_mul64(n, count[i], &n))
            n = UINT64_MAX;
    if (!ckd_mul64(n, each, &bytes) || bytes > RDATA_MOST)
        return err_plain(err, HI5_E_LIMIT, "a chunk of more than %llu bytes",
                         (unsigned long long)RDATA_MOST);
    buf = mem_zalloc(mem, (size_t)n, each);
    if (buf == NULL)
        return mem_fail(mem, bytes, err);
    s = hi5_dataset_read_slab(x->d, start, count, x->memory, buf, err);
    if (s == HI5_OK)
        hi5_reclaim(x->r->file, x->memory, (size_t)n, buf);
    mem_free(mem, buf, (size_t)bytes);
    return s;
}

/* Elements that were never written are the fill value, which may lead elsewhere,
 * too. */
static bool
rdata_fill_holds(struct rdata *x)
{
    struct mem *const mem = &x->r->file->mem;
    const size_t n = hi5_type_size(x->memory);
    hi5_error why = {0};
    uint8_t *buf;
    hi5_status s;

    if (!x->deep)
        return true;
    buf = mem_zalloc(mem, 1, n);
    s = buf != NULL ? hi5_dataset_read_fill(x->d, x->memory, buf, &why)
                    : mem_fail(mem, n, &why);
    if (s == HI5_OK)
        hi5_reclaim(x->r->file, x->memory, 1, buf);
    mem_free(mem, buf, buf != NULL ? n : 0);
    if (s != HI5_OK && !rdata_machine(x, &why) && x->why->status == HI5_OK)
        *x->why = why;
    return s == HI5_OK;
}

static void
rdata_state(hi5_salvaged *s)
{
    s->state = s->good == s->parts ? HI5_WHOLE : s->good == 0 ? HI5_LOST : HI5_PARTIAL;
}

/* ---- chunks ---- */

/* The part of a chunk that is in the extent; false: none of it. */
static bool
rdata_box(const struct rdata *x, const uint64_t *scaled, uint64_t *start,
          uint64_t *count)
{
    const hi5_dataset *const d = x->d;

    for (unsigned i = 0; i < d->grid.rank; i++) {
        if (!ckd_mul64(scaled[i], d->grid.chunk[i], &start[i]) ||
            start[i] >= d->shape.dims[i])
            return false;
        count[i] = d->shape.dims[i] - start[i];
        if (count[i] > d->grid.chunk[i])
            count[i] = d->grid.chunk[i];
    }
    return true;
}

static hi5_status
rdata_chunk_read(struct rdata *x, const struct cix_chunk *c, const uint64_t *start,
                 const uint64_t *count, hi5_error *err)
{
    if (!ckd_inside(c->addr, c->size, x->r->meta->eof))
        return err_set(err, HI5_E_TRUNCATED, c->addr, "chunk", "", "",
                       "its %llu bytes run past the end of the file",
                       (unsigned long long)c->size);
    return x->decode ? rdata_read(x, start, count, err) : HI5_OK;
}

/* Where an index has two chunks for one place, the one that readers see was read. */
static bool
rdata_is_seen(const struct rdata *x, const struct cix_chunk *c)
{
    struct cix_chunk seen = {.addr = ADDR_NONE};

    return cix_find(x->d->cix, c->scaled, &seen, NULL) == HI5_OK &&
           seen.addr == c->addr && seen.size == c->size;
}

static void
rdata_chunk(struct rdata *x, const struct cix_chunk *c)
{
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK];
    hi5_error why = {0};

    if (!rdata_box(x, c->scaled, start, count))
        return;
    x->seen++;
    if (c->mask != 0)
        x->summed = false;
    if (rdata_chunk_read(x, c, start, count, &why) == HI5_OK) {
        if (x->take != NULL && rdata_is_seen(x, c) &&
            x->take(x->take_ctx, c, &why) != HI5_OK)
            rdata_broken(x, &why);
        return;
    }
    if (rdata_machine(x, &why))
        return;
    x->bad++;
    rdata_lost(x, start, count, &why);
}

static hi5_status
rdata_walk(void *ctx, const struct cix_chunk *c, hi5_error *err)
{
    struct rdata *const x = ctx;

    (void)err;
    rdata_chunk(x, c);
    return x->r->k.broken;
}

/* One place of the grid. */
static void
rdata_place(struct rdata *x, const uint64_t *scaled)
{
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK];
    struct cix_chunk c = {.addr = ADDR_NONE};
    hi5_error why = {0};
    const hi5_status s = cix_find(x->d->cix, scaled, &c, &why);

    if (s == HI5_OK) {
        memcpy(c.scaled, scaled, x->d->grid.rank * sizeof *scaled);
        rdata_chunk(x, &c);
        return;
    }
    if (s == HI5_E_NOTFOUND || rdata_machine(x, &why))
        return;
    x->bad++;
    if (rdata_box(x, scaled, start, count))
        rdata_lost(x, start, count, &why);
}

static void
rdata_places(struct rdata *x)
{
    const hi5_dataset *const d = x->d;
    uint64_t at[HI5_MAX_RANK] = {0};
    unsigned i;

    x->seen = x->bad = 0;
    do {
        rdata_place(x, at);
        for (i = d->grid.rank; i-- > 0;) {
            if (++at[i] < (d->shape.dims[i] - 1) / d->grid.chunk[i] + 1)
                break;
            at[i] = 0;
        }
    } while (i < d->grid.rank && !check_broken(&x->r->k));
}

/* Can this build decode the filters; and does one of them notice damage? */
static bool
rdata_filters(struct rdata *x, hi5_salvaged *s)
{
    const struct pipeline *const p = &x->d->pipeline;

    for (unsigned i = 0; i < p->n; i++) {
        x->summed |=
            p->filter[i].id == FILTER_FLETCHER32 || p->filter[i].id == FILTER_DEFLATE;
        if (!hi5_filter_available(p->filter[i].id) &&
            x->r->file->options.plugins.n == 0) {
            s->reason = "its chunks are there, but this program cannot decode them";
            return false;
        }
    }
    return true;
}

static bool
rdata_grid(struct rdata *x)
{
    const hi5_dataset *const d = x->d;

    x->total = 1;
    for (unsigned i = 0; i < d->grid.rank; i++) {
        const uint64_t n =
            d->shape.dims[i] == 0 ? 0 : (d->shape.dims[i] - 1) / d->grid.chunk[i] + 1;
        if (!ckd_mul64(x->total, n, &x->total))
            x->total = UINT64_MAX;
    }
    return x->total != 0;
}

/* Count what is good, then tell what is not. False: a walk over the index ended early,
 * and the grid is too large to look up each place. */
static bool
rdata_count(struct rdata *x)
{
    hi5_error err = {0};
    hi5_status s;

    x->mute = true;
    s = cix_each(x->d->cix, rdata_walk, x, &err);
    x->mute = false;
    if (rdata_machine(x, &err) || (s == HI5_OK && x->bad == 0))
        return true;
    if (s != HI5_OK && x->why->status == HI5_OK)
        *x->why = err;
    if (s != HI5_OK && x->total <= RDATA_PLACES) {
        rdata_places(x);
        return true;
    }
    x->seen = x->bad = 0;
    (void)!cix_each(x->d->cix, rdata_walk, x, &err);
    return s == HI5_OK;
}

static void
rdata_chunked(struct rdata *x)
{
    hi5_salvaged *const s = x->s;

    if (!rdata_grid(x) || x->d->cix == NULL) {
        s->parts = x->total;
        s->good = rdata_fill_holds(x) ? x->total : 0;
        rdata_state(s);
        return;
    }
    x->decode = rdata_filters(x, s) && (x->d->pipeline.n != 0 || x->deep);
    s->parts = x->total;
    if (!rdata_count(x))
        s->good = x->seen - x->bad;
    else
        s->good = x->total - (x->bad < x->total ? x->bad : x->total);
    if (s->good > x->seen - x->bad && !rdata_fill_holds(x))
        s->good = x->seen - x->bad;
    rdata_state(s);
    s->verified = x->decode && x->summed && !x->deep && (x->d->layout.flags & 1) == 0 &&
                  x->d->object->head->version == 2 &&
                  x->d->grid.kind != HI5_INDEX_BTREE1;
}

static hi5_status
rdata_pass(void *ctx, const struct cix_chunk *c, hi5_error *err)
{
    (void)ctx;
    (void)c;
    (void)err;
    return HI5_OK;
}

HI5_INT hi5_status
recover_chunks(struct recover *r, hi5_dataset *d, cix_fn fn, void *ctx, hi5_error *err)
{
    hi5_salvaged s = {.reason = ""};
    hi5_error why = {0};
    struct rdata x = {.r = r,
                      .d = d,
                      .s = &s,
                      .why = &why,
                      .mute = true,
                      .mute_all = true,
                      .take = fn,
                      .take_ctx = ctx};
    bool ends;

    if (!rdata_grid(&x) || d->cix == NULL)
        return HI5_OK;
    TRY(hi5_type_memory(d->type, &x.memory, err));
    x.deep = d->type->has_vlen || d->type->has_ref;
    x.decode = rdata_filters(&x, &s) && (d->pipeline.n != 0 || x.deep);
    ends = cix_each(d->cix, rdata_pass, NULL, &why) != HI5_OK;
    if (ends && x.total <= RDATA_PLACES)
        rdata_places(&x);
    else
        (void)!cix_each(d->cix, rdata_walk, &x, &why);
    hi5_type_free(x.memory);
    if (check_broken(&r->k) && err != NULL)
        *err = r->k.why;
    return r->k.broken;
}

/* ---- one piece ---- */

/* Elements that lead elsewhere, in boxes of some rows of the first dimension. */
static void
rdata_rows(struct rdata *x, uint64_t rows)
{
    const hi5_shape *const shape = &x->d->shape;
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK];
    uint64_t each = 1, step, left = shape->rank != 0 ? rows : 1;

    for (unsigned i = 1; i < shape->rank; i++)
        each *= count[i] = shape->dims[i];
    step = RDATA_PIECE / (each * hi5_type_size(x->memory) + 1) + 1;
    if (step > 64)
        step = 64;
    while (left != 0 && !check_broken(&x->r->k)) {
        hi5_error why = {0};

        count[0] = left < step ? left : step;
        if (rdata_read(x, start, count, &why) != HI5_OK && !rdata_machine(x, &why)) {
            if (count[0] > 1) { /* find out which row it is */
                step = 1;
                continue;
            }
            x->s->good -= each;
            rdata_lost(x, start, count, &why);
        }
        start[0] += count[0];
        left -= count[0];
        if (shape->rank == 0)
            break;
    }
}

/* The elements from `n` on are gone: rows of the first dimension, and one in part. */
static void
rdata_cut(struct rdata *x, uint64_t n)
{
    const hi5_shape *const shape = &x->d->shape;
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK];
    uint64_t each = 1;
    hi5_error why = {0};

    err_set(&why, HI5_E_TRUNCATED, x->d->layout.addr, "contiguous data", "", "",
            "it is not all there");
    for (unsigned i = 1; i < shape->rank; i++)
        each *= count[i] = shape->dims[i];
    start[0] = each != 0 ? n / each : 0;
    count[0] = shape->rank != 0 ? shape->dims[0] - start[0] : 1;
    rdata_lost(x, start, count, &why);
}

/* How many of the bytes there are. */
HI5_INT uint64_t
recover_bytes(const struct recover *r, const hi5_dataset *d, uint64_t bytes)
{
    const struct msg_layout *const l = &d->layout;
    uint64_t there = bytes;

    if (l->cls == HI5_CONTIGUOUS)
        there = l->addr < r->meta->eof ? r->meta->eof - l->addr : 0;
    if ((l->cls == HI5_COMPACT || l->version >= 3) && l->size < there)
        there = l->size;
    return there < bytes ? there : bytes;
}

static void
rdata_plain(struct rdata *x)
{
    hi5_dataset *const d = x->d;
    hi5_salvaged *const s = x->s;
    const uint64_t count = hi5_shape_count(&d->shape);
    const bool stored = d->layout.cls == HI5_COMPACT || d->layout.addr != ADDR_NONE;
    uint64_t bytes = 0, there, rows = d->shape.rank != 0 ? d->shape.dims[0] : 1;

    s->parts = s->good = count;
    if (dataset_bytes(d, &bytes, x->why) != HI5_OK) {
        s->state = HI5_LOST;
        return;
    }
    if (d->layout.cls == HI5_CONTIGUOUS && d->nexternals != 0) {
        s->reason = "its elements are in other files, which were not looked at";
        return;
    }
    there = stored && bytes != 0 ? recover_bytes(x->r, d, bytes) : bytes;
    if (there < bytes) {
        rows = d->shape.rank != 0 ? there / d->type->size / (count / rows) : 0;
        s->good = d->shape.rank != 0 ? rows * (count / d->shape.dims[0]) : 0;
        rdata_cut(x, s->good);
    }
    if (x->deep && stored && count != 0 && rows != 0)
        rdata_rows(x, rows);
    if (!stored && count != 0 && !rdata_fill_holds(x))
        s->good = 0;
    rdata_state(s);
    s->verified = !x->deep && d->object->head->version == 2 &&
                  (d->layout.cls == HI5_COMPACT || !stored || count == 0);
}

/* ---- virtual datasets ---- */

/* A source in this file: can it be found, and read as a whole? Names with %b are left
 * alone. */
static bool
rdata_source_holds(struct rdata *x, const hi5_mapping *m, unsigned depth)
{
    hi5_salvaged s = {.state = HI5_WHOLE, .reason = ""};
    hi5_object *o;
    hi5_error why = {0};

    if (strcmp(m->file, ".") != 0 || strchr(m->dataset, '%') != NULL)
        return true;
    if (hi5_object_open(x->r->file, m->dataset, &o, &why) == HI5_OK) {
        rdata_look(x->r, o, &s, &why, depth + 1);
        hi5_object_close(o);
    } else {
        s.state = HI5_LOST;
    }
    if (s.state == HI5_WHOLE || rdata_machine(x, &why))
        return true;
    if (x->why->status == HI5_OK)
        err_set(x->why, HI5_E_CORRUPT, ADDR_NONE, "virtual dataset", "source", "",
                "'%.100s' is not whole", m->dataset);
    return false;
}

static void
rdata_mappings(struct rdata *x, unsigned depth)
{
    hi5_salvaged *const s = x->s;
    hi5_mapping m;

    s->reason = rdata_virtual;
    s->parts = vds_count(x->d);
    for (size_t i = 0; vds_mapping(x->d, i, &m) && !check_broken(&x->r->k); i++)
        s->good += depth < RDATA_DEPTH && rdata_source_holds(x, &m, depth);
    rdata_state(s);
}

/* ---- the whole ---- */

static void
rdata_look(struct recover *r, hi5_object *o, hi5_salvaged *s, hi5_error *why,
           unsigned depth)
{
    struct rdata x = {.r = r, .s = s, .why = why, .mute_all = depth != 0};

    if (dataset_open(o, NULL, &x.d, why) != HI5_OK ||
        hi5_type_memory(x.d->type, &x.memory, why) != HI5_OK) {
        rdata_machine(&x, why);
        if (why->status == HI5_E_STATE) { /* a virtual one that asks for other files */
            err_clear(why);
            s->reason = rdata_virtual;
        } else {
            s->state = HI5_LOST;
        }
        hi5_dataset_close(x.d);
        return;
    }
    x.deep = x.d->type->has_vlen || x.d->type->has_ref;
    switch ((hi5_layout_kind)x.d->layout.cls) {
    case HI5_CHUNKED:
        rdata_chunked(&x);
        break;
    case HI5_VIRTUAL:
        rdata_mappings(&x, depth);
        break;
    case HI5_COMPACT:
    case HI5_CONTIGUOUS:
        rdata_plain(&x);
        break;
    }
    hi5_type_free(x.memory);
    hi5_dataset_close(x.d);
}

HI5_INT void
recover_dataset(struct recover *r, hi5_object *o, hi5_salvaged *s, hi5_error *why)
{
    rdata_look(r, o, s, why, 0);
}
