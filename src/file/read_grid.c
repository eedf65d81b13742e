/*
 * read_grid.c - chunked data, selected regularly
 *
 * Where each dimension selects one block, or single elements evenly apart, so does what
 * it selects in a chunk: a few numbers for each dimension, found by arithmetic, say what
 * is to be copied. No walk is needed, and threads begin wherever they like. Small chunks
 * that lie together in the file are fetched together.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/simd.h"
#include "file/chunk_fetch.h"
#include "file/read.h"
#include <string.h>

#define GRID_CHUNKS 512u            /* looked up at a time */
#define GRID_GROUP (256u * 1024u)   /* bytes of small chunks fetched by one request */
#define GRID_NEAR (4u * 1024u)      /* a gap between them that is worth reading over */
#define GRID_SHARE (4u << 20)       /* bytes that are worth a thread */
#define GRID_PIECE (1024u * 1024u)  /* bytes of chunks that a thread takes at once */
#define GRID_DECODE 16u             /* a decoded byte costs as much as so many copied */
#define GRID_CHUNK 1024u            /* and each chunk as much as so many */
#define GRID_STREAM 2048u           /* bytes of a row that are worth going past the caches */
#define GRID_AHEAD 4u               /* rows or lines that memory is asked for in advance */

/* What one dimension selects: `count` elements from `start` on, `step` apart. They are in
 * `slices` slices of the grid: consecutive ones from `first` on, or, if sparse, one in
 * each. */
struct grid_dim {
    uint64_t start, step, count, chunk;
    uint64_t first, slices;
    bool sparse;
    uint64_t at_stride, pos_stride; /* elements below it: of a chunk, of the selection */
};

/* What is selected of one slice. */
struct grid_part {
    uint64_t slice;            /* which of grid_dim.slices */
    uint64_t at;               /* the first, in the chunk */
    uint64_t n;
    uint64_t pos;              /* the first, among all that the dimension selects */
};

struct grid_job {
    const struct reader *r;
    unsigned rank;
    struct grid_dim dim[HI5_MAX_RANK];
    uint64_t chunks;
    bool streaming;            /* more chunks than the cache holds: do not keep them */
    struct read_share share;   /* of the chunks */
};

/* Where a chunk is; ADDR_NONE if it has not been written. */
struct grid_place {
    uint64_t addr, size;
    uint32_t mask;
};

struct grid_worker {
    const struct grid_job *j;
    struct reader r;
    struct chunk_scratch scratch;
    /* Chunks that have been looked up. */
    struct grid_place *place;
    size_t places;
    uint8_t *group;            /* [GRID_GROUP]: the bytes from group_at on */
    uint64_t group_at;
    size_t group_n;
    /* The current chunk. */
    uint64_t scaled[HI5_MAX_RANK];
    struct grid_part part[HI5_MAX_RANK];
    unsigned run_dim;          /* the dimension along which strips go */
    struct sel_strip strip;    /* the first */
    uint64_t selected;         /* elements */
};

/* ---- geometry ---- */

static uint64_t
grid_slice(const struct grid_dim *d, uint64_t k)
{
    return d->sparse ? (d->start + k * d->step) / d->chunk : d->first + k;
}

static bool
grid_dim_init(struct grid_dim *d, const struct sel_dim *s, uint64_t chunk)
{
    if (s->count != 1 && s->block != 1)
        return false;
    *d = (struct grid_dim){.start = s->start, .chunk = chunk,
                           .step = s->count == 1 ? 1 : s->stride,
                           .count = s->count == 1 ? s->block : s->count};
    d->first = d->start / chunk;
    d->sparse = d->step >= chunk;
    d->slices = d->sparse ? d->count
                          : (d->start + (d->count - 1) * d->step) / chunk - d->first + 1;
    return true;
}

