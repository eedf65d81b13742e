/*
 * test_fheap.c - fractal heaps [FMT III.G]
 */
#include "heapfile.h"

Suite *suite_fheap(void);

enum { HEAP = 0x40, ROOT = 0x140 };
#define NONE HI5_NO_ADDRESS

static hi5_status
get(struct memfile *f, const uint8_t *id, size_t id_len, const uint8_t **bytes,
    size_t *n, uint64_t *addr)
{
    const struct fheap *h;
    const hi5_status s = fheap_open(&f->meta, HEAP, NULL, &f->arena, &h, &f->err);

    return s != HI5_OK ? s
                       : fheap_get(h, id, id_len, &f->arena, bytes, n, addr, &f->err);
}

/* The heap of a group with two links, by libhdf5 1.10.8: what is used of it. */
START_TEST(links_by_libhdf5)
{
    static const uint8_t id[7] = {0, 0x15, 0, 0, 0, 0x21, 0};
    struct memfile f;
    struct frhp h = {.id_len = 7,
                     .flags = 2,
                     .max_managed = 4096,
                     .man_size = 512,
                     .width = 4,
                     .start_block = 512,
                     .max_direct = 65536,
                     .max_heap_bits = 32,
                     .start_root_rows = 1,
                     .root = 0x400,
                     .huge_bt2 = NONE,
                     .fs_addr = NONE};
    const struct fheap *heap;
    const uint8_t *bytes;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 2048, 8, 8);
    heapfile_header(&f, HEAP, &h);
    /* U-FH-4: the first object of a link heap is at 0x15 */
    memfile_hex(&f, 0x400,
                "46484442 00 4000000000000000 00000000 00000000"
                "010c016200000000000000086c696e6b303039380b002f742f6c696e6b3030"
                "3938");
    memfile_uint(&f, 0x411, 4, lookup3(f.bytes + 0x400, 512, 0));
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 0x21);
    ck_assert_uint_eq(addr, 0x415);
    ck_assert_mem_eq(bytes + 12, "link0098", 8);
    ck_ok(fheap_open(&f.meta, HEAP, NULL, &f.arena, &heap, &f.err), &f.err);
    ck_assert_uint_eq(fheap_header(heap)->man_size, 512);
    ck_status(fheap_get(heap, id, 6, &f.arena, &bytes, &n, &addr, &f.err),
              HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

struct seen_block {
    unsigned n, bad;
    struct fheap_block b;
};

static hi5_status
see_block(void *ctx, const struct fheap_block *b, const hi5_error *bad, hi5_error *err)
{
    struct seen_block *const seen = ctx;

    (void)err;
    seen->n++;
    seen->bad += bad != NULL;
    seen->b = *b;
    return HI5_OK;
}

/* The only block of a heap, sound and damaged. */
START_TEST(blocks)
{
    struct frhp h = {.id_len = 7,
                     .flags = 2,
                     .max_managed = 4096,
                     .man_size = 512,
                     .width = 4,
                     .start_block = 512,
                     .max_direct = 65536,
                     .max_heap_bits = 32,
                     .start_root_rows = 1,
                     .root = 0x400,
                     .huge_bt2 = NONE,
                     .fs_addr = NONE};
    struct seen_block seen = {0};
    const struct fheap *heap;
    struct memfile f;

    memfile_open(&f, 2048, 8, 8);
    heapfile_header(&f, HEAP, &h);
    memfile_hex(&f, 0x400, "46484442 00 4000000000000000 00000000 00000000");
    memfile_uint(&f, 0x411, 4, lookup3(f.bytes + 0x400, 512, 0));
    ck_ok(fheap_open(&f.meta, HEAP, NULL, &f.arena, &heap, &f.err), &f.err);
    ck_ok(fheap_blocks_each(heap, see_block, &seen, &f.err), &f.err);
    ck_assert_uint_eq(seen.n, 1);
    ck_assert_uint_eq(seen.bad, 0);
    ck_assert_uint_eq(seen.b.addr, 0x400);
    ck_assert_uint_eq(seen.b.start, 0);
    ck_assert_uint_eq(seen.b.size, 512);
    ck_assert_uint_eq(seen.b.stored, 512);
    ck_assert_uint_eq(seen.b.rows, 0);
    ck_assert_uint_eq(seen.b.head, 0x15);
    memfile_fresh(&f);
    f.bytes[0x420] ^= 1;
    ck_ok(fheap_open(&f.meta, HEAP, NULL, &f.arena, &heap, &f.err), &f.err);
    ck_ok(fheap_blocks_each(heap, see_block, &seen, &f.err), &f.err);
    ck_assert_uint_eq(seen.n, 2);
    ck_assert_uint_eq(seen.bad, 1); /* told, and not the end of the walk */
    memfile_close(&f);
}
END_TEST

/* EVIL-28, U-FH-3: fields of the header, and what they must not be. */
static const struct {
    unsigned at, width;
    uint64_t value;
    const char *words;
} bad_fields[] = {
    {4, 1, 1, "version"},
    {5, 2, 0, "heap ID length"},
    {5, 2, 1, "heap ID length"},
    {110, 2, 0, "table width"},
    {110, 2, 3, "table width"},
    {112, 8, 0, "starting block size"},
    {112, 8, 96, "starting block size"},
    {112, 8, 256, "less than the starting"},
    {120, 8, 0, "maximum direct block size"},
    {120, 8, 127, "maximum direct block size"},
    {120, 8, UINT64_MAX, "maximum direct block size"},
    {128, 2, 0, "maximum heap size"},
    {128, 2, 6, "first row"},
    {128, 2, 65, "maximum heap size"},
    {128, 2, 65535, "maximum heap size"},
    {140, 2, 11, "current rows"},
    {140, 2, 65535, "current rows"},
};

START_TEST(bad_header)
{
    struct frhp h = heapfile_small(ROOT, 0);
    const struct fheap *heap;
    struct memfile f;

    memfile_open(&f, 1024, 8, 8);
    heapfile_header(&f, HEAP, &h);
    memfile_uint(&f, HEAP + bad_fields[_i].at, bad_fields[_i].width,
                 bad_fields[_i].value);
    memfile_sum(&f, HEAP, HEAP + 142);
    ck_status(fheap_open(&f.meta, HEAP, NULL, &f.arena, &heap, &f.err), HI5_E_CORRUPT);
    ck_assert_msg(strstr(f.err.message, bad_fields[_i].words) != NULL, "%s",
                  f.err.message);
    ck_assert_ptr_null(heap);
    memfile_close(&f);
}
END_TEST

START_TEST(tiny_objects) /* U-FH-10 */
{
    static const uint8_t six[7] = {0x25, 'a', 'b', 'c', 'd', 'e', 'f'};
    static const uint8_t seven[7] = {0x26, 'a', 'b', 'c', 'd', 'e', 'f'};
    static const uint8_t reserved[7] = {0x30}, version1[7] = {0x40};
    struct frhp h = heapfile_small(NONE, 0);
    uint8_t wide[300] = {0x21, 0x00, 'x'};
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 1024, 8, 8);
    heapfile_header(&f, HEAP, &h);
    ck_ok(get(&f, six, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 6);
    ck_assert_mem_eq(bytes, "abcdef", 6);
    ck_assert_uint_eq(addr, NONE);
    ck_status(get(&f, seven, 7, &bytes, &n, &addr), HI5_E_CORRUPT);
    ck_status(get(&f, reserved, 7, &bytes, &n, &addr), HI5_E_CORRUPT);
    ck_status(get(&f, version1, 7, &bytes, &n, &addr), HI5_E_UNSUPPORTED);
    /* Twelve bits of length in long IDs: 0x100 + 1 bytes. */
    memfile_fresh(&f);
    h.id_len = sizeof wide;
    heapfile_header(&f, HEAP, &h);
    ck_ok(get(&f, wide, sizeof wide, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 257);
    ck_assert_uint_eq(bytes[0], 'x');
    wide[1] = 0x2a; /* 299 bytes, one too many */
    ck_status(get(&f, wide, sizeof wide, &bytes, &n, &addr), HI5_E_CORRUPT);
    /* 17 bytes of data still use the short form. */
    memfile_fresh(&f);
    h.id_len = 18;
    heapfile_header(&f, HEAP, &h);
    wide[0] = 0x2f;
    wide[1] = 'y';
    ck_ok(get(&f, wide, 18, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 16);
    ck_assert_uint_eq(bytes[0], 'y');
    memfile_close(&f);
}
END_TEST

/* U-FH-8: blocks and huge objects through a pipeline of one filter, shuffle of four. */
START_TEST(filtered)
{
    static const uint8_t pipeline[] = {2, 1, 2, 0, 1, 0, 1, 0, 4, 0, 0, 0};
    static const uint8_t id[7] = {0, 19, 0, 5}, huge[7] = {0x10, 1};
    struct frhp h = heapfile_small(ROOT, 0);
    uint8_t plain[64];
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 2048, 8, 8);
    h.filter_len = sizeof pipeline;
    h.pipeline = pipeline;
    h.root_filtered_size = 64;
    h.huge_bt2 = 0x200;
    heapfile_header(&f, HEAP, &h);
    heapfile_direct(&f, ROOT, HEAP, 0, 64, 19, "first", 5);
    memcpy(plain, f.bytes + ROOT, 64);
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < 4; k++)
            f.bytes[ROOT + 16 * k + i] = plain[4 * i + k];
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_mem_eq(bytes, "first", 5);
    ck_assert_uint_eq(addr, NONE); /* it is nowhere in the file */
    memfile_hex(&f, 0x600,
                "0007000000000000 0800000000000000 00000000 0800000000000000"
                "0100000000000000");
    heapfile_tree(&f, 0x200, 2, 36, f.bytes + 0x600, 1);
    memfile_text(&f, 0x700, "aebfcgdh");
    memfile_fresh(&f);
    ck_ok(get(&f, huge, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 8);
    ck_assert_mem_eq(bytes, "abcdefgh", 8);
    memfile_fresh(&f); /* the mask: stored as it is */
    h.root_filter_mask = 1;
    heapfile_header(&f, HEAP, &h);
    memcpy(f.bytes + ROOT, plain, 64);
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_mem_eq(bytes, "first", 5);
    memfile_fresh(&f); /* the wrong size */
    h.root_filtered_size = 63;
    heapfile_header(&f, HEAP, &h);
    ck_status(get(&f, id, 7, &bytes, &n, &addr), HI5_E_FILTER);
    memfile_close(&f);
}
END_TEST

Suite *
suite_fheap(void)
{
    Suite *const suite = suite_create("fheap");
    TCase *const tc = tcase_create("fheap");

    tcase_add_test(tc, links_by_libhdf5);
    tcase_add_test(tc, blocks);
    tcase_add_loop_test(tc, bad_header, 0,
                        (int)(sizeof bad_fields / sizeof *bad_fields));
    tcase_add_test(tc, tiny_objects);
    tcase_add_test(tc, filtered);
    suite_add_tcase(suite, tc);
    return suite;
}
