/*
 * earray_edit.c - changing extensible arrays                       [FMT VII.D]
 *
 * Header, index block and super blocks are staged as one block each; a data block as one
 * if it has no pages, else what is before the pages, and each page, are blocks of their
 * own. Blocks come into being when the first of their entries is set.
 */
#include "btree/earray_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include "btree/farray_edit.h"
#include <string.h>

/* Where an entry beyond the index block is. */
struct eaedit_place {
    unsigned u;                /* super block */
    struct ea_super super;
    uint64_t block, entry;     /* which of its data blocks; in it */
};

static unsigned
eaedit_offset_w(const struct ea_edit *a)
{
    return (a->head.max_bits + 7u) / 8;
}

static size_t
eaedit_head_size(const struct meta *m)
{
    return 4u + 8u + 6u * m->len_w + m->off_w + 4u;
}

/* The fields that all other blocks begin with; a block offset follows but in the index
 * block. */
static size_t
eaedit_start(const struct ea_edit *a, bool offset)
{
    return 4u + 2u + a->meta->off_w + (offset ? eaedit_offset_w(a) : 0);
}

static uint64_t
eaedit_addr_get(const struct ea_edit *a, const uint8_t *p)
{
    return cur_raw_addr(p, a->meta->off_w);
}

static void
eaedit_addr_put(const struct ea_edit *a, uint8_t *p, uint64_t addr)
{
    cur_raw_store(p, a->meta->off_w, addr);
}

/* ---- the header ---- */

static hi5_status
eaedit_put_head(struct ea_edit *a, hi5_error *err)
{
    const size_t size = eaedit_head_size(a->meta);
    struct staged *b;
    struct cur c;

    TRY(stage_edit(a->meta, a->addr, size, "EAHD", &b, err));
    b->trusted = true;
    c = stage_cursor(a->meta, b, 0, err);
    eahd_code(&c, &a->head);
    stage_changed(b, size - 4, size - 4);
    return c.status;
}

HI5_INT hi5_status
ea_edit_create(struct meta *m, const struct eahd *shape, struct ea_edit *a,
               hi5_error *err)
{
    struct staged *b;

    *a = (struct ea_edit){.meta = m, .head = *shape};
    a->head.nsuper = a->head.super_size = a->head.ndata = a->head.data_size = 0;
    a->head.max_set = a->head.nentries = 0;
    a->head.index = ADDR_NONE;
    TRY(stage_new(m, eaedit_head_size(m), &b, err));
    a->addr = b->block.addr;
    return eaedit_put_head(a, err);
}

HI5_INT hi5_status
ea_edit_open(struct meta *m, uint64_t addr, enum fa_client client, size_t entry_size,
             struct ea_edit *a, hi5_error *err)
{
    const struct ea *read;
    struct arena arena;
    hi5_status s;

    arena_init(&arena, m->mem);
    s = ea_open(m, addr, client, entry_size, &arena, &read, err);
    if (s == HI5_OK)
        *a = (struct ea_edit){.meta = m, .addr = addr, .head = *ea_header(read)};
    arena_done(&arena);
    return s;
}

/* ---- blocks ---- */

/* A block that exists: found right when it is first met. */
typedef void (*eaedit_code_fn)(struct cur *c, void *b);

static hi5_status
eaedit_load(struct ea_edit *a, uint64_t addr, size_t size, const char *name,
            eaedit_code_fn code, void *parts, struct staged **b, hi5_error *err)
{
    struct cur c;

    TRY(stage_edit(a->meta, addr, size, name, b, err));
    if ((*b)->trusted)
        return HI5_OK;
    c = meta_cursor_at(a->meta, (*b)->bytes, size, addr, NULL, err);
    code(&c, parts);
    (*b)->trusted = cur_ok(&c);
    return c.status;
}

static void
eaedit_code_index(struct cur *c, void *b)
{
    eaib_code(c, b);
}

static void
eaedit_code_super(struct cur *c, void *b)
{
    easb_code(c, b);
}

static void
eaedit_code_data(struct cur *c, void *b)
{
    eadb_code(c, b);
}

