/*
 * fheap.h - fractal heaps: dense links, dense attributes, shared messages  [FMT III.G]
 */
#ifndef HI5_FHEAP_H
#define HI5_FHEAP_H

#include "base/meta.h"
#include "filters/pipeline.h"

struct frhp {
    uint16_t id_len, filter_len;
    uint8_t flags;
    uint32_t max_managed;
    uint64_t next_huge_id, huge_bt2, free_space, fs_addr;
    uint64_t man_size, man_alloc, man_iter_off, man_nobjs;
    uint64_t huge_size, huge_nobjs, tiny_size, tiny_nobjs;
    uint16_t width;
    uint64_t start_block, max_direct;
    uint16_t max_heap_bits, start_root_rows;
    uint64_t root;
    uint16_t cur_root_rows;
    uint64_t root_filtered_size;
    uint32_t root_filter_mask;
    const uint8_t *pipeline;   /* [filter_len]: a filter pipeline message */
};
HI5_INT void frhp_code(struct cur *c, struct frhp *h);

struct fheap; /* header and derived geometry, immutable once open */
HI5_INT hi5_status fheap_open(struct meta *m, uint64_t addr,
                              const struct pipe_plugins *plugins, struct arena *a,
                              const struct fheap **h, hi5_error *err);
HI5_INT const struct frhp *fheap_header(const struct fheap *h);

/** Read the object that heap ID `id` (`id_len` bytes; at least the heap's ID length)
 *  names. The bytes are put into `a`. *addr: where in the file, or ADDR_NONE. */
HI5_INT hi5_status fheap_get(const struct fheap *h, const uint8_t *id, size_t id_len,
                             struct arena *a, const uint8_t **bytes, size_t *n,
                             uint64_t *addr, hi5_error *err);

#endif
