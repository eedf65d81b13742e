/*
 * write_chunk.c - writing chunks
 *
 * A chunk that is written as a whole goes through the filters and to its place at once,
 * several at a time where there are threads. Others are read, changed, and kept until the
 * next commit, or until there are too many: rows that are appended one by one make whole
 * chunks this way. A chunk is never written over its committed self: it gets new space,
 * and the index learns where it is.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/vlen_edit.h"
#include "file/write_chunk.h"
#include <limits.h>
#include <string.h>

#define CHUNKS_SLOTS 64u

/* ---- changed chunks, by where they are in the grid ---- */

static size_t
dirty_size(const struct dataset_edit *e)
{
    return sizeof(struct dirty_chunk) + e->grid.rank * sizeof(uint64_t) +
           (size_t)e->grid.chunk_bytes;
}

HI5_INT struct dirty_chunk *
dirty_find(const struct dataset_edit *e, const uint64_t *scaled)
{
    const size_t n = e->grid.rank * sizeof *scaled;
    const uint64_t hash = chunk_hash(scaled, e->grid.rank);
    struct dirty_chunk *k = e->newest;

    if (k != NULL && k->hash == hash && memcmp(k->scaled, scaled, n) == 0)
        return k;
    for (k = e->nslots != 0 ? e->slot[hash & (e->nslots - 1)] : NULL; k != NULL;
         k = k->chain)
        if (k->hash == hash && memcmp(k->scaled, scaled, n) == 0)
            return k;
    return NULL;
}

static bool
dirty_rehash(struct dataset_edit *e)
{
    struct mem *const mem = &e->object->file->mem;
    const size_t n = e->nslots != 0 ? e->nslots * 4 : CHUNKS_SLOTS;
    struct dirty_chunk **const slot = mem_zalloc(mem, n, sizeof *slot);

    if (slot == NULL)
        return false;
    mem_free(mem, e->slot, e->nslots * sizeof *slot);
    e->slot = slot;
    e->nslots = n;
    for (struct dirty_chunk *k = e->newest; k != NULL; k = k->older) {
        k->chain = slot[k->hash & (n - 1)];
        slot[k->hash & (n - 1)] = k;
    }
    return true;
}

static hi5_status
dirty_new(struct dataset_edit *e, const uint64_t *scaled, struct dirty_chunk **out,
          hi5_error *err)
{
    struct mem *const mem = &e->object->file->mem;
    struct dirty_chunk *k;

    if (e->ndirty >= e->nslots && !dirty_rehash(e))
        return mem_fail(mem, e->nslots * sizeof(void *), err);
    k = e->spare != NULL ? e->spare : mem_alloc(mem, dirty_size(e));
    e->spare = NULL;
    if (k == NULL)
        return mem_fail(mem, dirty_size(e), err);
    *k = (struct dirty_chunk){.hash = chunk_hash(scaled, e->grid.rank),
                              .older = e->newest};
    memcpy(k->scaled, scaled, e->grid.rank * sizeof *scaled);
    k->bytes = (uint8_t *)(k->scaled + e->grid.rank);
    if (e->newest != NULL)
        e->newest->newer = k;
    else
        e->oldest = k;
    e->newest = k;
    k->chain = e->slot[k->hash & (e->nslots - 1)];
    e->slot[k->hash & (e->nslots - 1)] = k;
    e->ndirty++;
    e->dirty_bytes += e->grid.chunk_bytes;
    *out = k;
    return HI5_OK;
}

/* Take it out of the table. */
static void
dirty_take_out(struct dataset_edit *e, struct dirty_chunk *k)
{
    struct dirty_chunk **at = &e->slot[k->hash & (e->nslots - 1)];

    while (*at != k)
        at = &(*at)->chain;
    *at = k->chain;
    *(k->newer != NULL ? &k->newer->older : &e->newest) = k->older;
    *(k->older != NULL ? &k->older->newer : &e->oldest) = k->newer;
    e->ndirty--;
    e->dirty_bytes -= e->grid.chunk_bytes;
}

HI5_INT void
dirty_drop(struct dataset_edit *e, struct dirty_chunk *k)
{
    dirty_take_out(e, k);
    mem_free(&e->object->file->mem, k, dirty_size(e));
}

