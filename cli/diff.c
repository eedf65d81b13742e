/*
 * diff.c - `hi5 diff`: compare two files, or objects of them
 *
 * SPDX-License-Identifier: MIT
 */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DIFFERENT = 1, TROUBLE = 2 };

enum {
    OPT_FOLLOW = 256,
    OPT_NO_DANGLING,
    OPT_EPSILON,
    OPT_EXCLUDE,
    OPT_EXCLUDE_ATTRIBUTE,
    OPT_ERRORS,
    OPT_JSON,
    OPT_MEMORY
};

static const struct cli_option diff_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'V', 'V', "version", CLI_NOTHING},
    {'r', 'r', "report", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_MAYBE},
    {'q', 'q', "quiet", CLI_NOTHING},
    {'c', 'c', "compare", CLI_NOTHING},
    {'N', 'N', "nan", CLI_NOTHING},
    {'n', 'n', "count", CLI_VALUE},
    {'d', 'd', "delta", CLI_VALUE},
    {'p', 'p', "relative", CLI_VALUE},
    {OPT_EPSILON, 'e', "use-system-epsilon", CLI_NOTHING},
    {OPT_FOLLOW, 'l', "follow-symlinks", CLI_NOTHING},
    {OPT_NO_DANGLING, 'x', "no-dangling-links", CLI_NOTHING},
    {OPT_EXCLUDE, 'E', "exclude-path", CLI_VALUE},
    {OPT_EXCLUDE_ATTRIBUTE, 'A', "exclude-attribute", CLI_VALUE},
    {OPT_ERRORS, 'S', "enable-error-stack", CLI_MAYBE},
    {OPT_JSON, 0, "json", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

static void
print_help(void)
{
    cli_puts(
        stdout,
        "hi5 diff - compare two HDF5 files, or an object of each\n"
        "\n"
        "Usage: hi5 diff [OPTIONS] FILE1 FILE2 [OBJECT1 [OBJECT2]]\n"
        "\n"
        "Groups are compared with all below them. Without objects, the files are; "
        "with\n"
        "one, it is looked for in both. Parts of datasets: "
        "'OBJECT[START;STRIDE;COUNT;\n"
        "BLOCK]', each a number per dimension with commas between.\n"
        "\n"
        "  -r, --report           print each difference\n"
        "  -v, --verbose[=N]      and what there is in the two; N is 1 for how many\n"
        "                         attributes, 2 for which, 3 for the names of the "
        "files\n"
        "  -q, --quiet            print nothing: the exit status tells\n"
        "  -c, --compare          print what cannot be compared, and why\n"
        "  -n, --count=N          stop at N differences of a dataset or attribute\n"
        "      --json             print all of it as JSON\n"
        "\n"
        "  -d, --delta=D          numbers may differ by D\n"
        "  -p, --relative=R       or by |(b - a) / a| up to R\n"
        "      --use-system-epsilon\n"
        "                         or, floats, by less than FLT_EPSILON or DBL_EPSILON\n"
        "  -N, --nan              do not look for NaN\n"
        "\n"
        "      --follow-symlinks  compare what soft and external links lead to\n"
        "      --no-dangling-links\n"
        "                         that one leads nowhere is an error\n"
        "      --exclude-path=PATH\n"
        "                         leave out an object, and all below it\n"
        "      --exclude-attribute=PATH\n"
        "                         leave out the attributes of an object\n"
        "\n"
        "What is printed is what h5diff prints. The exit status is 0 if there is no\n"
        "difference, 1 if there is one, and 2 if something went wrong.\n");
}

/* -----------------------------------------------------------------------------
 * Parts of datasets
 */

/* OBJECT[START;STRIDE;COUNT;BLOCK] */
struct part {
    bool is;
    unsigned given[4]; /* how many numbers */
    uint64_t n[4][HI5_MAX_RANK];
};

/* Numbers with commas between, up to ';' or ']'; NULL if they are none. */
static const char *
parse_numbers(const char *p, unsigned *given, uint64_t *n)
{
    *given = 0;
    while (*p != ';' && *p != ']') {
        char *end;

        errno = 0;
        if (*p < '0' || *p > '9' || *given == HI5_MAX_RANK)
            return NULL;
        n[(*given)++] = strtoull(p, &end, 10);
        if (errno)
            return NULL;
        p = end;
        while (*p == ' ')
            p++;
        if (*p == ',')
            p++;
        while (*p == ' ')
            p++;
    }
    return p;
}

/* Cut the part off `object`, if it has one; false if it is malformed. A name may have
 * brackets, too: then there is an object of it, and nothing is cut off. */
static bool
take_part(hi5_file *f, char *object, struct part *part)
{
    char *open = strrchr(object, '[');
    const size_t n = strlen(object);
    hi5_object *o;
    const char *p;

    if (!open || object[n - 1] != ']')
        return true;
    if (hi5_object_open(f, object, &o, NULL) == HI5_OK) {
        hi5_object_close(o);
        return true;
    }
    *open = '\0';
    part->is = true;
    p = open + 1;
    for (unsigned i = 0; i < 4; i++) {
        p = parse_numbers(p, &part->given[i], part->n[i]);
        if (!p)
            return false;
        if (*p == ']')
            return p[1] == '\0';
        p++;
    }
    return false;
}

/* The selection that a part is of a dataset. */
static hi5_status
select_part(hi5_file *f, const char *path, const struct part *part, hi5_selection **s,
            hi5_error *err)
{
    uint64_t n[4][HI5_MAX_RANK];
    hi5_dataset *d;
    hi5_status status = hi5_dataset_open(f, path, &d, err);

    *s = NULL;
    if (status)
        return status;
    const hi5_shape *shape = hi5_dataset_shape(d);
    for (unsigned i = 0; i < 4 && !status; i++)
        for (unsigned k = 0; k < shape->rank; k++)
            n[i][k] = part->given[i] ? part->n[i][k] : i > 0;
    for (unsigned i = 0; i < 4; i++)
        if (part->given[i] && part->given[i] != shape->rank) {
            *err = (hi5_error){.status = HI5_E_ARG};
            (void)snprintf(err->message, sizeof err->message,
                           "%s has %u dimensions, and the selection %u", path,
                           shape->rank, part->given[i]);
            status = HI5_E_ARG;
            break;
        }
    if (!status)
        status = hi5_selection_create(shape, s, err);
    if (!status) {
        status =
            hi5_selection_hyperslab(*s, HI5_SELECT_SET, n[0], n[1], n[2], n[3], err);
        if (status) {
            hi5_selection_free(*s);
            *s = NULL;
        }
    }
    hi5_dataset_close(d);
    return status;
}

/* -----------------------------------------------------------------------------
 * Running
 */

/* Give both objects their selections; false if that cannot be. */
static bool
select_parts(struct diff_cli *d, hi5_file *const f[2], char *const object[2],
             struct part part[2], hi5_selection *s[2])
{
    hi5_error err;

    if (!part[0].is && !part[1].is)
        return true;
    if (!part[0].is || !part[1].is)
        part[part[0].is ? 1 : 0] = part[part[0].is ? 0 : 1];
    for (unsigned i = 0; i < 2; i++) {
        if (select_part(f[i], object[i], &part[i], &s[i], &err)) {
            cli_fail(d->file_name[i], &err);
            return false;
        }
        d->options.selection[i] = s[i];
    }
    return true;
}

static int
status_of(const hi5_diff_result *r)
{
    return r->failures ? TROUBLE : r->differences || r->other_names ? DIFFERENT : 0;
}

static int
compare(struct diff_cli *d, hi5_file *const f[2], char *const object[2])
{
    const char *const path[2] = {object[0], object[1]};
    hi5_diff_result r;
    hi5_error err;
    hi5_status status;
    int result;

    if (d->json)
        diff_json_begin(d, path);
    status = hi5_diff(f[0], object[0], f[1], object[1], &d->options,
                      d->json ? diff_json : diff_print, d, &r, &err);
    result = status ? TROUBLE : status_of(&r);
    if (d->json)
        diff_json_end(d, &r, result);
    else if (!status)
        diff_print_end(d, &r);
    else if (status == HI5_E_NOTFOUND && r.failures)
        cli_printf(stdout, "Object <%s> could not be found in <%s>\n",
                   object[d->missing], d->file_name[d->missing]);
    if (status && !r.failures)
        cli_fail(NULL, &err);
    return result;
}

/* An absolute path. */
static char *
full_path(const char *object)
{
    struct cli_str s = {0};

    cli_str_printf(&s, "%s%s", object[0] == '/' ? "" : "/", object);
    return s.p;
}

static int
run(struct diff_cli *d, const hi5_open_options *open, const char *const *objects,
    int nobjects)
{
    hi5_file *f[2] = {NULL, NULL};
    hi5_selection *s[2] = {NULL, NULL};
    char *object[2];
    struct part part[2] = {{0}, {0}};
    hi5_error err;
    int status = 0;

    for (unsigned i = 0; i < 2; i++)
        object[i] = full_path(nobjects == 0   ? "/"
                              : nobjects == 1 ? objects[0]
                                              : objects[i]);
    d->roots = strcmp(object[0], "/") == 0 && strcmp(object[1], "/") == 0;
    for (unsigned i = 0; i < 2 && !status; i++) {
        if (hi5_open(d->file_name[i], open, &f[i], &err)) {
            if (!d->json)
                cli_printf(stdout, "h5diff: <%s>: unable to open file\n",
                           d->file_name[i]);
            cli_fail(NULL, &err);
            status = TROUBLE;
        } else if (!take_part(f[i], object[i], &part[i])) {
            cli_error("%s: not a selection", objects[nobjects == 1 ? 0 : i]);
            status = TROUBLE;
        }
    }
    if (!status && !select_parts(d, f, object, part, s))
        status = TROUBLE;
    if (!status)
        status = compare(d, f, object);
    for (unsigned i = 0; i < 2; i++) {
        hi5_selection_free(s[i]);
        hi5_close(f[i], NULL);
        free(object[i]);
        free(d->column[i]);
    }
    return status;
}

/* -----------------------------------------------------------------------------
 * Command line
 */

static bool
parse_tolerance(const char *text, double *value)
{
    char *end;

    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= 0;
}

/* Usage that makes no sense is trouble, not a difference. */
static int
usage(int ignored)
{
    (void)ignored;
    return TROUBLE;
}

static void
add(const char ***list, size_t *n, const char *path)
{
    *list = cli_resize((void *)(uintptr_t)*list, *n + 1, sizeof **list);
    (*list)[(*n)++] = path;
}

struct lists {
    const char **exclude, **attributes;
    size_t nexclude, nattributes;
};

/* Take an option; 0, or the exit status if it cannot be taken. */
static int
take_option(struct diff_cli *d, struct lists *l, int id, const char *value)
{
    hi5_diff_options *o = &d->options;
    uint64_t n;

    switch (id) {
    case 'r':
        d->report = true;
        break;
    case 'v':
        d->verbose = true;
        if (value && (!cli_number(value, &n) || n > 3))
            return usage(cli_usage_error("-v goes up to 3, not '%s'", value));
        d->level = value ? (unsigned)n : 0;
        break;
    case 'q':
        d->quiet = true;
        break;
    case 'c':
        d->list = true;
        break;
    case 'N':
        o->no_nan = true;
        break;
    case 'n':
        if (!cli_number(value, &o->most) || o->most == 0)
            return usage(cli_usage_error("<-n %s> is not a valid option", value));
        break;
    case 'd':
        o->use_delta = true;
        if (!parse_tolerance(value, &o->delta))
            return usage(cli_usage_error("<-d %s> is not a valid option", value));
        break;
    case 'p':
        o->use_relative = true;
        if (!parse_tolerance(value, &o->relative))
            return usage(cli_usage_error("<-p %s> is not a valid option", value));
        break;
    case OPT_EPSILON:
        o->epsilon = true;
        break;
    case OPT_FOLLOW:
        o->follow_links = true;
        break;
    case OPT_NO_DANGLING:
        o->no_dangling = true;
        break;
    case OPT_EXCLUDE:
        add(&l->exclude, &l->nexclude, value);
        break;
    case OPT_EXCLUDE_ATTRIBUTE:
        add(&l->attributes, &l->nattributes, value);
        break;
    case OPT_JSON:
        d->json = true;
        break;
    default:
        break;
    }
    return 0;
}

/* Options that do not go together; 0 if they do. */
static int
check_options(const struct diff_cli *d)
{
    const hi5_diff_options *o = &d->options;

    if (o->use_delta + o->use_relative + o->epsilon > 1)
        return usage(cli_usage_error("-d, -p and --use-system-epsilon are mutually "
                                     "exclusive"));
    if (d->quiet && (d->verbose || d->report)) {
        cli_puts(stdout, "Error: -q (quiet mode) cannot be added to verbose or report "
                         "modes\n");
        return TROUBLE;
    }
    if (o->no_dangling && !o->follow_links) {
        cli_puts(stdout, "Error: --no-dangling-links must be used along with "
                         "--follow-symlinks option.\n");
        return TROUBLE;
    }
    return 0;
}

int
cmd_diff(int argc, char **argv)
{
    struct diff_cli d = {.options = {.size = sizeof d.options}};
    struct lists lists = {0};
    hi5_open_options open;
    struct cli_parser p;
    int id, status = 0, finished;

    cli_open_options(&open);
    cli_parse(&p, diff_options, argc, argv);
    while (!status && (id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return TROUBLE;
        if (id == 'h' || id == 'V') {
            if (id == 'h')
                print_help();
            else
                cli_printf(stdout, "hi5 diff: Version %s\n", hi5_version());
            return cli_finish();
        }
        status = take_option(&d, &lists, id, p.value);
    }
    if (!status)
        status = check_options(&d);
    argc -= p.index;
    argv += p.index;
    if (!status && (argc < 2 || argc > 4))
        status = usage(cli_usage_error("two files are to be compared, or two objects"));
    if (!status) {
        const char *const objects[] = {argc > 2 ? argv[2] : NULL,
                                       argc > 3 ? argv[3] : NULL};
        d.file_name[0] = argv[0];
        d.file_name[1] = argv[1];
        d.options.values = d.report || d.verbose || d.json;
        d.options.exclude = lists.exclude;
        d.options.nexclude = lists.nexclude;
        d.options.exclude_attributes = lists.attributes;
        d.options.nexclude_attributes = lists.nattributes;
        status = run(&d, &open, objects, argc - 2);
    }
    free((void *)(uintptr_t)lists.exclude);
    free((void *)(uintptr_t)lists.attributes);
    finished = cli_finish();
    return status ? status : finished ? TROUBLE : 0;
}
