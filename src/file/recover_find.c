/*
 * recover_find.c - the objects of a damaged file, and what leads to what
 *
 * Each header that was found is decoded: those of version 2 have checksums, those of
 * version 1 must make sense down to their last message. Then each group tells its
 * links. Where an index is broken its parts are looked for: symbol table nodes that no
 * tree leads to and whose names are in one group's heap alone; link messages in the
 * blocks of a fractal heap, as far as they lead to objects.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "btree/btree1.h"
#include "file/recover.h"
#include "format/fheap.h"
#include <stdlib.h>
#include <string.h>

/* ---- objects ---- */

HI5_INT struct recover_object *
recover_object_at(const struct recover *r, uint64_t addr)
{
    struct recover_object *const o = r->objects.p;
    size_t lo = 0, hi = r->objects.n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (o[mid].addr < addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < r->objects.n && o[lo].addr == addr ? &o[lo] : NULL;
}

/* Does a message decode? Those that are stored elsewhere are left to their readers. */
static bool
rfind_message_holds(struct recover *r, const struct ohdr_msg *m, struct arena *a)
{
    struct cur c = meta_cursor_at(r->meta, m->body, m->size, m->addr, a, NULL);
    struct msg_space space;
    struct msg_layout layout;
    struct msg_stab stab;
    struct msg_attr attr;
    struct msg_fill fill;
    struct pipeline pline;
    const hi5_type *type;

    if (m->flags & MSG_F_SHARED)
        return true;
    switch (m->type) {
    case MSG_SPACE:
        msg_space_code(&c, &space);
        break;
    case MSG_TYPE:
        msg_type_code(&c, &type, r->meta->limits.depth);
        break;
    case MSG_LAYOUT:
        msg_layout_code(&c, &layout);
        break;
    case MSG_STAB:
        msg_stab_code(&c, &stab);
        break;
    case MSG_ATTR:
        msg_attr_code(&c, &attr);
        break;
    case MSG_FILL:
        msg_fill_code(&c, &fill);
        break;
    case MSG_PLINE:
        msg_pline_code(&c, &pline);
        break;
    default:
        return m->type < MSG_KNOWN;
    }
    return cur_ok(&c);
}

/* Headers of version 1: nothing may be amiss. A dataset has a layout, too. */
static bool
rfind_believable(struct recover *r, const struct ohdr *h, struct arena *a)
{
    const hi5_kind kind = ohdr_kind(h);

    if (h->version == 2)
        return true;
    if (kind == HI5_KIND_UNKNOWN ||
        (kind == HI5_KIND_DATASET && ohdr_first(h, MSG_LAYOUT) == NULL))
        return false;
    for (size_t i = 0; i < h->nmsgs; i++)
        if (!rfind_message_holds(r, &h->msg[i], a))
            return false;
    return true;
}

/* Note the object whose header seems to be at `addr`. *end: what its first chunk
 * covers. */
static void
rfind_object(struct recover *r, uint64_t addr, uint64_t *end)
{
    struct recover_object *o;
    struct arena a;
    struct ohdr *h;
    hi5_status s;

    arena_init(&a, r->meta->mem);
    s = ohdr_read_some(r->meta, addr, &a, &h, NULL);
    /* Of version 2 the first chunk has been verified if its messages are there. */
    if (h != NULL && h->nchunks != 0 && h->nmsgs != 0 &&
        (s == HI5_OK || h->version == 2) && rfind_believable(r, h, &a) &&
        addr != r->file->super.extension &&
        (ohdr_kind(h) != HI5_KIND_UNKNOWN || s != HI5_OK)) {
        o = check_list_add(&r->k, &r->objects, sizeof *o);
        if (o != NULL)
            *o = (struct recover_object){.addr = addr, .kind = ohdr_kind(h)};
        *end = addr + h->chunk[0].size;
    }
    arena_done(&a);
}

/* ---- links ---- */

/* What a fractal heap's direct block holds of links to objects. */
struct rfind_sweep {
    struct recover *r;
    const struct fheap *heap;
    link_fn fn;
    void *ctx;
};

static bool
rfind_text(const uint8_t *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] == 0x7f)
            return false;
    return n != 0;
}

/* Blocks have been verified by their checksums, but may hold what was deleted, and from
 * any byte on something may look like a link. */
static bool
rfind_link_holds(const struct rfind_sweep *w, const struct msg_link *l)
{
    const bool sums = (fheap_header(w->heap)->flags & 2) != 0;

    if (!rfind_text(l->name, l->name_len))
        return false;
    if (l->kind == HI5_LINK_HARD)
        return recover_object_at(w->r, l->address) != NULL;
    return l->kind == HI5_LINK_SOFT && sums && rfind_text(l->value, l->value_len);
}

