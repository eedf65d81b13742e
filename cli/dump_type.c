/*
 * dump_type.c - datatypes and dataspaces in DDL
 *
 * A type that is what one of HDF5's predefined types says is called by its name. Types
 * with parts take several lines; each is printed when the next one begins, and the last
 * one is left to the caller, who adds what follows the type.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

/* Print the line that has gathered in `text`, and begin another one. */
static void
next_line(struct dump *d, struct dump_line *l, struct cli_str *text)
{
    dump_more(d, l, cli_str_text(text));
    cli_str_cut(text, 0);
    l->fresh = true;
}

/* All bits belong to the number. */
static bool
fills_its_bytes(const hi5_type_info *t)
{
    return t->offset == 0 && t->precision == 8 * t->size &&
           t->lsb_pad == HI5_PAD_ZERO && t->msb_pad == HI5_PAD_ZERO;
}

static bool
power_of_two_to_8(size_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

static const char *
order_suffix(const hi5_type_info *t)
{
    return t->order == HI5_BE ? "BE" : "LE";
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

static void
put_integer_type(struct cli_str *text, const hi5_type_info *t)
{
    if (fills_its_bytes(t) && power_of_two_to_8(t->size) && t->order != HI5_VAX)
        cli_str_printf(text, "H5T_STD_%c%zu%s", t->is_signed ? 'I' : 'U', 8 * t->size,
                       order_suffix(t));
    else
        cli_str_printf(text, "%zu-bit%s%s integer %u-bit precision", 8 * t->size,
                       order_words(t), t->is_signed ? "" : " unsigned", t->precision);
}

/* The predefined floats: how many bits the exponent has, and its bias. */
static const struct {
    size_t size;
    unsigned exponent;
    uint32_t bias;
    bool vax;
    const char *name;
} float_names[] = {
    {2, 5, 15, false, "H5T_IEEE_F16"},    {4, 8, 127, false, "H5T_IEEE_F32"},
    {8, 11, 1023, false, "H5T_IEEE_F64"}, {4, 8, 129, true, "H5T_VAX_F32"},
    {8, 11, 1025, true, "H5T_VAX_F64"},
};

/* The name of a predefined float without the byte order, or NULL. */
static const char *
float_name(const hi5_type_info *t)
{
    unsigned bits = 8 * (unsigned)t->size;

    if (!fills_its_bytes(t) || t->norm != HI5_NORM_IMPLIED ||
        t->inner_pad != HI5_PAD_ZERO || t->sign_pos != bits - 1 || t->man_pos != 0)
        return NULL;
    for (size_t i = 0; i < sizeof float_names / sizeof *float_names; i++)
        if (float_names[i].size == t->size && float_names[i].exponent == t->exp_size &&
            float_names[i].bias == t->exp_bias &&
            float_names[i].vax == (t->order == HI5_VAX) &&
            t->man_size == bits - 1 - t->exp_size && t->exp_pos == t->man_size)
            return float_names[i].name;
    return NULL;
}

static void
put_float_type(struct cli_str *text, const hi5_type_info *t)
{
    const char *name = float_name(t);

    if (name)
        cli_str_printf(text, "%s%s", name, t->order == HI5_VAX ? "" : order_suffix(t));
    else
        cli_str_printf(text, "%zu-bit%s floating-point %u-bit precision", 8 * t->size,
                       order_words(t), t->precision);
}

static void
put_complex_type(struct dump *d, struct dump_line *l, struct cli_str *text,
                 const hi5_type_info *t)
{
    hi5_type_info part;

    hi5_type_get_info(t->base, &part);
    const char *name = part.cls == HI5_FLOAT ? float_name(&part) : NULL;
    if (name && strncmp(name, "H5T_IEEE_", 9) == 0) {
        cli_str_printf(text, "H5T_COMPLEX_%s%s", name + 4, order_suffix(&part));
    } else {
        cli_str_puts(text, "H5T_COMPLEX { ");
        dump_type(d, l, text, t->base, true);
        cli_str_puts(text, " }");
    }
}

static void
put_string_type(struct dump *d, struct dump_line *l, struct cli_str *text,
                const hi5_type_info *t)
{
    static const char *const pads[] = {"NULLTERM", "NULLPAD", "SPACEPAD"};

    cli_str_puts(text, "H5T_STRING {");
    next_line(d, l, text);
    l->indent++;
    if (t->is_vlen_string)
        cli_str_puts(text, "STRSIZE H5T_VARIABLE;");
    else
        cli_str_printf(text, "STRSIZE %d;", (int)t->size);
    next_line(d, l, text);
    cli_str_printf(text, "STRPAD H5T_STR_%s;",
                   (unsigned)t->string_pad < 3 ? pads[t->string_pad] : "UNKNOWN");
    next_line(d, l, text);
    cli_str_printf(text, "CSET H5T_CSET_%s;",
                   t->charset == HI5_ASCII  ? "ASCII"
                   : t->charset == HI5_UTF8 ? "UTF8"
                                            : "UNKNOWN");
    next_line(d, l, text);
    cli_str_puts(text, "CTYPE H5T_C_S1;");
    next_line(d, l, text);
    l->indent--;
    cli_str_putc(text, '}');
}

static void
put_opaque_type(struct dump *d, struct dump_line *l, struct cli_str *text,
                const hi5_type_info *t)
{
    cli_str_puts(text, "H5T_OPAQUE {");
    next_line(d, l, text);
    l->indent++;
    cli_str_printf(text, "OPAQUE_TAG \"%s\";", t->tag ? t->tag : "");
    next_line(d, l, text);
    l->indent--;
    cli_str_putc(text, '}');
}

static void
put_compound_type(struct dump *d, struct dump_line *l, struct cli_str *text,
                  const hi5_type *t)
{
    hi5_member m;

    cli_str_puts(text, "H5T_COMPOUND {");
    next_line(d, l, text);
    l->indent++;
    for (unsigned i = 0; hi5_type_member(t, i, &m); i++) {
        dump_type(d, l, text, m.type, true);
        cli_str_printf(text, " \"%s\";", m.name);
        next_line(d, l, text);
    }
    l->indent--;
    cli_str_putc(text, '}');
}

void
dump_put_enum_value(struct cli_str *text, const hi5_type_info *base,
                    const unsigned char *p)
{
    uint64_t value = 0;

    if (base->size > sizeof value) {
        cli_str_puts(text, "0x");
        for (size_t i = 0; i < base->size; i++)
            cli_str_printf(text, "%02x", p[i]);
        return;
    }
    for (size_t i = 0; i < base->size; i++)
        value |= (uint64_t)p[base->order == HI5_BE ? base->size - 1 - i : i] << 8 * i;
    value = base->offset < 64 ? value >> base->offset : 0;
    unsigned unused = base->precision < 64 ? 64 - base->precision : 0;
    value = value << unused >> unused;
    if (base->is_signed && unused > 0 && value >> (63 - unused))
        value |= ~(UINT64_MAX >> unused);
    if (base->is_signed)
        cli_str_printf(text, "%lld", (long long)value);
    else
        cli_str_printf(text, "%llu", (unsigned long long)value);
}

static void
put_enum_type(struct dump *d, struct dump_line *l, struct cli_str *text,
              const hi5_type *t, const hi5_type_info *info)
{
    hi5_type_info base;
    const char *name;
    const void *value;

    hi5_type_get_info(info->base, &base);
    cli_str_puts(text, "H5T_ENUM {");
    next_line(d, l, text);
    l->indent++;
    dump_type(d, l, text, info->base, true);
    cli_str_putc(text, ';');
    next_line(d, l, text);
    for (unsigned i = 0; hi5_type_enum_member(t, i, &name, &value); i++) {
        struct cli_str line = {0};
        size_t n = strlen(name);
        cli_str_printf(&line, "\"%s\"", name);
        cli_str_fill(&line, ' ', n < 16 ? 17 - n : 1);
        dump_put_enum_value(&line, &base, value);
        dump_long_head(d, l, "%s;", cli_str_text(&line));
        cli_str_free(&line);
    }
    l->fresh = true;
    l->indent--;
    cli_str_putc(text, '}');
}

static void
put_array_type(struct dump *d, struct dump_line *l, struct cli_str *text,
               const hi5_type_info *t)
{
    cli_str_puts(text, "H5T_ARRAY { ");
    for (unsigned i = 0; i < t->rank; i++)
        cli_str_printf(text, "[%lu]", (unsigned long)t->dims[i]);
    cli_str_putc(text, ' ');
    dump_type(d, l, text, t->base, true);
    cli_str_puts(text, " }");
}

static const char *
reference_name(const hi5_type_info *t)
{
    switch (t->ref_kind) {
    case HI5_REF_OBJECT:
        return "H5T_STD_REF_OBJECT";
    case HI5_REF_REGION:
        return "H5T_STD_REF_DSETREG";
    default:
        return "H5T_STD_REF";
    }
}

/* A committed type, by its path, or by its address if it has none. */
static void
put_type_name(struct dump *d, struct cli_str *text, uint64_t address)
{
    const struct dump_entry *t =
        dump_find(&d->table, hi5_file_number(d->current), address);

    if (!t)
        cli_error("unknown committed type");
    else if (t->named)
        cli_str_printf(text, "\"%s\"", t->name);
    else
        cli_str_printf(text, "\"/#%llu\"", (unsigned long long)address);
}

void
dump_type(struct dump *d, struct dump_line *l, struct cli_str *text, const hi5_type *t,
          bool by_name)
{
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    if (by_name && hi5_type_committed(t) != HI5_NO_ADDRESS) {
        put_type_name(d, text, hi5_type_committed(t));
        return;
    }
    switch (info.cls) {
    case HI5_INTEGER:
        put_integer_type(text, &info);
        break;
    case HI5_FLOAT:
        put_float_type(text, &info);
        break;
    case HI5_TIME:
        cli_str_puts(text, "H5T_TIME: not yet implemented");
        break;
    case HI5_STRING:
        put_string_type(d, l, text, &info);
        break;
    case HI5_BITFIELD:
        if (fills_its_bytes(&info) && power_of_two_to_8(info.size))
            cli_str_printf(text, "H5T_STD_B%zu%s", 8 * info.size, order_suffix(&info));
        else
            cli_str_puts(text, "undefined bitfield");
        break;
    case HI5_OPAQUE:
        put_opaque_type(d, l, text, &info);
        break;
    case HI5_COMPOUND:
        put_compound_type(d, l, text, t);
        break;
    case HI5_REFERENCE:
        cli_str_printf(text, "H5T_REFERENCE { %s }", reference_name(&info));
        break;
    case HI5_ENUM:
        put_enum_type(d, l, text, t, &info);
        break;
    case HI5_VLEN:
        if (info.is_vlen_string) {
            put_string_type(d, l, text, &info);
            break;
        }
        cli_str_puts(text, "H5T_VLEN { ");
        dump_type(d, l, text, info.base, true);
        cli_str_puts(text, " }");
        break;
    case HI5_ARRAY:
        put_array_type(d, l, text, &info);
        break;
    case HI5_COMPLEX:
        put_complex_type(d, l, text, &info);
        break;
    }
}

void
dump_type_heading(struct dump *d, struct dump_line *l, const hi5_type *t)
{
    struct cli_str text = {0};

    l->fresh = true;
    cli_str_puts(&text, "DATATYPE  ");
    dump_type(d, l, &text, t, true);
    dump_more(d, l, cli_str_text(&text));
    cli_str_free(&text);
}

static void
put_dims(struct cli_str *text, unsigned rank, const uint64_t *dims)
{
    cli_str_puts(text, "( ");
    for (unsigned i = 0; i < rank; i++) {
        cli_str_puts(text, i ? ", " : "");
        if (dims[i] == HI5_UNLIMITED)
            cli_str_puts(text, "H5S_UNLIMITED");
        else
            cli_str_printf(text, "%llu", (unsigned long long)dims[i]);
    }
    cli_str_puts(text, " )");
}

void
dump_space_heading(struct dump *d, struct dump_line *l, const hi5_shape *shape)
{
    struct cli_str text = {0};

    cli_str_puts(&text, "DATASPACE  ");
    switch (shape->kind) {
    case HI5_SCALAR:
        cli_str_puts(&text, "SCALAR");
        break;
    case HI5_NULL:
        cli_str_puts(&text, "NULL");
        break;
    case HI5_SIMPLE:
        cli_str_puts(&text, "SIMPLE { ");
        put_dims(&text, shape->rank, shape->dims);
        cli_str_puts(&text, " / ");
        put_dims(&text, shape->rank, shape->max);
        cli_str_puts(&text, " }");
        break;
    }
    dump_head(d, l, "%s", cli_str_text(&text));
    cli_str_free(&text);
}
