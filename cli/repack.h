/*
 * repack.h - what is to be done to datasets, as the command line says it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_CLI_REPACK_H
#define HI5_CLI_REPACK_H

#include "cli.h"

/** Rules that own what they point to. All zero: none. */
struct rules {
    hi5_repack_rule *rule;
    size_t n;
};

/** Add what -f or -l says: "OBJECTS:FILTER=VALUES", "CHUNK=10x20", ... Filters for the same
 *  objects are applied one after the other. False if it makes no sense; that has been
 *  reported. */
bool rules_filter(struct rules *r, const char *text);
bool rules_layout(struct rules *r, const char *text);
/** The -f and -l of a file. */
bool rules_file(struct rules *r, const char *path);
void rules_free(struct rules *r);

#endif
