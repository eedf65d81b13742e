/*
 * mem.c - the only place that allocates
 */
#include "base/mem.h"
#include "base/ckd.h"
#include "base/err.h"
#include <stdlib.h>
#include <string.h>

/* What every block in memory is aligned to. */
union mem_align {
    void *p;
    long long i;
    long double d;
};

#define MEM_ALIGN sizeof(union mem_align)
#define MEM_GROW_FIRST 16u
#define ARENA_FIRST 1024u
#define ARENA_LARGEST (256u * 1024u)

static void *
mem_libc_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    (void)ctx;
    (void)old_size;
    if (new_size == 0) {
        free(p);
        return NULL;
    }
    if (p == NULL)
        return malloc(new_size);
    return realloc(p, new_size);
}

HI5_INT void *
mem_raw(const hi5_allocator *a, void *p, size_t old, size_t n)
{
    if (a != NULL && a->resize != NULL)
        return a->resize(a->ctx, p, old, n);
    return mem_libc_resize(NULL, p, old, n);
}

HI5_INT void
mem_init(struct mem *m, const hi5_allocator *a, uint64_t limit)
{
    m->alloc = a != NULL ? *a : (hi5_allocator){NULL, mem_libc_resize};
    m->limit = limit;
    m->used = 0;
    m->peak = 0;
}

HI5_INT void
mem_init_libc(struct mem *m)
{
    mem_init(m, NULL, UINT64_MAX);
}

HI5_INT void
mem_done(struct mem *m)
{
    (void)m;
}

/* Set a count from *old to `to`; false, and *old as it is now, if it was not *old. */
static bool
mem_count_set(mem_count *c, size_t *old, size_t to)
{
#ifdef HI5_NO_THREADS
    (void)old;
    *c = to;
    return true;
#else
    return atomic_compare_exchange_weak_explicit(c, old, to, memory_order_relaxed,
                                                 memory_order_relaxed);
#endif
}

/* Take `n` more bytes into the account, or refuse. */
static bool
mem_charge(struct mem *m, size_t n)
{
    size_t used = m->used, peak;

    do {
        if (n > m->limit || used > m->limit - n || used > SIZE_MAX - n)
            return false;
    } while (!mem_count_set(&m->used, &used, used + n));
    peak = m->peak;
    while (used + n > peak)
        if (mem_count_set(&m->peak, &peak, used + n))
            break;
    return true;
}

static void
mem_discharge(struct mem *m, size_t n)
{
#ifdef HI5_NO_THREADS
    m->used -= n;
#else
    atomic_fetch_sub_explicit(&m->used, n, memory_order_relaxed);
#endif
}

HI5_INT void *
mem_alloc(struct mem *m, size_t n)
{
    void *p;

    if (n == 0)
        n = 1;
    if (!mem_charge(m, n))
        return NULL;
    p = m->alloc.resize(m->alloc.ctx, NULL, 0, n);
    if (p == NULL)
        mem_discharge(m, n);
    return p;
}

