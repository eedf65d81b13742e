/*
 * copy.h - objects on their way from one place to another
 *
 * A copy is a list of objects, each with its address there and here. An object gets its
 * new header when something first leads to it, and is put on the list; what it leads to
 * in turn is dealt with when its turn comes. So hard links, cycles and objects that are
 * reached twice need no care, and nothing is recursive. Elements that hold references
 * come last, when it is known where everything has gone; more objects may be put on the
 * list for their sake.
 *
 * All of this is new space until the very last: a link to the topmost object.
 */
#ifndef HI5_COPY_H
#define HI5_COPY_H

#include "file/attribute.h"
#include "file/dataset_edit.h"

enum copy_flag {
    COPY_EMPTY = 1,   /* a group that leaves its links behind */
    COPY_LATER = 2,   /* elements or attributes wait for their references */
    COPY_MERGED = 4,  /* it was there before */
    COPY_PARTIAL = 8, /* a dataset of which some elements can be read */
    COPY_FOUND = 16,  /* no link leads to it */
    COPY_FILLED = 32  /* a datatype that has its attributes */
};

/* An object. */
struct copy_entry {
    uint64_t from, to; /* addresses of the headers */
    uint32_t refs;     /* hard links, and uses as a datatype, so far */
    uint32_t stored;   /* what the new header says of them */
    uint16_t source;   /* whose file it is in */
    uint8_t kind;      /* hi5_kind */
    uint8_t flags;     /* enum copy_flag */
};

/* What a dataset is to become; by default what it is. */
struct copy_plan {
    bool native; /* numbers as this machine has them */
    bool new_layout;
    hi5_layout_kind cls;
    unsigned rank; /* chunked; 0: to be guessed */
    uint64_t chunk[HI5_MAX_RANK];
    bool new_filters;
    const hi5_filter *filter; /* [nfilters] */
    size_t nfilters;
};

/* A committed datatype of the other file. */
struct copy_known {
    const hi5_type *type;
    uint64_t addr;
};

struct copy_data;

/* Copying from a damaged file: what cannot be decoded is left out, and the rest goes on.
 * Calls that fail end it. */
struct copy_salvage {
    void *ctx;
    /** The elements of a dataset that is COPY_PARTIAL. */
    hi5_status (*elements)(void *ctx, struct copy_data *x);
    /** The links of a group. */
    hi5_status (*links)(void *ctx, size_t i);
    /** All has been copied; links are about to be counted. */
    hi5_status (*last)(void *ctx);
};

struct copy {
    hi5_file *to;
    const hi5_copy_options *o;
    struct mem *mem;
    struct arena arena;
    hi5_error *err;
    hi5_file **source; /* [nsources], held */
    size_t nsources, source_room;
    struct copy_entry *entry; /* [n] */
    size_t n, room;
    size_t *slot; /* entry + 1, by `from`; 0: none */
    size_t nslots;
    size_t next, next_later; /* the first entries that are not dealt with */
    uint64_t done;           /* bytes of elements */
    /* Committed datatypes that are there: file/copy_type.c. */
    struct copy_known *known;
    size_t nknown, known_room;
    bool suggested, searched;
    /* For a file that is made anew: file/repack.c. */
    hi5_status (*plan)(void *ctx, const hi5_dataset *d, struct copy_plan *plan,
                       hi5_error *err);
    void *plan_ctx;
    unsigned max_compact, min_dense; /* of links; both 0: as they are */
    bool sorted, decreasing;         /* links and attributes are taken in this order: */
    hi5_order order;
    bool alone;      /* nobody else reads the files that objects come from */
    bool prune;      /* leave out external links that lead nowhere */
    uint64_t nulled; /* references to what is not there */
    const struct copy_salvage *salvage; /* or NULL: a failure is the end */
};

/* ---- file/copy.c ---- */

HI5_INT void
copy_init(struct copy *c, hi5_file *to, const hi5_copy_options *o, hi5_error *err);
HI5_INT void copy_done(struct copy *c);
/** The number of a file. */
HI5_INT hi5_status copy_source(struct copy *c, hi5_file *f, uint16_t *source);
/** Is it a file that the copy goes to, where references stay as they are? */
HI5_INT bool copy_is_same(const struct copy *c, unsigned source);
/** NULL: it has not been met. Valid until the next is added. */
HI5_INT struct copy_entry *
copy_find(const struct copy *c, unsigned source, uint64_t from);
HI5_INT hi5_status copy_add(struct copy *c, const struct copy_entry *e, size_t *i);
/** The entry of an object, which gets its header now if it has none. */
HI5_INT hi5_status copy_meet(struct copy *c, unsigned source, uint64_t from,
                             unsigned flags, size_t *i);
/** Is `s` a failure that can be passed over, since the file that is copied from is damaged? */
HI5_INT bool copy_passes(struct copy *c, hi5_status s);
/** Deal with all that has been met. */
HI5_INT hi5_status copy_run(struct copy *c);
/** Bytes of elements have been copied. Staged blocks do not stay where they are. */
HI5_INT hi5_status copy_progress(struct copy *c, uint64_t bytes);

