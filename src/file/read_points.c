/*
 * read_points.c - single elements, in any order
 *
 * Points are sorted by the place of their elements. So each chunk is found, fetched and
 * decoded once, and elements that are near one another in the file come with one request,
 * whatever order they were asked for in.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/chunk_fetch.h"
#include "file/read.h"
#include <string.h>

#define PICK_BATCH ((size_t)1 << 20) /* points sorted at a time */
#define PICK_BITS 54u               /* places of more bits leave too few for points */
#define PICK_DIGIT 11u              /* bits that one pass sorts by */
#define PICK_NEAR (4u * 1024u)      /* bytes between elements worth reading over */
#define PICK_SPAN (256u * 1024u)    /* bytes that one request gets at most */
#define PICK_GROUP 2048u            /* elements of one request at most */
#define PICK_COST (4u * 1024u)      /* an element costs as much as so many bytes read */
#define PICK_SHARE (4u << 20)       /* bytes that are worth a thread */
#define PICK_LEAST 256u             /* points that a thread takes at once */

struct pick_job {
    const struct reader *r;
    /* Places are numbered chunk by chunk in the box that holds all points. Data in one
     * piece is one chunk. */
    uint64_t chunk[HI5_MAX_RANK], low[HI5_MAX_RANK];
    uint64_t grid[HI5_MAX_RANK]; /* chunks below a dimension */
    uint64_t each;             /* elements of a chunk */
    unsigned bits;             /* of the largest place */
    /* Points of a batch, sorted: place << shift | number in the batch. */
    uint64_t *pick;
    size_t n;
    unsigned shift;
    uint64_t first;            /* position of the batch in the selection */
    bool streaming;            /* more chunks than the cache holds: do not keep them */
    struct read_share share;   /* of the batch */
};

struct pick_worker {
    const struct pick_job *j;
    struct reader r;
    struct chunk_scratch scratch;
    /* The current chunk. */
    uint64_t number, start, end; /* in the box; its places, end not among them */
    uint64_t scaled[HI5_MAX_RANK];
    uint64_t addr;             /* raw: of its first element; ADDR_NONE: not written */
    const uint8_t *filled;     /* an element with the fill value */
    /* Elements that are fetched together. */
    uint8_t *bytes;            /* [room] */
    size_t room;
    uint64_t from, to;         /* addresses */
    size_t n;
    uint32_t offset[PICK_GROUP];
    size_t index[PICK_GROUP];  /* positions in the batch */
};

/* ---- places ---- */

static unsigned
pick_bits(uint64_t v)
{
    return v == 0 ? 0 : ckd_log2(v) + 1;
}

/* Most coordinates fit 32 bits, where division is fast. */
static uint64_t
pick_divide(uint64_t a, uint64_t b)
{
    return (a | b) >> 32 == 0 ? (uint32_t)a / (uint32_t)b : a / b;
}

/* Number the places; false if that takes too many bits. */
static bool
pick_number(struct pick_job *j)
{
    const hi5_dataset *const d = j->r->d;
    const bool chunked = d->layout.cls == HI5_CHUNKED;
    uint64_t high[HI5_MAX_RANK], chunks = 1, most;

    j->each = 1;
    if (!hi5_selection_bounds(j->r->q->selection, j->low, high))
        return false;
    for (unsigned i = d->shape.rank; i-- > 0;) {
        j->chunk[i] = chunked ? d->grid.chunk[i] : d->shape.dims[i];
        j->low[i] /= j->chunk[i];
        j->grid[i] = chunks;
        if (!ckd_mul64(j->each, j->chunk[i], &j->each) ||
            !ckd_mul64(chunks, high[i] / j->chunk[i] - j->low[i] + 1, &chunks))
            return false;
    }
    if (!ckd_mul64(j->each, chunks, &most))
        return false;
    j->bits = pick_bits(most - 1);
    return j->bits <= PICK_BITS;
}

static uint64_t
pick_place(const struct pick_job *j, unsigned rank, const uint64_t *point)
{
    uint64_t number = 0, at = 0;

    for (unsigned i = 0; i < rank; i++) {
        const uint64_t k = pick_divide(point[i], j->chunk[i]);
        number += (k - j->low[i]) * j->grid[i];
        at = at * j->chunk[i] + (point[i] - k * j->chunk[i]);
    }
    return number * j->each + at;
}

/* ---- sorting ---- */

