/*
 * earray.c - the extensible array chunk index                      [FMT VII.D]
 *
 * An array that grows without anything being moved. The header (EAHD) points at an
 * index block (EAIB), which holds the first entries, then addresses of a few data
 * blocks (EADB), then addresses of super blocks (EASB), which hold addresses of more and
 * larger data blocks. Each pair of super blocks has twice as many data blocks, and these
 * twice as many entries, as the pair before. Large data blocks are divided into pages;
 * their super block knows which of those have been written.
 *
 * Where an entry is follows from its number alone (ea_locate). The statistics in the
 * header are not used.
 */
#include "btree/earray.h"
#include "btree/node.h"
#include <string.h>

struct ea {
    struct meta *meta;
    uint64_t addr;
    struct eahd head;
    unsigned offset_w; /* of the numbers of entries in blocks */
    unsigned nsuper, ndirect;
    uint64_t page_entries;
};

/* Where an entry is. */
struct ea_place {
    unsigned u; /* super block */
    struct ea_super super;
    uint64_t block; /* which of its data blocks */
    uint64_t entry; /* in the data block */
};

/*
 * Extensible Array Header                                          [FMT VII.D]
 *
 *   size  field
 *      4  signature            "EAHD"
 *      1  version              0
 *      1  client               0 plain chunks, 1 filtered chunks
 *      1  entry size           bytes in one entry
 *      1  max bits             of an entry's number
 *      1  index block entries
 *      1  min block entries    in the smallest data block; a power of two
 *      1  min block pointers   in the smallest super block; a power of two
 *      1  page bits            log2(entries in one page)
 *      L  super blocks         how many exist
 *      L  super block bytes
 *      L  data blocks
 *      L  data block bytes
 *      L  max index set        highest entry ever set, plus one
 *      L  entries              for which there is room
 *      O  index block address  undefined until a chunk is written
 *      4  checksum
 */
HI5_INT void
eahd_code(struct cur *c, struct eahd *h)
{
    unsigned least = c->off_w;

    cur_begin(c, "EAHD", "VII.D");
    cur_signature(c, "EAHD");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &h->client);
    cur_u8(c, "entry size", &h->entry_size);
    cur_u8(c, "max bits", &h->max_bits);
    cur_u8(c, "index block entries", &h->index_entries);
    cur_u8(c, "min block entries", &h->min_entries);
    cur_u8(c, "min block pointers", &h->min_pointers);
    cur_u8(c, "page bits", &h->page_bits);
    cur_len(c, "super blocks", &h->nsuper);
    cur_len(c, "super block bytes", &h->super_size);
    cur_len(c, "data blocks", &h->ndata);
    cur_len(c, "data block bytes", &h->data_size);
    cur_len(c, "max index set", &h->max_set);
    cur_len(c, "entries", &h->nentries);
    cur_addr(c, "index block address", &h->index);
    cur_checksum(c);

    if (h->client == FA_FILTERED)
        least += 1 + 4; /* a chunk size and a filter mask */
    cur_require(c, h->client <= FA_FILTERED, "client", "unknown client");
    cur_require(c, h->entry_size >= least, "entry size", "too small for its client");
    cur_require(c, h->max_bits >= 1 && h->max_bits <= 64, "max bits", "not 1 to 64");
    cur_require(c, ckd_is_pow2(h->min_entries), "min block entries", "no power of two");
    cur_require(c, ckd_is_pow2(h->min_pointers) && h->min_pointers >= 2,
                "min block pointers", "no power of two, from 2 on");
    /* Fewer bits would make a negative number of super blocks. */
    cur_require(
        c, h->max_bits >= ckd_log2(h->min_entries) && ea_nsuper(h) >= ea_ndirect(h),
        "max bits", "fewer than the smallest array needs");
    /* No bitmap is there for data blocks that hang on the index block. */
    cur_require(c,
                h->page_bits < 64 && h->page_bits >= ckd_log2(h->min_entries) +
                                                         ckd_log2(h->min_pointers),
                "page bits", "pages smaller than unpaged blocks, or than 2^64");
}