/* Set part and coordinate of dimension `i` for its k-th slice. */
static void
grid_enter(struct grid_worker *w, unsigned i, uint64_t k)
{
    const struct grid_dim *const d = &w->j->dim[i];
    struct grid_part *const p = &w->part[i];
    const uint64_t slice = grid_slice(d, k), low = slice * d->chunk;
    uint64_t room;

    w->scaled[i] = slice;
    p->slice = k;
    if (d->sparse) {
        p->pos = k;
        p->at = d->start + k * d->step - low;
        p->n = 1;
        return;
    }
    p->pos = low <= d->start ? 0 : d->step == 1 ? low - d->start
                                                : (low - d->start - 1) / d->step + 1;
    p->at = d->start + p->pos * d->step - low;
    room = d->chunk - 1 - p->at;
    p->n = (d->step == 1 ? room : room / d->step) + 1;
    if (p->n > d->count - p->pos)
        p->n = d->count - p->pos;
}

/* Find the first strip of the current chunk. Rows join where chunk and selection have
 * nothing else in a dimension. */
static void
grid_measure(struct grid_worker *w)
{
    uint64_t below = 1, at = 0, pos = 0, selected = 1;
    unsigned t = w->j->rank - 1;
    bool apart;

    while (t > 0 && w->j->dim[t].step == 1 && w->part[t].n == w->j->dim[t].chunk &&
           w->part[t].n == w->j->dim[t].count)
        below *= w->part[t--].n;
    for (unsigned i = 0; i < w->j->rank; i++) {
        at += w->part[i].at * w->j->dim[i].at_stride;
        pos += w->part[i].pos * w->j->dim[i].pos_stride;
        selected *= w->part[i].n;
    }
    apart = w->j->dim[t].step != 1 && w->part[t].n != 1;
    w->run_dim = t;
    w->selected = selected;
    w->strip.at = at;
    w->strip.pos = pos;
    w->strip.block = apart ? below : w->part[t].n * below;
    w->strip.count = apart ? w->part[t].n : 1;
    w->strip.step = apart ? w->j->dim[t].step * below : 0;
}

/* Go to chunk `number` of all that have something selected. */
static void
grid_seek(struct grid_worker *w, uint64_t number)
{
    for (unsigned i = w->j->rank; i-- > 0;) {
        grid_enter(w, i, number % w->j->dim[i].slices);
        number /= w->j->dim[i].slices;
    }
}

/* Go to the next one. Behind the last comes the first. */
static void
grid_advance(struct grid_worker *w)
{
    for (unsigned i = w->j->rank; i-- > 0;) {
        const uint64_t k = w->part[i].slice + 1;
        if (k < w->j->dim[i].slices) {
            grid_enter(w, i, k);
            return;
        }
        grid_enter(w, i, 0);
    }
}

/* Strips of the current chunk that differ in the dimension above theirs only. */
struct grid_plane {
    uint64_t at, pos, rows;
    uint64_t at_step, pos_step;
    uint64_t i[HI5_MAX_RANK];  /* in the dimensions further up */
};

static void
grid_plane_first(const struct grid_worker *w, struct grid_plane *p)
{
    const unsigned t = w->run_dim;

    p->at = w->strip.at;
    p->pos = w->strip.pos;
    p->rows = 1;
    p->at_step = p->pos_step = 0;
    if (t == 0)
        return;
    p->rows = w->part[t - 1].n;
    p->at_step = w->j->dim[t - 1].at_stride * w->j->dim[t - 1].step;
    p->pos_step = w->j->dim[t - 1].pos_stride;
    memset(p->i, 0, (t - 1) * sizeof *p->i);
}

static bool
grid_plane_next(const struct grid_worker *w, struct grid_plane *p)
{
    if (w->run_dim < 2)
        return false;
    for (unsigned i = w->run_dim - 1; i-- > 0;) {
        const struct grid_dim *const d = &w->j->dim[i];
        p->at += d->at_stride * d->step;
        p->pos += d->pos_stride;
        if (++p->i[i] < w->part[i].n)
            return true;
        p->at -= p->i[i] * d->at_stride * d->step;
        p->pos -= p->i[i] * d->pos_stride;
        p->i[i] = 0;
    }
    return false;
}

/* ---- copying ---- */

