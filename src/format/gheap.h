/*
 * gheap.h - global heap collections: variable-length data          [FMT III.E]
 */
#ifndef HI5_GHEAP_H
#define HI5_GHEAP_H

#include "base/meta.h"

struct gcol {
    uint64_t size;
};
HI5_INT void gcol_code(struct cur *c, struct gcol *h);

struct gheap_object {
    uint16_t index, refcount;
    uint64_t size;
};
HI5_INT void gheap_object_code(struct cur *c, struct gheap_object *o);

/* Collections that have been indexed, shared by all readers of a file. Looking an object
 * up costs O(1) once its collection is indexed. */
struct gheap;
HI5_INT hi5_status gheap_create(struct meta *m, struct gheap **g, hi5_error *err);
HI5_INT void gheap_destroy(struct gheap *g);
/** Forget all collections, or the one at `addr`. Those that are held live on for those who
 *  hold them. */
HI5_INT void gheap_forget(struct gheap *g);
HI5_INT void gheap_forget_at(struct gheap *g, uint64_t addr);

/** Find object `index` of the collection at `addr`. The bytes stay valid until
 *  gheap_release(held). A missing object is HI5_E_CORRUPT. */
HI5_INT hi5_status gheap_get(struct gheap *g, uint64_t addr, uint32_t index,
                             const uint8_t **bytes, size_t *n, void **held,
                             hi5_error *err);
/** The same for many objects, one after the other: *held is what the last call left, at
 *  first NULL, and is kept if the object is in the same collection. It is to be released
 *  in the end, also after a failure. */
HI5_INT hi5_status gheap_next(struct gheap *g, uint64_t addr, uint32_t index,
                              const uint8_t **bytes, size_t *n, void **held,
                              hi5_error *err);
HI5_INT void gheap_release(struct gheap *g, void *held);

/* A collection to look many objects up in, without a call for each. */
struct gheap_view {
    uint64_t addr;             /* ADDR_NONE: none yet */
    const uint8_t *bytes;
    const uint32_t *at;        /* [n]: offset / 8 by index; 0: there is none */
    size_t n, there;
    void *held;                /* to be released */
};
/** Turn to the collection at `addr` to find object `index`, which must be there. Start
 *  from {ADDR_NONE}; in the end gheap_release(v->held), also after a failure. */
HI5_INT hi5_status gheap_look(struct gheap *g, uint64_t addr, uint32_t index,
                              struct gheap_view *v, hi5_error *err);

/** Bytes in front of a collection's objects, and in front of an object's data. */
static inline size_t
gheap_head_size(const struct meta *m)
{
    return (8u + m->len_w + 7u) / 8u * 8u;
}

/** Object `index` of the collection; false: gheap_look says why. */
static inline bool
gheap_view_find(const struct gheap_view *v, const struct meta *m, uint32_t index,
                const uint8_t **bytes, uint64_t *n)
{
    const size_t at = index < v->n ? (size_t)v->at[index] * 8 : 0;
    const size_t head = gheap_head_size(m);

    if (at == 0)
        return false;
    *bytes = v->bytes + at + head;
    *n = cur_raw_addr(v->bytes + at + 8, m->len_w);
    return *n <= v->there - at - head;
}

#endif
