/*
 * read.c - reading the elements of a dataset
 *
 * A selection is walked run by run; each run is fetched from where the layout keeps it
 * and converted into its place in the caller's buffer. Nothing is copied twice when the
 * file's elements are the caller's.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "file/dataset.h"
#include "file/strings.h"
#include "space/convert.h"
#include <string.h>

#define READ_DIRECT (64u * 1024u)  /* runs from this size on bypass the window */
#define READ_SMALL (4u * 1024u)    /* window of scattered reads */
#define READ_WINDOW (256u * 1024u) /* window of reads that follow one another */
#define READ_CACHE (8u * 1024u * 1024u) /* decoded chunks kept by one dataset */

/* One read under way. */
struct reader {
    hi5_dataset *d;
    const struct read_request *q;
    const struct conv *conv;
    bool plain;                /* conv is a copy */
    size_t from, to;           /* element sizes, file and memory */
    hi5_error *err;            /* the request's */
};

static uint8_t *
reader_at(const struct reader *r, uint64_t pos)
{
    return r->q->buf + (size_t)pos * r->to;
}

/* ---- the fill value ---- */

static hi5_status
fill_check(const hi5_dataset *d, hi5_error *err)
{
    if (d->fill_status != HI5_OK)
        return err_plain(err, d->fill_status, "a fill value is needed, but the fill "
                         "value message cannot be decoded");
    if (d->fill.status == HI5_FILL_USER && d->fill.size != d->type->size)
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "fill value message", "size",
                       "IV.A.2.f", "%u bytes, but the datatype has %zu",
                       (unsigned)d->fill.size, d->type->size);
    return HI5_OK;
}

/* n copies of the element at the start of buf, by doubling. */
static void
fill_repeat(uint8_t *buf, size_t each, uint64_t n)
{
    size_t have = each;
    const size_t all = each * (size_t)n;

    while (have < all) {
        const size_t k = have < all - have ? have : all - have;
        memcpy(buf + have, buf, k);
        have += k;
    }
}

/* Elements in the file's type, converted one by one: each must own its parts. */
static hi5_status
fill_converted(const uint8_t *value, const struct conv *conv, const hi5_type *memory,
               uint8_t *buf, uint64_t n, hi5_error *err)
{
    if (!memory->has_vlen) {
        TRY(conv_run(conv, value, buf, 1, err));
        fill_repeat(buf, memory->size, n);
        return HI5_OK;
    }
    for (uint64_t i = 0; i < n; i++)
        TRY(conv_run(conv, value, buf + (size_t)i * memory->size, 1, err));
    return HI5_OK;
}

HI5_INT hi5_status
dataset_fill(hi5_dataset *d, const struct read_request *q, void *buf, uint64_t n)
{
    struct conv_env env = object_conv_env(d->file);
    const struct conv *conv;
    struct arena a;
    hi5_status s;

    if (n == 0)
        return HI5_OK;
    TRY(fill_check(d, q->err));
    memset(buf, 0, (size_t)n * q->memory->size);
    if (d->fill.status != HI5_FILL_USER || d->fill.write_time == 1)
        return HI5_OK;
    env.mem = q->give;
    arena_init(&a, &d->file->mem);
    s = conv_open(d->type, q->memory, &env, &a, &conv, q->err);
    if (s == HI5_OK)
        s = fill_converted(d->fill.value, conv, q->memory, buf, n, q->err);
    arena_done(&a);
    return s;
}

static hi5_status
read_fill_all(struct reader *r)
{
    return dataset_fill(r->d, r->q, r->q->buf, hi5_selection_count(r->q->selection));
}

static hi5_status
read_fill_runs(struct reader *r, struct sel_walk *w)
{
    struct sel_run run;

    while (sel_walk_run(w, &run))
        TRY(dataset_fill(r->d, r->q, reader_at(r, run.pos), run.n));
    return HI5_OK;
}

/* ---- data in one piece: compact, contiguous, external ---- */

