/*
 * fheap_managed.c - managed objects of fractal heaps: direct and indirect blocks
 *                                                                  [FMT III.G]
 *
 * A heap's address space is a table of `width` columns. Blocks of the first two rows have
 * the starting size; each later row doubles it. The first rows are direct blocks, up to
 * the maximum direct block size; those beyond are indirect blocks, which are such tables
 * themselves, with fewer rows.
 */
#include "format/fheap_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/lookup3.h"
#include <string.h>

/* ---- geometry of the doubling table ---- */

HI5_INT uint64_t
fheap_row_size(const struct fheap *h, unsigned row)
{
    return row < 2 ? h->head.start_block : h->head.start_block << (row - 1);
}

HI5_INT uint64_t
fheap_row_offset(const struct fheap *h, unsigned row)
{
    return row == 0 ? 0 : (uint64_t)1 << (h->first_row_bits + row - 1);
}

HI5_INT unsigned
fheap_row_of(const struct fheap *h, uint64_t offset)
{
    if (offset >> h->first_row_bits == 0)
        return 0;
    return ckd_log2(offset) - h->first_row_bits + 1;
}

/* ---- indirect blocks ---- */

/* Bytes of one entry for a direct block. */
static size_t
fheap_direct_entry(const struct fheap *h)
{
    return h->meta->off_w + (h->head.filter_len > 0 ? h->meta->len_w + 4u : 0u);
}

HI5_INT size_t
fheap_prefix_size(const struct fheap *h)
{
    return 5u + h->meta->off_w + h->offset_width;
}

HI5_INT void
fheap_prefix_code(struct cur *c, const struct fheap *h, struct fheap_prefix *p,
                  const char *signature)
{
    cur_signature(c, signature);
    cur_const(c, "version", 1, 0);
    cur_addr(c, "heap header address", &p->heap);
    cur_uint(c, "block offset", h->offset_width, &p->start);
}

/* A block that has been found good, and is asked for by the same parent: the usual case. */
static bool
fheap_prefix_known(const struct fheap *h, const struct block *b, uint64_t start)
{
    const struct meta *const m = h->meta;

    return m->watch == NULL && atomic_load_explicit(&b->checked, memory_order_relaxed) &&
           cur_raw_addr(b->bytes + 5, m->off_w) == h->addr &&
           cur_raw_uint(b->bytes + 5 + m->off_w, h->offset_width) == start;
}

/* Is it the block that its parent takes it for? */
static void
fheap_prefix_check(struct cur *c, const struct fheap *h, const struct fheap_prefix *p,
                   uint64_t start)
{
    c->field_at = 5;
    cur_require(c, p->heap == h->addr, "heap header address",
                "it is another heap's block");
    c->field_at += h->meta->off_w;
    cur_require(c, p->start == start, "block offset",
                "it is not where its parent says");
}

/*
 * Fractal Heap Indirect Block                                      [FMT III.G.3]
 *
 *   size  field
 *      4  signature            "FHIB"
 *      1  version              0
 *      O  heap header address
 *      -  block offset         in the heap's address space; ceil(maximum heap size / 8)
 *         for each direct block, min(rows, direct rows) * width:
 *      O    address            undefined: not there
 *           if there are filters:
 *      L      filtered size
 *      4      filter mask
 *         for each indirect block, the other rows:
 *      O    address
 *      4  checksum
 *
 * The entries are arrays that only lookups touch, so they are not decoded as fields.
 */
static void
fhib_check(struct cur *c, const struct fheap *h, const struct fheap_entry *e,
           size_t entries, bool checked)
{
    struct fheap_prefix p = {0};

    cur_begin(c, "FHIB", "III.G.3");
    fheap_prefix_code(c, h, &p, "FHIB");
    cur_skip(c, "entries", entries);
    if (!checked)
        cur_checksum(c);
    fheap_prefix_check(c, h, &p, e->start);
}

