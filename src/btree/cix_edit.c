/*
 * cix_edit.c - changing where a dataset's chunks are               [FMT VII]
 */
#include "btree/cix_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

struct cix_edit {
    struct meta *meta;
    struct cix_params p;
};

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
    return cix_edit_missing(x, err);
}

HI5_INT hi5_status
cix_edit_put(struct cix_edit *x, const struct cix_chunk *k, hi5_error *err)
{
    if (x->p.kind != HI5_INDEX_SINGLE)
        return cix_edit_missing(x, err);
    single_put(x, k);
    return HI5_OK;
}

HI5_INT hi5_status
cix_edit_remove(struct cix_edit *x, const uint64_t *scaled, hi5_error *err)
{
    (void)scaled;
    if (x->p.kind != HI5_INDEX_SINGLE)
        return cix_edit_missing(x, err);
    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    single_put(x, &(struct cix_chunk){.addr = ADDR_NONE});
    return HI5_OK;
}

HI5_INT hi5_status
cix_edit_create(struct cix_edit *x, hi5_error *err)
{
    return x->p.kind == HI5_INDEX_SINGLE ? HI5_OK : cix_edit_missing(x, err);
}
