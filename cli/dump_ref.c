/*
 * dump_ref.c - references, and what they refer to
 *
 * A reference inside a compound or an array is one value. A dataset of references shows
 * more: the values of the datasets referred to, and the blocks or points of regions,
 * with -R also their values.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

static bool
is_null(const hi5_reference *r)
{
    return r->address == 0 && r->index == 0 && r->size == 0 && !r->in_heap &&
           !r->external;
}

/* The entry of what is referred to; NULL if no path leads there. */
static const struct dump_entry *
find_target(struct dump *d, const hi5_target *t)
{
    uint64_t number = hi5_file_number(t->file);

    if (t->file_name)
        dump_index(d, t->file, number);
    return dump_find(&d->table, number, t->address);
}

/* The kind of what is referred to, which need not have a path. */
static hi5_kind
target_kind(const hi5_target *t, const struct dump_entry *known)
{
    hi5_kind kind = HI5_KIND_UNKNOWN;
    hi5_object *o;

    if (known)
        return known->kind;
    if (hi5_object_open_address(t->file, t->address, &o, NULL) == HI5_OK) {
        kind = hi5_object_kind(o);
        hi5_object_close(o);
    }
    return kind;
}

static const char *
kind_word(hi5_kind kind)
{
    switch (kind) {
    case HI5_KIND_GROUP:
        return "GROUP";
    case HI5_KIND_DATASET:
        return "DATASET";
    case HI5_KIND_DATATYPE:
        return "DATATYPE";
    default:
        return "UNKNOWN";
    }
}

static bool
is_region(const hi5_reference *r)
{
    return r->kind == HI5_REF_REGION || r->kind == HI5_REF_REGION2;
}

/* The form of H5T_STD_REF: file and path. `t` NULL: it leads nowhere. */
static void
put_path(struct dump_value *v, const hi5_reference *r, const hi5_target *t)
{
    const struct dump_entry *known = t ? find_target(v->d, t) : NULL;
    const char *file = t && t->file_name ? t->file_name : hi5_file_path(v->file);

    if (is_region(r))
        cli_str_puts(&v->out, "DATASET");
    else if (r->kind == HI5_REF_ATTRIBUTE)
        cli_str_puts(&v->out, "ATTRIBUTE");
    else
        cli_str_puts(&v->out, kind_word(t ? target_kind(t, known) : HI5_KIND_UNKNOWN));
    cli_str_printf(&v->out, " \"%s%s", file,
                   known ? dump_name_of(v->d, t->file, known) : "");
    if (t && t->attribute)
        cli_str_printf(&v->out, "/%s", t->attribute);
    cli_str_putc(&v->out, '"');
}

/* The form of the older reference types: address and path. h5dump has a number of 14
 * digits there; one as wide leaves the lines as they are. */
static void
put_old(struct dump_value *v, const hi5_reference *r, const hi5_target *t)
{
    const struct dump_entry *known = t ? find_target(v->d, t) : NULL;
    const char *name = known ? dump_name_of(v->d, t->file, known) : "";

    if (is_region(r))
        cli_str_printf(&v->out, "DATASET \"%s\"", name);
    else if (!t || target_kind(t, known) == HI5_KIND_UNKNOWN)
        cli_str_puts(&v->out, "<unknown>");
    else
        cli_str_printf(&v->out, "%s %014llu \"%s\"", kind_word(target_kind(t, known)),
                       (unsigned long long)t->address, name);
}

static void
put_reference(struct dump_value *v, const hi5_reference *r, bool old)
{
    hi5_target t;

    if (is_null(r)) {
        cli_str_puts(&v->out, "NULL");
        return;
    }
    bool found = hi5_resolve(v->file, r, &t, NULL) == HI5_OK;
    if (old)
        put_old(v, r, found ? &t : NULL);
    else
        put_path(v, r, found ? &t : NULL);
    if (found)
        hi5_target_free(&t);
}

void
dump_reference_text(struct dump_value *v, const hi5_type *t, const hi5_reference *r)
{
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    put_reference(v, r,
                  info.ref_kind == HI5_REF_OBJECT || info.ref_kind == HI5_REF_REGION);
}

/* -----------------------------------------------------------------------------
 * What is referred to
 */

/* A dataset or attribute of references being printed. */
struct references {
    struct dump *d;
    struct dump_line *l;
    hi5_file *file;
    const struct dump_subset *subset;
    struct dump_style style;
};

/* Datatype and dataspace of a region or an attribute. */
static void
put_description(struct references *x, const hi5_type *type, const hi5_shape *shape)
{
    struct cli_str text = {0};

    x->l->fresh = true;
    cli_str_puts(&text, "DATATYPE  ");
    x->l->indent++;
    dump_type(x->d, x->l, &text, type, true);
    x->l->indent--;
    dump_more(x->d, x->l, cli_str_text(&text));
    cli_str_free(&text);
    dump_space_heading(x->d, x->l, shape);
}

/* A box of a region, from `low` to `high`. */
struct region {
    struct dump_reader r;
    unsigned rank;
    uint64_t left; /* blocks to come */
};

