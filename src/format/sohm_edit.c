/*
 * sohm_edit.c - changing the indexes of shared messages             [FMT III.I]
 *
 * A message that is used once stays in the header that has it, and the index has a record
 * that says where; attributes, and parts of them, are in the heap from the start. With
 * the second use it goes to the heap, and the record counts: the first header's own copy
 * is one of the uses. Records are found by the message's hash and bytes. An index is a
 * list up to its cutoff, then a version-2 B-tree, and a list again when few are left.
 */
#include "format/sohm_edit.h"
#include "base/err.h"
#include "base/lookup3.h"
#include "btree/btree2_edit.h"
#include "format/fheap_edit.h"
#include "format/sohm.h"
#include <string.h>

enum {
    SOHM_NODE = 512,
    SOHM_RECORD_MOST = 5 + 4 + 32, /* offsets of 32 bytes */
    SOHM_ID = 8,
    SOHM_VERSION = 3,
    SOHM_IN_HEAP = 1 /* type of a shared message's body */
};

/* One index that is open for changes, and the message in question. */
struct sohm_edit {
    const struct shared_env *env;
    struct meta *meta;
    struct sohm_index *x;
    struct fheap_edit heap;
    bool heap_open;
    unsigned type;
    const uint8_t *body;
    size_t n;
    uint32_t hash;
    size_t at;                 /* where the list has the record */
    struct sohm_record r;      /* what was found */
    struct sohm_record put;    /* what is to be inserted */
};

/* ---- the table ---- */

static size_t
smtb_size(const struct meta *m, unsigned n)
{
    return 4u + n * (14u + 2u * m->off_w) + 4u;
}

static hi5_status
smtb_put(struct meta *m, uint64_t addr, const struct sohm_table *t, struct staged *b,
         hi5_error *err)
{
    const size_t n = smtb_size(m, t->n);
    struct sohm_table copy = *t;
    struct cur c;

    if (b == NULL)
        TRY(stage_edit(m, addr, n, "SMTB", &b, err));
    c = stage_cursor(m, b, 0, err);
    smtb_code(&c, &copy);
    b->trusted = true; /* all of it is written */
    stage_changed(b, n - 4, n - 4);
    return c.status;
}

HI5_INT hi5_status
sohm_create(struct meta *m, const struct sohm_table *t, uint64_t *addr, hi5_error *err)
{
    struct staged *b;

    TRY(stage_new(m, smtb_size(m, t->n), &b, err));
    *addr = b->block.addr;
    return smtb_put(m, *addr, t, b, err);
}

HI5_INT hi5_status
sohm_load(struct meta *m, uint64_t addr, struct sohm_table *t, hi5_error *err)
{
    const size_t n = smtb_size(m, t->n);
    struct block *b;
    struct cur c;

    TRY(meta_pin(m, addr, n, "SMTB", &b, err));
    c = meta_cursor(m, b, n, NULL, err);
    smtb_code(&c, t);
    meta_unpin(m, b);
    return c.status;
}

/* The index for a type: both kinds of fill value message are of the newer one's. */
static struct sohm_index *
sohm_index_for(const struct shared_env *e, unsigned type)
{
    const unsigned bit = 1u << (type == MSG_FILL_OLD ? MSG_FILL : type);

    for (unsigned i = 0; e->table != NULL && msg_sharable(type) && i < e->table->n; i++)
        if ((e->table->index[i].msg_flags & bit) != 0)
            return &e->table->index[i];
    return NULL;
}

HI5_INT bool
sohm_covers(const struct shared_env *e, unsigned type)
{
    return sohm_index_for(e, type) != NULL;
}

/* ---- opening and closing ---- */

static hi5_status
sohm_open_heap(struct sohm_edit *s, hi5_error *err)
{
    if (s->heap_open)
        return HI5_OK;
    TRY(fheap_edit_open(s->meta, s->x->heap, &s->heap, err));
    s->heap_open = true;
    return HI5_OK;
}

