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
#include "format/ohdr_edit.h"
#include <string.h>

#define OHDR_PREFIX 40u /* no prefix is longer */
#define OHDR_GUESS 320u /* bytes read before the size is known */
#define OHDR_SUM 4u

static const char ohdr1_name[] = "object header";
static const char ohdr2_name[] = "OHDR";
static const char ochk_name[] = "OCHK";
static const char ohdr1_chunk_name[] = "object header continuation";

/* What reading one header needs. */
struct ohdr_reader {
    struct meta *meta;
    struct arena *arena;
    struct ohdr *h;
    size_t msg_room, chunk_room;
};

/* The first bytes of a header, and how many. */
struct ohdr_start {
    size_t n;
    uint8_t bytes[OHDR_GUESS];
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
    cur_require(
        c, p->chunk0 == 0 || p->chunk0 >= (p->flags & OHDR_F_ORDER_TRACKED ? 6u : 4u),
        "chunk size", "smaller than a message");
}

HI5_INT void
ohdr_prefix_code(struct cur *c, struct ohdr_prefix *p)
{
    if (cur_reading(c)) {
        *p = (struct ohdr_prefix){
            .version = 1, .refcount = 1, .max_compact = 8, .min_dense = 6};
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
    /* libhdf5 1.10 leaves the flags of what was moved out of a continuation's way. */
    const bool sharable = msg_sharable(m->type) || m->type == MSG_CONT;

    cur_require(c, !(f & MSG_F_SHARED) || !(f & MSG_F_DONT_SHARE), "message flags",
                "shared, and not to be shared");
    cur_require(c, !(f & MSG_F_WAS_UNKNOWN) || !(f & MSG_F_FAIL_IF_WRITABLE),
                "message flags", "was unknown, and fails if unknown");
    cur_require(c, !(f & MSG_F_WAS_UNKNOWN) || f & MSG_F_MARK, "message flags",
                "was unknown, but is not to be marked so");
    cur_require(c, !known || !(f & (MSG_F_SHARED | MSG_F_SHAREABLE)) || sharable,
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

    if (version == 1)
        cur_uint(c, "message type", 2, &type);
    else
        cur_uint(c, "message type", 1, &type);
    m->type = (uint16_t)type;
    cur_uint(c, "message size", 2, &size);
    m->size = (size_t)size;
    cur_require(c, version != 1 || size % 8 == 0, "message size",
                "not a multiple of 8");
    cur_u8(c, "message flags", &m->flags);
    if ((m->flags & ~(unsigned)MSG_F_CONSTANT) != 0) /* else there is nothing to combine */
        ohdr_check_flags(c, m);
    if (version == 1)
        cur_reserved(c, 3);
    else if (flags & OHDR_F_ORDER_TRACKED)
        cur_u16(c, "creation order", &m->order);
}

/* Room for one more in an array of the arena that doubles. */
static void *
ohdr_grow(struct cur *c, void *old, size_t n, size_t *room, size_t size)
{
    const size_t more = *room != 0 ? *room * 2 : 4;
    void *p;

    if (n < *room)
        return old;
    p = cur_alloc(c, more, size);
    if (p == NULL)
        return old;
    if (n != 0)
        memcpy(p, old, n * size);
    *room = more;
    return p;
}

/* Note a chunk. One that overlaps another would make a header without end. */
static void
ohdr_add_chunk(struct ohdr_reader *r, struct cur *c, uint64_t addr, uint64_t size)
{
    struct ohdr *const h = r->h;

    for (size_t i = 0; i < h->nchunks && cur_ok(c); i++)
        cur_require(c,
                    addr >= h->chunk[i].addr + h->chunk[i].size ||
                        h->chunk[i].addr >= addr + size,
                    "address", "the chunk overlaps another of this header");
    if (cur_ok(c) && h->nchunks > r->meta->limits.header_chunks)
        cur_fail(c, HI5_E_LIMIT, "address", "more than %lu continuation chunks",
                 (unsigned long)r->meta->limits.header_chunks);
    h->chunk = ohdr_grow(c, h->chunk, h->nchunks, &r->chunk_room, sizeof *h->chunk);
    if (cur_ok(c))
        h->chunk[h->nchunks++] = (struct ohdr_chunk){addr, size};
}

static void
ohdr_take_continuation(struct ohdr_reader *r, struct cur *c)
{
    struct msg_cont m = {0};

    msg_cont_code(c, &m);
    cur_require(c, m.size >= (r->h->version == 1 ? 8u : 4u + OHDR_SUM), "size",
                "too short for a chunk");
    cur_require(c, m.addr != ADDR_NONE && ckd_inside(m.addr, m.size, r->meta->eof),
                "address", "the chunk is not inside the file");
    ohdr_add_chunk(r, c, m.addr, m.size);
}

/* Two types of messages concern the header itself. */
static void
ohdr_take_own(struct ohdr_reader *r, struct cur *c, const struct ohdr_msg *m)
{
    struct ohdr *const h = r->h;
    struct cur body =
        meta_cursor_at(r->meta, m->body, m->size, m->addr, r->arena, c->err);

    if (m->type == MSG_CONT) {
        ohdr_take_continuation(r, &body);
    } else {
        cur_require(c, h->version != 1, "message type",
                    "version 1 keeps its reference count in the prefix");
        msg_refcount_code(&body, &h->refcount);
    }
    cur_join(c, &body);
}

/* Decode a message, and put it on the list. */
static void
ohdr_take(struct ohdr_reader *r, struct cur *c)
{
    struct ohdr *const h = r->h;
    struct ohdr_msg *m;

    h->msg = ohdr_grow(c, h->msg, h->nmsgs, &r->msg_room, sizeof *h->msg);
    if (!cur_ok(c))
        return;
    m = &h->msg[h->nmsgs];
    ohdr_msg_head_code(c, m, h->version, h->flags);
    m->addr = c->addr + c->pos;
    cur_view(c, "message", &m->body, m->size);
    if (!cur_ok(c))
        return;
    if (h->nmsgs >= r->meta->limits.messages) {
        cur_fail(c, HI5_E_LIMIT, "message type", "more than %lu messages",
                 (unsigned long)r->meta->limits.messages);
        return;
    }
    ohdr_list(h);
    if (m->type == MSG_CONT || m->type == MSG_REFCOUNT)
        ohdr_take_own(r, c, m);
}

/* Room for as many messages as a chunk seems to have. */
static void
ohdr_make_room(struct ohdr_reader *r, struct cur *c)
{
    struct ohdr *const h = r->h;
    const size_t head = ohdr_msg_head_size(h->version, h->flags);
    const size_t at = h->version == 1 ? 2 : 1; /* of a message's size */
    size_t n = 0;

    for (size_t i = c->pos; c->size - i >= head && n < r->meta->limits.messages; n++) {
        const size_t step = head + (size_t)cur_raw_uint(c->in + i + at, 2);
        if (step > c->size - i)
            break;
        i += step;
    }
    if (h->msg != NULL || n == 0)
        return;
    h->msg = cur_alloc(c, n, sizeof *h->msg);
    r->msg_room = n;
}

/* All messages of a chunk. Version 2 may leave a gap at the end that is too short for
 * one; version 1 may not. */
static void
ohdr_take_all(struct ohdr_reader *r, struct cur *c)
{
    const struct ohdr *const h = r->h;
    const size_t least = h->version == 1 ? 1 : ohdr_msg_head_size(h->version, h->flags);
    const size_t before = h->nmsgs;

    ohdr_make_room(r, c);
    while (cur_ok(c) && cur_left(c) >= least)
        ohdr_take(r, c);
    if (cur_ok(c) && cur_left(c) != 0) {
        size_t i = before;

        cur_expect(c, ohdr_next(h, MSG_NIL, &i) == NULL, "gap",
                   "beside a NIL message that could have taken it");
        cur_reserved(c, cur_left(c));
    }
}

/* The bytes of a chunk, in the arena. */
static hi5_status
ohdr_fetch(struct ohdr_reader *r, struct ohdr_chunk at, const char *name,
           const struct ohdr_start *start, uint8_t **out, hi5_error *err)
{
    size_t size, have = 0;
    uint8_t *bytes;

    if (!ckd_size(at.size, &size))
        return err_set(err, HI5_E_LIMIT, at.addr, name, "", "IV.A.1", "too large");
    bytes = arena_alloc(r->arena, size);
    if (bytes == NULL)
        return mem_fail(r->meta->mem, size, err);
    /* A staged block can only be read from its first byte. */
    if (start != NULL && (start->n >= size || r->meta->stage == NULL)) {
        have = start->n < size ? start->n : size;
        memcpy(bytes, start->bytes, have);
    }
    *out = bytes;
    if (have == size)
        return HI5_OK;
    return meta_copy(r->meta, at.addr + have, size - have, name, bytes + have, err);
}

/* Read a chunk: `head` bytes, messages, and in version 2 a checksum.
 * @param start  what has been read of it, or NULL */
static hi5_status
ohdr_read_chunk(struct ohdr_reader *r, struct ohdr_chunk at, const char *name,
                size_t head, const struct ohdr_start *start, hi5_error *err)
{
    const bool sum = r->h->version == 2;
    const size_t size = (size_t)at.size;
    const uint8_t *skip;
    uint8_t *bytes = NULL;
    struct cur c;

    TRY(ohdr_fetch(r, at, name, start, &bytes, err));
    c = meta_cursor_at(r->meta, bytes, size, at.addr, r->arena, err);
    cur_begin(&c, name, sum ? "IV.A.1.b" : "IV.A.1.a");
    if (name == ochk_name)
        cur_signature(&c, "OCHK");
    else
        cur_skip(&c, "prefix", head);
    if (sum) {
        cur_view(&c, "messages", &skip, size - head - OHDR_SUM);
        cur_checksum(&c);
        if (!cur_ok(&c))
            return c.status;
    }
    c = meta_cursor_at(r->meta, bytes + head, size - head - (sum ? OHDR_SUM : 0),
                       at.addr + head, r->arena, err);
    cur_begin(&c, name, sum ? "IV.A.1.b" : "IV.A.1.a");
    ohdr_take_all(r, &c);
    return c.status;
}

HI5_INT void
ohdr_set_prefix(struct ohdr *h, const struct ohdr_prefix *p)
{
    h->version = p->version;
    h->flags = p->flags;
    h->refcount = p->refcount;
    h->atime = p->atime;
    h->mtime = p->mtime;
    h->ctime = p->ctime;
    h->btime = p->btime;
    h->max_compact = p->max_compact;
    h->min_dense = p->min_dense;
    h->declared = p->declared;
}

/* The prefix and the chunk that follows it. How long that is only the prefix tells, so
 * the first read is a guess. */
static hi5_status
ohdr_read_first(struct ohdr_reader *r, hi5_error *err)
{
    struct meta *const m = r->meta;
    struct ohdr *const h = r->h;
    const size_t least = meta_clip(m, h->addr, OHDR_PREFIX);
    struct ohdr_start start;
    struct ohdr_prefix p;
    struct cur c;
    uint64_t size;

    TRY(meta_some(m, h->addr, least != 0 ? least : 1, OHDR_GUESS, ohdr1_name,
                  start.bytes, &start.n, err));
    c = meta_cursor_at(m, start.bytes, start.n, h->addr, r->arena, err);
    ohdr_prefix_code(&c, &p);
    if (!cur_ok(&c))
        return c.status;
    ohdr_set_prefix(h, &p);
    size = c.pos + (h->version == 2 ? OHDR_SUM : 0);
    cur_require(&c, ckd_add64(size, p.chunk0, &size), "chunk size",
                "not inside the file");
    if (cur_ok(&c) && !ckd_inside(h->addr, size, m->eof))
        cur_fail(&c, HI5_E_TRUNCATED, "chunk size", "the chunk is not inside the file");
    ohdr_add_chunk(r, &c, h->addr, size);
    if (!cur_ok(&c))
        return c.status;
    TRY(ohdr_read_chunk(r, h->chunk[0], h->version == 1 ? ohdr1_name : ohdr2_name,
                        (size_t)(size - p.chunk0 - (h->version == 2 ? OHDR_SUM : 0)),
                        &start, err));
    /* As libhdf5 does: further chunks are not held against the number. */
    if (h->version == 1 && h->nmsgs > h->declared)
        return err_set(err, HI5_E_CORRUPT, h->addr + 2, ohdr1_name, "messages",
                       "IV.A.1.a",
                       "the first chunk has more messages than the prefix says");
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_read_some(struct meta *m, uint64_t addr, struct arena *a, struct ohdr **out,
               hi5_error *err)
{
    struct ohdr_reader r = {.meta = m, .arena = a};
    struct ohdr *const h = arena_zalloc(a, 1, sizeof *h);

    *out = h;
    if (h == NULL)
        return mem_fail(a->mem, sizeof *h, err);
    h->addr = addr;
    h->chunk = &h->first;
    r.chunk_room = 1;
    r.h = h;
    TRY(ohdr_read_first(&r, err));
    for (size_t i = 1; i < h->nchunks; i++)
        TRY(ohdr_read_chunk(&r, h->chunk[i],
                            h->version == 1 ? ohdr1_chunk_name : ochk_name,
                            h->version == 1 ? 0 : 4, NULL, err));
    h->flawed = h->version == 1 && h->nmsgs != h->declared;
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_read(struct meta *m, uint64_t addr, struct arena *a, struct ohdr **out,
          hi5_error *err)
{
    hi5_status s;

    *out = NULL;
    if (m->stage != NULL)
        TRY(ohdr_known(m, addr, a, out, err));
    if (*out != NULL)
        return HI5_OK;
    s = ohdr_read_some(m, addr, a, out, err);
    if (s != HI5_OK)
        *out = NULL;
    return s;
}

HI5_INT const struct ohdr_msg *
ohdr_next(const struct ohdr *h, unsigned type, size_t *i)
{
    if ((h->types >> type % 32 & 1) == 0)
        return NULL;
    while (*i < h->nmsgs) {
        const struct ohdr_msg *const m = &h->msg[(*i)++];
        if (m->type == type)
            return m;
    }
    return NULL;
}

HI5_INT const struct ohdr_msg *
ohdr_first(const struct ohdr *h, unsigned type)
{
    size_t i = 0;

    return ohdr_next(h, type, &i);
}

HI5_INT hi5_kind
ohdr_kind(const struct ohdr *h)
{
    if (ohdr_first(h, MSG_TYPE) != NULL)
        return ohdr_first(h, MSG_SPACE) != NULL ? HI5_KIND_DATASET : HI5_KIND_DATATYPE;
    if (ohdr_first(h, MSG_STAB) != NULL || ohdr_first(h, MSG_LINK_INFO) != NULL)
        return HI5_KIND_GROUP;
    return HI5_KIND_UNKNOWN;
}
