/*
 * gheap_edit.c - putting objects into global heap collections, and giving them back
 *                                                                      [FMT III.E]
 *
 * Objects go one behind the other into a collection that has room; where none has there
 * is another, larger the more there are. What is left of a collection is an object with
 * index 0, as long as it has room for the head of one. Where objects go, those behind
 * them move up, so that what is free stays in one piece at the end; indexes stay.
 */
#include "file/gheap_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/stage.h"
#include "file/edit.h"
#include <stdlib.h>
#include <string.h>

#define GHEAP_LEAST 4096u      /* bytes of a collection */
#define GHEAP_MOST (64u << 10) /* unless one object needs more */
#define GHEAP_INDEXES 65536u
#define GHEAP_ROOMS 16u        /* collections that are known to have room */

/* A collection that objects can be put into. */
struct gheap_room {
    uint64_t addr;
    size_t size, used;         /* bytes: in all, up to the free ones */
    uint32_t next, end;        /* indexes next..end-1 are free; there may be more */
    struct staged *block;      /* valid while `txn` is the stage's */
    uint64_t txn;
};

struct gheap_edit {
    struct gheap_room room[GHEAP_ROOMS]; /* [n]; the one used last is the first */
    size_t n;
    size_t want;               /* bytes of the next collection */
};

/* An object's head: index, reference count 0 (VLEN-09), size. */
static void
gput_object(const struct meta *m, uint8_t *p, uint32_t index, uint64_t size)
{
    cur_raw_store(p, 8, index);
    if (m->len_w == 8) {
        cur_raw_store(p + 8, 8, size);
        return;
    }
    memset(p + 8, 0, gheap_head_size(m) - 8);
    cur_raw_store(p + 8, m->len_w, size);
}

/* What is left of the collection; its size counts its own head. VLEN-02 */
static void
gput_rest(const struct meta *m, struct gheap_room *r)
{
    const size_t left = r->size - r->used;

    if (left >= gheap_head_size(m))
        gput_object(m, r->block->bytes + r->used, 0, left);
    else
        memset(r->block->bytes + r->used, 0, left);
    stage_changed(r->block, 0, 0);
}

/* ---- collections with room ---- */

static hi5_status
gput_edit(hi5_file *f, struct gheap_edit **out, hi5_error *err)
{
    struct gheap_edit *g = f->edit->gheap;

    if (g == NULL) {
        g = mem_zalloc(&f->mem, 1, sizeof *g);
        if (g == NULL)
            return mem_fail(&f->mem, sizeof *g, err);
        f->edit->gheap = g;
    }
    *out = g;
    return HI5_OK;
}

static void
gput_drop(struct gheap_edit *g, size_t i)
{
    g->n--;
    memmove(&g->room[i], &g->room[i + 1], (g->n - i) * sizeof *g->room);
}

/* Make `r` the first of them; the one that was not used for longest may have to go. */
static void
gput_first(struct gheap_edit *g, const struct gheap_room *r)
{
    const struct gheap_room copy = *r;
    size_t i = 0;

    while (i < g->n && g->room[i].addr != copy.addr)
        i++;
    if (i < g->n)
        gput_drop(g, i);
    else if (g->n == GHEAP_ROOMS)
        g->n--;
    memmove(&g->room[1], &g->room[0], g->n * sizeof *g->room);
    g->room[0] = copy;
    g->n++;
}

static hi5_status
gput_stage(hi5_file *f, struct gheap_room *r, hi5_error *err)
{
    if (r->block != NULL && r->txn == f->meta.stage->txn)
        return HI5_OK;
    TRY(stage_edit(&f->meta, r->addr, r->size, "GCOL", &r->block, err));
    r->txn = f->meta.stage->txn;
    return HI5_OK;
}

static hi5_status
gput_collection(hi5_file *f, struct gheap_edit *g, size_t need, hi5_error *err)
{
    struct meta *const m = &f->meta;
    const size_t head = gheap_head_size(m);
    struct gheap_room r = {.used = head, .next = 1, .end = GHEAP_INDEXES};
    struct gcol col;
    struct cur c;

    if (need > SIZE_MAX - 2 * head - 8)
        return err_plain(err, HI5_E_LIMIT, "an object of %zu bytes", need);
    if (g->want < GHEAP_LEAST)
        g->want = GHEAP_LEAST;
    r.size = head + need > g->want ? (head + need + 7) / 8 * 8 : g->want;
    if (g->want < GHEAP_MOST)
        g->want *= 2;
    TRY(stage_alloc(m, STAGE_HEAP, r.size, &r.addr, err));
    TRY(stage_new_at(m, r.addr, r.size, &r.block, err));
    r.txn = m->stage->txn;
    col.size = r.size;
    c = stage_cursor(m, r.block, 0, err);
    gcol_code(&c, &col);
    if (cur_ok(&c))
        gput_first(g, &r);
    return c.status;
}