/* One pass: by `width` bits from bit `at` on. */
static void
pick_pass(const uint64_t *from, uint64_t *to, size_t n, unsigned at, unsigned width)
{
    size_t start[1u << PICK_DIGIT] = {0};
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    size_t sum = 0;

    for (size_t i = 0; i < n; i++)
        start[from[i] >> at & mask]++;
    for (size_t k = 0; k <= mask; k++) {
        const size_t here = start[k];
        start[k] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[start[from[i] >> at & mask]++] = from[i];
}

/* Sort by the `bits` bits from `shift` on. The result is in `v`. */
static void
pick_sort(uint64_t *v, uint64_t *spare, size_t n, unsigned shift, unsigned bits)
{
    const unsigned passes = (bits + PICK_DIGIT - 1) / PICK_DIGIT;
    uint64_t *from = v, *to = spare;
    unsigned at = 0;

    for (unsigned k = 0; k < passes; k++) {
        const unsigned width = (bits - at) / (passes - k);
        pick_pass(from, to, n, shift + at, width);
        at += width;
        from = to;
        to = from == v ? spare : v;
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
}

/* Take up the points of the batch; sort them if they need it. */
static void
pick_load(struct pick_job *j, const uint64_t *points, uint64_t *spare)
{
    const unsigned rank = j->r->d->shape.rank;
    bool sorted = true;

    j->shift = pick_bits(j->n - 1);
    for (size_t i = 0; i < j->n; i++) {
        j->pick[i] = pick_place(j, rank, points + i * rank) << j->shift | i;
        sorted = sorted && (i == 0 || j->pick[i - 1] < j->pick[i]);
    }
    if (!sorted)
        pick_sort(j->pick, spare, j->n, j->shift, j->bits);
}

static uint64_t
pick_at(const struct pick_job *j, size_t k)
{
    return j->pick[k] >> j->shift;
}

static size_t
pick_index(const struct pick_job *j, size_t k)
{
    return (size_t)(j->pick[k] & (((uint64_t)1 << j->shift) - 1));
}

/* The first point behind `k` that is in another chunk. */
static size_t
pick_chunk_end(const struct pick_job *j, size_t k)
{
    const uint64_t end = (pick_at(j, k) / j->each + 1) * j->each;

    while (k < j->n && pick_at(j, k) < end)
        k++;
    return k;
}

/* ---- elements ---- */

static uint8_t *
pick_to(const struct pick_worker *w, size_t index)
{
    return reader_at(&w->r, w->j->first + index);
}

static hi5_status
pick_put(const struct pick_worker *w, const uint8_t *src, size_t index)
{
    uint8_t *const dst = pick_to(w, index);

    if (!w->r.plain)
        return conv_run(w->r.conv, src, dst, 1, w->r.err);
    if (w->r.from == 4)
        memcpy(dst, src, 4);
    else if (w->r.from == 8)
        memcpy(dst, src, 8);
    else
        memcpy(dst, src, w->r.from);
    return HI5_OK;
}

/* The fill value is worked out once, unless each element must own its parts. */
static hi5_status
pick_fill(struct pick_worker *w, size_t index)
{
    uint8_t *const dst = pick_to(w, index);

    if (w->filled != NULL) {
        memcpy(dst, w->filled, w->r.to);
        return HI5_OK;
    }
    if (!w->r.q->memory->has_vlen)
        w->filled = dst;
    return dataset_fill(w->r.d, w->r.q, dst, 1);
}

/* ---- elements stored as they are ---- */

static hi5_status
pick_room(struct pick_worker *w, size_t n)
{
    struct mem *const mem = &w->r.d->file->mem;
    const size_t twice = w->room < PICK_SPAN / 2 ? 2 * w->room : PICK_SPAN;

    if (n <= w->room)
        return HI5_OK;
    n = n > twice ? n : twice;
    mem_free(mem, w->bytes, w->room);
    w->room = 0;
    w->bytes = mem_alloc(mem, n);
    if (w->bytes == NULL)
        return mem_fail(mem, n, w->r.err);
    w->room = n;
    return HI5_OK;
}

/* Get the elements that have been collected. */
static hi5_status
pick_flush(struct pick_worker *w)
{
    const struct meta *const m = &w->r.d->file->meta;
    const size_t n = w->n, span = (size_t)(w->to - w->from);

    w->n = 0;
    if (n == 0)
        return HI5_OK;
    if (n == 1 && w->r.plain)
        return meta_read(m, w->from, pick_to(w, w->index[0]), span, w->r.err);
    TRY(pick_room(w, span));
    TRY(meta_read(m, w->from, w->bytes, span, w->r.err));
    for (size_t i = 0; i < n; i++)
        TRY(pick_put(w, w->bytes + w->offset[i], w->index[i]));
    return HI5_OK;
}

/* Collect the element at `addr`, unless it is too far from those before. */
static hi5_status
pick_collect(struct pick_worker *w, uint64_t addr, size_t index)
{
    const size_t each = w->r.from;

    if (w->n == PICK_GROUP ||
        (w->n != 0 && (addr < w->from || (addr > w->to && addr - w->to > PICK_NEAR) ||
                       each > PICK_SPAN || addr - w->from > PICK_SPAN - each)))
        TRY(pick_flush(w));
    if (w->n == 0) {
        w->from = addr;
        w->to = addr + each;
    }
    w->offset[w->n] = (uint32_t)(addr - w->from);
    w->index[w->n++] = index;
    if (addr + each > w->to)
        w->to = addr + each;
    return HI5_OK;
}

/* Go to the chunk of place `at`. */
static void
pick_enter(struct pick_worker *w, uint64_t at)
{
    const struct pick_job *const j = w->j;
    uint64_t number = at / j->each;

    w->start = number * j->each;
    w->end = w->start + j->each;
    for (unsigned i = 0; i < w->r.d->shape.rank; i++) {
        w->scaled[i] = j->low[i] + number / j->grid[i];
        number %= j->grid[i];
    }
}

static hi5_status
pick_enter_raw(struct pick_worker *w, uint64_t at)
{
    hi5_dataset *const d = w->r.d;
    struct cix_chunk c;
    hi5_status s;

    pick_enter(w, at);
    w->addr = d->layout.addr;
    if (d->layout.cls != HI5_CHUNKED)
        return HI5_OK;
    s = chunk_find_next(&w->scratch, w->scaled, &c, w->r.err);
    w->addr = s == HI5_OK ? c.addr : ADDR_NONE;
    if (s != HI5_OK)
        return s == HI5_E_NOTFOUND ? HI5_OK : s;
    TRY(chunk_check_raw(d, &c, w->r.err));
    return chunk_check_inside(d, &c, w->r.err);
}

static hi5_status
pick_raw(struct pick_worker *w, size_t k, size_t end)
{
    for (; k < end; k++) {
        const uint64_t at = pick_at(w->j, k);
        const size_t index = pick_index(w->j, k);

        if (at < w->start || at >= w->end)
            TRY(pick_enter_raw(w, at));
        if (w->addr == ADDR_NONE)
            TRY(pick_fill(w, index));
        else
            TRY(pick_collect(w, w->addr + (at - w->start) * w->r.from, index));
    }
    return pick_flush(w);
}

/* ---- elements of chunks that must be decoded ---- */

/* Elements `k` to `end`, all of them in the current chunk. */
static hi5_status
pick_from(struct pick_worker *w, const uint8_t *chunk, size_t k, size_t end)
{
    for (; k < end; k++)
        TRY(pick_put(w, chunk + (size_t)(pick_at(w->j, k) - w->start) * w->r.from,
                     pick_index(w->j, k)));
    return HI5_OK;
}

static hi5_status
pick_chunk(struct pick_worker *w, size_t k, size_t end)
{
    hi5_dataset *const d = w->r.d;
    struct chunk_data *c = chunk_cache_get(&d->cache, w->scaled);
    struct cix_chunk where;
    hi5_status s;

    if (c == NULL) {
        s = chunk_find_next(&w->scratch, w->scaled, &where, w->r.err);
        for (; s == HI5_E_NOTFOUND && k < end; k++)
            TRY(pick_fill(w, pick_index(w->j, k)));
        if (k == end)
            return HI5_OK;
        TRY(s);
        if (w->j->streaming) {
            TRY(chunk_room(&w->scratch, w->r.err));
            TRY(chunk_decode(&w->scratch, &where, w->scratch.whole, w->r.err));
            return pick_from(w, w->scratch.whole, k, end);
        }
        TRY(chunk_keep(&w->scratch, &where, NULL, &c, w->r.err));
    }
    s = pick_from(w, c->bytes, k, end);
    chunk_cache_release(&d->cache, c);
    return s;
}

/* Of points from `k` on those that are in chunks which begin before `end`: each chunk is
 * one thread's. */
static hi5_status
pick_decoded(struct pick_worker *w, size_t k, size_t end)
{
    const struct pick_job *const j = w->j;

    if (k > 0)
        k = pick_chunk_end(j, k - 1);
    while (k < end) {
        const size_t next = pick_chunk_end(j, k);
        pick_enter(w, pick_at(j, k));
        TRY(chunk_error(w->r.d, w->scaled, pick_chunk(w, k, next), w->r.err));
        k = next;
    }
    return HI5_OK;
}

/* ---- sharing ---- */

/* Filters of layouts without chunks mean nothing. */
static bool
pick_is_raw(const hi5_dataset *d)
{
    return d->pipeline.n == 0 || d->layout.cls != HI5_CHUNKED;
}

static void
pick_work(void *arg, unsigned i)
{
    struct pick_job *const j = arg;
    const bool raw = pick_is_raw(j->r->d);
    struct pick_worker w;
    struct read_request q = *j->r->q;
    uint64_t from, to;
    hi5_error err;
    hi5_status s = HI5_OK;

    (void)i;
    err_clear(&err);
    w.j = j;
    w.r = *j->r;
    q.err = w.r.err = &err;
    w.r.q = &q;
    w.start = w.end = 0;
    w.filled = NULL;
    w.bytes = NULL;
    w.room = w.n = 0;
    chunk_scratch_init(&w.scratch, w.r.d);
    while (s == HI5_OK && share_take(&j->share, &from, &to))
        s = raw ? pick_raw(&w, (size_t)from, (size_t)to)
                : pick_decoded(&w, (size_t)from, (size_t)to);
    if (s != HI5_OK)
        share_fail(&j->share, s, &err);
    mem_free(&w.r.d->file->mem, w.bytes, w.room);
    chunk_scratch_done(&w.scratch);
}

/* Are there more chunks in the batch than the cache holds? */
static bool
pick_is_streaming(const struct pick_job *j)
{
    const hi5_dataset *const d = j->r->d;
    uint64_t chunks = 0;

    if (pick_is_raw(d))
        return true;
    for (size_t k = 0; k < j->n; k = pick_chunk_end(j, k))
        chunks++;
    return chunks > d->cache.budget / d->grid.chunk_bytes;
}

static hi5_status
pick_batch(struct pick_job *j)
{
    const unsigned threads = reader_threads(j->r, (uint64_t)j->n * PICK_COST, PICK_SHARE);
    const uint64_t piece = j->n / threads / 8;

    j->streaming = pick_is_streaming(j);
    share_init(&j->share, j->n,
               threads == 1 ? j->n : piece > PICK_LEAST ? piece : PICK_LEAST);
    reader_run(j->r, threads, pick_work, j);
    return share_done(&j->share, j->r->err);
}

/* Is the dataset one whose elements can be found by number? */
static bool
pick_can(const hi5_dataset *d)
{
    uint64_t end = 0;

    if (d->layout.cls == HI5_CHUNKED)
        return d->cix != NULL && d->grid.chunk_bytes <= d->file->meta.limits.chunk_bytes &&
               d->grid.chunk_bytes <= SIZE_MAX;
    return d->layout.cls == HI5_CONTIGUOUS && d->nexternals == 0 &&
           d->layout.addr != ADDR_NONE && dataset_bytes(d, &end, NULL) == HI5_OK &&
           ckd_add64(end, d->layout.addr, &end);
}

HI5_INT hi5_status
read_points(struct reader *r, bool *done)
{
    struct mem *const mem = &r->d->file->mem;
    struct pick_job j = {.r = r};
    size_t all, most;
    const uint64_t *const points = sel_points(r->q->selection, &all);
    uint64_t *spare;
    hi5_status s = HI5_OK;

    *done = points != NULL && pick_can(r->d) && pick_number(&j);
    if (!*done)
        return HI5_OK;
    most = all < PICK_BATCH ? all : PICK_BATCH;
    if (64 - j.bits < pick_bits(most - 1))
        most = (size_t)1 << (64 - j.bits);
    j.pick = mem_alloc(mem, 2 * most * sizeof *j.pick);
    if (j.pick == NULL)
        return mem_fail(mem, 2 * most * sizeof *j.pick, r->err);
    spare = j.pick + most;
    for (size_t k = 0; s == HI5_OK && k < all; k += j.n) {
        j.n = all - k < most ? all - k : most;
        j.first = k;
        pick_load(&j, points + k * r->d->shape.rank, spare);
        s = pick_batch(&j);
    }
    mem_free(mem, j.pick, 2 * most * sizeof *j.pick);
    return s;
}
