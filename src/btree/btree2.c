/*
 * btree2.c - version-2 B-trees                                     [FMT III.A.2]
 *
 * They index links, attributes, shared messages, huge heap objects, and the chunks of
 * datasets with several unlimited dimensions. A header points at the root. Records are
 * in leaves and in internal nodes alike, those of a node between those of its children.
 *
 * A node does not say how many records it has: its parent does, or the header for the
 * root. How wide these counts are follows from the node size, level by level
 * (bt2_measure). The checksum follows the last used byte.
 *
 * As for version 1, nodes are searched in place; the level bounds the depth of a
 * descent, and the bytes of the file bound a walk.
 */
#include "btree/btree2.h"
#include "btree/node.h"
#include <string.h>

#define BT2_OVERHEAD 10u /* of a node: signature, version, type, checksum */

struct bt2 {
    struct meta *meta;
    struct bthd head;
    unsigned nrec_w; /* width of the number of records in one node */
    struct bt2_level level[BT2_MAX_DEPTH + 1];
};

/* A node as its parent describes it, and then as it is. */
struct bt2_node {
    uint64_t addr, nrec;
    uint64_t total; /* records in the subtree */
    unsigned level;
    struct block *block;
    const uint8_t *records, *pointers;
    uint64_t next;   /* a walk's place: record i is 2i + 1, child i is 2i */
    uint64_t before; /* what the walk had seen when it came here */
};

/*
 * B-tree Header                                                    [FMT III.A.2]
 *
 *   size  field
 *      4  signature            "BTHD"
 *      1  version              0
 *      1  type                 of the records, 1 to 11
 *      4  node size            bytes of each node
 *      2  record size
 *      2  depth                0: the root is a leaf
 *      1  split percent        a fuller node is split
 *      1  merge percent        an emptier node is merged
 *      O  root address         undefined: no records
 *      2  records in root
 *      L  total records        in the whole tree
 *      4  checksum
 */
HI5_INT void
bthd_code(struct cur *c, struct bthd *h)
{
    cur_begin(c, "BTHD", "III.A.2");
    cur_signature(c, "BTHD");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "type", &h->type);
    cur_u32(c, "node size", &h->node_size);
    cur_u16(c, "record size", &h->record_size);
    cur_u16(c, "depth", &h->depth);
    cur_u8(c, "split percent", &h->split);
    cur_u8(c, "merge percent", &h->merge);
    cur_addr(c, "root address", &h->root);
    cur_u16(c, "records in root", &h->root_nrec);
    cur_len(c, "total records", &h->total);
    cur_checksum(c);

    cur_require(c, h->type >= BT2_HUGE_INDIRECT && h->type <= BT2_CHUNK_FILTERED,
                "type", "unknown type of records");
    cur_require(c, h->record_size != 0, "record size", "records of no size");
    cur_require(c, h->node_size >= BT2_OVERHEAD + (uint32_t)h->record_size, "node size",
                "no room for a record");
    cur_require(c, h->depth <= BT2_MAX_DEPTH, "depth", "deeper than any tree can be");
    cur_require(c, h->root != ADDR_NONE || (h->depth == 0 && h->root_nrec == 0),
                "root address", "undefined, but there are records");
    cur_require(c, h->depth != 0 || h->total == h->root_nrec, "total records",
                "not those of the only node");
    cur_expect(c, h->split <= 100 && h->merge <= h->split / 2, "merge percent",
               "no sensible percentages for splitting and merging");
}

/*
 * B-tree Internal Node, B-tree Leaf Node                           [FMT III.A.2]
 *
 *   size  field
 *      4  signature            "BTIN", "BTLF"
 *      1  version              0
 *      1  type                 as in the header
 *      ?  records              ascending
 *         for internal nodes, once more than there are records:
 *      O    child address
 *      ?    records in child   as wide as the most records of a leaf
 *      ?    records below      in the child's subtree; not where children are leaves
 *      4  checksum             what is left of the node after it is unused
 */
HI5_INT void
bt2_image_code(struct cur *c, struct bt2_image *n)
{
    cur_begin(c, n->leaf ? "BTLF" : "BTIN", "III.A.2");
    cur_signature(c, n->leaf ? "BTLF" : "BTIN");
    cur_const(c, "version", 1, 0);
    cur_u8(c, "type", &n->type);
    cur_view(c, "records", &n->records, n->records_size);
    cur_view(c, "child pointers", &n->pointers, n->pointers_size);
    node_checksum(c, n->verified);
}

