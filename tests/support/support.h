/*
 * support.h - what test programs share: assertions that print a hi5_error, and the
 * way to the fixtures. Includes the public header only.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "hi5.h"

/** The path of a fixture, such as "good/demo.h5"; overwritten by the fourth call after. */
const char *fixture(const char *name);

/** Open a fixture, or fail the test with its error. */
hi5_file *open_fixture(const char *name);

/** A description of an error for a failing assertion. */
const char *error_text(const hi5_error *err);

/** What an allocator of a test does in the end: n bytes at p, or none. */
void *plain_resize(void *p, size_t n);

/** The call succeeds; `err` is the hi5_error that it was given. */
#define ck_ok(expr, err)                                                               \
    do {                                                                               \
        hi5_status ck_status_ = (expr);                                                \
        ck_assert_msg(ck_status_ == HI5_OK, "%s: status %d, %s", #expr,                \
                      (int)ck_status_, error_text(err));                               \
    } while (0)

/** The call fails, and in this way. */
#define ck_status(expr, wanted)                                                        \
    do {                                                                               \
        hi5_status ck_status_ = (expr);                                                \
        ck_assert_msg(ck_status_ == (wanted), "%s: status %d, not %s", #expr,          \
                      (int)ck_status_, #wanted);                                       \
    } while (0)

/** An error says where: the address, the structure, and a part of the message. */
#define ck_at(err, where, what, words)                                                 \
    check_at(err, where, what, words, __FILE__, __LINE__)
void check_at(const hi5_error *err, uint64_t address, const char *structure,
              const char *words, const char *file, int line);

#endif
