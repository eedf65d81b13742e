/*
 * ls_walk.c - the walk through groups and links, for `hi5 ls`
 *
 * Groups are walked with a stack of our own, and none is entered twice in one walk, so
 * that neither depth nor cycles in a file can hurt.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FOLLOW_DEPTH = 64 };

static void visit(struct ls *ls, hi5_group *base, const char *name, const char *path);

/* -----------------------------------------------------------------------------
 * File numbers
 *
 * h5ls shows the library's count of the files opened so far. A file that stays open
 * keeps its number; one that is reached again through an external link gets a new one
 * each time, and looking the link up before has counted as well.
 */

unsigned long
ls_file_number(const struct ls *ls, uint64_t file)
{
    for (size_t i = ls->nnumbers; i-- > 0;)
        if (ls->numbers[i].file == file)
            return ls->numbers[i].shown;
    return ls->last_number;
}

static bool
number_is_known(const struct ls *ls, uint64_t file)
{
    for (size_t i = 0; i < ls->nnumbers; i++)
        if (ls->numbers[i].file == file)
            return true;
    return false;
}

void
ls_push_number(struct ls *ls, uint64_t file, unsigned long opens)
{
    if (ls->nnumbers == ls->cap_numbers) {
        ls->cap_numbers = ls->cap_numbers ? 2 * ls->cap_numbers : 8;
        ls->numbers = cli_resize(ls->numbers, ls->cap_numbers, sizeof *ls->numbers);
    }
    ls->last_number += opens;
    ls->numbers[ls->nnumbers++] = (struct ls_number){file, ls->last_number};
}

/* -----------------------------------------------------------------------------
 * Objects seen in one walk
 */

struct seen_entry {
    uint64_t file, address;
    char *path; /* where it was listed first; NULL: slot is free */
};

struct seen {
    struct seen_entry *slots;
    size_t n, cap; /* cap is 0 or a power of two */
};

static struct seen_entry *
seen_slot(const struct seen *s, uint64_t file, uint64_t address)
{
    uint64_t hash = (address ^ file << 48) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(hash >> 20) & (s->cap - 1);

    while (s->slots[i].path &&
           (s->slots[i].address != address || s->slots[i].file != file))
        i = (i + 1) & (s->cap - 1);
    return &s->slots[i];
}

/* Where the object was listed before; NULL if it was not, and it is remembered now. */
static const char *
seen_before(struct seen *s, const hi5_object_info *o, const char *path)
{
    if (2 * s->n >= s->cap) {
        struct seen old = *s;
        s->cap = old.cap ? 2 * old.cap : 64;
        s->slots = cli_alloc(s->cap * sizeof *s->slots);
        for (size_t i = 0; i < old.cap; i++)
            if (old.slots[i].path)
                *seen_slot(s, old.slots[i].file, old.slots[i].address) = old.slots[i];
        free(old.slots);
    }
    struct seen_entry *e = seen_slot(s, o->file_number, o->address);
    if (e->path)
        return e->path;
    *e = (struct seen_entry){o->file_number, o->address, cli_copy(path)};
    s->n++;
    return NULL;
}

static void
seen_free(struct seen *s)
{
    for (size_t i = 0; i < s->cap; i++)
        free(s->slots[i].path);
    free(s->slots);
}

/* -----------------------------------------------------------------------------
 * The links of a group
 */

struct ls_link {
    unsigned kind;
    char *name, *target, *file;
};

struct ls_links {
    struct ls_link *p;
    size_t n, cap;
};

static char *
copy_or_null(const char *text)
{
    return text ? cli_copy(text) : NULL;
}

static hi5_status
add_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct ls_links *links = ctx;

    (void)err;
    if (links->n == links->cap) {
        links->cap = links->cap ? 2 * links->cap : 16;
        links->p = cli_resize(links->p, links->cap, sizeof *links->p);
    }
    links->p[links->n++] =
        (struct ls_link){link->kind, cli_copy(link->name), copy_or_null(link->target),
                         copy_or_null(link->file)};
    return HI5_OK;
}

static void
free_link(struct ls_link *link)
{
    free(link->name);
    free(link->target);
    free(link->file);
}

/* -----------------------------------------------------------------------------
 * Symbolic links
 */

/* Note that a link was followed; true if it was before. Like h5ls this compares the
 * path that an external link gives, but not the file. */
static bool
followed_before(struct ls *ls, const struct ls_link *link)
{
    const char *target = link->target ? link->target : "";

    for (size_t i = 0; i < ls->nfollowed; i++)
        if (ls->followed[i].kind == link->kind &&
            strcmp(ls->followed[i].target, target) == 0)
            return true;
    if (ls->nfollowed == ls->cap_followed) {
        ls->cap_followed = ls->cap_followed ? 2 * ls->cap_followed : 16;
        ls->followed = cli_resize(ls->followed, ls->cap_followed, sizeof *ls->followed);
    }
    ls->followed[ls->nfollowed++] = (struct ls_followed){link->kind, cli_copy(target)};
    return false;
}

