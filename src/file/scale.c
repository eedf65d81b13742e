/*
 * scale.c - dimension scales, by the HDF5 Dimension Scale convention
 *
 *   of a scale     CLASS           "DIMENSION_SCALE"
 *                  NAME            the caller's, if there is one
 *                  REFERENCE_LIST  [n] of {dataset, dimension}: where it is attached
 *   of a dataset   DIMENSION_LIST  [rank] of sequences of references to scales
 *                  DIMENSION_LABELS [rank] of strings
 */
#include "base/err.h"
#include "file/attribute.h"
#include "file/dataset.h"
#include "file/scale.h"
#include "file/edit.h"
#include <string.h>

#define SCALE_MOST 4096u /* scales of one dimension, uses of one scale */

static const char scale_class[] = "DIMENSION_SCALE";

/* An entry of REFERENCE_LIST in memory. */
struct scale_use {
    hi5_reference dataset;
    int32_t dimension;
};

/* The types of the two lists. */
struct scale_types {
    hi5_type *ref, *list, *use;
};

static void
scale_types_free(struct scale_types *t)
{
    hi5_type_free(t->use);
    hi5_type_free(t->list);
    hi5_type_free(t->ref);
}

static hi5_status
scale_types_make(struct scale_types *t, hi5_error *err)
{
    hi5_member m[] = {{"dataset", offsetof(struct scale_use, dataset), NULL},
                      {"dimension", offsetof(struct scale_use, dimension), HI5_I32}};
    hi5_status s;

    *t = (struct scale_types){NULL, NULL, NULL};
    TRY(hi5_type_reference(HI5_REF_OBJECT, &t->ref, err));
    s = hi5_type_vlen(t->ref, &t->list, err);
    m[0].type = t->ref;
    if (s == HI5_OK)
        s = hi5_type_compound(sizeof(struct scale_use), m, 2, &t->use, err);
    if (s != HI5_OK)
        scale_types_free(t);
    return s;
}

/* A fixed string, as libhdf5's H5DS functions and netCDF write it. */
static hi5_status
scale_put_text(hi5_object *o, const char *name, const char *text, hi5_error *err)
{
    hi5_type *t;
    hi5_status s;

    TRY(hi5_type_string(strlen(text) + 1, HI5_NULL_TERMINATED, HI5_ASCII, &t, err));
    s = attribute_put(o, name, t, NULL, t, text, err);
    hi5_type_free(t);
    return s;
}

/* Is it a scale? */
static hi5_status
scale_is(hi5_object *o, bool *is, hi5_error *err)
{
    hi5_attribute *a;
    char **text;
    size_t n;
    hi5_status s = hi5_attribute_open(o, "CLASS", &a, err);

    *is = false;
    if (s == HI5_E_NOTFOUND)
        return HI5_OK;
    if (s != HI5_OK)
        return s;
    s = hi5_attribute_read_strings(a, &text, &n, err);
    if (s == HI5_OK) {
        *is = n == 1 && text[0] != NULL && strcmp(text[0], scale_class) == 0;
        hi5_free(o->file, text);
    } else if (s == HI5_E_TYPE) {
        s = HI5_OK;
    }
    hi5_attribute_close(a);
    return s;
}

static hi5_status
scale_make(hi5_object *o, const char *name, hi5_error *err)
{
    hi5_attribute *a;
    hi5_status s = hi5_attribute_open(o, "DIMENSION_LIST", &a, err);

    if (s == HI5_OK) {
        hi5_attribute_close(a);
        return err_plain(err, HI5_E_STATE, "a dataset with scales cannot become one");
    }
    if (s != HI5_E_NOTFOUND)
        return s;
    TRY(scale_put_text(o, "CLASS", scale_class, err));
    return name != NULL ? scale_put_text(o, "NAME", name, err) : HI5_OK;
}

/* A public call that is made of others: one of them, as far as commits go. */
static hi5_status
scale_end(hi5_dataset *d, hi5_status s, hi5_error *err)
{
    return object_error(d->object, edit_end(d->file, s, err), err);
}

hi5_status
hi5_scale_make(hi5_dataset *d, const char *name, hi5_error *err)
{
    err_clear(err);
    TRY(edit_begin(d->file, err));
    return scale_end(d, scale_make(d->object, name, err), err);
}

/* ---- the list of a dataset ---- */

/* Read DIMENSION_LIST, or make an empty one: `rank` sequences. */
static hi5_status
scale_get_list(hi5_dataset *d, const struct scale_types *t, hi5_vlen *list,
               hi5_error *err)
{
    hi5_attribute *a;
    hi5_attribute_info info;
    hi5_status s = hi5_attribute_open(d->object, "DIMENSION_LIST", &a, err);

    memset(list, 0, d->shape.rank * sizeof *list);
    if (s == HI5_E_NOTFOUND)
        return HI5_OK;
    if (s != HI5_OK)
        return s;
    hi5_attribute_get_info(a, &info);
    s = hi5_shape_count(&info.shape) == d->shape.rank
            ? hi5_attribute_read(a, t->list, list, err)
            : err_plain(err, HI5_E_CORRUPT, "DIMENSION_LIST has another number of "
                        "dimensions than the dataset");
    hi5_attribute_close(a);
    return s;
}

