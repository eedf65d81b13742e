/*
 * copy_attribute.c - attributes of objects that are copied         [FMT IV.A.2.m]
 *
 * Those that hold references get their place at first, and their elements in the end. The
 * lists that tie datasets to their dimension scales shrink to what was copied.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/copy.h"
#include "format/dense_edit.h"
#include <string.h>

#define COPY_ATTR_MOST 65500u /* bytes of a message that any header can hold */
#define COPY_NO_ORDER 0xffffu /* in an index, where order is not tracked */
#define COPY_DIMENSION_LIST "DIMENSION_LIST"
#define COPY_REFERENCE_LIST "REFERENCE_LIST"

/* ---- one attribute ---- */

struct copy_attr {
    struct copy *c;
    uint16_t source;
    struct arena *arena;
    hi5_attribute_info info;
    struct copy_type type;
    hi5_shape shape;
    uint8_t *data;
    size_t size;
    bool use; /* it is a use of its datatype */
};

static hi5_status
copy_attr_encode(struct copy_attr *k, struct ohdr_put *out)
{
    const struct meta *const m = &k->c->to->meta;
    const bool old = k->c->to->edit->compat == HI5_COMPAT_EARLIEST;
    const size_t n = strlen(k->info.name);
    struct msg_space space = edit_space(k->c->to->edit, &k->shape);
    struct msg_attr a = {.name = k->info.name,
                         .name_len = (uint16_t)(n + 1),
                         .data = k->data,
                         .data_len = k->size};
    struct ohdr_put type, where;

    a.charset = k->info.utf8 ? HI5_UTF8 : HI5_ASCII;
    TRY(copy_type_put(k->c, &k->type, k->use, k->arena, &type));
    TRY(edit_message(m, k->arena, MSG_SPACE, 0, &space, &where, k->c->err));
    a.flags = (type.flags & MSG_F_SHARED) != 0;
    a.version = !old || a.charset != HI5_ASCII ? 3 : a.flags != 0 ? 2 : 1;
    a.type = type.body;
    a.type_len = (uint16_t)type.size;
    a.space = where.body;
    a.space_len = (uint16_t)where.size;
    return edit_message(m, k->arena, MSG_ATTR, 0, &a, out, k->c->err);
}

/* Is it one of the lists of dimension scales? */
static bool
copy_attr_is(const struct copy_attr *k, const char *name, hi5_class cls)
{
    return strcmp(k->info.name, name) == 0 && k->type.type->cls == cls &&
           k->shape.rank == 1;
}

/* Is it the list of what uses a scale? */
static bool
copy_attr_is_uses(const hi5_attribute_info *info)
{
    return strcmp(info->name, COPY_REFERENCE_LIST) == 0 &&
           info->type->cls == HI5_COMPOUND && info->type->has_ref &&
           info->shape.rank == 1;
}

/* Uses of a scale whose dataset was not copied are left out. */
static void
copy_attr_drop_uses(struct copy_attr *k)
{
    const hi5_type *const t = k->type.type;
    uint64_t kept = 0;

    for (uint64_t i = 0; i < k->shape.dims[0]; i++) {
        const uint8_t *const p = k->data + (size_t)i * t->size;
        bool null = true;

        for (uint32_t m = 0; m < t->members; m++)
            for (size_t b = 0;
                 t->member[m].type->has_ref && b < t->member[m].type->size; b++)
                null &= p[t->member[m].offset + b] == 0;
        if (!null)
            memmove(k->data + (size_t)kept++ * t->size, p, t->size);
    }
    k->shape.dims[0] = k->shape.max[0] = kept;
    k->size = (size_t)kept * t->size;
}

/* Datatype, and elements; those that wait are zeros.
 *  @param later  what was to wait has waited */
static hi5_status
copy_attr_load(struct copy_attr *k, const hi5_attribute *a, bool later)
{
    struct copy *const c = k->c;
    const uint64_t count = hi5_shape_count(&k->shape);
    struct copy_values v = {.c = c, .source = k->source, .from = k->info.type};
    hi5_status s;

    TRY(copy_type(c, k->source, k->info.type, false, k->arena, &k->type));
    v.to = k->type.type;
    v.drop = copy_attr_is(k, COPY_DIMENSION_LIST, HI5_VLEN);
    if (!ckd_size(count, &k->size) || !ckd_mul_size(k->size, v.to->size, &k->size))
        return err_plain(c->err, HI5_E_LIMIT, "attribute '%s' is too large",
                         k->info.name);
    k->data = arena_zalloc(k->arena, k->size + 1, 1);
    if (k->data == NULL)
        return mem_fail(c->mem, k->size, c->err);
    if (!later && copy_values_wait(c, k->source, k->info.type))
        return HI5_OK;
    s = copy_values(&v, attribute_bytes(a), k->data, (size_t)count);
    copy_values_done(&v);
    if (s == HI5_OK && later && copy_attr_is_uses(&k->info))
        copy_attr_drop_uses(k);
    return s;
}

