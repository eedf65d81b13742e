/*
 * earray.h - extensible arrays: the chunk index of datasets with one unlimited
 * dimension                                                        [FMT VII.D]
 */
#ifndef HI5_EARRAY_H
#define HI5_EARRAY_H

#include "btree/farray.h"

struct eahd {
    uint8_t client, entry_size;
    uint8_t max_bits;      /* an entry's number has at most so many */
    uint8_t index_entries; /* in the index block itself */
    uint8_t min_entries;   /* in the smallest data block */
    uint8_t min_pointers;  /* in the smallest super block */
    uint8_t page_bits;
    uint64_t nsuper, super_size, ndata, data_size, max_set, nentries; /* statistics */
    uint64_t index;
};
HI5_INT void eahd_code(struct cur *c, struct eahd *h);

/* The other blocks; who decodes gives the sizes. */
struct eaib {
    uint8_t client;
    bool verified;
    uint64_t header;
    size_t entries_size, data_size, super_size;
    const uint8_t *entries, *data, *super;
};
HI5_INT void eaib_code(struct cur *c, struct eaib *b);

struct easb {
    uint8_t client;
    bool verified;
    unsigned offset_w;
    uint64_t header, offset;
    size_t bitmap_size, data_size;
    const uint8_t *bitmap, *data;
};
HI5_INT void easb_code(struct cur *c, struct easb *b);

struct eadb {
    uint8_t client;
    bool verified;
    unsigned offset_w;
    uint64_t header, offset;
    size_t entries_size; /* 0: paged */
    const uint8_t *entries;
};
HI5_INT void eadb_code(struct cur *c, struct eadb *b);

/* What a super block stands for, whether it exists or its data blocks hang directly on
 * the index block. Numbers of entries do not count those in the index block. */
struct ea_super {
    uint64_t ndata;   /* data blocks */
    uint64_t entries; /* in each */
    uint64_t start;   /* the first entry's number */
    uint64_t first;   /* the first data block's number in the whole array */
    uint64_t npages;  /* of each data block; 0: not paged */
};
HI5_INT struct ea_super ea_super(const struct eahd *h, unsigned u);
/** How many super blocks there can be; how many of the first do not exist as such. */
HI5_INT unsigned ea_nsuper(const struct eahd *h);
HI5_INT unsigned ea_ndirect(const struct eahd *h);

struct ea; /* immutable once open */

/** As fa_open. */
HI5_INT hi5_status ea_open(struct meta *m, uint64_t addr, enum fa_client client,
                           size_t entry_size, struct arena *a, const struct ea **out,
                           hi5_error *err);
HI5_INT const struct eahd *ea_header(const struct ea *a);
/** As fa_get, fa_each. */
HI5_INT hi5_status ea_get(const struct ea *a, uint64_t slot, uint8_t *entry,
                          hi5_error *err);
HI5_INT hi5_status ea_each(const struct ea *a, fa_fn fn, void *ctx, hi5_error *err);

#endif
