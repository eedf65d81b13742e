/*
 * test_encode.c - applying filters: against bytes that libhdf5 made, and back through the
 * decoders
 *
 * Known chunks are what h5py 3.7 with libhdf5 1.10.8 stored for the plain bytes given
 * (set_scaleoffset, set_szip, H5Pset_nbit), read with read_direct_chunk.
 */
#include "filters/encode.h"
#include "try_filter.h"
#include <math.h>

#define MOST (1u << 16)

struct made {
    uint8_t b[2 * MOST + 8192];
    size_t n;
    uint32_t mask;
};

/* Through the encoders, from a block of just n bytes; nothing leaks. */
static hi5_status
make(const hi5_filter *filters, unsigned nfilters, const struct pipe_plugins *plugins,
     const void *src, size_t n, struct made *m, hi5_error *err)
{
    hi5_filter copy[PIPE_MOST];
    const struct pipeline p = {1, nfilters, copy};
    struct encode_work w = {0};
    struct mem mem;
    uint8_t *const in = malloc(n);
    const uint8_t *out;
    hi5_status s;

    memcpy(copy, filters, nfilters * sizeof *filters);
    memcpy(in, src, n);
    mem_init(&mem, NULL, 1u << 26);
    w.mem = &mem;
    s = pipe_encode(&p, plugins, in, n, &w, &out, &m->n, &m->mask, err);
    if (s == HI5_OK) {
        ck_assert_uint_le(m->n, sizeof m->b);
        memcpy(m->b, out, m->n);
    }
    ck_assert_mem_eq(in, src, n);
    encode_work_done(&w);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
    free(in);
    return s;
}

/* What is made decodes to what it was made of. */
static void
there_and_back(const hi5_filter *filters, unsigned nfilters, const void *src, size_t n,
               struct made *m)
{
    static uint8_t got[MOST];
    hi5_error err;

    ck_ok(make(filters, nfilters, NULL, src, n, m, &err), &err);
    ck_ok(try_pipe(filters, nfilters, m->mask, m->b, m->n, got, n, &err), &err);
    ck_assert_mem_eq(got, src, n);
}

/* Integers below 2^31, always the same. */
static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 1;
}

static void
fill_random(uint8_t *p, size_t n, unsigned kind, uint32_t *state)
{
    for (size_t i = 0; i < n; i++)
        p[i] = kind == 0   ? 0
               : kind == 1 ? (uint8_t)(i / 7)
               : kind == 2 ? (uint8_t)(next_random(state) >> 8 & 3)
                           : (uint8_t)(next_random(state) >> 16);
}

/* ---- known bytes ---- */

struct known {
    const char *plain, *stored;
    hi5_filter f;
};

static void
check_known(const struct known *k, size_t n)
{
    static struct made m;
    uint8_t plain[512], stored[512];
    hi5_error err;

    for (size_t i = 0; i < n; i++) {
        const size_t plain_n = try_hex(k[i].plain, plain);
        const size_t stored_n = try_hex(k[i].stored, stored);

        ck_ok(make(&k[i].f, 1, NULL, plain, plain_n, &m, &err), &err);
        ck_assert_msg(m.n == stored_n && memcmp(m.b, stored, stored_n) == 0,
                      "row %zu: %zu bytes", i, m.n);
        ck_assert_uint_eq(m.mask, 0);
    }
}