/* Where the bytes of a dataset come from: n bytes at an offset into its data. */
typedef hi5_status (*fetch_fn)(void *ctx, uint64_t offset, void *buf, size_t n,
                               hi5_error *err);

struct window {
    fetch_fn fetch;
    void *ctx;
    uint64_t bytes;            /* of the whole dataset */
    struct mem *mem;
    uint8_t *p;                /* [READ_WINDOW] */
    uint64_t start;
    size_t n;                  /* what is there */
    size_t next;               /* how much to get next time */
};

/* Make [offset, offset + need) available; need <= READ_WINDOW. Reads that follow one
 * another get more at a time. */
static hi5_status
window_get(struct window *w, uint64_t offset, size_t need, const uint8_t **p,
           hi5_error *err)
{
    const bool near = offset >= w->start && offset - w->start <= w->n + READ_SMALL;
    size_t n;

    if (offset >= w->start && offset - w->start <= w->n &&
        need <= w->n - (size_t)(offset - w->start)) {
        *p = w->p + (offset - w->start);
        return HI5_OK;
    }
    if (w->p == NULL) {
        w->p = mem_alloc(w->mem, READ_WINDOW);
        if (w->p == NULL)
            return mem_fail(w->mem, READ_WINDOW, err);
    }
    w->next = near && w->n != 0 && w->next < READ_WINDOW ? w->next * 2 : w->next;
    if (!near)
        w->next = READ_SMALL;
    n = w->next > need ? w->next : need;
    if (n > w->bytes - offset)
        n = (size_t)(w->bytes - offset);
    w->n = 0;
    if (w->fetch(w->ctx, offset, w->p, n, NULL) != HI5_OK) {
        n = need; /* the file may end behind what is needed */
        TRY(w->fetch(w->ctx, offset, w->p, n, err));
    }
    w->start = offset;
    w->n = n;
    *p = w->p;
    return HI5_OK;
}

static hi5_status
read_run(struct reader *r, struct window *w, const struct sel_run *run)
{
    uint64_t at = run->at * r->from, pos = run->pos, left = run->n;
    const uint64_t most = r->from < READ_WINDOW ? READ_WINDOW / r->from : 0;

    if (r->plain && (left * r->from >= READ_DIRECT || most == 0))
        return w->fetch(w->ctx, at, reader_at(r, pos), (size_t)(left * r->from), r->err);
    while (left > 0) {
        const uint64_t n = left < most ? left : most;
        const uint8_t *p;
        TRY(window_get(w, at, (size_t)(n * r->from), &p, r->err));
        TRY(conv_run(r->conv, p, reader_at(r, pos), (size_t)n, r->err));
        at += n * r->from;
        pos += n;
        left -= n;
    }
    return HI5_OK;
}

/* Elements larger than the window, which must be converted: one at a time. */
static hi5_status
read_run_large(struct reader *r, struct window *w, const struct sel_run *run)
{
    uint8_t *one = mem_alloc(w->mem, r->from);
    hi5_status s = one != NULL ? HI5_OK : mem_fail(w->mem, r->from, r->err);

    for (uint64_t i = 0; s == HI5_OK && i < run->n; i++) {
        s = w->fetch(w->ctx, (run->at + i) * r->from, one, r->from, r->err);
        if (s == HI5_OK)
            s = conv_run(r->conv, one, reader_at(r, run->pos + i), 1, r->err);
    }
    mem_free(w->mem, one, r->from);
    return s;
}

static hi5_status
read_linear(struct reader *r, fetch_fn fetch, void *ctx)
{
    struct mem *mem = &r->d->file->mem;
    struct window w = {.fetch = fetch, .ctx = ctx, .mem = mem, .next = READ_SMALL};
    uint64_t none[HI5_MAX_RANK];
    struct sel_walk *walk;
    struct sel_run run;
    hi5_status s;

    TRY(dataset_bytes(r->d, &w.bytes, r->err));
    TRY(sel_walk_open(mem, r->q->selection, r->d->shape.dims, &walk, r->err));
    s = HI5_OK;
    while (s == HI5_OK && sel_walk_chunk(walk, none))
        while (s == HI5_OK && sel_walk_run(walk, &run))
            s = r->plain || r->from <= READ_WINDOW ? read_run(r, &w, &run)
                                                   : read_run_large(r, &w, &run);
    sel_walk_close(walk);
    mem_free(mem, w.p, w.p != NULL ? READ_WINDOW : 0);
    return s;
}

