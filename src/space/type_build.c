/*
 * type_build.c - making datatypes: copies, memory forms, and the caller's own
 *
 * A type that a caller gets to own carries an arena, and the memory account of that
 * arena, in one block: type->owned is the first member of a struct type_owner.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "space/conv_num.h"
#include "space/type.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* ---- ownership ---- */

struct type_owner {
    struct arena arena; /* first: hi5_type.owned points here */
    struct mem mem;
};

static struct arena *
type_owner_create(void)
{
    struct mem m;
    struct type_owner *o;

    mem_init_libc(&m);
    o = mem_alloc(&m, sizeof *o);
    if (o != NULL) {
        mem_init_libc(&o->mem);
        arena_init(&o->arena, &o->mem);
    }
    mem_done(&m);
    return o != NULL ? &o->arena : NULL;
}

static void
type_owner_destroy(struct arena *a)
{
    struct type_owner *o = (struct type_owner *)(void *)a;
    struct mem m;

    arena_done(&o->arena);
    mem_done(&o->mem);
    mem_init_libc(&m);
    m.used = sizeof *o; /* as when it was made */
    mem_free(&m, o, sizeof *o);
    mem_done(&m);
}

void
hi5_type_free(hi5_type *t)
{
    if (t != NULL && t->owned != NULL)
        type_owner_destroy(t->owned);
}

/* Hand a type out that has been built in its own arena; t NULL: it has not. */
static hi5_status
type_hand_out(struct arena *a, hi5_type *t, hi5_type **out, hi5_error *err)
{
    if (t == NULL) {
        type_owner_destroy(a);
        return err_nomem(err);
    }
    t->owned = a;
    t->committed = HI5_NO_ADDRESS;
    *out = t;
    return HI5_OK;
}

/* ---- copying ---- */

static bool
type_copy_members(struct arena *a, const hi5_type *t, hi5_type *c)
{
    hi5_member *m = arena_zalloc(a, t->members, sizeof *m);

    if (m == NULL)
        return false;
    c->member = m;
    for (uint32_t i = 0; i < t->members; i++) {
        m[i].offset = t->member[i].offset;
        m[i].name = arena_str(a, t->member[i].name, strlen(t->member[i].name));
        m[i].type = type_copy_into(a, t->member[i].type);
        if (m[i].name == NULL || m[i].type == NULL)
            return false;
    }
    return true;
}

static bool
type_copy_names(struct arena *a, const hi5_type *t, hi5_type *c)
{
    const char **name = arena_zalloc(a, t->members, sizeof *name);

    if (name == NULL)
        return false;
    for (uint32_t i = 0; i < t->members; i++) {
        name[i] = arena_str(a, t->names[i], strlen(t->names[i]));
        if (name[i] == NULL)
            return false;
    }
    c->names = name;
    return true;
}

/* The type itself and its own arrays, but neither base nor members. */
static hi5_type *
type_copy_top(struct arena *a, const hi5_type *t)
{
    hi5_type *c = arena_copy(a, t, sizeof *t);

    if (c == NULL)
        return NULL;
    c->owned = NULL;
    if (t->tag != NULL) {
        c->tag = arena_str(a, t->tag, strlen(t->tag));
        if (c->tag == NULL)
            return NULL;
    }
    if (t->dims != NULL) {
        c->dims = arena_copy(a, t->dims, t->rank * sizeof *t->dims);
        if (c->dims == NULL)
            return NULL;
    }
    return c;
}

HI5_INT hi5_type *
type_copy_into(struct arena *a, const hi5_type *t)
{
    hi5_type *c = type_copy_top(a, t);

    if (c == NULL)
        return NULL;
    if (t->base != NULL) {
        c->base = type_copy_into(a, t->base);
        if (c->base == NULL)
            return NULL;
    }
    if (t->cls == HI5_COMPOUND && !type_copy_members(a, t, c))
        return NULL;
    if (t->cls == HI5_ENUM) {
        if (!type_copy_names(a, t, c))
            return NULL;
        c->values = arena_copy(a, t->values, (size_t)t->members * t->base->size);
        if (c->values == NULL)
            return NULL;
    }
    return c;
}

hi5_status
hi5_type_copy(const hi5_type *t, hi5_type **out, hi5_error *err)
{
    struct arena *a;

    *out = NULL;
    a = type_owner_create();
    if (a == NULL)
        return err_nomem(err);
    return type_hand_out(a, type_copy_into(a, t), out, err);
}

