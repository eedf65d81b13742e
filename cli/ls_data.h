/*
 * ls_data.h - values and the lines they stand on, for `hi5 ls --data`
 *
 * Elements are put on lines as h5ls does: as many as fit, or one on each with --simple.
 * An element has break points, marked by a byte that values never contain, where it may
 * be split over lines if it does not fit on one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_LS_DATA_H
#define HI5_LS_DATA_H

#include "ls.h"
#include "value.h"

/** A break point, as part of a string. */
#define LS_BREAK "\001"

struct ls_lines {
    unsigned margin;         /* columns before what a line begins with */
    unsigned uncounted;      /* what h5ls takes the margin for */
    unsigned first, next;    /* columns it begins with: at an element, inside one */
    const char *quote;       /* after the margin, and before a line end */
    const char *comma, *gap; /* after an element; between elements on a line */
    size_t width, per_line;  /* per_line 0: what fits */
    bool whole;              /* rather begin a line than split an element */
    size_t column, begin;    /* of the line so far; that the line began at */
    size_t on_line;          /* elements */
    bool fresh, split;       /* a line must begin; the last element was split */
    bool any;                /* there was an element */
};

/** Print an element. */
void ls_put(struct ls_lines *l, const char *text);

struct ls_writer {
    struct ls *ls;
    struct ls_lines lines;
    struct value *value; /* how to print an element */
    hi5_file *file;      /* where references lead */
    unsigned level;      /* of indentation */
    bool characters;     /* one-byte integers are text */
    bool array_ended;    /* an array was written just before */
    unsigned indent;     /* levels, for arrays in arrays */
    unsigned depth;      /* references being followed */
    struct cli_str text; /* the element at hand */
};

/** Append an element to w->text. */
void ls_put_value(struct ls_writer *w, const struct value *v, const char *at);

/** Print `n` references, and what they lead to. */
void ls_references(struct ls_writer *w, const char *values, uint64_t n);
/** Print all of a dataset that a reference leads to, on lines of its own. */
void ls_nested_values(const struct ls_writer *w, hi5_dataset *d);

#endif
