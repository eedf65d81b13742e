/*
 * dataset_edit.c - datasets that are being written: what is pending, and bringing header
 * and handles up to date
 */
#include "file/dataset_edit.h"
#include "base/err.h"
#include "format/sohm_edit.h"
#include <string.h>

/* ---- messages ---- */

/* Another message in the place of `now`; the one or the other may be shared. */
static hi5_status
dedit_put(struct dataset_edit *e, const struct ohdr_msg *now, struct ohdr_put *put,
          struct arena *a, hi5_error *err)
{
    const struct ohdr_which which = {.type = now->type};
    const struct shared_env *const env = &e->object->file->shared;
    const uint64_t addr = e->object->head->addr;

    TRY(sohm_release(env, addr, now, a, NULL, err));
    TRY(sohm_share(env, true, put, a, err));
    TRY(ohdr_replace(env->meta, addr, &which, put, err));
    return sohm_enter(env, addr, put, err);
}

/* Encode a message in place of the one of its type. */
static hi5_status
dedit_replace(struct dataset_edit *e, unsigned type, void *from, hi5_error *err)
{
    struct meta *const m = &e->object->file->meta;
    const uint64_t addr = e->object->head->addr;
    const struct ohdr_which which = {.type = (uint16_t)type};
    struct ohdr_msg now;
    struct ohdr_put put;
    struct arena a;
    hi5_status s;

    TRY(ohdr_look(m, addr, &which, &now, err));
    arena_init(&a, m->mem);
    s = edit_message(m, &a, type,
                     now.flags & ~(unsigned)(MSG_F_SHARED | MSG_F_SHAREABLE), from, &put,
                     err);
    put.order = now.order;
    if (s == HI5_OK)
        s = dedit_put(e, &now, &put, &a, err);
    arena_done(&a);
    return s;
}

static hi5_status
dedit_put_space(struct dataset_edit *e, hi5_error *err)
{
    const struct ohdr_which which = {.type = MSG_SPACE};
    struct meta *const m = &e->object->file->meta;
    struct msg_space space;
    struct ohdr_msg now;
    struct arena a;
    hi5_status s;
    struct cur c;

    TRY(ohdr_look(m, e->object->head->addr, &which, &now, err));
    arena_init(&a, m->mem);
    s = object_message(e->object->file, &now, &a, &c, NULL, err);
    if (s == HI5_OK) {
        msg_space_code(&c, &space);
        s = c.status;
    }
    arena_done(&a);
    TRY(s);
    space.shape = e->shape;
    return dedit_replace(e, MSG_SPACE, &space, err);
}

HI5_INT hi5_status
dataset_edit_put_fill(struct dataset_edit *e, hi5_error *err)
{
    struct msg_fill old = e->fill;
    hi5_status s;

    old.version = 0;
    TRY(dedit_replace(e, MSG_FILL, &e->fill, err));
    s = dedit_replace(e, MSG_FILL_OLD, &old, err);
    return s == HI5_E_NOTFOUND ? HI5_OK : s;
}

/* ---- settling ---- */

static hi5_status
dedit_settle(struct dataset_edit *e, hi5_error *err)
{
    hi5_file *const f = e->object->file;
    const bool touched = e->shape_changed || e->layout_changed || e->ndirty != 0;

    TRY(chunks_settle(e, err));
    if (e->index != NULL) {
        const struct cix_params *const p = cix_edit_params(e->index);

        if (p->addr != e->layout.addr || p->single_size != e->layout.single_size ||
            p->single_mask != e->layout.single_mask) {
            e->layout.addr = p->addr;
            e->layout.single_size = p->single_size;
            e->layout.single_mask = p->single_mask;
            e->layout_changed = true;
        }
    }
    if (e->shape_changed)
        TRY(dedit_put_space(e, err));
    e->shape_changed = false;
    if (e->layout_changed)
        TRY(dedit_replace(e, MSG_LAYOUT, &e->layout, err));
    e->layout_changed = false;
    return touched && f->edit->times
               ? ohdr_touch(&f->meta, e->object->head->addr, edit_now(), err)
               : HI5_OK;
}

HI5_INT hi5_status
datasets_settle(hi5_file *f, hi5_error *err)
{
    for (struct dataset_edit *e = f->edit->datasets; e != NULL; e = e->next)
        if (!e->stale)
            TRY(object_error(e->object, dedit_settle(e, err), err));
    return HI5_OK;
}

/* ---- coming and going ---- */

