/*
 * cix_edit.c - changing where a dataset's chunks are               [FMT VII]
 */
#include "btree/cix_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include "btree/btree1_edit.h"
#include "btree/btree2_edit.h"
#include "btree/earray_edit.h"
#include "btree/farray_edit.h"
#include <string.h>

#define CIX_ENTRY (8u + 8u + 4u + 8u * HI5_MAX_RANK) /* bytes of any entry or record */

struct cix_edit {
    struct meta *meta;
    struct cix_params p;
    unsigned size_w;           /* width of a filtered chunk's size; 0: not filtered */
    struct arena arena;
    const struct cix *slots;   /* arrays: knows where in them a chunk is */
    bool open;                 /* what follows, for the kind of index that it is */
    struct bt1_edit bt1;
    uint64_t dim[HI5_MAX_RANK + 1]; /* version-1 B-trees: of a chunk, elements and bytes */
    struct bt2_edit bt2;
    struct fa_edit fa;
    struct ea_edit ea;
};

static bool
cix_is_array(const struct cix_edit *x)
{
    return x->p.kind == HI5_INDEX_IMPLICIT || x->p.kind == HI5_INDEX_FIXED_ARRAY ||
           x->p.kind == HI5_INDEX_EXTENSIBLE_ARRAY;
}

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

/* ---- entries of arrays, records of version-2 B-trees ---- */

static size_t
cix_entry_size(const struct cix_edit *x, unsigned rank)
{
    return x->meta->off_w + (x->size_w != 0 ? x->size_w + 4u : 0) + 8u * rank;
}

static hi5_status
cix_encode(const struct cix_edit *x, const struct cix_chunk *k, unsigned rank,
           uint8_t *entry, hi5_error *err)
{
    struct cur c = cur_writer(entry, cix_entry_size(x, rank), err);
    struct cix_chunk copy = *k;

    c.off_w = x->meta->off_w;
    cix_entry_code(&c, &copy, x->size_w, rank);
    return c.status;
}

static hi5_status
cix_decoded(const struct cix_edit *x, const uint8_t *entry, unsigned rank,
            struct cix_chunk *k, hi5_error *err)
{
    struct cur c = cur_reader(entry, cix_entry_size(x, rank), err);

    k->size = x->p.chunk_bytes;
    k->mask = 0;
    c.off_w = x->meta->off_w;
    cix_entry_code(&c, k, x->size_w, rank);
    if (!cur_ok(&c))
        return c.status;
    return k->addr != ADDR_NONE ? HI5_OK : HI5_E_NOTFOUND;
}

/* ---- arrays ---- */

static hi5_status
array_slot(const struct cix_edit *x, const uint64_t *scaled, uint64_t *slot,
           hi5_error *err)
{
    if (cix_slot(x->slots, scaled, slot))
        return HI5_OK;
    return err_plain(err, HI5_E_RANGE, "a chunk outside of the extent");
}

/* How many slots the maximum extent has; false if too many. */
static bool
array_count(const struct cix_edit *x, uint64_t *n)
{
    *n = 1;
    for (unsigned i = 0; i < x->p.rank; i++)
        if (!ckd_mul64(*n, x->p.max[i] / x->p.chunk[i] + (x->p.max[i] % x->p.chunk[i] != 0),
                       n))
            return false;
    return true;
}

static hi5_status
array_create(struct cix_edit *x, hi5_error *err)
{
    const enum fa_client client = x->p.filtered ? FA_FILTERED : FA_PLAIN;
    const size_t size = cix_entry_size(x, 0);
    uint64_t n = 0, bytes;

    if (x->p.kind == HI5_INDEX_EXTENSIBLE_ARRAY) {
        const struct eahd shape = {.client = (uint8_t)client, .entry_size = (uint8_t)size,
                                   .max_bits = x->p.ea_max_bits,
                                   .index_entries = x->p.ea_index_elements,
                                   .min_entries = x->p.ea_min_elements,
                                   .min_pointers = x->p.ea_min_pointers,
                                   .page_bits = x->p.ea_page_bits};
        TRY(ea_edit_create(x->meta, &shape, &x->ea, err));
        x->p.addr = x->ea.addr;
        return HI5_OK;
    }
    if (!array_count(x, &n) || !ckd_mul64(n, x->p.chunk_bytes, &bytes))
        return err_plain(err, HI5_E_LIMIT, "more chunks than can be counted");
    if (x->p.kind == HI5_INDEX_IMPLICIT)
        return stage_alloc(x->meta, STAGE_RAW, bytes, &x->p.addr, err);
    TRY(fa_edit_create(x->meta, client, size, x->p.fa_page_bits, n, &x->fa, err));
    x->p.addr = x->fa.addr;
    return HI5_OK;
}

