/*
 * check.h - what the files of the validator share
 *
 * One walk over everything in a file, with the reader's own codecs. Findings come from
 * two sides: codecs report through the file's watch whatever they refuse or frown upon,
 * and the walk reports what no single structure can know (counts, order, overlaps). A
 * codec's complaint gets its rule from a table (check_match.c); the walk names its rule.
 *
 * Nothing stops the walk but a failing machine: a structure that cannot be decoded is
 * reported and passed over.
 */
#ifndef HI5_CHECK_H
#define HI5_CHECK_H

#include "btree/btree1.h"
#include "btree/btree2.h"
#include "file/dataset.h"

/** What every byte of a byte source is for, like hi5_map; `io` is copied, and not closed.
 *  *sound: no error, no warning, and nothing that is not understood. */
HI5_INT hi5_status check_map_io(const hi5_io *io, const hi5_allocator *a,
                                hi5_extent_fn fn, void *ctx, bool *sound,
                                hi5_error *err);

/* ---- small tools ---- */

/* A set of numbers. */
struct check_set {
    uint64_t *slot; /* 0: empty; numbers are kept scrambled */
    size_t n, room;
    bool zero; /* the number that scrambles to 0 */
};

/* An array that grows; elements of one size. */
struct check_list {
    void *p;
    size_t n, room;
};

/* ---- file space ---- */

/* Something that occupies bytes. */
struct check_extent {
    uint64_t at, size; /* `at` counts from the start of the file */
    const char *what;  /* static */
    const char *owner; /* in the check's arena */
    uint64_t count;    /* claims that were joined; what is free: where that is said */
    hi5_use use;
    bool overlaps;
};

struct check_space {
    struct check_list claims; /* struct check_extent */
    struct check_list free;   /* the same: what the file says is free */
    uint64_t overlaps, free_bytes, lost_bytes, claimed_bytes;
};

/* ---- objects ---- */

/* An object that something leads to. */
struct check_object {
    uint64_t addr;
    const char *path; /* the first that was found */
    size_t parent;    /* the object that it was found in */
    uint32_t links;   /* hard links found */
    uint32_t stored;  /* reference count as stored */
    uint8_t version;  /* of the header */
    hi5_kind kind;
    bool decoded;        /* its header could be read */
    bool counted;        /* its reference count takes part */
    uint64_t count_addr; /* where the reference count is */
};

/* A global heap collection that something refers to. */
struct check_collection {
    uint64_t addr;
    struct check_list objects; /* struct check_gobject, in the order of the file */
    size_t used;               /* objects that something refers to */
    bool flawed;               /* not all its objects are known */
};

struct check_gobject {
    uint64_t addr; /* of its bytes */
    uint32_t index;
    bool used;
    bool held; /* by an element */
    bool fill; /* by a fill value, which elements that were not written have, too */
};

/* A use of a shared message in a heap. */
struct check_sohm_use {
    uint64_t id; /* in the heap; of a copy: the hash */
    unsigned index;
};

/* Dimension `dim` of a dataset has a scale: says the one or the other. */
struct check_scale {
    uint64_t dataset, scale, dim;
    uint64_t where; /* of the element that says so */
    const char *path;
    bool by_scale;
};

/* ---- sums ---- */

/* What blocks that are claimed belong to. */
enum check_role {
    CHECK_OBJECT, /* the object header, or what nobody asks for */
    CHECK_LINKS,
    CHECK_ATTRIBUTES,
    CHECK_DATA,
    CHECK_EXTERNAL,
    CHECK_EXTENSION,
    CHECK_SHARED
};

/* For file/storage.c: sums instead of a map. Nothing is reported then. */
struct check_sums {
    hi5_object_storage object;
    hi5_file_storage file;
};

/* ---- the check ---- */

#define CHECK_FIELDS 64u

/* The last fields that the codecs have passed: who finds something wrong with a field
 * after others followed still wants to know where it was. */
