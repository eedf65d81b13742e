/*
 * gheap.c - global heap collections: variable-length data          [FMT III.E]
 *
 * Variable-length elements, region references and virtual dataset mappings hold global
 * heap IDs: the address of a collection, and the index of an object in it.
 *
 * A collection is walked once, when it is first needed, into a table from object index
 * to offset; then each lookup is O(1). Tables and bytes of collections are kept up to a
 * fixed budget, the most recently used ones first.
 */
#include "format/gheap.h"
#include "base/err.h"
#include <string.h>

/*
 * Global Heap Collection                                           [FMT III.E]
 *
 *   size  field
 *      4  signature            "GCOL"
 *      1  version              1
 *      3  reserved
 *      L  collection size      bytes in all, this header included
 *         padding to a multiple of 8
 *
 * The format's minimum of 4096 is a writer's rule: other libraries wrote smaller
 * collections, and nothing depends on it when reading.
 */
HI5_INT void
gcol_code(struct cur *c, struct gcol *h)
{
    cur_begin(c, "GCOL", "III.E");
    cur_signature(c, "GCOL");
    cur_const(c, "version", 1, 1);
    cur_reserved(c, 3);
    cur_len(c, "collection size", &h->size);
    cur_pad(c, 8);

    cur_require(c, h->size >= c->pos - c->start, "collection size",
                "the collection is smaller than its header");
    cur_expect(c, h->size >= 4096, "collection size", "it is less than 4096");
    cur_expect(c, h->size % 8 == 0, "collection size", "it is not a multiple of 8");
}

/*
 * Global Heap Object                                               [FMT III.E]
 *
 *   size  field
 *      2  heap object index    0: what is left of the collection
 *      2  reference count      libhdf5 writes 0 (U-GH-2)
 *      4  reserved
 *      L  object size          of the data alone; index 0: with this header (U-GH-3)
 *         padding to a multiple of 8
 *      -  object data, padded to a multiple of 8
 */
HI5_INT void
gheap_object_code(struct cur *c, struct gheap_object *o)
{
    cur_begin(c, "global heap object", "III.E");
    cur_u16(c, "heap object index", &o->index);
    cur_u16(c, "reference count", &o->refcount);
    cur_reserved(c, 4);
    cur_len(c, "object size", &o->size);
    cur_pad(c, 8);
}

#define GHEAP_BUCKETS 1024u
/* Bytes of collections, and their tables, that are kept while nobody holds them. */
#define GHEAP_BUDGET (8u << 20)
/* The same while somebody goes through the data of a whole dataset. */
#define GHEAP_SCAN (1u << 20)
#define GHEAP_FIRST 4096u /* how large collections are taken to be at first */
#define GHEAP_GUESS (64u << 10)

/* An indexed collection. Immutable but for the links and counts, which the lock guards. */
struct gheap_col {
    uint64_t addr, size;
    uint8_t *bytes;
    size_t there; /* how many of `size` the file has */
    uint32_t *at; /* [n]: by object index, the object's offset / 8; 0: there is none */
    size_t n;
    uint64_t cost;
    unsigned held;
    bool listed;
    struct gheap_col *chain, *newer, *older;
};

struct gheap {
    struct meta *meta;
    struct mutex lock;
    uint64_t cost, budget;
    size_t guess;   /* how large the next collection may be */
    uint64_t epoch; /* counts gheap_forget */
    struct gheap_col *newest, *oldest;
    struct gheap_col **bucket; /* [GHEAP_BUCKETS]; NULL: nothing has been listed */
};

/* ---- indexing ---- */

static hi5_status
gheap_note(const struct gheap *g, struct gheap_col *col, uint16_t index, size_t at,
           hi5_error *err)
{
    if (index >= col->n) {
        size_t n = col->n != 0 ? col->n : 64;
        uint32_t *grown;

        while (n <= index)
            n *= 2;
        grown = mem_resize(g->meta->mem, col->at, col->n * sizeof *col->at,
                           n * sizeof *grown);
        if (grown == NULL)
            return mem_fail(g->meta->mem, n * sizeof *grown, err);
        memset(grown + col->n, 0, (n - col->n) * sizeof *grown);
        col->at = grown;
        col->n = n;
    }
    col->at[index] = (uint32_t)(at / 8);
    return HI5_OK;
}

/* Walk the objects. The walk ends where there is no more sense: at a free-space object
 * that leads nowhere (U-GH-7), or at an object that runs past the collection. That one is
 * noted, so that asking for it says what is wrong; the others stay readable. EVIL-06 */
