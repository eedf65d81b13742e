/*
 * attribute_edit.c - writing attributes                            [FMT IV.A.2.m]
 *
 * An attribute is a message of its object's header; from some number or size on all of
 * them are in a heap, where the header is of version 2.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/attribute.h"
#include "file/delete.h"
#include "file/edit.h"
#include "file/type_edit.h"
#include "format/dense_edit.h"
#include "format/sohm_edit.h"
#include "space/convert.h"
#include <stdlib.h>
#include <string.h>

#define ATTR_MOST 65500u /* bytes of a message that any header can hold */

/* An attribute on its way into an object. Everything lives in the arena. */
struct attr_put {
    hi5_file *file;
    uint64_t addr;             /* of the object's header */
    struct arena arena;
    hi5_error *err;
    const char *name;
    const hi5_type *type;      /* as stored */
    hi5_shape shape;
    uint8_t *data;
    size_t data_len;
    struct ohdr_put put;
    struct ohdr *head;         /* as it is before */
    struct msg_attr_info info;
    bool has_info;
    uint64_t left;             /* after deleting one from a heap */
    const char *to;            /* renaming */
    const struct ohdr_msg *was; /* in the header, or NULL */
    uint64_t count;            /* of attributes in the header */
    struct recall gone;        /* what an attribute that goes has elsewhere */
    struct recall before;      /* as it was before that was noted */
    bool recalled;             /* it was */
};

#define ATTR_FEW 64u /* attributes that may come back from a heap at once */

/* Attributes on their way back into the header. */
struct aput_list {
    struct attr_put *put;
    size_t n;
    struct ohdr_put item[ATTR_FEW];
    bool shared[ATTR_FEW];     /* becomes the object's own */
};

static hi5_status
aput_list_one(void *ctx, const struct dense_attr *a, const hi5_error *bad, hi5_error *err)
{
    struct aput_list *const l = ctx;
    const void *copy;

    if (bad != NULL) {
        if (err != NULL)
            *err = *bad;
        return bad->status;
    }
    if (l->n == ATTR_FEW)
        return err_plain(err, HI5_E_CORRUPT, "more attributes than the index counts");
    copy = arena_copy(&l->put->arena, a->body, a->size);
    if (copy == NULL)
        return mem_fail(&l->put->file->mem, a->size, err);
    l->shared[l->n] = a->shared;
    l->item[l->n++] = (struct ohdr_put){.type = MSG_ATTR, .body = copy, .size = a->size,
                                        .order = (uint16_t)a->order};
    return HI5_OK;
}

#define ATTR_NO_ORDER 0xffffu /* in an index, where order is not tracked */

/* ---- the message ---- */

static hi5_status
aput_encode(struct attr_put *k)
{
    const struct meta *const m = &k->file->meta;
    const bool old = k->file->edit->compat == HI5_COMPAT_EARLIEST;
    const size_t n = strlen(k->name) + 1;
    struct msg_space space = edit_space(k->file->edit, &k->shape);
    struct ohdr_put type, where;
    struct msg_attr a = {.name = k->name, .name_len = (uint16_t)n, .data = k->data,
                         .data_len = k->data_len,
                         .charset = (uint8_t)edit_charset(k->name, n - 1)};

    TRY(type_put(k->file, k->type, &k->arena, &type, k->err));
    TRY(edit_message(m, &k->arena, MSG_SPACE, 0, &space, &where, k->err));
    a.flags = (type.flags & MSG_F_SHARED) != 0;
    a.version = !old || a.charset != HI5_ASCII ? 3 : a.flags != 0 ? 2 : 1;
    a.type = type.body;
    a.type_len = (uint16_t)type.size;
    a.space = where.body;
    a.space_len = (uint16_t)where.size;
    return edit_message(m, &k->arena, MSG_ATTR, 0, &a, &k->put, k->err);
}

