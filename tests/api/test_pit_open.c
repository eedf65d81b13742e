/*
 * test_pit_open.c - pitfalls of opening: OPEN-xx of docs/pitfalls.md
 */
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_open(void);

enum { MSG_BTREE_K = 0x13, MSG_FSINFO = 0x17, MSG_MDCI = 0x18 };

static hi5_file_info
info_of(const struct patch *p)
{
    hi5_file *const f = patch_open(p);
    hi5_file_info i;

    hi5_file_get_info(f, &i);
    hi5_close(f, NULL);
    return i;
}

static struct everything
all_of(const unsigned char *bytes, size_t n, const char *name)
{
    const hi5_open_options options = {.size = sizeof(options),
                                      .others = HI5_OTHERS_FORBID};
    struct everything e;
    hi5_file *f;
    hi5_error err;

    ck_assert_msg(hi5_open_memory(bytes, n, &options, &f, &err) == HI5_OK, "%s: %s",
                  name, err.message);
    read_everything(f, &e);
    hi5_close(f, NULL);
    return e;
}

/* OPEN-05: every good file behind 512 and 4096 bytes of something else gives the same
 * values: no address is used without the base. */
START_TEST(behind_other_bytes)
{
    static char names[200][64];
    const int n = good_fixtures(names, 200);
    const size_t before = _i ? 4096 : 512;
    int read = 0;

    for (int k = 0; k < n; k++) {
        struct patch p = patch_load(names[k]);
        const size_t total = before + (size_t)info_of(&p).userblock_size;
        unsigned char *const b = malloc(before + p.n);
        struct everything plain, moved;

        ck_assert_ptr_nonnull(b);
        if ((total & (total - 1)) == 0) {
            memset(b, 0x89, before);
            memcpy(b + before, p.b, p.n);
            plain = all_of(p.b, p.n, names[k]);
            moved = all_of(b, before + p.n, names[k]);
            ck_assert_msg(plain.sum == moved.sum && plain.objects == moved.objects &&
                              plain.failures == moved.failures,
                          "%s: %u failures, moved %u: %s", names[k], plain.failures,
                          moved.failures, error_text(&moved.first));
            read++;
        }
        free(b);
        patch_free(&p);
    }
    ck_assert_int_gt(read, 60);
}
END_TEST

/* OPEN-03: checksums are lookup3, in superblocks and headers; another value of as many
 * bits is refused. */
START_TEST(checksums_are_lookup3)
{
    struct patch p = patch_load("good/sb3.h5");
    const unsigned char fahd[] = {0x46, 0x41, 0x48, 0x44, 0, 1, 0x0e, 0x0a,
                                  5,    0,    0,    0,    0, 0, 0,    0,
                                  0xeb, 1,    0,    0,    0, 0, 0,    0};
    hi5_error err;

    ck_assert_uint_eq(patch_lookup3("", 0), 0xdeadbeef);
    ck_assert_uint_eq(patch_lookup3("Four score and seven years ago", 30), 0x17770551);
    ck_assert_uint_eq(patch_lookup3(fahd, sizeof(fahd)), 0xf3ff06f5);
    ck_assert_uint_eq(patch_get(&p, 44, 4), patch_lookup3(p.b, 44));
    patch_put(&p, 44, 4, 0);
    ck_fails(patch_object_open(&p, "/", &err), &err, HI5_E_CHECKSUM, "superblock",
             "checksum");
    patch_fix_superblock(&p);
    ck_ok(patch_object_open(&p, "/", &err), &err);
    patch_free(&p);
}
END_TEST

