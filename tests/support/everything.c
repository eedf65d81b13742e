/*
 * everything.c - read all there is in a file
 */
#include "everything.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 16 << 20, MOST_OBJECTS = 4096 };

struct reading {
    hi5_file *f;
    struct everything *e;
    uint64_t seen[MOST_OBJECTS];
};

static void
failed(struct reading *r, const hi5_error *err)
{
    if (r->e->failures++ == 0)
        r->e->first = *err;
    r->e->internal += err->status == HI5_E_INTERNAL;
    r->e->silent += err->status == HI5_OK || err->message[0] == '\0';
}

static void
add(struct reading *r, const void *bytes, size_t n)
{
    const unsigned char *const p = bytes;

    for (size_t i = 0; i < n; i++)
        r->e->sum = r->e->sum * 31 + p[i];
}

/* The values of a dataset or of an attribute; one of d and a is NULL. */
static void
read_values(struct reading *r, hi5_dataset *d, hi5_attribute *a, const hi5_type *type,
            const hi5_shape *shape)
{
    const uint64_t n = hi5_shape_count(shape);
    hi5_type *memory = NULL;
    hi5_error err = {0};
    size_t each;
    void *buf;

    if (hi5_type_memory(type, &memory, &err)) {
        failed(r, &err);
        return;
    }
    each = hi5_type_size(memory);
    if (each == 0 || n <= MOST_BYTES / each) {
        buf = calloc((size_t)n + 1, each ? each : 1);
        ck_assert_ptr_nonnull(buf);
        if (d ? hi5_dataset_read(d, NULL, memory, buf, &err)
              : hi5_attribute_read(a, memory, buf, &err)) {
            failed(r, &err);
        } else {
            if (!hi5_type_has_vlen(memory) && !hi5_type_has_reference(memory))
                add(r, buf, (size_t)n * each);
            hi5_reclaim(r->f, memory, (size_t)n, buf);
        }
        free(buf);
    }
    hi5_type_free(memory);
}

static hi5_status
read_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct reading *const r = ctx;
    hi5_attribute_info i;

    (void)err;
    if (a == NULL) {
        failed(r, bad);
        return HI5_OK;
    }
    hi5_attribute_get_info(a, &i);
    add(r, i.name, strlen(i.name));
    read_values(r, NULL, a, i.type, &i.shape);
    return HI5_OK;
}

static hi5_status
count_chunk(void *ctx, const hi5_chunk *chunk, hi5_error *err)
{
    (void)err;
    add(ctx, &chunk->size, sizeof(chunk->size));
    return HI5_OK;
}

static void
read_dataset(struct reading *r, hi5_object *o)
{
    hi5_dataset *d;
    hi5_error err = {0};
    hi5_layout l;
    uint64_t bytes;

    if (hi5_object_dataset(o, &d, &err)) {
        failed(r, &err);
        return;
    }
    hi5_dataset_get_layout(d, &l);
    if (l.kind == HI5_CHUNKED && hi5_dataset_each_chunk(d, count_chunk, r, &err))
        failed(r, &err);
    if (hi5_dataset_storage(d, &bytes, &err))
        failed(r, &err);
    read_values(r, d, NULL, hi5_dataset_type(d), hi5_dataset_shape(d));
    hi5_dataset_close(d);
}

static void read_object(struct reading *r, uint64_t address);

static hi5_status
read_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct reading *const r = ctx;

    (void)err;
    add(r, link->name, strlen(link->name));
    if (link->kind == HI5_LINK_HARD)
        read_object(r, link->address);
    return HI5_OK;
}

static void
read_group(struct reading *r, hi5_object *o)
{
    hi5_group *g;
    hi5_group_info i;
    hi5_error err = {0};

    if (hi5_object_group(o, &g, &err)) {
        failed(r, &err);
        return;
    }
    if (hi5_group_get_info(g, &i, &err))
        failed(r, &err);
    if (hi5_group_each(g, HI5_BY_NAME, false, read_link, r, &err))
        failed(r, &err);
    hi5_group_close(g);
}

static void
read_object(struct reading *r, uint64_t address)
{
    hi5_object *o;
    hi5_object_info i;
    hi5_error err = {0};

    for (unsigned k = 0; k < r->e->objects; k++)
        if (r->seen[k] == address)
            return;
    if (r->e->objects == MOST_OBJECTS)
        return;
    r->seen[r->e->objects++] = address;
    if (hi5_object_open_address(r->f, address, &o, &err)) {
        failed(r, &err);
        return;
    }
    if (hi5_object_get_info(o, &i, &err))
        failed(r, &err);
    if (hi5_attribute_each(o, HI5_BY_NAME, false, read_attribute, r, &err))
        failed(r, &err);
    if (hi5_object_kind(o) == HI5_KIND_GROUP)
        read_group(r, o);
    else if (hi5_object_kind(o) == HI5_KIND_DATASET)
        read_dataset(r, o);
    hi5_object_close(o);
}

void
read_everything(hi5_file *f, struct everything *e)
{
    struct reading *const r = calloc(1, sizeof(*r));
    hi5_file_info i;

    ck_assert_ptr_nonnull(r);
    *e = (struct everything){0};
    r->f = f;
    r->e = e;
    hi5_file_get_info(f, &i);
    read_object(r, i.root_address);
    free(r);
}

unsigned char *
slurp(const char *path, size_t *n)
{
    FILE *const in = fopen(path, "rb");
    unsigned char *bytes;
    long size;

    ck_assert_msg(in != NULL, "cannot open %s", path);
    ck_assert(fseek(in, 0, SEEK_END) == 0 && (size = ftell(in)) >= 0);
    rewind(in);
    bytes = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(bytes);
    *n = fread(bytes, 1, (size_t)size, in);
    ck_assert_uint_eq(*n, (size_t)size);
    fclose(in);
    return bytes;
}
