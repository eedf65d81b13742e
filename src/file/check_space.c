/*
 * check_space.c - what every byte of the file is for
 *
 * The walk claims the bytes of whatever it meets. At the end the claims are sorted: two
 * that meet overlap, and what lies between them is free, if a free-space manager says
 * so, or lost. Claims of one kind and owner that follow each other are joined at once,
 * so that ten million chunks do not take ten million entries.
 */
#include "base/ckd.h"
#include "base/io.h"
#include "file/check.h"
#include <stdlib.h>

static uint64_t
space_end(const struct check *k)
{
    return k->file->file_size;
}

/* The first bytes in [at, end) that exist: a file of several members (split, multi) has
 * gaps between them. False if there are none. */
static bool
space_real(const struct check *k, uint64_t at, uint64_t end, uint64_t *from,
           uint64_t *to)
{
    uint64_t start, size;

    *from = at;
    *to = end;
    if (!io_range(&k->meta->io, 0, &start, &size))
        return at < end;
    for (size_t i = 0; io_range(&k->meta->io, i, &start, &size); i++) {
        *from = start > at ? start : at;
        *to = start + size < end ? start + size : end;
        if (*from < *to)
            return true;
    }
    return false;
}

/* How many bytes of [at, end) exist. */
static uint64_t
space_count(const struct check *k, uint64_t at, uint64_t end)
{
    uint64_t n = 0, from, to;

    while (space_real(k, at, end, &from, &to)) {
        n += to - from;
        at = to;
    }
    return n;
}

static void
space_add(struct check *k, struct check_list *l, uint64_t at, uint64_t size,
          const char *what, hi5_use use)
{
    struct check_extent *e =
        l->n != 0 ? (struct check_extent *)l->p + (l->n - 1) : NULL;

    if (size == 0)
        return;
    if (e != NULL && e->at + e->size == at && e->what == what && e->owner == k->path) {
        e->size += size;
        e->count++;
        return;
    }
    e = check_list_add(k, l, sizeof *e);
    if (e != NULL)
        *e = (struct check_extent){at, size, what, k->path, 1, use, false};
}

HI5_INT void
check_claim(struct check *k, uint64_t addr, uint64_t size, const char *what,
            hi5_use use)
{
    const uint64_t eof = k->meta->eof;

    if (addr == ADDR_NONE || !ckd_inside(addr, size, eof)) {
        check_report(k, "SB-031", addr, what, "",
                     "%llu bytes from here run past the end of the file, 0x%llx",
                     (unsigned long long)size, (unsigned long long)eof);
        if (addr >= eof)
            return;
        size = eof - addr;
    }
    if (k->sums != NULL) {
        check_sum(k, what, size);
        return;
    }
    if (k->meta->base + addr + size > check_stored_end(k) &&
        check_stored_end(k) <= k->file->file_size)
        check_report(k, "SB-031", addr, what, "",
                     "%llu bytes from here run past the end of the file as stored, "
                     "0x%llx",
                     (unsigned long long)size,
                     (unsigned long long)(check_stored_end(k) - k->meta->base));
    space_add(k, &k->space.claims, k->meta->base + addr, size, what, use);
}

HI5_INT void
check_claim_free(struct check *k, uint64_t addr, uint64_t size, uint64_t from)
{
    struct check_extent *e;

    if (!ckd_inside(addr, size, k->meta->eof)) {
        check_report(
            k, "FS-002", from, "free section", "offset",
            "0x%llx: a free section of %llu bytes runs past the end of the file",
            (unsigned long long)addr, (unsigned long long)size);
        return;
    }
    e = check_list_add(k, &k->space.free, sizeof *e);
    if (e != NULL)
        *e = (struct check_extent){k->meta->base + addr, size, "free", k->path, from,
                                   HI5_USE_FREE,         false};
}

static int
space_order(const void *a, const void *b)
{
    const struct check_extent *const x = a, *const y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->size > y->size ? -1 : x->size < y->size;
}

static void
space_sort(struct check_list *l)
{
    if (l->n > 1)
        qsort(l->p, l->n, sizeof(struct check_extent), space_order);
}

static void
space_overlap(struct check *k, struct check_extent *a, struct check_extent *b)
{
    const uint64_t base = k->meta->base;
    const bool data = a->use == HI5_USE_DATA || b->use == HI5_USE_DATA;
    const uint64_t end =
        a->at + a->size < b->at + b->size ? a->at + a->size : b->at + b->size;

    a->overlaps = b->overlaps = true;
    k->space.overlaps++;
    k->path = b->owner;
    check_report_as(k, data ? "CI-001" : "SB-030", data ? HI5_ERROR : HI5_WARNING,
                    b->at >= base ? b->at - base : ADDR_NONE, b->what, "",
                    "%llu of its bytes are claimed by %s at 0x%llx%s%s, too",
                    (unsigned long long)(end - b->at), a->what,
                    (unsigned long long)(a->at - (a->at >= base ? base : 0)),
                    a->owner[0] != '\0' ? " of " : "", a->owner);
}

/* Free space that something lives in. Both lists are sorted. */
static void
space_check_free(struct check *k)
{
    const struct check_extent *claim = k->space.claims.p;
    const struct check_extent *const end = claim + k->space.claims.n;
    const struct check_extent *f = k->space.free.p;

    for (size_t i = 0; i < k->space.free.n; i++, f++) {
        while (claim != end && claim->at + claim->size <= f->at)
            claim++;
        k->path = f->owner;
        if (claim != end && claim->at < f->at + f->size)
            check_report(k, "FS-004", f->count, "free section", "offset",
                         "%llu bytes at 0x%llx are free, but %s%s%s is at 0x%llx",
                         (unsigned long long)f->size,
                         (unsigned long long)(f->at - k->meta->base), claim->what,
                         claim->owner[0] != '\0' ? " of " : "", claim->owner,
                         (unsigned long long)(claim->at - k->meta->base));
        if (i != 0 && f[-1].at + f[-1].size > f->at)
            check_report(k, "FS-002", f->count, "free section", "offset",
                         "0x%llx is inside another free section",
                         (unsigned long long)(f->at - k->meta->base));
    }
}

