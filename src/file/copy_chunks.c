/*
 * copy_chunks.c - chunks that are copied
 *
 * Where chunks and filters stay the same, the bytes do: they are read in large pieces, in
 * the order that they lie in. Else chunks are decoded and encoded, several at a time where
 * there are threads; and where they get another shape, each is read as any reader would.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/copy.h"
#include "file/write_chunk.h"
#include <stdlib.h>
#include <string.h>

#define CHUNKS_AT_ONCE 1024u
#define CHUNKS_PIECE (8u << 20)
#define CHUNKS_GAP 4096u /* bytes between two chunks that are read with them */

/* ---- as they are ---- */

struct chunk_pieces {
    struct copy_data *x;
    struct cix_chunk *chunk; /* [n], at most CHUNKS_AT_ONCE */
    size_t *order, *at;      /* [n]: by address; where each is in buf */
    size_t n;
    uint64_t bytes; /* of all of them */
    uint8_t *buf;
    size_t room;
};

struct chunk_place {
    uint64_t addr;
    size_t i;
};

static int
pieces_compare(const void *a, const void *b)
{
    const struct chunk_place *const p = a, *const q = b;

    return p->addr < q->addr ? -1 : p->addr > q->addr;
}

/* Does the chunk reach beyond the extent? */
static bool
pieces_is_edge(const hi5_dataset *d, const uint64_t *scaled)
{
    for (unsigned i = 0; i < d->grid.rank; i++)
        if ((scaled[i] + 1) * d->grid.chunk[i] > d->shape.dims[i])
            return true;
    return false;
}

/* Chunks at the edge that are not filtered, without a word: only newer layouts have those. */
static uint32_t
pieces_mask(const struct copy_data *x, const struct cix_chunk *k)
{
    const bool was = x->d->layout.version >= 4 && (x->d->layout.flags & 1) != 0;
    const bool is = (x->e->layout.flags & 1) != 0;

    return was && !is && x->e->pipeline.n != 0 && pieces_is_edge(x->d, k->scaled)
               ? UINT32_MAX >> (PIPE_MOST - x->e->pipeline.n)
               : k->mask;
}

static hi5_status
pieces_room(struct chunk_pieces *p, uint64_t n)
{
    struct mem *const mem = p->x->c->mem;
    size_t size;
    uint8_t *buf;

    if (n <= p->room)
        return HI5_OK;
    if (!ckd_size(n, &size))
        return mem_fail(mem, n, p->x->c->err);
    buf = mem_alloc(mem, size);
    if (buf == NULL)
        return mem_fail(mem, n, p->x->c->err);
    mem_free(mem, p->buf, p->room);
    p->buf = buf;
    p->room = size;
    return HI5_OK;
}

/* Read chunks [i, j) of `place`, which lie side by side, but for small gaps. */
static hi5_status
pieces_read_run(struct chunk_pieces *p, const struct chunk_place *place, size_t i,
                size_t j, size_t at)
{
    const struct cix_chunk *const last = &p->chunk[place[j - 1].i];
    const uint64_t first = place[i].addr;

    for (size_t k = i; k < j; k++)
        p->at[place[k].i] = at + (size_t)(place[k].addr - first);
    return meta_read(&p->x->d->file->meta, first, p->buf + at,
                     (size_t)(last->addr + last->size - first), p->x->c->err);
}

static hi5_status
pieces_read(struct chunk_pieces *p)
{
    struct chunk_place place[CHUNKS_AT_ONCE];
    size_t at = 0;

    for (size_t i = 0; i < p->n; i++)
        place[i] = (struct chunk_place){p->chunk[i].addr, i};
    qsort(place, p->n, sizeof *place, pieces_compare);
    for (size_t i = 0, j; i < p->n; i = j) {
        uint64_t end = place[i].addr + p->chunk[place[i].i].size;

        for (j = i + 1; j < p->n; j++) {
            if (place[j].addr < end || place[j].addr - end > CHUNKS_GAP)
                break;
            end = place[j].addr + p->chunk[place[j].i].size;
        }
        TRY(pieces_read_run(p, place, i, j, at));
        at += (size_t)(end - place[i].addr);
    }
    return HI5_OK;
}

