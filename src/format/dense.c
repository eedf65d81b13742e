/*
 * dense.c - links and attributes in fractal heaps                  [FMT IV.A.2.c, .v]
 *
 * A link info or attribute info message points at a fractal heap of link or attribute
 * messages, at a version-2 B-tree of them by the hash of their names and, where that was
 * asked for, at another by creation order. The records hold heap IDs.
 */
#include "format/dense.h"
#include "base/err.h"
#include "base/lookup3.h"
#include "btree/btree2.h"
#include "btree/node.h"
#include <string.h>

/*
 * B-tree records of links and attributes                           [FMT III.A.2]
 *
 *   size  field                 type   5      6       8    9
 *                                    link   link    attr attr
 *                                    name   order   name order
 *      4  hash of the name       *
 *      8  creation order                *
 *      7  heap ID                *      *
 *      8  heap ID                                *    *
 *      1  message flags                          *    *
 *      4  creation order                         *    *
 *      4  hash of the name                       *
 */
enum {
    DENSE_LINK_ID = 7,
    DENSE_LINK_NAME_REC = 4 + DENSE_LINK_ID,
    DENSE_LINK_ORDER_REC = 8 + DENSE_LINK_ID,
    DENSE_ATTR_ID = 8,
    DENSE_ATTR_ORDER_REC = DENSE_ATTR_ID + 1 + 4,
    DENSE_ATTR_NAME_REC = DENSE_ATTR_ORDER_REC + 4
};

static hi5_status
dense_count(struct meta *m, uint64_t tree, enum bt2_type type, size_t record,
            uint64_t *n, hi5_error *err)
{
    const struct bt2 *t;
    struct arena a;
    hi5_status s;

    *n = 0;
    if (tree == ADDR_NONE)
        return HI5_OK;
    arena_init(&a, m->mem);
    s = bt2_open(m, tree, type, record, &a, &t, err);
    if (s == HI5_OK)
        *n = bt2_header(t)->total;
    arena_done(&a);
    return s;
}

/* Objects do not overlap, so those of one heap together have no more bytes than the
 * file, unless filters made them smaller. More means that records share objects, which
 * would let a small file keep us busy for long. */
static hi5_status
dense_spend(const struct fheap *heap, uint64_t *left, uint64_t n, uint64_t addr,
            hi5_error *err)
{
    if (fheap_header(heap)->filter_len > 0)
        return HI5_OK;
    return node_spend(left, n, addr, "fractal heap", "III.G", err);
}

/* A name that is looked for in a name index. Records are ordered by hash and then by
 * name (U-DN-1), but some writers leave names of equal hash unordered (GRP-17), so a
 * search that has met such a name and failed is followed by a walk. */
struct dense_search {
    const char *name;
    size_t n;
    uint32_t hash;
    bool collision;
    /* Order of the name that is looked for against the one that a record stands for. */
    int (*order)(struct dense_search *s, const uint8_t *record, hi5_status *status,
                 hi5_error *err);
    unsigned hash_at; /* in the record */
    size_t record_size;
    uint8_t record[DENSE_ATTR_NAME_REC]; /* what was found */
    hi5_status bad;                      /* the first failure of the walk */
    hi5_error why;
};

static int
dense_order(const struct dense_search *s, const void *name, size_t n)
{
    const int order = memcmp(s->name, name, s->n < n ? s->n : n);

    return order != 0 ? order : s->n < n ? -1 : s->n > n;
}

static int
dense_compare(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    struct dense_search *const s = ctx;
    const uint32_t hash = (uint32_t)cur_raw_uint(record + s->hash_at, 4);
    int order;

    if (s->hash != hash)
        return s->hash < hash ? -1 : 1;
    order = s->order(s, record, status, err);
    if (order != 0 || *status != HI5_OK)
        s->collision = true;
    return order;
}

static hi5_status
dense_walk(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct dense_search *const s = ctx;
    hi5_status status = HI5_OK;
    hi5_error why;
    int order;

    (void)err;
    if ((uint32_t)cur_raw_uint(record + s->hash_at, 4) != s->hash)
        return HI5_OK;
    err_clear(&why);
    order = s->order(s, record, &status, &why);
    if (status == HI5_OK && order == 0) {
        memcpy(s->record, record, s->record_size);
        return HI5_E_EXISTS; /* ends the walk: found */
    }
    if (status != HI5_OK && s->bad == HI5_OK) {
        s->bad = status;
        s->why = why;
    }
    return HI5_OK;
}

