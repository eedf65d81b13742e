/*
 * shared.h - messages that are stored elsewhere                    [FMT IV.A.2, III.I]
 *
 * A message with flag 0x02 holds a pointer in place of its body: to a committed
 * datatype, or into the file's shared-message (SOHM) heap.
 */
#ifndef HI5_SHARED_H
#define HI5_SHARED_H

#include "format/fheap.h"
#include "format/ohdr.h"

/* One index of the master table. */
struct sohm_index {
    uint8_t type;              /* 0 list, 1 B-tree */
    uint16_t msg_flags;        /* bit 1 << message type */
    uint32_t min_size;
    uint16_t list_max, btree_min, nmsgs;
    uint64_t index, heap;
};
enum { SOHM_INDEXES = 8, SOHM_LIST_MOST = 5000 };
struct sohm_table {
    unsigned n;                /* set before coding: the table does not say */
    struct sohm_index index[SOHM_INDEXES];
};
HI5_INT void smtb_code(struct cur *c, struct sohm_table *t);

/* What resolving needs; NULL table: the file has none. */
struct shared_env {
    struct meta *meta;
    struct sohm_table *table;
    const struct pipe_plugins *plugins;
    uint64_t table_addr;       /* where the table is */
};

/** The fractal heap that holds shared messages of this type. */
HI5_INT hi5_status shared_heap_address(const struct shared_env *e, unsigned type,
                                       uint64_t *heap, hi5_error *err);

/** Where the body of a message really is. `type` is the message's type. If it is shared,
 *  the bytes are put into `a`, and *committed is the object header's address or
 *  ADDR_NONE. Otherwise the body itself is returned. */
HI5_INT hi5_status shared_body(const struct shared_env *e, unsigned type, bool is_shared,
                               const uint8_t *body, size_t n, uint64_t addr,
                               struct arena *a, const uint8_t **out, size_t *out_n,
                               uint64_t *out_addr, uint64_t *committed, hi5_error *err);

#endif
