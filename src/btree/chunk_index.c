/*
 * chunk_index.c - where a dataset's chunks are                     [FMT VII]
 *
 * Two kinds of index are searched by a chunk's coordinates: the B-trees. The others are
 * arrays, where a chunk's slot follows from its coordinates: row-major over the grid of
 * chunks of the *maximum* extent, so that slots stay when the dataset grows. In an
 * extensible array the unlimited dimension comes first.
 *
 * A single chunk [FMT VII.A] is described by the layout message alone. An implicit
 * index [FMT VII.B] is none: all chunks of the maximum extent lie one after the other.
 */
#include "btree/chunk_index.h"
#include "btree/btree1.h"
#include "btree/btree2.h"
#include "btree/earray.h"
#include "btree/farray.h"
#include "btree/node.h"
#include <string.h>

#define CIX_MAX_ENTRY 256u /* arrays write the size of an entry in one byte */
#define CIX_MAX_RECORD (HI5_MAX_RANK * 8u + CIX_MAX_ENTRY)

struct cix {
    struct meta *meta;
    struct cix_params p;
    uint64_t grid[HI5_MAX_RANK]; /* chunks in the current extent */
    bool empty;                  /* no chunk is in the current extent */
    unsigned size_w;             /* of a filtered chunk's size; 0: not filtered */
    /* Arrays: */
    unsigned order[HI5_MAX_RANK];  /* dimensions from slowest to fastest */
    uint64_t stride[HI5_MAX_RANK]; /* in slots, of dimension order[i] */
    const struct fa *fa;
    const struct ea *ea;
    /* B-trees: */
    struct bt1 bt1;
    const struct bt2 *bt2;
};

/*
 * Array entry and version-2 B-tree record of a chunk         [FMT VII.C, VII.D, VII.E]
 *
 *   size  field
 *      O  chunk address        undefined: not written
 *      ?  chunk size           filtered: stored bytes
 *      4  filter mask          filtered: bit i set if filter i was not applied
 *      8  coordinate           B-tree: in chunks, for each dimension
 */
HI5_INT void
cix_entry_code(struct cur *c, struct cix_chunk *k, unsigned size_w, unsigned rank)
{
    cur_begin(c, "chunk entry", rank != 0 ? "VII.E" : "VII.C");
    cur_addr(c, "chunk address", &k->addr);
    if (size_w != 0) {
        cur_uint(c, "chunk size", size_w, &k->size);
        cur_u32(c, "filter mask", &k->mask);
    }
    for (unsigned i = 0; i < rank && i < HI5_MAX_RANK; i++)
        cur_u64(c, "coordinate", &k->scaled[i]);
}

HI5_INT unsigned
cix_size_width(unsigned layout_version, uint64_t chunk_bytes, unsigned len_w)
{
    const unsigned w = 1 + (ckd_log2(chunk_bytes) + 8) / 8;

    if (layout_version >= 5)
        return len_w;
    return w < 8 ? w : 8;
}

static hi5_status
cix_bad(const struct cix *x, const char *field, const char *why, hi5_error *err)
{
    static const char *const sections[] = {"III.A.1", "VII.A", "VII.B",
                                           "VII.C",   "VII.D", "VII.E"};

    return err_set(err, HI5_E_CORRUPT, x->p.addr, "chunk index", field,
                   sections[x->p.kind], "%s", why);
}

/* ---- opening ---- */

static uint64_t
cix_chunks(uint64_t dim, uint64_t chunk)
{
    return dim / chunk + (dim % chunk != 0);
}

/* Lay the slots of an array over the maximum extent; `first` is the slowest dimension.
 * *all is their number. Numbers too large stop at UINT64_MAX, a slot no array has. */
static void
cix_number(struct cix *x, unsigned first, uint64_t *all)
{
    unsigned n = 0;

    x->order[n++] = first;
    for (unsigned i = 0; i < x->p.rank; i++)
        if (i != first)
            x->order[n++] = i;
    *all = 1;
    while (n-- > 0) {
        const unsigned d = x->order[n];
        x->stride[n] = *all;
        if (!ckd_mul64(*all, cix_chunks(x->p.max[d], x->p.chunk[d]), all))
            *all = UINT64_MAX;
    }
}

/* The unlimited dimension; HI5_MAX_RANK if there is none, or more than one. */
static unsigned
cix_unlimited(const struct cix_params *p)
{
    unsigned n = 0, found = HI5_MAX_RANK;

    for (unsigned i = 0; i < p->rank; i++) {
        if (p->max[i] == HI5_UNLIMITED) {
            found = i;
            n++;
        }
    }
    return n == 1 ? found : HI5_MAX_RANK;
}

