/*
 * node.h - getting at one checksummed block of an index
 *
 * All index blocks are read alike: pin the bytes, decode them, and note in the cached
 * block that the checksum was right, so that it is computed once as long as the block
 * stays cached. node_pin() and node_settle() stand around the decoding.
 */
#ifndef HI5_NODE_H
#define HI5_NODE_H

#include "base/ckd.h"
#include "base/err.h"
#include "base/meta.h"

/** meta_pin for a size that comes from the file. */
static inline hi5_status
node_pin(struct meta *m, uint64_t addr, uint64_t n, const char *what, struct block **b,
         hi5_error *err)
{
    size_t size;

    *b = NULL;
    if (!ckd_size(n, &size))
        return err_set(err, HI5_E_TRUNCATED, addr, what, "", "",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)n);
    return meta_pin(m, addr, size, what, b, err);
}

/** The checksum, unless the block it is in is known to be right (GET only). */
static inline void
node_checksum(struct cur *c, bool verified)
{
    if (verified && cur_reading(c) && c->watch == NULL)
        cur_skip(c, "checksum", 4);
    else
        cur_checksum(c);
}

/** After decoding a pinned block: remember that it is good, or let go of it. */
static inline hi5_status
node_settle(struct meta *m, const struct cur *c, struct block **b)
{
    if (cur_ok(c)) {
        atomic_store_explicit(&(*b)->checked, true, memory_order_relaxed);
        return HI5_OK;
    }
    meta_unpin(m, *b);
    *b = NULL;
    return c->status;
}

/** Walks account for the bytes of each node they visit: nodes do not overlap, so more
 *  bytes than the file has mean that one was reached twice. */
static inline hi5_status
node_spend(uint64_t *left, uint64_t n, uint64_t addr, const char *what,
           const char *section, hi5_error *err)
{
    if (n > *left)
        return err_set(err, HI5_E_CORRUPT, addr, what, "address", section,
                       "more nodes than the file has room for: some are shared");
    *left -= n;
    return HI5_OK;
}

#endif