static void
rfind_sweep_block(const struct rfind_sweep *w, const struct fheap_block *b,
                  const uint8_t *bytes, size_t n, hi5_error *err)
{
    struct meta *const m = w->r->meta;
    size_t at = b->head;

    while (at < n && !check_broken(&w->r->k)) {
        struct cur c = meta_cursor_at(m, bytes + at, n - at, ADDR_NONE, NULL, NULL);
        struct msg_link l = {0};

        c.watch = NULL;
        if (bytes[at] == 1) /* the version */
            msg_link_code(&c, &l);
        if (bytes[at] == 1 && cur_ok(&c) && rfind_link_holds(w, &l)) {
            (void)!w->fn(w->ctx, &l, err);
            at += c.pos;
        } else {
            at++;
        }
    }
}

static hi5_status
rfind_sweep_found(void *ctx, const struct fheap_block *b, const hi5_error *bad,
                  hi5_error *err)
{
    const struct rfind_sweep *const w = ctx;
    struct block *p;

    if (bad != NULL || b->rows != 0 || fheap_header(w->heap)->filter_len != 0 ||
        b->size > SIZE_MAX ||
        meta_pin(w->r->meta, b->addr, (size_t)b->size, "FHDB", &p, NULL) != HI5_OK)
        return HI5_OK;
    rfind_sweep_block(w, b, p->bytes, (size_t)b->size, err);
    meta_unpin(w->r->meta, p);
    return check_broken(&w->r->k) ? w->r->k.broken : HI5_OK;
}

/* A dense group: by its name index, or by its order index, or straight from its
 * heap. */
static hi5_status
rfind_dense(struct recover *r, const struct msg_link_info *info, link_fn fn, void *ctx,
            hi5_error *why, hi5_error *err)
{
    const struct pipe_plugins *const plugins = &r->file->options.plugins;
    struct rfind_sweep w = {.r = r, .fn = fn, .ctx = ctx};
    struct arena a;
    hi5_error more = {0};

    if (dense_links_each(r->meta, info, plugins, false, fn, ctx, why) == HI5_OK ||
        check_broken(&r->k))
        return r->k.broken;
    if (info->order_bt2 != ADDR_NONE &&
        dense_links_each(r->meta, info, plugins, true, fn, ctx, &more) == HI5_OK)
        return HI5_OK;
    arena_init(&a, r->meta->mem);
    if (fheap_open(r->meta, info->fheap, plugins, &a, &w.heap, NULL) == HI5_OK)
        fheap_blocks_each(w.heap, rfind_sweep_found, &w, err);
    arena_done(&a);
    return r->k.broken;
}

/* The entries of a node that was given back to the group with these names. */
static void
rfind_node_links(struct recover *r, const struct lheap_view *names, uint64_t node,
                 link_fn fn, void *ctx, hi5_error *err)
{
    const size_t each = r->meta->len_w + r->meta->off_w + 24u;
    const size_t n = meta_clip(r->meta, node, 8 + 65535 * each);
    struct snod head = {0};
    struct block *b;
    struct cur c;

    if (n < 8 || meta_pin(r->meta, node, n, "SNOD", &b, NULL) != HI5_OK)
        return;
    c = meta_cursor(r->meta, b, n, NULL, NULL);
    snod_code(&c, &head);
    for (unsigned i = 0; i < head.nsyms && cur_ok(&c); i++) {
        struct msg_link l = {.kind = HI5_LINK_HARD};
        struct ste e;
        const char *name;

        ste_code(&c, &e);
        if (!cur_ok(&c) || e.cache == STE_SOFT ||
            lheap_string(names, e.name_off, &name, NULL) != HI5_OK)
            continue;
        l.name = (const uint8_t *)name;
        l.name_len = strlen(name);
        l.address = e.header;
        fn(ctx, &l, err);
    }
    meta_unpin(r->meta, b);
}

static void
rfind_symbol_nodes(struct recover *r, uint64_t group, uint64_t heap, link_fn fn,
                   void *ctx, hi5_error *err)
{
    const struct recover_node *const node = r->nodes.p;
    struct lheap_view names;

    if (r->nodes.n == 0 || lheap_open(r->meta, heap, &names, NULL) != HI5_OK)
        return;
    for (size_t i = 0; i < r->nodes.n; i++)
        if (node[i].group == group)
            rfind_node_links(r, &names, node[i].node, fn, ctx, err);
    lheap_close(r->meta, &names);
}

