/*
 * select_encode.c - serialized selections, written                 [FMT VIII.A]
 *
 * Which version is written follows libhdf5 (U-SE-3): the lists of 32-bit numbers that
 * every release reads as long as they do, regular hyperslabs as such only from 1.10 on.
 */
#include "base/ckd.h"
#include "format/msg_select.h"
#include <string.h>

#define SELECT_U32 UINT64_C(0xffffffff)

/* A selection on its way into a file. */
struct select_put {
    struct select_form form;
    bool regular, unlimited;
    struct sel_dim dim[HI5_MAX_RANK]; /* regular */
    uint64_t high[HI5_MAX_RANK];      /* the last coordinates; not if unlimited */
    uint64_t largest;                 /* of all numbers; unlimited counts for nothing */
};

static unsigned
sput_width(uint64_t largest)
{
    return largest > SELECT_U32 ? 8 : largest > 0xffff ? 4 : 2;
}

/* The regular hyperslab that `s` is, blocks that touch joined where there is an end to
 * them: mappings count the blocks of a dimension without one. */
static bool
sput_regular(const hi5_selection *s, struct sel_dim *dim)
{
    const bool joined = sel_as_regular(s, dim);
    const int unlimited = sel_unlimited_dim(s);
    uint64_t v[4][HI5_MAX_RANK];

    if (!hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]))
        return false;
    for (unsigned d = 0; d < hi5_selection_rank(s); d++)
        if (!joined || (int)d == unlimited)
            dim[d] = (struct sel_dim){v[0][d], v[2][d] == 1 ? 1 : v[1][d], v[2][d],
                                      v[3][d]};
    return true;
}

/* How many blocks there are, and the largest number of what would be written. */
static void
sput_measure(const hi5_selection *s, struct select_put *p)
{
    const unsigned rank = hi5_selection_rank(s);
    uint64_t low[HI5_MAX_RANK], n = 1;

    p->unlimited = sel_unlimited_dim(s) >= 0;
    memset(p->high, 0, sizeof p->high);
    if (!p->unlimited)
        hi5_selection_bounds(s, low, p->high);
    for (unsigned d = 0; d < rank && p->regular && !p->unlimited; d++)
        if (!ckd_mul64(n, p->dim[d].count, &n))
            n = UINT64_MAX;
    p->form.count = p->form.type == SELECT_POINTS ? hi5_selection_count(s)
                    : p->regular                  ? n
                                                  : hi5_selection_blocks(s);
    p->largest = p->form.count;
    for (unsigned d = 0; d < rank; d++)
        if (p->high[d] > p->largest)
            p->largest = p->high[d];
}

static void
sput_choose_points(struct select_put *p, hi5_compat compat)
{
    p->form.version = compat >= HI5_COMPAT_V112 || p->largest > SELECT_U32 ? 2 : 1;
    p->form.width = p->form.version == 2 ? sput_width(p->largest) : 4;
}

/* The width of a regular hyperslab's numbers: all-ones is taken in counts, blocks. */
static unsigned
sput_regular_width(const struct select_put *p, unsigned rank)
{
    uint64_t most = 0;

    for (unsigned d = 0; d < rank; d++) {
        const struct sel_dim *const r = &p->dim[d];
        const uint64_t all[] = {r->start, r->stride,
                                r->count != HI5_UNLIMITED ? r->count + 1 : 1,
                                r->block != HI5_UNLIMITED ? r->block + 1 : 1};
        for (unsigned i = 0; i < 4; i++)
            if (all[i] > most)
                most = all[i];
    }
    return sput_width(most);
}

static void
sput_choose_hyperslab(struct select_put *p, unsigned rank, hi5_compat compat)
{
    const unsigned newest = compat >= HI5_COMPAT_V112   ? 3
                            : compat == HI5_COMPAT_V110 ? 2
                                                        : 1;
    struct select_form *const f = &p->form;

    if (compat >= HI5_COMPAT_V112 || p->unlimited)
        f->version = newest > 2 ? newest : 2;
    else if (p->largest > SELECT_U32)
        f->version = p->regular ? 2 : 3;
    else
        f->version = p->regular && f->count >= 4 ? newest : 1;
    f->regular = f->version != 1 && p->regular;
    f->width = f->version == 1   ? 4
               : f->version == 2 ? 8
               : p->regular      ? sput_regular_width(p, rank)
                                 : sput_width(p->largest);
}

