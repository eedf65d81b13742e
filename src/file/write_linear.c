/*
 * write_linear.c - writing data that lies in one piece: compact, contiguous
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/write.h"
#include <string.h>

#define WRITE_WINDOW (1u << 20)  /* bytes that are put together before they are written */
#define WRITE_DIRECT (128u << 10) /* runs from here on go straight from the caller */
#define WRITE_GAP 4096u          /* read what lies between two runs rather than stop */

HI5_INT hi5_status
write_compact(struct dataset_edit *e, const struct write_request *q)
{
    struct sel_walk *w;
    struct sel_run r;
    uint64_t scaled[HI5_MAX_RANK];
    hi5_status s = HI5_OK;

    TRY(sel_walk_open(&e->object->file->mem, q->selection, e->shape.dims, &w, q->err));
    e->object->file->meta.stage->changes++;
    e->layout_changed = true;
    while (s == HI5_OK && sel_walk_chunk(w, scaled))
        while (s == HI5_OK && sel_walk_run(w, &r))
            s = write_convert(e, q, r.pos, r.n,
                              e->compact + (size_t)r.at * e->type->size);
    sel_walk_close(w);
    return s;
}

/* ---- contiguous ---- */

static hi5_status
write_fill_space(struct dataset_edit *e, hi5_error *err)
{
    struct meta *const m = &e->object->file->meta;
    const size_t size = e->type->size;
    const uint64_t each = size < WRITE_WINDOW ? WRITE_WINDOW / size : 1;
    uint64_t left = e->layout.size / size, addr = e->layout.addr;
    uint8_t *buf = mem_alloc(m->mem, (size_t)each * size);
    hi5_status s = HI5_OK;

    if (buf == NULL)
        return mem_fail(m->mem, each * size, err);
    write_fill(e, buf, each);
    while (left > 0 && s == HI5_OK) {
        const uint64_t n = left < each ? left : each;

        if (e->type->has_vlen)
            s = write_fill_own(e, buf, n, err);
        if (s == HI5_OK)
            s = stage_write(m, addr, buf, (size_t)n * size, err);
        addr += n * size;
        left -= n;
    }
    mem_free(m->mem, buf, (size_t)each * size);
    return s;
}

HI5_INT hi5_status
write_allocate(struct dataset_edit *e, bool whole, hi5_error *err)
{
    struct meta *const m = &e->object->file->meta;
    uint64_t before = m->eof, bytes;

    if (!ckd_mul64(hi5_shape_count(&e->shape), e->type->size, &bytes))
        return err_plain(err, HI5_E_LIMIT, "the dataset has 2^64 bytes or more");
    if (e->layout.size < bytes) /* what old messages say in another way, or not yet */
        e->layout.size = bytes;
    if (e->layout.size == 0) /* NOTE(lib): 1.14 refuses an address of no bytes */
        return HI5_OK;
    if (m->stage->physical > m->base + before) /* something was there: hi5_abort */
        before = m->stage->physical - m->base;
    TRY(stage_alloc(m, STAGE_RAW, e->layout.size, &e->layout.addr, err));
    e->layout_changed = true;
    /* Behind the end of all there ever was are zeros; elsewhere there is anything. */
    if (!whole && (write_fills(e) || e->layout.addr < before))
        if (e->fill.status == HI5_FILL_USER || e->layout.addr < before)
            return write_fill_space(e, err);
    return HI5_OK;
}

/* What is being put together: bytes [low, high) of the data, whose first is buf[0]. */
struct write_window {
    struct dataset_edit *e;
    uint8_t *buf;
    size_t room;
    uint64_t low, high;
};

static hi5_status
window_flush(struct write_window *w, hi5_error *err)
{
    struct meta *const m = &w->e->object->file->meta;
    const uint64_t at = w->low, n = w->high - w->low;

    w->low = w->high;
    return n == 0 ? HI5_OK
                  : stage_write(m, w->e->layout.addr + at, w->buf, (size_t)n, err);
}

/* Make the window reach from somewhere to at + n, and let *p be where `at` is. */
static hi5_status
window_reach(struct write_window *w, uint64_t at, size_t n, uint8_t **p, hi5_error *err)
{
    struct meta *const m = &w->e->object->file->meta;

    if (w->low == w->high || at < w->high || at - w->high > WRITE_GAP ||
        at + n - w->low > w->room) {
        TRY(window_flush(w, err));
        w->low = w->high = at;
    }
    *p = w->buf + (size_t)(w->high - w->low);
    if (at > w->high)
        TRY(meta_read(m, w->e->layout.addr + w->high, *p, (size_t)(at - w->high), err));
    *p += at - w->high;
    w->high = at + n;
    return HI5_OK;
}

