/*
 * dump_object.c - groups with all that is in them, datasets, datatypes, attributes
 *
 * An object that several links lead to is printed once; at the other links stands the
 * path by which it was found first. What an external link leads to is printed too,
 * unless it leads back into the file that is being printed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

void
dump_trouble(const struct dump *d, const char *what, const hi5_error *err)
{
    cli_error("%s%s%s%s%s", d->place ? d->place : "", d->place ? ": " : "", what,
              err ? ": " : "", err ? err->message : "");
}

const char *
dump_path_of(const struct dump *d, const hi5_object_info *info, const char *name)
{
    const struct dump_entry *known =
        dump_find(&d->table, info->file_number, info->address);

    return known && known->named ? known->name : name;
}

/* -----------------------------------------------------------------------------
 * Attributes
 */

void
dump_attribute(struct dump *d, struct dump_line *l, const char *name, hi5_attribute *a)
{
    dump_head(d, l, "ATTRIBUTE \"%s\" {", name);
    if (a) {
        hi5_attribute_info info;
        hi5_attribute_get_info(a, &info);
        struct dump_source source = {.attribute = a,
                                     .file = d->current,
                                     .type = info.type,
                                     .shape = &info.shape};
        l->indent++;
        dump_type_heading(d, l, info.type);
        dump_space_heading(d, l, &info.shape);
        if (d->o.ids)
            dump_object_id(d, l, 0);
        if (d->o.data || d->o.attribute_data)
            dump_data(d, l, &source, NULL);
        l->indent--;
    }
    dump_head(d, l, "}");
}

struct attribute_list {
    struct dump *d;
    unsigned level;
};

static hi5_status
print_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct attribute_list *list = ctx;
    hi5_attribute_info info;

    (void)err;
    if (!a) {
        dump_trouble(list->d, "error getting attribute information", bad);
        return HI5_OK;
    }
    struct dump_line l = dump_line_at(list->d, list->level);
    hi5_attribute_get_info(a, &info);
    dump_attribute(list->d, &l, info.name, a);
    return HI5_OK;
}

void
dump_attributes(struct dump *d, hi5_object *o, unsigned level)
{
    struct attribute_list list = {d, level};
    hi5_object_info info;
    hi5_error err;

    if (!d->o.attributes)
        return;
    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        dump_trouble(d, "error getting attribute information", &err);
        return;
    }
    bool by_creation = d->o.by_creation && info.attribute_order_tracked;
    if (hi5_attribute_each(o, by_creation ? HI5_BY_CREATION : HI5_BY_NAME,
                           d->o.descending, print_attribute, &list, &err) != HI5_OK)
        dump_trouble(d, "error getting attribute information", &err);
}

/* -----------------------------------------------------------------------------
 * Datasets
 */

static void
print_comment(struct dump *d, struct dump_line *l, const hi5_object_info *info)
{
    if (info->comment && *info->comment)
        dump_head(d, l, "COMMENT \"%s\"", info->comment);
}

/* The values, once for each mask of -M. */
static void
print_data(struct dump *d, struct dump_line *l, const struct dump_source *source,
           const struct dump_subset *subset)
{
    unsigned times = d->o.nmasks ? d->o.nmasks : 1;
    hi5_class class = hi5_type_class(source->type);

    for (unsigned i = 0; i < times; i++) {
        if (d->o.nmasks > 0) {
            d->mask = d->o.masks[i];
            unsigned bits = 8 * (unsigned)hi5_type_size(source->type);
            if (class == HI5_INTEGER && d->mask.offset + d->mask.length > bits) {
                cli_warn("packed bits: offset+length %u is too large for %u bits",
                         d->mask.offset + d->mask.length, bits);
                d->mask.bits = 0;
            }
            dump_long_head(d, l, "PACKED_BITS OFFSET=%u LENGTH=%u", d->mask.offset,
                           d->mask.length);
        }
        if (class == HI5_TIME) {
            l->indent++;
            dump_long_head(d, l, "DATA{ not yet implemented.}");
            l->indent--;
        } else {
            dump_data(d, l, source, subset);
        }
    }
}

