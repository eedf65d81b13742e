/*
 * dump_named.c - objects asked for by name: -a, -d, -g, -l, -t and -N
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

/* A line that h5dump prints without regard for the width. */
static void
put_line(struct dump *d, const char *text)
{
    if (d->o.out)
        cli_puts(d->o.out, text);
}

/* A heading and a closing brace with nothing between them: it could not be opened. */
static void
put_empty(struct dump *d, const char *kind, const char *name, const char *open)
{
    if (d->o.out)
        cli_printf(d->o.out, "\n%s \"%s\" %s\n   ", kind, name, open);
}

/* -----------------------------------------------------------------------------
 * Links
 */

/* Split a path into the group that holds the link, which is opened, and its name. */
static hi5_status
open_parent(struct dump *d, const char *path, hi5_group **g, char **name,
            hi5_error *err)
{
    char *copy = cli_copy(path);
    size_t n = strlen(copy);

    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    char *slash = strrchr(copy, '/');
    *name = cli_copy(slash ? slash + 1 : copy);
    if (slash)
        *slash = '\0';
    hi5_status s = hi5_group_open(d->current, slash && *copy ? copy : "/", g, err);
    if (s != HI5_OK) {
        free(*name);
        *name = NULL;
    }
    free(copy);
    return s;
}

static void
put_link(struct dump *d, const char *path, const hi5_link *link)
{
    FILE *out = d->o.out;

    if (!out)
        return;
    if (link->kind == HI5_LINK_SOFT)
        cli_printf(out, "\nSOFTLINK \"%s\" {\n   LINKTARGET \"%s\"\n}", path,
                   link->target ? link->target : "");
    else if (link->kind == HI5_LINK_EXTERNAL)
        cli_printf(out,
                   "\nEXTERNAL_LINK \"%s\" {\n   TARGETFILE \"%s\"\n"
                   "   TARGETPATH \"%s\"\n}",
                   path, link->file ? link->file : "",
                   link->target ? link->target : "");
    else
        cli_printf(out, "\nUSERDEFINED_LINK \"%s\" {\n   LINKCLASS %u\n}", path,
                   link->kind);
}

static void
named_link(struct dump *d, const char *path)
{
    hi5_group *g;
    hi5_link link;
    hi5_error err;
    char *name;

    if (open_parent(d, path, &g, &name, &err) != HI5_OK) {
        cli_error("unable to get link info from \"%s\": %s", path, err.message);
        return;
    }
    if (hi5_group_get_link(g, name, &link, &err) != HI5_OK) {
        cli_error("unable to get link info from \"%s\": %s", path, err.message);
    } else {
        if (link.kind == HI5_LINK_HARD)
            cli_error("\"%s\" is a hard link", path);
        else
            put_link(d, path, &link);
        hi5_link_free(g, &link);
    }
    free(name);
    hi5_group_close(g);
}

/* -----------------------------------------------------------------------------
 * Datasets
 */

static void
fill_list(struct dump_list *list, unsigned rank, uint64_t value)
{
    if (list->given)
        return;
    list->n = rank;
    for (unsigned i = 0; i < rank; i++)
        list->v[i] = value;
}

static bool
check_list(const char *what, const struct dump_list *list, unsigned rank)
{
    if (list->n > rank)
        cli_error("number of %s dims (%u) exceed dataset dims (%u)", what, list->n,
                  rank);
    else if (list->n < rank)
        cli_error("number of %s dims (%u) is less than dataset dims (%u)", what,
                  list->n, rank);
    return list->n == rank;
}

/* Give the lists that were left out their defaults. False if they make no sense. */
static bool
complete_subset(struct dump_subset *s, unsigned rank)
{
    fill_list(&s->start, rank, 0);
    fill_list(&s->stride, rank, 1);
    fill_list(&s->count, rank, 1);
    fill_list(&s->block, rank, 1);
    if (!check_list("start", &s->start, rank) ||
        !check_list("stride", &s->stride, rank) ||
        !check_list("count", &s->count, rank) || !check_list("block", &s->block, rank))
        return false;
    for (unsigned i = 0; i < rank; i++)
        if (s->count.v[i] > 1 && s->stride.v[i] < s->block.v[i]) {
            cli_error("wrong subset selection; blocks overlap");
            return false;
        }
    return true;
}

