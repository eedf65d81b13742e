/*
 * spans.c - irregular hyperslab selections as trees of spans
 */
#include "space/spans.h"
#include "base/ckd.h"
#include <string.h>

HI5_INT struct spans *
spans_new(struct arena *a, size_t n)
{
    struct spans *s;
    size_t bytes;

    if (!ckd_mul_size(n, sizeof(struct span), &bytes) || bytes > SIZE_MAX - sizeof *s)
        return NULL;
    s = arena_alloc(a, sizeof *s + bytes);
    if (s == NULL)
        return NULL;
    s->n = n;
    s->count = 0;
    return s;
}

HI5_INT void
spans_seal(struct spans *s)
{
    uint64_t at = 0, n;

    for (size_t i = 0; i < s->n; i++) {
        struct span *p = &s->span[i];
        const uint64_t below = p->down != NULL ? p->down->count : 1;
        p->before = at;
        if (below == UINT64_MAX || !ckd_mul64(p->high - p->low + 1, below, &n) ||
            !ckd_add64(at, n, &at))
            at = UINT64_MAX;
    }
    s->count = at;
}

HI5_INT const struct spans *
spans_layer(struct arena *a, uint64_t start, uint64_t stride, uint64_t count,
            uint64_t block, const struct spans *down)
{
    const bool solid = count == 1 || stride == block;
    const uint64_t n = solid ? 1 : count;
    struct spans *s = n <= SIZE_MAX ? spans_new(a, (size_t)n) : NULL;

    if (s == NULL)
        return NULL;
    for (size_t i = 0; i < s->n; i++) {
        s->span[i].low = start + i * stride;
        s->span[i].high = s->span[i].low + (solid ? block * count : block) - 1;
        s->span[i].down = down;
    }
    spans_seal(s);
    return s;
}

HI5_INT const struct spans *
spans_list(struct arena *a, const uint64_t *x, size_t n, const struct spans *down)
{
    struct spans *const s = spans_new(a, n);

    if (s == NULL)
        return NULL;
    s->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->n > 0 && s->span[s->n - 1].high + 1 == x[i])
            s->span[s->n - 1].high = x[i];
        else
            s->span[s->n++] = (struct span){x[i], x[i], 0, down};
    }
    spans_seal(s);
    return s;
}

HI5_INT const struct spans *
spans_regular(struct arena *a, unsigned rank, const uint64_t *start,
              const uint64_t *stride, const uint64_t *count, const uint64_t *block)
{
    const struct spans *down = NULL;

    for (unsigned d = rank; d-- > 0;) {
        down = spans_layer(a, start[d], stride[d], count[d], block[d], down);
        if (down == NULL)
            return NULL;
    }
    return down;
}

HI5_INT bool
spans_equal(const struct spans *x, const struct spans *y)
{
    if (x == y)
        return true;
    if (x == NULL || y == NULL || x->n != y->n || x->count != y->count)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (x->span[i].low != y->span[i].low || x->span[i].high != y->span[i].high ||
            !spans_equal(x->span[i].down, y->span[i].down))
            return false;
    return true;
}

/* ---- combining ---- */

static bool
spans_op_keeps(hi5_select_op op, bool in_x, bool in_y)
{
    switch (op) {
    case HI5_SELECT_OR:
        return in_x || in_y;
    case HI5_SELECT_AND:
        return in_x && in_y;
    case HI5_SELECT_XOR:
        return in_x != in_y;
    case HI5_SELECT_NOT_B:
        return in_x && !in_y;
    case HI5_SELECT_NOT_A:
        return in_y && !in_x;
    case HI5_SELECT_SET:
        break;
    }
    return in_y;
}

/* One side of a merge: the spans not yet passed, the first of them from `low` on. */
struct spans_side {
    const struct spans *s;
    size_t i;
    uint64_t low;
};

static struct spans_side
spans_side(const struct spans *s)
{
    return (struct spans_side){s, 0, s != NULL && s->n > 0 ? s->span[0].low : 0};
}

static bool
spans_side_done(const struct spans_side *v)
{
    return v->s == NULL || v->i == v->s->n;
}

/* Move a side past coordinate `x`. */
static void
spans_side_pass(struct spans_side *v, uint64_t x)
{
    if (spans_side_done(v) || v->low > x)
        return;
    if (v->s->span[v->i].high > x) {
        v->low = x + 1;
        return;
    }
    v->i++;
    if (!spans_side_done(v))
        v->low = v->s->span[v->i].low;
}

