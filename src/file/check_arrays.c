/*
 * check_arrays.c - fixed and extensible arrays of chunks         [FMT VII.C, VII.D]
 *
 * Headers are opened as the reader does. Blocks are decoded here one by one, so that one
 * that is damaged costs only its own chunks.
 */
#include "base/ckd.h"
#include "btree/earray.h"
#include "btree/farray.h"
#include "file/check.h"
#include <string.h>

/* What is common to both. */
struct array_check {
    struct check_grid *g;
    struct check *k;
    uint64_t head; /* address of the header */
    uint8_t client;
    size_t entry_size;
    unsigned size_w;
    uint64_t most; /* slots that the maximum extent has */
};

static void
array_entry(struct array_check *a, const uint8_t *entry, uint64_t slot, uint64_t addr)
{
    const hi5_dataset *const d = a->g->d;
    struct cur c = meta_cursor_at(a->k->meta, entry, a->entry_size, addr, NULL, NULL);
    struct cix_chunk chunk = {.size = d->grid.chunk_bytes};

    if (cur_raw_addr(entry, a->k->meta->off_w) == ADDR_NONE) {
        if (a->size_w != 0 && cur_raw_uint(entry + a->k->meta->off_w, a->size_w) != 0)
            check_report_as(a->k, "FA-003", HI5_WARNING, addr + a->k->meta->off_w,
                            a->g->what, "chunk size", "a size, but no address");
        return;
    }
    cix_entry_code(&c, &chunk, a->size_w, 0);
    if (!cur_ok(&c))
        return;
    cix_coordinates(d->cix, slot, chunk.scaled);
    for (unsigned i = 0; i < d->grid.rank; i++)
        if (chunk.scaled[i] > UINT64_MAX / d->grid.chunk[i]) {
            check_report(a->k, "FA-003", addr, a->g->what, "entries",
                         "slot %llu is beyond any extent", (unsigned long long)slot);
            return;
        }
    check_chunk_found(a->g, &chunk, addr);
}

static void
array_entries(struct array_check *a, const uint8_t *entries, uint64_t n, uint64_t slot,
              uint64_t addr)
{
    for (uint64_t i = 0; i < n && !check_broken(a->k); i++)
        array_entry(a, entries + i * a->entry_size, slot + i, addr + i * a->entry_size);
}

static void
array_page(struct array_check *a, uint64_t addr, uint64_t n, uint64_t slot)
{
    struct fa_page p = {.size = (size_t)(n * a->entry_size)};
    struct block *b;
    struct cur c;

    if (!check_pin(a->k, addr, n * a->entry_size + 4, "array page", &b))
        return;
    c = meta_cursor(a->k->meta, b, p.size + 4, NULL, NULL);
    fa_page_code(&c, &p);
    if (cur_ok(&c))
        array_entries(a, p.entries, n, slot, addr);
    meta_unpin(a->k->meta, b);
}

/* Blocks point back at the header and repeat its client. */
static void
array_check_owner(struct array_check *a, const char *what, const char *rule,
                  uint64_t addr, uint8_t client, uint64_t header)
{
    if (client != a->client)
        check_report(a->k, rule, addr + 5, what, "client", "%u, but the header's is %u",
                     (unsigned)client, (unsigned)a->client);
    if (header != a->head)
        check_report(a->k, rule, addr + 6, what, "header address",
                     "0x%llx, but the header is at 0x%llx", (unsigned long long)header,
                     (unsigned long long)a->head);
}

/* ---- fixed arrays ---- */

static void
fixed_pages(struct array_check *a, const struct fahd *h, const struct fadb *d,
            uint64_t block, uint64_t npages)
{
    const uint64_t per = (uint64_t)1 << h->page_bits;
    const uint64_t stride = per * a->entry_size + 4;

    for (uint64_t i = 0; i < npages && !check_broken(a->k); i++) {
        const uint64_t left = h->nentries - i * per;

        if (fa_page_used(d->bitmap, i))
            array_page(a, h->data + block + i * stride, left < per ? left : per,
                       i * per);
    }
}

