/*
 * diff.h - the parts of `hi5 diff`
 *
 * diff.c parses the command line, diff_print.c prints what h5diff 1.10.8 prints, and
 * diff_json.c the same as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_DIFF_CLI_H
#define HI5_DIFF_CLI_H

#include "cli.h"

struct diff_cli {
    /* Options, after h5diff's */
    bool report, verbose, quiet, list, json;
    unsigned level; /* of verbosity */
    hi5_diff_options options;

    const char *file_name[2];
    bool roots; /* both paths are "/" */

    /* What has been printed so far */
    bool grouped;     /* names of what is in the two have been told */
    bool listing;     /* and are being printed */
    bool attributes;  /* the same of attributes */
    bool header;      /* is to be printed before the next value */
    char *column[2];  /* what the columns of values are headed with */
    unsigned missing; /* which of the two could not be read */
    size_t events;    /* JSON */
};

/** Print what hi5_diff tells: for h5diff's eyes, and as JSON. */
hi5_status diff_print(void *ctx, const hi5_diff_event *e, hi5_error *err);
hi5_status diff_json(void *ctx, const hi5_diff_event *e, hi5_error *err);

/** What comes before and after. @param ended  the comparison came to its end */
void diff_print_end(const struct diff_cli *d, const hi5_diff_result *r);
void diff_json_begin(struct diff_cli *d, const char *const path[2]);
void diff_json_end(struct diff_cli *d, const hi5_diff_result *r, int status);

#endif