static hi5_status
pieces_flush(struct chunk_pieces *p)
{
    struct copy_data *const x = p->x;

    if (p->n == 0)
        return HI5_OK;
    TRY(pieces_room(p, p->bytes + p->n * (uint64_t)CHUNKS_GAP));
    TRY(pieces_read(p));
    for (size_t i = 0; i < p->n; i++) {
        const struct cix_chunk *const k = &p->chunk[i];

        TRY(chunk_write_stored(x->e, k->scaled, p->buf + p->at[i], (size_t)k->size,
                               pieces_mask(x, k), x->c->err));
    }
    TRY(copy_progress(x->c, p->bytes));
    p->n = 0;
    p->bytes = 0;
    return HI5_OK;
}

/* Is it outside of the extent? Some writers leave such chunks, which nobody can see. */
static bool
chunks_is_outside(const hi5_dataset *d, const uint64_t *scaled)
{
    for (unsigned i = 0; i < d->grid.rank; i++)
        if (scaled[i] * d->grid.chunk[i] >= d->shape.dims[i])
            return true;
    return false;
}

/* In a damaged index there may be two chunks for one place, of which readers see one. */
static hi5_status
chunks_check(const struct copy_data *x, const struct cix_chunk *k, hi5_error *err)
{
    struct cix_chunk seen = {.addr = ADDR_NONE};

    if (x->c->salvage == NULL)
        return HI5_OK;
    TRY(cix_find(x->d->cix, k->scaled, &seen, err));
    return seen.addr == k->addr && seen.size == k->size
               ? HI5_OK
               : err_set(err, HI5_E_CORRUPT, k->addr, "chunk", "", "VII",
                         "there is another one at its place");
}

static hi5_status
pieces_one(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct chunk_pieces *const p = ctx;
    const struct meta *const m = &p->x->d->file->meta;

    if (chunks_is_outside(p->x->d, k->scaled))
        return HI5_OK;
    TRY(chunks_check(p->x, k, err));
    if (!ckd_inside(k->addr, k->size, m->eof))
        return err_set(err, HI5_E_TRUNCATED, k->addr, "chunk", "size", "VII",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)k->size);
    if (p->n == CHUNKS_AT_ONCE || (p->n != 0 && p->bytes + k->size > CHUNKS_PIECE))
        TRY(pieces_flush(p));
    p->chunk[p->n++] = *k;
    p->bytes += k->size;
    return HI5_OK;
}

static hi5_status
chunks_as_they_are(struct copy_data *x)
{
    struct mem *const mem = x->c->mem;
    struct chunk_pieces p = {.x = x};
    struct arena a;
    hi5_status s;

    arena_init(&a, mem);
    p.chunk = arena_alloc(&a, CHUNKS_AT_ONCE * sizeof *p.chunk);
    p.at = arena_alloc(&a, CHUNKS_AT_ONCE * sizeof *p.at);
    s = p.chunk != NULL && p.at != NULL
            ? cix_each(x->d->cix, pieces_one, &p, x->c->err)
            : mem_fail(mem, CHUNKS_AT_ONCE * sizeof *p.chunk, x->c->err);
    if (s == HI5_OK)
        s = pieces_flush(&p);
    mem_free(mem, p.buf, p.room);
    arena_done(&a);
    return s;
}

/* ---- decoded and encoded ---- */

/* What one chunk of a batch comes from. */
struct recode_slot {
    struct cix_chunk from;
    uint8_t *stored;
    size_t room;
    struct pipe_work work;
    hi5_status status;
    hi5_error err;
};

struct recode {
    struct copy_data *x;
    struct chunk_batch batch;
    struct recode_slot *slot; /* [batch.room] */
    const uint64_t *grid;     /* regridding: how many chunks in each dimension */
};

static hi5_status
recode_room(const struct recode *r, struct recode_slot *t)
{
    struct mem *const mem = r->x->c->mem;
    const size_t n = (size_t)t->from.size;

    if (n <= t->room)
        return HI5_OK;
    mem_free(mem, t->stored, t->room);
    t->stored = mem_alloc(mem, n);
    t->room = t->stored != NULL ? n : 0;
    return t->stored != NULL ? HI5_OK : mem_fail(mem, n, &t->err);
}

