/*
 * group.c - the public face of groups and links
 */
#include "base/err.h"
#include "file/object.h"
#include <stdlib.h>
#include <string.h>

struct hi5_group {
    hi5_object *object;
    struct links links;
    hi5_group *twin;           /* as it is now, if the file has been written since */
};

/* The group as it is now. */
static hi5_status
group_current(hi5_group *g, hi5_group **now, hi5_error *err)
{
    hi5_object *o;
    hi5_group *fresh;

    *now = g;
    if (g->object->file->edit == NULL)
        return HI5_OK;
    TRY(object_current(g->object, &o, err));
    if (g->twin == NULL || g->twin->object != o) {
        TRY(hi5_object_group(o, &fresh, err));
        hi5_group_close(g->twin);
        g->twin = fresh;
    }
    *now = g->twin;
    return HI5_OK;
}

hi5_status
hi5_object_group(hi5_object *o, hi5_group **out, hi5_error *err)
{
    hi5_group *g;
    hi5_status s;

    *out = NULL;
    err_clear(err);
    if (o->kind != HI5_KIND_GROUP)
        return object_error(o, err_plain(err, HI5_E_TYPE, "not a group"), err);
    g = mem_zalloc(&o->file->mem, 1, sizeof *g);
    if (g == NULL)
        return mem_fail(&o->file->mem, sizeof *g, err);
    s = links_of(o->file, o->head, &g->links, err);
    if (s != HI5_OK) {
        mem_free(&o->file->mem, g, sizeof *g);
        return object_error(o, s, err);
    }
    object_ref(o);
    g->object = o;
    *out = g;
    return HI5_OK;
}

hi5_status
hi5_group_open(hi5_file *f, const char *path, hi5_group **g, hi5_error *err)
{
    hi5_object *o;
    hi5_status s;

    *g = NULL;
    TRY(hi5_object_open(f, path, &o, err));
    s = hi5_object_group(o, g, err);
    hi5_object_close(o);
    return s;
}

void
hi5_group_close(hi5_group *g)
{
    hi5_object *o;

    if (g == NULL)
        return;
    o = g->object;
    hi5_group_close(g->twin);
    mem_free(&o->file->mem, g, sizeof *g);
    hi5_object_close(o);
}

hi5_object *
hi5_group_object(hi5_group *g)
{
    return g->object;
}

/* "/a" and "b" make "/a/b"; an absolute path stays as it is. */
static char *
group_join(struct arena *a, const char *base, const char *path)
{
    const size_t n = strlen(base), k = strlen(path);
    char *s;

    if (path[0] == '/' || n == 0)
        return arena_str(a, path, k);
    s = arena_alloc(a, n + 1 + k + 1);
    if (s == NULL)
        return NULL;
    memcpy(s, base, n);
    s[n] = '/';
    memcpy(s + n + (base[n - 1] != '/'), path, k + 1);
    return s;
}

hi5_status
hi5_object_open_at(hi5_group *g, const char *path, hi5_object **o, hi5_error *err)
{
    hi5_file *const from = g->object->file;
    hi5_file *where;
    uint64_t address;
    struct arena a;
    char *name;
    hi5_status s;

    *o = NULL;
    err_clear(err);
    if (path == NULL)
        return err_plain(err, HI5_E_ARG, "no path is given");
    if (object_here(g->object, err) != HI5_OK)
        return object_error(g->object, HI5_E_STATE, err);
    arena_init(&a, &from->mem);
    name = group_join(&a, g->object->path, path);
    s = path_find(from, g->object->head->addr, path, &where, &address, err);
    if (s != HI5_OK) {
        err_path(err, s, from->path, name);
    } else {
        s = object_open(where, address, name, o, err);
        file_unref(where);
    }
    arena_done(&a);
    return s;
}

