/*
 * edits.c - changes in files that are there: each run has a fresh copy
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hi5_file *
ours_again(const struct job *j)
{
    const hi5_open_options o = {.size = sizeof o, .write = true, .allocator = j->allocator,
                                .threads = j->threads};
    hi5_error err;
    hi5_file *f;

    ours(hi5_open(written_path(j), &o, &f, &err), &err);
    return f;
}

static hid_t
theirs_again(const struct job *j)
{
    return THEIRS(H5Fopen(written_path(j), H5F_ACC_RDWR, H5P_DEFAULT));
}

/* ---- every other link goes ---- */

static bool
links_prepare(struct job *j)
{
    j->n = scaled(100000);
    j->size = 1;
    return true;
}

static herr_t
link_left(hid_t g, const char *name, const H5L_info_t *info, void *ctx)
{
    struct job *const j = ctx;

    (void)g;
    (void)info;
    j->digest = digest_bytes(j->digest, name, strlen(name));
    return 0;
}

static void
links_back(struct job *j)
{
    const hid_t f = theirs_written(j), g = THEIRS(H5Gopen2(f, "g", H5P_DEFAULT));

    THEIRS(H5Literate(g, H5_INDEX_NAME, H5_ITER_INC, NULL, link_left, j));
    H5Gclose(g);
    H5Fclose(f);
}

static void
links_hi5(struct job *j)
{
    hi5_file *const f = ours_again(j);
    hi5_error err;
    char path[32];

    for (uint64_t i = 0; i < j->n; i += 2) {
        snprintf(path, sizeof path, "/g/%06u", (unsigned)i);
        ours(hi5_link_delete(f, path, &err), &err);
    }
    ours_close(f);
    if (j->verify)
        links_back(j);
}

static void
links_libhdf5(struct job *j)
{
    const hid_t f = theirs_again(j);
    char path[32];

    for (uint64_t i = 0; i < j->n; i += 2) {
        snprintf(path, sizeof path, "/g/%06u", (unsigned)i);
        THEIRS(H5Ldelete(f, path, H5P_DEFAULT));
    }
    H5Fclose(f);
    if (j->verify)
        links_back(j);
}

/* ---- scattered elements of compressed chunks ---- */

static bool
scatter_prepare(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t s = H5Dget_space(d);
    hsize_t dims[2];
    uint64_t state = 7;

    H5Sget_simple_extent_dims(s, dims, NULL);
    H5Sclose(s);
    H5Dclose(d);
    H5Fclose(f);
    j->n = scaled(100000);
    j->points = need((size_t)j->n * 2 * sizeof *j->points);
    for (uint64_t i = 0; i < j->n; i++) {
        j->points[2 * i] = next_random(&state) % dims[0];
        j->points[2 * i + 1] = next_random(&state) % dims[1];
    }
    j->dims[0] = dims[0];
    j->dims[1] = dims[1];
    j->size = (size_t)(dims[0] * dims[1]) * 4;
    return true;
}

/* One value for all, since a point may come twice. */
static float *
scatter_values(const struct job *j)
{
    float *const v = need((size_t)j->n * sizeof *v);

    for (uint64_t i = 0; i < j->n; i++)
        v[i] = 0.25f;
    return v;
}

static void
scatter_back(struct job *j)
{
    const hid_t f = theirs_written(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));

    THEIRS(H5Dread(d, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->buf));
    H5Dclose(d);
    H5Fclose(f);
}

static void
scatter_hi5(struct job *j)
{
    hi5_file *const f = ours_again(j);
    hi5_dataset *const d = ours_dataset(f, j->w->dataset);
    float *const v = scatter_values(j);
    hi5_error err;

    ours(hi5_dataset_write_points(d, (size_t)j->n, j->points, HI5_F32, v, &err), &err);
    hi5_dataset_close(d);
    ours_close(f);
    free(v);
    if (j->verify)
        scatter_back(j);
}

static void
scatter_libhdf5(struct job *j)
{
    const hsize_t n = j->n;
    const hid_t f = theirs_again(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t s = THEIRS(H5Dget_space(d)), m = THEIRS(H5Screate_simple(1, &n, NULL));
    float *const v = scatter_values(j);

    THEIRS(H5Sselect_elements(s, H5S_SELECT_SET, (size_t)n, (const hsize_t *)j->points));
    THEIRS(H5Dwrite(d, H5T_NATIVE_FLOAT, m, s, H5P_DEFAULT, v));
    H5Sclose(m);
    H5Sclose(s);
    H5Dclose(d);
    H5Fclose(f);
    free(v);
    if (j->verify)
        scatter_back(j);
}

/* ---- attributes get other values ---- */

static bool
attributes_prepare(struct job *j)
{
    j->n = scaled(10000);
    j->size = (size_t)j->n * sizeof(double);
    return true;
}

static void
attributes_back(struct job *j)
{
    const hid_t f = theirs_written(j);
    char path[32];

    for (uint64_t i = 0; i < j->n; i++) {
        hid_t a;
        snprintf(path, sizeof path, "/d/%06u", (unsigned)i);
        a = THEIRS(H5Aopen_by_name(f, path, "scale", H5P_DEFAULT, H5P_DEFAULT));
        THEIRS(H5Aread(a, H5T_NATIVE_DOUBLE, j->buf + i * sizeof(double)));
        H5Aclose(a);
    }
    H5Fclose(f);
}

static void
attributes_hi5(struct job *j)
{
    hi5_file *const f = ours_again(j);
    hi5_error err;
    char path[32];

    for (uint64_t i = 0; i < j->n; i++) {
        const double value = (double)i + 0.5;
        hi5_attribute *a;
        hi5_object *o;

        snprintf(path, sizeof path, "/d/%06u", (unsigned)i);
        ours(hi5_object_open(f, path, &o, &err), &err);
        ours(hi5_attribute_open(o, "scale", &a, &err), &err);
        ours(hi5_attribute_modify(a, HI5_F64, &value, &err), &err);
        hi5_attribute_close(a);
        hi5_object_close(o);
    }
    ours_close(f);
    if (j->verify)
        attributes_back(j);
}

static void
attributes_libhdf5(struct job *j)
{
    const hid_t f = theirs_again(j);
    char path[32];

    for (uint64_t i = 0; i < j->n; i++) {
        const double value = (double)i + 0.5;
        hid_t a, d;

        snprintf(path, sizeof path, "/d/%06u", (unsigned)i);
        d = THEIRS(H5Dopen2(f, path, H5P_DEFAULT));
        a = THEIRS(H5Aopen(d, "scale", H5P_DEFAULT));
        THEIRS(H5Awrite(a, H5T_NATIVE_DOUBLE, &value));
        H5Aclose(a);
        H5Dclose(d);
    }
    H5Fclose(f);
    if (j->verify)
        attributes_back(j);
}

/* ---- a file anew: gzip becomes shuffle and gzip ---- */

static bool
repack_prepare(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, "3", H5P_DEFAULT));
    const hid_t s = H5Dget_space(d);

    j->size = (size_t)H5Sget_simple_extent_npoints(s) * 4;
    H5Sclose(s);
    H5Dclose(d);
    H5Fclose(f);
    return system("command -v h5repack >/dev/null") == 0;
}

