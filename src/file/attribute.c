/*
 * attribute.c - attributes
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/attribute.h"
#include "file/strings.h"
#include "space/convert.h"
#include <stdlib.h>
#include <string.h>

/* An attribute lives in its own arena. */
struct hi5_attribute {
    hi5_object *object;        /* held by handles of callers */
    struct arena arena;
    struct msg_attr msg;
    const hi5_type *type;
    struct msg_space space;
    bool has_order;
    uint32_t order;
    uint64_t bytes;            /* of the data */
};

/* An attribute message as it is stored, before it is decoded. */
struct attr_raw {
    const uint8_t *body;
    size_t size;
    uint64_t addr;
    bool lasting;              /* body is there as long as the object is */
    bool has_order;
    uint32_t order;
};

static hi5_status
attr_decode_space(hi5_attribute *a, hi5_error *err)
{
    hi5_file *f = a->object->file;
    const struct ohdr_msg m = {.type = MSG_SPACE,
                               .flags = a->msg.flags & 2 ? MSG_F_SHARED : 0,
                               .body = a->msg.space, .size = a->msg.space_len,
                               .addr = a->msg.space_addr};
    struct cur c;

    TRY(object_message(f, &m, &a->arena, &c, NULL, err));
    msg_space_code(&c, &a->space);
    return c.status;
}

/* The message decoded, the parts checked against each other. */
static hi5_status
attr_decode(hi5_attribute *a, const struct attr_raw *raw, hi5_error *err)
{
    hi5_file *f = a->object->file;
    struct cur c = meta_cursor_at(&f->meta, raw->body, raw->size, raw->addr, &a->arena,
                                  err);
    uint64_t n;

    msg_attr_code(&c, &a->msg);
    if (!cur_ok(&c))
        return c.status;
    TRY(object_decode_type(f, (a->msg.flags & 1) != 0, a->msg.type, a->msg.type_len,
                           a->msg.type_addr, &a->arena, &a->type, err));
    TRY(attr_decode_space(a, err));
    n = hi5_shape_count(&a->space.shape);
    if (n == UINT64_MAX || !ckd_mul64(n, a->type->size, &a->bytes) ||
        a->bytes > a->msg.data_len)
        return err_set(err, HI5_E_CORRUPT, a->msg.data_addr, "attribute message", "data",
                       "IV.A.2.m", "attribute '%s': %zu bytes for %llu elements of %zu",
                       a->msg.name, a->msg.data_len, (unsigned long long)n,
                       a->type->size);
    a->has_order = raw->has_order;
    a->order = raw->order;
    return HI5_OK;
}

static hi5_status
attr_new(hi5_object *o, const struct attr_raw *raw, hi5_attribute **out, hi5_error *err)
{
    struct attr_raw copy = *raw;
    struct arena arena;
    hi5_attribute *a;
    hi5_status s;

    *out = NULL;
    arena_init(&arena, &o->file->mem);
    a = arena_alloc(&arena, sizeof *a);
    if (a == NULL)
        return mem_fail(&o->file->mem, sizeof *a, err);
    object_ref(o);
    a->object = o;
    a->arena = arena;
    a->bytes = 0;
    if (!raw->lasting)
        copy.body = arena_copy(&a->arena, raw->body, raw->size);
    s = copy.body != NULL ? attr_decode(a, &copy, err)
                          : mem_fail(&o->file->mem, raw->size, err);
    if (s != HI5_OK) {
        hi5_attribute_close(a);
        return s;
    }
    *out = a;
    return HI5_OK;
}

void
hi5_attribute_close(hi5_attribute *a)
{
    hi5_object *o;
    struct arena arena;

    if (a == NULL)
        return;
    o = a->object;
    arena = a->arena;
    arena_done(&arena);
    hi5_object_close(o);
}

/* ---- finding ---- */

typedef hi5_status (*attr_raw_fn)(void *ctx, const struct attr_raw *raw,
                                  const hi5_error *bad, hi5_error *err);

/* Each attribute message of the header itself. Where the header does not track creation
 * order, the order of the messages stands for it. */
