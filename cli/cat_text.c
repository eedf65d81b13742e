/*
 * cat_text.c - `hi5 cat` as text, CSV and JSON
 *
 * Text looks as NumPy prints arrays, but is never abridged: rows begin on a new line and
 * are broken at the width of the terminal, numbers stand in columns. JSON has nested
 * arrays, compounds as objects; NaN and infinities, which JSON does not have, are the
 * strings "NaN", "Infinity" and "-Infinity". CSV has a line for each row, or for each
 * element if that has several columns.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"
#include "names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 16384 /* of CSV that one element is spread over */

struct printer {
    struct cat_source *s;
    enum cat_format format;
    FILE *out;
    struct value *value;
    struct names names;
    uint64_t index;            /* of the next element in the result */
    unsigned rank;
    const uint64_t *shape;
    bool spread;               /* CSV: an element has columns of its own */
    size_t width;              /* text: of a column of numbers so far */
    size_t columns, column;    /* of a line; used so far */
    struct cli_str text;       /* the elements of a block */
    size_t *ends;              /* where each element ends in it */
    size_t nends;
    struct cli_str line;       /* being put together for output */
    struct cli_str cell;
};

static void put_value(struct printer *p, struct cli_str *out, const struct value *v,
                      const void *at);

/* -----------------------------------------------------------------------------
 * Strings
 */

