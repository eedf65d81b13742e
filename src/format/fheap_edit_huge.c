/*
 * fheap_edit_huge.c - huge objects of fractal heaps that are changed [FMT III.G]
 */
#include "format/fheap_edit_impl.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

enum { FHEAP_HUGE_NODE = 512, FHEAP_HUGE_RECORD = 3 * 32 };

HI5_INT bool
fheap_huge_direct(const struct fheap *h)
{
    const unsigned filters = h->head.filter_len > 0 ? 4u + h->meta->len_w : 0u;

    return h->meta->off_w + h->meta->len_w + filters <= h->head.id_len - 1u;
}

HI5_INT unsigned
fheap_huge_type(const struct fheap *h)
{
    const bool filtered = h->head.filter_len > 0;

    if (fheap_huge_direct(h))
        return filtered ? BT2_HUGE_DIRECT_FILTERED : BT2_HUGE_DIRECT;
    return filtered ? BT2_HUGE_INDIRECT_FILTERED : BT2_HUGE_INDIRECT;
}

HI5_INT size_t
fheap_huge_size(const struct fheap *h)
{
    return fheap_huge_record_size(h) - (fheap_huge_direct(h) ? h->meta->len_w : 0u);
}

/* Bytes of the key in an ID. */
static unsigned
fheap_huge_key(const struct fheap *h)
{
    return h->head.id_len - 1u < 8 ? h->head.id_len - 1u : 8;
}

struct fheap_huge_seek {
    const struct fheap *h;
    struct fheap_huge o;
};

static int
fheap_huge_order(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const struct fheap_huge_seek *const s = ctx;
    struct cur c =
        meta_cursor_at(s->h->meta, record, fheap_huge_size(s->h), ADDR_NONE, NULL, err);
    struct fheap_huge o = {0};

    fheap_huge_code(&c, &o, s->h->head.filter_len > 0, !fheap_huge_direct(s->h));
    *status = c.status;
    if (!fheap_huge_direct(s->h))
        return s->o.key < o.key ? -1 : s->o.key > o.key;
    if (s->o.addr != o.addr)
        return s->o.addr < o.addr ? -1 : 1;
    return s->o.size < o.size ? -1 : s->o.size > o.size;
}

/* Open the B-tree of huge objects, or make it. */
static hi5_status
fheap_open_huge(struct fheap_edit *e, bool create, hi5_error *err)
{
    struct frhp *const head = &e->h.head;

    if (e->huge_open)
        return HI5_OK;
    if (head->huge_bt2 != ADDR_NONE)
        TRY(bt2_edit_open(e->h.meta, head->huge_bt2, (enum bt2_type)fheap_huge_type(&e->h),
                          fheap_huge_size(&e->h), &e->huge, err));
    else if (create)
        TRY(bt2_edit_create(e->h.meta, (enum bt2_type)fheap_huge_type(&e->h), FHEAP_HUGE_NODE,
                            fheap_huge_size(&e->h), &e->huge, err));
    else
        return err_set(err, HI5_E_CORRUPT, e->h.addr, "FRHP",
                       "huge object B-tree address", "III.G.1",
                       "there are no huge objects");
    head->huge_bt2 = e->huge.addr;
    e->huge_open = true;
    return HI5_OK;
}

/* The key of the next object must fit IDs and records. */
static hi5_status
fheap_next_key(struct fheap_edit *e, uint64_t *key, hi5_error *err)
{
    unsigned w = fheap_huge_key(&e->h);

    w = w < e->h.meta->len_w ? w : e->h.meta->len_w;
    *key = e->h.head.next_huge_id + 1;
    if ((e->h.head.flags & FHEAP_WRAPPED) == 0 && *key != 0 &&
        (w == 8 || *key >> (8 * w) == 0))
        return HI5_OK;
    return err_set(err, HI5_E_UNSUPPORTED, e->h.addr, "FRHP", "next huge object ID",
                   "III.G.1", "all keys of huge objects have been given");
}

