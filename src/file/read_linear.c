/*
 * read_linear.c - data in one piece: compact, contiguous, external   [FMT IV.A.2.i]
 *
 * Large runs are read straight into the caller's buffer. Small ones that follow one
 * another share a window, which grows while they do; scattered ones are read exactly.
 * Large reads are shared among threads, by positions in the selection.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/io.h"
#include "file/read.h"
#include <string.h>

#define READ_DIRECT (64u * 1024u) /* runs from this size on bypass the window */
#define READ_SHARE (2u << 20)     /* bytes from which on a thread is worth it */
#define READ_PLACE (4u * 1024u)   /* places smaller than this are not shared */
#define READ_PIECES 16u           /* that a thread takes one by one, about */

/* Straight into the caller's buffer. */
static hi5_status
linear_direct(struct reader *r, struct window *w, const struct sel_strip *s)
{
    const uint64_t offset = s->at * r->from;
    const size_t n = (size_t)s->block * r->from;

    w->end = offset + n;
    return w->fetch(w->ctx, offset, reader_at(r, s->pos), n, r->err);
}

/* Is the run better read alone? Large ones are; so are small ones far from the last. */
static bool
linear_is_direct(const struct reader *r, const struct window *w,
                 const struct sel_strip *s)
{
    const uint64_t offset = s->at * r->from, n = s->block * r->from;

    if (!r->plain)
        return false;
    return n >= READ_DIRECT || !window_helps(w, offset);
}

/* One run, in pieces that fit the window. */
static hi5_status
linear_run(struct reader *r, struct window *w, const struct sel_strip *s)
{
    const uint64_t most = WINDOW_MOST / r->from;
    struct sel_strip piece = *s;
    const uint8_t *p = NULL;

    if (linear_is_direct(r, w, s))
        return linear_direct(r, w, s);
    for (uint64_t left = s->block; left > 0; left -= piece.block) {
        piece.block = left < most ? left : most;
        TRY(window_get(w, piece.at * r->from, (size_t)piece.block * r->from, &p, r->err));
        TRY(reader_convert(r, p, reader_at(r, piece.pos), (size_t)piece.block));
        piece.at += piece.block;
        piece.pos += piece.block;
    }
    return HI5_OK;
}

/* A strip of blocks: as many at a time as a window spans, or one by one if they are far
 * apart. */
static hi5_status
linear_strip(struct reader *r, struct window *w, const struct sel_strip *s)
{
    const uint64_t step = s->step * r->from;
    struct sel_strip piece = *s;
    const uint8_t *p = NULL;

    if (s->count == 1)
        return linear_run(r, w, s);
    piece.count = step <= WINDOW_NEAR ? WINDOW_MOST / step : 1;
    for (uint64_t left = s->count; left > 0; left -= piece.count) {
        if (piece.count > left)
            piece.count = left;
        if (piece.count == 1) {
            TRY(linear_run(r, w, &piece));
        } else {
            const uint64_t span = (piece.count - 1) * step + s->block * r->from;
            struct sel_strip here = piece;
            here.at = 0;
            TRY(window_get(w, piece.at * r->from, (size_t)span, &p, r->err));
            TRY(reader_put(r, p, &here));
        }
        piece.at += piece.count * s->step;
        piece.pos += piece.count * s->block;
    }
    return HI5_OK;
}

/* Elements larger than the window, which must be converted: one at a time. */
static hi5_status
linear_large(struct reader *r, struct window *w, const struct sel_strip *s)
{
    uint8_t *one = mem_alloc(w->mem, r->from);
    hi5_status st = one != NULL ? HI5_OK : mem_fail(w->mem, r->from, r->err);

    for (uint64_t i = 0; st == HI5_OK && i < s->count * s->block; i++) {
        const uint64_t at = s->at + i / s->block * s->step + i % s->block;
        st = w->fetch(w->ctx, at * r->from, one, r->from, r->err);
        if (st == HI5_OK)
            st = conv_run(r->conv, one, reader_at(r, s->pos + i), 1, r->err);
    }
    mem_free(w->mem, one, r->from);
    return st;
}

/* ---- sharing ---- */

struct linear_job {
    const struct reader *r;
    fetch_fn fetch;
    void *ctx;
    uint64_t bytes;            /* of all data */
    struct sel_walk *walk;     /* of the first thread */
    struct read_share share;   /* of positions in the selection */
};

/* Positions `from` to `to`. The strip is the walk's last; before the first it is empty.
 * Data in one piece is walked by ascending positions. */
static hi5_status
linear_piece(struct reader *r, struct window *w, struct sel_walk *walk,
             struct sel_strip *s, uint64_t from, uint64_t to)
{
    struct sel_strip part;

