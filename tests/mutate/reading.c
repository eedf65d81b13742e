/*
 * reading.c - read everything in a file, in every way there is
 *
 * Objects by address, names and paths; attributes and links in every order; elements as
 * a whole, as boxes, points, strings and raw chunks. What is read is bounded, so that a
 * small file that describes a vast dataset costs little.
 */
#include "mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    READING_OBJECTS = 300,
    READING_PATHS = 40,          /* objects that are also opened by path */
    READING_BYTES = 256 << 10,   /* of one dataset, read whole */
    READING_ALL = 8 << 20,       /* of all */
    READING_CHUNKS = 200,        /* of one dataset */
    READING_DEPTH = 8            /* of nested sequences */
};

struct reading {
    hi5_file *f;
    struct mut_reading *r;
    uint64_t seen[READING_OBJECTS];
    uint64_t left; /* bytes */
    unsigned paths;
};

static void reading_object(struct reading *r, uint64_t address);

/* Note a failure of something that a sound file allows. */
static bool
reading_try(struct reading *r, hi5_status s, const hi5_error *err, const char *what)
{
    if (s == HI5_OK)
        return true;
    r->r->internal |= s == HI5_E_INTERNAL;
    if (r->r->failures++ == 0 || s == HI5_E_INTERNAL) {
        r->r->first = *err;
        snprintf(r->r->what, sizeof r->r->what, "%s", what);
    }
    return false;
}

/* The same for what may fail in a sound file, too. */
static bool
reading_may(struct reading *r, hi5_status s, const hi5_error *err, const char *what)
{
    if (s == HI5_E_INTERNAL)
        return reading_try(r, s, err, what);
    return s == HI5_OK;
}

static void
reading_add(struct reading *r, const void *bytes, size_t n)
{
    const unsigned char *const p = bytes;

    for (size_t i = 0; i < n; i++)
        r->r->sum = r->r->sum * 31 + p[i];
}

/* ---- values ---- */

static hi5_status
reading_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    unsigned *const left = ctx;

    (void)first, (void)n, (void)err;
    return (*left)-- > 1 ? HI5_OK : HI5_E_STATE;
}

static void
reading_resolve(struct reading *r, const hi5_reference *ref)
{
    hi5_error err;
    hi5_target t;
    hi5_object *o;
    unsigned left = 100;

    if (!reading_may(r, hi5_resolve(r->f, ref, &t, &err), &err, "reference"))
        return;
    if (t.selection != NULL) {
        (void)hi5_selection_blocks(t.selection);
        if (hi5_selection_each_run(t.selection, reading_run, &left, &err) != HI5_OK)
            r->r->sum++;
    }
    if (reading_may(r, hi5_object_open_address(t.file, t.address, &o, &err), &err,
                    "referenced object"))
        hi5_object_close(o);
    hi5_target_free(&t);
}

static void
reading_value(struct reading *r, const hi5_type *t, const char *p, size_t n,
              unsigned depth)
{
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    if (info.cls != HI5_VLEN && info.cls != HI5_REFERENCE && info.cls != HI5_COMPOUND &&
        info.cls != HI5_ARRAY) {
        reading_add(r, p, n * info.size);
        return;
    }
    for (size_t i = 0; i < n && depth < READING_DEPTH; i++, p += info.size) {
        if (info.cls == HI5_VLEN && info.is_vlen_string) {
            const char *s;
            memcpy(&s, p, sizeof s);
            reading_add(r, s, s != NULL ? strlen(s) : 0);
        } else if (info.cls == HI5_VLEN) {
            hi5_vlen v;
            memcpy(&v, p, sizeof v);
            reading_value(r, info.base, v.p, v.n, depth + 1);
        } else if (info.cls == HI5_REFERENCE) {
            hi5_reference ref;
            memcpy(&ref, p, sizeof ref);
            if (i < 16)
                reading_resolve(r, &ref);
        } else if (info.cls == HI5_COMPOUND) {
            hi5_member m;
            for (unsigned k = 0; hi5_type_member(t, k, &m); k++)
                reading_value(r, m.type, p + m.offset, 1, depth + 1);
        } else {
            const size_t each = hi5_type_size(info.base);
            reading_value(r, info.base, p, each != 0 ? info.size / each : 0, depth + 1);
        }
    }
}

