/*
 * copy_value.c - elements that say where other things are
 *
 * What is variable in length lies in the heap of its file, and is put into the heap of the
 * other one; addresses in references become those of the copies. All other bytes of an
 * element stay what they are, those between members too, unless the sizes of addresses
 * make the members move.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/copy.h"
#include "file/gheap_edit.h"
#include "format/msg_select.h"
#include <stdio.h>
#include <string.h>

static hi5_status
value_elements(struct copy_values *v, const hi5_type *from, const hi5_type *to,
               const uint8_t *src, uint8_t *dst, size_t n);

/* Do they differ in the places of their members? */
static bool
value_moves(const hi5_type *from, const hi5_type *to)
{
    if (from->size != to->size)
        return true;
    for (uint32_t i = 0; from->cls == HI5_COMPOUND && i < from->members; i++)
        if (from->member[i].offset != to->member[i].offset)
            return true;
    return false;
}

HI5_INT bool
copy_values_any(const struct copy *c, unsigned source, const hi5_type *from,
                const hi5_type *to)
{
    return from->has_vlen || (from->has_ref && !copy_is_same(c, source)) ||
           value_moves(from, to);
}

HI5_INT bool
copy_values_wait(const struct copy *c, unsigned source, const hi5_type *from)
{
    return from->has_ref && !copy_is_same(c, source);
}

HI5_INT void
copy_values_done(struct copy_values *v)
{
    if (v->held != NULL)
        gheap_release(v->c->source[v->source]->gheap, v->held);
    v->held = NULL;
}

/* ---- heap objects ---- */

static hi5_file *
value_file(const struct copy_values *v)
{
    return v->c->source[v->source];
}

static void
value_put_id(const struct copy_values *v, uint8_t *dst, uint64_t addr, uint32_t index)
{
    const unsigned off_w = v->c->to->meta.off_w;

    cur_raw_store(dst, off_w, addr);
    cur_raw_store(dst + off_w, 4, index);
}

/* The heap object whose ID is at `id`; *bytes NULL if there is none. Others may be looked at
 * before it is given back. */
static hi5_status
value_get(struct copy_values *v, const uint8_t *id, const uint8_t **bytes, size_t *n,
          void **held)
{
    const hi5_file *const f = value_file(v);
    const uint64_t addr = cur_raw_addr(id, f->meta.off_w);
    const uint32_t index = (uint32_t)cur_raw_uint(id + f->meta.off_w, 4);

    *bytes = NULL;
    *n = 0;
    *held = NULL;
    if (addr == 0 || addr == ADDR_NONE || index == 0)
        return HI5_OK;
    return gheap_get(f->gheap, addr, index, bytes, n, held, v->c->err);
}

/* ---- references ---- */

/* The copy of the object at `addr`; 0 if there is none. */
static hi5_status
value_target(struct copy_values *v, uint64_t addr, uint64_t *to)
{
    struct copy *const c = v->c;
    const struct copy_entry *e;
    struct msg_link l = {.kind = HI5_LINK_HARD};
    hi5_object *probe;
    char name[48];
    size_t i;

    *to = 0;
    if (addr == 0 || addr == ADDR_NONE)
        return HI5_OK;
    e = copy_find(c, v->source, addr);
    if (e == NULL && c->o->expand_references &&
        object_open(value_file(v), addr, NULL, &probe, NULL) == HI5_OK) {
        hi5_object_close(probe);
        TRY(copy_meet(c, v->source, addr, 0, &i));
        e = &c->entry[i];
        if ((e->flags & COPY_MERGED) == 0) {
            l.name_len = (uint64_t)snprintf(name, sizeof name, "~obj_pointed_by_%llu",
                                            (unsigned long long)e->to);
            l.name = (const uint8_t *)name;
            l.address = e->to;
            c->entry[i].refs++;
            TRY(edit_link(c->to, c->to->super.root, &l, NULL, c->err));
            e = &c->entry[i];
        }
    }
    if (e != NULL && (!c->o->null_references || c->o->expand_references))
        *to = e->to;
    else
        c->nulled++;
    return HI5_OK;
}

/* An old region: a heap object that begins with the address of the dataset. */
static hi5_status
value_region(struct copy_values *v, const uint8_t *src, uint8_t *dst)
{
    struct mem *const mem = v->c->mem;
    const unsigned from_w = value_file(v)->meta.off_w, to_w = v->c->to->meta.off_w;
    const uint8_t *bytes;
    uint64_t to, addr;
    uint32_t index;
    uint8_t *out;
    void *held;
    size_t n;
    hi5_status s;

    TRY(value_get(v, src, &bytes, &n, &held));
    if (bytes == NULL)
        return HI5_OK;
    if (n < from_w) {
        gheap_release(value_file(v)->gheap, held);
        return err_plain(v->c->err, HI5_E_CORRUPT, "a region reference of %zu bytes",
                         n);
    }
    s = value_target(v, cur_raw_addr(bytes, from_w), &to);
    out = s == HI5_OK && to != 0 ? mem_alloc(mem, n - from_w + to_w) : NULL;
    if (s == HI5_OK && to != 0 && out == NULL)
        s = mem_fail(mem, n, v->c->err);
    if (out != NULL) {
        cur_raw_store(out, to_w, to);
        memcpy(out + to_w, bytes + from_w, n - from_w);
        s = gheap_put(v->c->to, out, n - from_w + to_w, &addr, &index, v->c->err);
        if (s == HI5_OK)
            value_put_id(v, dst, addr, index);
        mem_free(mem, out, n - from_w + to_w);
    }
    gheap_release(value_file(v)->gheap, held);
    return s;
}

