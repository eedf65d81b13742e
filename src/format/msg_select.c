/*
 * msg_select.c - serialized selections                             [FMT VIII.A]
 *
 * Region references and virtual datasets hold selections in this form. Nothing says how
 * long one is but its own counts, and those are believed only as far as bytes follow.
 * Which form is written is up to select_encode.c.
 */
#include "format/msg_select.h"
#include "base/ckd.h"
#include "format/messages.h"
#include <string.h>

static const char select_name[] = "selection";

enum { SELECT_F_REGULAR = 0x01 };

/*
 * Head of points                                                   [FMT VIII.A]
 *
 *   v1 v2  field
 *    4     reserved
 *    4     length      of what follows
 *       1  width w     2, 4 or 8; version 1: 4
 *    4  4  rank
 *    4  w  points      how many; then each: rank coordinates of w bytes
 *
 * Head of a hyperslab
 *
 *   v1 v2 v3  field
 *    4        reserved
 *       1  1  flags       1 regular
 *          1  width w     2, 4 or 8; version 1: 4; version 2: 8
 *    4  4     length      of what follows
 *    4  4  4  rank
 *    4     w  blocks      irregular (always, in version 1; never, in version 2): how
 *                         many; then each: rank starts, rank ends (inclusive)
 *             otherwise   for each dimension: start, stride, count, block; all-ones in
 *                         count or block: unlimited
 */
static void
select_head(struct cur *c, struct select_form *f)
{
    const bool hyper = f->type == SELECT_HYPER;
    uint8_t flags = hyper && f->regular ? SELECT_F_REGULAR : 0;
    uint8_t width = (uint8_t)f->width;

    if (f->version == 1) {
        cur_reserved(c, 4);
    } else if (hyper) {
        cur_u8(c, "flags", &flags);
        cur_require(c, flags <= SELECT_F_REGULAR, "flags", "unknown flags");
        cur_require(c, f->version == 3 || flags == SELECT_F_REGULAR, "flags",
                    "version 2 is for regular hyperslabs");
    }
    f->regular = flags == SELECT_F_REGULAR;
    if (f->version == (hyper ? 3u : 2u)) {
        cur_u8(c, "width", &width);
        cur_require(c, width == 2 || width == 4 || width == 8, "width",
                    "not 2, 4 or 8");
    } else {
        cur_u32(c, "length", &f->length);
        width = hyper && f->version == 2 ? 8 : 4;
    }
    f->width = width;
    cur_u32(c, "rank", &f->rank);
    cur_require(c, f->rank >= 1 && f->rank <= HI5_MAX_RANK, "rank", "not 1 to 32");
    if (!f->regular)
        cur_uint(c, hyper ? "blocks" : "points", f->width, &f->count);
}

/* All the numbers behind the head. `*values` is the caller's, as soon as it is set. */
static void
select_values(struct cur *c, struct mem *mem, struct select_form *f)
{
    const size_t per = (f->type == SELECT_POINTS ? 1u : f->regular ? 4u : 2u) * f->rank;
    const uint64_t count = f->regular ? 1 : f->count;
    uint64_t n;

    cur_need(c, f->type == SELECT_POINTS ? "points" : "blocks", count, per * f->width);
    if (!cur_ok(c) || !ckd_mul64(count, per, &n) || n == 0)
        return;
    f->values = n <= SIZE_MAX / sizeof *f->values
                    ? mem_zalloc(mem, (size_t)n, sizeof *f->values)
                    : NULL;
    if (f->values == NULL) {
        cur_fail(c, mem_fail(mem, n, NULL), "blocks", "no memory");
        return;
    }
    f->nvalues = (size_t)n;
    for (size_t i = 0; i < f->nvalues && cur_ok(c); i++)
        cur_uint(c, "coordinate", f->width, &f->values[i]);
}

/* One dimension of a regular hyperslab: unlimited numbers in their width, and what the
 * arithmetic on it relies on. @param end  one beyond the last element, if limited */
static void
select_check_dim(struct cur *c, const struct select_form *f, uint64_t v[4],
                 uint64_t *end)
{
    const uint64_t ones =
        f->width == 8 ? UINT64_MAX : ((uint64_t)1 << (8 * f->width)) - 1;
    uint64_t span;

    for (unsigned i = 2; i < 4; i++)
        if (v[i] == ones)
            v[i] = HI5_UNLIMITED;
    cur_require(c, v[1] != 0, "stride", "it is zero");
    cur_require(c, v[2] <= 1 || v[3] <= v[1], "block",
                "blocks overlap: larger than the stride");
    cur_require(c, v[2] != HI5_UNLIMITED || v[3] != HI5_UNLIMITED, "count",
                "count and block are unlimited");
    if (!cur_ok(c) || v[2] == 0 || v[3] == 0) {
        *end = v[0];
        return;
    }
    span = v[3] == HI5_UNLIMITED ? 1 : v[3];
    if (v[2] != HI5_UNLIMITED) {
        uint64_t skip = 0;
        cur_require(c, ckd_mul64(v[2] - 1, v[1], &skip) && ckd_add64(span, skip, &span),
                    "count", "the hyperslab exceeds 64 bits");
    }
    cur_require(c, ckd_add64(v[0], span, end) && *end < UINT64_MAX, "start",
                "the hyperslab exceeds 64 bits");
}

