/*
 * test_pit_world.c - pitfalls of interoperability: WORLD-xx of docs/pitfalls.md
 *
 * What some release or reader refuses is a verdict of the validator. Rules of their own
 * have rows in fixtures/bad/rules.tsv: LD-001, LD-002, SP-001, CV-001 to CV-003.
 */
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_world(void);

struct verdicts {
    unsigned newer, refused; /* LD-001, LD-002 */
    hi5_check_result result;
};

static void
count_verdicts(void *ctx, const hi5_finding *f)
{
    struct verdicts *const v = ctx;

    v->newer += strcmp(f->rule, "LD-001") == 0;
    v->refused += strcmp(f->rule, "LD-002") == 0;
}

static struct verdicts
verdicts_for(const char *name, unsigned release)
{
    const hi5_check_options options = {.size = sizeof options, .release = release};
    struct verdicts v = {0};
    hi5_error err = {0};

    ck_ok(hi5_check(fixture(name), NULL, &options, count_verdicts, &v, &v.result, &err),
          &err);
    return v;
}

/* WORLD-03, WORLD-09, WORLD-15: the release that a file needs is the oldest one with
 * nothing to object to. MATLAB before R2021b has 1.8. The files were written with these
 * bounds by libhdf5. */
static const struct {
    const char *name;
    unsigned needs;
} needing[] = {
    {"good/sb0.h5", 106},         {"good/sizes-4-4.h5", 106},
    {"good/filters-old.h5", 106}, {"good/groups-old.h5", 108}, /* an external link */
    {"good/sb2.h5", 108},         {"good/sohm-list.h5", 108},
    {"good/groups-new.h5", 110},  {"good/layouts-new.h5", 110},
    {"good/vds.h5", 110},
};

START_TEST(releases_that_files_need)
{
    static const unsigned releases[] = {106, 108, 110, 112, 114, 200};

    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
        const struct verdicts v = verdicts_for(needing[_i].name, releases[i]);

        ck_assert_uint_eq(v.result.needs_release, needing[_i].needs);
        ck_assert_msg((v.newer == 0) == (releases[i] >= needing[_i].needs),
                      "%s for %u: %u findings", needing[_i].name, releases[i], v.newer);
    }
}
END_TEST

/* WORLD-20: the text and the releases disagree: a version-1 tree may have more levels
 * than its nodes have children, but not for 2.0. Both verdicts can be had. */
START_TEST(text_and_releases)
{
    const struct verdicts by_text = verdicts_for("good/sb1-k.h5", 0);

    ck_assert_uint_eq(by_text.result.errors, 0);
    ck_assert_uint_eq(by_text.refused, 0);
    ck_assert_uint_eq(verdicts_for("good/sb1-k.h5", 114).refused, 0);
    ck_assert_uint_gt(verdicts_for("good/sb1-k.h5", 200).refused, 0);
}
END_TEST

/* WORLD-13: datasets with and without a modification time are equally sound. */
START_TEST(modification_times)
{
    const struct verdicts with = verdicts_for("good/times-old.h5", 106);
    const struct verdicts without = verdicts_for("good/sb0.h5", 106);

    ck_assert_uint_eq(with.result.errors + with.result.warnings, 0);
    ck_assert_uint_eq(without.result.errors + without.result.warnings, 0);
}
END_TEST

/* WORLD-12: what builds of libhdf5 with assertions abort on is read here, and is worth a
 * warning or a note at most: a chunk larger than the dataset can get. */
START_TEST(what_assertions_refuse)
{
    const struct verdicts v = verdicts_for("good/layouts-new.h5", 0);
    struct everything e = {0};
    hi5_file *const f = open_fixture("good/layouts-new.h5");

    read_everything(f, &e);
    hi5_close(f, NULL);
    ck_assert_uint_eq(e.failures, 0);
    ck_assert_uint_eq(v.result.errors, 0);
}
END_TEST

/* WORLD-14: a filter that a build lacks is named, by number and by name. */
START_TEST(missing_filters_are_named)
{
    struct patch p = patch_load("good/sb0.h5");
    const uint64_t at = patch_message(&p, "chunked", 11).address + 8;
    hi5_error err;

    patch_put(&p, at, 2, 32019); /* JPEG, */
    patch_put(&p, at + 8, 8, 0); /* without a name in the file */
    ck_assert(!hi5_filter_available(32019));
    ck_status(patch_read(&p, "chunked", NULL, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "32019"));
    ck_assert_ptr_nonnull(strstr(err.message, hi5_filter_known_name(32019)));
    patch_free(&p);
}
END_TEST

Suite *
suite_pit_world(void)
{
    Suite *s = suite_create("pit_world");
    TCase *t = tcase_create("pit_world");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, releases_that_files_need, 0,
                        sizeof needing / sizeof *needing);
    tcase_add_test(t, text_and_releases);
    tcase_add_test(t, modification_times);
    tcase_add_test(t, what_assertions_refuse);
    tcase_add_test(t, missing_filters_are_named);
    suite_add_tcase(s, t);
    return s;
}
