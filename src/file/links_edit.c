/*
 * links_edit.c - the links of a group, being changed
 */
#include "base/err.h"
#include "base/lookup3.h"
#include "file/delete.h"
#include "file/directory.h"
#include "file/edit.h"
#include "format/dense_edit.h"
#include "format/symtab_edit.h"
#include <string.h>

/* ---- groups that are written, remembered ---- */

struct edit_group {
    uint64_t addr;
    struct arena arena;
    struct links links;        /* but for the header, which changes */
    struct msg_group_info info;
    uint64_t count;            /* compact links */
    bool is_dense;
    struct dense_edit dense;
    uint64_t *seen;            /* dense: what bits the hashes of all names there ever were
                                  have set; NULL: not known */
    struct symtab_edit symtab; /* of an old-style group */
};

/* ---- names that a large group certainly has not, without a search ---- */

#define GROUP_SEEN_BITS (1u << 19)
#define GROUP_SEEN_BYTES (GROUP_SEEN_BITS / 8)
#define GROUP_SEEN_WORTH 1000u /* names: with fewer, the search is cheap */

/* Have the bits of a name been set? Set them, if `set`. */
static bool
group_saw(const struct edit_group *g, const void *name, size_t n, bool set)
{
    const uint32_t hash = lookup3(name, n, 0);
    const uint32_t i = hash % GROUP_SEEN_BITS, k = hash * 0x9e3779b1u % GROUP_SEEN_BITS;
    const uint64_t a = (uint64_t)1 << i % 64, b = (uint64_t)1 << k % 64;
    const bool both = (g->seen[i / 64] & a) != 0 && (g->seen[k / 64] & b) != 0;

    if (set) {
        g->seen[i / 64] |= a;
        g->seen[k / 64] |= b;
    }
    return both;
}

static bool
edit_group_is_old(const struct edit_group *g)
{
    return g->links.storage == HI5_STORAGE_SYMBOL_TABLE;
}

static void
edit_group_free(hi5_file *f, struct edit_group *g)
{
    if (g == NULL)
        return;
    if (g->is_dense)
        dense_edit_close(&g->dense);
    mem_free(&f->mem, g->seen, GROUP_SEEN_BYTES);
    arena_done(&g->arena);
    mem_free(&f->mem, g, sizeof *g);
}

HI5_INT void
edit_groups_drop(hi5_file *f)
{
    const size_t n = sizeof f->edit->group / sizeof f->edit->group[0];

    for (size_t i = 0; i < n; i++) {
        edit_group_free(f, f->edit->group[i]);
        f->edit->group[i] = NULL;
    }
}

static hi5_status
edit_group_load(hi5_file *f, struct edit_group *g, hi5_error *err)
{
    const struct ohdr_msg *m;
    struct ohdr *h;
    size_t i = 0;

    TRY(ohdr_read(&f->meta, g->addr, &g->arena, &h, err));
    TRY(links_of(f, h, &g->links, err));
    g->links.head = NULL;
    g->info = (struct msg_group_info){.max_compact = 8, .min_dense = 6};
    m = ohdr_first(h, MSG_GROUP_INFO);
    if (m != NULL) {
        struct cur c = meta_cursor_at(&f->meta, m->body, m->size, m->addr, NULL, err);
        msg_group_info_code(&c, &g->info);
        if (!cur_ok(&c))
            return c.status;
    }
    while (ohdr_next(h, MSG_LINK, &i) != NULL)
        g->count++;
    if (g->links.storage == HI5_STORAGE_DENSE) {
        TRY(dense_edit_open_links(&f->meta, &g->links.info, &g->dense, err));
        g->is_dense = true;
    }
    if (edit_group_is_old(g))
        symtab_edit_init(&g->symtab, &g->links.symtab);
    return HI5_OK;
}

static struct edit_group **
edit_group_slot(hi5_file *f, uint64_t addr)
{
    const size_t n = sizeof f->edit->group / sizeof f->edit->group[0];

    return &f->edit->group[(addr >> 4 ^ addr) % n];
}

