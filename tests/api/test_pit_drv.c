/*
 * test_pit_drv.c - pitfalls of drivers and byte sources: DRV-xx of docs/pitfalls.md
 */
#define _DEFAULT_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_drv(void);

/* A pread that is interrupted at every other call, and moves few bytes, when told to:
 * this program's own comes before the C library's. */
#if defined(__linux__) && defined(__GLIBC__)
#include <sys/syscall.h>
#define OWN_PREAD 1

static _Atomic size_t most_at_once; /* 0: as usual */
static _Atomic unsigned long preads; /* threads read, too */

ssize_t pread64(int fd, void *buf, size_t n, int64_t offset);

ssize_t
pread64(int fd, void *buf, size_t n, int64_t offset)
{
    if (most_at_once != 0) {
        if (preads++ % 2 == 0) {
            errno = EINTR;
            return -1;
        }
        if (n > most_at_once)
            n = most_at_once;
    }
    return (ssize_t)syscall(SYS_pread64, fd, buf, n, offset);
}

ssize_t
pread(int fd, void *buf, size_t n, off_t offset)
{
    return pread64(fd, buf, n, offset);
}
#endif

static struct everything
all_of(const char *path, const hi5_open_options *options)
{
    struct everything e;
    hi5_file *f;
    hi5_error err;

    ck_ok(hi5_open(path, options, &f, &err), &err);
    read_everything(f, &e);
    hi5_close(f, NULL);
    return e;
}

/* DRV-01, STORE-02: reads that are short or interrupted give the same values; external
 * raw data among them. */
START_TEST(short_reads)
{
#ifdef OWN_PREAD
    static const char *const files[] = {"good/layouts-new.h5", "good/external.h5",
                                        "good/heaps.h5", "good/vds.h5"};
    static const size_t most[] = {1, 7, 512};
    const hi5_open_options options = {.size = sizeof(options),
                                      .raw_prefix = "${ORIGIN}"};

    for (int i = 0; i < 4; i++) {
        const struct everything usual = all_of(fixture(files[i]), &options);

        for (int k = 0; k < 3; k++) {
            struct everything e;

            most_at_once = most[k];
            preads = 0;
            e = all_of(fixture(files[i]), &options);
            most_at_once = 0;
            ck_assert_uint_gt(preads, 10);
            ck_assert_uint_eq(e.sum, usual.sum);
            ck_assert_uint_eq(e.objects, usual.objects);
            ck_assert_uint_eq(e.failures, usual.failures);
        }
    }
#endif
}
END_TEST

/* The path of a temporary file; the tests run in one process at a time. */
static const char *
temporary(const char *name)
{
    static char path[256];
    const char *const dir = getenv("TMPDIR");

    snprintf(path, sizeof(path), "%.150s/hi5-%ld-%.60s", dir ? dir : "/tmp",
             (long)getpid(), name);
    return path;
}

static void
spill(const char *path, const unsigned char *b, size_t n)
{
    FILE *const out = fopen(path, "wb");

    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(b, 1, n, out), n);
    ck_assert_int_eq(fclose(out), 0);
}

/* DRV-02: the user block of a family is at the beginning of the whole, of however many
 * members it takes: 1024 bytes in members of 4096, 1024, 700 and 100 bytes. */
