/*
 * fheap_table.c - new and old blocks of fractal heaps that are changed
 *                                                                  [FMT III.G]
 *
 * Direct blocks come one after the other: the allocation iterator is the offset behind
 * the last one. A block that is too small for an object is passed over, and one in the
 * middle may be given up; such gaps are filled first. There are some if, and only if,
 * less is allocated than lies before the iterator.
 *
 * The root is a direct block while one is enough; then an indirect block, whose rows
 * double when they are full, and halve when the upper half is empty. No indirect block is
 * without children, so the iterator, which may be where one begins, never is where one
 * exists (libhdf5 would put a second one there).
 */
#include "format/fheap_edit_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

HI5_INT size_t
fheap_overhead(const struct fheap *h)
{
    return fheap_prefix_size(h) + ((h->head.flags & FHEAP_CHECKSUMS) != 0 ? 4 : 0);
}

HI5_INT uint64_t
fheap_max_direct(const struct fheap *h)
{
    return fheap_row_size(h, h->direct_rows - 1);
}

static unsigned
fheap_most_rows(const struct fheap *h)
{
    return h->head.max_heap_bits - h->first_row_bits + 1;
}

/* Rows of the indirect blocks in a row; 0: they cannot be. */
static unsigned
fheap_child_rows(const struct fheap *h, unsigned row)
{
    const unsigned bits = ckd_log2(fheap_row_size(h, row));

    return bits < h->first_row_bits ? 0 : bits - h->first_row_bits + 1;
}

static struct fheap_entry
fheap_root(const struct fheap *h)
{
    return (struct fheap_entry){.addr = h->head.root,
                                .size = h->head.start_block,
                                .stored = h->head.start_block,
                                .rows = h->head.cur_root_rows};
}

/* Bytes of all direct blocks that `rows` rows can have, without `lost` bytes of each;
 * below[r]: of r rows; modulo 2^64, as all sums of them are. */
static void
fheap_rooms(const struct fheap *h, unsigned rows, uint64_t lost, uint64_t below[65])
{
    below[0] = 0;
    for (unsigned r = 0; r < rows; r++) {
        const uint64_t size = fheap_row_size(h, r);
        const uint64_t each = r >= h->direct_rows ? below[fheap_child_rows(h, r)]
                              : size > lost       ? size - lost
                                                  : 0;
        below[r + 1] = below[r] + h->head.width * each;
    }
}

/* Bytes for objects in them. */
static uint64_t
fheap_capacity(const struct fheap *h, unsigned rows)
{
    uint64_t below[65];

    fheap_rooms(h, rows, fheap_overhead(h), below);
    return below[rows];
}

/* The rows for all that is expected, though the end of each block may be too short for the
 * next object; 0: nothing is. */
static unsigned
fheap_rows_expected(const struct fheap_edit *e)
{
    const unsigned most = fheap_most_rows(&e->h);
    uint64_t below[65];
    unsigned rows = 0;

    if (e->expected == 0)
        return 0;
    fheap_rooms(&e->h, most, fheap_overhead(&e->h) + e->longest - 1, below);
    while (rows < most && below[rows] < e->expected)
        rows++;
    return rows;
}

/* ---- finding blocks ---- */

HI5_INT hi5_status
fheap_locate(struct fheap_edit *e, uint64_t offset, uint64_t n, hi5_error *err)
{
    const size_t first = fheap_overhead(&e->h);
    struct fheap_entry b = e->last;

    if (b.addr == ADDR_NONE || offset < b.start || offset - b.start >= b.size) {
        b = fheap_root(&e->h);
        while (b.addr != ADDR_NONE && b.rows > 0)
            TRY(fheap_step(&e->h, &b, offset - b.start, err));
        if (b.addr == ADDR_NONE)
            return err_set(err, HI5_E_CORRUPT, e->h.addr, "fractal heap", "heap ID",
                           "III.G", "there is no block at its offset 0x%llx",
                           (unsigned long long)offset);
    }
    if (n == 0 || offset - b.start < first || !ckd_inside(offset - b.start, n, b.size))
        return err_set(err, HI5_E_CORRUPT, b.addr, "FHDB", "object", "III.G.2",
                       "a heap ID names %llu bytes at 0x%llx, not all in the block",
                       (unsigned long long)n, (unsigned long long)offset);
    e->last = b;
    return HI5_OK;
}

