/*
 * copy_dataset.c - headers of datasets that are copied
 *
 * Shape, datatype, fill value and filters are the original's; the layout is the one that
 * the file it goes to would have, which is mostly another kind of chunk index.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/copy.h"
#include "file/external_edit.h"
#include "file/filter_params.h"
#include "file/vds.h"
#include "file/vds_edit.h"
#include <string.h>

#define COPY_COMPACT 65520u /* what a layout message can hold */

/* A dataset on its way. */
struct copy_making {
    struct copy_header *h;
    hi5_dataset *d;
    struct copy_plan plan;
    struct copy_type type;
    hi5_shape shape; /* as stored */
    uint64_t bytes;  /* of all elements, as they will be */
    struct msg_fill fill;
    struct pipeline pipeline;
    struct msg_layout layout;
    struct msg_efl efl;
};

/* ---- shape and datatype ---- */

/* The shape that is stored: a virtual dataset's may be another one than what it seems. */
static hi5_status
making_copy_shape(struct copy_making *k)
{
    const struct ohdr_msg *const m = ohdr_first(k->h->o->head, MSG_SPACE);
    struct msg_space space;
    struct cur c;

    TRY(object_message(k->h->o->file, m, &k->h->arena, &c, NULL, k->h->c->err));
    msg_space_code(&c, &space);
    k->shape = space.shape;
    return c.status;
}

static hi5_status
making_copy_type(struct copy_making *k)
{
    struct copy_header *const h = k->h;
    const uint64_t n = hi5_shape_count(&k->shape);

    TRY(copy_type(h->c, h->source, k->d->type, k->plan.native, &h->arena, &k->type));
    if (n == UINT64_MAX || !ckd_mul64(n, k->type.type->size, &k->bytes))
        return err_plain(h->c->err, HI5_E_LIMIT, "the dataset has 2^64 bytes or more");
    return HI5_OK;
}

/* ---- fill value ---- */

static hi5_status
making_copy_value(struct copy_making *k)
{
    struct copy_header *const h = k->h;
    const hi5_type *const to = k->type.type, *const from = k->d->type;
    struct copy_values v = {.c = h->c, .source = h->source, .from = from, .to = to};
    uint8_t *const value = arena_zalloc(&h->arena, 1, to->size);
    hi5_status s;

    if (value == NULL)
        return mem_fail(h->c->mem, to->size, h->c->err);
    if (copy_values_wait(h->c, h->source, from)) {
        s = HI5_OK; /* copy_dataset_later */
    } else if (k->plan.native && !from->has_vlen) {
        s = hi5_dataset_read_fill(k->d, to, value, h->c->err);
    } else {
        s = copy_values(&v, k->d->fill.value, value, 1);
        copy_values_done(&v);
    }
    if (copy_passes(h->c, s)) {
        k->fill.status = HI5_FILL_DEFAULT;
        return HI5_OK;
    }
    k->fill.value = value;
    k->fill.size = (uint32_t)to->size;
    return s;
}

static hi5_status
making_copy_fill(struct copy_making *k)
{
    static const uint8_t usual[] = {1, 2, 3, 3}; /* by layout class */
    const struct msg_fill *const f = &k->d->fill;

    if (k->d->fill_status != HI5_OK && !copy_passes(k->h->c, k->d->fill_status))
        return err_set(k->h->c->err, k->d->fill_status, k->h->o->head->addr,
                       "fill value message", "", "IV.A.2.f", "it cannot be decoded");
    k->fill = (struct msg_fill){
        .version = k->h->c->to->edit->compat == HI5_COMPAT_EARLIEST ? 2 : 3,
        .alloc_time = f->alloc_time,
        .write_time = f->write_time,
        .status = f->status};
    if (k->layout.cls != k->d->layout.cls)
        k->fill.alloc_time = usual[k->layout.cls & 3];
    if (f->status != HI5_FILL_USER)
        return HI5_OK;
    if (f->size != k->d->type->size) { /* it could not be used */
        k->fill.status = HI5_FILL_DEFAULT;
        return HI5_OK;
    }
    return making_copy_value(k);
}