static hi5_status
edit_group_get(hi5_file *f, uint64_t addr, struct edit_group **out, hi5_error *err)
{
    struct edit_group **const at = edit_group_slot(f, addr);
    struct edit_group *g = *at;
    hi5_status s;

    if (g != NULL && g->addr == addr) {
        *out = g;
        return HI5_OK;
    }
    g = mem_zalloc(&f->mem, 1, sizeof *g);
    if (g == NULL)
        return mem_fail(&f->mem, sizeof *g, err);
    g->addr = addr;
    arena_init(&g->arena, &f->mem);
    s = edit_group_load(f, g, err);
    if (s != HI5_OK) {
        edit_group_free(f, g);
        return s;
    }
    if (*at != NULL && (*at)->is_dense) {
        const uint64_t before = f->meta.stage->changes;
        s = dense_edit_settle(&(*at)->dense, err);
        if (s == HI5_OK)
            edit_unseen(f, before);
    }
    edit_group_free(f, *at);
    *at = *out = g;
    return s;
}

HI5_INT hi5_status
edit_groups_settle(hi5_file *f, hi5_error *err)
{
    const size_t n = sizeof f->edit->group / sizeof f->edit->group[0];

    for (size_t i = 0; i < n; i++)
        if (f->edit->group[i] != NULL && f->edit->group[i]->is_dense)
            TRY(dense_edit_settle(&f->edit->group[i]->dense, err));
    return HI5_OK;
}

/* ---- links ---- */

/* The link as it is stored; its parts go to `a`. */
static hi5_status
edit_group_find(hi5_file *f, struct edit_group *g, const char *name, size_t n,
                struct arena *a, struct msg_link *l, hi5_error *err)
{
    struct links links;
    struct ohdr *h;

    if (g->is_dense)
        return dense_edit_find_link(&g->dense, name, n, a, l, err);
    if (edit_group_is_old(g))
        return symtab_find(&g->links.symtab, name, n, a, l, err);
    TRY(ohdr_read(&f->meta, g->addr, a, &h, err));
    TRY(links_of(f, h, &links, err));
    return links_find(&links, name, n, a, l, err);
}

/* Is there a link of this name? */
static hi5_status
edit_group_has(hi5_file *f, struct edit_group *g, const char *name, size_t n,
               bool *has, hi5_error *err)
{
    struct arena a;
    struct msg_link l;
    hi5_status s;

    *has = false;
    if (!edit_group_is_old(g) && !g->is_dense && g->count == 0)
        return HI5_OK;
    if (g->seen != NULL && !group_saw(g, name, n, false))
        return HI5_OK;
    /* Mostly it is not there, and nobody wants to be told why. */
    arena_init(&a, &f->mem);
    s = edit_group_find(f, g, name, n, &a, &l, NULL);
    if (s != HI5_OK && s != HI5_E_NOTFOUND)
        s = edit_group_find(f, g, name, n, &a, &l, err);
    *has = s == HI5_OK;
    arena_done(&a);
    return s == HI5_E_NOTFOUND ? HI5_OK : s;
}

HI5_INT hi5_status
edit_has_link(hi5_file *f, uint64_t group, const char *name, size_t n, bool *has,
              hi5_error *err)
{
    struct edit_group *g;

    TRY(edit_group_get(f, group, &g, err));
    return edit_group_has(f, g, name, n, has, err);
}

static uint8_t
edit_link_flags(const struct msg_link *l)
{
    return (uint8_t)((l->name_len > UINT32_MAX   ? 3
                      : l->name_len > UINT16_MAX ? 2
                      : l->name_len > UINT8_MAX  ? 1
                                                 : 0) |
                     (l->has_order ? 4 : 0) | (l->kind != HI5_LINK_HARD ? 8 : 0) |
                     (l->charset != HI5_ASCII ? 16 : 0));
}

static hi5_status
edit_put_link_info(hi5_file *f, struct edit_group *g, struct arena *a, hi5_error *err)
{
    struct ohdr_put put;

    TRY(edit_message(&f->meta, a, MSG_LINK_INFO, 0, &g->links.info,
                     &put, err));
    return ohdr_replace(&f->meta, g->addr, &(struct ohdr_which){.type = MSG_LINK_INFO},
                        &put, err);
}

static hi5_status
edit_add_dense(struct edit_group *g, const struct msg_link *l, hi5_error *err)
{
    if (g->seen != NULL)
        group_saw(g, l->name, (size_t)l->name_len, true);
    return dense_edit_add_link(&g->dense, l, err);
}

