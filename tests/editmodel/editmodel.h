/*
 * editmodel.h - what is in a file, kept apart from it while it is edited
 *
 * The model is a graph: objects with named links and named attributes. Values are known
 * by their digests, which are of the memory form of their types, so that it does not
 * matter who wrote a file, and how. What is edited is edited in both, and whenever the
 * file has been committed they must be the same.
 */
#ifndef EDITMODEL_H
#define EDITMODEL_H

#include "../roundtrip/roundtrip.h"

#define EM_MOST_OBJECTS 1500u /* larger files are left out */
#define EM_UNKNOWN 1u         /* the digest of what cannot be read */

struct em_link {
    const char *name;
    unsigned kind;
    unsigned node;             /* hard */
    uint64_t digest;           /* others: of the value */
};
struct em_attribute {
    const char *name;
    uint64_t digest;
};
struct em_node {
    hi5_kind kind;
    uint64_t address;          /* when the model was loaded */
    bool link_order, attribute_order; /* is tracked */
    unsigned nlinks, link_room;
    struct em_link *link;      /* in order of creation, where that is tracked */
    unsigned nattributes, attribute_room;
    struct em_attribute *attribute;
    uint64_t digest;           /* datasets: shape, type and values; types: the type */
};
struct em_model {
    unsigned n, room;
    struct em_node *node;      /* 0: the root. Memory of rt_keep */
};

/* ---- digests ---- */

uint64_t em_bytes(uint64_t sum, const void *p, size_t n);
/** Of `n` elements in the memory form `t`. */
uint64_t em_values(uint64_t sum, const hi5_type *t, const void *p, size_t n);
/** Of a type, a shape, and values in the type's memory form. */
uint64_t em_array(const hi5_type *t, const hi5_shape *shape, const void *p);
/** Of what a dataset has now. */
uint64_t em_dataset(hi5_dataset *d);
/** The digest of a dataset with values of this digest, stored as it is. */
uint64_t em_stored(hi5_dataset *d, uint64_t values);

/* ---- the model ---- */

/** What is in a file. False, and something told, if it cannot be read; *larger: it has too
 *  many objects. */
bool em_load(hi5_file *f, struct em_model *m, bool *larger);
/** A copy that does not change with the original. */
struct em_model em_snapshot(const struct em_model *m);
/** Are they the same, however they are numbered? */
bool em_same(const struct em_model *want, const struct em_model *got);

unsigned em_add_node(struct em_model *m, hi5_kind kind);
void em_add_link(struct em_model *m, unsigned group, const struct em_link *l);
void em_remove_link(struct em_model *m, unsigned group, unsigned i);
/** Add it, or replace the one of its name. */
void em_put_attribute(struct em_model *m, unsigned node, const char *name,
                      uint64_t digest);
void em_remove_attribute(struct em_model *m, unsigned node, unsigned i);

/* ---- steps ---- */

struct em_edit {
    hi5_file *f;
    struct em_model *m;
    hi5_error err;
    bool foreign;              /* not made here */
    unsigned made;             /* names so far */
    unsigned refused;          /* steps that the file does not allow */
};
/** One random change of both. False if they went apart. */
bool em_step(struct em_edit *e);

/* ---- loss of power ---- */

/** A file whose disk notes what is done to it, from now on. */
struct em_power;
struct em_power *em_power_new(struct rt_file *f);
void em_power_free(struct em_power *p);
hi5_io *em_power_io(struct em_power *p);
/** Show `fn` n states, at random, in which the disk can be left since the last call. What
 *  is on it now can not be taken back any more. */
typedef bool (*em_cut_fn)(void *ctx, const void *bytes, size_t n);
bool em_power_cuts(struct em_power *p, unsigned n, em_cut_fn fn, void *ctx);

/* ---- libhdf5 ---- */

/** Does libhdf5 find in it what hi5 finds? */
bool em_h5_same(const struct rt_file *f, hi5_file *x);
/** Let libhdf5 add and delete, in a process of its own. *done: it did not give up over a
 *  mistake of its own. */
bool em_h5_edit(struct rt_file *f, bool *done);

#endif
