/*
 * fixtures.c - the way to the fixtures; see support.h
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

const char *
fixture(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    const char *root = getenv("HI5_FIXTURES");
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", root ? root : "fixtures", name);
    return path;
}

hi5_file *
open_fixture(const char *name)
{
    hi5_file *f = NULL;
    hi5_error err;

    ck_ok(hi5_open(fixture(name), NULL, &f, &err), &err);
    ck_assert_ptr_nonnull(f);
    return f;
}
