/*
 * delete_object.c - giving back all that an object has
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/dataset_edit.h"
#include "file/delete.h"
#include "file/write_chunk.h"
#include "format/dense_edit.h"
#include "format/lheap_edit.h"
#include "format/sohm_edit.h"
#include "format/symtab_edit.h"

#define DELETE_PIECE (64u << 10)

/* An object that is about to go. */
struct going {
    hi5_file *file;
    struct meta *meta;
    struct recall *recall;
    struct arena *arena;       /* the recall's */
    const struct ohdr *head;
    bool links, data;          /* have been met: a header has one of them */
    hi5_error *err;
};

/* ---- groups ---- */

static hi5_status
going_link(void *ctx, const struct msg_link *l, hi5_error *err)
{
    return l->kind == HI5_LINK_HARD ? recall_object(ctx, l->address, err) : HI5_OK;
}

static hi5_status
going_links(struct going *g)
{
    struct links links;

    TRY(edit_group_forget(g->file, g->head->addr, g->err));
    TRY(links_of(g->file, g->head, &links, g->err));
    TRY(links_each(&links, going_link, g->recall, g->err));
    if (links.storage == HI5_STORAGE_SYMBOL_TABLE)
        return symtab_free_all(&links.symtab, g->err);
    return links.storage == HI5_STORAGE_DENSE
               ? dense_edit_delete_links(g->meta, &links.info, g->err)
               : HI5_OK;
}

/* ---- datasets ---- */

/* What stored elements have in the heap. */
static hi5_status
going_elements(struct going *g, const struct dataset_edit *e, uint64_t addr, uint64_t bytes)
{
    const uint64_t each = e->type->size;
    const size_t room = (size_t)(each < DELETE_PIECE ? DELETE_PIECE / each * each : each);
    uint8_t *buf;
    hi5_status s = HI5_OK;

    if (!e->type->has_vlen)
        return HI5_OK;
    buf = mem_alloc(g->meta->mem, room);
    if (buf == NULL)
        return mem_fail(g->meta->mem, room, g->err);
    for (uint64_t at = 0; at < bytes && s == HI5_OK; at += room) {
        const size_t n = bytes - at < room ? (size_t)(bytes - at) : room;

        s = meta_read(g->meta, addr + at, buf, n, g->err);
        if (s == HI5_OK)
            s = recall_elements(g->recall, e->type, buf, n / (size_t)each, g->err);
    }
    mem_free(g->meta->mem, buf, room);
    return s;
}

static hi5_status
going_contiguous(struct going *g, const struct dataset_edit *e)
{
    const struct msg_layout *const l = &e->layout;
    const struct ohdr_msg *const m = ohdr_first(g->head, MSG_EFL);
    uint64_t bytes = l->size;

    if (m != NULL) {
        struct msg_efl efl;
        struct cur c;

        TRY(object_message(g->file, m, g->arena, &c, NULL, g->err));
        msg_efl_code(&c, &efl);
        return cur_ok(&c) ? lheap_free_all(g->meta, efl.heap, g->err) : c.status;
    }
    if (l->addr == ADDR_NONE)
        return HI5_OK;
    if (l->version < 3 &&
        !ckd_mul64(hi5_shape_count(&e->shape), e->type->size, &bytes))
        return err_plain(g->err, HI5_E_CORRUPT, "the data has 2^64 bytes or more");
    TRY(recall_status(going_elements(g, e, l->addr, bytes), g->err));
    return stage_free_raw(g->meta, l->addr, bytes, g->err);
}

struct going_chunks {
    struct going *going;
    struct dataset_edit *e;
    uint8_t *bytes;            /* of one chunk; NULL: there is nothing in the heap */
};

static hi5_status
going_chunk(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    const struct going_chunks *const w = ctx;
    struct dataset_edit *const e = w->e;

    if (w->bytes != NULL) {
        TRY(chunk_recall(e, k->scaled, NULL, w->bytes, false, err));
        TRY(recall_elements(w->going->recall, e->type, w->bytes,
                            (size_t)e->grid.chunk_bytes / e->type->size, err));
    }
    return e->grid.kind == HI5_INDEX_IMPLICIT
               ? HI5_OK /* they go with their index */
               : recall_status(stage_free_raw(w->going->meta, k->addr, k->size, err),
                               err);
}

