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

/*
 * Variable-length element
 *
 *   size  field
 *      4  length               base elements; strings: bytes
 *      O  collection           address of a global heap collection
 *      4  index                of the object in it
 *
 * An empty element has length 0. Its address is 0 when it was never written, or written
 * from a null pointer; some writers put all-ones (VLEN-04, VLEN-17); the address of an
 * object of size 0 tells an empty string.
 */
HI5_INT hi5_status
conv_vlen_slot(const struct conv_env *env, const uint8_t *p, struct conv_slot *slot,
               hi5_error *err)
{
    const uint64_t collection = cur_raw_addr(p + 4, env->off_w);

    slot->length = (uint32_t)cur_raw_uint(p, 4);
    slot->collection = collection;
    slot->index = (uint32_t)cur_raw_uint(p + 4 + env->off_w, 4);
    slot->null = collection == 0 || collection == ADDR_NONE;
    if (slot->null && slot->length != 0) /* VLEN-05 */
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "variable-length element",
                       "collection", "III.E", "%lu base elements, but no heap address",
                       (unsigned long)slot->length);
    return HI5_OK;
}

HI5_INT hi5_status
conv_vlen_bytes(const struct conv_env *env, const struct conv_slot *slot, size_t each,
                const uint8_t **bytes, void **held, hi5_error *err)
{
    uint64_t need;
    size_t n;

    TRY(env->heap_get(env->ctx, slot->collection, slot->index, bytes, &n, held, err));
    if (ckd_mul64(slot->length, each, &need) && need <= n)
        return HI5_OK;
    env->heap_release(env->ctx, *held);
    return err_set(err, HI5_E_CORRUPT, slot->collection, "variable-length element",
                   "length", "III.E",
                   "%lu base elements of %llu bytes in heap object %lu of %llu bytes",
                   (unsigned long)slot->length, (unsigned long long)each,
                   (unsigned long)slot->index, (unsigned long long)n);
}

/* A box is a little larger than what was asked for, so that a request which only just
 * fits the limit may fail. */
#define VLEN_BOX_EXTRA 64u

HI5_INT hi5_status
conv_vlen_box(struct mem *m, size_t n, void **p, hi5_error *err)
{
    *p = mem_box(m, n);
    return *p != NULL ? HI5_OK : mem_fail(m, (uint64_t)n + VLEN_BOX_EXTRA, err);
}

/* Convert `bytes`, the base elements of one sequence, for the caller. */
static hi5_status
vlen_give(const struct conv_step *s, const uint8_t *bytes, size_t length, uint8_t *dst,
          hi5_error *err)
{
    const struct conv_step *base = s->child;
    struct mem *m = s->env->mem;
    hi5_vlen v = {length, NULL};
    struct conv_io io = {bytes, base->src_size, NULL, base->dst_size, length};
    size_t size;

    if (!ckd_mul_size(length, base->dst_size, &size))
        return mem_fail(m, UINT64_MAX, err);
    TRY(conv_vlen_box(m, size, &v.p, err));
    if (!base->copy) /* so that all of it can be reclaimed, whatever happens */
        memset(v.p, 0, size);
    memcpy(dst, &v, sizeof v);
    io.dst = v.p;
    return conv_step_run(base, &io, err);
}

HI5_INT hi5_status
conv_vlen_run(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t i = 0; i < io->n; i++) {
        struct conv_slot slot;
        const uint8_t *bytes;
        void *held;
        hi5_status status;

        TRY(conv_vlen_slot(s->env, io->src + i * io->ss, &slot, err));
        if (slot.length == 0)
            continue; /* null already (conv_run) */
        TRY(conv_vlen_bytes(s->env, &slot, s->child->src_size, &bytes, &held, err));
        status = vlen_give(s, bytes, slot.length, io->dst + i * io->ds, err);
        s->env->heap_release(s->env->ctx, held);
        if (status != HI5_OK)
            return status;
    }
    return HI5_OK;
}
