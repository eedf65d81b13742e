/*
 * ls.c - `hi5 ls`: the command line, and the files and objects that it names
 *
 * SPDX-License-Identifier: MIT
 */
#include "ls.h"

#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------
 * Files in several parts
 */

static bool
file_exists(const char *name)
{
    FILE *f = fopen(name, "rb");

    if (f)
        fclose(f);
    return f != NULL;
}

/* The members of a family: `path` with its "%05d" expanded. */
static unsigned long
count_family(const char *path)
{
    const char *percent = strchr(path, '%');
    unsigned long n = 0, digits;
    bool found = true;
    char *end;

    if (!percent)
        return 0;
    digits = strtoul(percent + 1, &end, 10);
    if (*end != 'd' || digits > 20)
        return 0;
    while (found && n < 100000) {
        struct cli_str name = {0};
        cli_str_add(&name, path, (size_t)(percent - path));
        cli_str_printf(&name, "%0*lu%s", (int)digits, n, end + 1);
        found = file_exists(cli_str_text(&name));
        n += found;
        cli_str_free(&name);
    }
    return n;
}

/* The members of a split or multi file, of which not all need exist. */
static unsigned long
count_multi(const char *path)
{
    unsigned long n = 0;

    for (const char *kind = "sbrglom"; *kind; kind++) {
        struct cli_str name = {0};
        cli_str_printf(&name, "%s-%c.h5", path, *kind);
        n += file_exists(cli_str_text(&name));
        cli_str_free(&name);
    }
    return n;
}

/* The driver that opened the file, as h5ls calls it, and how many files it opened
 * beside the one that they make up. */
static const char *
driver_name(const char *path, hi5_driver driver, unsigned long *members)
{
    *members = 0;
    if (driver == HI5_DRIVER_PLAIN || (driver == HI5_DRIVER_AUTO && file_exists(path)))
        return "sec2";
    *members = count_family(path);
    if (*members > 0 || driver == HI5_DRIVER_FAMILY)
        return "family";
    *members = count_multi(path);
    return "multi";
}

/* -----------------------------------------------------------------------------
 * One argument
 */

static void
print_warnings(const struct ls *ls)
{
    const char *text;

    for (size_t i = 0; (text = hi5_file_warning(ls->file, i)) != NULL; i++)
        cli_warn("%s: %s", ls->file_name, text);
}

static void
begin_argument(struct ls *ls, const char *rest, hi5_driver driver)
{
    size_t n = strlen(rest);
    unsigned long members;
    const char *name = driver_name(ls->file_name, driver, &members);

    ls_push_number(ls, hi5_file_number(ls->file), 1 + members);
    print_warnings(ls);
    if (ls->verbose)
        cli_str_printf(&ls->out, "Opened \"%s\" with %s driver.\n", ls->file_name,
                       name);
    if (n == 0 && ls->recursive)
        ls->show_root = true;
    ls->base_len = n > 0 ? n - (rest[n - 1] == '/') : 0;
    ls->name_start = n > 0 ? 1 : 0;
}

static void
end_argument(struct ls *ls)
{
    ls_flush(ls);
    for (size_t i = 0; i < ls->nfollowed; i++)
        free(ls->followed[i].target);
    ls->nfollowed = 0;
    ls->nnumbers = 0;
    if (ls->no_dangling && ls->dangling)
        cli_error("%s: there are dangling links", ls->file_name);
    ls->dangling = false;
    names_free(&ls->names);
    ls->names = (struct names){0};
}

static void
list_argument(struct ls *ls, const char *arg, const hi5_open_options *options)
{
    const char *rest;
    hi5_error err;

    if (cli_open_prefix(arg, options, &ls->file, &rest, &err)) {
        cli_fail(*err.path ? NULL : arg, &err);
        return;
    }
    char *name = cli_copy_n(arg, (size_t)(rest - arg));
    ls->file_name = name;
    begin_argument(ls, rest, options->driver);
    bool root = rest[strspn(rest, "/")] == '\0';
    if (root || !ls_named_link(ls, rest))
        ls_path(ls, *rest ? rest : "/");
    end_argument(ls);
    hi5_close(ls->file, NULL);
    free(name);
}

/* -----------------------------------------------------------------------------
 * The command line
 */

static const char ls_help[] =
    "Usage: hi5 ls [OPTIONS] FILE[/OBJECT]...\n"
    "\n"
    "List the objects of HDF5 files: one line each, with its name and kind, and the\n"
    "shape of datasets. The output is that of h5ls.\n"
    "\n"
    "What to list\n"
    "  FILE                  the root group of the file\n"
    "  FILE/GROUP            a group in it\n"
    "  FILE/DATASET          one dataset or datatype\n"
    "  -r, --recursive       groups below groups as well, with full names\n"
    "  -g, --group           a group itself, not what it holds\n"
    "  --follow-symlinks     also what soft and external links point to\n"
    "  -G, --no-dangling-links  with it: links that point nowhere are a failure\n"
    "  -E, --external        follow external links only\n"
    "\n"
    "How much to tell\n"
    "  -v, --verbose         attributes, address, links, time, comment, chunks,\n"
    "                        storage, filters and the type of each object\n"
    "  -a, --address         with -v: addresses of raw data, a line for each chunk\n"
    "  -d, --data            the values of datasets (see also: hi5 cat, hi5 dump)\n"
    "\n"
    "How to print it\n"
    "  -f, --full            full names rather than the last part\n"
    "  -S, --simple          for programs: one value a line, types by size and order\n"
    "  -l, --label           with -d: members of compounds as name=value\n"
    "  -s, --string          with -d: one-byte integers as text\n"
    "  -x, --hexdump         with -d: bytes in hexadecimal\n"
    "  -w N, --width=N       columns to print data in; 0: one value a line\n"
    "\n"
    "Files in several parts\n"
    "  --vfd=NAME            sec2 (one file), family, split or multi; without it,\n"
    "                        what the name and the file say\n"
    "\n"
    "  -e, --enable-error-stack  accepted; errors are always reported\n"
    "  -h, --help            this\n"
    "  -V, --version         the version\n"
    "\n"
    "Examples\n"
    "  hi5 ls run.h5                       the top of the file\n"
    "  hi5 ls -r run.h5                    everything in it\n"
    "  hi5 ls -v run.h5/detector/images    all about one dataset\n"
    "  hi5 ls -d run.h5/detector/gain      its values\n"
    "  hi5 ls -r --vfd=family run%05d.h5   a file in parts run00000.h5 and so on\n"
    "\n"
    "HDF5_EXT_PREFIX, HDF5_VDS_PREFIX and HDF5_EXTFILE_PREFIX tell where to look for\n"
    "linked files, sources of virtual datasets and external raw data.\n"
    "\n"
    "Exit status: 0, or 1 if anything could not be read; the rest is listed anyway.\n";