static hi5_status
aput_convert(struct attr_put *k, const hi5_type *memory, const void *buf)
{
    const struct conv_env env = object_conv_env(k->file);
    const uint64_t count = hi5_shape_count(&k->shape);
    const struct conv *path;
    hi5_type *made = NULL;
    uint64_t bytes;
    hi5_status s = HI5_OK;

    if (count == UINT64_MAX || !ckd_mul64(count, k->type->size, &bytes) ||
        !ckd_size(bytes, &k->data_len))
        return err_plain(k->err, HI5_E_ARG, "the attribute would be too large");
    k->data = arena_zalloc(&k->arena, k->data_len + 1, 1);
    if (k->data == NULL)
        return mem_fail(&k->file->mem, k->data_len, k->err);
    if (count == 0 || buf == NULL)
        return HI5_OK;
    if (memory == NULL)
        s = hi5_type_memory(k->type, &made, k->err);
    if (s == HI5_OK)
        s = conv_open(memory != NULL ? memory : made, k->type, &env, &k->arena, &path,
                      k->err);
    if (s == HI5_OK)
        s = conv_run(path, buf, k->data, (size_t)count, k->err);
    hi5_type_free(made);
    return s;
}

/* ---- into the header ---- */

/* The next order follows all that there are, also where another writer did not count. */
static void
aput_order_goes_on(struct attr_put *k)
{
    const struct ohdr_msg *m;
    size_t i = 0;

    if ((k->info.flags & 1) != 0 && k->info.fheap == ADDR_NONE)
        while ((m = ohdr_next(k->head, MSG_ATTR, &i)) != NULL)
            if (m->order >= k->info.max_order && m->order != UINT16_MAX)
                k->info.max_order = (uint16_t)(m->order + 1);
}

static hi5_status
aput_load(struct attr_put *k)
{
    const struct ohdr_msg *m;

    TRY(ohdr_read(&k->file->meta, k->addr, &k->arena, &k->head, k->err));
    k->info = (struct msg_attr_info){.fheap = ADDR_NONE, .name_bt2 = ADDR_NONE,
                                     .order_bt2 = ADDR_NONE};
    if (k->head->flags & OHDR_F_ORDER_TRACKED) /* else there is nothing to index */
        k->info.flags = k->head->flags & OHDR_F_ORDER_INDEXED ? 3 : 1;
    m = ohdr_first(k->head, MSG_ATTR_INFO);
    k->has_info = m != NULL;
    if (m != NULL) {
        struct cur c = meta_cursor_at(&k->file->meta, m->body, m->size, m->addr, NULL,
                                      k->err);
        msg_attr_info_code(&c, &k->info);
        if (!cur_ok(&c))
            return c.status;
    }
    aput_order_goes_on(k);
    return HI5_OK;
}

/* The message in the header that is called so; NULL if there is none. */
static hi5_status
aput_find(struct attr_put *k, const char *name, const struct ohdr_msg **found,
          uint64_t *count)
{
    const struct ohdr_msg *m;
    size_t i = 0;

    *found = NULL;
    *count = 0;
    while ((m = ohdr_next(k->head, MSG_ATTR, &i)) != NULL) {
        struct msg_attr a;
        struct cur c;

        ++*count;
        TRY(object_message(k->file, m, &k->arena, &c, NULL, k->err));
        msg_attr_code(&c, &a);
        if (!cur_ok(&c))
            return c.status;
        if (strcmp(a.name, name) == 0)
            *found = m;
    }
    return HI5_OK;
}

static hi5_status
aput_info(struct attr_put *k)
{
    const struct ohdr_which which = {.type = MSG_ATTR_INFO};
    struct ohdr_put put;

    if (k->head->version == 1)
        return HI5_OK;
    TRY(edit_message(&k->file->meta, &k->arena, MSG_ATTR_INFO, MSG_F_DONT_SHARE,
                     &k->info, &put, k->err));
    return k->has_info ? ohdr_replace(&k->file->meta, k->addr, &which, &put, k->err)
                       : ohdr_add(&k->file->meta, k->addr, &put, k->err);
}

