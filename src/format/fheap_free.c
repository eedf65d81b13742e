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
#include "format/freespace_edit.h"

enum { FHEAP_FS_CLASSES = 4, FHEAP_FS_SHRINK = 80, FHEAP_FS_EXPAND = 120 };

/* ---- reading the manager ---- */

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
fheap_load_manager(struct fheap_edit *e, hi5_error *err)
{
    struct fs_manager g = {ADDR_NONE, ADDR_NONE, 0};
    const hi5_status s = fs_load(e->h.meta, e->h.head.fs_addr, FS_FRACTAL_HEAP,
                                 e->h.head.max_heap_bits, &g, fheap_load_section, e, err);

    e->fshd = g.head;
    e->fsse = g.list;
    e->fsse_size = g.list_size;
    return s;
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
    while (extents_fit(&e->free, n, 1, 0, &at)) {
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

/* The ranges, those of one size together. */
static void
fheap_collect_ranges(const struct fheap_edit *e, struct fs_range *r, size_t n)
{
    uint64_t start = 0, size = 0;
    size_t i = 0;

    for (uint64_t at = 0; i < n; at = start + size) {
        if (!extents_has(&e->free, at, &start, &size) && size == 0)
            break;
        r[i++] = (struct fs_range){size, start, 0};
    }
    fs_sort(r, n);
}

/* A block for the list: the old one if it has just the size. */
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
    return stage_edit(m, e->fsse, (size_t)e->fsse_size, "FSSE", b, err);
}

static hi5_status
fheap_put_manager(struct fheap_edit *e, const struct fs_range *r, size_t n,
                  hi5_error *err)
{
    struct meta *const m = e->h.meta;
    const size_t size = fshd_size(m);
    struct fshd h = {.client = FS_FRACTAL_HEAP,
                     .nclasses = FHEAP_FS_CLASSES,
                     .shrink = FHEAP_FS_SHRINK,
                     .expand = FHEAP_FS_EXPAND,
                     .addr_bits = e->h.head.max_heap_bits,
                     .max_section = fheap_max_direct(&e->h)};
    struct staged *head, *list;
    size_t used;

    TRY(fs_list_size(m, &h, r, n, &used, err));
    if (e->fshd == ADDR_NONE)
        TRY(stage_new(m, size, &head, err));
    else
        TRY(stage_edit(m, e->fshd, size, "FSHD", &head, err));
    e->fshd = head->block.addr;
    TRY(fheap_stage_list(e, used, &list, err));
    TRY(fs_put(m, &h, r, n, head, list, err));
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
        TRY(stage_free(m, e->fshd, fshd_size(m), err));
    e->fshd = ADDR_NONE;
    return HI5_OK;
}

HI5_INT hi5_status
fheap_edit_settle(struct fheap_edit *e, hi5_error *err)
{
    struct mem *const mem = e->h.meta->mem;
    struct fs_range *r;
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