static hi5_status
scale_put_list(hi5_dataset *d, const struct scale_types *t, const hi5_vlen *list,
               hi5_error *err)
{
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1, .dims = {d->shape.rank}};

    for (unsigned i = 0; i < d->shape.rank; i++)
        if (list[i].n != 0)
            return attribute_put(d->object, "DIMENSION_LIST", t->list, &shape, t->list,
                                 list, err);
    return hi5_attribute_delete(d->object, "DIMENSION_LIST", err);
}

/* Put a scale into the dataset's list, or take it out. *had tells if it was there. */
static hi5_status
scale_change_list(hi5_dataset *d, unsigned dim, const hi5_reference *scale, bool add,
                  const struct scale_types *t, bool *had, hi5_error *err)
{
    hi5_vlen list[HI5_MAX_RANK], mine;
    hi5_reference refs[SCALE_MOST];
    const hi5_reference *old;
    hi5_status s;
    size_t n = 0;

    *had = false;
    TRY(scale_get_list(d, t, list, err));
    old = list[dim].p;
    for (size_t i = 0; i < list[dim].n && n < SCALE_MOST; i++) {
        const bool same = old[i].address == scale->address;
        *had |= same;
        if (!same || add)
            refs[n++] = old[i];
    }
    if (add && !*had && n < SCALE_MOST)
        refs[n++] = *scale;
    mine = list[dim];
    list[dim] = (hi5_vlen){n, refs};
    s = n < SCALE_MOST || *had ? HI5_OK
                               : err_plain(err, HI5_E_LIMIT, "too many scales");
    if (s == HI5_OK && *had != add)
        s = scale_put_list(d, t, list, err);
    list[dim] = mine;
    hi5_reclaim(d->file, t->list, d->shape.rank, list);
    return s;
}

/* ---- the list of a scale ---- */

static hi5_status
scale_change_uses(hi5_dataset *scale, const struct scale_use *use, bool add,
                  const struct scale_types *t, hi5_error *err)
{
    hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1};
    struct mem *const mem = &scale->file->mem;
    struct scale_use *uses = NULL;
    hi5_attribute_info info;
    hi5_attribute *a = NULL;
    uint64_t old = 0, n = 0;
    hi5_status s = hi5_attribute_open(scale->object, "REFERENCE_LIST", &a, err);

    if (s == HI5_OK) {
        hi5_attribute_get_info(a, &info);
        old = hi5_shape_count(&info.shape);
        s = old <= UINT16_MAX ? HI5_OK
                              : err_plain(err, HI5_E_LIMIT, "too many uses of a scale");
    } else if (s == HI5_E_NOTFOUND) {
        s = HI5_OK;
    }
    if (s == HI5_OK) {
        uses = mem_zalloc(mem, (size_t)old + 1, sizeof *uses);
        s = uses == NULL ? mem_fail(mem, old * sizeof *uses, err)
            : a != NULL  ? hi5_attribute_read(a, t->use, uses, err)
                         : HI5_OK;
    }
    hi5_attribute_close(a);
    for (uint64_t i = 0; s == HI5_OK && i < old; i++)
        if (uses[i].dataset.address != use->dataset.address ||
            uses[i].dimension != use->dimension)
            uses[n++] = uses[i];
    if (add && s == HI5_OK)
        uses[n++] = *use;
    shape.dims[0] = n;
    if (s == HI5_OK && n != 0)
        s = attribute_put(scale->object, "REFERENCE_LIST", t->use, &shape, t->use, uses,
                          err);
    else if (s == HI5_OK && old != 0)
        s = hi5_attribute_delete(scale->object, "REFERENCE_LIST", err);
    if (uses != NULL)
        mem_free(mem, uses, ((size_t)old + 1) * sizeof *uses);
    return s;
}

/* ---- attaching ---- */

static hi5_status
scale_check(const hi5_dataset *d, unsigned dim, const hi5_dataset *scale, hi5_error *err)
{
    if (dim >= d->shape.rank)
        return err_plain(err, HI5_E_RANGE, "dimension %u of %u", dim, d->shape.rank);
    if (d->file != scale->file)
        return err_plain(err, HI5_E_ARG, "dataset and scale are in different files");
    if (d->object->head->addr == scale->object->head->addr)
        return err_plain(err, HI5_E_ARG, "a dataset cannot be its own scale");
    return HI5_OK;
}

