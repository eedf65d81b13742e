/*
 * type.c - looking at datatypes                                    [FMT IV.A.2.d]
 *
 * The predefined types, what a type says about itself, and when two types are the same.
 */
#include "space/type.h"
#include "base/ckd.h"
#include <string.h>

/* ---- predefined types ---- */

#define TYPE_INTEGER(bytes, sign)                                                      \
    {                                                                                  \
        .cls = HI5_INTEGER, .size = (bytes), .committed = HI5_NO_ADDRESS,              \
        .order = TYPE_NATIVE_ORDER, .is_signed = (sign), .precision = 8 * (bytes)      \
    }

#define TYPE_FLOAT(bytes, exponent, mantissa, bias)                                    \
    {                                                                                  \
        .cls = HI5_FLOAT, .size = (bytes), .committed = HI5_NO_ADDRESS,                \
        .order = TYPE_NATIVE_ORDER, .precision = 8 * (bytes),                          \
        .sign_pos = (8 * (bytes)-1), .exp_pos = (mantissa), .exp_size = (exponent),    \
        .man_pos = 0, .man_size = (mantissa), .exp_bias = (bias),                      \
        .norm = HI5_NORM_IMPLIED                                                       \
    }

const hi5_type hi5_type_i8 = TYPE_INTEGER(1, true);
const hi5_type hi5_type_i16 = TYPE_INTEGER(2, true);
const hi5_type hi5_type_i32 = TYPE_INTEGER(4, true);
const hi5_type hi5_type_i64 = TYPE_INTEGER(8, true);
const hi5_type hi5_type_u8 = TYPE_INTEGER(1, false);
const hi5_type hi5_type_u16 = TYPE_INTEGER(2, false);
const hi5_type hi5_type_u32 = TYPE_INTEGER(4, false);
const hi5_type hi5_type_u64 = TYPE_INTEGER(8, false);
const hi5_type hi5_type_f16 = TYPE_FLOAT(2, 5, 10, 15);
const hi5_type hi5_type_f32 = TYPE_FLOAT(4, 8, 23, 127);
const hi5_type hi5_type_f64 = TYPE_FLOAT(8, 11, 52, 1023);
const hi5_type hi5_type_bf16 = TYPE_FLOAT(2, 8, 7, 127);

const hi5_type hi5_type_str = {
    .cls = HI5_VLEN,
    .in_memory = true,
    .has_vlen = true,
    .size = sizeof(char *),
    .committed = HI5_NO_ADDRESS,
    .string_pad = HI5_NULL_TERMINATED,
    .charset = HI5_UTF8,
    .is_vlen_string = true,
    .base = &hi5_type_u8,
};

/* Every kind of reference has the same memory form, and says itself which it is. */
const hi5_type hi5_type_ref = {
    .cls = HI5_REFERENCE,
    .in_memory = true,
    .has_ref = true,
    .size = sizeof(hi5_reference),
    .committed = HI5_NO_ADDRESS,
    .ref_kind = HI5_REF_OBJECT2,
    .ref_version = 1,
};

/* ---- what a type says ---- */

HI5_INT const char *
type_class_name(hi5_class cls)
{
    static const char *const name[] = {
        "integer",     "float",           "time",     "string",
        "bitfield",    "opaque",          "compound", "reference",
        "enumeration", "variable-length", "array",    "complex",
    };

    return (size_t)cls < sizeof name / sizeof *name ? name[cls] : "unknown class";
}

void
hi5_type_get_info(const hi5_type *t, hi5_type_info *info)
{
    *info = (hi5_type_info){
        .cls = t->cls,
        .version = t->version,
        .size = t->size,
        .in_memory = t->in_memory,
        .order = t->order,
        .is_signed = t->is_signed,
        .precision = t->precision,
        .offset = t->offset,
        .lsb_pad = t->lsb_pad,
        .msb_pad = t->msb_pad,
        .sign_pos = t->sign_pos,
        .exp_pos = t->exp_pos,
        .exp_size = t->exp_size,
        .man_pos = t->man_pos,
        .man_size = t->man_size,
        .exp_bias = t->exp_bias,
        .norm = t->norm,
        .inner_pad = t->inner_pad,
        .string_pad = t->string_pad,
        .charset = t->charset,
        .is_vlen_string = t->is_vlen_string,
        .tag = t->tag,
        .ref_kind = t->ref_kind,
        .members = t->members,
        .base = t->base,
        .rank = t->rank,
        .dims = t->dims,
    };
}

hi5_class
hi5_type_class(const hi5_type *t)
{
    return t->cls;
}

size_t
hi5_type_size(const hi5_type *t)
{
    return t->size;
}

bool
hi5_type_has_vlen(const hi5_type *t)
{
    return t->has_vlen;
}

bool
hi5_type_has_reference(const hi5_type *t)
{
    return t->has_ref;
}

uint64_t
hi5_type_committed(const hi5_type *t)
{
    return t->committed;
}