static hi5_status
cix_check(struct cix *x, hi5_error *err)
{
    const struct cix_params *const p = &x->p;
    const bool tree = p->kind == HI5_INDEX_BTREE1 || p->kind == HI5_INDEX_BTREE2;

    if (p->rank < 1 || p->rank > HI5_MAX_RANK)
        return cix_bad(x, "rank", "not 1 to 32", err);
    if (p->chunk_bytes == 0)
        return cix_bad(x, "chunk size", "chunks of no bytes", err);
    for (unsigned i = 0; i < p->rank; i++) {
        if (p->chunk[i] == 0)
            return cix_bad(x, "chunk dimensions", "a dimension of 0", err);
        if (!tree && p->dims[i] > p->max[i])
            return cix_bad(x, "dimensions", "larger than their maximum", err);
        x->grid[i] = cix_chunks(p->dims[i], p->chunk[i]);
        if (x->grid[i] == 0)
            x->empty = true;
        if (p->kind == HI5_INDEX_SINGLE && x->grid[i] > 1)
            return cix_bad(x, "index", "a single chunk where there are several", err);
    }
    if (p->filtered)
        x->size_w = cix_size_width(p->layout_version, p->chunk_bytes, x->meta->len_w);
    if (x->size_w > 8)
        return err_set(err, HI5_E_UNSUPPORTED, p->addr, "chunk index", "chunk size",
                       "VII", "sizes of %u bytes", x->size_w);
    return HI5_OK;
}

static hi5_status
cix_open_array(struct cix *x, struct arena *a, hi5_error *err)
{
    const enum fa_client client = x->p.filtered ? FA_FILTERED : FA_PLAIN;
    const size_t size = x->meta->off_w + (x->p.filtered ? x->size_w + 4u : 0);
    const unsigned unlimited = cix_unlimited(&x->p);
    uint64_t all;

    if (x->p.kind == HI5_INDEX_EXTENSIBLE_ARRAY) {
        if (unlimited == HI5_MAX_RANK)
            return cix_bad(x, "index",
                           "an extensible array needs just one unlimited dimension",
                           err);
        cix_number(x, unlimited, &all);
        if (x->p.addr == ADDR_NONE)
            return HI5_OK;
        return ea_open(x->meta, x->p.addr, client, size, a, &x->ea, err);
    }
    for (unsigned i = 0; i < x->p.rank; i++)
        if (x->p.max[i] == HI5_UNLIMITED)
            return cix_bad(x, "index", "an array for an unlimited dimension", err);
    cix_number(x, 0, &all);
    if (x->p.addr == ADDR_NONE || x->p.kind == HI5_INDEX_IMPLICIT)
        return HI5_OK;
    TRY(fa_open(x->meta, x->p.addr, client, size, a, &x->fa, err));
    if (fa_header(x->fa)->nentries < all)
        return cix_bad(x, "entries", "fewer than there can be chunks", err);
    return HI5_OK;
}

HI5_INT hi5_status
cix_open(struct meta *m, const struct cix_params *p, struct arena *a,
         const struct cix **out, hi5_error *err)
{
    struct cix *x = arena_zalloc(a, 1, sizeof *x);
    size_t record;

    *out = NULL;
    if (x == NULL)
        return mem_fail(m->mem, sizeof *x, err);
    if (p->kind > HI5_INDEX_BTREE2)
        return err_plain(err, HI5_E_ARG, "no such kind of chunk index");
    x->meta = m;
    x->p = *p;
    TRY(cix_check(x, err));
    switch (p->kind) {
    case HI5_INDEX_SINGLE:
        break;
    case HI5_INDEX_IMPLICIT:
    case HI5_INDEX_FIXED_ARRAY:
    case HI5_INDEX_EXTENSIBLE_ARRAY:
        TRY(cix_open_array(x, a, err));
        break;
    case HI5_INDEX_BTREE1:
        x->bt1 = (struct bt1){
            .meta = m, .type = BT1_CHUNK, .root = p->addr, .k = p->k, .rank = p->rank};
        break;
    case HI5_INDEX_BTREE2:
        record = m->off_w + (p->filtered ? x->size_w + 4u : 0) + 8u * p->rank;
        if (p->addr != ADDR_NONE)
            TRY(bt2_open(m, p->addr, p->filtered ? BT2_CHUNK_FILTERED : BT2_CHUNK,
                         record, a, &x->bt2, err));
        break;
    }
    *out = x;
    return HI5_OK;
}

