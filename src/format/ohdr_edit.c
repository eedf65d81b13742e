/*
 * ohdr_edit.c - changing object headers where they are             [FMT IV.A.1]
 *
 * A header is a few chunks of bytes, each a staged block. What is free in a chunk is
 * wherever NIL messages and the gap are; where a message is to be put, its chunk's
 * messages close up first, so that all that is free is at the end, and is one again.
 *
 * A header without room is continued in a second chunk, which is moved to a larger place
 * when it is full: so headers seldom have a third. Where there is no room for the
 * continuation message either, others make way for it and go to the new chunk.
 *
 * Bytes that are trusted have been through ohdr_read, or were written here; they are
 * looked at where they are.
 */
#include "format/ohdr_edit.h"
#include "base/err.h"
#include <string.h>

#define OEDIT_FEW 4u
#define OEDIT_SUM 4u
#define OEDIT_BODY_MOST 65535u
#define OEDIT_CHUNK_LEAST 128u        /* messages of a continuation chunk */
#define OEDIT_CHUNK_MOST (1024u << 10) /* a larger one does not move to grow further */

static const char oedit_name[] = "object header";

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

static unsigned
oedit_type(const struct oedit *e, const uint8_t *p)
{
    return e->prefix.version == 1 ? p[0] | (unsigned)p[1] << 8 : p[0];
}

static void
oedit_make_nil(const struct oedit *e, uint8_t *p)
{
    memset(p, 0, e->prefix.version == 1 ? 2 : 1);
}

/* A message's size, with its head. */
static size_t
oedit_size(const struct oedit *e, const uint8_t *p)
{
    return e->head + (size_t)cur_raw_uint(p + (e->prefix.version == 1 ? 2 : 1), 2);
}

static struct ohdr_msg
oedit_msg(const struct oedit *e, const struct oedit_place *w)
{
    const struct staged *const b = e->part[w->part].b;
    const uint8_t *const p = b->bytes + w->at;
    struct ohdr_msg m = {.type = (uint16_t)oedit_type(e, p),
                         .flags = p[e->prefix.version == 1 ? 4 : 3],
                         .body = p + e->head, .size = w->size - e->head,
                         .addr = b->block.addr + w->at + e->head};

    if (e->prefix.version != 1 && e->prefix.flags & OHDR_F_ORDER_TRACKED)
        m.order = (uint16_t)cur_raw_uint(p + 4, 2);
    return m;
}

HI5_INT size_t
ohdr_put_size(unsigned version, unsigned flags, size_t body)
{
    if (version == 1)
        return 8 + (body + 7) / 8 * 8;
    return (flags & OHDR_F_ORDER_TRACKED ? 6u : 4u) + body;
}

static size_t
oedit_put_size(const struct oedit *e, size_t body)
{
    return ohdr_put_size(e->prefix.version, e->prefix.flags, body);
}

static void
oedit_head_code(const struct oedit *e, struct cur *c, const struct ohdr_put *put)
{
    struct ohdr_msg m = {.type = put->type, .flags = put->flags, .order = put->order};

    m.size = oedit_put_size(e, put->size) - e->head;
    ohdr_msg_head_code(c, &m, e->prefix.version, e->prefix.flags);
}

/* Would a reader take it? */
static hi5_status
oedit_check(const struct oedit *e, const struct ohdr_put *put)
{
    struct cur c = cur_sizer(e->err);

    if (put->size > OEDIT_BODY_MOST ||
        oedit_put_size(e, put->size) - e->head > OEDIT_BODY_MOST)
        return err_set(e->err, HI5_E_LIMIT, ADDR_NONE, oedit_name, "message size",
                       "IV.A.1", "%zu bytes are too many for the %s message", put->size,
                       msg_name(put->type));
    cur_begin(&c, oedit_name, "IV.A.1");
    oedit_head_code(e, &c, put);
    return c.status;
}

/* Write a message that has been checked. @return where it ends */
static size_t
oedit_write(const struct oedit *e, struct staged *b, size_t at,
            const struct ohdr_put *put)
{
    const size_t end = at + oedit_put_size(e, put->size);
    struct cur c = stage_cursor(e->meta, b, at, NULL);

    cur_begin(&c, oedit_name, "IV.A.1");
    oedit_head_code(e, &c, put);
    at += e->head;
    if (put->size != 0)
        memcpy(b->bytes + at, put->body, put->size);
    memset(b->bytes + at + put->size, 0, end - at - put->size);
    return end;
}

/* ---- chunks ---- */

static void
oedit_changed(const struct oedit *e, const struct oedit_part *p)
{
    if (e->prefix.version == 1)
        stage_changed(p->b, 0, 0);
    else
        stage_changed(p->b, p->b->block.size - OEDIT_SUM, p->b->block.size - OEDIT_SUM);
}

