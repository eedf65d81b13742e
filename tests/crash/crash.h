/*
 * crash.h - a busy writer whose committed states are known, and what may happen to it
 */
#ifndef CRASH_H
#define CRASH_H

#include "disk.h"

#define CRASH_COMMITS 64

/* ---- the writer: script.c ---- */

/** What a file contains, as one number: names, values, attributes; 0 if it cannot be
 *  read. */
uint64_t crash_digest(hi5_file *f, hi5_error *err);

/** How a seed's file keeps its space: one in two as usual. */
void crash_space(uint64_t seed, hi5_create_options *o);

/** Called after each commit; false ends the script. */
typedef bool (*crash_commit_fn)(void *ctx);
/** Do `commits` commits of random changes. The same seed does the same. */
hi5_status crash_script(hi5_file *f, uint64_t seed, unsigned commits,
                        hi5_durability durability, crash_commit_fn fn, void *ctx,
                        hi5_error *err);

/* ---- the tests; each returns how many cases passed, and counts all in *done ---- */

unsigned crash_kill(uint64_t seed, unsigned count, const char *path, unsigned *done);
unsigned crash_power(uint64_t seed, unsigned count, unsigned *done);
unsigned crash_faults(uint64_t seed, unsigned *done);

/** The digests of the committed states of a script, [commits + 1]; 0: empty. */
bool crash_states(uint64_t seed, unsigned commits, uint64_t *digest);
/** What bytes contain, and what hi5_check says of them: 0 if it has an error. */
uint64_t crash_look(const void *bytes, size_t n, hi5_error *err);

#endif
