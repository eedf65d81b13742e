/*
 * run.c - one runner for all suites of a test program
 *
 * The suites are found by file name: test_<x>.c has `Suite *suite_<x>(void)`, and the
 * Makefile writes the list (SUITES names it). CK_RUN_SUITE, CK_RUN_CASE, CK_FORK and
 * the other variables of Check work as usual. The last line is for tools/check.sh.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SUITE(name) Suite *suite_##name(void);
#include SUITES
#undef SUITE

int
main(void)
{
    SRunner *runner = srunner_create(NULL);
    int failed, run;

#define SUITE(name) srunner_add_suite(runner, suite_##name());
#include SUITES
#undef SUITE

    srunner_run_all(runner, CK_ENV);
    run = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    printf("%d passed, %d failed\n", run - failed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
