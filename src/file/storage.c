/*
 * storage.c - what objects, and the file itself, take in the file
 *
 * The validator's walk claims the blocks of whatever it meets. Here it walks one object,
 * or what belongs to the file alone, and the claims are added up by what they are for.
 * The sums are those that libhdf5 gives: of a fractal heap and of an extensible array
 * its header knows the size of the blocks, before filters.
 */
#include "base/err.h"
#include "file/check.h"
#include <string.h>

static bool
storage_is(const char *what, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(what, *names) == 0)
            return true;
    return false;
}

/* Where indexes, and heaps, of a role are added up; NULL: nowhere. */
static uint64_t *
storage_index(struct check *k)
{
    struct check_sums *const s = k->sums;

    switch (k->role) {
    case CHECK_LINKS:
        return &s->object.link_index;
    case CHECK_ATTRIBUTES:
        return &s->object.attribute_index;
    case CHECK_DATA:
        return &s->object.chunk_index;
    case CHECK_SHARED:
        return &s->file.shared_index;
    default:
        return NULL;
    }
}

static uint64_t *
storage_heap(struct check *k)
{
    struct check_sums *const s = k->sums;

    switch (k->role) {
    case CHECK_LINKS:
        return &s->object.link_heap;
    case CHECK_ATTRIBUTES:
        return &s->object.attribute_heap;
    case CHECK_EXTERNAL:
        return &s->object.external_heap;
    case CHECK_SHARED:
        return &s->file.shared_heap;
    default:
        return NULL;
    }
}

HI5_INT void
check_sum_index(struct check *k, uint64_t size)
{
    uint64_t *const to = k->sums != NULL ? storage_index(k) : NULL;

    if (to != NULL)
        *to += size;
}

HI5_INT void
check_sum_heap(struct check *k, uint64_t size)
{
    uint64_t *const to = k->sums != NULL ? storage_heap(k) : NULL;

    if (to != NULL)
        *to += size;
}

HI5_INT void
check_sum(struct check *k, const char *what, uint64_t size)
{
    static const char *const headers[] = {"object header", "header continuation",
                                          "OHDR", "OCHK", NULL};
    static const char *const indexes[] = {"TREE", "SNOD", "BTHD", "BTIN",
                                          "BTLF", "FAHD", "FADB", "EAHD",
                                          "EAIB", "SMLI", NULL};
    static const char *const heaps[] = {"HEAP", "heap data", "FRHP", "FHIB", NULL};
    static const char *const managers[] = {"FSHD", "FSSE", NULL};
    hi5_file_storage *const f = &k->sums->file;

    if (storage_is(what, headers) && k->role == CHECK_EXTENSION)
        f->extension += size;
    else if (storage_is(what, headers))
        k->sums->object.header += size;
    else if (strcmp(what, "superblock") == 0 ||
             strcmp(what, "driver information block") == 0)
        f->superblock += size;
    else if (strcmp(what, "SMTB") == 0)
        f->shared_header += size;
    else if (storage_is(what, heaps) ||
             (k->in_heap != 0 &&
              (storage_is(what, managers) || storage_is(what, indexes))))
        check_sum_heap(k, size);
    else if (storage_is(what, managers))
        f->free_managers += size;
    else if (storage_is(what, indexes))
        check_sum_index(k, size);
}

/* Bytes of a header that no message uses. */
static uint64_t
storage_unused(const struct ohdr *h, uint64_t total)
{
    const unsigned head = h->version == 1                          ? 8u
                          : (h->flags & OHDR_F_ORDER_TRACKED) != 0 ? 6u
                                                                   : 4u;
    uint64_t used = 0, unused = 0;

    for (size_t i = 0; i < h->nmsgs; i++) {
        const uint64_t size = head + h->msg[i].size;

        used += size;
        unused += h->msg[i].type == MSG_NIL ? size : 0;
    }
    if (h->version == 1)
        return unused;
    /* Behind the messages of a chunk there may be a gap. */
    used += 6u + 4u + (1u << (h->flags & OHDR_F_SIZE_WIDTH)) +
            ((h->flags & OHDR_F_TIMES) != 0 ? 16u : 0) +
            ((h->flags & OHDR_F_PHASE_CHANGE) != 0 ? 4u : 0) +
            8u * (uint64_t)(h->nchunks - 1);
    return unused + (total > used ? total - used : 0);
}

