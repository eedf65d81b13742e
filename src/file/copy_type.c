/*
 * copy_type.c - datatypes of objects that are copied
 *
 * A committed datatype is an object of its own, and copied like one, even if nothing but
 * the objects that have it leads to it. Instead of a copy an equal one that is there can
 * be used.
 */
#include "base/err.h"
#include "file/copy.h"
#include <string.h>

#define COPY_COMMITTED 2u /* type of a shared message: version 2 and 3 */

/* ---- as the file stores it ---- */

/* Are there references in it that came with 1.12? They stay what they are: nothing older
 * can stand for them. */
static bool
type_has_new_refs(const hi5_type *t)
{
    if (t->cls == HI5_REFERENCE)
        return t->ref_kind >= HI5_REF_OBJECT2;
    for (uint32_t i = 0; t->cls == HI5_COMPOUND && i < t->members; i++)
        if (type_has_new_refs(t->member[i].type))
            return true;
    return t->base != NULL && type_has_new_refs(t->base);
}

static hi5_status
type_make(struct copy *c, const hi5_type *t, bool native, struct arena *a,
          hi5_type **out)
{
    const hi5_compat k = c->to->edit->compat;
    const bool newer = k >= HI5_COMPAT_V112 || (t->has_ref && type_has_new_refs(t));
    const struct type_target target = {
        .off_w = c->to->meta.off_w,
        .layered = newer                      ? 4
                   : k == HI5_COMPAT_EARLIEST ? 1
                                              : 3,
        .references = newer,
    };
    hi5_type *made = NULL;
    hi5_status s;

    if (native && !t->has_vlen && !t->has_ref)
        TRY(hi5_type_native(t, &made, c->err));
    s = type_for_file(made != NULL ? made : t, &target, a, out, c->err);
    hi5_type_free(made);
    return s;
}

HI5_INT hi5_status
copy_type(struct copy *c, unsigned source, const hi5_type *t, bool native,
          struct arena *a, struct copy_type *out)
{
    hi5_type *made;

    *out = (struct copy_type){NULL, false, 0};
    TRY(type_make(c, t, native, a, &made));
    out->type = made;
    made->committed = HI5_NO_ADDRESS;
    if (t->committed == HI5_NO_ADDRESS || native)
        return HI5_OK;
    TRY(copy_meet(c, source, t->committed, 0, &out->entry));
    out->committed = true;
    made->committed = c->entry[out->entry].to;
    return HI5_OK;
}

HI5_INT hi5_status
copy_type_put(struct copy *c, const struct copy_type *t, bool use, struct arena *a,
              struct ohdr_put *put)
{
    struct msg_shared shared = {.version = 3, .type = COPY_COMMITTED};
    const hi5_type *type = t->type;

    if (!t->committed)
        return edit_message(&c->to->meta, a, MSG_TYPE, MSG_F_CONSTANT, &type, put,
                            c->err);
    if (c->to->edit->compat == HI5_COMPAT_EARLIEST) {
        shared.version = 2;
        shared.type = 0;
    }
    shared.addr = c->entry[t->entry].to;
    c->entry[t->entry].refs += use;
    return edit_message(&c->to->meta, a, MSG_TYPE, MSG_F_CONSTANT | MSG_F_SHARED,
                        &shared, put, c->err);
}

/* ---- those that are there ---- */

static hi5_status
known_add(struct copy *c, hi5_file *f, uint64_t addr)
{
    struct copy_known *p;
    hi5_object *o;
    hi5_type *t;

    for (size_t i = 0; i < c->nknown; i++)
        if (c->known[i].addr == addr)
            return HI5_OK;
    p = mem_grow(c->mem, c->known, &c->known_room, c->nknown + 1, sizeof *p);
    if (p == NULL)
        return mem_fail(c->mem, (c->nknown + 1) * sizeof *p, c->err);
    c->known = p;
    TRY(object_open(f, addr, NULL, &o, c->err));
    t = o->type != NULL ? type_copy_into(&c->arena, o->type) : NULL;
    hi5_object_close(o);
    if (t == NULL)
        return mem_fail(c->mem, sizeof *t, c->err);
    c->known[c->nknown++] = (struct copy_known){t, addr};
    return HI5_OK;
}