static hi5_status
going_chunked(struct going *g, struct dataset_edit *e)
{
    const size_t n = (size_t)e->grid.chunk_bytes;
    struct going_chunks w = {.going = g, .e = e};
    const struct cix *x;
    hi5_status s;

    if (cix_edit_params(e->index)->addr == ADDR_NONE)
        return HI5_OK;
    if (e->type->has_vlen && (w.bytes = mem_alloc(g->meta->mem, n)) == NULL)
        return mem_fail(g->meta->mem, n, g->err);
    s = cix_open(g->meta, cix_edit_params(e->index), g->arena, &x, g->err);
    if (s == HI5_OK)
        s = cix_each(x, going_chunk, &w, g->err);
    if (w.bytes != NULL)
        mem_free(g->meta->mem, w.bytes, n);
    return s == HI5_OK ? cix_edit_delete(e->index, g->err) : s;
}

static hi5_status
going_data(struct going *g, struct dataset_edit *e)
{
    const struct msg_layout *const l = &e->layout;
    struct gheap_id mappings = {l->addr, l->heap_index};

    if (e->fill.status == HI5_FILL_USER && e->fill.size == e->type->size)
        TRY(recall_elements(g->recall, e->type, e->fill.value, 1, g->err));
    switch ((hi5_layout_kind)l->cls) {
    case HI5_COMPACT:
        return recall_elements(g->recall, e->type, l->data,
                               (size_t)l->size / e->type->size, g->err);
    case HI5_CONTIGUOUS:
        return going_contiguous(g, e);
    case HI5_CHUNKED:
        return going_chunked(g, e);
    case HI5_VIRTUAL:
        return l->addr != ADDR_NONE ? gheap_remove(g->file, &mappings, 1, g->err) : HI5_OK;
    }
    return HI5_OK;
}

/* What is pending has been settled. */
static hi5_status
going_dataset(struct going *g)
{
    struct dataset_edit *e;
    hi5_object *o;
    hi5_status s;

    TRY(object_open(g->file, g->head->addr, NULL, &o, g->err));
    s = dataset_edit_open(o, &e, g->err);
    if (s == HI5_OK) {
        s = going_data(g, e);
        dataset_edit_forget(e);
    }
    hi5_object_close(o);
    return s;
}

/* ---- attributes ---- */

static hi5_status
going_dense_one(void *ctx, const struct dense_attr *a, const hi5_error *bad,
                hi5_error *err)
{
    return bad == NULL && !a->shared
               ? recall_attribute(ctx, a->body, a->size, a->addr, err)
               : HI5_OK;
}

static hi5_status
going_shared_one(void *ctx, const struct dense_gone *gone, hi5_error *err)
{
    return recall_shared(ctx, MSG_ATTR, gone->id, err);
}

static hi5_status
going_dense(struct going *g, const struct ohdr_msg *m)
{
    struct cur c = meta_cursor_at(g->meta, m->body, m->size, m->addr, NULL, g->err);
    struct msg_attr_info info;

    msg_attr_info_code(&c, &info);
    if (!cur_ok(&c) || info.fheap == ADDR_NONE)
        return c.status;
    TRY(dense_attrs_each(&g->file->shared, &info, false, going_dense_one, g->recall,
                         g->err));
    return dense_edit_delete_attrs(g->meta, &info, going_shared_one, g->recall, g->err);
}

/* ---- all of it ---- */

static hi5_status
going_message(struct going *g, const struct ohdr_msg *m)
{
    bool once;

    TRY(recall_message(g->recall, m, g->err));
    if ((m->flags & MSG_F_SHARED) == 0) /* its own copy of what is shared */
        TRY(sohm_release(&g->file->shared, g->head->addr, m, g->arena, NULL, g->err));
    switch (m->type) {
    case MSG_STAB:
    case MSG_LINK_INFO:
        once = !g->links;
        g->links = true;
        return once ? going_links(g) : HI5_OK;
    case MSG_LAYOUT:
        once = !g->data;
        g->data = true;
        return once ? going_dataset(g) : HI5_OK;
    case MSG_ATTR:
        return (m->flags & MSG_F_SHARED) == 0
                   ? recall_attribute(g->recall, m->body, m->size, m->addr, g->err)
                   : HI5_OK;
    case MSG_ATTR_INFO:
        return going_dense(g, m);
    default:
        return HI5_OK;
    }
}

HI5_INT hi5_status
object_delete(hi5_file *f, const struct ohdr *h, struct recall *r, hi5_error *err)
{
    struct going g = {.file = f, .meta = &f->meta, .recall = r, .arena = r->arena,
                      .head = h, .err = err};

    objects_leave(f, h->addr);
    for (size_t i = 0; i < h->nmsgs; i++)
        TRY(recall_status(going_message(&g, &h->msg[i]), err));
    return recall_status(ohdr_free(&f->meta, h, err), err);
}