static hi5_status
attr_each_compact(hi5_object *o, attr_raw_fn fn, void *ctx, hi5_error *err)
{
    const bool tracked = o->head->version == 2 && (o->head->flags & 4) != 0;
    const struct ohdr_msg *m;
    uint32_t seen = 0;
    size_t i = 0;

    while ((m = ohdr_next(o->head, MSG_ATTR, &i)) != NULL) {
        const bool is_shared = (m->flags & MSG_F_SHARED) != 0;
        struct attr_raw raw = {.lasting = !is_shared,
                               .has_order = tracked || o->head->version == 1,
                               .order = tracked ? m->order : seen};
        hi5_error bad;
        struct arena a;
        hi5_status s;

        seen++;
        err_clear(&bad);
        arena_init(&a, &o->file->mem);
        s = shared_body(&o->file->shared, MSG_ATTR, is_shared, m->body, m->size, m->addr,
                        &a, &raw.body, &raw.size, &raw.addr, &(uint64_t){0}, &bad);
        s = fn(ctx, s == HI5_OK ? &raw : NULL, s == HI5_OK ? NULL : &bad, err);
        arena_done(&a);
        TRY(s);
    }
    return HI5_OK;
}

struct attr_dense_ctx {
    attr_raw_fn fn;
    void *ctx;
    bool tracked;
};

static hi5_status
attr_dense_one(void *ctx, const struct dense_attr *a, const hi5_error *bad,
               hi5_error *err)
{
    const struct attr_dense_ctx *d = ctx;
    struct attr_raw raw;

    if (bad != NULL)
        return d->fn(d->ctx, NULL, bad, err);
    raw = (struct attr_raw){.body = a->body, .size = a->size, .addr = a->addr,
                            .has_order = d->tracked, .order = a->order};
    return d->fn(d->ctx, &raw, NULL, err);
}

/* The attribute info message; fheap ADDR_NONE if there is no dense storage. */
static hi5_status
attr_info(hi5_object *o, struct msg_attr_info *info, hi5_error *err)
{
    const struct ohdr_msg *m = ohdr_first(o->head, MSG_ATTR_INFO);
    struct cur c;

    info->fheap = ADDR_NONE;
    if (m == NULL)
        return HI5_OK;
    c = meta_cursor_at(&o->file->meta, m->body, m->size, m->addr, NULL, err);
    msg_attr_info_code(&c, info);
    return c.status;
}

static hi5_status
attr_each_raw(hi5_object *o, attr_raw_fn fn, void *ctx, hi5_error *err)
{
    struct attr_dense_ctx d = {fn, ctx, (o->head->flags & 4) != 0};
    struct msg_attr_info info;

    TRY(attr_each_compact(o, fn, ctx, err));
    TRY(attr_info(o, &info, err));
    if (info.fheap == ADDR_NONE)
        return HI5_OK;
    return dense_attrs_each(&o->file->shared, &info, false, attr_dense_one, &d, err);
}

/* Looking one up by name among the messages of the header. */
struct attr_search {
    hi5_object *object;
    const char *name;
    hi5_attribute *found;
    hi5_error bad; /* the first that cannot be decoded: it may be the one */
};

static hi5_status
attr_match(void *ctx, const struct attr_raw *raw, const hi5_error *bad, hi5_error *err)
{
    struct attr_search *s = ctx;
    struct msg_attr m;
    hi5_error why;
    struct cur c;

    if (s->found != NULL)
        return HI5_OK;
    if (bad == NULL) {
        c = meta_cursor_at(&s->object->file->meta, raw->body, raw->size, raw->addr, NULL,
                           &why);
        msg_attr_code(&c, &m);
        if (!cur_ok(&c))
            bad = &why;
    }
    if (bad != NULL) {
        if (s->bad.status == HI5_OK)
            s->bad = *bad;
        return HI5_OK;
    }
    if (strcmp(m.name, s->name) != 0)
        return HI5_OK;
    return attr_new(s->object, raw, &s->found, err);
}

/* Does the attribute message seem to have this name? Without decoding it. */
static bool
attr_seems(const struct ohdr_msg *m, const char *name, size_t n)
{
    const size_t at = m->size != 0 && m->body[0] == 3 ? 9 : 8; /* of the name */

    return (m->flags & MSG_F_SHARED) == 0 && m->size > at && m->size - at > n &&
           memcmp(m->body + at, name, n) == 0 && m->body[at + n] == '\0';
}

