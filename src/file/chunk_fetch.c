/*
 * chunk_fetch.c - one chunk: found, fetched, decoded
 *
 * The first searches for a chunk go through the index on disk. Where there are many, in
 * no order, the index is decoded into a table that answers at once.
 */
#include "file/chunk_fetch.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

#define CHUNK_IN_ORDER 4u /* searches in order that cost as much as one in no order */

static hi5_status
chunk_fetch_file(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct meta *m = ctx;

    return meta_read(m, offset, buf, n, err);
}

HI5_INT void
chunk_scratch_init(struct chunk_scratch *s, hi5_dataset *d)
{
    struct mem *mem = &d->file->mem;

    *s = (struct chunk_scratch){.d = d, .work = {.mem = mem}};
    window_init(&s->window, mem, chunk_fetch_file, &d->file->meta, d->file->meta.eof);
}

HI5_INT void
chunk_scratch_done(struct chunk_scratch *s)
{
    struct mem *mem = s->work.mem;

    mem_free(mem, s->stored, s->room);
    mem_free(mem, s->whole, (size_t)s->d->grid.chunk_bytes);
    pipe_work_done(&s->work);
    window_done(&s->window);
    if (s->d->cix != NULL)
        cix_near_done(s->d->cix, &s->near);
    if (s->found != 0)
        atomic_fetch_add_explicit(&s->d->searches, s->found, memory_order_relaxed);
}

HI5_INT hi5_status
chunk_room(struct chunk_scratch *s, hi5_error *err)
{
    const size_t n = (size_t)s->d->grid.chunk_bytes;

    if (s->whole == NULL)
        s->whole = mem_alloc(s->work.mem, n);
    return s->whole != NULL ? HI5_OK : mem_fail(s->work.mem, n, err);
}

/* ---- finding ---- */

/* Make the table of the index. One thread does, once; what the others look for meanwhile
 * they look for in the index. */
static void
chunk_make_table(hi5_dataset *d)
{
    if (!atomic_exchange_explicit(&d->table_tried, true, memory_order_relaxed))
        atomic_store_explicit(&d->table,
                              cix_table_make(d->cix, &d->grid, &d->file->mem),
                              memory_order_release);
}

/* The table, if there is one, or once it pays. */
static const struct cix_table *
chunk_table(hi5_dataset *d)
{
    const struct cix_table *const t =
        atomic_load_explicit(&d->table, memory_order_acquire);

    if (t != NULL || atomic_load_explicit(&d->table_tried, memory_order_relaxed) ||
        atomic_fetch_add_explicit(&d->searches, 1, memory_order_relaxed) <
            d->table_pays)
        return t;
    chunk_make_table(d);
    return atomic_load_explicit(&d->table, memory_order_acquire);
}

HI5_INT void
chunk_expect(hi5_dataset *d, uint64_t n)
{
    if (n / CHUNK_IN_ORDER >= d->table_pays)
        chunk_make_table(d);
}

HI5_INT hi5_status
chunk_find(hi5_dataset *d, const uint64_t *scaled, struct cix_chunk *c, hi5_error *err)
{
    const struct cix_table *const t = chunk_table(d);

    return t != NULL ? cix_table_find(t, scaled, c) : cix_find(d->cix, scaled, c, err);
}

HI5_INT hi5_status
chunk_find_next(struct chunk_scratch *s, const uint64_t *scaled, struct cix_chunk *c,
                hi5_error *err)
{
    const struct cix_table *const t =
        atomic_load_explicit(&s->d->table, memory_order_acquire);

    if (t != NULL)
        return cix_table_find(t, scaled, c);
    s->found++;
    return cix_find_near(s->d->cix, &s->near, scaled, c, err);
}

/* ---- fetching ---- */

HI5_INT hi5_status
chunk_check_raw(const hi5_dataset *d, const struct cix_chunk *c, hi5_error *err)
{
    if (c->size == d->grid.chunk_bytes)
        return HI5_OK;
    return err_set(err, HI5_E_CORRUPT, c->addr, "chunk", "size", "III.A.1",
                   "%llu bytes stored, %llu expected", (unsigned long long)c->size,
                   (unsigned long long)d->grid.chunk_bytes);
}