static void
fixed_block(struct array_check *a, const struct fahd *h)
{
    const uint64_t per = (uint64_t)1 << h->page_bits;
    const uint64_t npages = h->nentries > per ? (h->nentries - 1) / per + 1 : 0;
    const uint64_t entries = h->nentries * a->entry_size;
    const uint64_t head = 6u + a->k->meta->off_w;
    const uint64_t size = head + (npages != 0 ? (npages + 7) / 8 : entries) + 4;
    struct fadb d = {0};
    struct block *b;
    struct cur c;

    if (check_set_add(a->k, &a->k->nodes, h->data))
        check_report(a->k, "FA-002", h->data, "FADB", "", "two arrays use this block");
    check_claim(a->k, h->data, npages != 0 ? size + entries + 4 * npages : size, "FADB",
                HI5_USE_METADATA);
    if (!check_pin(a->k, h->data, size, "FADB", &b))
        return;
    d.bitmap_size = npages != 0 ? (size_t)(npages + 7) / 8 : 0;
    d.entries_size = npages != 0 ? 0 : (size_t)entries;
    c = meta_cursor(a->k->meta, b, (size_t)size, NULL, NULL);
    fadb_code(&c, &d);
    if (cur_ok(&c)) {
        array_check_owner(a, "FADB", "FA-002", h->data, d.client, d.header);
        if (npages == 0)
            array_entries(a, d.entries, h->nentries, 0, h->data + head);
        else
            fixed_pages(a, h, &d, size, npages);
    }
    meta_unpin(a->k->meta, b);
}

static void
fixed_check(struct array_check *a, struct arena *arena)
{
    const struct fa *fa;
    const struct fahd *h;
    hi5_error err = {0};

    a->g->what = "FADB";
    if (fa_open(a->k->meta, a->head, (enum fa_client)a->client, a->entry_size, arena,
                &fa, &err) != HI5_OK) {
        check_failed(a->k, &err);
        return;
    }
    h = fa_header(fa);
    check_claim(a->k, a->head, 12u + a->k->meta->len_w + a->k->meta->off_w, "FAHD",
                HI5_USE_METADATA);
    if (a->most != UINT64_MAX && h->nentries != a->most)
        check_report(a->k, "FA-001", a->head + 8, "FAHD", "entries",
                     "%llu, but the maximum extent has %llu chunks",
                     (unsigned long long)h->nentries, (unsigned long long)a->most);
    if (h->page_bits != a->g->d->grid.fa_page_bits)
        check_report_as(a->k, "FA-001", HI5_WARNING, a->head + 7, "FAHD", "page bits",
                        "%u, but the layout says %u", (unsigned)h->page_bits,
                        (unsigned)a->g->d->grid.fa_page_bits);
    if (h->data != ADDR_NONE)
        fixed_block(a, h);
}

/* ---- extensible arrays ---- */

struct ext_check {
    struct array_check *a;
    const struct eahd *h;
    unsigned offset_w;
    uint64_t nsuper, super_size, ndata, data_size; /* found */
    uint64_t left; /* bytes of blocks still believable */
};

