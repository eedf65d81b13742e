/*
 * btree1_edit.h - changing version-1 B-trees                       [FMT III.A.1]
 *
 * The root stays where it is. A `struct bt1_edit` remembers the way to the place of the
 * last change, so that one change beside another costs no search; all changes of a tree
 * go through the same one. It owns nothing. Forget it when the stage is aborted or
 * something else has changed the tree: bt1_edit_init() again.
 *
 * A change that needs new nodes gets them first: failing then, it leaves a tree that
 * holds what it held. Failures later, for want of memory, leave the tree half changed.
 */
#ifndef HI5_BTREE1_EDIT_H
#define HI5_BTREE1_EDIT_H

#include "base/stage.h"
#include "btree/btree1.h"

#define BT1_EDIT_LEVELS 32u

/* A node on the way, and which of its children the way takes. */
struct bt1_step {
    struct staged *b;
    uint64_t addr;
    struct tree head;
    unsigned at;
};

struct bt1_edit {
    struct bt1 t;
    uint64_t txn;              /* the stage's, when the way was found */
    unsigned depth;            /* nodes on the way; 0: it is not known */
    struct bt1_step path[BT1_EDIT_LEVELS]; /* from the root to a leaf */
};

/** An empty tree: t->root is not looked at. */
HI5_INT hi5_status bt1_create(const struct bt1 *t, uint64_t *root, hi5_error *err);
HI5_INT void bt1_edit_init(struct bt1_edit *e, const struct bt1 *t);

/** Give back the space of all nodes, each after `fn` was called for its children. */
HI5_INT hi5_status bt1_free_all(const struct bt1 *t, bt1_fn fn, void *ctx,
                                hi5_error *err);

/* ---- chunks ---- */

/** A chunk's key and address. HI5_E_NOTFOUND if there is none at this offset. */
HI5_INT hi5_status bt1_get_chunk(struct bt1_edit *e, const uint64_t *offset,
                                 struct bt1_chunk_key *key, uint64_t *addr,
                                 hi5_error *err);
/** Add a chunk, or say where it is now and how large.
 *  @param dim  of all chunks, in elements; the last, behind the dataset's dimensions, is
 *              the size of an element */
HI5_INT hi5_status bt1_put_chunk(struct bt1_edit *e, const struct bt1_chunk_key *key,
                                 const uint64_t *dim, uint64_t addr, hi5_error *err);
/** HI5_E_NOTFOUND if there is none. The chunk itself stays where it is. */
HI5_INT hi5_status bt1_remove_chunk(struct bt1_edit *e, const uint64_t *offset,
                                    hi5_error *err);

/* ---- groups: one step after another ---- */

/** Go to the leaf's child whose keys enclose what is looked for, or come nearest.
 *  @param where  0: they do; -1: it is not greater than the first key of the tree; 1: it
 *                is greater than the last. Of an empty tree: 1. */
HI5_INT hi5_status bt1_seek(struct bt1_edit *e, bt1_compare compare, void *ctx,
                            int *where, hi5_error *err);
/** The child where the last seek ended; ADDR_NONE: the tree is empty. */
HI5_INT uint64_t bt1_child_at(const struct bt1_edit *e);
/** Its raw keys. */
HI5_INT const uint8_t *bt1_key_at(const struct bt1_edit *e, bool right);
/** Make room for one more child in the leaf. @param moved  seek, and try, again */
HI5_INT hi5_status bt1_make_room(struct bt1_edit *e, bool *moved, hi5_error *err);
/** Put a child behind this one, with `key` between them: bt1_make_room() came before. */
HI5_INT void bt1_insert_behind(struct bt1_edit *e, const uint8_t *key, uint64_t child);
/** Put the first child in an empty tree. */
HI5_INT void bt1_insert_first(struct bt1_edit *e, const uint8_t *left,
                              const uint8_t *right, uint64_t child);
/** Change the key on one side of the child, wherever it is kept. */
HI5_INT hi5_status bt1_set_key(struct bt1_edit *e, bool right, const uint8_t *key,
                               hi5_error *err);
/** Remove the child, and nodes that are empty without it. The way is forgotten. */
HI5_INT hi5_status bt1_remove(struct bt1_edit *e, hi5_error *err);

#endif