/* A failure that is not the file's fault ends everything. */
static void
rfind_machine(struct recover *r, const hi5_error *why)
{
    if ((why->status == HI5_E_NOMEM || why->status == HI5_E_IO) &&
        !check_broken(&r->k)) {
        r->k.broken = why->status;
        r->k.why = *why;
    }
}

HI5_INT hi5_status
recover_links(struct recover *r, const struct ohdr *h, link_fn fn, void *ctx,
              hi5_error *why, hi5_error *err)
{
    struct links l;

    err_clear(why);
    if (links_of(r->file, h, &l, why) != HI5_OK)
        return HI5_OK;
    if (l.storage == HI5_STORAGE_DENSE) {
        rfind_dense(r, &l.info, fn, ctx, why, err);
    } else {
        (void)!links_each(&l, fn, ctx, why);
        if (l.storage == HI5_STORAGE_SYMBOL_TABLE && why->status != HI5_OK)
            rfind_symbol_nodes(r, h->addr, l.symtab.where.heap, fn, ctx, err);
    }
    rfind_machine(r, why);
    return r->k.broken;
}

/* ---- what leads to what ---- */

static hi5_status
rfind_link(void *ctx, const struct msg_link *l, hi5_error *err)
{
    struct recover *const r = ctx;
    struct recover_object *const o =
        l->kind == HI5_LINK_HARD ? recover_object_at(r, l->address) : NULL;

    (void)err;
    if (o != NULL)
        o->linked = true;
    return r->k.broken;
}

static void
rfind_group(struct recover *r, struct recover_object *o)
{
    hi5_error why = {0}, err = {0};
    struct arena a;
    struct ohdr *h;
    hi5_status s;

    arena_init(&a, r->meta->mem);
    s = ohdr_read_some(r->meta, o->addr, &a, &h, &why);
    rfind_machine(r, &why);
    if (h != NULL && h->nchunks != 0) {
        r->noting = true;
        recover_links(r, h, rfind_link, r, &why, &err);
        r->noting = false;
        o->damaged = s != HI5_OK || why.status != HI5_OK;
    }
    arena_done(&a);
}

/* ---- symbol table nodes without a tree ---- */

static bool
rfind_name_fits(const struct lheap_view *names, uint64_t at, const char **name)
{
    return at != 0 && at % 8 == 0 && lheap_string(names, at, name, NULL) == HI5_OK &&
           (*name)[0] != '\0' && names->data->bytes[at - 1] == 0;
}

/* Are all names of the node in this heap, in order, and do they lead to objects? */
static bool
rfind_node_fits(struct recover *r, const struct lheap_view *names, uint64_t node)
{
    const size_t each = r->meta->len_w + r->meta->off_w + 24u;
    const size_t n = meta_clip(r->meta, node, 8 + 65535 * each);
    const char *last = NULL, *name;
    struct snod head = {0};
    struct block *b;
    struct cur c;
    bool fits;

    if (n < 8 || meta_pin(r->meta, node, n, "SNOD", &b, NULL) != HI5_OK)
        return false;
    c = meta_cursor(r->meta, b, n, NULL, NULL);
    snod_code(&c, &head);
    fits = cur_ok(&c) && head.nsyms != 0;
    for (unsigned i = 0; i < head.nsyms && fits; i++) {
        struct ste e = {0};

        ste_code(&c, &e);
        fits = cur_ok(&c) && rfind_name_fits(names, e.name_off, &name) &&
               (last == NULL || strcmp(last, name) < 0) &&
               (e.cache == STE_SOFT || recover_object_at(r, e.header) != NULL);
        last = name;
    }
    meta_unpin(r->meta, b);
    return fits;
}

/* The heap of a group with a symbol table; ADDR_NONE for others. */
static uint64_t
rfind_heap_of(struct recover *r, uint64_t group)
{
    const struct ohdr_msg *m;
    struct msg_stab stab = {ADDR_NONE, ADDR_NONE};
    struct arena a;
    struct ohdr *h;
    struct cur c;

    arena_init(&a, r->meta->mem);
    if (ohdr_read(r->meta, group, &a, &h, NULL) == HI5_OK &&
        (m = ohdr_first(h, MSG_STAB)) != NULL) {
        c = meta_cursor_at(r->meta, m->body, m->size, m->addr, NULL, NULL);
        msg_stab_code(&c, &stab);
        if (!cur_ok(&c))
            stab.heap = ADDR_NONE;
    }
    arena_done(&a);
    return stab.heap;
}

