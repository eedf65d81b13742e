/*
 * test_type.c - datatypes, shapes and unchunked data that hi5 writes, as libhdf5 finds them
 */
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNL HI5_UNLIMITED

/* ---- datatypes: committed by both, the messages are the same ---- */

static hi5_type *
type_number(hi5_class cls, size_t size, hi5_byte_order order, bool sign)
{
    hi5_type_info t = {.cls = cls,
                       .size = size,
                       .order = order,
                       .is_signed = sign,
                       .precision = (unsigned)size * 8};
    hi5_type *out = NULL;

    if (cls == HI5_FLOAT) {
        t.norm = HI5_NORM_IMPLIED;
        t.sign_pos = t.precision - 1;
        t.exp_size = size == 4 ? 8 : 11;
        t.exp_pos = t.man_size = size == 4 ? 23 : 52;
        t.exp_bias = size == 4 ? 127 : 1023;
    }
    ck_ok(hi5_type_number(&t, &out, &wp_err), &wp_err);
    return out;
}

struct type_pair {
    hi5_file *f;
    hid_t h;
    unsigned n;
};

/* Both give it the same name; takes both types. */
static void
type_commit(struct type_pair *p, hi5_type *t, hid_t other)
{
    char name[16];

    snprintf(name, sizeof name, "%u", p->n++);
    ck_ok(hi5_type_commit(p->f, name, t, NULL, &wp_err), &wp_err);
    ck_assert(H5Tcommit2(p->h, name, other, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) >=
              0);
    hi5_type_free(t);
    H5Tclose(other);
}

static void
type_end(struct type_pair *p)
{
    hid_t h, o;
    char name[16];

    wp_end(p->h);
    h = wp_read(p->f);
    o = H5Fopen(wp_other(), H5F_ACC_RDONLY, H5P_DEFAULT);
    for (unsigned i = 0; i < p->n; i++) {
        hid_t a, b;
        snprintf(name, sizeof name, "%u", i);
        a = H5Topen2(h, name, H5P_DEFAULT);
        b = H5Topen2(o, name, H5P_DEFAULT);
        ck_assert_msg(a >= 0 && H5Tequal(a, b) > 0, "type %u", i);
        H5Tclose(a);
        H5Tclose(b);
    }
    wp_end(h);
    wp_end(o);
    for (unsigned i = 0; i < p->n; i++) {
        snprintf(name, sizeof name, "%u", i);
        wp_same_message(name, 3);
    }
}

/* TYPE-03, TYPE-05, TYPE-06, TYPE-33, TYPE-34, TYPE-37: all predefined numbers */
START_TEST(numbers)
{
    struct type_pair p = {.f = wp_create(_i, NULL), .h = wp_foreign(_i, wp_other())};
    const hid_t integers[2][2][4] = {
        {{H5T_STD_U8LE, H5T_STD_U16LE, H5T_STD_U32LE, H5T_STD_U64LE},
         {H5T_STD_I8LE, H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_I64LE}},
        {{H5T_STD_U8BE, H5T_STD_U16BE, H5T_STD_U32BE, H5T_STD_U64BE},
         {H5T_STD_I8BE, H5T_STD_I16BE, H5T_STD_I32BE, H5T_STD_I64BE}}};
    const hid_t bits[2][4] = {
        {H5T_STD_B8LE, H5T_STD_B16LE, H5T_STD_B32LE, H5T_STD_B64LE},
        {H5T_STD_B8BE, H5T_STD_B16BE, H5T_STD_B32BE, H5T_STD_B64BE}};
    const hid_t floats[2][2] = {{H5T_IEEE_F32LE, H5T_IEEE_F64LE},
                                {H5T_IEEE_F32BE, H5T_IEEE_F64BE}};

    for (int be = 0; be < 2; be++) {
        const hi5_byte_order order = be != 0 ? HI5_BE : HI5_LE;
        for (size_t k = 0; k < 4; k++) {
            for (int sign = 0; sign < 2; sign++)
                type_commit(&p,
                            type_number(HI5_INTEGER, (size_t)1 << k, order, sign != 0),
                            H5Tcopy(integers[be][sign][k]));
            type_commit(&p, type_number(HI5_BITFIELD, (size_t)1 << k, order, false),
                        H5Tcopy(bits[be][k]));
        }
        for (size_t k = 0; k < 2; k++)
            type_commit(&p, type_number(HI5_FLOAT, (size_t)4 << k, order, true),
                        H5Tcopy(floats[be][k]));
    }
    type_end(&p);
}
END_TEST