static hi5_status
aput_too_large(const struct attr_put *k)
{
    return err_plain(k->err, HI5_E_LIMIT, "attribute '%s' would take %zu bytes; this "
                     "object's header, or a heap of this file, holds less than 64 KiB of it",
                     k->name, k->put.size);
}

/* ---- what goes ---- */

/* Note what an attribute has elsewhere, which is given back once it is gone. What is
 * broken has nothing to give back, and can be replaced all the same. */
static hi5_status
aput_let_go(struct attr_put *k, const uint8_t *body, size_t size, uint64_t addr)
{
    k->recalled = true;
    k->before = k->gone;
    return recall_attribute(&k->gone, body, size, addr, k->err);
}

static hi5_status
aput_let_message_go(struct attr_put *k, const struct ohdr_msg *m)
{
    if ((m->flags & MSG_F_SHARED) == 0)
        return aput_let_go(k, m->body, m->size, m->addr);
    k->recalled = true;
    return recall_message(&k->gone, m, k->err);
}

/* A part of an attribute of which there is one more now. */
static hi5_status
aput_keep_part(struct attr_put *k, unsigned type, const uint8_t *body, size_t n)
{
    const struct meta *const m = &k->file->meta;
    struct cur c = meta_cursor_at(m, body, n, ADDR_NONE, NULL, k->err);
    struct msg_shared shared = {0};
    uint32_t now;

    msg_shared_code(&c, &shared);
    if (!cur_ok(&c))
        return c.status;
    return shared.in_heap ? sohm_use_id(&k->file->shared, type, shared.heap_id, k->err)
                          : ohdr_add_refs(&k->file->meta, shared.addr, 1, &now, k->err);
}

/* A shared attribute message becomes one of the object's own: what it leads to is used by
 * both. */
static hi5_status
aput_keep_parts(struct attr_put *k, const uint8_t *body, size_t size)
{
    struct cur c = meta_cursor_at(&k->file->meta, body, size, ADDR_NONE, NULL, k->err);
    struct msg_attr a;

    msg_attr_code(&c, &a);
    if (!cur_ok(&c))
        return c.status;
    if (a.flags & 1)
        TRY(aput_keep_part(k, MSG_TYPE, a.type, a.type_len));
    return a.flags & 2 ? aput_keep_part(k, MSG_SPACE, a.space, a.space_len) : HI5_OK;
}

/* Others may have the same message. */
static hi5_status
aput_shared(struct attr_put *k, const struct dense_gone *gone)
{
    if (!gone->shared)
        return HI5_OK;
    recall_back(&k->gone, &k->before);
    return recall_shared(&k->gone, MSG_ATTR, gone->id, k->err);
}

/* ---- into a heap ---- */

/* Open the heap, do one thing, and close it. */
typedef hi5_status (*aput_dense_fn)(struct attr_put *k, struct dense_edit *d);

static hi5_status
aput_with_dense(struct attr_put *k, aput_dense_fn fn)
{
    struct dense_edit d;
    hi5_status s;

    TRY(dense_edit_open_attrs(&k->file->shared, &k->info, &d, k->err));
    s = fn(k, &d);
    if (s == HI5_OK)
        s = dense_edit_settle(&d, k->err);
    dense_edit_close(&d);
    return s;
}

static hi5_status
aput_let_dense_go(struct attr_put *k, struct dense_edit *d)
{
    struct dense_attr old;
    const hi5_status s = dense_edit_find_attr(d, k->name, &k->arena, &old, k->err);

    if (s == HI5_E_NOTFOUND)
        return HI5_OK;
    return s == HI5_OK ? aput_let_go(k, old.body, old.size, old.addr) : s;
}

/* What there is of this name. */
static hi5_status
aput_recall_old(struct attr_put *k)
{
    if (k->info.fheap != ADDR_NONE)
        return k->type->has_vlen ? aput_with_dense(k, aput_let_dense_go) : HI5_OK;
    TRY(aput_find(k, k->name, &k->was, &k->count));
    return k->was != NULL ? aput_let_message_go(k, k->was) : HI5_OK;
}

