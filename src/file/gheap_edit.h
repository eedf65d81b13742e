/*
 * gheap_edit.h - putting objects into global heap collections          [FMT III.E]
 */
#ifndef HI5_GHEAP_EDIT_H
#define HI5_GHEAP_EDIT_H

#include "file/file.h"

/** Store `n` bytes as a new object; n = 0 stores nothing, and gives address 0.
 *  @param index  1 to 65535 */
HI5_INT hi5_status gheap_put(hi5_file *f, const void *bytes, size_t n, uint64_t *addr,
                             uint32_t *index, hi5_error *err);
/** Forget what was remembered about collections with room. */
HI5_INT void gheap_edit_close(hi5_file *f);

#endif
