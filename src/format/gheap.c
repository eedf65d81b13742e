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
/* Collections up to this size are copied; larger ones stay pinned in the cache. The
 * cache steps over pinned blocks one by one, so there should not be many. */
#define GHEAP_COPIED (64u << 10)

/* An indexed collection. Immutable but for the links and counts, which the lock guards. */
struct gheap_col {
    uint64_t addr, size;
    const uint8_t *bytes;
    size_t there;  /* how many of `size` the file has */
    uint8_t *copy; /* one of these two holds the bytes */
    struct block *block;
    size_t *at; /* [n]: by object index, the object's offset; 0: there is none */
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
    struct gheap_col *newest, *oldest;
    struct gheap_col *bucket[GHEAP_BUCKETS];
};

static size_t
gheap_head_size(const struct meta *m)
{
    return (8u + m->len_w + 7u) / 8u * 8u;
}

/* ---- indexing ---- */

static hi5_status
gheap_note(const struct gheap *g, struct gheap_col *col, uint16_t index, size_t at,
           hi5_error *err)
{
    if (index >= col->n) {
        size_t n = col->n != 0 ? col->n : 64;
        size_t *grown;

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
    col->at[index] = at;
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

    while (end - at >= head) {
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

    meta_unpin(g->meta, col->block);
    mem_free(mem, col->copy, col->there);
    mem_free(mem, col->at, col->n * sizeof *col->at);
    mem_free(mem, col, sizeof *col);
}

/* Pin and check a whole collection. */
static hi5_status
gheap_pin(struct meta *m, uint64_t addr, struct gheap_col *col, hi5_error *err)
{
    const size_t head = gheap_head_size(m);
    struct gcol h;
    struct block *b;
    struct cur c;
    size_t n;

    /* Most collections are 4096 bytes: one read gets them. */
    n = meta_clip(m, addr, 4096);
    TRY(meta_pin(m, addr, n > head ? n : head, "GCOL", &b, err));
    c = meta_cursor(m, b, head, NULL, err);
    gcol_code(&c, &h);
    if (cur_ok(&c) && h.size > b->size) {
        n = meta_clip(m, addr, h.size < SIZE_MAX ? (size_t)h.size : SIZE_MAX);
        if (n > b->size) {
            meta_unpin(m, b);
            TRY(meta_pin(m, addr, n, "GCOL", &b, err));
        }
    }
    if (!cur_ok(&c)) {
        meta_unpin(m, b);
        return c.status;
    }
    col->block = b;
    col->size = h.size;
    col->there = h.size < b->size ? (size_t)h.size : b->size;
    col->bytes = b->bytes;
    if (col->there > GHEAP_COPIED)
        return HI5_OK;
    col->copy = mem_alloc(m->mem, col->there);
    if (col->copy == NULL)
        return mem_fail(m->mem, col->there, err);
    memcpy(col->copy, b->bytes, col->there);
    col->bytes = col->copy;
    col->block = NULL;
    meta_unpin(m, b);
    return HI5_OK;
}

static hi5_status
gheap_load(struct gheap *g, uint64_t addr, struct gheap_col **out, hi5_error *err)
{
    struct mem *const mem = g->meta->mem;
    struct gheap_col *const col = mem_zalloc(mem, 1, sizeof *col);
    hi5_status s;

    if (col == NULL)
        return mem_fail(mem, sizeof *col, err);
    col->addr = addr;
    s = gheap_pin(g->meta, addr, col, err);
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
    struct gheap_col *col = *gheap_bucket(g, addr);

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
gheap_list(struct gheap *g, struct gheap_col *fresh)
{
    struct gheap_col **const p = gheap_bucket(g, fresh->addr), *gone = NULL;

    fresh->chain = *p;
    *p = fresh;
    fresh->listed = true;
    gheap_lru_in(g, fresh);
    g->cost += fresh->cost;
    for (struct gheap_col *col = g->oldest; g->cost > g->budget && col != fresh;) {
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
    mutex_init(&(*g)->lock);
    return HI5_OK;
}

HI5_INT void
gheap_destroy(struct gheap *g)
{
    if (g == NULL)
        return;
    while (g->oldest != NULL) {
        struct gheap_col *const col = g->oldest;
        gheap_unlist(g, col);
        gheap_drop(g, col);
    }
    mutex_done(&g->lock);
    mem_free(g->meta->mem, g, sizeof *g);
}

/* The collection at `addr`, held. */
static hi5_status
gheap_hold(struct gheap *g, uint64_t addr, struct gheap_col **out, hi5_error *err)
{
    struct gheap_col *col, *fresh = NULL, *gone = NULL;

    mutex_lock(&g->lock);
    col = gheap_find(g, addr);
    if (col != NULL)
        col->held++;
    mutex_unlock(&g->lock);
    *out = col;
    if (col != NULL)
        return HI5_OK;
    TRY(gheap_load(g, addr, &fresh, err));
    mutex_lock(&g->lock);
    col = gheap_find(g, addr);
    if (col != NULL) { /* another thread was quicker */
        col->held++;
        fresh->chain = NULL;
        gone = fresh;
    } else {
        gone = gheap_list(g, fresh);
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
    const size_t at = index < col->n && index != 0 ? col->at[index] : 0;
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

HI5_INT hi5_status
gheap_next(struct gheap *g, uint64_t addr, uint32_t index, const uint8_t **bytes,
           size_t *n, void **held, hi5_error *err)
{
    struct gheap_col *col = *held;

    if (col == NULL || col->addr != addr) {
        gheap_release(g, col);
        *held = NULL;
        TRY(gheap_hold(g, addr, &col, err));
        *held = col;
    }
    return gheap_object(g, col, index, bytes, n, err);
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
