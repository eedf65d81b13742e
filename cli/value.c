/*
 * value.c - values in memory, decoded for printing
 *
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * Looking at a type
 */

static void compile_into(struct value *v, const hi5_type *type);

static void
compile_base(struct value *v)
{
    v->parts = cli_alloc(sizeof *v->parts);
    v->nparts = 1;
    compile_into(v->parts, v->info.base);
}

static bool
is_named(const struct value *part, const char *name)
{
    return part->name && strcmp(part->name, name) == 0;
}

/* h5py keeps complex numbers as compounds of "r" and "i". */
static bool
is_complex_pair(const struct value *v)
{
    return v->nparts == 2 && is_named(&v->parts[0], "r") &&
           is_named(&v->parts[1], "i") && v->parts[0].kind == VALUE_FLOAT &&
           v->parts[1].kind == VALUE_FLOAT && v->parts[0].size == v->parts[1].size;
}

static void
compile_compound(struct value *v)
{
    v->kind = VALUE_COMPOUND;
    v->parts = cli_alloc(v->info.members * sizeof *v->parts);
    for (unsigned i = 0; i < v->info.members; i++) {
        hi5_member m;
        if (!hi5_type_member(v->type, i, &m))
            break;
        compile_into(&v->parts[i], m.type);
        v->parts[i].name = m.name;
        v->parts[i].offset = m.offset;
        v->nparts++;
    }
    if (is_complex_pair(v))
        v->kind = VALUE_COMPLEX;
}

/* h5py keeps truth values as an enum of one byte. */
static bool
is_bool(const struct value *v)
{
    const char *name[2];
    const void *value[2];

    return v->size == 1 && v->info.members == 2 &&
           hi5_type_enum_member(v->type, 0, &name[0], &value[0]) &&
           hi5_type_enum_member(v->type, 1, &name[1], &value[1]) &&
           strcmp(name[0], "FALSE") == 0 && *(const unsigned char *)value[0] == 0 &&
           strcmp(name[1], "TRUE") == 0 && *(const unsigned char *)value[1] == 1;
}

static void
compile_into(struct value *v, const hi5_type *type)
{
    v->type = type;
    hi5_type_get_info(type, &v->info);
    v->size = v->info.size;
    switch (v->info.cls) {
    case HI5_INTEGER:
    case HI5_BITFIELD:
    case HI5_TIME:
        v->kind = v->size <= 8 ? VALUE_INTEGER : VALUE_BYTES;
        break;
    case HI5_FLOAT:
        v->kind = v->size <= 16 && v->info.man_size <= 128 ? VALUE_FLOAT : VALUE_BYTES;
        break;
    case HI5_ENUM:
        v->kind = is_bool(v) ? VALUE_BOOL : VALUE_ENUM;
        compile_base(v);
        break;
    case HI5_STRING:
        v->kind = VALUE_STRING;
        break;
    case HI5_COMPLEX:
        v->kind = VALUE_COMPLEX;
        compile_base(v);
        break;
    case HI5_COMPOUND:
        compile_compound(v);
        break;
    case HI5_ARRAY:
        v->kind = VALUE_ARRAY;
        v->count = 1;
        for (unsigned i = 0; i < v->info.rank; i++)
            v->count *= v->info.dims[i];
        compile_base(v);
        break;
    case HI5_VLEN:
        v->kind = v->info.is_vlen_string ? VALUE_TEXT : VALUE_LIST;
        if (v->kind == VALUE_LIST)
            compile_base(v);
        break;
    case HI5_REFERENCE:
        v->kind = VALUE_REFERENCE;
        break;
    case HI5_OPAQUE:
    default:
        v->kind = VALUE_BYTES;
        break;
    }
}

struct value *
value_compile(const hi5_type *memory)
{
    struct value *v = cli_alloc(sizeof *v);

    compile_into(v, memory);
    return v;
}

static void
free_parts(struct value *v)
{
    for (size_t i = 0; i < v->nparts; i++)
        free_parts(&v->parts[i]);
    free(v->parts);
}

void
value_free(struct value *v)
{
    if (v)
        free_parts(v);
    free(v);
}

/* -----------------------------------------------------------------------------
 * Integers
 */

/* The bytes of a number as one, the most significant first in `high`. */
struct wide {
    uint64_t high, low;
};

