/*
 * test_fill.c - fill values and filters that hi5 writes, as libhdf5 takes them
 */
#include "writepit.h"
#include <stdlib.h>
#include <string.h>

#define UNL HI5_UNLIMITED

/* ---- fill values ---- */

/* FILL-01, FILL-11: the rest of a chunk is fill, also when libhdf5 uncovers it */
START_TEST(rest_of_a_chunk)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t max = UNL, chunk = 4;
    const int fill = 7, value = 3;
    int wanted[12] = {7, 7, 3, 7, 7, 7, 7, 7, 7, 3, 7, 7};
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(10),
                   WP_OPTIONS(.chunk = &chunk, .max = &max, .fill = &fill));
    hid_t h, x;

    ck_ok(hi5_dataset_write_slab(d, WP_DIMS(9), WP_DIMS(1), HI5_I32, &value, &wp_err),
          &wp_err);
    ck_ok(hi5_dataset_write_points(d, 1, WP_DIMS(2), HI5_I32, &value, &wp_err),
          &wp_err);
    hi5_dataset_close(d);
    h = wp_change(f);
    wp_ints(h, "d", 10, wanted);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dset_extent(x, (hsize_t[]){12}) >= 0);
    H5Dclose(x);
    wp_ints(h, "d", 12, wanted);
    wp_end(h);
}
END_TEST

/* FILL-02 to FILL-05, FILL-10, FILL-16: all settings; the message is that of libhdf5, and
 * libhdf5 reads the same from unallocated elements as from its own file */
