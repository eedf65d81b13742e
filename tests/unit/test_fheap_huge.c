/*
 * test_fheap_huge.c - huge objects of fractal heaps [FMT III.G]
 */
#include "heapfile.h"

Suite *suite_fheap_huge(void);

enum { HEAP = 0x40 };
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
    memfile_hex(&f, 0x600,
                "0005000000000000 6400000000000000 0100000000000000"
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

Suite *
suite_fheap_huge(void)
{
    Suite *const suite = suite_create("fheap_huge");
    TCase *const tc = tcase_create("fheap_huge");

    tcase_add_test(tc, huge_by_key);
    tcase_add_test(tc, huge_in_the_id);
    suite_add_tcase(suite, tc);
    return suite;
}
