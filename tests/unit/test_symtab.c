/*
 * test_symtab.c - symbol tables of old-style groups [FMT III.B, III.C]
 */
#include "format/symtab.h"
#include "memfile.h"

Suite *suite_symtab(void);

enum { HEAP = 0x40, TREE = 0x100, NAMES = 0x400, SNODS = 0x800, SNOD_STEP = 0x100 };

/* A group with leaf K 2 and internal K 4. Names (up to 7 bytes) are put in symbol table
 * nodes of `per` in the order given; name i has its object header at 0x1000 * (i + 1). */
static struct symtab
group(struct memfile *f, unsigned off_w, unsigned len_w, const char *const *names,
      unsigned n, unsigned per)
{
    const unsigned leaves = n == 0 ? 0 : (n + per - 1) / per;
    size_t at;

    memfile_open(f, 0x2000, off_w, len_w);
    at = memfile_hex(f, HEAP, "48454150 00 000000");
    at = memfile_uint(f, at, len_w, 0x200);
    at = memfile_uint(f, at, len_w, 1);
    memfile_uint(f, at, off_w, NAMES);
    at = memfile_hex(f, TREE, "54524545 00 00");
    at = memfile_uint(f, at, 2, leaves);
    at = memfile_uint(f, at, off_w, HI5_NO_ADDRESS);
    at = memfile_uint(f, at, off_w, HI5_NO_ADDRESS);
    at = memfile_uint(f, at, len_w, 0); /* GRP-02 */
    for (unsigned i = 0; i < leaves; i++) {
        const unsigned last = (i + 1) * per < n ? (i + 1) * per : n;
        size_t p = memfile_hex(f, SNODS + (size_t)i * SNOD_STEP, "534e4f44 01 00");

        p = memfile_uint(f, p, 2, last - i * per);
        for (unsigned k = i * per; k < last; k++) {
            memfile_text(f, NAMES + 8 * (k + 1), names[k]);
            p = memfile_uint(f, p, len_w, 8 * (k + 1));
            p = memfile_uint(f, p, off_w, 0x1000 * (k + 1));
            p = memfile_uint(f, p, 24, 0);
        }
        at = memfile_uint(f, at, off_w, SNODS + (size_t)i * SNOD_STEP);
        at = memfile_uint(f, at, len_w, 8 * last); /* GRP-03: the left node's last */
    }
    return (struct symtab){&f->meta, {TREE, HEAP}, 2, 4};
}

static hi5_status
find(struct memfile *f, const struct symtab *t, const char *name, struct msg_link *l)
{
    return symtab_find(t, name, strlen(name), &f->arena, l, &f->err);
}

struct seen {
    unsigned n;
    char names[512];
};

static hi5_status
see(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    s->n++;
    strncat(s->names, (const char *)l->name, (size_t)l->name_len);
    strcat(s->names, l->kind == HI5_LINK_SOFT ? "@" : ",");
    return HI5_OK;
}

static const char *const alphabet[] = {"Day", "DayNig", "Z",  "a", "aa",       "b",
                                       "ba",  "c",      "cc", "d", "\xc3\xa9", "\xff"};
enum { LETTERS = sizeof alphabet / sizeof *alphabet };

START_TEST(find_all) /* GRP-01, GRP-03, GRP-31, GRP-32 */
{
    static const unsigned widths[][2] = {{8, 8}, {4, 2}, {2, 4}, {8, 4}, {16, 8}};
    struct seen seen = {0};
    struct memfile f;

    for (unsigned per = 1; per <= 4; per++) {
        const unsigned n = 8 * per < LETTERS ? 8 * per : LETTERS;
        const struct symtab t =
            group(&f, widths[_i][0], widths[_i][1], alphabet, n, per);
        struct msg_link l;

        for (unsigned i = 0; i < n; i++) {
            ck_ok(find(&f, &t, alphabet[i], &l), &f.err);
            ck_assert_str_eq((const char *)l.name, alphabet[i]);
            ck_assert_uint_eq(l.address, (0x1000 * (i + 1)) & 0xffff);
            ck_assert_uint_eq(l.kind, HI5_LINK_HARD);
        }
        ck_status(find(&f, &t, "Da", &l), HI5_E_NOTFOUND);
        ck_status(find(&f, &t, "DayNight", &l), HI5_E_NOTFOUND);
        ck_status(find(&f, &t, "", &l), HI5_E_NOTFOUND);
        ck_status(find(&f, &t, "\xff\xff", &l), HI5_E_NOTFOUND);
        ck_status(symtab_find(&t, "DayX", 3, &f.arena, &l, &f.err), HI5_OK);
        memset(&seen, 0, sizeof seen);
        ck_ok(symtab_each(&t, see, &seen, &f.err), &f.err);
        ck_assert_uint_eq(seen.n, n);
        memfile_close(&f);
    }
    ck_assert_str_eq(seen.names, "Day,DayNig,Z,a,aa,b,ba,c,cc,d,\xc3\xa9,\xff,");
}
END_TEST

START_TEST(soft_link) /* GRP-09, GRP-10, U-STE-2 */
{
    struct memfile f;
    const struct symtab t = group(&f, 8, 8, alphabet, 3, 3);
    struct seen seen = {0};
    struct msg_link l;

    memfile_hex(&f, SNODS + 8 + 40 + 8, "ffffffffffffffff 02000000 00000000 00010000");
    memfile_text(&f, NAMES + 0x100, "/no/where");
    ck_ok(find(&f, &t, "DayNig", &l), &f.err);
    ck_assert_uint_eq(l.kind, HI5_LINK_SOFT);
    ck_assert_uint_eq(l.value_len, 9);
    ck_assert_mem_eq(l.value, "/no/where", 9);
    ck_ok(symtab_each(&t, see, &seen, &f.err), &f.err);
    ck_assert_str_eq(seen.names, "Day,DayNig@Z,");
    memfile_close(&f);
}
END_TEST

