/*
 * object.c - objects in memory
 */
#include "file/object.h"
#include "base/err.h"
#include "base/stage.h"
#include "file/gheap_edit.h"
#include "space/convert.h"
#include <string.h>

HI5_INT hi5_status
object_error(const hi5_object *o, hi5_status s, hi5_error *err)
{
    return err_path(err, s, o->file->path, o->path);
}

HI5_INT hi5_status
object_message(hi5_file *f, const struct ohdr_msg *m, struct arena *a, struct cur *c,
               uint64_t *committed, hi5_error *err)
{
    const uint8_t *body;
    uint64_t addr, where;
    size_t n;

    TRY(shared_body(&f->shared, m->type, (m->flags & MSG_F_SHARED) != 0, m->body, m->size,
                    m->addr, a, &body, &n, &addr, &where, err));
    if (committed != NULL)
        *committed = where;
    *c = meta_cursor_at(&f->meta, body, n, addr, a, err);
    return HI5_OK;
}

HI5_INT hi5_status
object_decode_type(hi5_file *f, bool is_shared, const uint8_t *body, size_t n,
                   uint64_t addr, struct arena *a, const hi5_type **t, hi5_error *err)
{
    const struct ohdr_msg m = {.type = MSG_TYPE, .flags = is_shared ? MSG_F_SHARED : 0,
                               .body = body, .size = n, .addr = addr};
    uint64_t committed;
    struct cur c;
    hi5_type *named;

    TRY(object_message(f, &m, a, &c, &committed, err));
    msg_type_code(&c, t, f->meta.limits.depth);
    if (!cur_ok(&c) || committed == ADDR_NONE)
        return c.status;
    named = arena_copy(a, *t, sizeof **t);
    if (named == NULL)
        return mem_fail(a->mem, sizeof **t, err);
    named->committed = committed;
    *t = named;
    return HI5_OK;
}

HI5_INT hi5_status
object_read_type(hi5_object *o, struct arena *a, const hi5_type **t, hi5_error *err)
{
    const struct ohdr_msg *const m = ohdr_first(o->head, MSG_TYPE);

    if (m == NULL)
        return err_plain(err, HI5_E_CORRUPT, "no datatype message");
    return object_decode_type(o->file, (m->flags & MSG_F_SHARED) != 0, m->body, m->size,
                              m->addr, a, t, err);
}

/* A committed datatype is nothing without its datatype: decode it with the object. */
static hi5_status
object_load_type(hi5_object *o, hi5_error *err)
{
    hi5_type *self;

    if (o->kind != HI5_KIND_DATATYPE)
        return HI5_OK;
    TRY(object_read_type(o, &o->arena, &o->type, err));
    self = arena_copy(&o->arena, o->type, sizeof *o->type);
    if (self == NULL)
        return mem_fail(&o->file->mem, sizeof *self, err);
    self->committed = o->head->addr;
    o->type = self;
    return HI5_OK;
}

/* ---- who has an object open that is being deleted ---- */

static void
object_list(hi5_object *o)
{
    hi5_file *const f = o->file;

    if (f->edit == NULL)
        return;
    mutex_lock(&f->lock);
    o->next = f->objects;
    if (o->next != NULL)
        o->next->before = o;
    f->objects = o;
    mutex_unlock(&f->lock);
}

static void
object_unlist(hi5_object *o)
{
    hi5_file *const f = o->file;

    mutex_lock(&f->lock);
    if (o->next != NULL)
        o->next->before = o->before;
    if (o->before != NULL)
        o->before->next = o->next;
    else if (f->objects == o)
        f->objects = o->next;
    mutex_unlock(&f->lock);
}

HI5_INT hi5_status
object_here(const hi5_object *o, hi5_error *err)
{
    return o->fate == OBJECT_STAYS
               ? HI5_OK
               : err_plain(err, HI5_E_STATE, "the object has been deleted");
}

HI5_INT void
objects_leave(hi5_file *f, uint64_t addr)
{
    mutex_lock(&f->lock);
    for (hi5_object *o = f->objects; o != NULL; o = o->next)
        if (o->fate == OBJECT_STAYS && o->head->addr == addr)
            o->fate = stage_is_fresh(&f->meta, addr) ? OBJECT_GONE : OBJECT_LEAVES;
    mutex_unlock(&f->lock);
}

HI5_INT void
objects_committed(hi5_file *f)
{
    mutex_lock(&f->lock);
    for (hi5_object *o = f->objects; o != NULL; o = o->next)
        if (o->fate == OBJECT_LEAVES)
            o->fate = OBJECT_GONE;
    mutex_unlock(&f->lock);
}

