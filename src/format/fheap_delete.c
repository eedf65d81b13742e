/*
 * fheap_delete.c - deleting fractal heaps                          [FMT III.G, III.H]
 *
 * FREE-14: all that is to be given back is collected first, and given back only if no
 * two pieces overlap and all are in the file.
 */
#include "format/fheap_edit_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include "btree/node.h"
#include "format/freespace_edit.h"
#include <stdlib.h>
#include <string.h>

struct fheap_piece {
    uint64_t addr, size;
    bool raw; /* a huge object */
};

struct fheap_pieces {
    const struct fheap *h;
    struct fheap_piece *p;
    size_t n, room;
    uint64_t left; /* bytes still believable */
};

static hi5_status
fheap_piece_add(struct fheap_pieces *all, uint64_t addr, uint64_t size, bool raw,
                hi5_error *err)
{
    struct meta *const m = all->h->meta;
    const size_t room = all->room != 0 ? all->room * 2 : 64;
    struct fheap_piece *more;

    if (!ckd_inside(addr, size, m->eof))
        return err_set(err, HI5_E_CORRUPT, addr, "fractal heap", "address", "III.G",
                       "%llu bytes run past the end of the file",
                       (unsigned long long)size);
    TRY(node_spend(&all->left, size, addr, "fractal heap", "III.G", err));
    if (all->n == all->room) {
        more =
            mem_resize(m->mem, all->p, all->room * sizeof *more, room * sizeof *more);
        if (more == NULL)
            return mem_fail(m->mem, room * sizeof *more, err);
        all->p = more;
        all->room = room;
    }
    all->p[all->n++] = (struct fheap_piece){addr, size, raw};
    return HI5_OK;
}

static hi5_status
fheap_piece_block(void *ctx, const struct fheap_block *b, const hi5_error *bad,
                  hi5_error *err)
{
    if (bad != NULL) {
        if (err != NULL)
            *err = *bad;
        return bad->status;
    }
    return fheap_piece_add(ctx, b->addr, b->stored, false, err);
}

static hi5_status
fheap_piece_huge(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct fheap_pieces *const all = ctx;
    const struct fheap *const h = all->h;
    const bool keyed = !fheap_huge_direct(h);
    struct cur c =
        meta_cursor_at(h->meta, record, fheap_huge_size(h), ADDR_NONE, NULL, err);
    struct fheap_huge o = {0};

    fheap_huge_code(&c, &o, h->head.filter_len > 0, keyed);
    TRY(c.status);
    return fheap_piece_add(all, o.addr, o.size, true, err);
}

/* The free-space manager, as far as it is sound: what is not is left to lie. */
static hi5_status
fheap_piece_manager(struct fheap_pieces *all, hi5_error *err)
{
    struct meta *const m = all->h->meta;
    const uint64_t addr = all->h->head.fs_addr;
    const size_t n = fshd_size(m);
    struct fshd h = {0};
    struct block *b;
    struct cur c;

    if (addr == ADDR_NONE || !ckd_inside(addr, n, m->eof))
        return HI5_OK;
    TRY(meta_pin(m, addr, n, "FSHD", &b, err));
    c = meta_cursor(m, b, n, NULL, NULL);
    fshd_code(&c, &h);
    meta_unpin(m, b);
    if (!cur_ok(&c))
        return HI5_OK;
    TRY(fheap_piece_add(all, addr, n, false, err));
    if (h.sections == ADDR_NONE || !ckd_inside(h.sections, h.allocated, m->eof))
        return HI5_OK;
    return fheap_piece_add(all, h.sections, h.allocated, false, err);
}

static int
fheap_by_address(const void *a, const void *b)
{
    const struct fheap_piece *const x = a, *const y = b;

    return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static hi5_status
fheap_collect_pieces(struct fheap_pieces *all, struct arena *a, hi5_error *err)
{
    const struct fheap *const h = all->h;
    const struct bt2 *tree;

    TRY(fheap_piece_add(all, h->addr, frhp_size(h->meta, h->head.filter_len), false,
                        err));
    TRY(fheap_blocks_each(h, fheap_piece_block, all, err));
    TRY(fheap_piece_manager(all, err));
    if (h->head.huge_bt2 != ADDR_NONE) {
        TRY(bt2_open(h->meta, h->head.huge_bt2, (enum bt2_type)fheap_huge_type(h),
                     fheap_huge_size(h), a, &tree, err));
        TRY(bt2_each(tree, false, fheap_piece_huge, all, err));
    }
    qsort(all->p, all->n, sizeof *all->p, fheap_by_address);
    for (size_t i = 1; i < all->n; i++)
        if (all->p[i].addr - all->p[i - 1].addr < all->p[i - 1].size)
            return err_set(err, HI5_E_CORRUPT, all->p[i].addr, "fractal heap",
                           "address", "III.G", "parts of the heap overlap");
    return HI5_OK;
}

HI5_INT hi5_status
fheap_edit_delete(struct meta *m, uint64_t addr, hi5_error *err)
{
    struct fheap_pieces all = {.left = m->eof};
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    s = fheap_open(m, addr, NULL, &a, &all.h, err);
    if (s == HI5_OK)
        s = fheap_collect_pieces(&all, &a, err);
    if (s == HI5_OK && all.h->head.huge_bt2 != ADDR_NONE)
        s = bt2_edit_delete(m, all.h->head.huge_bt2, (enum bt2_type)fheap_huge_type(all.h),
                            fheap_huge_size(all.h), NULL, NULL, err);
    for (size_t i = 0; i < all.n && s == HI5_OK; i++)
        s = all.p[i].raw ? stage_free_raw(m, all.p[i].addr, all.p[i].size, err)
                         : stage_free(m, all.p[i].addr, all.p[i].size, err);
    mem_free(m->mem, all.p, all.room * sizeof *all.p);
    arena_done(&a);
    return s;
}