static void
repack_back(struct job *j)
{
    const hid_t f = theirs_written(j), d = THEIRS(H5Dopen2(f, "3", H5P_DEFAULT));
    const hid_t p = THEIRS(H5Dget_create_plist(d));

    j->digest = (uint64_t)H5Pget_nfilters(p);
    THEIRS(H5Dread(d, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->buf));
    H5Pclose(p);
    H5Dclose(d);
    H5Fclose(f);
}

static void
repack_hi5(struct job *j)
{
    static const uint32_t level = 4;
    const hi5_filter filters[2] = {{.id = 2}, {.id = 1, .values = &level, .nvalues = 1}};
    const hi5_repack_rule rule = {.size = sizeof rule, .new_filters = true,
                                  .filters = filters, .nfilters = 2};
    const hi5_open_options open = {.size = sizeof open, .allocator = j->allocator,
                                   .threads = j->threads};
    const hi5_create_options create = {.size = sizeof create, .open = &open};
    const hi5_repack_options o = {.size = sizeof o, .open = &open, .create = &create,
                                  .rules = &rule, .nrules = 1};
    hi5_error err;

    ours(hi5_repack(j->path, written_path(j), &o, NULL, &err), &err);
    if (j->verify)
        repack_back(j);
}

static void
repack_libhdf5(struct job *j)
{
    char command[2400];

    remove(written_path(j));
    snprintf(command, sizeof command, "h5repack -f SHUF -f GZIP=4 '%s' '%s'", j->path,
             written_path(j));
    if (system(command) != 0)
        die("%s", command);
    if (j->verify)
        repack_back(j);
}

/* ---- a tree of 100 k objects ---- */

static bool
tree_prepare(struct job *j)
{
    j->size = 1;
    return true;
}

static herr_t
tree_one(hid_t g, const char *name, const H5O_info_t *info, void *ctx)
{
    struct job *const j = ctx;

    (void)g;
    j->digest = digest_bytes(j->digest + (uint64_t)info->type, name, strlen(name));
    return 0;
}

static void
tree_back(struct job *j)
{
    const hid_t f = theirs_written(j);

    THEIRS(H5Ovisit2(f, H5_INDEX_NAME, H5_ITER_INC, tree_one, j, H5O_INFO_BASIC));
    H5Fclose(f);
}

static void
tree_hi5(struct job *j)
{
    hi5_file *const from = ours_open(j), *const to = ours_create(j);
    hi5_object *o;
    hi5_error err;

    ours(hi5_object_open(from, "/", &o, &err), &err);
    ours(hi5_copy(o, to, "/copy", NULL, &err), &err);
    hi5_object_close(o);
    ours_close(to);
    ours_close(from);
    if (j->verify)
        tree_back(j);
}

static void
tree_libhdf5(struct job *j)
{
    const hid_t from = theirs_open(j), to = theirs_create(j);

    THEIRS(H5Ocopy(from, "/", to, "copy", H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(to);
    H5Fclose(from);
    if (j->verify)
        tree_back(j);
}

const struct workload bench_edits[] = {
    {"delete 50k of 100k links", "edit", DATA_DENSE, NULL, true, links_prepare, links_hi5,
     links_libhdf5, limit_file, false},
    {"overwrite 100k scattered elements, gzip", "edit", DATA_FILTERS, "gzip", true,
     scatter_prepare, scatter_hi5, scatter_libhdf5, limit_file, false},
    {"rewrite 10k attributes", "edit", DATA_SMALL, NULL, true, attributes_prepare,
     attributes_hi5, attributes_libhdf5, limit_file, false},
    {"repack, gzip to shuffle and gzip", "edit", DATA_REPACK, NULL, false, repack_prepare,
     repack_hi5, repack_libhdf5, limit_file, true},
    {"copy a tree of 100k objects", "edit", DATA_TREE, NULL, false, tree_prepare, tree_hi5,
     tree_libhdf5, limit_file, false},
    {0},
};
