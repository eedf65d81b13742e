/*
 * test_hostile.c - bad files give the error that is due, placed where the defect is;
 * no file, however mangled, crashes the library or makes it take much memory
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "support.h"

Suite *suite_hostile(void);

/* An allocator that keeps count, and fails when told to. */
struct account {
    size_t used, most;
    size_t limit; /* one request; 0: none */
    unsigned long calls;
    unsigned long fail_at; /* the n-th call; 0: never */
};

static void *
counting_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    struct account *const a = ctx;

    ck_assert_msg(old_size <= a->used, "the account is wrong by %zu",
                  old_size - a->used);
    if (new_size == 0) {
        a->used -= old_size;
        free(p);
        return NULL;
    }
    ck_assert_msg(a->limit == 0 || new_size <= a->limit, "%zu bytes asked for at once",
                  new_size);
    if (++a->calls == a->fail_at)
        return NULL;
    p = realloc(p, new_size);
    ck_assert_ptr_nonnull(p);
    a->used += new_size - old_size;
    if (a->used > a->most)
        a->most = a->used;
    return p;
}

/* A line of fixtures/bad/index.tsv. */
struct defect {
    char file[64], what[64], status[128], from[24], to[24];
};

static bool
nth_defect(int n, struct defect *d)
{
    FILE *const in = fopen(fixture("bad/index.tsv"), "r");
    char line[512];
    bool found = false;

    if (in == NULL)
        return false;
    while (!found && fgets(line, sizeof(line), in) != NULL)
        if (line[0] != '#' && n-- == 0)
            found = sscanf(line, "%63[^\t]\t%63[^\t]\t%127[^\t]\t%23[^\t]\t%23[^\t\n]",
                           d->file, d->what, d->status, d->from, d->to) == 5;
    fclose(in);
    return found;
}

static int
count_defects(void)
{
    struct defect d;
    int n = 0;

    while (nth_defect(n, &d))
        n++;
    return n;
}

static hi5_status
ignore_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    (void)ctx, (void)link, (void)err;
    return HI5_OK;
}

static hi5_status
read_dataset(hi5_file *f, const char *path, hi5_error *err)
{
    static unsigned char buf[1 << 16];
    hi5_dataset *d;
    hi5_status s = hi5_dataset_open(f, path, &d, err);

    if (s == HI5_OK) {
        if (hi5_shape_count(hi5_dataset_shape(d)) > 1000)
            s = hi5_dataset_read(d, NULL, NULL, NULL, err);
        else
            s = hi5_dataset_read(d, NULL, NULL, buf, err);
        hi5_dataset_close(d);
    }
    return s;
}

static hi5_status
read_attribute(hi5_file *f, const char *path, const char *name, hi5_error *err)
{
    unsigned char buf[64];
    hi5_object *o;
    hi5_attribute *a;
    hi5_status s = hi5_object_open(f, path, &o, err);

    if (s)
        return s;
    s = hi5_attribute_open(o, name, &a, err);
    if (s == HI5_OK) {
        s = hi5_attribute_read(a, NULL, buf, err);
        hi5_attribute_close(a);
    }
    hi5_object_close(o);
    return s;
}

/* "." opens the file; "*g" lists group g; "x@a" reads an attribute; else a dataset,
 * or "/". */
static hi5_status
provoke(const struct defect *d, const hi5_open_options *options, hi5_error *err)
{
    char path[128], *at;
    hi5_file *f;
    hi5_group *g;
    hi5_status s;

    snprintf(path, sizeof(path), "bad/%s", d->file);
    s = hi5_open(fixture(path), options, &f, err);
    if (s || strcmp(d->what, ".") == 0) {
        if (s == HI5_OK)
            hi5_close(f, NULL);
        return s;
    }
    snprintf(path, sizeof(path), "%s", d->what);
    if (path[0] == '*' || path[0] == '/') {
        s = hi5_group_open(f, path[0] == '*' && path[1] != '\0' ? path + 1 : "/", &g,
                           err);
        if (s == HI5_OK) {
            s = hi5_group_each(g, HI5_BY_NAME, false, ignore_link, NULL, err);
            hi5_group_close(g);
        }
    } else if ((at = strchr(path, '@')) != NULL) {
        *at = '\0';
        s = read_attribute(f, path, at + 1, err);
    } else {
        s = read_dataset(f, path, err);
    }
    hi5_close(f, NULL);
    return s;
}

