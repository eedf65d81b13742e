/*
 * encode.c - applying the filters to a chunk                       [FMT IV.A.2.l]
 *
 * A compressor that is optional gets less room than its input takes, so that a chunk
 * never grows by it; one that is not optional gets room to grow, as libhdf5 has it.
 */
#include "filters/encode.h"
#include "base/err.h"
#include "filters/filter.h"
#include <string.h>

/* Instead of a number of bytes that the output may have more than the input: */
#define ENCODE_SHRINKS UINT16_MAX      /* less, if it is optional, else what it takes */
#define ENCODE_KEEPS (UINT16_MAX - 1u) /* the same, or no less */
#define ENCODE_LARGE (UINT16_MAX - 2u) /* the same, and room to work */

struct encode_kind {
    uint16_t id;
    uint16_t adds;
    filter_encode_fn *encode; /* NULL: not in this build */
    bool loses;               /* what a number may do without */
};

static const struct encode_kind encode_kinds[] = {
    {FILTER_DEFLATE, ENCODE_SHRINKS, deflate_encode, false},
    {FILTER_SHUFFLE, 0, shuffle_encode, false},
    {FILTER_FLETCHER32, 4, fletcher32_encode, false},
    {FILTER_SZIP, 16, szip_encode, false},
    {FILTER_NBIT, 1, nbit_encode, true},
    {FILTER_SCALEOFFSET, 32, scaleoffset_encode, true},
    {FILTER_BZIP2, ENCODE_SHRINKS, bzip2_encode, false},
    {FILTER_LZF, ENCODE_SHRINKS, lzf_encode, false},
    {FILTER_BLOSC, ENCODE_SHRINKS, blosc_encode, false},
    {FILTER_LZ4, ENCODE_SHRINKS, lz4_encode, false},
    {FILTER_BITSHUFFLE, ENCODE_KEEPS, bitshuffle_encode, false},
    {FILTER_ZFP, ENCODE_LARGE, zfp_encode, true},
    {FILTER_ZSTD, ENCODE_SHRINKS, zstd_encode, false},
};

static const struct encode_kind *
encode_find(unsigned id)
{
    for (size_t i = 0; i < sizeof encode_kinds / sizeof *encode_kinds; i++)
        if (encode_kinds[i].id == id && encode_kinds[i].encode != NULL)
            return &encode_kinds[i];
    return NULL;
}

static const hi5_filter_plugin *
encode_find_plugin(const struct pipe_plugins *plugins, unsigned id)
{
    for (size_t i = 0; plugins != NULL && i < plugins->n; i++)
        if (plugins->plugin[i].id == id && plugins->plugin[i].encode != NULL)
            return &plugins->plugin[i];
    return NULL;
}

HI5_INT bool
encode_can(const struct pipe_plugins *plugins, unsigned id)
{
    return encode_find_plugin(plugins, id) != NULL || encode_find(id) != NULL;
}

bool
hi5_filter_can_encode(unsigned id)
{
    return encode_can(NULL, id);
}

HI5_INT void
encode_work_done(struct encode_work *w)
{
    deflate_encode_done(w);
    zstd_encode_done(w);
    for (unsigned i = 0; i < 3; i++) {
        mem_free(w->mem, w->buf[i], w->size[i]);
        w->buf[i] = NULL;
        w->size[i] = 0;
    }
}

HI5_INT hi5_status
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
pipe_encode_ready(const struct pipeline *p, const struct pipe_plugins *plugins,
                  hi5_error *err)
{
    if (p->n > PIPE_MOST)
        return err_plain(err, HI5_E_FILTER, "%u filters, more than %u", p->n,
                         PIPE_MOST);
    for (unsigned i = 0; i < p->n; i++)
        if ((p->filter[i].flags & FILTER_OPTIONAL) == 0 &&
            !encode_can(plugins, p->filter[i].id))
            return filter_fail(err, &p->filter[i], "this build cannot apply it");
    return HI5_OK;
}

/* One filter and who applies it: one of the two, or neither. */
struct encode_step {
    const hi5_filter *f;
    const hi5_filter_plugin *plugin;
    const struct encode_kind *kind;
    bool optional, later; /* later: others were applied before it */
};

/* The most that the output may take of `n` bytes, and (*room) what is needed for it. */
static bool
encode_most(const struct encode_step *s, size_t n, size_t *cap, size_t *room)
{
    const unsigned adds = s->kind != NULL ? s->kind->adds : ENCODE_LARGE;
    size_t most;

    if (adds < ENCODE_LARGE) {
        *cap = *room = n + adds;
        return n < SIZE_MAX - adds;
    }
    /* The decoder expects no more than that, either. */
    if (n == 0 || n >= SIZE_MAX / 2 - 4096)
        return false;
    most = 2 * n + 4096;
    *cap = s->optional && s->kind != NULL ? n - (adds == ENCODE_SHRINKS) : most;
    *room = adds == ENCODE_LARGE ? most : *cap;
    return true;
}