HI5_INT void
objects_abort(hi5_file *f)
{
    mutex_lock(&f->lock);
    for (hi5_object *o = f->objects; o != NULL; o = o->next)
        if (o->fate == OBJECT_LEAVES)
            o->fate = OBJECT_STAYS;
        else if (stage_is_fresh(&f->meta, o->head->addr))
            o->fate = OBJECT_GONE;
    mutex_unlock(&f->lock);
}

/* ---- coming and going ---- */

/* The object is in its own arena. */
static void
object_destroy(hi5_object *o)
{
    hi5_file *const f = o->file;
    struct arena a = o->arena;

    if (f->edit != NULL)
        object_unlist(o);

    hi5_object_close(o->twin);
    mutex_done(&o->lock);
    arena_done(&a);
    file_unref(f);
}

HI5_INT void
object_ref(hi5_object *o)
{
    atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
}

void
hi5_object_close(hi5_object *o)
{
    if (o != NULL && atomic_fetch_sub_explicit(&o->refs, 1, memory_order_acq_rel) == 1)
        object_destroy(o);
}

static hi5_status
object_load(hi5_object *o, uint64_t address, const char *path, hi5_error *err)
{
    o->path = "";
    if (path != NULL && path[0] != '\0')
        o->path = arena_str(&o->arena, path, strlen(path));
    if (o->path == NULL)
        return mem_fail(&o->file->mem, strlen(path), err);
    TRY(ohdr_read(&o->file->meta, address, &o->arena, &o->head, err));
    o->kind = ohdr_kind(o->head);
    return object_load_type(o, err);
}

HI5_INT hi5_status
object_open(hi5_file *f, uint64_t address, const char *path, hi5_object **out,
            hi5_error *err)
{
    struct arena a;
    hi5_object *o;
    hi5_status s;

    *out = NULL;
    arena_init(&a, &f->mem);
    o = arena_zalloc(&a, 1, sizeof *o);
    if (o == NULL)
        return mem_fail(&f->mem, sizeof *o, err);
    o->arena = a;
    o->file = f;
    o->refs = 1;
    file_ref(f);
    mutex_init(&o->lock);
    s = object_load(o, address, path, err);
    if (s != HI5_OK) {
        err_path(err, s, f->path, path != NULL ? path : "");
        object_destroy(o);
        return s;
    }
    object_list(o);
    *out = o;
    return HI5_OK;
}

hi5_status
hi5_object_open(hi5_file *f, const char *path, hi5_object **o, hi5_error *err)
{
    hi5_file *where;
    uint64_t address;
    hi5_status s;

    *o = NULL;
    err_clear(err);
    s = path_find(f, f->super.root, path, &where, &address, err);
    if (s != HI5_OK)
        return err_path(err, s, f->path, path);
    s = object_open(where, address, path, o, err);
    file_unref(where);
    return s;
}

hi5_status
hi5_object_open_address(hi5_file *f, uint64_t address, hi5_object **o, hi5_error *err)
{
    err_clear(err);
    return object_open(f, address, NULL, o, err);
}

hi5_file *
hi5_object_file(const hi5_object *o)
{
    return o->file;
}

const char *
hi5_object_path(const hi5_object *o)
{
    return o->path;
}

hi5_kind
hi5_object_kind(const hi5_object *o)
{
    return o->kind;
}

const hi5_type *
hi5_object_type(const hi5_object *o)
{
    return o->kind == HI5_KIND_DATATYPE ? o->type : NULL;
}

bool
hi5_object_message(const hi5_object *o, size_t i, hi5_message *m)
{
    const struct ohdr_msg *x;

    if (i >= o->head->nmsgs)
        return false;
    x = &o->head->msg[i];
    *m = (hi5_message){x->type, x->flags, x->addr, x->size};
    return true;
}

/* ---- information ---- */

/* The modification time message, of either age. */
static void
object_mtime(hi5_object *o, hi5_object_info *info)
{
    const struct ohdr_msg *m = ohdr_first(o->head, MSG_MTIME);
    const struct ohdr_msg *old = ohdr_first(o->head, MSG_MTIME_OLD);
    struct cur c;

    if (m != NULL) {
        c = meta_cursor_at(&o->file->meta, m->body, m->size, m->addr, NULL, NULL);
        msg_mtime_code(&c, &info->mtime);
    } else if (old != NULL) {
        c = meta_cursor_at(&o->file->meta, old->body, old->size, old->addr, NULL, NULL);
        msg_mtime_old_code(&c, &info->mtime);
    } else {
        return;
    }
    info->has_mtime = cur_ok(&c);
    info->ctime = cur_ok(&c) ? info->mtime : 0;
}