#define VALUE_EXTERNAL 0x01u

/* What the heap says of a reference since 1.12, encoded for the other file. */
static hi5_status
value_encode(struct copy_values *v, struct ref_object *r, hi5_ref_kind kind,
             bool external, struct arena *a, uint8_t **out, size_t *n)
{
    struct cur c = cur_sizer(v->c->err);

    c.off_w = v->c->to->meta.off_w;
    ref_object_code(&c, r, kind, external);
    if (!cur_ok(&c))
        return c.status;
    *n = c.pos;
    *out = arena_alloc(a, *n);
    if (*out == NULL)
        return mem_fail(a->mem, *n, v->c->err);
    c = cur_writer(*out, *n, v->c->err);
    c.off_w = v->c->to->meta.off_w;
    ref_object_code(&c, r, kind, external);
    return c.status;
}

/* The same, from heap to heap; into other files as they are. */
static hi5_status
value_ref_object(struct copy_values *v, const uint8_t *src, uint8_t *dst,
                 const uint8_t *bytes, size_t size, struct arena *a)
{
    const hi5_ref_kind kind = (hi5_ref_kind)src[0];
    const bool external = (src[1] & VALUE_EXTERNAL) != 0;
    struct cur c =
        meta_cursor_at(&value_file(v)->meta, bytes, size, ADDR_NONE, a, v->c->err);
    struct ref_object r;
    uint64_t addr;
    uint32_t index;
    uint8_t *out;
    size_t n;

    ref_object_code(&c, &r, kind, external);
    if (!cur_ok(&c))
        return c.status;
    if (!external)
        TRY(value_target(v, r.address, &r.address));
    if (r.address == 0)
        return HI5_OK;
    TRY(value_encode(v, &r, kind, external, a, &out, &n));
    TRY(gheap_put(v->c->to, out, n, &addr, &index, v->c->err));
    memcpy(dst, src, 2);
    cur_raw_store(dst + 2, 4, n);
    value_put_id(v, dst + 6, addr, index);
    return HI5_OK;
}

/* A reference since 1.12: kind, flags, and a token or a heap ID (space/conv_ref.c). */
static hi5_status
value_ref_new(struct copy_values *v, const uint8_t *src, uint8_t *dst)
{
    const unsigned from_w = value_file(v)->meta.off_w, to_w = v->c->to->meta.off_w;
    const uint8_t *bytes;
    struct arena a;
    uint64_t to;
    void *held;
    size_t n;
    hi5_status s;

    if (src[0] < HI5_REF_OBJECT2 || src[0] > HI5_REF_ATTRIBUTE)
        return HI5_OK;
    if (src[0] == HI5_REF_OBJECT2 && (src[1] & VALUE_EXTERNAL) == 0) {
        TRY(value_target(v, cur_raw_addr(src + 3, from_w), &to));
        if (to == 0)
            return HI5_OK;
        memcpy(dst, src, 2);
        dst[2] = (uint8_t)to_w;
        cur_raw_store(dst + 3, to_w, to);
        return HI5_OK;
    }
    TRY(value_get(v, src + 6, &bytes, &n, &held));
    if (bytes == NULL)
        return HI5_OK;
    arena_init(&a, v->c->mem);
    s = value_ref_object(v, src, dst, bytes, n, &a);
    arena_done(&a);
    gheap_release(value_file(v)->gheap, held);
    return s;
}

static hi5_status
value_ref(struct copy_values *v, const hi5_type *from, const hi5_type *to,
          const uint8_t *src, uint8_t *dst)
{
    uint64_t addr;

    /* Where addresses are narrow, 1.12 stores fewer bytes than 1.8 does; the rest is 0. */
    if (copy_is_same(v->c, v->source)) {
        memcpy(dst, src, from->size < to->size ? from->size : to->size);
        return HI5_OK;
    }
    memset(dst, 0, to->size);
    if (from->ref_kind != HI5_REF_OBJECT) {
        const hi5_status s = from->ref_kind == HI5_REF_REGION
                                 ? value_region(v, src, dst)
                                 : value_ref_new(v, src, dst);

        if (!copy_passes(v->c, s))
            return s;
        memset(dst, 0, to->size); /* it leads nowhere any more */
        v->c->nulled++;
        return HI5_OK;
    }
    TRY(value_target(v, cur_raw_addr(src, value_file(v)->meta.off_w), &addr));
    cur_raw_store(dst, v->c->to->meta.off_w, addr);
    return HI5_OK;
}