/* The order that a new attribute has, which is then taken. */
static hi5_status
aput_next_order(struct attr_put *k, uint32_t *order)
{
    *order = ATTR_NO_ORDER;
    if ((k->info.flags & 1) == 0)
        return HI5_OK;
    if (k->info.max_order == UINT16_MAX)
        return err_plain(k->err, HI5_E_LIMIT, "the object has had 65535 attributes");
    *order = k->info.max_order++;
    return HI5_OK;
}

static hi5_status
aput_add_dense(struct attr_put *k, struct dense_edit *d)
{
    uint32_t order;

    TRY(aput_next_order(k, &order));
    TRY(dense_edit_add_attr(d, k->put.body, k->put.size, order, k->err));
    return order != ATTR_NO_ORDER ? aput_info(k) : HI5_OK;
}

static hi5_status
aput_store_dense(struct attr_put *k, struct dense_edit *d)
{
    struct dense_attr old;
    struct dense_gone gone;
    const hi5_status s = dense_edit_find_attr(d, k->name, &k->arena, &old, k->err);

    if (s == HI5_E_NOTFOUND)
        return aput_add_dense(k, d);
    if (s != HI5_OK)
        return s;
    if (!k->recalled)
        TRY(aput_let_go(k, old.body, old.size, old.addr));
    TRY(dense_edit_replace_attr(d, k->name, k->put.body, k->put.size, &gone, k->err));
    return aput_shared(k, &gone);
}

/* An attribute in the header, and its order. */
struct attr_place {
    const struct ohdr_msg *m;
    uint32_t order;
};

static int
aput_by_order(const void *a, const void *b)
{
    const struct attr_place *const x = a, *const y = b;

    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->m < y->m ? -1 : x->m > y->m;
}

/* The attributes of the header by their orders. Another writer may have given one twice,
 * which no index holds: then they are counted anew. */
static hi5_status
aput_places(struct attr_put *k, size_t count, struct attr_place **out)
{
    const bool tracked = (k->info.flags & 1) != 0;
    struct attr_place *const p = arena_zalloc(&k->arena, count + 1, sizeof *p);
    const struct ohdr_msg *m;
    bool twice = false;
    size_t n = 0, i = 0;

    if (p == NULL)
        return mem_fail(&k->file->mem, count * sizeof *p, k->err);
    for (; n < count && (m = ohdr_next(k->head, MSG_ATTR, &i)) != NULL; n++)
        p[n] = (struct attr_place){m, tracked ? m->order : ATTR_NO_ORDER};
    *out = p;
    if (!tracked)
        return HI5_OK;
    qsort(p, n, sizeof *p, aput_by_order);
    for (i = 1; i < n; i++)
        twice |= p[i].order == p[i - 1].order;
    for (i = 0; twice && i < n; i++)
        p[i].order = (uint32_t)i;
    if (twice && k->info.max_order < n)
        k->info.max_order = (uint16_t)n;
    return HI5_OK;
}

/* A shared one becomes the object's own. */
static hi5_status
aput_move_dense(struct attr_put *k, struct dense_edit *d, const struct ohdr_msg *m,
                uint32_t order)
{
    const bool shared = (m->flags & MSG_F_SHARED) != 0;
    const uint8_t *body;
    uint64_t addr, committed;
    size_t n;

    TRY(shared_body(&k->file->shared, MSG_ATTR, shared, m->body, m->size, m->addr,
                    &k->arena, &body, &n, &addr, &committed, k->err));
    TRY(dense_edit_add_attr(d, body, n, order, k->err));
    if (!shared || m == k->was) /* what is replaced goes at once, and has been recalled */
        return HI5_OK;
    TRY(aput_keep_parts(k, body, n));
    return recall_message(&k->gone, m, k->err);
}

