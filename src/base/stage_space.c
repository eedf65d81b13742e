/*
 * stage_space.c - what space of the file is free, and giving it out
 *
 * In files with pages (strategy PAGE) no small piece crosses a page and each page has
 * metadata or raw data, not both: FREE-08. A page that is wholly free may become either.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "base/stage.h"

HI5_INT void
stage_space_init(struct stage *s, struct mem *mem)
{
    for (unsigned i = 0; i < POOLS; i++) {
        extents_init(&s->free[i], mem);
        extents_init(&s->fresh[i], mem);
        extents_init(&s->given[i], mem);
    }
}

HI5_INT void
stage_space_done(struct stage *s)
{
    for (unsigned i = 0; i < POOLS; i++) {
        extents_done(&s->free[i]);
        extents_done(&s->fresh[i]);
        extents_done(&s->given[i]);
    }
}

HI5_INT void
stage_keep_apart(struct meta *m, uint64_t page)
{
    m->stage->apart = true;
    m->stage->page_bytes = page;
}

static enum stage_pool
stage_pool_of(const struct stage *s, enum stage_kind kind, uint64_t n)
{
    if (s->page_bytes != 0 && n >= s->page_bytes)
        return POOL_LARGE;
    return s->apart && kind != STAGE_META ? POOL_RAW : POOL_META;
}

static uint64_t
stage_page_up(const struct stage *s, uint64_t addr)
{
    return addr % s->page_bytes != 0 ? addr + (s->page_bytes - addr % s->page_bytes) : addr;
}

static bool
stage_in_any(const struct extents *x, uint64_t addr)
{
    for (unsigned i = 0; i < POOLS; i++)
        if (extents_has(&x[i], addr, NULL, NULL))
            return true;
    return false;
}

HI5_INT bool
stage_is_fresh(const struct meta *m, uint64_t addr)
{
    return addr >= m->stage->committed || stage_in_any(m->stage->fresh, addr);
}

HI5_INT void
stage_add_free(const struct stage *s, struct extents free[POOLS], enum stage_pool pool,
               uint64_t addr, uint64_t n)
{
    uint64_t start, size, first, end;

    extents_add(&free[pool], addr, n);
    if (s->page_bytes == 0 || pool == POOL_LARGE)
        return;
    extents_has(&free[pool], addr, &start, &size);
    first = stage_page_up(s, start);
    end = start + size - (start + size) % s->page_bytes;
    if (first < end && extents_take(&free[pool], first, end - first))
        extents_add(&free[POOL_LARGE], first, end - first);
}

/* Memory for a change that must not fail half way. */
static bool
stage_reserve_few(struct stage *s)
{
    for (unsigned i = 0; i < POOLS; i++)
        if (!extents_reserve(&s->free[i], 3) || !extents_reserve(&s->fresh[i], 2) ||
            !extents_reserve(&s->given[i], 1))
            return false;
    return extents_reserve(&s->raw, 1);
}

HI5_INT bool
stage_reserve_space(struct stage *s)
{
    size_t n = 1;

    if (s->page_bytes == 0) /* what is given up moves with its memory */
        return true;
    for (unsigned i = 0; i < POOLS; i++)
        n += s->given[i].n;
    for (unsigned i = 0; i < POOLS; i++)
        if (!extents_reserve(&s->free[i], 2 * n))
            return false;
    return true;
}

/* ---- giving out ---- */

/* Take it from a pool of what is free; what `kind` is for is fresh from now on. */
static void
stage_take(struct stage *s, enum stage_pool from, enum stage_pool to, uint64_t addr,
           uint64_t n)
{
    const uint64_t below = addr < s->committed ? s->committed - addr : 0;

    if (below != 0)
        extents_add(&s->fresh[to], addr, n < below ? n : below);
    extents_take(&s->free[from], addr, n);
}

