/*
 * check.c - `hi5 check`: is a file sound, and if not, what is wrong and where
 *
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* A finding that is kept until all are known. */
struct kept {
    char *path, *message;
    const char *rule, *structure, *field, *section;
    hi5_severity severity;
    uint64_t address;
    size_t order; /* in which it came */
};

struct checking {
    hi5_open_options open;
    hi5_check_options options;
    bool json, quiet, notes, rules;
    const char *explain;
    int status; /* the worst so far */
    struct kept *kept;
    size_t n, room;
};

enum {
    OPT_RULES = 256,
    OPT_EXPLAIN,
    OPT_NO_DATA,
    OPT_SPEC,
    OPT_FOR,
    OPT_JSON,
    OPT_MOST,
    OPT_DRIVER
};

static const struct cli_option check_options[] = {
    {'h', 'h', "help", CLI_NOTHING},          {'q', 'q', "quiet", CLI_NOTHING},
    {'v', 'v', "notes", CLI_NOTHING},         {OPT_JSON, 0, "json", CLI_NOTHING},
    {OPT_RULES, 0, "rules", CLI_NOTHING},     {OPT_EXPLAIN, 0, "explain", CLI_VALUE},
    {OPT_NO_DATA, 0, "no-data", CLI_NOTHING}, {OPT_SPEC, 0, "spec", CLI_VALUE},
    {OPT_FOR, 0, "for", CLI_VALUE},           {OPT_MOST, 0, "most", CLI_VALUE},
    {OPT_DRIVER, 0, "vfd", CLI_VALUE},        {0, 0, NULL, CLI_NOTHING},
};

static void
print_help(void)
{
    cli_puts(
        stdout,
        "hi5 check - is a file sound, and if not, what is wrong and where\n"
        "\n"
        "Usage: hi5 check [OPTIONS] FILE...\n"
        "       hi5 check --rules | --explain RULE\n"
        "\n"
        "  -q, --quiet        print nothing; the exit status tells\n"
        "  -v, --notes        print notes, too, which are no reason to worry\n"
        "      --json         one JSON object for each file, one per line\n"
        "      --no-data      metadata only: do not decode chunks\n"
        "      --for RELEASE  will libhdf5 1.6, 1.8, 1.10, 1.12, 1.14 or 2.0 load it?\n"
        "      --spec EDITION does it keep to edition 1.0, 1.1, 2.0, 3.0 or 4.0?\n"
        "      --most N       print at most N findings for each file (10000)\n"
        "      --vfd NAME     sec2, family, split or multi\n"
        "      --rules        list all rules\n"
        "      --explain RULE say what a rule is about\n"
        "\n"
        "Everything that can be reached is looked at, and what cannot is counted;\n"
        "one damaged object does not hide another.\n"
        "\n"
        "The exit status is 0 if all files are sound, 1 if there are warnings, 2 if\n"
        "there are errors, and 3 if a file cannot be read at all.\n");
}

/* -----------------------------------------------------------------------------
 * Findings
 */

static const char *
severity_name(hi5_severity s)
{
    return s == HI5_ERROR ? "error" : s == HI5_WARNING ? "warning" : "note";
}

static void
keep(void *ctx, const hi5_finding *f)
{
    struct checking *c = ctx;
    struct kept *k;

    if (c->quiet || (f->severity == HI5_NOTE && !c->notes && !c->json))
        return;
    if (c->n == c->room) {
        c->room = c->room ? 2 * c->room : 64;
        c->kept = cli_resize(c->kept, c->room, sizeof *c->kept);
    }
    k = &c->kept[c->n];
    *k = (struct kept){
        cli_copy(f->path), cli_copy(f->message), f->rule,    f->structure, f->field,
        f->section,        f->severity,          f->address, c->n};
    c->n++;
}

static void
forget(struct checking *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->kept[i].path);
        free(c->kept[i].message);
    }
    c->n = 0;
}

/* By object; what came first, first. */
static int
by_path(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    int order = strcmp(x->path, y->path);

    return order ? order : x->order < y->order ? -1 : 1;
}

static void
print_finding(const struct kept *k, bool color)
{
    const char *paint = k->severity == HI5_ERROR     ? "\033[1;31m"
                        : k->severity == HI5_WARNING ? "\033[1;33m"
                                                     : "\033[36m";

    cli_printf(stdout, "    %s%-7s%s %s  ", color ? paint : "",
               severity_name(k->severity), color ? "\033[0m" : "", k->rule);
    report_text(stdout, k->structure);
    if (*k->field) {
        cli_puts(stdout, ", ");
        report_text(stdout, k->field);
    }
    if (k->address != HI5_NO_ADDRESS)
        cli_printf(stdout, ", at 0x%llx", (unsigned long long)k->address);
    cli_puts(stdout, ": ");
    report_text(stdout, k->message);
    if (*k->section)
        cli_printf(stdout, " [FMT %s]", k->section);
    cli_puts(stdout, "\n");
}