/* Move the links of the header into a heap with an index. `many`: and remember names. */
static hi5_status
edit_make_dense(hi5_file *f, struct edit_group *g, bool many, struct arena *a,
                hi5_error *err)
{
    struct ohdr *h;
    const struct ohdr_msg *m;
    size_t i = 0;

    TRY(dense_edit_create_links(&f->meta, &g->links.info, &g->dense, err));
    g->is_dense = true;
    if (many)
        g->seen = mem_zalloc(&f->mem, 1, GROUP_SEEN_BYTES); /* without it, it is slower */
    g->links.storage = HI5_STORAGE_DENSE;
    TRY(ohdr_read(&f->meta, g->addr, a, &h, err));
    while ((m = ohdr_next(h, MSG_LINK, &i)) != NULL) {
        struct cur c = meta_cursor_at(&f->meta, m->body, m->size, m->addr, a, err);
        struct msg_link l;

        msg_link_code(&c, &l);
        if (!cur_ok(&c))
            return c.status;
        TRY(edit_add_dense(g, &l, err));
    }
    if (g->count == 0)
        return HI5_OK;
    g->count = 0;
    return ohdr_remove(&f->meta, g->addr, &(struct ohdr_which){.type = MSG_LINK}, err);
}

/* A link message that no header can hold. */
static bool
edit_is_long(const struct msg_link *l)
{
    return l->name_len + l->value_len + 64 > UINT16_MAX;
}

/* A link to a group that has no symbol table. */
static hi5_status
edit_add_new(hi5_file *f, struct edit_group *g, struct msg_link *l, struct arena *a,
             hi5_error *err)
{
    const bool tracked = (g->links.info.flags & 1) != 0;
    struct ohdr_put put;

    l->has_order = tracked;
    l->order = tracked ? g->links.info.max_order++ : 0;
    l->flags = edit_link_flags(l);
    if (!g->is_dense && (g->count >= g->info.max_compact || edit_is_long(l)))
        TRY(edit_make_dense(f, g, true, a, err));
    else if (g->is_dense && !tracked)
        return edit_add_dense(g, l, err);
    if (g->is_dense) {
        TRY(edit_add_dense(g, l, err));
    } else {
        TRY(edit_message(&f->meta, a, MSG_LINK, 0, l, &put, err));
        TRY(ohdr_add(&f->meta, g->addr, &put, err));
        g->count++;
        if (!tracked)
            return HI5_OK;
    }
    return edit_put_link_info(f, g, a, err);
}

/* ---- groups that become new: symbol tables know hard and soft links only ---- */

/* The links of a symbol table, on their way out of it. */
struct edit_moving {
    struct arena *arena;
    struct msg_link *link;     /* [n] */
    size_t n, room;
};

static hi5_status
edit_move_out(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct edit_moving *const v = ctx;
    struct msg_link copy = *l;

    if (v->n == v->room) {
        const size_t room = v->room != 0 ? 2 * v->room : 16;
        struct msg_link *const more = arena_zalloc(v->arena, room, sizeof *more);
        if (more == NULL)
            return mem_fail(v->arena->mem, room * sizeof *more, err);
        if (v->n != 0)
            memcpy(more, v->link, v->n * sizeof *more);
        v->link = more;
        v->room = room;
    }
    copy.name = arena_copy(v->arena, l->name, (size_t)l->name_len);
    copy.value = l->value_len != 0 ? arena_copy(v->arena, l->value, l->value_len) : NULL;
    if (copy.name == NULL || (l->value_len != 0 && copy.value == NULL))
        return mem_fail(v->arena->mem, (size_t)l->name_len, err);
    v->link[v->n++] = copy;
    return HI5_OK;
}

/* Put the messages of a new group in the place of the symbol table's. What caches the
 * table, the entry in the group above, is not looked for: libhdf5 leaves it, too, and
 * nobody reads it where there is no such message. */
