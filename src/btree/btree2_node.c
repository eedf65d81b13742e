/*
 * btree2_node.c - nodes of version-2 B-trees that are changed      [FMT III.A.2]
 *
 * A node is changed in its staged bytes: records, then pointers, then the checksum, and
 * zeros behind it. Siblings share their records through a copy of them all, which the
 * two nodes are then filled from.
 */
#include "btree/btree2_impl.h"
#include "btree/node.h"
#include <string.h>

enum { BT2E_LEAST = 3 }; /* records that a node must have room for */

HI5_INT uint8_t *
bt2e_record(const struct bt2_edit *t, const struct bt2e_step *s, uint64_t i)
{
    return s->b->bytes + BT2E_PREFIX + (size_t)i * t->head.record_size;
}

HI5_INT uint8_t *
bt2e_pointer(const struct bt2_edit *t, const struct bt2e_step *s, unsigned level,
             uint64_t i)
{
    return bt2e_record(t, s, s->nrec) + (size_t)i * t->level[level].pointer_size;
}

HI5_INT size_t
bt2e_used(const struct bt2_edit *t, unsigned level, uint64_t nrec)
{
    return BT2E_OVERHEAD + (size_t)nrec * t->head.record_size +
           (level > 0 ? (size_t)(nrec + 1) * t->level[level].pointer_size : 0);
}

/* A node's bytes have changed; `before` of them were used. */
HI5_INT void
bt2e_changed(const struct bt2_edit *t, const struct bt2e_step *s, unsigned level,
             size_t before)
{
    const size_t used = bt2e_used(t, level, s->nrec);

    if (before > used)
        memset(s->b->bytes + used, 0, before - used);
    stage_changed(s->b, used - 4, used - 4);
}

/* The most records in a node. */
HI5_INT uint64_t
bt2e_most(const struct bt2_edit *t, unsigned level)
{
    const uint64_t max = t->level[level].max_records;
    const uint64_t most =
        t->head.split >= 1 && t->head.split <= 100
            ? max / 100 * t->head.split + max % 100 * t->head.split / 100
            : max;

    return most < UINT16_MAX ? most : UINT16_MAX; /* the root's number is that wide */
}

/* The least records in a node that is not the root. */
HI5_INT uint64_t
bt2e_least(const struct bt2_edit *t, unsigned level)
{
    const uint64_t max = t->level[level].max_records,
                   half = (bt2e_most(t, level) - 1) / 2;
    const uint64_t least =
        max / 100 * t->head.merge + (max % 100 * t->head.merge + 99) / 100;

    return least == 0 ? 1 : least < half ? least : half;
}

HI5_INT hi5_status
bt2e_measure(struct bt2_edit *t, unsigned level, hi5_error *err)
{
    if (!bt2_measure_level(&t->head, t->meta->off_w, t->level, level))
        return err_set(err, HI5_E_CORRUPT, t->addr, "BTHD", "node size", "III.A.2",
                       "no room for records in internal nodes");
    if (bt2e_most(t, level) < BT2E_LEAST)
        return err_set(err, HI5_E_UNSUPPORTED, t->addr, "BTHD", "node size", "III.A.2",
                       "room for less than %u records in a node: cannot be changed",
                       (unsigned)BT2E_LEAST);
    t->nrec_w = ckd_enc_size(t->level[0].max_records);
    return HI5_OK;
}

HI5_INT size_t
bt2e_head_size(const struct meta *m)
{
    return 4u + 1 + 1 + 4 + 2 + 2 + 1 + 1 + m->off_w + 2 + m->len_w + 4;
}

/* ---- nodes ---- */

HI5_INT hi5_status
bt2e_check_count(const struct bt2_edit *t, unsigned level, uint64_t addr, uint64_t nrec,
                 hi5_error *err)
{
    if (nrec <= t->level[level].max_records)
        return HI5_OK;
    return err_set(err, HI5_E_CORRUPT, addr, level > 0 ? "BTIN" : "BTLF", "records",
                   "III.A.2", "%llu records in a node that holds %llu",
                   (unsigned long long)nrec,
                   (unsigned long long)t->level[level].max_records);
}

/* Decode a node, as far as it is not known to be right. */
HI5_INT hi5_status
bt2e_decode(const struct bt2_edit *t, unsigned level, uint64_t addr, uint64_t nrec,
            const uint8_t *bytes, bool verified, hi5_error *err)
{
    struct bt2_image image = {.leaf = level == 0, .verified = verified};
    struct cur c =
        meta_cursor_at(t->meta, bytes, bt2e_used(t, level, nrec), addr, NULL, err);

    image.records_size = (size_t)nrec * t->head.record_size;
    image.pointers_size =
        bt2e_used(t, level, nrec) - BT2E_OVERHEAD - image.records_size;
    bt2_image_code(&c, &image);
    cur_require(&c, image.type == t->head.type, "type", "a node of another tree");
    return c.status;
}

