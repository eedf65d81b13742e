/*
 * test_stage_space.c - what space is free, and giving it out
 */
#include "stagefile.h"

Suite *suite_stage_space(void);

enum { AREAS = 60, PAGE = 512 };

struct area {
    uint64_t addr, n;
    enum stage_kind kind;
};

struct model {
    struct stagefile f;
    uint64_t state, page;
    size_t n, ncommitted;
    struct area area[AREAS], committed[AREAS];
    uint64_t free_bytes[POOLS]; /* when it was committed */
};

static void
check_page(const struct model *m, const struct area *a, const struct area *b)
{
    const bool raw_a = a->kind != STAGE_META, raw_b = b->kind != STAGE_META;
    const uint64_t last = (a->addr + a->n - 1) / PAGE;

    if (last != b->addr / PAGE || m->page == 0)
        return;
    ck_assert_int_eq(raw_a, raw_b);
    ck_assert(a->n < PAGE && b->n < PAGE);
}

static void
check(struct model *m)
{
    const struct stage *const s = m->f.meta.stage;
    uint64_t sum = STAGEFILE_START;

    for (size_t i = 0; i < m->n; i++) {
        const struct area *const a = &m->area[i];

        sum += a->n;
        if (m->page != 0 && a->n < PAGE)
            ck_assert_uint_eq(a->addr / PAGE, (a->addr + a->n - 1) / PAGE);
        else if (m->page != 0)
            ck_assert_uint_eq(a->addr % PAGE, 0);
        for (size_t k = 0; k < i; k++) {
            const struct area *const b = &m->area[k];

            ck_assert(a->addr + a->n <= b->addr || b->addr + b->n <= a->addr);
            check_page(m, a, b);
            check_page(m, b, a);
        }
    }
    for (unsigned i = 0; i < POOLS; i++)
        sum += s->free[i].bytes + s->given[i].bytes;
    ck_assert_uint_eq(sum, m->f.meta.eof);
}

static void
make(struct model *m)
{
    struct area *const a = &m->area[m->n];

    if (m->n == AREAS)
        return;
    a->kind = (enum stage_kind)stagefile_random(&m->state, 3);
    a->n = 1 + stagefile_random(&m->state,
                                stagefile_random(&m->state, 4) != 0 ? 200 : 2000);
    if (stagefile_random(&m->state, 20) == 0)
        ck_ok(stage_alloc_last(&m->f.meta, a->kind, a->n, &a->addr, &m->f.err),
              &m->f.err);
    else
        ck_ok(stage_alloc(&m->f.meta, a->kind, a->n, &a->addr, &m->f.err), &m->f.err);
    ck_assert(stage_is_fresh(&m->f.meta, a->addr));
    m->n++;
}

static void
drop(struct model *m)
{
    const size_t i = m->n != 0 ? (size_t)stagefile_random(&m->state, m->n) : 0;
    const struct area *const a = &m->area[i];

    if (m->n == 0)
        return;
    if (a->kind == STAGE_META)
        ck_ok(stage_free(&m->f.meta, a->addr, a->n, &m->f.err), &m->f.err);
    else
        ck_ok(stage_free_raw(&m->f.meta, a->addr, a->n, &m->f.err), &m->f.err);
    m->area[i] = m->area[--m->n];
}

/* What will be free is free, once it is committed. */
static void
commit(struct model *m)
{
    const struct stage *const s = m->f.meta.stage;
    struct extents will[POOLS];

    stage_trim(&m->f.meta);
    for (unsigned i = 0; i < POOLS; i++)
        extents_init(&will[i], &m->f.mem);
    ck_ok(stage_will_be_free(&m->f.meta, will, &m->f.err), &m->f.err);
    ck_ok(stage_commit(&m->f.meta, false, &m->f.err), &m->f.err);
    for (unsigned i = 0; i < POOLS; i++) {
        uint64_t start = 0, size, x, y;

        ck_assert_uint_eq(will[i].bytes, s->free[i].bytes);
        ck_assert_uint_eq(will[i].n, s->free[i].n);
        ck_assert_uint_eq(s->given[i].n + s->fresh[i].n, 0);
        for (uint64_t at = 0; extents_has(&will[i], at, &start, &size), size != 0;
             at = start + size) {
            extents_has(&s->free[i], at, &x, &y);
            ck_assert_uint_eq(x, start);
            ck_assert_uint_eq(y, size);
        }
        m->free_bytes[i] = s->free[i].bytes;
        extents_done(&will[i]);
    }
    memcpy(m->committed, m->area, sizeof m->area);
    m->ncommitted = m->n;
}

static void
give_up(struct model *m)
{
    stage_abort(&m->f.meta);
    memcpy(m->area, m->committed, sizeof m->area);
    m->n = m->ncommitted;
    for (unsigned i = 0; i < POOLS && m->page != 0; i++)
        ck_assert_uint_eq(m->f.meta.stage->free[i].bytes, m->free_bytes[i]);
}

