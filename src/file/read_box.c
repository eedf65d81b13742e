/*
 * read_box.c - small boxes, without any preparation
 *
 * Reading one element after another is how many programs are written. Where the file's
 * elements are the caller's, such a read needs no selection, no walk and no conversion:
 * it is a few rows at known places.
 */
#include "base/ckd.h"
#include "file/chunk_fetch.h"
#include "file/read.h"
#include <string.h>

#define BOX_ROWS 64u
#define BOX_BYTES (64u * 1024u)

/* Where the rows of a box are. */
struct box {
    const hi5_dataset *d;
    const uint64_t *count;
    const uint64_t *shape;     /* of what holds the box: dataset or chunk */
    uint64_t first;            /* element index of its first element there */
    uint64_t rows;
    size_t row;                /* bytes */
};

/* Set up a box in something of shape box->shape; false if it is not a small one. */
static bool
box_measure(struct box *b, const uint64_t *start)
{
    const unsigned rank = b->d->shape.rank;
    uint64_t row;

    b->first = 0;
    b->rows = 1;
    for (unsigned i = 0; i < rank; i++) {
        b->first = b->first * b->shape[i] + start[i];
        if (i + 1 < rank && !ckd_mul64(b->rows, b->count[i], &b->rows))
            return false;
    }
    if (!ckd_mul64(b->count[rank - 1], b->d->type->size, &row) || b->rows > BOX_ROWS ||
        b->rows == 0 || row == 0 || row > BOX_BYTES / b->rows)
        return false;
    b->row = (size_t)row;
    return true;
}

/* The element index of row i. */
static uint64_t
box_row(const struct box *b, uint64_t i)
{
    const unsigned rank = b->d->shape.rank;
    uint64_t at = b->first, below = b->shape[rank - 1];

    for (unsigned k = rank - 1; k-- > 0;) {
        at += i % b->count[k] * below;
        i /= b->count[k];
        below *= b->shape[k];
    }
    return at;
}

static hi5_status
box_fetch(const struct box *b, uint64_t addr, uint8_t *to, hi5_error *err)
{
    const size_t each = b->d->type->size;
    hi5_status s = HI5_OK;

    for (uint64_t i = 0; s == HI5_OK && i < b->rows; i++)
        s = meta_read(&b->d->file->meta, addr + box_row(b, i) * each, to + i * b->row,
                      b->row, err);
    return s;
}

static void
box_copy(const struct box *b, const uint8_t *from, uint8_t *to)
{
    for (uint64_t i = 0; i < b->rows; i++)
        memcpy(to + i * b->row, from + box_row(b, i) * b->d->type->size, b->row);
}

/* A box inside one chunk that is in the cache, or that is stored as it is. */
static hi5_status
box_chunk(hi5_dataset *d, struct box *b, const uint64_t *start, uint8_t *to, bool *done,
          hi5_error *err)
{
    uint64_t scaled[HI5_MAX_RANK], inside[HI5_MAX_RANK];
    struct chunk_data *c;
    struct cix_chunk where;

    for (unsigned i = 0; i < d->shape.rank; i++) {
        scaled[i] = start[i] / d->grid.chunk[i];
        inside[i] = start[i] % d->grid.chunk[i];
        if (b->count[i] > d->grid.chunk[i] - inside[i])
            return HI5_OK;
    }
    b->shape = d->grid.chunk;
    if (!box_measure(b, inside))
        return HI5_OK;
    c = d->pipeline.n != 0 ? chunk_cache_get(&d->cache, scaled) : NULL;
    if (c != NULL) {
        box_copy(b, c->bytes, to);
        chunk_cache_release(&d->cache, c);
        *done = true;
        return HI5_OK;
    }
    if (d->pipeline.n != 0 || d->cix == NULL ||
        chunk_find(d, scaled, &where, NULL) != HI5_OK ||
        where.size != d->grid.chunk_bytes)
        return HI5_OK; /* the long way says what is wrong, or fills */
    *done = true;
    return box_fetch(b, where.addr, to, err);
}

HI5_INT hi5_status
read_box(hi5_dataset *d, const uint64_t *start, const uint64_t *count,
         const hi5_type *memory, void *buf, bool *done, hi5_error *err)
{
    struct box b = {.d = d, .count = count, .shape = d->shape.dims};
    uint64_t bytes = 0, end;

    *done = false;
    if (memory == NULL || d->shape.rank == 0 || !type_same_bytes(d->type, memory))
        return HI5_OK;
    for (unsigned i = 0; i < d->shape.rank; i++)
        if (!ckd_inside(start[i], count[i], d->shape.dims[i]))
            return HI5_OK;
    if (d->layout.cls == HI5_CHUNKED)
        return box_chunk(d, &b, start, buf, done, err);
    if (d->layout.cls != HI5_CONTIGUOUS || d->layout.addr == ADDR_NONE ||
        d->nexternals != 0 || dataset_bytes(d, &bytes, NULL) != HI5_OK ||
        !ckd_add64(bytes, d->layout.addr, &end) || !box_measure(&b, start))
        return HI5_OK;
    *done = true;
    if (b.rows == 1 && ahead_copy(d, b.first * d->type->size, b.row, bytes, buf))
        return HI5_OK;
    return box_fetch(&b, d->layout.addr, buf, err);
}
