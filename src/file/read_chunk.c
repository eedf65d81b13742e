/*
 * read_chunk.c - chunks: found, fetched, decoded, scattered
 *
 * A chunk that lands in the caller's buffer in one piece is decoded right there. One that
 * is wanted whole goes through scratch memory; one that is wanted in part is kept in the
 * dataset's cache, since the next read may want the rest. Large reads are shared among
 * threads, each of which walks the selection and takes the chunks that no other has.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/read.h"
#include <string.h>

#define CHUNK_PARALLEL (512u * 1024u) /* bytes from which on threads are worth it */
#define CHUNK_WORTHWHILE (4u * 1024u) /* smaller chunks cost more to share than to do */
#define CHUNK_BATCH (128u * 1024u)    /* bytes of chunks that a thread takes at once */
#define CHUNK_SMALL (64u * 1024u)     /* chunks that may share one read call */
#define CHUNK_AHEAD 4u                /* rows that memory is asked for in advance */
#define CHUNK_ROW (16u * 1024u)       /* longer ones need no help */
#define CHUNK_ROW_COST (4u * 1024u)   /* a read call costs as much as this many bytes */

/* ---- decoding ---- */

/* Is the chunk cut by the current extent? */
static bool
chunk_is_partial(const hi5_dataset *d, const uint64_t *scaled)
{
    for (unsigned i = 0; i < d->grid.rank; i++)
        if (d->shape.dims[i] - scaled[i] * d->grid.chunk[i] < d->grid.chunk[i])
            return true;
    return false;
}

/* What one thread needs to fetch and decode chunks. */
struct chunk_scratch {
    struct window window;      /* over the file: small chunks that lie together */
    struct pipe_work work;
    uint8_t *stored;           /* a chunk too large for the window */
    size_t room;
};

static hi5_status
chunk_fetch_file(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct meta *m = ctx;

    return meta_read(m, offset, buf, n, err);
}

static void
chunk_scratch_init(struct chunk_scratch *s, hi5_dataset *d)
{
    struct mem *mem = &d->file->mem;

    *s = (struct chunk_scratch){.work = {.mem = mem}};
    window_init(&s->window, mem, chunk_fetch_file, &d->file->meta, d->file->meta.eof);
}

static void
chunk_scratch_done(struct chunk_scratch *s)
{
    mem_free(s->work.mem, s->stored, s->room);
    pipe_work_done(&s->work);
    window_done(&s->window);
}

/* Get the stored bytes of a chunk. They are in the file: so there is a bound. */
static hi5_status
chunk_stored(const hi5_dataset *d, const struct cix_chunk *c, struct chunk_scratch *s,
             const uint8_t **p, hi5_error *err)
{
    if (!ckd_inside(c->addr, c->size, d->file->meta.eof))
        return err_set(err, HI5_E_TRUNCATED, c->addr, "chunk", "", "",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)c->size);
    if (c->size <= CHUNK_SMALL)
        return window_get(&s->window, c->addr, (size_t)c->size, p, err);
    if (c->size > s->room) {
        mem_free(s->work.mem, s->stored, s->room);
        s->room = 0;
        s->stored = c->size <= SIZE_MAX ? mem_alloc(s->work.mem, (size_t)c->size) : NULL;
        if (s->stored == NULL)
            return mem_fail(s->work.mem, c->size, err);
        s->room = (size_t)c->size;
    }
    *p = s->stored;
    return meta_read(&d->file->meta, c->addr, s->stored, (size_t)c->size, err);
}

/* Without filters a chunk is stored as it is. */
static hi5_status
chunk_check_raw(const hi5_dataset *d, const struct cix_chunk *c, hi5_error *err)
{
    if (c->size == d->grid.chunk_bytes)
        return HI5_OK;
    return err_set(err, HI5_E_CORRUPT, c->addr, "chunk", "size", "III.A.1",
                   "%llu bytes stored, %llu expected", (unsigned long long)c->size,
                   (unsigned long long)d->grid.chunk_bytes);
}

