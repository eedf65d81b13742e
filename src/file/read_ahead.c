/*
 * read_ahead.c - reads that follow one another, over many calls
 *
 * Programs read row by row, or chunk by chunk. Once the reads of a dataset do, what comes
 * next is fetched along with what is asked for: the chunks of the next reads, decoded by
 * several threads; of data in one piece, a page that many small reads share. Both go to
 * the dataset's cache, and nothing goes on between calls. What somebody may be writing is
 * not read before it is asked for.
 */
#include "base/ckd.h"
#include "file/chunk_fetch.h"
#include "file/read.h"
#include <string.h>

#define AHEAD_RUN 2u                /* reads in order, after which there is a habit */
#define AHEAD_COST (4u << 20)       /* bytes that are worth a thread */
#define AHEAD_DECODE 16u            /* a decoded byte costs as much as so many copied */
#define AHEAD_LEAST 4u              /* boxes that may be fetched, however large */
#define AHEAD_BYTES (1024u * 1024u) /* of chunks that are fetched at once, otherwise */
#define AHEAD_SMALL                                                                    \
    (8u * 1024u)       /* larger reads of data in one piece are on their own */
#define AHEAD_GAP 512u /* bytes between them that may be left out */

HI5_INT void
ahead_init(struct ahead *a)
{
    mutex_init(&a->lock);
    atomic_init(&a->end, UINT64_MAX);
    atomic_init(&a->small, 0);
}

HI5_INT void
ahead_done(struct ahead *a)
{
    mutex_done(&a->lock);
}

static bool
ahead_allowed(const hi5_dataset *d)
{
    return d->file->edit == NULL && (d->file->super.flags & 5) == 0;
}

/* ---- data in one piece ---- */

/* Does a read at `offset` follow the last ones? Threads that read at the same time may
 * break each other's order, which costs speed alone. */
static bool
ahead_follows(struct ahead *a, uint64_t offset, size_t n)
{
    const uint64_t end = atomic_load_explicit(&a->end, memory_order_relaxed);
    unsigned small = 0;

    if (offset - end <= AHEAD_GAP)
        small = atomic_load_explicit(&a->small, memory_order_relaxed) + 1;
    atomic_store_explicit(&a->end, offset + n, memory_order_relaxed);
    if (small <= AHEAD_RUN)
        atomic_store_explicit(&a->small, small, memory_order_relaxed);
    return small > AHEAD_RUN;
}

/* Page `number` of the data, in use; NULL if it cannot be had. */
static struct chunk_data *
ahead_page(hi5_dataset *d, uint64_t number, uint64_t bytes)
{
    const uint64_t at = number * AHEAD_PAGE;
    const size_t n = bytes - at < AHEAD_PAGE ? (size_t)(bytes - at) : AHEAD_PAGE;
    struct chunk_data *c = chunk_cache_get(&d->cache, &number);

    if (c != NULL)
        return c;
    c = chunk_cache_new(&d->cache, &number, n);
    if (c == NULL)
        return NULL;
    if (meta_read(&d->file->meta, d->layout.addr + at, c->bytes, n, NULL) != HI5_OK) {
        chunk_cache_release(&d->cache, c);
        return NULL;
    }
    chunk_cache_put(&d->cache, c);
    return c;
}

HI5_INT bool
ahead_copy(hi5_dataset *d, uint64_t offset, size_t n, uint64_t bytes, uint8_t *to)
{
    const uint64_t number = offset / AHEAD_PAGE;
    struct chunk_data *c;

    if (n > AHEAD_SMALL || d->cache.budget < AHEAD_PAGE ||
        !ahead_follows(&d->ahead, offset, n) || !ahead_allowed(d) ||
        (offset + n - 1) / AHEAD_PAGE != number)
        return false;
    c = ahead_page(d, number, bytes);
    if (c == NULL)
        return false;
    memcpy(to, c->bytes + (offset - number * AHEAD_PAGE), n);
    chunk_cache_release(&d->cache, c);
    return true;
}

/* ---- chunks ---- */

/* Boxes of chunks, one after the other. */
struct ahead_job {
    const struct reader *r;
    uint64_t width[HI5_MAX_RANK];
    uint64_t low[AHEAD_BOXES][HI5_MAX_RANK];
    uint64_t boxes, each;    /* chunks of a box */
    struct read_share share; /* of the chunks */
};

static uint64_t
ahead_slices(const struct cix_params *g, unsigned i)
{
    return g->dims[i] / g->chunk[i] + (g->dims[i] % g->chunk[i] != 0);
}

/* Move a box of chunks on along a dimension, and behind the last one along those above;
 * false if there is no such box. */
static bool
ahead_step(const struct cix_params *g, const uint64_t *width, unsigned along,
           uint64_t *low)
{
    for (unsigned i = along + 1; i-- > 0;) {
        low[i] += width[i];
        if (low[i] < ahead_slices(g, i))
            return true;
        low[i] = 0;
    }
    return false;
}

static bool
ahead_same(const struct cix_params *g, const uint64_t *a, const uint64_t *b)
{
    return memcmp(a, b, g->rank * sizeof *a) == 0;
}

/* Does the box at `low` follow the last one? While there is a habit, along the same
 * dimension. */
