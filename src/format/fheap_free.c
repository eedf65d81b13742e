/*
 * fheap_free.c - free space in fractal heaps that are changed      [FMT III.G, III.H]
 *
 * What is free in direct blocks is a set of ranges of the heap's address space; headers
 * of blocks keep ranges of neighbouring blocks apart. It comes from the heap's free-space
 * manager and goes back there, but while changes are being made the heap has none, so
 * that no commit can have an old one. libhdf5 does the same with heaps that are new.
 *
 * Blocks that were never allocated are not free space here: fheap_table.c finds them by
 * itself. So only sections of type 0 are written, and others are forgotten.
 */
#include "format/fheap_edit_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include "format/freespace.h"
#include <stdlib.h>

enum { FHEAP_FS_CLASSES = 4, FHEAP_FS_SHRINK = 80, FHEAP_FS_EXPAND = 120 };

/* ---- reading the manager ---- */

HI5_INT size_t
fheap_fshd_size(const struct meta *m)
{
    return 18u + 7u * m->len_w + m->off_w;
}

static hi5_status
fheap_load_section(void *ctx, const struct fs_section *s, size_t at, hi5_error *err)
{
    struct fheap_edit *const e = ctx;
    const unsigned bits = e->h.head.max_heap_bits;
    uint64_t start, size;

    (void)at;
    /* FREE-15: sections that cannot be are left out. */
    if (s->type != 0 || s->size > fheap_max_direct(&e->h) ||
        !ckd_inside(s->offset, s->size, bits < 64 ? (uint64_t)1 << bits : UINT64_MAX) ||
        extents_has(&e->free, s->offset, &start, &size) ||
        (size != 0 && start - s->offset < s->size))
        return HI5_OK;
    if (!extents_add(&e->free, s->offset, s->size))
        return mem_fail(e->h.meta->mem, s->size, err);
    return HI5_OK;
}

static hi5_status
fheap_load_sections(struct fheap_edit *e, const struct fshd *h, hi5_error *err)
{
    struct meta *const m = e->h.meta;
    const size_t around = 5u + m->off_w + 4u;
    struct fsse list = {0};
    struct block *b;
    struct cur c;

    if (h->sections == ADDR_NONE)
        return HI5_OK;
    if (h->used < around || !ckd_inside(h->sections, h->allocated, m->eof))
        return HI5_E_CORRUPT;
    TRY(meta_pin(m, h->sections, (size_t)h->used, "FSSE", &b, err));
    list.sections_size = (size_t)h->used - around;
    c = meta_cursor(m, b, (size_t)h->used, NULL, err);
    fsse_code(&c, &list);
    cur_require(&c, list.header == e->h.head.fs_addr, "header address",
                "it is another manager's list");
    if (cur_ok(&c)) {
        e->fsse = h->sections;
        e->fsse_size = h->allocated;
        c.status = fs_sections_each(h, &list, h->sections, e->h.head.max_heap_bits,
                                    fheap_load_section, e, err);
    }
    meta_unpin(m, b);
    return c.status;
}

static hi5_status
fheap_load_manager(struct fheap_edit *e, hi5_error *err)
{
    struct meta *const m = e->h.meta;
    const size_t n = fheap_fshd_size(m);
    struct fshd h = {0};
    struct block *b;
    struct cur c;

    TRY(meta_pin(m, e->h.head.fs_addr, n, "FSHD", &b, err));
    c = meta_cursor(m, b, n, NULL, err);
    fshd_code(&c, &h);
    cur_require(&c, h.client == FS_FRACTAL_HEAP, "client", "not a heap's");
    meta_unpin(m, b);
    TRY(c.status);
    e->fshd = e->h.head.fs_addr;
    return fheap_load_sections(e, &h, err);
}

HI5_INT hi5_status
fheap_begin(struct fheap_edit *e, hi5_error *err)
{
    if (!e->loaded && e->h.head.fs_addr != ADDR_NONE) {
        const hi5_status s = fheap_load_manager(e, err);

        if (s == HI5_E_NOMEM || s == HI5_E_LIMIT || s == HI5_E_IO)
            return s;
        if (s != HI5_OK) /* damaged: as if there were none */
            extents_clear(&e->free);
    }
    e->loaded = true;
    if (e->h.head.fs_addr == ADDR_NONE)
        return HI5_OK;
    e->h.head.fs_addr = ADDR_NONE;
    return fheap_put_head(e, err);
}