/* Decode one chunk; its elements as they were stored go to `out`. */
static hi5_status
recode_decode(const struct recode *r, struct recode_slot *t, uint8_t *out)
{
    const hi5_dataset *const d = r->x->d;
    const size_t n = (size_t)t->from.size, nominal = (size_t)d->grid.chunk_bytes;
    const bool plain =
        d->pipeline.n == 0 || (d->layout.version >= 4 && (d->layout.flags & 1) != 0 &&
                               pieces_is_edge(d, t->from.scaled));

    if (!ckd_inside(t->from.addr, t->from.size, d->file->meta.eof) ||
        (plain && n != nominal))
        return err_set(&t->err, HI5_E_CORRUPT, t->from.addr, "chunk", "size", "VII",
                       "%zu bytes", n);
    if (plain)
        return meta_read(&d->file->meta, t->from.addr, out, n, &t->err);
    TRY(recode_room(r, t));
    TRY(meta_read(&d->file->meta, t->from.addr, t->stored, n, &t->err));
    return pipe_decode(&d->pipeline, &d->file->options.plugins, t->from.mask, t->stored,
                       n, out, nominal, &t->work, &t->err);
}

static struct recode_slot *
recode_slot_of(const struct recode *r, const uint8_t *bytes)
{
    return &r->slot[(size_t)(bytes - r->batch.bytes) / r->x->e->grid.chunk_bytes];
}

static void
recode_gather(const void *ctx, const uint64_t *scaled, uint8_t *bytes)
{
    const struct recode *const r = ctx;
    struct recode_slot *const t = recode_slot_of(r, bytes);
    struct mem *const mem = r->x->c->mem;
    const size_t nominal = (size_t)r->x->d->grid.chunk_bytes;
    uint8_t *raw = bytes;

    (void)scaled;
    if (r->x->convert && (raw = mem_alloc(mem, nominal)) == NULL) {
        t->status = mem_fail(mem, nominal, &t->err);
        return;
    }
    t->status = recode_decode(r, t, raw);
    if (raw == bytes)
        return;
    if (t->status == HI5_OK) {
        t->status = copy_values(&r->x->v, raw, bytes, nominal / r->x->d->type->size);
        if (t->status != HI5_OK && r->x->c->err != NULL)
            t->err = *r->x->c->err;
    }
    mem_free(mem, raw, nominal);
}

static hi5_status
recode_open(struct recode *r, batch_gather_fn gather)
{
    struct copy_data *const x = r->x;
    const struct file_options *const o = &x->c->to->options;
    struct chunk_batch *const b = &r->batch;

    TRY(pipe_encode_ready(&x->e->pipeline, &o->plugins, x->c->err));
    batch_init(b, x->e, gather, r);
    b->threads = x->convert ? 1 : threads_asked(o->threads);
    b->waits = x->d->file == x->e->object->file;
    TRY(batch_open(b, x->c->err));
    r->slot = mem_zalloc(x->c->mem, b->room, sizeof *r->slot);
    if (r->slot == NULL)
        return mem_fail(x->c->mem, b->room * sizeof *r->slot, x->c->err);
    for (size_t i = 0; i < b->room; i++)
        r->slot[i].work.mem = x->c->mem;
    return HI5_OK;
}

static void
recode_close(struct recode *r)
{
    struct mem *const mem = r->x->c->mem;

    for (size_t i = 0; r->slot != NULL && i < r->batch.room; i++) {
        pipe_work_done(&r->slot[i].work);
        mem_free(mem, r->slot[i].stored, r->slot[i].room);
    }
    if (r->slot != NULL)
        mem_free(mem, r->slot, r->batch.room * sizeof *r->slot);
    batch_close(&r->batch);
}

static hi5_status
recode_flush(struct recode *r)
{
    struct copy *const c = r->x->c;
    const size_t n = r->batch.n;
    const hi5_status s = batch_flush(&r->batch, c->err);

    for (size_t i = 0; i < n; i++)
        if (r->slot[i].status != HI5_OK) {
            if (c->err != NULL)
                *c->err = r->slot[i].err;
            return r->slot[i].status;
        }
    return s == HI5_OK ? copy_progress(c, n * r->x->e->grid.chunk_bytes) : s;
}

static hi5_status
recode_add(struct recode *r, const uint64_t *scaled)
{
    struct chunk_batch *const b = &r->batch;

    b->chunk[b->n].from = NULL;
    memcpy(b->chunk[b->n].scaled, scaled, r->x->e->grid.rank * sizeof *scaled);
    return ++b->n == b->room ? recode_flush(r) : HI5_OK;
}

static hi5_status
recode_one(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct recode *const r = ctx;

    if (chunks_is_outside(r->x->d, k->scaled))
        return HI5_OK;
    TRY(chunks_check(r->x, k, err));
    r->slot[r->batch.n].from = *k;
    return recode_add(r, k->scaled);
}

