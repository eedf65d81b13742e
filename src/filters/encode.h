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
    uint8_t *buf[3]; /* two that take turns, one for a filter's own use */
    size_t size[3];
    void *deflate; /* a compressor, and its level */
    unsigned level;
    void *zstd; /* a compressor */
};
HI5_INT void encode_work_done(struct encode_work *w);
/** Room for `n` bytes in buffer `i`; what was there is lost. */
HI5_INT hi5_status encode_room(struct encode_work *w, unsigned i, size_t n,
                               hi5_error *err);

/** Can the filter be applied, by a plugin or by this build? @param plugins  may be NULL */
HI5_INT bool encode_can(const struct pipe_plugins *plugins, unsigned id);

/** HI5_E_FILTER, naming it, if a filter that is not optional cannot be applied. */
HI5_INT hi5_status pipe_encode_ready(const struct pipeline *p,
                                     const struct pipe_plugins *plugins,
                                     hi5_error *err);

/** Encode one chunk.
 *  @param out   the stored bytes: `src` itself, or in the work's buffers, where they stay
 *               until it is used again
 *  @param mask  bit i set: filter i was skipped */
HI5_INT hi5_status pipe_encode(const struct pipeline *p,
                               const struct pipe_plugins *plugins, const uint8_t *src,
                               size_t n, struct encode_work *w, const uint8_t **out,
                               size_t *out_n, uint32_t *mask, hi5_error *err);

/** Encode `n` bytes at `src` to at most `cap` bytes at `dst`; *out is how many. HI5_E_RANGE
 *  (err not filled in): it would take more. */
typedef hi5_status
filter_encode_fn(struct encode_work *w, const hi5_filter *f, const uint8_t *src,
                 size_t n, uint8_t *dst, size_t cap, size_t *out, hi5_error *err);

/** The same for a block that another filter has prepared; false: it would take more, or
 *  there is no memory. @param level  0: the usual one */
typedef bool encode_block_fn(struct encode_work *w, unsigned level, const uint8_t *src,
                             size_t n, uint8_t *dst, size_t cap, size_t *out);

/* Always there. */
HI5_INT filter_encode_fn deflate_encode, shuffle_encode, fletcher32_encode, lzf_encode;
HI5_INT filter_encode_fn nbit_encode, scaleoffset_encode, bitshuffle_encode;
/** What deflate_encode keeps in the work. */
HI5_INT void deflate_encode_done(struct encode_work *w);

/* With a library only. */
#ifdef HI5_HAVE_AEC
HI5_INT filter_encode_fn szip_encode;
#else
#define szip_encode NULL
#endif
#ifdef HI5_HAVE_LZ4
HI5_INT filter_encode_fn lz4_encode;
HI5_INT encode_block_fn lz4_make_block;
#else
#define lz4_encode NULL
#define lz4_make_block NULL
#endif
#ifdef HI5_HAVE_ZSTD
HI5_INT filter_encode_fn zstd_encode;
HI5_INT encode_block_fn zstd_make_block;
/** What these keep in the work. */
HI5_INT void zstd_encode_done(struct encode_work *w);
#else
#define zstd_encode NULL
#define zstd_make_block NULL
#define zstd_encode_done(w) ((void)(w))
#endif
#ifdef HI5_HAVE_BZ2
HI5_INT filter_encode_fn bzip2_encode;
#else
#define bzip2_encode NULL
#endif
#ifdef HI5_HAVE_BLOSC
HI5_INT filter_encode_fn blosc_encode;
#else
#define blosc_encode NULL
#endif
#ifdef HI5_HAVE_ZFP
HI5_INT filter_encode_fn zfp_encode;
#else
#define zfp_encode NULL
#endif

#endif
