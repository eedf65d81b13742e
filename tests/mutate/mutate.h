/*
 * mutate.h - what the files of the mutation sweep share
 *
 * The sweep takes a sound file, changes one field of one structure, makes the checksums
 * around it right again, and gives the result to the validator and to a reader of
 * everything. fields.c finds the fields, several.c other files that belong to it, reading.c
 * reads, judge.c compares, mutate.c does the rest. The fuzzers use what is between.
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

/* One of several files: several.c. */
struct mut_part {
    char name[256]; /* without folders */
    size_t at, n;   /* its bytes in the image */
    size_t slot;    /* where in the image its size is */
    uint64_t start; /* a member: address of its first byte */
};

/* A file in memory, and its map. With several files the bytes are an image of all. */
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
    size_t field_room, sum_room;
    struct mut_part *part; /* the first is the file itself; unless they are members */
    size_t nparts;
    bool members;      /* of a family; or what a file is split into */
    char folder[1024]; /* where members are put; where others are */
};

/** Map the file at `path`. False if it cannot be opened by itself. */
bool mut_map(struct mut_file *f, const char *path, const hi5_open_options *open);
void mut_unmap(struct mut_file *f);
/** Make the sums right that bytes [at, at + n) are part of. */
void mut_sums(struct mut_file *f, uint64_t at, size_t n);
/** Undo that. */
void mut_sums_back(struct mut_file *f, uint64_t at, size_t n);

void mut_field_add(struct mut_file *f, const struct mut_field *field);
void mut_sum_add(struct mut_file *f, const struct mut_sum *sum);
/** mut_map of a file that leads to no others. */
bool mut_map_one(struct mut_file *f, const char *path, const hi5_open_options *open);

/** Load the members of `f->path`; false if it has none. */
bool mut_several_members(struct mut_file *f);
/** Load what the file leads to, and its fields. */
void mut_several_others(struct mut_file *f, const hi5_open_options *open);
/** The sizes of all files as fields. */
void mut_several_sizes(struct mut_file *f);
/** Where in the image an address of members is; UINT64_MAX: nowhere. */
uint64_t mut_several_place(const struct mut_file *f, uint64_t address, size_t n);
hi5_status mut_several_source(const struct mut_file *f, hi5_io *io);
void mut_several_done(struct mut_file *f);
/** How the file is to be opened: where others are. */
hi5_open_options mut_options(const struct mut_file *f, const hi5_open_options *open);

/** malloc's memory, counted in *live; nobody gets a GiB. */
hi5_allocator mut_counted(size_t *live);
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
    bool risky;        /* things overlap: what is written may harm others */
    uint64_t dangling; /* errors of mappings and references to what is gone */
    bool talk;         /* print findings */
    char first[512];   /* the first of the other errors */
};

/** Check the file. */
void mut_check(const struct mut_file *f, const hi5_open_options *open,
               struct mut_verdict *v);
/** Does it go together? False: reading failed, and the validator had no error. */
bool mut_agree(const struct mut_verdict *v, const struct mut_reading *r);

/* What became of editing. */
struct mut_edited {
    struct mut_file f;    /* the file afterwards: its bytes are to be freed */
    unsigned steps, done; /* operations tried, and those that worked */
    char wrong[1200];     /* what must not be, the first; or "" */
    bool sound;           /* the file had no error: what is written must be read */
    bool talk;            /* print each step */
};

/** Open the file for writing, if it can be, and follow a script; without any bytes a new
 *  file is made. Fill in `talk`, all else of `e` zero. */
void mut_edit(const struct mut_file *f, const hi5_open_options *open,
              const uint8_t *script, size_t n, struct mut_edited *e);
/** Edit a file of which the validator said `v`, and judge what becomes of it: a file
 *  without errors stays one, and everything in it reads. False: `e->wrong` says why. */
bool mut_edit_holds(const struct mut_file *f, const hi5_open_options *open,
                    const struct mut_verdict *v, const uint8_t *script, size_t n,
                    struct mut_edited *e);

#endif