/* ---- the objects of a collection ---- */

/* The object at `at`: how many bytes it takes with its head, 0 if it makes no sense. */
static size_t
gput_step(const struct meta *m, const uint8_t *bytes, size_t at, size_t size,
          uint32_t *index)
{
    const size_t head = gheap_head_size(m), left = size - at;
    uint64_t n;

    if (left < head)
        return 0;
    *index = (uint32_t)cur_raw_uint(bytes + at, 2);
    n = cur_raw_addr(bytes + at + 8, m->len_w);
    if (*index == 0)
        return n >= head && n <= left ? (size_t)n : 0;
    return n <= left - head ? head + ((size_t)n + 7) / 8 * 8 : 0;
}

/* Find indexes that are free: the longest row of them. It is asked for once 65535 have
 * been given out. VLEN-06 */
static void
gput_find_indexes(const struct meta *m, struct gheap_room *r)
{
    uint8_t taken[GHEAP_INDEXES / 8] = {1};
    uint32_t index, first = 1;

    for (size_t at = gheap_head_size(m), n; at < r->used; at += n) {
        n = gput_step(m, r->block->bytes, at, r->size, &index);
        if (n == 0)
            break;
        taken[index / 8] |= (uint8_t)(1u << index % 8);
    }
    r->next = r->end = 0;
    for (uint32_t i = 1; i <= GHEAP_INDEXES; i++) {
        if (i < GHEAP_INDEXES && (taken[i / 8] >> i % 8 & 1) == 0)
            continue;
        if (i - first > r->end - r->next) {
            r->next = first;
            r->end = i;
        }
        first = i + 1;
    }
}

/* A collection with room for `need` bytes, in the stage: the first. */
static hi5_status
gput_ready(hi5_file *f, size_t need, struct gheap_room **out, hi5_error *err)
{
    struct gheap_edit *g = NULL;
    size_t i = 0;

    TRY(gput_edit(f, &g, err));
    while (i < g->n) {
        struct gheap_room *const r = &g->room[i];

        if (r->size - r->used < gheap_head_size(&f->meta) + 8) {
            gput_drop(g, i);
            continue;
        }
        if (need > r->size - r->used) {
            i++;
            continue;
        }
        TRY(gput_stage(f, r, err));
        if (r->next == r->end)
            gput_find_indexes(&f->meta, r);
        if (r->next < r->end)
            break;
        gput_drop(g, i);
    }
    if (i == g->n)
        TRY(gput_collection(f, g, need, err));
    else if (i != 0)
        gput_first(g, &g->room[i]);
    *out = &g->room[0];
    gheap_forget_at(f->gheap, g->room[0].addr);
    return HI5_OK;
}

HI5_INT hi5_status
gheap_put(hi5_file *f, const void *bytes, size_t n, uint64_t *addr, uint32_t *index,
          hi5_error *err)
{
    const struct meta *const m = &f->meta;
    const size_t head = gheap_head_size(m);
    struct gheap_room *r;
    uint8_t *p;

    *addr = 0;
    *index = 0;
    if (n > SIZE_MAX - head - 8)
        return err_plain(err, HI5_E_LIMIT, "an object of %zu bytes", n);
    TRY(gput_ready(f, head + (n + 7) / 8 * 8, &r, err));
    p = r->block->bytes + r->used;
    gput_object(m, p, r->next, n);
    if (n != 0) {
        cur_raw_store(p + head + (n - 1) / 8 * 8, 8, 0); /* what follows it */
        memcpy(p + head, bytes, n);
    }
    *addr = r->addr;
    *index = r->next++;
    r->used += head + (n + 7) / 8 * 8;
    gput_rest(m, r);
    return HI5_OK;
}

/* ---- giving objects back ---- */