HI5_INT hi5_status
fheap_stage_last(struct fheap_edit *e, struct staged **b, hi5_error *err)
{
    const struct fheap_entry *const d = &e->last;
    size_t n;

    if (!ckd_size(d->size, &n))
        n = SIZE_MAX;
    TRY(stage_edit(e->h.meta, d->addr, n, "FHDB", b, err));
    if (!(*b)->trusted)
        TRY(fheap_direct_object(&e->h, d, (*b)->bytes, false,
                                d->start + fheap_overhead(&e->h), 0, err));
    (*b)->trusted = true;
    return HI5_OK;
}

/* ---- indirect blocks ---- */

static size_t
fheap_indirect_size(const struct fheap *h, unsigned rows)
{
    return fheap_prefix_size(h) + fheap_table_of(h, rows).entries + 4;
}

static hi5_status
fheap_stage_indirect(struct fheap_edit *e, const struct fheap_entry *at,
                     struct staged **b, hi5_error *err)
{
    const size_t n = fheap_indirect_size(&e->h, at->rows);
    struct block *pin;

    if (stage_peek(e->h.meta, at->addr, n) == NULL) {
        TRY(fheap_indirect_pin(&e->h, at, &pin, err));
        meta_unpin(e->h.meta, pin);
    }
    TRY(stage_edit(e->h.meta, at->addr, n, "FHIB", b, err));
    (*b)->trusted = true;
    stage_changed(*b, n - 4, n - 4);
    return HI5_OK;
}

/* A new one, all entries undefined. */
static hi5_status
fheap_new_indirect(struct fheap_edit *e, uint64_t start, unsigned rows,
                   struct staged **b, hi5_error *err)
{
    const size_t n = fheap_indirect_size(&e->h, rows), at = fheap_prefix_size(&e->h);
    struct fheap_prefix p = {e->h.addr, start};
    struct cur c;

    TRY(stage_new(e->h.meta, n, b, err));
    c = stage_cursor(e->h.meta, *b, 0, err);
    fheap_prefix_code(&c, &e->h, &p, "FHIB");
    memset((*b)->bytes + at, 0xff, n - 4 - at);
    stage_changed(*b, n - 4, n - 4);
    return c.status;
}

/* The place of an entry, all of which are as wide as addresses without filters. */
static uint8_t *
fheap_entry_bytes(const struct fheap *h, struct staged *b, uint64_t entry)
{
    return b->bytes + fheap_prefix_size(h) + (size_t)entry * h->meta->off_w;
}

/* The last entry with a block; -1: there is none. */
static int64_t
fheap_last_child(const struct fheap *h, struct staged *b, unsigned rows)
{
    int64_t i = (int64_t)rows * h->head.width - 1;

    while (i >= 0 && cur_raw_addr(fheap_entry_bytes(h, b, (uint64_t)i),
                                  h->meta->off_w) == ADDR_NONE)
        i--;
    return i;
}

/* The address space of `rows` rows. */
static uint64_t
fheap_span(const struct fheap *h, unsigned rows)
{
    return h->first_row_bits + rows > 64 ? UINT64_MAX : fheap_row_offset(h, rows);
}

/* Let the root have so many rows; 0: a direct block, the first, and there is no other.
 * No block is beyond them. */
static hi5_status
fheap_set_rows(struct fheap_edit *e, unsigned rows, hi5_error *err)
{
    struct frhp *const head = &e->h.head;
    const struct fheap_entry old = fheap_root(&e->h);
    const size_t at = fheap_prefix_size(&e->h);
    const uint64_t had = old.rows > 0 ? fheap_capacity(&e->h, old.rows)
                         : old.addr != ADDR_NONE
                             ? head->start_block - fheap_overhead(&e->h)
                             : 0;
    struct staged *from = NULL, *to = NULL;

    if (old.rows > 0)
        TRY(fheap_stage_indirect(e, &old, &from, err));
    if (rows > 0)
        TRY(fheap_new_indirect(e, 0, rows, &to, err));
    if (from != NULL && to != NULL)
        memcpy(to->bytes + at, from->bytes + at,
               (from->block.size < to->block.size ? from : to)->block.size - 4 - at);
    else if (to != NULL)
        cur_raw_store(to->bytes + at, e->h.meta->off_w, old.addr);
    head->root =
        to != NULL ? to->block.addr : cur_raw_addr(from->bytes + at, e->h.meta->off_w);
    if (from != NULL)
        TRY(stage_free(e->h.meta, old.addr, from->block.size, err));
    head->cur_root_rows = (uint16_t)rows;
    head->man_size = rows > 0 ? fheap_span(&e->h, rows) : head->start_block;
    head->free_space += (rows > 0 ? fheap_capacity(&e->h, rows)
                                  : head->start_block - fheap_overhead(&e->h)) -
                        had;
    return HI5_OK;
}

