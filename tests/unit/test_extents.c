/*
 * test_extents.c - sets of byte ranges, against a set of bytes
 */
#include "base/extents.h"
#include "stagefile.h"

Suite *suite_extents(void);

enum { BYTES = 400 };

struct model {
    struct stagefile f;        /* for its memory that fails */
    struct extents x;
    bool in[BYTES];
    uint64_t state;
};

static void
model_open(struct model *m, unsigned seed)
{
    memset(m, 0, sizeof *m);
    stagefile_open(&m->f, 8, 8);
    extents_init(&m->x, &m->f.mem);
    m->state = seed;
}

static void
model_close(struct model *m)
{
    m->f.fail_at = 0;
    extents_done(&m->x);
    stagefile_close(&m->f);
}

/* Does [addr, addr + n) have bytes of the kind wanted only? */
static bool
all(const struct model *m, size_t addr, size_t n, bool in)
{
    for (size_t i = addr; i < addr + n; i++)
        if (m->in[i] != in)
            return false;
    return true;
}

static void
set(struct model *m, size_t addr, size_t n, bool in)
{
    for (size_t i = addr; i < addr + n; i++)
        m->in[i] = in;
}

/* The ranges are the runs of the model, each as long as it can be. */
static void
check_same(const struct model *m)
{
    uint64_t start, size, bytes = 0;
    size_t n = 0, at = 0;

    for (size_t i = 0; i < BYTES; i++) {
        size_t from = i, to;

        while (from < BYTES && !m->in[from])
            from++;
        if (m->in[i])
            for (from = i; from > 0 && m->in[from - 1]; from--)
                continue;
        for (to = from; to < BYTES && m->in[to]; to++)
            continue;
        ck_assert_int_eq(extents_has(&m->x, i, &start, &size), m->in[i]);
        ck_assert_uint_eq(size, to - from);
        if (to != from)
            ck_assert_uint_eq(start, from);
    }
    for (; extents_has(&m->x, at, &start, &size) || size != 0; n++) {
        at = (size_t)(start + size);
        bytes += size;
    }
    ck_assert_uint_eq(n, m->x.n);
    ck_assert_uint_eq(bytes, m->x.bytes);
    ck_assert_int_eq(extents_last(&m->x, &start, &size), n != 0);
    if (n != 0)
        ck_assert_uint_eq(start + size, at);
}

/* The lowest place from `least` bytes on, found by looking at all. */
static size_t
lowest(const struct model *m, size_t n, size_t align, size_t least)
{
    size_t at = 0;

    while (at + n <= BYTES && !all(m, at, n, true))
        at += align;
    for (size_t from = 0; least > n && from + least <= BYTES; from++)
        if (all(m, from, least, true))
            return (from + align - 1) / align * align;
    return least > n ? BYTES : at;
}

/* Without alignment it is the lowest place; with it one may be overlooked that has nothing
 * to spare. */
static void
check_fit(struct model *m)
{
    const size_t n = 1 + stagefile_random(&m->state, 30);
    const size_t align = (size_t)1 << stagefile_random(&m->state, 4);
    const size_t first = lowest(m, n, align, 0);
    const size_t sure = lowest(m, n, align, n + align - 1);
    uint64_t got;

    if (extents_fit(&m->x, n, align, 0, &got)) {
        ck_assert_uint_eq(got % align, 0);
        ck_assert(all(m, (size_t)got, n, true));
        ck_assert_uint_ge(got, first);
        if (sure + n <= BYTES)
            ck_assert_uint_le(got, sure);
    } else {
        ck_assert_uint_gt(sure + n, BYTES);
    }
    if (align == 1 && first + n <= BYTES)
        ck_assert_uint_eq(got, first);
    if (extents_fit(&m->x, n, align, first, &got)) {
        ck_assert_uint_eq((got + first) % align, 0);
        ck_assert(all(m, (size_t)got, n, true));
    }
}

static bool
change(struct model *m, unsigned what, size_t addr, size_t n)
{
    bool ok;

    if (what == 0 && all(m, addr, n, false)) {
        ok = extents_add(&m->x, addr, n);
        if (ok)
            set(m, addr, n, true);
    } else if (what == 1) {
        ok = extents_take(&m->x, addr, n);
        if (!all(m, addr, n, true))
            ck_assert(!ok);
        else if (ok)
            set(m, addr, n, false);
        else
            return false;
        return true;
    } else {
        ok = extents_reserve(&m->x, 1) && extents_cut(&m->x, addr, n);
        if (ok)
            set(m, addr, n, false);
    }
    return ok;
}

