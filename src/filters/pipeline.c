/*
 * pipeline.c - undoing the filters of a chunk                     [FMT IV.A.2.l]
 *
 * First everything is planned: which filters were applied to this chunk, who decodes
 * each, and how large its output may be at most. That follows from the nominal size by
 * going through the filters in the order of writing, since each can have added only so
 * much. Then the steps run, from one scratch buffer to the other, the last into the
 * caller's buffer.
 */
#include "filters/pipeline.h"
#include "base/ckd.h"
#include "base/err.h"
#include "filters/filter.h"
#include <string.h>

#define PIPE_STEPS (2 * PIPE_MOST) /* a filter takes one step, or two */
#define PIPE_BETWEEN 16u           /* what the first of two leaves for the second */

/* One function to call. */
struct pipe_step {
    const hi5_filter *filter;
    const struct filter_kind *kind; /* NULL: a plugin's */
    const hi5_filter_plugin *plugin;
    filter_decode_fn *decode;
    size_t cap; /* the most bytes that can come out */
};

/* The steps in the order of writing: the last is the first to run. */
struct pipe_plan {
    unsigned n;
    struct pipe_step step[PIPE_STEPS];
};

HI5_INT void
pipe_work_done(struct pipe_work *w)
{
    for (unsigned i = 0; i < 2; i++) {
        if (w->buf[i] != NULL)
            mem_free(w->mem, w->buf[i], w->size[i]);
        w->buf[i] = NULL;
        w->size[i] = 0;
    }
}

/* Scratch buffer `i` with room for `n` bytes; what was in it is lost. */
static uint8_t *
pipe_scratch(struct pipe_work *w, unsigned i, size_t n, hi5_error *err)
{
    if (w->buf[i] != NULL && w->size[i] >= n)
        return w->buf[i];
    if (w->buf[i] != NULL)
        mem_free(w->mem, w->buf[i], w->size[i]);
    w->size[i] = 0;
    w->buf[i] = mem_alloc(w->mem, n);
    if (w->buf[i] == NULL)
        mem_fail(w->mem, n, err);
    else
        w->size[i] = n;
    return w->buf[i];
}

static const hi5_filter_plugin *
pipe_find_plugin(const struct pipe_plugins *plugins, uint16_t id)
{
    for (size_t i = 0; plugins != NULL && i < plugins->n; i++)
        if (plugins->plugin[i].id == id && plugins->plugin[i].decode != NULL)
            return &plugins->plugin[i];
    return NULL;
}

/* The most bytes that `n` bytes are stored as. */
static size_t
pipe_encoded_most(const struct pipe_step *s, size_t n)
{
    const unsigned adds = s->kind != NULL ? s->kind->adds : FILTER_DOUBLES;
    const size_t more = adds != FILTER_DOUBLES ? adds
                        : n < SIZE_MAX - 4096  ? n + 4096
                                               : SIZE_MAX;

    return more < SIZE_MAX - n ? n + more : SIZE_MAX;
}

static void
pipe_add_step(struct pipe_plan *plan, struct pipe_step s, filter_decode_fn *decode,
              size_t cap)
{
    s.decode = decode;
    s.cap = cap;
    plan->step[plan->n++] = s;
}

/* Missing filters are found out before any work is done. A filter that was optional
 * when writing is not so now: its mask bit would be set if it had not been run. */
