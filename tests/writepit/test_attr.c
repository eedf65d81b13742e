/*
 * test_attr.c - attributes and object headers that hi5 writes, as libhdf5 finds them
 */
#include "patch.h"
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static herr_t
attr_count(hid_t object, const char *name, const H5A_info_t *info, void *n)
{
    (void)object;
    (void)name;
    (void)info;
    ++*(unsigned *)n;
    return 0;
}

/* As many as the header says, and as there are by either index. */
static void
attr_expect(hid_t object, unsigned n)
{
    H5O_info_t info;
    unsigned seen = 0;

    ck_assert(H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) >= 0);
    ck_assert_uint_eq(info.num_attrs, n);
    ck_assert(
        H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, attr_count, &seen) >= 0);
    ck_assert_uint_eq(seen, n);
}

static const char *
attr_name(unsigned i)
{
    static char name[4][32];
    static unsigned next;
    char *const s = name[next++ % 4];

    snprintf(s, sizeof name[0], "name %u", i);
    return s;
}

static hi5_object *
attr_open(hi5_file *f, const char *path)
{
    hi5_object *o = NULL;

    ck_ok(hi5_object_open(f, path, &o, &wp_err), &wp_err);
    return o;
}

/* A group, a dataset and a committed type. */
static const char *const attr_kinds[] = {"/", "g", "d", "t"};

static void
attr_objects(hi5_file *f)
{
    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, NULL));
    ck_ok(hi5_type_commit(f, "t", HI5_F64, NULL, &wp_err), &wp_err);
}

/* ATTR-01, ATTR-24: each kind of object, below, at and above the threshold; counted alike
 * by header and iteration; OH-01, OH-02, OH-05: all headers are read */
START_TEST(counts)
{
    static const unsigned n[] = {1, 7, 8, 9, 10, 30};
    hi5_file *const f = wp_create(_i % 3, NULL);
    hid_t h;

    attr_objects(f);
    for (int k = 0; k < 4; k++) {
        hi5_object *const o = attr_open(f, attr_kinds[k]);
        for (unsigned i = 0; i < n[_i / 3]; i++)
            wp_put(o, attr_name(i), (int)i * 3);
        hi5_object_close(o);
    }
    h = wp_change(f);
    for (int k = 0; k < 4; k++) {
        const hid_t o = H5Oopen(h, attr_kinds[k], H5P_DEFAULT);
        const hid_t s = H5Screate(H5S_SCALAR);
        attr_expect(o, n[_i / 3]);
        for (unsigned i = 0; i < n[_i / 3]; i++)
            ck_assert_int_eq(wp_get(o, attr_name(i)), (int)i * 3);
        H5Aclose(H5Acreate2(o, "theirs", H5T_NATIVE_INT, s, H5P_DEFAULT, H5P_DEFAULT));
        attr_expect(o, n[_i / 3] + 1);
        H5Sclose(s);
        H5Oclose(o);
    }
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* ATTR-02: empty strings; ATTR-03: names without a character are refused; ATTR-04: names
 * of all lengths */
START_TEST(names)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_object *const o = attr_open(f, "/");
    const int v = 5;
    hi5_type *t;
    char name[20] = "";
    hid_t h, r, a;

    ck_assert_int_ne(hi5_attribute_write(o, "", HI5_I32, NULL, HI5_I32, &v, &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_type_string(0, HI5_NULL_PADDED, HI5_ASCII, &t, &wp_err),
                     HI5_OK);
    ck_ok(hi5_type_string(1, HI5_NULL_TERMINATED, HI5_ASCII, &t, &wp_err), &wp_err);
    ck_ok(hi5_attribute_write(o, "empty", t, NULL, NULL, "", &wp_err), &wp_err);
    hi5_type_free(t);
    ck_ok(hi5_attribute_write_string(o, "none", "", &wp_err), &wp_err);
    for (int i = 0; i < 17; i++) {
        name[i] = (char)('a' + i);
        wp_put(o, name, i);
    }
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, 19);
    memset(name, 0, sizeof name);
    for (int i = 0; i < 17; i++) {
        name[i] = (char)('a' + i);
        ck_assert_int_eq(wp_get(r, name), i);
    }
    a = H5Aopen(r, "empty", H5P_DEFAULT);
    ck_assert_uint_eq(H5Aget_storage_size(a), 1);
    H5Aclose(a);
    H5Gclose(r);
    wp_end(h);
}
END_TEST