static hi5_status
array_begin(struct cix_edit *x, hi5_error *err)
{
    const enum fa_client client = x->p.filtered ? FA_FILTERED : FA_PLAIN;
    const size_t size = cix_entry_size(x, 0);

    if (x->open || x->p.kind == HI5_INDEX_IMPLICIT)
        return HI5_OK;
    if (x->p.kind == HI5_INDEX_FIXED_ARRAY)
        TRY(fa_edit_open(x->meta, x->p.addr, client, size, &x->fa, err));
    else
        TRY(ea_edit_open(x->meta, x->p.addr, client, size, &x->ea, err));
    x->open = true;
    return HI5_OK;
}

static hi5_status
array_find(struct cix_edit *x, const uint64_t *scaled, struct cix_chunk *k,
           hi5_error *err)
{
    uint8_t entry[CIX_ENTRY];
    uint64_t slot;

    TRY(array_slot(x, scaled, &slot, err));
    TRY(array_begin(x, err));
    if (x->p.kind == HI5_INDEX_IMPLICIT) {
        k->addr = x->p.addr + slot * x->p.chunk_bytes;
        k->size = x->p.chunk_bytes;
        k->mask = 0;
        return HI5_OK;
    }
    if (x->p.kind == HI5_INDEX_FIXED_ARRAY)
        TRY(fa_edit_get(&x->fa, slot, entry, err));
    else
        TRY(ea_edit_get(&x->ea, slot, entry, err));
    return cix_decoded(x, entry, 0, k, err);
}

static hi5_status
array_put(struct cix_edit *x, const struct cix_chunk *k, hi5_error *err)
{
    uint8_t entry[CIX_ENTRY];
    uint64_t slot;

    TRY(array_slot(x, k->scaled, &slot, err));
    TRY(cix_encode(x, k, 0, entry, err));
    if (x->p.addr == ADDR_NONE) {
        TRY(array_create(x, err));
        x->open = true;
    }
    TRY(array_begin(x, err));
    if (x->p.kind == HI5_INDEX_IMPLICIT)
        return HI5_OK;
    return x->p.kind == HI5_INDEX_FIXED_ARRAY ? fa_edit_set(&x->fa, slot, entry, err)
                                              : ea_edit_set(&x->ea, slot, entry, err);
}

static hi5_status
array_remove(struct cix_edit *x, const uint64_t *scaled, hi5_error *err)
{
    struct cix_chunk k, none = {.addr = ADDR_NONE};

    TRY(array_find(x, scaled, &k, err));
    memcpy(none.scaled, scaled, x->p.rank * sizeof *scaled);
    return array_put(x, &none, err);
}

/* ---- version-2 B-trees ---- */

struct btree2_key {
    const struct cix_edit *x;
    const uint64_t *scaled;
};

static int
btree2_compare(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const struct btree2_key *const key = ctx;
    const unsigned rank = key->x->p.rank;
    const uint8_t *p = record + cix_entry_size(key->x, 0);

    (void)status;
    (void)err;
    for (unsigned i = 0; i < rank; i++, p += 8) {
        const uint64_t v = cur_raw_uint(p, 8);
        if (key->scaled[i] != v)
            return key->scaled[i] < v ? -1 : 1;
    }
    return 0;
}

static enum bt2_type
btree2_type(const struct cix_edit *x)
{
    return x->p.filtered ? BT2_CHUNK_FILTERED : BT2_CHUNK;
}

static hi5_status
btree2_begin(struct cix_edit *x, hi5_error *err)
{
    const size_t size = cix_entry_size(x, x->p.rank);

    if (x->open)
        return HI5_OK;
    if (x->p.addr != ADDR_NONE) {
        TRY(bt2_edit_open(x->meta, x->p.addr, btree2_type(x), size, &x->bt2, err));
    } else {
        TRY(bt2_edit_create(x->meta, btree2_type(x), x->p.bt2_node_size, size, &x->bt2,
                            err));
        x->p.addr = x->bt2.addr;
    }
    x->open = true;
    return HI5_OK;
}