START_TEST(family_behind_a_user_block)
{
    static const size_t members[] = {4096, 1024, 700, 100};
    struct patch p = patch_load("good/userblock-sb0.h5");
    const struct everything wanted = all_of(fixture("good/userblock-sb0.h5"), NULL);
    const hi5_open_options options = {.size = sizeof(options),
                                      .driver = HI5_DRIVER_FAMILY};
    char form[256], name[300];

    snprintf(form, sizeof(form), "%s", temporary("%03d.h5"));
    for (int k = 0; k < 4; k++) {
        struct everything e;
        hi5_file *f;
        hi5_file_info i;
        hi5_error err;
        int n = 0;

        for (size_t at = 0; at < p.n; at += members[k]) {
            snprintf(name, sizeof(name), temporary("%03d.h5"), n++);
            spill(name, p.b + at, p.n - at < members[k] ? p.n - at : members[k]);
        }
        e = all_of(form, &options);
        ck_assert_uint_eq(e.sum, wanted.sum);
        ck_assert_uint_eq(e.failures, 0);
        ck_ok(hi5_open(form, &options, &f, &err), &err);
        hi5_file_get_info(f, &i);
        ck_assert_uint_eq(i.userblock_size, 1024);
        ck_assert_uint_eq(i.file_size, p.n);
        hi5_close(f, NULL);
        while (n-- > 0) {
            snprintf(name, sizeof(name), temporary("%03d.h5"), n);
            ck_assert_int_eq(remove(name), 0);
        }
    }
    patch_free(&p);
}
END_TEST

/* DRV-03: the same calls, spread over several files: the same values. */
START_TEST(spread)
{
    static const struct {
        const char *path, *like;
        hi5_driver driver;
        const char *name;
    } all[] = {
        {"good/family-%02d.h5", "good/sb0.h5", HI5_DRIVER_FAMILY, "NCSAfami"},
        {"good/family3-%02d.h5", "good/sb3.h5", HI5_DRIVER_FAMILY, "NCSAfami"},
        {"good/split", "good/sb0.h5", HI5_DRIVER_SPLIT, "NCSAmult"},
        {"good/split3", "good/sb3.h5", HI5_DRIVER_SPLIT, "NCSAmult"},
        {"good/multi", "good/sb0.h5", HI5_DRIVER_MULTI, "NCSAmult"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        const hi5_open_options options = {.size = sizeof(options),
                                          .driver = all[i].driver};
        const struct everything wanted = all_of(fixture(all[i].like), NULL);
        const struct everything e = all_of(fixture(all[i].path), &options);
        hi5_file *f;
        hi5_file_info info;
        hi5_error err;

        ck_assert_msg(e.sum == wanted.sum && e.failures == 0, "%s: %s", all[i].path,
                      error_text(&e.first));
        ck_ok(hi5_open(fixture(all[i].path), &options, &f, &err), &err);
        hi5_file_get_info(f, &info);
        ck_assert_str_eq(info.driver_name, all[i].name);
        hi5_close(f, NULL);
    }
}
END_TEST

static void
read_ranges(hi5_file *f, const unsigned char *b, size_t n, size_t border)
{
    unsigned char buf[300];
    hi5_error err;

    for (size_t at = border < 3 ? 0 : border - 3; at <= border + 3; at++)
        for (size_t len = 0; len <= 300; len += len < 6 ? 1 : 49) {
            if (at + len <= n) {
                ck_ok(hi5_file_read_bytes(f, at, buf, len, &err), &err);
                ck_assert(memcmp(buf, b + at, len) == 0);
            } else if (len > 0) {
                ck_status(hi5_file_read_bytes(f, at, buf, len, &err), HI5_E_TRUNCATED);
            }
        }
}

/* DRV-05, DRV-06, DRV-07: reads that end at, before and behind the borders of blocks
 * and of the file, from a path and from memory; far beyond; where the sum wraps. */
START_TEST(borders)
{
    struct patch p = patch_load("good/layouts-old.h5");

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = k ? patch_open(&p) : open_fixture("good/layouts-old.h5");
        static const uint64_t far[] = {1ull << 31,       1ull << 32,     1ull << 63,
                                       (1ull << 63) - 1, UINT64_MAX - 1, UINT64_MAX};
        unsigned char buf[8];
        struct everything e;
        hi5_error err;

        read_everything(f, &e); /* so that there is something in the cache */
        for (size_t border = 0; border < p.n; border += 512)
            read_ranges(f, p.b, p.n, border);
        read_ranges(f, p.b, p.n, p.n);
        for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++)
            ck_status(hi5_file_read_bytes(f, far[i], buf, 8, &err), HI5_E_TRUNCATED);
        hi5_close(f, NULL);
    }
    patch_free(&p);
}
END_TEST

