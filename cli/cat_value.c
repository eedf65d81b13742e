/*
 * cat_value.c - one value, for `hi5 cat`: as text, in a cell of CSV, or as JSON
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"

#include <math.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * Strings
 */

/* The length of the UTF-8 sequence at `s`, or 0 if it is none. */
static size_t
utf8_length(const unsigned char *s, size_t n)
{
    size_t k = s[0] < 0x80                    ? 1
               : s[0] >= 0xc2 && s[0] < 0xe0  ? 2
               : s[0] >= 0xe0 && s[0] < 0xf0  ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                              : 0;

    if (k == 0 || k > n)
        return 0;
    for (size_t i = 1; i < k; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return k;
}

/* Text between quotes. What is no UTF-8 becomes \xNN in text, and in JSON the lone
 * surrogate that Python's "surrogateescape" turns back into the byte. */
static void
put_quoted(struct cli_str *out, const char *text, size_t n, char quote, bool json)
{
    static const char special[] = "\b\f\n\r\t", letter[] = "bfnrt";
    const unsigned char *s = (const unsigned char *)text;

    cli_str_putc(out, quote);
    for (size_t i = 0; i < n;) {
        size_t k = utf8_length(s + i, n - i);
        const char *at = s[i] ? strchr(special, s[i]) : NULL;
        if (s[i] == (unsigned char)quote || s[i] == '\\')
            cli_str_printf(out, "\\%c", s[i]);
        else if (at)
            cli_str_printf(out, "\\%c", letter[at - special]);
        else if (k == 0)
            cli_str_printf(out, json ? "\\udc%02x" : "\\x%02x", (unsigned)s[i]);
        else if (s[i] < 0x20 || s[i] == 0x7f)
            cli_str_printf(out, json ? "\\u%04x" : "\\x%02x", (unsigned)s[i]);
        else
            cli_str_add(out, s + i, k);
        i += k ? k : 1;
    }
    cli_str_putc(out, quote);
}

/* A string on its own: as it is, but for what would upset a terminal. */
void
cat_put_bare(struct cli_str *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            cli_str_printf(out, "\\x%02x", (unsigned)c);
        else
            cli_str_putc(out, text[i]);
    }
}

static void
put_string(struct cat_writer *w, struct cli_str *out, const char *text, size_t n)
{
    if (w->format == CAT_JSON)
        put_quoted(out, text, n, '"', true);
    else if (w->format == CAT_CSV)
        cli_str_add(out, text, n); /* quoted with the cell */
    else
        put_quoted(out, text, n, '\'', false);
}

/* -----------------------------------------------------------------------------
 * Numbers
 */