/* The fields in front of a new block's content, which is all in place. */
static hi5_status
eaedit_make(struct ea_edit *a, struct staged *b, eaedit_code_fn code, void *parts,
            hi5_error *err)
{
    struct cur c = stage_cursor(a->meta, b, 0, err);

    code(&c, parts);
    stage_changed(b, b->block.size - 4, b->block.size - 4);
    return c.status;
}

static hi5_status
eaedit_index(struct ea_edit *a, bool make, struct staged **b, hi5_error *err)
{
    const size_t off_w = a->meta->off_w, start = eaedit_start(a, false);
    struct eaib i = {.client = a->head.client, .header = a->addr};
    size_t size;

    i.entries_size = (size_t)a->head.index_entries * a->head.entry_size;
    i.data_size = 2 * ((size_t)a->head.min_pointers - 1) * off_w;
    i.super_size = (ea_nsuper(&a->head) - ea_ndirect(&a->head)) * off_w;
    size = start + i.entries_size + i.data_size + i.super_size + 4;
    if (a->head.index != ADDR_NONE)
        return eaedit_load(a, a->head.index, size, "EAIB", eaedit_code_index, &i, b, err);
    if (!make)
        return HI5_E_NOTFOUND;
    TRY(stage_new(a->meta, size, b, err));
    a->head.index = (*b)->block.addr;
    a->head.nentries = a->head.index_entries;
    fa_edit_clear(a->meta, (*b)->bytes + start, a->head.index_entries,
                  a->head.entry_size);
    memset((*b)->bytes + start + i.entries_size, 0xff, i.data_size + i.super_size);
    i.entries = (*b)->bytes + start;
    i.data = i.entries + i.entries_size;
    i.super = i.data + i.data_size;
    TRY(eaedit_make(a, *b, eaedit_code_index, &i, err));
    return eaedit_put_head(a, err);
}

static size_t
eaedit_bitmap(const struct ea_super *s)
{
    return (size_t)(s->ndata * ((s->npages + 7) / 8));
}

/* The super block that *at, an address in its parent `up`, leads to. */
static hi5_status
eaedit_super(struct ea_edit *a, const struct ea_super *s, uint8_t *at, struct staged *up,
             bool make, struct staged **b, hi5_error *err)
{
    const size_t start = eaedit_start(a, true);
    struct easb d = {.client = a->head.client, .header = a->addr, .offset = s->start,
                     .offset_w = eaedit_offset_w(a), .bitmap_size = eaedit_bitmap(s),
                     .data_size = (size_t)s->ndata * a->meta->off_w};
    const size_t size = start + d.bitmap_size + d.data_size + 4;
    const uint64_t addr = eaedit_addr_get(a, at);

    if (addr != ADDR_NONE)
        return eaedit_load(a, addr, size, "EASB", eaedit_code_super, &d, b, err);
    if (!make)
        return HI5_E_NOTFOUND;
    TRY(stage_new(a->meta, size, b, err));
    memset((*b)->bytes + start + d.bitmap_size, 0xff, d.data_size);
    d.bitmap = (*b)->bytes + start;
    d.data = d.bitmap + d.bitmap_size;
    TRY(eaedit_make(a, *b, eaedit_code_super, &d, err));
    eaedit_addr_put(a, at, (*b)->block.addr);
    stage_changed(up, up->block.size - 4, up->block.size - 4);
    a->head.nsuper++;
    a->head.super_size += size;
    return eaedit_put_head(a, err);
}

/* The data block that *at leads to: all of it, or what is before its pages. */
static hi5_status
eaedit_data(struct ea_edit *a, const struct eaedit_place *p, uint8_t *at,
            struct staged *up, bool make, struct staged **b, hi5_error *err)
{
    const struct ea_super *const s = &p->super;
    const bool direct = p->u < ea_ndirect(&a->head);
    const size_t start = eaedit_start(a, true);
    const uint64_t entries = s->entries * a->head.entry_size;
    struct eadb d = {.client = a->head.client, .header = a->addr,
                     .offset_w = eaedit_offset_w(a),
                     .offset = s->start + (direct ? s->first + p->block : p->block) *
                                              s->entries,
                     .entries_size = s->npages == 0 ? (size_t)entries : 0};
    const size_t own = start + d.entries_size + 4;
    const uint64_t all = start + 4 + entries + s->npages * 4;
    uint64_t addr = eaedit_addr_get(a, at);

