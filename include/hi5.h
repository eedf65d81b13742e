/*
 * hi5.h - read and write HDF5 files, without libhdf5
 *
 * SPDX-License-Identifier: MIT
 *
 *      #include <hi5.h>
 *      #include <stdio.h>
 *
 *      int main(void)
 *      {
 *          hi5_file *f;
 *          hi5_dataset *d;
 *          hi5_error err;
 *          float tile[64][64];
 *          const uint64_t start[] = {0, 128, 128}, count[] = {1, 64, 64};
 *
 *          if (hi5_open("run.h5", NULL, &f, &err) ||
 *              hi5_dataset_open(f, "/detector/images", &d, &err) ||
 *              hi5_dataset_read_slab(d, start, count, HI5_F32, tile, &err))
 *              return fprintf(stderr, "%s\n", err.message), 1;
 *          printf("%g\n", tile[0][0]);
 *          hi5_dataset_close(d);
 *          hi5_close(f, NULL);
 *          return 0;
 *      }
 *
 * -----------------------------------------------------------------------------
 * Conventions
 *
 * Errors.  Every call that can fail returns a hi5_status, HI5_OK being zero, and
 * takes a hi5_error last. It may be NULL; it belongs to the caller; filling it
 * allocates nothing. Results are written through out-parameters, and only on
 * success; a handle is set to NULL on failure.
 *
 * Ownership.  Three words are used, and no others:
 *   borrowed   valid until the named handle is closed; do not free
 *   owned      the caller frees it with the named call
 *   copied     the library keeps its own copy; the caller's may go
 *
 * Threads.  There is no global state. Any number of threads may read through one
 * hi5_file, and through one hi5_dataset, at once. Closing a handle must not race
 * with its use. Handles keep their file open: they may be closed in any order.
 *
 * Units.  Shapes and offsets into datasets are counted in elements, row-major
 * (the last dimension varies fastest). Sizes are in bytes. Addresses are file
 * addresses as the format stores them: relative to the superblock's base address.
 *
 * Options.  Option structs begin with `size_t size`, to be set to sizeof the
 * struct; every other member may be zero, which means "the default".
 *
 * Strings.  Names and paths are byte strings ending in NUL, UTF-8 by convention;
 * the library neither checks nor changes them.
 */
#ifndef HI5_H
#define HI5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef HI5_API
#if defined(__GNUC__)
#define HI5_API __attribute__((visibility("default")))
#else
#define HI5_API
#endif
#endif
#if defined(__GNUC__)
#define HI5_MUST_USE __attribute__((warn_unused_result))
#else
#define HI5_MUST_USE
#endif

/* -----------------------------------------------------------------------------
 * Version
 */

/** The library's version. It says nothing about the file format's. */
#define HI5_VERSION "0.1.0"
#define HI5_VERSION_NUMBER 100 /* major * 10000 + minor * 100 + patch */

/** The newest edition of the HDF5 File Format Specification that is read. */
#define HI5_FORMAT_HIGH "4.0"

/** The version of the library that is linked, as HI5_VERSION. */
HI5_API const char *hi5_version(void);

/* -----------------------------------------------------------------------------
 * Status and error
 */

/** What a call came to. Values are only ever added. */
typedef enum hi5_status {
    HI5_OK = 0,
    HI5_E_IO = 1,          /**< machine: a byte source failed */
    HI5_E_NOMEM = 2,       /**< machine: the allocator returned NULL */
    HI5_E_LIMIT = 3,       /**< file: it asks for more than hi5_limits allows */
    HI5_E_TRUNCATED = 4,   /**< file: a structure runs past its end or block */
    HI5_E_CORRUPT = 5,     /**< file: it violates the specification */
    HI5_E_CHECKSUM = 6,    /**< file: a checksum does not match */
    HI5_E_UNSUPPORTED = 7, /**< us: legal, but not done here; the message says what */
    HI5_E_FILTER = 8,      /**< file or build: a filter failed or is missing */
    HI5_E_NOTFOUND = 9,    /**< caller: no such object, attribute, file, ... */
    HI5_E_EXISTS = 10,     /**< caller: the name is taken */
    HI5_E_TYPE = 11,       /**< caller: wrong kind of object, or no conversion */
    HI5_E_RANGE = 12,      /**< caller: outside the extent or the buffer */
    HI5_E_ARG = 13,        /**< caller: a senseless argument */
    HI5_E_STATE = 14,      /**< caller: not now */
    HI5_E_INTERNAL = 15    /**< us: a bug; please report it */
} hi5_status;

/** No address: the format's "undefined address", and "does not apply". */
#define HI5_NO_ADDRESS UINT64_MAX

/** Everything that is known about a failure. */
typedef struct hi5_error {
    hi5_status status;
    uint64_t address;      /**< file address of the field, or HI5_NO_ADDRESS */
    const char *structure; /**< "FAHD", "datatype message", ...; or "" */
    const char *field;     /**< "page bits"; or "" */
    const char *section;   /**< of the specification: "VII.C"; or "" */
    char path[256];        /**< file and object: "run.h5: /grid/temp"; cut if longer */
    char cause[256];       /**< the bare cause: "page bits exceed a 64-bit shift" */
    char message[1024];    /**< all of the above as one line, for people */
} hi5_error;

/** A constant name such as "corrupt" or "not found". */
HI5_API const char *hi5_status_name(hi5_status s);

/* -----------------------------------------------------------------------------
 * Allocator, limits
 */

/** One function allocates (old == 0), resizes, and frees (new_size == 0). */
typedef struct hi5_allocator {
    void *ctx;
    void *(*resize)(void *ctx, void *p, size_t old_size, size_t new_size);
} hi5_allocator;

/** What a file may make the library do. Zero: the default given here. */
typedef struct hi5_limits {
    size_t size;
    uint64_t memory;        /**< bytes of decoded metadata and scratch: 160 MiB and 64
                                 times the file's size, 1 GiB at most; the caller's
                                 own buffers do not count */
    uint64_t cache;         /**< bytes of metadata blocks kept, 16 MiB; the most, too,
                                 that a dataset may take for a table of its chunks; of
                                 groups' names and global heaps up to 8 MiB each */
    uint64_t chunk_bytes;   /**< one decoded chunk, 1 GiB */
    uint32_t depth;         /**< nesting of datatypes, 64 */
    uint32_t header_chunks; /**< continuation blocks of one object header, 4096 */
    uint32_t messages;      /**< messages of one object header, 65536 */
    uint32_t link_hops;     /**< soft, external, user-defined links in one lookup, 16 */
    uint32_t file_hops;     /**< files reached through files (VDS, external links), 8 */
} hi5_limits;

/* -----------------------------------------------------------------------------
 * Byte sources
 */

/** Where bytes come from. The built-in sources implement this too. Calls may come
 *  from several threads at once. Unused members are NULL. */
typedef struct hi5_io {
    size_t size; /**< sizeof(hi5_io) */
    void *ctx;
    /** Read exactly `n` bytes at `offset` into `buf`, or fail: HI5_E_TRUNCATED
     *  past the end, HI5_E_IO otherwise. */
    hi5_status (*read_at)(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err);
    /** The size in bytes. */
    hi5_status (*get_size)(void *ctx, uint64_t *size, hi5_error *err);
    void (*close)(void *ctx);
    /* For writers; a reader leaves them NULL. */
    hi5_status (*write_at)(void *ctx, uint64_t offset, const void *buf, size_t n,
                           hi5_error *err);
    hi5_status (*truncate)(void *ctx, uint64_t size, hi5_error *err);
    hi5_status (*sync)(void *ctx, hi5_error *err);
} hi5_io;

/* -----------------------------------------------------------------------------
 * File
 */

typedef struct hi5_file hi5_file;
typedef struct hi5_object hi5_object;       /* any object: group, dataset, datatype */
typedef struct hi5_group hi5_group;
typedef struct hi5_dataset hi5_dataset;
typedef struct hi5_attribute hi5_attribute;
typedef struct hi5_type hi5_type;
typedef struct hi5_selection hi5_selection;

/** How the file is spread over the file system. */
typedef enum hi5_driver {
    HI5_DRIVER_AUTO = 0,   /**< plain; else family, split, multi, by what is there; what is
                                new is plain */
    HI5_DRIVER_PLAIN = 1,
    HI5_DRIVER_FAMILY = 2, /**< the path has a printf %d, such as "run%05d.h5" */
    HI5_DRIVER_SPLIT = 3,  /**< PATH-m.h5 holds metadata, PATH-r.h5 raw data; only read */
    HI5_DRIVER_MULTI = 4   /**< PATH-s.h5, PATH-b.h5, ... as the file itself says; only
                                read */
} hi5_driver;

/** Why another file is wanted. */
typedef enum hi5_other_kind {
    HI5_OTHER_EXTERNAL_LINK = 0,
    HI5_OTHER_VDS_SOURCE = 1,
    HI5_OTHER_RAW_DATA = 2,    /**< external raw data: any bytes, not HDF5 */
    HI5_OTHER_REFERENCE = 3    /**< a reference into another file */
} hi5_other_kind;

/** What to do when a file names another file. */
typedef enum hi5_other_files {
    HI5_OTHERS_FIND = 0,    /**< search as libhdf5 does, with the prefixes below */
    HI5_OTHERS_CONFINE = 1, /**< the same, but nothing outside `others_folder`:
                                 no absolute names, "..", or symbolic links out */
    HI5_OTHERS_CALL = 2,    /**< ask `others_open` */
    HI5_OTHERS_FORBID = 3   /**< never: HI5_E_STATE */
} hi5_other_files;

/** How much of an unlimited virtual dataset is there (H5Pset_virtual_view). */
typedef enum hi5_vds_view {
    HI5_VDS_LAST_AVAILABLE = 0, /**< up to the last source that exists */
    HI5_VDS_FIRST_MISSING = 1   /**< up to the first that does not */
} hi5_vds_view;

/** Decode one filter: `n` bytes at `src` become `*out` <= `cap` bytes at `dst`. It
 *  may be called from several threads at once. */
typedef struct hi5_filter hi5_filter;
typedef hi5_status (*hi5_filter_decode)(void *ctx, const hi5_filter *filter, const void *src,
                                        size_t n, void *dst, size_t cap, size_t *out,
                                        hi5_error *err);
/** Apply one filter: the other way round. HI5_E_RANGE: the filter does not do for this
 *  chunk, or takes more than `cap` bytes, which is twice `n` and some more. */
typedef hi5_status (*hi5_filter_encode)(void *ctx, const hi5_filter *filter, const void *src,
                                        size_t n, void *dst, size_t cap, size_t *out,
                                        hi5_error *err);

/** A filter that the caller brings along. It goes before a built-in of the same id. */
typedef struct hi5_filter_plugin {
    uint16_t id;
    const char *name;
    hi5_filter_decode decode;  /**< NULL: the built-in one */
    void *ctx;
    hi5_filter_encode encode;  /**< NULL: the built-in one */
} hi5_filter_plugin;

/** For which releases of libhdf5 a file is written. */
typedef enum hi5_compat {
    HI5_COMPAT_DEFAULT = 0,    /**< new files: V18; others: what they use */
    HI5_COMPAT_EARLIEST = 1,   /**< all releases */
    HI5_COMPAT_V18 = 2,        /**< 1.8 and later */
    HI5_COMPAT_V110 = 3,
    HI5_COMPAT_V112 = 4,
    HI5_COMPAT_V114 = 5,
    HI5_COMPAT_V200 = 6,
    HI5_COMPAT_LATEST = 7
} hi5_compat;

