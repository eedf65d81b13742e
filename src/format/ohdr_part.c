/*
 * ohdr_part.c - object headers as bytes that can be changed        [FMT IV.A.1]
 *
 * A header is a few chunks, each a staged block. What is free in a chunk is wherever NIL
 * messages and the gap are; where a message is to be put, its chunk's messages close up
 * first, so that all that is free is at the end, and is one again.
 *
 * Bytes that are trusted have been through ohdr_read, or were written here; they are
 * looked at where they are.
 */
#include "format/ohdr_edit_impl.h"
#include "base/err.h"
#include <string.h>

/* ---- messages ---- */

HI5_INT struct ohdr_msg
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

static void
oedit_head_code(const struct oedit *e, struct cur *c, const struct ohdr_put *put)
{
    struct ohdr_msg m = {.type = put->type, .flags = put->flags, .order = put->order};

    m.size = oedit_put_size(e, put->size) - e->head;
    ohdr_msg_head_code(c, &m, e->prefix.version, e->prefix.flags);
}

HI5_INT hi5_status
oedit_check(const struct oedit *e, const struct ohdr_put *put)
{
    struct cur c;

    if (put->size > OEDIT_BODY_MOST ||
        oedit_put_size(e, put->size) - e->head > OEDIT_BODY_MOST)
        return err_set(e->err, HI5_E_LIMIT, ADDR_NONE, OEDIT_NAME, "message size",
                       "IV.A.1", "%zu bytes are too many for the %s message", put->size,
                       msg_name(put->type));
    if ((put->flags & ~(MSG_F_CONSTANT | MSG_F_DONT_SHARE)) == 0)
        return HI5_OK; /* these go with all others */
    c = cur_sizer(e->err);
    cur_begin(&c, OEDIT_NAME, "IV.A.1");
    oedit_head_code(e, &c, put);
    return c.status;
}

HI5_INT void
oedit_encode(const struct oedit *e, struct cur *c, const struct ohdr_put *put)
{
    const size_t pad = oedit_put_size(e, put->size) - e->head - put->size;
    const uint8_t *body = put->body;

    oedit_head_code(e, c, put);
    if (put->size != 0)
        cur_view(c, "message", &body, put->size);
    if (pad != 0)
        cur_skip(c, "padding", pad);
}

HI5_INT size_t
oedit_write(const struct oedit *e, struct staged *b, size_t at,
            const struct ohdr_put *put)
{
    struct cur c = stage_cursor(e->meta, b, at, NULL);

    cur_begin(&c, OEDIT_NAME, "IV.A.1");
    oedit_encode(e, &c, put);
    return at + oedit_put_size(e, put->size);
}

/* ---- chunks ---- */

HI5_INT void
oedit_changed(const struct oedit *e, const struct oedit_part *p)
{
    if (e->prefix.version == 1)
        stage_changed(p->b, 0, 0);
    else
        stage_changed(p->b, p->b->block.size - OEDIT_SUM, p->b->block.size - OEDIT_SUM);
}

/* OH-11: a chunk may have more room than a message. */
HI5_INT void
oedit_fill(const struct oedit *e, const struct oedit_part *p, size_t at)
{
    const size_t most = e->head + OEDIT_BODY_MOST / 8 * 8;
    size_t left = p->end - at;

    memset(p->b->bytes + at, 0, left);
    while (left >= e->head) {
        size_t n = left < most ? left : most;

        if (left - n != 0 && left - n < e->head)
            n -= e->head;
        oedit_size_nil(e, p->b->bytes + at, n);
        at += n;
        left -= n;
    }
    oedit_changed(e, p);
}

HI5_INT size_t
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

HI5_INT hi5_status
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

HI5_INT void
oedit_close(struct oedit *e)
{
    if (e->part != e->few)
        mem_free(e->meta->mem, e->part, e->room * sizeof *e->part);
}

/* ---- opening ---- */

/* Is the space of a chunk still this header's? */
static hi5_status
oedit_check_chunk(const struct meta *m, const struct ohdr_chunk *k, hi5_error *err)
{
    const struct staged *const b = stage_look(m, k->addr);

    if (b != NULL ? b->block.size == k->size : !stage_is_free(m, k->addr, k->size))
        return HI5_OK;
    return err_set(err, HI5_E_CORRUPT, k->addr, OEDIT_NAME, "", "IV.A.1",
                   "another structure claims the space of its chunk");
}

