/*
 * farray_edit.h - changing fixed arrays                            [FMT VII.C]
 */
#ifndef HI5_FARRAY_EDIT_H
#define HI5_FARRAY_EDIT_H

#include "base/stage.h"
#include "btree/farray.h"

/* An array being changed. It owns nothing. */
struct fa_edit {
    struct meta *meta;
    uint64_t addr;
    struct fahd head;
    uint64_t page_entries, npages; /* npages 0: not paged */
};

HI5_INT hi5_status fa_edit_create(struct meta *m, enum fa_client client,
                                  size_t entry_size, unsigned page_bits, uint64_t nentries,
                                  struct fa_edit *a, hi5_error *err);
HI5_INT hi5_status fa_edit_open(struct meta *m, uint64_t addr, enum fa_client client,
                                size_t entry_size, struct fa_edit *a, hi5_error *err);

/** Copy an entry; HI5_E_NOTFOUND if its slot has never been written. */
HI5_INT hi5_status fa_edit_get(struct fa_edit *a, uint64_t slot, uint8_t *entry,
                               hi5_error *err);
HI5_INT hi5_status fa_edit_set(struct fa_edit *a, uint64_t slot, const uint8_t *entry,
                               hi5_error *err);
/** Give back its space. */
HI5_INT hi5_status fa_edit_delete(struct fa_edit *a, hi5_error *err);

/* Shared with extensible arrays. */

/** `n` entries that name no chunk: an undefined address, zeros. */
HI5_INT void fa_edit_clear(const struct meta *m, uint8_t *entries, uint64_t n,
                           size_t entry_size);
/** The page of `n` entries at `addr`, to be changed; `fresh`: it has never been written. */
HI5_INT hi5_status fa_edit_page(struct meta *m, uint64_t addr, uint64_t n,
                                size_t entry_size, bool fresh, struct staged **b,
                                hi5_error *err);

#endif
