/*
 * dump_value.c - how `hi5 dump` writes one value
 *
 * Values come in native types (dump_native), so that numbers are C's own. Compounds and
 * arrays are written over several lines, indented from `indent`.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <string.h>

static bool
plain_character(unsigned char c)
{
    return c >= 0x20 && c < 0x7f;
}

/* A character that h5dump does not copy. It prints bytes above 127 as the octal digits
 * of a negative int. */
static void
put_character(struct dump_value *v, char c)
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(special, c) : NULL;

    if (!found && plain_character((unsigned char)c)) {
        cli_str_putc(&v->out, c);
    } else if (!found) {
        cli_str_printf(&v->out, "\\%03o", (unsigned)(int)(signed char)c);
    } else if (v->d->o.escape) {
        cli_str_putc(&v->out, '\\');
        cli_str_putc(&v->out, letters[found - special]);
    } else {
        cli_str_putc(&v->out, c);
        if (c == '\n' || c == '\r')
            cli_str_puts(&v->out, "           ");
    }
}

static void
put_characters(struct dump_value *v, const char *s, size_t n)
{
    cli_str_putc(&v->out, '"');
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && plain_character((unsigned char)s[run]) && s[run] != '"' &&
               s[run] != '\\')
            run++;
        cli_str_add(&v->out, s + i, run - i);
        i = run;
        if (i < n)
            put_character(v, s[i++]);
    }
    cli_str_putc(&v->out, '"');
}

static void
put_string(struct dump_value *v, const hi5_type_info *t, const void *p)
{
    const char *s = p;
    size_t n = t->size;

    if (t->is_vlen_string) {
        memcpy(&s, p, sizeof s);
        if (!s) {
            cli_str_puts(&v->out, "NULL");
            return;
        }
        n = strlen(s);
    } else if (t->string_pad == HI5_NULL_TERMINATED) {
        const char *end = memchr(s, 0, n);
        n = end ? (size_t)(end - s) : n;
    }
    put_characters(v, s, n);
}

/* The bytes of what has no better form. */
static void
put_hex(struct dump_value *v, const void *p, size_t n)
{
    const unsigned char *bytes = p;

    if (n == 1)
        cli_str_printf(&v->out, "0x%02x", bytes[0]);
    else
        for (size_t i = 0; i < n; i++)
            cli_str_printf(&v->out, "%s%02x", i ? ":" : "", bytes[i]);
}

/* A native integer of 1, 2, 4 or 8 bytes, its sign extended. */
static uint64_t
load_integer(const void *p, size_t size, bool is_signed)
{
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (size) {
    case 1:
        memcpy(&v8, p, sizeof v8);
        return is_signed ? (uint64_t)(int8_t)v8 : v8;
    case 2:
        memcpy(&v16, p, sizeof v16);
        return is_signed ? (uint64_t)(int16_t)v16 : v16;
    case 4:
        memcpy(&v32, p, sizeof v32);
        return is_signed ? (uint64_t)(int32_t)v32 : v32;
    default:
        memcpy(&v64, p, sizeof v64);
        return v64;
    }
}

/* The packed bits of an integer, as an integer of the same type again. */
static uint64_t
packed(const struct dump_mask *mask, uint64_t value, size_t size, bool is_signed)
{
    if (mask->offset >= 8 * size)
        return 0;
    uint64_t shifted = value >> mask->offset;
    if (is_signed && mask->offset > 0 && value >> 63)
        shifted |= ~(UINT64_MAX >> mask->offset);
    shifted &= mask->bits;

    unsigned unused = 64 - 8 * (unsigned)size;
    shifted <<= unused;
    if (is_signed && shifted >> 63 && unused > 0)
        return shifted >> unused | ~(UINT64_MAX >> unused);
    return shifted >> unused;
}

static void
put_integer(struct dump_value *v, const hi5_type_info *t, const void *p)
{
    char text[24], *digit = text + sizeof text;

    if (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8)
        return;
    if (v->characters && t->size == 1) {
        put_character(v, *(const char *)p);
        return;
    }
    uint64_t value = load_integer(p, t->size, t->is_signed);
    if (v->d->o.nmasks > 0)
        value = packed(&v->d->mask, value, t->size, t->is_signed);
    bool negative = t->is_signed && value >> 63;
    uint64_t left = negative ? 0 - value : value;
    do {
        *--digit = (char)('0' + left % 10);
    } while (left /= 10);
    if (negative)
        *--digit = '-';
    cli_str_add(&v->out, digit, (size_t)(text + sizeof text - digit));
}