static bool
subset_fits(struct dump_subset *s, hi5_object *o)
{
    hi5_dataset *set;
    hi5_error err;

    if (hi5_object_dataset(o, &set, &err) != HI5_OK) {
        cli_fail(NULL, &err);
        return false;
    }
    bool fits = complete_subset(s, hi5_dataset_shape(set)->rank);
    hi5_dataset_close(set);
    return fits;
}

void
dump_named_dataset(struct dump *d, hi5_object *o, const char *name,
                   struct dump_subset *subset, unsigned level)
{
    struct dump_entry *known = NULL;
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    if (info.reference_count > 1 || d->elsewhere)
        known = dump_find(&d->table, info.file_number, info.address);
    if (known && known->shown) {
        struct dump_line l = dump_line_at(d, level);
        dump_head(d, &l, "DATASET \"%s\" {", name);
        l.indent++;
        dump_head(d, &l, "HARDLINK \"%s\"", known->name);
        l.indent--;
        dump_head(d, &l, "}");
        return;
    }
    if (known)
        known->shown = true;
    dump_dataset(d, o, name, subset, level);
}

/* Not a dataset: perhaps a link that leads nowhere. */
static void
named_dataset(struct dump *d, const char *name, const struct dump_subset *subset,
              bool strict)
{
    hi5_object *o;

    if (hi5_object_open(d->current, name, &o, NULL) != HI5_OK)
        o = NULL;
    if (!o || hi5_object_kind(o) != HI5_KIND_DATASET) {
        if (strict)
            named_link(d, name);
    } else if (subset) {
        struct dump_subset own = *subset;
        if (subset_fits(&own, o))
            dump_named_dataset(d, o, name, &own, 1);
    } else {
        dump_named_dataset(d, o, name, NULL, 1);
    }
    hi5_object_close(o);
}

/* -----------------------------------------------------------------------------
 * Groups and datatypes
 */

static void
named_group(struct dump *d, const char *name, bool strict)
{
    hi5_object *o;
    hi5_error err;

    if (hi5_object_open(d->current, name, &o, &err) != HI5_OK)
        o = NULL;
    if (o && hi5_object_kind(o) == HI5_KIND_GROUP) {
        dump_group(d, o, name, 1);
    } else if (strict) {
        put_empty(d, "GROUP", name, "{");
        if (o)
            cli_error("unable to open group \"%s\": it is no group", name);
        else
            cli_error("unable to open group \"%s\": %s", name, err.message);
        put_line(d, "}");
    }
    hi5_object_close(o);
}

/* "/#ADDRESS" names a datatype that has no path. */
static const struct dump_entry *
find_nameless(struct dump *d, const char *name)
{
    uint64_t address, number = hi5_file_number(d->current);
    const struct dump_entry *t = NULL;

    if (strncmp(name, "/#", 2) == 0 && cli_number(name + 2, &address))
        t = dump_find(&d->table, number, address);
    return t && !t->named ? t : NULL;
}

static void
named_datatype(struct dump *d, const char *name, bool strict)
{
    const struct dump_entry *nameless = find_nameless(d, name);
    hi5_object *o;
    hi5_error err;

    if (hi5_object_open(d->current, name, &o, &err) != HI5_OK)
        o = NULL;
    if (o && hi5_object_kind(o) == HI5_KIND_DATATYPE) {
        dump_datatype(d, o, name, 1);
    } else if (nameless) {
        dump_nameless(d, nameless, name, 1);
    } else if (strict) {
        put_empty(d, "DATATYPE", name, "");
        if (o)
            cli_error("unable to open datatype \"%s\": it is no datatype", name);
        else
            cli_error("unable to open datatype \"%s\": %s", name, err.message);
    }
    hi5_object_close(o);
}

/* -----------------------------------------------------------------------------
 * Attributes
 */

/* Where the name begins in PATH/NAME; slashes of the name itself are written "\/". */
static size_t
attribute_name_at(const char *path)
{
    size_t i = strlen(path);

    while (i > 0 && !(path[i - 1] == '/' && (i == 1 || path[i - 2] != '\\')))
        i--;
    return i;
}