typedef struct hi5_open_options {
    size_t size; /**< sizeof(hi5_open_options) */
    const hi5_allocator *allocator; /**< copied; NULL: malloc and free */
    const hi5_limits *limits;       /**< copied */
    hi5_driver driver;
    hi5_other_files others;
    const char *others_folder;   /**< copied; for HI5_OTHERS_CONFINE */
    hi5_status (*others_open)(void *ctx, hi5_other_kind kind, const char *name,
                              hi5_io *io, hi5_error *err);
    void *others_ctx;
    const char *external_prefix; /**< copied; external links: folders, ':' between */
    const char *vds_prefix;      /**< copied; VDS sources; may hold ${ORIGIN} */
    const char *raw_prefix;      /**< copied; external raw data; may hold ${ORIGIN} */
    hi5_vds_view vds_view;
    uint64_t vds_gap;            /**< missing printf-style sources to look past */
    const hi5_filter_plugin *filters; /**< copied (not what they point to) */
    size_t nfilters;
    bool salvage; /**< open a file that is shorter than it says */
    unsigned threads;     /**< that one read may use; 0: one per processor, 1: no others */
    void (*run)(void *ctx, unsigned n, void (*work)(void *arg, unsigned i), void *arg);
                          /**< instead of threads of ours: call work(arg, i) for each
                               i < n, at once if possible, and return when all are done */
    void *run_ctx;
    uint64_t chunk_cache; /**< bytes of decoded chunks that each dataset keeps, 16 MiB. With
                               more than one thread, reads that follow one another (row by
                               row, chunk by chunk) decode up to a quarter of that ahead */
    /* For writing; see there. */
    bool write;           /**< read and write */
    hi5_compat compat;    /**< how new structures are written */
    bool times;           /**< record when objects are created and changed */
    bool durable;         /**< every commit waits for the disk */
    bool no_lock;         /**< do not ask for a lock on the file */
    bool reclaim;         /**< use again what nothing leads to: the whole file is looked
                               through when it is opened. HI5_E_STATE if that finds any
                               error or warning, or anything that is not understood */
    uint64_t commit_bytes; /**< commit by itself when so much was written, 256 MiB;
                                HI5_UNLIMITED: never */
    uint64_t alignment;    /**< new pieces of `alignment_threshold` bytes or more begin at a
                                multiple of this, from the start of the file, as
                                H5Pset_alignment has it; 0 or 1: anywhere. Files with pages
                                have an alignment of their own */
    uint64_t alignment_threshold;
} hi5_open_options;

/** Open for reading: no lock is taken, no write permission needed.
 *  @param path     copied
 *  @param options  NULL: all defaults
 *  @param f        owned: hi5_close
 *  HI5_E_NOTFOUND when there is no such file; HI5_E_CORRUPT when it is not HDF5. */
HI5_API HI5_MUST_USE hi5_status hi5_open(const char *path, const hi5_open_options *options,
                                         hi5_file **f, hi5_error *err);

/** Open `n` bytes in memory, borrowed by the file until it is closed. */
HI5_API HI5_MUST_USE hi5_status hi5_open_memory(const void *bytes, size_t n,
                                                const hi5_open_options *options,
                                                hi5_file **f, hi5_error *err);

/** Open any byte source. `io` is copied; its close is called by hi5_close, and also
 *  when this call fails.
 *  @param name  for messages and for finding other files; may be NULL */
HI5_API HI5_MUST_USE hi5_status hi5_open_io(const hi5_io *io, const char *name,
                                            const hi5_open_options *options, hi5_file **f,
                                            hi5_error *err);

/** Close a file. What other handles still need stays until they are closed. It cannot
 *  fail for a file that was only read. NULL is allowed. */
HI5_API hi5_status hi5_close(hi5_file *f, hi5_error *err);

/** What the superblock and its extension say. */
typedef struct hi5_file_info {
    unsigned superblock_version;   /**< 0 to 3 */
    unsigned offset_size, length_size;
    uint64_t base_address;         /**< where address 0 is in the file */
    uint64_t userblock_size;
    uint64_t end_of_file;          /**< as stored, from the start of the file */
    uint64_t file_size;            /**< as found */
    uint64_t root_address;
    uint64_t extension_address;    /**< or HI5_NO_ADDRESS */
    unsigned consistency_flags;    /**< 1 open for write, 4 by a SWMR writer */
    unsigned group_leaf_k, group_internal_k, chunk_k; /**< version-1 B-trees */
    char driver_name[9];           /**< "NCSAfami", "NCSAmult", or "" */
    unsigned fspace_strategy;      /**< 0 FSM_AGGR, 1 PAGE, 2 AGGR, 3 NONE */
    bool fspace_persist;
    uint64_t fspace_threshold, fspace_page_size;
    unsigned sohm_indexes;         /**< shared-message indexes, 0 to 8 */
    bool cache_image;              /**< metadata was taken from a cache image */
} hi5_file_info;

HI5_API void hi5_file_get_info(const hi5_file *f, hi5_file_info *info);

/** The path as opened, borrowed from the file; "" for memory. */
HI5_API const char *hi5_file_path(const hi5_file *f);

/** Warnings so far: the file was open for write; it has bytes after its end; a VDS
 *  source was missing; ... Text is borrowed from the file; NULL beyond the last. */
HI5_API const char *hi5_file_warning(const hi5_file *f, size_t i);

/** A number that tells files apart that are open at once (external links). */
HI5_API uint64_t hi5_file_number(const hi5_file *f);

/** Bytes that belong to the file as a whole. */
typedef struct hi5_file_storage {
    uint64_t superblock, extension, userblock;
    uint64_t shared_header, shared_index, shared_heap; /**< shared messages */
    uint64_t free_managers;    /**< free-space managers, in the file; and ... */
    uint64_t free;             /**< ... what they say is free */
} hi5_file_storage;
/** Called for each free section that the file keeps track of. */
typedef void (*hi5_section_fn)(void *ctx, uint64_t address, uint64_t size);
/** @param fn  may be NULL */
HI5_API HI5_MUST_USE hi5_status hi5_file_get_storage(hi5_file *f,
                                                     hi5_file_storage *storage,
                                                     hi5_section_fn fn, void *ctx,
                                                     hi5_error *err);

/** Read bytes as they are in the file, `offset` counted from address 0. */
HI5_API HI5_MUST_USE hi5_status hi5_file_read_bytes(hi5_file *f, uint64_t address, void *buf,
                                                    size_t n, hi5_error *err);

/* -----------------------------------------------------------------------------
 * Objects
 *
 * An object is a group, a dataset or a committed datatype. Paths are looked up from
 * the root ("/a/b"), or from a group ("b/c"; a leading '/' starts at its root); "." is
 * the group itself, repeated and trailing slashes do not matter. Soft, external and
 * user-defined links are followed.
 */

typedef enum hi5_kind {
    HI5_KIND_UNKNOWN = 0, /**< an object header that is none of the below */
    HI5_KIND_GROUP = 1,
    HI5_KIND_DATASET = 2,
    HI5_KIND_DATATYPE = 3
} hi5_kind;