/* ---- memory and native forms ---- */

struct type_form {
    struct arena *arena;
    bool native;
    bool too_big; /* why there is no result: not for want of memory */
};

static hi5_type *type_form_of(struct type_form *f, const hi5_type *t);

static hi5_type *
type_native_bits(struct type_form *f, const hi5_type *t)
{
    static const hi5_type *const u[] = {HI5_U8, HI5_U16, HI5_U32, HI5_U64};
    static const hi5_type *const i[] = {HI5_I8, HI5_I16, HI5_I32, HI5_I64};
    const unsigned p = t->precision;
    const unsigned k = p <= 8 ? 0 : p <= 16 ? 1 : p <= 32 ? 2 : 3;
    const bool sign = t->cls == HI5_INTEGER && t->is_signed;
    hi5_type *c = type_copy_top(f->arena, sign ? i[k] : u[k]);

    if (c != NULL)
        c->cls = t->cls;
    return c;
}

#if LDBL_MANT_DIG == 64 && LDBL_MAX_EXP == 16384
/* x87: 80 bits, whose leading bit is stored, in 12 or 16 bytes */
#define TYPE_LDOUBLE_BITS 80
#define TYPE_LDOUBLE_MANTISSA 64
#define TYPE_LDOUBLE_NORM HI5_NORM_NONE
#elif LDBL_MANT_DIG == 113 && LDBL_MAX_EXP == 16384
#define TYPE_LDOUBLE_BITS 128
#define TYPE_LDOUBLE_MANTISSA 112
#define TYPE_LDOUBLE_NORM HI5_NORM_IMPLIED
#endif

static hi5_type *
type_native_float(struct type_form *f, const hi5_type *t)
{
    /* TYPE-34: of the floats that half has room for, bfloat16 does not fit into it. */
    const bool fits_half = t->size <= 2 && t->exp_size <= 5 && t->man_size <= 10;
    hi5_type *c = type_copy_top(f->arena, fits_half      ? HI5_F16
                                          : t->size <= 4 ? HI5_F32
                                                         : HI5_F64);
#ifdef TYPE_LDOUBLE_BITS
    if (c != NULL && t->size > 8) {
        c->size = sizeof(long double);
        c->precision = TYPE_LDOUBLE_BITS;
        c->sign_pos = TYPE_LDOUBLE_BITS - 1;
        c->exp_pos = TYPE_LDOUBLE_MANTISSA;
        c->exp_size = 15;
        c->man_pos = 0;
        c->man_size = TYPE_LDOUBLE_MANTISSA;
        c->exp_bias = 16383;
        c->norm = TYPE_LDOUBLE_NORM;
    }
#endif
    return c;
}

/* Members one after the other, each aligned as in C. */
static hi5_type *
type_form_compound(struct type_form *f, const hi5_type *t)
{
    hi5_type *c = type_copy_top(f->arena, t);
    hi5_member *m = arena_zalloc(f->arena, t->members, sizeof *m);
    size_t end = 0, most = 1;

    if (c == NULL || m == NULL)
        return NULL;
    for (uint32_t i = 0; i < t->members; i++) {
        size_t align;

        m[i].name = arena_str(f->arena, t->member[i].name, strlen(t->member[i].name));
        m[i].type = type_form_of(f, t->member[i].type);
        if (m[i].name == NULL || m[i].type == NULL)
            return NULL;
        align = type_align(m[i].type);
        if (align > most)
            most = align;
        if (m[i].type->size > SIZE_MAX - end - 2 * most) {
            f->too_big = true;
            return NULL;
        }
        m[i].offset = (end + align - 1) / align * align;
        end = m[i].offset + m[i].type->size;
    }
    c->member = m;
    c->size = (end + most - 1) / most * most;
    return c;
}

/* Native values for the names; ones that the base cannot hold do not occur, as the
 * native base is no smaller. */
static hi5_type *
type_form_enum(struct type_form *f, const hi5_type *t)
{
    hi5_type *c;
    uint8_t *values;

    if (!conv_num_can(t->base))
        return type_copy_into(f->arena, t);
    c = type_copy_top(f->arena, t);
    if (c == NULL || !type_copy_names(f->arena, t, c))
        return NULL;
    c->base = type_form_of(f, t->base);
    if (c->base == NULL)
        return NULL;
    c->size = c->base->size;
    values = arena_zalloc(f->arena, t->members, c->base->size);
    if (values == NULL)
        return NULL;
    for (uint32_t i = 0; i < t->members; i++) {
        struct num v;
        conv_num_get(t->base, t->values + (size_t)i * t->base->size, &v);
        conv_num_put(c->base, &v, values + (size_t)i * c->base->size);
    }
    c->values = values;
    return c;
}