HI5_INT void
chunks_drop(struct dataset_edit *e)
{
    while (e->oldest != NULL)
        dirty_drop(e, e->oldest);
    mem_free(&e->object->file->mem, e->spare, dirty_size(e));
    e->spare = NULL;
    mem_free(&e->object->file->mem, e->slot, e->nslots * sizeof *e->slot);
    e->slot = NULL;
    e->nslots = 0;
}

/* ---- storing ---- */

/* Is this a chunk at the edge, of a dataset that leaves those unfiltered? */
static bool
chunk_is_plain(const struct dataset_edit *e, const uint64_t *scaled, const uint64_t *dims)
{
    if (e->pipeline.n == 0)
        return true;
    for (unsigned i = 0; (e->layout.flags & 1) != 0 && i < e->grid.rank; i++)
        if ((scaled[i] + 1) * e->grid.chunk[i] > dims[i])
            return true;
    return false;
}

/* Is it beyond all that were stored since the index had none? That spares a search where
 * chunks come in their order. */
static bool
chunk_is_new(struct dataset_edit *e, const uint64_t *scaled)
{
    bool beyond = !e->stored_any;

    if (!e->was_empty)
        return false;
    for (unsigned i = 0; i < e->grid.rank && !beyond; i++) {
        if (scaled[i] < e->last_stored[i])
            return false;
        beyond = scaled[i] > e->last_stored[i];
    }
    if (beyond)
        memcpy(e->last_stored, scaled, e->grid.rank * sizeof *scaled);
    e->stored_any |= beyond;
    return beyond;
}

HI5_INT hi5_status
chunk_store(struct dataset_edit *e, const uint64_t *scaled, const uint8_t *bytes, size_t n,
            uint32_t mask, hi5_error *err)
{
    struct meta *const m = &e->object->file->meta;
    struct cix_chunk k, fresh = {.size = n, .mask = mask};
    hi5_status s = HI5_E_NOTFOUND;

    if (!chunk_is_new(e, scaled))
        s = cix_edit_find(e->index, scaled, &k, err);
    if (s != HI5_OK && s != HI5_E_NOTFOUND)
        return s;
    if (s == HI5_OK && k.size == n &&
        (e->grid.kind == HI5_INDEX_IMPLICIT || stage_is_fresh(m, k.addr))) {
        if (k.mask != mask) {
            k.mask = mask;
            TRY(cix_edit_put(e->index, &k, err));
        }
        return stage_write(m, k.addr, bytes, n, err);
    }
    if (s == HI5_OK)
        TRY(stage_free_raw(m, k.addr, k.size, err));
    memcpy(fresh.scaled, scaled, e->grid.rank * sizeof *scaled);
    TRY(stage_alloc(m, STAGE_CHUNK, n, &fresh.addr, err));
    TRY(stage_write(m, fresh.addr, bytes, n, err));
    return cix_edit_put(e->index, &fresh, err);
}

/* The most bytes that the index can say a chunk has. */
static uint64_t
chunk_most(const struct dataset_edit *e)
{
    const unsigned width =
        e->grid.kind == HI5_INDEX_BTREE1
            ? 4
            : cix_size_width(e->grid.layout_version, e->grid.chunk_bytes,
                             e->object->file->meta.len_w);

    return width < 8 ? ((uint64_t)1 << 8 * width) - 1 : UINT64_MAX;
}

HI5_INT hi5_status
chunk_filter(const struct dataset_edit *e, const uint64_t *scaled, const uint8_t *bytes,
             struct encode_work *work, const uint8_t **out, size_t *n, uint32_t *mask,
             hi5_error *err)
{
    const size_t nominal = (size_t)e->grid.chunk_bytes;

    *out = bytes;
    *n = nominal;
    *mask = 0;
    if (chunk_is_plain(e, scaled, e->next_dims != NULL ? e->next_dims : e->shape.dims))
        return HI5_OK;
    TRY(pipe_encode(&e->pipeline, &e->object->file->options.plugins, bytes, nominal, work,
                    out, n, mask, err));
    if (*n > chunk_most(e)) {
        *out = bytes;
        *n = nominal;
        *mask = UINT32_MAX >> (PIPE_MOST - e->pipeline.n);
    }
    return HI5_OK;
}

