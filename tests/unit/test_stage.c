/*
 * test_stage.c - what waits for a commit: blocks, raw bytes, and space
 */
#include "base/lookup3.h"
#include "stagefile.h"

Suite *suite_stage(void);

enum { AREAS = 40, LONGEST = 3000 };

struct area {
    uint64_t addr;
    size_t n;
    bool raw;
    uint8_t bytes[LONGEST];    /* of a block, the last 4 are its checksum */
};

struct model {
    struct stagefile f;
    uint64_t state;
    size_t n, ncommitted;
    struct area area[AREAS], committed[AREAS];
};

static void
model_open(struct model *m, unsigned seed)
{
    m->n = m->ncommitted = 0;
    m->state = seed;
    stagefile_open(&m->f, 8, 8);
    stagefile_commit(&m->f); /* there is something to go back to */
}

static void
model_reopen(struct model *m)
{
    stagefile_reopen(&m->f);
    m->ncommitted = m->n;
    memcpy(m->committed, m->area, sizeof m->area);
}

static void
put_sum(struct area *a)
{
    const uint32_t sum = lookup3(a->bytes, a->n - 4, 0);

    for (unsigned i = 0; i < 4; i++)
        a->bytes[a->n - 4 + i] = (uint8_t)(sum >> (8 * i));
}

/* Readers see what is staged; the source still has all of the committed state. */
static void
check_same(struct model *m)
{
    uint8_t got[LONGEST];

    for (size_t i = 0; i < m->n; i++) {
        const struct area *const a = &m->area[i];

        if (a->raw) {
            ck_ok(stage_read(&m->f.meta, a->addr, got, a->n, &m->f.err), &m->f.err);
            ck_assert_mem_eq(got, a->bytes, a->n);
        }
        ck_ok(meta_copy(&m->f.meta, a->addr, a->n, "block", got, &m->f.err), &m->f.err);
        ck_assert_mem_eq(got, a->bytes, a->n);
        for (size_t k = 0; k < i; k++)
            ck_assert(a->addr + a->n <= m->area[k].addr ||
                      m->area[k].addr + m->area[k].n <= a->addr);
    }
    for (size_t i = 0; i < m->ncommitted; i++)
        ck_assert_mem_eq(m->f.bytes + m->committed[i].addr, m->committed[i].bytes,
                         m->committed[i].n);
}

static void
fill(struct model *m, struct area *a, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++)
        a->bytes[i] = (uint8_t)stagefile_random(&m->state, 256);
    if (!a->raw)
        put_sum(a);
}

/* Write a part of it; a block is changed where it is staged. */
static void
write_part(struct model *m, struct area *a, size_t from, size_t n)
{
    struct staged *b;

    fill(m, a, from, n);
    if (a->raw) {
        ck_ok(stage_write(&m->f.meta, a->addr + from, a->bytes + from, n, &m->f.err),
              &m->f.err);
        return;
    }
    ck_ok(stage_edit(&m->f.meta, a->addr, a->n, "block", &b, &m->f.err), &m->f.err);
    memcpy(b->bytes, a->bytes, a->n - 4); /* the stage makes the checksum */
    stage_changed(b, a->n - 4, a->n - 4);
}

static void
make(struct model *m)
{
    struct area *const a = &m->area[m->n];
    struct staged *b;

    if (m->n == AREAS)
        return;
    a->raw = stagefile_random(&m->state, 2) != 0;
    a->n = 8 + stagefile_random(&m->state,
                                stagefile_random(&m->state, 8) == 0 ? LONGEST - 8 : 80);
    if (a->raw) {
        ck_ok(stage_alloc(&m->f.meta, STAGE_RAW, a->n, &a->addr, &m->f.err), &m->f.err);
    } else {
        ck_ok(stage_new(&m->f.meta, a->n, &b, &m->f.err), &m->f.err);
        a->addr = b->block.addr;
    }
    m->n++;
    write_part(m, a, 0, a->n);
}

static void
drop(struct model *m)
{
    const size_t i = m->n != 0 ? (size_t)stagefile_random(&m->state, m->n) : 0;

    if (m->n == 0)
        return;
    ck_ok(stage_free(&m->f.meta, m->area[i].addr, m->area[i].n, &m->f.err), &m->f.err);
    m->area[i] = m->area[--m->n];
}

