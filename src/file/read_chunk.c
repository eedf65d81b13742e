/*
 * read_chunk.c - chunked data, selected irregularly
 *
 * A chunk that lands in the caller's buffer in one piece is decoded right there. One that
 * is wanted whole goes through scratch memory; one that is wanted in part is kept in the
 * dataset's cache, since the next read may want the rest. Large reads are shared among
 * threads, each of which walks the selection and takes the chunks that no other has.
 * Regular selections, which need no walk, are left to read_grid.c.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/chunk_fetch.h"
#include "file/read.h"
#include <string.h>

#define CHUNK_PARALLEL (1u << 20)     /* bytes that are worth a thread of their own */
#define CHUNK_WORTHWHILE (4u * 1024u) /* smaller chunks cost more to share than to do */
#define CHUNK_BATCH (128u * 1024u)    /* bytes of chunks that a thread takes at once */
#define CHUNK_AHEAD 4u                /* rows that memory is asked for in advance */
#define CHUNK_ROW (16u * 1024u)       /* longer ones need no help */

/* ---- one thread's share of a read ---- */

struct chunk_worker {
    struct reader r;
    struct sel_walk *walk;
    struct chunk_scratch scratch;
    bool streaming;            /* more chunks than the cache holds: do not keep them */
    uint64_t elements;         /* selected in all */
    struct sel_strip first;    /* of the current chunk, taken from the walk already */
};

static hi5_status
worker_fill(struct chunk_worker *w)
{
    struct sel_strip s = w->first;

    do {
        for (uint64_t i = 0; i < s.count; i++)
            TRY(dataset_fill(w->r.d, w->r.q, reader_at(&w->r, s.pos + i * s.block),
                             s.block));
    } while (sel_walk_strip(w->walk, &s));
    return HI5_OK;
}

/* Ask for the memory that the strip some rows further on will be written to. Rows of a
 * chunk are far apart in a large array, and a write that misses the cache stalls. */
static void
worker_prefetch(const struct chunk_worker *w, const struct sel_strip *s, uint64_t apart)
{
    const size_t n = (size_t)(s->count * s->block) * w->r.to;
    const uint64_t pos = s->pos + CHUNK_AHEAD * apart;

    if (n > CHUNK_ROW || pos + s->count * s->block > w->elements)
        return;
    for (size_t i = 0; i < n; i += 64)
        CC_PREFETCH_WRITE(reader_at(&w->r, pos) + i);
}

static hi5_status
worker_scatter(struct chunk_worker *w, const uint8_t *chunk)
{
    struct sel_strip s = w->first;
    uint64_t last = s.pos;

    do {
        if (s.pos > last)
            worker_prefetch(w, &s, s.pos - last);
        last = s.pos;
        TRY(reader_put(&w->r, chunk, &s));
    } while (sel_walk_strip(w->walk, &s));
    return HI5_OK;
}

/* Few rows of a chunk that is stored as it is: read just those. */
static bool
worker_wants_rows(const struct chunk_worker *w, uint64_t selected)
{
    const hi5_dataset *d = w->r.d;
    const uint64_t rows = w->first.block != 0 ? selected / w->first.block : 0;

    return d->pipeline.n == 0 && w->r.plain && w->first.count == 1 && selected != 0 &&
           rows <= d->grid.chunk_bytes / CHUNK_ROW_COST;
}

static hi5_status
worker_rows(struct chunk_worker *w, const struct cix_chunk *where)
{
    const struct reader *r = &w->r;
    struct sel_strip s = w->first;

    TRY(chunk_check_raw(r->d, where, r->err));
    do {
        for (uint64_t i = 0; i < s.count; i++)
            TRY(meta_read(&r->d->file->meta,
                          where->addr + (s.at + i * s.step) * r->from,
                          reader_at(r, s.pos + i * s.block), (size_t)s.block * r->from,
                          r->err));
    } while (sel_walk_strip(w->walk, &s));
    return HI5_OK;
}

/* Elements of the current chunk that are inside the extent. */
static uint64_t
worker_there(const struct chunk_worker *w, const uint64_t *scaled)
{
    const hi5_dataset *d = w->r.d;
    uint64_t n = 1;

    for (unsigned i = 0; i < d->grid.rank; i++) {
        const uint64_t left = d->shape.dims[i] - scaled[i] * d->grid.chunk[i];
        n *= left < d->grid.chunk[i] ? left : d->grid.chunk[i];
    }
    return n;
}

/* Use the chunk where it was read to, or decode it into scratch; it is not kept. */
static hi5_status
worker_through(struct chunk_worker *w, const struct cix_chunk *where)
{
    hi5_dataset *d = w->r.d;
    const uint8_t *p = NULL;

    if (d->pipeline.n == 0 && d->grid.chunk_bytes <= CHUNK_SMALL) {
        TRY(chunk_check_raw(d, where, w->r.err));
        TRY(chunk_stored(&w->scratch, where, &p, w->r.err));
        return worker_scatter(w, p);
    }
    TRY(chunk_room(&w->scratch, w->r.err));
    TRY(chunk_decode(&w->scratch, where, w->scratch.whole, w->r.err));
    return worker_scatter(w, w->scratch.whole);
}