/* A half, that has no C type. */
static double
half_value(const void *p, unsigned exp_size)
{
    uint16_t bits;
    uint64_t wide;
    double value;

    memcpy(&bits, p, sizeof bits);
    unsigned man_size = 15 - exp_size;
    unsigned exponent = bits >> man_size & ((1u << exp_size) - 1);
    unsigned mantissa = bits & ((1u << man_size) - 1);
    int bias = (1 << (exp_size - 1)) - 1;

    if (exponent == 0) { /* zero or subnormal */
        value = (double)mantissa;
        for (int i = 0; i < bias - 1 + (int)man_size; i++)
            value /= 2;
        return bits & 0x8000 ? -value : value;
    }
    wide = exponent == (1u << exp_size) - 1 ? 0x7ff
                                            : (uint64_t)((int)exponent - bias + 1023);
    wide = (uint64_t)(bits >> 15) << 63 | wide << 52 |
           (uint64_t)mantissa << (52 - man_size);
    memcpy(&value, &wide, sizeof value);
    return value;
}

/* A float of a size that C knows. */
static bool
load_float(const hi5_type_info *t, const void *p, double *value)
{
    float f;

    if (t->size == sizeof(float)) {
        memcpy(&f, p, sizeof f);
        *value = (double)f;
    } else if (t->size == sizeof(double)) {
        memcpy(value, p, sizeof *value);
    } else if (t->size == 2 && (t->exp_size == 5 || t->exp_size == 8)) {
        *value = half_value(p, t->exp_size);
    } else {
        return false;
    }
    return true;
}

/* `format` is one that dump_parse has checked. */
static void
put_double(struct cli_str *out, const char *format, double value)
{
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif
    cli_str_printf(out, format, value);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

static void
put_float(struct dump_value *v, const hi5_type_info *t, const void *p)
{
    const char *format = v->d->o.float_format;
    long double wide;
    double value;

    if (load_float(t, p, &value)) {
        if (format)
            put_double(&v->out, format, value);
        else
            cli_str_printf(&v->out, "%g", value);
    } else if (t->size == sizeof wide) {
        memcpy(&wide, p, sizeof wide);
        cli_str_printf(&v->out, "%Lg", wide);
    } else {
        for (size_t i = 1; i < t->size; i++)
            cli_str_putc(&v->out, ':');
    }
}

static void
put_complex(struct dump_value *v, const hi5_type_info *t, const void *p)
{
    hi5_type_info part;
    long double wide[2];
    double value[2];

    hi5_type_get_info(t->base, &part);
    const char *second = (const char *)p + part.size;
    if (load_float(&part, p, &value[0]) && load_float(&part, second, &value[1])) {
        cli_str_printf(&v->out, "%f%+fi", value[0], value[1]);
    } else if (part.size == sizeof wide[0]) {
        memcpy(wide, p, sizeof wide);
        cli_str_printf(&v->out, "%Lf%+Lfi", wide[0], wide[1]);
    } else {
        put_hex(v, p, t->size);
    }
}

/* The name of an enumeration's member, escaped as in C. h5dump copies the character
 * after an escaped one, whatever it is. */
static void
put_name(struct cli_str *out, const char *name)
{
    static const char special[] = "'\"\\?\a\b\f\n\r\t\v", letters[] = "'\"\\?abfnrtv";

    for (bool copy = false; *name; name++) {
        const char *found = strchr(special, *name);
        if (copy || (!found && plain_character((unsigned char)*name))) {
            cli_str_putc(out, *name);
            copy = false;
            continue;
        }
        if (found)
            cli_str_printf(out, "\\%c", letters[found - special]);
        else
            cli_str_printf(out, "\\%03o", (unsigned char)*name);
        copy = true;
    }
}

static void
put_enum(struct dump_value *v, const hi5_type *t, const hi5_type_info *info,
         const void *p)
{
    const char *name = hi5_type_enum_name(t, p);

    if (name)
        put_name(&v->out, name);
    else
        put_hex(v, p, info->size);
}

static void
put_indent(struct dump_value *v)
{
    cli_str_fill(&v->out, ' ', (size_t)v->indent * DUMP_STEP);
}

static void
put_compound(struct dump_value *v, const hi5_type *t, const char *p)
{
    hi5_member m;

    cli_str_puts(&v->out, v->flat ? "" : "{");
    v->indent++;
    for (unsigned i = 0; hi5_type_member(t, i, &m); i++) {
        if (v->flat) {
            cli_str_puts(&v->out, i ? " " : "");
        } else {
            cli_str_puts(&v->out, i ? ",\n" : "\n");
            put_indent(v);
        }
        dump_value(v, m.type, p + m.offset);
    }
    v->indent--;
    if (v->flat)
        return;
    cli_str_putc(&v->out, '\n');
    put_indent(v);
    cli_str_putc(&v->out, '}');
}

/* What stands between two elements of an array. */
static void
put_array_gap(struct dump_value *v, bool row_ended)
{
    cli_str_puts(&v->out, v->flat ? "" : ",");
    if (!v->flat && row_ended)
        cli_str_puts(&v->out, "\n");
    else if (v->array_ended)
        cli_str_puts(&v->out, "\n ");
    else
        cli_str_puts(&v->out, " ");
    if (v->array_ended || (!v->flat && row_ended))
        put_indent(v);
}

static void
put_array(struct dump_value *v, const hi5_type_info *t, const char *p)
{
    size_t size = hi5_type_size(t->base), n = size ? t->size / size : 0;
    size_t row = t->rank && t->dims[t->rank - 1] ? t->dims[t->rank - 1] : 1;

    cli_str_puts(&v->out, v->flat ? "" : "[ ");
    v->indent++;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            put_array_gap(v, i % row == 0);
        v->array_ended = false;
        dump_value(v, t->base, p + i * size);
    }
    v->indent--;
    cli_str_puts(&v->out, v->flat ? "" : " ]");
    v->array_ended = true;
}

