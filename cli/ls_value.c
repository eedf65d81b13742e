/*
 * ls_value.c - one value, and lines of them, for `hi5 ls --data`
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls_data.h"

#include <float.h>
#include <string.h>

enum { MANY_EQUAL = 8 /* characters in a row that are printed as a count */ };

/* -----------------------------------------------------------------------------
 * Lines
 */

/* Columns of text, which control characters and bytes beyond ASCII do not take. */
static size_t
text_columns(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += (unsigned char)*text >= ' ' && (unsigned char)*text < 0x80;
    return n;
}

static void
begin_line(struct ls_lines *l, bool inside)
{
    unsigned columns = inside ? l->next : l->first;
    struct cli_str s = {0};

    if (l->column > 0) {
        cli_str_puts(&s, l->quote);
        cli_str_putc(&s, '\n');
    }
    cli_str_fill(&s, ' ', l->margin + columns);
    cli_str_puts(&s, l->quote);
    cli_write(stdout, s.p, s.n);
    cli_str_free(&s);
    l->begin = l->column = columns + strlen(l->quote) + l->uncounted;
    l->on_line = 0;
    l->fresh = false;
}

static bool
fits(const struct ls_lines *l, size_t column, size_t n)
{
    return column + n + strlen(l->gap) + strlen(l->quote) <= l->width;
}

void
ls_put(struct ls_lines *l, const char *text)
{
    size_t columns = text_columns(text);
    unsigned broken = 0;
    bool inside = false;

    if (l->whole && !fits(l, l->column, columns) &&
        (l->split || fits(l, l->begin, columns)))
        l->fresh = true;
    if (l->per_line > 0 && l->on_line >= l->per_line)
        l->fresh = true;
    while (*text) {
        const char *end = strchr(text, *LS_BREAK);
        size_t n = end ? (size_t)(end - text) : strlen(text);

        if (!fits(l, l->column, n))
            l->fresh = true;
        if (l->fresh) {
            broken += inside;
            begin_line(l, inside);
        } else if (l->any && !inside) {
            cli_puts(stdout, l->gap);
            l->column += strlen(l->gap);
        }
        cli_write(stdout, text, n);
        l->column += n;
        inside = true;
        text += n + (end != NULL);
    }
    l->split = broken > 0;
    l->any = true;
    l->on_line++;
}

/* -----------------------------------------------------------------------------
 * Values
 */

static void
put_character(struct ls_writer *w, char c)
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(special, c) : NULL;
    unsigned value = (unsigned)(int)(signed char)c; /* h5ls prints bytes above 127 so */

    if (w->ls->simple && (c <= ' ' || c > '~'))
        cli_str_printf(&w->text, "%%%02x", value);
    else if (w->ls->simple)
        cli_str_putc(&w->text, c);
    else if (found)
        cli_str_printf(&w->text, "\\%c", letters[found - special]);
    else if (c >= ' ' && c <= '~')
        cli_str_putc(&w->text, c);
    else
        cli_str_printf(&w->text, "\\%03o", value);
}

/* Text in quotes; a character that is repeated often stands alone, with a count. */
static void
put_characters(struct ls_writer *w, const char *s, size_t n)
{
    char quote = '\0';

    for (size_t i = 0; i < n;) {
        size_t run = 1;
        while (!w->ls->simple && i + run < n && s[i + run] == s[i])
            run++;
        bool many = run > MANY_EQUAL;
        if (many && quote) {
            cli_str_putc(&w->text, quote);
            quote = '\0';
        }
        if (!quote) {
            quote = many ? '\'' : '"';
            cli_str_printf(&w->text, "%s%c", i ? " " : "", quote);
        }
        put_character(w, s[i]);
        if (many) {
            cli_str_printf(&w->text, "%c repeats %zu times", quote, run - 1);
            quote = '\0';
        }
        i += many ? run : 1;
    }
    if (quote)
        cli_str_putc(&w->text, quote);
    if (n == 0)
        cli_str_puts(&w->text, "\"\"");
}

static void
put_string(struct ls_writer *w, const struct value *v, const char *at)
{
    const char *text = at, *end;
    size_t n = v->size;

    if (v->kind == VALUE_TEXT) {
        memcpy(&text, at, sizeof text);
        if (!text) {
            cli_str_puts(&w->text, "NULL");
            return;
        }
        n = strlen(text);
    } else if (v->info.string_pad == HI5_NULL_TERMINATED) {
        end = memchr(at, '\0', n);
        n = end ? (size_t)(end - at) : n;
    }
    put_characters(w, text, n);
}

static void
put_bytes(struct ls_writer *w, const char *at, size_t n)
{
    if (n == 1)
        cli_str_puts(&w->text, "0x");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            cli_str_putc(&w->text, ':');
        value_put_hex(&w->text, at + i, 1);
    }
}

