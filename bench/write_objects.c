/*
 * write_objects.c - many groups, many small datasets with attributes
 */
#include "bench.h"
#include <stdio.h>
#include <string.h>

/* What a small dataset holds, itself and in its attributes. */
struct small {
    int32_t value[16], origin[3];
    char units[8];
    double scale;
};

static struct small
small_of(uint64_t i)
{
    const int32_t k = (int32_t)i;
    struct small s;

    memset(&s, 0, sizeof s);
    s.value[0] = k;
    s.value[1] = k + 1;
    s.value[2] = k + 2;
    s.origin[0] = k;
    s.origin[1] = -k;
    s.origin[2] = 7;
    memcpy(s.units, "m/s", 3);
    s.scale = (double)k / 8;
    return s;
}

static void
name_of(char name[16], uint64_t i)
{
    snprintf(name, 16, "%06u", (unsigned)i);
}

/* ---- groups ---- */

static bool
groups_prepare(struct job *j)
{
    j->n = scaled(100000);
    j->size = 1;
    return true;
}

static herr_t
group_back(hid_t g, const char *name, const H5L_info_t *info, void *ctx)
{
    struct job *j = ctx;
    H5O_info_t o;

    (void)info;
    THEIRS(H5Oget_info_by_name1(g, name, &o, H5P_DEFAULT));
    j->digest = digest_bytes(j->digest + (uint64_t)o.type, name, strlen(name));
    return 0;
}

static void
groups_back(struct job *j)
{
    const hid_t f = theirs_written(j), g = THEIRS(H5Gopen2(f, "g", H5P_DEFAULT));

    THEIRS(H5Literate(g, H5_INDEX_NAME, H5_ITER_INC, NULL, group_back, j));
    H5Gclose(g);
    H5Fclose(f);
}

static void
groups_hi5(struct job *j)
{
    hi5_file *f = ours_create(j);
    hi5_group *g;
    hi5_error err;
    char name[16];

    ours(hi5_group_create(f, "g", NULL, &g, &err), &err);
    for (uint64_t i = 0; i < j->n; i++) {
        name_of(name, i);
        ours(hi5_group_create_at(g, name, NULL, NULL, &err), &err);
    }
    hi5_group_close(g);
    ours_close(f);
    if (j->verify)
        groups_back(j);
}