/* TYPE-16, TYPE-17, TYPE-18: strings of each padding and character set, opaque ones of
 * several sizes, variable-length ones, arrays; TYPE-04 */
START_TEST(strings)
{
    struct type_pair p = {.f = wp_create(_i, NULL), .h = wp_foreign(_i, wp_other())};
    const hsize_t dims[3] = {2, 3, 4};
    const uint32_t d[3] = {2, 3, 4};
    hi5_type *t = NULL, *u = NULL;
    hid_t x;

    for (int pad = 0; pad < 3; pad++)
        for (int set = 0; set < 2; set++) {
            ck_ok(
                hi5_type_string(5, (hi5_string_pad)pad, (hi5_charset)set, &t, &wp_err),
                &wp_err);
            x = H5Tcopy(H5T_C_S1);
            H5Tset_size(x, 5);
            H5Tset_strpad(x, (H5T_str_t)pad);
            H5Tset_cset(x, (H5T_cset_t)set);
            type_commit(&p, t, x);
        }
    for (size_t n = 1; n < 20; n += 3) {
        ck_ok(hi5_type_opaque(n,
                              n == 4   ? "seven c"
                              : n == 7 ? "eight ch"
                                       : "tag",
                              &t, &wp_err),
              &wp_err);
        x = H5Tcreate(H5T_OPAQUE, n);
        H5Tset_tag(x, n == 4 ? "seven c" : n == 7 ? "eight ch" : "tag");
        type_commit(&p, t, x);
    }
    for (int set = 0; set < 2; set++) {
        ck_ok(hi5_type_vlen_string(HI5_NULL_TERMINATED, (hi5_charset)set, &t, &wp_err),
              &wp_err);
        x = H5Tcopy(H5T_C_S1);
        H5Tset_size(x, H5T_VARIABLE);
        H5Tset_cset(x, (H5T_cset_t)set);
        type_commit(&p, t, x);
    }
    u = type_number(HI5_FLOAT, 8, HI5_LE, true);
    ck_ok(hi5_type_vlen(u, &t, &wp_err), &wp_err);
    type_commit(&p, t, H5Tvlen_create(H5T_IEEE_F64LE));
    ck_ok(hi5_type_array(u, 3, d, &t, &wp_err), &wp_err);
    type_commit(&p, t, H5Tarray_create2(H5T_IEEE_F64LE, 3, dims));
    hi5_type_free(u);
    type_end(&p);
}
END_TEST

/* TYPE-01, TYPE-02, TYPE-24, TYPE-25, TYPE-28: compounds of sizes about each width, with
 * holes, members in no order, nested ones and arrays in them */
START_TEST(compounds)
{
    static const size_t sizes[] = {24, 255, 256, 257, 511, 512, 65535, 65536, 70000};
    struct type_pair p = {.f = wp_create(_i, NULL), .h = wp_foreign(_i, wp_other())};
    hi5_type *const i = type_number(HI5_INTEGER, 4, HI5_LE, true);
    const hsize_t dims[2] = {2, 2};
    hi5_type *a, *inner, *t;
    hid_t x, y, z;

    ck_ok(hi5_type_array(HI5_I16, 2, (const uint32_t[]){2, 2}, &a, &wp_err), &wp_err);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const size_t n = sizes[k];
        ck_ok(
            hi5_type_compound(8, (const hi5_member[]){{"x", 4, i}}, 1, &inner, &wp_err),
            &wp_err);
        ck_ok(hi5_type_compound(n,
                                (const hi5_member[]){{"last", n - 4, i},
                                                     {"first", 0, i},
                                                     {"nested", 12, inner},
                                                     {"seven c", 4, a}},
                                4, &t, &wp_err),
              &wp_err);
        hi5_type_free(inner);
        y = H5Tcreate(H5T_COMPOUND, 8);
        H5Tinsert(y, "x", 4, H5T_STD_I32LE);
        z = H5Tarray_create2(H5T_STD_I16LE, 2, dims);
        x = H5Tcreate(H5T_COMPOUND, n);
        H5Tinsert(x, "last", n - 4, H5T_STD_I32LE);
        H5Tinsert(x, "first", 0, H5T_STD_I32LE);
        H5Tinsert(x, "nested", 12, y);
        H5Tinsert(x, "seven c", 4, z);
        H5Tclose(z);
        H5Tclose(y);
        type_commit(&p, t, x);
    }
    hi5_type_free(a);
    hi5_type_free(i);
    type_end(&p);
}
END_TEST

