/*
 * dump_table.c - the walk over a file, and what it finds
 *
 * h5dump names an object that was met before, and what a reference or a datatype refers
 * to, by the first path that leads to it. So the file is walked once before anything is
 * printed. The walk keeps its own stack: a file may nest groups as deep as it is large.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * The table
 */

static size_t
slot_of(const struct dump_table *t, uint64_t file, uint64_t address)
{
    uint64_t h =
        (address ^ file * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);

    size_t slot = (size_t)(h >> 20) & (t->nslots - 1);
    while (t->slots[slot]) {
        const struct dump_entry *o = &t->objects[t->slots[slot] - 1];
        if (o->file == file && o->address == address)
            break;
        slot = (slot + 1) & (t->nslots - 1);
    }
    return slot;
}

struct dump_entry *
dump_find(const struct dump_table *t, uint64_t file, uint64_t address)
{
    if (t->nslots == 0)
        return NULL;
    size_t found = t->slots[slot_of(t, file, address)];
    return found ? &t->objects[found - 1] : NULL;
}

static void
grow_slots(struct dump_table *t)
{
    free(t->slots);
    t->nslots = t->nslots ? t->nslots * 2 : 256;
    t->slots = cli_resize(NULL, t->nslots, sizeof *t->slots);
    memset(t->slots, 0, t->nslots * sizeof *t->slots);
    for (size_t i = 0; i < t->n; i++)
        t->slots[slot_of(t, t->objects[i].file, t->objects[i].address)] = i + 1;
}

struct dump_entry *
dump_enter(struct dump_table *t, uint64_t file, uint64_t address, hi5_kind kind,
           const char *name)
{
    if (t->n >= t->nslots / 2)
        grow_slots(t);
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->objects = cli_resize(t->objects, t->cap, sizeof *t->objects);
    }
    struct dump_entry *o = &t->objects[t->n];
    *o = (struct dump_entry){
        .file = file,
        .address = address,
        .kind = kind,
        .name = cli_copy(name),
        .named = true,
    };
    t->slots[slot_of(t, file, address)] = ++t->n;
    return o;
}

void
dump_table_free(struct dump_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->objects[i].name);
    free(t->objects);
    free(t->slots);
    free(t->files);
    *t = (struct dump_table){0};
}

/* -----------------------------------------------------------------------------
 * Links
 */

static void
dump_fail(const struct dump *d, const char *what, const hi5_error *err)
{
    if (!d->quiet)
        cli_fail(what, err);
}

static hi5_status
collect_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct dump_links *links = ctx;

    (void)err;
    if (links->n == links->cap) {
        links->cap = links->cap ? links->cap * 2 : 16;
        links->v = cli_resize(links->v, links->cap, sizeof *links->v);
    }
    links->v[links->n++] = (struct dump_link){
        .name = cli_copy(link->name),
        .kind = link->kind,
        .address = link->address,
        .target = link->target ? cli_copy(link->target) : NULL,
        .file = link->file ? cli_copy(link->file) : NULL,
    };
    return HI5_OK;
}

void
dump_list_links(struct dump *d, hi5_group *g, struct dump_links *links)
{
    hi5_group_info info;
    hi5_error err;

    *links = (struct dump_links){0};
    if (hi5_group_get_info(g, &info, &err) != HI5_OK) {
        dump_fail(d, NULL, &err);
        return;
    }
    hi5_order order = d->as_stored                             ? HI5_NATIVE
                      : d->o.by_creation && info.order_tracked ? HI5_BY_CREATION
                                                               : HI5_BY_NAME;
    bool descending = d->o.descending && !d->as_stored;
    if (hi5_group_each(g, order, descending, collect_link, links, &err) != HI5_OK)
        dump_fail(d, NULL, &err);
}

void
dump_links_free(struct dump_links *links)
{
    for (size_t i = 0; i < links->n; i++) {
        free(links->v[i].name);
        free(links->v[i].target);
        free(links->v[i].file);
    }
    free(links->v);
    *links = (struct dump_links){0};
}

/* -----------------------------------------------------------------------------
 * The walk
 */

/* A group whose links are being visited. */
struct walk_level {
    struct dump_links links;
    size_t next;
    size_t path; /* length of the group's path, with the slash at the end */
};

struct walk {
    struct dump *d;
    hi5_file *file;
    dump_visit_fn visit;
    void *ctx;
    struct dump_table seen;
    struct walk_level *levels;
    size_t n, cap;
    struct cli_str path;
};

/* Go down into a group, whose path is at hand. */
static void
walk_enter(struct walk *w, hi5_object *o)
{
    hi5_group *g;
    hi5_error err;

    if (hi5_object_group(o, &g, &err) != HI5_OK) {
        dump_fail(w->d, cli_str_text(&w->path), &err);
        return;
    }
    if (w->n == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 16;
        w->levels = cli_resize(w->levels, w->cap, sizeof *w->levels);
    }
    struct walk_level *level = &w->levels[w->n++];
    *level = (struct walk_level){0};
    if (w->path.n == 0 || w->path.p[w->path.n - 1] != '/')
        cli_str_putc(&w->path, '/');
    level->path = w->path.n;
    dump_list_links(w->d, g, &level->links);
    hi5_group_close(g);
}