static void
groups_libhdf5(struct job *j)
{
    const hid_t f = theirs_create(j);
    const hid_t g = THEIRS(H5Gcreate2(f, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    char name[16];

    for (uint64_t i = 0; i < j->n; i++) {
        name_of(name, i);
        H5Gclose(THEIRS(H5Gcreate2(g, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
    }
    H5Gclose(g);
    H5Fclose(f);
    if (j->verify)
        groups_back(j);
}

/* ---- small datasets ---- */

static bool
small_prepare(struct job *j)
{
    j->n = scaled(20000);
    j->size = (size_t)j->n * sizeof(struct small);
    return true;
}

static void
attribute_back(hid_t d, const char *name, hid_t type, void *to)
{
    const hid_t a = THEIRS(H5Aopen(d, name, H5P_DEFAULT));

    THEIRS(H5Aread(a, type, to));
    H5Aclose(a);
}

static void
small_back(struct job *j)
{
    const hid_t f = theirs_written(j), text = THEIRS(H5Tcopy(H5T_C_S1));
    struct small s;
    char path[32] = "d/";

    THEIRS(H5Tset_size(text, 8));
    for (uint64_t i = 0; i < j->n; i++) {
        hid_t d;
        name_of(path + 2, i);
        memset(&s, 0, sizeof s);
        d = THEIRS(H5Dopen2(f, path, H5P_DEFAULT));
        THEIRS(H5Dread(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, s.value));
        attribute_back(d, "scale", H5T_NATIVE_DOUBLE, &s.scale);
        attribute_back(d, "units", text, s.units);
        attribute_back(d, "origin", H5T_NATIVE_INT, s.origin);
        H5Dclose(d);
        memcpy(j->buf + i * sizeof s, &s, sizeof s);
    }
    H5Tclose(text);
    H5Fclose(f);
}

static void
small_hi5(struct job *j)
{
    const hi5_shape sixteen = {.kind = HI5_SIMPLE, .rank = 1, .dims = {16}, .max = {16}};
    const hi5_shape three = {.kind = HI5_SIMPLE, .rank = 1, .dims = {3}, .max = {3}};
    hi5_file *f = ours_create(j);
    hi5_type *text;
    hi5_group *g;
    hi5_error err;
    char name[16];

    ours(hi5_type_string(8, HI5_NULL_TERMINATED, HI5_ASCII, &text, &err), &err);
    ours(hi5_group_create(f, "d", NULL, &g, &err), &err);
    for (uint64_t i = 0; i < j->n; i++) {
        const struct small s = small_of(i);
        hi5_dataset *d;
        hi5_object *o;
        name_of(name, i);
        ours(hi5_dataset_create_at(g, name, HI5_I32, &sixteen, NULL, &d, &err), &err);
        ours(hi5_dataset_write(d, NULL, HI5_I32, s.value, &err), &err);
        o = hi5_dataset_object(d);
        ours(hi5_attribute_write(o, "scale", HI5_F64, NULL, HI5_F64, &s.scale, &err),
             &err);
        ours(hi5_attribute_write(o, "units", text, NULL, text, s.units, &err), &err);
        ours(hi5_attribute_write(o, "origin", HI5_I32, &three, HI5_I32, s.origin, &err),
             &err);
        hi5_dataset_close(d);
    }
    hi5_group_close(g);
    hi5_type_free(text);
    ours_close(f);
    if (j->verify)
        small_back(j);
}

static void
theirs_attribute(hid_t d, const char *name, hid_t type, hid_t space, const void *value)
{
    const hid_t a = THEIRS(H5Acreate2(d, name, type, space, H5P_DEFAULT, H5P_DEFAULT));

    THEIRS(H5Awrite(a, type, value));
    H5Aclose(a);
}

static void
small_libhdf5(struct job *j)
{
    const hsize_t sixteen = 16, three = 3;
    const hid_t f = theirs_create(j);
    const hid_t g = THEIRS(H5Gcreate2(f, "d", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Screate_simple(1, &sixteen, NULL));
    const hid_t vector = THEIRS(H5Screate_simple(1, &three, NULL));
    const hid_t scalar = THEIRS(H5Screate(H5S_SCALAR)), text = THEIRS(H5Tcopy(H5T_C_S1));
    char name[16];

    THEIRS(H5Tset_size(text, 8));
    for (uint64_t i = 0; i < j->n; i++) {
        const struct small s = small_of(i);
        hid_t d;
        name_of(name, i);
        d = THEIRS(H5Dcreate2(g, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT,
                              H5P_DEFAULT));
        THEIRS(H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, s.value));
        theirs_attribute(d, "scale", H5T_NATIVE_DOUBLE, scalar, &s.scale);
        theirs_attribute(d, "units", text, scalar, s.units);
        theirs_attribute(d, "origin", H5T_NATIVE_INT, vector, s.origin);
        H5Dclose(d);
    }
    H5Tclose(text);
    H5Sclose(scalar);
    H5Sclose(vector);
    H5Sclose(space);
    H5Gclose(g);
    H5Fclose(f);
    if (j->verify)
        small_back(j);
}

const struct workload bench_write_objects[] = {
    {"create 100k groups", "write", DATA_GROUPS, NULL, 0, groups_prepare, groups_hi5,
     groups_libhdf5, limit_rewrite, false},
    {"create 20k datasets with 3 attributes", "write", DATA_SMALL, NULL, 0, small_prepare,
     small_hi5, small_libhdf5, limit_rewrite, false},
    {0},
};
