/*
 * readhi5.c - is what hi5 reads what the model says?
 */
#include "roundtrip.h"
#include <stdlib.h>
#include <string.h>

static hi5_error read_err;

static bool
read_shape(const hi5_shape *a, const hi5_shape *b)
{
    if (a->kind != b->kind || a->rank != b->rank)
        return false;
    for (unsigned i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i] || a->max[i] != b->max[i])
            return false;
    return true;
}

/* ---- references ---- */

/* Where the objects of the model are. */
struct read_place {
    hi5_file *f;
    const uint64_t *address;
};

struct read_region {
    const struct rt_ref *want;
    size_t n;
    bool same;
};

static hi5_status
read_next_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct read_region *const r = ctx;

    (void)err;
    for (uint64_t i = 0; i < n && r->same; i++, r->n++)
        r->same = r->n < r->want->n && r->want->element[r->n] == first + i;
    return HI5_OK;
}

static bool
read_target(const struct rt_ref *want, const hi5_target *t)
{
    struct read_region r = {want, 0, true};

    if (want->attribute != NULL)
        return t->attribute != NULL && strcmp(t->attribute, want->attribute) == 0;
    if (want->kind == HI5_REF_OBJECT)
        return t->selection == NULL && t->attribute == NULL;
    return t->selection != NULL &&
           hi5_selection_get_kind(t->selection) == want->selection &&
           hi5_selection_each_run(t->selection, read_next_run, &r, &read_err) == HI5_OK &&
           r.same && r.n == want->n;
}

static bool
read_reference(void *ctx, const struct rt_type *type, const struct rt_ref *want,
               const unsigned char *b)
{
    const struct read_place *const place = ctx;
    hi5_target t = {0};
    hi5_reference r;
    bool same;

    (void)type;
    memcpy(&r, b, sizeof r);
    if (hi5_resolve(place->f, &r, &t, &read_err) != HI5_OK)
        return want == NULL && read_err.status == HI5_E_NOTFOUND;
    same = want != NULL && t.address == place->address[want->object] &&
           read_target(want, &t);
    hi5_target_free(&t);
    return same;
}

static bool
read_values(const struct read_place *place, const char *path, const struct rt_type *t,
            uint64_t n, const unsigned char *a, const unsigned char *b)
{
    struct read_place at = *place;
    const struct rt_compare how = {false, read_reference, &at};

    for (uint64_t i = 0; i < n; i++)
        if (!rt_same(&how, t, a + i * t->size, b + i * t->size))
            return rt_bad("hi5: %s: element %llu of %llu differs (kind %d)", path,
                          (unsigned long long)i, (unsigned long long)n, t->kind);
    return true;
}

/* Stored and in memory a type is the same, but for vlen, references, and what has them. */
static bool
read_type(const char *path, const hi5_type *stored, const struct rt_type *t)
{
    hi5_type *memory;
    bool same;

    if (!t->moves)
        return hi5_type_equal(stored, t->hi5) || rt_bad("hi5: %s: another type", path);
    if (hi5_type_memory(stored, &memory, &read_err) != HI5_OK)
        return rt_bad("hi5: %s: %s", path, read_err.message);
    same = t->kind == RT_COMPOUND || t->kind == RT_ARRAY || hi5_type_equal(memory, t->hi5) ||
           t->kind == RT_VLEN || t->kind == RT_REFERENCE;
    same = same && hi5_type_class(memory) == hi5_type_class(t->hi5);
    hi5_type_free(memory);
    return same || rt_bad("hi5: %s: another type than kind %d", path, t->kind);
}

static bool
read_attribute(const struct read_place *place, hi5_object *o, const char *path,
               const struct rt_attribute *a)
{
    const uint64_t n = hi5_shape_count(&a->shape);
    unsigned char *const v = rt_keep((size_t)n * a->type->size + 1);
    hi5_attribute_info info;
    hi5_attribute *x;
    bool ok;

    if (hi5_attribute_open(o, a->name, &x, &read_err) != HI5_OK)
        return rt_bad("hi5: %s", read_err.message);
    hi5_attribute_get_info(x, &info);
    ok = read_shape(&info.shape, &a->shape) || rt_bad("hi5: %s@%s: shape", path, a->name);
    ok = ok && read_type(a->name, info.type, a->type);
    if (ok && hi5_attribute_read(x, a->type->hi5, v, &read_err) != HI5_OK)
        ok = rt_bad("hi5: %s", read_err.message);
    ok = ok && read_values(place, a->name, a->type, n, a->value, v);
    hi5_reclaim(place->f, a->type->hi5, (size_t)n, v);
    hi5_attribute_close(x);
    return ok;
}

/* Attributes that stand in another order than the model's. */
struct read_order {
    const struct rt_object *o;
    unsigned n;
    bool told;
};

static hi5_status
read_next_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct read_order *const r = ctx;
    hi5_attribute_info info;

    (void)err;
    if (a == NULL)
        return bad->status;
    hi5_attribute_get_info(a, &info);
    r->told = r->told && r->n < r->o->nattributes &&
              strcmp(info.name, r->o->attribute[r->n].name) == 0;
    r->n++;
    return HI5_OK;
}

