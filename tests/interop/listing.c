/*
 * listing.c - what hi5 reads in a file, in lines; listing.py says the same of libhdf5
 *
 *      listing FILE
 *
 * For each link its path and kind; for datasets of numbers the shape and two sums of the
 * values, the second weighted with the position; for attributes the same. Links are in the
 * order of their names, and objects told once for each path that leads to them.
 */
#include <hi5.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    hi5_file *f;
    char path[512];
    int failed;
};

static void
put_sums(struct listing *l, const hi5_type *type, const hi5_shape *shape,
         hi5_dataset *d, hi5_attribute *a)
{
    const uint64_t n = hi5_shape_count(shape);
    int64_t *values = calloc((size_t)n + 1, sizeof(*values));
    uint64_t sum = 0, weighted = 0;
    hi5_error err;

    for (unsigned i = 0; i < shape->rank; i++)
        printf(" %" PRIu64, shape->dims[i]);
    if (hi5_type_class(type) != HI5_INTEGER) {
        printf(" class %d", (int)hi5_type_class(type));
    } else if (values == NULL ||
               (d != NULL ? hi5_dataset_read(d, NULL, HI5_I64, values, &err)
                          : hi5_attribute_read(a, HI5_I64, values, &err))) {
        printf(" error %s", values == NULL ? "memory" : err.message);
        l->failed = 1;
    } else {
        for (uint64_t i = 0; i < n; i++) {
            sum += (uint64_t)values[i];
            weighted += (uint64_t)values[i] * (i + 1);
        }
        printf(" %" PRId64 " %" PRId64, (int64_t)sum, (int64_t)weighted);
    }
    free(values);
    putchar('\n');
}

static hi5_status
put_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct listing *l = ctx;
    hi5_attribute_info info;

    (void)err;
    if (a == NULL) {
        printf("  error %s\n", bad->message);
        l->failed = 1;
        return HI5_OK;
    }
    hi5_attribute_get_info(a, &info);
    printf("  @%s", info.name);
    put_sums(l, info.type, &info.shape, NULL, a);
    return HI5_OK;
}

static void
put_attributes(struct listing *l, hi5_object *o)
{
    hi5_error err;

    if (hi5_attribute_each(o, HI5_BY_NAME, false, put_attribute, l, &err)) {
        printf("  error %s\n", err.message);
        l->failed = 1;
    }
}

static void put_group(struct listing *l, hi5_object *o);

static hi5_status
put_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct listing *l = ctx;
    const size_t n = strlen(l->path);
    hi5_object *o = NULL;
    hi5_dataset *d = NULL;
    hi5_status s = HI5_OK;

    snprintf(l->path + n, sizeof(l->path) - n, "/%s", link->name);
    if (link->kind == HI5_LINK_SOFT) {
        printf("%s -> %s\n", l->path, link->target);
    } else if (link->kind != HI5_LINK_HARD) {
        printf("%s -> %s %s\n", l->path, link->file, link->target);
    } else if (!(s = hi5_object_open_address(l->f, link->address, &o, err))) {
        printf("%s %s", l->path,
               hi5_object_kind(o) == HI5_KIND_DATASET ? "dataset" : "other");
        if (hi5_object_kind(o) != HI5_KIND_DATASET)
            putchar('\n');
        else if (!(s = hi5_object_dataset(o, &d, err)))
            put_sums(l, hi5_dataset_type(d), hi5_dataset_shape(d), d, NULL);
        put_attributes(l, o);
        if (hi5_object_kind(o) == HI5_KIND_GROUP)
            put_group(l, o);
    }
    hi5_dataset_close(d);
    hi5_object_close(o);
    l->path[n] = '\0';
    return s;
}

static void
put_group(struct listing *l, hi5_object *o)
{
    hi5_group *g = NULL;
    hi5_error err;

    if (hi5_object_group(o, &g, &err) ||
        hi5_group_each(g, HI5_BY_NAME, false, put_link, l, &err)) {
        printf("error %s\n", err.message);
        l->failed = 1;
    }
    hi5_group_close(g);
}

int
main(int argc, char **argv)
{
    struct listing l = {0};
    hi5_object *root = NULL;
    hi5_error err;

    if (argc != 2)
        return fprintf(stderr, "usage: listing FILE\n"), 2;
    if (hi5_open(argv[1], NULL, &l.f, &err) || hi5_object_open(l.f, "/", &root, &err)) {
        printf("error %s\n", err.message);
        l.failed = 1;
    } else {
        put_attributes(&l, root);
        put_group(&l, root);
    }
    hi5_object_close(root);
    hi5_close(l.f, NULL);
    return l.failed;
}
