/*
 * names.h - names for references
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_NAMES_H
#define HI5_NAMES_H

#include "cli.h"

/** An object and the path found first that leads to it. */
struct name_entry {
    uint64_t address;
    char *path;
};

/** Names of the objects of a file, found when first asked for. */
struct names {
    hi5_file *file;             /* to be set */
    struct name_entry *entries; /* sorted by address */
    size_t n, cap;
    bool ready;
};

/** What a reference leads to. */
struct name_target {
    const char *path; /* borrowed from the names; NULL: it has none */
    hi5_target t;     /* to be freed with hi5_target_free */
};

/** HI5_E_NOTFOUND: a null reference. */
hi5_status names_resolve(struct names *names, const hi5_reference *r,
                         struct name_target *target, hi5_error *err);
void names_free(struct names *names);

#endif
