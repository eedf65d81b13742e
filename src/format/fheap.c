/*
 * fheap.c - fractal heaps                                          [FMT III.G]
 *
 * They hold the links of dense groups, dense attributes and shared messages; the records
 * of the name and order B-trees hold heap IDs. An ID is one of three kinds: a managed
 * object is an offset into the heap's own address space, which direct blocks fill and a
 * tree of indirect blocks maps; a huge object has its own space in the file, found
 * through a B-tree if the ID is too short to say where; a tiny object is in the ID.
 *
 * The address space is a table of `width` columns. Blocks of the first two rows have the
 * starting size; each later row doubles it. Rows up to max_direct_rows are direct blocks,
 * those beyond are indirect blocks, which are such tables themselves, one size smaller.
 */
#include "format/fheap.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/lookup3.h"
#include "btree/btree2.h"
#include "format/messages.h"
#include <string.h>

enum {
    FHEAP_WRAPPED = 0x01,   /* huge object keys have wrapped around */
    FHEAP_CHECKSUMS = 0x02, /* direct blocks have checksums */
    FHEAP_FLAGS = 0x03
};

/* The most that one filtered block or huge object may be said to grow on decoding: no
 * filter does more than some 1000, but small ones are not worth a question. */
#define FHEAP_SMALL (16u << 20)
#define FHEAP_RATIO 4096u

struct fheap {
    struct meta *meta;
    const struct pipe_plugins *plugins;
    uint64_t addr;
    struct frhp head;
    struct pipeline pipe;
    unsigned first_row_bits; /* log2 of the first row's address space */
    unsigned direct_rows;
    unsigned offset_width, length_width; /* in managed IDs */
};

/* NOTE(lib): where L is 2, libhdf5's usual 65536 does not fit its field and is stored as
 * 0. libhdf5 cannot read such heaps back, but nothing is lost in them. */
static uint64_t
frhp_max_direct(const struct frhp *h, unsigned len_w)
{
    return h->max_direct != 0 || len_w != 2 ? h->max_direct : 65536;
}

/* U-FH-3, EVIL-28: everything that shifts and divisions below depend on. */
static void
frhp_check(struct cur *c, const struct frhp *h)
{
    const uint64_t max_direct = frhp_max_direct(h, c->len_w);
    const unsigned row_bits = ckd_log2(h->start_block) + ckd_log2(h->width);
    unsigned root_rows;

    cur_require(c, h->id_len > 1, "heap ID length", "too short to hold anything");
    cur_expect(c, (h->flags & ~FHEAP_FLAGS) == 0, "flags", "reserved bits are set");
    cur_require(c, ckd_is_pow2(h->width), "table width", "not a power of two");
    cur_require(c, ckd_is_pow2(h->start_block), "starting block size",
                "not a power of two");
    cur_require(c, ckd_is_pow2(max_direct), "maximum direct block size",
                "not a power of two");
    cur_require(c, h->start_block <= max_direct, "maximum direct block size",
                "less than the starting block size");
    cur_require(c, h->max_heap_bits >= 1 && h->max_heap_bits <= 64, "maximum heap size",
                "not 1 to 64 bits");
    cur_require(c, row_bits <= h->max_heap_bits && row_bits < 64, "maximum heap size",
                "less than the first row of blocks");
    if (!cur_ok(c))
        return;
    root_rows = h->max_heap_bits - row_bits + 1;
    cur_require(c, h->cur_root_rows <= root_rows, "current rows in root",
                "more rows than the maximum heap size has");
    cur_expect(c, h->max_managed <= max_direct, "maximum managed object size",
               "more than a direct block holds");
}

/*
 * Fractal Heap Header                                              [FMT III.G.1]
 *
 *   size  field
 *      4  signature            "FRHP"
 *      1  version              0
 *      2  heap ID length
 *      2  filter length        of the filter pipeline message below; 0: no filters
 *      1  flags                1 huge keys have wrapped, 2 direct blocks have checksums
 *      4  maximum managed object size
 *      L  next huge object ID  the one given last
 *      O  huge object B-tree address
 *      L  free space in managed blocks
 *      O  free-space manager address
 *      L  managed space        address space that the root covers
 *      L  allocated managed space
 *      L  direct block allocation iterator offset
 *      L  managed objects
 *      L  size of huge objects
 *      L  huge objects
 *      L  size of tiny objects
 *      L  tiny objects
 *      2  table width          columns
 *      L  starting block size
 *      L  maximum direct block size
 *      2  maximum heap size    log2 of the address space
 *      2  starting rows in root indirect block
 *      O  root block address   undefined: the heap is empty
 *      2  current rows in root 0: the root is a direct block
 *         if filter length > 0:
 *      L    filtered root size         of a root direct block
 *      4    filter mask of the root    the same
 *      -    filter pipeline message
 *      4  checksum
 */