static char *
attribute_name(const char *path)
{
    char *name = cli_copy(path + attribute_name_at(path)), *to = name;

    for (const char *from = name; *from; from++)
        if (!(from[0] == '\\' && from[1] == '/'))
            *to++ = *from;
    *to = '\0';
    return name;
}

static void
named_attribute(struct dump *d, const char *path)
{
    size_t at = attribute_name_at(path);
    char *owner = at ? cli_copy_n(path, at) : cli_copy("/"),
         *name = attribute_name(path);
    struct dump_line l = dump_line_at(d, 1);
    hi5_object *o;
    hi5_attribute *a;
    hi5_error err;

    if (hi5_object_open(d->current, owner, &o, &err) != HI5_OK) {
        dump_head(d, &l, "ATTRIBUTE \"%s\" {", path);
        cli_error("unable to open object \"%s\": %s", owner, err.message);
        dump_head(d, &l, "}");
    } else {
        if (hi5_attribute_open(o, name, &a, &err) != HI5_OK) {
            cli_error("unable to open attribute \"%s\": %s", name, err.message);
            a = NULL;
        }
        dump_attribute(d, &l, name, a);
        hi5_attribute_close(a);
        hi5_object_close(o);
    }
    free(owner);
    free(name);
}

/* -----------------------------------------------------------------------------
 * Anything of that name
 */

struct search {
    struct dump *d;
    const char *wanted;
    char *attribute;  /* the last part of it */
    const char *path; /* of the object at hand */
};

static hi5_status
match_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct search *s = ctx;
    hi5_attribute_info info;
    struct cli_str full = {0};

    (void)bad;
    (void)err;
    if (!a)
        return HI5_OK;
    hi5_attribute_get_info(a, &info);
    if (strcmp(info.name, s->attribute) != 0)
        return HI5_OK;
    if (*s->wanted != '/') {
        cli_str_puts(&full, s->path);
        if (full.p[full.n - 1] != '/')
            cli_str_putc(&full, '/');
    }
    cli_str_puts(&full, s->wanted);
    named_attribute(s->d, full.p);
    cli_str_free(&full);
    return HI5_OK;
}

static void
match_object(struct search *s, const struct dump_visit *v)
{
    hi5_error err;

    s->path = v->path;
    if (hi5_attribute_each(v->object, HI5_BY_NAME, false, match_attribute, s, &err) !=
        HI5_OK)
        cli_fail(v->path, &err);
    if (strcmp(v->path, s->wanted) != 0)
        return;
    switch (v->info.kind) {
    case HI5_KIND_GROUP:
        named_group(s->d, v->path, false);
        break;
    case HI5_KIND_DATASET:
        named_dataset(s->d, v->path, NULL, false);
        break;
    case HI5_KIND_DATATYPE:
        named_datatype(s->d, v->path, false);
        break;
    case HI5_KIND_UNKNOWN:
        cli_error("unknown object \"%s\"", v->path);
        break;
    }
}

static void
match_visit(void *ctx, const struct dump_visit *v)
{
    struct search *s = ctx;

    if (v->object)
        match_object(s, v);
    else if (v->link && v->link->kind != HI5_LINK_HARD &&
             strcmp(*s->wanted == '/' ? v->path : v->path + 1, s->wanted) == 0)
        named_link(s->d, s->wanted);
}

static void
named_any(struct dump *d, const char *name)
{
    struct search s = {.d = d, .wanted = name, .attribute = attribute_name(name)};

    dump_walk(d, d->file, match_visit, &s);
    free(s.attribute);
}

void
dump_requests(struct dump *d)
{
    for (size_t i = 0; i < d->o.nrequests; i++) {
        const struct dump_request *r = &d->o.requests[i];
        switch (r->want) {
        case DUMP_ATTRIBUTE:
            named_attribute(d, r->name);
            break;
        case DUMP_DATASET:
            named_dataset(d, r->name, r->subset, true);
            break;
        case DUMP_GROUP:
            named_group(d, r->name, true);
            break;
        case DUMP_LINK:
            named_link(d, r->name);
            break;
        case DUMP_DATATYPE:
            named_datatype(d, r->name, true);
            break;
        case DUMP_ANY:
            named_any(d, r->name);
            break;
        }
    }
}