/* Move all attributes of the header into a heap. */
static hi5_status
aput_make_dense(struct attr_put *k, uint64_t count)
{
    struct attr_place *place = NULL;
    struct dense_edit d;
    hi5_status s = HI5_OK;

    if (count >= UINT16_MAX)
        return err_plain(k->err, HI5_E_LIMIT, "the object has 65535 attributes");
    TRY(aput_places(k, (size_t)count, &place));
    TRY(dense_edit_create_attrs(&k->file->shared, &k->info, &d, k->err));
    for (size_t i = 0; i < count && s == HI5_OK; i++)
        s = aput_move_dense(k, &d, place[i].m, place[i].order);
    if (s == HI5_OK)
        s = dense_edit_settle(&d, k->err);
    dense_edit_close(&d);
    if (s != HI5_OK)
        return s;
    TRY(aput_info(k));
    k->has_info = true;
    return count != 0 ? ohdr_remove(&k->file->meta, k->addr,
                                    &(struct ohdr_which){.type = MSG_ATTR}, k->err)
                      : HI5_OK;
}

/* What follows a change that goes through. */
static hi5_status
aput_store(struct attr_put *k)
{
    const struct ohdr_msg *const old = k->was;
    const bool large = k->put.size > ATTR_MOST;
    const uint64_t count = k->count;
    uint32_t order;

    if (large && (k->head->version == 1 ||
                  (k->file->meta.len_w < 8 && k->put.size >> (8 * k->file->meta.len_w) != 0)))
        return aput_too_large(k);
    if (k->info.fheap == ADDR_NONE && k->head->version == 2 &&
        ((old == NULL && count >= k->head->max_compact) || large))
        TRY(aput_make_dense(k, count));
    if (k->info.fheap != ADDR_NONE)
        return aput_with_dense(k, aput_store_dense);
    if (old != NULL) {
        k->put.order = old->order;
        return ohdr_replace(&k->file->meta, k->addr,
                            &(struct ohdr_which){.type = MSG_ATTR, .addr = old->addr},
                            &k->put, k->err);
    }
    TRY(aput_next_order(k, &order));
    k->put.order = order != ATTR_NO_ORDER ? (uint16_t)order : 0;
    if (!k->has_info || order != ATTR_NO_ORDER)
        TRY(aput_info(k));
    return ohdr_add(&k->file->meta, k->addr, &k->put, k->err);
}

static hi5_status
aput_check(const struct attr_put *k)
{
    const size_t n = strlen(k->name);

    if (n == 0 || n > UINT16_MAX - 1)
        return err_plain(k->err, HI5_E_ARG, "an attribute's name has 1 to 65534 bytes, "
                         "not %zu", n);
    if (k->shape.rank > HI5_MAX_RANK)
        return err_plain(k->err, HI5_E_ARG, "rank %u; at most 32 can be stored",
                         k->shape.rank);
    return HI5_OK;
}

static hi5_status
aput_all(struct attr_put *k, const hi5_type *type, const hi5_type *memory,
         const void *buf)
{
    for (unsigned i = 0; i < k->shape.rank; i++)
        k->shape.max[i] = k->shape.dims[i];
    TRY(aput_check(k));
    TRY(type_stored(k->file, type, &k->arena, &k->type, k->err));
    TRY(aput_load(k));
    TRY(aput_recall_old(k));
    TRY(aput_convert(k, memory, buf));
    TRY(aput_encode(k));
    TRY(aput_store(k));
    return k->file->edit->times ? ohdr_touch(&k->file->meta, k->addr, edit_now(), k->err)
                                : HI5_OK;
}

/* ---- one change ---- */

static hi5_status
aput_begin(struct attr_put *k, hi5_object *o, const char *name, hi5_error *err)
{
    *k = (struct attr_put){.file = o->file, .addr = o->head->addr, .err = err,
                           .name = name};
    TRY(object_here(o, err));
    TRY(edit_begin(o->file, err));
    arena_init(&k->arena, &o->file->mem);
    recall_init(&k->gone, o->file, &k->arena);
    k->gone.learns = true;
    return HI5_OK;
}

/* With what came of it. */
static hi5_status
aput_end(struct attr_put *k, hi5_status s)
{
    if (s == HI5_OK)
        s = recall_give(&k->gone, k->err);
    s = edit_end(k->file, s, k->err);
    recall_done(&k->gone);
    arena_done(&k->arena);
    return s;
}

