/*
 * fuzz_open.c - open any bytes as a file and read everything that is in it
 *
 * What must hold: no crash, no sanitizer report, no HI5_E_INTERNAL, no more memory than
 * the limit, no leak (the allocator counts).
 */
#include "mutate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_OBJECTS 200u
#define FUZZ_DEPTH 12u
#define FUZZ_MEMORY (64u << 20)
#define FUZZ_VALUES (1u << 16) /* bytes of one dataset that are read at most */

struct fuzz {
    hi5_file *file;
    unsigned left;    /* objects that may still be opened */
    unsigned depth;
    size_t live;      /* bytes the library holds */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void fuzz_object(struct fuzz *f, hi5_object *o);

/* A status that says the library itself is wrong ends the program. */
static hi5_status
fuzz_status(hi5_status s, const hi5_error *err)
{
    if (s == HI5_E_INTERNAL) {
        fprintf(stderr, "internal error: %s\n", err->message);
        abort();
    }
    return s;
}

static void
fuzz_resolve(struct fuzz *f, const hi5_reference *r)
{
    hi5_error err;
    hi5_target t;

    if (fuzz_status(hi5_resolve(f->file, r, &t, &err), &err) != HI5_OK)
        return;
    if (t.selection != NULL)
        (void)hi5_selection_blocks(t.selection);
    hi5_target_free(&t);
}

/* Look at every byte of values in memory form. */
static void
fuzz_values(struct fuzz *f, const hi5_type *t, const char *p, size_t n)
{
    hi5_type_info info;
    volatile size_t sum = 0;

    hi5_type_get_info(t, &info);
    for (size_t i = 0; i < n && i < 64; i++, p += info.size) {
        if (info.cls == HI5_VLEN && info.is_vlen_string) {
            const char *s;
            memcpy(&s, p, sizeof s);
            sum += s != NULL ? strlen(s) : 0;
        } else if (info.cls == HI5_VLEN) {
            hi5_vlen v;
            memcpy(&v, p, sizeof v);
            fuzz_values(f, info.base, v.p, v.n);
        } else if (info.cls == HI5_REFERENCE) {
            hi5_reference r;
            memcpy(&r, p, sizeof r);
            fuzz_resolve(f, &r);
        } else if (info.cls == HI5_COMPOUND) {
            hi5_member m;
            for (unsigned k = 0; hi5_type_member(t, k, &m); k++)
                fuzz_values(f, m.type, p + m.offset, 1);
        } else if (info.cls == HI5_ENUM) {
            sum += hi5_type_enum_name(t, p) != NULL;
        } else {
            for (size_t k = 0; k < info.size; k++)
                sum += (unsigned char)p[k];
        }
    }
    (void)sum;
}

static hi5_status
fuzz_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct fuzz *f = ctx;
    hi5_attribute_info info;
    hi5_type *memory;
    char *buf;
    uint64_t n;

    (void)err;
    if (a == NULL) {
        fuzz_status(bad->status, bad);
        return HI5_OK;
    }
    hi5_attribute_get_info(a, &info);
    n = hi5_shape_count(&info.shape);
    if (hi5_type_memory(info.type, &memory, err) != HI5_OK)
        return HI5_OK;
    if (n <= FUZZ_VALUES / hi5_type_size(memory)) {
        buf = malloc((size_t)n * hi5_type_size(memory) + 1);
        if (fuzz_status(hi5_attribute_read(a, memory, buf, err), err) == HI5_OK) {
            fuzz_values(f, memory, buf, (size_t)n);
            hi5_reclaim(f->file, memory, (size_t)n, buf);
        }
        free(buf);
    }
    hi5_type_free(memory);
    return HI5_OK;
}

static hi5_status
fuzz_chunk(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    unsigned *left = ctx;

    (void)c;
    (void)err;
    return --*left > 0 ? HI5_OK : HI5_E_STATE;
}

