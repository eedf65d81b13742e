/*
 * check_scales.c - conventions: dimension scales, and what netCDF asks for
 *
 * A convention of attributes. A dataset's DIMENSION_LIST has for each dimension the
 * scales that belong to it; a scale has CLASS "DIMENSION_SCALE", and a REFERENCE_LIST of
 * the datasets and dimensions that use it. Both lists are kept while objects are looked
 * at, and compared in the end.
 */
#include "file/check.h"
#include <stdlib.h>
#include <string.h>

/* ---- what attributes say ---- */

static void
scales_note(struct check *k, bool by_scale, uint64_t dataset, uint64_t dim,
            uint64_t scale, uint64_t where)
{
    struct check_scale *const s = check_list_add(k, &k->scales, sizeof *s);

    if (s != NULL)
        *s = (struct check_scale){dataset, scale, dim, where, k->path, by_scale};
}

/* WORLD-08: libhdf5 compares the type, byte by byte. */
static void
scales_class(struct check_header *x, const struct msg_attr *m, const hi5_type *t)
{
    static const char scale[] = "DIMENSION_SCALE";

    if (t->cls != HI5_STRING || m->data_len < sizeof scale - 1 ||
        memcmp(m->data, scale, sizeof scale - 1) != 0)
        return;
    check_set_add(x->k, &x->k->scale_objects, x->h->addr);
    if (t->size != sizeof scale || t->string_pad != HI5_NULL_TERMINATED)
        check_report_as(x->k, "CV-001", HI5_NOTE, m->type_addr, "attribute message",
                        "datatype",
                        "CLASS is a string of %zu bytes, which libhdf5 does "
                        "not take for that of a dimension scale",
                        t->size);
}

/* The scales of one dimension, an element of DIMENSION_LIST. */
static void
scales_of_dimension(struct check_header *x, const uint8_t *p, uint64_t dim,
                    uint64_t where)
{
    struct check *const k = x->k;
    const unsigned off_w = k->meta->off_w;
    const uint64_t n = cur_raw_uint(p, 4);
    const uint8_t *bytes;
    void *held;
    size_t size;

    if (n == 0)
        return;
    k->mute = true; /* whoever looks at values says what is wrong */
    if (gheap_get(k->file->gheap, cur_raw_addr(p + 4, off_w),
                  (uint32_t)cur_raw_uint(p + 4 + off_w, 4), &bytes, &size, &held,
                  NULL) == HI5_OK) {
        for (uint64_t i = 0; i < n && (i + 1) * off_w <= size; i++)
            scales_note(k, false, x->h->addr, dim,
                        cur_raw_addr(bytes + i * off_w, off_w), where);
        gheap_release(k->file->gheap, held);
    }
    k->mute = false;
}

static void
scales_dimension_list(struct check_header *x, const struct msg_attr *m,
                      const hi5_type *t, const hi5_shape *shape)
{
    if (t->cls != HI5_VLEN || t->base->cls != HI5_REFERENCE || shape->rank != 1) {
        check_report(x->k, "CV-001", m->type_addr, "attribute message", "datatype",
                     "DIMENSION_LIST is no list of references");
        return;
    }
    if (x->has_space && shape->dims[0] != x->space.shape.rank)
        check_report(x->k, "CV-001", m->space_addr, "attribute message", "dataspace",
                     "DIMENSION_LIST has %llu elements for %u dimensions",
                     (unsigned long long)shape->dims[0], x->space.shape.rank);
    if (t->base->ref_kind != HI5_REF_OBJECT)
        return;
    for (uint64_t i = 0; i < shape->dims[0] && (i + 1) * t->size <= m->data_len; i++)
        scales_of_dimension(x, m->data + i * t->size, i, m->data_addr + i * t->size);
}

/* An integer of at most 8 bytes, in the file's byte order. */
static uint64_t
scales_number(const uint8_t *p, const hi5_type *t)
{
    uint64_t v = 0;

    for (size_t i = 0; i < t->size; i++)
        v = v << 8 | p[t->order == HI5_BE ? i : t->size - 1 - i];
    return v;
}

static void
scales_reference_list(struct check_header *x, const struct msg_attr *m,
                      const hi5_type *t, const hi5_shape *shape)
{
    const unsigned off_w = x->k->meta->off_w;
    const hi5_member *ref, *dim;

    if (t->cls != HI5_COMPOUND || t->members != 2 || shape->rank != 1)
        return; /* somebody else's attribute of this name */
    ref = &t->member[0];
    dim = &t->member[1];
    if (ref->type->cls != HI5_REFERENCE || ref->type->ref_kind != HI5_REF_OBJECT ||
        dim->type->cls != HI5_INTEGER || dim->type->size > 8)
        return;
    for (uint64_t i = 0; i < shape->dims[0] && (i + 1) * t->size <= m->data_len; i++) {
        const uint8_t *const p = m->data + i * t->size;

        scales_note(x->k, true, cur_raw_addr(p + ref->offset, off_w),
                    scales_number(p + dim->offset, dim->type), x->h->addr,
                    m->data_addr + i * t->size);
    }
}