static void
reading_attribute_values(struct reading *r, hi5_attribute *a)
{
    hi5_attribute_info info;
    hi5_type *memory;
    hi5_error err;
    uint64_t n;
    char *buf;

    hi5_attribute_get_info(a, &info);
    n = hi5_shape_count(&info.shape);
    reading_add(r, info.name, strlen(info.name));
    if (!reading_try(r, hi5_type_memory(info.type, &memory, &err), &err, "memory type"))
        return;
    if (n <= READING_BYTES / hi5_type_size(memory) &&
        n * hi5_type_size(memory) <= r->left) {
        r->left -= n * hi5_type_size(memory);
        buf = calloc((size_t)n * hi5_type_size(memory) + 1, 1); /* n may be 0 */
        if (reading_try(r, hi5_attribute_read(a, memory, buf, &err), &err, "attribute")) {
            reading_value(r, memory, buf, (size_t)n, 0);
            hi5_reclaim(r->f, memory, (size_t)n, buf);
        }
        free(buf);
    }
    hi5_type_free(memory);
}

static hi5_status
reading_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct reading *const r = ctx;

    (void)err;
    if (a == NULL)
        reading_try(r, bad->status, bad, "attributes");
    else
        reading_attribute_values(r, a);
    return HI5_OK;
}

/* Names only. */
static hi5_status
reading_attribute_name(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct reading *const r = ctx;
    hi5_attribute_info info;

    (void)err;
    if (a == NULL) {
        reading_try(r, bad->status, bad, "attributes");
        return HI5_OK;
    }
    hi5_attribute_get_info(a, &info);
    reading_add(r, info.name, strlen(info.name));
    return HI5_OK;
}

static void
reading_attributes(struct reading *r, hi5_object *o, const hi5_object_info *info)
{
    hi5_error err;

    reading_try(r, hi5_attribute_each(o, HI5_BY_NAME, false, reading_attribute, r, &err),
                &err, "attributes by name");
    reading_try(r, hi5_attribute_each(o, HI5_NATIVE, true, reading_attribute_name, r, &err),
                &err, "attributes as stored");
    if (info->attribute_order_tracked)
        reading_try(r,
                    hi5_attribute_each(o, HI5_BY_CREATION, true, reading_attribute_name,
                                       r, &err),
                    &err, "attributes by creation");
}

/* ---- datasets ---- */

static void
reading_box(struct reading *r, hi5_dataset *d, const hi5_type *memory,
            const uint64_t *start, const uint64_t *count, const char *what)
{
    const unsigned rank = hi5_dataset_shape(d)->rank;
    uint64_t n = 1;
    hi5_error err;
    char *buf;

    for (unsigned i = 0; i < rank; i++)
        n *= count[i];
    if (n >= r->left / hi5_type_size(memory)) /* there is one more below */
        return;
    r->left -= n * hi5_type_size(memory);
    buf = calloc((size_t)n + 1, hi5_type_size(memory));
    if (reading_try(r, hi5_dataset_read_slab(d, start, count, memory, buf, &err), &err,
                    what)) {
        reading_value(r, memory, buf, (size_t)n, 0);
        hi5_reclaim(r->f, memory, (size_t)n, buf);
    }
    free(buf);
}

