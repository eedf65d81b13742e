/*
 * test_shared.c - shared messages [FMT IV.A.2, III.I]
 */
#include "format/shared.h"
#include "heapfile.h"

Suite *suite_shared(void);

enum { HEAP = 0x40, BLOCK = 0x200, OBJECT = 0x400, SIZE = 0x600 };

static const char int_type[] = "10080000 04000000 00002000";

/* A committed datatype in a version 2 header; `flags` of its only message. */
static void
committed_type(struct memfile *f, unsigned type, unsigned flags)
{
    size_t at = memfile_hex(f, OBJECT, "4f484452 02 00 10");

    at = memfile_uint(f, at, 1, type);
    at = memfile_hex(f, at, "0c00");
    at = memfile_uint(f, at, 1, flags);
    at = memfile_hex(f, at, int_type);
    memfile_sum(f, OBJECT, at);
}

struct result {
    const uint8_t *bytes;
    size_t n;
    uint64_t addr, committed;
};

static hi5_status
resolve(struct memfile *f, struct sohm_table *t, unsigned type, size_t at,
        size_t n, struct result *r)
{
    const struct shared_env e = {&f->meta, t, NULL, ADDR_NONE};

    return shared_body(&e, type, true, f->bytes + at, n, at, &f->arena, &r->bytes,
                       &r->n, &r->addr, &r->committed, &f->err);
}

START_TEST(not_shared)
{
    const uint8_t *out;
    uint64_t addr, committed;
    struct memfile f;
    size_t n;

    memfile_open(&f, SIZE, 8, 8);
    {
        const struct shared_env e = {&f.meta, NULL, NULL, ADDR_NONE};
        ck_ok(shared_body(&e, MSG_LAYOUT, false, f.bytes + 8, 5, 8, &f.arena, &out, &n,
                          &addr, &committed, &f.err),
              &f.err);
    }
    ck_assert_ptr_eq(out, f.bytes + 8);
    ck_assert_uint_eq(n, 5);
    ck_assert_uint_eq(addr, 8);
    ck_assert_uint_eq(committed, HI5_NO_ADDRESS);
    memfile_close(&f);
}
END_TEST

static const struct {
    const char *hex;
    size_t n;
} pointers[] = {
    {"02 02 0004000000000000", 10}, /* U-SHM-1 */
    {"02 00 0004000000000000", 10},
    {"03 02 0004000000000000", 10},
    /* U-SHM-2: a symbol table entry */
    {"01 00 000000000000 1000000000000000 0004000000000000 00000000 00000000"
     "00000000000000000000000000000000",
     48},
};

START_TEST(committed)
{
    struct memfile f;
    struct result r;

    memfile_open(&f, SIZE, 8, 8);
    committed_type(&f, MSG_TYPE, 5);
    memfile_hex(&f, 0x20, pointers[_i].hex);
    ck_ok(resolve(&f, NULL, MSG_TYPE, 0x20, pointers[_i].n, &r), &f.err);
    ck_assert_uint_eq(r.n, 12);
    ck_assert_uint_eq(r.bytes[0], 0x10);
    ck_assert_uint_eq(r.bytes[4], 4);
    ck_assert_uint_eq(r.committed, OBJECT);
    ck_assert_uint_eq(r.addr, OBJECT + 11);
    memfile_close(&f);
}
END_TEST

/* U-SHM-3: what is pointed at must be a datatype, and not shared again. */
START_TEST(not_committed)
{
    struct memfile f;
    struct result r;

    memfile_open(&f, SIZE, 8, 8);
    memfile_hex(&f, 0x20, "02 02 0004000000000000");
    committed_type(&f, MSG_TYPE, 3);
    ck_assert_int_ne(resolve(&f, NULL, MSG_TYPE, 0x20, 10, &r), HI5_OK);
    memfile_fresh(&f);
    committed_type(&f, MSG_COMMENT, 0);
    ck_status(resolve(&f, NULL, MSG_TYPE, 0x20, 10, &r), HI5_E_CORRUPT);
    ck_at(&f.err, OBJECT, "shared message", "has no datatype message");
    memfile_hex(&f, 0x20, "02 02 00ff000000000000");
    ck_status(resolve(&f, NULL, MSG_TYPE, 0x20, 10, &r), HI5_E_TRUNCATED);
    ck_status(resolve(&f, NULL, MSG_TYPE, 0x20, 9, &r), HI5_E_TRUNCATED);
    memfile_close(&f);
}
END_TEST

