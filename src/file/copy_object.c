/*
 * copy_object.c - headers of objects that are copied
 *
 * A header is put together of what the original's says, in the form that suits the file
 * it goes to: messages whose form depends on the file are decoded and encoded anew, others
 * are the same bytes.
 */
#include "base/err.h"
#include "file/copy.h"
#include "format/sohm_edit.h"
#include <string.h>

#define COPY_PUTS 24u
#define COPY_LARGE 32768u /* bytes of an attribute that may not fit into version 1 */

/* ---- messages ---- */

HI5_INT hi5_status
copy_put_raw(struct copy_header *h, const struct ohdr_put *put)
{
    if (h->n == h->put_room) {
        const size_t more = h->put_room != 0 ? h->put_room * 2 : COPY_PUTS;
        struct ohdr_put *const p = arena_alloc(&h->arena, more * sizeof *p);
        if (p == NULL)
            return mem_fail(h->c->mem, more * sizeof *p, h->c->err);
        if (h->n != 0)
            memcpy(p, h->put, h->n * sizeof *p);
        h->put = p;
        h->put_room = more;
    }
    h->put[h->n++] = *put;
    return HI5_OK;
}

HI5_INT hi5_status
copy_put(struct copy_header *h, unsigned type, unsigned flags, void *from)
{
    struct ohdr_put put;

    TRY(edit_message(&h->c->to->meta, &h->arena, type, flags, from, &put, h->c->err));
    return copy_put_raw(h, &put);
}

/* Those that are made from what they mean. */
static bool
copy_is_known_message(unsigned type)
{
    switch (type) {
    case MSG_COMMENT:
    case MSG_BOGUS:
        return false;
    default:
        return type < MSG_KNOWN;
    }
}

/* Comments, and what nobody knows. */
static hi5_status
copy_other_messages(struct copy_header *h)
{
    const struct ohdr *const head = h->o->head;

    for (size_t i = 0; i < head->nmsgs; i++) {
        const struct ohdr_msg *const m = &head->msg[i];
        const struct ohdr_put put = {m->type, m->flags, 0, m->body, m->size};

        if (m->type == MSG_NIL && h->c->o->preserve_null)
            h->room += ohdr_put_size(h->prefix.version, h->prefix.flags, m->size);
        if (!copy_is_known_message(m->type) && (m->flags & MSG_F_SHARED) == 0)
            TRY(copy_put_raw(h, &put));
    }
    return HI5_OK;
}

static hi5_status
copy_mtime(struct copy_header *h, int64_t t)
{
    uint8_t *const body = arena_zalloc(&h->arena, 8, 1);

    if (body == NULL)
        return mem_fail(h->c->mem, 8, h->c->err);
    body[0] = 1;
    cur_raw_store(body + 4, 4, (uint64_t)t);
    return copy_put_raw(h,
                        &(struct ohdr_put){.type = MSG_MTIME, .body = body, .size = 8});
}

/* A header of version 2 has a message where the count is not 1. */
static hi5_status
copy_refcount(struct copy_header *h, uint32_t count)
{
    uint8_t *body;

    h->prefix.refcount = count;
    if (h->prefix.version == 1 || count == 1 || count == 0)
        return HI5_OK;
    body = arena_zalloc(&h->arena, 5, 1);
    if (body == NULL)
        return mem_fail(h->c->mem, 5, h->c->err);
    cur_raw_store(body + 1, 4, count);
    return copy_put_raw(
        h, &(struct ohdr_put){.type = MSG_REFCOUNT, .body = body, .size = 5});
}

/* ---- the prefix ---- */

/* What the original's has; version 1 where the file is for everybody and nothing needs the
 * other. */
static hi5_status
copy_look_size(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    bool *const large = ctx;
    hi5_attribute_info info;

    (void)err;
    if (bad != NULL)
        return HI5_OK;
    hi5_attribute_get_info(a, &info);
    *large |= info.size > COPY_LARGE;
    return HI5_OK;
}

