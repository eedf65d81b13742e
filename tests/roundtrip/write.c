/*
 * write.c - random changes to a file, each made to the model, too
 */
#include "roundtrip.h"
#include <stdlib.h>
#include <string.h>

#define WRITE_ELEMENTS 400u

/* The case under way. */
static struct {
    struct rt_file *io;
    hi5_file *f;
    struct rt_model *m;
    struct rt_model committed;
    const struct rt_type *type[RT_TYPES];
    hi5_dataset *handle[RT_OBJECTS]; /* some are kept open, also over commits */
    unsigned names;
    bool aborts;               /* else there may be commits of the file's own */
    bool narrow;               /* libhdf5 does not know 4 bytes of 0xff as unlimited */
    bool orders;               /* or other things that EARLIEST does not know */
    hi5_create_options create;
    hi5_open_options open;
    hi5_error err;
} w;

static bool
write_failed(const char *what)
{
    return rt_bad("%s: %s", what, w.err.message);
}

/* A copy of an object that may be changed. */
static struct rt_object *
write_touch(unsigned i)
{
    struct rt_object *const o = rt_copy(w.m->object[i], sizeof *o);

    w.m->object[i] = o;
    return o;
}

static unsigned
write_pick(hi5_kind kind)
{
    for (unsigned tries = 0; tries < 20; tries++) {
        const unsigned i = (unsigned)rt_random(w.m->n);
        if (w.m->object[i]->kind == kind)
            return i;
    }
    return 0;
}