static void
ext_data(struct ext_check *e, uint64_t addr, const struct ea_super *s, uint64_t n,
         const uint8_t *bitmap)
{
    struct array_check *const a = e->a;
    const uint64_t per = (uint64_t)1 << e->h->page_bits;
    const uint64_t head = 6u + a->k->meta->off_w + e->offset_w;
    const uint64_t entries = s->entries * a->entry_size;
    const uint64_t size = head + (s->npages == 0 ? entries : 0) + 4;
    const uint64_t slot = e->h->index_entries + s->start + n * s->entries;
    const uint64_t all = size + (s->npages != 0 ? entries + 4 * s->npages : 0);
    struct eadb d = {.offset_w = e->offset_w};
    struct block *b;
    struct cur c;

    e->ndata++;
    e->data_size += all;
    if (check_set_add(a->k, &a->k->nodes, addr)) {
        check_report(a->k, "EA-002", addr, "EADB", "", "this block was reached before");
        return;
    }
    check_claim(a->k, addr, all, "EADB", HI5_USE_METADATA);
    if (!check_pin(a->k, addr, size, "EADB", &b))
        return;
    d.entries_size = s->npages == 0 ? (size_t)entries : 0;
    c = meta_cursor(a->k->meta, b, (size_t)size, NULL, NULL);
    eadb_code(&c, &d);
    if (cur_ok(&c)) {
        array_check_owner(a, "EADB", "EA-002", addr, d.client, d.header);
        if (d.offset != s->start + n * s->entries &&
            d.offset != s->start + (s->first + n) * s->entries)
            check_report(a->k, "EA-003", addr + 6 + a->k->meta->off_w, "EADB",
                         "block offset", "%llu, but its first entry is %llu",
                         (unsigned long long)d.offset,
                         (unsigned long long)(s->start + n * s->entries));
        array_entries(a, d.entries, d.entries_size / a->entry_size, slot, addr + head);
        for (uint64_t i = 0; i < s->npages && !check_broken(a->k); i++)
            if (bitmap != NULL && fa_page_used(bitmap, n * s->npages + i))
                array_page(a, addr + size + i * (per * a->entry_size + 4), per,
                           slot + i * per);
    }
    meta_unpin(a->k->meta, b);
}

static void
ext_blocks(struct ext_check *e, const struct ea_super *s, const uint8_t *p,
           const uint8_t *bitmap)
{
    const unsigned off_w = e->a->k->meta->off_w;

    for (uint64_t n = 0; n < s->ndata && !check_broken(e->a->k); n++, p += off_w)
        if (cur_raw_addr(p, off_w) != ADDR_NONE)
            ext_data(e, cur_raw_addr(p, off_w), s, n, bitmap);
}

static void
ext_super(struct ext_check *e, uint64_t addr, const struct ea_super *s)
{
    struct array_check *const a = e->a;
    struct easb d = {.offset_w = e->offset_w};
    uint64_t size, bitmap = 0, data = 0;
    struct block *b;
    struct cur c;

    if (check_set_add(a->k, &a->k->nodes, addr)) {
        check_report(a->k, "EA-002", addr, "EASB", "", "this block was reached before");
        return;
    }
    if (!ckd_mul64(s->ndata, (s->npages + 7) / 8, &bitmap) ||
        !ckd_mul64(s->ndata, a->k->meta->off_w, &data) ||
        !ckd_add64(bitmap, data, &size) ||
        !ckd_add64(size, 10u + a->k->meta->off_w + e->offset_w, &size))
        size = UINT64_MAX;
    e->nsuper++;
    e->super_size += size;
    check_claim(a->k, addr, size, "EASB", HI5_USE_METADATA);
    if (!check_pin(a->k, addr, size, "EASB", &b))
        return;
    d.bitmap_size = (size_t)bitmap;
    d.data_size = (size_t)data;
    c = meta_cursor(a->k->meta, b, (size_t)size, NULL, NULL);
    easb_code(&c, &d);
    if (cur_ok(&c)) {
        array_check_owner(a, "EASB", "EA-002", addr, d.client, d.header);
        if (d.offset != s->start)
            check_report(a->k, "EA-003", addr + 6 + a->k->meta->off_w, "EASB",
                         "block offset", "%llu, but its first entry is %llu",
                         (unsigned long long)d.offset, (unsigned long long)s->start);
        ext_blocks(e, s, d.data, d.bitmap);
    }
    meta_unpin(a->k->meta, b);
}

static void
ext_supers(struct ext_check *e, const struct eaib *i)
{
    const unsigned off_w = e->a->k->meta->off_w, direct = ea_ndirect(e->h);

    for (unsigned u = 0; u < ea_nsuper(e->h) && !check_broken(e->a->k); u++) {
        const struct ea_super s = ea_super(e->h, u);
        uint64_t addr;

        if (u < direct) {
            ext_blocks(e, &s, i->data + (size_t)s.first * off_w, NULL);
            continue;
        }
        addr = cur_raw_addr(i->super + (size_t)(u - direct) * off_w, off_w);
        if (addr != ADDR_NONE)
            ext_super(e, addr, &s);
    }
}