static hi5_status
fetch_compact(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct msg_layout *l = &((const hi5_dataset *)ctx)->layout;

    if (!ckd_inside(offset, n, l->size))
        return err_set(err, HI5_E_CORRUPT, l->data_addr, "data layout message", "size",
                       "IV.A.2.i", "%llu bytes of compact data are too few",
                       (unsigned long long)l->size);
    memcpy(buf, l->data + offset, n);
    return HI5_OK;
}

static hi5_status
fetch_contiguous(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const hi5_dataset *d = ctx;
    uint64_t addr;

    if (!ckd_add64(d->layout.addr, offset, &addr))
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "data layout message", "address",
                       "IV.A.2.i", "the data runs past 64 bits");
    return meta_read(&d->file->meta, addr, buf, n, err);
}

/* External files, open while a read lasts. */
struct fetch_external {
    const hi5_dataset *d;
    hi5_io *io;                /* [nexternals]; read_at NULL: not open yet */
    uint64_t *size;
};

static hi5_status
fetch_external_open(struct fetch_external *x, size_t i, hi5_error *err)
{
    if (x->io[i].read_at != NULL)
        return HI5_OK;
    TRY(file_open_raw(x->d->file, x->d->external[i].name, &x->io[i], err));
    return x->io[i].get_size(x->io[i].ctx, &x->size[i], err);
}

/* n bytes of piece i; what its file does not have reads as zeros. */
static hi5_status
fetch_external_piece(struct fetch_external *x, size_t i, uint64_t offset, uint8_t *buf,
                     size_t n, hi5_error *err)
{
    uint64_t at;
    size_t have = 0;

    TRY(fetch_external_open(x, i, err));
    if (!ckd_add64(x->d->external[i].offset, offset, &at))
        return err_plain(err, HI5_E_CORRUPT, "external file '%s': offset beyond 64 bits",
                         x->d->external[i].name);
    if (at < x->size[i])
        have = x->size[i] - at < n ? (size_t)(x->size[i] - at) : n;
    if (have != 0)
        TRY(x->io[i].read_at(x->io[i].ctx, at, buf, have, err));
    memset(buf + have, 0, n - have);
    return HI5_OK;
}

static hi5_status
fetch_external(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct fetch_external *x = ctx;
    uint8_t *p = buf;

    for (size_t i = 0; n > 0 && i < x->d->nexternals; i++) {
        const uint64_t size = x->d->external[i].size;
        size_t k;
        if (size != HI5_UNLIMITED && offset >= size) {
            offset -= size;
            continue;
        }
        k = size == HI5_UNLIMITED || size - offset > n ? n : (size_t)(size - offset);
        TRY(fetch_external_piece(x, i, offset, p, k, err));
        p += k;
        n -= k;
        offset = 0;
    }
    if (n > 0)
        return err_plain(err, HI5_E_CORRUPT,
                         "the external files are smaller than the dataset");
    return HI5_OK;
}

static hi5_status
read_external(struct reader *r)
{
    struct mem *mem = &r->d->file->mem;
    const size_t n = r->d->nexternals;
    struct fetch_external x = {r->d, mem_zalloc(mem, n, sizeof *x.io),
                               mem_zalloc(mem, n, sizeof *x.size)};
    hi5_status s;

    if (x.io == NULL || x.size == NULL)
        s = mem_fail(mem, n * sizeof *x.io, r->err);
    else
        s = read_linear(r, fetch_external, &x);
    for (size_t i = 0; x.io != NULL && i < n; i++)
        if (x.io[i].read_at != NULL)
            io_close(&x.io[i]);
    mem_free(mem, x.io, n * sizeof *x.io);
    mem_free(mem, x.size, n * sizeof *x.size);
    return s;
}

