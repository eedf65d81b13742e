/*
 * cp.c - hi5 cp: copy objects within a file, or from one file into another
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

enum { OPT_MERGE = 256, OPT_SUGGEST, OPT_COMPAT, OPT_DURABLE };

static const struct cli_option cp_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'i', 'i', "input", CLI_VALUE},
    {'o', 'o', "output", CLI_VALUE},
    {'s', 's', "source", CLI_VALUE},
    {'d', 'd', "destination", CLI_VALUE},
    {'p', 'p', "parents", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_NOTHING},
    {'f', 'f', "flag", CLI_VALUE},
    {OPT_MERGE, 0, "merge", CLI_NOTHING},
    {OPT_SUGGEST, 0, "suggest", CLI_VALUE},
    {OPT_COMPAT, 0, "compat", CLI_VALUE},
    {OPT_DURABLE, 0, "durable", CLI_NOTHING},
    {0, 0, NULL, CLI_NOTHING},
};

/* What is to be copied where. */
struct copying {
    hi5_copy_options options;
    const char *input, *output, *source, *destination;
    const char **suggested; /* of options.nsuggested */
    hi5_compat compat;
    bool verbose, parents, durable;
};

static void
print_help(void)
{
    cli_puts(
        stdout,
        "hi5 cp - copy objects within a file, or from one file into another\n"
        "\n"
        "Usage: hi5 cp [OPTIONS] FILE:PATH... FILE:PATH\n"
        "       hi5 cp [OPTIONS] -i FILE -o FILE -s PATH -d PATH\n"
        "\n"
        "  -i, --input FILE        the file to copy from\n"
        "  -o, --output FILE       the file to copy to; it is made if there is none\n"
        "  -s, --source PATH       the object\n"
        "  -d, --destination PATH  its new name\n"
        "  -p, --parents           make the groups on the way to it\n"
        "  -v, --verbose           say what is done\n"
        "  -f, --flag FLAG[,...]   shallow  of a group only what it links to itself\n"
        "                          soft     copy what soft links lead to\n"
        "                          ext      copy what external links lead to\n"
        "                          ref      copy what references refer to, too\n"
        "                          noattr   leave attributes out\n"
        "                          nullref  make references null in another file\n"
        "                          allflags the first five\n"
        "      --merge             use an equal committed datatype that is there\n"
        "      --suggest PATH      look for it here first\n"
        "      --compat RELEASE    of libhdf5 that a new file is for: earliest, v18, "
        "v110,\n"
        "                          v112, v114, v200, latest; default: as the input\n"
        "      --durable           wait for the disk\n"
        "\n"
        "PATH may be left out: a source is then the root group; a destination that is\n"
        "left out, or ends in '/', gets the name of its source. References to what is\n"
        "copied along lead to the copies; others become null in another file.\n");
}

/* -----------------------------------------------------------------------------
 * Options
 */

static bool
take_flag(hi5_copy_options *o, const char *flag, size_t n)
{
    const struct {
        const char *name;
        bool *set;
    } flags[] = {
        {"shallow", &o->shallow},      {"soft", &o->expand_soft},
        {"ext", &o->expand_external},  {"ref", &o->expand_references},
        {"noattr", &o->no_attributes}, {"nullref", &o->null_references},
    };

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strlen(flags[i].name) == n && memcmp(flags[i].name, flag, n) == 0) {
            *flags[i].set = true;
            return true;
        }
    if (n != 8 || memcmp(flag, "allflags", n) != 0)
        return false;
    for (size_t i = 0; i < 5; i++)
        *flags[i].set = true;
    return true;
}

static bool
take_flags(hi5_copy_options *o, const char *list)
{
    for (;;) {
        const size_t n = strcspn(list, ",");

        if (!take_flag(o, list, n)) {
            cli_usage_error("there is no flag '%.*s'", (int)n, list);
            return false;
        }
        if (list[n] == '\0')
            return true;
        list += n + 1;
    }
}

static bool
take_option(struct copying *c, int id, const char *value)
{
    switch (id) {
    case 'i':
        c->input = value;
        return true;
    case 'o':
        c->output = value;
        return true;
    case 's':
        c->source = value;
        return true;
    case 'd':
        c->destination = value;
        return true;
    case 'f':
        return take_flags(&c->options, value);
    case OPT_SUGGEST:
        c->suggested =
            cli_resize(c->suggested, c->options.nsuggested + 1, sizeof *c->suggested);
        c->suggested[c->options.nsuggested++] = value;
        c->options.merge_committed = true;
        return true;
    case OPT_COMPAT:
        if (target_compat(value, &c->compat))
            return true;
        cli_usage_error("'%s' is no release", value);
        return false;
    default:
        c->parents |= id == 'p';
        c->verbose |= id == 'v';
        c->durable |= id == OPT_DURABLE;
        c->options.merge_committed |= id == OPT_MERGE;
        return true;
    }
}

/* -----------------------------------------------------------------------------
 * Copying
 */