    if (addr != ADDR_NONE)
        return eaedit_load(a, addr, own, "EADB", eaedit_code_data, &d, b, err);
    if (!make)
        return HI5_E_NOTFOUND;
    TRY(stage_alloc(a->meta, STAGE_META, all, &addr, err));
    TRY(stage_new_at(a->meta, addr, own, b, err));
    if (s->npages == 0)
        fa_edit_clear(a->meta, (*b)->bytes + start, s->entries, a->head.entry_size);
    d.entries = (*b)->bytes + start;
    TRY(eaedit_make(a, *b, eaedit_code_data, &d, err));
    eaedit_addr_put(a, at, addr);
    stage_changed(up, up->block.size - 4, up->block.size - 4);
    a->head.ndata++;
    a->head.data_size += all;
    a->head.nentries += s->entries;
    return eaedit_put_head(a, err);
}

/* ---- entries ---- */

static hi5_status
eaedit_locate(const struct ea_edit *a, uint64_t slot, struct eaedit_place *p,
              hi5_error *err)
{
    uint64_t e = slot - a->head.index_entries;
    const uint64_t units = e / a->head.min_entries + 1;

    p->u = ckd_log2(units);
    if (units == 0 || p->u >= ea_nsuper(&a->head))
        return err_plain(err, HI5_E_LIMIT, "slot %llu is more than the array can have",
                         (unsigned long long)slot);
    p->super = ea_super(&a->head, p->u);
    e -= p->super.start;
    p->block = e / p->super.entries;
    p->entry = e % p->super.entries;
    return HI5_OK;
}

