/*
 * test_io.c - byte sources
 *
 * On Linux, reads from files go through a shim here that comes up short, is interrupted,
 * or fails, as a test wants.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE 1
#include "base/io.h"
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the shim does: 0 is nothing out of the ordinary. */
static struct {
    size_t most;         /* bytes that one call may give */
    unsigned interrupt;  /* every n-th call fails with EINTR */
    unsigned fail_after; /* from then on calls fail with EIO */
    unsigned calls;
} shim;

#if defined(__linux__) && UINTPTR_MAX > UINT32_MAX
#define IO_SHIM 1
#include <sys/syscall.h>

static ssize_t
shim_read(int fd, void *buf, size_t n, off_t offset)
{
    shim.calls++;
    if (shim.fail_after != 0 && shim.calls > shim.fail_after) {
        errno = EIO;
        return -1;
    }
    if (shim.interrupt != 0 && shim.calls % shim.interrupt == 0) {
        errno = EINTR;
        return -1;
    }
    if (shim.most != 0 && n > shim.most)
        n = shim.most;
    return (ssize_t)syscall(SYS_pread64, fd, buf, n, offset);
}

/* These take the place of the C library's, under either name. */
ssize_t pread64(int fd, void *buf, size_t n, off_t offset);

ssize_t
pread(int fd, void *buf, size_t n, off_t offset)
{
    return shim_read(fd, buf, n, offset);
}

ssize_t
pread64(int fd, void *buf, size_t n, off_t offset)
{
    return shim_read(fd, buf, n, offset);
}
#endif

#define FILE_SIZE 10000u

static char io_path[64];

static uint8_t
byte_at(uint64_t at)
{
    return (uint8_t)(at * 37 % 251);
}

static void
make_file(void)
{
    int fd;

    memset(&shim, 0, sizeof shim);
    strcpy(io_path, "/tmp/hi5-test-io-XXXXXX");
    fd = mkstemp(io_path);
    ck_assert_int_ge(fd, 0);
    for (uint64_t i = 0; i < FILE_SIZE; i++) {
        const uint8_t b = byte_at(i);
        ck_assert_int_eq(write(fd, &b, 1), 1);
    }
    close(fd);
}

static void
drop_file(void)
{
    unlink(io_path);
}

static hi5_io
open_it(void)
{
    uint64_t size;
    hi5_error err;
    hi5_io io;

    ck_ok(io_open_file(NULL, io_path, &io, &err), &err);
    ck_assert_uint_eq(io.size, sizeof io);
    ck_ok(io.get_size(io.ctx, &size, &err), &err);
    ck_assert_uint_eq(size, FILE_SIZE);
    return io;
}

static void
check_bytes(const uint8_t *got, uint64_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(got[i], byte_at(at + i));
}

START_TEST(test_file)
{
    hi5_io io = open_it();
    uint8_t got[FILE_SIZE];
    hi5_error err;

    ck_ok(io.read_at(io.ctx, 0, got, FILE_SIZE, &err), &err);
    check_bytes(got, 0, FILE_SIZE);
    ck_ok(io.read_at(io.ctx, 1234, got, 99, &err), &err);
    check_bytes(got, 1234, 99);
    io_close(&io);
    ck_assert_ptr_null(io.ctx);
    io_close(&io); /* closed is closed */
}
END_TEST

