/*
 * map.c - `hi5 map`: what every byte of a file is for
 *
 * SPDX-License-Identifier: MIT
 */
#include "map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_SVG = 256, OPT_HTML, OPT_JSON, OPT_SUMMARY, OPT_DRIVER };

static const struct cli_option map_options[] = {
    {'h', 'h', "help", CLI_NOTHING},    {'s', 's', "summary", CLI_NOTHING},
    {OPT_JSON, 0, "json", CLI_NOTHING}, {OPT_SVG, 0, "svg", CLI_VALUE},
    {OPT_HTML, 0, "html", CLI_VALUE},   {OPT_DRIVER, 0, "vfd", CLI_VALUE},
    {0, 0, NULL, CLI_NOTHING},
};

static void
print_help(void)
{
    cli_puts(
        stdout,
        "hi5 map - what every byte of a file is for\n"
        "\n"
        "Usage: hi5 map [OPTIONS] FILE\n"
        "\n"
        "  -s, --summary      only the sums, by kind\n"
        "      --json         everything, as JSON\n"
        "      --svg OUT      draw it\n"
        "      --html OUT     draw it, as a page that tells about what is pointed at\n"
        "      --vfd NAME     sec2, family, split or multi\n"
        "\n"
        "The table has offset, size, use and owner of each piece. Lost space is what\n"
        "nothing leads to; copying the file object by object gets rid of it.\n");
}

/* -----------------------------------------------------------------------------
 * Collecting
 */

static void
collect(void *ctx, const hi5_extent *e)
{
    struct map *m = ctx;

    if (m->n == m->room) {
        m->room = m->room ? 2 * m->room : 256;
        m->extents = cli_resize(m->extents, m->room, sizeof *m->extents);
    }
    m->extents[m->n] = *e;
    m->extents[m->n].path = cli_copy(e->path);
    m->n++;
}

const char *
map_use_name(hi5_use use)
{
    static const char *const names[] = {"metadata", "data", "free", "lost", "other"};

    return (unsigned)use < 5 ? names[use] : "?";
}

static int
by_kind(const void *a, const void *b)
{
    const struct map_kind *x = a, *y = b;

    if (x->use != y->use)
        return x->use < y->use ? -1 : 1;
    return x->bytes != y->bytes ? (x->bytes > y->bytes ? -1 : 1) : 0;
}

/* Sums by structure, and what tells how scattered the file is. */
static void
sum_up(struct map *m)
{
    uint64_t largest = 0, free = 0;
    const hi5_extent *last = NULL;

    for (size_t i = 0; i < m->n; i++) {
        const hi5_extent *e = &m->extents[i];
        size_t k = 0;

        while (k < m->nkinds && (m->kinds[k].use != e->use ||
                                 strcmp(m->kinds[k].structure, e->structure) != 0))
            k++;
        if (k == MAP_KINDS)
            continue;
        if (k == m->nkinds)
            m->kinds[m->nkinds++] = (struct map_kind){e->structure, e->use, 0, 0};
        m->kinds[k].bytes += e->size;
        m->kinds[k].count += e->count;
        if (e->use == HI5_USE_FREE || e->use == HI5_USE_LOST) {
            free += e->size;
            largest = e->size > largest ? e->size : largest;
        }
        if (e->use == HI5_USE_DATA) {
            m->data_pieces++;
            if (last && strcmp(last->path, e->path) != 0)
                m->data_jumps++;
            last = e;
        }
    }
    m->fragmentation = free ? 1.0 - (double)largest / (double)free : 0.0;
    qsort(m->kinds, m->nkinds, sizeof *m->kinds, by_kind);
}

/* -----------------------------------------------------------------------------
 * Text and JSON
 */

static void
print_table(const struct map *m)
{
    cli_printf(stdout, "%-14s %14s  %-8s  %s\n", "offset", "bytes", "use",
               "what, and whose");
    for (size_t i = 0; i < m->n; i++) {
        const hi5_extent *e = &m->extents[i];

        cli_printf(stdout, "0x%012llx %14llu  %-8s  %s", (unsigned long long)e->offset,
                   (unsigned long long)e->size, map_use_name(e->use), e->structure);
        if (e->count > 1)
            cli_printf(stdout, " x %llu", (unsigned long long)e->count);
        if (*e->path) {
            cli_puts(stdout, "  ");
            report_text(stdout, e->path);
        }
        cli_puts(stdout, e->overlaps ? "  OVERLAPS\n" : "\n");
    }
    cli_puts(stdout, "\n");
}