/* Filter one chunk and store it. */
static hi5_status
chunk_put(struct dataset_edit *e, const uint64_t *scaled, const uint8_t *bytes,
          struct encode_work *work, hi5_error *err)
{
    const uint8_t *out;
    uint32_t mask;
    size_t n;

    TRY(chunk_filter(e, scaled, bytes, work, &out, &n, &mask, err));
    return chunk_store(e, scaled, out, n, mask, err);
}

/* ---- chunks that are changed in part ---- */

/* The elements of a chunk as they are now: from the file, or the fill value. `own`: they
 * are to be stored again. */
static hi5_status
chunk_load(struct dataset_edit *e, const uint64_t *scaled, uint8_t *bytes, bool own,
           hi5_error *err)
{
    hi5_file *const f = e->object->file;
    const size_t nominal = (size_t)e->grid.chunk_bytes;
    struct pipe_work work = {.mem = &f->mem};
    struct cix_chunk k;
    uint8_t *stored;
    hi5_status s = cix_edit_find(e->index, scaled, &k, err);

    if (s == HI5_E_NOTFOUND && own)
        return write_fill_own(e, bytes, nominal / e->type->size, err);
    if (s == HI5_E_NOTFOUND) {
        write_fill(e, bytes, nominal / e->type->size);
        return HI5_OK;
    }
    if (s != HI5_OK)
        return s;
    if (chunk_is_plain(e, scaled, e->shape.dims))
        return k.size == nominal
                   ? meta_read(&f->meta, k.addr, bytes, nominal, err)
                   : err_set(err, HI5_E_CORRUPT, k.addr, "chunk", "size", "VII",
                             "%llu bytes instead of %zu", (unsigned long long)k.size,
                             nominal);
    if (k.size > f->meta.eof)
        return err_set(err, HI5_E_CORRUPT, k.addr, "chunk", "size", "VII",
                       "larger than the file");
    stored = mem_alloc(&f->mem, (size_t)k.size);
    if (stored == NULL)
        return mem_fail(&f->mem, k.size, err);
    s = meta_read(&f->meta, k.addr, stored, (size_t)k.size, err);
    if (s == HI5_OK)
        s = pipe_decode(&e->pipeline, &f->options.plugins, k.mask, stored, (size_t)k.size,
                        bytes, nominal, &work, err);
    pipe_work_done(&work);
    mem_free(&f->mem, stored, (size_t)k.size);
    return s;
}

/* Let the chunks that were changed first go, until the rest is within the budget; several
 * at a time where there are threads. */
static hi5_status
chunks_evict(struct dataset_edit *e, uint64_t budget, hi5_error *err)
{
    struct chunk_batch b;
    hi5_status s = HI5_OK;

    batch_init(&b, e, NULL, NULL);
    TRY(batch_open(&b, err));
    while (s == HI5_OK && e->dirty_bytes > budget) {
        struct dirty_chunk *const k = e->oldest;
        struct batch_chunk *const c = &b.chunk[b.n++];

        memcpy(c->scaled, k->scaled, e->grid.rank * sizeof *k->scaled);
        if (b.room == 1) {
            c->from = k->bytes;
            s = batch_flush(&b, err);
            if (s == HI5_OK)
                dirty_drop(e, k);
            continue;
        }
        memcpy(c->bytes, k->bytes, (size_t)e->grid.chunk_bytes);
        dirty_drop(e, k);
        if (b.n == b.room || e->dirty_bytes <= budget)
            s = batch_flush(&b, err);
    }
    batch_close(&b);
    return s;
}

HI5_INT hi5_status
chunks_settle(struct dataset_edit *e, hi5_error *err)
{
    return e->ndirty != 0 ? chunks_evict(e, 0, err) : HI5_OK;
}

