/*
 * try_msg.h - decode, refuse and encode one message of hex bytes
 *
 * The bytes lie at address TRY_AT of a file in memory. `call` in the macros is a
 * statement that codes with the cursor `c`.
 */
#ifndef TRY_MSG_H
#define TRY_MSG_H

#include "format/messages.h"
#include "memfile.h"

#define TRY_AT 0x40u

/* Findings of the validator: how many, and the field of the last. */
struct try_watch {
    struct cur_watch watch;
    unsigned n;
    const char *field;
};

static inline bool
try_finding(struct cur_watch *w, const struct cur *c, const char *field, size_t at,
            bool fatal, const char *what)
{
    struct try_watch *const t = (struct try_watch *)w;

    (void)c, (void)at, (void)what;
    if (!fatal) {
        t->n++;
        t->field = field;
    }
    return true;
}

static inline void
try_open(struct memfile *f)
{
    memfile_open(f, 8192, 8, 8);
}

static inline struct cur
try_cursor(struct memfile *f, const char *hex)
{
    const size_t n = memfile_hex(f, TRY_AT, hex) - TRY_AT;

    return meta_cursor_at(&f->meta, f->bytes + TRY_AT, n, TRY_AT, &f->arena, &f->err);
}

/* Decode all of the bytes. */
#define TRY_GET(f, hex, call)                                                          \
    do {                                                                               \
        struct cur c = try_cursor(f, hex);                                             \
        call;                                                                          \
        ck_assert_msg(cur_ok(&c), "%s: %s", #call, error_text(&(f)->err));             \
        ck_assert_uint_eq(cur_left(&c), 0);                                            \
    } while (0)

/* Decoding fails: how, at which byte, in which field. */
#define TRY_BAD(f, hex, call, wanted, at, where)                                       \
    do {                                                                               \
        struct cur c = try_cursor(f, hex);                                             \
        call;                                                                          \
        ck_assert_msg(c.status == (wanted), "%s: status %d: %s", hex, (int)c.status,   \
                      error_text(&(f)->err));                                          \
        ck_assert_msg((f)->err.address == TRY_AT + (at), "%s: byte %d: %s", hex,       \
                      (int)((f)->err.address - TRY_AT), error_text(&(f)->err));        \
        ck_assert_str_eq((f)->err.field, where);                                       \
    } while (0)

/* Decoding goes well; the validator finds `count` things, the last in `where`. */
#define TRY_FOUND(f, hex, call, count, where)                                          \
    do {                                                                               \
        struct try_watch w = {{NULL, try_finding}, 0, ""};                             \
        struct cur c = try_cursor(f, hex);                                             \
        c.watch = &w.watch;                                                            \
        call;                                                                          \
        ck_assert_msg(cur_ok(&c), "%s: %s", #call, error_text(&(f)->err));             \
        ck_assert_uint_eq(w.n, count);                                                 \
        ck_assert_str_eq(w.field, where);                                              \
    } while (0)

/* Encoding gives the bytes, and measuring their number. */
#define TRY_PUT(f, hex, call)                                                          \
    do {                                                                               \
        const size_t n_ = memfile_hex(f, 4096, hex) - 4096;                            \
        struct cur c = cur_writer((f)->bytes + 2048, 1024, &(f)->err);                 \
        c.off_w = (f)->meta.off_w;                                                     \
        c.len_w = (f)->meta.len_w;                                                     \
        call;                                                                          \
        ck_assert_msg(cur_ok(&c), "%s: %s", #call, error_text(&(f)->err));             \
        ck_assert_uint_eq(c.pos, n_);                                                  \
        ck_assert_mem_eq((f)->bytes + 2048, (f)->bytes + 4096, n_);                    \
        c = cur_sizer(&(f)->err);                                                      \
        c.off_w = (f)->meta.off_w;                                                     \
        c.len_w = (f)->meta.len_w;                                                     \
        call;                                                                          \
        ck_assert_uint_eq(c.pos, n_);                                                  \
    } while (0)

/* Encoding is refused. */
#define TRY_PUT_BAD(f, call, wanted)                                                   \
    do {                                                                               \
        struct cur c = cur_writer((f)->bytes + 2048, 1024, &(f)->err);                 \
        call;                                                                          \
        ck_assert_int_eq(c.status, wanted);                                            \
    } while (0)

/* Every proper prefix of the bytes is refused as truncated or corrupt. */
#define TRY_SHORT(f, hex, call)                                                        \
    do {                                                                               \
        const size_t n_ = memfile_hex(f, TRY_AT, hex) - TRY_AT;                        \
        for (size_t i_ = 0; i_ < n_; i_++) {                                           \
            struct cur c = meta_cursor_at(&(f)->meta, (f)->bytes + TRY_AT, i_, TRY_AT, \
                                          &(f)->arena, &(f)->err);                     \
            call;                                                                      \
            ck_assert_msg(c.status == HI5_E_TRUNCATED || c.status == HI5_E_CORRUPT,    \
                          "%zu of %zu bytes: status %d", i_, n_, (int)c.status);       \
        }                                                                              \
    } while (0)

/* One test case with these tests. */
#define TRY_SUITE(name, ...)                                                           \
    Suite *suite_##name(void);                                                         \
    Suite *suite_##name(void)                                                          \
    {                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                    \
        Suite *const s = suite_create(#name);                                          \
        TCase *const tc = tcase_create(#name);                                         \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)                      \
            tcase_add_test(tc, tests[i]);                                              \
        suite_add_tcase(s, tc);                                                        \
        return s;                                                                      \
    }

#endif
