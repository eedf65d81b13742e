/*
 * types.c - random types and values, and whether two values are equal
 */
#include "roundtrip.h"
#include <stdlib.h>
#include <string.h>

const struct rt_ref *rt_refs[RT_REFS];
unsigned rt_nrefs;
static const struct rt_ref *types_refs; /* all there ever were, the newest first */

#define TYPES_MOST 4096
static hi5_compat types_compat;
static bool types_references;
static hi5_type *types_made[TYPES_MOST];
static unsigned types_n;

void
rt_types_drop(void)
{
    while (types_n > 0)
        hi5_type_free(types_made[--types_n]);
    types_refs = NULL;
}

void
rt_types_for(hi5_compat compat, bool references)
{
    types_compat = compat;
    types_references = references;
}

void
rt_ref_add(const struct rt_ref *r)
{
    struct rt_ref *const kept = rt_copy(r, sizeof *r);

    kept->older = types_refs;
    types_refs = kept;
    rt_refs[rt_nrefs < RT_REFS ? rt_nrefs++ : rt_random(RT_REFS)] = kept;
}

static struct rt_type *
types_new(enum rt_kind kind)
{
    struct rt_type *const t = rt_keep(sizeof *t);

    t->kind = kind;
    return t;
}

/* A type that could not be built, or one too many, ends the program. */
static const struct rt_type *
types_done(struct rt_type *t, hi5_status s, const hi5_error *err)
{
    if (s != HI5_OK || types_n == TYPES_MOST) {
        rt_bad("a type of kind %d: %s", t->kind, err->message);
        exit(1);
    }
    types_made[types_n++] = t->hi5;
    t->size = hi5_type_size(t->hi5);
    if (t->h5_size == 0)
        t->h5_size = t->size;
    return t;
}

static const struct rt_type *
types_integer(enum rt_kind kind)
{
    struct rt_type *const t = types_new(kind);
    hi5_type_info i = {.cls = kind == RT_BITFIELD ? HI5_BITFIELD : HI5_INTEGER};
    hi5_error err;

    i.size = (size_t)1 << rt_random(4);
    i.precision = 8 * (unsigned)i.size;
    t->be = rt_random(2);
    t->is_signed = kind == RT_INTEGER && rt_random(2);
    i.order = t->be ? HI5_BE : HI5_LE;
    i.is_signed = t->is_signed;
    return types_done(t, hi5_type_number(&i, &t->hi5, &err), &err);
}

static const struct rt_type *
types_float(void)
{
    static const hi5_type *const of[] = {HI5_F16, HI5_BF16, HI5_F32, HI5_F64};
    struct rt_type *const t = types_new(RT_FLOAT);
    hi5_type_info i;
    hi5_error err;

    hi5_type_get_info(of[rt_random(4)], &i);
    t->be = rt_random(2);
    t->exp_size = i.exp_size;
    i.order = t->be ? HI5_BE : HI5_LE;
    return types_done(t, hi5_type_number(&i, &t->hi5, &err), &err);
}

static const struct rt_type *
types_string(void)
{
    struct rt_type *const t = types_new(RT_STRING);
    hi5_error err;

    t->pad = (hi5_string_pad)rt_random(3);
    t->charset = (hi5_charset)rt_random(2);
    return types_done(t, hi5_type_string(1 + (size_t)rt_random(20), t->pad, t->charset,
                                         &t->hi5, &err), &err);
}

static const struct rt_type *
types_enum(void)
{
    static const char *const name[] = {"red", "green", "blue", "with a long name"};
    static const int32_t value[] = {0, 3, 6, 9};
    struct rt_type *const t = types_new(RT_ENUM);
    hi5_error err;

    if (rt_random(3) == 0) {
        t->n = 2; /* booleans: 0 and 1 in 8 bits */
        return types_done(t, hi5_type_bool(&t->hi5, &err), &err);
    }
    t->n = 1 + (unsigned)rt_random(4);
    return types_done(t, hi5_type_enum(HI5_I32, t->n, name, value, &t->hi5, &err), &err);
}

static const struct rt_type *
types_compound(unsigned deep)
{
    struct rt_type *const t = types_new(RT_COMPOUND);
    hi5_member m[RT_MEMBERS];
    size_t size = 0, h5_size = 0;
    hi5_error err;

    t->n = 1 + (unsigned)rt_random(RT_MEMBERS);
    for (unsigned i = 0; i < t->n; i++) {
        struct rt_member *const to = &t->member[i];
        const size_t align = rt_random(2) ? 8 : 1;

        to->name[0] = (char)('a' + i);
        memcpy(to->name + 1, "name", (size_t)rt_random(5));
        to->type = rt_type_random(deep + 1);
        t->moves |= to->type->moves;
        to->offset = (size + align - 1) / align * align;
        if (to->type->moves) /* hi5_vlen and hi5_reference are aligned */
            to->offset = (to->offset + 7) / 8 * 8;
        size = to->offset + to->type->size;
        to->h5_offset = (h5_size + 7) / 8 * 8;
        h5_size = to->h5_offset + to->type->h5_size;
        m[i] = (hi5_member){to->name, to->offset, to->type->hi5};
    }
    size += (size_t)rt_random(3);
    if (t->moves) {
        size = (size + 7) / 8 * 8;
        t->h5_size = (h5_size + 7) / 8 * 8;
    }
    for (unsigned i = 0; i < t->n && !t->moves; i++)
        t->member[i].h5_offset = t->member[i].offset;
    return types_done(t, hi5_type_compound(size, m, t->n, &t->hi5, &err), &err);
}