static void
print_summary(const struct map *m)
{
    const double all = m->totals.file_size ? (double)m->totals.file_size : 1.0;
    uint64_t uses[5] = {0};

    for (size_t i = 0; i < m->nkinds; i++) {
        const struct map_kind *k = &m->kinds[i];

        cli_printf(stdout, "%-8s  %-26s %14llu  %5.1f%%  %llu\n", map_use_name(k->use),
                   k->structure, (unsigned long long)k->bytes,
                   100.0 * (double)k->bytes / all, (unsigned long long)k->count);
        uses[k->use] += k->bytes;
    }
    cli_printf(stdout,
               "\n%llu bytes (%s): %.1f%% metadata, %.1f%% data, %.1f%% free, "
               "%.1f%% lost\n",
               (unsigned long long)m->totals.file_size,
               report_size(m->totals.file_size), 100.0 * (double)uses[0] / all,
               100.0 * (double)uses[1] / all, 100.0 * (double)m->totals.free / all,
               100.0 * (double)m->totals.lost / all);
    cli_printf(stdout,
               "%llu pieces of data; %.0f%% of the unused space is in fragments\n",
               (unsigned long long)m->data_pieces, 100.0 * m->fragmentation);
    if (m->totals.overlaps)
        cli_printf(stdout, "%llu overlaps: hi5 check tells more\n",
                   (unsigned long long)m->totals.overlaps);
}

static void
print_json(const struct map *m)
{
    cli_puts(stdout, "{\"file\":");
    report_json_string(stdout, m->file);
    cli_printf(stdout,
               ",\"file_size\":%llu,\"accounted\":%llu,\"lost\":%llu,\"free\":%llu,"
               "\"overlaps\":%llu,\"data_pieces\":%llu,\"fragmentation\":%.4f,\n"
               "\"kinds\":[",
               (unsigned long long)m->totals.file_size,
               (unsigned long long)m->totals.accounted,
               (unsigned long long)m->totals.lost, (unsigned long long)m->totals.free,
               (unsigned long long)m->totals.overlaps,
               (unsigned long long)m->data_pieces, m->fragmentation);
    for (size_t i = 0; i < m->nkinds; i++)
        cli_printf(stdout,
                   "%s{\"use\":\"%s\",\"structure\":\"%s\",\"bytes\":%llu,"
                   "\"count\":%llu}",
                   i ? "," : "", map_use_name(m->kinds[i].use), m->kinds[i].structure,
                   (unsigned long long)m->kinds[i].bytes,
                   (unsigned long long)m->kinds[i].count);
    cli_puts(stdout, "],\n\"extents\":[");
    for (size_t i = 0; i < m->n; i++) {
        const hi5_extent *e = &m->extents[i];

        cli_printf(stdout,
                   "%s\n{\"offset\":%llu,\"size\":%llu,\"use\":\"%s\","
                   "\"structure\":\"%s\",\"count\":%llu,\"overlaps\":%s,\"path\":",
                   i ? "," : "", (unsigned long long)e->offset,
                   (unsigned long long)e->size, map_use_name(e->use), e->structure,
                   (unsigned long long)e->count, e->overlaps ? "true" : "false");
        report_json_string(stdout, e->path);
        cli_puts(stdout, "}");
    }
    cli_puts(stdout, "]}\n");
}

/* -----------------------------------------------------------------------------
 * Command line
 */

static void
draw(const struct map *m, const char *path, bool page)
{
    FILE *out;

    if (!path)
        return;
    out = fopen(path, "wb");
    if (!out) {
        cli_error("%s: %s", path, strerror(errno));
        return;
    }
    map_draw(m, out, page);
    cli_close_output(out, path);
}

static void
map_file(struct map *m, const hi5_open_options *open, bool json, bool summary,
         const char *svg, const char *html)
{
    hi5_error err;

    if (hi5_map(m->file, open, collect, m, &m->totals, &err)) {
        cli_fail(*err.path ? NULL : m->file, &err);
        return;
    }
    sum_up(m);
    draw(m, svg, false);
    draw(m, html, true);
    if (json) {
        print_json(m);
    } else if (summary || (!svg && !html)) {
        if (!summary)
            print_table(m);
        print_summary(m);
    }
}

int
cmd_map(int argc, char **argv)
{
    const char *svg = NULL, *html = NULL;
    bool json = false, summary = false;
    hi5_open_options open;
    struct cli_parser p;
    struct map m = {0};
    int id;

    cli_open_options(&open);
    cli_parse(&p, map_options, argc, argv);
    while ((id = cli_next(&p)) != CLI_END) {
        if (id == CLI_BAD)
            return EXIT_FAILURE;
        if (id == 'h') {
            print_help();
            return cli_finish();
        }
        json |= id == OPT_JSON;
        summary |= id == 's';
        svg = id == OPT_SVG ? p.value : svg;
        html = id == OPT_HTML ? p.value : html;
        if (id == OPT_DRIVER && !cli_driver(p.value, &open.driver))
            return cli_usage_error("there is no driver '%s'", p.value);
    }
    if (p.index + 1 != argc)
        return cli_usage_error("which file? One at a time.");
    m.file = argv[p.index];
    map_file(&m, &open, json, summary, svg, html);
    for (size_t i = 0; i < m.n; i++)
        free((void *)(uintptr_t)m.extents[i].path);
    free(m.extents);
    return cli_finish();
}
