/*
 * ohdr.c - object headers                                          [FMT IV.A.1]
 *
 * Every object is a header: a prefix and a list of messages, continued in chunks
 * elsewhere when it outgrew its first place. Links, the superblock and references point
 * at headers; continuation messages point at the further chunks. Version 2 has
 * signatures and checksums, version 1 has neither.
 */
#include "format/ohdr.h"
#include "base/ckd.h"
#include "base/err.h"
#include <string.h>

#define OHDR_GUESS 512u /* bytes read before the size is known */
#define OHDR_SUM 4u

static const char ohdr1_name[] = "object header";
static const char ohdr2_name[] = "OHDR";
static const char ochk_name[] = "OCHK";

/* A chunk that a continuation message has named. */
struct ohdr_pending {
    uint64_t addr, size;
    uint64_t named_at; /* address of the message, for errors */
};

/* What reading one header needs. */
struct ohdr_reader {
    struct meta *meta;
    struct arena *arena;
    hi5_error *err;
    struct ohdr *h;
    size_t msg_room, chunk_room;
    struct ohdr_pending *pending; /* beside h->chunk: [i] is the origin of chunk i */
    size_t npending, pending_room;
};

/*
 * Version 1 object header prefix                                   [FMT IV.A.1.a]
 *
 *   size  field
 *      1  version          1
 *      1  reserved
 *      2  messages         in all chunks
 *      4  reference count
 *      4  chunk size       bytes of messages behind the prefix
 *      4  padding          messages are aligned to 8
 */
static void
ohdr1_prefix_code(struct cur *c, struct ohdr_prefix *p)
{
    cur_begin(c, ohdr1_name, "IV.A.1.a");
    cur_const(c, "version", 1, 1);
    cur_reserved(c, 1);
    cur_u16(c, "messages", &p->declared);
    cur_u32(c, "reference count", &p->refcount);
    cur_uint(c, "chunk size", 4, &p->chunk0);
    cur_require(c, p->declared != 0 ? p->chunk0 >= 8 : p->chunk0 == 0, "chunk size",
                "it does not agree with the number of messages");
    cur_reserved(c, 4);
}

/*
 * Version 2 object header prefix                                   [FMT IV.A.1.b]
 *
 *   size  field
 *      4  signature        "OHDR"
 *      1  version          2
 *      1  flags            0-1 width of the chunk size, 2 attribute order tracked,
 *                          3 and indexed, 4 phase change values, 5 times
 *     16  times            access, modification, change, birth; flag 0x20
 *      4  phase change     most compact, least dense attributes; flag 0x10
 *  1 2 4 8 chunk size      bytes of messages behind the prefix
 */
static void
ohdr2_prefix_code(struct cur *c, struct ohdr_prefix *p)
{
    cur_begin(c, ohdr2_name, "IV.A.1.b");
    cur_signature(c, "OHDR");
    cur_const(c, "version", 1, 2);
    cur_u8(c, "flags", &p->flags);
    cur_require(c, (p->flags & 0xc0) == 0, "flags", "unknown flags");
    cur_expect(c, !(p->flags & OHDR_F_ORDER_INDEXED) || p->flags & OHDR_F_ORDER_TRACKED,
               "flags", "an index of an order that is not tracked");
    if (p->flags & OHDR_F_TIMES) {
        cur_u32(c, "access time", &p->atime);
        cur_u32(c, "modification time", &p->mtime);
        cur_u32(c, "change time", &p->ctime);
        cur_u32(c, "birth time", &p->btime);
    }
    if (p->flags & OHDR_F_PHASE_CHANGE) {
        cur_u16(c, "most compact attributes", &p->max_compact);
        cur_u16(c, "least dense attributes", &p->min_dense);
        cur_require(c, p->max_compact >= p->min_dense, "least dense attributes",
                    "more than the most compact ones");
    }
    cur_uint(c, "chunk size", 1u << (p->flags & OHDR_F_SIZE_WIDTH), &p->chunk0);
    cur_require(c,
                p->chunk0 == 0 ||
                    p->chunk0 >= (p->flags & OHDR_F_ORDER_TRACKED ? 6u : 4u),
                "chunk size", "smaller than a message");
}

HI5_INT void
ohdr_prefix_code(struct cur *c, struct ohdr_prefix *p)
{
    if (cur_reading(c)) {
        *p = (struct ohdr_prefix){.version = 1, .refcount = 1, .max_compact = 8,
                                  .min_dense = 6};
        if (cur_left(c) >= 4 && memcmp(c->in + c->pos, "OHDR", 4) == 0)
            p->version = 2;
    }
    if (p->version == 1)
        ohdr1_prefix_code(c, p);
    else
        ohdr2_prefix_code(c, p);
}

