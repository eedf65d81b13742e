/*
 * diff_data.c - comparing the elements of datasets and attributes
 *
 * What is compared is an array: the dataset, or the elements that are selected of it,
 * put together. It is read in pieces that fit the memory allowed for. If values are to
 * be told, the pieces are runs of elements in row-major order; if they are only counted,
 * they are tiles of whole chunks, so that no chunk is decoded twice.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/attribute.h"
#include "file/diff.h"
#include "space/type.h"
#include <string.h>

HI5_INT void
diff_begin_elements(struct diff_run *r, const hi5_shape *shape)
{
    const hi5_diff_event e = {.what = HI5_DIFF_ELEMENTS,
                              .path = {r->path[0], r->path[1]},
                              .attribute = r->attribute,
                              .depth = r->depth,
                              .shape = {shape, shape}};

    r->shape = shape;
    diff_tell(r->d, &e);
}

/* ---- pieces of a dataset ---- */

/* Where `count` elements from `start` of a picked dimension are in the dataset. */
static void
ddata_place(const struct diff_pick *p, unsigned k, uint64_t start, uint64_t count,
            uint64_t *out)
{
    const uint64_t block = p->block[k];
    const bool in_block = start % block + count <= block;

    out[0] = p->start[k] + start / block * p->stride[k] + start % block;
    out[1] = p->stride[k];
    out[2] = in_block ? 1 : count / block;
    out[3] = in_block ? count : block;
}

static hi5_status
ddata_read_picked(struct diff_data *x, unsigned side, const uint64_t *start,
                  const uint64_t *count, hi5_error *err)
{
    uint64_t s[4][HI5_MAX_RANK], one[4];
    hi5_selection *sel;
    hi5_status st;

    for (unsigned k = 0; k < x->rank; k++) {
        ddata_place(x->pick[side], k, start[k], count[k], one);
        for (unsigned i = 0; i < 4; i++)
            s[i][k] = one[i];
    }
    TRY(hi5_selection_create(hi5_dataset_shape(x->set[side]), &sel, err));
    st = hi5_selection_hyperslab(sel, HI5_SELECT_SET, s[0], s[1], s[2], s[3], err);
    if (st == HI5_OK)
        st = hi5_dataset_read(x->set[side], sel, x->memory[side], x->buf[side], err);
    hi5_selection_free(sel);
    return st;
}

static bool
ddata_room(struct diff_data *x, uint64_t n)
{
    struct mem *const mem = x->r->d->mem;
    uint64_t bytes;
    size_t size;

    if (n <= x->room)
        return true;
    for (unsigned i = 0; i < 2; i++) {
        mem_free(mem, x->buf[i], (size_t)x->room * x->size);
        x->buf[i] = NULL;
    }
    x->room = 0;
    if (ckd_mul64(n, x->size, &bytes) && ckd_size(bytes, &size)) {
        x->buf[0] = mem_alloc(mem, size);
        x->buf[1] = x->buf[0] != NULL ? mem_alloc(mem, size) : NULL;
    }
    if (x->buf[1] == NULL) {
        hi5_error why;
        mem_free(mem, x->buf[0], (size_t)(n * x->size));
        x->buf[0] = NULL;
        mem_fail(mem, n * x->size, &why);
        diff_failed(x->r->d, x->r->path[0], x->r->path[1], NULL, &why);
        x->failed = true;
        return false;
    }
    x->room = n;
    return true;
}

/* Read and compare a piece. Its elements follow one another in the array if values are
 * to be told. */
