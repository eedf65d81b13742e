/*
 * map.h - what `hi5 map` knows of a file, and drawing it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_MAP_H
#define HI5_MAP_H

#include "report.h"

#define MAP_KINDS 64

/* All pieces of one kind. */
struct map_kind {
    const char *structure;
    hi5_use use;
    uint64_t bytes, count;
};

struct map {
    const char *file;
    hi5_extent *extents; /* by offset */
    size_t n, room;
    hi5_map_totals totals;
    struct map_kind kinds[MAP_KINDS];
    size_t nkinds;
    uint64_t data_pieces, data_jumps;
    double fragmentation; /* of unused space: 0 if it is in one piece */
};

const char *map_use_name(hi5_use use);
/** An SVG picture, or an HTML page with it; nothing is loaded from elsewhere. */
void map_draw(const struct map *m, FILE *out, bool page);

#endif