/* ---- room ---- */

/* Let the range that is being filled be one of the others. */
static hi5_status
fheap_put_back(struct fheap_edit *e, hi5_error *err)
{
    if (e->end > e->at && !extents_add(&e->free, e->at, e->end - e->at))
        return mem_fail(e->h.meta->mem, e->end - e->at, err);
    e->at = e->end = 0;
    return HI5_OK;
}

HI5_INT hi5_status
fheap_make_room(struct fheap_edit *e, uint64_t n, hi5_error *err)
{
    uint64_t at, start, size;
    hi5_status s;

    TRY(fheap_put_back(e, err));
    while (extents_fit(&e->free, n, 1, &at)) {
        extents_has(&e->free, at, &start, &size);
        if (!extents_take(&e->free, start, size))
            return mem_fail(e->h.meta->mem, size, err);
        s = fheap_locate(e, start, size, err);
        if (s == HI5_OK) {
            e->at = start;
            e->end = start + size;
            return HI5_OK;
        }
        if (s != HI5_E_CORRUPT)
            return s;
        /* FREE-15: the file called something free that is no room for objects. */
    }
    TRY(fheap_new_block(e, n, err));
    e->at = e->last.start + fheap_overhead(&e->h);
    e->end = e->last.start + e->last.size;
    return HI5_OK;
}

HI5_INT hi5_status
fheap_give_room(struct fheap_edit *e, uint64_t offset, uint64_t n, hi5_error *err)
{
    uint64_t start, size;

    /* The range being filled may be the neighbour that makes the block empty. */
    if (e->at >= e->last.start && e->at - e->last.start <= e->last.size)
        TRY(fheap_put_back(e, err));
    if (extents_has(&e->free, offset, &start, &size) ||
        (size != 0 && start - offset < n))
        return err_set(err, HI5_E_CORRUPT, e->h.addr, "fractal heap", "heap ID",
                       "III.G",
                       "there is no object at its offset 0x%llx: that is free space",
                       (unsigned long long)offset);
    if (!extents_add(&e->free, offset, n))
        return mem_fail(e->h.meta->mem, n, err);
    return HI5_OK;
}

/* ---- writing the manager ---- */

struct fheap_range {
    uint64_t size, offset;
};