struct check_fields {
    unsigned n; /* in all; the newest is at (n - 1) % CHECK_FIELDS */
    struct {
        const char *field;
        uint64_t structure, addr;
    } at[CHECK_FIELDS];
};

struct check {
    struct cur_watch watch; /* first: findings of codecs come back by it */
    struct cur_watch *also; /* is told every field; or NULL */
    struct mem mem;
    struct arena arena; /* paths */
    hi5_file *file;     /* NULL while it is being opened */
    struct meta *meta;
    hi5_check_options options;
    hi5_finding_fn fn;
    void *ctx;
    hi5_check_result *result;
    const char *path;  /* of the object being looked at */
    bool data;         /* look at elements, too */
    bool mute;         /* findings are not wanted just now */
    bool filling;      /* values are looked at that are fill values */
    bool space_only;   /* hi5_map: only what leads to extents matters */
    hi5_status broken; /* the machine failed: no memory, no input */
    hi5_error why;
    struct check_set seen; /* findings that have been reported */
    uint64_t reported;
    struct check_space space;
    struct check_list objects;      /* struct check_object, in order of discovery */
    struct check_list index;        /* size_t: hash table over objects; n unused */
    struct check_list collections;  /* struct check_collection */
    struct check_list targets;      /* struct check_target: what references refer to */
    uint64_t sohm;                  /* where the table of shared messages is */
    struct check_list sohm_uses;    /* struct check_sohm_use */
    struct check_list scales;       /* struct check_scale */
    bool netcdf;                    /* the file says that it is netCDF */
    struct check_set scale_objects; /* addresses of dimension scales */
    struct check_set attributes;    /* addresses of those whose parts were counted */
    struct check_set nodes;         /* addresses of blocks that have been walked */
    bool strange;             /* something is not known: it may lead anywhere */
    bool incomplete;          /* something could not be read: links may be missing */
    struct check_list shares; /* uint64_t: committed datatypes, once for each user */
    struct check_fields fields;
    size_t done;             /* objects that have been looked at */
    struct check_sums *sums; /* or NULL */
    enum check_role role;    /* of what is claimed; with sums */
    unsigned in_heap;        /* it is part of a fractal heap */
};

/** Did the machine fail? Then there is nothing to do but to return. */
static inline bool
check_broken(const struct check *k)
{
    return k->broken != HI5_OK;
}

/** Let go of all that a check holds, its file included. */
HI5_INT void check_end(struct check *k);

/* ---- reporting (check.c) ---- */

/** Report that a rule does not hold. `structure` and `field` are static strings. The
 *  severity is the rule's. The same rule is reported once for an address and field. */
HI5_INT void
check_report(struct check *k, const char *rule, uint64_t addr, const char *structure,
             const char *field, const char *fmt, ...) CC_PRINTF(6, 7);
/** The same with a severity of its own. */
HI5_INT void check_report_as(struct check *k, const char *rule, hi5_severity severity,
                             uint64_t addr, const char *structure, const char *field,
                             const char *fmt, ...) CC_PRINTF(7, 8);
/** A call of the reader failed: report why, unless a codec has done so. */
HI5_INT void check_failed(struct check *k, const hi5_error *err);
/** The same under a rule that the failure's own place does not tell. */
HI5_INT void check_failed_as(struct check *k, const char *rule, const hi5_error *err);
/** Where the field of the structure at `addr` is, if it was decoded just now; or
 *  `addr`. */
HI5_INT uint64_t check_where(const struct check *k, uint64_t addr, const char *field);
/** A message that is stored elsewhere could not be had: reported where the message at
 *  `addr` (of n bytes) says so. */
HI5_INT void check_shared_failed(struct check *k, const uint8_t *body, size_t n,
                                 uint64_t addr, hi5_error *err);
/** No memory for n bytes. */
HI5_INT void check_no_memory(struct check *k, uint64_t n);

/** Pin `n` bytes for a structure; what is not inside the file is reported as SB-031. */
HI5_INT bool check_pin(struct check *k, uint64_t addr, uint64_t n, const char *what,
                       struct block **b);