/*
 * Extensible Array Index Block                                     [FMT VII.D]
 *
 *   size  field
 *      4  signature            "EAIB"
 *      1  version              0
 *      1  client               as in the header
 *      O  header address
 *      ?  entries              the first of the array
 *      O  data block address   2 (min block pointers - 1) times
 *      O  super block address  for all super blocks but the first ones, whose data
 *                              blocks are those just before
 *      4  checksum
 */
HI5_INT void
eaib_code(struct cur *c, struct eaib *b)
{
    cur_begin(c, "EAIB", "VII.D");
    cur_signature(c, "EAIB");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &b->client);
    cur_addr(c, "header address", &b->header);
    cur_view(c, "entries", &b->entries, b->entries_size);
    cur_view(c, "data block addresses", &b->data, b->data_size);
    cur_view(c, "super block addresses", &b->super, b->super_size);
    node_checksum(c, b->verified);
}

/*
 * Extensible Array Secondary (Super) Block                         [FMT VII.D]
 *
 *   size  field
 *      4  signature            "EASB"
 *      1  version              0
 *      1  client               as in the header
 *      O  header address
 *      ?  block offset         number of its first entry; as wide as max bits need
 *      ?  page bitmaps         if its data blocks are paged: a bit for each page, block
 *                              after block without a gap; padded at the end as if there
 *                              were whole bytes for each block
 *      O  data block address   as often as it has data blocks
 *      4  checksum
 */
HI5_INT void
easb_code(struct cur *c, struct easb *b)
{
    cur_begin(c, "EASB", "VII.D");
    cur_signature(c, "EASB");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &b->client);
    cur_addr(c, "header address", &b->header);
    cur_uint(c, "block offset", b->offset_w, &b->offset);
    cur_view(c, "page bitmaps", &b->bitmap, b->bitmap_size);
    cur_view(c, "data block addresses", &b->data, b->data_size);
    node_checksum(c, b->verified);
}

/*
 * Extensible Array Data Block                                      [FMT VII.D]
 *
 *   size  field
 *      4  signature            "EADB"
 *      1  version              0
 *      1  client               as in the header
 *      O  header address
 *      ?  block offset         number of its first entry. NOTE(lib): below the index
 *                              block libhdf5 writes the super block's start plus the
 *                              block's number in the whole array times its size
 *      ?  entries              not paged
 *      4  checksum             of the above
 *         pages                paged
 */
HI5_INT void
eadb_code(struct cur *c, struct eadb *b)
{
    cur_begin(c, "EADB", "VII.D");
    cur_signature(c, "EADB");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &b->client);
    cur_addr(c, "header address", &b->header);
    cur_uint(c, "block offset", b->offset_w, &b->offset);
    cur_view(c, "entries", &b->entries, b->entries_size);
    node_checksum(c, b->verified);
}

/* ---- geometry ---- */

HI5_INT unsigned
ea_nsuper(const struct eahd *h)
{
    return 1u + h->max_bits - ckd_log2(h->min_entries);
}

HI5_INT unsigned
ea_ndirect(const struct eahd *h)
{
    return 2 * ckd_log2(h->min_pointers);
}

HI5_INT struct ea_super
ea_super(const struct eahd *h, unsigned u)
{
    const uint64_t all = u < 64 ? (UINT64_C(1) << u) - 1 : UINT64_MAX; /* 2^u - 1 */
    struct ea_super s;

    s.ndata = UINT64_C(1) << (u / 2);
    s.entries = (uint64_t)h->min_entries << ((u + 1) / 2);
    s.start = all * h->min_entries;
    s.first = 2 * (s.ndata - 1) + (u % 2 != 0 ? s.ndata : 0);
    s.npages = s.entries >> h->page_bits;
    if (s.npages <= 1)
        s.npages = 0;
    return s;
}

/* Find a slot beyond the index block; false if it is beyond all blocks. */
static bool
ea_locate(const struct ea *a, uint64_t slot, struct ea_place *p)
{
    uint64_t e = slot - a->head.index_entries;
    uint64_t units;

    if (!ckd_add64(e / a->head.min_entries, 1, &units))
        return false;
    p->u = ckd_log2(units);
    if (p->u >= a->nsuper)
        return false;
    p->super = ea_super(&a->head, p->u);
    e -= p->super.start;
    p->block = e / p->super.entries;
    p->entry = e % p->super.entries;
    return true;
}