HI5_INT hi5_status
dirty_complete(struct dataset_edit *e, struct dirty_chunk *k, hi5_error *err)
{
    struct encode_work work = {.mem = &e->object->file->mem};
    hi5_status s;

    if (batch_threads(e, false) > 1)
        return HI5_OK; /* later, several at a time */
    s = chunk_put(e, k->scaled, k->bytes, &work, err);
    encode_work_done(&work);
    if (s != HI5_OK)
        return s;
    dirty_take_out(e, k);
    mem_free(&e->object->file->mem, e->spare, dirty_size(e));
    e->spare = k;
    return HI5_OK;
}

static uint64_t
chunks_budget(const struct dataset_edit *e)
{
    const uint64_t asked = e->object->file->options.chunk_cache;

    return asked != 0 ? asked : CHUNK_CACHE_DEFAULT;
}

HI5_INT hi5_status
chunk_get(struct dataset_edit *e, const uint64_t *scaled, struct dirty_chunk **out,
          hi5_error *err)
{
    struct dirty_chunk *k = dirty_find(e, scaled);
    hi5_status s;

    if (k == NULL) {
        if (e->dirty_bytes + e->grid.chunk_bytes > chunks_budget(e) && e->ndirty != 0)
            TRY(chunks_evict(e, chunks_budget(e) / 2, err));
        TRY(dirty_new(e, scaled, &k, err));
        s = chunk_load(e, scaled, k->bytes, true, err);
        if (s != HI5_OK) {
            dirty_drop(e, k);
            return s;
        }
        e->object->file->meta.stage->changes++;
    }
    *out = k;
    return HI5_OK;
}

/* ---- one write ---- */

/* The elements of the chunk at `scaled` that lie inside the extent. */
static uint64_t
chunk_inside(const struct dataset_edit *e, const uint64_t *scaled)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < e->grid.rank; i++) {
        const uint64_t start = scaled[i] * e->grid.chunk[i];
        const uint64_t left = e->shape.dims[i] - start;
        n *= left < e->grid.chunk[i] ? left : e->grid.chunk[i];
    }
    return n;
}

static hi5_status
chunk_take_runs(struct dataset_edit *e, const struct write_request *q, struct sel_walk *w,
                uint8_t *bytes)
{
    struct sel_run r;

    while (sel_walk_run(w, &r))
        TRY(write_convert(e, q, r.pos, r.n, bytes + (size_t)r.at * e->type->size));
    return HI5_OK;
}

HI5_INT hi5_status
chunk_recall(struct dataset_edit *e, const uint64_t *scaled,
             const struct dirty_chunk *changed, uint8_t *bytes, bool own, hi5_error *err)
{
    hi5_status s;

    if (changed != NULL) {
        memcpy(bytes, changed->bytes, (size_t)e->grid.chunk_bytes);
        return HI5_OK;
    }
    s = chunk_load(e, scaled, bytes, own, err);
    if (s == HI5_OK || s == HI5_E_NOMEM || s == HI5_E_LIMIT || s == HI5_E_IO)
        return s;
    err_clear(err); /* what cannot be read can be replaced */
    return write_fill_own(e, bytes, e->grid.chunk_bytes / e->type->size, err);
}

/* A chunk that is written as a whole. */
static hi5_status
chunk_write_whole(struct chunk_batch *b, const struct write_request *q,
                  struct sel_walk *w, const uint64_t *scaled, uint64_t inside)
{
    struct dataset_edit *const e = b->e;
    struct dirty_chunk *const old = dirty_find(e, scaled);
    const uint64_t all = e->grid.chunk_bytes / e->type->size;
    struct batch_chunk *c;

    TRY(batch_open(b, q->err));
    c = &b->chunk[b->n];
    c->from = NULL;
    if (q->old != NULL)
        TRY(chunk_recall(e, scaled, old, c->bytes, inside != all, q->err));
    if (old != NULL) {
        dirty_drop(e, old);
        e->object->file->meta.stage->changes++; /* to fail from here on loses something */
    }
    memcpy(c->scaled, scaled, e->grid.rank * sizeof *scaled);
    if (inside != all && q->old == NULL)
        write_fill(e, c->bytes, all);
    TRY(chunk_take_runs(e, q, w, c->bytes));
    return ++b->n == b->room ? batch_flush(b, q->err) : HI5_OK;
}