static hi5_type *
type_form_repeat(struct type_form *f, const hi5_type *t, size_t count)
{
    hi5_type *c = type_copy_top(f->arena, t);

    if (c == NULL)
        return NULL;
    c->base = type_form_of(f, t->base);
    if (c->base == NULL)
        return NULL;
    if (count == 0 || !ckd_mul_size(c->base->size, count, &c->size)) {
        f->too_big = true;
        return NULL;
    }
    return c;
}

static hi5_type *
type_form_vlen(struct type_form *f, const hi5_type *t)
{
    hi5_type *c = type_copy_top(f->arena, t);

    if (c == NULL)
        return NULL;
    c->base = type_form_of(f, t->base);
    c->in_memory = true;
    c->size = t->is_vlen_string ? sizeof(char *) : sizeof(hi5_vlen);
    return c->base != NULL ? c : NULL;
}

static hi5_type *
type_form_reference(struct type_form *f, const hi5_type *t)
{
    hi5_type *c = type_copy_top(f->arena, t);

    if (c != NULL) {
        c->in_memory = true;
        c->size = sizeof(hi5_reference);
    }
    return c;
}

static hi5_type *
type_form_of(struct type_form *f, const hi5_type *t)
{
    if (!f->native && !t->has_vlen && !t->has_ref)
        return type_copy_into(f->arena, t);
    switch (t->cls) {
    case HI5_INTEGER:
    case HI5_BITFIELD:
        return type_native_bits(f, t);
    case HI5_FLOAT:
        return type_native_float(f, t);
    case HI5_COMPOUND:
        return type_form_compound(f, t);
    case HI5_REFERENCE:
        return type_form_reference(f, t);
    case HI5_ENUM:
        return type_form_enum(f, t);
    case HI5_VLEN:
        return type_form_vlen(f, t);
    case HI5_ARRAY:
        return type_form_repeat(f, t, type_array_count(t));
    case HI5_COMPLEX:
        return type_form_repeat(f, t, 2);
    case HI5_TIME:
    case HI5_STRING:
    case HI5_OPAQUE:
        break;
    }
    return type_copy_into(f->arena, t);
}

static hi5_status
type_make_form(const hi5_type *t, bool native, hi5_type **out, hi5_error *err)
{
    struct type_form f = {.native = native};
    hi5_type *made;

    *out = NULL;
    f.arena = type_owner_create();
    if (f.arena == NULL)
        return err_nomem(err);
    made = type_form_of(&f, t);
    if (made == NULL && f.too_big) {
        type_owner_destroy(f.arena);
        return err_plain(err, HI5_E_LIMIT, "elements would be too large for memory");
    }
    return type_hand_out(f.arena, made, out, err);
}

hi5_status
hi5_type_memory(const hi5_type *t, hi5_type **out, hi5_error *err)
{
    return type_make_form(t, false, out, err);
}

hi5_status
hi5_type_native(const hi5_type *t, hi5_type **out, hi5_error *err)
{
    return type_make_form(t, true, out, err);
}

/* ---- the caller's own ---- */

/* A copy of a temporary description, made in an arena of its own. */
HI5_INT hi5_status
type_publish(hi5_type *sketch, hi5_type **out, hi5_error *err)
{
    sketch->committed = HI5_NO_ADDRESS;
    return hi5_type_copy(sketch, out, err);
}

hi5_status
hi5_type_string(size_t size, hi5_string_pad pad, hi5_charset charset, hi5_type **out,
                hi5_error *err)
{
    hi5_type t = {
        .cls = HI5_STRING, .size = size, .string_pad = pad, .charset = charset};

    *out = NULL;
    if (size == 0)
        return err_plain(err, HI5_E_ARG, "a string type of size 0"); /* TYPE-32 */
    if (pad < HI5_NULL_TERMINATED || pad > HI5_SPACE_PADDED)
        return err_plain(err, HI5_E_ARG, "no such string padding: %d", (int)pad);
    if (charset != HI5_ASCII && charset != HI5_UTF8)
        return err_plain(err, HI5_E_ARG, "no such character set: %d", (int)charset);
    return type_publish(&t, out, err);
}

