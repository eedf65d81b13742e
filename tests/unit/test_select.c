/*
 * test_select.c - selections: combining them, asking about them
 *
 * What libhdf5 1.10.8 says of blocks and regular selections is in the table; the rest is
 * held against bitmaps.
 */
#include "space/select.h"
#include "try_select.h"
#include <stdio.h>
#include <time.h>
#ifndef HI5_NO_THREADS
#include <pthread.h>
#endif

static hi5_selection *
select_new(unsigned rank, const uint64_t *dims)
{
    hi5_shape shape = {.kind = rank ? HI5_SIMPLE : HI5_SCALAR, .rank = rank};
    hi5_selection *s;
    hi5_error err;

    if (rank != 0)
        memcpy(shape.dims, dims, rank * sizeof *dims);
    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    return s;
}

/* ---- as libhdf5 ---- */

/* One call: start, stride, count, block. */
struct call {
    hi5_select_op op;
    uint64_t v[4][3];
};

static const struct as_lib {
    unsigned rank;
    struct call call[3];
    size_t ncalls;
    const char *blocks;  /* low corner;high corner */
    const char *regular; /* start stride count block; NULL: it is not */
} as_lib[] = {
    /* Blocks that touch are counted as they were asked for, */
    {2,
     {{HI5_SELECT_SET, {{1, 2}, {2, 3}, {3, 4}, {2, 3}}}},
     1,
     "1,2;2,4 1,5;2,7 1,8;2,10 1,11;2,13 3,2;4,4 3,5;4,7 3,8;4,10 3,11;4,13 5,2;6,4 "
     "5,5;6,7 5,8;6,10 5,11;6,13 ",
     "1,2 2,3 3,4 2,3 "},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {2, 3}, {1, 1}}}},
     1,
     "0,0;0,0 0,1;0,1 0,2;0,2 1,0;1,0 1,1;1,1 1,2;1,2 ",
     "0,0 1,1 2,3 1,1 "},
    {3,
     {{HI5_SELECT_SET, {{0, 0, 0}, {2, 2, 2}, {3, 1, 3}, {1, 4, 1}}}},
     1,
     "0,0,0;0,3,0 0,0,2;0,3,2 0,0,4;0,3,4 2,0,0;2,3,0 2,0,2;2,3,2 2,0,4;2,3,4 "
     "4,0,0;4,3,0 4,0,2;4,3,2 4,0,4;4,3,4 ",
     "0,0,0 2,2,2 3,1,3 1,4,1 "},
    /* but as few as possible once something was combined. */
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {1, 1}, {2, 2}}},
      {HI5_SELECT_OR, {{0, 4}, {1, 1}, {1, 1}, {2, 2}}}},
     2,
     "0,0;1,1 0,4;1,5 ",
     "0,0 1,4 1,2 2,2 "},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {1, 1}, {2, 2}}},
      {HI5_SELECT_OR, {{0, 2}, {1, 1}, {1, 1}, {2, 2}}}},
     2,
     "0,0;1,3 ",
     "0,0 1,1 1,1 2,4 "},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {1, 1}, {2, 2}}},
      {HI5_SELECT_OR, {{2, 0}, {1, 1}, {1, 1}, {2, 2}}}},
     2,
     "0,0;3,1 ",
     "0,0 1,1 1,1 4,2 "},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {1, 1}, {4, 4}}},
      {HI5_SELECT_XOR, {{2, 2}, {1, 1}, {1, 1}, {4, 4}}}},
     2,
     "0,0;1,3 2,0;3,1 2,4;3,5 4,2;5,5 ",
     NULL},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {1, 1}, {5, 5}}},
      {HI5_SELECT_NOT_B, {{1, 1}, {2, 2}, {2, 2}, {1, 1}}}},
     2,
     "0,0;0,4 1,0;1,0 1,2;1,2 1,4;1,4 2,0;2,4 3,0;3,0 3,2;3,2 3,4;3,4 4,0;4,4 ",
     NULL},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {3, 3}, {3, 3}, {2, 2}}},
      {HI5_SELECT_AND, {{1, 1}, {1, 1}, {1, 1}, {4, 5}}}},
     2,
     "1,1;1,1 1,3;1,4 3,1;4,1 3,3;4,4 ",
     NULL},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {1, 1}, {3, 3}}},
      {HI5_SELECT_NOT_A, {{0, 0}, {1, 1}, {1, 1}, {6, 3}}}},
     2,
     "3,0;5,2 ",
     "3,0 1,1 1,1 3,3 "},
    {2,
     {{HI5_SELECT_SET, {{5, 0}, {1, 1}, {1, 1}, {2, 3}}},
      {HI5_SELECT_OR, {{0, 10}, {1, 1}, {1, 1}, {7, 2}}},
      {HI5_SELECT_OR, {{6, 2}, {1, 1}, {1, 1}, {3, 9}}}},
     3,
     "0,10;4,11 5,0;5,2 5,10;5,11 6,0;6,11 7,2;8,10 ",
     NULL},
    {3,
     {{HI5_SELECT_SET, {{0, 0, 0}, {3, 3, 3}, {2, 2, 2}, {1, 1, 1}}},
      {HI5_SELECT_XOR, {{0, 0, 0}, {1, 2, 3}, {3, 2, 2}, {1, 1, 2}}}},
     2,
     "0,0,1;0,0,1 0,0,4;0,0,4 0,2,0;0,2,1 0,2,3;0,2,4 0,3,0;0,3,0 0,3,3;0,3,3 "
     "1,0,0;2,0,1 1,0,3;2,0,4 1,2,0;2,2,1 1,2,3;2,2,4 3,0,0;3,0,0 3,0,3;3,0,3 "
     "3,3,0;3,3,0 3,3,3;3,3,3 ",
     NULL},
    /* All, less or cut to a slab; nothing, and a slab. */
    {2,
     {{HI5_SELECT_AND, {{1, 1}, {1, 1}, {2, 3}, {1, 1}}}},
     1,
     "1,1;1,1 1,2;1,2 1,3;1,3 2,1;2,1 2,2;2,2 2,3;2,3 ",
     "1,1 1,1 2,3 1,1 "},
    {2,
     {{HI5_SELECT_NOT_B, {{1, 1}, {1, 1}, {2, 3}, {1, 1}}}},
     1,
     "0,0;0,29 1,0;2,0 1,4;2,29 3,0;19,29 ",
     NULL},
    {2,
     {{HI5_SELECT_SET, {{0, 0}, {1, 1}, {0, 1}, {1, 1}}},
      {HI5_SELECT_NOT_A, {{1, 1}, {1, 1}, {2, 3}, {1, 1}}}},
     2,
     "1,1;1,1 1,2;1,2 1,3;1,3 2,1;2,1 2,2;2,2 2,3;2,3 ",
     "1,1 1,1 2,3 1,1 "},
};

