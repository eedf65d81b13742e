/*
 * conv_put.c - what is variable in memory, made elements of a file [FMT IV.A.2.d]
 *
 * Strings and sequences go into the file's heap, from where the element names them;
 * references become addresses.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "space/conv_step.h"
#include <string.h>

static void
put_number(uint8_t *p, uint64_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = i < 8 ? (uint8_t)(v >> (8 * i)) : 0;
}

/* A variable-length element: length, collection, index. It is null where `bytes` is. */
static hi5_status
put_slot(const struct conv_env *env, uint64_t length, const void *bytes, size_t n,
         uint8_t *dst, hi5_error *err)
{
    uint64_t collection = 0;
    uint32_t index = 0;

    if (length > UINT32_MAX)
        return err_plain(err, HI5_E_RANGE, "a sequence of %llu elements",
                         (unsigned long long)length);
    if (bytes != NULL)
        TRY(env->heap_put(env->ctx, bytes, n, &collection, &index, err));
    cur_raw_store(dst, 4, length);
    cur_raw_store(dst + 4, env->off_w, collection);
    cur_raw_store(dst + 4 + env->off_w, 4, index);
    return HI5_OK;
}

/* ---- strings ---- */

/* The text of a char *; NULL stays NULL. */
static const uint8_t *
put_text(const uint8_t *src, size_t *n)
{
    const char *s;

    memcpy(&s, src, sizeof s);
    *n = s != NULL ? strlen(s) : 0;
    return (const uint8_t *)s;
}

HI5_INT hi5_status
conv_put_fixed(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    (void)err;
    for (size_t i = 0; i < io->n; i++) {
        size_t n;
        const uint8_t *const text = put_text(io->src + i * io->ss, &n);
        conv_str_put(s->dst, text, n, io->dst + i * io->ds);
    }
    return HI5_OK;
}

/* An empty string has an object of its own, of no bytes, so that it can be told from a null
 * one (VLEN-20).
 * NOTE(lib): from 1.14 on an object must have just as many bytes as the string. */
HI5_INT hi5_status
conv_put_text(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t i = 0; i < io->n; i++) {
        const uint8_t *const src = io->src + i * io->ss;
        const uint8_t *text = src;
        size_t n;

        if (s->src->cls == HI5_VLEN)
            text = put_text(src, &n);
        else
            n = conv_str_length(s->src, src);
        TRY(put_slot(s->env, n, text, n, io->dst + i * io->ds, err));
    }
    return HI5_OK;
}

/* ---- sequences ---- */

static hi5_status
put_sequence(const struct conv_step *s, const uint8_t *src, uint8_t *dst,
             hi5_error *err)
{
    const struct conv_step *const base = s->child;
    struct mem *const mem = s->env->mem;
    struct conv_io io = {.ss = base->src_size, .ds = base->dst_size};
    hi5_status status;
    uint8_t *bytes;
    hi5_vlen v;
    size_t n;

    memcpy(&v, src, sizeof v);
    if (v.n != 0 && v.p == NULL)
        return err_plain(err, HI5_E_ARG, "a sequence of %zu elements at a null pointer",
                         v.n);
    if (!ckd_mul_size(v.n, base->dst_size, &n))
        return err_plain(err, HI5_E_RANGE, "a sequence of %zu elements", v.n);
    if (base->copy || n == 0)
        return put_slot(s->env, v.n, n != 0 ? v.p : NULL, n, dst, err);
    bytes = mem_alloc(mem, n);
    if (bytes == NULL)
        return mem_fail(mem, n, err);
    memset(bytes, 0, n);
    io.src = v.p;
    io.dst = bytes;
    io.n = v.n;
    status = conv_step_run(base, &io, err);
    if (status == HI5_OK)
        status = put_slot(s->env, v.n, bytes, n, dst, err);
    mem_free(mem, bytes, n);
    return status;
}

HI5_INT hi5_status
conv_put_vlen(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t i = 0; i < io->n; i++)
        TRY(put_sequence(s, io->src + i * io->ss, io->dst + i * io->ds, err));
    return HI5_OK;
}

/* ---- references ---- */

static hi5_status
put_reference(const struct conv_step *s, const hi5_reference *r, uint8_t *dst,
              hi5_error *err)
{
    const unsigned off_w = s->env->off_w;
    const bool object = r->kind == HI5_REF_OBJECT || r->kind == HI5_REF_OBJECT2;
    const hi5_ref_kind stored = s->dst->ref_kind;

    memset(dst, 0, s->dst->size);
    if (r->kind == 0 && r->address == 0)
        return HI5_OK;
    if (stored == HI5_REF_OBJECT && object && !r->external) {
        put_number(dst, r->address, off_w);
    } else if (stored == HI5_REF_REGION && r->kind == HI5_REF_REGION) {
        put_number(dst, r->address, off_w);
        put_number(dst + off_w, r->index, 4);
    } else if (stored >= HI5_REF_OBJECT2 && object && !r->external) {
        dst[0] = HI5_REF_OBJECT2;
        dst[2] = (uint8_t)off_w;
        put_number(dst + 3, r->address, off_w);
    } else if (stored >= HI5_REF_OBJECT2 && r->kind >= HI5_REF_OBJECT2) {
        dst[0] = r->kind;
        dst[1] = r->external;
        put_number(dst + 2, r->size, 4);
        put_number(dst + 6, r->address, off_w);
        put_number(dst + 6 + off_w, r->index, 4);
    } else {
        return err_plain(err, HI5_E_TYPE, "a reference of kind %u cannot be stored as one "
                         "of kind %u", (unsigned)r->kind, (unsigned)stored);
    }
    return HI5_OK;
}

HI5_INT hi5_status
conv_check_refs(const hi5_type *stored, const void *refs, size_t n, hi5_error *err)
{
    const struct conv_env env = {.off_w = 8};
    const struct conv_step step = {.dst = stored, .env = &env};
    uint8_t element[64];

    if (stored->size > sizeof element)
        return HI5_OK;
    for (size_t i = 0; i < n; i++) {
        hi5_reference r;

        memcpy(&r, (const uint8_t *)refs + i * sizeof r, sizeof r);
        TRY(put_reference(&step, &r, element, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
conv_check_lengths(const hi5_type *memory, const void *buf, size_t n, hi5_error *err)
{
    const uint8_t *p = buf;

    if (!memory->has_vlen || memory->is_vlen_string)
        return HI5_OK;
    for (size_t i = 0; i < n; i++, p += memory->size) {
        hi5_vlen v;

        for (uint32_t k = 0; memory->cls == HI5_COMPOUND && k < memory->members; k++)
            TRY(conv_check_lengths(memory->member[k].type, p + memory->member[k].offset, 1,
                                   err));
        if (memory->cls == HI5_ARRAY)
            TRY(conv_check_lengths(memory->base, p, (size_t)type_array_count(memory), err));
        if (memory->cls != HI5_VLEN || !memory->in_memory)
            continue;
        memcpy(&v, p, sizeof v);
        if (v.n > UINT32_MAX)
            return err_plain(err, HI5_E_RANGE, "a sequence of %zu elements is too long to "
                             "be stored", v.n);
        TRY(conv_check_lengths(memory->base, v.p, v.n, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
conv_put_ref(const struct conv_step *s, const struct conv_io *io, hi5_error *err)
{
    for (size_t i = 0; i < io->n; i++) {
        hi5_reference r;

        memcpy(&r, io->src + i * io->ss, sizeof r);
        TRY(put_reference(s, &r, io->dst + i * io->ds, err));
    }
    return HI5_OK;
}