/* TYPE-30, TYPE-36: enumerations over either byte order; TYPE-07, TYPE-35: bits that are
 * not all of a number; TYPE-32: nothing without size */
START_TEST(odd_ones)
{
    struct type_pair p = {.f = wp_create(_i, NULL), .h = wp_foreign(_i, wp_other())};
    static const char *const names[] = {"RED", "GREEN", "BLUE"};
    const unsigned char be[3][2] = {{0, 1}, {1, 0}, {0xff, 0xff}};
    const hi5_type_info odd = {.cls = HI5_INTEGER,
                               .size = 2,
                               .order = HI5_BE,
                               .is_signed = true,
                               .precision = 12,
                               .offset = 3};
    hi5_type *const base = type_number(HI5_INTEGER, 2, HI5_BE, true);
    hi5_type *t;
    hid_t x;

    ck_ok(hi5_type_enum(base, 3, names, be, &t, &wp_err), &wp_err);
    hi5_type_free(base);
    x = H5Tenum_create(H5T_STD_I16BE);
    for (int i = 0; i < 3; i++)
        H5Tenum_insert(x, names[i], be[i]);
    type_commit(&p, t, x);
    ck_ok(hi5_type_bool(&t, &wp_err), &wp_err);
    x = H5Tenum_create(H5T_STD_I8LE);
    H5Tenum_insert(x, "FALSE", (const signed char[]){0});
    H5Tenum_insert(x, "TRUE", (const signed char[]){1});
    type_commit(&p, t, x);
    ck_ok(hi5_type_number(&odd, &t, &wp_err), &wp_err);
    x = H5Tcopy(H5T_STD_I16BE);
    H5Tset_precision(x, 12);
    H5Tset_offset(x, 3);
    type_commit(&p, t, x);
    ck_assert_int_ne(hi5_type_opaque(0, "x", &t, &wp_err), HI5_OK);
    ck_assert_int_ne(hi5_type_compound(0, NULL, 0, &t, &wp_err), HI5_OK);
    type_end(&p);
}
END_TEST

/* TYPE-19, TYPE-20, TYPE-21, TYPE-22: strings as wide as their field, shorter ones with
 * nothing behind them */
