/*
 * extents.c - sets of byte ranges
 *
 * A treap: a search tree by address, a heap by a hash of the address, so that the same
 * set always has the same shape and its depth is that of a random tree. Each node knows
 * the largest range below it, which leads extents_fit to the lowest one that is large
 * enough.
 */
#include "base/extents.h"
#include <string.h>

struct extent_node {
    uint64_t addr, size;
    uint64_t most;             /* largest size in this subtree */
    struct extent_node *left, *right;
};

/* Nodes are allocated many at a time, and kept until extents_done. */
struct extent_slab {
    struct extent_slab *next;
    size_t n;
    struct extent_node node[]; /* [n] */
};

#define EXTENT_SLAB_FIRST 8u
#define EXTENT_SLAB_MOST 1024u

HI5_INT void
extents_init(struct extents *x, struct mem *mem)
{
    *x = (struct extents){.mem = mem};
}

static void
extents_give(struct extents *x, struct extent_node *e)
{
    e->right = x->spare;
    x->spare = e;
    x->nspare++;
}

HI5_INT bool
extents_reserve_more(struct extents *x, size_t n)
{
    const size_t last = x->slabs != NULL ? x->slabs->n : EXTENT_SLAB_FIRST / 2;
    size_t more = last < EXTENT_SLAB_MOST ? 2 * last : last;
    struct extent_slab *slab;

    if (more < n - x->nspare)
        more = n - x->nspare;
    slab = mem_alloc(x->mem, sizeof *slab + more * sizeof slab->node[0]);
    if (slab == NULL)
        return false;
    slab->n = more;
    slab->next = x->slabs;
    x->slabs = slab;
    while (more-- > 0)
        extents_give(x, &slab->node[more]);
    return true;
}

static struct extent_node *
extents_new(struct extents *x)
{
    struct extent_node *e;

    if (!extents_reserve(x, 1))
        return NULL;
    e = x->spare;
    x->spare = e->right;
    x->nspare--;
    return e;
}

/* Take the lowest node out of a tree that goes to pieces: left children are rotated up, so
 * that no stack is needed. */
static struct extent_node *
extents_pop(struct extent_node **root)
{
    struct extent_node *e = *root, *l;

    if (e == NULL)
        return NULL;
    while ((l = e->left) != NULL) {
        e->left = l->right;
        l->right = e;
        e = l;
    }
    *root = e->right;
    return e;
}

HI5_INT void
extents_clear(struct extents *x)
{
    struct extent_node *e;

    while ((e = extents_pop(&x->root)) != NULL)
        extents_give(x, e);
    x->n = 0;
    x->bytes = 0;
}

HI5_INT void
extents_done(struct extents *x)
{
    while (x->slabs != NULL) {
        struct extent_slab *const slab = x->slabs;

        x->slabs = slab->next;
        mem_free(x->mem, slab, sizeof *slab + slab->n * sizeof slab->node[0]);
    }
    extents_init(x, x->mem);
}

/* ---- the tree ---- */