/* The usual case: a message of this name in the header, and nothing wrong with it. */
static hi5_attribute *
attr_open_quick(hi5_object *o, const char *name)
{
    const bool tracked = o->head->version == 2 && (o->head->flags & 4) != 0;
    const size_t n = strlen(name);
    const struct ohdr_msg *m;
    struct attr_raw raw = {.lasting = true, .has_order = tracked || o->head->version == 1};
    hi5_attribute *a = NULL;
    uint32_t seen = 0;
    size_t i = 0;

    while ((m = ohdr_next(o->head, MSG_ATTR, &i)) != NULL && !attr_seems(m, name, n))
        seen++;
    if (m == NULL || o->file->meta.watch != NULL) /* who is to see each once */
        return NULL;
    raw.body = m->body;
    raw.size = m->size;
    raw.addr = m->addr;
    raw.order = tracked ? m->order : seen;
    return attr_new(o, &raw, &a, NULL) == HI5_OK ? a : NULL;
}

static hi5_status
attr_open_dense(hi5_object *o, const char *name, hi5_attribute **a, hi5_error *err)
{
    struct msg_attr_info info;
    struct dense_attr d;
    struct attr_raw raw;
    struct arena scratch;
    hi5_status s;

    TRY(attr_info(o, &info, err));
    if (info.fheap == ADDR_NONE)
        return HI5_E_NOTFOUND;
    arena_init(&scratch, &o->file->mem);
    s = dense_attrs_find(&o->file->shared, &info, name, &scratch, &d, err);
    if (s == HI5_OK) {
        raw = (struct attr_raw){.body = d.body, .size = d.size, .addr = d.addr,
                                .has_order = (o->head->flags & 4) != 0,
                                .order = d.order};
        s = attr_new(o, &raw, a, err);
    }
    arena_done(&scratch);
    return s;
}

hi5_status
hi5_attribute_open(hi5_object *o, const char *name, hi5_attribute **a, hi5_error *err)
{
    struct attr_search search = {.object = o, .name = name};
    hi5_status s;

    err_clear(err);
    *a = NULL;
    TRY(object_current(o, &o, err));
    search.object = o;
    *a = attr_open_quick(o, name);
    if (*a != NULL)
        return HI5_OK;
    s = attr_each_compact(o, attr_match, &search, err);
    if (s == HI5_OK && search.found == NULL)
        s = attr_open_dense(o, name, &search.found, err);
    if (s == HI5_E_NOTFOUND && search.bad.status != HI5_OK) {
        s = search.bad.status;
        if (err != NULL)
            *err = search.bad;
    } else if (s == HI5_E_NOTFOUND) {
        err_plain(err, s, "no attribute '%s'", name);
    }
    if (s == HI5_OK)
        *a = search.found;
    return object_error(o, s, err);
}

/* ---- iterating ---- */

/* Attributes collected to be sorted; those that could not be decoded are reported when
 * they are met. */
struct attr_list {
    hi5_object *object;
    hi5_attribute **attr;
    size_t n, room;
    hi5_attribute_fn fn;
    void *ctx;
};

static hi5_status
attr_list_add(struct attr_list *l, hi5_attribute *a, hi5_error *err)
{
    struct mem *mem = &l->object->file->mem;

    if (l->n == l->room) {
        const size_t room = l->room != 0 ? l->room * 2 : 16;
        hi5_attribute **p =
            mem_resize(mem, l->attr, l->room * sizeof *p, room * sizeof *p);
        if (p == NULL) {
            hi5_attribute_close(a);
            return mem_fail(mem, room * sizeof *p, err);
        }
        l->attr = p;
        l->room = room;
    }
    l->attr[l->n++] = a;
    return HI5_OK;
}

static hi5_status
attr_collect(void *ctx, const struct attr_raw *raw, const hi5_error *bad, hi5_error *err)
{
    struct attr_list *l = ctx;
    hi5_attribute *a = NULL;
    hi5_error own;

    if (bad == NULL) {
        const hi5_status s = attr_new(l->object, raw, &a, &own);
        if (s == HI5_OK)
            return attr_list_add(l, a, err);
        if (s == HI5_E_NOMEM || s == HI5_E_LIMIT)
            return err_plain(err, s, "%s", own.cause);
        bad = &own;
    }
    own = *bad;
    object_error(l->object, own.status, &own);
    return l->fn(l->ctx, NULL, &own, err);
}

static int
attr_compare_name(const void *a, const void *b)
{
    const hi5_attribute *const *x = a, *const *y = b;

    return strcmp((*x)->msg.name, (*y)->msg.name);
}

