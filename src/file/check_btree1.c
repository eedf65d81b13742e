/*
 * check_btree1.c - the validator's walk over version-1 B-trees     [FMT III.A.1]
 *
 * Nodes are decoded as the reader does; but where the reader stops, this walk goes on
 * with the next child. It knows the neighbours of each node, so that it can tell whether
 * keys ascend across nodes and siblings point at each other.
 */
#include "base/ckd.h"
#include "file/check.h"
#include <string.h>

#define CHECK_LEVELS 64u
#define CHECK_UNKNOWN (ADDR_NONE - 1)
#define CHECK_KEY (8u + 8u * (HI5_MAX_RANK + 1u))

/* A node on the way from the root. */
struct b1_node {
    struct block *block;
    uint64_t addr;
    unsigned n, level, next;
    const uint8_t *upper; /* the parent's key behind this node; NULL: the root */
};

struct b1_walk {
    struct check *k;
    const struct check_bt1 *b;
    size_t key_size, entry_size, head_size;
    unsigned depth;
    struct b1_node stack[CHECK_LEVELS];
    /* By level: the node before, and its right sibling. */
    uint64_t last[CHECK_LEVELS], right[CHECK_LEVELS];
    bool begun;
    uint8_t before[CHECK_KEY]; /* the last key seen in a leaf */
};

static const uint8_t *
b1_key(const struct b1_walk *w, const struct b1_node *n, unsigned i)
{
    return n->block->bytes + w->head_size + i * w->entry_size;
}

static uint64_t
b1_key_addr(const struct b1_walk *w, const struct b1_node *n, unsigned i)
{
    return n->addr + w->head_size + i * w->entry_size;
}

/* NOTE(lib): libhdf5 1.17 refuses a node whose level exceeds its number of children. */
static void
b1_check_head(struct b1_walk *w, const struct tree *t, uint64_t addr, int level)
{
    struct check *const k = w->k;

    if (t->type != w->b->tree.type)
        check_report(k, "B1-001", addr + 4, "TREE", "type",
                     "%u: this is the tree of a %s", (unsigned)t->type, w->b->what);
    if (level >= 0 && t->level != level)
        check_report(k, "B1-003", addr + 5, "TREE", "level",
                     "%u, but the parent's is %d", (unsigned)t->level, level + 1);
    if (t->nentries > 2 * w->b->tree.k)
        check_report(k, "B1-001", addr + 6, "TREE", "entries used",
                     "%u, but a node has room for %u", (unsigned)t->nentries,
                     2 * w->b->tree.k);
    if (t->level > 0 && t->nentries == 0)
        check_report_as(k, "B1-011", HI5_WARNING, addr + 6, "TREE", "entries used",
                        "an internal node without children");
    else if (level >= 0 && 2 * t->nentries < w->b->tree.k)
        check_report(k, "B1-011", addr + 6, "TREE", "entries used", "%u of %u are used",
                     (unsigned)t->nentries, 2 * w->b->tree.k);
    if (t->level > t->nentries)
        check_refused(k, 200, 0, addr + 5, "TREE", "level",
                      "the level exceeds the number of children");
}

static void
b1_check_siblings(struct b1_walk *w, const struct tree *t, uint64_t addr, unsigned l)
{
    const unsigned off_w = w->k->meta->off_w;

    if (w->last[l] == CHECK_UNKNOWN) {
        w->last[l] = addr;
        w->right[l] = t->right;
        return;
    }
    if (t->left != w->last[l])
        check_report(w->k, "B1-004", addr + 8, "TREE", "left sibling",
                     "0x%llx, but the node to the left is 0x%llx",
                     (unsigned long long)t->left, (unsigned long long)w->last[l]);
    if (w->last[l] != ADDR_NONE && w->right[l] != addr)
        check_report(w->k, "B1-004", w->last[l] + 8 + off_w, "TREE", "right sibling",
                     "0x%llx, but the node to the right is 0x%llx",
                     (unsigned long long)w->right[l], (unsigned long long)addr);
    w->last[l] = addr;
    w->right[l] = t->right;
}

/* Bytes behind the last key. Old libraries leave what was there. */
static void
b1_check_tail(struct b1_walk *w, const struct b1_node *n, size_t there)
{
    const size_t used = w->head_size + n->n * w->entry_size + w->key_size;

    for (size_t i = used; i < there; i++)
        if (n->block->bytes[i] != 0) {
            check_report(w->k, "B1-010", n->addr + i, "TREE", "unused entries",
                         "they are not zero");
            return;
        }
}

/* Pin and decode a node's head. */
static bool
b1_pin(struct b1_walk *w, uint64_t addr, size_t there, struct b1_node *n,
       struct tree *t)
{
    struct check *const k = w->k;
    struct cur c;

    if (check_set_add(k, &k->nodes, addr)) {
        check_report(k, "B1-003", addr, "TREE", "",
                     "this node has been reached before");
        return false;
    }
    if (there < w->head_size || addr == ADDR_NONE) {
        check_pin(k, addr, w->head_size, "TREE", &n->block);
        return false;
    }
    if (!check_pin(k, addr, there, "TREE", &n->block))
        return false;
    c = meta_cursor(k->meta, n->block, there, NULL, NULL);
    tree_code(&c, t);
    if (!cur_ok(&c))
        meta_unpin(k->meta, n->block);
    return cur_ok(&c);
}

