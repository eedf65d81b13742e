/*
 * test_walk.c - a selection, chunk by chunk and run by run, against a bitmap
 */
#include "base/err.h"
#include "space/select.h"
#include "try_select.h"

/* What a walk must say: the position of each element, and how often it is selected. */
struct expected {
    struct bitmap b;
    uint64_t pos[BITMAP_MOST];
    uint64_t chunk[HI5_MAX_RANK];
};

static void
expect_positions(struct expected *e)
{
    uint64_t at = 0;

    for (size_t i = 0; i < e->b.n; i++) {
        e->pos[i] = at;
        at += e->b.on[i];
    }
}

/* A chunk shape; the whole extent, larger than it, or anything. */
static void
random_chunk(struct expected *e, uint64_t *seed)
{
    const uint64_t how = try_random(seed, 4);

    for (unsigned d = 0; d < e->b.rank; d++) {
        const uint64_t dim = e->b.dims[d];
        e->chunk[d] = how == 0 ? dim : 1 + try_random(seed, how == 1 ? dim + 3 : dim);
    }
}

/* Element `at` of a chunk as an element of the extent. */
static size_t
element_of(const struct expected *e, const uint64_t *scaled, uint64_t at)
{
    uint64_t coord[HI5_MAX_RANK];

    for (unsigned d = e->b.rank; d-- > 0;) {
        coord[d] = scaled[d] * e->chunk[d] + at % e->chunk[d];
        at /= e->chunk[d];
    }
    ck_assert_uint_eq(at, 0); /* inside the chunk */
    return bitmap_index(&e->b, coord);
}

static bool
ascends(const uint64_t *a, const uint64_t *b, unsigned rank)
{
    for (unsigned d = 0; d < rank; d++)
        if (a[d] != b[d])
            return a[d] < b[d];
    return false;
}

/* Every element once, at its place, in runs that could not be longer. SPACE-01 */
static void
check_walk(const struct expected *e, struct mem *mem, const hi5_selection *s)
{
    uint64_t scaled[HI5_MAX_RANK], last[HI5_MAX_RANK];
    uint8_t seen[BITMAP_MOST] = {0};
    struct sel_walk *w;
    struct sel_run r, held = {0, 0, 0};
    bool first = true;
    hi5_error err;

    ck_ok(sel_walk_open(mem, s, e->chunk, &w, &err), &err);
    for (; sel_walk_chunk(w, scaled); first = false) {
        size_t runs = 0;

        ck_assert(first || ascends(last, scaled, e->b.rank));
        memcpy(last, scaled, sizeof last);
        for (; sel_walk_run(w, &r); held = r, runs++) {
            ck_assert_uint_gt(r.n, 0);
            ck_assert(runs == 0 || held.pos + held.n <= r.pos);
            ck_assert(runs == 0 || held.at + held.n != r.at ||
                      held.pos + held.n != r.pos);
            for (uint64_t i = 0; i < r.n; i++) {
                const size_t x = element_of(e, scaled, r.at + i);
                ck_assert_uint_eq(e->pos[x], r.pos + i);
                ck_assert(e->b.on[x] && !seen[x]);
                seen[x] = 1;
            }
        }
        ck_assert_uint_gt(runs, 0);
        ck_assert(!sel_walk_run(w, &r));
    }
    ck_assert(!sel_walk_chunk(w, scaled));
    ck_assert_mem_eq(seen, e->b.on, e->b.n);
    sel_walk_close(w);
}

