/*
 * cix_edit.h - changing where a dataset's chunks are               [FMT VII]
 *
 * One interface over the six kinds of index, as btree/chunk_index.h is for reading. All
 * work is done in staged blocks. An index comes into being with its first chunk.
 */
#ifndef HI5_CIX_EDIT_H
#define HI5_CIX_EDIT_H

#include "base/stage.h"
#include "btree/chunk_index.h"

struct cix_edit;

/** @param p  copied; addr ADDR_NONE: there is no index yet */
HI5_INT hi5_status cix_edit_open(struct meta *m, const struct cix_params *p,
                                 struct cix_edit **x, hi5_error *err);
HI5_INT void cix_edit_close(struct cix_edit *x);

/** The parameters as they are now: `addr`, and single_size and single_mask, are what the
 *  layout message has to say. */
HI5_INT const struct cix_params *cix_edit_params(const struct cix_edit *x);

/** HI5_E_NOTFOUND (err not filled in) if the chunk has not been written. */
HI5_INT hi5_status cix_edit_find(struct cix_edit *x, const uint64_t *scaled,
                                 struct cix_chunk *k, hi5_error *err);
/** The most bytes that a stored chunk can have: the index has digits for no more. */
HI5_INT uint64_t cix_edit_most(const struct cix_edit *x);
/** Say where a chunk is, whether it had a place or not. Its space, and the old one's, are
 *  the caller's. An implicit index has places of its own: ask cix_edit_find. */
HI5_INT hi5_status cix_edit_put(struct cix_edit *x, const struct cix_chunk *k,
                                hi5_error *err);
/** Forget a chunk. HI5_E_NOTFOUND if there is none. */
HI5_INT hi5_status cix_edit_remove(struct cix_edit *x, const uint64_t *scaled,
                                   hi5_error *err);
/** The extent has changed within its maximum. */
HI5_INT hi5_status cix_edit_resize(struct cix_edit *x, const uint64_t *dims,
                                   hi5_error *err);
/** Make the index, and for an implicit one all its chunks, without any chunk written
 *  (early allocation). */
HI5_INT hi5_status cix_edit_create(struct cix_edit *x, hi5_error *err);
/** Give back the space of the index, and of an implicit one's chunks; that of other chunks
 *  is the caller's. There is no index then. */
HI5_INT hi5_status cix_edit_delete(struct cix_edit *x, hi5_error *err);

#endif
