/*
 * steps.c - random changes of a file and of its model
 */
#include "editmodel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_PATH 600u

/* ---- places ---- */

/* An object on a way from the root. */
struct step_place {
    char path[STEP_PATH];
    unsigned node;
    unsigned group, link;      /* the last link of the way; not set for the root */
};

/* Names that a path cannot have, or that lead elsewhere. */
static bool
step_usable(const char *name)
{
    return name[0] != '\0' && strcmp(name, ".") != 0 && strchr(name, '/') == NULL;
}

static bool
step_down(const struct em_edit *e, struct step_place *p, bool hard)
{
    const struct em_node *const g = &e->m->node[p->node];
    const size_t n = strlen(p->path);
    const struct em_link *l;
    unsigned i;

    if (g->kind != HI5_KIND_GROUP || g->nlinks == 0)
        return false;
    i = (unsigned)rt_random(g->nlinks);
    l = &g->link[i];
    if ((hard && l->kind != HI5_LINK_HARD) || !step_usable(l->name) ||
        n + strlen(l->name) + 2 > STEP_PATH)
        return false;
    snprintf(p->path + n, STEP_PATH - n, "/%s", l->name);
    p->group = p->node;
    p->link = i;
    if (l->kind == HI5_LINK_HARD)
        p->node = l->node;
    return true;
}

/* Some object of this kind (UNKNOWN: any). */
static bool
step_object(const struct em_edit *e, hi5_kind kind, struct step_place *p)
{
    for (unsigned tries = 0; tries < 20; tries++) {
        *p = (struct step_place){.node = 0};
        for (unsigned depth = (unsigned)rt_random(6); depth > 0; depth--)
            if (!step_down(e, p, true))
                break;
        if (e->m->node[p->node].kind == kind ||
            (kind == HI5_KIND_UNKNOWN && e->m->node[p->node].kind != HI5_KIND_UNKNOWN))
            return true;
    }
    return false;
}

/* Some link, of any kind. */
static bool
step_link(const struct em_edit *e, struct step_place *p)
{
    return step_object(e, HI5_KIND_GROUP, p) && step_down(e, p, false);
}

/* A path for something new, in some group. */
static bool
step_new(struct em_edit *e, struct step_place *p, const char **name)
{
    size_t n;

    if (!step_object(e, HI5_KIND_GROUP, p))
        return false;
    n = strlen(p->path);
    if (n + 60 > STEP_PATH)
        return false;
    snprintf(p->path + n, STEP_PATH - n, "/%s%u", rt_random(4) == 0
             ? "a new one with quite a long name, number " : "new", e->made++);
    *name = p->path + n + 1;
    return true;
}

static const char *
step_absolute(const struct step_place *p)
{
    return p->path[0] != '\0' ? p->path : "/";
}

/* What a file does not allow changes nothing. */
static bool
step_done(struct em_edit *e, hi5_status s, const char *what, const char *path)
{
    rt_trace("%s %s: %s", what, path, s == HI5_OK ? "done" : e->err.message);
    if (s == HI5_OK)
        return true;
    if (s == HI5_E_UNSUPPORTED || s == HI5_E_LIMIT || s == HI5_E_FILTER)
        e->refused++;
    else
        rt_bad("%s %s: %s", what, path, e->err.message);
    return false;
}

static bool
step_may_fail(hi5_status s)
{
    return s == HI5_OK || s == HI5_E_UNSUPPORTED || s == HI5_E_LIMIT || s == HI5_E_FILTER;
}

/* ---- groups and links ---- */

static bool
step_group(struct em_edit *e)
{
    hi5_group_options o = {.size = sizeof o};
    struct step_place p;
    struct em_link l = {.kind = HI5_LINK_HARD};
    hi5_status s;

    if (!step_new(e, &p, &l.name))
        return true;
    o.track_order = rt_random(3) == 0;
    o.index_order = o.track_order && rt_random(2) == 0;
    o.track_attribute_order = rt_random(4) == 0;
    s = hi5_group_create(e->f, p.path, &o, NULL, &e->err);
    if (!step_done(e, s, "group", p.path))
        return step_may_fail(s);
    l.node = em_add_node(e->m, HI5_KIND_GROUP);
    e->m->node[l.node].link_order = o.track_order;
    e->m->node[l.node].attribute_order = o.track_attribute_order;
    em_add_link(e->m, p.node, &l);
    return true;
}

