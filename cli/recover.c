/*
 * recover.c - `hi5 recover`: what can be saved of a damaged file
 *
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

enum { OPT_LIST = 256, OPT_JSON, OPT_DRIVER, OPT_FORCE };

static const struct cli_option recover_options[] = {
    {'h', 'h', "help", CLI_NOTHING},        {'q', 'q', "quiet", CLI_NOTHING},
    {'v', 'v', "verbose", CLI_NOTHING},     {OPT_LIST, 'l', "list", CLI_NOTHING},
    {OPT_JSON, 0, "json", CLI_NOTHING},     {OPT_DRIVER, 0, "vfd", CLI_VALUE},
    {OPT_FORCE, 'f', "force", CLI_NOTHING}, {0, 0, NULL, CLI_NOTHING},
};

struct recovering {
    hi5_open_options open;
    hi5_recover_options options;
    bool json, quiet, verbose, color, progress;
    bool any;             /* an object was printed */
    struct cli_str parts; /* of the dataset at hand, as it is printed */
    uint64_t nparts;
    int status;
};

static void
print_help(void)
{
    cli_puts(
        stdout,
        "hi5 recover - what can be saved of a damaged file\n"
        "\n"
        "Usage: hi5 recover [OPTIONS] FILE OUT\n"
        "       hi5 recover --list [OPTIONS] FILE...\n"
        "\n"
        "  -f, --force        replace OUT, if there is such a file\n"
        "  -l, --list         list what is left; nothing is written\n"
        "  -v, --verbose      list the parts of datasets that are lost\n"
        "  -q, --quiet        print nothing; the exit status tells\n"
        "      --json         one JSON object for each file, one per line\n"
        "      --vfd NAME     sec2, family, split or multi\n"
        "\n"
        "The file may be cut off, its superblock gone, trees and heaps overwritten.\n"
        "Objects that no link leads to any more are listed below /lost+found, by the\n"
        "addresses of their headers; some may have been deleted before.\n"
        "\n"
        "OUT gets all of this that is whole, and of datasets that are partial the "
        "chunks "
        "or\n"
        "bytes that are there. What is not whole has an attribute, hi5_recovered, that "
        "tells\n"
        "what is missing.\n"
        "\n"
        "The exit status is 0 if everything is whole, 1 if something is partial or "
        "has\n"
        "lost its name, 2 if something is lost, and 3 if nothing can be read at "
        "all,\n"
        "or OUT cannot be written.\n");
}

static const char *
kind_name(hi5_kind kind)
{
    static const char *const names[] = {"object", "group", "dataset", "datatype"};

    return (unsigned)kind < 4 ? names[kind] : "object";
}

static const char *
state_name(hi5_salvage state)
{
    return state == HI5_WHOLE ? "whole" : state == HI5_PARTIAL ? "partial" : "lost";
}

/* -----------------------------------------------------------------------------
 * Progress
 */

static void
show_progress(void *ctx, bool searching, uint64_t done, uint64_t all)
{
    static unsigned calls;

    (void)ctx;
    if (calls++ % 16 != 0)
        return;
    if (searching)
        fprintf(stderr, "\rsearching: %3.0f%% ",
                all ? 100.0 * (double)done / (double)all : 100.0);
    else
        fprintf(stderr, "\r%llu of %llu objects ", (unsigned long long)done,
                (unsigned long long)all);
}

static void
hide_progress(const struct recovering *r)
{
    if (r->progress)
        fputs("\r\033[K", stderr);
}

/* -----------------------------------------------------------------------------
 * Objects
 */

static void
lost_part(void *ctx, hi5_dataset *d, const hi5_lost_part *part)
{
    struct recovering *r = ctx;
    const unsigned rank = hi5_dataset_shape(d)->rank;
    const uint64_t *numbers[] = {part->start, part->count};

    r->nparts++;
    if (!r->verbose && !r->json)
        return;
    if (!r->json) {
        cli_str_puts(&r->parts, "             [");
        for (unsigned i = 0; i < rank; i++)
            cli_str_printf(&r->parts, "%s%llu:%llu", i ? ", " : "",
                           (unsigned long long)part->start[i],
                           (unsigned long long)(part->start[i] + part->count[i]));
        cli_str_printf(&r->parts, "] %s\n", part->reason);
        return;
    }
    cli_str_puts(&r->parts, r->nparts > 1 ? ",{" : "{");
    for (unsigned k = 0; k < 2; k++) {
        cli_str_puts(&r->parts, k ? "],\"count\":[" : "\"start\":[");
        for (unsigned i = 0; i < rank; i++)
            cli_str_printf(&r->parts, "%s%llu", i ? "," : "",
                           (unsigned long long)numbers[k][i]);
    }
    cli_str_puts(&r->parts, "]}");
}

