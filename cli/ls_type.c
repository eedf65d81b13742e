/*
 * ls_type.c - datatypes in words, for `hi5 ls`
 *
 * Sizes and offsets are those of libhdf5's memory form of a type, which h5ls prints:
 * there a variable-length sequence takes 16 bytes, a variable-length string 8, and the
 * members of a compound that follow one move accordingly.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls.h"

#include <stdlib.h>
#include <string.h>

enum {
    MEM_VLEN = 16,
    MEM_VLEN_STRING = 8,
    MEM_REF_OBJECT = 8,
    MEM_REF_REGION = 12,
    MEM_REF_STANDARD = 64
};

static const char *
plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* -----------------------------------------------------------------------------
 * Sizes in memory
 */

/* A compound's members, sorted by offset as libhdf5 does when it moves them. */
struct placed_member {
    hi5_member member;
    uint64_t offset;
};

static int
by_offset(const void *a, const void *b)
{
    const struct placed_member *x = a, *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The members with their offsets in memory; the compound's size in memory. */
static uint64_t
place_members(const hi5_type *type, unsigned n, struct placed_member *members)
{
    uint64_t grown = 0;

    for (unsigned i = 0; i < n; i++) {
        if (!hi5_type_member(type, i, &members[i].member))
            members[i].member = (hi5_member){"", 0, HI5_U8};
        members[i].offset = members[i].member.offset;
    }
    if (!hi5_type_has_vlen(type) && !hi5_type_has_reference(type))
        return hi5_type_size(type);

    qsort(members, n, sizeof *members, by_offset);
    for (unsigned i = 0; i < n; i++) {
        const hi5_type *t = members[i].member.type;
        members[i].offset += grown;
        grown += ls_type_size(t) - hi5_type_size(t); /* modulo 2^64: it may shrink */
    }
    return hi5_type_size(type) + grown;
}

uint64_t
ls_type_size(const hi5_type *type)
{
    hi5_type_info info;

    if (!hi5_type_has_vlen(type) && !hi5_type_has_reference(type))
        return hi5_type_size(type);
    hi5_type_get_info(type, &info);
    switch (info.cls) {
    case HI5_VLEN:
        return info.is_vlen_string ? MEM_VLEN_STRING : MEM_VLEN;
    case HI5_REFERENCE:
        return info.ref_kind == HI5_REF_OBJECT   ? MEM_REF_OBJECT
               : info.ref_kind == HI5_REF_REGION ? MEM_REF_REGION
                                                 : MEM_REF_STANDARD;
    case HI5_ARRAY: {
        uint64_t n = ls_type_size(info.base);
        for (unsigned i = 0; i < info.rank; i++)
            n *= info.dims[i];
        return n;
    }
    case HI5_COMPOUND: {
        struct placed_member *m = cli_alloc(info.members * sizeof *m);
        uint64_t size = place_members(type, info.members, m);
        free(m);
        return size;
    }
    default:
        return info.size;
    }
}

/* -----------------------------------------------------------------------------
 * Numbers
 */

static bool
is_host_order(hi5_byte_order order)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return order == (first ? HI5_LE : HI5_BE);
}

/* Are all bits of the element used, and nothing said about those that are not? */
static bool
is_plain(const hi5_type_info *t)
{
    return t->precision == 8 * t->size && t->offset == 0 &&
           t->lsb_pad == HI5_PAD_ZERO && t->msb_pad == HI5_PAD_ZERO;
}

static const char *
order_words(const hi5_type_info *t)
{
    if (t->size <= 1)
        return "";
    return t->order == HI5_LE   ? " little-endian"
           : t->order == HI5_BE ? " big-endian"
                                : " mixed-endian";
}

static const char *
pad_word(hi5_pad pad)
{
    return pad == HI5_PAD_ZERO         ? "zero"
           : pad == HI5_PAD_ONE        ? "one"
           : pad == HI5_PAD_BACKGROUND ? "bkg"
                                       : "unknown";
}

static void
new_line(struct cli_str *out, unsigned indent)
{
    cli_str_putc(out, '\n');
    cli_str_fill(out, ' ', indent);
}