/* An object at the path at hand. */
static void
walk_object(struct walk *w, const struct dump_link *link, hi5_object *o)
{
    struct dump_visit v = {.path = cli_str_text(&w->path), .link = link, .object = o};
    hi5_error err;

    if (hi5_object_get_info(o, &v.info, &err) != HI5_OK) {
        dump_fail(w->d, v.path, &err);
        return;
    }
    struct dump_entry *known = dump_find(&w->seen, v.info.file_number, v.info.address);
    if (known && v.info.reference_count > 1)
        v.seen = known->name;
    w->visit(w->ctx, &v);
    if (known)
        return;
    if (v.info.reference_count > 1 || v.info.kind == HI5_KIND_GROUP)
        dump_enter(&w->seen, v.info.file_number, v.info.address, v.info.kind, v.path);
    if (v.info.kind == HI5_KIND_GROUP)
        walk_enter(w, o);
}

static void
walk_link(struct walk *w, const struct dump_link *link)
{
    hi5_object *o;
    hi5_error err;

    cli_str_puts(&w->path, link->name);
    if (link->kind != HI5_LINK_HARD) {
        struct dump_visit v = {.path = cli_str_text(&w->path), .link = link};
        w->visit(w->ctx, &v);
    } else if (hi5_object_open_address(w->file, link->address, &o, &err) != HI5_OK) {
        dump_fail(w->d, cli_str_text(&w->path), &err);
    } else {
        walk_object(w, link, o);
        hi5_object_close(o);
    }
}

void
dump_walk(struct dump *d, hi5_file *f, dump_visit_fn visit, void *ctx)
{
    struct walk w = {.d = d, .file = f, .visit = visit, .ctx = ctx};
    hi5_object *root;
    hi5_error err;

    if (hi5_object_open(f, "/", &root, &err) != HI5_OK) {
        dump_fail(d, NULL, &err);
        return;
    }
    cli_str_putc(&w.path, '/');
    walk_object(&w, NULL, root);
    hi5_object_close(root);

    while (w.n > 0) {
        struct walk_level *level = &w.levels[w.n - 1];
        cli_str_cut(&w.path, level->path);
        if (level->next < level->links.n) {
            /* The links stay where they are when the levels move. */
            const struct dump_link *link = &level->links.v[level->next++];
            walk_link(&w, link);
        } else {
            dump_links_free(&level->links);
            w.n--;
        }
    }
    free(w.levels);
    cli_str_free(&w.path);
    dump_table_free(&w.seen);
}

/* -----------------------------------------------------------------------------
 * The index of a file
 */

/* A committed datatype that a dataset uses, until a path to it is met. */
static void
index_type_of(struct dump_table *t, const struct dump_visit *v)
{
    hi5_dataset *set;

    if (hi5_object_dataset(v->object, &set, NULL) != HI5_OK)
        return;
    uint64_t address = hi5_type_committed(hi5_dataset_type(set));
    if (address != HI5_NO_ADDRESS && !dump_find(t, v->info.file_number, address))
        dump_enter(t, v->info.file_number, address, HI5_KIND_DATATYPE, v->path)->named =
            false;
    hi5_dataset_close(set);
}

static void
index_visit(void *ctx, const struct dump_visit *v)
{
    struct dump_table *t = ctx;

    if (!v->object || v->info.kind == HI5_KIND_UNKNOWN)
        return;
    struct dump_entry *known = dump_find(t, v->info.file_number, v->info.address);
    if (!known) {
        known =
            dump_enter(t, v->info.file_number, v->info.address, v->info.kind, v->path);
        known->several = v->info.reference_count > 1;
        if (v->info.kind == HI5_KIND_DATASET)
            index_type_of(t, v);
    } else if (!known->named) {
        free(known->name);
        known->name = cli_copy(v->path);
        known->named = true;
        known->several = v->info.reference_count > 1;
    }
}

/* Enter what `f` holds into a table; false if it is there. */
static bool
index_file(struct dump *d, struct dump_table *t, hi5_file *f, uint64_t number)
{
    for (size_t i = 0; i < t->nfiles; i++)
        if (t->files[i] == number)
            return false;
    t->files = cli_resize(t->files, t->nfiles + 1, sizeof *t->files);
    t->files[t->nfiles++] = number;
    /* What cannot be read is reported when it is its turn to be printed. */
    bool was_quiet = d->quiet;
    d->quiet = true;
    dump_walk(d, f, index_visit, t);
    d->quiet = was_quiet;
    return true;
}

void
dump_index(struct dump *d, hi5_file *f, uint64_t number)
{
    hi5_object *root;

    if (!index_file(d, &d->table, f, number) || f == d->file)
        return;
    /* The number belongs to the file only as long as it is open. */
    if (hi5_object_open(f, "/", &root, NULL) == HI5_OK) {
        d->held = cli_resize(d->held, d->nheld + 1, sizeof *d->held);
        d->held[d->nheld++] = root;
    }
}

const char *
dump_name_of(struct dump *d, hi5_file *f, const struct dump_entry *entry)
{
    if (entry->several) {
        d->as_stored = true;
        index_file(d, &d->stored, f, entry->file);
        d->as_stored = false;
        const struct dump_entry *first =
            dump_find(&d->stored, entry->file, entry->address);
        if (first && first->named)
            return first->name;
    }
    return entry->named ? entry->name : "";
}
