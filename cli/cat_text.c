/*
 * cat_text.c - `hi5 cat` as text and JSON: nested brackets
 *
 * Text looks as NumPy prints arrays, but is never abridged: rows begin on a new line,
 * and are broken at the width of the terminal; numbers stand in columns.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"

#include <stdlib.h>
#include <string.h>

struct printer {
    struct cat_source *s;
    struct cat_writer writer;
    FILE *out;
    bool json;
    struct value *value;
    uint64_t index; /* of the next element in the result */
    unsigned rank;
    const uint64_t *shape;
    size_t width;           /* of a column of numbers so far */
    size_t columns, column; /* of a line; used so far */
    struct cli_str text;    /* the elements of a block */
    size_t *ends;           /* where each element ends in it */
    size_t nends;
    struct cli_str line; /* being put together for output */
};

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
    bool json = p->json;
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
    return v->kind == VALUE_INTEGER || v->kind == VALUE_FLOAT ||
           v->kind == VALUE_BOOL || v->kind == VALUE_COMPLEX;
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
        cat_put_value(&p->writer, &p->text, p->value, values + i * p->value->size);
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
    bool align = !p->json && is_column(p->value) && p->rank > 0;
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
        cat_put_bare(&p->line, text ? text : "", text ? strlen(text) : 0);
    } else {
        cat_put_bare(&p->line, values, value_string_length(p->value, values));
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
        cli_puts(p->out, p->json ? "null" : "");
        return;
    }
    while (depth < p->rank && p->shape[depth] != 0 && rows < 65536)
        rows *= p->shape[depth++];
    if (depth >= p->rank || p->shape[depth] != 0)
        rows = 1, depth = 0; /* too many of them */

    struct printer outer = {
        .json = p->json, .rank = depth, .shape = p->shape, .columns = SIZE_MAX};
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
    bool bare = !p->json && p->rank == 0 && p->s->total == 1 &&
                (p->value->kind == VALUE_TEXT || p->value->kind == VALUE_STRING);
    hi5_status status = HI5_OK;

    if (p->s->total == 0)
        print_empty(p);
    else
        status = cat_each_block(p->s, bare ? bare_block : nested_block, p, err);
    if (p->s->shape.kind != HI5_NULL || p->json)
        cli_puts(p->out, "\n");
    return status;
}

hi5_status
cat_print(struct cat_source *s, enum cat_format format, FILE *out, hi5_error *err)
{
    struct printer p = {
        .s = s,
        .writer = {format, {.file = s->file}, s->name},
        .out = out,
        .json = format == CAT_JSON,
        .rank = s->rank,
        .shape = s->shape_out,
        .columns = cli_terminal(out) ? cli_columns(out, 80) : 80,
    };

    p.value = value_compile(s->memory);
    hi5_status status = print_nested(&p, err);
    value_free(p.value);
    names_free(&p.writer.names);
    cli_str_free(&p.text);
    cli_str_free(&p.line);
    free(p.ends);
    return status;
}