/* What is free from `at` on becomes a NIL message, or a gap too short for one. OH-11: a
 * chunk may have more room than a message. */
static void
oedit_fill(const struct oedit *e, const struct oedit_part *p, size_t at)
{
    const size_t most = e->head + OEDIT_BODY_MOST / 8 * 8;
    size_t left = p->end - at;

    memset(p->b->bytes + at, 0, left);
    while (left >= e->head) {
        struct ohdr_put nil = {.type = MSG_NIL};
        struct cur c = stage_cursor(e->meta, p->b, at, NULL);
        size_t n = left < most ? left : most;

        if (left - n != 0 && left - n < e->head)
            n -= e->head;
        nil.size = n - e->head;
        oedit_head_code(e, &c, &nil);
        at += n;
        left -= n;
    }
    oedit_changed(e, p);
}

/* Close up the messages of a chunk. What follows them is not defined: oedit_fill().
 * @param follow  the place of a message, kept right; or NULL
 * @return where they end */
static size_t
oedit_pack(const struct oedit *e, const struct oedit_part *p, size_t *follow)
{
    uint8_t *const bytes = p->b->bytes;
    size_t to = p->start, n, old = follow != NULL ? *follow : 0;

    for (size_t at = p->start; p->end - at >= e->head; at += n) {
        n = oedit_size(e, bytes + at);
        if (oedit_type(e, bytes + at) == MSG_NIL)
            continue;
        if (to != at)
            memmove(bytes + to, bytes + at, n);
        if (at == old && follow != NULL)
            *follow = to;
        to += n;
    }
    return to;
}

static size_t
oedit_left(const struct oedit_part *p)
{
    return p->end - p->start - p->used;
}

/* Room for one more chunk in the list. */
static hi5_status
oedit_part_room(struct oedit *e)
{
    struct oedit_part *p;

    if (e->nparts < e->room)
        return HI5_OK;
    p = mem_alloc(e->meta->mem, 2 * e->room * sizeof *p);
    if (p == NULL)
        return mem_fail(e->meta->mem, 2 * e->room * sizeof *p, e->err);
    memcpy(p, e->part, e->nparts * sizeof *p);
    if (e->part != e->few)
        mem_free(e->meta->mem, e->part, e->room * sizeof *p);
    e->part = p;
    e->room *= 2;
    return HI5_OK;
}

static void
oedit_close(struct oedit *e)
{
    if (e->part != e->few)
        mem_free(e->meta->mem, e->part, e->room * sizeof *e->part);
}

/* ---- opening ---- */

/* Decode all of it as a reader does, and stage its chunks. */
static hi5_status
oedit_load(struct oedit *e, uint64_t addr)
{
    struct meta *const m = e->meta;
    struct arena arena;
    struct ohdr *h;
    hi5_status s;

    arena_init(&arena, m->mem);
    s = ohdr_read(m, addr, &arena, &h, e->err);
    for (size_t i = 0; s == HI5_OK && i < h->nmsgs; i++)
        if ((h->msg[i].type >= MSG_KNOWN || h->msg[i].type == MSG_BOGUS) &&
            h->msg[i].flags & MSG_F_FAIL_IF_WRITABLE)
            s = err_set(e->err, HI5_E_UNSUPPORTED, h->msg[i].addr, oedit_name,
                        "message type", "IV.A.1", "message 0x%02x is unknown, and must be "
                        "known to change the object", (unsigned)h->msg[i].type);
    for (size_t i = 0; s == HI5_OK && i < h->nchunks; i++) {
        struct staged *b;

        s = stage_edit(m, h->chunk[i].addr, (size_t)h->chunk[i].size, oedit_name, &b,
                       e->err);
        if (s == HI5_OK)
            b->trusted = true;
    }
    arena_done(&arena);
    return s;
}

/* Add the chunk that a continuation message points at. *known: it is trusted. */
static hi5_status
oedit_follow(struct oedit *e, const struct oedit_place *w, bool *known)
{
    const bool sum = e->prefix.version != 1;
    const struct ohdr_msg m = oedit_msg(e, w);
    struct cur c = meta_cursor_at(e->meta, m.body, m.size, m.addr, NULL, e->err);
    struct msg_cont cont = {0};
    struct staged *b;

    msg_cont_code(&c, &cont);
    if (!cur_ok(&c))
        return c.status;
    b = stage_find(e->meta, cont.addr);
    *known = b != NULL && b->trusted && b->block.size == cont.size;
    if (!*known)
        return HI5_OK;
    TRY(oedit_part_room(e));
    e->part[e->nparts++] =
        (struct oedit_part){.b = b, .start = sum ? 4 : 0,
                            .end = b->block.size - (sum ? OEDIT_SUM : 0)};
    return HI5_OK;
}

