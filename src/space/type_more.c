/*
 * type_more.c - datatypes that callers build to write them         [FMT IV.A.2.d]
 */
#include "base/ckd.h"
#include "base/err.h"
#include "space/type.h"
#include <string.h>

/* ---- numbers ---- */

static hi5_status
type_check_bits(const hi5_type_info *i, hi5_error *err)
{
    const size_t bits = i->size * 8;

    if (i->size == 0 || i->size > UINT16_MAX / 8)
        return err_plain(err, HI5_E_ARG, "a number of %zu bytes", i->size);
    if (i->order != HI5_LE && i->order != HI5_BE &&
        !(i->order == HI5_VAX && i->cls == HI5_FLOAT))
        return err_plain(err, HI5_E_ARG, "no such byte order: %d", (int)i->order);
    if (i->precision == 0 || i->precision > bits || i->offset > bits - i->precision)
        return err_plain(err, HI5_E_ARG, "%u bits from bit %u do not fit %zu bytes",
                         i->precision, i->offset, i->size);
    /* libhdf5 writes such types, and then refuses to open them. */
    if (i->cls == HI5_INTEGER && bits > 2 * (size_t)(i->precision + i->offset) &&
        i->precision < bits)
        return err_plain(err, HI5_E_ARG, "%u bits are so few for %zu bytes that libhdf5 "
                         "refuses the type", i->precision, i->size);
    return HI5_OK;
}

static bool
type_fields_meet(unsigned a, unsigned na, unsigned b, unsigned nb)
{
    return a < b + nb && b < a + na;
}

static hi5_status
type_check_float(const hi5_type_info *i, hi5_error *err)
{
    const unsigned end = i->offset + i->precision;

    if (i->exp_size == 0 || i->man_size == 0 || i->exp_pos + i->exp_size > end ||
        i->man_pos + i->man_size > end || i->sign_pos >= end || i->sign_pos > 255 ||
        i->exp_pos > 255 || i->exp_size > 255 || i->man_pos > 255 || i->man_size > 255 ||
        type_fields_meet(i->exp_pos, i->exp_size, i->man_pos, i->man_size) ||
        type_fields_meet(i->sign_pos, 1, i->man_pos, i->man_size) ||
        type_fields_meet(i->sign_pos, 1, i->exp_pos, i->exp_size))
        return err_plain(err, HI5_E_ARG, "sign, exponent and mantissa do not fit side by "
                         "side into %u bits", i->precision);
    if ((unsigned)i->norm > HI5_NORM_IMPLIED)
        return err_plain(err, HI5_E_ARG, "no such normalization: %d", (int)i->norm);
    return HI5_OK;
}

hi5_status
hi5_type_number(const hi5_type_info *info, hi5_type **out, hi5_error *err)
{
    hi5_type t = {.cls = info->cls, .size = info->size, .order = info->order,
                  .is_signed = info->is_signed};

    *out = NULL;
    if (info->cls != HI5_INTEGER && info->cls != HI5_FLOAT && info->cls != HI5_TIME &&
        info->cls != HI5_BITFIELD)
        return err_plain(err, HI5_E_ARG, "%s is no class of numbers",
                         type_class_name(info->cls));
    TRY(type_check_bits(info, err));
    t.precision = (uint16_t)info->precision;
    t.offset = (uint16_t)info->offset;
    t.lsb_pad = info->lsb_pad;
    t.msb_pad = info->msb_pad;
    if (info->cls == HI5_FLOAT) {
        TRY(type_check_float(info, err));
        t.inner_pad = info->inner_pad;
        t.sign_pos = (uint8_t)info->sign_pos;
        t.exp_pos = (uint8_t)info->exp_pos;
        t.exp_size = (uint8_t)info->exp_size;
        t.man_pos = (uint8_t)info->man_pos;
        t.man_size = (uint8_t)info->man_size;
        t.exp_bias = info->exp_bias;
        t.norm = info->norm;
    }
    return type_publish(&t, out, err);
}

/* ---- enumerations ---- */

hi5_status
hi5_type_enum(const hi5_type *base, unsigned n, const char *const *names,
              const void *values, hi5_type **out, hi5_error *err)
{
    hi5_type t = {.cls = HI5_ENUM, .base = base, .members = n, .names = names,
                  .values = values};

    *out = NULL;
    if (base->cls != HI5_INTEGER)
        return err_plain(err, HI5_E_ARG, "an enumeration over a %s",
                         type_class_name(base->cls));
    if (n == 0 || n > UINT16_MAX)
        return err_plain(err, HI5_E_ARG, "an enumeration of %u names; there can be 1 to "
                         "65535", n);
    for (unsigned i = 0; i < n; i++) {
        if (names[i] == NULL || names[i][0] == '\0')
            return err_plain(err, HI5_E_ARG, "member %u has no name", i);
        for (unsigned k = 0; k < i && n <= 1024; k++)
            if (strcmp(names[i], names[k]) == 0)
                return err_plain(err, HI5_E_ARG, "two members are named %s", names[i]);
    }
    t.size = base->size;
    return type_publish(&t, out, err);
}

hi5_status
hi5_type_bool(hi5_type **out, hi5_error *err)
{
    static const char *const names[] = {"FALSE", "TRUE"};
    static const int8_t values[] = {0, 1};

    return hi5_type_enum(HI5_I8, 2, names, values, out, err);
}

/* ---- what is in heaps ---- */

hi5_status
hi5_type_vlen_string(hi5_string_pad pad, hi5_charset charset, hi5_type **out,
                     hi5_error *err)
{
    hi5_type t = hi5_type_str;

    *out = NULL;
    if ((unsigned)pad > HI5_SPACE_PADDED || (unsigned)charset > HI5_UTF8)
        return err_plain(err, HI5_E_ARG, "no such padding or character set");
    t.string_pad = pad;
    t.charset = charset;
    return type_publish(&t, out, err);
}

hi5_status
hi5_type_reference(hi5_ref_kind kind, hi5_type **out, hi5_error *err)
{
    hi5_type t = hi5_type_ref;

    *out = NULL;
    if ((unsigned)kind > HI5_REF_ATTRIBUTE)
        return err_plain(err, HI5_E_ARG, "no such kind of reference: %d", (int)kind);
    t.ref_kind = kind;
    t.ref_version = kind >= HI5_REF_OBJECT2;
    return type_publish(&t, out, err);
}

/* ---- complex numbers ---- */

static hi5_status
type_check_complex(const hi5_type *base, hi5_error *err)
{
    if (base->cls != HI5_FLOAT)
        return err_plain(err, HI5_E_ARG, "complex numbers of a %s",
                         type_class_name(base->cls));
    return HI5_OK;
}

hi5_status
hi5_type_complex(const hi5_type *base, hi5_type **out, hi5_error *err)
{
    hi5_type t = {.cls = HI5_COMPLEX, .base = base, .size = 2 * base->size};

    *out = NULL;
    TRY(type_check_complex(base, err));
    return type_publish(&t, out, err);
}

hi5_status
hi5_type_complex_pair(const hi5_type *base, hi5_type **out, hi5_error *err)
{
    const hi5_member m[] = {{"r", 0, base}, {"i", base->size, base}};

    *out = NULL;
    TRY(type_check_complex(base, err));
    return hi5_type_compound(2 * base->size, m, 2, out, err);
}