static hi5_status
btree2_find(struct cix_edit *x, const uint64_t *scaled, struct cix_chunk *k,
            hi5_error *err)
{
    struct btree2_key key = {x, scaled};
    uint8_t record[CIX_ENTRY];

    TRY(btree2_begin(x, err));
    TRY(bt2_edit_find(&x->bt2, btree2_compare, &key, record, err));
    return cix_decoded(x, record, x->p.rank, k, err);
}

static hi5_status
btree2_put(struct cix_edit *x, const struct cix_chunk *k, hi5_error *err)
{
    struct btree2_key key = {x, k->scaled};
    uint8_t record[CIX_ENTRY];
    hi5_status s;

    TRY(cix_encode(x, k, x->p.rank, record, err));
    TRY(btree2_begin(x, err));
    s = bt2_edit_insert(&x->bt2, btree2_compare, NULL, &key, record, err);
    return s == HI5_E_EXISTS ? bt2_edit_update(&x->bt2, btree2_compare, &key, record, err)
                             : s;
}

static hi5_status
btree2_remove(struct cix_edit *x, const uint64_t *scaled, hi5_error *err)
{
    struct btree2_key key = {x, scaled};

    TRY(btree2_begin(x, err));
    return bt2_edit_remove(&x->bt2, btree2_compare, &key, NULL, err);
}

/* ---- opening ---- */

/* What tells slots, for the extent as it is now. */
static hi5_status
cix_number_slots(struct cix_edit *x, hi5_error *err)
{
    struct cix_params p = x->p;

    if (!cix_is_array(x))
        return HI5_OK;
    p.addr = ADDR_NONE;
    arena_done(&x->arena);
    arena_init(&x->arena, x->meta->mem);
    return cix_open(x->meta, &p, &x->arena, &x->slots, err);
}

HI5_INT hi5_status
cix_edit_open(struct meta *m, const struct cix_params *p, struct cix_edit **out,
              hi5_error *err)
{
    struct cix_edit *const x = mem_zalloc(m->mem, 1, sizeof *x);
    hi5_status s;

    *out = NULL;
    if (x == NULL)
        return mem_fail(m->mem, sizeof *x, err);
    x->meta = m;
    x->p = *p;
    arena_init(&x->arena, m->mem);
    if (p->filtered)
        x->size_w = cix_size_width(p->layout_version, p->chunk_bytes, m->len_w);
    memcpy(x->dim, p->chunk, p->rank * sizeof *p->chunk);
    x->dim[p->rank] = p->chunk_bytes;
    for (unsigned i = 0; i < p->rank; i++)
        x->dim[p->rank] /= p->chunk[i];
    btree1_begin(x);
    s = cix_number_slots(x, err);
    if (s != HI5_OK) {
        cix_edit_close(x);
        return s;
    }
    *out = x;
    return HI5_OK;
}

HI5_INT void
cix_edit_close(struct cix_edit *x)
{
    if (x == NULL)
        return;
    arena_done(&x->arena);
    mem_free(x->meta->mem, x, sizeof *x);
}

HI5_INT const struct cix_params *
cix_edit_params(const struct cix_edit *x)
{
    return &x->p;
}

