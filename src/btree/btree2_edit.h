/*
 * btree2_edit.h - changing version-2 B-trees in place               [FMT III.A.2]
 *
 * A `struct bt2_edit` is a tree that is open for changes: its header as it is now, and
 * the geometry of its nodes. It owns nothing and may be kept between calls, until the
 * stage forgets changes (stage_abort) or the tree is deleted; nobody else may change the
 * tree meanwhile. Readers (bt2_open) see each change at once.
 *
 * HI5_E_EXISTS and HI5_E_NOTFOUND mean that nothing was changed. After any other failure a
 * change may be half done (stage_break).
 */
#ifndef HI5_BTREE2_EDIT_H
#define HI5_BTREE2_EDIT_H

#include "base/stage.h"
#include "btree/btree2.h"

struct bt2_edit {
    struct meta *meta;
    uint64_t addr;    /* of the header */
    struct bthd head; /* what the header says */
    unsigned nrec_w;  /* width of the number of records in a node */
    struct bt2_level level[BT2_MAX_DEPTH + 1]; /* [head.depth + 1] */
};

/** A new tree without records. */
HI5_INT hi5_status bt2_edit_create(struct meta *m, enum bt2_type type,
                                   uint32_t node_size, size_t record_size,
                                   struct bt2_edit *t, hi5_error *err);
/** HI5_E_UNSUPPORTED if its nodes have room for so few records that they cannot be split
 *  and merged. */
HI5_INT hi5_status bt2_edit_open(struct meta *m, uint64_t addr, enum bt2_type type,
                                 size_t record_size, struct bt2_edit *t,
                                 hi5_error *err);

/** Like bt2_find. Costs no checksums of nodes that have been changed. */
HI5_INT hi5_status bt2_edit_find(const struct bt2_edit *t, bt2_compare compare,
                                 void *ctx, uint8_t *record, hi5_error *err);

/** Called once it is certain that there is no such record yet; it may still change the
 *  record that is to be inserted. If it fails, the tree has the records it had. */
typedef hi5_status (*bt2_make)(void *ctx, hi5_error *err);
/** Insert `record`, whose order against others `compare` tells; HI5_E_EXISTS if there is
 *  one that compares equal.
 *  @param make  may be NULL; gets ctx as well */
HI5_INT hi5_status bt2_edit_insert(struct bt2_edit *t, bt2_compare compare,
                                   bt2_make make, void *ctx, const uint8_t *record,
                                   hi5_error *err);
/** Put `record` in the place of the one that compares equal; HI5_E_NOTFOUND. */
HI5_INT hi5_status bt2_edit_update(struct bt2_edit *t, bt2_compare compare, void *ctx,
                                   const uint8_t *record, hi5_error *err);
/** Remove the record that compares equal; HI5_E_NOTFOUND.
 *  @param record  gets a copy of it, unless NULL */
HI5_INT hi5_status bt2_edit_remove(struct bt2_edit *t, bt2_compare compare, void *ctx,
                                   uint8_t *record, hi5_error *err);

/* Record number n, in ascending order from 0: for records that no comparison leads to. */
HI5_INT hi5_status bt2_edit_update_nth(struct bt2_edit *t, uint64_t n,
                                       const uint8_t *record, hi5_error *err);
HI5_INT hi5_status bt2_edit_remove_nth(struct bt2_edit *t, uint64_t n, uint8_t *record,
                                       hi5_error *err);

/** Delete the tree and give back its space. All of it is read before anything is changed;
 *  then `fn` (unless NULL) gets each record. */
HI5_INT hi5_status bt2_edit_delete(struct meta *m, uint64_t addr, enum bt2_type type,
                                   size_t record_size, bt2_fn fn, void *ctx,
                                   hi5_error *err);

#endif