/* Stage the node that s->addr and s->nrec describe. */
HI5_INT hi5_status
bt2e_stage(const struct bt2_edit *t, struct bt2e_step *s, unsigned level,
           hi5_error *err)
{
    TRY(bt2e_check_count(t, level, s->addr, s->nrec, err));
    TRY(stage_edit(t->meta, s->addr, t->head.node_size, level > 0 ? "BTIN" : "BTLF",
                   &s->b, err));
    if (!s->b->trusted)
        TRY(bt2e_decode(t, level, s->addr, s->nrec, s->b->bytes, false, err));
    s->b->trusted = true;
    return HI5_OK;
}

HI5_INT hi5_status
bt2e_new(const struct bt2_edit *t, struct bt2e_step *s, unsigned level, hi5_error *err)
{
    TRY(stage_new(t->meta, t->head.node_size, &s->b, err));
    memcpy(s->b->bytes, level > 0 ? "BTIN" : "BTLF", 4);
    s->b->bytes[5] = t->head.type;
    s->addr = s->b->block.addr;
    s->nrec = 0;
    return HI5_OK;
}

HI5_INT struct bt2e_child
bt2e_get_child(const struct bt2_edit *t, unsigned level, const uint8_t *p)
{
    const unsigned off_w = t->meta->off_w;
    struct bt2e_child c = {.addr = cur_raw_addr(p, off_w)};

    c.nrec = c.total = cur_raw_uint(p + off_w, t->nrec_w);
    if (level > 1)
        c.total = cur_raw_uint(p + off_w + t->nrec_w, t->level[level - 1].total_w);
    return c;
}

HI5_INT struct bt2e_child
bt2e_child(const struct bt2_edit *t, const struct bt2e_step *s, unsigned level,
           uint64_t i)
{
    return bt2e_get_child(t, level, bt2e_pointer(t, s, level, i));
}

HI5_INT void
bt2e_put_child(const struct bt2_edit *t, unsigned level, uint8_t *p,
               const struct bt2e_child *c)
{
    const unsigned off_w = t->meta->off_w;

    cur_raw_store(p, off_w, c->addr);
    cur_raw_store(p + off_w, t->nrec_w, c->nrec);
    if (level > 1)
        cur_raw_store(p + off_w + t->nrec_w, t->level[level - 1].total_w, c->total);
}

