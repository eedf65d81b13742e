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

#endif