struct written {
    char text[1000];
    size_t n;
    unsigned rank;
    uint64_t blocks;
};

static void
write_coord(struct written *w, const uint64_t *v, char end)
{
    for (unsigned d = 0; d < w->rank; d++)
        w->n += (size_t)snprintf(w->text + w->n, sizeof w->text - w->n, "%llu%c",
                                 (unsigned long long)v[d], d + 1 < w->rank ? ',' : end);
}

static hi5_status
write_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct written *const w = ctx;

    (void)err;
    write_coord(w, low, ';');
    write_coord(w, high, ' ');
    w->blocks++;
    return HI5_OK;
}

START_TEST(test_as_libhdf5)
{
    static const uint64_t dims[2][3] = {{20, 30}, {6, 6, 6}};
    const struct as_lib *const a = &as_lib[_i];
    hi5_selection *const s = select_new(a->rank, dims[a->rank - 2]);
    struct written w = {{0}, 0, a->rank, 0}, r = w;
    uint64_t v[4][HI5_MAX_RANK];
    hi5_error err;

    for (size_t k = 0; k < a->ncalls; k++) {
        const struct call *const c = &a->call[k];
        ck_ok(
            hi5_selection_hyperslab(s, c->op, c->v[0], c->v[1], c->v[2], c->v[3], &err),
            &err);
    }
    ck_ok(hi5_selection_each_block(s, write_block, &w, &err), &err);
    ck_assert_str_eq(w.text, a->blocks);
    ck_assert_uint_eq(hi5_selection_blocks(s), w.blocks);
    ck_assert(hi5_selection_is_regular(s) == (a->regular != NULL));
    if (hi5_selection_get_regular(s, v[0], v[1], v[2], v[3])) {
        for (unsigned k = 0; k < 4; k++)
            write_coord(&r, v[k], ' ');
        ck_assert_str_eq(r.text, a->regular);
    }
    hi5_selection_free(s);
}
END_TEST

/* Results that select nothing, and hyperslabs of nothing: as libhdf5. SPACE-13 */
START_TEST(test_nothing)
{
    const uint64_t dims[2] = {20, 30}, zero[2] = {0, 0}, three[2] = {3, 3},
                   six[2] = {6, 6};
    const uint64_t none[2] = {0, 3};
    hi5_selection *const s = select_new(2, dims);
    uint64_t low[2], high[2];
    hi5_error err;

    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, three, NULL, &err),
          &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_NOT_B, zero, NULL, six, NULL, &err),
          &err);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_NONE);
    ck_assert_uint_eq(hi5_selection_count(s), 0);
    ck_assert_uint_eq(hi5_selection_blocks(s), 0);
    ck_assert(!hi5_selection_bounds(s, low, high));
    ck_assert(!hi5_selection_is_regular(s));
    ck_assert(sel_fits(s));
    hi5_selection_all(s);
    for (unsigned op = HI5_SELECT_OR; op <= HI5_SELECT_NOT_A; op++) {
        const bool stays =
            op == HI5_SELECT_OR || op == HI5_SELECT_XOR || op == HI5_SELECT_NOT_B;
        ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, three, NULL, &err),
              &err);
        ck_ok(
            hi5_selection_hyperslab(s, (hi5_select_op)op, zero, NULL, none, NULL, &err),
            &err);
        ck_assert_uint_eq(hi5_selection_count(s), stays ? 9 : 0);
        hi5_selection_all(s);
        ck_ok(
            hi5_selection_hyperslab(s, (hi5_select_op)op, zero, NULL, none, NULL, &err),
            &err);
        ck_assert_int_eq(hi5_selection_get_kind(s),
                         stays ? HI5_SELECTION_ALL : HI5_SELECTION_NONE);
        hi5_selection_none(s);
        ck_ok(hi5_selection_hyperslab(s, (hi5_select_op)op, zero, NULL, three, NULL,
                                      &err),
              &err);
        ck_assert_uint_eq(hi5_selection_count(s),
                          op == HI5_SELECT_AND || op == HI5_SELECT_NOT_B ? 0 : 9);
    }
    hi5_selection_all(s);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, zero, NULL, six, NULL, &err), &err);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_ALL);
    hi5_selection_free(s);
}
END_TEST

/* ---- against a bitmap ---- */