/* Walk without a word. */
static void
storage_begin(struct check *k, hi5_file *f, struct check_sums *sums,
              hi5_check_result *result)
{
    *sums = (struct check_sums){{0}, {0}};
    *result = (hi5_check_result){0};
    *k = (struct check){
        .path = "", .sums = sums, .result = result, .file = f, .meta = &f->meta};
    mem_init(&k->mem, &f->mem.alloc, f->mem.limit);
    arena_init(&k->arena, &k->mem);
}

static hi5_status
storage_end(struct check *k, hi5_error *err)
{
    k->file = NULL; /* the caller's */
    if (check_broken(k) && err != NULL)
        *err = k->why;
    return k->broken;
}

/* The mappings of a virtual dataset are an object of a global heap. */
static hi5_status
storage_mappings(const hi5_dataset *d, uint64_t *size, hi5_error *err)
{
    const struct msg_layout *const l = &d->layout;
    void *held;
    const uint8_t *bytes;
    size_t n;

    if (l->cls != HI5_VIRTUAL || l->addr == ADDR_NONE)
        return HI5_OK;
    TRY(gheap_get(d->file->gheap, l->addr, l->heap_index, &bytes, &n, &held, err));
    gheap_release(d->file->gheap, held);
    *size += n;
    return HI5_OK;
}

hi5_status
hi5_object_get_storage(hi5_object *o, hi5_object_storage *storage, hi5_error *err)
{
    struct check_sums sums;
    hi5_check_result result;
    struct check k;
    hi5_status s;
    bool fresh;

    err_clear(err);
    TRY(object_current(o, &o, err));
    storage_begin(&k, o->file, &sums, &result);
    if (check_object_at(&k, o->head->addr, o->path, &fresh) != NULL)
        check_object_once(&k, 0);
    sums.object.header_unused = storage_unused(o->head, sums.object.header);
    s = storage_end(&k, err);
    check_end(&k);
    if (s == HI5_OK && o->kind == HI5_KIND_DATASET) {
        hi5_dataset *d;

        s = hi5_object_dataset(o, &d, err);
        if (s == HI5_OK) {
            s = hi5_dataset_storage(d, &sums.object.data, err);
            if (s == HI5_OK)
                s = storage_mappings(d, &sums.object.external_heap, err);
            hi5_dataset_close(d);
        }
    }
    if (s == HI5_OK)
        *storage = sums.object;
    return object_error(o, s, err);
}

hi5_status
hi5_file_get_storage(hi5_file *f, hi5_file_storage *storage, hi5_section_fn fn,
                     void *ctx, hi5_error *err)
{
    struct check_sums sums;
    hi5_check_result result;
    struct check k;
    hi5_status s;

    err_clear(err);
    storage_begin(&k, f, &sums, &result);
    check_file(&k);
    check_extension(&k);
    check_sohm(&k);
    for (size_t i = 0; i < k.space.free.n; i++) {
        const struct check_extent *const e = (struct check_extent *)k.space.free.p + i;

        sums.file.free += e->size;
        if (fn != NULL)
            fn(ctx, e->at - k.meta->base, e->size);
    }
    sums.file.userblock = f->meta.base;
    s = storage_end(&k, err);
    check_end(&k);
    if (s == HI5_OK)
        *storage = sums.file;
    return err_path(err, s, f->path, "");
}

size_t
hi5_type_encoded_size(const hi5_type *t)
{
    static const uint8_t widths[] = {8, 4, 2};

    /* What is in heaps has the width of the file's addresses. */
    for (size_t i = 0; i < sizeof widths; i++) {
        struct cur c = cur_sizer(NULL);
        const hi5_type *copy = t;

        c.off_w = c.len_w = widths[i];
        msg_type_code(&c, &copy, UINT16_MAX);
        if (cur_ok(&c))
            return c.pos;
    }
    return 0;
}
