/*
 * object.h - objects in memory, and the links between them
 *
 * A hi5_object is a decoded object header. It is immutable once opened and counts its
 * users: handles of groups, datasets and attributes share it.
 */
#ifndef HI5_OBJECT_H
#define HI5_OBJECT_H

#include "file/file.h"
#include "format/dense.h"
#include "format/ohdr.h"

struct hi5_object {
    hi5_file *file;            /* held */
    const char *path;          /* "" when opened by address */
    struct arena arena;
    struct ohdr *head;
    hi5_kind kind;
    const hi5_type *type;      /* committed datatypes: decoded datatype */
    atomic_uint refs;
    struct mutex lock;         /* guards what follows, and the arena after opening */
    hi5_object *twin;          /* as it is now, if the file has been written since */
    uint64_t version;          /* of the file's edits that the twin has seen */
    hi5_object *before, *next; /* of the file's that is being written; guarded by its lock */
    enum object_fate { OBJECT_STAYS, OBJECT_LEAVES, OBJECT_GONE } fate;
    const char *comment;       /* a copy with its NUL, if the file has none */
};

HI5_INT void object_ref(hi5_object *o);

/** Open the object at an address. `path` (may be NULL) is for messages. The datatype of a
 *  dataset is left to the dataset. */
HI5_INT hi5_status object_open(hi5_file *f, uint64_t address, const char *path,
                               hi5_object **o, hi5_error *err);

/** A cursor over the body of a message; shared messages are followed.
 *  @param committed  (may be NULL) address of the committed datatype, or ADDR_NONE
 *  What is not in the header goes to `a`. */
HI5_INT hi5_status object_message(hi5_file *f, const struct ohdr_msg *m, struct arena *a,
                                  struct cur *c, uint64_t *committed, hi5_error *err);

/** Decode a datatype message body that may be shared. */
HI5_INT hi5_status object_decode_type(hi5_file *f, bool is_shared, const uint8_t *body,
                                      size_t n, uint64_t addr, struct arena *a,
                                      const hi5_type **t, hi5_error *err);

/** Decode the datatype of an object that has one; it goes to `a`. */
HI5_INT hi5_status object_read_type(hi5_object *o, struct arena *a, const hi5_type **t,
                                    hi5_error *err);

/** The object as it is now: itself, or what a file that is being written has made of it.
 *  Borrowed from `o`. */
HI5_INT hi5_status object_current(hi5_object *o, hi5_object **now, hi5_error *err);

/** HI5_E_STATE if it has been deleted. */
HI5_INT hi5_status object_here(const hi5_object *o, hi5_error *err);
/** The object at `addr` is being deleted: whoever has it open is to know. */
HI5_INT void objects_leave(hi5_file *f, uint64_t addr);
/** Those that were leaving are gone. */
HI5_INT void objects_committed(hi5_file *f);
/** Before the stage forgets: those that were leaving stay, those that are new are gone. */
HI5_INT void objects_abort(hi5_file *f);

/** Name the object in an error. */
HI5_INT hi5_status object_error(const hi5_object *o, hi5_status s, hi5_error *err);

/* ---- links ---- */

/* How a group stores its links. */
struct links {
    hi5_storage storage;
    struct symtab symtab;      /* symbol table */
    struct msg_link_info info; /* the others */
    const struct ohdr *head;
    hi5_file *file;
    /* links_open: */
    struct lheap heap;         /* of the symbol table */
    struct dense_names names;  /* meta NULL: not opened */
    uint64_t about;            /* how many links there seem to be */
};
/** From a header that is a group's. */
HI5_INT hi5_status links_of(hi5_file *f, const struct ohdr *h, struct links *l,
                            hi5_error *err);
/** Prepare for looking up many names. What is opened goes to `a`; *l is to stay where it
 *  is. */
HI5_INT hi5_status links_open(struct links *l, struct arena *a, hi5_error *err);
HI5_INT hi5_status links_count(const struct links *l, uint64_t *n, hi5_error *err);
/** Each link in the order of storage. */
HI5_INT hi5_status links_each(const struct links *l, link_fn fn, void *ctx,
                              hi5_error *err);
/** HI5_E_NOTFOUND if there is none of that name. Views of *m go to `a`. */
HI5_INT hi5_status links_find(const struct links *l, const char *name, size_t n,
                              struct arena *a, struct msg_link *m, hi5_error *err);

/* ---- paths ---- */

/** Find the object that `path` leads to from the group at `from`.
 *  @param f    in: where to start; out: the file it is in, held: file_unref */
HI5_INT hi5_status path_find(hi5_file *start, uint64_t from, const char *path,
                             hi5_file **f, uint64_t *address, hi5_error *err);

/* ---- conversion of what is read ---- */

struct conv_env;
/** What conversions need to know of a file. */
HI5_INT struct conv_env object_conv_env(hi5_file *f);

#endif