/* OPEN-04: headers of every length, multiples of 12 among them. */
START_TEST(checksums_of_every_length)
{
    for (unsigned n = 0; n <= 64; n++) {
        struct patch p = patch_load("good/empty-sb3.h5");
        const uint64_t root = patch_object(&p, "/");
        hi5_error err;

        p.b = realloc(p.b, p.n + 200);
        ck_assert_ptr_nonnull(p.b);
        memset(p.b + root, 0, 200);
        memcpy(p.b + root, "OHDR\2\0", 6);
        patch_put(&p, root + 6, 1, 4 + 18 + 4 + n);
        patch_put(&p, root + 7, 3, 2 | 18 << 8); /* link info */
        memset(p.b + root + 13, 0xff, 16);
        p.b[root + 29] = 0; /* NIL, of n bytes that count, too */
        p.b[root + 30] = (unsigned char)n;
        for (unsigned i = 0; i < n; i++)
            p.b[root + 33 + i] = (unsigned char)(i * 37 + n);
        p.n = root + 33 + n + 4;
        patch_fix(&p, root);
        patch_put(&p, 28, 8, p.n);
        patch_fix_superblock(&p);
        ck_ok(patch_object_open(&p, "/", &err), &err);
        p.b[p.n - 5] ^= 1;
        ck_fails(patch_object_open(&p, "/", &err), &err, HI5_E_CHECKSUM, "OHDR",
                 "checksum");
        patch_free(&p);
    }
}
END_TEST