static hi5_status
sohm_close_heap(struct sohm_edit *s, hi5_status status, hi5_error *err)
{
    if (!s->heap_open)
        return status;
    if (status == HI5_OK)
        status = fheap_edit_settle(&s->heap, err);
    fheap_edit_close(&s->heap);
    s->heap_open = false;
    return status;
}

/* Open for `type`. */
static hi5_status
sohm_open(struct sohm_edit *s, const struct shared_env *e, unsigned type, hi5_error *err)
{
    *s = (struct sohm_edit){.env = e, .meta = e->meta, .type = type};
    s->x = sohm_index_for(e, type);
    if (s->x == NULL)
        return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "shared message", "heap ID",
                       "III.I", "the file has no index of shared %s messages",
                       msg_name(type));
    return HI5_OK;
}

/* End a change: the heap's free space, and the table, are brought up to date. */
static hi5_status
sohm_close(struct sohm_edit *s, hi5_status status, hi5_error *err)
{
    status = sohm_close_heap(s, status, err);
    if (status == HI5_OK)
        status = smtb_put(s->meta, s->env->table_addr, s->env->table, NULL, err);
    return status;
}

static void
sohm_is_about(struct sohm_edit *s, const uint8_t *body, size_t n)
{
    s->body = body;
    s->n = n;
    s->hash = lookup3(body, n, s->type);
}

/* ---- messages ---- */

/* The message in a header that a record points at. */
static hi5_status
sohm_in_header(const struct sohm_edit *s, const struct sohm_record *r, struct arena *a,
               const uint8_t **body, size_t *n, hi5_error *err)
{
    const struct ohdr_msg *m = NULL;
    struct ohdr *h;
    size_t i = 0;

    TRY(ohdr_read(s->meta, r->header, a, &h, err));
    for (unsigned k = 0; k <= r->order; k++) {
        m = ohdr_next(h, r->type, &i);
        if (m == NULL)
            break;
    }
    if (m == NULL || (m->flags & MSG_F_SHARED) != 0)
        return err_set(err, HI5_E_CORRUPT, r->header, "shared message record",
                       "object header address", "III.I", "there is no %s message there",
                       msg_name(r->type));
    *body = m->body;
    *n = h->version == 1 ? sohm_message_size(s->meta, r->type, m->body, m->size) : m->size;
    return HI5_OK;
}

static hi5_status
sohm_body(struct sohm_edit *s, const struct sohm_record *r, struct arena *a,
          const uint8_t **body, size_t *n, hi5_error *err)
{
    if (r->place != 0)
        return sohm_in_header(s, r, a, body, n, err);
    TRY(sohm_open_heap(s, err));
    return fheap_edit_get(&s->heap, r->heap_id, a, body, n, err);
}

/* ---- records ---- */

static void
sohm_decode(const struct meta *m, const uint8_t *record, struct sohm_record *r)
{
    struct cur c = meta_cursor_at(m, record, sohm_record_size(m->off_w), ADDR_NONE, NULL,
                                  NULL);

    *r = (struct sohm_record){0};
    sohm_record_code(&c, r);
}

static void
sohm_encode(const struct meta *m, const struct sohm_record *from, uint8_t *record)
{
    struct cur c = cur_writer(record, sohm_record_size(m->off_w), NULL);
    struct sohm_record r = *from;

    memset(record, 0, sohm_record_size(m->off_w));
    c.off_w = m->off_w;
    c.len_w = m->len_w;
    c.eof = m->eof;
    sohm_record_code(&c, &r);
}

/* By hash, then by length, then by bytes. */
static int
sohm_order(struct sohm_edit *s, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const uint32_t hash = (uint32_t)cur_raw_uint(record + 1, 4);
    const uint8_t *body = NULL;
    struct sohm_record r;
    struct arena a;
    int order = 0;
    size_t n = 0;

    if (s->hash != hash)
        return s->hash < hash ? -1 : 1;
    sohm_decode(s->meta, record, &r);
    arena_init(&a, s->meta->mem);
    *status = sohm_body(s, &r, &a, &body, &n, err);
    if (*status == HI5_OK)
        order = s->n != n ? (s->n < n ? -1 : 1) : memcmp(s->body, body, n);
    arena_done(&a);
    if (*status == HI5_OK && order == 0)
        s->r = r;
    return order;
}