/* A link's value is shown as it is, but for control characters. */
static void
put_raw(struct cli_str *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            cli_str_printf(out, "\\%03o", (unsigned)(unsigned char)*p);
        else
            cli_str_putc(out, *p);
    }
}

static void
put_link(struct ls *ls, const struct ls_link *link)
{
    const char *target = link->target ? link->target : "";

    if (link->kind == HI5_LINK_SOFT) {
        cli_str_puts(&ls->out, "Soft Link {");
    } else {
        cli_str_puts(&ls->out, "External Link {");
        put_raw(&ls->out, link->file ? link->file : "");
        cli_str_puts(&ls->out, *target == '/' ? "/" : "//");
    }
    put_raw(&ls->out, target);
    cli_str_putc(&ls->out, '}');
}

/* Does the link lead to an object? */
static bool
leads_somewhere(hi5_group *base, const struct ls_link *link)
{
    hi5_object *o;

    if (hi5_object_open_at(base, link->name, &o, NULL))
        return false;
    hi5_object_close(o);
    return true;
}

/* Go on to what the link, already printed, points to. */
static void
follow(struct ls *ls, hi5_group *base, const struct ls_link *link, const char *path)
{
    bool literal = ls->literal;

    if (ls->no_dangling && !leads_somewhere(base, link))
        ls->dangling = true;
    cli_str_putc(&ls->out, ' ');
    if (followed_before(ls, link)) {
        cli_str_puts(&ls->out, "{Already Visited}\n");
        return;
    }
    if (ls->depth >= MAX_FOLLOW_DEPTH) {
        cli_str_puts(&ls->out, "{Too many links in a row}\n");
        cli_error("%s: %s: too many links in a row", ls->file_name, path);
        return;
    }
    ls->depth++;
    ls->at_target = true;
    ls->literal = literal || !ls->recursive;
    visit(ls, base, link->name, path);
    ls->literal = literal;
    ls->depth--;
}

static void
list_link(struct ls *ls, hi5_group *base, const struct ls_link *link, const char *path)
{
    bool external = link->kind == HI5_LINK_EXTERNAL;

    ls_name(ls, path, "");
    if (!external && link->kind != HI5_LINK_SOFT) {
        cli_str_puts(&ls->out, "UD Link {cannot follow UD links}\n");
    } else {
        put_link(ls, link);
        if (ls->follow || (external && ls->follow_external))
            follow(ls, base, link, path);
        else
            cli_str_putc(&ls->out, '\n');
    }
    ls_flush(ls);
}

/* -----------------------------------------------------------------------------
 * Walking
 */

/* A group whose links are being listed. */
struct frame {
    hi5_group *group;
    struct ls_links links;
    size_t next;
    size_t path_len; /* of the group, without a '/' at the end */
};

struct walk {
    struct ls *ls;
    struct seen seen;
    struct frame *frames;
    size_t n, cap;
    struct cli_str path; /* of the link at hand */
};

/* Begin with the group that `o` is and that w->path leads to. */
static void
enter(struct walk *w, hi5_object *o)
{
    struct frame f = {.path_len = w->path.n};
    hi5_error err;

    if (hi5_object_group(o, &f.group, &err)) {
        cli_fail(*err.path ? NULL : cli_str_text(&w->path), &err);
        return;
    }
    while (f.path_len > 0 && w->path.p[f.path_len - 1] == '/')
        f.path_len--;
    if (hi5_group_each(f.group, HI5_BY_NAME, false, add_link, &f.links, &err))
        cli_fail(*err.path ? NULL : cli_str_text(&w->path), &err);
    if (w->n == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 16;
        w->frames = cli_resize(w->frames, w->cap, sizeof *w->frames);
    }
    w->frames[w->n++] = f;
}

static void
leave(struct walk *w)
{
    struct frame *f = &w->frames[--w->n];

    for (size_t i = 0; i < f->links.n; i++)
        free_link(&f->links.p[i]);
    free(f->links.p);
    hi5_group_close(f->group);
}