/* As much as is allowed, from the first element and up to the last. */
static void
reading_boxes(struct reading *r, hi5_dataset *d, const hi5_type *memory)
{
    const hi5_shape *const s = hi5_dataset_shape(d);
    uint64_t start[HI5_MAX_RANK] = {0}, count[HI5_MAX_RANK];
    uint64_t left = READING_BYTES / hi5_type_size(memory);

    for (unsigned i = s->rank; i-- > 0;) {
        count[i] = s->dims[i] < left ? s->dims[i] : left;
        left = count[i] != 0 ? left / count[i] : 0;
    }
    reading_box(r, d, memory, start, count, "first box");
    for (unsigned i = 0; i < s->rank; i++) {
        count[i] = count[i] < 3 ? count[i] : 3;
        start[i] = s->dims[i] - count[i];
    }
    if (s->rank < 8)
        reading_box(r, d, memory, start, count, "last box");
}

/* Each third element of the first rows: nothing that could be read in one piece. */
static void
reading_strided(struct reading *r, hi5_dataset *d, const hi5_type *memory)
{
    const hi5_shape *const s = hi5_dataset_shape(d);
    uint64_t start[HI5_MAX_RANK] = {0}, stride[HI5_MAX_RANK], count[HI5_MAX_RANK], n = 1;
    hi5_selection *sel;
    hi5_error err;
    char *buf;

    for (unsigned i = 0; i < s->rank; i++) {
        stride[i] = 3;
        count[i] = s->dims[i] < 9 ? (s->dims[i] + 2) / 3 : 3;
        n *= count[i];
    }
    if (s->rank == 0 || s->rank > 6 || n == 0 ||
        n > READING_BYTES / hi5_type_size(memory) ||
        !reading_try(r, hi5_selection_create(s, &sel, &err), &err, "selection"))
        return;
    buf = calloc((size_t)n, hi5_type_size(memory));
    if (reading_try(r,
                    hi5_selection_hyperslab(sel, HI5_SELECT_SET, start, stride, count,
                                            NULL, &err),
                    &err, "hyperslab") &&
        reading_try(r, hi5_dataset_read(d, sel, memory, buf, &err), &err, "strided")) {
        reading_value(r, memory, buf, (size_t)n, 0);
        hi5_reclaim(r->f, memory, (size_t)n, buf);
    }
    free(buf);
    hi5_selection_free(sel);
}

static void
reading_points(struct reading *r, hi5_dataset *d, const hi5_type *memory)
{
    const hi5_shape *const s = hi5_dataset_shape(d);
    uint64_t point[2][HI5_MAX_RANK], flat[2 * HI5_MAX_RANK];
    hi5_error err;
    char *buf;

    if (s->rank == 0 || hi5_shape_count(s) == 0 ||
        hi5_type_size(memory) > READING_BYTES)
        return;
    for (unsigned i = 0; i < s->rank; i++) {
        point[0][i] = s->dims[i] - 1;
        point[1][i] = s->dims[i] / 2;
        flat[i] = point[0][i];
        flat[s->rank + i] = point[1][i];
    }
    buf = calloc(2, hi5_type_size(memory));
    if (reading_try(r, hi5_dataset_read_points(d, 2, flat, memory, buf, &err), &err,
                    "points")) {
        reading_value(r, memory, buf, 2, 0);
        hi5_reclaim(r->f, memory, 2, buf);
    }
    free(buf);
}

static void
reading_strings(struct reading *r, hi5_dataset *d)
{
    const hi5_type *const t = hi5_dataset_type(d);
    char **strings;
    hi5_type_info info;
    hi5_error err;
    size_t n;

    hi5_type_get_info(t, &info);
    if ((info.cls != HI5_STRING && !info.is_vlen_string) ||
        hi5_shape_count(hi5_dataset_shape(d)) > READING_BYTES / (info.size + 8))
        return;
    if (!reading_try(r, hi5_dataset_read_strings(d, NULL, &strings, &n, &err), &err,
                     "strings"))
        return;
    for (size_t i = 0; i < n; i++)
        reading_add(r, strings[i], strlen(strings[i]));
    hi5_free(r->f, strings);
}