/* ---- entries ---- */

/* Decode an entry or record; `tree` if its coordinates are in it. */
static hi5_status
cix_decode(const struct cix *x, const uint8_t *entry, bool tree, struct cix_chunk *k,
           hi5_error *err)
{
    const unsigned rank = tree ? x->p.rank : 0;
    const size_t size =
        x->meta->off_w + (x->size_w != 0 ? x->size_w + 4u : 0) + 8u * rank;
    struct cur c = meta_cursor_at(x->meta, entry, size, ADDR_NONE, NULL, err);

    k->size = x->p.chunk_bytes;
    k->mask = 0;
    c.watch = NULL;
    cix_entry_code(&c, k, x->size_w, rank);
    return c.status;
}

/* The coordinates of a slot. */
static void
cix_place(const struct cix *x, uint64_t slot, uint64_t *scaled)
{
    for (unsigned i = 0; i < x->p.rank; i++) {
        const unsigned d = x->order[i];
        scaled[d] = slot / x->stride[i];
        slot %= x->stride[i];
    }
}

HI5_INT void
cix_coordinates(const struct cix *x, uint64_t slot, uint64_t *scaled)
{
    cix_place(x, slot, scaled);
}

HI5_INT bool
cix_slot(const struct cix *x, const uint64_t *scaled, uint64_t *slot)
{
    *slot = 0;
    for (unsigned i = 0; i < x->p.rank; i++) {
        const unsigned d = x->order[i];
        uint64_t n;
        if (scaled[d] >= x->grid[d] || !ckd_mul64(scaled[d], x->stride[i], &n) ||
            !ckd_add64(*slot, n, slot))
            return false;
    }
    return true;
}

/* Chunk `slot` of an implicit index. */
static hi5_status
cix_implicit(const struct cix *x, uint64_t slot, struct cix_chunk *k, hi5_error *err)
{
    k->size = x->p.chunk_bytes;
    k->mask = 0;
    if (!ckd_mul64(slot, x->p.chunk_bytes, &k->addr) ||
        !ckd_add64(k->addr, x->p.addr, &k->addr) ||
        !ckd_inside(k->addr, k->size, x->meta->eof))
        return err_set(err, HI5_E_TRUNCATED, x->p.addr, "chunk index", "chunk address",
                       "VII.B", "chunk %llu is past the end of the file",
                       (unsigned long long)slot);
    return HI5_OK;
}

static void
cix_single(const struct cix *x, struct cix_chunk *k)
{
    memset(k->scaled, 0, sizeof k->scaled);
    k->addr = x->p.addr;
    k->size = x->p.filtered ? x->p.single_size : x->p.chunk_bytes;
    k->mask = x->p.filtered ? x->p.single_mask : 0;
}

/* ---- B-trees ---- */

/* Compare coordinates: lexicographically, the first dimension first. */
static int
cix_order(const uint64_t *a, const uint8_t *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++, b += 8) {
        const uint64_t v = cur_raw_uint(b, 8);
        if (a[i] != v)
            return a[i] < v ? -1 : 1;
    }
    return 0;
}

/* What is looked for in a B-tree. */
struct cix_wanted {
    const struct cix *x;
    uint64_t at[HI5_MAX_RANK + 1]; /* version 1: elements, then 0; version 2: chunks */
};

static int
cix_compare1(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    const struct cix_wanted *w = ctx;

    (void)status;
    (void)err;
    return cix_order(w->at, key + 8, w->x->p.rank + 1);
}

static int
cix_compare2(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const struct cix_wanted *w = ctx;
    const unsigned rank = w->x->p.rank;

    (void)status;
    (void)err;
    return cix_order(w->at, record + bt2_header(w->x->bt2)->record_size - 8 * rank,
                     rank);
}

/* What a key of a version-1 tree, as bt1_chunk_key_code has it, says of how the chunk is
 * stored. An unfiltered one can have one size only. There are as many keys as chunks:
 * they are looked at where they are. */
static hi5_status
cix_stored1(const struct cix *x, const uint8_t *key, uint64_t child, struct cix_chunk *k,
            hi5_error *err)
{
    k->addr = child;
    k->size = cur_raw_uint(key, 4);
    k->mask = (uint32_t)cur_raw_uint(key + 4, 4);
    if (!x->p.filtered && k->size != x->p.chunk_bytes)
        return cix_bad(x, "chunk size", "an unfiltered chunk of another size", err);
    return HI5_OK;
}