#define SO(...)                                                                        \
    FILTER(FILTER_SCALEOFFSET, 20, __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

/* FILT-13, FILT-17: -50, -49, 3, 0, 7, 7, -20, 100, 0, 1 and others, as every size and order */
START_TEST(test_scaleoffset_integers)
{
    const struct known k[] = {
        {"ceffcfff0300000007000700ecff640000000100",
         "0800000008ceffffffffffffff0000000000000000000135ff39391e96ff3300",
         SO(2, 0, 10, 0, 2, 1, 0, 1, 0, 0)},
        {"ffceffcf0003000000070007ffec006400000001",
         "0800000008ceffffffffffffff000000000000000000013532ffff1e96323300",
         SO(2, 0, 10, 0, 2, 1, 1, 1, 7, 0)},
        {"ceffffffcfffffff03000000000000000700000007000000ecffffff640000000000000001000"
         "0"
         "00",
         "0800000008ceffffffffffffff00000000000000000001353239391e96323300",
         SO(2, 0, 10, 0, 4, 1, 0, 0, 0, 0)},
        {"cecf03000707ec640001",
         "0800000008ceffffffffffffff0000000000000000cecf03000707ec640001",
         SO(2, 0, 10, 0, 1, 1, 0, 1, 0, 0)},
        {"e803000000000000e903000000000000000000000000000005000000000000007011010000000"
         "0"
         "00",
         "11000000080500000000000000000000000000000001f180f93fffe000088b58",
         SO(2, 0, 5, 0, 8, 0, 0, 1, 0, 0)},
        {"09000000090000000900000009000000", /* all the same, no fill value */
         "00000000080900000000000000000000000000000000",
         SO(2, 0, 4, 0, 4, 1, 0, 0, 0, 0)},
        {"030004000500460000000300", /* in 5 bits, which are not enough for 70 */
         "05000000080300000000000000000000000000000000443f80",
         SO(2, 5, 6, 0, 2, 0, 0, 1, 0, 0)},
        {"010002000300", "010002000300", SO(2, 16, 3, 0, 2, 1, 0, 1, 0, 0)},
        {"00000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000"
         "",
         "010000000800000000000000000000000000000000ffc0",
         SO(2, 0, 10, 0, 4, 1, 0, 1, 0, 0)},
        {"00ff0380", "08000000080300000000000000000000000000000000ff0380",
         SO(2, 0, 4, 0, 1, 0, 0, 1, 0, 0)},
    };

    check_known(k, sizeof k / sizeof *k);
}
END_TEST

/* FILT-13, FILT-15: 1.5, -2.25, 0, 3.14159, 100, 0.004 */
START_TEST(test_scaleoffset_floats)
{
    const struct known k[] = {
        {"0000c03f000010c000000000d00f49400000c8426f12833b",
         "0e00000008000010c000000000000000000000000005dc000fffc21b9fc7fff0",
         SO(0, 2, 6, 1, 4, 0, 0, 1, 0, 0)},
        {"3ff8000000000000c0020000000000000000000000000000400921f9f01b866e4059000000000"
         "0"
         "003f70624dd2f1a9fc",
         "110000000800000000000002c000000000000000000753000001195ffffc7b502338",
         SO(0, 3, 6, 1, 8, 0, 1, 1, 4028335726, 1074340345)},
        {"000000000000f83f00000000000002c000000000000000006e861bf0f92109400000000000005"
         "9"
         "40fca9f1d24d62703f",
         "070000000800000000000002c000000000000000000800105cc080",
         SO(0, 0, 6, 1, 8, 0, 0, 0, 0, 0)},
        /* 0, 0.49999999999999994, 0.5, -0.5, 1.5, 2.5, -1.5, 7: halves away from 0 */
        {"0000000000000000ffffffffffffdf3f000000000000e03f000000000000e0bf000000000000f"
         "8"
         "3f0000000000000440000000000000f8bf0000000000001c40",
         "0400000008000000000000f8bf00000000000000002221340900",
         SO(0, 0, 8, 1, 8, 0, 0, 0, 0, 0)},
        {"0ad7a33b8fc2753ccdccccbc295cff3f00004040", /* 0.005, 0.015, -0.025, 1.995, 3 */
         "0900000008cdccccbc0000000000000000000000000181000ca978",
         SO(0, 2, 5, 1, 4, 0, 0, 1, 1065353216, 0)},
    };

    check_known(k, sizeof k / sizeof *k);
}
END_TEST

/* FILT-18 */
START_TEST(test_nbit)
{
    const struct known k[] = {
        {"0b30557a9fc4e90e33587da2", "a98027127ab060",
         FILTER(FILTER_NBIT, 8, 8, 0, 3, 1, 4, 0, 17, 4)},
        {"0b30557a9fc4", "59aaffe0", FILTER(FILTER_NBIT, 8, 8, 0, 3, 1, 2, 1, 10, 3)},
        {"0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186abd0f51a",
         "59aaffe1219afb43f626dc0b978b2b1d5beb9c305eaa30",
         FILTER(FILTER_NBIT, 10, 10, 0, 3, 2, 12, 1, 2, 1, 10, 3)},
        /* 17 bits, a string, an enumeration, an array, a float, 10 bits */
        {"0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186abd0f51a3f648"
         "9"
         "aed3f81d42678cb1d6fb20456a8fb4d9fe23486d92b7dc01264b7095badf04294e7398bde2072"
         "c"
         "51769bc0e50a2f54799ec3e80d32577ca1c6eb10355a7fa4c9ee13385d82a7ccf1163b6085aac"
         "f"
         "f4193e",
         "a98062748719ac3ed11fb136e05cbc5958b9e30c37d9df8d8cb1d6fb20456a7db3f1a5b2bec24"
         "d"
         "f04294e394b812a8f33d87d01a6577870b1557fa27b4f99e22cff0",
         FILTER(FILTER_NBIT, 38, 38, 0, 3, 3, 40, 6, 0, 1, 4, 0, 17, 4, 5, 4, 5, 10, 4,
                2, 12, 2, 12, 1, 2, 1, 10, 3, 28, 1, 4, 1, 32, 0, 36, 1, 2, 1, 10, 3)},
        /* libhdf5 has no integers of 16 bytes: the stream is test_nbit.c's */
        {"00fec945f2e67b0d06cd50a58201000080ffffffffffffffffffffffff070000",
         "3054aa19a0c1af7cde48b93fcfffffffffffffffffffffffff00",
         FILTER(FILTER_NBIT, 8, 8, 0, 2, 1, 16, 0, 100, 7)},
        {"000102030405", "000102030405", FILTER(FILTER_NBIT, 3, 3, 1, 3)},
    };

    check_known(k, sizeof k / sizeof *k);
}
END_TEST

#ifdef HI5_HAVE_AEC
/* i * i / 7: 32 bits; entropy coding; scanlines that are padded; 8 bits */
START_TEST(test_szip)
{
    const struct known k[] = {
        {"0000000000000000000000000100000002000000030000000500000007000000090000000b000"
         "0"
         "000e0000001100000014000000180000001c0000002000000024000000290000002e000000330"
         "0"
         "0000390000003f000000450000004b0000005200000059000000600000006800000070000000"
         "780000008000000089000000920000009b000000a5000000af000000b9000000c3000000ce000"
         "0"
         "00d9000000",
         "a0000000201a4842d55248540455550929248a9249db0002849249294926c0001000080004",
         FILTER(FILTER_SZIP, 4, 169, 8, 32, 40)},
        {"000000000000000100020003000500070009000b000e001100140018001c002000240029002e0"
         "0"
         "330039003f",
         "2c0000000c9eb6e8a92f1554a46032a912e9b2f9f800",
         FILTER(FILTER_SZIP, 4, 149, 4, 16, 22)},
        {"00000000000000000000"
         "00000000803f00000040000040400000a0400000e040000010410000304100006041000088410"
         "0"
         "00a0410000c0410000e0410000004200001042000024420000384200004c420000644200007c4"
         "2"
         "00008a42000096420000a4420000b2420000c0420000d0420000e0420000f042",
         "78000000000400100040010004001e00000101fe814101805fdf000000003b0281820207f8812"
         "4"
         "041fc000003323f61cc739c04087f00000080180f81d00047941f3841090",
         FILTER(FILTER_SZIP, 4, 169, 8, 32, 10)},
        {"0000000102030507090b0e1114181c2024292e33393f454b5259606870788089929ba5afb9c3c"
         "e"
         "d9e4f0fc0814212e3b4957",
         "32000000201a94906aa14d24c032492a8ab249153b61092400a124a524249936dc06d8c5f7d35"
         "a"
         "d55f3000",
         FILTER(FILTER_SZIP, 4, 169, 4, 8, 50)},
    };

    check_known(k, sizeof k / sizeof *k);
}
END_TEST

/* All sizes of pixels, blocks and lines; what does not shrink stays as it is. */
START_TEST(test_szip_shapes)
{
    static const unsigned bits[] = {8, 16, 32, 64, 12, 20};
    static uint8_t plain[6000];
    static struct made m;
    uint32_t state = 1;

    for (unsigned i = 0; i < 6 * 3 * 4 * 4; i++) {
        const unsigned b = bits[i % 6], block = (const unsigned[]){2, 8, 32}[i / 6 % 3];
        const unsigned size = b == 64 ? 8 : b > 16 ? 4 : b > 8 ? 2 : 1;
        const unsigned line = (const unsigned[]){32, 33, 100, 256}[i / 18 % 4];
        const hi5_filter f = {FILTER_SZIP, FILTER_OPTIONAL, NULL, 4,
                              VALUES(128 | 8 | (i % 2 != 0 ? 32 : 4), block, b, line)};
        const size_t n = (100 + next_random(&state) % 600) * size;

        fill_random(plain, n, i / 72, &state);
        for (size_t at = 0; b % 8 != 0 && at < n; at += size) {
            plain[at + b / 8] &= 15;
            for (size_t k = b / 8 + 1; k < size; k++)
                plain[at + k] = 0;
        }
        there_and_back(&f, 1, plain, n, &m);
        ck_assert(m.mask == 0 || (m.mask == 1 && m.n == n));
        ck_assert_uint_le(m.n, n + 4);
    }
}
END_TEST

/* Bits that the parameters leave out are not dropped silently. */
START_TEST(test_szip_wide_values)
{
    const hi5_filter f = FILTER(FILTER_SZIP, 4, 169, 2, 12, 4);
    static struct made m;
    hi5_error err;

    ck_status(make(&f, 1, NULL, "\1\0\2\0\3\0\4\20", 8, &m, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "values of more than 12 bits"));
}
END_TEST
#endif

/* ---- what is lossless, there and back ---- */

static const size_t lengths[] = {1, 2, 7, 8, 63, 64, 100, 1000, 8192, 8200, 40000};

/* FILT-11: against the definition; all sizes, all lengths */
START_TEST(test_shuffle)
{
    static uint8_t plain[40000];
    static struct made m;
    uint32_t state = 2;

    fill_random(plain, sizeof plain, 3, &state);
    for (uint32_t size = 1; size <= 33; size++)
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            const hi5_filter f = FILTER(FILTER_SHUFFLE, 1, size);
            const size_t n = lengths[l], count = n / size;

            there_and_back(&f, 1, plain, n, &m);
            ck_assert_uint_eq(m.n, n);
            for (size_t i = 0; i < n; i++) {
                const size_t at =
                    i < count * size && count > 0 ? i % size * count + i / size : i;
                ck_assert_uint_eq(m.b[at], plain[i]);
            }
        }
}
END_TEST