static void
fuzz_read(struct fuzz *f, hi5_dataset *d)
{
    uint64_t count[HI5_MAX_RANK], start[HI5_MAX_RANK] = {0}, n = 1;
    const hi5_shape *shape = hi5_dataset_shape(d);
    hi5_type *memory;
    hi5_error err;
    char *buf;

    if (hi5_type_memory(hi5_dataset_type(d), &memory, &err) != HI5_OK)
        return;
    if (hi5_type_size(memory) > FUZZ_VALUES) {
        hi5_type_free(memory);
        return;
    }
    for (unsigned i = shape->rank; i-- > 0;) { /* a corner of at most so many bytes */
        const uint64_t room = FUZZ_VALUES / hi5_type_size(memory) / (n != 0 ? n : 1);
        count[i] = shape->dims[i] < room ? shape->dims[i] : room;
        n *= count[i];
    }
    if (shape->kind == HI5_NULL || n > FUZZ_VALUES / hi5_type_size(memory))
        n = 0;
    buf = calloc((size_t)n + 1, hi5_type_size(memory));
    if (n != 0 &&
        fuzz_status(hi5_dataset_read_slab(d, start, count, memory, buf, &err), &err) ==
            HI5_OK) {
        fuzz_values(f, memory, buf, (size_t)n);
        hi5_reclaim(f->file, memory, (size_t)n, buf);
    }
    free(buf);
    hi5_type_free(memory);
}

static void
fuzz_dataset(struct fuzz *f, hi5_object *o)
{
    hi5_dataset *d;
    hi5_error err;
    hi5_layout layout;
    hi5_filter filter;
    hi5_mapping mapping;
    uint64_t bytes;
    unsigned chunks = 1000;

    if (fuzz_status(hi5_object_dataset(o, &d, &err), &err) != HI5_OK)
        return;
    hi5_dataset_get_layout(d, &layout);
    for (size_t i = 0; hi5_dataset_filter(d, i, &filter); i++)
        (void)hi5_filter_available(filter.id);
    for (size_t i = 0; hi5_dataset_mapping(d, i, &mapping); i++)
        (void)hi5_selection_count(mapping.virt);
    fuzz_status(hi5_dataset_storage(d, &bytes, &err), &err);
    if (layout.kind == HI5_CHUNKED)
        fuzz_status(hi5_dataset_each_chunk(d, fuzz_chunk, &chunks, &err), &err);
    fuzz_read(f, d);
    hi5_dataset_close(d);
}

static hi5_status
fuzz_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct fuzz *f = ctx;
    hi5_object *o;
    hi5_error own;

    (void)err;
    if (f->left == 0)
        return HI5_E_STATE;
    if (l->kind != HI5_LINK_HARD)
        return HI5_OK;
    f->left--;
    if (fuzz_status(hi5_object_open_address(f->file, l->address, &o, &own), &own) ==
        HI5_OK) {
        fuzz_object(f, o);
        hi5_object_close(o);
    }
    return HI5_OK;
}

static void
fuzz_group(struct fuzz *f, hi5_object *o)
{
    hi5_group *g;
    hi5_group_info info;
    hi5_object *found;
    hi5_error err;

    if (f->depth >= FUZZ_DEPTH ||
        fuzz_status(hi5_object_group(o, &g, &err), &err) != HI5_OK)
        return;
    f->depth++;
    fuzz_status(hi5_group_get_info(g, &info, &err), &err);
    fuzz_status(hi5_group_each(g, HI5_BY_NAME, false, fuzz_link, f, &err), &err);
    if (fuzz_status(hi5_object_open_at(g, "a/b", &found, &err), &err) == HI5_OK)
        hi5_object_close(found);
    f->depth--;
    hi5_group_close(g);
}

static void
fuzz_object(struct fuzz *f, hi5_object *o)
{
    hi5_object_info info;
    hi5_error err;

    fuzz_status(hi5_object_get_info(o, &info, &err), &err);
    fuzz_status(hi5_attribute_each(o, HI5_BY_NAME, false, fuzz_attribute, f, &err), &err);
    if (hi5_object_kind(o) == HI5_KIND_GROUP)
        fuzz_group(f, o);
    else if (hi5_object_kind(o) == HI5_KIND_DATASET)
        fuzz_dataset(f, o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = {.left = FUZZ_OBJECTS};
    const hi5_limits limits = {.size = sizeof limits, .memory = FUZZ_MEMORY,
                               .chunk_bytes = 16u << 20};
    const hi5_allocator allocator = mut_counted(&f.live);
    const hi5_open_options options = {.size = sizeof options, .limits = &limits,
                                      .allocator = &allocator, .salvage = true,
                                      .others = HI5_OTHERS_FORBID, .threads = 1};
    hi5_error err;
    hi5_object *root;

    if (fuzz_status(hi5_open_memory(data, size, &options, &f.file, &err), &err) == HI5_OK) {
        if (fuzz_status(hi5_object_open(f.file, "/", &root, &err), &err) == HI5_OK) {
            fuzz_object(&f, root);
            hi5_object_close(root);
        }
        hi5_close(f.file, NULL);
    }
    if (f.live != 0) {
        fprintf(stderr, "%zu bytes leaked\n", f.live);
        abort();
    }
    return 0;
}