HI5_INT hi5_status
ea_open(struct meta *m, uint64_t addr, enum fa_client client, size_t entry_size,
        struct arena *arena, const struct ea **out, hi5_error *err)
{
    const uint64_t size = 4u + 8 + 6u * m->len_w + m->off_w + 4;
    struct ea *a = arena_zalloc(arena, 1, sizeof *a);
    struct block *b;
    struct cur c;

    *out = NULL;
    if (a == NULL)
        return mem_fail(m->mem, sizeof *a, err);
    a->meta = m;
    a->addr = addr;
    TRY(node_pin(m, addr, size, "EAHD", &b, err));
    c = meta_cursor(m, b, (size_t)size, arena, err);
    eahd_code(&c, &a->head);
    cur_require(&c, a->head.client == client, "client",
                "not what the filters call for");
    cur_require(&c, a->head.entry_size == entry_size, "entry size",
                "not that of the chunks' entries");
    TRY(node_settle(m, &c, &b));
    meta_unpin(m, b);

    a->offset_w = (a->head.max_bits + 7u) / 8;
    a->nsuper = ea_nsuper(&a->head);
    a->ndirect = ea_ndirect(&a->head);
    a->page_entries = UINT64_C(1) << a->head.page_bits;
    *out = a;
    return HI5_OK;
}

HI5_INT const struct eahd *
ea_header(const struct ea *a)
{
    return &a->head;
}

/* ---- blocks ---- */

/* Every block points back at its header. */
static void
ea_require_ours(const struct ea *a, struct cur *c, uint8_t client, uint64_t header)
{
    cur_require(c, client == a->head.client, "client", "not the header's");
    cur_require(c, header == a->addr, "header address", "the block of another array");
}

static hi5_status
ea_index_pin(const struct ea *a, struct eaib *i, struct block **b, hi5_error *err)
{
    const size_t off_w = a->meta->off_w;
    size_t size;
    struct cur c;

    *i = (struct eaib){0};
    i->entries_size = (size_t)a->head.index_entries * a->head.entry_size;
    i->data_size = 2 * ((size_t)a->head.min_pointers - 1) * off_w;
    i->super_size = (a->nsuper - a->ndirect) * off_w;
    size = 4 + 1 + 1 + off_w + i->entries_size + i->data_size + i->super_size + 4;
    TRY(meta_pin(a->meta, a->head.index, size, "EAIB", b, err));
    i->verified = (*b)->checked;
    c = meta_cursor(a->meta, *b, size, NULL, err);
    eaib_code(&c, i);
    ea_require_ours(a, &c, i->client, i->header);
    return node_settle(a->meta, &c, b);
}

/* The bytes of a super block, or the most there can be. */
static uint64_t
ea_super_size(const struct ea *a, const struct ea_super *s, uint64_t *bitmap)
{
    uint64_t n, size;

    if (!ckd_mul64(s->ndata, (s->npages + 7) / 8, bitmap) ||
        !ckd_mul64(s->ndata, a->meta->off_w, &n) || !ckd_add64(n, *bitmap, &size) ||
        !ckd_add64(size, 4u + 1 + 1 + a->meta->off_w + a->offset_w + 4, &size))
        return UINT64_MAX;
    return size;
}

static hi5_status
ea_super_pin(const struct ea *a, uint64_t addr, const struct ea_super *s,
             struct easb *d, struct block **b, hi5_error *err)
{
    uint64_t bitmap = 0;
    const uint64_t size = ea_super_size(a, s, &bitmap);
    struct cur c;

    TRY(node_pin(a->meta, addr, size, "EASB", b, err));
    *d = (struct easb){.verified = (*b)->checked, .offset_w = a->offset_w};
    d->bitmap_size = (size_t)bitmap;
    d->data_size = (size_t)s->ndata * a->meta->off_w;
    c = meta_cursor(a->meta, *b, (size_t)size, NULL, err);
    easb_code(&c, d);
    ea_require_ours(a, &c, d->client, d->header);
    cur_expect(&c, d->offset == s->start, "block offset",
               "not the block's first entry");
    return node_settle(a->meta, &c, b);
}

