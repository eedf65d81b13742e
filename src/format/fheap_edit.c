/*
 * fheap_edit.c - changing fractal heaps in place                   [FMT III.G]
 *
 * An object goes where its size says: into its ID, into direct blocks, or into space of
 * its own. What it costs most of the time is to copy a managed object behind the one
 * before, and to count it in the header.
 */
#include "format/fheap_edit_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

enum { FHEAP_KIND_MANAGED = 0x00, FHEAP_KIND_HUGE = 0x10, FHEAP_KIND_TINY = 0x20 };

HI5_INT uint64_t
fheap_less(uint64_t x, uint64_t n)
{
    return x > n ? x - n : 0;
}

/* ---- the header ---- */

static hi5_status
fheap_stage_head(struct fheap_edit *e, struct staged **b, hi5_error *err)
{
    const size_t n = frhp_size(e->h.meta, 0);

    TRY(stage_edit(e->h.meta, e->h.addr, n, "FRHP", b, err));
    (*b)->trusted = true; /* it was decoded when the heap was opened */
    stage_changed(*b, n - 4, n - 4);
    return HI5_OK;
}

HI5_INT hi5_status
fheap_put_head(struct fheap_edit *e, hi5_error *err)
{
    struct staged *b;
    struct cur c;

    TRY(fheap_stage_head(e, &b, err));
    c = stage_cursor(e->h.meta, b, 0, err);
    frhp_code(&c, &e->h.head);
    return c.status;
}

/* Only free space and number of managed objects: what most changes come down to. */
static hi5_status
fheap_put_counts(struct fheap_edit *e, hi5_error *err)
{
    const unsigned off_w = e->h.meta->off_w, len_w = e->h.meta->len_w;
    struct staged *b;

    TRY(fheap_stage_head(e, &b, err));
    cur_raw_store(b->bytes + 14 + len_w + off_w, len_w, e->h.head.free_space);
    cur_raw_store(b->bytes + 14 + 5u * len_w + 2u * off_w, len_w, e->h.head.man_nobjs);
    return HI5_OK;
}

static void
fheap_edit_init(struct fheap_edit *e, struct meta *m)
{
    e->loaded = e->huge_open = false;
    extents_init(&e->free, m->mem);
    e->at = e->end = 0;
    e->expected = e->longest = 0;
    e->last = (struct fheap_entry){.addr = ADDR_NONE};
    e->fshd = e->fsse = ADDR_NONE;
    e->fsse_size = 0;
}

HI5_INT hi5_status
fheap_edit_open(struct meta *m, uint64_t addr, struct fheap_edit *e, hi5_error *err)
{
    const struct fheap *h;
    struct arena a;
    hi5_status s;

    fheap_edit_init(e, m);
    arena_init(&a, m->mem);
    s = fheap_open(m, addr, NULL, &a, &h, err);
    if (s == HI5_OK)
        e->h = *h;
    arena_done(&a);
    TRY(s);
    if (e->h.head.filter_len > 0)
        return err_set(err, HI5_E_UNSUPPORTED, addr, "FRHP", "filter length", "III.G.1",
                       "heaps with filters are read, but not changed");
    if (e->h.head.start_block <= fheap_overhead(&e->h) ||
        1u + e->h.offset_width + e->h.length_width > e->h.head.id_len)
        return err_set(err, HI5_E_UNSUPPORTED, addr, "FRHP", "starting block size",
                       "III.G.1", "blocks or IDs have no room for objects");
    return HI5_OK;
}

HI5_INT hi5_status
fheap_edit_create(struct meta *m, const struct fheap_shape *shape, struct fheap_edit *e,
                  hi5_error *err)
{
    struct frhp head = {.id_len = shape->id_len,
                        .flags = shape->checksums ? FHEAP_CHECKSUMS : 0,
                        .max_managed = shape->max_managed,
                        .huge_bt2 = ADDR_NONE,
                        .fs_addr = ADDR_NONE,
                        .width = shape->width,
                        .start_block = shape->start_block,
                        .max_direct = shape->max_direct,
                        .max_heap_bits = shape->max_heap_bits,
                        .start_root_rows = shape->start_root_rows,
                        .root = ADDR_NONE};
    const size_t n = frhp_size(m, 0);
    struct staged *b;
    struct cur c;

    TRY(stage_new(m, n, &b, err));
    c = stage_cursor(m, b, 0, err);
    frhp_code(&c, &head);
    stage_changed(b, n - 4, n - 4);
    TRY(c.status);
    return fheap_edit_open(m, b->block.addr, e, err);
}

