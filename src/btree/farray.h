/*
 * farray.h - fixed arrays: the chunk index of bounded datasets     [FMT VII.C]
 *
 * Entries are opaque bytes of one size here, except that they begin with an address.
 */
#ifndef HI5_FARRAY_H
#define HI5_FARRAY_H

#include "base/meta.h"

/* What the entries of fixed and extensible arrays are. */
enum fa_client { FA_PLAIN = 0, FA_FILTERED = 1 };

struct fahd {
    uint8_t client, entry_size, page_bits;
    uint64_t nentries, data;
};
HI5_INT void fahd_code(struct cur *c, struct fahd *h);

/* A data block; of a paged one what is before the pages. Who decodes gives the sizes. */
struct fadb {
    uint8_t client;
    bool verified;
    uint64_t header;
    size_t bitmap_size, entries_size;
    const uint8_t *bitmap, *entries;
};
HI5_INT void fadb_code(struct cur *c, struct fadb *d);

/* A page of entries, in fixed and extensible arrays. */
struct fa_page {
    size_t size;
    bool verified;
    const uint8_t *entries;
};
HI5_INT void fa_page_code(struct cur *c, struct fa_page *p);

struct fa; /* immutable once open */

/** @param a  the opened array lives here. HI5_E_CORRUPT if the array is not of this
 *  client and entry size. */
HI5_INT hi5_status fa_open(struct meta *m, uint64_t addr, enum fa_client client,
                           size_t entry_size, struct arena *a, const struct fa **out,
                           hi5_error *err);
HI5_INT const struct fahd *fa_header(const struct fa *a);

/** Copy the entry in `slot`. HI5_E_NOTFOUND if it lies in no block or page that has
 *  been written; an entry that has been written may still hold an undefined address. */
HI5_INT hi5_status fa_get(const struct fa *a, uint64_t slot, uint8_t *entry,
                          hi5_error *err);

/** Called for each entry whose address is defined, by ascending slots. */
typedef hi5_status (*fa_fn)(void *ctx, uint64_t slot, const uint8_t *entry,
                            hi5_error *err);
HI5_INT hi5_status fa_each(const struct fa *a, fa_fn fn, void *ctx, hi5_error *err);

/* Shared with extensible arrays. */

/** Is bit i of a page bitmap set? The first page is the first byte's highest bit. */
HI5_INT bool fa_page_used(const uint8_t *bitmap, uint64_t i);
/** Copy entry `i` of the page of `n` entries at `addr`. */
HI5_INT hi5_status fa_page_get(struct meta *m, uint64_t addr, uint64_t n,
                               size_t entry_size, uint64_t i, uint8_t *entry,
                               hi5_error *err);
HI5_INT hi5_status fa_page_each(struct meta *m, uint64_t addr, uint64_t n,
                                size_t entry_size, uint64_t slot, fa_fn fn, void *ctx,
                                hi5_error *err);
/** Each of `n` entries in memory whose address is defined; the first is in `slot`. */
HI5_INT hi5_status fa_entries_each(unsigned off_w, const uint8_t *entries, uint64_t n,
                                   size_t entry_size, uint64_t slot, fa_fn fn,
                                   void *ctx, hi5_error *err);

#endif
