/*
 * edit.h - what the subcommands that change a file share
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_CLI_EDIT_H
#define HI5_CLI_EDIT_H

#include "cli.h"

/** The file that is being changed. Arguments that name the same one, one after another, are
 *  changed together: all of it is committed when the next file is opened, or at the end. */
struct edit_file {
    hi5_file *f;
    char *name;
};

/** Open the file of "FILE/PATH" to be changed, unless it is; false if it cannot be, which
 *  has been told. *path is "/" if there is none; it lasts as long as `arg`. */
bool edit_at(struct edit_file *e, const char *arg, const char **path);
/** Close it, which commits; what fails is told. */
void edit_done(struct edit_file *e);

/** Split "PATH@NAME" at its last '@'; NULL: there is no '@'. The path is owned. */
char *edit_attribute(const char *path, const char **name);

#endif