/* ---- chunks ---- */

/* Is the chunk cut by the current extent? */
static bool
chunk_is_partial(const hi5_dataset *d, const uint64_t *scaled)
{
    for (unsigned i = 0; i < d->grid.rank; i++)
        if (d->shape.dims[i] - scaled[i] * d->grid.chunk[i] < d->grid.chunk[i])
            return true;
    return false;
}

/* Read and decode a chunk into `out`, which has grid.chunk_bytes. */
static hi5_status
chunk_decode(hi5_dataset *d, const struct cix_chunk *c, uint8_t *out, hi5_error *err)
{
    struct mem *mem = &d->file->mem;
    const bool raw_edge = d->layout.version >= 4 && (d->layout.flags & 1) != 0 &&
                          chunk_is_partial(d, c->scaled);
    const uint32_t mask = raw_edge ? UINT32_MAX : c->mask;
    const size_t nominal = (size_t)d->grid.chunk_bytes;
    struct pipe_work work = {.mem = mem};
    uint8_t *stored;
    hi5_status s;

    if (d->pipeline.n == 0) {
        if (c->size != nominal)
            return err_set(err, HI5_E_CORRUPT, c->addr, "chunk", "size", "III.A.1",
                           "%llu bytes stored, %zu expected",
                           (unsigned long long)c->size, nominal);
        return meta_read(&d->file->meta, c->addr, out, nominal, err);
    }
    if (!ckd_inside(c->addr, c->size, d->file->meta.eof))
        return err_set(err, HI5_E_TRUNCATED, c->addr, "chunk", "", "",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)c->size);
    stored = mem_alloc(mem, (size_t)c->size);
    if (stored == NULL)
        return mem_fail(mem, c->size, err);
    s = meta_read(&d->file->meta, c->addr, stored, (size_t)c->size, err);
    if (s == HI5_OK)
        s = pipe_decode(&d->pipeline, &d->file->options.plugins, mask, stored,
                        (size_t)c->size, out, nominal, &work, err);
    pipe_work_done(&work);
    mem_free(mem, stored, (size_t)c->size);
    return s;
}

static void
chunk_release(hi5_dataset *d, struct chunk_data *c)
{
    struct mem *mem = &d->file->mem;
    bool last;

    mutex_lock(&d->lock);
    last = --c->refs == 0;
    mutex_unlock(&d->lock);
    if (!last)
        return;
    mem_free(mem, c->bytes, c->size);
    mem_free(mem, c, sizeof *c);
}

/* Take a chunk from the cache, moving it to the front; NULL if it is not there. */
static struct chunk_data *
chunk_cached(hi5_dataset *d, uint64_t addr)
{
    struct chunk_data *c = NULL;

    mutex_lock(&d->lock);
    for (size_t i = 0; i < d->ncached; i++) {
        if (d->cached[i]->addr != addr)
            continue;
        c = d->cached[i];
        memmove(d->cached + 1, d->cached, i * sizeof(struct chunk_data *));
        d->cached[0] = c;
        c->refs++;
        break;
    }
    mutex_unlock(&d->lock);
    return c;
}

/* Put a chunk into the cache, dropping the oldest until it fits. One is always kept. */
static void
chunk_keep(hi5_dataset *d, struct chunk_data *c)
{
    struct chunk_data *drop[DATASET_CACHED];
    size_t n = 0;

    mutex_lock(&d->lock);
    while (d->ncached > 0 && (d->ncached == DATASET_CACHED ||
                              d->cached_bytes + c->size > READ_CACHE)) {
        drop[n] = d->cached[--d->ncached];
        d->cached_bytes -= drop[n++]->size;
    }
    memmove(d->cached + 1, d->cached, d->ncached * sizeof(struct chunk_data *));
    d->cached[0] = c;
    d->ncached++;
    d->cached_bytes += c->size;
    c->refs++;
    mutex_unlock(&d->lock);
    while (n > 0)
        chunk_release(d, drop[--n]);
}