    while (from < to) {
        if (from - s->pos >= s->count * s->block) {
            if (!sel_walk_strip(walk, s))
                return err_plain(r->err, HI5_E_INTERNAL, "the selection ends too early");
            continue;
        }
        sel_strip_part(s, from, to, &part);
        TRY(r->plain || r->from <= WINDOW_MOST ? linear_strip(r, w, &part)
                                               : linear_large(r, w, &part));
        from += part.count * part.block;
    }
    return HI5_OK;
}

/* A piece, and then as many more as there are. */
static hi5_status
linear_pieces(struct linear_job *j, struct reader *r, struct sel_walk *walk,
              uint64_t from, uint64_t to)
{
    struct sel_strip strip = {0};
    struct window w;
    hi5_status s;

    window_init(&w, &r->d->file->mem, j->fetch, j->ctx, j->bytes);
    do {
        s = linear_piece(r, &w, walk, &strip, from, to);
    } while (s == HI5_OK && share_take(&j->share, &from, &to));
    window_done(&w);
    return s;
}

static void
linear_work(void *arg, unsigned i)
{
    struct linear_job *const j = arg;
    const hi5_dataset *const d = j->r->d;
    struct reader r = *j->r;
    struct read_request q = *r.q;
    struct sel_walk *walk = i == 0 ? j->walk : NULL;
    uint64_t none[HI5_MAX_RANK], from, to;
    hi5_error err;
    hi5_status s = HI5_OK;

    if (!share_take(&j->share, &from, &to))
        return; /* too late to be of use */
    err_clear(&err);
    q.err = r.err = &err;
    r.q = &q;
    if (i != 0) {
        s = sel_walk_open(&d->file->mem, q.selection, d->shape.dims, &walk, &err);
        if (s == HI5_OK)
            sel_walk_chunk(walk, none);
    }
    if (s == HI5_OK)
        s = linear_pieces(j, &r, walk, from, to);
    if (i != 0)
        sel_walk_close(walk);
    if (s != HI5_OK)
        share_fail(&j->share, s, &err);
}

/* What there is to share, in bytes. Small reads of one file wait for each other in the
 * system: they are not worth it. */
static uint64_t
linear_cost(const struct reader *r, const struct sel_walk *walk)
{
    const uint64_t each = r->from > r->to ? r->from : r->to;
    const uint64_t places = sel_walk_places(walk, WINDOW_NEAR / r->from);
    uint64_t bytes;

    if (!ckd_mul64(hi5_selection_count(r->q->selection), each, &bytes))
        return UINT64_MAX;
    return places <= bytes / READ_PLACE ? bytes : 0;
}

/* `alone`: what fetches cannot do so in several threads. */
static hi5_status
read_linear(struct reader *r, fetch_fn fetch, void *ctx, bool alone)
{
    struct linear_job j = {.r = r, .fetch = fetch, .ctx = ctx};
    const uint64_t all = hi5_selection_count(r->q->selection);
    uint64_t none[HI5_MAX_RANK], cost, pieces;
    unsigned n = 1;

    TRY(dataset_bytes(r->d, &j.bytes, r->err));
    TRY(sel_walk_open(&r->d->file->mem, r->q->selection, r->d->shape.dims, &j.walk,
                      r->err));
    sel_walk_chunk(j.walk, none);
    cost = linear_cost(r, j.walk);
    if (!alone)
        n = reader_threads(r, cost, READ_SHARE);
    pieces = n == 1 ? 1 : cost / READ_SHARE;
    if (pieces > n * READ_PIECES)
        pieces = n * READ_PIECES;
    share_init(&j.share, all, all / pieces + 1);
    reader_run(r, n, linear_work, &j);
    sel_walk_close(j.walk);
    return share_done(&j.share, r->err);
}

/* ---- where the data are ---- */

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
    TRY(file_open_raw(x->d->file, x->d->external[i].name, false, &x->io[i], err));
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

HI5_INT hi5_status
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
        s = read_linear(r, fetch_external, &x, true);
    for (size_t i = 0; x.io != NULL && i < n; i++)
        if (x.io[i].read_at != NULL)
            io_close(&x.io[i]);
    mem_free(mem, x.io, n * sizeof *x.io);
    mem_free(mem, x.size, n * sizeof *x.size);
    return s;
}

HI5_INT hi5_status
read_compact(struct reader *r)
{
    return read_linear(r, fetch_compact, r->d, true);
}

HI5_INT hi5_status
read_contiguous(struct reader *r)
{
    return read_linear(r, fetch_contiguous, r->d, false);
}
