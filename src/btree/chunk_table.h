/*
 * chunk_table.h - a chunk index as a table in memory
 *
 * Who looks for many chunks in no order is better served by a table, one entry for each
 * chunk of the current extent, than by one search after the other. It is made from the
 * whole index at once, and immutable.
 */
#ifndef HI5_CHUNK_TABLE_H
#define HI5_CHUNK_TABLE_H

#include "btree/chunk_index.h"

struct cix_table;

/** After how many searches a table pays; UINT64_MAX: never, or it would be larger than
 *  `most` bytes. */
HI5_INT uint64_t cix_table_pays(const struct cix_params *p, uint64_t most);

/** NULL if there is no memory, or if the index is not in order: then each search has to
 *  say what it finds. */
HI5_INT const struct cix_table *cix_table_make(const struct cix *x,
                                               const struct cix_params *p,
                                               struct mem *mem);
HI5_INT void cix_table_free(const struct cix_table *t);

/** As cix_find. */
HI5_INT hi5_status cix_table_find(const struct cix_table *t, const uint64_t *scaled,
                                  struct cix_chunk *chunk);

#endif
