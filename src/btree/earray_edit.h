/*
 * earray_edit.h - changing extensible arrays                       [FMT VII.D]
 */
#ifndef HI5_EARRAY_EDIT_H
#define HI5_EARRAY_EDIT_H

#include "base/stage.h"
#include "btree/earray.h"

/* An array being changed. It owns nothing. */
struct ea_edit {
    struct meta *meta;
    uint64_t addr;
    struct eahd head;
};

/** @param shape  client, entry_size, max_bits, index_entries, min_entries, min_pointers and
 *                page_bits are taken */
HI5_INT hi5_status ea_edit_create(struct meta *m, const struct eahd *shape,
                                  struct ea_edit *a, hi5_error *err);
HI5_INT hi5_status ea_edit_open(struct meta *m, uint64_t addr, enum fa_client client,
                                size_t entry_size, struct ea_edit *a, hi5_error *err);

/** Copy an entry; HI5_E_NOTFOUND if its slot has never been written. */
HI5_INT hi5_status ea_edit_get(struct ea_edit *a, uint64_t slot, uint8_t *entry,
                               hi5_error *err);
HI5_INT hi5_status ea_edit_set(struct ea_edit *a, uint64_t slot, const uint8_t *entry,
                               hi5_error *err);

/** Give back its space. */
HI5_INT hi5_status ea_edit_delete(struct ea_edit *a, hi5_error *err);

#endif