HI5_INT struct fheap_table
fheap_table_of(const struct fheap *h, unsigned rows)
{
    struct fheap_table t = {.direct = rows < h->direct_rows ? rows : h->direct_rows};
    const size_t nindirect = (size_t)(rows - t.direct) * h->head.width;

    t.ndirect = (size_t)t.direct * h->head.width;
    t.entries = t.ndirect * fheap_direct_entry(h) + nindirect * h->meta->off_w;
    return t;
}

/* The entry in a row and column of indirect block `e`, whose bytes are at `block`. False
 * if an indirect block there would not be smaller, so that a descent would not end. */
HI5_INT bool
fheap_entry_at(const struct fheap *h, const struct fheap_entry *e, const uint8_t *block,
               unsigned row, size_t col, struct fheap_entry *to)
{
    const struct fheap_table t = fheap_table_of(h, e->rows);
    const size_t wide = fheap_direct_entry(h);
    const unsigned off_w = h->meta->off_w;
    const uint8_t *p = block + fheap_prefix_size(h);

    *to = (struct fheap_entry){.size = fheap_row_size(h, row)};
    to->start = e->start + fheap_row_offset(h, row) + col * to->size;
    if (row < t.direct) {
        p += ((size_t)row * h->head.width + col) * wide;
        to->stored = wide > off_w ? cur_raw_addr(p + off_w, h->meta->len_w) : to->size;
        to->mask = wide > off_w ? (uint32_t)cur_raw_uint(p + wide - 4, 4) : 0;
    } else {
        p +=
            t.ndirect * wide + ((size_t)(row - t.direct) * h->head.width + col) * off_w;
        /* U-FH-5. A child has fewer rows than its parent, so the descent ends. */
        to->rows = ckd_log2(to->size) < h->first_row_bits
                       ? 0
                       : ckd_log2(to->size) - h->first_row_bits + 1;
    }
    to->addr = cur_raw_addr(p, off_w);
    return row < t.direct || (to->rows != 0 && to->rows < e->rows);
}

/* Pin and check an indirect block. */
HI5_INT hi5_status
fheap_indirect_pin(const struct fheap *h, const struct fheap_entry *e, struct block **b,
                   hi5_error *err)
{
    struct meta *const m = h->meta;
    const size_t entries = fheap_table_of(h, e->rows).entries;
    const size_t n = fheap_prefix_size(h) + entries + 4;
    struct cur c;

    TRY(meta_pin(m, e->addr, n, "FHIB", b, err));
    if (fheap_prefix_known(h, *b, e->start))
        return HI5_OK;
    c = meta_cursor(m, *b, n, NULL, err);
    fhib_check(&c, h, e, entries, m->watch == NULL && atomic_load(&(*b)->checked));
    if (cur_ok(&c))
        atomic_store(&(*b)->checked, true);
    else
        meta_unpin(m, *b);
    return c.status;
}

/* Step from an indirect block to the entry that covers `offset`, relative to it. */
HI5_INT hi5_status
fheap_step(const struct fheap *h, struct fheap_entry *e, uint64_t offset,
           hi5_error *err)
{
    const unsigned row = fheap_row_of(h, offset);
    struct fheap_entry to;
    struct block *b;
    uint64_t col;
    bool ends;

    if (row >= e->rows)
        return err_set(err, HI5_E_CORRUPT, e->addr, "FHIB", "", "III.G.3",
                       "a heap ID names an offset beyond its %u rows", e->rows);
    TRY(fheap_indirect_pin(h, e, &b, err));
    col = (offset - fheap_row_offset(h, row)) / fheap_row_size(h, row);
    ends = fheap_entry_at(h, e, b->bytes, row, (size_t)col, &to);
    meta_unpin(h->meta, b);
    if (!ends)
        return err_set(err, HI5_E_CORRUPT, e->addr, "FHIB", "", "III.G.3",
                       "row %u has no room for indirect blocks", row);
    *e = to;
    return HI5_OK;
}

