/*
 * test_deflate.c - filter 1
 */
#include "try_filter.h"

static const hi5_filter deflate = FILTER(FILTER_DEFLATE, 1, 6);
static const char stream[] =
    "789c636060606006623620e604621e20e60762212016056209209606620007e40088";
static const char plain[] = "000000000300000006000000090000000c000000"
                            "0f0000001200000015000000180000001b000000";

START_TEST(test_good)
{
    try_good(&deflate, 1, stream, plain);
}
END_TEST

/* FILT-08: the last bytes are the Adler-32; EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&deflate, stream, 40, SIZE_MAX);
}
END_TEST

START_TEST(test_bad_adler)
{
    char s[sizeof stream];

    memcpy(s, stream, sizeof s);
    s[sizeof stream - 2] ^= 1;
    try_bad(&deflate, s, 40, "filter 1 (deflate): the zlib stream is damaged");
}
END_TEST

/* FILT-09: too long or too short by one */
START_TEST(test_wrong_size)
{
    uint8_t src[64], got[64];
    const size_t n = try_hex(stream, src);
    hi5_error err;

    ck_status(try_pipe(&deflate, 1, 0, src, n, got, 39, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "filter 1 (deflate): "));
    try_bad(&deflate, stream, 41, "decodes to 40 bytes, not 41");
    try_bad(&deflate, stream, 0, "filter 1 (deflate): ");
}
END_TEST

/* Other readers ignore what follows the stream. */
START_TEST(test_trailing_bytes)
{
    char s[sizeof stream + 8];

    snprintf(s, sizeof s, "%s%s", stream, "abcdef");
    try_good(&deflate, 1, s, plain);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&deflate, stream, 40);
}
END_TEST

Suite *suite_deflate(void);

Suite *
suite_deflate(void)
{
    TRY_SUITE("deflate", test_good, test_cut, test_bad_adler, test_wrong_size,
              test_trailing_bytes, test_damage);
}