static bool
listed(const char *status, const char *list)
{
    const size_t n = strlen(status);

    for (const char *p = list; p != NULL; p = strchr(p, '|')) {
        p += *p == '|';
        if (strncmp(p, status, n) == 0 && (p[n] == '|' || p[n] == '\0'))
            return true;
    }
    return false;
}

START_TEST(defect)
{
    struct account account = {.limit = 32 << 20};
    const hi5_allocator allocator = {&account, counting_resize};
    const hi5_open_options options = {.size = sizeof(options), .allocator = &allocator};
    struct defect d;
    hi5_error err = {0};
    hi5_status s;

    ck_assert(nth_defect(_i, &d));
    s = provoke(&d, &options, &err);
    ck_assert_msg(s != HI5_OK, "%s: is read without an error", d.file);
    ck_assert_msg(listed(hi5_status_name(s), d.status), "%s: \"%s\" is due, not: %s",
                  d.file, d.status, error_text(&err));
    ck_assert_msg(err.status == s, "%s: status %d returned, %d told", d.file, (int)s,
                  (int)err.status);
    if (d.from[0] != '-') {
        const uint64_t from = strtoull(d.from, NULL, 10), to = strtoull(d.to, NULL, 10);

        ck_assert_msg(err.address >= from && err.address < to,
                      "%s: the defect is in [%s, %s), not: %s", d.file, d.from, d.to,
                      error_text(&err));
        ck_assert_msg(err.structure[0] != '\0', "%s: no structure: %s", d.file,
                      error_text(&err));
    }
    ck_assert_uint_eq(account.used, 0);
}
END_TEST

START_TEST(defects_are_there)
{
    ck_assert_int_gt(count_defects(), 60);
}
END_TEST

/* Files that stand for many others, and are small. */
static const char *const small_files[] = {
    "good/sb0.h5",           "good/sb3.h5",        "good/sb1-k.h5",
    "good/refs-new.h5",      "good/fspace-fsm.h5", "good/cache-image.h5",
    "good/sizes-2-4-sb3.h5", "good/h5py.h5",       "good/groups-filtered-heap.h5",
    "good/vds.h5",           "good/external.h5",   "good/times-old.h5",
};
enum { SMALL_FILES = sizeof(small_files) / sizeof(*small_files) };

static void
read_mangled(const unsigned char *bytes, size_t n, const char *name, size_t at)
{
    struct account account = {.limit = 64 << 20};
    const hi5_allocator allocator = {&account, counting_resize};
    const hi5_limits limits = {.size = sizeof(limits), .memory = 48 << 20};
    const hi5_open_options options = {.size = sizeof(options),
                                      .allocator = &allocator,
                                      .limits = &limits,
                                      .others = HI5_OTHERS_FORBID};
    struct everything e;
    hi5_file *f;
    hi5_error err = {0};

    if (hi5_open_memory(bytes, n, &options, &f, &err)) {
        ck_assert_msg(err.status != HI5_E_INTERNAL, "%s, %zu: %s", name, at,
                      err.message);
    } else {
        read_everything(f, &e);
        ck_assert_msg(e.internal == 0, "%s, %zu: %s", name, at, e.first.message);
        ck_assert_msg(e.silent == 0, "%s, %zu: an error without a message", name, at);
        hi5_close(f, NULL);
    }
    ck_assert_msg(account.used == 0, "%s, %zu: %zu bytes lost", name, at, account.used);
}

START_TEST(truncated_anywhere)
{
    size_t n;
    unsigned char *const bytes = slurp(fixture(small_files[_i]), &n);

    for (size_t left = 0; left < n; left += 1 + left / 97)
        read_mangled(bytes, left, small_files[_i], left);
    free(bytes);
}
END_TEST

/* A byte here and there; every bit of it sooner or later. */
START_TEST(flipped_anywhere)
{
    size_t n;
    unsigned char *const bytes = slurp(fixture(small_files[_i]), &n);

    for (size_t at = 0; at < n; at += 1 + n / 500) {
        const unsigned char was = bytes[at];

        bytes[at] ^= (unsigned char)(1u << (at * 5 % 8));
        read_mangled(bytes, n, small_files[_i], at);
        bytes[at] = (unsigned char)~was;
        read_mangled(bytes, n, small_files[_i], at);
        bytes[at] = was;
    }
    free(bytes);
}
END_TEST

