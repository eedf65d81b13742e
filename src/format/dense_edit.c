/*
 * dense_edit.c - changing links and attributes in fractal heaps    [FMT IV.A.2.c, .v]
 *
 * Links and attributes are kept alike: messages in a heap, their IDs in a B-tree by the
 * hash of the name, and in another by creation order where that is indexed. `dense_kind`
 * says where they differ. A search by name needs the heap only where hashes are equal.
 *
 * Everything is looked up before anything is changed: a name that is taken, a record that
 * one index has and the other has not.
 */
#include "format/dense_edit_impl.h"
#include "base/err.h"
#include "base/lookup3.h"
#include <string.h>

static const struct dense_kind dense_kind_links = {.links = true,
                                                   .what = "link",
                                                   .by_name = BT2_LINK_NAME,
                                                   .by_order = BT2_LINK_ORDER,
                                                   .id_len = 7,
                                                   .name_size = 11,
                                                   .order_size = 15,
                                                   .id = 4,
                                                   .order_id = 8,
                                                   .key_w = 8,
                                                   .start_block = 512,
                                                   .heap_bits = 32};

static const struct dense_kind dense_kind_attrs = {.what = "attribute",
                                                   .by_name = BT2_ATTR_NAME,
                                                   .by_order = BT2_ATTR_ORDER,
                                                   .id_len = 8,
                                                   .name_size = 17,
                                                   .order_size = 13,
                                                   .hash = 13,
                                                   .key = 9,
                                                   .key_w = 4,
                                                   .start_block = 1024,
                                                   .heap_bits = 40};

/* ---- names ---- */

HI5_INT struct dense_seek
dense_seek_for(struct dense_edit *d, const char *name, size_t n)
{
    struct dense_seek s = {.d = d, .name = name, .n = n, .hash = lookup3(name, n, 0)};

    arena_init(&s.arena, d->meta->mem);
    return s;
}

HI5_INT void
dense_seek_done(struct dense_seek *s)
{
    arena_done(&s->arena);
}

static bool
dense_is_shared(const struct dense_edit *d, const uint8_t *record)
{
    return !d->kind->links && (record[DENSE_EDIT_FLAGS] & MSG_F_SHARED) != 0;
}

/* The message that a record by name stands for: in `a`, or in the heap. */
static hi5_status
dense_body(struct dense_edit *d, const uint8_t *record, struct arena *a,
           const uint8_t **body, size_t *n, hi5_error *err)
{
    const uint8_t *const id = record + d->kind->id;
    const struct fheap *heap;
    uint64_t addr;

    if (!dense_is_shared(d, record))
        return fheap_edit_get(&d->heap, id, a, body, n, err);
    TRY(shared_heap_address(d->env, MSG_ATTR, &addr, err));
    TRY(fheap_open(d->meta, addr, d->env->plugins, a, &heap, err));
    return fheap_get(heap, id, d->kind->id_len, a, body, n, &addr, err);
}

HI5_INT hi5_status
dense_name_of(const struct dense_edit *d, const uint8_t *body, size_t size,
              struct arena *a, const char **name, size_t *n, hi5_error *err)
{
    struct cur c = meta_cursor_at(d->meta, body, size, ADDR_NONE, a, err);
    struct msg_link l = {0};
    struct msg_attr attr = {0};

    if (d->kind->links) {
        msg_link_code(&c, &l);
        *name = (const char *)l.name;
        *n = cur_ok(&c) ? (size_t)l.name_len : 0;
    } else {
        msg_attr_code(&c, &attr);
        *name = attr.name;
        *n = cur_ok(&c) ? strlen(attr.name) : 0;
    }
    return c.status;
}

static int
dense_compare_names(const char *x, size_t xn, const char *y, size_t yn)
{
    const int order = memcmp(x, y, xn < yn ? xn : yn);

    return order != 0 ? order : xn < yn ? -1 : xn > yn;
}

/* The name of a record that has the same hash, against the one that is looked for. */
static int
dense_seek_order(struct dense_seek *s, const uint8_t *record, hi5_status *status,
                 hi5_error *err)
{
    const char *name;
    int order = 0;
    size_t n;

    *status = dense_body(s->d, record, &s->arena, &s->body, &s->size, err);
    if (*status == HI5_OK)
        *status = dense_name_of(s->d, s->body, s->size, &s->arena, &name, &n, err);
    if (*status == HI5_OK)
        order = dense_compare_names(s->name, s->n, name, n);
    if (order != 0)
        arena_done(&s->arena); /* many may have this hash */
    return order;
}