static void
put_precision(struct cli_str *out, const hi5_type_info *t, unsigned indent)
{
    uint64_t bits = 8 * (uint64_t)t->size, used = (uint64_t)t->offset + t->precision;

    if (bits == t->precision)
        return;
    new_line(out, indent);
    cli_str_printf(out, "(%u bit%s of precision beginning at bit %u)", t->precision,
                   plural(t->precision), t->offset);
    if (t->offset == 0 && used >= bits)
        return;
    new_line(out, indent);
    cli_str_putc(out, '(');
    if (t->offset > 0)
        cli_str_printf(out, "%u %s bit%s at bit 0", t->offset, pad_word(t->lsb_pad),
                       plural(t->offset));
    if (t->offset > 0 && used < bits)
        cli_str_puts(out, ", ");
    if (used < bits)
        cli_str_printf(out, "%llu %s bit%s at bit %llu",
                       (unsigned long long)(bits - used), pad_word(t->msb_pad),
                       plural(bits - used), (unsigned long long)used);
    cli_str_putc(out, ')');
}

static bool
put_native_integer(struct cli_str *out, const hi5_type_info *t)
{
    static const char *const names[] = {"char", "short", "int", "long"};
    unsigned power = t->size == 1 ? 0 : t->size == 2 ? 1 : t->size == 4 ? 2 : 3;

    if ((size_t)1 << power != t->size || !is_plain(t) || !is_host_order(t->order))
        return false;
    cli_str_printf(out, "native %s%s",
                   !t->is_signed ? "unsigned "
                   : power == 0  ? "signed "
                                 : "",
                   names[power]);
    return true;
}

static void
put_integer(const struct ls *ls, struct cli_str *out, const hi5_type_info *t,
            unsigned indent)
{
    if (!ls->simple && put_native_integer(out, t))
        return;
    cli_str_printf(out, "%llu-bit%s%s integer", 8 * (unsigned long long)t->size,
                   order_words(t), t->is_signed ? "" : " unsigned");
    put_precision(out, t, indent);
}

static void
put_bitfield(const struct ls *ls, struct cli_str *out, const hi5_type_info *t,
             unsigned indent)
{
    bool power = t->size == 1 || t->size == 2 || t->size == 4 || t->size == 8;

    if (!ls->simple && power && is_plain(t) && is_host_order(t->order)) {
        cli_str_printf(out, "native %u-bit field", t->precision);
        return;
    }
    cli_str_printf(out, "%llu-bit%s bitfield", 8 * (unsigned long long)t->size,
                   order_words(t));
    put_precision(out, t, indent);
}

/* The IEEE interchange formats of 2, 4 and 8 bytes, apart from the byte order. */
static bool
is_ieee(const hi5_type_info *t)
{
    unsigned exponent = t->size == 2 ? 5 : t->size == 4 ? 8 : 11;
    unsigned bits = 8 * (unsigned)t->size;

    if (t->size != 2 && t->size != 4 && t->size != 8)
        return false;
    return is_plain(t) && t->order != HI5_VAX && t->sign_pos == bits - 1 &&
           t->exp_pos == bits - 1 - exponent && t->exp_size == exponent &&
           t->man_pos == 0 && t->man_size == bits - 1 - exponent &&
           t->exp_bias == (1u << (exponent - 1)) - 1 && t->norm == HI5_NORM_IMPLIED &&
           t->inner_pad == HI5_PAD_ZERO;
}

static void
put_float_fields(struct cli_str *out, const hi5_type_info *t, unsigned indent)
{
    static const char *const norms[] = {", no normalization", ", msb always set",
                                        ", msb implied"};

    put_precision(out, t, indent);
    new_line(out, indent);
    cli_str_printf(out, "(significant for %u bit%s at bit %u%s)", t->man_size,
                   plural(t->man_size), t->man_pos,
                   (unsigned)t->norm < 3 ? norms[t->norm] : ", unknown normalization");
    new_line(out, indent);
    cli_str_printf(out, "(exponent for %u bit%s at bit %u, bias is 0x%lx)", t->exp_size,
                   plural(t->exp_size), t->exp_pos, (unsigned long)t->exp_bias);
    new_line(out, indent);
    cli_str_printf(out, "(sign bit at %u)", t->sign_pos);
    if (1 + (uint64_t)t->exp_size + t->man_size < t->precision) {
        new_line(out, indent);
        cli_str_printf(out, "(internal padding bits are %s)", pad_word(t->inner_pad));
    }
}

