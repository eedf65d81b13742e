/*
 * symtab_edit.c - changing old-style groups                [FMT III.B, III.C]
 *
 * Symbol table nodes are the leaves' children: up to 2K links each, in the order of their
 * names. The tree's key behind a node is its last name, so what becomes the last or
 * ceases to be it changes keys.
 */
#include "format/symtab_edit.h"
#include "base/err.h"
#include <string.h>

#define SYMEDIT_KEY 32u /* bytes of a key, at most */

static const char symedit_name[] = "SNOD";

/* A symbol table node. */
struct symedit_node {
    struct staged *b;
    unsigned n;
};

/* A name that is looked for. */
struct symedit_search {
    const struct meta *meta;
    const struct lheap_view *names;
    const char *name;
    size_t n;
};

/* ---- nodes ---- */

static size_t
symedit_entry(const struct meta *m)
{
    return m->len_w + m->off_w + 24u;
}

static size_t
symedit_size(const struct symtab_edit *e)
{
    return 8 + 2 * (size_t)e->leaf_k * symedit_entry(e->meta);
}

static uint8_t *
symedit_at(const struct symtab_edit *e, const struct symedit_node *x, unsigned i)
{
    return x->b->bytes + 8 + i * symedit_entry(e->meta);
}

static uint64_t
symedit_name_off(const struct symtab_edit *e, const struct symedit_node *x, unsigned i)
{
    return cur_raw_addr(symedit_at(e, x, i), e->meta->len_w);
}

/* strcmp order of bytes: a prefix comes before what it begins. GRP-31 */
static int
symedit_order(const struct symedit_search *s, const char *other)
{
    const size_t n = strlen(other);
    const int order = memcmp(s->name, other, s->n < n ? s->n : n);

    return order != 0 ? order : s->n < n ? -1 : s->n > n;
}

static int
symedit_compare(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    const struct symedit_search *const s = ctx;
    const char *name;

    *status = lheap_string(s->names, cur_raw_addr(key, s->meta->len_w), &name, err);
    return *status == HI5_OK ? symedit_order(s, name) : 0;
}

/* Where a name is in a node, or would be. */
static hi5_status
symedit_bisect(const struct symtab_edit *e, const struct symedit_node *x,
               const struct symedit_search *s, unsigned *i, bool *found, hi5_error *err)
{
    unsigned low = 0, high = x->n;

    *found = false;
    while (low < high) {
        const unsigned mid = low + (high - low) / 2;
        const char *name;
        int order;

        TRY(lheap_string(s->names, symedit_name_off(e, x, mid), &name, err));
        order = symedit_order(s, name);
        *found |= order == 0;
        if (order <= 0)
            high = mid;
        else
            low = mid + 1;
    }
    *i = low;
    return HI5_OK;
}

/* GRP-01: to put a name in its place among names that have none is of no use. */
static hi5_status
symedit_check_node(const struct symtab_edit *e, const struct symedit_node *x,
                   const struct lheap_view *names, hi5_error *err)
{
    const char *before = NULL, *name;

    for (unsigned i = 0; i < x->n; i++) {
        const uint64_t addr = x->b->block.addr + 8 + i * symedit_entry(e->meta);
        struct cur c = meta_cursor_at(e->meta, symedit_at(e, x, i),
                                      symedit_entry(e->meta), addr, NULL, err);
        struct ste entry;

        ste_code(&c, &entry);
        if (!cur_ok(&c))
            return c.status;
        TRY(lheap_string(names, entry.name_off, &name, err));
        if (before != NULL && strcmp(before, name) >= 0)
            return err_set(err, HI5_E_CORRUPT, addr, symedit_name, "link name offset",
                           "III.B", "the names are not in order");
        before = name;
    }
    return HI5_OK;
}

static hi5_status
symedit_stage(const struct symtab_edit *e, uint64_t addr, const struct lheap_view *names,
              struct symedit_node *x, hi5_error *err)
{
    const size_t size = symedit_size(e);
    const uint64_t end = e->meta->stage->committed;
    struct snod head = {0};
    struct cur c;