static const char *
release_name(unsigned release)
{
    return release == 106   ? "1.6"
           : release == 108 ? "1.8"
           : release == 110 ? "1.10"
           : release == 112 ? "1.12"
           : release == 114 ? "1.14"
                            : "2.0";
}

static void
print_text(struct checking *c, const char *file, const hi5_check_result *r)
{
    const bool color = cli_color(stdout);
    const char *path = NULL;

    if (c->n > 1)
        qsort(c->kept, c->n, sizeof *c->kept, by_path);
    report_text(stdout, file);
    cli_puts(stdout, "\n");
    for (size_t i = 0; i < c->n; i++) {
        if (!path || strcmp(path, c->kept[i].path) != 0) {
            path = c->kept[i].path;
            cli_puts(stdout, "  ");
            report_text(stdout, *path ? path : "(file)");
            cli_puts(stdout, "\n");
        }
        print_finding(&c->kept[i], color);
    }
    cli_printf(stdout,
               "  %s: %llu error%s, %llu warning%s, %llu note%s; %llu object%s, "
               "%llu chunk%s; needs libhdf5 %s\n",
               !r->readable       ? "not readable"
               : r->errors != 0   ? "damaged"
               : r->warnings != 0 ? "readable, with reservations"
                                  : "sound",
               (unsigned long long)r->errors, r->errors == 1 ? "" : "s",
               (unsigned long long)r->warnings, r->warnings == 1 ? "" : "s",
               (unsigned long long)r->notes, r->notes == 1 ? "" : "s",
               (unsigned long long)r->objects, r->objects == 1 ? "" : "s",
               (unsigned long long)r->chunks, r->chunks == 1 ? "" : "s",
               release_name(r->needs_release));
}

static void
print_json_finding(const struct kept *k)
{
    cli_printf(stdout, "{\"rule\":\"%s\",\"severity\":\"%s\",\"path\":", k->rule,
               severity_name(k->severity));
    report_json_string(stdout, k->path);
    cli_puts(stdout, ",\"structure\":");
    report_json_string(stdout, k->structure);
    cli_puts(stdout, ",\"field\":");
    report_json_string(stdout, k->field);
    cli_puts(stdout, ",\"section\":");
    report_json_string(stdout, k->section);
    if (k->address != HI5_NO_ADDRESS)
        cli_printf(stdout, ",\"address\":%llu", (unsigned long long)k->address);
    cli_puts(stdout, ",\"message\":");
    report_json_string(stdout, k->message);
    cli_puts(stdout, "}");
}

static void
print_json(struct checking *c, const char *file, const hi5_check_result *r)
{
    cli_puts(stdout, "{\"file\":");
    report_json_string(stdout, file);
    cli_printf(stdout,
               ",\"readable\":%s,\"errors\":%llu,\"warnings\":%llu,\"notes\":%llu,"
               "\"objects\":%llu,\"chunks\":%llu,\"needs_release\":\"%s\","
               "\"needs_spec\":\"%u.%u\",\"file_size\":%llu,\"accounted\":%llu,"
               "\"free\":%llu,\"lost\":%llu,\"overlaps\":%llu,\"findings\":[",
               r->readable ? "true" : "false", (unsigned long long)r->errors,
               (unsigned long long)r->warnings, (unsigned long long)r->notes,
               (unsigned long long)r->objects, (unsigned long long)r->chunks,
               release_name(r->needs_release), r->needs_spec / 10, r->needs_spec % 10,
               (unsigned long long)r->map.file_size,
               (unsigned long long)r->map.accounted, (unsigned long long)r->map.free,
               (unsigned long long)r->map.lost, (unsigned long long)r->map.overlaps);
    for (size_t i = 0; i < c->n; i++) {
        if (i)
            cli_puts(stdout, ",");
        print_json_finding(&c->kept[i]);
    }
    cli_puts(stdout, "]}\n");
}

/* -----------------------------------------------------------------------------
 * One file
 */

static void
show_progress(void *ctx, uint64_t done, uint64_t all)
{
    static unsigned calls;

    (void)ctx;
    if (calls++ % 64 == 0)
        fprintf(stderr, "\r%llu of %llu objects ", (unsigned long long)done,
                (unsigned long long)all);
}

