/*
 * edit.c - a file that hi5 and libhdf5 change by turns
 *
 *      edit make FILE COMPAT    write it; COMPAT: a number, see hi5_compat
 *      edit more FILE           change it again, after libhdf5 did
 *
 * It has what is hard to change: large groups, many attributes, and chunked datasets of
 * every kind of index, with and without filters. edit.py does libhdf5's part.
 */
#include <hi5.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 60

/* Which index a dataset gets follows from its shape. */
static const struct {
    const char *name;
    uint64_t dims[2], max[2], chunk[2];
    bool early;
} shapes[] = {
    {"single", {6, 8}, {6, 8}, {6, 8}, false},
    {"implicit", {20, 20}, {20, 40}, {4, 8}, true},
    {"fixed", {20, 20}, {20, 40}, {4, 8}, false},
    {"fixed_paged", {120, 120}, {240, 120}, {2, 3}, false},
    {"extensible", {20, 20}, {HI5_UNLIMITED, 20}, {2, 8}, false},
    {"btree2", {20, 20}, {HI5_UNLIMITED, HI5_UNLIMITED}, {4, 8}, false},
    {"btree2_deep", {120, 60}, {HI5_UNLIMITED, HI5_UNLIMITED}, {2, 3}, false},
};
#define NSHAPES (sizeof(shapes) / sizeof(*shapes))
#define NFILTERS 3

