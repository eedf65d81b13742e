/*
 * test_select_parse.c - selections as NumPy writes them
 */
#include "space/select.h"
#include "try_select.h"
#include <stdio.h>

static hi5_selection *
parse_new(unsigned rank, const uint64_t *dims)
{
    hi5_shape shape = {.kind = rank ? HI5_SIMPLE : HI5_SCALAR, .rank = rank};
    hi5_selection *s;
    hi5_error err;

    if (rank != 0)
        memcpy(shape.dims, dims, rank * sizeof *dims);
    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    return s;
}

/* Slices of n elements, and what Python makes of them: the first index, how many, and
 * how far apart. */
static const struct {
    uint64_t n;
    const char *text;
    uint64_t first, count, step;
} slices[] = {
    {10, "5:-9:1", 0, 0, 1},    {10, ":-11:2", 0, 0, 1},   {1, "-2:", 0, 1, 1},
    {0, "9:11:20", 0, 0, 1},    {1, "10:99", 0, 0, 1},     {10, "2::7", 2, 2, 7},
    {1, "10:5", 0, 0, 1},       {10, "1:-10:20", 0, 0, 1}, {0, "1:-1:3", 0, 0, 1},
    {10, "1:1", 0, 0, 1},       {0, "2:-10", 0, 0, 1},     {1, "-11:1:1", 0, 1, 1},
    {10, "2:99:7", 2, 2, 7},    {1, "1:-9", 0, 0, 1},      {10, "5::1", 5, 5, 1},
    {10, "1:-99", 0, 0, 1},     {10, "0:9:1", 0, 9, 1},    {10, "-1::3", 9, 1, 1},
    {10, "0:5:1", 0, 5, 1},     {10, "11:-9:1", 0, 0, 1},  {1, "11:11:7", 0, 0, 1},
    {1, ":5", 0, 1, 1},         {10, "-11:10", 0, 10, 1},  {10, "-10:10:1", 0, 10, 1},
    {10, "-1:-11", 0, 0, 1},    {10, ":-9", 0, 1, 1},      {10, "2:0:20", 0, 0, 1},
    {1, "-99:-11:2", 0, 0, 1},  {10, "99:9:3", 0, 0, 1},   {10, "-10:11", 0, 10, 1},
    {10, "-9:-10:20", 0, 0, 1}, {10, "-11:5", 0, 5, 1},    {10, "0:2:1", 0, 2, 1},
    {10, "-1:9", 0, 0, 1},      {10, "5:-99:7", 0, 0, 1},  {10, "0:5:7", 0, 1, 1},
    {10, "5:1:20", 0, 0, 1},    {0, "-2:1:7", 0, 0, 1},    {10, "11:1:7", 0, 0, 1},
    {0, "0:-1:3", 0, 0, 1},     {10, ":2:7", 0, 1, 1},     {10, "9:-11:1", 0, 0, 1},
    {10, "-2:10", 8, 2, 1},     {0, "-99:-2", 0, 0, 1},    {10, "9:-11", 0, 0, 1},
    {1, "-9:-1", 0, 0, 1},      {10, "0:1:2", 0, 1, 1},    {10, "1::20", 1, 1, 1},
    {10, "5:1:2", 0, 0, 1},     {10, "-11:1:3", 0, 1, 1},  {10, "11:-9:7", 0, 0, 1},
    {10, "11:5:1", 0, 0, 1},    {10, "10:-99", 0, 0, 1},   {0, "10:-11:3", 0, 0, 1},
    {1, "-2:-99:2", 0, 0, 1},   {10, "1:0:2", 0, 0, 1},    {10, "99:-10:3", 0, 0, 1},
    {10, "9:0:20", 0, 0, 1},    {10, "-9:-1:7", 1, 2, 7},  {0, "-10:5:1", 0, 0, 1},
    {10, "-9:-2:1", 1, 7, 1},   {10, "5:-10:7", 0, 0, 1},  {10, "9:-2", 0, 0, 1},
    {10, "-11::2", 0, 5, 2},    {10, "-10:5:1", 0, 5, 1},  {10, "11:5:20", 0, 0, 1},
    {10, "-2:-2:20", 0, 0, 1},  {10, "9:5:7", 0, 0, 1},    {10, "-9:-11:2", 0, 0, 1},
    {10, "-99:-11", 0, 0, 1},
};

START_TEST(test_slices)
{
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        hi5_selection *const s = parse_new(1, &slices[i].n);
        uint64_t low, high;
        bool dropped = true;
        hi5_error err;

        ck_ok(hi5_selection_parse(s, slices[i].text, &dropped, &err), &err);
        ck_assert(!dropped);
        ck_assert_msg(hi5_selection_count(s) == slices[i].count, "%s of %d",
                      slices[i].text, (int)slices[i].n);
        if (slices[i].count > 0) {
            ck_assert(hi5_selection_bounds(s, &low, &high));
            ck_assert_uint_eq(low, slices[i].first);
            ck_assert_uint_eq(high, low + (slices[i].count - 1) * slices[i].step);
        }
        hi5_selection_free(s);
    }
}
END_TEST