HI5_INT void
frhp_code(struct cur *c, struct frhp *h)
{
    cur_begin(c, "FRHP", "III.G.1");
    cur_signature(c, "FRHP");
    cur_const(c, "version", 1, 0);
    cur_u16(c, "heap ID length", &h->id_len);
    cur_u16(c, "filter length", &h->filter_len);
    cur_u8(c, "flags", &h->flags);
    cur_u32(c, "maximum managed object size", &h->max_managed);
    cur_len(c, "next huge object ID", &h->next_huge_id);
    cur_addr(c, "huge object B-tree address", &h->huge_bt2);
    cur_len(c, "free space in managed blocks", &h->free_space);
    cur_addr(c, "free-space manager address", &h->fs_addr);
    cur_len(c, "managed space", &h->man_size);
    cur_len(c, "allocated managed space", &h->man_alloc);
    cur_len(c, "allocation iterator offset", &h->man_iter_off);
    cur_len(c, "managed objects", &h->man_nobjs);
    cur_len(c, "size of huge objects", &h->huge_size);
    cur_len(c, "huge objects", &h->huge_nobjs);
    cur_len(c, "size of tiny objects", &h->tiny_size);
    cur_len(c, "tiny objects", &h->tiny_nobjs);
    cur_u16(c, "table width", &h->width);
    cur_len(c, "starting block size", &h->start_block);
    cur_len(c, "maximum direct block size", &h->max_direct);
    cur_u16(c, "maximum heap size", &h->max_heap_bits);
    cur_u16(c, "starting rows in root", &h->start_root_rows);
    cur_addr(c, "root block address", &h->root);
    cur_u16(c, "current rows in root", &h->cur_root_rows);
    if (h->filter_len > 0) {
        cur_len(c, "filtered root size", &h->root_filtered_size);
        cur_u32(c, "filter mask of the root", &h->root_filter_mask);
        cur_view(c, "filter pipeline", &h->pipeline, h->filter_len);
    }
    cur_checksum(c);
    frhp_check(c, h);
}

static size_t
frhp_size(const struct meta *m, size_t filter_len)
{
    const size_t filters = filter_len > 0 ? m->len_w + 4u + filter_len : 0;

    return 26 + 12u * m->len_w + 3u * m->off_w + filters;
}

/* Read the header. Its pipeline is copied to `a`. */
static hi5_status
fheap_read_header(struct fheap *h, struct arena *a, hi5_error *err)
{
    struct meta *const m = h->meta;
    size_t n = frhp_size(m, 0);
    const uint8_t *copy;
    struct block *b;
    struct cur c;
    unsigned filter_len;

    TRY(meta_pin(m, h->addr, n, "FRHP", &b, err));
    filter_len = (unsigned)cur_raw_uint(b->bytes + 7, 2);
    if (memcmp(b->bytes, "FRHP", 4) == 0 && filter_len > 0) {
        meta_unpin(m, b);
        n = frhp_size(m, filter_len);
        TRY(meta_pin(m, h->addr, n, "FRHP", &b, err));
    }
    c = meta_cursor(m, b, n, NULL, err);
    frhp_code(&c, &h->head);
    if (cur_ok(&c) && h->head.filter_len > 0) {
        copy = arena_copy(a, h->head.pipeline, h->head.filter_len);
        h->head.pipeline = copy;
        if (copy == NULL)
            c.status = mem_fail(m->mem, h->head.filter_len, err);
    }
    meta_unpin(m, b);
    return c.status;
}

HI5_INT hi5_status
fheap_open(struct meta *m, uint64_t addr, const struct pipe_plugins *plugins,
           struct arena *a, const struct fheap **out, hi5_error *err)
{
    struct fheap *const h = arena_zalloc(a, 1, sizeof *h);
    unsigned block_bits, block_width, object_width;