/* Ask for the memory at `p + n`, which may be beyond the buffer. */
static inline void
grid_ask(const uint8_t *p, size_t n)
{
    CC_PREFETCH_WRITE((const void *)((uintptr_t)p + n));
}

#define GRID_ROWS(bytes, ahead)                                                          \
    do {                                                                                 \
        for (uint64_t i = 0; i < rows; i++, dst += to, src += from) {                    \
            grid_ask(dst, (ahead));                                                      \
            memcpy(dst, src, (bytes));                                                   \
        }                                                                                \
    } while (0)

/* Rows that lie `from` bytes apart in a chunk and `to` bytes apart in memory. Memory is
 * asked for in advance, since rows of a chunk are far apart in a large array, and a write
 * that misses the cache stalls: that of rows further on, or if rows are short, that of
 * chunks further on in the same row. */
static void
grid_copy(uint8_t *dst, size_t to, const uint8_t *src, size_t from, uint64_t rows,
          size_t n)
{
    switch (n) {
    case 8:
        GRID_ROWS(8, GRID_AHEAD * 64);
        break;
    case 16:
        GRID_ROWS(16, GRID_AHEAD * 64);
        break;
    case 32:
        GRID_ROWS(32, GRID_AHEAD * 64);
        break;
    case 64:
        GRID_ROWS(64, GRID_AHEAD * 64);
        break;
    default:
        GRID_ROWS(n, GRID_AHEAD * to);
    }
}

/* The same for rows that are long, and memory that no cache holds. */
static void
grid_stream(uint8_t *dst, size_t to, const uint8_t *src, size_t from, uint64_t rows,
            size_t n)
{
    for (uint64_t i = 0; i < rows; i++, dst += to, src += from)
        simd_stream(dst, src, n);
    simd_stream_end();
}

static hi5_status
grid_put_plane(const struct grid_worker *w, const uint8_t *chunk,
               const struct grid_plane *p)
{
    const struct reader *const r = &w->r;
    const uint8_t *const from = chunk + (size_t)p->at * r->from;
    uint8_t *const to = reader_at(r, p->pos);
    const size_t from_step = (size_t)p->at_step * r->from;
    const size_t to_step = (size_t)p->pos_step * r->to;
    struct sel_strip s = w->strip;
    const size_t row = (size_t)s.block * r->from;

    if (r->plain && s.count == 1 && r->stream && row >= GRID_STREAM) {
        grid_stream(to, to_step, from, from_step, p->rows, row);
        return HI5_OK;
    }
    if (r->plain && s.count == 1) {
        grid_copy(to, to_step, from, from_step, p->rows, row);
        return HI5_OK;
    }
    for (uint64_t i = 0; i < p->rows; i++) {
        s.at = p->at + i * p->at_step;
        s.pos = p->pos + i * p->pos_step;
        if (i + GRID_AHEAD < p->rows)
            CC_PREFETCH_WRITE(reader_at(r, s.pos + GRID_AHEAD * p->pos_step));
        TRY(reader_put(r, chunk, &s));
    }
    return HI5_OK;
}

static hi5_status
grid_put(const struct grid_worker *w, const uint8_t *chunk)
{
    struct grid_plane p;

    grid_plane_first(w, &p);
    do
        TRY(grid_put_plane(w, chunk, &p));
    while (grid_plane_next(w, &p));
    return HI5_OK;
}

/* The fill value: worked out once, and repeated. Variable-length elements each need a
 * value of their own. */
static hi5_status
grid_fill(const struct grid_worker *w)
{
    const struct reader *const r = &w->r;
    const uint64_t n = w->strip.block * w->strip.count;
    const uint8_t *const first = reader_at(r, w->strip.pos);
    struct grid_plane p;

    grid_plane_first(w, &p);
    do {
        for (uint64_t i = 0; i < p.rows; i++) {
            uint8_t *const to = reader_at(r, p.pos + i * p.pos_step);
            if (to == first || r->q->memory->has_vlen)
                TRY(dataset_fill(r->d, r->q, to, n));
            else
                memcpy(to, first, (size_t)n * r->to);
        }
    } while (grid_plane_next(w, &p));
    return HI5_OK;
}

