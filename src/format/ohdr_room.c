/*
 * ohdr_room.c - finding room for messages in object headers        [FMT IV.A.1]
 *
 * A header without room is continued in a second chunk, which is moved to a larger place
 * when it is full: so headers seldom have a third. Where there is no room for the
 * continuation message either, others make way for it and go to the new chunk.
 */
#include "format/ohdr_edit_impl.h"
#include "base/err.h"
#include <string.h>

#define OEDIT_CHUNK_LEAST 128u         /* messages of a continuation chunk */
/* Messages of a continuation chunk, unless one message alone needs more. libhdf5 makes one
 * NIL message of all that is free side by side, and does not see that its size has only 16
 * bits. */
#define OEDIT_CHUNK_MOST 65528u

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
        return err_set(e->err, HI5_E_LIMIT, e->part[0].b->block.addr, OEDIT_NAME, "size",
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
        return err_set(e->err, HI5_E_UNSUPPORTED, e->part[0].b->block.addr, OEDIT_NAME,
                       "chunk size", "IV.A.1", "there is no room for a continuation");
    if (e->nparts > e->meta->limits.header_chunks)
        return err_set(e->err, HI5_E_LIMIT, e->part[0].b->block.addr, OEDIT_NAME, "",
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

HI5_INT hi5_status
oedit_put(struct oedit *e, const struct ohdr_put *put)
{
    const size_t n = oedit_put_size(e, put->size), last = e->nparts - 1;
    const uint64_t most = e->meta->limits.messages;

    /* A NIL for each chunk, and what is being added. */
    if (e->nmsgs + e->nparts + 3 > (most < UINT16_MAX ? most : UINT16_MAX))
        return err_set(e->err, HI5_E_LIMIT, e->part[0].b->block.addr, OEDIT_NAME, "",
                       "IV.A.1", "%zu messages are too many for one more", e->nmsgs);
    for (size_t i = 0; i < e->nparts; i++)
        if (oedit_left(&e->part[i]) >= n) {
            oedit_put_in(e, i, put);
            return HI5_OK;
        }
    if (last > 0 && e->part[last].used + n <= OEDIT_CHUNK_MOST)
        return oedit_grow(e, put);
    return oedit_continue(e, put);
}

/* Put a message in the place of another in the same chunk, the order being kept. */
static void
oedit_swap_here(struct oedit *e, const struct oedit_place *w, const struct ohdr_put *put)
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
    s = oedit_put(e, put);
    if (s == HI5_OK) {
        /* What was freed may not have been looked at by oedit_put(). */
        const size_t part = w->part;
        oedit_fill(e, &e->part[part], oedit_pack(e, &e->part[part], NULL));
    } else if (!e->begun) {
        memcpy(bytes, type, 2);
    }
    return s;
}

HI5_INT hi5_status
oedit_swap(struct oedit *e, const struct oedit_place *w, const struct ohdr_put *put)
{
    if (oedit_put_size(e, put->size) > oedit_left(&e->part[w->part]) + w->size)
        return oedit_move_out(e, w, put);
    oedit_swap_here(e, w, put);
    return HI5_OK;
}

HI5_INT hi5_status
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

HI5_INT void
oedit_take_out(struct oedit *e, const struct oedit_place *w)
{
    struct oedit_part *const p = &e->part[w->part];

    oedit_make_nil(e, p->b->bytes + w->at);
    p->used -= w->size;
    e->nmsgs--;
    e->begun = true;
}
