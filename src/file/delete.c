/*
 * delete.c - what goes with messages that go, and objects without a link
 */
#include "file/delete.h"
#include "base/err.h"
#include "file/edit.h"
#include "format/ohdr_edit.h"
#include "format/sohm_edit.h"
#include <string.h>

/* ---- what is noted ---- */

HI5_INT void
recall_init(struct recall *r, hi5_file *f, struct arena *a)
{
    *r = (struct recall){.file = f, .arena = a};
    vlen_old_init(&r->heap, f, NULL);
}

HI5_INT void
recall_done(struct recall *r)
{
    vlen_old_done(&r->heap);
    mem_free(&r->file->mem, r->object, r->room * sizeof *r->object);
    mem_free(&r->file->mem, r->use, r->use_room * sizeof *r->use);
}

HI5_INT void
recall_back(struct recall *r, const struct recall *before)
{
    r->heap.gone.n = before->heap.gone.n;
    r->n = before->n;
    r->nuse = before->nuse;
}

HI5_INT hi5_status
recall_status(hi5_status s, hi5_error *err)
{
    if (s == HI5_OK || s == HI5_E_NOMEM || s == HI5_E_LIMIT || s == HI5_E_IO ||
        s == HI5_E_STATE || s == HI5_E_INTERNAL)
        return s;
    err_clear(err);
    return HI5_OK;
}

HI5_INT hi5_status
recall_object(struct recall *r, uint64_t addr, hi5_error *err)
{
    struct mem *const mem = &r->file->mem;
    uint64_t *const p = mem_grow(mem, r->object, &r->room, r->n + 1, sizeof *p);

    if (p == NULL)
        return mem_fail(mem, (r->n + 1) * sizeof *p, err);
    r->object = p;
    p[r->n++] = addr;
    return HI5_OK;
}

HI5_INT hi5_status
recall_message(struct recall *r, const struct ohdr_msg *m, hi5_error *err)
{
    struct msg_shared shared = {0};
    struct cur c;

    if ((m->flags & MSG_F_SHARED) == 0)
        return HI5_OK;
    c = meta_cursor_at(&r->file->meta, m->body, m->size, m->addr, NULL, err);
    msg_shared_code(&c, &shared);
    if (!cur_ok(&c))
        return recall_status(c.status, err);
    return shared.in_heap ? recall_shared(r, m->type, shared.heap_id, err)
                          : recall_object(r, shared.addr, err);
}

HI5_INT hi5_status
recall_shared(struct recall *r, unsigned type, const uint8_t id[8], hi5_error *err)
{
    struct mem *const mem = &r->file->mem;
    struct recall_use *const p =
        mem_grow(mem, r->use, &r->use_room, r->nuse + 1, sizeof *p);

    if (p == NULL)
        return mem_fail(mem, (r->nuse + 1) * sizeof *p, err);
    r->use = p;
    p[r->nuse].type = type;
    memcpy(p[r->nuse++].id, id, 8);
    return HI5_OK;
}

HI5_INT hi5_status
recall_elements(struct recall *r, const hi5_type *t, const uint8_t *bytes, size_t n,
                hi5_error *err)
{
    uint64_t before;

    if (!t->has_vlen)
        return HI5_OK;
    r->heap.type = t;
    r->heap.holds = r->learns; /* what replaces it may be refused */
    TRY(vlen_old_note(&r->heap, bytes, NULL, n, err));
    if (!r->learns)
        return HI5_OK;
    before = r->file->meta.stage->changes;
    TRY(vlen_old_learn(&r->heap, bytes, n, err));
    edit_unseen(r->file, before);
    return HI5_OK;
}

