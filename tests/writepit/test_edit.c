/*
 * test_edit.c - files of libhdf5 that hi5 changes: what it does not touch stays
 */
#include "patch.h"
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct patch
edit_load(void)
{
    struct patch p = {.name = wp_path()};
    FILE *const in = fopen(wp_path(), "rb");

    p.b = malloc(8 << 20);
    p.n = fread(p.b, 1, 8 << 20, in);
    fclose(in);
    return p;
}

static void
edit_save(struct patch *p)
{
    FILE *const out = fopen(wp_path(), "wb");

    ck_assert_uint_eq(fwrite(p->b, 1, p->n, out), p->n);
    fclose(out);
    patch_free(p);
}

/* Close it, and look for errors; chunks of an unknown filter are worth a warning. */
static void
edit_close(hi5_file *f)
{
    const hi5_check_options o = {.size = sizeof o, .no_data = true};
    hi5_check_result r;

    ck_ok(hi5_close(f, &wp_err), &wp_err);
    ck_ok(hi5_check(wp_path(), NULL, &o, NULL, NULL, &r, &wp_err), &wp_err);
    ck_assert_uint_eq(r.errors, 0);
    ck_assert_uint_eq(r.map.overlaps, 0);
}

/* OH-07: a message that nobody knows: some forbid that the object is written, some want to
 * be marked when it is */