struct reading_chunks {
    struct reading *r;
    hi5_dataset *d;
    unsigned left;
};

static hi5_status
reading_chunk(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct reading_chunks *const x = ctx;
    hi5_chunk same;
    hi5_error own;
    char *buf;

    (void)err;
    if (x->left-- == 0)
        return HI5_E_STATE;
    reading_may(x->r, hi5_dataset_get_chunk(x->d, c->offset, &same, &own), &own,
                "chunk by place"); /* it may be outside the extent */
    if (c->size > READING_BYTES || c->size > x->r->left)
        return HI5_OK;
    x->r->left -= c->size;
    buf = malloc((size_t)c->size + 1);
    if (reading_try(x->r, hi5_dataset_read_raw_chunk(x->d, c, buf, &own), &own,
                    "raw chunk"))
        reading_add(x->r, buf, (size_t)c->size);
    free(buf);
    return HI5_OK;
}

static void
reading_layout(struct reading *r, hi5_dataset *d)
{
    struct reading_chunks x = {r, d, READING_CHUNKS};
    hi5_layout layout;
    hi5_filter filter;
    hi5_mapping mapping;
    hi5_fill fill;
    hi5_error err;
    uint64_t bytes;
    hi5_status s;

    hi5_dataset_get_layout(d, &layout);
    for (size_t i = 0; hi5_dataset_filter(d, i, &filter); i++)
        r->r->sum += hi5_filter_available(filter.id);
    for (size_t i = 0; hi5_dataset_mapping(d, i, &mapping); i++)
        r->r->sum += hi5_selection_count(mapping.virt);
    reading_try(r, hi5_dataset_storage(d, &bytes, &err), &err, "storage size");
    hi5_dataset_get_fill(d, &fill);
    reading_add(r, fill.value, fill.value != NULL ? fill.size : 0);
    if (layout.kind == HI5_CHUNKED) {
        s = hi5_dataset_each_chunk(d, reading_chunk, &x, &err);
        if (s != HI5_E_STATE)
            reading_try(r, s, &err, "chunks");
    }
}

static void
reading_fill(struct reading *r, hi5_dataset *d, const hi5_type *memory)
{
    hi5_error err;
    char *buf;

    if (hi5_type_size(memory) > READING_BYTES)
        return;
    buf = calloc(1, hi5_type_size(memory));
    if (reading_try(r, hi5_dataset_read_fill(d, memory, buf, &err), &err, "fill value")) {
        reading_value(r, memory, buf, 1, 0);
        hi5_reclaim(r->f, memory, 1, buf);
    }
    free(buf);
}

static void
reading_dataset(struct reading *r, hi5_object *o)
{
    hi5_dataset *d;
    hi5_type *memory, *native;
    hi5_error err;

    if (!reading_try(r, hi5_object_dataset(o, &d, &err), &err, "dataset"))
        return;
    reading_layout(r, d);
    if (reading_try(r, hi5_type_memory(hi5_dataset_type(d), &memory, &err), &err,
                    "memory type")) {
        reading_boxes(r, d, memory);
        reading_strided(r, d, memory);
        reading_points(r, d, memory);
        reading_fill(r, d, memory);
        hi5_type_free(memory);
    }
    if (reading_may(r, hi5_type_native(hi5_dataset_type(d), &native, &err), &err,
                    "native type"))
        hi5_type_free(native);
    reading_strings(r, d);
    hi5_dataset_close(d);
}

/* ---- groups ---- */

struct reading_links {
    struct reading *r;
    hi5_group *g;
    bool enter;
};