/* Read and decode one chunk into `out`, grid.chunk_bytes. */
static hi5_status
chunk_decode(hi5_dataset *d, const struct cix_chunk *c, uint8_t *out,
             struct chunk_scratch *s, hi5_error *err)
{
    const bool raw_edge = d->layout.version >= 4 && (d->layout.flags & 1) != 0 &&
                          chunk_is_partial(d, c->scaled);
    const size_t nominal = (size_t)d->grid.chunk_bytes;
    const uint8_t *stored = NULL;

    if (d->pipeline.n == 0)
        TRY(chunk_check_raw(d, c, err));
    if (d->pipeline.n == 0 && nominal > CHUNK_SMALL)
        return meta_read(&d->file->meta, c->addr, out, nominal, err);
    TRY(chunk_stored(d, c, s, &stored, err));
    if (d->pipeline.n != 0)
        return pipe_decode(&d->pipeline, &d->file->options.plugins,
                           raw_edge ? UINT32_MAX : c->mask, stored, (size_t)c->size, out,
                           nominal, &s->work, err);
    memcpy(out, stored, nominal);
    return HI5_OK;
}

/* Get a chunk through the cache. */
static hi5_status
chunk_load(hi5_dataset *d, const struct cix_chunk *where, struct chunk_scratch *scratch,
           struct chunk_data **out, hi5_error *err)
{
    struct chunk_data *c = chunk_cache_new(&d->cache, where->scaled,
                                           (size_t)d->grid.chunk_bytes);
    hi5_status s;

    *out = NULL;
    if (c == NULL)
        return mem_fail(&d->file->mem, d->grid.chunk_bytes, err);
    s = chunk_decode(d, where, c->bytes, scratch, err);
    if (s != HI5_OK) {
        chunk_cache_release(&d->cache, c);
        return s;
    }
    chunk_cache_put(&d->cache, c);
    *out = c;
    return HI5_OK;
}

/* ---- one thread's share of a read ---- */

struct chunk_worker {
    struct reader r;
    struct sel_walk *walk;
    struct chunk_scratch scratch;
    struct cix_near near;
    uint8_t *whole;            /* scratch for one decoded chunk */
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
    const size_t n = (size_t)d->grid.chunk_bytes;
    const uint8_t *p = NULL;

    if (d->pipeline.n == 0 && n <= CHUNK_SMALL) {
        TRY(chunk_check_raw(d, where, w->r.err));
        TRY(chunk_stored(d, where, &w->scratch, &p, w->r.err));
        return worker_scatter(w, p);
    }
    if (w->whole == NULL)
        w->whole = mem_alloc(&d->file->mem, n);
    if (w->whole == NULL)
        return mem_fail(&d->file->mem, n, w->r.err);
    TRY(chunk_decode(d, where, w->whole, &w->scratch, w->r.err));
    return worker_scatter(w, w->whole);
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
        s = cix_find_near(d->cix, &w->near, scaled, &where, w->r.err);
        if (s == HI5_E_NOTFOUND)
            return worker_fill(w);
        TRY(s);
        if (w->r.plain && w->first.count == 1 &&
            w->first.block == d->grid.chunk_bytes / w->r.from)
            return chunk_decode(d, &where, reader_at(&w->r, w->first.pos), &w->scratch,
                                w->r.err);
        if (worker_wants_rows(w, selected))
            return worker_rows(w, &where);
        if (w->streaming || raw || (selected != 0 && selected == worker_there(w, scaled)))
            return worker_through(w, &where);
        TRY(chunk_load(d, &where, &w->scratch, &c, w->r.err));
    }
    s = worker_scatter(w, c->bytes);
    chunk_cache_release(&d->cache, c);
    return s;
}

/* Say which chunk it was, where nothing deeper has said where it failed. */
static hi5_status
worker_error(const struct chunk_worker *w, const uint64_t *scaled, hi5_status s)
{
    const hi5_dataset *d = w->r.d;
    struct cix_chunk c;

    if (s == HI5_OK || w->r.err == NULL || w->r.err->structure[0] != '\0' ||
        s == HI5_E_NOMEM || s == HI5_E_LIMIT ||
        cix_find(d->cix, scaled, &c, NULL) != HI5_OK)
        return s;
    {
        const hi5_error cause = *w->r.err;
        err_set(w->r.err, s, c.addr, "chunk", cause.field, cause.section, "%s",
                cause.cause);
    }
    return s;
}

