/*
 * test_zfp.c - filter 32013
 *
 * Streams, headers and values are those of libzfp 1.0.0; the header's words are laid
 * out as H5Z-ZFP stores them.
 */
#include "try_filter.h"

#ifdef HI5_HAVE_ZFP
#include <zfp.h>

/* 6 integers of 32 bits, 16 bits for each value */
static const hi5_filter i4 =
    FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x00000050, 0x03f00000);
static const char i4_stored[] = "00c0d3024c83a0000060292a88a822a0";
static const char i4_plain[] = "206cfbffc0f2fcff6079feff00000000a0860100200d0300";

/* i * i as 12 doubles, within 0.01 */
static const hi5_filter f8 =
    FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x000000b3, 0xcac00000);
static const char f8_stored[] =
    "07488d59000000002ca09d206601000000d0805686e90500000000";
static const char f8_plain[] =
    "0000000000000000000000000000f03f00000000000010400000000000002240"
    "000000000000304000000000000039400000000000004240000000000080"
    "484000000000000050400000000000405440000000000000594000000000"
    "00405e40";

/* 5 x 3 floats: blocks cut in both dimensions */
START_TEST(test_small)
{
    const hi5_filter f4 =
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x20000046, 0x0bf00000);

    try_good(&i4, 1, i4_stored, i4_plain);
    try_good(&f8, 1, f8_stored, f8_plain);
    try_good(&f4, 1,
             "037148880640821211880000000000000000000000000000032d21200240094a44200200"
             "000000000000000000000000",
             "000000000000803e0000003f0000403f0000803f0000a03f0000c03f0000e03f00000040"
             "000010400000204000003040000040400000504000006040");
}
END_TEST

/* Parameters beyond the header mean nothing; 0.5.0 wrote another version word. */
START_TEST(test_lenient)
{
    const hi5_filter f =
        FILTER(FILTER_ZFP, 7, 0x00500050, 0x0570667a, 0x50, 0x03f00000, 1, 2, 3);

    try_good(&f, 1, i4_stored, i4_plain);
}
END_TEST

/* A big-endian writer: the header's words are turned, and so are the values. */
START_TEST(test_big_endian)
{
    const hi5_filter be4 =
        FILTER(FILTER_ZFP, 4, 0x00500050, 0x7a667005, 0x50000000, 0x0000f003);
    const hi5_filter be8 =
        FILTER(FILTER_ZFP, 4, 0x00500050, 0x7a667005, 0xb3000000, 0x0000c0ca);

    try_good(&be4, 1, i4_stored, "fffb6c20fffcf2c0fffe796000000000000186a000030d20");
    try_good(&be8, 1, f8_stored,
             "00000000000000003ff000000000000040100000000000004022000000000000"
             "4030000000000000403900000000000040420000000000004048800000000000"
             "40500000000000004054400000000000405900000000000040"
             "5e400000000000");
}
END_TEST

/* Compress `count` values of `f` with libzfp; the header's words go to `values`. */
static size_t
zfp_make(zfp_stream *z, zfp_field *f, uint8_t *stored, size_t room, uint32_t *values)
{
    uint64_t head[6] = {0};
    bitstream *bits = stream_open(head, sizeof head);
    size_t n;

    zfp_stream_set_bit_stream(z, bits);
    ck_assert_uint_ne(zfp_write_header(z, f, ZFP_HEADER_FULL), 0);
    zfp_stream_flush(z);
    stream_close(bits);
    values[0] = 0x10008011;
    memcpy(values + 1, head, 20);
    bits = stream_open(stored, room);
    zfp_stream_set_bit_stream(z, bits);
    n = zfp_compress(z, f);
    ck_assert_uint_ne(n, 0);
    zfp_stream_rewind(z);
    ck_assert_uint_ne(zfp_decompress(z, f), 0);
    stream_close(bits);
    return n;
}