static bool
step_new_link(struct em_edit *e)
{
    struct step_place p, target;
    struct em_link l = {.kind = HI5_LINK_HARD};
    hi5_status s;

    if (!step_object(e, HI5_KIND_UNKNOWN, &target) || !step_new(e, &p, &l.name))
        return true;
    if (rt_random(2) == 0) {
        s = hi5_link_hard(e->f, p.path, step_absolute(&target), &e->err);
        l.node = target.node;
    } else {
        s = hi5_link_soft(e->f, p.path, step_absolute(&target), &e->err);
        l.kind = HI5_LINK_SOFT;
        l.digest = em_bytes(0, step_absolute(&target), strlen(step_absolute(&target)));
    }
    if (!step_done(e, s, "link", p.path))
        return step_may_fail(s);
    em_add_link(e->m, p.node, &l);
    return true;
}

static bool
step_delete(struct em_edit *e)
{
    struct step_place p;
    hi5_status s;

    if (!step_link(e, &p))
        return true;
    s = hi5_link_delete(e->f, p.path, &e->err);
    if (!step_done(e, s, "delete", p.path))
        return step_may_fail(s);
    em_remove_link(e->m, p.group, p.link);
    return true;
}

static bool
step_transfer(struct em_edit *e, bool move)
{
    struct step_place from, to;
    struct em_link l;
    const char *name;
    hi5_status s;

    if (!step_link(e, &from) || !step_new(e, &to, &name))
        return true;
    l = e->m->node[from.group].link[from.link];
    l.name = name;
    s = move ? hi5_link_move(e->f, from.path, to.path, &e->err)
             : hi5_link_copy(e->f, from.path, to.path, &e->err);
    if (s == HI5_E_ARG && move)
        return true; /* into itself */
    if (!step_done(e, s, move ? "move" : "copy", from.path))
        return step_may_fail(s);
    if (move)
        em_remove_link(e->m, from.group, from.link);
    em_add_link(e->m, to.node, &l);
    return true;
}

/* ---- copies of objects ---- */

#define STEP_COPY_MOST 200u

/* The objects that a copy takes: [*n] of `list`, the first being `node`. False if there are
 * too many, or some whose copies are more than copies: of datasets with dimension scales
 * these take note. */
static bool
step_below(const struct em_model *m, unsigned node, unsigned *list, unsigned *n)
{
    list[0] = node;
    *n = 1;
    for (unsigned i = 0; i < *n; i++) {
        const struct em_node *const o = &m->node[list[i]];

        if (o->kind == HI5_KIND_UNKNOWN)
            return false;
        for (unsigned k = 0; k < o->nattributes; k++)
            if (strcmp(o->attribute[k].name, "DIMENSION_LIST") == 0 ||
                strcmp(o->attribute[k].name, "REFERENCE_LIST") == 0)
                return false;
        for (unsigned k = 0; k < o->nlinks; k++) {
            unsigned at = 0;

            if (o->link[k].kind != HI5_LINK_HARD)
                continue;
            while (at < *n && list[at] != o->link[k].node)
                at++;
            if (at < *n)
                continue;
            if (*n == STEP_COPY_MOST)
                return false;
            list[(*n)++] = o->link[k].node;
        }
    }
    return true;
}

/* The same in the model. @return the copy of the first */
static unsigned
step_copy_nodes(struct em_model *m, const unsigned *list, unsigned n)
{
    const unsigned first = m->n;

    for (unsigned i = 0; i < n; i++) {
        const unsigned at = em_add_node(m, HI5_KIND_GROUP);
        struct em_node *const to = &m->node[at];

        *to = m->node[list[i]];
        to->link = rt_copy(to->link, to->nlinks * sizeof *to->link);
        to->link_room = to->nlinks;
        to->attribute = rt_copy(to->attribute, to->nattributes * sizeof *to->attribute);
        to->attribute_room = to->nattributes;
    }
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < m->node[first + i].nlinks; k++) {
            struct em_link *const l = &m->node[first + i].link[k];
            unsigned at = 0;

            while (l->kind == HI5_LINK_HARD && list[at] != l->node)
                at++;
            l->node = l->kind == HI5_LINK_HARD ? first + at : 0;
        }
    return first;
}

