/*
 * edit.h - a file that is being written
 *
 * Structures are changed in the file's stage (base/stage.h) by the modules that know them
 * (format/..._edit.h). Here is what lies between these and the public calls: every call
 * that changes something is enclosed in edit_begin and edit_end, and what objects have
 * pending in memory (a dataset's new extent, chunks that are not full) goes to the stage
 * with edit_settle, before a commit and before anybody reads.
 */
#ifndef HI5_EDIT_H
#define HI5_EDIT_H

#include "base/stage.h"
#include "file/file_space.h"
#include "file/object.h"
#include "format/ohdr_edit.h"

struct dataset_edit;
struct edit_pattern;
struct gheap_edit;

/* The root group of a file that is made to be like another. */
struct edit_root {
    hi5_group_options group;
    struct ohdr_prefix prefix;
    size_t room;               /* bytes for messages to come, */
    size_t rest;               /* those of links aside */
    uint64_t names;            /* bytes of the names of an old-style group */
};

struct edit {
    hi5_file *file;
    hi5_compat compat;         /* of new structures; never HI5_COMPAT_DEFAULT */
    bool times;
    bool closed;               /* by hi5_close; handles may live on */
    uint64_t commit_bytes;
    uint64_t begun;            /* stage changes when the call under way began */
    unsigned depth;            /* of calls within calls */
    bool root_is_new;          /* it has become so since the last commit */
    uint64_t version;          /* counts changes of objects: handles reload what is older */
    struct edit_group *group[64]; /* groups written lately: file/links_edit.c */
    struct edit_pattern *pattern; /* the header of an empty group, or NULL: group_edit.c */
    struct dataset_edit *datasets; /* those with something pending */
    const struct edit_root *root; /* while the file is made; or NULL */
    struct gheap_edit *gheap;  /* where variable-length data goes; or NULL */
    bool image_dropped;        /* the cache image, since the last commit */
    struct file_space space;   /* what is free, where the file remembers it */
};

/** Make a file that has been loaded writable. */
HI5_INT hi5_status edit_open(hi5_file *f, hi5_error *err);
HI5_INT void edit_close(hi5_file *f);

/** hi5_create. @param root  what the root group is like; NULL: the usual */
HI5_INT hi5_status file_create(const char *path, const hi5_create_options *options,
                               const struct edit_root *root, hi5_file **f,
                               hi5_error *err);

/** Before a change: may there be one? */
HI5_INT hi5_status edit_begin(hi5_file *f, hi5_error *err);
/** After it, with what came of it: a failure half way breaks the stage; success may be
 *  time for a commit. @return s, or why that failed */
HI5_INT hi5_status edit_end(hi5_file *f, hi5_status s, hi5_error *err);

/** What has been done since stage->changes was `before` changed nothing that anybody sees,
 *  and is whole: a call that fails now has still changed nothing. */
HI5_INT void edit_unseen(hi5_file *f, uint64_t before);

/** Bring the stage up to date with what objects have pending. Nothing for a file that is
 *  only read. */
HI5_INT hi5_status edit_settle(hi5_file *f, hi5_error *err);
HI5_INT hi5_status edit_commit(hi5_file *f, bool durable, hi5_error *err);

/* What callers may say of a new object header. */
struct edit_header {
    bool tracked, indexed;     /* order of attributes */
    bool times;
    unsigned max_compact, min_dense; /* of attributes; both 0: as usual */
};
HI5_INT hi5_status edit_check_header(const struct edit_header *h, hi5_error *err);
/** The prefix of a new object header. @param h  NULL: nothing has been said */
HI5_INT struct ohdr_prefix edit_prefix(const struct edit *e, const struct edit_header *h);
/** Should a header of version 1 have a message with the time? */
HI5_INT bool edit_has_mtime(const struct edit *e, const struct edit_header *h,
                            const struct ohdr_prefix *p);
/** Seconds since 1970, for `times`. */
HI5_INT uint32_t edit_now(void);