/* SPACE-09 */
START_TEST(test_hyperslabs)
{
    struct expected e;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 150; round++) {
        uint64_t seed = 1000 * (uint64_t)_i + round;
        hi5_selection *s;
        hi5_shape shape;

        bitmap_random(&e.b, &seed);
        shape = bitmap_shape(&e.b);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        bitmap_select(&e.b, s, _i % 2 ? 1 : 6, &seed);
        expect_positions(&e);
        for (unsigned k = 0; k < 3; k++) {
            random_chunk(&e, &seed);
            check_walk(&e, &mem, s);
        }
        hi5_selection_free(s);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

START_TEST(test_all)
{
    struct expected e;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 100; round++) {
        uint64_t seed = round;
        hi5_selection *s;
        hi5_shape shape;

        bitmap_random(&e.b, &seed);
        memset(e.b.on, 1, e.b.n);
        expect_positions(&e);
        shape = bitmap_shape(&e.b);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        random_chunk(&e, &seed);
        check_walk(&e, &mem, s);
        hi5_selection_free(s);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* Points: the order given, duplicates as often as they are given; each chunk once. */
START_TEST(test_points)
{
    struct expected e;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 200; round++) {
        uint64_t seed = 77000 + round, scaled[HI5_MAX_RANK];
        const size_t n = (size_t)try_random(&seed, 300);
        uint64_t *const points = calloc(n * HI5_MAX_RANK + 1, sizeof *points);
        uint8_t *const seen = calloc(n + 1, 1);
        uint8_t chunks[BITMAP_MOST] = {0};
        struct sel_walk *w;
        hi5_selection *s;
        hi5_shape shape;
        struct sel_run r;

        bitmap_random(&e.b, &seed);
        random_chunk(&e, &seed);
        for (size_t i = 0; i < n; i++)
            bitmap_coord(&e.b,
                         i > 0 && try_random(&seed, 2)
                             ? (bitmap_index(&e.b, points + (i - 1) * e.b.rank) + 1) %
                                   e.b.n
                             : (size_t)try_random(&seed, e.b.n),
                         points + i * e.b.rank);
        shape = bitmap_shape(&e.b);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        ck_ok(hi5_selection_points(s, HI5_SELECT_SET, n, points, &err), &err);
        ck_ok(sel_walk_open(&mem, s, e.chunk, &w, &err), &err);
        while (sel_walk_chunk(w, scaled)) {
            const size_t origin = element_of(&e, scaled, 0);
            ck_assert(!chunks[origin]);
            chunks[origin] = 1;
            while (sel_walk_run(w, &r))
                for (uint64_t i = 0; i < r.n; i++) {
                    const size_t p = (size_t)(r.pos + i);
                    ck_assert_uint_lt(p, n);
                    ck_assert(!seen[p]++);
                    ck_assert_uint_eq(element_of(&e, scaled, r.at + i),
                                      bitmap_index(&e.b, points + p * e.b.rank));
                }
        }
        for (size_t i = 0; i < n; i++)
            ck_assert(seen[i]);
        sel_walk_close(w);
        hi5_selection_free(s);
        free(points);
        free(seen);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* The one run that a walk yields; fails if there is another. */
static struct sel_run
only_run(const hi5_selection *s, const uint64_t *chunk, uint64_t *scaled)
{
    struct sel_run r, more;
    struct sel_walk *w;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 20);
    ck_ok(sel_walk_open(&mem, s, chunk, &w, &err), &err);
    ck_assert(sel_walk_chunk(w, scaled));
    ck_assert(sel_walk_run(w, &r));
    ck_assert(!sel_walk_run(w, &more));
    ck_assert(!sel_walk_chunk(w, scaled));
    sel_walk_close(w);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
    return r;
}

static hi5_selection *
selection_of(unsigned rank, const uint64_t *dims)
{
    hi5_shape shape = {.kind = rank ? HI5_SIMPLE : HI5_SCALAR, .rank = rank};
    hi5_selection *s;
    hi5_error err;

    if (rank != 0)
        memcpy(shape.dims, dims, rank * sizeof *dims);
    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    return s;
}

/* Where in the chunk element `i` of the extent is; UINT64_MAX if in another one. */
static uint64_t
place_of(const struct expected *e, const uint64_t *scaled, size_t i)
{
    uint64_t at = 0, below = 1;

    for (unsigned d = e->b.rank; d-- > 0; i /= (size_t)e->b.dims[d]) {
        const uint64_t x = i % e->b.dims[d];
        if (x / e->chunk[d] != scaled[d])
            return UINT64_MAX;
        at += x % e->chunk[d] * below;
        below *= e->chunk[d];
    }
    return at;
}

/* The first element of the chunk at or after `at` that is selected; UINT64_MAX if none.
 * It is looked for behind element *i of the extent, where the last one was. */
static uint64_t
selected_from(const struct expected *e, const uint64_t *scaled, uint64_t at, size_t *i)
{
    for (; *i < e->b.n; ++*i) {
        const uint64_t x = e->b.on[*i] ? place_of(e, scaled, *i) : UINT64_MAX;
        if (x != UINT64_MAX && x >= at)
            return x;
    }
    return UINT64_MAX;
}

/* After a skip comes the run with the first element that was not skipped. */
static void
check_skips(const struct expected *e, struct mem *mem, const hi5_selection *s,
            uint64_t *seed)
{
    uint64_t scaled[HI5_MAX_RANK];
    struct sel_walk *w;
    struct sel_run r;
    hi5_error err;

    ck_ok(sel_walk_open(mem, s, e->chunk, &w, &err), &err);
    while (sel_walk_chunk(w, scaled)) {
        size_t i = 0;
        for (uint64_t next = 0;; next = r.at + r.n) {
            const uint64_t to = try_random(seed, 3) ? try_random(seed, 40) + next : 0;
            const uint64_t due = selected_from(e, scaled, to > next ? to : next, &i);

            sel_walk_skip_to(w, to);
            ck_assert_int_eq(sel_walk_run(w, &r), due != UINT64_MAX);
            if (due == UINT64_MAX)
                break;
            ck_assert(r.at <= due && due < r.at + r.n);
            ck_assert_uint_eq(e->pos[element_of(e, scaled, due)], r.pos + (due - r.at));
        }
    }
    sel_walk_close(w);
}

static void
check_skips_in_order(struct expected *e, struct mem *mem, const hi5_selection *s,
                     uint64_t *seed)
{
    const uint64_t count = hi5_selection_count(s);
    uint64_t scaled[HI5_MAX_RANK];
    struct sel_walk *w;
    struct sel_run r;
    hi5_error err;

    memcpy(e->chunk, e->b.dims, sizeof e->chunk);
    ck_ok(sel_walk_open(mem, s, e->chunk, &w, &err), &err);
    ck_assert_int_eq(sel_walk_chunk(w, scaled), count != 0);
    for (uint64_t next = 0; count != 0; next = r.pos + r.n) {
        const uint64_t to = try_random(seed, 3) ? try_random(seed, 40) + next : 0;
        const uint64_t due = to > next ? to : next;

        sel_walk_skip_to_pos(w, to);
        ck_assert_int_eq(sel_walk_run(w, &r), due < count);
        if (due >= count)
            break;
        ck_assert(r.pos <= due && due < r.pos + r.n);
        ck_assert_uint_eq(e->pos[r.at + (due - r.pos)], due);
        ck_assert(e->b.on[r.at + (due - r.pos)]);
    }
    sel_walk_close(w);
}

START_TEST(test_skips)
{
    struct expected e;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 26);
    for (uint64_t round = 0; round < 40; round++) {
        uint64_t seed = 7000 * (uint64_t)_i + round;
        hi5_selection *s;
        hi5_shape shape;

        bitmap_random(&e.b, &seed);
        shape = bitmap_shape(&e.b);
        ck_ok(sel_create(&mem, &shape, &s, &err), &err);
        bitmap_select(&e.b, s, _i % 2 ? 1 : 6, &seed);
        expect_positions(&e);
        for (unsigned k = 0; k < 4; k++) {
            random_chunk(&e, &seed);
            check_skips(&e, &mem, s, &seed);
        }
        check_skips_in_order(&e, &mem, s, &seed);
        hi5_selection_free(s);
    }
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* SPACE-16: whole chunks, and whole rows of them, are one run each. */
START_TEST(test_one_run)
{
    const uint64_t dims[3] = {8, 6, 10}, chunk[3] = {4, 3, 5}, one[3] = {1, 1, 1};
    const uint64_t start[3] = {4, 3, 5}, rows[3] = {5, 3, 5}, count[3] = {2, 3, 5};
    const uint64_t box[3] = {1, 2, 0}, wide[3] = {3, 2, 10};
    hi5_selection *s = selection_of(3, dims);
    uint64_t scaled[3];
    struct sel_run r;
    hi5_error err;

    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, chunk, NULL, &err),
          &err);
    r = only_run(s, chunk, scaled);
    ck_assert(r.at == 0 && r.pos == 0 && r.n == 60);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, rows, NULL, count, NULL, &err),
          &err);
    r = only_run(s, chunk, scaled);
    ck_assert(r.at == 15 && r.pos == 0 && r.n == 30);
    /* The same from an irregular selection. */
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, one, chunk, &err),
          &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, rows, NULL, one, count, &err),
          &err);
    r = only_run(s, chunk, scaled);
    ck_assert(r.at == 0 && r.pos == 0 && r.n == 60);
    /* Not chunked: rows 2 and 3 of planes 1 to 3 are three runs, a plane is one. */
    hi5_selection_all(s);
    r = only_run(s, dims, scaled);
    ck_assert(r.at == 0 && r.pos == 0 && r.n == 480);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, box, NULL, wide, NULL, &err),
          &err);
    ck_assert_uint_eq(hi5_selection_count(s), 60);
    hi5_selection_free(s);
}
END_TEST

