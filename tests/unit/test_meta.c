/*
 * test_meta.c - a file's metadata as addressable blocks, and their cache
 */
#include "base/meta.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>
#ifndef HI5_NO_THREADS
#include <pthread.h>
#endif

#define SOURCE_SIZE 8000u

/* A source that counts, and fails from some call on. */
struct source {
    atomic_uint reads;
    unsigned fail_after;
};

static uint8_t
byte_at(uint64_t at)
{
    return (uint8_t)(at * 31 % 253);
}

static hi5_status
source_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct source *const s = ctx;
    uint8_t *const p = buf;

    (void)err; /* a caller's source need not fill it in */
    s->reads++;
    if (s->fail_after != 0 && s->reads > s->fail_after)
        return HI5_E_IO;
    ck_assert_uint_le(offset + n, SOURCE_SIZE);
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(offset + i);
    return HI5_OK;
}

struct bed {
    struct source source;
    struct mem mem;
    struct meta meta;
    hi5_error err;
};

static void
bed_open(struct bed *b, uint64_t base, uint64_t cache)
{
    const hi5_limits limits = {.size = sizeof limits, .cache = cache};
    const hi5_io io = {.size = sizeof io, .ctx = &b->source, .read_at = source_read};

    memset(b, 0, sizeof *b);
    mem_init(&b->mem, NULL, 1u << 22);
    meta_init(&b->meta, &b->mem, &io, &limits);
    b->meta.base = base;
    b->meta.eof = SOURCE_SIZE - base;
}

static void
bed_close(struct bed *b)
{
    meta_done(&b->meta);
    ck_assert_uint_eq(b->mem.used, 0);
    mem_done(&b->mem);
}

