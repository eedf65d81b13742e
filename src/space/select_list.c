/*
 * select_list.c - what is selected, listed: blocks and runs
 */
#include "space/select_impl.h"
#include "base/ckd.h"
#include "base/err.h"

#define SEL_CELLS 65536u /* as large as the extent, that a selection may reach into */

static uint64_t
sel_span_blocks(const struct spans *s)
{
    uint64_t n = 0, last = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->span[i].down == NULL)
            return s->n;
        if (i == 0 || s->span[i].down != s->span[i - 1].down)
            last = sel_span_blocks(s->span[i].down);
        if (!ckd_add64(n, last, &n))
            return UINT64_MAX;
    }
    return n;
}

uint64_t
hi5_selection_blocks(const hi5_selection *s)
{
    uint64_t n = 1;

    if (s->kind != HI5_SELECTION_HYPERSLABS)
        return 0;
    if (!s->regular)
        return sel_tree(s) != NULL ? sel_span_blocks(sel_tree(s)) : UINT64_MAX;
    for (unsigned d = 0; d < s->extent.rank; d++)
        if (s->asked[d].count == HI5_UNLIMITED || !ckd_mul64(n, s->asked[d].count, &n))
            return UINT64_MAX;
    return n;
}

struct sel_block_ctx {
    hi5_block_fn fn;
    void *ctx;
    hi5_error *err;
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK];
};

static hi5_status
sel_span_each_block(const struct spans *s, unsigned d, struct sel_block_ctx *b)
{
    for (size_t i = 0; i < s->n; i++) {
        b->low[d] = s->span[i].low;
        b->high[d] = s->span[i].high;
        if (s->span[i].down != NULL)
            TRY(sel_span_each_block(s->span[i].down, d + 1, b));
        else
            TRY(b->fn(b->ctx, b->low, b->high, b->err));
    }
    return HI5_OK;
}

static hi5_status
sel_regular_each_block(const hi5_selection *s, unsigned d, struct sel_block_ctx *b)
{
    if (d == s->extent.rank)
        return b->fn(b->ctx, b->low, b->high, b->err);
    for (uint64_t i = 0; i < s->asked[d].count; i++) {
        b->low[d] = s->asked[d].start + i * s->asked[d].stride;
        b->high[d] = b->low[d] + s->asked[d].block - 1;
        TRY(sel_regular_each_block(s, d + 1, b));
    }
    return HI5_OK;
}

hi5_status
hi5_selection_each_block(const hi5_selection *s, hi5_block_fn fn, void *ctx,
                         hi5_error *err)
{
    struct sel_block_ctx b = {.fn = fn, .ctx = ctx, .err = err};

    if (s->kind != HI5_SELECTION_HYPERSLABS)
        return HI5_OK;
    if (!s->regular)
        return sel_tree(s) != NULL ? sel_span_each_block(sel_tree(s), 0, &b)
                                   : mem_fail(s->mem, 0, err);
    if (sel_unlimited_dim(s) >= 0)
        return err_plain(err, HI5_E_ARG, "an unlimited selection has no list of blocks");
    return sel_regular_each_block(s, 0, &b);
}

/* The row-major index of the first element of a grid cell as large as the extent: 0 but
 * for selections that exceed it. */
static uint64_t
sel_cell_base(const hi5_selection *s, const uint64_t *scaled)
{
    uint64_t base = 0, below = 1;

    for (unsigned d = s->extent.rank; d-- > 0;) {
        base += scaled[d] * s->extent.dims[d] * below;
        below *= s->extent.dims[d];
    }
    return base;
}

/* Such cells are listed one by one: how many there are must not be up to a file. */
static hi5_status
sel_check_cells(const hi5_selection *s, hi5_error *err)
{
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], n = 1;

    if (sel_fits(s) || s->kind == HI5_SELECTION_POINTS ||
        !hi5_selection_bounds(s, low, high))
        return HI5_OK;
    for (unsigned d = 0; d < s->extent.rank; d++)
        if (!ckd_mul64(n, high[d] / s->extent.dims[d] - low[d] / s->extent.dims[d] + 1,
                       &n) ||
            n > SEL_CELLS)
            return err_plain(err, HI5_E_LIMIT,
                             "the selection is far outside of the extent");
    return HI5_OK;
}

hi5_status
hi5_selection_each_run(const hi5_selection *s, hi5_run_fn fn, void *ctx, hi5_error *err)
{
    struct sel_walk *w;
    uint64_t scaled[HI5_MAX_RANK] = {0};
    struct sel_run r, held = {0, 0, 0};
    hi5_status st = HI5_OK;

    if (sel_unlimited_dim(s) >= 0)
        return err_plain(err, HI5_E_RANGE, "an unlimited selection has no list of runs");
    if (hi5_shape_count(&s->extent) == 0 && hi5_selection_count(s) != 0)
        return err_plain(err, HI5_E_RANGE, "a selection in an empty extent");
    TRY(sel_check_cells(s, err));
    TRY(sel_walk_open(s->mem, s, s->extent.dims, &w, err));
    while (st == HI5_OK && sel_walk_chunk(w, scaled)) {
        const uint64_t base = sel_cell_base(s, scaled);
        while (st == HI5_OK && sel_walk_run(w, &r)) {
            r.at += base;
            if (held.n != 0 && held.at + held.n == r.at &&
                s->kind != HI5_SELECTION_POINTS) {
                held.n += r.n;
                continue;
            }
            if (held.n != 0)
                st = fn(ctx, held.at, held.n, err);
            held = r;
        }
    }
    sel_walk_close(w);
    return st == HI5_OK && held.n != 0 ? fn(ctx, held.at, held.n, err) : st;
}
