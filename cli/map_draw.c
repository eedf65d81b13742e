/*
 * map_draw.c - a picture of a file: rows of bytes, coloured by what they are for
 *
 * The file is drawn as text is written: from left to right, row by row. What is too
 * small to be seen is joined with its neighbour of the same use.
 *
 * SPDX-License-Identifier: MIT
 */
#include "map.h"

#include <string.h>

#define DRAW_WIDTH 1000.0
#define DRAW_ROWS 48
#define DRAW_ROW 14.0
#define DRAW_GAP 2.0
#define DRAW_LEAST 0.3 /* of a pixel */

/* One extent, or several that are too small to tell apart. */
struct drawn {
    uint64_t offset, size;
    const hi5_extent *first;
    uint64_t pieces;
};

static const char *
color_of(const hi5_extent *e)
{
    if (e->overlaps)
        return "#d62728";
    switch (e->use) {
    case HI5_USE_DATA:
        return "#4c9f70";
    case HI5_USE_FREE:
        return "#e8e8e8";
    case HI5_USE_LOST:
        return "#b9a394";
    case HI5_USE_OTHER:
        return "#9a9a9a";
    default:
        break;
    }
    if (strncmp(e->structure, "OHDR", 4) == 0 ||
        strstr(e->structure, "header") != NULL || strcmp(e->structure, "OCHK") == 0)
        return "#2f6db5";
    if (strcmp(e->structure, "TREE") == 0 || strncmp(e->structure, "BT", 2) == 0 ||
        strncmp(e->structure, "FA", 2) == 0 || strncmp(e->structure, "EA", 2) == 0)
        return "#8064b5";
    return "#e0a030";
}

/* Part of one row. */
static void
draw_bar(FILE *out, const struct drawn *d, double x, double w, int row)
{
    const hi5_extent *e = d->first;

    cli_printf(out,
               "<rect x='%.2f' y='%.1f' width='%.2f' height='%.1f' fill='%s'><title>",
               x, row * (DRAW_ROW + DRAW_GAP), w, DRAW_ROW, color_of(e));
    report_html(out, e->structure);
    if (d->pieces > 1)
        cli_printf(out, " and %llu more", (unsigned long long)(d->pieces - 1));
    if (*e->path) {
        cli_puts(out, "\n");
        report_html(out, e->path);
    }
    cli_printf(out, "\n%s at 0x%llx (%s)%s</title></rect>\n", report_size(d->size),
               (unsigned long long)d->offset, map_use_name(e->use),
               e->overlaps ? ", overlaps" : "");
}

static void
draw_piece(FILE *out, const struct drawn *d, uint64_t per_row)
{
    const double scale = DRAW_WIDTH / (double)per_row;
    uint64_t at = d->offset, left = d->size;

    while (left > 0) {
        const uint64_t x = at % per_row;
        const uint64_t n = left < per_row - x ? left : per_row - x;

        draw_bar(out, d, (double)x * scale, (double)n * scale, (int)(at / per_row));
        at += n;
        left -= n;
    }
}

static void
draw_map(const struct map *m, FILE *out)
{
    const int rows = m->totals.file_size < DRAW_ROWS * 16 ? 4 : DRAW_ROWS;
    const uint64_t per_row = m->totals.file_size / (unsigned)rows + 1;
    const double least = (double)per_row / DRAW_WIDTH * DRAW_LEAST;
    struct drawn d = {0};

    cli_printf(out,
               "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' "
               "width='100%%'>\n<rect width='%.0f' height='%.0f' fill='white'/>\n",
               DRAW_WIDTH, rows * (DRAW_ROW + DRAW_GAP), DRAW_WIDTH,
               rows * (DRAW_ROW + DRAW_GAP));
    for (size_t i = 0; i < m->n; i++) {
        const hi5_extent *e = &m->extents[i];

        if (e->offset > m->totals.file_size || e->size > m->totals.file_size)
            break; /* a member of its own, far away */
        if (d.first && d.first->use == e->use && (double)d.size < least &&
            d.offset + d.size == e->offset) {
            d.size += e->size;
            d.pieces++;
            continue;
        }
        if (d.first)
            draw_piece(out, &d, per_row);
        d = (struct drawn){e->offset, e->size, e, 1};
    }
    if (d.first)
        draw_piece(out, &d, per_row);
    cli_puts(out, "</svg>\n");
}

static void
draw_legend(FILE *out)
{
    static const struct {
        const char *color, *name;
    } legend[] = {{"#2f6db5", "object headers"}, {"#8064b5", "indexes"},
                  {"#e0a030", "other metadata"}, {"#4c9f70", "data"},
                  {"#e8e8e8", "free"},           {"#b9a394", "lost"},
                  {"#9a9a9a", "user block"},     {"#d62728", "overlap"}};

    cli_puts(out, "<p>");
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++)
        cli_printf(out, "<span class='k' style='background:%s'></span>%s ",
                   legend[i].color, legend[i].name);
    cli_puts(out, "</p>\n");
}

static void
draw_kinds(const struct map *m, FILE *out)
{
    cli_puts(out, "<table><tr><th>use<th>what<th>bytes<th>pieces</tr>\n");
    for (size_t i = 0; i < m->nkinds; i++) {
        const struct map_kind *k = &m->kinds[i];

        cli_printf(out, "<tr><td>%s<td>", map_use_name(k->use));
        report_html(out, k->structure);
        cli_printf(out, "<td class='n'>%llu<td class='n'>%llu</tr>\n",
                   (unsigned long long)k->bytes, (unsigned long long)k->count);
    }
    cli_puts(out, "</table>\n");
}

void
map_draw(const struct map *m, FILE *out, bool page)
{
    if (!page) {
        draw_map(m, out);
        return;
    }
    cli_puts(out, "<!DOCTYPE html>\n<html lang='en'><meta charset='utf-8'><title>");
    report_html(out, m->file);
    cli_puts(out,
             "</title>\n<style>body{font:14px sans-serif;margin:2em;max-width:70em}"
             "svg{border:1px solid #ccc}rect:hover{stroke:black}"
             ".k{display:inline-block;width:1em;height:1em;margin:0 .3em 0 1em;"
             "border:1px solid #999}td,th{padding:.1em .8em;text-align:left}"
             ".n{text-align:right}</style>\n<h1>");
    report_html(out, m->file);
    cli_printf(out, "</h1>\n<p>%llu bytes: %s accounted for, %s free, %s lost</p>\n",
               (unsigned long long)m->totals.file_size,
               report_size(m->totals.accounted), report_size(m->totals.free),
               report_size(m->totals.lost));
    draw_legend(out);
    draw_map(m, out);
    draw_kinds(m, out);
    cli_puts(out, "</html>\n");
}