static void
ddata_piece(struct diff_data *x, const uint64_t *start, const uint64_t *count)
{
    struct diff_run *const r = x->r;
    hi5_status s = HI5_OK;
    hi5_error why;
    uint64_t n = 1, first = 0;

    for (unsigned k = 0; k < x->rank; k++) {
        n *= count[k];
        first = first * x->dims[k] + start[k];
    }
    if (n == 0 || !ddata_room(x, n))
        return;
    for (unsigned i = 0; i < 2 && s == HI5_OK; i++) {
        const hi5_type *const t = x->memory[i];

        if (t->cls == HI5_COMPOUND || t->has_vlen)
            memset(x->buf[i], 0, (size_t)n * x->size);
        s = x->pick[0] != NULL
                ? ddata_read_picked(x, i, start, count, &why)
                : hi5_dataset_read_slab(x->set[i], start, count, t, x->buf[i], &why);
        if (s != HI5_OK && i == 1)
            hi5_reclaim(x->set[0]->file, x->memory[0], (size_t)n, x->buf[0]);
    }
    if (s != HI5_OK) {
        diff_failed(r->d, r->path[0], r->path[1], NULL, &why);
        x->failed = true;
        return;
    }
    r->first = first;
    diff_elements(r, x->buf[0], x->buf[1], n);
    for (unsigned i = 0; i < 2; i++)
        if (x->memory[i]->has_vlen)
            hi5_reclaim(x->set[i]->file, x->memory[i], (size_t)n, x->buf[i]);
}

static bool
ddata_stop(const struct diff_data *x)
{
    return x->failed || diff_enough(x->r);
}

/* How long pieces along dimension k may be: up to `most`. */
static uint64_t
ddata_step(const struct diff_data *x, unsigned k, uint64_t most)
{
    const uint64_t g = x->grain[k];
    uint64_t t = most != 0 ? most : 1;

    if (x->pick[0] == NULL)
        return g > 1 && t > g ? t - t % g : t;
    /* A piece of picked elements has whole blocks, or is within one. */
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t b = x->pick[i]->block[k];
        if (b > 1 && t % b != 0)
            t = t > b ? t - t % b : 1;
    }
    return t % x->pick[0]->block[k] == 0 && t % x->pick[1]->block[k] == 0 ? t : 1;
}

HI5_INT void
diff_box(struct diff_data *x, const uint64_t *start, const uint64_t *count)
{
    uint64_t at[HI5_MAX_RANK], n[HI5_MAX_RANK], rest = 1, step;
    unsigned k = x->rank;

    while (k > 0 && (count[k - 1] == 0 || rest <= x->budget / count[k - 1])) {
        rest *= count[k - 1];
        k--;
    }
    if (rest == 0)
        return;
    memcpy(at, start, x->rank * sizeof *at);
    memcpy(n, count, x->rank * sizeof *n);
    if (k == 0) {
        ddata_piece(x, at, n);
        return;
    }
    for (unsigned i = 0; i + 1 < k; i++)
        n[i] = 1;
    k--;
    step = ddata_step(x, k, x->budget / rest);
    while (!ddata_stop(x)) {
        const uint64_t left = start[k] + count[k] - at[k];
        unsigned i = k;

        n[k] = left < step ? left : step;
        ddata_piece(x, at, n);
        at[k] += n[k];
        while (at[i] == start[i] + count[i]) {
            at[i] = start[i];
            if (i-- == 0)
                return;
            at[i]++;
        }
    }
}

HI5_INT void
diff_tiles(struct diff_data *x)
{
    uint64_t at[HI5_MAX_RANK] = {0}, tile[HI5_MAX_RANK], n[HI5_MAX_RANK], all = 1;

    for (unsigned k = 0; k < x->rank; k++) {
        const uint64_t g = x->grain[k] != 0 ? x->grain[k] : 1;
        tile[k] = g < x->dims[k] ? g : x->dims[k];
        if (tile[k] == 0)
            return;
        all *= tile[k];
    }
    for (unsigned k = x->rank; k-- > 0 && all <= x->budget / 2;) {
        uint64_t times = x->budget / all;
        const uint64_t most = (x->dims[k] + tile[k] - 1) / tile[k];

        if (times > most)
            times = most;
        all *= times;
        tile[k] *= times;
    }
    while (!ddata_stop(x)) {
        unsigned i = x->rank;

        for (unsigned k = 0; k < x->rank; k++) {
            const uint64_t left = x->dims[k] - at[k];
            n[k] = left < tile[k] ? left : tile[k];
        }
        ddata_piece(x, at, n);
        for (;;) {
            if (i-- == 0)
                return;
            at[i] += tile[i];
            if (at[i] < x->dims[i])
                break;
            at[i] = 0;
        }
    }
}

