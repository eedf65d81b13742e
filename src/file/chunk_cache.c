/*
 * chunk_cache.c - decoded chunks that small reads share
 *
 * Invariants: a chunk counts one reference for each user and one for being listed; `used`
 * is the sum of the sizes of listed chunks; one listed chunk may exceed the budget alone.
 */
#include "file/chunk_cache.h"
#include <string.h>

HI5_INT void
chunk_cache_init(struct chunk_cache *c, struct mem *mem, unsigned rank, uint64_t budget)
{
    *c = (struct chunk_cache){.mem = mem, .rank = rank, .budget = budget};
    mutex_init(&c->lock);
}

HI5_INT uint64_t
chunk_hash(const uint64_t *scaled, unsigned rank)
{
    uint64_t h = 0;

    for (unsigned i = 0; i < rank; i++)
        h = (h ^ scaled[i]) * 0x9e3779b97f4a7c15u + (h >> 29);
    return h ^ h >> 32;
}

static void
chunk_cache_free(struct chunk_cache *c, struct chunk_data *d)
{
    mem_free(c->mem, d->bytes, d->size);
    mem_free(c->mem, d, sizeof *d + c->rank * sizeof *d->scaled);
}

/* ---- with the lock held ---- */

static void
chunk_cache_unlink(struct chunk_cache *c, struct chunk_data *d)
{
    *(d->newer != NULL ? &d->newer->older : &c->newest) = d->older;
    *(d->older != NULL ? &d->older->newer : &c->oldest) = d->newer;
}

static void
chunk_cache_link(struct chunk_cache *c, struct chunk_data *d)
{
    d->newer = NULL;
    d->older = c->newest;
    *(c->newest != NULL ? &c->newest->newer : &c->oldest) = d;
    c->newest = d;
}

static struct chunk_data *
chunk_cache_find(const struct chunk_cache *c, uint64_t hash, const uint64_t *scaled)
{
    struct chunk_data *d = c->bucket[hash % CHUNK_CACHE_BUCKETS];

    while (d != NULL && (d->hash != hash ||
                         memcmp(d->scaled, scaled, c->rank * sizeof *scaled) != 0))
        d = d->chain;
    return d;
}

/* Take a chunk out; it is returned if nobody uses it. */
static struct chunk_data *
chunk_cache_drop(struct chunk_cache *c, struct chunk_data *d)
{
    struct chunk_data **p = &c->bucket[d->hash % CHUNK_CACHE_BUCKETS];

    while (*p != d)
        p = &(*p)->chain;
    *p = d->chain;
    chunk_cache_unlink(c, d);
    c->used -= d->size;
    return --d->refs == 0 ? d : NULL;
}

/* ---- without ---- */

HI5_INT struct chunk_data *
chunk_cache_get(struct chunk_cache *c, const uint64_t *scaled)
{
    const uint64_t hash = chunk_hash(scaled, c->rank);
    struct chunk_data *d;

    mutex_lock(&c->lock);
    d = chunk_cache_find(c, hash, scaled);
    if (d != NULL) {
        d->refs++;
        chunk_cache_unlink(c, d);
        chunk_cache_link(c, d);
    }
    mutex_unlock(&c->lock);
    return d;
}

HI5_INT bool
chunk_cache_has(struct chunk_cache *c, const uint64_t *scaled)
{
    const uint64_t hash = chunk_hash(scaled, c->rank);
    bool has;

    mutex_lock(&c->lock);
    has = chunk_cache_find(c, hash, scaled) != NULL;
    mutex_unlock(&c->lock);
    return has;
}

HI5_INT struct chunk_data *
chunk_cache_new(struct chunk_cache *c, const uint64_t *scaled, size_t size)
{
    struct chunk_data *d = mem_alloc(c->mem, sizeof *d + c->rank * sizeof *d->scaled);

    if (d == NULL)
        return NULL;
    *d = (struct chunk_data){.size = size, .refs = 1,
                             .hash = chunk_hash(scaled, c->rank)};
    memcpy(d->scaled, scaled, c->rank * sizeof *scaled);
    d->bytes = mem_alloc(c->mem, size);
    if (d->bytes != NULL)
        return d;
    mem_free(c->mem, d, sizeof *d + c->rank * sizeof *d->scaled);
    return NULL;
}

HI5_INT void
chunk_cache_put(struct chunk_cache *c, struct chunk_data *d)
{
    struct chunk_data **bucket = &c->bucket[d->hash % CHUNK_CACHE_BUCKETS];
    struct chunk_data *unused = NULL;

    mutex_lock(&c->lock);
    if (chunk_cache_find(c, d->hash, d->scaled) == NULL) {
        while (c->oldest != NULL && c->used + d->size > c->budget) {
            struct chunk_data *x = chunk_cache_drop(c, c->oldest);
            if (x != NULL) {
                x->chain = unused;
                unused = x;
            }
        }
        d->refs++;
        d->chain = *bucket;
        *bucket = d;
        chunk_cache_link(c, d);
        c->used += d->size;
    }
    mutex_unlock(&c->lock);
    while (unused != NULL) {
        struct chunk_data *next = unused->chain;
        chunk_cache_free(c, unused);
        unused = next;
    }
}

HI5_INT void
chunk_cache_release(struct chunk_cache *c, struct chunk_data *d)
{
    bool last;

    mutex_lock(&c->lock);
    last = --d->refs == 0;
    mutex_unlock(&c->lock);
    if (last)
        chunk_cache_free(c, d);
}

HI5_INT void
chunk_cache_discard(struct chunk_cache *c, struct chunk_data *d)
{
    mutex_lock(&c->lock);
    if (chunk_cache_find(c, d->hash, d->scaled) == d)
        chunk_cache_drop(c, d);
    mutex_unlock(&c->lock);
    chunk_cache_release(c, d);
}

HI5_INT void
chunk_cache_done(struct chunk_cache *c)
{
    while (c->oldest != NULL) {
        struct chunk_data *d = chunk_cache_drop(c, c->oldest);
        if (d != NULL)
            chunk_cache_free(c, d);
    }
    mutex_done(&c->lock);
}
