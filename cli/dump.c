/*
 * dump.c - `hi5 dump`: print what files hold, as text
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * -n: a list of the objects
 */

struct contents {
    struct dump *d;
    const char *path; /* of the object at hand */
};

static hi5_status
list_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    const struct contents *c = ctx;
    hi5_attribute_info info;

    (void)err;
    if (!a) {
        cli_fail(c->path, bad);
        return HI5_OK;
    }
    hi5_attribute_get_info(a, &info);
    cli_printf(c->d->o.out, " %-10s %s%s%s\n", "attribute", c->path,
               strcmp(c->path, "/") == 0 ? "" : "/", info.name);
    return HI5_OK;
}

static void
list_object(struct contents *c, const struct dump_visit *v)
{
    static const char *const kinds[] = {"unknown object type", "group", "dataset",
                                        "datatype"};
    FILE *out = c->d->o.out;
    hi5_error err;

    cli_printf(out, " %-10s %s", kinds[v->info.kind], v->path);
    if (v->seen) {
        cli_printf(out, " -> %s\n", v->seen);
        return;
    }
    cli_puts(out, "\n");
    if (!c->d->o.contents_attributes)
        return;
    c->path = v->path;
    bool by_creation = c->d->o.by_creation && v->info.attribute_order_tracked;
    if (hi5_attribute_each(v->object, by_creation ? HI5_BY_CREATION : HI5_BY_NAME,
                           c->d->o.descending, list_attribute, c, &err) != HI5_OK)
        cli_fail(v->path, &err);
}

static void
list_visit(void *ctx, const struct dump_visit *v)
{
    struct contents *c = ctx;
    FILE *out = c->d->o.out;

    if (v->object)
        list_object(c, v);
    else if (v->link->kind == HI5_LINK_SOFT)
        cli_printf(out, " %-10s %s -> %s\n", "link", v->path,
                   v->link->target ? v->link->target : "");
    else if (v->link->kind == HI5_LINK_EXTERNAL)
        cli_printf(out, " %-10s %s -> %s %s\n", "ext link", v->path,
                   v->link->file ? v->link->file : "",
                   v->link->target ? v->link->target : "");
    else
        cli_printf(out, " %-10s %s -> ???\n", "unknown type of UD link", v->path);
}

static void
print_contents(struct dump *d)
{
    struct contents c = {.d = d};
    uint64_t number = hi5_file_number(d->file);

    if (!d->o.out)
        return;
    cli_puts(d->o.out, "\nFILE_CONTENTS {\n");
    for (size_t i = 0; i < d->table.n; i++)
        if (d->table.objects[i].file == number && !d->table.objects[i].named)
            cli_printf(d->o.out, " %-10s /#%llu\n", "datatype",
                       (unsigned long long)d->table.objects[i].address);
    dump_walk(d, d->file, list_visit, &c);
    cli_puts(d->o.out, " }");
}

/* -----------------------------------------------------------------------------
 * A file
 */

/* All that is at `path`, "/" for the whole file. */
static void
print_object(struct dump *d, const char *path)
{
    hi5_object *o;
    hi5_error err;

    if (hi5_object_open(d->file, path, &o, &err) != HI5_OK) {
        cli_fail(NULL, &err);
        return;
    }
    dump_object(d, o, path, 1);
    hi5_object_close(o);
}

static void
print_file(struct dump *d, const char *path)
{
    if (d->o.xml) {
        dump_as_xml(d);
        return;
    }
    if (d->o.out)
        cli_printf(d->o.out, "HDF5 \"%s\" {", d->file_name);
    if (d->o.contents) {
        print_contents(d);
    } else {
        if (d->o.superblock)
            dump_superblock(d);
        if (d->o.some)
            dump_requests(d);
        else
            print_object(d, *path ? path : "/");
    }
    if (d->o.out)
        cli_puts(d->o.out, "\n}\n");
}

/* FILE, or FILE/OBJECT. */
static void
dump_file(struct dump *d, const char *name)
{
    hi5_open_options options;
    const char *path;
    hi5_error err;

    cli_open_options(&options);
    options.driver = d->o.driver;
    options.vds_view = d->o.vds_view;
    options.vds_gap = d->o.vds_gap;
    if (cli_open_prefix(name, &options, &d->file, &path, &err) != HI5_OK) {
        cli_error("unable to open file \"%s\": %s", name, err.message);
        return;
    }
    char *file_name = cli_copy_n(name, (size_t)(path - name));
    d->file_name = file_name;
    d->current = d->file;
    dump_index(d, d->file, hi5_file_number(d->file));
    print_file(d, path);

    dump_table_free(&d->table);
    dump_table_free(&d->stored);
    for (size_t i = 0; i < d->nheld; i++)
        hi5_object_close(d->held[i]);
    free(d->held);
    d->held = NULL;
    d->nheld = 0;
    hi5_close(d->file, NULL);
    free(file_name);
}

int
cmd_dump(int argc, char **argv)
{
    struct dump d = {0};

    if (dump_wants_bytes(argc, argv))
        return dump_bytes(argc, argv);
    if (dump_parse(&d.o, argc, argv))
        for (int i = d.o.first_file; i < argc; i++)
            dump_file(&d, argv[i]);
    dump_options_end(&d.o);
    return cli_failed() ? EXIT_FAILURE : EXIT_SUCCESS;
}
