/*
 * test_fheap_managed.c - direct and indirect blocks of fractal heaps [FMT III.G]
 */
#include "heapfile.h"

Suite *suite_fheap_managed(void);

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
    ck_status(get(&f, (const uint8_t[13]){0, 20, 0, 0, 0, 0, 0, 0, 0, 1}, 13, &bytes,
                  &n, &addr),
              HI5_E_TRUNCATED);
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
    memfile_hex(
        &f, HEAP,
        "46524850 00 0700 0000 02 00100000 0000 ffffffff ce04 0c020000 0008 0004"
        "0004 1e00 0000 0000 0000 0000 0400 0002 0000 2000 0100 66040000 0100"
        "012df9e0");
    memfile_hex(&f, 0x466,
                "46484942 00 40000000 00000000 00060000 ffffffff ffffffff"
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

Suite *
suite_fheap_managed(void)
{
    Suite *const suite = suite_create("fheap_managed");
    TCase *const tc = tcase_create("fheap_managed");

    tcase_add_test(tc, direct_root);
    tcase_add_test(tc, direct_block_damage);
    tcase_add_test(tc, indirect_blocks);
    tcase_add_test(tc, indirect_block_damage);
    tcase_add_test(tc, largest_address_space);
    tcase_add_test(tc, direct_block_size_that_does_not_fit);
    suite_add_tcase(suite, tc);
    return suite;
}