/* ---- where the next direct block goes ---- */

/* The innermost table that has an entry at `at`, and what is there: *base and *rows of
 * the table, the row, and whether an entry begins at `at`. False: beyond the heap. */
struct fheap_spot {
    uint64_t base;
    unsigned rows, row;
    bool begins;
};

static bool
fheap_spot_at(const struct fheap *h, uint64_t at, struct fheap_spot *s)
{
    *s = (struct fheap_spot){.rows = fheap_most_rows(h)};
    for (;;) {
        const uint64_t off = at - s->base;
        uint64_t in, size;

        s->row = fheap_row_of(h, off);
        if (s->row >= s->rows)
            return false;
        size = fheap_row_size(h, s->row);
        in = off - fheap_row_offset(h, s->row);
        if (s->row < h->direct_rows) {
            s->begins = in % size == 0;
            return true;
        }
        s->rows = fheap_child_rows(h, s->row);
        s->base = at - in % size;
    }
}

/* The first place at or behind `at` for a direct block of at least `need` bytes. */
static bool
fheap_slot_behind(const struct fheap *h, uint64_t at, uint64_t need,
                  struct fheap_entry *slot)
{
    struct fheap_spot s;

    while (fheap_spot_at(h, at, &s) && s.begins) {
        unsigned row = s.row;

        *slot = (struct fheap_entry){
            .addr = ADDR_NONE, .start = at, .size = fheap_row_size(h, row)};
        if (slot->size >= need)
            return true;
        while (row < s.rows && row < h->direct_rows && fheap_row_size(h, row) < need)
            row++;
        if (h->first_row_bits + row > 64) /* the end of all there can be */
            return false;
        at = s.base + fheap_row_offset(h, row);
    }
    return false;
}

/* The first gap before the iterator. Each level has fewer rows than the one above. */
static hi5_status
fheap_find_gap(const struct fheap *h, const struct fheap_entry *table, uint64_t need,
               struct fheap_entry *slot, hi5_error *err)
{
    const uint64_t end = h->head.man_iter_off;
    hi5_status s = HI5_E_NOTFOUND;
    struct block *b;

    TRY(fheap_indirect_pin(h, table, &b, err));
    for (unsigned i = 0; i < table->rows * h->head.width && s == HI5_E_NOTFOUND; i++) {
        const unsigned row = i / h->head.width;
        struct fheap_entry to;

        if (!fheap_entry_at(h, table, b->bytes, row, i % h->head.width, &to) ||
            to.start >= end)
            break;
        if (to.addr != ADDR_NONE && to.rows > 0)
            s = fheap_find_gap(h, &to, need, slot, err);
        else if (to.addr == ADDR_NONE && fheap_slot_behind(h, to.start, need, slot) &&
                 slot->start - to.start < to.size && slot->start < end)
            s = HI5_OK;
    }
    meta_unpin(h->meta, b);
    return s;
}

/* Where the next direct block goes, and what the iterator is then. */
static hi5_status
fheap_choose(const struct fheap_edit *e, uint64_t need, struct fheap_entry *slot,
             uint64_t *iterator, hi5_error *err)
{
    const struct frhp *const head = &e->h.head;
    const struct fheap_entry root = fheap_root(&e->h);
    uint64_t at = head->man_iter_off;
    hi5_status s = HI5_E_NOTFOUND;

    if (root.addr == ADDR_NONE)
        at = 0;
    else if (root.rows == 0) /* NOTE(lib): the iterator is not kept then */
        at = head->start_block;
    *iterator = at;
    if (root.rows > 0 && head->man_alloc < at)
        s = fheap_find_gap(&e->h, &root, need, slot, err);
    if (s != HI5_E_NOTFOUND)
        return s;
    if (!fheap_slot_behind(&e->h, at, need, slot))
        return err_set(err, HI5_E_RANGE, e->h.addr, "FRHP", "maximum heap size",
                       "III.G.1", "the heap is full");
    *iterator = slot->start + slot->size;
    return HI5_OK;
}