static hi5_status
print_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct region *x = ctx;
    struct dump_line *l = x->r.l;
    uint64_t count[HI5_MAX_RANK];

    (void)err;
    for (unsigned i = 0; i < x->rank; i++)
        count[i] = high[i] - low[i] + 1;
    l->row = x->rank ? count[x->rank - 1] : 0;
    l->fresh = true;
    l->indent++;
    dump_line_seek(l, 0);
    dump_break(l, x->r.s, 0, 0);
    x->r.comma = --x->left > 0;
    bool read = dump_read_box(&x->r, low, count);
    l->indent--;
    return read ? HI5_OK : HI5_E_STATE;
}

static void
print_points(struct region *x, const hi5_selection *points)
{
    struct dump_value v = {.d = x->r.d, .indent = x->r.l->indent + 1};
    uint64_t point[HI5_MAX_RANK];
    struct dump_line *l = x->r.l;
    hi5_error err;

    if (cli_room(x->r.d->current, 1, x->r.size, &err) != HI5_OK) {
        dump_trouble(x->r.d, "unable to print data", &err);
        return;
    }
    void *value = cli_alloc(x->r.size);
    v.file = hi5_object_file(hi5_dataset_object(x->r.set));
    for (uint64_t i = 0; hi5_selection_point(points, i, point); i++) {
        if (hi5_dataset_read_points(x->r.set, 1, point, x->r.memory, value, &err)) {
            dump_trouble(x->r.d, "unable to print data", &err);
            break;
        }
        cli_str_cut(&v.out, 0);
        dump_value(&v, x->r.memory, value);
        if (--x->left > 0)
            cli_str_puts(&v.out, x->r.s->comma);
        hi5_reclaim(v.file, x->r.memory, 1, value);
        l->fresh = true;
        l->indent++;
        dump_line_seek(l, 0);
        dump_break(l, x->r.s, 0, 0);
        dump_put(l, x->r.s, cli_str_text(&v.out));
        l->indent--;
    }
    cli_str_free(&v.out);
    free(value);
}

/* The values of a region, for -R. */
static void
put_region_data(struct references *x, hi5_dataset *set, const hi5_selection *s)
{
    struct dump_style style = dump_plain(x->d);
    struct dump_line l = {.out = x->d->o.data_out, .indent = x->l->indent};
    struct region region = {.r = {.d = x->d, .l = &l, .s = &style, .set = set},
                            .rank = hi5_selection_rank(s)};
    bool points = hi5_selection_get_kind(s) == HI5_SELECTION_POINTS;

    dump_head(x->d, x->l, "DATA {");
    l.column = x->l->column;
    l.split = x->l->split;
    style.first_fits = true;
    region.r.memory = dump_native(x->d, hi5_dataset_type(set));
    if (region.r.memory) {
        region.r.size = hi5_type_size(region.r.memory);
        region.left = points ? hi5_selection_count(s) : hi5_selection_blocks(s);
        /* A failure has been reported where it happened. */
        if (points)
            print_points(&region, s);
        else if (hi5_selection_each_block(s, print_block, &region, NULL))
            dump_trouble(x->d, "a region is not printed to its end", NULL);
        hi5_type_free(region.r.memory);
    }
    dump_head(x->d, x->l, "}");
}

static void
put_region(struct references *x, hi5_dataset *set, const hi5_selection *s)
{
    hi5_selection_kind kind = hi5_selection_get_kind(s);
    struct dump_style plain = dump_plain(x->d);
    struct cli_str text = {0};

    x->style.width = plain.width;
    /* One without end has no blocks that could be listed. */
    if (kind != HI5_SELECTION_POINTS &&
        (kind != HI5_SELECTION_HYPERSLABS || hi5_selection_blocks(s) == HI5_UNLIMITED))
        return;
    dump_put(x->l, &plain, kind == HI5_SELECTION_POINTS ? "{" : " {");
    x->l->indent++;
    if (kind == HI5_SELECTION_POINTS) {
        cli_str_puts(&text, "REGION_TYPE POINT  ");
        dump_put_points(&text, s);
    } else {
        cli_str_puts(&text, "REGION_TYPE BLOCK  ");
        dump_put_blocks(x->d, &text, s);
    }
    dump_head(x->d, x->l, "%s", cli_str_text(&text));
    cli_str_free(&text);
    put_description(x, hi5_dataset_type(set), hi5_dataset_shape(set));
    if (x->d->o.regions)
        put_region_data(x, set, s);
    x->l->indent--;
    dump_head(x->d, x->l, "}");
}