/* ATTR-06, OH-09: around and above 64 KiB, on each kind of object */
START_TEST(large)
{
    static const uint64_t sizes[] = {65400, 65479, 65480, 65500,  65520,
                                     65535, 65536, 65700, 4000000};
    const uint64_t n = sizes[_i / 3];
    const int target = _i % 3;
    hi5_file *const f = wp_create(target, NULL);
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1, .dims = {n}, .max = {n}};
    unsigned char *const buf = malloc((size_t)n), *const got = malloc((size_t)n);
    hi5_status s[4];
    hid_t h;

    for (size_t i = 0; i < n; i++)
        buf[i] = (unsigned char)(i * 7);
    attr_objects(f);
    for (int k = 0; k < 4; k++) {
        hi5_object *const o = attr_open(f, attr_kinds[k]);
        wp_put(o, "small", k);
        s[k] = hi5_attribute_write(o, "large", HI5_U8, &shape, HI5_U8, buf, &wp_err);
        if (target != WP_EARLIEST)
            ck_ok(s[k], &wp_err);
        else if (n >= 65536)
            ck_assert_int_ne(s[k], HI5_OK);
        else if (n <= 65400)
            ck_ok(s[k], &wp_err);
        wp_put(o, "after", k);
        hi5_object_close(o);
    }
    h = wp_read(f);
    for (int k = 0; k < 4; k++) {
        const hid_t o = H5Oopen(h, attr_kinds[k], H5P_DEFAULT);
        attr_expect(o, s[k] == HI5_OK ? 3 : 2);
        ck_assert_int_eq(wp_get(o, "small"), k);
        ck_assert_int_eq(wp_get(o, "after"), k);
        if (s[k] == HI5_OK) {
            const hid_t a = H5Aopen(o, "large", H5P_DEFAULT);
            ck_assert(H5Aread(a, H5T_NATIVE_UCHAR, got) >= 0);
            ck_assert_mem_eq(got, buf, (size_t)n);
            H5Aclose(a);
        }
        H5Oclose(o);
    }
    wp_end(h);
    free(got);
    free(buf);
}
END_TEST

/* ATTR-07: values in the global heap, of attributes in the fractal heap, and of a committed
 * type */
START_TEST(variable_length)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_object *const o = attr_open(f, "/");
    hi5_object *t;
    const char *const text = "of a committed type";
    hid_t h, r, m;

    for (unsigned i = 0; i < 12; i++)
        ck_ok(hi5_attribute_write_string(o, attr_name(i), attr_name(100 + i), &wp_err),
              &wp_err);
    ck_ok(hi5_type_commit(f, "t", HI5_STR, &t, &wp_err), &wp_err);
    ck_ok(
        hi5_attribute_write(o, "c", hi5_object_type(t), NULL, HI5_STR, &text, &wp_err),
        &wp_err);
    hi5_object_close(t);
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, 13);
    m = H5Tcopy(H5T_C_S1);
    H5Tset_size(m, H5T_VARIABLE);
    H5Tset_cset(m, H5T_CSET_UTF8);
    for (unsigned i = 0; i < 13; i++) {
        const hid_t a = H5Aopen(r, i < 12 ? attr_name(i) : "c", H5P_DEFAULT);
        const hid_t c = H5Aget_type(a);
        char *got = NULL;
        ck_assert(H5Aread(a, m, &got) >= 0);
        ck_assert_str_eq(got, i < 12 ? attr_name(100 + i) : text);
        ck_assert_int_eq(H5Tcommitted(c) > 0, i == 12); /* ATTR-16 */
        H5free_memory(got);
        H5Tclose(c);
        H5Aclose(a);
    }
    H5Tclose(m);
    H5Gclose(r);
    wp_end(h);
}
END_TEST