/* Whichever allocation fails: an error, and nothing lost. */
START_TEST(no_memory)
{
    size_t n;
    unsigned char *const bytes = slurp(fixture(small_files[_i]), &n);

    for (unsigned long fail_at = 1;; fail_at += 1 + fail_at / 40) {
        struct account account = {.fail_at = fail_at};
        const hi5_allocator allocator = {&account, counting_resize};
        const hi5_open_options options = {.size = sizeof(options),
                                          .allocator = &allocator,
                                          .others = HI5_OTHERS_FORBID};
        struct everything e = {0};
        hi5_file *f;
        hi5_error err = {0};

        if (hi5_open_memory(bytes, n, &options, &f, &err) == HI5_OK) {
            read_everything(f, &e);
            hi5_close(f, NULL);
        }
        ck_assert_uint_eq(account.used, 0);
        ck_assert_msg(err.status != HI5_E_INTERNAL && e.internal == 0,
                      "%s: allocation %lu: %s", small_files[_i], fail_at,
                      e.first.message);
        if (account.calls < fail_at)
            break;
    }
    free(bytes);
}
END_TEST

/* A source that fails from the n-th read on. */
struct source {
    const unsigned char *bytes;
    size_t n;
    unsigned long calls, fail_at;
    unsigned closed;
};

static hi5_status
source_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct source *const s = ctx;

    if (++s->calls >= s->fail_at) {
        if (err != NULL) {
            *err = (hi5_error){.status = HI5_E_IO,
                               .structure = "",
                               .field = "",
                               .section = "",
                               .address = HI5_NO_ADDRESS};
            snprintf(err->message, sizeof(err->message), "the disk is gone");
        }
        return HI5_E_IO;
    }
    ck_assert_msg(offset <= s->n && n <= s->n - offset, "%zu bytes read at %zu of %zu",
                  n, (size_t)offset, s->n);
    memcpy(buf, s->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
source_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((struct source *)ctx)->n;
    return HI5_OK;
}

static void
source_close(void *ctx)
{
    ((struct source *)ctx)->closed++;
}

/* Wherever it begins: a failure comes out, and the source is closed once. */
START_TEST(no_disk)
{
    size_t n;
    unsigned char *const bytes = slurp(fixture(small_files[_i]), &n);

    for (unsigned long fail_at = 1;; fail_at++) {
        struct source source = {.bytes = bytes, .n = n, .fail_at = fail_at};
        const hi5_io io = {.size = sizeof(io),
                           .ctx = &source,
                           .read_at = source_read,
                           .get_size = source_size,
                           .close = source_close};
        const hi5_open_options options = {.size = sizeof(options),
                                          .others = HI5_OTHERS_FORBID};
        struct everything e = {0};
        hi5_file *f;
        hi5_error err = {0};
        const hi5_status status = hi5_open_io(&io, "source", &options, &f, &err);

        if (status == HI5_OK) {
            read_everything(f, &e);
            hi5_close(f, NULL);
        }
        ck_assert_uint_eq(source.closed, 1);
        if (source.calls < fail_at)
            break;
        ck_assert_msg(status == HI5_E_IO || e.failures > 0,
                      "%s: read %lu fails unnoticed", small_files[_i], fail_at);
        ck_assert_uint_eq(e.internal, 0);
    }
    free(bytes);
}
END_TEST

START_TEST(not_hdf5)
{
    hi5_file *f;
    hi5_error err;
    static const unsigned char zeros[4096];

    ck_status(hi5_open_memory(zeros, sizeof(zeros), NULL, &f, &err), HI5_E_CORRUPT);
    ck_assert_ptr_null(f);
    ck_status(hi5_open_memory(zeros, 0, NULL, &f, &err), HI5_E_CORRUPT);
    ck_status(hi5_open(fixture("README.md"), NULL, &f, &err), HI5_E_CORRUPT);
    ck_status(hi5_open(fixture("good/none.h5"), NULL, &f, &err), HI5_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.message, "none.h5"));
}
END_TEST

Suite *
suite_hostile(void)
{
    Suite *const suite = suite_create("hostile");
    TCase *tc = tcase_create("defects");

    tcase_add_test(tc, defects_are_there);
    tcase_add_loop_test(tc, defect, 0, count_defects());
    tcase_add_test(tc, not_hdf5);
    suite_add_tcase(suite, tc);
    tc = tcase_create("mangled");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, truncated_anywhere, 0, SMALL_FILES);
    tcase_add_loop_test(tc, flipped_anywhere, 0, SMALL_FILES);
    tcase_add_loop_test(tc, no_memory, 0, SMALL_FILES);
    tcase_add_loop_test(tc, no_disk, 0, SMALL_FILES);
    suite_add_tcase(suite, tc);
    return suite;
}