static bool
step_copy_object(struct em_edit *e)
{
    struct em_link l = {.kind = HI5_LINK_HARD};
    struct step_place from, to;
    unsigned list[STEP_COPY_MOST], n;
    hi5_object *o;
    hi5_status s;

    if (!step_object(e, HI5_KIND_UNKNOWN, &from) || !step_new(e, &to, &l.name) ||
        !step_below(e->m, from.node, list, &n))
        return true;
    if (hi5_object_open(e->f, step_absolute(&from), &o, &e->err) != HI5_OK)
        return rt_bad("open %s: %s", from.path, e->err.message);
    s = hi5_copy(o, e->f, to.path, NULL, &e->err);
    hi5_object_close(o);
    if (!step_done(e, s, "copy of", from.path))
        return step_may_fail(s);
    l.node = step_copy_nodes(e->m, list, n);
    em_add_link(e->m, to.node, &l);
    return true;
}

/* ---- attributes ---- */

static bool
step_open(struct em_edit *e, struct step_place *p, hi5_object **o)
{
    if (!step_object(e, HI5_KIND_UNKNOWN, p))
        return false;
    if (hi5_object_open(e->f, step_absolute(p), o, &e->err) == HI5_OK)
        return true;
    rt_bad("open %s: %s", p->path, e->err.message);
    return false;
}

static bool
step_put_attribute(struct em_edit *e)
{
    static int32_t value[20000];
    hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1};
    const char *const text = "some text that is worth keeping, of some length";
    struct step_place p;
    const struct em_node *n;
    hi5_object *o;
    hi5_type *type = NULL;
    char name[40];
    uint64_t sum = 0;
    hi5_status s;

    if (!step_open(e, &p, &o))
        return true;
    n = &e->m->node[p.node];
    if (n->nattributes != 0 && rt_random(2) == 0)
        snprintf(name, sizeof name, "%.39s",
                 n->attribute[rt_random(n->nattributes)].name);
    else
        snprintf(name, sizeof name, "attribute %u", (unsigned)rt_random(40));
    shape.dims[0] = shape.max[0] =
        rt_random(30) == 0 ? 20000 : rt_random(5) == 0 ? 300 : 1 + rt_random(6);
    for (uint64_t i = 0; i < shape.dims[0]; i++)
        value[i] = (int32_t)rt_random(1000000);
    if (rt_random(3) == 0) {
        s = hi5_type_vlen_string(HI5_NULL_TERMINATED, HI5_UTF8, &type, &e->err);
        shape = (hi5_shape){.kind = HI5_SCALAR};
        if (s == HI5_OK)
            s = hi5_attribute_write(o, name, type, &shape, NULL, &text, &e->err);
        if (s == HI5_OK)
            sum = em_array(HI5_STR, &shape, &text);
    } else {
        s = hi5_attribute_write(o, name, HI5_I32, &shape, HI5_I32, value, &e->err);
        sum = em_array(HI5_I32, &shape, value);
    }
    hi5_type_free(type);
    hi5_object_close(o);
    if (!step_done(e, s, "attribute of", p.path))
        return step_may_fail(s);
    em_put_attribute(e->m, p.node, name, sum);
    return true;
}

static bool
step_change_attribute(struct em_edit *e)
{
    struct step_place p;
    struct em_node *n;
    hi5_object *o;
    const char *name;
    char to[40];
    hi5_status s;
    unsigned i;

    if (!step_open(e, &p, &o))
        return true;
    n = &e->m->node[p.node];
    if (n->nattributes == 0) {
        hi5_object_close(o);
        return true;
    }
    i = (unsigned)rt_random(n->nattributes);
    name = n->attribute[i].name;
    if (rt_random(3) != 0) {
        s = hi5_attribute_delete(o, name, &e->err);
        if (s == HI5_OK)
            em_remove_attribute(e->m, p.node, i);
    } else {
        snprintf(to, sizeof to, "renamed %u", e->made++);
        s = hi5_attribute_rename(o, name, to, &e->err);
        if (s == HI5_OK)
            n->attribute[i].name = rt_copy(to, strlen(to) + 1);
    }
    hi5_object_close(o);
    return step_done(e, s, "attribute of", p.path) || step_may_fail(s);
}