static int
sohm_by_message(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    return sohm_order(ctx, record, status, err);
}

/* ---- lists ---- */

static size_t
smli_room(const struct sohm_edit *s)
{
    return 8u + s->x->list_max * sohm_record_size(s->meta->off_w);
}

static hi5_status
sohm_list_edit(struct sohm_edit *s, struct staged **b, hi5_error *err)
{
    const size_t size = s->x->nmsgs * sohm_record_size(s->meta->off_w);
    struct smli list = {.records_size = size};

    TRY(stage_edit(s->meta, s->x->index, smli_room(s), "SMLI", b, err));
    if (!(*b)->trusted) {
        struct cur c = meta_cursor(s->meta, &(*b)->block, 8 + size, NULL, err);

        smli_code(&c, &list);
        if (!cur_ok(&c))
            return c.status;
        (*b)->trusted = true;
    }
    return HI5_OK;
}

/* The list has s->x->nmsgs records now. */
static void
sohm_list_changed(const struct sohm_edit *s, struct staged *b)
{
    const size_t n = 4u + s->x->nmsgs * sohm_record_size(s->meta->off_w);

    memset(b->bytes + n, 0, b->block.size - n);
    stage_changed(b, n, n);
}

static hi5_status
sohm_list_find(struct sohm_edit *s, hi5_error *err)
{
    const size_t size = sohm_record_size(s->meta->off_w);
    hi5_status status = HI5_OK;
    struct staged *b;

    TRY(sohm_list_edit(s, &b, err));
    for (s->at = 0; s->at < s->x->nmsgs; s->at++) {
        uint8_t record[SOHM_RECORD_MOST]; /* the block may move while others are read */

        memcpy(record, b->bytes + 4 + s->at * size, size);
        if (sohm_order(s, record, &status, err) == 0)
            return status;
        b = stage_find(s->meta, s->x->index);
    }
    return HI5_E_NOTFOUND;
}

static hi5_status
sohm_list_set(struct sohm_edit *s, size_t at, const struct sohm_record *r, hi5_error *err)
{
    const size_t size = sohm_record_size(s->meta->off_w);
    struct staged *b;

    TRY(sohm_list_edit(s, &b, err));
    sohm_encode(s->meta, r, b->bytes + 4 + at * size);
    if (at == s->x->nmsgs)
        s->x->nmsgs++;
    sohm_list_changed(s, b);
    return HI5_OK;
}

static hi5_status
sohm_list_remove(struct sohm_edit *s, hi5_error *err)
{
    const size_t size = sohm_record_size(s->meta->off_w);
    struct staged *b;
    uint8_t *p;

    TRY(sohm_list_edit(s, &b, err));
    p = b->bytes + 4 + s->at * size;
    s->x->nmsgs--;
    memmove(p, p + size, (s->x->nmsgs - s->at) * size);
    sohm_list_changed(s, b);
    return HI5_OK;
}

/* ---- indexes ---- */

static hi5_status
sohm_tree_open(const struct sohm_edit *s, struct bt2_edit *t, hi5_error *err)
{
    return bt2_edit_open(s->meta, s->x->index, BT2_SHARED_MESSAGE,
                         sohm_record_size(s->meta->off_w), t, err);
}

/* HI5_E_NOTFOUND, or s->r is the record of the message. */
static hi5_status
sohm_find(struct sohm_edit *s, hi5_error *err)
{
    uint8_t record[SOHM_RECORD_MOST];
    struct bt2_edit t;
    hi5_status status;

    if (s->x->index == ADDR_NONE)
        return HI5_E_NOTFOUND;
    if (s->x->type == 0)
        return sohm_list_find(s, err);
    TRY(sohm_tree_open(s, &t, err));
    status = bt2_edit_find(&t, sohm_by_message, s, record, err);
    if (status == HI5_E_NOTFOUND)
        err_clear(err);
    return status;
}

