/*
 * written.h - files that a test writes, and what others say of them
 */
#ifndef WRITTEN_H
#define WRITTEN_H

#include "support.h"

/** The path of a file in a folder that goes when the program ends; overwritten by the
 *  fourth call after. */
const char *written_path(const char *name);

/** Create it, or fail the test. @param compat  a hi5_compat */
hi5_file *written_create(const char *name, hi5_compat compat);
/** Open it for writing. */
hi5_file *written_open(const char *name);
uint64_t written_size(const char *name);

/** Check the file: neither errors nor warnings, and as many notes of the rule `id`, which
 *  may be NULL. */
void written_check(const char *name, const char *id, uint64_t notes);

/** What h5dump says with these arguments in front of the file's path, white space
 *  squeezed, until the next call; NULL where there is no h5dump. */
const char *written_dump(const char *name, const char *arguments);

/** h5dump, if it is there, says `wanted` somewhere. */
#define ck_dump(name, arguments, wanted)                                               \
    do {                                                                               \
        const char *dump_ = written_dump(name, arguments);                             \
        ck_assert_msg(dump_ == NULL || strstr(dump_, wanted) != NULL,                  \
                      "h5dump %s: %s\nwanted: %s", arguments, dump_, wanted);          \
    } while (0)

#endif