    x->b = stage_find(e->meta, addr);
    if (x->b == NULL && addr < end && size > end - addr)
        return err_set(err, HI5_E_UNSUPPORTED, addr, symedit_name, "", "III.B",
                       "the end of the file cuts it off: it cannot be changed");
    TRY(stage_edit(e->meta, addr, size, symedit_name, &x->b, err));
    c = meta_cursor_at(e->meta, x->b->bytes, size, addr, NULL, err);
    snod_code(&c, &head);
    cur_require(&c, head.nsyms <= 2 * e->leaf_k, "number of symbols",
                "more than twice the group leaf K");
    if (!cur_ok(&c))
        return c.status;
    x->n = head.nsyms;
    if (!x->b->trusted)
        TRY(symedit_check_node(e, x, names, err));
    x->b->trusted = true;
    return HI5_OK;
}

static void
symedit_set_n(const struct symtab_edit *e, struct symedit_node *x, unsigned n)
{
    struct snod head = {.nsyms = (uint16_t)n};
    struct cur c = stage_cursor(e->meta, x->b, 0, NULL);

    snod_code(&c, &head);
    if (n < x->n)
        memset(symedit_at(e, x, n), 0, (x->n - n) * symedit_entry(e->meta));
    x->n = n;
    stage_changed(x->b, 0, 0);
}

static void
symedit_put(const struct symtab_edit *e, struct symedit_node *x, unsigned i,
            const struct ste *entry)
{
    const size_t size = symedit_entry(e->meta);
    uint8_t *const p = symedit_at(e, x, i);
    struct ste copy = *entry;
    struct cur c;

    memmove(p + size, p, (x->n - i) * size);
    c = stage_cursor(e->meta, x->b, (size_t)(p - x->b->bytes), NULL);
    ste_code(&c, &copy);
    symedit_set_n(e, x, x->n + 1);
}

static void
symedit_key(const struct symtab_edit *e, uint64_t offset, uint8_t *key)
{
    struct cur c = cur_writer(key, SYMEDIT_KEY, NULL);

    c.len_w = e->meta->len_w;
    cur_len(&c, "key", &offset);
}

/* ---- groups ---- */

HI5_INT void
symtab_edit_init(struct symtab_edit *e, const struct symtab *t)
{
    const struct bt1 tree = {
        .meta = t->meta, .type = BT1_GROUP, .root = t->where.btree, .k = t->internal_k};

    e->meta = t->meta;
    e->where = t->where;
    e->leaf_k = t->leaf_k;
    bt1_edit_init(&e->tree, &tree);
}

/* U-LH-4: the empty string, four names of eight bytes, the head of a free block. */
HI5_INT hi5_status
symtab_create(struct meta *m, unsigned internal_k, uint64_t names, struct msg_stab *where,
              hi5_error *err)
{
    const struct bt1 t = {.meta = m, .type = BT1_GROUP, .k = internal_k};
    struct msg_stab fresh;

    if (names == 0)
        names = 8 + 4 * 16 + (2u * m->len_w + 7) / 8 * 8;
    TRY(bt1_create(&t, &fresh.btree, err));
    TRY(lheap_create(m, names, &fresh.heap, err));
    *where = fresh;
    return HI5_OK;
}

/* A link on its way in. */
struct symedit_adding {
    struct symtab_edit *e;
    struct lheap_edit heap;
    struct symedit_search search;
    const struct msg_link *link;
    struct ste entry;
    struct symedit_node node;  /* where its place is */
    struct symedit_node fresh; /* one more, if that is full or there is none */
    unsigned at;
    int where;                 /* of its place in the tree, see bt1_seek() */
};

static hi5_status
symedit_check_link(const struct msg_link *l, hi5_error *err)
{
    if (l->kind != HI5_LINK_HARD && l->kind != HI5_LINK_SOFT)
        return err_plain(err, HI5_E_UNSUPPORTED,
                         "an old-style group has hard and soft links only");
    if (l->name_len == 0 || l->name_len >= SIZE_MAX / 2 ||
        memchr(l->name, 0, (size_t)l->name_len) != NULL)
        return err_plain(err, HI5_E_ARG, "the name of a link is empty or has a NUL in it");
    if (l->kind == HI5_LINK_SOFT &&
        (l->value_len == 0 || memchr(l->value, 0, l->value_len) != NULL))
        return err_plain(err, HI5_E_ARG,
                         "the value of a soft link is empty or has a NUL in it");
    return HI5_OK;
}

/* Find the place, and make room for one more node if it is going to be needed. Nothing
 * that is in the group changes by that. */
