/*
 * roundtrip.h - a file's contents kept in the plainest way, to compare a written file with
 *
 * The model holds what a file should contain. Parts of it never change once they are made:
 * a change makes a new part (rt_keep), so that a copy of struct rt_model is a snapshot of
 * everything, and going back to the last commit is an assignment.
 */
#ifndef ROUNDTRIP_H
#define ROUNDTRIP_H

#include <hi5.h>

#define RT_RANK 4
#define RT_OBJECTS 48
#define RT_MEMBERS 4
#define RT_TYPES 8

/* ---- random numbers, and memory that lasts for one case ---- */

uint64_t rt_random(uint64_t below);
void rt_seed(uint64_t seed);
/** Zeroed bytes, until rt_drop. */
void *rt_keep(size_t n);
void *rt_copy(const void *p, size_t n);
void rt_drop(void);
/** Tell what is wrong, after which case and step it is. @return false */
bool rt_bad(const char *format, ...);
/** Tell what is done, where somebody wants to know. */
extern bool rt_tracing;
/** Tell nothing for a while. */
extern bool rt_quiet;
void rt_trace(const char *format, ...);

/* ---- types ---- */

/* What libhdf5's class of the same name is, or a special case of one. */
enum rt_kind {
    RT_INTEGER, RT_FLOAT, RT_BITFIELD, RT_OPAQUE, RT_STRING, RT_ENUM, RT_COMPOUND,
    RT_ARRAY, RT_VLEN, RT_VLEN_STRING, RT_REFERENCE, RT_COMPLEX
};

struct rt_type;
struct rt_member {
    char name[8];
    size_t offset, h5_offset;
    const struct rt_type *type;
};
struct rt_type {
    enum rt_kind kind;
    size_t size, h5_size;      /* in memory; in libhdf5's */
    bool be, is_signed;
    bool moves;                /* vlen or reference within: other offsets in the file */
    unsigned exp_size;         /* float */
    hi5_string_pad pad;
    hi5_charset charset;
    hi5_ref_kind ref_kind;     /* HI5_REF_OBJECT2: any, as from 1.12 on */
    unsigned n;                /* of member; enum: values are 0, 3, 6, ... */
    struct rt_member member[RT_MEMBERS];
    const struct rt_type *base;
    unsigned rank;
    uint32_t dims[2];
    hi5_type *hi5;             /* its memory form */
};

/** What types there are from now on. */
void rt_types_for(hi5_compat compat, bool references);
/** A type; `deep` 0 allows types of parts. */
const struct rt_type *rt_type_random(unsigned deep);
/** A random value; a reference is one of those that rt_refs has. */
void rt_value_random(const struct rt_type *t, unsigned char *v);
/** The bytes of a number, as a C program would convert it. */
void rt_number(const struct rt_type *t, int64_t value, unsigned char *v);

/* What a reference refers to, and the bytes that say so. */
struct rt_ref {
    hi5_reference made;
    hi5_ref_kind kind;         /* object, region, attribute: of the first of each name */
    unsigned object;
    const char *attribute;
    hi5_selection_kind selection;
    size_t n;                  /* elements of a region, by number, in its order */
    const uint64_t *element;
    const struct rt_ref *older;
};
#define RT_REFS 8
/** Those that values may have: the newest. */
extern const struct rt_ref *rt_refs[RT_REFS];
extern unsigned rt_nrefs;
void rt_ref_add(const struct rt_ref *r);

/** Are two values equal? `a` is the model's; of `b` its reader tells what a reference
 *  refers to (`want` NULL: should it be null?). */
struct rt_compare {
    bool b_is_h5;              /* libhdf5's memory has another layout */
    bool (*reference)(void *ctx, const struct rt_type *t, const struct rt_ref *want,
                      const unsigned char *b);
    void *ctx;
};
bool rt_same(const struct rt_compare *c, const struct rt_type *t, const unsigned char *a,
             const unsigned char *b);
void rt_types_drop(void);

/* ---- contents ---- */

struct rt_attribute {
    const char *name;
    const struct rt_type *type;
    hi5_shape shape;
    const unsigned char *value;
    bool replaced;             /* where it stands in the order is not told */
    bool fixed;                /* something refers to it */
};

struct rt_link {
    const char *name;
    unsigned kind, object;     /* object: of hard links */
    const char *target, *file;
};

struct rt_object {
    hi5_kind kind;
    const char *path;
    unsigned hard;             /* links to it */
    bool attribute_order;
    unsigned nattributes;
    struct rt_attribute *attribute;
    /* a group */
    bool order;
    unsigned nlinks, room;
    struct rt_link *link;      /* in order of creation; only ever appended to */
    /* a dataset or a type */
    const struct rt_type *type;
    unsigned committed;        /* the datatype object that is its type; or 0 */
    hi5_shape shape;
    uint64_t n;
    const unsigned char *value, *fill;
    bool whole;                /* never written in part: it has no fill value */
    hi5_layout_kind layout;
    uint64_t chunk[RT_RANK];
    hi5_chunk_index index;
    unsigned nfilters;
    uint16_t filter[4];
};

struct rt_model {
    hi5_compat compat;
    bool orders;               /* something may be there that 1.8 came with */
    unsigned n;
    const struct rt_object *object[RT_OBJECTS]; /* 0: the root */
};

/* ---- a case ---- */

struct rt_file {
    unsigned char *bytes;
    size_t n, room;
    hi5_io io;
};
void rt_file_open(struct rt_file *f);

/** Make a case, write it; the model is what the file should have in the end. */
bool rt_write(struct rt_file *f, struct rt_model *m);
/** What hi5 reads, before or after the file has been closed. */
bool rt_read_hi5(hi5_file *f, const struct rt_model *m);
bool rt_read_h5(const struct rt_file *f, const struct rt_model *m);
void rt_h5_begin(void);
/** The release, as hi5_check_result.needs_release has it. */
unsigned rt_h5_release(void);

#endif