static struct block *
bed_pin(struct bed *b, uint64_t addr, size_t n)
{
    struct block *k;

    ck_ok(meta_pin(&b->meta, addr, n, "block", &k, &b->err), &b->err);
    ck_assert(k->addr == addr && k->size >= n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(k->bytes[i], byte_at(b->meta.base + addr + i));
    return k;
}

/* Read once, found afterwards; a longer block takes the place of a shorter one. */
START_TEST(test_cache)
{
    struct block *x, *y;
    struct bed b;

    bed_open(&b, 100, 1000);
    x = bed_pin(&b, 50, 20);
    y = bed_pin(&b, 50, 10);
    ck_assert(x == y && b.source.reads == 1);
    meta_unpin(&b.meta, y);
    y = bed_pin(&b, 50, 30);
    ck_assert(x != y && b.source.reads == 2);
    ck_assert_uint_eq(x->bytes[19], byte_at(169)); /* still pinned, still there */
    meta_unpin(&b.meta, x);
    meta_unpin(&b.meta, y);
    x = bed_pin(&b, 50, 30);
    ck_assert(x == y && b.source.reads == 2);
    meta_unpin(&b.meta, x);
    meta_unpin(&b.meta, NULL);
    bed_close(&b);
}
END_TEST

/* The budget holds for what is not pinned; the oldest go first. */
START_TEST(test_budget)
{
    struct block *held[20], *x;
    struct bed b;

    bed_open(&b, 0, 1000);
    for (unsigned i = 0; i < 30; i++)
        meta_unpin(&b.meta, bed_pin(&b, 100 * i, 100));
    ck_assert_uint_le(b.meta.cached, 1000);
    ck_assert_uint_eq(b.source.reads, 30);
    meta_unpin(&b.meta, bed_pin(&b, 2900, 100)); /* the newest is there */
    ck_assert_uint_eq(b.source.reads, 30);
    meta_unpin(&b.meta, bed_pin(&b, 0, 100)); /* the oldest is not */
    ck_assert_uint_eq(b.source.reads, 31);
    for (unsigned i = 0; i < 20; i++)
        held[i] = bed_pin(&b, 200 * i, 200);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_uint_eq(held[i]->bytes[199], byte_at(200 * i + 199));
    for (unsigned i = 0; i < 20; i++)
        meta_unpin(&b.meta, held[i]);
    ck_assert_uint_le(b.meta.cached, 1000);
    /* larger than the whole budget: given, and gone */
    x = bed_pin(&b, 0, 5000);
    meta_unpin(&b.meta, x);
    ck_assert_uint_le(b.meta.cached, 1000);
    bed_close(&b);
}
END_TEST

/* DRV-05: the end of the file, and beyond */
START_TEST(test_ends)
{
    const uint64_t end = SOURCE_SIZE - 100;
    struct block *x;
    struct bed b;
    uint8_t got[10];

    bed_open(&b, 100, 1000);
    meta_unpin(&b.meta, bed_pin(&b, end - 10, 10));
    meta_unpin(&b.meta, bed_pin(&b, end, 0));
    ck_status(meta_pin(&b.meta, end - 9, 10, "heap", &x, &b.err), HI5_E_TRUNCATED);
    ck_at(&b.err, end - 9, "heap", "past the end of the file");
    ck_assert_ptr_null(x);
    ck_status(meta_pin(&b.meta, end + 1, 0, "heap", &x, &b.err), HI5_E_TRUNCATED);
    ck_status(meta_pin(&b.meta, UINT64_MAX - 5, 10, "heap", &x, &b.err),
              HI5_E_TRUNCATED);
    ck_status(meta_pin(&b.meta, 0, SIZE_MAX, "heap", &x, &b.err), HI5_E_TRUNCATED);
    ck_status(meta_pin(&b.meta, ADDR_NONE, 1, "heap", &x, &b.err), HI5_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(b.err.message, "heap: its address is undefined"));
    ck_ok(meta_read(&b.meta, end - 10, got, 10, &b.err), &b.err);
    ck_assert_uint_eq(got[9], byte_at(SOURCE_SIZE - 1));
    ck_status(meta_read(&b.meta, end - 9, got, 10, &b.err), HI5_E_TRUNCATED);
    ck_assert_uint_eq(meta_clip(&b.meta, end - 4, 10), 4);
    ck_assert_uint_eq(meta_clip(&b.meta, end, 10), 0);
    ck_assert_uint_eq(meta_clip(&b.meta, UINT64_MAX, 10), 0);
    ck_assert_uint_eq(meta_clip(&b.meta, 0, 10), 10);
    bed_close(&b);
}
END_TEST

/* A source that fails, and says nothing of it: there is an error all the same. */
START_TEST(test_failing)
{
    struct block *x;
    struct bed b;

    bed_open(&b, 0, 1000);
    b.source.fail_after = 1;
    meta_unpin(&b.meta, bed_pin(&b, 0, 100));
    memset(&b.err, 0, sizeof b.err);
    ck_status(meta_pin(&b.meta, 200, 10, "block", &x, &b.err), HI5_E_IO);
    ck_assert(b.err.status == HI5_E_IO && b.err.message[0] != '\0');
    ck_status(meta_pin(&b.meta, 200, 10, "block", &x, NULL), HI5_E_IO);
    meta_unpin(&b.meta, bed_pin(&b, 0, 100)); /* what is there stays there */
    bed_close(&b);
}
END_TEST

/* No memory, as early and as late as can be */
START_TEST(test_no_memory)
{
    unsigned worked = 0;

    for (uint64_t limit = 0; limit < 12000; limit += 40) {
        struct bed b;

        bed_open(&b, 0, 100000);
        b.mem.limit = limit;
        worked = 0;
        for (unsigned i = 0; i < 100; i++) {
            struct block *x;

            if (meta_pin(&b.meta, 10 * i, 10, "block", &x, &b.err) == HI5_OK) {
                ck_assert_uint_eq(x->bytes[9], byte_at(10 * i + 9));
                meta_unpin(&b.meta, x);
                worked++;
            } else {
                ck_assert_int_eq(b.err.status, HI5_E_LIMIT);
            }
        }
        bed_close(&b);
    }
    ck_assert_uint_gt(worked, 50);
}
END_TEST

/* A cache image over the file: parts of a block, all of it, several in one. */
START_TEST(test_overlays)
{
    uint8_t a[10], c[5], d[100], raw[30];
    const struct overlay overlays[] = {{100, 10, a}, {112, 5, c}, {300, 100, d}};
    struct block *x;
    struct bed b;

    memset(a, 0xa1, sizeof a);
    memset(c, 0xc1, sizeof c);
    memset(d, 0xd1, sizeof d);
    bed_open(&b, 0, 1000);
    b.meta.overlays = overlays;
    b.meta.noverlays = 3;
    ck_ok(meta_pin(&b.meta, 95, 30, "block", &x, &b.err), &b.err);
    for (unsigned i = 0; i < 30; i++) {
        const uint64_t at = 95 + i;
        ck_assert_uint_eq(x->bytes[i], at >= 100 && at < 110   ? 0xa1
                                       : at >= 112 && at < 117 ? 0xc1
                                                               : byte_at(at));
    }
    meta_unpin(&b.meta, x);
    ck_ok(meta_pin(&b.meta, 350, 10, "block", &x, &b.err), &b.err);
    ck_assert(x->bytes[0] == 0xd1 && x->bytes[9] == 0xd1);
    meta_unpin(&b.meta, x);
    meta_unpin(&b.meta, bed_pin(&b, 117, 183)); /* between them */
    ck_ok(meta_read(&b.meta, 95, raw, 30, &b.err),
          &b.err); /* raw data is not metadata */
    ck_assert_uint_eq(raw[5], byte_at(100));
    bed_close(&b);
}
END_TEST

/* ---- pages ---- */

static void
bed_copy(struct bed *b, uint64_t addr, size_t n)
{
    uint8_t got[SOURCE_SIZE];

    memset(got, 0xee, sizeof got);
    ck_ok(meta_copy(&b->meta, addr, n, "thing", got, &b->err), &b->err);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(got[i], byte_at(b->meta.base + addr + i));
    ck_assert_uint_eq(got[n], 0xee);
}

/* What stands alone costs a read of its own; its neighbours then cost one together. */
START_TEST(test_pages)
{
    const uint64_t end = SOURCE_SIZE - 100;
    uint8_t got[600];
    size_t some;
    struct bed b;

    bed_open(&b, 100, 1 << 20);
    bed_copy(&b, 1000, 40);
    bed_copy(&b, 1030, 100);
    ck_assert_uint_eq(b.source.reads, 1);
    ck_assert_uint_lt(b.mem.used, 4096); /* and no more memory than it takes */
    bed_copy(&b, 0, 40);
    ck_assert_uint_eq(b.source.reads, 2);
    for (uint64_t at = 0; at < 4000; at += 50)
        bed_copy(&b, at, 96);
    meta_unpin(&b.meta, bed_pin(&b, 2000, 500)); /* blocks come from there too */
    ck_assert_uint_eq(b.source.reads, 2);
    bed_copy(&b, 4000, 1000); /* over the end of the page */
    ck_assert_uint_eq(b.source.reads, 3);
    bed_copy(&b, end - 600, 600); /* the last page is a short one */
    bed_copy(&b, end, 0);
    ck_assert_uint_eq(b.source.reads, 3);
    ck_ok(meta_some(&b.meta, 4000, 10, 600, "thing", got, &some, &b.err), &b.err);
    ck_assert(some == 96 && got[95] == byte_at(4195)); /* to the end of the page */
    ck_ok(meta_some(&b.meta, 4000, 200, 600, "thing", got, &some, &b.err), &b.err);
    ck_assert(some == 200 && got[199] == byte_at(4299));
    ck_ok(meta_some(&b.meta, end - 7, 3, 600, "thing", got, &some, &b.err), &b.err);
    ck_assert(some == 7 && got[6] == byte_at(SOURCE_SIZE - 1));
    ck_status(meta_some(&b.meta, end - 7, 8, 600, "thing", got, &some, &b.err),
              HI5_E_TRUNCATED);
    ck_at(&b.err, end - 7, "thing", "past the end of the file");
    ck_status(meta_copy(&b.meta, end - 7, 8, "thing", got, &b.err), HI5_E_TRUNCATED);
    ck_status(meta_copy(&b.meta, UINT64_MAX - 3, 8, "thing", got, &b.err),
              HI5_E_TRUNCATED);
    ck_status(meta_copy(&b.meta, ADDR_NONE, 1, "thing", got, &b.err), HI5_E_CORRUPT);
    bed_close(&b);
}
END_TEST

/* More pages than there may be: everything is right still, and memory is bounded. */
START_TEST(test_few_pages)
{
    struct bed b;

    bed_open(&b, 0, 4 * 8 * 4096);
    b.meta.eof = SOURCE_SIZE;
    ck_assert_uint_eq(b.meta.most_pages, 8);
    b.meta.most_pages = 1;
    for (unsigned i = 0; i < 200; i++)
        bed_copy(&b, i * 3571u % 7900, 96);
    ck_assert_uint_gt(b.source.reads, 100);
    ck_assert_uint_lt(b.mem.used, 3 * 4096);
    bed_close(&b);
}
END_TEST

/* When a page cannot be had, what was asked for still can. */
START_TEST(test_pages_fail)
{
    uint8_t got[10];
    struct bed b;

    bed_open(&b, 0, 1 << 20);
    b.mem.limit = 100;
    bed_copy(&b, 50, 10);
    b.mem.limit = 1 << 22;
    bed_copy(&b, 50, 10);
    bed_copy(&b, 1000, 10); /* now the page is there */
    b.source.fail_after = b.source.reads;
    bed_copy(&b, 3000, 100);
    ck_status(meta_copy(&b.meta, 4096, 10, "thing", got, &b.err), HI5_E_IO);
    b.source.fail_after = 0;
    bed_copy(&b, 4096, 10);
    bed_close(&b);
}
END_TEST

/* What has changed is seen when it was dropped, and what has not changed stays. */
START_TEST(test_drop)
{
    uint8_t a[10], got[10];
    const struct overlay overlays[] = {{100, 10, a}};
    struct block *x, *y, *z;
    struct bed b;

    memset(a, 0xa1, sizeof a);
    bed_open(&b, 0, 1 << 20);
    bed_copy(&b, 100, 10);
    x = bed_pin(&b, 95, 6);
    y = bed_pin(&b, 200, 6);
    b.meta.overlays = overlays;
    b.meta.noverlays = 1;
    meta_drop(&b.meta, 100, 10);
    ck_ok(meta_copy(&b.meta, 100, 10, "thing", got, &b.err), &b.err);
    ck_assert_mem_eq(got, a, 10);
    ck_assert_uint_eq(x->bytes[5], byte_at(100)); /* for who had it before */
    ck_ok(meta_pin(&b.meta, 95, 6, "block", &z, &b.err), &b.err);
    ck_assert(z != x && z->bytes[5] == 0xa1);
    meta_unpin(&b.meta, x);
    meta_unpin(&b.meta, z);
    z = bed_pin(&b, 200, 6);
    ck_assert(z == y);
    meta_unpin(&b.meta, z);
    meta_drop(&b.meta, 0, UINT64_MAX);
    meta_unpin(&b.meta, y);
    ck_assert_uint_eq(b.meta.cached, 0);
    bed_close(&b);
}
END_TEST

START_TEST(test_limits)
{
    const hi5_limits some = {.size = sizeof some, .depth = 5, .cache = 77};
    const hi5_limits d = meta_limits(NULL), s = meta_limits(&some);

    ck_assert(d.memory == 1u << 30 && d.cache == 16u << 20 &&
              d.chunk_bytes == 1u << 30);
    ck_assert(d.depth == 64 && d.header_chunks == 4096 && d.messages == 65536);
    ck_assert(d.link_hops == 16 && d.file_hops == 8);
    ck_assert(s.depth == 5 && s.cache == 77 && s.messages == 65536);
}
END_TEST

START_TEST(test_cursor)
{
    struct bed b;
    struct block *x;
    struct cur c;
    uint8_t v;

    bed_open(&b, 0, 1000);
    b.meta.off_w = 4;
    x = bed_pin(&b, 40, 8);
    c = meta_cursor(&b.meta, x, 6, NULL, &b.err);
    ck_assert(cur_left(&c) == 6 && c.off_w == 4 && c.len_w == 8 && c.addr == 40);
    ck_assert_uint_eq(c.eof, SOURCE_SIZE);
    cur_u8(&c, "v", &v);
    ck_assert_uint_eq(v, byte_at(40));
    c = meta_cursor(&b.meta, x, 5000, NULL, &b.err);
    ck_assert_uint_eq(cur_left(&c), x->size); /* never beyond the block */
    meta_unpin(&b.meta, x);
    bed_close(&b);
}
END_TEST

#ifndef HI5_NO_THREADS
#define HANDS 8

struct hand {
    struct bed *bed;
    uint64_t seed;
    unsigned wrong;
    pthread_t thread;
};

/* Pin a few blocks at a time, of any place and size, look at them, let them go. */
static void *
hand_work(void *ctx)
{
    struct hand *const h = ctx;
    struct block *held[4] = {NULL};

    for (unsigned i = 0; i < 3000; i++) {
        const unsigned slot = i % 4;
        uint64_t addr;
        size_t n;

        h->seed = h->seed * 6364136223846793005u + 1442695040888963407u;
        addr = (h->seed >> 33) % 40 * 100;
        n = 1 + (size_t)(h->seed >> 50) % 100;
        if (held[slot] != NULL) {
            const struct block *const k = held[slot];
            h->wrong += k->bytes[k->size - 1] != byte_at(k->addr + k->size - 1);
        }
        meta_unpin(&h->bed->meta, held[slot]);
        held[slot] = NULL;
        if (i % 64 == 0)
            meta_drop(&h->bed->meta, addr, n);
        if (i % 3 == 0) {
            uint8_t got[100];

            h->wrong += meta_copy(&h->bed->meta, addr, n, "thing", got, NULL) != HI5_OK ||
                        got[n - 1] != byte_at(addr + n - 1);
        } else if (meta_pin(&h->bed->meta, addr, n, "block", &held[slot], NULL) != HI5_OK)
            h->wrong++;
        else
            h->wrong += held[slot]->bytes[n - 1] != byte_at(addr + n - 1);
    }
    for (unsigned i = 0; i < 4; i++)
        meta_unpin(&h->bed->meta, held[i]);
    return NULL;
}

/* Many hands on a cache that is too small for them. Under a thread sanitizer this shows
 * whether the locks are where they must be. */
START_TEST(test_threads)
{
    const uint64_t cache = _i == 0 ? 1500 : 1 << 20; /* without pages, and with them */
    struct hand hands[HANDS];
    struct bed b;

    bed_open(&b, 0, cache);
    for (unsigned i = 0; i < HANDS; i++) {
        hands[i] = (struct hand){.bed = &b, .seed = i};
        ck_assert_int_eq(pthread_create(&hands[i].thread, NULL, hand_work, &hands[i]),
                         0);
    }
    for (unsigned i = 0; i < HANDS; i++) {
        pthread_join(hands[i].thread, NULL);
        ck_assert_uint_eq(hands[i].wrong, 0);
    }
    ck_assert_uint_le(b.meta.cached, cache);
    bed_close(&b);
}
END_TEST
#endif

Suite *suite_meta(void);

Suite *
suite_meta(void)
{
    Suite *const s = suite_create("meta");
    TCase *const c = tcase_create("meta");

    tcase_set_timeout(c, 60);
    tcase_add_test(c, test_cache);
    tcase_add_test(c, test_budget);
    tcase_add_test(c, test_ends);
    tcase_add_test(c, test_failing);
    tcase_add_test(c, test_no_memory);
    tcase_add_test(c, test_overlays);
    tcase_add_test(c, test_pages);
    tcase_add_test(c, test_few_pages);
    tcase_add_test(c, test_pages_fail);
    tcase_add_test(c, test_drop);
    tcase_add_test(c, test_limits);
    tcase_add_test(c, test_cursor);
#ifndef HI5_NO_THREADS
    tcase_add_loop_test(c, test_threads, 0, 2);
#endif
    suite_add_tcase(s, c);
    return s;
}