static struct wide
load(const struct value *v, const void *p)
{
    const unsigned char *b = p;
    struct wide w = {0, 0};
    size_t n = v->size;

    for (size_t i = 0; i < n; i++) {
        /* VAX: 16-bit words, each little-endian, the most significant word first. */
        size_t at = v->info.order == HI5_BE    ? i
                    : v->info.order == HI5_VAX ? (i ^ 1) < n ? i ^ 1 : i
                                               : n - 1 - i;
        w.high = w.high << 8 | w.low >> 56;
        w.low = w.low << 8 | b[at];
    }
    return w;
}

/* `n` bits (at most 64) from bit `at`. */
static uint64_t
bits(struct wide w, unsigned at, unsigned n)
{
    uint64_t x;

    if (at >= 128 || n == 0)
        return 0;
    if (at >= 64)
        x = w.high >> (at - 64);
    else
        x = at == 0 ? w.low : w.low >> at | w.high << (64 - at);
    return n >= 64 ? x : x & (((uint64_t)1 << n) - 1);
}

uint64_t
value_integer(const struct value *v, const void *p)
{
    unsigned n = v->info.precision;
    uint64_t x;

    if (n == 0 || n > 64)
        n = 64;
    x = bits(load(v, p), v->info.offset, n);
    if (v->info.is_signed && n < 64 && x >> (n - 1))
        x |= ~(((uint64_t)1 << n) - 1);
    return x;
}

void
value_put_integer(struct cli_str *out, const struct value *v, const void *p)
{
    uint64_t x = value_integer(v, p);
    bool negative = v->info.is_signed && x >> 63;
    char text[24];
    size_t at = sizeof text;

    if (negative)
        x = 0 - x;
    do
        text[--at] = (char)('0' + x % 10);
    while (x /= 10);
    if (negative)
        text[--at] = '-';
    cli_str_add(out, text + at, sizeof text - at);
}

/* -----------------------------------------------------------------------------
 * Floats
 */

/* Formats that this machine has are copied, byte order permitting. */
static bool
is_ieee(const struct value *v, unsigned mantissa, unsigned exponent)
{
    const hi5_type_info *t = &v->info;

    return t->offset == 0 && t->man_pos == 0 && t->man_size == mantissa &&
           t->exp_pos == mantissa && t->exp_size == exponent &&
           t->sign_pos == mantissa + exponent &&
           t->exp_bias == (1u << (exponent - 1)) - 1 && t->norm == HI5_NORM_IMPLIED;
}

/* The exponent is all ones. */
static long double
infinity_or_nan(bool is_infinity)
{
    return is_infinity ? (long double)INFINITY : (long double)NAN;
}

static long double
decode_float(const struct value *v, struct wide w)
{
    const hi5_type_info *t = &v->info;
    bool vax = t->order == HI5_VAX;
    unsigned eb = t->exp_size > 32 ? 32 : t->exp_size;
    uint64_t exponent = bits(w, t->exp_pos, eb), top = ((uint64_t)1 << eb) - 1;
    unsigned high = t->man_size > 64 ? t->man_size - 64 : 0;
    /* The mantissa as a fraction of 2^man_size. */
    long double m =
        ldexpl((long double)bits(w, t->man_pos + t->man_size - high, high),
               -(int)high) +
        ldexpl((long double)bits(w, t->man_pos, t->man_size - high), -(int)t->man_size);
    long double x;
    int e = (int)((int64_t)exponent - (int64_t)t->exp_bias);

    if (t->norm != HI5_NORM_IMPLIED)
        m *= 2; /* the leading bit is stored: scale as if it were implied */
    if (exponent == top && !vax)
        x = infinity_or_nan(m - floorl(m) == 0);
    else if (t->norm != HI5_NORM_IMPLIED)
        x = ldexpl(m, e);
    else if (exponent == 0)
        x = vax ? 0 : ldexpl(m, e + 1);
    else
        x = ldexpl(1 + m, e);
    return bits(w, t->sign_pos, 1) ? -x : x;
}

long double
value_float(const struct value *v, const void *p)
{
    if (v->size == 8 && v->info.order != HI5_VAX && is_ieee(v, 52, 11)) {
        uint64_t u = load(v, p).low;
        double x;
        memcpy(&x, &u, sizeof x);
        return (long double)x;
    }
    if (v->size == 4 && v->info.order != HI5_VAX && is_ieee(v, 23, 8)) {
        uint32_t u = (uint32_t)load(v, p).low;
        float x;
        memcpy(&x, &u, sizeof x);
        return (long double)x;
    }
    return decode_float(v, load(v, p));
}

