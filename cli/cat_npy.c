/*
 * cat_npy.c - `hi5 cat` as .npy files and raw bytes
 *
 * A .npy file is a magic number, a Python dictionary that tells type and shape, padded
 * so that the data begin at a multiple of 64, and the elements. Compounds are written
 * without gaps. Numbers keep the byte order they have in the file; numbers that NumPy
 * has no name for (other sizes, bits left unused, other floating-point formats) become
 * 64-bit integers and doubles.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"

#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * Types
 */

static bool
is_power(size_t n, size_t least, size_t most)
{
    return n >= least && n <= most && (n & (n - 1)) == 0;
}

static bool
is_plain_integer(const struct value *v)
{
    return is_power(v->size, 1, 8) && v->info.precision == 8 * v->size &&
           v->info.offset == 0 && v->info.order != HI5_VAX;
}

static bool
is_plain_float(const struct value *v)
{
    const hi5_type_info *t = &v->info;
    unsigned exponent = v->size == 2 ? 5 : v->size == 4 ? 8 : 11;
    unsigned mantissa = 8 * (unsigned)v->size - 1 - exponent;

    return is_power(v->size, 2, 8) && t->order != HI5_VAX && t->offset == 0 &&
           t->exp_size == exponent && t->man_size == mantissa && t->man_pos == 0 &&
           t->exp_pos == mantissa && t->sign_pos == mantissa + exponent &&
           t->exp_bias == (1u << (exponent - 1)) - 1 && t->norm == HI5_NORM_IMPLIED;
}

/* Can the bytes be taken as they are? */
static bool
is_plain(const struct value *v)
{
    switch (v->kind) {
    case VALUE_INTEGER:
        return is_plain_integer(v);
    case VALUE_FLOAT:
        return is_plain_float(v);
    case VALUE_ENUM:
    case VALUE_ARRAY:
        return is_plain(v->parts);
    case VALUE_COMPLEX:
        return is_plain_float(v->parts) && v->parts->size >= 4 &&
               (v->nparts == 1 ||
                (v->parts[0].offset == 0 && v->parts[1].offset == v->parts->size &&
                 v->size == 2 * v->parts->size));
    case VALUE_BOOL:
    case VALUE_STRING:
    case VALUE_BYTES:
        return true;
    case VALUE_COMPOUND: {
        size_t at = 0;
        for (size_t i = 0; i < v->nparts; i++) {
            if (v->parts[i].offset != at || !is_plain(&v->parts[i]))
                return false;
            at += v->parts[i].size;
        }
        return at == v->size;
    }
    case VALUE_TEXT:
    case VALUE_LIST:
    case VALUE_REFERENCE:
    default:
        return false;
    }
}

/* Why an array of this type cannot be a .npy file; NULL if it can. */
static const char *
obstacle(const struct value *v)
{
    switch (v->kind) {
    case VALUE_TEXT:
        return "variable-length strings";
    case VALUE_LIST:
        return "variable-length sequences";
    case VALUE_REFERENCE:
        return "references";
    case VALUE_COMPOUND:
    case VALUE_ARRAY:
        for (size_t i = 0; i < v->nparts; i++) {
            const char *why = obstacle(&v->parts[i]);
            if (why)
                return why;
        }
        return NULL;
    default:
        return NULL;
    }
}

static char
order_letter(hi5_byte_order order, size_t size)
{
    return size == 1 ? '|' : order == HI5_BE ? '>' : '<';
}

static hi5_byte_order
host_order(void)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return first ? HI5_LE : HI5_BE;
}

static hi5_byte_order
other_order(hi5_byte_order order)
{
    return order == HI5_LE ? HI5_BE : HI5_LE;
}

static void put_descr(struct cli_str *out, const struct value *v, bool swap);

/* A name as a Python literal. */
static void
put_name(struct cli_str *out, const char *name)
{
    cli_str_putc(out, '\'');
    for (const char *p = name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\'' || c == '\\')
            cli_str_printf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            cli_str_printf(out, "\\x%02x", c);
        else
            cli_str_putc(out, *p);
    }
    cli_str_putc(out, '\'');
}

