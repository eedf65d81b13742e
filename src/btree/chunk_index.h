/*
 * chunk_index.h - where a dataset's chunks are                     [FMT VII]
 *
 * One interface over the six kinds of index. An open index is immutable, apart from
 * what the metadata cache does; any number of threads may search it.
 *
 * Numbering of slots in arrays goes over the grid of the *maximum* extent, and an
 * extensible array moves its unlimited dimension to the front.
 */
#ifndef HI5_CHUNK_INDEX_H
#define HI5_CHUNK_INDEX_H

#include "base/meta.h"
#include "btree/btree1.h"

/* What the layout, dataspace and filter messages say. */
struct cix_params {
    hi5_chunk_index kind;
    unsigned layout_version;     /* 1 to 5 */
    unsigned rank;
    uint64_t chunk[HI5_MAX_RANK]; /* in elements */
    uint64_t dims[HI5_MAX_RANK], max[HI5_MAX_RANK];
    uint64_t chunk_bytes;        /* one decoded chunk */
    bool filtered;               /* there is a filter pipeline */
    uint64_t addr;               /* of the index, or of the data; ADDR_NONE: no chunk */
    unsigned k;                  /* btree1: the superblock's chunk K */
    uint64_t single_size;        /* single, filtered */
    uint32_t single_mask;
    uint8_t fa_page_bits;        /* as in the layout message */
    uint8_t ea_max_bits, ea_index_elements, ea_min_pointers, ea_min_elements,
        ea_page_bits;
    uint32_t bt2_node_size;
    uint8_t bt2_split, bt2_merge;
};

struct cix_chunk {
    uint64_t scaled[HI5_MAX_RANK]; /* grid coordinates */
    uint64_t addr;
    uint64_t size;               /* stored bytes */
    uint32_t mask;
};

struct cix;
/** @param a  the open index lives here */
HI5_INT hi5_status cix_open(struct meta *m, const struct cix_params *p, struct arena *a,
                            const struct cix **x, hi5_error *err);

/** Find the chunk at grid coordinates `scaled`; HI5_E_NOTFOUND (err not filled in) if
 *  it has not been written. */
HI5_INT hi5_status cix_find(const struct cix *x, const uint64_t *scaled,
                            struct cix_chunk *chunk, hi5_error *err);

/* Where the last search ended; all zero: nowhere. For one thread. */
struct cix_near {
    struct bt1_near bt1;
};
/** cix_find, looking near the last place first. */
HI5_INT hi5_status cix_find_near(const struct cix *x, struct cix_near *near,
                                 const uint64_t *scaled, struct cix_chunk *chunk,
                                 hi5_error *err);
HI5_INT void cix_near_done(const struct cix *x, struct cix_near *near);

typedef hi5_status (*cix_fn)(void *ctx, const struct cix_chunk *chunk, hi5_error *err);
/** Each chunk that exists, in the order of the index; nodes are read once. Costs do not
 *  depend on the size of the grid where the index is sparse. */
HI5_INT hi5_status cix_each(const struct cix *x, cix_fn fn, void *ctx, hi5_error *err);

/** The slot of a chunk in an array index; false if it is outside the current extent, or the
 *  number is too large. */
HI5_INT bool cix_slot(const struct cix *x, const uint64_t *scaled, uint64_t *slot);
/** Grid coordinates of slot `slot` of an array index. */
HI5_INT void cix_coordinates(const struct cix *x, uint64_t slot, uint64_t *scaled);

/** How wide a filtered chunk's size is in array entries and version-2 records. */
HI5_INT unsigned cix_size_width(unsigned layout_version, uint64_t chunk_bytes,
                                unsigned len_w);
/** An array's entry (rank 0) or a version-2 record. `size_w` 0: chunks are not
 *  filtered, and size and mask are left alone. */
HI5_INT void cix_entry_code(struct cur *c, struct cix_chunk *k, unsigned size_w,
                            unsigned rank);

#endif
