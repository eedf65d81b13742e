/*
 * type_edit.c - datatypes on their way into a file; committed datatypes
 */
#include "file/type_edit.h"
#include "base/err.h"
#include <string.h>

#define TYPE_COMMITTED 2u /* type of a shared message; libhdf5 says so in version 2, too */

static struct type_target
type_target_of(const hi5_file *f)
{
    const hi5_compat c = f->edit->compat;

    return (struct type_target){
        .off_w = f->meta.off_w,
        .layered = c == HI5_COMPAT_EARLIEST ? 1 : c < HI5_COMPAT_V112 ? 3 : 4,
        .references = c >= HI5_COMPAT_V112,
    };
}

/* Is the type that `t` was read as still there, in this file? */
static bool
type_is_committed_here(hi5_file *f, const hi5_type *t)
{
    hi5_object *o;
    bool same;

    if (t->committed == HI5_NO_ADDRESS || t->committed >= f->meta.eof ||
        stage_is_free(&f->meta, t->committed, 1) ||
        object_open(f, t->committed, NULL, &o, NULL) != HI5_OK)
        return false;
    same = o->kind == HI5_KIND_DATATYPE && o->type != NULL && hi5_type_equal(o->type, t);
    hi5_object_close(o);
    return same;
}

HI5_INT hi5_status
type_stored(hi5_file *f, const hi5_type *given, struct arena *a, const hi5_type **out,
            hi5_error *err)
{
    const struct type_target target = type_target_of(f);
    hi5_type *t;

    *out = NULL;
    if (given == NULL)
        return err_plain(err, HI5_E_ARG, "no datatype");
    TRY(type_for_file(given, &target, a, &t, err));
    if (!type_is_committed_here(f, given))
        t->committed = HI5_NO_ADDRESS;
    *out = t;
    return HI5_OK;
}

HI5_INT hi5_status
type_put(hi5_file *f, const hi5_type *t, struct arena *a, struct ohdr_put *put,
         hi5_error *err)
{
    struct msg_shared shared = {.version = 2, .type = TYPE_COMMITTED, .addr = t->committed};
    uint32_t now;

    if (t->committed == HI5_NO_ADDRESS)
        return edit_message(&f->meta, a, MSG_TYPE, MSG_F_CONSTANT, &t, put, err);
    TRY(ohdr_add_refs(&f->meta, t->committed, 1, &now, err));
    return edit_message(&f->meta, a, MSG_TYPE, MSG_F_CONSTANT | MSG_F_SHARED, &shared,
                        put, err);
}

/* ---- committing ---- */

static hi5_status
type_commit(hi5_file *f, const char *path, const hi5_type *type, struct arena *a,
            uint64_t *addr, hi5_error *err)
{
    const struct ohdr_prefix p = edit_prefix(f->edit, NULL);
    const struct type_target target = type_target_of(f);
    struct msg_link l = {.kind = HI5_LINK_HARD};
    struct ohdr_put put;
    hi5_type *stored;
    uint64_t group;

    if (type == NULL)
        return err_plain(err, HI5_E_ARG, "no datatype");
    TRY(type_for_file(type, &target, a, &stored, err));
    TRY(edit_message(&f->meta, a, MSG_TYPE, MSG_F_CONSTANT | MSG_F_DONT_SHARE, &stored,
                     &put, err));
    TRY(edit_place(f, f->super.root, path, true, &group, &l, err));
    TRY(ohdr_create(&f->meta, &p, &put, 1, 0, &l.address, err));
    *addr = l.address;
    return edit_link(f, group, &l, NULL, err);
}

hi5_status
hi5_type_commit(hi5_file *f, const char *path, const hi5_type *type, hi5_object **o,
                hi5_error *err)
{
    struct arena a;
    uint64_t addr = 0;
    hi5_status s;

    err_clear(err);
    if (o != NULL)
        *o = NULL;
    TRY(edit_begin(f, err));
    arena_init(&a, &f->mem);
    s = edit_end(f, type_commit(f, path, type, &a, &addr, err), err);
    arena_done(&a);
    if (s != HI5_OK)
        return err_path(err, s, f->path, path);
    return o != NULL ? object_open(f, addr, path, o, err) : HI5_OK;
}