/* Find the record of a name; it is left in s->record. */
static hi5_status
dense_search(const struct bt2 *t, struct dense_search *s, hi5_error *err)
{
    hi5_status status = bt2_find(t, dense_compare, s, s->record, err);

    if (status == HI5_OK || !s->collision)
        return status;
    status = bt2_each(t, false, dense_walk, s, err);
    if (status == HI5_E_EXISTS)
        return HI5_OK;
    if (status == HI5_OK && s->bad != HI5_OK) {
        if (err != NULL)
            *err = s->why;
        return s->bad;
    }
    return status == HI5_OK ? HI5_E_NOTFOUND : status;
}

/* ---- links ---- */

struct dense_links {
    struct meta *meta;
    const struct fheap *heap;
    unsigned id_at; /* in the record */
    link_fn fn;
    void *ctx;
    uint64_t left;  /* bytes of objects still believable */
    hi5_status bad; /* the first failure that concerns one link alone */
    hi5_error why;
};

/* @param held  not NULL: views of *l live as long as it is pinned; else they go to `a` */
static hi5_status
dense_link_get(struct meta *m, const struct fheap *heap, const uint8_t *id,
               struct arena *a, struct msg_link *l, size_t *n, struct block **held,
               hi5_error *err)
{
    const uint8_t *bytes;
    uint64_t addr;
    struct cur c;

    if (held != NULL)
        TRY(fheap_view(heap, id, DENSE_LINK_ID, a, &bytes, n, &addr, held, err));
    else
        TRY(fheap_get(heap, id, DENSE_LINK_ID, a, &bytes, n, &addr, err));
    c = meta_cursor_at(m, bytes, *n, addr, a, err);
    msg_link_code(&c, l);
    return c.status;
}

static hi5_status
dense_link_visit(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct dense_links *const d = ctx;
    struct msg_link l = {0};
    struct arena a;
    hi5_error why;
    struct block *held = NULL;
    hi5_status s, bad;
    size_t n = 0;

    err_clear(&why);
    arena_init(&a, d->meta->mem);
    bad = dense_link_get(d->meta, d->heap, record + d->id_at, &a, &l, &n, &held, &why);
    s = dense_spend(d->heap, &d->left, n, ADDR_NONE, err);
    if (s == HI5_OK && bad == HI5_OK)
        s = d->fn(d->ctx, &l, err);
    meta_unpin(d->meta, held);
    arena_done(&a);
    if (bad != HI5_OK && d->bad == HI5_OK) {
        d->bad = bad;
        d->why = why;
    }
    return s;
}

HI5_INT hi5_status
dense_links_each(struct meta *m, const struct msg_link_info *info,
                 const struct pipe_plugins *plugins, bool by_order, link_fn fn,
                 void *ctx, hi5_error *err)
{
    const bool order = by_order && info->order_bt2 != ADDR_NONE;
    struct dense_links d = {
        .meta = m, .id_at = order ? 8 : 4, .fn = fn, .ctx = ctx, .left = m->eof};
    const struct bt2 *t;
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    s = fheap_open(m, info->fheap, plugins, &a, &d.heap, err);
    if (s == HI5_OK && order)
        s = bt2_open(m, info->order_bt2, BT2_LINK_ORDER, DENSE_LINK_ORDER_REC, &a, &t,
                     err);
    else if (s == HI5_OK)
        s = bt2_open(m, info->name_bt2, BT2_LINK_NAME, DENSE_LINK_NAME_REC, &a, &t,
                     err);
    if (s == HI5_OK)
        s = bt2_each(t, false, dense_link_visit, &d, err);
    arena_done(&a);
    if (s == HI5_OK && d.bad != HI5_OK) {
        s = d.bad;
        if (err != NULL)
            *err = d.why;
    }
    return s;
}

struct dense_link_search {
    struct dense_search search; /* first: its order function gets back to the rest */
    struct meta *meta;
    const struct fheap *heap;
};

static int
dense_link_order(struct dense_search *s, const uint8_t *record, hi5_status *status,
                 hi5_error *err)
{
    struct dense_link_search *const d = (struct dense_link_search *)s;
    struct msg_link l = {0};
    struct block *held = NULL;
    struct arena a;
    int order = 0;
    size_t n;

    arena_init(&a, d->meta->mem);
    *status = dense_link_get(d->meta, d->heap, record + 4, &a, &l, &n, &held, err);
    if (*status == HI5_OK)
        order = dense_order(s, l.name, (size_t)l.name_len);
    meta_unpin(d->meta, held);
    arena_done(&a);
    return order;
}

