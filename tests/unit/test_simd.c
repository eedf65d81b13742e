/*
 * test_simd.c - filters with vector instructions against the same in plain C
 *
 * The sources are compiled here once more, without vector instructions and under other
 * names. Conversions have their own test, test_conv_kernel.c.
 */
#define HI5_NO_SIMD
#define shuffle_decode plain_shuffle_decode
#define shuffle_planes plain_shuffle_planes
#define shuffle_apart plain_shuffle_apart
#define shuffle_encode plain_shuffle_encode
#define fletcher32_decode plain_fletcher32_decode
#define fletcher32_checksum plain_fletcher32_checksum
#include "filters/shuffle.c"

#include "filters/fletcher32.c"
#undef shuffle_decode
#undef shuffle_planes
#undef shuffle_apart
#undef shuffle_encode
#undef fletcher32_decode
#undef fletcher32_checksum
#include "support.h"

filter_decode_fn shuffle_decode, fletcher32_decode;
void shuffle_planes(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane,
                    size_t n, unsigned k);

#define ROOM 70000u

static uint8_t data[ROOM + 16], plain[ROOM + 16], fast[ROOM + 16];
static uint64_t state = 88172645463325252u;

static uint64_t
rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void
fill(size_t n)
{
    for (size_t i = 0; i < n; i++)
        data[i] = (uint8_t)(rnd() >> 24);
}

/* Both must give the same status and bytes, and leave alone what is around them. */
static void
compare(const hi5_filter *f, filter_decode_fn *a, filter_decode_fn *b, size_t n)
{
    const size_t from = rnd() % 8, to = rnd() % 8;
    size_t na = 0, nb = 0;
    hi5_error err;

    memset(plain, 0x5a, sizeof plain);
    memset(fast, 0x5a, sizeof fast);
    ck_assert_int_eq(a(f, data + from, n, plain + to, n, &na, &err),
                     b(f, data + from, n, fast + to, n, &nb, &err));
    ck_assert_uint_eq(na, nb);
    ck_assert_mem_eq(plain, fast, sizeof fast);
}

/* FILT-11: all sizes of elements, any count of them, any rest */
START_TEST(shuffled)
{
    fill(sizeof data);
    for (uint32_t size = 1; size <= 40; size++) {
        const hi5_filter f = {FILTER_SHUFFLE, 0, NULL, 1, &size};

        for (unsigned i = 0; i < 40; i++)
            compare(&f, plain_shuffle_decode, shuffle_decode,
                    i < 30 ? i * size / 2 : rnd() % 60000);
    }
}
END_TEST

static void
planes(size_t stride, size_t plane, size_t n, unsigned k)
{
    memset(plain, 0x5a, sizeof plain);
    memset(fast, 0x5a, sizeof fast);
    plain_shuffle_planes(plain + 1, stride, data, plane, n, k);
    shuffle_planes(fast + 1, stride, data, plane, n, k);
    ck_assert_mem_eq(plain, fast, sizeof fast);
}

START_TEST(planes_apart)
{
    fill(sizeof data);
    for (unsigned k = 1; k <= 8; k *= 2)
        for (size_t n = 0; n < 100; n++)
            planes(k + rnd() % 20, n + rnd() % 20, n, k);
}
END_TEST

/* FILT-03: blocks of rows and what is left of them; words that fold as often as can be.
 * The checksum that the one finds wrong is what the other computes. */
START_TEST(sums)
{
    const hi5_filter f = {FILTER_FLETCHER32, 0, NULL, 0, NULL};
    hi5_error a, b;
    size_t out;

    for (unsigned i = 0; i < 300; i++) {
        const size_t n = i < 100 ? 4 + i : 4 + rnd() % 69000, from = rnd() % 8;

        fill(from + n);
        if (i % 4 == 0)
            memset(data + from, 0xff, n);
        (void)plain_fletcher32_decode(&f, data + from, n, NULL, n, &out, &a);
        (void)fletcher32_decode(&f, data + from, n, NULL, n, &out, &b);
        ck_assert_int_eq(a.status, b.status);
        ck_assert_str_eq(a.message, b.message);
    }
}
END_TEST

/* As memcpy, wherever it begins and ends. */
START_TEST(stream)
{
    fill(ROOM);
    for (size_t n = 0; n < 400; n += n < 200 ? 1 : 37)
        for (size_t to = 0; to < 70; to += 3) {
            memset(fast, 0x5a, 600);
            memset(plain, 0x5a, 600);
            simd_stream(fast + to, data + n % 13, n);
            simd_stream_end();
            memcpy(plain + to, data + n % 13, n);
            ck_assert_mem_eq(fast, plain, 600);
        }
}
END_TEST

Suite *suite_simd(void);
Suite *
suite_simd(void)
{
    Suite *s = suite_create("simd");
    TCase *t = tcase_create("filters");

    tcase_add_test(t, shuffled);
    tcase_add_test(t, planes_apart);
    tcase_add_test(t, sums);
    tcase_add_test(t, stream);
    suite_add_tcase(s, t);
    return s;
}