/* Free bytes of [at, end), which nobody claims. */
static uint64_t
space_free_in(const struct check *k, size_t *i, uint64_t at, uint64_t end)
{
    const struct check_extent *const f = k->space.free.p;
    uint64_t sum = 0;

    while (*i < k->space.free.n && f[*i].at + f[*i].size <= at)
        ++*i;
    for (size_t j = *i; j < k->space.free.n && f[j].at < end; j++) {
        const uint64_t from = f[j].at > at ? f[j].at : at;
        const uint64_t to = f[j].at + f[j].size < end ? f[j].at + f[j].size : end;
        if (to > from)
            sum += to - from;
        at = to > at ? to : at;
    }
    return sum;
}

/* Bytes behind the end of the file that nothing in the file uses. Claims are sorted. */
static void
space_claim_rest(struct check *k)
{
    const struct check_extent *const e = k->space.claims.p;
    uint64_t end = check_stored_end(k);

    for (size_t i = 0; i < k->space.claims.n; i++)
        if (e[i].at + e[i].size > end)
            end = e[i].at + e[i].size;
    if (end < space_end(k))
        space_add(k, &k->space.claims, end, space_end(k) - end, "behind the end",
                  HI5_USE_OTHER);
}

HI5_INT void
check_space_settle(struct check *k)
{
    struct check_extent *e, *widest = NULL;
    const uint64_t end = space_end(k);
    uint64_t at = 0;
    size_t next_free = 0;

    k->path = "";
    if (k->meta->base != 0)
        space_add(k, &k->space.claims, 0, k->meta->base, "user block", HI5_USE_OTHER);
    space_sort(&k->space.claims);
    space_claim_rest(k);
    space_sort(&k->space.free);
    e = k->space.claims.p;
    for (size_t i = 0; i < k->space.claims.n; i++, e++) {
        if (e->at > at) {
            const uint64_t free = space_free_in(k, &next_free, at, e->at);
            k->space.free_bytes += free;
            k->space.lost_bytes += space_count(k, at, e->at) - free;
        }
        if (widest != NULL && e->at < at)
            space_overlap(k, widest, e);
        if (e->at + e->size > at) {
            k->space.claimed_bytes += e->at + e->size - (e->at > at ? e->at : at);
            at = e->at + e->size;
            widest = e;
        }
    }
    if (at < end) {
        const uint64_t free = space_free_in(k, &next_free, at, end);
        k->space.free_bytes += free;
        k->space.lost_bytes += space_count(k, at, end) - free;
    }
    space_check_free(k);
    k->path = "";
    if (k->space.lost_bytes != 0)
        check_report(k, "SB-032", ADDR_NONE, "file", "",
                     "nothing leads to %llu of %llu bytes",
                     (unsigned long long)k->space.lost_bytes,
                     (unsigned long long)space_count(k, 0, end));
    k->result->map =
        (hi5_map_totals){space_count(k, 0, end), k->space.claimed_bytes,
                         k->space.free_bytes, k->space.lost_bytes, k->space.overlaps};
}

/* ---- handing it out ---- */

static void
space_give(const struct check_extent *e, hi5_extent_fn fn, void *ctx)
{
    fn(ctx, &(hi5_extent){.offset = e->at,
                          .size = e->size,
                          .use = e->use,
                          .structure = e->what,
                          .path = e->owner,
                          .count = e->count,
                          .overlaps = e->overlaps});
}

static void
space_give_lost(struct check *k, uint64_t at, uint64_t end, hi5_extent_fn fn, void *ctx)
{
    uint64_t from, to;

    for (; space_real(k, at, end, &from, &to); at = to)
        space_give(
            &(struct check_extent){from, to - from, "lost", "", 1, HI5_USE_LOST, false},
            fn, ctx);
}

/* What is between claims: free pieces and lost ones, in turn. */
static void
space_give_gap(struct check *k, uint64_t at, uint64_t end, hi5_extent_fn fn, void *ctx)
{
    const struct check_extent *const f = k->space.free.p;

    for (size_t i = 0; i < k->space.free.n && at < end; i++) {
        const uint64_t from = f[i].at > at ? f[i].at : at;
        uint64_t to = f[i].at + f[i].size;

        to = to < end ? to : end;
        if (to <= from)
            continue;
        space_give_lost(k, at, from, fn, ctx);
        space_give(&(struct check_extent){from, to - from, "free", f[i].owner, 1,
                                          HI5_USE_FREE, false},
                   fn, ctx);
        at = to;
    }
    space_give_lost(k, at, end, fn, ctx);
}

HI5_INT void
check_space_each(struct check *k, hi5_extent_fn fn, void *ctx)
{
    const struct check_extent *e = k->space.claims.p;
    uint64_t at = 0;

    for (size_t i = 0; i < k->space.claims.n; i++, e++) {
        if (e->at > at)
            space_give_gap(k, at, e->at, fn, ctx);
        space_give(e, fn, ctx);
        if (e->at + e->size > at)
            at = e->at + e->size;
    }
    if (at < space_end(k))
        space_give_gap(k, at, space_end(k), fn, ctx);
}

HI5_INT void
check_space_done(struct check *k)
{
    check_list_done(k, &k->space.claims, sizeof(struct check_extent));
    check_list_done(k, &k->space.free, sizeof(struct check_extent));
}