static int
die(const hi5_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

/* A number for each element, which edit.py knows as well. */
static int
fill(hi5_dataset *d, int salt, hi5_error *err)
{
    const hi5_shape *s = hi5_dataset_shape(d);
    const size_t n = (size_t)hi5_shape_count(s);
    int32_t *values = malloc(n * sizeof(*values));
    int failed = values == NULL;

    for (size_t i = 0; !failed && i < n; i++)
        values[i] = (int32_t)(i * 3) + salt;
    failed = failed || hi5_dataset_write(d, NULL, HI5_I32, values, err);
    free(values);
    return failed;
}

static int
make_array(hi5_file *f, size_t i, unsigned filter, hi5_error *err)
{
    const int32_t minus = -7;
    hi5_dataset_options o = {.size = sizeof(o), .fill = &minus, .fill_type = HI5_I32};
    hi5_dataset *d = NULL;
    char path[64];
    int failed;

    o.max = shapes[i].max;
    o.chunk = shapes[i].chunk;
    o.alloc_time = shapes[i].early ? HI5_ALLOC_EARLY : HI5_ALLOC_DEFAULT;
    o.deflate = filter == 1 ? 4 : 0;
    o.shuffle = filter == 1;
    o.fletcher32 = filter == 2;
    snprintf(path, sizeof(path), "/arrays/%s_%u", shapes[i].name, filter);
    failed = hi5_dataset_create(f, path, HI5_I32, 2, shapes[i].dims, &o, &d, err) ||
             fill(d, (int)filter, err);
    hi5_dataset_close(d);
    return failed;
}

/* Links from `first` on: one in three is hard, soft, or a group. */
static int
make_links(hi5_file *f, const char *group, int first, int n, hi5_error *err)
{
    int failed = 0;

    for (int i = first; !failed && i < first + n; i++) {
        char path[80];

        snprintf(path, sizeof(path), "%s/link_number_%03d", group, i);
        failed = (i % 3 == 0   ? hi5_link_hard(f, path, "/arrays/single_0", err)
                  : i % 3 == 1 ? hi5_link_soft(f, path, "/arrays/fixed_1", err)
                               : hi5_group_create(f, path, NULL, NULL, err)) != HI5_OK;
    }
    return failed;
}

static int
make_attributes(hi5_object *o, int first, int n, hi5_error *err)
{
    int failed = 0;

    for (int i = first; !failed && i < first + n; i++) {
        const hi5_shape shape = {HI5_SIMPLE, 1, {2}, {2}};
        const int32_t value[] = {i, -i * i};
        char name[32];

        snprintf(name, sizeof(name), "attribute_%03d", i);
        failed = hi5_attribute_write(o, name, HI5_I32, &shape, HI5_I32, value, err) !=
                 HI5_OK;
    }
    return failed;
}

/* A group of many links; its attributes are many, too. */
static int
make_group(hi5_file *f, const char *path, int n, bool ordered, hi5_error *err)
{
    hi5_group_options o = {.size = sizeof(o),
                           .track_order = ordered,
                           .index_order = ordered,
                           .track_attribute_order = ordered,
                           .index_attribute_order = ordered};
    hi5_group *g = NULL;
    int failed = hi5_group_create(f, path, &o, &g, err) ||
                 make_links(f, path, 0, n, err) ||
                 make_attributes(hi5_group_object(g), 0, n, err);

    hi5_group_close(g);
    return failed;
}

static int
make(hi5_file *f, hi5_compat compat, hi5_error *err)
{
    const bool ordered = compat != HI5_COMPAT_EARLIEST;
    int failed = 0;

    for (size_t i = 0; !failed && i < NSHAPES; i++)
        for (unsigned filter = 0; !failed && filter < NFILTERS; filter++)
            if (!shapes[i].early || filter == 0)
                failed = make_array(f, i, filter, err);
    return failed || make_group(f, "/many", MANY, false, err) ||
           make_group(f, "/few", 5, false, err) ||
           make_group(f, "/ordered", MANY, ordered, err);
}

/* What libhdf5 has changed grows and changes once more. */
static int
more_array(hi5_file *f, const char *name, uint64_t rows, int salt, hi5_error *err)
{
    hi5_dataset *d = NULL;
    uint64_t dims[2];
    char path[64];
    int failed;

    snprintf(path, sizeof(path), "/arrays/%s", name);
    if (hi5_dataset_open(f, path, &d, err))
        return 1;
    dims[0] = rows;
    dims[1] = hi5_dataset_shape(d)->dims[1];
    failed = hi5_dataset_resize(d, dims, err) || fill(d, salt, err);
    hi5_dataset_close(d);
    return failed;
}

static int
more_group(hi5_file *f, const char *path, hi5_error *err)
{
    hi5_object *o = NULL;
    int failed;

    if (hi5_object_open(f, path, &o, err))
        return 1;
    failed = make_links(f, path, 200, MANY, err) ||
             make_attributes(o, 200, MANY, err) || make_attributes(o, 40, 10, err) ||
             hi5_attribute_delete(o, "attribute_201", err) ||
             hi5_attribute_rename(o, "attribute_202", "renamed", err);
    hi5_object_close(o);
    return failed;
}

static int
more(hi5_file *f, hi5_error *err)
{
    static const char *const grown[] = {"fixed_paged", "extensible", "btree2",
                                        "btree2_deep"};
    int failed = 0;

    for (size_t i = 0; !failed && i < 4; i++)
        for (unsigned filter = 0; !failed && filter < NFILTERS; filter++) {
            char name[32];

            snprintf(name, sizeof(name), "%s_%u", grown[i], filter);
            failed = more_array(f, name, 150, 1000 + (int)filter, err);
        }
    return failed || more_group(f, "/many", err) || more_group(f, "/few", err) ||
           more_group(f, "/ordered", err);
}

int
main(int argc, char **argv)
{
    const bool makes = argc == 4 && strcmp(argv[1], "make") == 0;
    hi5_open_options open = {.size = sizeof(open), .write = true};
    hi5_create_options create = {.size = sizeof(create), .open = &open};
    hi5_file *f = NULL;
    hi5_error err;

    if (!makes && !(argc == 3 && strcmp(argv[1], "more") == 0))
        return fprintf(stderr, "usage: edit make FILE COMPAT | edit more FILE\n"), 2;
    if (makes)
        open.compat = (hi5_compat)atoi(argv[3]);
    if (makes ? hi5_create(argv[2], &create, &f, &err)
              : hi5_open(argv[2], &open, &f, &err))
        return die(&err);
    if (makes ? make(f, open.compat, &err) : more(f, &err)) {
        hi5_close(f, NULL);
        return die(&err);
    }
    return hi5_close(f, &err) ? die(&err) : 0;
}