static hi5_status
gheap_index(const struct gheap *g, struct gheap_col *col, hi5_error *err)
{
    const struct meta *m = g->meta;
    const size_t head = gheap_head_size(m);
    const size_t end = col->there;
    size_t at = head;

    while (end - at >= head && at / 8 <= UINT32_MAX) {
        const uint8_t *const p = col->bytes + at;
        const uint16_t index = (uint16_t)cur_raw_uint(p, 2);
        const uint64_t size = cur_raw_addr(p + 8, m->len_w);
        uint64_t step = size;

        if (index != 0) {
            TRY(gheap_note(g, col, index, at, err));
            if (size > end - at - head)
                break;
            step = head + (size + 7) / 8 * 8;
        }
        if (step < head || step > end - at)
            break;
        at += (size_t)step;
    }
    return HI5_OK;
}

static void
gheap_drop(struct gheap *g, struct gheap_col *col)
{
    struct mem *const mem = g->meta->mem;

    mem_free(mem, col->bytes, col->there);
    mem_free(mem, col->at, col->n * sizeof *col->at);
    mem_free(mem, col, sizeof *col);
}

/* Have the first n bytes of a collection in memory; some may be there already. */
static hi5_status
gheap_have(struct meta *m, struct gheap_col *col, size_t n, hi5_error *err)
{
    const size_t old = col->there;
    const size_t from = m->stage == NULL ? old : 0; /* staged blocks have one address */
    uint8_t *const bytes = mem_resize(m->mem, col->bytes, old, n);

    if (bytes == NULL)
        return mem_fail(m->mem, n, err);
    col->bytes = bytes;
    col->there = n;
    return n > old ? meta_copy(m, col->addr + from, n - from, "GCOL", bytes + from, err)
                   : HI5_OK;
}

/* Read and check a whole collection. How large it is only its header tells, so the first
 * read is a guess. */
static hi5_status
gheap_fetch(struct meta *m, struct gheap_col *col, size_t guess, hi5_error *err)
{
    const size_t head = gheap_head_size(m);
    struct gcol h;
    struct cur c;
    size_t n = meta_clip(m, col->addr, guess);

    TRY(gheap_have(m, col, n > head ? n : head, err));
    c = meta_cursor_at(m, col->bytes, head, col->addr, NULL, err);
    gcol_code(&c, &h);
    if (!cur_ok(&c))
        return c.status;
    col->size = h.size;
    n = meta_clip(m, col->addr, h.size < SIZE_MAX ? (size_t)h.size : SIZE_MAX);
    return gheap_have(m, col, n, err);
}

static hi5_status
gheap_load(struct gheap *g, uint64_t addr, size_t guess, struct gheap_col **out,
           hi5_error *err)
{
    struct mem *const mem = g->meta->mem;
    struct gheap_col *const col = mem_zalloc(mem, 1, sizeof *col);
    hi5_status s;

    if (col == NULL)
        return mem_fail(mem, sizeof *col, err);
    col->addr = addr;
    s = gheap_fetch(g->meta, col, guess, err);
    if (s == HI5_OK)
        s = gheap_index(g, col, err);
    if (s != HI5_OK) {
        gheap_drop(g, col);
        return s;
    }
    col->cost = sizeof *col + col->n * sizeof *col->at + col->there;
    col->held = 1;
    *out = col;
    return HI5_OK;
}

/* ---- the list of collections; these are called with the lock held ---- */

static struct gheap_col **
gheap_bucket(struct gheap *g, uint64_t addr)
{
    return &g->bucket[(addr * 0x9e3779b97f4a7c15u >> 32) % GHEAP_BUCKETS];
}

static void
gheap_lru_out(struct gheap *g, struct gheap_col *col)
{
    if (col->newer != NULL)
        col->newer->older = col->older;
    else
        g->newest = col->older;
    if (col->older != NULL)
        col->older->newer = col->newer;
    else
        g->oldest = col->newer;
}

static void
gheap_lru_in(struct gheap *g, struct gheap_col *col)
{
    col->newer = NULL;
    col->older = g->newest;
    if (g->newest != NULL)
        g->newest->newer = col;
    else
        g->oldest = col;
    g->newest = col;
}

