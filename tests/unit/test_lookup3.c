/*
 * test_lookup3.c - the checksum of all metadata
 *
 * The tables are those of another implementation, written from the published algorithm;
 * the texts are its author's own.
 */
#include "base/lookup3.h"
#include "support.h"
#include <string.h>

/* OPEN-04: of the first n of the bytes 3, 10, 17, ..., n from 0 to 64, initial value 0 */
static const uint32_t from_0[65] = {
    0xdeadbeef, 0xbb60a9ce, 0xb97dd76b, 0x147ae71f, 0xdd608fec, 0x1694ce8d, 0x31ac757d,
    0x9477affd, 0x9521e0d6, 0x2e5373e1, 0xf11c6604, 0x5be3b601, 0xe96b1a98, 0xd3177396,
    0xf7d76fe2, 0xcd7d849d, 0x9472ea81, 0xd57b1558, 0x8870f018, 0xfc0c9745, 0x26730bf2,
    0xa1269301, 0x5ce86b77, 0x0a8e79fb, 0xb448afab, 0x13438157, 0x3481ce15, 0x318d1d50,
    0x691fc9a2, 0x96c70cf6, 0xa04295cd, 0x468cc423, 0x89490b4a, 0x492f3beb, 0x54f759d6,
    0x5ad0f332, 0x23e17057, 0x7af75402, 0xf4bea635, 0xbfead933, 0x8b09eb3c, 0x720e0372,
    0x7c249bb2, 0x5f57b84a, 0x4283dbb6, 0xf39e4524, 0x3767b282, 0x50914147, 0xecc108af,
    0x0f569962, 0xb7042690, 0x50120b63, 0xa1a9c091, 0x516b106d, 0xb9f160f9, 0x4a45ec05,
    0x2b366511, 0x3147fff0, 0xe98eb031, 0xa063b26b, 0x87908569, 0xa900a1e4, 0x059e9289,
    0x77d3f48b, 0xae926af4,
};

/* The same with initial value 0x13, a message type */
static const uint32_t from_13[65] = {
    0xdeadbf02, 0xc7075159, 0x3fd17326, 0x54ce199c, 0x3626c871, 0x63f674f9, 0x5aad1a3c,
    0xacdd8a43, 0xe0d0bf27, 0xa800dd18, 0x28249e37, 0xd34e2b41, 0x9f62c575, 0x75d563ec,
    0x348ee043, 0xa2fc3092, 0x32dd27e4, 0xf7d51393, 0xb8a47cb4, 0xb1ffeffc, 0xeccc7f41,
    0xb170be5c, 0xd83a1031, 0x1f4c8e2c, 0x0cfad21c, 0xf744f12c, 0xdd812a84, 0x3c874ffe,
    0xbda445b1, 0x75b8c7a7, 0xb0d5ebb7, 0x94f58f10, 0xba11705b, 0x74c4abfd, 0xca0c2398,
    0xb3803521, 0xba0b0472, 0x3ef079d6, 0xcc72af56, 0xfe301abd, 0xe4ceaacd, 0xfee19fc6,
    0x10146e99, 0xbd0c228d, 0xf1a1293e, 0x513a85f5, 0x3e58504b, 0xe3b66293, 0x6f7d125f,
    0x9b8efdd9, 0x12fb08cd, 0x656ec0a5, 0x6bcbf496, 0xf095fbf1, 0x90399b5a, 0xca1511f0,
    0x2d5fb840, 0xa9f474f9, 0x332fee0d, 0xc0605660, 0x04f0bec0, 0xa9caaed4, 0x006ddd22,
    0xa0f441bd, 0x5329588b,
};

START_TEST(test_lengths)
{
    uint8_t bytes[64];

    for (unsigned i = 0; i < 64; i++)
        bytes[i] = (uint8_t)(7 * i + 3);
    for (size_t n = 0; n <= 64; n++) {
        ck_assert_msg(lookup3(bytes, n, 0) == from_0[n], "%zu bytes", n);
        ck_assert_msg(lookup3(bytes, n, 0x13) == from_13[n], "%zu bytes", n);
    }
}
END_TEST

/* Wherever the bytes are, and whatever follows them */
START_TEST(test_places)
{
    uint8_t bytes[64 + 16];

    for (size_t shift = 0; shift < 16; shift++) {
        memset(bytes, (int)(0x5a + shift), sizeof bytes);
        for (unsigned i = 0; i < 37; i++)
            bytes[shift + i] = (uint8_t)(7 * i + 3);
        ck_assert_uint_eq(lookup3(bytes + shift, 37, 0), from_0[37]);
    }
}
END_TEST

START_TEST(test_texts)
{
    const char *const text = "Four score and seven years ago";

    ck_assert_uint_eq(lookup3("", 0, 0), 0xdeadbeef);
    ck_assert_uint_eq(lookup3("", 0, 0xdeadbeef), 0xbd5b7dde);
    ck_assert_uint_eq(lookup3(text, strlen(text), 0), 0x17770551);
    ck_assert_uint_eq(lookup3(text, strlen(text), 1), 0xcd628161);
}
END_TEST

Suite *suite_lookup3(void);

Suite *
suite_lookup3(void)
{
    Suite *const s = suite_create("lookup3");
    TCase *const c = tcase_create("lookup3");

    tcase_add_test(c, test_lengths);
    tcase_add_test(c, test_places);
    tcase_add_test(c, test_texts);
    suite_add_tcase(s, c);
    return s;
}
