/*
 * test_threads.c - many threads read through one file and through one dataset at once
 */
#include <pthread.h>
#include <stdlib.h>

#include "everything.h"
#include "support.h"

Suite *suite_threads(void);

enum { THREADS = 8, ROUNDS = 40 };

static const char *const names[] = {
    "good/layouts-new.h5", "good/layouts-old.h5",     "good/types-new.h5",
    "good/filters-old.h5", "good/groups-new-deep.h5", "good/vds.h5",
};

struct reader {
    hi5_file *f;
    hi5_dataset *d;
    uint64_t due, failures;
    unsigned seed;
};

static void *
read_file(void *arg)
{
    struct reader *const r = arg;
    struct everything e;

    for (int i = 0; i < 3; i++) {
        read_everything(r->f, &e);
        r->failures += e.sum != r->due;
    }
    return NULL;
}

START_TEST(one_file)
{
    hi5_file *const alone = open_fixture(names[_i]), *const f = open_fixture(names[_i]);
    struct everything e;
    struct reader r[THREADS] = {{0}};
    pthread_t t[THREADS];

    read_everything(alone, &e);
    hi5_close(alone, NULL);
    ck_assert_uint_gt(e.objects, 1);
    for (int i = 0; i < THREADS; i++) {
        r[i] = (struct reader){.f = f, .due = e.sum};
        ck_assert_int_eq(pthread_create(&t[i], NULL, read_file, &r[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
        ck_assert_uint_eq(r[i].failures, 0);
    }
    hi5_close(f, NULL);
}
END_TEST

static void *
read_boxes(void *arg)
{
    struct reader *const r = arg;

    for (int i = 0; i < ROUNDS; i++) {
        const uint64_t start[2] = {(r->seed + (unsigned)i) % 8, (unsigned)i % 5};
        const uint64_t count[2] = {2, 2};
        hi5_error err;
        int32_t v[4];

        if (hi5_dataset_read_slab(r->d, start, count, HI5_I32, v, &err)) {
            r->failures++;
            continue;
        }
        for (uint64_t k = 0; k < 4; k++)
            r->failures += v[k] != (int32_t)((start[0] + k / 2) * 7 + start[1] + k % 2);
    }
    return NULL;
}

START_TEST(one_dataset)
{
    static const char *const paths[] = {"fixed array, filtered", "b-tree, filtered",
                                        "extensible array, 1st", "contiguous"};
    hi5_file *const f = open_fixture("good/layouts-new.h5");
    struct reader r[THREADS];
    pthread_t t[THREADS];
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, paths[_i], &d, &err), &err);
    for (unsigned i = 0; i < THREADS; i++) {
        r[i] = (struct reader){.d = d, .seed = i};
        ck_assert_int_eq(pthread_create(&t[i], NULL, read_boxes, &r[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
        ck_assert_uint_eq(r[i].failures, 0);
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

Suite *
suite_threads(void)
{
    Suite *const suite = suite_create("threads");
    TCase *const tc = tcase_create("threads");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, one_file, 0, (int)(sizeof(names) / sizeof(*names)));
    tcase_add_loop_test(tc, one_dataset, 0, 4);
    suite_add_tcase(suite, tc);
    return suite;
}