/* The length of the UTF-8 sequence at `s`, or 0 if it is none. */
static size_t
utf8_length(const unsigned char *s, size_t n)
{
    size_t k = s[0] < 0x80                     ? 1
               : s[0] >= 0xc2 && s[0] < 0xe0   ? 2
               : s[0] >= 0xe0 && s[0] < 0xf0   ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;

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
static void
put_bare(struct cli_str *out, const char *text, size_t n)
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
put_string(struct printer *p, struct cli_str *out, const char *text, size_t n)
{
    if (p->format == CAT_JSON)
        put_quoted(out, text, n, '"', true);
    else if (p->format == CAT_CSV)
        cli_str_add(out, text, n); /* quoted with the cell */
    else
        put_quoted(out, text, n, '\'', false);
}

/* -----------------------------------------------------------------------------
 * Numbers
 */

static void
put_float(struct printer *p, struct cli_str *out, const struct value *v, long double x)
{
    if (p->format == CAT_JSON && isnan(x))
        cli_str_puts(out, "\"NaN\"");
    else if (p->format == CAT_JSON && isinf(x))
        cli_str_puts(out, x < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    else
        value_put_float(out, v, x);
}

static void
put_complex(struct printer *p, struct cli_str *out, const struct value *v, const void *at)
{
    long double re = value_complex(v, at, 0), im = value_complex(v, at, 1);

    if (p->format == CAT_JSON) {
        cli_str_putc(out, '[');
        put_float(p, out, v->parts, re);
        cli_str_puts(out, ", ");
        put_float(p, out, v->parts, im);
        cli_str_putc(out, ']');
        return;
    }
    put_float(p, out, v->parts, re);
    if (!signbit(im))
        cli_str_putc(out, '+');
    put_float(p, out, v->parts, im);
    cli_str_putc(out, 'j');
}

static void
put_enum(struct printer *p, struct cli_str *out, const struct value *v, const void *at)
{
    const char *name = hi5_type_enum_name(v->type, at);

    if (!name)
        put_value(p, out, v->parts, at);
    else if (p->format == CAT_JSON)
        put_quoted(out, name, strlen(name), '"', true);
    else
        cli_str_puts(out, name);
}

/* -----------------------------------------------------------------------------
 * References
 */

static void
put_reference(struct printer *p, struct cli_str *out, const void *at)
{
    hi5_reference r;
    struct name_target target;
    struct cli_str name = {0};
    hi5_error err;
    bool json = p->format == CAT_JSON;

    memcpy(&r, at, sizeof r);
    if (names_resolve(&p->names, &r, &target, &err)) {
        if (err.status != HI5_E_NOTFOUND)
            cli_fail(p->s->name, &err);
        cli_str_puts(out, json ? "null" : p->format == CAT_CSV ? "" : "<null>");
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
        put_bare(out, name.p, name.n);
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
put_compound(struct printer *p, struct cli_str *out, const struct value *v, const char *at)
{
    bool json = p->format == CAT_JSON;

    cli_str_putc(out, json ? '{' : '(');
    for (size_t i = 0; i < v->nparts; i++) {
        const struct value *part = &v->parts[i];
        if (i > 0)
            cli_str_puts(out, ", ");
        if (json) {
            put_quoted(out, part->name, strlen(part->name), '"', true);
            cli_str_puts(out, ": ");
        }
        put_value(p, out, part, at + part->offset);
    }
    if (!json && v->nparts == 1)
        cli_str_putc(out, ',');
    cli_str_putc(out, json ? '}' : ')');
}

/* `n` values, in nested brackets as the shape tells. */
static void
put_sequence(struct printer *p, struct cli_str *out, const struct value *base,
             const char *at, uint64_t n, unsigned rank, const uint32_t *dims)
{
    const char *comma = p->format == CAT_JSON ? ", " : " ";

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
        put_value(p, out, base, at + k * base->size);
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
put_list(struct printer *p, struct cli_str *out, const struct value *v, const void *at)
{
    hi5_vlen list;
    uint32_t n;

    memcpy(&list, at, sizeof list);
    n = list.n < UINT32_MAX ? (uint32_t)list.n : UINT32_MAX;
    put_sequence(p, out, v->parts, list.p, n, 1, &n);
}

static void
put_text(struct printer *p, struct cli_str *out, const void *at)
{
    const char *text;

    memcpy(&text, at, sizeof text);
    if (text)
        put_string(p, out, text, strlen(text));
    else
        put_string(p, out, "", 0);
}

static void
put_bytes(struct printer *p, struct cli_str *out, const struct value *v, const void *at)
{
    bool json = p->format == CAT_JSON;

    cli_str_puts(out, json ? "\"" : "0x");
    value_put_hex(out, at, v->size);
    if (json)
        cli_str_putc(out, '"');
}

static void
put_value(struct printer *p, struct cli_str *out, const struct value *v, const void *at)
{
    switch (v->kind) {
    case VALUE_INTEGER: value_put_integer(out, v, at); break;
    case VALUE_FLOAT: put_float(p, out, v, value_float(v, at)); break;
    case VALUE_ENUM: put_enum(p, out, v, at); break;
    case VALUE_BOOL: {
        bool yes = *(const unsigned char *)at != 0;
        if (p->format == CAT_TEXT)
            cli_str_puts(out, yes ? "True" : "False");
        else
            cli_str_puts(out, yes ? "true" : "false");
        break;
    }
    case VALUE_STRING: put_string(p, out, at, value_string_length(v, at)); break;
    case VALUE_TEXT: put_text(p, out, at); break;
    case VALUE_COMPLEX: put_complex(p, out, v, at); break;
    case VALUE_COMPOUND: put_compound(p, out, v, at); break;
    case VALUE_ARRAY:
        put_sequence(p, out, v->parts, at, v->count, v->info.rank, v->info.dims);
        break;
    case VALUE_LIST: put_list(p, out, v, at); break;
    case VALUE_REFERENCE: put_reference(p, out, at); break;
    case VALUE_BYTES:
    default: put_bytes(p, out, v, at); break;
    }
}

/* -----------------------------------------------------------------------------
 * CSV
 */

static size_t
columns_of(const struct value *v)
{
    size_t n = 0;

    if (v->kind == VALUE_ARRAY) {
        n = columns_of(v->parts);
        return v->count > MAX_COLUMNS / n ? MAX_COLUMNS + 1 : n * (size_t)v->count;
    }
    if (v->kind != VALUE_COMPOUND)
        return 1;
    for (size_t i = 0; i < v->nparts && n <= MAX_COLUMNS; i++)
        n += columns_of(&v->parts[i]);
    return n ? n : 1;
}

/* A cell, in quotes where RFC 4180 wants them. */
static void
put_cell(struct cli_str *out, const struct cli_str *cell)
{
    const char *text = cli_str_text(cell);

    if (strcspn(text, ",\"\r\n") == cell->n && !(cell->n && (*text == ' '))) {
        cli_str_add(out, text, cell->n);
        return;
    }
    cli_str_putc(out, '"');
    for (size_t i = 0; i < cell->n; i++) {
        if (text[i] == '"')
            cli_str_putc(out, '"');
        cli_str_putc(out, text[i]);
    }
    cli_str_putc(out, '"');
}

/* Values that hold others are JSON in their cell. */
static void
put_csv_leaf(struct printer *p, struct cli_str *out, const struct value *v, const void *at)
{
    bool nested = v->kind == VALUE_LIST || v->kind == VALUE_ARRAY || v->kind == VALUE_COMPOUND;

    cli_str_cut(&p->cell, 0);
    p->format = nested ? CAT_JSON : CAT_CSV;
    put_value(p, &p->cell, v, at);
    p->format = CAT_CSV;
    put_cell(out, &p->cell);
}

static void
put_csv(struct printer *p, struct cli_str *out, const struct value *v, const char *at)
{
    if (p->spread && v->kind == VALUE_COMPOUND) {
        for (size_t i = 0; i < v->nparts; i++) {
            if (i > 0)
                cli_str_putc(out, ',');
            put_csv(p, out, &v->parts[i], at + v->parts[i].offset);
        }
    } else if (p->spread && v->kind == VALUE_ARRAY) {
        for (uint64_t i = 0; i < v->count; i++) {
            if (i > 0)
                cli_str_putc(out, ',');
            put_csv(p, out, v->parts, at + i * v->parts->size);
        }
    } else {
        put_csv_leaf(p, out, v, at);
    }
}

static void
put_csv_names(struct cli_str *out, const struct value *v, struct cli_str *name, bool *first)
{
    size_t n = name->n;

    if (v->kind == VALUE_COMPOUND) {
        for (size_t i = 0; i < v->nparts; i++) {
            if (n > 0)
                cli_str_putc(name, '.');
            cli_str_puts(name, v->parts[i].name);
            put_csv_names(out, &v->parts[i], name, first);
            cli_str_cut(name, n);
        }
    } else if (v->kind == VALUE_ARRAY) {
        for (uint64_t i = 0; i < v->count; i++) {
            cli_str_printf(name, "[%llu]", (unsigned long long)i);
            put_csv_names(out, v->parts, name, first);
            cli_str_cut(name, n);
        }
    } else {
        if (!*first)
            cli_str_putc(out, ',');
        *first = false;
        put_cell(out, name);
    }
}

static void
print_csv_header(struct printer *p)
{
    struct cli_str name = {0};
    bool first = true;

    put_csv_names(&p->line, p->value, &name, &first);
    cli_str_putc(&p->line, '\n');
    cli_write(p->out, p->line.p, p->line.n);
    cli_str_cut(&p->line, 0);
    cli_str_free(&name);
}

static void
csv_block(void *ctx, const void *values, uint64_t n)
{
    struct printer *p = ctx;
    const char *at = values;
    uint64_t row = p->spread || p->rank == 0 ? 1 : p->shape[p->rank - 1];

    for (uint64_t i = 0; i < n; i++) {
        put_csv(p, &p->line, p->value, at + i * p->value->size);
        cli_str_putc(&p->line, ++p->index % row == 0 ? '\n' : ',');
        if (p->line.n > 65536) {
            cli_write(p->out, p->line.p, p->line.n);
            cli_str_cut(&p->line, 0);
        }
    }
    if (p->line.n > 0)
        cli_write(p->out, p->line.p, p->line.n);
    cli_str_cut(&p->line, 0);
}

/* -----------------------------------------------------------------------------
 * Text and JSON: nested brackets
 */

/* How many dimensions begin (or have just ended) at element `index` of the result. */
static unsigned
edges(const struct printer *p, uint64_t index)
{
    uint64_t rows = 1;
    unsigned n = 0;

    while (n < p->rank) {
        rows *= p->shape[p->rank - 1 - n];
        if (index % rows != 0)
            break;
        n++;
    }
    return n;
}

/* What stands between two elements, or before the first: `n` columns are to follow. */
static void
put_opening(struct printer *p, size_t n)
{
    unsigned open = edges(p, p->index);
    bool json = p->format == CAT_JSON;
    /* Compounds are long: each begins a line. */
    bool full = p->value && p->value->kind == VALUE_COMPOUND;

    if (p->index > 0 && json)
        cli_str_putc(&p->line, ',');
    if (!json && p->column + 1 + n + p->rank > p->columns)
        full = true;
    if (p->index > 0 && open == 0 && !full) {
        cli_str_putc(&p->line, ' ');
        p->column++;
        return;
    }
    if (p->index > 0) {
        cli_str_fill(&p->line, '\n', json || open == 0 ? 1 : open);
        cli_str_fill(&p->line, ' ', p->rank - open);
    }
    cli_str_fill(&p->line, '[', open);
    p->column = p->rank;
}

static bool
is_column(const struct value *v)
{
    return v->kind == VALUE_INTEGER || v->kind == VALUE_FLOAT || v->kind == VALUE_BOOL ||
           v->kind == VALUE_COMPLEX;
}

/* Render a block, so that the width of its columns is known. */
static void
render(struct printer *p, const char *values, uint64_t n)
{
    size_t begin = 0;

    cli_str_cut(&p->text, 0);
    if (n > p->nends) {
        p->ends = cli_resize(p->ends, (size_t)n, sizeof *p->ends);
        p->nends = (size_t)n;
    }
    for (uint64_t i = 0; i < n; i++) {
        put_value(p, &p->text, p->value, values + i * p->value->size);
        p->ends[i] = p->text.n;
        if (p->text.n - begin > p->width)
            p->width = p->text.n - begin;
        begin = p->text.n;
    }
}

static void
nested_block(void *ctx, const void *values, uint64_t n)
{
    struct printer *p = ctx;
    bool align = p->format == CAT_TEXT && is_column(p->value) && p->rank > 0;
    size_t begin = 0;

    render(p, values, n);
    for (uint64_t i = 0; i < n; i++) {
        size_t length = p->ends[i] - begin;
        size_t width = align && length < p->width ? p->width : length;
        put_opening(p, width);
        cli_str_fill(&p->line, ' ', width - length);
        cli_str_add(&p->line, p->text.p + begin, length);
        p->column += width;
        begin = p->ends[i];
        p->index++;
        cli_str_fill(&p->line, ']', edges(p, p->index));
        if (p->line.n > 65536) {
            cli_write(p->out, p->line.p, p->line.n);
            cli_str_cut(&p->line, 0);
        }
    }
    if (p->line.n > 0)
        cli_write(p->out, p->line.p, p->line.n);
    cli_str_cut(&p->line, 0);
}

/* A single string, as it is. */
static void
bare_block(void *ctx, const void *values, uint64_t n)
{
    struct printer *p = ctx;
    const char *text;

    (void)n;
    if (p->value->kind == VALUE_TEXT) {
        memcpy(&text, values, sizeof text);
        put_bare(&p->line, text ? text : "", text ? strlen(text) : 0);
    } else {
        put_bare(&p->line, values, value_string_length(p->value, values));
    }
    if (p->line.n > 0)
        cli_write(p->out, p->line.p, p->line.n);
}

/* An array without elements: brackets down to the dimension that is empty. */
static void
print_empty(struct printer *p)
{
    uint64_t rows = 1;
    unsigned depth = 0;

    if (p->s->shape.kind == HI5_NULL) {
        cli_puts(p->out, p->format == CAT_JSON ? "null" : "");
        return;
    }
    while (depth < p->rank && p->shape[depth] != 0 && rows < 65536)
        rows *= p->shape[depth++];
    if (depth >= p->rank || p->shape[depth] != 0)
        rows = 1, depth = 0; /* too many of them */

    struct printer outer = {.format = p->format, .rank = depth, .shape = p->shape,
                            .columns = SIZE_MAX};
    for (uint64_t i = 0; i < rows; i++) {
        put_opening(&outer, 2);
        cli_str_puts(&outer.line, "[]");
        outer.index++;
        cli_str_fill(&outer.line, ']', edges(&outer, outer.index));
    }
    cli_write(p->out, outer.line.p, outer.line.n);
    cli_str_free(&outer.line);
}

/* -----------------------------------------------------------------------------
 * Printing
 */

static hi5_status
print_nested(struct printer *p, hi5_error *err)
{
    bool bare = p->format == CAT_TEXT && p->rank == 0 && p->s->total == 1 &&
                (p->value->kind == VALUE_TEXT || p->value->kind == VALUE_STRING);
    hi5_status status = HI5_OK;

    if (p->s->total == 0)
        print_empty(p);
    else
        status = cat_each_block(p->s, bare ? bare_block : nested_block, p, err);
    if (p->s->shape.kind != HI5_NULL || p->format == CAT_JSON)
        cli_puts(p->out, "\n");
    return status;
}

hi5_status
cat_print(struct cat_source *s, enum cat_format format, bool header, FILE *out,
          hi5_error *err)
{
    struct printer p = {.s = s, .format = format, .out = out, .rank = s->rank,
                        .shape = s->shape_out, .names = {.file = s->file},
                        .columns = cli_terminal(out) ? cli_columns(out, 80) : 80};
    hi5_status status;

    p.value = value_compile(s->memory);
    if (format == CAT_CSV) {
        size_t n = columns_of(p.value);
        p.spread = n <= MAX_COLUMNS &&
                   (p.value->kind == VALUE_COMPOUND || p.value->kind == VALUE_ARRAY);
        if (header && p.spread && p.value->kind == VALUE_COMPOUND)
            print_csv_header(&p);
        status = cat_each_block(s, csv_block, &p, err);
    } else {
        status = print_nested(&p, err);
    }
    value_free(p.value);
    names_free(&p.names);
    cli_str_free(&p.text);
    cli_str_free(&p.line);
    cli_str_free(&p.cell);
    free(p.ends);
    return status;
}
