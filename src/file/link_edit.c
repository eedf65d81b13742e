/*
 * link_edit.c - links by their paths: places for new ones, making, moving and deleting
 */
#include "base/err.h"
#include "file/delete.h"
#include "file/edit.h"
#include <string.h>

/* ---- places for new objects ---- */

#define PLACE_FEW 256u /* bytes of a path that need no memory */

/* A path on its way down. */
struct place_walk {
    hi5_file *file;
    uint64_t group;
    bool parents;
};

/* The group that one part of a path leads to, made if there is no such link. */
static hi5_status
place_step(struct place_walk *w, const char *name, hi5_error *err)
{
    const hi5_group_options usual = {.size = sizeof usual};
    hi5_file *const f = w->file;
    struct msg_link l = {.kind = HI5_LINK_HARD, .name = (const uint8_t *)name,
                         .name_len = strlen(name)};
    struct msg_stab stab = {ADDR_NONE, ADDR_NONE};
    hi5_file *other;
    bool has;

    TRY(edit_has_link(f, w->group, name, strlen(name), &has, err));
    if (!has && !w->parents)
        return err_plain(err, HI5_E_NOTFOUND, "there is no group '%s' on the way", name);
    if (!has) {
        l.charset = (uint8_t)edit_charset(name, strlen(name));
        TRY(group_new(f, &usual, &l.address, &stab, err));
        TRY(edit_link(f, w->group, &l, &stab, err));
        w->group = l.address;
        return HI5_OK;
    }
    TRY(path_find(f, w->group, name, &other, &w->group, err));
    file_unref(other);
    if (other != f)
        return err_plain(err, HI5_E_STATE, "'%s' leads into another file, which is only "
                         "read", name);
    return HI5_OK;
}

/* All parts of `path` but the last; it is cut up on the way. */
static hi5_status
place_walk(struct place_walk *w, char *path, hi5_error *err)
{
    char *part = path;

    for (;;) {
        char *end;

        while (*part == '/')
            part++;
        end = strchr(part, '/');
        while (end != NULL && *end == '/')
            *end++ = '\0';
        if (end == NULL || *end == '\0')
            return HI5_OK;
        if (strcmp(part, ".") != 0)
            TRY(place_step(w, part, err));
        part = end;
    }
}

/* The name at the end of a path, of *n bytes. */
static hi5_status
place_name(const char *path, const char **name, size_t *n, hi5_error *err)
{
    size_t end = strlen(path), start;

    while (end > 0 && path[end - 1] == '/')
        end--;
    for (start = end; start > 0 && path[start - 1] != '/';)
        start--;
    *name = path + start;
    *n = end - start;
    if (*n == 0 || (*n == 1 && **name == '.'))
        return err_plain(err, HI5_E_ARG, "the path '%s' has no name at its end", path);
    return HI5_OK;
}

HI5_INT hi5_status
edit_place(hi5_file *f, uint64_t from, const char *path, bool parents, uint64_t *group,
           struct msg_link *l, hi5_error *err)
{
    struct place_walk w = {f, path[0] == '/' ? f->super.root : from, parents};
    const size_t length = strlen(path);
    char few[PLACE_FEW], *copy = few;
    const char *name;
    bool has = false;
    hi5_status s;
    size_t n;

    TRY(place_name(path, &name, &n, err)); /* before groups on the way are made */
    if (length >= PLACE_FEW && (copy = mem_box(&f->mem, length + 1)) == NULL)
        return mem_fail(&f->mem, length, err);
    memcpy(copy, path, length + 1);
    s = place_walk(&w, copy, err);
    if (copy != few)
        mem_unbox(&f->mem, copy);
    if (s == HI5_OK)
        s = edit_has_link(f, w.group, name, n, &has, err);
    if (s == HI5_OK && has)
        s = err_plain(err, HI5_E_EXISTS, "there is something called '%.*s' already",
                      (int)n, name);
    l->name = (const uint8_t *)name;
    l->name_len = n;
    l->charset = (uint8_t)edit_charset(name, n);
    *group = w.group;
    return s;
}