struct seen {
    const struct bitmap *b;
    uint8_t on[BITMAP_MOST];
    uint64_t end, calls;
};

static hi5_status
see_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    ck_assert_uint_gt(n, 0);
    ck_assert(s->calls == 0 || first > s->end); /* ascending, as long as can be */
    s->calls++;
    s->end = first + n;
    ck_assert_uint_le(s->end, s->b->n);
    memset(s->on + first, 1, (size_t)n);
    return HI5_OK;
}

static hi5_status
see_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct seen *const s = ctx;
    uint64_t coord[HI5_MAX_RANK];
    unsigned d;

    (void)err;
    s->calls++;
    memcpy(coord, low, s->b->rank * sizeof *coord);
    do {
        const size_t x = bitmap_index(s->b, coord);
        ck_assert(!s->on[x]);
        s->on[x] = 1;
        for (d = s->b->rank; d-- > 0 && coord[d]++ == high[d];)
            coord[d] = low[d];
    } while (d < s->b->rank);
    return HI5_OK;
}

static void
check_selection(const hi5_selection *s, const struct bitmap *b)
{
    const size_t n = bitmap_count(b);
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], coord[HI5_MAX_RANK];
    struct seen seen = {b, {0}, 0, 0};
    struct slab h;
    hi5_error err;

    ck_assert_uint_eq(hi5_selection_count(s), n);
    ck_ok(hi5_selection_each_run(s, see_run, &seen, &err), &err);
    ck_assert_mem_eq(seen.on, b->on, b->n);
    ck_assert(sel_fits(s));
    ck_assert((hi5_selection_get_kind(s) == HI5_SELECTION_NONE) == (n == 0));
    ck_assert(hi5_selection_bounds(s, low, high) == (n > 0));
    for (unsigned d = 0; n > 0 && d < b->rank; d++) {
        uint64_t least = UINT64_MAX, most = 0;
        for (size_t i = 0; i < b->n; i++) {
            bitmap_coord(b, i, coord);
            least = b->on[i] && coord[d] < least ? coord[d] : least;
            most = b->on[i] && coord[d] > most ? coord[d] : most;
        }
        ck_assert(low[d] == least && high[d] == most);
    }
    if (hi5_selection_get_kind(s) != HI5_SELECTION_HYPERSLABS)
        return;
    seen = (struct seen){b, {0}, 0, 0};
    ck_ok(hi5_selection_each_block(s, see_block, &seen, &err), &err);
    ck_assert_mem_eq(seen.on, b->on, b->n);
    ck_assert_uint_eq(hi5_selection_blocks(s), seen.calls);
    ck_assert(hi5_selection_is_regular(s) == bitmap_regular(b));
    if (hi5_selection_get_regular(s, h.start, h.stride, h.count, h.block)) {
        struct bitmap again = *b;
        bitmap_combine(&again, HI5_SELECT_SET, &h);
        ck_assert_mem_eq(again.on, b->on, b->n);
    }
}

/* SPACE-09; and copies, views, memory */
START_TEST(test_random)
{
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 120; round++) {
        uint64_t seed = 31 * (uint64_t)_i + 100000 * round, dims[HI5_MAX_RANK];
        hi5_selection *s, *copy, *view;
        struct bitmap b;
        hi5_shape shape;

        bitmap_random(&b, &seed);
        shape = bitmap_shape(&b);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        bitmap_select(&b, s, 5, &seed);
        check_selection(s, &b);
        ck_ok(sel_view(&mem, s, b.dims, &view, &err), &err);
        check_selection(view, &b);
        hi5_selection_free(view);
        ck_ok(sel_copy(&mem, s, &copy, &err), &err);
        hi5_selection_free(s);
        check_selection(copy, &b);
        /* A smaller extent: does it still fit? */
        memcpy(dims, b.dims, sizeof dims);
        if (hi5_selection_get_kind(copy) == HI5_SELECTION_HYPERSLABS) {
            uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK];
            const unsigned d = (unsigned)try_random(&seed, b.rank);
            hi5_selection_bounds(copy, low, high);
            dims[d] = try_random(&seed, b.dims[d] + 1);
            sel_set_extent(copy, dims);
            ck_assert_uint_eq(sel_extent(copy)[d], dims[d]);
            ck_assert(sel_fits(copy) == (high[d] < dims[d]));
        }
        hi5_selection_free(copy);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* Blocks as files store them: any order, overlapping, in one dimension or more. */
