/*
 * fheap.c - fractal heaps                                          [FMT III.G]
 *
 * They hold the links of dense groups, dense attributes and shared messages; the records
 * of the name and order B-trees hold heap IDs. An ID is one of three kinds: a managed
 * object is an offset into the heap's own address space, which direct blocks fill and a
 * tree of indirect blocks maps; a huge object has its own space in the file, found
 * through a B-tree if the ID is too short to say where; a tiny object is in the ID.
 *
 * fheap_managed.c and fheap_huge.c read the first two kinds.
 */
#include "format/fheap_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include "format/messages.h"
#include <string.h>

/* The most that one filtered block or huge object may be said to grow on decoding: no
 * filter does more than some 1000, but small ones are not worth a question. */
#define FHEAP_SMALL (16u << 20)
#define FHEAP_RATIO 4096u

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

HI5_INT size_t
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
        struct cur c = meta_cursor_at(
            m, h->head.pipeline, h->head.filter_len,
            addr + frhp_size(m, h->head.filter_len) - 4 - h->head.filter_len, a, err);
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

HI5_INT hi5_status
fheap_unfilter(const struct fheap *h, uint64_t addr, size_t n, uint32_t mask,
               uint8_t *dst, size_t nominal, hi5_error *err)
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

/* EVIL-24 */
HI5_INT hi5_status
fheap_check_sizes(const struct fheap *h, uint64_t addr, uint64_t n, uint64_t nominal,
                  hi5_error *err)
{
    if (!ckd_inside(addr, n, h->meta->eof))
        return err_set(err, HI5_E_TRUNCATED, addr, "fractal heap", "size", "III.G",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)n);
    if (nominal > h->meta->limits.chunk_bytes || nominal > SIZE_MAX)
        return err_set(err, HI5_E_LIMIT, addr, "fractal heap", "size", "III.G",
                       "%llu bytes exceed the limit", (unsigned long long)nominal);
    if (nominal > FHEAP_SMALL && nominal / FHEAP_RATIO > n)
        return err_set(err, HI5_E_CORRUPT, addr, "fractal heap", "size", "III.G",
                       "%llu stored bytes cannot become %llu", (unsigned long long)n,
                       (unsigned long long)nominal);
    return HI5_OK;
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
    struct block *held;

    TRY(fheap_view(h, id, id_len, a, bytes, n, addr, &held, err));
    if (held == NULL)
        return HI5_OK;
    *bytes = arena_copy(a, *bytes, *n);
    meta_unpin(h->meta, held);
    return *bytes != NULL ? HI5_OK : mem_fail(h->meta->mem, *n, err);
}

HI5_INT hi5_status
fheap_view(const struct fheap *h, const uint8_t *id, size_t id_len, struct arena *a,
           const uint8_t **bytes, size_t *n, uint64_t *addr, struct block **held,
           hi5_error *err)
{
    *bytes = NULL;
    *n = 0;
    *addr = ADDR_NONE;
    *held = NULL;
    if (id_len < h->head.id_len)
        return err_set(err, HI5_E_CORRUPT, h->addr, "FRHP", "heap ID length", "III.G.1",
                       "%u, but the records hold IDs of %zu", (unsigned)h->head.id_len,
                       id_len);
    if (id[0] >> 6 != 0)
        return err_set(err, HI5_E_UNSUPPORTED, h->addr, "fractal heap", "heap ID",
                       "III.G", "version %u, expected 0", (unsigned)id[0] >> 6);
    switch (id[0] >> 4) {
    case 0:
        return fheap_get_managed(h, id, a, bytes, n, addr, held, err);
    case 1:
        return fheap_get_huge(h, id, a, bytes, n, addr, err);
    case 2:
        return fheap_get_tiny(h, id, a, bytes, n, err);
    default:
        return err_set(err, HI5_E_CORRUPT, h->addr, "fractal heap", "heap ID", "III.G",
                       "type 3 is reserved");
    }
}