/* DRV-05, DRV-06: at, around and far beyond the end */
START_TEST(test_ends)
{
    static const uint64_t far[] = {FILE_SIZE + 1, 1ull << 62, INT64_MAX, 1ull << 63,
                                   UINT64_MAX};
    uint8_t bytes[FILE_SIZE], got[16];
    hi5_io io[2] = {open_it()};
    hi5_error err;

    for (unsigned i = 0; i < FILE_SIZE; i++)
        bytes[i] = byte_at(i);
    ck_ok(io_open_memory(NULL, bytes, FILE_SIZE, &io[1], &err), &err);
    for (unsigned k = 0; k < 2; k++) {
        hi5_status (*const read_at)(void *, uint64_t, void *, size_t, hi5_error *) =
            io[k].read_at;

        ck_ok(read_at(io[k].ctx, FILE_SIZE - 1, got, 1, &err), &err);
        check_bytes(got, FILE_SIZE - 1, 1);
        ck_ok(read_at(io[k].ctx, FILE_SIZE, got, 0, &err), &err);
        ck_status(read_at(io[k].ctx, FILE_SIZE - 1, got, 2, &err), HI5_E_TRUNCATED);
        ck_assert_str_ne(err.message, "");
        ck_status(read_at(io[k].ctx, FILE_SIZE, got, 1, &err), HI5_E_TRUNCATED);
        for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
            ck_status(read_at(io[k].ctx, far[i], got, 1, &err), HI5_E_TRUNCATED);
            ck_status(read_at(io[k].ctx, far[i], got, 16, NULL), HI5_E_TRUNCATED);
        }
        io_close(&io[k]);
    }
}
END_TEST

START_TEST(test_memory)
{
    const uint8_t bytes[3] = {7, 8, 9};
    uint64_t size;
    uint8_t got[3];
    hi5_error err;
    hi5_io io;

    ck_ok(io_open_memory(NULL, bytes, 3, &io, &err), &err);
    ck_ok(io.get_size(io.ctx, &size, &err), &err);
    ck_assert_uint_eq(size, 3);
    ck_ok(io.read_at(io.ctx, 1, got, 2, &err), &err);
    ck_assert(got[0] == 8 && got[1] == 9);
    io_close(&io);
    ck_ok(io_open_memory(NULL, NULL, 0, &io, &err), &err);
    ck_ok(io.read_at(io.ctx, 0, got, 0, &err), &err);
    ck_status(io.read_at(io.ctx, 0, got, 1, &err), HI5_E_TRUNCATED);
    io_close(&io);
}
END_TEST

#ifdef IO_SHIM
/* DRV-01: calls that give a few bytes, or are interrupted, or both */
START_TEST(test_short_reads)
{
    hi5_io io = open_it();
    uint8_t got[FILE_SIZE];
    hi5_error err;

    for (unsigned k = 1; k < 4; k++) {
        memset(got, 0xee, sizeof got);
        shim.most = k == 2 ? 0 : 7;
        shim.interrupt = k == 1 ? 0 : 2;
        shim.calls = 0;
        ck_ok(io.read_at(io.ctx, 11, got, 5000, &err), &err);
        check_bytes(got, 11, 5000);
        ck_assert_uint_ge(shim.calls, k == 2 ? 1 : 5000 / 7);
        ck_status(io.read_at(io.ctx, 6000, got, 5000, &err), HI5_E_TRUNCATED);
    }
    io_close(&io);
}
END_TEST

START_TEST(test_failing_reads)
{
    hi5_io io = open_it();
    uint8_t got[100];
    hi5_error err;

    for (unsigned n = 1; n < 10; n++) {
        shim.most = 10;
        shim.calls = 0;
        shim.fail_after = n;
        ck_status(io.read_at(io.ctx, 0, got, 100, &err), HI5_E_IO);
        ck_assert_ptr_nonnull(strstr(err.message, strerror(EIO)));
    }
    io_close(&io);
}
END_TEST
#endif

/* A file that somebody cuts while it is open: an error, nothing worse. */
START_TEST(test_cut)
{
    hi5_io io = open_it();
    uint8_t got[100];
    hi5_error err;

    ck_assert_int_eq(truncate(io_path, 50), 0);
    ck_ok(io.read_at(io.ctx, 0, got, 50, &err), &err);
    ck_status(io.read_at(io.ctx, 0, got, 51, &err), HI5_E_TRUNCATED);
    io_close(&io);
}
END_TEST

