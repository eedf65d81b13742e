/*
 * check_attribute.c - attributes, in the header and dense      [FMT IV.A.2.m, .v]
 */
#include "base/ckd.h"
#include "base/lookup3.h"
#include "file/check.h"
#include "format/fheap.h"
#include <stdio.h>
#include <string.h>

/* The two embedded messages; shared ones are followed. */
static bool
attribute_parts(struct check_header *x, const struct msg_attr *m, const hi5_type **t,
                struct msg_space *space)
{
    struct check *const k = x->k;
    const struct ohdr_msg where = {.type = MSG_SPACE,
                                   .flags = m->flags & 2 ? MSG_F_SHARED : 0,
                                   .body = m->space,
                                   .size = m->space_len,
                                   .addr = m->space_addr};
    hi5_error err = {0};
    struct cur c;

    if (object_decode_type(k->file, (m->flags & 1) != 0, m->type, m->type_len,
                           m->type_addr, &x->arena, t, &err) != HI5_OK) {
        check_shared_failed(k, m->type, m->type_len, m->type_addr, &err);
        return false;
    }
    if (object_message(k->file, &where, &x->arena, &c, NULL, &err) != HI5_OK) {
        check_shared_failed(k, m->space, m->space_len, m->space_addr, &err);
        return false;
    }
    msg_space_code(&c, space);
    return cur_ok(&c);
}

HI5_INT void
check_attribute(struct check_header *x, const uint8_t *body, size_t n, uint64_t addr,
                const char **name)
{
    struct check *const k = x->k;
    struct cur c = meta_cursor_at(k->meta, body, n, addr, &x->arena, NULL);
    struct msg_space space = {0};
    const hi5_type *t = NULL;
    struct msg_attr m;
    uint64_t bytes;

    *name = NULL;
    msg_attr_code(&c, &m);
    if (!cur_ok(&c))
        return;
    *name = m.name;
    if (!attribute_parts(x, &m, &t, &space))
        return;
    check_scale_attribute(x, &m, t, &space.shape);
    /* An attribute that several objects share uses its parts once. */
    if (m.type_addr == ADDR_NONE || !check_set_add(k, &k->attributes, m.type_addr)) {
        check_shares(k, t->committed);
        if ((m.flags & 1) != 0)
            check_sohm_message(k, MSG_TYPE, m.type, m.type_len);
        if ((m.flags & 2) != 0)
            check_sohm_message(k, MSG_SPACE, m.space, m.space_len);
    }
    check_type(x, t, m.type_addr);
    if (!ckd_mul64(hi5_shape_count(&space.shape), t->size, &bytes) ||
        bytes > m.data_len) {
        check_report(k, "MS-059", m.data_addr, "attribute message", "data",
                     "%zu bytes for %llu elements of %zu", m.data_len,
                     (unsigned long long)hi5_shape_count(&space.shape), t->size);
        return;
    }
    if ((t->has_vlen || t->has_ref) && bytes != 0)
        check_values(k, t, m.data, hi5_shape_count(&space.shape), m.data_addr);
}

/* ---- dense ---- */

/* A walk over one of the two indexes. */
struct dense_attr_check {
    struct check_header *x;
    const struct fheap *heap, *shared;
    struct arena *arena;
    bool by_name;
    struct check_set ids; /* heap IDs of the name index */
    struct check_set orders;
    uint64_t objects, bytes, errors;
    bool lost; /* not all records of the name index could be read */
    bool named, unordered;
    uint32_t last_hash; /* of the name before, and */
    char last[256];     /* the beginning of that name */
};

static uint64_t
attr_id(const uint8_t *record)
{
    return cur_raw_uint(record, 8) ^ (uint64_t)record[8] << 57;
}

static int
dattr_compare_name(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const uint64_t x = cur_raw_uint(a + 13, 4), y = cur_raw_uint(b + 13, 4);

    (void)ctx;
    return x <= y ? -1 : 1; /* equal hashes: by name, which some writers do not do */
}

static int
dattr_compare_order(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const uint64_t x = cur_raw_uint(a + 9, 4), y = cur_raw_uint(b + 9, 4);

    (void)ctx;
    return x < y ? -1 : x > y;
}

static const struct fheap *
attr_heap(struct dense_attr_check *d, const uint8_t *record, uint64_t addr)
{
    struct check *const k = d->x->k;
    hi5_error err = {0};
    uint64_t where;

    if ((record[8] & MSG_F_SHARED) == 0)
        return d->heap;
    if (d->shared != NULL)
        return d->shared;
    if (shared_heap_address(&k->file->shared, MSG_ATTR, &where, &err) != HI5_OK) {
        check_report(k, "GR-012", addr, "BTLF", "records",
                     "a shared attribute, but the file shares none");
        return NULL;
    }
    if (fheap_open(k->meta, where, k->file->shared.plugins, d->arena, &d->shared,
                   &err) != HI5_OK)
        check_failed(k, &err);
    return d->shared;
}