/* ---- datasets ---- */

static void
step_options(hi5_dataset_options *o, uint64_t *chunk,
             uint64_t *max, const uint64_t *dims)
{
    *o = (hi5_dataset_options){.size = sizeof *o};
    switch (rt_random(4)) {
    case 0:
        o->compact = true;
        return;
    case 1:
        return;
    default:
        o->chunk = chunk;
        chunk[0] = 1 + rt_random(dims[0]);
        chunk[1] = 1 + rt_random(dims[1]);
        if (rt_random(2) == 0) {
            o->max = max;
            max[0] = rt_random(3) == 0 ? dims[0] + 20 : HI5_UNLIMITED;
            max[1] = rt_random(2) == 0 ? dims[1] : HI5_UNLIMITED;
        }
        o->deflate = (unsigned)rt_random(3);
        o->shuffle = rt_random(2) == 0;
        o->fletcher32 = rt_random(3) == 0;
        o->alloc_time = rt_random(5) == 0 ? HI5_ALLOC_EARLY : HI5_ALLOC_DEFAULT;
    }
}

static bool
step_dataset(struct em_edit *e)
{
    static int64_t number[400];
    static const char *text[400];
    static const char *const words[] = {"one", "two and three", "", "four, five, six, seven"};
    const uint64_t dims[2] = {1 + rt_random(20), 1 + rt_random(20)};
    const uint64_t n = dims[0] * dims[1];
    const bool strings = rt_random(4) == 0;
    struct em_link l = {.kind = HI5_LINK_HARD};
    hi5_dataset_options o;
    uint64_t chunk[2], max[2];
    struct step_place p;
    hi5_dataset *d;
    hi5_status s;

    if (!step_new(e, &p, &l.name))
        return true;
    step_options(&o, chunk, max, dims);
    if (strings && o.compact)
        o.compact = false;
    for (unsigned i = 0; i < n; i++) {
        number[i] = (int64_t)rt_random(1u << 20);
        text[i] = words[rt_random(4)];
    }
    s = hi5_dataset_create(e->f, p.path, strings ? HI5_STR : HI5_I64, 2, dims, &o, &d,
                           &e->err);
    if (!step_done(e, s, "dataset", p.path))
        return step_may_fail(s);
    s = strings ? hi5_dataset_write(d, NULL, HI5_STR, text, &e->err)
                : hi5_dataset_write(d, NULL, HI5_I64, number, &e->err);
    l.node = em_add_node(e->m, HI5_KIND_DATASET);
    e->m->node[l.node].digest =
        em_stored(d, em_array(strings ? HI5_STR : HI5_I64, hi5_dataset_shape(d),
                              strings ? (const void *)text : number));
    hi5_dataset_close(d);
    em_add_link(e->m, p.node, &l);
    return step_done(e, s, "write", p.path);
}

/* Does it give back what it was given, whatever that is? */
static bool
step_is_exact(const hi5_dataset *d)
{
    const hi5_type *const t = hi5_dataset_type(d);
    uint64_t offset, size;
    const char *name;
    hi5_layout l;
    hi5_filter f;
    hi5_fill fill;

    hi5_dataset_get_layout(d, &l);
    hi5_dataset_get_fill(d, &fill);
    if (fill.write_time == 1 /* never: what is not written has any value */ ||
        l.kind == HI5_VIRTUAL || hi5_dataset_external(d, 0, &name, &offset, &size) ||
        hi5_type_has_vlen(t) || hi5_type_has_reference(t) ||
        hi5_shape_count(hi5_dataset_shape(d)) > 100000)
        return false;
    for (size_t i = 0; hi5_dataset_filter(d, i, &f); i++)
        if ((f.id < 1 || f.id > 4) && f.id != 32000)
            return false;
    return true;
}