/* The class is of 2.0; before, there were pairs. */
static const struct rt_type *
types_complex(void)
{
    const struct rt_type *base = types_float();
    const bool pair = types_compat < HI5_COMPAT_V200 || rt_random(2);
    struct rt_type *const t = types_new(pair ? RT_COMPOUND : RT_COMPLEX);
    hi5_error err;

    t->base = base;
    if (!pair)
        return types_done(t, hi5_type_complex(base->hi5, &t->hi5, &err), &err);
    t->n = 2;
    t->member[0] = (struct rt_member){"r", 0, 0, base};
    t->member[1] = (struct rt_member){"i", base->size, base->size, base};
    return types_done(t, hi5_type_complex_pair(base->hi5, &t->hi5, &err), &err);
}

static const struct rt_type *
types_reference(void)
{
    struct rt_type *const t = types_new(RT_REFERENCE);
    const bool old = types_compat < HI5_COMPAT_V112;
    hi5_error err;

    t->moves = true;
    t->ref_kind = rt_random(2) ? HI5_REF_OBJECT : old ? HI5_REF_REGION : HI5_REF_OBJECT2;
    t->h5_size = t->ref_kind == HI5_REF_OBJECT ? 8 : t->ref_kind == HI5_REF_REGION ? 12 : 64;
    return types_done(t, old && t->ref_kind == HI5_REF_OBJECT
                             ? hi5_type_copy(HI5_REF, &t->hi5, &err)
                             : hi5_type_reference(t->ref_kind, &t->hi5, &err), &err);
}

static const struct rt_type *
types_of_base(enum rt_kind kind, unsigned deep)
{
    struct rt_type *const t = types_new(kind);
    hi5_error err;

    t->base = rt_type_random(deep + 1);
    if (kind == RT_VLEN) {
        t->moves = true;
        t->h5_size = sizeof(hi5_vlen); /* hvl_t is the same */
        return types_done(t, hi5_type_vlen(t->base->hi5, &t->hi5, &err), &err);
    }
    t->moves = t->base->moves;
    t->rank = 1 + (unsigned)rt_random(2);
    t->h5_size = t->base->h5_size;
    for (unsigned i = 0; i < t->rank; i++) {
        t->dims[i] = 1 + (uint32_t)rt_random(3);
        t->h5_size *= t->dims[i];
    }
    return types_done(t, hi5_type_array(t->base->hi5, t->rank, t->dims, &t->hi5, &err),
                      &err);
}

const struct rt_type *
rt_type_random(unsigned deep)
{
    static const char tag[][24] = {"", "tag", "eight ch", "a somewhat longer tag"};
    struct rt_type *t;
    hi5_error err;

    switch (rt_random(deep >= 2 ? 8 : types_references ? 14 : 13)) {
    case 0:
        return types_float();
    case 1:
        return types_string();
    case 2:
        return types_enum();
    case 3:
        return types_integer(RT_BITFIELD);
    case 4:
        t = types_new(RT_OPAQUE);
        return types_done(t, hi5_type_opaque(1 + (size_t)rt_random(9), tag[rt_random(4)],
                                             &t->hi5, &err), &err);
    case 8:
        return types_compound(deep);
    case 9:
        return types_of_base(RT_ARRAY, deep);
    case 10:
        return types_of_base(RT_VLEN, deep);
    case 11:
        t = types_new(RT_VLEN_STRING);
        t->moves = true;
        t->charset = (hi5_charset)rt_random(2);
        return types_done(t, hi5_type_vlen_string(HI5_NULL_TERMINATED, t->charset, &t->hi5,
                                                  &err), &err);
    case 12:
        return types_complex();
    case 13:
        return types_reference();
    default:
        return types_integer(RT_INTEGER);
    }
}

/* ---- values ---- */

void
rt_number(const struct rt_type *t, int64_t value, unsigned char *v)
{
    uint64_t bits = (uint64_t)value;

    if (t->kind == RT_FLOAT && t->size == 4) {
        const float f = (float)value;
        uint32_t w;
        memcpy(&w, &f, sizeof w);
        bits = w;
    } else if (t->kind == RT_FLOAT) {
        const double f = (double)value;
        memcpy(&bits, &f, sizeof bits);
    }
    for (size_t i = 0; i < t->size; i++)
        v[t->be ? t->size - 1 - i : i] = (unsigned char)(bits >> (8 * i));
}