/* Few rows of a chunk that is stored as it is: read just those. */
static bool
grid_wants_rows(const struct grid_worker *w)
{
    return w->r.plain && w->strip.count == 1 &&
           w->selected / w->strip.block <= w->r.d->grid.chunk_bytes / CHUNK_ROW_COST;
}

static hi5_status
grid_read_rows(const struct grid_worker *w, const struct cix_chunk *where)
{
    const struct reader *const r = &w->r;
    struct grid_plane p;

    grid_plane_first(w, &p);
    do {
        for (uint64_t i = 0; i < p.rows; i++)
            TRY(meta_read(&r->d->file->meta,
                          where->addr + (p.at + i * p.at_step) * r->from,
                          reader_at(r, p.pos + i * p.pos_step),
                          (size_t)w->strip.block * r->from, r->err));
    } while (grid_plane_next(w, &p));
    return HI5_OK;
}

/* ---- fetching ---- */

/* How far a request for chunk i goes that also gets the small chunks behind it. */
static uint64_t
grid_group_end(const struct grid_worker *w, size_t i)
{
    const uint64_t start = w->place[i].addr;
    uint64_t end = start + w->place[i].size;

    while (++i < w->places) {
        const struct grid_place *const p = &w->place[i];
        if (p->addr == ADDR_NONE)
            continue;
        if (p->addr < end || p->addr - end > GRID_NEAR || p->size > CHUNK_SMALL ||
            p->addr - start > GRID_GROUP - p->size ||
            p->addr + p->size > w->r.d->file->meta.eof)
            break;
        end = p->addr + p->size;
    }
    return end;
}

/* The stored bytes of chunk i of those looked up. */
static hi5_status
grid_stored(struct grid_worker *w, size_t i, const struct cix_chunk *c,
            const uint8_t **p, hi5_error *err)
{
    const struct meta *const m = &w->r.d->file->meta;
    uint64_t end;

    if (c->size > CHUNK_SMALL)
        return chunk_stored(&w->scratch, c, p, err);
    if (w->group != NULL && c->addr >= w->group_at &&
        c->addr - w->group_at <= w->group_n &&
        c->size <= w->group_n - (c->addr - w->group_at)) {
        *p = w->group + (c->addr - w->group_at);
        return HI5_OK;
    }
    TRY(chunk_check_inside(w->r.d, c, err));
    if (w->group == NULL)
        w->group = mem_alloc(m->mem, GRID_GROUP);
    if (w->group == NULL)
        return mem_fail(m->mem, GRID_GROUP, err);
    end = grid_group_end(w, i);
    w->group_n = 0;
    if (meta_read(m, c->addr, w->group, (size_t)(end - c->addr), NULL) != HI5_OK) {
        end = c->addr + c->size; /* what is behind it may not be readable */
        TRY(meta_read(m, c->addr, w->group, (size_t)c->size, err));
    }
    w->group_at = c->addr;
    w->group_n = (size_t)(end - c->addr);
    *p = w->group;
    return HI5_OK;
}

/* Does the current chunk land in the caller's buffer in one piece? */
static bool
grid_is_direct(const struct grid_worker *w)
{
    return w->r.plain && w->strip.count == 1 &&
           w->strip.block == w->r.d->grid.chunk_bytes / w->r.from;
}

/* A chunk without filters. The system keeps it well enough: it is not cached.
 * c->scaled is not set. */
static hi5_status
grid_raw(struct grid_worker *w, size_t i, const struct cix_chunk *c)
{
    const hi5_dataset *const d = w->r.d;
    hi5_error *const err = w->r.err;
    const uint8_t *p = NULL;

    TRY(chunk_check_raw(d, c, err));
    if (grid_wants_rows(w))
        return grid_read_rows(w, c);
    if (c->size <= CHUNK_SMALL) {
        TRY(grid_stored(w, i, c, &p, err));
        return grid_put(w, p);
    }
    TRY(chunk_room(&w->scratch, err));
    TRY(chunk_decode(&w->scratch, c, w->scratch.whole, err));
    return grid_put(w, w->scratch.whole);
}

