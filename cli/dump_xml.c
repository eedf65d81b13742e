/*
 * dump_xml.c - `hi5 dump --xml`: the file, groups, committed datatypes and links
 *
 * The elements are those of the HDF5-File schema. An object is named by its address; a
 * link that leads nowhere gets a number counted down from the largest one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void
put_group(struct dump_xml *x, hi5_object *o, const char *name, unsigned level);

void
dump_xml_line(struct dump_xml *x, unsigned level, const char *format, ...)
{
    struct cli_str text = {0};
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *line = cli_alloc(n < 0 ? 1 : (size_t)n + 1);
    if (n > 0)
        vsnprintf(line, (size_t)n + 1, format, args);
    va_end(args);

    if (x->begun)
        cli_str_putc(&text, '\n');
    x->begun = true;
    cli_str_fill(&text, ' ', (size_t)level * DUMP_STEP);
    cli_str_puts(&text, line);
    cli_puts(x->out, cli_str_text(&text));
    cli_str_free(&text);
    free(line);
}

char *
dump_xml_escape(const char *text)
{
    static const char special[] = "\"'<>&";
    static const char *const escaped[] = {"&quot;", "&apos;", "&lt;", "&gt;", "&amp;"};
    struct cli_str s = {0};

    cli_str_puts(&s, "");
    for (; *text; text++) {
        const char *found = strchr(special, *text);
        if (found)
            cli_str_puts(&s, escaped[found - special]);
        else
            cli_str_putc(&s, *text);
    }
    return s.p;
}

/* -----------------------------------------------------------------------------
 * Identity
 */

/* Does the last link of a path lead on within the file? */
static bool
stays_inside(struct dump *d, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *parent = cli_copy_n(path, slash && slash > path ? (size_t)(slash - path) : 1);
    bool inside = false;
    hi5_group *g;
    hi5_link link;

    if (slash && hi5_group_open(d->file, parent, &g, NULL) == HI5_OK) {
        if (hi5_group_get_link(g, slash + 1, &link, NULL) == HI5_OK) {
            inside = link.kind == HI5_LINK_HARD || link.kind == HI5_LINK_SOFT;
            hi5_link_free(g, &link);
        }
        hi5_group_close(g);
    }
    free(parent);
    return inside;
}

/* The address of what is at `path`; false if nothing is. */
static bool
find_address(struct dump *d, const char *path, uint64_t *address)
{
    hi5_object_info info;
    hi5_object *o;
    bool found;

    if (strcmp(path, "/") != 0 && !stays_inside(d, path))
        return false;
    if (hi5_object_open(d->file, path, &o, NULL) != HI5_OK)
        return false;
    found = hi5_object_get_info(o, &info, NULL) == HI5_OK;
    *address = info.address;
    hi5_object_close(o);
    return found;
}

char *
dump_xml_id(struct dump_xml *x, const char *path)
{
    uint64_t address;
    char text[32];

    if (!find_address(x->d, *path ? path : "/", &address))
        address = --x->last_fake;
    snprintf(text, sizeof text, "xid_%llu", (unsigned long long)address);
    return cli_copy(text);
}

struct dump_place
dump_xml_place(struct dump_xml *x, const char *name)
{
    const char *parent = cli_str_text(&x->path);
    struct cli_str path = {0};
    struct dump_place p;

    cli_str_printf(&path, "%s/%s", parent, name);
    p.name = dump_xml_escape(name);
    p.raw_path = cli_copy(cli_str_text(&path));
    p.path = dump_xml_escape(p.raw_path);
    p.parent = dump_xml_escape(*parent ? parent : "/");
    p.id = dump_xml_id(x, p.raw_path);
    p.parent_id = dump_xml_id(x, parent);
    cli_str_free(&path);
    return p;
}

void
dump_place_free(struct dump_place *p)
{
    free(p->name);
    free(p->path);
    free(p->raw_path);
    free(p->parent);
    free(p->id);
    free(p->parent_id);
}

/* -----------------------------------------------------------------------------
 * Committed datatypes
 */