/* ---- putting it there ---- */

/* Let the root reach `end` of the address space. */
static hi5_status
fheap_cover(struct fheap_edit *e, uint64_t end, hi5_error *err)
{
    const unsigned most = fheap_most_rows(&e->h), cur = e->h.head.cur_root_rows;
    const unsigned start = e->h.head.start_root_rows;
    unsigned need = fheap_row_of(&e->h, end - 1) + 1, rows;

    if (cur >= need)
        return HI5_OK;
    rows = cur > 0 ? 2 * cur : start != 0 ? start : most;
    rows = rows < most ? rows : most;
    if (need < fheap_rows_expected(e))
        need = rows = fheap_rows_expected(e);
    return fheap_set_rows(e, rows > need ? rows : need, err);
}

static hi5_status
fheap_new_direct(struct fheap_edit *e, struct fheap_entry *slot, hi5_error *err)
{
    const bool sums = (e->h.head.flags & FHEAP_CHECKSUMS) != 0;
    struct fheap_prefix p = {e->h.addr, slot->start};
    struct staged *b;
    struct cur c;

    TRY(stage_new(e->h.meta, (size_t)slot->size, &b, err));
    c = stage_cursor(e->h.meta, b, 0, err);
    fheap_prefix_code(&c, &e->h, &p, "FHDB");
    stage_changed(b, fheap_prefix_size(&e->h), sums ? b->block.size : 0);
    slot->addr = b->block.addr;
    slot->stored = slot->size;
    return c.status;
}

/* Enter the direct block `slot` in the tables, and make those that are missing. */
static hi5_status
fheap_attach(struct fheap_edit *e, const struct fheap_entry *slot, hi5_error *err)
{
    const struct fheap *const h = &e->h;
    struct fheap_entry table = fheap_root(h);

    for (;;) {
        const uint64_t off = slot->start - table.start;
        const unsigned row = fheap_row_of(h, off);
        const uint64_t size = fheap_row_size(h, row),
                       col = (off - fheap_row_offset(h, row)) / size;
        struct fheap_entry to = {
            .start = table.start + fheap_row_offset(h, row) + col * size, .size = size};
        struct staged *b, *child;
        uint8_t *p;

        TRY(fheap_stage_indirect(e, &table, &b, err));
        p = fheap_entry_bytes(h, b, (uint64_t)row * h->head.width + col);
        to.addr = cur_raw_addr(p, h->meta->off_w);
        to.rows = row < h->direct_rows ? 0 : fheap_child_rows(h, row);
        if (to.rows == 0 && to.addr != ADDR_NONE)
            return err_set(err, HI5_E_CORRUPT, table.addr, "FHIB", "address", "III.G.3",
                           "a block where none was allocated");
        if (to.rows == 0) {
            cur_raw_store(p, h->meta->off_w, slot->addr);
            return HI5_OK;
        }
        if (to.addr == ADDR_NONE) {
            TRY(fheap_new_indirect(e, to.start, to.rows, &child, err));
            to.addr = child->block.addr;
            cur_raw_store(p, h->meta->off_w, to.addr);
        }
        table = to;
    }
}

HI5_INT hi5_status
fheap_new_block(struct fheap_edit *e, uint64_t n, hi5_error *err)
{
    struct frhp *const head = &e->h.head;
    const uint64_t need = fheap_overhead(&e->h) + n;
    struct fheap_entry slot;
    uint64_t iterator;

    TRY(fheap_choose(e, need, &slot, &iterator, err));
    if (head->root == ADDR_NONE && slot.start == 0) {
        TRY(fheap_new_direct(e, &slot, err));
        head->root = slot.addr;
        head->cur_root_rows = 0;
        head->man_size = head->man_alloc = slot.size;
        head->man_iter_off = 0;
        head->free_space = slot.size - fheap_overhead(&e->h);
    } else {
        if (head->cur_root_rows == 0) /* NOTE(lib): libhdf5 may have left another */
            head->man_alloc = head->root != ADDR_NONE ? head->start_block : 0;
        TRY(fheap_cover(e, slot.start + slot.size, err));
        TRY(fheap_new_direct(e, &slot, err));
        TRY(fheap_attach(e, &slot, err));
        head->man_alloc += slot.size;
        head->man_iter_off = iterator;
    }
    e->last = slot;
    return fheap_put_head(e, err);
}