/* ---- sharing ---- */

struct chunk_job {
    const struct reader *r;
    struct mutex lock;         /* guards the rest */
    uint64_t next;             /* chunk, in the order of the walk, to be taken next */
    uint64_t batch;            /* how many are taken at once */
    hi5_status status;
    hi5_error err;             /* of the first failure */
    bool streaming;
};

/* The number of the first chunk of a batch to do; UINT64_MAX after a failure. */
static uint64_t
job_take(struct chunk_job *j)
{
    uint64_t n = UINT64_MAX;

    mutex_lock(&j->lock);
    if (j->status == HI5_OK) {
        n = j->next;
        j->next += j->batch;
    }
    mutex_unlock(&j->lock);
    return n;
}

static void
job_fail(struct chunk_job *j, hi5_status s, const hi5_error *err)
{
    mutex_lock(&j->lock);
    if (j->status == HI5_OK) {
        j->status = s;
        j->err = *err;
    }
    mutex_unlock(&j->lock);
}

static hi5_status
job_walk(struct chunk_job *j, struct chunk_worker *w)
{
    uint64_t scaled[HI5_MAX_RANK], first = job_take(j);

    for (uint64_t at = 0; sel_walk_chunk(w->walk, scaled); at++) {
        if (at < first)
            continue;
        if (sel_walk_strip(w->walk, &w->first))
            TRY(worker_error(w, scaled, worker_chunk(w, scaled)));
        if (at + 1 == first + j->batch)
            first = job_take(j);
    }
    return HI5_OK;
}

static void
job_work(void *arg, unsigned i)
{
    struct chunk_job *j = arg;
    hi5_dataset *d = j->r->d;
    struct mem *mem = &d->file->mem;
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
    s = sel_walk_open(mem, q.selection, d->grid.chunk, &w.walk, &err);
    if (s == HI5_OK)
        s = job_walk(j, &w);
    if (s != HI5_OK)
        job_fail(j, s, &err);
    sel_walk_close(w.walk);
    mem_free(mem, w.whole, w.whole != NULL ? (size_t)d->grid.chunk_bytes : 0);
    cix_near_done(d->cix, &w.near);
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

/* How many threads a read is worth. Variable-length data shares heaps: one does it. */
static unsigned
job_threads(const struct reader *r, uint64_t chunks, uint64_t bytes)
{
    const struct file_options *o = &r->d->file->options;
    unsigned n;

    if (o->threads == 1 || bytes < CHUNK_PARALLEL || chunks < 2 ||
        r->d->grid.chunk_bytes < CHUNK_WORTHWHILE || r->q->memory->has_vlen)
        return 1;
    n = o->threads != 0 ? o->threads : threads_cores();
    return n < chunks ? n : (unsigned)chunks;
}

HI5_INT hi5_status
read_chunked(struct reader *r)
{
    hi5_dataset *d = r->d;
    const struct file_options *o = &d->file->options;
    struct chunk_job j = {.r = r};
    uint64_t chunks, bytes;
    unsigned n;

    if (d->cix == NULL)
        return read_fill_all(r);
    if (d->grid.chunk_bytes > d->file->meta.limits.chunk_bytes ||
        d->grid.chunk_bytes > SIZE_MAX)
        return err_plain(r->err, HI5_E_LIMIT, "chunks of %llu bytes exceed the limit",
                         (unsigned long long)d->grid.chunk_bytes);
    chunks = job_chunks(r);
    if (!ckd_mul64(chunks, d->grid.chunk_bytes, &bytes))
        bytes = UINT64_MAX;
    n = job_threads(r, chunks, bytes);
    j.batch = n > 1 ? CHUNK_BATCH / d->grid.chunk_bytes + 1 : UINT64_MAX;
    j.streaming = bytes > d->cache.budget;
    mutex_init(&j.lock);
    if (n == 1)
        job_work(&j, 0);
    else if (o->run != NULL)
        o->run(o->run_ctx, n, job_work, &j);
    else
        threads_run(n, job_work, &j);
    mutex_done(&j.lock);
    if (j.status != HI5_OK && r->err != NULL)
        *r->err = j.err;
    return j.status;
}
