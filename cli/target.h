/*
 * target.h - files that hi5 writes: for which release, and which file it is
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HI5_CLI_TARGET_H
#define HI5_CLI_TARGET_H

#include "cli.h"

/** "v18", "1.8", "earliest", ...; false if it is none. */
bool target_compat(const char *name, hi5_compat *compat);
/** The oldest release that a file seems to be written for. */
hi5_compat target_like(const hi5_file *f);
/** Do two paths lead to the same file? */
bool target_same_file(const char *a, const char *b);

#endif