/* Every type, rank and mode, and sizes of a few windows: what libzfp itself decodes. */
START_TEST(test_all)
{
    static const size_t shapes[][4] = {{1, 0, 0, 0},    {5003, 0, 0, 0}, {61, 67, 0, 0},
                                       {13, 18, 17, 0}, {7, 6, 9, 10},   {2, 2, 2, 2}};
    const size_t *const d = shapes[(unsigned)_i / 20];
    const zfp_type type = (zfp_type)(1 + (unsigned)_i / 5 % 4);
    const unsigned rank = d[3] ? 4 : d[2] ? 3 : d[1] ? 2 : 1;
    const size_t width = type == zfp_type_int32 || type == zfp_type_float ? 4 : 8;
    zfp_field *const f = zfp_field_4d(NULL, type, d[0], d[1], d[2], d[3]);
    zfp_stream *const z = zfp_stream_open(NULL);
    const size_t count = zfp_field_size(f, NULL);
    uint8_t *const data = malloc(count * width), *const got = malloc(count * width + 1);
    uint8_t *stored;
    uint32_t values[6];
    const hi5_filter filter = {FILTER_ZFP, 0, NULL, 6, values};
    size_t room, n;
    hi5_error err;

    for (size_t i = 0; i < count; i++) {
        const int32_t a = (int32_t)(i * i % 1009 * 12345);
        const int64_t b = (int64_t)a << 31;
        const float c = (float)a / 3;
        const double e = (double)a / 3;
        memcpy(data + i * width,
               type == zfp_type_int32   ? (const void *)&a
               : type == zfp_type_int64 ? (const void *)&b
               : type == zfp_type_float ? (const void *)&c
                                        : (const void *)&e,
               width);
    }
    zfp_field_set_pointer(f, data);
    if (_i % 5 == 0)
        zfp_stream_set_rate(z, 11, type, rank, 0);
    else if (_i % 5 == 1)
        zfp_stream_set_precision(z, 20);
    else if (_i % 5 == 2)
        zfp_stream_set_accuracy(z, 0.001);
    else if (_i % 5 == 3)
        zfp_stream_set_reversible(z);
    else
        ck_assert(zfp_stream_set_params(z, 100, 9000, 30, -20));
    room = zfp_stream_maximum_size(z, f) + 64;
    stored = calloc(1, room);
    n = zfp_make(z, f, stored, room, values);
    ck_ok(try_pipe(&filter, 1, 0, stored, n, got, count * width, &err), &err);
    ck_assert_mem_eq(got, data, count * width);
    /* EVIL-18: short by a whole block, and by everything */
    if (count > 256) {
        ck_status(try_pipe(&filter, 1, 0, stored, n * 9 / 10, got, count * width, &err),
                  HI5_E_FILTER);
        ck_assert_ptr_nonnull(strstr(err.message, "the stream is cut short"));
    }
    ck_status(try_pipe(&filter, 1, 0, stored, 0, got, count * width, &err),
              HI5_E_FILTER);
    zfp_field_free(f);
    zfp_stream_close(z);
    free(data);
    free(got);
    free(stored);
}
END_TEST

START_TEST(test_bad_parameters)
{
    const hi5_filter bad[] = {
        FILTER(FILTER_ZFP, 1, 0x10008011),
        FILTER(FILTER_ZFP, 3, 0x10008011, 0x0570667a, 0x50),
        /* not zfp; another codec; minbits > maxbits; maxbits below what a block begins with */
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667b, 0x50, 0x03f00000),
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0670667a, 0x50, 0x03f00000),
        FILTER(FILTER_ZFP, 6, 0x10008011, 0x0570667a, 0x50, 0xfff00000, 0x7fff, 0),
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x50, 0x00500000),
    };
    static const char *const words[] = {
        "1 parameters are not enough",       "3 parameters are not enough",
        "the parameters hold no zfp header", "codec version 6; this build has",
        "the zfp header is damaged",         "the zfp header is damaged"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        try_bad(&bad[i], i4_stored, 24, words[i]);
}
END_TEST

/* FILT-09: the header's shape is not the chunk's */
START_TEST(test_size)
{
    const hi5_filter huge =
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0xffffffff, 0x03ffffff);

    try_bad(&i4, i4_stored, 20, "decodes to more than 20 bytes");
    try_bad(&i4, i4_stored, 28, "decodes to 24 bytes, not 28");
    try_bad(&huge, i4_stored, 28, "decodes to more than 28 bytes");
}
END_TEST

START_TEST(test_damage)
{
    try_cut(&i4, i4_stored, 24, 16);
    try_damage(&i4, i4_stored, 24);
    try_damage(&f8, f8_stored, 96);
}
END_TEST
#else
START_TEST(test_missing)
{
    const hi5_filter f =
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x50, 0x03f00000);

    try_bad(&f, "00c0d3024c83a0000060292a88a822a0", 24, "not available in this build");
}
END_TEST
#endif

Suite *suite_zfp(void);

Suite *
suite_zfp(void)
{
#ifdef HI5_HAVE_ZFP
    const TTest *const tests[] = {test_small,          test_lenient, test_big_endian,
                                  test_bad_parameters, test_size,    test_damage};
    Suite *const s = try_suite("zfp", tests, sizeof tests / sizeof *tests);
    TCase *const c = tcase_create("all");

    tcase_add_loop_test(c, test_all, 0, 120);
    suite_add_tcase(s, c);
    return s;
#else
    TRY_SUITE("zfp", test_missing);
#endif
}