static hi5_status
encode_run(const struct encode_step *s, const uint8_t *src, size_t n,
           struct encode_work *w, unsigned to, size_t room, size_t *got, hi5_error *err)
{
    hi5_status status;

    if (s->kind != NULL)
        return s->kind->encode(w, s->f, src, n, w->buf[to], room, got, err);
    if (s->plugin == NULL)
        return filter_fail(err, s->f, "this build cannot apply it");
    err_clear(err);
    status =
        s->plugin->encode(s->plugin->ctx, s->f, src, n, w->buf[to], room, got, err);
    if (status == HI5_OK && *got > room)
        return filter_fail(err, s->f,
                           "the caller's filter made %zu bytes; there was room "
                           "for %zu",
                           *got, room);
    if (status != HI5_OK && status != HI5_E_RANGE &&
        (err == NULL || err->status != status))
        return filter_fail_as(err, status, s->f, "the caller's filter failed");
    return status;
}

/* What other filters made are no numbers: nothing of it may be lost. */
static hi5_status
encode_keeps(const struct encode_step *s, const uint8_t *src, size_t n,
             const struct encode_work *w, unsigned to, size_t got, hi5_error *err)
{
    hi5_filter f = *s->f;
    const struct pipeline alone = {.version = 2, .n = 1, .filter = &f};
    struct pipe_work work = {.mem = w->mem};
    uint8_t *const again = mem_alloc(w->mem, n);
    hi5_status status;

    if (again == NULL)
        return mem_fail(w->mem, n, err);
    status = pipe_decode(&alone, NULL, 0, w->buf[to], got, again, n, &work, err);
    if (status != HI5_E_NOMEM && (status != HI5_OK || memcmp(src, again, n) != 0))
        status = filter_fail(err, s->f, "it would lose some of what the filters before "
                                        "it made");
    pipe_work_done(&work);
    mem_free(w->mem, again, n);
    return status;
}

/* @return HI5_E_RANGE: the filter does not do for this chunk */
static hi5_status
encode_step(struct encode_step *s, const struct pipe_plugins *plugins,
            const uint8_t *src, size_t n, struct encode_work *w, unsigned to,
            size_t *got, hi5_error *err)
{
    size_t cap = 0, room = 0;
    hi5_status status;

    s->plugin = encode_find_plugin(plugins, s->f->id);
    s->kind = s->plugin == NULL ? encode_find(s->f->id) : NULL;
    s->optional = (s->f->flags & FILTER_OPTIONAL) != 0;
    if (!encode_most(s, n, &cap, &room))
        return filter_fail_as(err, HI5_E_LIMIT, s->f, "a chunk of %zu bytes", n);
    if (s->kind != NULL || s->plugin != NULL)
        TRY(encode_room(w, to, room + 1, err));
    status = encode_run(s, src, n, w, to, room, got, err);
    if (status == HI5_OK && *got > cap)
        status = HI5_E_RANGE;
    if (status == HI5_OK && s->later && s->kind != NULL && s->kind->loses && n != 0)
        status = encode_keeps(s, src, n, w, to, *got, err);
    if (s->optional && status != HI5_OK && status != HI5_E_NOMEM &&
        status != HI5_E_LIMIT)
        return HI5_E_RANGE;
    if (status == HI5_E_RANGE)
        return filter_fail(err, s->f, "the chunk would become too large");
    return status;
}

HI5_INT hi5_status
pipe_encode(const struct pipeline *p, const struct pipe_plugins *plugins,
            const uint8_t *src, size_t n, struct encode_work *w, const uint8_t **out,
            size_t *out_n, uint32_t *mask, hi5_error *err)
{
    const uint8_t *const whole = src;
    unsigned to = 0;

    *mask = 0;
    for (unsigned i = 0; i < p->n; i++) {
        struct encode_step step = {.f = &p->filter[i], .later = src != whole};
        size_t got = 0;
        const hi5_status s = encode_step(&step, plugins, src, n, w, to, &got, err);

        if (s == HI5_E_RANGE) {
            *mask |= (uint32_t)1 << i;
            continue;
        }
        if (s != HI5_OK)
            return s;
        src = w->buf[to];
        n = got;
        to ^= 1;
    }
    *out = src;
    *out_n = n;
    return HI5_OK;
}

/* ---- the smallest of them ---- */

HI5_INT hi5_status
fletcher32_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src,
                  size_t n, uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
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