/* ---- file/copy_object.c ---- */

/* An object header in the making. */
struct copy_header {
    struct copy *c;
    hi5_object *o; /* the original */
    uint16_t source;
    struct arena arena;
    struct ohdr_prefix prefix;
    struct ohdr_put *put; /* [n] */
    size_t n, put_room;
    size_t room; /* bytes for messages to come */
    bool data_follows; /* elements that are worth an even address */
    bool later;
};
HI5_INT hi5_status copy_object(struct copy *c, unsigned source, uint64_t from,
                               unsigned flags, size_t *i);
/** Add a message, encoded as edit_message does. */
HI5_INT hi5_status copy_put(struct copy_header *h, unsigned type, unsigned flags,
                            void *from);
HI5_INT hi5_status copy_put_raw(struct copy_header *h, const struct ohdr_put *put);
/** Add to a header that is there the attributes, and with `others` messages that are copied
 *  as they are. */
HI5_INT hi5_status copy_fill_header(struct copy *c, size_t i, bool others);
/** The prefix that the header of a copy has. */
HI5_INT hi5_status copy_prefix(const struct edit *e, hi5_object *o,
                               const hi5_object_info *info, struct ohdr_prefix *p,
                               hi5_error *err);

/* ---- file/copy_attribute.c ---- */

/** Add the attributes of the original. Of those that hold references only the place. */
HI5_INT hi5_status copy_attributes(struct copy_header *h);
/** The elements of those. */
HI5_INT hi5_status copy_attributes_later(struct copy *c, size_t i);

/* ---- file/copy_type.c ---- */

/* A datatype as the file stores it, and the entry of the committed one that it is. */
struct copy_type {
    const hi5_type *type;
    bool committed;
    size_t entry;
};
HI5_INT hi5_status copy_type(struct copy *c, unsigned source, const hi5_type *t,
                             bool native, struct arena *a, struct copy_type *out);
/** The message for it. @param use  count it as one more use of a committed one */
HI5_INT hi5_status copy_type_put(struct copy *c, const struct copy_type *t, bool use,
                                 struct arena *a, struct ohdr_put *put);
/** A committed datatype that is there and equal; HI5_E_NOTFOUND (err not filled in). */
HI5_INT hi5_status copy_type_known(struct copy *c, const hi5_type *t, uint64_t *addr);

/* ---- file/copy_value.c ---- */

/* Elements on their way. */
struct copy_values {
    struct copy *c;
    uint16_t source;
    const hi5_type *from, *to; /* as stored there and here */
    bool drop;  /* references that became null go, where there is a list */
    void *held; /* of the heap there; copy_values_done */
};
/** Do elements of this type need more than their bytes to be copied? */
HI5_INT bool copy_values_any(const struct copy *c, unsigned source,
                             const hi5_type *from, const hi5_type *to);
/** Must they wait until it is known where objects have gone? */
HI5_INT bool
copy_values_wait(const struct copy *c, unsigned source, const hi5_type *from);
HI5_INT hi5_status copy_values(struct copy_values *v, const uint8_t *src, uint8_t *dst,
                               size_t n);
HI5_INT void copy_values_done(struct copy_values *v);

/* ---- file/copy_group.c ---- */

HI5_INT hi5_status copy_group_make(struct copy_header *h);
HI5_INT hi5_status copy_group_fill(struct copy *c, size_t i);
/** A root group like `g`: of the newer kind if its links need that, and with room for what
 *  its header will hold. */
HI5_INT hi5_status copy_root_make(hi5_group *g, hi5_compat compat, unsigned off_w,
                                  struct edit_root *root, hi5_error *err);

/* ---- file/copy_dataset.c, file/copy_data.c, file/copy_chunks.c ---- */

HI5_INT hi5_status copy_dataset_make(struct copy_header *h);
/** Its elements, unless they wait. */
HI5_INT hi5_status copy_dataset_fill(struct copy_header *h, size_t i);
HI5_INT hi5_status copy_dataset_later(struct copy *c, size_t i);

/* The elements of a dataset on their way. */
struct copy_data {
    struct copy *c;
    uint16_t source;
    hi5_dataset *d;         /* there */
    struct dataset_edit *e; /* here */
    struct copy_values v;   /* of which copy_data sets all but `c` and `source` */
    bool convert;           /* elements are more than their bytes: copy_values */
    bool native;            /* they become numbers of another form */
    bool partial;           /* only what can be read */
};
HI5_INT hi5_status copy_data(struct copy_data *x);
HI5_INT hi5_status copy_chunks(struct copy_data *x);
/** One chunk of a dataset that keeps its layout. */
HI5_INT hi5_status copy_chunk(struct copy_data *x, const struct cix_chunk *k);
/** Read the `n` elements of the box of `count` from `start` as they are to be stored. By
 *  one thread at a time, if x->convert. */
HI5_INT hi5_status copy_read_box(struct copy_data *x, const uint64_t *start,
                                 const uint64_t *count, uint64_t n, uint8_t *buf,
                                 hi5_error *err);

#endif
