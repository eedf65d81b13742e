/*
 * test_filter.c - which filters are known, and how their errors read
 */
#include "try_filter.h"

START_TEST(test_names)
{
    static const struct {
        unsigned id;
        const char *name;
    } known[] = {
        {1, "deflate"},   {2, "shuffle"},     {3, "fletcher32"},     {4, "szip"},
        {5, "nbit"},      {6, "scaleoffset"}, {307, "bzip2"},        {32000, "lzf"},
        {32001, "blosc"}, {32004, "lz4"},     {32008, "bitshuffle"}, {32013, "zfp"},
        {32015, "zstd"},  {32026, "blosc2"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_str_eq(hi5_filter_known_name(known[i].id), known[i].name);
    ck_assert_ptr_null(hi5_filter_known_name(0));
    ck_assert_ptr_null(hi5_filter_known_name(60000));
    ck_assert_ptr_null(hi5_filter_known_name(0x10001));
}
END_TEST

START_TEST(test_available)
{
    static const unsigned always[] = {1, 2, 3, 5, 6, 32000, 32008};

    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        ck_assert(hi5_filter_available(always[i]));
    ck_assert(!hi5_filter_available(32014));
    ck_assert(!hi5_filter_available(0));
    ck_assert(!hi5_filter_available(0x10001));
#ifdef HI5_HAVE_LZ4
    ck_assert(hi5_filter_available(32004));
#else
    ck_assert(!hi5_filter_available(32004));
#endif
}
END_TEST

/* FILT-29: the id, and the name as stored, or the known one */
START_TEST(test_unavailable)
{
    const hi5_filter stored = {60000, 0, "my own filter", 0, NULL};
    const hi5_filter known = {32014, 1, NULL, 0, NULL};
    const hi5_filter unnamed = {60001, 0, NULL, 0, NULL};

    try_bad(&stored, "00", 1,
            "filter 60000 (my own filter): not available in this build");
    try_bad(&known, "00", 1, "filter 32014 (fpzip): not available in this build");
    try_bad(&unnamed, "00", 1, "filter 60001 (unnamed): not available in this build");
}
END_TEST

/* A name without end in a damaged file */
START_TEST(test_long_name)
{
    char name[4000];
    const hi5_filter f = {60000, 0, name, 0, NULL};

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    try_bad(&f, "00", 1, "xxx): not available in this build");
}
END_TEST

Suite *suite_filter(void);

Suite *
suite_filter(void)
{
    TRY_SUITE("filter", test_names, test_available, test_unavailable, test_long_name);
}
