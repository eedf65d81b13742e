/*
 * annotate_array.c - fixed and extensible arrays, field by field  [FMT VII.C, VII.D]
 *
 * Every block points back at its header, which says what entries are like.
 */
#include "base/err.h"
#include "btree/earray.h"
#include "file/annotate.h"

#define ANARR_HEAD 256u
#define ANARR_ENTRIES 65536u /* told of one block */

static bool
anarr_fixed_head(struct annotate *a, uint64_t addr, struct fahd *h)
{
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, ANARR_HEAD, "FAHD", &b))
        return false;
    c = annot_cursor(a, b, b->size);
    fahd_code(&c, h);
    if (a->on)
        annot_note_range(a, addr, addr + c.pos);
    meta_unpin(a->meta, b);
    return cur_ok(&c);
}

static bool
anarr_ext_head(struct annotate *a, uint64_t addr, struct eahd *h)
{
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, ANARR_HEAD, "EAHD", &b))
        return false;
    c = annot_cursor(a, b, b->size);
    eahd_code(&c, h);
    if (a->on)
        annot_note_range(a, addr, addr + c.pos);
    meta_unpin(a->meta, b);
    return cur_ok(&c);
}

static void
anarr_entries(struct annotate *a, const uint8_t *p, uint64_t bytes, uint64_t addr,
              uint8_t client, size_t each)
{
    const size_t more = client == FA_FILTERED ? a->meta->off_w + 4u : a->meta->off_w;
    const unsigned size_w = each > more ? (unsigned)(each - more) : 0;

    if (size_w > 8 || (client != FA_FILTERED && size_w != 0))
        return;
    for (uint64_t i = 0; i < bytes / each && i < ANARR_ENTRIES; i++, p += each) {
        struct cur c = meta_cursor_at(a->meta, p, each, addr + i * each, NULL, NULL);
        struct cix_chunk k;

        cix_entry_code(&c, &k, size_w, 0);
    }
}

static void
anarr_page(struct annotate *a, uint64_t addr, uint64_t entries, uint8_t client,
           size_t each)
{
    struct fa_page p = {.size = (size_t)(entries * each)};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, p.size + 4, "array page", &b))
        return;
    c = annot_cursor(a, b, b->size);
    fa_page_code(&c, &p);
    if (p.entries != NULL)
        anarr_entries(a, p.entries, p.size, addr, client, each);
    annot_done(a, &c, b);
}

static void
anarr_fadb(struct annotate *a, uint64_t addr, const struct fahd *h)
{
    const uint64_t per = (uint64_t)1 << h->page_bits, each = h->entry_size;
    const uint64_t npages = h->nentries > per ? (h->nentries - 1) / per + 1 : 0;
    const uint64_t body = npages != 0 ? (npages + 7) / 8 : h->nentries * each;
    const uint64_t size = 10u + a->meta->off_w + body;
    struct fadb d = {0};
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, size, "FADB", &b))
        return;
    d.bitmap_size = npages != 0 ? (size_t)body : 0;
    d.entries_size = npages != 0 ? 0 : (size_t)body;
    c = annot_cursor(a, b, size);
    fadb_code(&c, &d);
    if (d.entries != NULL)
        anarr_entries(a, d.entries, d.entries_size, addr + 6 + a->meta->off_w,
                      h->client, h->entry_size);
    annot_note_range(a, addr, addr + c.pos);
    for (uint64_t i = 0; cur_ok(&c) && i < npages && a->broken == HI5_OK; i++) {
        const uint64_t left = h->nentries - i * per;

        if (fa_page_used(d.bitmap, i))
            anarr_page(a, addr + size + i * (per * each + 4), left < per ? left : per,
                       h->client, h->entry_size);
    }
    meta_unpin(a->meta, b);
}

/* ---- extensible arrays ---- */

/* Block addresses, one after the other. */
static void
anarr_addresses(struct annotate *a, const uint8_t *p, size_t bytes, uint64_t addr,
                const char *structure, const char *name)
{
    struct cur c = meta_cursor_at(a->meta, p, bytes, addr, NULL, NULL);
    uint64_t v;

    cur_begin(&c, structure, "VII.D");
    while (cur_ok(&c) && cur_left(&c) != 0)
        cur_addr(&c, name, &v);
}

