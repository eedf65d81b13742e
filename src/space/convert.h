/*
 * convert.h - elements of one type into elements of another
 *
 * A path is prepared once per read and then run over blocks of elements. Source types
 * are as in the file (vlen: length and heap ID; references: addresses) or in memory
 * form; destination types are in memory form, or, where heap_put is there and the source
 * is in memory form, as in the file.
 *
 * Rules, as libhdf5: integers clip at the ends of the range; floats to integers
 * truncate toward zero and clip, NaN becomes 0; floats round to nearest even, overflow
 * becomes infinity; fixed strings are cut or padded; compounds convert member by member,
 * by name, and members that the source lacks are left as they are in `dst`.
 */
#ifndef HI5_CONVERT_H
#define HI5_CONVERT_H

#include "space/type.h"

/* What conversion of variable-length data needs from the file. */
struct conv_env {
    struct mem *mem;           /* vlen data given to the caller: mem_box blocks */
    unsigned off_w;            /* of the file's addresses */
    void *ctx;
    /* Find a global heap object. The bytes stay valid until `release`. */
    hi5_status (*heap_get)(void *ctx, uint64_t collection, uint32_t index,
                           const uint8_t **bytes, size_t *n, void **held, hi5_error *err);
    void (*heap_release)(void *ctx, void *held);
    /* The same for one object after the other: *held is what the last call left, at first
     * NULL. It is released in the end, also after a failure. May be NULL. */
    hi5_status (*heap_next)(void *ctx, uint64_t collection, uint32_t index,
                            const uint8_t **bytes, size_t *n, void **held,
                            hi5_error *err);
    /* Put `n` > 0 bytes into the heap, for conversion to a file's form. NULL: the file is
     * not written. */
    hi5_status (*heap_put)(void *ctx, const void *bytes, size_t n, uint64_t *collection,
                           uint32_t *index, hi5_error *err);
    const hi5_transfer *how;   /* whom to ask about exceptions, or NULL */
};

struct conv;

/** A type of memory for elements of `t` as they are in the file, whatever they are. */
HI5_INT hi5_type conv_raw_type(const hi5_type *t);

/** @param a  the path lives here. HI5_E_TYPE if there is no conversion. */
HI5_INT hi5_status conv_open(const hi5_type *src, const hi5_type *dst,
                             const struct conv_env *env, struct arena *a,
                             const struct conv **out, hi5_error *err);
/** Are source and destination the same bytes, so that memcpy does? */
HI5_INT bool conv_is_copy(const struct conv *c);
/** Convert `n` elements that lie src_size and dst_size apart. src and dst do not overlap;
 *  nothing about their alignment is assumed. On failure, what was allocated for the
 *  elements before has been freed and dst's vlen parts are null. */
HI5_INT hi5_status conv_run(const struct conv *c, const void *src, void *dst, size_t n,
                            hi5_error *err);

/** The same for one of many calls that fill more memory than caches hold. */
HI5_INT hi5_status conv_run_stream(const struct conv *c, const void *src, void *dst,
                                   size_t n, hi5_error *err);

/** The same for source elements that lie `apart` bytes apart. */
HI5_INT hi5_status conv_run_apart(const struct conv *c, const void *src, size_t apart,
                                  void *dst, size_t n, hi5_error *err);

/** Can these hi5_references be stored as elements of that type? HI5_E_TYPE: not all; that
 *  is up to their kinds, and should be known before anything is changed. */
HI5_INT hi5_status conv_check_refs(const hi5_type *stored, const void *refs, size_t n,
                                   hi5_error *err);

/** Are all sequences in these elements of memory short enough to be stored? HI5_E_RANGE: a
 *  length has 4 bytes. */
HI5_INT hi5_status conv_check_lengths(const hi5_type *memory, const void *buf, size_t n,
                                      hi5_error *err);

/** Free all variable-length data in `n` elements of a memory type, and null it. */
HI5_INT void conv_reclaim(const hi5_type *memory, struct mem *m, void *buf, size_t n);

#endif