static struct gheap_col *
gheap_find(struct gheap *g, uint64_t addr)
{
    struct gheap_col *col = g->bucket != NULL ? *gheap_bucket(g, addr) : NULL;

    while (col != NULL && col->addr != addr)
        col = col->chain;
    if (col != NULL && col != g->newest) {
        gheap_lru_out(g, col);
        gheap_lru_in(g, col);
    }
    return col;
}

static void
gheap_unlist(struct gheap *g, struct gheap_col *col)
{
    struct gheap_col **p = gheap_bucket(g, col->addr);

    while (*p != col)
        p = &(*p)->chain;
    *p = col->chain;
    gheap_lru_out(g, col);
    g->cost -= col->cost;
    col->listed = false;
}

/* List a fresh collection. What has to go for it is handed back as a chain. */
static struct gheap_col *
gheap_list(struct gheap *g, struct gheap_col *fresh, uint64_t budget)
{
    struct gheap_col **p, *gone = NULL;

    if (g->bucket == NULL)
        g->bucket = mem_zalloc(g->meta->mem, GHEAP_BUCKETS, sizeof(struct gheap_col *));
    if (g->bucket == NULL)
        return NULL; /* gone when it is released */
    p = gheap_bucket(g, fresh->addr);
    fresh->chain = *p;
    *p = fresh;
    fresh->listed = true;
    gheap_lru_in(g, fresh);
    g->cost += fresh->cost;
    for (struct gheap_col *col = g->oldest; g->cost > budget && col != fresh;) {
        struct gheap_col *const newer = col->newer;
        gheap_unlist(g, col);
        if (col->held == 0) {
            col->chain = gone;
            gone = col;
        }
        col = newer;
    }
    return gone;
}

/* ---- end of what needs the lock ---- */

HI5_INT hi5_status
gheap_create(struct meta *m, struct gheap **g, hi5_error *err)
{
    *g = mem_zalloc(m->mem, 1, sizeof **g);
    if (*g == NULL)
        return mem_fail(m->mem, sizeof **g, err);
    (*g)->meta = m;
    (*g)->budget = m->limits.cache < GHEAP_BUDGET ? m->limits.cache : GHEAP_BUDGET;
    (*g)->guess = GHEAP_FIRST;
    mutex_init(&(*g)->lock);
    return HI5_OK;
}

HI5_INT void
gheap_forget_at(struct gheap *g, uint64_t addr)
{
    struct gheap_col *col, *newer;

    mutex_lock(&g->lock);
    g->epoch++;
    for (col = g->oldest; col != NULL; col = newer) {
        newer = col->newer;
        if (addr != ADDR_NONE && col->addr != addr)
            continue;
        gheap_unlist(g, col);
        if (col->held == 0)
            gheap_drop(g, col);
    }
    mutex_unlock(&g->lock);
}

HI5_INT void
gheap_forget(struct gheap *g)
{
    gheap_forget_at(g, ADDR_NONE);
}

HI5_INT void
gheap_destroy(struct gheap *g)
{
    if (g == NULL)
        return;
    gheap_forget(g);
    mutex_done(&g->lock);
    mem_free(g->meta->mem, g->bucket, GHEAP_BUCKETS * sizeof *g->bucket);
    mem_free(g->meta->mem, g, sizeof *g);
}

/* The collection at `addr`, held. @param budget  of all that are listed, if it is new */
static hi5_status
gheap_hold(struct gheap *g, uint64_t addr, uint64_t budget, struct gheap_col **out,
           hi5_error *err)
{
    struct gheap_col *col, *fresh = NULL, *gone = NULL;
    uint64_t epoch;
    size_t guess;

    mutex_lock(&g->lock);
    col = gheap_find(g, addr);
    if (col != NULL)
        col->held++;
    guess = g->guess;
    epoch = g->epoch;
    mutex_unlock(&g->lock);
    *out = col;
    if (col != NULL)
        return HI5_OK;
    TRY(gheap_load(g, addr, guess, &fresh, err));
    mutex_lock(&g->lock);
    g->guess = fresh->there < GHEAP_FIRST   ? GHEAP_FIRST
               : fresh->there > GHEAP_GUESS ? GHEAP_GUESS
                                            : fresh->there;
    col = gheap_find(g, addr);
    if (epoch != g->epoch) { /* it may have changed: this reader is the last to see it */
        col = fresh;
    } else if (col != NULL) { /* another thread was quicker */
        col->held++;
        fresh->chain = NULL;
        gone = fresh;
    } else {
        gone = gheap_list(g, fresh, budget);
        col = fresh;
    }
    mutex_unlock(&g->lock);
    while (gone != NULL) {
        struct gheap_col *const next = gone->chain;
        gheap_drop(g, gone);
        gone = next;
    }
    *out = col;
    return HI5_OK;
}