static struct eaib
anarr_index_shape(const struct annotate *a, const struct eahd *h)
{
    return (struct eaib){
        .entries_size = (size_t)h->index_entries * h->entry_size,
        .data_size = 2 * ((size_t)h->min_pointers - 1) * a->meta->off_w,
        .super_size = (size_t)(ea_nsuper(h) - ea_ndirect(h)) * a->meta->off_w};
}

static void
anarr_eaib(struct annotate *a, uint64_t addr, const struct eahd *h)
{
    struct eaib i = anarr_index_shape(a, h);
    const unsigned head = 6u + a->meta->off_w;
    struct block *b;
    struct cur c;

    if (!annot_pin(a, addr, head + i.entries_size + i.data_size + i.super_size + 4,
                   "EAIB", &b))
        return;
    c = annot_cursor(a, b, b->size);
    eaib_code(&c, &i);
    if (i.super != NULL) {
        uint64_t at = addr + head;

        anarr_entries(a, i.entries, i.entries_size, at, h->client, h->entry_size);
        at += i.entries_size;
        anarr_addresses(a, i.data, i.data_size, at, "EAIB", "data block address");
        at += i.data_size;
        anarr_addresses(a, i.super, i.super_size, at, "EAIB", "super block address");
    }
    annot_done(a, &c, b);
}

static bool
anarr_super_code(struct annotate *a, uint64_t addr, const struct eahd *h,
                 const struct ea_super *s, struct easb *d, struct block **b)
{
    struct cur c;
    uint64_t size;

    *d = (struct easb){.offset_w = (h->max_bits + 7u) / 8};
    if (s->ndata > a->meta->eof / a->meta->off_w)
        return false;
    d->bitmap_size = (size_t)(s->ndata * ((s->npages + 7) / 8));
    d->data_size = (size_t)s->ndata * a->meta->off_w;
    size = 10u + a->meta->off_w + d->offset_w + d->bitmap_size + d->data_size;
    if (!annot_pin(a, addr, size, "EASB", b))
        return false;
    c = annot_cursor(a, *b, size);
    easb_code(&c, d);
    if (a->on)
        annot_note_range(a, addr, addr + c.pos);
    if (d->data != NULL)
        return true;
    meta_unpin(a->meta, *b);
    return false;
}

static void
anarr_easb(struct annotate *a, uint64_t addr, const struct eahd *h, unsigned u)
{
    const struct ea_super s = ea_super(h, u);
    struct easb d;
    struct block *b;

    if (!anarr_super_code(a, addr, h, &s, &d, &b))
        return;
    anarr_addresses(a, d.data, d.data_size,
                    addr + 6 + a->meta->off_w + d.offset_w + d.bitmap_size, "EASB",
                    "data block address");
    meta_unpin(a->meta, b);
}

static void
anarr_eadb(struct annotate *a, uint64_t addr, const struct eahd *h, unsigned u)
{
    const struct ea_super s = ea_super(h, u);
    const unsigned offset_w = (h->max_bits + 7u) / 8;
    const unsigned head = 6u + a->meta->off_w + offset_w;
    const uint64_t per = (uint64_t)1 << h->page_bits;
    struct eadb d = {.offset_w = offset_w};
    struct block *b;
    struct cur c;
    uint64_t size;

    if (s.entries > a->meta->eof)
        return;
    d.entries_size = s.npages == 0 ? (size_t)s.entries * h->entry_size : 0;
    size = head + d.entries_size + 4;
    if (!annot_pin(a, addr, size, "EADB", &b))
        return;
    c = annot_cursor(a, b, size);
    eadb_code(&c, &d);
    if (d.entries != NULL)
        anarr_entries(a, d.entries, d.entries_size, addr + head, h->client,
                      h->entry_size);
    annot_done(a, &c, b);
    for (uint64_t i = 0; cur_ok(&c) && i < s.npages && a->broken == HI5_OK; i++) {
        const uint64_t at = addr + size + i * (per * h->entry_size + 4);
        const size_t before = a->n, ranges = a->nranges;

        /* Only pages that have been written are pages; the checksum tells. */
        anarr_page(a, at, per, h->client, h->entry_size);
        for (size_t j = before; j < a->n; j++)
            if (a->field[j].stopped) {
                a->n = before;
                a->nranges = ranges;
                break;
            }
    }
}

