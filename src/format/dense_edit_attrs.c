/*
 * dense_edit_attrs.c - changing dense attributes                   [FMT IV.A.2.v, .m]
 */
#include "format/dense_edit_impl.h"
#include "base/err.h"
#include <string.h>

HI5_INT hi5_status
dense_edit_create_attrs(const struct shared_env *env, struct msg_attr_info *info,
                        struct dense_edit *d, hi5_error *err)
{
    TRY(dense_create(env->meta, false, (info->flags & 2) != 0, d, err));
    d->env = env;
    info->fheap = d->heap.h.addr;
    info->name_bt2 = d->names.addr;
    info->order_bt2 = d->ordered ? d->orders.addr : ADDR_NONE;
    return HI5_OK;
}

HI5_INT hi5_status
dense_edit_open_attrs(const struct shared_env *env, const struct msg_attr_info *info,
                      struct dense_edit *d, hi5_error *err)
{
    TRY(dense_open(env->meta, false, info->fheap, info->name_bt2, info->order_bt2, d,
                   err));
    d->env = env;
    return HI5_OK;
}

/* @param a  the name may come to be here */
static hi5_status
dense_attr_item(const struct dense_edit *d, const uint8_t *body, size_t size,
                uint64_t order, struct arena *a, struct dense_item *item,
                hi5_error *err)
{
    *item = (struct dense_item){.body = body, .size = size, .order = order};
    return dense_name_of(d, body, size, a, &item->name, &item->n, err);
}

HI5_INT hi5_status
dense_edit_add_attr(struct dense_edit *d, const uint8_t *body, size_t size,
                    uint32_t order, hi5_error *err)
{
    struct dense_item item;
    struct arena a;
    hi5_status s;

    arena_init(&a, d->meta->mem);
    s = dense_attr_item(d, body, size, order, &a, &item, err);
    if (s == HI5_OK)
        s = dense_add(d, &item, err);
    arena_done(&a);
    return s;
}

HI5_INT hi5_status
dense_edit_find_attr(struct dense_edit *d, const char *name, struct arena *a,
                     struct dense_attr *out, hi5_error *err)
{
    struct dense_seek seek = dense_seek_for(d, name, strlen(name));
    hi5_status s = dense_seek_run(&seek, err);

    if (s == HI5_OK) {
        *out = (struct dense_attr){
            .body = arena_copy(a, seek.body, seek.size), .size = seek.size,
            .addr = ADDR_NONE,
            .order = (uint32_t)cur_raw_uint(seek.record + DENSE_EDIT_ORDER, 4)};
        if (out->body == NULL)
            s = mem_fail(d->meta->mem, seek.size, err);
    }
    dense_seek_done(&seek);
    return s;
}

static struct dense_gone
dense_gone_of(const uint8_t *record)
{
    struct dense_gone g = {.shared = (record[DENSE_EDIT_FLAGS] & MSG_F_SHARED) != 0};

    memcpy(g.id, record, sizeof g.id);
    g.order = (uint32_t)cur_raw_uint(record + DENSE_EDIT_ORDER, 4);
    return g;
}

HI5_INT hi5_status
dense_edit_remove_attr(struct dense_edit *d, const char *name, struct dense_gone *gone,
                       hi5_error *err)
{
    struct dense_seek seek = dense_seek_for(d, name, strlen(name));
    hi5_status s = dense_seek_run(&seek, err);

    if (s == HI5_OK) {
        *gone = dense_gone_of(seek.record);
        s = dense_remove(&seek, gone->order, err);
    }
    dense_seek_done(&seek);
    return s;
}

HI5_INT hi5_status
dense_edit_replace_attr(struct dense_edit *d, const char *name, const uint8_t *body,
                        size_t size, struct dense_gone *gone, hi5_error *err)
{
    struct dense_seek seek = dense_seek_for(d, name, strlen(name));
    struct dense_item item;
    struct arena a;
    hi5_status s = dense_seek_run(&seek, err);

    arena_init(&a, d->meta->mem);
    if (s == HI5_OK) {
        *gone = dense_gone_of(seek.record);
        s = dense_attr_item(d, body, size, gone->order, &a, &item, err);
    }
    if (s == HI5_OK)
        s = dense_replace(&seek, &item, gone->order, err);
    arena_done(&a);
    dense_seek_done(&seek);
    return s;
}

struct dense_gone_all {
    dense_gone_fn fn;
    void *ctx;
};

static hi5_status
dense_gone_one(void *ctx, const uint8_t *record, hi5_error *err)
{
    const struct dense_gone_all *const all = ctx;
    const struct dense_gone g = dense_gone_of(record);

    return g.shared ? all->fn(all->ctx, &g, err) : HI5_OK;
}

HI5_INT hi5_status
dense_edit_delete_attrs(struct meta *m, struct msg_attr_info *info, dense_gone_fn fn,
                        void *ctx, hi5_error *err)
{
    struct dense_gone_all all = {fn, ctx};

    TRY(dense_delete(m, false, info->fheap, info->name_bt2, info->order_bt2,
                     fn != NULL ? dense_gone_one : NULL, &all, err));
    info->fheap = info->name_bt2 = info->order_bt2 = ADDR_NONE;
    return HI5_OK;
}