/* ATTR-08, ATTR-09: replaced, also with other types and shapes; the creation order stays */
START_TEST(replaced)
{
    const bool track = _i >= 3;
    const hi5_group_options options = {.size = sizeof options,
                                       .track_attribute_order = track,
                                       .index_attribute_order = track};
    hi5_file *f = wp_create(_i % 3, NULL);
    const double many[3] = {1, 2, 3};
    const hi5_shape three = {.kind = HI5_SIMPLE, .rank = 1, .dims = {3}, .max = {3}};
    hi5_object *o;
    hid_t h, g, a;

    ck_ok(hi5_group_create(f, "g", &options, NULL, &wp_err), &wp_err);
    o = attr_open(f, "g");
    for (unsigned i = 0; i < 10; i++)
        for (int again = 0; again < 3; again++)
            wp_put(o, attr_name(i), (int)i + again);
    wp_put(o, attr_name(9), 77);
    ck_ok(hi5_attribute_write(o, attr_name(3), HI5_F64, &three, HI5_F64, many, &wp_err),
          &wp_err);
    ck_ok(hi5_attribute_rename(o, attr_name(5), "new", &wp_err), &wp_err);
    hi5_object_close(o);
    wp_close(f);
    f = wp_reopen();
    o = attr_open(f, "g");
    wp_put(o, attr_name(0), 88);
    hi5_object_close(o);
    h = wp_read(f);
    g = H5Gopen2(h, "g", H5P_DEFAULT);
    attr_expect(g, 10);
    ck_assert_int_eq(wp_get(g, attr_name(0)), 88);
    ck_assert_int_eq(wp_get(g, attr_name(9)), 77);
    ck_assert_int_eq(wp_get(g, "new"), 7);
    a = H5Aopen(g, attr_name(3), H5P_DEFAULT);
    ck_assert_uint_eq(H5Aget_storage_size(a), 24);
    H5Aclose(a);
    for (unsigned i = 0; track && i < 10; i++) {
        H5A_info_t info;
        if (i == 5 || i == 3)
            continue; /* as new ones, or not: libhdf5 gives renamed ones a place of its own */
        ck_assert(H5Aget_info_by_name(g, ".", attr_name(i), &info, H5P_DEFAULT) >= 0);
        ck_assert(info.corder_valid);
        ck_assert_uint_eq(info.corder, i);
    }
    H5Gclose(g);
    wp_end(h);
}
END_TEST

/* ATTR-10, ATTR-12, ATTR-13, ATTR-14, SPACE-03: without elements, scalars, lists of one,
 * booleans, the largest number */