HI5_INT hi5_status
dense_names_open(struct meta *m, const struct msg_link_info *info,
                 const struct pipe_plugins *plugins, struct arena *a,
                 struct dense_names *d, hi5_error *err)
{
    d->meta = m;
    TRY(fheap_open(m, info->fheap, plugins, a, &d->heap, err));
    return bt2_open(m, info->name_bt2, BT2_LINK_NAME, DENSE_LINK_NAME_REC, a, &d->tree,
                    err);
}

HI5_INT hi5_status
dense_names_find(const struct dense_names *d, const char *name, size_t n,
                 struct arena *a, struct msg_link *l, hi5_error *err)
{
    struct dense_link_search s = {{.name = name,
                                   .n = n,
                                   .hash = lookup3(name, n, 0),
                                   .order = dense_link_order,
                                   .record_size = DENSE_LINK_NAME_REC},
                                  d->meta,
                                  d->heap};
    const hi5_status status = dense_search(d->tree, &s.search, err);
    size_t size;

    if (status == HI5_E_NOTFOUND)
        return err_plain(err, status, "there is no link of this name");
    TRY(status);
    return dense_link_get(d->meta, d->heap, s.search.record + 4, a, l, &size, NULL,
                          err);
}

HI5_INT hi5_status
dense_links_find(struct meta *m, const struct msg_link_info *info,
                 const struct pipe_plugins *plugins, const char *name, size_t n,
                 struct arena *a, struct msg_link *l, hi5_error *err)
{
    struct dense_names d;
    struct arena temporary;
    hi5_status s;

    arena_init(&temporary, m->mem);
    s = dense_names_open(m, info, plugins, &temporary, &d, err);
    if (s == HI5_OK)
        s = dense_names_find(&d, name, n, a, l, err);
    arena_done(&temporary);
    return s;
}

HI5_INT hi5_status
dense_links_count(struct meta *m, const struct msg_link_info *info, uint64_t *n,
                  hi5_error *err)
{
    return dense_count(m, info->name_bt2, BT2_LINK_NAME, DENSE_LINK_NAME_REC, n, err);
}

/* ---- attributes ---- */

/* Where attributes may be: their own heap, or that of shared attribute messages, which
 * is opened when it is first needed. */
struct dense_attrs {
    const struct shared_env *env;
    const struct fheap *own, *shared;
    struct arena *arena; /* holds the heaps */
    dense_attr_fn fn;
    void *ctx;
    uint64_t left; /* bytes of objects still believable */
};

static hi5_status
dense_attrs_open(struct dense_attrs *d, const struct shared_env *e,
                 const struct msg_attr_info *info, struct arena *a, hi5_error *err)
{
    *d = (struct dense_attrs){.env = e, .arena = a, .left = e->meta->eof};
    return fheap_open(e->meta, info->fheap, e->plugins, a, &d->own, err);
}

/* U-AI-5, REF-14: the heap that a record's ID belongs to. */
static hi5_status
dense_attr_heap(struct dense_attrs *d, const uint8_t *record, const struct fheap **heap,
                hi5_error *err)
{
    uint64_t addr;

    if ((record[DENSE_ATTR_ID] & MSG_F_SHARED) == 0) {
        *heap = d->own;
        return HI5_OK;
    }
    if (d->shared == NULL) {
        TRY(shared_heap_address(d->env, MSG_ATTR, &addr, err));
        TRY(fheap_open(d->env->meta, addr, d->env->plugins, d->arena, &d->shared, err));
    }
    *heap = d->shared;
    return HI5_OK;
}

static hi5_status
dense_attr_get(struct dense_attrs *d, const uint8_t *record, struct arena *a,
               struct dense_attr *out, hi5_error *err)
{
    const struct fheap *heap;

    *out = (struct dense_attr){
        .addr = ADDR_NONE,
        .order = (uint32_t)cur_raw_uint(record + DENSE_ATTR_ID + 1, 4),
        .shared = (record[DENSE_ATTR_ID] & MSG_F_SHARED) != 0};
    TRY(dense_attr_heap(d, record, &heap, err));
    return fheap_get(heap, record, DENSE_ATTR_ID, a, &out->body, &out->size, &out->addr,
                     err);
}

