/*
 * diff.h - one comparison under way (for file/diff*.c)
 *
 * diff.c compares objects, diff_names.c finds the names that two groups have in common,
 * diff_type.c decides what can be compared, diff_data.c reads datasets piece by piece,
 * diff_chunks.c leaves out chunks that are stored with the same bytes, diff_value.c
 * compares elements, diff_ref.c what references lead to.
 */
#ifndef HI5_DIFF_H
#define HI5_DIFF_H

#include "file/dataset.h"

#define DIFF_MEMORY (16u << 20)

/* How links to objects and objects themselves are listed. */
enum diff_kind {
    DIFF_GROUP,
    DIFF_DATASET,
    DIFF_DATATYPE,
    DIFF_SOFT,
    DIFF_UD,
    DIFF_UNKNOWN
};

/* A name below what is compared. */
struct diff_name {
    const char *path; /* full */
    enum diff_kind kind;
    hi5_file *file; /* objects: where it is, held by diff.files; else NULL */
    uint64_t address;
};

/* The names of one side, in the order of h5diff: depth first, by name. */
struct diff_names {
    struct diff_name *p;
    size_t n, room;
    bool failed; /* some could not be read */
};

struct diff_active;

struct diff {
    hi5_diff_options o;
    hi5_diff_fn fn;
    void *ctx;
    hi5_diff_result *result;
    hi5_error *err;     /* the caller's, for what ends the comparison */
    hi5_status broken;  /* what ended it */
    struct mem *mem;    /* of the first file */
    struct arena arena; /* names */
    hi5_file *file[2];
    const char *root[2]; /* the paths to compare */
    hi5_file **files;    /* held */
    size_t nfiles, files_room;
    bool *was_group;      /* [nexclude], of exclude: it has been met, and is a group */
    bool *was_group_attr; /* [nexclude_attributes] */
    const struct diff_active *active; /* datasets under comparison, for references */
};

/* Elements of a pair of datasets or attributes being compared. */
struct diff_run {
    struct diff *d;
    const char *path[2], *attribute;
    unsigned depth;
    hi5_file *file[2];      /* where references lead from */
    const hi5_shape *shape; /* of the first */
    const struct diff_node *node;
    bool tell; /* values */
    uint64_t count;
    /* The block at hand: element i of it is element first + i of the virtual array. */
    const uint64_t *dims; /* of the virtual array, [shape->rank] */
    uint64_t first;
    const struct diff_pick *pick; /* how that is placed in the dataset; or NULL */
    uint64_t element;             /* the one at hand */
};

/* A regular selection of a dataset, seen as an array of count * block elements. */
struct diff_pick {
    uint64_t start[HI5_MAX_RANK], stride[HI5_MAX_RANK], block[HI5_MAX_RANK];
    uint64_t dims[HI5_MAX_RANK];
};

/* What to do with a part of an element, from its type in memory. */
enum diff_op {
    DIFF_I8,
    DIFF_I16,
    DIFF_I32,
    DIFF_I64,
    DIFF_U8,
    DIFF_U16,
    DIFF_U32,
    DIFF_U64,
    DIFF_F16,
    DIFF_F32,
    DIFF_F64,
    DIFF_LONG,
    DIFF_STRING,
    DIFF_VSTRING,
    DIFF_BYTES,
    DIFF_ENUM,
    DIFF_COMPOUND,
    DIFF_ARRAY,
    DIFF_SEQUENCE,
    DIFF_REFERENCE
};
struct diff_node {
    enum diff_op op;
    const hi5_type *type;
    size_t size, offset; /* offset: in the compound that it is a member of */
    uint64_t count;      /* array */
    unsigned n;
    struct diff_node *parts; /* [n] members; or the base */
    bool bits;               /* equal bits are equal elements */
};

/* ---- diff.c ---- */

/** Tell the caller. */
HI5_INT void diff_tell(struct diff *d, const hi5_diff_event *e);
/** Tell of a failure, and count it. */
HI5_INT void diff_failed(struct diff *d, const char *path0, const char *path1,
                         const char *attribute, const hi5_error *why);
/** The comparison ends with `s`, which is in the caller's error. */
HI5_INT void diff_break(struct diff *d, hi5_status s, const hi5_error *why);
/** Hold a file until the end; false if there is no memory, which ends all. */
HI5_INT bool diff_hold(struct diff *d, hi5_file *f);

