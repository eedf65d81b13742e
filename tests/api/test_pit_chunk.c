/*
 * test_pit_chunk.c - pitfalls of chunks and their indexes: CHUNK-xx of docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_chunk(void);

enum { MSG_NIL = 0, MSG_LAYOUT = 8 };

/* Put `n` bytes into a message of a version-2 header, at the cost of a NIL message
 * that comes later in the same chunk. */
static void
insert(struct patch *p, const char *path, unsigned type, unsigned offset,
       const void *bytes, size_t n)
{
    const uint64_t header = patch_object(p, path);
    const hi5_message m = patch_message(p, path, type);
    const hi5_message nil = patch_message(p, path, MSG_NIL);
    const uint64_t at = m.address + offset;

    ck_assert(nil.address > m.address && nil.size >= n);
    memmove(p->b + at + n, p->b + at, nil.address + nil.size - n - at);
    memcpy(p->b + at, bytes, n);
    patch_put(p, m.address - 3, 2, m.size + n);
    patch_put(p, nil.address + n - 3, 2, nil.size - n);
    patch_fix(p, header);
}

static void
counts(const struct patch *p, const char *path)
{
    int64_t v[70];
    hi5_error err;

    ck_ok(patch_read(p, path, v, &err), &err);
    for (int i = 0; i < 70; i++)
        ck_assert_int_eq(v[i], i);
}

/* CHUNK-03: dimensions in two bytes where one would do: read all the same. */
START_TEST(wide_dimensions)
{
    struct patch p = patch_load("good/layouts-new.h5");
    const char *const path = "fixed array";
    const uint64_t header = patch_object(&p, path);
    const hi5_message m = patch_message(&p, path, MSG_LAYOUT);

    /* version, class, flags, dimensionality, width, 4, 3, element size */
    ck_assert_mem_eq(p.b + m.address, "\4\2\0\3\1\4\3", 7);
    insert(&p, path, MSG_LAYOUT, 6, "", 1);
    insert(&p, path, MSG_LAYOUT, 8, "", 1);
    insert(&p, path, MSG_LAYOUT, 10, "", 1);
    p.b[m.address + 4] = 2;
    patch_fix(&p, header);
    ck_assert_mem_eq(p.b + m.address, "\4\2\0\3\2\4\0\3\0", 9);
    counts(&p, path);
    patch_free(&p);
}
END_TEST

/* CHUNK-04: the last dimension is the size of an element, and nothing else. */
START_TEST(element_size)
{
    static const unsigned wrong[] = {1, 3, 8, 255};

    for (int k = 0; k < 8; k++) {
        struct patch p =
            patch_load(k & 1 ? "good/layouts-new.h5" : "good/layouts-old.h5");
        const uint64_t at = patch_object(&p, "fixed array");
        const hi5_message m = patch_message(&p, "fixed array", MSG_LAYOUT);
        hi5_error err;

        patch_put(&p, m.address + (k & 1 ? 7 : 3 + 8 + 8), k & 1 ? 1 : 4, wrong[k / 2]);
        patch_fix(&p, at);
        ck_fails(patch_read(&p, "fixed array", NULL, &err), &err, HI5_E_CORRUPT,
                 "data layout message", "element size");
        patch_free(&p);
    }
}
END_TEST

/* CHUNK-05, CHUNK-06: chunks of another rank than the dataset, of no width, and of more
 * than 4 GiB, which there is no room for. */
