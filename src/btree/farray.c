/*
 * farray.c - the fixed array chunk index                           [FMT VII.C]
 *
 * Used when every dimension is bounded: the number of chunks is then known when the
 * dataset is created, chunk i lives in slot i, and lookup is arithmetic. The layout
 * message points at a header (FAHD), which points at one data block (FADB). A data
 * block of more entries than a page has is divided into pages, and knows which of them
 * have been written; the others are garbage, checksum and all.
 */
#include "btree/farray.h"
#include "btree/node.h"
#include <string.h>

struct fa {
    struct meta *meta;
    uint64_t addr;
    struct fahd head;
    uint64_t page_entries; /* in all pages but the last */
    uint64_t npages;       /* 0: not paged */
};

/*
 * Fixed Array Header                                               [FMT VII.C]
 *
 *   size  field
 *      4  signature            "FAHD"
 *      1  version              0
 *      1  client               0 plain chunks, 1 filtered chunks
 *      1  entry size           bytes in one entry
 *      1  page bits            log2(entries in one page)
 *      L  entries              the chunks of the maximum extent
 *      O  data block address   undefined until a chunk is written
 *      4  checksum
 */
HI5_INT void
fahd_code(struct cur *c, struct fahd *h)
{
    unsigned least = c->off_w;

    cur_begin(c, "FAHD", "VII.C");
    cur_signature(c, "FAHD");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &h->client);
    cur_u8(c, "entry size", &h->entry_size);
    cur_u8(c, "page bits", &h->page_bits);
    cur_len(c, "entries", &h->nentries);
    cur_addr(c, "data block address", &h->data);
    cur_checksum(c);

    if (h->client == FA_FILTERED)
        least += 1 + 4; /* a chunk size and a filter mask */
    cur_require(c, h->client <= FA_FILTERED, "client", "unknown client");
    cur_require(c, h->entry_size >= least, "entry size", "too small for its client");
    cur_require(c, h->page_bits < 64, "page bits", "page bits exceed a 64-bit shift");
    /* Only an array that exists must fit the file: the number of entries comes from the
     * maximum extent, which may be far larger than the file. */
    if (cur_ok(c) && h->data != ADDR_NONE)
        cur_require(c, h->nentries <= c->eof / h->entry_size, "entries",
                    "more than the file has room for");
}

/*
 * Fixed Array Data Block                                           [FMT VII.C]
 *
 *   size  field
 *      4  signature            "FADB"
 *      1  version              0
 *      1  client               as in the header
 *      O  header address
 *      ?  page bitmap          paged: a bit for each page, set if it has been written
 *      ?  entries              not paged
 *      4  checksum             of the above
 *         pages                paged
 */
HI5_INT void
fadb_code(struct cur *c, struct fadb *d)
{
    cur_begin(c, "FADB", "VII.C");
    cur_signature(c, "FADB");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "client", &d->client);
    cur_addr(c, "header address", &d->header);
    cur_view(c, "page bitmap", &d->bitmap, d->bitmap_size);
    cur_view(c, "entries", &d->entries, d->entries_size);
    node_checksum(c, d->verified);
}

/*
 * Page of a data block, in fixed and extensible arrays             [FMT VII.C, VII.D]
 *
 *   size  field
 *      ?  entries              2^page bits of them; in the last page of a fixed array
 *                              what is left
 *      4  checksum
 */
HI5_INT void
fa_page_code(struct cur *c, struct fa_page *p)
{
    cur_begin(c, "array page", "VII.C");
    cur_view(c, "entries", &p->entries, p->size);
    node_checksum(c, p->verified);
}

HI5_INT hi5_status
fa_open(struct meta *m, uint64_t addr, enum fa_client client, size_t entry_size,
        struct arena *arena, const struct fa **out, hi5_error *err)
{
    const uint64_t size = 4u + 1 + 1 + 1 + 1 + m->len_w + m->off_w + 4;
    struct fa *a = arena_zalloc(arena, 1, sizeof *a);
    struct block *b;
    struct cur c;

    *out = NULL;
    if (a == NULL)
        return mem_fail(m->mem, sizeof *a, err);
    a->meta = m;
    a->addr = addr;
    TRY(node_pin(m, addr, size, "FAHD", &b, err));
    c = meta_cursor(m, b, (size_t)size, arena, err);
    fahd_code(&c, &a->head);
    cur_require(&c, a->head.client == client, "client",
                "not what the filters call for");
    cur_require(&c, a->head.entry_size == entry_size, "entry size",
                "not that of the chunks' entries");
    TRY(node_settle(m, &c, &b));
    meta_unpin(m, b);

    a->page_entries = UINT64_C(1) << a->head.page_bits;
    if (a->head.nentries > a->page_entries)
        a->npages = (a->head.nentries - 1) / a->page_entries + 1;
    *out = a;
    return HI5_OK;
}

HI5_INT const struct fahd *
fa_header(const struct fa *a)
{
    return &a->head;
}

/* The bytes of the data block without its pages. */
static uint64_t
fa_block_size(const struct fa *a)
{
    const uint64_t n =
        a->npages != 0 ? (a->npages + 7) / 8 : a->head.nentries * a->head.entry_size;
    return 4u + 1 + 1 + a->meta->off_w + n + 4;
}