static hi5_status
chunk_load(hi5_dataset *d, const struct cix_chunk *where, struct chunk_data **out,
           hi5_error *err)
{
    struct mem *mem = &d->file->mem;
    struct chunk_data *c = chunk_cached(d, where->addr);
    hi5_status s;

    *out = c;
    if (c != NULL)
        return HI5_OK;
    c = mem_zalloc(mem, 1, sizeof *c);
    if (c == NULL)
        return mem_fail(mem, sizeof *c, err);
    c->refs = 1;
    c->addr = where->addr;
    c->size = (size_t)d->grid.chunk_bytes;
    c->bytes = mem_alloc(mem, c->size);
    s = c->bytes != NULL ? chunk_decode(d, where, c->bytes, err)
                         : mem_fail(mem, c->size, err);
    if (s != HI5_OK) {
        mem_free(mem, c->bytes, c->size);
        mem_free(mem, c, sizeof *c);
        return s;
    }
    chunk_keep(d, c);
    *out = c;
    return HI5_OK;
}

static hi5_status
chunk_error(const struct cix_chunk *c, hi5_status s, hi5_error *err)
{
    if (s == HI5_OK || err == NULL || s == HI5_E_NOMEM || s == HI5_E_LIMIT)
        return s;
    if (err->structure[0] == '\0') {
        const hi5_error cause = *err;
        err_set(err, s, c->addr, "chunk", cause.field, cause.section, "%s", cause.cause);
    }
    return s;
}

static hi5_status
read_chunk(struct reader *r, struct sel_walk *w, const struct cix_chunk *where)
{
    const uint64_t elements = r->d->grid.chunk_bytes / r->from;
    struct chunk_data *c;
    struct sel_run run;
    bool more = sel_walk_run(w, &run);
    hi5_status s = HI5_OK;

    if (r->plain && more && run.n == elements)
        return chunk_decode(r->d, where, reader_at(r, run.pos), r->err);
    TRY(chunk_load(r->d, where, &c, r->err));
    for (; s == HI5_OK && more; more = sel_walk_run(w, &run)) {
        const uint8_t *p = c->bytes + (size_t)run.at * r->from;
        if (r->plain)
            memcpy(reader_at(r, run.pos), p, (size_t)run.n * r->from);
        else
            s = conv_run(r->conv, p, reader_at(r, run.pos), (size_t)run.n, r->err);
    }
    chunk_release(r->d, c);
    return s;
}

static hi5_status
read_chunked(struct reader *r)
{
    hi5_dataset *d = r->d;
    uint64_t scaled[HI5_MAX_RANK];
    struct cix_chunk c;
    struct sel_walk *w;
    hi5_status s;

    if (d->cix == NULL)
        return read_fill_all(r);
    if (d->grid.chunk_bytes > d->file->meta.limits.chunk_bytes ||
        d->grid.chunk_bytes > SIZE_MAX)
        return err_plain(r->err, HI5_E_LIMIT, "chunks of %llu bytes exceed the limit",
                         (unsigned long long)d->grid.chunk_bytes);
    TRY(sel_walk_open(&d->file->mem, r->q->selection, d->grid.chunk, &w, r->err));
    s = HI5_OK;
    while (s == HI5_OK && sel_walk_chunk(w, scaled)) {
        s = cix_find(d->cix, scaled, &c, r->err);
        if (s == HI5_E_NOTFOUND)
            s = read_fill_runs(r, w);
        else if (s == HI5_OK)
            s = chunk_error(&c, read_chunk(r, w, &c), r->err);
    }
    sel_walk_close(w);
    return s;
}

/* ---- all layouts ---- */