static hi5_status
recall_value(struct recall *r, const struct msg_attr *a, const struct ohdr_msg *space,
             hi5_error *err)
{
    const hi5_type *t;
    struct msg_space s;
    struct cur c;
    uint64_t n;

    TRY(object_decode_type(r->file, (a->flags & 1) != 0, a->type, a->type_len,
                           a->type_addr, r->arena, &t, err));
    if (!t->has_vlen)
        return HI5_OK;
    TRY(object_message(r->file, space, r->arena, &c, NULL, err));
    msg_space_code(&c, &s);
    if (!cur_ok(&c))
        return c.status;
    n = hi5_shape_count(&s.shape);
    if (n > a->data_len / t->size)
        n = a->data_len / t->size;
    return recall_elements(r, t, a->data, (size_t)n, err);
}

HI5_INT hi5_status
recall_attribute(struct recall *r, const uint8_t *body, size_t size, uint64_t addr,
                 hi5_error *err)
{
    struct cur c = meta_cursor_at(&r->file->meta, body, size, addr, r->arena, err);
    struct ohdr_msg type = {.type = MSG_TYPE}, space = {.type = MSG_SPACE};
    struct msg_attr a;

    msg_attr_code(&c, &a);
    if (!cur_ok(&c))
        return recall_status(c.status, err);
    type.flags = a.flags & 1 ? MSG_F_SHARED : 0;
    type.body = a.type;
    type.size = a.type_len;
    type.addr = a.type_addr;
    space.flags = a.flags & 2 ? MSG_F_SHARED : 0;
    space.body = a.space;
    space.size = a.space_len;
    space.addr = a.space_addr;
    TRY(recall_status(recall_value(r, &a, &space, err), err));
    TRY(recall_message(r, &type, err));
    return recall_message(r, &space, err);
}

/* ---- giving it back ---- */

/* Shared messages; an attribute that goes with that has more to recall. */
static hi5_status
recall_release(struct recall *r, hi5_error *err)
{
    while (r->nuse > 0) {
        const struct recall_use u = r->use[--r->nuse];
        struct sohm_gone gone = {0};

        TRY(recall_status(sohm_release_id(&r->file->shared, u.type, u.id, r->arena, &gone,
                                          err),
                          err));
        if (gone.body != NULL && u.type == MSG_ATTR)
            TRY(recall_attribute(r, gone.body, gone.size, ADDR_NONE, err));
    }
    return vlen_old_give(&r->heap, err);
}

/* An object has one link less. */
static hi5_status
recall_unlink(struct recall *r, uint64_t addr, hi5_error *err)
{
    hi5_file *const f = r->file;
    struct ohdr *h = NULL;
    uint32_t left;

    TRY(recall_status(ohdr_read_to_change(&f->meta, addr, r->arena, &h, err), err));
    if (h == NULL || h->refcount == 0)
        return HI5_OK;
    if (h->refcount > 1)
        return recall_status(ohdr_add_refs(&f->meta, addr, -1, &left, err), err);
    if (addr == f->super.root || addr == f->super.extension)
        return HI5_OK; /* they never go */
    return object_delete(f, h, r, err);
}

HI5_INT hi5_status
recall_give(struct recall *r, hi5_error *err)
{
    struct arena *const kept = r->arena;
    struct arena a;
    hi5_status s;

    arena_init(&a, &r->file->mem);
    s = recall_release(r, err);
    /* Objects that go have more to recall: they are put at the end. */
    while (s == HI5_OK && r->n > 0) {
        r->arena = &a; /* what is decoded is of no use afterwards */
        s = recall_unlink(r, r->object[--r->n], err);
        r->arena = kept;
        arena_done(&a);
        if (s == HI5_OK)
            s = recall_release(r, err);
    }
    return s;
}

HI5_INT hi5_status
object_let_go(hi5_file *f, uint64_t addr, hi5_error *err)
{
    struct recall r;
    struct arena a;
    hi5_status s;

    arena_init(&a, &f->mem);
    recall_init(&r, f, &a);
    s = recall_object(&r, addr, err);
    if (s == HI5_OK)
        s = recall_give(&r, err);
    recall_done(&r);
    arena_done(&a);
    return s;
}