/** Check a byte source while `also` is told every field that is decoded. */
HI5_INT hi5_status check_watched(const hi5_io *io, const char *name,
                                 const hi5_open_options *open, struct cur_watch *also,
                                 hi5_check_result *result, hi5_error *err);

/** False, and noted, if the number is new to the set; true if it was there. */
HI5_INT bool check_set_add(struct check *k, struct check_set *s, uint64_t number);
HI5_INT bool check_set_has(const struct check_set *s, uint64_t number);
HI5_INT void check_set_done(struct check *k, struct check_set *s);
/** Room for one more element at the end; NULL, and broken, without memory. */
HI5_INT void *check_list_add(struct check *k, struct check_list *l, size_t each);
HI5_INT void check_list_done(struct check *k, struct check_list *l, size_t each);

/** The severity-less rule that a codec's complaint belongs to (check_match.c). */
HI5_INT const char *check_match(const char *structure, const char *field,
                                const char *what, bool fatal, hi5_severity *severity);
HI5_INT const hi5_rule *check_rule(const char *id);
/** Note what release and edition a field's value calls for (check_needs.c). */
HI5_INT void check_needs(struct check *k, const struct cur *c, const char *field,
                         size_t at, uint64_t value);
/** Something that some releases refuse; `first` to `last` (0: all later ones). */
HI5_INT void
check_refused(struct check *k, unsigned first, unsigned last, uint64_t addr,
              const char *structure, const char *field, const char *why);

/* ---- file space (check_space.c) ---- */

/** These bytes belong to the current object. Beyond the end of the file: SB-031. */
HI5_INT void check_claim(struct check *k, uint64_t addr, uint64_t size,
                         const char *what, hi5_use use);
/** The file says, in the section at `from`, that these are free. */
HI5_INT void
check_claim_free(struct check *k, uint64_t addr, uint64_t size, uint64_t from);
/** Find overlaps and what is left; report, and sum up. */
HI5_INT void check_space_settle(struct check *k);
HI5_INT void check_space_each(struct check *k, hi5_extent_fn fn, void *ctx);
HI5_INT void check_space_done(struct check *k);

/** Add up what is claimed (storage.c). */
HI5_INT void check_sum(struct check *k, const char *what, uint64_t size);
/** The same for an index, or a heap, whose header says how large its blocks are. */
HI5_INT void check_sum_index(struct check *k, uint64_t size);
HI5_INT void check_sum_heap(struct check *k, uint64_t size);

/* ---- the file itself (check_file.c) ---- */

HI5_INT void check_file(struct check *k);
/** The end of the file as stored, from the start of the file. */
HI5_INT uint64_t check_stored_end(const struct check *k);
/** What a driver says about itself. */
HI5_INT void
check_driver(struct check *k, const char *name, uint64_t name_addr,
             const char *structure, const uint8_t *data, size_t n, uint64_t addr);
/** The messages of the superblock extension. */
HI5_INT void check_extension(struct check *k);
/** A free-space manager, of the file (owner NULL) or of a fractal heap.
 *  @return free bytes in blocks that are there; CHECK_LOST if that is not known */
struct fheap;
HI5_INT uint64_t check_free_space(struct check *k, uint64_t addr,
                                  const struct fheap *owner);
HI5_INT void check_sohm(struct check *k);
/** A message of this type has a body that is elsewhere: note it if that is a heap. */
HI5_INT void
check_sohm_message(struct check *k, unsigned type, const uint8_t *body, size_t n);
HI5_INT void check_sohm_use(struct check *k, unsigned type, const uint8_t *id);
/** A message that could be shared is in the header itself. */
HI5_INT void
check_sohm_copy(struct check *k, const struct ohdr *h, const struct ohdr_msg *m);

/* ---- objects (check_object.c, check_message.c) ---- */