/* A list that grows: as long as both inputs together mostly, twice that when they cut
 * each other at every end. */
struct spans_build {
    struct arena *a;
    struct spans *s;
    size_t first, room;
};

static bool
spans_append(struct spans_build *b, uint64_t low, uint64_t high, const struct spans *down)
{
    struct spans *s = b->s;

    if (s != NULL && s->n > 0 && s->span[s->n - 1].high + 1 == low &&
        spans_equal(s->span[s->n - 1].down, down)) {
        s->span[s->n - 1].high = high;
        return true;
    }
    if (s == NULL || s->n == b->room) {
        const size_t room = b->room != 0 ? b->room * 2 : b->first;
        struct spans *t = spans_new(b->a, room);
        if (t == NULL)
            return false;
        t->n = s != NULL ? s->n : 0;
        if (t->n != 0)
            memcpy(t->span, s->span, t->n * sizeof t->span[0]);
        b->s = s = t;
        b->room = room;
    }
    s->span[s->n++] = (struct span){low, high, 0, down};
    return true;
}

static bool spans_merge(struct arena *a, const struct spans *x, const struct spans *y,
                        hi5_select_op op, const struct spans **out);

/* The list below an interval that is in x, in y, or in both. *keep: is it selected? */
static bool
spans_below(struct arena *a, const struct span *x, const struct span *y,
            hi5_select_op op, const struct spans **down, bool *keep)
{
    if (x != NULL && y != NULL && x->down != NULL && y->down != NULL) {
        if (!spans_merge(a, x->down, y->down, op, down))
            return false;
        *keep = *down != NULL;
        return true;
    }
    *keep = spans_op_keeps(op, x != NULL, y != NULL);
    *down = x != NULL ? x->down : y->down;
    return true;
}

/* Sweep both lists from low to high, cutting at every end of either. Recursion is as
 * deep as the rank. The last pair of lists below is remembered, since regular shapes
 * meet the same pair again and again. */
static bool
spans_merge(struct arena *a, const struct spans *x, const struct spans *y,
            hi5_select_op op, const struct spans **out)
{
    struct spans_side u = spans_side(x), v = spans_side(y);
    struct spans_build b = {a, NULL, (x != NULL ? x->n : 0) + (y != NULL ? y->n : 0), 0};
    const struct spans *last_u = NULL, *last_v = NULL, *down = NULL;
    bool keep = false, known = false;

    while (!spans_side_done(&u) || !spans_side_done(&v)) {
        const struct span *p = spans_side_done(&u) ? NULL : &u.s->span[u.i];
        const struct span *q = spans_side_done(&v) ? NULL : &v.s->span[v.i];
        const uint64_t pl = p != NULL ? u.low : UINT64_MAX;
        const uint64_t ql = q != NULL ? v.low : UINT64_MAX;
        const uint64_t low = p == NULL || (q != NULL && ql < pl) ? ql : pl;
        uint64_t high = UINT64_MAX;

        if (p != NULL)
            high = pl > low ? pl - 1 : p->high;
        if (q != NULL && (ql > low ? ql - 1 : q->high) < high)
            high = ql > low ? ql - 1 : q->high;
        p = p != NULL && pl <= low ? p : NULL;
        q = q != NULL && ql <= low ? q : NULL;
        if (!(known && p != NULL && q != NULL && p->down == last_u &&
              q->down == last_v)) {
            if (!spans_below(a, p, q, op, &down, &keep))
                return false;
            known = p != NULL && q != NULL;
            last_u = p != NULL ? p->down : NULL;
            last_v = q != NULL ? q->down : NULL;
        }
        if (keep && !spans_append(&b, low, high, down))
            return false;
        spans_side_pass(&u, high);
        spans_side_pass(&v, high);
    }
    if (b.s != NULL)
        spans_seal(b.s);
    *out = b.s;
    return true;
}

HI5_INT bool
spans_combine(struct arena *a, const struct spans *x, const struct spans *y,
              hi5_select_op op, const struct spans **out)
{
    return spans_merge(a, x, y, op, out);
}

