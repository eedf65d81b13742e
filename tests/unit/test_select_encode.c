/*
 * test_select_encode.c - serialized selections, written [FMT VIII.A]
 *
 * The bytes are what libhdf5 1.17 writes for the same selections with its lower bound at
 * that release; tests that encode what is decoded say nothing about the choice of version.
 */
#include "format/msg_select.h"
#include "try_msg.h"
#include <stdlib.h>

#define U(...) ((uint64_t[]){__VA_ARGS__})
#define ENCODE(compat) select_encode(&c, s, compat)

static hi5_selection *
select_in(unsigned rank, const uint64_t *dims)
{
    hi5_shape shape = {.kind = HI5_SIMPLE, .rank = rank};
    hi5_selection *s;
    hi5_error err;

    for (unsigned i = 0; i < rank; i++)
        shape.dims[i] = shape.max[i] = dims[i];
    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    return s;
}

static void
slab(hi5_selection *s, hi5_select_op op, const uint64_t *start, const uint64_t *stride,
     const uint64_t *count, const uint64_t *block)
{
    hi5_error err;

    ck_ok(hi5_selection_hyperslab(s, op, start, stride, count, block, &err), &err);
}

START_TEST(all_and_none)
{
    struct memfile f;
    hi5_selection *s = select_in(2, U(20, 20));

    try_open(&f);
    TRY_PUT(&f, "03000000 01000000 00000000 00000000", ENCODE(HI5_COMPAT_EARLIEST));
    TRY_PUT(&f, "03000000 01000000 00000000 00000000", ENCODE(HI5_COMPAT_V200));
    hi5_selection_none(s);
    TRY_PUT(&f, "00000000 01000000 00000000 00000000", ENCODE(HI5_COMPAT_V110));
    slab(s, HI5_SELECT_SET, U(1, 1), NULL, U(0, 3), NULL); /* nothing, too */
    TRY_PUT(&f, "00000000 01000000 00000000 00000000", ENCODE(HI5_COMPAT_V112));
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

START_TEST(points)
{
    struct memfile f;
    hi5_selection *s = select_in(2, U(20, 20));
    hi5_error err;

    try_open(&f);
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 3, U(0, 1, 3, 4, 19, 19), &err), &err);
    for (hi5_compat v = HI5_COMPAT_EARLIEST; v <= HI5_COMPAT_V110; v++)
        TRY_PUT(&f, "01000000 01000000 00000000 20000000 02000000 03000000"
                "00000000 01000000 03000000 04000000 13000000 13000000", ENCODE(v));
    TRY_PUT(&f, "01000000 02000000 02 02000000 0300 0000 0100 0300 0400 1300 1300",
            ENCODE(HI5_COMPAT_V112));
    hi5_selection_free(s);
    /* more than 32 bits, whatever the bound */
    s = select_in(1, U(0x200000000));
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 4, U(5, 15, 0x100000001, 19), &err),
          &err);
    TRY_PUT(&f, "01000000 02000000 08 01000000 0400000000000000 0500000000000000"
            "0f00000000000000 0100000001000000 1300000000000000",
            ENCODE(HI5_COMPAT_EARLIEST));
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

