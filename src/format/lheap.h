/*
 * lheap.h - local heaps: the names of old-style groups             [FMT III.D]
 */
#ifndef HI5_LHEAP_H
#define HI5_LHEAP_H

#include "base/meta.h"

#define LHEAP_NO_FREE 1u /* free list head of a heap that has no free block */

struct lheap {
    uint64_t data_size, free_head, data_addr;
};
HI5_INT void lheap_code(struct cur *c, struct lheap *h);

/* An open heap: its data segment is pinned. */
struct lheap_view {
    struct lheap head;
    struct block *data;
};
/** The header alone, and the rest of opening. */
HI5_INT hi5_status lheap_read(struct meta *m, uint64_t addr, struct lheap *h,
                              hi5_error *err);
HI5_INT hi5_status lheap_open_data(struct meta *m, const struct lheap *h,
                                   struct lheap_view *v, hi5_error *err);
HI5_INT hi5_status lheap_open(struct meta *m, uint64_t addr, struct lheap_view *v,
                              hi5_error *err);
HI5_INT void lheap_close(struct meta *m, struct lheap_view *v);
/** The NUL-terminated string at `offset`, valid until the view is closed. */
HI5_INT hi5_status lheap_string(const struct lheap_view *v, uint64_t offset,
                                const char **s, hi5_error *err);

#endif
