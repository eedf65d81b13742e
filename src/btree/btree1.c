/*
 * btree1.c - version-1 B-trees                                     [FMT III.A.1]
 *
 * Old groups find their symbol table nodes through them, datasets with a layout message
 * before version 4 their chunks. In a node keys and children alternate, beginning and
 * ending with a key; all nodes of a tree take the same space, used or not.
 *
 * Nodes are searched where they are, in the pinned block. Nothing is believed of their
 * shape but this: the level goes down by one at each step. That bounds the depth; the
 * bytes of all nodes visited, which cannot exceed the file's, bound a walk.
 */
#include "btree/btree1.h"
#include "btree/node.h"
#include <string.h>

#define BT1_MAX_LEVELS 64u

/* A pinned node. */
struct bt1_node {
    struct block *block;
    const uint8_t *entries; /* key 0, child 0, key 1, ... key n */
    unsigned n, level;
    unsigned next; /* a walk's next child */
};

/*
 * B-tree Node                                                      [FMT III.A.1]
 *
 *   size  field
 *      4  signature            "TREE"
 *      1  type                 0 groups, 1 chunks
 *      1  level                0: children are no nodes, but what the tree indexes
 *      2  entries used         children in use, at most 2K
 *      O  left sibling         undefined at the end
 *      O  right sibling
 *         then 2K times key, child address (O); and one key more
 */
HI5_INT void
tree_code(struct cur *c, struct tree *t)
{
    cur_begin(c, "TREE", "III.A.1");
    cur_signature(c, "TREE");
    cur_u8(c, "type", &t->type);
    cur_u8(c, "level", &t->level);
    cur_u16(c, "entries used", &t->nentries);
    cur_addr(c, "left sibling", &t->left);
    cur_addr(c, "right sibling", &t->right);

    cur_require(c, t->type <= BT1_CHUNK, "type", "neither groups nor chunks");
    cur_require(c, t->level < BT1_MAX_LEVELS, "level", "deeper than any tree can be");
}

/*
 * Key of a chunk tree                                              [FMT III.A.1]
 *
 *   size  field
 *      4  chunk size           stored bytes
 *      4  filter mask          bit i: filter i was not applied
 *      8  offset               of the first element, in elements: once for each
 *         ...                  dimension, and once, 0, for the element itself
 *
 * The last key of a node, which has no child, is an upper bound: its size and mask are
 * 0, and its last offset need not be.
 */
HI5_INT void
bt1_chunk_key_code(struct cur *c, struct bt1_chunk_key *k, unsigned rank)
{
    cur_begin(c, "chunk key", "III.A.1");
    cur_u32(c, "chunk size", &k->nbytes);
    cur_u32(c, "filter mask", &k->mask);
    for (unsigned i = 0; i <= rank && i <= HI5_MAX_RANK; i++)
        cur_u64(c, "offset", &k->offset[i]);
}

HI5_INT size_t
bt1_key_size(const struct bt1 *t)
{
    return t->type == BT1_GROUP ? t->meta->len_w : 8 + 8 * ((size_t)t->rank + 1);
}

/* The bytes of a node with n children. */
static size_t
bt1_used(const struct bt1 *t, size_t n)
{
    const size_t key = bt1_key_size(t), off_w = t->meta->off_w;
    return 8 + 2 * off_w + n * (key + off_w) + key;
}

HI5_INT size_t
bt1_node_size(const struct bt1 *t)
{
    return bt1_used(t, 2 * (size_t)t->k);
}

static const uint8_t *
bt1_key(const struct bt1 *t, const struct bt1_node *n, unsigned i)
{
    return n->entries + i * (bt1_key_size(t) + t->meta->off_w);
}

static uint64_t
bt1_child(const struct bt1 *t, const struct bt1_node *n, unsigned i)
{
    return cur_raw_addr(bt1_key(t, n, i) + bt1_key_size(t), t->meta->off_w);
}

/* Pin the node at `addr`. `level` is what it must have; -1: the root, any. A node at
 * the end of the file may lack what it does not use. */
static hi5_status
bt1_pin(const struct bt1 *t, uint64_t addr, int level, struct bt1_node *n,
        hi5_error *err)
{
    const size_t size = meta_clip(t->meta, addr, bt1_node_size(t));
    struct tree head = {0};
    struct cur c;

    *n = (struct bt1_node){0};
    TRY(meta_pin(t->meta, addr, size, "TREE", &n->block, err));
    c = meta_cursor(t->meta, n->block, size, NULL, err);
    tree_code(&c, &head);
    cur_require(&c, head.type == t->type, "type", "a node of another kind of tree");
    cur_require(&c, level < 0 || head.level == level, "level",
                "not one less than the parent's");
    cur_require(&c, head.nentries <= 2 * t->k, "entries used",
                "more than a node has room for");
    if (head.nentries != 0)
        cur_view(&c, "entries", &n->entries,
                 bt1_used(t, head.nentries) - (8 + 2 * (size_t)t->meta->off_w));
    if (!cur_ok(&c)) {
        meta_unpin(t->meta, n->block);
        n->block = NULL;
        return c.status;
    }
    n->n = head.nentries;
    n->level = head.level;
    return HI5_OK;
}

/* The way from the root to where a walk is: stack[0] is the root. */
struct bt1_walk {
    const struct bt1 *t;
    uint64_t left; /* bytes of nodes still believable */
    unsigned depth;
    struct bt1_node stack[BT1_MAX_LEVELS];
};

