/*
 * vlen_edit.h - what is in the heap for elements that are written over
 */
#ifndef HI5_VLEN_EDIT_H
#define HI5_VLEN_EDIT_H

#include "file/gheap_edit.h"

struct vlen_list {
    struct gheap_id *id;       /* [n] */
    size_t n, room;
};

/* The heap objects of elements that go. Regions that references name stay: references are
 * copied freely, and nobody counts them. */
struct vlen_old {
    hi5_file *file;
    const hi5_type *type;      /* as stored; has_vlen */
    struct vlen_list gone, kept;
    bool holds;                /* gives nothing back before vlen_old_give */
    uint8_t *piece;            /* vlen_old_save */
    size_t room;
};
HI5_INT void vlen_old_init(struct vlen_old *v, hi5_file *f, const hi5_type *type);
HI5_INT void vlen_old_done(struct vlen_old *v);
/** The objects of this element are never given back: it is a fill value, which many
 *  elements may have. */
HI5_INT hi5_status vlen_old_keep(struct vlen_old *v, const uint8_t *element,
                                 hi5_error *err);
/** Note `n` elements that have been replaced.
 *  @param now  what is there instead, NULL: nothing; what both have stays */
HI5_INT hi5_status vlen_old_note(struct vlen_old *v, const uint8_t *old,
                                 const uint8_t *now, size_t n, hi5_error *err);
/** Before elements are replaced: new ones may find room where the first of them is. */
HI5_INT hi5_status vlen_old_learn(struct vlen_old *v, const uint8_t *old, size_t n,
                                  hi5_error *err);
/** A copy of up to VLEN_PIECE elements before they are replaced; borrowed. */
#define VLEN_PIECE 256u
HI5_INT hi5_status vlen_old_save(struct vlen_old *v, const uint8_t *old, size_t n,
                                 const uint8_t **copy, hi5_error *err);
/** Give back what has been noted. */
HI5_INT hi5_status vlen_old_give(struct vlen_old *v, hi5_error *err);

#endif
