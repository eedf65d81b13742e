/*
 * msg_select.h - serialized selections and what holds them          [FMT VIII.A, .B]
 *
 * Region references and virtual dataset mappings hold selections in this form.
 */
#ifndef HI5_MSG_SELECT_H
#define HI5_MSG_SELECT_H

#include "base/meta.h"
#include "space/select.h"

enum select_type {
    SELECT_NONE = 0,
    SELECT_POINTS = 1,
    SELECT_HYPER = 2,
    SELECT_ALL = 3
};

/* What all forms come down to. */
struct select_form {
    uint32_t type, version, length, rank;
    unsigned width;            /* of a number */
    bool regular;              /* stored as one */
    uint64_t count;            /* points or blocks */
    size_t nvalues;            /* decoding: */
    uint64_t *values;          /* points [count][rank]; blocks [count][2][rank]; regular
                                  [rank][start, stride, count, block] */
};
/** All but the numbers. */
HI5_INT void select_form_code(struct cur *c, struct select_form *f);

/** Encode a selection (PUT and SIZE) in the form that libhdf5 chooses where `compat` is
 *  the oldest release to be served. */
HI5_INT void select_encode(struct cur *c, const hi5_selection *s, hi5_compat compat);

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
/** Encode it (PUT and SIZE): block version 1 from HI5_COMPAT_V200 on. */
HI5_INT void vds_block_encode(struct cur *c, struct vds_entry *entries, size_t n,
                              hi5_compat compat);

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