/* Let the file grow by `n` bytes, behind a gap. */
static hi5_status
stage_grow(struct meta *m, uint64_t n, uint64_t gap, enum stage_pool pool,
           uint64_t *addr, hi5_error *err)
{
    struct stage *const s = m->stage;
    uint64_t end;

    /* Addresses are signed where files are. */
    if (!ckd_add64(m->eof, gap, &end) || !ckd_add64(end, n, &end) ||
        !ckd_add64(end, m->base, &end) || end > INT64_MAX ||
        (m->off_w < 8 && end >> (8 * m->off_w) != 0))
        return err_plain(err, HI5_E_RANGE, "%llu bytes at 0x%llx are more than a file can "
                         "have whose addresses have %u bytes", (unsigned long long)n,
                         (unsigned long long)m->eof, (unsigned)m->off_w);
    if (gap != 0)
        stage_add_free(s, s->free, pool, m->eof, gap);
    *addr = m->eof + gap;
    m->eof = *addr + n;
    return HI5_OK;
}

/* Whole pages for `n` bytes; what is left of the last one is free. */
static hi5_status
stage_grow_pages(struct meta *m, uint64_t n, enum stage_pool rest, uint64_t *addr,
                 hi5_error *err)
{
    struct stage *const s = m->stage;
    const uint64_t whole = n > UINT64_MAX / 2 ? n : stage_page_up(s, n);

    TRY(stage_grow(m, whole, extents_gap(m->eof, s->page_bytes, 0), POOL_LARGE, addr,
                   err));
    if (whole > n)
        stage_add_free(s, s->free, rest, *addr + n, whole - n);
    return HI5_OK;
}

static hi5_status
stage_alloc_in_pages(struct meta *m, enum stage_pool pool, uint64_t n, uint64_t *addr,
                     hi5_error *err)
{
    struct stage *const s = m->stage;

    if (pool == POOL_LARGE) {
        if (!extents_fit(&s->free[pool], n, s->page_bytes, 0, addr))
            return stage_grow_pages(m, n, pool, addr, err);
        stage_take(s, pool, pool, *addr, n);
        return HI5_OK;
    }
    if (extents_fit_page(&s->free[pool], n, s->page_bytes, addr)) {
        stage_take(s, pool, pool, *addr, n);
        return HI5_OK;
    }
    if (!extents_fit(&s->free[POOL_LARGE], s->page_bytes, s->page_bytes, 0, addr))
        return stage_grow_pages(m, n, pool, addr, err);
    stage_take(s, POOL_LARGE, pool, *addr, n);
    extents_take(&s->free[POOL_LARGE], *addr + n, s->page_bytes - n);
    extents_add(&s->free[pool], *addr + n, s->page_bytes - n);
    return HI5_OK;
}

/* What the address of such a piece has to be a multiple of, from the start of the file. */
static uint64_t
stage_alignment(const struct stage *s, enum stage_kind kind, uint64_t n)
{
    if (s->align > 1 && n >= s->align_least)
        return s->align;
    return kind == STAGE_RAW && n >= STAGE_ALIGNED && !s->packed ? STAGE_ALIGN : 1;
}

HI5_INT hi5_status
stage_alloc(struct meta *m, enum stage_kind kind, uint64_t n, uint64_t *addr,
            hi5_error *err)
{
    struct stage *const s = m->stage;
    const uint64_t align = stage_alignment(s, kind, n);
    const enum stage_pool pool = stage_pool_of(s, kind, n);
    const enum stage_pool other = pool == POOL_META ? POOL_RAW : POOL_META;

    s->changes++;
    s->moves++;
    if (!stage_reserve_few(s))
        return mem_fail(m->mem, n, err);
    if (s->page_bytes != 0)
        return stage_alloc_in_pages(m, pool, n, addr, err);
    if (extents_fit(&s->free[pool], n, align, m->base, addr))
        stage_take(s, pool, pool, *addr, n);
    else if (extents_fit(&s->free[other], n, align, m->base, addr))
        stage_take(s, other, pool, *addr, n);
    else
        return stage_grow(m, n, extents_gap(m->eof, align, m->base), pool, addr, err);
    return HI5_OK;
}