START_TEST(senseless_chunks)
{
    static const struct {
        unsigned offset, width;
        uint64_t value;
        const char *field;
    } all[] = {
        /* version, class, dimensionality, address, dimensions of 4 bytes */
        {2, 1, 2, "dimension"},  {2, 1, 4, "dimension"},  {2, 1, 0, "dimension"},
        {2, 1, 34, "dimension"}, {11, 4, 0, "chunk dim"}, {15, 4, 0, "chunk dim"},
        {11, 4, 0x40000000, ""}, {11, 4, 0xffffffff, ""},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/layouts-old.h5");
        const hi5_message m = patch_message(&p, "b-tree", MSG_LAYOUT);
        hi5_error err;
        hi5_status s;

        ck_assert_uint_eq(p.b[m.address + 2], 3);
        ck_assert_uint_eq(patch_get(&p, m.address + 11, 4), 4);
        patch_put(&p, m.address + all[i].offset, all[i].width, all[i].value);
        s = patch_read(&p, "b-tree", NULL, &err);
        ck_assert_msg(s == HI5_E_CORRUPT || s == HI5_E_TRUNCATED || s == HI5_E_LIMIT,
                      "%zu: %s", i, error_text(&err));
        if (all[i].field[0] != '\0')
            ck_assert_str_eq(err.structure, "data layout message");
        patch_free(&p);
    }
}
END_TEST

/* CHUNK-09, CHUNK-16: a dataset of 100,000 chunks of which nine exist: an element costs
 * a few reads and little memory. */
struct account {
    size_t used, most;
};

static void *
counting_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct account *const a = ctx;

    a->used += new_size;
    a->used -= old_size;
    if (a->used > a->most)
        a->most = a->used;
    return plain_resize(p, new_size);
}

START_TEST(bounded_memory)
{
    static const char *const names[] = {"extensible array, sparse", "b-tree, deep",
                                        "fixed array, paged"};
    static const uint64_t at[][2] = {{99999, 0}, {24, 24}, {2499, 0}};

    for (int k = 0; k < 6; k++) {
        struct account account = {0};
        const hi5_allocator allocator = {&account, counting_resize};
        const hi5_limits limits = {.size = sizeof(limits), .cache = 64 << 10};
        const hi5_open_options options = {
            .size = sizeof(options), .allocator = &allocator, .limits = &limits};
        const char *const file = k & 1 ? "good/layouts-new.h5" : "good/layouts-old.h5";
        hi5_file *f;
        hi5_dataset *d;
        hi5_error err;
        int32_t v;

        ck_ok(hi5_open(fixture(file), &options, &f, &err), &err);
        ck_ok(hi5_dataset_open(f, names[k / 2], &d, &err), &err);
        ck_ok(hi5_dataset_read_points(d, 1, at[k / 2], HI5_I32, &v, &err), &err);
        ck_assert_int_eq(v, k / 2 == 1 ? 24 * 25 + 24 : 1008);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
        ck_assert_uint_eq(account.used, 0);
        ck_assert_uint_le(account.most, 512 << 10);
    }
}
END_TEST

/* CHUNK-10: each remainder in each dimension, in each index, with filters, without, and
 * with edges that are not filtered. */
START_TEST(edges)
{
    static const char *const kinds[] = {"fixed", "larger", "one unlimited",
                                        "unlimited"};

    for (int k = 0; k < 4 * 4 * 3 * 2; k++) {
        hi5_file *const f =
            open_fixture(k & 1 ? "good/pit-chunks-new.h5" : "good/pit-chunks-old.h5");
        const int kind = k / 2 % 4, r = k / 8 % 4, filtered = k / 32;
        int64_t v[64];
        hi5_error err;
        char name[64];

        snprintf(name, sizeof(name), "%s %d %d", kinds[kind], r, filtered);
        ck_ok(read_numbers(f, name, v, &err), &err);
        for (int i = 0; i < (5 + r) * (4 + r % 3); i++)
            ck_assert_msg(v[i] == i, "%s: element %d is %d", name, i, (int)v[i]);
        hi5_close(f, NULL);
    }
}
END_TEST

static hi5_status
compare_bytes(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct {
        struct patch *p;
        hi5_dataset *d;
        uint64_t base;
        unsigned n;
    } *const x = ctx;
    unsigned char stored[256], bytes[256];

    ck_assert_uint_le(c->size, sizeof(stored));
    ck_assert_uint_eq(c->offset[0] % 4, 0); /* elements, not chunks */
    ck_assert_uint_eq(c->offset[1] % 3, 0);
    ck_assert(c->offset[0] < 6 && c->offset[1] < 5);
    ck_ok(hi5_dataset_read_raw_chunk(x->d, c, stored, err), err);
    ck_assert_mem_eq(stored, x->p->b + x->base + c->address, c->size);
    ck_ok(hi5_file_read_bytes(hi5_object_file(hi5_dataset_object(x->d)), c->address,
                              bytes, (size_t)c->size, err),
          err);
    ck_assert_mem_eq(stored, bytes, c->size);
    x->n++;
    return HI5_OK;
}

