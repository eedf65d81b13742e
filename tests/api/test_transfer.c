/*
 * test_transfer.c - hi5_dataset_read_with: who decides about numbers that do not fit
 */
#include <stdlib.h>
#include <string.h>

#include "support.h"

Suite *suite_transfer(void);

enum { N = 25 * 25 }; /* elements of "b-tree, deep": 0 to 624, in chunks of one */

struct asked {
    int calls, most;
    int32_t last;
};

/* Negative instead of clipped; ascending, so that nobody else is asking; `most` calls. */
static hi5_status
negate(void *ctx, hi5_exception what, const hi5_type *from, const void *value,
       const hi5_type *to, void *result, hi5_error *err)
{
    struct asked *const a = ctx;
    int32_t v;

    (void)err;
    if (++a->calls > a->most)
        return HI5_E_RANGE;
    memcpy(&v, value, sizeof v);
    if (what != HI5_RANGE_HIGH || hi5_type_size(from) != 4 || to != HI5_I8 ||
        *(int8_t *)result != 127 || v <= a->last)
        return HI5_E_INTERNAL;
    a->last = v;
    *(int8_t *)result = -1;
    return HI5_OK;
}

static hi5_status
read_all(const char *name, const char *path, const hi5_selection *s, int8_t *buf,
         const hi5_transfer *how, hi5_error *err)
{
    hi5_file *const f = open_fixture(name);
    hi5_dataset *d;
    hi5_status status;

    ck_ok(hi5_dataset_open(f, path, &d, err), err);
    status = hi5_dataset_read_with(d, s, HI5_I8, buf, how, err);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    return status;
}

START_TEST(answers)
{
    struct asked a = {.most = N};
    const hi5_transfer how = {sizeof how, negate, &a};
    int8_t v[N];
    hi5_error err;

    ck_ok(read_all("good/layouts-new.h5", "b-tree, deep", NULL, v, &how, &err),
          &err);
    ck_assert_int_eq(a.calls, N - 128);
    ck_assert_int_eq(a.last, N - 1);
    for (int i = 0; i < N; i++)
        if (v[i] != (i < 128 ? i : -1))
            ck_abort_msg("%d: %d", i, v[i]);
}
END_TEST

/* Nobody is asked: the usual clipping. */
START_TEST(without)
{
    const hi5_transfer how = {.size = sizeof how};

    for (int k = 0; k < 2; k++) {
        int8_t v[N];
        hi5_error err;

        ck_ok(read_all("good/layouts-new.h5", "b-tree, deep", NULL, v,
                       k == 0 ? NULL : &how, &err), &err);
        for (int i = 0; i < N; i++)
            if (v[i] != (i < 128 ? i : 127))
                ck_abort_msg("%d: %d", i, v[i]);
    }
}
END_TEST

START_TEST(refusal)
{
    struct asked a = {.most = 5};
    const hi5_transfer how = {sizeof how, negate, &a}, odd = {1, negate, &a};
    int8_t v[N];
    hi5_error err;

    ck_status(read_all("good/layouts-new.h5", "b-tree, deep", NULL, v, &how, &err),
              HI5_E_RANGE);
    ck_assert_int_eq(a.calls, 6);
    ck_assert_int_eq(err.status, HI5_E_RANGE);
    ck_assert_ptr_nonnull(strstr(err.path, "b-tree, deep"));
    a.calls = 0;
    ck_status(read_all("good/layouts-new.h5", "b-tree, deep", NULL, v, &odd, &err),
              HI5_E_ARG);
    ck_assert_int_eq(a.calls, 0);
}
END_TEST

/* One thread asks, however many may read, in the order of the chunks. */
START_TEST(in_order)
{
    const hi5_open_options o = {.size = sizeof o, .threads = 8};
    struct asked a = {.most = N};
    const hi5_transfer how = {sizeof how, negate, &a};
    int8_t v[N];
    hi5_selection *s;
    hi5_dataset *d;
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open(fixture("good/layouts-new.h5"), &o, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "b-tree, deep", &d, &err), &err);
    ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
    ck_ok(hi5_selection_parse(s, "1::2, :", NULL, &err), &err);
    ck_ok(hi5_dataset_read_with(d, s, HI5_I8, v, &how, &err), &err);
    ck_assert_int_eq(a.calls, 22 + 9 * 25); /* from 128 on, and the rows 7 to 23 */
    ck_assert_int_eq(v[52], 127);
    ck_assert_int_eq(v[53], -1);
    hi5_selection_free(s);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

Suite *
suite_transfer(void)
{
    Suite *const suite = suite_create("transfer");
    TCase *const tc = tcase_create("transfer");

    tcase_add_test(tc, answers);
    tcase_add_test(tc, without);
    tcase_add_test(tc, refusal);
    tcase_add_test(tc, in_order);
    suite_add_tcase(suite, tc);
    return suite;
}