hi5_status
hi5_type_opaque(size_t size, const char *tag, hi5_type **out, hi5_error *err)
{
    hi5_type t = {.cls = HI5_OPAQUE, .size = size, .tag = tag != NULL ? tag : ""};

    *out = NULL;
    if (size == 0)
        return err_plain(err, HI5_E_ARG, "an opaque type of size 0");
    return type_publish(&t, out, err);
}

hi5_status
hi5_type_vlen(const hi5_type *base, hi5_type **out, hi5_error *err)
{
    hi5_type t = {.cls = HI5_VLEN,
                  .size = sizeof(hi5_vlen),
                  .in_memory = true,
                  .has_vlen = true,
                  .has_ref = base->has_ref,
                  .base = base};

    *out = NULL;
    return type_publish(&t, out, err);
}

hi5_status
hi5_type_array(const hi5_type *base, unsigned rank, const uint32_t *dims,
               hi5_type **out, hi5_error *err)
{
    hi5_type t = {.cls = HI5_ARRAY,
                  .has_vlen = base->has_vlen,
                  .has_ref = base->has_ref,
                  .base = base,
                  .rank = rank,
                  .dims = dims};

    *out = NULL;
    if (rank == 0 || rank > HI5_MAX_RANK)
        return err_plain(err, HI5_E_ARG, "an array type of rank %u", rank);
    for (unsigned i = 0; i < rank; i++)
        if (dims[i] == 0)
            return err_plain(err, HI5_E_ARG, "dimension %u of an array type is 0", i);
    if (type_array_count(&t) == 0 ||
        !ckd_mul_size(type_array_count(&t), base->size, &t.size))
        return err_plain(err, HI5_E_ARG, "an array type too large for memory");
    return type_publish(&t, out, err);
}

static int
type_by_name(const void *a, const void *b)
{
    const hi5_member *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int
type_by_offset(const void *a, const void *b)
{
    const hi5_member *const *x = a, *const *y = b;

    return (*x)->offset < (*y)->offset ? -1 : (*x)->offset > (*y)->offset;
}

/* Each inside the compound, none over another, no name twice. `sorted` is scratch. */
static hi5_status
type_check_members(const hi5_type *t, const hi5_member **sorted, hi5_error *err)
{
    const uint32_t n = t->members;

    for (uint32_t i = 0; i < n; i++) {
        const hi5_member *m = sorted[i] = &t->member[i];
        if (m->name == NULL || m->name[0] == '\0' || m->type == NULL)
            return err_plain(err, HI5_E_ARG, "member %u lacks a name or type",
                             (unsigned)i);
        if (!ckd_inside(m->offset, m->type->size, t->size))
            return err_plain(err, HI5_E_ARG, "member %s ends outside of its compound",
                             m->name);
    }
    qsort(sorted, n, sizeof *sorted, type_by_name);
    for (uint32_t i = 1; i < n; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            return err_plain(err, HI5_E_ARG, "two members are named %s",
                             sorted[i]->name);
    qsort(sorted, n, sizeof *sorted, type_by_offset);
    for (uint32_t i = 1; i < n; i++)
        if (sorted[i]->offset - sorted[i - 1]->offset < sorted[i - 1]->type->size)
            return err_plain(err, HI5_E_ARG, "members %s and %s overlap",
                             sorted[i - 1]->name, sorted[i]->name);
    return HI5_OK;
}

hi5_status
hi5_type_compound(size_t size, const hi5_member *members, unsigned n, hi5_type **out,
                  hi5_error *err)
{
    hi5_type t = {.cls = HI5_COMPOUND, .size = size, .members = n, .member = members};
    const hi5_member **sorted;
    struct mem m;
    hi5_status s;

    *out = NULL;
    if (n == 0)
        return err_plain(err, HI5_E_ARG, "a compound type without members");
    mem_init_libc(&m);
    sorted = mem_zalloc(&m, n, sizeof *sorted);
    s = sorted != NULL ? type_check_members(&t, sorted, err) : err_nomem(err);
    mem_free(&m, sorted, n * sizeof *sorted);
    mem_done(&m);
    if (s != HI5_OK)
        return s;
    for (unsigned i = 0; i < n; i++) {
        t.has_vlen |= members[i].type->has_vlen;
        t.has_ref |= members[i].type->has_ref;
    }
    return type_publish(&t, out, err);
}