START_TEST(test_blocks)
{
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 200; round++) {
        uint64_t seed = 555 + round, corners[40 * 2 * HI5_MAX_RANK];
        const size_t n = (size_t)try_random(&seed, 41);
        struct bitmap b;
        hi5_selection *s;
        hi5_shape shape;

        bitmap_random(&b, &seed);
        for (size_t i = 0; i < n; i++) {
            uint64_t *const low = corners + 2 * i * b.rank, *const high = low + b.rank;
            struct slab h;
            memset(&h, 0, sizeof h);
            for (unsigned d = 0; d < b.rank; d++) {
                low[d] = try_random(&seed, b.dims[d]);
                high[d] = low[d] + try_random(&seed, (b.dims[d] - low[d] + 2) / 3);
                h.start[d] = low[d];
                h.stride[d] = h.count[d] = 1;
                h.block[d] = high[d] - low[d] + 1;
            }
            bitmap_combine(&b, HI5_SELECT_OR, &h);
        }
        shape = bitmap_shape(&b);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        ck_ok(sel_set_blocks(s, n, corners, &err), &err);
        check_selection(s, &b);
        hi5_selection_free(s);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* EVIL: corners the wrong way round, and at the end of all numbers; what was selected
 * stays. */
START_TEST(test_bad_blocks)
{
    const uint64_t dims[2] = {9, 9}, good[4] = {1, 1, 2, 2};
    const uint64_t bad[2][4] = {{1, 2, 1, 1}, {0, 0, 0, UINT64_MAX}};
    const uint64_t last[4] = {0, UINT64_MAX - 1, 0, UINT64_MAX - 1};
    hi5_selection *const s = select_new(2, dims);
    hi5_error err;

    ck_ok(sel_set_blocks(s, 1, good, &err), &err);
    for (unsigned i = 0; i < 2; i++) {
        ck_status(sel_set_blocks(s, 1, bad[i], &err), HI5_E_CORRUPT);
        ck_assert_uint_eq(hi5_selection_count(s), 4);
    }
    ck_ok(sel_set_blocks(s, 1, last, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 1);
    ck_assert(!sel_fits(s));
    ck_ok(sel_set_blocks(s, 0, NULL, &err), &err);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_NONE);
    hi5_selection_free(s);
}
END_TEST

/* SPACE-10: 10^5 blocks, scattered rows, in reasonable time and within the memory that
 * a file is given. Quadratic would be minutes. */
START_TEST(test_many_blocks)
{
    const uint64_t n = 100000, dims[2] = {1000000, 1000};
    uint64_t *const corners = malloc(n * 4 * sizeof *corners);
    hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 2, .dims = {1000000, 1000}};
    const clock_t began = clock();
    hi5_selection *s;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 30);
    ck_assert_ptr_nonnull(corners);
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t row = i * 7919 % n;
        corners[4 * i] = corners[4 * i + 2] = 10 * row;
        corners[4 * i + 1] = row % 500;
        corners[4 * i + 3] = row % 500 + 9;
    }
    ck_ok(sel_create(&mem, &shape, &s, &err), &err);
    ck_ok(sel_set_blocks(s, (size_t)n, corners, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 10 * n);
    ck_assert_uint_eq(hi5_selection_blocks(s), n);
    ck_assert(sel_fits(s) && dims[0] == 10 * n);
    ck_assert_uint_lt(mem.peak, 200u << 20);
    ck_assert_uint_lt(mem.used, 40u << 20); /* no scraps */
    ck_assert((clock() - began) / CLOCKS_PER_SEC < 20);
    hi5_selection_free(s);
    free(corners);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* SPACE-10: the same slab by slab, asked about only at the end */
START_TEST(test_many_slabs)
{
    const uint64_t dims[2] = {1000000, 1000}, one[2] = {1, 1}, block[2] = {1, 10};
    hi5_selection *const s = select_new(2, dims);
    const clock_t began = clock();
    uint64_t low[2], high[2];
    hi5_error err;

    for (uint64_t i = 0; i < 100000; i++) {
        const uint64_t row = i * 7919 % 100000, start[2] = {10 * row, row % 500};
        ck_ok(hi5_selection_hyperslab(s, i == 0 ? HI5_SELECT_SET : HI5_SELECT_OR, start,
                                      NULL, one, block, &err),
              &err);
    }
    ck_assert_uint_eq(hi5_selection_count(s), 1000000);
    ck_assert_uint_eq(hi5_selection_blocks(s), 100000);
    ck_assert(hi5_selection_bounds(s, low, high));
    ck_assert(low[0] == 0 && high[0] == 999990 && low[1] == 0 && high[1] == 508);
    ck_assert((clock() - began) / CLOCKS_PER_SEC < 20);
    hi5_selection_free(s);
}
END_TEST

static hi5_status
count_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    (void)first;
    (void)n;
    (void)err;
    ++*(uint64_t *)ctx;
    return HI5_OK;
}

#ifndef HI5_NO_THREADS
struct asker {
    const hi5_selection *s;
    const struct bitmap *b;
    uint64_t count, blocks, runs;
    bool regular;
    pthread_t thread;
};

static void *
ask(void *ctx)
{
    struct asker *const a = ctx;
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK];

    a->count = hi5_selection_count(a->s);
    a->regular = hi5_selection_is_regular(a->s);
    a->blocks = hi5_selection_blocks(a->s);
    if (!hi5_selection_bounds(a->s, low, high) ||
        hi5_selection_each_run(a->s, count_run, &a->runs, NULL) != HI5_OK)
        a->count = 0;
    return NULL;
}

/* A selection that is not changed any more may be used by many at once, also by those
 * who come first. */
START_TEST(test_threads)
{
    for (uint64_t round = 0; round < 20; round++) {
        uint64_t seed = 4242 + round;
        struct bitmap b = {2, {40, 60}, 2400, {0}};
        hi5_selection *const s = select_new(2, b.dims);
        struct asker a[4];
        hi5_error err;

        for (unsigned k = 0; k < 30; k++) {
            struct slab h = slab_random(&b, &seed);
            h.count[0] += h.count[0] == 0;
            h.count[1] += h.count[1] == 0;
            h.block[0] += h.block[0] == 0;
            h.block[1] += h.block[1] == 0;
            const hi5_select_op op = k == 0 ? HI5_SELECT_SET : HI5_SELECT_OR;
            ck_ok(hi5_selection_hyperslab(s, op, h.start, h.stride, h.count, h.block,
                                          &err),
                  &err);
            bitmap_combine(&b, op, &h);
        }
        for (unsigned i = 0; i < 4; i++) {
            a[i] = (struct asker){.s = s, .b = &b};
            ck_assert_int_eq(pthread_create(&a[i].thread, NULL, ask, &a[i]), 0);
        }
        for (unsigned i = 0; i < 4; i++)
            pthread_join(a[i].thread, NULL);
        for (unsigned i = 0; i < 4; i++) {
            ck_assert_uint_eq(a[i].count, bitmap_count(&b));
            ck_assert(a[i].blocks == a[0].blocks && a[i].runs == a[0].runs);
            ck_assert(a[i].regular == bitmap_regular(&b) && a[i].runs > 0);
        }
        check_selection(s, &b);
        hi5_selection_free(s);
    }
}
END_TEST
#endif