static hi5_status
edit_become_new(hi5_file *f, struct edit_group *g, struct arena *a, hi5_error *err)
{
    struct msg_group_info info = {.max_compact = 8, .min_dense = 6, .est_entries = 4,
                                  .est_name = 8};
    const struct symtab old = g->links.symtab;
    struct ohdr_put put[2];

    g->links.info = (struct msg_link_info){.fheap = ADDR_NONE, .name_bt2 = ADDR_NONE,
                                           .order_bt2 = ADDR_NONE};
    TRY(edit_message(&f->meta, a, MSG_LINK_INFO, 0, &g->links.info, &put[0], err));
    TRY(edit_message(&f->meta, a, MSG_GROUP_INFO, MSG_F_CONSTANT, &info, &put[1], err));
    TRY(ohdr_remove(&f->meta, g->addr, &(struct ohdr_which){.type = MSG_STAB}, err));
    TRY(ohdr_add(&f->meta, g->addr, &put[0], err));
    TRY(ohdr_add(&f->meta, g->addr, &put[1], err));
    TRY(symtab_free_all(&old, err));
    if (g->addr == f->super.root)
        f->edit->root_is_new = true;
    g->links.storage = HI5_STORAGE_COMPACT;
    g->info = info;
    g->count = 0;
    return HI5_OK;
}

static hi5_status
edit_make_new(hi5_file *f, struct edit_group *g, struct arena *a, hi5_error *err)
{
    struct edit_moving v = {.arena = a};

    TRY(symtab_each(&g->links.symtab, edit_move_out, &v, err));
    TRY(edit_become_new(f, g, a, err));
    for (size_t i = 0; i < v.n; i++) {
        v.link[i].charset = (uint8_t)edit_charset(v.link[i].name,
                                                  (size_t)v.link[i].name_len);
        TRY(edit_add_new(f, g, &v.link[i], a, err));
    }
    return HI5_OK;
}

static hi5_status
edit_add_link(hi5_file *f, struct edit_group *g, struct msg_link *l,
              const struct msg_stab *stab, struct arena *a, hi5_error *err)
{
    if (edit_group_is_old(g)) {
        if (l->kind == HI5_LINK_HARD || l->kind == HI5_LINK_SOFT)
            return symtab_insert(&g->symtab, l, stab, err);
        TRY(edit_make_new(f, g, a, err));
    }
    return edit_add_new(f, g, l, a, err);
}

HI5_INT hi5_status
edit_link(hi5_file *f, uint64_t group, struct msg_link *l, const struct msg_stab *stab,
          hi5_error *err)
{
    struct edit_group *g;
    struct arena a;
    hi5_status s;

    TRY(edit_group_get(f, group, &g, err));
    arena_init(&a, &f->mem);
    s = edit_add_link(f, g, l, stab, &a, err);
    arena_done(&a);
    dirs_drop(f->dirs, group);
    return s;
}

HI5_INT hi5_status
edit_expect_links(hi5_file *f, uint64_t group, const struct edit_expected *links,
                  hi5_error *err)
{
    struct edit_group *g;
    struct arena a;
    hi5_status s = HI5_OK;

    TRY(edit_group_get(f, group, &g, err));
    if (edit_group_is_old(g))
        return HI5_OK;
    arena_init(&a, &f->mem);
    if (!g->is_dense && g->count + links->n > g->info.max_compact) {
        s = edit_make_dense(f, g, links->n >= GROUP_SEEN_WORTH, &a, err);
        if (s == HI5_OK)
            s = edit_put_link_info(f, g, &a, err);
        dirs_drop(f->dirs, group);
    }
    arena_done(&a);
    if (s == HI5_OK && g->is_dense)
        fheap_edit_expect(&g->dense.heap, links->bytes, links->longest);
    return s;
}

/* ---- taking links out ---- */

static hi5_status
edit_nothing_called(hi5_status s, const char *name, size_t n, hi5_error *err)
{
    return s == HI5_E_NOTFOUND
               ? err_plain(err, s, "there is nothing called '%.*s'", (int)n, name)
               : s;
}

HI5_INT hi5_status
edit_find_link(hi5_file *f, uint64_t group, const char *name, size_t n, struct arena *a,
               struct msg_link *l, hi5_error *err)
{
    struct edit_group *g;
    hi5_status s;

    TRY(edit_group_get(f, group, &g, err));
    s = edit_group_find(f, g, name, n, a, l, err);
    return edit_nothing_called(s, name, n, err);
}

/* A link message of this name. */
struct edit_name {
    const struct meta *meta;
    const char *name;
    size_t n;
};

static bool
edit_is_named(void *ctx, const struct ohdr_msg *m)
{
    const struct edit_name *const w = ctx;
    struct cur c = meta_cursor_at(w->meta, m->body, m->size, m->addr, NULL, NULL);
    struct msg_link l;

    msg_link_code(&c, &l);
    return cur_ok(&c) && l.name_len == w->n && memcmp(l.name, w->name, w->n) == 0;
}

