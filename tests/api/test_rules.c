/*
 * test_rules.c - each rule of the validator is found where it is broken, and no other
 *
 * fixtures/bad/rules.tsv has the cases: a good fixture, some bytes to change, and the
 * finding that is due. The changes are made in memory. fixtures/make/bad_rules.py made
 * the table; addresses and fields follow from what it changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_rules(void);

enum {
    COL_RULE,
    COL_CASE,
    COL_BASE,
    COL_SEVERITY,
    COL_STRUCTURE,
    COL_FIELD,
    COL_ADDRESS,
    COL_OPTIONS,
    COL_ALSO,
    COL_DAMAGE,
    COLUMNS
};

/* ---- the table ---- */

struct row {
    char *text; /* the whole table */
    char *col[COLUMNS];
};

/* The nth line of the table that is no comment. */
static bool
row_get(size_t n, struct row *r)
{
    size_t size;
    char *line;

    r->text = (char *)slurp(fixture("bad/rules.tsv"), &size);
    ck_assert_uint_gt(size, 0);
    r->text[size - 1] = '\0'; /* the last newline */
    for (line = r->text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (line[0] != '#' && n-- == 0)
            break;
    }
    if (line == NULL) {
        free(r->text);
        return false;
    }
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++) {
        ck_assert_msg(line != NULL, "a line of rules.tsv is too short");
        r->col[i] = line;
        line = strchr(line, '\t');
        if (line != NULL)
            *line++ = '\0';
    }
    return true;
}

static int
rows(void)
{
    FILE *const in = fopen(fixture("bad/rules.tsv"), "r");
    int n = 0, before = '\n', c;

    for (; in != NULL && (c = fgetc(in)) != EOF; before = c)
        n += before == '\n' && c != '#';
    if (in != NULL)
        fclose(in);
    return n;
}

/* "OFFSET:BYTES OFFSET:BYTES ...", in hexadecimal. */
static void
row_damage(const struct row *r, struct patch *p)
{
    const char *s = r->col[COL_DAMAGE];

    while (*s != '\0' && *s != '-') {
        char *end;
        size_t at = strtoul(s, &end, 16), n;

        ck_assert(*end == ':');
        n = strspn(++end, "0123456789abcdef") / 2;
        if (at + n > p->n) {
            p->b = realloc(p->b, at + n);
            ck_assert_ptr_nonnull(p->b);
            p->n = at + n;
        }
        for (; n > 0; n--, end += 2) {
            const char digits[3] = {end[0], end[1], '\0'};
            p->b[at++] = (unsigned char)strtoul(digits, NULL, 16);
        }
        s = end + strspn(end, " ");
    }
}

static hi5_check_options
row_options(const struct row *r)
{
    hi5_check_options o = {.size = sizeof o};

    sscanf(r->col[COL_OPTIONS], "spec=%u", &o.spec);
    sscanf(r->col[COL_OPTIONS], "release=%u", &o.release);
    return o;
}

/* ---- findings ---- */

enum { MOST = 256 };

struct found {
    size_t n;
    hi5_finding f[MOST]; /* static strings only */
};

static void
keep_finding(void *ctx, const hi5_finding *f)
{
    struct found *const found = ctx;

    if (found->n < MOST)
        found->f[found->n++] = *f;
}

static void
find(const struct patch *p, const hi5_check_options *options, struct found *found)
{
    const hi5_open_options open = {.size = sizeof open, .others = HI5_OTHERS_FORBID};
    hi5_check_result result;
    hi5_error err = {0};

    found->n = 0;
    ck_ok(hi5_check_memory(p->b, p->n, &open, options, keep_finding, found, &result,
                           &err),
          &err);
}

static bool
was_there(const struct found *before, const hi5_finding *f)
{
    for (size_t i = 0; i < before->n; i++)
        if (strcmp(before->f[i].rule, f->rule) == 0 &&
            strcmp(before->f[i].field, f->field) == 0 &&
            before->f[i].address == f->address)
            return true;
    return false;
}

