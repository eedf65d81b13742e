/*
 * gheap_edit.h - putting objects into global heap collections, and giving them back
 *                                                                      [FMT III.E]
 */
#ifndef HI5_GHEAP_EDIT_H
#define HI5_GHEAP_EDIT_H

#include "file/file.h"

/** Store `n` bytes, also none, as a new object.
 *  @param index  1 to 65535 */
HI5_INT hi5_status gheap_put(hi5_file *f, const void *bytes, size_t n, uint64_t *addr,
                             uint32_t *index, hi5_error *err);

/* A global heap ID. */
struct gheap_id {
    uint64_t addr;
    uint32_t index;
};
/** Give objects back: their bytes become free space of their collections, and collections
 *  that have no others become free space of the file. `id` is sorted. What is not there
 *  (any more) is left out: these IDs are what elements said. */
HI5_INT hi5_status gheap_remove(hi5_file *f, struct gheap_id *id, size_t n,
                                hi5_error *err);

/** There may be room in the collection of this object, which is about to be replaced: so
 *  that files which are changed little by little do not grow. */
HI5_INT hi5_status gheap_learn(hi5_file *f, struct gheap_id id, hi5_error *err);

/** Forget what was remembered about collections with room. */
HI5_INT void gheap_edit_close(hi5_file *f);

#endif
