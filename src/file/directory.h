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

/* A group in use. */
struct dir_use {
    struct dir *dir;
    const struct dir_table *table; /* NULL: there is none (yet) */
    bool make_table;               /* who closes this is to make it */
};
HI5_INT hi5_status dir_open(struct dirs *ds, uint64_t addr, struct dir_use *u,
                            hi5_error *err);
HI5_INT void dir_close(struct dirs *ds, struct dir_use *u);
/** Bytes of the group's header. */
HI5_INT uint64_t dir_header_bytes(const struct dir_use *u);
/** links_find. Views of *l go to `a`, or live as long as `u`. */
HI5_INT hi5_status dir_find(const struct dir_use *u, const char *name, size_t n,
                            struct arena *a, struct msg_link *l, hi5_error *err);

#endif