static void
object_times(hi5_object *o, hi5_object_info *info)
{
    const struct ohdr *h = o->head;

    info->has_times = h->version == 2 && (h->flags & 0x20) != 0;
    if (h->version == 1) {
        object_mtime(o, info);
        return;
    }
    info->atime = h->atime;
    info->mtime = h->mtime;
    info->ctime = h->ctime;
    info->btime = h->btime;
}

static hi5_status
object_comment(hi5_object *o, hi5_object_info *info, hi5_error *err)
{
    const struct ohdr_msg *m = ohdr_first(o->head, MSG_COMMENT);
    struct cur c;

    if (m == NULL)
        return HI5_OK;
    c = meta_cursor_at(&o->file->meta, m->body, m->size, m->addr, &o->arena, err);
    if (memchr(m->body, 0, m->size) != NULL) {
        msg_comment_code(&c, &info->comment);
        return c.status;
    }
    mutex_lock(&o->lock);
    if (o->comment == NULL)
        msg_comment_code(&c, &o->comment);
    info->comment = o->comment;
    mutex_unlock(&o->lock);
    return c.status;
}

static hi5_status
object_attributes(hi5_object *o, hi5_object_info *info, hi5_error *err)
{
    const struct ohdr_msg *m = ohdr_first(o->head, MSG_ATTR_INFO);
    struct msg_attr_info ai;
    struct cur c;
    uint64_t dense = 0;
    size_t i = 0;

    while (ohdr_next(o->head, MSG_ATTR, &i) != NULL)
        info->attributes++;
    info->attribute_order_tracked = o->head->version == 2 && (o->head->flags & 4) != 0;
    info->attribute_order_indexed = o->head->version == 2 && (o->head->flags & 8) != 0;
    info->attribute_max_compact = o->head->max_compact;
    info->attribute_min_dense = o->head->min_dense;
    if (m == NULL)
        return HI5_OK;
    c = meta_cursor_at(&o->file->meta, m->body, m->size, m->addr, NULL, err);
    msg_attr_info_code(&c, &ai);
    if (!cur_ok(&c))
        return c.status;
    if (ai.fheap != ADDR_NONE)
        TRY(dense_attrs_count(&o->file->meta, &ai, &dense, err));
    info->attributes += dense;
    return HI5_OK;
}

hi5_status
hi5_object_get_info(hi5_object *o, hi5_object_info *info, hi5_error *err)
{
    const struct ohdr *h;
    hi5_status s;

    err_clear(err);
    TRY(object_current(o, &o, err));
    h = o->head;
    *info = (hi5_object_info){
        .kind = o->kind,
        .file_number = o->file->number,
        .address = h->addr,
        .reference_count = h->refcount,
        .header_version = h->version,
        .header_flags = h->flags,
        .header_messages = (uint32_t)h->nmsgs,
        .header_chunks = (uint32_t)h->nchunks,
    };
    for (size_t i = 0; i < h->nchunks; i++)
        info->header_bytes += h->chunk[i].size;
    object_times(o, info);
    s = object_comment(o, info, err);
    if (s == HI5_OK)
        s = object_attributes(o, info, err);
    return object_error(o, s, err);
}

/* ---- conversion ---- */

static hi5_status
object_heap_get(void *ctx, uint64_t collection, uint32_t index, const uint8_t **bytes,
                size_t *n, void **held, hi5_error *err)
{
    const hi5_file *f = ctx;

    return gheap_get(f->gheap, collection, index, bytes, n, held, err);
}

static hi5_status
object_heap_next(void *ctx, uint64_t collection, uint32_t index, const uint8_t **bytes,
                 size_t *n, void **held, hi5_error *err)
{
    const hi5_file *f = ctx;

    return gheap_next(f->gheap, collection, index, bytes, n, held, err);
}

static void
object_heap_release(void *ctx, void *held)
{
    const hi5_file *f = ctx;

    gheap_release(f->gheap, held);
}

static hi5_status
object_heap_put(void *ctx, const void *bytes, size_t n, uint64_t *collection,
                uint32_t *index, hi5_error *err)
{
    return gheap_put(ctx, bytes, n, collection, index, err);
}

HI5_INT struct conv_env
object_conv_env(hi5_file *f)
{
    return (struct conv_env){&f->mem, f->meta.off_w, f, object_heap_get,
                             object_heap_release, object_heap_next,
                             f->edit != NULL ? object_heap_put : NULL, NULL};
}

void
hi5_free(hi5_file *f, void *p)
{
    mem_unbox(&f->mem, p);
}
