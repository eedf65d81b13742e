/*
 * symtab.c - old-style groups: symbol tables                   [FMT III.B, III.C]
 *
 * A group's symbol table message points at a version-1 B-tree and at a local heap. The
 * tree's leaves point at symbol table nodes, whose entries are the links in the order of
 * their names; names, and the values of soft links, are in the heap.
 */
#include "format/symtab.h"
#include "base/err.h"
#include "btree/btree1.h"
#include "btree/node.h"
#include <string.h>

#define STE_SCRATCH 16u

static size_t
ste_size(const struct meta *m)
{
    return m->len_w + m->off_w + 8u + STE_SCRATCH;
}

/*
 * Symbol Table Entry                                               [FMT III.C]
 *
 *   size  field
 *      L  link name offset     in the local heap (U-STE-1: L bytes, not O)
 *      O  object header address
 *      4  cache type           0 nothing, 1 symbol table, 2 soft link
 *      4  reserved
 *     16  scratch-pad
 *           type 1: O B-tree address, O local heap address
 *           type 2: 4 offset of the link's value in the local heap
 */
HI5_INT void
ste_code(struct cur *c, struct ste *e)
{
    size_t scratch;

    cur_begin(c, "symbol table entry", "III.C");
    cur_len(c, "link name offset", &e->name_off);
    cur_addr(c, "object header address", &e->header);
    cur_u32(c, "cache type", &e->cache);
    cur_require(c, e->cache <= STE_SOFT, "cache type", "unknown cache type");
    cur_reserved(c, 4);
    scratch = c->pos;
    if (e->cache == STE_STAB && 2u * c->off_w <= STE_SCRATCH) {
        cur_addr(c, "B-tree address", &e->btree);
        cur_addr(c, "local heap address", &e->heap);
    } else if (cur_reading(c)) {
        e->btree = e->heap = ADDR_NONE;
    }
    if (e->cache == STE_SOFT)
        cur_u32(c, "link value offset", &e->value_off);
    else if (cur_reading(c))
        e->value_off = 0;
    if (cur_ok(c))
        cur_skip(c, "scratch-pad", STE_SCRATCH - (c->pos - scratch));
}

/*
 * Symbol Table Node                                                [FMT III.B]
 *
 *   size  field
 *      4  signature            "SNOD"
 *      1  version              1
 *      1  reserved
 *      2  number of symbols    at most 2 * leaf K
 *      -  symbol table entries, and room for more: 2 * leaf K in all
 */
HI5_INT void
snod_code(struct cur *c, struct snod *n)
{
    cur_begin(c, "SNOD", "III.B");
    cur_signature(c, "SNOD");
    cur_const(c, "version", 1, 1);
    cur_reserved(c, 1);
    cur_u16(c, "number of symbols", &n->nsyms);
}

/* A node whose entries can be looked at. */
struct symtab_node {
    struct block *block;
    unsigned n;
};

/* A node that the end of the file cuts is good as long as the cut is behind the entries
 * in use. EVIL-04 */
static hi5_status
symtab_node_open(const struct symtab *t, uint64_t addr, struct symtab_node *node,
                 hi5_error *err)
{
    struct meta *const m = t->meta;
    const size_t size = 8 + 2u * (size_t)t->leaf_k * ste_size(m);
    const size_t there = meta_clip(m, addr, size);
    struct snod head = {0};
    struct cur c;

    TRY(meta_pin(m, addr, there > 8 ? there : 8, "SNOD", &node->block, err));
    c = meta_cursor(m, node->block, there, NULL, err);
    snod_code(&c, &head);
    cur_require(&c, head.nsyms <= 2 * t->leaf_k, "number of symbols",
                "more than twice the group leaf K");
    cur_need(&c, "number of symbols", head.nsyms, ste_size(m));
    node->n = head.nsyms;
    if (!cur_ok(&c))
        meta_unpin(m, node->block);
    return c.status;
}

static hi5_status
symtab_entry(const struct symtab *t, const struct symtab_node *node, unsigned i,
             struct ste *e, hi5_error *err)
{
    const size_t at = 8 + i * ste_size(t->meta);
    struct cur c = meta_cursor_at(t->meta, node->block->bytes + at, ste_size(t->meta),
                                  node->block->addr + at, NULL, err);