/* They are in the file: so there is a bound on what they take. */
HI5_INT hi5_status
chunk_check_inside(const hi5_dataset *d, const struct cix_chunk *c, hi5_error *err)
{
    if (ckd_inside(c->addr, c->size, d->file->meta.eof))
        return HI5_OK;
    return err_set(err, HI5_E_TRUNCATED, c->addr, "chunk", "", "",
                   "%llu bytes run past the end of the file",
                   (unsigned long long)c->size);
}

HI5_INT hi5_status
chunk_stored(struct chunk_scratch *s, const struct cix_chunk *c, const uint8_t **p,
             hi5_error *err)
{
    TRY(chunk_check_inside(s->d, c, err));
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
    return meta_read(&s->d->file->meta, c->addr, s->stored, (size_t)c->size, err);
}

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

HI5_INT hi5_status
chunk_unpack(struct chunk_scratch *s, const struct cix_chunk *c, const uint8_t *stored,
             uint8_t *out, hi5_error *err)
{
    const hi5_dataset *d = s->d;
    const bool raw_edge = d->layout.version >= 4 && (d->layout.flags & 1) != 0 &&
                          chunk_is_partial(d, c->scaled);

    if (d->pipeline.n != 0)
        return pipe_decode(&d->pipeline, &d->file->options.plugins,
                           raw_edge ? UINT32_MAX : c->mask, stored, (size_t)c->size, out,
                           (size_t)d->grid.chunk_bytes, &s->work, err);
    TRY(chunk_check_raw(d, c, err));
    memcpy(out, stored, (size_t)d->grid.chunk_bytes);
    return HI5_OK;
}

HI5_INT hi5_status
chunk_decode(struct chunk_scratch *s, const struct cix_chunk *c, uint8_t *out,
             hi5_error *err)
{
    const hi5_dataset *d = s->d;
    const size_t nominal = (size_t)d->grid.chunk_bytes;
    const uint8_t *stored = NULL;

    if (d->pipeline.n == 0)
        TRY(chunk_check_raw(d, c, err));
    if (d->pipeline.n == 0 && nominal > CHUNK_SMALL)
        return meta_read(&d->file->meta, c->addr, out, nominal, err);
    TRY(chunk_stored(s, c, &stored, err));
    return chunk_unpack(s, c, stored, out, err);
}

HI5_INT hi5_status
chunk_keep(struct chunk_scratch *s, const struct cix_chunk *where, const uint8_t *stored,
           struct chunk_data **out, hi5_error *err)
{
    hi5_dataset *d = s->d;
    struct chunk_data *c = chunk_cache_new(&d->cache, where->scaled,
                                           (size_t)d->grid.chunk_bytes);
    hi5_status st;

    *out = NULL;
    if (c == NULL)
        return mem_fail(&d->file->mem, d->grid.chunk_bytes, err);
    st = stored != NULL ? chunk_unpack(s, where, stored, c->bytes, err)
                        : chunk_decode(s, where, c->bytes, err);
    if (st != HI5_OK) {
        chunk_cache_release(&d->cache, c);
        return st;
    }
    chunk_cache_put(&d->cache, c);
    *out = c;
    return HI5_OK;
}

HI5_INT hi5_status
chunk_error(const hi5_dataset *d, const uint64_t *scaled, hi5_status st, hi5_error *err)
{
    struct cix_chunk c;
    hi5_error cause;

    if (st == HI5_OK || err == NULL || err->structure[0] != '\0' ||
        st == HI5_E_NOMEM || st == HI5_E_LIMIT ||
        cix_find(d->cix, scaled, &c, NULL) != HI5_OK)
        return st;
    cause = *err;
    return err_set(err, st, c.addr, "chunk", cause.field, cause.section, "%s",
                   cause.cause);
}