/* Go through the messages of a chunk. OH-07: who changes an object marks the messages he
 * does not know, where they ask for that. */
static hi5_status
oedit_scan(struct oedit *e, size_t i, bool change, bool *known)
{
    struct oedit_place w = {.part = i, .at = e->part[i].start};

    for (; *known && e->part[i].end - w.at >= e->head; w.at += w.size) {
        struct oedit_part *const p = &e->part[i];
        uint8_t *const bytes = p->b->bytes + w.at;
        const unsigned type = oedit_type(e, bytes);
        uint8_t *const flags = bytes + (e->prefix.version == 1 ? 4 : 3);

        w.size = oedit_size(e, bytes);
        if (type == MSG_NIL)
            continue;
        p->used += w.size;
        e->nmsgs++;
        if (type == MSG_CONT)
            TRY(oedit_follow(e, &w, known));
        if (change && (type >= MSG_KNOWN || type == MSG_BOGUS) && *flags & MSG_F_MARK &&
            !(*flags & MSG_F_WAS_UNKNOWN)) {
            *flags |= MSG_F_WAS_UNKNOWN;
            oedit_changed(e, p);
        }
    }
    return HI5_OK;
}

/* *known: all its chunks are staged and trusted. */
static hi5_status
oedit_walk(struct oedit *e, uint64_t addr, bool change, bool *known)
{
    struct staged *const b = stage_find(e->meta, addr);
    struct cur c;

    e->nparts = e->nmsgs = 0;
    *known = b != NULL && b->trusted;
    if (!*known)
        return HI5_OK;
    c = meta_cursor_at(e->meta, b->bytes, b->block.size, addr, NULL, e->err);
    ohdr_prefix_code(&c, &e->prefix);
    if (!cur_ok(&c))
        return c.status;
    e->head = oedit_put_size(e, 0);
    e->part[e->nparts++] = (struct oedit_part){
        .b = b, .start = c.pos, .end = c.pos + (size_t)e->prefix.chunk0};
    for (size_t i = 0; i < e->nparts && *known; i++)
        TRY(oedit_scan(e, i, change, known));
    return HI5_OK;
}

/* @param change  it is going to be changed; else only looked at */
static hi5_status
oedit_open(struct oedit *e, struct meta *m, uint64_t addr, bool change, hi5_error *err)
{
    bool known;
    hi5_status s;

    e->meta = m;
    e->err = err;
    e->begun = false;
    e->part = e->few;
    e->room = OEDIT_FEW;
    s = oedit_walk(e, addr, change, &known);
    if (s == HI5_OK && !known) {
        s = oedit_load(e, addr);
        if (s == HI5_OK)
            s = oedit_walk(e, addr, change, &known);
        if (s == HI5_OK && !known)
            s = err_set(err, HI5_E_INTERNAL, addr, oedit_name, "", "IV.A.1",
                        "not as it was read");
    }
    if (s != HI5_OK)
        oedit_close(e);
    return s;
}

static void
oedit_put_prefix(struct oedit *e)
{
    struct cur c = stage_cursor(e->meta, e->part[0].b, 0, NULL);

    ohdr_prefix_code(&c, &e->prefix);
    oedit_changed(e, &e->part[0]);
}

/* After changes: version 1 counts its messages, NIL included. */
static void
oedit_settle(struct oedit *e)
{
    size_t n = 0;

    if (e->prefix.version != 1)
        return;
    for (size_t i = 0; i < e->nparts; i++) {
        const struct oedit_part *const p = &e->part[i];
        for (size_t at = p->start; at < p->end; n++)
            at += oedit_size(e, p->b->bytes + at);
    }
    if (n != e->prefix.declared) {
        e->prefix.declared = (uint16_t)n;
        oedit_put_prefix(e);
    }
}

/* ---- finding ---- */

static bool
oedit_meant(const struct oedit *e, const struct oedit_place *w,
            const struct ohdr_which *which)
{
    struct ohdr_msg m;

    if (oedit_type(e, e->part[w->part].b->bytes + w->at) != which->type)
        return false;
    if (which->addr == 0 && which->match == NULL)
        return true;
    m = oedit_msg(e, w);
    return (which->addr == 0 || which->addr == m.addr) &&
           (which->match == NULL || which->match(which->ctx, &m));
}

