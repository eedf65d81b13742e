/*
 * write_box.c - writing a box of chunked data
 *
 * What a box has of a chunk is found by arithmetic: no walk, no selection. Chunks that
 * are written as a whole are put together by the threads that filter them, or go from the
 * caller's memory as they are, where they lie there in one piece.
 */
#include "base/err.h"
#include "file/write_chunk.h"
#include <string.h>

/* One dimension: of the box, and of the current chunk. */
struct box_dim {
    uint64_t start, count, chunk;
    uint64_t first, last;      /* slices of the grid */
    uint64_t at_stride, pos_stride; /* elements below it: of a chunk, of the box */
    uint64_t at, n, pos;       /* the first element: in the chunk, in the box */
};

struct write_box {
    struct dataset_edit *e;
    const struct write_request *q;
    unsigned rank;
    uint64_t all;              /* elements of a chunk */
    struct box_dim dim[HI5_MAX_RANK];
};

static void
box_init(struct write_box *b, struct dataset_edit *e, const struct write_request *q,
         const uint64_t *start, const uint64_t *count)
{
    uint64_t at_stride = 1, pos_stride = 1;

    b->e = e;
    b->q = q;
    b->rank = e->grid.rank;
    b->all = e->grid.chunk_bytes / e->type->size;
    for (unsigned i = b->rank; i-- > 0;) {
        const uint64_t chunk = e->grid.chunk[i];

        b->dim[i] = (struct box_dim){.start = start[i], .count = count[i], .chunk = chunk,
                                     .first = start[i] / chunk,
                                     .last = (start[i] + count[i] - 1) / chunk,
                                     .at_stride = at_stride, .pos_stride = pos_stride};
        at_stride *= chunk;
        pos_stride *= count[i];
    }
}

/* What the box has of slice `k` of a dimension. */
static inline void
box_enter(struct box_dim *d, uint64_t k)
{
    const uint64_t low = k * d->chunk, end = d->start + d->count;

    d->at = low < d->start ? d->start - low : 0;
    d->pos = low + d->at - d->start;
    d->n = (end - low < d->chunk ? end - low : d->chunk) - d->at;
}

/* How many elements the box has of the current chunk. */
static uint64_t
box_selected(const struct write_box *b)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < b->rank; i++)
        n *= b->dim[i].n;
    return n;
}

/* Of which dimension on do the elements of the current chunk lie in one run, both in the
 * chunk and in the box? */
static unsigned
box_run_dim(const struct box_dim *dim, unsigned rank, uint64_t *run)
{
    unsigned t = rank - 1;

    *run = dim[t].n;
    while (t > 0 && dim[t].n == dim[t].chunk && dim[t].n == dim[t].count)
        *run *= dim[--t].n;
    return t;
}

/* Copy a row; short ones, of small chunks, without a call. */
static inline void
box_move(uint8_t *to, const uint8_t *from, size_t n)
{
    switch (n) {
    case 16:
        memcpy(to, from, 16);
        break;
    case 32:
        memcpy(to, from, 32);
        break;
    case 64:
        memcpy(to, from, 64);
        break;
    default:
        memcpy(to, from, n);
    }
}

/* Convert the box's part of the current chunk into its place in `bytes`. */
static hi5_status
box_take(const struct write_box *b, const struct box_dim *dim, uint8_t *bytes)
{
    const size_t size = b->e->type->size, from = b->q->memory->size;
    const bool copies = conv_is_copy(b->q->path);
    uint64_t i[HI5_MAX_RANK] = {0}, at = 0, pos = 0, run;
    const unsigned t = box_run_dim(dim, b->rank, &run);
    unsigned d;

    for (d = 0; d < b->rank; d++) {
        at += dim[d].at * dim[d].at_stride;
        pos += dim[d].pos * dim[d].pos_stride;
    }
    do {
        const uint64_t rows = t > 0 ? dim[t - 1].n : 1;
        const uint64_t at_step = t > 0 ? dim[t - 1].at_stride : 0;
        const uint64_t pos_step = t > 0 ? dim[t - 1].pos_stride : 0;

        for (uint64_t r = 0; r < rows; r++) {
            uint8_t *const to = bytes + (size_t)(at + r * at_step) * size;
            const uint64_t p = pos + r * pos_step;

            if (copies)
                box_move(to, b->q->buf + (size_t)p * from, (size_t)run * size);
            else
                TRY(write_convert(b->e, b->q, p, run, to));
        }
        if (t < 2)
            return HI5_OK;
        for (d = t - 1; d-- > 0;) {
            at += dim[d].at_stride;
            pos += dim[d].pos_stride;
            if (++i[d] < dim[d].n)
                break;
            at -= i[d] * dim[d].at_stride;
            pos -= i[d] * dim[d].pos_stride;
            i[d] = 0;
            if (d == 0)
                return HI5_OK;
        }
    } while (true);
}

