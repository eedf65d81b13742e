/*
 * cix_edit.c - changing where a dataset's chunks are               [FMT VII]
 */
#include "btree/cix_edit.h"
#include "base/err.h"
#include "btree/btree1_edit.h"
#include <string.h>

struct cix_edit {
    struct meta *meta;
    struct cix_params p;
    struct bt1_edit bt1;
    uint64_t dim[HI5_MAX_RANK + 1]; /* version-1 B-trees: of a chunk, elements and bytes */
};

/* ---- version-1 B-trees ---- */

static void
btree1_begin(struct cix_edit *x)
{
    const struct bt1 t = {x->meta, BT1_CHUNK, x->p.addr, x->p.k, x->p.rank};

    bt1_edit_init(&x->bt1, &t);
}

static void
btree1_offset(const struct cix_edit *x, const uint64_t *scaled, uint64_t *offset)
{
    for (unsigned i = 0; i < x->p.rank; i++)
        offset[i] = scaled[i] * x->p.chunk[i];
    offset[x->p.rank] = 0;
}

static hi5_status
btree1_find(struct cix_edit *x, const uint64_t *scaled, struct cix_chunk *k,
            hi5_error *err)
{
    uint64_t offset[HI5_MAX_RANK + 1];
    struct bt1_chunk_key key;

    btree1_offset(x, scaled, offset);
    TRY(bt1_get_chunk(&x->bt1, offset, &key, &k->addr, err));
    k->size = key.nbytes;
    k->mask = key.mask;
    return HI5_OK;
}

static hi5_status
btree1_put(struct cix_edit *x, const struct cix_chunk *k, hi5_error *err)
{
    struct bt1_chunk_key key = {.nbytes = (uint32_t)k->size, .mask = k->mask};

    if (k->size > UINT32_MAX)
        return err_plain(err, HI5_E_LIMIT, "a chunk of %llu bytes",
                         (unsigned long long)k->size);
    if (x->p.addr == ADDR_NONE) {
        TRY(bt1_create(&x->bt1.t, &x->p.addr, err));
        btree1_begin(x);
    }
    btree1_offset(x, k->scaled, key.offset);
    return bt1_put_chunk(&x->bt1, &key, x->dim, k->addr, err);
}

static hi5_status
btree1_remove(struct cix_edit *x, const uint64_t *scaled, hi5_error *err)
{
    uint64_t offset[HI5_MAX_RANK + 1];

    btree1_offset(x, scaled, offset);
    return bt1_remove_chunk(&x->bt1, offset, err);
}

/* ---- opening ---- */

HI5_INT hi5_status
cix_edit_open(struct meta *m, const struct cix_params *p, struct cix_edit **out,
              hi5_error *err)
{
    struct cix_edit *const x = mem_zalloc(m->mem, 1, sizeof *x);

    *out = x;
    if (x == NULL)
        return mem_fail(m->mem, sizeof *x, err);
    x->meta = m;
    x->p = *p;
    memcpy(x->dim, p->chunk, p->rank * sizeof *p->chunk);
    x->dim[p->rank] = p->chunk_bytes;
    for (unsigned i = 0; i < p->rank; i++)
        x->dim[p->rank] /= p->chunk[i];
    btree1_begin(x);
    return HI5_OK;
}

HI5_INT void
cix_edit_close(struct cix_edit *x)
{
    if (x != NULL)
        mem_free(x->meta->mem, x, sizeof *x);
}

HI5_INT const struct cix_params *
cix_edit_params(const struct cix_edit *x)
{
    return &x->p;
}

HI5_INT void
cix_edit_resize(struct cix_edit *x, const uint64_t *dims)
{
    memcpy(x->p.dims, dims, x->p.rank * sizeof *dims);
}

/* ---- a single chunk: the layout message is its index ---- */

static hi5_status
single_find(const struct cix_edit *x, struct cix_chunk *k)
{
    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    k->addr = x->p.addr;
    k->size = x->p.filtered ? x->p.single_size : x->p.chunk_bytes;
    k->mask = x->p.filtered ? x->p.single_mask : 0;
    return HI5_OK;
}

static void
single_put(struct cix_edit *x, const struct cix_chunk *k)
{
    x->p.addr = k->addr;
    x->p.single_size = x->p.filtered ? k->size : 0;
    x->p.single_mask = x->p.filtered ? k->mask : 0;
}

/* ---- all of them ---- */

static hi5_status
cix_edit_missing(const struct cix_edit *x, hi5_error *err)
{
    return err_plain(err, HI5_E_UNSUPPORTED, "chunk index %u is not written yet",
                     (unsigned)x->p.kind);
}

HI5_INT hi5_status
cix_edit_find(struct cix_edit *x, const uint64_t *scaled, struct cix_chunk *k,
              hi5_error *err)
{
    memcpy(k->scaled, scaled, x->p.rank * sizeof *scaled);
    if (x->p.kind == HI5_INDEX_SINGLE)
        return single_find(x, k);
    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    if (x->p.kind == HI5_INDEX_BTREE1)
        return btree1_find(x, scaled, k, err);
    return cix_edit_missing(x, err);
}

HI5_INT hi5_status
cix_edit_put(struct cix_edit *x, const struct cix_chunk *k, hi5_error *err)
{
    if (x->p.kind == HI5_INDEX_BTREE1)
        return btree1_put(x, k, err);
    if (x->p.kind != HI5_INDEX_SINGLE)
        return cix_edit_missing(x, err);
    single_put(x, k);
    return HI5_OK;
}

HI5_INT hi5_status
cix_edit_remove(struct cix_edit *x, const uint64_t *scaled, hi5_error *err)
{
    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    if (x->p.kind == HI5_INDEX_BTREE1)
        return btree1_remove(x, scaled, err);
    if (x->p.kind != HI5_INDEX_SINGLE)
        return cix_edit_missing(x, err);
    single_put(x, &(struct cix_chunk){.addr = ADDR_NONE});
    return HI5_OK;
}

HI5_INT hi5_status
cix_edit_create(struct cix_edit *x, hi5_error *err)
{
    if (x->p.kind == HI5_INDEX_SINGLE)
        return HI5_OK;
    if (x->p.kind != HI5_INDEX_BTREE1)
        return cix_edit_missing(x, err);
    if (x->p.addr != ADDR_NONE)
        return HI5_OK;
    TRY(bt1_create(&x->bt1.t, &x->p.addr, err));
    btree1_begin(x);
    return HI5_OK;
}