    *out = NULL;
    if (h == NULL)
        return mem_fail(m->mem, sizeof *h, err);
    h->meta = m;
    h->plugins = plugins;
    h->addr = addr;
    TRY(fheap_read_header(h, a, err));
    if (h->head.filter_len > 0) {
        struct cur c = meta_cursor_at(m, h->head.pipeline, h->head.filter_len,
                                      addr + frhp_size(m, h->head.filter_len) - 4 -
                                          h->head.filter_len,
                                      a, err);
        msg_pline_code(&c, &h->pipe);
        TRY(c.status);
    }
    h->first_row_bits = ckd_log2(h->head.start_block) + ckd_log2(h->head.width);
    block_bits = ckd_log2(frhp_max_direct(&h->head, m->len_w));
    h->direct_rows = block_bits - ckd_log2(h->head.start_block) + 2;
    h->offset_width = (h->head.max_heap_bits + 7u) / 8u;
    block_width = (block_bits + 7u) / 8u;
    object_width = ckd_enc_size(h->head.max_managed);
    h->length_width = block_width < object_width ? block_width : object_width;
    *out = h;
    return HI5_OK;
}

HI5_INT const struct frhp *
fheap_header(const struct fheap *h)
{
    return &h->head;
}

/* ---- filters ---- */

/* Undo the filters of `n` bytes at `addr` into `nominal` bytes at `dst`. */
static hi5_status
fheap_unfilter(const struct fheap *h, uint64_t addr, size_t n, uint32_t mask, uint8_t *dst,
               size_t nominal, hi5_error *err)
{
    struct meta *const m = h->meta;
    struct pipe_work work = {.mem = m->mem};
    struct block *b;
    hi5_status s;

    TRY(meta_pin(m, addr, n, "filtered heap block", &b, err));
    s = pipe_decode(&h->pipe, h->plugins, mask, b->bytes, n, dst, nominal, &work, err);
    pipe_work_done(&work);
    meta_unpin(m, b);
    return s;
}

/* Do sizes from the file make sense, before memory is spent on them? EVIL-24 */
static hi5_status
fheap_check_sizes(const struct fheap *h, uint64_t addr, uint64_t n, uint64_t nominal,
                  hi5_error *err)
{
    if (!ckd_inside(addr, n, h->meta->eof))
        return err_set(err, HI5_E_TRUNCATED, addr, "fractal heap", "size", "III.G",
                       "%llu bytes run past the end of the file", (unsigned long long)n);
    if (nominal > h->meta->limits.chunk_bytes || nominal > SIZE_MAX)
        return err_set(err, HI5_E_LIMIT, addr, "fractal heap", "size", "III.G",
                       "%llu bytes exceed the limit", (unsigned long long)nominal);
    if (nominal > FHEAP_SMALL && nominal / FHEAP_RATIO > n)
        return err_set(err, HI5_E_CORRUPT, addr, "fractal heap", "size", "III.G",
                       "%llu stored bytes cannot become %llu", (unsigned long long)n,
                       (unsigned long long)nominal);
    return HI5_OK;
}

/* ---- geometry of the doubling table ---- */

static uint64_t
fheap_row_size(const struct fheap *h, unsigned row)
{
    return row < 2 ? h->head.start_block : h->head.start_block << (row - 1);
}

static uint64_t
fheap_row_offset(const struct fheap *h, unsigned row)
{
    return row == 0 ? 0 : (uint64_t)1 << (h->first_row_bits + row - 1);
}

static unsigned
fheap_row_of(const struct fheap *h, uint64_t offset)
{
    if (offset >> h->first_row_bits == 0)
        return 0;
    return ckd_log2(offset) - h->first_row_bits + 1;
}

/* One entry of an indirect block, or the root. */
struct fheap_entry {
    uint64_t addr;
    uint64_t start;  /* of the heap's address space */
    uint64_t size;   /* the part of it that the entry covers */
    unsigned rows;   /* of the indirect block; 0: it is a direct block */
    uint64_t stored; /* filtered direct blocks: bytes in the file */
    uint32_t mask;
};

/* ---- indirect blocks ---- */

/* Bytes of one entry for a direct block. */
static size_t
fheap_direct_entry(const struct fheap *h)
{
    return h->meta->off_w + (h->head.filter_len > 0 ? h->meta->len_w + 4u : 0u);
}

