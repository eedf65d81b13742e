/*
 * diff_attr.c - comparing attributes
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/attribute.h"
#include "file/diff.h"
#include "space/type.h"
#include <string.h>

/* ---- values ---- */

/* Read an attribute; one without elements is taken for a zero. */
static hi5_status
dattr_read(struct diff *d, hi5_attribute *a, const hi5_type *memory, uint64_t n,
           uint8_t **buf, size_t *size, hi5_error *err)
{
    hi5_attribute_info info;
    uint64_t bytes;
    hi5_status s;

    *buf = NULL;
    hi5_attribute_get_info(a, &info);
    if (!ckd_mul64(n, memory->size, &bytes) || !ckd_size(bytes, size))
        return err_plain(err, HI5_E_LIMIT, "too many elements");
    *buf = mem_zalloc(d->mem, 1, *size);
    if (*buf == NULL)
        return mem_fail(d->mem, bytes, err);
    if (info.shape.kind == HI5_NULL)
        return HI5_OK;
    s = hi5_attribute_read(a, memory, *buf, err);
    if (s != HI5_OK) {
        mem_free(d->mem, *buf, *size);
        *buf = NULL;
    }
    return s;
}

static void
dattr_failed(const struct diff_run *r, const hi5_error *why)
{
    diff_failed(r->d, r->path[0], r->path[1], r->attribute, why);
}

/* Both have been read: compare them. */
static void
dattr_compare(struct diff_run *r, uint8_t *const buf[2], const hi5_attribute_info *info,
              uint64_t n)
{
    const hi5_diff_event begin = {.what = HI5_DIFF_BEGIN,
                                  .item = HI5_DIFF_VALUES_OF_ATTRIBUTES,
                                  .path = {r->path[0], r->path[1]},
                                  .attribute = r->attribute,
                                  .depth = r->depth};
    hi5_diff_event end = begin;

    r->d->result->attributes++;
    diff_tell(r->d, &begin);
    diff_begin_elements(r, &info[0].shape);
    r->dims = info[0].shape.dims;
    diff_elements(r, buf[0], buf[1], n);
    end.what = HI5_DIFF_END;
    end.count = r->count;
    diff_tell(r->d, &end);
}

HI5_INT void
diff_attribute(struct diff_run *r, hi5_attribute *a, hi5_attribute *b)
{
    hi5_attribute *const attr[2] = {a, b};
    hi5_attribute_info info[2];
    hi5_type *memory[2];
    uint8_t *buf[2] = {NULL, NULL};
    size_t size[2] = {0, 0};
    struct diff_node *node;
    struct arena arena;
    struct diff_form f;
    hi5_error why;
    hi5_status s;
    uint64_t n;

    for (unsigned i = 0; i < 2; i++) {
        hi5_attribute_get_info(attr[i], &info[i]);
        f.type[i] = info[i].type;
        f.shape[i] = &info[i].shape;
    }
    if (!diff_can(r, &f, false))
        return;
    if (diff_memory(&f, memory, &why) != HI5_OK) {
        dattr_failed(r, &why);
        return;
    }
    n = info[0].shape.kind == HI5_NULL ? 1 : hi5_shape_count(&info[0].shape);
    arena_init(&arena, r->d->mem);
    node = diff_compile(&arena, memory[0]);
    s = node != NULL ? HI5_OK : mem_fail(r->d->mem, sizeof *node, &why);
    for (unsigned i = 0; i < 2 && s == HI5_OK; i++)
        s = dattr_read(r->d, attr[i], memory[i], n, &buf[i], &size[i], &why);
    if (s == HI5_OK && memory[0]->size != memory[1]->size)
        s = err_plain(&why, HI5_E_TYPE, "elements of two sizes in memory");
    r->node = node;
    if (s == HI5_OK)
        dattr_compare(r, buf, info, n);
    else
        dattr_failed(r, &why);
    for (unsigned i = 0; i < 2; i++) {
        if (buf[i] != NULL)
            hi5_reclaim(r->file[i], memory[i], (size_t)n, buf[i]);
        mem_free(r->d->mem, buf[i], size[i]);
        hi5_type_free(memory[i]);
    }
    arena_done(&arena);
    r->node = NULL;
}

/* ---- names ---- */

struct dattr_names {
    struct diff_run *r;
    struct arena *arena;
    const char **p;
    size_t n, room;
    unsigned side;
};