START_TEST(string_data)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_type *t;
    const char *const text[3] = {"full", "a", ""};
    char got[13] = "xxxxxxxxxxxx";
    hi5_dataset *d;
    hid_t h, x, m;

    ck_ok(hi5_type_string(4, HI5_NULL_PADDED, HI5_UTF8, &t, &wp_err), &wp_err);
    d = wp_dataset(f, "d", t, 1, WP_DIMS(3), NULL);
    hi5_type_free(t);
    ck_ok(hi5_dataset_write(d, NULL, HI5_STR, text, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    m = H5Dget_type(x);
    ck_assert(H5Dread(x, m, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    ck_assert_mem_eq(got, "fulla\0\0\0\0\0\0\0", 12);
    H5Tclose(m);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* TYPE-26, ATTR-20: one member written, the others stay; members in another order */
START_TEST(members)
{
    struct rec {
        int a;
        double b;
        short c;
    };
    struct back {
        short c;
        int a;
    };
    hi5_file *const f = wp_create(_i % 3, NULL);
    const uint64_t chunk = 4;
    hi5_type *t, *u;
    struct rec recs[10], got[10];
    struct back part[10];
    float bs[10];
    hi5_dataset *d;
    hid_t h, x, m;

    ck_ok(
        hi5_type_compound(sizeof *recs,
                          (const hi5_member[]){{"a", offsetof(struct rec, a), HI5_I32},
                                               {"b", offsetof(struct rec, b), HI5_F64},
                                               {"c", offsetof(struct rec, c), HI5_I16}},
                          3, &t, &wp_err),
        &wp_err);
    ck_ok(hi5_type_compound(
              sizeof *part,
              (const hi5_member[]){{"c", offsetof(struct back, c), HI5_I16},
                                   {"a", offsetof(struct back, a), HI5_I32}},
              2, &u, &wp_err),
          &wp_err);
    d = wp_dataset(
        f, "d", t, 1, WP_DIMS(10),
        WP_OPTIONS(.chunk = _i < 3 ? &chunk : NULL, .deflate = _i < 3 ? 1 : 0));
    memset(recs, 0, sizeof recs);
    for (int i = 0; i < 10; i++) {
        recs[i].a = i;
        recs[i].b = i;
        recs[i].c = (short)i;
        part[i].c = (short)(100 + i);
        part[i].a = 200 + i;
        bs[i] = (float)(i + 0.5);
    }
    ck_ok(hi5_dataset_write(d, NULL, t, recs, &wp_err), &wp_err);
    ck_ok(hi5_dataset_write_field(d, "b", NULL, HI5_F32, bs, &wp_err), &wp_err);
    ck_ok(
        hi5_dataset_write_field(d, "c", NULL, HI5_I16, &(short[10]){1, 2, 3}, &wp_err),
        &wp_err);
    hi5_dataset_close(d);
    hi5_type_free(u);
    hi5_type_free(t);
    h = wp_read(f);
    m = H5Tcreate(H5T_COMPOUND, sizeof *recs);
    H5Tinsert(m, "a", HOFFSET(struct rec, a), H5T_NATIVE_INT);
    H5Tinsert(m, "b", HOFFSET(struct rec, b), H5T_NATIVE_DOUBLE);
    H5Tinsert(m, "c", HOFFSET(struct rec, c), H5T_NATIVE_SHORT);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dread(x, m, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(got[i].a, i);
        ck_assert(got[i].b == i + 0.5);
        ck_assert_int_eq(got[i].c, i < 3 ? i + 1 : 0);
    }
    H5Dclose(x);
    H5Tclose(m);
    wp_end(h);
}
END_TEST

/* ---- shapes and selections ---- */

/* SPACE-03, SPACE-04, STORE-15: scalar, null, without elements; SPACE-05, SPACE-06: too
 * much, or less than nothing, is refused */
START_TEST(shapes)
{
    hi5_file *const f = wp_create(_i, NULL);
    const hi5_shape null = {.kind = HI5_NULL};
    const uint64_t big[2] = {(uint64_t)1 << 32, (uint64_t)1 << 32}, less = 3, ten = 10;
    hi5_group *root;
    const int v = 5;
    hi5_dataset *d;
    static const struct {
        const char *name;
        H5S_class_t cls;
    } rows[] = {{"null", H5S_NULL}, {"none", H5S_SIMPLE}, {"scalar", H5S_SCALAR}};
    hid_t h;

    ck_ok(hi5_group_open(f, "/", &root, &wp_err), &wp_err);
    ck_ok(hi5_dataset_create_at(root, "null", HI5_I32, &null, NULL, NULL, &wp_err),
          &wp_err);
    hi5_group_close(root);
    hi5_dataset_close(wp_dataset(f, "none", HI5_I32, 2, WP_DIMS(3, 0), NULL));
    d = wp_dataset(f, "scalar", HI5_I32, 0, NULL, NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, &v, &wp_err), &wp_err);
    hi5_dataset_close(d);
    ck_assert_int_ne(hi5_dataset_create(f, "x", HI5_I32, 2, big, NULL, NULL, &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_dataset_create(f, "x", HI5_I32, 1, &ten,
                                        WP_OPTIONS(.max = &less), NULL, &wp_err),
                     HI5_OK);
    h = wp_read(f);
    ck_assert_int_eq(H5Lexists(h, "x", H5P_DEFAULT), 0);
    for (int i = 0; i < 3; i++) {
        const hid_t x = H5Dopen2(h, rows[i].name, H5P_DEFAULT), s = H5Dget_space(x);
        ck_assert_int_eq(H5Sget_simple_extent_type(s), rows[i].cls);
        if (i < 2)
            ck_assert(H5Dget_offset(x) == HADDR_UNDEF);
        H5Sclose(s);
        H5Dclose(x);
    }
    wp_ints(h, "scalar", 1, &v);
    wp_end(h);
}
END_TEST

/* SPACE-01, SPACE-09, SPACE-13, SPACE-17: random boxes, combined, written to each layout,
 * against an array in memory */
START_TEST(selections)
{
    static int model[12][14], values[168];
    hi5_file *const f = wp_create(_i % 3, NULL);
    const int layout = _i / 3 % 3;
    const hi5_dataset_options options = {.size = sizeof options,
                                         .chunk = layout == 2 ? WP_DIMS(5, 3) : NULL,
                                         .deflate = layout == 2 && _i >= 9 ? 2 : 0,
                                         .compact = layout == 1};
    hi5_dataset *const d = wp_dataset(f, "d", HI5_I32, 2, WP_DIMS(12, 14), &options);
    uint64_t state = (uint64_t)_i * 77 + 3;
    hid_t h;

    memset(model, 0, sizeof model);
    for (int step = 0; step < 40; step++) {
        bool in[12][14] = {{false}};
        hi5_selection *s;
        int n = 0;
        ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &wp_err), &wp_err);
        hi5_selection_none(s);
        for (int part = 0; part < step % 4; part++) {
            uint64_t a[2], c[2];
            const bool flip = (state >> 50) % 2 != 0;
            for (int k = 0; k < 2; k++) {
                const uint64_t side = k == 0 ? 12 : 14;
                state = state * 6364136223846793005u + 1442695040888963407u;
                a[k] = (state >> 33) % side;
                c[k] = 1 + (state >> 40) % (side - a[k]);
            }
            ck_ok(hi5_selection_hyperslab(s, flip ? HI5_SELECT_XOR : HI5_SELECT_OR, a,
                                          NULL, c, NULL, &wp_err),
                  &wp_err);
            for (uint64_t i = 0; i < c[0] * c[1]; i++) {
                bool *const p = &in[a[0] + i / c[1]][a[1] + i % c[1]];
                *p = flip ? !*p : true;
            }
        }
        for (int i = 0; i < 168; i++)
            if (in[i / 14][i % 14])
                model[i / 14][i % 14] = values[n] = 1000 * step + i, n++;
        ck_assert_uint_eq(hi5_selection_count(s), (uint64_t)n);
        ck_ok(hi5_dataset_write(d, s, HI5_I32, values, &wp_err), &wp_err);
        hi5_selection_free(s);
    }
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 168, &model[0][0]);
    wp_end(h);
}
END_TEST

/* SPACE-07, SPACE-08: beyond 2^33 elements */
START_TEST(far)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t n = ((uint64_t)1 << 33) + 10, at = n - 3, chunk = 1000;
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, &n, WP_OPTIONS(.chunk = &chunk));
    const int v = 42;
    int got[3] = {9, 9, 9};
    hid_t h, x, s, m;

    ck_ok(hi5_dataset_write_points(d, 1, &at, HI5_I32, &v, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    s = H5Dget_space(x);
    m = H5Screate_simple(1, (hsize_t[]){3}, NULL);
    H5Sselect_hyperslab(s, H5S_SELECT_SET, (hsize_t[]){n - 4}, NULL, (hsize_t[]){3},
                        NULL);
    ck_assert(H5Dread(x, H5T_NATIVE_INT, m, s, H5P_DEFAULT, got) >= 0);
    ck_assert(got[0] == 0 && got[1] == 42 && got[2] == 0);
    H5Sclose(m);
    H5Sclose(s);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* ---- contiguous, compact and external data ---- */

/* STORE-01, STORE-03, STORE-05: external files, beyond 5 GiB, not there before they are
 * written to */
START_TEST(external)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t place = (uint64_t)5 << 30;
    const hi5_external one = {wp_other(), place, HI5_UNLIMITED};
    const int fill = 3;
    int values[20];
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(20),
                   WP_OPTIONS(.external = &one, .nexternal = 1, .fill = &fill));
    FILE *raw = fopen(wp_other(), "rb");
    char name[256];
    off_t offset = 0;
    hsize_t size = 0;
    hid_t h, x, p;

    ck_assert(raw == NULL);
    for (int i = 0; i < 20; i++)
        values[i] = 11 * i;
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    p = H5Dget_create_plist(x);
    ck_assert_int_eq(H5Pget_external_count(p), 1);
    ck_assert(H5Pget_external(p, 0, sizeof name, name, &offset, &size) >= 0);
    ck_assert_str_eq(name, wp_other());
    ck_assert_uint_eq((uint64_t)offset, place);
    ck_assert(size == H5F_UNLIMITED);
    H5Pclose(p);
    H5Dclose(x);
    wp_ints(h, "d", 20, values);
    wp_end(h);
}
END_TEST