/* Where fields are that other messages may contradict. */
struct check_places {
    uint64_t dims, max;             /* dataspace: first (current, maximum) dimension */
    uint64_t fill_size, fill_write; /* fill value */
    uint64_t layout, layout_size, layout_index, layout_flags; /* data layout: address */
    uint64_t chunk, chunk_size; /* first chunk dimension, element size */
    unsigned chunk_w;
    uint64_t link_order; /* link info: next order */
    uint64_t attr_order; /* attribute info: next order */
};

/* A header that is being looked at, and what its messages say. */
struct check_header {
    struct check *k;
    struct ohdr *h;
    struct arena arena;
    hi5_kind kind;
    const hi5_type *type; /* NULL: not decoded */
    bool has_space, has_layout, has_fill, has_pline, has_attr_info, has_link_info,
        has_stab, has_efl;
    struct msg_space space;
    struct msg_layout layout;
    struct msg_fill fill;
    struct pipeline pline;
    struct msg_attr_info attr_info;
    struct msg_link_info link_info;
    struct msg_stab stab;
    struct msg_efl efl;
    uint64_t layout_addr, fill_addr, pline_addr, space_addr, type_addr; /* of bodies */
    uint64_t efl_addr, stab_addr, attr_info_addr;
    const uint8_t *pline_body;
    struct check_places at;
    unsigned count[MSG_KNOWN]; /* messages of each type */
    const char *bad_filter;    /* MS-056: parameters, with which no chunk is decoded */
    uint64_t bad_filter_at;
    bool bad_filter_said;
    uint64_t errors; /* that had been found before this object */
};

/** The object at `addr`, new or known; NULL without memory. `path` is copied. */
HI5_INT struct check_object *
check_object_at(struct check *k, uint64_t addr, const char *path, bool *fresh);
HI5_INT struct check_object *check_object_find(struct check *k, uint64_t addr);
/** Look at the header of the i-th object. The list of objects may move meanwhile. */
HI5_INT void check_object_once(struct check *k, size_t i);
/** Look at all objects, also at those found on the way. */
HI5_INT void check_objects(struct check *k);
HI5_INT void check_reference_counts(struct check *k);
/** Somebody uses the committed datatype at `addr`; ADDR_NONE: nothing to note. */
HI5_INT void check_shares(struct check *k, uint64_t addr);
/** Committed datatypes that no link leads to. */
HI5_INT void check_unlinked(struct check *k);
/** Where the type of a message is: the first byte of what precedes its body. */
HI5_INT uint64_t check_message_head(const struct ohdr *h, const struct ohdr_msg *m);
/** Decode one message into the header's record of what it says. */
HI5_INT void check_message(struct check_header *x, const struct ohdr_msg *m);
/** What messages say about one another. */
HI5_INT void check_messages_agree(struct check_header *x);
/** Report bad_filter, once. */
HI5_INT void check_bad_filter(struct check_header *x, hi5_severity severity);
HI5_INT void check_type(struct check_header *x, const hi5_type *t, uint64_t addr);
HI5_INT void check_attribute(struct check_header *x, const uint8_t *body, size_t n,
                             uint64_t addr, const char **name);
HI5_INT void check_dense_attributes(struct check_header *x);
/** An attribute that may be part of the convention of dimension scales. */
HI5_INT void check_scale_attribute(struct check_header *x, const struct msg_attr *m,
                                   const hi5_type *t, const hi5_shape *shape);
HI5_INT void check_scales(struct check *k);
/** What netCDF wants of a group, in a file that is netCDF. */
HI5_INT void check_netcdf_group(struct check_header *x);

/* ---- groups (check_group.c, check_dense.c) ---- */

HI5_INT void check_group(struct check_header *x);
/** Does a symbol table entry cache what the group's own message says? */
HI5_INT void check_cached_stab(struct check *k, const struct ste *e, const char *rule,
                               uint64_t addr, const char *structure);
/** A link of the current group. */
HI5_INT void check_link(struct check *k, const char *group, const struct msg_link *l,
                        uint64_t addr, const char *structure);