HI5_INT hi5_status
attribute_put(hi5_object *o, const char *name, const hi5_type *type,
              const hi5_shape *shape, const hi5_type *memory, const void *buf,
              hi5_error *err)
{
    struct attr_put k;

    TRY(aput_begin(&k, o, name, err));
    if (shape != NULL)
        k.shape = *shape;
    return aput_end(&k, aput_all(&k, type, memory, buf));
}

hi5_status
hi5_attribute_write(hi5_object *o, const char *name, const hi5_type *type,
                    const hi5_shape *shape, const hi5_type *memory, const void *buf,
                    hi5_error *err)
{
    err_clear(err);
    return object_error(o, attribute_put(o, name, type, shape, memory, buf, err), err);
}

hi5_status
hi5_attribute_write_string(hi5_object *o, const char *name, const char *text,
                           hi5_error *err)
{
    err_clear(err);
    return object_error(o, attribute_put(o, name, HI5_STR, NULL, HI5_STR, &text, err),
                        err);
}

hi5_status
hi5_attribute_modify(hi5_attribute *a, const hi5_type *memory, const void *buf,
                     hi5_error *err)
{
    hi5_attribute_info info;

    err_clear(err);
    hi5_attribute_get_info(a, &info);
    return object_error(attribute_object(a),
                        attribute_put(attribute_object(a), info.name, info.type,
                                      &info.shape, memory, buf, err),
                        err);
}

/* ---- other names, none ---- */

static hi5_status
aput_none(const struct attr_put *k)
{
    return err_plain(k->err, HI5_E_NOTFOUND, "no attribute '%s'", k->name);
}

static hi5_status
aput_shared_gone(void *ctx, const struct dense_gone *gone, hi5_error *err)
{
    struct attr_put *const k = ctx;

    return recall_shared(&k->gone, MSG_ATTR, gone->id, err);
}

/* Bring the attributes of a heap back into the header, if there are few and all fit. */
static hi5_status
aput_make_compact(struct attr_put *k)
{
    struct aput_list list = {.put = k};
    struct msg_attr_info was = k->info;

    hi5_status s = dense_attrs_each(&k->file->shared, &k->info, (k->info.flags & 2) != 0,
                                    aput_list_one, &list, k->err);

    if (s != HI5_OK) /* what is damaged stays where it is */
        return recall_status(s, k->err);
    for (size_t i = 0; i < list.n; i++)
        if (list.item[i].size > ATTR_MOST)
            return HI5_OK;
    TRY(dense_edit_delete_attrs(&k->file->meta, &was, aput_shared_gone, k, k->err));
    k->info = was;
    for (size_t i = 0; i < list.n; i++) {
        if (list.shared[i])
            TRY(aput_keep_parts(k, list.item[i].body, list.item[i].size));
        TRY(ohdr_add(&k->file->meta, k->addr, &list.item[i], k->err));
    }
    return aput_info(k);
}

static hi5_status
aput_delete_dense(struct attr_put *k, struct dense_edit *d)
{
    struct dense_attr old;
    struct dense_gone gone;
    hi5_status s = dense_edit_find_attr(d, k->name, &k->arena, &old, k->err);

    if (s == HI5_OK)
        s = aput_let_go(k, old.body, old.size, old.addr);
    if (s == HI5_OK)
        s = dense_edit_remove_attr(d, k->name, &gone, k->err);
    if (s == HI5_OK)
        s = aput_shared(k, &gone);
    k->left = dense_edit_count(d);
    return s == HI5_E_NOTFOUND ? aput_none(k) : s;
}

static hi5_status
aput_delete(struct attr_put *k)
{
    const struct ohdr_msg *old;
    uint64_t count;

    TRY(aput_load(k));
    if (k->info.fheap != ADDR_NONE) {
        TRY(aput_with_dense(k, aput_delete_dense));
        return k->left < k->head->min_dense && k->left <= ATTR_FEW ? aput_make_compact(k)
                                                                   : HI5_OK;
    }
    TRY(aput_find(k, k->name, &old, &count));
    if (old == NULL)
        return aput_none(k);
    TRY(aput_let_message_go(k, old));
    return ohdr_remove(&k->file->meta, k->addr,
                       &(struct ohdr_which){.type = MSG_ATTR, .addr = old->addr}, k->err);
}

