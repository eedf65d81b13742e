/*
 * test_strip.c - parts of strips, as threads take them
 */
#include "space/select.h"
#include "try_select.h"

Suite *suite_strip(void);

/* The place of position `pos`. */
static uint64_t
place(const struct sel_strip *s, uint64_t pos)
{
    const uint64_t i = pos - s->pos;

    return s->at + i / s->block * s->step + i % s->block;
}

/* Parts of a random strip, cut anywhere: each position once, in order, at its place, and
 * no more parts than there must be. */
START_TEST(parts)
{
    uint64_t seed = (uint64_t)_i + 1;

    for (int k = 0; k < 3000; k++) {
        struct sel_strip s = {try_random(&seed, 50), try_random(&seed, 50),
                              1 + try_random(&seed, 9), 1 + try_random(&seed, 9), 0};
        const uint64_t end = s.pos + s.block * s.count;
        uint64_t pos = s.pos + try_random(&seed, s.block * s.count), n = 0;
        const uint64_t to = pos + 1 + try_random(&seed, end - pos);

        s.step = s.count == 1 ? s.block : s.block + 1 + try_random(&seed, 5);
        while (pos < to) {
            struct sel_strip p;

            sel_strip_part(&s, pos, to, &p);
            ck_assert_uint_eq(p.pos, pos);
            if (p.count == 0 || p.block == 0 || p.pos + p.count * p.block > to)
                ck_abort_msg("%d: a part of %d from %d", k, (int)p.count, (int)p.pos);
            for (; pos < p.pos + p.count * p.block; pos++)
                if (place(&p, pos) != place(&s, pos))
                    ck_abort_msg("%d: position %d", k, (int)pos);
            n++;
        }
        ck_assert_uint_le(n, 3);
    }
}
END_TEST

/* Rows of 40 elements: places that are near enough are one. */
START_TEST(places)
{
    static const struct {
        const char *text;
        uint64_t near, places;
    } all[] = {
        {":, :", 0, 1},         {":, 0:5", 100, 30},     {"3, :", 0, 1},
        {"::2, :", 0, 15},      {"::2, :", 80, 1},       {"::2, :", 79, 15},
        {"::3, ::4", 4, 10},    {"::3, ::4", 3, 10 * 10}, {":, 7", 100, 30},
        {"[1, 5, 6], :", 0, 0},
    };
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 2, .dims = {30, 40}};
    uint64_t none[HI5_MAX_RANK];
    struct sel_walk *w;
    hi5_selection *s;
    struct mem mem;
    hi5_error err;

    mem_init_libc(&mem);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        uint64_t n;

        ck_ok(hi5_selection_create(&shape, &s, &err), &err);
        ck_ok(hi5_selection_parse(s, all[i].text, NULL, &err), &err);
        ck_ok(sel_walk_open(&mem, s, shape.dims, &w, &err), &err);
        ck_assert(sel_walk_chunk(w, none));
        n = sel_walk_places(w, all[i].near);
        ck_assert_msg(n == all[i].places, "%s, %d: %d", all[i].text, (int)all[i].near,
                      (int)n);
        sel_walk_close(w);
        hi5_selection_free(s);
    }
    mem_done(&mem);
}
END_TEST

Suite *
suite_strip(void)
{
    Suite *const suite = suite_create("strip");
    TCase *const tc = tcase_create("strip");

    tcase_add_loop_test(tc, parts, 0, 4);
    tcase_add_test(tc, places);
    suite_add_tcase(suite, tc);
    return suite;
}