static void
list_hard_link(struct walk *w, hi5_group *group, const char *name)
{
    const char *path = cli_str_text(&w->path), *before;
    hi5_object *o = NULL;
    hi5_object_info info;
    hi5_error err;

    if (hi5_object_open_at(group, name, &o, &err) ||
        hi5_object_get_info(o, &info, &err)) {
        ls_name(w->ls, path, "");
        cli_str_puts(&w->ls->out, "*ERROR*\n");
        ls_flush(w->ls);
        cli_fail(*err.path ? NULL : path, &err);
        if (o)
            hi5_object_close(o);
        return;
    }
    /* Objects with one link are seen once, unless the count is wrong; then they are
     * listed again, as h5ls does, but a group is not entered again. */
    bool track = info.reference_count > 1 || info.kind == HI5_KIND_GROUP;
    before = track ? seen_before(&w->seen, &info, path) : NULL;
    ls_object(w->ls, o, &info, path, info.reference_count > 1 ? before : NULL);
    if (info.kind == HI5_KIND_GROUP && !before && w->ls->recursive)
        enter(w, o);
    hi5_object_close(o);
}

/* List the links of a group, and of the groups below it if that is wanted. */
static void
walk(struct ls *ls, hi5_object *start, const hi5_object_info *info, const char *path)
{
    struct walk w = {.ls = ls};

    cli_str_puts(&w.path, path);
    seen_before(&w.seen, info, path);
    enter(&w, start);
    while (w.n > 0) {
        struct frame *f = &w.frames[w.n - 1];
        if (f->next == f->links.n) {
            leave(&w);
            continue;
        }
        const struct ls_link *link = &f->links.p[f->next++];
        cli_str_cut(&w.path, f->path_len);
        cli_str_putc(&w.path, '/');
        cli_str_puts(&w.path, link->name);
        if (link->kind == HI5_LINK_HARD)
            list_hard_link(&w, f->group, link->name);
        else
            list_link(ls, f->group, link, cli_str_text(&w.path));
    }
    seen_free(&w.seen);
    free(w.frames);
    cli_str_free(&w.path);
}

static void
not_found(struct ls *ls, const char *path, const hi5_error *err)
{
    if (ls->at_target) {
        /* A dangling link is a fact, not a failure. */
        cli_str_puts(&ls->out, "{**NOT FOUND**}\n");
    } else {
        ls_name(ls, path, "**NOT FOUND**");
        ls_flush(ls);
        cli_fail(*err->path ? NULL : path, err);
    }
    ls->at_target = false;
    ls_flush(ls);
}

/* List the object that `name` leads to, from `base`; NULL: from the root. */
static void
visit(struct ls *ls, hi5_group *base, const char *name, const char *path)
{
    hi5_object *o = NULL;
    hi5_object_info info;
    hi5_error err;
    hi5_status status = base ? hi5_object_open_at(base, name, &o, &err)
                             : hi5_object_open(ls->file, name, &o, &err);

    if (status || hi5_object_get_info(o, &info, &err)) {
        not_found(ls, path, &err);
        if (o)
            hi5_object_close(o);
        return;
    }
    size_t numbers = ls->nnumbers;
    bool enter_group = info.kind == HI5_KIND_GROUP && !ls->literal;
    bool new_file = !number_is_known(ls, info.file_number);
    if (new_file)
        ls_push_number(ls, info.file_number, enter_group ? 4 : 3);
    if (!enter_group) {
        ls_object(ls, o, &info, path, NULL);
    } else {
        bool start = ls->show_root || ls->at_target;
        ls->name_start = ls->base_len;
        if (start)
            ls_object(ls, o, &info, path, NULL);
        if (new_file)
            ls_push_number(ls, info.file_number, 1);
        walk(ls, o, &info, path);
    }
    ls->nnumbers = numbers;
    hi5_object_close(o);
}

/* The link that `path` ends in, if it is not a hard link: h5ls lists such a link rather
 * than what it points to. True if that was done. */
bool
ls_named_link(struct ls *ls, const char *path)
{
    size_t n = strlen(path);
    struct ls_link copy;
    hi5_group *parent;
    hi5_link link;
    hi5_error err;
    bool done = false;

    while (n > 1 && path[n - 1] == '/')
        n--;
    char *whole = cli_copy_n(path, n);
    char *slash = strrchr(whole, '/');
    char *folder =
        slash == whole ? cli_copy("/") : cli_copy_n(path, (size_t)(slash - whole));
    if (slash[1] && hi5_group_open(ls->file, folder, &parent, &err) == HI5_OK) {
        if (hi5_group_get_link(parent, slash + 1, &link, &err) == HI5_OK) {
            if (link.kind != HI5_LINK_HARD) {
                copy = (struct ls_link){link.kind, cli_copy(link.name),
                                        copy_or_null(link.target),
                                        copy_or_null(link.file)};
                list_link(ls, parent, &copy, path);
                free_link(&copy);
                done = true;
            }
            hi5_link_free(parent, &link);
        }
        hi5_group_close(parent);
    }
    free(folder);
    free(whole);
    return done;
}

void
ls_path(struct ls *ls, const char *path)
{
    visit(ls, NULL, path, path);
}