/* Another box of elements gets values that others have. */
static bool
step_overwrite_with(struct em_edit *e, const struct step_place *p, hi5_dataset *d,
                    const hi5_type *t)
{
    const hi5_shape *const shape = hi5_dataset_shape(d);
    const size_t n = (size_t)hi5_shape_count(shape), size = hi5_type_size(t);
    unsigned char *const all = calloc(n + 1, size), *const box = calloc(n + 1, size);
    uint64_t start[HI5_MAX_RANK], count[HI5_MAX_RANK], in = 1;
    hi5_status s = hi5_dataset_read(d, NULL, t, all, &e->err);

    for (unsigned i = 0; i < shape->rank; i++) {
        start[i] = rt_random(shape->dims[i]);
        count[i] = 1 + rt_random(shape->dims[i] - start[i]);
        in *= count[i];
    }
    for (uint64_t k = 0; k < in && s == HI5_OK; k++) {
        uint64_t left = k, at = 0, step = 1;

        for (unsigned i = shape->rank; i-- > 0; left /= count[i], step *= shape->dims[i])
            at += (start[i] + left % count[i]) * step;
        memcpy(box + k * size, all + rt_random(n) * size, size);
        memcpy(all + at * size, box + k * size, size);
    }
    if (s != HI5_OK) {
        free(all);
        free(box);
        return true; /* it cannot be read: nothing to compare */
    }
    s = hi5_dataset_write_slab(d, start, count, t, box, &e->err);
    if (s == HI5_OK)
        e->m->node[p->node].digest = em_stored(d, em_array(t, shape, all));
    free(all);
    free(box);
    return step_done(e, s, "overwrite", p->path) || step_may_fail(s);
}

static bool
step_overwrite(struct em_edit *e)
{
    struct step_place p;
    hi5_dataset *d;
    hi5_type *t;
    bool ok = true;

    if (!step_object(e, HI5_KIND_DATASET, &p))
        return true;
    if (hi5_dataset_open(e->f, p.path, &d, &e->err) != HI5_OK)
        return rt_bad("dataset %s: %s", p.path, e->err.message);
    if (step_is_exact(d) && hi5_shape_count(hi5_dataset_shape(d)) != 0 &&
        e->m->node[p.node].digest != EM_UNKNOWN &&
        hi5_type_memory(hi5_dataset_type(d), &t, &e->err) == HI5_OK) {
        ok = step_overwrite_with(e, &p, d, t);
        hi5_type_free(t);
    }
    hi5_dataset_close(d);
    return ok;
}

/* The digest of what is to be there after a change of the extent: what was there where
 * both have it, else the fill value. */
static uint64_t
step_resized(const hi5_type *t, const hi5_shape *was, const hi5_shape *now,
             const unsigned char *all, const unsigned char *fill)
{
    const size_t size = hi5_type_size(t), n = (size_t)hi5_shape_count(now);
    unsigned char *const to = calloc(n + 1, size);
    uint64_t sum;

    for (size_t k = 0; k < n; k++) {
        uint64_t left = k, at = 0, step = 1;
        bool both = true;

        for (unsigned i = now->rank; i-- > 0; left /= now->dims[i], step *= was->dims[i]) {
            both &= left % now->dims[i] < was->dims[i];
            at += left % now->dims[i] * step;
        }
        memcpy(to + k * size, both ? all + at * size : fill, size);
    }
    sum = em_array(t, now, to);
    free(to);
    return sum;
}

/* Does it grow from within a chunk? What somebody else left there, behind the edge of the
 * extent, comes to light then, as it does with libhdf5. */
static bool
step_uncovers(hi5_dataset *d, const hi5_shape *was, const hi5_shape *now)
{
    hi5_layout l;
    bool found = false;

    hi5_dataset_get_layout(d, &l);
    for (unsigned i = 0; i < now->rank; i++)
        found |= now->dims[i] > was->dims[i] && was->dims[i] % l.chunk[i] != 0;
    return found;
}

