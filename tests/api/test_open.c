/*
 * test_open.c - opening files, and what the superblock says
 */
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "support.h"

Suite *suite_open(void);

static hi5_file_info
info_of(const char *name)
{
    hi5_file *const f = open_fixture(name);
    hi5_file_info i;

    hi5_file_get_info(f, &i);
    hi5_close(f, NULL);
    return i;
}

START_TEST(superblocks)
{
    hi5_file_info i = info_of("good/sb0.h5");

    ck_assert_uint_eq(i.superblock_version, 0);
    ck_assert_uint_eq(i.offset_size, 8);
    ck_assert_uint_eq(i.length_size, 8);
    ck_assert_uint_eq(i.base_address, 0);
    ck_assert_uint_eq(i.root_address, 96);
    ck_assert_uint_eq(i.extension_address, HI5_NO_ADDRESS);
    ck_assert_uint_eq(i.group_leaf_k, 4);
    ck_assert_uint_eq(i.group_internal_k, 16);
    ck_assert_uint_eq(i.chunk_k, 32);
    ck_assert_uint_eq(i.end_of_file, i.file_size);
    ck_assert_uint_eq(info_of("good/sb1-k.h5").superblock_version, 1);
    ck_assert_uint_eq(info_of("good/sb2.h5").superblock_version, 2);
    ck_assert_uint_eq(info_of("good/sb3.h5").superblock_version, 3);
}
END_TEST

/* From superblock 1, and from the B-tree K message of an extension. */
START_TEST(ranks)
{
    static const char *const names[] = {"good/sb1-k.h5", "good/sb2-k.h5"};

    for (int k = 0; k < 2; k++) {
        const hi5_file_info i = info_of(names[k]);

        ck_assert_uint_eq(i.group_internal_k, 2);
        ck_assert_uint_eq(i.group_leaf_k, 1);
        ck_assert_uint_eq(i.chunk_k, 2);
    }
}
END_TEST

START_TEST(user_blocks)
{
    hi5_file_info i = info_of("good/userblock-sb0.h5");

    ck_assert_uint_eq(i.userblock_size, 1024);
    ck_assert_uint_eq(i.base_address, 1024);
    ck_assert_uint_eq(i.end_of_file, i.file_size); /* SB-05: stored as absolute */
    ck_assert_uint_eq(info_of("good/userblock-sb3.h5").userblock_size, 512);
}
END_TEST

START_TEST(strategies)
{
    hi5_file_info i = info_of("good/fspace-page.h5");

    ck_assert_uint_eq(i.fspace_strategy, 1);
    ck_assert(i.fspace_persist);
    ck_assert_uint_eq(i.fspace_page_size, 512);
    ck_assert_uint_eq(info_of("good/fspace-none.h5").fspace_strategy, 3);
    ck_assert_uint_eq(info_of("good/sohm-btree.h5").sohm_indexes, 2);
    ck_assert(info_of("good/cache-image.h5").cache_image);
}
END_TEST

/* Left open by a writer: read all the same, with a warning. */
START_TEST(left_open)
{
    hi5_file *const f = open_fixture("good/left-open-swmr.h5");
    hi5_file_info i;

    hi5_file_get_info(f, &i);
    ck_assert_uint_eq(i.consistency_flags, 5);
    ck_assert_ptr_nonnull(hi5_file_warning(f, 0));
    hi5_close(f, NULL);
    ck_assert_uint_eq(info_of("good/left-open.h5").consistency_flags, 1);
}
END_TEST

START_TEST(drivers)
{
    hi5_open_options options = {.size = sizeof(options)};
    hi5_file *f;
    hi5_file_info i;
    hi5_error err;

    ck_ok(hi5_open(fixture("good/family-%02d.h5"), NULL, &f, &err), &err);
    hi5_file_get_info(f, &i);
    ck_assert_str_eq(i.driver_name, "NCSAfami");
    hi5_close(f, NULL);
    options.driver = HI5_DRIVER_SPLIT;
    ck_ok(hi5_open(fixture("good/split"), &options, &f, &err), &err);
    hi5_close(f, NULL);
    options.driver = HI5_DRIVER_MULTI;
    ck_ok(hi5_open(fixture("good/multi"), &options, &f, &err), &err);
    hi5_file_get_info(f, &i);
    ck_assert_str_eq(i.driver_name, "NCSAmult");
    hi5_close(f, NULL);
    options.driver = HI5_DRIVER_PLAIN;
    ck_status(hi5_open(fixture("good/family-%02d.h5"), &options, &f, &err),
              HI5_E_NOTFOUND);
}
END_TEST

START_TEST(memory)
{
    size_t n;
    unsigned char *const bytes = slurp(fixture("good/sb3.h5"), &n);
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;
    int32_t v[30];

    ck_ok(hi5_open_memory(bytes, n, NULL, &f, &err), &err);
    ck_assert_str_eq(hi5_file_path(f), "");
    ck_ok(hi5_dataset_open(f, "chunked", &d, &err), &err);
    hi5_close(f, NULL); /* the dataset keeps it open */
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int i = 0; i < 30; i++)
        ck_assert_int_eq(v[i], i);
    hi5_dataset_close(d);
    free(bytes);
}
END_TEST

/* A file that was cut short opens when asked for. */
START_TEST(salvage)
{
    size_t n;
    unsigned char *const bytes = slurp(fixture("good/sb3.h5"), &n);
    const hi5_open_options options = {.size = sizeof(options), .salvage = true};
    hi5_file *f;
    hi5_error err;

    ck_status(hi5_open_memory(bytes, n - 1, NULL, &f, &err), HI5_E_TRUNCATED);
    ck_ok(hi5_open_memory(bytes, n - 1, &options, &f, &err), &err);
    hi5_close(f, NULL);
    free(bytes);
}
END_TEST

START_TEST(bytes_of_the_file)
{
    hi5_file *const f = open_fixture("good/userblock-sb0.h5");
    unsigned char b[8];
    hi5_error err;

    ck_ok(hi5_file_read_bytes(f, 0, b, 8, &err), &err);
    ck_assert_mem_eq(b, "\x89HDF\r\n\x1a\n", 8);
    ck_assert_int_ne(hi5_file_read_bytes(f, UINT64_MAX - 4, b, 8, &err), HI5_OK);
    hi5_close(f, NULL);
}
END_TEST

START_TEST(versions)
{
    ck_assert_str_eq(hi5_version(), HI5_VERSION);
    ck_assert_str_eq(hi5_status_name(HI5_E_CORRUPT), "corrupt");
}
END_TEST

Suite *
suite_open(void)
{
    Suite *const suite = suite_create("open");
    TCase *const tc = tcase_create("open");

    tcase_add_test(tc, superblocks);
    tcase_add_test(tc, ranks);
    tcase_add_test(tc, user_blocks);
    tcase_add_test(tc, strategies);
    tcase_add_test(tc, left_open);
    tcase_add_test(tc, drivers);
    tcase_add_test(tc, memory);
    tcase_add_test(tc, salvage);
    tcase_add_test(tc, bytes_of_the_file);
    tcase_add_test(tc, versions);
    suite_add_tcase(suite, tc);
    return suite;
}