static void
dedit_destroy(struct dataset_edit *e)
{
    hi5_object *const o = e->object;
    struct mem *const mem = &o->file->mem;

    chunks_drop(e);
    cix_edit_close(e->index);
    arena_done(&e->path_arena);
    arena_done(&e->arena);
    mem_free(mem, e, sizeof *e);
    hi5_object_close(o);
}

/* What is pending is lost; handles find that out when they are used. */
static void
dedit_drop(struct dataset_edit *e)
{
    chunks_drop(e);
    e->stale = true;
}

HI5_INT void
datasets_drop(hi5_file *f)
{
    for (struct dataset_edit *e = f->edit->datasets; e != NULL; e = e->next)
        dedit_drop(e);
}

/* The message of a type in the header as it is now; *found: there is one. */
static hi5_status
dedit_look(struct dataset_edit *e, const struct ohdr *h, unsigned type, bool *found,
           struct cur *c, hi5_error *err)
{
    const struct ohdr_msg *const m = ohdr_first(h, type);

    *found = m != NULL;
    return m != NULL ? object_message(e->object->file, m, &e->arena, c, NULL, err) : HI5_OK;
}

static hi5_status
dedit_load_grid(struct dataset_edit *e, hi5_error *err)
{
    struct cix_params *const g = &e->grid;

    dataset_grid(&e->layout, &e->shape, e->type->size, g);
    g->filtered = e->pipeline.n > 0;
    g->k = e->object->file->super.chunk_k;
    if (g->chunk_bytes == UINT64_MAX)
        return err_plain(err, HI5_E_LIMIT, "a chunk has 2^64 bytes or more");
    e->was_empty = g->addr == ADDR_NONE && g->kind != HI5_INDEX_IMPLICIT;
    return cix_edit_open(&e->object->file->meta, g, &e->index, err);
}

static hi5_status
dedit_load(struct dataset_edit *e, hi5_error *err)
{
    hi5_file *const f = e->object->file;
    struct msg_space space;
    struct ohdr *h;
    struct cur c;
    bool found;

    TRY(ohdr_read_to_change(&f->meta, e->object->head->addr, &e->arena, &h, err));
    TRY(dedit_look(e, h, MSG_SPACE, &found, &c, err));
    if (!found)
        return err_plain(err, HI5_E_CORRUPT, "a dataset without a dataspace message");
    msg_space_code(&c, &space);
    if (!cur_ok(&c))
        return c.status;
    e->shape = space.shape;
    TRY(dedit_look(e, h, MSG_LAYOUT, &found, &c, err));
    if (!found)
        return err_plain(err, HI5_E_CORRUPT, "a dataset without a data layout message");
    msg_layout_code(&c, &e->layout);
    if (!cur_ok(&c))
        return c.status;
    TRY(dedit_look(e, h, MSG_PLINE, &found, &c, err));
    if (found)
        msg_pline_code(&c, &e->pipeline);
    if (found && !cur_ok(&c))
        return c.status;
    e->fill = (struct msg_fill){.status = HI5_FILL_UNDEFINED, .alloc_time = 2,
                                .write_time = 2};
    TRY(dedit_look(e, h, MSG_FILL, &found, &c, err));
    if (found)
        msg_fill_code(&c, &e->fill);
    if (found && !cur_ok(&c))
        return c.status;
    if (e->layout.cls == HI5_COMPACT) {
        e->compact = arena_copy(&e->arena, e->layout.data, (size_t)e->layout.size);
        if (e->compact == NULL)
            return mem_fail(&f->mem, e->layout.size, err);
        e->layout.data = e->compact;
    }
    return e->layout.cls == HI5_CHUNKED ? dedit_load_grid(e, err) : HI5_OK;
}

HI5_INT hi5_status
dataset_edit_open(hi5_object *o, struct dataset_edit **out, hi5_error *err)
{
    hi5_file *const f = o->file;
    struct dataset_edit *e;
    hi5_status s;

    for (e = f->edit->datasets; e != NULL; e = e->next)
        if (e->object->head->addr == o->head->addr && !e->stale) {
            e->users++;
            *out = e;
            return HI5_OK;
        }
    e = mem_zalloc(&f->mem, 1, sizeof *e);
    if (e == NULL)
        return mem_fail(&f->mem, sizeof *e, err);
    object_ref(o);
    e->object = o;
    e->users = 1;
    arena_init(&e->arena, &f->mem);
    arena_init(&e->path_arena, &f->mem);
    s = object_read_type(o, &e->arena, &e->type, err);
    if (s == HI5_OK)
        s = dedit_load(e, err);
    if (s != HI5_OK) {
        dedit_destroy(e);
        return s;
    }
    e->next = f->edit->datasets;
    f->edit->datasets = e;
    *out = e;
    return HI5_OK;
}

