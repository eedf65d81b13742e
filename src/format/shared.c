/*
 * shared.c - messages that are stored elsewhere             [FMT IV.A.2, III.I]
 *
 * The superblock extension's shared message table message points at the master table,
 * which lists up to eight indexes, each with a fractal heap of message bodies. A reader
 * needs only the heap: the message that is shared holds the heap ID itself.
 */
#include "format/shared.h"
#include "base/err.h"
#include <string.h>

/*
 * Shared Message Record List: one index of the master table    [FMT III.I]
 *
 *   size  field
 *      1  version              0
 *      1  index type           0 list, 1 B-tree
 *      2  message type flags   bit 1 << message type (U-SOHM-2)
 *      4  minimum message size
 *      2  list cutoff          more messages than this make it a B-tree
 *      2  B-tree cutoff        fewer make it a list again
 *      2  number of messages
 *      O  index address        SMLI or BTHD; undefined if empty
 *      O  fractal heap address
 */
static void
smtb_index_code(struct cur *c, struct sohm_index *x)
{
    cur_const(c, "version", 1, 0);
    cur_u8(c, "index type", &x->type);
    cur_u16(c, "message type flags", &x->msg_flags);
    cur_u32(c, "minimum message size", &x->min_size);
    cur_u16(c, "list cutoff", &x->list_max);
    cur_u16(c, "B-tree cutoff", &x->btree_min);
    cur_u16(c, "number of messages", &x->nmsgs);
    cur_addr(c, "index address", &x->index);
    cur_addr(c, "fractal heap address", &x->heap);
}

/*
 * Shared Object Header Message Table                               [FMT III.I]
 *
 *   size  field
 *      4  signature            "SMTB"
 *      -  indexes              as many as the table message says
 *      4  checksum
 */
HI5_INT void
smtb_code(struct cur *c, struct sohm_table *t)
{
    cur_begin(c, "SMTB", "III.I");
    cur_require(c, t->n >= 1 && t->n <= 8, "number of indexes", "not 1 to 8");
    if (!cur_ok(c))
        return;
    cur_signature(c, "SMTB");
    for (unsigned i = 0; i < t->n && cur_ok(c); i++)
        smtb_index_code(c, &t->index[i]);
    cur_checksum(c);

    for (unsigned i = 0; i < t->n && cur_ok(c); i++) {
        const struct sohm_index *const x = &t->index[i];
        cur_require(c, x->type <= 1, "index type", "neither list nor B-tree");
        /* EVIL-22 */
        cur_require(c, x->type != 0 || x->nmsgs <= x->list_max, "number of messages",
                    "more than a list holds");
    }
}

/* Sharing anything else is not defined (U-OH-18). */
static bool
shared_can_be(unsigned type)
{
    return type == MSG_SPACE || type == MSG_TYPE || type == MSG_FILL_OLD ||
           type == MSG_FILL || type == MSG_PLINE || type == MSG_ATTR;
}

HI5_INT hi5_status
shared_heap_address(const struct shared_env *e, unsigned type, uint64_t *heap,
                    hi5_error *err)
{
    /* Both kinds of fill value message are indexed as the newer one. */
    const unsigned bit = 1u << (type == MSG_FILL_OLD ? MSG_FILL : type);

    for (unsigned i = 0; e->table != NULL && i < e->table->n && i < 8; i++)
        if ((e->table->index[i].msg_flags & bit) != 0) {
            *heap = e->table->index[i].heap;
            return HI5_OK;
        }
    return err_set(err, HI5_E_CORRUPT, ADDR_NONE, "shared message", "heap ID", "III.I",
                   "the file has no index of shared %s messages", msg_name(type));
}

/* REF-14: the heap ID leads to the heap of the index that covers this type. */
static hi5_status
shared_from_heap(const struct shared_env *e, unsigned type, const uint8_t *id,
                 struct arena *a, const uint8_t **out, size_t *out_n,
                 uint64_t *out_addr, hi5_error *err)
{
    const struct fheap *heap;
    struct arena temporary;
    uint64_t addr;
    hi5_status s;

    TRY(shared_heap_address(e, type, &addr, err));
    arena_init(&temporary, e->meta->mem);
    s = fheap_open(e->meta, addr, e->plugins, &temporary, &heap, err);
    if (s == HI5_OK)
        s = fheap_get(heap, id, 8, a, out, out_n, out_addr, err);
    arena_done(&temporary);
    return s;
}

/* The message of this type in the object header at `header`. It may not be shared again,
 * or two headers could send us back and forth (U-SHM-3). */
static hi5_status
shared_from_object(const struct shared_env *e, unsigned type, uint64_t header,
                   struct arena *a, const uint8_t **out, size_t *out_n,
                   uint64_t *out_addr, hi5_error *err)
{
    const struct ohdr_msg *msg;
    struct arena temporary;
    struct ohdr *h;
    hi5_status s;

    arena_init(&temporary, e->meta->mem);
    s = ohdr_read(e->meta, header, &temporary, &h, err);
    if (s == HI5_OK) {
        msg = ohdr_first(h, type);
        if (msg == NULL || (msg->flags & MSG_F_SHARED) != 0) {
            s = err_set(err, HI5_E_CORRUPT, header, "shared message", "address",
                        "IV.A.2", "the object it points to has no %s message%s",
                        msg_name(type), msg != NULL ? " of its own" : "");
        } else {
            *out = arena_copy(a, msg->body, msg->size);
            *out_n = msg->size;
            *out_addr = msg->addr;
            if (*out == NULL)
                s = mem_fail(a->mem, msg->size, err);
        }
    }
    arena_done(&temporary);
    return s;
}

HI5_INT hi5_status
shared_body(const struct shared_env *e, unsigned type, bool is_shared,
            const uint8_t *body, size_t n, uint64_t addr, struct arena *a,
            const uint8_t **out, size_t *out_n, uint64_t *out_addr, uint64_t *committed,
            hi5_error *err)
{
    struct msg_shared shared = {0};
    struct cur c;

    *out = body;
    *out_n = n;
    *out_addr = addr;
    *committed = ADDR_NONE;
    if (!is_shared)
        return HI5_OK;
    if (!shared_can_be(type))
        return err_set(err, HI5_E_CORRUPT, addr, "object header message", "flags",
                       "IV.A.2", "a %s message cannot be shared", msg_name(type));
    c = meta_cursor_at(e->meta, body, n, addr, a, err);
    msg_shared_code(&c, &shared);
    TRY(c.status);
    if (shared.in_heap)
        return shared_from_heap(e, type, shared.heap_id, a, out, out_n, out_addr, err);
    *committed = shared.addr;
    return shared_from_object(e, type, shared.addr, a, out, out_n, out_addr, err);
}
