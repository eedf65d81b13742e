/*
 * group_edit.c - new groups, and links in groups
 */
#include "base/err.h"
#include "base/lookup3.h"
#include "file/directory.h"
#include "file/edit.h"
#include "format/dense_edit.h"
#include "format/symtab_edit.h"
#include <string.h>

/* ---- new groups ---- */

static bool
group_is_new_style(const struct edit *e, const hi5_group_options *o)
{
    return e->compat != HI5_COMPAT_EARLIEST || o->track_order || o->max_compact != 0 ||
           o->min_dense != 0;
}

static void
group_code_link_info(struct cur *c, void *m)
{
    msg_link_info_code(c, m);
}

static void
group_code_info(struct cur *c, void *m)
{
    msg_group_info_code(c, m);
}

static void
group_code_stab(struct cur *c, void *m)
{
    msg_stab_code(c, m);
}

static void
group_code_link(struct cur *c, void *m)
{
    msg_link_code(c, m);
}

/* Room for as many links as are expected, as libhdf5 leaves it. */
static size_t
group_room(const struct meta *m, const struct msg_group_info *g, bool ordered,
           const struct ohdr_put *put)
{
    const size_t head = 4;
    const size_t link = head + 1u + 1u + (ordered ? 8u : 0u) + 1u + g->est_name + m->off_w;
    const size_t room = head + put[0].size + head + put[1].size + g->est_entries * link;

    return room < 32768 ? room : 32768;
}

static hi5_status
group_make_new(struct meta *m, const struct ohdr_prefix *p, const hi5_group_options *o,
               struct arena *a, uint64_t *addr, hi5_error *err)
{
    struct msg_link_info info = {.fheap = ADDR_NONE, .name_bt2 = ADDR_NONE,
                                 .order_bt2 = ADDR_NONE};
    struct msg_group_info g = {.max_compact = 8, .min_dense = 6, .est_entries = 4,
                               .est_name = 8};
    struct ohdr_put put[2];

    info.flags = (uint8_t)((o->track_order ? 1 : 0) | (o->index_order ? 2 : 0));
    if (o->max_compact != 0 || o->min_dense != 0) {
        g.flags |= 1;
        g.max_compact = (uint16_t)o->max_compact;
        g.min_dense = (uint16_t)o->min_dense;
    }
    if (o->estimated_entries != 0 || o->estimated_name != 0) {
        g.flags |= 2;
        g.est_entries = o->estimated_entries != 0 ? (uint16_t)o->estimated_entries : 4;
        g.est_name = o->estimated_name != 0 ? (uint16_t)o->estimated_name : 8;
    }
    TRY(edit_message(m, a, MSG_LINK_INFO, 0, group_code_link_info, &info, &put[0], err));
    TRY(edit_message(m, a, MSG_GROUP_INFO, MSG_F_CONSTANT, group_code_info, &g, &put[1],
                     err));
    return ohdr_create(m, p, put, 2, p->version == 2 ? group_room(m, &g, o->track_order, put) : 0,
                       addr, err);
}

static hi5_status
group_make_old(struct meta *m, const struct ohdr_prefix *p, const struct superblock *super,
               struct arena *a, uint64_t *addr, struct msg_stab *stab, hi5_error *err)
{
    struct msg_stab where;
    struct ohdr_put put;

    TRY(symtab_create(m, super->internal_k, 0, &where, err));
    TRY(edit_message(m, a, MSG_STAB, 0, group_code_stab, &where, &put, err));
    if (stab != NULL)
        *stab = where;
    return ohdr_create(m, p, &put, 1, 0, addr, err);
}

HI5_INT hi5_status
group_make(struct meta *m, const struct edit *e, const struct superblock *super,
           const hi5_group_options *o, uint64_t *addr, struct msg_stab *stab,
           hi5_error *err)
{
    const struct ohdr_prefix p =
        edit_prefix(e, o->track_attribute_order, o->index_attribute_order);
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    if (group_is_new_style(e, o))
        s = group_make_new(m, &p, o, &a, addr, err);
    else
        s = group_make_old(m, &p, super, &a, addr, stab, err);
    arena_done(&a);
    return s;
}

/* ---- thousands of groups: with the usual options their headers are all the same ---- */

