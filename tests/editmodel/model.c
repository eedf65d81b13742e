/*
 * model.c - what is in a file
 */
#include "editmodel.h"
#include <stdlib.h>
#include <string.h>

/* ---- digests ---- */

uint64_t
em_bytes(uint64_t sum, const void *p, size_t n)
{
    const unsigned char *const b = p;

    for (size_t i = 0; i < n; i++)
        sum = (sum ^ b[i]) * 0x100000001b3u;
    return sum ^ n;
}

static uint64_t
em_number(uint64_t sum, uint64_t n)
{
    return em_bytes(sum, &n, sizeof n);
}

static uint64_t
em_compound(uint64_t sum, const hi5_type *t, const unsigned char *p)
{
    hi5_member m;

    for (unsigned i = 0; hi5_type_member(t, i, &m); i++)
        sum = em_values(sum, m.type, p + m.offset, 1);
    return sum;
}

static uint64_t
em_value(uint64_t sum, const hi5_type *t, const hi5_type_info *info,
         const unsigned char *p)
{
    hi5_vlen v;
    char *s;

    switch (info->cls) {
    case HI5_COMPOUND:
        return em_compound(sum, t, p);
    case HI5_ARRAY: {
        const size_t each = hi5_type_size(info->base);
        return em_values(sum, info->base, p, each != 0 ? hi5_type_size(t) / each : 0);
    }
    case HI5_VLEN:
        if (info->is_vlen_string) {
            memcpy(&s, p, sizeof s);
            return s != NULL ? em_bytes(sum, s, strlen(s)) : em_number(sum, 0);
        }
        memcpy(&v, p, sizeof v);
        return em_values(em_number(sum, v.n), info->base, v.p, v.n);
    case HI5_REFERENCE:
        return sum; /* objects may move */
    default:
        return em_bytes(sum, p, hi5_type_size(t));
    }
}

uint64_t
em_values(uint64_t sum, const hi5_type *t, const void *p, size_t n)
{
    const size_t size = hi5_type_size(t);
    hi5_type_info info;

    hi5_type_get_info(t, &info);
    for (size_t i = 0; i < n; i++)
        sum = em_value(sum, t, &info, (const unsigned char *)p + i * size);
    return sum;
}

static uint64_t
em_shape(uint64_t sum, const hi5_shape *s)
{
    sum = em_number(em_number(sum, (uint64_t)s->kind), s->rank);
    sum = em_bytes(sum, s->dims, s->rank * sizeof *s->dims);
    return em_bytes(sum, s->max, s->rank * sizeof *s->max);
}

static uint64_t
em_type(uint64_t sum, const hi5_type *t)
{
    return em_number(em_number(sum, (uint64_t)hi5_type_class(t)), hi5_type_size(t));
}

uint64_t
em_array(const hi5_type *t, const hi5_shape *shape, const void *p)
{
    const uint64_t n = hi5_shape_count(shape);

    return em_values(em_shape(em_type(1469598103934665603u, t), shape), t, p, (size_t)n);
}

#define EM_MOST_BYTES (16u << 20) /* of one dataset */

uint64_t
em_stored(hi5_dataset *d, uint64_t values)
{
    hi5_layout l;

    hi5_dataset_get_layout(d, &l);
    return em_number(values, (uint64_t)l.kind);
}

uint64_t
em_dataset(hi5_dataset *d)
{
    const hi5_type *const stored = hi5_dataset_type(d);
    hi5_file *const f = hi5_object_file(hi5_dataset_object(d));
    const hi5_shape *shape;
    hi5_type *t = NULL;
    hi5_layout l;
    hi5_error err;
    uint64_t n, sum = EM_UNKNOWN;
    void *buf;

    hi5_dataset_get_layout(d, &l);
    shape = hi5_dataset_shape(d);
    n = hi5_shape_count(shape);
    if (l.kind == HI5_VIRTUAL || hi5_type_memory(stored, &t, &err) != HI5_OK)
        return EM_UNKNOWN;
    if (n <= EM_MOST_BYTES / hi5_type_size(t)) {
        buf = calloc((size_t)n + 1, hi5_type_size(t));
        if (hi5_dataset_read(d, NULL, t, buf, &err) == HI5_OK) {
            sum = em_stored(d, em_array(t, shape, buf));
            hi5_reclaim(f, t, (size_t)n, buf);
        }
        free(buf);
    }
    hi5_type_free(t);
    return sum;
}

/* ---- loading ---- */

struct em_loading {
    hi5_file *f;
    struct em_model *m;
    unsigned node;
    bool ordered;              /* the last attribute was: so */
    uint32_t order;
    bool larger;
};

/* A list of *room things with room for one more than n. */
static void *
em_room(void *list, unsigned n, unsigned *room, size_t each)
{
    void *p;

    if (n < *room)
        return list;
    *room = *room != 0 ? *room * 2 : 8;
    p = rt_keep(*room * each);
    if (n != 0)
        memcpy(p, list, n * each);
    return p;
}