/* Of 4 x 5 x 6: the runs of what is selected, and the dimensions that are dropped */
static const struct {
    const char *text, *runs, *dropped;
} texts[] = {
    {"", "0+120", "..."},
    {"...", "0+120", "..."},
    {":", "0+120", "..."},
    {" : , : , : ", "0+120", "..."},
    {"1", "30+30", "x.."},
    {"-1", "90+30", "x.."},
    {"+1", "30+30", "x.."},
    {"1,2,3", "45+1", "xxx"},
    {"1,2,3,", "45+1", "xxx"},
    {"-4,-5,-6", "0+1", "xxx"},
    {"1,2,3,...", "45+1", "xxx"},
    {"...,3",
     "3+1 9+1 15+1 21+1 27+1 33+1 39+1 45+1 51+1 57+1 63+1 69+1 75+1 81+1 87+1 "
     "93+1 99+1 105+1 111+1 117+1",
     "..x"},
    {"3,...,5", "95+1 101+1 107+1 113+1 119+1", "x.x"},
    {"2,...,1:3", "61+2 67+2 73+2 79+2 85+2", "x.."},
    {"0,1:3", "6+12", "x.."},
    {"0:2,4,::3", "24+1 27+1 54+1 57+1", ".x."},
    {"[1,3],4,5", "59+1 119+1", ".xx"},
    {"0,[ 0 , 2,3 ]", "0+6 12+12", "x.."},
    {"0,0,[1,2,-2,5]", "1+2 4+2", "xx."},
    {"0,0,[4,]", "4+1", "xx."},
    {"[0,1,2,3]", "0+120", "..."},
    {"0,[]", "", "x.."},
    {"1:1", "", "..."},
    {"3:1,[0,1]", "", "..."},
    {"[1],2:99999999999999999999999999,0", "42+1 48+1 54+1", "..x"},
    {"0,0,::99999999999999999999999999", "0+1", "xx."},
    {"-99999999999999999999999999:1,0,0", "0+1", ".xx"},
};

struct runs {
    char text[400];
    size_t n;
};

static hi5_status
write_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct runs *const r = ctx;

    (void)err;
    r->n += (size_t)snprintf(r->text + r->n, sizeof r->text - r->n, "%s%llu+%llu",
                             r->n ? " " : "", (unsigned long long)first,
                             (unsigned long long)n);
    return HI5_OK;
}

START_TEST(test_texts)
{
    const uint64_t dims[3] = {4, 5, 6};
    hi5_selection *const s = parse_new(3, dims);

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct runs r = {{0}, 0};
        bool dropped[3];
        hi5_error err;

        ck_ok(hi5_selection_parse(s, texts[i].text, dropped, &err), &err);
        ck_ok(hi5_selection_each_run(s, write_run, &r, &err), &err);
        ck_assert_msg(strcmp(r.text, texts[i].runs) == 0, "%s: %s", texts[i].text,
                      r.text);
        for (unsigned d = 0; d < 3; d++)
            ck_assert_msg(dropped[d] == (texts[i].dropped[d] == 'x'), "%s: %u",
                          texts[i].text, d);
        ck_ok(hi5_selection_parse(s, texts[i].text, NULL, &err), &err);
    }
    hi5_selection_free(s);
}
END_TEST

/* What is refused, and where the message points; what was selected stays. */
static const struct {
    const char *text;
    hi5_status status;
    const char *words;
} bad[] = {
    {"4", HI5_E_RANGE, "index 4 is outside of a dimension of 4"},
    {"-5", HI5_E_RANGE, "index -5 is outside of a dimension of 4"},
    {"-0x", HI5_E_RANGE, "index -0 is outside"},
    {"99999999999999999999999999", HI5_E_RANGE, "is outside of a dimension of 4"},
    {"[0,4]", HI5_E_RANGE, "index 4 is outside"},
    {"1,2,3,4", HI5_E_ARG, "4 indexes for rank 3"},
    {"1,2,3,4,...", HI5_E_ARG, "4 indexes for rank 3"},
    {"...,...", HI5_E_ARG, "a second \"...\" at character 5"},
    {"::-1", HI5_E_ARG, "the step must be positive at character 5"},
    {"::0", HI5_E_ARG, "the step must be positive"},
    {",", HI5_E_ARG, "an index or a slice is missing at character 1"},
    {"1,,2", HI5_E_ARG, "an index or a slice is missing at character 3"},
    {"-", HI5_E_ARG, "a number is missing at character 2"},
    {"+", HI5_E_ARG, "a number is missing"},
    {"+:2", HI5_E_ARG, "a number is missing"},
    {"1:-", HI5_E_ARG, "a number is missing"},
    {"- 1", HI5_E_ARG, "a number is missing"},
    {"1 2", HI5_E_ARG, "',' expected at character 3"},
    {"1;2", HI5_E_ARG, "',' expected at character 2"},
    {"1:2:3:4", HI5_E_ARG, "',' expected at character 6"},
    {"....", HI5_E_ARG, "',' expected at character 4"},
    {"a", HI5_E_ARG, "an index or a slice is missing at character 1"},
    {"1.5", HI5_E_ARG, "',' expected"},
    {"[1,2", HI5_E_ARG, "',' or ']' expected at character 5"},
    {"[1 2]", HI5_E_ARG, "',' or ']' expected"},
    {"[,]", HI5_E_ARG, "an index is missing"},
    {"[1,,2]", HI5_E_ARG, "an index is missing"},
    {"[1:2]", HI5_E_ARG, "',' or ']' expected"},
    {"[2,1]", HI5_E_ARG, "must ascend at character 5"},
    {"[1,1]", HI5_E_ARG, "must ascend"},
    {"[1,-3]", HI5_E_ARG, "must ascend"},
    {"[0,1],[0,1]", HI5_E_ARG, "only one dimension may be given as a list"},
    {"]", HI5_E_ARG, "an index or a slice is missing"},
};

