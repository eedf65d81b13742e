/*
 * reference_edit.c - references, made                              [FMT VIII.C]
 *
 * The address of an object is all that a reference to one is. Regions and attributes
 * are described by an object of the global heap, whose form goes with the file's target:
 * before 1.12 there are regions only.
 */
#include "base/err.h"
#include "file/attribute.h"
#include "file/dataset_edit.h"
#include "file/gheap_edit.h"
#include "format/msg_select.h"
#include <string.h>

hi5_status
hi5_reference_object(hi5_object *o, hi5_reference *r, hi5_error *err)
{
    err_clear(err);
    *r = (hi5_reference){.kind = HI5_REF_OBJECT, .address = o->head->addr};
    return object_error(o, object_here(o, err), err);
}

/* ---- heap objects ---- */

/* What a heap object says. */
struct refput {
    hi5_file *file;
    hi5_ref_kind kind;
    uint64_t address;
    const hi5_selection *region;
    const char *attribute;
    hi5_error *err;
};

typedef void (*refput_fn)(struct cur *c, const struct refput *p, struct ref_object *r);

/* Encode with `code`, once to measure and once to write. */
static hi5_status
refput_encode(const struct refput *p, refput_fn code, struct ref_object *r,
              struct arena *a, const uint8_t **bytes, size_t *n)
{
    struct cur c = cur_sizer(p->err);
    uint8_t *out;

    c.off_w = p->file->meta.off_w;
    code(&c, p, r);
    if (!cur_ok(&c))
        return c.status;
    *n = c.pos;
    out = arena_alloc(a, *n);
    if (out == NULL)
        return mem_fail(&p->file->mem, *n, p->err);
    c = cur_writer(out, *n, p->err);
    c.off_w = p->file->meta.off_w;
    code(&c, p, r);
    *bytes = out;
    return c.status;
}

static void
refput_selection(struct cur *c, const struct refput *p, struct ref_object *r)
{
    (void)r;
    select_encode(c, p->region, p->file->edit->compat);
}

static void
refput_object(struct cur *c, const struct refput *p, struct ref_object *r)
{
    if (p->kind != HI5_REF_REGION) {
        ref_object_code(c, r, p->kind, false);
        return;
    }
    cur_begin(c, "region reference", "IV.A.2.d");
    cur_addr(c, "object address", &r->address);
    cur_view(c, "selection", &r->selection, r->selection_len);
}

static hi5_status
refput_store(const struct refput *p, struct arena *a, hi5_reference *out)
{
    struct ref_object r = {.address = p->address, .attribute = p->attribute};
    hi5_reference made = {.kind = (uint8_t)p->kind, .in_heap = 1};
    const uint8_t *bytes;
    size_t n;

    if (p->region != NULL) {
        r.rank = hi5_selection_rank(p->region);
        TRY(refput_encode(p, refput_selection, &r, a, &r.selection, &r.selection_len));
    }
    TRY(refput_encode(p, refput_object, &r, a, &bytes, &n));
    TRY(gheap_put(p->file, bytes, n, &made.address, &made.index, p->err));
    made.size = p->kind == HI5_REF_REGION ? 0 : n;
    *out = made;
    return HI5_OK;
}

static hi5_status
refput_make(const struct refput *p, hi5_reference *out)
{
    struct arena a;
    hi5_status s;

    TRY(edit_begin(p->file, p->err));
    arena_init(&a, &p->file->mem);
    s = refput_store(p, &a, out);
    arena_done(&a);
    return edit_end(p->file, s, p->err);
}

/* ---- regions ---- */

static hi5_status
refput_check_region(const hi5_dataset *d, const hi5_selection *region, hi5_error *err)
{
    if (hi5_selection_rank(region) != d->shape.rank)
        return err_plain(err, HI5_E_ARG, "a region of rank %u of a dataset of rank %u",
                         hi5_selection_rank(region), d->shape.rank);
    if (sel_unlimited_dim(region) >= 0)
        return err_plain(err, HI5_E_ARG, "a region without an end");
    for (unsigned i = 0; i < d->shape.rank; i++)
        if (sel_extent(region)[i] != d->shape.dims[i])
            return err_plain(err, HI5_E_ARG, "the region was selected in another "
                             "shape: dimension %u is %llu, not %llu", i,
                             (unsigned long long)sel_extent(region)[i],
                             (unsigned long long)d->shape.dims[i]);
    if (!sel_fits(region))
        return err_plain(err, HI5_E_RANGE, "the region reaches beyond the dataset");
    return HI5_OK;
}

hi5_status
hi5_reference_region(hi5_dataset *d, const hi5_selection *region, hi5_reference *r,
                     hi5_error *err)
{
    struct refput p = {.file = d->file, .address = d->object->head->addr,
                       .region = region, .err = err};
    hi5_dataset *now;
    hi5_status s;

    err_clear(err);
    if (d->file->edit == NULL)
        return err_plain(err, HI5_E_STATE, "the file was opened for reading only");
    p.kind = d->file->edit->compat >= HI5_COMPAT_V112 ? HI5_REF_REGION2
                                                      : HI5_REF_REGION;
    s = dataset_current(d, &now, err);
    if (s == HI5_OK)
        s = refput_check_region(now, region, err);
    if (s == HI5_OK)
        s = refput_make(&p, r);
    return object_error(d->object, s, err);
}

/* ---- attributes ---- */

hi5_status
hi5_reference_attribute(hi5_object *o, const char *name, hi5_reference *r,
                        hi5_error *err)
{
    struct refput p = {.file = o->file, .kind = HI5_REF_ATTRIBUTE,
                       .address = o->head->addr, .attribute = name, .err = err};
    hi5_attribute *a;
    hi5_status s;

    err_clear(err);
    if (o->file->edit == NULL)
        return err_plain(err, HI5_E_STATE, "the file was opened for reading only");
    if (o->file->edit->compat < HI5_COMPAT_V112)
        return err_plain(err, HI5_E_UNSUPPORTED, "there are references to attributes "
                         "from HI5_COMPAT_V112 on");
    TRY(hi5_attribute_open(o, name, &a, err));
    hi5_attribute_close(a);
    s = refput_make(&p, r);
    return object_error(o, s, err);
}
