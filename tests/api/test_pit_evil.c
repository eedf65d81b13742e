/*
 * test_pit_evil.c - pitfalls of hostile input: EVIL-xx of docs/pitfalls.md
 *
 * Most have tests beside the codec that is attacked. What is here concerns whole files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_evil(void);

#define MSG_LAYOUT 8

static void
count_errors(void *ctx, const hi5_finding *f)
{
    *(int *)ctx += f->severity == HI5_ERROR;
}

static hi5_check_result
checked(const void *bytes, size_t n)
{
    const hi5_open_options open = {.size = sizeof open, .others = HI5_OTHERS_FORBID};
    hi5_check_result result;
    hi5_error err = {0};
    int errors = 0;

    ck_ok(hi5_check_memory(bytes, n, &open, NULL, count_errors, &errors, &result, &err),
          &err);
    ck_assert_uint_eq(result.errors, (uint64_t)errors);
    return result;
}

/* Everything in a file, by a walk that follows hard links to each object once. */
static struct everything
walked(const void *bytes, size_t n)
{
    struct everything e = {0};
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open_memory(bytes, n, NULL, &f, &err), &err);
    read_everything(f, &e);
    hi5_close(f, NULL);
    return e;
}

/* EVIL-30: 64 groups, each with two links to the next: 2^64 paths, 65 objects. */
START_TEST(doubled_links)
{
    const hi5_create_options options = {.size = sizeof options};
    char path[200] = "", next[220], again[220];
    const void *image;
    hi5_error err;
    hi5_file *f;
    size_t n;

    ck_ok(hi5_create_memory(&options, &f, &err), &err);
    for (int i = 0; i < 64; i++) {
        snprintf(next, sizeof next, "%s/a", path);
        snprintf(again, sizeof again, "%s/b", path);
        ck_ok(hi5_group_create(f, next, NULL, NULL, &err), &err);
        ck_ok(hi5_link_hard(f, again, next, &err), &err);
        memcpy(path, next, strlen(next) + 1);
    }
    ck_ok(hi5_flush(f, 0, &err), &err);
    ck_ok(hi5_file_image(f, &image, &n, &err), &err);
    ck_assert_uint_eq(checked(image, n).objects, 65);
    ck_assert_uint_eq(checked(image, n).errors, 0);
    ck_assert_uint_eq(walked(image, n).objects, 65);
    hi5_close(f, NULL);
}
END_TEST

/* EVIL-30: a link that leads back is a note, and the end of neither walk. */
START_TEST(links_in_circles)
{
    struct patch p = patch_load("good/sb0.h5");
    const hi5_check_result before = checked(p.b, p.n);

    patch_put(&p, patch_find(&p, "SNOD", 4, 0) + 8 + 40 + 8, 8, 0x60); /* the root */
    ck_assert_uint_eq(checked(p.b, p.n).errors, 0);
    ck_assert_uint_eq(checked(p.b, p.n).objects, before.objects - 1);
    ck_assert_uint_eq(walked(p.b, p.n).failures, 0);
    patch_free(&p);
}
END_TEST

/* EVIL-24, EVIL-25: 2^60 elements, or the end of 64 bits, in a file of 12 KB: nothing is
 * allocated or added up before it is compared with what is there. */
START_TEST(sizes_without_bytes)
{
    static const uint64_t sizes[] = {(uint64_t)1 << 60, UINT64_MAX - 7, UINT64_MAX - 1};
    const hi5_limits limits = {.size = sizeof limits, .memory = 64u << 20};
    const hi5_open_options open = {.size = sizeof open, .limits = &limits};
    struct patch p = patch_load("good/sb0.h5");
    const uint64_t at = patch_message(&p, "contiguous", MSG_LAYOUT).address;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (unsigned field = 0; field < 2; field++) { /* address, size */
            const uint64_t was = patch_get(&p, at + 2 + 8 * field, 8);
            hi5_check_result result;
            hi5_error err = {0};

            patch_put(&p, at + 2 + 8 * field, 8, sizes[i]);
            ck_ok(hi5_check_memory(p.b, p.n, &open, NULL, NULL, NULL, &result, &err),
                  &err);
            ck_assert_uint_ge(result.errors, 1);
            ck_assert_uint_eq(walked(p.b, p.n).internal, 0);
            patch_put(&p, at + 2 + 8 * field, 8, was);
        }
    patch_free(&p);
}
END_TEST

/* EVIL-31: a member whose name has 10,000 letters. */
START_TEST(long_names)
{
    enum { LETTERS = 10000 };
    const hi5_create_options options = {.size = sizeof options};
    char *const name = malloc(LETTERS + 1);
    const void *image;
    hi5_dataset *d;
    hi5_member m = {0}, got;
    hi5_type *t;
    hi5_error err;
    hi5_file *f, *again;
    size_t n;

    ck_assert_ptr_nonnull(name);
    memset(name, 'n', LETTERS);
    name[LETTERS] = '\0';
    m.name = name;
    m.type = HI5_I32;
    ck_ok(hi5_type_compound(4, &m, 1, &t, &err), &err);
    ck_ok(hi5_create_memory(&options, &f, &err), &err);
    ck_ok(hi5_dataset_create(f, "x", t, 0, NULL, NULL, &d, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_flush(f, 0, &err), &err);
    ck_ok(hi5_file_image(f, &image, &n, &err), &err);
    ck_assert_uint_eq(checked(image, n).errors, 0);
    ck_ok(hi5_open_memory(image, n, NULL, &again, &err), &err);
    ck_ok(hi5_dataset_open(again, "x", &d, &err), &err);
    ck_assert(hi5_type_member(hi5_dataset_type(d), 0, &got));
    ck_assert_str_eq(got.name, name);
    hi5_dataset_close(d);
    hi5_close(again, NULL);
    hi5_close(f, NULL);
    hi5_type_free(t);
    free(name);
}
END_TEST

/* EVIL-33: files that a file names are opened as the caller allows: nowhere, or not
 * outside a folder. */
START_TEST(other_files_are_a_matter_of_policy)
{
    char folder[512];
    hi5_open_options options = {.size = sizeof options, .others = HI5_OTHERS_FORBID};
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open(fixture("good/links-source.h5"), &options, &f, &err), &err);
    ck_status(read_numbers(f, "away/data", NULL, &err), HI5_E_STATE);
    hi5_close(f, NULL);
    snprintf(folder, sizeof folder, "%s", fixture("bad")); /* not where it is */
    options.others = HI5_OTHERS_CONFINE;
    options.others_folder = folder;
    ck_ok(hi5_open(fixture("good/links-source.h5"), &options, &f, &err), &err);
    ck_assert_int_ne(read_numbers(f, "away/data", NULL, &err), HI5_OK);
    hi5_close(f, NULL);
    options.others_folder = NULL;
    ck_status(hi5_open(fixture("good/links-source.h5"), &options, &f, &err), HI5_E_ARG);
}
END_TEST

Suite *
suite_pit_evil(void)
{
    Suite *s = suite_create("pit_evil");
    TCase *t = tcase_create("pit_evil");

    tcase_set_timeout(t, 20);
    tcase_add_test(t, doubled_links);
    tcase_add_test(t, links_in_circles);
    tcase_add_test(t, sizes_without_bytes);
    tcase_add_test(t, long_names);
    tcase_add_test(t, other_files_are_a_matter_of_policy);
    suite_add_tcase(s, t);
    return s;
}