static void
put_attribute(struct references *x, hi5_object *o, const char *name)
{
    struct dump_style plain = dump_plain(x->d);
    hi5_attribute *a;
    hi5_error err;

    x->l->local = 0;
    dump_put(x->l, &plain, " {");
    x->l->indent++;
    if (!o || hi5_attribute_open(o, name, &a, &err) != HI5_OK) {
        dump_head(x->d, x->l, "NULL");
    } else {
        hi5_attribute_info info;
        hi5_attribute_get_info(a, &info);
        put_description(x, info.type, &info.shape);
        if (x->d->o.regions) {
            struct dump_source source = {.attribute = a,
                                         .file = hi5_object_file(o),
                                         .type = info.type,
                                         .shape = &info.shape};
            dump_data(x->d, x->l, &source, NULL);
        }
        hi5_attribute_close(a);
    }
    x->l->indent--;
    dump_head(x->d, x->l, "}");
}

/* Is this dataset being printed? Then printing it again would never end. */
static bool
is_inside(const struct dump *d, uint64_t file, uint64_t address)
{
    for (unsigned i = 0; i < d->nested; i++)
        if (d->inside[i].file == file && d->inside[i].address == address)
            return true;
    return d->nested == DUMP_NESTED;
}

static void
put_referenced_data(struct references *x, const hi5_target *t, hi5_dataset *set)
{
    struct dump_source source = {.set = set,
                                 .file = t->file,
                                 .type = hi5_dataset_type(set),
                                 .shape = hi5_dataset_shape(set)};
    const struct dump_subset *subset = x->subset;

    if (is_inside(x->d, hi5_file_number(t->file), t->address)) {
        cli_warn("a reference that leads back to its own dataset is not followed");
        return;
    }
    if (subset && subset->start.n != source.shape->rank)
        subset = NULL;
    x->l->local = 0;
    x->l->indent++;
    dump_data(x->d, x->l, &source, subset);
    x->l->indent--;
}

/* What a reference leads to, below its line. */
static void
put_target(struct references *x, const hi5_reference *r, const hi5_target *t)
{
    hi5_object *o = NULL;
    hi5_dataset *set = NULL;

    if (hi5_object_open_address(t->file, t->address, &o, NULL) != HI5_OK)
        o = NULL;
    if (r->kind == HI5_REF_ATTRIBUTE) {
        put_attribute(x, o, t->attribute);
    } else if (o && hi5_object_kind(o) == HI5_KIND_DATASET &&
               hi5_object_dataset(o, &set, NULL) == HI5_OK) {
        if (!is_region(r))
            put_referenced_data(x, t, set);
        else if (t->selection)
            put_region(x, set, t->selection);
        hi5_dataset_close(set);
    }
    hi5_object_close(o);
}

static void
print_references(void *ctx, const void *values, uint64_t n)
{
    struct references *x = ctx;
    struct dump_value v = {.d = x->d, .file = x->file, .indent = x->l->indent};
    const char *p = values;

    for (uint64_t i = 0; i < n; i++, p += sizeof(hi5_reference)) {
        hi5_reference r;
        hi5_target t;

        memcpy(&r, p, sizeof r);
        cli_str_cut(&v.out, 0);
        put_reference(&v, &r, false);
        x->l->fresh = true;
        x->l->in_line = 0;
        dump_put(x->l, &x->style, cli_str_text(&v.out));
        if (!is_null(&r) && hi5_resolve(x->file, &r, &t, NULL) == HI5_OK) {
            uint64_t local = x->l->local;
            put_target(x, &r, &t);
            x->l->local = local;
            hi5_target_free(&t);
        }
        x->l->local++;
    }
    cli_str_free(&v.out);
}

/* Read the references of a dataset or an attribute. */
static bool
read_references(struct references *x, const struct dump_source *source,
                hi5_type *memory)
{
    static const uint64_t origin[HI5_MAX_RANK];
    struct dump_reader r = {.d = x->d,
                            .l = x->l,
                            .set = source->set,
                            .memory = memory,
                            .size = sizeof(hi5_reference),
                            .sink = print_references,
                            .ctx = x};

    if (hi5_shape_count(source->shape) == 0)
        return true;
    return source->set ? dump_read_box(&r, origin, source->shape->dims)
                       : dump_read_attribute(&r, source);
}

bool
dump_references(struct dump *d, struct dump_line *at, const struct dump_source *source,
                const struct dump_subset *subset)
{
    struct dump_line l = *at;
    struct references x = {.d = d,
                           .l = &l,
                           .file = source->file,
                           .subset = subset,
                           .style = dump_plain(d)};
    hi5_object_info info = {0};
    hi5_type *memory;
    hi5_error err;

    if (d->nested == DUMP_NESTED)
        return true;
    if (source->set &&
        hi5_object_get_info(hi5_dataset_object(source->set), &info, &err) != HI5_OK) {
        dump_trouble(d, "unable to print references", &err);
        return false;
    }
    if (hi5_type_memory(source->type, &memory, &err) != HI5_OK) {
        dump_trouble(d, "unable to print references", &err);
        return false;
    }
    d->inside[d->nested].file = info.file_number;
    d->inside[d->nested++].address = info.address;
    /* h5dump does not use the width given for these lines. */
    x.style.width = 80;
    dump_line_seek(&l, 0);
    bool read = read_references(&x, source, memory);
    d->nested--;
    hi5_type_free(memory);
    return read;
}