/* CVE-2016-4332: the flag on a message that cannot be shared. */
START_TEST(not_sharable)
{
    static const unsigned types[] = {MSG_NIL,  MSG_LINK_INFO, MSG_LINK,  MSG_LAYOUT,
                                     MSG_STAB, MSG_CONT,      MSG_MTIME, MSG_ATTR_INFO,
                                     0x19,     0xffff};
    struct memfile f;
    struct result r;

    memfile_open(&f, SIZE, 8, 8);
    committed_type(&f, MSG_TYPE, 5);
    memfile_hex(&f, 0x20, "02 02 0004000000000000");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        ck_status(resolve(&f, NULL, types[i], 0x20, 10, &r), HI5_E_CORRUPT);
        ck_at(&f.err, 0x20, "object header message", "cannot be shared");
    }
    memfile_close(&f);
}
END_TEST

START_TEST(in_the_heap) /* REF-14, U-SOHM-2 */
{
    static const unsigned types[] = {MSG_SPACE, MSG_TYPE, MSG_FILL, MSG_FILL_OLD,
                                     MSG_PLINE};
    struct sohm_table table = {.n = 2,
                                     .index = {{.msg_flags = 0x1000, .heap = 0x10},
                                               {.msg_flags = 0x082a, .heap = HEAP}}};
    struct frhp h = heapfile_small(BLOCK, 0);
    struct memfile f;
    struct result r;

    memfile_open(&f, SIZE, 8, 8);
    h.id_len = 8;
    heapfile_header(&f, HEAP, &h);
    heapfile_direct(&f, BLOCK, HEAP, 0, 64, 19, "message", 7);
    memfile_hex(&f, 0x20, "03 01 00 1300 07 00000000");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        ck_ok(resolve(&f, &table, types[i], 0x20, 10, &r), &f.err);
        ck_assert_uint_eq(r.n, 7);
        ck_assert_mem_eq(r.bytes, "message", 7);
        ck_assert_uint_eq(r.addr, BLOCK + 19);
        ck_assert_uint_eq(r.committed, HI5_NO_ADDRESS);
    }
    ck_assert_int_ne(resolve(&f, &table, MSG_ATTR, 0x20, 10, &r), HI5_OK);
    ck_status(resolve(&f, NULL, MSG_TYPE, 0x20, 10, &r), HI5_E_CORRUPT);
    ck_at(&f.err, HI5_NO_ADDRESS, "shared message", "no index of shared datatype");
    memfile_close(&f);
}
END_TEST

/* libhdf5's: types, spaces, fill values and pipelines in one index, attributes in one */
static const char two_indexes[] =
    "534d5442 00 00 2a08 08000000 3200 2800 0300 6002000000000000 ba05000000000000"
    "00 00 0010 08000000 3200 2800 0c00 9e06000000000000 f809000000000000 e694292d";

START_TEST(master_table)
{
    struct sohm_table t = {.n = 2};
    struct memfile f;
    struct cur c;

    memfile_open(&f, 68, 8, 8);
    memfile_hex(&f, 0, two_indexes);
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    smtb_code(&c, &t);
    ck_ok(c.status, &f.err);
    ck_assert_uint_eq(t.index[0].msg_flags, 0x082a);
    ck_assert_uint_eq(t.index[0].heap, 0x5ba);
    ck_assert_uint_eq(t.index[1].msg_flags, 0x1000);
    ck_assert_uint_eq(t.index[1].nmsgs, 12);
    ck_assert_uint_eq(t.index[1].list_max, 50);
    memfile_uint(&f, 16, 2, 51); /* EVIL-22 */
    memfile_sum(&f, 0, 64);
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    smtb_code(&c, &t);
    ck_status(c.status, HI5_E_CORRUPT);
    ck_assert_msg(strstr(f.err.message, "more than a list holds") != NULL, "%s",
                  f.err.message);
    for (unsigned n = 0; n < 300; n += 9) { /* 0, 9, ...: never as many as that */
        t.n = n;
        c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
        smtb_code(&c, &t);
        ck_status(c.status, HI5_E_CORRUPT);
    }
    memfile_close(&f);
}
END_TEST

Suite *
suite_shared(void)
{
    Suite *const suite = suite_create("shared");
    TCase *const tc = tcase_create("shared");

    tcase_add_test(tc, not_shared);
    tcase_add_loop_test(tc, committed, 0, (int)(sizeof pointers / sizeof *pointers));
    tcase_add_test(tc, not_committed);
    tcase_add_test(tc, not_sharable);
    tcase_add_test(tc, in_the_heap);
    tcase_add_test(tc, master_table);
    suite_add_tcase(suite, tc);
    return suite;
}