static void
put_float(struct ls_writer *w, const struct value *v, const char *at)
{
    if (v->size <= sizeof(float))
        cli_str_printf(&w->text, "%1.*g", FLT_DIG, (double)value_float(v, at));
    else if (v->size == sizeof(double))
        cli_str_printf(&w->text, "%1.*g", DBL_DIG, (double)value_float(v, at));
    else if (v->size == sizeof(long double)) {
        long double x;
        memcpy(&x, at, sizeof x);
        cli_str_printf(&w->text, "%Lg", x);
    } else
        put_bytes(w, at, v->size);
}

/* The name of a member, as C would have it. */
static void
put_enum(struct ls_writer *w, const struct value *v, const char *at)
{
    static const char special[] = "'\"\\?\a\b\f\n\r\t\v", letters[] = "'\"\\?abfnrtv";
    const char *name = hi5_type_enum_name(v->type, at);

    if (!name)
        put_bytes(w, at, v->size);
    for (; name && *name; name++) {
        const char *found = strchr(special, *name);
        if (found)
            cli_str_printf(&w->text, "\\%c", letters[found - special]);
        else if (*name >= ' ' && *name <= '~')
            cli_str_putc(&w->text, *name);
        else
            cli_str_printf(&w->text, "\\%03o", (unsigned)(unsigned char)*name);
    }
}

static void
put_compound(struct ls_writer *w, const struct value *v, const char *at)
{
    bool simple = w->ls->simple, label = w->ls->label;

    if (!simple || label)
        cli_str_putc(&w->text, '{');
    w->indent++;
    for (size_t i = 0; i < v->nparts; i++) {
        if (i > 0)
            cli_str_puts(&w->text, simple ? " " : ", " LS_BREAK);
        if (label)
            cli_str_printf(&w->text, "%s=", v->parts[i].name);
        ls_put_value(w, &v->parts[i], at + v->parts[i].offset);
    }
    w->indent--;
    if (!simple || label)
        cli_str_putc(&w->text, '}');
}

static void
put_array(struct ls_writer *w, const struct value *v, const char *at)
{
    bool simple = w->ls->simple;

    cli_str_puts(&w->text, simple ? "" : "[");
    w->indent++;
    for (uint64_t i = 0; i < v->count; i++) {
        if (i > 0 && !simple) {
            cli_str_puts(&w->text, "," LS_BREAK);
        } else if (i > 0 && w->array_ended) {
            cli_str_puts(&w->text, " \n ");
            cli_str_fill(&w->text, ' ', (size_t)w->indent * 3);
        } else if (i > 0) {
            cli_str_puts(&w->text, "  ");
        }
        w->array_ended = false;
        ls_put_value(w, v->parts, at + i * v->parts->size);
    }
    w->indent--;
    cli_str_puts(&w->text, simple ? "" : "]");
    w->array_ended = true;
}

static void
put_list(struct ls_writer *w, const struct value *v, const char *at)
{
    hi5_vlen list;

    memcpy(&list, at, sizeof list);
    cli_str_putc(&w->text, '(');
    w->indent++;
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0)
            cli_str_puts(&w->text, w->ls->simple ? "," : "," LS_BREAK);
        ls_put_value(w, v->parts, (const char *)list.p + i * v->parts->size);
    }
    w->indent--;
    cli_str_putc(&w->text, ')');
}

void
ls_put_value(struct ls_writer *w, const struct value *v, const char *at)
{
    if (w->ls->hexdump) {
        put_bytes(w, at, v->size);
        return;
    }
    switch (v->info.cls) {
    case HI5_INTEGER:
        if (v->size == 1 && w->characters)
            put_character(w, *at);
        else if (v->kind == VALUE_INTEGER)
            value_put_integer(&w->text, v, at);
        break;
    case HI5_FLOAT:
        put_float(w, v, at);
        break;
    case HI5_STRING:
        put_string(w, v, at);
        break;
    case HI5_ENUM:
        put_enum(w, v, at);
        break;
    case HI5_COMPOUND:
        put_compound(w, v, at);
        break;
    case HI5_ARRAY:
        put_array(w, v, at);
        break;
    case HI5_VLEN:
        if (v->kind == VALUE_TEXT)
            put_string(w, v, at);
        else
            put_list(w, v, at);
        break;
    case HI5_REFERENCE:
        ls_reference(w->ls, w->file, &w->text, v->info.ref_kind, at);
        break;
    case HI5_TIME:
    case HI5_BITFIELD:
    case HI5_OPAQUE:
        put_bytes(w, at, v->size);
        break;
    case HI5_COMPLEX:
    default:
        cli_str_puts(&w->text, "invalid datatype");
        break;
    }
}