/* STORE-07, STORE-14: late and early allocation; STORE-13: compact up to what a message can
 * hold */
START_TEST(compact_limit)
{
    hi5_file *const f = wp_create(_i, NULL);
    static const uint64_t sizes[] = {1, 1000, 65400, 65536, 65540, 100000};
    char name[16];
    hid_t h;

    for (size_t i = 0; i < 6; i++) {
        hi5_status s;
        snprintf(name, sizeof name, "%zu", i);
        s = hi5_dataset_create(f, name, HI5_U8, 1, &sizes[i],
                               WP_OPTIONS(.compact = true), NULL, &wp_err);
        ck_assert_int_eq(s == HI5_OK, sizes[i] < 65536);
    }
    hi5_dataset_close(wp_dataset(f, "late", HI5_I32, 1, WP_DIMS(9), NULL));
    hi5_dataset_close(wp_dataset(f, "early", HI5_I32, 1, WP_DIMS(9),
                                 WP_OPTIONS(.alloc_time = HI5_ALLOC_EARLY)));
    h = wp_read(f);
    for (int i = 0; i < 2; i++) {
        const hid_t x = H5Dopen2(h, i == 0 ? "late" : "early", H5P_DEFAULT);
        ck_assert_int_eq(H5Dget_offset(x) == HADDR_UNDEF, i == 0);
        ck_assert_uint_eq(H5Dget_storage_size(x), i == 0 ? 0 : 36);
        H5Dclose(x);
    }
    wp_end(h);
}
END_TEST

