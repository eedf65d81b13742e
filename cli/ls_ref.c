/*
 * ls_ref.c - references, for `hi5 ls --data`
 *
 * A reference inside a compound or an array is one value. A dataset of references shows
 * more: the values of the datasets referred to, and the blocks or points of regions.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"
#include "ls_data.h"

#include <string.h>

enum { MAX_DEPTH = 8 /* references to datasets of references */ };

static const char *
kind_word(const struct name_target *target)
{
    static const char *const words[] = {"UNKNOWN", "GROUP", "DATASET", "DATATYPE"};
    hi5_kind kind = HI5_KIND_UNKNOWN;
    hi5_object *o;

    if (hi5_object_open_address(target->t.file, target->t.address, &o, NULL) ==
        HI5_OK) {
        kind = hi5_object_kind(o);
        hi5_object_close(o);
    }
    return words[(unsigned)kind < 4 ? kind : 0];
}

static bool
is_region(const hi5_reference *r)
{
    return r->kind == HI5_REF_REGION || r->kind == HI5_REF_REGION2;
}

/* The form of the newer reference type: file and path. */
static void
put_with_file(struct cli_str *out, const hi5_reference *r,
              const struct name_target *target)
{
    const char *file = target->t.file_name;

    cli_str_puts(out, is_region(r)                   ? "DATASET"
                      : r->kind == HI5_REF_ATTRIBUTE ? "ATTRIBUTE"
                                                     : kind_word(target));
    cli_str_printf(out, " \"%s%s", file ? file : hi5_file_path(target->t.file),
                   target->path ? target->path : "");
    if (target->t.attribute)
        cli_str_printf(out, "/%s", target->t.attribute);
    cli_str_putc(out, '"');
}

/* The form of the older reference types: address and path. */
static void
put_without_file(const struct ls *ls, struct cli_str *out, const hi5_reference *r,
                 const struct name_target *target)
{
    if (is_region(r))
        cli_str_puts(out, "DATASET");
    else
        cli_str_printf(out, "%s-%lu:%llu", kind_word(target),
                       ls_file_number(ls, hi5_file_number(target->t.file)),
                       (unsigned long long)target->t.address);
    cli_str_printf(out, " \"%s\"", target->path ? target->path : "");
}

static hi5_status
resolve(struct ls *ls, hi5_file *file, const hi5_reference *r,
        struct name_target *target)
{
    if (ls->names.file != file) {
        names_free(&ls->names);
        ls->names = (struct names){.file = file};
    }
    return names_resolve(&ls->names, r, target, NULL);
}

void
ls_reference(struct ls *ls, hi5_file *file, struct cli_str *out, hi5_ref_kind kind,
             const void *at)
{
    struct name_target target;
    hi5_reference r;

    memcpy(&r, at, sizeof r);
    hi5_status status = resolve(ls, file, &r, &target);
    if (status) {
        cli_str_puts(out, status == HI5_E_NOTFOUND ? "NULL" : "<unknown>");
        return;
    }
    if (kind == HI5_REF_OBJECT || kind == HI5_REF_REGION)
        put_without_file(ls, out, &r, &target);
    else
        put_with_file(out, &r, &target);
    hi5_target_free(&target.t);
}

/* -----------------------------------------------------------------------------
 * What is referred to
 */

/* Begin the next line at a level of indentation. */
static void
at_level(struct ls_writer *w, unsigned level)
{
    w->level = level;
    w->lines.margin = 3 * (level - 1);
    w->lines.uncounted = level > 1 ? 3 * level : 0;
    w->lines.fresh = true;
    w->lines.any = false;
}

struct region {
    struct cli_str *out;
    unsigned rank;
    uint64_t n;
};

static void
put_corner(struct cli_str *out, unsigned rank, const uint64_t *at)
{
    for (unsigned i = 0; i < rank; i++)
        cli_str_printf(out, "%s%llu", i ? "," : "(", (unsigned long long)at[i]);
    cli_str_putc(out, ')');
}

static hi5_status
put_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct region *x = ctx;

    (void)err;
    cli_str_printf(x->out, "%sBlk%llu: ", x->n ? "," LS_BREAK " " : "",
                   (unsigned long long)x->n);
    put_corner(x->out, x->rank, low);
    cli_str_putc(x->out, '-');
    put_corner(x->out, x->rank, high);
    x->n++;
    return HI5_OK;
}

static void
put_points(struct region *x, const hi5_selection *s)
{
    uint64_t at[HI5_MAX_RANK];

    for (; hi5_selection_point(s, x->n, at); x->n++) {
        cli_str_printf(x->out, "%sPt%llu: ", x->n ? "," LS_BREAK " " : "",
                       (unsigned long long)x->n);
        put_corner(x->out, x->rank, at);
    }
}