/* The bytes of a data block without its pages. */
static uint64_t
ea_data_size(const struct ea *a, const struct ea_super *s)
{
    return 4u + 1 + 1 + a->meta->off_w + a->offset_w +
           (s->npages == 0 ? s->entries * a->head.entry_size : 0) + 4;
}

static hi5_status
ea_data_pin(const struct ea *a, uint64_t addr, const struct ea_super *s, struct eadb *d,
            struct block **b, hi5_error *err)
{
    const uint64_t size = ea_data_size(a, s);
    struct cur c;

    TRY(node_pin(a->meta, addr, size, "EADB", b, err));
    *d = (struct eadb){.verified = (*b)->checked, .offset_w = a->offset_w};
    d->entries_size = s->npages == 0 ? (size_t)s->entries * a->head.entry_size : 0;
    c = meta_cursor(a->meta, *b, (size_t)size, NULL, err);
    eadb_code(&c, d);
    ea_require_ours(a, &c, d->client, d->header);
    return node_settle(a->meta, &c, b);
}

/* Pages follow the data block; an absurd address is one that pinning refuses. */
static uint64_t
ea_page_at(const struct ea *a, const struct ea_super *s, uint64_t addr, uint64_t page)
{
    const uint64_t stride = a->page_entries * a->head.entry_size + 4;

    if (!ckd_add64(addr, ea_data_size(a, s) + page * stride, &addr))
        return ADDR_NONE;
    return addr;
}

/* ---- one entry ---- */

/* The address of the data block that `p` is in, ADDR_NONE if it does not exist or the
 * entry's page has not been written. */
static hi5_status
ea_data_address(const struct ea *a, const struct eaib *i, const struct ea_place *p,
                uint64_t *addr, hi5_error *err)
{
    const size_t off_w = a->meta->off_w;
    struct easb d;
    struct block *b;

    if (p->u < a->ndirect) {
        *addr = cur_raw_addr(i->data + (size_t)(p->super.first + p->block) * off_w,
                             a->meta->off_w);
        return HI5_OK;
    }
    *addr = cur_raw_addr(i->super + (p->u - a->ndirect) * off_w, a->meta->off_w);
    if (*addr == ADDR_NONE)
        return HI5_OK;
    TRY(ea_super_pin(a, *addr, &p->super, &d, &b, err));
    *addr = cur_raw_addr(d.data + (size_t)p->block * off_w, a->meta->off_w);
    if (p->super.npages != 0 && !fa_page_used(d.bitmap, p->block * p->super.npages +
                                                            p->entry / a->page_entries))
        *addr = ADDR_NONE;
    meta_unpin(a->meta, b);
    return HI5_OK;
}

static hi5_status
ea_data_get(const struct ea *a, uint64_t addr, const struct ea_place *p, uint8_t *entry,
            hi5_error *err)
{
    const size_t size = a->head.entry_size;
    struct eadb d;
    struct block *b;

    TRY(ea_data_pin(a, addr, &p->super, &d, &b, err));
    if (p->super.npages == 0)
        memcpy(entry, d.entries + (size_t)p->entry * size, size);
    meta_unpin(a->meta, b);
    if (p->super.npages == 0)
        return HI5_OK;
    addr = ea_page_at(a, &p->super, addr, p->entry / a->page_entries);
    return fa_page_get(a->meta, addr, a->page_entries, size, p->entry % a->page_entries,
                       entry, err);
}