/* A link of any kind from a path. */
static hi5_status
link_create(hi5_file *f, const char *path, struct msg_link *l, const struct msg_stab *stab,
            hi5_error *err)
{
    uint64_t group;

    TRY(edit_place(f, f->super.root, path, true, &group, l, err));
    return edit_link(f, group, l, stab, err);
}

static hi5_status
link_create_hard(hi5_file *f, const char *path, const char *target, hi5_error *err)
{
    struct msg_link l = {.kind = HI5_LINK_HARD};
    hi5_file *other;
    uint64_t group;
    uint32_t refs;

    TRY(path_find(f, f->super.root, target, &other, &l.address, err));
    file_unref(other);
    if (other != f)
        return err_plain(err, HI5_E_STATE, "'%s' leads into another file", target);
    TRY(edit_place(f, f->super.root, path, true, &group, &l, err));
    TRY(ohdr_add_refs(&f->meta, l.address, 1, &refs, err));
    return edit_link(f, group, &l, NULL, err);
}

hi5_status
hi5_link_hard(hi5_file *f, const char *path, const char *target, hi5_error *err)
{
    err_clear(err);
    TRY(edit_begin(f, err));
    return err_path(err, edit_end(f, link_create_hard(f, path, target, err), err), f->path,
                    path);
}

static hi5_status
link_create_value(hi5_file *f, const char *path, unsigned kind, const void *value,
                  size_t n, hi5_error *err)
{
    struct msg_link l = {.kind = (uint8_t)kind, .value = value, .value_len = (uint16_t)n,
                         .address = ADDR_NONE};
    hi5_status s;

    if (n > UINT16_MAX)
        return err_plain(err, HI5_E_ARG, "the link's target has %zu bytes, at most 65535 "
                         "can be stored", n);
    TRY(edit_begin(f, err));
    s = edit_end(f, link_create(f, path, &l, NULL, err), err);
    return err_path(err, s, f->path, path);
}

hi5_status
hi5_link_soft(hi5_file *f, const char *path, const char *target, hi5_error *err)
{
    err_clear(err);
    if (target[0] == '\0')
        return err_plain(err, HI5_E_ARG, "a soft link to nothing");
    return link_create_value(f, path, HI5_LINK_SOFT, target, strlen(target), err);
}

/* The value of an external link: version and flags in one byte, two strings. */
hi5_status
hi5_link_external(hi5_file *f, const char *path, const char *file, const char *target,
                  hi5_error *err)
{
    const size_t nf = strlen(file) + 1, nt = strlen(target) + 1;
    uint8_t *value;
    hi5_status s;

    err_clear(err);
    if (nf == 1 || nt == 1)
        return err_plain(err, HI5_E_ARG, "an external link without a file or a path");
    value = mem_box(&f->mem, 1 + nf + nt);
    if (value == NULL)
        return mem_fail(&f->mem, 1 + nf + nt, err);
    value[0] = 0;
    memcpy(value + 1, file, nf);
    memcpy(value + 1 + nf, target, nt);
    s = link_create_value(f, path, HI5_LINK_EXTERNAL, value, 1 + nf + nt, err);
    mem_unbox(&f->mem, value);
    return s;
}

/* ---- deleting, moving, copying ---- */

/* Where a link is. */
struct link_seat {
    uint64_t group;
    const char *name;          /* part of the path */
    size_t n;
};

/* What leads to the group: the path without its last part. */
static hi5_status
link_seat(hi5_file *f, const char *path, struct arena *a, struct link_seat *seat,
          hi5_error *err)
{
    const char *parent;
    hi5_file *other;

    TRY(place_name(path, &seat->name, &seat->n, err));
    parent = seat->name > path ? arena_str(a, path, (size_t)(seat->name - path)) : "/";
    if (parent == NULL)
        return mem_fail(&f->mem, strlen(path), err);
    TRY(path_find(f, f->super.root, parent, &other, &seat->group, err));
    file_unref(other);
    if (other != f)
        return err_plain(err, HI5_E_STATE, "'%s' leads into another file, which is only "
                         "read", parent);
    return HI5_OK;
}