/* No memory when a union is put together at last: an error where there can be one, and
 * no harm. */
START_TEST(test_late_no_memory)
{
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 2, .dims = {100, 100}};
    const uint64_t one[2] = {1, 1}, box[2] = {3, 3};
    unsigned failed = 0;

    for (uint64_t spare = 0; spare < 40000; spare += 400) {
        uint64_t low[2], high[2], runs = 0;
        hi5_selection *s, *view;
        struct mem mem;
        hi5_error err;

        mem_init(&mem, NULL, 1u << 20);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        for (uint64_t i = 0; i < 31; i++) {
            const uint64_t start[2] = {i * 7 % 90, i * 13 % 90};
            ck_ok(hi5_selection_hyperslab(s, i ? HI5_SELECT_OR : HI5_SELECT_SET, start,
                                          NULL, one, box, &err),
                  &err);
        }
        mem.limit = mem.used + spare;
        if (hi5_selection_each_run(s, count_run, &runs, &err) == HI5_OK) {
            ck_assert_uint_gt(runs, 31);
            ck_assert(hi5_selection_bounds(s, low, high));
        } else {
            failed++;
            ck_assert(err.status == HI5_E_LIMIT || err.status == HI5_E_NOMEM);
            hi5_selection_bounds(s, low, high);
            hi5_selection_blocks(s);
            hi5_selection_is_regular(s);
        }
        if (sel_view(&mem, s, shape.dims, &view, &err) == HI5_OK)
            hi5_selection_free(view);
        mem.limit = 1u << 20; /* there is memory again, and nothing is lost */
        ck_assert_uint_eq(hi5_selection_count(s), 279);
        hi5_selection_free(s);
        ck_assert_uint_eq(mem.used, 0);
        mem_done(&mem);
    }
    ck_assert(failed > 0 && failed < 100);
}
END_TEST

/* ---- points ---- */

START_TEST(test_points)
{
    const uint64_t dims[2] = {5, 4}, a[6] = {4, 3, 0, 0, 4, 3}, b[4] = {1, 2, 9, 9};
    const uint64_t zero[2] = {0, 0}, one[2] = {1, 1};
    hi5_selection *const s = select_new(2, dims), *copy, *view;
    uint64_t c[2], low[2], high[2];
    struct mem mem;
    hi5_error err;

    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 3, a, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 3);
    ck_assert(sel_fits(s));
    ck_ok(hi5_selection_points(s, HI5_SELECT_OR, 2, b, &err), &err);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_POINTS);
    ck_assert_uint_eq(hi5_selection_count(s), 5);
    ck_assert(!sel_fits(s));
    ck_assert(hi5_selection_bounds(s, low, high));
    ck_assert(low[0] == 0 && low[1] == 0 && high[0] == 9 && high[1] == 9);
    for (uint64_t i = 0; i < 5; i++) {
        ck_assert(hi5_selection_point(s, i, c));
        ck_assert_mem_eq(c, i < 3 ? &a[2 * i] : &b[2 * (i - 3)], sizeof c);
    }
    ck_assert(!hi5_selection_point(s, 5, c));
    mem_init(&mem, NULL, 1u << 20);
    ck_ok(sel_copy(&mem, s, &copy, &err), &err);
    ck_assert(hi5_selection_point(copy, 4, c) && c[0] == 9);
    hi5_selection_free(copy);
    ck_status(sel_view(&mem, s, dims, &view, &err), HI5_E_INTERNAL);
    ck_assert_ptr_null(view);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
    ck_status(hi5_selection_points(s, HI5_SELECT_AND, 1, a, &err), HI5_E_ARG);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_OR, zero, NULL, one, NULL, &err),
              HI5_E_UNSUPPORTED);
    ck_assert_uint_eq(hi5_selection_count(s), 5);
    ck_assert(!hi5_selection_is_regular(s));
    ck_assert_uint_eq(hi5_selection_blocks(s), 0);
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 0, NULL, &err), &err);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_NONE);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, one, NULL, &err),
          &err);
    ck_status(hi5_selection_points(s, HI5_SELECT_OR, 1, a, &err), HI5_E_UNSUPPORTED);
    hi5_selection_free(s);
}
END_TEST

/* SPACE-10: points that come one by one */
START_TEST(test_many_points)
{
    const uint64_t dims[1] = {1u << 20};
    hi5_selection *const s = select_new(1, dims);
    const clock_t began = clock();
    uint64_t c;
    hi5_error err;

    for (uint64_t i = 0; i < 200000; i++) {
        c = i * 3 % (1u << 20);
        ck_ok(hi5_selection_points(s, HI5_SELECT_OR, 1, &c, &err), &err);
    }
    ck_assert_uint_eq(hi5_selection_count(s), 200000);
    ck_assert(hi5_selection_point(s, 199999, &c));
    ck_assert_uint_eq(c, 199999 * 3);
    ck_assert((clock() - began) / CLOCKS_PER_SEC < 20);
    hi5_selection_free(s);
}
END_TEST