HI5_INT bool
spans_union(struct arena *a, const struct spans **tree, size_t n,
            const struct spans **out)
{
    *out = NULL;
    if (n == 0)
        return true;
    while (n > 1) {
        for (size_t i = 0; i < n / 2; i++)
            if (!spans_combine(a, tree[2 * i], tree[2 * i + 1], HI5_SELECT_OR, &tree[i]))
                return false;
        if (n % 2 != 0)
            tree[n / 2] = tree[n - 1];
        n = (n + 1) / 2;
    }
    *out = tree[0];
    return true;
}

/* ---- copying ---- */

/* What has been copied already: pairs of a list and its copy, found by hashing. The tree
 * itself cannot keep that, since other threads may be reading it. */
struct spans_memo {
    struct arena *a;           /* of the copy */
    struct mem *mem;
    const struct spans **pair; /* [room][2] */
    size_t n, room;            /* a power of two */
};

/* The slot of `s`, or the free one where it belongs. */
static const struct spans **
spans_memo_slot(const struct spans_memo *m, const struct spans *s)
{
    size_t i = (size_t)((uint64_t)(uintptr_t)s * 0x9e3779b97f4a7c15u >> 20);

    for (;; i++) {
        const struct spans **const slot = &m->pair[2 * (i & (m->room - 1))];
        if (slot[0] == NULL || slot[0] == s)
            return slot;
    }
}

static bool
spans_memo_grow(struct spans_memo *m)
{
    const struct spans_memo old = *m;

    m->room = old.room != 0 ? old.room * 2 : 64;
    m->pair = mem_zalloc(m->mem, m->room, 2 * sizeof *m->pair);
    if (m->pair == NULL) {
        *m = old;
        return false;
    }
    for (size_t i = 0; i < old.room; i++)
        if (old.pair[2 * i] != NULL)
            memcpy(spans_memo_slot(m, old.pair[2 * i]), &old.pair[2 * i],
                   2 * sizeof *m->pair);
    mem_free(m->mem, old.pair, old.room * 2 * sizeof *m->pair);
    return true;
}

/* Recursion is as deep as the rank. */
static const struct spans *
spans_copy_down(struct spans_memo *m, const struct spans *s)
{
    const struct spans **slot;
    struct spans *t;

    if (2 * m->n >= m->room && !spans_memo_grow(m))
        return NULL;
    slot = spans_memo_slot(m, s);
    if (slot[0] != NULL)
        return slot[1];
    t = spans_new(m->a, s->n);
    if (t == NULL)
        return NULL;
    t->count = s->count;
    for (size_t i = 0; i < s->n; i++) {
        t->span[i] = s->span[i];
        if (s->span[i].down == NULL)
            continue;
        t->span[i].down = i > 0 && s->span[i].down == s->span[i - 1].down
                              ? t->span[i - 1].down
                              : spans_copy_down(m, s->span[i].down);
        if (t->span[i].down == NULL)
            return NULL;
    }
    slot = spans_memo_slot(m, s);
    slot[0] = s;
    slot[1] = t;
    m->n++;
    return t;
}

HI5_INT const struct spans *
spans_copy(struct arena *a, const struct spans *s)
{
    struct spans_memo m = {a, a->mem, NULL, 0, 0};
    const struct spans *const t = spans_copy_down(&m, s);

    mem_free(m.mem, m.pair, m.room * 2 * sizeof *m.pair);
    return t;
}

/* ---- looking ---- */

HI5_INT bool
spans_rebuild(const struct spans *s, unsigned rank, uint64_t *start, uint64_t *stride,
              uint64_t *count, uint64_t *block)
{
    for (unsigned d = 0; d < rank; d++) {
        start[d] = s->span[0].low;
        block[d] = s->span[0].high - s->span[0].low + 1;
        count[d] = s->n;
        stride[d] = s->n > 1 ? s->span[1].low - s->span[0].low : 1;
        for (size_t i = 1; i < s->n; i++) {
            const struct span *p = &s->span[i];
            if (p->high - p->low + 1 != block[d] ||
                p->low - s->span[i - 1].low != stride[d] ||
                !spans_equal(p->down, s->span[0].down))
                return false;
        }
        s = s->span[0].down;
    }
    return true;
}

HI5_INT size_t
spans_seek(const struct spans *s, uint64_t x)
{
    size_t low = 0, high = s->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (s->span[mid].high < x)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
