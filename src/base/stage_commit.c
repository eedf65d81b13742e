/*
 * stage_commit.c - making the staged state the committed one
 *
 * First everything fresh is written, which cannot hurt the committed state. Then the rest
 * is put in place: by one write, if that is all in one sector (a sector is written whole
 * or not at all; a process that is killed does not tear it either), or else through a
 * journal.
 */
#include "base/err.h"
#include "base/io.h"
#include "base/journal.h"
#include "base/stage.h"
#include <stdlib.h>
#include <string.h>

#define STAGE_GATHER (1u << 20)
#define STAGE_SECTOR 512u
#define STAGE_FRESH_MOST (32u << 20) /* bytes of fresh blocks that wait in memory */
#define STAGE_OLD_MOST (64u << 20)   /* of changed blocks and pages of the committed state */

HI5_INT hi5_status
stage_break(struct meta *m, hi5_status s)
{
    if (m->stage->broken == HI5_OK)
        m->stage->broken = s;
    return s;
}

HI5_INT hi5_status
stage_check(const struct meta *m, hi5_error *err)
{
    if (m->stage == NULL)
        return err_plain(err, HI5_E_STATE, "the file was opened for reading only");
    if (m->stage->broken != HI5_OK)
        return err_plain(err, HI5_E_STATE,
                         "an earlier change failed half way (%s); what was changed since "
                         "the last commit is lost",
                         hi5_status_name(m->stage->broken));
    return HI5_OK;
}

HI5_INT bool
stage_is_full(const struct meta *m)
{
    return m->stage->old_bytes + (uint64_t)m->stage->npages * (64u << 10) >
           STAGE_OLD_MOST;
}

static int
stage_by_address(const void *a, const void *b)
{
    const uint64_t x = (*(struct staged *const *)a)->block.addr;
    const uint64_t y = (*(struct staged *const *)b)->block.addr;

    return x < y ? -1 : x > y;
}

/* Blocks on their way out, side by side in one write. */
struct stage_out {
    struct meta *m;
    uint8_t *buf;
    size_t used;
    uint64_t addr;
};

static hi5_status
stage_out_flush(struct stage_out *o, hi5_error *err)
{
    const size_t n = o->used;

    o->used = 0;
    return n == 0 ? HI5_OK : stage_put(o->m, o->addr, o->buf, n, err);
}

static hi5_status
stage_out_put(struct stage_out *o, const struct staged *b, hi5_error *err)
{
    const size_t n = b->block.size;

    if (o->used != 0 &&
        (o->addr + o->used != b->block.addr || n > STAGE_GATHER - o->used))
        TRY(stage_out_flush(o, err));
    if (n > STAGE_GATHER)
        return stage_put(o->m, b->block.addr, b->bytes, n, err);
    if (o->used == 0)
        o->addr = b->block.addr;
    memcpy(o->buf + o->used, b->bytes, n);
    o->used += n;
    return HI5_OK;
}

/* The list sorted by address, each block with its checksum. */
static void
stage_sort(struct stage *s)
{
    bool sorted = true; /* mostly they are, since space is given out upwards */

    for (size_t i = 1; i < s->n && sorted; i++)
        sorted = s->list[i - 1]->block.addr < s->list[i]->block.addr;
    if (!sorted)
        qsort(s->list, s->n, sizeof(void *), stage_by_address);
    for (size_t i = 0; i < s->n; i++) {
        s->list[i]->listed = i;
        stage_sum(s->list[i]);
    }
}

/* Write all fresh blocks. They stay staged. */
static hi5_status
stage_write_fresh(struct meta *m, hi5_error *err)
{
    struct stage *const s = m->stage;
    struct stage_out o = {.m = m};
    hi5_status st = HI5_OK;

    if (s->fresh_bytes == 0)
        return HI5_OK;
    o.buf = mem_alloc(m->mem, STAGE_GATHER);
    if (o.buf == NULL)
        return mem_fail(m->mem, STAGE_GATHER, err);
    for (size_t i = 0; i < s->n && st == HI5_OK; i++)
        if (s->list[i]->fresh)
            st = stage_out_put(&o, s->list[i], err);
    if (st == HI5_OK)
        st = stage_out_flush(&o, err);
    mem_free(m->mem, o.buf, STAGE_GATHER);
    return st;
}

HI5_INT hi5_status
stage_rest(struct meta *m, hi5_error *err)
{
    struct stage *const s = m->stage;

    if (s->fresh_bytes <= STAGE_FRESH_MOST)
        return HI5_OK;
    stage_sort(s);
    TRY(stage_write_fresh(m, err));
    stage_drop_fresh(s);
    return HI5_OK;
}