HI5_INT hi5_status
ohdr_read_to_change(struct meta *m, uint64_t addr, struct arena *a, struct ohdr **out,
                    hi5_error *err)
{
    struct ohdr *h;

    TRY(ohdr_read(m, addr, a, &h, err));
    for (size_t i = 0; i < h->nmsgs; i++)
        if ((h->msg[i].type >= MSG_KNOWN || h->msg[i].type == MSG_BOGUS) &&
            h->msg[i].flags & MSG_F_FAIL_IF_WRITABLE)
            return err_set(err, HI5_E_UNSUPPORTED, h->msg[i].addr, OEDIT_NAME,
                           "message type", "IV.A.1", "message 0x%02x is unknown, and must "
                           "be known to change the object", (unsigned)h->msg[i].type);
    for (size_t i = 0; i < h->nchunks; i++)
        TRY(oedit_check_chunk(m, &h->chunk[i], err));
    *out = h;
    return HI5_OK;
}

/* Decode all of it as a reader does, and stage its chunks. */
static hi5_status
oedit_load(struct oedit *e, uint64_t addr)
{
    struct meta *const m = e->meta;
    struct arena arena;
    struct ohdr *h;
    hi5_status s;

    arena_init(&arena, m->mem);
    s = ohdr_read_to_change(m, addr, &arena, &h, e->err);
    for (size_t i = 0; s == HI5_OK && i < h->nchunks; i++) {
        struct staged *b;

        s = stage_edit(m, h->chunk[i].addr, (size_t)h->chunk[i].size, OEDIT_NAME, &b,
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
    b = stage_look(e->meta, cont.addr); /* the header has been counted */
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
        e->nall++;
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
    struct staged *const b =
        change ? stage_find(e->meta, addr) : stage_look(e->meta, addr);
    struct cur c;

    e->nparts = e->nmsgs = e->nall = 0;
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

static void
oedit_init(struct oedit *e, struct meta *m, hi5_error *err)
{
    e->meta = m;
    e->err = err;
    e->begun = false;
    e->part = e->few;
    e->room = OEDIT_FEW;
}

HI5_INT bool
oedit_recall(struct oedit *e, struct meta *m, uint64_t addr, hi5_error *err)
{
    const uint64_t before = m->stage->changes;
    bool known;
    hi5_status s;

    oedit_init(e, m, NULL);
    s = oedit_walk(e, addr, false, &known);
    m->stage->changes = before; /* it was only looked at */
    if (s == HI5_OK && known) {
        e->err = err;
        return true;
    }
    oedit_close(e);
    return false;
}

HI5_INT hi5_status
oedit_open(struct oedit *e, struct meta *m, uint64_t addr, bool change, hi5_error *err)
{
    const uint64_t before = m->stage->changes;
    bool known;
    hi5_status s;

    oedit_init(e, m, err);
    s = oedit_walk(e, addr, change, &known);
    if (s == HI5_OK && !known) {
        s = oedit_load(e, addr);
        if (s == HI5_OK)
            s = oedit_walk(e, addr, change, &known);
        if (s == HI5_OK && !known)
            s = err_set(err, HI5_E_INTERNAL, addr, OEDIT_NAME, "", "IV.A.1",
                        "not as it was read");
    }
    if (s != HI5_OK) {
        m->stage->changes = before; /* copies may be staged, but none is changed */
        oedit_close(e);
    }
    return s;
}

HI5_INT void
oedit_put_prefix(struct oedit *e)
{
    struct cur c = stage_cursor(e->meta, e->part[0].b, 0, NULL);

    ohdr_prefix_code(&c, &e->prefix);
    oedit_changed(e, &e->part[0]);
}

HI5_INT void
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

HI5_INT bool
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

HI5_INT bool
oedit_find(const struct oedit *e, const struct ohdr_which *which, struct oedit_place *w)
{
    *w = (struct oedit_place){0};
    return oedit_next(e, which, w);
}

HI5_INT struct oedit_place
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