/* CHUNK-15: where chunks are, in elements and in the file, behind a user block. */
START_TEST(places)
{
    for (int k = 0; k < 2; k++) {
        struct patch p =
            patch_load(k ? "good/userblock-sb3.h5" : "good/userblock-sb0.h5");
        hi5_file *const f = patch_open(&p);
        hi5_file_info i;
        struct {
            struct patch *p;
            hi5_dataset *d;
            uint64_t base;
            unsigned n;
        } x = {&p, NULL, 0, 0};
        hi5_error err;

        hi5_file_get_info(f, &i);
        x.base = i.base_address;
        ck_assert_uint_ge(x.base, 512);
        ck_ok(hi5_dataset_open(f, "chunked", &x.d, &err), &err);
        ck_ok(hi5_dataset_each_chunk(x.d, compare_bytes, &x, &err), &err);
        ck_assert_uint_eq(x.n, 4);
        hi5_dataset_close(x.d);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* CHUNK-17: a bad index, opened and closed many times: nothing stays behind. */
START_TEST(bad_index_again_and_again)
{
    static const char *const files[] = {
        "bad/eahd-bits-255.h5", "bad/fahd-checksum.h5", "bad/btree2-leaf-checksum.h5",
        "bad/btree1-child-is-itself.h5", "bad/fadb-checksum.h5"};

    for (int i = 0; i < 5; i++) {
        struct patch p = patch_load(files[i]);
        struct account account = {0};
        const hi5_allocator allocator = {&account, counting_resize};
        const hi5_open_options options = {.size = sizeof(options),
                                          .allocator = &allocator};

        for (int round = 0; round < 200; round++) {
            hi5_file *f;
            hi5_error err;

            ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
            ck_assert_int_ne(read_numbers(f,
                                          i == 2   ? "g"
                                          : i == 3 ? "c"
                                                   : "x",
                                          NULL, &err),
                             HI5_OK);
            hi5_close(f, NULL);
            ck_assert_uint_eq(account.used, 0);
        }
        patch_free(&p);
    }
}
END_TEST

/* CHUNK-25, CHUNK-26: one chunk, with a filter: allocated early and never written,
 * written, and stored with its filter skipped. */
START_TEST(one_chunk)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f =
            open_fixture(k ? "good/pit-chunks-new.h5" : "good/pit-chunks-old.h5");
        const uint64_t zero[2] = {0, 0};
        int64_t v[24];
        hi5_dataset *d;
        hi5_chunk c;
        hi5_error err;

        ck_ok(read_numbers(f, "one chunk, early", v, &err), &err);
        for (int i = 0; i < 24; i++)
            ck_assert_int_eq(v[i], 5);
        ck_ok(read_numbers(f, "one chunk", v, &err), &err);
        for (int i = 0; i < 24; i++)
            ck_assert_int_eq(v[i], i);
        ck_ok(read_numbers(f, "one chunk, skipped", v, &err), &err);
        for (int i = 0; i < 24; i++)
            ck_assert_int_eq(v[i], i);
        ck_ok(hi5_dataset_open(f, "one chunk, skipped", &d, &err), &err);
        ck_ok(hi5_dataset_get_chunk(d, zero, &c, &err), &err);
        ck_assert_uint_eq(c.mask, 1);
        ck_assert_uint_eq(c.size, 96);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* CHUNK-35: the page bits of an extensible array take one byte of the message: five
 * parameters and an address after the index type. */
START_TEST(parameters_of_arrays)
{
    struct patch p = patch_load("good/layouts-new.h5");
    hi5_message m = patch_message(&p, "extensible array, 1st", MSG_LAYOUT);

    ck_assert_uint_eq(m.size, 2 + 3 + 3 + 1 + 5 + 8);
    ck_assert_uint_eq(p.b[m.address + 8], 4); /* index type */
    ck_assert_mem_eq(p.b + patch_get(&p, m.address + 14, 8), "EAHD", 4);
    m = patch_message(&p, "fixed array", MSG_LAYOUT);
    ck_assert_uint_eq(m.size, 2 + 3 + 3 + 1 + 1 + 8);
    ck_assert_mem_eq(p.b + patch_get(&p, m.address + 10, 8), "FAHD", 4);
    counts(&p, "extensible array, 1st");
    patch_free(&p);
}
END_TEST

/* CHUNK-40: a tree of several levels, whose leaves stay as large as the header says. */
START_TEST(deep_tree)
{
    struct patch p = patch_load("good/layouts-new.h5");
    const hi5_message m = patch_message(&p, "b-tree, deep", MSG_LAYOUT);
    const uint64_t at = patch_get(&p, m.address + m.size - 8, 8);
    int64_t v[625];
    hi5_error err;

    ck_assert_mem_eq(p.b + at, "BTHD", 4);
    ck_assert_uint_ge(patch_get(&p, at + 12, 2), 1);   /* depth */
    ck_assert_uint_eq(patch_get(&p, at + 26, 8), 625); /* records in all */
    ck_ok(patch_read(&p, "b-tree, deep", v, &err), &err);
    for (int i = 0; i < 625; i++)
        ck_assert_int_eq(v[i], i);
    patch_free(&p);
}
END_TEST

/* CHUNK-43, CHUNK-24: what the tree says of its records and levels is checked. */
START_TEST(senseless_trees)
{
    struct patch p = patch_load("good/layouts-new.h5");
    hi5_message m = patch_message(&p, "b-tree", MSG_LAYOUT);
    const uint64_t at = patch_get(&p, m.address + m.size - 8, 8);
    hi5_error err;

    ck_assert_uint_eq(p.b[at + 5], 10); /* type: chunks, not filtered */
    p.b[at + 5] = 11;
    patch_sum(&p, at, at + 34);
    ck_fails(patch_read(&p, "b-tree", NULL, &err), &err, HI5_E_CORRUPT, "BTHD", "type");
    p.b[at + 5] = 10;
    patch_put(&p, at + 10, 2, patch_get(&p, at + 10, 2) + 1); /* size of a record */
    patch_sum(&p, at, at + 34);
    ck_fails(patch_read(&p, "b-tree", NULL, &err), &err, HI5_E_CORRUPT, "BTHD",
             "record size");
    patch_free(&p);
    p = patch_load("good/layouts-old.h5");
    m = patch_message(&p, "b-tree, deep", MSG_LAYOUT);
    {
        const uint64_t root = patch_get(&p, m.address + 3, 8);

        ck_assert_mem_eq(p.b + root, "TREE\1", 5);
        ck_assert_uint_eq(p.b[root + 5], 1); /* level */
        p.b[root + 5] = 255;
        ck_assert_int_eq(patch_read(&p, "b-tree, deep", NULL, &err), HI5_E_CORRUPT);
        ck_assert_str_eq(err.structure, "TREE");
        p.b[root + 5] = 3;
        ck_fails(patch_read(&p, "b-tree, deep", NULL, &err), &err, HI5_E_CORRUPT,
                 "TREE", "level");
    }
    patch_free(&p);
}
END_TEST

Suite *
suite_pit_chunk(void)
{
    Suite *const suite = suite_create("pit_chunk");
    TCase *const tc = tcase_create("pit_chunk");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, wide_dimensions);
    tcase_add_test(tc, element_size);
    tcase_add_test(tc, senseless_chunks);
    tcase_add_test(tc, bounded_memory);
    tcase_add_test(tc, edges);
    tcase_add_test(tc, places);
    tcase_add_test(tc, bad_index_again_and_again);
    tcase_add_test(tc, one_chunk);
    tcase_add_test(tc, parameters_of_arrays);
    tcase_add_test(tc, deep_tree);
    tcase_add_test(tc, senseless_trees);
    suite_add_tcase(suite, tc);
    return suite;
}