static void
put_sequence(struct dump_value *v, const hi5_type_info *t, const void *p)
{
    size_t size = hi5_type_size(t->base);
    hi5_vlen sequence;

    memcpy(&sequence, p, sizeof sequence);
    cli_str_puts(&v->out, v->flat ? " " : "(");
    v->indent++;
    for (size_t i = 0; i < sequence.n; i++) {
        if (i > 0)
            cli_str_puts(&v->out, v->flat ? " " : ", ");
        dump_value(v, t->base, (const char *)sequence.p + i * size);
    }
    v->indent--;
    cli_str_puts(&v->out, v->flat ? "" : ")");
}

void
dump_value(struct dump_value *v, const hi5_type *t, const void *p)
{
    hi5_type_info info;
    hi5_reference reference;

    hi5_type_get_info(t, &info);
    switch (info.cls) {
    case HI5_INTEGER:
        put_integer(v, &info, p);
        break;
    case HI5_FLOAT:
        put_float(v, &info, p);
        break;
    case HI5_COMPLEX:
        put_complex(v, &info, p);
        break;
    case HI5_STRING:
        put_string(v, &info, p);
        break;
    case HI5_ENUM:
        put_enum(v, t, &info, p);
        break;
    case HI5_COMPOUND:
        put_compound(v, t, p);
        break;
    case HI5_ARRAY:
        put_array(v, &info, p);
        break;
    case HI5_VLEN:
        if (info.is_vlen_string)
            put_string(v, &info, p);
        else
            put_sequence(v, &info, p);
        break;
    case HI5_REFERENCE:
        memcpy(&reference, p, sizeof reference);
        dump_reference_text(v, t, &reference);
        break;
    case HI5_TIME:
    case HI5_BITFIELD:
    case HI5_OPAQUE:
        put_hex(v, p, info.size);
        break;
    }
}

bool
dump_has_time(const hi5_type *t)
{
    hi5_type_info info;
    hi5_member m;

    hi5_type_get_info(t, &info);
    for (unsigned i = 0; info.cls == HI5_COMPOUND && hi5_type_member(t, i, &m); i++)
        if (dump_has_time(m.type))
            return true;
    if (info.base && info.cls != HI5_COMPOUND)
        return dump_has_time(info.base);
    return info.cls == HI5_TIME;
}