HI5_INT void
fheap_edit_close(struct fheap_edit *e)
{
    extents_done(&e->free);
    e->at = e->end = 0;
    e->loaded = false;
}

HI5_INT void
fheap_edit_expect(struct fheap_edit *e, uint64_t bytes, uint64_t longest)
{
    e->expected = bytes;
    e->longest = longest;
}

/* ---- managed objects ---- */

static hi5_status
fheap_managed_write(struct fheap_edit *e, uint64_t offset, const void *bytes, size_t n,
                    hi5_error *err)
{
    const bool sums = (e->h.head.flags & FHEAP_CHECKSUMS) != 0;
    struct staged *b;

    TRY(fheap_locate(e, offset, n, err));
    TRY(fheap_stage_last(e, &b, err));
    memcpy(b->bytes + (offset - e->last.start), bytes, n);
    stage_changed(b, fheap_prefix_size(&e->h), sums ? b->block.size : 0);
    return HI5_OK;
}

static hi5_status
fheap_insert_managed(struct fheap_edit *e, const void *bytes, size_t n, uint8_t *id,
                     hi5_error *err)
{
    uint64_t offset;

    TRY(fheap_begin(e, err));
    if (n > e->end - e->at)
        TRY(fheap_make_room(e, n, err));
    offset = e->at;
    TRY(fheap_managed_write(e, offset, bytes, n, err));
    e->at += n;
    id[0] = FHEAP_KIND_MANAGED;
    cur_raw_store(id + 1, e->h.offset_width, offset);
    cur_raw_store(id + 1 + e->h.offset_width, e->h.length_width, n);
    e->h.head.free_space = fheap_less(e->h.head.free_space, n);
    e->h.head.man_nobjs++;
    return fheap_put_counts(e, err);
}

static hi5_status
fheap_remove_managed(struct fheap_edit *e, const uint8_t *id, hi5_error *err)
{
    const size_t first = fheap_overhead(&e->h);
    uint64_t offset, n, start, size;
    struct fheap_entry block;

    fheap_managed_place(&e->h, id, &offset, &n);
    TRY(fheap_locate(e, offset, n, err));
    block = e->last;
    TRY(fheap_begin(e, err));
    TRY(fheap_give_room(e, offset, n, err));
    e->h.head.free_space += n;
    e->h.head.man_nobjs = fheap_less(e->h.head.man_nobjs, 1);
    extents_has(&e->free, offset, &start, &size);
    if (start == block.start + first && size == block.size - first) {
        if (!extents_take(&e->free, start, size))
            return mem_fail(e->h.meta->mem, size, err);
        TRY(fheap_drop_block(e, &block, err));
    }
    return fheap_put_counts(e, err);
}

/* ---- tiny objects ---- */

/* The longest. Its length is in four bits, or in twelve where IDs are long (U-FH-10). */
static size_t
fheap_tiny_most(const struct fheap *h)
{
    const size_t room = h->head.id_len - 1u;

    return room <= 17 ? (room < 16 ? room : 16) : room - 1 < 4096 ? room - 1 : 4096;
}

static hi5_status
fheap_insert_tiny(struct fheap_edit *e, const void *bytes, size_t n, uint8_t *id,
                  hi5_error *err)
{
    const bool wide = e->h.head.id_len > 18;

    id[0] = (uint8_t)(FHEAP_KIND_TINY | (wide ? (n - 1) >> 8 : n - 1));
    if (wide)
        id[1] = (uint8_t)(n - 1);
    memcpy(id + (wide ? 2 : 1), bytes, n);
    e->h.head.tiny_nobjs++;
    e->h.head.tiny_size += n;
    return fheap_put_head(e, err);
}

static hi5_status
fheap_remove_tiny(struct fheap_edit *e, const uint8_t *id, hi5_error *err)
{
    const bool wide = e->h.head.id_len > 18;
    const uint64_t n = (wide ? (id[0] & 15u) << 8 | id[1] : id[0] & 15u) + 1u;

    e->h.head.tiny_nobjs = fheap_less(e->h.head.tiny_nobjs, 1);
    e->h.head.tiny_size = fheap_less(e->h.head.tiny_size, n);
    return fheap_put_head(e, err);
}

/* ---- all objects ---- */