static void
put_float(const struct ls *ls, struct cli_str *out, const hi5_type_info *t,
          unsigned indent)
{
    bool ieee = is_ieee(t);

    if (ieee && !ls->simple && is_host_order(t->order)) {
        cli_str_printf(out, "native %s",
                       t->size == 2   ? "_Float16"
                       : t->size == 4 ? "float"
                                      : "double");
    } else if (ieee) {
        cli_str_printf(out, "IEEE %u-bit%s float", t->precision, order_words(t));
    } else {
        cli_str_printf(out, "%llu-bit%s floating-point",
                       8 * (unsigned long long)t->size, order_words(t));
        put_float_fields(out, t, indent);
    }
}

/* -----------------------------------------------------------------------------
 * Enumerations
 */

/* The value of an integer of at most 8 bytes, extended to 64 bits. */
static uint64_t
integer_value(const hi5_type_info *t, const unsigned char *bytes)
{
    uint64_t v = 0;

    for (size_t i = 0; i < t->size; i++)
        v = v << 8 | bytes[t->order == HI5_LE ? t->size - 1 - i : i];
    if (t->offset < 64)
        v >>= t->offset;
    if (t->precision > 0 && t->precision < 64) {
        uint64_t mask = ((uint64_t)1 << t->precision) - 1;
        v &= mask;
        if (t->is_signed && v >> (t->precision - 1))
            v |= ~mask;
    }
    return v;
}

static void
put_enum_value(struct cli_str *out, const hi5_type_info *base,
               const unsigned char *bytes)
{
    if (base->size > 8) {
        cli_str_puts(out, "0x");
        for (size_t i = 0; i < base->size; i++)
            cli_str_printf(out, "%02x", bytes[i]);
    } else if (base->is_signed) {
        /* Two's complement, spelled without relying on a signed conversion. */
        uint64_t v = integer_value(base, bytes);
        bool negative = v >> 63;
        cli_str_printf(out, "%s%llu", negative ? "-" : "",
                       (unsigned long long)(negative ? 0 - v : v));
    } else {
        cli_str_printf(out, "%llu", (unsigned long long)integer_value(base, bytes));
    }
}

static void
pad_to(struct cli_str *out, size_t width, size_t printed)
{
    if (printed < width)
        cli_str_fill(out, ' ', width - printed);
}

static void
put_enum(const struct ls *ls, struct cli_str *out, const hi5_type *type,
         const hi5_type_info *t, unsigned indent)
{
    hi5_type_info base;
    const char *name;
    const void *value;

    hi5_type_get_info(t->base, &base);
    cli_str_puts(out, "enum ");
    ls_type(ls, out, t->base, HI5_NO_ADDRESS, indent + 4);
    cli_str_puts(out, " {");
    for (unsigned i = 0; hi5_type_enum_member(type, i, &name, &value); i++) {
        new_line(out, indent + 4);
        pad_to(out, 16, ls_escape(out, name, true));
        cli_str_puts(out, " = ");
        put_enum_value(out, &base, value);
    }
    if (t->members == 0) {
        new_line(out, indent + 4);
        cli_str_puts(out, " <empty>");
    }
    new_line(out, indent);
    cli_str_putc(out, '}');
}

/* -----------------------------------------------------------------------------
 * The other classes
 */