/* DRV-09: what cannot be opened, and no descriptor left behind */
START_TEST(test_not_files)
{
    char pipe_path[80];
    hi5_error err;
    hi5_io io;
    int before, after;

    before = open("/dev/null", O_RDONLY);
    close(before);
    ck_status(io_open_file(NULL, "/nonexistent/file", &io, &err), HI5_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.message, "/nonexistent/file"));
    ck_status(io_open_file(NULL, io_path[0] ? "/tmp" : "", &io, &err), HI5_E_IO);
    ck_status(io_open_file(NULL, "/dev/null", &io, &err), HI5_E_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "not a regular file"));
    snprintf(pipe_path, sizeof pipe_path, "%s.fifo", io_path);
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    ck_status(io_open_file(NULL, pipe_path, &io, &err), HI5_E_IO); /* does not wait */
    unlink(pipe_path);
    after = open("/dev/null", O_RDONLY);
    close(after);
    ck_assert_int_eq(before, after);
    ck_assert(io_exists(io_path) && !io_exists(pipe_path));
}
END_TEST

static void *
no_memory(void *ctx, void *p, size_t old_size, size_t new_size)
{
    unsigned *const left = ctx;

    if (new_size == 0 || *left == 0) {
        free(new_size == 0 ? p : NULL);
        return NULL;
    }
    (void)old_size;
    --*left;
    return realloc(p, new_size);
}

struct closes {
    unsigned n;
};

static void
count_close(void *ctx)
{
    ((struct closes *)ctx)->n++;
}

/* DRV-09: no memory at each step; whatever was open is closed. */
START_TEST(test_no_memory)
{
    for (unsigned n = 0; n < 3; n++) {
        unsigned left = n;
        const hi5_allocator a = {&left, no_memory};
        struct closes closes = {0};
        const hi5_io part = {.size = sizeof part, .ctx = &closes, .close = count_close};
        const struct io_part parts[2] = {{0, 5, part}, {5, 5, part}};
        const int before = open("/dev/null", O_RDONLY);
        int after;
        hi5_error err;
        hi5_status st;
        hi5_io io;

        close(before);
        st = io_open_parts(&a, parts, 2, &io, &err);
        ck_assert_int_eq(st, n < 2 ? HI5_E_NOMEM : HI5_OK);
        if (st == HI5_OK)
            io_close(&io);
        ck_assert_uint_eq(closes.n, 2);
        left = 0;
        ck_status(io_open_file(&a, io_path, &io, &err), HI5_E_NOMEM);
        ck_status(io_open_memory(&a, &left, 1, &io, &err), HI5_E_NOMEM);
        after = open("/dev/null", O_RDONLY);
        close(after);
        ck_assert_int_eq(before, after);
    }
}
END_TEST