/* The form of `s`, all of it but the numbers. */
static void
sput_prepare(struct cur *c, const hi5_selection *s, hi5_compat compat,
             struct select_put *p)
{
    struct select_form *const f = &p->form;
    const unsigned rank = hi5_selection_rank(s);
    uint64_t bytes = 0;

    *f = (struct select_form){.type = SELECT_ALL, .version = 1, .rank = rank};
    if (hi5_selection_get_kind(s) == HI5_SELECTION_ALL)
        return;
    f->type = SELECT_NONE;
    if (hi5_selection_count(s) == 0)
        return;
    f->type = hi5_selection_get_kind(s) == HI5_SELECTION_POINTS ? SELECT_POINTS
                                                                : SELECT_HYPER;
    p->regular = f->type == SELECT_HYPER && sput_regular(s, p->dim);
    sput_measure(s, p);
    if (f->type == SELECT_POINTS)
        sput_choose_points(p, compat);
    else
        sput_choose_hyperslab(p, rank, compat);
    if (f->regular) {
        f->length = 4 + 32 * rank;
        return;
    }
    if (!ckd_mul64(f->count, (f->type == SELECT_POINTS ? 1u : 2u) * rank * f->width,
                   &bytes) ||
        bytes > SELECT_U32 - 8)
        cur_fail(c, HI5_E_LIMIT, "length", "a list of %llu blocks or points",
                 (unsigned long long)f->count);
    f->length = (uint32_t)bytes + 8;
}

/* ---- the numbers ---- */

struct select_list {
    struct cur *c;
    const struct select_form *form;
};

static void
sput_corner(struct cur *c, const struct select_form *f, const uint64_t *coord)
{
    for (unsigned d = 0; d < f->rank; d++) {
        uint64_t v = coord[d];
        cur_uint(c, "coordinate", f->width, &v);
    }
}

static hi5_status
sput_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    const struct select_list *const l = ctx;

    (void)err;
    sput_corner(l->c, l->form, low);
    sput_corner(l->c, l->form, high);
    return l->c->status;
}

/* The blocks of a regular hyperslab, the last dimension fastest. */
static void
sput_blocks(struct cur *c, const struct select_put *p)
{
    const unsigned rank = p->form.rank;
    uint64_t at[HI5_MAX_RANK] = {0}, low[HI5_MAX_RANK], high[HI5_MAX_RANK];

    for (uint64_t i = 0; i < p->form.count && cur_ok(c); i++) {
        for (unsigned d = 0; d < rank; d++) {
            low[d] = p->dim[d].start + at[d] * p->dim[d].stride;
            high[d] = low[d] + p->dim[d].block - 1;
        }
        sput_corner(c, &p->form, low);
        sput_corner(c, &p->form, high);
        for (unsigned d = rank; d-- > 0 && ++at[d] == p->dim[d].count;)
            at[d] = 0;
    }
}

static void
sput_numbers(struct cur *c, const hi5_selection *s, const struct select_put *p)
{
    const struct select_form *const f = &p->form;
    const uint64_t ones =
        f->width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * f->width) - 1;
    struct select_list list = {c, f};
    const uint64_t *points;
    size_t n;

    if (f->regular) {
        for (unsigned d = 0; d < f->rank; d++) {
            uint64_t v[] = {p->dim[d].start, p->dim[d].stride, p->dim[d].count & ones,
                            p->dim[d].block & ones};
            for (unsigned i = 0; i < 4; i++)
                cur_uint(c, "coordinate", f->width, &v[i]);
        }
    } else if (f->type == SELECT_POINTS) {
        points = sel_points(s, &n);
        for (size_t i = 0; i < n && cur_ok(c); i++)
            sput_corner(c, f, points + i * f->rank);
    } else if (p->regular) {
        sput_blocks(c, p);
    } else if (cur_ok(c)) {
        const hi5_status st = hi5_selection_each_block(s, sput_block, &list, NULL);
        if (st != HI5_OK && cur_ok(c))
            cur_fail(c, st, "blocks", "they cannot be listed");
    }
}

HI5_INT void
select_encode(struct cur *c, const hi5_selection *s, hi5_compat compat)
{
    struct select_put p = {.regular = false};

    cur_begin(c, "selection", "VIII.A");
    sput_prepare(c, s, compat, &p);
    select_form_code(c, &p.form);
    if (cur_ok(c) && (p.form.type == SELECT_POINTS || p.form.type == SELECT_HYPER))
        sput_numbers(c, s, &p);
}