static bool
step_resize_to(struct em_edit *e, const struct step_place *p, hi5_dataset *d,
               const hi5_type *t)
{
    const hi5_shape was = *hi5_dataset_shape(d);
    hi5_shape now = was;
    const size_t n = (size_t)hi5_shape_count(&was), size = hi5_type_size(t);
    unsigned char *const all = calloc(n + 1, size), *const fill = calloc(1, size);
    uint64_t total = 1;
    hi5_fill about;
    hi5_status s = hi5_dataset_read(d, NULL, t, all, &e->err);

    for (unsigned i = 0; i < now.rank; i++) {
        const uint64_t most = now.dims[i] * 2 + 3;
        now.dims[i] = rt_random((most < now.max[i] ? most : now.max[i]) + 1);
        total *= now.dims[i];
    }
    hi5_dataset_get_fill(d, &about);
    if (s == HI5_OK && about.status != HI5_FILL_UNDEFINED)
        s = hi5_dataset_read_fill(d, t, fill, &e->err);
    if (s != HI5_OK || total > 200000 || about.status == HI5_FILL_UNDEFINED ||
        about.write_time == 1 /* never */ ||
        (e->foreign && step_uncovers(d, &was, &now))) {
        free(all);
        free(fill);
        return true;
    }
    rt_trace("%llux%llu becomes %llux%llu", (unsigned long long)was.dims[0],
             (unsigned long long)was.dims[1], (unsigned long long)now.dims[0],
             (unsigned long long)now.dims[1]);
    s = hi5_dataset_resize(d, now.dims, &e->err);
    if (s == HI5_OK)
        e->m->node[p->node].digest = em_stored(d, step_resized(t, &was, &now, all, fill));
    free(all);
    free(fill);
    return step_done(e, s, "resize", p->path) || step_may_fail(s);
}

/* One of its own; else it is the extent, and changes with it. */
static bool
step_has_maximum(const hi5_shape *s)
{
    for (unsigned i = 0; i < s->rank; i++)
        if (s->max[i] != s->dims[i])
            return true;
    return false;
}

static hi5_status
step_stray(void *ctx, const hi5_chunk *chunk, hi5_error *err)
{
    const hi5_shape *const shape = ctx;

    (void)err;
    for (unsigned i = 0; i < shape->rank; i++)
        if (chunk->offset[i] >= shape->dims[i])
            return HI5_E_RANGE;
    return HI5_OK;
}

/* Chunks that somebody left outside of the extent come back when it grows, with libhdf5
 * as well. */
static bool
step_has_strays(hi5_dataset *d)
{
    hi5_shape shape = *hi5_dataset_shape(d);

    return hi5_dataset_each_chunk(d, step_stray, &shape, NULL) != HI5_OK;
}

static bool
step_resize(struct em_edit *e)
{
    struct step_place p;
    hi5_dataset *d;
    hi5_type *t;
    hi5_layout l;
    bool ok = true;

    if (!step_object(e, HI5_KIND_DATASET, &p))
        return true;
    if (hi5_dataset_open(e->f, p.path, &d, &e->err) != HI5_OK)
        return rt_bad("dataset %s: %s", p.path, e->err.message);
    hi5_dataset_get_layout(d, &l);
    if (l.kind == HI5_CHUNKED && step_has_maximum(hi5_dataset_shape(d)) &&
        step_is_exact(d) && !step_has_strays(d) &&
        e->m->node[p.node].digest != EM_UNKNOWN &&
        hi5_type_memory(hi5_dataset_type(d), &t, &e->err) == HI5_OK) {
        ok = step_resize_to(e, &p, d, t);
        hi5_type_free(t);
    }
    hi5_dataset_close(d);
    return ok;
}

/* ---- any of them ---- */

bool
em_step(struct em_edit *e)
{
    static const struct {
        unsigned share;
        bool (*fn)(struct em_edit *e);
    } steps[] = {
        {10, step_group}, {8, step_new_link}, {14, step_delete}, {20, step_put_attribute},
        {12, step_change_attribute}, {10, step_dataset}, {8, step_overwrite},
        {8, step_resize}, {6, step_copy_object},
    };
    unsigned all = 12, at;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        all += steps[i].share;
    at = (unsigned)rt_random(all);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (at < steps[i].share)
            return steps[i].fn(e);
        at -= steps[i].share;
    }
    return step_transfer(e, at < 6);
}
