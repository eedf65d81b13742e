/*
 * diff_ref.c - comparing what references lead to
 *
 * Datasets are compared element by element, attributes value by value, regions by their
 * blocks or points. What leads back to a pair of datasets that is just being compared
 * is left at that.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/attribute.h"
#include "file/diff.h"
#include "space/type.h"
#include <string.h>

#define DIFF_DEPTH 32u /* references followed one from the other */

static void
dref_incomparable(struct diff_run *r, hi5_diff_reason reason)
{
    uint64_t at[HI5_MAX_RANK];
    hi5_diff_event e = diff_event(r, HI5_DIFF_INCOMPARABLE, at);

    e.reason = reason;
    r->d->result->incomparable++;
    diff_tell(r->d, &e);
}

static void
dref_failed(const struct diff_run *r, const hi5_error *why)
{
    diff_failed(r->d, r->path[0], r->path[1], r->attribute, why);
}

/* A run of what is behind references of `r`. */
static struct diff_run
dref_run(const struct diff_run *r, const hi5_target *t)
{
    return (struct diff_run){.d = r->d,
                             .path = {r->path[0], r->path[1]},
                             .attribute = r->attribute,
                             .depth = r->depth + 1,
                             .file = {t[0].file, t[1].file},
                             .tell = r->tell};
}

/* ---- objects ---- */

static bool
dref_is_active(const struct diff *d, hi5_object *const o[2])
{
    for (const struct diff_active *a = d->active; a != NULL; a = a->outer)
        if (a->file[0] == o[0]->file && a->file[1] == o[1]->file &&
            a->address[0] == o[0]->head->addr && a->address[1] == o[1]->head->addr)
            return true;
    return false;
}

static void
dref_datasets(struct diff_run *r, const hi5_target *t, hi5_object *const o[2])
{
    struct diff *const d = r->d;
    const struct diff_active active = {
        d->active, {o[0]->file, o[1]->file}, {o[0]->head->addr, o[1]->head->addr}};
    struct diff_run in = dref_run(r, t);
    hi5_dataset *a = NULL, *b = NULL;
    hi5_error why;

    if (dref_is_active(d, o) || r->depth >= DIFF_DEPTH)
        return;
    if (hi5_object_dataset(o[0], &a, &why) == HI5_OK &&
        hi5_object_dataset(o[1], &b, &why) == HI5_OK) {
        d->active = &active;
        diff_datasets(&in, a, b);
        d->active = active.outer;
        r->count += in.count;
    } else {
        dref_failed(r, &why);
    }
    hi5_dataset_close(a);
    hi5_dataset_close(b);
}

static void
dref_objects(struct diff_run *r, const hi5_target *t, hi5_object *const o[2])
{
    const hi5_kind kind = hi5_object_kind(o[0]);

    if (kind != hi5_object_kind(o[1])) {
        r->d->result->failures++;
        dref_incomparable(r, HI5_DIFF_REFERRED);
    } else if (kind == HI5_KIND_DATASET) {
        dref_datasets(r, t, o);
    } else {
        dref_incomparable(r, HI5_DIFF_REFERENCES);
    }
}

static void
dref_attributes(struct diff_run *r, const hi5_target *t, hi5_object *const o[2])
{
    struct diff_run in = dref_run(r, t);
    hi5_attribute *a = NULL, *b = NULL;
    hi5_error why;

    if (r->depth >= DIFF_DEPTH)
        return;
    in.attribute = t[0].attribute;
    if (hi5_attribute_open(o[0], t[0].attribute, &a, &why) == HI5_OK &&
        hi5_attribute_open(o[1], t[1].attribute, &b, &why) == HI5_OK) {
        diff_attribute(&in, a, b);
        r->count += in.count;
    } else {
        dref_failed(r, &why);
    }
    hi5_attribute_close(a);
    hi5_attribute_close(b);
}

/* ---- regions ---- */

/* The corners of blocks, or points, of a region: those of the first are collected, and
 * those of the second compared with them. */
struct dref_blocks {
    unsigned rank;
    uint64_t *p; /* [n][2][rank] */
    uint64_t n, i, unlike;
};

static hi5_status
dref_collect(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct dref_blocks *const x = ctx;
    uint64_t *const to = x->p + x->i * 2 * x->rank;

    (void)err;
    if (x->i < x->n) {
        memcpy(to, low, x->rank * sizeof *low);
        memcpy(to + x->rank, high, x->rank * sizeof *high);
    }
    x->i++;
    return HI5_OK;
}