/* The order given, runs not joined. */
static hi5_status
see_points(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct written *const w = ctx;

    (void)err;
    w->n += (size_t)snprintf(w->text + w->n, sizeof w->text - w->n, "%llu+%llu ",
                             (unsigned long long)first, (unsigned long long)n);
    return HI5_OK;
}

START_TEST(test_runs)
{
    const uint64_t dims[2] = {5, 4}, points[10] = {4, 3, 0, 2, 0, 3, 1, 0, 4, 3};
    const uint64_t start[2] = {1, 2}, count[2] = {3, 1}, wide[2] = {2, 4},
                   block[2] = {1, 2};
    hi5_selection *const s = select_new(2, dims), *const scalar = select_new(0, NULL);
    struct written w = {{0}, 0, 2, 0};
    hi5_error err;

    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 5, points, &err), &err);
    ck_ok(hi5_selection_each_run(s, see_points, &w, &err), &err);
    ck_assert_str_eq(w.text, "19+1 2+3 19+1 ");
    w.n = 0;
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, count, block, &err),
          &err);
    ck_ok(hi5_selection_each_run(s, see_points, &w, &err), &err);
    ck_assert_str_eq(w.text, "6+2 10+2 14+2 ");
    /* Rows 1 and 2, four columns from column 2: the last two are beyond the extent, and
     * are numbered as if it went on. */
    w.n = 0;
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, wide, NULL, &err),
          &err);
    ck_assert(!sel_fits(s));
    ck_ok(hi5_selection_each_run(s, see_points, &w, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 8);
    w.n = 0;
    ck_ok(hi5_selection_each_run(scalar, see_points, &w, &err), &err);
    ck_assert_str_eq(w.text, "0+1 ");
    hi5_selection_free(scalar);
    hi5_selection_free(s);
}
END_TEST

/* A callback's failure comes back, and stops the calls. */
static hi5_status
refuse_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    (void)first;
    (void)n;
    (void)err;
    ++*(unsigned *)ctx;
    return HI5_E_STATE;
}

static hi5_status
refuse_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    return refuse_run(ctx, *low, *high, err);
}

START_TEST(test_callback_fails)
{
    const uint64_t dims[1] = {50}, start[1] = {1}, stride[1] = {5}, count[1] = {9};
    hi5_selection *const s = select_new(1, dims);
    unsigned calls = 0;
    hi5_error err;

    for (unsigned k = 0; k < 2; k++) {
        ck_ok(hi5_selection_hyperslab(s, k == 0 ? HI5_SELECT_SET : HI5_SELECT_XOR,
                                      start, k == 0 ? stride : NULL, count, NULL, &err),
              &err);
        calls = 0;
        ck_status(hi5_selection_each_run(s, refuse_run, &calls, &err), HI5_E_STATE);
        ck_assert_uint_eq(calls, 1);
        ck_status(hi5_selection_each_block(s, refuse_block, &calls, &err), HI5_E_STATE);
        ck_assert_uint_eq(calls, 2);
    }
    hi5_selection_free(s);
}
END_TEST

/* ---- what is refused ---- */

/* SPACE-12 */
START_TEST(test_bad_arguments)
{
    const uint64_t dims[1] = {10}, zero[1] = {0}, one[1] = {1}, two[1] = {2},
                   three[1] = {3};
    const uint64_t most[1] = {UINT64_MAX}, half[1] = {1ull << 63};
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = HI5_MAX_RANK + 1};
    hi5_selection *const s = select_new(1, dims),
                         *t, *const scalar = select_new(0, NULL);
    hi5_error err;

    ck_status(hi5_selection_create(&shape, &t, &err), HI5_E_ARG);
    ck_assert_ptr_null(t);
    ck_status(hi5_selection_create(NULL, &t, &err), HI5_E_ARG);
    ck_status(
        hi5_selection_hyperslab(scalar, HI5_SELECT_SET, zero, NULL, one, NULL, &err),
        HI5_E_ARG);
    ck_status(hi5_selection_points(scalar, HI5_SELECT_SET, 1, zero, &err), HI5_E_ARG);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, two, NULL, three, NULL, &err),
          &err);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, zero, one, one, &err),
              HI5_E_ARG);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, two, two, three, &err),
              HI5_E_ARG);
    /* one block may be larger than the stride */
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, two, one, three, &err),
          &err);
    ck_assert_uint_eq(hi5_selection_count(s), 3);
    /* SPACE-05: beyond 64 bits, in every way there is */
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, most, NULL, one, NULL, &err),
              HI5_E_RANGE);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, half, NULL, one, half, &err),
              HI5_E_RANGE);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, half, three, one, &err),
              HI5_E_RANGE);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, half, two, half, &err),
              HI5_E_RANGE);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_OR, most, NULL, two, NULL, &err),
              HI5_E_RANGE);
    /* endless twice, or endless blocks side by side */
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, most, most, most, &err),
              HI5_E_ARG);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, most, two, most, &err),
              HI5_E_ARG);
    ck_assert_uint_eq(hi5_selection_count(s), 3);
    hi5_selection_free(scalar);
    hi5_selection_free(s);
    hi5_selection_free(NULL);
}
END_TEST

/* ---- without end ---- */