/* Link messages on their way back into the header. */
struct edit_back {
    hi5_file *file;
    struct arena *arena;
    size_t n, room;
    bool long_one;             /* no header can hold one of them */
    struct ohdr_put *put;      /* [room] */
};

static hi5_status
edit_back_one(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct edit_back *const b = ctx;
    struct msg_link copy = *l;

    if (b->n == b->room)
        return err_plain(err, HI5_E_CORRUPT, "more links than the index counts");
    b->long_one |= edit_is_long(l);
    return b->long_one ? HI5_OK
                       : edit_message(&b->file->meta, b->arena, MSG_LINK, 0, &copy,
                                      &b->put[b->n++], err);
}

/* Bring the links of the heap back into the header, as there are few now. */
static hi5_status
edit_make_compact(hi5_file *f, struct edit_group *g, struct arena *a, hi5_error *err)
{
    struct edit_back back = {.file = f, .arena = a,
                             .room = (size_t)dense_edit_count(&g->dense)};
    hi5_status s;

    back.put = arena_alloc(a, (back.room + 1) * sizeof *back.put);
    if (back.put == NULL)
        return mem_fail(&f->mem, back.room * sizeof *back.put, err);
    TRY(dense_edit_settle(&g->dense, err));
    s = dense_links_each(&f->meta, &g->links.info, &f->options.plugins, false,
                         edit_back_one, &back, err);
    if (s != HI5_OK) /* what is damaged stays where it is */
        return recall_status(s, err);
    if (back.long_one)
        return HI5_OK;
    dense_edit_close(&g->dense);
    g->is_dense = false;
    g->links.storage = HI5_STORAGE_COMPACT;
    mem_free(&f->mem, g->seen, GROUP_SEEN_BYTES);
    g->seen = NULL;
    TRY(dense_edit_delete_links(&f->meta, &g->links.info, err));
    for (size_t i = 0; i < back.n; i++)
        TRY(ohdr_add(&f->meta, g->addr, &back.put[i], err));
    g->count = back.n;
    return edit_put_link_info(f, g, a, err);
}

static hi5_status
edit_take_link(hi5_file *f, struct edit_group *g, const char *name, size_t n,
               struct arena *a, struct msg_link *l, hi5_error *err)
{
    struct edit_name named = {&f->meta, name, n};
    const struct ohdr_which which = {.type = MSG_LINK, .match = edit_is_named,
                                     .ctx = &named};
    const bool tracked = (g->links.info.flags & 1) != 0;
    uint64_t left;

    if (g->is_dense) {
        TRY(dense_edit_remove_link(&g->dense, name, n, a, l, err));
        left = dense_edit_count(&g->dense);
    } else {
        TRY(edit_group_find(f, g, name, n, a, l, err));
        if (edit_group_is_old(g))
            return symtab_remove(&g->symtab, name, n, err);
        TRY(ohdr_remove(&f->meta, g->addr, &which, err));
        left = --g->count;
    }
    if (left == 0 && tracked)
        g->links.info.max_order = 0; /* as libhdf5: an empty group counts anew */
    if (g->is_dense && left < g->info.min_dense)
        return edit_make_compact(f, g, a, err);
    return left == 0 && tracked ? edit_put_link_info(f, g, a, err) : HI5_OK;
}

HI5_INT hi5_status
edit_unlink(hi5_file *f, uint64_t group, const char *name, size_t n, struct arena *a,
            struct msg_link *l, hi5_error *err)
{
    struct edit_group *g;
    hi5_status s;

    TRY(edit_group_get(f, group, &g, err));
    s = edit_take_link(f, g, name, n, a, l, err);
    if (s == HI5_OK && f->edit->times)
        s = ohdr_touch(&f->meta, group, edit_now(), err);
    dirs_drop(f->dirs, group);
    return edit_nothing_called(s, name, n, err);
}

HI5_INT hi5_status
edit_group_forget(hi5_file *f, uint64_t addr, hi5_error *err)
{
    struct edit_group **const at = edit_group_slot(f, addr);
    hi5_status s = HI5_OK;

    dirs_drop(f->dirs, addr);
    if (*at == NULL || (*at)->addr != addr)
        return HI5_OK;
    if ((*at)->is_dense)
        s = dense_edit_settle(&(*at)->dense, err);
    edit_group_free(f, *at);
    *at = NULL;
    return s;
}
