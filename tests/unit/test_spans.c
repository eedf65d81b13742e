/*
 * test_spans.c - trees of spans against bitmaps
 */
#include "space/spans.h"
#include "try_select.h"

/* Put a tree's elements into the bitmap, and hold it against its invariants. Returns
 * how many there are. */
static uint64_t
draw(const struct spans *s, unsigned d, struct bitmap *b, uint64_t *coord)
{
    uint64_t total = 0;

    ck_assert_uint_gt(s->n, 0);
    for (size_t i = 0; i < s->n; i++) {
        const struct span *const p = &s->span[i];

        ck_assert_uint_le(p->low, p->high);
        ck_assert_uint_eq(p->before, total);
        ck_assert((p->down == NULL) == (d + 1 == b->rank));
        if (i > 0) {
            ck_assert_uint_gt(p->low, p[-1].high);
            ck_assert(p->low > p[-1].high + 1 || !spans_equal(p->down, p[-1].down));
        }
        for (coord[d] = p->low; coord[d] <= p->high; coord[d]++) {
            if (p->down != NULL) {
                total += draw(p->down, d + 1, b, coord);
                continue;
            }
            const size_t x = bitmap_index(b, coord);
            ck_assert(!b->on[x]);
            b->on[x] = 1;
            total++;
        }
    }
    ck_assert_uint_eq(s->count, total);
    return total;
}

static void
check_tree(const struct spans *s, const struct bitmap *want)
{
    struct bitmap got = *want;
    uint64_t coord[HI5_MAX_RANK];

    memset(got.on, 0, sizeof got.on);
    if (s != NULL)
        ck_assert_uint_eq(draw(s, 0, &got, coord), bitmap_count(want));
    ck_assert_mem_eq(got.on, want->on, want->n);
}

/* A hyperslab of something. */
static struct slab
slab_of_some(const struct bitmap *b, uint64_t *seed)
{
    struct slab h = slab_random(b, seed);

    for (unsigned d = 0; d < b->rank; d++) {
        h.count[d] += h.count[d] == 0;
        h.block[d] += h.block[d] == 0;
        if (h.start[d] + (h.count[d] - 1) * h.stride[d] + h.block[d] > b->dims[d])
            h.count[d] = h.block[d] = 1;
    }
    return h;
}

static const struct spans *
tree_of(struct arena *a, const struct bitmap *b, const struct slab *h)
{
    const struct spans *const s =
        spans_regular(a, b->rank, h->start, h->stride, h->count, h->block);

    ck_assert_ptr_nonnull(s);
    return s;
}

/* SPACE-09: every operation, either side perhaps empty; equal selections have equal
 * trees, whatever they were made of. */
