/*
 * select.h - selections: which elements of a shape, in which order
 *
 * The public functions (hi5_selection_*) are made here too. A walk is how everything
 * else uses a selection: chunk by chunk, and in each chunk run by run, without ever
 * listing elements.
 */
#ifndef HI5_SELECT_H
#define HI5_SELECT_H

#include "base/mem.h"
#include <hi5.h>

/** Selections made by the library for a file: memory from its account. */
HI5_INT hi5_status sel_create(struct mem *mem, const hi5_shape *shape, hi5_selection **s,
                              hi5_error *err);
HI5_INT hi5_status sel_copy(struct mem *mem, const hi5_selection *s, hi5_selection **out,
                            hi5_error *err);

/** A hyperslab selection ("all", "none") that shares what `s` selects, with another extent
 *  of the same rank. Valid as long as `s`; owned: hi5_selection_free. */
HI5_INT hi5_status sel_view(struct mem *mem, const hi5_selection *s, const uint64_t *dims,
                            hi5_selection **out, hi5_error *err);

/* One dimension of a regular hyperslab. */
struct sel_dim {
    uint64_t start, stride, count, block;
};
/** The selection as one regular hyperslab, blocks that touch joined, also for "all";
 *  false if it is not one. */
HI5_INT bool sel_as_regular(const hi5_selection *s, struct sel_dim *dim);

/** The coordinates of all points, [n][rank]; NULL if they are not selected as points. */
HI5_INT const uint64_t *sel_points(const hi5_selection *s, size_t *n);

/** Blocks [n][2][rank]: low and high corner, inclusive, as irregular hyperslabs are
 *  stored. Overlaps are merged. */
HI5_INT hi5_status sel_set_blocks(hi5_selection *s, size_t n, const uint64_t *corners,
                                  hi5_error *err);

/** The dimension in which count or block is unlimited, or -1. */
HI5_INT int sel_unlimited_dim(const hi5_selection *s);

/** Give the selection another extent of the same rank; what lies outside is then
 *  clipped by sel_clip, or an error for hi5_dataset_read. */
HI5_INT void sel_set_extent(hi5_selection *s, const uint64_t *dims);
HI5_INT const uint64_t *sel_extent(const hi5_selection *s);
/** Is everything selected inside the extent? */
HI5_INT bool sel_fits(const hi5_selection *s);
/** In dimension `dim` of a regular hyperslab, unlimited there: make it limited, selecting
 *  nothing at or beyond `end` (whole and cut blocks as they come). */
HI5_INT hi5_status sel_limit(hi5_selection *s, unsigned dim, uint64_t end,
                             hi5_error *err);

/* A run of consecutive elements inside one chunk. */
struct sel_run {
    uint64_t at;  /* row-major element index in the (full) chunk */
    uint64_t pos; /* position of the first in the order of the selection */
    uint64_t n;
};

struct sel_walk;
/** Walk `s` over a grid of chunks of shape `chunk` ([rank]; the whole extent for data that
 *  is not chunked). */
HI5_INT hi5_status sel_walk_open(struct mem *mem, const hi5_selection *s,
                                 const uint64_t *chunk, struct sel_walk **w,
                                 hi5_error *err);
/** The next chunk that has something selected; its grid coordinates go to scaled. */
HI5_INT bool sel_walk_chunk(struct sel_walk *w, uint64_t *scaled);
/** The next run in the current chunk, as long as it can be (across dimensions where
 *  rows are adjacent both in the chunk and in the order of the selection). */
HI5_INT bool sel_walk_run(struct sel_walk *w, struct sel_run *r);
/* Blocks of elements in one chunk, evenly spaced there, that follow one another in the
 * order of the selection. */
struct sel_strip {
    uint64_t at, pos;          /* as in a run */
    uint64_t block;            /* elements of one block */
    uint64_t count;            /* blocks */
    uint64_t step;             /* elements from block to block in the chunk */
};
/** Like sel_walk_run, but rows of small blocks come as one. Do not mix the two within one
 *  chunk. */
HI5_INT bool sel_walk_strip(struct sel_walk *w, struct sel_strip *s);
/** How many elements of the current chunk are selected, if that costs nothing to know;
 *  0 if not. */
HI5_INT uint64_t sel_walk_selected(const struct sel_walk *w);
/** In how many places the selection lies in the current chunk, if that costs nothing to
 *  know; 0 if not. Blocks in a row that are at most `near` elements apart are one. */
HI5_INT uint64_t sel_walk_places(const struct sel_walk *w, uint64_t near);
/** Leave out the runs of the current chunk that end at or before element `at` of it: the
 *  next one may begin in what would be the middle of a run. Points are not left out. */
HI5_INT void sel_walk_skip_to(struct sel_walk *w, uint64_t at);
/** The same for position `pos`, where the one chunk is as large as the extent. */
HI5_INT void sel_walk_skip_to_pos(struct sel_walk *w, uint64_t pos);
HI5_INT void sel_walk_close(struct sel_walk *w);

/** The part of `s` that begins at position `pos`, which is in it, and ends at or before
 *  `to`: whole blocks as many as there are, or a piece of one. */
HI5_INT void sel_strip_part(const struct sel_strip *s, uint64_t pos, uint64_t to,
                            struct sel_strip *part);

#endif