HI5_INT void check_dense_links(struct check_header *x);
HI5_INT void check_local_heap(struct check *k, uint64_t addr);

/* ---- trees (check_btree1.c, check_btree2.c) ---- */

/* What to do with the children of a version-1 tree's leaves. */
struct check_bt1 {
    struct bt1 tree;
    const char *what; /* "group", "chunk": for messages */
    /** Order of two raw keys. */
    int (*compare)(void *ctx, const uint8_t *a, const uint8_t *b);
    void (*key)(void *ctx, const uint8_t *key, uint64_t addr, bool last);
    void (*child)(void *ctx, const uint8_t *key, uint64_t child,
                  const uint8_t *next_key, uint64_t addr);
    void *ctx;
};
HI5_INT void check_btree1(struct check *k, const struct check_bt1 *b);

struct check_bt2 {
    /** Order of two records; NULL: not known. */
    int (*compare)(void *ctx, const uint8_t *a, const uint8_t *b);
    void (*record)(void *ctx, const uint8_t *record, uint64_t addr);
    void *ctx;
};
/** Walk a version-2 tree. False if its header could not be decoded. *total: records;
 *  CHECK_LOST if not all could be read. */
#define CHECK_LOST UINT64_MAX
HI5_INT bool
check_btree2(struct check *k, uint64_t addr, enum bt2_type type, size_t record_size,
             const struct check_bt2 *b, uint64_t *total);

/* ---- heaps (check_heap.c) ---- */

/** Walk a fractal heap's blocks; *h is NULL if it cannot be opened. */
HI5_INT void
check_fheap(struct check *k, uint64_t addr, struct arena *a, const struct fheap **h);
/** After all objects were read: how many there were. */
HI5_INT void check_fheap_settle(struct check *k, uint64_t addr, const struct fheap *h,
                                uint64_t objects);
/** What the heap ID at `addr` names could not be read. Nothing is said if the heap had
 *  errors anyway: there were `errors` before it was looked at. */
HI5_INT void check_fheap_object_failed(struct check *k, const hi5_error *err,
                                       uint64_t addr, uint64_t errors);
/** Look at a global heap collection the first time that something refers to it. False
 *  if it has no object `index`. *where: of the object's bytes, or ADDR_NONE. */
HI5_INT bool
check_gheap_use(struct check *k, uint64_t collection, uint32_t index, uint64_t *where);
/** Note that an element has this object. False if another one has it already, and it is
 *  not a fill value's. @param fill  the element is a fill value */
HI5_INT bool check_gheap_hold(struct check *k, uint64_t collection, uint32_t index,
                              bool fill);
HI5_INT void check_gheap_settle(struct check *k);

/* ---- datasets (check_dataset.c, check_chunks.c, check_values.c) ---- */

HI5_INT void check_dataset(struct check_header *x);
/** Chunks of a dataset: index, places, contents. */
HI5_INT void check_chunks(struct check_header *x, hi5_dataset *d);
/** An index's nodes, giving each chunk to check_chunk_found. */
struct check_grid {
    struct check *k;
    struct check_header *x;
    hi5_dataset *d;
    struct check_set places; /* grid places that have a chunk */
    uint64_t nchunks;
    struct pipe_work work;
    uint8_t *stored, *decoded; /* decoded: NULL if chunks need not be */
    size_t room;               /* of stored */
    const char *what;          /* the structure that entries are in */
    const char *rule_order;
};
HI5_INT void
check_chunk_found(struct check_grid *g, const struct cix_chunk *c, uint64_t addr);
HI5_INT void check_chunk_arrays(struct check_grid *g);

/** What an element holds that leads elsewhere: heap objects, references. */
HI5_INT void check_values(struct check *k, const hi5_type *t, const uint8_t *p,
                          uint64_t n, uint64_t addr);
/** What a reference refers to, looked up when all objects are known. */
struct check_target {
    uint64_t object, addr; /* addr: of the element */
    const char *path;
};
HI5_INT void check_targets(struct check *k);

#endif