static const hi5_filter lossless[] = {
    FILTER(FILTER_DEFLATE, 1, 6),
    FILTER(FILTER_LZF, 3, 4, 0x105, 0),
    FILTER(FILTER_FLETCHER32, 0, 0),
    FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 1, 0, 0),
    FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 12, 64, 0),
    FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 4, 0, 2),
    FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 8, 0, 3),
    FILTER(FILTER_LZ4, 0, 0),
    FILTER(FILTER_LZ4, 1, 1000),
    FILTER(FILTER_ZSTD, 1, 1),
    FILTER(FILTER_ZSTD, 0, 0),
    FILTER(FILTER_BZIP2, 1, 2),
    FILTER(FILTER_BLOSC, 7, 2, 2, 4, 0, 5, 1, 0),
    FILTER(FILTER_BLOSC, 7, 2, 2, 8, 0, 1, 2, 1),
};
#define LOSSLESS (sizeof lossless / sizeof *lossless)

/* Is everything there that row i needs? */
static bool
row_there(size_t i)
{
    const hi5_filter *const f = &lossless[i];

    if (f->id == FILTER_BITSHUFFLE && f->values[4] == 2)
        return hi5_filter_can_encode(FILTER_LZ4);
    if (f->id == FILTER_BITSHUFFLE && f->values[4] == 3)
        return hi5_filter_can_encode(FILTER_ZSTD);
    return hi5_filter_can_encode(f->id);
}