/* ---- sequences and strings ---- */

/* Leave out the null references of a list; how many are left. */
static uint64_t
value_drop(const hi5_type *ref, uint8_t *p, uint64_t n)
{
    uint64_t kept = 0;

    for (uint64_t i = 0; i < n; i++) {
        bool null = true;
        for (size_t k = 0; k < ref->size && null; k++)
            null = p[i * ref->size + k] == 0;
        if (!null)
            memmove(p + kept++ * ref->size, p + i * ref->size, ref->size);
    }
    return kept;
}

/* A sequence whose elements are more than their bytes. */
static hi5_status
value_inside(struct copy_values *v, const hi5_type *from, const hi5_type *to,
             const uint8_t *bytes, uint64_t *length, uint64_t *addr, uint32_t *index)
{
    struct mem *const mem = v->c->mem;
    size_t size;
    uint8_t *out;
    hi5_status s;

    if (!ckd_mul_size((size_t)*length, to->size, &size))
        return err_plain(v->c->err, HI5_E_RANGE, "a sequence of %llu elements",
                         (unsigned long long)*length);
    out = mem_alloc(mem, size);
    if (out == NULL)
        return mem_fail(mem, size, v->c->err);
    s = value_elements(v, from, to, bytes, out, (size_t)*length);
    if (s == HI5_OK && v->drop && to->cls == HI5_REFERENCE)
        *length = value_drop(to, out, *length);
    if (s == HI5_OK && *length != 0)
        s = gheap_put(v->c->to, out, (size_t)*length * to->size, addr, index,
                      v->c->err);
    mem_free(mem, out, size);
    return s;
}

static hi5_status
value_vlen(struct copy_values *v, const hi5_type *from, const hi5_type *to,
           const uint8_t *src, uint8_t *dst)
{
    const bool plain =
        from->is_vlen_string || !copy_values_any(v->c, v->source, from->base, to->base);
    const size_t each = from->is_vlen_string ? 1 : from->base->size;
    uint64_t length = cur_raw_uint(src, 4), addr = 0;
    const uint8_t *bytes;
    uint32_t index = 0;
    void *held;
    size_t n;
    hi5_status s = HI5_OK;

    memset(dst, 0, to->size);
    TRY(value_get(v, src + 4, &bytes, &n, &held));
    if (bytes != NULL && length > n / each)
        s = err_plain(v->c->err, HI5_E_CORRUPT,
                      "a heap object of %zu bytes for %llu "
                      "elements of %zu",
                      n, (unsigned long long)length, each);
    else if (bytes == NULL)
        length = 0;
    else if (!plain && length != 0)
        s = value_inside(v, from->base, to->base, bytes, &length, &addr, &index);
    else if (n != 0)
        s = gheap_put(v->c->to, bytes, n, &addr, &index, v->c->err);
    else if (from->is_vlen_string) /* empty, which is not null: VLEN-20 */
        s = gheap_put(v->c->to, "", 1, &addr, &index, v->c->err);
    if (bytes != NULL)
        gheap_release(value_file(v)->gheap, held);
    if (s == HI5_OK) {
        cur_raw_store(dst, 4, length);
        value_put_id(v, dst + 4, addr, index);
    }
    return s;
}

/* ---- elements ---- */

static hi5_status
value_element(struct copy_values *v, const hi5_type *from, const hi5_type *to,
              const uint8_t *src, uint8_t *dst)
{
    if (from->cls == HI5_VLEN)
        return value_vlen(v, from, to, src, dst);
    if (from->cls == HI5_REFERENCE)
        return value_ref(v, from, to, src, dst);
    if (from->cls == HI5_ARRAY)
        return value_elements(v, from->base, to->base, src, dst,
                              type_array_count(from));
    if (from->cls != HI5_COMPOUND) {
        memcpy(dst, src, to->size);
        return HI5_OK;
    }
    if (value_moves(from, to))
        memset(dst, 0, to->size);
    else
        memcpy(dst, src, to->size);
    for (uint32_t i = 0; i < from->members; i++)
        TRY(value_elements(v, from->member[i].type, to->member[i].type,
                           src + from->member[i].offset, dst + to->member[i].offset,
                           1));
    return HI5_OK;
}

static hi5_status
value_elements(struct copy_values *v, const hi5_type *from, const hi5_type *to,
               const uint8_t *src, uint8_t *dst, size_t n)
{
    if (!copy_values_any(v->c, v->source, from, to)) {
        memcpy(dst, src, n * to->size);
        return HI5_OK;
    }
    for (size_t i = 0; i < n; i++)
        TRY(value_element(v, from, to, src + i * from->size, dst + i * to->size));
    return HI5_OK;
}

HI5_INT hi5_status
copy_values(struct copy_values *v, const uint8_t *src, uint8_t *dst, size_t n)
{
    return value_elements(v, v->from, v->to, src, dst, n);
}