static hi5_status
chunks_recode(struct copy_data *x)
{
    struct recode r = {.x = x};
    hi5_status s = recode_open(&r, recode_gather);

    if (s == HI5_OK)
        s = cix_each(x->d->cix, recode_one, &r, x->c->err);
    if (s == HI5_OK)
        s = recode_flush(&r);
    recode_close(&r);
    return s;
}

static hi5_status
chunk_recode(struct copy_data *x, const struct cix_chunk *k)
{
    struct recode r = {.x = x};
    hi5_status s = recode_open(&r, recode_gather);

    if (s == HI5_OK)
        s = recode_one(&r, k, x->c->err);
    if (s == HI5_OK)
        s = recode_flush(&r);
    recode_close(&r);
    return s;
}

/* ---- in another shape ---- */

/* Spread the rows of a box over a chunk, to whose corner it belongs. */
static void
regrid_spread(const struct dataset_edit *e, const uint64_t *count, const uint8_t *box,
              uint8_t *bytes)
{
    const unsigned last = e->grid.rank - 1;
    const size_t row = (size_t)count[last] * e->type->size;
    uint64_t at[HI5_MAX_RANK] = {0};
    unsigned i;

    do {
        uint64_t to = 0;
        for (unsigned k = 0; k <= last; k++)
            to = to * e->grid.chunk[k] + at[k];
        memcpy(bytes + (size_t)to * e->type->size, box, row);
        box += row;
        for (i = last; i-- > 0;) {
            if (++at[i] < count[i])
                break;
            at[i] = 0;
        }
    } while (i < last);
}

static hi5_status
regrid_read(const struct recode *r, struct recode_slot *t, const uint64_t *scaled,
            uint8_t *bytes)
{
    struct copy_data *const x = r->x;
    const struct dataset_edit *const e = x->e;
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK], n = 1;
    const uint64_t all = e->grid.chunk_bytes / e->type->size;
    uint8_t *box;

    for (unsigned i = 0; i < e->grid.rank; i++) {
        start[i] = scaled[i] * e->grid.chunk[i];
        count[i] = e->shape.dims[i] - start[i] < e->grid.chunk[i]
                       ? e->shape.dims[i] - start[i]
                       : e->grid.chunk[i];
        n *= count[i];
    }
    if (n == all)
        return copy_read_box(x, start, count, n, bytes, &t->err);
    t->from.size = n * e->type->size;
    TRY(recode_room(r, t));
    box = t->stored;
    TRY(copy_read_box(x, start, count, n, box, &t->err));
    write_fill(e, bytes, all);
    regrid_spread(e, count, box, bytes);
    return HI5_OK;
}

static void
regrid_gather(const void *ctx, const uint64_t *scaled, uint8_t *bytes)
{
    const struct recode *const r = ctx;
    struct recode_slot *const t = recode_slot_of(r, bytes);

    t->status = regrid_read(r, t, scaled, bytes);
}

/* The chunks that get something, each by its number. */
struct regrid_list {
    struct copy_data *x;
    const uint64_t *grid;
    uint64_t *number; /* [n], unless all do */
    size_t n, room;
};

static int
regrid_compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void
regrid_sort(struct regrid_list *l)
{
    size_t n = 0;

    if (l->n != 0)
        qsort(l->number, l->n, sizeof *l->number, regrid_compare);
    for (size_t i = 0; i < l->n; i++)
        if (i == 0 || l->number[i] != l->number[i - 1])
            l->number[n++] = l->number[i];
    l->n = n;
}

static hi5_status
regrid_note(struct regrid_list *l, uint64_t number, hi5_error *err)
{
    struct mem *const mem = l->x->c->mem;

    if (l->n == l->room && l->n != 0)
        regrid_sort(l);
    if (l->n >= l->room / 2 || l->room == 0) {
        const size_t more = l->room != 0 ? l->room * 2 : 256;
        uint64_t *const p =
            mem_resize(mem, l->number, l->room * sizeof *p, more * sizeof *p);
        if (p == NULL)
            return mem_fail(mem, more * sizeof *p, err);
        l->number = p;
        l->room = more;
    }
    l->number[l->n++] = number;
    return HI5_OK;
}