static hi5_status
scale_change(hi5_dataset *d, unsigned dim, hi5_dataset *scale, bool add, hi5_error *err)
{
    const hi5_reference ref = {.kind = HI5_REF_OBJECT,
                               .address = scale->object->head->addr};
    const struct scale_use use = {{.kind = HI5_REF_OBJECT,
                                   .address = d->object->head->addr},
                                  (int32_t)dim};
    struct scale_types t;
    bool is, had;
    hi5_status s;

    TRY(scale_check(d, dim, scale, err));
    TRY(scale_is(d->object, &is, err));
    if (is)
        return err_plain(err, HI5_E_STATE, "a dimension scale has no scales itself");
    TRY(scale_is(scale->object, &is, err));
    if (!is && !add)
        return err_plain(err, HI5_E_NOTFOUND, "that dataset is no dimension scale");
    if (!is)
        TRY(scale_make(scale->object, NULL, err));
    TRY(scale_types_make(&t, err));
    s = scale_change_list(d, dim, &ref, add, &t, &had, err);
    if (s == HI5_OK && !add && !had)
        s = err_plain(err, HI5_E_NOTFOUND, "the scale is not attached to dimension %u",
                      dim);
    if (s == HI5_OK && had != add)
        s = scale_change_uses(scale, &use, add, &t, err);
    scale_types_free(&t);
    return s;
}

hi5_status
hi5_scale_attach(hi5_dataset *d, unsigned dim, hi5_dataset *scale, hi5_error *err)
{
    err_clear(err);
    TRY(edit_begin(d->file, err));
    return scale_end(d, scale_change(d, dim, scale, true, err), err);
}

hi5_status
hi5_scale_detach(hi5_dataset *d, unsigned dim, hi5_dataset *scale, hi5_error *err)
{
    err_clear(err);
    TRY(edit_begin(d->file, err));
    return scale_end(d, scale_change(d, dim, scale, false, err), err);
}

/* ---- a dataset that has been copied ---- */

static hi5_status
scale_enter_one(const hi5_dataset *d, unsigned dim, const hi5_reference *scale,
                const struct scale_types *t, hi5_error *err)
{
    const struct scale_use use = {{.kind = HI5_REF_OBJECT,
                                   .address = d->object->head->addr},
                                  (int32_t)dim};
    hi5_object *o;
    hi5_dataset *s;
    hi5_status status;

    if (scale->kind != HI5_REF_OBJECT ||
        object_open(d->file, scale->address, NULL, &o, NULL) != HI5_OK)
        return HI5_OK;
    status = dataset_open(o, NULL, &s, NULL);
    hi5_object_close(o);
    if (status != HI5_OK)
        return HI5_OK;
    status = scale_change_uses(s, &use, true, t, err);
    hi5_dataset_close(s);
    return status;
}

HI5_INT hi5_status
scale_enter(hi5_object *o, hi5_error *err)
{
    hi5_vlen list[HI5_MAX_RANK];
    struct scale_types t;
    hi5_dataset *d;
    hi5_status s;

    TRY(dataset_open(o, NULL, &d, err));
    s = scale_types_make(&t, err);
    if (s == HI5_OK) {
        if (scale_get_list(d, &t, list, NULL) == HI5_OK) {
            for (unsigned i = 0; i < d->shape.rank; i++)
                for (size_t k = 0; s == HI5_OK && k < list[i].n; k++)
                    s = scale_enter_one(d, i, (const hi5_reference *)list[i].p + k, &t,
                                        err);
            hi5_reclaim(d->file, t.list, d->shape.rank, list);
        }
        scale_types_free(&t);
    }
    hi5_dataset_close(d);
    return s;
}

/* ---- labels ---- */

static hi5_status
scale_label(hi5_dataset *d, unsigned dim, const char *label, hi5_error *err)
{
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1, .dims = {d->shape.rank}};
    const char *labels[HI5_MAX_RANK] = {NULL};
    char **old = NULL;
    hi5_attribute *a;
    hi5_type *t;
    size_t n = 0;
    hi5_status s;

    if (dim >= d->shape.rank)
        return err_plain(err, HI5_E_RANGE, "dimension %u of %u", dim, d->shape.rank);
    s = hi5_attribute_open(d->object, "DIMENSION_LABELS", &a, err);
    if (s == HI5_OK) {
        s = hi5_attribute_read_strings(a, &old, &n, err);
        hi5_attribute_close(a);
    } else if (s == HI5_E_NOTFOUND) {
        s = HI5_OK;
    }
    for (size_t i = 0; i < n && i < d->shape.rank; i++)
        labels[i] = old[i];
    labels[dim] = label;
    if (s == HI5_OK)
        s = hi5_type_vlen_string(HI5_NULL_TERMINATED, HI5_ASCII, &t, err);
    if (s == HI5_OK) {
        s = attribute_put(d->object, "DIMENSION_LABELS", t, &shape, t, labels, err);
        hi5_type_free(t);
    }
    if (old != NULL)
        hi5_free(d->file, old);
    return s;
}

hi5_status
hi5_dimension_label(hi5_dataset *d, unsigned dim, const char *label, hi5_error *err)
{
    err_clear(err);
    TRY(edit_begin(d->file, err));
    return scale_end(d, scale_label(d, dim, label, err), err);
}
