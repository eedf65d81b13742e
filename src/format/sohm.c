/*
 * sohm.c - indexes of shared messages                              [FMT III.I]
 *
 * Each index of the master table (format/shared.c) lists its messages: a few in a list,
 * many in a version-2 B-tree of the same records. Only a writer, who looks for a message
 * by its hash, needs them.
 */
#include "format/sohm.h"
#include "format/messages.h"

/*
 * Shared Message Record, B-tree record of type 7                   [FMT III.I]
 *
 *   size  field
 *      1  place                0 heap, 1 object header
 *      4  hash                 lookup3 of the message, begun with its type (U-SOHM-4)
 *         in the heap:
 *      4    reference count
 *      8    heap ID
 *         in an object header:
 *      1    reserved
 *      1    message type
 *      2    creation index
 *      O    object header address
 *         zeros up to 5 + the greater of 12 and 4 + O
 */
HI5_INT void
sohm_record_code(struct cur *c, struct sohm_record *r)
{
    cur_begin(c, "shared message record", "III.I");
    cur_u8(c, "place", &r->place);
    cur_require(c, r->place <= 1, "place", "neither heap nor object header");
    cur_u32(c, "hash", &r->hash);
    if (r->place == 0) {
        cur_u32(c, "reference count", &r->refcount);
        cur_bytes(c, "heap ID", r->heap_id, sizeof r->heap_id);
    } else {
        cur_reserved(c, 1);
        cur_u8(c, "message type", &r->type);
        cur_u16(c, "creation index", &r->order);
        cur_addr(c, "object header address", &r->header);
    }
    if (cur_ok(c))
        cur_skip(c, "padding", sohm_record_size(c->off_w) - (c->pos - c->start));
}

HI5_INT size_t
sohm_record_size(unsigned off_w)
{
    return 5u + (4u + off_w > 12u ? 4u + off_w : 12u);
}

/*
 * Shared Message Record List                                       [FMT III.I]
 *
 *   size  field
 *      4  signature            "SMLI"
 *      -  records              as many as the master table says
 *      4  checksum
 *         room for more records, up to the list cutoff
 */
HI5_INT void
smli_code(struct cur *c, struct smli *l)
{
    cur_begin(c, "SMLI", "III.I");
    cur_signature(c, "SMLI");
    cur_view(c, "records", &l->records, l->records_size);
    cur_checksum(c);
}

HI5_INT size_t
sohm_message_size(const struct meta *m, unsigned type, const uint8_t *body, size_t n)
{
    struct msg_space space;
    struct msg_fill fill;
    struct pipeline pipeline;
    const hi5_type *t;
    struct arena a;
    struct cur c;

    if (type == MSG_ATTR)
        return n;
    arena_init(&a, m->mem);
    c = meta_cursor_at(m, body, n, ADDR_NONE, &a, NULL);
    switch (type) {
    case MSG_SPACE:
        msg_space_code(&c, &space);
        break;
    case MSG_TYPE:
        msg_type_code(&c, &t, m->limits.depth);
        break;
    case MSG_FILL_OLD:
        msg_fill_old_code(&c, &fill);
        break;
    case MSG_FILL:
        msg_fill_code(&c, &fill);
        break;
    default:
        msg_pline_code(&c, &pipeline);
        break;
    }
    arena_done(&a);
    return cur_ok(&c) ? c.pos : n;
}