static uint64_t
extents_rank(const struct extent_node *e)
{
    uint64_t h = e->addr * 0x9e3779b97f4a7c15u;

    h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

static void
extents_sum(struct extent_node *e)
{
    e->most = e->size;
    if (e->left != NULL && e->left->most > e->most)
        e->most = e->left->most;
    if (e->right != NULL && e->right->most > e->most)
        e->most = e->right->most;
}

/* What begins below `addr` goes left, the rest right. */
static void
extents_split(struct extent_node *e, uint64_t addr, struct extent_node **left,
              struct extent_node **right)
{
    if (e == NULL) {
        *left = *right = NULL;
    } else if (e->addr < addr) {
        extents_split(e->right, addr, &e->right, right);
        *left = e;
        extents_sum(e);
    } else {
        extents_split(e->left, addr, left, &e->left);
        *right = e;
        extents_sum(e);
    }
}

static struct extent_node *
extents_join(struct extent_node *left, struct extent_node *right)
{
    if (left == NULL || right == NULL)
        return left != NULL ? left : right;
    if (extents_rank(left) > extents_rank(right)) {
        left->right = extents_join(left->right, right);
        extents_sum(left);
        return left;
    }
    right->left = extents_join(left, right->left);
    extents_sum(right);
    return right;
}

/* Hang a fresh node in. */
static void
extents_insert(struct extent_node **at, struct extent_node *e)
{
    const uint64_t rank = extents_rank(e);

    while (*at != NULL && extents_rank(*at) >= rank) {
        if (e->size > (*at)->most)
            (*at)->most = e->size;
        at = e->addr < (*at)->addr ? &(*at)->left : &(*at)->right;
    }
    extents_split(*at, e->addr, &e->left, &e->right);
    extents_sum(e);
    *at = e;
}

/* Sums on the way from `e` down to the node at `addr`, whose size has changed. */
static void
extents_resum(struct extent_node *e, uint64_t addr)
{
    if (e->addr != addr)
        extents_resum(addr < e->addr ? e->left : e->right, addr);
    extents_sum(e);
}

static struct extent_node *
extents_remove(struct extent_node *e, uint64_t addr, struct extent_node **out)
{
    if (e->addr == addr) {
        *out = e;
        return extents_join(e->left, e->right);
    }
    if (addr < e->addr)
        e->left = extents_remove(e->left, addr, out);
    else
        e->right = extents_remove(e->right, addr, out);
    extents_sum(e);
    return e;
}

/* The last range that begins at or below `addr`, and the first that begins above it. */
static void
extents_around(const struct extents *x, uint64_t addr, struct extent_node **below,
               struct extent_node **above)
{
    *below = *above = NULL;
    for (struct extent_node *e = x->root; e != NULL;)
        if (e->addr <= addr) {
            *below = e;
            e = e->right;
        } else {
            *above = e;
            e = e->left;
        }
}

/* ---- what others call ---- */

HI5_INT bool
extents_add(struct extents *x, uint64_t addr, uint64_t n)
{
    struct extent_node *below, *above, *e = NULL;

    if (n == 0)
        return true;
    extents_around(x, addr, &below, &above);
    if (below != NULL && below->addr + below->size != addr)
        below = NULL;
    if (above != NULL && above->addr != addr + n)
        above = NULL;
    if (below == NULL) {
        e = extents_new(x);
        if (e == NULL)
            return false;
    }
    x->bytes += n;
    if (above != NULL) {
        struct extent_node *gone;
        n += above->size;
        x->root = extents_remove(x->root, above->addr, &gone);
        extents_give(x, gone);
        x->n--;
    }
    if (below != NULL) {
        below->size += n;
        extents_resum(x->root, below->addr);
        return true;
    }
    *e = (struct extent_node){.addr = addr, .size = n};
    extents_insert(&x->root, e);
    x->n++;
    return true;
}

HI5_INT bool
extents_take(struct extents *x, uint64_t addr, uint64_t n)
{
    struct extent_node *e, *next, *rest = NULL, *gone;
    uint64_t before, after;

    if (n == 0)
        return true;
    extents_around(x, addr, &e, &next);
    if (e == NULL || addr - e->addr > e->size || n > e->size - (addr - e->addr))
        return false;
    before = addr - e->addr;
    after = e->size - before - n;
    if (before != 0 && after != 0) {
        rest = extents_new(x);
        if (rest == NULL)
            return false;
    }
    x->bytes -= n;
    if (before != 0) {
        e->size = before;
        extents_resum(x->root, e->addr);
    } else {
        x->root = extents_remove(x->root, e->addr, &gone);
        x->n--;
        if (after == 0)
            extents_give(x, gone);
        else
            rest = gone;
    }
    if (rest != NULL) {
        *rest = (struct extent_node){.addr = addr + n, .size = after};
        extents_insert(&x->root, rest);
        x->n++;
    }
    return true;
}

HI5_INT void
extents_move(struct extents *to, struct extents *from)
{
    const struct extents was = *to;
    struct extent_slab **last = &to->slabs;
    struct extent_node *e;

    if (to->n == 0) { /* they change places */
        *to = *from;
        *from = was;
        return;
    }
    while ((e = extents_pop(&from->root)) != NULL) {
        const uint64_t addr = e->addr, size = e->size;

        extents_give(to, e); /* to be taken again */
        extents_add(to, addr, size);
    }
    while ((e = from->spare) != NULL) {
        from->spare = e->right;
        extents_give(to, e);
    }
    while (*last != NULL)
        last = &(*last)->next;
    *last = from->slabs;
    extents_init(from, from->mem);
}

HI5_INT bool
extents_cut(struct extents *x, uint64_t addr, uint64_t n)
{
    const uint64_t end = n > UINT64_MAX - addr ? UINT64_MAX : addr + n;
    uint64_t start, size;

    while (addr < end) {
        extents_has(x, addr, &start, &size);
        if (size == 0 || start >= end)
            return true;
        if (start > addr)
            addr = start;
        size -= addr - start;
        if (size > end - addr)
            size = end - addr;
        if (!extents_take(x, addr, size))
            return false;
        addr += size;
    }
    return true;
}

/* The lowest range of at least `n` bytes. */
static const struct extent_node *
extents_lowest(const struct extents *x, uint64_t n)
{
    const struct extent_node *e = x->root;

    if (e == NULL || e->most < n)
        return NULL;
    for (;;)
        if (e->left != NULL && e->left->most >= n)
            e = e->left;
        else if (e->size >= n)
            return e;
        else
            e = e->right;
}

HI5_INT bool
extents_fit(const struct extents *x, uint64_t n, uint64_t align, uint64_t shift,
            uint64_t *addr)
{
    const struct extent_node *e = extents_lowest(x, n);
    uint64_t gap;

    if (e == NULL)
        return false;
    gap = extents_gap(e->addr, align, shift);
    if (gap > e->size - n) { /* it is not large enough from a multiple of align */
        if (n > UINT64_MAX - (align - 1))
            return false;
        e = extents_lowest(x, n + align - 1);
        if (e == NULL)
            return false;
        gap = extents_gap(e->addr, align, shift);
    }
    *addr = e->addr + gap;
    return true;
}

/* Where the range has room for `n` bytes within a page. */
static bool
extents_in_page(const struct extent_node *e, uint64_t n, uint64_t page, uint64_t *addr)
{
    const uint64_t first = e->addr % page;

    *addr = first + n <= page ? e->addr : e->addr + (page - first);
    return *addr - e->addr <= e->size && n <= e->size - (*addr - e->addr);
}

static bool
extents_below_fit_page(const struct extent_node *e, uint64_t n, uint64_t page,
                       uint64_t *addr)
{
    for (; e != NULL && e->most >= n; e = e->right)
        if (extents_below_fit_page(e->left, n, page, addr) ||
            extents_in_page(e, n, page, addr))
            return true;
    return false;
}

HI5_INT bool
extents_fit_page(const struct extents *x, uint64_t n, uint64_t page, uint64_t *addr)
{
    return extents_below_fit_page(x->root, n, page, addr);
}

HI5_INT bool
extents_has(const struct extents *x, uint64_t addr, uint64_t *start, uint64_t *size)
{
    struct extent_node *e, *above;
    bool has;

    extents_around(x, addr, &e, &above);
    has = e != NULL && addr - e->addr < e->size;
    if (!has)
        e = above;
    if (start != NULL)
        *start = e != NULL ? e->addr : 0;
    if (size != NULL)
        *size = e != NULL ? e->size : 0;
    return has;
}

HI5_INT bool
extents_last(const struct extents *x, uint64_t *start, uint64_t *size)
{
    const struct extent_node *e = x->root;

    if (e == NULL)
        return false;
    while (e->right != NULL)
        e = e->right;
    *start = e->addr;
    *size = e->size;
    return true;
}