START_TEST(unknown_messages)
{
    static const struct {
        unsigned flags, after;
        bool writable;
    } all[] = {{0x00, 0x00, true}, {0x04, 0x04, true},   {0x08, 0x08, false},
               {0x10, 0x30, true}, {0x14, 0x34, true}, {0x80, 0x80, false}};
    const bool old = _i / 6 == 0;
    const unsigned flags = all[_i % 6].flags;
    const hid_t h = wp_foreign(old ? WP_EARLIEST : WP_V18, wp_path());
    const hid_t s = H5Screate(H5S_SCALAR);
    const hi5_open_options open = {.size = sizeof open, .write = true};
    struct patch p, now;
    uint64_t head;
    hi5_message m;
    hi5_object *o;
    hi5_file *f;
    hi5_status made;
    bool found = false;
    const int one = 1;

    H5Dclose(H5Dcreate2(h, "d", H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(s);
    wp_end(h);
    p = edit_load();
    head = patch_object(&p, "d");
    m = patch_message(&p, "d", 0);
    /* A NIL message becomes two: the first is unknown, the rest stays NIL. */
    if (old) {
        const uint64_t size = patch_get(&p, m.address - 6, 2);
        patch_put(&p, m.address - 8, 2, 0x7f);
        patch_put(&p, m.address - 6, 2, 16);
        p.b[m.address - 4] = (unsigned char)flags;
        memset(p.b + m.address, 0x55, 16);
        patch_put(&p, m.address + 18, 2, size - 24);
        patch_put(&p, head + 2, 2, patch_get(&p, head + 2, 2) + 1);
    } else {
        const uint64_t size = patch_get(&p, m.address - 3, 2);
        p.b[m.address - 4] = 0x7f;
        patch_put(&p, m.address - 3, 2, 16);
        p.b[m.address - 1] = (unsigned char)flags;
        memset(p.b + m.address, 0x55, 16);
        patch_put(&p, m.address + 17, 2, size - 20);
        patch_fix(&p, head);
    }
    edit_save(&p);
    ck_ok(hi5_open(wp_path(), &open, &f, &wp_err), &wp_err);
    made = hi5_object_open(f, "d", &o, &wp_err);
    if (made == HI5_OK) {
        made = hi5_attribute_write(o, "a", HI5_I32, NULL, HI5_I32, &one, &wp_err);
        hi5_object_close(o);
    }
    ck_assert_int_eq(made, all[_i % 6].writable ? HI5_OK : HI5_E_UNSUPPORTED);
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    if (flags == 0x80)
        return;
    now = edit_load();
    ck_ok(hi5_open(wp_path(), NULL, &f, &wp_err), &wp_err);
    ck_ok(hi5_object_open(f, "d", &o, &wp_err), &wp_err);
    for (size_t i = 0; hi5_object_message(o, i, &m); i++)
        if (m.type == 0x7f) {
            found = true;
            ck_assert_uint_eq(m.flags, all[_i % 6].after);
            for (unsigned k = 0; k < 16; k++)
                ck_assert_uint_eq(now.b[m.address + k], 0x55);
        }
    ck_assert(found);
    patch_free(&now);
    hi5_object_close(o);
    hi5_close(f, NULL);
    {
        const hid_t r = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
        const hid_t d = H5Dopen2(r, "d", H5P_DEFAULT);
        ck_assert(d >= 0);
        if (all[_i % 6].writable)
            ck_assert_int_eq(wp_get(d, "a"), 1);
        H5Dclose(d);
        wp_end(r);
    }
}
END_TEST

/* ATTR-11: values are changed, types and shapes stay as they are */
START_TEST(modified)
{
    static const int values[6] = {-3, -2, -1, 0, 1, 2};
    const hid_t h = wp_foreign(_i, wp_path());
    const hsize_t dims[2] = {2, 3};
    const hid_t s = H5Screate_simple(2, dims, NULL), scalar = H5Screate(H5S_SCALAR);
    const hid_t t[3] = {H5T_STD_I16BE, H5T_IEEE_F32LE, H5T_STD_I8LE};
    const hid_t text = H5Tcopy(H5T_C_S1);
    static unsigned char before[3][200], after[3][200];
    size_t n[3];
    char name[2] = "0", *got = NULL;
    const char *const old = "old", *const new = "rather longer than before";
    hi5_object *o;
    hi5_file *f;
    hid_t r;

    H5Tset_size(text, H5T_VARIABLE);
    for (int i = 0; i < 3; i++, name[0]++) {
        const hid_t a = H5Acreate2(h, name, t[i], s, H5P_DEFAULT, H5P_DEFAULT);
        ck_assert(H5Awrite(a, H5T_NATIVE_INT, values) >= 0);
        H5Aclose(a);
    }
    {
        const hid_t a = H5Acreate2(h, "text", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
        ck_assert(H5Awrite(a, text, &old) >= 0);
        H5Aclose(a);
    }
    H5Sclose(s);
    H5Sclose(scalar);
    wp_end(h);
    for (int pass = 0; pass < 2; pass++) {
        f = wp_reopen();
        ck_ok(hi5_object_open(f, "/", &o, &wp_err), &wp_err);
        for (int i = 0; i < 3; i++) {
            hi5_message m = {0};
            size_t k = 0, seen = 0;
            while (hi5_object_message(o, k, &m) && (m.type != 12 || seen++ != (size_t)i))
                k++;
            ck_assert_uint_eq(m.type, 12);
            n[i] = (size_t)m.size;
            ck_ok(hi5_file_read_bytes(f, m.address, pass ? after[i] : before[i], n[i],
                                      &wp_err), &wp_err);
        }
        for (int i = 0; pass == 0 && i < 4; i++) {
            hi5_attribute *a;
            name[0] = (char)('0' + i);
            ck_ok(hi5_attribute_open(o, i < 3 ? name : "text", &a, &wp_err), &wp_err);
            ck_ok(i < 3 ? hi5_attribute_modify(a, HI5_I32, values, &wp_err)
                        : hi5_attribute_modify(a, HI5_STR, &new, &wp_err), &wp_err);
            hi5_attribute_close(a);
        }
        hi5_object_close(o);
        wp_close(f);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_mem_eq(before[i], after[i], n[i]);
    r = wp_read(NULL);
    {
        const hid_t a = H5Aopen(r, "text", H5P_DEFAULT), now = H5Aget_type(a);
        ck_assert_int_gt(H5Tequal(now, text), 0);
        ck_assert(H5Aread(a, text, &got) >= 0);
        ck_assert_str_eq(got, new);
        H5free_memory(got);
        H5Tclose(now);
        H5Aclose(a);
    }
    H5Tclose(text);
    wp_end(r);
}
END_TEST

/* GRP-14: indirect blocks inside of one another, with what was deleted in the middle, by hi5
 * and by libhdf5 */
START_TEST(holes_in_heaps)
{
    enum { MANY = 1500 };
    char path[600];
    hid_t h;
    hi5_file *f = wp_create(_i, NULL);

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, NULL));
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(path, sizeof path, "g/%0500u", i);
        ck_ok(hi5_link_hard(f, path, "d", &wp_err), &wp_err);
    }
    wp_close(f);
    f = wp_reopen();
    for (unsigned i = 300; i < 1200; i++) {
        snprintf(path, sizeof path, "g/%0500u", i);
        if (i % 50 != 0)
            ck_ok(hi5_link_delete(f, path, &wp_err), &wp_err);
    }
    h = wp_change(f);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(path, sizeof path, "g/%0500u", i);
        ck_assert_int_eq(H5Lexists(h, path, H5P_DEFAULT) > 0,
                         i < 300 || i >= 1200 || i % 50 == 0);
    }
    for (unsigned i = 0; i < 300; i++) {
        snprintf(path, sizeof path, "g/%0500u", i);
        ck_assert(H5Ldelete(h, path, H5P_DEFAULT) >= 0);
    }
    wp_end(h);
    f = wp_reopen();
    for (unsigned i = 500; i < 700; i++) {
        snprintf(path, sizeof path, "g/n%0499u", i);
        ck_ok(hi5_link_soft(f, path, "/d", &wp_err), &wp_err);
    }
    h = wp_read(f);
    snprintf(path, sizeof path, "g/n%0499u", 650u);
    ck_assert_int_gt(H5Lexists(h, path, H5P_DEFAULT), 0);
    snprintf(path, sizeof path, "g/%0500u", 600u);
    ck_assert_int_gt(H5Lexists(h, path, H5P_DEFAULT), 0);
    wp_end(h);
}
END_TEST