static bool
read_attributes(const struct read_place *place, hi5_object *x, const struct rt_object *o)
{
    struct read_order r = {o, 0, true};
    hi5_object_info info;
    bool plain = true;

    if (hi5_object_get_info(x, &info, &read_err) != HI5_OK)
        return rt_bad("hi5: %s", read_err.message);
    if (info.attributes != o->nattributes || info.reference_count != o->hard)
        return rt_bad("hi5: %s: %llu attributes, not %u; %u links, not %u", o->path,
                      (unsigned long long)info.attributes, o->nattributes,
                      info.reference_count, o->hard);
    for (unsigned i = 0; i < o->nattributes; i++) {
        plain = plain && !o->attribute[i].replaced;
        if (!read_attribute(place, x, o->path, &o->attribute[i]))
            return false;
    }
    if (hi5_attribute_each(x, o->attribute_order ? HI5_BY_CREATION : HI5_NATIVE, false,
                           read_next_attribute, &r, &read_err) != HI5_OK)
        return rt_bad("hi5: %s", read_err.message);
    return (r.n == o->nattributes && (r.told || !plain || !o->attribute_order)) ||
           rt_bad("hi5: %s: attributes by order of creation", o->path);
}

static bool
read_dataset(const struct read_place *place, hi5_object *x, const struct rt_object *o)
{
    unsigned char *const v = rt_keep((size_t)o->n * o->type->size + 1);
    hi5_dataset *d;
    hi5_layout l;
    bool ok;

    if (hi5_object_dataset(x, &d, &read_err) != HI5_OK)
        return rt_bad("hi5: %s", read_err.message);
    hi5_dataset_get_layout(d, &l);
    ok = (l.kind == o->layout && l.filters == o->nfilters &&
          (l.kind != HI5_CHUNKED ||
           (l.index == o->index && l.rank == o->shape.rank &&
            memcmp(l.chunk, o->chunk, l.rank * sizeof *l.chunk) == 0))) ||
         rt_bad("hi5: %s: layout %d, index %d, not %d, %d", o->path, l.kind, l.index,
                o->layout, o->index);
    ok = ok && (read_shape(hi5_dataset_shape(d), &o->shape) ||
                rt_bad("hi5: %s: shape", o->path));
    ok = ok && read_type(o->path, hi5_dataset_type(d), o->type);
    if (ok && (hi5_type_committed(hi5_dataset_type(d)) != HI5_NO_ADDRESS) !=
                  (o->committed != 0))
        ok = rt_bad("hi5: %s: committed type", o->path);
    if (ok && hi5_dataset_read(d, NULL, o->type->hi5, v, &read_err) != HI5_OK)
        ok = rt_bad("hi5: %s", read_err.message);
    ok = ok && read_values(place, o->path, o->type, o->n, o->value, v);
    if (ok)
        hi5_reclaim(place->f, o->type->hi5, (size_t)o->n, v);
    hi5_dataset_close(d);
    return ok;
}

static hi5_status
read_next_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct read_order *const r = ctx;

    (void)err;
    r->told = r->told && r->n < r->o->nlinks && strcmp(l->name, r->o->link[r->n].name) == 0;
    r->n++;
    return HI5_OK;
}

static bool
read_link(hi5_group *g, const struct rt_link *l, const uint64_t *address)
{
    hi5_link x;
    bool ok;

    if (hi5_group_get_link(g, l->name, &x, &read_err) != HI5_OK)
        return rt_bad("hi5: %s", read_err.message);
    ok = x.kind == l->kind && strcmp(x.name, l->name) == 0;
    if (l->kind == HI5_LINK_HARD)
        ok = ok && x.address == address[l->object];
    else
        ok = ok && strcmp(x.target, l->target) == 0;
    if (l->kind == HI5_LINK_EXTERNAL)
        ok = ok && strcmp(x.file, l->file) == 0;
    hi5_link_free(g, &x);
    return ok || rt_bad("hi5: link %s", l->name);
}

static bool
read_group(hi5_object *x, const struct rt_object *o, const uint64_t *address)
{
    struct read_order r = {o, 0, true};
    hi5_group *g;
    bool ok = true;

    if (hi5_object_group(x, &g, &read_err) != HI5_OK)
        return rt_bad("hi5: %s", read_err.message);
    for (unsigned i = 0; i < o->nlinks && ok; i++)
        ok = read_link(g, &o->link[i], address);
    if (ok && hi5_group_each(g, o->order ? HI5_BY_CREATION : HI5_BY_NAME, false,
                             read_next_link, &r, &read_err) != HI5_OK)
        ok = rt_bad("hi5: %s", read_err.message);
    if (ok && (r.n != o->nlinks || (o->order && !r.told)))
        ok = rt_bad("hi5: %s: %u links, not %u%s", o->path, r.n, o->nlinks,
                    o->order ? ", or another order of creation" : "");
    hi5_group_close(g);
    return ok;
}

bool
rt_read_hi5(hi5_file *f, const struct rt_model *m)
{
    hi5_object *x[RT_OBJECTS] = {0};
    uint64_t address[RT_OBJECTS];
    const struct read_place place = {f, address};
    hi5_object_info info;
    bool ok = true;

    for (unsigned i = 0; i < m->n && ok; i++) {
        if (hi5_object_open(f, i != 0 ? m->object[i]->path : "/", &x[i], &read_err) ||
            hi5_object_get_info(x[i], &info, &read_err))
            ok = rt_bad("hi5: %s", read_err.message);
        else
            address[i] = info.address;
    }
    for (unsigned i = 0; i < m->n && ok; i++) {
        const struct rt_object *const o = m->object[i];

        ok = (hi5_object_kind(x[i]) == o->kind || rt_bad("hi5: %s: kind", o->path)) &&
             read_attributes(&place, x[i], o);
        if (ok && o->kind == HI5_KIND_GROUP)
            ok = read_group(x[i], o, address);
        else if (ok && o->kind == HI5_KIND_DATASET)
            ok = read_dataset(&place, x[i], o);
        else if (ok)
            ok = read_type(o->path, hi5_object_type(x[i]), o->type);
    }
    for (unsigned i = 0; i < m->n; i++)
        hi5_object_close(x[i]);
    return ok;
}