static bool
is_due(const struct row *r, const hi5_finding *f)
{
    static const char *const severities[] = {"note", "warning", "error"};
    const char *const field = strcmp(r->col[COL_FIELD], "-") ? r->col[COL_FIELD] : "";
    const uint64_t address = strcmp(r->col[COL_ADDRESS], "-") != 0
                                 ? strtoull(r->col[COL_ADDRESS], NULL, 16)
                                 : HI5_NO_ADDRESS;

    return strcmp(f->rule, r->col[COL_RULE]) == 0 && strcmp(f->field, field) == 0 &&
           strcmp(f->structure, r->col[COL_STRUCTURE]) == 0 && f->address == address &&
           strcmp(severities[f->severity], r->col[COL_SEVERITY]) == 0;
}

/* What may stand beside it: what the table names, and SB-032, the sum of all that cannot
 * be reached any more. */
static bool
may_be(const struct row *r, const hi5_finding *f)
{
    return strcmp(f->rule, "SB-032") == 0 || strstr(r->col[COL_ALSO], f->rule) != NULL;
}

START_TEST(rule_is_found_and_no_other)
{
    static struct found before, after;
    hi5_check_options options;
    char name[64];
    struct patch p;
    struct row r;
    bool found = false;

    ck_assert(row_get((size_t)_i, &r));
    options = row_options(&r);
    snprintf(name, sizeof name, "good/%s.h5", r.col[COL_BASE]);
    p = patch_load(name);
    find(&p, NULL, &before);
    row_damage(&r, &p);
    find(&p, &options, &after);
    for (size_t i = 0; i < after.n; i++) {
        const hi5_finding *const f = &after.f[i];

        if (is_due(&r, f))
            found = true;
        else
            ck_assert_msg(was_there(&before, f) || may_be(&r, f),
                          "%s (%s) in %s: %s, %s, %s at 0x%llx is found, too",
                          r.col[COL_RULE], r.col[COL_CASE], r.col[COL_BASE], f->rule,
                          f->structure, f->field, (unsigned long long)f->address);
    }
    ck_assert_msg(found, "%s (%s) in %s: %s, %s at 0x%s is not found", r.col[COL_RULE],
                  r.col[COL_CASE], r.col[COL_BASE], r.col[COL_STRUCTURE],
                  r.col[COL_FIELD], r.col[COL_ADDRESS]);
    patch_free(&p);
    free(r.text);
}
END_TEST

/* ---- all rules ---- */

/* Rules that nothing is reported under, and why. */
static const char *const without[][2] = {
    {"GR-007", "what a hard link leads to is reported there, as OH-001"},
    {"MD-003", "what a cache image holds is reported as if it were where it belongs"},
    {"MS-019", "the width of member offsets is not stored, it follows from the size"},
    {"OH-026", "nothing is wrong with any address"},
};

static bool
has_row(const char *table, const char *rule)
{
    char start[16];

    snprintf(start, sizeof start, "\n%s\t", rule);
    return strstr(table, start) != NULL;
}

START_TEST(every_rule_has_a_case)
{
    size_t size;
    char *const table = (char *)slurp(fixture("bad/rules.tsv"), &size);
    hi5_rule rule;

    table[size - 1] = '\0';
    for (size_t i = 0; hi5_rule_get(i, &rule); i++) {
        bool excused = false;

        for (size_t j = 0; j < sizeof without / sizeof *without; j++)
            excused |= strcmp(without[j][0], rule.id) == 0;
        ck_assert_msg(has_row(table, rule.id) != excused, "%s", rule.id);
    }
    free(table);
}
END_TEST

START_TEST(every_case_has_a_rule)
{
    struct row r;
    hi5_rule rule;

    for (size_t i = 0; row_get(i, &r); i++) {
        ck_assert_msg(hi5_rule_find(r.col[COL_RULE], &rule), "%s", r.col[COL_RULE]);
        free(r.text);
    }
}
END_TEST

Suite *
suite_rules(void)
{
    Suite *s = suite_create("rules");
    TCase *t = tcase_create("rules");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, rule_is_found_and_no_other, 0, rows());
    tcase_add_test(t, every_rule_has_a_case);
    tcase_add_test(t, every_case_has_a_rule);
    suite_add_tcase(s, t);
    return s;
}
