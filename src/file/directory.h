/*
 * directory.h - groups that paths lead through, remembered
 *
 * Opening an object by its path looks into each group on the way. What that takes of a
 * group, its decoded header and where its links are, is kept by address; and where one
 * group is asked for many names, a table of them too. All of it within a budget.
 */
#ifndef HI5_DIRECTORY_H
#define HI5_DIRECTORY_H

#include "file/object.h"

struct dirs; /* those of one file */
HI5_INT hi5_status dirs_create(hi5_file *f, struct dirs **ds, hi5_error *err);
HI5_INT void dirs_destroy(struct dirs *ds);
/** Forget the group whose header is at `addr`; ADDR_NONE: all of them. */
HI5_INT void dirs_drop(struct dirs *ds, uint64_t addr);

/** Where the hard link of this name in the group at `addr` leads, if there is a table that
 *  has it; else ADDR_NONE. *bytes: of the group's header. */
HI5_INT uint64_t dirs_follow(struct dirs *ds, uint64_t addr, const char *name, size_t n,
                             uint64_t *bytes);

/* A group in use. */
struct dir_use {
    struct dir *dir;
    bool make_table;           /* who closes this is to make its table */
};
HI5_INT hi5_status dir_open(struct dirs *ds, uint64_t addr, struct dir_use *u,
                            hi5_error *err);
HI5_INT void dir_close(struct dirs *ds, struct dir_use *u);
/** Bytes of the group's header. */
HI5_INT uint64_t dir_header_bytes(const struct dir_use *u);
/** Its links, as long as it is in use. */
HI5_INT const struct links *dir_links(const struct dir_use *u);

#endif
