/*
 * test_fheap.c - fractal heaps [FMT III.G]
 */
#include "heapfile.h"

Suite *suite_fheap(void);

enum { HEAP = 0x40, ROOT = 0x140 };
#define NONE HI5_NO_ADDRESS

static hi5_status
get(struct memfile *f, const uint8_t *id, size_t id_len, const uint8_t **bytes, size_t *n,
    uint64_t *addr)
{
    const struct fheap *h;
    const hi5_status s = fheap_open(&f->meta, HEAP, NULL, &f->arena, &h, &f->err);

    return s != HI5_OK ? s : fheap_get(h, id, id_len, &f->arena, bytes, n, addr, &f->err);
}

/* A managed object of the small geometry. */
static hi5_status
managed(struct memfile *f, unsigned offset, unsigned length, const uint8_t **bytes,
        uint64_t *addr)
{
    const uint8_t id[7] = {0, (uint8_t)offset, (uint8_t)(offset >> 8), (uint8_t)length};
    size_t n = 0;
    const hi5_status s = get(f, id, sizeof id, bytes, &n, addr);

    if (s == HI5_OK)
        ck_assert_uint_eq(n, length);
    return s;
}

/* The heap of a group with two links, by libhdf5 1.10.8: what is used of it. */
START_TEST(links_by_libhdf5)
{
    static const uint8_t id[7] = {0, 0x15, 0, 0, 0, 0x21, 0};
    struct memfile f;
    struct frhp h = {.id_len = 7, .flags = 2, .max_managed = 4096, .man_size = 512,
                     .width = 4, .start_block = 512, .max_direct = 65536,
                     .max_heap_bits = 32, .start_root_rows = 1, .root = 0x400,
                     .huge_bt2 = NONE, .fs_addr = NONE};
    const struct fheap *heap;
    const uint8_t *bytes;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 2048, 8, 8);
    heapfile_header(&f, HEAP, &h);
    /* U-FH-4: the first object of a link heap is at 0x15 */
    memfile_hex(&f, 0x400, "46484442 00 4000000000000000 00000000 00000000"
                           "010c016200000000000000086c696e6b303039380b002f742f6c696e6b3030"
                           "3938");
    memfile_uint(&f, 0x411, 4, lookup3(f.bytes + 0x400, 512, 0));
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 0x21);
    ck_assert_uint_eq(addr, 0x415);
    ck_assert_mem_eq(bytes + 12, "link0098", 8);
    ck_ok(fheap_open(&f.meta, HEAP, NULL, &f.arena, &heap, &f.err), &f.err);
    ck_assert_uint_eq(fheap_header(heap)->man_size, 512);
    ck_status(fheap_get(heap, id, 6, &f.arena, &bytes, &n, &addr, &f.err), HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

/* GRP-12: without checksums objects start four bytes earlier. */
START_TEST(direct_root)
{
    struct frhp h = heapfile_small(ROOT, 0);
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;

    memfile_open(&f, 1024, 8, 8);
    heapfile_header(&f, HEAP, &h);
    heapfile_direct(&f, ROOT, HEAP, 0, 64, 19, "first", 5);
    ck_ok(managed(&f, 19, 5, &bytes, &addr), &f.err);
    ck_assert_mem_eq(bytes, "first", 5);
    ck_assert_uint_eq(addr, ROOT + 19);
    ck_ok(managed(&f, 63, 1, &bytes, &addr), &f.err);
    ck_status(managed(&f, 18, 5, &bytes, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, ROOT, "FHDB", "block's header");
    ck_status(managed(&f, 63, 2, &bytes, &addr), HI5_E_CORRUPT);
    ck_status(managed(&f, 64, 1, &bytes, &addr), HI5_E_CORRUPT);
    ck_status(managed(&f, 20, 0, &bytes, &addr), HI5_E_CORRUPT);
    memfile_fresh(&f);
    h.flags = 0;
    heapfile_header(&f, HEAP, &h);
    ck_ok(managed(&f, 15, 4, &bytes, &addr), &f.err);
    ck_assert_uint_eq(addr, ROOT + 15);
    memfile_close(&f);
}
END_TEST

START_TEST(direct_block_damage)
{
    struct frhp h = heapfile_small(ROOT, 0);
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;

    memfile_open(&f, 1024, 8, 8);
    heapfile_header(&f, HEAP, &h);
    heapfile_direct(&f, ROOT, HEAP, 0, 64, 19, "first", 5);
    for (size_t i = 0; i < 64; i++) { /* the checksum covers all of the block */
        f.bytes[ROOT + i] ^= 0x10;
        ck_assert_int_ne(managed(&f, 19, 5, &bytes, &addr), HI5_OK);
        f.bytes[ROOT + i] ^= 0x10;
        memfile_fresh(&f);
    }
    heapfile_direct(&f, ROOT, HEAP + 1, 0, 64, 19, "first", 5);
    ck_status(managed(&f, 19, 5, &bytes, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, ROOT + 5, "FHDB", "another heap");
    memfile_fresh(&f);
    heapfile_direct(&f, ROOT, HEAP, 0, 64, 19, "first", 5);
    memfile_uint(&f, ROOT + 15, 4, 1);
    ck_status(managed(&f, 19, 5, &bytes, &addr), HI5_E_CHECKSUM);
    ck_at(&f.err, ROOT + 15, "FHDB", "computed");
    memfile_close(&f);
}
END_TEST

/* An indirect block in the small geometry; `child` are addresses by entry. */
static void
indirect(struct memfile *f, size_t at, uint64_t start, unsigned entries,
         const uint64_t *child)
{
    size_t p = heapfile_block(f, at, "FHIB", HEAP, start);

    for (unsigned i = 0; i < entries; i++)
        p = memfile_uint(f, p, 8, child[i] != 0 ? child[i] : NONE);
    memfile_sum(f, at, p);
}

/* GRP-13, GRP-14: a root of six rows; in its row 5 an indirect block of four, in whose
 * row 3 is one of two, with undefined entries in between. */
static void
nested(struct memfile *f)
{
    struct frhp h = heapfile_small(ROOT, 6);
    uint64_t root[12] = {0x400, 0, 0x440}, inner[8] = {0}, last[4] = {0};

    memfile_open(f, 2048, 8, 8);
    heapfile_header(f, HEAP, &h);
    root[5] = 0x480;
    root[10] = 0x200;
    inner[6] = 0x300;
    last[2] = 0x500;
    indirect(f, ROOT, 0, 12, root);
    indirect(f, 0x200, 2048, 8, inner);
    indirect(f, 0x300, 2560, 4, last);
    heapfile_direct(f, 0x400, HEAP, 0, 64, 19, "row 0", 5);
    heapfile_direct(f, 0x440, HEAP, 128, 64, 150, "row 1", 5);
    heapfile_direct(f, 0x480, HEAP, 384, 128, 500, "row 2, column 1", 12);
    heapfile_direct(f, 0x500, HEAP, 2688, 64, 2710, "deep", 4);
}

START_TEST(indirect_blocks)
{
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;

    nested(&f);
    ck_ok(managed(&f, 19, 5, &bytes, &addr), &f.err);
    ck_assert_mem_eq(bytes, "row 0", 5);
    ck_ok(managed(&f, 150, 5, &bytes, &addr), &f.err);
    ck_assert_mem_eq(bytes, "row 1", 5);
    ck_ok(managed(&f, 500, 12, &bytes, &addr), &f.err);
    ck_assert_mem_eq(bytes, "row 2, colum", 12);
    ck_assert_uint_eq(addr, 0x480 + 500 - 384);
    ck_ok(managed(&f, 2710, 4, &bytes, &addr), &f.err);
    ck_assert_mem_eq(bytes, "deep", 4);
    ck_assert_uint_eq(addr, 0x500 + 22);
    /* Where there is no block; beyond the rows of the root. */
    ck_status(managed(&f, 70, 4, &bytes, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, HEAP, "fractal heap", "no block at its offset 0x46");
    ck_status(managed(&f, 1030, 4, &bytes, &addr), HI5_E_CORRUPT);
    ck_status(managed(&f, 4096, 4, &bytes, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, ROOT, "FHIB", "beyond its 6 rows");
    ck_status(managed(&f, 0xffff, 4, &bytes, &addr), HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

START_TEST(indirect_block_damage)
{
    uint64_t loop[8] = {0};
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;

    nested(&f);
    for (size_t i = 0; i < 15 + 64 + 4; i++) {
        f.bytes[0x200 + i] ^= 4;
        ck_assert_int_ne(managed(&f, 2710, 4, &bytes, &addr), HI5_OK);
        f.bytes[0x200 + i] ^= 4;
        memfile_fresh(&f);
    }
    loop[6] = 0x200; /* EVIL-28: it is its own child */
    indirect(&f, 0x200, 2048, 8, loop);
    ck_status(managed(&f, 2710, 4, &bytes, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, 0x200 + 13, "FHIB", "not where its parent says");
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
    memfile_uint(&f, HEAP + bad_fields[_i].at, bad_fields[_i].width, bad_fields[_i].value);
    memfile_sum(&f, HEAP, HEAP + 142);
    ck_status(fheap_open(&f.meta, HEAP, NULL, &f.arena, &heap, &f.err), HI5_E_CORRUPT);
    ck_assert_msg(strstr(f.err.message, bad_fields[_i].words) != NULL, "%s",
                  f.err.message);
    ck_assert_ptr_null(heap);
    memfile_close(&f);
}
END_TEST

/* Extreme but consistent geometry must not shift too far. */
START_TEST(largest_address_space)
{
    static const uint8_t id[] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    struct frhp h = heapfile_small(ROOT, 65);
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 4096, 8, 8);
    h.id_len = 10;
    h.width = 1;
    h.start_block = h.max_direct = 1;
    h.max_heap_bits = 64;
    h.max_managed = 1;
    heapfile_header(&f, HEAP, &h);
    ck_assert_int_ne(get(&f, id, sizeof id, &bytes, &n, &addr), HI5_OK);
    h.max_direct = (uint64_t)1 << 63; /* EVIL-24: blocks larger than anything */
    h.cur_root_rows = 0;
    h.start_block = (uint64_t)1 << 62;
    h.max_managed = UINT32_MAX;
    h.id_len = 13;
    memfile_fresh(&f);
    heapfile_header(&f, HEAP, &h);
    ck_status(get(&f, (const uint8_t[13]){0, 20, 0, 0, 0, 0, 0, 0, 0, 1}, 13, &bytes, &n,
                  &addr),
              HI5_E_TRUNCATED);
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

START_TEST(huge_by_key) /* GRP-16, U-FH-11 */
{
    static const uint8_t id[7] = {0x10, 2}, missing[7] = {0x10, 9};
    struct frhp h = heapfile_small(NONE, 0);
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 2048, 8, 8);
    h.huge_bt2 = 0x200;
    h.huge_nobjs = 2;
    heapfile_header(&f, HEAP, &h);
    memfile_hex(&f, 0x600, "0005000000000000 6400000000000000 0100000000000000"
                           "0007000000000000 0300000000000000 0200000000000000");
    heapfile_tree(&f, 0x200, 1, 24, f.bytes + 0x600, 2);
    memfile_text(&f, 0x700, "xyz");
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 3);
    ck_assert_mem_eq(bytes, "xyz", 3);
    ck_assert_uint_eq(addr, 0x700);
    ck_status(get(&f, missing, 7, &bytes, &n, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, 0x200, "fractal heap", "no huge object 9");
    memfile_fresh(&f); /* EVIL-24 */
    memfile_hex(&f, 0x600 + 32, "ffffffffffffff7f");
    heapfile_tree(&f, 0x200, 1, 24, f.bytes + 0x600, 2);
    ck_status(get(&f, id, 7, &bytes, &n, &addr), HI5_E_TRUNCATED);
    memfile_fresh(&f);
    h.huge_bt2 = NONE;
    heapfile_header(&f, HEAP, &h);
    ck_status(get(&f, id, 7, &bytes, &n, &addr), HI5_E_CORRUPT);
    ck_at(&f.err, HEAP, "FRHP", "no huge objects");
    memfile_close(&f);
}
END_TEST

START_TEST(huge_in_the_id) /* U-FH-12: narrow addresses leave room for them */
{
    static const uint8_t id[7] = {0x10, 0x00, 0x03, 0x04, 0x00};
    struct frhp h = heapfile_small(NONE, 0);
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 1024, 2, 2);
    heapfile_header(&f, HEAP, &h);
    memfile_text(&f, 0x300, "huge");
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 4);
    ck_assert_mem_eq(bytes, "huge", 4);
    ck_assert_uint_eq(addr, 0x300);
    memfile_close(&f);
}
END_TEST

/* NOTE(lib): with L = 2 libhdf5 stores its direct block size, 65536, as 0. This is the
 * header of such a heap; h5ls lists nothing. */
START_TEST(direct_block_size_that_does_not_fit)
{
    static const uint8_t id[7] = {0, 0x0f, 0, 0, 0, 3, 0};
    const uint8_t *bytes;
    struct memfile f;
    uint64_t addr;
    size_t n;

    memfile_open(&f, 2048, 4, 2);
    memfile_hex(&f, HEAP,
                "46524850 00 0700 0000 02 00100000 0000 ffffffff ce04 0c020000 0008 0004"
                "0004 1e00 0000 0000 0000 0000 0400 0002 0000 2000 0100 66040000 0100"
                "012df9e0");
    memfile_hex(&f, 0x466, "46484942 00 40000000 00000000 00060000 ffffffff ffffffff"
                           "ffffffff");
    memfile_sum(&f, 0x466, 0x466 + 13 + 16);
    memfile_hex(&f, 0x600, "46484442 00 40000000 00000000 00000000 6162");
    f.bytes[HEAP + 9] = 0; /* without checksums, to save us making one */
    memfile_sum(&f, HEAP, HEAP + 62 - 4);
    ck_ok(get(&f, id, 7, &bytes, &n, &addr), &f.err);
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(addr, 0x60f);
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
    memfile_hex(&f, 0x600, "0007000000000000 0800000000000000 00000000 0800000000000000"
                           "0100000000000000");
    heapfile_tree(&f, 0x200, 2, 36, f.bytes + 0x600, 1);
    memfile_text(&f, 0x700, "aebfcgdh");
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
    tcase_add_test(tc, direct_root);
    tcase_add_test(tc, direct_block_damage);
    tcase_add_test(tc, indirect_blocks);
    tcase_add_test(tc, indirect_block_damage);
    tcase_add_loop_test(tc, bad_header, 0, (int)(sizeof bad_fields / sizeof *bad_fields));
    tcase_add_test(tc, largest_address_space);
    tcase_add_test(tc, tiny_objects);
    tcase_add_test(tc, huge_by_key);
    tcase_add_test(tc, huge_in_the_id);
    tcase_add_test(tc, direct_block_size_that_does_not_fit);
    tcase_add_test(tc, filtered);
    suite_add_tcase(suite, tc);
    return suite;
}
