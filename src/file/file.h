/*
 * file.h - an open file, and the handles on it
 *
 * A hi5_file lives as long as the last handle that needs it; every handle holds one
 * reference. Files that were reached from one another (external links, virtual datasets,
 * references) form a set, so that a file met twice is opened once.
 */
#ifndef HI5_FILE_H
#define HI5_FILE_H

#include "base/io.h"
#include "format/gheap.h"
#include "format/shared.h"
#include "format/superblock.h"

#define FILE_WARNINGS 64u

/* Files that know each other. */
struct file_set {
    struct mutex lock;
    unsigned refs;
    uint64_t next_number;
    hi5_file *first;           /* weak: a file leaves when it is closed */
};

/* hi5_open_options, with the strings copied. */
struct file_options {
    hi5_limits limits;
    hi5_driver driver;
    hi5_other_files others;
    const char *others_folder;
    hi5_status (*others_open)(void *, hi5_other_kind, const char *, hi5_io *,
                              hi5_error *);
    void *others_ctx;
    const char *prefix[4];     /* by hi5_other_kind */
    hi5_vds_view vds_view;
    uint64_t vds_gap;
    struct pipe_plugins plugins;
    bool salvage;
    unsigned threads;
    void (*run)(void *, unsigned, void (*)(void *, unsigned), void *);
    void *run_ctx;
    uint64_t chunk_cache;
    bool write, times, durable, no_lock, reclaim;
    hi5_compat compat;
    uint64_t commit_bytes, align, align_least;
    const struct edit_root *root; /* of a file that is made: what it is like; or NULL */
    struct cur_watch *watch;   /* the validator's, for the file opened first */
    const hi5_allocator *allocator;
    hi5_allocator allocator_copy;
};

struct hi5_file {
    struct mem mem;
    struct meta meta;
    struct arena arena;        /* lives as long as the file */
    struct file_options options;
    const char *path;          /* as opened; "" for memory */
    char *full_path;           /* the same from the root; NULL if there is none */
    char *real_path;           /* the same, links resolved; NULL if there is none */
    bool resolved;             /* real_path is what it will be */
    struct superblock super;
    uint64_t file_size;
    struct msg_fsinfo fsinfo;
    char driver_name[9];
    struct sohm_table sohm;
    struct shared_env shared;
    struct gheap *gheap;
    struct dirs *dirs;         /* file/directory.h */
    struct edit *edit;         /* file/edit.h; NULL: only read */
    bool cache_image;
    struct msg_mdci image;     /* where it is */
    unsigned hops;             /* how many files it was reached through */
    uint64_t number;
    struct file_set *set;
    hi5_file *next;            /* in the set */
    atomic_uint refs;
    struct threads_late late;
    struct mutex lock;         /* guards what follows */
    hi5_object *objects;       /* open ones, of a file that is being written */
    size_t nwarnings;
    const char *warning[FILE_WARNINGS];
};

HI5_INT void file_ref(hi5_file *f);
HI5_INT void file_unref(hi5_file *f);

/** Are these two handles on one file? */
HI5_INT bool file_is_same(hi5_file *a, hi5_file *b);

/** Note something for hi5_file_warning; the same text only once. */
HI5_INT void file_warn(hi5_file *f, const char *fmt, ...) CC_PRINTF(2, 3);

/** Open another file that `f` names, as the options allow.
 *  @param out  owned: file_unref */
HI5_INT hi5_status file_open_other(hi5_file *f, hi5_other_kind kind, const char *name,
                                   hi5_file **out, hi5_error *err);
/** The same for raw bytes; with `write` the file is made if there is none. */
HI5_INT hi5_status file_open_raw(hi5_file *f, const char *name, bool write, hi5_io *io,
                                 hi5_error *err);

/** The caller's options, checked; strings are not copied yet. */
HI5_INT hi5_status file_read_options(const hi5_open_options *in, struct file_options *o,
                                     hi5_error *err);

/** hi5_open_io and the like for files of a set. `set` NULL: a new one. */
HI5_INT hi5_status file_open(const char *path, const struct file_options *o,
                             struct file_set *set, unsigned hops, hi5_file **out,
                             hi5_error *err);
HI5_INT hi5_status file_open_io(hi5_io *io, const char *name,
                                const struct file_options *o, struct file_set *set,
                                unsigned hops, hi5_file **out, hi5_error *err);

/** How much memory a file of `size` bytes may take. */
HI5_INT uint64_t file_memory(const hi5_limits *limits, uint64_t size);

/** Decode the superblock and everything that it leads to. */
HI5_INT hi5_status file_load(hi5_file *f, hi5_error *err);

/** Make one byte source of the files that hold `path` (family, split, multi). *io is a
 *  plain file when driver says so. */
HI5_INT hi5_status file_open_driver(const hi5_allocator *a, const char *path,
                                    hi5_driver driver, hi5_io *io, hi5_error *err);
/** The same to write: a plain file, or a family; `member` is for a new one. */
HI5_INT hi5_status file_write_driver(const struct file_options *o, const char *path,
                                     uint64_t member, enum io_create create, hi5_io *io,
                                     hi5_error *err);

#endif