/* A chunk from its key. Keys have offsets; coordinates must come out even. */
static hi5_status
cix_decode1(const struct cix *x, const uint8_t *key, uint64_t child,
            struct cix_chunk *k, hi5_error *err)
{
    for (unsigned i = 0; i < x->p.rank; i++) {
        const uint64_t offset = cur_raw_uint(key + 8 + 8 * (size_t)i, 8);
        k->scaled[i] = offset / x->p.chunk[i];
        if (k->scaled[i] * x->p.chunk[i] != offset)
            return cix_bad(x, "offset", "not a multiple of the chunk's dimension", err);
    }
    return cix_stored1(x, key, child, k, err);
}

static hi5_status
cix_find1(const struct cix *x, struct cix_near *near, const uint64_t *scaled,
          struct cix_chunk *k, hi5_error *err)
{
    struct cix_wanted w;
    uint8_t key[8 + 8 * (HI5_MAX_RANK + 1)];
    uint64_t child = ADDR_NONE;

    w.x = x;
    w.at[x->p.rank] = 0;
    for (unsigned i = 0; i < x->p.rank; i++)
        if (!ckd_mul64(scaled[i], x->p.chunk[i], &w.at[i]))
            return HI5_E_NOTFOUND;
    TRY(bt1_find_near(&x->bt1, &near->bt1, cix_compare1, &w, &child, key, err));
    if (cix_order(w.at, key + 8, x->p.rank) != 0) { /* that of a chunk before it */
        TRY(cix_decode1(x, key, child, k, err));
        return HI5_E_NOTFOUND;
    }
    memcpy(k->scaled, scaled, x->p.rank * sizeof *scaled);
    return cix_stored1(x, key, child, k, err);
}

static hi5_status
cix_find2(const struct cix *x, const uint64_t *scaled, struct cix_chunk *k,
          hi5_error *err)
{
    struct cix_wanted w;
    uint8_t record[CIX_MAX_RECORD];

    w.x = x;
    memcpy(w.at, scaled, x->p.rank * sizeof *scaled);
    TRY(bt2_find(x->bt2, cix_compare2, &w, record, err));
    return cix_decode(x, record, true, k, err);
}

/* ---- the interface ---- */

static hi5_status
cix_find_array(const struct cix *x, const uint64_t *scaled, struct cix_chunk *k,
               hi5_error *err)
{
    uint8_t entry[CIX_MAX_ENTRY];
    uint64_t slot;

    if (!cix_slot(x, scaled, &slot))
        return HI5_E_NOTFOUND;
    memcpy(k->scaled, scaled, x->p.rank * sizeof *scaled);
    if (x->p.kind == HI5_INDEX_IMPLICIT)
        return cix_implicit(x, slot, k, err);
    if (x->fa != NULL)
        TRY(fa_get(x->fa, slot, entry, err));
    else
        TRY(ea_get(x->ea, slot, entry, err));
    return cix_decode(x, entry, false, k, err);
}

HI5_INT hi5_status
cix_find_near(const struct cix *x, struct cix_near *near, const uint64_t *scaled,
              struct cix_chunk *chunk, hi5_error *err)
{
    hi5_status s = HI5_OK;