hi5_status
hi5_group_get_info(hi5_group *g, hi5_group_info *info, hi5_error *err)
{
    struct msg_group_info gi = {0, 8, 6, 4, 8};
    const struct ohdr_msg *m;
    const struct links *l;
    hi5_status s;

    err_clear(err);
    TRY(group_current(g, &g, err));
    l = &g->links;
    m = ohdr_first(g->object->head, MSG_GROUP_INFO);
    *info = (hi5_group_info){.storage = l->storage};
    s = links_count(l, &info->links, err);
    if (s == HI5_OK && m != NULL) {
        struct cur c = meta_cursor_at(&g->object->file->meta, m->body, m->size, m->addr,
                                      NULL, err);
        msg_group_info_code(&c, &gi);
        s = c.status;
    }
    info->max_compact = gi.max_compact;
    info->min_dense = gi.min_dense;
    info->estimated_entries = gi.est_entries;
    info->estimated_name = gi.est_name;
    if (l->storage == HI5_STORAGE_SYMBOL_TABLE) {
        info->btree_address = l->symtab.where.btree;
        info->heap_address = l->symtab.where.heap;
        return object_error(g->object, s, err);
    }
    info->order_tracked = (l->info.flags & 1) != 0;
    info->order_indexed = (l->info.flags & 2) != 0;
    info->max_order = info->order_tracked ? (int64_t)l->info.max_order : 0;
    info->btree_address = l->info.name_bt2;
    info->heap_address = l->info.fheap;
    return object_error(g->object, s, err);
}

/* ---- links as callers see them ---- */

/* Bytes for the strings of one link: name, value, each with a NUL behind it. */
struct group_text {
    struct mem *mem;
    char *p;
    size_t size;
};

static hi5_status
group_text_room(struct group_text *t, size_t n, hi5_error *err)
{
    char *p;

    if (n <= t->size)
        return HI5_OK;
    p = mem_resize(t->mem, t->p, t->size, n);
    if (p == NULL)
        return mem_fail(t->mem, n, err);
    t->p = p;
    t->size = n;
    return HI5_OK;
}

static size_t
group_link_room(const struct msg_link *m)
{
    return (size_t)m->name_len + 1 + m->value_len + 2;
}

/* Fill in a hi5_link whose strings are in `text` (group_link_room bytes). */
static hi5_status
group_fill_link(const struct msg_link *m, char *text, hi5_link *l, hi5_error *err)
{
    char *const value = text + m->name_len + 1;
    const char *file, *end;

    memcpy(text, m->name, (size_t)m->name_len);
    text[m->name_len] = '\0';
    if (m->value_len != 0)
        memcpy(value, m->value, m->value_len);
    value[m->value_len] = value[m->value_len + 1] = '\0';
    *l = (hi5_link){.name = text, .kind = m->kind, .utf8 = m->charset == HI5_UTF8,
                    .has_order = m->has_order, .order = (int64_t)m->order,
                    .address = m->address};
    if (m->kind == HI5_LINK_HARD)
        return HI5_OK;
    l->address = ADDR_NONE;
    if (m->kind == HI5_LINK_SOFT) {
        l->target = value;
        return HI5_OK;
    }
    l->data = value;
    l->data_size = m->value_len;
    if (m->kind != HI5_LINK_EXTERNAL)
        return HI5_OK;
    file = value + 1;
    end = value + m->value_len;
    if (m->value_len < 3 || file + strlen(file) + 1 >= end)
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "link message", "link information",
                       "IV.A.2.g", "external link '%s' lacks a file name or a path",
                       text);
    l->external_flags = (unsigned char)value[0];
    l->file = file;
    l->target = file + strlen(file) + 1;
    return HI5_OK;
}

struct group_native {
    hi5_link_fn fn;
    void *ctx;
    struct group_text text;
};

static hi5_status
group_native_one(void *ctx, const struct msg_link *m, hi5_error *err)
{
    struct group_native *n = ctx;
    hi5_link l;

    TRY(group_text_room(&n->text, group_link_room(m), err));
    TRY(group_fill_link(m, n->text.p, &l, err));
    return n->fn(n->ctx, &l, err);
}

/* Links collected to be sorted. */
struct group_list {
    struct arena arena;
    hi5_link *link;
    size_t n, room;
};

