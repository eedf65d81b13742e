/*
 * conv_vlen.c - variable-length elements of a file                 [FMT IV.A.2.d]
 *
 * The element in the dataset or attribute says how many base elements there are and
 * which object of which global heap collection holds them.
 */
#include "base/ckd.h"
#include "base/cur.h"
#include "base/err.h"
#include "space/conv_step.h"
#include <string.h>

HI5_INT hi5_status
conv_vlen_astray(const struct conv_slot *slot, hi5_error *err)
{
    return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "variable-length element", "collection",
                   "III.E", "%lu base elements, but no heap address",
                   (unsigned long)slot->length);
}

HI5_INT struct conv_heap
conv_heap_start(const struct conv_env *env)
{
    return (struct conv_heap){env, NULL, {env->mem, 0}};
}

HI5_INT void
conv_heap_end(struct conv_heap *h)
{
    if (h->held != NULL)
        h->env->heap_release(h->env->ctx, h->held);
    h->held = NULL;
    mem_batch_done(&h->boxes);
}

/* Find an object; what was held before is given up, or held on to. */
static hi5_status
heap_find(struct conv_heap *h, const struct conv_slot *slot, const uint8_t **bytes,
          size_t *n, hi5_error *err)
{
    const struct conv_env *env = h->env;
    void *const old = h->held;

    if (env->heap_next != NULL)
        return env->heap_next(env->ctx, slot->collection, slot->index, bytes, n,
                              &h->held, err);
    h->held = NULL;
    if (old != NULL)
        env->heap_release(env->ctx, old);
    return env->heap_get(env->ctx, slot->collection, slot->index, bytes, n, &h->held,
                         err);
}

HI5_INT hi5_status
conv_vlen_short(const struct conv_slot *slot, size_t each, uint64_t n, hi5_error *err)
{
    return err_set(err, HI5_E_CORRUPT, slot->collection, "variable-length element",
                   "length", "III.E",
                   "%lu base elements of %llu bytes in heap object %lu of %llu bytes",
                   (unsigned long)slot->length, (unsigned long long)each,
                   (unsigned long)slot->index, (unsigned long long)n);
}

HI5_INT hi5_status
conv_heap_bytes(struct conv_heap *h, const struct conv_slot *slot, size_t each,
                const uint8_t **bytes, hi5_error *err)
{
    uint64_t need;
    size_t n;

    TRY(heap_find(h, slot, bytes, &n, err));
    if (ckd_mul64(slot->length, each, &need) && need <= n)
        return HI5_OK;
    return conv_vlen_short(slot, each, n, err);
}

/* A box is a little larger than what was asked for, so that a request which only just
 * fits the limit may fail. */
#define VLEN_BOX_EXTRA 64u

HI5_INT hi5_status
conv_heap_box(struct conv_heap *h, size_t n, void **p, hi5_error *err)
{
    struct mem *m = h->env->mem;

    *p = mem_batch_box(&h->boxes, n);
    return *p != NULL ? HI5_OK : mem_fail(m, (uint64_t)n + VLEN_BOX_EXTRA, err);
}

/* Convert `bytes`, the base elements of one sequence, for the caller. */
static hi5_status
vlen_give(const struct conv_step *s, struct conv_heap *h, const uint8_t *bytes,
          size_t length, uint8_t *dst, hi5_error *err)
{
    const struct conv_step *base = s->child;
    hi5_vlen v = {length, NULL};
    struct conv_io io = {bytes, base->src_size, NULL, base->dst_size, length};
    size_t size;

    if (!ckd_mul_size(length, base->dst_size, &size))
        return mem_fail(s->env->mem, UINT64_MAX, err);
    TRY(conv_heap_box(h, size, &v.p, err));
    if (!base->copy) /* so that all of it can be reclaimed, whatever happens */
        memset(v.p, 0, size);
    memcpy(dst, &v, sizeof v);
    io.dst = v.p;
    return conv_step_run(base, &io, err);
}

static hi5_status
vlen_one(const struct conv_step *s, struct conv_heap *h, const uint8_t *src,
         uint8_t *dst, hi5_error *err)
{
    struct conv_slot slot;
    const uint8_t *bytes;

    TRY(conv_vlen_slot(s->env, src, &slot, err));
    if (slot.length == 0)
        return HI5_OK; /* null already (conv_run) */
    TRY(conv_heap_bytes(h, &slot, s->child->src_size, &bytes, err));
    return vlen_give(s, h, bytes, slot.length, dst, err);
}

HI5_INT hi5_status
conv_vlen_run(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    struct conv_heap h = conv_heap_start(s->env);
    hi5_status status = HI5_OK;

    for (size_t i = 0; status == HI5_OK && i < io->n; i++)
        status = vlen_one(s, &h, io->src + i * io->ss, io->dst + i * io->ds, err);
    conv_heap_end(&h);
    return status;
}