/* FILT-05: optional: what does not shrink is as it was, and the mask says so; else it
 * may grow (but a mandatory LZF or Blosc cannot make anything of a byte or two). */
START_TEST(test_lossless)
{
    static uint8_t plain[40000];
    static struct made m;
    uint32_t state = 3;

    for (size_t i = 0; i < LOSSLESS; i++)
        for (unsigned kind = 0; kind < 4 && row_there(i); kind++)
            for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
                const size_t n = lengths[l];
                hi5_filter f = lossless[i];

                fill_random(plain, n, kind, &state);
                if (f.id != FILTER_LZF || n > 1)
                    there_and_back(&f, 1, plain, n, &m);
                f.flags = FILTER_OPTIONAL;
                there_and_back(&f, 1, plain, n, &m);
                if (f.id != FILTER_FLETCHER32)
                    ck_assert_uint_le(m.n, n);
                if (m.mask != 0)
                    ck_assert(m.n == n && memcmp(m.b, plain, n) == 0);
                if (kind == 0 && n >= 8192)
                    ck_assert_msg(m.mask == 0, "row %zu, kind %u, %zu bytes", i, kind,
                                  n);
            }
}
END_TEST

START_TEST(test_packed_integers)
{
    static const uint32_t sizes[] = {1, 2, 4, 8};
    static uint8_t plain[8 * 1000];
    static struct made m;
    uint32_t state = 4;

    for (unsigned i = 0; i < 4 * 2 * 2 * 2 * 4 * 5; i++) {
        const uint32_t size = sizes[i % 4], order = i / 4 % 2, sign = i / 8 % 2;
        const uint32_t fill = i / 16 % 2;
        const uint32_t count = (const uint32_t[]){1, 2, 7, 300, 1000}[i / 128];
        const hi5_filter so[] = {
            SO(2, 0, count, 0, size, sign, order, fill, 1, 0),
            {FILTER_SCALEOFFSET, FILTER_OPTIONAL, NULL, 20,
             VALUES(2, 0, count, 0, size, sign, order, fill, 1, 0, 0, 0, 0, 0, 0, 0, 0,
                    0, 0, 0)},
            FILTER(FILTER_NBIT, 8, 8, 0, count, 1, size, order, size * 8, 0)};

        fill_random(plain, size * count, i / 32 % 4, &state);
        there_and_back(&so[0], 1, plain, size * count, &m);
        there_and_back(&so[1], 1, plain, size * count, &m);
        there_and_back(&so[2], 1, plain, size * count, &m);
    }
}
END_TEST

