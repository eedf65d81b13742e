/*
 * ohdr_known.c - headers that need not be read, since they are here  [FMT IV.A.1]
 *
 * What is written into a header is checked before it goes there, and what was changed has
 * been read before. So a header whose chunks are all staged and trusted is listed as it
 * is, without a look at checksums and meanings.
 */
#include "format/ohdr_edit_impl.h"
#include "base/err.h"

/* The messages of one chunk, with their bytes in the arena. */
static bool
known_list(const struct oedit *e, size_t part, struct arena *a, struct ohdr *h)
{
    const struct oedit_part *const p = &e->part[part];
    const uint8_t *const bytes = arena_copy(a, p->b->bytes, p->b->block.size);
    struct oedit_place w = {.part = part, .at = p->start};

    if (bytes == NULL)
        return false;
    h->chunk[h->nchunks++] = (struct ohdr_chunk){p->b->block.addr, p->b->block.size};
    for (; p->end - w.at >= e->head; w.at += w.size) {
        struct ohdr_msg *const m = &h->msg[h->nmsgs];

        w.size = oedit_size(e, bytes + w.at);
        *m = oedit_msg(e, &w);
        m->body = bytes + w.at + e->head;
        if (m->type == MSG_REFCOUNT && h->version != 1)
            h->refcount = oedit_refs(e, &w);
        ohdr_list(h);
    }
    return true;
}

static hi5_status
known_all(const struct oedit *e, uint64_t addr, struct arena *a, struct ohdr **out)
{
    struct ohdr *const h = arena_zalloc(a, 1, sizeof *h);

    if (h == NULL)
        return mem_fail(a->mem, sizeof *h, e->err);
    h->addr = addr;
    ohdr_set_prefix(h, &e->prefix);
    h->msg = arena_alloc(a, (e->nall + 1) * sizeof *h->msg);
    h->chunk = arena_alloc(a, e->nparts * sizeof *h->chunk);
    if (h->msg == NULL || h->chunk == NULL)
        return mem_fail(a->mem, sizeof *h->msg, e->err);
    for (size_t i = 0; i < e->nparts; i++)
        if (!known_list(e, i, a, h))
            return mem_fail(a->mem, e->part[i].b->block.size, e->err);
    h->flawed = h->version == 1 && h->nmsgs != h->declared;
    *out = h;
    return HI5_OK;
}

HI5_INT hi5_status
ohdr_known(struct meta *m, uint64_t addr, struct arena *a, struct ohdr **out,
           hi5_error *err)
{
    const uint64_t before = m->stage->changes;
    struct oedit e;
    hi5_status s;
    bool known;

    *out = NULL;
    known = oedit_recall(&e, m, addr, err);
    m->stage->changes = before; /* only looked at: who fails now has changed nothing */
    if (!known)
        return HI5_OK;
    s = known_all(&e, addr, a, out);
    oedit_close(&e);
    return s;
}