void
dump_dataset(struct dump *d, hi5_object *o, const char *name,
             const struct dump_subset *subset, unsigned level)
{
    struct dump_line l = dump_line_at(d, level);
    hi5_object_info info;
    hi5_dataset *set;
    hi5_error err;

    if (hi5_object_get_info(o, &info, &err) != HI5_OK ||
        hi5_object_dataset(o, &set, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    struct dump_source source = {.set = set,
                                 .file = d->current,
                                 .type = hi5_dataset_type(set),
                                 .shape = hi5_dataset_shape(set)};
    const char *before = d->place;

    d->place = dump_path_of(d, &info, name);
    dump_long_head(d, &l, "DATASET \"%s\" {", name);
    print_comment(d, &l, &info);
    l.indent++;
    dump_type_heading(d, &l, source.type);
    dump_space_heading(d, &l, source.shape);
    if (d->o.ids)
        dump_object_id(d, &l, info.address);
    if (d->o.properties)
        dump_properties(d, &l, set);
    if (d->o.data)
        print_data(d, &l, &source, subset);
    if (d->o.binary == DUMP_TEXT)
        dump_attributes(d, o, level + 1);
    l.indent--;
    dump_long_head(d, &l, "}");
    hi5_dataset_close(set);
    d->place = before;
}

/* -----------------------------------------------------------------------------
 * Committed datatypes
 */

/* `o` NULL: a type without a name, that has no attributes to show either. */
static void
print_datatype(struct dump *d, hi5_object *o, const hi5_type *type, const char *name,
               struct dump_entry *known, unsigned level)
{
    struct dump_line l = dump_line_at(d, level);
    struct cli_str text = {0};

    dump_head(d, &l, "DATATYPE \"%s\" ", name);
    if (known && known->shown) {
        cli_str_printf(&text, "HARDLINK \"%s\"", known->name);
        dump_more(d, &l, cli_str_text(&text));
        cli_str_free(&text);
        return;
    }
    if (known)
        known->shown = true;
    dump_type(d, &l, &text, type, false);
    if (hi5_type_class(type) != HI5_COMPOUND)
        cli_str_putc(&text, ';');
    dump_more(d, &l, cli_str_text(&text));
    cli_str_free(&text);
    if (o) {
        const char *before = d->place;
        d->place = name;
        dump_attributes(d, o, level + 1);
        d->place = before;
    }
}

void
dump_datatype(struct dump *d, hi5_object *o, const char *name, unsigned level)
{
    struct dump_entry *known = NULL;
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    if (!hi5_object_type(o)) {
        cli_error("unable to open datatype \"%s\"", name);
        return;
    }
    if (info.reference_count > 1 || d->elsewhere)
        known = dump_find(&d->table, info.file_number, info.address);
    print_datatype(d, o, hi5_object_type(o), name, known, level);
}

void
dump_nameless(struct dump *d, const struct dump_entry *t, const char *name,
              unsigned level)
{
    hi5_dataset *set;
    hi5_error err;

    if (hi5_dataset_open(d->current, t->name, &set, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    hi5_object *o;
    if (hi5_object_open_address(d->current, t->address, &o, NULL) != HI5_OK)
        o = NULL;
    print_datatype(d, o, hi5_dataset_type(set), name, NULL, level);
    hi5_object_close(o);
    hi5_dataset_close(set);
}

/* -----------------------------------------------------------------------------
 * Links
 */

void
dump_object(struct dump *d, hi5_object *o, const char *name, unsigned level)
{
    switch (hi5_object_kind(o)) {
    case HI5_KIND_GROUP:
        dump_group(d, o, name, level);
        break;
    case HI5_KIND_DATASET:
        dump_named_dataset(d, o, name, NULL, level);
        break;
    case HI5_KIND_DATATYPE:
        dump_datatype(d, o, name, level);
        break;
    case HI5_KIND_UNKNOWN:
        cli_error("unknown object \"%s\"", name);
        break;
    }
}

/* What an external link leads to. */
static void
print_elsewhere(struct dump *d, hi5_object *o, const struct dump_link *link,
                unsigned level)
{
    hi5_file *before = d->current;
    bool was_elsewhere = d->elsewhere;
    uint64_t number = hi5_file_number(hi5_object_file(o));

    if (number == hi5_file_number(d->file))
        return;
    d->current = hi5_object_file(o);
    d->elsewhere = true;
    dump_index(d, d->current, number);
    dump_object(d, o, link->target ? link->target : link->name, level);
    d->elsewhere = was_elsewhere;
    d->current = before;
}

static void
print_external(struct dump *d, struct dump_line *l, hi5_group *g,
               const struct dump_link *link, unsigned level)
{
    hi5_object *o;
    hi5_error err;

    dump_head(d, l, "EXTERNAL_LINK \"%s\" {", link->name);
    l->indent++;
    dump_head(d, l, "TARGETFILE \"%s\"", link->file ? link->file : "");
    dump_head(d, l, "TARGETPATH \"%s\"", link->target ? link->target : "");
    if (hi5_object_open_at(g, link->name, &o, &err) != HI5_OK) {
        /* A link may well lead nowhere. */
        if (d->o.errors)
            cli_warn("%s", err.message);
    } else {
        print_elsewhere(d, o, link, level + 2);
        hi5_object_close(o);
    }
    l->indent--;
    dump_head(d, l, "}");
}

static void
print_hard(struct dump *d, const struct dump_link *link, unsigned level)
{
    hi5_object *o;
    hi5_error err;

    if (hi5_object_open_address(d->current, link->address, &o, &err) != HI5_OK) {
        cli_fail(link->name, &err);
        return;
    }
    dump_object(d, o, link->name, level);
    hi5_object_close(o);
}

static void
print_link(struct dump *d, hi5_group *g, const struct dump_link *link, unsigned level)
{
    struct dump_line l = dump_line_at(d, level);

    switch (link->kind) {
    case HI5_LINK_HARD:
        print_hard(d, link, level);
        break;
    case HI5_LINK_SOFT:
        dump_head(d, &l, "SOFTLINK \"%s\" {", link->name);
        l.indent++;
        dump_head(d, &l, "LINKTARGET \"%s\"", link->target ? link->target : "");
        l.indent--;
        dump_head(d, &l, "}");
        break;
    case HI5_LINK_EXTERNAL:
        print_external(d, &l, g, link, level);
        break;
    default:
        dump_head(d, &l, "USERDEFINED_LINK \"%s\" {", link->name);
        l.indent++;
        dump_head(d, &l, "LINKCLASS %u", link->kind);
        l.indent--;
        dump_head(d, &l, "}");
        break;
    }
}

/* -----------------------------------------------------------------------------
 * Groups
 */

/* Datatypes that datasets share, but no link leads to. */
static void
print_nameless(struct dump *d, unsigned level)
{
    uint64_t number = hi5_file_number(d->current);

    for (size_t i = 0; i < d->table.n; i++) {
        const struct dump_entry *t = &d->table.objects[i];
        char name[32];
        if (t->file != number || t->named)
            continue;
        snprintf(name, sizeof name, "#%llu", (unsigned long long)t->address);
        dump_nameless(d, t, name, level);
    }
}

static void
print_links(struct dump *d, hi5_object *o, unsigned level)
{
    struct dump_links links;
    hi5_group *g;
    hi5_error err;

    if (hi5_object_group(o, &g, &err) != HI5_OK) {
        dump_trouble(d, "unable to list the links", &err);
        return;
    }
    dump_list_links(d, g, &links);
    for (size_t i = 0; i < links.n; i++)
        print_link(d, g, &links.v[i], level);
    dump_links_free(&links);
    hi5_group_close(g);
}

/* What stands between the braces, if it was not shown before. */
static void
print_members(struct dump *d, hi5_object *o, const hi5_object_info *info,
              struct dump_line *l)
{
    struct dump_entry *known = dump_find(&d->table, info->file_number, info->address);

    if (!known) {
        cli_error("a group at address %llu that no path leads to is not shown",
                  (unsigned long long)info->address);
    } else if (known->shown) {
        dump_head(d, l, "HARDLINK \"%s\"", known->name);
    } else if (d->depth == DUMP_DEPTH) {
        cli_error("%s: groups are nested too deeply", known->name);
    } else {
        const char *before = d->place;
        known->shown = true;
        d->place = known->name;
        d->depth++;
        dump_attributes(d, o, l->indent);
        print_links(d, o, l->indent);
        d->depth--;
        d->place = before;
    }
}

void
dump_group(struct dump *d, hi5_object *o, const char *name, unsigned level)
{
    struct dump_line l = dump_line_at(d, level);
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    dump_head(d, &l, "GROUP \"%s\" {", name);
    l.indent++;
    if (strcmp(name, "/") == 0)
        print_nameless(d, l.indent);
    if (d->o.ids)
        dump_object_id(d, &l, info.address);
    print_comment(d, &l, &info);
    print_members(d, o, &info, &l);
    l.indent--;
    dump_head(d, &l, "}");
}
