/*
 * chunk_fetch.h - one chunk: found, fetched, decoded (for file/read*.c)
 */
#ifndef HI5_CHUNK_FETCH_H
#define HI5_CHUNK_FETCH_H

#include "file/dataset.h"
#include "file/window.h"

#define CHUNK_SMALL (64u * 1024u)  /* chunks that may share one read call */
#define CHUNK_ROW_COST (4u * 1024u) /* a read call costs as much as this many bytes */

/* What one thread needs to find, fetch and decode chunks. */
struct chunk_scratch {
    hi5_dataset *d;
    struct window window;      /* over the file: small chunks that lie together */
    struct pipe_work work;
    struct cix_near near;
    size_t found;              /* near: how often */
    uint8_t *stored;           /* a chunk too large for the window */
    size_t room;
    uint8_t *whole;            /* a decoded chunk */
};
HI5_INT void chunk_scratch_init(struct chunk_scratch *s, hi5_dataset *d);
HI5_INT void chunk_scratch_done(struct chunk_scratch *s);

/** About `n` chunks are going to be looked for, in the order of the grid. */
HI5_INT void chunk_expect(hi5_dataset *d, uint64_t n);
/** Where a chunk is; HI5_E_NOTFOUND (err not filled in) if it has not been written. */
HI5_INT hi5_status chunk_find(hi5_dataset *d, const uint64_t *scaled,
                              struct cix_chunk *c, hi5_error *err);
/** The same for one chunk after the other, in about the order of the grid. */
HI5_INT hi5_status chunk_find_next(struct chunk_scratch *s, const uint64_t *scaled,
                                   struct cix_chunk *c, hi5_error *err);

/** Fail unless a chunk without filters is as large as it must be. */
HI5_INT hi5_status chunk_check_raw(const hi5_dataset *d, const struct cix_chunk *c,
                                   hi5_error *err);
/** Fail unless the stored bytes of a chunk are in the file. */
HI5_INT hi5_status chunk_check_inside(const hi5_dataset *d, const struct cix_chunk *c,
                                     hi5_error *err);

/** The stored bytes of a chunk; *p is valid until the next call. */
HI5_INT hi5_status chunk_stored(struct chunk_scratch *s, const struct cix_chunk *c,
                                const uint8_t **p, hi5_error *err);
/** Decode the stored bytes of a chunk into `out`, grid.chunk_bytes. */
HI5_INT hi5_status chunk_unpack(struct chunk_scratch *s, const struct cix_chunk *c,
                                const uint8_t *stored, uint8_t *out, hi5_error *err);
/** Read and decode one chunk into `out`, grid.chunk_bytes. */
HI5_INT hi5_status chunk_decode(struct chunk_scratch *s, const struct cix_chunk *c,
                                uint8_t *out, hi5_error *err);
/** Make s->whole, room for a decoded chunk. */
HI5_INT hi5_status chunk_room(struct chunk_scratch *s, hi5_error *err);

/** Decode a chunk into the cache. `stored` NULL: read it first.
 *  @param out  in use: chunk_cache_release */
HI5_INT hi5_status chunk_keep(struct chunk_scratch *s, const struct cix_chunk *c,
                              const uint8_t *stored, struct chunk_data **out,
                              hi5_error *err);

/** Say which chunk it was, where nothing deeper has said where it failed. Returns `st`. */
HI5_INT hi5_status chunk_error(const hi5_dataset *d, const uint64_t *scaled,
                               hi5_status st, hi5_error *err);

#endif