HI5_INT hi5_status
copy_prefix(const struct edit *e, hi5_object *o, const hi5_object_info *info,
            struct ohdr_prefix *p, hi5_error *err)
{
    const struct edit_header h = {.tracked = info->attribute_order_tracked,
                                  .indexed = info->attribute_order_indexed};
    bool large = false;

    *p = edit_prefix(e, &h);
    p->max_compact = o->head->max_compact;
    p->min_dense = o->head->min_dense;
    if (p->version == 1 && o->head->version == 2)
        TRY(hi5_attribute_each(o, HI5_NATIVE, false, copy_look_size, &large, err));
    if (large)
        p->version = 2;
    if (p->max_compact != 8 || p->min_dense != 6) {
        p->version = 2;
        p->flags |= OHDR_F_PHASE_CHANGE;
    }
    if (p->version == 2 && (info->has_times || info->has_mtime)) {
        p->flags |= OHDR_F_TIMES;
        p->mtime = (uint32_t)info->mtime;
        p->atime = (uint32_t)(info->has_times ? info->atime : info->mtime);
        p->ctime = (uint32_t)(info->has_times ? info->ctime : info->mtime);
        p->btime = (uint32_t)(info->has_times ? info->btime : info->mtime);
    }
    return HI5_OK;
}

/* Modification times of version 1, and the count of links as it was: most likely it will be
 * the same. */
static hi5_status
copy_times_and_links(struct copy_header *h, const hi5_object_info *info)
{
    if (h->prefix.version == 1 && (info->has_times || info->has_mtime))
        TRY(copy_mtime(h, info->mtime));
    return copy_refcount(h, info->reference_count);
}

/* ---- committed datatypes ---- */

/* Its attributes come later: they may be of this datatype. */
static hi5_status
copy_type_make(struct copy_header *h)
{
    hi5_type type = *h->o->type;
    struct copy_type t;
    struct ohdr_put put;

    type.committed = HI5_NO_ADDRESS;
    TRY(copy_type(h->c, h->source, &type, false, &h->arena, &t));
    TRY(copy_type_put(h->c, &t, false, &h->arena, &put));
    put.flags = MSG_F_CONSTANT | MSG_F_DONT_SHARE;
    TRY(copy_put_raw(h, &put));
    for (size_t i = 0; i < h->o->head->nmsgs; i++)
        if (h->o->head->msg[i].type == MSG_ATTR ||
            h->o->head->msg[i].type == MSG_ATTR_INFO)
            h->room += ohdr_put_size(h->prefix.version, h->prefix.flags,
                                     h->o->head->msg[i].size);
    return HI5_OK;
}

HI5_INT hi5_status
copy_fill_header(struct copy *c, size_t i, bool others)
{
    struct copy_header h = {.c = c, .source = c->entry[i].source};
    struct ohdr *head;
    hi5_status s;

    TRY(object_open(c->source[h.source], c->entry[i].from, NULL, &h.o, c->err));
    arena_init(&h.arena, c->mem);
    s = ohdr_read(&c->to->meta, c->entry[i].to, &h.arena, &head, c->err);
    if (s == HI5_OK) {
        h.prefix = (struct ohdr_prefix){.version = head->version,
                                        .flags = head->flags,
                                        .max_compact = head->max_compact,
                                        .min_dense = head->min_dense};
        s = copy_attributes(&h);
    }
    if (s == HI5_OK && others)
        s = copy_other_messages(&h);
    if (s == HI5_OK && h.prefix.version != head->version)
        s = err_plain(c->err, HI5_E_LIMIT,
                      "the object has an attribute that is "
                      "too large for the format of the file");
    for (size_t k = 0; s == HI5_OK && k < h.n; k++)
        s = ohdr_add(&c->to->meta, c->entry[i].to, &h.put[k], c->err);
    if (h.later)
        c->entry[i].flags |= COPY_LATER;
    arena_done(&h.arena);
    hi5_object_close(h.o);
    return s;
}

/* ---- all kinds ---- */

/* May the message be shared in the copy? Fill values that wait for what they refer to are put
 * in the place of others later; attributes are stored by themselves. */