/* How many of the damaged groups could have the node? *owner: the last of them. */
static unsigned
rfind_owners(struct recover *r, uint64_t node, uint64_t *owner)
{
    const struct recover_object *const o = r->objects.p;
    unsigned n = 0;

    for (size_t i = 0; i < r->objects.n && n < 2; i++) {
        struct lheap_view names;

        if (o[i].kind != HI5_KIND_GROUP || !o[i].damaged ||
            lheap_open(r->meta, rfind_heap_of(r, o[i].addr), &names, NULL) != HI5_OK)
            continue;
        if (rfind_node_fits(r, &names, node)) {
            *owner = o[i].addr;
            n++;
        }
        lheap_close(r->meta, &names);
    }
    return n;
}

static bool
rfind_any_damaged(const struct recover *r)
{
    const struct recover_object *const o = r->objects.p;

    for (size_t i = 0; i < r->objects.n; i++)
        if (o[i].kind == HI5_KIND_GROUP && o[i].damaged)
            return true;
    return false;
}

static hi5_status
rfind_claim(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
            hi5_error *err)
{
    struct recover *const r = ctx;

    (void)key;
    (void)next_key;
    (void)err;
    check_set_add(&r->k, &r->claimed, child);
    return r->k.broken;
}

/* A tree of one node that is whole has an owner, though the owner's header be lost. */
static void
rfind_claim_trees(struct recover *r)
{
    const struct recover_found *const f = r->found.p;

    for (size_t i = 0; i < r->found.n && !check_broken(&r->k); i++) {
        const size_t head = 8u + 2u * r->meta->off_w;
        struct bt1 tree = {.meta = r->meta,
                           .type = BT1_GROUP,
                           .root = f[i].at - r->meta->base,
                           .k = r->file->super.internal_k};
        struct tree t = {0};
        struct block *b;
        struct cur c;

        if (f[i].mark != MARK_TREE || f[i].at < r->meta->base ||
            meta_pin(r->meta, tree.root, head, "TREE", &b, NULL) != HI5_OK)
            continue;
        c = meta_cursor(r->meta, b, head, NULL, NULL);
        tree_code(&c, &t);
        meta_unpin(r->meta, b);
        if (cur_ok(&c) && t.type == BT1_GROUP && t.level == 0 && t.left == ADDR_NONE &&
            t.right == ADDR_NONE)
            (void)!bt1_each(&tree, rfind_claim, r, NULL);
    }
}

/* A group has each of its names once: nodes that share one are not all of the group. */
static bool
rfind_names_differ(struct recover *r, const struct recover_node *node,
                   struct check_set *seen)
{
    const size_t each = r->meta->len_w + r->meta->off_w + 24u;
    const size_t n = meta_clip(r->meta, node->node, 8 + 65535 * each);
    struct snod head = {0};
    struct block *b;
    struct cur c;
    bool differ = true;

    if (n < 8 || meta_pin(r->meta, node->node, n, "SNOD", &b, NULL) != HI5_OK)
        return false;
    c = meta_cursor(r->meta, b, n, NULL, NULL);
    snod_code(&c, &head);
    for (unsigned i = 0; i < head.nsyms && cur_ok(&c); i++) {
        struct ste e = {0};

        ste_code(&c, &e);
        if (check_set_add(&r->k, seen, node->group * 0x9e3779b97f4a7c15u ^ e.name_off))
            differ = false;
    }
    meta_unpin(r->meta, b);
    return differ && cur_ok(&c);
}

static void
rfind_drop_doubtful(struct recover *r)
{
    struct recover_node *const node = r->nodes.p;
    struct check_set seen = {0}, doubtful = {0};
    size_t n = 0;

    for (size_t i = 0; i < r->nodes.n; i++)
        if (!rfind_names_differ(r, &node[i], &seen))
            check_set_add(&r->k, &doubtful, node[i].group);
    for (size_t i = 0; i < r->nodes.n; i++)
        if (!check_set_has(&doubtful, node[i].group))
            node[n++] = node[i];
    r->nodes.n = n;
    check_set_done(&r->k, &seen);
    check_set_done(&r->k, &doubtful);
}

