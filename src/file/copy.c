/*
 * copy.c - copying objects: the list of them, and the call
 */
#include "file/copy.h"
#include "base/err.h"
#include "file/scale.h"
#include <string.h>

#define COPY_FIRST 64u

/* ---- files ---- */

HI5_INT void
copy_init(struct copy *c, hi5_file *to, const hi5_copy_options *o, hi5_error *err)
{
    *c = (struct copy){.to = to, .o = o, .mem = &to->mem, .err = err};
    arena_init(&c->arena, &to->mem);
}

HI5_INT void
copy_done(struct copy *c)
{
    mem_free(c->mem, c->entry, c->room * sizeof *c->entry);
    mem_free(c->mem, c->slot, c->nslots * sizeof *c->slot);
    mem_free(c->mem, c->known, c->known_room * sizeof *c->known);
    for (size_t i = 0; i < c->nsources; i++)
        if (c->source[i] != c->to)
            file_unref(c->source[i]);
    mem_free(c->mem, c->source, c->source_room * sizeof *c->source);
    arena_done(&c->arena);
}

HI5_INT hi5_status
copy_source(struct copy *c, hi5_file *f, uint16_t *source)
{
    hi5_file **p;
    size_t i = 0;

    while (i < c->nsources && c->source[i] != f)
        i++;
    *source = (uint16_t)i;
    if (i < c->nsources)
        return HI5_OK;
    if (i == UINT16_MAX)
        return err_plain(c->err, HI5_E_LIMIT, "objects of more than 65535 files");
    p = mem_grow(c->mem, c->source, &c->source_room, i + 1, sizeof *p);
    if (p == NULL)
        return mem_fail(c->mem, (i + 1) * sizeof *p, c->err);
    c->source = p;
    if (f != c->to)
        file_ref(f);
    c->source[c->nsources++] = f;
    return edit_settle(f, c->err);
}

HI5_INT bool
copy_is_same(const struct copy *c, unsigned source)
{
    return c->source[source] == c->to;
}

/* ---- the list ---- */

static size_t
copy_slot(const struct copy *c, unsigned source, uint64_t from)
{
    uint64_t h = (from ^ (uint64_t)source << 48) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h >> 20) & (c->nslots - 1);

    while (c->slot[i] != 0 && (c->entry[c->slot[i] - 1].from != from ||
                               c->entry[c->slot[i] - 1].source != source))
        i = (i + 1) & (c->nslots - 1);
    return i;
}

HI5_INT struct copy_entry *
copy_find(const struct copy *c, unsigned source, uint64_t from)
{
    const size_t at = c->nslots != 0 ? c->slot[copy_slot(c, source, from)] : 0;

    return at != 0 ? &c->entry[at - 1] : NULL;
}

static hi5_status
copy_grow(struct copy *c)
{
    const size_t more = c->room != 0 ? c->room * 2 : COPY_FIRST;
    struct copy_entry *const p =
        mem_resize(c->mem, c->entry, c->room * sizeof *p, more * sizeof *p);
    size_t *slot;

    if (p == NULL)
        return mem_fail(c->mem, more * sizeof *p, c->err);
    c->entry = p;
    c->room = more;
    slot = mem_zalloc(c->mem, more * 2, sizeof *slot);
    if (slot == NULL)
        return mem_fail(c->mem, more * 2 * sizeof *slot, c->err);
    mem_free(c->mem, c->slot, c->nslots * sizeof *slot);
    c->slot = slot;
    c->nslots = more * 2;
    for (size_t i = 0; i < c->n; i++)
        slot[copy_slot(c, p[i].source, p[i].from)] = i + 1;
    return HI5_OK;
}

HI5_INT hi5_status
copy_add(struct copy *c, const struct copy_entry *e, size_t *i)
{
    if (c->n == c->room)
        TRY(copy_grow(c));
    *i = c->n++;
    c->slot[copy_slot(c, e->source, e->from)] = *i + 1;
    c->entry[*i] = *e;
    return HI5_OK;
}

HI5_INT bool
copy_passes(struct copy *c, hi5_status s)
{
    if (c->salvage == NULL || s == HI5_OK || s == HI5_E_NOMEM || s == HI5_E_IO ||
        stage_check(&c->to->meta, NULL) != HI5_OK)
        return false;
    err_clear(c->err);
    return true;
}

HI5_INT hi5_status
copy_meet(struct copy *c, unsigned source, uint64_t from, unsigned flags, size_t *i)
{
    const struct copy_entry *const e = copy_find(c, source, from);

    if (e != NULL) {
        *i = (size_t)(e - c->entry);
        return HI5_OK;
    }
    TRY(copy_object(c, source, from, flags, i));
    return stage_rest(&c->to->meta, c->err);
}

HI5_INT hi5_status
copy_progress(struct copy *c, uint64_t bytes)
{
    c->done += bytes;
    if (c->o->progress != NULL)
        c->o->progress(c->o->progress_ctx, c->done);
    return stage_rest(&c->to->meta, c->err);
}

/* ---- the work ---- */