static const char *
part_name(const hi5_salvaged *s)
{
    hi5_layout layout;
    hi5_dataset *d = NULL;
    const char *name = "elements";

    if (s->kind == HI5_KIND_GROUP)
        return "links";
    if (s->object && hi5_object_dataset(s->object, &d, NULL) == HI5_OK) {
        hi5_dataset_get_layout(d, &layout);
        name = layout.kind == HI5_CHUNKED ? "chunks" : name;
    }
    hi5_dataset_close(d);
    return name;
}

static void
print_object(const struct recovering *r, const hi5_salvaged *s)
{
    const char *paint = s->state == HI5_LOST      ? "\033[1;31m"
                        : s->state == HI5_PARTIAL ? "\033[1;33m"
                                                  : "\033[32m";

    cli_printf(stdout, "  %s%-7s%s  %-8s  ", r->color ? paint : "",
               state_name(s->state), r->color ? "\033[0m" : "", kind_name(s->kind));
    report_text(stdout, s->path);
    if (s->kind == HI5_KIND_DATASET && s->state == HI5_PARTIAL)
        cli_printf(stdout, "  %llu of %llu %s", (unsigned long long)s->good,
                   (unsigned long long)s->parts, part_name(s));
    if (s->attributes_lost)
        cli_printf(stdout, "  %llu of %llu attributes lost",
                   (unsigned long long)s->attributes_lost,
                   (unsigned long long)s->attributes);
    cli_puts(stdout, "\n");
    if (*s->reason) {
        cli_puts(stdout, "           ");
        report_text(stdout, s->reason);
        cli_puts(stdout, "\n");
    }
    cli_puts(stdout, cli_str_text(&r->parts));
}

static void
print_json_object(const struct recovering *r, const hi5_salvaged *s)
{
    cli_printf(stdout, "%s{\"path\":", r->any ? "," : "");
    report_json_string(stdout, s->path);
    cli_printf(stdout,
               ",\"kind\":\"%s\",\"state\":\"%s\",\"address\":%llu,\"found\":%s,"
               "\"verified\":%s,\"parts\":%llu,\"good\":%llu,\"part\":\"%s\","
               "\"attributes\":%llu,\"attributes_lost\":%llu",
               kind_name(s->kind), state_name(s->state), (unsigned long long)s->address,
               s->found ? "true" : "false", s->verified ? "true" : "false",
               (unsigned long long)s->parts, (unsigned long long)s->good, part_name(s),
               (unsigned long long)s->attributes,
               (unsigned long long)s->attributes_lost);
    if (*s->reason) {
        cli_puts(stdout, ",\"reason\":");
        report_json_string(stdout, s->reason);
    }
    if (r->nparts)
        cli_printf(stdout, ",\"lost\":[%s]", cli_str_text(&r->parts));
    cli_puts(stdout, "}");
}

static hi5_status
salvaged(void *ctx, const hi5_salvaged *s, hi5_error *err)
{
    struct recovering *r = ctx;

    (void)err;
    hide_progress(r);
    if (r->json)
        print_json_object(r, s);
    else if (!r->quiet)
        print_object(r, s);
    r->any = true;
    cli_str_cut(&r->parts, 0);
    r->nparts = 0;
    return HI5_OK;
}

/* -----------------------------------------------------------------------------
 * Files
 */

static void
print_sum(const hi5_recovery *t)
{
    if (!t->superblock)
        cli_printf(stdout,
                   "  the superblock is gone; address 0 seems to be at 0x%llx, offsets "
                   "seem to have %u bytes, lengths %u\n",
                   (unsigned long long)t->base_address, t->offset_size, t->length_size);
    if (t->missing)
        cli_printf(stdout, "  %llu bytes are missing at the end\n",
                   (unsigned long long)t->missing);
    if (!t->root)
        cli_puts(stdout, "  the root group is lost\n");
    cli_printf(stdout,
               "  %llu whole, %llu partial, %llu lost; %llu without a link to them; "
               "%llu of %llu attributes lost\n",
               (unsigned long long)t->whole, (unsigned long long)t->partial,
               (unsigned long long)t->lost, (unsigned long long)t->found,
               (unsigned long long)t->attributes_lost,
               (unsigned long long)t->attributes);
}