static void
model_open(struct model *m, unsigned seed, uint64_t page, bool apart)
{
    memset(m, 0, sizeof *m);
    m->state = seed;
    m->page = page;
    stagefile_open(&m->f, 8, 8);
    if (apart)
        stage_keep_apart(&m->f.meta, page);
    commit(m);
}

START_TEST(random_moves) /* FREE-08 */
{
    struct model *const m = malloc(sizeof *m);
    unsigned i;

    model_open(m, (unsigned)_i + 1, _i % 3 == 0 ? PAGE : 0, _i % 3 != 2);
    for (i = 0; i < 1500; i++) {
        const uint64_t what = stagefile_random(&m->state, 30);

        if (what == 0)
            commit(m);
        else if (what == 1)
            give_up(m);
        else if (what < (i % 500 < 300 ? 18u : 12u))
            make(m);
        else
            drop(m);
        check(m);
    }
    while (m->n != 0)
        drop(m);
    commit(m);
    commit(m);
    check(m);
    ck_assert_uint_le(m->f.meta.eof, m->page != 0 ? PAGE : STAGEFILE_START);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* What was freed is used again, each kind its own. */
START_TEST(apart)
{
    struct model *const m = malloc(sizeof *m);
    uint64_t meta, raw, large, addr;

    model_open(m, 1, PAGE, true);
    ck_ok(stage_alloc(&m->f.meta, STAGE_META, 100, &meta, NULL), &m->f.err);
    ck_ok(stage_alloc(&m->f.meta, STAGE_RAW, 100, &raw, NULL), &m->f.err);
    ck_ok(stage_alloc(&m->f.meta, STAGE_RAW, 1000, &large, NULL), &m->f.err);
    ck_assert_uint_eq(meta, PAGE); /* the first page is begun by another */
    ck_assert_uint_eq(raw, 2 * PAGE);
    ck_assert_uint_eq(large, 3 * PAGE);
    ck_ok(stage_alloc(&m->f.meta, STAGE_HEAP, 50, &addr, NULL), &m->f.err);
    ck_assert_uint_eq(addr, raw + 100);
    commit(m);
    ck_ok(stage_free_raw(&m->f.meta, raw, 100, NULL), &m->f.err);
    ck_ok(stage_free_raw(&m->f.meta, large, 1000, NULL), &m->f.err);
    commit(m);
    commit(m);
    ck_assert_uint_eq(m->f.meta.eof, 3 * PAGE);
    ck_ok(stage_alloc(&m->f.meta, STAGE_META, 412, &addr, NULL), &m->f.err);
    ck_assert_uint_eq(addr, meta + 100);
    ck_ok(stage_alloc(&m->f.meta, STAGE_META, 100, &addr, NULL), &m->f.err);
    ck_assert_uint_eq(addr, 3 * PAGE); /* not beside raw data */
    ck_status(stage_free(&m->f.meta, raw + 10, 10, &m->f.err), HI5_E_CORRUPT);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* A page tells what it is for: who gives up some of it may be mistaken. */
START_TEST(mistaken)
{
    struct model *const m = malloc(sizeof *m);
    uint64_t raw;

    model_open(m, 1, PAGE, true);
    ck_ok(stage_alloc(&m->f.meta, STAGE_RAW, 100, &raw, NULL), &m->f.err);
    commit(m);
    ck_ok(stage_free(&m->f.meta, raw, 100, NULL), &m->f.err);
    ck_assert_uint_eq(m->f.meta.stage->given[POOL_RAW].bytes, 100);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

START_TEST(found) /* FREE-15 */
{
    struct model *const m = malloc(sizeof *m);
    uint64_t addr;

    model_open(m, 1, 0, true);
    ck_ok(stage_alloc(&m->f.meta, STAGE_RAW, 1000, &addr, NULL), &m->f.err);
    commit(m);
    ck_ok(stage_found(&m->f.meta, POOL_RAW, addr + 100, 50, NULL), &m->f.err);
    ck_ok(stage_found(&m->f.meta, POOL_META, addr + 140, 50, NULL), &m->f.err);
    ck_ok(stage_found(&m->f.meta, POOL_RAW, addr + 990, 50, NULL), &m->f.err);
    ck_ok(stage_found(&m->f.meta, POOL_META, UINT64_MAX - 5, 50, NULL), &m->f.err);
    ck_assert_uint_eq(m->f.meta.stage->free[POOL_RAW].bytes, 50);
    ck_assert_uint_eq(m->f.meta.stage->free[POOL_META].bytes, 0);
    ck_ok(stage_alloc(&m->f.meta, STAGE_META, 50, &addr, NULL), &m->f.err);
    ck_assert_uint_eq(m->f.meta.stage->free[POOL_RAW].bytes, 0);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

Suite *
suite_stage_space(void)
{
    Suite *const s = suite_create("stage_space");
    TCase *const t = tcase_create("stage_space");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, random_moves, 0, 15);
    tcase_add_test(t, apart);
    tcase_add_test(t, mistaken);
    tcase_add_test(t, found);
    suite_add_tcase(s, t);
    return s;
}