static hi5_status
write_each_chunk(struct chunk_batch *b, const struct write_request *q, struct sel_walk *w)
{
    struct dataset_edit *const e = b->e;
    const bool sets = hi5_selection_get_kind(q->selection) != HI5_SELECTION_POINTS;
    uint64_t scaled[HI5_MAX_RANK];

    while (sel_walk_chunk(w, scaled)) {
        const uint64_t inside = chunk_inside(e, scaled);
        struct dirty_chunk *k;

        if (sets && !q->keeps && sel_walk_selected(w) == inside) {
            TRY(chunk_write_whole(b, q, w, scaled, inside));
            continue;
        }
        TRY(batch_flush(b, q->err));
        TRY(chunk_get(e, scaled, &k, q->err));
        TRY(chunk_take_runs(e, q, w, k->bytes));
    }
    return batch_flush(b, q->err);
}

HI5_INT hi5_status
write_chunks(struct dataset_edit *e, const struct write_request *q)
{
    struct chunk_batch b;
    struct sel_walk *w;
    bool done;
    hi5_status s;

    TRY(pipe_encode_ready(&e->pipeline, &e->object->file->options.plugins, q->err));
    s = write_box_selected(e, q, &done);
    if (done)
        return s;
    batch_init(&b, e, NULL, NULL);
    s = sel_walk_open(&e->object->file->mem, q->selection, e->grid.chunk, &w, q->err);
    if (s == HI5_OK) {
        s = write_each_chunk(&b, q, w);
        sel_walk_close(w);
    }
    batch_close(&b);
    return s;
}

HI5_INT hi5_status
chunk_write_stored(struct dataset_edit *e, const uint64_t *scaled, const uint8_t *bytes,
                   size_t n, uint32_t mask, hi5_error *err)
{
    struct dirty_chunk *const old = dirty_find(e, scaled);
    const uint64_t all = ((uint64_t)1 << e->pipeline.n) - 1; /* filters */
    const bool plain =
        chunk_is_plain(e, scaled, e->shape.dims) || (mask & all) == all;

    if (n == 0 || (plain && n != e->grid.chunk_bytes))
        return err_plain(err, HI5_E_ARG, "a chunk of %zu bytes", n);
    if (n > cix_edit_most(e->index)) /* CHUNK-08 */
        return err_plain(err, HI5_E_ARG, "a chunk of %zu bytes; the index of this dataset "
                         "can tell of up to %llu", n,
                         (unsigned long long)cix_edit_most(e->index));
    if (old != NULL)
        dirty_drop(e, old);
    return chunk_store(e, scaled, bytes, n, mask, err);
}

/* ---- early allocation, other extents ---- */

/* Did the chunk have elements inside the extent `old`? */
static bool
chunk_was_inside(const struct dataset_edit *e, const uint64_t *scaled, const uint64_t *old)
{
    for (unsigned i = 0; i < e->grid.rank; i++)
        if (scaled[i] * e->grid.chunk[i] >= old[i])
            return false;
    return true;
}

HI5_INT hi5_status
chunks_fill(struct dataset_edit *e, const uint64_t *old, hi5_error *err)
{
    const unsigned rank = e->grid.rank;
    const uint64_t all = e->grid.chunk_bytes / e->type->size;
    struct encode_work work = {.mem = &e->object->file->mem};
    uint64_t scaled[HI5_MAX_RANK] = {0}, n[HI5_MAX_RANK];
    uint8_t *bytes;
    hi5_status s = HI5_OK;
    unsigned i;

    for (i = 0; i < rank; i++) {
        if (e->shape.dims[i] == 0)
            return HI5_OK;
        n[i] = (e->shape.dims[i] - 1) / e->grid.chunk[i] + 1;
    }
    bytes = mem_alloc(&e->object->file->mem, (size_t)e->grid.chunk_bytes);
    if (bytes == NULL)
        return mem_fail(&e->object->file->mem, e->grid.chunk_bytes, err);
    write_fill(e, bytes, all);
    do {
        const bool fresh = old == NULL || !chunk_was_inside(e, scaled, old);

        if (fresh && e->type->has_vlen)
            s = write_fill_own(e, bytes, all, err);
        if (fresh && s == HI5_OK)
            s = chunk_put(e, scaled, bytes, &work, err);
        for (i = rank; i-- > 0 && ++scaled[i] == n[i];)
            scaled[i] = 0;
    } while (s == HI5_OK && i != UINT_MAX);
    encode_work_done(&work);
    mem_free(&e->object->file->mem, bytes, (size_t)e->grid.chunk_bytes);
    return s;
}

