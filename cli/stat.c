/*
 * stat.c - `hi5 stat`: how much there is of what in a file
 *
 * SPDX-License-Identifier: MIT
 */
#include "stat.h"

#include <stdlib.h>

enum { OPT_JSON = 256, OPT_DRIVER, OPT_ERRORS };

static const struct cli_option stat_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'V', 'V', "version", CLI_NOTHING},
    {'f', 'f', "file", CLI_NOTHING},
    {'F', 'F', "filemetadata", CLI_NOTHING},
    {'g', 'g', "group", CLI_NOTHING},
    {'l', 'l', "links", CLI_VALUE},
    {'G', 'G', "groupmetadata", CLI_NOTHING},
    {'d', 'd', "dset", CLI_NOTHING},
    {'m', 'm', "dims", CLI_VALUE},
    {'D', 'D', "dsetmetadata", CLI_NOTHING},
    {'T', 'T', "dtypemetadata", CLI_NOTHING},
    {'A', 'A', "attribute", CLI_NOTHING},
    {'a', 'a', "numattrs", CLI_VALUE},
    {'s', 's', "freespace", CLI_NOTHING},
    {'S', 'S', "summary", CLI_NOTHING},
    {OPT_ERRORS, 'E', "enable-error-stack", CLI_MAYBE},
    {OPT_JSON, 0, "json", CLI_NOTHING},
    {OPT_DRIVER, 0, "vfd", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

static void
print_help(void)
{
    cli_puts(stdout,
             "hi5 stat - how much there is of what in a file\n"
             "\n"
             "Usage: hi5 stat [OPTIONS] FILE\n"
             "\n"
             "  -f, --file            objects, and links to them\n"
             "  -F, --filemetadata    bytes of metadata\n"
             "  -g, --group           how many links groups have\n"
             "  -l, --links=N         groups with fewer than N are counted singly, 10\n"
             "  -G, --groupmetadata   bytes of groups' metadata\n"
             "  -d, --dset            dimensions, layouts and filters of datasets\n"
             "  -m, --dims=N          datasets of fewer than N elements are counted "
             "singly, 10\n"
             "  -D, --dsetmetadata    bytes of datasets' metadata\n"
             "  -T, --dtypemetadata   datatypes of datasets\n"
             "  -A, --attribute       how many attributes objects have\n"
             "  -a, --numattrs=N      objects with up to N are counted singly, 10\n"
             "  -s, --freespace       free space that the file keeps track of\n"
             "  -S, --summary         what takes how much of the file\n"
             "      --json            everything, as JSON\n"
             "      --vfd NAME        sec2, family, split or multi\n"
             "\n"
             "Without options, all of it. What is printed is what h5stat prints.\n");
}

static unsigned
part_of(int id)
{
    static const struct {
        int id;
        unsigned part;
    } parts[] = {
        {'f', STAT_FILE},      {'F', STAT_FILE_METADATA},
        {'g', STAT_GROUPS},    {'G', STAT_GROUP_METADATA},
        {'d', STAT_DATASETS},  {'D', STAT_DATASET_METADATA},
        {'T', STAT_DATATYPES}, {'A', STAT_ATTRIBUTES},
        {'s', STAT_FREE},      {'S', STAT_SUMMARY},
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].id == id)
            return parts[i].part;
    return 0;
}

/* A number of things from 1 on. */
static bool
threshold(const char *text, uint64_t *n)
{
    return cli_number(text, n) && *n >= 1 && *n <= 1000000;
}

static bool
take_threshold(struct stat *s, int id, const char *value)
{
    switch (id) {
    case 'l':
        return threshold(value, &s->few_links);
    case 'm':
        return threshold(value, &s->few_elements);
    case 'a':
        return threshold(value, &s->few_attributes);
    default:
        return true;
    }
}

static void
run(struct stat *s, const hi5_open_options *open, unsigned what, bool as_json)
{
    hi5_file *f;
    hi5_error err;

    if (!as_json)
        cli_printf(stdout, "Filename: %s\n", s->file_name);
    if (hi5_open(s->file_name, open, &f, &err)) {
        cli_fail(NULL, &err);
        return;
    }
    stat_count(s, f);
    if (as_json)
        stat_json(s);
    else
        stat_print(s, what);
    stat_free(s);
    hi5_close(f, NULL);
}

int
cmd_stat(int argc, char **argv)
{
    struct stat s = {.few_links = 10, .few_attributes = 10, .few_elements = 10};
    hi5_open_options open;
    struct cli_parser p;
    unsigned what = 0;
    bool as_json = false;
    int id;

    cli_open_options(&open);
    cli_parse(&p, stat_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return EXIT_FAILURE;
        if (id == 'h' || id == 'V') {
            if (id == 'h')
                print_help();
            else
                cli_printf(stdout, "hi5 stat: Version %s\n", hi5_version());
            return cli_finish();
        }
        what |= part_of(id);
        as_json |= id == OPT_JSON;
        if (!take_threshold(&s, id, p.value))
            return cli_usage_error("'%s' is not a number from 1 to 1000000", p.value);
        if (id == OPT_DRIVER && !cli_driver(p.value, &open.driver))
            return cli_usage_error("there is no driver '%s'", p.value);
    }
    if (p.index + 1 != argc)
        return cli_usage_error("which file? One at a time.");
    s.file_name = argv[p.index];
    run(&s, &open, what, as_json);
    return cli_finish();
}