/* What is wrong with an object that is not simply there: the cursor says it. */
static hi5_status
gheap_object_checked(const struct gheap *g, const struct gheap_col *col, size_t at,
                     const uint8_t **bytes, size_t *n, hi5_error *err)
{
    const size_t head = gheap_head_size(g->meta);
    struct gheap_object o = {0};
    struct cur c;

    c = meta_cursor_at(g->meta, col->bytes + at, col->there - at, col->addr + at, NULL,
                       err);
    gheap_object_code(&c, &o);
    cur_require(&c, o.size <= col->size && o.size <= col->size - at - head,
                "object size", "the object runs past its collection");
    if (cur_ok(&c) && o.size > cur_left(&c))
        cur_fail(&c, HI5_E_TRUNCATED, "object size",
                 "the object runs past the end of the file");
    if (!cur_ok(&c))
        return c.status;
    *bytes = col->bytes + at + head;
    *n = (size_t)o.size;
    return HI5_OK;
}

static hi5_status
gheap_object(const struct gheap *g, const struct gheap_col *col, uint32_t index,
             const uint8_t **bytes, size_t *n, hi5_error *err)
{
    const struct meta *m = g->meta;
    const size_t head = gheap_head_size(m);
    const size_t at = index < col->n && index != 0 ? (size_t)col->at[index] * 8 : 0;
    uint64_t size;

    if (at == 0)
        return err_set(err, HI5_E_CORRUPT, col->addr, "GCOL", "heap object index",
                       "III.E", "the collection has no object %lu",
                       (unsigned long)index);
    size =
        cur_raw_addr(col->bytes + at + 8, m->len_w); /* gheap_index has seen it all */
    if (m->watch != NULL || size > col->there - at - head)
        return gheap_object_checked(g, col, at, bytes, n, err);
    *bytes = col->bytes + at + head;
    *n = (size_t)size;
    return HI5_OK;
}

/* Turn from the collection that is held, if it is another one. */
static hi5_status
gheap_turn(struct gheap *g, uint64_t addr, uint64_t budget, void **held, hi5_error *err)
{
    struct gheap_col *col = *held;

    if (col != NULL && col->addr == addr)
        return HI5_OK;
    gheap_release(g, col);
    *held = NULL;
    TRY(gheap_hold(g, addr, budget, &col, err));
    *held = col;
    return HI5_OK;
}

HI5_INT hi5_status
gheap_next(struct gheap *g, uint64_t addr, uint32_t index, const uint8_t **bytes,
           size_t *n, void **held, hi5_error *err)
{
    TRY(gheap_turn(g, addr, g->budget, held, err));
    return gheap_object(g, *held, index, bytes, n, err);
}

HI5_INT hi5_status
gheap_get(struct gheap *g, uint64_t addr, uint32_t index, const uint8_t **bytes,
          size_t *n, void **held, hi5_error *err)
{
    hi5_status s;

    *held = NULL;
    s = gheap_next(g, addr, index, bytes, n, held, err);
    if (s != HI5_OK) {
        gheap_release(g, *held);
        *held = NULL;
    }
    return s;
}

HI5_INT hi5_status
gheap_look(struct gheap *g, uint64_t addr, uint32_t index, struct gheap_view *v,
           hi5_error *err)
{
    const struct gheap_col *col;
    const uint8_t *bytes;
    size_t n;

    v->addr = ADDR_NONE;
    TRY(gheap_turn(g, addr, g->budget < GHEAP_SCAN ? g->budget : GHEAP_SCAN, &v->held,
                   err));
    col = v->held;
    TRY(gheap_object(g, col, index, &bytes, &n, err));
    v->bytes = col->bytes;
    v->at = col->at;
    v->n = col->n;
    v->there = col->there;
    v->addr = g->meta->watch == NULL ? addr : ADDR_NONE;
    return HI5_OK;
}

HI5_INT void
gheap_release(struct gheap *g, void *held)
{
    struct gheap_col *const col = held;
    bool gone;

    if (col == NULL)
        return;
    mutex_lock(&g->lock);
    gone = --col->held == 0 && !col->listed;
    mutex_unlock(&g->lock);
    if (gone)
        gheap_drop(g, col);
}