START_TEST(test_unlimited)
{
    const uint64_t dims[2] = {10, 4}, start[2] = {3, 0}, stride[2] = {5, 1};
    const uint64_t endless[2] = {HI5_UNLIMITED, 1}, block[2] = {2, 4}, one[2] = {1, 1};
    hi5_selection *const s = select_new(2, dims);
    uint64_t low[2], high[2], v[4][2];
    struct written w = {{0}, 0, 2, 0};
    hi5_error err;

    ck_assert_int_eq(sel_unlimited_dim(s), -1);
    ck_ok(
        hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, endless, block, &err),
        &err);
    ck_assert_int_eq(sel_unlimited_dim(s), 0);
    ck_assert_uint_eq(hi5_selection_count(s), UINT64_MAX);
    ck_assert_uint_eq(hi5_selection_blocks(s), UINT64_MAX);
    ck_assert(hi5_selection_is_regular(s) && !sel_fits(s));
    ck_assert(hi5_selection_bounds(s, low, high));
    ck_assert(low[0] == 3 && high[0] == UINT64_MAX && high[1] == 3);
    ck_assert(hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]));
    ck_assert(v[2][0] == HI5_UNLIMITED && v[3][0] == 2 && v[1][0] == 5);
    ck_status(hi5_selection_each_run(s, see_points, &w, &err), HI5_E_RANGE);
    ck_status(hi5_selection_each_block(s, write_block, &w, &err), HI5_E_ARG);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_OR, start, NULL, one, NULL, &err),
              HI5_E_UNSUPPORTED);
    ck_status(hi5_selection_hyperslab(s, HI5_SELECT_AND, start, NULL, one, NULL, &err),
              HI5_E_UNSUPPORTED);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, one, NULL, &err),
          &err);
    ck_status(
        hi5_selection_hyperslab(s, HI5_SELECT_XOR, start, stride, endless, block, &err),
        HI5_E_UNSUPPORTED);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, one, one, endless, &err),
          &err);
    ck_assert_int_eq(sel_unlimited_dim(s), 0);
    ck_assert_uint_eq(hi5_selection_count(s), UINT64_MAX);
    hi5_selection_free(s);
}
END_TEST

/* Every end of each kind of endless dimension, against the bitmap. */
START_TEST(test_limit)
{
    for (uint64_t start = 0; start < 7; start++)
        for (uint64_t block = 1; block < 6; block++)
            for (uint64_t stride = block; stride < 8; stride++)
                for (uint64_t end = 0; end < 31; end++) {
                    const bool endless_block = end % 2 == 1 && stride == block;
                    const uint64_t v[4][2] = {
                        {1, start},
                        {1, stride},
                        {1, endless_block ? 1 : HI5_UNLIMITED},
                        {2, endless_block ? HI5_UNLIMITED : block}};
                    struct bitmap b = {2, {4, 31}, 124, {0}};
                    hi5_selection *const s = select_new(2, b.dims);
                    hi5_error err;

                    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, v[0], v[1], v[2],
                                                  v[3], &err),
                          &err);
                    ck_ok(sel_limit(s, 1, end, &err), &err);
                    for (uint64_t x = start; x < end; x++)
                        b.on[31 + x] = b.on[62 + x] =
                            endless_block || (x - start) % stride < block;
                    ck_assert_int_eq(sel_unlimited_dim(s), -1);
                    check_selection(s, &b);
                    hi5_selection_free(s);
                }
}
END_TEST

START_TEST(test_limit_view)
{
    const uint64_t dims[1] = {10}, start[1] = {1}, stride[1] = {4},
                   count[1] = {HI5_UNLIMITED};
    const uint64_t block[1] = {3}, more[1] = {1ull << 62};
    hi5_selection *const s = select_new(1, dims), *view;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 20);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, count, block, &err),
          &err);
    ck_ok(sel_view(&mem, s, more, &view, &err), &err);
    ck_ok(sel_limit(view, 0, 14, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(view), 10); /* 1-3 5-7 9-11 13 */
    ck_assert_int_eq(sel_unlimited_dim(s), 0);        /* the original is as it was */
    ck_status(sel_limit(view, 0, 14, &err), HI5_E_INTERNAL);
    hi5_selection_free(view);
    ck_ok(sel_view(&mem, s, more, &view, &err), &err);
    ck_ok(sel_limit(view, 0, (1ull << 62) + 1, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(view), 3 * (1ull << 60));
    ck_assert(sel_fits(view));
    hi5_selection_free(view);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
    hi5_selection_free(s);
}
END_TEST

/* ---- shapes, and the ends of what can be counted ---- */

/* SPACE-03, SPACE-05 */
START_TEST(test_counts)
{
    const hi5_shape null = {.kind = HI5_NULL}, scalar = {.kind = HI5_SCALAR};
    const hi5_shape empty = {
        .kind = HI5_SIMPLE, .rank = 3, .dims = {1ull << 40, 0, 1ull << 40}};
    const hi5_shape wide = {
        .kind = HI5_SIMPLE, .rank = 2, .dims = {1ull << 32, 1ull << 32}};
    const hi5_shape two = {.kind = HI5_SIMPLE, .rank = 2, .dims = {1ull << 63, 2}};
    const hi5_shape most = {.kind = HI5_SIMPLE, .rank = 2, .dims = {1ull << 63, 1}};
    const uint64_t zero[3] = {0, 0, 0}, one[3] = {1, 1, 1};
    uint64_t low[3], high[3];
    struct written w = {{0}, 0, 3, 0};
    hi5_selection *s;
    hi5_error err;

    ck_assert_uint_eq(hi5_shape_count(&null), 0);
    ck_assert_uint_eq(hi5_shape_count(&scalar), 1);
    ck_assert_uint_eq(hi5_shape_count(&empty), 0);
    ck_assert_uint_eq(hi5_shape_count(&wide), UINT64_MAX);
    ck_assert_uint_eq(hi5_shape_count(&two), UINT64_MAX);
    ck_assert_uint_eq(hi5_shape_count(&most), 1ull << 63);
    ck_ok(hi5_selection_create(&null, &s, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 0);
    hi5_selection_all(s);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_NONE);
    hi5_selection_free(s);
    ck_ok(hi5_selection_create(&scalar, &s, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 1);
    ck_assert_uint_eq(hi5_selection_rank(s), 0);
    hi5_selection_none(s);
    ck_assert_uint_eq(hi5_selection_count(s), 0);
    hi5_selection_free(s);
    ck_ok(hi5_selection_create(&empty, &s, &err), &err);
    ck_assert(!hi5_selection_bounds(s, low, high));
    ck_ok(hi5_selection_each_run(s, see_points, &w, &err), &err);
    ck_assert_uint_eq(w.n, 0);
    /* a selection in an extent of nothing cannot be numbered */
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, one, NULL, &err),
          &err);
    ck_assert(!sel_fits(s));
    ck_status(hi5_selection_each_run(s, see_points, &w, &err), HI5_E_RANGE);
    hi5_selection_free(s);
    ck_ok(hi5_selection_create(&wide, &s, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), UINT64_MAX);
    ck_assert(hi5_selection_bounds(s, low, high) && high[1] == (1ull << 32) - 1);
    hi5_selection_free(s);
}
END_TEST

