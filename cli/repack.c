/*
 * repack.c - hi5 repack: a file written anew, with other filters, layouts, or formats
 *
 * SPDX-License-Identifier: MIT
 */
#include "repack.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPT_LOW = 256,
    OPT_HIGH,
    OPT_MERGE,
    OPT_PRUNE,
    OPT_COMPAT,
    OPT_DURABLE,
    OPT_THREADS,
    OPT_STACK
};

static const struct cli_option repack_options[] = {
    {'h', 'h', "help", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_MAYBE},
    {'n', 'n', "native", CLI_NOTHING},
    {'L', 'L', "latest", CLI_NOTHING},
    {OPT_LOW, 0, "low", CLI_VALUE},
    {OPT_HIGH, 0, "high", CLI_VALUE},
    {OPT_COMPAT, 0, "compat", CLI_VALUE},
    {OPT_MERGE, 0, "merge", CLI_NOTHING},
    {OPT_PRUNE, 0, "prune", CLI_NOTHING},
    {'c', 'c', "compact", CLI_VALUE},
    {'d', 'd', "indexed", CLI_VALUE},
    {'s', 's', "ssize", CLI_VALUE},
    {'m', 'm', "minimum", CLI_VALUE},
    {'e', 'e', "file", CLI_VALUE},
    {'u', 'u', "ublock", CLI_VALUE},
    {'b', 'b', "block", CLI_VALUE},
    {'M', 'M', "metadata_block_size", CLI_VALUE},
    {'t', 't', "threshold", CLI_VALUE},
    {'a', 'a', "alignment", CLI_VALUE},
    {'q', 'q', "sort_by", CLI_VALUE},
    {'z', 'z', "sort_order", CLI_VALUE},
    {'f', 'f', "filter", CLI_VALUE},
    {'l', 'l', "layout", CLI_VALUE},
    {'S', 'S', "fs_strategy", CLI_VALUE},
    {'P', 'P', "fs_persist", CLI_VALUE},
    {'T', 'T', "fs_threshold", CLI_VALUE},
    {'G', 'G', "fs_pagesize", CLI_VALUE},
    {'i', 'i', "infile", CLI_VALUE},
    {'o', 'o', "outfile", CLI_VALUE},
    {OPT_THREADS, 0, "threads", CLI_VALUE},
    {OPT_DURABLE, 0, "durable", CLI_NOTHING},
    {OPT_STACK, 0, "enable-error-stack", CLI_MAYBE},
    {0, 0, NULL, CLI_NOTHING},
};

struct repacking {
    hi5_repack_options options;
    hi5_open_options from, to;
    hi5_create_options create;
    hi5_shared_index shared[8];
    struct rules rules;
    const char *input, *output, *userblock;
    bool verbose, progress, shown;
};

