/*
 * editing.h - what the two halves of the editor of any file share
 *
 * A script is a string of bytes: the first of a step says which operation of the table in
 * edits.c, the operation takes what it needs of those that follow; beyond the end all are
 * zero. So every string of bytes is a script, and a new operation is a new row.
 */
#ifndef EDITING_H
#define EDITING_H

#include "mutate.h"

#define EDITING_PATHS 48u   /* objects that are known by path */
#define EDITING_PATH 160u   /* bytes of such a path */
#define EDITING_VALUES 8192u /* bytes that are written or read at once */
#define EDITING_CODES 64u   /* a step's first byte counts modulo this */

/* The file, and what may go wrong with it. */
struct editing_disk {
    uint8_t *bytes;
    size_t n, room;
    uint64_t writes_left; /* then it is dead until the file is opened anew; 0: never */
    bool dead;
};

struct editing {
    const uint8_t *p; /* the script's rest */
    size_t left;
    struct editing_disk disk;
    hi5_open_options open; /* as the caller's, with the allocator below */
    hi5_allocator outer;   /* the caller's */
    uint64_t allocations_left; /* then one fails; 0: none */
    hi5_file *f;           /* NULL: it could not be opened anew */
    hi5_object *object;    /* held open from step to step; or NULL */
    hi5_dataset *dataset;
    char path[EDITING_PATHS][EDITING_PATH];
    unsigned npaths, made;
    unsigned copies; /* made in the file itself: the next may copy them all */
    uint64_t state; /* of random values */
    bool faulty;    /* something was made to fail, or did: values may differ */
    struct mut_edited *e;
};

/** The next byte of the script, and a number below `n`. */
unsigned editing_byte(struct editing *x);
unsigned editing_below(struct editing *x, unsigned n);
uint64_t editing_random(struct editing *x);

/** Note what an operation came to. True if it was done. */
bool editing_did(struct editing *x, hi5_status s, const hi5_error *err, const char *what);
/** Something is not as it must be. */
void editing_wrong(struct editing *x, const char *what, const char *more);

/** A path of the file that the script chooses, and a new one in a group. */
const char *editing_path(struct editing *x);
void editing_new_path(struct editing *x, char *path, size_t size);
/** From now on it may be chosen. */
void editing_know(struct editing *x, const char *path);
/** Forget the paths and look for them again. */
void editing_look(struct editing *x);

/** What a new file is like; o->open is `open`. */
void editing_new_file(struct editing *x, hi5_open_options *open, hi5_create_options *o);

/** Drop what is held open. */
void editing_let_go(struct editing *x);
/** Close the file, and open it again. */
void editing_reopen(struct editing *x);

/** Do the step that begins with `code`. */
void editing_step(struct editing *x, unsigned code);

#endif
