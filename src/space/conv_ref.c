/*
 * conv_ref.c - references of a file, made hi5_reference            [FMT IV.A.2.d]
 *
 * Nothing is resolved here: that needs the heap, and may need other files.
 */
#include "base/cur.h"
#include "base/err.h"
#include "space/conv_step.h"
#include <string.h>

static bool
ref_is_null(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0)
            return false;
    return true;
}

/* O bytes: the address of an object header; 0 and all-ones are null. */
static void
ref_get_object(const struct conv_env *env, const uint8_t *p, hi5_reference *r)
{
    const uint64_t addr = cur_raw_addr(p, env->off_w);

    if (addr == 0 || addr == ADDR_NONE)
        return;
    r->kind = HI5_REF_OBJECT;
    r->address = addr;
}

/* The global heap ID at p: address of the collection O, index 4. */
static void
ref_get_heap(const struct conv_env *env, const uint8_t *p, hi5_reference *r)
{
    r->in_heap = 1;
    r->address = cur_raw_addr(p, env->off_w);
    r->index = (uint32_t)cur_raw_uint(p + env->off_w, 4);
}

static void
ref_get_region(const struct conv_env *env, const uint8_t *p, hi5_reference *r)
{
    const uint64_t addr = cur_raw_addr(p, env->off_w);

    if (addr == 0 || addr == ADDR_NONE)
        return;
    r->kind = HI5_REF_REGION;
    ref_get_heap(env, p, r);
}

#define REF_EXTERNAL 0x01u

/*
 * Reference of 1.12 and later; O + 10 bytes
 *
 *   size  field
 *      1  kind                 2 object, 3 region, 4 attribute
 *      1  flags                bit 0: into another file
 *   then, for objects in this file:
 *      1  token size           O
 *      O  token                the address of the object header
 *         zeros
 *   otherwise:
 *      4  size                 of the heap object
 *      O  collection
 *      4  index
 */
static hi5_status
ref_get_new(const struct conv_env *env, const uint8_t *p, hi5_reference *r,
            hi5_error *err)
{
    const size_t size = type_file_size(HI5_REFERENCE, HI5_REF_OBJECT2, env->off_w);
    const uint8_t kind = p[0], flags = p[1];

    if (ref_is_null(p, size))
        return HI5_OK;
    if (kind < HI5_REF_OBJECT2 || kind > HI5_REF_ATTRIBUTE)
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "reference", "kind", "IV.A.2.d",
                       "there is no reference of kind %u", (unsigned)kind);
    if (kind == HI5_REF_OBJECT2 && (flags & REF_EXTERNAL) == 0) {
        if (p[2] != env->off_w)
            return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "reference", "token size",
                           "IV.A.2.d", "a token of %u bytes, where addresses have %u",
                           (unsigned)p[2], env->off_w);
        r->address = cur_raw_addr(p + 3, env->off_w);
        if (r->address == 0 || r->address == ADDR_NONE)
            r->address = 0;
        else
            r->kind = kind;
        return HI5_OK;
    }
    r->kind = kind;
    r->external = (flags & REF_EXTERNAL) != 0;
    r->size = cur_raw_uint(p + 2, 4);
    ref_get_heap(env, p + 6, r);
    return HI5_OK;
}

HI5_INT hi5_status
conv_ref_run(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t i = 0; i < io->n; i++) {
        const uint8_t *p = io->src + i * io->ss;
        hi5_reference r;

        memset(&r, 0, sizeof r);
        if (s->src->ref_kind == HI5_REF_OBJECT)
            ref_get_object(s->env, p, &r);
        else if (s->src->ref_kind == HI5_REF_REGION)
            ref_get_region(s->env, p, &r);
        else
            TRY(ref_get_new(s->env, p, &r, err));
        memcpy(io->dst + i * io->ds, &r, sizeof r);
    }
    return HI5_OK;
}