    ste_code(&c, e);
    return c.status;
}

static hi5_status
symtab_name(const struct symtab *t, const struct lheap_view *names,
            const struct symtab_node *node, unsigned i, const char **name,
            hi5_error *err)
{
    const uint8_t *const p = node->block->bytes + 8 + i * ste_size(t->meta);

    return lheap_string(names, cur_raw_addr(p, t->meta->len_w), name, err);
}

/* A link as the newer groups have it. Views point into the heap. */
static hi5_status
symtab_link(const struct symtab *t, const struct lheap_view *names,
            const struct symtab_node *node, unsigned i, struct msg_link *l,
            hi5_error *err)
{
    struct ste e;
    const char *s;

    TRY(symtab_entry(t, node, i, &e, err));
    TRY(lheap_string(names, e.name_off, &s, err));
    if (s[0] == '\0')
        return err_set(
            err, HI5_E_CORRUPT, node->block->addr + 8 + i * ste_size(t->meta),
            "symbol table entry", "link name offset", "III.C", "the link has no name");
    *l = (struct msg_link){.kind = HI5_LINK_HARD, .address = e.header};
    l->name = (const uint8_t *)s;
    l->name_len = strlen(s);
    if (e.cache != STE_SOFT)
        return HI5_OK;
    /* GRP-09: the object header address of a soft link means nothing. */
    l->kind = HI5_LINK_SOFT;
    l->address = ADDR_NONE;
    TRY(lheap_string(names, e.value_off, &s, err));
    if (strlen(s) > UINT16_MAX)
        return err_set(err, HI5_E_LIMIT, node->block->addr + 8 + i * ste_size(t->meta),
                       "symbol table entry", "link value offset", "III.C",
                       "the value of the soft link exceeds 65535 bytes");
    l->value = (const uint8_t *)s;
    l->value_len = (uint16_t)strlen(s);
    return HI5_OK;
}

static struct bt1
symtab_tree(const struct symtab *t)
{
    return (struct bt1){
        .meta = t->meta, .type = BT1_GROUP, .root = t->where.btree, .k = t->internal_k};
}

static hi5_status
symtab_heap(const struct symtab *t, struct lheap_view *names, hi5_error *err)
{
    if (t->heap != NULL)
        return lheap_open_data(t->meta, t->heap, names, err);
    return lheap_open(t->meta, t->where.heap, names, err);
}

struct symtab_walk {
    const struct symtab *t;
    struct lheap_view names;
    link_fn fn;
    void *ctx;
    uint64_t left;  /* bytes of nodes still believable */
    hi5_status bad; /* the first failure that concerns one link or node alone */
    hi5_error why;
};

static void
symtab_note(struct symtab_walk *w, hi5_status s, const hi5_error *why)
{
    if (w->bad == HI5_OK) {
        w->bad = s;
        w->why = *why;
    }
}

static hi5_status
symtab_walk_node(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
                 hi5_error *err)
{
    struct symtab_walk *const w = ctx;
    struct symtab_node node;
    hi5_error why;
    hi5_status s;

    (void)key;
    (void)next_key;
    err_clear(&why);
    s = symtab_node_open(w->t, child, &node, &why);
    if (s != HI5_OK) {
        symtab_note(w, s, &why);
        return HI5_OK;
    }
    s = node_spend(&w->left, 8 + node.n * ste_size(w->t->meta), child, "SNOD", "III.B",
                   err);
    for (unsigned i = 0; i < node.n && s == HI5_OK; i++) {
        struct msg_link l;
        const hi5_status bad = symtab_link(w->t, &w->names, &node, i, &l, &why);

        if (bad != HI5_OK)
            symtab_note(w, bad, &why);
        else
            s = w->fn(w->ctx, &l, err);
    }
    meta_unpin(w->t->meta, node.block);
    return s;
}

/* A link that cannot be read does not hide the others (GRP-24): they come first, then
 * the failure is returned. */