HI5_INT hi5_status
bt2e_bisect(const struct bt2_edit *t, const uint8_t *records, uint64_t nrec,
            bt2_compare compare, void *ctx, uint64_t *i, bool *found, hi5_error *err)
{
    uint64_t lo = 0, hi = nrec;
    hi5_status s = HI5_OK;

    *found = false;
    while (lo < hi && !*found) {
        const uint64_t mid = lo + (hi - lo) / 2;
        const int order =
            compare(ctx, records + (size_t)mid * t->head.record_size, &s, err);
        if (s != HI5_OK)
            return s;
        *found = order == 0;
        if (order <= 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    *i = hi;
    return HI5_OK;
}

/* ---- moving records between siblings ---- */

/* The records of two siblings with the one between them, and their pointers. */
struct bt2e_pool {
    uint8_t *records, *pointers;
    uint64_t n; /* records; with pointers there is one more */
    size_t size;
};

static hi5_status
bt2e_pool_init(const struct bt2_edit *t, struct bt2e_pool *p, unsigned level,
               uint64_t n, hi5_error *err)
{
    const size_t records = (size_t)n * t->head.record_size;

    p->n = 0;
    p->size = records + ((size_t)n + 1) * t->level[level].pointer_size;
    p->records = mem_alloc(t->meta->mem, p->size);
    if (p->records == NULL)
        return mem_fail(t->meta->mem, p->size, err);
    p->pointers = p->records + records;
    return HI5_OK;
}

static void
bt2e_pool_done(const struct bt2_edit *t, struct bt2e_pool *p)
{
    mem_free(t->meta->mem, p->records, p->size);
}

static void
bt2e_pool_record(const struct bt2_edit *t, struct bt2e_pool *p, const uint8_t *record)
{
    memcpy(p->records + (size_t)p->n++ * t->head.record_size, record,
           t->head.record_size);
}

/* All of a node. Its pointers come at the number of records that there are before. */
static void
bt2e_pool_node(const struct bt2_edit *t, struct bt2e_pool *p, const struct bt2e_step *s,
               unsigned level)
{
    const size_t wide = t->level[level].pointer_size;

    memcpy(p->records + (size_t)p->n * t->head.record_size, bt2e_record(t, s, 0),
           (size_t)s->nrec * t->head.record_size);
    if (level > 0)
        memcpy(p->pointers + (size_t)p->n * wide, bt2e_pointer(t, s, level, 0),
               (size_t)(s->nrec + 1) * wide);
    p->n += s->nrec;
}

/* Give a node the `n` records from number `from` on, and the pointers around them.
 * What its parent has to say of it comes back. */
static struct bt2e_child
bt2e_pour(const struct bt2_edit *t, const struct bt2e_pool *p, struct bt2e_step *s,
          unsigned level, uint64_t from, uint64_t n)
{
    const size_t before = bt2e_used(t, level, s->nrec),
                 wide = t->level[level].pointer_size;
    struct bt2e_child c = {.addr = s->addr, .nrec = n, .total = n};

    memcpy(bt2e_record(t, s, 0), p->records + (size_t)from * t->head.record_size,
           (size_t)n * t->head.record_size);
    s->nrec = n;
    if (level > 0) {
        uint8_t *const to = bt2e_pointer(t, s, level, 0);

        memcpy(to, p->pointers + (size_t)from * wide, (size_t)(n + 1) * wide);
        for (uint64_t i = 0; i <= n; i++)
            c.total += bt2e_get_child(t, level, to + (size_t)i * wide).total;
    }
    bt2e_changed(t, s, level, before);
    return c;
}

/* Let the children i and i + 1 of `up`, which is at level + 1, share their records: the
 * left one gets `left` of them. If that is all, the right one is given up, and `up` has
 * a record less. */
HI5_INT hi5_status
bt2e_share(const struct bt2_edit *t, struct bt2e_step *up, unsigned level, uint64_t i,
           uint64_t left, hi5_error *err)
{
    const struct bt2e_child lc = bt2e_child(t, up, level + 1, i),
                            rc = bt2e_child(t, up, level + 1, i + 1);
    struct bt2e_step l = {.addr = lc.addr, .nrec = lc.nrec},
                     r = {.addr = rc.addr, .nrec = rc.nrec};
    const size_t wide = t->level[level + 1].pointer_size, size = t->head.record_size,
                 before = bt2e_used(t, level + 1, up->nrec);
    const bool merge = left == lc.nrec + 1 + rc.nrec;
    struct bt2e_child now;
    struct bt2e_pool p;

    TRY(bt2e_stage(t, &l, level, err));
    TRY(bt2e_stage(t, &r, level, err));
    TRY(bt2e_pool_init(t, &p, level, l.nrec + 1 + r.nrec, err));
    bt2e_pool_node(t, &p, &l, level);
    bt2e_pool_record(t, &p, bt2e_record(t, up, i));
    bt2e_pool_node(t, &p, &r, level);
    now = bt2e_pour(t, &p, &l, level, 0, left);
    bt2e_put_child(t, level + 1, bt2e_pointer(t, up, level + 1, i), &now);
    if (!merge) {
        memcpy(bt2e_record(t, up, i), p.records + (size_t)left * size, size);
        now = bt2e_pour(t, &p, &r, level, left + 1, p.n - left - 1);
        bt2e_put_child(t, level + 1, bt2e_pointer(t, up, level + 1, i + 1), &now);
    } else {
        uint8_t *const record = bt2e_record(t, up, i), *const pointer = bt2e_pointer(
                                                           t, up, level + 1, i + 1);
        const size_t after = (size_t)(up->nrec - i - 1) * wide;

        memmove(pointer, pointer + wide, after);
        memmove(record, record + size, (size_t)(pointer + after - record) - size);
        up->nrec--;
    }
    bt2e_pool_done(t, &p);
    bt2e_changed(t, up, level + 1, before);
    return merge ? stage_free(t->meta, rc.addr, t->head.node_size, err) : HI5_OK;
}

/* Split child i of `up`, which has room for one more record. */
HI5_INT hi5_status
bt2e_split(const struct bt2_edit *t, struct bt2e_step *up, unsigned level, uint64_t i,
           hi5_error *err)
{
    const struct bt2e_child c = bt2e_child(t, up, level + 1, i);
    const size_t wide = t->level[level + 1].pointer_size, size = t->head.record_size;
    struct bt2e_step l = {.addr = c.addr, .nrec = c.nrec}, r;
    const uint64_t left = c.nrec / 2;
    struct bt2e_child lc, rc;
    uint8_t *record, *pointer;
    struct bt2e_pool p;

    TRY(bt2e_stage(t, &l, level, err));
    TRY(bt2e_new(t, &r, level, err));
    TRY(bt2e_pool_init(t, &p, level, l.nrec, err));
    bt2e_pool_node(t, &p, &l, level);
    lc = bt2e_pour(t, &p, &l, level, 0, left);
    rc = bt2e_pour(t, &p, &r, level, left + 1, p.n - left - 1);
    record = bt2e_record(t, up, i);
    pointer = bt2e_pointer(t, up, level + 1, i + 1);
    memmove(pointer + size + wide, pointer, (size_t)(up->nrec - i) * wide);
    memmove(record + size, record, (size_t)(pointer - record));
    memcpy(record, p.records + (size_t)left * size, size);
    up->nrec++;
    bt2e_put_child(t, level + 1, bt2e_pointer(t, up, level + 1, i), &lc);
    bt2e_put_child(t, level + 1, bt2e_pointer(t, up, level + 1, i + 1), &rc);
    bt2e_pool_done(t, &p);
    bt2e_changed(t, up, level + 1, 0);
    return HI5_OK;
}