START_TEST(test_scalar)
{
    hi5_selection *s = selection_of(0, NULL);
    hi5_shape null = {.kind = HI5_NULL};
    uint64_t scaled[1];
    const struct sel_run r = only_run(s, NULL, scaled);
    struct sel_walk *w;
    struct mem mem;
    hi5_error err;

    ck_assert(r.at == 0 && r.pos == 0 && r.n == 1);
    hi5_selection_free(s);
    mem_init(&mem, NULL, 1u << 20);
    ck_ok(hi5_selection_create(&null, &s, &err), &err);
    ck_ok(sel_walk_open(&mem, s, NULL, &w, &err), &err); /* SPACE-13 */
    ck_assert(!sel_walk_chunk(w, scaled));
    sel_walk_close(w);
    hi5_selection_free(s);
    mem_done(&mem);
}
END_TEST

/* SPACE-07, SPACE-08: the far corner of the largest extents */
START_TEST(test_far)
{
    const uint64_t far = UINT64_MAX - 1, dims[1] = {far}, chunk[1] = {1000003};
    const uint64_t start[1] = {far - 5}, count[1] = {5}, stride[1] = {2},
                   three[1] = {3};
    const uint64_t point[2] = {far - 1, 0};
    hi5_selection *s = selection_of(1, dims);
    uint64_t scaled[1];
    struct sel_run r;
    hi5_error err;

    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, count, NULL, &err),
          &err);
    r = only_run(s, chunk, scaled);
    ck_assert_uint_eq(scaled[0], (far - 5) / 1000003);
    ck_assert_uint_eq(r.at, (far - 5) % 1000003);
    ck_assert_uint_eq(r.n, 5);
    r = only_run(s, dims, scaled);
    ck_assert_uint_eq(r.at, far - 5);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, three, NULL, &err),
          &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, start, NULL, count, NULL, &err),
          &err);
    r = only_run(s, chunk, scaled);
    ck_assert_uint_eq(r.n, 5);
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 1, point, &err), &err);
    r = only_run(s, chunk, scaled);
    ck_assert_uint_eq(scaled[0], (far - 1) / 1000003);
    ck_assert_uint_eq(r.at, (far - 1) % 1000003);
    hi5_selection_free(s);
}
END_TEST

