/*
 * read_objects.c - many small objects: open, list, walk
 */
#include "bench.h"
#include <stdio.h>
#include <string.h>

enum { SMALL_BYTES = 16 * 4 + 8 + 8 + 3 * 4 }; /* a dataset and its attributes */

/* ---- small datasets with attributes ---- */

static bool
small_prepare(struct job *j)
{
    j->n = scaled(20000);
    j->size = (size_t)j->n * SMALL_BYTES;
    return true;
}

static void
small_attribute(hi5_dataset *d, const char *name, const hi5_type *t, uint8_t *to)
{
    hi5_attribute *a;
    hi5_error err;

    ours(hi5_attribute_open(hi5_dataset_object(d), name, &a, &err), &err);
    ours(hi5_attribute_read(a, t, to, &err), &err);
    hi5_attribute_close(a);
}

static void
small_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_type *text;
    hi5_error err;

    ours(hi5_type_string(8, HI5_NULL_TERMINATED, HI5_ASCII, &text, &err), &err);
    for (uint64_t i = 0; i < j->n; i++) {
        uint8_t *to = j->buf + i * SMALL_BYTES;
        hi5_dataset *d;
        char path[32];
        snprintf(path, sizeof path, "/d/%06d", (int)i);
        d = ours_dataset(f, path);
        ours(hi5_dataset_read(d, NULL, HI5_I32, to, &err), &err);
        small_attribute(d, "scale", HI5_F64, to + 64);
        small_attribute(d, "units", text, to + 72);
        small_attribute(d, "origin", HI5_I32, to + 80);
        hi5_dataset_close(d);
    }
    hi5_type_free(text);
    ours_close(f);
}

static void
small_attribute_libhdf5(hid_t d, const char *name, hid_t t, uint8_t *to)
{
    const hid_t a = THEIRS(H5Aopen(d, name, H5P_DEFAULT));

    THEIRS(H5Aread(a, t, to));
    H5Aclose(a);
}

static void
small_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j), text = THEIRS(H5Tcopy(H5T_C_S1));

    THEIRS(H5Tset_size(text, 8));
    for (uint64_t i = 0; i < j->n; i++) {
        uint8_t *to = j->buf + i * SMALL_BYTES;
        char path[32];
        hid_t d;
        snprintf(path, sizeof path, "/d/%06d", (int)i);
        d = THEIRS(H5Dopen2(f, path, H5P_DEFAULT));
        THEIRS(H5Dread(d, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, to));
        small_attribute_libhdf5(d, "scale", H5T_NATIVE_DOUBLE, to + 64);
        small_attribute_libhdf5(d, "units", text, to + 72);
        small_attribute_libhdf5(d, "origin", H5T_NATIVE_INT32, to + 80);
        H5Dclose(d);
    }
    H5Tclose(text);
    H5Fclose(f);
}

/* ---- groups by name, in an order that is nobody's ---- */

static bool
groups_prepare(struct job *j)
{
    j->n = scaled(100000);
    return true;
}

static const char *
group_path(const struct job *j, uint64_t i, char *path, size_t n)
{
    snprintf(path, n, "/g/%06d", (int)(i * 7919 % j->n)); /* a prime: each one once */
    return path;
}

static void
groups_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_error err;
    char path[32];

    for (uint64_t i = 0; i < j->n; i++) {
        hi5_group *g;
        ours(hi5_group_open(f, group_path(j, i, path, sizeof path), &g, &err), &err);
        if (j->verify) {
            hi5_object_info info;
            ours(hi5_object_get_info(hi5_group_object(g), &info, &err), &err);
            j->digest = digest_bytes(j->digest, &info.address, sizeof info.address);
        }
        hi5_group_close(g);
    }
    ours_close(f);
}

