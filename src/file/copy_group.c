/*
 * copy_group.c - groups that are copied, and their links
 */
#include "base/err.h"
#include "file/copy.h"
#include "format/symtab_edit.h"
#include <string.h>

/* ---- the header ---- */

/* What a group says of itself, and what its links need. */
struct copy_group {
    struct copy_header *h;
    hi5_group_info info;
    struct msg_group_info message;
    bool other_kinds; /* links that a symbol table cannot hold */
    size_t bytes;     /* of link messages */
    uint64_t names;   /* bytes of names and soft links in a symbol table's heap */
};

/* Is it one that a symbol table cannot hold, or not with all that it says? */
static bool
copy_link_is_newer(const hi5_link *l)
{
    return (l->kind != HI5_LINK_HARD && l->kind != HI5_LINK_SOFT) || l->utf8;
}

/* Bytes in the heap of a symbol table, whose pieces are multiples of 8. */
static uint64_t
copy_name_size(const hi5_link *l)
{
    return (strlen(l->name) + 8) / 8 * 8 +
           (l->kind == HI5_LINK_SOFT ? (strlen(l->target) + 8) / 8 * 8 : 0);
}

/* Bytes of a link message. */
static size_t
copy_link_size(const hi5_link *l, bool ordered, unsigned off_w)
{
    const size_t value = l->kind == HI5_LINK_HARD   ? off_w
                         : l->kind == HI5_LINK_SOFT ? 2 + strlen(l->target)
                                                    : 2 + l->data_size;

    return 2u + 1u + (ordered ? 8u : 0u) + (l->kind != HI5_LINK_HARD ? 1u : 0u) +
           (l->utf8 ? 1u : 0u) + strlen(l->name) + value;
}

static hi5_status
copy_group_look(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct copy_group *const g = ctx;
    (void)err;
    g->other_kinds |= copy_link_is_newer(l);
    g->names += copy_name_size(l);
    g->bytes += ohdr_put_size(
        2, g->h->prefix.flags,
        copy_link_size(l, g->info.order_tracked, g->h->c->to->meta.off_w));
    return HI5_OK;
}

/* Symbol tables where the file is for everybody, and nothing says otherwise. */
static bool
copy_group_is_old(const struct copy_group *g)
{
    const struct copy *const c = g->h->c;

    return c->to->edit->compat == HI5_COMPAT_EARLIEST && !g->info.order_tracked &&
           !g->other_kinds && (g->message.flags & 1) == 0 && c->max_compact == 0 &&
           c->min_dense == 0;
}

static hi5_status
copy_group_load(struct copy_group *g)
{
    struct copy_header *const h = g->h;
    struct copy *const c = h->c;
    const struct ohdr_msg *const m = ohdr_first(h->o->head, MSG_GROUP_INFO);
    hi5_group *group;
    hi5_status s;

    g->message = (struct msg_group_info){
        .max_compact = 8, .min_dense = 6, .est_entries = 4, .est_name = 8};
    if (m != NULL) {
        struct cur k =
            meta_cursor_at(&h->o->file->meta, m->body, m->size, m->addr, NULL, c->err);
        struct msg_group_info stored = g->message;

        msg_group_info_code(&k, &stored);
        if (!cur_ok(&k) && !copy_passes(c, k.status))
            return k.status;
        g->message = cur_ok(&k) ? stored : g->message;
    }
    TRY(hi5_object_group(h->o, &group, c->err));
    s = hi5_group_get_info(group, &g->info, c->err);
    if (s == HI5_OK && (c->to->edit->compat == HI5_COMPAT_EARLIEST ||
                        g->info.links <= g->message.max_compact))
        s = hi5_group_each(group, HI5_NATIVE, false, copy_group_look, g, c->err);
    hi5_group_close(group);
    return copy_passes(c, s) ? HI5_OK : s;
}

/* The same of a root group that is made before anything is copied. */
struct copy_root {
    struct edit_root *root;
    unsigned off_w;
    bool other_kinds;
    size_t bytes;
    uint64_t names;
};

