/*
 * mutate.h - what the files of the mutation sweep share
 *
 * The sweep takes a sound file, changes one field of one structure, makes the checksums
 * around it right again, and gives the result to the validator and to a reader of
 * everything. fields.c finds the fields, reading.c reads, judge.c compares, mutate.c
 * does the rest. The fuzzer of the validator uses the middle two.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <hi5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something in a file that can be changed. Offsets count from the start of the file. */
struct mut_field {
    const char *structure, *field; /* of static lifetime */
    uint64_t offset;
    uint32_t n;    /* bytes */
    uint32_t kind; /* which of the different (structure, field) pairs */
};

/* A checksum and what it is the sum of. */
struct mut_sum {
    uint64_t from, to, at; /* bytes [from, to); the sum itself is at `at` */
    bool zeroed;           /* it is inside, and made with its own field zero */
    uint8_t was[4];
};

/* A file in memory, and its map. */
struct mut_file {
    const char *path;
    uint8_t *bytes; /* as they are, but for the one mutation being tried */
    size_t n;
    struct mut_field *field; /* sorted by kind */
    size_t nfields, nkinds;
    size_t *kind;            /* [nkinds + 1]: where the fields of a kind begin */
    struct mut_sum *sum;     /* inner before outer */
    size_t nsums;
    uint64_t *address; /* of structures, to be put where others are expected */
    size_t naddresses;
    uint64_t base;
    uint64_t errors; /* that the file has as it is */
};

/** Map the file at `path`. False if it cannot be opened by itself. */
bool mut_map(struct mut_file *f, const char *path, const hi5_open_options *open);
void mut_unmap(struct mut_file *f);
/** Make the sums right that bytes [at, at + n) are part of. */
void mut_sums(struct mut_file *f, uint64_t at, size_t n);
/** Undo that. */
void mut_sums_back(struct mut_file *f, uint64_t at, size_t n);

/** A source over the file's bytes. */
hi5_status mut_source(const struct mut_file *f, hi5_io *io);

/* What became of reading. */
struct mut_reading {
    unsigned objects, failures;
    hi5_error first;   /* the first failure */
    char what[64];     /* what was being done */
    bool internal;     /* HI5_E_INTERNAL: always wrong */
    uint64_t sum;      /* of all values: keeps compilers and sanitizers awake */
};

/** Open the file and read everything in it, in every way there is. */
void mut_read(const struct mut_file *f, const hi5_open_options *open,
              struct mut_reading *r);

/* What the validator says. */
struct mut_verdict {
    hi5_status status; /* of hi5_check */
    uint64_t errors, warnings, notes;
    bool elsewhere;    /* a mapping cannot be read because of what another file has */
    bool talk;         /* print findings */
};

/** Check the file. */
void mut_check(const struct mut_file *f, const hi5_open_options *open,
               struct mut_verdict *v);
/** Does it go together? False: reading failed, and the validator had no error. */
bool mut_agree(const struct mut_verdict *v, const struct mut_reading *r);

#endif