static void
worse(struct checking *c, int status)
{
    if (status > c->status)
        c->status = status;
}

static void
check_one(struct checking *c, const char *file)
{
    hi5_check_result r;
    hi5_error err;
    hi5_status s;

    if (cli_terminal(stderr) && cli_terminal(stdout) && !c->quiet)
        c->options.progress = show_progress;
    s = hi5_check(file, &c->open, &c->options, keep, c, &r, &err);
    if (c->options.progress)
        fputs("\r\033[K", stderr);
    if (s) {
        if (!c->quiet)
            cli_fail(*err.path ? NULL : file, &err);
        worse(c, 3);
    } else {
        if (c->json)
            print_json(c, file, &r);
        else if (!c->quiet)
            print_text(c, file, &r);
        worse(c, !r.readable ? 3 : r.errors ? 2 : r.warnings ? 1 : 0);
    }
    forget(c);
}

/* -----------------------------------------------------------------------------
 * Rules
 */

static void
list_rules(void)
{
    hi5_rule r;

    for (size_t i = 0; hi5_rule_get(i, &r); i++)
        cli_printf(stdout, "%-7s %-8s %-11s %s\n", r.id, severity_name(r.severity),
                   *r.section ? r.section : "-", r.title);
}

static int
explain(const char *id)
{
    hi5_rule r;
    char upper[16] = {0};

    for (size_t i = 0; id[i] && i < sizeof upper - 1; i++)
        upper[i] = id[i] >= 'a' && id[i] <= 'z' ? (char)(id[i] - 'a' + 'A') : id[i];
    if (!hi5_rule_find(upper, &r))
        return cli_usage_error("there is no rule '%s'; --rules lists them", id);
    cli_printf(stdout, "%s (%s)\n\n  What must hold:  %s.\n  Otherwise:       %s.\n",
               r.id, severity_name(r.severity), r.title, r.reason);
    if (*r.section)
        cli_printf(stdout, "  Specification:   HDF5 File Format Specification, %s\n",
                   r.section);
    return cli_finish();
}

/* -----------------------------------------------------------------------------
 * Command line
 */

static bool
set_release(struct checking *c, const char *text)
{
    static const unsigned releases[] = {106, 108, 110, 112, 114, 200};

    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++)
        if (strcmp(text, release_name(releases[i])) == 0) {
            c->options.release = releases[i];
            return true;
        }
    cli_usage_error("'%s' is not 1.6, 1.8, 1.10, 1.12, 1.14 or 2.0", text);
    return false;
}

static bool
set_spec(struct checking *c, const char *text)
{
    static const char *const editions[] = {"1.0", "1.1", "2.0", "3.0", "4.0"};
    static const unsigned numbers[] = {10, 11, 20, 30, 40};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(text, editions[i]) == 0) {
            c->options.spec = numbers[i];
            return true;
        }
    cli_usage_error("'%s' is not 1.0, 1.1, 2.0, 3.0 or 4.0", text);
    return false;
}

static bool
set_option(struct checking *c, int id, const char *value)
{
    switch (id) {
    case 'q':
        c->quiet = true;
        return true;
    case 'v':
        c->notes = true;
        return true;
    case OPT_JSON:
        c->json = true;
        return true;
    case OPT_RULES:
        c->rules = true;
        return true;
    case OPT_EXPLAIN:
        c->explain = value;
        return true;
    case OPT_NO_DATA:
        c->options.no_data = true;
        return true;
    case OPT_SPEC:
        return set_spec(c, value);
    case OPT_FOR:
        return set_release(c, value);
    case OPT_MOST:
        if (cli_number(value, &c->options.findings))
            return true;
        cli_usage_error("--most: '%s' is no number", value);
        return false;
    default:
        if (cli_driver(value, &c->open.driver))
            return true;
        cli_usage_error("there is no driver '%s'", value);
        return false;
    }
}

int
cmd_check(int argc, char **argv)
{
    struct checking c = {.options = {.size = sizeof c.options}};
    struct cli_parser p;
    int id;

    cli_open_options(&c.open);
    cli_parse(&p, check_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return 3;
        if (id == 'h') {
            print_help();
            return cli_finish();
        }
        if (!set_option(&c, id, p.value))
            return 3;
    }
    if (c.rules) {
        list_rules();
        return cli_finish();
    }
    if (c.explain)
        return explain(c.explain);
    if (p.index >= argc) {
        cli_usage_error("which file?");
        return 3;
    }
    for (int i = p.index; i < argc; i++)
        check_one(&c, argv[i]);
    free(c.kept);
    return c.status;
}