static hi5_status
copy_root_look(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct copy_root *const r = ctx;
    const struct ohdr_prefix *const p = &r->root->prefix;

    (void)err;
    r->other_kinds |= copy_link_is_newer(l);
    r->names += copy_name_size(l);
    r->bytes += ohdr_put_size(p->version, p->flags,
                              copy_link_size(l, r->root->group.track_order, r->off_w));
    return HI5_OK;
}

/* What the header keeps besides its links. */
static size_t
copy_root_rest(const hi5_object *o, const struct ohdr_prefix *p)
{
    size_t n = 0;

    for (size_t i = 0; i < o->head->nmsgs; i++) {
        const struct ohdr_msg *const m = &o->head->msg[i];

        if (m->type == MSG_ATTR || m->type == MSG_ATTR_INFO || m->type == MSG_COMMENT)
            n += ohdr_put_size(p->version, p->flags, m->size);
    }
    return n;
}

HI5_INT hi5_status
copy_root_make(hi5_group *g, hi5_compat compat, unsigned off_w, struct edit_root *root,
               hi5_error *err)
{
    struct copy_root r = {.root = root, .off_w = off_w};
    const unsigned most = root->group.max_compact != 0 || root->group.min_dense != 0
                              ? root->group.max_compact
                              : 8;
    hi5_group_info info;

    TRY(hi5_group_get_info(g, &info, err));
    if (compat == HI5_COMPAT_EARLIEST || info.links <= most)
        TRY(hi5_group_each(g, HI5_NATIVE, false, copy_root_look, &r, err));
    if (compat == HI5_COMPAT_EARLIEST && r.other_kinds &&
        root->group.max_compact == 0) {
        root->group.max_compact = 8;
        root->group.min_dense = 6;
    }
    root->names = 24 + r.names;
    root->rest = copy_root_rest(hi5_group_object(g), &root->prefix);
    root->room = root->rest + (info.links <= most ? r.bytes : 0);
    return HI5_OK;
}

HI5_INT hi5_status
copy_group_make(struct copy_header *h)
{
    struct copy *const c = h->c;
    struct msg_link_info links = {
        .fheap = ADDR_NONE, .name_bt2 = ADDR_NONE, .order_bt2 = ADDR_NONE};
    struct copy_group g = {.h = h};
    struct msg_stab stab;

    TRY(copy_group_load(&g));
    if (copy_group_is_old(&g)) {
        TRY(symtab_create(&c->to->meta, c->to->super.internal_k, 24 + g.names, &stab,
                          c->err));
        return copy_put(h, MSG_STAB, 0, &stab);
    }
    if (c->max_compact != 0 || c->min_dense != 0) {
        g.message.flags |= 1;
        g.message.max_compact = (uint16_t)c->max_compact;
        g.message.min_dense = (uint16_t)c->min_dense;
    }
    if (c->to->edit->compat == HI5_COMPAT_EARLIEST)
        g.message.flags |= 1; /* that makes it a group of the newer kind */
    links.flags =
        (uint8_t)((g.info.order_tracked ? 1 : 0) | (g.info.order_indexed ? 2 : 0));
    TRY(copy_put(h, MSG_LINK_INFO, 0, &links));
    TRY(copy_put(h, MSG_GROUP_INFO, MSG_F_CONSTANT, &g.message));
    if (g.info.links <= g.message.max_compact)
        h->room += g.bytes;
    return HI5_OK;
}

/* ---- links ---- */

struct copy_links {
    struct copy *c;
    size_t entry;
};

/* What a link leads to, as an entry; *found is false if it leads nowhere. */
static hi5_status
copy_follow(const struct copy_links *w, const char *name, unsigned flags, size_t *i,
            bool *found)
{
    struct copy *const c = w->c;
    const struct copy_entry *const e = &c->entry[w->entry];
    hi5_file *file;
    uint64_t addr;
    uint16_t source;
    hi5_status s;

    *found =
        path_find(c->source[e->source], e->from, name, &file, &addr, NULL) == HI5_OK;
    if (!*found)
        return HI5_OK;
    s = copy_source(c, file, &source);
    file_unref(file);
    return s == HI5_OK ? copy_meet(c, source, addr, flags, i) : s;
}