unsigned
em_add_node(struct em_model *m, hi5_kind kind)
{
    m->node = em_room(m->node, m->n, &m->room, sizeof *m->node);
    m->node[m->n] = (struct em_node){.kind = kind};
    return m->n++;
}

void
em_add_link(struct em_model *m, unsigned group, const struct em_link *l)
{
    struct em_node *const g = &m->node[group];

    g->link = em_room(g->link, g->nlinks, &g->link_room, sizeof *g->link);
    g->link[g->nlinks] = *l;
    g->link[g->nlinks++].name = rt_copy(l->name, strlen(l->name) + 1);
}

void
em_remove_link(struct em_model *m, unsigned group, unsigned i)
{
    struct em_node *const g = &m->node[group];

    memmove(g->link + i, g->link + i + 1, (g->nlinks - i - 1) * sizeof *g->link);
    g->nlinks--;
}

void
em_put_attribute(struct em_model *m, unsigned node, const char *name, uint64_t digest)
{
    struct em_node *const o = &m->node[node];

    for (unsigned i = 0; i < o->nattributes; i++)
        if (strcmp(o->attribute[i].name, name) == 0) {
            o->attribute[i].digest = digest;
            return;
        }
    o->attribute = em_room(o->attribute, o->nattributes, &o->attribute_room,
                           sizeof *o->attribute);
    o->attribute[o->nattributes++] =
        (struct em_attribute){rt_copy(name, strlen(name) + 1), digest};
}

void
em_remove_attribute(struct em_model *m, unsigned node, unsigned i)
{
    struct em_node *const o = &m->node[node];

    memmove(o->attribute + i, o->attribute + i + 1,
            (o->nattributes - i - 1) * sizeof *o->attribute);
    o->nattributes--;
}

static hi5_status
load_attribute(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct em_loading *const w = ctx;
    hi5_attribute_info info;
    uint64_t sum = EM_UNKNOWN;
    hi5_type *t;
    void *buf;

    if (a == NULL) {
        *err = *bad;
        return bad->status;
    }
    hi5_attribute_get_info(a, &info);
    if (hi5_type_memory(info.type, &t, err) == HI5_OK) {
        const uint64_t n = hi5_shape_count(&info.shape);

        buf = calloc((size_t)n + 1, hi5_type_size(t));
        if (hi5_attribute_read(a, t, buf, err) == HI5_OK) {
            sum = em_array(t, &info.shape, buf);
            hi5_reclaim(w->f, t, (size_t)n, buf);
        }
        free(buf);
        hi5_type_free(t);
    }
    /* Some files give the same order twice: then there is none. */
    if (info.has_order && w->ordered && info.order == w->order)
        w->m->node[w->node].attribute_order = false;
    w->ordered = info.has_order;
    w->order = info.order;
    em_put_attribute(w->m, w->node, info.name, sum);
    return HI5_OK;
}

static hi5_status
load_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct em_loading *const w = ctx;
    struct em_link x = {.name = l->name, .kind = l->kind};

    (void)err;
    if (l->kind != HI5_LINK_HARD) {
        if (l->target != NULL)
            x.digest = em_bytes(x.digest, l->target, strlen(l->target));
        if (l->file != NULL)
            x.digest = em_bytes(x.digest, l->file, strlen(l->file));
        em_add_link(w->m, w->node, &x);
        return HI5_OK;
    }
    while (x.node < w->m->n && w->m->node[x.node].address != l->address)
        x.node++;
    if (x.node == w->m->n) {
        em_add_node(w->m, HI5_KIND_UNKNOWN);
        w->m->node[x.node].address = l->address;
    }
    w->larger = w->m->n > EM_MOST_OBJECTS;
    em_add_link(w->m, w->node, &x);
    return w->larger ? HI5_E_LIMIT : HI5_OK;
}

static hi5_status
load_group(struct em_loading *w, hi5_object *o, hi5_error *err)
{
    hi5_group_info info;
    hi5_group *g;
    hi5_status s = hi5_object_group(o, &g, err);

    if (s != HI5_OK)
        return s;
    s = hi5_group_get_info(g, &info, err);
    w->m->node[w->node].link_order = info.order_tracked;
    if (s == HI5_OK)
        s = hi5_group_each(g, info.order_tracked ? HI5_BY_CREATION : HI5_BY_NAME, false,
                           load_link, w, err);
    hi5_group_close(g);
    return s;
}

static hi5_status
load_node(struct em_loading *w, hi5_object *o, hi5_error *err)
{
    hi5_object_info info;
    hi5_dataset *d;
    hi5_type *t;
    hi5_status s = hi5_object_get_info(o, &info, err);

    if (s != HI5_OK)
        return s;
    w->m->node[w->node].kind = info.kind;
    w->m->node[w->node].attribute_order = info.attribute_order_tracked;
    w->ordered = false;
    s = hi5_attribute_each(o, info.attribute_order_tracked ? HI5_BY_CREATION : HI5_BY_NAME,
                           false, load_attribute, w, err);
    if (s != HI5_OK || info.kind == HI5_KIND_UNKNOWN)
        return s;
    if (info.kind == HI5_KIND_GROUP)
        return load_group(w, o, err);
    if (info.kind == HI5_KIND_DATATYPE) {
        /* References may be stored with other sizes; in memory they are all the same. */
        s = hi5_type_memory(hi5_object_type(o), &t, err);
        if (s == HI5_OK)
            w->m->node[w->node].digest = em_type(7, t);
        hi5_type_free(s == HI5_OK ? t : NULL);
        return s;
    }
    s = hi5_object_dataset(o, &d, err);
    if (s != HI5_OK)
        return s;
    w->m->node[w->node].digest = em_dataset(d);
    hi5_dataset_close(d);
    return HI5_OK;
}