struct edit_pattern {
    size_t n, sum_at, sum_of;
    uint8_t bytes[];
};

HI5_INT void
edit_pattern_drop(hi5_file *f)
{
    struct edit_pattern *const p = f->edit->pattern;

    if (p != NULL)
        mem_free(&f->mem, p, sizeof *p + p->n);
    f->edit->pattern = NULL;
}

static bool
group_is_usual(const struct edit *e, const hi5_group_options *o)
{
    return group_is_new_style(e, o) && !e->times && !o->track_order && !o->index_order &&
           !o->track_attribute_order && !o->index_attribute_order && o->max_compact == 0 &&
           o->min_dense == 0 && o->estimated_entries == 0 && o->estimated_name == 0;
}

/* Keep the header that has just been made, if there is memory for it. */
static void
group_keep_pattern(hi5_file *f, uint64_t addr)
{
    struct staged *const b = stage_find(&f->meta, addr);
    struct edit_pattern *p;

    if (b == NULL || (p = mem_alloc(&f->mem, sizeof *p + b->block.size)) == NULL)
        return;
    stage_sum(b);
    *p = (struct edit_pattern){b->block.size, b->sum_at, b->sum_of};
    memcpy(p->bytes, b->bytes, p->n);
    f->edit->pattern = p;
}

static hi5_status
group_make_alike(hi5_file *f, uint64_t *addr, hi5_error *err)
{
    const struct edit_pattern *const p = f->edit->pattern;
    struct staged *b;

    TRY(stage_new(&f->meta, p->n, &b, err));
    memcpy(b->bytes, p->bytes, p->n);
    stage_changed(b, p->sum_at, p->sum_of);
    b->summed = true;
    *addr = b->block.addr;
    return HI5_OK;
}

/* A group of a file that is open. */
static hi5_status
group_make_in(hi5_file *f, const hi5_group_options *o, uint64_t *addr,
              struct msg_stab *stab, hi5_error *err)
{
    const bool usual = group_is_usual(f->edit, o);

    if (usual && f->edit->pattern != NULL)
        return group_make_alike(f, addr, err);
    TRY(group_make(&f->meta, f->edit, &f->super, o, addr, stab, err));
    if (usual)
        group_keep_pattern(f, *addr);
    return HI5_OK;
}

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