/* s->r has changed. */
static hi5_status
sohm_update(struct sohm_edit *s, hi5_error *err)
{
    const struct sohm_record r = s->r;
    uint8_t record[SOHM_RECORD_MOST];
    struct bt2_edit t;

    if (s->x->type == 0)
        return sohm_list_set(s, s->at, &r, err);
    sohm_encode(s->meta, &r, record);
    TRY(sohm_tree_open(s, &t, err));
    TRY(bt2_edit_update(&t, sohm_by_message, s, record, err));
    s->r = r; /* the search found the old one */
    return HI5_OK;
}

static hi5_status
sohm_new_index(struct sohm_edit *s, hi5_error *err)
{
    const struct fheap_shape shape = {
        .id_len = SOHM_ID,
        .width = 4,
        .max_managed = 4096,
        .start_block = 1024,
        .max_direct = s->meta->len_w > 2 ? 65536 : 32768,
        .max_heap_bits = 40,
        .start_root_rows = 1,
        .checksums = true};
    struct bt2_edit t;
    struct staged *b;

    s->x->type = s->x->list_max == 0;
    s->x->nmsgs = 0;
    if (s->x->type == 0) {
        TRY(stage_new(s->meta, smli_room(s), &b, err));
        memcpy(b->bytes, "SMLI", 4);
        s->x->index = b->block.addr;
        sohm_list_changed(s, b);
    } else {
        TRY(bt2_edit_create(s->meta, BT2_SHARED_MESSAGE, SOHM_NODE,
                            sohm_record_size(s->meta->off_w), &t, err));
        s->x->index = t.addr;
    }
    TRY(fheap_edit_create(s->meta, &shape, &s->heap, err));
    s->heap_open = true;
    s->x->heap = s->heap.h.addr;
    return HI5_OK;
}

/* Put a record into the tree, whose message is looked up. */
static hi5_status
sohm_tree_insert(struct sohm_edit *s, struct bt2_edit *t, const uint8_t *record,
                 hi5_error *err)
{
    struct sohm_edit one = *s;
    struct sohm_record r;
    struct arena a;
    hi5_status status;

    sohm_decode(s->meta, record, &r);
    arena_init(&a, s->meta->mem);
    status = sohm_body(s, &r, &a, &one.body, &one.n, err);
    one.heap = s->heap;
    one.heap_open = s->heap_open;
    one.hash = r.hash;
    if (status == HI5_OK)
        status = bt2_edit_insert(t, sohm_by_message, NULL, &one, record, err);
    s->heap = one.heap;
    s->heap_open = one.heap_open;
    arena_done(&a);
    return status;
}

static hi5_status
sohm_list_to_tree(struct sohm_edit *s, hi5_error *err)
{
    const size_t size = sohm_record_size(s->meta->off_w);
    const size_t bytes = (size_t)s->x->nmsgs * size;
    hi5_status status = HI5_OK;
    struct bt2_edit t;
    struct staged *b;
    uint8_t *records;

    TRY(sohm_list_edit(s, &b, err));
    records = mem_alloc(s->meta->mem, bytes + 1);
    if (records == NULL)
        return mem_fail(s->meta->mem, bytes, err);
    memcpy(records, b->bytes + 4, bytes);
    status = bt2_edit_create(s->meta, BT2_SHARED_MESSAGE, SOHM_NODE, size, &t, err);
    for (size_t i = 0; i < s->x->nmsgs && status == HI5_OK; i++)
        status = sohm_tree_insert(s, &t, records + i * size, err);
    mem_free(s->meta->mem, records, bytes + 1);
    if (status == HI5_OK)
        status = stage_free(s->meta, s->x->index, smli_room(s), err);
    s->x->index = t.addr;
    s->x->type = 1;
    return status;
}

