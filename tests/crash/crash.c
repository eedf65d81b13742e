/*
 * crash.c - whatever happens to a writer, the file has a committed state
 *
 *   crash SEED COUNT FILE
 *
 * COUNT writers of FILE, and COUNT of a family beside it, are killed at random moments; a
 * disk that loses its power is rebuilt from what was written to it, torn at sectors,
 * 10 * COUNT times; and each allocation and each call of the byte source fails in turn.
 * What is left must open, be free of errors, and have the contents of the last commit or
 * of the one under way. The last line is "N passed, N failed".
 */
#include "crash.h"
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
    unsigned passed, done = 0, count;
    char family[512];
    uint64_t seed;

    if (argc != 4)
        return fprintf(stderr, "usage: crash SEED COUNT FILE\n"), 2;
    seed = strtoull(argv[1], NULL, 10);
    count = (unsigned)strtoul(argv[2], NULL, 10);
    passed = crash_power(seed, 10 * count, &done);
    passed += crash_faults(seed, &done);
    passed += crash_kill(seed, count, argv[3], &done);
    snprintf(family, sizeof family, "%s-%%02d", argv[3]);
    passed += crash_kill(seed + 1000, count, family, &done);
    printf("%u passed, %u failed\n", passed, done - passed);
    return passed == done && done != 0 ? 0 : 1;
}
