/*
 * delete.h - objects that go, and what goes with messages that go
 *
 * An object goes with the last link to it. All it has is given back: header, attributes,
 * links or data with their indexes and heaps, and what its elements have in the global
 * heap; what it refers to, groups' members and committed datatypes, has one link less.
 *
 * What is damaged has nothing to give back: it becomes lost space, and does not keep
 * anything from being deleted.
 */
#ifndef HI5_DELETE_H
#define HI5_DELETE_H

#include "file/vlen_edit.h"
#include "format/ohdr.h"

/* What messages that are about to go have elsewhere. Noted before, given back after. */
struct recall {
    hi5_file *file;
    struct arena *arena;       /* what is decoded on the way */
    struct vlen_old heap;      /* objects of the global heap */
    bool learns;               /* something else is to take their room */
    uint64_t *object;          /* [n] headers that have one link less; some repeatedly */
    size_t n, room;
    struct recall_use *use;    /* [nuse] shared messages (SOHM) that are used once less */
    size_t nuse, use_room;
};
struct recall_use {
    unsigned type;
    uint8_t id[8];
};
HI5_INT void recall_init(struct recall *r, hi5_file *f, struct arena *a);
HI5_INT void recall_done(struct recall *r);
/** One link to an object. */
HI5_INT hi5_status recall_object(struct recall *r, uint64_t addr, hi5_error *err);
/** A message of a header: what it names if it is shared. */
HI5_INT hi5_status recall_message(struct recall *r, const struct ohdr_msg *m,
                                  hi5_error *err);
/** A shared message that is used once less. */
HI5_INT hi5_status recall_shared(struct recall *r, unsigned type, const uint8_t id[8],
                                 hi5_error *err);
/** The body of an attribute message: its value, and what its type and dataspace name. */
HI5_INT hi5_status recall_attribute(struct recall *r, const uint8_t *body, size_t size,
                                    uint64_t addr, hi5_error *err);
/** `n` elements of type `t`. */
HI5_INT hi5_status recall_elements(struct recall *r, const hi5_type *t,
                                   const uint8_t *bytes, size_t n, hi5_error *err);
/** Forget what has been noted since *r was `before`. */
HI5_INT void recall_back(struct recall *r, const struct recall *before);
/** Give it all back. Objects that lose their last link go. */
HI5_INT hi5_status recall_give(struct recall *r, hi5_error *err);

/** Damage, which is passed over: HI5_OK, and no error; else s. */
HI5_INT hi5_status recall_status(hi5_status s, hi5_error *err);

/** The object at `addr` has one link less. If that was the last, it goes. */
HI5_INT hi5_status object_let_go(hi5_file *f, uint64_t addr, hi5_error *err);

/* ---- file/delete_object.c ---- */

/** Give back all that an object has, its header too; what it refers to is noted in *r. */
HI5_INT hi5_status object_delete(hi5_file *f, const struct ohdr *h, struct recall *r,
                                 hi5_error *err);

#endif
