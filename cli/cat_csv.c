/*
 * cat_csv.c - `hi5 cat` as CSV (RFC 4180, but for its line ends)
 *
 * There is a line for each row; for each element if there is only one dimension, or if
 * elements have several columns: members of compounds, elements of arrays.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cat.h"

#include <string.h>

#define MAX_COLUMNS 16384 /* that one element is spread over */

struct csv {
    struct cat_writer writer;
    FILE *out;
    struct value *value;
    bool spread;    /* an element has columns of its own */
    uint64_t row;   /* cells of a line, unless it is spread */
    uint64_t index; /* of the next element in the result */
    struct cli_str line, cell;
};

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
put_csv_leaf(struct csv *p, struct cli_str *out, const struct value *v, const void *at)
{
    bool nested =
        v->kind == VALUE_LIST || v->kind == VALUE_ARRAY || v->kind == VALUE_COMPOUND;

    cli_str_cut(&p->cell, 0);
    p->writer.format = nested ? CAT_JSON : CAT_CSV;
    cat_put_value(&p->writer, &p->cell, v, at);
    p->writer.format = CAT_CSV;
    put_cell(out, &p->cell);
}

static void
put_csv(struct csv *p, struct cli_str *out, const struct value *v, const char *at)
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
put_csv_names(struct cli_str *out, const struct value *v, struct cli_str *name,
              bool *first)
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
print_csv_header(struct csv *p)
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
    struct csv *p = ctx;
    const char *at = values;

    for (uint64_t i = 0; i < n; i++) {
        put_csv(p, &p->line, p->value, at + i * p->value->size);
        cli_str_putc(&p->line, ++p->index % p->row == 0 ? '\n' : ',');
        if (p->line.n > 65536) {
            cli_write(p->out, p->line.p, p->line.n);
            cli_str_cut(&p->line, 0);
        }
    }
    if (p->line.n > 0)
        cli_write(p->out, p->line.p, p->line.n);
    cli_str_cut(&p->line, 0);
}

hi5_status
cat_print_csv(struct cat_source *s, bool header, FILE *out, hi5_error *err)
{
    struct csv p = {
        .writer = {CAT_CSV, {.file = s->file}, s->name}, .out = out, .row = 1};
    hi5_status status;

    p.value = value_compile(s->memory);
    p.spread = (p.value->kind == VALUE_COMPOUND || p.value->kind == VALUE_ARRAY) &&
               columns_of(p.value) <= MAX_COLUMNS;
    if (!p.spread && s->rank > 1)
        p.row = s->shape_out[s->rank - 1];
    if (header && p.spread && p.value->kind == VALUE_COMPOUND)
        print_csv_header(&p);
    status = cat_each_block(s, csv_block, &p, err);
    value_free(p.value);
    names_free(&p.writer.names);
    cli_str_free(&p.line);
    cli_str_free(&p.cell);
    return status;
}