static void
change(struct model *m)
{
    struct area *const a = &m->area[m->n != 0 ? stagefile_random(&m->state, m->n) : 0];
    size_t from, n;

    if (m->n == 0)
        return;
    from = (size_t)stagefile_random(&m->state, a->n - 4);
    n = 1 + (size_t)stagefile_random(&m->state, a->n - 4 - from);
    write_part(m, a, from, n);
}

static void
commit(struct model *m)
{
    stagefile_commit(&m->f);
    ck_assert_uint_eq(m->f.n, m->f.meta.eof < STAGEFILE_START ? STAGEFILE_START
                                                              : m->f.meta.eof);
    m->ncommitted = m->n;
    memcpy(m->committed, m->area, sizeof m->area);
}

static void
give_up(struct model *m)
{
    stage_abort(&m->f.meta);
    meta_drop(&m->f.meta, 0, UINT64_MAX);
    m->n = m->ncommitted;
    memcpy(m->area, m->committed, sizeof m->area);
}

START_TEST(random_changes)
{
    struct model *const m = malloc(sizeof *m);

    model_open(m, (unsigned)_i);
    for (unsigned i = 0; i < 400; i++) {
        switch (stagefile_random(&m->state, 24)) {
        case 0:
            commit(m);
            break;
        case 1:
            give_up(m);
            break;
        case 2:
            model_reopen(m);
            break;
        case 3:
        case 4:
        case 5:
        case 6:
            drop(m);
            break;
        case 7:
        case 8:
        case 9:
        case 10:
        case 11:
            make(m);
            break;
        default:
            change(m);
        }
        check_same(m);
    }
    commit(m);
    check_same(m);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* Raw bytes on both sides of something else are changed; what lies between them gets its
 * own new bytes in the same commit: a changed block, or new data in a hole. */
START_TEST(between)
{
    uint8_t bytes[64], got[64];
    uint64_t left, middle, right, again;
    struct stagefile f;
    struct staged *b;

    stagefile_open(&f, 8, 8);
    memset(bytes, 1, sizeof bytes);
    ck_ok(stage_alloc(&f.meta, STAGE_RAW, 64, &left, &f.err), &f.err);
    if (_i == 0) {
        ck_ok(stage_new(&f.meta, 64, &b, &f.err), &f.err);
        middle = b->block.addr;
    } else {
        ck_ok(stage_alloc(&f.meta, STAGE_RAW, 64, &middle, &f.err), &f.err);
        ck_ok(stage_write(&f.meta, middle, bytes, 64, &f.err), &f.err);
    }
    ck_ok(stage_alloc(&f.meta, STAGE_RAW, 64, &right, &f.err), &f.err);
    stagefile_commit(&f);
    if (_i != 0)
        ck_ok(stage_free(&f.meta, middle, 64, &f.err), &f.err);
    stagefile_commit(&f);
    ck_ok(stage_write(&f.meta, left, bytes, 64, &f.err), &f.err);
    ck_ok(stage_write(&f.meta, right, bytes, 64, &f.err), &f.err);
    memset(bytes, 2, sizeof bytes);
    if (_i == 0) {
        ck_ok(stage_edit(&f.meta, middle, 64, "block", &b, &f.err), &f.err);
        memcpy(b->bytes, bytes, 64);
        stage_changed(b, 0, 0);
    } else {
        ck_ok(stage_alloc(&f.meta, STAGE_RAW, 64, &again, &f.err), &f.err);
        ck_assert_uint_eq(again, middle);
        ck_ok(stage_write(&f.meta, middle, bytes, 64, &f.err), &f.err);
        ck_ok(stage_read(&f.meta, middle, got, 64, &f.err), &f.err);
        ck_assert_mem_eq(got, bytes, 64);
    }
    stagefile_commit(&f);
    ck_assert_mem_eq(f.bytes + middle, bytes, 64);
    ck_assert_uint_eq(f.bytes[left + 63] | f.bytes[right], 1);
    stagefile_close(&f);
}
END_TEST

/* New data that is given up, and whose space a block takes, does not come back. */
START_TEST(reused)
{
    uint8_t bytes[64], got[64];
    struct stagefile f;
    struct staged *b;
    uint64_t addr;

    stagefile_open(&f, 8, 8);
    memset(bytes, 1, sizeof bytes);
    ck_ok(stage_alloc(&f.meta, STAGE_RAW, 64, &addr, &f.err), &f.err);
    ck_ok(stage_write(&f.meta, addr, bytes, 64, &f.err), &f.err);
    ck_ok(stage_free(&f.meta, addr, 64, &f.err), &f.err);
    ck_ok(stage_new(&f.meta, 64, &b, &f.err), &f.err);
    ck_assert_uint_eq(b->block.addr, addr);
    memset(b->bytes, 2, 64);
    stage_changed(b, 0, 0);
    ck_ok(stage_read(&f.meta, addr, got, 1, &f.err), &f.err);
    stagefile_commit(&f);
    memset(bytes, 2, sizeof bytes);
    ck_assert_mem_eq(f.bytes + addr, bytes, 64);
    stagefile_close(&f);
}
END_TEST

/* Blocks that are written out before their commit are what is read from then on, also by
 * who has read what lies around them before. */
START_TEST(written_early)
{
    const uint8_t bytes[64] = {7};
    uint8_t got[64];
    struct stagefile f;
    struct staged *b, *big;
    uint64_t raw, addr;

    stagefile_open(&f, 8, 8);
    ck_ok(stage_alloc(&f.meta, STAGE_RAW, 64, &raw, &f.err), &f.err);
    ck_ok(stage_write(&f.meta, raw, bytes, 64, &f.err), &f.err);
    ck_ok(stage_new(&f.meta, 64, &b, &f.err), &f.err);
    addr = b->block.addr;
    memset(b->bytes, 3, 64);
    stage_changed(b, 0, 0);
    ck_ok(stage_new(&f.meta, 33u << 20, &big, &f.err), &f.err);
    ck_ok(meta_copy(&f.meta, raw, 64, "block", got, &f.err), &f.err);
    ck_assert_mem_eq(got, bytes, 64);
    ck_ok(stage_rest(&f.meta, &f.err), &f.err);
    ck_assert_ptr_null(stage_look(&f.meta, addr));
    ck_ok(meta_copy(&f.meta, addr, 64, "block", got, &f.err), &f.err);
    ck_assert_uint_eq(got[0], 3);
    ck_assert_uint_eq(got[63], 3);
    stagefile_close(&f);
}
END_TEST

/* Without memory a change fails, and the committed state can be had again. */
START_TEST(failing_allocations)
{
    struct model *const m = malloc(sizeof *m);
    unsigned failures = 0;

    model_open(m, (unsigned)_i);
    for (unsigned i = 0; i < 10; i++)
        make(m);
    commit(m);
    for (unsigned i = 0; i < 200; i++) {
        struct area *const a = &m->area[stagefile_random(&m->state, m->n)];
        uint8_t bytes[LONGEST] = {0};
        struct staged *b;
        hi5_status s;

        m->f.fail_at = m->f.calls + 1 + stagefile_random(&m->state, 4);
        if (a->raw)
            s = stage_write(&m->f.meta, a->addr, bytes, a->n, &m->f.err);
        else
            s = stage_edit(&m->f.meta, a->addr, a->n, "block", &b, &m->f.err);
        if (s == HI5_OK && stagefile_random(&m->state, 3) == 0)
            s = stage_free(&m->f.meta, a->addr, a->n, &m->f.err);
        m->f.fail_at = 0;
        ck_assert(s == HI5_OK || s == HI5_E_NOMEM);
        failures += s != HI5_OK;
        give_up(m);
        check_same(m);
    }
    ck_assert_uint_gt(failures, 10);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

Suite *
suite_stage(void)
{
    Suite *const s = suite_create("stage");
    TCase *const t = tcase_create("stage");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, random_changes, 0, 12);
    tcase_add_loop_test(t, between, 0, 2);
    tcase_add_test(t, reused);
    tcase_add_test(t, written_early);
    tcase_add_loop_test(t, failing_allocations, 0, 4);
    suite_add_tcase(s, t);
    return s;
}