static int
gput_compare(const void *a, const void *b)
{
    const struct gheap_id *const x = a, *const y = b;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Is it among those that go? */
static bool
gput_goes(const struct gheap_id *id, size_t n, uint32_t index)
{
    const struct gheap_id wanted = {n != 0 ? id->addr : ADDR_NONE, index};

    return n != 0 && bsearch(&wanted, id, n, sizeof *id, gput_compare) != NULL;
}

/* What is known of the collection at `addr`, in the stage; r->size 0: there is none. */
static hi5_status
gput_open(hi5_file *f, struct gheap_edit *g, uint64_t addr, struct gheap_room *r,
          hi5_error *err)
{
    struct meta *const m = &f->meta;
    const size_t head = gheap_head_size(m);
    uint8_t bytes[16];
    struct gcol col;
    struct cur c;

    for (size_t i = 0; i < g->n; i++)
        if (g->room[i].addr == addr) {
            TRY(gput_stage(f, &g->room[i], err));
            *r = g->room[i];
            return HI5_OK;
        }
    *r = (struct gheap_room){.addr = addr};
    /* One that was emptied is gone, whoever still has an ID of it. */
    if (addr >= m->eof || m->eof - addr < head || stage_is_free(m, addr, head))
        return HI5_OK;
    TRY(meta_copy(m, addr, head, "GCOL", bytes, err));
    c = meta_cursor_at(m, bytes, head, addr, NULL, NULL);
    gcol_code(&c, &col);
    if (!cur_ok(&c) || col.size > m->eof - addr || !ckd_size(col.size, &r->size)) {
        r->size = 0;
        return HI5_OK;
    }
    return gput_stage(f, r, err);
}

/* Do the objects of a collection follow one another to its end? */
static bool
gput_sound(const struct meta *m, const struct gheap_room *r)
{
    const size_t head = gheap_head_size(m);
    uint32_t index;
    size_t at = head, n;

    if (r->block->trusted)
        return true;
    for (; r->size - at >= head; at += n) {
        n = gput_step(m, r->block->bytes, at, r->size, &index);
        if (n == 0 || n > r->size - at)
            return false;
    }
    r->block->trusted = true;
    return true;
}

/* Take objects out of a collection: what stays moves up. Those with more than one
 * reference stay. */
static void
gput_take(const struct meta *m, struct gheap_room *r, const struct gheap_id *id,
          size_t n)
{
    const size_t head = gheap_head_size(m);
    uint8_t *const bytes = r->block->bytes;
    size_t at = head, from = head, step; /* what stays begins at `from` */
    uint32_t index, last = 0;

    r->used = head;
    for (; r->size - at >= head; at += step) {
        step = gput_step(m, bytes, at, r->size, &index);
        if (index > last)
            last = index;
        if (index != 0 &&
            (cur_raw_uint(bytes + at + 2, 2) > 1 || !gput_goes(id, n, index)))
            continue;
        memmove(bytes + r->used, bytes + from, at - from);
        r->used += at - from;
        from = at + step;
    }
    if (from < at) {
        memmove(bytes + r->used, bytes + from, at - from);
        r->used += at - from;
    }
    if (r->end == 0) {
        r->next = last + 1;
        r->end = GHEAP_INDEXES;
    }
    gput_rest(m, r);
}

/* Give back the `n` objects at `id`, all of one collection. */
static hi5_status
gput_give(hi5_file *f, struct gheap_edit *g, const struct gheap_id *id, size_t n,
          hi5_error *err)
{
    struct meta *const m = &f->meta;
    struct gheap_room r;

    TRY(gput_open(f, g, id->addr, &r, err));
    if (r.size == 0 || !gput_sound(m, &r))
        return HI5_OK;
    gheap_forget_at(f->gheap, r.addr);
    gput_take(m, &r, id, n);
    gput_first(g, &r);
    if (r.used != gheap_head_size(m))
        return HI5_OK;
    gput_drop(g, 0); /* nothing is left in it */
    return stage_free_raw(m, r.addr, r.size, err);
}

HI5_INT hi5_status
gheap_remove(hi5_file *f, struct gheap_id *id, size_t n, hi5_error *err)
{
    struct gheap_edit *g = NULL;

    if (n == 0)
        return HI5_OK;
    TRY(gput_edit(f, &g, err));
    qsort(id, n, sizeof *id, gput_compare);
    for (size_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && id[k].addr == id[i].addr;)
            k++;
        TRY(gput_give(f, g, id + i, k - i, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
gheap_learn(hi5_file *f, struct gheap_id id, hi5_error *err)
{
    struct gheap_edit *g = NULL;
    struct gheap_room r;

    TRY(gput_edit(f, &g, err));
    for (size_t i = 0; i < g->n; i++)
        if (g->room[i].addr == id.addr)
            return HI5_OK;
    TRY(gput_open(f, g, id.addr, &r, err));
    if (r.size == 0 || !gput_sound(&f->meta, &r))
        return HI5_OK;
    gput_take(&f->meta, &r, NULL, 0);
    gput_first(g, &r);
    return HI5_OK;
}

HI5_INT void
gheap_edit_close(hi5_file *f)
{
    if (f->edit->gheap != NULL)
        mem_free(&f->mem, f->edit->gheap, sizeof *f->edit->gheap);
    f->edit->gheap = NULL;
}
