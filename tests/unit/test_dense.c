/*
 * test_dense.c - links and attributes in fractal heaps [FMT IV.A.2.c, .v]
 */
#include "format/dense.h"
#include "heapfile.h"

Suite *suite_dense(void);

enum { HEAP = 0x40, BLOCK = 0x200, BY_NAME = 0x400, BY_ORDER = 0x800, SIZE = 0x2000 };
enum { SOHM_HEAP = 0x1000, SOHM_BLOCK = 0x1200 };

/* Heaps here have one direct block of 512 bytes; an ID is 00, offset (2), length (1). */
static void
one_block_heap(struct memfile *f, size_t at, size_t block, unsigned id_len)
{
    struct frhp h = heapfile_small(block, 0);

    h.id_len = (uint16_t)id_len;
    h.start_block = h.max_direct = 512;
    heapfile_header(f, at, &h);
    heapfile_block(f, block, "FHDB", at, 0);
}

static void
finish_block(struct memfile *f, size_t block)
{
    memfile_uint(f, block + 15, 4, 0);
    memfile_uint(f, block + 15, 4, lookup3(f->bytes + block, 512, 0));
}

/* Records by ascending hash; names of equal hash stay as they are. */
static void
sort_records(uint8_t *records, unsigned n, unsigned size, unsigned hash_at)
{
    for (unsigned i = 1; i < n; i++)
        for (unsigned k = i; k > 0; k--) {
            uint8_t *const a = records + (k - 1) * (size_t)size, *const b = a + size,
                           x[32];

            if (cur_raw_uint(a + hash_at, 4) <= cur_raw_uint(b + hash_at, 4))
                break;
            memcpy(x, a, size);
            memcpy(a, b, size);
            memcpy(b, x, size);
        }
}

/* ---- links ---- */

/* A group with these hard links; link i is to 0x100 * (i + 1) and has order i. */
static struct msg_link_info
links(struct memfile *f, const char *const *names, unsigned n)
{
    uint8_t by_name[16 * 11] = {0}, by_order[16 * 15] = {0};
    size_t at = BLOCK + 19;

    memfile_open(f, SIZE, 8, 8);
    one_block_heap(f, HEAP, BLOCK, 7);
    for (unsigned i = 0; i < n; i++) {
        const size_t len = strlen(names[i]), start = at;
        const uint32_t hash = lookup3(names[i], len, 0);
        uint8_t *const r = by_name + i * 11, *const o = by_order + i * 15;

        at = memfile_hex(f, at, "0100");
        at = memfile_uint(f, at, 1, len);
        at = memfile_text(f, at, names[i]);
        at = memfile_uint(f, at, 8, 0x100 * (i + 1));
        for (unsigned k = 0; k < 4; k++)
            r[k] = (uint8_t)(hash >> 8 * k);
        r[5] = (uint8_t)(start - BLOCK);
        r[6] = (uint8_t)((start - BLOCK) >> 8);
        r[7] = (uint8_t)(at - start);
        o[0] = (uint8_t)i;
        memcpy(o + 8, r + 4, 7);
    }
    finish_block(f, BLOCK);
    sort_records(by_name, n, 11, 0);
    heapfile_tree(f, BY_NAME, 5, 11, by_name, n);
    heapfile_tree(f, BY_ORDER, 6, 15, by_order, n);
    return (struct msg_link_info){.flags = 3,
                                  .max_order = n,
                                  .fheap = HEAP,
                                  .name_bt2 = BY_NAME,
                                  .order_bt2 = BY_ORDER};
}

static hi5_status
find_link(struct memfile *f, const struct msg_link_info *info, const char *name,
          struct msg_link *l)
{
    return dense_links_find(&f->meta, info, NULL, name, strlen(name), &f->arena, l,
                            &f->err);
}

struct seen {
    unsigned n, bad;
    char names[256];
};

static hi5_status
see_link(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    s->n++;
    strncat(s->names, (const char *)l->name, (size_t)l->name_len);
    strcat(s->names, ",");
    return HI5_OK;
}

static hi5_status
count_link(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)l;
    (void)err;
    s->n++;
    return HI5_OK;
}

static const char *const names[] = {"zeta", "alpha",    "Day",      "DayNight", "b",
                                    "a",    "link0098", "\xc3\xa9", "x y"};