/* The next message that is meant, from *w on. */
static bool
oedit_next(const struct oedit *e, const struct ohdr_which *which, struct oedit_place *w)
{
    for (; w->part < e->nparts; w->part++, w->at = 0) {
        const struct oedit_part *const p = &e->part[w->part];

        if (w->at < p->start)
            w->at = p->start;
        for (; p->end - w->at >= e->head; w->at += w->size) {
            w->size = oedit_size(e, p->b->bytes + w->at);
            if (oedit_meant(e, w, which))
                return true;
        }
    }
    return false;
}

static bool
oedit_find(const struct oedit *e, const struct ohdr_which *which, struct oedit_place *w)
{
    *w = (struct oedit_place){0};
    return oedit_next(e, which, w);
}

/* The continuation message that points at chunk `part`. */
static struct oedit_place
oedit_host(const struct oedit *e, size_t part)
{
    const struct ohdr_which which = {.type = MSG_CONT};
    struct oedit_place w = {0};

    while (oedit_next(e, &which, &w)) {
        const struct ohdr_msg m = oedit_msg(e, &w);
        if (cur_raw_addr(m.body, e->meta->off_w) == e->part[part].b->block.addr)
            break;
        w.at += w.size;
    }
    return w;
}

/* ---- room ---- */

/* Put a message that has been checked where there is room for it. */
static void
oedit_put_in(struct oedit *e, size_t part, const struct ohdr_put *put)
{
    struct oedit_part *const p = &e->part[part];
    const size_t at = oedit_write(e, p->b, oedit_pack(e, p, NULL), put);

    e->begun = true;
    p->used += oedit_put_size(e, put->size);
    e->nmsgs++;
    oedit_fill(e, p, at);
}

/* A new chunk with room for `n` bytes of messages; it is not in the list yet. */
static hi5_status
oedit_new_part(const struct oedit *e, size_t n, struct oedit_part *p)
{
    const bool sum = e->prefix.version != 1;
    const size_t around = sum ? 4 + OEDIT_SUM : 0;

    TRY(stage_new(e->meta, n + around, &p->b, e->err));
    p->start = sum ? 4 : 0;
    p->end = p->start + n;
    p->used = 0;
    if (sum)
        memcpy(p->b->bytes, "OCHK", 4);
    return HI5_OK;
}

/* How large should a new chunk be that must hold `least` bytes? `wish`: if it may be as
 * large as that. */
static hi5_status
oedit_new_size(const struct oedit *e, size_t least, size_t wish, size_t *n)
{
    const unsigned len_w = e->meta->len_w;
    const uint64_t most = len_w < 4 ? ((uint64_t)1 << 8 * len_w) - 16 : UINT32_MAX - 15;
    size_t best = wish > OEDIT_CHUNK_MOST ? OEDIT_CHUNK_MOST : wish;

    best = best < OEDIT_CHUNK_LEAST ? OEDIT_CHUNK_LEAST : best;
    best = best < least ? least : best;
    best = (best + 7) / 8 * 8;
    if (best > most)
        best = (size_t)most / 8 * 8;
    if (best < least)
        return err_set(e->err, HI5_E_LIMIT, e->part[0].b->block.addr, oedit_name, "size",
                       "IV.A.2.q", "a chunk of %zu bytes is too large for this file's "
                       "lengths", least);
    *n = best;
    return HI5_OK;
}

/* The body of a continuation message that points at a chunk. */
static hi5_status
oedit_cont_body(const struct oedit *e, const struct staged *b, uint8_t *body)
{
    struct msg_cont m = {b->block.addr, b->block.size};
    struct cur c = cur_writer(body, 2u * 32, e->err);

    c.off_w = e->meta->off_w;
    c.len_w = e->meta->len_w;
    msg_cont_code(&c, &m);
    return c.status;
}

/* Move the last chunk to a larger place, and put a message behind the others. */
static hi5_status
oedit_grow(struct oedit *e, const struct ohdr_put *put)
{
    const size_t last = e->nparts - 1;
    const struct oedit_part old = e->part[last];
    const struct oedit_place host = oedit_host(e, last);
    const size_t need = old.used + oedit_put_size(e, put->size);
    struct oedit_part fresh;
    uint8_t body[2 * 32];
    size_t n, end;

    TRY(oedit_new_size(e, need, 2 * (old.end - old.start), &n));
    TRY(oedit_new_part(e, n, &fresh));
    TRY(oedit_cont_body(e, fresh.b, body));
    e->begun = true;
    end = oedit_pack(e, &old, NULL);
    memcpy(fresh.b->bytes + fresh.start, old.b->bytes + old.start, end - old.start);
    fresh.used = old.used;
    e->part[last] = fresh;
    memcpy(e->part[host.part].b->bytes + host.at + e->head, body,
           (size_t)e->meta->off_w + e->meta->len_w);
    oedit_changed(e, &e->part[host.part]);
    end = oedit_write(e, fresh.b, fresh.start + fresh.used, put);
    e->part[last].used = need;
    e->nmsgs++;
    oedit_fill(e, &e->part[last], end);
    return stage_free(e->meta, old.b->block.addr, old.b->block.size, e->err);
}