/* Check the numbers, and find an extent that is just large enough for them. */
static void
select_extent(struct cur *c, struct select_form *f, hi5_shape *shape)
{
    const bool blocks = f->type == SELECT_HYPER;
    uint64_t end = 0;

    *shape = (hi5_shape){.kind = HI5_SIMPLE, .rank = f->rank};
    for (unsigned d = 0; d < f->rank && f->regular && cur_ok(c); d++) {
        uint64_t *const v = &f->values[4 * d];

        select_check_dim(c, f, v, &end);
        shape->dims[d] = shape->max[d] = end;
        if (v[2] == HI5_UNLIMITED || v[3] == HI5_UNLIMITED)
            shape->max[d] = HI5_UNLIMITED;
    }
    for (size_t i = 0; i < f->nvalues && !f->regular && cur_ok(c); i++) {
        const unsigned d = (unsigned)(i % f->rank);
        const uint64_t at = f->values[i];

        cur_require(c, at < UINT64_MAX - 1, "coordinate", "it exceeds 64 bits");
        if (blocks && i % (2 * f->rank) >= f->rank)
            cur_require(c, f->values[i - f->rank] <= at, "coordinate",
                        "a block ends before it starts");
        if (at >= shape->dims[d])
            shape->dims[d] = shape->max[d] = at + 1;
    }
}

static hi5_status
select_set_regular(hi5_selection *s, const struct select_form *f, hi5_error *err)
{
    uint64_t v[4][HI5_MAX_RANK];
    bool empty = false;

    for (unsigned d = 0; d < f->rank; d++) {
        for (unsigned i = 0; i < 4; i++)
            v[i][d] = f->values[4 * d + i];
        empty |= v[2][d] == 0 || v[3][d] == 0;
    }
    if (!empty)
        return hi5_selection_hyperslab(s, HI5_SELECT_SET, v[0], v[1], v[2], v[3], err);
    hi5_selection_none(s);
    return HI5_OK;
}

static hi5_status
select_set(hi5_selection *s, const struct select_form *f, hi5_error *err)
{
    if (f->type == SELECT_ALL) {
        hi5_selection_all(s);
        return HI5_OK;
    }
    if (f->type == SELECT_NONE || f->nvalues == 0) {
        hi5_selection_none(s);
        return HI5_OK;
    }
    if (f->regular)
        return select_set_regular(s, f, err);
    if (f->type == SELECT_POINTS)
        return hi5_selection_points(s, HI5_SELECT_SET, (size_t)f->count, f->values,
                                    err);
    return sel_set_blocks(s, (size_t)f->count, f->values, err);
}

/* Make the selection that `f` describes. */
static void
select_make(struct cur *c, struct mem *mem, const hi5_shape *shape,
            struct select_form *f, hi5_selection **out)
{
    hi5_shape own = {.kind = HI5_SCALAR};
    hi5_selection *s = NULL;
    hi5_error e;
    hi5_status st;

    if (f->type == SELECT_POINTS || f->type == SELECT_HYPER) {
        select_extent(c, f, &own);
        cur_require(c, shape == NULL || shape->rank == f->rank, "rank",
                    "not the rank of what it selects from");
    }
    if (!cur_ok(c))
        return;
    st = sel_create(mem, shape != NULL ? shape : &own, &s, &e);
    if (st == HI5_OK)
        st = select_set(s, f, &e);
    if (st == HI5_OK) {
        *out = s;
        return;
    }
    hi5_selection_free(s);
    if (st != HI5_E_NOMEM && st != HI5_E_LIMIT && st != HI5_E_UNSUPPORTED)
        st = HI5_E_CORRUPT;
    cur_fail(c, st, "selection", "%s", e.cause);
}

/*
 * Selection                                                        [FMT VIII.A]
 *
 *   size  field
 *      4  type        0 none, 1 points, 2 hyperslab, 3 all
 *      4  version     1; points also 2; hyperslabs also 2 and 3
 *      4  reserved    none, all
 *      4  length      none, all: 0
 *      ?  the rest    points, hyperslabs: see above; then the numbers
 */
HI5_INT void
select_form_code(struct cur *c, struct select_form *f)
{
    static const uint8_t newest[] = {1, 2, 3, 1};

    cur_begin(c, select_name, "VIII.A");
    cur_u32(c, "type", &f->type);
    cur_require(c, f->type <= SELECT_ALL, "type", "not 0 to 3");
    cur_u32(c, "version", &f->version);
    cur_require(c, f->version != 0, "version", "there is no version 0");
    if (cur_ok(c) && f->version > newest[f->type])
        cur_fail(c, HI5_E_UNSUPPORTED, "version",
                 "%lu is newer than %u, the last known", (unsigned long)f->version,
                 newest[f->type]);
    if (!cur_ok(c))
        return;
    if (f->type == SELECT_NONE || f->type == SELECT_ALL) {
        cur_reserved(c, 4);
        cur_skip(c, "length", 4);
    } else {
        select_head(c, f);
    }
}

HI5_INT hi5_status
select_decode(struct cur *c, struct mem *mem, const hi5_shape *shape,
              hi5_selection **out)
{
    struct select_form f = {0};

    *out = NULL;
    cur_read_only(c);
    select_form_code(c, &f);
    if (cur_ok(c) && (f.type == SELECT_POINTS || f.type == SELECT_HYPER))
        select_values(c, mem, &f);
    if (cur_ok(c))
        select_make(c, mem, shape, &f, out);
    mem_free(mem, f.values, f.nvalues * sizeof *f.values);
    return c->status;
}