/* Grids of more than 2^64 chunks; points at both ends of 2^63 chunks. */
START_TEST(test_far_points)
{
    const uint64_t dims[2] = {UINT64_MAX - 1, UINT64_MAX - 1}, chunk[2] = {1, 4};
    const uint64_t near[6] = {1u << 20, 7, 1u << 20, 8, 1u << 20, 4};
    const uint64_t apart[4] = {0, 0, 1ull << 63, 1ull << 63};
    hi5_selection *s = selection_of(2, dims);
    uint64_t scaled[2];
    struct sel_walk *w;
    struct sel_run r;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 20);
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 3, near, &err), &err);
    ck_ok(sel_walk_open(&mem, s, chunk, &w, &err), &err);
    ck_assert(sel_walk_chunk(w, scaled));
    ck_assert_uint_eq(scaled[1], 1);
    ck_assert(sel_walk_run(w, &r) && r.at == 3 && r.pos == 0 && r.n == 1);
    ck_assert(sel_walk_run(w, &r) && r.at == 0 && r.pos == 2 && r.n == 1);
    ck_assert(sel_walk_chunk(w, scaled));
    ck_assert_uint_eq(scaled[1], 2);
    ck_assert(sel_walk_run(w, &r) && r.at == 0 && r.pos == 1 && r.n == 1);
    ck_assert(!sel_walk_chunk(w, scaled));
    sel_walk_close(w);
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 2, apart, &err), &err);
    ck_status(sel_walk_open(&mem, s, chunk, &w, &err), HI5_E_LIMIT);
    ck_assert_ptr_null(w);
    hi5_selection_free(s);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* What cannot be walked: endless selections, those too large to number. */