START_TEST(test_pipeline)
{
    static uint8_t plain[4000];
    static struct made m;
    uint32_t state = 5;

    for (unsigned i = 0; i < 4; i++) {
        const hi5_filter f[] = {SO(2, 0, 1000, 0, 4, 0, 0, 1, 0, 0),
                                {FILTER_SHUFFLE, 1, NULL, 1, VALUES(4)},
                                {FILTER_DEFLATE, 1, NULL, 1, VALUES(6)},
                                {60000, 1, "unknown", 0, NULL},
                                {FILTER_FLETCHER32, 0, NULL, 0, NULL}};

        fill_random(plain, sizeof plain, i, &state);
        there_and_back(f, 5, plain, sizeof plain, &m);
        ck_assert_uint_eq(m.mask & ~4u, 8);
    }
}
END_TEST

/* Ten bits of sixteen, of what another filter made: libhdf5 stores what it cannot read. */
START_TEST(test_after_others)
{
    hi5_filter f[] = {{FILTER_SHUFFLE, 1, NULL, 1, VALUES(2)},
                      FILTER(FILTER_NBIT, 8, 8, 0, 3, 1, 2, 1, 10, 3)};
    const hi5_filter whole[] = {{FILTER_SHUFFLE, 1, NULL, 1, VALUES(2)},
                                SO(2, 0, 3, 0, 2, 0, 0, 1, 0, 0)};
    const uint8_t v[] = {0x0b, 0x30, 0x55, 0x7a, 0x9f, 0xc4};
    const uint8_t shuffled[] = {0x0b, 0x55, 0x9f, 0x30, 0x7a, 0xc4}, zeros[6] = {0};
    static struct made m;
    hi5_error err;

    ck_status(make(f, 2, NULL, v, sizeof v, &m, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "lose"));
    there_and_back(f, 2, zeros, sizeof zeros, &m); /* of which nothing is lost */
    ck_assert_uint_eq(m.mask, 0);
    f[1].flags = FILTER_OPTIONAL;
    there_and_back(f, 2, v, sizeof v, &m);
    ck_assert_uint_eq(m.mask, 2);
    ck_assert_mem_eq(m.b, shuffled, sizeof shuffled);
    there_and_back(whole, 2, v, sizeof v, &m);
    ck_assert_uint_eq(m.mask, 0);
}
END_TEST