/* Would `text` be rounded to x in a format of `mantissa` bits? */
static bool
reads_back(const char *text, long double x, unsigned mantissa)
{
    int exponent;

    if (mantissa == 52)
        return strtod(text, NULL) == (double)x;
    long double y = strtold(text, NULL);
    if (y == x || mantissa > 52)
        return y == x;
    frexpl(x, &exponent);
    return fabsl(y - x) < ldexpl(1, exponent - 2 - (int)mantissa);
}

/* "-1.2500e+03" as "-1250.0": without an exponent where Python does without one, too,
 * and without zeros at the end of the digits. */
static void
put_decimal(struct cli_str *out, const char *text)
{
    const char *e = strchr(text, 'e');
    long exponent = strtol(e + 1, NULL, 10);
    char digits[64];
    size_t n = 0;

    if (*text == '-')
        cli_str_putc(out, '-');
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (exponent < -4 || exponent >= 16) {
        cli_str_putc(out, digits[0]);
        if (n > 1)
            cli_str_putc(out, '.');
        cli_str_add(out, digits + 1, n - 1);
        cli_str_puts(out, e);
        return;
    }
    if (exponent < 0) {
        cli_str_puts(out, "0.");
        cli_str_fill(out, '0', (size_t)(-exponent - 1));
        cli_str_add(out, digits, n);
        return;
    }
    size_t whole = (size_t)exponent + 1;
    cli_str_add(out, digits, n < whole ? n : whole);
    cli_str_fill(out, '0', n < whole ? whole - n : 0);
    cli_str_putc(out, '.');
    if (n > whole)
        cli_str_add(out, digits + whole, n - whole);
    else
        cli_str_putc(out, '0');
}

/* Small whole numbers need no search for the shortest form. */
static bool
put_whole(struct cli_str *out, long double x, int digits)
{
    static const double most[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    double limit = most[digits < 15 ? digits : 15];

    if (!(x > -limit && x < limit) || x != (long double)(int64_t)x || x == 0)
        return false;
    cli_str_printf(out, "%lld.0", (long long)x);
    return true;
}

static void
format_float(char *text, size_t n, int digits, long double x, unsigned mantissa)
{
    if (mantissa <= 52) /* much faster where a long double is wider */
        snprintf(text, n, "%.*e", digits - 1, (double)x);
    else
        snprintf(text, n, "%.*Le", digits - 1, x);
}

void
value_put_float(struct cli_str *out, const struct value *v, long double x)
{
    unsigned mantissa =
        v->info.man_size < LDBL_MANT_DIG ? v->info.man_size : LDBL_MANT_DIG - 1;
    int digits = (int)(mantissa * 3 / 10), most = digits + 3;
    char text[64];

    if (isnan(x)) {
        cli_str_puts(out, "nan");
        return;
    }
    if (isinf(x)) {
        cli_str_puts(out, x < 0 ? "-inf" : "inf");
        return;
    }
    if (put_whole(out, x, digits))
        return;
    if (digits < 1)
        digits = 1;
    do
        format_float(text, sizeof text, digits, x, mantissa);
    while (!reads_back(text, x, mantissa) && digits++ < most);
    put_decimal(out, text);
}

long double
value_complex(const struct value *v, const void *p, unsigned part)
{
    const struct value *f = &v->parts[v->nparts == 2 ? part : 0];
    size_t at = v->nparts == 2 ? f->offset : part * f->size;

    return value_float(f, (const char *)p + at);
}

/* -----------------------------------------------------------------------------
 * Text and bytes
 */

size_t
value_string_length(const struct value *v, const void *p)
{
    const char *s = p;
    size_t n = v->size;
    const char *end;

    switch (v->info.string_pad) {
    case HI5_SPACE_PADDED:
        while (n > 0 && s[n - 1] == ' ')
            n--;
        return n;
    case HI5_NULL_PADDED:
        while (n > 0 && s[n - 1] == '\0')
            n--;
        return n;
    case HI5_NULL_TERMINATED:
    default:
        end = memchr(s, '\0', n);
        return end ? (size_t)(end - s) : n;
    }
}

void
value_put_hex(struct cli_str *out, const void *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = p;

    for (size_t i = 0; i < n; i++) {
        cli_str_putc(out, digits[b[i] >> 4]);
        cli_str_putc(out, digits[b[i] & 15]);
    }
}