HI5_INT hi5_status
stage_alloc_last(struct meta *m, enum stage_kind kind, uint64_t n, uint64_t *addr,
                 hi5_error *err)
{
    struct stage *const s = m->stage;
    const enum stage_pool pool = stage_pool_of(s, kind, n);

    s->changes++;
    s->moves++;
    if (!stage_reserve_few(s))
        return mem_fail(m->mem, n, err);
    return s->page_bytes != 0 ? stage_grow_pages(m, n, pool, addr, err)
                              : stage_grow(m, n, 0, pool, addr, err);
}

/* ---- giving up ---- */

static bool
stage_meets(const struct extents *x, uint64_t addr, uint64_t n)
{
    uint64_t start, size;

    for (unsigned i = 0; i < POOLS; i++)
        if (extents_has(&x[i], addr, &start, &size) || (size != 0 && start < addr + n))
            return true;
    return false;
}

HI5_INT bool
stage_is_free(const struct meta *m, uint64_t addr, uint64_t n)
{
    return stage_meets(m->stage->free, addr, n) || stage_meets(m->stage->given, addr, n);
}

/* Is any of the page that `addr` is in free in this pool? */
static bool
stage_page_is(const struct stage *s, enum stage_pool pool, uint64_t addr)
{
    const uint64_t page = addr - addr % s->page_bytes;
    uint64_t start, size;

    return extents_has(&s->free[pool], page, &start, &size) ||
           (size != 0 && start < page + s->page_bytes);
}

/* The pool that space goes to: what it was taken as, if that is known. A page is of one
 * kind, so if some of it is free already, that tells. */
static enum stage_pool
stage_pool_back(const struct stage *s, enum stage_kind kind, uint64_t addr, uint64_t n)
{
    const enum stage_pool pool = stage_pool_of(s, kind, n);
    const enum stage_pool other = pool == POOL_META ? POOL_RAW : POOL_META;

    for (unsigned i = 0; i < POOLS; i++)
        if (extents_has(&s->fresh[i], addr, NULL, NULL))
            return (enum stage_pool)i;
    return s->page_bytes != 0 && pool != POOL_LARGE && !stage_page_is(s, pool, addr) &&
                   stage_page_is(s, other, addr)
               ? other
               : pool;
}

static hi5_status
stage_give_up(struct meta *m, enum stage_kind kind, uint64_t addr, uint64_t n,
              hi5_error *err)
{
    struct stage *const s = m->stage;
    enum stage_pool pool;

    if (n == 0)
        return HI5_OK;
    if (!ckd_inside(addr, n, m->eof) || stage_is_free(m, addr, n))
        return err_plain(err, HI5_E_CORRUPT, "%llu bytes at 0x%llx are given up twice: two "
                         "structures claim them", (unsigned long long)n,
                         (unsigned long long)addr);
    s->changes++;
    s->moves++;
    if (!stage_reserve_few(s))
        return mem_fail(m->mem, n, err);
    if (addr < s->tail_addr + s->tail_used && s->tail_addr < addr + n)
        TRY(stage_flush_tail(m, err)); /* the space may get another use */
    stage_forget(m, addr);
    pool = stage_pool_back(s, kind, addr, n);
    if (!stage_is_fresh(m, addr)) {
        if (s->raw.n != 0) {
            extents_cut(&s->raw, addr, n);
            meta_changed(m, addr, n);
        }
        extents_add(&s->given[pool], addr, n);
        return HI5_OK;
    }
    if (addr < s->committed)
        extents_take(&s->fresh[pool], addr,
                     n < s->committed - addr ? n : s->committed - addr);
    stage_add_free(s, s->free, pool, addr, n);
    return HI5_OK;
}

HI5_INT hi5_status
stage_free(struct meta *m, uint64_t addr, uint64_t n, hi5_error *err)
{
    return stage_give_up(m, STAGE_META, addr, n, err);
}

HI5_INT hi5_status
stage_free_raw(struct meta *m, uint64_t addr, uint64_t n, hi5_error *err)
{
    return stage_give_up(m, STAGE_RAW, addr, n, err);
}