static void
print_help(void)
{
    cli_puts(
        stdout,
        "hi5 repack - write a file anew, with other filters, layouts, or formats\n"
        "\n"
        "Usage: hi5 repack [OPTIONS] FILE NEWFILE\n"
        "       hi5 repack [OPTIONS] FILE           in its own place\n"
        "\n"
        "  -f, --filter [OBJECTS:]FILTER   GZIP=1..9  SHUF  FLET  NBIT  "
        "SZIP=PIXELS,EC|NN\n"
        "                         SOFF=FACTOR,IN|DS  UD=ID,FLAG,N,VALUES...  NONE; "
        "several\n"
        "                         -f are applied one after the other\n"
        "  -l, --layout [OBJECTS:]LAYOUT   CHUNK=10x20  COMPA  CONTI\n"
        "  -e, --file FILE        take -f and -l from a file\n"
        "  -m, --minimum BYTES    leave the filters of smaller datasets alone\n"
        "  -n, --native           numbers as this machine has them\n"
        "      --compat RELEASE   of libhdf5 that the file is for: earliest, v18, "
        "v110,\n"
        "                         v112, v114, v200, latest; default: as it is\n"
        "      --low N, --high N  the same as h5repack has it: 0 earliest, 1 v18, 2 "
        "v110\n"
        "  -L, --latest           the same as --compat v110\n"
        "  -c, --compact N        links that a group keeps in its header\n"
        "  -d, --indexed N        links that it keeps in a heap, at least\n"
        "      --merge            copy what external links lead to\n"
        "      --prune            leave external links out (with --merge: dead ones)\n"
        "  -q, --sort_by Q        take links by 'name' or 'creation_order'\n"
        "  -z, --sort_order Z     'ascending' or 'descending'\n"
        "  -u, --ublock FILE      put this into the user block\n"
        "  -b, --block BYTES      of the user block: 512, 1024, 2048, ...\n"
        "  -S, --fs_strategy S    FSM_AGGR, PAGE, AGGR, NONE; by default as it is,\n"
        "  -P, -T, -G             and so are persist (0, 1), threshold and page size\n"
        "  -s, --ssize BYTES[:KIND]  share messages of so many bytes: dspace, dtype,\n"
        "                         fill, pline, attr; by default as it is\n"
        "  -a, --alignment N      of pieces of -t, --threshold BYTES or more\n"
        "      --threads N        to work with; default: one for each processor\n"
        "      --durable          wait for the disk\n"
        "  -v, --verbose          say what came of it\n"
        "\n"
        "OBJECTS are paths with commas between. The new file has its name when all of "
        "it\n"
        "is there; until then it is called NEWFILE.hi5-new.\n");
}

/* -----------------------------------------------------------------------------
 * Progress
 */

static void
show_progress(void *ctx, uint64_t done, uint64_t all)
{
    struct repacking *const r = ctx;
    const unsigned width = 40;
    const unsigned full = all ? (unsigned)((double)done / (double)all * width) : width;
    static unsigned last = ~0u;
    const unsigned now = all ? (unsigned)(100.0 * (double)done / (double)all) : 100;

    if (now == last)
        return;
    last = now;
    r->shown = true;
    fprintf(stderr, "\r[%.*s%*s] %3u%%", (int)full,
            "########################################", (int)(width - full), "", now);
}

static void
hide_progress(const struct repacking *r)
{
    if (r->shown)
        fputs("\r\033[K", stderr);
}

static void
tell_skipped(void *ctx, uint64_t address, const char *reason)
{
    const struct repacking *const r = ctx;

    hide_progress(r);
    cli_warn("%s: the dataset at 0x%llx stays as it is: %s", r->input,
             (unsigned long long)address, reason);
}

/* -----------------------------------------------------------------------------
 * Options
 */

static bool
take_number(const char *text, uint64_t most, uint64_t *value)
{
    if (cli_number(text, value) && *value <= most)
        return true;
    cli_usage_error("'%s' is not a number that fits", text);
    return false;
}

static bool
take_order(struct repacking *r, int id, const char *value)
{
    const bool name = strcmp(value, "name") == 0,
               down = strcmp(value, "descending") == 0;

    if (id == 'q' && !name && strcmp(value, "creation_order") != 0)
        return cli_usage_error("-q wants 'name' or 'creation_order'"), false;
    if (id == 'z' && !down && strcmp(value, "ascending") != 0)
        return cli_usage_error("-z wants 'ascending' or 'descending'"), false;
    if (id == 'q')
        r->options.order = name ? HI5_BY_NAME : HI5_BY_CREATION;
    else if (!r->options.sorted)
        r->options.order = HI5_BY_NAME;
    r->options.decreasing |= id == 'z' && down;
    r->options.sorted = true;
    return true;
}