static int
fheap_by_size(const void *a, const void *b)
{
    const struct fheap_range *const x = a, *const y = b;

    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The ranges, those of one size together. */
static void
fheap_collect_ranges(const struct fheap_edit *e, struct fheap_range *r, size_t n)
{
    uint64_t start = 0, size = 0;
    size_t i = 0;

    for (uint64_t at = 0; i < n; at = start + size) {
        if (!extents_has(&e->free, at, &start, &size) && size == 0)
            break;
        r[i++] = (struct fheap_range){size, start};
    }
    if (n > 1)
        qsort(r, n, sizeof *r, fheap_by_size);
}

/* Code the sections, or measure them. */
static void
fheap_code_ranges(struct cur *c, const struct fheap_edit *e,
                  const struct fheap_range *r, size_t n)
{
    const unsigned count_w = ckd_enc_size(n),
                   size_w = ckd_enc_size(fheap_max_direct(&e->h)),
                   offset_w = e->h.offset_width;

    for (size_t i = 0, k; i < n; i += k) {
        uint64_t count, size = r[i].size;
        uint8_t type = 0;

        for (k = 1; i + k < n && r[i + k].size == size; k++)
            ;
        count = k;
        cur_uint(c, "sections", count_w, &count);
        cur_uint(c, "size", size_w, &size);
        for (size_t j = 0; j < k; j++) {
            uint64_t offset = r[i + j].offset;

            cur_uint(c, "offset", offset_w, &offset);
            cur_u8(c, "type", &type);
        }
    }
}

/* A block for the list: the old one if it has just the size. NOTE(lib): libhdf5 cannot
 * change a list whose allocated size is not the used one ("size of entry changed"). */
static hi5_status
fheap_stage_list(struct fheap_edit *e, size_t used, struct staged **b, hi5_error *err)
{
    struct meta *const m = e->h.meta;

    if (e->fsse != ADDR_NONE && e->fsse_size != used) {
        TRY(stage_free(m, e->fsse, e->fsse_size, err));
        e->fsse = ADDR_NONE;
    }
    if (e->fsse == ADDR_NONE) {
        TRY(stage_new(m, used, b, err));
        e->fsse = (*b)->block.addr;
        e->fsse_size = (*b)->block.size;
        return HI5_OK;
    }
    TRY(stage_edit(m, e->fsse, (size_t)e->fsse_size, "FSSE", b, err));
    (*b)->trusted = true; /* all of it is written */
    return HI5_OK;
}

static hi5_status
fheap_put_list(struct fheap_edit *e, const struct fheap_range *r, size_t n,
               size_t *used, hi5_error *err)
{
    struct meta *const m = e->h.meta;
    struct cur c = cur_sizer(err);
    struct fsse list = {.header = e->fshd};
    struct staged *b;
    uint8_t *bytes;

    fheap_code_ranges(&c, e, r, n);
    TRY(c.status);
    list.sections_size = c.pos;
    *used = 5u + m->off_w + c.pos + 4u;
    TRY(fheap_stage_list(e, *used, &b, err));
    bytes = mem_alloc(m->mem, list.sections_size);
    if (bytes == NULL)
        return mem_fail(m->mem, list.sections_size, err);
    c = cur_writer(bytes, list.sections_size, err);
    fheap_code_ranges(&c, e, r, n);
    if (cur_ok(&c)) {
        list.sections = bytes;
        c = stage_cursor(m, b, 0, err);
        fsse_code(&c, &list);
    }
    mem_free(m->mem, bytes, list.sections_size);
    stage_changed(b, *used - 4, *used - 4);
    return c.status;
}

static hi5_status
fheap_put_manager(struct fheap_edit *e, const struct fheap_range *r, size_t n,
                  hi5_error *err)
{
    struct meta *const m = e->h.meta;
    const size_t size = fheap_fshd_size(m);
    struct fshd h = {.client = FS_FRACTAL_HEAP,
                     .nsections = n,
                     .nserial = n,
                     .nclasses = FHEAP_FS_CLASSES,
                     .shrink = FHEAP_FS_SHRINK,
                     .expand = FHEAP_FS_EXPAND,
                     .addr_bits = e->h.head.max_heap_bits,
                     .max_section = fheap_max_direct(&e->h)};
    struct staged *b;
    struct cur c;
    size_t used;

    if (e->fshd == ADDR_NONE)
        TRY(stage_new(m, size, &b, err));
    else
        TRY(stage_edit(m, e->fshd, size, "FSHD", &b, err));
    b->trusted = true; /* all of it is written */
    e->fshd = b->block.addr;
    TRY(fheap_put_list(e, r, n, &used, err));
    for (size_t i = 0; i < n; i++)
        h.space += r[i].size;
    h.sections = e->fsse;
    h.used = used;
    h.allocated = e->fsse_size;
    c = stage_cursor(m, b, 0, err);
    fshd_code(&c, &h);
    stage_changed(b, size - 4, size - 4);
    TRY(c.status);
    e->h.head.fs_addr = e->fshd;
    return fheap_put_head(e, err);
}

static hi5_status
fheap_drop_manager(struct fheap_edit *e, hi5_error *err)
{
    struct meta *const m = e->h.meta;

    if (e->fsse != ADDR_NONE)
        TRY(stage_free(m, e->fsse, e->fsse_size, err));
    e->fsse = ADDR_NONE;
    if (e->fshd != ADDR_NONE)
        TRY(stage_free(m, e->fshd, fheap_fshd_size(m), err));
    e->fshd = ADDR_NONE;
    return HI5_OK;
}

HI5_INT hi5_status
fheap_edit_settle(struct fheap_edit *e, hi5_error *err)
{
    struct mem *const mem = e->h.meta->mem;
    struct fheap_range *r;
    hi5_status s;
    size_t n;

    if (!e->loaded || e->h.head.fs_addr != ADDR_NONE)
        return HI5_OK;
    TRY(fheap_put_back(e, err));
    n = e->free.n;
    if (n == 0)
        return fheap_drop_manager(e, err);
    r = mem_alloc(mem, n * sizeof *r);
    if (r == NULL)
        return mem_fail(mem, n * sizeof *r, err);
    fheap_collect_ranges(e, r, n);
    s = fheap_put_manager(e, r, n, err);
    mem_free(mem, r, n * sizeof *r);
    return s;
}