START_TEST(kinds)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_object *const o = attr_open(f, "/");
    const hi5_shape null = {.kind = HI5_NULL}, none = {.kind = HI5_SIMPLE, .rank = 1};
    const hi5_shape one = {.kind = HI5_SIMPLE, .rank = 1, .dims = {1}, .max = {1}};
    const int v = 5;
    const uint64_t most = UINT64_MAX;
    const int8_t yes = 1;
    uint64_t got = 0;
    char name[16];
    hi5_type *t;
    static const struct {
        const char *name;
        H5S_class_t cls;
        hssize_t n;
    } rows[] = {{"null", H5S_NULL, 0},
                {"none", H5S_SIMPLE, 0},
                {"one", H5S_SIMPLE, 1},
                {"scalar", H5S_SCALAR, 1}};
    hid_t h, r, a, x;

    ck_ok(hi5_attribute_write(o, "null", HI5_I32, &null, HI5_I32, NULL, &wp_err),
          &wp_err);
    ck_ok(hi5_attribute_write(o, "none", HI5_I32, &none, HI5_I32, NULL, &wp_err),
          &wp_err);
    ck_ok(hi5_attribute_write(o, "one", HI5_I32, &one, HI5_I32, &v, &wp_err), &wp_err);
    wp_put(o, "scalar", 6);
    ck_ok(hi5_attribute_write(o, "most", HI5_U64, NULL, HI5_U64, &most, &wp_err),
          &wp_err);
    ck_ok(hi5_type_bool(&t, &wp_err), &wp_err);
    ck_ok(hi5_attribute_write(o, "bool", t, NULL, NULL, &yes, &wp_err), &wp_err);
    hi5_type_free(t);
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    for (int i = 0; i < 4; i++) {
        a = H5Aopen(r, rows[i].name, H5P_DEFAULT);
        x = H5Aget_space(a);
        ck_assert_int_eq(H5Sget_simple_extent_type(x), rows[i].cls);
        ck_assert_int_eq(H5Sget_simple_extent_npoints(x), rows[i].n);
        H5Sclose(x);
        H5Aclose(a);
    }
    ck_assert_int_eq(wp_get(r, "one"), 5);
    a = H5Aopen(r, "most", H5P_DEFAULT);
    ck_assert(H5Aread(a, H5T_NATIVE_UINT64, &got) >= 0);
    ck_assert(got == most);
    H5Aclose(a);
    a = H5Aopen(r, "bool", H5P_DEFAULT);
    x = H5Aget_type(a);
    ck_assert_int_eq(H5Tget_class(x), H5T_ENUM);
    ck_assert(H5Tenum_nameof(x, &yes, name, sizeof name) >= 0);
    ck_assert_str_eq(name, "TRUE");
    H5Tclose(x);
    H5Aclose(a);
    H5Gclose(r);
    wp_end(h);
}
END_TEST

/* ATTR-17: all deleted, then one more */
START_TEST(emptied)
{
    hi5_file *f = wp_create(_i % 3, NULL);
    hi5_object *o = attr_open(f, "/");
    hid_t h, r;

    for (unsigned i = 0; i < 20; i++)
        wp_put(o, attr_name(i), (int)i);
    if (_i >= 3) {
        hi5_object_close(o);
        wp_close(f);
        f = wp_reopen();
        o = attr_open(f, "/");
    }
    for (unsigned i = 0; i < 20; i++)
        ck_ok(hi5_attribute_delete(o, attr_name(i * 7 % 20), &wp_err), &wp_err);
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, 0);
    H5Gclose(r);
    wp_end(h);
    f = wp_reopen();
    o = attr_open(f, "/");
    wp_put(o, "last", 4);
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, 1);
    ck_assert_int_eq(wp_get(r, "last"), 4);
    H5Gclose(r);
    wp_end(h);
}
END_TEST

/* ATTR-18, ATTR-22: random additions and deletions against a model, with an order or not */
START_TEST(random_changes)
{
    enum { NAMES = 700 };
    static int model[NAMES];
    const hi5_group_options options = {.size = sizeof options,
                                       .track_attribute_order = _i == 1,
                                       .index_attribute_order = _i == 1};
    hi5_file *f = wp_create(_i == 2 ? WP_EARLIEST : WP_V110, NULL);
    hi5_object *o;
    unsigned n = 0;
    uint64_t state = 11 + (uint64_t)_i;
    hid_t h, g;

    memset(model, 0, sizeof model);
    ck_ok(hi5_group_create(f, "g", &options, NULL, &wp_err), &wp_err);
    o = attr_open(f, "g");
    for (int step = 1; step < 4000; step++) {
        unsigned i;
        state = state * 6364136223846793005u + 1442695040888963407u;
        i = (unsigned)(state >> 40) % NAMES;
        if (model[i] != 0 && (state >> 33) % 3 != 0) {
            ck_ok(hi5_attribute_delete(o, attr_name(i), &wp_err), &wp_err);
            model[i] = 0;
            n--;
        } else {
            wp_put(o, attr_name(i), step);
            n += model[i] == 0;
            model[i] = step;
        }
        if (step % 1500 == 0) {
            hi5_object_close(o);
            wp_close(f);
            f = wp_reopen();
            o = attr_open(f, "g");
        }
    }
    hi5_object_close(o);
    h = wp_read(f);
    g = H5Gopen2(h, "g", H5P_DEFAULT);
    attr_expect(g, n);
    for (unsigned i = 0; i < NAMES; i++)
        if (model[i] != 0)
            ck_assert_int_eq(wp_get(g, attr_name(i)), model[i]);
    H5Gclose(g);
    wp_end(h);
}
END_TEST