static hi5_status
dattr_note(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct dattr_names *const x = ctx;
    struct mem *const mem = x->r->d->mem;
    hi5_attribute_info info;

    if (bad != NULL) {
        const char *const p = x->r->path[x->side];
        diff_failed(x->r->d, x->side == 0 ? p : NULL, x->side == 1 ? p : NULL, NULL,
                    bad);
        return HI5_OK;
    }
    if (x->n == x->room) {
        const size_t more = x->room != 0 ? 2 * x->room : 16;
        const char **const p =
            mem_resize(mem, x->p, x->room * sizeof *x->p, more * sizeof *x->p);
        if (p == NULL)
            return mem_fail(mem, more * sizeof *x->p, err);
        x->p = p;
        x->room = more;
    }
    hi5_attribute_get_info(a, &info);
    x->p[x->n] = arena_str(x->arena, info.name, strlen(info.name));
    return x->p[x->n++] != NULL ? HI5_OK : mem_fail(mem, strlen(info.name), err);
}

/* The next name in order, and where it is; NULL at the end. */
static const char *
dattr_next(const struct dattr_names *x, size_t *i, bool *in)
{
    const char *const a = i[0] < x[0].n ? x[0].p[i[0]] : NULL;
    const char *const b = i[1] < x[1].n ? x[1].p[i[1]] : NULL;
    const int c = a == NULL ? 1 : b == NULL ? -1 : strcmp(a, b);

    in[0] = a != NULL && c <= 0;
    in[1] = b != NULL && c >= 0;
    i[0] += in[0];
    i[1] += in[1];
    return in[0] ? a : b;
}

/* Tell which attributes there are. */
static void
dattr_list(const struct dattr_names *x)
{
    struct diff *const d = x->r->d;
    hi5_diff_event e = {.what = HI5_DIFF_ATTRIBUTE,
                        .path = {x->r->path[0], x->r->path[1]}};
    hi5_diff_event sum = {.what = HI5_DIFF_ATTRIBUTES,
                          .path = {x->r->path[0], x->r->path[1]}};
    size_t i[2] = {0, 0};

    while ((e.attribute = dattr_next(x, i, e.in)) != NULL) {
        diff_tell(d, &e);
        sum.count += e.in[0] && e.in[1];
        sum.length[0] += !e.in[1];
        sum.length[1] += !e.in[0];
    }
    diff_tell(d, &sum);
    d->result->attributes_only[0] += sum.length[0];
    d->result->attributes_only[1] += sum.length[1];
    d->result->other_names |= sum.length[0] != 0 || sum.length[1] != 0;
}

static uint64_t
dattr_pair(struct diff *d, const char *const path[2], hi5_object *const o[2],
           const char *name)
{
    struct diff_run r = {.d = d,
                         .path = {path[0], path[1]},
                         .attribute = name,
                         .file = {o[0]->file, o[1]->file},
                         .tell = d->o.values};
    hi5_attribute *a = NULL, *b = NULL;
    hi5_error why;

    if (hi5_attribute_open(o[0], name, &a, &why) == HI5_OK &&
        hi5_attribute_open(o[1], name, &b, &why) == HI5_OK)
        diff_attribute(&r, a, b);
    else
        dattr_failed(&r, &why);
    hi5_attribute_close(a);
    hi5_attribute_close(b);
    return r.count;
}

HI5_INT uint64_t
diff_attributes(struct diff *d, const char *const path[2], hi5_object *const o[2])
{
    struct diff_run r = {.d = d, .path = {path[0], path[1]}};
    struct arena arena;
    struct dattr_names x[2];
    hi5_error why;
    uint64_t found = 0;
    size_t i[2] = {0, 0};
    const char *name;
    bool in[2];

    arena_init(&arena, d->mem);
    for (unsigned k = 0; k < 2; k++) {
        x[k] = (struct dattr_names){.r = &r, .arena = &arena, .side = k};
        if (hi5_attribute_each(o[k], HI5_BY_NAME, false, dattr_note, &x[k], &why) !=
            HI5_OK)
            diff_failed(d, k == 0 ? path[0] : NULL, k == 1 ? path[1] : NULL, NULL,
                        &why);
    }
    dattr_list(x);
    while (d->broken == HI5_OK && (name = dattr_next(x, i, in)) != NULL)
        if (in[0] && in[1])
            found += dattr_pair(d, path, o, name);
    for (unsigned k = 0; k < 2; k++)
        mem_free(d->mem, x[k].p, x[k].room * sizeof *x[k].p);
    arena_done(&arena);
    return found;
}