START_TEST(test_bad)
{
    const uint64_t dims[3] = {4, 5, 6};
    hi5_selection *const s = parse_new(3, dims);
    hi5_error err;

    ck_ok(hi5_selection_parse(s, "1,[1,3],2", NULL, &err), &err);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const hi5_status st = hi5_selection_parse(s, bad[i].text, NULL, &err);

        ck_assert_msg(st == bad[i].status, "%s: %d", bad[i].text, (int)st);
        ck_assert_msg(strstr(err.message, bad[i].words) != NULL, "%s", err.message);
        ck_assert_ptr_nonnull(strstr(err.message, bad[i].text));
        ck_assert_uint_eq(hi5_selection_count(s), 2);
        ck_status(hi5_selection_parse(s, bad[i].text, NULL, NULL), bad[i].status);
    }
    hi5_selection_free(s);
}
END_TEST

/* Rank 0: nothing but nothing; null spaces have nothing to select. */
START_TEST(test_scalar)
{
    hi5_selection *const s = parse_new(0, NULL), *t;
    const hi5_shape null = {.kind = HI5_NULL};
    hi5_error err;

    ck_ok(hi5_selection_parse(s, "", NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 1);
    ck_ok(hi5_selection_parse(s, " ... ", NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 1);
    ck_status(hi5_selection_parse(s, "0", NULL, &err), HI5_E_ARG);
    ck_status(hi5_selection_parse(s, ":", NULL, &err), HI5_E_ARG);
    hi5_selection_free(s);
    ck_ok(hi5_selection_create(&null, &t, &err), &err);
    ck_ok(hi5_selection_parse(t, "", NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(t), 0);
    hi5_selection_free(t);
}
END_TEST

/* SPACE-08: indexes above 2^63 */
START_TEST(test_far)
{
    const uint64_t dims[2] = {UINT64_MAX - 1, 2};
    hi5_selection *const s = parse_new(2, dims);
    uint64_t low[2], high[2];
    hi5_error err;

    ck_ok(hi5_selection_parse(s, "18446744073709551613,0", NULL, &err), &err);
    ck_assert(hi5_selection_bounds(s, low, high) && low[0] == UINT64_MAX - 2);
    ck_ok(hi5_selection_parse(s, "-2::9223372036854775808", NULL, &err), &err);
    ck_assert(hi5_selection_bounds(s, low, high) && low[0] == UINT64_MAX - 3);
    ck_assert_uint_eq(hi5_selection_count(s), 2);
    ck_ok(hi5_selection_parse(s, "::9223372036854775808,0", NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 2);
    ck_status(hi5_selection_parse(s, "18446744073709551614,0", NULL, &err),
              HI5_E_RANGE);
    ck_status(hi5_selection_parse(s, "18446744073709551616,0", NULL, &err),
              HI5_E_RANGE);
    hi5_selection_free(s);
}
END_TEST

/* SPACE-10: a long list is not one hyperslab after another; but there is an end to it. */
START_TEST(test_long_list)
{
    const uint64_t dims[2] = {1000000, 3};
    hi5_selection *const s = parse_new(2, dims);
    char *const text = malloc(1000000);
    size_t at = 1;
    hi5_error err;

    ck_assert_ptr_nonnull(text);
    text[0] = '[';
    for (unsigned i = 0; i < 100000; i++)
        at += (size_t)sprintf(text + at, "%u,", 2 * i);
    strcpy(text + at - 1, "],:");
    ck_ok(hi5_selection_parse(s, text, NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 300000);
    ck_assert(hi5_selection_is_regular(s));
    strcpy(text + at - 1, ",300000],:");
    ck_status(hi5_selection_parse(s, text, NULL, &err), HI5_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "...\": the list is too long"));
    ck_assert_uint_eq(hi5_selection_count(s), 300000);
    free(text);
    hi5_selection_free(s);
}
END_TEST

Suite *suite_select_parse(void);

Suite *
suite_select_parse(void)
{
    Suite *const s = suite_create("select_parse");
    TCase *const c = tcase_create("select_parse");

    tcase_add_test(c, test_slices);
    tcase_add_test(c, test_texts);
    tcase_add_test(c, test_bad);
    tcase_add_test(c, test_scalar);
    tcase_add_test(c, test_far);
    tcase_add_test(c, test_long_list);
    suite_add_tcase(s, c);
    return s;
}