/* ATTR-19: two handles of one attribute, two of its object */
START_TEST(two_handles)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_object *const o = attr_open(f, "/"), *const p = attr_open(f, "/");
    hi5_attribute *a, *b;
    const int v = 9;
    int got = 0;
    hid_t h, r;

    wp_put(o, "a", 1);
    ck_ok(hi5_attribute_open(o, "a", &a, &wp_err), &wp_err);
    ck_ok(hi5_attribute_open(p, "a", &b, &wp_err), &wp_err);
    ck_ok(hi5_attribute_modify(a, HI5_I32, &v, &wp_err), &wp_err);
    hi5_attribute_close(a);
    wp_put(p, "b", 2);
    hi5_attribute_close(b);
    ck_ok(hi5_attribute_open(p, "a", &b, &wp_err), &wp_err);
    ck_ok(hi5_attribute_read(b, HI5_I32, &got, &wp_err), &wp_err);
    ck_assert_int_eq(got, 9);
    hi5_attribute_close(b);
    hi5_object_close(o);
    hi5_object_close(p);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(r, "a"), 9);
    ck_assert_int_eq(wp_get(r, "b"), 2);
    H5Gclose(r);
    wp_end(h);
}
END_TEST

/* ATTR-21: a size beyond all counting is refused */
START_TEST(size_wraps)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_object *const o = attr_open(f, "/");
    const uint64_t half = (uint64_t)1 << 32, two62 = (uint64_t)1 << 62;
    const hi5_shape a = {
        .kind = HI5_SIMPLE, .rank = 2, .dims = {half, half}, .max = {half, half}};
    const hi5_shape b = {
        .kind = HI5_SIMPLE, .rank = 1, .dims = {two62}, .max = {two62}};
    hid_t h, r;

    ck_assert_int_ne(hi5_attribute_write(o, "a", HI5_I32, &a, HI5_I32, NULL, &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_attribute_write(o, "b", HI5_I32, &b, HI5_I32, NULL, &wp_err),
                     HI5_OK);
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, 0);
    H5Gclose(r);
    wp_end(h);
}
END_TEST

/* ATTR-22, ATTR-23: 20 of a MiB, 5,000 small ones */
START_TEST(many)
{
    const unsigned n = _i == 0 ? 20 : 5000;
    const uint64_t size = _i == 0 ? 1 << 20 : 3;
    const hi5_shape shape = {
        .kind = HI5_SIMPLE, .rank = 1, .dims = {size}, .max = {size}};
    hi5_file *const f = wp_create(WP_V18, NULL);
    hi5_object *const o = attr_open(f, "/");
    unsigned char *const buf = malloc((size_t)size), *const got = malloc((size_t)size);
    hid_t h, r;

    for (unsigned i = 0; i < n; i++) {
        memset(buf, (int)(i % 251), (size_t)size);
        ck_ok(
            hi5_attribute_write(o, attr_name(i), HI5_U8, &shape, HI5_U8, buf, &wp_err),
            &wp_err);
    }
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, n);
    for (unsigned i = 0; i < n; i++) {
        const hid_t a = H5Aopen(r, attr_name(i), H5P_DEFAULT);
        ck_assert(H5Aread(a, H5T_NATIVE_UCHAR, got) >= 0);
        ck_assert(got[0] == i % 251 && got[size - 1] == i % 251);
        H5Aclose(a);
    }
    H5Gclose(r);
    wp_end(h);
    free(got);
    free(buf);
}
END_TEST