HI5_INT void *
mem_zalloc(struct mem *m, size_t count, size_t size)
{
    size_t n;
    void *p;

    if (!ckd_mul_size(count, size, &n))
        return NULL;
    p = mem_alloc(m, n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

HI5_INT void *
mem_grow(struct mem *m, void *p, size_t *room, size_t need, size_t size)
{
    size_t more = *room != 0 ? *room : MEM_GROW_FIRST;
    void *q;

    while (more < need)
        more *= 2;
    if (more == *room)
        return p;
    q = mem_resize(m, p, *room * size, more * size);
    if (q != NULL)
        *room = more;
    return q;
}

HI5_INT void *
mem_resize(struct mem *m, void *p, size_t old, size_t n)
{
    void *q;

    if (p == NULL)
        return mem_alloc(m, n);
    if (old == 0)
        old = 1;
    if (n == 0)
        n = 1;
    if (n > old && !mem_charge(m, n - old))
        return NULL;
    q = m->alloc.resize(m->alloc.ctx, p, old, n);
    if (q == NULL) {
        if (n > old)
            mem_discharge(m, n - old);
        return NULL;
    }
    if (n < old)
        mem_discharge(m, old - n);
    return q;
}

HI5_INT void
mem_free(struct mem *m, void *p, size_t n)
{
    if (p == NULL)
        return;
    if (n == 0)
        n = 1;
    m->alloc.resize(m->alloc.ctx, p, n, 0);
    mem_discharge(m, n);
}

union mem_box_head {
    size_t n;
    union mem_align align;
};

HI5_INT void *
mem_box(struct mem *m, size_t n)
{
    union mem_box_head *h;

    if (n > SIZE_MAX - sizeof *h)
        return NULL;
    h = mem_alloc(m, sizeof *h + n);
    if (h == NULL)
        return NULL;
    h->n = sizeof *h + n;
    return h + 1;
}

HI5_INT void
mem_unbox(struct mem *m, void *p)
{
    union mem_box_head *h;

    if (p == NULL)
        return;
    h = (union mem_box_head *)p - 1;
    mem_free(m, h, h->n);
}

#define MEM_BATCH ((size_t)64 * 1024)

HI5_INT void *
mem_batch_box(struct mem_batch *b, size_t n)
{
    struct mem *const m = b->mem;
    union mem_box_head *h;
    size_t need;

    if (n > SIZE_MAX / 2)
        return NULL;
    need = sizeof *h + n;
    if (b->credit < need) {
        const size_t more = need - b->credit;
        if (mem_charge(m, more + MEM_BATCH))
            b->credit += more + MEM_BATCH;
        else if (mem_charge(m, more))
            b->credit += more;
        else
            return NULL;
    }
    h = m->alloc.resize(m->alloc.ctx, NULL, 0, need);
    if (h == NULL)
        return NULL;
    b->credit -= need;
    h->n = need;
    return h + 1;
}

HI5_INT void
mem_batch_unbox(struct mem_batch *b, void *p)
{
    struct mem *const m = b->mem;
    union mem_box_head *h;
    size_t n;

    if (p == NULL)
        return;
    h = (union mem_box_head *)p - 1;
    n = h->n;
    m->alloc.resize(m->alloc.ctx, h, n, 0);
    b->credit += n;
    if (b->credit > MEM_BATCH)
        mem_batch_done(b);
}

HI5_INT void
mem_batch_done(struct mem_batch *b)
{
    mem_discharge(b->mem, b->credit);
    b->credit = 0;
}

HI5_INT hi5_status
mem_fail(struct mem *m, uint64_t n, hi5_error *err)
{
    const size_t used = m->used;

    if (n <= m->limit && used <= m->limit - n)
        return err_nomem(err);
    return err_plain(err, HI5_E_LIMIT,
                     "%llu bytes more would exceed the memory limit of %llu",
                     (unsigned long long)n, (unsigned long long)m->limit);
}

/* ---- arenas ---- */

struct arena_block {
    struct arena_block *next;
    size_t size, used; /* of the whole block, this head included */
};

static size_t
arena_round(size_t n)
{
    return (n + MEM_ALIGN - 1) / MEM_ALIGN * MEM_ALIGN;
}

HI5_INT void
arena_init(struct arena *a, struct mem *m)
{
    a->mem = m;
    a->blocks = NULL;
}

HI5_INT void
arena_done(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *b = a->blocks;
        a->blocks = b->next;
        mem_free(a->mem, b, b->size);
    }
}

static struct arena_block *
arena_grow(struct arena *a, size_t need)
{
    const size_t head = arena_round(sizeof(struct arena_block));
    size_t size = a->blocks != NULL ? a->blocks->size * 2 : ARENA_FIRST;
    struct arena_block *b;

    if (size > ARENA_LARGEST)
        size = ARENA_LARGEST;
    if (need > SIZE_MAX - head)
        return NULL;
    if (size < head + need)
        size = head + need;
    b = mem_alloc(a->mem, size);
    if (b == NULL)
        return NULL;
    b->size = size;
    b->used = head;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

HI5_INT void *
arena_alloc(struct arena *a, size_t n)
{
    struct arena_block *b = a->blocks;
    void *p;

    if (n > SIZE_MAX - MEM_ALIGN)
        return NULL;
    n = arena_round(n != 0 ? n : 1);
    if (b == NULL || b->size - b->used < n) {
        b = arena_grow(a, n);
        if (b == NULL)
            return NULL;
    }
    p = (unsigned char *)b + b->used;
    b->used += n;
    return p;
}

HI5_INT void *
arena_zalloc(struct arena *a, size_t count, size_t size)
{
    size_t n;
    void *p;

    if (!ckd_mul_size(count, size, &n))
        return NULL;
    p = arena_alloc(a, n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

HI5_INT void *
arena_copy(struct arena *a, const void *p, size_t n)
{
    void *q = arena_alloc(a, n);

    if (q != NULL && n != 0)
        memcpy(q, p, n);
    return q;
}

HI5_INT char *
arena_str(struct arena *a, const void *s, size_t n)
{
    char *q = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

    if (q == NULL)
        return NULL;
    if (n != 0)
        memcpy(q, s, n);
    q[n] = '\0';
    return q;
}