/* The datatype that an object is, or has. */
static hi5_status
known_object(struct copy *c, hi5_object *o)
{
    const hi5_type *t;
    struct arena a;
    hi5_status s;

    if (o->kind == HI5_KIND_DATATYPE)
        return known_add(c, o->file, o->head->addr);
    if (o->kind != HI5_KIND_DATASET)
        return HI5_OK;
    arena_init(&a, c->mem);
    s = object_read_type(o, &a, &t, c->err);
    if (s == HI5_OK && t->committed != HI5_NO_ADDRESS)
        s = known_add(c, o->file, t->committed);
    arena_done(&a);
    return s;
}

static hi5_status
known_suggested(struct copy *c)
{
    hi5_object *o;
    hi5_status s;

    c->suggested = true;
    for (size_t i = 0; i < c->o->nsuggested; i++) {
        if (hi5_object_open(c->to, c->o->suggested[i], &o, NULL) != HI5_OK)
            continue;
        s = o->file == c->to ? known_object(c, o) : HI5_OK;
        hi5_object_close(o);
        TRY(s);
    }
    return HI5_OK;
}

/* All objects of the file, from group to group. */
struct known_walk {
    struct copy *c;
    struct copy list; /* only its list of objects is used */
};

static hi5_status
known_link(void *ctx, const hi5_link *l, hi5_error *err)
{
    struct known_walk *const w = ctx;
    const struct copy_entry e = {.from = l->address};
    size_t i;

    (void)err;
    if (l->kind != HI5_LINK_HARD || copy_find(&w->list, 0, l->address) != NULL)
        return HI5_OK;
    return copy_add(&w->list, &e, &i);
}

static hi5_status
known_walk_one(struct known_walk *w, uint64_t addr)
{
    hi5_object *o;
    hi5_group *g;
    hi5_status s;

    TRY(object_open(w->c->to, addr, NULL, &o, w->c->err));
    if (o->kind == HI5_KIND_GROUP) {
        s = hi5_object_group(o, &g, w->c->err);
        if (s == HI5_OK)
            s = hi5_group_each(g, HI5_NATIVE, false, known_link, w, w->c->err);
        hi5_group_close(g);
    } else {
        s = known_object(w->c, o);
    }
    hi5_object_close(o);
    return s;
}

static hi5_status
known_search(struct copy *c)
{
    const struct copy_entry root = {.from = c->to->super.root};
    struct known_walk w = {.c = c};
    hi5_status s;
    size_t i;

    c->searched = true;
    if (c->o->search != NULL && c->o->search(c->o->search_ctx) != HI5_MERGE_SEARCH)
        return HI5_OK;
    copy_init(&w.list, c->to, c->o, c->err);
    s = copy_add(&w.list, &root, &i);
    for (i = 0; s == HI5_OK && i < w.list.n; i++)
        s = known_walk_one(&w, w.list.entry[i].from);
    copy_done(&w.list);
    return s;
}

static bool
known_find(const struct copy *c, const hi5_type *t, uint64_t *addr)
{
    for (size_t i = 0; i < c->nknown; i++)
        if (hi5_type_equal(c->known[i].type, t)) {
            *addr = c->known[i].addr;
            return true;
        }
    return false;
}

HI5_INT hi5_status
copy_type_known(struct copy *c, const hi5_type *t, uint64_t *addr)
{
    if (!c->suggested)
        TRY(known_suggested(c));
    if (known_find(c, t, addr))
        return HI5_OK;
    if (!c->searched)
        TRY(known_search(c));
    return known_find(c, t, addr) ? HI5_OK : HI5_E_NOTFOUND;
}
