/*
 * vlen_edit.c - what is in the heap for elements that are written over
 *
 * Elements of variable length name objects of the global heap, at any depth of
 * compounds, arrays, and sequences of sequences. When an element is replaced nobody else
 * refers to them, and they are given back: else a file that is updated would only grow.
 * VLEN-13
 */
#include "file/vlen_edit.h"
#include "base/err.h"
#include "space/type.h"
#include <string.h>

#define VLEN_MOST 4096u  /* IDs that wait to be given back together */
#define VLEN_DEPTH 32u   /* of sequences in sequences */
#define VLEN_INSIDE (1u << 20) /* so many of them at once: a file may say anything */

HI5_INT void
vlen_old_init(struct vlen_old *v, hi5_file *f, const hi5_type *type)
{
    *v = (struct vlen_old){.file = f, .type = type};
}

HI5_INT void
vlen_old_done(struct vlen_old *v)
{
    struct mem *const mem = &v->file->mem;

    mem_free(mem, v->gone.id, v->gone.room * sizeof *v->gone.id);
    mem_free(mem, v->kept.id, v->kept.room * sizeof *v->kept.id);
    mem_free(mem, v->piece, v->room);
}

static hi5_status
vlen_add(struct vlen_old *v, struct vlen_list *l, struct gheap_id id, hi5_error *err)
{
    struct gheap_id *p;

    for (size_t i = 0; i < v->kept.n; i++)
        if (v->kept.id[i].addr == id.addr && v->kept.id[i].index == id.index)
            return HI5_OK;
    p = mem_grow(&v->file->mem, l->id, &l->room, l->n + 1, sizeof *p);
    if (p == NULL)
        return mem_fail(&v->file->mem, (l->n + 1) * sizeof *p, err);
    l->id = p;
    p[l->n++] = id;
    return HI5_OK;
}

/* ---- walking elements ---- */

/* Elements of a type, and what replaces them, with the same layout; or NULL. */
struct vlen_walk {
    struct vlen_old *old;
    struct vlen_list *list;
    unsigned depth;
    hi5_error *err;
};

static hi5_status vlen_elements(const struct vlen_walk *w, const hi5_type *t,
                                const uint8_t *old, const uint8_t *now, size_t n);

/* The elements of a sequence that have sequences in turn. An object that cannot be read
 * has nothing to give back. */
static hi5_status
vlen_inside(const struct vlen_walk *w, const hi5_type *base, struct gheap_id id,
            uint64_t length)
{
    struct gheap *const g = w->old->file->gheap;
    struct vlen_walk below = *w;
    const uint8_t *bytes;
    void *held;
    size_t n;
    hi5_status s;

    if (++below.depth > VLEN_DEPTH || base->size == 0 || w->list->n > VLEN_INSIDE)
        return HI5_OK;
    s = gheap_get(g, id.addr, id.index, &bytes, &n, &held, w->err);
    if (s == HI5_E_NOMEM || s == HI5_E_LIMIT || s == HI5_E_IO)
        return s;
    if (s != HI5_OK) {
        err_clear(w->err);
        return HI5_OK;
    }
    if (n / base->size < length)
        length = n / base->size;
    s = vlen_elements(&below, base, bytes, NULL, (size_t)length);
    gheap_release(g, held);
    return s;
}

static hi5_status
vlen_slot(const struct vlen_walk *w, const hi5_type *t, const uint8_t *old)
{
    const unsigned off_w = w->old->file->meta.off_w;
    const struct gheap_id id = {cur_raw_addr(old + 4, off_w),
                                (uint32_t)cur_raw_uint(old + 4 + off_w, 4)};

    if (id.addr == 0 || id.addr == ADDR_NONE || id.index == 0)
        return HI5_OK;
    if (!t->is_vlen_string && t->base->has_vlen)
        TRY(vlen_inside(w, t->base, id, cur_raw_uint(old, 4)));
    return vlen_add(w->old, w->list, id, w->err);
}

static hi5_status
vlen_elements(const struct vlen_walk *w, const hi5_type *t, const uint8_t *old,
              const uint8_t *now, size_t n)
{
    for (size_t i = 0; i < n; i++, old += t->size) {
        if (now != NULL && i != 0)
            now += t->size;
        if (now != NULL && memcmp(old, now, t->size) == 0)
            continue;
        if (t->cls == HI5_VLEN)
            TRY(vlen_slot(w, t, old));
        else if (t->cls == HI5_ARRAY)
            TRY(vlen_elements(w, t->base, old, now, type_array_count(t)));
        for (uint32_t k = 0; t->cls == HI5_COMPOUND && k < t->members; k++) {
            const hi5_member *const m = &t->member[k];
            if (m->type->has_vlen)
                TRY(vlen_elements(w, m->type, old + m->offset,
                                  now != NULL ? now + m->offset : NULL, 1));
        }
    }
    return HI5_OK;
}

/* ---- what callers do ---- */

HI5_INT hi5_status
vlen_old_keep(struct vlen_old *v, const uint8_t *element, hi5_error *err)
{
    const struct vlen_walk w = {.old = v, .list = &v->kept, .err = err};

    return vlen_elements(&w, v->type, element, NULL, 1);
}

HI5_INT hi5_status
vlen_old_note(struct vlen_old *v, const uint8_t *old, const uint8_t *now, size_t n,
              hi5_error *err)
{
    const struct vlen_walk w = {.old = v, .list = &v->gone, .err = err};

    TRY(vlen_elements(&w, v->type, old, now, n));
    return v->gone.n >= VLEN_MOST && !v->holds ? vlen_old_give(v, err) : HI5_OK;
}

HI5_INT hi5_status
vlen_old_learn(struct vlen_old *v, const uint8_t *old, size_t n, hi5_error *err)
{
    struct vlen_list one = {NULL, 0, 0};
    const struct vlen_walk w = {v, &one, VLEN_DEPTH, err}; /* nothing inside */
    hi5_status s = HI5_OK;

    for (size_t i = 0; i < n && one.n == 0 && s == HI5_OK; i++)
        s = vlen_elements(&w, v->type, old + i * v->type->size, NULL, 1);
    if (s == HI5_OK && one.n != 0)
        s = gheap_learn(v->file, one.id[0], err);
    mem_free(&v->file->mem, one.id, one.room * sizeof *one.id);
    return s;
}

HI5_INT hi5_status
vlen_old_save(struct vlen_old *v, const uint8_t *old, size_t n, const uint8_t **copy,
              hi5_error *err)
{
    const size_t bytes = n * v->type->size;

    if (bytes > v->room) {
        uint8_t *const p = mem_resize(&v->file->mem, v->piece, v->room, bytes);
        if (p == NULL)
            return mem_fail(&v->file->mem, bytes, err);
        v->piece = p;
        v->room = bytes;
    }
    memcpy(v->piece, old, bytes);
    *copy = v->piece;
    return vlen_old_learn(v, old, n, err);
}

HI5_INT hi5_status
vlen_old_give(struct vlen_old *v, hi5_error *err)
{
    const size_t n = v->gone.n;

    v->gone.n = 0;
    return gheap_remove(v->file, v->gone.id, n, err);
}