static size_t
fheap_prefix_size(const struct fheap *h)
{
    return 5u + h->meta->off_w + h->offset_width;
}

/* What direct and indirect blocks begin with. */
struct fheap_prefix {
    uint64_t heap, start;
};

static void
fheap_prefix_code(struct cur *c, const struct fheap *h, struct fheap_prefix *p,
                  const char *signature)
{
    cur_signature(c, signature);
    cur_const(c, "version", 1, 0);
    cur_addr(c, "heap header address", &p->heap);
    cur_uint(c, "block offset", h->offset_width, &p->start);
}

/* Is it the block that its parent takes it for? */
static void
fheap_prefix_check(struct cur *c, const struct fheap *h, const struct fheap_prefix *p,
                   uint64_t start)
{
    c->field_at = 5;
    cur_require(c, p->heap == h->addr, "heap header address", "it is another heap's block");
    c->field_at += h->meta->off_w;
    cur_require(c, p->start == start, "block offset", "it is not where its parent says");
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
fhib_check(struct cur *c, const struct fheap *h, const struct fheap_entry *e, size_t entries,
           bool checked)
{
    struct fheap_prefix p = {0};

    cur_begin(c, "FHIB", "III.G.3");
    fheap_prefix_code(c, h, &p, "FHIB");
    cur_skip(c, "entries", entries);
    if (!checked)
        cur_checksum(c);
    fheap_prefix_check(c, h, &p, e->start);
}

/* Step from an indirect block to the entry that covers `offset`, relative to it. */
static hi5_status
fheap_step(const struct fheap *h, struct fheap_entry *e, uint64_t offset, hi5_error *err)
{
    struct meta *const m = h->meta;
    const unsigned row = fheap_row_of(h, offset);
    const unsigned direct = e->rows < h->direct_rows ? e->rows : h->direct_rows;
    const size_t ndirect = (size_t)direct * h->head.width;
    const size_t nindirect = (size_t)(e->rows - direct) * h->head.width;
    const size_t wide = fheap_direct_entry(h);
    const size_t entries = ndirect * wide + nindirect * m->off_w;
    const size_t n = fheap_prefix_size(h) + entries + 4;
    const uint8_t *p;
    struct fheap_entry to = {0};
    struct block *b;
    struct cur c;
    size_t col;

    if (row >= e->rows)
        return err_set(err, HI5_E_CORRUPT, e->addr, "FHIB", "", "III.G.3",
                       "a heap ID names an offset beyond its %u rows", e->rows);
    TRY(meta_pin(m, e->addr, n, "FHIB", &b, err));
    c = meta_cursor(m, b, n, NULL, err);
    fhib_check(&c, h, e, entries, atomic_load(&b->checked));
    if (!cur_ok(&c)) {
        meta_unpin(m, b);
        return c.status;
    }
    atomic_store(&b->checked, true);
    to.size = fheap_row_size(h, row);
    col = (size_t)((offset - fheap_row_offset(h, row)) / to.size);
    to.start = e->start + fheap_row_offset(h, row) + col * to.size;
    if (row < direct) {
        p = b->bytes + fheap_prefix_size(h) + ((size_t)row * h->head.width + col) * wide;
        to.stored = wide > m->off_w ? cur_raw_addr(p + m->off_w, m->len_w) : to.size;
        to.mask = wide > m->off_w ? (uint32_t)cur_raw_uint(p + wide - 4, 4) : 0;
    } else {
        p = b->bytes + fheap_prefix_size(h) + ndirect * wide +
            ((size_t)(row - direct) * h->head.width + col) * m->off_w;
        /* U-FH-5. A child has fewer rows than its parent, so the descent ends. */
        to.rows = ckd_log2(to.size) < h->first_row_bits
                      ? 0
                      : ckd_log2(to.size) - h->first_row_bits + 1;
    }
    to.addr = cur_raw_addr(p, m->off_w);
    meta_unpin(m, b);
    if (row >= direct && (to.rows == 0 || to.rows >= e->rows))
        return err_set(err, HI5_E_CORRUPT, e->addr, "FHIB", "", "III.G.3",
                       "row %u has no room for indirect blocks", row);
    *e = to;
    return HI5_OK;
}

/* ---- direct blocks ---- */

/* U-FH-7: the checksum is made with its own field zero. */
static hi5_status
fheap_direct_sum(const struct fheap *h, const struct fheap_entry *e, const uint8_t *bytes,
                 hi5_error *err)
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
static hi5_status
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

static hi5_status
fheap_from_plain(const struct fheap *h, const struct fheap_entry *e, uint64_t offset,
                 uint64_t n, struct arena *a, const uint8_t **bytes, uint64_t *addr,
                 hi5_error *err)
{
    struct block *b;
    hi5_status s;
    size_t size;

    if (!ckd_size(e->size, &size))
        size = SIZE_MAX;
    TRY(meta_pin(h->meta, e->addr, size, "FHDB", &b, err));
    s = fheap_direct_object(h, e, b->bytes, atomic_load(&b->checked), offset, n, err);
    if (s == HI5_OK) {
        atomic_store(&b->checked, true);
        *addr = e->addr + (offset - e->start);
        *bytes = arena_copy(a, b->bytes + (offset - e->start), (size_t)n);
        if (*bytes == NULL)
            s = mem_fail(h->meta->mem, n, err);
    }
    meta_unpin(h->meta, b);
    return s;
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
    s = fheap_unfilter(h, e->addr, (size_t)e->stored, e->mask, block, (size_t)e->size, err);
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
static hi5_status
fheap_get_managed(const struct fheap *h, const uint8_t *id, struct arena *a,
                  const uint8_t **bytes, size_t *n, uint64_t *addr, hi5_error *err)
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
    return fheap_from_plain(h, &e, offset, length, a, bytes, addr, err);
}

/* ---- huge objects ---- */

/* What a heap ID or a record of the huge object B-tree says. */
struct fheap_huge {
    uint64_t addr, size;
    uint32_t mask;
    uint64_t nominal; /* after the filters */
    uint64_t key;
};

/*
 * Huge object: heap ID, and B-tree records of type 1 to 4          [FMT III.G, III.A.2]
 *
 *   size  field                 ID    type 1   2   3   4
 *      1  version and type      0x10
 *      O  address                *         *   *   *   *
 *      L  length                 *         *   *   *   *
 *      4  filter mask            f             *       *
 *      L  length after filters   f             *       *
 *      L  key                              *   *
 *
 * f: in heaps with filters. An ID too short for all that holds a key in its other bytes,
 * at most 8 (U-FH-11).
 */
static void
fheap_huge_code(struct cur *c, struct fheap_huge *o, bool filtered, bool keyed)
{
    cur_begin(c, "huge object", "III.G");
    cur_addr(c, "address", &o->addr);
    cur_len(c, "length", &o->size);
    if (filtered) {
        cur_u32(c, "filter mask", &o->mask);
        cur_len(c, "length after filters", &o->nominal);
    }
    if (keyed)
        cur_len(c, "key", &o->key);
}

struct fheap_huge_search {
    const struct fheap *h;
    uint64_t key;
    size_t record_size;
};

static int
fheap_huge_compare(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const struct fheap_huge_search *const s = ctx;
    const unsigned len_w = s->h->meta->len_w;
    const uint64_t key = cur_raw_uint(record + s->record_size - len_w, len_w < 8 ? len_w : 8);

    (void)status;
    (void)err;
    return s->key < key ? -1 : s->key > key;
}

/* Look a key up in the huge object B-tree. */
static hi5_status
fheap_huge_find(const struct fheap *h, uint64_t key, struct fheap_huge *o, hi5_error *err)
{
    struct meta *const m = h->meta;
    const bool filtered = h->head.filter_len > 0;
    uint8_t record[3 * 32 + 32 + 4];
    struct fheap_huge_search search = {
        h, key, m->off_w + 2u * m->len_w + (filtered ? 4u + m->len_w : 0u)};
    const struct bt2 *tree;
    struct arena a;
    struct cur c;
    hi5_status s;

    if (search.record_size > sizeof record || h->head.huge_bt2 == ADDR_NONE)
        return err_set(err, HI5_E_CORRUPT, h->addr, "FRHP", "huge object B-tree address",
                       "III.G.1", "there are no huge objects");
    arena_init(&a, m->mem);
    s = bt2_open(m, h->head.huge_bt2,
                 filtered ? BT2_HUGE_INDIRECT_FILTERED : BT2_HUGE_INDIRECT,
                 search.record_size, &a, &tree, err);
    if (s == HI5_OK)
        s = bt2_find(tree, fheap_huge_compare, &search, record, err);
    arena_done(&a);
    if (s == HI5_E_NOTFOUND)
        return err_set(err, HI5_E_CORRUPT, h->head.huge_bt2, "fractal heap", "heap ID",
                       "III.G", "there is no huge object %llu", (unsigned long long)key);
    TRY(s);
    c = meta_cursor_at(m, record, search.record_size, ADDR_NONE, NULL, err);
    fheap_huge_code(&c, o, filtered, true);
    return c.status;
}

static hi5_status
fheap_get_huge(const struct fheap *h, const uint8_t *id, struct arena *a,
               const uint8_t **bytes, size_t *n, uint64_t *addr, hi5_error *err)
{
    struct meta *const m = h->meta;
    const bool filtered = h->head.filter_len > 0;
    const unsigned left = h->head.id_len - 1u;
    const unsigned direct = m->off_w + m->len_w + (filtered ? 4u + m->len_w : 0u);
    struct fheap_huge o = {0};
    uint8_t *p;

    if (direct <= left) {
        struct cur c = meta_cursor_at(m, id + 1, direct, ADDR_NONE, NULL, err);
        fheap_huge_code(&c, &o, filtered, false);
        TRY(c.status);
    } else {
        TRY(fheap_huge_find(h, cur_raw_uint(id + 1, left < 8 ? left : 8), &o, err));
    }
    if (!filtered)
        o.nominal = o.size;
    TRY(fheap_check_sizes(h, o.addr, o.size, o.nominal, err));
    p = arena_alloc(a, (size_t)o.nominal);
    if (p == NULL)
        return mem_fail(m->mem, o.nominal, err);
    *bytes = p;
    *n = (size_t)o.nominal;
    if (filtered)
        return fheap_unfilter(h, o.addr, (size_t)o.size, o.mask, p, *n, err);
    *addr = o.addr;
    return meta_read(m, o.addr, p, *n, err);
}

/*
 * Tiny object: heap ID                                             [FMT III.G]
 *
 *   size  field
 *      1  version and type     0x20, and the length - 1 in the low four bits
 *      1  length, continued    only in IDs of 19 bytes and more: eight lower bits
 *      -  the object
 */
static hi5_status
fheap_get_tiny(const struct fheap *h, const uint8_t *id, struct arena *a,
               const uint8_t **bytes, size_t *n, hi5_error *err)
{
    const size_t head = h->head.id_len > 18 ? 2 : 1;
    size_t length = id[0] & 0x0f;

    if (head == 2)
        length = length << 8 | id[1];
    length++;
    if (length > h->head.id_len - head)
        return err_set(err, HI5_E_CORRUPT, h->addr, "fractal heap", "heap ID", "III.G",
                       "a tiny object of %zu bytes in an ID of %u", length,
                       (unsigned)h->head.id_len);
    *bytes = arena_copy(a, id + head, length);
    if (*bytes == NULL)
        return mem_fail(h->meta->mem, length, err);
    *n = length;
    return HI5_OK;
}

HI5_INT hi5_status
fheap_get(const struct fheap *h, const uint8_t *id, size_t id_len, struct arena *a,
          const uint8_t **bytes, size_t *n, uint64_t *addr, hi5_error *err)
{
    *bytes = NULL;
    *n = 0;
    *addr = ADDR_NONE;
    if (id_len < h->head.id_len)
        return err_set(err, HI5_E_CORRUPT, h->addr, "FRHP", "heap ID length", "III.G.1",
                       "%u, but the records hold IDs of %zu", (unsigned)h->head.id_len,
                       id_len);
    if (id[0] >> 6 != 0)
        return err_set(err, HI5_E_UNSUPPORTED, h->addr, "fractal heap", "heap ID", "III.G",
                       "version %u, expected 0", (unsigned)id[0] >> 6);
    switch (id[0] >> 4) {
    case 0:
        return fheap_get_managed(h, id, a, bytes, n, addr, err);
    case 1:
        return fheap_get_huge(h, id, a, bytes, n, addr, err);
    case 2:
        return fheap_get_tiny(h, id, a, bytes, n, err);
    default:
        return err_set(err, HI5_E_CORRUPT, h->addr, "fractal heap", "heap ID", "III.G",
                       "type 3 is reserved");
    }
}