START_TEST(hyperslabs)
{
    struct memfile f;
    hi5_selection *s = select_in(2, U(20, 20));

    try_open(&f);
    slab(s, HI5_SELECT_SET, U(1, 2), U(4, 5), U(3, 2), U(2, 1)); /* 6 blocks */
    for (hi5_compat v = HI5_COMPAT_EARLIEST; v <= HI5_COMPAT_V18; v++)
        TRY_PUT(&f,
                "02000000 01000000 00000000 68000000 02000000 06000000 01000000 02000000"
                "02000000 02000000 01000000 07000000 02000000 07000000 05000000 02000000"
                "06000000 02000000 05000000 07000000 06000000 07000000 09000000 02000000"
                "0a000000 02000000 09000000 07000000 0a000000 07000000", ENCODE(v));
    TRY_PUT(&f,
            "02000000 02000000 01 44000000 02000000 0100000000000000 0400000000000000"
            "0300000000000000 0200000000000000 0200000000000000 0500000000000000"
            "0200000000000000 0100000000000000", ENCODE(HI5_COMPAT_V110));
    slab(s, HI5_SELECT_SET, U(0, 1), U(3, 2), U(2, 2), U(2, 1)); /* 4 blocks */
    TRY_PUT(&f, "02000000 03000000 01 02 02000000 0000 0300 0200 0200 0100 0200 0200 0100",
            ENCODE(HI5_COMPAT_V114));
    /* fewer blocks are a list up to 1.10; blocks that touch are one */
    slab(s, HI5_SELECT_SET, U(1, 2), U(1, 1), U(2, 1), U(1, 1));
    for (hi5_compat v = HI5_COMPAT_EARLIEST; v <= HI5_COMPAT_V110; v++)
        TRY_PUT(&f, "02000000 01000000 00000000 18000000 02000000 01000000"
                "01000000 02000000 02000000 02000000", ENCODE(v));
    slab(s, HI5_SELECT_OR, U(10, 10), NULL, U(2, 1), NULL); /* irregular */
    TRY_PUT(&f, "02000000 01000000 00000000 28000000 02000000 02000000 01000000 02000000"
            "02000000 02000000 0a000000 0a000000 0b000000 0a000000",
            ENCODE(HI5_COMPAT_V110));
    TRY_PUT(&f, "02000000 03000000 00 02 02000000 0200 0100 0200 0200 0200 0a00 0a00"
            "0b00 0a00", ENCODE(HI5_COMPAT_LATEST));
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

START_TEST(large_and_unlimited)
{
    struct memfile f;
    hi5_selection *s = select_in(1, U(0x300000000));

    try_open(&f);
    slab(s, HI5_SELECT_SET, U(0), U(0x100000000), U(2), U(4));
    TRY_PUT(&f, "02000000 02000000 01 24000000 01000000 0000000000000000 0000000001000000"
            "0200000000000000 0400000000000000", ENCODE(HI5_COMPAT_EARLIEST));
    slab(s, HI5_SELECT_OR, U(0x100000010), NULL, U(1), NULL);
    TRY_PUT(&f, "02000000 03000000 00 08 01000000 0300000000000000 0000000000000000"
            "0300000000000000 0000000001000000 0300000001000000 1000000001000000"
            "1000000001000000", ENCODE(HI5_COMPAT_V18));
    slab(s, HI5_SELECT_SET, U(1), U(2), U(HI5_UNLIMITED), U(1));
    for (hi5_compat v = HI5_COMPAT_EARLIEST; v <= HI5_COMPAT_V110; v++)
        TRY_PUT(&f, "02000000 02000000 01 24000000 01000000 0100000000000000"
                "0200000000000000 ffffffffffffffff 0100000000000000", ENCODE(v));
    TRY_PUT(&f, "02000000 03000000 01 02 01000000 0100 0200 ffff 0100",
            ENCODE(HI5_COMPAT_V112));
    /* all-ones in two bytes is taken */
    slab(s, HI5_SELECT_SET, U(1), U(0xffff), U(HI5_UNLIMITED), U(0xffff));
    TRY_PUT(&f, "02000000 03000000 01 04 01000000 01000000 ffff0000 ffffffff ffff0000",
            ENCODE(HI5_COMPAT_V112));
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

static uint64_t
next_random(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* A number that tells the elements and their order. */
static hi5_status
note_run(void *ctx, uint64_t at, uint64_t n, hi5_error *err)
{
    uint64_t *const sum = ctx;

    (void)err;
    for (uint64_t i = 0; i < n; i++)
        *sum = *sum * 1099511628211u + at + i + 1;
    return HI5_OK;
}

static uint64_t
order_of(const hi5_selection *s)
{
    uint64_t sum = 0;
    hi5_error err;

    ck_ok(hi5_selection_each_run(s, note_run, &sum, &err), &err);
    return sum;
}

/* Encoded and decoded, a selection selects the same, in the same order. */
START_TEST(round_trips)
{
    static uint8_t bytes[1 << 20];
    uint64_t seed = 99;
    hi5_error err;

    for (int i = 0; i < 2000; i++) {
        const unsigned rank = 1 + (unsigned)next_random(&seed, 3);
        hi5_selection *s = select_in(rank, U(40, 40, 40)), *back = NULL;
        const hi5_compat compat = (hi5_compat)(1 + next_random(&seed, 6));
        const uint64_t n = 1 + next_random(&seed, 4);
        const bool listed = next_random(&seed, 4) == 0;
        const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = rank, .dims = {40, 40, 40},
                                 .max = {40, 40, 40}};
        struct mem mem;
        struct cur c = cur_sizer(&err);
        size_t size;

        for (uint64_t k = 0; k < n; k++) {
            uint64_t v[4][3];
            for (unsigned d = 0; d < rank; d++) {
                v[3][d] = 1 + next_random(&seed, 3);
                v[1][d] = v[3][d] + next_random(&seed, 3);
                v[2][d] = 1 + next_random(&seed, 4);
                v[0][d] = next_random(&seed, 10);
            }
            if (listed)
                ck_ok(hi5_selection_points(s, k == 0 ? HI5_SELECT_SET : HI5_SELECT_OR, 1,
                                           v[0], &err), &err);
            else
                slab(s, k == 0 ? HI5_SELECT_SET : HI5_SELECT_XOR, v[0], v[1], v[2], v[3]);
        }
        select_encode(&c, s, compat);
        ck_assert(cur_ok(&c));
        size = c.pos;
        c = cur_writer(bytes, sizeof(bytes), &err);
        select_encode(&c, s, compat);
        ck_assert_uint_eq(c.pos, size);
        mem_init_libc(&mem);
        c = cur_reader(bytes, size, &err);
        ck_ok(select_decode(&c, &mem, &shape, &back), &err);
        ck_assert_uint_eq(cur_left(&c), 0);
        ck_assert_uint_eq(hi5_selection_count(back), hi5_selection_count(s));
        ck_assert_uint_eq(order_of(back), order_of(s));
        hi5_selection_free(back);
        mem_done(&mem);
        hi5_selection_free(s);
    }
}
END_TEST

TRY_SUITE(select_encode, all_and_none, points, hyperslabs, large_and_unlimited, round_trips)
