/*
 * target.c - files that hi5 writes: for which release, and which file it is
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L

#include "target.h"

#include <string.h>
#include <sys/stat.h>

bool
target_compat(const char *name, hi5_compat *compat)
{
    static const struct {
        const char *name, *number;
        hi5_compat compat;
    } names[] = {
        {"earliest", "1.0", HI5_COMPAT_EARLIEST}, {"v18", "1.8", HI5_COMPAT_V18},
        {"v110", "1.10", HI5_COMPAT_V110},        {"v112", "1.12", HI5_COMPAT_V112},
        {"v114", "1.14", HI5_COMPAT_V114},        {"v200", "2.0", HI5_COMPAT_V200},
        {"latest", "latest", HI5_COMPAT_LATEST},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0 || strcmp(name, names[i].number) == 0) {
            *compat = names[i].compat;
            return true;
        }
    return false;
}

hi5_compat
target_like(const hi5_file *f)
{
    hi5_file_info info;

    hi5_file_get_info(f, &info);
    return info.superblock_version < 2    ? HI5_COMPAT_EARLIEST
           : info.superblock_version == 2 ? HI5_COMPAT_V18
                                          : HI5_COMPAT_V110;
}

bool
target_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}