static bool
anarr_has(const struct annotate *a, const uint8_t *p, size_t bytes, uint64_t addr)
{
    for (size_t i = 0; i < bytes; i += a->meta->off_w)
        if (cur_raw_addr(p + i, a->meta->off_w) == addr)
            return true;
    return false;
}

/* Which super block is it, or belongs it to? ea_nsuper(h): none. */
static unsigned
anarr_find_super(struct annotate *a, const struct eahd *h, uint64_t addr)
{
    const unsigned n = ea_nsuper(h), direct = ea_ndirect(h), off_w = a->meta->off_w;
    struct eaib i = anarr_index_shape(a, h);
    unsigned found = n;
    struct block *b;
    struct cur c;

    if (!annot_pin(a, h->index,
                   10u + off_w + i.entries_size + i.data_size + i.super_size, "EAIB",
                   &b))
        return n;
    c = annot_cursor(a, b, b->size);
    eaib_code(&c, &i);
    for (unsigned u = 0; u < n && found == n && i.super != NULL; u++) {
        const struct ea_super s = ea_super(h, u);
        struct easb d;
        struct block *sb;
        uint64_t at;

        if (u < direct) {
            if (anarr_has(a, i.data + (size_t)s.first * off_w, (size_t)s.ndata * off_w,
                          addr))
                found = u;
            continue;
        }
        at = cur_raw_addr(i.super + (size_t)(u - direct) * off_w, off_w);
        if (at == addr)
            found = u;
        if (at == ADDR_NONE || at == addr || !anarr_super_code(a, at, h, &s, &d, &sb))
            continue;
        if (anarr_has(a, d.data, d.data_size, addr))
            found = u;
        meta_unpin(a->meta, sb);
    }
    meta_unpin(a->meta, b);
    return found;
}

/* ---- which is it? ---- */

static hi5_status
anarr_orphan(struct annotate *a, uint64_t addr, hi5_error *err)
{
    a->n = a->nranges = 0;
    return err_plain(err, HI5_E_NOTFOUND,
                     "the block at 0x%llx cannot be told: its array's header is gone, "
                     "or does not know it",
                     (unsigned long long)addr);
}

static hi5_status
anarr_fixed(struct annotate *a, uint64_t addr, uint64_t header, hi5_error *err)
{
    struct fahd h = {0};

    a->on = false;
    if (!anarr_fixed_head(a, header, &h))
        return anarr_orphan(a, addr, err);
    a->on = true;
    anarr_fadb(a, addr, &h);
    return HI5_OK;
}

static hi5_status
anarr_extensible(struct annotate *a, enum recover_mark m, uint64_t addr,
                 uint64_t header, hi5_error *err)
{
    struct eahd h = {0};
    unsigned u = 0;

    a->on = false;
    if (!anarr_ext_head(a, header, &h))
        return anarr_orphan(a, addr, err);
    if (m != MARK_EAIB) {
        u = anarr_find_super(a, &h, addr);
        if (u == ea_nsuper(&h))
            return anarr_orphan(a, addr, err);
    }
    a->on = true;
    if (m == MARK_EAIB)
        anarr_eaib(a, addr, &h);
    else if (m == MARK_EASB)
        anarr_easb(a, addr, &h, u);
    else
        anarr_eadb(a, addr, &h, u);
    return HI5_OK;
}

HI5_INT hi5_status
annot_array(struct annotate *a, enum recover_mark m, uint64_t addr, hi5_error *err)
{
    struct fahd fixed = {0};
    struct eahd ext = {0};
    struct block *b;
    uint64_t header;

    if (m == MARK_FAHD) {
        anarr_fixed_head(a, addr, &fixed);
        return HI5_OK;
    }
    if (m == MARK_EAHD) {
        anarr_ext_head(a, addr, &ext);
        return HI5_OK;
    }
    TRY(meta_pin(a->meta, addr, 6u + a->meta->off_w, recover_mark_name(m), &b, err));
    header = cur_raw_addr(b->bytes + 6, a->meta->off_w);
    meta_unpin(a->meta, b);
    return m == MARK_FADB ? anarr_fixed(a, addr, header, err)
                          : anarr_extensible(a, m, addr, header, err);
}
