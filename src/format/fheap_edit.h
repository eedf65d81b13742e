/*
 * fheap_edit.h - changing fractal heaps in place                     [FMT III.G, III.H]
 *
 * A `struct fheap_edit` is a heap that is open for changes. It may be kept between calls,
 * until the stage forgets changes (stage_abort); nobody else may change the heap
 * meanwhile. Close it when done. Readers (fheap_open) see each change at once.
 *
 * What is free in the heap is known while it is open, and written by fheap_edit_settle,
 * which belongs before each commit. Without it, the file stays right, but the next one to
 * open the heap does not find its free space.
 *
 * HI5_E_ARG, NOTFOUND and UNSUPPORTED mean that nothing was changed. After any other
 * failure a change may be half done (stage_break).
 */
#ifndef HI5_FHEAP_EDIT_H
#define HI5_FHEAP_EDIT_H

#include "base/extents.h"
#include "btree/btree2_edit.h"
#include "format/fheap_impl.h"

/* How a heap is made. */
struct fheap_shape {
    uint16_t id_len, width;
    uint32_t max_managed;
    uint64_t start_block, max_direct;
    uint16_t max_heap_bits, start_root_rows;
    bool checksums;
};

struct fheap_edit {
    struct fheap h;          /* the header as it is now, and what follows from it */
    bool loaded;             /* what is free is known, as far as anybody knows */
    struct extents free;     /* of the address space, in direct blocks, without: */
    uint64_t at, end;        /* where the next objects go */
    uint64_t expected, longest; /* bytes of objects to come; of one of them */
    struct fheap_entry last; /* the direct block used last; addr ADDR_NONE: none */
    uint64_t fshd, fsse, fsse_size; /* where the free-space manager is, or was */
    struct bt2_edit huge;           /* open, if: */
    bool huge_open;
};

HI5_INT hi5_status fheap_edit_create(struct meta *m, const struct fheap_shape *shape,
                                     struct fheap_edit *e, hi5_error *err);
/** HI5_E_UNSUPPORTED for heaps with filters. */
HI5_INT hi5_status fheap_edit_open(struct meta *m, uint64_t addr, struct fheap_edit *e,
                                   hi5_error *err);
HI5_INT void fheap_edit_close(struct fheap_edit *e);
/** Objects of `bytes` bytes are to come, one of them of `longest`: the table of blocks, when
 *  it is made, is made for all of them, and need not be given up for a larger one. */
HI5_INT void fheap_edit_expect(struct fheap_edit *e, uint64_t bytes, uint64_t longest);
/** Write what is free, if it has changed. */
HI5_INT hi5_status fheap_edit_settle(struct fheap_edit *e, hi5_error *err);

/** Put an object of `n` > 0 bytes into the heap; `id` (the heap's ID length) names it. */
HI5_INT hi5_status fheap_edit_insert(struct fheap_edit *e, const void *bytes, size_t n,
                                     uint8_t *id, hi5_error *err);
/** Look at an object. Its bytes are in the heap, to the next change, or in `a`. Costs no
 *  checksums of blocks that have been changed. */
HI5_INT hi5_status fheap_edit_get(struct fheap_edit *e, const uint8_t *id,
                                  struct arena *a, const uint8_t **bytes, size_t *n,
                                  hi5_error *err);
HI5_INT hi5_status fheap_edit_remove(struct fheap_edit *e, const uint8_t *id,
                                     hi5_error *err);
/** Put other bytes in the place of an object: *moved if `id` had to change. */
HI5_INT hi5_status fheap_edit_replace(struct fheap_edit *e, uint8_t *id,
                                      const void *bytes, size_t n, bool *moved,
                                      hi5_error *err);

/** Delete a heap with all objects, filtered ones too, and give back its space. All blocks
 *  are read before anything is changed. It must not be open for changes. */
HI5_INT hi5_status fheap_edit_delete(struct meta *m, uint64_t addr, hi5_error *err);

#endif
