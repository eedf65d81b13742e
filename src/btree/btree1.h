/*
 * btree1.h - version-1 B-trees                                     [FMT III.A.1]
 */
#ifndef HI5_BTREE1_H
#define HI5_BTREE1_H

#include "base/meta.h"

enum bt1_type { BT1_GROUP = 0, BT1_CHUNK = 1 };

/* Node header; keys and children follow. */
struct tree {
    uint8_t type, level;
    uint16_t nentries;
    uint64_t left, right;
};
HI5_INT void tree_code(struct cur *c, struct tree *t);

/* What one tree is like. */
struct bt1 {
    struct meta *meta;
    enum bt1_type type;
    uint64_t root;
    unsigned k;        /* rank: at most 2k entries in a node */
    unsigned rank;     /* chunks: dimensions of the dataset; keys hold one more */
};

HI5_INT size_t bt1_key_size(const struct bt1 *t);
/** What a node takes in the file: room for 2k entries. */
HI5_INT size_t bt1_node_size(const struct bt1 *t);

/** Called for each child of a leaf, in order. `key` and `next_key` are the raw keys on
 *  both sides of the child. Any status but HI5_OK ends the walk. */
typedef hi5_status (*bt1_fn)(void *ctx, const uint8_t *key, uint64_t child,
                             const uint8_t *next_key, hi5_error *err);
HI5_INT hi5_status bt1_each(const struct bt1 *t, bt1_fn fn, void *ctx, hi5_error *err);

/** Order of what is looked for against a raw key: < 0, 0, > 0 as it is less, equal,
 *  greater. A failure goes to *status. */
typedef int (*bt1_compare)(void *ctx, const uint8_t *key, hi5_status *status,
                           hi5_error *err);
/** Descend to the leaf child whose keys enclose what is looked for: for groups
 *  key < x <= next_key, for chunks key <= x < next_key. HI5_E_NOTFOUND if none does.
 *  `key` (may be NULL) receives bt1_key_size bytes: the child's own (left) key. */
HI5_INT hi5_status bt1_find(const struct bt1 *t, bt1_compare compare, void *ctx,
                            uint64_t *child, uint8_t *key, hi5_error *err);

/* Where the last search ended; all zero: nowhere. It keeps a leaf pinned, so that one
 * search after another in ascending order need not start at the root. */
struct bt1_near {
    struct block *block;
    const uint8_t *entries;
    unsigned n, at;
};
/** bt1_find, looking near the last place first. */
HI5_INT hi5_status bt1_find_near(const struct bt1 *t, struct bt1_near *near,
                                 bt1_compare compare, void *ctx, uint64_t *child,
                                 uint8_t *key, hi5_error *err);
HI5_INT void bt1_near_done(const struct bt1 *t, struct bt1_near *near);

/* A chunk's key. */
struct bt1_chunk_key {
    uint32_t nbytes, mask;
    uint64_t offset[HI5_MAX_RANK + 1]; /* elements; the last is 0 */
};
HI5_INT void bt1_chunk_key_code(struct cur *c, struct bt1_chunk_key *k, unsigned rank);

#endif