/* Elements of the current chunk that are inside the extent. */
static uint64_t
grid_there(const struct grid_worker *w)
{
    const hi5_dataset *const d = w->r.d;
    uint64_t n = 1;

    for (unsigned i = 0; i < d->grid.rank; i++) {
        const uint64_t left = d->shape.dims[i] - w->scaled[i] * d->grid.chunk[i];
        n *= left < d->grid.chunk[i] ? left : d->grid.chunk[i];
    }
    return n;
}

/* A chunk with filters: decoded where it belongs; or put there from scratch memory, or,
 * if the next read may want the rest of it, from the cache. */
static hi5_status
grid_filtered(struct grid_worker *w, size_t i, const struct cix_chunk *where)
{
    struct chunk_scratch *const scratch = &w->scratch;
    struct chunk_data *c = NULL;
    const uint8_t *p = NULL;
    hi5_status s;

    TRY(grid_stored(w, i, where, &p, w->r.err));
    if (grid_is_direct(w))
        return chunk_unpack(scratch, where, p, reader_at(&w->r, w->strip.pos), w->r.err);
    if (w->j->streaming || w->selected == grid_there(w)) {
        TRY(chunk_room(scratch, w->r.err));
        TRY(chunk_unpack(scratch, where, p, scratch->whole, w->r.err));
        return grid_put(w, scratch->whole);
    }
    TRY(chunk_keep(scratch, where, p, &c, w->r.err));
    s = grid_put(w, c->bytes);
    chunk_cache_release(&w->r.d->cache, c);
    return s;
}

/* The current chunk, i of those looked up. */
static hi5_status
grid_chunk(struct grid_worker *w, size_t i)
{
    hi5_dataset *const d = w->r.d;
    const struct grid_place *const p = &w->place[i];
    struct cix_chunk where;
    struct chunk_data *c;
    hi5_status s;

    grid_measure(w);
    if (p->addr == ADDR_NONE)
        return grid_fill(w);
    where.addr = p->addr;
    where.size = p->size;
    where.mask = p->mask;
    if (d->pipeline.n == 0)
        return grid_raw(w, i, &where);
    memcpy(where.scaled, w->scaled, d->grid.rank * sizeof *where.scaled);
    c = chunk_cache_get(&d->cache, w->scaled);
    if (c == NULL)
        return grid_filtered(w, i, &where);
    s = grid_put(w, c->bytes);
    if (w->selected == grid_there(w))
        chunk_cache_discard(&d->cache, c);
    else
        chunk_cache_release(&d->cache, c);
    return s;
}

/* Look up `n` chunks from `first` on. */
static hi5_status
grid_look_up(struct grid_worker *w, uint64_t first, size_t n)
{
    struct cix_chunk c;

    grid_seek(w, first);
    w->places = 0;
    while (w->places < n) {
        const hi5_status s =
            chunk_find_next(&w->scratch, w->scaled, &c, w->r.err);
        if (s != HI5_OK && s != HI5_E_NOTFOUND)
            return s;
        w->place[w->places++] =
            s == HI5_OK ? (struct grid_place){c.addr, c.size, c.mask}
                        : (struct grid_place){.addr = ADDR_NONE};
        grid_advance(w);
    }
    return HI5_OK;
}

static hi5_status
grid_chunks(struct grid_worker *w, uint64_t from, uint64_t to)
{
    while (from < to) {
        const size_t n = to - from < GRID_CHUNKS ? (size_t)(to - from) : GRID_CHUNKS;

        TRY(grid_look_up(w, from, n));
        grid_seek(w, from);
        for (size_t i = 0; i < n; i++) {
            TRY(chunk_error(w->r.d, w->scaled, grid_chunk(w, i), w->r.err));
            grid_advance(w);
        }
        from += n;
    }
    return HI5_OK;
}

/* ---- sharing ---- */