enum { OPT_WIDTH = 256, OPT_DRIVER, OPT_FOLLOW, OPT_IGNORED };

static const struct cli_option ls_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'h', '?', NULL, CLI_NOTHING},
    {'V', 'V', "version", CLI_NOTHING},
    {'a', 'a', "address", CLI_NOTHING},
    {'d', 'd', "data", CLI_NOTHING},
    {'e', 'e', "errors", CLI_NOTHING},
    {'e', 0, "enable-error-stack", CLI_MAYBE},
    {'E', 'E', "external", CLI_NOTHING},
    {'f', 'f', "full", CLI_NOTHING},
    {'g', 'g', "group", CLI_NOTHING},
    {'G', 'G', "no-dangling-links", CLI_NOTHING},
    {'l', 'l', "label", CLI_NOTHING},
    {'r', 'r', "recursive", CLI_NOTHING},
    {'s', 's', "string", CLI_NOTHING},
    {'S', 'S', "simple", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_NOTHING},
    {'x', 'x', "hexdump", CLI_NOTHING},
    {OPT_WIDTH, 'w', "width", CLI_VALUE},
    {OPT_FOLLOW, 0, "follow-symlinks", CLI_NOTHING},
    {OPT_DRIVER, 0, "vfd", CLI_VALUE},
    {OPT_DRIVER, 0, "vfd-name", CLI_VALUE},
    {OPT_IGNORED, 0, "page-buffer-size", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

/* Options that only set something; false if `id` is not one of them. */
static bool
set_flag(struct ls *ls, int id)
{
    switch (id) {
    case 'a':
        ls->address = true;
        break;
    case 'd':
        ls->data = true;
        break;
    case 'e':
        break;
    case 'E':
        ls->follow_external = true;
        break;
    case 'f':
        ls->full = true;
        break;
    case 'g':
        ls->literal = true;
        break;
    case 'G':
        ls->no_dangling = true;
        break;
    case 'l':
        ls->label = true;
        break;
    case 'r':
        ls->recursive = ls->full = true;
        break;
    case 's':
        ls->string = true;
        break;
    case 'S':
        ls->simple = true;
        break;
    case 'v':
        ls->verbose++;
        break;
    case 'x':
        ls->hexdump = true;
        break;
    case OPT_FOLLOW:
        ls->follow = true;
        break;
    case OPT_IGNORED:
        break;
    default:
        return false;
    }
    return true;
}

static bool
set_value(struct ls *ls, hi5_open_options *options, int id, const char *value)
{
    uint64_t n;

    if (id == OPT_DRIVER) {
        if (cli_driver(value, &options->driver))
            return true;
        cli_usage_error("there is no driver '%s'", value);
        return false;
    }
    if (!cli_number(value, &n) || n > INT32_MAX) {
        cli_usage_error("the width '%s' is not a number", value);
        return false;
    }
    ls->no_wrap = n == 0;
    ls->width = (unsigned)n;
    return true;
}

/* Read the options; the index of the first argument, or the exit status as a negative
 * number less one. */
static int
read_options(struct ls *ls, hi5_open_options *options, int argc, char **argv)
{
    struct cli_parser p;
    int id;

    cli_parse(&p, ls_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return -1 - EXIT_FAILURE;
        if (id == 'h' || id == 'V') {
            if (id == 'h')
                cli_puts(stdout, ls_help);
            else
                cli_printf(stdout, "hi5 ls: version %s\n", hi5_version());
            return -1 - EXIT_SUCCESS;
        }
        if (!set_flag(ls, id) && !set_value(ls, options, id, p.value))
            return -1 - EXIT_FAILURE;
    }
    if (p.index >= argc)
        cli_usage_error("which file?");
    else if (ls->recursive && ls->literal)
        cli_usage_error("--recursive and --group do not go together");
    else if (ls->no_dangling && !ls->follow)
        cli_usage_error("--no-dangling-links needs --follow-symlinks");
    else
        return p.index;
    return -1 - EXIT_FAILURE;
}

int
cmd_ls(int argc, char **argv)
{
    struct ls ls = {.width = cli_columns(stderr, 80)};
    hi5_open_options options;

    cli_open_options(&options);
    int first = read_options(&ls, &options, argc, argv);
    if (first < 0)
        return -1 - first;
    ls.show_file_name = argc - first > 1;
    for (int i = first; i < argc; i++)
        list_argument(&ls, argv[i], &options);
    free(ls.followed);
    free(ls.numbers);
    cli_str_free(&ls.out);
    return cli_finish();
}