static void
groups_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j);
    char path[32];

    for (uint64_t i = 0; i < j->n; i++) {
        const hid_t g = THEIRS(H5Gopen2(f, group_path(j, i, path, sizeof path),
                                        H5P_DEFAULT));
        if (j->verify) {
            H5O_info_t info;
            uint64_t address;
            THEIRS(H5Oget_info2(g, &info, H5O_INFO_BASIC));
            address = info.addr;
            j->digest = digest_bytes(j->digest, &address, sizeof address);
        }
        H5Gclose(g);
    }
    H5Fclose(f);
}

/* ---- a walk over everything: kind, address and reference count of each object ---- */

static bool
walk_prepare(struct job *j)
{
    (void)j;
    return true;
}

/* The order of visits is free, so the sum counts. */
static void
visited(struct job *j, unsigned kind, uint64_t address, unsigned references)
{
    const uint64_t v[3] = {kind, address, references};

    j->digest += digest_bytes(0, v, sizeof v);
}

struct walk {
    struct job *j;
    hi5_file *f;
};

static hi5_status
walk_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct walk *w = ctx;
    hi5_object *o;
    hi5_object_info info;
    hi5_group *g;
    hi5_status s = hi5_object_open_address(w->f, link->address, &o, err);

    if (s != HI5_OK)
        return s;
    s = hi5_object_get_info(o, &info, err);
    if (s == HI5_OK)
        visited(w->j, info.kind, info.address, info.reference_count);
    if (s == HI5_OK && info.kind == HI5_KIND_GROUP) {
        s = hi5_object_group(o, &g, err);
        if (s == HI5_OK) {
            s = hi5_group_each(g, HI5_NATIVE, false, walk_link, w, err);
            hi5_group_close(g);
        }
    }
    hi5_object_close(o);
    return s;
}

static void
walk_hi5(struct job *j)
{
    struct walk w = {j, ours_open(j)};
    hi5_group *root;
    hi5_error err;

    j->digest = 0;
    ours(hi5_group_open(w.f, "/", &root, &err), &err);
    ours(hi5_group_each(root, HI5_NATIVE, false, walk_link, &w, &err), &err);
    hi5_group_close(root);
    ours_close(w.f);
}

static herr_t
walk_object(hid_t o, const char *name, const H5O_info_t *info, void *ctx)
{
    const unsigned kind = info->type == H5O_TYPE_GROUP     ? HI5_KIND_GROUP
                          : info->type == H5O_TYPE_DATASET ? HI5_KIND_DATASET
                                                           : HI5_KIND_DATATYPE;

    (void)o;
    if (strcmp(name, ".") != 0)
        visited(ctx, kind, info->addr, info->rc);
    return 0;
}

static void
walk_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j);

    j->digest = 0;
    THEIRS(H5Ovisit2(f, H5_INDEX_NAME, H5_ITER_NATIVE, walk_object, j, H5O_INFO_BASIC));
    H5Fclose(f);
}

/* ---- only open and close ---- */

static void
open_hi5(struct job *j)
{
    ours_close(ours_open(j));
}

static void
open_libhdf5(struct job *j)
{
    H5Fclose(theirs_open(j));
}

const struct workload bench_objects[] = {
    {"open and read 20k datasets, 3 attributes each", "read", DATA_SMALL, NULL, 0,
     small_prepare, small_hi5, small_libhdf5, limit_file, false},
    {"100k groups by name, symbol table", "read", DATA_GROUPS, NULL, 0, groups_prepare,
     groups_hi5, groups_libhdf5, limit_file, false},
    {"100k groups by name, dense links", "read", DATA_DENSE, NULL, 0, groups_prepare,
     groups_hi5, groups_libhdf5, limit_file, false},
    {"recursive walk of 100k objects", "read", DATA_TREE, NULL, 0, walk_prepare,
     walk_hi5, walk_libhdf5, limit_file, false},
    {"open a file of 100k objects", "read", DATA_TREE, NULL, 0, walk_prepare, open_hi5,
     open_libhdf5, limit_open, false},
    {0},
};