/* U-DN-1: by hash, then by name. */
static int
dense_seek_compare(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    struct dense_seek *const s = ctx;
    const struct dense_kind *const k = s->d->kind;
    const uint32_t hash = (uint32_t)cur_raw_uint(record + k->hash, 4);
    int order;

    if (s->hash != hash)
        return s->hash < hash ? -1 : 1;
    if (s->found && memcmp(record, s->record, k->name_size) == 0)
        return 0;
    order = dense_seek_order(s, record, status, err);
    s->met = s->met || order != 0;
    return order;
}

static hi5_status
dense_seek_walk(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct dense_seek *const s = ctx;
    hi5_status status = HI5_OK;

    s->number = s->at++;
    if (dense_seek_compare(s, record, &status, err) != 0 || status != HI5_OK)
        return status;
    memcpy(s->record, record, s->d->kind->name_size);
    return HI5_E_EXISTS; /* ends the walk */
}

static hi5_status
dense_missing(const struct dense_edit *d, hi5_error *err)
{
    return err_plain(err, HI5_E_NOTFOUND, "there is no %s of this name", d->kind->what);
}

/* GRP-17: names of equal hash need not be in order, so if one was met, walk. */
HI5_INT hi5_status
dense_seek_run(struct dense_seek *s, hi5_error *err)
{
    struct dense_edit *const d = s->d;
    hi5_status status = bt2_edit_find(&d->names, dense_seek_compare, s, s->record, err);
    const struct bt2 *tree;
    struct arena a;

    if (status == HI5_E_NOTFOUND && s->met && !d->sorted) {
        arena_init(&a, d->meta->mem);
        s->at = 0;
        status = bt2_open(d->meta, d->names.addr, d->kind->by_name, d->kind->name_size,
                          &a, &tree, err);
        if (status == HI5_OK)
            status = bt2_each(tree, false, dense_seek_walk, s, err);
        arena_done(&a);
        s->by_number = status == HI5_E_EXISTS;
        if (s->by_number)
            status = HI5_OK;
        else if (status == HI5_OK)
            status = HI5_E_NOTFOUND;
    }
    s->found = status == HI5_OK;
    return status == HI5_E_NOTFOUND ? dense_missing(d, err) : status;
}

/* ---- creation order ---- */

struct dense_order {
    const struct dense_kind *kind;
    uint64_t order;
};

/* That of links is signed. */
static int
dense_order_compare(void *ctx, const uint8_t *record, hi5_status *status,
                    hi5_error *err)
{
    const struct dense_order *const o = ctx;
    const uint64_t flip = o->kind->links ? (uint64_t)1 << 63 : 0;
    const uint64_t x = o->order ^ flip,
                   y = cur_raw_uint(record + o->kind->key, o->kind->key_w) ^ flip;

    (void)status;
    (void)err;
    return x < y ? -1 : x > y;
}

static void
dense_order_record(const struct dense_edit *d, const uint8_t *by_name, uint64_t order,
                   uint8_t *record)
{
    const struct dense_kind *const k = d->kind;

    memcpy(record + k->order_id, by_name + k->id, k->id_len);
    if (!k->links)
        record[DENSE_EDIT_FLAGS] = by_name[DENSE_EDIT_FLAGS];
    cur_raw_store(record + k->key, k->key_w, order);
}

/* Is there (`wanted`), or is there not, a record of this order? */
static hi5_status
dense_check_order(const struct dense_edit *d, uint64_t order, bool wanted,
                  hi5_error *err)
{
    struct dense_order o = {d->kind, order};
    uint8_t record[DENSE_EDIT_RECORD];
    hi5_status s;

    if (!d->ordered)
        return HI5_OK;
    s = bt2_edit_find(&d->orders, dense_order_compare, &o, record, err);
    if (s == (wanted ? HI5_OK : HI5_E_NOTFOUND))
        return HI5_OK;
    if (s != HI5_OK && s != HI5_E_NOTFOUND)
        return s;
    return err_set(err, HI5_E_CORRUPT, d->orders.addr, "BTHD", "creation order",
                   "III.A.2", "the order index has %s %s with order %llu",
                   wanted ? "no" : "another", d->kind->what, (unsigned long long)order);
}

static hi5_status
dense_add_order(struct dense_edit *d, const uint8_t *by_name, uint64_t order,
                hi5_error *err)
{
    struct dense_order o = {d->kind, order};
    uint8_t record[DENSE_EDIT_RECORD];

    if (!d->ordered)
        return HI5_OK;
    dense_order_record(d, by_name, order, record);
    return bt2_edit_insert(&d->orders, dense_order_compare, NULL, &o, record, err);
}

static hi5_status
dense_remove_order(struct dense_edit *d, uint64_t order, hi5_error *err)
{
    struct dense_order o = {d->kind, order};

    return d->ordered ? bt2_edit_remove(&d->orders, dense_order_compare, &o, NULL, err)
                      : HI5_OK;
}