struct sohm_copy {
    const struct sohm_edit *s;
    struct staged *b;
    size_t n;
};

static hi5_status
sohm_copy_record(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct sohm_copy *const k = ctx;
    const size_t size = sohm_record_size(k->s->meta->off_w);

    if (k->n == k->s->x->list_max)
        return err_set(err, HI5_E_CORRUPT, k->s->x->index, "SMTB", "number of messages",
                       "III.I", "the tree has more messages than it should");
    memcpy(k->b->bytes + 4 + k->n++ * size, record, size);
    return HI5_OK;
}

static hi5_status
sohm_tree_to_list(struct sohm_edit *s, hi5_error *err)
{
    struct sohm_copy k = {.s = s};

    TRY(stage_new(s->meta, smli_room(s), &k.b, err));
    memcpy(k.b->bytes, "SMLI", 4);
    TRY(bt2_edit_delete(s->meta, s->x->index, BT2_SHARED_MESSAGE,
                        sohm_record_size(s->meta->off_w), sohm_copy_record, &k, err));
    s->x->index = k.b->block.addr;
    s->x->type = 0;
    s->x->nmsgs = (uint16_t)k.n;
    sohm_list_changed(s, k.b);
    return HI5_OK;
}

/* Put s->put into the index; there is none of that message. */
static hi5_status
sohm_insert(struct sohm_edit *s, hi5_error *err)
{
    uint8_t record[SOHM_RECORD_MOST];
    struct bt2_edit t;

    if (s->x->type == 0 && s->x->nmsgs >= s->x->list_max)
        TRY(sohm_list_to_tree(s, err));
    if (s->x->type == 0)
        return sohm_list_set(s, s->x->nmsgs, &s->put, err);
    if (s->x->nmsgs == UINT16_MAX)
        return err_plain(err, HI5_E_LIMIT, "the index has 65535 shared messages");
    sohm_encode(s->meta, &s->put, record);
    TRY(sohm_tree_open(s, &t, err));
    TRY(bt2_edit_insert(&t, sohm_by_message, NULL, s, record, err));
    s->x->nmsgs++;
    return HI5_OK;
}

/* All of an index that has no messages any more. */
static hi5_status
sohm_drop_index(struct sohm_edit *s, hi5_error *err)
{
    TRY(sohm_close_heap(s, HI5_OK, err));
    if (s->x->type == 0)
        TRY(stage_free(s->meta, s->x->index, smli_room(s), err));
    else
        TRY(bt2_edit_delete(s->meta, s->x->index, BT2_SHARED_MESSAGE,
                            sohm_record_size(s->meta->off_w), NULL, NULL, err));
    TRY(fheap_edit_delete(s->meta, s->x->heap, err));
    s->x->index = s->x->heap = ADDR_NONE;
    s->x->type = s->x->btree_min == 0;
    return HI5_OK;
}

/* A record has gone: an index with few is a list, one with none is nothing. */
static hi5_status
sohm_removed(struct sohm_edit *s, hi5_error *err)
{
    if (s->x->nmsgs == 0)
        return sohm_drop_index(s, err);
    return s->x->type == 1 && s->x->nmsgs < s->x->btree_min &&
                   s->x->nmsgs <= s->x->list_max
               ? sohm_tree_to_list(s, err)
               : HI5_OK;
}

/* Take s->r out of the index. */
static hi5_status
sohm_remove(struct sohm_edit *s, hi5_error *err)
{
    const struct sohm_record r = s->r;
    struct bt2_edit t;

    if (s->x->type == 0) {
        TRY(sohm_list_remove(s, err));
    } else {
        TRY(sohm_tree_open(s, &t, err));
        TRY(bt2_edit_remove(&t, sohm_by_message, s, NULL, err));
        s->x->nmsgs--;
    }
    if (r.place == 0) {
        TRY(sohm_open_heap(s, err));
        TRY(fheap_edit_remove(&s->heap, r.heap_id, err));
    }
    return sohm_removed(s, err);
}

