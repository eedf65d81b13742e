/*
 * try_select.h - selections against a bitmap: one byte for each element of a small extent
 */
#ifndef TRY_SELECT_H
#define TRY_SELECT_H

#include "hi5.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

#define BITMAP_MOST 4096u

struct bitmap {
    unsigned rank;
    uint64_t dims[HI5_MAX_RANK];
    size_t n;
    uint8_t on[BITMAP_MOST];
};

struct slab {
    uint64_t start[HI5_MAX_RANK], stride[HI5_MAX_RANK], count[HI5_MAX_RANK],
        block[HI5_MAX_RANK];
};

/* Numbers that are random enough, and the same on every machine. */
static inline uint64_t
try_random(uint64_t *state, uint64_t below)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (x ^ x >> 31) % below;
}

/** An extent of rank 1 to 5, or now and then up to 32, of at most BITMAP_MOST elements. */
static inline void
bitmap_random(struct bitmap *b, uint64_t *seed)
{
    static const unsigned most[] = {0, 60, 30, 13, 8, 5};

    memset(b, 0, sizeof *b);
    b->n = 1;
    b->rank = 1 + (unsigned)try_random(seed, 5);
    if (try_random(seed, 10) == 0)
        b->rank = 6 + (unsigned)try_random(seed, HI5_MAX_RANK - 5);
    for (unsigned d = 0; d < b->rank; d++) {
        b->dims[d] = 1 + try_random(seed, b->rank <= 5 ? most[b->rank] : 3);
        while (b->n * b->dims[d] > BITMAP_MOST)
            b->dims[d]--;
        b->n *= (size_t)b->dims[d];
    }
}

static inline hi5_shape
bitmap_shape(const struct bitmap *b)
{
    hi5_shape s = {.kind = HI5_SIMPLE, .rank = b->rank};

    memcpy(s.dims, b->dims, sizeof s.dims);
    memcpy(s.max, b->dims, sizeof s.max);
    return s;
}

static inline size_t
bitmap_index(const struct bitmap *b, const uint64_t *coord)
{
    size_t i = 0;

    for (unsigned d = 0; d < b->rank; d++) {
        ck_assert_uint_lt(coord[d], b->dims[d]);
        i = i * (size_t)b->dims[d] + (size_t)coord[d];
    }
    return i;
}

static inline void
bitmap_coord(const struct bitmap *b, size_t i, uint64_t *coord)
{
    for (unsigned d = b->rank; d-- > 0;) {
        coord[d] = i % b->dims[d];
        i /= (size_t)b->dims[d];
    }
}

static inline size_t
bitmap_count(const struct bitmap *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        n += b->on[i];
    return n;
}

/** A hyperslab inside the extent; sometimes of nothing. */
static inline struct slab
slab_random(const struct bitmap *b, uint64_t *seed)
{
    struct slab s;

    memset(&s, 0, sizeof s);
    for (unsigned d = 0; d < b->rank; d++) {
        const uint64_t dim = b->dims[d];
        uint64_t room, most;

        s.start[d] = try_random(seed, 3) ? try_random(seed, dim) : 0;
        room = dim - s.start[d];
        s.block[d] = 1 + try_random(seed, try_random(seed, 3) ? (room + 2) / 3 : room);
        s.stride[d] = s.block[d] + try_random(seed, 3) * try_random(seed, 3);
        most = (room - s.block[d]) / s.stride[d] + 1;
        s.count[d] = try_random(seed, 3) ? most : 1 + try_random(seed, most);
        if (try_random(seed, 150) == 0)
            s.count[d] = 0;
        if (try_random(seed, 150) == 0)
            s.block[d] = 0;
    }
    return s;
}

static inline bool
slab_has(const struct slab *s, unsigned rank, const uint64_t *coord)
{
    for (unsigned d = 0; d < rank; d++) {
        bool in = false;

        for (uint64_t k = 0; k < s->count[d] && !in; k++) {
            const uint64_t low = s->start[d] + k * s->stride[d];
            in = coord[d] >= low && coord[d] - low < s->block[d];
        }
        if (!in)
            return false;
    }
    return true;
}

static inline void
bitmap_combine(struct bitmap *b, hi5_select_op op, const struct slab *s)
{
    uint64_t coord[HI5_MAX_RANK];

    for (size_t i = 0; i < b->n; i++) {
        bitmap_coord(b, i, coord);
        const bool x = b->on[i] != 0, y = slab_has(s, b->rank, coord);
        const bool results[] = {y, x || y, x && y, x != y, x && !y, y && !x};

        b->on[i] = results[op];
    }
}

/** Combine a selection and its bitmap with up to `most` random hyperslabs. */
static inline void
bitmap_select(struct bitmap *b, hi5_selection *s, unsigned most, uint64_t *seed)
{
    const uint64_t n = 1 + try_random(seed, most);
    hi5_error err;

    memset(b->on, 1, b->n);
    for (uint64_t k = 0; k < n; k++) {
        const struct slab h = slab_random(b, seed);
        const hi5_select_op op = k == 0 && try_random(seed, 3)
                                     ? HI5_SELECT_SET
                                     : (hi5_select_op)(1 + try_random(seed, 5));

        ck_ok(hi5_selection_hyperslab(s, op, h.start, h.stride, h.count, h.block, &err),
              &err);
        bitmap_combine(b, op, &h);
    }
}

/** Is what is selected in one dimension evenly spaced blocks of the same size? */
static inline bool
bitmap_even(const uint8_t *on, uint64_t dim)
{
    uint64_t start[BITMAP_MOST], size[BITMAP_MOST];
    size_t n = 0;

    for (uint64_t i = 0; i < dim; i++) {
        if (on[i] && (i == 0 || !on[i - 1])) {
            start[n] = i;
            size[n++] = 0;
        }
        if (on[i])
            size[n - 1]++;
    }
    for (size_t i = 1; i < n; i++)
        if (size[i] != size[0] || start[i] - start[i - 1] != start[1] - start[0])
            return false;
    return n > 0;
}

/** Could one hyperslab have selected this? */
static inline bool
bitmap_regular(const struct bitmap *b)
{
    uint8_t seen[HI5_MAX_RANK][64] = {{0}};
    uint64_t coord[HI5_MAX_RANK];
    size_t product = 1;

    for (size_t i = 0; i < b->n; i++) {
        bitmap_coord(b, i, coord);
        for (unsigned d = 0; b->on[i] && d < b->rank; d++)
            seen[d][coord[d]] = 1;
    }
    for (unsigned d = 0; d < b->rank; d++) {
        size_t n = 0;

        for (uint64_t i = 0; i < b->dims[d]; i++)
            n += seen[d][i];
        product *= n;
        if (!bitmap_even(seen[d], b->dims[d]))
            return false;
    }
    return product == bitmap_count(b);
}

#endif