HI5_INT hi5_status
symtab_each(const struct symtab *t, link_fn fn, void *ctx, hi5_error *err)
{
    const struct bt1 tree = symtab_tree(t);
    struct symtab_walk w = {.t = t, .fn = fn, .ctx = ctx, .left = t->meta->eof};
    hi5_status s;

    TRY(symtab_heap(t, &w.names, err));
    s = bt1_each(&tree, symtab_walk_node, &w, err);
    lheap_close(t->meta, &w.names);
    if (s == HI5_OK && w.bad != HI5_OK) {
        s = w.bad;
        if (err != NULL)
            *err = w.why;
    }
    return s;
}

/* ---- one name ---- */

struct symtab_search {
    const struct meta *meta;
    const struct lheap_view *names;
    const char *name;
    size_t n;
};

/* strcmp order of bytes: a prefix comes before what it begins (GRP-31). */
static int
symtab_order(const struct symtab_search *s, const char *other)
{
    const size_t n = strlen(other);
    const int order = memcmp(s->name, other, s->n < n ? s->n : n);

    return order != 0 ? order : s->n < n ? -1 : s->n > n;
}

static int
symtab_compare_key(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    const struct symtab_search *const s = ctx;
    const char *name;

    *status = lheap_string(s->names, cur_raw_addr(key, s->meta->len_w), &name, err);
    return *status == HI5_OK ? symtab_order(s, name) : 0;
}

static hi5_status
symtab_bisect(const struct symtab *t, const struct symtab_search *search,
              const struct symtab_node *node, unsigned *found, hi5_error *err)
{
    unsigned from = 0, to = node->n;

    while (from < to) {
        const unsigned mid = from + (to - from) / 2;
        const char *name;
        int order;

        TRY(symtab_name(t, search->names, node, mid, &name, err));
        order = symtab_order(search, name);
        if (order == 0) {
            *found = mid;
            return HI5_OK;
        }
        if (order < 0)
            to = mid;
        else
            from = mid + 1;
    }
    return HI5_E_NOTFOUND;
}

/* Find a name in a node. Writers that do not sort exist (GRP-01), and names that cannot
 * be read do, so a miss is followed by a look at each entry. */
static hi5_status
symtab_search_node(const struct symtab *t, const struct symtab_search *search,
                   const struct symtab_node *node, unsigned *found, hi5_error *err)
{
    const hi5_status s = symtab_bisect(t, search, node, found, err);
    const char *name;

    if (s == HI5_OK)
        return s;
    for (unsigned i = 0; i < node->n; i++)
        if (symtab_name(t, search->names, node, i, &name, NULL) == HI5_OK &&
            symtab_order(search, name) == 0) {
            *found = i;
            return HI5_OK;
        }
    return s;
}

/* Let the views of a link outlive the heap they point into. */
static hi5_status
symtab_keep(struct msg_link *l, struct arena *a, hi5_error *err)
{
    l->name = (const uint8_t *)arena_str(a, l->name, (size_t)l->name_len);
    if (l->name == NULL)
        return mem_fail(a->mem, l->name_len, err);
    if (l->value_len == 0)
        return HI5_OK;
    l->value = (const uint8_t *)arena_str(a, l->value, l->value_len);
    return l->value != NULL ? HI5_OK : mem_fail(a->mem, l->value_len, err);
}

HI5_INT hi5_status
symtab_find(const struct symtab *t, const char *name, size_t n, struct arena *a,
            struct msg_link *l, hi5_error *err)
{
    const struct bt1 tree = symtab_tree(t);
    struct lheap_view names;
    struct symtab_search search = {t->meta, &names, name, n};
    struct symtab_node node;
    uint64_t child;
    unsigned i = 0;
    hi5_status s;

    TRY(symtab_heap(t, &names, err));
    s = bt1_find(&tree, symtab_compare_key, &search, &child, NULL, err);
    if (s == HI5_OK)
        s = symtab_node_open(t, child, &node, err);
    if (s == HI5_OK) {
        s = symtab_search_node(t, &search, &node, &i, err);
        if (s == HI5_OK)
            s = symtab_link(t, &names, &node, i, l, err);
        if (s == HI5_OK)
            s = symtab_keep(l, a, err);
        meta_unpin(t->meta, node.block);
    }
    lheap_close(t->meta, &names);
    return s != HI5_E_NOTFOUND ? s : err_plain(err, s, "there is no link of this name");
}