static hi5_status
read_layout(struct reader *r)
{
    hi5_dataset *d = r->d;

    switch ((hi5_layout_kind)d->layout.cls) {
    case HI5_COMPACT:
        return read_linear(r, fetch_compact, d);
    case HI5_CONTIGUOUS:
        if (d->nexternals != 0)
            return read_external(r);
        return d->layout.addr == ADDR_NONE ? read_fill_all(r)
                                           : read_linear(r, fetch_contiguous, d);
    case HI5_CHUNKED:
        return read_chunked(r);
    case HI5_VIRTUAL:
        return vds_read(d, r->q);
    }
    return err_plain(r->err, HI5_E_INTERNAL, "layout class %u", (unsigned)d->layout.cls);
}

HI5_INT hi5_status
dataset_read(hi5_dataset *d, const struct read_request *q)
{
    struct conv_env env = object_conv_env(d->file);
    struct reader r = {.d = d, .q = q, .from = d->type->size, .to = q->memory->size,
                       .err = q->err};
    struct arena a;
    hi5_status st;

    if (hi5_selection_count(q->selection) == 0)
        return HI5_OK;
    env.mem = q->give;
    arena_init(&a, &d->file->mem);
    st = conv_open(d->type, q->memory, &env, &a, &r.conv, q->err);
    if (st == HI5_OK) {
        r.plain = conv_is_copy(r.conv);
        st = read_layout(&r);
    }
    arena_done(&a);
    return st;
}

/* Check what the caller gave against the dataset. */
static hi5_status
read_check(const hi5_dataset *d, const hi5_selection *s, const hi5_type *memory,
           hi5_error *err)
{
    const uint64_t n = hi5_selection_count(s);
    uint64_t bytes;

    if (hi5_selection_rank(s) != d->shape.rank)
        return err_plain(err, HI5_E_ARG, "a selection of rank %u for a dataset of rank "
                         "%u", hi5_selection_rank(s), d->shape.rank);
    for (unsigned i = 0; i < d->shape.rank; i++)
        if (sel_extent(s)[i] != d->shape.dims[i])
            return err_plain(err, HI5_E_ARG, "the selection was made for another shape: "
                             "dimension %u is %llu, not %llu", i,
                             (unsigned long long)d->shape.dims[i],
                             (unsigned long long)sel_extent(s)[i]);
    if (!sel_fits(s))
        return err_plain(err, HI5_E_RANGE, "the selection exceeds the dataset");
    if (n == UINT64_MAX || !ckd_mul64(n, memory->size, &bytes) || bytes > SIZE_MAX)
        return err_plain(err, HI5_E_RANGE, "the selection does not fit into memory");
    return HI5_OK;
}

static hi5_status
read_checked(hi5_dataset *d, const hi5_selection *s, const hi5_type *memory, void *buf,
             hi5_error *err)
{
    const struct read_request q = {s, memory, &d->file->mem, buf, err};
    size_t n;
    hi5_status st;

    TRY(read_check(d, s, memory, err));
    n = (size_t)hi5_selection_count(s);
    if (memory->has_vlen && n != 0)
        memset(buf, 0, n * memory->size);
    st = dataset_read(d, &q);
    if (st != HI5_OK && memory->has_vlen)
        hi5_reclaim(d->file, memory, n, buf);
    return st;
}

/* Read with whatever the caller left out filled in. */
static hi5_status
read_any(hi5_dataset *d, const hi5_selection *s, const hi5_type *memory, void *buf,
         hi5_error *err)
{
    hi5_selection *all = NULL;
    hi5_type *made = NULL;
    hi5_status st = HI5_OK;

    if (s == NULL) {
        st = sel_create(&d->file->mem, &d->shape, &all, err);
        s = all;
    }
    if (st == HI5_OK && memory == NULL) {
        st = hi5_type_memory(d->type, &made, err);
        memory = made;
    }
    if (st == HI5_OK)
        st = read_checked(d, s, memory, buf, err);
    hi5_selection_free(all);
    hi5_type_free(made);
    return st;
}

hi5_status
hi5_dataset_read(hi5_dataset *d, const hi5_selection *selection, const hi5_type *memory,
                 void *buf, hi5_error *err)
{
    err_clear(err);
    return object_error(d->object, read_any(d, selection, memory, buf, err), err);
}