/* May a message make way for the continuation message? */
static bool
oedit_movable(const struct oedit *e, const uint8_t *p)
{
    const unsigned type = oedit_type(e, p);

    return type != MSG_NIL && type != MSG_CONT;
}

/* Which message of a chunk should go, so that `need` more bytes are free: the smallest
 * that suffices, attributes before others (the rest is needed to open the object). If
 * none does: all from some place on. Bytes [*from, *to) of the chunk; false: impossible. */
static bool
oedit_choose(const struct oedit *e, const struct oedit_part *p, size_t need,
             size_t *from, size_t *to)
{
    const uint8_t *const bytes = p->b->bytes;
    size_t best = SIZE_MAX, n, sum = 0;
    bool attr = false;

    for (size_t at = p->start; p->end - at >= e->head; at += n) {
        const bool is_attr = oedit_type(e, bytes + at) == MSG_ATTR;

        n = oedit_size(e, bytes + at);
        if (!oedit_movable(e, bytes + at))
            continue;
        sum += n;
        if (n >= need && (is_attr > attr || (is_attr == attr && n < best))) {
            best = n;
            attr = is_attr;
            *from = at;
            *to = at + n;
        }
    }
    if (best != SIZE_MAX || sum < need)
        return best != SIZE_MAX;
    *to = p->end;
    for (size_t at = p->start; sum >= need; at += n) {
        n = oedit_size(e, bytes + at);
        *from = at;
        sum -= oedit_movable(e, bytes + at) ? n : 0;
    }
    return true;
}

/* Where can a continuation message of `n` bytes go? To a chunk with room, the last ones
 * first, or to one where messages can make way: then *from < *to. */
static bool
oedit_choose_host(const struct oedit *e, size_t n, size_t *host, size_t *from,
                  size_t *to)
{
    *from = *to = 0;
    for (*host = e->nparts; (*host)-- > 0;)
        if (oedit_left(&e->part[*host]) >= n)
            return true;
    for (*host = e->nparts; (*host)-- > 0;) {
        const struct oedit_part *const p = &e->part[*host];
        if (oedit_choose(e, p, n - oedit_left(p), from, to))
            return true;
    }
    return false;
}

/* The movable messages in [from, to) of a chunk: how many bytes; and if `into` is not
 * NULL, move them there. */
static size_t
oedit_move(const struct oedit *e, struct oedit_part *p, size_t from, size_t to,
           struct oedit_part *into)
{
    size_t n, sum = 0;

    for (size_t at = from; at < to && p->end - at >= e->head; at += n) {
        uint8_t *const bytes = p->b->bytes + at;

        n = oedit_size(e, bytes);
        if (!oedit_movable(e, bytes))
            continue;
        sum += n;
        if (into == NULL)
            continue;
        memcpy(into->b->bytes + into->start + into->used, bytes, n);
        into->used += n;
        p->used -= n;
        oedit_make_nil(e, bytes);
    }
    return sum;
}

/* Continue the header in a new chunk, with this message in it. */
static hi5_status
oedit_continue(struct oedit *e, const struct ohdr_put *put)
{
    const size_t off_w = e->meta->off_w, len_w = e->meta->len_w;
    uint8_t body[2 * 32];
    const struct ohdr_put cont = {.type = MSG_CONT, .body = body, .size = off_w + len_w};
    size_t host, from, to, n, all = 0;
    struct oedit_part fresh;

    if (!oedit_choose_host(e, oedit_put_size(e, cont.size), &host, &from, &to))
        return err_set(e->err, HI5_E_UNSUPPORTED, e->part[0].b->block.addr, oedit_name,
                       "chunk size", "IV.A.1", "there is no room for a continuation");
    if (e->nparts > e->meta->limits.header_chunks)
        return err_set(e->err, HI5_E_LIMIT, e->part[0].b->block.addr, oedit_name, "",
                       "IV.A.1", "more than %lu continuation chunks",
                       (unsigned long)e->meta->limits.header_chunks);
    for (size_t i = 0; i < e->nparts; i++)
        all += e->part[i].end - e->part[i].start;
    n = oedit_put_size(e, put->size) + oedit_move(e, &e->part[host], from, to, NULL);
    TRY(oedit_part_room(e));
    TRY(oedit_new_size(e, n, all, &n));
    TRY(oedit_new_part(e, n, &fresh));
    TRY(oedit_cont_body(e, fresh.b, body));
    e->begun = true;
    oedit_move(e, &e->part[host], from, to, &fresh);
    e->part[e->nparts] = fresh;
    e->nparts++;
    oedit_put_in(e, host, &cont);
    n = oedit_write(e, fresh.b, fresh.start + fresh.used, put);
    e->part[e->nparts - 1].used = n - fresh.start;
    e->nmsgs++;
    oedit_fill(e, &e->part[e->nparts - 1], n);
    return HI5_OK;
}

