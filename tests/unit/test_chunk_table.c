/*
 * test_chunk_table.c - when a table of chunks is made; what is in it test_chunk_index.c
 * compares for each kind of index
 */
#include "btree/chunk_table.h"
#include "image.h"

Suite *suite_chunk_table(void);

/* CHUNK-16: never for a few searches, nor beyond the memory that it may have. */
START_TEST(pays)
{
    struct cix_params p = {.kind = HI5_INDEX_BTREE1, .rank = 2, .chunk = {4, 3},
                           .dims = {1001, 3000}, .addr = 0x400};
    const uint64_t n = 251 * 1000;

    ck_assert_uint_eq(cix_table_pays(&p, UINT64_MAX), n / 8);
    ck_assert_uint_eq(cix_table_pays(&p, 8 * n), n / 8);
    ck_assert_uint_eq(cix_table_pays(&p, 8 * n - 1), UINT64_MAX);
    p.filtered = true; /* size and mask besides */
    ck_assert_uint_eq(cix_table_pays(&p, 8 * n), UINT64_MAX);
    ck_assert_uint_eq(cix_table_pays(&p, 24 * n), n / 8);
    p.dims[0] = p.dims[1] = 40;
    ck_assert_uint_eq(cix_table_pays(&p, UINT64_MAX), 64);
    p.addr = ADDR_NONE;
    ck_assert_uint_eq(cix_table_pays(&p, UINT64_MAX), UINT64_MAX);
    p.addr = 0x400;
    p.kind = HI5_INDEX_IMPLICIT;
    ck_assert_uint_eq(cix_table_pays(&p, UINT64_MAX), UINT64_MAX);
    p.kind = HI5_INDEX_BTREE2;
    p.dims[0] = p.dims[1] = UINT64_MAX;
    ck_assert_uint_eq(cix_table_pays(&p, UINT64_MAX), UINT64_MAX);
}
END_TEST

Suite *
suite_chunk_table(void)
{
    Suite *const s = suite_create("chunk_table");
    TCase *const tc = tcase_create("chunk_table");

    tcase_add_test(tc, pays);
    suite_add_tcase(s, tc);
    return s;
}