/* ---- all of an object ---- */

struct copy_attrs {
    struct copy_header *h;
    struct ohdr_put *put; /* [n] */
    size_t n, room;
    bool large;
};

static hi5_status
copy_attr_one(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct copy_attrs *const l = ctx;
    struct copy_header *const h = l->h;
    struct copy_attr k = {
        .c = h->c, .source = h->source, .arena = &h->arena, .use = true};
    hi5_status s;

    if (bad != NULL && copy_passes(h->c, bad->status))
        return HI5_OK;
    if (bad != NULL) {
        if (err != NULL)
            *err = *bad;
        return bad->status;
    }
    hi5_attribute_get_info(a, &k.info);
    k.shape = k.info.shape;
    if (copy_is_same(h->c, h->source) && copy_attr_is_uses(&k.info))
        return HI5_OK; /* nothing uses the copy of a scale */
    s = copy_attr_load(&k, a, false);
    if (s != HI5_OK)
        return copy_passes(h->c, s) ? HI5_OK : s;
    h->later |= copy_values_wait(h->c, h->source, k.info.type);
    if (l->n == l->room) {
        const size_t more = l->room != 0 ? l->room * 2 : 16;
        struct ohdr_put *const p = arena_alloc(&h->arena, more * sizeof *p);
        if (p == NULL)
            return mem_fail(h->c->mem, more * sizeof *p, err);
        if (l->n != 0)
            memcpy(p, l->put, l->n * sizeof *p);
        l->put = p;
        l->room = more;
    }
    s = copy_attr_encode(&k, &l->put[l->n]);
    if (copy_passes(h->c, s)) {
        h->c->entry[k.type.entry].refs -= k.type.committed;
        return HI5_OK;
    }
    if (s != HI5_OK)
        return s;
    l->put[l->n].order = (uint16_t)l->n;
    l->large |= l->put[l->n].size > COPY_ATTR_MOST;
    l->n++;
    return HI5_OK;
}

/* Let the heap know what is to come. */
static void
copy_attrs_expect(const struct copy_attrs *l, struct dense_edit *d)
{
    uint64_t bytes = 0, longest = 0;

    for (size_t i = 0; i < l->n; i++) {
        const size_t n = l->put[i].size;
        if (n > d->heap.h.head.max_managed)
            continue;
        bytes += n;
        longest = n > longest ? n : longest;
    }
    fheap_edit_expect(&d->heap, bytes, longest);
}

static hi5_status
copy_attrs_dense(struct copy_attrs *l, struct msg_attr_info *info)
{
    struct copy *const c = l->h->c;
    const bool tracked = (info->flags & 1) != 0;
    struct dense_edit d;
    hi5_status s;

    TRY(dense_edit_create_attrs(&c->to->shared, info, &d, c->err));
    copy_attrs_expect(l, &d);
    s = HI5_OK;
    for (size_t i = 0; s == HI5_OK && i < l->n; i++)
        s = dense_edit_add_attr(&d, l->put[i].body, l->put[i].size,
                                tracked ? (uint32_t)i : COPY_NO_ORDER, c->err);
    if (s == HI5_OK)
        s = dense_edit_settle(&d, c->err);
    dense_edit_close(&d);
    return s;
}

/* In which order they come: the one that they were made in, where that is known. */
static hi5_order
copy_attr_order(const struct copy_header *h)
{
    const bool tracked =
        h->o->head->version == 2 && (h->o->head->flags & OHDR_F_ORDER_TRACKED) != 0;

    if (tracked && (!h->c->sorted || h->c->order == HI5_BY_CREATION))
        return HI5_BY_CREATION;
    return h->c->sorted && h->c->order == HI5_BY_NAME ? HI5_BY_NAME : HI5_NATIVE;
}

HI5_INT hi5_status
copy_attributes(struct copy_header *h)
{
    struct copy *const c = h->c;
    struct copy_attrs l = {.h = h};
    struct msg_attr_info info = {
        .fheap = ADDR_NONE, .name_bt2 = ADDR_NONE, .order_bt2 = ADDR_NONE};
    hi5_status s;
    bool dense;

    if (c->o->no_attributes)
        return HI5_OK;
    s = hi5_attribute_each(h->o, copy_attr_order(h), c->sorted && c->decreasing,
                           copy_attr_one, &l, c->err);
    if (s != HI5_OK && !copy_passes(c, s))
        return s;
    if (l.n == 0 && (h->prefix.flags & OHDR_F_ORDER_TRACKED) == 0)
        return HI5_OK;
    if (l.large)
        h->prefix.version = 2;
    dense = h->prefix.version == 2 && (l.n > h->prefix.max_compact || l.large);
    info.flags = (uint8_t)((h->prefix.flags & OHDR_F_ORDER_TRACKED ? 1 : 0) |
                           (h->prefix.flags & OHDR_F_ORDER_INDEXED ? 2 : 0));
    info.max_order = (uint16_t)((info.flags & 1) != 0 ? l.n : 0);
    if (l.n > UINT16_MAX && (info.flags & 1) != 0)
        return err_plain(c->err, HI5_E_LIMIT, "more than 65535 attributes in an order");
    if (dense)
        TRY(copy_attrs_dense(&l, &info));
    if (h->prefix.version == 2)
        TRY(copy_put(h, MSG_ATTR_INFO, MSG_F_DONT_SHARE, &info));
    for (size_t i = 0; !dense && i < l.n; i++)
        TRY(copy_put_raw(h, &l.put[i]));
    return HI5_OK;
}