static hi5_status
edit_group_get(hi5_file *f, uint64_t addr, struct edit_group **out, hi5_error *err)
{
    const size_t n = sizeof f->edit->group / sizeof f->edit->group[0];
    struct edit_group **const at = &f->edit->group[(addr >> 4 ^ addr) % n];
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

/* Is there a link of this name? */
static hi5_status
edit_group_has(hi5_file *f, struct edit_group *g, const char *name, size_t n,
               bool *has, hi5_error *err)
{
    struct arena a;
    struct links links;
    struct msg_link l;
    struct ohdr *h;
    hi5_status s;

    *has = false;
    if (!edit_group_is_old(g) && !g->is_dense && g->count == 0)
        return HI5_OK;
    if (g->seen != NULL && !group_saw(g, name, n, false))
        return HI5_OK;
    arena_init(&a, &f->mem);
    if (g->is_dense) {
        /* Mostly it is not there, and nobody wants to be told why. */
        s = dense_edit_find_link(&g->dense, name, n, &a, &l, NULL);
        if (s != HI5_OK && s != HI5_E_NOTFOUND)
            s = dense_edit_find_link(&g->dense, name, n, &a, &l, err);
    } else if (edit_group_is_old(g)) {
        s = symtab_find(&g->links.symtab, name, n, &a, &l, err);
    } else {
        s = ohdr_read(&f->meta, g->addr, &a, &h, err);
        if (s == HI5_OK)
            s = links_of(f, h, &links, err);
        if (s == HI5_OK)
            s = links_find(&links, name, n, &a, &l, err);
    }
    *has = s == HI5_OK;
    arena_done(&a);
    return s == HI5_E_NOTFOUND ? HI5_OK : s;
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

    TRY(edit_message(&f->meta, a, MSG_LINK_INFO, 0, group_code_link_info, &g->links.info,
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

/* Move the links of the header into a heap with an index. */
static hi5_status
edit_make_dense(hi5_file *f, struct edit_group *g, struct arena *a, hi5_error *err)
{
    struct ohdr *h;
    const struct ohdr_msg *m;
    size_t i = 0;

    TRY(dense_edit_create_links(&f->meta, &g->links.info, &g->dense, err));
    g->is_dense = true;
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
    g->count = 0;
    return ohdr_remove(&f->meta, g->addr, &(struct ohdr_which){.type = MSG_LINK}, err);
}

/* A link message that no header can hold. */
static bool
edit_is_long(const struct msg_link *l)
{
    return l->name_len + l->value_len + 64 > UINT16_MAX;
}

static hi5_status
edit_add_link(hi5_file *f, struct edit_group *g, struct msg_link *l,
              const struct msg_stab *stab, struct arena *a, hi5_error *err)
{
    const bool tracked = (g->links.info.flags & 1) != 0;
    struct ohdr_put put;

    if (edit_group_is_old(g))
        return symtab_insert(&g->symtab, l, stab, err);
    l->has_order = tracked;
    l->order = tracked ? g->links.info.max_order++ : 0;
    l->flags = edit_link_flags(l);
    if (!g->is_dense && (g->count >= g->info.max_compact || edit_is_long(l)))
        TRY(edit_make_dense(f, g, a, err));
    else if (g->is_dense && !tracked)
        return edit_add_dense(g, l, err);
    if (g->is_dense) {
        TRY(edit_add_dense(g, l, err));
    } else {
        TRY(edit_message(&f->meta, a, MSG_LINK, 0, group_code_link, l, &put, err));
        TRY(ohdr_add(&f->meta, g->addr, &put, err));
        g->count++;
        if (!tracked)
            return HI5_OK;
    }
    return edit_put_link_info(f, g, a, err);
}

HI5_INT hi5_status
edit_link(hi5_file *f, uint64_t group, struct msg_link *l, const struct msg_stab *stab,
          hi5_error *err)
{
    struct edit_group *g;
    struct arena a;
    hi5_status s;

    TRY(edit_group_get(f, group, &g, err));
    for (uint64_t i = 0; i < l->name_len; i++)
        if (l->name[i] >= 0x80)
            l->charset = HI5_UTF8;
    arena_init(&a, &f->mem);
    s = edit_add_link(f, g, l, stab, &a, err);
    arena_done(&a);
    dirs_drop(f->dirs, group);
    return s;
}

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
    struct edit_group *g;
    hi5_file *other;
    bool has;

    TRY(edit_group_get(f, w->group, &g, err));
    TRY(edit_group_has(f, g, name, strlen(name), &has, err));
    if (!has && !w->parents)
        return err_plain(err, HI5_E_NOTFOUND, "there is no group '%s' on the way", name);
    if (!has) {
        TRY(group_make_in(f, &usual, &l.address, &stab, err));
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
place_walk(struct place_walk *w, char *path, const char **last, hi5_error *err)
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
            break;
        if (strcmp(part, ".") != 0)
            TRY(place_step(w, part, err));
        part = end;
    }
    *last = part;
    return HI5_OK;
}

HI5_INT hi5_status
edit_place(hi5_file *f, uint64_t from, const char *path, bool parents, uint64_t *group,
           const char **name, hi5_error *err)
{
    struct place_walk w = {f, path[0] == '/' ? f->super.root : from, parents};
    const size_t length = strlen(path);
    char few[PLACE_FEW];
    char *const copy = length < PLACE_FEW ? few : mem_box(&f->mem, length + 1);
    struct edit_group *g;
    const char *last = NULL;
    bool has = false;
    hi5_status s;
    size_t n = 0;

    if (copy == NULL)
        return mem_fail(&f->mem, length, err);
    memcpy(copy, path, length + 1);
    s = place_walk(&w, copy, &last, err);
    if (s == HI5_OK) {
        n = strlen(last);
        s = n == 0 || strcmp(last, ".") == 0
                ? err_plain(err, HI5_E_ARG, "the path '%s' has no name at its end", path)
                : edit_group_get(f, w.group, &g, err);
    }
    if (s == HI5_OK)
        s = edit_group_has(f, g, last, n, &has, err);
    if (s == HI5_OK && has)
        s = err_plain(err, HI5_E_EXISTS, "there is something called '%s' already", last);
    if (s == HI5_OK)
        *name = path + (last - copy);
    if (copy != few)
        mem_unbox(&f->mem, copy);
    *group = w.group;
    return s;
}

/* ---- public ---- */

static hi5_status
group_check_options(const hi5_group_options *o, hi5_error *err)
{
    if (o->size != sizeof *o)
        return err_plain(err, HI5_E_ARG, "hi5_group_options.size is %zu, expected %zu",
                         o->size, sizeof *o);
    if (o->index_order && !o->track_order)
        return err_plain(err, HI5_E_ARG, "an order that is not tracked cannot be indexed");
    if (o->max_compact > 65535 || o->min_dense > 65535 ||
        o->max_compact + 1 < o->min_dense)
        return err_plain(err, HI5_E_ARG, "phase change: at most %u compact links, at "
                         "least %u dense ones", o->max_compact, o->min_dense);
    if (o->estimated_entries > 65535 || o->estimated_name > 65535)
        return err_plain(err, HI5_E_ARG, "an estimate is more than 65535");
    return HI5_OK;
}

/* The name at the end of a path, without the slashes behind it. */
static size_t
place_name_length(const char *name)
{
    return strcspn(name, "/");
}

static hi5_status
group_create(hi5_file *f, uint64_t from, const char *path, const hi5_group_options *o,
             uint64_t *addr, hi5_error *err)
{
    struct msg_stab stab = {ADDR_NONE, ADDR_NONE};
    struct msg_link l = {.kind = HI5_LINK_HARD};
    const char *name;
    uint64_t group;

    TRY(edit_place(f, from, path, !o->no_parents, &group, &name, err));
    TRY(group_make_in(f, o, &l.address, &stab, err));
    l.name = (const uint8_t *)name;
    l.name_len = place_name_length(name);
    *addr = l.address;
    return edit_link(f, group, &l, &stab, err);
}

static hi5_status
group_create_open(hi5_file *f, uint64_t from, const char *path,
                  const hi5_group_options *options, hi5_group **g, hi5_error *err)
{
    const hi5_group_options usual = {.size = sizeof usual};
    const hi5_group_options *const o = options != NULL ? options : &usual;
    hi5_object *object;
    uint64_t addr = 0;
    hi5_status s;

    err_clear(err);
    if (g != NULL)
        *g = NULL;
    TRY(group_check_options(o, err));
    TRY(edit_begin(f, err));
    s = edit_end(f, group_create(f, from, path, o, &addr, err), err);
    if (s != HI5_OK)
        return err_path(err, s, f->path, path);
    if (g == NULL)
        return HI5_OK;
    TRY(object_open(f, addr, path, &object, err));
    s = hi5_object_group(object, g, err);
    hi5_object_close(object);
    return s;
}

hi5_status
hi5_group_create(hi5_file *f, const char *path, const hi5_group_options *options,
                 hi5_group **g, hi5_error *err)
{
    return group_create_open(f, f->super.root, path, options, g, err);
}

hi5_status
hi5_group_create_at(hi5_group *parent, const char *path, const hi5_group_options *options,
                    hi5_group **g, hi5_error *err)
{
    const hi5_object *const o = hi5_group_object(parent);

    return group_create_open(o->file, o->head->addr, path, options, g, err);
}

/* A link of any kind from a path. */
static hi5_status
link_create(hi5_file *f, const char *path, struct msg_link *l, const struct msg_stab *stab,
            hi5_error *err)
{
    const char *name;
    uint64_t group;

    TRY(edit_place(f, f->super.root, path, true, &group, &name, err));
    l->name = (const uint8_t *)name;
    l->name_len = place_name_length(name);
    return edit_link(f, group, l, stab, err);
}

static hi5_status
link_create_hard(hi5_file *f, const char *path, const char *target, hi5_error *err)
{
    struct msg_link l = {.kind = HI5_LINK_HARD};
    hi5_file *other;
    const char *name;
    uint64_t group;
    uint32_t refs;

    TRY(path_find(f, f->super.root, target, &other, &l.address, err));
    file_unref(other);
    if (other != f)
        return err_plain(err, HI5_E_STATE, "'%s' leads into another file", target);
    TRY(edit_place(f, f->super.root, path, true, &group, &name, err));
    l.name = (const uint8_t *)name;
    l.name_len = place_name_length(name);
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