/* ---- filters ---- */

static hi5_status
making_new_filters(struct copy_making *k, const hi5_filter *filter, size_t n)
{
    struct copy_header *const h = k->h;
    const hi5_dataset_options o = {.size = sizeof o, .filters = filter, .nfilters = n};

    return filter_params_make(h->c->to, &o, k->type.type, &k->fill, k->layout.dim,
                              k->shape.rank, &h->arena, &k->pipeline, h->c->err);
}

static bool
making_same_chunks(const struct copy_making *k)
{
    const struct msg_layout *const a = &k->layout, *const b = &k->d->layout;

    if (b->cls != HI5_CHUNKED)
        return false;
    for (unsigned i = 0; i < k->shape.rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

/* The same filters for other elements: what follows from these is left out, and found anew. */
static hi5_status
making_adapt_filters(struct copy_making *k)
{
    hi5_filter *const f = k->pipeline.filter;

    for (unsigned i = 0; i < k->pipeline.n; i++) {
        if (f[i].id == FILTER_SHUFFLE || f[i].id == FILTER_NBIT)
            f[i].nvalues = 0;
        else if (f[i].id == FILTER_SCALEOFFSET || f[i].id == FILTER_SZIP)
            f[i].nvalues = f[i].nvalues < 2 ? f[i].nvalues : 2;
    }
    return making_new_filters(k, f, k->pipeline.n);
}

/* Do filters find the same chunks of the same elements? */
static bool
making_same_elements(const struct copy_making *k)
{
    return making_same_chunks(k) && k->type.type->size == k->d->type->size &&
           (!k->plan.native || hi5_type_equal(k->type.type, k->d->type));
}

static hi5_status
making_copy_filters(struct copy_making *k)
{
    const struct pipeline *const p = &k->d->pipeline;

    if (k->layout.cls != HI5_CHUNKED)
        return HI5_OK;
    if (k->plan.new_filters)
        return k->plan.nfilters != 0
                   ? making_new_filters(k, k->plan.filter, k->plan.nfilters)
                   : HI5_OK;
    k->pipeline = *p;
    k->pipeline.version = k->h->c->to->edit->compat == HI5_COMPAT_EARLIEST ? 1 : 2;
    if (p->n == 0 || making_same_elements(k))
        return HI5_OK;
    k->pipeline.filter = arena_copy(&k->h->arena, p->filter, p->n * sizeof *p->filter);
    return k->pipeline.filter != NULL
               ? making_adapt_filters(k)
               : mem_fail(k->h->c->mem, p->n * sizeof *p->filter, k->h->c->err);
}

/* ---- layout ---- */

/* Class and chunks: as they are, or as they are to be. */
static void
making_copy_class(struct copy_making *k)
{
    struct msg_layout *const l = &k->layout;
    const hi5_shape *const s = &k->shape;

    l->cls = (uint8_t)(k->plan.new_layout ? k->plan.cls : k->d->layout.cls);
    if (l->cls != HI5_CHUNKED) {
        for (unsigned i = 0; l->cls != HI5_VIRTUAL && i < s->rank; i++)
            if (k->plan.new_layout)
                k->shape.max[i] = s->dims[i]; /* only chunks can grow */
        return;
    }
    if (!k->plan.new_layout)
        memcpy(l->dim, k->d->layout.dim, sizeof l->dim);
    else if (k->plan.rank == 0)
        layout_guess_chunk(s, k->type.type->size, l->dim);
    else
        memcpy(l->dim, k->plan.chunk, s->rank * sizeof *l->dim);
    for (unsigned i = 0; k->plan.new_layout && i < s->rank; i++)
        if (s->max[i] != HI5_UNLIMITED && l->dim[i] > s->max[i] && s->max[i] != 0)
            l->dim[i] = s->max[i];
    l->dim[s->rank] = k->type.type->size;
}

/* What the original's index was made with, where it is of the same kind. */
static void
making_copy_index(struct copy_making *k)
{
    struct msg_layout *const l = &k->layout;
    const struct msg_layout *const was = &k->d->layout;

    if (l->version < 4 || was->version < 4 || !making_same_chunks(k))
        return;
    l->flags |= was->flags & 1; /* chunks at the edge are not filtered */
    if (l->index != was->index)
        return;
    l->fa_page_bits = was->fa_page_bits;
    l->ea_max_bits = was->ea_max_bits;
    l->ea_index_elements = was->ea_index_elements;
    l->ea_min_pointers = was->ea_min_pointers;
    l->ea_min_elements = was->ea_min_elements;
    l->ea_page_bits = was->ea_page_bits;
    l->bt2_node_size = was->bt2_node_size;
    l->bt2_split = was->bt2_split;
    l->bt2_merge = was->bt2_merge;
}

static hi5_status
making_copy_mappings(struct copy_making *k)
{
    struct copy_header *const h = k->h;
    const size_t n = vds_count(k->d);
    hi5_mapping *const m = arena_zalloc(&h->arena, n + 1, sizeof *m);

    if (m == NULL)
        return mem_fail(h->c->mem, n * sizeof *m, h->c->err);
    for (size_t i = 0; i < n; i++)
        vds_mapping(k->d, i, &m[i]);
    return vds_put(h->c->to, m, n, &k->layout.addr, &k->layout.heap_index, h->c->err);
}

static hi5_status
making_copy_external(struct copy_making *k)
{
    struct copy_header *const h = k->h;
    hi5_external *const x = arena_zalloc(&h->arena, k->d->nexternals, sizeof *x);

    if (x == NULL)
        return mem_fail(h->c->mem, k->d->nexternals * sizeof *x, h->c->err);
    for (size_t i = 0; i < k->d->nexternals; i++)
        x[i] = (hi5_external){k->d->external[i].name, k->d->external[i].offset,
                              k->d->external[i].size};
    return external_list(h->c->to, x, k->d->nexternals, &h->arena, &k->efl, h->c->err);
}

static hi5_status
making_copy_layout(struct copy_making *k)
{
    struct copy_header *const h = k->h;
    struct msg_layout *const l = &k->layout;

    layout_choose(h->c->to, &k->shape, k->pipeline.n != 0, k->fill.alloc_time, l);
    if (l->cls == HI5_VIRTUAL)
        return making_copy_mappings(k);
    if (l->cls == HI5_CHUNKED) {
        making_copy_index(k);
        return HI5_OK;
    }
    if (l->cls == HI5_COMPACT && k->bytes > COPY_COMPACT)
        return err_plain(h->c->err, HI5_E_LIMIT,
                         "%llu bytes of data do not fit into the "
                         "header",
                         (unsigned long long)k->bytes);
    l->size = k->bytes;
    if (l->cls == HI5_COMPACT) {
        l->data = arena_zalloc(&h->arena, 1, (size_t)k->bytes + 1);
        return l->data != NULL ? HI5_OK : mem_fail(h->c->mem, k->bytes, h->c->err);
    }
    if (k->d->nexternals != 0)
        return making_copy_external(k);
    h->data_follows = h->c->to->meta.stage->packed && k->bytes >= STAGE_ALIGNED;
    return HI5_OK;
}

/* ---- messages ---- */

static hi5_status
making_copy_messages(struct copy_making *k)
{
    struct copy_header *const h = k->h;
    struct msg_space space = edit_space(h->c->to->edit, &k->shape);
    struct msg_fill old = k->fill;
    struct ohdr_put type;

    TRY(copy_put(h, MSG_SPACE, 0, &space));
    TRY(copy_type_put(h->c, &k->type, true, &h->arena, &type));
    TRY(copy_put_raw(h, &type));
    TRY(copy_put(h, MSG_FILL, MSG_F_CONSTANT, &k->fill));
    old.version = 0;
    if (h->c->to->edit->compat == HI5_COMPAT_EARLIEST && old.status == HI5_FILL_USER)
        TRY(copy_put(h, MSG_FILL_OLD, MSG_F_CONSTANT, &old));
    if (k->pipeline.n != 0)
        TRY(copy_put(h, MSG_PLINE, MSG_F_CONSTANT, &k->pipeline));
    TRY(copy_put(h, MSG_LAYOUT, 0, &k->layout));
    return k->efl.nused != 0 ? copy_put(h, MSG_EFL, MSG_F_CONSTANT, &k->efl) : HI5_OK;
}

static hi5_status
making_copy(struct copy_making *k)
{
    struct copy *const c = k->h->c;

    if (c->plan != NULL)
        TRY(c->plan(c->plan_ctx, k->d, &k->plan, c->err));
    TRY(making_copy_shape(k));
    TRY(making_copy_type(k));
    making_copy_class(k);
    TRY(making_copy_fill(k));
    TRY(making_copy_filters(k));
    TRY(making_copy_layout(k));
    k->h->later |= copy_values_wait(c, k->h->source, k->d->type);
    return making_copy_messages(k);
}

HI5_INT hi5_status
copy_dataset_make(struct copy_header *h)
{
    struct copy_making k = {.h = h};
    hi5_status s;

    TRY(dataset_open(h->o, NULL, &k.d, h->c->err));
    s = making_copy(&k);
    hi5_dataset_close(k.d);
    return s;
}

/* ---- elements ---- */

/* A fill value with references, in the place of zeros. */
static hi5_status
copy_value_later(struct copy_data *x)
{
    struct dataset_edit *const e = x->e;
    struct copy_values v = {
        .c = x->c, .source = x->source, .from = x->d->type, .to = e->type};
    uint8_t *const value = arena_zalloc(&e->arena, 1, e->type->size);
    hi5_status s;

    if (e->fill.status != HI5_FILL_USER || e->fill.size != e->type->size ||
        !copy_values_wait(x->c, x->source, x->d->type))
        return HI5_OK;
    if (value == NULL)
        return mem_fail(x->c->mem, e->type->size, x->c->err);
    s = copy_values(&v, x->d->fill.value, value, 1);
    copy_values_done(&v);
    e->fill.value = value;
    return s == HI5_OK ? dataset_edit_put_fill(e, x->c->err) : s;
}

static hi5_status
copy_dataset_data(struct copy *c, size_t i)
{
    struct copy_data x = {.c = c,
                          .source = c->entry[i].source,
                          .partial = (c->entry[i].flags & COPY_PARTIAL) != 0};
    hi5_object *from, *to = NULL;
    hi5_status s;

    TRY(object_open(c->source[x.source], c->entry[i].from, NULL, &from, c->err));
    s = dataset_open(from, NULL, &x.d, c->err);
    if (s == HI5_OK)
        s = object_open(c->to, c->entry[i].to, NULL, &to, c->err);
    if (s == HI5_OK)
        s = dataset_edit_open(to, &x.e, c->err);
    if (s == HI5_OK)
        s = copy_value_later(&x);
    if (s == HI5_OK)
        s = copy_data(&x);
    copy_values_done(&x.v);
    if (x.e != NULL && s == HI5_OK)
        s = dataset_edit_close(x.e, c->err);
    else if (x.e != NULL)
        dataset_edit_close(x.e, NULL);
    hi5_object_close(to);
    hi5_dataset_close(x.d);
    hi5_object_close(from);
    return s;
}

HI5_INT hi5_status
copy_dataset_fill(struct copy_header *h, size_t i)
{
    return (h->c->entry[i].flags & COPY_LATER) == 0 ? copy_dataset_data(h->c, i)
                                                    : HI5_OK;
}

HI5_INT hi5_status
copy_dataset_later(struct copy *c, size_t i)
{
    return copy_dataset_data(c, i);
}