/* Open what is written: the input itself, an existing file, or a new one like the input. */
static hi5_status
open_output(const struct copying *c, const char *path, const hi5_file *like,
            hi5_file **f, hi5_error *err)
{
    hi5_open_options open;
    hi5_create_options create = {.size = sizeof create, .open = &open, .keep = true};

    cli_open_options(&open);
    open.write = true;
    open.durable = c->durable;
    FILE *there = fopen(path, "rb");
    if (there) {
        fclose(there);
        return hi5_open(path, &open, f, err);
    }
    open.compat = c->compat;
    if (c->compat == HI5_COMPAT_DEFAULT && like)
        open.compat = target_like(like);
    return hi5_create(path, &create, f, err);
}

static bool
same_file(const char *a, const char *b)
{
    return strcmp(a, b) == 0 || target_same_file(a, b);
}

/* Copy one object from a file that may be `to` itself. */
static hi5_status
copy_one(const struct copying *c, hi5_file *from, const char *source, hi5_file *to,
         const char *path, hi5_error *err)
{
    hi5_object *o;
    hi5_status s = hi5_object_open(from, source, &o, err);

    if (s)
        return s;
    if (c->verbose)
        cli_printf(stdout,
                   "Copying file <%s> and object <%s> to file <%s> and object "
                   "<%s>\n",
                   hi5_file_path(from), source, hi5_file_path(to), path);
    s = hi5_copy(o, to, path, &c->options, err);
    hi5_object_close(o);
    return s;
}

/* Open both files, copy, close. */
static void
copy_between(const struct copying *c, const char *input, const char *source,
             const char *output, const char *path)
{
    hi5_open_options open;
    hi5_file *from = NULL, *to = NULL;
    hi5_error err;
    hi5_status s;

    cli_open_options(&open);
    if (same_file(input, output)) {
        s = open_output(c, output, NULL, &to, &err);
    } else {
        s = hi5_open(input, &open, &from, &err);
        if (s == HI5_OK)
            s = open_output(c, output, from, &to, &err);
    }
    if (s == HI5_OK)
        s = copy_one(c, from ? from : to, source, to, path, &err);
    if (s != HI5_OK) {
        cli_fail(NULL, &err);
        if (to)
            (void)!hi5_abort(to, NULL);
    }
    if (hi5_close(to, &err) && s == HI5_OK)
        cli_fail(NULL, &err);
    hi5_close(from, NULL);
}

/* -----------------------------------------------------------------------------
 * FILE:PATH
 */

/* Cut "FILE:PATH" in two: where the first part is a file, else at the last colon. */
static const char *
cut_path(char *arg)
{
    char *at = NULL;

    for (char *p = strchr(arg, ':'); p; p = strchr(p + 1, ':')) {
        *p = '\0';
        FILE *there = fopen(arg, "rb");
        if (there) {
            fclose(there);
            return p + 1;
        }
        *p = ':';
        at = p;
    }
    FILE *whole = fopen(arg, "rb");
    if (whole)
        fclose(whole);
    if (whole || !at)
        return "";
    *at = '\0';
    return at + 1;
}

/* The destination's path: `path`, with the source's name where it lacks one. */
static char *
join_name(const char *path, const char *source)
{
    const size_t n = strlen(path);
    struct cli_str s = {0};
    size_t end = strlen(source), begin;

    cli_str_puts(&s, n ? path : "/");
    if (n == 0 || path[n - 1] == '/') {
        while (end > 0 && source[end - 1] == '/')
            end--;
        for (begin = end; begin > 0 && source[begin - 1] != '/'; begin--)
            ;
        cli_str_add(&s, source + begin, end - begin);
    }
    return s.p;
}

static int
copy_arguments(const struct copying *c, int argc, char **argv)
{
    char *output;
    const char *to;

    if (argc < 2)
        return cli_usage_error("what is to be copied where?");
    output = cli_copy(argv[argc - 1]);
    to = cut_path(output);
    for (int i = 0; i < argc - 1; i++) {
        char *const input = cli_copy(argv[i]);
        const char *const from = cut_path(input);
        char *const path = join_name(to, from);

        if (path[strlen(path) - 1] == '/')
            cli_error("a copy of a root group needs a name");
        else
            copy_between(c, input, *from ? from : "/", output, path);
        free(path);
        free(input);
    }
    free(output);
    return cli_finish();
}

int
cmd_cp(int argc, char **argv)
{
    struct copying c = {.options = {.size = sizeof c.options}};
    struct cli_parser p;
    int id, status;

    cli_parse(&p, cp_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return 1;
        if (id == 'h') {
            print_help();
            return cli_finish();
        }
        if (!take_option(&c, id, p.value))
            return 1;
    }
    c.options.suggested = c.suggested;
    c.options.no_parents = !c.parents;
    if (!c.input && !c.output && !c.source && !c.destination) {
        status = copy_arguments(&c, argc - p.index, argv + p.index);
    } else if (!c.input || !c.output || !c.source || !c.destination) {
        status = cli_usage_error("-i, -o, -s and -d go together");
    } else if (p.index < argc) {
        status = cli_usage_error("'%s' is one argument too many", argv[p.index]);
    } else {
        copy_between(&c, c.input, c.source, c.output, c.destination);
        status = cli_finish();
    }
    free(c.suggested);
    return status;
}
