/*
 * read.h - one read under way (for file/read*.c)
 */
#ifndef HI5_READ_H
#define HI5_READ_H

#include "file/dataset.h"
#include "file/window.h"
#include "space/convert.h"

struct reader {
    hi5_dataset *d;
    const struct read_request *q;
    const struct conv *conv;
    bool plain;                /* conv is a copy */
    size_t from, to;           /* element sizes, file and memory */
    hi5_error *err;            /* where this thread's failure goes */
};

/** Where the element at position `pos` of the selection goes. */
static inline uint8_t *
reader_at(const struct reader *r, uint64_t pos)
{
    return r->q->buf + (size_t)pos * r->to;
}

/** Put the elements of a strip where they belong. `base` holds the whole chunk. */
HI5_INT hi5_status reader_put(const struct reader *r, const uint8_t *base,
                              const struct sel_strip *s);

/** Data in one piece: compact, contiguous, external. */
HI5_INT hi5_status read_compact(struct reader *r);
HI5_INT hi5_status read_contiguous(struct reader *r);
HI5_INT hi5_status read_external(struct reader *r);

HI5_INT hi5_status read_chunked(struct reader *r);

/** Everything selected is the fill value. */
HI5_INT hi5_status read_fill_all(struct reader *r);

/** A small box in a layout that can be read without any preparation. *done is false if
 *  this is not such a read. */
HI5_INT hi5_status read_box(hi5_dataset *d, const uint64_t *start, const uint64_t *count,
                            const hi5_type *memory, void *buf, bool *done,
                            hi5_error *err);

#endif