static hi5_status
pipe_make_plan(struct pipe_plan *plan, const struct pipeline *p,
               const struct pipe_plugins *plugins, uint32_t mask, size_t nominal,
               hi5_error *err)
{
    size_t most = nominal;

    plan->n = 0;
    if (p->n > PIPE_MOST)
        return err_plain(err, HI5_E_FILTER, "%u filters, more than %u", p->n,
                         PIPE_MOST);
    for (unsigned i = 0; i < p->n; i++) {
        struct pipe_step s = {.filter = &p->filter[i]};

        if (mask >> i & 1)
            continue;
        s.plugin = pipe_find_plugin(plugins, s.filter->id);
        if (s.plugin == NULL)
            s.kind = filter_find(s.filter->id);
        if (s.plugin == NULL && (s.kind == NULL || s.kind->decode == NULL))
            return filter_fail(err, s.filter, "not available in this build");
        if (s.kind != NULL && s.kind->finish != NULL) {
            pipe_add_step(plan, s, s.kind->finish, most);
            most = most < SIZE_MAX - PIPE_BETWEEN ? most + PIPE_BETWEEN : SIZE_MAX;
        }
        pipe_add_step(plan, s, s.kind != NULL ? s.kind->decode : NULL, most);
        most = pipe_encoded_most(&s, most);
    }
    return HI5_OK;
}

/* Room for the output of a step that is not the last: no more than `n` stored bytes can
 * decode to, so that a small file cannot ask for much. */
static size_t
pipe_room(const struct pipe_step *s, size_t n)
{
    size_t most;

    if (s->kind != NULL && s->kind->ratio != 0 &&
        ckd_mul_size(n, s->kind->ratio, &most) && most < SIZE_MAX - 4096 &&
        most + 4096 < s->cap)
        return most + 4096;
    return s->cap;
}

static hi5_status
pipe_run_plugin(const struct pipe_step *s, const void *src, size_t n, void *dst,
                size_t cap, size_t *out, hi5_error *err)
{
    hi5_status status;

    err_clear(err);
    status = s->plugin->decode(s->plugin->ctx, s->filter, src, n, dst, cap, out, err);
    if (status != HI5_OK && (err == NULL || err->status != status))
        return filter_fail_as(err, status, s->filter, "the caller's filter failed");
    if (status == HI5_OK && *out > cap)
        return filter_too_long(err, s->filter, cap);
    return status;
}

static hi5_status
pipe_run_step(const struct pipe_step *s, const void *src, size_t n, void *dst,
              size_t cap, size_t *out, hi5_error *err)
{
    *out = 0;
    if (s->plugin != NULL)
        return pipe_run_plugin(s, src, n, dst, cap, out, err);
    return s->decode(s->filter, src, n, dst, cap, out, err);
}

/* What came out last, if it is not where it belongs yet. */
static hi5_status
pipe_deliver(const struct pipe_plan *plan, const void *src, size_t n, void *dst,
             size_t nominal, hi5_error *err)
{
    if (n != nominal && plan->n == 0)
        return err_plain(err, HI5_E_FILTER,
                         "an unfiltered chunk is stored as %zu bytes, not %zu", n,
                         nominal);
    if (n != nominal)
        return filter_fail(err, plan->step[0].filter, "decodes to %zu bytes, not %zu",
                           n, nominal);
    if (src != dst && n != 0)
        memcpy(dst, src, n);
    return HI5_OK;
}

HI5_INT hi5_status
pipe_decode(const struct pipeline *p, const struct pipe_plugins *plugins, uint32_t mask,
            const void *src, size_t n, void *dst, size_t nominal, struct pipe_work *w,
            hi5_error *err)
{
    struct pipe_plan plan;
    unsigned turn = 0;

    TRY(pipe_make_plan(&plan, p, plugins, mask, nominal, err));
    for (unsigned i = plan.n; i-- > 0;) {
        const struct pipe_step *const s = &plan.step[i];
        const bool checks = s->kind != NULL && s->kind->checks_only;
        size_t cap = s->cap;
        void *to = dst;

        if (checks) {
            to = NULL;
        } else if (i > 0) {
            cap = pipe_room(s, n);
            to = pipe_scratch(w, turn, cap, err);
            if (to == NULL)
                return err != NULL ? err->status : HI5_E_NOMEM;
            turn = !turn;
        }
        TRY(pipe_run_step(s, src, n, to, cap, &n, err));
        if (!checks)
            src = to;
    }
    return pipe_deliver(&plan, src, n, dst, nominal, err);
}