/* ---- floats ---- */

static void
floats_kept(const hi5_filter *f, const double *v, size_t n, double within)
{
    static struct made m;
    double got[64];
    hi5_error err;

    ck_ok(make(f, 1, NULL, v, n * sizeof *v, &m, &err), &err);
    ck_ok(try_pipe(f, 1, m.mask, m.b, m.n, got, n * sizeof *v, &err), &err);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(got[i] == v[i] || fabs(got[i] - v[i]) <= within ||
                          (isnan(got[i]) && isnan(v[i])),
                      "%zu: %g, not %g", i, got[i], v[i]);
}

/* What cannot be scaled stays as it is; NaN may be the fill value. */
START_TEST(test_not_numbers)
{
    double v[] = {1.25, NAN, -7.5, 3.125, 1e300, INFINITY};
    const uint32_t nan_high = 0x7ff80000;
    hi5_filter f[] = {SO(0, 2, 6, 1, 8, 0, 0, 1, 0, 0),
                      SO(0, 2, 6, 1, 8, 0, 0, 0, 0, 0),
                      SO(0, 2, 6, 1, 8, 0, 0, 1, 0, 0)};
    const uint32_t with_nan[20] = {0, 2, 6, 1, 8, 0, 0, 1, 0, nan_high};
    static struct made m;
    hi5_error err;

    f[2].values = with_nan;
    for (unsigned optional = 0; optional < 2; optional++)
        for (unsigned i = 0; i < 3; i++) {
            f[i].flags = (uint16_t)optional;
            floats_kept(&f[i], v, 6, 0);
        }
    v[4] = v[1];
    v[5] = 2;
    ck_ok(make(&f[2], 1, NULL, v, sizeof v, &m, &err), &err);
    ck_assert_uint_eq(m.mask, 0);
    ck_assert_uint_eq(m.b[0], 11); /* 0 to 1062, and the fill value */
    floats_kept(&f[2], v, 6, 0.0051);
}
END_TEST

/* Next to the fill value: libhdf5 takes the float 0.01 for it in one place and not in
 * another. */
START_TEST(test_near_fill)
{
    const hi5_filter f = SO(0, 2, 4, 1, 4, 0, 0, 1, 0, 0);
    const float v[] = {0.01f, 5, 7, 0};
    static struct made m;
    float got[4];
    hi5_error err;

    ck_ok(make(&f, 1, NULL, v, sizeof v, &m, &err), &err);
    ck_ok(try_pipe(&f, 1, m.mask, m.b, m.n, got, sizeof got, &err), &err);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_float_eq_tol(got[i], v[i], 0.0051f);
}
END_TEST

/* ---- what is not right ---- */

/* FILT-14: some releases of libhdf5 do not read values that take all their bits. */
START_TEST(test_full_precision)
{
    const hi5_filter f = {
        FILTER_SCALEOFFSET, FILTER_OPTIONAL, NULL, 20,
        VALUES(2, 0, 4, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)};
    static struct made m;
    hi5_error err;

    ck_ok(make(&f, 1, NULL, "\0\xff\3\x80", 4, &m, &err), &err);
    ck_assert_uint_eq(m.mask, 1);
    ck_assert_uint_eq(m.n, 4);
    ck_assert_mem_eq(m.b, "\0\xff\3\x80", 4);
}
END_TEST