static void
grid_work(void *arg, unsigned i)
{
    struct grid_job *const j = arg;
    struct grid_place place[GRID_CHUNKS];
    struct grid_worker w = {.j = j, .r = *j->r, .place = place};
    struct read_request q = *j->r->q;
    uint64_t from, to;
    hi5_error err;
    hi5_status s = HI5_OK;

    (void)i;
    err_clear(&err);
    q.err = w.r.err = &err;
    w.r.q = &q;
    chunk_scratch_init(&w.scratch, w.r.d);
    while (s == HI5_OK && share_take(&j->share, &from, &to))
        s = grid_chunks(&w, from, to);
    if (s != HI5_OK)
        share_fail(&j->share, s, &err);
    mem_free(&w.r.d->file->mem, w.group, GRID_GROUP);
    chunk_scratch_done(&w.scratch);
}

/* Set the job up; false if the selection is not of the kind, or too large to number its
 * chunks. */
static bool
grid_init(struct grid_job *j, const struct reader *r)
{
    const struct cix_params *const g = &r->d->grid;
    struct sel_dim dim[HI5_MAX_RANK];
    uint64_t at = 1, pos = 1;

    j->r = r;
    j->rank = g->rank;
    j->chunks = 1;
    if (!sel_as_regular(r->q->selection, dim))
        return false;
    for (unsigned i = g->rank; i-- > 0;) {
        if (!grid_dim_init(&j->dim[i], &dim[i], g->chunk[i]) ||
            !ckd_mul64(j->chunks, j->dim[i].slices, &j->chunks))
            return false;
        j->dim[i].at_stride = at;
        j->dim[i].pos_stride = pos;
        at *= g->chunk[i];
        pos *= j->dim[i].count;
    }
    return true;
}

/* Bytes that the chunks of a job cost together. */
static uint64_t
grid_cost(const struct grid_job *j)
{
    const hi5_dataset *const d = j->r->d;
    struct grid_worker w = {.j = j, .r = *j->r};
    uint64_t each = d->grid.chunk_bytes, all;

    grid_seek(&w, 0);
    grid_measure(&w);
    if (d->pipeline.n == 0 && grid_wants_rows(&w))
        each = w.selected / w.strip.block * CHUNK_ROW_COST;
    if (!ckd_mul64(each, d->pipeline.n == 0 ? 1 : GRID_DECODE, &each) ||
        !ckd_add64(each, GRID_CHUNK, &each) || !ckd_mul64(j->chunks, each, &all))
        return UINT64_MAX;
    return all;
}

/* Take note of what is read, and see that the cache has what is to be kept there.
 * @return  does it seem to have all of it? */
static bool
grid_ahead(const struct grid_job *j)
{
    uint64_t low[HI5_MAX_RANK], width[HI5_MAX_RANK];

    if (j->r->d->pipeline.n == 0 || j->streaming)
        return false;
    for (unsigned i = 0; i < j->rank; i++) {
        if (j->dim[i].sparse && j->dim[i].slices > 1)
            return false;
        low[i] = grid_slice(&j->dim[i], 0);
        width[i] = j->dim[i].slices;
    }
    ahead_read(j->r, low, width);
    if (!chunk_cache_has(&j->r->d->cache, low))
        return false;
    for (unsigned i = 0; i < j->rank; i++)
        low[i] += width[i] - 1;
    return chunk_cache_has(&j->r->d->cache, low);
}

HI5_INT hi5_status
read_grid(struct reader *r, bool *done)
{
    hi5_dataset *const d = r->d;
    struct grid_job j;
    uint64_t cost;
    unsigned threads;

    *done = grid_init(&j, r);
    if (!*done)
        return HI5_OK;
    j.streaming = j.chunks > d->cache.budget / d->grid.chunk_bytes;
    cost = grid_cost(&j);
    chunk_expect(d, j.chunks);
    share_init(&j.share, j.chunks, GRID_PIECE / (cost / j.chunks) + 1);
    threads = grid_ahead(&j) || j.chunks < 2 ? 1 : reader_threads(r, cost, GRID_SHARE);
    reader_run(r, threads, grid_work, &j);
    return share_done(&j.share, r->err);
}
