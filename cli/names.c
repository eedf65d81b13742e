/*
 * names.c - names for references
 *
 * A reference holds an address. The name that goes with it is found by walking through
 * the file once, breadth first, so that the shortest path wins.
 *
 * SPDX-License-Identifier: MIT
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>

static int
by_address(const void *a, const void *b)
{
    const struct name_entry *x = a, *y = b;

    return (x->address > y->address) - (x->address < y->address);
}

static void
add_name(struct names *names, uint64_t address, char *path)
{
    if (names->n == names->cap) {
        names->cap = names->cap ? 2 * names->cap : 64;
        names->entries = cli_resize(names->entries, names->cap, sizeof *names->entries);
    }
    names->entries[names->n++] = (struct name_entry){address, path};
}

/* A set of addresses, so that each object is entered once. */
struct address_set {
    uint64_t *slots;
    size_t n, cap;
};

static bool
address_is_new(struct address_set *set, uint64_t address)
{
    if (2 * set->n >= set->cap) {
        struct address_set old = *set;
        *set = (struct address_set){NULL, 0, old.cap ? 2 * old.cap : 64};
        set->slots = cli_alloc(set->cap * sizeof *set->slots);
        for (size_t i = 0; i < old.cap; i++)
            if (old.slots[i])
                (void)address_is_new(set, old.slots[i] - 1);
        free(old.slots);
    }
    size_t i = (size_t)(address * 0x9e3779b97f4a7c15u >> 20) & (set->cap - 1);
    for (; set->slots[i]; i = (i + 1) & (set->cap - 1))
        if (set->slots[i] == address + 1) /* 0 is a free slot */
            return false;
    set->slots[i] = address + 1;
    set->n++;
    return true;
}

struct name_job {
    struct names *names;
    struct address_set seen;
    size_t parent;
};

static hi5_status
note_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct name_job *job = ctx;
    struct cli_str path = {0};

    (void)err;
    if (link->kind != HI5_LINK_HARD || !address_is_new(&job->seen, link->address))
        return HI5_OK;
    const char *parent = job->names->entries[job->parent].path;
    cli_str_printf(&path, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, link->name);
    add_name(job->names, link->address, path.p);
    return HI5_OK;
}

static void
find_names(struct names *names)
{
    struct name_job job = {names, {NULL, 0, 0}, 0};
    hi5_file_info info;

    hi5_file_get_info(names->file, &info);
    add_name(names, info.root_address, cli_copy("/"));
    (void)address_is_new(&job.seen, info.root_address);
    for (; job.parent < names->n; job.parent++) {
        hi5_object *o;
        hi5_group *g;
        if (hi5_object_open_address(names->file, names->entries[job.parent].address, &o,
                                    NULL))
            continue;
        if (hi5_object_kind(o) == HI5_KIND_GROUP &&
            hi5_object_group(o, &g, NULL) == HI5_OK) {
            /* What cannot be read has no names: not worth a message here. */
            hi5_status ignored =
                hi5_group_each(g, HI5_NATIVE, false, note_link, &job, NULL);
            (void)ignored;
            hi5_group_close(g);
        }
        hi5_object_close(o);
    }
    free(job.seen.slots);
    qsort(names->entries, names->n, sizeof *names->entries, by_address);
}

hi5_status
names_resolve(struct names *names, const hi5_reference *r, struct name_target *target,
              hi5_error *err)
{
    hi5_status status;

    *target = (struct name_target){0};
    status = hi5_resolve(names->file, r, &target->t, err);
    if (status)
        return status;
    if (!names->ready)
        find_names(names);
    names->ready = true;
    if (hi5_file_number(target->t.file) == hi5_file_number(names->file)) {
        struct name_entry key = {target->t.address, NULL};
        const struct name_entry *found =
            bsearch(&key, names->entries, names->n, sizeof key, by_address);
        target->path = found ? found->path : NULL;
    }
    return HI5_OK;
}

void
names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->entries[i].path);
    free(names->entries);
}
