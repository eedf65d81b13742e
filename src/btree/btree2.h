/*
 * btree2.h - version-2 B-trees                                     [FMT III.A.2]
 *
 * Records are opaque bytes of one size here; who stores them decodes them.
 */
#ifndef HI5_BTREE2_H
#define HI5_BTREE2_H

#include "base/meta.h"

enum bt2_type {
    BT2_HUGE_INDIRECT = 1,
    BT2_HUGE_INDIRECT_FILTERED = 2,
    BT2_HUGE_DIRECT = 3,
    BT2_HUGE_DIRECT_FILTERED = 4,
    BT2_LINK_NAME = 5,
    BT2_LINK_ORDER = 6,
    BT2_SHARED_MESSAGE = 7,
    BT2_ATTR_NAME = 8,
    BT2_ATTR_ORDER = 9,
    BT2_CHUNK = 10,
    BT2_CHUNK_FILTERED = 11
};

struct bthd {
    uint8_t type;
    uint32_t node_size;
    uint16_t record_size, depth;
    uint8_t split, merge;
    uint64_t root;
    uint16_t root_nrec;
    uint64_t total;
};
HI5_INT void bthd_code(struct cur *c, struct bthd *h);

/* What a node looks like in the file; who decodes gives the sizes. */
struct bt2_image {
    bool leaf, verified;
    uint8_t type;
    size_t records_size, pointers_size;
    const uint8_t *records, *pointers;
};

HI5_INT void bt2_image_code(struct cur *c, struct bt2_image *n);

#define BT2_MAX_DEPTH 64u

/* Nodes of one level; leaves are level 0. */
struct bt2_level {
    uint64_t max_records;
    uint64_t most;         /* records in such a node's subtree */
    uint32_t pointer_size; /* 0 for leaves */
    unsigned total_w;      /* width of the number of records in the subtree; 0 for leaves */
};
/** What nodes of level `d` look like; `l` has the levels below, and gets this one. False
 *  if they have no room for records. */
HI5_INT bool bt2_measure_level(const struct bthd *h, unsigned off_w, struct bt2_level *l,
                               unsigned d);

struct bt2; /* header and per-level geometry, immutable once open */

/** @param a  the opened tree lives here. `type` must be the tree's type, and
 *  `record_size` its record size, or it is HI5_E_CORRUPT. */
HI5_INT hi5_status bt2_open(struct meta *m, uint64_t addr, enum bt2_type type,
                            size_t record_size, struct arena *a, const struct bt2 **t,
                            hi5_error *err);
HI5_INT const struct bthd *bt2_header(const struct bt2 *t);
/** The most records in a node of `level` (0: leaves, at most the tree's depth), and how
 *  wide the number of records below such a node is written. */
HI5_INT uint64_t bt2_capacity(const struct bt2 *t, unsigned level, unsigned *total_w);

typedef hi5_status (*bt2_fn)(void *ctx, const uint8_t *record, hi5_error *err);
/** Each record in ascending order (or descending). */
HI5_INT hi5_status bt2_each(const struct bt2 *t, bool decreasing, bt2_fn fn, void *ctx,
                            hi5_error *err);

/** Order of what is looked for against a record: < 0, 0, > 0. */
typedef int (*bt2_compare)(void *ctx, const uint8_t *record, hi5_status *status,
                           hi5_error *err);
/** Copy the record that compares equal to `record`; HI5_E_NOTFOUND if there is none. */
HI5_INT hi5_status bt2_find(const struct bt2 *t, bt2_compare compare, void *ctx,
                            uint8_t *record, hi5_error *err);

#endif