/* CHUNK-08: a chunk of more bytes than its index has digits for is refused, and nothing has
 * changed then */
START_TEST(chunk_too_large)
{
    static unsigned char bytes[70000];
    const hi5_filter filter = {.id = 60000, .flags = 1};
    static const uint64_t max[3] = {8, HI5_UNLIMITED, 12};
    hi5_file *const f = wp_create(WP_V110, NULL);
    hid_t h, d;

    for (int i = 0; i < 3; i++) {
        const char name[2] = {(char)('a' + i), 0};
        hi5_dataset *const x =
            wp_dataset(f, name, HI5_I32, 1, WP_DIMS(8),
                       WP_OPTIONS(.chunk = WP_DIMS(i == 0 ? 8 : 4), .max = &max[i],
                                  .filters = &filter, .nfilters = 1));
        ck_ok(hi5_dataset_write_raw_chunk(x, WP_DIMS(0), 0, bytes, 60, &wp_err), &wp_err);
        if (i != 0) /* one chunk alone has its size in the layout, in 8 bytes */
            ck_assert_int_ne(hi5_dataset_write_raw_chunk(x, WP_DIMS(0), 0, bytes,
                                                         sizeof bytes, &wp_err),
                             HI5_OK);
        hi5_dataset_close(x);
    }
    ck_assert_int_ne(wp_err.status, HI5_E_INTERNAL);
    edit_close(f);
    h = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
    for (int i = 0; i < 3; i++) {
        const char name[2] = {(char)('a' + i), 0};
        hsize_t size = 0;
        d = H5Dopen2(h, name, H5P_DEFAULT);
        ck_assert(H5Dget_chunk_storage_size(d, (hsize_t[]){0}, &size) >= 0);
        ck_assert_uint_eq(size, 60);
        H5Dclose(d);
    }
    wp_end(h);
}
END_TEST

/* FILT-28: chunks of a filter that nobody knows can be listed, added, cut off as a whole, and
 * deleted; what would have to be decoded is refused */
START_TEST(unknown_filter)
{
    static unsigned char bytes[100];
    const hid_t h = wp_foreign(_i, wp_path()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t dims = 12, max = H5S_UNLIMITED, chunk = 4;
    const hid_t s = H5Screate_simple(1, &dims, &max);
    const int one = 1;
    hi5_dataset *d;
    hi5_file *f;
    hid_t x;

    H5Pset_chunk(p, 1, &chunk);
    H5Pset_filter(p, 60000, H5Z_FLAG_OPTIONAL, 0, NULL);
    for (unsigned i = 0; i < 2; i++) {
        x = H5Dcreate2(h, i ? "gone" : "d", H5T_STD_I32LE, s, H5P_DEFAULT, p, H5P_DEFAULT);
        for (hsize_t at = 0; at < 12; at += 4)
            ck_assert(H5Dwrite_chunk(x, H5P_DEFAULT, 0, &at, 60 + (size_t)at, bytes) >= 0);
        H5Dclose(x);
    }
    H5Sclose(s);
    H5Pclose(p);
    wp_end(h);
    f = wp_reopen();
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    ck_assert_int_eq(hi5_dataset_write_slab(d, WP_DIMS(1), WP_DIMS(1), HI5_I32, &one,
                                            &wp_err), HI5_E_FILTER);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    f = wp_reopen();
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    wp_put(hi5_dataset_object(d), "a", 5);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(8), &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(16), &wp_err), &wp_err);
    ck_ok(hi5_dataset_write_raw_chunk(d, WP_DIMS(12), 0, bytes, 99, &wp_err), &wp_err);
    hi5_dataset_close(d);
    ck_ok(hi5_link_delete(f, "gone", &wp_err), &wp_err);
    edit_close(f);
    x = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
    {
        const hid_t o = H5Dopen2(x, "d", H5P_DEFAULT);
        hsize_t size = 0;
        ck_assert_uint_eq(wp_chunks(o), 3);
        ck_assert(H5Dget_chunk_storage_size(o, (hsize_t[]){12}, &size) >= 0);
        ck_assert_uint_eq(size, 99);
        ck_assert(H5Dget_chunk_storage_size(o, (hsize_t[]){4}, &size) >= 0);
        ck_assert_uint_eq(size, 64);
        ck_assert_int_eq(wp_get(o, "a"), 5);
        H5Dclose(o);
    }
    ck_assert_int_eq(H5Lexists(x, "gone", H5P_DEFAULT), 0);
    wp_end(x);
}
END_TEST