/* A tuple of dimensions: those given, and those of an array, and of an array in it. */
static void
put_shape(struct cli_str *out, unsigned rank, const uint64_t *shape,
          const struct value *v)
{
    size_t begin = out->n + 1;

    cli_str_putc(out, '(');
    for (unsigned i = 0; i < rank; i++)
        cli_str_printf(out, "%llu, ", (unsigned long long)shape[i]);
    for (; v->kind == VALUE_ARRAY; rank += v->info.rank, v = v->parts)
        for (unsigned i = 0; i < v->info.rank; i++)
            cli_str_printf(out, "%u, ", (unsigned)v->info.dims[i]);
    if (out->n > begin)
        cli_str_cut(out, out->n - (rank == 1 ? 1 : 2)); /* "(3,)" but "(3, 4)" */
    cli_str_putc(out, ')');
}

/* A compound as NumPy describes it: [('x', '<f8'), ('m', '<f4', (3, 3))]. */
static void
put_fields(struct cli_str *out, const struct value *v, bool swap)
{
    cli_str_putc(out, '[');
    for (size_t i = 0; i < v->nparts; i++) {
        const struct value *part = &v->parts[i], *base = part;
        cli_str_puts(out, i ? ", (" : "(");
        put_name(out, part->name);
        cli_str_puts(out, ", ");
        while (base->kind == VALUE_ARRAY)
            base = base->parts;
        put_descr(out, base, swap);
        if (part->kind == VALUE_ARRAY) {
            cli_str_puts(out, ", ");
            put_shape(out, 0, NULL, part);
        }
        cli_str_putc(out, ')');
    }
    cli_str_putc(out, ']');
}

static void
put_number(struct cli_str *out, char letter, size_t size, hi5_byte_order order)
{
    cli_str_printf(out, "'%c%c%zu'", order_letter(order, size), letter, size);
}

static void
put_descr(struct cli_str *out, const struct value *v, bool swap)
{
    const struct value *number =
        v->kind == VALUE_ENUM || v->kind == VALUE_COMPLEX ? v->parts : v;
    hi5_byte_order order = is_plain(number) ? number->info.order : host_order();

    if (swap)
        order = other_order(order);
    switch (v->kind) {
    case VALUE_INTEGER:
    case VALUE_ENUM:
        put_number(out, number->info.is_signed ? 'i' : 'u',
                   is_plain(number) ? number->size : 8, order);
        break;
    case VALUE_FLOAT:
        put_number(out, 'f', is_plain(v) ? v->size : 8, order);
        break;
    case VALUE_COMPLEX:
        if (is_plain(v))
            put_number(out, 'c', 2 * number->size, order);
        else
            put_number(out, 'c', 16, swap ? other_order(host_order()) : host_order());
        break;
    case VALUE_BOOL:
        cli_str_puts(out, "'|b1'");
        break;
    case VALUE_STRING:
        cli_str_printf(out, "'|S%zu'", v->size);
        break;
    case VALUE_COMPOUND:
        put_fields(out, v, swap);
        break;
    case VALUE_ARRAY:
        put_descr(out, v->parts, swap);
        break;
    case VALUE_TEXT:
    case VALUE_LIST:
    case VALUE_REFERENCE:
    case VALUE_BYTES:
    default:
        cli_str_printf(out, "'|V%zu'", v->size);
        break;
    }
}

/* -----------------------------------------------------------------------------
 * Elements
 */

static void
pack_number(struct cli_str *out, const void *p, size_t n)
{
    cli_str_add(out, p, n);
}

static void
pack_double(struct cli_str *out, long double wide)
{
    double x = (double)wide;

    pack_number(out, &x, sizeof x);
}

/* One element without gaps, its numbers in a form that NumPy knows. */
static void
pack(struct cli_str *out, const struct value *v, const char *at)
{
    if (is_plain(v)) {
        cli_str_add(out, at, v->size);
    } else if (v->kind == VALUE_INTEGER || v->kind == VALUE_ENUM) {
        uint64_t x = value_integer(v->kind == VALUE_ENUM ? v->parts : v, at);
        pack_number(out, &x, sizeof x);
    } else if (v->kind == VALUE_FLOAT) {
        pack_double(out, value_float(v, at));
    } else if (v->kind == VALUE_COMPLEX) {
        pack_double(out, value_complex(v, at, 0));
        pack_double(out, value_complex(v, at, 1));
    } else if (v->kind == VALUE_COMPOUND) {
        for (size_t i = 0; i < v->nparts; i++)
            pack(out, &v->parts[i], at + v->parts[i].offset);
    } else if (v->kind == VALUE_ARRAY) {
        for (uint64_t i = 0; i < v->count; i++)
            pack(out, v->parts, at + i * v->parts->size);
    }
}

