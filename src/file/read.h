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
    bool stream;               /* it fills more memory than caches hold */
    size_t from, to;           /* element sizes, file and memory */
    hi5_error *err;            /* where this thread's failure goes */
};

/** Where the element at position `pos` of the selection goes. */
static inline uint8_t *
reader_at(const struct reader *r, uint64_t pos)
{
    return r->q->buf + (size_t)pos * r->to;
}

/** Convert n elements that lie side by side. */
HI5_INT hi5_status reader_convert(const struct reader *r, const uint8_t *src,
                                  uint8_t *dst, size_t n);
/** Put the elements of a strip where they belong. `base` holds the whole chunk. */
HI5_INT hi5_status reader_put(const struct reader *r, const uint8_t *base,
                              const struct sel_strip *s);

/* Work that threads take piece by piece, in ascending order. */
struct read_share {
    struct mutex lock;         /* guards the rest */
    uint64_t next;             /* what is to be taken next */
    uint64_t end;
    uint64_t piece;            /* how much is taken at once */
    hi5_status status;
    hi5_error err;             /* of the first failure */
};
HI5_INT void share_init(struct read_share *s, uint64_t end, uint64_t piece);
/** The next piece; false if there is none, or somebody has failed. */
HI5_INT bool share_take(struct read_share *s, uint64_t *from, uint64_t *to);
HI5_INT void share_fail(struct read_share *s, hi5_status status, const hi5_error *err);
/** What it came to; nobody uses `s` any more. */
HI5_INT hi5_status share_done(struct read_share *s, hi5_error *err);

/** How many threads may work on a read of which each is to do `least` of `cost`. */
HI5_INT unsigned reader_threads(const struct reader *r, uint64_t cost, uint64_t least);
/** Call work(arg, i) for each i < n, in as many threads, or as the caller wants it. */
HI5_INT void reader_run(const struct reader *r, unsigned n,
                        void (*work)(void *arg, unsigned i), void *arg);

/** Data in one piece: compact, contiguous, external. */
HI5_INT hi5_status read_compact(struct reader *r);
HI5_INT hi5_status read_contiguous(struct reader *r);
HI5_INT hi5_status read_external(struct reader *r);

HI5_INT hi5_status read_chunked(struct reader *r);
/** The same for regular selections of chunked data; *done is false if this is none. */
HI5_INT hi5_status read_grid(struct reader *r, bool *done);

/** A small read of data in one piece, of which there are `bytes`: if such reads follow one
 *  another, out of a page that they share. false: it is to be read by itself. */
HI5_INT bool ahead_copy(hi5_dataset *d, uint64_t offset, size_t n, uint64_t bytes,
                        uint8_t *to);
/** The box of chunks at `low` is going to be read. If such reads follow one another, have
 *  it and the next ones in the cache. */
HI5_INT void ahead_read(const struct reader *r, const uint64_t *low,
                        const uint64_t *width);

/** Single elements of chunked data or of data in one piece; *done is false if this is
 *  another read. */
HI5_INT hi5_status read_points(struct reader *r, bool *done);

/** The type that selects member `field` of a compound, as `memory`, or, if that is NULL, in
 *  its memory form. @param out  owned: hi5_type_free */
HI5_INT hi5_status read_field_type(const hi5_type *t, const char *field,
                                   const hi5_type *memory, hi5_type **out,
                                   hi5_error *err);

/** Everything selected is the fill value. */
HI5_INT hi5_status read_fill_all(struct reader *r);

/** A small box in a layout that can be read without any preparation. *done is false if
 *  this is not such a read. */
HI5_INT hi5_status read_box(hi5_dataset *d, const uint64_t *start, const uint64_t *count,
                            const hi5_type *memory, void *buf, bool *done,
                            hi5_error *err);

#endif