/* ---- giving up blocks ---- */

static hi5_status
fheap_drop_all(struct fheap_edit *e, hi5_error *err)
{
    struct frhp *const head = &e->h.head;

    head->root = ADDR_NONE;
    head->cur_root_rows = 0;
    head->man_size = head->man_alloc = head->man_iter_off = head->free_space = 0;
    return fheap_put_head(e, err);
}

/* Take `gone` out of the table at `at`, and the table out of its parent if that was all.
 * Each level has fewer rows than the one above. */
static hi5_status
fheap_detach(struct fheap_edit *e, const struct fheap_entry *at,
             const struct fheap_entry *gone, bool *empty, hi5_error *err)
{
    const struct fheap *const h = &e->h;
    const uint64_t off = gone->start - at->start;
    const unsigned row = fheap_row_of(h, off);
    const uint64_t col = (off - fheap_row_offset(h, row)) / fheap_row_size(h, row);
    struct fheap_entry to;
    bool last = true;
    struct staged *b;

    TRY(fheap_stage_indirect(e, at, &b, err));
    if (row >= at->rows || !fheap_entry_at(h, at, b->bytes, row, (size_t)col, &to) ||
        to.addr == ADDR_NONE)
        return err_set(err, HI5_E_CORRUPT, at->addr, "FHIB", "address", "III.G.3",
                       "a block has vanished");
    if (to.rows > 0)
        TRY(fheap_detach(e, &to, gone, &last, err));
    *empty = false;
    if (!last)
        return HI5_OK;
    cur_raw_store(fheap_entry_bytes(h, b, (uint64_t)row * h->head.width + col),
                  h->meta->off_w, ADDR_NONE);
    *empty = fheap_last_child(h, b, at->rows) < 0;
    return *empty ? stage_free(h->meta, at->addr, b->block.size, err) : HI5_OK;
}

/* Where the last direct block below `at` ends. */
static hi5_status
fheap_last_end(struct fheap_edit *e, struct fheap_entry at, uint64_t *end,
               hi5_error *err)
{
    while (at.rows > 0) {
        struct fheap_entry to;
        struct staged *b;
        int64_t i;

        TRY(fheap_stage_indirect(e, &at, &b, err));
        i = fheap_last_child(&e->h, b, at.rows);
        if (i < 0 ||
            !fheap_entry_at(&e->h, &at, b->bytes, (unsigned)(i / e->h.head.width),
                            (size_t)(i % e->h.head.width), &to))
            return err_set(err, HI5_E_CORRUPT, at.addr, "FHIB", "address", "III.G.3",
                           "an indirect block without children");
        at = to;
    }
    *end = at.start + at.size;
    return HI5_OK;
}

/* Let the root have less rows if half of them are enough, or be the first block if that
 * is the only one. */
static hi5_status
fheap_shrink(struct fheap_edit *e, hi5_error *err)
{
    struct frhp *const head = &e->h.head;
    const struct fheap_entry root = fheap_root(&e->h);
    unsigned row, rows;
    struct staged *b;
    int64_t last;

    TRY(fheap_stage_indirect(e, &root, &b, err));
    last = fheap_last_child(&e->h, b, root.rows);
    row = (unsigned)(last / head->width);
    rows = 2u << ckd_log2(row);
    if (last == 0) {
        TRY(fheap_set_rows(e, 0, err));
        head->man_iter_off = 0;
    } else if (head->start_root_rows != 0 && row <= root.rows / 2 && rows < root.rows) {
        TRY(fheap_set_rows(e, rows, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
fheap_drop_block(struct fheap_edit *e, const struct fheap_entry *gone, hi5_error *err)
{
    struct frhp *const head = &e->h.head;
    const struct fheap_entry root = fheap_root(&e->h);
    bool empty = true;

    if (root.rows > 0)
        TRY(fheap_detach(e, &root, gone, &empty, err));
    TRY(stage_free(e->h.meta, gone->addr, gone->size, err));
    e->last.addr = ADDR_NONE;
    if (empty)
        return fheap_drop_all(e, err);
    head->man_alloc = fheap_less(head->man_alloc, gone->size);
    if (gone->start + gone->size == head->man_iter_off) {
        TRY(fheap_last_end(e, root, &head->man_iter_off, err));
        TRY(fheap_shrink(e, err));
    }
    return fheap_put_head(e, err);
}