static hi5_status
dense_attr_visit(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct dense_attrs *const d = ctx;
    struct dense_attr attr;
    struct arena a;
    hi5_error why;
    hi5_status s, bad;

    err_clear(&why);
    arena_init(&a, d->env->meta->mem);
    bad = dense_attr_get(d, record, &a, &attr, &why);
    s = dense_spend(d->own, &d->left, attr.size, attr.addr, err);
    if (s == HI5_OK)
        s = d->fn(d->ctx, &attr, bad != HI5_OK ? &why : NULL, err); /* ATTR-05 */
    arena_done(&a);
    return s;
}

HI5_INT hi5_status
dense_attrs_each(const struct shared_env *e, const struct msg_attr_info *info,
                 bool by_order, dense_attr_fn fn, void *ctx, hi5_error *err)
{
    const bool order = by_order && info->order_bt2 != ADDR_NONE;
    struct dense_attrs d;
    const struct bt2 *t;
    struct arena a;
    hi5_status s;

    arena_init(&a, e->meta->mem);
    s = dense_attrs_open(&d, e, info, &a, err);
    d.fn = fn;
    d.ctx = ctx;
    if (s == HI5_OK && order)
        s = bt2_open(e->meta, info->order_bt2, BT2_ATTR_ORDER, DENSE_ATTR_ORDER_REC, &a,
                     &t, err);
    else if (s == HI5_OK)
        s = bt2_open(e->meta, info->name_bt2, BT2_ATTR_NAME, DENSE_ATTR_NAME_REC, &a,
                     &t, err);
    if (s == HI5_OK)
        s = bt2_each(t, false, dense_attr_visit, &d, err);
    arena_done(&a);
    return s;
}

struct dense_attr_search {
    struct dense_search search; /* first: its order function gets back to the rest */
    struct dense_attrs attrs;
};

static int
dense_attr_order(struct dense_search *s, const uint8_t *record, hi5_status *status,
                 hi5_error *err)
{
    struct dense_attr_search *const d = (struct dense_attr_search *)s;
    struct meta *const m = d->attrs.env->meta;
    struct msg_attr parts = {0};
    struct dense_attr attr;
    struct arena a;
    int order = 0;

    arena_init(&a, m->mem);
    *status = dense_attr_get(&d->attrs, record, &a, &attr, err);
    if (*status == HI5_OK) {
        struct cur c = meta_cursor_at(m, attr.body, attr.size, attr.addr, &a, err);
        msg_attr_code(&c, &parts);
        *status = c.status;
    }
    if (*status == HI5_OK)
        order = dense_order(s, parts.name, strlen(parts.name));
    arena_done(&a);
    return order;
}

HI5_INT hi5_status
dense_attrs_find(const struct shared_env *e, const struct msg_attr_info *info,
                 const char *name, struct arena *a, struct dense_attr *out,
                 hi5_error *err)
{
    const size_t n = strlen(name);
    struct dense_attr_search d = {{.name = name,
                                   .n = n,
                                   .hash = lookup3(name, n, 0),
                                   .order = dense_attr_order,
                                   .hash_at = DENSE_ATTR_ORDER_REC,
                                   .record_size = DENSE_ATTR_NAME_REC},
                                  {0}};
    struct arena temporary;
    const struct bt2 *t;
    hi5_status s;

    arena_init(&temporary, e->meta->mem);
    s = dense_attrs_open(&d.attrs, e, info, &temporary, err);
    if (s == HI5_OK)
        s = bt2_open(e->meta, info->name_bt2, BT2_ATTR_NAME, DENSE_ATTR_NAME_REC,
                     &temporary, &t, err);
    if (s == HI5_OK)
        s = dense_search(t, &d.search, err);
    if (s == HI5_OK)
        s = dense_attr_get(&d.attrs, d.search.record, a, out, err);
    arena_done(&temporary);
    return s != HI5_E_NOTFOUND
               ? s
               : err_plain(err, s, "there is no attribute of this name");
}

HI5_INT hi5_status
dense_attrs_count(struct meta *m, const struct msg_attr_info *info, uint64_t *n,
                  hi5_error *err)
{
    return dense_count(m, info->name_bt2, BT2_ATTR_NAME, DENSE_ATTR_NAME_REC, n, err);
}