/* Look it up as a user would: by its name, and by its path. */
static void
reading_lookup(const struct reading_links *x, const hi5_link *l)
{
    hi5_link again;
    hi5_object *o;
    hi5_error err;

    if (x->r->paths-- == 0) {
        x->r->paths = 0;
        return;
    }
    if (reading_try(x->r, hi5_group_get_link(x->g, l->name, &again, &err), &err,
                    "link by name"))
        hi5_link_free(x->g, &again);
    if (strchr(l->name, '/') != NULL || *l->name == '\0' || strcmp(l->name, ".") == 0)
        return;
    if (l->kind == HI5_LINK_HARD
            ? reading_try(x->r, hi5_object_open_at(x->g, l->name, &o, &err), &err,
                          "object by name")
            : reading_may(x->r, hi5_object_open_at(x->g, l->name, &o, &err), &err,
                          "link's target"))
        hi5_object_close(o);
}

static hi5_status
reading_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct reading_links *const x = ctx;

    (void)err;
    reading_add(x->r, l->name, strlen(l->name));
    if (l->target != NULL)
        reading_add(x->r, l->target, strlen(l->target));
    if (l->file != NULL)
        reading_add(x->r, l->file, strlen(l->file));
    if (!x->enter)
        return HI5_OK;
    reading_lookup(x, l);
    if (l->kind == HI5_LINK_HARD)
        reading_object(x->r, l->address);
    return HI5_OK;
}

static void
reading_group(struct reading *r, hi5_object *o)
{
    struct reading_links x = {r, NULL, true};
    hi5_group_info info;
    hi5_error err;

    if (!reading_try(r, hi5_object_group(o, &x.g, &err), &err, "group"))
        return;
    if (!reading_try(r, hi5_group_get_info(x.g, &info, &err), &err, "group info"))
        info.order_tracked = false;
    reading_try(r, hi5_group_each(x.g, HI5_BY_NAME, false, reading_link, &x, &err), &err,
                "links by name");
    x.enter = false;
    reading_try(r, hi5_group_each(x.g, HI5_NATIVE, true, reading_link, &x, &err), &err,
                "links as stored");
    if (info.order_tracked)
        reading_try(r, hi5_group_each(x.g, HI5_BY_CREATION, true, reading_link, &x, &err),
                    &err, "links by creation");
    hi5_group_close(x.g);
}

/* ---- objects ---- */

static void
reading_object(struct reading *r, uint64_t address)
{
    hi5_object_info info;
    hi5_object *o;
    hi5_message m;
    hi5_error err;

    for (unsigned i = 0; i < r->r->objects; i++)
        if (r->seen[i] == address)
            return;
    if (r->r->objects == READING_OBJECTS)
        return;
    r->seen[r->r->objects++] = address;
    if (!reading_try(r, hi5_object_open_address(r->f, address, &o, &err), &err, "object"))
        return;
    for (size_t i = 0; hi5_object_message(o, i, &m); i++)
        r->r->sum += m.size;
    if (!reading_try(r, hi5_object_get_info(o, &info, &err), &err, "object info"))
        info.attribute_order_tracked = false;
    reading_attributes(r, o, &info);
    if (hi5_object_kind(o) == HI5_KIND_GROUP)
        reading_group(r, o);
    else if (hi5_object_kind(o) == HI5_KIND_DATASET)
        reading_dataset(r, o);
    hi5_object_close(o);
}

void
mut_read(const struct mut_file *f, const hi5_open_options *open, struct mut_reading *r)
{
    struct reading x = {.r = r, .left = READING_ALL, .paths = READING_PATHS};
    const hi5_open_options o = mut_options(f, open);
    hi5_file_info info;
    hi5_error err;
    hi5_io io;

    *r = (struct mut_reading){0};
    if (mut_source(f, &io) != HI5_OK)
        return;
    if (!reading_try(&x, hi5_open_io(&io, f->path, &o, &x.f, &err), &err, "open"))
        return;
    hi5_file_get_info(x.f, &info);
    reading_object(&x, info.root_address);
    if (!reading_may(&x, hi5_close(x.f, &err), &err, "close"))
        r->sum++;
}
