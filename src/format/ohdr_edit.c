/*
 * ohdr_edit.c - changing object headers where they are             [FMT IV.A.1]
 */
#include "format/ohdr_edit_impl.h"
#include "base/err.h"

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

/* What is in front of the messages, and what they need, of a header with so much room. */
static hi5_status
oedit_plan(struct oedit *e, const struct ohdr_put *put, size_t n, size_t room,
           size_t *prefix, size_t *need)
{
    struct cur c = cur_sizer(e->err);

    *need = 0;
    for (size_t i = 0; i < n && i < UINT16_MAX; i++)
        *need += oedit_put_size(e, put[i].size);
    room = oedit_first_room(e, *need, room);
    if (room > UINT32_MAX / 2 || n >= UINT16_MAX - 2 - room / OEDIT_BODY_MOST)
        return err_set(e->err, HI5_E_LIMIT, ADDR_NONE, OEDIT_NAME, "chunk size",
                       "IV.A.1", "%zu messages of %zu bytes are too many", n, *need);
    oedit_set_prefix(e, n, *need, room);
    ohdr_prefix_code(&c, &e->prefix);
    *prefix = c.pos;
    return c.status;
}

/* Of the header's first chunk, whose messages begin at `prefix`. */
static size_t
oedit_chunk0_size(const struct oedit *e, size_t prefix)
{
    return prefix + (size_t)e->prefix.chunk0 + (e->prefix.version == 1 ? 0 : OEDIT_SUM);
}

static hi5_status
oedit_make(struct oedit *e, const struct ohdr_put *put, size_t n, size_t room, bool align,
           uint64_t *addr)
{
    struct oedit_part part;
    size_t need, at, size, over;
    struct cur c;

    e->head = oedit_put_size(e, 0);
    for (size_t i = 0; i < n && i < UINT16_MAX; i++)
        TRY(oedit_check(e, &put[i]));
    TRY(oedit_plan(e, put, n, room, &at, &need));
    size = oedit_chunk0_size(e, at);
    if (align && e->prefix.version != 1) {
        over = (size_t)((e->meta->eof + size) % STAGE_ALIGN);
        room = (size_t)e->prefix.chunk0 + (STAGE_ALIGN - over) % STAGE_ALIGN;
        TRY(oedit_plan(e, put, n, room, &at, &need));
        size = oedit_chunk0_size(e, at);
    }
    TRY(stage_new(e->meta, size, &part.b, e->err));
    part.start = at;
    part.end = at + (size_t)e->prefix.chunk0;
    c = stage_cursor(e->meta, part.b, 0, NULL);
    ohdr_prefix_code(&c, &e->prefix);
    for (size_t i = 0; i < n; i++)
        oedit_encode(e, &c, &put[i]);
    oedit_fill(e, &part, at + need);
    *addr = part.b->block.addr;
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_create(struct meta *m, const struct ohdr_prefix *p, const struct ohdr_put *put,
            size_t n, size_t room, uint64_t *addr, hi5_error *err)
{
    struct oedit e = {.meta = m, .err = err, .prefix = *p};

    return oedit_make(&e, put, n, room, false, addr);
}

HI5_INT hi5_status
ohdr_create_aligned(struct meta *m, const struct ohdr_prefix *p,
                    const struct ohdr_put *put, size_t n, size_t room, uint64_t *addr,
                    hi5_error *err)
{
    struct oedit e = {.meta = m, .err = err, .prefix = *p};

    return oedit_make(&e, put, n, room, true, addr);
}

HI5_INT hi5_status
ohdr_look(struct meta *m, uint64_t addr, const struct ohdr_which *which,
          struct ohdr_msg *out, hi5_error *err)
{
    const uint64_t before = m->stage->changes;
    struct oedit_place w;
    hi5_status s = HI5_E_NOTFOUND;
    struct oedit e;

    TRY(oedit_open(&e, m, addr, false, err));
    if (oedit_find(&e, which, &w)) {
        *out = oedit_msg(&e, &w);
        s = HI5_OK;
    }
    oedit_close(&e);
    m->stage->changes = before; /* looking changes nothing, though it may stage a copy */
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
        s = oedit_put(&e, put);
    if (e.begun)
        oedit_settle(&e);
    oedit_close(&e);
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
    if (s == HI5_OK)
        s = oedit_swap(&e, &w, put);
    if (e.begun)
        oedit_settle(&e);
    oedit_close(&e);
    return s;
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
HI5_INT uint32_t
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
        return oedit_put(e, &put);
    put.flags = oedit_msg(e, &w).flags;
    return oedit_swap(e, &w, &put);
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
        s = err_set(err, HI5_E_RANGE, addr, OEDIT_NAME, "reference count", "IV.A.1",
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
ohdr_free(struct meta *m, const struct ohdr *h, hi5_error *err)
{
    for (size_t i = h->nchunks; i-- > 0;)
        TRY(stage_free(m, h->chunk[i].addr, h->chunk[i].size, err));
    return HI5_OK;
}
