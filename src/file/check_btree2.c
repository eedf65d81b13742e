/*
 * check_btree2.c - the validator's walk over version-2 B-trees     [FMT III.A.2]
 *
 * The same nodes and codecs as the reader's; counts are compared with what is there, and
 * a node that cannot be decoded does not keep its siblings from being looked at.
 */
#include "base/ckd.h"
#include "file/check.h"
#include <string.h>

#define CHECK_DEPTH 65u
#define CHECK_RECORD 576u /* more than any record has */

struct b2_node {
    struct block *block;
    uint64_t addr, n, total, before, next;
    uint64_t from; /* where the total is stored: with the parent, or in the header */
    unsigned level;
    const uint8_t *records, *pointers;
};

struct b2_walk {
    struct check *k;
    const struct check_bt2 *b;
    const struct bt2 *tree;
    const struct bthd *head;
    unsigned nrec_w;
    uint64_t seen;
    bool lost; /* a node could not be read: counts are off */
    bool begun;
    unsigned depth;
    struct b2_node stack[CHECK_DEPTH];
    uint8_t last[CHECK_RECORD];
};

static unsigned
b2_total_w(const struct b2_walk *w, unsigned level)
{
    unsigned total_w;

    bt2_capacity(w->tree, level, &total_w);
    return total_w;
}

static size_t
b2_pointer_size(const struct b2_walk *w, unsigned level)
{
    return level == 0 ? 0 : w->k->meta->off_w + w->nrec_w + b2_total_w(w, level - 1);
}

/* Is the number of records possible, and sensible? */
static bool
b2_check_fill(struct b2_walk *w, const struct b2_node *n, const char *what)
{
    unsigned total_w;
    const uint64_t most = bt2_capacity(w->tree, n->level, &total_w);

    if (n->n > most) {
        check_report(w->k, "B2-006", n->addr, what, "records",
                     "%llu records in a node that holds %llu", (unsigned long long)n->n,
                     (unsigned long long)most);
        return false;
    }
    if (n->level != w->head->depth && 100 * n->n < (uint64_t)w->head->merge * most)
        check_report(w->k, "B2-009", n->addr, what, "records",
                     "%llu of %llu, less than %u%%", (unsigned long long)n->n,
                     (unsigned long long)most, (unsigned)w->head->merge);
    return true;
}

static bool
b2_decode(struct b2_walk *w, struct b2_node *n, const char *what)
{
    struct check *const k = w->k;
    struct bt2_image image = {.leaf = n->level == 0};
    size_t size;
    struct cur c;

    image.records_size = (size_t)n->n * w->head->record_size;
    image.pointers_size =
        n->level > 0 ? (size_t)(n->n + 1) * b2_pointer_size(w, n->level) : 0;
    size = 10 + image.records_size + image.pointers_size;
    if (!check_pin(k, n->addr, size, what, &n->block))
        return false;
    c = meta_cursor(k->meta, n->block, size, NULL, NULL);
    bt2_image_code(&c, &image);
    if (cur_ok(&c) && image.type != w->head->type)
        check_report(k, "B2-006", n->addr + 5, what, "type", "%u, but the tree's is %u",
                     (unsigned)image.type, (unsigned)w->head->type);
    if (!cur_ok(&c) || image.type != w->head->type) {
        meta_unpin(k->meta, n->block);
        return false;
    }
    n->records = image.records;
    n->pointers = image.pointers;
    return true;
}

static void
b2_open(struct b2_walk *w, struct b2_node n)
{
    const char *const what = n.level == 0 ? "BTLF" : "BTIN";
    struct check *const k = w->k;

    if (check_set_add(k, &k->nodes, n.addr)) {
        check_report(k, "B2-008", n.addr, what, "",
                     "this node has been reached before");
        w->lost = true;
        return;
    }
    if (!b2_check_fill(w, &n, what) || !b2_decode(w, &n, what)) {
        w->lost = true;
        return;
    }
    check_claim(k, n.addr, w->head->node_size, what, HI5_USE_METADATA);
    n.before = w->seen;
    w->stack[w->depth++] = n;
}

