/*
 * msg_select.h - serialized selections and what holds them          [FMT VIII.A, .B]
 *
 * Region references and virtual dataset mappings hold selections in this form.
 */
#ifndef HI5_MSG_SELECT_H
#define HI5_MSG_SELECT_H

#include "base/meta.h"
#include "space/select.h"

/** Decode one serialized selection. With `shape` the selection gets that extent, and its
 *  rank must agree; without, rank and extent come from the selection (extent just
 *  large enough; "all" and "none", which have no rank, get rank 0).
 *  @param out  owned: hi5_selection_free */
HI5_INT hi5_status select_decode(struct cur *c, struct mem *mem, const hi5_shape *shape,
                                 hi5_selection **out);

/* One mapping of a virtual dataset, as stored. */
struct vds_entry {
    const char *file, *dataset; /* views */
    hi5_selection *source, *virt;
};
/** Decode the heap object (block versions 0 and 1) of a virtual dataset of shape `virt`.
 *  Entries go to the cursor's arena; their selections are owned by the caller. */
HI5_INT hi5_status vds_block_decode(struct cur *c, struct mem *mem, const hi5_shape *virt,
                                    struct vds_entry **entries, size_t *n);

/* The heap object of a reference of kinds 2 to 4 (or the inline form of kind 2). */
struct ref_object {
    uint64_t address;
    const char *file;          /* in the cursor's arena; NULL: this file */
    const char *attribute;     /* in the cursor's arena */
    uint32_t rank;             /* regions: of the selection */
    const uint8_t *selection;  /* regions: serialized */
    size_t selection_len;
};
/** @param kind  2, 3 or 4; @param external  flag bit 0 of the element */
HI5_INT void ref_object_code(struct cur *c, struct ref_object *r, hi5_ref_kind kind,
                             bool external);

#endif
