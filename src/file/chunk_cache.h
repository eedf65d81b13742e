/*
 * chunk_cache.h - decoded chunks that small reads share
 *
 * Found by grid coordinates. A chunk that is in use stays until it is released, also when
 * the cache drops it.
 */
#ifndef HI5_CHUNK_CACHE_H
#define HI5_CHUNK_CACHE_H

#include "base/mem.h"
#include "base/threads.h"

#define CHUNK_CACHE_DEFAULT (16u * 1024u * 1024u)
#define CHUNK_CACHE_BUCKETS 256u

struct chunk_data {
    uint8_t *bytes;
    size_t size;
    uint64_t hash;
    unsigned refs;
    struct chunk_data *chain, *newer, *older;
    uint64_t scaled[];         /* [rank] */
};

struct chunk_cache {
    struct mem *mem;
    unsigned rank;
    uint64_t budget, used;
    struct mutex lock;
    struct chunk_data *newest, *oldest;
    struct chunk_data *bucket[CHUNK_CACHE_BUCKETS];
};

/** A number for the coordinates of a chunk in its grid. */
HI5_INT uint64_t chunk_hash(const uint64_t *scaled, unsigned rank);

HI5_INT void chunk_cache_init(struct chunk_cache *c, struct mem *mem, unsigned rank,
                              uint64_t budget);
HI5_INT void chunk_cache_done(struct chunk_cache *c);

/** The chunk at `scaled`, or NULL if it is not there. */
HI5_INT struct chunk_data *chunk_cache_get(struct chunk_cache *c, const uint64_t *scaled);
HI5_INT bool chunk_cache_has(struct chunk_cache *c, const uint64_t *scaled);
/** Room for a chunk of `size` bytes, in use by the caller and not in the cache yet; NULL
 *  if there is no memory. */
HI5_INT struct chunk_data *chunk_cache_new(struct chunk_cache *c, const uint64_t *scaled,
                                           size_t size);
/** Put a filled chunk into the cache; it stays in use by the caller. */
HI5_INT void chunk_cache_put(struct chunk_cache *c, struct chunk_data *d);
HI5_INT void chunk_cache_release(struct chunk_cache *c, struct chunk_data *d);
/** The same for a chunk that nobody is likely to want again: it leaves the cache. */
HI5_INT void chunk_cache_discard(struct chunk_cache *c, struct chunk_data *d);

#endif