bool
em_load(hi5_file *f, struct em_model *m, bool *larger)
{
    struct em_loading w = {.f = f, .m = m};
    hi5_file_info info;
    hi5_error err;
    hi5_status s = HI5_OK;

    *m = (struct em_model){0};
    hi5_file_get_info(f, &info);
    em_add_node(m, HI5_KIND_UNKNOWN);
    m->node[0].address = info.root_address;
    for (; w.node < m->n && s == HI5_OK; w.node++) {
        hi5_object *o;

        s = hi5_object_open_address(f, m->node[w.node].address, &o, &err);
        if (s == HI5_OK)
            s = load_node(&w, o, &err);
        hi5_object_close(o);
    }
    *larger = w.larger;
    return s == HI5_OK || w.larger || rt_bad("reading: %s", err.message);
}

struct em_model
em_snapshot(const struct em_model *m)
{
    struct em_model c = *m;

    c.room = c.n;
    c.node = rt_copy(m->node, m->n * sizeof *m->node);
    for (unsigned i = 0; i < c.n; i++) {
        struct em_node *const o = &c.node[i];

        o->link = rt_copy(o->link, o->nlinks * sizeof *o->link);
        o->link_room = o->nlinks;
        o->attribute = rt_copy(o->attribute, o->nattributes * sizeof *o->attribute);
        o->attribute_room = o->nattributes;
    }
    return c;
}

/* ---- comparing ---- */

static int
same_by_name(const void *a, const void *b)
{
    /* The name is the first member of both. */
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
same_attributes(const struct em_node *want, const struct em_node *got, unsigned number)
{
    const size_t bytes = want->nattributes * sizeof *want->attribute;
    struct em_attribute *a, *b;

    if (want->nattributes != got->nattributes)
        return rt_bad("object %u: %u attributes, not %u", number, got->nattributes,
                      want->nattributes);
    a = rt_copy(want->attribute, bytes);
    b = rt_copy(got->attribute, bytes);
    if (!want->attribute_order || !got->attribute_order) {
        qsort(a, want->nattributes, sizeof *a, same_by_name);
        qsort(b, want->nattributes, sizeof *b, same_by_name);
    }
    for (unsigned i = 0; i < want->nattributes; i++)
        if (strcmp(a[i].name, b[i].name) != 0 || a[i].digest != b[i].digest)
            return rt_bad("object %u: attribute %u: '%s' %llx, not '%s' %llx", number, i,
                          b[i].name, (unsigned long long)b[i].digest, a[i].name,
                          (unsigned long long)a[i].digest);
    return true;
}

bool
em_same(const struct em_model *want, const struct em_model *got)
{
    unsigned *const of = rt_keep((want->n + 1) * sizeof *of); /* got's number + 1 */
    unsigned *const todo = rt_keep((want->n + 1) * sizeof *todo);
    unsigned n = 1;

    of[0] = 1;
    for (unsigned k = 0; k < n; k++) {
        const unsigned i = todo[k];
        const struct em_node *const a = &want->node[i], *const b = &got->node[of[i] - 1];
        struct em_link *x, *y;

        if (a->kind != b->kind || a->nlinks != b->nlinks || a->digest != b->digest)
            return rt_bad("object %u: kind %d, %u links, digest %llx, not %d, %u, %llx", i,
                          (int)b->kind, b->nlinks, (unsigned long long)b->digest,
                          (int)a->kind, a->nlinks, (unsigned long long)a->digest);
        if (!same_attributes(a, b, i))
            return false;
        x = rt_copy(a->link, a->nlinks * sizeof *x);
        y = rt_copy(b->link, a->nlinks * sizeof *y);
        if (!b->link_order) {
            qsort(x, a->nlinks, sizeof *x, same_by_name);
            qsort(y, a->nlinks, sizeof *y, same_by_name);
        }
        for (unsigned l = 0; l < a->nlinks; l++) {
            if (strcmp(x[l].name, y[l].name) != 0 || x[l].kind != y[l].kind ||
                x[l].digest != y[l].digest)
                return rt_bad("object %u: link %u: '%s', not '%s'", i, l, y[l].name,
                              x[l].name);
            if (x[l].kind != HI5_LINK_HARD)
                continue;
            if (of[x[l].node] == 0) {
                of[x[l].node] = y[l].node + 1;
                todo[n++] = x[l].node;
            } else if (of[x[l].node] != y[l].node + 1) {
                return rt_bad("object %u: link '%s' leads to another object", i, x[l].name);
            }
        }
    }
    return true;
}