static hi5_status
symedit_find_place(struct symedit_adding *a, hi5_error *err)
{
    struct symtab_edit *const e = a->e;
    uint64_t child;
    bool again, found;

    do {
        again = false;
        TRY(bt1_seek(&e->tree, symedit_compare, &a->search, &a->where, err));
        child = bt1_child_at(&e->tree);
        a->node = (struct symedit_node){0};
        if (child != ADDR_NONE) {
            TRY(symedit_stage(e, child, &a->heap.view, &a->node, err));
            TRY(symedit_bisect(e, &a->node, &a->search, &a->at, &found, err));
            if (found)
                return err_plain(err, HI5_E_EXISTS, "there is a link of this name");
        }
        if (child != ADDR_NONE && a->node.n >= 2 * e->leaf_k)
            TRY(bt1_make_room(&e->tree, &again, err));
    } while (again);
    a->fresh = (struct symedit_node){0};
    if (child != ADDR_NONE && a->node.n < 2 * e->leaf_k)
        return HI5_OK;
    TRY(stage_new(e->meta, symedit_size(e), &a->fresh.b, err));
    symedit_set_n(e, &a->fresh, 0);
    return HI5_OK;
}

/* GRP-02: the first key of a tree is the empty string at 0. */
static hi5_status
symedit_check_first(const struct symedit_adding *a, hi5_error *err)
{
    if ((a->node.b != NULL && a->where >= 0) || lheap_begins_empty(&a->heap))
        return HI5_OK;
    return err_set(err, HI5_E_CORRUPT, a->heap.addr, "HEAP", "data segment", "III.D",
                   "it does not begin with the empty string: no first key can be made");
}

/* Put name and value in the heap. */
static hi5_status
symedit_add_strings(struct symedit_adding *a, hi5_error *err)
{
    const struct msg_link *const l = a->link;
    uint64_t value;
    hi5_status s;

    TRY(symedit_check_first(a, err));
    TRY(lheap_add(&a->heap, l->name, (size_t)l->name_len, &a->entry.name_off, err));
    if (l->kind != HI5_LINK_SOFT)
        return HI5_OK;
    s = lheap_add(&a->heap, l->value, l->value_len, &value, err);
    if (s == HI5_OK && value > UINT32_MAX)
        s = err_plain(err, HI5_E_LIMIT, "the heap of names is too large for soft links");
    if (s != HI5_OK) {
        lheap_drop(&a->heap, a->entry.name_off);
        return s;
    }
    a->entry.cache = STE_SOFT;
    a->entry.header = ADDR_NONE;
    a->entry.value_off = (uint32_t)value;
    return HI5_OK;
}

/* The node is full: half of it goes to the new one. But at the end of all names a node is
 * left as it is, since names often come in order. (A damaged node may have greater names
 * than the tree says.) @return the node for the new link */
static struct symedit_node *
symedit_split(struct symedit_adding *a)
{
    const struct symtab_edit *const e = a->e;
    const unsigned n = a->node.n;
    const bool last = a->where > 0 && a->at == n;
    const unsigned stay = last ? n : n / 2;

    memcpy(symedit_at(e, &a->fresh, 0), symedit_at(e, &a->node, stay),
           (n - stay) * symedit_entry(e->meta));
    symedit_set_n(e, &a->fresh, n - stay);
    symedit_set_n(e, &a->node, stay);
    if (a->at <= stay && !last)
        return &a->node;
    a->at -= stay;
    return &a->fresh;
}

/* Now nothing can fail but to change keys in neighbouring nodes of the tree. */
static hi5_status
symedit_link_in(struct symedit_adding *a, hi5_error *err)
{
    struct symtab_edit *const e = a->e;
    struct symedit_node *into = &a->node;
    uint8_t first[SYMEDIT_KEY] = {0}, key[SYMEDIT_KEY];

    symedit_key(e, a->entry.name_off, key);
    if (a->node.b == NULL) { /* GRP-02: the first key is the empty string */
        symedit_put(e, &a->fresh, 0, &a->entry);
        bt1_insert_first(&e->tree, first, key, a->fresh.b->block.addr);
        return HI5_OK;
    }
    if (a->where < 0)
        TRY(bt1_set_key(&e->tree, false, first, err));
    if (a->fresh.b != NULL)
        into = symedit_split(a);
    symedit_put(e, into, a->at, &a->entry);
    if (a->fresh.b != NULL) { /* GRP-03 */
        uint8_t between[SYMEDIT_KEY];
        symedit_key(e, symedit_name_off(e, &a->node, a->node.n - 1), between);
        bt1_insert_behind(&e->tree, between, a->fresh.b->block.addr);
    }
    return a->where > 0 ? bt1_set_key(&e->tree, true, key, err) : HI5_OK; /* GRP-04 */
}