/* FILT-05, FILT-23: wrong parameters: skipped, or an error that says so */
START_TEST(test_wrong)
{
    const struct {
        hi5_filter f;
        const char *words;
    } row[] = {
        {FILTER(FILTER_SHUFFLE, 0, 0), "no element size"},
        {FILTER(FILTER_NBIT, 2, 2, 0), "2 parameters are not enough"},
        {FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 4, 0, 17, 4), "not those of a chunk of 16"},
        {FILTER(FILTER_NBIT, 8, 8, 0, 4, 1, 4, 0, 33, 0), "describe no datatype"},
        {SO(2, 0, 5, 0, 4, 0, 0, 0, 0, 0), "not those of a chunk of 16"},
        {SO(2, 33, 4, 0, 4, 0, 0, 0, 0, 0), "33 bits for each value of 4"},
        {SO(1, 3, 4, 1, 4, 0, 0, 0, 0, 0), "never defined"},
        {FILTER(FILTER_BITSHUFFLE, 3, 0, 4, 0), "no element size"},
        {FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 4, 12, 0), "no multiple of 8"},
        {FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 4, 0, 9), "compression 9 is not available"},
        {FILTER(60000, 0, 0), "filter 60000 (unnamed): this build cannot apply it"},
        {FILTER(FILTER_FCIDECOMP, 0, 0), "this build cannot apply it"},
#ifdef HI5_HAVE_AEC
        {FILTER(FILTER_SZIP, 2, 169, 8), "2 parameters are not enough"},
        {FILTER(FILTER_SZIP, 4, 169, 7, 8, 16), "7 pixels per block"},
        {FILTER(FILTER_SZIP, 4, 169, 8, 33, 16), "33 bits per pixel"},
#endif
#ifdef HI5_HAVE_BLOSC
        {FILTER(FILTER_BLOSC, 7, 2, 2, 4, 16, 5, 1, 99), "codec 99"},
#endif
#ifdef HI5_HAVE_BZ2
        {FILTER(FILTER_BZIP2, 1, 10), "level 10"},
#endif
#ifdef HI5_HAVE_ZFP
        {FILTER(FILTER_ZFP, 4, 0, 1, 2, 3), "no zfp header"},
#endif
    };
    static struct made m;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        hi5_filter f = row[i].f;
        hi5_error err;

        ck_status(make(&f, 1, NULL, "0123456789abcdef", 16, &m, &err), HI5_E_FILTER);
        ck_assert_msg(strstr(err.message, row[i].words) != NULL, "%s", err.message);
        f.flags = FILTER_OPTIONAL;
        ck_ok(make(&f, 1, NULL, "0123456789abcdef", 16, &m, &err), &err);
        ck_assert_uint_eq(m.mask, 1);
        ck_assert_uint_eq(m.n, 16);
        ck_assert_mem_eq(m.b, "0123456789abcdef", 16);
    }
}
END_TEST

START_TEST(test_ready)
{
    hi5_filter f[] = {FILTER(FILTER_DEFLATE, 1, 1), FILTER(60000, 0, 0)};
    const struct pipeline p = {1, 2, f};
    hi5_error err;

    ck_status(pipe_encode_ready(&p, NULL, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "filter 60000"));
    f[1].flags = FILTER_OPTIONAL;
    ck_ok(pipe_encode_ready(&p, NULL, &err), &err);
}
END_TEST

/* ---- plugins ---- */

/* Adds its context to every byte, or misbehaves. */
static hi5_status
add_encode(void *ctx, const hi5_filter *f, const void *src, size_t n, void *dst,
           size_t cap, size_t *out, hi5_error *err)
{
    const unsigned what = *(const unsigned *)ctx;
    const uint8_t *const from = src;
    uint8_t *const to = dst;

    (void)f;
    (void)err;
    ck_assert_uint_ge(cap, 2 * n);
    if (what == 100)
        return HI5_E_IO;
    if (what == 101)
        return HI5_E_RANGE;
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)(from[i] + what);
    *out = what == 102 ? cap + 1 : n;
    return HI5_OK;
}

/* FILT-25 */
START_TEST(test_plugin)
{
    unsigned what = 3;
    const hi5_filter_plugin own[] = {{1, "add", NULL, &what, add_encode},
                                     {2, "reads only", NULL, &what, NULL}};
    const struct pipe_plugins plugins = {own, 2};
    hi5_filter f[] = {FILTER(1, 0, 0), FILTER(2, 1, 2)};
    static struct made m;
    hi5_error err;

    ck_assert(encode_can(&plugins, 1) && encode_can(&plugins, 2));
    ck_assert(!encode_can(&plugins, 60000));
    ck_ok(make(f, 2, &plugins, "abcd", 4, &m, &err), &err);
    ck_assert_uint_eq(m.n, 4);
    ck_assert_mem_eq(m.b, "dfeg", 4);
    for (what = 100; what <= 102; what++) {
        f[0].flags = 0;
        ck_status(make(f, 2, &plugins, "abcd", 4, &m, &err),
                  what == 100 ? HI5_E_IO : HI5_E_FILTER);
        ck_assert_ptr_nonnull(strstr(err.message, "filter 1 (deflate): "));
        ck_assert(make(f, 2, &plugins, "abcd", 4, &m, NULL) != HI5_OK);
        f[0].flags = FILTER_OPTIONAL;
        ck_ok(make(f, 2, &plugins, "abcd", 4, &m, &err), &err);
        ck_assert_uint_eq(m.mask, 1);
        ck_assert_mem_eq(m.b, "acbd", 4);
    }
}
END_TEST