static void
ext_index(struct ext_check *e)
{
    struct array_check *const a = e->a;
    const size_t off_w = a->k->meta->off_w;
    const struct eahd *const h = e->h;
    struct eaib i = {0};
    struct block *b;
    struct cur c;
    size_t size;

    i.entries_size = (size_t)h->index_entries * a->entry_size;
    i.data_size = 2 * ((size_t)h->min_pointers - 1) * off_w;
    i.super_size = (ea_nsuper(h) - ea_ndirect(h)) * off_w;
    size = 6 + off_w + i.entries_size + i.data_size + i.super_size + 4;
    check_claim(a->k, h->index, size, "EAIB", HI5_USE_METADATA);
    if (!check_pin(a->k, h->index, size, "EAIB", &b))
        return;
    c = meta_cursor(a->k->meta, b, size, NULL, NULL);
    eaib_code(&c, &i);
    if (cur_ok(&c)) {
        array_check_owner(a, "EAIB", "EA-002", h->index, i.client, i.header);
        array_entries(a, i.entries, h->index_entries, 0, h->index + 6 + off_w);
        ext_supers(e, &i);
        if (h->ndata != e->ndata || h->nsuper != e->nsuper)
            check_report(a->k, "EA-004", a->head + 12 + 2u * a->k->meta->len_w, "EAHD",
                         "data blocks",
                         "%llu data and %llu super blocks, but there are %llu and %llu",
                         (unsigned long long)h->ndata, (unsigned long long)h->nsuper,
                         (unsigned long long)e->ndata, (unsigned long long)e->nsuper);
    }
    meta_unpin(a->k->meta, b);
}

static void
ext_check(struct array_check *a, struct arena *arena)
{
    struct ext_check e = {.a = a};
    const struct ea *ea;
    hi5_error err = {0};

    a->g->what = "EADB";
    if (ea_open(a->k->meta, a->head, (enum fa_client)a->client, a->entry_size, arena,
                &ea, &err) != HI5_OK) {
        check_failed(a->k, &err);
        return;
    }
    e.h = ea_header(ea);
    e.offset_w = (e.h->max_bits + 7u) / 8;
    check_claim(a->k, a->head, 16u + 6u * a->k->meta->len_w + a->k->meta->off_w, "EAHD",
                HI5_USE_METADATA);
    check_sum_index(a->k, e.h->super_size + e.h->data_size);
    if (e.h->index != ADDR_NONE)
        ext_index(&e);
}

/* Chunks of the maximum extent; UINT64_MAX if they are without bound. */
static uint64_t
array_most(const struct cix_params *p)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < p->rank; i++)
        if (p->max[i] == HI5_UNLIMITED ||
            !ckd_mul64(n, p->max[i] / p->chunk[i] + (p->max[i] % p->chunk[i] != 0), &n))
            return UINT64_MAX;
    return n;
}

HI5_INT void
check_chunk_arrays(struct check_grid *g)
{
    const struct cix_params *const p = &g->d->grid;
    struct array_check a = {.g = g, .k = g->k, .head = p->addr};
    struct arena arena;

    a.client = p->filtered ? FA_FILTERED : FA_PLAIN;
    if (p->filtered)
        a.size_w = cix_size_width(p->layout_version, p->chunk_bytes, g->k->meta->len_w);
    a.entry_size = g->k->meta->off_w + (p->filtered ? a.size_w + 4u : 0);
    a.most = array_most(p);
    if (check_set_add(g->k, &g->k->nodes, p->addr)) {
        check_report(g->k, p->kind == HI5_INDEX_FIXED_ARRAY ? "FA-001" : "EA-001",
                     p->addr, "chunk index", "", "two datasets use this array");
        return;
    }
    arena_init(&arena, &g->k->mem);
    if (p->kind == HI5_INDEX_FIXED_ARRAY)
        fixed_check(&a, &arena);
    else
        ext_check(&a, &arena);
    arena_done(&arena);
}
