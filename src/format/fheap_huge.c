/*
 * fheap_huge.c - huge objects of fractal heaps                     [FMT III.G]
 *
 * Objects that direct blocks cannot hold have their own space in the file. A heap ID with
 * room for it says where; others hold a key, under which a B-tree knows.
 */
#include "format/fheap_impl.h"
#include "base/err.h"
#include "btree/btree2.h"

/*
 * Huge object: heap ID, and B-tree records of type 1 to 4          [FMT III.G, III.A.2]
 *
 *   size  field                 ID    type 1   2   3   4
 *      1  version and type      0x10
 *      O  address                *         *   *   *   *
 *      L  length                 *         *   *   *   *
 *      4  filter mask            f             *       *
 *      L  length after filters   f             *       *
 *      L  key                              *   *
 *
 * f: in heaps with filters. An ID too short for all that holds a key in its other bytes,
 * at most 8 (U-FH-11).
 */
HI5_INT void
fheap_huge_code(struct cur *c, struct fheap_huge *o, bool filtered, bool keyed)
{
    cur_begin(c, "huge object", "III.G");
    cur_addr(c, "address", &o->addr);
    cur_len(c, "length", &o->size);
    if (filtered) {
        cur_u32(c, "filter mask", &o->mask);
        cur_len(c, "length after filters", &o->nominal);
    }
    if (keyed)
        cur_len(c, "key", &o->key);
}

HI5_INT size_t
fheap_huge_record_size(const struct fheap *h)
{
    const struct meta *const m = h->meta;

    return m->off_w + 2u * m->len_w + (h->head.filter_len > 0 ? 4u + m->len_w : 0u);
}

struct fheap_huge_search {
    const struct fheap *h;
    uint64_t key;
    size_t record_size;
};

static int
fheap_huge_compare(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const struct fheap_huge_search *const s = ctx;
    const unsigned len_w = s->h->meta->len_w;
    const uint64_t key =
        cur_raw_uint(record + s->record_size - len_w, len_w < 8 ? len_w : 8);

    (void)status;
    (void)err;
    return s->key < key ? -1 : s->key > key;
}

/* Look a key up in the huge object B-tree. */
static hi5_status
fheap_huge_find(const struct fheap *h, uint64_t key, struct fheap_huge *o,
                hi5_error *err)
{
    struct meta *const m = h->meta;
    const bool filtered = h->head.filter_len > 0;
    uint8_t record[3 * 32 + 32 + 4];
    struct fheap_huge_search search = {
        h, key, fheap_huge_record_size(h)};
    const struct bt2 *tree;
    struct arena a;
    struct cur c;
    hi5_status s;

    if (search.record_size > sizeof record || h->head.huge_bt2 == ADDR_NONE)
        return err_set(err, HI5_E_CORRUPT, h->addr, "FRHP",
                       "huge object B-tree address", "III.G.1",
                       "there are no huge objects");
    arena_init(&a, m->mem);
    s = bt2_open(m, h->head.huge_bt2,
                 filtered ? BT2_HUGE_INDIRECT_FILTERED : BT2_HUGE_INDIRECT,
                 search.record_size, &a, &tree, err);
    if (s == HI5_OK)
        s = bt2_find(tree, fheap_huge_compare, &search, record, err);
    arena_done(&a);
    if (s == HI5_E_NOTFOUND)
        return err_set(err, HI5_E_CORRUPT, h->head.huge_bt2, "fractal heap", "heap ID",
                       "III.G", "there is no huge object %llu",
                       (unsigned long long)key);
    TRY(s);
    c = meta_cursor_at(m, record, search.record_size, ADDR_NONE, NULL, err);
    fheap_huge_code(&c, o, filtered, true);
    return c.status;
}

HI5_INT hi5_status
fheap_get_huge(const struct fheap *h, const uint8_t *id, struct arena *a,
               const uint8_t **bytes, size_t *n, uint64_t *addr, hi5_error *err)
{
    struct meta *const m = h->meta;
    const bool filtered = h->head.filter_len > 0;
    const unsigned left = h->head.id_len - 1u;
    const unsigned direct = m->off_w + m->len_w + (filtered ? 4u + m->len_w : 0u);
    struct fheap_huge o = {0};
    uint8_t *p;

    if (direct <= left) {
        struct cur c = meta_cursor_at(m, id + 1, direct, ADDR_NONE, NULL, err);
        fheap_huge_code(&c, &o, filtered, false);
        TRY(c.status);
    } else {
        TRY(fheap_huge_find(h, cur_raw_uint(id + 1, left < 8 ? left : 8), &o, err));
    }
    if (!filtered)
        o.nominal = o.size;
    TRY(fheap_check_sizes(h, o.addr, o.size, o.nominal, err));
    p = arena_alloc(a, (size_t)o.nominal);
    if (p == NULL)
        return mem_fail(m->mem, o.nominal, err);
    *bytes = p;
    *n = (size_t)o.nominal;
    if (filtered)
        return fheap_unfilter(h, o.addr, (size_t)o.size, o.mask, p, *n, err);
    *addr = o.addr;
    return meta_read(m, o.addr, p, *n, err);
}