static int
attr_compare_order(const void *a, const void *b)
{
    const hi5_attribute *const *x = a, *const *y = b;

    return (*x)->order < (*y)->order ? -1 : (*x)->order > (*y)->order;
}

hi5_status
hi5_attribute_each(hi5_object *o, hi5_order order, bool decreasing, hi5_attribute_fn fn,
                   void *ctx, hi5_error *err)
{
    struct attr_list l = {.object = o, .fn = fn, .ctx = ctx};
    hi5_status s;

    err_clear(err);
    TRY(object_current(o, &o, err));
    l.object = o;
    if (order == HI5_BY_CREATION && o->head->version == 2 && !(o->head->flags & 4)) {
        s = err_plain(err, HI5_E_STATE, "the object does not track attribute order");
        return object_error(o, s, err);
    }
    s = attr_each_raw(o, attr_collect, &l, err);
    if (order != HI5_NATIVE && l.n > 1)
        qsort(l.attr, l.n, sizeof(hi5_attribute *),
              order == HI5_BY_NAME ? attr_compare_name : attr_compare_order);
    for (size_t i = 0; i < l.n; i++) {
        const hi5_status t =
            fn(ctx, l.attr[decreasing ? l.n - 1 - i : i], NULL, s == HI5_OK ? err : NULL);
        if (t != HI5_OK) {
            s = t;
            break;
        }
    }
    for (size_t i = 0; i < l.n; i++)
        hi5_attribute_close(l.attr[i]);
    mem_free(&o->file->mem, l.attr, l.room * sizeof *l.attr);
    return object_error(o, s, err);
}

/* ---- looking at one ---- */

void
hi5_attribute_get_info(const hi5_attribute *a, hi5_attribute_info *info)
{
    *info = (hi5_attribute_info){
        .name = a->msg.name,
        .utf8 = a->msg.charset == HI5_UTF8,
        .has_order = a->has_order,
        .order = a->order,
        .version = a->msg.version,
        .type = a->type,
        .shape = a->space.shape,
        .size = a->bytes,
    };
}

static hi5_status
attr_error(const hi5_attribute *a, hi5_status s, hi5_error *err)
{
    char path[256];
    const size_t n = strlen(a->object->path), k = strlen(a->msg.name);

    if (s == HI5_OK || n + k + 2 > sizeof path)
        return object_error(a->object, s, err);
    memcpy(path, a->object->path, n);
    path[n] = '@';
    memcpy(path + n + 1, a->msg.name, k + 1);
    return err_path(err, s, a->object->file->path, path);
}

hi5_status
hi5_attribute_read(hi5_attribute *a, const hi5_type *memory, void *buf, hi5_error *err)
{
    struct conv_env env;
    const struct conv *conv;
    hi5_type *made = NULL;
    struct arena arena;
    hi5_status s = HI5_OK;

    err_clear(err);
    if (memory != NULL && a->type->size != 0 && type_same_bytes(a->type, memory)) {
        if (a->bytes != 0)
            memcpy(buf, a->msg.data, (size_t)a->bytes);
        return HI5_OK;
    }
    if (memory == NULL) {
        TRY(hi5_type_memory(a->type, &made, err));
        memory = made;
    }
    env = object_conv_env(a->object->file);
    arena_init(&arena, &a->object->file->mem);
    s = conv_open(a->type, memory, &env, &arena, &conv, err);
    if (s == HI5_OK)
        s = conv_run(conv, a->msg.data, buf, (size_t)(a->bytes / a->type->size), err);
    arena_done(&arena);
    hi5_type_free(made);
    return attr_error(a, s, err);
}

static hi5_status
attr_read_values(void *ctx, const hi5_type *memory, void *buf, hi5_error *err)
{
    return hi5_attribute_read(ctx, memory, buf, err);
}

hi5_status
hi5_attribute_read_strings(hi5_attribute *a, char ***strings, size_t *count,
                           hi5_error *err)
{
    *strings = NULL;
    *count = 0;
    err_clear(err);
    return attr_error(a, strings_read(a->object->file, a->type,
                                      hi5_shape_count(&a->space.shape), true,
                                      attr_read_values, a,
                                      strings, count, err), err);
}

HI5_INT const uint8_t *
attribute_bytes(const hi5_attribute *a)
{
    return a->msg.data;
}

HI5_INT hi5_object *
attribute_object(const hi5_attribute *a)
{
    return a->object;
}