static int
open_files(void)
{
    DIR *const dir = opendir("/proc/self/fd");
    int n = 0;

    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

/* DRV-09: however opening or reading fails, no descriptor stays open. */
START_TEST(descriptors)
{
    static const char *const paths[] = {
        "bad/sb-signature.h5", "bad/sb-checksum.h5",  "bad/sb-file-cut.h5",
        "bad/sb-version-9.h5", "bad/sb0-leaf-k-0.h5", "bad/sb-root-beyond-end.h5",
        "README.md",           "good/none.h5",        "good",
        "good/family-%02d.h5", "good/vds.h5",         "good/links-source.h5",
        "good/external.h5",    "good/split",          "good/multi",
    };
    const int before = open_files();

    for (int driver = 0; driver <= HI5_DRIVER_MULTI; driver++)
        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
            const hi5_open_options options = {.size = sizeof(options),
                                              .driver = (hi5_driver)driver};
            struct everything e;
            hi5_object *o;
            hi5_file *f;
            hi5_error err;

            if (hi5_open(fixture(paths[i]), &options, &f, &err)) {
                ck_assert_ptr_null(f);
                continue;
            }
            read_everything(f, &e);
            if (hi5_object_open(f, "/away/back", &o, &err) == HI5_OK)
                hi5_object_close(o);
            if (hi5_object_open(f, "/missing", &o, &err) == HI5_OK)
                hi5_object_close(o);
            hi5_close(f, NULL);
        }
    ck_assert_int_eq(open_files(), before);
}
END_TEST

static hi5_status
mem_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct patch *const p = ctx;

    (void)err;
    if (offset > p->n || n > p->n - offset)
        return HI5_E_TRUNCATED;
    memcpy(buf, p->b + offset, n);
    return HI5_OK;
}

static hi5_status
mem_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct patch *)ctx)->n;
    return HI5_OK;
}

/* DRV-14: path, memory and a source of one's own: the same values, the same errors, for
 * every good file. */
START_TEST(sources)
{
    static char names[200][64];
    const hi5_open_options options = {.size = sizeof(options),
                                      .others = HI5_OTHERS_FORBID};
    const int n = good_fixtures(names, 200);

    ck_assert_int_gt(n, 60);
    for (int i = 0; i < n; i++) {
        struct patch p = patch_load(names[i]);
        const hi5_io io = {
            .size = sizeof(io), .ctx = &p, .read_at = mem_read, .get_size = mem_size};
        struct everything e[3];
        hi5_file *f[3];
        hi5_error err;

        ck_ok(hi5_open(fixture(names[i]), &options, &f[0], &err), &err);
        ck_ok(hi5_open_memory(p.b, p.n, &options, &f[1], &err), &err);
        ck_ok(hi5_open_io(&io, "a name", &options, &f[2], &err), &err);
        for (int k = 0; k < 3; k++) {
            read_everything(f[k], &e[k]);
            hi5_close(f[k], NULL);
            ck_assert_msg(e[k].sum == e[0].sum && e[k].objects == e[0].objects &&
                              e[k].failures == e[0].failures,
                          "%s: source %d", names[i], k);
            if (e[k].failures != 0)
                ck_assert_str_eq(e[k].first.cause, e[0].first.cause);
        }
        patch_free(&p);
    }
}
END_TEST

Suite *
suite_pit_drv(void)
{
    Suite *const suite = suite_create("pit_drv");
    TCase *const tc = tcase_create("pit_drv");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, short_reads);
    tcase_add_test(tc, family_behind_a_user_block);
    tcase_add_test(tc, spread);
    tcase_add_test(tc, borders);
    tcase_add_test(tc, descriptors);
    tcase_add_test(tc, sources);
    suite_add_tcase(suite, tc);
    return suite;
}