/** @param o  owned: hi5_object_close */
HI5_API HI5_MUST_USE hi5_status hi5_object_open(hi5_file *f, const char *path, hi5_object **o,
                                                hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_object_open_at(hi5_group *g, const char *path,
                                                   hi5_object **o, hi5_error *err);
/** Open the object whose header is at `address` in `f`. */
HI5_API HI5_MUST_USE hi5_status hi5_object_open_address(hi5_file *f, uint64_t address,
                                                        hi5_object **o, hi5_error *err);
HI5_API void hi5_object_close(hi5_object *o);

/** The file it lives in, which external links make differ from the one opened first.
 *  Borrowed from the object. */
HI5_API hi5_file *hi5_object_file(const hi5_object *o);

/** The path it was opened by, borrowed; "" when opened by address. */
HI5_API const char *hi5_object_path(const hi5_object *o);

typedef struct hi5_object_info {
    hi5_kind kind;
    uint64_t file_number;      /**< with `address`: the identity of the object */
    uint64_t address;
    uint32_t reference_count;  /**< hard links, as stored */
    unsigned header_version;   /**< 1 or 2 */
    unsigned header_flags;     /**< version 2: as stored */
    uint32_t header_messages, header_chunks;
    uint64_t header_bytes;     /**< all chunks */
    bool has_times;            /**< all four, header version 2 */
    bool has_mtime;            /**< modification time alone, header version 1 */
    int64_t atime, mtime, ctime, btime; /**< seconds since 1970, UTC */
    const char *comment;       /**< borrowed from the object; or NULL */
    uint64_t attributes;       /**< how many */
    bool attribute_order_tracked, attribute_order_indexed;
    unsigned attribute_max_compact, attribute_min_dense; /**< phase change, 8 and 6 */
} hi5_object_info;

HI5_API HI5_MUST_USE hi5_status hi5_object_get_info(hi5_object *o, hi5_object_info *info,
                                                    hi5_error *err);
HI5_API hi5_kind hi5_object_kind(const hi5_object *o);

/** The datatype of a committed datatype object, borrowed; NULL for other kinds. */
HI5_API const hi5_type *hi5_object_type(const hi5_object *o);

/** Bytes that an object takes in the file, as libhdf5 counts them. */
typedef struct hi5_object_storage {
    uint64_t header, header_unused; /**< all of it; what no message uses */
    uint64_t link_index, link_heap; /**< groups: trees and nodes; heaps */
    uint64_t attribute_index, attribute_heap; /**< attributes outside of the header */
    uint64_t chunk_index;      /**< datasets in chunks */
    uint64_t external_heap;    /**< names of external files, mappings */
    uint64_t data;             /**< hi5_dataset_storage */
} hi5_object_storage;
HI5_API HI5_MUST_USE hi5_status hi5_object_get_storage(hi5_object *o,
                                                       hi5_object_storage *storage,
                                                       hi5_error *err);

/** One message of an object header, for tools that look inside. */
typedef struct hi5_message {
    unsigned type, flags;      /**< as stored */
    uint64_t address;          /**< of its body */
    size_t size;
} hi5_message;
/** The i-th message; false beyond the last. */
HI5_API bool hi5_object_message(const hi5_object *o, size_t i, hi5_message *m);

/* -----------------------------------------------------------------------------
 * Groups and links
 */

/** @param g  owned: hi5_group_close. HI5_E_TYPE if it is not a group. */
HI5_API HI5_MUST_USE hi5_status hi5_group_open(hi5_file *f, const char *path, hi5_group **g,
                                               hi5_error *err);
/** A group handle for an object that is one; the object may then be closed. */
HI5_API HI5_MUST_USE hi5_status hi5_object_group(hi5_object *o, hi5_group **g,
                                                 hi5_error *err);
HI5_API void hi5_group_close(hi5_group *g);
/** The group as an object, borrowed from `g`. */
HI5_API hi5_object *hi5_group_object(hi5_group *g);

typedef enum hi5_storage {
    HI5_STORAGE_SYMBOL_TABLE = 0,
    HI5_STORAGE_COMPACT = 1,
    HI5_STORAGE_DENSE = 2
} hi5_storage;

typedef struct hi5_group_info {
    hi5_storage storage;
    uint64_t links;
    int64_t max_order;         /**< next creation order to give; 0 if not tracked */
    bool order_tracked, order_indexed;
    unsigned max_compact, min_dense;        /**< phase change, 8 and 6 */
    unsigned estimated_entries, estimated_name; /**< 4 and 8 */
    uint64_t btree_address, heap_address;   /**< symbol table, or dense: name index and
                                                 fractal heap; or HI5_NO_ADDRESS */
} hi5_group_info;

HI5_API HI5_MUST_USE hi5_status hi5_group_get_info(hi5_group *g, hi5_group_info *info,
                                                   hi5_error *err);

typedef enum hi5_link_kind {
    HI5_LINK_HARD = 0,
    HI5_LINK_SOFT = 1,
    HI5_LINK_EXTERNAL = 64     /**< 65 to 255: user-defined */
} hi5_link_kind;

typedef struct hi5_link {
    const char *name;
    unsigned kind;             /**< hi5_link_kind, or the user-defined class */
    bool utf8;                 /**< the name is marked UTF-8, not ASCII */
    bool has_order;
    int64_t order;             /**< creation order, if has_order */
    uint64_t address;          /**< hard: of the object header */
    const char *target;        /**< soft, external: path; else NULL */
    const char *file;          /**< external: file name; else NULL */
    const void *data;          /**< external, user-defined: the value as stored */
    size_t data_size;
    unsigned external_flags;   /**< external: the byte before the file name */
} hi5_link;

typedef enum hi5_order {
    HI5_BY_NAME = 0,           /**< by the bytes of the name */
    HI5_BY_CREATION = 1,       /**< HI5_E_STATE where it is not tracked */
    HI5_NATIVE = 2             /**< as stored: the fastest */
} hi5_order;

/** Called for each link; `link` is borrowed for the call. Return HI5_OK to go on; any
 *  other status ends the iteration, which then returns it (fill `err` for a failure). */
typedef hi5_status (*hi5_link_fn)(void *ctx, const hi5_link *link, hi5_error *err);

HI5_API HI5_MUST_USE hi5_status hi5_group_each(hi5_group *g, hi5_order order,
                                               bool decreasing, hi5_link_fn fn, void *ctx,
                                               hi5_error *err);

/** Look one link up by its name (not a path). What `link` points to is owned: free it
 *  with hi5_link_free. HI5_E_NOTFOUND if there is none. */
HI5_API HI5_MUST_USE hi5_status hi5_group_get_link(hi5_group *g, const char *name,
                                                   hi5_link *link, hi5_error *err);
HI5_API void hi5_link_free(hi5_group *g, hi5_link *link);

/* -----------------------------------------------------------------------------
 * Datatypes
 *
 * A hi5_type describes elements either as a file stores them or as they are in
 * memory. Both are the same for most classes: a big-endian int is a hi5_type, in
 * memory too. Only three differ in memory:
 *   variable-length sequence   hi5_vlen
 *   variable-length string     char *, NUL-terminated; NULL is possible
 *   reference                  hi5_reference
 * hi5_type_memory() makes the memory form of any type.
 */

typedef enum hi5_class {
    HI5_INTEGER = 0,
    HI5_FLOAT = 1,
    HI5_TIME = 2,
    HI5_STRING = 3,            /**< of fixed length */
    HI5_BITFIELD = 4,
    HI5_OPAQUE = 5,
    HI5_COMPOUND = 6,
    HI5_REFERENCE = 7,
    HI5_ENUM = 8,
    HI5_VLEN = 9,              /**< sequence, or variable-length string */
    HI5_ARRAY = 10,
    HI5_COMPLEX = 11
} hi5_class;

typedef enum hi5_byte_order { HI5_LE = 0, HI5_BE = 1, HI5_VAX = 2 } hi5_byte_order;
typedef enum hi5_pad {         /**< unused bits of numbers */
    HI5_PAD_ZERO = 0, HI5_PAD_ONE = 1, HI5_PAD_BACKGROUND = 2
} hi5_pad;
typedef enum hi5_string_pad {
    HI5_NULL_TERMINATED = 0, HI5_NULL_PADDED = 1, HI5_SPACE_PADDED = 2
} hi5_string_pad;
typedef enum hi5_charset { HI5_ASCII = 0, HI5_UTF8 = 1 } hi5_charset;
typedef enum hi5_norm {        /**< where the leading bit of a mantissa is */
    HI5_NORM_NONE = 0, HI5_NORM_MSBSET = 1, HI5_NORM_IMPLIED = 2
} hi5_norm;
typedef enum hi5_ref_kind {
    HI5_REF_OBJECT = 0,        /**< H5T_STD_REF_OBJ */
    HI5_REF_REGION = 1,        /**< H5T_STD_REF_DSETREG */
    HI5_REF_OBJECT2 = 2,       /**< the datatype H5T_STD_REF says this for all three */
    HI5_REF_REGION2 = 3,
    HI5_REF_ATTRIBUTE = 4
} hi5_ref_kind;

/** The members that a class has; the others are 0. What they point to is borrowed
 *  from the type. */
typedef struct hi5_type_info {
    hi5_class cls;
    unsigned version;          /**< of the message that encoded it; 0 if none */
    size_t size;               /**< bytes of one element */
    bool in_memory;            /**< memory form of a vlen or reference */
    hi5_byte_order order;      /**< integer, float, time, bitfield */
    bool is_signed;            /**< integer */
    unsigned precision, offset; /**< bits: integer, float, time (precision), bitfield */
    hi5_pad lsb_pad, msb_pad;  /**< integer, float, bitfield */
    unsigned sign_pos, exp_pos, exp_size, man_pos, man_size; /**< float: bits */
    uint32_t exp_bias;         /**< float */
    hi5_norm norm;             /**< float */
    hi5_pad inner_pad;         /**< float */
    hi5_string_pad string_pad; /**< string, vlen string */
    hi5_charset charset;       /**< string, vlen string */
    bool is_vlen_string;       /**< vlen */
    const char *tag;           /**< opaque */
    hi5_ref_kind ref_kind;     /**< reference */
    unsigned members;          /**< compound, enum: how many */
    const hi5_type *base;      /**< enum, vlen, array, complex */
    unsigned rank;             /**< array */
    const uint32_t *dims;      /**< array: [rank] */
} hi5_type_info;

HI5_API void hi5_type_get_info(const hi5_type *t, hi5_type_info *info);
HI5_API hi5_class hi5_type_class(const hi5_type *t);
HI5_API size_t hi5_type_size(const hi5_type *t);

/** A member of a compound. */
typedef struct hi5_member {
    const char *name;
    size_t offset;
    const hi5_type *type;
} hi5_member;
/** Member i of a compound, in stored order; false beyond the last. Borrowed. */
HI5_API bool hi5_type_member(const hi5_type *t, unsigned i, hi5_member *m);

/** A member of an enumeration. `value` points to base-type bytes, borrowed; `name` is
 *  borrowed; false beyond the last. */
HI5_API bool hi5_type_enum_member(const hi5_type *t, unsigned i, const char **name,
                                  const void **value);
/** The name of the member whose value equals the base-type bytes at `value`, or NULL. */
HI5_API const char *hi5_type_enum_name(const hi5_type *t, const void *value);

/** The same class, layout, names, and so on; where it was found does not matter. */
HI5_API bool hi5_type_equal(const hi5_type *a, const hi5_type *b);
/** Does it hold variable-length data (true for vlen inside compounds and arrays)? */
HI5_API bool hi5_type_has_vlen(const hi5_type *t);
HI5_API bool hi5_type_has_reference(const hi5_type *t);

/** Bytes that describe it in a file: of the datatype message. */
HI5_API size_t hi5_type_encoded_size(const hi5_type *t);

/** The address of the committed datatype that this is, or HI5_NO_ADDRESS. */
HI5_API uint64_t hi5_type_committed(const hi5_type *t);

/* Building types. Results are owned: hi5_type_free. Arguments are copied. */

/** The memory form: byte orders and layout stay, vlen and reference become what the
 *  table above says, and compounds that hold them get new offsets (naturally aligned,
 *  in stored order). A type without such parts is just copied. */
HI5_API HI5_MUST_USE hi5_status hi5_type_memory(const hi5_type *t, hi5_type **out,
                                                hi5_error *err);
/** The memory form in this machine's own numbers: byte orders native, integers and
 *  floats the smallest C type that holds them, as H5Tget_native_type does. */
HI5_API HI5_MUST_USE hi5_status hi5_type_native(const hi5_type *t, hi5_type **out,
                                                hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_copy(const hi5_type *t, hi5_type **out,
                                              hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_string(size_t size, hi5_string_pad pad,
                                                hi5_charset charset, hi5_type **out,
                                                hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_compound(size_t size, const hi5_member *members,
                                                  unsigned n, hi5_type **out,
                                                  hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_array(const hi5_type *base, unsigned rank,
                                               const uint32_t *dims, hi5_type **out,
                                               hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_vlen(const hi5_type *base, hi5_type **out,
                                              hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_opaque(size_t size, const char *tag,
                                                hi5_type **out, hi5_error *err);
HI5_API void hi5_type_free(hi5_type *t);

/* Predefined types. I and U: integers, F: IEEE floats; no suffix: native order. */
#define HI5_I8 (&hi5_type_i8)
#define HI5_I16 (&hi5_type_i16)
#define HI5_I32 (&hi5_type_i32)
#define HI5_I64 (&hi5_type_i64)
#define HI5_U8 (&hi5_type_u8)
#define HI5_U16 (&hi5_type_u16)
#define HI5_U32 (&hi5_type_u32)
#define HI5_U64 (&hi5_type_u64)
#define HI5_F16 (&hi5_type_f16)
#define HI5_F32 (&hi5_type_f32)
#define HI5_F64 (&hi5_type_f64)
#define HI5_BF16 (&hi5_type_bf16)
#define HI5_STR (&hi5_type_str) /**< char *, variable length, UTF-8 */
#define HI5_REF (&hi5_type_ref) /**< hi5_reference */
HI5_API extern const hi5_type hi5_type_i8, hi5_type_i16, hi5_type_i32, hi5_type_i64,
    hi5_type_u8, hi5_type_u16, hi5_type_u32, hi5_type_u64, hi5_type_f16, hi5_type_f32,
    hi5_type_f64, hi5_type_bf16, hi5_type_str, hi5_type_ref;

/** A variable-length sequence in memory: `n` elements of the base type's memory form. */
typedef struct hi5_vlen {
    size_t n;
    void *p;
} hi5_vlen;

/** A reference in memory. All zero: the null reference. It needs no freeing; what it
 *  refers to is found by hi5_resolve. */
typedef struct hi5_reference {
    uint8_t kind;              /**< hi5_ref_kind */
    uint8_t in_heap;           /**< address and index name a global heap object */
    uint8_t external;          /**< it refers into another file */
    uint8_t reserved;
    uint32_t index;            /**< in_heap: object index in the collection */
    uint64_t address;          /**< object header, or heap collection */
    uint64_t size;             /**< in_heap, kinds 2 to 4: bytes of the heap object */
} hi5_reference;

/* -----------------------------------------------------------------------------
 * Shapes and selections
 */

#define HI5_MAX_RANK 32
#define HI5_UNLIMITED UINT64_MAX

typedef enum hi5_space_kind {
    HI5_SCALAR = 0,            /**< one element, rank 0 */
    HI5_SIMPLE = 1,
    HI5_NULL = 2               /**< no elements, rank 0 */
} hi5_space_kind;

typedef struct hi5_shape {
    hi5_space_kind kind;
    unsigned rank;
    uint64_t dims[HI5_MAX_RANK];
    uint64_t max[HI5_MAX_RANK]; /**< HI5_UNLIMITED where there is no bound */
} hi5_shape;

/** How many elements (1 for a scalar, 0 for null); UINT64_MAX if too many to count. */
HI5_API uint64_t hi5_shape_count(const hi5_shape *s);

typedef enum hi5_select_op {
    HI5_SELECT_SET = 0, HI5_SELECT_OR = 1, HI5_SELECT_AND = 2, HI5_SELECT_XOR = 3,
    HI5_SELECT_NOT_B = 4,      /**< what is selected, less the new */
    HI5_SELECT_NOT_A = 5       /**< the new, less what is selected */
} hi5_select_op;

typedef enum hi5_selection_kind {
    HI5_SELECTION_NONE = 0,
    HI5_SELECTION_POINTS = 1,  /**< in the order given */
    HI5_SELECTION_HYPERSLABS = 2,
    HI5_SELECTION_ALL = 3
} hi5_selection_kind;

/** A selection of all elements of `shape`. @param s  owned: hi5_selection_free */
HI5_API HI5_MUST_USE hi5_status hi5_selection_create(const hi5_shape *shape,
                                                     hi5_selection **s, hi5_error *err);
HI5_API void hi5_selection_free(hi5_selection *s);

/** Combine with a hyperslab: in each dimension `count` blocks of `block` elements,
 *  `stride` apart, from `start`. stride and block may be NULL: 1. count or block may be
 *  HI5_UNLIMITED (one dimension only, HI5_SELECT_SET only). All arrays are [rank]. */
HI5_API HI5_MUST_USE hi5_status
hi5_selection_hyperslab(hi5_selection *s, hi5_select_op op, const uint64_t *start,
                        const uint64_t *stride, const uint64_t *count,
                        const uint64_t *block, hi5_error *err);
/** Select `n` points, or append them to points selected before (HI5_SELECT_OR).
 *  @param points  copied: [n][rank] */
HI5_API HI5_MUST_USE hi5_status hi5_selection_points(hi5_selection *s, hi5_select_op op,
                                                     size_t n, const uint64_t *points,
                                                     hi5_error *err);
HI5_API void hi5_selection_none(hi5_selection *s);
HI5_API void hi5_selection_all(hi5_selection *s);

/** Select as NumPy would: "0:10, ::2, [1,5,9], 3", "...", negative indexes from the
 *  end; steps are positive. Dimensions selected by a single index are told in
 *  `dropped` ([rank], may be NULL). */
HI5_API HI5_MUST_USE hi5_status hi5_selection_parse(hi5_selection *s, const char *text,
                                                    bool *dropped, hi5_error *err);

HI5_API hi5_selection_kind hi5_selection_get_kind(const hi5_selection *s);
HI5_API unsigned hi5_selection_rank(const hi5_selection *s);
HI5_API uint64_t hi5_selection_count(const hi5_selection *s); /**< elements */
HI5_API bool hi5_selection_is_regular(const hi5_selection *s); /**< one hyperslab */
/** The one hyperslab of a regular selection, each [rank]; false if it is not regular. */
HI5_API bool hi5_selection_get_regular(const hi5_selection *s, uint64_t *start,
                                       uint64_t *stride, uint64_t *count, uint64_t *block);
/** The bounding box, ends inclusive; false if nothing is selected. */
HI5_API bool hi5_selection_bounds(const hi5_selection *s, uint64_t *low, uint64_t *high);
/** Called with `n` consecutive row-major elements from `first`, ascending for
 *  hyperslabs, in the order given for points. */
typedef hi5_status (*hi5_run_fn)(void *ctx, uint64_t first, uint64_t n, hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_selection_each_run(const hi5_selection *s,
                                                       hi5_run_fn fn, void *ctx,
                                                       hi5_error *err);
/** How many blocks a hyperslab selection has, as H5Sget_select_hyper_nblocks counts. */
HI5_API uint64_t hi5_selection_blocks(const hi5_selection *s);
/** Blocks as libhdf5 lists them (corners inclusive, each [rank]). */
typedef hi5_status (*hi5_block_fn)(void *ctx, const uint64_t *low, const uint64_t *high,
                                   hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_selection_each_block(const hi5_selection *s,
                                                         hi5_block_fn fn, void *ctx,
                                                         hi5_error *err);
/** Point i of a point selection, [rank]; false beyond the last. */
HI5_API bool hi5_selection_point(const hi5_selection *s, uint64_t i, uint64_t *coord);

/* -----------------------------------------------------------------------------
 * Datasets
 */

/** @param d  owned: hi5_dataset_close. HI5_E_TYPE if it is not a dataset. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_open(hi5_file *f, const char *path,
                                                 hi5_dataset **d, hi5_error *err);
/** A dataset handle for an object that is one; the object may then be closed. */
HI5_API HI5_MUST_USE hi5_status hi5_object_dataset(hi5_object *o, hi5_dataset **d,
                                                   hi5_error *err);
HI5_API void hi5_dataset_close(hi5_dataset *d);
/** The dataset as an object, borrowed from `d`. */
HI5_API hi5_object *hi5_dataset_object(hi5_dataset *d);
/** The file's datatype, borrowed. */
HI5_API const hi5_type *hi5_dataset_type(const hi5_dataset *d);
/** The shape, borrowed. For an unlimited virtual dataset: what its sources give. */
HI5_API const hi5_shape *hi5_dataset_shape(const hi5_dataset *d);

typedef enum hi5_layout_kind {
    HI5_COMPACT = 0, HI5_CONTIGUOUS = 1, HI5_CHUNKED = 2, HI5_VIRTUAL = 3
} hi5_layout_kind;
typedef enum hi5_chunk_index {
    HI5_INDEX_BTREE1 = 0, HI5_INDEX_SINGLE = 1, HI5_INDEX_IMPLICIT = 2,
    HI5_INDEX_FIXED_ARRAY = 3, HI5_INDEX_EXTENSIBLE_ARRAY = 4, HI5_INDEX_BTREE2 = 5
} hi5_chunk_index;

typedef struct hi5_layout {
    hi5_layout_kind kind;
    unsigned version;          /**< of the layout message, 1 to 5 */
    uint64_t address;          /**< of the data (compact: of its bytes), of the chunk
                                    index, or of the heap object with the mappings;
                                    HI5_NO_ADDRESS: not allocated */
    uint64_t size;             /**< compact, contiguous: bytes */
    unsigned rank;             /**< chunked: of `chunk` */
    uint64_t chunk[HI5_MAX_RANK]; /**< in elements */
    hi5_chunk_index index;
    bool unfiltered_edges;     /**< partial edge chunks are not filtered */
    size_t filters, externals, mappings; /**< how many there are of each */
} hi5_layout;
HI5_API void hi5_dataset_get_layout(const hi5_dataset *d, hi5_layout *l);

struct hi5_filter {
    uint16_t id;
    uint16_t flags;            /**< as stored; bit 0: optional */
    const char *name;          /**< as stored, or the known name, or NULL; borrowed */
    unsigned nvalues;
    const uint32_t *values;    /**< client data, borrowed */
};
/** Filter i of the pipeline, in the order of writing; false beyond the last. */
HI5_API bool hi5_dataset_filter(const hi5_dataset *d, size_t i, hi5_filter *f);
/** The usual name of a filter id ("deflate", "lz4", ...), or NULL. */
HI5_API const char *hi5_filter_known_name(unsigned id);
/** Can this build decode it? */
HI5_API bool hi5_filter_available(unsigned id);
/** Can this build apply it? */
HI5_API bool hi5_filter_can_encode(unsigned id);

/** Piece i of the external raw data; size HI5_UNLIMITED: to the end. `name` is
 *  borrowed; false beyond the last. */
HI5_API bool hi5_dataset_external(const hi5_dataset *d, size_t i, const char **name,
                                  uint64_t *offset, uint64_t *size);

/** One mapping of a virtual dataset; everything is borrowed from the dataset. */
typedef struct hi5_mapping {
    const char *file;          /**< "." is this file; may hold %b */
    const char *dataset;       /**< may hold %b */
    const hi5_selection *source, *virt;
} hi5_mapping;
HI5_API bool hi5_dataset_mapping(const hi5_dataset *d, size_t i, hi5_mapping *m);

typedef enum hi5_fill_status {
    HI5_FILL_UNDEFINED = 0, HI5_FILL_DEFAULT = 1, HI5_FILL_USER = 2
} hi5_fill_status;
typedef struct hi5_fill {
    hi5_fill_status status;
    unsigned alloc_time;       /**< 1 early, 2 late, 3 incremental */
    unsigned write_time;       /**< 0 at allocation, 1 never, 2 if set by the user */
    const void *value;         /**< in the file's datatype, borrowed; or NULL */
    size_t size;
} hi5_fill;
HI5_API void hi5_dataset_get_fill(const hi5_dataset *d, hi5_fill *f);
/** The fill value as elements of `memory` (one element at `value`). Zeros by default. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_fill(hi5_dataset *d, const hi5_type *memory,
                                                      void *value, hi5_error *err);

/** Bytes that the raw data takes in the file, as H5Dget_storage_size. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_storage(hi5_dataset *d, uint64_t *bytes,
                                                    hi5_error *err);

/** Read everything, or what `selection` selects, into `buf`, densely packed in the order
 *  of the selection, converted to `memory`.
 *  @param selection  NULL: all
 *  @param memory     NULL: the memory form of the file's type (hi5_type_memory)
 *  @param buf        hi5_selection_count() elements of memory's size
 *  Variable-length data in buf is owned: hi5_reclaim.
 *  HI5_E_TYPE: no conversion. HI5_E_FILTER: names the filter. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read(hi5_dataset *d, const hi5_selection *selection,
                                                 const hi5_type *memory, void *buf,
                                                 hi5_error *err);
/** What of a number is lost in another type. */
typedef enum hi5_exception {
    HI5_RANGE_HIGH = 0,        /**< it is above all values that there are */
    HI5_RANGE_LOW = 1,         /**< it is below them */
    HI5_PRECISION = 2,         /**< an integer has more digits than the float */
    HI5_TRUNCATE = 3,          /**< an integer has no fraction */
    HI5_PLUS_INFINITY = 4,     /**< it is infinite; also where the other type has that */
    HI5_MINUS_INFINITY = 5,
    HI5_NOT_A_NUMBER = 6
} hi5_exception;
/** Called for each number that is lost in part when `value` of type `from` becomes
 *  `result` of type `to`. `result` has what is usual, and may be changed. Any status but
 *  HI5_OK ends the call that converts, which then returns it (fill `err` for a failure).
 *  Both are aligned, and borrowed for the call. */
typedef hi5_status (*hi5_exception_fn)(void *ctx, hi5_exception what,
                                       const hi5_type *from, const void *value,
                                       const hi5_type *to, void *result, hi5_error *err);

/** How elements are transferred between a file and memory. */
typedef struct hi5_transfer {
    size_t size;                /**< sizeof(hi5_transfer) */
    hi5_exception_fn exception; /**< asked for numbers, also in compounds and sequences, for
                                     bits of bitfields that are cut off (HI5_RANGE_HIGH),
                                     and for values of enumerations that have no name
                                     (HI5_RANGE_HIGH); by one thread, and for a fill
                                     value not for each element. NULL: nobody is asked. */
    void *exception_ctx;
} hi5_transfer;
/** hi5_dataset_read, in the way that `how` says; NULL: as usual. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_with(hi5_dataset *d,
                                                      const hi5_selection *selection,
                                                      const hi5_type *memory, void *buf,
                                                      const hi5_transfer *how,
                                                      hi5_error *err);
/** Read the box of `count` elements from `start`, each [rank]. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_slab(hi5_dataset *d, const uint64_t *start,
                                                      const uint64_t *count,
                                                      const hi5_type *memory, void *buf,
                                                      hi5_error *err);
/** Read `n` points, given as [n][rank]. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_points(hi5_dataset *d, size_t n,
                                                        const uint64_t *points,
                                                        const hi5_type *memory, void *buf,
                                                        hi5_error *err);
/** Read one member of a compound ("speed", or "position.x" in a nested one).
 *  @param memory  the type wanted for the member; NULL: its memory form */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_field(hi5_dataset *d, const char *field,
                                                       const hi5_selection *selection,
                                                       const hi5_type *memory, void *buf,
                                                       hi5_error *err);
/** Read strings, fixed or variable-length, as an array of char *, padding removed.
 *  @param strings  [count]; one block, owned: hi5_free(d's file, *strings) */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_strings(hi5_dataset *d,
                                                         const hi5_selection *selection,
                                                         char ***strings, size_t *count,
                                                         hi5_error *err);

/** Elements where they are in the file, without a copy: contiguous or compact data of a
 *  file that is only read, plain or in memory. The same pointer comes from every call.
 *  @param memory  what they are to be, stored just so and aligned; NULL: any bytes, as
 *                 hi5_dataset_type() says, aligned or not
 *  @param bytes   borrowed from the dataset
 *  @param n       bytes of all elements
 *  A plain file is mapped into memory. The caller makes sure that it is not cut short
 *  meanwhile: touching what is gone ends the process (SIGBUS). All other reading copies,
 *  and gives an error then.
 *  HI5_E_TYPE: in chunks, virtual, or stored in another way than `memory`. HI5_E_STATE: in
 *  external or several files, not written yet, not aligned, or a byte source of the
 *  caller. Where the data is in the file hi5_dataset_get_layout() says, whose `address`
 *  counts from base_address of hi5_file_info. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_map(hi5_dataset *d, const hi5_type *memory,
                                                const void **bytes, size_t *n,
                                                hi5_error *err);

/** Free what reading put into `n` elements of `memory` at `buf` (not buf itself). */
HI5_API void hi5_reclaim(hi5_file *f, const hi5_type *memory, size_t n, void *buf);
/** Free a block that a call returned as owned by the caller. */
HI5_API void hi5_free(hi5_file *f, void *p);

/* Chunks as stored. */

typedef struct hi5_chunk {
    uint64_t offset[HI5_MAX_RANK]; /**< of its first element */
    uint64_t address;          /**< in the file */
    uint64_t size;             /**< stored bytes */
    uint32_t mask;             /**< bit i: filter i was skipped */
} hi5_chunk;
typedef hi5_status (*hi5_chunk_fn)(void *ctx, const hi5_chunk *chunk, hi5_error *err);
/** Each chunk that exists, in the order of the index. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_each_chunk(hi5_dataset *d, hi5_chunk_fn fn,
                                                       void *ctx, hi5_error *err);
/** The chunk that holds element `coord` ([rank]); HI5_E_NOTFOUND if there is none. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_get_chunk(hi5_dataset *d, const uint64_t *coord,
                                                      hi5_chunk *chunk, hi5_error *err);
/** The stored bytes of a chunk, not decoded: `chunk->size` bytes. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_read_raw_chunk(hi5_dataset *d,
                                                           const hi5_chunk *chunk,
                                                           void *buf, hi5_error *err);

/* -----------------------------------------------------------------------------
 * Attributes
 */

/** @param a  owned: hi5_attribute_close. HI5_E_NOTFOUND if there is none. */
HI5_API HI5_MUST_USE hi5_status hi5_attribute_open(hi5_object *o, const char *name,
                                                   hi5_attribute **a, hi5_error *err);
HI5_API void hi5_attribute_close(hi5_attribute *a);

/** Called for each attribute, borrowed for the call. One that cannot be decoded is
 *  passed as NULL with `bad` filled in, and does not keep the others from coming. */
typedef hi5_status (*hi5_attribute_fn)(void *ctx, hi5_attribute *a, const hi5_error *bad,
                                       hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_attribute_each(hi5_object *o, hi5_order order,
                                                   bool decreasing, hi5_attribute_fn fn,
                                                   void *ctx, hi5_error *err);

typedef struct hi5_attribute_info {
    const char *name;          /**< borrowed */
    bool utf8;
    bool has_order;            /**< header version 2, tracked */
    uint32_t order;
    unsigned version;          /**< of the message */
    const hi5_type *type;      /**< borrowed */
    hi5_shape shape;
    uint64_t size;             /**< bytes of the data as stored */
} hi5_attribute_info;
HI5_API void hi5_attribute_get_info(const hi5_attribute *a, hi5_attribute_info *info);
/** Read all of it, as hi5_dataset_read does. */
HI5_API HI5_MUST_USE hi5_status hi5_attribute_read(hi5_attribute *a, const hi5_type *memory,
                                                   void *buf, hi5_error *err);
/** Read strings, as hi5_dataset_read_strings does. */
HI5_API HI5_MUST_USE hi5_status hi5_attribute_read_strings(hi5_attribute *a, char ***strings,
                                                           size_t *count, hi5_error *err);

/* -----------------------------------------------------------------------------
 * References
 */

/** What a reference refers to. Everything is owned: hi5_target_free. */
typedef struct hi5_target {
    hi5_ref_kind kind;
    hi5_file *file;            /**< where the object is (held open) */
    const char *file_name;     /**< as stored, for an external one; else NULL */
    uint64_t address;          /**< object header */
    hi5_selection *selection;  /**< regions; else NULL */
    const char *attribute;     /**< attribute's name; else NULL */
} hi5_target;

/** Find out what `r`, read from `f`, refers to. The object itself is not opened; use
 *  hi5_object_open_address(t->file, t->address). A null reference: HI5_E_NOTFOUND. */
HI5_API HI5_MUST_USE hi5_status hi5_resolve(hi5_file *f, const hi5_reference *r,
                                            hi5_target *t, hi5_error *err);
HI5_API void hi5_target_free(hi5_target *t);

/* -----------------------------------------------------------------------------
 * Writing
 *
 * A file that is open for writing belongs to one thread at a time; reading through it
 * counts, too. What is written becomes part of the file with a commit: hi5_flush,
 * hi5_close, and by itself when much has been written. The file on disk is always a valid
 * HDF5 file, the state of the last commit, whenever the process may die; after a commit
 * with HI5_DURABLE, or with the option `durable`, also when the power fails. A call that
 * fails for the caller's sake (HI5_E_EXISTS, HI5_E_TYPE, HI5_E_ARG, ...) changes nothing.
 * One that fails for the machine's sake may leave a change half done: then every further
 * call is HI5_E_STATE, nothing can be committed any more, and the file stays as the last
 * commit left it; hi5_abort goes back there.
 *
 * Structures are chosen as libhdf5 chooses them for the same target. The same calls give
 * the same bytes.
 */

/** How the space of a file is given out, as libhdf5 does it; H5Pset_file_space_strategy. */
typedef enum hi5_fspace {
    HI5_FSPACE_FSM_AGGR, /**< what is free is used again */
    HI5_FSPACE_PAGE,     /**< the same; raw data and metadata on pages of their own */
    HI5_FSPACE_AGGR,     /**< libhdf5 uses only new space, taken in blocks */
    HI5_FSPACE_NONE      /**< ... taken as it is needed */
} hi5_fspace;

/** Messages of datasets that are stored once for all datasets that have them alike [FMT
 *  III.I]; the kinds are H5Pset_shared_mesg_index's. With HI5_COMPAT_EARLIEST libhdf5 1.10
 *  cannot delete, also from files of its own, the first dataset of those that share a type
 *  or a fill value. */
enum hi5_share {
    HI5_SHARE_SPACE = 1 << 1,
    HI5_SHARE_TYPE = 1 << 3,
    HI5_SHARE_FILL = 1 << 5,
    HI5_SHARE_FILTERS = 1 << 11,
    HI5_SHARE_ATTRIBUTES = 1 << 12, /**< by libhdf5; hi5 stores each attribute by itself */
    HI5_SHARE_ALL = 0x182a
};
typedef struct hi5_shared_index {
    unsigned kinds;                /**< HI5_SHARE_*, none in two indexes */
    uint32_t min_size;             /**< bytes of a message that is worth it */
} hi5_shared_index;

typedef struct hi5_create_options {
    size_t size;                  /**< sizeof(hi5_create_options) */
    const hi5_open_options *open; /**< copied; NULL: all defaults; `write` is implied */
    bool exclusive;               /**< HI5_E_EXISTS if there is such a file */
    bool keep;                    /**< open it if there is such a file */
    uint64_t userblock;           /**< bytes in front for the caller: 0, or 512 * 2^n */
    unsigned offset_size, length_size; /**< 2, 4 or 8 bytes; 8 */
    unsigned group_leaf_k, group_internal_k, chunk_k; /**< 4, 16, 32 */
    bool track_order, index_order; /**< of the links of the root group */
    const struct hi5_group_options *root; /**< more about the root group; NULL: defaults */
    uint64_t member_size;         /**< HI5_DRIVER_FAMILY: bytes of each file, 2^31 - 1 */
    hi5_fspace fs_strategy;        /**< with this and what follows the file has at least
                                        superblock 2 */
    bool fs_persist;               /**< the file remembers its free space: FSM_AGGR, PAGE */
    uint64_t fs_threshold;         /**< but not pieces that are smaller; 1 */
    uint64_t fs_page_size;         /**< 512 to 2^30 bytes; 4096 */
    const hi5_shared_index *shared; /**< [nshared]; superblock 2 at least */
    size_t nshared;                /**< 0 to 8 indexes of shared messages */
    unsigned shared_list_max, shared_btree_min; /**< an index is a list up to so many
                                        messages, and again when it has fewer; both 0: 50
                                        and 40; 0 and 1: never a list */
} hi5_create_options;

/** Create a file, or empty one that is there (see `exclusive`, `keep`).
 *  @param f  owned: hi5_close. HI5_E_STATE: somebody else has it locked. */
HI5_API HI5_MUST_USE hi5_status hi5_create(const char *path,
                                           const hi5_create_options *options,
                                           hi5_file **f, hi5_error *err);
/** Create a file in memory: hi5_file_image. */
HI5_API HI5_MUST_USE hi5_status hi5_create_memory(const hi5_create_options *options,
                                                  hi5_file **f, hi5_error *err);
/** Create a file in any byte source that can be written; what it has is lost. `io` is
 *  copied, and closed by hi5_close, or here on failure. */
HI5_API HI5_MUST_USE hi5_status hi5_create_io(const hi5_io *io, const char *name,
                                              const hi5_create_options *options,
                                              hi5_file **f, hi5_error *err);
/** Commit, and lend the bytes of a file in memory; borrowed until it is written again or
 *  closed. HI5_E_STATE: it is not in memory. */
HI5_API HI5_MUST_USE hi5_status hi5_file_image(hi5_file *f, const void **bytes, size_t *n,
                                               hi5_error *err);

typedef enum hi5_durability {
    HI5_SAFE = 0,              /**< safe if the process dies */
    HI5_DURABLE = 1            /**< safe if the power fails, too: waits for the disk */
} hi5_durability;
/** Commit. When it fails before the file was touched (HI5_E_IO: the disk is full), it may
 *  be tried again. */
HI5_API HI5_MUST_USE hi5_status hi5_flush(hi5_file *f, hi5_durability durability,
                                          hi5_error *err);
/** Forget what was changed since the last commit. Handles of objects that are gone with it
 *  can only be closed. HI5_E_STATE: a commit failed while it was put in place; opening the
 *  file anew finishes it. */
HI5_API HI5_MUST_USE hi5_status hi5_abort(hi5_file *f, hi5_error *err);

/* Groups and links. Missing groups on the way are created, too, in the same way. Names
 * that are not plain ASCII are marked as UTF-8. A taken name is HI5_E_EXISTS. */

typedef struct hi5_group_options {
    size_t size;               /**< sizeof(hi5_group_options) */
    bool track_order, index_order; /**< creation order of links */
    bool track_attribute_order, index_attribute_order;
    unsigned max_compact_attributes, min_dense_attributes; /**< phase change of attributes;
                                    both 0: 8 and 6 */
    bool times;                /**< record when it is created, whatever the file does */
    unsigned max_compact, min_dense; /**< phase change of links; both 0: 8 and 6 */
    unsigned estimated_entries, estimated_name; /**< 0: 4 and 8 */
    bool no_parents;           /**< a missing group on the way is HI5_E_NOTFOUND */
} hi5_group_options;
/** @param options  NULL: all defaults
 *  @param g        owned: hi5_group_close; may be NULL */
HI5_API HI5_MUST_USE hi5_status hi5_group_create(hi5_file *f, const char *path,
                                                 const hi5_group_options *options,
                                                 hi5_group **g, hi5_error *err);
/** The path is looked up from `parent`. */
HI5_API HI5_MUST_USE hi5_status hi5_group_create_at(hi5_group *parent, const char *path,
                                                    const hi5_group_options *options,
                                                    hi5_group **g, hi5_error *err);
/** One more name for the object that `target` leads to. */
HI5_API HI5_MUST_USE hi5_status hi5_link_hard(hi5_file *f, const char *path,
                                              const char *target, hi5_error *err);
/** A name for a path, which need not lead to anything. */
HI5_API HI5_MUST_USE hi5_status hi5_link_soft(hi5_file *f, const char *path,
                                              const char *target, hi5_error *err);
/** A name for a path in another file. Symbol tables, the groups of HI5_COMPAT_EARLIEST,
 *  have no such links: the group becomes one of those that came with libhdf5 1.8. */
HI5_API HI5_MUST_USE hi5_status hi5_link_external(hi5_file *f, const char *path,
                                                  const char *file, const char *target,
                                                  hi5_error *err);
/** Delete the link at `path`. The object that a hard link leads to goes with the last of
 *  its links: its space is given back (to be used again after the next commit), and
 *  whatever only it led to goes with it. Handles of an object that is gone answer
 *  HI5_E_STATE, and have still to be closed. A link that leads nowhere can be deleted, too;
 *  what of an object is damaged is not given back, and keeps nothing from being deleted.
 *  HI5_E_NOTFOUND; HI5_E_ARG for the root group. */
HI5_API HI5_MUST_USE hi5_status hi5_link_delete(hi5_file *f, const char *path,
                                                hi5_error *err);
/** Move the link at `from`, whatever it leads to, to another group or name. Groups that are
 *  missing on the way to `to` are made. HI5_E_EXISTS if there is something; HI5_E_ARG if a
 *  group would be moved into itself. It is the newest link of its group then. */
HI5_API HI5_MUST_USE hi5_status hi5_link_move(hi5_file *f, const char *from,
                                              const char *to, hi5_error *err);
/** Another link like the one at `from`: as H5Lcopy, not a copy of the object. */
HI5_API HI5_MUST_USE hi5_status hi5_link_copy(hi5_file *f, const char *from,
                                              const char *to, hi5_error *err);

/* Datatypes: more ways to build them. Results are owned: hi5_type_free. */

/** An integer, float, time or bitfield from the members of hi5_type_info that the class
 *  has (cls, size, order, is_signed, precision, offset, pads, sign_pos, ...). */
HI5_API HI5_MUST_USE hi5_status hi5_type_number(const hi5_type_info *info, hi5_type **out,
                                                hi5_error *err);
/** @param names   [n]
 *  @param values  [n] of the base type, an integer */
HI5_API HI5_MUST_USE hi5_status hi5_type_enum(const hi5_type *base, unsigned n,
                                              const char *const *names, const void *values,
                                              hi5_type **out, hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_vlen_string(hi5_string_pad pad,
                                                     hi5_charset charset, hi5_type **out,
                                                     hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_type_reference(hi5_ref_kind kind, hi5_type **out,
                                                   hi5_error *err);
/** Complex numbers of a float type: the class that came with HDF5 2.0. */
HI5_API HI5_MUST_USE hi5_status hi5_type_complex(const hi5_type *base, hi5_type **out,
                                                 hi5_error *err);
/** Complex numbers as h5py writes them: a compound of "r" and "i". */
HI5_API HI5_MUST_USE hi5_status hi5_type_complex_pair(const hi5_type *base, hi5_type **out,
                                                      hi5_error *err);
/** Booleans as h5py writes them: an enumeration of FALSE and TRUE over 8-bit integers. */
HI5_API HI5_MUST_USE hi5_status hi5_type_bool(hi5_type **out, hi5_error *err);

/** Give a type a name. @param o  the new object, owned: hi5_object_close; may be NULL. Its
 *  hi5_object_type, used for datasets and attributes, is stored as a pointer to it. */
HI5_API HI5_MUST_USE hi5_status hi5_type_commit(hi5_file *f, const char *path,
                                                const hi5_type *type, hi5_object **o,
                                                hi5_error *err);

/* Datasets */

typedef enum hi5_alloc_time {
    HI5_ALLOC_DEFAULT = 0,     /**< contiguous: late; chunked: incremental; compact: early */
    HI5_ALLOC_EARLY = 1, HI5_ALLOC_LATE = 2, HI5_ALLOC_INCREMENTAL = 3
} hi5_alloc_time;
typedef enum hi5_fill_time {
    HI5_FILL_IFSET = 0,        /**< when the value was set by the caller */
    HI5_FILL_ALLOC = 1, HI5_FILL_NEVER = 2
} hi5_fill_time;

/** A piece of an external raw file. */
typedef struct hi5_external {
    const char *name;
    uint64_t offset, size;     /**< size HI5_UNLIMITED: the last piece only */
} hi5_external;

typedef struct hi5_dataset_options {
    size_t size;               /**< sizeof(hi5_dataset_options) */
    const uint64_t *max;       /**< [rank], HI5_UNLIMITED where there is no bound; NULL: the
                                    shape itself. Larger ones need chunks; or external
                                    files with room, if it is the first dimension. */
    const uint64_t *chunk;     /**< [rank]; NULL: contiguous, unless something asks for
                                    chunks, which are then guessed as h5py does */
    bool auto_chunk;           /**< ask for chunks */
    bool compact;              /**< keep the data in the header: less than 64 KiB */
    const hi5_external *external; /**< [nexternal]: the data is in these files */
    size_t nexternal;
    const hi5_mapping *mapping; /**< [nmapping]: a virtual dataset; `virt` selects from its
                                    shape; file NULL: this one. Not NULL with nmapping 0:
                                    one of nothing but the fill value */
    size_t nmapping;
    /* Filters, applied in this order. All but fletcher32 are optional: a chunk that they
     * cannot make smaller, or not keep, is stored without them. */
    bool scaleoffset;          /**< integers: lossless; floats: see scale */
    int scale;                 /**< integers: bits, 0 to let each chunk choose; floats:
                                    decimal digits after the point */
    bool nbit;
    bool shuffle;
    unsigned deflate;          /**< level 1 to 9 */
    bool lzf;
    unsigned szip;             /**< pixels per block, even, 2 to 32 */
    bool szip_ec;              /**< entropy coding; else nearest neighbour */
    bool fletcher32;
    const hi5_filter *filters; /**< [nfilters]: instead of those above, any pipeline. Values
                                    that follow from the dataset are filled in where they
                                    are left out: shuffle, nbit, lzf {}; scaleoffset {2
                                    for integers or 0, scale}; szip {4 for entropy coding
                                    or 32, pixels}; bitshuffle {elements per block or 0,
                                    2 for LZ4 or 3 for Zstandard}; blosc {0, 0, 0, 0,
                                    level, shuffle, codec}. HI5_E_FILTER: one that is not
                                    optional cannot be applied; or, with the chunk, nbit,
                                    scaleoffset or ZFP would lose some of what filters
                                    before it made, as libhdf5 lets it: such a chunk
                                    could not be read. Of one that was written in parts
                                    only hi5_flush says so, which cannot commit then */
    size_t nfilters;
    /* Fill value. */
    const void *fill;          /**< one element of fill_type; NULL: zero */
    const hi5_type *fill_type; /**< NULL: the dataset's type in memory */
    bool no_fill;              /**< undefined: elements never written have any value */
    hi5_alloc_time alloc_time;
    hi5_fill_time fill_time;
    bool track_attribute_order, index_attribute_order;
    unsigned max_compact_attributes, min_dense_attributes; /**< phase change of attributes;
                                    both 0: 8 and 6 */
    bool times;                /**< record when it is created, whatever the file does */
    bool small_header;         /**< leave no room in the header: few attributes will come */
    bool no_parents;           /**< a missing group on the way is HI5_E_NOTFOUND */
} hi5_dataset_options;

/** @param type  as elements are to be stored; memory forms of vlen and references are
 *               stored as what they stand for
 *  @param dims  [rank]; rank 0: a scalar
 *  @param options  NULL: all defaults
 *  @param d     owned: hi5_dataset_close; may be NULL */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_create(hi5_file *f, const char *path,
                                                   const hi5_type *type, unsigned rank,
                                                   const uint64_t *dims,
                                                   const hi5_dataset_options *options,
                                                   hi5_dataset **d, hi5_error *err);
/** The same for any shape, HI5_NULL too; `max` of the options is ignored. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_create_at(hi5_group *parent, const char *path,
                                                      const hi5_type *type,
                                                      const hi5_shape *shape,
                                                      const hi5_dataset_options *options,
                                                      hi5_dataset **d, hi5_error *err);

/** Write everything, or what `selection` selects, from `buf`: hi5_selection_count()
 *  elements of `memory`, densely packed in the order of the selection, converted to the
 *  dataset's type as hi5_dataset_read converts.
 *  @param memory  NULL: the memory form of the file's type (hi5_type_memory) */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_write(hi5_dataset *d,
                                                  const hi5_selection *selection,
                                                  const hi5_type *memory, const void *buf,
                                                  hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_dataset_write_slab(hi5_dataset *d,
                                                       const uint64_t *start,
                                                       const uint64_t *count,
                                                       const hi5_type *memory,
                                                       const void *buf, hi5_error *err);
/** Write `n` points, given as [n][rank]. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_write_points(hi5_dataset *d, size_t n,
                                                         const uint64_t *points,
                                                         const hi5_type *memory,
                                                         const void *buf, hi5_error *err);
/** Write one member of a compound; the others stay. See hi5_dataset_read_field. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_write_field(hi5_dataset *d, const char *field,
                                                        const hi5_selection *selection,
                                                        const hi5_type *memory,
                                                        const void *buf, hi5_error *err);
/** Give a chunked dataset another extent, within its maximum. What is cut off is gone:
 *  grown back it has the fill value. External data, too, if only its first dimension is
 *  another; there what is cut off stays in the files. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_resize(hi5_dataset *d, const uint64_t *dims,
                                                   hi5_error *err);
/** Make it `n` longer in its first dimension, and write these rows. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_append(hi5_dataset *d, uint64_t n,
                                                   const hi5_type *memory, const void *buf,
                                                   hi5_error *err);
/** Store a chunk as it is: `n` bytes that all filters but those of `mask` have been
 *  applied to. @param offset  [rank], of its first element
 *  HI5_E_ARG: no filter is, and `n` is not the size of a chunk. */
HI5_API HI5_MUST_USE hi5_status hi5_dataset_write_raw_chunk(hi5_dataset *d,
                                                            const uint64_t *offset,
                                                            uint32_t mask,
                                                            const void *bytes, size_t n,
                                                            hi5_error *err);

/* Attributes */

/** Create an attribute, or replace the one of that name.
 *  @param type    as it is to be stored; see hi5_dataset_create
 *  @param shape   NULL: a scalar
 *  @param memory  of buf; NULL: the memory form of `type`
 *  @param buf     NULL: zeros */
HI5_API HI5_MUST_USE hi5_status hi5_attribute_write(hi5_object *o, const char *name,
                                                    const hi5_type *type,
                                                    const hi5_shape *shape,
                                                    const hi5_type *memory,
                                                    const void *buf, hi5_error *err);
/** A scalar variable-length UTF-8 string, as h5py writes a str. */
HI5_API HI5_MUST_USE hi5_status hi5_attribute_write_string(hi5_object *o, const char *name,
                                                           const char *text,
                                                           hi5_error *err);
/** Change the value of an attribute that exists; type and shape stay. */
HI5_API HI5_MUST_USE hi5_status hi5_attribute_modify(hi5_attribute *a,
                                                     const hi5_type *memory,
                                                     const void *buf, hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_attribute_rename(hi5_object *o, const char *from,
                                                     const char *to, hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_attribute_delete(hi5_object *o, const char *name,
                                                     hi5_error *err);

/** Give an object a comment, in the place of the one it has. @param text  NULL or "": none */
HI5_API HI5_MUST_USE hi5_status hi5_object_set_comment(hi5_object *o, const char *text,
                                                       hi5_error *err);

/* References: what hi5_resolve follows. */

HI5_API HI5_MUST_USE hi5_status hi5_reference_object(hi5_object *o, hi5_reference *r,
                                                     hi5_error *err);
/** A region of a dataset, in the dataset's shape; it is put into the file's global heap
 *  at once. Of kind HI5_REF_REGION; from HI5_COMPAT_V112 on HI5_REF_REGION2. */
HI5_API HI5_MUST_USE hi5_status hi5_reference_region(hi5_dataset *d,
                                                     const hi5_selection *region,
                                                     hi5_reference *r, hi5_error *err);
/** An attribute that is there. HI5_E_UNSUPPORTED before HI5_COMPAT_V112. */
HI5_API HI5_MUST_USE hi5_status hi5_reference_attribute(hi5_object *o, const char *name,
                                                        hi5_reference *r,
                                                        hi5_error *err);

/* Dimension scales, by the convention that h5py and netCDF-4 share. */

/** Make a dataset a dimension scale. @param name  may be NULL */
HI5_API HI5_MUST_USE hi5_status hi5_scale_make(hi5_dataset *d, const char *name,
                                               hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_scale_attach(hi5_dataset *d, unsigned dim,
                                                 hi5_dataset *scale, hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_scale_detach(hi5_dataset *d, unsigned dim,
                                                 hi5_dataset *scale, hi5_error *err);
HI5_API HI5_MUST_USE hi5_status hi5_dimension_label(hi5_dataset *d, unsigned dim,
                                                    const char *label, hi5_error *err);

/* -----------------------------------------------------------------------------
 * Copy
 *
 * Objects and all that is below them, within a file or from one file into another; the
 * files need not have the same format. An object that is reached by several hard links
 * is copied once, and so is a committed datatype that several objects have; the copy is
 * linked as the original is. What is variable in length is put into the heap of the
 * other file; chunks, filtered or not, are copied as they are stored, with filters that
 * nobody knows, too. Space that was never allocated stays so. Times of objects are kept.
 *
 * References. Within one file they stay as they are. In another file one that refers to
 * something that is copied along refers to the copy; others become null, unless what they
 * refer to is copied for their sake. The lists of dimension scales lose the entries that
 * would be null. Attributes that refer to scales of the same file are entered in the lists
 * of those.
 *
 * Nothing of a copy is part of the file before all of it is there.
 */

/** What to do next in search of a committed datatype. */
typedef enum hi5_merge_search {
    HI5_MERGE_SEARCH = 0,      /**< look at all objects of the file */
    HI5_MERGE_STOP = 1         /**< copy the datatype */
} hi5_merge_search;

typedef struct hi5_copy_options {
    size_t size;               /**< sizeof(hi5_copy_options) */
    bool shallow;              /**< of a group only what it links to itself; groups among
                                    that become empty ones */
    bool expand_soft;          /**< copy what soft links lead to, instead of the links; one
                                    that leads nowhere stays a link */
    bool expand_external;      /**< the same for external links */
    bool expand_references;    /**< in another file: copy what references refer to, too; if
                                    nothing else leads to the copy, it is called
                                    "/~obj_pointed_by_ADDRESS", after where it is */
    bool null_references;      /**< in another file: make all references null, as libhdf5
                                    does, unless they are expanded */
    bool no_attributes;        /**< leave them out */
    bool preserve_null;        /**< leave as much unused room in headers as there is */
    bool merge_committed;      /**< use a committed datatype that is there already, if it is
                                    equal, rather than copy one */
    const char *const *suggested; /**< [nsuggested]: where to look for those first: paths of
                                    committed datatypes, or of datasets that have one */
    size_t nsuggested;
    /** Asked once, when none of the suggested ones fits. NULL: HI5_MERGE_SEARCH. */
    hi5_merge_search (*search)(void *ctx);
    void *search_ctx;
    bool no_parents;           /**< a missing group on the way is HI5_E_NOTFOUND */
    /** Called now and then: bytes of elements copied so far. */
    void (*progress)(void *ctx, uint64_t done);
    void *progress_ctx;
} hi5_copy_options;

/** Copy an object, and what is below it, to a new name.
 *  @param from     of any file; one that is being written, too
 *  @param to       a file open for writing
 *  @param path     the new name; below `from` itself is allowed
 *  @param options  NULL: all defaults
 *  HI5_E_EXISTS: the name is taken. A copy that cannot be finished, because `from` is
 *  damaged for instance, leaves `to` for hi5_abort. */
HI5_API HI5_MUST_USE hi5_status hi5_copy(hi5_object *from, hi5_file *to, const char *path,
                                         const hi5_copy_options *options, hi5_error *err);
/** The path is looked up from `parent`. */
HI5_API HI5_MUST_USE hi5_status hi5_copy_at(hi5_object *from, hi5_group *parent,
                                            const char *path,
                                            const hi5_copy_options *options,
                                            hi5_error *err);

/* -----------------------------------------------------------------------------
 * Repack
 *
 * A new file with everything that can be reached in another one: without the space that
 * is lost there, and, if wanted, with other filters, layouts, or in another format. What
 * stays as it is is copied as hi5_copy copies it. References lead to where objects are
 * now; those to objects that have no name become null. The file gets its name when all of
 * it is there: it may be that of the old one, which is whole until then.
 */

/** What becomes of some datasets, or of all. */
typedef struct hi5_repack_rule {
    size_t size;               /**< sizeof(hi5_repack_rule) */
    const char *const *paths;  /**< [npaths]: the datasets; NULL: all that no other rule
                                    names. What is missing is HI5_E_NOTFOUND */
    size_t npaths;
    bool new_filters;          /**< give them these filters, instead of those they have;
                                    they get chunks if they have none */
    const hi5_filter *filters; /**< [nfilters], as in hi5_dataset_options */
    size_t nfilters;
    bool new_layout;           /**< give them this layout; only chunks can grow */
    hi5_layout_kind layout;    /**< compact, contiguous, or chunked */
    unsigned rank;             /**< chunked; 0: chunks as h5py guesses them */
    const uint64_t *chunk;     /**< [rank]; no larger than what they are chunks of */
} hi5_repack_rule;

enum hi5_repack_space {
    HI5_REPACK_STRATEGY = 1,
    HI5_REPACK_PERSIST = 2,
    HI5_REPACK_THRESHOLD = 4,
    HI5_REPACK_PAGE_SIZE = 8
};
typedef struct hi5_repack_options {
    size_t size;               /**< sizeof(hi5_repack_options) */
    const hi5_open_options *open; /**< of the old file; NULL: all defaults */
    const hi5_create_options *create; /**< of the new one; what is zero is as in the old */
    const hi5_repack_rule *rules; /**< [nrules]; the last that says something counts */
    size_t nrules;
    uint64_t minimum;          /**< datasets of fewer bytes keep the filters they have */
    bool native;               /**< numbers as this machine has them */
    bool sorted;               /**< take links and attributes in this order, rather than as
                                    they were made: */
    hi5_order order;
    bool decreasing;
    unsigned max_compact, min_dense; /**< phase change of links; both 0: as it is */
    unsigned space;            /**< HI5_REPACK_*: which fields of `create` about free space
                                    count, although they may be zero; the rest is as in the
                                    old file */
    bool merge_external;       /**< copy what external links lead to */
    bool prune_external;       /**< leave external links out; with merge_external those
                                    that lead nowhere */
    const void *userblock;     /**< [userblock_size]: instead of the old one */
    size_t userblock_size;
    /** Called now and then: bytes of elements so far, and those there may be. */
    void (*progress)(void *ctx, uint64_t done, uint64_t all);
    void *progress_ctx;
    /** Told of each dataset that a rule could not be applied to, and why. */
    void (*skipped)(void *ctx, uint64_t address, const char *reason);
    void *skipped_ctx;
} hi5_repack_options;

typedef struct hi5_repack_result {
    uint64_t old_size, new_size; /**< of the files, in bytes */
    uint64_t objects;          /**< that were copied */
    uint64_t nulled;           /**< references to what has no name */
    uint64_t skipped;          /**< datasets that a rule could not be applied to */
} hi5_repack_result;

/** Write the file `from` anew as `to`, which may be the same. A file called so is
 *  replaced. While it is written it is called TO.hi5-new.
 *  @param options  NULL: all defaults
 *  @param result   may be NULL
 *  On failure nothing has changed. */
HI5_API HI5_MUST_USE hi5_status hi5_repack(const char *from, const char *to,
                                           const hi5_repack_options *options,
                                           hi5_repack_result *result, hi5_error *err);

/* -----------------------------------------------------------------------------
 * Check and map
 *
 * The validator walks everything in a file with the reader's own decoders, goes on
 * after an error, and reports each thing that is wrong once. `hi5 check --rules` lists
 * the rules; their ids are stable.
 */

typedef enum hi5_severity {
    HI5_NOTE = 0,              /**< worth knowing */
    HI5_WARNING = 1,           /**< legal but risky, or refused by some release */
    HI5_ERROR = 2              /**< violates the specification */
} hi5_severity;

/** A rule; all strings are static. */
typedef struct hi5_rule {
    const char *id;            /**< "B1-004" */
    hi5_severity severity;     /**< the usual one; a finding may be milder or graver */
    const char *section;       /**< of the specification; or "" */
    const char *title;         /**< what must hold */
    const char *reason;        /**< why it matters */
} hi5_rule;
/** Rule i, in the order of the list; false beyond the last. */
HI5_API bool hi5_rule_get(size_t i, hi5_rule *rule);
/** The rule of an id; false if there is none. */
HI5_API bool hi5_rule_find(const char *id, hi5_rule *rule);

/** Something that was found; borrowed for the call. */
typedef struct hi5_finding {
    const char *rule;          /**< id, static */
    hi5_severity severity;
    const char *path;          /**< of the object; "" for the file as a whole */
    const char *structure;     /**< "FAHD", "datatype message", ... */
    const char *field;         /**< or "" */
    const char *section;       /**< of the specification; or "" */
    uint64_t address;          /**< of the field, or HI5_NO_ADDRESS */
    const char *message;       /**< what was found, and what was expected */
} hi5_finding;
typedef void (*hi5_finding_fn)(void *ctx, const hi5_finding *finding);

typedef struct hi5_check_options {
    size_t size;               /**< sizeof(hi5_check_options) */
    bool no_data;              /**< metadata only: no chunk is decoded */
    unsigned spec;             /**< edition that the file should keep to: 10, 11, 20,
                                    30, 40 for 1.0 to 4.0; 0: the newest */
    unsigned release;          /**< of libhdf5 that should load it: 106, 108, 110, 112,
                                    114, 200 for 1.6 to 2.0; 0: do not ask */
    uint64_t findings;         /**< most to report, the others are only counted;
                                    0: 10000 */
    /** Called now and then; `done` of `all` objects so far known. */
    void (*progress)(void *ctx, uint64_t done, uint64_t all);
    void *progress_ctx;
} hi5_check_options;

/** What every byte of the file is for, summed up. */
typedef struct hi5_map_totals {
    uint64_t file_size;        /**< bytes */
    uint64_t accounted;        /**< bytes that have an owner */
    uint64_t free;             /**< bytes that the file itself says are free */
    uint64_t lost;             /**< bytes that nothing leads to */
    uint64_t overlaps;         /**< pairs of things that claim the same bytes */
} hi5_map_totals;

typedef struct hi5_check_result {
    bool readable;             /**< it is an HDF5 file, and its superblock was decoded */
    uint64_t errors, warnings, notes;
    uint64_t objects, chunks;  /**< how many were looked at */
    unsigned needs_release;    /**< the oldest libhdf5 that knows all that is in the
                                    file: 106 to 200 */
    unsigned needs_spec;       /**< the edition that describes it: 10 to 40 */
    hi5_map_totals map;
} hi5_check_result;

/** Check a file. HI5_OK if it could be looked at, whatever was found; the answer is in
 *  `result`.
 *  @param open     how to open it; NULL: all defaults
 *  @param options  NULL: all defaults
 *  @param fn       called for each finding; may be NULL
 *  HI5_E_NOTFOUND, HI5_E_IO, HI5_E_NOMEM: nothing is known about the file. */
HI5_API HI5_MUST_USE hi5_status hi5_check(const char *path, const hi5_open_options *open,
                                          const hi5_check_options *options,
                                          hi5_finding_fn fn, void *ctx,
                                          hi5_check_result *result, hi5_error *err);
/** Check any byte source; `io` is copied, and closed in any case. */
HI5_API HI5_MUST_USE hi5_status hi5_check_io(const hi5_io *io, const char *name,
                                             const hi5_open_options *open,
                                             const hi5_check_options *options,
                                             hi5_finding_fn fn, void *ctx,
                                             hi5_check_result *result, hi5_error *err);
/** Check `n` bytes in memory. */
HI5_API HI5_MUST_USE hi5_status hi5_check_memory(const void *bytes, size_t n,
                                                 const hi5_open_options *open,
                                                 const hi5_check_options *options,
                                                 hi5_finding_fn fn, void *ctx,
                                                 hi5_check_result *result,
                                                 hi5_error *err);

typedef enum hi5_use {
    HI5_USE_METADATA = 0,
    HI5_USE_DATA = 1,          /**< elements, as stored */
    HI5_USE_FREE = 2,          /**< free, and known to be */
    HI5_USE_LOST = 3,          /**< nothing leads to it */
    HI5_USE_OTHER = 4          /**< user block, bytes after the end */
} hi5_use;

/** A piece of the file with one use; borrowed for the call. */
typedef struct hi5_extent {
    uint64_t offset;           /**< from the start of the file */
    uint64_t size;             /**< bytes */
    hi5_use use;
    const char *structure;     /**< "OHDR", "chunk", "free", ... */
    const char *path;          /**< of the object it belongs to; or "" */
    uint64_t count;            /**< things of this kind side by side */
    bool overlaps;             /**< something else claims some of it, too */
} hi5_extent;
typedef void (*hi5_extent_fn)(void *ctx, const hi5_extent *extent);

/** Tell what each byte of a file is for, by ascending offsets; without overlaps the
 *  extents cover the file.
 *  @param open  how to open it; NULL: all defaults */
HI5_API HI5_MUST_USE hi5_status hi5_map(const char *path, const hi5_open_options *open,
                                        hi5_extent_fn fn, void *ctx,
                                        hi5_map_totals *totals, hi5_error *err);

/** A field of a structure, as the decoder passed it; borrowed for the call. */
typedef struct hi5_annotation {
    uint64_t address;          /**< of its first byte */
    uint64_t size;             /**< bytes */
    unsigned depth;            /**< how many of those before enclose it */
    bool encloses;             /**< it consists of fields, which follow */
    const char *structure;     /**< "FAHD", "dataspace message", ... */
    const char *field;         /**< "page bits"; "" for bytes that nothing has passed */
    const char *section;       /**< of the specification; or "" */
    const uint8_t *bytes;      /**< as stored; what a cache image holds goes first */
    size_t nbytes;             /**< of `size`, at most 4096 */
    bool is_number;
    uint64_t value;            /**< if it is a number */
    const char *meaning;       /**< of the value: "dataspace", "undefined"; or "" */
    const char *bad;           /**< what is wrong with it; or NULL */
    bool stopped;              /**< the decoder went no further */
} hi5_annotation;
typedef void (*hi5_annotation_fn)(void *ctx, const hi5_annotation *field);

/** Tell one structure of a file field by field, in the order of addresses. What is wrong
 *  with it does not end the telling.
 *  @param open     how to open it; NULL: all defaults
 *  @param object   path of an object, whose header is told with all its messages; NULL:
 *                  what begins at `address`
 *  HI5_E_NOTFOUND: there is no such object, or nothing known begins at the address. */
HI5_API HI5_MUST_USE hi5_status hi5_annotate(const char *path,
                                             const hi5_open_options *open,
                                             const char *object, uint64_t address,
                                             hi5_annotation_fn fn, void *ctx,
                                             hi5_error *err);

/* -----------------------------------------------------------------------------
 * Compare
 *
 * Two files, or an object of each, are compared name by name and element by element; what
 * is found is told as it is found. Groups are compared with all that is below them. What
 * counts as a difference is what h5diff counts: an element that differs, in strings each
 * character, in opaque data and bitfields each byte. Values are compared in the memory
 * form of hi5_type_native; of two sizes of a type the larger one is taken. Equal bits are
 * never a difference. References are compared by what they lead to.
 *
 * Datasets are compared piece by piece, whatever their size. Chunks that are stored in
 * the same way with the same bytes are not decoded; an object is not compared with
 * itself.
 */

typedef enum hi5_diff_what {
    HI5_DIFF_NAME = 0,         /**< an object or link, before all else: path[0], in */
    HI5_DIFF_BEGIN = 1,        /**< a pair is compared from here: item, path, attribute */
    HI5_DIFF_END = 2,          /**< up to here: count */
    HI5_DIFF_ELEMENTS = 3,     /**< elements of `shape` are compared from here */
    HI5_DIFF_VALUE = 4,        /**< a number, character or byte differs: type, value */
    HI5_DIFF_LENGTH = 5,       /**< strings or sequences differ in length: length */
    HI5_DIFF_NULL = 6,         /**< one of two references is null: in */
    HI5_DIFF_REGION = 7,       /**< regions that are referred to differ: region, object */
    HI5_DIFF_INCOMPARABLE = 8, /**< a pair cannot be compared: reason */
    HI5_DIFF_NOTE = 9,         /**< what does not keep a pair from being compared: reason */
    HI5_DIFF_ATTRIBUTE = 10,   /**< an attribute, before they are compared: attribute, in */
    HI5_DIFF_ATTRIBUTES = 11,  /**< how many: in both (count), in one of the two (length) */
    HI5_DIFF_DANGLING = 12,    /**< links that lead nowhere: in tells which do */
    HI5_DIFF_FAILED = 13       /**< something could not be read: error */
} hi5_diff_what;

/** What is compared. */
typedef enum hi5_diff_item {
    HI5_DIFF_GROUPS = 0,
    HI5_DIFF_DATASETS = 1,
    HI5_DIFF_DATATYPES = 2,
    HI5_DIFF_SOFT_LINKS = 3,
    HI5_DIFF_EXTERNAL_LINKS = 4,
    HI5_DIFF_USER_LINKS = 5,
    HI5_DIFF_VALUES_OF_ATTRIBUTES = 6,
    HI5_DIFF_UNKNOWNS = 7      /**< objects of no known kind */
} hi5_diff_item;

/** Why it cannot be compared; the last three: what is worth a note. */
typedef enum hi5_diff_reason {
    HI5_DIFF_KINDS = 0,        /**< objects, or links, of two kinds: items */
    HI5_DIFF_CLASSES = 1,      /**< types of two classes: type, member */
    HI5_DIFF_TIMES = 2,        /**< both are times */
    HI5_DIFF_RANKS = 3,        /**< shape */
    HI5_DIFF_SHAPES = 4,       /**< shape */
    HI5_DIFF_STRINGS = 5,      /**< fixed and variable length */
    HI5_DIFF_MEMBERS = 6,      /**< compounds with other numbers of members: type */
    HI5_DIFF_SIGNS = 7,        /**< signed and unsigned integers: type */
    HI5_DIFF_EMPTY = 8,        /**< nothing was ever written to one of the datasets */
    HI5_DIFF_FILTER = 9,       /**< a filter is missing: in, filter */
    HI5_DIFF_REFERENCES = 10,  /**< references to groups or datatypes */
    HI5_DIFF_REFERRED = 11,    /**< references to objects of two kinds */
    HI5_DIFF_REGIONS = 12,     /**< regions of other numbers of blocks, points, dimensions */
    HI5_DIFF_ARRAYS = 13,      /**< array datatypes of other numbers of elements: type */
    HI5_DIFF_TYPES = 14,       /**< stored in two ways: type */
    HI5_DIFF_MAXIMA = 15,      /**< other maximum dimensions: shape */
    HI5_DIFF_VIRTUALS = 16     /**< nothing is stored, as one is a virtual dataset */
} hi5_diff_reason;

/** Something that was found; all of it is borrowed for the call. What does not concern
 *  `what` is zero. [0] is the first, [1] the second of the two. */
typedef struct hi5_diff_event {
    hi5_diff_what what;
    hi5_diff_reason reason;
    hi5_diff_item item, items[2];
    const char *path[2];       /**< of the objects */
    const char *attribute;     /**< or NULL */
    unsigned depth;            /**< references followed from there */
    bool in[2];
    bool same;                 /**< BEGIN, END: one object, found twice */
    bool member;               /**< types are those of a member */
    const hi5_type *type[2];
    const hi5_shape *shape[2];
    const uint64_t *position;  /**< of the element in the first: [shape's rank] */
    size_t byte;               /**< strings, opaque, bitfields: which */
    const void *value[2];      /**< as `type`; strings: the character; opaque, bitfields:
                                    the byte */
    uint64_t length[2];
    bool counted;              /**< VALUE: false for what is beyond the end of the shorter
                                    of two strings */
    bool has_relative;         /**< it was compared relatively, ... */
    bool no_relative;          /**< ... but the first is zero */
    double relative;
    const hi5_selection *region[2];
    uint64_t object[2];        /**< REGION: address of the dataset */
    uint64_t count;            /**< END: differences found */
    unsigned filter;           /**< its id */
    const hi5_error *error;
} hi5_diff_event;

/** Return HI5_OK to go on; any other status ends the comparison, which then returns it
 *  (fill `err` for a failure). */
typedef hi5_status (*hi5_diff_fn)(void *ctx, const hi5_diff_event *event, hi5_error *err);

typedef struct hi5_diff_options {
    size_t size;               /**< sizeof(hi5_diff_options) */
    bool values;               /**< tell each VALUE, in the order of the elements. Without,
                                    they are counted, which is faster. */
    bool use_delta;            /**< numbers may differ by up to `delta` ... */
    double delta;
    bool use_relative;         /**< ... and by up to |(b - a) / a| */
    double relative;
    bool epsilon;              /**< floats may differ by less than FLT_EPSILON or
                                    DBL_EPSILON */
    bool no_nan;               /**< do not look for NaN: else two are equal, whatever bits
                                    they have, and one of them is a difference */
    uint64_t most;             /**< of each pair, stop when so many are found; 0: all */
    bool follow_links;         /**< compare what soft and external links lead to */
    bool no_dangling;          /**< links that lead nowhere are failures */
    const char *const *exclude; /**< [nexclude]: objects to leave out, with all below
                                    them; paths from what is compared */
    size_t nexclude;
    const char *const *exclude_attributes; /**< the same: objects whose attributes are not
                                    compared; full paths */
    size_t nexclude_attributes;
    const hi5_selection *selection[2]; /**< of the two, if they are datasets: regular ones
                                    of the same numbers of elements; both or none */
    uint64_t memory;           /**< bytes of elements compared at once, 16 MiB; or one
                                    chunk, if that is larger */
} hi5_diff_options;

typedef struct hi5_diff_result {
    uint64_t differences;      /**< of values, types, links */
    uint64_t objects;          /**< pairs of objects and links compared */
    uint64_t attributes;       /**< pairs of them compared */
    uint64_t only[2];          /**< objects and links in one of the two */
    uint64_t attributes_only[2];
    uint64_t incomparable;
    uint64_t failures;
    uint64_t chunks_same;      /**< chunks that were not decoded */
    bool other_names;          /**< the two do not have the same names */
} hi5_diff_result;

/** Compare an object of one file with one of another, or of the same. What cannot be read
 *  is told, counted, and passed over.
 *  @param path_a   NULL: the root group
 *  @param path_b   NULL: as path_a
 *  @param options  NULL: all defaults
 *  @param fn       may be NULL
 *  HI5_E_NOTFOUND: one of the paths leads nowhere. HI5_E_ARG: options that do not go
 *  together. */
HI5_API HI5_MUST_USE hi5_status hi5_diff(hi5_file *a, const char *path_a, hi5_file *b,
                                         const char *path_b,
                                         const hi5_diff_options *options, hi5_diff_fn fn,
                                         void *ctx, hi5_diff_result *result,
                                         hi5_error *err);

/* -----------------------------------------------------------------------------
 * Recover
 *
 * What can be saved of a damaged file: one that was cut off, whose superblock is gone,
 * whose trees or heaps are overwritten. The file is searched for what looks like a part
 * of it; the tree of objects is put together from the links that are left, and objects
 * without one are found as "/lost+found/0x<address>". The reader's own decoders have the
 * last word.
 *
 * If it is asked for, what can be saved is written as a new file, with hard links, types
 * and creation properties as they were: whole objects; of datasets that are partial the
 * chunks, or the bytes, that are there, the rest being the fill value; those that are lost
 * without a value, if their headers can be read. Each object that is not whole has an
 * attribute "hi5_recovered", a text that tells what is missing; a group whose links led to
 * lost objects, which are left out, has "hi5_recovered_links". What is told as whole is
 * whole in the new file.
 */

typedef enum hi5_salvage {
    HI5_WHOLE = 0,             /**< all of it can be read */
    HI5_PARTIAL = 1,           /**< some of it */
    HI5_LOST = 2               /**< its header is there, or a link to it; no more */
} hi5_salvage;

/** An object, or what is left of it; borrowed for the call. */
typedef struct hi5_salvaged {
    const char *path;
    uint64_t address;
    hi5_kind kind;
    hi5_salvage state;
    bool found;                /**< no link leads to it: below /lost+found */
    bool verified;             /**< whole, and each byte of it is covered by a checksum;
                                    else it may have been overwritten unnoticed */
    uint64_t parts, good;      /**< datasets: chunks (elements where it is not chunked),
                                    and how many of them can be read; groups: links */
    uint64_t attributes, attributes_lost;
    const char *reason;        /**< what is missing, or remarkable; or "" */
    hi5_object *object;        /**< to read it; NULL where that is not possible */
} hi5_salvaged;
/** Groups come before what is in them. Any status but HI5_OK ends the search. */
typedef hi5_status (*hi5_salvaged_fn)(void *ctx, const hi5_salvaged *s, hi5_error *err);

/** A part of a dataset that cannot be read; borrowed for the call. */
typedef struct hi5_lost_part {
    uint64_t start[HI5_MAX_RANK]; /**< in elements, of the dataset's rank */
    uint64_t count[HI5_MAX_RANK];
    const char *reason;
} hi5_lost_part;

typedef struct hi5_recover_options {
    size_t size;               /**< sizeof(hi5_recover_options) */
    /** Called for each part that is lost, before the dataset itself is told. */
    void (*lost)(void *ctx, hi5_dataset *d, const hi5_lost_part *part);
    void *lost_ctx;
    /** Called now and then; `done` of `all`: bytes first, then objects. */
    void (*progress)(void *ctx, bool searching, uint64_t done, uint64_t all);
    void *progress_ctx;
    const char *to;            /**< write what can be saved as this file; NULL: nothing is
                                    written. It is called TO.hi5-new until it is whole. */
    bool replace;              /**< there may be a file called so, which is replaced */
    hi5_compat compat;         /**< how it is written; DEFAULT: as the old one seems to be */
} hi5_recover_options;

typedef struct hi5_recovery {
    uint64_t file_size;
    uint64_t missing;          /**< bytes that the file should have beyond its end */
    bool superblock;           /**< it is there; else the next three are conclusions */
    uint64_t base_address;
    unsigned offset_size, length_size;
    bool root;                 /**< the root group is known, and can be read */
    uint64_t groups, datasets, datatypes; /**< that were told */
    uint64_t whole, partial, lost;        /**< of all these */
    uint64_t found;            /**< below /lost+found */
    uint64_t attributes, attributes_lost;
    /* Of the file that was written: */
    uint64_t written;          /**< objects in it */
    uint64_t links_lost;       /**< links that led to what is lost, and are left out */
    uint64_t nulled;           /**< references to what is lost, which are null now */
    uint64_t new_size;         /**< bytes */
} hi5_recovery;

/** Find out what can be saved.
 *  @param open     how to open it; NULL: all defaults. Other files are left alone.
 *  @param options  NULL: all defaults
 *  @param fn       called for each object, after it has been copied; may be NULL
 *  HI5_E_CORRUPT: nothing in the file looks like a part of an HDF5 file, or nothing of it
 *  can be written. HI5_E_EXISTS: there is such a file as is to be written, or it is the
 *  damaged one. When it fails, nothing has been written. */
HI5_API HI5_MUST_USE hi5_status hi5_recover(const char *path,
                                            const hi5_open_options *open,
                                            const hi5_recover_options *options,
                                            hi5_salvaged_fn fn, void *ctx,
                                            hi5_recovery *result, hi5_error *err);
/** The same for any byte source; `io` is copied, and closed in any case. */
HI5_API HI5_MUST_USE hi5_status hi5_recover_io(const hi5_io *io, const char *name,
                                               const hi5_open_options *open,
                                               const hi5_recover_options *options,
                                               hi5_salvaged_fn fn, void *ctx,
                                               hi5_recovery *result, hi5_error *err);
/** The same for `n` bytes in memory. */
HI5_API HI5_MUST_USE hi5_status hi5_recover_memory(const void *bytes, size_t n,
                                                   const hi5_open_options *open,
                                                   const hi5_recover_options *options,
                                                   hi5_salvaged_fn fn, void *ctx,
                                                   hi5_recovery *result, hi5_error *err);

#ifdef __cplusplus
}
#endif
#endif