enum { NAMES = sizeof names / sizeof *names };

START_TEST(links_by_name_and_order) /* GRP-11, GRP-26, GRP-31 */
{
    struct memfile f;
    const struct msg_link_info info = links(&f, names, NAMES);
    struct seen seen = {0};
    struct msg_link l;
    uint64_t n;

    ck_ok(dense_links_count(&f.meta, &info, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, NAMES);
    for (unsigned i = 0; i < NAMES; i++) {
        ck_ok(find_link(&f, &info, names[i], &l), &f.err);
        ck_assert_uint_eq(l.name_len, strlen(names[i]));
        ck_assert_mem_eq(l.name, names[i], l.name_len);
        ck_assert_uint_eq(l.address, 0x100 * (i + 1));
    }
    ck_status(find_link(&f, &info, "DayN", &l), HI5_E_NOTFOUND);
    ck_status(find_link(&f, &info, "", &l), HI5_E_NOTFOUND);
    ck_ok(dense_links_each(&f.meta, &info, NULL, true, see_link, &seen, &f.err),
          &f.err);
    ck_assert_str_eq(seen.names, "zeta,alpha,Day,DayNight,b,a,link0098,\xc3\xa9,x y,");
    memset(&seen, 0, sizeof seen);
    ck_ok(dense_links_each(&f.meta, &info, NULL, false, see_link, &seen, &f.err),
          &f.err);
    ck_assert_uint_eq(seen.n, NAMES);
    memfile_close(&f);
}
END_TEST

/* GRP-17: these have the same hash, 0024dbf9, and may be in either order. */
START_TEST(links_of_equal_hash)
{
    static const char *const pairs[][4] = {{"n104308", "n159644", "a", "b"},
                                           {"n159644", "n104308", "a", "b"}};
    struct memfile f;
    const struct msg_link_info info = links(&f, pairs[_i], 4);
    struct msg_link l;

    ck_assert_uint_eq(lookup3("n104308", 7, 0), 0x0024dbf9);
    ck_assert_uint_eq(lookup3("n159644", 7, 0), 0x0024dbf9);
    for (unsigned i = 0; i < 4; i++) {
        ck_ok(find_link(&f, &info, pairs[_i][i], &l), &f.err);
        ck_assert_uint_eq(l.address, 0x100 * (i + 1));
    }
    memfile_close(&f);
}
END_TEST

START_TEST(hash_of_another_name)
{
    static const char *const one[] = {"n104308"};
    struct memfile f;
    const struct msg_link_info info = links(&f, one, 1);
    struct msg_link l;

    ck_status(find_link(&f, &info, "n159644", &l), HI5_E_NOTFOUND);
    memfile_close(&f);
}
END_TEST

START_TEST(one_bad_link_hides_no_other) /* GRP-24 */
{
    struct memfile f;
    const struct msg_link_info info = links(&f, names, NAMES);
    struct seen seen = {0};
    struct msg_link l;

    f.bytes[BLOCK + 19 + 2 + 1 + 4 + 8] = 9; /* the version of "alpha" */
    finish_block(&f, BLOCK);
    ck_assert_int_ne(
        dense_links_each(&f.meta, &info, NULL, true, see_link, &seen, &f.err), HI5_OK);
    ck_assert_str_eq(seen.names, "zeta,Day,DayNight,b,a,link0098,\xc3\xa9,x y,");
    ck_ok(find_link(&f, &info, "Day", &l), &f.err);
    ck_assert_int_ne(find_link(&f, &info, "alpha", &l), HI5_OK);
    ck_assert_int_ne(f.err.status, HI5_E_NOTFOUND);
    memfile_close(&f);
}
END_TEST

START_TEST(no_index) /* GRP-19 */
{
    const struct msg_link_info info = {.fheap = HI5_NO_ADDRESS,
                                       .name_bt2 = HI5_NO_ADDRESS,
                                       .order_bt2 = HI5_NO_ADDRESS};
    struct memfile f;
    struct seen seen = {0};
    uint64_t n = 7;

    memfile_open(&f, SIZE, 8, 8);
    ck_ok(dense_links_count(&f.meta, &info, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, 0);
    ck_status(dense_links_each(&f.meta, &info, NULL, false, see_link, &seen, &f.err),
              HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

/* Records that share an object could make a small file keep us busy for long. */
START_TEST(one_object_many_times)
{
    enum { COUNT = 45 };
    char name[240];
    const char *const one[] = {name};
    uint8_t records[COUNT * 11];
    struct seen seen = {0};
    struct msg_link_info info;
    struct memfile f;

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    info = links(&f, one, 1);
    for (unsigned i = 0; i < COUNT; i++)
        memcpy(records + i * 11, f.bytes + BY_NAME + 64 + 6, 11);
    heapfile_tree(&f, BY_NAME, 5, 11, records, COUNT);
    ck_status(dense_links_each(&f.meta, &info, NULL, false, count_link, &seen, &f.err),
              HI5_E_CORRUPT);
    ck_assert_uint_eq(seen.n, SIZE / 250); /* bytes of the link message */
    ck_assert_msg(strstr(f.err.message, "shared") != NULL, "%s", f.err.message);
    memfile_close(&f);
}
END_TEST

/* ---- attributes ---- */

/* Version 3, a 32-bit integer, scalar; its value is `v`. */
static size_t
put_attr(struct memfile *f, size_t at, const char *name, unsigned v)
{
    at = memfile_hex(f, at, "03 00");
    at = memfile_uint(f, at, 2, strlen(name) + 1);
    at = memfile_hex(f, at, "0c00 0400 00");
    at = memfile_text(f, at, name) + 1;
    at = memfile_hex(f, at, "10080000 04000000 00002000 02000000");
    return memfile_uint(f, at, 4, v);
}

static void
attr_record(uint8_t r[17], const char *name, size_t offset, size_t n, unsigned flags,
            unsigned order)
{
    const uint32_t hash = lookup3(name, strlen(name), 0);

    memset(r, 0, 17);
    r[1] = (uint8_t)offset;
    r[2] = (uint8_t)(offset >> 8);
    r[3] = (uint8_t)n;
    r[8] = (uint8_t)flags;
    r[9] = (uint8_t)order;
    for (unsigned k = 0; k < 4; k++)
        r[13 + k] = (uint8_t)(hash >> 8 * k);
}

/* Attributes whose value is their place in `names`. Those from `shared` on are in the
 * heap of shared messages. */
static struct msg_attr_info
attrs(struct memfile *f, const char *const *list, unsigned n, unsigned shared)
{
    uint8_t by_name[16 * 17], by_order[16 * 13];
    size_t at[2] = {BLOCK + 19, SOHM_BLOCK + 19};
    static const size_t block[2] = {BLOCK, SOHM_BLOCK};

    memfile_open(f, SIZE, 8, 8);
    one_block_heap(f, HEAP, BLOCK, 8);
    one_block_heap(f, SOHM_HEAP, SOHM_BLOCK, 8);
    for (unsigned i = 0; i < n; i++) {
        const unsigned w = i >= shared;
        const size_t start = at[w];

        at[w] = put_attr(f, start, list[i], i);
        attr_record(by_name + i * 17, list[i], start - block[w], at[w] - start, 2 * w,
                    i);
        memcpy(by_order + i * 13, by_name + i * 17, 13);
    }
    finish_block(f, BLOCK);
    finish_block(f, SOHM_BLOCK);
    sort_records(by_name, n, 17, 13);
    heapfile_tree(f, BY_NAME, 8, 17, by_name, n);
    heapfile_tree(f, BY_ORDER, 9, 13, by_order, n);
    return (struct msg_attr_info){.flags = 3,
                                  .max_order = (uint16_t)n,
                                  .fheap = HEAP,
                                  .name_bt2 = BY_NAME,
                                  .order_bt2 = BY_ORDER};
}

static hi5_status
see_attr(void *ctx, const struct dense_attr *a, const hi5_error *bad, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    s->n++;
    if (bad != NULL) {
        ck_assert_int_ne(bad->status, HI5_OK);
        s->bad++;
        return HI5_OK;
    }
    ck_assert_uint_eq(a->body[0], 3);
    ck_assert_uint_eq(cur_raw_uint(a->body + a->size - 4, 4), a->order);
    strcat(s->names, (const char *)a->body + 9);
    strcat(s->names, ",");
    return HI5_OK;
}

static const char *const five[] = {"units", "_FillValue", "n104308", "n159644", "e"};
static struct sohm_table sohm = {
    .n = 2,
    .index = {{.msg_flags = 0x0008, .heap = 0x1f00},
              {.msg_flags = 0x1000, .heap = SOHM_HEAP}}};

START_TEST(attributes) /* U-AI-3, U-AI-5, REF-14 */
{
    struct memfile f;
    const struct msg_attr_info info = attrs(&f, five, 5, (unsigned)_i);
    const struct shared_env env = {&f.meta, &sohm, NULL, ADDR_NONE};
    struct seen seen = {0};
    struct dense_attr a;
    uint64_t n;

    ck_ok(dense_attrs_count(&f.meta, &info, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, 5);
    for (unsigned i = 0; i < 5; i++) {
        ck_ok(dense_attrs_find(&env, &info, five[i], &f.arena, &a, &f.err), &f.err);
        ck_assert_uint_eq(a.order, i);
        ck_assert_str_eq((const char *)a.body + 9, five[i]);
        ck_assert_uint_eq(a.addr >= SOHM_BLOCK, i >= (unsigned)_i);
    }
    ck_status(dense_attrs_find(&env, &info, "unit", &f.arena, &a, &f.err),
              HI5_E_NOTFOUND);
    ck_ok(dense_attrs_each(&env, &info, true, see_attr, &seen, &f.err), &f.err);
    ck_assert_str_eq(seen.names, "units,_FillValue,n104308,n159644,e,");
    memset(&seen, 0, sizeof seen);
    ck_ok(dense_attrs_each(&env, &info, false, see_attr, &seen, &f.err), &f.err);
    ck_assert_uint_eq(seen.n, 5);
    memfile_close(&f);
}
END_TEST

START_TEST(one_bad_attribute_hides_no_other) /* ATTR-05 */
{
    struct memfile f;
    const struct msg_attr_info info = attrs(&f, five, 5, 4);
    const struct shared_env env = {&f.meta, NULL, NULL, ADDR_NONE}; /* nothing shared here */
    struct seen seen = {0};
    struct dense_attr a;

    ck_ok(dense_attrs_each(&env, &info, true, see_attr, &seen, &f.err), &f.err);
    ck_assert_uint_eq(seen.n, 5);
    ck_assert_uint_eq(seen.bad, 1);
    ck_assert_str_eq(seen.names, "units,_FillValue,n104308,n159644,");
    ck_status(dense_attrs_find(&env, &info, "e", &f.arena, &a, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, HI5_NO_ADDRESS, "shared message", "no index of shared attribute");
    memfile_close(&f);
}
END_TEST

START_TEST(unreadable_name_of_equal_hash)
{
    struct memfile f;
    const struct msg_attr_info info = attrs(&f, five, 5, 5);
    const struct shared_env env = {&f.meta, NULL, NULL, ADDR_NONE};
    struct dense_attr a;
    size_t at = BLOCK + 19;

    at += 9 + 6 + 20;  /* behind "units", */
    at += 9 + 11 + 20; /* and "_FillValue" */
    f.bytes[at] = 77;
    finish_block(&f, BLOCK);
    ck_ok(dense_attrs_find(&env, &info, "n159644", &f.arena, &a, &f.err), &f.err);
    ck_assert_uint_eq(a.order, 3);
    ck_assert_int_ne(dense_attrs_find(&env, &info, "n104308", &f.arena, &a, &f.err),
                     HI5_OK);
    ck_assert_int_ne(f.err.status, HI5_E_NOTFOUND);
    memfile_close(&f);
}
END_TEST

Suite *
suite_dense(void)
{
    Suite *const suite = suite_create("dense");
    TCase *const tc = tcase_create("dense");

    tcase_add_test(tc, links_by_name_and_order);
    tcase_add_loop_test(tc, links_of_equal_hash, 0, 2);
    tcase_add_test(tc, hash_of_another_name);
    tcase_add_test(tc, one_bad_link_hides_no_other);
    tcase_add_test(tc, no_index);
    tcase_add_test(tc, one_object_many_times);
    tcase_add_loop_test(tc, attributes, 0, 6);
    tcase_add_test(tc, one_bad_attribute_hides_no_other);
    tcase_add_test(tc, unreadable_name_of_equal_hash);
    suite_add_tcase(suite, tc);
    return suite;
}