/* An entry of a paged data block: its super block knows which pages there are. */
static hi5_status
eaedit_paged(struct ea_edit *a, const struct eaedit_place *p, struct staged *super,
             const struct staged *data, bool make, uint8_t **entry, hi5_error *err)
{
    const uint64_t each = UINT64_C(1) << a->head.page_bits;
    const uint64_t page = p->entry / each, bit = p->block * p->super.npages + page;
    const uint64_t stride = each * a->head.entry_size + 4;
    uint8_t *const bits = super->bytes + eaedit_start(a, true);
    const bool fresh = !fa_page_used(bits, bit);
    struct staged *b;

    if (fresh && !make)
        return HI5_E_NOTFOUND;
    if (fresh) {
        bits[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
        stage_changed(super, super->block.size - 4, super->block.size - 4);
    }
    TRY(fa_edit_page(a->meta, data->block.addr + data->block.size + page * stride, each,
                     a->head.entry_size, fresh, &b, err));
    *entry = b->bytes + (size_t)(p->entry % each) * a->head.entry_size;
    return HI5_OK;
}

static hi5_status
eaedit_entry(struct ea_edit *a, uint64_t slot, bool make, uint8_t **entry,
             hi5_error *err)
{
    const size_t off_w = a->meta->off_w, size = a->head.entry_size;
    struct staged *index, *super = NULL, *up, *data;
    struct eaedit_place p = {0};
    uint8_t *at;

    TRY(eaedit_index(a, make, &index, err));
    at = index->bytes + eaedit_start(a, false);
    if (slot < a->head.index_entries) {
        *entry = at + (size_t)slot * size;
        stage_changed(index, index->block.size - 4, index->block.size - 4);
        return HI5_OK;
    }
    TRY(eaedit_locate(a, slot, &p, err));
    at += (size_t)a->head.index_entries * size;
    up = index;
    if (p.u < ea_ndirect(&a->head)) {
        at += (size_t)(p.super.first + p.block) * off_w;
    } else {
        at += 2 * ((size_t)a->head.min_pointers - 1) * off_w;
        at += (p.u - ea_ndirect(&a->head)) * off_w;
        TRY(eaedit_super(a, &p.super, at, index, make, &super, err));
        up = super;
        at = super->bytes + eaedit_start(a, true) + eaedit_bitmap(&p.super) +
             (size_t)p.block * off_w;
    }
    TRY(eaedit_data(a, &p, at, up, make, &data, err));
    if (p.super.npages != 0 && super != NULL)
        return eaedit_paged(a, &p, super, data, make, entry, err);
    *entry = data->bytes + eaedit_start(a, true) + (size_t)p.entry * size;
    stage_changed(data, data->block.size - 4, data->block.size - 4);
    return HI5_OK;
}

HI5_INT hi5_status
ea_edit_get(struct ea_edit *a, uint64_t slot, uint8_t *entry, hi5_error *err)
{
    uint8_t *p;

    TRY(eaedit_entry(a, slot, false, &p, err));
    memcpy(entry, p, a->head.entry_size);
    return HI5_OK;
}

HI5_INT hi5_status
ea_edit_set(struct ea_edit *a, uint64_t slot, const uint8_t *entry, hi5_error *err)
{
    uint8_t *p;

    TRY(eaedit_entry(a, slot, true, &p, err));
    memcpy(p, entry, a->head.entry_size);
    if (slot < a->head.max_set)
        return HI5_OK;
    a->head.max_set = slot + 1;
    return eaedit_put_head(a, err);
}

/* ---- all of it ---- */

/* A data block: what is before its pages, and they, may be staged each by itself. */
static hi5_status
eaedit_free_data(const struct ea_edit *a, const struct ea_super *s, uint64_t addr,
                 hi5_error *err)
{
    const uint64_t entries = s->entries * a->head.entry_size;
    const uint64_t own = eaedit_start(a, true) + (s->npages == 0 ? entries : 0) + 4;
    const uint64_t stride = s->npages != 0 ? entries / s->npages + 4 : 0;

    for (uint64_t i = 0; i < s->npages; i++)
        stage_forget(a->meta, addr + own + i * stride);
    return stage_free(a->meta, addr, own + s->npages * stride, err);
}

/* The data blocks of `s` that `n` addresses lead to. */
static hi5_status
eaedit_free_blocks(const struct ea_edit *a, const struct ea_super *s, const uint8_t *at,
                   uint64_t n, hi5_error *err)
{
    for (uint64_t i = 0; i < n; i++, at += a->meta->off_w)
        if (eaedit_addr_get(a, at) != ADDR_NONE)
            TRY(eaedit_free_data(a, s, eaedit_addr_get(a, at), err));
    return HI5_OK;
}

HI5_INT hi5_status
ea_edit_delete(struct ea_edit *a, hi5_error *err)
{
    const unsigned off_w = a->meta->off_w, direct = ea_ndirect(&a->head);
    struct staged *index, *super;
    uint8_t *at;
    hi5_status s = eaedit_index(a, false, &index, err);

    if (s == HI5_E_NOTFOUND)
        return stage_free(a->meta, a->addr, eaedit_head_size(a->meta), err);
    if (s != HI5_OK)
        return s;
    at = index->bytes + eaedit_start(a, false) +
         (size_t)a->head.index_entries * a->head.entry_size;
    for (unsigned u = 0; u < ea_nsuper(&a->head); u++) {
        const struct ea_super x = ea_super(&a->head, u);

        if (u < direct) {
            TRY(eaedit_free_blocks(a, &x, at, x.ndata, err));
            at += x.ndata * off_w;
            continue;
        }
        s = eaedit_super(a, &x, at, index, false, &super, err);
        at += off_w;
        if (s == HI5_E_NOTFOUND)
            continue;
        if (s != HI5_OK)
            return s;
        TRY(eaedit_free_blocks(a, &x,
                               super->bytes + eaedit_start(a, true) + eaedit_bitmap(&x),
                               x.ndata, err));
        TRY(stage_free(a->meta, super->block.addr, super->block.size, err));
    }
    TRY(stage_free(a->meta, index->block.addr, index->block.size, err));
    return stage_free(a->meta, a->addr, eaedit_head_size(a->meta), err);
}