bool
hi5_type_member(const hi5_type *t, unsigned i, hi5_member *m)
{
    if (t->cls != HI5_COMPOUND || i >= t->members)
        return false;
    *m = t->member[i];
    return true;
}

bool
hi5_type_enum_member(const hi5_type *t, unsigned i, const char **name,
                     const void **value)
{
    if (t->cls != HI5_ENUM || i >= t->members)
        return false;
    *name = t->names[i];
    *value = t->values + (size_t)i * t->base->size;
    return true;
}

const char *
hi5_type_enum_name(const hi5_type *t, const void *value)
{
    if (t->cls != HI5_ENUM)
        return NULL;
    for (uint32_t i = 0; i < t->members; i++)
        if (memcmp(t->values + (size_t)i * t->base->size, value, t->base->size) == 0)
            return t->names[i];
    return NULL;
}

HI5_INT size_t
type_array_count(const hi5_type *t)
{
    size_t n = 1;

    for (uint32_t i = 0; i < t->rank; i++)
        if (!ckd_mul_size(n, t->dims[i], &n))
            return 0;
    return n;
}

HI5_INT size_t
type_file_size(hi5_class cls, hi5_ref_kind kind, unsigned off_w)
{
    if (cls == HI5_VLEN)
        return 4u + off_w + 4u; /* length, heap collection, index */
    if (cls != HI5_REFERENCE)
        return 0;
    switch (kind) {
    case HI5_REF_OBJECT:
        return off_w;
    case HI5_REF_REGION:
        return off_w + 4u;
    case HI5_REF_OBJECT2:
    case HI5_REF_REGION2:
    case HI5_REF_ATTRIBUTE:
        break;
    }
    return 1u + 1u + 4u + off_w + 4u; /* kind, flags, and what is in the heap */
}

static size_t
type_number_align(const hi5_type *t)
{
    if (t->cls == HI5_FLOAT && t->size > 8)
        return t->size == sizeof(long double) ? _Alignof(long double) : 1;
    switch (t->size) {
    case 2:
        return _Alignof(uint16_t);
    case 4:
        return t->cls == HI5_FLOAT ? _Alignof(float) : _Alignof(uint32_t);
    case 8:
        return t->cls == HI5_FLOAT ? _Alignof(double) : _Alignof(uint64_t);
    default:
        return 1;
    }
}

HI5_INT size_t
type_align(const hi5_type *t)
{
    size_t most = 1;

    switch (t->cls) {
    case HI5_INTEGER:
    case HI5_FLOAT:
    case HI5_BITFIELD:
        return type_number_align(t);
    case HI5_REFERENCE:
        return t->in_memory ? _Alignof(hi5_reference) : 1;
    case HI5_VLEN:
        if (!t->in_memory)
            return 1;
        return t->is_vlen_string ? _Alignof(char *) : _Alignof(hi5_vlen);
    case HI5_ENUM:
    case HI5_ARRAY:
    case HI5_COMPLEX:
        return type_align(t->base);
    case HI5_COMPOUND:
        break;
    case HI5_TIME:
    case HI5_STRING:
    case HI5_OPAQUE:
        return 1;
    }
    /* A packed compound is bytes; one laid out as C does is aligned as in C. */
    for (uint32_t i = 0; i < t->members; i++) {
        const size_t align = type_align(t->member[i].type);
        if (t->member[i].offset % align != 0)
            return 1;
        if (align > most)
            most = align;
    }
    return t->size % most == 0 ? most : 1;
}

/* ---- sameness ---- */

static bool
type_equal_number(const hi5_type *a, const hi5_type *b)
{
    return a->order == b->order && a->is_signed == b->is_signed &&
           a->offset == b->offset && a->precision == b->precision &&
           a->lsb_pad == b->lsb_pad && a->msb_pad == b->msb_pad;
}

static bool
type_equal_fields(const hi5_type *a, const hi5_type *b)
{
    return a->sign_pos == b->sign_pos && a->exp_pos == b->exp_pos &&
           a->exp_size == b->exp_size && a->man_pos == b->man_pos &&
           a->man_size == b->man_size && a->exp_bias == b->exp_bias &&
           a->norm == b->norm;
}

static bool
type_equal_dims(const hi5_type *a, const hi5_type *b)
{
    if (a->rank != b->rank)
        return false;
    for (uint32_t i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i])
            return false;
    return true;
}

static bool
type_equal_member(const hi5_member *a, const hi5_member *b)
{
    return a->offset == b->offset && strcmp(a->name, b->name) == 0 &&
           hi5_type_equal(a->type, b->type);
}

/* Members count by name, whatever their order; most often it is the same, so the search
 * for the next goes on where the last was found. */
static bool
type_equal_compound(const hi5_type *a, const hi5_type *b)
{
    uint32_t at = 0;

    if (a->members != b->members)
        return false;
    for (uint32_t i = 0; i < a->members; i++) {
        uint32_t tried = 0;
        while (tried < b->members &&
               strcmp(a->member[i].name, b->member[at].name) != 0) {
            at = at + 1 < b->members ? at + 1 : 0;
            tried++;
        }
        if (tried == b->members || !type_equal_member(&a->member[i], &b->member[at]))
            return false;
        at = at + 1 < b->members ? at + 1 : 0;
    }
    return true;
}