/* ---- the commit ---- */

/* What has to be put in place, by address. Blocks and raw bytes never overlap. */
static size_t
stage_collect(const struct stage *s, struct journal_entry *e)
{
    const uint64_t base = s->meta->base;
    bool raw = stage_raw_entry(s, 0, &e[0]);
    size_t n = 0;

    for (size_t i = 0; i < s->n || raw; n++) {
        const struct staged *b;

        while (i < s->n && s->list[i]->fresh)
            i++;
        b = i < s->n ? s->list[i] : NULL;
        if (raw && (b == NULL || e[n].target < base + b->block.addr)) {
            raw = stage_raw_entry(s, e[n].target - base + e[n].size, &e[n + 1]);
            continue;
        }
        if (b == NULL)
            break;
        if (raw)
            e[n + 1] = e[n];
        e[n] = (struct journal_entry){.target = base + b->block.addr,
                                      .size = b->block.size, .bytes = b->bytes};
        i++;
    }
    return n;
}

/* One write that no crash can tear needs no journal. Members of a family may end within a
 * sector. */
static bool
stage_in_sector(const struct meta *m, const struct journal_entry *e, size_t n)
{
    if (io_family_member(&m->io) % STAGE_SECTOR != 0)
        return n == 0;
    return n == 0 ||
           (n == 1 && e->target / STAGE_SECTOR == (e->target + e->size - 1) / STAGE_SECTOR);
}

/* The file must reach to its end, even where nothing was written. */
static hi5_status
stage_resize(struct meta *m, uint64_t size, hi5_error *err)
{
    if (m->stage->physical == size)
        return HI5_OK;
    TRY(m->io.truncate(m->io.ctx, size, err));
    m->stage->physical = size;
    return HI5_OK;
}

/* All that can be done without touching the committed state. */
static hi5_status
stage_prepare(struct meta *m, struct journal_entry *e, size_t n, bool durable,
              hi5_error *err)
{
    struct stage *const s = m->stage;
    const uint64_t size = m->base + m->eof;

    TRY(stage_flush_tail(m, err));
    TRY(stage_write_fresh(m, err));
    if (s->physical < size)
        TRY(stage_resize(m, size, err));
    if (durable)
        TRY(m->io.sync(m->io.ctx, err));
    if (stage_in_sector(m, e, n))
        return HI5_OK;
    TRY(journal_write(&m->io, m->mem, s->physical, size, e, n, err));
    TRY(m->io.get_size(m->io.ctx, &s->physical, err));
    return durable ? m->io.sync(m->io.ctx, err) : HI5_OK;
}

static hi5_status
stage_finish(struct meta *m, const struct journal_entry *e, size_t n, bool durable,
             hi5_error *err)
{
    TRY(journal_apply(&m->io, e, n, err));
    if (durable)
        TRY(m->io.sync(m->io.ctx, err));
    return stage_resize(m, m->base + m->eof, err);
}

static void
stage_settle(struct meta *m)
{
    struct stage *const s = m->stage;

    stage_drop_all(s);
    s->committed = m->eof;
    stage_settle_space(s);
    s->written = 0;
}

HI5_INT hi5_status
stage_commit(struct meta *m, bool durable, hi5_error *err)
{
    struct stage *const s = m->stage;
    const size_t room =
        (s->n + s->npages + s->raw.n + 1) * sizeof(struct journal_entry);
    struct journal_entry *const e = mem_alloc(m->mem, room);
    hi5_status st;
    size_t n;

    durable = (durable || s->durable) && m->io.sync != NULL;
    if (e == NULL || !stage_reserve_space(s)) {
        mem_free(m->mem, e, room);
        return mem_fail(m->mem, room, err);
    }
    stage_sort(s);
    n = stage_collect(s, e);
    st = stage_prepare(m, e, n, durable, err);
    if (st == HI5_OK) {
        st = stage_finish(m, e, n, durable, err);
        if (st == HI5_OK)
            stage_settle(m);
        else
            s->torn = stage_break(m, st) != HI5_OK;
    }
    mem_free(m->mem, e, room);
    return st;
}

HI5_INT void
stage_abort(struct meta *m)
{
    struct stage *const s = m->stage;

    stage_drop_all(s);
    stage_abort_space(s);
    s->written = 0;
    s->broken = HI5_OK;
}