    if (x->p.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    switch (x->p.kind) {
    case HI5_INDEX_SINGLE:
        for (unsigned i = 0; i < x->p.rank; i++)
            if (scaled[i] >= x->grid[i])
                return HI5_E_NOTFOUND;
        cix_single(x, chunk);
        break;
    case HI5_INDEX_BTREE1:
        s = cix_find1(x, near, scaled, chunk, err);
        break;
    case HI5_INDEX_BTREE2:
        s = cix_find2(x, scaled, chunk, err);
        break;
    default:
        s = cix_find_array(x, scaled, chunk, err);
        break;
    }
    if (s == HI5_OK && chunk->addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    return s;
}

HI5_INT void
cix_near_done(const struct cix *x, struct cix_near *near)
{
    bt1_near_done(&x->bt1, &near->bt1);
}

HI5_INT hi5_status
cix_find(const struct cix *x, const uint64_t *scaled, struct cix_chunk *chunk,
         hi5_error *err)
{
    struct cix_near near = {{0}};
    const hi5_status s = cix_find_near(x, &near, scaled, chunk, err);

    cix_near_done(x, &near);
    return s;
}

/* A walk over all chunks. */
struct cix_walk {
    const struct cix *x;
    cix_fn fn;
    void *ctx;
    struct cix_chunk chunk;
    uint64_t last[HI5_MAX_RANK]; /* version 2: coordinates of the chunk before */
    bool begun;
};

static hi5_status
cix_each1(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
          hi5_error *err)
{
    struct cix_walk *w = ctx;

    (void)next_key;
    if (child == ADDR_NONE)
        return HI5_OK;
    TRY(cix_decode1(w->x, key, child, &w->chunk, err));
    return w->fn(w->ctx, &w->chunk, err);
}

/* Can a chunk's offset in elements be told? No extent could reach it otherwise. */
static hi5_status
cix_check_place(const struct cix *x, const uint64_t *scaled, hi5_error *err)
{
    for (unsigned i = 0; i < x->p.rank; i++)
        if (scaled[i] > UINT64_MAX / x->p.chunk[i])
            return cix_bad(x, "coordinate", "beyond any extent", err);
    return HI5_OK;
}

/* Records out of order could not be found by their coordinates. */
static hi5_status
cix_each2(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct cix_walk *w = ctx;
    const unsigned rank = w->x->p.rank;
    const uint8_t *at = record + bt2_header(w->x->bt2)->record_size - 8 * rank;

    if (w->begun && cix_order(w->last, at, rank) >= 0)
        return cix_bad(w->x, "coordinate", "records are not in ascending order", err);
    TRY(cix_decode(w->x, record, true, &w->chunk, err));
    memcpy(w->last, w->chunk.scaled, sizeof w->last);
    w->begun = true;
    TRY(cix_check_place(w->x, w->last, err));
    return w->chunk.addr == ADDR_NONE ? HI5_OK : w->fn(w->ctx, &w->chunk, err);
}

/* Slots outside the current extent may still be set, after shrinking: they are stored
 * chunks all the same, as in a B-tree. */
static hi5_status
cix_each_slot(void *ctx, uint64_t slot, const uint8_t *entry, hi5_error *err)
{
    struct cix_walk *w = ctx;

    cix_place(w->x, slot, w->chunk.scaled);
    TRY(cix_check_place(w->x, w->chunk.scaled, err));
    TRY(cix_decode(w->x, entry, false, &w->chunk, err));
    return w->fn(w->ctx, &w->chunk, err);
}

/* All chunks of the current extent exist. Each must be inside the file, which ends the
 * walk in time however large the extent is said to be. */
static hi5_status
cix_each_implicit(struct cix_walk *w, hi5_error *err)
{
    const struct cix *const x = w->x;
    uint64_t *const at = w->chunk.scaled;
    unsigned d = 0;

    while (d < x->p.rank) {
        uint64_t slot;
        if (!cix_slot(x, at, &slot))
            slot = UINT64_MAX;
        TRY(cix_implicit(x, slot, &w->chunk, err));
        TRY(w->fn(w->ctx, &w->chunk, err));
        /* d dimensions, the fastest, have come round */
        for (d = 0; d < x->p.rank; d++) {
            const unsigned i = x->p.rank - 1 - d;
            if (++at[i] < x->grid[i])
                break;
            at[i] = 0;
        }
    }
    return HI5_OK;
}

HI5_INT hi5_status
cix_each(const struct cix *x, cix_fn fn, void *ctx, hi5_error *err)
{
    struct cix_walk w = {.x = x, .fn = fn, .ctx = ctx};

    if (x->p.addr == ADDR_NONE)
        return HI5_OK;
    if (x->p.kind == HI5_INDEX_BTREE1)
        return bt1_each(&x->bt1, cix_each1, &w, err);
    if (x->p.kind == HI5_INDEX_BTREE2)
        return bt2_each(x->bt2, false, cix_each2, &w, err);
    if (x->empty)
        return HI5_OK;
    switch (x->p.kind) {
    case HI5_INDEX_SINGLE:
        cix_single(x, &w.chunk);
        return fn(ctx, &w.chunk, err);
    case HI5_INDEX_IMPLICIT:
        return cix_each_implicit(&w, err);
    case HI5_INDEX_FIXED_ARRAY:
        return fa_each(x->fa, cix_each_slot, &w, err);
    default:
        return ea_each(x->ea, cix_each_slot, &w, err);
    }
}
