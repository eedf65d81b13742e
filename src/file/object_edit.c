/*
 * object_edit.c - what any object can have: a comment              [FMT IV.A.2.n]
 */
#include "base/err.h"
#include "file/edit.h"

static hi5_status
comment_put(hi5_object *o, const char *text, struct arena *a, hi5_error *err)
{
    static const struct ohdr_which which = {.type = MSG_COMMENT};
    hi5_file *const f = o->file;
    const uint64_t addr = o->head->addr;
    struct ohdr_put put;
    hi5_status s;

    if (text == NULL || text[0] == '\0') {
        s = ohdr_remove(&f->meta, addr, &which, err);
        return s == HI5_E_NOTFOUND ? HI5_OK : s;
    }
    TRY(edit_message(&f->meta, a, MSG_COMMENT, 0, &text, &put, err));
    s = ohdr_replace(&f->meta, addr, &which, &put, err);
    if (s == HI5_E_NOTFOUND)
        s = ohdr_add(&f->meta, addr, &put, err);
    if (s == HI5_OK && f->edit->times)
        s = ohdr_touch(&f->meta, addr, edit_now(), err);
    return s;
}

hi5_status
hi5_object_set_comment(hi5_object *o, const char *text, hi5_error *err)
{
    struct arena a;
    hi5_status s;

    err_clear(err);
    if (object_here(o, err) != HI5_OK)
        return object_error(o, HI5_E_STATE, err);
    TRY(edit_begin(o->file, err));
    arena_init(&a, &o->file->mem);
    s = edit_end(o->file, comment_put(o, text, &a, err), err);
    arena_done(&a);
    return object_error(o, s, err);
}