static void
put_datatype(struct dump_xml *x, const hi5_type *type, struct dump_entry *known,
             const char *name, unsigned level)
{
    struct dump_place p = dump_xml_place(x, name);

    if (*name == '#')
        dump_xml_line(x, level,
                      "<%sNamedDataType Name=\"%s\" OBJ-XID=\"%s\" Parents=\"%s\" "
                      "H5ParentPaths=\"%s\">",
                      x->ns, name, p.id, p.parent_id, p.parent);
    else
        dump_xml_line(x, level,
                      "<%sNamedDataType Name=\"%s\" OBJ-XID=\"%s\" H5Path=\"%s\" "
                      "Parents=\"%s\" H5ParentPaths=\"%s\">",
                      x->ns, p.name, p.id, p.path, p.parent_id, p.parent);
    if (known && known->shown) {
        char *id = dump_xml_id(x, known->name), *path = dump_xml_escape(known->name);
        dump_xml_line(x, level + 1,
                      "<%sNamedDatatypePtr OBJ-XID=\"%s\" H5Path=\"%s\"/>", x->ns, id,
                      path);
        free(id);
        free(path);
    } else {
        dump_xml_line(x, level + 1, "<%sDataType>", x->ns);
        dump_xml_type(x, type, level + 2);
        dump_xml_line(x, level + 1, "</%sDataType>", x->ns);
    }
    if (known)
        known->shown = true;
    dump_xml_line(x, level, "</%sNamedDataType>", x->ns);
    dump_place_free(&p);
}

static void
put_nameless(struct dump_xml *x, unsigned level)
{
    const struct dump_table *table = &x->d->table;

    for (size_t i = 0; i < table->n; i++) {
        const struct dump_entry *t = &table->objects[i];
        char name[32];
        hi5_dataset *set;
        if (t->named || hi5_dataset_open(x->d->file, t->name, &set, NULL) != HI5_OK)
            continue;
        snprintf(name, sizeof name, "#%llu", (unsigned long long)t->address);
        put_datatype(x, hi5_dataset_type(set), NULL, name, level);
        hi5_dataset_close(set);
    }
}

/* -----------------------------------------------------------------------------
 * Links
 */

static void
put_object(struct dump_xml *x, const struct dump_link *link, unsigned level)
{
    struct dump_entry *known = NULL;
    hi5_object_info info;
    hi5_object *o;
    hi5_error err;

    if (hi5_object_open_address(x->d->current, link->address, &o, &err) != HI5_OK) {
        cli_fail(link->name, &err);
        return;
    }
    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        cli_fail(link->name, &err);
    } else {
        if (info.reference_count > 1)
            known = dump_find(&x->d->table, info.file_number, info.address);
        if (info.kind == HI5_KIND_GROUP) {
            put_group(x, o, link->name, level);
        } else if (info.kind == HI5_KIND_DATATYPE) {
            put_datatype(x, hi5_object_type(o), known, link->name, level);
        } else if (info.kind == HI5_KIND_DATASET && known && known->shown) {
            dump_xml_dataset_pointer(x, known, link->name, level);
        } else if (info.kind == HI5_KIND_DATASET) {
            if (known)
                known->shown = true;
            dump_xml_dataset(x, o, &info, link->name, level);
        } else {
            cli_error("unknown object \"%s\"", link->name);
        }
    }
    hi5_object_close(o);
}

