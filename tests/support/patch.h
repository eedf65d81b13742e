/*
 * patch.h - a good file in memory, to be damaged at a given field
 *
 * A test loads a fixture, finds the bytes of a structure through the public header,
 * changes them, makes the checksums right again, and opens the result. Fixtures that
 * are loaded have no user block: a file address is an index into the bytes.
 */
#ifndef PATCH_H
#define PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hi5.h"

struct patch {
    unsigned char *b;
    size_t n;
    const char *name;
};

/** Load a fixture; patch_free it. */
struct patch patch_load(const char *name);
void patch_free(struct patch *p);

/** Bob Jenkins' lookup3 (hashlittle), initial value 0. */
uint32_t patch_lookup3(const void *bytes, size_t n);

uint64_t patch_get(const struct patch *p, uint64_t at, unsigned width);
void patch_put(struct patch *p, uint64_t at, unsigned width, uint64_t value);
/** Where a signature (or any bytes) is for the nth time, from 0; the test fails if it
 *  is not there. */
uint64_t patch_find(const struct patch *p, const void *what, size_t n, unsigned nth);

/** The address of an object's header. */
uint64_t patch_object(const struct patch *p, const char *path);
/** The body of an object's first message of a type; the test fails if there is none. */
hi5_message patch_message(const struct patch *p, const char *path, unsigned type);
/** The nth one, of the header at an address. */
hi5_message
patch_message_at(const struct patch *p, uint64_t header, unsigned type, unsigned nth);

/** Put the lookup3 of [from, to) at `to`. */
void patch_sum(struct patch *p, uint64_t from, uint64_t to);
/** Make the checksums of an object's version-2 header right, continuations included;
 *  nothing for version 1. */
void patch_fix(struct patch *p, uint64_t header);
/** The same for a superblock of version 2 or 3. */
void patch_fix_superblock(struct patch *p);

/** The names of fixtures that are one file each: "good/demo.h5", sorted. */
int good_fixtures(char (*names)[64], int most);

/** Open the bytes, which have to stay; patch_open must succeed. */
hi5_status patch_try(const struct patch *p, hi5_file **f, hi5_error *err);
hi5_file *patch_open(const struct patch *p);

/** Open the bytes and read a dataset (of at most 1 MiB in memory) as I64, or in its
 *  memory form where it is not numbers: the first failure, or HI5_OK. `v` takes the
 *  numbers and may be NULL. */
hi5_status
patch_read(const struct patch *p, const char *path, int64_t *v, hi5_error *err);
/** Open the bytes and an object of any kind. */
hi5_status patch_object_open(const struct patch *p, const char *path, hi5_error *err);

/** The same for a file that is open. */
hi5_status read_numbers(hi5_file *f, const char *path, int64_t *v, hi5_error *err);

/** A failure: its status, structure, and a part of its field ("" for any). */
#define ck_fails(expr, err, status, structure, field)                                  \
    check_fails(expr, err, status, structure, field, #expr, __FILE__, __LINE__)
void check_fails(hi5_status got, const hi5_error *err, hi5_status wanted,
                 const char *structure, const char *field, const char *call,
                 const char *file, int line);

#endif