static hi5_status
dense_update_order(struct dense_edit *d, const uint8_t *by_name, uint64_t old,
                   uint64_t order, hi5_error *err)
{
    struct dense_order o = {d->kind, order};
    uint8_t record[DENSE_EDIT_RECORD];

    if (!d->ordered)
        return HI5_OK;
    if (old != order) {
        TRY(dense_remove_order(d, old, err));
        return dense_add_order(d, by_name, order, err);
    }
    dense_order_record(d, by_name, order, record);
    return bt2_edit_update(&d->orders, dense_order_compare, &o, record, err);
}

/* ---- adding, removing, replacing ---- */

static void
dense_fill_record(struct dense_seek *s, uint64_t order)
{
    cur_raw_store(s->record + s->d->kind->hash, 4, s->hash);
    if (s->d->kind->links)
        return;
    s->record[DENSE_EDIT_FLAGS] = 0;
    cur_raw_store(s->record + DENSE_EDIT_ORDER, 4, order);
}

static hi5_status
dense_taken(const struct dense_edit *d, hi5_error *err)
{
    return err_plain(err, HI5_E_EXISTS, "there is a%s %s of this name already",
                     d->kind->links ? "" : "n", d->kind->what);
}

/* GRP-17: a name may be there where a search does not find it. */
static hi5_status
dense_check_free(struct dense_edit *d, const char *name, size_t n, hi5_error *err)
{
    struct dense_seek s = dense_seek_for(d, name, n);
    const hi5_status status = dense_seek_run(&s, err);

    dense_seek_done(&s);
    if (status == HI5_E_NOTFOUND)
        return HI5_OK;
    return status == HI5_OK ? dense_taken(d, err) : status;
}

/* The name is free: put the message into the heap. */
static hi5_status
dense_make(void *ctx, hi5_error *err)
{
    struct dense_seek *const s = ctx;
    struct dense_edit *const d = s->d;

    if (s->met && !d->sorted)
        TRY(dense_check_free(d, s->name, s->n, err));
    TRY(dense_check_order(d, s->item->order, false, err));
    dense_fill_record(s, s->item->order);
    return fheap_edit_insert(&d->heap, s->item->body, s->item->size,
                             s->record + d->kind->id, err);
}

HI5_INT hi5_status
dense_add(struct dense_edit *d, const struct dense_item *item, hi5_error *err)
{
    struct dense_seek s = dense_seek_for(d, item->name, item->n);
    hi5_status status;

    s.item = item;
    status =
        bt2_edit_insert(&d->names, dense_seek_compare, dense_make, &s, s.record, err);
    dense_seek_done(&s);
    if (status == HI5_E_EXISTS)
        return dense_taken(d, err);
    TRY(status);
    return dense_add_order(d, s.record, item->order, err);
}

static hi5_status
dense_remove_record(struct dense_seek *s, hi5_error *err)
{
    if (s->by_number)
        return bt2_edit_remove_nth(&s->d->names, s->number, NULL, err);
    return bt2_edit_remove(&s->d->names, dense_seek_compare, s, NULL, err);
}

/* What s->record stands for, whose creation order is `order`. */
HI5_INT hi5_status
dense_remove(struct dense_seek *s, uint64_t order, hi5_error *err)
{
    struct dense_edit *const d = s->d;

    TRY(dense_check_order(d, order, true, err));
    TRY(dense_remove_record(s, err));
    TRY(dense_remove_order(d, order, err));
    if (dense_is_shared(d, s->record))
        return HI5_OK;
    return fheap_edit_remove(&d->heap, s->record + d->kind->id, err);
}

/* Put a message where another of the same name was, in the heap and in the indexes. The
 * old one has to be there while the indexes are searched. */
static hi5_status
dense_replace_message(struct dense_seek *s, const struct dense_item *item, uint64_t order,
                      hi5_error *err)
{
    struct dense_edit *const d = s->d;
    uint8_t *const id = s->record + d->kind->id, old[8];
    const bool shared = dense_is_shared(d, s->record),
               same = s->size == item->size && !shared;
    bool moved;

    memcpy(old, id, d->kind->id_len);
    if (same && order == item->order && id[0] >> 4 != 2)
        return fheap_edit_replace(&d->heap, id, item->body, item->size, &moved, err);
    TRY(fheap_edit_insert(&d->heap, item->body, item->size, id, err));
    dense_fill_record(s, item->order);
    if (s->by_number)
        TRY(bt2_edit_update_nth(&d->names, s->number, s->record, err));
    else
        TRY(bt2_edit_update(&d->names, dense_seek_compare, s, s->record, err));
    TRY(dense_update_order(d, s->record, order, item->order, err));
    return shared ? HI5_OK : fheap_edit_remove(&d->heap, old, err);
}