/* STORE-12, EDIT-08: an old file keeps its level of the format */
START_TEST(level)
{
    hi5_file *f;
    hi5_dataset *d;
    hi5_layout l;
    const uint64_t chunk = 4, max = UNL;
    static const unsigned versions[] = {3, 3, 4};

    wp_end(wp_foreign(_i, wp_path()));
    f = wp_reopen();
    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(9),
                                 WP_OPTIONS(.chunk = &chunk, .max = &max)));
    wp_end(wp_read(f));
    ck_ok(hi5_open(wp_path(), NULL, &f, &wp_err), &wp_err);
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    hi5_dataset_get_layout(d, &l);
    ck_assert_uint_eq(l.version, versions[_i]);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

Suite *suite_type(void);

Suite *
suite_type(void)
{
    Suite *const s = suite_create("writepit type");
    TCase *const c = tcase_create("type"), *const p = tcase_create("space");
    TCase *const o = tcase_create("store");

    WP_EACH(c, numbers);
    WP_EACH(c, strings);
    WP_EACH(c, compounds);
    WP_EACH(c, odd_ones);
    WP_EACH(c, string_data);
    tcase_add_loop_test(c, members, 0, 6);
    wp_case(s, c);
    WP_EACH(p, shapes);
    tcase_add_loop_test(p, selections, 0, 18);
    WP_EACH(p, far);
    wp_case(s, p);
    WP_EACH(o, external);
    WP_EACH(o, compact_limit);
    WP_EACH(o, level);
    wp_case(s, o);
    return s;
}