HI5_INT bool
bt2_measure_level(const struct bthd *h, unsigned off_w, struct bt2_level *l, unsigned d)
{
    uint64_t below;

    if (d == 0) {
        l[0] = (struct bt2_level){
            .max_records = (h->node_size - BT2_OVERHEAD) / h->record_size};
        l[0].most = l[0].max_records;
        return true;
    }
    l[d] = (struct bt2_level){.pointer_size = off_w + ckd_enc_size(l[0].max_records) +
                                              l[d - 1].total_w};
    if (h->node_size >= BT2_OVERHEAD + l[d].pointer_size)
        l[d].max_records = (h->node_size - BT2_OVERHEAD - l[d].pointer_size) /
                           (h->record_size + l[d].pointer_size);
    if (!ckd_mul64(l[d].max_records + 1, l[d - 1].most, &below) ||
        !ckd_add64(below, l[d].max_records, &l[d].most))
        l[d].most = UINT64_MAX;
    l[d].total_w = ckd_enc_size(l[d].most);
    return l[d].max_records != 0;
}

/* How many records fit the nodes of each level, and how wide their numbers are. */
static hi5_status
bt2_measure(struct bt2 *t, uint64_t addr, hi5_error *err)
{
    for (unsigned d = 0; d <= t->head.depth; d++)
        if (!bt2_measure_level(&t->head, t->meta->off_w, t->level, d))
            return err_set(err, HI5_E_CORRUPT, addr, "BTHD", "node size", "III.A.2",
                           "no room for records in internal nodes");
    t->nrec_w = ckd_enc_size(t->level[0].max_records);
    return HI5_OK;
}

HI5_INT hi5_status
bt2_open(struct meta *m, uint64_t addr, enum bt2_type type, size_t record_size,
         struct arena *a, const struct bt2 **out, hi5_error *err)
{
    const uint64_t size = 4u + 1 + 1 + 4 + 2 + 2 + 1 + 1 + m->off_w + 2 + m->len_w + 4;
    struct bt2 *t = arena_zalloc(a, 1, sizeof *t);
    struct block *b;
    struct cur c;

    *out = NULL;
    if (t == NULL)
        return mem_fail(m->mem, sizeof *t, err);
    t->meta = m;
    TRY(node_pin(m, addr, size, "BTHD", &b, err));
    c = meta_cursor(m, b, (size_t)size, a, err);
    bthd_code(&c, &t->head);
    cur_require(&c, t->head.type == type, "type", "records of another type");
    cur_require(&c, t->head.record_size == record_size, "record size",
                "not that of the records");
    TRY(node_settle(m, &c, &b));
    meta_unpin(m, b);
    TRY(bt2_measure(t, addr, err));
    *out = t;
    return HI5_OK;
}

HI5_INT const struct bthd *
bt2_header(const struct bt2 *t)
{
    return &t->head;
}

HI5_INT uint64_t
bt2_capacity(const struct bt2 *t, unsigned level, unsigned *total_w)
{
    *total_w = t->level[level].total_w;
    return t->level[level].max_records;
}

static uint64_t
bt2_used(const struct bt2 *t, const struct bt2_node *n)
{
    return BT2_OVERHEAD + n->nrec * t->head.record_size +
           (n->level > 0 ? (n->nrec + 1) * t->level[n->level].pointer_size : 0);
}

/* Pin the node that n->addr, nrec, level describe. That the count fits a node is tested
 * before anything is read. */
static hi5_status
bt2_pin(const struct bt2 *t, struct bt2_node *n, hi5_error *err)
{
    struct bt2_image image = {.leaf = n->level == 0};
    const char *const what = image.leaf ? "BTLF" : "BTIN";
    struct cur c;

    if (n->nrec > t->level[n->level].max_records)
        return err_set(err, HI5_E_CORRUPT, n->addr, what, "records", "III.A.2",
                       "%llu records in a node that holds %llu",
                       (unsigned long long)n->nrec,
                       (unsigned long long)t->level[n->level].max_records);
    image.records_size = (size_t)n->nrec * t->head.record_size;
    image.pointers_size = (size_t)bt2_used(t, n) - BT2_OVERHEAD - image.records_size;
    TRY(node_pin(t->meta, n->addr, bt2_used(t, n), what, &n->block, err));
    c = meta_cursor(t->meta, n->block, (size_t)bt2_used(t, n), NULL, err);
    image.verified = n->block->checked;
    bt2_image_code(&c, &image);
    cur_require(&c, image.type == t->head.type, "type", "a node of another tree");
    n->records = image.records;
    n->pointers = image.pointers;
    return node_settle(t->meta, &c, &n->block);
}

static struct bt2_node
bt2_root(const struct bt2 *t)
{
    return (struct bt2_node){.addr = t->head.root,
                             .nrec = t->head.root_nrec,
                             .total = t->head.total,
                             .level = t->head.depth};
}