/* ---- sharing ---- */

/* Let *put be a pointer to the message with this ID. */
static hi5_status
sohm_point(struct sohm_edit *s, const uint8_t *id, struct ohdr_put *put, struct arena *a,
           hi5_error *err)
{
    struct msg_shared m = {.version = SOHM_VERSION, .type = SOHM_IN_HEAP};
    uint8_t *const body = arena_alloc(a, 2 + SOHM_ID);
    struct cur c;

    if (body == NULL)
        return mem_fail(s->meta->mem, 2 + SOHM_ID, err);
    memcpy(m.heap_id, id, SOHM_ID);
    c = cur_writer(body, 2 + SOHM_ID, err);
    msg_shared_code(&c, &m);
    put->body = body;
    put->size = 2 + SOHM_ID;
    put->flags |= MSG_F_SHARED;
    return c.status;
}

/* One use more of s->r. */
static hi5_status
sohm_use(struct sohm_edit *s, hi5_error *err)
{
    if (s->r.place == 0) {
        if (s->r.refcount == UINT32_MAX)
            return err_plain(err, HI5_E_LIMIT, "a message is shared 2^32 times");
        s->r.refcount++;
        return sohm_update(s, err);
    }
    TRY(sohm_open_heap(s, err));
    s->put = (struct sohm_record){.hash = s->hash, .refcount = 2};
    TRY(fheap_edit_insert(&s->heap, s->body, s->n, s->put.heap_id, err));
    s->r = s->put;
    return sohm_update(s, err);
}

/* The first use, in the heap at once. */
static hi5_status
sohm_first(struct sohm_edit *s, hi5_error *err)
{
    TRY(sohm_open_heap(s, err));
    s->put = (struct sohm_record){.hash = s->hash, .refcount = 1};
    TRY(fheap_edit_insert(&s->heap, s->body, s->n, s->put.heap_id, err));
    s->r = s->put;
    return sohm_insert(s, err);
}

static hi5_status
sohm_share_in(struct sohm_edit *s, bool in_header, struct ohdr_put *put, struct arena *a,
              hi5_error *err)
{
    hi5_status status;
    uint8_t id[SOHM_ID];

    if (s->x->index == ADDR_NONE)
        TRY(sohm_new_index(s, err));
    status = sohm_find(s, err);
    if (status == HI5_E_NOTFOUND && in_header) {
        put->flags |= MSG_F_SHAREABLE;
        return HI5_OK;
    }
    if (status == HI5_OK)
        status = sohm_use(s, err);
    else if (status == HI5_E_NOTFOUND)
        status = sohm_first(s, err);
    if (status != HI5_OK)
        return status;
    memcpy(id, s->r.heap_id, SOHM_ID);
    return sohm_point(s, id, put, a, err);
}

HI5_INT hi5_status
sohm_share(const struct shared_env *e, bool in_header, struct ohdr_put *put,
           struct arena *a, hi5_error *err)
{
    const struct sohm_index *const x = sohm_index_for(e, put->type);
    struct sohm_edit s;

    if (x == NULL || (put->flags & (MSG_F_SHARED | MSG_F_DONT_SHARE)) != 0 ||
        put->size < x->min_size)
        return HI5_OK;
    TRY(sohm_open(&s, e, put->type, err));
    sohm_is_about(&s, put->body, put->size);
    return sohm_close(&s, sohm_share_in(&s, in_header, put, a, err), err);
}