static bool
copy_shares(const struct copy_header *h, const struct ohdr_put *put)
{
    const bool fill = put->type == MSG_FILL || put->type == MSG_FILL_OLD;

    return h->o->kind == HI5_KIND_DATASET && put->type != MSG_ATTR && !(h->later && fill);
}

/* The header itself, with messages shared where the file shares them. */
static hi5_status
copy_header_create(struct copy_header *h, uint64_t *addr)
{
    hi5_file *const to = h->c->to;

    for (size_t i = 0; i < h->n; i++) {
        h->put[i].flags &= (uint8_t)~MSG_F_SHAREABLE; /* as it may be in the other file */
        if (copy_shares(h, &h->put[i]))
            TRY(sohm_share(&to->shared, true, &h->put[i], &h->arena, h->c->err));
    }
    TRY((h->data_follows ? ohdr_create_aligned : ohdr_create)(
        &to->meta, &h->prefix, h->put, h->n, h->room, addr, h->c->err));
    for (size_t i = 0; i < h->n; i++)
        TRY(sohm_enter(&to->shared, *addr, &h->put[i], h->c->err));
    return HI5_OK;
}

static hi5_status
copy_make(struct copy_header *h, const hi5_object_info *info, uint64_t *addr)
{
    struct copy *const c = h->c;
    hi5_status s;

    s = copy_prefix(c->to->edit, h->o, info, &h->prefix, c->err);
    if (s != HI5_OK && !copy_passes(c, s))
        return s;
    switch (h->o->kind) {
    case HI5_KIND_GROUP:
        TRY(copy_group_make(h));
        break;
    case HI5_KIND_DATATYPE:
        TRY(copy_type_make(h));
        break;
    case HI5_KIND_DATASET:
        TRY(copy_dataset_make(h));
        break;
    case HI5_KIND_UNKNOWN:
        break;
    }
    if (h->o->kind != HI5_KIND_DATATYPE)
        TRY(copy_attributes(h));
    TRY(copy_times_and_links(h, info));
    TRY(copy_other_messages(h));
    for (size_t i = 0; h->room != 0 && i < h->n; i++)
        h->room += ohdr_put_size(h->prefix.version, h->prefix.flags, h->put[i].size);
    return copy_header_create(h, addr);
}

static hi5_status
copy_object_new(struct copy_header *h, uint64_t from, unsigned flags, size_t *i)
{
    struct copy_entry e = {.from = from,
                           .source = h->source,
                           .kind = (uint8_t)h->o->kind,
                           .flags = (uint8_t)flags};
    hi5_object_info info = {.reference_count = 1};
    hi5_status s;

    if (h->c->o->merge_committed && h->o->kind == HI5_KIND_DATATYPE) {
        s = copy_type_known(h->c, h->o->type, &e.to);
        e.flags |= COPY_MERGED;
        if (s != HI5_E_NOTFOUND)
            return s == HI5_OK ? copy_add(h->c, &e, i) : s;
        e.flags = (uint8_t)flags;
    }
    s = hi5_object_get_info(h->o, &info, h->c->err);
    if (s != HI5_OK && !copy_passes(h->c, s))
        return s;
    TRY(copy_make(h, &info, &e.to));
    e.stored = info.reference_count != 0 ? info.reference_count : 1;
    e.flags |= h->later ? COPY_LATER : 0;
    TRY(copy_add(h->c, &e, i));
    return h->o->kind == HI5_KIND_DATASET ? copy_dataset_fill(h, *i) : HI5_OK;
}

HI5_INT hi5_status
copy_object(struct copy *c, unsigned source, uint64_t from, unsigned flags, size_t *i)
{
    struct copy_header h = {.c = c, .source = (uint16_t)source};
    hi5_status s;

    TRY(object_open(c->source[source], from, NULL, &h.o, c->err));
    arena_init(&h.arena, c->mem);
    s = copy_object_new(&h, from, flags, i);
    arena_done(&h.arena);
    hi5_object_close(h.o);
    return s;
}
