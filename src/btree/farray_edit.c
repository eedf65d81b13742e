/*
 * farray_edit.c - changing fixed arrays                            [FMT VII.C]
 *
 * The header is staged as one block, the data block as one if it has no pages; else what
 * is before the pages, and each page, are blocks of their own.
 */
#include "btree/farray_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

static const char faedit_head[] = "FAHD", faedit_data[] = "FADB";

static size_t
faedit_head_size(const struct meta *m)
{
    return 4u + 4u + m->len_w + m->off_w + 4u;
}

/* The bytes in front of the entries, the checksum of a paged block not counted. */
static size_t
faedit_prefix(const struct fa_edit *a)
{
    return 4u + 2u + a->meta->off_w + (size_t)(a->npages + 7) / 8;
}

static void
faedit_pages(struct fa_edit *a)
{
    a->page_entries = UINT64_C(1) << a->head.page_bits;
    a->npages = a->head.nentries > a->page_entries
                    ? (a->head.nentries - 1) / a->page_entries + 1
                    : 0;
}

static hi5_status
faedit_put_head(struct fa_edit *a, struct staged *b, hi5_error *err)
{
    struct cur c = stage_cursor(a->meta, b, 0, err);

    fahd_code(&c, &a->head);
    stage_changed(b, b->block.size - 4, b->block.size - 4);
    return c.status;
}

HI5_INT hi5_status
fa_edit_create(struct meta *m, enum fa_client client, size_t entry_size,
               unsigned page_bits, uint64_t nentries, struct fa_edit *a, hi5_error *err)
{
    struct staged *b;

    *a = (struct fa_edit){.meta = m,
                          .head = {.client = (uint8_t)client,
                                   .entry_size = (uint8_t)entry_size,
                                   .page_bits = (uint8_t)page_bits,
                                   .nentries = nentries, .data = ADDR_NONE}};
    faedit_pages(a);
    TRY(stage_new(m, faedit_head_size(m), &b, err));
    a->addr = b->block.addr;
    return faedit_put_head(a, b, err);
}

HI5_INT hi5_status
fa_edit_open(struct meta *m, uint64_t addr, enum fa_client client, size_t entry_size,
             struct fa_edit *a, hi5_error *err)
{
    const struct fa *read;
    struct arena arena;
    hi5_status s;

    arena_init(&arena, m->mem);
    s = fa_open(m, addr, client, entry_size, &arena, &read, err);
    if (s == HI5_OK) {
        *a = (struct fa_edit){.meta = m, .addr = addr, .head = *fa_header(read)};
        faedit_pages(a);
    }
    arena_done(&arena);
    return s;
}

HI5_INT void
fa_edit_clear(const struct meta *m, uint8_t *entries, uint64_t n, size_t entry_size)
{
    memset(entries, 0, (size_t)n * entry_size);
    for (uint64_t i = 0; i < n; i++)
        memset(entries + (size_t)i * entry_size, 0xff, m->off_w);
}

HI5_INT hi5_status
fa_edit_page(struct meta *m, uint64_t addr, uint64_t n, size_t entry_size, bool fresh,
             struct staged **b, hi5_error *err)
{
    const size_t size = (size_t)n * entry_size;

    TRY(stage_edit(m, addr, size + 4, "array page", b, err));
    if (fresh) {
        fa_edit_clear(m, (*b)->bytes, n, entry_size);
    } else if (!(*b)->trusted) {
        struct cur c = meta_cursor_at(m, (*b)->bytes, size + 4, addr, NULL, err);
        struct fa_page page = {.size = size};

        fa_page_code(&c, &page);
        if (!cur_ok(&c))
            return c.status;
    }
    (*b)->trusted = true;
    stage_changed(*b, size, size);
    return HI5_OK;
}

/* ---- the data block ---- */

static uint64_t
faedit_size(const struct fa_edit *a)
{
    return faedit_prefix(a) + 4 + a->head.nentries * a->head.entry_size + a->npages * 4;
}