/* @param order  of the old one, which was found */
HI5_INT hi5_status
dense_replace(struct dense_seek *s, const struct dense_item *item, uint64_t order,
              hi5_error *err)
{
    struct dense_edit *const d = s->d;

    TRY(dense_check_order(d, order, true, err));
    if (item->order != order)
        TRY(dense_check_order(d, item->order, false, err));
    if (dense_compare_names(s->name, s->n, item->name, item->n) == 0)
        return dense_replace_message(s, item, order, err);
    TRY(dense_check_free(d, item->name, item->n, err));
    TRY(dense_remove(s, order, err));
    return dense_add(d, item, err);
}

/* ---- storage ---- */

HI5_INT hi5_status
dense_create(struct meta *m, bool links, bool ordered, struct dense_edit *d,
             hi5_error *err)
{
    const struct dense_kind *const k = links ? &dense_kind_links : &dense_kind_attrs;
    const struct fheap_shape shape = {
        .id_len = k->id_len,
        .width = 4,
        .max_managed = 4096,
        .start_block = k->start_block,
        .max_direct = m->len_w > 2 ? 65536 : 32768, /* which fits its field */
        .max_heap_bits = k->heap_bits,
        .start_root_rows = 1,
        .checksums = true};
    hi5_status s;

    d->meta = m;
    d->kind = k;
    d->env = NULL;
    d->ordered = ordered;
    d->sorted = true;
    TRY(fheap_edit_create(m, &shape, &d->heap, err));
    s = bt2_edit_create(m, k->by_name, DENSE_EDIT_NODE, k->name_size, &d->names, err);
    if (s == HI5_OK && ordered)
        s = bt2_edit_create(m, k->by_order, DENSE_EDIT_NODE, k->order_size, &d->orders,
                            err);
    if (s != HI5_OK)
        fheap_edit_close(&d->heap);
    return s;
}

HI5_INT hi5_status
dense_open(struct meta *m, bool links, uint64_t heap, uint64_t names, uint64_t orders,
           struct dense_edit *d, hi5_error *err)
{
    const struct dense_kind *const k = links ? &dense_kind_links : &dense_kind_attrs;
    hi5_status s;

    d->meta = m;
    d->kind = k;
    d->env = NULL;
    d->ordered = orders != ADDR_NONE;
    d->sorted = false;
    TRY(fheap_edit_open(m, heap, &d->heap, err));
    s = bt2_edit_open(m, names, k->by_name, k->name_size, &d->names, err);
    if (s == HI5_OK && d->ordered)
        s = bt2_edit_open(m, orders, k->by_order, k->order_size, &d->orders, err);
    if (s == HI5_OK && d->heap.h.head.id_len > k->id_len)
        s = err_set(err, HI5_E_CORRUPT, heap, "FRHP", "heap ID length", "III.G.1",
                    "%u, but the records hold IDs of %u",
                    (unsigned)d->heap.h.head.id_len, (unsigned)k->id_len);
    if (s != HI5_OK)
        fheap_edit_close(&d->heap);
    return s;
}

HI5_INT void
dense_edit_close(struct dense_edit *d)
{
    fheap_edit_close(&d->heap);
}

HI5_INT hi5_status
dense_edit_settle(struct dense_edit *d, hi5_error *err)
{
    return fheap_edit_settle(&d->heap, err);
}

HI5_INT uint64_t
dense_edit_count(const struct dense_edit *d)
{
    return d->names.head.total;
}

static hi5_status
dense_nothing(void *ctx, const uint8_t *record, hi5_error *err)
{
    (void)ctx;
    (void)record;
    (void)err;
    return HI5_OK;
}

/* Can all of an index be read? */
static hi5_status
dense_verify(struct meta *m, uint64_t addr, enum bt2_type type, size_t size,
             hi5_error *err)
{
    const struct bt2 *tree;
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    s = bt2_open(m, addr, type, size, &a, &tree, err);
    if (s == HI5_OK)
        s = bt2_each(tree, false, dense_nothing, NULL, err);
    arena_done(&a);
    return s;
}

HI5_INT hi5_status
dense_delete(struct meta *m, bool links, uint64_t heap, uint64_t names, uint64_t orders,
             bt2_fn fn, void *ctx, hi5_error *err)
{
    const struct dense_kind *const k = links ? &dense_kind_links : &dense_kind_attrs;

    /* Damage should be met before anything is given back. */
    TRY(dense_verify(m, names, k->by_name, k->name_size, err));
    if (orders != ADDR_NONE)
        TRY(dense_verify(m, orders, k->by_order, k->order_size, err));
    TRY(fheap_edit_delete(m, heap, err));
    TRY(bt2_edit_delete(m, names, k->by_name, k->name_size, fn, ctx, err));
    if (orders == ADDR_NONE)
        return HI5_OK;
    return bt2_edit_delete(m, orders, k->by_order, k->order_size, NULL, NULL, err);
}