static hi5_status
write_run(struct write_window *w, const struct write_request *q, struct sel_run r)
{
    struct dataset_edit *const e = w->e;
    struct meta *const m = &e->object->file->meta;
    const size_t size = e->type->size;
    const uint64_t most = size < w->room ? w->room / size : 1;

    if (conv_is_copy(q->path) && !q->keeps && r.n * size >= WRITE_DIRECT) {
        TRY(window_flush(w, q->err));
        return stage_write(m, e->layout.addr + r.at * size,
                           q->buf + (size_t)r.pos * q->memory->size, (size_t)r.n * size,
                           q->err);
    }
    while (r.n > 0) {
        const uint64_t n = r.n < most ? r.n : most;
        uint8_t *p;

        TRY(window_reach(w, r.at * size, (size_t)n * size, &p, q->err));
        if (q->keeps || q->old != NULL)
            TRY(meta_read(m, e->layout.addr + r.at * size, p, (size_t)n * size, q->err));
        TRY(write_convert(e, q, r.pos, n, p));
        r.at += n;
        r.pos += n;
        r.n -= n;
    }
    return HI5_OK;
}

static hi5_status
write_runs(struct write_window *w, const struct write_request *q)
{
    struct sel_walk *walk;
    struct sel_run r;
    uint64_t scaled[HI5_MAX_RANK];
    hi5_status s = HI5_OK;

    if (q->selection == NULL) {
        TRY(write_run(w, q, (struct sel_run){.n = hi5_shape_count(&w->e->shape)}));
        return window_flush(w, q->err);
    }
    TRY(sel_walk_open(&w->e->object->file->mem, q->selection, w->e->shape.dims, &walk,
                      q->err));
    while (s == HI5_OK && sel_walk_chunk(walk, scaled))
        while (s == HI5_OK && sel_walk_run(walk, &r))
            s = write_run(w, q, r);
    sel_walk_close(walk);
    return s == HI5_OK ? window_flush(w, q->err) : s;
}

HI5_INT hi5_status
write_contiguous(struct dataset_edit *e, const struct write_request *q)
{
    struct mem *const mem = &e->object->file->mem;
    const size_t size = e->type->size;
    const uint64_t count = q->selection != NULL ? hi5_selection_count(q->selection)
                                                : hi5_shape_count(&e->shape);
    struct write_request fresh = *q;
    struct write_window w = {.e = e};
    hi5_status s;

    w.room = count < WRITE_WINDOW / size ? (size_t)count * size : WRITE_WINDOW;
    w.room = w.room + WRITE_GAP > size ? w.room + WRITE_GAP : size;
    if (e->layout.addr == ADDR_NONE) {
        TRY(write_allocate(e, count * size == e->layout.size && !q->keeps, q->err));
        fresh.old = NULL; /* nor is there anything sensible to be read */
    }
    if (q->selection == NULL && conv_is_copy(q->path) && !q->keeps)
        return stage_write(&e->object->file->meta, e->layout.addr, q->buf,
                           (size_t)count * size, q->err);
    w.buf = mem_alloc(mem, w.room);
    if (w.buf == NULL)
        return mem_fail(mem, w.room, q->err);
    s = write_runs(&w, &fresh);
    mem_free(mem, w.buf, w.room);
    return s;
}

HI5_INT hi5_status
dataset_allocate(hi5_file *f, uint64_t addr, hi5_error *err)
{
    struct dataset_edit *e;
    hi5_object *o;
    hi5_status s;

    TRY(object_open(f, addr, NULL, &o, err));
    s = dataset_edit_open(o, &e, err);
    hi5_object_close(o);
    if (s != HI5_OK)
        return s;
    if (e->layout.cls == HI5_CONTIGUOUS && e->layout.addr == ADDR_NONE)
        s = write_allocate(e, false, err);
    else if (e->layout.cls == HI5_CHUNKED)
        s = chunks_allocate(e, err);
    if (s == HI5_OK)
        return dataset_edit_close(e, err);
    dataset_edit_close(e, NULL);
    return s;
}