/* All new chunks that an old one has a part of. */
static hi5_status
regrid_one(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct regrid_list *const l = ctx;
    const struct cix_params *const old = &l->x->d->grid, *const now = &l->x->e->grid;
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], at[HI5_MAX_RANK];
    unsigned i;

    for (i = 0; i < now->rank; i++) {
        const uint64_t start = k->scaled[i] * old->chunk[i];
        const uint64_t end = start + old->chunk[i];

        if (start >= now->dims[i])
            return HI5_OK;
        low[i] = at[i] = start / now->chunk[i];
        high[i] = ((end < now->dims[i] ? end : now->dims[i]) - 1) / now->chunk[i];
    }
    do {
        uint64_t number = 0;
        for (i = 0; i < now->rank; i++)
            number = number * l->grid[i] + at[i];
        TRY(regrid_note(l, number, err));
        for (i = now->rank; i-- > 0;) {
            if (++at[i] <= high[i])
                break;
            at[i] = low[i];
        }
    } while (i < now->rank);
    return HI5_OK;
}

static hi5_status
regrid_run(struct recode *r, const struct regrid_list *l, uint64_t n)
{
    const unsigned rank = r->x->e->grid.rank;
    uint64_t scaled[HI5_MAX_RANK];

    for (uint64_t k = 0; k < n; k++) {
        uint64_t number = l->number != NULL ? l->number[k] : k;

        for (unsigned i = rank; i-- > 0; number /= l->grid[i])
            scaled[i] = number % l->grid[i];
        TRY(recode_add(r, scaled));
    }
    return recode_flush(r);
}

static hi5_status
chunks_regrid(struct copy_data *x)
{
    struct file_options *const from = &x->d->file->options;
    struct cix_params *const g = &x->e->grid;
    uint64_t grid[HI5_MAX_RANK], n = 1;
    struct regrid_list l = {.x = x, .grid = grid};
    struct recode r = {.x = x};
    const unsigned threads = from->threads;
    hi5_status s = HI5_OK;

    for (unsigned i = 0; i < g->rank; i++) {
        grid[i] = g->dims[i] == 0 ? 0 : (g->dims[i] - 1) / g->chunk[i] + 1;
        if (!ckd_mul64(n, grid[i], &n))
            return err_plain(x->c->err, HI5_E_LIMIT, "2^64 chunks or more");
    }
    if (x->d->layout.cls == HI5_CHUNKED)
        s = cix_each(x->d->cix, regrid_one, &l, x->c->err);
    regrid_sort(&l);
    if (s == HI5_OK)
        s = recode_open(&r, regrid_gather);
    if (x->c->alone)
        from->threads = 1; /* chunks are read at the same time already */
    if (s == HI5_OK)
        s = regrid_run(&r, &l, x->d->layout.cls == HI5_CHUNKED ? l.n : n);
    if (x->c->alone)
        from->threads = threads;
    recode_close(&r);
    mem_free(x->c->mem, l.number, l.room * sizeof *l.number);
    return s;
}

/* ---- which of them ---- */

static bool
chunks_same_filters(const struct pipeline *a, const struct pipeline *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++) {
        const hi5_filter *const f = &a->filter[i], *const g = &b->filter[i];

        if (f->id != g->id || f->nvalues != g->nvalues ||
            (f->nvalues != 0 &&
             memcmp(f->values, g->values, f->nvalues * sizeof *f->values) != 0))
            return false;
    }
    return true;
}

static bool
chunks_same_shape(const struct copy_data *x)
{
    return x->d->layout.cls == HI5_CHUNKED && x->d->grid.rank == x->e->grid.rank &&
           memcmp(x->d->grid.chunk, x->e->grid.chunk,
                  x->d->grid.rank * sizeof *x->d->grid.chunk) == 0;
}

HI5_INT hi5_status
copy_chunks(struct copy_data *x)
{
    const bool same = chunks_same_shape(x);

    if (hi5_shape_count(&x->d->shape) == 0 ||
        (x->d->layout.cls == HI5_CHUNKED && x->d->cix == NULL))
        return HI5_OK;
    if (x->e->grid.kind == HI5_INDEX_IMPLICIT)
        TRY(chunks_allocate(x->e, x->c->err));
    if (same && !x->convert && !x->native &&
        chunks_same_filters(&x->d->pipeline, &x->e->pipeline))
        return chunks_as_they_are(x);
    return same && !x->native ? chunks_recode(x) : chunks_regrid(x);
}

HI5_INT hi5_status
copy_chunk(struct copy_data *x, const struct cix_chunk *k)
{
    struct cix_chunk one = *k;
    size_t at = 0;
    struct chunk_pieces p = {
        .x = x, .chunk = &one, .at = &at, .n = 1, .bytes = one.size};
    hi5_status s;

    if (x->convert)
        return chunk_recode(x, k);
    s = pieces_flush(&p);
    mem_free(x->c->mem, p.buf, p.room);
    return s;
}