static void
put_soft_link(struct dump_xml *x, const struct dump_link *link,
              const struct dump_place *p, unsigned level)
{
    const char *target = link->target ? link->target : "";
    struct cli_str path = {0};
    char *escaped = dump_xml_escape(target);
    uint64_t address;

    if (*target != '/')
        cli_str_printf(&path, "%s/", cli_str_text(&x->path));
    cli_str_puts(&path, target);
    if (find_address(x->d, path.p, &address))
        dump_xml_line(x, level,
                      "<%sSoftLink LinkName=\"%s\" OBJ-XID=\"%s\" H5SourcePath=\"%s\" "
                      "TargetPath=\"%s\" TargetObj=\"xid_%llu\" Parents=\"%s\" "
                      "H5ParentPaths=\"%s\" />",
                      x->ns, p->name, p->id, p->path, escaped,
                      (unsigned long long)address, p->parent_id, p->parent);
    else
        dump_xml_line(x, level,
                      "<%sSoftLink LinkName=\"%s\" OBJ-XID=\"%s\" H5SourcePath=\"%s\" "
                      "TargetPath=\"%s\"  Parents=\"%s\" H5ParentPaths=\"%s\" />",
                      x->ns, p->name, p->id, p->path, escaped, p->parent_id, p->parent);
    cli_str_free(&path);
    free(escaped);
}

static void
put_link(struct dump_xml *x, const struct dump_link *link, unsigned level)
{
    if (link->kind == HI5_LINK_HARD) {
        put_object(x, link, level);
        return;
    }
    struct dump_place p = dump_xml_place(x, link->name);
    if (link->kind == HI5_LINK_SOFT)
        put_soft_link(x, link, &p, level);
    else if (link->kind == HI5_LINK_EXTERNAL)
        dump_xml_line(
            x, level,
            "<%sExternalLink LinkName=\"%s\" OBJ-XID=\"%s\" H5SourcePath=\"%s\" "
            "TargetFilename=\"%s\"  TargetPath=\"%s\"  Parents=\"%s\" "
            "H5ParentPaths=\"%s\" />",
            x->ns, p.name, p.id, p.path, link->file ? link->file : "",
            link->target ? link->target : "", p.parent_id, p.parent);
    else
        dump_xml_line(
            x, level,
            "<%sUserDefined LinkName=\"%s\" OBJ-XID=\"%s\" H5SourcePath=\"%s\" "
            "LinkClass=\"%u\"  Parents=\"%s\" H5ParentPaths=\"%s\" />",
            x->ns, p.name, p.id, p.path, link->kind, p.parent_id, p.parent);
    dump_place_free(&p);
}

/* -----------------------------------------------------------------------------
 * Groups
 */

/* What is in a group: attributes, then links, whose paths begin with the group's. */
static void
put_members(struct dump_xml *x, hi5_object *o, const hi5_object_info *info,
            unsigned level)
{
    struct dump_links links;
    hi5_group *g;
    hi5_error err;

    dump_xml_attributes(x, o, info, level);
    if (level == 1)
        put_nameless(x, level);
    if (hi5_object_group(o, &g, &err) != HI5_OK) {
        dump_trouble(x->d, "unable to list the links", &err);
        return;
    }
    dump_list_links(x->d, g, &links);
    for (size_t i = 0; i < links.n; i++)
        put_link(x, &links.v[i], level);
    dump_links_free(&links);
    hi5_group_close(g);
}

/* A group that was printed before. */
static void
put_group_pointer(struct dump_xml *x, const struct dump_entry *known,
                  const struct dump_place *p, unsigned level)
{
    char *id = dump_xml_id(x, known->name), *path = dump_xml_escape(known->name);

    dump_xml_line(x, level,
                  "<%sGroup Name=\"%s\" OBJ-XID=\"%s-%u\" H5Path=\"%s\" Parents=\"%s\" "
                  "H5ParentPaths=\"%s\">",
                  x->ns, p->name, p->id, x->next_pointer++, path, p->parent_id,
                  p->parent);
    dump_xml_line(x, level + 1,
                  "<%sGroupPtr OBJ-XID=\"%s\" H5Path=\"%s\" Parents=\"%s\" "
                  "H5ParentPaths=\"%s\" />",
                  x->ns, id, path, p->parent_id, p->parent);
    free(id);
    free(path);
}