/* Find or make room for a message that has been checked, and put it there. */
static hi5_status
oedit_place(struct oedit *e, const struct ohdr_put *put)
{
    const size_t n = oedit_put_size(e, put->size), last = e->nparts - 1;
    const uint64_t most = e->meta->limits.messages;

    /* A NIL for each chunk, and what is being added. */
    if (e->nmsgs + e->nparts + 3 > (most < UINT16_MAX ? most : UINT16_MAX))
        return err_set(e->err, HI5_E_LIMIT, e->part[0].b->block.addr, oedit_name, "",
                       "IV.A.1", "%zu messages are too many for one more", e->nmsgs);
    for (size_t i = 0; i < e->nparts; i++)
        if (oedit_left(&e->part[i]) >= n) {
            oedit_put_in(e, i, put);
            return HI5_OK;
        }
    if (last > 0 && e->part[last].end - e->part[last].start < OEDIT_CHUNK_MOST / 2)
        return oedit_grow(e, put);
    return oedit_continue(e, put);
}

/* ---- what others call ---- */

/* The bytes for messages in chunk 0. */
static size_t
oedit_first_room(const struct oedit *e, size_t need, size_t room)
{
    const size_t cont =
        oedit_put_size(e, (size_t)e->meta->off_w + (size_t)e->meta->len_w);

    room = room < need ? need : room;
    room = room < cont ? cont : room;
    return e->prefix.version == 1 ? (room + 7) / 8 * 8 : room;
}

/* Prefix values that follow from the room for messages. */
static void
oedit_set_prefix(struct oedit *e, size_t n, size_t need, size_t room)
{
    struct ohdr_prefix *const p = &e->prefix;
    const size_t nil = e->head + OEDIT_BODY_MOST / 8 * 8;

    p->chunk0 = room;
    if (p->version == 1) {
        p->declared = (uint16_t)(n + (room - need + nil - 1) / nil);
        return;
    }
    p->flags &= (uint8_t)~OHDR_F_SIZE_WIDTH;
    p->flags |= room <= 0xff ? 0 : room <= 0xffff ? 1 : 2; /* OH-13 */
}