START_TEST(all_settings)
{
    static const H5D_alloc_time_t alloc[] = {H5D_ALLOC_TIME_EARLY, H5D_ALLOC_TIME_LATE,
                                             H5D_ALLOC_TIME_INCR};
    static const hi5_alloc_time ours[] = {HI5_ALLOC_EARLY, HI5_ALLOC_LATE,
                                          HI5_ALLOC_INCREMENTAL};
    static const H5D_fill_time_t when[] = {H5D_FILL_TIME_IFSET, H5D_FILL_TIME_ALLOC,
                                           H5D_FILL_TIME_NEVER};
    const int target = _i % 3, a = _i / 3 % 3, w = _i / 9 % 3, value = _i / 27 % 3;
    const bool chunked = _i / 81 != 0;
    const int fill = 0x01020304;
    const uint64_t four = 4;
    const hsize_t dims = 8, chunk = 4;
    hi5_file *const f = wp_create(target, NULL);
    const hid_t h = wp_foreign(target, wp_other()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t s = H5Screate_simple(1, &dims, NULL);
    H5D_fill_value_t state, other;
    hi5_status made;
    int mine[8];
    hid_t x, q;

    made = hi5_dataset_create(f, "d", HI5_I32, 1, WP_DIMS(8),
                              WP_OPTIONS(.chunk = chunked ? &four : NULL,
                                         .fill = value == 1 ? &fill : NULL,
                                         .no_fill = value == 2, .alloc_time = ours[a],
                                         .fill_time = (hi5_fill_time)w),
                              NULL, &wp_err);
    if (chunked)
        H5Pset_chunk(p, 1, &chunk);
    H5Pset_alloc_time(p, alloc[a]);
    H5Pset_fill_time(p, when[w]);
    if (value != 0)
        H5Pset_fill_value(p, H5T_NATIVE_INT, value == 1 ? &fill : NULL);
    x = H5Dcreate2(h, "d", H5T_STD_I32LE, s, H5P_DEFAULT, p, H5P_DEFAULT);
    H5Pfill_value_defined(p, &other);
    H5Pclose(p);
    H5Sclose(s);
    ck_assert_int_eq(made == HI5_OK, x >= 0); /* what is undefined cannot be written */
    if (x < 0) {
        wp_close(f);
        H5Fclose(h);
        return;
    }
    H5Dclose(x);
    wp_end(h);
    q = wp_read(f);
    x = H5Dopen2(q, "d", H5P_DEFAULT);
    {
        const hid_t c = H5Dget_create_plist(x);
        H5Pfill_value_defined(c, &state);
        H5Pclose(c);
    }
    ck_assert_int_eq(state, other);
    if (value != 2 && w != 2) {
        ck_assert(H5Dread(x, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, mine) >= 0);
        for (int i = 0; i < 8; i++)
            ck_assert_int_eq(mine[i], value == 1 ? fill : 0);
    }
    H5Dclose(x);
    wp_end(q);
    wp_same_message("d", 5);
}
END_TEST

/* FILL-07, FILL-15: converted to the dataset's type and byte order */
START_TEST(other_orders)
{
    hi5_file *const f = wp_create(_i, NULL);
    const hi5_type_info info = {.cls = HI5_INTEGER,
                                .size = 8,
                                .order = HI5_BE,
                                .is_signed = true,
                                .precision = 64};
    hi5_type *be;
    const int16_t fill = 1;
    const int wanted[3] = {1, 1, 1};
    int64_t got = 0;
    hid_t h, x, p;

    ck_ok(hi5_type_number(&info, &be, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "d", be, 1, WP_DIMS(3),
                                 WP_OPTIONS(.fill = &fill, .fill_type = HI5_I16)));
    hi5_type_free(be);
    h = wp_read(f);
    wp_ints(h, "d", 3, wanted);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    p = H5Dget_create_plist(x);
    ck_assert(H5Pget_fill_value(p, H5T_NATIVE_INT64, &got) >= 0);
    ck_assert_int_eq(got, 1);
    H5Pclose(p);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* FILL-08: variable-length strings that nothing was written to, from a file that is only
 * read */
START_TEST(strings)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t two = 2;
    static const char *const names[] = {"plain", "chunks"};
    hid_t h, t;

    hi5_dataset_close(wp_dataset(f, "plain", HI5_STR, 1, WP_DIMS(3), NULL));
    hi5_dataset_close(
        wp_dataset(f, "chunks", HI5_STR, 1, WP_DIMS(3), WP_OPTIONS(.chunk = &two)));
    h = wp_read(f);
    t = H5Tcopy(H5T_C_S1);
    H5Tset_size(t, H5T_VARIABLE);
    H5Tset_cset(t, H5T_CSET_UTF8);
    for (int i = 0; i < 2; i++) {
        const hid_t x = H5Dopen2(h, names[i], H5P_DEFAULT);
        char *got[3] = {NULL, NULL, NULL};
        ck_assert(H5Dread(x, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
        for (int k = 0; k < 3; k++) {
            ck_assert(got[k] == NULL || *got[k] == '\0');
            H5free_memory(got[k]);
        }
        H5Dclose(x);
    }
    H5Tclose(t);
    wp_end(h);
}
END_TEST

/* FILL-12: a terabyte of nothing takes no space */
START_TEST(a_terabyte)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t n = (uint64_t)1 << 37, chunk = 1 << 20;
    const double fill = 2.5;
    double got = 0;
    hid_t h, x, s, m;

    hi5_dataset_close(wp_dataset(f, "flat", HI5_F64, 1, &n, NULL));
    hi5_dataset_close(wp_dataset(f, "chunks", HI5_F64, 1, &n,
                                 WP_OPTIONS(.chunk = &chunk, .fill = &fill)));
    h = wp_read(f);
    x = H5Dopen2(h, "chunks", H5P_DEFAULT);
    ck_assert_uint_eq(H5Dget_storage_size(x), 0);
    s = H5Dget_space(x);
    m = H5Screate(H5S_SCALAR);
    H5Sselect_elements(s, H5S_SELECT_SET, 1, (hsize_t[]){n - 1});
    ck_assert(H5Dread(x, H5T_NATIVE_DOUBLE, m, s, H5P_DEFAULT, &got) >= 0);
    ck_assert(got == 2.5);
    H5Sclose(m);
    H5Sclose(s);
    H5Dclose(x);
    x = H5Dopen2(h, "flat", H5P_DEFAULT);
    ck_assert_int_eq(H5Dget_offset(x) == HADDR_UNDEF, 1);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* FILL-14: a value that no message can hold is refused */
START_TEST(too_large)
{
    hi5_file *const f = wp_create(_i, NULL);
    static const unsigned char fill[70000];
    hi5_type *t;
    hid_t h;

    ck_ok(hi5_type_opaque(sizeof fill, "large", &t, &wp_err), &wp_err);
    ck_assert_int_ne(hi5_dataset_create(f, "d", t, 1, WP_DIMS(2),
                                        WP_OPTIONS(.fill = fill), NULL, &wp_err),
                     HI5_OK);
    ck_ok(hi5_dataset_create(f, "e", t, 1, WP_DIMS(2), NULL, NULL, &wp_err), &wp_err);
    hi5_type_free(t);
    h = wp_read(f);
    ck_assert_int_eq(H5Lexists(h, "d", H5P_DEFAULT), 0);
    ck_assert_int_eq(H5Lexists(h, "e", H5P_DEFAULT), 1);
    wp_end(h);
}
END_TEST

/* ---- filters ---- */

static void
fill_shuffle(const int *from, size_t n, unsigned char *to)
{
    const unsigned char *const p = (const unsigned char *)from;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof *from; k++)
            to[k * n + i] = p[i * sizeof *from + k];
}

/* FILT-01, FILT-32: chunks of one dataset with different masks, in each index */
START_TEST(masks)
{
    static const uint64_t max[4] = {UNL, UNL, 100, 12};
    const uint64_t four = 4;
    hi5_file *const f = wp_create(_i == 0 ? WP_V18 : WP_V110, NULL);
    int values[12];
    unsigned char shuffled[16];
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(12),
                   WP_OPTIONS(.chunk = &four, .max = &max[_i], .shuffle = true,
                              .deflate = 5, .fletcher32 = true));
    hid_t h, x;
    static const unsigned wanted[3] = {7, 6, 0};

    for (int i = 0; i < 12; i++)
        values[i] = 0x01020304 * (i + 1);
    fill_shuffle(&values[4], 4, shuffled);
    ck_ok(hi5_dataset_write_raw_chunk(d, WP_DIMS(0), 7, values, 16, &wp_err), &wp_err);
    ck_ok(hi5_dataset_write_raw_chunk(d, WP_DIMS(4), 6, shuffled, 16, &wp_err),
          &wp_err);
    ck_ok(
        hi5_dataset_write_slab(d, WP_DIMS(8), WP_DIMS(4), HI5_I32, &values[8], &wp_err),
        &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 12, values);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    for (hsize_t i = 0; i < 12; i += 4) {
        unsigned mask = 99;
        haddr_t addr;
        hsize_t size;
        ck_assert(H5Dget_chunk_info_by_coord(x, &i, &mask, &addr, &size) >= 0);
        if (i < 8)
            ck_assert_uint_eq(mask, wanted[i / 4]);
        else
            ck_assert_uint_eq(mask & 5, 0);
    }
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* FILT-03, FILT-11: sums over 0xff bytes, odd lengths, in any element size */
START_TEST(sums)
{
    static const uint64_t sizes[] = {1, 2, 3, 359, 360, 361, 65535, 65536};
    const uint64_t n = sizes[_i % 8];
    hi5_file *const f = wp_create(_i / 8, NULL);
    signed char *const buf = malloc((size_t)n), *const got = malloc((size_t)n);
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I8, 1, &n, WP_OPTIONS(.chunk = &n, .fletcher32 = true));
    hid_t h, x;

    memset(buf, -1, (size_t)n);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I8, buf, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dread(x, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    ck_assert_mem_eq(got, buf, (size_t)n);
    H5Dclose(x);
    wp_end(h);
    free(got);
    free(buf);
}
END_TEST

/* FILT-05, FILT-26: what does not shrink; the mask is as libhdf5's */
START_TEST(incompressible)
{
    const uint64_t n = 1000;
    const hsize_t dims = n;
    hi5_file *const f = wp_create(_i, NULL);
    const hid_t h = wp_foreign(_i, wp_other()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t s = H5Screate_simple(1, &dims, NULL);
    static int values[1000];
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, &n,
                   WP_OPTIONS(.chunk = &n, .deflate = 6, .fletcher32 = true));
    unsigned state = 7, mask[2];
    haddr_t addr;
    hsize_t size[2], zero = 0;
    hid_t x, q;

    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (int)((state >> 16) | (state * 2654435761u & 0xffff0000u));
    }
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    H5Pset_chunk(p, 1, &dims);
    H5Pset_deflate(p, 6);
    H5Pset_fletcher32(p);
    x = H5Dcreate2(h, "d", H5T_NATIVE_INT, s, H5P_DEFAULT, p, H5P_DEFAULT);
    ck_assert(H5Dwrite(x, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Fflush(h, H5F_SCOPE_GLOBAL);
    ck_assert(H5Dget_chunk_info_by_coord(x, &zero, &mask[0], &addr, &size[0]) >= 0);
    H5Dclose(x);
    H5Sclose(s);
    H5Pclose(p);
    wp_end(h);
    q = wp_read(f);
    wp_ints(q, "d", (size_t)n, values);
    x = H5Dopen2(q, "d", H5P_DEFAULT);
    ck_assert(H5Dget_chunk_info_by_coord(x, &zero, &mask[1], &addr, &size[1]) >= 0);
    ck_assert(mask[1] == 1 || mask[1] == mask[0]);
    ck_assert_uint_le(size[1], size[0]);
    H5Dclose(x);
    wp_end(q);
}
END_TEST

/* FILT-07: filters ask for chunks; FILT-23: one that cannot apply is an error, or not there */
START_TEST(options)
{
    hi5_file *const f = wp_create(_i, NULL);
    int values[600];
    hi5_dataset *d =
        wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(600), WP_OPTIONS(.deflate = 2));
    hi5_layout l;
    hi5_type *t;
    hi5_status s;
    hid_t h;

    for (int i = 0; i < 600; i++)
        values[i] = i;
    hi5_dataset_get_layout(d, &l);
    ck_assert_int_eq(l.kind, HI5_CHUNKED);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    ck_assert_int_ne(hi5_dataset_create(f, "c", HI5_I32, 1, WP_DIMS(600),
                                        WP_OPTIONS(.deflate = 2, .compact = true), NULL,
                                        &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_dataset_create(f, "s", HI5_I32, 0, NULL,
                                        WP_OPTIONS(.deflate = 2), NULL, &wp_err),
                     HI5_OK);
    ck_ok(hi5_type_opaque(3, "x", &t, &wp_err), &wp_err);
    s = hi5_dataset_create(f, "o", t, 1, WP_DIMS(600), WP_OPTIONS(.scaleoffset = true),
                           NULL, &wp_err);
    ck_assert_int_ne(s, HI5_OK);
    hi5_type_free(t);
    h = wp_read(f);
    wp_ints(h, "d", 600, values);
    ck_assert_int_eq(H5Lexists(h, "c", H5P_DEFAULT), 0);
    ck_assert_int_eq(H5Lexists(h, "s", H5P_DEFAULT), 0);
    ck_assert_int_eq(H5Lexists(h, "o", H5P_DEFAULT), 0);
    wp_end(h);
}
END_TEST

/* FILT-12, FILT-21: three filters in any order; the messages are those of libhdf5 */
START_TEST(orders)
{
    static const uint16_t order[6][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                         {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    static const char *const names[3] = {"deflate", "shuffle", "fletcher32"};
    const int target = _i / 6;
    const uint64_t n = 100;
    const hsize_t dims = 500, chunk = 100;
    const uint32_t level = 6;
    hi5_file *const f = wp_create(target, NULL);
    const hid_t h = wp_foreign(target, wp_other()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t s = H5Screate_simple(1, &dims, NULL);
    hi5_filter filters[3] = {{.id = 0}};
    int values[500];
    hi5_dataset *d;
    hid_t q;

    H5Pset_chunk(p, 1, &chunk);
    for (int i = 0; i < 3; i++) {
        filters[i].id = order[_i % 6][i];
        filters[i].name = names[filters[i].id - 1];
        if (filters[i].id == 1) {
            filters[i].flags = 1;
            filters[i].nvalues = 1;
            filters[i].values = &level;
            H5Pset_deflate(p, level);
        } else if (filters[i].id == 2) {
            filters[i].flags = 1;
            H5Pset_shuffle(p);
        } else {
            H5Pset_fletcher32(p);
        }
    }
    for (int i = 0; i < 500; i++)
        values[i] = i * i;
    d = wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(500),
                   WP_OPTIONS(.chunk = &n, .filters = filters, .nfilters = 3));
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    H5Dclose(H5Dcreate2(h, "d", H5T_NATIVE_INT, s, H5P_DEFAULT, p, H5P_DEFAULT));
    H5Sclose(s);
    H5Pclose(p);
    wp_end(h);
    q = wp_read(f);
    wp_ints(q, "d", 500, values);
    wp_end(q);
    wp_same_message("d", 11);
}
END_TEST

/* FILT-13, FILT-14, FILT-16: scale-offset with and without fill values, full range, and
 * nothing but fill */
START_TEST(scale_offset)
{
    const int target = _i % 3, kind = _i / 3 % 3, data = _i / 9;
    const int fill = kind == 2 ? 5 : 0;
    const uint64_t chunk = 50;
    hi5_file *const f = wp_create(target, NULL);
    hi5_dataset *const d = wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(100),
                                      WP_OPTIONS(.chunk = &chunk, .scaleoffset = true,
                                                 .fill = kind != 0 ? &fill : NULL));
    int values[100];
    hid_t h;

    for (int i = 0; i < 100; i++)
        values[i] = data == 0    ? 1000 + i % 13
                    : data == 1  ? (i % 2 != 0 ? 2147483647 : -2147483647 - 1)
                    : data == 2  ? 5
                    : i % 3 == 0 ? 5
                                 : 100000 + i;
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 100, values);
    wp_end(h);
}
END_TEST

/* FILT-15, FILT-17: floats are rounded as libhdf5 rounds them, in either byte order */
START_TEST(rounding)
{
    static const double values[] = {0.49999999999999994,
                                    0.5,
                                    1.5,
                                    2.5,
                                    -0.5,
                                    -1.5,
                                    -2.5,
                                    -0.49999999999999994,
                                    3.25,
                                    1e3,
                                    7.0000001,
                                    -3.75,
                                    0.0,
                                    12.345,
                                    99.995,
                                    -7.125};
    const uint64_t n = 16;
    const hsize_t dims = 16;
    const hi5_type_info info = {.cls = HI5_FLOAT,
                                .size = 8,
                                .order = HI5_BE,
                                .precision = 64,
                                .sign_pos = 63,
                                .exp_pos = 52,
                                .exp_size = 11,
                                .man_size = 52,
                                .exp_bias = 1023,
                                .norm = HI5_NORM_IMPLIED};
    const bool big = _i % 2 != 0;
    const int digits = _i / 2;
    hi5_file *const f = wp_create(WP_V18, NULL);
    const hid_t h = wp_foreign(WP_V18, wp_other()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t s = H5Screate_simple(1, &dims, NULL);
    double mine[16], its[16];
    hi5_type *be;
    hi5_dataset *d;
    hid_t x, q;

    ck_ok(hi5_type_number(&info, &be, &wp_err), &wp_err);
    d = wp_dataset(f, "d", big ? be : HI5_F64, 1, &n,
                   WP_OPTIONS(.chunk = &n, .scaleoffset = true, .scale = digits));
    ck_ok(hi5_dataset_write(d, NULL, HI5_F64, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_type_free(be);
    H5Pset_chunk(p, 1, &dims);
    H5Pset_scaleoffset(p, H5Z_SO_FLOAT_DSCALE, digits);
    x = H5Dcreate2(h, "d", big ? H5T_IEEE_F64BE : H5T_IEEE_F64LE, s, H5P_DEFAULT, p,
                   H5P_DEFAULT);
    ck_assert(H5Dwrite(x, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >=
              0);
    H5Dclose(x);
    H5Sclose(s);
    H5Pclose(p);
    H5Fflush(h, H5F_SCOPE_GLOBAL);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dread(x, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, its) >= 0);
    H5Dclose(x);
    wp_end(h);
    q = wp_read(f);
    x = H5Dopen2(q, "d", H5P_DEFAULT);
    ck_assert(H5Dread(x, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, mine) >= 0);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(mine[i] == its[i], "%.17g became %.17g, in libhdf5 %.17g",
                      values[i], mine[i], its[i]);
    H5Dclose(x);
    wp_end(q);
    wp_same_message("d", 11);
}
END_TEST

/* FILT-18: bits that are not all of a number, in a compound, too */
START_TEST(nbit)
{
    const hi5_type_info info = {
        .cls = HI5_INTEGER, .size = 4, .is_signed = true, .precision = 20, .offset = 3};
    const uint64_t n = 40;
    hi5_file *const f = wp_create(_i, NULL);
    hi5_type *bits, *both;
    int values[40];
    struct {
        int a;
        double b;
    } pairs[40], got[40];
    hi5_dataset *d;
    hid_t h, x, t;

    for (int i = 0; i < 40; i++) {
        values[i] = (i - 20) * 100;
        pairs[i].a = values[i];
        pairs[i].b = i / 8.0;
    }
    ck_ok(hi5_type_number(&info, &bits, &wp_err), &wp_err);
    d = wp_dataset(f, "d", bits, 1, &n, WP_OPTIONS(.chunk = &n, .nbit = true));
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    ck_ok(hi5_type_compound(sizeof pairs[0],
                            (const hi5_member[]){{"a", 0, bits}, {"b", 8, HI5_F64}}, 2,
                            &both, &wp_err),
          &wp_err);
    d = wp_dataset(f, "e", both, 1, &n, WP_OPTIONS(.chunk = &n, .nbit = true));
    hi5_type_free(both);
    ck_ok(hi5_type_compound(sizeof pairs[0],
                            (const hi5_member[]){{"a", 0, HI5_I32}, {"b", 8, HI5_F64}},
                            2, &both, &wp_err),
          &wp_err);
    ck_ok(hi5_dataset_write(d, NULL, both, pairs, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_type_free(both);
    hi5_type_free(bits);
    h = wp_read(f);
    wp_ints(h, "d", 40, values);
    t = H5Tcreate(H5T_COMPOUND, sizeof pairs[0]);
    H5Tinsert(t, "a", 0, H5T_NATIVE_INT);
    H5Tinsert(t, "b", 8, H5T_NATIVE_DOUBLE);
    x = H5Dopen2(h, "e", H5P_DEFAULT);
    ck_assert(H5Dread(x, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    for (int i = 0; i < 40; i++)
        ck_assert(got[i].a == pairs[i].a && got[i].b == pairs[i].b);
    H5Dclose(x);
    H5Tclose(t);
    wp_end(h);
}
END_TEST

Suite *suite_fill(void);

Suite *
suite_fill(void)
{
    Suite *const s = suite_create("writepit fill");
    TCase *const c = tcase_create("fill"), *const e = tcase_create("filt");

    WP_EACH(c, rest_of_a_chunk);
    tcase_add_loop_test(c, all_settings, 0, 162);
    WP_EACH(c, other_orders);
    WP_EACH(c, strings);
    WP_EACH(c, a_terabyte);
    WP_EACH(c, too_large);
    wp_case(s, c);
    tcase_add_loop_test(e, masks, 0, 4);
    tcase_add_loop_test(e, sums, 0, 24);
    WP_EACH(e, incompressible);
    WP_EACH(e, options);
    tcase_add_loop_test(e, orders, 0, 18);
    tcase_add_loop_test(e, scale_offset, 0, 36);
    tcase_add_loop_test(e, rounding, 0, 8);
    WP_EACH(e, nbit);
    wp_case(s, e);
    return s;
}