hi5_status
hi5_attribute_delete(hi5_object *o, const char *name, hi5_error *err)
{
    struct attr_put k;
    hi5_status s;

    err_clear(err);
    s = aput_begin(&k, o, name, err);
    if (s == HI5_OK)
        s = aput_end(&k, aput_delete(&k));
    return object_error(o, s, err);
}

/* The message at `c` under another name. */
static hi5_status
aput_renamed(struct attr_put *k, struct cur *c)
{
    struct msg_attr a;

    msg_attr_code(c, &a);
    if (!cur_ok(c))
        return c->status;
    a.name = k->to;
    a.name_len = (uint16_t)(strlen(k->to) + 1);
    a.charset = (uint8_t)edit_charset(k->to, strlen(k->to));
    if (a.charset != HI5_ASCII)
        a.version = 3;
    return edit_message(&k->file->meta, &k->arena, MSG_ATTR, 0, &a, &k->put, k->err);
}

static hi5_status
aput_rename_dense(struct attr_put *k, struct dense_edit *d)
{
    struct dense_attr old;
    struct dense_gone gone;
    struct cur c;
    hi5_status s = dense_edit_find_attr(d, k->name, &k->arena, &old, k->err);

    if (s == HI5_E_NOTFOUND)
        return aput_none(k);
    if (s != HI5_OK)
        return s;
    c = meta_cursor_at(&k->file->meta, old.body, old.size, old.addr, &k->arena, k->err);
    TRY(aput_renamed(k, &c));
    s = dense_edit_replace_attr(d, k->name, k->put.body, k->put.size, &gone, k->err);
    if (s == HI5_OK && gone.shared) {
        TRY(aput_keep_parts(k, k->put.body, k->put.size));
        return recall_shared(&k->gone, MSG_ATTR, gone.id, k->err);
    }
    return s == HI5_E_EXISTS ? err_plain(k->err, s, "there is an attribute '%s' already",
                                         k->to)
                             : s;
}

static hi5_status
aput_rename(struct attr_put *k, const char *to)
{
    const struct attr_put probe = {.name = to, .err = k->err};
    const struct ohdr_msg *old, *other;
    struct cur c;
    uint64_t count;

    TRY(aput_check(&probe));
    k->to = to;
    TRY(aput_load(k));
    if (strcmp(k->name, to) == 0)
        return HI5_OK;
    if (k->info.fheap != ADDR_NONE)
        return aput_with_dense(k, aput_rename_dense);
    TRY(aput_find(k, k->name, &old, &count));
    TRY(aput_find(k, to, &other, &count));
    if (old == NULL)
        return aput_none(k);
    if (other != NULL)
        return err_plain(k->err, HI5_E_EXISTS, "there is an attribute '%s' already", to);
    TRY(object_message(k->file, old, &k->arena, &c, NULL, k->err));
    TRY(aput_renamed(k, &c));
    if (k->put.size > ATTR_MOST)
        return aput_too_large(k);
    k->put.order = old->order;
    if (old->flags & MSG_F_SHARED) {
        TRY(aput_keep_parts(k, k->put.body, k->put.size));
        TRY(recall_message(&k->gone, old, k->err));
    }
    return ohdr_replace(&k->file->meta, k->addr,
                        &(struct ohdr_which){.type = MSG_ATTR, .addr = old->addr},
                        &k->put, k->err);
}

hi5_status
hi5_attribute_rename(hi5_object *o, const char *from, const char *to, hi5_error *err)
{
    struct attr_put k;
    hi5_status s;

    err_clear(err);
    s = aput_begin(&k, o, from, err);
    if (s == HI5_OK)
        s = aput_end(&k, aput_rename(&k, to));
    return object_error(o, s, err);
}
