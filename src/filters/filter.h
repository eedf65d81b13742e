/*
 * filter.h - what a filter looks like from inside, and which there are
 *
 * A filter is one function in one file. It gets the stored parameters and a buffer with
 * room for `cap` bytes, the most that an honest chunk can come to; it neither allocates
 * nor keeps anything. A file whose library is not there compiles to nothing, and the
 * name of its function to NULL: the filter is then known but not available.
 */
#ifndef HI5_FILTER_H
#define HI5_FILTER_H

#include "base/cc.h"
#include "filters/pipeline.h"

/** Decode `n` bytes at `src` to at most `cap` bytes at `dst`; *out is how many. */
typedef hi5_status filter_decode_fn(const hi5_filter *f, const void *src, size_t n,
                                    void *dst, size_t cap, size_t *out, hi5_error *err);

/** Decode one block that is known to be `size` bytes; false if it is not. */
typedef bool filter_block_fn(const uint8_t *src, size_t n, uint8_t *dst, size_t size);

#define FILTER_DOUBLES UINT16_MAX

struct filter_kind {
    uint16_t id;
    /* Encoding adds at most this many bytes. FILTER_DOUBLES: as much again and 4 KiB,
     * which is far more than any compressor adds to what it cannot compress. */
    uint16_t adds;
    /* One stored byte decodes to at most this many, and some more; 0: no such bound. */
    uint16_t ratio;
    bool checks_only; /* the output is the first *out bytes of src; dst is NULL */
    const char *name;
    filter_decode_fn *decode; /* NULL: known by name only */
    filter_decode_fn *finish; /* a second step, on what decode made; or NULL */
};

/** What is known about a filter id; NULL: nothing. */
HI5_INT const struct filter_kind *filter_find(unsigned id);

/** HI5_E_FILTER with "filter 32004 (lz4): " before the cause. */
HI5_INT hi5_status filter_fail(hi5_error *err, const hi5_filter *f, const char *fmt,
                               ...) CC_PRINTF(3, 4);
/** The same with another status. */
HI5_INT hi5_status filter_fail_as(hi5_error *err, hi5_status status,
                                  const hi5_filter *f, const char *fmt, ...)
    CC_PRINTF(4, 5);
/** The data decodes to more than `cap` bytes. */
HI5_INT hi5_status filter_too_long(hi5_error *err, const hi5_filter *f, size_t cap);
/** The `n` stored bytes are fewer than `need`. */
HI5_INT hi5_status filter_cut(hi5_error *err, const hi5_filter *f, uint64_t n,
                              uint64_t need);
/** A filter that left the data as it is. */
HI5_INT hi5_status filter_copy(const hi5_filter *f, const void *src, size_t n,
                               void *dst, size_t cap, size_t *out, hi5_error *err);

/* Always there. */
HI5_INT filter_decode_fn deflate_decode, shuffle_decode, fletcher32_decode, nbit_decode;
HI5_INT filter_decode_fn scaleoffset_decode, lzf_decode;
HI5_INT filter_decode_fn bitshuffle_unpack, bitshuffle_decode;

/* With a library only. */
#ifdef HI5_HAVE_AEC
HI5_INT filter_decode_fn szip_decode;
#else
#define szip_decode NULL
#endif
#ifdef HI5_HAVE_LZ4
HI5_INT filter_decode_fn lz4_decode;
HI5_INT filter_block_fn lz4_block;
#else
#define lz4_decode NULL
#define lz4_block NULL
#endif
#ifdef HI5_HAVE_ZSTD
HI5_INT filter_decode_fn zstd_decode;
HI5_INT filter_block_fn zstd_block;
#else
#define zstd_decode NULL
#define zstd_block NULL
#endif
#ifdef HI5_HAVE_BZ2
HI5_INT filter_decode_fn bzip2_decode;
#else
#define bzip2_decode NULL
#endif
#ifdef HI5_HAVE_ZFP
HI5_INT filter_decode_fn zfp_decode;
#else
#define zfp_decode NULL
#endif
#ifdef HI5_HAVE_CHARLS
HI5_INT filter_decode_fn fcidecomp_decode;
#else
#define fcidecomp_decode NULL
#endif
#ifdef HI5_HAVE_BLOSC
HI5_INT filter_decode_fn blosc_decode;
#else
#define blosc_decode NULL
#endif

/** The checksum of `n` bytes, as it is stored. */
HI5_INT uint32_t fletcher32_checksum(const uint8_t *p, size_t n);

/** Spread `k` = 1, 2, 4 or 8 planes of `n` bytes, `plane` bytes apart, over `n`
 *  elements, `stride` bytes apart: byte j of element i is byte i of plane j. */
HI5_INT void shuffle_planes(uint8_t *dst, size_t stride, const uint8_t *src,
                            size_t plane, size_t n, unsigned k);

/** The other way: `k` bytes of `n` elements, `stride` bytes apart, to planes that are
 *  `plane` bytes apart. */
HI5_INT void shuffle_apart(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride,
                           size_t n, unsigned k);

#endif
