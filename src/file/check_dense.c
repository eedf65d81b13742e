/*
 * check_dense.c - the links of dense groups                        [FMT IV.A.2.c]
 *
 * A heap of link messages and one or two indexes over it. The name index is walked first
 * and gives the links; the order index must then lead to the same heap objects.
 */
#include "base/lookup3.h"
#include "file/check.h"
#include "format/fheap.h"
#include <string.h>

struct dense_link_check {
    struct check_header *x;
    const struct fheap *heap;
    bool by_name;
    struct check_set ids, names, orders;
    uint64_t objects, bytes, errors;
    bool lost;          /* not all records of the name index could be read */
    uint32_t last_hash; /* of the name before, and */
    size_t last_len;
    uint8_t last[256]; /* the beginning of that name */
};

static int
dlink_compare_name(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const uint64_t x = cur_raw_uint(a, 4), y = cur_raw_uint(b, 4);

    (void)ctx;
    return x <= y ? -1 : 1; /* equal hashes: some writers do not sort by name */
}

/* Signed in the file. */
static int
dlink_compare_order(void *ctx, const uint8_t *a, const uint8_t *b)
{
    const uint64_t flip = (uint64_t)1 << 63;
    const uint64_t x = cur_raw_uint(a, 8) ^ flip, y = cur_raw_uint(b, 8) ^ flip;

    (void)ctx;
    return x < y ? -1 : x > y;
}

/* Names of one hash are in strcmp order, or libhdf5 does not find them (GRP-17). */
static void
dlink_check_order(struct dense_link_check *d, const struct msg_link *l, uint32_t hash,
                  uint64_t record)
{
    const size_t n =
        l->name_len < sizeof d->last ? (size_t)l->name_len : sizeof d->last;
    const int order = memcmp(d->last, l->name, n < d->last_len ? n : d->last_len);

    if (d->last_len != 0 && hash == d->last_hash &&
        (order > 0 || (order == 0 && d->last_len > n)))
        check_report(d->x->k, "B2-007", record, "BTLF", "records",
                     "'%.*s' and the name before have one hash, and are not in order",
                     (int)(n < 100 ? n : 100), (const char *)l->name);
    memcpy(d->last, l->name, n);
    d->last_len = n;
    d->last_hash = hash;
}

static void
dlink_check(struct dense_link_check *d, const struct msg_link *l, uint32_t hash,
            uint64_t addr, uint64_t record)
{
    struct check *const k = d->x->k;
    const uint32_t sum = lookup3(l->name, (size_t)l->name_len, 0);
    const int n = (int)(l->name_len < 100 ? l->name_len : 100);
    const bool tracked = (d->x->link_info.flags & 1) != 0;

    if (sum != hash)
        check_report(k, "GR-010", record, "BTLF", "hash of the name",
                     "0x%08lx, but '%.*s' has 0x%08lx", (unsigned long)hash, n,
                     (const char *)l->name, (unsigned long)sum);
    if (check_set_add(k, &d->names,
                      (uint64_t)lookup3(l->name, (size_t)l->name_len, 1) << 32 | sum))
        check_report(k, "MS-031", addr, "link message", "name", "a second link '%.*s'",
                     n, (const char *)l->name);
    if (tracked && l->has_order && check_set_add(k, &d->orders, l->order))
        check_report(k, "GR-011", check_where(k, addr, "creation order"),
                     "link message", "creation order", "a second link with order %llu",
                     (unsigned long long)l->order);
    if (tracked && l->has_order && l->order >= d->x->link_info.max_order)
        check_report(k, "MS-008", d->x->at.link_order, "link info message",
                     "next order", "%llu, but a link has order %llu",
                     (unsigned long long)d->x->link_info.max_order,
                     (unsigned long long)l->order);
    dlink_check_order(d, l, hash, record);
    check_link(k, k->path, l, addr, "link message");
}

static void
dlink_object(struct dense_link_check *d, const uint8_t *id, uint32_t hash,
             uint64_t record)
{
    struct check *const k = d->x->k;
    const uint8_t *bytes;
    hi5_error err = {0};
    struct msg_link l;
    struct arena a;
    uint64_t addr;
    struct cur c;
    size_t n;

    arena_init(&a, &k->mem);
    if (fheap_get(d->heap, id, 7, &a, &bytes, &n, &addr, &err) != HI5_OK) {
        check_fheap_object_failed(k, &err, record + 4, d->errors);
    } else {
        if (id[0] >> 4 == 0) {
            d->objects++;
            d->bytes += n;
        }
        c = meta_cursor_at(k->meta, bytes, n, addr, &a, NULL);
        msg_link_code(&c, &l);
        if (cur_ok(&c))
            dlink_check(d, &l, hash, addr, record);
    }
    arena_done(&a);
}

static void
dlink_record(void *ctx, const uint8_t *record, uint64_t addr)
{
    struct dense_link_check *const d = ctx;
    const uint64_t id = cur_raw_uint(record + (d->by_name ? 4 : 8), 7);

    if (!d->by_name) {
        if (!d->lost && !check_set_has(&d->ids, id))
            check_report(d->x->k, "GR-009", addr + 8, "BTLF", "heap ID",
                         "the order index has it, the name index has not");
        return;
    }
    if (check_set_add(d->x->k, &d->ids, id))
        check_report(d->x->k, "GR-009", addr + 4, "BTLF", "heap ID",
                     "two records lead to one link");
    dlink_object(d, record + 4, (uint32_t)cur_raw_uint(record, 4), addr);
}

HI5_INT void
check_dense_links(struct check_header *x)
{
    const struct msg_link_info *const info = &x->link_info;
    struct dense_link_check d = {
        .x = x, .by_name = true, .errors = x->k->result->errors};
    struct check_bt2 b = {dlink_compare_name, dlink_record, &d};
    uint64_t names = 0, orders = 0;
    struct arena a;

    arena_init(&a, &x->k->mem);
    check_fheap(x->k, info->fheap, &a, &d.heap);
    if (d.heap != NULL &&
        check_btree2(x->k, info->name_bt2, BT2_LINK_NAME, 11, &b, &names)) {
        if (x->k->result->errors == d.errors)
            check_fheap_settle(x->k, info->fheap, d.heap, d.objects);
        d.by_name = false;
        d.lost = names == CHECK_LOST;
        b.compare = dlink_compare_order;
        if (info->order_bt2 != ADDR_NONE &&
            check_btree2(x->k, info->order_bt2, BT2_LINK_ORDER, 15, &b, &orders) &&
            names != orders && names != CHECK_LOST && orders != CHECK_LOST)
            check_report(x->k, "GR-009", info->order_bt2, "BTHD", "total records",
                         "%llu links by order, %llu by name",
                         (unsigned long long)orders, (unsigned long long)names);
    }
    check_set_done(x->k, &d.ids);
    check_set_done(x->k, &d.names);
    check_set_done(x->k, &d.orders);
    arena_done(&a);
}