/* ---- direct blocks ---- */

/* U-FH-7: the checksum is made with its own field zero. */
static hi5_status
fheap_direct_sum(const struct fheap *h, const struct fheap_entry *e,
                 const uint8_t *bytes, hi5_error *err)
{
    const size_t at = fheap_prefix_size(h), n = (size_t)e->size;
    const uint32_t stored = (uint32_t)cur_raw_uint(bytes + at, 4);
    uint8_t *const copy = mem_alloc(h->meta->mem, n);
    uint32_t sum;

    if (copy == NULL)
        return mem_fail(h->meta->mem, n, err);
    memcpy(copy, bytes, n);
    memset(copy + at, 0, 4);
    sum = lookup3(copy, n, 0);
    mem_free(h->meta->mem, copy, n);
    if (sum != stored)
        return err_set(err, HI5_E_CHECKSUM, e->addr + at, "FHDB", "checksum", "III.G.2",
                       "0x%08lx stored, 0x%08lx computed", (unsigned long)stored,
                       (unsigned long)sum);
    return HI5_OK;
}

/*
 * Fractal Heap Direct Block                                        [FMT III.G.2]
 *
 *   size  field
 *      4  signature            "FHDB"
 *      1  version              0
 *      O  heap header address
 *      -  block offset         in the heap's address space; ceil(maximum heap size / 8)
 *      4  checksum             only if the heap's flag 2 is set; of the whole block
 *      -  objects, to the end of the block
 *
 * Offsets of objects count all of this (U-FH-4, GRP-12).
 */
HI5_INT hi5_status
fheap_direct_object(const struct fheap *h, const struct fheap_entry *e,
                    const uint8_t *bytes, bool checked, uint64_t offset, uint64_t n,
                    hi5_error *err)
{
    const bool sums = (h->head.flags & FHEAP_CHECKSUMS) != 0;
    const size_t first = fheap_prefix_size(h) + (sums ? 4 : 0);
    struct cur c =
        meta_cursor_at(h->meta, bytes, (size_t)e->size,
                       h->head.filter_len > 0 ? ADDR_NONE : e->addr, NULL, err);
    struct fheap_prefix p = {0};

    cur_begin(&c, "FHDB", "III.G.2");
    fheap_prefix_code(&c, h, &p, "FHDB");
    if (sums)
        cur_skip(&c, "checksum", 4);
    TRY(c.status);
    if (sums && !checked)
        TRY(fheap_direct_sum(h, e, bytes, err));
    fheap_prefix_check(&c, h, &p, e->start);
    c.field_at = 0;
    cur_require(&c, offset - e->start >= first, "object",
                "a heap ID points into the block's header");
    cur_require(&c, ckd_inside(offset - e->start, n, e->size), "object",
                "a heap ID names bytes beyond the block");
    return c.status;
}

HI5_INT hi5_status
fheap_view_in(const struct fheap *h, const struct fheap_entry *e, uint64_t offset,
              uint64_t n, const uint8_t **bytes, uint64_t *addr, struct block **held,
              hi5_error *err)
{
    const size_t first =
        fheap_prefix_size(h) + ((h->head.flags & FHEAP_CHECKSUMS) != 0 ? 4 : 0);
    struct block *b;
    hi5_status s = HI5_OK;
    size_t size;

    if (!ckd_size(e->size, &size))
        size = SIZE_MAX;
    TRY(meta_pin(h->meta, e->addr, size, "FHDB", &b, err));
    if (!fheap_prefix_known(h, b, e->start) || offset - e->start < first ||
        !ckd_inside(offset - e->start, n, e->size))
        s = fheap_direct_object(h, e, b->bytes, atomic_load(&b->checked), offset, n, err);
    if (s != HI5_OK) {
        meta_unpin(h->meta, b);
        return s;
    }
    atomic_store_explicit(&b->checked, true, memory_order_relaxed);
    *addr = e->addr + (offset - e->start);
    *bytes = b->bytes + (offset - e->start);
    *held = b;
    return HI5_OK;
}