HI5_INT hi5_status
dataset_edit_close(struct dataset_edit *e, hi5_error *err)
{
    hi5_file *const f = e->object->file;
    struct dataset_edit **at = &f->edit->datasets;
    hi5_status s = HI5_OK;

    if (--e->users != 0)
        return HI5_OK;
    if (!e->stale && f->meta.stage->broken == HI5_OK) {
        s = dedit_settle(e, err);
        if (s != HI5_OK)
            stage_break(&f->meta, s);
    }
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    dedit_destroy(e);
    return s;
}

HI5_INT void
dataset_edit_forget(struct dataset_edit *e)
{
    dedit_drop(e);
    dataset_edit_close(e, NULL);
}

HI5_INT hi5_status
dataset_edit_get(hi5_dataset *d, struct dataset_edit **out, hi5_error *err)
{
    struct dataset_edit *e = d->edit;

    TRY(object_here(d->object, err));
    if (e != NULL && e->stale) {
        d->edit = NULL;
        dataset_edit_close(e, NULL);
        e = NULL;
    }
    if (e == NULL)
        TRY(dataset_edit_open(d->object, &d->edit, err));
    *out = d->edit;
    return HI5_OK;
}

HI5_INT void
dataset_edit_leave(hi5_dataset *d)
{
    hi5_dataset_close(d->twin);
    d->twin = NULL;
    if (d->edit != NULL)
        dataset_edit_close(d->edit, NULL);
    d->edit = NULL;
}

/* ---- as it is now ---- */

HI5_INT hi5_status
object_current(hi5_object *o, hi5_object **now, hi5_error *err)
{
    const struct edit *const e = o->file->edit;
    hi5_object *fresh;

    *now = o;
    if (e == NULL)
        return HI5_OK;
    TRY(object_here(o, err));
    TRY(edit_settle(o->file, err));
    if (e->version == o->version) {
        *now = o->twin != NULL ? o->twin : o;
        return HI5_OK;
    }
    TRY(object_open(o->file, o->head->addr, o->path, &fresh, err));
    hi5_object_close(o->twin);
    *now = o->twin = fresh;
    o->version = e->version;
    fresh->version = e->version;
    return HI5_OK;
}

HI5_INT hi5_status
dataset_current(hi5_dataset *d, hi5_dataset **now, hi5_error *err)
{
    const struct edit *const e = d->file->edit;
    hi5_dataset *fresh;
    hi5_object *o;

    *now = d;
    if (e == NULL)
        return HI5_OK;
    TRY(object_current(d->object, &o, err));
    if (e->version == d->version && d->twin != NULL) {
        *now = d->twin;
        return HI5_OK;
    }
    TRY(dataset_open(o, NULL, &fresh, err));
    if (!hi5_type_equal(fresh->type, d->type)) {
        hi5_dataset_close(fresh);
        return err_plain(err, HI5_E_STATE, "the dataset is gone; where it was, there is "
                         "another one");
    }
    hi5_dataset_close(d->twin);
    *now = d->twin = fresh;
    d->version = e->version;
    d->shape = fresh->shape;
    return HI5_OK;
}

/* Another handle may have changed it; what it holds back is not in the header yet. */
HI5_INT const hi5_shape *
dataset_edit_shape(const hi5_dataset *d)
{
    hi5_dataset *const own = (hi5_dataset *)(uintptr_t)d;
    const struct edit *const e = d->file->edit;
    hi5_dataset *fresh;
    hi5_object *o;

    if (object_here(d->object, NULL) != HI5_OK)
        return &d->shape;
    for (const struct dataset_edit *k = e->datasets; k != NULL; k = k->next)
        if (k->object->head->addr == d->object->head->addr && !k->stale &&
            k->layout.cls == HI5_CHUNKED) {
            own->shape = k->shape;
            return &d->shape;
        }
    if (d->seen == e->version)
        return &d->shape;
    own->seen = e->version;
    if (object_open(d->file, d->object->head->addr, d->object->path, &o, NULL) != HI5_OK)
        return &d->shape;
    if (dataset_open(o, NULL, &fresh, NULL) == HI5_OK) {
        own->shape = fresh->shape;
        hi5_dataset_close(fresh);
    }
    hi5_object_close(o);
    return &d->shape;
}