/* ---- datasets ---- */

static void
ddata_note(struct diff_run *r, hi5_diff_what what, hi5_diff_reason reason)
{
    const hi5_diff_event e = {.what = what,
                              .reason = reason,
                              .path = {r->path[0], r->path[1]},
                              .attribute = r->attribute,
                              .depth = r->depth};

    if (what == HI5_DIFF_INCOMPARABLE)
        r->d->result->incomparable++;
    diff_tell(r->d, &e);
}

/* Are all filters there? */
static bool
ddata_can_read(struct diff_run *r, hi5_dataset *const set[2])
{
    for (unsigned side = 0; side < 2; side++) {
        hi5_filter f;

        for (size_t i = 0; hi5_dataset_filter(set[side], i, &f); i++) {
            hi5_diff_event e = {.what = HI5_DIFF_INCOMPARABLE,
                                .reason = HI5_DIFF_FILTER,
                                .path = {r->path[0], r->path[1]},
                                .filter = f.id,
                                .in = {side == 0, side == 1}};

            if (hi5_filter_available(f.id))
                continue;
            r->d->result->incomparable++;
            r->d->result->failures++;
            diff_tell(r->d, &e);
            return false;
        }
    }
    return true;
}

/* Is something stored of both? */
static bool
ddata_stored(struct diff_run *r, hi5_dataset *const set[2], bool *can)
{
    bool is_virtual = false, empty = false;

    for (unsigned i = 0; i < 2; i++) {
        hi5_layout l;
        hi5_error why;
        uint64_t bytes;

        hi5_dataset_get_layout(set[i], &l);
        is_virtual |= l.kind == HI5_VIRTUAL;
        if (hi5_dataset_storage(set[i], &bytes, &why) != HI5_OK) {
            diff_failed(r->d, r->path[0], r->path[1], NULL, &why);
            return false;
        }
        empty |= bytes == 0;
    }
    *can = !empty || is_virtual;
    if (empty)
        ddata_note(r, is_virtual ? HI5_DIFF_NOTE : HI5_DIFF_INCOMPARABLE,
                   is_virtual ? HI5_DIFF_VIRTUALS : HI5_DIFF_EMPTY);
    return true;
}

/* Take over a selection; false if it is not a regular one. */
static bool
ddata_pick(const hi5_selection *s, const hi5_shape *shape, struct diff_pick *p)
{
    uint64_t count[HI5_MAX_RANK];

    if (hi5_selection_rank(s) != shape->rank ||
        !hi5_selection_get_regular(s, p->start, p->stride, count, p->block))
        return false;
    for (unsigned k = 0; k < shape->rank; k++)
        p->dims[k] = count[k] * p->block[k];
    return true;
}

static bool
ddata_picks(struct diff_data *x, struct diff_pick *picks)
{
    const hi5_diff_options *const o = &x->r->d->o;
    hi5_error why;

    if (o->selection[0] == NULL || x->r->depth != 0)
        return true;
    for (unsigned i = 0; i < 2; i++)
        if (!ddata_pick(o->selection[i], hi5_dataset_shape(x->set[i]), &picks[i])) {
            err_plain(&why, HI5_E_ARG,
                      "the selection is not regular, or has another rank");
            diff_failed(x->r->d, x->r->path[0], x->r->path[1], NULL, &why);
            return false;
        }
    if (memcmp(picks[0].dims, picks[1].dims, x->rank * sizeof *x->dims) != 0) {
        err_plain(&why, HI5_E_ARG, "the selections have different shapes");
        diff_failed(x->r->d, x->r->path[0], x->r->path[1], NULL, &why);
        return false;
    }
    memcpy(x->dims, picks[0].dims, x->rank * sizeof *x->dims);
    x->pick[0] = &picks[0];
    x->pick[1] = &picks[1];
    x->r->pick = &picks[0];
    return true;
}