static void
put_dims(struct cli_str *out, unsigned rank, const uint64_t *dims)
{
    cli_str_puts(out, "( ");
    for (unsigned i = 0; i < rank; i++) {
        if (dims[i] == HI5_UNLIMITED)
            cli_str_printf(out, "%sH5S_UNLIMITED", i ? ", " : "");
        else
            cli_str_printf(out, "%s%llu", i ? ", " : "", (unsigned long long)dims[i]);
    }
    cli_str_puts(out, " )");
}

/* The type as h5dump writes it. */
static void
put_type(struct ls_writer *w, const hi5_type *type)
{
    struct dump d = {.o = {.out = stdout, .width = 80, .escape = true},
                     .file_name = w->ls->file_name,
                     .file = w->file,
                     .current = w->file};
    struct dump_line l = dump_line_at(&d, w->level + 4);

    cli_str_cut(&w->text, 0);
    cli_str_puts(&w->text, "DATATYPE  ");
    dump_type(&d, &l, &w->text, type, true);
    ls_put(&w->lines, cli_str_text(&w->text));
}

static void
describe_region(struct ls_writer *w, hi5_dataset *d, const hi5_selection *s)
{
    unsigned level = w->level;
    struct region x = {&w->text, hi5_selection_rank(s), 0};
    const hi5_shape *shape = hi5_dataset_shape(d);
    hi5_error err;

    w->lines.any = false; /* no gap */
    ls_put(&w->lines, " {");
    at_level(w, level + 1);
    cli_str_cut(&w->text, 0);
    if (hi5_selection_get_kind(s) == HI5_SELECTION_POINTS) {
        cli_str_puts(&w->text, "REGION_TYPE POINT  ");
        put_points(&x, s);
    } else {
        cli_str_puts(&w->text, "REGION_TYPE BLOCK  ");
        if (hi5_selection_each_block(s, put_block, &x, &err))
            cli_fail(w->ls->file_name, &err);
    }
    ls_put(&w->lines, cli_str_text(&w->text));

    at_level(w, level + 1);
    put_type(w, hi5_dataset_type(d));
    at_level(w, level + 1);
    cli_str_cut(&w->text, 0);
    cli_str_puts(&w->text, "DATASPACE  SIMPLE { ");
    put_dims(&w->text, shape->rank, shape->dims);
    cli_str_puts(&w->text, " / ");
    put_dims(&w->text, shape->rank, shape->max);
    cli_str_puts(&w->text, " }");
    ls_put(&w->lines, cli_str_text(&w->text));
    at_level(w, level);
    ls_put(&w->lines, "}");
}

static void
show_values(struct ls_writer *w, hi5_dataset *d)
{
    unsigned level = w->level;

    if (w->depth >= MAX_DEPTH)
        return;
    w->depth++;
    at_level(w, level + 1);
    ls_put(&w->lines, "DATA {");
    ls_nested_values(w, d);
    at_level(w, level + 1);
    ls_put(&w->lines, "}");
    w->level = level;
    w->depth--;
}

static void
show_target(struct ls_writer *w, const hi5_reference *r, const hi5_target *t)
{
    hi5_object *o;
    hi5_dataset *d;

    if (r->kind == HI5_REF_ATTRIBUTE ||
        hi5_object_open_address(t->file, t->address, &o, NULL))
        return;
    if (hi5_object_kind(o) == HI5_KIND_DATASET &&
        hi5_object_dataset(o, &d, NULL) == HI5_OK) {
        if (t->selection)
            describe_region(w, d, t->selection);
        else
            show_values(w, d);
        hi5_dataset_close(d);
    }
    hi5_object_close(o);
}

void
ls_references(struct ls_writer *w, const char *values, uint64_t n)
{
    struct name_target target;
    hi5_reference r;

    for (uint64_t i = 0; i < n; i++) {
        memcpy(&r, values + i * sizeof r, sizeof r);
        hi5_status status = resolve(w->ls, w->file, &r, &target);

        cli_str_cut(&w->text, 0);
        if (status)
            cli_str_puts(&w->text, status == HI5_E_NOTFOUND ? "NULL" : "<unknown>");
        else
            put_with_file(&w->text, &r, &target);
        at_level(w, w->level);
        ls_put(&w->lines, cli_str_text(&w->text));
        if (status == HI5_OK) {
            show_target(w, &r, &target.t);
            hi5_target_free(&target.t);
        }
    }
}
