/*
 * btree2_delete.c - looking through a version-2 B-tree that may have been changed, and
 * deleting it                                                      [FMT III.A.2]
 */
#include "btree/btree2_impl.h"
#include "btree/node.h"
#include <stdlib.h>
#include <string.h>

/* A node that is only looked at: staged, or pinned. */
struct bt2e_view {
    const uint8_t *bytes;
    struct block *pin;
};

static hi5_status
bt2e_look(const struct bt2_edit *t, unsigned level, const struct bt2e_child *n,
          struct bt2e_view *v, hi5_error *err)
{
    const char *const what = level > 0 ? "BTIN" : "BTLF";
    const struct staged *b;
    hi5_status s;

    TRY(bt2e_check_count(t, level, n->addr, n->nrec, err));
    b = t->meta->stage != NULL ? stage_peek(t->meta, n->addr, t->head.node_size) : NULL;
    if (b != NULL) {
        *v = (struct bt2e_view){b->bytes, NULL};
        return HI5_OK;
    }
    TRY(node_pin(t->meta, n->addr, bt2e_used(t, level, n->nrec), what, &v->pin, err));
    v->bytes = v->pin->bytes;
    s = bt2e_decode(t, level, n->addr, n->nrec, v->bytes, v->pin->checked, err);
    if (s == HI5_OK)
        v->pin->checked = true;
    else
        meta_unpin(t->meta, v->pin);
    return s;
}

static void
bt2e_unlook(const struct bt2_edit *t, const struct bt2e_view *v)
{
    if (v->pin != NULL)
        meta_unpin(t->meta, v->pin);
}

static struct bt2e_child
bt2e_view_child(const struct bt2_edit *t, unsigned level, const uint8_t *bytes,
                uint64_t nrec, uint64_t i)
{
    const size_t at = BT2E_PREFIX + (size_t)nrec * t->head.record_size +
                      (size_t)i * t->level[level].pointer_size;

    return bt2e_get_child(t, level, bytes + at);
}

HI5_INT hi5_status
bt2_edit_find(const struct bt2_edit *t, bt2_compare compare, void *ctx, uint8_t *record,
              hi5_error *err)
{
    struct bt2e_child n = {.addr = t->head.root, .nrec = t->head.root_nrec};
    unsigned level = t->head.depth;

    while (n.addr != ADDR_NONE) {
        const size_t size = t->head.record_size;
        struct bt2e_view v;
        bool found = false;
        uint64_t i = 0;
        hi5_status s;

        TRY(bt2e_look(t, level, &n, &v, err));
        s = bt2e_bisect(t, v.bytes + BT2E_PREFIX, n.nrec, compare, ctx, &i, &found,
                        err);
        if (s == HI5_OK && found)
            memcpy(record, v.bytes + BT2E_PREFIX + (size_t)i * size, size);
        else if (s == HI5_OK && level > 0)
            n = bt2e_view_child(t, level, v.bytes, n.nrec, i);
        bt2e_unlook(t, &v);
        if (s != HI5_OK || found)
            return s;
        if (level-- == 0)
            break;
    }
    return err_plain(err, HI5_E_NOTFOUND, "there is no such record");
}

/* The addresses of all nodes. */
struct bt2e_nodes {
    uint64_t *addr;
    size_t n, room;
    uint64_t left; /* bytes of nodes still believable */
};

static hi5_status
bt2e_nodes_add(const struct bt2_edit *t, struct bt2e_nodes *all, uint64_t addr,
               hi5_error *err)
{
    const size_t room = all->room != 0 ? all->room * 2 : 64;
    uint64_t *more;

    TRY(node_spend(&all->left, t->head.node_size, addr, "BTIN", "III.A.2", err));
    if (all->n == all->room) {
        more = mem_resize(t->meta->mem, all->addr, all->room * sizeof *more,
                          room * sizeof *more);
        if (more == NULL)
            return mem_fail(t->meta->mem, room * sizeof *more, err);
        all->addr = more;
        all->room = room;
    }
    all->addr[all->n++] = addr;
    return HI5_OK;
}

/* A node and all below it. Levels bound the recursion. */
static hi5_status
bt2e_collect(const struct bt2_edit *t, unsigned level, const struct bt2e_child *n,
             struct bt2e_nodes *all, hi5_error *err)
{
    uint64_t total = n->nrec;
    struct bt2e_view v;
    hi5_status s;

    TRY(bt2e_nodes_add(t, all, n->addr, err));
    TRY(bt2e_look(t, level, n, &v, err));
    s = HI5_OK;
    for (uint64_t i = 0; level > 0 && i <= n->nrec && s == HI5_OK; i++) {
        const struct bt2e_child c = bt2e_view_child(t, level, v.bytes, n->nrec, i);

        total += c.total;
        s = bt2e_collect(t, level - 1, &c, all, err);
    }
    bt2e_unlook(t, &v);
    if (s == HI5_OK && total != n->total)
        return err_set(err, HI5_E_CORRUPT, n->addr, level > 0 ? "BTIN" : "BTLF",
                       "total records", "III.A.2", "%llu promised, %llu found",
                       (unsigned long long)n->total, (unsigned long long)total);
    return s;
}

static int
bt2e_by_address(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* FREE-14: no space is given back twice. */
static hi5_status
bt2e_disjoint(const struct bt2_edit *t, struct bt2e_nodes *all, hi5_error *err)
{
    if (all->n > 1)
        qsort(all->addr, all->n, sizeof *all->addr, bt2e_by_address);
    for (size_t i = 1; i < all->n; i++)
        if (all->addr[i] - all->addr[i - 1] < t->head.node_size)
            return err_set(err, HI5_E_CORRUPT, all->addr[i], "BTIN", "child pointers",
                           "III.A.2", "this node has been reached before");
    return HI5_OK;
}

static hi5_status
bt2e_read_all(struct bt2_edit *t, struct bt2e_nodes *all, hi5_error *err)
{
    const struct bt2e_child root = {t->head.root, t->head.root_nrec, t->head.total};

    for (unsigned d = 0; d <= t->head.depth; d++)
        bt2_measure_level(&t->head, t->meta->off_w, t->level, d);
    t->nrec_w = ckd_enc_size(t->level[0].max_records);
    if (root.addr != ADDR_NONE)
        TRY(bt2e_collect(t, t->head.depth, &root, all, err));
    return bt2e_disjoint(t, all, err);
}

HI5_INT hi5_status
bt2_edit_delete(struct meta *m, uint64_t addr, enum bt2_type type, size_t record_size,
                bt2_fn fn, void *ctx, hi5_error *err)
{
    struct bt2e_nodes all = {.left = m->eof};
    struct bt2_edit t = {.meta = m, .addr = addr};
    const struct bt2 *tree;
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    s = bt2_open(m, addr, type, record_size, &a, &tree, err);
    if (s == HI5_OK) {
        t.head = *bt2_header(tree);
        s = bt2e_read_all(&t, &all, err);
    }
    if (s == HI5_OK && fn != NULL)
        s = bt2_each(tree, false, fn, ctx, err);
    for (size_t i = 0; i < all.n && s == HI5_OK; i++)
        s = stage_free(m, all.addr[i], t.head.node_size, err);
    if (s == HI5_OK)
        s = stage_free(m, addr, bt2e_head_size(m), err);
    mem_free(m->mem, all.addr, all.room * sizeof *all.addr);
    arena_done(&a);
    return s;
}
