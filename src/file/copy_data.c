/*
 * copy_data.c - elements of datasets that are copied: those that lie in one piece
 */
#include "file/copy.h"
#include "base/ckd.h"
#include "base/err.h"
#include "file/write.h"
#include <string.h>

#define COPY_PIECE (4u << 20)

/* ---- reading ---- */

static hi5_status
data_read(struct copy_data *x, const uint64_t *start, const uint64_t *count,
          const hi5_type *memory, uint8_t *buf, hi5_error *err)
{
    return x->d->shape.rank == 0
               ? hi5_dataset_read(x->d, NULL, memory, buf, err)
               : hi5_dataset_read_slab(x->d, start, count, memory, buf, err);
}

HI5_INT hi5_status
copy_read_box(struct copy_data *x, const uint64_t *start, const uint64_t *count,
              uint64_t n, uint8_t *buf, hi5_error *err)
{
    const hi5_type raw = conv_raw_type(x->d->type);
    struct mem *const mem = x->c->mem;
    uint8_t *stored;
    hi5_status s;

    if (!x->convert)
        return data_read(x, start, count, x->native ? x->e->type : &raw, buf, err);
    stored = mem_alloc(mem, (size_t)n * raw.size);
    if (stored == NULL)
        return mem_fail(mem, n * raw.size, err);
    s = data_read(x, start, count, &raw, stored, err);
    if (s == HI5_OK)
        s = copy_values(&x->v, stored, buf, (size_t)n);
    mem_free(mem, stored, (size_t)n * raw.size);
    return s;
}

/* Is there anything to be copied? What was never allocated is not allocated now. */
static bool
data_is_there(const hi5_dataset *d)
{
    switch ((hi5_layout_kind)d->layout.cls) {
    case HI5_COMPACT:
        return true;
    case HI5_CONTIGUOUS:
        return d->layout.addr != ADDR_NONE || d->nexternals != 0;
    case HI5_CHUNKED:
        return d->layout.addr != ADDR_NONE;
    case HI5_VIRTUAL:
        break;
    }
    return false;
}

/* ---- one piece ---- */

static hi5_status
data_compact(struct copy_data *x)
{
    const uint64_t zero[HI5_MAX_RANK] = {0};
    const uint64_t n = hi5_shape_count(&x->d->shape);

    if (n == 0)
        return HI5_OK;
    TRY(copy_read_box(x, zero, x->d->shape.dims, n, x->e->compact, x->c->err));
    x->e->layout_changed = true; /* not before: reading settles what has changed */
    return copy_progress(x->c, x->e->layout.size);
}

/* Bytes that stay what they are. */
static hi5_status
data_bytes(struct copy_data *x, uint8_t *buf)
{
    const struct meta *const from = &x->d->file->meta;
    const uint64_t all = x->e->layout.size;

    for (uint64_t at = 0; at < all;) {
        const size_t n = all - at < COPY_PIECE ? (size_t)(all - at) : COPY_PIECE;

        TRY(meta_read(from, x->d->layout.addr + at, buf, n, x->c->err));
        TRY(stage_write(&x->c->to->meta, x->e->layout.addr + at, buf, n, x->c->err));
        TRY(copy_progress(x->c, n));
        at += n;
    }
    return HI5_OK;
}

/* How many elements of each dimension a piece has: whole rows, or a part of one. */
static void
data_piece(const struct copy_data *x, uint64_t *count)
{
    const hi5_shape *const s = &x->d->shape;
    uint64_t left = COPY_PIECE / x->e->type->size;

    left = left != 0 ? left : 1;
    for (unsigned i = s->rank; i-- > 0;) {
        count[i] = s->dims[i] < left ? s->dims[i] : left;
        left /= count[i];
        left = left != 0 ? left : 1;
        if (x->d->layout.cls == HI5_CHUNKED && count[i] < s->dims[i] &&
            count[i] > x->d->grid.chunk[i])
            count[i] -= count[i] % x->d->grid.chunk[i];
        if (count[i] < s->dims[i])
            left = 1;
    }
}

/* Elements that are read as any reader would, piece by piece, in the order that they are to
 * lie in: `count` is all of the last dimensions, some of one, and one of the first. */
static hi5_status
data_pieces(struct copy_data *x, uint8_t *buf, const uint64_t *piece)
{
    const hi5_shape *const s = &x->d->shape;
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK];
    uint64_t at = x->e->layout.addr, n;
    unsigned i = 0;

    do {
        n = 1;
        for (i = 0; i < s->rank; i++) {
            count[i] =
                s->dims[i] - start[i] < piece[i] ? s->dims[i] - start[i] : piece[i];
            n *= count[i];
        }
        TRY(copy_read_box(x, start, count, n, buf, x->c->err));
        TRY(stage_write(&x->c->to->meta, at, buf, (size_t)n * x->e->type->size,
                        x->c->err));
        TRY(copy_progress(x->c, n * x->e->type->size));
        at += n * x->e->type->size;
        for (i = s->rank; i-- > 0;) {
            start[i] += piece[i];
            if (start[i] < s->dims[i])
                break;
            start[i] = 0;
        }
    } while (i < s->rank);
    return HI5_OK;
}

static hi5_status
data_contiguous(struct copy_data *x)
{
    struct mem *const mem = x->c->mem;
    uint64_t piece[HI5_MAX_RANK];
    size_t room = COPY_PIECE;
    uint8_t *buf;
    hi5_status s;

    if (x->e->layout.size == 0)
        return HI5_OK;
    TRY(write_allocate(x->e, true, x->c->err));
    data_piece(x, piece);
    if (x->e->type->size > room)
        room = x->e->type->size;
    buf = mem_alloc(mem, room);
    if (buf == NULL)
        return mem_fail(mem, room, x->c->err);
    s = !x->convert && !x->native && x->d->layout.cls == HI5_CONTIGUOUS &&
                x->d->nexternals == 0
            ? data_bytes(x, buf)
            : data_pieces(x, buf, piece);
    mem_free(mem, buf, room);
    return s;
}

HI5_INT hi5_status
copy_data(struct copy_data *x)
{
    const hi5_type *const from = x->d->type, *const to = x->e->type;

    x->v.c = x->c;
    x->v.source = x->source;
    x->v.from = from;
    x->v.to = to;
    x->convert =
        copy_values_any(x->c, x->source, from, to) && (from->has_vlen || from->has_ref);
    x->native = !x->convert && !hi5_type_equal(from, to);
    if (!data_is_there(x->d) || ohdr_first(x->e->object->head, MSG_EFL) != NULL)
        return HI5_OK;
    if (x->partial)
        return x->c->salvage->elements(x->c->salvage->ctx, x);
    switch ((hi5_layout_kind)x->e->layout.cls) {
    case HI5_COMPACT:
        return data_compact(x);
    case HI5_CONTIGUOUS:
        return data_contiguous(x);
    case HI5_CHUNKED:
        return copy_chunks(x);
    case HI5_VIRTUAL:
        break;
    }
    return HI5_OK;
}