/** Encode a message: `from` is the struct of format/messages.h that its type has (of a
 *  datatype a const hi5_type *; of a message with MSG_F_SHARED a struct msg_shared). `body`
 *  goes to `a`. */
HI5_INT hi5_status edit_message(const struct meta *m, struct arena *a, unsigned type,
                                unsigned flags, void *from, struct ohdr_put *out,
                                hi5_error *err);
/** The dataspace message of a shape. */
HI5_INT struct msg_space edit_space(const struct edit *e, const hi5_shape *shape);
/** The character set of `n` bytes of a name. */
HI5_INT hi5_charset edit_charset(const void *name, size_t n);

/* ---- groups: file/group_edit.c makes them, file/links_edit.c changes their links ---- */

HI5_INT hi5_status group_check_options(const hi5_group_options *o, hi5_error *err);
/** The header of an empty group; *stab (may be NULL) gets what a symbol table entry
 *  repeats, if it has one. @param o  defaults filled in */
HI5_INT hi5_status group_make(struct meta *m, const struct edit *e,
                              const struct superblock *super, const hi5_group_options *o,
                              uint64_t *addr, struct msg_stab *stab, hi5_error *err);

/** The same in a file that is open, and quickly if there were others like it. */
HI5_INT hi5_status group_new(hi5_file *f, const hi5_group_options *o, uint64_t *addr,
                             struct msg_stab *stab, hi5_error *err);

/** Where a new object goes: the group that `path` leads to but for its last part, which
 *  becomes the name of *l. Missing groups on the way are made, if `parents`. HI5_E_EXISTS
 *  if there is such a name. */
HI5_INT hi5_status edit_place(hi5_file *f, uint64_t from, const char *path, bool parents,
                              uint64_t *group, struct msg_link *l, hi5_error *err);
/** Add a link to the group at `group`: name, charset, kind, and what the kind needs are set. Hard
 *  links do not count themselves; `stab` is what a symbol table entry repeats, or NULL. */
HI5_INT hi5_status edit_link(hi5_file *f, uint64_t group, struct msg_link *l,
                             const struct msg_stab *stab, hi5_error *err);
/* Links that are to be added to one group. */
struct edit_expected {
    uint64_t n;
    uint64_t bytes, longest;   /* of what a heap has of them, and of one of them */
};
/** Get ready for them: what the group has need not be made anew as they come. */
HI5_INT hi5_status edit_expect_links(hi5_file *f, uint64_t group,
                                     const struct edit_expected *links, hi5_error *err);
/** Is there a link called so in the group at `group`? */
HI5_INT hi5_status edit_has_link(hi5_file *f, uint64_t group, const char *name, size_t n,
                                 bool *has, hi5_error *err);
/** What it is; its parts go to `a`. HI5_E_NOTFOUND */
HI5_INT hi5_status edit_find_link(hi5_file *f, uint64_t group, const char *name, size_t n,
                                  struct arena *a, struct msg_link *l, hi5_error *err);
/** The same, and take it out. What it leads to does not notice. */
HI5_INT hi5_status edit_unlink(hi5_file *f, uint64_t group, const char *name, size_t n,
                               struct arena *a, struct msg_link *l, hi5_error *err);
/** Forget what is remembered of a group, after it went to the stage. */
HI5_INT hi5_status edit_group_forget(hi5_file *f, uint64_t addr, hi5_error *err);
/** Before a commit: what is remembered of groups goes to the stage. */
HI5_INT hi5_status edit_groups_settle(hi5_file *f, hi5_error *err);
/** Forget the groups that are remembered. */
HI5_INT void edit_groups_drop(hi5_file *f);
/** Forget what the header of an empty group is like. */
HI5_INT void edit_pattern_drop(hi5_file *f);

/* ---- datasets (file/dataset_edit.c) ---- */

HI5_INT hi5_status datasets_settle(hi5_file *f, hi5_error *err);
HI5_INT void datasets_drop(hi5_file *f);

#endif