/* Combining at the far end of an extent of 2^64 - 1 */
START_TEST(test_far)
{
    const uint64_t end = UINT64_MAX - 1, dims[1] = {end}, a[1] = {end - 10},
                   b[1] = {end - 3};
    const uint64_t five[1] = {5}, three[1] = {3}, rest[1] = {end};
    hi5_selection *const s = select_new(1, dims);
    struct written w = {{0}, 0, 1, 0};
    uint64_t low[1], high[1];
    hi5_error err;

    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, a, NULL, five, NULL, &err), &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, b, NULL, three, NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 8);
    ck_ok(hi5_selection_each_run(s, see_points, &w, &err), &err);
    ck_assert_str_eq(w.text, "18446744073709551604+5 18446744073709551611+3 ");
    ck_assert(sel_fits(s));
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_NOT_A, (uint64_t[]){0}, NULL,
                                  (uint64_t[]){1}, rest, &err),
          &err);
    ck_assert_uint_eq(hi5_selection_count(s), end - 8);
    ck_assert(hi5_selection_bounds(s, low, high));
    ck_assert(low[0] == 0 && high[0] == end - 4);
    ck_assert_uint_eq(hi5_selection_blocks(s), 2);
    hi5_selection_free(s);
}
END_TEST

/* No memory, at each allocation: an error, and the selection as it was. */
START_TEST(test_no_memory)
{
    const uint64_t start[2] = {0, 0}, stride[2] = {3, 5}, count[2] = {20, 20},
                   one[2] = {1, 1};
    const uint64_t odd[2] = {1, 1}, box[2] = {30, 30}, points[4] = {1, 2, 3, 4};
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 2, .dims = {100, 100}};
    bool worked = false;

    for (uint64_t limit = 0; limit < 80000; limit += 200) {
        hi5_selection *s, *copy;
        struct mem mem;
        hi5_error err;
        hi5_status st;

        mem_init(&mem, NULL, limit);
        if (sel_create(&mem, &shape, &s, &err) == HI5_OK) {
            ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, count, NULL,
                                          &err),
                  &err);
            st = hi5_selection_hyperslab(s, HI5_SELECT_XOR, odd, NULL, one, box, &err);
            ck_assert(st == HI5_OK ? limit > 2000 : !worked);
            ck_assert_uint_eq(hi5_selection_count(s), st == HI5_OK ? 1180 : 400);
            worked = st == HI5_OK;
            if (sel_copy(&mem, s, &copy, &err) == HI5_OK) {
                ck_assert_uint_eq(hi5_selection_count(copy), hi5_selection_count(s));
                hi5_selection_free(copy);
            }
            st = hi5_selection_points(s, HI5_SELECT_SET, 2, points, &err);
            ck_assert(st == HI5_OK || hi5_selection_count(s) == 400);
            hi5_selection_free(s);
        }
        ck_assert_uint_eq(mem.used, 0);
        mem_done(&mem);
    }
    ck_assert(worked);
}
END_TEST

Suite *suite_select(void);

Suite *
suite_select(void)
{
    Suite *const s = suite_create("select");
    TCase *const c = tcase_create("select");

    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, test_as_libhdf5, 0, sizeof as_lib / sizeof *as_lib);
    tcase_add_test(c, test_nothing);
    tcase_add_loop_test(c, test_random, 0, 6);
    tcase_add_test(c, test_blocks);
    tcase_add_test(c, test_bad_blocks);
    tcase_add_test(c, test_many_blocks);
    tcase_add_test(c, test_many_slabs);
#ifndef HI5_NO_THREADS
    tcase_add_test(c, test_threads);
#endif
    tcase_add_test(c, test_late_no_memory);
    tcase_add_test(c, test_points);
    tcase_add_test(c, test_many_points);
    tcase_add_test(c, test_runs);
    tcase_add_test(c, test_callback_fails);
    tcase_add_test(c, test_bad_arguments);
    tcase_add_test(c, test_unlimited);
    tcase_add_test(c, test_limit);
    tcase_add_test(c, test_limit_view);
    tcase_add_test(c, test_counts);
    tcase_add_test(c, test_far);
    tcase_add_test(c, test_no_memory);
    suite_add_tcase(s, c);
    return s;
}
