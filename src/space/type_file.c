/*
 * type_file.c - datatypes as a new file stores them
 */
#include "base/ckd.h"
#include "base/err.h"
#include "space/type.h"
#include <string.h>

struct type_filing {
    struct arena *arena;
    const struct type_target *target;
    unsigned layered;          /* version of compounds, arrays and enumerations */
    bool failed;               /* for another reason than memory: too large */
};

static hi5_type *type_file_of(struct type_filing *f, const hi5_type *t);

/* Does a compound somewhere hold an array? Then version 1 does not do. */
static bool
type_holds_array(const hi5_type *t)
{
    if (t->cls == HI5_ARRAY)
        return true;
    for (uint32_t i = 0; t->cls == HI5_COMPOUND && i < t->members; i++)
        if (type_holds_array(t->member[i].type))
            return true;
    return t->base != NULL && type_holds_array(t->base);
}

/* Members stay where they are unless one of them has another size in a file. */
static hi5_type *
type_file_compound(struct type_filing *f, const hi5_type *t, hi5_type *c)
{
    hi5_member *const m = arena_zalloc(f->arena, t->members, sizeof *m);
    bool moved = false;
    size_t end = 0;

    if (m == NULL)
        return NULL;
    for (uint32_t i = 0; i < t->members; i++) {
        m[i].name = arena_str(f->arena, t->member[i].name, strlen(t->member[i].name));
        m[i].type = type_file_of(f, t->member[i].type);
        if (m[i].name == NULL || m[i].type == NULL)
            return NULL;
        m[i].offset = t->member[i].offset;
        moved |= m[i].type->size != t->member[i].type->size;
    }
    c->member = m;
    if (!moved)
        return c;
    for (uint32_t i = 0; i < t->members; i++) {
        m[i].offset = end;
        end += m[i].type->size;
    }
    c->size = end;
    f->failed |= end > UINT32_MAX;
    return c;
}

static void
type_file_reference(const struct type_filing *f, hi5_type *c)
{
    const bool old = f->target->references == 0;

    if (c->ref_kind == HI5_REF_OBJECT2 && old)
        c->ref_kind = HI5_REF_OBJECT;
    else if (c->ref_kind == HI5_REF_REGION2 && old)
        c->ref_kind = HI5_REF_REGION;
    c->version = c->ref_kind >= HI5_REF_OBJECT2 ? 4 : 1;
    c->ref_version = c->ref_kind >= HI5_REF_OBJECT2;
    c->in_memory = false;
    c->size = type_file_size(HI5_REFERENCE, c->ref_kind, f->target->off_w);
    if (old && c->ref_kind < HI5_REF_OBJECT2) /* before 1.12 it does not know others */
        c->size = type_file_size(HI5_REFERENCE, c->ref_kind, 8);
}

static hi5_type *
type_file_of(struct type_filing *f, const hi5_type *t)
{
    hi5_type *const c = type_copy_into(f->arena, t);

    if (c == NULL)
        return NULL;
    c->version = 1;
    c->committed = HI5_NO_ADDRESS;
    if (t->base != NULL) {
        hi5_type *const base = type_file_of(f, t->base);
        if (base == NULL)
            return NULL;
        c->base = base;
        c->version = base->version;
    }
    switch (t->cls) {
    case HI5_COMPOUND:
        c->version = (uint8_t)f->layered;
        return type_file_compound(f, t, c);
    case HI5_ENUM:
        c->version = (uint8_t)f->layered;
        c->size = c->base->size;
        break;
    case HI5_ARRAY:
        c->version = (uint8_t)f->layered;
        f->failed |= !ckd_mul_size(c->base->size, type_array_count(t), &c->size) ||
                     c->size > UINT32_MAX;
        break;
    case HI5_COMPLEX:
        c->version = 5;
        break;
    case HI5_VLEN:
        c->in_memory = false;
        c->size = type_file_size(HI5_VLEN, HI5_REF_OBJECT, f->target->off_w);
        break;
    case HI5_REFERENCE:
        type_file_reference(f, c);
        break;
    case HI5_FLOAT:
        c->version = t->order == HI5_VAX ? 3 : 1;
        break;
    case HI5_INTEGER:
    case HI5_TIME:
    case HI5_STRING:
    case HI5_BITFIELD:
    case HI5_OPAQUE:
        break;
    }
    return c;
}

HI5_INT hi5_status
type_for_file(const hi5_type *t, const struct type_target *target, struct arena *a,
              hi5_type **out, hi5_error *err)
{
    struct type_filing f = {.arena = a, .target = target, .layered = target->layered};

    if (f.layered < 2 && type_holds_array(t))
        f.layered = 2;
    *out = type_file_of(&f, t);
    if (*out == NULL)
        return mem_fail(a->mem, sizeof **out, err);
    if (f.failed || (*out)->size == 0 || (*out)->size > UINT32_MAX)
        return err_plain(err, HI5_E_TYPE, "elements of %zu bytes cannot be stored",
                         (*out)->size);
    (*out)->committed = t->committed;
    return HI5_OK;
}