static hi5_status
copy_fill(struct copy *c, size_t i)
{
    if (c->entry[i].flags & COPY_MERGED)
        return HI5_OK;
    switch ((hi5_kind)c->entry[i].kind) {
    case HI5_KIND_GROUP:
        if (c->salvage != NULL)
            return c->salvage->links(c->salvage->ctx, i);
        return c->entry[i].flags & COPY_EMPTY ? HI5_OK : copy_group_fill(c, i);
    case HI5_KIND_DATATYPE:
        return c->entry[i].flags & COPY_FILLED ? HI5_OK : copy_fill_header(c, i, false);
    case HI5_KIND_DATASET:
    case HI5_KIND_UNKNOWN:
        break;
    }
    return HI5_OK;
}

static hi5_status
copy_fill_later(struct copy *c, size_t i)
{
    if ((c->entry[i].flags & COPY_LATER) == 0)
        return HI5_OK;
    TRY(copy_attributes_later(c, i));
    if (c->entry[i].kind != HI5_KIND_DATASET)
        return HI5_OK;
    const hi5_status s = copy_dataset_later(c, i);

    if (!copy_passes(c, s))
        return s;
    c->entry[i].flags |= COPY_PARTIAL;
    return copy_dataset_later(c, i);
}

/* How many links there are to each. */
static hi5_status
copy_count(struct copy *c)
{
    struct meta *const m = &c->to->meta;
    uint32_t now;

    for (size_t i = 0; i < c->n; i++) {
        const struct copy_entry *const e = &c->entry[i];

        if (e->flags & COPY_MERGED)
            for (uint32_t k = 0; k < e->refs; k++)
                TRY(ohdr_add_refs(m, e->to, 1, &now, c->err));
        else if (e->refs != e->stored)
            TRY(ohdr_set_refcount(m, e->to, e->refs, c->err));
    }
    return HI5_OK;
}

/* Datasets that were copied within the file have the scales that the originals have. */
static hi5_status
copy_enter_scales(struct copy *c)
{
    hi5_object *o;
    hi5_status s = HI5_OK;

    for (size_t i = 0; s == HI5_OK && i < c->n && !c->o->no_attributes; i++) {
        if (c->entry[i].kind != HI5_KIND_DATASET ||
            !copy_is_same(c, c->entry[i].source))
            continue;
        TRY(object_open(c->to, c->entry[i].to, NULL, &o, c->err));
        s = scale_enter(o, c->err);
        hi5_object_close(o);
    }
    return s;
}

HI5_INT hi5_status
copy_run(struct copy *c)
{
    for (;;) {
        if (c->next < c->n)
            TRY(copy_fill(c, c->next++));
        else if (c->next_later < c->n)
            TRY(copy_fill_later(c, c->next_later++));
        else
            break;
        TRY(stage_rest(&c->to->meta, c->err));
    }
    if (c->salvage != NULL)
        TRY(c->salvage->last(c->salvage->ctx));
    TRY(copy_count(c));
    return copy_enter_scales(c);
}

/* ---- the call ---- */

static hi5_status
copy_all(struct copy *c, hi5_object *from, uint64_t base, const char *path)
{
    struct msg_link l = {.kind = HI5_LINK_HARD};
    uint64_t group;
    uint16_t source;
    size_t top;
    hi5_status s;

    /* Is the name free? Groups on the way are made afterwards: they are no part of what is
     * copied. */
    s = edit_place(c->to, base, path, false, &group, &l, c->err);
    if (s != HI5_OK && (s != HI5_E_NOTFOUND || c->o->no_parents))
        return s;
    err_clear(c->err);
    TRY(copy_source(c, from->file, &source));
    TRY(copy_meet(c, source, from->head->addr, 0, &top));
    c->entry[top].refs++;
    TRY(copy_run(c));
    TRY(edit_place(c->to, base, path, !c->o->no_parents, &group, &l, c->err));
    l.address = c->entry[top].to;
    return edit_link(c->to, group, &l, NULL, c->err);
}

static hi5_status
copy_call(hi5_object *from, hi5_file *to, uint64_t base, const char *path,
          const hi5_copy_options *options, hi5_error *err)
{
    const hi5_copy_options usual = {.size = sizeof usual};
    const hi5_copy_options *const o = options != NULL ? options : &usual;
    struct copy c;
    hi5_status s;

    err_clear(err);
    if (o->size != sizeof *o)
        return err_plain(err, HI5_E_ARG, "hi5_copy_options.size is %zu, expected %zu",
                         o->size, sizeof *o);
    if (object_here(from, err) != HI5_OK)
        return object_error(from, HI5_E_STATE, err);
    TRY(edit_begin(to, err));
    copy_init(&c, to, o, err);
    s = edit_end(to, copy_all(&c, from, base, path), err);
    copy_done(&c);
    return s == HI5_OK ? s : err_path(err, s, to->path, path);
}

hi5_status
hi5_copy(hi5_object *from, hi5_file *to, const char *path,
         const hi5_copy_options *options, hi5_error *err)
{
    return copy_call(from, to, to->super.root, path, options, err);
}

hi5_status
hi5_copy_at(hi5_object *from, hi5_group *parent, const char *path,
            const hi5_copy_options *options, hi5_error *err)
{
    const hi5_object *const o = hi5_group_object(parent);

    err_clear(err);
    if (object_here(o, err) != HI5_OK)
        return object_error(o, HI5_E_STATE, err);
    return copy_call(from, o->file, o->head->addr, path, options, err);
}