/* ---- diff_names.c ---- */

/** List what is at d->root[side] and below it. */
HI5_INT void diff_list(struct diff *d, unsigned side, struct diff_names *out);
HI5_INT void diff_names_free(struct diff *d, struct diff_names *names);
/** Is the path, relative to what is compared, left out? */
HI5_INT bool diff_excluded(const char *path, enum diff_kind kind,
                           const char *const *list, bool *was_group, size_t n);

/* ---- diff_type.c ---- */

/* Two datasets or attributes, as far as it must be known to compare them. */
struct diff_form {
    const hi5_type *type[2];
    const hi5_shape *shape[2];
};
/** Can they be compared? Tells why not, and what else is worth a note.
 *  @param signs  signed integers are not comparable with unsigned ones */
HI5_INT bool diff_can(struct diff_run *r, const struct diff_form *f, bool signs);
/** The memory types that both are read as, to be compared as the first.
 *  @param out  owned: hi5_type_free, both */
HI5_INT hi5_status diff_memory(const struct diff_form *f, hi5_type **out,
                               hi5_error *err);

/* ---- diff_value.c ---- */

/** How elements of a type in memory are compared. NULL: no memory. */
HI5_INT struct diff_node *diff_compile(struct arena *a, const hi5_type *memory);
/** Compare `n` elements. */
HI5_INT void
diff_elements(struct diff_run *r, const uint8_t *a, const uint8_t *b, uint64_t n);
/** Have enough differences been found? */
static inline bool
diff_enough(const struct diff_run *r)
{
    return r->d->broken != HI5_OK || (r->d->o.most != 0 && r->count >= r->d->o.most);
}
/** An event about the element at hand; `at` has room for its position. */
HI5_INT hi5_diff_event diff_event(const struct diff_run *r, hi5_diff_what what,
                                  uint64_t *at);

/* ---- diff_data.c ---- */

/** Compare two datasets. `r` names them; the result is in r->count. */
HI5_INT void diff_datasets(struct diff_run *r, hi5_dataset *a, hi5_dataset *b);
/** Compare the attributes of two objects; returns the differences found. */
HI5_INT uint64_t diff_attributes(struct diff *d, const char *const path[2],
                                 hi5_object *const o[2]);
/** Compare the values of two attributes. `r` names them; the result is in r->count. */
HI5_INT void diff_attribute(struct diff_run *r, hi5_attribute *a, hi5_attribute *b);
/** The elements of `r` are compared from here. */
HI5_INT void diff_begin_elements(struct diff_run *r, const hi5_shape *shape);

/* Two datasets that are read piece by piece. */
struct diff_data {
    struct diff_run *r;
    hi5_dataset *set[2];
    hi5_type *memory[2];
    size_t size; /* of an element in memory */
    unsigned rank;
    uint64_t dims[HI5_MAX_RANK];     /* of the virtual array */
    const struct diff_pick *pick[2]; /* both or none */
    uint64_t budget;                 /* elements that may be read at once */
    uint64_t grain[HI5_MAX_RANK];    /* pieces had better begin at multiples of this */
    uint8_t *buf[2];
    uint64_t room; /* elements that they have room for */
    bool failed;   /* a piece could not be read; that has been told */
};
/** Compare a box of the virtual array: count elements from start; in row-major order. */
HI5_INT void
diff_box(struct diff_data *x, const uint64_t *start, const uint64_t *count);
/** Compare all of it in tiles of multiples of x->grain. */
HI5_INT void diff_tiles(struct diff_data *x);

/* ---- diff_chunks.c ---- */

/** Compare two chunked datasets that are stored in the same way; false if they are not,
 *  or have too many chunks. */
HI5_INT bool diff_chunks(struct diff_data *x);

/* ---- diff_ref.c ---- */

/** Compare what two references that are not null lead to. */
HI5_INT void
diff_references(struct diff_run *r, const hi5_reference *a, const hi5_reference *b);

/** Datasets that are being compared, so that references among them come to an end. */
struct diff_active {
    const struct diff_active *outer;
    hi5_file *file[2];
    uint64_t address[2];
};

#endif