static bool
type_equal_enum(const hi5_type *a, const hi5_type *b)
{
    const size_t w = a->base->size;
    uint32_t at = 0;

    if (a->members != b->members || !hi5_type_equal(a->base, b->base))
        return false;
    for (uint32_t i = 0; i < a->members; i++) {
        uint32_t tried = 0;
        while (tried < b->members && strcmp(a->names[i], b->names[at]) != 0) {
            at = at + 1 < b->members ? at + 1 : 0;
            tried++;
        }
        if (tried == b->members ||
            memcmp(a->values + i * w, b->values + at * w, w) != 0)
            return false;
        at = at + 1 < b->members ? at + 1 : 0;
    }
    return true;
}

static bool
type_equal_tag(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

bool
hi5_type_equal(const hi5_type *a, const hi5_type *b)
{
    if (a == b)
        return true;
    if (a->cls != b->cls || a->size != b->size)
        return false;
    switch (a->cls) {
    case HI5_INTEGER:
    case HI5_BITFIELD:
    case HI5_TIME:
        return type_equal_number(a, b);
    case HI5_FLOAT: /* TYPE-34: all fields, not the size alone */
        return type_equal_number(a, b) && type_equal_fields(a, b) &&
               a->inner_pad == b->inner_pad;
    case HI5_STRING:
        return a->string_pad == b->string_pad && a->charset == b->charset;
    case HI5_OPAQUE:
        return type_equal_tag(a->tag, b->tag);
    case HI5_COMPOUND:
        return type_equal_compound(a, b);
    case HI5_REFERENCE:
        return a->ref_kind == b->ref_kind && a->in_memory == b->in_memory;
    case HI5_ENUM:
        return type_equal_enum(a, b);
    case HI5_VLEN:
        if (a->in_memory != b->in_memory || a->is_vlen_string != b->is_vlen_string)
            return false;
        return a->is_vlen_string
                   ? a->string_pad == b->string_pad && a->charset == b->charset
                   : hi5_type_equal(a->base, b->base);
    case HI5_ARRAY:
        return type_equal_dims(a, b) && hi5_type_equal(a->base, b->base);
    case HI5_COMPLEX:
        return hi5_type_equal(a->base, b->base);
    }
    return false;
}

/* Padding only matters where there is any. */
static bool
type_same_number(const hi5_type *a, const hi5_type *b)
{
    if (a->is_signed != b->is_signed || a->offset != b->offset ||
        a->precision != b->precision || (a->order != b->order && a->size > 1))
        return false;
    if (a->offset > 0 && a->lsb_pad != b->lsb_pad)
        return false;
    return (size_t)a->offset + a->precision >= 8 * a->size || a->msb_pad == b->msb_pad;
}

static bool
type_same_float(const hi5_type *a, const hi5_type *b)
{
    const unsigned used = 1u + a->exp_size + a->man_size;

    return type_same_number(a, b) && type_equal_fields(a, b) &&
           (used >= a->precision || a->inner_pad == b->inner_pad);
}

static bool
type_same_compound(const hi5_type *a, const hi5_type *b)
{
    if (a->members != b->members)
        return false;
    for (uint32_t i = 0; i < a->members; i++)
        if (a->member[i].offset != b->member[i].offset ||
            strcmp(a->member[i].name, b->member[i].name) != 0 ||
            !type_same_bytes(a->member[i].type, b->member[i].type))
            return false;
    return true;
}

static bool
type_same_enum(const hi5_type *a, const hi5_type *b)
{
    if (a->members != b->members || !type_same_bytes(a->base, b->base))
        return false;
    for (uint32_t i = 0; i < a->members; i++)
        if (strcmp(a->names[i], b->names[i]) != 0)
            return false;
    return a->members == 0 ||
           memcmp(a->values, b->values, (size_t)a->members * a->base->size) == 0;
}

HI5_INT bool
type_same_bytes(const hi5_type *a, const hi5_type *b)
{
    if (a->cls != b->cls || a->size != b->size)
        return false;
    if (a->has_vlen || a->has_ref || b->has_vlen || b->has_ref)
        return false;
    switch (a->cls) {
    case HI5_INTEGER:
    case HI5_BITFIELD:
    case HI5_TIME:
        return type_same_number(a, b);
    case HI5_FLOAT:
        return type_same_float(a, b);
    case HI5_STRING:
        return a->string_pad == b->string_pad;
    case HI5_OPAQUE:
        return true;
    case HI5_COMPOUND:
        return type_same_compound(a, b);
    case HI5_ENUM:
        return type_same_enum(a, b);
    case HI5_ARRAY:
    case HI5_COMPLEX:
        return type_same_bytes(a->base, b->base);
    case HI5_REFERENCE:
    case HI5_VLEN:
        break;
    }
    return false;
}