HI5_INT hi5_status
chunks_allocate(struct dataset_edit *e, hi5_error *err)
{
    TRY(cix_edit_create(e->index, err));
    return chunks_fill(e, NULL, err);
}

/* What a smaller extent does to the chunks there are. */
struct chunk_cut {
    struct dataset_edit *e;
    const uint64_t *dims;
    uint64_t *gone, *cut;      /* [ngone][rank], [ncut][rank] */
    size_t ngone, ncut, gone_room, cut_room;
    struct vlen_old *old;      /* what the elements had in the heap; or NULL */
};

static hi5_status
cut_note(const struct chunk_cut *c, uint64_t **list, size_t *n, size_t *room,
         const uint64_t *scaled, hi5_error *err)
{
    struct mem *const mem = &c->e->object->file->mem;
    const size_t each = c->e->grid.rank * sizeof *scaled;

    if (*n == *room) {
        const size_t more = *room != 0 ? *room * 2 : 64;
        uint64_t *const p = mem_resize(mem, *list, *room * each, more * each);
        if (p == NULL)
            return mem_fail(mem, more * each, err);
        *list = p;
        *room = more;
    }
    memcpy((uint8_t *)*list + *n * each, scaled, each);
    ++*n;
    return HI5_OK;
}

/* An array may have chunks outside of the extent: other writers left them, and no slot leads
 * to them. */
static bool
chunk_is_stray(const struct dataset_edit *e, const uint64_t *scaled)
{
    const bool array = e->grid.kind == HI5_INDEX_FIXED_ARRAY ||
                       e->grid.kind == HI5_INDEX_EXTENSIBLE_ARRAY;

    return array && !chunk_was_inside(e, scaled, e->shape.dims);
}

static hi5_status
cut_chunk(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct chunk_cut *const c = ctx;
    const struct dataset_edit *const e = c->e;
    bool gone = false, cut = false;

    if (chunk_is_stray(e, k->scaled))
        return HI5_OK;
    for (unsigned i = 0; i < e->grid.rank; i++) {
        const uint64_t start = k->scaled[i] * e->grid.chunk[i];

        if (c->dims[i] >= e->shape.dims[i])
            continue;
        gone |= start >= c->dims[i];
        cut |= start + e->grid.chunk[i] > c->dims[i];
    }
    if (gone)
        return cut_note(c, &c->gone, &c->ngone, &c->gone_room, k->scaled, err);
    if (chunk_is_plain(e, k->scaled, e->shape.dims) != chunk_is_plain(e, k->scaled, c->dims))
        cut = true; /* it is stored anew, with filters or without (FILT-02) */
    return cut ? cut_note(c, &c->cut, &c->ncut, &c->cut_room, k->scaled, err) : HI5_OK;
}

/* The fill value in all that lies outside of c->dims, row by row. */
static hi5_status
cut_fill(const struct chunk_cut *c, const uint64_t *scaled, uint8_t *bytes,
         hi5_error *err)
{
    const struct dataset_edit *const e = c->e;
    const uint64_t *const dims = c->dims;
    const unsigned last = e->grid.rank - 1;
    const uint64_t row = e->grid.chunk[last];
    const uint64_t rows = e->grid.chunk_bytes / e->type->size / row;
    const uint64_t start = scaled[last] * row;
    const uint64_t keep = dims[last] <= start ? 0 : dims[last] - start;

    for (uint64_t r = 0; r < rows; r++) {
        uint64_t left = r, inside = keep < row ? keep : row;
        uint8_t *p;

        for (unsigned i = last; i-- > 0; left /= e->grid.chunk[i])
            if (scaled[i] * e->grid.chunk[i] + left % e->grid.chunk[i] >= dims[i])
                inside = 0;
        p = bytes + (size_t)(r * row + inside) * e->type->size;
        if (c->old != NULL)
            TRY(vlen_old_note(c->old, p, NULL, (size_t)(row - inside), err));
        TRY(write_fill_own(e, p, row - inside, err));
    }
    return HI5_OK;
}

