/*
 * test_scaleoffset.c - filter 6
 */
#include "try_filter.h"

/* Twenty parameters; fill is one word, fill2 the second. */
#define SO(scale, factor, n, class, size, sign, order, has, fill, fill2)               \
    FILTER(FILTER_SCALEOFFSET, 20, scale, factor, n, class, size, sign, order, has,    \
           fill, fill2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

static const hi5_filter i4 = SO(2, 0, 6, 0, 4, 1, 0, 1, 0, 0);
static const char i4_stored[] =
    "0700000008ceffffffffffffff00000000000000000004a7f73e00";
static const char i4_plain[] = "ceffffffcfffffffe2ffffff000000000700000046000000";

START_TEST(test_integers)
{
    const hi5_filter factor = SO(2, 12, 3, 0, 4, 1, 0, 1, 0, 0);

    try_good(&i4, 1, i4_stored, i4_plain);
    try_good(&factor, 1, "0c00000008e80300000000000000000000000000000000017d00",
             "e8030000e9030000b80b0000");
}
END_TEST

/* FILT-17: the minimum is little-endian, whatever the data is */
START_TEST(test_big_endian)
{
    const hi5_filter f = SO(2, 0, 6, 0, 2, 1, 1, 1, 0, 0);

    try_good(&f, 1, i4_stored, "ffceffcfffe2000000070046");
}
END_TEST

/* FILT-13: no fill value, zero, another */
START_TEST(test_fill)
{
    const hi5_filter none = SO(2, 0, 3, 0, 4, 1, 0, 0, 0, 0);
    const hi5_filter zero = SO(2, 0, 4, 0, 4, 1, 0, 1, 0, 0);
    const hi5_filter five = SO(2, 0, 5, 0, 2, 0, 0, 1, 5, 0);
    const hi5_filter all = SO(2, 0, 4, 0, 8, 0, 0, 1, 0, 0);
    const hi5_filter wide = SO(2, 0, 4, 0, 8, 0, 0, 1, 0x89abcdef, 0x01234567);

    try_good(&none, 1, "0200000008640000000000000000000000000000001c",
             "640000006500000067000000");
    try_good(&zero, 1, "01000000080700000000000000000000000000000000",
             "07000000070000000700000007000000");
    try_good(&five, 1, "020000000806000000000000000000000000000000c6c0",
             "05000600070008000500");
    try_good(&all, 1, "010000000800000000000000000000000000000000f0",
             "0000000000000000000000000000000000000000000000000000000000000000");
    try_good(&wide, 1, "01000000080000000000000000000000000000000050",
             "0000000000000000efcdab8967452301"
             "0000000000000000efcdab8967452301");
}
END_TEST

/* FILT-14: as many bits as the type has; FILT-17: they are little-endian then, too */
START_TEST(test_full)
{
    const hi5_filter u1 = SO(2, 0, 5, 0, 1, 0, 0, 1, 0, 0);
    const hi5_filter be4 = SO(2, 0, 3, 0, 4, 1, 1, 1, 0, 0);
    const hi5_filter i8 = SO(2, 0, 3, 0, 8, 1, 0, 1, 0, 0);
    const hi5_filter f4 = SO(0, 2, 3, 1, 4, 0, 0, 1, 0, 0);

    try_good(&u1, 1, "0800000008000000000000000000000000000000000102ff0080",
             "0102ff0080");
    try_good(&be4, 1,
             "2000000008000000000000000000000000000000000000008001000000ffffff7f",
             "80000000000000017fffffff");
    try_good(&i8, 1,
             "400000000800000000000000000000000000000000"
             "0000000000000080ffffffffffffff7f0100000000000000",
             "0000000000000080ffffffffffffff7f0100000000000000");
    try_good(&f4, 1,
             "200000000800000000000000000000000000000000caf24971caf249f10000803f",
             "caf24971caf249f10000803f");
    try_bad(&u1, "0900000008000000000000000000000000000000000102ff008000", 5,
            "filter 6 (scaleoffset): 9 bits for each value of 1 bytes");
}
END_TEST

/* A factor of all bits: the chunk is as it was, without a header. */
START_TEST(test_no_op)
{
    const hi5_filter f = SO(2, 16, 3, 0, 2, 0, 0, 1, 0, 0);
    const hi5_filter more = SO(2, 17, 3, 0, 2, 0, 0, 1, 0, 0);

    try_good(&f, 1, "010002000300", "010002000300");
    try_bad(&more, "010002000300", 6, "17 bits for each value of 2 bytes");
}
END_TEST

/* FILT-16: no bits at all: the minimum, or the fill value if there is one (crafted) */
START_TEST(test_no_bits)
{
    const hi5_filter none = SO(2, 0, 4, 0, 2, 1, 0, 0, 0, 0);
    const hi5_filter fill = SO(2, 0, 4, 0, 2, 1, 0, 1, 5, 0);
    const hi5_filter real = SO(0, 2, 3, 1, 8, 0, 0, 0, 0, 0);
    const char stored[] = "00000000080900000000000000000000000000000000";

    try_good(&none, 1, stored, "0900090009000900");
    try_good(&fill, 1, stored, "0500050005000500");
    try_good(&real, 1, "00000000080000000000000440000000000000000000",
             "000000000000044000000000000004400000000000000440");
}
END_TEST

/* D-scale. What comes back is not quite what was written, but these very bits. */
START_TEST(test_floats)
{
    const hi5_filter f4 = SO(0, 2, 5, 1, 4, 0, 0, 1, 0, 0);
    const hi5_filter f8 = SO(0, 3, 4, 1, 8, 0, 1, 1, 0, 0xc08f3800);
    const hi5_filter d0 = SO(0, 0, 4, 1, 8, 0, 0, 1, 0, 0);

    try_good(&f4, 1, "0e00000008000048c0000000000000000000000000073c21a0003fffa124",
             "d8a3c03fec511040000048c0000000008f02c842");
    try_good(&f8, 1, "0b00000008000000000000f83f0000000000000000001ffe617ff0",
             "3ff8000000000000c08f3800000000004005be76c8b43958c08f380000000000");
    try_good(&d0, 1, "0200000008000000000000f83f0000000000000000c700",
             "0000000000000000000000000000f83f00000000000004400000000000000000");
}
END_TEST

START_TEST(test_bad_parameters)
{
    const hi5_filter e_scale = SO(1, 2, 5, 1, 4, 0, 0, 1, 0, 0);
    const hi5_filter mixed = SO(2, 2, 5, 1, 4, 0, 0, 1, 0, 0);
    const hi5_filter size3 = SO(2, 0, 6, 0, 3, 1, 0, 1, 0, 0);
    const hi5_filter half = SO(0, 2, 6, 1, 2, 0, 0, 1, 0, 0);
    const hi5_filter no_fill = FILTER(FILTER_SCALEOFFSET, 8, 2, 0, 6, 0, 4, 1, 0, 1);
    const hi5_filter many = SO(2, 0, UINT32_MAX, 0, 4, 1, 0, 1, 0, 0);

    try_bad(&e_scale, i4_stored, 20, "E-scale");
    try_bad(&mixed, i4_stored, 20, "contradict");
    try_bad(&size3, i4_stored, 18, "no type of 3 bytes");
    try_bad(&half, i4_stored, 12, "no type of 2 bytes");
    try_bad(&no_fill, i4_stored, 24, "the fill value is not among the parameters");
    try_bad(&many, i4_stored, 24, "decodes to more than 24 bytes");
    for (unsigned n = 0; n < 8; n++) {
        hi5_filter few = i4;

        few.nvalues = n;
        try_bad(&few, i4_stored, 24, "parameters are not enough");
    }
}
END_TEST

/* EVIL-18: 21 bytes of header, and 6 values of 7 bits */
START_TEST(test_cut)
{
    try_cut(&i4, i4_stored, 24, 27);
    try_bad(&i4, i4_stored, 25, "decodes to 24 bytes, not 25");
}
END_TEST

START_TEST(test_damage)
{
    const hi5_filter f8 = SO(0, 3, 4, 1, 8, 0, 1, 1, 0, 0xc08f3800);

    try_damage(&i4, i4_stored, 24);
    try_damage(&f8, "0b00000008000000000000f83f0000000000000000001ffe617ff0", 32);
}
END_TEST

Suite *suite_scaleoffset(void);

Suite *
suite_scaleoffset(void)
{
    TRY_SUITE("scaleoffset", test_integers, test_big_endian, test_fill, test_full,
              test_no_op, test_no_bits, test_floats, test_bad_parameters, test_cut,
              test_damage);
}
