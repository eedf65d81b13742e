/*
 * test_mem.c - the account of memory, and arenas
 */
#include "base/mem.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

/* An allocator that fails at the n-th allocation, and knows what it has given out. */
struct failing {
    unsigned left; /* allocations before the failure */
    size_t live, blocks;
};

static void *
failing_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct failing *const f = ctx;
    size_t *head = p != NULL ? (size_t *)p - 2 : NULL;

    ck_assert((p == NULL) == (old_size == 0));
    if (head != NULL)
        ck_assert_uint_eq(*head, old_size); /* sizes are told as they were */
    if (new_size == 0) {
        ck_assert_ptr_nonnull(p);
        f->live -= old_size;
        f->blocks--;
        free(head);
        return NULL;
    }
    if (f->left == 0)
        return NULL;
    f->left--;
    head = realloc(head, new_size + 2 * sizeof *head);
    ck_assert_ptr_nonnull(head);
    *head = new_size;
    f->live += new_size - old_size;
    f->blocks += p == NULL;
    return head + 2;
}

START_TEST(test_account)
{
    struct failing f = {1000, 0, 0};
    const hi5_allocator a = {&f, failing_resize};
    struct mem m;
    unsigned char *p, *q, *z;

    mem_init(&m, &a, 1000);
    p = mem_alloc(&m, 600);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(m.used, 600);
    ck_assert_ptr_null(mem_alloc(&m, 401)); /* one too many */
    q = mem_alloc(&m, 400);
    ck_assert_ptr_nonnull(q);
    ck_assert(m.used == 1000 && m.peak == 1000);
    ck_assert_ptr_null(mem_resize(&m, p, 600, 601));
    memset(p, 7, 600);
    p = mem_resize(&m, p, 600, 100);
    ck_assert(p != NULL && p[99] == 7 && m.used == 500);
    p = mem_resize(&m, p, 100, 600);
    ck_assert(p != NULL && p[99] == 7 && m.used == 1000);
    mem_free(&m, p, 600);
    mem_free(&m, q, 400);
    mem_free(&m, NULL, 55);
    ck_assert(m.used == 0 && m.peak == 1000);
    z = mem_zalloc(&m, 10, 10);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_uint_eq(z[i], 0);
    ck_assert_uint_eq(f.live, 100);
    mem_free(&m, z, 100);
    ck_assert_ptr_null(mem_zalloc(&m, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(mem_alloc(&m, SIZE_MAX));
    ck_assert(m.used == 0 && f.live == 0 && f.blocks == 0);
    mem_done(&m);
}
END_TEST

/* Nothing is something: it can be had, resized and given back. */
START_TEST(test_nothing)
{
    struct failing f = {1000, 0, 0};
    const hi5_allocator a = {&f, failing_resize};
    struct mem m;
    void *p;

    mem_init(&m, &a, 1000);
    p = mem_alloc(&m, 0);
    ck_assert_ptr_nonnull(p);
    p = mem_resize(&m, p, 0, 50);
    ck_assert(p != NULL && m.used == 50);
    p = mem_resize(&m, p, 50, 0);
    ck_assert_ptr_nonnull(p);
    mem_free(&m, p, 0);
    p = mem_resize(&m, NULL, 0, 5);
    ck_assert(p != NULL && m.used == 5);
    mem_free(&m, p, 5);
    p = mem_zalloc(&m, 0, 8);
    ck_assert_ptr_nonnull(p);
    mem_free(&m, p, 0);
    ck_assert(m.used == 0 && f.blocks == 0);
    mem_done(&m);
}
END_TEST

START_TEST(test_boxes)
{
    struct failing f = {2, 0, 0};
    const hi5_allocator a = {&f, failing_resize};
    struct mem m;
    void *p, *q;

    mem_init(&m, &a, 1000);
    p = mem_box(&m, 100);
    q = mem_box(&m, 0);
    ck_assert(p != NULL && q != NULL && m.used == f.live);
    memset(p, 1, 100);
    ck_assert_ptr_null(mem_box(&m, 1));
    ck_assert_ptr_null(mem_box(&m, SIZE_MAX));
    mem_unbox(&m, p);
    mem_unbox(&m, q);
    mem_unbox(&m, NULL);
    ck_assert(m.used == 0 && f.live == 0 && f.blocks == 0);
    mem_done(&m);
}
END_TEST

/* The account's fault, or the machine's */
START_TEST(test_why)
{
    struct failing f = {0, 0, 0};
    const hi5_allocator a = {&f, failing_resize};
    struct mem m;
    hi5_error err;

    mem_init(&m, &a, 1000);
    ck_assert_ptr_null(mem_alloc(&m, 500));
    ck_status(mem_fail(&m, 500, &err), HI5_E_NOMEM);
    ck_assert_uint_eq(m.used, 0); /* a failure is not charged */
    ck_assert_ptr_null(mem_alloc(&m, 1001));
    ck_status(mem_fail(&m, 1001, &err), HI5_E_LIMIT);
    ck_assert_str_eq(err.message,
                     "1001 bytes more would exceed the memory limit of 1000");
    ck_status(mem_fail(&m, UINT64_MAX, NULL), HI5_E_LIMIT);
    mem_done(&m);
}
END_TEST

/* A batch: the account sees sums; what is not in blocks is given back. */
START_TEST(test_batch)
{
    struct failing f = {1000, 0, 0};
    const hi5_allocator a = {&f, failing_resize};
    void *p[100];
    struct mem m;
    struct mem_batch b = {&m, 0};

    mem_init(&m, &a, 1u << 20);
    for (unsigned i = 0; i < 100; i++) {
        p[i] = mem_batch_box(&b, i);
        ck_assert_ptr_nonnull(p[i]);
        memset(p[i], (int)i, i);
    }
    ck_assert_uint_eq(m.used, f.live + b.credit);
    mem_batch_done(&b);
    ck_assert(m.used == f.live && b.credit == 0);
    ck_assert_ptr_null(mem_batch_box(&b, SIZE_MAX));
    ck_assert_ptr_null(mem_batch_box(&b, 1u << 20)); /* beyond the limit */
    f.left = 0;
    ck_assert_ptr_null(mem_batch_box(&b, 10));
    ck_assert_uint_eq(m.used, f.live + b.credit);
    mem_unbox(&m, p[0]); /* a box like any other */
    for (unsigned i = 1; i < 100; i++)
        mem_batch_unbox(&b, p[i]);
    mem_batch_unbox(&b, NULL);
    mem_batch_done(&b);
    ck_assert(m.used == 0 && f.live == 0 && f.blocks == 0);
    mem_done(&m);
}
END_TEST

START_TEST(test_libc)
{
    struct mem m;
    void *p, *q;

    mem_init_libc(&m);
    p = mem_alloc(&m, 10);
    ck_assert_ptr_nonnull(p);
    mem_free(&m, p, 10);
    ck_assert_uint_eq(m.used, 0);
    mem_done(&m);
    p = mem_raw(NULL, NULL, 0, 10);
    ck_assert_ptr_nonnull(p);
    memset(p, 3, 10);
    q = mem_raw(NULL, p, 10, 100000);
    ck_assert(q != NULL && ((unsigned char *)q)[9] == 3);
    ck_assert_ptr_null(mem_raw(NULL, q, 100000, 0));
}
END_TEST

/* Blocks of every size are apart, aligned, and go together. */
START_TEST(test_arena)
{
    struct failing f = {100000, 0, 0};
    const hi5_allocator a = {&f, failing_resize};
    unsigned char *p[600];
    struct arena r;
    struct mem m;

    mem_init(&m, &a, 1u << 24);
    arena_init(&r, &m);
    ck_assert_uint_eq(m.used, 0);
    for (size_t i = 0; i < 600; i++) {
        p[i] = arena_alloc(&r, i * i % 5000);
        ck_assert_ptr_nonnull(p[i]);
        ck_assert_uint_eq((uintptr_t)p[i] % sizeof(void *), 0);
        ck_assert_uint_eq((uintptr_t)p[i] % sizeof(uint64_t), 0);
        memset(p[i], (int)i, i * i % 5000);
    }
    ck_assert_ptr_nonnull(arena_alloc(&r, 1000000));
    for (size_t i = 0; i < 600; i++)
        for (size_t k = 0; k < i * i % 5000; k++)
            ck_assert_uint_eq(p[i][k], i & 255);
    ck_assert_uint_lt(f.blocks, 60); /* not one for each */
    ck_assert_ptr_null(arena_alloc(&r, SIZE_MAX));
    ck_assert_ptr_null(arena_alloc(&r, SIZE_MAX - 40));
    ck_assert_ptr_null(arena_zalloc(&r, SIZE_MAX / 2, 4));
    arena_done(&r);
    ck_assert(m.used == 0 && f.blocks == 0);
    arena_done(&r); /* again, and it can be used again */
    ck_assert_ptr_nonnull(arena_alloc(&r, 1));
    arena_done(&r);
    ck_assert_uint_eq(m.used, 0);
    mem_done(&m);
}
END_TEST

START_TEST(test_arena_copies)
{
    struct arena r;
    struct mem m;
    unsigned char *z;
    char *s;

    mem_init(&m, NULL, 1u << 20);
    arena_init(&r, &m);
    z = arena_zalloc(&r, 100, 3);
    for (unsigned i = 0; i < 300; i++)
        ck_assert_uint_eq(z[i], 0);
    s = arena_str(&r, "abcdef", 3);
    ck_assert_str_eq(s, "abc");
    s = arena_str(&r, NULL, 0);
    ck_assert_str_eq(s, "");
    ck_assert_ptr_null(arena_str(&r, "", SIZE_MAX));
    s = arena_copy(&r, "xyz", 4);
    ck_assert_str_eq(s, "xyz");
    ck_assert_ptr_nonnull(arena_copy(&r, NULL, 0));
    arena_done(&r);
    ck_assert_uint_eq(m.used, 0);
    mem_done(&m);
}
END_TEST

/* The n-th allocation fails: NULL, and what was there before is as it was. */
START_TEST(test_nth)
{
    bool worked = false;

    for (unsigned n = 0; n < 40 && !worked; n++) {
        struct failing f = {n, 0, 0};
        const hi5_allocator a = {&f, failing_resize};
        struct arena r;
        struct mem m;
        unsigned char *p, *q;
        char *s = NULL;

        mem_init(&m, &a, 1u << 24);
        arena_init(&r, &m);
        worked = true;
        p = mem_alloc(&m, 10);
        if (p != NULL) {
            memset(p, 9, 10);
            q = mem_resize(&m, p, 10, 20);
            worked = q != NULL;
            ck_assert_uint_eq((q != NULL ? q : p)[9], 9);
            mem_free(&m, q != NULL ? q : p, q != NULL ? 20 : 10);
        }
        worked = worked && p != NULL;
        for (unsigned i = 0; i < 20; i++) {
            char *const t = arena_str(&r, "text", 4);
            void *const big = arena_alloc(&r, 3000);
            worked = worked && t != NULL && big != NULL;
            s = t != NULL ? t : s;
            ck_assert(s == NULL || strcmp(s, "text") == 0);
        }
        ck_assert_uint_eq(m.used, f.live);
        arena_done(&r);
        ck_assert(m.used == 0 && f.blocks == 0 && f.live == 0);
        mem_done(&m);
    }
    ck_assert(worked);
}
END_TEST

Suite *suite_mem(void);

Suite *
suite_mem(void)
{
    Suite *const s = suite_create("mem");
    TCase *const c = tcase_create("mem");

    tcase_add_test(c, test_account);
    tcase_add_test(c, test_nothing);
    tcase_add_test(c, test_boxes);
    tcase_add_test(c, test_why);
    tcase_add_test(c, test_batch);
    tcase_add_test(c, test_libc);
    tcase_add_test(c, test_arena);
    tcase_add_test(c, test_arena_copies);
    tcase_add_test(c, test_nth);
    suite_add_tcase(s, c);
    return s;
}
