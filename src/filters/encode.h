/*
 * encode.h - applying the filters to a chunk                       [FMT IV.A.2.l]
 *
 * The filters of a pipeline are applied from the first to the last. One that is optional
 * and cannot do its work, or would make the chunk larger, is skipped, and the chunk's
 * mask says so; one that is not optional fails the write.
 */
#ifndef HI5_ENCODE_H
#define HI5_ENCODE_H

#include "filters/pipeline.h"

#define FILTER_OPTIONAL 1u /* hi5_filter.flags */

/* Scratch that one thread reuses from chunk to chunk; start from {mem}. */
struct encode_work {
    struct mem *mem;
    uint8_t *buf[2];
    size_t size[2];
    void *deflate;             /* a compressor, and its level */
    unsigned level;
};
HI5_INT void encode_work_done(struct encode_work *w);

/** Can the filter be applied by this build? */
HI5_INT bool encode_can(unsigned id);

/** Encode one chunk.
 *  @param out   the stored bytes: `src` itself, or in the work's buffers, where they stay
 *               until it is used again
 *  @param mask  bit i set: filter i was skipped */
HI5_INT hi5_status pipe_encode(const struct pipeline *p, const struct pipe_plugins *plugins,
                               const uint8_t *src, size_t n, struct encode_work *w,
                               const uint8_t **out, size_t *out_n, uint32_t *mask,
                               hi5_error *err);

/** Encode `n` bytes at `src` to at most `cap` bytes at `dst`; *out is how many. HI5_E_RANGE
 *  (err not filled in): it would take more. */
typedef hi5_status filter_encode_fn(struct encode_work *w, const hi5_filter *f,
                                    const uint8_t *src, size_t n, uint8_t *dst, size_t cap,
                                    size_t *out, hi5_error *err);

HI5_INT filter_encode_fn deflate_encode, shuffle_encode, fletcher32_encode, lzf_encode;
/** What deflate_encode keeps in the work. */
HI5_INT void deflate_encode_done(struct encode_work *w);

#endif