static bool
ahead_in_order(struct ahead *a, const struct cix_params *g, const uint64_t *low)
{
    uint64_t next[HI5_MAX_RANK];

    for (unsigned i = a->run != 0 ? a->along + 1 : g->rank; i-- > 0;) {
        memcpy(next, a->low, g->rank * sizeof *next);
        if (ahead_step(g, a->width, i, next) && ahead_same(g, next, low)) {
            a->along = i;
            return true;
        }
        if (a->run != 0)
            break;
    }
    return false;
}

/* The same width, but for the last boxes of a dimension. */
static bool
ahead_fits(const struct ahead *a, const struct cix_params *g, const uint64_t *low,
           const uint64_t *width)
{
    for (unsigned i = 0; i < g->rank; i++)
        if (width[i] != a->width[i] &&
            (width[i] > a->width[i] || low[i] + width[i] != ahead_slices(g, i)))
            return false;
    return true;
}

/* Bytes of a box, and what they cost to decode; false if that is too much to keep. */
static bool
ahead_measure(const struct reader *r, const uint64_t *width, uint64_t *chunks,
              uint64_t *bytes)
{
    const struct cix_params *const g = &r->d->grid;

    *chunks = 1;
    for (unsigned i = 0; i < g->rank; i++)
        if (!ckd_mul64(*chunks, width[i], chunks))
            return false;
    return ckd_mul64(*chunks, g->chunk_bytes, bytes) &&
           *bytes <= r->d->cache.budget / AHEAD_PART;
}

static uint64_t
ahead_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How many boxes are to be fetched: at least as many as are worth a second thread, and
 * more each time, up to what a part of the cache takes. */
static uint64_t
ahead_boxes(const struct ahead *a, const struct reader *r, uint64_t bytes)
{
    const uint64_t worth = 2 * AHEAD_COST / AHEAD_DECODE / bytes + 2;
    uint64_t most = AHEAD_BYTES / bytes;

    if (most < AHEAD_LEAST)
        most = AHEAD_LEAST;
    most = ahead_least(most, r->d->cache.budget / AHEAD_PART / bytes);
    return ahead_least(ahead_least(most, AHEAD_BOXES),
                       worth > 2 * a->boxes ? worth : 2 * a->boxes);
}

/* Take note of a read of the box at `low`; set up the job if boxes are to be fetched. */
static void
ahead_note(struct ahead *a, struct ahead_job *j, const uint64_t *low,
           const uint64_t *width, uint64_t bytes)
{
    const struct cix_params *const g = &j->r->d->grid;
    const size_t n = g->rank * sizeof *low;
    bool known = a->width[0] != 0 && ahead_fits(a, g, low, width);

    if (known && ahead_same(g, low, a->low))
        return;
    known = known && ahead_in_order(a, g, low);
    a->run = known ? a->run + (a->run <= AHEAD_RUN) : 0;
    if (!known) {
        memcpy(a->width, width, n);
        a->boxes = 0;
    }
    memcpy(a->low, low, n);
    if (a->run < AHEAD_RUN || (a->boxes != 0 && !ahead_same(g, low, a->beyond)))
        return;
    a->boxes = ahead_boxes(a, j->r, bytes);
    memcpy(j->width, a->width, n);
    memcpy(a->beyond, low, n);
    do
        memcpy(j->low[j->boxes++], a->beyond, n);
    while (ahead_step(g, a->width, a->along, a->beyond) && j->boxes < a->boxes);
}

/* Decode a chunk into the cache. If that fails, whoever needs it will find out. */
static void
ahead_chunk(const struct ahead_job *j, struct chunk_scratch *s, uint64_t number)
{
    hi5_dataset *const d = j->r->d;
    const uint64_t *const low = j->low[number / j->each];
    struct chunk_data *c;
    struct cix_chunk where;
    uint64_t scaled[HI5_MAX_RANK];

    number %= j->each;
    for (unsigned i = d->grid.rank; i-- > 0; number /= j->width[i]) {
        scaled[i] = low[i] + number % j->width[i];
        if (scaled[i] >= ahead_slices(&d->grid, i))
            return;
    }
    c = chunk_cache_get(&d->cache, scaled);
    if (c == NULL && (chunk_find_next(s, scaled, &where, NULL) != HI5_OK ||
                      chunk_keep(s, &where, NULL, &c, NULL) != HI5_OK))
        return;
    chunk_cache_release(&d->cache, c);
}

static void
ahead_work(void *arg, unsigned i)
{
    struct ahead_job *const j = arg;
    struct chunk_scratch s;
    uint64_t from, to;

    (void)i;
    chunk_scratch_init(&s, j->r->d);
    while (share_take(&j->share, &from, &to))
        for (; from < to; from++)
            ahead_chunk(j, &s, from);
    chunk_scratch_done(&s);
}

HI5_INT void
ahead_read(const struct reader *r, const uint64_t *low, const uint64_t *width)
{
    hi5_dataset *const d = r->d;
    struct ahead_job j;
    uint64_t bytes;
    unsigned threads;

    if (d->pipeline.n == 0 || d->file->options.threads == 1 || !ahead_allowed(d) ||
        !ahead_measure(r, width, &j.each, &bytes))
        return;
    j.r = r;
    j.boxes = 0;
    mutex_lock(&d->ahead.lock);
    ahead_note(&d->ahead, &j, low, width, bytes);
    mutex_unlock(&d->ahead.lock);
    threads = reader_threads(r, j.boxes * bytes * AHEAD_DECODE, AHEAD_COST);
    if (threads < 2)
        return;
    share_init(&j.share, j.boxes * j.each, 1);
    reader_run(r, threads, ahead_work, &j);
    share_done(&j.share, NULL);
}
