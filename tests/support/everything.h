/*
 * everything.h - read all there is in a file
 *
 * For tests that do not care for the values: hostile files, failing allocators, threads.
 */
#ifndef EVERYTHING_H
#define EVERYTHING_H

#include <stdint.h>

#include "hi5.h"

struct everything {
    unsigned objects;  /* read, whole or in part */
    unsigned failures; /* calls that failed */
    unsigned internal; /* of these with HI5_E_INTERNAL: always a bug */
    unsigned silent;   /* of these without a message */
    hi5_error first;   /* the first failure */
    uint64_t sum;      /* over all values: the same for the same file */
};

/** Walk and read `f`; values of more than 16 MiB are left alone. */
void read_everything(hi5_file *f, struct everything *e);

/** The bytes of a file, malloc'd; the test fails if it cannot be read. */
unsigned char *slurp(const char *path, size_t *n);

#endif