HI5_INT hi5_status
fheap_edit_insert(struct fheap_edit *e, const void *bytes, size_t n, uint8_t *id,
                  hi5_error *err)
{
    const struct fheap *const h = &e->h;

    if (n == 0)
        return err_plain(err, HI5_E_ARG, "heaps have no objects of no size");
    memset(id, 0, h->head.id_len);
    if (n > h->head.max_managed || n > fheap_max_direct(h) - fheap_overhead(h))
        return fheap_insert_huge(e, bytes, n, id, err);
    if (n <= fheap_tiny_most(h))
        return fheap_insert_tiny(e, bytes, n, id, err);
    return fheap_insert_managed(e, bytes, n, id, err);
}

static hi5_status
fheap_check_kind(const struct fheap_edit *e, const uint8_t *id, hi5_error *err)
{
    if (id[0] >> 4 <= FHEAP_KIND_TINY >> 4)
        return HI5_OK;
    return err_set(err, HI5_E_CORRUPT, e->h.addr, "fractal heap", "heap ID", "III.G",
                   "version or type is unknown: 0x%02x", (unsigned)id[0]);
}

HI5_INT hi5_status
fheap_edit_remove(struct fheap_edit *e, const uint8_t *id, hi5_error *err)
{
    TRY(fheap_check_kind(e, id, err));
    switch (id[0] & 0x30) {
    case FHEAP_KIND_HUGE:
        return fheap_remove_huge(e, id, err);
    case FHEAP_KIND_TINY:
        return fheap_remove_tiny(e, id, err);
    default:
        return fheap_remove_managed(e, id, err);
    }
}

HI5_INT hi5_status
fheap_edit_get(struct fheap_edit *e, const uint8_t *id, struct arena *a,
               const uint8_t **bytes, size_t *n, hi5_error *err)
{
    uint64_t offset, length, addr;
    const struct staged *b;
    struct block *held;

    TRY(fheap_check_kind(e, id, err));
    if (!fheap_managed_place(&e->h, id, &offset, &length))
        return fheap_get(&e->h, id, e->h.head.id_len, a, bytes, n, &addr, err);
    TRY(fheap_locate(e, offset, length, err));
    *n = (size_t)length;
    b = stage_peek(e->h.meta, e->last.addr, (size_t)e->last.size);
    if (b != NULL) {
        *bytes = b->bytes + (offset - e->last.start);
        return HI5_OK;
    }
    TRY(fheap_view_in(&e->h, &e->last, offset, length, bytes, &addr, &held, err));
    *bytes = arena_copy(a, *bytes, *n);
    meta_unpin(e->h.meta, held);
    return *bytes != NULL ? HI5_OK : mem_fail(e->h.meta->mem, *n, err);
}

/* Is it as long as the new one, and not in its ID? */
static hi5_status
fheap_fits(struct fheap_edit *e, const uint8_t *id, size_t n, bool *fits,
           struct fheap_huge *o, hi5_error *err)
{
    uint64_t offset, length;

    TRY(fheap_check_kind(e, id, err));
    *fits = false;
    if (fheap_managed_place(&e->h, id, &offset, &length)) {
        *fits = length == n;
    } else if ((id[0] & 0x30) == FHEAP_KIND_HUGE) {
        TRY(fheap_find_huge(e, id, o, err));
        *fits = o->size == n;
    }
    return HI5_OK;
}

HI5_INT hi5_status
fheap_edit_replace(struct fheap_edit *e, uint8_t *id, const void *bytes, size_t n,
                   bool *moved, hi5_error *err)
{
    uint8_t fresh[UINT8_MAX + 1];
    struct fheap_huge o = {0};
    uint64_t offset, length;
    bool fits;

    TRY(fheap_fits(e, id, n, &fits, &o, err));
    *moved = !fits;
    if (fits && fheap_managed_place(&e->h, id, &offset, &length))
        return fheap_managed_write(e, offset, bytes, n, err);
    if (fits)
        return stage_write(e->h.meta, o.addr, bytes, n, err);
    if (e->h.head.id_len > sizeof fresh)
        return err_plain(err, HI5_E_UNSUPPORTED, "heap IDs of %u bytes",
                         (unsigned)e->h.head.id_len);
    TRY(fheap_edit_insert(e, bytes, n, fresh, err));
    TRY(fheap_edit_remove(e, id, err));
    memcpy(id, fresh, e->h.head.id_len);
    return HI5_OK;
}