/* A chunk goes, and what it has in the heap. */
static hi5_status
cut_recall(const struct chunk_cut *c, const uint64_t *scaled, hi5_error *err)
{
    struct mem *const mem = &c->e->object->file->mem;
    const size_t n = (size_t)c->e->grid.chunk_bytes;
    uint8_t *bytes;
    hi5_status s;

    if (c->old == NULL)
        return HI5_OK;
    bytes = mem_alloc(mem, n);
    if (bytes == NULL)
        return mem_fail(mem, n, err);
    s = chunk_recall(c->e, scaled, NULL, bytes, false, err);
    if (s == HI5_OK)
        s = vlen_old_note(c->old, bytes, NULL, n / c->e->type->size, err);
    mem_free(mem, bytes, n);
    return s;
}

static hi5_status
cut_apply(struct chunk_cut *c, hi5_error *err)
{
    struct dataset_edit *const e = c->e;
    struct meta *const m = &e->object->file->meta;
    const unsigned rank = e->grid.rank;

    for (size_t i = 0; i < c->ngone; i++) {
        const uint64_t *const scaled = c->gone + i * rank;
        struct cix_chunk k;

        TRY(cix_edit_find(e->index, scaled, &k, err));
        if (e->grid.kind != HI5_INDEX_IMPLICIT) {
            TRY(cut_recall(c, scaled, err));
            TRY(stage_free_raw(m, k.addr, k.size, err));
            TRY(cix_edit_remove(e->index, scaled, err));
            continue;
        }
        TRY(cut_note(c, &c->cut, &c->ncut, &c->cut_room, scaled, err));
    }
    for (size_t i = 0; i < c->ncut; i++) {
        const uint64_t *const scaled = c->cut + i * rank;
        struct dirty_chunk *k;

        TRY(chunk_get(e, scaled, &k, err));
        TRY(cut_fill(c, scaled, k->bytes, err));
    }
    if (e->grid.kind == HI5_INDEX_IMPLICIT)
        TRY(chunks_settle(e, err)); /* while those outside still have a place */
    return c->old != NULL ? vlen_old_give(c->old, err) : HI5_OK;
}

HI5_INT hi5_status
chunks_resize(struct dataset_edit *e, const uint64_t *dims, hi5_error *err)
{
    struct mem *const mem = &e->object->file->mem;
    const size_t each = e->grid.rank * sizeof *dims;
    struct chunk_cut c = {.e = e, .dims = dims};
    struct vlen_old old;
    const struct cix *x;
    struct arena a;
    hi5_status s = HI5_OK;
    bool smaller = false;

    for (unsigned i = 0; i < e->grid.rank; i++)
        smaller |= dims[i] < e->shape.dims[i];
    if (!smaller && ((e->layout.flags & 1) == 0 || e->pipeline.n == 0))
        return HI5_OK;
    TRY(chunks_settle(e, err));
    if (cix_edit_params(e->index)->addr == ADDR_NONE)
        return HI5_OK;
    arena_init(&a, mem);
    s = cix_open(&e->object->file->meta, cix_edit_params(e->index), &a, &x, err);
    if (s == HI5_OK)
        s = cix_each(x, cut_chunk, &c, err);
    arena_done(&a);
    vlen_old_init(&old, e->object->file, e->type);
    if (e->type->has_vlen) {
        c.old = &old;
        if (s == HI5_OK)
            s = write_keep_fill(e, &old, err);
    }
    e->next_dims = dims;
    if (s == HI5_OK)
        s = cut_apply(&c, err);
    e->next_dims = NULL;
    vlen_old_done(&old);
    mem_free(mem, c.gone, c.gone_room * each);
    mem_free(mem, c.cut, c.cut_room * each);
    return s;
}