START_TEST(test_refused)
{
    const uint64_t dims[2] = {1ull << 40, 1ull << 40}, zero[2] = {0, 0},
                   one[2] = {1, 1};
    const uint64_t endless[2] = {HI5_UNLIMITED, 1}, half[2] = {1ull << 39, 1ull << 40};
    hi5_selection *s = selection_of(2, dims);
    struct sel_walk *w;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 20);
    ck_status(sel_walk_open(&mem, s, one, &w, &err), HI5_E_LIMIT);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, endless, NULL, &err),
          &err);
    ck_status(sel_walk_open(&mem, s, one, &w, &err), HI5_E_LIMIT);
    /* As spans: 2^79 + 1 elements are not 1. */
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, one, half, &err),
          &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, half, NULL, one, one, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), UINT64_MAX);
    ck_status(sel_walk_open(&mem, s, one, &w, &err), HI5_E_LIMIT);
    /* A chunk that is too large to number. */
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, one, NULL, &err),
          &err);
    ck_status(sel_walk_open(&mem, s, dims, &w, &err), HI5_E_LIMIT);
    hi5_selection_free(s);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* A few elements of an extent of 2^80: nothing is listed, nothing is slow. */
START_TEST(test_sparse)
{
    const uint64_t dims[2] = {1ull << 40, 1ull << 40},
                   chunk[2] = {1ull << 20, 1ull << 20};
    const uint64_t start[2] = {3, 5}, stride[2] = {1ull << 30, 1ull << 30},
                   n[2] = {100, 90};
    const uint64_t at[2] = {4, 5}, one[2] = {1, 1};
    hi5_selection *s = selection_of(2, dims);
    uint64_t scaled[2], total = 0, chunks = 0;
    struct sel_walk *w;
    struct sel_run r;
    struct mem mem;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 22);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, n, NULL, &err),
          &err);
    for (unsigned k = 0; k < 2; k++) {
        ck_ok(sel_walk_open(&mem, s, chunk, &w, &err), &err);
        for (total = chunks = 0; sel_walk_chunk(w, scaled); chunks++)
            while (sel_walk_run(w, &r))
                total += r.n;
        sel_walk_close(w);
        ck_assert_uint_eq(chunks, 9000);
        ck_assert_uint_eq(total, 9000 + k);
        ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, at, NULL, one, NULL, &err),
              &err);
    }
    hi5_selection_free(s);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* No memory for the walk: an error, nothing kept. */
START_TEST(test_no_memory)
{
    const uint64_t dims[1] = {1000}, chunk[1] = {1}, start[1] = {0}, stride[1] = {3};
    const uint64_t count[1] = {300}, points[2] = {5, 3};
    hi5_selection *s = selection_of(1, dims);
    struct sel_walk *w;
    struct mem mem;
    hi5_error err;

    for (uint64_t limit = 0; limit < 8000; limit += 100) {
        mem_init(&mem, NULL, limit);
        ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, count, NULL,
                                      &err),
              &err);
        ck_ok(
            hi5_selection_hyperslab(s, HI5_SELECT_XOR, start, NULL, count, NULL, &err),
            &err);
        if (sel_walk_open(&mem, s, chunk, &w, &err) == HI5_OK)
            sel_walk_close(w);
        else
            ck_assert_int_eq(err.status, HI5_E_LIMIT);
        ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 2, points, &err), &err);
        if (sel_walk_open(&mem, s, chunk, &w, &err) == HI5_OK)
            sel_walk_close(w);
        else
            ck_assert_int_eq(err.status, HI5_E_LIMIT);
        ck_assert_uint_eq(mem.used, 0);
        mem_done(&mem);
    }
    hi5_selection_free(s);
}
END_TEST

Suite *suite_walk(void);

Suite *
suite_walk(void)
{
    Suite *const s = suite_create("walk");
    TCase *const c = tcase_create("walk");

    tcase_add_loop_test(c, test_hyperslabs, 0, 8);
    tcase_add_loop_test(c, test_skips, 0, 8);
    tcase_add_test(c, test_all);
    tcase_add_test(c, test_points);
    tcase_add_test(c, test_one_run);
    tcase_add_test(c, test_scalar);
    tcase_add_test(c, test_far);
    tcase_add_test(c, test_far_points);
    tcase_add_test(c, test_refused);
    tcase_add_test(c, test_sparse);
    tcase_add_test(c, test_no_memory);
    suite_add_tcase(s, c);
    return s;
}