HI5_INT hi5_status
ea_get(const struct ea *a, uint64_t slot, uint8_t *entry, hi5_error *err)
{
    const size_t size = a->head.entry_size;
    uint64_t addr = ADDR_NONE;
    struct ea_place p;
    struct eaib i;
    struct block *b;
    hi5_status s = HI5_OK;

    if (a->head.index == ADDR_NONE)
        return HI5_E_NOTFOUND;
    if (slot >= a->head.index_entries && !ea_locate(a, slot, &p))
        return HI5_E_NOTFOUND;
    TRY(ea_index_pin(a, &i, &b, err));
    if (slot < a->head.index_entries)
        memcpy(entry, i.entries + (size_t)slot * size, size);
    else
        s = ea_data_address(a, &i, &p, &addr, err);
    meta_unpin(a->meta, b);
    if (s != HI5_OK || slot < a->head.index_entries)
        return s;
    if (addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    return ea_data_get(a, addr, &p, entry, err);
}

/* ---- all entries ---- */

struct ea_walk {
    const struct ea *a;
    fa_fn fn;
    void *ctx;
    uint64_t left; /* bytes of blocks still believable */
};

/* Block `n` of super block `s`; `bitmap` is the super block's. */
static hi5_status
ea_data_each(struct ea_walk *w, uint64_t addr, const struct ea_super *s, uint64_t n,
             const uint8_t *bitmap, hi5_error *err)
{
    const struct ea *const a = w->a;
    const size_t size = a->head.entry_size;
    const uint64_t page_size = a->page_entries * size + 4;
    const uint64_t slot = a->head.index_entries + s->start + n * s->entries;
    struct eadb d;
    struct block *b;
    hi5_status status;

    TRY(node_spend(&w->left, ea_data_size(a, s), addr, "EADB", "VII.D", err));
    TRY(ea_data_pin(a, addr, s, &d, &b, err));
    status = fa_entries_each(a->meta->off_w, d.entries, d.entries_size / size, size,
                             slot, w->fn, w->ctx, err);
    meta_unpin(a->meta, b);
    for (uint64_t i = 0; i < s->npages && status == HI5_OK; i++) {
        if (!fa_page_used(bitmap, n * s->npages + i))
            continue;
        TRY(node_spend(&w->left, page_size, addr, "EADB", "VII.D", err));
        status = fa_page_each(a->meta, ea_page_at(a, s, addr, i), a->page_entries, size,
                              slot + i * a->page_entries, w->fn, w->ctx, err);
    }
    return status;
}

/* The data blocks of one super block, whose addresses are at `p`. */
static hi5_status
ea_blocks_each(struct ea_walk *w, const struct ea_super *s, const uint8_t *p,
               const uint8_t *bitmap, hi5_error *err)
{
    for (uint64_t n = 0; n < s->ndata; n++, p += w->a->meta->off_w) {
        const uint64_t addr = cur_raw_addr(p, w->a->meta->off_w);
        if (addr != ADDR_NONE)
            TRY(ea_data_each(w, addr, s, n, bitmap, err));
    }
    return HI5_OK;
}

static hi5_status
ea_super_each(struct ea_walk *w, uint64_t addr, const struct ea_super *s,
              hi5_error *err)
{
    uint64_t bitmap = 0;
    struct easb d;
    struct block *b;
    hi5_status status;

    TRY(node_spend(&w->left, ea_super_size(w->a, s, &bitmap), addr, "EASB", "VII.D",
                   err));
    TRY(ea_super_pin(w->a, addr, s, &d, &b, err));
    status = ea_blocks_each(w, s, d.data, d.bitmap, err);
    meta_unpin(w->a->meta, b);
    return status;
}

HI5_INT hi5_status
ea_each(const struct ea *a, fa_fn fn, void *ctx, hi5_error *err)
{
    const size_t off_w = a->meta->off_w;
    struct ea_walk w = {.a = a, .fn = fn, .ctx = ctx, .left = a->meta->eof};
    struct eaib i;
    struct block *b;
    hi5_status s;

    if (a->head.index == ADDR_NONE)
        return HI5_OK;
    TRY(ea_index_pin(a, &i, &b, err));
    s = fa_entries_each(a->meta->off_w, i.entries, a->head.index_entries,
                        a->head.entry_size, 0, fn, ctx, err);
    for (unsigned u = 0; u < a->nsuper && s == HI5_OK; u++) {
        const struct ea_super super = ea_super(&a->head, u);
        uint64_t addr;
        if (u < a->ndirect) {
            s = ea_blocks_each(&w, &super, i.data + (size_t)super.first * off_w, NULL,
                               err);
            continue;
        }
        addr = cur_raw_addr(i.super + (u - a->ndirect) * off_w, a->meta->off_w);
        if (addr != ADDR_NONE)
            s = ea_super_each(&w, addr, &super, err);
    }
    meta_unpin(a->meta, b);
    return s;
}