/* For the threads: only where elements are copied. */
static void
box_gather(const void *ctx, const uint64_t *scaled, uint8_t *bytes)
{
    const struct write_box *const b = ctx;
    struct box_dim dim[HI5_MAX_RANK];
    uint64_t n = 1;

    memcpy(dim, b->dim, b->rank * sizeof *dim);
    for (unsigned i = 0; i < b->rank; i++) {
        box_enter(&dim[i], scaled[i]);
        n *= dim[i].n;
    }
    if (n != b->all)
        write_fill(b->e, bytes, b->all);
    (void)box_take(b, dim, bytes); /* which cannot fail */
}

/* Does the box have all of the current chunk that lies inside the extent? Where that may
 * grow, the next rows of the chunk are to be expected: then it has not. */
static bool
box_is_whole(const struct write_box *b)
{
    for (unsigned i = 0; i < b->rank; i++) {
        const struct box_dim *const d = &b->dim[i];
        const uint64_t end = d->start + d->pos + d->n;

        if (d->at != 0 ||
            (d->n != d->chunk &&
             (end != b->e->shape.dims[i] || end != b->e->shape.max[i])))
            return false;
    }
    return true;
}

static hi5_status
box_put_whole(struct chunk_batch *batch, const struct write_box *b, const uint64_t *scaled)
{
    struct dirty_chunk *const old = dirty_find(b->e, scaled);
    const bool copies = conv_is_copy(b->q->path);
    struct batch_chunk *c;
    uint64_t run, pos = 0;

    TRY(batch_open(batch, b->q->err));
    c = &batch->chunk[batch->n];
    if (old != NULL)
        dirty_drop(b->e, old);
    memcpy(c->scaled, scaled, b->rank * sizeof *scaled);
    c->from = NULL;
    box_run_dim(b->dim, b->rank, &run);
    if (copies && run == b->all) {
        for (unsigned i = 0; i < b->rank; i++)
            pos += b->dim[i].pos * b->dim[i].pos_stride;
        c->from = b->q->buf + (size_t)pos * b->q->memory->size;
    } else if (!copies) {
        if (box_selected(b) != b->all)
            write_fill(b->e, c->bytes, b->all);
        TRY(box_take(b, b->dim, c->bytes));
    }
    return ++batch->n == batch->room ? batch_flush(batch, b->q->err) : HI5_OK;
}

static hi5_status
box_put_part(struct chunk_batch *batch, const struct write_box *b, const uint64_t *scaled)
{
    struct dirty_chunk *k;

    TRY(batch_flush(batch, b->q->err));
    TRY(chunk_get(b->e, scaled, &k, b->q->err));
    b->e->object->file->meta.stage->changes++;
    TRY(box_take(b, b->dim, k->bytes));
    k->taken += box_selected(b);
    return k->taken >= b->all ? dirty_complete(b->e, k, b->q->err) : HI5_OK;
}

HI5_INT hi5_status
write_box(struct dataset_edit *e, const struct write_request *q, const uint64_t *start,
          const uint64_t *count)
{
    uint64_t scaled[HI5_MAX_RANK];
    struct chunk_batch batch;
    hi5_status s = HI5_OK;
    struct write_box b;
    unsigned i;

    box_init(&b, e, q, start, count);
    batch_init(&batch, e, conv_is_copy(q->path) ? box_gather : NULL, &b);
    for (i = 0; i < b.rank; i++) {
        scaled[i] = b.dim[i].first;
        box_enter(&b.dim[i], scaled[i]);
    }
    for (bool more = true; more && s == HI5_OK;) {
        s = box_is_whole(&b) ? box_put_whole(&batch, &b, scaled)
                             : box_put_part(&batch, &b, scaled);
        more = false;
        for (i = b.rank; i-- > 0 && !more;) {
            more = scaled[i] < b.dim[i].last;
            scaled[i] = more ? scaled[i] + 1 : b.dim[i].first;
            box_enter(&b.dim[i], scaled[i]);
        }
    }
    if (s == HI5_OK)
        s = batch_flush(&batch, q->err);
    batch_close(&batch);
    return s;
}

HI5_INT hi5_status
write_box_selected(struct dataset_edit *e, const struct write_request *q, bool *done)
{
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK];
    struct sel_dim dim[HI5_MAX_RANK];

    *done = false;
    if (q->keeps || q->old != NULL || !sel_as_regular(q->selection, dim))
        return HI5_OK;
    for (unsigned i = 0; i < e->grid.rank; i++) {
        if (dim[i].count != 1 || dim[i].block == HI5_UNLIMITED)
            return HI5_OK;
        start[i] = dim[i].start;
        count[i] = dim[i].block;
    }
    *done = true;
    return write_box(e, q, start, count);
}