static void
print_json_sum(const hi5_recovery *t, const char *to)
{
    cli_printf(stdout,
               "],\"superblock\":%s,\"root\":%s,\"base_address\":%llu,"
               "\"offset_size\":%u,\"length_size\":%u,\"file_size\":%llu,"
               "\"missing\":%llu,\"groups\":%llu,\"datasets\":%llu,\"datatypes\":%llu,"
               "\"whole\":%llu,\"partial\":%llu,\"lost\":%llu,\"found\":%llu,"
               "\"attributes\":%llu,\"attributes_lost\":%llu",
               t->superblock ? "true" : "false", t->root ? "true" : "false",
               (unsigned long long)t->base_address, t->offset_size, t->length_size,
               (unsigned long long)t->file_size, (unsigned long long)t->missing,
               (unsigned long long)t->groups, (unsigned long long)t->datasets,
               (unsigned long long)t->datatypes, (unsigned long long)t->whole,
               (unsigned long long)t->partial, (unsigned long long)t->lost,
               (unsigned long long)t->found, (unsigned long long)t->attributes,
               (unsigned long long)t->attributes_lost);
    if (to)
        cli_printf(stdout,
                   ",\"written\":%llu,\"links_lost\":%llu,\"nulled\":%llu,"
                   "\"new_size\":%llu",
                   (unsigned long long)t->written, (unsigned long long)t->links_lost,
                   (unsigned long long)t->nulled, (unsigned long long)t->new_size);
    cli_puts(stdout, "}\n");
}

static void
print_written(const hi5_recovery *t, const char *to)
{
    cli_puts(stdout, "  ");
    report_text(stdout, to);
    cli_printf(stdout, ": %llu objects, %llu bytes", (unsigned long long)t->written,
               (unsigned long long)t->new_size);
    if (t->links_lost)
        cli_printf(stdout, "; %llu links led to what is lost",
                   (unsigned long long)t->links_lost);
    if (t->nulled)
        cli_printf(stdout, "; %llu references are null now",
                   (unsigned long long)t->nulled);
    cli_puts(stdout, "\n");
}

static int
status_of(const hi5_recovery *t)
{
    if (t->lost || !t->root)
        return 2;
    return t->partial || t->found || t->attributes_lost || !t->superblock || t->missing;
}

static void
recover_file(struct recovering *r, const char *file)
{
    hi5_recovery t;
    hi5_error err;
    hi5_status s;
    int status = 3;

    r->any = false;
    if (r->json) {
        cli_puts(stdout, "{\"file\":");
        report_json_string(stdout, file);
        cli_puts(stdout, ",\"objects\":[");
    } else if (!r->quiet) {
        report_text(stdout, file);
        cli_puts(stdout, "\n");
    }
    s = hi5_recover(file, &r->open, &r->options, salvaged, r, &t, &err);
    hide_progress(r);
    if (r->json)
        print_json_sum(&t, r->options.to);
    if (s) {
        if (!r->quiet)
            cli_fail(*err.path ? NULL : file, &err);
    } else {
        if (!r->json && !r->quiet)
            print_sum(&t);
        if (!r->json && !r->quiet && r->options.to)
            print_written(&t, r->options.to);
        status = status_of(&t);
    }
    if (status > r->status)
        r->status = status;
}

int
cmd_recover(int argc, char **argv)
{
    struct recovering r = {.options = {.size = sizeof r.options}};
    bool list = false;
    struct cli_parser p;
    int id;

    cli_open_options(&r.open);
    cli_parse(&p, recover_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return 3;
        if (id == 'h') {
            print_help();
            return cli_finish();
        }
        list |= id == OPT_LIST;
        r.quiet |= id == 'q';
        r.verbose |= id == 'v';
        r.json |= id == OPT_JSON;
        r.options.replace |= id == OPT_FORCE;
        if (id == OPT_DRIVER && !cli_driver(p.value, &r.open.driver)) {
            cli_usage_error("there is no driver '%s'", p.value);
            return 3;
        }
    }
    if (p.index >= argc || (!list && argc - p.index != 2)) {
        cli_usage_error(list ? "which file?" : "which file, and what is the new one?");
        return 3;
    }
    if (!list)
        r.options.to = argv[--argc];
    r.color = cli_color(stdout);
    r.options.lost = lost_part;
    r.options.lost_ctx = &r;
    r.progress = cli_terminal(stderr) && cli_terminal(stdout) && !r.quiet && !r.json;
    r.options.progress = r.progress ? show_progress : NULL;
    for (int i = p.index; i < argc; i++)
        recover_file(&r, argv[i]);
    cli_str_free(&r.parts);
    return r.status;
}