static void
b2_close(struct b2_walk *w)
{
    const struct b2_node *const n = &w->stack[--w->depth];

    meta_unpin(w->k->meta, n->block);
    if (!w->lost && w->seen - n->before != n->total)
        check_report(w->k, n->level == w->head->depth ? "B2-005" : "B2-008", n->from,
                     n->level == w->head->depth ? "BTHD" : "BTIN", "total records",
                     "%llu promised, %llu found", (unsigned long long)n->total,
                     (unsigned long long)(w->seen - n->before));
}

static void
b2_record(struct b2_walk *w, const struct b2_node *n, uint64_t i)
{
    const size_t size = w->head->record_size;
    const uint8_t *const record = n->records + (size_t)i * size;
    const uint64_t addr = n->addr + 6 + i * size;

    w->seen++;
    if (w->b->compare != NULL && w->begun &&
        w->b->compare(w->b->ctx, w->last, record) >= 0)
        check_report(w->k, "B2-007", addr, n->level == 0 ? "BTLF" : "BTIN", "records",
                     "a record is not greater than the one before");
    if (size <= sizeof w->last) {
        memcpy(w->last, record, size);
        w->begun = true;
    }
    if (w->b->record != NULL)
        w->b->record(w->b->ctx, record, addr);
}

static void
b2_step(struct b2_walk *w)
{
    struct b2_node *const n = &w->stack[w->depth - 1];
    const unsigned off_w = w->k->meta->off_w;
    struct b2_node child = {0};
    const uint8_t *p;
    uint64_t at = n->next++;

    if (n->level == 0)
        at = 2 * at + 1;
    if (at > 2 * n->n) {
        b2_close(w);
        return;
    }
    if (at % 2 == 1) {
        b2_record(w, n, at / 2);
        return;
    }
    p = n->pointers + (size_t)(at / 2) * b2_pointer_size(w, n->level);
    child.level = n->level - 1;
    child.from = n->addr + (uint64_t)(p - n->block->bytes) + off_w + w->nrec_w;
    child.addr = cur_raw_addr(p, off_w);
    child.n = child.total = cur_raw_uint(p + off_w, w->nrec_w);
    if (child.level > 0)
        child.total = cur_raw_uint(p + off_w + w->nrec_w, b2_total_w(w, child.level));
    b2_open(w, child);
}

static size_t
b2_head_size(const struct meta *m)
{
    return 4u + 1 + 1 + 4 + 2 + 2 + 1 + 1 + m->off_w + 2 + m->len_w + 4;
}

HI5_INT bool
check_btree2(struct check *k, uint64_t addr, enum bt2_type type, size_t record_size,
             const struct check_bt2 *b, uint64_t *total)
{
    struct b2_walk w = {.k = k, .b = b};
    hi5_error err = {0};
    struct arena a;
    unsigned total_w;

    *total = 0;
    if (check_set_add(k, &k->nodes, addr)) {
        check_report(k, "B2-008", addr, "BTHD", "",
                     "this tree has been reached before");
        return false;
    }
    arena_init(&a, &k->mem);
    if (bt2_open(k->meta, addr, type, record_size, &a, &w.tree, &err) != HI5_OK) {
        check_failed(k, &err);
        arena_done(&a);
        return false;
    }
    check_claim(k, addr, b2_head_size(k->meta), "BTHD", HI5_USE_METADATA);
    w.head = bt2_header(w.tree);
    w.nrec_w = ckd_enc_size(bt2_capacity(w.tree, 0, &total_w));
    if (w.head->root != ADDR_NONE)
        b2_open(&w, (struct b2_node){.addr = w.head->root,
                                     .n = w.head->root_nrec,
                                     .total = w.head->total,
                                     .level = w.head->depth,
                                     .from = addr + 18u + k->meta->off_w});
    while (w.depth > 0 && !check_broken(k))
        b2_step(&w);
    while (w.depth > 0)
        meta_unpin(k->meta, w.stack[--w.depth].block);
    *total = w.lost ? CHECK_LOST : w.seen;
    arena_done(&a);
    return true;
}
