/*
 * gheap_edit.c - putting objects into global heap collections          [FMT III.E]
 *
 * Objects go one behind the other into one collection until the next does not fit; then
 * there is another, larger the more there are. What is left of a collection is an object
 * with index 0, as long as it has room for the head of one.
 */
#include "file/gheap_edit.h"
#include "base/ckd.h"
#include "base/err.h"
#include "base/stage.h"
#include "file/edit.h"
#include <string.h>

#define GHEAP_LEAST 4096u      /* bytes of a collection */
#define GHEAP_MOST (64u << 10) /* unless one object needs more */
#define GHEAP_INDEXES 65535u

struct gheap_edit {
    uint64_t addr;             /* of the collection that is being filled; or ADDR_NONE */
    size_t size, used;         /* bytes: in all, up to the free ones */
    uint32_t next;             /* index of the next object */
    struct staged *block;      /* valid while `txn` is the stage's */
    uint64_t txn;
    size_t want;               /* bytes of the next collection */
};

static size_t
gput_head(const struct meta *m)
{
    return (8u + m->len_w + 7u) / 8u * 8u;
}

static void
gput_number(uint8_t *p, uint64_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* An object's head: index, reference count 0, size. */
static void
gput_object(const struct meta *m, uint8_t *p, uint32_t index, uint64_t size)
{
    memset(p, 0, gput_head(m));
    gput_number(p, index, 2);
    gput_number(p + 8, size, m->len_w);
}

/* What is left of the collection. */
static void
gput_rest(const struct meta *m, struct gheap_edit *g)
{
    const size_t left = g->size - g->used;

    if (left >= gput_head(m))
        gput_object(m, g->block->bytes + g->used, 0, left);
    else
        memset(g->block->bytes + g->used, 0, left);
    stage_changed(g->block, 0, 0);
}

static hi5_status
gput_collection(hi5_file *f, size_t need, hi5_error *err)
{
    struct meta *const m = &f->meta;
    struct gheap_edit *const g = f->edit->gheap;
    const size_t head = gput_head(m);
    struct gcol col;
    struct cur c;

    if (need > SIZE_MAX - 2 * head - 8)
        return err_plain(err, HI5_E_LIMIT, "an object of %zu bytes", need);
    if (g->want < GHEAP_LEAST)
        g->want = GHEAP_LEAST;
    g->size = head + need > g->want ? (head + need + 7) / 8 * 8 : g->want;
    if (g->want < GHEAP_MOST)
        g->want *= 2;
    TRY(stage_new(m, g->size, &g->block, err));
    g->addr = g->block->block.addr;
    g->txn = m->stage->txn;
    col.size = g->size;
    c = stage_cursor(m, g->block, 0, err);
    gcol_code(&c, &col);
    g->used = head;
    g->next = 1;
    return c.status;
}

/* A collection with room for `need` bytes, in the stage. */
static hi5_status
gput_ready(hi5_file *f, size_t need, hi5_error *err)
{
    struct gheap_edit *g = f->edit->gheap;

    if (g == NULL) {
        g = mem_zalloc(&f->mem, 1, sizeof *g);
        if (g == NULL)
            return mem_fail(&f->mem, sizeof *g, err);
        g->addr = ADDR_NONE;
        f->edit->gheap = g;
    }
    if (g->addr == ADDR_NONE || g->next > GHEAP_INDEXES || need > g->size - g->used)
        return gput_collection(f, need, err);
    if (g->txn != f->meta.stage->txn) {
        TRY(stage_edit(&f->meta, g->addr, g->size, "GCOL", &g->block, err));
        g->txn = f->meta.stage->txn;
    }
    gheap_forget_at(f->gheap, g->addr);
    return HI5_OK;
}

HI5_INT hi5_status
gheap_put(hi5_file *f, const void *bytes, size_t n, uint64_t *addr, uint32_t *index,
          hi5_error *err)
{
    const struct meta *const m = &f->meta;
    const size_t head = gput_head(m);
    struct gheap_edit *g;
    uint8_t *p;

    *addr = 0;
    *index = 0;
    if (n == 0)
        return HI5_OK;
    if (n > SIZE_MAX - head - 8)
        return err_plain(err, HI5_E_LIMIT, "an object of %zu bytes", n);
    TRY(gput_ready(f, head + (n + 7) / 8 * 8, err));
    g = f->edit->gheap;
    p = g->block->bytes + g->used;
    gput_object(m, p, g->next, n);
    memcpy(p + head, bytes, n);
    memset(p + head + n, 0, (n + 7) / 8 * 8 - n);
    *addr = g->addr;
    *index = g->next++;
    g->used += head + (n + 7) / 8 * 8;
    gput_rest(m, g);
    return HI5_OK;
}

HI5_INT void
gheap_edit_close(hi5_file *f)
{
    if (f->edit->gheap != NULL)
        mem_free(&f->mem, f->edit->gheap, sizeof *f->edit->gheap);
    f->edit->gheap = NULL;
}