static size_t
ohdr_msg_head_size(unsigned version, unsigned flags)
{
    return version == 1 ? 8 : flags & OHDR_F_ORDER_TRACKED ? 6 : 4;
}

/* Combinations of message flags that no library makes, and libhdf5 refuses. */
static void
ohdr_check_flags(struct cur *c, const struct ohdr_msg *m)
{
    const uint8_t f = m->flags;
    const bool known = m->type < MSG_KNOWN && m->type != MSG_BOGUS;

    cur_require(c, !(f & MSG_F_SHARED) || !(f & MSG_F_DONT_SHARE), "message flags",
                "shared, and not to be shared");
    cur_require(c, !(f & MSG_F_WAS_UNKNOWN) || !(f & MSG_F_FAIL_IF_WRITABLE),
                "message flags", "was unknown, and fails if unknown");
    cur_require(c, !(f & MSG_F_WAS_UNKNOWN) || f & MSG_F_MARK, "message flags",
                "was unknown, but is not to be marked so");
    cur_require(c, !known || !(f & (MSG_F_SHARED | MSG_F_SHAREABLE)) || msg_sharable(m->type),
                "message flags", "this message cannot be shared");
    if (cur_ok(c) && !known && f & MSG_F_FAIL_ALWAYS)
        cur_fail(c, HI5_E_UNSUPPORTED, "message type",
                 "message 0x%02x is unknown, and must be known to open the object",
                 (unsigned)m->type);
}

/*
 * Message header                                                   [FMT IV.A.1]
 *
 *   v1 v2  field
 *    2  1  type
 *    2  2  size       of the body; version 1: a multiple of 8
 *    1  1  flags
 *    3     reserved
 *       2  order      version 2, attribute creation order tracked
 */
HI5_INT void
ohdr_msg_head_code(struct cur *c, struct ohdr_msg *m, unsigned version, unsigned flags)
{
    uint64_t type = m->type, size = m->size;

    cur_uint(c, "message type", version == 1 ? 2 : 1, &type);
    m->type = (uint16_t)type;
    cur_uint(c, "message size", 2, &size);
    m->size = (size_t)size;
    cur_require(c, version != 1 || size % 8 == 0, "message size", "not a multiple of 8");
    cur_u8(c, "message flags", &m->flags);
    ohdr_check_flags(c, m);
    if (version == 1)
        cur_reserved(c, 3);
    else if (flags & OHDR_F_ORDER_TRACKED)
        cur_u16(c, "creation order", &m->order);
}

/* Room for one more in an arena array that doubles. */
static void *
ohdr_grow(struct ohdr_reader *r, void *old, size_t n, size_t *room, size_t size)
{
    const size_t more = *room != 0 ? *room * 2 : 16;
    void *p;

    if (n < *room)
        return old;
    p = arena_zalloc(r->arena, more, size);
    if (p == NULL) {
        mem_fail(r->arena->mem, more * size, r->err);
        return NULL;
    }
    if (n != 0)
        memcpy(p, old, n * size);
    *room = more;
    return p;
}

static hi5_status
ohdr_grow_failed(struct ohdr_reader *r)
{
    return mem_fail(r->arena->mem, 0, NULL) == HI5_OK ? HI5_E_NOMEM : HI5_E_NOMEM;
}

/* Put a chunk on the list of those to read, unless it overlaps another: chunks that do
 * would make headers without end. */
static void
ohdr_add_chunk(struct ohdr_reader *r, struct cur *c, uint64_t addr, uint64_t size,
               uint64_t named_at)
{
    struct ohdr *const h = r->h;
    const uint64_t least = h->version == 1 ? 8 : 4 + OHDR_SUM;

    cur_require(c, addr != ADDR_NONE, "continuation", "its address is undefined");
    cur_require(c, size >= least, "continuation", "too short for a chunk");
    cur_require(c, ckd_inside(addr, size, c->eof), "continuation",
                "it runs past the end of the file");
    if (cur_ok(c) && r->npending > r->meta->limits.header_chunks)
        cur_fail(c, HI5_E_LIMIT, "continuation", "more than %lu chunks",
                 (unsigned long)r->meta->limits.header_chunks);
    for (size_t i = 0; i < r->npending && cur_ok(c); i++)
        cur_require(c,
                    addr >= r->pending[i].addr + r->pending[i].size ||
                        r->pending[i].addr >= addr + size,
                    "continuation", "it overlaps another chunk of this header");
    if (!cur_ok(c))
        return;
    r->pending = ohdr_grow(r, r->pending, r->npending, &r->pending_room,
                           sizeof *r->pending);
    if (r->pending == NULL)
        return;
    r->pending[r->npending++] = (struct ohdr_pending){addr, size, named_at};
}