/* Give nodes back where there is just one group that they can belong to. */
static void
rfind_give_back(struct recover *r)
{
    const struct recover_found *const f = r->found.p;
    const struct recover_node *node;

    if (!rfind_any_damaged(r))
        return;
    rfind_claim_trees(r);
    for (size_t i = 0; i < r->found.n && !check_broken(&r->k); i++) {
        const uint64_t addr = f[i].at - r->meta->base;
        struct recover_node *n;
        uint64_t owner = 0;

        if (f[i].mark != MARK_SNOD || f[i].at < r->meta->base ||
            check_set_has(&r->claimed, addr) || rfind_owners(r, addr, &owner) != 1)
            continue;
        n = check_list_add(&r->k, &r->nodes, sizeof *n);
        if (n != NULL)
            *n = (struct recover_node){owner, addr};
    }
    rfind_drop_doubtful(r);
    node = r->nodes.p;
    for (size_t i = 0; i < r->nodes.n && !check_broken(&r->k); i++)
        rfind_group(r, recover_object_at(r, node[i].group));
}

/* ---- the whole ---- */

/* Without a superblock: the only group that nothing leads to; or the one right behind
 * the place of the superblock, where libraries put the root. */
static void
rfind_root(struct recover *r)
{
    const unsigned w = r->meta->off_w, l = r->meta->len_w;
    const uint64_t usual[] = {16u + 4u * w, 48u + 5u * w + l, 52u + 5u * w + l};
    const struct recover_object *const o = r->objects.p;
    uint64_t root = ADDR_NONE;
    unsigned n = 0;

    for (size_t i = 0; i < r->objects.n; i++)
        if (o[i].kind == HI5_KIND_GROUP && !o[i].linked) {
            root = o[i].addr;
            n++;
        }
    for (size_t i = 0; i < 3 && n != 1; i++) {
        const struct recover_object *const x = recover_object_at(r, usual[i]);

        if (x != NULL && x->kind == HI5_KIND_GROUP) {
            root = x->addr;
            n = 1;
        }
    }
    if (n == 1) {
        r->file->super.root = root;
        r->root_known = true;
    }
}

/* The end of a cache image: what is in it belongs elsewhere. */
static uint64_t
rfind_image_end(struct recover *r, uint64_t addr)
{
    struct mdci h = {0};
    struct block *b;
    struct cur c;

    if (r->meta->noverlays == 0 ||
        meta_pin(r->meta, addr, 10u + r->meta->len_w, "MDCI", &b, NULL) != HI5_OK)
        return addr;
    c = meta_cursor(r->meta, b, 10u + r->meta->len_w, NULL, NULL);
    mdci_code(&c, &h);
    meta_unpin(r->meta, b);
    return cur_ok(&c) && ckd_inside(addr, h.size, r->meta->eof) ? addr + h.size : addr;
}

static int
rfind_order(const void *x, const void *y)
{
    const struct recover_object *const a = x, *const b = y;

    return a->addr < b->addr ? -1 : a->addr > b->addr;
}

/* Headers in the file, and in a cache image; one of each address. */
static void
rfind_objects(struct recover *r)
{
    const struct recover_found *const f = r->found.p;
    struct recover_object *o;
    uint64_t end = 0, any;
    size_t n = 0;

    for (size_t i = 0; i < r->found.n && !check_broken(&r->k); i++) {
        const uint64_t addr = f[i].at - r->meta->base;

        if (f[i].at < r->meta->base || addr < end)
            continue;
        if (f[i].mark == MARK_OHDR || f[i].mark == MARK_HEADER1)
            rfind_object(r, addr, &end);
        if (f[i].mark == MARK_MDCI)
            end = rfind_image_end(r, addr);
    }
    for (size_t i = 0; i < r->meta->noverlays && !check_broken(&r->k); i++) {
        const struct overlay *const v = &r->meta->overlays[i];
        const enum recover_mark m = recover_mark_of(v->bytes, v->size);

        if (m == MARK_OHDR || m == MARK_HEADER1)
            rfind_object(r, v->addr, &any);
    }
    o = r->objects.p;
    if (r->objects.n > 1)
        qsort(o, r->objects.n, sizeof *o, rfind_order);
    for (size_t i = 0; i < r->objects.n; i++)
        if (n == 0 || o[n - 1].addr != o[i].addr)
            o[n++] = o[i];
    r->objects.n = n;
}

HI5_INT hi5_status
recover_find(struct recover *r, hi5_error *err)
{
    struct recover_object *o;

    rfind_objects(r);
    o = r->objects.p;
    for (size_t i = 0; i < r->objects.n && !check_broken(&r->k); i++)
        if (o[i].kind == HI5_KIND_GROUP || o[i].kind == HI5_KIND_UNKNOWN)
            rfind_group(r, &o[i]);
    rfind_give_back(r);
    if (!r->root_known)
        rfind_root(r);
    if (check_broken(&r->k) && err != NULL)
        *err = r->k.why;
    return r->k.broken;
}