static void
types_random_bytes(unsigned char *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (unsigned char)rt_random(256);
}

static void
types_string_value(const struct rt_type *t, unsigned char *v)
{
    const size_t room = t->pad == HI5_NULL_TERMINATED ? t->size - 1 : t->size;
    const size_t n = (size_t)rt_random(room + 1);

    memset(v, t->pad == HI5_SPACE_PADDED ? ' ' : 0, t->size);
    for (size_t i = 0; i < n; i++)
        v[i] = (unsigned char)('a' + rt_random(26));
}

static void
types_vlen_value(const struct rt_type *t, unsigned char *v)
{
    size_t n = (size_t)rt_random(5);
    hi5_vlen s;

    if (rt_random(30) == 0)
        n = (size_t)rt_random(3000 / t->base->size); /* nearly a collection of its own */
    s = (hi5_vlen){n, n != 0 ? rt_keep(n * t->base->size) : NULL};
    for (size_t i = 0; i < n; i++)
        rt_value_random(t->base, (unsigned char *)s.p + i * t->base->size);
    memcpy(v, &s, sizeof s);
}

/* Null, or one that the type can hold. */
static void
types_reference_value(const struct rt_type *t, unsigned char *v)
{
    const struct rt_ref *r;

    memset(v, 0, t->size);
    if (rt_nrefs == 0 || rt_random(5) == 0)
        return;
    r = rt_refs[rt_random(rt_nrefs)];
    if (r->kind == t->ref_kind || t->ref_kind == HI5_REF_OBJECT2)
        memcpy(v, &r->made, sizeof r->made);
}

void
rt_value_random(const struct rt_type *t, unsigned char *v)
{
    char *text;
    size_t n;

    switch (t->kind) {
    case RT_ENUM:
        n = (size_t)rt_random(t->n);
        memset(v, 0, t->size);
        v[0] = (unsigned char)(t->size == 1 ? n : 3 * n);
        return;
    case RT_STRING:
        types_string_value(t, v);
        return;
    case RT_COMPOUND:
        for (unsigned i = 0; i < t->n; i++)
            rt_value_random(t->member[i].type, v + t->member[i].offset);
        return;
    case RT_ARRAY:
        for (size_t i = 0; i < t->size / t->base->size; i++)
            rt_value_random(t->base, v + i * t->base->size);
        return;
    case RT_VLEN:
        types_vlen_value(t, v);
        return;
    case RT_VLEN_STRING:
        n = (size_t)rt_random(rt_random(20) == 0 ? 5000 : 12);
        text = rt_keep(n + 1);
        for (size_t i = 0; i < n; i++)
            text[i] = (char)('A' + rt_random(26));
        memcpy(v, &text, sizeof text);
        return;
    case RT_REFERENCE:
        types_reference_value(t, v);
        return;
    default:
        types_random_bytes(v, t->size);
    }
}

/* ---- comparison ---- */

/* What the bytes of a reference, as hi5 made it, refer to. */
static const struct rt_ref *
types_ref(const unsigned char *v)
{
    static const hi5_reference null;
    const struct rt_ref *r = types_refs;

    if (memcmp(v, &null, sizeof null) == 0)
        return NULL;
    while (memcmp(v, &r->made, sizeof null) != 0)
        r = r->older;
    return r;
}

static bool
types_same_vlen(const struct rt_compare *c, const struct rt_type *t, const unsigned char *a,
                const unsigned char *b)
{
    const size_t size = c->b_is_h5 ? t->base->h5_size : t->base->size;
    hi5_vlen x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y); /* hvl_t is the same */
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++)
        if (!rt_same(c, t->base, (const unsigned char *)x.p + i * t->base->size,
                     (const unsigned char *)y.p + i * size))
            return false;
    return true;
}

bool
rt_same(const struct rt_compare *c, const struct rt_type *t, const unsigned char *a,
        const unsigned char *b)
{
    const char *x, *y;
    size_t size;

    switch (t->kind) {
    case RT_COMPOUND:
        for (unsigned i = 0; i < t->n; i++) {
            const struct rt_member *const m = &t->member[i];
            if (!rt_same(c, m->type, a + m->offset,
                         b + (c->b_is_h5 ? m->h5_offset : m->offset)))
                return false;
        }
        return true;
    case RT_ARRAY:
        size = c->b_is_h5 ? t->base->h5_size : t->base->size;
        for (size_t i = 0; i < t->size / t->base->size; i++)
            if (!rt_same(c, t->base, a + i * t->base->size, b + i * size))
                return false;
        return true;
    case RT_VLEN:
        return types_same_vlen(c, t, a, b);
    case RT_VLEN_STRING: /* a file does not tell an empty string from none */
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return strcmp(x != NULL ? x : "", y != NULL ? y : "") == 0;
    case RT_REFERENCE:
        return c->reference(c->ctx, t, types_ref(a), b);
    default:
        return memcmp(a, b, t->size) == 0;
    }
}
