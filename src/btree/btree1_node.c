/*
 * btree1_node.c - nodes of version-1 B-trees, to be changed        [FMT III.A.1]
 */
#include "btree/btree1_edit_impl.h"
#include "btree/node.h"
#include <string.h>

HI5_INT void
bt1e_put_child(const struct bt1 *t, const struct bt1_step *x, unsigned i, uint64_t addr)
{
    const size_t at = (size_t)(bt1e_key(t, x, i) - x->b->bytes) + bt1_key_size(t);
    struct cur c = stage_cursor(t->meta, x->b, at, NULL);

    cur_addr(&c, "child", &addr);
}

HI5_INT void
bt1e_put_head(const struct bt1 *t, struct bt1_step *x)
{
    struct cur c = stage_cursor(t->meta, x->b, 0, NULL);

    tree_code(&c, &x->head);
    stage_changed(x->b, 0, 0);
}

HI5_INT void
bt1e_set_n(const struct bt1 *t, struct bt1_step *x, unsigned n)
{
    const unsigned old = x->head.nentries;

    x->head.nentries = (uint16_t)n;
    if (n < old && n != 0)
        memset(bt1e_key(t, x, n) + bt1_key_size(t), 0, (old - n) * bt1e_entry(t));
    else if (n == 0 && old != 0)
        memset(bt1e_key(t, x, 0), 0, old * bt1e_entry(t) + bt1_key_size(t));
    bt1e_put_head(t, x);
}

HI5_INT hi5_status
bt1e_stage(const struct bt1 *t, uint64_t addr, int level, struct bt1_step *x,
           hi5_error *err)
{
    const size_t size = bt1_node_size(t);
    const uint64_t end = t->meta->stage->committed;
    struct cur c;

    x->addr = addr;
    x->at = 0;
    x->b = stage_find(t->meta, addr);
    if (x->b == NULL && addr < end && size > end - addr)
        return err_set(err, HI5_E_UNSUPPORTED, addr, BT1E_NAME, "", "III.A.1",
                       "the end of the file cuts it off: it cannot be changed");
    TRY(stage_edit(t->meta, addr, size, BT1E_NAME, &x->b, err));
    c = meta_cursor_at(t->meta, x->b->bytes, size, addr, NULL, err);
    tree_code(&c, &x->head);
    if (!x->b->trusted) {
        cur_require(&c, x->head.type == t->type, "type", "a node of another kind of tree");
        cur_require(&c, x->head.nentries <= 2 * t->k, "entries used",
                    "more than a node has room for");
        cur_require(&c, x->head.level == 0 || x->head.nentries != 0, "entries used",
                    "an internal node without children");
    }
    cur_require(&c, level < 0 || x->head.level == level, "level",
                "not one less than the parent's");
    x->b->trusted |= cur_ok(&c);
    return c.status;
}

HI5_INT hi5_status
bt1e_new(const struct bt1 *t, unsigned level, struct bt1_step *x, hi5_error *err)
{
    TRY(stage_new(t->meta, bt1_node_size(t), &x->b, err));
    x->addr = x->b->block.addr;
    x->at = 0;
    x->head = (struct tree){.type = (uint8_t)t->type, .level = (uint8_t)level,
                            .left = ADDR_NONE, .right = ADDR_NONE};
    bt1e_put_head(t, x);
    return HI5_OK;
}

HI5_INT hi5_status
bt1e_free(const struct bt1 *t, uint64_t addr, hi5_error *err)
{
    return stage_free(t->meta, addr, bt1_node_size(t), err);
}

HI5_INT void
bt1e_copy(const struct bt1 *t, const struct bt1_step *to, unsigned i,
          const struct bt1_step *from, unsigned k, unsigned n)
{
    memmove(bt1e_key(t, to, i), bt1e_key(t, from, k),
            n * bt1e_entry(t) + bt1_key_size(t));
}

/* Only the number of entries: what most changes come down to. */
static void
bt1e_put_count(struct bt1_step *x)
{
    cur_raw_store(x->b->bytes + 6, 2, x->head.nentries);
    stage_changed(x->b, 0, 0);
}

HI5_INT void
bt1e_insert(const struct bt1 *t, struct bt1_step *x, unsigned i, const uint8_t *key,
            uint64_t child)
{
    bt1e_copy(t, x, i + 1, x, i, x->head.nentries - i);
    memcpy(bt1e_key(t, x, i), key, bt1_key_size(t));
    bt1e_put_child(t, x, i, child);
    x->head.nentries++;
    bt1e_put_count(x);
}

HI5_INT void
bt1e_drop(const struct bt1 *t, struct bt1_step *x, unsigned i, bool right)
{
    const unsigned n = x->head.nentries - 1u;
    uint8_t *const at = bt1e_key(t, x, i) + (right ? bt1_key_size(t) : 0);

    memmove(at, at + bt1e_entry(t),
            (n - i) * bt1e_entry(t) + (right ? 0 : bt1_key_size(t)));
    x->head.nentries = (uint16_t)n;
    memset(bt1e_key(t, x, n) + bt1_key_size(t), 0, bt1e_entry(t));
    bt1e_put_head(t, x);
}