HI5_INT hi5_status
symtab_insert(struct symtab_edit *e, const struct msg_link *l, const struct msg_stab *stab,
              hi5_error *err)
{
    struct symedit_adding a = {.e = e, .link = l};
    hi5_status s;

    TRY(symedit_check_link(l, err));
    TRY(lheap_edit_open(e->meta, e->where.heap, &a.heap, err));
    a.search = (struct symedit_search){e->meta, &a.heap.view, (const char *)l->name,
                                       (size_t)l->name_len};
    a.entry = (struct ste){.header = l->address};
    if (stab != NULL && l->kind == HI5_LINK_HARD && 2u * e->meta->off_w <= 16) {
        a.entry.cache = STE_STAB;
        a.entry.btree = stab->btree;
        a.entry.heap = stab->heap;
    }
    TRY(symedit_find_place(&a, err));
    s = symedit_add_strings(&a, err);
    if (s == HI5_OK)
        return symedit_link_in(&a, err);
    if (a.fresh.b != NULL) /* failing that too, the space is lost */
        stage_free(e->meta, a.fresh.b->block.addr, symedit_size(e), NULL);
    return s;
}

/* ---- removing ---- */

/* Take entry i out of the node, and the node out of the tree if that was all. */
static hi5_status
symedit_unlink(struct symtab_edit *e, struct symedit_node *x, unsigned i, hi5_error *err)
{
    const size_t size = symedit_entry(e->meta);
    const uint64_t addr = x->b->block.addr;
    uint8_t *const p = symedit_at(e, x, i);
    uint8_t key[SYMEDIT_KEY];

    memmove(p, p + size, (x->n - i - 1) * size);
    symedit_set_n(e, x, x->n - 1);
    if (x->n == 0) {
        TRY(bt1_remove(&e->tree, err));
        return stage_free(e->meta, addr, symedit_size(e), err);
    }
    if (i < x->n)
        return HI5_OK;
    symedit_key(e, symedit_name_off(e, x, i - 1), key);
    return bt1_set_key(&e->tree, true, key, err);
}

HI5_INT hi5_status
symtab_remove(struct symtab_edit *e, const char *name, size_t n, hi5_error *err)
{
    const unsigned len_w = e->meta->len_w;
    struct lheap_edit heap;
    struct symedit_search search = {e->meta, &heap.view, name, n};
    struct symedit_node x;
    struct ste entry;
    struct cur c;
    unsigned i;
    bool found, last, used;
    int where;

    TRY(lheap_edit_open(e->meta, e->where.heap, &heap, err));
    TRY(bt1_seek(&e->tree, symedit_compare, &search, &where, err));
    if (bt1_child_at(&e->tree) == ADDR_NONE)
        return HI5_E_NOTFOUND;
    TRY(symedit_stage(e, bt1_child_at(&e->tree), &heap.view, &x, err));
    TRY(symedit_bisect(e, &x, &search, &i, &found, err));
    if (!found)
        return HI5_E_NOTFOUND;
    c = meta_cursor_at(e->meta, symedit_at(e, &x, i), symedit_entry(e->meta),
                       x.b->block.addr, NULL, err);
    ste_code(&c, &entry);
    if (!cur_ok(&c))
        return c.status;
    /* A key that is this name goes with the last entry; one that stays keeps the name. */
    last = i + 1 == x.n;
    used = cur_raw_addr(bt1_key_at(&e->tree, false), len_w) == entry.name_off ||
           (!last && cur_raw_addr(bt1_key_at(&e->tree, true), len_w) == entry.name_off);
    TRY(symedit_unlink(e, &x, i, err));
    if (!used)
        lheap_drop(&heap, entry.name_off);
    if (entry.cache == STE_SOFT)
        lheap_drop(&heap, entry.value_off);
    return HI5_OK;
}

/* ---- all of it ---- */

static hi5_status
symedit_free_node(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next,
                  hi5_error *err)
{
    const struct symtab_edit *const e = ctx;

    (void)key;
    (void)next;
    return stage_free(e->meta, child, symedit_size(e), err);
}

HI5_INT hi5_status
symtab_free_all(const struct symtab *t, hi5_error *err)
{
    struct symtab_edit e;

    symtab_edit_init(&e, t);
    TRY(bt1_free_all(&e.tree.t, symedit_free_node, &e, err));
    return lheap_free_all(t->meta, t->where.heap, err);
}
