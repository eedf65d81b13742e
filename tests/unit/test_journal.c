/*
 * test_journal.c - a commit on its way: whole, cut off, damaged, seen without being applied
 */
#include "base/io.h"
#include "base/journal.h"
#include "stagefile.h"

Suite *suite_journal(void);

enum { OLD = 700, NEW = 900 }; /* bytes of the file before and after */

/* A file in memory, what it is to become, and how long its journal makes it. */
struct commit {
    struct stagefile f;
    hi5_io io;
    uint8_t before[NEW], after[NEW];
    size_t whole;
};

static void
commit_source(struct commit *c)
{
    c->io = (hi5_io){.size = sizeof c->io, .ctx = &c->f, .read_at = stagefile_read,
                     .get_size = stagefile_size, .write_at = stagefile_write,
                     .truncate = stagefile_truncate};
}

/* Five changes, one of them empty, two side by side, one in what is new. */
static void
commit_make(struct commit *c)
{
    static const struct {
        uint64_t target, size;
    } part[] = {{0, 8}, {40, 100}, {140, 3}, {300, 0}, {690, 60}};
    struct journal_entry e[5];
    uint8_t bytes[200];

    memset(c, 0, sizeof *c);
    stagefile_open(&c->f, 8, 8);
    commit_source(c);
    for (size_t i = 0; i < NEW; i++)
        c->before[i] = (uint8_t)(i < OLD ? i * 7 : i * 11);
    memcpy(c->after, c->before, NEW);
    stagefile_truncate(&c->f, 0, NULL);
    stagefile_write(&c->f, 0, c->before, NEW, NULL); /* with what is fresh */
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(0xff - i);
    for (size_t i = 0; i < 5; i++) {
        e[i] = (struct journal_entry){.target = part[i].target, .size = part[i].size,
                                      .bytes = bytes + i};
        memcpy(c->after + part[i].target, bytes + i, (size_t)part[i].size);
    }
    ck_ok(journal_write(&c->io, &c->f.mem, NEW, NEW, e, 5, &c->f.err), &c->f.err);
    c->whole = c->f.n;
    ck_assert_uint_gt(c->whole, NEW + 171 + 5 * 32);
}

static void
commit_close(struct commit *c)
{
    stagefile_close(&c->f);
}

/* Nothing is touched before the journal is whole. */
START_TEST(written)
{
    struct commit c;

    commit_make(&c);
    ck_assert_mem_eq(c.f.bytes, c.before, NEW);
    commit_close(&c);
}
END_TEST

/* What a reader sees is what a writer makes of it. */
START_TEST(finished)
{
    struct commit c;
    uint8_t seen[NEW];
    uint64_t size;
    bool found;
    hi5_io view;

    commit_make(&c);
    view = c.io;
    ck_ok(journal_recover(&view, NULL, false, &found, &c.f.err), &c.f.err);
    ck_assert(found);
    ck_assert_uint_eq(c.f.n, c.whole); /* only looked at */
    ck_assert_mem_eq(c.f.bytes, c.before, NEW);
    ck_ok(view.get_size(view.ctx, &size, &c.f.err), &c.f.err);
    ck_assert_uint_eq(size, NEW);
    for (size_t i = 0; i <= NEW; i += 13)
        for (size_t n = 0; n <= NEW - i; n += 1 + n / 2) {
            ck_ok(view.read_at(view.ctx, i, seen, n, &c.f.err), &c.f.err);
            ck_assert(memcmp(seen, c.after + i, n) == 0);
        }
    ck_assert_int_eq(view.read_at(view.ctx, NEW - 1, seen, 2, &c.f.err), HI5_E_TRUNCATED);
    io_close(&view);
    ck_ok(journal_recover(&c.io, NULL, true, &found, &c.f.err), &c.f.err);
    ck_assert(found);
    ck_assert_uint_eq(c.f.n, NEW);
    ck_assert_mem_eq(c.f.bytes, c.after, NEW);
    ck_ok(journal_recover(&c.io, NULL, true, &found, &c.f.err), &c.f.err);
    ck_assert(!found);
    commit_close(&c);
}
END_TEST

/* However far it had been put in place, finishing it gives the same. */
START_TEST(put_in_place_in_part)
{
    struct commit c;

    commit_make(&c);
    for (size_t done = 0; done <= NEW; done += 5) {
        bool found;
        uint8_t *const saved = malloc(c.whole);

        memcpy(saved, c.f.bytes, c.whole);
        memcpy(c.f.bytes, c.after, done);
        ck_ok(journal_recover(&c.io, NULL, true, &found, &c.f.err), &c.f.err);
        ck_assert(found);
        ck_assert_mem_eq(c.f.bytes, c.after, NEW);
        stagefile_write(&c.f, 0, saved, c.whole, NULL);
        free(saved);
    }
    commit_close(&c);
}
END_TEST

static void
expect_nothing(struct commit *c)
{
    bool found;
    hi5_io io = c->io;
    const size_t n = c->f.n;

    ck_ok(journal_recover(&io, NULL, true, &found, &c->f.err), &c->f.err);
    ck_assert(!found);
    ck_assert_uint_eq(c->f.n, n);
    ck_assert_mem_eq(c->f.bytes, c->before, n < NEW ? n : NEW);
}

START_TEST(cut_off)
{
    struct commit c;

    commit_make(&c);
    for (size_t n = c.whole; n-- > 0;) {
        stagefile_truncate(&c.f, n, NULL);
        expect_nothing(&c);
    }
    commit_close(&c);
}
END_TEST

/* Every bit of it matters; so does a byte behind it. */
START_TEST(flipped)
{
    struct commit c;
    static const uint8_t one = 0;

    commit_make(&c);
    for (size_t at = NEW; at < c.whole; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            c.f.bytes[at] ^= (uint8_t)(1u << bit);
            expect_nothing(&c);
            c.f.bytes[at] ^= (uint8_t)(1u << bit);
        }
    stagefile_write(&c.f, c.whole, &one, 1, NULL);
    expect_nothing(&c);
    commit_close(&c);
}
END_TEST

/* A journal so long that it is copied piece by piece. */
START_TEST(large)
{
    const size_t n = 3u << 18;
    uint8_t *const bytes = malloc(n);
    struct journal_entry e = {.target = 100, .size = n, .bytes = bytes};
    struct commit c;
    bool found;

    memset(&c, 0, sizeof c);
    stagefile_open(&c.f, 8, 8);
    commit_source(&c);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i >> 8 ^ i);
    stagefile_truncate(&c.f, 2 * n, NULL);
    ck_ok(journal_write(&c.io, &c.f.mem, 2 * n, 2 * n, &e, 1, &c.f.err), &c.f.err);
    ck_ok(journal_recover(&c.io, NULL, true, &found, &c.f.err), &c.f.err);
    ck_assert(found);
    ck_assert_uint_eq(c.f.n, 2 * n);
    ck_assert(memcmp(c.f.bytes + 100, bytes, n) == 0);
    ck_assert_uint_eq(c.f.bytes[99] | c.f.bytes[100 + n], 0);
    free(bytes);
    commit_close(&c);
}
END_TEST

Suite *
suite_journal(void)
{
    Suite *const s = suite_create("journal");
    TCase *const t = tcase_create("journal");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, written);
    tcase_add_test(t, finished);
    tcase_add_test(t, put_in_place_in_part);
    tcase_add_test(t, cut_off);
    tcase_add_test(t, flipped);
    tcase_add_test(t, large);
    suite_add_tcase(s, t);
    return s;
}