static hi5_status
worker_chunk(struct chunk_worker *w, const uint64_t *scaled)
{
    hi5_dataset *d = w->r.d;
    const bool raw = d->pipeline.n == 0; /* the system keeps these well enough */
    const uint64_t selected = sel_walk_selected(w->walk);
    struct chunk_data *c = raw ? NULL : chunk_cache_get(&d->cache, scaled);
    struct cix_chunk where;
    hi5_status s;

    if (c == NULL) {
        s = chunk_find_next(&w->scratch, scaled, &where, w->r.err);
        if (s == HI5_E_NOTFOUND)
            return worker_fill(w);
        TRY(s);
        if (w->r.plain && w->first.count == 1 &&
            w->first.block == d->grid.chunk_bytes / w->r.from)
            return chunk_decode(&w->scratch, &where, reader_at(&w->r, w->first.pos),
                                w->r.err);
        if (worker_wants_rows(w, selected))
            return worker_rows(w, &where);
        if (w->streaming || raw || (selected != 0 && selected == worker_there(w, scaled)))
            return worker_through(w, &where);
        TRY(chunk_keep(&w->scratch, &where, NULL, &c, w->r.err));
    }
    s = worker_scatter(w, c->bytes);
    chunk_cache_release(&d->cache, c);
    return s;
}

/* ---- sharing ---- */

struct chunk_job {
    const struct reader *r;
    struct read_share share;   /* of the chunks, in the order of the walk */
    bool streaming;
};

static hi5_status
job_walk(struct chunk_job *j, struct chunk_worker *w)
{
    uint64_t scaled[HI5_MAX_RANK], from = 0, to = 0;

    for (uint64_t at = 0; sel_walk_chunk(w->walk, scaled); at++) {
        if (at >= to && !share_take(&j->share, &from, &to))
            break;
        if (at >= from && sel_walk_strip(w->walk, &w->first))
            TRY(chunk_error(w->r.d, scaled, worker_chunk(w, scaled), w->r.err));
    }
    return HI5_OK;
}

static void
job_work(void *arg, unsigned i)
{
    struct chunk_job *j = arg;
    hi5_dataset *d = j->r->d;
    hi5_error err;
    struct read_request q = *j->r->q;
    struct chunk_worker w = {.r = *j->r, .streaming = j->streaming};
    hi5_status s;

    (void)i;
    err_clear(&err);
    q.err = w.r.err = &err;
    w.r.q = &q;
    w.elements = hi5_selection_count(q.selection);
    chunk_scratch_init(&w.scratch, d);
    s = sel_walk_open(&d->file->mem, q.selection, d->grid.chunk, &w.walk, &err);
    if (s == HI5_OK)
        s = job_walk(j, &w);
    if (s != HI5_OK)
        share_fail(&j->share, s, &err);
    sel_walk_close(w.walk);
    chunk_scratch_done(&w.scratch);
}

/* About how many chunks a read touches: those of the bounding box, but no more than
 * there are elements. */
static uint64_t
job_chunks(const struct reader *r)
{
    const hi5_dataset *d = r->d;
    const uint64_t most = hi5_selection_count(r->q->selection);
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], n = 1;

    if (!hi5_selection_bounds(r->q->selection, low, high))
        return 0;
    for (unsigned i = 0; i < d->grid.rank; i++)
        if (!ckd_mul64(n, high[i] / d->grid.chunk[i] - low[i] / d->grid.chunk[i] + 1, &n))
            return most;
    return n < most ? n : most;
}

static hi5_status
job_run(struct reader *r)
{
    hi5_dataset *d = r->d;
    struct chunk_job j = {.r = r};
    const uint64_t chunks = job_chunks(r);
    uint64_t bytes;
    unsigned n;

    if (!ckd_mul64(chunks, d->grid.chunk_bytes, &bytes))
        bytes = UINT64_MAX;
    j.streaming = bytes > d->cache.budget;
    n = chunks < 2 || d->grid.chunk_bytes < CHUNK_WORTHWHILE
            ? 1 : reader_threads(r, bytes, CHUNK_PARALLEL);
    share_init(&j.share, UINT64_MAX,
               n > 1 ? CHUNK_BATCH / d->grid.chunk_bytes + 1 : UINT64_MAX);
    reader_run(r, n, job_work, &j);
    return share_done(&j.share, r->err);
}

HI5_INT hi5_status
read_chunked(struct reader *r)
{
    const hi5_dataset *d = r->d;
    bool done = false;

    if (d->cix == NULL)
        return read_fill_all(r);
    if (d->grid.chunk_bytes > d->file->meta.limits.chunk_bytes ||
        d->grid.chunk_bytes > SIZE_MAX)
        return err_plain(r->err, HI5_E_LIMIT, "chunks of %llu bytes exceed the limit",
                         (unsigned long long)d->grid.chunk_bytes);
    TRY(read_grid(r, &done));
    return done ? HI5_OK : job_run(r);
}