HI5_INT hi5_status
sohm_enter(const struct shared_env *e, uint64_t header, const struct ohdr_put *put,
           hi5_error *err)
{
    struct sohm_edit s;
    hi5_status status;

    if ((put->flags & MSG_F_SHAREABLE) == 0)
        return HI5_OK;
    TRY(sohm_open(&s, e, put->type, err));
    sohm_is_about(&s, put->body, put->size);
    s.put = (struct sohm_record){.place = 1, .hash = s.hash, .type = (uint8_t)put->type,
                                 .header = header};
    status = s.x->index == ADDR_NONE ? sohm_new_index(&s, err) : HI5_OK;
    if (status == HI5_OK)
        status = sohm_insert(&s, err);
    return sohm_close(&s, status, err);
}

/* ---- releasing ---- */

static hi5_status
sohm_missing(const struct sohm_edit *s, hi5_error *err)
{
    return err_set(err, HI5_E_CORRUPT, s->x->index, "shared message", "heap ID", "III.I",
                   "the index has no such %s message", msg_name(s->type));
}

struct sohm_place {
    const struct sohm_edit *s;
    uint64_t header, at;
};

static hi5_status
sohm_at_place(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct sohm_place *const p = ctx;
    struct sohm_record r;

    (void)err;
    sohm_decode(p->s->meta, record, &r);
    if (r.place == 1 && r.header == p->header && r.type == p->s->type)
        return HI5_E_EXISTS; /* ends the walk */
    p->at++;
    return HI5_OK;
}

static hi5_status
sohm_list_walk(struct sohm_edit *s, struct sohm_place *p, hi5_error *err)
{
    const size_t size = sohm_record_size(s->meta->off_w);
    hi5_status status = HI5_OK;
    struct staged *b;

    TRY(sohm_list_edit(s, &b, err));
    while (p->at < s->x->nmsgs && status == HI5_OK)
        status = sohm_at_place(p, b->bytes + 4 + p->at * size, err);
    return status;
}

static hi5_status
sohm_tree_walk(const struct sohm_edit *s, struct sohm_place *p, hi5_error *err)
{
    const struct bt2 *tree;
    struct arena a;
    hi5_status status;

    arena_init(&a, s->meta->mem);
    status = bt2_open(s->meta, s->x->index, BT2_SHARED_MESSAGE,
                      sohm_record_size(s->meta->off_w), &a, &tree, err);
    if (status == HI5_OK)
        status = bt2_each(tree, false, sohm_at_place, p, err);
    arena_done(&a);
    return status;
}

/* The index may still have a header's own copy that is not found by its hash. NOTE(lib):
 * fill values in files for old releases are hashed before they are what is stored. */
static hi5_status
sohm_release_place(struct sohm_edit *s, uint64_t header, hi5_error *err)
{
    struct sohm_place p = {s, header, 0};
    struct bt2_edit t;
    hi5_status status;

    if (s->x->index == ADDR_NONE)
        return HI5_OK;
    status = s->x->type == 0 ? sohm_list_walk(s, &p, err) : sohm_tree_walk(s, &p, err);
    if (status != HI5_E_EXISTS)
        return status;
    s->at = (size_t)p.at;
    if (s->x->type == 0) {
        TRY(sohm_list_remove(s, err));
    } else {
        TRY(sohm_tree_open(s, &t, err));
        TRY(bt2_edit_remove_nth(&t, p.at, NULL, err));
        s->x->nmsgs--;
    }
    return sohm_removed(s, err);
}

static hi5_status
sohm_release_in(struct sohm_edit *s, uint64_t header, bool copy, struct arena *a,
                struct sohm_gone *gone, hi5_error *err)
{
    const hi5_status status = sohm_find(s, err);

    if (status == HI5_E_NOTFOUND && copy)
        return sohm_release_place(s, header, err);
    if (status == HI5_E_NOTFOUND)
        return sohm_missing(s, err);
    if (status != HI5_OK || (s->r.place != 0 && (!copy || s->r.header != header)))
        return status; /* another header's own */
    if (s->r.place == 0 && s->r.refcount > 1) {
        s->r.refcount--;
        return sohm_update(s, err);
    }
    if (gone != NULL) {
        gone->body = arena_copy(a, s->body, s->n);
        gone->size = s->n;
        if (gone->body == NULL)
            return mem_fail(s->meta->mem, s->n, err);
    }
    return sohm_remove(s, err);
}