/* OPEN-08: opening and reading changes nothing, however often. */
START_TEST(nothing_changes)
{
    size_t n, m;
    unsigned char *const before = slurp(fixture("good/userblock-sb3.h5"), &n);
    unsigned char *after;
    struct everything e;

    for (int i = 0; i < 10; i++) {
        hi5_file *const f = open_fixture("good/userblock-sb3.h5");

        read_everything(f, &e);
        ck_assert_uint_eq(e.failures, 0);
        hi5_close(f, NULL);
    }
    after = slurp(fixture("good/userblock-sb3.h5"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(before, after, n);
    free(before);
    free(after);
}
END_TEST

/* OPEN-10: 16, 4 and 32 where a file does not say otherwise. */
START_TEST(default_ranks)
{
    static const char *const files[] = {"good/sb0.h5", "good/sb2.h5", "good/sb3.h5"};

    for (int i = 0; i < 3; i++) {
        struct patch p = patch_load(files[i]);
        const hi5_file_info info = info_of(&p);

        ck_assert_uint_eq(info.group_internal_k, 16);
        ck_assert_uint_eq(info.group_leaf_k, 4);
        ck_assert_uint_eq(info.chunk_k, 32);
        patch_free(&p);
    }
}
END_TEST

/* OPEN-15: whatever a writer left in the flags, reading is allowed; it is told of where
 * the flags mean something. */
START_TEST(left_open)
{
    static const struct {
        unsigned flags;
        bool warned;
    } all[] = {{0, false}, {1, true}, {4, true}, {5, true}};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/sb3.h5");
        hi5_file *f;

        p.b[11] = (unsigned char)all[i].flags;
        patch_fix_superblock(&p);
        f = patch_open(&p);
        ck_assert_uint_eq(info_of(&p).consistency_flags, all[i].flags);
        ck_assert((hi5_file_warning(f, 0) != NULL) == all[i].warned);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* OPEN-18: a message of the extension that nobody knows does not keep the file shut. */
START_TEST(unknown_extension)
{
    struct patch p = patch_load("good/sb2-k.h5");
    const uint64_t at = info_of(&p).extension_address;
    const hi5_message m = patch_message_at(&p, at, MSG_BTREE_K, 0);

    ck_assert_uint_eq(info_of(&p).chunk_k, 2);
    ck_assert_uint_eq(p.b[m.address - 4], MSG_BTREE_K);
    p.b[m.address - 4] = 0x7f;
    patch_fix(&p, at);
    ck_assert_uint_eq(info_of(&p).chunk_k, 32); /* OPEN-10 */
    patch_free(&p);
}
END_TEST

/* OPEN-19: a cache image message without an image; it takes the place of another. */
START_TEST(no_cache_image)
{
    struct patch p = patch_load("good/fspace-page-forget.h5");
    const uint64_t at = info_of(&p).extension_address;
    const hi5_message m = patch_message_at(&p, at, MSG_FSINFO, 0);
    hi5_error err;

    ck_assert_uint_ge(m.size, 17);
    p.b[m.address - 4] = MSG_MDCI;
    p.b[m.address] = 0;
    patch_put(&p, m.address + 1, 8, UINT64_MAX);
    patch_put(&p, m.address + 9, 8, 0);
    patch_fix(&p, at);
    ck_assert(!info_of(&p).cache_image);
    ck_ok(patch_read(&p, "contiguous", NULL, &err), &err);
    patch_free(&p);
}
END_TEST

/* OPEN-20, OPEN-21: free space is kept, in a file of the oldest format, but the end of
 * allocation is not known. */
START_TEST(undefined_end)
{
    struct patch p = patch_load("good/fspace-fsm.h5");
    const uint64_t at = info_of(&p).extension_address;
    const hi5_message m = patch_message_at(&p, at, MSG_FSINFO, 0);
    hi5_error err;

    /* version, strategy, persist, threshold, page size, threshold of the end, end */
    ck_assert_uint_eq(p.b[m.address], 1);
    ck_assert_uint_eq(p.b[m.address + 2], 1);
    patch_put(&p, m.address + 3 + 8 + 8 + 2, 8, UINT64_MAX);
    patch_fix(&p, at);
    ck_assert(info_of(&p).fspace_persist);
    ck_ok(patch_read(&p, "contiguous", NULL, &err), &err);
    patch_free(&p);
}
END_TEST

/* OPEN-22: a senseless page size is of no consequence to a reader: nothing is divided
 * by it, and the data are where they are. */
START_TEST(page_sizes)
{
    static const uint64_t all[] = {0, 1, 511, 512, 1u << 30, 1ull << 63, UINT64_MAX};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/fspace-page.h5");
        const uint64_t at = info_of(&p).extension_address;
        const hi5_message m = patch_message_at(&p, at, MSG_FSINFO, 0);
        int64_t v[30];
        hi5_error err;

        ck_assert_uint_eq(patch_get(&p, m.address + 11, 8), 512);
        patch_put(&p, m.address + 11, 8, all[i]);
        patch_fix(&p, at);
        ck_assert_uint_eq(info_of(&p).fspace_page_size, all[i]);
        ck_ok(patch_read(&p, "chunked", v, &err), &err);
        for (int k = 0; k < 30; k++)
            ck_assert_int_eq(v[k], k);
        patch_free(&p);
    }
}
END_TEST

static unsigned
links_of_root(const struct patch *p, hi5_status *status, hi5_error *err)
{
    hi5_file *f;
    hi5_group *g = NULL;
    hi5_group_info i = {.links = 0};

    *status = patch_try(p, &f, err);
    if (*status)
        return 0;
    *status = hi5_group_open(f, "/", &g, err);
    if (*status == HI5_OK)
        *status = hi5_group_get_info(g, &i, err);
    hi5_group_close(g);
    hi5_close(f, NULL);
    return (unsigned)i.links;
}

/* OPEN-24, OPEN-25: the root entry repeats the addresses of B-tree and heap. Where it
 * does not, or says something else, the message of the header holds. */
START_TEST(root_entry_is_a_copy)
{
    struct patch p = patch_load("good/sb0.h5");
    hi5_status s;
    hi5_error err;

    ck_assert_uint_eq(patch_get(&p, 72, 4), 1); /* cache type */
    patch_put(&p, 80, 16, 0);                   /* scratch pad */
    ck_assert_uint_eq(links_of_root(&p, &s, &err), 3);
    patch_put(&p, 72, 4, 0);
    ck_assert_uint_eq(links_of_root(&p, &s, &err), 3);
    patch_free(&p);
}
END_TEST

/* OPEN-25, the reverse: the message points at nothing, and the copy is good. */
START_TEST(root_message_is_damaged)
{
    struct patch p = patch_load("good/sb0.h5");
    const hi5_message m = patch_message(&p, "/", 0x11);
    const uint64_t tree = patch_get(&p, 80, 8), heap = patch_get(&p, 88, 8);
    hi5_file *f;
    hi5_status s;
    hi5_error err;

    ck_assert_uint_eq(patch_get(&p, m.address, 8), tree);
    ck_assert_uint_eq(patch_get(&p, m.address + 8, 8), heap);
    for (int k = 0; k < 3; k++) {
        patch_put(&p, m.address, 8, k == 1 ? tree : k ? UINT64_MAX : 0);
        patch_put(&p, m.address + 8, 8, k == 0 ? heap : k == 1 ? 0 : UINT64_MAX);
        ck_assert_uint_eq(links_of_root(&p, &s, &err), 3);
        ck_ok(s, &err);
        f = patch_open(&p);
        ck_ok(read_numbers(f, "contiguous", NULL, &err), &err);
        ck_assert_ptr_nonnull(hi5_file_warning(f, 0));
        hi5_close(f, NULL);
    }
    patch_free(&p);
}
END_TEST

/* OPEN-26: superblocks 0 and 1 have no extension; what is in its place is not followed. */
START_TEST(no_extension_of_old)
{
    struct patch p = patch_load("good/sb0.h5");
    hi5_error err;

    patch_put(&p, 32, 8, 96); /* free-space info */
    ck_assert_uint_eq(info_of(&p).extension_address, HI5_NO_ADDRESS);
    ck_ok(patch_read(&p, "contiguous", NULL, &err), &err);
    patch_free(&p);
}
END_TEST

/* OPEN-27: a byte less is refused unless asked for; a byte more is not. */
START_TEST(wrong_length)
{
    static const char *const files[] = {"good/sb0.h5", "good/sb2.h5", "good/sb3.h5"};

    for (int i = 0; i < 3; i++) {
        struct patch p = patch_load(files[i]);
        const hi5_open_options salvage = {.size = sizeof(salvage), .salvage = true};
        hi5_file *f;
        hi5_error err;

        p.n--;
        ck_fails(patch_try(&p, &f, &err), &err, HI5_E_TRUNCATED, "superblock",
                 "end of file");
        ck_ok(hi5_open_memory(p.b, p.n, &salvage, &f, &err), &err);
        ck_assert_ptr_nonnull(hi5_file_warning(f, 0));
        ck_ok(read_numbers(f, "contiguous", NULL, &err), &err);
        hi5_close(f, NULL);
        p.n += 2; /* slurp leaves room for one */
        f = patch_open(&p);
        ck_assert_ptr_nonnull(hi5_file_warning(f, 0));
        ck_ok(read_numbers(f, "contiguous", NULL, &err), &err);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

Suite *
suite_pit_open(void)
{
    Suite *const suite = suite_create("pit_open");
    TCase *const tc = tcase_create("pit_open");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, behind_other_bytes, 0, 2);
    tcase_add_test(tc, checksums_are_lookup3);
    tcase_add_test(tc, checksums_of_every_length);
    tcase_add_test(tc, nothing_changes);
    tcase_add_test(tc, default_ranks);
    tcase_add_test(tc, left_open);
    tcase_add_test(tc, unknown_extension);
    tcase_add_test(tc, no_cache_image);
    tcase_add_test(tc, undefined_end);
    tcase_add_test(tc, page_sizes);
    tcase_add_test(tc, root_entry_is_a_copy);
    tcase_add_test(tc, root_message_is_damaged);
    tcase_add_test(tc, no_extension_of_old);
    tcase_add_test(tc, wrong_length);
    suite_add_tcase(suite, tc);
    return suite;
}
