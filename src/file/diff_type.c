/*
 * diff_type.c - what can be compared with what
 *
 * The rules, and the order in which they are looked at, are h5diff's, since its messages
 * tell of the first that is broken: class, rank, extent, strings, members.
 */
#include "base/err.h"
#include "file/diff.h"
#include "space/type.h"

static void
diff_say(struct diff_run *r, hi5_diff_what what, hi5_diff_reason reason,
         const struct diff_form *f, const hi5_type *t0, const hi5_type *t1, bool member)
{
    const hi5_diff_event e = {.what = what,
                              .reason = reason,
                              .path = {r->path[0], r->path[1]},
                              .attribute = r->attribute,
                              .depth = r->depth,
                              .type = {t0, t1},
                              .member = member,
                              .shape = {f->shape[0], f->shape[1]}};

    if (what == HI5_DIFF_INCOMPARABLE)
        r->d->result->incomparable++;
    diff_tell(r->d, &e);
}

/* The class that h5diff speaks of: variable-length strings are strings. */
static hi5_class
diff_class(const hi5_type *t)
{
    return t->cls == HI5_VLEN && t->is_vlen_string ? HI5_STRING : t->cls;
}

static bool
diff_same_dims(const hi5_shape *a, const hi5_shape *b, bool max)
{
    for (unsigned i = 0; i < a->rank; i++)
        if (max ? a->max[i] != b->max[i] : a->dims[i] != b->dims[i])
            return false;
    return true;
}

static bool
diff_can_shape(struct diff_run *r, const struct diff_form *f, const hi5_type *t0,
               const hi5_type *t1, bool member)
{
    const hi5_shape *const a = f->shape[0], *const b = f->shape[1];

    if (a->rank != b->rank || !diff_same_dims(a, b, false)) {
        diff_say(r, HI5_DIFF_INCOMPARABLE,
                 a->rank != b->rank ? HI5_DIFF_RANKS : HI5_DIFF_SHAPES, f, t0, t1,
                 member);
        return false;
    }
    /* Attributes cannot grow: their maximum says nothing. */
    if (r->attribute == NULL && !diff_same_dims(a, b, true))
        diff_say(r, HI5_DIFF_NOTE, HI5_DIFF_MAXIMA, f, t0, t1, member);
    return true;
}

static bool diff_can_type(struct diff_run *r, const struct diff_form *f,
                          const hi5_type *t0, const hi5_type *t1, bool member);

/* What arrays and sequences consist of. Notes about it have been made with these. */
static bool
diff_can_base(struct diff_run *r, const struct diff_form *f, const hi5_type *t0,
              const hi5_type *t1)
{
    if (diff_class(t0) != diff_class(t1)) {
        diff_say(r, HI5_DIFF_INCOMPARABLE, HI5_DIFF_CLASSES, f, t0, t1, true);
        return false;
    }
    return hi5_type_equal(t0, t1) || t0->cls == HI5_INTEGER || t0->cls == HI5_FLOAT ||
           diff_can_type(r, f, t0, t1, true);
}

static bool
diff_can_type(struct diff_run *r, const struct diff_form *f, const hi5_type *t0,
              const hi5_type *t1, bool member)
{
    const hi5_class c = diff_class(t0);

    if (c != diff_class(t1) || c == HI5_TIME) {
        diff_say(r, HI5_DIFF_INCOMPARABLE,
                 c == HI5_TIME && diff_class(t1) == c ? HI5_DIFF_TIMES
                                                      : HI5_DIFF_CLASSES,
                 f, t0, t1, member);
        return false;
    }
    if (!hi5_type_equal(t0, t1))
        diff_say(r, HI5_DIFF_NOTE, HI5_DIFF_TYPES, f, t0, t1, member);
    if (!diff_can_shape(r, f, t0, t1, member))
        return false;
    if (c == HI5_STRING && t0->cls != t1->cls) {
        diff_say(r, HI5_DIFF_INCOMPARABLE, HI5_DIFF_STRINGS, f, t0, t1, member);
        return false;
    }
    if (c == HI5_ARRAY && type_array_count(t0) != type_array_count(t1)) {
        diff_say(r, HI5_DIFF_INCOMPARABLE, HI5_DIFF_ARRAYS, f, t0, t1, member);
        return false;
    }
    if (c == HI5_ARRAY || c == HI5_VLEN || c == HI5_COMPLEX)
        return diff_can_base(r, f, t0->base, t1->base);
    if (c != HI5_COMPOUND)
        return true;
    if (t0->members != t1->members) {
        diff_say(r, HI5_DIFF_INCOMPARABLE, HI5_DIFF_MEMBERS, f, t0, t1, member);
        return false;
    }
    for (uint32_t i = 0; i < t0->members; i++)
        if (!diff_can_type(r, f, t0->member[i].type, t1->member[i].type, true))
            return false;
    return true;
}

/* The integers that a type is made of, or NULL. */
static const hi5_type *
diff_integer_of(const hi5_type *t)
{
    while (t->cls == HI5_ENUM || t->cls == HI5_ARRAY ||
           (t->cls == HI5_VLEN && !t->is_vlen_string))
        t = t->base;
    return t->cls == HI5_INTEGER ? t : NULL;
}

HI5_INT bool
diff_can(struct diff_run *r, const struct diff_form *f, bool signs)
{
    const hi5_type *const t0 = f->type[0], *const t1 = f->type[1];
    const hi5_type *const i0 = diff_integer_of(t0), *const i1 = diff_integer_of(t1);

    if (!diff_can_type(r, f, t0, t1, false))
        return false;
    if (signs && i0 != NULL && i1 != NULL && i0->is_signed != i1->is_signed) {
        diff_say(r, HI5_DIFF_INCOMPARABLE, HI5_DIFF_SIGNS, f, i0, i1, false);
        return false;
    }
    return true;
}

HI5_INT hi5_status
diff_memory(const struct diff_form *f, hi5_type **out, hi5_error *err)
{
    out[0] = out[1] = NULL;
    for (unsigned i = 0; i < 2; i++) {
        const hi5_status s = hi5_type_native(f->type[i], &out[i], err);
        if (s != HI5_OK) {
            hi5_type_free(out[0]);
            out[0] = NULL;
            return s;
        }
    }
    if (out[0]->size != out[1]->size) {
        const unsigned less = out[0]->size < out[1]->size ? 0 : 1;

        hi5_type_free(out[less]);
        out[less] = NULL;
        const hi5_status s = hi5_type_native(f->type[1 - less], &out[less], err);
        if (s != HI5_OK) {
            hi5_type_free(out[1 - less]);
            out[1 - less] = NULL;
            return s;
        }
    }
    return HI5_OK;
}