/* -S, -P, -T, -G: how the space of the file is managed. */
static bool
take_space(struct repacking *r, int id, const char *value)
{
    static const char *const strategies[] = {"FSM_AGGR", "PAGE", "AGGR", "NONE"};
    uint64_t n = 0;

    if (id == 'S') {
        while (n < 4 && strcmp(value, strategies[n]) != 0)
            n++;
        if (n == 4)
            return cli_usage_error("-S wants FSM_AGGR, PAGE, AGGR or NONE"), false;
        r->create.fs_strategy = (hi5_fspace)n;
        r->options.space |= HI5_REPACK_STRATEGY;
        return true;
    }
    if (!take_number(value, id == 'P' ? 1 : UINT64_MAX, &n))
        return false;
    switch (id) {
    case 'P':
        r->create.fs_persist = n != 0;
        r->options.space |= HI5_REPACK_PERSIST;
        break;
    case 'T':
        r->create.fs_threshold = n;
        r->options.space |= HI5_REPACK_THRESHOLD;
        break;
    default:
        if (n == 0)
            return cli_usage_error("-G wants 512 bytes or more"), false;
        r->create.fs_page_size = n;
        r->options.space |= HI5_REPACK_PAGE_SIZE;
        break;
    }
    return true;
}

/* -s MIN[:KIND]: each kind of message has an index of its own, as h5repack has it. */
static bool
take_shared(struct repacking *r, const char *value)
{
    static const struct {
        const char *name;
        unsigned kind;
    } kinds[] = {{"dspace", HI5_SHARE_SPACE}, {"dtype", HI5_SHARE_TYPE},
                 {"fill", HI5_SHARE_FILL},    {"pline", HI5_SHARE_FILTERS},
                 {"attr", HI5_SHARE_ATTRIBUTES}};
    const char *const colon = strchr(value, ':');
    const size_t digits = colon ? (size_t)(colon - value) : strlen(value);
    char number[16] = "";
    bool known = false;
    uint64_t n;

    if (digits < sizeof number)
        memcpy(number, value, digits);
    if (!take_number(number, UINT32_MAX, &n))
        return false;
    if (n == 0)
        return true; /* as if it was not given, as h5repack has it */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t at = 0;

        if (colon && strcmp(colon + 1, kinds[i].name) != 0)
            continue;
        known = true;
        while (at < r->create.nshared && r->shared[at].kinds != kinds[i].kind)
            at++;
        r->shared[at] = (hi5_shared_index){kinds[i].kind, (uint32_t)n};
        r->create.nshared += at == r->create.nshared;
    }
    r->create.shared = r->shared;
    if (!known)
        cli_usage_error("-s wants BYTES, or BYTES:dspace, :dtype, :fill, :pline or :attr");
    return known;
}

/* N of --low and --high: what is written is what the lower one asks for. */
static bool
take_bound(struct repacking *r, int id, const char *value)
{
    static const hi5_compat bounds[] = {HI5_COMPAT_EARLIEST, HI5_COMPAT_V18,
                                        HI5_COMPAT_V110,     HI5_COMPAT_V112,
                                        HI5_COMPAT_V114,     HI5_COMPAT_V200};
    uint64_t n;

    if (!take_number(value, sizeof bounds / sizeof *bounds - 1, &n))
        return false;
    if (id == OPT_LOW)
        r->to.compat = bounds[n];
    return true;
}

static bool
take_counted(struct repacking *r, int id, const char *value)
{
    uint64_t n;

    if (!take_number(value,
                     id == 'm' || id == 't' || id == 'a' ? UINT64_MAX
                     : id == 'b'                         ? UINT32_MAX
                                                         : 65535,
                     &n))
        return false;
    switch (id) {
    case 'c':
        r->options.max_compact = (unsigned)n;
        break;
    case 'd':
        r->options.min_dense = (unsigned)n;
        break;
    case 'm':
        r->options.minimum = n;
        break;
    case 'b':
        r->create.userblock = n;
        break;
    case 't':
        r->to.alignment_threshold = n;
        break;
    case 'a':
        r->to.alignment = n;
        break;
    default:
        r->to.threads = (unsigned)n;
        break;
    }
    return true;
}