struct writer {
    FILE *out;
    struct value *value;
    bool as_is;  /* the bytes need no packing */
    size_t swap; /* reverse groups of so many bytes; 0: do not */
    struct cli_str buf;
};

static void
swap_bytes(char *p, size_t n, size_t size)
{
    for (size_t at = 0; at + size <= n; at += size)
        for (size_t i = 0; i < size / 2; i++) {
            char c = p[at + i];
            p[at + i] = p[at + size - 1 - i];
            p[at + size - 1 - i] = c;
        }
}

static void
write_block(void *ctx, const void *values, uint64_t n)
{
    struct writer *w = ctx;
    const char *at = values;
    size_t size = w->value->size;

    if (w->as_is && !w->swap) {
        cli_write(w->out, values, (size_t)n * size);
        return;
    }
    cli_str_cut(&w->buf, 0);
    if (w->as_is)
        cli_str_add(&w->buf, values, (size_t)n * size);
    else
        for (uint64_t i = 0; i < n; i++)
            pack(&w->buf, w->value, at + i * size);
    if (w->swap && w->buf.n)
        swap_bytes(w->buf.p, w->buf.n, w->swap);
    if (w->buf.n)
        cli_write(w->out, w->buf.p, w->buf.n);
}

static void
write_npy_header(struct writer *w, const struct cat_source *s, bool swap)
{
    struct cli_str dict = {0};
    char head[12] = "\x93NUMPY\1";
    size_t head_size = 10;

    cli_str_puts(&dict, "{'descr': ");
    put_descr(&dict, w->value, swap);
    cli_str_puts(&dict, ", 'fortran_order': False, 'shape': ");
    put_shape(&dict, s->rank, s->shape_out, w->value);
    cli_str_puts(&dict, ", }");
    if (dict.n > 65000) {
        head[6] = 2; /* version 2.0 counts with four bytes */
        head_size = 12;
    }
    cli_str_fill(&dict, ' ', 63 - (head_size + dict.n) % 64);
    cli_str_putc(&dict, '\n');
    for (size_t i = 8; i < head_size; i++)
        head[i] = (char)(dict.n >> 8 * (i - 8) & 0xff);
    cli_write(w->out, head, head_size);
    cli_write(w->out, dict.p, dict.n);
    cli_str_free(&dict);
}

static hi5_status
refuse(hi5_error *err, const char *what, const char *format)
{
    *err = (hi5_error){.status = HI5_E_TYPE,
                       .address = HI5_NO_ADDRESS,
                       .structure = "",
                       .field = "",
                       .section = ""};
    snprintf(err->message, sizeof err->message,
             "%s cannot be written as %s; use --format json, csv or text", what,
             format);
    snprintf(err->cause, sizeof err->cause, "no %s of this type", format);
    return HI5_E_TYPE;
}

hi5_status
cat_write(struct cat_source *s, bool npy, bool swap, FILE *out, hi5_error *err)
{
    struct writer w = {.out = out, .value = value_compile(s->memory)};
    const char *why = obstacle(w.value);
    hi5_status status;

    if (!why && s->shape.kind == HI5_NULL && npy)
        why = "null dataspaces";
    if (why) {
        status = refuse(err, why, npy ? ".npy" : "raw bytes");
    } else {
        const struct value *leaf = w.value;
        while (leaf->kind == VALUE_ARRAY)
            leaf = leaf->parts;
        w.as_is = !npy || is_plain(w.value);
        w.swap = swap ? leaf->size : 0;
        if (npy)
            write_npy_header(&w, s, swap);
        status = cat_each_block(s, write_block, &w, err);
    }
    value_free(w.value);
    cli_str_free(&w.buf);
    return status;
}