/* Find the record of a message by its ID, and do one thing with it. */
static hi5_status
sohm_by_id(const struct shared_env *e, unsigned type, const uint8_t id[8], bool more,
           struct arena *a, struct sohm_gone *gone, hi5_error *err)
{
    const uint8_t *body = NULL;
    struct arena temporary;
    struct sohm_edit s;
    hi5_status status;
    size_t n = 0;

    TRY(sohm_open(&s, e, type, err));
    arena_init(&temporary, e->meta->mem);
    status = sohm_open_heap(&s, err);
    if (status == HI5_OK)
        status = fheap_edit_get(&s.heap, id, &temporary, &body, &n, err);
    if (status == HI5_OK && (body = arena_copy(&temporary, body, n)) == NULL)
        status = mem_fail(e->meta->mem, n, err); /* it is in the heap, which changes */
    if (status == HI5_OK) {
        sohm_is_about(&s, body, n);
        status = more ? sohm_find(&s, err)
                      : sohm_release_in(&s, ADDR_NONE, false, a, gone, err);
        if (more && status == HI5_E_NOTFOUND)
            status = sohm_missing(&s, err);
        if (more && status == HI5_OK)
            status = sohm_use(&s, err);
    }
    status = sohm_close(&s, status, err);
    arena_done(&temporary);
    return status;
}

HI5_INT hi5_status
sohm_release_id(const struct shared_env *e, unsigned type, const uint8_t id[8],
                struct arena *a, struct sohm_gone *gone, hi5_error *err)
{
    if (gone != NULL)
        *gone = (struct sohm_gone){0};
    return sohm_by_id(e, type, id, false, a, gone, err);
}

HI5_INT hi5_status
sohm_use_id(const struct shared_env *e, unsigned type, const uint8_t id[8],
            hi5_error *err)
{
    return sohm_by_id(e, type, id, true, NULL, NULL, err);
}

/* The header's own copy of a message that others may share. */
static hi5_status
sohm_release_copy(const struct shared_env *e, uint64_t header, const struct ohdr_msg *m,
                  struct arena *a, struct sohm_gone *gone, hi5_error *err)
{
    struct arena temporary;
    const uint8_t *copy;
    struct sohm_edit s;
    hi5_status status;

    if (!sohm_covers(e, m->type))
        return HI5_OK;
    TRY(sohm_open(&s, e, m->type, err));
    arena_init(&temporary, e->meta->mem);
    copy = arena_copy(&temporary, m->body, m->size);
    if (copy != NULL) {
        /* In headers of version 2 this is all of it. */
        sohm_is_about(&s, copy, sohm_message_size(e->meta, m->type, copy, m->size));
        status = sohm_release_in(&s, header, true, a, gone, err);
    } else {
        status = mem_fail(e->meta->mem, m->size, err);
    }
    status = sohm_close(&s, status, err);
    arena_done(&temporary);
    return status;
}

HI5_INT hi5_status
sohm_release(const struct shared_env *e, uint64_t header, const struct ohdr_msg *m,
             struct arena *a, struct sohm_gone *gone, hi5_error *err)
{
    struct msg_shared shared = {0};
    struct cur c;

    if (gone != NULL)
        *gone = (struct sohm_gone){0};
    if (e->table == NULL)
        return HI5_OK;
    if ((m->flags & MSG_F_SHARED) == 0)
        return m->flags & MSG_F_SHAREABLE
                   ? sohm_release_copy(e, header, m, a, gone, err)
                   : HI5_OK;
    c = meta_cursor_at(e->meta, m->body, m->size, m->addr, NULL, err);
    msg_shared_code(&c, &shared);
    if (!cur_ok(&c))
        return c.status;
    return shared.in_heap ? sohm_release_id(e, m->type, shared.heap_id, a, gone, err)
                          : HI5_OK;
}