static hi5_status
bt1_push(struct bt1_walk *w, uint64_t addr, int level, hi5_error *err)
{
    struct bt1_node *n = &w->stack[w->depth];

    TRY(bt1_pin(w->t, addr, level, n, err));
    w->depth++;
    return node_spend(&w->left, bt1_used(w->t, n->n), addr, "TREE", "III.A.1", err);
}

HI5_INT hi5_status
bt1_each(const struct bt1 *t, bt1_fn fn, void *ctx, hi5_error *err)
{
    struct bt1_walk w;
    hi5_status s;

    w.t = t;
    w.left = t->meta->eof;
    w.depth = 0;
    s = bt1_push(&w, t->root, -1, err);
    while (s == HI5_OK && w.depth > 0) {
        struct bt1_node *n = &w.stack[w.depth - 1];
        const unsigned i = n->next++;
        if (i == n->n) {
            meta_unpin(t->meta, n->block);
            w.depth--;
        } else if (n->level > 0) {
            s = bt1_push(&w, bt1_child(t, n, i), (int)n->level - 1, err);
        } else {
            s = fn(ctx, bt1_key(t, n, i), bt1_child(t, n, i), bt1_key(t, n, i + 1),
                   err);
        }
    }
    while (w.depth > 0)
        meta_unpin(t->meta, w.stack[--w.depth].block);
    return s;
}

/* Which child's keys enclose what is looked for? */
static hi5_status
bt1_choose(const struct bt1 *t, const struct bt1_node *n, bt1_compare compare,
           void *ctx, unsigned *i, hi5_error *err)
{
    const bool last = t->type == BT1_GROUP; /* a key is its left child's last name */
    unsigned lo = 0, hi = n->n;
    hi5_status s = HI5_OK;
    int order;

    while (lo < hi) {
        const unsigned mid = lo + (hi - lo) / 2;
        order = compare(ctx, bt1_key(t, n, mid + 1), &s, err);
        if (s != HI5_OK)
            return s;
        if (order < 0 || (order == 0 && last))
            hi = mid;
        else
            lo = mid + 1;
    }
    if (lo == n->n)
        return HI5_E_NOTFOUND;
    order = compare(ctx, bt1_key(t, n, lo), &s, err);
    if (s != HI5_OK)
        return s;
    if (order < 0 || (order == 0 && last))
        return HI5_E_NOTFOUND;
    *i = lo;
    return HI5_OK;
}

/* Does entry i of a node enclose what is looked for? A failure counts as no. */
static bool
bt1_encloses(const struct bt1 *t, const struct bt1_node *n, unsigned i,
             bt1_compare compare, void *ctx)
{
    const bool last = t->type == BT1_GROUP;
    hi5_status s = HI5_OK;
    int left, right;

    if (i >= n->n)
        return false;
    left = compare(ctx, bt1_key(t, n, i), &s, NULL);
    right = s == HI5_OK ? compare(ctx, bt1_key(t, n, i + 1), &s, NULL) : 0;
    return s == HI5_OK && (last ? left > 0 && right <= 0 : left >= 0 && right < 0);
}

/* Look in the leaf of the last search: at its place, behind it, then anywhere. */
static bool
bt1_try_near(const struct bt1 *t, struct bt1_near *near, bt1_compare compare, void *ctx)
{
    const struct bt1_node n = {.block = near->block, .entries = near->entries,
                               .n = near->n};

    if (near->block == NULL || n.n == 0)
        return false;
    for (unsigned k = 0; k < 2; k++, near->at++)
        if (bt1_encloses(t, &n, near->at, compare, ctx))
            return true;
    return bt1_choose(t, &n, compare, ctx, &near->at, NULL) == HI5_OK;
}

/* Descend to the leaf, and keep it. */
static hi5_status
bt1_descend(const struct bt1 *t, struct bt1_near *near, bt1_compare compare, void *ctx,
            hi5_error *err)
{
    uint64_t addr = t->root;
    int level = -1;

    bt1_near_done(t, near);
    for (;;) {
        struct bt1_node n;
        unsigned i = 0;
        hi5_status s;

        TRY(bt1_pin(t, addr, level, &n, err));
        s = bt1_choose(t, &n, compare, ctx, &i, err);
        if (s == HI5_OK && n.level == 0) {
            *near = (struct bt1_near){n.block, n.entries, n.n, i};
            return HI5_OK;
        }
        if (s == HI5_OK) {
            addr = bt1_child(t, &n, i);
            level = (int)n.level - 1;
        }
        meta_unpin(t->meta, n.block);
        if (s != HI5_OK)
            return s;
    }
}

HI5_INT hi5_status
bt1_find_near(const struct bt1 *t, struct bt1_near *near, bt1_compare compare, void *ctx,
              uint64_t *child, uint8_t *key, hi5_error *err)
{
    struct bt1_node n;

    if (!bt1_try_near(t, near, compare, ctx))
        TRY(bt1_descend(t, near, compare, ctx, err));
    n = (struct bt1_node){.block = near->block, .entries = near->entries, .n = near->n};
    *child = bt1_child(t, &n, near->at);
    if (key != NULL)
        memcpy(key, bt1_key(t, &n, near->at), bt1_key_size(t));
    return HI5_OK;
}

HI5_INT void
bt1_near_done(const struct bt1 *t, struct bt1_near *near)
{
    meta_unpin(t->meta, near->block);
    *near = (struct bt1_near){0};
}

HI5_INT hi5_status
bt1_find(const struct bt1 *t, bt1_compare compare, void *ctx, uint64_t *child,
         uint8_t *key, hi5_error *err)
{
    struct bt1_near near = {0};
    const hi5_status s = bt1_find_near(t, &near, compare, ctx, child, key, err);

    bt1_near_done(t, &near);
    return s;
}