/* ---- elements that had to wait ---- */

struct copy_attrs_late {
    struct copy *c;
    uint16_t source;
    uint64_t addr; /* of the new header */
};

static bool
copy_attr_match(void *ctx, const struct ohdr_msg *m)
{
    const char *const name = ctx;
    struct cur c = cur_reader(m->body, m->size, NULL);
    struct msg_attr a;

    msg_attr_code(&c, &a);
    return cur_ok(&c) && strcmp(a.name, name) == 0;
}

static hi5_status
copy_attr_replace_dense(struct copy *c, const struct msg_attr_info *info,
                        const char *name, const struct ohdr_put *put)
{
    struct dense_edit d;
    struct dense_gone gone;
    hi5_status s;

    TRY(dense_edit_open_attrs(&c->to->shared, info, &d, c->err));
    s = put != NULL
            ? dense_edit_replace_attr(&d, name, put->body, put->size, &gone, c->err)
            : dense_edit_remove_attr(&d, name, &gone, c->err);
    if (s == HI5_OK)
        s = dense_edit_settle(&d, c->err);
    dense_edit_close(&d);
    return s;
}

/* Put another message in the place of an attribute's; NULL: none. */
static hi5_status
copy_attr_replace(const struct copy_attrs_late *w, const char *name,
                  struct ohdr_put *put)
{
    struct meta *const m = &w->c->to->meta;
    const struct ohdr_which info_is = {.type = MSG_ATTR_INFO};
    const struct ohdr_which which = {
        .type = MSG_ATTR, .match = copy_attr_match, .ctx = (void *)(uintptr_t)name};
    struct msg_attr_info info;
    struct ohdr_msg now;
    hi5_status s = ohdr_look(m, w->addr, &info_is, &now, w->c->err);

    if (s != HI5_OK && s != HI5_E_NOTFOUND)
        return s;
    if (s == HI5_OK) {
        struct cur c = meta_cursor_at(m, now.body, now.size, now.addr, NULL, w->c->err);
        msg_attr_info_code(&c, &info);
        if (!cur_ok(&c))
            return c.status;
        if (info.fheap != ADDR_NONE)
            return copy_attr_replace_dense(w->c, &info, name, put);
    }
    if (put == NULL)
        return ohdr_remove(m, w->addr, &which, w->c->err);
    TRY(ohdr_look(m, w->addr, &which, &now, w->c->err));
    put->order = now.order;
    return ohdr_replace(m, w->addr, &which, put, w->c->err);
}

static hi5_status
copy_attr_one_later(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct copy_attrs_late *const w = ctx;
    struct copy_attr k = {.c = w->c, .source = w->source};
    struct ohdr_put put;
    struct arena arena;
    hi5_status s;
    bool gone;

    (void)err;
    if (bad != NULL)
        return HI5_OK;
    hi5_attribute_get_info(a, &k.info);
    if (!copy_values_wait(w->c, w->source, k.info.type))
        return HI5_OK;
    arena_init(&arena, w->c->mem);
    k.arena = &arena;
    k.shape = k.info.shape;
    s = copy_attr_load(&k, a, true);
    if (s == HI5_OK)
        s = copy_attr_encode(&k, &put);
    gone = copy_passes(w->c, s);
    if (s == HI5_OK || gone)
        s = copy_attr_replace(w, k.info.name,
                              gone || (k.size == 0 && k.info.size != 0) ? NULL : &put);
    s = copy_passes(w->c, s) ? HI5_OK : s; /* it was left out at first, too */
    arena_done(&arena);
    return s;
}

HI5_INT hi5_status
copy_attributes_later(struct copy *c, size_t i)
{
    struct copy_attrs_late w = {c, c->entry[i].source, c->entry[i].to};
    hi5_object *o;
    hi5_status s;

    if (c->o->no_attributes)
        return HI5_OK;
    TRY(object_open(c->source[w.source], c->entry[i].from, NULL, &o, c->err));
    s = hi5_attribute_each(o, HI5_NATIVE, false, copy_attr_one_later, &w, c->err);
    hi5_object_close(o);
    return copy_passes(c, s) ? HI5_OK : s;
}
