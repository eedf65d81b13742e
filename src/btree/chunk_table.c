/*
 * chunk_table.c - a chunk index as a table in memory
 */
#include "btree/chunk_table.h"
#include "base/ckd.h"
#include <string.h>

#define CIX_TABLE_LEAST 64u /* searches that are always made */
#define CIX_TABLE_COST 8u   /* chunks of an index that are listed in the time of a search */

/* What a filtered chunk has besides its address. */
struct cix_stored {
    uint64_t size;
    uint32_t mask;
};

struct cix_table {
    struct mem *mem;
    unsigned rank;
    uint64_t grid[HI5_MAX_RANK]; /* chunks in the current extent */
    uint64_t chunk_bytes;
    bool sorted;                 /* the index is one that keeps its chunks in order */
    uint64_t next;               /* sorted: at least the number of the next chunk */
    size_t n;
    uint64_t *addr;              /* [n], ADDR_NONE: not written */
    struct cix_stored *stored;   /* [n]; NULL: not filtered */
};

/* Chunks in the current extent; false if there are too many to count. */
static bool
cix_table_grid(const struct cix_params *p, uint64_t *grid, uint64_t *n)
{
    *n = 1;
    for (unsigned i = 0; i < p->rank; i++) {
        const uint64_t k =
            p->chunk[i] != 0 ? p->dims[i] / p->chunk[i] + (p->dims[i] % p->chunk[i] != 0)
                             : 0;
        if (grid != NULL)
            grid[i] = k;
        if (!ckd_mul64(*n, k, n))
            return false;
    }
    return true;
}

HI5_INT uint64_t
cix_table_pays(const struct cix_params *p, uint64_t most)
{
    const size_t each = sizeof(uint64_t) + (p->filtered ? sizeof(struct cix_stored) : 0);
    uint64_t n;

    if (p->kind == HI5_INDEX_SINGLE || p->kind == HI5_INDEX_IMPLICIT ||
        p->addr == ADDR_NONE || !cix_table_grid(p, NULL, &n) || n > most / each)
        return UINT64_MAX;
    return n / CIX_TABLE_COST > CIX_TABLE_LEAST ? n / CIX_TABLE_COST : CIX_TABLE_LEAST;
}

static hi5_status
cix_table_add(void *ctx, const struct cix_chunk *c, hi5_error *err)
{
    struct cix_table *const t = ctx;
    uint64_t at = 0;

    (void)err;
    for (unsigned i = 0; i < t->rank; i++) {
        if (c->scaled[i] >= t->grid[i])
            return HI5_OK; /* left over from a larger extent */
        at = at * t->grid[i] + c->scaled[i];
    }
    if (t->sorted && at < t->next)
        return HI5_E_CORRUPT;
    t->next = at + 1;
    t->addr[at] = c->addr;
    if (t->stored != NULL)
        t->stored[at] = (struct cix_stored){c->size, c->mask};
    return HI5_OK;
}

HI5_INT const struct cix_table *
cix_table_make(const struct cix *x, const struct cix_params *p, struct mem *mem)
{
    struct cix_table *const t = mem_zalloc(mem, 1, sizeof *t);
    uint64_t n = 0;

    if (t == NULL)
        return NULL;
    t->mem = mem;
    t->rank = p->rank;
    t->chunk_bytes = p->chunk_bytes;
    t->sorted = p->kind == HI5_INDEX_BTREE1 || p->kind == HI5_INDEX_BTREE2;
    if (!cix_table_grid(p, t->grid, &n) || !ckd_size(n, &t->n) ||
        t->n > SIZE_MAX / sizeof *t->stored) {
        mem_free(mem, t, sizeof *t);
        return NULL;
    }
    t->addr = mem_alloc(mem, t->n * sizeof *t->addr);
    t->stored = p->filtered ? mem_zalloc(mem, t->n, sizeof *t->stored) : NULL;
    if (t->addr != NULL && (t->stored != NULL || !p->filtered)) {
        memset(t->addr, 0xff, t->n * sizeof *t->addr); /* ADDR_NONE */
        if (cix_each(x, cix_table_add, t, NULL) == HI5_OK)
            return t;
    }
    cix_table_free(t);
    return NULL;
}

HI5_INT void
cix_table_free(const struct cix_table *t)
{
    struct cix_table *const own = (struct cix_table *)(uintptr_t)t; /* made here */

    if (own == NULL)
        return;
    mem_free(own->mem, own->addr, own->n * sizeof *own->addr);
    mem_free(own->mem, own->stored, own->n * sizeof *own->stored);
    mem_free(own->mem, own, sizeof *own);
}

HI5_INT hi5_status
cix_table_find(const struct cix_table *t, const uint64_t *scaled, struct cix_chunk *c)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < t->rank; i++) {
        if (scaled[i] >= t->grid[i])
            return HI5_E_NOTFOUND;
        at = at * t->grid[i] + scaled[i];
        c->scaled[i] = scaled[i];
    }
    if (t->addr[at] == ADDR_NONE)
        return HI5_E_NOTFOUND;
    c->addr = t->addr[at];
    c->size = t->stored != NULL ? t->stored[at].size : t->chunk_bytes;
    c->mask = t->stored != NULL ? t->stored[at].mask : 0;
    return HI5_OK;
}