HI5_INT hi5_status
fheap_insert_huge(struct fheap_edit *e, const void *bytes, size_t n, uint8_t *id,
                  hi5_error *err)
{
    struct meta *const m = e->h.meta;
    struct frhp *const head = &e->h.head;
    const bool direct = fheap_huge_direct(&e->h);
    struct fheap_huge_seek seek = {.h = &e->h, .o = {.size = n}};
    uint8_t record[FHEAP_HUGE_RECORD];
    struct cur c;

    if (!direct)
        TRY(fheap_next_key(e, &seek.o.key, err));
    TRY(fheap_open_huge(e, true, err));
    TRY(stage_alloc(m, STAGE_RAW, n, &seek.o.addr, err));
    TRY(stage_write(m, seek.o.addr, bytes, n, err));
    c = cur_writer(record, sizeof record, err);
    c.off_w = m->off_w;
    c.len_w = m->len_w;
    fheap_huge_code(&c, &seek.o, false, !direct);
    TRY(c.status);
    TRY(bt2_edit_insert(&e->huge, fheap_huge_order, NULL, &seek, record, err));
    id[0] = 0x10;
    if (direct)
        memcpy(id + 1, record, fheap_huge_size(&e->h));
    else
        cur_raw_store(id + 1, fheap_huge_key(&e->h), seek.o.key);
    if (!direct)
        head->next_huge_id = seek.o.key;
    head->huge_size += n;
    head->huge_nobjs++;
    return fheap_put_head(e, err);
}

HI5_INT hi5_status
fheap_find_huge(struct fheap_edit *e, const uint8_t *id, struct fheap_huge *o,
                hi5_error *err)
{
    const bool direct = fheap_huge_direct(&e->h);
    struct fheap_huge_seek seek = {.h = &e->h};
    uint8_t record[FHEAP_HUGE_RECORD];
    hi5_status s;
    struct cur c;

    TRY(fheap_open_huge(e, false, err));
    c = meta_cursor_at(e->h.meta, id + 1, e->h.head.id_len - 1u, ADDR_NONE, NULL, err);
    if (direct)
        fheap_huge_code(&c, &seek.o, false, false);
    else
        cur_uint(&c, "key", fheap_huge_key(&e->h), &seek.o.key);
    TRY(c.status);
    s = bt2_edit_find(&e->huge, fheap_huge_order, &seek, record, err);
    if (s == HI5_E_NOTFOUND)
        return err_set(err, HI5_E_CORRUPT, e->huge.addr, "fractal heap", "heap ID",
                       "III.G", "there is no such huge object");
    TRY(s);
    c = meta_cursor_at(e->h.meta, record, fheap_huge_size(&e->h), ADDR_NONE, NULL, err);
    fheap_huge_code(&c, o, false, !direct);
    TRY(c.status);
    return fheap_check_sizes(&e->h, o->addr, o->size, o->size, err);
}

HI5_INT hi5_status
fheap_remove_huge(struct fheap_edit *e, const uint8_t *id, hi5_error *err)
{
    struct meta *const m = e->h.meta;
    struct frhp *const head = &e->h.head;
    struct fheap_huge_seek seek = {.h = &e->h};

    TRY(fheap_find_huge(e, id, &seek.o, err));
    TRY(bt2_edit_remove(&e->huge, fheap_huge_order, &seek, NULL, err));
    TRY(stage_free_raw(m, seek.o.addr, seek.o.size, err));
    head->huge_size = fheap_less(head->huge_size, seek.o.size);
    head->huge_nobjs = fheap_less(head->huge_nobjs, 1);
    if (e->huge.head.total == 0) {
        TRY(bt2_edit_delete(m, head->huge_bt2, (enum bt2_type)fheap_huge_type(&e->h),
                            fheap_huge_size(&e->h), NULL, NULL, err));
        e->huge_open = false;
        head->huge_bt2 = ADDR_NONE;
        head->next_huge_id = 0;
        head->flags &= (uint8_t)~FHEAP_WRAPPED;
    }
    return fheap_put_head(e, err);
}
