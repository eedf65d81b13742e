/*
 * write.h - one write under way (for file/write*.c)
 */
#ifndef HI5_WRITE_H
#define HI5_WRITE_H

#include "file/dataset_edit.h"
#include "space/convert.h"

/** Convert the n elements at position `pos` of the selection to `dst`. With q->old or
 *  q->keeps there are the elements that are replaced. */
HI5_INT hi5_status write_convert(const struct dataset_edit *e,
                                 const struct write_request *q, uint64_t pos, uint64_t n,
                                 uint8_t *dst);
/** Fill n elements with the fill value; zeros if there is none. What it has in the heap
 *  they share with it: see write_fill_own. */
HI5_INT void write_fill(const struct dataset_edit *e, uint8_t *dst, uint64_t n);
/** The same for elements that are stored: each has objects of its own, which libhdf5 gives
 *  back when the element is written over. */
HI5_INT hi5_status write_fill_own(const struct dataset_edit *e, uint8_t *dst, uint64_t n,
                                  hi5_error *err);
/** n elements equal to that at `value`, of a type with variable length as it is stored. */
HI5_INT hi5_status write_copies(hi5_file *f, const hi5_type *type, const uint8_t *value,
                                uint8_t *dst, uint64_t n, hi5_error *err);
/** Is the fill value to be written where space is allocated? */
HI5_INT bool write_fills(const struct dataset_edit *e);

/** Let the heap objects of the fill value be. */
HI5_INT hi5_status write_keep_fill(const struct dataset_edit *e, struct vlen_old *old,
                                   hi5_error *err);

HI5_INT hi5_status write_compact(struct dataset_edit *e, const struct write_request *q);
HI5_INT hi5_status write_contiguous(struct dataset_edit *e,
                                    const struct write_request *q);
HI5_INT hi5_status write_external(struct dataset_edit *e, const struct write_request *q);
/** Give a contiguous dataset its space, filled unless `whole`: all of it is about to be
 *  written. */
HI5_INT hi5_status write_allocate(struct dataset_edit *e, bool whole, hi5_error *err);

/** Early allocation: give a new dataset its space, or its index and all its chunks. */
HI5_INT hi5_status dataset_allocate(hi5_file *f, uint64_t addr, hi5_error *err);

#endif
