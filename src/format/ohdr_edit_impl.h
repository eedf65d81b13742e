/*
 * ohdr_edit_impl.h - what the parts of ohdr_edit share: ohdr_part, ohdr_room, ohdr_edit
 */
#ifndef HI5_OHDR_EDIT_IMPL_H
#define HI5_OHDR_EDIT_IMPL_H

#include "format/ohdr_edit.h"
#include <string.h>

#define OEDIT_NAME "object header"
#define OEDIT_FEW 4u
#define OEDIT_SUM 4u          /* bytes of a checksum */
#define OEDIT_BODY_MOST 65535u

/* A chunk. Its messages are the bytes from `start` to `end`. */
struct oedit_part {
    struct staged *b;
    size_t start, end;
    size_t used;               /* by messages other than NIL */
};

/* A header on its way to be changed. */
struct oedit {
    struct meta *meta;
    hi5_error *err;
    struct ohdr_prefix prefix;
    size_t head;               /* bytes before a message's body */
    size_t nmsgs;              /* other than NIL */
    size_t nall;               /* with them, as it was opened */
    bool begun;                /* it is not as it was any more */
    struct oedit_part *part;
    size_t nparts, room;
    struct oedit_part few[OEDIT_FEW];
};

/* Where a message is. */
struct oedit_place {
    size_t part, at, size;     /* with its head */
};

/* ---- messages as bytes: the places of type and size are ohdr_msg_head_code's ---- */

static inline unsigned
oedit_type(const struct oedit *e, const uint8_t *p)
{
    return e->prefix.version == 1 ? p[0] | (unsigned)p[1] << 8 : p[0];
}

static inline void
oedit_make_nil(const struct oedit *e, uint8_t *p)
{
    memset(p, 0, e->prefix.version == 1 ? 2 : 1);
}

/* A message's size, with its head. */
static inline size_t
oedit_size(const struct oedit *e, const uint8_t *p)
{
    return e->head + (size_t)cur_raw_uint(p + (e->prefix.version == 1 ? 2 : 1), 2);
}

/* What a chunk's zero bytes need to be a NIL message of `n` bytes in all. */
static inline void
oedit_size_nil(const struct oedit *e, uint8_t *p, size_t n)
{
    cur_raw_store(p + (e->prefix.version == 1 ? 2 : 1), 2, n - e->head);
}

static inline size_t
oedit_put_size(const struct oedit *e, size_t body)
{
    return ohdr_put_size(e->prefix.version, e->prefix.flags, body);
}

static inline size_t
oedit_left(const struct oedit_part *p)
{
    return p->end - p->start - p->used;
}

/** The count in the reference count message at w. */
HI5_INT uint32_t oedit_refs(const struct oedit *e, const struct oedit_place *w);
HI5_INT struct ohdr_msg oedit_msg(const struct oedit *e, const struct oedit_place *w);

/* ---- ohdr_part.c ---- */

/** @param change  it is going to be changed; else only looked at. oedit_close() it. */
HI5_INT hi5_status oedit_open(struct oedit *e, struct meta *m, uint64_t addr, bool change,
                              hi5_error *err);
/** The same to look at it, only if all its chunks are staged and trusted. */
HI5_INT bool oedit_recall(struct oedit *e, struct meta *m, uint64_t addr, hi5_error *err);
HI5_INT void oedit_close(struct oedit *e);
HI5_INT void oedit_put_prefix(struct oedit *e);
/** After changes: version 1 counts its messages, NIL included. */
HI5_INT void oedit_settle(struct oedit *e);

/** Would a reader take it? */
HI5_INT hi5_status oedit_check(const struct oedit *e, const struct ohdr_put *put);
/** Write a message that has been checked. */
HI5_INT void oedit_encode(const struct oedit *e, struct cur *c,
                          const struct ohdr_put *put);
/** The same into a chunk. @return where it ends */
HI5_INT size_t oedit_write(const struct oedit *e, struct staged *b, size_t at,
                           const struct ohdr_put *put);

/** A chunk's bytes have changed. */
HI5_INT void oedit_changed(const struct oedit *e, const struct oedit_part *p);
/** Close up the messages of a chunk. What follows them is not defined: oedit_fill().
 *  @param follow  the place of a message, kept right; or NULL
 *  @return where they end */
HI5_INT size_t oedit_pack(const struct oedit *e, const struct oedit_part *p,
                          size_t *follow);
/** What is free from `at` on becomes a NIL message, or a gap too short for one. */
HI5_INT void oedit_fill(const struct oedit *e, const struct oedit_part *p, size_t at);
/** Room for one more chunk in the list. */
HI5_INT hi5_status oedit_part_room(struct oedit *e);

/** The next message that is meant, from *w on. */
HI5_INT bool oedit_next(const struct oedit *e, const struct ohdr_which *which,
                        struct oedit_place *w);
HI5_INT bool oedit_find(const struct oedit *e, const struct ohdr_which *which,
                        struct oedit_place *w);
/** The continuation message that points at chunk `part`. */
HI5_INT struct oedit_place oedit_host(const struct oedit *e, size_t part);

/* ---- ohdr_room.c; messages that are put have been checked ---- */

/** Find or make room for a message, and put it there. */
HI5_INT hi5_status oedit_put(struct oedit *e, const struct ohdr_put *put);
/** Put a message in the place of another: in the same chunk, if there is room. */
HI5_INT hi5_status oedit_swap(struct oedit *e, const struct oedit_place *w,
                              const struct ohdr_put *put);
/** Make a message NIL; its chunk is to be packed and filled. */
HI5_INT void oedit_take_out(struct oedit *e, const struct oedit_place *w);
/** Continuation chunks without messages go. */
HI5_INT hi5_status oedit_drop_empty(struct oedit *e);

#endif