static void
put_group(struct dump_xml *x, hi5_object *o, const char *name, unsigned level)
{
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        cli_fail(name, &err);
        return;
    }
    struct dump_entry *known = dump_find(&x->d->table, info.file_number, info.address);
    struct dump_place p = dump_xml_place(x, name);
    if (known && known->shown) {
        put_group_pointer(x, known, &p, level);
    } else if (!known || x->d->depth == DUMP_DEPTH) {
        cli_error("%s: groups are nested too deeply", p.raw_path);
        dump_place_free(&p);
        return;
    } else {
        size_t before = x->path.n;
        const char *place = x->d->place;
        known->shown = true;
        dump_xml_line(
            x, level,
            "<%sGroup Name=\"%s\" OBJ-XID=\"%s\" H5Path=\"%s\" Parents=\"%s\" "
            "H5ParentPaths=\"%s\" >",
            x->ns, p.name, p.id, p.path, p.parent_id, p.parent);
        cli_str_printf(&x->path, "/%s", name);
        x->d->place = p.raw_path;
        x->d->depth++;
        put_members(x, o, &info, level + 1);
        x->d->depth--;
        x->d->place = place;
        cli_str_cut(&x->path, before);
    }
    dump_xml_line(x, level, "</%sGroup>", x->ns);
    dump_place_free(&p);
}

static void
put_root(struct dump_xml *x)
{
    hi5_object_info info;
    hi5_object *o;
    hi5_error err;

    if (hi5_object_open(x->d->file, "/", &o, &err) != HI5_OK) {
        cli_fail("unable to open root group", &err);
        return;
    }
    if (hi5_object_get_info(o, &info, &err) != HI5_OK) {
        cli_fail("unable to open root group", &err);
    } else {
        struct dump_entry *known =
            dump_find(&x->d->table, info.file_number, info.address);
        char *id = dump_xml_id(x, "/");
        if (known)
            known->shown = true;
        dump_xml_line(x, 0, "<%sRootGroup OBJ-XID=\"%s\" H5Path=\"/\">", x->ns, id);
        put_members(x, o, &info, 1);
        dump_xml_line(x, 0, "</%sRootGroup>", x->ns);
        free(id);
    }
    hi5_object_close(o);
}

#define SCHEMA "http://www.hdfgroup.org/HDF5/XML/schema/HDF5-File.xsd"
#define DEFINITION "http://www.hdfgroup.org/HDF5/XML/DTD/HDF5-File.dtd"
#define NAMESPACE "http://hdfgroup.org/HDF5/XML/schema/HDF5-File"
#define INSTANCE "http://www.w3.org/2001/XMLSchema-instance"

static void
put_opening(const struct dump_xml *x)
{
    const struct dump_options *o = &x->d->o;
    const char *colon = strrchr(x->ns, ':');
    int n = (int)(colon ? (size_t)(colon - x->ns) : strlen(x->ns));

    cli_puts(x->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (o->dtd)
        cli_printf(
            x->out,
            "<!DOCTYPE HDF5-File PUBLIC \"HDF5-File.dtd\" \"%s\">\n<HDF5-File>\n",
            o->xml_uri ? o->xml_uri : DEFINITION);
    else if (!*x->ns)
        cli_printf(x->out,
                   "<HDF5-File xmlns:xsi=\"" INSTANCE
                   "\" xsi:noNamespaceSchemaLocation=\"%s\">\n",
                   o->xml_uri ? o->xml_uri : SCHEMA);
    else
        cli_printf(x->out,
                   "<%sHDF5-File xmlns:%.*s=\"" NAMESPACE ".xsd\" xmlns:xsi=\"" INSTANCE
                   "\" xsi:schemaLocation=\"" NAMESPACE " " SCHEMA "\">\n",
                   x->ns, n, x->ns);
}

void
dump_as_xml(struct dump *d)
{
    struct dump_xml x = {.d = d,
                         .out = d->o.out,
                         .ns = d->o.xml_prefix,
                         .last_fake = HI5_NO_ADDRESS,
                         .next_pointer = 1};

    if (!x.out)
        return;
    put_opening(&x);
    put_root(&x);
    cli_printf(x.out, "\n</%sHDF5-File>\n", x.ns);
    cli_str_free(&x.path);
}
