/*
 * encode.c - applying the filters to a chunk                       [FMT IV.A.2.l]
 */
#include "filters/encode.h"
#include "base/ckd.h"
#include "base/err.h"
#include "filters/filter.h"
#include <string.h>

struct encode_kind {
    uint16_t id;
    uint16_t adds;             /* bytes that the output may have more than the input */
    filter_encode_fn *encode;
};

static const struct encode_kind encode_kinds[] = {
    {FILTER_DEFLATE, 0, deflate_encode},
    {FILTER_SHUFFLE, 0, shuffle_encode},
    {FILTER_FLETCHER32, 4, fletcher32_encode},
    {FILTER_LZF, 0, lzf_encode},
};

static const struct encode_kind *
encode_find(unsigned id)
{
    for (size_t i = 0; i < sizeof encode_kinds / sizeof *encode_kinds; i++)
        if (encode_kinds[i].id == id)
            return &encode_kinds[i];
    return NULL;
}

HI5_INT bool
encode_can(unsigned id)
{
    return encode_find(id) != NULL;
}

HI5_INT void
encode_work_done(struct encode_work *w)
{
    deflate_encode_done(w);
    for (unsigned i = 0; i < 2; i++) {
        mem_free(w->mem, w->buf[i], w->size[i]);
        w->buf[i] = NULL;
        w->size[i] = 0;
    }
}

static hi5_status
encode_room(struct encode_work *w, unsigned i, size_t n, hi5_error *err)
{
    if (w->size[i] >= n)
        return HI5_OK;
    mem_free(w->mem, w->buf[i], w->size[i]);
    w->size[i] = 0;
    w->buf[i] = mem_alloc(w->mem, n);
    if (w->buf[i] == NULL)
        return mem_fail(w->mem, n, err);
    w->size[i] = n;
    return HI5_OK;
}

HI5_INT hi5_status
pipe_encode(const struct pipeline *p, const struct pipe_plugins *plugins,
            const uint8_t *src, size_t n, struct encode_work *w, const uint8_t **out,
            size_t *out_n, uint32_t *mask, hi5_error *err)
{
    unsigned to = 0;

    (void)plugins;
    *mask = 0;
    for (unsigned i = 0; i < p->n; i++) {
        const hi5_filter *const f = &p->filter[i];
        const struct encode_kind *const k = encode_find(f->id);
        const bool optional = (f->flags & FILTER_OPTIONAL) != 0;
        hi5_status s = HI5_E_FILTER;
        size_t got = 0;

        if (k != NULL) {
            TRY(encode_room(w, to, n + k->adds, err));
            s = k->encode(w, f, src, n, w->buf[to], n + k->adds, &got, err);
        } else if (!optional) {
            filter_fail(err, f, "this build cannot apply it");
        }
        if (s == HI5_OK) {
            src = w->buf[to];
            n = got;
            to ^= 1;
        } else if (optional && s != HI5_E_NOMEM) {
            *mask |= (uint32_t)1 << i;
        } else if (s == HI5_E_RANGE) {
            return filter_fail(err, f, "the chunk would become larger");
        } else {
            return s;
        }
    }
    *out = src;
    *out_n = n;
    return HI5_OK;
}

/* ---- the simple ones ---- */

HI5_INT hi5_status
fletcher32_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
                  uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const uint32_t sum = fletcher32_checksum(src, n);

    (void)w;
    (void)f;
    (void)err;
    if (cap < n + 4)
        return HI5_E_RANGE;
    memcpy(dst, src, n);
    for (unsigned i = 0; i < 4; i++)
        dst[n + i] = (uint8_t)(sum >> (8 * i));
    *out = n + 4;
    return HI5_OK;
}

#define SHUFFLE_ENCODE_BLOCK 2048u /* elements at a time: their bytes stay in the cache */

/* Byte j of every element, one plane after the other; bytes that make no element stay at
 * the end. */
HI5_INT hi5_status
shuffle_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
               uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const size_t size = f->nvalues > 0 && f->values[0] != 0 ? f->values[0] : 1;
    const size_t count = n / size, whole = count * size;

    (void)w;
    (void)err;
    if (cap < n)
        return HI5_E_RANGE;
    *out = n;
    if (size == 1 || count <= 1) {
        memcpy(dst, src, n);
        return HI5_OK;
    }
    for (size_t from = 0; from < count; from += SHUFFLE_ENCODE_BLOCK) {
        const size_t to = count - from < SHUFFLE_ENCODE_BLOCK ? count : from + SHUFFLE_ENCODE_BLOCK;
        for (size_t j = 0; j < size; j++) {
            const uint8_t *const s = src + j;
            uint8_t *const d = dst + j * count;
            for (size_t i = from; i < to; i++)
                d[i] = s[i * size];
        }
    }
    memcpy(dst + whole, src + whole, n - whole);
    return HI5_OK;
}