/* Pin and decode a node; false if its children cannot be looked at. */
static bool
b1_open(struct b1_walk *w, uint64_t addr, int level, struct b1_node *n)
{
    struct check *const k = w->k;
    const size_t size = bt1_node_size(&w->b->tree);
    const size_t there = meta_clip(k->meta, addr, size);
    struct tree t = {0};

    *n = (struct b1_node){.addr = addr};
    if (!b1_pin(w, addr, there, n, &t)) {
        for (int l = level; l >= 0; l--) /* the next ones have neighbours unknown */
            w->last[l] = CHECK_UNKNOWN;
        return false;
    }
    check_claim(k, addr, there, "TREE", HI5_USE_METADATA);
    b1_check_head(w, &t, addr, level);
    n->n = t.nentries;
    n->level = t.level;
    if (n->n > 2 * w->b->tree.k)
        n->n = 2 * w->b->tree.k;
    if (w->head_size + n->n * w->entry_size + w->key_size > there && n->n != 0) {
        check_report(k, "B1-002", addr + 6, "TREE", "entries used",
                     "the entries run past the end of the file");
        n->n = (unsigned)((there - w->head_size) / w->entry_size);
        n->n -= n->n != 0;
    } else if (there < size) {
        check_report(k, "SB-031", addr, "TREE", "",
                     "%zu bytes from here run past the end of the file, 0x%llx", size,
                     (unsigned long long)k->meta->eof);
    } else {
        b1_check_tail(w, n, there);
    }
    b1_check_siblings(w, &t, addr, level < 0 ? t.level : (unsigned)level);
    if (t.type == w->b->tree.type && (level < 0 || t.level == level))
        return true;
    for (int l = level - 1; l >= 0; l--)
        w->last[l] = CHECK_UNKNOWN;
    meta_unpin(k->meta, n->block);
    return false;
}

/* Keys ascend; in a leaf each key is a bound of what its child holds. */
static void
b1_check_keys(struct b1_walk *w, const struct b1_node *n, unsigned i)
{
    const uint8_t *const key = b1_key(w, n, i), *next = b1_key(w, n, i + 1);
    const bool last = i + 1 == n->n;

    if (w->b->compare(w->b->ctx, key, next) >= 0)
        check_report(w->k, "B1-005", b1_key_addr(w, n, i + 1), "TREE", "key",
                     "it is not greater than the key before");
    if (last && n->upper != NULL && w->b->compare(w->b->ctx, next, n->upper) > 0) {
        check_report(w->k, "B1-005", b1_key_addr(w, n, i + 1), "TREE", "key",
                     "it is greater than the parent's key for this node");
        next = n->upper;
    }
    if (n->level != 0)
        return;
    if (i == 0 && w->begun && w->b->compare(w->b->ctx, w->before, key) > 0)
        check_report(w->k, "B1-005", b1_key_addr(w, n, i), "TREE", "key",
                     "it is less than the last key of the node to the left");
    memcpy(w->before, next, w->key_size);
    w->begun = true;
}

/* One step at the top of the stack. */
static void
b1_step(struct b1_walk *w)
{
    struct b1_node *const n = &w->stack[w->depth - 1];
    const unsigned i = n->next++;
    const uint8_t *key;
    uint64_t child;

    if (i >= n->n) {
        meta_unpin(w->k->meta, n->block);
        w->depth--;
        return;
    }
    key = b1_key(w, n, i);
    child = cur_raw_addr(key + w->key_size, w->k->meta->off_w);
    b1_check_keys(w, n, i);
    w->b->key(w->b->ctx, key, b1_key_addr(w, n, i), false);
    if (i + 1 == n->n)
        w->b->key(w->b->ctx, b1_key(w, n, n->n), b1_key_addr(w, n, n->n), true);
    if (n->level > 0) {
        struct b1_node *const next = n + 1;
        if (b1_open(w, child, (int)n->level - 1, next)) {
            next->upper = b1_key(w, n, i + 1);
            w->depth++;
        }
        return;
    }
    w->b->child(w->b->ctx, key, child, b1_key(w, n, i + 1), b1_key_addr(w, n, i));
}

HI5_INT void
check_btree1(struct check *k, const struct check_bt1 *b)
{
    struct b1_walk w = {.k = k, .b = b};

    w.key_size = bt1_key_size(&b->tree);
    w.entry_size = w.key_size + k->meta->off_w;
    w.head_size = 8 + 2u * k->meta->off_w;
    for (unsigned i = 0; i < CHECK_LEVELS; i++)
        w.last[i] = w.right[i] = ADDR_NONE;
    if (b1_open(&w, b->tree.root, -1, &w.stack[0]))
        w.depth = 1;
    while (w.depth > 0 && !check_broken(k))
        b1_step(&w);
    while (w.depth > 0)
        meta_unpin(k->meta, w.stack[--w.depth].block);
    for (unsigned i = 0; i < CHECK_LEVELS; i++)
        if (w.right[i] != ADDR_NONE && w.last[i] < CHECK_UNKNOWN)
            check_report(k, "B1-004", w.last[i] + 8 + k->meta->off_w, "TREE",
                         "right sibling", "0x%llx, but there is no node to the right",
                         (unsigned long long)w.right[i]);
}
