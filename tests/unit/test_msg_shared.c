/*
 * test_msg_shared.c - the bodies of shared messages [FMT IV.A.2]
 */
#include "try_msg.h"

START_TEST(shared)
{
    struct memfile f;
    struct msg_shared m;

    try_open(&f);
    TRY_GET(&f, "02 02 2003000000000000", msg_shared_code(&c, &m));
    ck_assert(!m.in_heap);
    ck_assert_uint_eq(m.addr, 0x320);
    TRY_PUT(&f, "02022003000000000000", msg_shared_code(&c, &m));
    TRY_GET(&f, "02 00 2003000000000000", msg_shared_code(&c, &m)); /* older writers */
    ck_assert(!m.in_heap);
    TRY_GET(&f, "02 01 2003000000000000", msg_shared_code(&c, &m)); /* means nothing */
    ck_assert_uint_eq(m.addr, 0x320);
    TRY_GET(&f, "03 01 0016000000007e02", msg_shared_code(&c, &m));
    ck_assert(m.in_heap);
    ck_assert_mem_eq(m.heap_id, "\0\x16\0\0\0\0\x7e\2", 8);
    TRY_PUT(&f, "03010016000000007e02", msg_shared_code(&c, &m));
    /* version 1: a whole symbol table entry */
    TRY_GET(&f,
            "01 00 000000000000 1000000000000000 9005000000000000"
            "000000000000000000000000000000000000000000000000",
            msg_shared_code(&c, &m));
    ck_assert_uint_eq(m.addr, 0x590);
    TRY_PUT_BAD(&f, msg_shared_code(&c, &m), HI5_E_UNSUPPORTED);
    TRY_BAD(&f, "04 00", msg_shared_code(&c, &m), HI5_E_UNSUPPORTED, 0, "version");
    TRY_BAD(&f, "02 02 ffffffffffffffff", msg_shared_code(&c, &m), HI5_E_CORRUPT, 2,
            "address");
    TRY_SHORT(&f, "03 01 0016000000007e02", msg_shared_code(&c, &m));
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_shared, shared)