static hi5_status
link_delete(hi5_file *f, const char *path, struct arena *a, hi5_error *err)
{
    struct link_seat seat;
    struct msg_link l;

    TRY(edit_settle(f, err));
    TRY(link_seat(f, path, a, &seat, err));
    TRY(edit_unlink(f, seat.group, seat.name, seat.n, a, &l, err));
    return l.kind == HI5_LINK_HARD ? object_let_go(f, l.address, err) : HI5_OK;
}

hi5_status
hi5_link_delete(hi5_file *f, const char *path, hi5_error *err)
{
    struct arena a;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(f, err));
    arena_init(&a, &f->mem);
    s = edit_end(f, link_delete(f, path, &a, err), err);
    arena_done(&a);
    return err_path(err, s, f->path, path);
}

/* Does the way to the place of `path` lead through the group at `addr`? */
struct link_way {
    hi5_file *file;
    uint64_t addr;
    bool through;
};

static hi5_status
link_way(struct link_way *w, char *path, hi5_error *err)
{
    char *const last = strrchr(path, '/');

    if (last == NULL)
        return HI5_OK;
    for (char *p = path; p <= last && !w->through; p++) {
        const char was = *p;
        hi5_file *other;
        uint64_t addr;
        hi5_status s;

        if (p == path || *p != '/')
            continue;
        *p = '\0';
        s = path_find(w->file, w->file->super.root, path, &other, &addr, NULL);
        *p = was;
        if (s != HI5_OK)
            return recall_status(s, err);
        file_unref(other);
        w->through = other == w->file && addr == w->addr;
    }
    return HI5_OK;
}

/* A group that is moved into itself could not be reached any more. */
static hi5_status
link_check_way(hi5_file *f, const struct msg_link *l, const char *to, struct arena *a,
               hi5_error *err)
{
    struct link_way w = {f, l->address, false};
    char *const copy = arena_str(a, to, strlen(to));

    if (l->kind != HI5_LINK_HARD)
        return HI5_OK;
    if (copy == NULL)
        return mem_fail(&f->mem, strlen(to), err);
    TRY(link_way(&w, copy, err));
    return w.through ? err_plain(err, HI5_E_ARG, "'%s' is inside of what is to be moved",
                                 to)
                     : HI5_OK;
}

/* The same link from another place. */
static hi5_status
link_transfer(hi5_file *f, const char *from, const char *to, bool move, struct arena *a,
              hi5_error *err)
{
    struct msg_link l;
    struct link_seat seat;
    uint64_t group;
    uint32_t refs;

    TRY(link_seat(f, from, a, &seat, err));
    TRY(edit_find_link(f, seat.group, seat.name, seat.n, a, &l, err));
    if (move)
        TRY(link_check_way(f, &l, to, a, err));
    TRY(edit_place(f, f->super.root, to, true, &group, &l, err));
    if (!move && l.kind == HI5_LINK_HARD)
        TRY(ohdr_add_refs(&f->meta, l.address, 1, &refs, err));
    TRY(edit_link(f, group, &l, NULL, err)); /* first, as libhdf5: groups may turn dense */
    return move ? edit_unlink(f, seat.group, seat.name, seat.n, a, &l, err) : HI5_OK;
}

static hi5_status
link_transfer_call(hi5_file *f, const char *from, const char *to, bool move,
                   hi5_error *err)
{
    struct arena a;
    hi5_status s;

    err_clear(err);
    TRY(edit_begin(f, err));
    arena_init(&a, &f->mem);
    s = edit_end(f, link_transfer(f, from, to, move, &a, err), err);
    arena_done(&a);
    return err_path(err, s, f->path, from);
}

hi5_status
hi5_link_move(hi5_file *f, const char *from, const char *to, hi5_error *err)
{
    return link_transfer_call(f, from, to, true, err);
}

hi5_status
hi5_link_copy(hi5_file *f, const char *from, const char *to, hi5_error *err)
{
    return link_transfer_call(f, from, to, false, err);
}