HI5_INT hi5_status
cix_edit_resize(struct cix_edit *x, const uint64_t *dims, hi5_error *err)
{
    memcpy(x->p.dims, dims, x->p.rank * sizeof *dims);
    return cix_number_slots(x, err);
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

HI5_INT hi5_status
cix_edit_find(struct cix_edit *x, const uint64_t *scaled, struct cix_chunk *k,
              hi5_error *err)
{
    memcpy(k->scaled, scaled, x->p.rank * sizeof *scaled);
    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    switch (x->p.kind) {
    case HI5_INDEX_SINGLE:
        return single_find(x, k);
    case HI5_INDEX_BTREE1:
        return btree1_find(x, scaled, k, err);
    case HI5_INDEX_BTREE2:
        return btree2_find(x, scaled, k, err);
    case HI5_INDEX_IMPLICIT:
    case HI5_INDEX_FIXED_ARRAY:
    case HI5_INDEX_EXTENSIBLE_ARRAY:
        break;
    }
    return array_find(x, scaled, k, err);
}

HI5_INT uint64_t
cix_edit_most(const struct cix_edit *x)
{
    if (x->p.kind == HI5_INDEX_BTREE1)
        return UINT32_MAX;
    return x->size_w != 0 && x->size_w < 8 ? ((uint64_t)1 << 8 * x->size_w) - 1
                                           : UINT64_MAX;
}

HI5_INT hi5_status
cix_edit_put(struct cix_edit *x, const struct cix_chunk *k, hi5_error *err)
{
    if (k->size > cix_edit_most(x))
        return err_plain(err, HI5_E_LIMIT, "a chunk of %llu bytes does not fit its index",
                         (unsigned long long)k->size);
    switch (x->p.kind) {
    case HI5_INDEX_SINGLE:
        single_put(x, k);
        return HI5_OK;
    case HI5_INDEX_BTREE1:
        return btree1_put(x, k, err);
    case HI5_INDEX_BTREE2:
        return btree2_put(x, k, err);
    case HI5_INDEX_IMPLICIT:
    case HI5_INDEX_FIXED_ARRAY:
    case HI5_INDEX_EXTENSIBLE_ARRAY:
        break;
    }
    return array_put(x, k, err);
}

HI5_INT hi5_status
cix_edit_remove(struct cix_edit *x, const uint64_t *scaled, hi5_error *err)
{
    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    switch (x->p.kind) {
    case HI5_INDEX_SINGLE:
        single_put(x, &(struct cix_chunk){.addr = ADDR_NONE});
        return HI5_OK;
    case HI5_INDEX_BTREE1:
        return btree1_remove(x, scaled, err);
    case HI5_INDEX_BTREE2:
        return btree2_remove(x, scaled, err);
    case HI5_INDEX_IMPLICIT:
        return err_plain(err, HI5_E_INTERNAL, "an implicit index keeps all chunks");
    case HI5_INDEX_FIXED_ARRAY:
    case HI5_INDEX_EXTENSIBLE_ARRAY:
        break;
    }
    return array_remove(x, scaled, err);
}

HI5_INT hi5_status
cix_edit_create(struct cix_edit *x, hi5_error *err)
{
    if (x->p.addr != ADDR_NONE || x->p.kind == HI5_INDEX_SINGLE)
        return HI5_OK;
    if (x->p.kind == HI5_INDEX_BTREE2)
        return btree2_begin(x, err);
    if (x->p.kind == HI5_INDEX_BTREE1) {
        TRY(bt1_create(&x->bt1.t, &x->p.addr, err));
        btree1_begin(x);
        return HI5_OK;
    }
    TRY(array_create(x, err));
    x->open = true;
    return HI5_OK;
}

static hi5_status
btree1_nothing(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next,
               hi5_error *err)
{
    (void)ctx;
    (void)key;
    (void)child;
    (void)next;
    (void)err;
    return HI5_OK;
}

static hi5_status
array_delete(struct cix_edit *x, hi5_error *err)
{
    uint64_t n, bytes;

    if (x->p.kind == HI5_INDEX_IMPLICIT) {
        if (!array_count(x, &n) || !ckd_mul64(n, x->p.chunk_bytes, &bytes))
            return err_plain(err, HI5_E_LIMIT, "more chunks than can be counted");
        return stage_free_raw(x->meta, x->p.addr, bytes, err);
    }
    TRY(array_begin(x, err));
    return x->p.kind == HI5_INDEX_FIXED_ARRAY ? fa_edit_delete(&x->fa, err)
                                              : ea_edit_delete(&x->ea, err);
}

HI5_INT hi5_status
cix_edit_delete(struct cix_edit *x, hi5_error *err)
{
    if (x->p.addr == ADDR_NONE)
        return HI5_OK;
    if (cix_is_array(x))
        TRY(array_delete(x, err));
    else if (x->p.kind == HI5_INDEX_BTREE2)
        TRY(bt2_edit_delete(x->meta, x->p.addr, btree2_type(x),
                            cix_entry_size(x, x->p.rank), NULL, NULL, err));
    else if (x->p.kind == HI5_INDEX_BTREE1)
        TRY(bt1_free_all(&x->bt1.t, btree1_nothing, NULL, err));
    x->p.addr = ADDR_NONE;
    x->open = false;
    btree1_begin(x);
    return HI5_OK;
}