/* ---- netCDF ---- */

/* CV-003. NOTE(netcdf): the library refuses to open a variable otherwise. */
static void
scales_fill_value(struct check_header *x, const struct msg_attr *m, const hi5_type *t)
{
    if (x->k->netcdf && x->type != NULL &&
        (t->cls != x->type->cls || t->size != x->type->size))
        check_report(
            x->k, "CV-003", m->type_addr, "attribute message", "datatype",
            "_FillValue has %zu bytes of class %d, the variable %zu of class %d",
            t->size, (int)t->cls, x->type->size, (int)x->type->cls);
}

/* CV-002, WORLD-05: order of creation, of links and of attributes. */
HI5_INT void
check_netcdf_group(struct check_header *x)
{
    const bool links = x->has_link_info && (x->link_info.flags & 1) != 0;
    const bool attributes =
        x->h->version == 2 && (x->h->flags & OHDR_F_ORDER_TRACKED) != 0;

    if (x->k->netcdf && (!links || !attributes))
        check_report(x->k, "CV-002", x->h->addr, "object header", "",
                     "the order of creation of %s is not tracked",
                     links        ? "attributes"
                     : attributes ? "links"
                                  : "links and attributes");
}

HI5_INT void
check_scale_attribute(struct check_header *x, const struct msg_attr *m,
                      const hi5_type *t, const hi5_shape *shape)
{
    if (strcmp(m->name, "_NCProperties") == 0 && x->h->addr == x->k->file->super.root)
        x->k->netcdf = true;
    else if (strcmp(m->name, "_FillValue") == 0)
        scales_fill_value(x, m, t);
    if (strcmp(m->name, "CLASS") == 0)
        scales_class(x, m, t);
    else if (strcmp(m->name, "DIMENSION_LIST") == 0)
        scales_dimension_list(x, m, t, shape);
    else if (strcmp(m->name, "REFERENCE_LIST") == 0)
        scales_reference_list(x, m, t, shape);
}

/* ---- whether they agree ---- */

static int
scales_order(const void *a, const void *b)
{
    const struct check_scale *const x = a, *const y = b;

    if (x->scale != y->scale)
        return x->scale < y->scale ? -1 : 1;
    if (x->dataset != y->dataset)
        return x->dataset < y->dataset ? -1 : 1;
    if (x->dim != y->dim)
        return x->dim < y->dim ? -1 : 1;
    return 0;
}

/* The same, and what datasets say first. */
static int
scales_sort(const void *a, const void *b)
{
    const int order = scales_order(a, b);

    return order != 0 ? order
                      : (int)((const struct check_scale *)a)->by_scale -
                            (int)((const struct check_scale *)b)->by_scale;
}

static void
scales_no_scale(struct check *k, const struct check_scale *s)
{
    k->path = s->path;
    check_report(k, "CV-001", s->where, "attribute message", "data",
                 "dimension %llu has the object at 0x%llx, which is no scale",
                 (unsigned long long)s->dim, (unsigned long long)s->scale);
}

static void
scales_report(struct check *k, const struct check_scale *s)
{
    k->path = s->path;
    if (s->by_scale)
        check_report_as(k, "CV-001", HI5_NOTE, s->where, "attribute message", "data",
                        "REFERENCE_LIST has dimension %llu of the object at 0x%llx, "
                        "which does not use this scale",
                        (unsigned long long)s->dim, (unsigned long long)s->dataset);
    else if (!check_set_has(&k->scale_objects, s->scale))
        scales_no_scale(k, s);
    else
        check_report(k, "CV-001", s->where, "attribute message", "data",
                     "the scale at 0x%llx of dimension %llu does not list it",
                     (unsigned long long)s->scale, (unsigned long long)s->dim);
}

HI5_INT void
check_scales(struct check *k)
{
    const struct check_scale *const s = k->scales.p;
    const size_t n = k->scales.n;

    if (n > 1)
        qsort(k->scales.p, n, sizeof *s, scales_sort);
    for (size_t i = 0, end; i < n && !k->incomplete; i = end) {
        bool listed[2] = {false, false}; /* by the dataset, by the scale */

        for (end = i; end < n && scales_order(&s[i], &s[end]) == 0; end++)
            listed[s[end].by_scale] = true;
        if (listed[0] != listed[1])
            scales_report(k, &s[i]);
        else if (!check_set_has(&k->scale_objects, s[i].scale))
            scales_no_scale(k, &s[i]);
    }
    k->path = "";
}
