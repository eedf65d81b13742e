/*
 * test_threads.c - work done by several threads at once
 */
#include "base/threads.h"
#include "base/mem.h"
#include "support.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MOST = 100, CALLERS = 4 };

struct calls {
    atomic_uint n[MOST];
};

static void
count(void *arg, unsigned i)
{
    atomic_fetch_add(&((struct calls *)arg)->n[i], 1);
}

static void *
counted_resize(void *ctx, void *p, size_t old, size_t n)
{
    void *q = NULL;

    if (n == 0)
        free(p);
    else
        q = realloc(p, n);
    if (n == 0 || q != NULL)
        atomic_fetch_add((atomic_size_t *)ctx, n - old);
    return q;
}

/* Each call once, however many there are and whoever makes them; nothing is left. */
static unsigned
run_all(struct threads_late *late)
{
    unsigned wrong = 0;

    for (unsigned n = 1; n <= MOST; n += n < 8 ? 1 : 23) {
        struct calls c = {{0}};

        threads_run(late, n, count, &c);
        for (unsigned i = 0; i < MOST; i++)
            wrong += c.n[i] != (i < n);
    }
    return wrong;
}

static void *
run_often(void *arg)
{
    size_t wrong = 0;

    for (int i = 0; i < 20; i++)
        wrong += run_all(arg);
    return wrong == 0 ? NULL : arg;
}

START_TEST(once_each)
{
    atomic_size_t held = 0;
    const hi5_allocator a = {&held, counted_resize};
    struct threads_late late;
    pthread_t t[CALLERS];
    void *wrong;

    threads_late_init(&late, &a);
    ck_assert_uint_eq(run_all(&late), 0);
    for (int i = 0; i < CALLERS; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, run_often, &late), 0);
    for (int i = 0; i < CALLERS; i++) {
        ck_assert_int_eq(pthread_join(t[i], &wrong), 0);
        ck_assert_ptr_null(wrong);
    }
    threads_late_done(&late);
    ck_assert_uint_eq(held, 0);
}
END_TEST

Suite *suite_threads(void);
Suite *
suite_threads(void)
{
    Suite *const s = suite_create("threads");
    TCase *const t = tcase_create("threads");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, once_each);
    suite_add_tcase(s, t);
    return s;
}