/* Pieces are to begin where chunks do; of two sizes of chunks, the larger one. */
static void
ddata_grain(struct diff_data *x)
{
    for (unsigned i = 0; i < 2; i++) {
        hi5_layout l;

        hi5_dataset_get_layout(x->set[i], &l);
        for (unsigned k = 0; l.kind == HI5_CHUNKED && k < x->rank; k++)
            if (l.chunk[k] > x->grain[k])
                x->grain[k] = l.chunk[k];
    }
}

/* In order: let pieces be so large that no chunk is in two, if that is not much more. */
static void
ddata_widen(struct diff_data *x)
{
    uint64_t band = x->rank > 0 && x->grain[0] != 0 ? x->grain[0] : 1;

    for (unsigned k = 1; k < x->rank; k++)
        if (!ckd_mul64(band, x->dims[k], &band))
            return;
    if (band > x->budget && band / 4 <= x->budget)
        x->budget = band;
}

static void
ddata_compare(struct diff_data *x)
{
    struct diff_run *const r = x->r;
    const uint64_t zero[HI5_MAX_RANK] = {0};
    uint64_t bytes = r->d->o.memory;

    /* Of what is in heaps more may be to come. */
    if (x->memory[0]->has_vlen)
        bytes /= 16;
    x->budget = bytes / x->size;
    if (x->budget == 0)
        x->budget = 1;
    ddata_grain(x);
    r->dims = x->dims;
    if (x->pick[0] == NULL && diff_chunks(x))
        return;
    if (r->tell || r->d->o.most != 0 || x->pick[0] != NULL) {
        ddata_widen(x);
        diff_box(x, zero, x->dims);
    } else {
        diff_tiles(x);
    }
}

HI5_INT void
diff_datasets(struct diff_run *r, hi5_dataset *a, hi5_dataset *b)
{
    hi5_dataset *const set[2] = {a, b};
    const struct diff_form f = {{a->type, b->type}, {&a->shape, &b->shape}};
    struct diff_data x = {.r = r, .set = {a, b}, .rank = a->shape.rank};
    struct diff_pick picks[2];
    struct diff_node *node = NULL;
    struct arena arena;
    hi5_error why;
    bool stored = true;

    if (!ddata_can_read(r, set) || !ddata_stored(r, set, &stored))
        return;
    if (!diff_can(r, &f, stored) || !stored)
        return;
    diff_begin_elements(r, &a->shape);
    memcpy(x.dims, a->shape.dims, x.rank * sizeof *x.dims);
    if (!ddata_picks(&x, picks))
        return;
    arena_init(&arena, r->d->mem);
    if (diff_memory(&f, x.memory, &why) == HI5_OK) {
        node = diff_compile(&arena, x.memory[0]);
        if (node == NULL)
            mem_fail(r->d->mem, sizeof *node, &why);
    }
    if (node == NULL) {
        diff_failed(r->d, r->path[0], r->path[1], NULL, &why);
    } else if (x.memory[0]->size != x.memory[1]->size) {
        err_plain(&why, HI5_E_TYPE, "elements of two sizes in memory");
        diff_failed(r->d, r->path[0], r->path[1], NULL, &why);
    } else {
        x.size = node->size;
        r->node = node;
        ddata_compare(&x);
    }
    for (unsigned i = 0; i < 2; i++) {
        mem_free(r->d->mem, x.buf[i], (size_t)x.room * x.size);
        hi5_type_free(x.memory[i]);
    }
    arena_done(&arena);
    r->node = NULL;
    r->pick = NULL;
}