/* Names of one hash are in strcmp order, or libhdf5 does not find them (GRP-17). */
static void
attr_check_order(struct dense_attr_check *d, const char *name, uint32_t hash,
                 uint64_t addr)
{
    if (d->named && hash == d->last_hash && strcmp(d->last, name) > 0)
        check_report(d->x->k, "B2-007", addr, "BTLF", "records",
                     "'%.100s' and '%.100s' have one hash, and are not in order",
                     d->last, name);
    d->named = true;
    d->last_hash = hash;
    snprintf(d->last, sizeof d->last, "%s", name);
}

/* The attribute itself, once: with the name index. */
static void
attr_check_object(struct dense_attr_check *d, const uint8_t *record, uint64_t addr)
{
    struct check *const k = d->x->k;
    const struct fheap *const heap = attr_heap(d, record, addr);
    const uint8_t *body;
    hi5_error err = {0};
    const char *name;
    uint64_t where;
    size_t n;

    if (heap == NULL)
        return;
    if (fheap_get(heap, record, 8, &d->x->arena, &body, &n, &where, &err) != HI5_OK) {
        check_fheap_object_failed(k, &err, addr, d->errors);
        return;
    }
    if (heap != d->heap)
        check_sohm_use(k, MSG_ATTR, record);
    if (heap == d->heap && record[0] >> 4 == 0) {
        d->objects++;
        d->bytes += n;
    }
    check_attribute(d->x, body, n, where, &name);
    if (name != NULL)
        attr_check_order(d, name, (uint32_t)cur_raw_uint(record + 13, 4), addr);
    if (name != NULL && lookup3(name, strlen(name), 0) != cur_raw_uint(record + 13, 4))
        check_report(k, "B2-010", addr + 13, "BTLF", "hash of the name",
                     "0x%08llx, but '%.100s' has 0x%08lx",
                     (unsigned long long)cur_raw_uint(record + 13, 4), name,
                     (unsigned long)lookup3(name, strlen(name), 0));
}

static void
attr_record(void *ctx, const uint8_t *record, uint64_t addr)
{
    struct dense_attr_check *const d = ctx;
    struct check *const k = d->x->k;
    const uint64_t order = cur_raw_uint(record + 9, 4);
    const bool tracked = (d->x->attr_info.flags & 1) != 0;

    if (!d->by_name) {
        if (!d->lost && !check_set_has(&d->ids, attr_id(record)))
            check_report(k, "GR-012", addr, "BTLF", "heap ID",
                         "the order index has it, the name index has not");
        return;
    }
    if (check_set_add(k, &d->ids, attr_id(record)))
        check_report(k, "GR-012", addr, "BTLF", "heap ID",
                     "two records lead to one attribute");
    if (!tracked && order != 0xffff && !d->unordered)
        check_report_as(k, "B2-012", HI5_NOTE, addr + 9, "BTLF", "creation order",
                        "%llu, but order is not tracked", (unsigned long long)order);
    d->unordered |= order != 0xffff; /* once is enough */
    if (tracked && check_set_add(k, &d->orders, order))
        check_report(k, "OH-024", addr + 9, "BTLF", "creation order",
                     "a second attribute with order %llu", (unsigned long long)order);
    if (tracked && order >= d->x->attr_info.max_order)
        check_report(k, "OH-024", d->x->at.attr_order, "attribute info message",
                     "next order", "%u, but an attribute has order %llu",
                     (unsigned)d->x->attr_info.max_order, (unsigned long long)order);
    attr_check_object(d, record, addr);
}

HI5_INT void
check_dense_attributes(struct check_header *x)
{
    const struct msg_attr_info *const info = &x->attr_info;
    struct dense_attr_check d = {
        .x = x, .by_name = true, .errors = x->k->result->errors};
    struct check_bt2 b = {dattr_compare_name, attr_record, &d};
    uint64_t names = 0, orders = 0;
    struct arena a;

    arena_init(&a, &x->k->mem);
    d.arena = &a;
    check_fheap(x->k, info->fheap, &a, &d.heap);
    if (d.heap != NULL &&
        check_btree2(x->k, info->name_bt2, BT2_ATTR_NAME, 17, &b, &names)) {
        if (x->k->result->errors == d.errors)
            check_fheap_settle(x->k, info->fheap, d.heap, d.objects);
        d.by_name = false;
        d.lost = names == CHECK_LOST;
        b.compare = dattr_compare_order;
        if (info->order_bt2 != ADDR_NONE &&
            check_btree2(x->k, info->order_bt2, BT2_ATTR_ORDER, 13, &b, &orders) &&
            names != orders && names != CHECK_LOST && orders != CHECK_LOST)
            check_report(x->k, "GR-012", info->order_bt2, "BTHD", "total records",
                         "%llu attributes by order, %llu by name",
                         (unsigned long long)orders, (unsigned long long)names);
    }
    check_set_done(x->k, &d.ids);
    check_set_done(x->k, &d.orders);
    arena_done(&a);
}