START_TEST(random_changes)
{
    struct model m;

    model_open(&m, (unsigned)_i);
    for (unsigned i = 0; i < 500; i++) {
        const unsigned what = (unsigned)stagefile_random(&m.state, 8);
        const size_t n = 1 + stagefile_random(&m.state, 24);
        const size_t addr = stagefile_random(&m.state, BYTES - n + 1);

        ck_assert(change(&m, what < 5 ? 0 : what < 7 ? 1 : 2, addr, n));
        if (i % 4 == 0)
            check_same(&m);
        check_fit(&m);
        if (stagefile_random(&m.state, 1000) == 0) {
            extents_clear(&m.x);
            set(&m, 0, BYTES, false);
        }
    }
    model_close(&m);
}
END_TEST

/* What fails without memory changes nothing; what was reserved does not fail. */
START_TEST(failing_allocations)
{
    unsigned failures = 0;
    struct model m;

    model_open(&m, (unsigned)_i);
    for (unsigned i = 0; i < 400; i++) {
        const bool reserved = stagefile_random(&m.state, 2) != 0;
        const unsigned what = (unsigned)stagefile_random(&m.state, 2);
        const size_t n = 1 + stagefile_random(&m.state, 9);
        const size_t addr = stagefile_random(&m.state, BYTES - n + 1);
        bool ok;

        m.f.fail_at = 0;
        if (reserved)
            ck_assert(extents_reserve(&m.x, 1));
        m.f.fail_at = m.f.calls + 1;
        ok = change(&m, what, addr, n);
        failures += !ok;
        ck_assert(ok || !reserved);
        check_same(&m);
        if (i % 10 == 9) {
            m.f.fail_at = 0;
            extents_done(&m.x);
            extents_init(&m.x, &m.f.mem);
            set(&m, 0, BYTES, false);
        }
    }
    ck_assert_uint_gt(failures, 10);
    model_close(&m);
}
END_TEST

/* One set goes into another without memory, which stays usable without the first. */
START_TEST(moving)
{
    struct extents other;
    struct model m;

    model_open(&m, (unsigned)_i);
    for (unsigned round = 0; round < 40; round++) {
        extents_init(&other, &m.f.mem);
        for (unsigned i = 0; i < 12; i++) {
            const size_t n = 1 + stagefile_random(&m.state, 16);
            const size_t addr = stagefile_random(&m.state, BYTES - n + 1);

            if (i % 3 == 0) {
                ck_assert(change(&m, 2, addr, n));
                ck_assert(extents_cut(&other, addr, n));
            } else if (all(&m, addr, n, false)) {
                ck_assert(extents_add(&other, addr, n));
                set(&m, addr, n, true);
            }
        }
        m.f.fail_at = m.f.calls + 1;
        extents_move(&m.x, &other);
        m.f.fail_at = 0;
        ck_assert_uint_eq(other.n, 0);
        ck_assert_uint_eq(other.bytes, 0);
        extents_done(&other);
        check_same(&m);
        if (round % 8 == 7) {
            extents_clear(&m.x);
            set(&m, 0, BYTES, false);
        }
    }
    model_close(&m);
}
END_TEST

/* The ends of what addresses can be. */
START_TEST(far_away)
{
    uint64_t start, size, at;
    struct model m;

    model_open(&m, 1);
    ck_assert(extents_add(&m.x, UINT64_MAX - 100, 100));
    ck_assert(extents_add(&m.x, 0, 1));
    ck_assert(!extents_has(&m.x, 1, &start, &size));
    ck_assert_uint_eq(start, UINT64_MAX - 100);
    ck_assert_uint_eq(size, 100);
    ck_assert(extents_fit(&m.x, 64, 1, 0, &at));
    ck_assert_uint_eq(at, UINT64_MAX - 100);
    ck_assert(!extents_fit(&m.x, 101, 1, 0, &at));
    ck_assert(!extents_fit(&m.x, 90, 4096, 0, &at));
    ck_assert(extents_cut(&m.x, 1, UINT64_MAX - 1));
    ck_assert_uint_eq(m.x.bytes, 1);
    model_close(&m);
}
END_TEST

Suite *
suite_extents(void)
{
    Suite *const s = suite_create("extents");
    TCase *const t = tcase_create("extents");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, random_changes, 0, 5);
    tcase_add_loop_test(t, failing_allocations, 0, 4);
    tcase_add_loop_test(t, moving, 0, 4);
    tcase_add_test(t, far_away);
    suite_add_tcase(s, t);
    return s;
}
