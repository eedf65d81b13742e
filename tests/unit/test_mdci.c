/*
 * test_mdci.c - metadata cache images [FMT IV.A.2.y]
 */
#include "format/superblock.h"
#include "memfile.h"

Suite *suite_mdci(void);

struct piece {
    uint64_t addr, size;
    unsigned parents;
};

/* A block of these entries at 0x100; each image is full of its number. */
static uint64_t
image(struct memfile *f, const struct piece *p, unsigned n)
{
    size_t at = memfile_hex(f, 0x100, "4d444349 00 00");
    const size_t length_at = at;

    at = memfile_uint(f, at, 8, 0);
    at = memfile_uint(f, at, 4, n);
    for (unsigned i = 0; i < n; i++) {
        at = memfile_hex(f, at, "05 03 01 00 0000 0000");
        at = memfile_uint(f, at, 2, p[i].parents);
        at = memfile_uint(f, at, 4, 0xffffffff);
        at = memfile_uint(f, at, 8, p[i].addr);
        at = memfile_uint(f, at, 8, p[i].size);
        for (unsigned k = 0; k < p[i].parents; k++)
            at = memfile_uint(f, at, 8, 0x30);
        if (p[i].size < 100) {
            memset(f->bytes + at, (int)i + 1, (size_t)p[i].size);
            at += (size_t)p[i].size;
        }
    }
    memfile_uint(f, length_at, 8, at + 4 - 0x100);
    return memfile_sum(f, 0x100, at) - 0x100;
}

START_TEST(overlays) /* U-MD-3 */
{
    static const struct piece p[] = {{0x80, 16, 0}, {0x30, 24, 2}, {0x48, 8, 0}};
    struct overlay *o;
    struct memfile f;
    struct block *b;
    size_t n;

    memfile_open(&f, 1024, 8, 8);
    ck_ok(mdci_load(&f.meta, 0x100, image(&f, p, 3), &f.arena, &o, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(o[0].addr, 0x30);
    ck_assert_uint_eq(o[0].size, 24);
    ck_assert_uint_eq(o[1].addr, 0x48);
    ck_assert_uint_eq(o[2].addr, 0x80);
    ck_assert_uint_eq(o[2].bytes[15], 1);
    f.meta.overlays = o;
    f.meta.noverlays = n;
    ck_ok(meta_pin(&f.meta, 0x2f, 0x22, "test", &b, &f.err), &f.err);
    ck_assert_uint_eq(b->bytes[0], 0);
    ck_assert_uint_eq(b->bytes[1], 2);
    ck_assert_uint_eq(b->bytes[0x18], 2);
    ck_assert_uint_eq(b->bytes[0x19], 3);
    ck_assert_uint_eq(b->bytes[0x21], 0);
    meta_unpin(&f.meta, b);
    memfile_close(&f);
}
END_TEST

/* EVIL-23 */
static const struct {
    struct piece p[2];
    hi5_status status;
    const char *words;
} hostile[] = {
    {{{0x30, 16, 0}, {0x38, 16, 0}}, HI5_E_CORRUPT, "overlap"},
    {{{0x30, 16, 0}, {0x30, 16, 0}}, HI5_E_CORRUPT, "overlap"},
    {{{0x30, 16, 0}, {0x3f8, 16, 0}}, HI5_E_CORRUPT, "not inside the file"},
    {{{0x30, 16, 0}, {UINT64_MAX - 1, 16, 0}}, HI5_E_CORRUPT, "not inside the file"},
    {{{0x30, 16, 0}, {0x80, 0, 0}}, HI5_E_CORRUPT, "zero"},
    {{{0x30, 16, 0}, {0x80, 600, 0}}, HI5_E_TRUNCATED, "entry length"},
    {{{0x30, 16, 0}, {0x80, UINT64_MAX, 0}}, HI5_E_TRUNCATED, "entry length"},
};

START_TEST(bad_entries)
{
    struct overlay *o;
    struct memfile f;
    size_t n;

    memfile_open(&f, 1024, 8, 8);
    ck_status(mdci_load(&f.meta, 0x100, image(&f, hostile[_i].p, 2), &f.arena, &o, &n,
                        &f.err),
              hostile[_i].status);
    ck_assert_msg(strstr(f.err.message, hostile[_i].words) != NULL, "%s",
                  f.err.message);
    ck_assert_ptr_null(o);
    memfile_close(&f);
}
END_TEST

START_TEST(bad_block)
{
    static const struct piece p[] = {{0x30, 24, 1}};
    struct overlay *o;
    struct memfile f;
    uint64_t size;
    size_t n;

    memfile_open(&f, 1024, 8, 8);
    size = image(&f, p, 1);
    ck_status(mdci_load(&f.meta, 0x100, size + 1, &f.arena, &o, &n, &f.err),
              HI5_E_CORRUPT);
    ck_status(mdci_load(&f.meta, 0x100, 1000, &f.arena, &o, &n, &f.err),
              HI5_E_TRUNCATED);
    f.bytes[0x100 + size - 8] ^= 1; /* in the image */
    ck_status(mdci_load(&f.meta, 0x100, size, &f.arena, &o, &n, &f.err),
              HI5_E_CHECKSUM);
    ck_at(&f.err, 0x100 + size - 4, "MDCI", "computed");
    f.bytes[0x100 + size - 8] ^= 1;
    memfile_uint(&f, 0x10e, 4, 0xffffffff); /* EVIL-24: that many entries */
    ck_status(mdci_load(&f.meta, 0x100, size, &f.arena, &o, &n, &f.err),
              HI5_E_TRUNCATED);
    ck_assert_uint_lt(f.mem.peak, 65536);
    memfile_close(&f);
}
END_TEST

Suite *
suite_mdci(void)
{
    Suite *const suite = suite_create("mdci");
    TCase *const tc = tcase_create("mdci");

    tcase_add_test(tc, overlays);
    tcase_add_loop_test(tc, bad_entries, 0, (int)(sizeof hostile / sizeof *hostile));
    tcase_add_test(tc, bad_block);
    suite_add_tcase(suite, tc);
    return suite;
}
