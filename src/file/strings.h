/*
 * strings.h - string elements made easy: an array of char *
 */
#ifndef HI5_STRINGS_H
#define HI5_STRINGS_H

#include "file/object.h"

/** Something that reads `n` elements, in the given memory type, into `buf`. */
typedef hi5_status (*strings_source)(void *ctx, const hi5_type *memory, void *buf,
                                     hi5_error *err);

/** Read `n` strings, fixed or variable-length, into one block: *strings.
 *  @param own  `read` can give elements as they are in this very file */
HI5_INT hi5_status strings_read(hi5_file *f, const hi5_type *t, uint64_t n, bool own,
                                strings_source read, void *ctx, char ***strings,
                                size_t *count, hi5_error *err);

#endif