static bool
take_option(struct repacking *r, int id, const char *value)
{
    switch (id) {
    case 'f':
        return rules_filter(&r->rules, value);
    case 'l':
        return rules_layout(&r->rules, value);
    case 'e':
        return rules_file(&r->rules, value);
    case 'q':
    case 'z':
        return take_order(r, id, value);
    case 'S':
    case 'P':
    case 'T':
    case 'G':
        return take_space(r, id, value);
    case 'M':
        cli_warn("-M does nothing: metadata takes the space that it needs");
        return true;
    case 's':
        return take_shared(r, value);
    case OPT_LOW:
    case OPT_HIGH:
        return take_bound(r, id, value);
    case OPT_COMPAT:
        if (target_compat(value, &r->to.compat))
            return true;
        cli_usage_error("'%s' is no release", value);
        return false;
    case 'c':
    case 'd':
    case 'm':
    case 'b':
    case 't':
    case 'a':
    case OPT_THREADS:
        return take_counted(r, id, value);
    case 'u':
        r->userblock = value;
        return true;
    case 'i':
        r->input = value;
        return true;
    case 'o':
        r->output = value;
        return true;
    default:
        r->verbose |= id == 'v';
        r->to.durable |= id == OPT_DURABLE;
        r->options.native |= id == 'n';
        r->options.merge_external |= id == OPT_MERGE;
        r->options.prune_external |= id == OPT_PRUNE;
        if (id == 'L')
            r->to.compat = HI5_COMPAT_V110;
        return true;
    }
}

/* The bytes of a file for the user block, whose size follows unless it was given. */
static bool
load_userblock(struct repacking *r)
{
    FILE *const in = fopen(r->userblock, "rb");
    struct cli_str s = {0};
    char piece[4096];
    uint64_t size = 512;
    size_t n;

    if (!in) {
        cli_error("cannot open '%s'", r->userblock);
        return false;
    }
    while ((n = fread(piece, 1, sizeof piece, in)) > 0)
        cli_str_add(&s, piece, n);
    fclose(in);
    while (size < s.n)
        size *= 2;
    if (r->create.userblock < size)
        r->create.userblock = size;
    r->options.userblock = cli_str_text(&s);
    r->options.userblock_size = s.n;
    return true;
}

/* -----------------------------------------------------------------------------
 * The work
 */

static void
repack_file(struct repacking *r)
{
    hi5_repack_result sum;
    hi5_error err;

    r->options.open = &r->from;
    r->create.size = sizeof r->create;
    r->create.open = &r->to;
    r->options.create = &r->create;
    r->options.rules = r->rules.rule;
    r->options.nrules = r->rules.n;
    r->options.skipped = tell_skipped;
    r->options.skipped_ctx = r;
    if (cli_terminal(stderr)) {
        r->options.progress = show_progress;
        r->options.progress_ctx = r;
    }
    if (hi5_repack(r->input, r->output, &r->options, &sum, &err)) {
        hide_progress(r);
        cli_fail(*err.path ? NULL : r->input, &err);
        return;
    }
    hide_progress(r);
    if (r->verbose)
        cli_printf(stdout, "%s: %llu bytes; %s: %llu bytes, %llu objects\n", r->input,
                   (unsigned long long)sum.old_size, r->output,
                   (unsigned long long)sum.new_size, (unsigned long long)sum.objects);
    if (sum.nulled)
        cli_warn("%llu references to objects without a name are null now",
                 (unsigned long long)sum.nulled);
}

int
cmd_repack(int argc, char **argv)
{
    struct repacking r = {.options = {.size = sizeof r.options}};
    struct cli_parser p;
    int id;

    cli_open_options(&r.from);
    cli_open_options(&r.to);
    cli_parse(&p, repack_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return 1;
        if (id == 'h') {
            print_help();
            return cli_finish();
        }
        if (!take_option(&r, id, p.value))
            return 1;
    }
    if (p.index < argc && !r.input)
        r.input = argv[p.index++];
    if (p.index < argc && !r.output)
        r.output = argv[p.index++];
    if (!r.input)
        return cli_usage_error("which file?");
    if (p.index < argc)
        return cli_usage_error("'%s' is one argument too many", argv[p.index]);
    if (!r.output)
        r.output = r.input;
    if (!r.userblock || load_userblock(&r))
        repack_file(&r);
    if (r.userblock)
        free((void *)(uintptr_t)r.options.userblock);
    rules_free(&r.rules);
    return cli_finish();
}
