/*
 * dense_edit_links.c - changing the links of dense groups          [FMT IV.A.2.c, .g]
 */
#include "format/dense_edit_impl.h"
#include "base/err.h"

HI5_INT hi5_status
dense_edit_create_links(struct meta *m, struct msg_link_info *info,
                        struct dense_edit *d, hi5_error *err)
{
    TRY(dense_create(m, true, (info->flags & 2) != 0, d, err));
    info->fheap = d->heap.h.addr;
    info->name_bt2 = d->names.addr;
    info->order_bt2 = d->ordered ? d->orders.addr : ADDR_NONE;
    return HI5_OK;
}

HI5_INT hi5_status
dense_edit_open_links(struct meta *m, const struct msg_link_info *info,
                      struct dense_edit *d, hi5_error *err)
{
    return dense_open(m, true, info->fheap, info->name_bt2, info->order_bt2, d, err);
}

/* A link's message: short ones are here, longer ones in memory. */
struct dense_message {
    struct dense_item item;
    uint8_t *bytes;
    size_t room;
    uint8_t few[256];
};

static void
dense_message_done(const struct dense_edit *d, struct dense_message *message)
{
    if (message->bytes != message->few)
        mem_free(d->meta->mem, message->bytes, message->room);
}

static hi5_status
dense_message_make(const struct dense_edit *d, const struct msg_link *l,
                   struct dense_message *message, hi5_error *err)
{
    struct meta *const m = d->meta;
    const size_t around = 32u + m->off_w; /* more than all fields of fixed size */
    struct msg_link copy = *l;
    struct cur c;

    if (d->ordered && !l->has_order)
        return err_plain(err, HI5_E_ARG, "a link without creation order");
    if (l->name_len > SIZE_MAX - around - UINT16_MAX)
        return mem_fail(m->mem, l->name_len, err);
    message->bytes = message->few;
    message->room =
        around + (size_t)l->name_len + (l->kind != HI5_LINK_HARD ? l->value_len : 0u);
    if (message->room > sizeof message->few)
        message->bytes = mem_alloc(m->mem, message->room);
    if (message->bytes == NULL)
        return mem_fail(m->mem, message->room, err);
    c = cur_writer(message->bytes, message->room, err);
    c.off_w = m->off_w;
    c.len_w = m->len_w;
    msg_link_code(&c, &copy);
    message->item = (struct dense_item){.name = (const char *)l->name,
                                        .n = (size_t)l->name_len,
                                        .body = message->bytes,
                                        .size = c.pos,
                                        .order = d->ordered ? l->order : 0};
    if (!cur_ok(&c))
        dense_message_done(d, message);
    return c.status;
}

HI5_INT hi5_status
dense_edit_add_link(struct dense_edit *d, const struct msg_link *l, hi5_error *err)
{
    struct dense_message message;
    hi5_status s;

    TRY(dense_message_make(d, l, &message, err));
    s = dense_add(d, &message.item, err);
    dense_message_done(d, &message);
    return s;
}

/* Find a link and decode it, its parts in `a`. */
static hi5_status
dense_link_seek(struct dense_seek *s, struct arena *a, struct msg_link *l, hi5_error *err)
{
    const uint8_t *copy;
    struct cur c;

    TRY(dense_seek_run(s, err));
    copy = arena_copy(a, s->body, s->size);
    if (copy == NULL)
        return mem_fail(s->d->meta->mem, s->size, err);
    c = meta_cursor_at(s->d->meta, copy, s->size, ADDR_NONE, a, err);
    msg_link_code(&c, l);
    return c.status;
}

HI5_INT hi5_status
dense_edit_find_link(struct dense_edit *d, const char *name, size_t n, struct arena *a,
                     struct msg_link *l, hi5_error *err)
{
    struct dense_seek seek = dense_seek_for(d, name, n);
    const hi5_status s = dense_link_seek(&seek, a, l, err);

    dense_seek_done(&seek);
    return s;
}

HI5_INT hi5_status
dense_edit_remove_link(struct dense_edit *d, const char *name, size_t n,
                       struct arena *a, struct msg_link *l, hi5_error *err)
{
    struct dense_seek seek = dense_seek_for(d, name, n);
    struct msg_link old;
    hi5_status s = dense_link_seek(&seek, a, &old, err);

    if (s == HI5_OK)
        s = dense_remove(&seek, old.order, err);
    if (s == HI5_OK)
        *l = old;
    dense_seek_done(&seek);
    return s;
}

HI5_INT hi5_status
dense_edit_replace_link(struct dense_edit *d, const char *name, size_t n,
                        const struct msg_link *l, hi5_error *err)
{
    struct dense_seek seek = dense_seek_for(d, name, n);
    struct dense_message message;
    struct msg_link old;
    hi5_status s;

    TRY(dense_message_make(d, l, &message, err));
    s = dense_link_seek(&seek, &seek.arena, &old, err);
    if (s == HI5_OK)
        s = dense_replace(&seek, &message.item, d->ordered ? old.order : 0, err);
    dense_seek_done(&seek);
    dense_message_done(d, &message);
    return s;
}

HI5_INT hi5_status
dense_edit_delete_links(struct meta *m, struct msg_link_info *info, hi5_error *err)
{
    TRY(dense_delete(m, true, info->fheap, info->name_bt2, info->order_bt2, NULL, NULL,
                     err));
    info->fheap = info->name_bt2 = info->order_bt2 = ADDR_NONE;
    return HI5_OK;
}