static void
put_float(struct cat_writer *w, struct cli_str *out, const struct value *v,
          long double x)
{
    if (w->format == CAT_JSON && isnan(x))
        cli_str_puts(out, "\"NaN\"");
    else if (w->format == CAT_JSON && isinf(x))
        cli_str_puts(out, x < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    else
        value_put_float(out, v, x);
}

static void
put_complex(struct cat_writer *w, struct cli_str *out, const struct value *v,
            const void *at)
{
    long double re = value_complex(v, at, 0), im = value_complex(v, at, 1);

    if (w->format == CAT_JSON) {
        cli_str_putc(out, '[');
        put_float(w, out, v->parts, re);
        cli_str_puts(out, ", ");
        put_float(w, out, v->parts, im);
        cli_str_putc(out, ']');
        return;
    }
    put_float(w, out, v->parts, re);
    if (!signbit(im))
        cli_str_putc(out, '+');
    put_float(w, out, v->parts, im);
    cli_str_putc(out, 'j');
}

static void
put_enum(struct cat_writer *w, struct cli_str *out, const struct value *v,
         const void *at)
{
    const char *name = hi5_type_enum_name(v->type, at);

    if (!name)
        cat_put_value(w, out, v->parts, at);
    else if (w->format == CAT_JSON)
        put_quoted(out, name, strlen(name), '"', true);
    else
        cli_str_puts(out, name);
}

/* -----------------------------------------------------------------------------
 * References
 */

static void
put_reference(struct cat_writer *w, struct cli_str *out, const void *at)
{
    hi5_reference r;
    struct name_target target;
    struct cli_str name = {0};
    hi5_error err;
    bool json = w->format == CAT_JSON;

    memcpy(&r, at, sizeof r);
    if (names_resolve(&w->names, &r, &target, &err)) {
        if (err.status != HI5_E_NOTFOUND)
            cli_fail(w->name, &err);
        cli_str_puts(out, json ? "null" : w->format == CAT_CSV ? "" : "<null>");
        return;
    }
    if (target.path)
        cli_str_puts(&name, target.path);
    else
        cli_str_printf(&name, "%s@%llu", target.t.file_name ? target.t.file_name : "",
                       (unsigned long long)target.t.address);
    cli_str_puts(out, json ? "{\"object\": " : "<");
    if (json)
        put_quoted(out, name.p, name.n, '"', true);
    else
        cat_put_bare(out, name.p, name.n);
    if (target.t.attribute) {
        cli_str_puts(out, json ? ", \"attribute\": " : " attribute ");
        put_quoted(out, target.t.attribute, strlen(target.t.attribute), '"', json);
    }
    if (target.t.selection)
        cli_str_printf(out, json ? ", \"elements\": %llu" : " elements %llu",
                       (unsigned long long)hi5_selection_count(target.t.selection));
    cli_str_putc(out, json ? '}' : '>');
    cli_str_free(&name);
    hi5_target_free(&target.t);
}

/* -----------------------------------------------------------------------------
 * Any value
 */

static void
put_compound(struct cat_writer *w, struct cli_str *out, const struct value *v,
             const char *at)
{
    bool json = w->format == CAT_JSON;

    cli_str_putc(out, json ? '{' : '(');
    for (size_t i = 0; i < v->nparts; i++) {
        const struct value *part = &v->parts[i];
        if (i > 0)
            cli_str_puts(out, ", ");
        if (json) {
            put_quoted(out, part->name, strlen(part->name), '"', true);
            cli_str_puts(out, ": ");
        }
        cat_put_value(w, out, part, at + part->offset);
    }
    if (!json && v->nparts == 1)
        cli_str_putc(out, ',');
    cli_str_putc(out, json ? '}' : ')');
}

/* `n` values, in nested brackets as the shape tells. */
static void
put_sequence(struct cat_writer *w, struct cli_str *out, const struct value *base,
             const char *at, uint64_t n, unsigned rank, const uint32_t *dims)
{
    const char *comma = w->format == CAT_JSON ? ", " : " ";

    for (uint64_t k = 0; k < n; k++) {
        uint64_t rows = 1;
        if (k > 0)
            cli_str_puts(out, comma);
        for (unsigned i = rank; i-- > 0;) {
            rows *= dims[i];
            if (k % rows != 0)
                break;
            cli_str_putc(out, '[');
        }
        cat_put_value(w, out, base, at + k * base->size);
        rows = 1;
        for (unsigned i = rank; i-- > 0;) {
            rows *= dims[i];
            if ((k + 1) % rows != 0)
                break;
            cli_str_putc(out, ']');
        }
    }
    if (n == 0)
        cli_str_puts(out, "[]");
}

static void
put_list(struct cat_writer *w, struct cli_str *out, const struct value *v,
         const void *at)
{
    hi5_vlen list;
    uint32_t n;

    memcpy(&list, at, sizeof list);
    n = list.n < UINT32_MAX ? (uint32_t)list.n : UINT32_MAX;
    put_sequence(w, out, v->parts, list.p, n, 1, &n);
}

static void
put_text(struct cat_writer *w, struct cli_str *out, const void *at)
{
    const char *text;

    memcpy(&text, at, sizeof text);
    if (text)
        put_string(w, out, text, strlen(text));
    else
        put_string(w, out, "", 0);
}

static void
put_bytes(struct cat_writer *w, struct cli_str *out, const struct value *v,
          const void *at)
{
    bool json = w->format == CAT_JSON;

    cli_str_puts(out, json ? "\"" : "0x");
    value_put_hex(out, at, v->size);
    if (json)
        cli_str_putc(out, '"');
}

void
cat_put_value(struct cat_writer *w, struct cli_str *out, const struct value *v,
              const void *at)
{
    switch (v->kind) {
    case VALUE_INTEGER:
        value_put_integer(out, v, at);
        break;
    case VALUE_FLOAT:
        put_float(w, out, v, value_float(v, at));
        break;
    case VALUE_ENUM:
        put_enum(w, out, v, at);
        break;
    case VALUE_BOOL: {
        bool yes = *(const unsigned char *)at != 0;
        if (w->format == CAT_TEXT)
            cli_str_puts(out, yes ? "True" : "False");
        else
            cli_str_puts(out, yes ? "true" : "false");
        break;
    }
    case VALUE_STRING:
        put_string(w, out, at, value_string_length(v, at));
        break;
    case VALUE_TEXT:
        put_text(w, out, at);
        break;
    case VALUE_COMPLEX:
        put_complex(w, out, v, at);
        break;
    case VALUE_COMPOUND:
        put_compound(w, out, v, at);
        break;
    case VALUE_ARRAY:
        put_sequence(w, out, v->parts, at, v->count, v->info.rank, v->info.dims);
        break;
    case VALUE_LIST:
        put_list(w, out, v, at);
        break;
    case VALUE_REFERENCE:
        put_reference(w, out, at);
        break;
    case VALUE_BYTES:
    default:
        put_bytes(w, out, v, at);
        break;
    }
}