static hi5_status
copy_target(const struct copy_links *w, const hi5_link *l, size_t *i, bool *hard)
{
    struct copy *const c = w->c;
    const struct copy_entry *const e = &c->entry[w->entry];
    const unsigned flags = c->o->shallow ? COPY_EMPTY : 0;
    const bool expand = (l->kind == HI5_LINK_SOFT && c->o->expand_soft) ||
                        (l->kind == HI5_LINK_EXTERNAL && c->o->expand_external);

    *hard = l->kind == HI5_LINK_HARD;
    if (*hard)
        return copy_meet(c, e->source, l->address, flags, i);
    return expand ? copy_follow(w, l->name, flags, i, hard) : HI5_OK;
}

static hi5_status
copy_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    const struct copy_links *const w = ctx;
    struct copy *const c = w->c;
    struct msg_link m = {.kind = (uint8_t)l->kind,
                         .name = (const uint8_t *)l->name,
                         .name_len = strlen(l->name),
                         .address = ADDR_NONE,
                         .charset = l->utf8 ? HI5_UTF8 : HI5_ASCII};
    size_t i = 0;
    bool hard;

    (void)err;
    TRY(copy_target(w, l, &i, &hard));
    if (hard) {
        m.kind = HI5_LINK_HARD;
        m.address = c->entry[i].to;
        c->entry[i].refs++;
    } else if (l->kind == HI5_LINK_EXTERNAL && c->prune) {
        return HI5_OK;
    } else {
        m.value = l->kind == HI5_LINK_SOFT ? (const uint8_t *)l->target : l->data;
        m.value_len =
            (uint16_t)(l->kind == HI5_LINK_SOFT ? strlen(l->target) : l->data_size);
    }
    return edit_link(c->to, c->entry[w->entry].to, &m, NULL, c->err);
}

/* In which order links come: the one that they were made in, where that is known. */
static hi5_order
copy_link_order(const struct copy *c, const hi5_group_info *info)
{
    if (info->order_tracked && (!c->sorted || c->order == HI5_BY_CREATION))
        return HI5_BY_CREATION;
    return c->sorted && c->order == HI5_BY_NAME ? HI5_BY_NAME : HI5_NATIVE;
}

#define COPY_LINKS_FEW 8u /* most groups keep so many in their header */

/* Links on their way to one group. */
struct copy_coming {
    const struct copy *c;
    bool ordered;
    struct edit_expected links;
};

static hi5_status
copy_link_comes(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct copy_coming *const w = ctx;
    const size_t n = copy_link_size(l, w->ordered, w->c->to->meta.off_w);

    (void)err;
    if (l->kind == HI5_LINK_EXTERNAL && w->c->prune)
        return HI5_OK;
    w->links.n++;
    w->links.bytes += n;
    w->links.longest = n > w->links.longest ? n : w->links.longest;
    return HI5_OK;
}

/* If they are many, let the group know before they come. */
static hi5_status
copy_links_expect(struct copy *c, size_t i, hi5_group *g, const hi5_group_info *info)
{
    struct copy_coming w = {.c = c, .ordered = info->order_tracked};

    if (info->links <= COPY_LINKS_FEW ||
        hi5_group_each(g, HI5_NATIVE, false, copy_link_comes, &w, NULL) != HI5_OK)
        return HI5_OK; /* whatever is wrong, it will be met again */
    return edit_expect_links(c->to, c->entry[i].to, &w.links, c->err);
}

HI5_INT hi5_status
copy_group_fill(struct copy *c, size_t i)
{
    struct copy_links w = {c, i};
    hi5_group_info info;
    hi5_group *g = NULL;
    hi5_object *o;
    hi5_status s;

    TRY(object_open(c->source[c->entry[i].source], c->entry[i].from, NULL, &o, c->err));
    s = hi5_object_group(o, &g, c->err);
    if (s == HI5_OK)
        s = hi5_group_get_info(g, &info, c->err);
    if (s == HI5_OK)
        s = copy_links_expect(c, i, g, &info);
    if (s == HI5_OK)
        s = hi5_group_each(g, copy_link_order(c, &info), c->sorted && c->decreasing,
                           copy_link, &w, c->err);
    hi5_group_close(g);
    hi5_object_close(o);
    return s;
}