/* DRV-07: reads across parts, into gaps, at every offset and length; given in any order */
START_TEST(test_parts)
{
    uint8_t bytes[3][10], got[40];
    struct io_part parts[3];
    uint64_t size;
    hi5_error err;
    hi5_io io;

    for (unsigned i = 0; i < 3; i++) /* 0 to 9, 10 to 17, 20 to 29 */
        for (unsigned k = 0; k < 10; k++)
            bytes[i][k] = (uint8_t)(10 * i + k);
    for (unsigned i = 0; i < 3; i++) {
        parts[2 - i] = (struct io_part){10 * i, i == 1 ? 8 : 10, {0}};
        ck_ok(io_open_memory(NULL, bytes[i], 10, &parts[2 - i].io, &err), &err);
    }
    ck_ok(io_open_parts(NULL, parts, 3, &io, &err), &err);
    ck_ok(io.get_size(io.ctx, &size, &err), &err);
    ck_assert_uint_eq(size, 30);
    for (unsigned at = 0; at < 32; at++)
        for (unsigned n = 0; n < 32; n++) {
            const bool hole = n > 0 && (at + n > 30 || (at < 20 && at + n > 18));
            const hi5_status st = io.read_at(io.ctx, at, got, n, &err);

            ck_assert_int_eq(st, hole ? HI5_E_TRUNCATED : HI5_OK);
            for (unsigned k = 0; k < n && !hole; k++)
                ck_assert_uint_eq(got[k], at + k);
            if (at < 30)
                ck_assert_uint_eq(io_clip(&io, at, n),
                                  at < 18   ? (at + n > 18 ? 18 - at : n)
                                  : at < 20 ? 0
                                            : (at + n > 30 ? 30 - at : n));
        }
    ck_status(io.read_at(io.ctx, UINT64_MAX, got, 2, &err), HI5_E_TRUNCATED);
    for (unsigned i = 0; i < 3; i++) { /* by address, however they were given */
        uint64_t start;

        ck_assert(io_range(&io, i, &start, &size));
        ck_assert_uint_eq(start, 10 * i);
        ck_assert_uint_eq(size, i == 1 ? 8 : 10);
    }
    ck_assert(!io_range(&io, 3, &size, &size));
    io_close(&io);
    ck_ok(io_open_memory(NULL, bytes[0], 10, &io, &err), &err);
    ck_assert(!io_range(&io, 0, &size, &size)); /* it is no whole of parts */
    io_close(&io);
}
END_TEST

/* Nothing outside of the folder, however it is written. */
START_TEST(test_confined)
{
    char folder[80], inside[120], outside[120], link[120], sibling[120];
    struct mem mem;
    hi5_error err;
    char *real;

    mem_init(&mem, NULL, 1u << 20);
    snprintf(folder, sizeof folder, "%s.d", io_path);
    snprintf(inside, sizeof inside, "%s/x", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    snprintf(outside, sizeof outside, "%s/../%s", folder, strrchr(io_path, '/') + 1);
    snprintf(sibling, sizeof sibling, "%sx", folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    close(open(inside, O_CREAT | O_WRONLY, 0600));
    close(open(sibling, O_CREAT | O_WRONLY, 0600));
    ck_assert_int_eq(symlink(io_path, link), 0);
    ck_ok(io_check_confined(&mem, inside, folder, &err), &err);
    ck_ok(io_check_confined(&mem, inside, "/", &err), &err);
    ck_status(io_check_confined(&mem, outside, folder, &err), HI5_E_STATE);
    ck_status(io_check_confined(&mem, link, folder, &err), HI5_E_STATE);
    ck_status(io_check_confined(&mem, sibling, folder, &err), HI5_E_STATE);
    ck_status(io_check_confined(&mem, "/nonexistent", folder, &err), HI5_E_NOTFOUND);
    ck_status(io_check_confined(&mem, inside, "/nonexistent", &err), HI5_E_NOTFOUND);
    real = io_real_path(&mem, link);
    ck_assert_ptr_nonnull(real);
    ck_assert_str_eq(strrchr(real, '/'), strrchr(io_path, '/'));
    mem_unbox(&mem, real);
    ck_assert_ptr_null(io_real_path(&mem, "/nonexistent"));
    unlink(link);
    unlink(inside);
    unlink(sibling);
    rmdir(folder);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

Suite *suite_io(void);

Suite *
suite_io(void)
{
    Suite *const s = suite_create("io");
    TCase *const c = tcase_create("io");

    tcase_add_checked_fixture(c, make_file, drop_file);
    tcase_add_test(c, test_file);
    tcase_add_test(c, test_ends);
    tcase_add_test(c, test_memory);
#ifdef IO_SHIM
    tcase_add_test(c, test_short_reads);
    tcase_add_test(c, test_failing_reads);
#endif
    tcase_add_test(c, test_cut);
    tcase_add_test(c, test_not_files);
    tcase_add_test(c, test_no_memory);
    tcase_add_test(c, test_parts);
    tcase_add_test(c, test_confined);
    suite_add_tcase(s, c);
    return s;
}
