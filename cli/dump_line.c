/*
 * dump_line.c - how `hi5 dump` breaks lines
 *
 * Everything that is printed is an element: a heading, a brace, a value. An element may
 * have several sections, between which it may be split over lines; they are separated
 * by the byte 1, which no value contains. A line is ended lazily, when the next one
 * begins, so that output never ends in a line end that h5dump would not print.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SECTION '\001'

struct dump_style
dump_plain(const struct dump *d)
{
    return (struct dump_style){
        .width = d->o.width ? d->o.width : 65535,
        .per_line = d->o.width ? 0 : 1,
        .outdented = true,
        .whole = true,
        .comma = ",",
        .gap = " ",
        .line_end = "",
    };
}

struct dump_line
dump_line_at(const struct dump *d, unsigned level)
{
    return (struct dump_line){
        .out = d->o.out,
        .indent = level,
        .column = (size_t)level * DUMP_STEP,
    };
}

/* The index of an element, "(1,0,3): ". */
static size_t
write_index(const struct dump_line *l, uint64_t element, char *text, size_t cap)
{
    size_t n = 0;

    text[n++] = '(';
    if (l->rank == 0)
        n += (size_t)snprintf(text + n, cap - n, "%llu", (unsigned long long)element);
    for (unsigned i = 0; i < l->rank; i++) {
        uint64_t index = l->weight[i] ? element / l->weight[i] : 0;
        element -= index * l->weight[i];
        n += (size_t)snprintf(text + n, cap - n, "%s%llu", i ? "," : "",
                              (unsigned long long)index);
    }
    n += (size_t)snprintf(text + n, cap - n, "): ");
    return n;
}

static void
indentation(FILE *out, size_t columns)
{
    cli_printf(out, "%*s", (int)columns, "");
}

void
dump_break(struct dump_line *l, const struct dump_style *s, uint64_t element,
           unsigned section)
{
    char text[HI5_MAX_RANK * 21 + 8] = "";
    size_t n = 0, columns = (size_t)l->indent * DUMP_STEP;

    if (!l->out || !l->fresh)
        return;
    if (l->column > 0) {
        cli_puts(l->out, s->line_end);
        cli_puts(l->out, "\n");
    }
    if (s->prefix == DUMP_INDEX)
        n = write_index(l, element, text, sizeof text);
    /* Without indices, only the first line and its continuation open with a quote. */
    else if (s->prefix == DUMP_QUOTE && (s->outdented || element == 0 || section > 0))
        n = 1, text[0] = '"';

    if (s->outdented && l->indent > 1)
        indentation(l->out, columns - DUMP_STEP);
    cli_write(l->out, text, n);
    if (!s->outdented)
        indentation(l->out, columns);
    else if (l->indent <= 1)
        columns = 0;
    l->column = l->prefix = n + columns;
    l->in_line = 0;
    l->fresh = false;
}

/* The columns that a text takes, not counting control characters, nor anything beyond
 * ASCII. */
static size_t
columns_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += (unsigned char)*text >= ' ' && (unsigned char)*text < 0x80;
    return n;
}

/* Does an element of `columns` have to begin a line? */
static bool
begins_line(const struct dump_line *l, const struct dump_style *s, size_t columns)
{
    size_t more = columns + strlen(s->gap) + strlen(s->line_end);

    if (s->whole && l->column + more > s->width &&
        (l->split || l->prefix + more <= s->width))
        return true;
    if (l->in_line > 0 && l->row > 0 &&
        (l->in_line % l->row == 0 || l->in_row == l->row))
        return true;
    return s->per_line > 0 && l->in_line >= s->per_line;
}

bool
dump_put(struct dump_line *l, const struct dump_style *s, const char *text)
{
    unsigned section = 0, broken = 0;

    if (!l->out)
        return true;
    bool row_ended = l->in_line > 0 && l->in_row == l->row;
    if (begins_line(l, s, columns_of(text)))
        l->fresh = true;

    for (; *text; section++) {
        text += strspn(text, (char[]){SECTION, 0});
        size_t n = strcspn(text, (char[]){SECTION, 0});
        if (n == 0)
            break;
        if ((!s->first_fits || l->local > 0) &&
            l->column + n + strlen(s->gap) + strlen(s->line_end) > s->width)
            l->fresh = true;
        if (l->fresh) {
            broken += section > 0;
            dump_break(l, s, l->position + l->local, section);
        } else if ((l->local > 0 || l->continued) && section == 0) {
            cli_puts(l->out, s->gap);
            l->column += strlen(s->gap);
        }
        cli_write(l->out, text, n);
        l->column += n;
        text += n;
    }
    l->split = broken > 0;
    return !row_ended;
}

void
dump_element(struct dump_line *l, const struct dump_style *s, const char *text)
{
    if (!dump_put(l, s, text))
        l->in_row = 0;
    l->local++;
    l->in_row++;
    l->in_line++;
}

static void
put_heading(const struct dump *d, struct dump_line *l, bool alone, const char *format,
            va_list args)
{
    struct dump_style plain = dump_plain(d);
    va_list again;

    if (!l->out)
        return;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = cli_alloc(n < 0 ? 1 : (size_t)n + 1);
    if (n > 0)
        vsnprintf(text, (size_t)n + 1, format, args);

    l->fresh = true;
    if (alone)
        dump_break(l, &plain, 0, 0);
    dump_put(l, &plain, text);
    free(text);
}

void
dump_head(const struct dump *d, struct dump_line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_heading(d, l, false, format, args);
    va_end(args);
}

void
dump_long_head(const struct dump *d, struct dump_line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_heading(d, l, true, format, args);
    va_end(args);
}

void
dump_more(const struct dump *d, struct dump_line *l, const char *text)
{
    struct dump_style plain = dump_plain(d);

    dump_put(l, &plain, text);
}

void
dump_line_extent(struct dump_line *l, unsigned rank, const uint64_t *dims)
{
    l->rank = rank;
    l->row = rank ? dims[rank - 1] : 0;
    uint64_t weight = 1;
    for (unsigned i = rank; i-- > 0;) {
        l->weight[i] = weight;
        weight *= dims[i];
    }
}

void
dump_line_seek(struct dump_line *l, uint64_t position)
{
    l->position = position;
    l->local = 0;
    l->in_row = 0;
}