HI5_INT hi5_status
ohdr_create(struct meta *m, const struct ohdr_prefix *p, const struct ohdr_put *put,
            size_t n, size_t room, uint64_t *addr, hi5_error *err)
{
    struct oedit e = {.meta = m, .err = err, .prefix = *p};
    struct cur c = cur_sizer(err);
    struct oedit_part part;
    size_t need = 0, at;

    e.head = oedit_put_size(&e, 0);
    for (size_t i = 0; i < n && i < UINT16_MAX; i++) {
        TRY(oedit_check(&e, &put[i]));
        need += oedit_put_size(&e, put[i].size);
    }
    room = oedit_first_room(&e, need, room);
    if (room > UINT32_MAX / 2 || n >= UINT16_MAX - 2 - room / OEDIT_BODY_MOST)
        return err_set(err, HI5_E_LIMIT, ADDR_NONE, oedit_name, "chunk size", "IV.A.1",
                       "%zu messages of %zu bytes are too many", n, need);
    oedit_set_prefix(&e, n, need, room);
    ohdr_prefix_code(&c, &e.prefix);
    if (!cur_ok(&c))
        return c.status;
    at = c.pos;
    TRY(stage_new(m, at + room + (p->version == 1 ? 0 : OEDIT_SUM), &part.b, err));
    part.start = at;
    part.end = at + room;
    c = stage_cursor(m, part.b, 0, NULL);
    ohdr_prefix_code(&c, &e.prefix);
    for (size_t i = 0; i < n; i++)
        at = oedit_write(&e, part.b, at, &put[i]);
    oedit_fill(&e, &part, at);
    *addr = part.b->block.addr;
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_look(struct meta *m, uint64_t addr, const struct ohdr_which *which,
          struct ohdr_msg *out, hi5_error *err)
{
    struct oedit_place w;
    hi5_status s = HI5_E_NOTFOUND;
    struct oedit e;

    TRY(oedit_open(&e, m, addr, false, err));
    if (oedit_find(&e, which, &w)) {
        *out = oedit_msg(&e, &w);
        s = HI5_OK;
    }
    oedit_close(&e);
    return s;
}

HI5_INT hi5_status
ohdr_add(struct meta *m, uint64_t addr, const struct ohdr_put *put, hi5_error *err)
{
    struct oedit e;
    hi5_status s;

    TRY(oedit_open(&e, m, addr, true, err));
    s = oedit_check(&e, put);
    if (s == HI5_OK)
        s = oedit_place(&e, put);
    if (e.begun)
        oedit_settle(&e);
    oedit_close(&e);
    return s;
}

/* Put a message in the place of another in the same chunk, the order being kept. */
static void
oedit_swap(struct oedit *e, const struct oedit_place *w, const struct ohdr_put *put)
{
    const size_t n = oedit_put_size(e, put->size);
    struct oedit_part *const p = &e->part[w->part];
    uint8_t *const bytes = p->b->bytes;
    size_t at = w->at, end;

    e->begun = true;
    if (n != w->size) {
        end = oedit_pack(e, p, &at);
        memmove(bytes + at + n, bytes + at + w->size, end - at - w->size);
        p->used += n;
        p->used -= w->size;
        oedit_fill(e, p, p->start + p->used);
    }
    oedit_write(e, p->b, at, put);
    oedit_changed(e, p);
}

/* It does not fit where it was: it goes elsewhere. */
static hi5_status
oedit_move_out(struct oedit *e, const struct oedit_place *w, const struct ohdr_put *put)
{
    struct oedit_part *const p = &e->part[w->part];
    uint8_t *const bytes = p->b->bytes + w->at;
    uint8_t type[2];
    hi5_status s;

    memcpy(type, bytes, 2);
    oedit_make_nil(e, bytes);
    p->used -= w->size;
    e->nmsgs--;
    s = oedit_place(e, put);
    if (s == HI5_OK) {
        /* What was freed may not have been looked at by oedit_place(). */
        const size_t part = w->part;
        oedit_fill(e, &e->part[part], oedit_pack(e, &e->part[part], NULL));
    } else if (!e->begun) {
        memcpy(bytes, type, 2);
    }
    return s;
}

HI5_INT hi5_status
ohdr_replace(struct meta *m, uint64_t addr, const struct ohdr_which *which,
             const struct ohdr_put *put, hi5_error *err)
{
    struct oedit_place w;
    struct oedit e;
    hi5_status s;

    TRY(oedit_open(&e, m, addr, true, err));
    s = oedit_check(&e, put);
    if (s == HI5_OK && !oedit_find(&e, which, &w))
        s = HI5_E_NOTFOUND;
    if (s == HI5_OK &&
        oedit_put_size(&e, put->size) <= oedit_left(&e.part[w.part]) + w.size)
        oedit_swap(&e, &w, put);
    else if (s == HI5_OK)
        s = oedit_move_out(&e, &w, put);
    if (e.begun)
        oedit_settle(&e);
    oedit_close(&e);
    return s;
}

/* Continuation chunks without messages go. */
static hi5_status
oedit_drop_empty(struct oedit *e)
{
    for (size_t i = e->nparts; i-- > 1;) {
        const struct oedit_part gone = e->part[i];
        const struct oedit_place host = oedit_host(e, i);
        struct oedit_part *const p = &e->part[host.part];

        if (gone.used != 0)
            continue;
        oedit_make_nil(e, p->b->bytes + host.at);
        p->used -= host.size;
        oedit_fill(e, p, oedit_pack(e, p, NULL));
        memmove(&e->part[i], &e->part[i + 1], (e->nparts - i - 1) * sizeof *e->part);
        e->nparts--;
        TRY(stage_free(e->meta, gone.b->block.addr, gone.b->block.size, e->err));
    }
    return HI5_OK;
}

/* The message becomes NIL; what is free is one again when the chunk closes up. */
static void
oedit_take_out(struct oedit *e, const struct oedit_place *w)
{
    struct oedit_part *const p = &e->part[w->part];

    oedit_make_nil(e, p->b->bytes + w->at);
    p->used -= w->size;
    e->nmsgs--;
    e->begun = true;
}

HI5_INT hi5_status
ohdr_remove(struct meta *m, uint64_t addr, const struct ohdr_which *which,
            hi5_error *err)
{
    struct oedit_place w = {0};
    hi5_status s = HI5_OK;
    struct oedit e;

    TRY(oedit_open(&e, m, addr, true, err));
    while (oedit_next(&e, which, &w))
        oedit_take_out(&e, &w);
    if (e.begun) {
        for (size_t i = 0; i < e.nparts; i++)
            oedit_fill(&e, &e.part[i], oedit_pack(&e, &e.part[i], NULL));
        s = oedit_drop_empty(&e);
        oedit_settle(&e);
    }
    s = s == HI5_OK && !e.begun ? HI5_E_NOTFOUND : s;
    oedit_close(&e);
    return s;
}

/* ---- reference counts and times ---- */

/* The count of a version-2 header, from its message. */
static uint32_t
oedit_refs(const struct oedit *e, const struct oedit_place *w)
{
    const struct ohdr_msg m = oedit_msg(e, w);
    struct cur c = meta_cursor_at(e->meta, m.body, m.size, m.addr, NULL, NULL);
    uint32_t n = 1;

    msg_refcount_code(&c, &n);
    return n;
}

static hi5_status
oedit_set_refs(struct oedit *e, uint32_t count)
{
    static const struct ohdr_which which = {.type = MSG_REFCOUNT};
    uint8_t body[8];
    struct cur c = cur_writer(body, sizeof body, e->err);
    struct ohdr_put put = {.type = MSG_REFCOUNT, .flags = MSG_F_DONT_SHARE,
                           .body = body};
    struct oedit_place w;
    bool found;

    if (e->prefix.version == 1) {
        e->prefix.refcount = count;
        oedit_put_prefix(e);
        return HI5_OK;
    }
    found = oedit_find(e, &which, &w);
    if (!found && count <= 1)
        return HI5_OK;
    if (count <= 1) {
        struct oedit_part *const p = &e->part[w.part];
        oedit_take_out(e, &w);
        oedit_fill(e, p, oedit_pack(e, p, NULL));
        return oedit_drop_empty(e);
    }
    msg_refcount_code(&c, &count);
    put.size = c.pos;
    if (!found)
        return oedit_place(e, &put);
    put.flags = oedit_msg(e, &w).flags;
    if (oedit_put_size(e, put.size) <= oedit_left(&e->part[w.part]) + w.size)
        oedit_swap(e, &w, &put);
    else
        return oedit_move_out(e, &w, &put);
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_set_refcount(struct meta *m, uint64_t addr, uint32_t count, hi5_error *err)
{
    struct oedit e;
    hi5_status s;

    TRY(oedit_open(&e, m, addr, true, err));
    s = oedit_set_refs(&e, count);
    oedit_close(&e);
    return s;
}

HI5_INT hi5_status
ohdr_add_refs(struct meta *m, uint64_t addr, int by, uint32_t *now, hi5_error *err)
{
    static const struct ohdr_which which = {.type = MSG_REFCOUNT};
    struct oedit_place w;
    struct oedit e;
    int64_t count;
    hi5_status s = HI5_OK;

    TRY(oedit_open(&e, m, addr, by != 0, err));
    if (e.prefix.version == 1)
        count = e.prefix.refcount;
    else
        count = oedit_find(&e, &which, &w) ? oedit_refs(&e, &w) : 1;
    count += by;
    if (count < 0 || count > UINT32_MAX)
        s = err_set(err, HI5_E_RANGE, addr, oedit_name, "reference count", "IV.A.1",
                    "it would become %lld", (long long)count);
    else if (by != 0)
        s = oedit_set_refs(&e, (uint32_t)count);
    if (s == HI5_OK)
        *now = (uint32_t)count;
    oedit_close(&e);
    return s;
}

HI5_INT hi5_status
ohdr_touch(struct meta *m, uint64_t addr, uint32_t now, hi5_error *err)
{
    static const struct ohdr_which which = {.type = MSG_MTIME};
    struct oedit_place w;
    struct oedit e;

    TRY(oedit_open(&e, m, addr, true, err));
    if (e.prefix.version != 1 && e.prefix.flags & OHDR_F_TIMES) {
        e.prefix.atime = e.prefix.ctime = now;
        oedit_put_prefix(&e);
    } else if (e.prefix.version == 1 && oedit_find(&e, &which, &w)) {
        struct oedit_part *const p = &e.part[w.part];
        struct cur c = stage_cursor(m, p->b, w.at + e.head, NULL);
        int64_t t = now;

        if (w.size - e.head >= 8)
            msg_mtime_code(&c, &t);
        oedit_changed(&e, p);
    }
    oedit_close(&e);
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_free(struct meta *m, uint64_t addr, hi5_error *err)
{
    hi5_status s = HI5_OK;
    struct oedit e;

    TRY(oedit_open(&e, m, addr, true, err));
    while (s == HI5_OK && e.nparts > 0) {
        const struct staged *const b = e.part[--e.nparts].b;
        s = stage_free(m, b->block.addr, b->block.size, err);
    }
    oedit_close(&e);
    return s;
}