static hi5_status
fa_pin(const struct fa *a, struct fadb *d, struct block **b, hi5_error *err)
{
    const uint64_t size = fa_block_size(a);
    struct cur c;

    TRY(node_pin(a->meta, a->head.data, size, "FADB", b, err));
    c = meta_cursor(a->meta, *b, (size_t)size, NULL, err);
    *d = (struct fadb){.verified = (*b)->checked};
    if (a->npages != 0)
        d->bitmap_size = (size_t)((a->npages + 7) / 8);
    else
        d->entries_size = (size_t)a->head.nentries * a->head.entry_size;
    fadb_code(&c, d);
    cur_require(&c, d->client == a->head.client, "client", "not the header's");
    cur_require(&c, d->header == a->addr, "header address",
                "the block of another array");
    return node_settle(a->meta, &c, b);
}

HI5_INT bool
fa_page_used(const uint8_t *bitmap, uint64_t i)
{
    return (bitmap[i / 8] & (0x80u >> (i % 8))) != 0;
}

static hi5_status
fa_page_pin(struct meta *m, uint64_t addr, uint64_t size, struct fa_page *p,
            struct block **b, hi5_error *err)
{
    struct cur c;

    TRY(node_pin(m, addr, size + 4, "array page", b, err));
    c = meta_cursor(m, *b, (size_t)size + 4, NULL, err);
    *p = (struct fa_page){.size = (size_t)size, .verified = (*b)->checked};
    fa_page_code(&c, p);
    return node_settle(m, &c, b);
}

HI5_INT hi5_status
fa_page_get(struct meta *m, uint64_t addr, uint64_t n, size_t entry_size, uint64_t i,
            uint8_t *entry, hi5_error *err)
{
    struct fa_page p;
    struct block *b;

    TRY(fa_page_pin(m, addr, n * entry_size, &p, &b, err));
    memcpy(entry, p.entries + (size_t)i * entry_size, entry_size);
    meta_unpin(m, b);
    return HI5_OK;
}

HI5_INT hi5_status
fa_entries_each(unsigned off_w, const uint8_t *entries, uint64_t n, size_t entry_size,
                uint64_t slot, fa_fn fn, void *ctx, hi5_error *err)
{
    for (uint64_t i = 0; i < n; i++, entries += entry_size)
        if (cur_raw_addr(entries, off_w) != ADDR_NONE)
            TRY(fn(ctx, slot + i, entries, err));
    return HI5_OK;
}

HI5_INT hi5_status
fa_page_each(struct meta *m, uint64_t addr, uint64_t n, size_t entry_size,
             uint64_t slot, fa_fn fn, void *ctx, hi5_error *err)
{
    struct fa_page p;
    struct block *b;
    hi5_status s;

    TRY(fa_page_pin(m, addr, n * entry_size, &p, &b, err));
    s = fa_entries_each(m->off_w, p.entries, n, entry_size, slot, fn, ctx, err);
    meta_unpin(m, b);
    return s;
}

/* Where page `i` is, and how many entries it has. The array is known to fit the file; a
 * data block whose address is absurd makes an address that pinning refuses. */
static uint64_t
fa_page_at(const struct fa *a, uint64_t i, uint64_t *n)
{
    const uint64_t stride = a->page_entries * a->head.entry_size + 4;
    const uint64_t left = a->head.nentries - i * a->page_entries;
    uint64_t addr;

    *n = left < a->page_entries ? left : a->page_entries;
    if (!ckd_add64(a->head.data, fa_block_size(a) + i * stride, &addr))
        return ADDR_NONE;
    return addr;
}

HI5_INT hi5_status
fa_get(const struct fa *a, uint64_t slot, uint8_t *entry, hi5_error *err)
{
    const size_t size = a->head.entry_size;
    uint64_t addr, n, page = 0;
    struct fadb d;
    struct block *b;
    bool used = true;

    if (a->head.data == ADDR_NONE || slot >= a->head.nentries)
        return HI5_E_NOTFOUND;
    TRY(fa_pin(a, &d, &b, err));
    if (a->npages == 0) {
        memcpy(entry, d.entries + (size_t)slot * size, size);
    } else {
        page = slot / a->page_entries;
        used = fa_page_used(d.bitmap, page);
    }
    meta_unpin(a->meta, b);
    if (!used)
        return HI5_E_NOTFOUND;
    if (a->npages == 0)
        return HI5_OK;
    addr = fa_page_at(a, page, &n);
    return fa_page_get(a->meta, addr, n, size, slot % a->page_entries, entry, err);
}

HI5_INT hi5_status
fa_each(const struct fa *a, fa_fn fn, void *ctx, hi5_error *err)
{
    const size_t size = a->head.entry_size;
    hi5_status s = HI5_OK;
    struct fadb d;
    struct block *b;

    if (a->head.data == ADDR_NONE)
        return HI5_OK;
    TRY(fa_pin(a, &d, &b, err));
    if (a->npages == 0)
        s = fa_entries_each(a->meta->off_w, d.entries, a->head.nentries, size, 0, fn,
                            ctx, err);
    for (uint64_t i = 0; i < a->npages && s == HI5_OK; i++) {
        uint64_t n, addr;
        if (!fa_page_used(d.bitmap, i))
            continue;
        addr = fa_page_at(a, i, &n);
        s = fa_page_each(a->meta, addr, n, size, i * a->page_entries, fn, ctx, err);
    }
    meta_unpin(a->meta, b);
    return s;
}