static hi5_status
fheap_from_filtered(const struct fheap *h, const struct fheap_entry *e, uint64_t offset,
                    uint64_t n, struct arena *a, const uint8_t **bytes, hi5_error *err)
{
    struct mem *const mem = h->meta->mem;
    uint8_t *block;
    hi5_status s;

    TRY(fheap_check_sizes(h, e->addr, e->stored, e->size, err));
    block = mem_alloc(mem, (size_t)e->size);
    if (block == NULL)
        return mem_fail(mem, e->size, err);
    s = fheap_unfilter(h, e->addr, (size_t)e->stored, e->mask, block, (size_t)e->size,
                       err);
    if (s == HI5_OK)
        s = fheap_direct_object(h, e, block, false, offset, n, err);
    if (s == HI5_OK) {
        *bytes = arena_copy(a, block + (offset - e->start), (size_t)n);
        if (*bytes == NULL)
            s = mem_fail(mem, n, err);
    }
    mem_free(mem, block, (size_t)e->size);
    return s;
}

/*
 * Managed object: heap ID                                          [FMT III.G]
 *
 *   size  field
 *      1  version and type     0x00
 *      -  offset               ceil(maximum heap size / 8)
 *      -  length               what the smaller of direct block and managed object needs
 */
HI5_INT hi5_status
fheap_get_managed(const struct fheap *h, const uint8_t *id, struct arena *a,
                  const uint8_t **bytes, size_t *n, uint64_t *addr, struct block **held,
                  hi5_error *err)
{
    struct fheap_entry e = {.addr = h->head.root,
                            .size = h->head.start_block,
                            .rows = h->head.cur_root_rows,
                            .stored = h->head.root_filtered_size,
                            .mask = h->head.root_filter_mask};
    uint64_t offset, length;

    if (1u + h->offset_width + h->length_width > h->head.id_len)
        return err_set(err, HI5_E_CORRUPT, h->addr, "FRHP", "heap ID length", "III.G.1",
                       "%u bytes do not hold an offset and a length",
                       (unsigned)h->head.id_len);
    offset = cur_raw_uint(id + 1, h->offset_width);
    length = cur_raw_uint(id + 1 + h->offset_width, h->length_width);
    while (e.addr != ADDR_NONE && e.rows > 0)
        TRY(fheap_step(h, &e, offset - e.start, err));
    if (e.addr == ADDR_NONE)
        return err_set(err, HI5_E_CORRUPT, h->addr, "fractal heap", "heap ID", "III.G",
                       "there is no block at its offset 0x%llx",
                       (unsigned long long)offset);
    if (length == 0 || offset - e.start >= e.size)
        return err_set(err, HI5_E_CORRUPT, h->addr, "fractal heap", "heap ID", "III.G",
                       "offset 0x%llx, length %llu is outside the heap",
                       (unsigned long long)offset, (unsigned long long)length);
    *n = (size_t)length;
    if (h->head.filter_len > 0)
        return fheap_from_filtered(h, &e, offset, length, a, bytes, err);
    return fheap_view_in(h, &e, offset, length, bytes, addr, held, err);
}

HI5_INT bool
fheap_managed_place(const struct fheap *h, const uint8_t *id, uint64_t *offset,
                    uint64_t *length)
{
    if (id[0] >> 4 != 0 || 1u + h->offset_width + h->length_width > h->head.id_len)
        return false;
    *offset = cur_raw_uint(id + 1, h->offset_width);
    *length = cur_raw_uint(id + 1 + h->offset_width, h->length_width);
    return true;
}

/* ---- all blocks ---- */

struct fheap_visit {
    const struct fheap *h;
    fheap_block_fn fn;
    void *ctx;
};