/* The staged part that begins with the block: all of it, or what is before the pages. */
static hi5_status
faedit_block(struct fa_edit *a, bool make, struct staged **b, hi5_error *err)
{
    const size_t prefix = faedit_prefix(a);
    const size_t own =
        prefix + (a->npages == 0 ? (size_t)a->head.nentries * a->head.entry_size : 0);
    struct fadb d = {.client = a->head.client, .header = a->addr,
                     .bitmap_size = (size_t)(a->npages + 7) / 8,
                     .entries_size = own - prefix};
    struct staged *head;
    struct cur c;

    if (a->head.data != ADDR_NONE) {
        TRY(stage_edit(a->meta, a->head.data, own + 4, faedit_data, b, err));
        if ((*b)->trusted)
            return HI5_OK;
        c = meta_cursor_at(a->meta, (*b)->bytes, own + 4, a->head.data, NULL, err);
        fadb_code(&c, &d);
        (*b)->trusted = cur_ok(&c);
        return c.status;
    }
    if (!make)
        return HI5_E_NOTFOUND;
    TRY(stage_alloc(a->meta, STAGE_META, faedit_size(a), &a->head.data, err));
    TRY(stage_new_at(a->meta, a->head.data, own + 4, b, err));
    fa_edit_clear(a->meta, (*b)->bytes + prefix, (own - prefix) / a->head.entry_size,
                  a->head.entry_size);
    d.bitmap = (*b)->bytes + prefix - d.bitmap_size;
    d.entries = (*b)->bytes + prefix;
    c = stage_cursor(a->meta, *b, 0, err);
    fadb_code(&c, &d);
    if (!cur_ok(&c))
        return c.status;
    stage_changed(*b, own, own);
    TRY(stage_edit(a->meta, a->addr, faedit_head_size(a->meta), faedit_head, &head, err));
    return faedit_put_head(a, head, err);
}

/* Where an entry is, and the block that it is in. */
static hi5_status
faedit_entry(struct fa_edit *a, uint64_t slot, bool make, uint8_t **p, hi5_error *err)
{
    const size_t size = a->head.entry_size, prefix = faedit_prefix(a);
    const uint64_t page = slot / a->page_entries;
    struct staged *b, *pb;
    uint8_t *bits;
    uint64_t n;
    bool fresh;

    if (slot >= a->head.nentries)
        return err_plain(err, HI5_E_RANGE, "slot %llu of a fixed array of %llu",
                         (unsigned long long)slot,
                         (unsigned long long)a->head.nentries);
    TRY(faedit_block(a, make, &b, err));
    if (a->npages == 0) {
        *p = b->bytes + prefix + (size_t)slot * size;
        stage_changed(b, b->block.size - 4, b->block.size - 4);
        return HI5_OK;
    }
    bits = b->bytes + 4 + 2 + a->meta->off_w;
    fresh = !fa_page_used(bits, page);
    if (fresh && !make)
        return HI5_E_NOTFOUND;
    if (fresh) {
        bits[page / 8] |= (uint8_t)(0x80u >> page % 8);
        stage_changed(b, prefix, prefix);
    }
    n = a->head.nentries - page * a->page_entries;
    n = n < a->page_entries ? n : a->page_entries;
    TRY(fa_edit_page(a->meta,
                     a->head.data + prefix + 4 + page * (a->page_entries * size + 4), n,
                     size, fresh, &pb, err));
    *p = pb->bytes + (size_t)(slot % a->page_entries) * size;
    return HI5_OK;
}

HI5_INT hi5_status
fa_edit_get(struct fa_edit *a, uint64_t slot, uint8_t *entry, hi5_error *err)
{
    uint8_t *p;

    TRY(faedit_entry(a, slot, false, &p, err));
    memcpy(entry, p, a->head.entry_size);
    return HI5_OK;
}

HI5_INT hi5_status
fa_edit_set(struct fa_edit *a, uint64_t slot, const uint8_t *entry, hi5_error *err)
{
    uint8_t *p;

    TRY(faedit_entry(a, slot, true, &p, err));
    memcpy(p, entry, a->head.entry_size);
    return HI5_OK;
}

HI5_INT hi5_status
fa_edit_delete(struct fa_edit *a, hi5_error *err)
{
    const uint64_t stride = a->page_entries * a->head.entry_size + 4;
    const uint64_t start = a->head.data + faedit_prefix(a) + 4;

    if (a->head.data != ADDR_NONE) {
        /* Pages are staged by themselves. */
        for (uint64_t i = 0; i < a->npages; i++)
            stage_forget(a->meta, start + i * stride);
        TRY(stage_free(a->meta, a->head.data, faedit_size(a), err));
    }
    return stage_free(a->meta, a->addr, faedit_head_size(a->meta), err);
}