hi5_status
hi5_dataset_read_slab(hi5_dataset *d, const uint64_t *start, const uint64_t *count,
                      const hi5_type *memory, void *buf, hi5_error *err)
{
    hi5_selection *s;
    hi5_status st;

    err_clear(err);
    TRY(sel_create(&d->file->mem, &d->shape, &s, err));
    st = d->shape.rank == 0 ? HI5_OK
                            : hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL,
                                                      count, NULL, err);
    if (st == HI5_OK)
        st = read_any(d, s, memory, buf, err);
    hi5_selection_free(s);
    return object_error(d->object, st, err);
}

hi5_status
hi5_dataset_read_points(hi5_dataset *d, size_t n, const uint64_t *points,
                        const hi5_type *memory, void *buf, hi5_error *err)
{
    hi5_selection *s;
    hi5_status st;

    err_clear(err);
    TRY(sel_create(&d->file->mem, &d->shape, &s, err));
    st = hi5_selection_points(s, HI5_SELECT_SET, n, points, err);
    if (st == HI5_OK)
        st = read_any(d, s, memory, buf, err);
    hi5_selection_free(s);
    return object_error(d->object, st, err);
}

/* ---- one member of a compound ---- */

/* Find "a.b.c" in a compound; a member's own name may hold dots. The type that selects
 * just this member is built from the inside out. */
static hi5_status
read_field_type(const hi5_type *t, const char *field, const hi5_type *memory,
                hi5_type **out, hi5_error *err)
{
    *out = NULL;
    for (uint32_t i = 0; t->cls == HI5_COMPOUND && i < t->members; i++) {
        const hi5_member *m = &t->member[i];
        const size_t n = strlen(m->name);
        hi5_member one = {m->name, 0, memory};
        hi5_type *inner = NULL;
        hi5_status s;

        if (strncmp(m->name, field, n) != 0 || (field[n] != '\0' && field[n] != '.'))
            continue;
        if (field[n] == '\0' && memory == NULL)
            s = hi5_type_memory(m->type, &inner, err);
        else
            s = field[n] == '.' ? read_field_type(m->type, field + n + 1, memory, &inner,
                                                  err)
                                : HI5_OK;
        if (s == HI5_E_NOTFOUND)
            continue;
        TRY(s);
        if (inner != NULL)
            one.type = inner;
        s = hi5_type_compound(one.type->size, &one, 1, out, err);
        hi5_type_free(inner);
        return s;
    }
    return err_plain(err, HI5_E_NOTFOUND, "no member '%s'", field);
}

hi5_status
hi5_dataset_read_field(hi5_dataset *d, const char *field, const hi5_selection *selection,
                       const hi5_type *memory, void *buf, hi5_error *err)
{
    hi5_type *t;
    hi5_status s;

    err_clear(err);
    s = read_field_type(d->type, field, memory, &t, err);
    if (s == HI5_OK) {
        s = read_any(d, selection, t, buf, err);
        hi5_type_free(t);
    }
    return object_error(d->object, s, err);
}

/* ---- strings ---- */

struct read_strings {
    hi5_dataset *d;
    const hi5_selection *s;
};

static hi5_status
read_strings_values(void *ctx, const hi5_type *memory, void *buf, hi5_error *err)
{
    const struct read_strings *r = ctx;

    return read_any(r->d, r->s, memory, buf, err);
}

hi5_status
hi5_dataset_read_strings(hi5_dataset *d, const hi5_selection *selection, char ***strings,
                         size_t *count, hi5_error *err)
{
    struct read_strings r = {d, selection};
    const uint64_t n = selection != NULL ? hi5_selection_count(selection)
                                         : hi5_shape_count(&d->shape);

    *strings = NULL;
    *count = 0;
    err_clear(err);
    return object_error(d->object, strings_read(d->file, d->type, n, read_strings_values,
                                                &r, strings, count, err), err);
}