/* Is a direct block what it should be? */
static hi5_status
fheap_direct_verify(const struct fheap *h, const struct fheap_entry *e, size_t first,
                    hi5_error *err)
{
    struct meta *const m = h->meta;
    struct block *b;
    uint8_t *plain;
    hi5_status s;

    TRY(fheap_check_sizes(h, e->addr, e->stored, e->size, err));
    if (h->head.filter_len == 0) {
        TRY(meta_pin(m, e->addr, (size_t)e->size, "FHDB", &b, err));
        s = fheap_direct_object(h, e, b->bytes, false, e->start + first, 0, err);
        meta_unpin(m, b);
        return s;
    }
    plain = mem_alloc(m->mem, (size_t)e->size);
    if (plain == NULL)
        return mem_fail(m->mem, e->size, err);
    s = fheap_unfilter(h, e->addr, (size_t)e->stored, e->mask, plain, (size_t)e->size,
                       err);
    if (s == HI5_OK)
        s = fheap_direct_object(h, e, plain, false, e->start + first, 0, err);
    mem_free(m->mem, plain, (size_t)e->size);
    return s;
}

static hi5_status
fheap_visit_direct(const struct fheap_visit *v, const struct fheap_entry *e,
                   hi5_error *err)
{
    const bool sums = (v->h->head.flags & FHEAP_CHECKSUMS) != 0;
    const size_t first = fheap_prefix_size(v->h) + (sums ? 4 : 0);
    const struct fheap_block block = {.addr = e->addr,
                                      .start = e->start,
                                      .size = e->size,
                                      .stored = e->stored,
                                      .head = first};
    hi5_error why = {0};
    const hi5_status bad = fheap_direct_verify(v->h, e, first, &why);

    return v->fn(v->ctx, &block, bad != HI5_OK ? &why : NULL, err);
}

/* A block and all below it. Each level has fewer rows than the one above, which bounds
 * the recursion to 64 levels. */
static hi5_status
fheap_visit_block(const struct fheap_visit *v, const struct fheap_entry *e,
                  hi5_error *err)
{
    const struct fheap_table t = fheap_table_of(v->h, e->rows);
    const struct fheap_block block = {.addr = e->addr,
                                      .start = e->start,
                                      .size = e->size,
                                      .rows = e->rows,
                                      .stored =
                                          fheap_prefix_size(v->h) + t.entries + 4};
    hi5_error why = {0};
    hi5_status s, bad;
    struct block *b;

    if (e->rows == 0)
        return fheap_visit_direct(v, e, err);
    bad = fheap_indirect_pin(v->h, e, &b, &why);
    s = v->fn(v->ctx, &block, bad != HI5_OK ? &why : NULL, err);
    if (bad != HI5_OK)
        return s == HI5_E_EXISTS ? HI5_OK : s;
    for (unsigned i = 0; i < e->rows * v->h->head.width && s == HI5_OK; i++) {
        struct fheap_entry to;

        if (fheap_entry_at(v->h, e, b->bytes, i / v->h->head.width,
                           i % v->h->head.width, &to) &&
            to.addr != ADDR_NONE)
            s = fheap_visit_block(v, &to, err);
    }
    meta_unpin(v->h->meta, b);
    return s == HI5_E_EXISTS ? HI5_OK : s;
}

HI5_INT hi5_status
fheap_blocks_each(const struct fheap *h, fheap_block_fn fn, void *ctx, hi5_error *err)
{
    const struct fheap_visit v = {h, fn, ctx};
    const struct fheap_entry root = {.addr = h->head.root,
                                     .size = h->head.start_block,
                                     .rows = h->head.cur_root_rows,
                                     .stored = h->head.filter_len > 0
                                                   ? h->head.root_filtered_size
                                                   : h->head.start_block,
                                     .mask = h->head.root_filter_mask};
    hi5_status s;

    if (root.addr == ADDR_NONE)
        return HI5_OK;
    s = fheap_visit_block(&v, &root, err);
    return s == HI5_E_EXISTS ? HI5_OK : s;
}