START_TEST(test_combine)
{
    struct mem mem;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 100; round++) {
        uint64_t seed = 100 * (uint64_t)_i + round;
        const struct spans *s = NULL, *t = NULL, *x, *y;
        struct bitmap b, c;
        struct arena a;

        arena_init(&a, &mem);
        bitmap_random(&b, &seed);
        c = b;
        for (uint64_t k = try_random(&seed, 4); k-- > 0;) {
            const struct slab h = slab_of_some(&b, &seed);
            const hi5_select_op op = (hi5_select_op)(1 + try_random(&seed, 5));
            ck_assert(spans_combine(&a, s, tree_of(&a, &b, &h), op, &s));
            bitmap_combine(&b, op, &h);
            check_tree(s, &b);
        }
        for (uint64_t k = try_random(&seed, 4); k-- > 0;) {
            const struct slab h = slab_of_some(&c, &seed);
            ck_assert(spans_combine(&a, t, tree_of(&a, &c, &h), HI5_SELECT_OR, &t));
            bitmap_combine(&c, HI5_SELECT_OR, &h);
        }
        /* x or y = (x xor y) or (x and y) = (x less y) or (y less x) or (x and y) */
        ck_assert(spans_combine(&a, s, t, HI5_SELECT_OR, &x));
        ck_assert(spans_combine(&a, s, t, HI5_SELECT_XOR, &y));
        if (x != NULL && y != NULL)
            ck_assert_uint_le(y->count, x->count);
        const struct spans *both, *less, *more;
        ck_assert(spans_combine(&a, s, t, HI5_SELECT_AND, &both));
        ck_assert(spans_combine(&a, y, both, HI5_SELECT_OR, &y));
        ck_assert(spans_equal(x, y));
        ck_assert(spans_combine(&a, s, t, HI5_SELECT_NOT_B, &less));
        ck_assert(spans_combine(&a, s, t, HI5_SELECT_NOT_A, &more));
        ck_assert(spans_combine(&a, less, both, HI5_SELECT_OR, &y));
        ck_assert(spans_combine(&a, more, y, HI5_SELECT_OR, &y));
        ck_assert(spans_equal(x, y));
        for (size_t i = 0; i < b.n; i++)
            b.on[i] |= c.on[i];
        check_tree(x, &b);
        arena_done(&a);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

START_TEST(test_union)
{
    struct mem mem;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 100; round++) {
        uint64_t seed = 5000 + round;
        const struct spans *tree[17], *all;
        const size_t n = (size_t)try_random(&seed, 18);
        struct bitmap b;
        struct arena a;

        arena_init(&a, &mem);
        bitmap_random(&b, &seed);
        for (size_t i = 0; i < n; i++) {
            const struct slab h = slab_of_some(&b, &seed);
            tree[i] = tree_of(&a, &b, &h);
            bitmap_combine(&b, HI5_SELECT_OR, &h);
        }
        ck_assert(spans_union(&a, tree, n, &all));
        ck_assert((all == NULL) == (n == 0));
        check_tree(all, &b);
        arena_done(&a);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* Regular shapes, and what can be found to be one again */
START_TEST(test_rebuild)
{
    struct mem mem;
    unsigned regular = 0;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 400; round++) {
        uint64_t seed = 9000 + round;
        const struct spans *s = NULL;
        struct bitmap b, again;
        struct slab got;
        struct arena a;
        bool is;

        arena_init(&a, &mem);
        bitmap_random(&b, &seed);
        for (unsigned k = 0; k < 1 + round % 2; k++) {
            const struct slab h = slab_of_some(&b, &seed);
            ck_assert(spans_combine(&a, s, tree_of(&a, &b, &h), HI5_SELECT_OR, &s));
            bitmap_combine(&b, HI5_SELECT_OR, &h);
        }
        is = spans_rebuild(s, b.rank, got.start, got.stride, got.count, got.block);
        ck_assert(is == bitmap_regular(&b));
        again = b;
        if (is) {
            regular++;
            bitmap_combine(&again, HI5_SELECT_SET, &got);
            ck_assert_mem_eq(again.on, b.on, b.n);
        }
        arena_done(&a);
    }
    ck_assert_uint_gt(regular, 200);
    ck_assert_uint_lt(regular, 400);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* Blocks that touch are one span; a list of coordinates joins runs. */
START_TEST(test_layers)
{
    static const uint64_t x[] = {1, 2, 3, 7, 9, 10};
    const struct spans *s, *down;
    struct mem mem;
    struct arena a;

    mem_init(&mem, NULL, 1u << 20);
    arena_init(&a, &mem);
    down = spans_layer(&a, 3, 4, 5, 4, NULL);
    ck_assert(down->n == 1 && down->span[0].low == 3 && down->span[0].high == 22);
    ck_assert_uint_eq(down->count, 20);
    s = spans_layer(&a, 3, 5, 3, 4, down);
    ck_assert(s->n == 3 && s->span[2].low == 13 && s->span[2].high == 16);
    ck_assert(s->count == 240 && s->span[2].before == 160 && s->span[2].down == down);
    s = spans_list(&a, x, 6, down);
    ck_assert_uint_eq(s->n, 3);
    ck_assert(s->span[0].low == 1 && s->span[0].high == 3);
    ck_assert(s->span[1].low == 7 && s->span[1].high == 7);
    ck_assert(s->span[2].low == 9 && s->span[2].high == 10);
    ck_assert(s->count == 120 && s->span[2].before == 80);
    ck_assert_uint_eq(spans_seek(s, 0), 0);
    ck_assert_uint_eq(spans_seek(s, 3), 0);
    ck_assert_uint_eq(spans_seek(s, 4), 1);
    ck_assert_uint_eq(spans_seek(s, 8), 2);
    ck_assert_uint_eq(spans_seek(s, 10), 2);
    ck_assert_uint_eq(spans_seek(s, 11), 3);
    arena_done(&a);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* SPACE-05: counts that do not fit 64 bits say so, whatever they wrap to. */
START_TEST(test_too_many)
{
    const uint64_t half = 1ull << 32;
    const struct spans *s, *down;
    struct mem mem;
    struct arena a;

    mem_init(&mem, NULL, 1u << 20);
    arena_init(&a, &mem);
    down = spans_layer(&a, 0, 1, 1, half, NULL);
    ck_assert_uint_eq(spans_layer(&a, 0, 1, 1, half - 1, down)->count,
                      UINT64_MAX - half + 1);
    s = spans_layer(&a, 0, 1, 1, half, down);
    ck_assert_uint_eq(s->count, UINT64_MAX);
    ck_assert_uint_eq(spans_layer(&a, 5, 1, 1, 1, s)->count, UINT64_MAX);
    ck_assert_uint_eq(spans_layer(&a, 0, half, 4, half - 1, down)->count, UINT64_MAX);
    arena_done(&a);
    mem_done(&mem);
}
END_TEST

/* A tree of 2^32 rows made of 64 spans: it is copied, compared and measured as what it
 * is, and the original is not written to. */
START_TEST(test_sharing)
{
    const struct spans *s = NULL, *t, *again;
    struct mem mem;
    struct arena a, b;

    mem_init(&mem, NULL, 1u << 16);
    arena_init(&a, &mem);
    arena_init(&b, &mem);
    for (unsigned d = 0; d < HI5_MAX_RANK; d++) {
        /* down, other, down: so that what is shared is not always next to itself */
        struct spans *const v = spans_new(&a, 3);
        ck_assert_ptr_nonnull(v);
        for (size_t i = 0; i < 3; i++)
            v->span[i] = (struct span){2 * i, 2 * i, 0, s};
        if (d > 0)
            v->span[1].down = s;
        spans_seal(v);
        s = v;
    }
    ck_assert_uint_eq(s->count, 1853020188851841u); /* 3^32 */
    t = spans_copy(&b, s);
    ck_assert_ptr_nonnull(t);
    ck_assert_ptr_ne(t, s);
    ck_assert_ptr_eq(t->span[0].down, t->span[2].down);
    ck_assert_uint_eq(t->count, s->count);
    again = spans_copy(&b, s);
    ck_assert_ptr_nonnull(again);
    ck_assert_ptr_ne(again, t);
    arena_done(&a);
    ck_assert_uint_eq(t->span[2].down->span[0].high, 0); /* nothing of the original */
    arena_done(&b);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* No memory at any point: a failure, nothing kept */
START_TEST(test_no_memory)
{
    bool worked = false;

    for (uint64_t limit = 0; limit < 1000000; limit += 5000) {
        const struct spans *tree[40], *all = NULL;
        struct mem mem;
        struct arena a;
        bool ok = true;

        mem_init(&mem, NULL, limit);
        arena_init(&a, &mem);
        for (uint64_t i = 0; i < 40 && ok; i++) {
            tree[i] = spans_layer(&a, i * 7 % 40, 1, 1, 1, NULL);
            if (tree[i] != NULL)
                tree[i] = spans_layer(&a, i, 3, 5, 2, tree[i]);
            ok = tree[i] != NULL;
        }
        ok = ok && spans_union(&a, tree, 40, &all);
        ok = ok && spans_copy(&a, all) != NULL;
        ck_assert(ok ? limit > 4000 : !worked);
        worked = ok;
        arena_done(&a);
        ck_assert_uint_eq(mem.used, 0);
        mem_done(&mem);
    }
    ck_assert(worked);
}
END_TEST

Suite *suite_spans(void);

Suite *
suite_spans(void)
{
    Suite *const s = suite_create("spans");
    TCase *const c = tcase_create("spans");

    tcase_add_loop_test(c, test_combine, 0, 6);
    tcase_add_test(c, test_union);
    tcase_add_test(c, test_rebuild);
    tcase_add_test(c, test_layers);
    tcase_add_test(c, test_too_many);
    tcase_add_test(c, test_sharing);
    tcase_add_test(c, test_no_memory);
    suite_add_tcase(s, c);
    return s;
}