/* ---- object headers ---- */

/* OH-01, OH-13: compact data takes the first chunk over 256 bytes and towards 64 KiB */
START_TEST(sizes)
{
    hi5_file *const f = wp_create(_i, NULL);
    static unsigned char data[65000], got[65000];
    static const size_t above[] = {400, 60000, 64800, 64900, 65000};
    char name[16];
    hid_t h;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 11);
    for (size_t i = 0; i < 205; i++) {
        const uint64_t n = i < 200 ? 60 + i : above[i - 200];
        hi5_dataset *d;
        snprintf(name, sizeof name, "%zu", i);
        d = wp_dataset(f, name, HI5_U8, 1, &n, WP_OPTIONS(.compact = true));
        ck_ok(hi5_dataset_write(d, NULL, HI5_U8, data, &wp_err), &wp_err);
        if (i % 3 == 0)
            wp_put(hi5_dataset_object(d), "a", (int)i);
        hi5_dataset_close(d);
    }
    h = wp_read(f);
    for (size_t i = 0; i < 205; i++) {
        hid_t x;
        snprintf(name, sizeof name, "%zu", i);
        x = H5Dopen2(h, name, H5P_DEFAULT);
        ck_assert(H5Dread(x, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >=
                  0);
        ck_assert_mem_eq(got, data, i < 200 ? 60 + i : above[i - 200]);
        if (i % 3 == 0)
            ck_assert_int_eq(wp_get(x, "a"), (int)i);
        H5Dclose(x);
    }
    wp_end(h);
}
END_TEST

/* OH-03, OH-04, OPEN-01, OPEN-02: after each of 50 attributes of a group with children,
 * each in a session of its own, everything is where it was, and the file ends there */
START_TEST(growing)
{
    hi5_file *f = wp_create(_i, NULL);
    const int v = 4;
    hid_t h, g;

    for (int i = 0; i < 5; i++) {
        char name[16];
        hi5_dataset *d;
        snprintf(name, sizeof name, "g/d%d", i);
        d = wp_dataset(f, name, HI5_I32, 0, NULL, NULL);
        ck_ok(hi5_dataset_write(d, NULL, HI5_I32, &v, &wp_err), &wp_err);
        hi5_dataset_close(d);
    }
    for (unsigned i = 0; i < 50; i++) {
        hi5_object *const o = attr_open(f, "g");
        hi5_file_info info;
        hi5_file *r;
        wp_put(o, attr_name(i), (int)i);
        hi5_object_close(o);
        wp_close(f);
        ck_ok(hi5_open(wp_path(), NULL, &r, &wp_err), &wp_err);
        hi5_file_get_info(r, &info);
        ck_assert_uint_eq(info.end_of_file, info.file_size);
        hi5_close(r, NULL);
        f = wp_reopen();
    }
    h = wp_read(f);
    wp_ints(h, "g/d0", 1, &v);
    wp_ints(h, "g/d4", 1, &v);
    g = H5Gopen2(h, "g", H5P_DEFAULT);
    attr_expect(g, 50);
    H5Gclose(g);
    wp_end(h);
}
END_TEST

/* OH-06: an order of attributes, compact and dense; OH-08: times and thresholds of
 * libhdf5's are kept, and the change is noted */