HI5_INT void
stage_forget(struct meta *m, uint64_t addr)
{
    struct staged *const b = stage_find(m, addr);

    if (b != NULL)
        stage_take_out(m->stage, b);
    meta_forget(m, addr);
}

HI5_INT hi5_status
stage_found(struct meta *m, enum stage_pool pool, uint64_t addr, uint64_t n,
            hi5_error *err)
{
    struct stage *const s = m->stage;

    /* FREE-15: what is free twice, or not in the file, is left alone. */
    if (n == 0 || !ckd_inside(addr, n, m->eof) || stage_is_free(m, addr, n))
        return HI5_OK;
    if (!stage_reserve_few(s))
        return mem_fail(m->mem, n, err);
    stage_add_free(s, s->free, pool, addr, n);
    return HI5_OK;
}

/* ---- commits ---- */

/* The next range at or above *at, which is moved behind it. */
static bool
stage_next_range(const struct extents *x, uint64_t *at, uint64_t *start, uint64_t *size)
{
    extents_has(x, *at, start, size);
    *at = *start + *size;
    return *size != 0;
}

/* Add ranges of one set to others, as far as they are in the file. */
static void
stage_merge(const struct stage *s, struct extents free[POOLS], enum stage_pool pool,
            const struct extents *x)
{
    const uint64_t eof = s->meta->eof;
    uint64_t start, size;

    for (uint64_t at = 0; stage_next_range(x, &at, &start, &size);)
        if (start < eof)
            stage_add_free(s, free, pool, start, size < eof - start ? size : eof - start);
}

HI5_INT void
stage_settle_space(struct stage *s)
{
    for (unsigned i = 0; i < POOLS; i++) {
        extents_clear(&s->fresh[i]);
        if (s->page_bytes != 0) {
            stage_merge(s, s->free, (enum stage_pool)i, &s->given[i]);
            extents_clear(&s->given[i]);
            continue;
        }
        extents_move(&s->free[i], &s->given[i]);
        extents_cut(&s->free[i], s->meta->eof, UINT64_MAX - s->meta->eof);
    }
}

HI5_INT void
stage_abort_space(struct stage *s)
{
    /* What stage_trim cut off is there again, and still free. */
    if (s->meta->eof < s->committed)
        extents_add(&s->free[0], s->meta->eof, s->committed - s->meta->eof);
    s->meta->eof = s->committed;
    for (unsigned i = 0; i < POOLS; i++) {
        extents_clear(&s->given[i]);
        extents_cut(&s->free[i], s->committed, UINT64_MAX - s->committed);
    }
    for (unsigned i = 0; i < POOLS; i++) {
        stage_merge(s, s->free, (enum stage_pool)i, &s->fresh[i]);
        extents_clear(&s->fresh[i]);
    }
    s->moves++;
}

HI5_INT hi5_status
stage_will_be_free(const struct meta *m, struct extents free[POOLS], hi5_error *err)
{
    const struct stage *const s = m->stage;
    size_t n = 2;

    for (unsigned i = 0; i < POOLS; i++)
        n += 2 * (s->free[i].n + s->given[i].n);
    for (unsigned i = 0; i < POOLS; i++)
        if (!extents_reserve(&free[i], n))
            return mem_fail(m->mem, n, err);
    for (unsigned i = 0; i < POOLS; i++) {
        stage_merge(s, free, (enum stage_pool)i, &s->free[i]);
        stage_merge(s, free, (enum stage_pool)i, &s->given[i]);
    }
    return HI5_OK;
}

HI5_INT void
stage_trim(struct meta *m)
{
    struct stage *const s = m->stage;
    bool again = true;
    uint64_t start, size;

    while (again) {
        again = false;
        for (unsigned i = 0; i < POOLS; i++) {
            if (!extents_last(&s->free[i], &start, &size) || start + size != m->eof)
                continue;
            if (s->page_bytes != 0)
                start = stage_page_up(s, start);
            if (start >= m->eof || !extents_take(&s->free[i], start, m->eof - start))
                continue;
            m->eof = start;
            s->moves++;
            again = true;
        }
    }
}