static void
put_compound(const struct ls *ls, struct cli_str *out, const hi5_type *type,
             const hi5_type_info *t, unsigned indent)
{
    struct placed_member *m = cli_alloc(t->members * sizeof *m);
    uint64_t size = place_members(type, t->members, m);

    cli_str_puts(out, "struct {");
    for (unsigned i = 0; i < t->members; i++) {
        new_line(out, indent + 4);
        cli_str_putc(out, '"');
        size_t n = ls_escape(out, m[i].member.name, false);
        cli_str_putc(out, '"');
        pad_to(out, 16, n);
        cli_str_printf(out, " +%-4llu ", (unsigned long long)m[i].offset);
        ls_type(ls, out, m[i].member.type, HI5_NO_ADDRESS, indent + 4);
    }
    new_line(out, indent);
    cli_str_printf(out, "} %llu byte%s", (unsigned long long)size, plural(size));
    free(m);
}

static void
put_string(struct cli_str *out, const hi5_type_info *t)
{
    static const char *const pads[] = {"null-terminated", "null-padded",
                                       "space-padded"};

    if (t->cls == HI5_VLEN)
        cli_str_puts(out, "variable-length");
    else
        cli_str_printf(out, "%zu-byte", t->size);
    cli_str_printf(out, " %s %s string",
                   (unsigned)t->string_pad < 3 ? pads[t->string_pad] : "unknown-format",
                   t->charset == HI5_ASCII  ? "ASCII"
                   : t->charset == HI5_UTF8 ? "UTF-8"
                                            : "unknown-character-set");
}

static void
put_vlen(const struct ls *ls, struct cli_str *out, const hi5_type_info *t,
         unsigned indent)
{
    if (t->is_vlen_string) {
        put_string(out, t);
        return;
    }
    cli_str_puts(out, "variable length of");
    new_line(out, indent + 4);
    ls_type(ls, out, t->base, HI5_NO_ADDRESS, indent + 4);
}

static void
put_array(const struct ls *ls, struct cli_str *out, const hi5_type_info *t,
          unsigned indent)
{
    for (unsigned i = 0; i < t->rank; i++)
        cli_str_printf(out, "%s%u", i ? "," : "[", (unsigned)t->dims[i]);
    cli_str_puts(out, t->rank ? "] " : " [SCALAR]\n ");
    ls_type(ls, out, t->base, HI5_NO_ADDRESS, indent + 4);
}

static void
put_opaque(struct cli_str *out, const hi5_type_info *t, unsigned indent)
{
    cli_str_printf(out, "%zu-byte opaque type", t->size);
    new_line(out, indent);
    cli_str_puts(out, "(tag = \"");
    ls_escape(out, t->tag ? t->tag : "", false);
    cli_str_puts(out, "\")");
}

void
ls_type(const struct ls *ls, struct cli_str *out, const hi5_type *type,
        uint64_t committed, unsigned indent)
{
    hi5_type_info t;

    if (committed != HI5_NO_ADDRESS)
        cli_str_printf(out, "shared-%lu:%llu", ls->object_file,
                       (unsigned long long)committed);
    hi5_type_get_info(type, &t);
    switch (t.cls) {
    case HI5_INTEGER:
        put_integer(ls, out, &t, indent);
        break;
    case HI5_FLOAT:
        put_float(ls, out, &t, indent);
        break;
    case HI5_COMPOUND:
        put_compound(ls, out, type, &t, indent);
        break;
    case HI5_ENUM:
        put_enum(ls, out, type, &t, indent);
        break;
    case HI5_STRING:
        put_string(out, &t);
        break;
    case HI5_VLEN:
        put_vlen(ls, out, &t, indent);
        break;
    case HI5_ARRAY:
        put_array(ls, out, &t, indent);
        break;
    case HI5_OPAQUE:
        put_opaque(out, &t, indent);
        break;
    case HI5_BITFIELD:
        put_bitfield(ls, out, &t, indent);
        break;
    case HI5_REFERENCE:
        cli_str_puts(out, t.ref_kind == HI5_REF_OBJECT   ? "object reference"
                          : t.ref_kind == HI5_REF_REGION ? "dataset region reference"
                                                         : "standard reference");
        break;
    case HI5_TIME:
    case HI5_COMPLEX:
    default:
        cli_str_printf(out, "%zu-byte class-%u unknown", t.size, (unsigned)t.cls);
        break;
    }
}
