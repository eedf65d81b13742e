/*
 * recover.h - what the files of the salvager share
 *
 * A damaged file is searched for signatures. What is found is evidence: of where the
 * file begins, of how wide its offsets are, and of objects that no link leads to any
 * more. Everything is then read by the reader's own codecs.
 */
#ifndef HI5_RECOVER_H
#define HI5_RECOVER_H

#include "file/check.h"
#include "file/copy.h"

/* What a structure begins with. */
enum recover_mark {
    MARK_SUPERBLOCK,
    MARK_OHDR,
    MARK_OCHK,
    MARK_TREE,
    MARK_SNOD,
    MARK_HEAP,
    MARK_GCOL,
    MARK_FRHP,
    MARK_FHDB,
    MARK_FHIB,
    MARK_BTHD,
    MARK_BTIN,
    MARK_BTLF,
    MARK_FAHD,
    MARK_FADB,
    MARK_EAHD,
    MARK_EAIB,
    MARK_EASB,
    MARK_EADB,
    MARK_FSHD,
    MARK_FSSE,
    MARK_SMTB,
    MARK_SMLI,
    MARK_MDCI,
    MARK_HEADER1, /* an object header of version 1: no signature, but a look */
    MARK_KINDS
};

/** "OHDR", ... */
HI5_INT const char *recover_mark_name(enum recover_mark m);
/** What the `n` bytes at `p` begin; MARK_KINDS: nothing that is known. */
HI5_INT enum recover_mark recover_mark_of(const uint8_t *p, size_t n);

#define RECOVER_LOOK 128u /* bytes that a mark is shown with, where the file has them */

/** Called for each mark; `p`: at least RECOVER_LOOK bytes, or what there is. */
typedef hi5_status (*recover_mark_fn)(void *ctx, enum recover_mark m, uint64_t addr,
                                      const uint8_t *p, size_t n, hi5_error *err);
/** Called now and then with the address that has been reached. */
typedef void (*recover_progress_fn)(void *ctx, uint64_t at);
/** Search the file from address 0 on. */
HI5_INT hi5_status recover_scan(const struct meta *m, recover_mark_fn fn,
                                recover_progress_fn progress, void *ctx,
                                hi5_error *err);

/* ---- the salvager ---- */

/* A mark, where it was found. */
struct recover_found {
    uint64_t at; /* from the start of the file */
    enum recover_mark mark;
    uint32_t n; /* TREE, SNOD: entries; MDCI: bytes */
};

/* An object whose header could be decoded. */
struct recover_object {
    uint64_t addr;
    hi5_kind kind;
    bool linked;  /* a group leads to it */
    bool damaged; /* a group: some of its links are missing */
    bool told;
};

/* A symbol table node that its tree does not lead to any more. */
struct recover_node {
    uint64_t group, node;
};

/* Something to look at. */
struct recover_task {
    uint64_t addr;
    const char *path; /* in the arena */
    bool top;         /* nothing leads to it: it is to be in /lost+found */
};

/* The file that is written. */
struct recover_out {
    hi5_file *to;     /* NULL: none is */
    const char *path; /* while it is written */
    bool there;       /* a file of its name, to be replaced */
    uint16_t source;
    struct copy copy;
    hi5_copy_options options;
    struct copy_salvage salvage;
    hi5_error err;
    uint64_t failed; /* chunks and rows of the object at hand that were not copied */
    uint64_t parts;  /* of it that are lost; they are told in, */
    uint64_t shown;  /* as far as there is room, */
    size_t n;
    char text[2048];
};

struct recover {
    struct cur_watch watch; /* first: codecs come back by it */
    struct check k;         /* its memory, lists and sets; nothing is checked */
    struct arena arena;     /* paths */
    struct file_options open;
    hi5_recover_options options;
    hi5_salvaged_fn fn;
    void *ctx;
    hi5_recovery *result;
    hi5_io io;             /* the damaged file */
    struct recover_patch { /* what stands for its superblock */
        uint64_t at;
        size_t n;
        uint8_t bytes[64];
    } patch;
    uint64_t size;
    hi5_file *file;
    struct meta *meta;
    bool root_known;
    bool noting;               /* symbol table nodes that are decoded */
    struct check_set claimed;  /* these, and */
    struct check_list found;   /* struct recover_found, by place */
    struct check_list objects; /* struct recover_object, by address */
    struct check_list nodes;   /* struct recover_node */
    struct check_list tasks;   /* struct recover_task */
    struct recover_out out;
};

/** The mark of a kind at `at`, from the start of the file? MARK_KINDS: none. */
HI5_INT enum recover_mark recover_at(const struct recover *r, uint64_t at);
HI5_INT struct recover_object *
recover_object_at(const struct recover *r, uint64_t addr);

/** Search the file for marks, then open it; without a superblock to believe in, one is
 *  made from what was found (recover_open.c). */
HI5_INT hi5_status recover_open(struct recover *r, hi5_error *err);
/** Decode the objects that were found, and learn what leads to what
 *  (recover_find.c). */
HI5_INT hi5_status recover_find(struct recover *r, hi5_error *err);
/** Each link of a group that can be read, also by other ways than its index. *why: the
 *  first failure; HI5_OK there if there was none. @return of the machine only */
HI5_INT hi5_status recover_links(struct recover *r, const struct ohdr *h, link_fn fn,
                                 void *ctx, hi5_error *why, hi5_error *err);
/** What can be read of a dataset (recover_data.c). */
HI5_INT void
recover_dataset(struct recover *r, hi5_object *o, hi5_salvaged *s, hi5_error *why);

/** Each chunk that can be read. */
HI5_INT hi5_status recover_chunks(struct recover *r, hi5_dataset *d, cix_fn fn,
                                  void *ctx, hi5_error *err);
/** How many of the `bytes` of a dataset without chunks there are. */
HI5_INT uint64_t recover_bytes(const struct recover *r, const hi5_dataset *d,
                               uint64_t bytes);
/** The links of a root group whose header is gone: the superblock may know of them. */
HI5_INT hi5_status recover_root_links(struct recover *r, link_fn fn, void *ctx,
                                      hi5_error *err);

/* ---- file/recover_write.c: the file that is written ---- */

/** Make it, before the first object is told. */
HI5_INT hi5_status recover_write_open(struct recover *r, hi5_error *err);
/** An object comes: forget what was noted of the one before. */
HI5_INT void recover_write_next(struct recover *r);
/** Note a part that is lost. */
HI5_INT void recover_write_part(struct recover *r, unsigned rank, const uint64_t *start,
                                const uint64_t *count);
/** Copy an object, without links: *s tells how much there is of it, and is changed if
 *  less could be copied. */
HI5_INT void recover_write(struct recover *r, const struct recover_task *t,
                           hi5_salvaged *s, hi5_error *why);
/** Make the links, and give the file its name; or remove it, if `s` is a failure. */
HI5_INT hi5_status recover_write_close(struct recover *r, hi5_status s, hi5_error *err);

#endif