START_TEST(empty_group) /* GRP-34 */
{
    struct memfile f;
    const struct symtab t = group(&f, 8, 8, alphabet, 0, 1);
    struct seen seen = {0};
    struct msg_link l;

    ck_ok(symtab_each(&t, see, &seen, &f.err), &f.err);
    ck_assert_uint_eq(seen.n, 0);
    ck_status(find(&f, &t, "a", &l), HI5_E_NOTFOUND);
    memfile_close(&f);
}
END_TEST

START_TEST(one_bad_link_hides_no_other) /* GRP-24, EVIL-05 */
{
    struct memfile f;
    const struct symtab t = group(&f, 8, 8, alphabet, 6, 3);
    struct seen seen = {0};
    struct msg_link l;

    memfile_uint(&f, SNODS + 8 + 40, 8, 0x12345678);
    ck_status(symtab_each(&t, see, &seen, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, NAMES, "local heap data segment", "outside its 512 bytes");
    ck_assert_str_eq(seen.names, "Day,Z,a,aa,b,");
    ck_ok(find(&f, &t, "Day", &l), &f.err);
    ck_ok(find(&f, &t, "Z", &l), &f.err);
    ck_status(find(&f, &t, "DayNig", &l), HI5_E_CORRUPT); /* it may be that one */
    memfile_fresh(&f);
    memfile_uint(&f, SNODS + 8 + 40, 8, 0x10);
    memfile_uint(&f, SNODS + 8 + 40 + 16, 4, 7); /* cache type */
    memset(&seen, 0, sizeof seen);
    ck_status(symtab_each(&t, see, &seen, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, SNODS + 8 + 40 + 16, "symbol table entry", "unknown cache type");
    ck_assert_str_eq(seen.names, "Day,Z,a,aa,b,");
    memfile_fresh(&f); /* a whole node */
    memfile_text(&f, SNODS, "SNOB");
    memset(&seen, 0, sizeof seen);
    ck_status(symtab_each(&t, see, &seen, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, SNODS, "SNOD", "signature");
    ck_assert_str_eq(seen.names, "a,aa,b,");
    memfile_close(&f);
}
END_TEST

START_TEST(nodes_out_of_order) /* GRP-01: within a node, order is not relied on */
{
    static const char *const names[] = {"d", "c", "b", "a"};
    struct memfile f;
    const struct symtab t = group(&f, 8, 8, names, 4, 4);
    struct msg_link l;

    memfile_uint(&f, TREE + 24 + 16, 8, 8); /* the last key: "d" */
    for (unsigned i = 0; i < 4; i++) {
        ck_ok(find(&f, &t, names[i], &l), &f.err);
        ck_assert_uint_eq(l.address, 0x1000 * (i + 1));
    }
    memfile_close(&f);
}
END_TEST

START_TEST(too_many_symbols) /* EVIL-04 */
{
    struct memfile f;
    const struct symtab t = group(&f, 8, 8, alphabet, 4, 4);
    struct seen seen = {0};

    memfile_uint(&f, SNODS + 6, 2, 5);
    ck_status(symtab_each(&t, see, &seen, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, SNODS + 6, "SNOD", "group leaf K");
    ck_assert_uint_eq(seen.n, 0);
    memfile_close(&f);
}
END_TEST

START_TEST(node_cut_by_end_of_file)
{
    struct memfile f;
    const struct symtab t = group(&f, 8, 8, alphabet, 3, 3);
    struct seen seen = {0};

    f.meta.eof = SNODS + 8 + 3 * 40;
    ck_ok(symtab_each(&t, see, &seen, &f.err), &f.err);
    ck_assert_uint_eq(seen.n, 3);
    memfile_fresh(&f);
    f.meta.eof = SNODS + 8 + 3 * 40 - 1;
    ck_status(symtab_each(&t, see, &seen, &f.err), HI5_E_TRUNCATED);
    memfile_close(&f);
}
END_TEST

START_TEST(one_node_many_times) /* a small file must not keep us busy for long */
{
    struct memfile f;
    struct symtab t = group(&f, 8, 8, alphabet, 8, 1);
    struct seen seen = {0};

    t.leaf_k = 25; /* 50 symbols of 40 bytes, times 8 */
    memfile_uint(&f, SNODS + 6, 2, 50);
    for (unsigned i = 0; i < 8; i++)
        memfile_uint(&f, TREE + 24 + 8 + 16 * i, 8, SNODS);
    ck_status(symtab_each(&t, see, &seen, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, SNODS, "SNOD", "shared");
    memfile_close(&f);
}
END_TEST

Suite *
suite_symtab(void)
{
    Suite *const suite = suite_create("symtab");
    TCase *const tc = tcase_create("symtab");

    tcase_add_loop_test(tc, find_all, 0, 5);
    tcase_add_test(tc, soft_link);
    tcase_add_test(tc, empty_group);
    tcase_add_test(tc, one_bad_link_hides_no_other);
    tcase_add_test(tc, nodes_out_of_order);
    tcase_add_test(tc, too_many_symbols);
    tcase_add_test(tc, node_cut_by_end_of_file);
    tcase_add_test(tc, one_node_many_times);
    suite_add_tcase(suite, tc);
    return suite;
}