START_TEST(optional_blocks)
{
    const hid_t h = wp_foreign(WP_V110, wp_path()), p = H5Pcreate(H5P_GROUP_CREATE);
    const hi5_open_options open = {.size = sizeof open, .write = true, .times = true};
    H5O_info_t before, after;
    unsigned most = 0, least = 0, order = 0;
    hi5_file *f;
    hi5_object *o;
    hid_t g, r, c;

    H5Pset_obj_track_times(p, 1);
    H5Pset_attr_phase_change(p, 20, 10);
    H5Pset_attr_creation_order(p, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    g = H5Gcreate2(h, "g", H5P_DEFAULT, p, H5P_DEFAULT);
    H5Pclose(p);
    H5Oget_info2(g, &before, H5O_INFO_TIME);
    H5Gclose(g);
    wp_end(h);
    ck_ok(hi5_open(wp_path(), &open, &f, &wp_err), &wp_err);
    o = attr_open(f, "g");
    for (unsigned i = 0; i < (_i == 0 ? 15u : 30u); i++)
        wp_put(o, attr_name(i), (int)i);
    hi5_object_close(o);
    r = wp_read(f);
    g = H5Gopen2(r, "g", H5P_DEFAULT);
    H5Oget_info2(g, &after, H5O_INFO_TIME | H5O_INFO_NUM_ATTRS | H5O_INFO_HDR);
    ck_assert_int_eq(after.btime, before.btime);
    ck_assert_int_ge(after.ctime, before.ctime);
    c = H5Gget_create_plist(g);
    H5Pget_attr_phase_change(c, &most, &least);
    H5Pget_attr_creation_order(c, &order);
    H5Pclose(c);
    ck_assert_uint_eq(most, 20);
    ck_assert_uint_eq(least, 10);
    ck_assert_uint_eq(order, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    attr_expect(g, _i == 0 ? 15 : 30);
    H5Gclose(g);
    wp_end(r);
}
END_TEST

/* OH-14: three hard links, in either version */
START_TEST(hard_links)
{
    hi5_file *f = wp_create(_i, NULL);
    H5O_info_t info;
    hid_t h;

    attr_objects(f);
    ck_ok(hi5_link_hard(f, "two", "d", &wp_err), &wp_err);
    wp_close(f);
    f = wp_reopen();
    ck_ok(hi5_link_hard(f, "g/three", "d", &wp_err), &wp_err);
    h = wp_change(f);
    H5Oget_info_by_name2(h, "d", &info, H5O_INFO_BASIC, H5P_DEFAULT);
    ck_assert_uint_eq(info.rc, 3);
    ck_assert(H5Ldelete(h, "d", H5P_DEFAULT) >= 0);
    ck_assert(H5Ldelete(h, "two", H5P_DEFAULT) >= 0);
    H5Oget_info_by_name2(h, "g/three", &info, H5O_INFO_BASIC, H5P_DEFAULT);
    ck_assert_uint_eq(info.rc, 1);
    wp_end(h);
}
END_TEST

/* OH-16: the ninth attribute, when the others have 8 KiB each */
START_TEST(ninth)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_object *const o = attr_open(f, "/");
    const hi5_shape shape = {
        .kind = HI5_SIMPLE, .rank = 1, .dims = {2048}, .max = {2048}};
    int values[2048];
    hid_t h, r;

    for (unsigned k = 0; k < 12; k++) {
        for (int i = 0; i < 2048; i++)
            values[i] = (int)k * 10000 + i;
        ck_ok(hi5_attribute_write(o, attr_name(k), HI5_I32, &shape, HI5_I32, values,
                                  &wp_err),
              &wp_err);
    }
    hi5_object_close(o);
    h = wp_read(f);
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    attr_expect(r, 12);
    for (unsigned k = 0; k < 12; k++) {
        const hid_t a = H5Aopen(r, attr_name(k), H5P_DEFAULT);
        ck_assert(H5Aread(a, H5T_NATIVE_INT, values) >= 0);
        for (int i = 0; i < 2048; i++)
            ck_assert_int_eq(values[i], (int)k * 10000 + i);
        H5Aclose(a);
    }
    H5Gclose(r);
    wp_end(h);
}
END_TEST

static herr_t
attr_orders(hid_t o, const char *name, const H5A_info_t *info, void *ctx)
{
    H5O_msg_crt_idx_t *const next = ctx;

    (void)o;
    ck_assert_str_eq(name, attr_name((unsigned)*next));
    ck_assert(info->corder_valid);
    ck_assert_uint_eq(info->corder, (*next)++);
    return 0;
}

/* Another writer gave orders twice, and did not count them. They are told apart when they
 * go to a heap, in the order that they had; what follows them is counted on */
START_TEST(orders_given_twice)
{
    static const unsigned given[][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 2, 3, 3, 4, 5, 6}, {0, 1, 2, 3, 4, 5, 6, 6}};
    const hid_t fc = H5Pcreate(H5P_FILE_CREATE), fa = H5Pcreate(H5P_FILE_ACCESS);
    const hid_t s = H5Screate(H5S_SCALAR);
    struct patch p = {.name = wp_path()};
    uint64_t root, order[8], info; /* orders are right before their messages */
    H5O_msg_crt_idx_t next = 0;
    hsize_t at = 0;
    hi5_file *f;
    hi5_object *o;
    FILE *file;
    hid_t r;

    H5Pset_attr_creation_order(fc, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_libver_bounds(fa, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
    r = H5Fcreate(wp_path(), H5F_ACC_TRUNC, fc, fa);
    for (unsigned i = 0; i < 8; i++)
        H5Aclose(H5Acreate2(r, attr_name(i), H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(s);
    H5Pclose(fc);
    H5Pclose(fa);
    H5Fclose(r);
    file = fopen(wp_path(), "rb");
    p.b = malloc(1 << 20);
    p.n = fread(p.b, 1, 1 << 20, file);
    fclose(file);
    root = patch_object(&p, "/");
    for (unsigned i = 0; i < 8; i++)
        order[i] = patch_message_at(&p, root, 12, i).address - 2;
    info = patch_message_at(&p, root, 21, 0).address;
    for (unsigned i = 0; i < 8; i++)
        patch_put(&p, order[i], 2, given[_i][i]);
    patch_put(&p, info + 2, 2, 0);
    patch_fix(&p, root);
    file = fopen(wp_path(), "wb");
    ck_assert_uint_eq(fwrite(p.b, 1, p.n, file), p.n);
    fclose(file);
    patch_free(&p);
    f = wp_reopen();
    o = attr_open(f, "/");
    for (unsigned i = 8; i < 12; i++)
        wp_put(o, attr_name(i), 1);
    hi5_object_close(o);
    r = wp_change(f);
    ck_assert(H5Aiterate2(r, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, attr_orders, &next) >=
              0);
    ck_assert_uint_eq(next, 12);
    ck_assert(H5Adelete(r, attr_name(5)) >= 0);
    wp_end(r);
    wp_end(wp_read(NULL));
}
END_TEST

Suite *suite_attr(void);

Suite *
suite_attr(void)
{
    Suite *const s = suite_create("writepit attr");
    TCase *const c = tcase_create("attr"), *const o = tcase_create("oh");

    tcase_add_loop_test(c, counts, 0, 18);
    WP_EACH(c, names);
    tcase_add_loop_test(c, orders_given_twice, 0, 3);
    tcase_add_loop_test(c, large, 0, 27);
    WP_EACH(c, variable_length);
    tcase_add_loop_test(c, replaced, 0, 6);
    WP_EACH(c, kinds);
    tcase_add_loop_test(c, emptied, 0, 6);
    tcase_add_loop_test(c, random_changes, 0, 3);
    WP_EACH(c, two_handles);
    WP_EACH(c, size_wraps);
    tcase_add_loop_test(c, many, 0, 2);
    wp_case(s, c);
    WP_EACH(o, sizes);
    WP_EACH(o, growing);
    tcase_add_loop_test(o, optional_blocks, 0, 2);
    WP_EACH(o, hard_links);
    WP_EACH(o, ninth);
    wp_case(s, o);
    return s;
}