/* Memory that runs out once. */
/* What is refused does no harm, not even where groups on the way were to be made: what came
 * before can be committed, and nothing else is there. */
START_TEST(refused_whole)
{
    const hi5_external none[] = {{"", 0, 100}}, few[] = {{"raw", 0, 3}};
    const uint64_t chunk[] = {0};
    const hi5_dataset_options bad[] = {
        {.compact = true}, {.external = none, .nexternal = 1},
        {.external = few, .nexternal = 1}, {.chunk = chunk}};
    hi5_dataset_options o = bad[_i];
    hi5_file *const f = wp_create(WP_V18, NULL);
    hi5_group_info info;
    hi5_group *root;

    o.size = sizeof o;
    ck_ok(hi5_group_create(f, "before", NULL, NULL, &wp_err), &wp_err);
    ck_status(hi5_dataset_create(f, "new/groups/d", HI5_F64, 1, WP_DIMS(12000), &o, NULL,
                                 &wp_err),
              HI5_E_ARG);
    ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
    ck_ok(hi5_group_open(f, "/", &root, &wp_err), &wp_err);
    ck_ok(hi5_group_get_info(root, &info, &wp_err), &wp_err);
    ck_assert_uint_eq(info.links, 1);
    hi5_group_close(root);
    wp_close(f);
}
END_TEST

struct edit_memory {
    unsigned long calls, fail_at;
};

static void *
edit_resize(void *ctx, void *p, size_t old, size_t n)
{
    struct edit_memory *const m = ctx;

    (void)old;
    return n != 0 && ++m->calls == m->fail_at ? NULL : plain_resize(p, n);
}

/* A commit that fails for want of memory can be tried again, and what was to be committed
 * can be taken back before: the file is what it was then. */
START_TEST(commit_again)
{
    static int large[3000];
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1, .dims = {3000}, .max = {3000}};
    struct edit_memory memory = {0, 0};
    const hi5_allocator a = {&memory, edit_resize};
    const hi5_open_options open = {.size = sizeof open, .allocator = &a, .write = true};
    bool failed = true;
    unsigned long tries = 0;

    for (; failed; tries++) {
        hi5_file *f = wp_create(_i, &(hi5_create_options){.open = &open});
        hi5_object *o;

        ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
        wp_close(f);
        ck_ok(hi5_open(wp_path(), &open, &f, &wp_err), &wp_err);
        ck_ok(hi5_object_open(f, "/", &o, &wp_err), &wp_err);
        ck_ok(hi5_attribute_write(o, "a", HI5_I32, &shape, HI5_I32, large, &wp_err), &wp_err);
        memory.calls = 0;
        memory.fail_at = tries + 1;
        failed = hi5_flush(f, HI5_SAFE, &wp_err) != HI5_OK;
        memory.fail_at = 0;
        if (failed && hi5_attribute_delete(o, "a", &wp_err) != HI5_OK)
            ck_ok(hi5_abort(f, &wp_err), &wp_err);
        hi5_object_close(o);
        wp_end(wp_read(f));
    }
    ck_assert_uint_gt(tries, 1);
}
END_TEST

Suite *suite_edit(void);

Suite *
suite_edit(void)
{
    Suite *const s = suite_create("writepit edit");
    TCase *const c = tcase_create("edit");

    tcase_add_loop_test(c, unknown_messages, 0, 12);
    WP_EACH(c, modified);
    WP_EACH(c, holes_in_heaps);
    tcase_add_test(c, chunk_too_large);
    WP_EACH(c, unknown_filter);
    WP_EACH(c, commit_again);
    tcase_add_loop_test(c, refused_whole, 0, 4);
    wp_case(s, c);
    return s;
}