static struct bt2_node
bt2_child(const struct bt2 *t, const struct bt2_node *n, uint64_t i)
{
    const uint8_t *p = n->pointers + i * t->level[n->level].pointer_size;
    struct bt2_node child = {.level = n->level - 1};

    child.addr = cur_raw_addr(p, t->meta->off_w);
    p += t->meta->off_w;
    child.nrec = child.total = cur_raw_uint(p, t->nrec_w);
    if (child.level > 0)
        child.total = cur_raw_uint(p + t->nrec_w, t->level[child.level].total_w);
    return child;
}

/* The way from the root to where a walk is. */
struct bt2_walk {
    const struct bt2 *t;
    bool decreasing;
    uint64_t left; /* bytes of nodes still believable */
    uint64_t seen; /* records given out */
    unsigned depth;
    struct bt2_node stack[BT2_MAX_DEPTH + 1];
};

static hi5_status
bt2_push(struct bt2_walk *w, struct bt2_node n, hi5_error *err)
{
    n.before = w->seen;
    TRY(bt2_pin(w->t, &n, err));
    w->stack[w->depth++] = n;
    return node_spend(&w->left, bt2_used(w->t, &n), n.addr, "BTIN", "III.A.2", err);
}

/* Leave a finished node: its subtree must have had as many records as was said. */
static hi5_status
bt2_pop(struct bt2_walk *w, hi5_error *err)
{
    const struct bt2_node *n = &w->stack[--w->depth];

    meta_unpin(w->t->meta, n->block);
    if (w->seen - n->before != n->total)
        return err_set(err, HI5_E_CORRUPT, n->addr, n->level == 0 ? "BTLF" : "BTIN",
                       "total records", "III.A.2", "%llu promised, %llu found",
                       (unsigned long long)n->total,
                       (unsigned long long)(w->seen - n->before));
    return HI5_OK;
}

/* One step at the top of the stack: into a child, over a record, or out. */
static hi5_status
bt2_step(struct bt2_walk *w, bt2_fn fn, void *ctx, hi5_error *err)
{
    struct bt2_node *n = &w->stack[w->depth - 1];
    const uint64_t end = 2 * n->nrec + 1;
    uint64_t at = n->next++;

    if (n->level == 0) /* a leaf has no children to step into */
        at = 2 * at + 1;
    if (at >= end)
        return bt2_pop(w, err);
    if (w->decreasing)
        at = end - 1 - at;
    if (at % 2 == 0)
        return bt2_push(w, bt2_child(w->t, n, at / 2), err);
    w->seen++;
    return fn(ctx, n->records + (size_t)(at / 2) * w->t->head.record_size, err);
}

HI5_INT hi5_status
bt2_each(const struct bt2 *t, bool decreasing, bt2_fn fn, void *ctx, hi5_error *err)
{
    struct bt2_walk w;
    hi5_status s;

    if (t->head.root == ADDR_NONE)
        return HI5_OK;
    w.t = t;
    w.decreasing = decreasing;
    w.left = t->meta->eof;
    w.seen = 0;
    w.depth = 0;
    s = bt2_push(&w, bt2_root(t), err);
    while (s == HI5_OK && w.depth > 0)
        s = bt2_step(&w, fn, ctx, err);
    while (w.depth > 0)
        meta_unpin(t->meta, w.stack[--w.depth].block);
    return s;
}

/* Find the record that is looked for; or else the first that is greater, which is also
 * the child to look in. */
static hi5_status
bt2_bisect(const struct bt2 *t, const struct bt2_node *n, bt2_compare compare,
           void *ctx, uint64_t *i, bool *found, hi5_error *err)
{
    uint64_t lo = 0, hi = n->nrec;
    hi5_status s = HI5_OK;

    *found = false;
    while (lo < hi && !*found) {
        const uint64_t mid = lo + (hi - lo) / 2;
        const uint8_t *r = n->records + (size_t)mid * t->head.record_size;
        const int order = compare(ctx, r, &s, err);
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

HI5_INT hi5_status
bt2_find(const struct bt2 *t, bt2_compare compare, void *ctx, uint8_t *record,
         hi5_error *err)
{
    struct bt2_node n = bt2_root(t);

    if (n.addr == ADDR_NONE)
        return HI5_E_NOTFOUND;
    for (;;) {
        const size_t size = t->head.record_size;
        const unsigned level = n.level;
        struct block *block;
        bool found = false;
        uint64_t i = 0;
        hi5_status s;

        TRY(bt2_pin(t, &n, err));
        block = n.block;
        s = bt2_bisect(t, &n, compare, ctx, &i, &found, err);
        if (s == HI5_OK && found)
            memcpy(record, n.records + (size_t)i * size, size);
        else if (s == HI5_OK && level > 0)
            n = bt2_child(t, &n, i);
        meta_unpin(t->meta, block);
        if (s != HI5_OK || found)
            return s;
        if (level == 0)
            return HI5_E_NOTFOUND;
    }
}