static hi5_status
group_collect_one(void *ctx, const struct msg_link *m, hi5_error *err)
{
    struct group_list *g = ctx;
    struct mem *mem = g->arena.mem;
    char *text = arena_alloc(&g->arena, group_link_room(m));

    if (text == NULL)
        return mem_fail(mem, group_link_room(m), err);
    if (g->n == g->room) {
        const size_t room = g->room != 0 ? g->room * 2 : 64;
        hi5_link *p = mem_resize(mem, g->link, g->room * sizeof *p, room * sizeof *p);
        if (p == NULL)
            return mem_fail(mem, room * sizeof *p, err);
        g->link = p;
        g->room = room;
    }
    TRY(group_fill_link(m, text, &g->link[g->n], err));
    g->n++;
    return HI5_OK;
}

static int
group_compare_name(const void *a, const void *b)
{
    return strcmp(((const hi5_link *)a)->name, ((const hi5_link *)b)->name);
}

static int
group_compare_order(const void *a, const void *b)
{
    const int64_t x = ((const hi5_link *)a)->order, y = ((const hi5_link *)b)->order;

    return x < y ? -1 : x > y;
}

static hi5_status
group_each_sorted(hi5_group *g, hi5_order order, bool decreasing, hi5_link_fn fn,
                  void *ctx, hi5_error *err)
{
    struct mem *mem = &g->object->file->mem;
    struct group_list list = {.link = NULL};
    hi5_status s;

    arena_init(&list.arena, mem);
    s = links_each(&g->links, group_collect_one, &list, err);
    if (order != HI5_NATIVE && list.n > 1)
        qsort(list.link, list.n, sizeof *list.link,
              order == HI5_BY_NAME ? group_compare_name : group_compare_order);
    /* What could be read before a failure is still of use. */
    for (size_t i = 0; i < list.n; i++) {
        const hi5_link *l = &list.link[decreasing ? list.n - 1 - i : i];
        const hi5_status t = fn(ctx, l, s == HI5_OK ? err : NULL);
        if (t != HI5_OK) {
            s = t;
            break;
        }
    }
    arena_done(&list.arena);
    mem_free(mem, list.link, list.room * sizeof *list.link);
    return s;
}

hi5_status
hi5_group_each(hi5_group *g, hi5_order order, bool decreasing, hi5_link_fn fn, void *ctx,
               hi5_error *err)
{
    struct group_native n = {.fn = fn, .ctx = ctx};
    hi5_status s;

    err_clear(err);
    TRY(group_current(g, &g, err));
    if (order == HI5_BY_CREATION && (g->links.storage == HI5_STORAGE_SYMBOL_TABLE ||
                                     !(g->links.info.flags & 1))) {
        s = err_plain(err, HI5_E_STATE, "the group does not track creation order");
        return object_error(g->object, s, err);
    }
    if (decreasing || order == HI5_BY_CREATION ||
        (order == HI5_BY_NAME && g->links.storage != HI5_STORAGE_SYMBOL_TABLE))
        return object_error(g->object,
                            group_each_sorted(g, order, decreasing, fn, ctx, err), err);
    n.text.mem = &g->object->file->mem;
    s = links_each(&g->links, group_native_one, &n, err);
    mem_free(n.text.mem, n.text.p, n.text.size);
    return object_error(g->object, s, err);
}

hi5_status
hi5_group_get_link(hi5_group *g, const char *name, hi5_link *link, hi5_error *err)
{
    struct mem *mem = &g->object->file->mem;
    struct msg_link m;
    struct arena a;
    char *text = NULL;
    hi5_status s;

    err_clear(err);
    TRY(group_current(g, &g, err));
    arena_init(&a, mem);
    s = links_find(&g->links, name, strlen(name), &a, &m, err);
    if (s == HI5_OK) {
        text = mem_box(mem, group_link_room(&m));
        s = text != NULL ? group_fill_link(&m, text, link, err)
                         : mem_fail(mem, group_link_room(&m), err);
    }
    arena_done(&a);
    if (s != HI5_OK)
        mem_unbox(mem, text);
    return object_error(g->object, s, err);
}

void
hi5_link_free(hi5_group *g, hi5_link *link)
{
    /* The name is the start of the one block that holds all strings. */
    mem_unbox(&g->object->file->mem, (char *)(uintptr_t)link->name);
    *link = (hi5_link){0};
}