START_TEST(test_can)
{
    static const unsigned always[] = {1, 2, 3, 5, 6, 32000, 32008};

    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        ck_assert(hi5_filter_can_encode(always[i]));
    ck_assert(!hi5_filter_can_encode(60000) && !hi5_filter_can_encode(0));
    ck_assert(!hi5_filter_can_encode(FILTER_FCIDECOMP));
    for (unsigned id = 0; id < 65536; id++)
        if (hi5_filter_can_encode(id))
            ck_assert(hi5_filter_available(id));
}
END_TEST

#ifdef HI5_HAVE_ZFP
/* libzfp's own bytes, those of test_zfp.c; the end is padded to a word of its */
START_TEST(test_zfp)
{
    const struct known k[] = {
        {"206cfbffc0f2fcff6079feff00000000a0860100200d0300",
         "00c0d3024c83a0000060292a88a822a0",
         FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x00000050, 0x03f00000)},
    };
    const hi5_filter squares =
        FILTER(FILTER_ZFP, 4, 0x10008011, 0x0570667a, 0x000000b3, 0xcac00000);
    uint8_t wanted[32] = {0};
    hi5_filter f = k[0].f;
    static struct made m;
    double v[12];
    hi5_error err;

    check_known(k, 1);
    for (unsigned i = 0; i < 12; i++)
        v[i] = i * i;
    try_hex("07488d59000000002ca09d206601000000d0805686e90500000000", wanted);
    ck_ok(make(&squares, 1, NULL, v, sizeof v, &m, &err), &err);
    ck_assert(m.n >= 26 && m.n <= 32);
    ck_assert_mem_eq(m.b, wanted, m.n);
    ck_status(make(&f, 1, NULL, "0123456789abcdef", 16, &m, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "not those of a chunk of 16 bytes"));
}
END_TEST
#endif

#ifdef HI5_HAVE_BLOSC
/* Elements of sizes that Blosc has no byte for, as a file may say: as if of one byte. */
START_TEST(test_blosc_sizes)
{
    static const uint32_t sizes[] = {0, 1, 255, 256, 65536, INT32_MAX, 1u << 31,
                                     UINT32_MAX - 1, UINT32_MAX};
    static uint8_t plain[4096];
    static struct made m;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint32_t shuffle = 0; shuffle < 3; shuffle++) {
            const hi5_filter f =
                FILTER(FILTER_BLOSC, 7, 2, 2, sizes[i], 4096, 9, shuffle, 1);
            there_and_back(&f, 1, plain, sizeof plain, &m);
            there_and_back(&f, 1, plain, 255, &m);
        }
}
END_TEST
#define BLOSC_TESTS , test_blosc_sizes
#else
#define BLOSC_TESTS
#endif

#ifdef HI5_HAVE_AEC
#define SZIP_TESTS , test_szip, test_szip_shapes, test_szip_wide_values
#else
#define SZIP_TESTS
#endif
#ifdef HI5_HAVE_ZFP
#define ZFP_TESTS , test_zfp
#else
#define ZFP_TESTS
#endif

Suite *suite_encode(void);

Suite *
suite_encode(void)
{
    TRY_SUITE("encode", test_scaleoffset_integers, test_scaleoffset_floats, test_nbit,
              test_shuffle, test_lossless, test_packed_integers, test_pipeline,
              test_after_others, test_not_numbers, test_near_fill, test_full_precision, test_wrong,
              test_ready, test_plugin, test_can SZIP_TESTS ZFP_TESTS BLOSC_TESTS);
}
