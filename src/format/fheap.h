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

/** The same without a copy where that is possible: *held (else NULL) is to be unpinned
 *  when the bytes are not needed any more. */
HI5_INT hi5_status fheap_view(const struct fheap *h, const uint8_t *id, size_t id_len,
                              struct arena *a, const uint8_t **bytes, size_t *n,
                              uint64_t *addr, struct block **held, hi5_error *err);

/* A block, for who wants to see them all. */
struct fheap_block {
    uint64_t addr;
    uint64_t start, size;      /* its part of the heap's address space */
    uint64_t stored;           /* bytes in the file */
    unsigned rows;             /* of an indirect block; 0: direct */
    size_t head;               /* direct: bytes in front of the objects */
};
/** `bad` (not NULL): it could not be decoded. HI5_E_EXISTS: it has been here, leave out
 *  what is below. Any other status ends the walk. */
typedef hi5_status (*fheap_block_fn)(void *ctx, const struct fheap_block *b,
                                     const hi5_error *bad, hi5_error *err);
/** Each block, parents before children. */
HI5_INT hi5_status fheap_blocks_each(const struct fheap *h, fheap_block_fn fn, void *ctx,
                                     hi5_error *err);

/** Where a heap ID's object is in the heap's address space, if it is a managed one. */
HI5_INT bool fheap_managed_place(const struct fheap *h, const uint8_t *id,
                                 uint64_t *offset, uint64_t *length);

/** A record of the huge object B-tree (`keyed`), or the like in an ID. */
struct fheap_huge {
    uint64_t addr, size;
    uint32_t mask;
    uint64_t nominal; /* after the filters */
    uint64_t key;
};
HI5_INT void fheap_huge_code(struct cur *c, struct fheap_huge *o, bool filtered,
                             bool keyed);
/** Does an ID say where the object is, instead of holding a key? */
HI5_INT bool fheap_huge_direct(const struct fheap *h);
/** Of the records in the huge object B-tree: their type (enum bt2_type) and size. */
HI5_INT unsigned fheap_huge_type(const struct fheap *h);
HI5_INT size_t fheap_huge_size(const struct fheap *h);
/** Bytes of a keyed record. */
HI5_INT size_t fheap_huge_record_size(const struct fheap *h);

#endif