static const char *
write_name(void)
{
    static const char *const stem[] = {"n", "name", "\xc3\xa4", "a much longer name, number "};
    char *const s = rt_keep(48);
    const uint64_t which = rt_random(4);
    const char *const from = stem[which == 2 && !w.orders ? 0 : which];
    const size_t n = strlen(from);
    unsigned number = w.names * 7919 % 1000 + 1000 * (w.names / 1000), k = 0;

    w.names++;
    memcpy(s, from, n);
    do {
        s[n + k++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return s;
}

static const char *
write_path(const struct rt_object *group, const char *name)
{
    const size_t a = strlen(group->path), b = strlen(name);
    char *const s = rt_keep(a + b + 2);

    memcpy(s, group->path, a);
    s[a] = '/';
    memcpy(s + a + 1, name, b);
    return s;
}

static struct rt_link *
write_link(unsigned group)
{
    struct rt_object *const g = write_touch(group);

    if (g->nlinks == g->room) {
        struct rt_link *const old = g->link;
        g->room = g->room != 0 ? 2 * g->room : 8;
        g->link = rt_keep(g->room * sizeof *g->link);
        if (old != NULL)
            memcpy(g->link, old, g->nlinks * sizeof *old);
    }
    return &g->link[g->nlinks++];
}

/* The model's part of a new object and its first link. */
static struct rt_object *
write_object(unsigned group, const char *name, hi5_kind kind)
{
    struct rt_object *const o = rt_keep(sizeof *o);

    o->kind = kind;
    o->path = write_path(w.m->object[group], name);
    o->hard = 1;
    *write_link(group) = (struct rt_link){.name = name, .kind = HI5_LINK_HARD,
                                          .object = w.m->n};
    w.m->object[w.m->n++] = o;
    rt_trace("    %s", o->path);
    return o;
}

/* A reference to object `i`, which is new. */
static bool
write_ref(unsigned i)
{
    struct rt_ref r = {.object = i};
    hi5_object *x;
    hi5_status s;

    if (hi5_object_open(w.f, w.m->object[i]->path, &x, &w.err) != HI5_OK)
        return write_failed("hi5_object_open");
    s = hi5_reference_object(x, &r.made, &w.err);
    hi5_object_close(x);
    if (s != HI5_OK)
        return write_failed("hi5_reference_object");
    rt_ref_add(&r);
    return true;
}

/* ---- groups, links, types ---- */

static bool
write_group(void)
{
    const unsigned parent = write_pick(HI5_KIND_GROUP);
    hi5_group_options o = {.size = sizeof o, 
                           .track_order = w.orders && rt_random(3) == 0};
    const char *const name = write_name();
    struct rt_object *g;

    o.index_order = o.track_order && rt_random(2);
    o.track_attribute_order = w.orders && rt_random(4) == 0;
    o.index_attribute_order = o.track_attribute_order && rt_random(2);
    if (rt_random(5) == 0 && w.orders) {
        o.max_compact = 1 + (unsigned)rt_random(20);
        o.min_dense = (unsigned)rt_random(o.max_compact + 1);
    }
    if (w.m->n == RT_OBJECTS)
        return true;
    if (hi5_group_create(w.f, write_path(w.m->object[parent], name), &o, NULL, &w.err))
        return write_failed("hi5_group_create");
    g = write_object(parent, name, HI5_KIND_GROUP);
    g->order = o.track_order;
    g->attribute_order = o.track_attribute_order;
    return write_ref(w.m->n - 1);
}

static bool
write_one_link(unsigned group)
{
    const char *const name = write_name();
    const char *const path = write_path(w.m->object[group], name);
    struct rt_link l = {.name = name};
    hi5_status s;

    switch (rt_random(4)) {
    case 0:
        l.kind = HI5_LINK_HARD;
        l.object = (unsigned)rt_random(w.m->n);
        s = hi5_link_hard(w.f, path, l.object != 0 ? w.m->object[l.object]->path : "/",
                          &w.err);
        if (s == HI5_OK)
            write_touch(l.object)->hard++;
        break;
    case 1:
        l.kind = HI5_LINK_EXTERNAL;
        l.file = "other.h5";
        l.target = "/some/where";
        s = hi5_link_external(w.f, path, l.file, l.target, &w.err);
        w.m->orders = true; /* symbol tables cannot: link messages came with 1.8, too */
        break;
    default:
        l.kind = HI5_LINK_SOFT;
        l.target = rt_random(2) ? "/nowhere/to/be/found" : name;
        s = hi5_link_soft(w.f, path, l.target, &w.err);
    }
    if (s != HI5_OK)
        return write_failed("hi5_link_...");
    *write_link(group) = l;
    return true;
}

static bool
write_links(void)
{
    const unsigned group = write_pick(HI5_KIND_GROUP);

    for (uint64_t n = rt_random(rt_random(6) == 0 ? 80 : 5); n > 0; n--)
        if (!write_one_link(group))
            return false;
    return true;
}

/* A name that is taken: nothing changes. */
static bool
write_taken(void)
{
    const struct rt_object *const o = w.m->object[rt_random(w.m->n)];
    const hi5_status s = o->path[0] == '\0'
                             ? HI5_E_EXISTS
                             : hi5_group_create(w.f, o->path, NULL, NULL, &w.err);

    return s == HI5_E_EXISTS || rt_bad("a second '%s': status %d", o->path, s);
}

static bool
write_committed(void)
{
    const unsigned parent = write_pick(HI5_KIND_GROUP);
    const char *const name = write_name();
    const struct rt_type *const t = w.type[rt_random(RT_TYPES)];
    struct rt_object *o;

    if (w.m->n == RT_OBJECTS)
        return true;
    if (hi5_type_commit(w.f, write_path(w.m->object[parent], name), t->hi5, NULL, &w.err))
        return write_failed("hi5_type_commit");
    o = write_object(parent, name, HI5_KIND_DATATYPE);
    o->type = t;
    return write_ref(w.m->n - 1);
}

/* ---- datasets ---- */

static void
write_shape(hi5_shape *s, bool fixed)
{
    uint64_t n = 1;

    *s = (hi5_shape){.kind = rt_random(12) == 0 ? HI5_SCALAR : HI5_SIMPLE};
    if (rt_random(25) == 0 && w.orders) /* 1.8 came with it */
        s->kind = HI5_NULL;
    if (s->kind != HI5_SIMPLE)
        return;
    s->rank = 1 + (unsigned)rt_random(RT_RANK);
    for (unsigned i = 0; i < s->rank; i++) {
        s->dims[i] = rt_random(25) == 0 ? 0 : 1 + rt_random(WRITE_ELEMENTS / n);
        if (rt_random(2) && s->dims[i] > 6)
            s->dims[i] = 1 + rt_random(6);
        n *= s->dims[i] != 0 ? s->dims[i] : 1;
        s->max[i] = s->dims[i];
        if (!fixed && rt_random(2))
            s->max[i] = rt_random(2) && !w.narrow ? HI5_UNLIMITED : s->dims[i] + rt_random(9);
        if (!fixed && s->max[i] == 0)
            s->max[i] = 5;
    }
}

static hi5_chunk_index
write_index(const struct rt_object *o, const hi5_dataset_options *d)
{
    unsigned unlimited = 0;
    bool single = true;

    if (w.m->compat <= HI5_COMPAT_V18)
        return HI5_INDEX_BTREE1;
    for (unsigned i = 0; i < o->shape.rank; i++) {
        unlimited += o->shape.max[i] == HI5_UNLIMITED;
        single = single && o->shape.dims[i] == o->chunk[i] && o->shape.max[i] == o->chunk[i];
    }
    if (unlimited != 0)
        return unlimited == 1 ? HI5_INDEX_EXTENSIBLE_ARRAY : HI5_INDEX_BTREE2;
    if (single)
        return HI5_INDEX_SINGLE;
    return o->nfilters == 0 && d->alloc_time == HI5_ALLOC_EARLY ? HI5_INDEX_IMPLICIT
                                                                : HI5_INDEX_FIXED_ARRAY;
}

static void
write_filters(struct rt_object *o, hi5_dataset_options *d)
{
    if (rt_random(3) == 0) {
        d->shuffle = true;
        o->filter[o->nfilters++] = 2;
    }
    if (rt_random(3) == 0) {
        d->deflate = 1 + (unsigned)rt_random(9);
        o->filter[o->nfilters++] = 1;
    } else if (rt_random(4) == 0) {
        d->lzf = true;
        o->filter[o->nfilters++] = 32000;
    }
    if (rt_random(4) == 0) {
        d->fletcher32 = true;
        o->filter[o->nfilters++] = 3;
    }
}

static void
write_chunks(struct rt_object *o, hi5_dataset_options *d)
{
    const bool whole = rt_random(4) == 0, small = rt_random(3) == 0;

    o->layout = HI5_CHUNKED;
    for (unsigned i = 0; i < o->shape.rank; i++) {
        const uint64_t n = o->shape.dims[i] != 0 ? o->shape.dims[i] : 3;
        o->chunk[i] = whole ? n : 1 + rt_random(small && n > 2 ? 2 : n);
        if (o->shape.max[i] != HI5_UNLIMITED && o->chunk[i] > o->shape.max[i])
            o->chunk[i] = o->shape.max[i];
    }
    d->chunk = o->chunk;
    write_filters(o, d);
    if (rt_random(3) == 0)
        d->alloc_time = (hi5_alloc_time)(1 + rt_random(3));
    o->index = write_index(o, d);
}

static void
write_options(struct rt_object *o, hi5_dataset_options *d)
{
    const uint64_t kind = rt_random(6);

    write_shape(&o->shape, kind < 3);
    o->n = hi5_shape_count(&o->shape);
    o->layout = HI5_CONTIGUOUS;
    if (kind == 0 && o->n * o->type->size < 60000) {
        d->compact = true;
        o->layout = HI5_COMPACT;
    } else if (kind >= 3 && o->shape.kind == HI5_SIMPLE) {
        write_chunks(o, d);
    } else {
        for (unsigned i = 0; i < o->shape.rank; i++)
            o->shape.max[i] = o->shape.dims[i];
        if (rt_random(3) == 0)
            d->alloc_time = (hi5_alloc_time)(1 + rt_random(2));
    }
    if (rt_random(3) == 0 && !o->type->moves) {
        unsigned char *const fill = rt_keep(o->type->size);
        rt_value_random(o->type, fill);
        d->fill = o->fill = fill;
        d->fill_type = o->type->hi5;
        d->fill_time = rt_random(2) ? HI5_FILL_ALLOC : HI5_FILL_IFSET;
    } else if (rt_random(6) == 0) {
        o->whole = true;
        d->no_fill = rt_random(2) && !o->type->moves;
        d->fill_time = o->type->moves ? HI5_FILL_IFSET : HI5_FILL_NEVER;
    }
    d->track_attribute_order = o->attribute_order = w.orders && rt_random(4) == 0;
}

static unsigned char *
write_fill(const struct rt_object *o, uint64_t n)
{
    unsigned char *const v = rt_keep((size_t)n * o->type->size + 1);

    for (uint64_t i = 0; o->fill != NULL && i < n; i++)
        memcpy(v + i * o->type->size, o->fill, o->type->size);
    return v;
}

static bool
write_handle(unsigned i, hi5_dataset **d)
{
    if (w.handle[i] == NULL &&
        hi5_dataset_open(w.f, w.m->object[i]->path, &w.handle[i], &w.err) != HI5_OK)
        return write_failed("hi5_dataset_open");
    *d = w.handle[i];
    return true;
}

static void
write_unhandle(unsigned i)
{
    hi5_dataset_close(w.handle[i]);
    w.handle[i] = NULL;
}

static bool
write_all(unsigned i)
{
    struct rt_object *const o = write_touch(i);
    unsigned char *const v = rt_keep((size_t)o->n * o->type->size + 1);
    hi5_dataset *d;

    for (uint64_t k = 0; k < o->n; k++)
        rt_value_random(o->type, v + k * o->type->size);
    o->value = v;
    if (!write_handle(i, &d))
        return false;
    return hi5_dataset_write(d, NULL, o->type->hi5, v, &w.err) == HI5_OK ||
           write_failed("hi5_dataset_write");
}

/* A dataset of a committed type, at times. */
static const hi5_type *
write_type(struct rt_object *o, hi5_object **holder)
{
    const unsigned i = write_pick(HI5_KIND_DATATYPE);

    *holder = NULL;
    o->type = w.type[rt_random(RT_TYPES)];
    if (i == 0 || rt_random(2) ||
        hi5_object_open(w.f, w.m->object[i]->path, holder, &w.err) != HI5_OK)
        return o->type->hi5;
    o->committed = i;
    o->type = w.m->object[i]->type;
    return hi5_object_type(*holder);
}

static bool
write_dataset(void)
{
    const unsigned parent = write_pick(HI5_KIND_GROUP);
    const char *const name = write_name();
    hi5_dataset_options d = {.size = sizeof d, .no_parents = true};
    struct rt_object *const o = rt_keep(sizeof *o);
    struct rt_object *made;
    hi5_object *holder;
    const hi5_type *type;
    const char *path;
    hi5_group *g;
    hi5_status s;

    if (w.m->n == RT_OBJECTS)
        return true;
    type = write_type(o, &holder);
    write_options(o, &d);
    for (unsigned i = 0; i < o->shape.rank; i++)
        rt_trace("    dimension %u: %lld of %lld, in %lld", i, (long long)o->shape.dims[i],
                 (long long)o->shape.max[i], (long long)o->chunk[i]);
    rt_trace("    layout %d, index %d, allocated %d, filled %d", o->layout, o->index,
             d.alloc_time, d.fill_time);
    d.max = o->shape.max;
    s = hi5_group_open(w.f, "/", &g, &w.err);
    if (s == HI5_OK)
        s = hi5_dataset_create_at(g, write_path(w.m->object[parent], name), type, &o->shape,
                                  &d, NULL, &w.err);
    hi5_group_close(g);
    hi5_object_close(holder);
    if (s != HI5_OK)
        return write_failed("hi5_dataset_create_at");
    made = write_object(parent, name, HI5_KIND_DATASET);
    path = made->path;
    *made = *o;
    made->kind = HI5_KIND_DATASET;
    made->path = path;
    made->hard = 1;
    made->value = write_fill(made, made->n);
    if (made->committed != 0)
        write_touch(made->committed)->hard++; /* its uses count, too */
    return write_ref(w.m->n - 1) && (!(made->whole || rt_random(3) == 0) || write_all(w.m->n - 1));
}

/* What is written, kept in the most naive way. */
struct write_picks {
    size_t n;
    uint64_t index[4 * WRITE_ELEMENTS * 16];
    uint64_t point[40 * RT_RANK];
    bool in[4 * WRITE_ELEMENTS * 16];
};
static struct write_picks picks;

static bool
write_in_slab(const hi5_shape *s, uint64_t at, uint64_t v[4][RT_RANK])
{
    for (unsigned i = s->rank; i-- > 0;) {
        const uint64_t x = at % s->dims[i];
        at /= s->dims[i];
        if (x < v[0][i] || (x - v[0][i]) / v[1][i] >= v[2][i] ||
            (x - v[0][i]) % v[1][i] >= v[3][i])
            return false;
    }
    return true;
}

static bool
write_pick_slab(const struct rt_object *o, hi5_selection *s, bool more)
{
    uint64_t v[4][RT_RANK]; /* start, stride, count, block */

    for (unsigned i = 0; i < o->shape.rank; i++) {
        const uint64_t n = o->shape.dims[i];
        v[3][i] = rt_random(3) ? 1 : 1 + rt_random(n < 4 ? n : 4);
        v[1][i] = v[3][i] + (rt_random(2) ? rt_random(4) : 0);
        v[0][i] = rt_random(n - v[3][i] + 1);
        v[2][i] = 1 + rt_random((n - v[0][i] - v[3][i]) / v[1][i] + 1);
    }
    for (uint64_t k = 0; k < o->n; k++)
        picks.in[k] = (more && picks.in[k]) || write_in_slab(&o->shape, k, v);
    return hi5_selection_hyperslab(s, more ? HI5_SELECT_OR : HI5_SELECT_SET, v[0], v[1],
                                   v[2], v[3], &w.err) == HI5_OK ||
           write_failed("hi5_selection_hyperslab");
}

static bool
write_pick_points(const struct rt_object *o, hi5_selection *s)
{
    const size_t most = 1 + (size_t)rt_random(40);

    memset(picks.in, 0, (size_t)o->n);
    for (size_t i = 0; i < most && picks.n < o->n; i++) {
        uint64_t at = rt_random(o->n);
        if (picks.in[at])
            continue;
        picks.in[at] = true;
        picks.index[picks.n] = at;
        for (unsigned k = o->shape.rank; k-- > 0; at /= o->shape.dims[k])
            picks.point[picks.n * o->shape.rank + k] = at % o->shape.dims[k];
        picks.n++;
    }
    return hi5_selection_points(s, HI5_SELECT_SET, picks.n, picks.point, &w.err) ==
               HI5_OK || write_failed("hi5_selection_points");
}

/* Values of a number may come from another type. */
static hi5_status
write_picked(hi5_dataset *d, const hi5_selection *s, const struct rt_object *o,
             unsigned char *v)
{
    const bool number = o->type->kind == RT_INTEGER ||
                        (o->type->kind == RT_FLOAT && o->type->exp_size >= 8 &&
                         o->type->size >= 4);
    int16_t *small;

    if (!number || rt_random(2))
        return hi5_dataset_write(d, s, o->type->hi5, v, &w.err);
    small = rt_keep(picks.n * sizeof *small + 1);
    for (size_t i = 0; i < picks.n; i++) {
        small[i] = (int16_t)rt_random(128);
        rt_number(o->type, small[i], v + i * o->type->size);
    }
    return hi5_dataset_write(d, s, HI5_I16, small, &w.err);
}

static bool
write_select(unsigned i, hi5_dataset *d, hi5_selection *s)
{
    struct rt_object *const o = write_touch(i);
    const size_t size = o->type->size;
    unsigned char *const all = rt_copy(o->value, (size_t)o->n * size);
    unsigned char *v;

    picks.n = 0;
    if (rt_random(3) == 0) {
        if (!write_pick_points(o, s))
            return false;
    } else {
        if (!write_pick_slab(o, s, false) || (rt_random(4) == 0 && !write_pick_slab(o, s, true)))
            return false;
        for (uint64_t k = 0; k < o->n; k++)
            if (picks.in[k])
                picks.index[picks.n++] = k;
    }
    v = rt_keep(picks.n * size + 1);
    for (size_t k = 0; k < picks.n; k++)
        rt_value_random(o->type, v + k * size);
    if (write_picked(d, s, o, v) != HI5_OK)
        return write_failed("hi5_dataset_write (some)");
    for (size_t k = 0; k < picks.n; k++)
        memcpy(all + picks.index[k] * size, v + k * size, size);
    o->value = all;
    return true;
}

static bool
write_some(void)
{
    const unsigned i = write_pick(HI5_KIND_DATASET);
    const struct rt_object *const o = w.m->object[i];
    hi5_selection *s;
    hi5_dataset *d;
    bool ok;

    if (i == 0 || o->n == 0)
        return true;
    rt_trace("    %s", o->path);
    if (o->whole || o->shape.rank == 0 || rt_random(4) == 0)
        return write_all(i);
    if (!write_handle(i, &d))
        return false;
    if (hi5_selection_create(&o->shape, &s, &w.err) != HI5_OK)
        return write_failed("hi5_selection_create");
    ok = write_select(i, d, s);
    hi5_selection_free(s);
    if (rt_random(3) == 0)
        write_unhandle(i);
    return ok;
}

/* ---- references to regions and attributes ---- */

static bool
write_region_of(unsigned i, hi5_dataset *d, hi5_selection *s)
{
    const struct rt_object *const o = w.m->object[i];
    struct rt_ref r = {.object = i, .kind = HI5_REF_REGION};

    picks.n = 0;
    if (rt_random(3) == 0) {
        if (!write_pick_points(o, s))
            return false;
    } else if (rt_random(6) != 0) {
        if (!write_pick_slab(o, s, false) ||
            (rt_random(2) && !write_pick_slab(o, s, true)))
            return false;
        for (uint64_t k = 0; k < o->n; k++)
            if (picks.in[k])
                picks.index[picks.n++] = k;
    } else {
        for (; picks.n < o->n; picks.n++)
            picks.index[picks.n] = picks.n;
    }
    r.selection = hi5_selection_get_kind(s);
    r.n = picks.n;
    r.element = rt_copy(picks.index, picks.n * sizeof *picks.index);
    if (hi5_reference_region(d, s, &r.made, &w.err) != HI5_OK)
        return write_failed("hi5_reference_region");
    rt_ref_add(&r);
    return true;
}

/* Of a dataset whose extent stays. */
static bool
write_region(void)
{
    const unsigned i = write_pick(HI5_KIND_DATASET);
    const struct rt_object *const o = w.m->object[i];
    hi5_selection *s;
    hi5_dataset *d;
    bool ok;

    if (i == 0 || o->n == 0 || o->layout == HI5_CHUNKED || o->shape.kind != HI5_SIMPLE)
        return true;
    if (!write_handle(i, &d))
        return false;
    if (hi5_selection_create(&o->shape, &s, &w.err) != HI5_OK)
        return write_failed("hi5_selection_create");
    ok = write_region_of(i, d, s);
    hi5_selection_free(s);
    return ok;
}

/* The elements that two extents share keep their values. */
static void
write_regrow(struct rt_object *o, const uint64_t *dims)
{
    hi5_shape to = o->shape;
    unsigned char *v;
    uint64_t n = 1;

    for (unsigned i = 0; i < to.rank; i++)
        n *= to.dims[i] = dims[i];
    v = write_fill(o, n);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t rest = k, at = 0, stride = 1;
        bool in = true;
        for (unsigned i = to.rank; i-- > 0;) {
            const uint64_t x = rest % to.dims[i];
            rest /= to.dims[i];
            in = in && x < o->shape.dims[i];
            at += x * stride;
            stride *= o->shape.dims[i];
        }
        if (in)
            memcpy(v + k * o->type->size, o->value + at * o->type->size, o->type->size);
    }
    o->shape = to;
    o->value = v;
    o->n = n;
}

static bool
write_resize(void)
{
    const unsigned i = write_pick(HI5_KIND_DATASET);
    const struct rt_object *const o = w.m->object[i];
    uint64_t dims[RT_RANK] = {0}, n = 1;
    hi5_dataset *d;

    if (i == 0 || o->layout != HI5_CHUNKED)
        return true;
    for (unsigned k = 0; k < o->shape.rank; k++) {
        const uint64_t most = o->shape.max[k] == HI5_UNLIMITED ? 30 : o->shape.max[k];
        dims[k] = rt_random(3) == 0 ? o->shape.dims[k] : rt_random(most + 1);
        if (n * dims[k] > 4 * WRITE_ELEMENTS)
            dims[k] = 1;
        n *= dims[k] != 0 ? dims[k] : 1;
    }
    rt_trace("    %s to %d %d %d %d", o->path, (int)dims[0], (int)dims[1], (int)dims[2],
             (int)dims[3]);
    if (!write_handle(i, &d))
        return false;
    if (hi5_dataset_resize(d, dims, &w.err) != HI5_OK)
        return write_failed("hi5_dataset_resize");
    write_regrow(write_touch(i), dims);
    return !o->whole || write_all(i);
}

static bool
write_append(void)
{
    const unsigned i = write_pick(HI5_KIND_DATASET);
    const struct rt_object *o = w.m->object[i];
    uint64_t dims[RT_RANK] = {0}, row = 1;
    unsigned char *v, *all;
    hi5_dataset *d;

    if (i == 0 || o->layout != HI5_CHUNKED || o->shape.max[0] != HI5_UNLIMITED ||
        o->n > WRITE_ELEMENTS)
        return true;
    memcpy(dims, o->shape.dims, sizeof dims);
    for (unsigned k = 1; k < o->shape.rank; k++)
        row *= dims[k];
    v = rt_keep(2 * (size_t)row * o->type->size + 1);
    for (uint64_t k = 0; k < 2 * row; k++)
        rt_value_random(o->type, v + k * o->type->size);
    rt_trace("    %s", o->path);
    if (!write_handle(i, &d))
        return false;
    if (hi5_dataset_append(d, 2, o->type->hi5, v, &w.err) != HI5_OK)
        return write_failed("hi5_dataset_append");
    dims[0] += 2;
    write_regrow(write_touch(i), dims);
    o = w.m->object[i];
    all = rt_copy(o->value, (size_t)o->n * o->type->size);
    memcpy(all + (o->n - 2 * row) * o->type->size, v, 2 * (size_t)row * o->type->size);
    write_touch(i)->value = all;
    return true;
}

/* ---- attributes ---- */

static void
write_attribute_value(struct rt_attribute *a)
{
    const uint64_t n = hi5_shape_count(&a->shape);
    unsigned char *const v = rt_keep((size_t)n * a->type->size + 1);

    for (uint64_t i = 0; i < n; i++)
        rt_value_random(a->type, v + i * a->type->size);
    a->value = v;
}

static hi5_status
write_put_attribute(hi5_object *x, struct rt_object *o, unsigned k)
{
    struct rt_attribute a = {.name = k < o->nattributes ? o->attribute[k].name
                                                        : write_name(),
                             .replaced = k < o->nattributes};
    struct rt_attribute *const list = rt_keep((o->nattributes + 1) * sizeof *list);
    hi5_status s;

    a.type = w.type[rt_random(RT_TYPES)];
    write_shape(&a.shape, true);
    for (unsigned i = 0; i < a.shape.rank; i++)
        a.shape.max[i] = a.shape.dims[i];
    if (hi5_shape_count(&a.shape) * a.type->size > 30000)
        a.shape = (hi5_shape){.kind = HI5_SCALAR};
    write_attribute_value(&a);
    s = hi5_attribute_write(x, a.name, a.type->hi5, &a.shape, a.type->hi5, a.value, &w.err);
    if (o->nattributes != 0)
        memcpy(list, o->attribute, o->nattributes * sizeof *list);
    list[k] = a;
    o->attribute = list;
    o->nattributes += k == o->nattributes;
    return s;
}

static hi5_status
write_modify(hi5_object *x, struct rt_attribute *a)
{
    hi5_attribute *y;
    hi5_status s = hi5_attribute_open(x, a->name, &y, &w.err);

    if (s != HI5_OK)
        return s;
    write_attribute_value(a);
    s = hi5_attribute_modify(y, a->type->hi5, a->value, &w.err);
    hi5_attribute_close(y);
    return s;
}

static hi5_status
write_attribute(hi5_object *x, struct rt_object *o)
{
    const unsigned k = o->nattributes != 0 ? (unsigned)rt_random(o->nattributes) : 0;
    struct rt_attribute *list;
    const char *name;
    hi5_status s;

    if (o->nattributes == 0 || o->attribute[k].fixed ||
        (o->nattributes < 40 && rt_random(3) != 0))
        return write_put_attribute(x, o, o->nattributes);
    list = rt_copy(o->attribute, o->nattributes * sizeof *list);
    o->attribute = list;
    switch (rt_random(4)) {
    case 0:
        return write_put_attribute(x, o, k);
    case 1:
        return write_modify(x, &list[k]);
    case 2:
        name = write_name();
        s = hi5_attribute_rename(x, list[k].name, name, &w.err);
        list[k].name = name;
        list[k].replaced = true;
        return s;
    default:
        s = hi5_attribute_delete(x, list[k].name, &w.err);
        memmove(list + k, list + k + 1, (o->nattributes - 1 - k) * sizeof *list);
        o->nattributes--;
        return s;
    }
}

/* A new attribute that stays as it is, and a reference to it. */
static bool
write_attribute_ref(void)
{
    struct rt_ref r = {.kind = HI5_REF_ATTRIBUTE};
    struct rt_object *o;
    hi5_object *x;
    hi5_status s;

    if (w.m->compat < HI5_COMPAT_V112)
        return write_region();
    r.object = (unsigned)rt_random(w.m->n);
    o = write_touch(r.object);
    if (hi5_object_open(w.f, r.object != 0 ? o->path : "/", &x, &w.err) != HI5_OK)
        return write_failed("hi5_object_open");
    s = write_put_attribute(x, o, o->nattributes);
    if (s == HI5_OK) {
        struct rt_attribute *const a = &o->attribute[o->nattributes - 1];
        a->fixed = true;
        r.attribute = a->name;
        s = hi5_reference_attribute(x, r.attribute, &r.made, &w.err);
    }
    hi5_object_close(x);
    if (s != HI5_OK)
        return write_failed("hi5_reference_attribute");
    rt_ref_add(&r);
    return true;
}

static bool
write_attributes(void)
{
    const unsigned i = (unsigned)rt_random(w.m->n);
    struct rt_object *const o = write_touch(i);
    hi5_object *x;
    hi5_status s;

    if (hi5_object_open(w.f, i != 0 ? o->path : "/", &x, &w.err) != HI5_OK)
        return write_failed("hi5_object_open");
    s = HI5_OK;
    for (uint64_t n = 1 + rt_random(rt_random(5) == 0 ? 25 : 3); n > 0 && s == HI5_OK; n--)
        s = write_attribute(x, o);
    hi5_object_close(x);
    return s == HI5_OK || write_failed("an attribute");
}

/* ---- the file ---- */

static void
write_unhandle_all(void)
{
    for (unsigned i = 0; i < RT_OBJECTS; i++)
        write_unhandle(i);
}

static bool
write_commit(void)
{
    if (hi5_flush(w.f, rt_random(2) ? HI5_DURABLE : HI5_SAFE, &w.err) != HI5_OK)
        return write_failed("hi5_flush");
    w.committed = *w.m;
    return true;
}

static bool
write_abort(void)
{
    if (!w.aborts)
        return true;
    if (hi5_abort(w.f, &w.err) != HI5_OK)
        return write_failed("hi5_abort");
    *w.m = w.committed;
    rt_nrefs = 0;
    for (unsigned i = w.m->n; i < RT_OBJECTS; i++)
        write_unhandle(i); /* of objects that are gone */
    return true;
}

/* Close it, look at what is there, and go on with it. */
static bool
write_reopen(void)
{
    write_unhandle_all();
    if (hi5_close(w.f, &w.err) != HI5_OK)
        return write_failed("hi5_close");
    w.f = NULL;
    w.committed = *w.m;
    return hi5_open_io(&w.io->io, "case", &w.open, &w.f, &w.err) == HI5_OK ||
           write_failed("hi5_open_io");
}

struct write_step {
    const char *name;
    unsigned times;            /* of 100 */
    bool (*fn)(void);
};

static bool
write_look(void)
{
    return rt_read_hi5(w.f, w.m);
}

static const struct write_step write_steps[] = {
    {"group", 10, write_group},         {"links", 10, write_links},
    {"taken", 4, write_taken},          {"type", 5, write_committed},
    {"dataset", 15, write_dataset},     {"write", 13, write_some},
    {"region", 2, write_region},        {"attribute ref", 2, write_attribute_ref},
    {"resize", 6, write_resize},        {"append", 6, write_append},
    {"attributes", 12, write_attributes}, {"commit", 7, write_commit},
    {"abort", 3, write_abort},          {"reopen", 2, write_reopen},
    {"look", 3, write_look},
};

static bool
write_step(unsigned number)
{
    const struct write_step *s = write_steps;

    for (uint64_t r = rt_random(100); r >= s->times; s++)
        r -= s->times;
    rt_trace("step %u: %s", number, s->name);
    return s->fn();
}

static void
write_begin(struct rt_file *io, struct rt_model *m)
{
    static struct rt_object root;
    static const unsigned width[] = {0, 0, 0, 0, 8, 4};

    memset(&w, 0, sizeof w);
    w.io = io;
    w.m = m;
    w.aborts = rt_random(3) != 0;
    w.open = (hi5_open_options){.size = sizeof w.open, .write = true, .threads = 1,
                                .compat = (hi5_compat)rt_random(8)};
    w.orders = w.open.compat != HI5_COMPAT_EARLIEST || rt_random(3) == 0;
    w.open.commit_bytes = w.aborts ? HI5_UNLIMITED : 1 + rt_random(5000);
    w.open.chunk_cache = rt_random(3) == 0 ? 1 + rt_random(2000) : 0;
    w.create = (hi5_create_options){.size = sizeof w.create, .open = &w.open,
                                    .track_order = w.orders && rt_random(4) == 0};
    w.create.offset_size = w.create.length_size = width[rt_random(6)];
    w.narrow = w.create.length_size == 4;
    w.create.userblock = rt_random(6) == 0 ? 512 : 0;
    if (rt_random(4) == 0) {
        w.create.group_leaf_k = 2 + (unsigned)rt_random(4);
        w.create.group_internal_k = 2 + (unsigned)rt_random(4);
        w.create.chunk_k = 2 + (unsigned)rt_random(4);
    }
    if (w.open.compat >= HI5_COMPAT_V110 && rt_random(3) == 0) {
        w.create.fs_strategy = (hi5_fspace)rt_random(4);
        w.create.fs_persist = rt_random(4) != 0;
        w.create.fs_threshold = rt_random(4) == 0 ? 1 + rt_random(200) : 0;
        w.create.fs_page_size = w.create.userblock == 0 ? (uint64_t)512 << rt_random(5) : 512;
    }
    rt_nrefs = 0;
    root = (struct rt_object){.kind = HI5_KIND_GROUP, .path = "", .hard = 1,
                              .order = w.create.track_order};
    *m = (struct rt_model){.compat = w.open.compat, .n = 1, .object = {&root}};
    if (m->compat == HI5_COMPAT_DEFAULT)
        m->compat = HI5_COMPAT_V18;
    w.open.compat = m->compat;
    m->orders = w.orders;
    /* NOTE(lib): from 1.12 on it cannot read references of fewer than 8 bytes. */
    rt_types_for(m->compat, !w.narrow || rt_h5_release() < 112);
    for (unsigned i = 0; i < RT_TYPES; i++)
        w.type[i] = rt_type_random(0);
}

bool
rt_write(struct rt_file *io, struct rt_model *m)
{
    bool ok = true;

    write_begin(io, m);
    if (hi5_create_io(&io->io, "case", &w.create, &w.f, &w.err) != HI5_OK)
        return write_failed("hi5_create_io");
    w.committed = *m;
    for (unsigned i = 0, n = 5 + (unsigned)rt_random(40); i < n && ok; i++)
        ok = write_step(i);
    if (ok && rt_random(4) == 0)
        ok = rt_read_hi5(w.f, m);
    write_unhandle_all();
    if (hi5_close(w.f, &w.err) != HI5_OK && ok)
        ok = write_failed("hi5_close");
    return ok;
}