static hi5_status
dref_match(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct dref_blocks *const x = ctx;
    const uint64_t *const p = x->p + x->i * 2 * x->rank;

    (void)err;
    if (x->i < x->n)
        x->unlike += memcmp(p, low, x->rank * sizeof *p) != 0 ||
                     memcmp(p + x->rank, high, x->rank * sizeof *p) != 0;
    x->i++;
    return HI5_OK;
}

/* How many blocks of two regions with as many of them differ. */
static hi5_status
dref_unlike_blocks(struct diff *d, const hi5_selection *a, const hi5_selection *b,
                   uint64_t *unlike, hi5_error *err)
{
    struct dref_blocks x = {.rank = hi5_selection_rank(a),
                            .n = hi5_selection_blocks(a)};
    uint64_t bytes;
    size_t size;
    hi5_status s;

    if (!ckd_mul64(x.n, 2 * x.rank * sizeof *x.p, &bytes) || !ckd_size(bytes, &size))
        return err_plain(err, HI5_E_LIMIT, "too many blocks");
    x.p = mem_zalloc(d->mem, 1, size);
    if (x.p == NULL)
        return mem_fail(d->mem, bytes, err);
    s = hi5_selection_each_block(a, dref_collect, &x, err);
    x.i = 0;
    if (s == HI5_OK)
        s = hi5_selection_each_block(b, dref_match, &x, err);
    *unlike = x.unlike;
    mem_free(d->mem, x.p, size);
    return s;
}

static uint64_t
dref_unlike_points(const hi5_selection *a, const hi5_selection *b)
{
    const size_t size = hi5_selection_rank(a) * sizeof(uint64_t);
    uint64_t p[HI5_MAX_RANK], q[HI5_MAX_RANK], unlike = 0;

    for (uint64_t i = 0; hi5_selection_point(a, i, p) && hi5_selection_point(b, i, q);
         i++)
        unlike += memcmp(p, q, size) != 0;
    return unlike;
}

static void
dref_regions(struct diff_run *r, const hi5_target *t)
{
    const hi5_selection *const a = t[0].selection, *const b = t[1].selection;
    const hi5_selection_kind kind = hi5_selection_get_kind(a);
    uint64_t at[HI5_MAX_RANK], unlike = 0;
    hi5_diff_event e;
    hi5_error why;

    if (kind != hi5_selection_get_kind(b) ||
        hi5_selection_rank(a) != hi5_selection_rank(b) ||
        (kind == HI5_SELECTION_POINTS &&
         hi5_selection_count(a) != hi5_selection_count(b)) ||
        (kind == HI5_SELECTION_HYPERSLABS &&
         hi5_selection_blocks(a) != hi5_selection_blocks(b))) {
        dref_incomparable(r, HI5_DIFF_REGIONS);
        return;
    }
    if (kind == HI5_SELECTION_POINTS) {
        unlike = dref_unlike_points(a, b);
    } else if (kind == HI5_SELECTION_HYPERSLABS &&
               dref_unlike_blocks(r->d, a, b, &unlike, &why) != HI5_OK) {
        dref_failed(r, &why);
        return;
    }
    if (unlike == 0)
        return;
    r->count += unlike;
    if (!r->tell)
        return;
    e = diff_event(r, HI5_DIFF_REGION, at);
    e.count = unlike;
    for (unsigned i = 0; i < 2; i++) {
        e.region[i] = t[i].selection;
        e.object[i] = t[i].address;
    }
    diff_tell(r->d, &e);
}

/* ---- references ---- */

HI5_INT void
diff_references(struct diff_run *r, const hi5_reference *a, const hi5_reference *b)
{
    hi5_target t[2] = {{0}, {0}};
    hi5_object *o[2] = {NULL, NULL};
    hi5_error why;
    hi5_status s = hi5_resolve(r->file[0], a, &t[0], &why);

    if (s == HI5_OK)
        s = hi5_resolve(r->file[1], b, &t[1], &why);
    for (unsigned i = 0; i < 2 && s == HI5_OK; i++)
        s = hi5_object_open_address(t[i].file, t[i].address, &o[i], &why);
    if (s != HI5_OK)
        dref_failed(r, &why);
    else if (t[0].kind != t[1].kind)
        dref_incomparable(r, HI5_DIFF_REFERRED);
    else if (t[0].selection != NULL && t[1].selection != NULL)
        dref_regions(r, t);
    else if (t[0].attribute != NULL && t[1].attribute != NULL)
        dref_attributes(r, t, o);
    else
        dref_objects(r, t, o);
    for (unsigned i = 0; i < 2; i++) {
        hi5_object_close(o[i]);
        hi5_target_free(&t[i]);
    }
}
